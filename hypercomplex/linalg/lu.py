r"""Gaussian elimination: $P A' = A$ with $A' = L U$, packed as LAPACK packs it.

Rows are multiplied from the left, so $L$ stands left of $U$ and every step divides by the pivot
from the right, $l = a u^{-1}$. The pivot is the number of largest modulus in its column; over ℝ and
ℂ torch's own routine chooses.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import IntegerTensor, check_matrix, check_square
from hypercomplex.functional.matmul import matmul
from hypercomplex.functional.numbers import inverse, norm, product
from hypercomplex.host.mode import can_be_read
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.blocks import LinAlgError, adjoint, as_complex, eye, return_types
from hypercomplex.linalg.solve import solve_triangular
from hypercomplex.linalg.standard import definite, require_associative

__all__ = ["lu", "lu_factor", "lu_factor_ex", "lu_solve", "lu_unpack"]


@linear_algebra("numbers numbers numbers")
def lu(A: Tensor, *, pivot: bool = True, algebra: Algebra) -> Any:
    r"""$A = P L U$: a permutation, a lower triangle with ones on its diagonal, an upper triangle.

    Its derivatives are right where the pivots stay the same.

    Shape:
        `(…, M, N, n)` → `(…, M, M, n)`, `(…, M, K, n)` and `(…, K, N, n)` with `K = min(M, N)`.

    Raises:
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> A = torch.randn(3, 3, 4)
        >>> P, L, U = lu(A, algebra=hc.QUATERNION)
        >>> PL = hc.functional.matmul(P, L, hc.QUATERNION)
        >>> torch.allclose(hc.functional.matmul(PL, U, hc.QUATERNION), A, atol=1e-5)
        True

    Source:
        G. H. Golub, C. F. Van Loan, *Matrix Computations*, 2013, algorithm 3.4.1.
    """
    packed, pivots, _ = _factor(A, pivot, "lu", algebra)
    return return_types.linalg_lu(_unpack(packed, pivots))


@linear_algebra("numbers integers")
def lu_factor(A: Tensor, *, pivot: bool = True, algebra: Algebra) -> Any:
    r"""The factors of `lu` in one matrix, and the pivots as LAPACK counts them, for `lu_solve`.

    Shape:
        `(…, M, N, n)` → `(…, M, N, n)` and integers `(…, min(M, N))`.

    Raises:
        LinAlgError: if a pivot is 0.
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> A, B = torch.randn(3, 3, 4), torch.randn(3, 1, 4)
        >>> X = lu_solve(*lu_factor(A, algebra=hc.QUATERNION), B, algebra=hc.QUATERNION)
        >>> torch.allclose(hc.functional.matmul(A, X, hc.QUATERNION), B, atol=1e-4)
        True
    """
    packed, pivots, info = _factor(A, pivot, "lu_factor", algebra)
    _check_info(info, "lu_factor")
    return return_types.linalg_lu_factor((packed, pivots))


@linear_algebra("numbers integers integers")
def lu_factor_ex(
    A: Tensor, *, pivot: bool = True, check_errors: bool = False, algebra: Algebra
) -> Any:
    r"""`lu_factor` without an error: also `info`, the place of the first pivot that is 0, or 0.

    Shape:
        as `lu_factor`; `info` `(…)`.

    Example:
        >>> int(lu_factor_ex(torch.zeros(2, 2, 4), algebra=hc.QUATERNION).info)
        1
    """
    packed, pivots, info = _factor(A, pivot, "lu_factor_ex", algebra)
    if check_errors:
        _check_info(info, "lu_factor_ex")
    return return_types.linalg_lu_factor_ex((packed, pivots, info))


@linear_algebra("numbers numbers numbers")
def lu_unpack(
    LU: Tensor,
    pivots: IntegerTensor,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
    *,
    algebra: Algebra,
) -> Any:
    r"""`P`, `L` and `U` from what `lu_factor` gives; what is not asked for is empty, as in torch.

    Shape:
        `(…, M, N, n)` and `(…, K)` → as `lu`.

    Raises:
        RuntimeError: if the shapes do not fit.

    Example:
        >>> packed = lu_factor(torch.randn(4, 2, 4), algebra=hc.QUATERNION)
        >>> P, L, U = lu_unpack(*packed, algebra=hc.QUATERNION)
        >>> L.shape, U.shape
        (torch.Size([4, 2, 4]), torch.Size([2, 2, 4]))
    """
    check_matrix(LU, "lu_unpack", "LU")
    P, L, U = _unpack(LU, pivots)
    nothing = LU.new_empty(0, LU.shape[-1])
    L, U = (L, U) if unpack_data else (nothing, nothing)
    return return_types.lu_unpack((P if unpack_pivots else nothing, L, U))


@linear_algebra("numbers")
def lu_solve(
    LU: Tensor,
    pivots: IntegerTensor,
    B: Tensor,
    *,
    left: bool = True,
    adjoint: bool = False,
    algebra: Algebra,
) -> Tensor:
    r"""The solution of $A X = B$, of $X A = B$ if not `left`, with $A^*$ for `A` if `adjoint`,
    from the factors of `A`.

    Shape:
        `(…, N, N, n)`, `(…, N)` and `(…, N, K, n)` → `(…, N, K, n)`, or `(…, K, N, n)` twice.

    Raises:
        RuntimeError: if the shapes do not fit.

    Example:
        >>> A, B = torch.randn(3, 3, 4), torch.randn(2, 3, 4)
        >>> packed = lu_factor(A, algebra=hc.QUATERNION)
        >>> X = lu_solve(*packed, B, left=False, algebra=hc.QUATERNION)
        >>> torch.allclose(hc.functional.matmul(X, A, hc.QUATERNION), B, atol=1e-4)
        True
    """
    require_associative(algebra, "lu_solve")
    check_square(LU, "lu_solve", "LU")
    check_matrix(B, "lu_solve", "B")
    if left:
        return _solve(LU, pivots, B, adjoint, algebra)
    return _star(_solve(LU, pivots, _star(B, algebra), not adjoint, algebra), algebra)


# ---------------------------------------------------------------------- factors


def _factor(A: Tensor, pivot: bool, name: str, algebra: Algebra) -> tuple[Tensor, Tensor, Tensor]:
    form = definite(algebra, name)
    check_matrix(A, name)
    numbers = form.enter(A)
    if algebra.dimension == 1:
        packed, pivots, info = torch.linalg.lu_factor_ex(numbers.squeeze(-1), pivot=pivot)
        return packed.unsqueeze(-1), pivots, info
    if algebra.dimension == 2:
        packed, pivots, info = torch.linalg.lu_factor_ex(as_complex(numbers), pivot=pivot)
        return form.leave(torch.view_as_real(packed)), pivots, info
    packed, pivots, info = _eliminate(numbers, pivot, form.algebra)
    return form.leave(packed), pivots, info


def _eliminate(A: Tensor, pivot: bool, algebra: Algebra) -> tuple[Tensor, Tensor, Tensor]:
    """One column after the other; a column of zeros is left as it is."""
    size = min(A.shape[-3:-1])
    places: list[Tensor] = []
    zeros: list[Tensor] = []
    for k in range(size):
        if pivot:
            place = norm(A[..., k:, k, :].detach()).argmax(-1) + k
            A = A.gather(-3, _swap(place, k, A).expand_as(A))
        else:
            place = torch.full(A.shape[:-3], k, device=A.device)
        zero = (A[..., k, k, :] == 0).all(-1)
        one = torch.nn.functional.pad(zero.to(A.dtype).unsqueeze(-1), (0, A.shape[-1] - 1))
        divisor = inverse(A[..., k, k, :] + (one if pivot else 0), algebra)
        below = product(A[..., k + 1 :, k, :], divisor.unsqueeze(-2), algebra)
        row = A[..., k : k + 1, k + 1 :, :]
        rest = A[..., k + 1 :, k + 1 :, :] - product(below.unsqueeze(-2), row, algebra)
        left = A[..., k + 1 :, :k, :]
        A = torch.cat([A[..., : k + 1, :, :], torch.cat([left, below.unsqueeze(-2), rest], -2)], -3)
        places.append(place + 1)
        zeros.append(zero)
    if not size:
        none = torch.zeros(A.shape[:-3], dtype=torch.int32, device=A.device)
        return A.clone(), none.new_empty(*A.shape[:-3], 0), none
    pivots, singular = torch.stack(places, -1), torch.stack(zeros, -1)
    first = singular.to(torch.int32).argmax(-1) + 1
    return A, pivots.to(torch.int32), (first * singular.any(-1)).to(torch.int32)


def _swap(place: Tensor, k: int, A: Tensor) -> Tensor:
    """For each row the one that comes there when rows `k` and `place` change places."""
    rows = torch.arange(A.shape[-3], device=A.device)
    place = place.unsqueeze(-1)
    order = torch.where(rows == k, place, torch.where(rows == place, k, rows))
    return order[..., None, None]


def _unpack(LU: Tensor, pivots: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    n, size = LU.shape[-1], min(LU.shape[-3:-1])
    if pivots.shape != (*LU.shape[:-3], size):  # torch reads beyond the end of others
        raise RuntimeError(
            f"`pivots` of shape {tuple(pivots.shape)} must have the shape "
            f"{(*LU.shape[:-3], size)}, as lu_factor gives them with this `LU`"
        )
    real = LU[..., 0].detach()
    P = torch.lu_unpack(real, pivots.contiguous(), unpack_data=False).P
    planes = LU.movedim(-1, 0)
    L = planes[..., :size].tril(-1).movedim(0, -1) + eye(LU.shape[-3], LU)[:, :size]
    U = planes[..., :size, :].triu().movedim(0, -1)
    return torch.nn.functional.pad(P.unsqueeze(-1), (0, n - 1)), L, U


# ---------------------------------------------------------------------- solutions


def _solve(LU: Tensor, pivots: Tensor, B: Tensor, adjoint: bool, algebra: Algebra) -> Tensor:
    P, L, U = _unpack(LU, pivots)
    if adjoint:
        Y = solve_triangular(_star(U, algebra), B, upper=False, algebra=algebra)
        lower = _star(L, algebra)
        Z = solve_triangular(lower, Y, upper=True, unitriangular=True, algebra=algebra)
        return matmul(P, Z, algebra)
    permuted = matmul(P.transpose(-3, -2), B, algebra)
    Y = solve_triangular(L, permuted, upper=False, unitriangular=True, algebra=algebra)
    return solve_triangular(U, Y, upper=True, algebra=algebra)


def _star(A: Tensor, algebra: Algebra) -> Tensor:
    return adjoint(A, algebra)


def _check_info(info: Tensor, name: str) -> None:
    if can_be_read(info) and bool((info > 0).any()):
        raise LinAlgError(
            f"linalg.{name}: U[{int(info.max())},{int(info.max())}] is zero and using it on "
            "lu_solve would result in a division by zero; call lu_factor_ex to go on"
        )
