"""Unitary reductions by reflections, in the numbers themselves.

The complex adjoint has every singular value and eigenvalue twice, and a routine that knows no
quaternions returns any basis of such a pair of spaces. Reflections $1 - 2 v v^*$ keep to the
numbers: they bring a matrix to a form that is *real* up to units, which torch's own real
functions finish. No branch depends on data; zero columns are left alone.

Nothing here is differentiated: the callers attach derivatives.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.matmul import matmul
from hypercomplex.functional.numbers import conj, norm, normalize, product
from hypercomplex.linalg.blocks import adjoint, eye

__all__ = ["bidiagonalize", "triangularize", "tridiagonalize"]


def triangularize(A: Tensor, algebra: Algebra) -> tuple[Tensor, Tensor]:
    r"""$A = Q R$ with `Q` (M × M) unitary and `R` upper trapezoidal, its diagonal real and ≥ 0."""
    rows, columns = A.shape[-3:-1]
    Q, R = _batch_of(eye(rows, A), A), A
    for k in range(min(rows - 1, columns)):
        v = _reflection(R[..., k, :], k)
        R = _from_left(v, R, algebra)
        Q = _from_right(Q, v, algebra)
    diagonal = torch.diagonal(R, dim1=-3, dim2=-2).mT
    unit = _unit_or_one(torch.nn.functional.pad(diagonal, (0, 0, 0, rows - diagonal.shape[-2])))
    R = product(conj(unit, algebra).unsqueeze(-2), R, algebra)
    return product(Q, unit.unsqueeze(-3), algebra), _upper(R)


def tridiagonalize(A: Tensor, algebra: Algebra) -> tuple[Tensor, Tensor]:
    r"""$A = Q T Q^*$ for Hermitian `A`, with `Q` unitary and `T` $(…, N, N)$ real tridiagonal."""
    size = A.shape[-2]
    Q, T = _batch_of(eye(size, A), A), A
    for k in range(size - 2):
        v = _reflection(T[..., k, :], k + 1)
        T = _from_right(_from_left(v, T, algebra), v, algebra)
        Q = _from_right(Q, v, algebra)
    below = torch.diagonal(T, -1, dim1=-3, dim2=-2).mT
    units = [_one(A)]
    for t in below.unbind(-2):
        units.append(_unit_or_one(product(t, units[-1], algebra)))
    off = torch.diag_embed(norm(below), -1)
    real = torch.diag_embed(torch.diagonal(T[..., 0], dim1=-2, dim2=-1)) + off + off.mT
    return _times_units(Q, units, algebra), real


def bidiagonalize(A: Tensor, algebra: Algebra) -> tuple[Tensor, Tensor, Tensor]:
    r"""$A = U B V^*$ for M ≥ N, with unitary `U` (M × M), `V` and `B` (N × N) real bidiagonal.

    Source:
        G. Golub, W. Kahan, *Calculating the singular values and pseudo-inverse of a matrix*, 1965.
    """
    rows, columns = A.shape[-3:-1]
    U, V, B = _batch_of(eye(rows, A), A), _batch_of(eye(columns, A), A), A
    for k in range(columns):
        if k < rows - 1:
            v = _reflection(B[..., k, :], k)
            B, U = _from_left(v, B, algebra), _from_right(U, v, algebra)
        if k < columns - 2:
            v = _reflection(conj(B[..., k, :, :], algebra), k + 1)
            B, V = _from_right(B, v, algebra), _from_right(V, v, algebra)
    diagonal = torch.diagonal(B, dim1=-3, dim2=-2).mT
    above = torch.diagonal(B, 1, dim1=-3, dim2=-2).mT
    left, right = [], [_one(A)]
    for k in range(columns):
        left.append(_unit_or_one(product(diagonal[..., k, :], right[-1], algebra)))
        if k < columns - 1:
            turned = product(conj(left[-1], algebra), above[..., k, :], algebra)
            right.append(conj(_unit_or_one(turned), algebra))
    left += [_one(A)] * (rows - columns)
    real = torch.diag_embed(norm(diagonal))
    if columns > 1:
        real = real + torch.diag_embed(norm(above[..., : columns - 1, :]), 1)
    return _times_units(U, left, algebra), real, _times_units(V, right, algebra)


def _reflection(x: Tensor, pivot: int) -> Tensor:
    """The unit vector `v` whose reflection clears the column x below its pivot; 0 if x is 0."""
    index = torch.arange(x.shape[-2], device=x.device).unsqueeze(-1)
    x = x.masked_fill(index < pivot, 0)
    x = normalize(x.flatten(-2)).view_as(x)
    nonzero = norm(x.flatten(-2))[..., None, None]  # 1, or 0 for a zero column
    unit = _unit_or_one(x[..., pivot : pivot + 1, :])
    v = x + (index == pivot) * unit * nonzero
    return normalize(v.flatten(-2)).view_as(v)


def _from_left(v: Tensor, A: Tensor, algebra: Algebra) -> Tensor:
    """$(1 - 2 v v^*) A$."""
    column = v.unsqueeze(-2)
    return A - 2 * matmul(column, matmul(adjoint(column, algebra), A, algebra), algebra)


def _from_right(A: Tensor, v: Tensor, algebra: Algebra) -> Tensor:
    """$A (1 - 2 v v^*)$."""
    column = v.unsqueeze(-2)
    return A - 2 * matmul(matmul(A, column, algebra), adjoint(column, algebra), algebra)


def _times_units(Q: Tensor, units: list[Tensor], algebra: Algebra) -> Tensor:
    """Each column of `Q` times its unit."""
    if Q.shape[-2] == 0:
        return Q
    return product(Q, torch.stack(units[: Q.shape[-2]], -2).unsqueeze(-3), algebra)


def _one(A: Tensor) -> Tensor:
    """The number 1 for each matrix, as it stacks with numbers computed from A."""
    return eye(1, A)[0, 0].expand(*A.shape[:-3], A.shape[-1])


def _unit_or_one(x: Tensor) -> Tensor:
    """The direction of each number; 1 for zero."""
    unit = normalize(x)
    return torch.where((unit == 0).all(-1, keepdim=True), eye(1, x)[0, 0], unit)


def _upper(R: Tensor) -> Tensor:
    """The upper triangle, with the imaginary parts of the diagonal, which are rounding, gone."""
    kept = torch.ones(R.shape[-3:-1], dtype=torch.bool, device=R.device).triu().unsqueeze(-1)
    strictly = kept.squeeze(-1).triu(1).unsqueeze(-1)
    real = torch.arange(R.shape[-1], device=R.device) == 0
    return R.masked_fill(~(strictly | (kept & real)), 0)


def _batch_of(matrix: Tensor, A: Tensor) -> Tensor:
    return matrix.expand(*A.shape[:-3], *matrix.shape)
