r"""Matrices of numbers as real block matrices, in which equations are solved.

`A ↦ L(A)`, every number replaced by the matrix of multiplying with it, is a homomorphism of
matrices exactly when the algebra is associative.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.matmul import matmul
from hypercomplex.functional.numbers import conj
from hypercomplex.host.mode import can_be_read
from hypercomplex.kernels.inverse import determined
from hypercomplex.linalg.standard import standard_form
from hypercomplex.lowering import operator
from hypercomplex.lowering.block import Side

__all__ = [
    "LinAlgError",
    "adjoint",
    "anchored",
    "as_complex",
    "block",
    "eye",
    "hermitian_part",
    "numbers_of_block",
    "orthonormalize",
    "return_types",
    "rows_of_numbers",
    "settle",
    "settle_ex",
    "singular",
    "solve_linear",
    "stack",
    "unstack",
]

return_types: Any = torch.return_types  # made at import, unknown to type checkers

LinAlgError: Any = torch.linalg.LinAlgError  # type: ignore[attr-defined]
_SMALL_PIVOT = 1e-4  # beside the largest: above it no matrix is singular but for rounding


def block(A: Tensor, algebra: Algebra, side: Side = "left") -> Tensor:
    """The real matrix `(…, M·n, N·n)` of `X ↦ A X`, or of `x ↦ x A` for the transposed layout.

    Rows and columns belonging to one number stand together, so that triangular stays triangular.
    """
    blocks = operator(A, algebra.product, side).movedim((0, 1), (-3, -1))  # (…, M, k, N, j)
    return blocks.flatten(-4, -3).flatten(-2, -1)


def numbers_of_block(blocks: Tensor, algebra: Algebra) -> Tensor:
    """The numbers whose block matrix this is: `x = L(x) 1`, so the first column of each block."""
    return unstack(blocks[..., :: algebra.dimension], algebra)


def stack(B: Tensor) -> Tensor:
    """Columns of numbers `(…, N, K, n)` as real columns `(…, N·n, K)`."""
    return B.transpose(-2, -1).flatten(-3, -2)


def unstack(columns: Tensor, algebra: Algebra) -> Tensor:
    """Real columns `(…, N·n, K)` as columns of numbers `(…, N, K, n)`."""
    n = algebra.dimension
    return columns.unflatten(-2, (columns.shape[-2] // n, n)).transpose(-2, -1)


def rows_of_numbers(count: Tensor, algebra: Algebra) -> Tensor:
    """Real rows, counted from 1, as rows of numbers."""
    n = algebra.dimension
    return torch.div(count + n - 1, n, rounding_mode="floor").to(count.dtype)


def adjoint(A: Tensor, algebra: Algebra) -> Tensor:
    """The conjugate transpose."""
    return conj(A, algebra).transpose(-3, -2)


def hermitian_part(A: Tensor, upper: bool, algebra: Algebra) -> Tensor:
    """The Hermitian matrix that one triangle of `A` and the real part of its diagonal describe."""
    ones = torch.ones(A.shape[-3:-1], dtype=torch.bool, device=A.device)
    strictly = (ones.triu(1) if upper else ones.tril(-1)).unsqueeze(-1)
    triangle = A.masked_fill(~strictly, 0)
    diagonal = torch.diag_embed(torch.diagonal(A[..., 0], dim1=-2, dim2=-1)).unsqueeze(-1)
    diagonal = torch.nn.functional.pad(diagonal, (0, algebra.dimension - 1))
    return triangle + adjoint(triangle, algebra) + diagonal


def eye(size: int, like: Tensor) -> Tensor:
    """The unit matrix of numbers `(size, size, n)`."""
    ones = torch.eye(size, dtype=like.dtype, device=like.device)
    return torch.nn.functional.pad(ones.unsqueeze(-1), (0, like.shape[-1] - 1))


def as_complex(A: Tensor) -> Tensor:
    """Pairs of components as complex numbers, whatever their strides."""
    return torch.complex(A[..., 0], A[..., 1])


def orthonormalize(Q: Tensor, algebra: Algebra) -> Tensor:
    """One step of Newton and Schulz, $Q (3 - Q^* Q) / 2$: an error of δ becomes one of δ²."""
    overlap = matmul(adjoint(Q, algebra), Q, algebra)
    return matmul(Q, 3 * eye(Q.shape[-2], Q) - overlap, algebra) / 2


def anchored(value: Tensor, path: Tensor) -> Tensor:
    """This value with the derivatives of that path, which is equal to it up to rounding."""
    return value.detach() + (path - path.detach())


def singular(error: Exception, algebra: Algebra) -> Exception:
    """Torch's error for a singular matrix; where numbers divide zero, it says so."""
    if standard_form(algebra) is not None:
        return error
    return type(error)(f"{error} Over {algebra} zero divisors count as zero: they have no inverse.")


def settle(solution: Tensor, matrix: Tensor, name: str, algebra: Algebra) -> Tensor:
    """The solution of a system of numbers, unless its real matrix is singular but for rounding.

    Over ℝ, ℂ and ℍ that is left to torch, as for its own matrices.
    """
    regular = _is_regular(matrix, algebra)
    if regular is None:
        return solution
    if not can_be_read(regular):
        return solution * torch.where(regular, 1.0, torch.nan).to(solution)[..., None, None]
    if not regular.all():
        where = regular.ndim and f" (Batch element {int((~regular).flatten().int().argmax())})"
        error = LinAlgError(f"linalg.{name}:{where or ''} the matrix is singular up to rounding.")
        raise singular(error, algebra)
    return solution


def settle_ex(
    solution: Tensor, info: Tensor, matrix: Tensor, name: str, check: bool, algebra: Algebra
) -> tuple[Tensor, Tensor]:
    """`settle` without an error unless asked for: the last row is named, the solution is NaN."""
    if check:
        return settle(solution, matrix, name, algebra), info
    regular = _is_regular(matrix, algebra)
    if regular is None:
        return solution, info
    info = torch.where(regular | (info > 0), info, matrix.shape[-1])
    return solution * torch.where(regular, 1.0, torch.nan).to(solution)[..., None, None], info


def _is_regular(matrix: Tensor, algebra: Algebra) -> Tensor | None:
    """Which real matrices have an inverse; None where torch's own check is enough."""
    if matrix.numel() == 0 or standard_form(algebra) is not None:
        return None
    matrix = matrix.detach()
    pivots = torch.linalg.lu_factor_ex(matrix)[0].diagonal(dim1=-2, dim2=-1).abs()
    if can_be_read(pivots) and (pivots.amin(-1) > _SMALL_PIVOT * pivots.amax(-1)).all():
        return None
    return determined(matrix, torch.linalg.inv_ex(matrix.double())[0])


def solve_linear(matrix: Tensor, columns: Tensor, name: str, equation: str) -> Tensor:
    """The solution of a real system, which stands for this equation between numbers."""
    try:
        return torch.linalg.solve(matrix, columns)
    except LinAlgError as error:
        where = str(error).partition("(Batch element")[2].partition(")")[0]
        raise LinAlgError(
            f"linalg.{name}: {equation} has no unique solution"
            + (f" (batch element{where})" if where else "")
        ) from None
