"""Triangular factors: QR and Cholesky."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import check_matrix, check_square
from hypercomplex.functional.matmul import matmul
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.blocks import (
    adjoint,
    anchored,
    block,
    eye,
    hermitian_part,
    numbers_of_block,
    orthonormalize,
    return_types,
    rows_of_numbers,
)
from hypercomplex.linalg.householder import triangularize
from hypercomplex.linalg.solve import solve_triangular
from hypercomplex.linalg.standard import definite

__all__ = ["cholesky", "cholesky_ex", "cholesky_inverse", "cholesky_solve", "qr"]


@linear_algebra("numbers")
def cholesky(A: Tensor, *, upper: bool = False, algebra: Algebra) -> Tensor:
    r"""The lower triangular $L$ with $A = L L^*$ and a positive diagonal, of a Hermitian positive
    definite matrix; $A = U^* U$ if `upper`. Only that triangle of `A` is read.

    Shape:
        `(…, N, N, n)` → `(…, N, N, n)`.

    Raises:
        LinAlgError: if a matrix is not positive definite.
        RuntimeError: if `A` is not square.
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> cholesky(torch.tensor([[[4., 0, 0, 0]]]), algebra=hc.QUATERNION)
        tensor([[[2., 0., 0., 0.]]])
    """
    return _cholesky(A, upper, True, "cholesky", algebra)[0]


@linear_algebra("numbers integers")
def cholesky_ex(
    A: Tensor, *, upper: bool = False, check_errors: bool = False, algebra: Algebra
) -> Any:
    r"""`cholesky` without an error: the factor and `info`, the order of the first leading minor
    that is not positive, or 0.

    Shape:
        `(…, N, N, n)` → `(…, N, N, n)` and `(…)`.

    Example:
        >>> L, info = cholesky_ex(-torch.ones(1, 1, 4), algebra=hc.QUATERNION)
        >>> int(info)
        1
    """
    L, info = _cholesky(A, upper, check_errors, "cholesky_ex", algebra)
    return return_types.linalg_cholesky_ex((L, info))


@linear_algebra("numbers")
def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False, *, algebra: Algebra) -> Tensor:
    r"""The solution of $A X = B$ from the factor of $A = L L^*$, or $A = L^* L$ if `upper`.

    Only that triangle of `L` is read.

    Shape:
        `(…, N, K, n)`, `(…, N, N, n)` → `(…, N, K, n)`, batches broadcast.

    Raises:
        RuntimeError: if `L` is not square, or the shapes do not fit.
        NotImplementedError: if the algebra is not associative.

    Example:
        >>> two, six = (torch.tensor([[[x, 0., 0, 0]]]) for x in (2., 6.))
        >>> cholesky_solve(six, two, algebra=hc.QUATERNION)
        tensor([[[1.5000, 0.0000, 0.0000, 0.0000]]])
    """
    check_square(L, "cholesky_solve", "L")
    check_matrix(B, "cholesky_solve", "B")
    star = adjoint(L, algebra)
    first, second = (star, L) if upper else (L, star)
    Y = solve_triangular(first, B, upper=False, algebra=algebra)
    return solve_triangular(second, Y, upper=True, algebra=algebra)


@linear_algebra("numbers")
def cholesky_inverse(L: Tensor, upper: bool = False, *, algebra: Algebra) -> Tensor:
    r"""The inverse of $A = L L^*$, or of $A = L^* L$ if `upper`.

    Shape:
        `(…, N, N, n)` → `(…, N, N, n)`.

    Example:
        >>> cholesky_inverse(torch.tensor([[[2., 0., 0, 0]]]), algebra=hc.QUATERNION)
        tensor([[[0.2500, 0.0000, 0.0000, 0.0000]]])
    """
    check_square(L, "cholesky_inverse", "L")
    return cholesky_solve(eye(L.shape[-2], L).expand_as(L), L, upper, algebra=algebra)


def _cholesky(
    A: Tensor, upper: bool, check: bool, name: str, algebra: Algebra
) -> tuple[Tensor, Tensor]:
    """The real factor of the block matrix is that of the numbers, since it is unique."""
    form = definite(algebra, name)
    check_square(A, name)
    H = hermitian_part(form.enter(A), upper, form.algebra)
    L, info = torch.linalg.cholesky_ex(block(H, form.algebra), check_errors=check)
    L = numbers_of_block(L, form.algebra)
    L = adjoint(L, form.algebra) if upper else L
    return form.leave(L), rows_of_numbers(info, algebra)


@linear_algebra("numbers numbers")
def qr(A: Tensor, mode: str = "reduced", *, algebra: Algebra) -> Any:
    r"""$A = Q R$ with $Q^* Q = 1$ and $R$ upper triangular, its diagonal real and not negative.

    So it is unique if the first columns are independent; there its derivatives of every order are
    right, elsewhere they are finite. Torch does not fix the signs of the diagonal.

    Shape:
        `(…, M, N, n)` → `(…, M, K, n)`, `(…, K, N, n)` with `K = min(M, N)` (`"reduced"`) or
        `K = M` (`"complete"`); `"r"` gives an empty `Q`.

    Raises:
        RuntimeError: if `mode` is another word.
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> Q, R = qr(torch.tensor([[[0., 0, -2, 0]]]), algebra=hc.QUATERNION)
        >>> R
        tensor([[[2., 0., 0., 0.]]])

    Source:
        A. Bunse-Gerstner, R. Byers, V. Mehrmann, *A quaternion QR algorithm*, 1989, section 3.
    """
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized `mode` (={mode!r}) but expected one of 'reduced' (default), "
            "'r', or 'complete'"
        )
    form = definite(algebra, "qr")
    check_matrix(A, "qr")
    A = form.enter(A)
    S = form.algebra
    rank = min(A.shape[-3:-1])
    full, upper = triangularize(A.detach(), S)
    Q = _attach(A[..., :rank, :], full[..., :rank, :], upper[..., :rank, :rank, :], S)
    if mode == "complete":
        rest = full[..., rank:, :]
        rest = rest - matmul(Q, matmul(adjoint(Q, S), rest, S), S)
        Q = torch.cat([Q, anchored(full[..., rank:, :], orthonormalize(rest, S))], -2)
    R = anchored(upper[..., : Q.shape[-2], :, :], _triu(matmul(adjoint(Q, S), A, S)))
    Q = Q[..., :0, :0, :].new_empty(0) if mode == "r" else form.leave(Q)
    return return_types.linalg_qr((Q, form.leave(R)))


def _attach(A: Tensor, Q: Tensor, R: Tensor, algebra: Algebra) -> Tensor:
    r"""`Q` with the derivatives of $A \mapsto Q$, by Cholesky's factor of $Q_1^* Q_1 ≈ 1$.

    $Q_1 = A R_0^{-1}$ with constant $R_0$ is `Q` here and has the right span nearby. Where `R` is
    singular, a constant is added to `A` and `R`.
    """
    diagonal = torch.diagonal(R[..., 0], dim1=-2, dim2=-1)
    size = diagonal.abs().amax(-1, keepdim=True) if diagonal.shape[-1] else diagonal
    small = diagonal <= size * torch.finfo(R.dtype).eps * max(A.shape[-3:-1])
    lift = torch.diag_embed(torch.where(small, torch.where(size > 0, size, 1), 0)).unsqueeze(-1)
    regular = R + torch.nn.functional.pad(lift, (0, algebra.dimension - 1))
    inverse = numbers_of_block(torch.linalg.inv(block(regular, algebra)), algebra)
    Q1 = anchored(Q, matmul(A, inverse, algebra))
    gram = block(matmul(adjoint(Q1, algebra), Q1, algebra), algebra)
    factor = numbers_of_block(torch.linalg.inv(torch.linalg.cholesky(gram)), algebra)
    return anchored(Q, matmul(Q1, adjoint(factor, algebra), algebra))


def _triu(R: Tensor) -> Tensor:
    kept = torch.ones(R.shape[-3:-1], dtype=torch.bool, device=R.device).triu().unsqueeze(-1)
    return R.masked_fill(~kept, 0)
