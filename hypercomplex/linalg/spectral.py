r"""Singular values and the eigenvalues of Hermitian matrices, with vectors and derivatives.

Values and vectors are computed once, without derivatives. These are attached by Newton's steps for
the equations of the decomposition, written in differentiable operations that change nothing at the
matrix itself: with $M = U^* A V$, the corrections $U(1 + X)$, $V(1 + Y)$ that make `M` diagonal
divide by differences of *different* singular values only. Each step gains an order: two make
first and second derivatives of vectors right, and those of values too.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import COMPLEX
from hypercomplex.functional.arguments import check_matrix, check_square, refusal
from hypercomplex.functional.matmul import matmul
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.blocks import (
    adjoint,
    anchored,
    as_complex,
    hermitian_part,
    orthonormalize,
    return_types,
)
from hypercomplex.linalg.householder import bidiagonalize, tridiagonalize
from hypercomplex.linalg.standard import definite

__all__ = ["eigh", "eigvalsh", "matrix_sqrth", "polar", "svd", "svdvals"]


Driver = Literal["gesvd", "gesvdj", "gesvda"]


@linear_algebra("reals numbers")
def eigh(A: Tensor, UPLO: str = "L", *, algebra: Algebra) -> Any:
    r"""The eigenvalues and eigenvectors of a Hermitian matrix: $A = V \Lambda V^*$, $V^* V = 1$.

    The eigenvalues are real, in ascending order. Only one triangle of `A` is read,
    the lower one, or the upper one with `UPLO="U"`. An eigenvector
    is fixed up to a unit from the right, so only functions that do not depend on it, such as
    $V f(\Lambda) V^*$, have derivatives with a meaning. These are right to second order where
    eigenvalues differ; where they coincide, those of the eigenvectors are finite, and right for
    the projector on all of them.

    Shape:
        `(…, N, N, n)` → real `(…, N)` and `(…, N, N, n)`.

    Raises:
        RuntimeError: if `A` is not square.
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> A = torch.tensor([[[2., 0, 0, 0], [0, 0, 1, 0]], [[0, 0, -1, 0], [2, 0, 0, 0]]])
        >>> eigh(A, algebra=hc.QUATERNION).eigenvalues
        tensor([1., 3.])

    Source:
        F. Zhang, *Quaternions and matrices of quaternions*, 1997, section 6.
    """
    values, vectors, leave = _eigh(A, UPLO, 2, "eigh", algebra)
    return return_types.linalg_eigh((values, leave(vectors)))


@linear_algebra("reals")
def eigvalsh(A: Tensor, UPLO: str = "L", *, algebra: Algebra) -> Tensor:
    r"""The real eigenvalues of a Hermitian matrix, in ascending order.

    `UPLO` says which triangle is read, as in `eigh`.

    Shape:
        `(…, N, N, n)` → real `(…, N)`.

    Example:
        >>> eigvalsh(torch.tensor([[[3., 0, 0, 0]]]), algebra=hc.QUATERNION)
        tensor([3.])
    """
    return _eigh(A, UPLO, 1, "eigvalsh", algebra)[0]


@linear_algebra("numbers reals numbers")
def svd(
    A: Tensor, full_matrices: bool = True, *, driver: Driver | None = None, algebra: Algebra
) -> Any:
    r"""The singular value decomposition $A = U\, \mathrm{diag}(S)\, V^*$ with $U^* U = V^* V = 1$.

    The singular values are real, in descending order. The vectors of one value are fixed up to a
    common unit from the right, so only functions that do not depend on it, such as
    $U f(S) V^*$, have derivatives with a meaning; what is said of `eigh` holds here too. The polar
    factor $U V^*$ has its derivative also where singular values coincide.

    Args:
        A: the matrices.
        full_matrices: whether `U` and `Vh` are square.
        driver: torch's choice of an algorithm on CUDA; not used for quaternions.
        algebra: the algebra of the numbers.

    Shape:
        `(…, M, N, n)` → `(…, M, K, n)`, real `(…, K)`, `(…, K, N, n)` with `K = min(M, N)`;
        `U` `(…, M, M, n)`, `Vh` `(…, N, N, n)` if `full_matrices`.

    Raises:
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> U, S, Vh = svd(torch.tensor([[[0., 3, 0, 4]]]), algebra=hc.QUATERNION)
        >>> S
        tensor([5.])

    Source:
        F. Zhang, *Quaternions and matrices of quaternions*, 1997, theorem 7.2; S. J. Sangwine,
        N. Le Bihan, *Quaternion singular value decomposition based on bidiagonalization*, 2006.
    """
    form = definite(algebra, "svd")
    check_matrix(A, "svd")
    _check_driver(driver)
    U, S, V = _svd(form.enter(A), full_matrices, driver, 2, form.algebra)
    return return_types.linalg_svd((form.leave(U), S, form.leave(adjoint(V, form.algebra))))


@linear_algebra("reals")
def svdvals(A: Tensor, *, driver: Driver | None = None, algebra: Algebra) -> Tensor:
    r"""The real singular values, in descending order.

    Shape:
        `(…, M, N, n)` → real `(…, min(M, N))`.

    Example:
        >>> svdvals(torch.tensor([[[1., 1, 1, 1]]]), algebra=hc.QUATERNION)
        tensor([2.])
    """
    form = definite(algebra, "svdvals")
    check_matrix(A, "svdvals")
    _check_driver(driver)
    return _svd(form.enter(A), False, driver, 1, form.algebra)[1]


@linear_algebra("numbers")
def matrix_sqrth(A: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The positive square root of a positive Hermitian matrix: $X X = A$, $X = X^*$.

    With $A = V \Lambda V^*$ it is $V \sqrt\Lambda\, V^*$, and NaN where an eigenvalue is negative.
    Only the lower triangle of `A` is read. Where no eigenvalue is 0 there are first and second
    derivatives, also where eigenvalues coincide.

    Shape:
        `(…, N, N, n)` → `(…, N, N, n)`.

    Raises:
        RuntimeError: if `A` is not square.
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> A = torch.tensor([[[5., 0, 0, 0], [0, 0, 4, 0]], [[0, 0, -4, 0], [5, 0, 0, 0]]])
        >>> X = matrix_sqrth(A, algebra=hc.QUATERNION)
        >>> X[0].round(decimals=4) + 0.
        tensor([[2., 0., 0., 0.],
                [0., 0., 1., 0.]])

    Source:
        F. Zhang, *Quaternions and matrices of quaternions*, 1997, section 6.
    """
    form = definite(algebra, "matrix_sqrth")
    check_square(A, "matrix_sqrth")
    H, S = hermitian_part(form.enter(A), False, form.algebra), form.algebra
    values, U = _eigh_values(H.detach(), S)
    back = adjoint(U, S)
    roots = values.sqrt()
    X = matmul(U * roots[..., None, :, None], back, S)
    sums = _reciprocal_sums(roots).unsqueeze(-1)
    for _ in range(2):
        M = matmul(back, matmul(H - matmul(X, X, S), U, S), S)
        X = anchored(X, X + matmul(matmul(U, M * sums, S), back, S))
    return form.leave(X)


