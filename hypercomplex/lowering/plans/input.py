r"""The input is expanded and the weight stays compact: for rows fewer than the weight is wide.

$$X_{(r,k),(i,a)} = \sum_j c_{ajk}\, x_{rij}, \qquad Y = X W^\top$$

where W is the weight as it lies in memory, `(O, I·m)`. So are both gradients:
$\bar W = \bar Y^\top X$ and $\bar X = \bar Y W$.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.lowering.block import LARGEST_DENSE, structure
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear
from hypercomplex.lowering.plans.plan import Gradients, Needs

__all__ = ["Input"]

_FEW_ROWS = 64  # up to which BLAS is faster with the weight as its first factor


class Input:
    """The matrices of the numbers in the input, on the other side of the weight."""

    prepares = False

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:  # noqa: D102
        if max(product.shape) > LARGEST_DENSE:
            return f"{product} has more than {LARGEST_DENSE} components"
        return ""

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:
        """The weight itself."""
        return weight.flatten(1)

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        x = _expanded(rows, product)
        y = (prepared @ x.t()).t().contiguous() if len(rows) <= _FEW_ROWS else x @ prepared.t()
        y = y.view(len(rows), product.shape[2], len(prepared))
        return y if bias is None else y.add_(bias.t())

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        g = grad.reshape(-1, grad.shape[-1])
        x = w = c = None
        if needs.weight:
            w = (g.t() @ _expanded(rows, product)).view(weight.shape)
        if needs.rows or needs.constants:
            m, _, k = product.shape
            every = (g @ weight.flatten(1)).view(len(rows), k, rows.shape[2], m)
            every = every.transpose(2, 3).reshape(len(rows), k * m, rows.shape[2])
            if needs.rows:
                x = structure(product, "right", rows).t() @ every
            if needs.constants and isinstance(product, LearnedBilinear):
                c = product.of_structure("right", (every @ rows.mT).sum(0))
        return Gradients(x, w, c)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        y = _expanded(rows, product) @ weight.flatten(1).t()
        y = y.view(len(rows), product.shape[2], len(weight))
        return y if bias is None else y + bias.t()


def _expanded(rows: Tensor, product: AnyBilinear) -> Tensor:
    """The matrices of `w ↦ w x` for all numbers x: `(R, n, I)` → `(R·k, I·m)`."""
    m, n, k = product.shape
    numbers = rows.mT.reshape(len(rows) * rows.shape[-1], n)
    every = numbers @ structure(product, "right", rows).t()
    lying = every.view(len(rows), rows.shape[-1], k, m).transpose(1, 2)
    return lying.reshape(len(rows) * k, rows.shape[-1] * m)
