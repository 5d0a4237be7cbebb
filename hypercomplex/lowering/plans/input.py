r"""The input is expanded and the weight stays compact: for rows fewer than the weight is wide.

$$X_{(r,k),(i,a)} = \sum_j c_{ajk}\, x_{rij}, \qquad Y = X W^\top$$

where W is the weight as it lies in memory, `(O, I·m)`. So are both gradients:
$\bar W = \bar Y^\top X$ and $\bar X = \bar Y W$.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.lowering.block import LARGEST_DENSE, structure
from hypercomplex.lowering.constants import Entries, constant
from hypercomplex.lowering.layout import exchange
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = ["Input"]

_FEW_ROWS = 64  # up to which BLAS is faster with the weight as its first factor
_FEW_COLUMNS = 12  # up to which it wants each in one piece, and is several times as fast then
_WIDTH = 4  # so many columns at a time is what it does best


class Input(Plan):
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
        count, k, out = rows.shape[0], product.shape[2], prepared.shape[0]
        if count * k <= _FEW_COLUMNS:
            x = _lying(rows, product)
            y = prepared @ x.t() if count * k == _WIDTH else (x @ prepared.t()).t()
            y = y.view(out, count, k).permute(1, 2, 0)
        elif count <= _FEW_ROWS:
            y = (prepared @ _expanded(rows, product)).view(out, count, k).permute(1, 2, 0)
        else:
            y = (_expanded(rows, product).t() @ prepared.t()).view(count, k, out)
        return y if bias is None else y.add_(bias.t())

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        return self.forward(rows, weight.flatten(1), bias, product)

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        g = grad.flatten(0, 1)
        z = w = c = None
        if needs.weight:
            few = len(g) <= _FEW_COLUMNS
            x = _lying(rows, product) if few else _expanded(rows, product).t()
            w = (g.t() @ x).view(weight.shape)
        if needs.rows or needs.constants:
            m, _, k = product.shape
            every = (g @ weight.flatten(1)).view(len(rows), k, rows.shape[2], m)
            every = every.transpose(2, 3).reshape(len(rows), k * m, rows.shape[2])
            if needs.rows:
                z = structure(product, "right", rows).t() @ every
            if needs.constants and isinstance(product, LearnedBilinear):
                c = product.of_structure("right", (every @ rows.mT).sum(0))
        return Gradients(z, w, c)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        k = product.shape[2]
        x = _matrices(rows, product).permute(1, 3, 0, 2).flatten(2).flatten(0, 1)
        y = (x @ weight.flatten(1).t()).unflatten(0, (rows.shape[0], k))
        return y if bias is None else y + bias.t()


def _expanded(rows: Tensor, product: AnyBilinear) -> Tensor:
    """The matrices of `w ↦ w x` for all numbers x: `(R, n, I)` → `(I·m, R·k)`."""
    count, _, inputs = rows.shape
    m, _, k = product.shape
    return exchange(_matrices(rows, product)).view(inputs * m, count * k)


def _lying(rows: Tensor, product: AnyBilinear) -> Tensor:
    """Its transpose, `(R·k, I·m)`, in fewer calls."""
    count, _, inputs = rows.shape
    m, _, k = product.shape
    every = (structure(product, "right", rows) @ rows).view(count, k, m, inputs)
    return every.mT.reshape(count * k, inputs * m)


def _matrices(rows: Tensor, product: AnyBilinear) -> Tensor:
    """The same, each by itself: `(R, n, I)` → `(I, R, m, k)`."""
    m, n, k = product.shape
    numbers = rows.permute(2, 0, 1)
    return (numbers.reshape(-1, n) @ _table(product, rows)).view(*numbers.shape[:2], m, k)


def _table(product: AnyBilinear, like: Tensor) -> Tensor:
    """The constants with rows j and columns `(a, k)`."""
    if isinstance(product, LearnedBilinear):
        _, n, k = product.shape
        return product.structure("left", like).unflatten(0, (k, n)).permute(1, 2, 0).flatten(1)
    return constant(_entries, product, like)


def _entries(product: Bilinear) -> Entries:
    m, n, k = product.shape
    places = [j * m * k + i * k + out for i, j, out, _ in product.constants]
    return Entries((n, m * k), places, [float(c) for *_, c in product.constants])
