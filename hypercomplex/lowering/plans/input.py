r"""The input is expanded and the weight stays compact: for rows fewer than the weight is wide.

$$X_{(r,k),(i,a)} = \sum_j c_{ajk}\, x_{rij}, \qquad Y = X W^\top$$

where W is the weight as it lies in memory, `(O, I·m)`. So are both gradients:
$\bar W = \bar Y^\top X$ and $\bar X = \bar Y W$. Where constants are learned and the expanded
input would be far larger than the weight, the weight is turned round instead, see `planes`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import linear

from hypercomplex.algebra import Bilinear
from hypercomplex.lowering.block import LARGEST_DENSE
from hypercomplex.lowering.constants import Entries, constant
from hypercomplex.lowering.layout import exchange
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear
from hypercomplex.lowering.plans import planes
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = ["Input"]

_FOUR = 4  # rows of a product, of which BLAS knows best if they are columns
_FEW = 2**16  # numbers in a weight, up to which it does not matter
_PAGE = 1024  # numbers in a row, from which on rows of a result fall into one place of the cache
_PIECE = 8  # rows, of which a result is made then
_SMALL = 2**17  # numbers that fit into memory which is at hand; more come from fresh pages


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
        count, k, outputs = rows.shape[0], product.shape[2], prepared.shape[0]
        if count > 1 and rows.stride(0) == rows.shape[2] * rows.stride(2):  # typed numbers lie so
            x = _by_components(rows.mT, product).view(k * count, prepared.shape[1])
            y = linear(x, prepared).view(k, count, outputs).transpose(0, 1)
        elif count * k == _FOUR and prepared.numel() > _FEW:
            y = torch.mm(prepared, _expanded(rows, product).t()).t().view(count, k, outputs)
        else:
            y = torch.mm(_expanded(rows, product), prepared.t()).view(count, k, outputs)
        return y if bias is None else y.add_(bias.t())

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        if isinstance(product, LearnedBilinear) and _turns_weight(rows, weight, product):
            return planes.result(rows, weight, bias, _cube(product, rows))
        return self.forward(rows, weight.flatten(1), bias, product)

    def columns(self, columns: Tensor, weight: Tensor, product: AnyBilinear) -> Tensor:
        """Columns `(I, P, n)` → `(O, P, k)`, in order: the expanded input has P · k columns."""
        (m, _, k), (inputs, count, _) = product.shape, columns.shape
        if columns.stride(0) < columns.stride(1):  # columns of x.mT, as the rows of x
            every = _matrices(columns.transpose(0, 1), product).view(count, inputs, k, m)
        else:
            every = _matrices(columns, product).view(1, inputs, count * k, m)
        x = exchange(every).view(count * k, inputs * m)
        return torch.mm(weight.flatten(1), x.t()).view(weight.shape[0], count, k)

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        if isinstance(product, LearnedBilinear) and _turns_weight(rows, weight, product):
            found = planes.gradients(grad, rows, weight, _cube(product, rows), needs)
            c = found.constants
            return found._replace(constants=None if c is None else product.of_table(c))
        (count, k, outputs), (_, inputs, m), x, w, c = grad.shape, weight.shape, None, None, None
        g = grad.reshape(count * k, outputs)
        if needs.weight:
            w = _outer(g.t(), _expanded(rows, product)).view(outputs, inputs, m)
        if needs.rows or needs.constants:
            every = torch.mm(g, weight.reshape(outputs, inputs * m))
            x = _gathered(every, rows, product) if needs.rows else None
            if needs.constants and isinstance(product, LearnedBilinear):
                numbers = _by_numbers(every, rows, product).flatten(0, 1)
                c = product.of_table(rows.transpose(0, 1).flatten(1) @ numbers)
        return Gradients(x, w, c)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        m, _, k = product.shape
        every = (rows.mT @ _table(product, rows)).unflatten(2, (k, m))
        y = every.transpose(1, 2).flatten(2) @ weight.flatten(1).t()
        return y if bias is None else y + bias.t()


def _expanded(rows: Tensor, product: AnyBilinear) -> Tensor:
    """The matrices of `w ↦ w x` for all numbers x: `(R, n, I)` → `(R·k, I·m)`."""
    (m, n, k), (count, _, inputs) = product.shape, rows.shape
    if count == 1:
        _, component, number = rows.stride()
        numbers = rows.as_strided((k, inputs, n), (0, number, component))
        return torch.bmm(numbers, _tables(product, rows)).view(k, inputs * m)
    table = _table(product, rows).expand(count, n, k * m)
    every = exchange(torch.bmm(rows.mT, table).view(count, inputs, k, m))
    return every.view(count * k, inputs * m)


def _gathered(every: Tensor, rows: Tensor, product: AnyBilinear) -> Tensor:
    """The adjoint of `_expanded`, `(R·k, I·m)` → `(R, n, I)`."""
    (m, n, k), (count, _, inputs) = product.shape, rows.shape
    if count == 1:
        components = every.as_strided((k, m, inputs), (inputs * m, 1, m))
        return torch.bmm(_tables(product, rows), components).sum(0, keepdim=True)
    table = _table(product, rows).expand(count, n, k * m)
    return torch.bmm(table, _by_numbers(every, rows, product).mT)


def _by_numbers(every: Tensor, rows: Tensor, product: AnyBilinear) -> Tensor:
    """Matrices `(R·k, I·m)` with those of each number in one row, `(R, I, k·m)`."""
    (m, _, k), (count, _, inputs) = product.shape, rows.shape
    return exchange(every.view(count, k, inputs, m)).view(count, inputs, k * m)


def _by_components(numbers: Tensor, product: AnyBilinear) -> Tensor:
    """The same of numbers `(R, I, n)`, for each component of the result: `(k, R, I·m)`."""
    (m, n, k), (count, inputs, _) = product.shape, numbers.shape
    if count * inputs * k * m <= _SMALL:
        every = _matrices(numbers, product).view(1, count * inputs, k, m)
        return exchange(every).view(k, count, inputs * m)
    x = numbers.reshape(1, count * inputs, n).expand(k, count * inputs, n)
    return torch.bmm(x, _tables(product, numbers)).view(k, count, inputs * m)


def _matrices(numbers: Tensor, product: AnyBilinear) -> Tensor:
    """The same, one after another as the numbers are: `(A, B, n)` → `(A·B, k·m)`."""
    return torch.mm(numbers.reshape(-1, product.shape[1]), _table(product, numbers))


def _turns_weight(rows: Tensor, weight: Tensor, product: LearnedBilinear) -> bool:
    """Whether the input expanded by learned constants is more than twice the weight; exact ones,
    which are mostly zeros, have few products for so many rows.
    """
    return rows.shape[0] * product.shape[2] > 2 * weight.shape[0]


def _cube(product: AnyBilinear, like: Tensor) -> Tensor:
    """The constants `(n, k, m)`."""
    m, n, k = product.shape
    return _table(product, like).view(n, k, m)


def _outer(g: Tensor, x: Tensor) -> Tensor:
    """`g x`, of `(O, r)` and `(r, J)`; if there are few rows, some outputs at a time."""
    (outputs, rows), width = g.shape, x.shape[1]
    if rows > _FOUR or width < _PAGE or outputs % _PIECE:
        return torch.mm(g, x)
    return torch.bmm(g.view(-1, _PIECE, rows), x.expand(outputs // _PIECE, rows, width))


def _table(product: AnyBilinear, like: Tensor) -> Tensor:
    """The constants with rows j and columns `(k, a)`."""
    if isinstance(product, LearnedBilinear):
        return product.table(like)
    return constant(_entries, product, like)


def _tables(product: AnyBilinear, like: Tensor) -> Tensor:
    """The same as a matrix for each component of the result, `(k, n, m)`."""
    if isinstance(product, LearnedBilinear):
        return _cube(product, like).transpose(0, 1)
    return constant(_entries_by_result, product, like)


def _entries(product: Bilinear) -> Entries:
    m, n, k = product.shape
    places = [(j * k + out) * m + i for i, j, out, _ in product.constants]
    return Entries((n, k * m), places, [float(c) for *_, c in product.constants])


def _entries_by_result(product: Bilinear) -> Entries:
    m, n, k = product.shape
    places = [(out * n + j) * m + i for i, j, out, _ in product.constants]
    return Entries((k, n, m), places, [float(c) for *_, c in product.constants])
