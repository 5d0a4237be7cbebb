"""Rows that come folded, and results that go so: one step is recorded, and no views beside it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = ["Folded"]


@dataclass(frozen=True)
class Folded(Plan):
    """A plan for rows, of folded features `(*, n·I)`; results are `(*, k·O)`."""

    way: Plan

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
        return _folded(self.way.forward(_unfolded(rows, n), prepared, bias, product), rows)

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        _, n, _ = product.shape
        return _folded(self.way.once(_unfolded(rows, n), weight, bias, product), rows)

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        _, n, k = product.shape
        x, g = _unfolded(rows, n), _unfolded(grad, k).contiguous()
        of = self.way.backward(g, x, weight, product, needs)
        return of if of.rows is None else of._replace(rows=of.rows.reshape(rows.shape))

    def of_bias(self, grad: Tensor, product: AnyBilinear) -> Tensor:  # noqa: D102
        return self.way.of_bias(_unfolded(grad, product.shape[2]), product)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        _, n, _ = product.shape
        return _folded(self.way.plain(_unfolded(rows, n), weight, bias, product), rows)


def _unfolded(features: Tensor, n: int) -> Tensor:
    """`(*, n·C)` → `(R, n, C)`."""
    *batch, width = features.shape
    return features.reshape(prod(batch), n, width // n)


def _folded(rows: Tensor, like: Tensor) -> Tensor:
    """`(R, k, O)` → `(*, k·O)`, with the batch of the features."""
    _, k, outputs = rows.shape
    return rows.reshape(*like.shape[:-1], k * outputs)