@linear_algebra("numbers numbers")
def polar(A: Tensor, *, algebra: Algebra) -> Any:
    r"""The polar decomposition $A = U H$ with $U^* U = 1$ and `H` Hermitian, $H \ge 0$.

    `U` is the nearest matrix with orthonormal columns. With $A = P\, \mathrm{diag}(S)\, Q^*$ it is
    $P Q^*$, and $H = U^* A$. There are derivatives where the columns of `A` are independent.

    Shape:
        `(…, M, N, n)` with M ≥ N → `(…, M, N, n)` and `(…, N, N, n)`.

    Raises:
        RuntimeError: if there are fewer rows than columns.
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> U, H = polar(torch.tensor([[[0., 3, 0, 4]]]), algebra=hc.QUATERNION)
        >>> H
        tensor([[[5., 0., 0., 0.]]])

    Source:
        F. Zhang, *Quaternions and matrices of quaternions*, 1997, section 7.
    """
    form = definite(algebra, "polar")
    check_matrix(A, "polar")
    if A.shape[-3] < A.shape[-2]:
        raise RuntimeError(
            f"linalg.polar: `A` must have at least as many rows as columns, but has {A.shape[-3]} "
            f"and {A.shape[-2]}; take the polar decomposition of its adjoint"
        )
    x, S = form.enter(A), form.algebra
    P, _, Q = _svd(x, False, None, 2, S)
    U = matmul(P, adjoint(Q, S), S)
    H = matmul(adjoint(U, S), x, S)
    parts = form.leave(U), form.leave((H + adjoint(H, S)) / 2)
    named = getattr(return_types, "linalg_polar", None)  # newer than other functions here
    return named(parts) if named else parts


def _check_driver(driver: Driver | None) -> None:
    if driver not in (None, "gesvd", "gesvdj", "gesvda"):
        raise refusal("driver", driver, Driver | None)


# ---------------------------------------------------------------------- Hermitian eigenvalues


def _eigh(A: Tensor, UPLO: str, steps: int, name: str, algebra: Algebra) -> Any:
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected argument `UPLO` (={UPLO!r}) to be 'L' or 'U'")
    form = definite(algebra, name)
    check_square(A, name)
    H = hermitian_part(form.enter(A), UPLO.upper() == "U", form.algebra)
    values, U = _eigh_values(H.detach(), form.algebra)
    gaps = _reciprocal_gaps(values)
    for _ in range(steps):
        M = _changes(U, H, U, form.algebra)
        U = anchored(U, _turned(U, M * gaps.unsqueeze(-1), form.algebra))
    M = matmul(adjoint(U, form.algebra), matmul(H, U, form.algebra), form.algebra)
    return anchored(values, torch.diagonal(M[..., 0], dim1=-2, dim2=-1)), U, form.leave


