"""Products of matrices of numbers.

One matrix times many columns, or many rows times one, is the affine map of a layer, and planned as
it is; of matrices that both come in batches each pair is one real matrix product.

Shapes follow `torch.matmul`: one axis is a vector, further axes are batches and broadcast.
Components stand on the last axis.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from hypercomplex.door.declarations import numbers
from hypercomplex.door.values import alias
from hypercomplex.functional.arguments import check_factors
from hypercomplex.host.mode import is_compiling, is_known_size
from hypercomplex.lowering import AnyBilinear, AnyProduct, affine_columns, affine_rows, operator
from hypercomplex.lowering.block import Side
from hypercomplex.lowering.layout import in_order

__all__ = [
    "contracted",
    "matmul",
    "matmul_real",
    "multiplied",
    "real_matmul",
    "weighted",
]


@numbers("a b")
def matmul(a: Tensor, b: Tensor, algebra: AnyProduct) -> Tensor:
    r"""The matrix product of numbers: $(AB)_{mp} = \sum_l A_{ml} B_{lp}$.

    Shape:
        `(…, M, L, n)`, `(…, L, P, n)` → `(…, M, P, n)`; vectors `(L, n)` as in `torch.matmul`.

    Raises:
        ValueError: if a last axis is not `n` wide.
        RuntimeError: if the inner sizes differ.

    Example:
        >>> a, b = torch.randn(2, 3, 4), torch.randn(3, 5, 4)
        >>> matmul(a, b, hc.QUATERNION).shape
        torch.Size([2, 5, 4])
    """
    product = algebra.product
    check_factors(a, b, product)
    return multiplied(a, b, product)


def multiplied(a: Tensor, b: Tensor, product: AnyBilinear) -> Tensor:
    """The same, of what is known to have the components of factors."""
    if a.ndim == 2 or b.ndim == 2:
        rows, columns = _as_matrix(a, 0), _as_matrix(b, 1)
        return _drop(multiplied(rows, columns, product), a.ndim, b.ndim)
    if a.shape[-2] != b.shape[-3]:
        raise _mismatch("matmul", a.shape[:-1], b.shape[:-1])
    return contracted(a, b, product)


def contracted(a: Tensor, b: Tensor, product: AnyBilinear) -> Tensor:
    """`(…, M, L, n)` times `(…, L, P, n)`; of two single matrices the larger one is the weight."""
    if a.ndim == 3 and b.ndim == 3:
        rows, columns = a.shape[0], b.shape[1]
        if _left_is_weight(rows, columns) if is_compiling() else rows >= columns:
            if torch.is_grad_enabled():  # kept for their derivatives without their type
                a, b = alias(a), alias(b)
            return affine_columns(b, a, product)
        return in_order(affine_rows(a.mT, b.transpose(0, 1), None, product, "right").mT)
    if a.ndim == 3:
        return in_order(weighted(a, b.transpose(-2, -3), product).transpose(-2, -3))
    if b.ndim == 3:
        return in_order(weighted(b.transpose(0, 1), a, product, "right"))
    return _batches(a, b, product)


def _left_is_weight(rows: int, columns: int) -> bool:
    """Whether there are no fewer rows than columns, for a compiler: what has no size yet counts
    samples.
    """
    known = is_known_size(rows)
    return rows >= columns if known and is_known_size(columns) else known


def weighted(weight: Tensor, numbers: Tensor, product: AnyBilinear, side: Side = "left") -> Tensor:
    """A weight `(O, I, m)` times numbers `(…, I, n)`, in whichever way is planned → `(…, O, k)`."""
    rows = numbers.mT
    flat = rows if rows.ndim == 3 else rows.reshape(prod(rows.shape[:-2]), *rows.shape[-2:])
    y = affine_rows(flat, _kept(weight), None, product, side)
    return y.mT if rows.ndim == 3 else y.view(*rows.shape[:-2], *y.shape[1:]).mT


def _kept(weight: Tensor) -> Tensor:
    """A weight as it may be kept for its derivative: without its type."""
    return alias(weight) if torch.is_grad_enabled() else weight


def _batches(a: Tensor, b: Tensor, product: AnyBilinear) -> Tensor:
    """Matrices times matrices, each pair as one product with the blocks of the left one."""
    blocks = operator(a, product).movedim((0, 1), (-4, -2))  # (…, k, M, j, L)
    block_matrix = blocks.flatten(-4, -3).flatten(-2, -1)
    stacked = b.movedim(-1, -3).flatten(-3, -2)
    out = torch.matmul(block_matrix, stacked)
    return out.unflatten(-2, (product.shape[2], -1)).movedim(-3, -1)


@numbers("a")
def matmul_real(a: Tensor, b: Tensor) -> Tensor:
    r"""The matrix product of numbers and reals: $(AB)_{mp} = \sum_l A_{ml} b_{lp}$.

    Shape:
        `(…, M, L, n)`, `(…, L, P)` → `(…, M, P, n)`.

    Raises:
        RuntimeError: if the inner sizes differ.

    Example:
        >>> matmul_real(torch.randn(2, 3, 4), torch.randn(3, 5)).shape
        torch.Size([2, 5, 4])
    """
    _check_matrices(a=a.shape[:-1], b=b.shape)
    columns = b.unsqueeze(-1) if b.ndim == 1 else b
    if a.shape[-2] != columns.shape[-2]:
        raise _mismatch("matmul_real", a.shape[:-1], b.shape)
    out = torch.matmul(_as_matrix(a, 0).movedim(-1, -3), columns.unsqueeze(-3))
    return _drop(out.movedim(-3, -1), a.ndim, b.ndim + 1)


@numbers("b")
def real_matmul(a: Tensor, b: Tensor) -> Tensor:
    r"""The matrix product of reals and numbers: $(AB)_{mp} = \sum_l a_{ml} B_{lp}$.

    Shape:
        `(…, M, L)`, `(…, L, P, n)` → `(…, M, P, n)`.

    Raises:
        RuntimeError: if the inner sizes differ.

    Example:
        >>> real_matmul(torch.randn(2, 3), torch.randn(3, 5, 4)).shape
        torch.Size([2, 5, 4])
    """
    _check_matrices(a=a.shape, b=b.shape[:-1])
    rows = a.unsqueeze(0) if a.ndim == 1 else a
    columns = _as_matrix(b, 1)
    if rows.shape[-1] != columns.shape[-3]:
        raise _mismatch("real_matmul", a.shape, b.shape[:-1])
    out = torch.matmul(rows, columns.flatten(-2, -1)).unflatten(-1, columns.shape[-2:])
    return _drop(out, a.ndim + 1, b.ndim)


def _check_matrices(**shapes: torch.Size) -> None:
    """Factors have an axis at least, of numbers or of reals."""
    for name, shape in shapes.items():
        if not shape:
            raise ValueError(f"`{name}` must be a matrix or a vector, but has no axes to sum over")


def _mismatch(name: str, a: torch.Size, b: torch.Size) -> RuntimeError:
    return RuntimeError(
        f"{name}: `a` of shape {tuple(a)} and `b` of shape {tuple(b)} must have equal inner sizes: "
        f"the last axis of `a` meets the {'last but one' if len(b) > 1 else 'only'} axis of `b`"
    )


def _as_matrix(x: Tensor, vector_axis: int) -> Tensor:
    """A vector of numbers as a row (axis 0) or a column (axis 1)."""
    return x.unsqueeze(vector_axis) if x.ndim == 2 else x


def _drop(out: Tensor, a_ndim: int, b_ndim: int) -> Tensor:
    """Take away the axes that `_as_matrix` gave to vectors."""
    out = out.squeeze(-3) if a_ndim == 2 else out
    return out.squeeze(-2) if b_ndim == 2 else out
