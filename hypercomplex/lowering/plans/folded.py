"""Rows that come folded or as columns, and results that go so: one step is recorded, and no views
beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from hypercomplex.lowering.layout import in_order
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.input import Input
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = ["Columns", "Folded"]

_SMALL = 2**16  # numbers in a weight that may be read once for each component of the result


@dataclass(frozen=True)
class Folded(Plan):
    """A plan for rows, of folded features `(*, n·I)`; results are `(*, k·O)`."""

    way: Plan

    def rows(self, features: Tensor, n: int) -> Tensor:
        """`(*, n·C)` → `(R, n, C)`."""
        *batch, width = features.shape
        return features.reshape(prod(batch), n, width // n)

    def back(self, rows: Tensor, like: Tensor) -> Tensor:
        """`(R, k, O)` → `(*, k·O)`, with the batch of the features."""
        folded = rows.flatten(1)
        return folded if like.ndim == 2 else folded.view(*like.shape[:-1], folded.shape[1])

    @property
    def prepares(self) -> bool:  # noqa: D102
        return self.way.prepares

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:  # noqa: D102
        return self.way.refusal(product, dtype)

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:  # noqa: D102
        return self.way.prepare(weight, product)

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        _, n, _ = product.shape
        return self.back(self.way.forward(self.rows(rows, n), prepared, bias, product), rows)

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        _, n, _ = product.shape
        return self.back(self.way.once(self.rows(rows, n), weight, bias, product), rows)

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        _, n, k = product.shape
        x, g = self.rows(rows, n), self.rows(grad, k).contiguous()
        found = self.way.backward(g, x, weight, product, needs)
        if found.rows is None:
            return found
        return Gradients(self.back(found.rows, rows), found.weight, found.constants)

    def of_bias(self, grad: Tensor, product: AnyBilinear) -> Tensor:  # noqa: D102
        return self.way.of_bias(self.rows(grad, product.shape[2]), product)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        _, n, _ = product.shape
        return self.back(self.way.plain(self.rows(rows, n), weight, bias, product), rows)


@dataclass(frozen=True)
class Columns(Folded):
    """A plan for rows, of columns `(I, P, n)`; results are `(O, P, k)`, numbers one after another.

    Few are not taken as rows, whose results would have to be turned round.
    """

    def rows(self, features: Tensor, n: int) -> Tensor:  # noqa: D102
        return features.permute(1, 2, 0)

    def back(self, rows: Tensor, like: Tensor) -> Tensor:  # noqa: D102
        return in_order(rows.permute(2, 0, 1))

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        if weight.numel() <= _SMALL and isinstance(self.way, Input):
            return self.way.columns(rows, weight, product)
        return super().once(rows, weight, bias, product)