def _eigh_values(H: Tensor, algebra: Algebra) -> tuple[Tensor, Tensor]:
    if algebra.dimension == 1:
        values, vectors = torch.linalg.eigh(H.squeeze(-1))
        return values, vectors.unsqueeze(-1)
    if algebra == COMPLEX:
        values, vectors = torch.linalg.eigh(as_complex(H))
        return values, torch.view_as_real(vectors)
    Q, T = tridiagonalize(H, algebra)
    values, vectors = torch.linalg.eigh(T)
    return values, _times_real(Q, vectors)


# ---------------------------------------------------------------------- singular values


def _svd(
    A: Tensor, full: bool, driver: str | None, steps: int, algebra: Algebra
) -> tuple[Tensor, Tensor, Tensor]:
    if A.shape[-3] < A.shape[-2]:
        V, S, U = _svd(adjoint(A, algebra), full, driver, steps, algebra)
        return U, S, V
    wide, values, V = _svd_values(A.detach(), full, driver, algebra)
    size = values.shape[-1]
    U, rest = wide[..., :size, :], wide[..., size:, :]
    gaps, sums = _reciprocal_gaps(values), _reciprocal_sums(values)
    heights = torch.diagonal(sums, dim1=-2, dim2=-1) * 2
    for _ in range(steps):
        M = _changes(U, A, V, algebra)
        even, odd = (M + adjoint(M, algebra)) / 2, (M - adjoint(M, algebra)) / 2
        even, odd = even * gaps.unsqueeze(-1), odd * sums.unsqueeze(-1)
        outside = matmul(A, V, algebra)
        outside = outside - matmul(U, matmul(adjoint(U, algebra), outside, algebra), algebra)
        outside = (outside - outside.detach()) * heights[..., None, :, None]
        U, V = (
            anchored(U, orthonormalize(_moved(U, even + odd, algebra) + outside, algebra)),
            anchored(V, _turned(V, even - odd, algebra)),
        )
    M = matmul(adjoint(U, algebra), matmul(A, V, algebra), algebra)
    S = anchored(values, torch.diagonal(M[..., 0], dim1=-2, dim2=-1))
    if rest.shape[-2]:
        inside = matmul(U, matmul(adjoint(U, algebra), rest, algebra), algebra)
        U = torch.cat([U, anchored(rest, orthonormalize(rest - inside, algebra))], -2)
    return U, S, V


def _svd_values(
    A: Tensor, full: bool, driver: str | None, algebra: Algebra
) -> tuple[Tensor, Tensor, Tensor]:
    """`U`, `S`, `V` for M ≥ N."""
    if algebra.dimension == 1:
        U, S, Vh = torch.linalg.svd(A.squeeze(-1), full, driver=driver)
        return U.unsqueeze(-1), S, Vh.mT.unsqueeze(-1)
    if algebra == COMPLEX:
        U, S, Vh = torch.linalg.svd(as_complex(A), full, driver=driver)
        return torch.view_as_real(U), S, torch.view_as_real(Vh.mH.resolve_conj())
    size = A.shape[-2]
    left, B, right = bidiagonalize(A, algebra)
    U, S, Vh = torch.linalg.svd(B)
    U = _times_real(left[..., :size, :], U)
    U = torch.cat([U, left[..., size:, :]], -2) if full else U
    return U, S, _times_real(right, Vh.mT)


# ---------------------------------------------------------------------- Newton's steps


def _changes(U: Tensor, A: Tensor, V: Tensor, algebra: Algebra) -> Tensor:
    """$U^* A V$ less its value, which is diagonal up to rounding: derivatives alone."""
    M = matmul(adjoint(U, algebra), matmul(A, V, algebra), algebra)
    return M - M.detach()


def _moved(U: Tensor, X: Tensor, algebra: Algebra) -> Tensor:
    return U + matmul(U, X, algebra)


def _turned(U: Tensor, X: Tensor, algebra: Algebra) -> Tensor:
    """$U (1 + X)$ with orthonormal columns again, `X` being small and skew."""
    return orthonormalize(_moved(U, X, algebra), algebra)


def _reciprocal_gaps(values: Tensor) -> Tensor:
    """$1 / (λ_j - λ_i)$, and 0 where the two are equal up to rounding."""
    return _reciprocal(values.unsqueeze(-2) - values.unsqueeze(-1), values)


def _reciprocal_sums(values: Tensor) -> Tensor:
    """$1 / (σ_i + σ_j)$, and 0 where both are 0 up to rounding."""
    return _reciprocal(values.unsqueeze(-2) + values.unsqueeze(-1), values)


def _reciprocal(x: Tensor, values: Tensor) -> Tensor:
    if not values.shape[-1]:
        return x
    largest = values.abs().amax(-1)[..., None, None]
    small = x.abs() <= 4 * values.shape[-1] * torch.finfo(x.dtype).eps * largest
    return torch.where(small, 0, 1 / torch.where(small, 1, x))


def _times_real(Q: Tensor, x: Tensor) -> Tensor:
    """Numbers times a real matrix."""
    return (Q.movedim(-1, -3) @ x.unsqueeze(-3)).movedim(-3, -1)
