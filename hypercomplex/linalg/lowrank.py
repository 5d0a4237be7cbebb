r"""The largest singular values of large matrices, from products with a few random vectors.

Products with `A` and $A^*$ in turn bring random vectors to the space of its largest singular
values; the singular value decomposition of what `A` does there is small.

Source:
    N. Halko, P. G. Martinsson, J. A. Tropp, *Finding structure with randomness*, 2011, algorithms
    4.4 and 5.1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Amount, check_components, check_integer, check_matrix
from hypercomplex.functional.matmul import matmul
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.blocks import adjoint
from hypercomplex.linalg.factor import qr
from hypercomplex.linalg.spectral import svd
from hypercomplex.linalg.standard import definite

__all__ = ["pca_lowrank", "svd_lowrank"]

Triple = tuple[Tensor, Tensor, Tensor]


@linear_algebra("numbers reals numbers")
def svd_lowrank(
    A: Tensor,
    q: Amount | None = 6,
    niter: Amount | None = 2,
    M: Tensor | None = None,
    *,
    algebra: Algebra,
) -> Triple:
    r"""$U\, \mathrm{diag}(S)\, V^* ≈ A$, or $A - M$, of rank `q`; equal if there is no larger rank.

    Args:
        A: the matrices.
        q: how many vectors, more than the rank that is wanted; at most as many as a side has.
        niter: how often to multiply with `A` and $A^*$.
        M: what to take away from `A`, broadcast.
        algebra: the algebra of the numbers.

    Shape:
        `(…, M, N, n)` → `(…, M, q, n)`, real `(…, q)`, `(…, N, q, n)`.

    Raises:
        ValueError: if `q` is negative.
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> A = hc.functional.matmul(torch.randn(50, 2, 4), torch.randn(2, 30, 4), hc.QUATERNION)
        >>> U, S, V = svd_lowrank(A, 3, algebra=hc.QUATERNION)
        >>> bool(S[2] < 1e-3 * S[1])
        True
    """
    form = definite(algebra, "svd_lowrank")
    check_matrix(A, "svd_lowrank")
    if M is not None:
        check_components("M", M, algebra)
    q = 6 if q is None else q
    check_integer("q", q)
    rank = _rank("svd_lowrank", A, min(q, *A.shape[-3:-1]))
    U, S, V = _svd_lowrank(
        form.enter(A if M is None else A - M), rank, 2 if niter is None else niter, form.algebra
    )
    return form.leave(U), S, form.leave(V)


@linear_algebra("numbers reals numbers")
def pca_lowrank(
    A: Tensor, q: Amount | None = None, center: bool = True, niter: Amount = 2, *, algebra: Algebra
) -> Triple:
    r"""The principal components of the rows of `A`: `svd_lowrank` of `A` less the mean row.

    The columns of `V` are the principal directions, from the right as columns are, and
    $S^2 / (M - 1)$ their variances.

    Shape:
        `(…, M, N, n)` → `(…, M, q, n)`, real `(…, q)`, `(…, N, q, n)`; `q` is 6 at most if None.

    Raises:
        ValueError: if `q` is larger than a side, or negative.

    Example:
        >>> rows = torch.randn(20, 3, 4) + 5
        >>> pca_lowrank(rows, algebra=hc.QUATERNION)[1].shape
        torch.Size([3])
    """
    form = definite(algebra, "pca_lowrank")
    check_matrix(A, "pca_lowrank")
    rank = _rank("pca_lowrank", A, min(6, *A.shape[-3:-1]) if q is None else q)
    centred = A - A.mean(-3, keepdim=True) if center else A
    U, S, V = _svd_lowrank(form.enter(centred), rank, niter, form.algebra)
    return form.leave(U), S, form.leave(V)


def _svd_lowrank(A: Tensor, rank: int, steps: int, algebra: Algebra) -> Triple:
    star = adjoint(A, algebra)
    if A.shape[-3] < A.shape[-2]:
        V, S, U = _svd_lowrank(star, rank, steps, algebra)
        return U, S, V
    start = torch.randn(
        *A.shape[:-3], A.shape[-2], rank, A.shape[-1], dtype=A.dtype, device=A.device
    )
    Q = _basis(A, start, algebra)
    for _ in range(steps):
        Q = _basis(A, _basis(star, Q, algebra), algebra)
    U, S, Vh = svd(matmul(adjoint(Q, algebra), A, algebra), False, algebra=algebra)
    return matmul(Q, U, algebra), S, adjoint(Vh, algebra)


def _basis(A: Tensor, vectors: Tensor, algebra: Algebra) -> Tensor:
    """Orthonormal vectors that span what `A` makes of some."""
    return qr(matmul(A, vectors, algebra), algebra=algebra).Q


def _rank(name: str, A: Tensor, q: int) -> int:
    rows, columns = A.shape[-3:-1]
    if not 0 <= q <= min(rows, columns):
        raise ValueError(
            f"linalg.{name}: `q` (={q}) must be between 0 and the smaller side of the {rows} by "
            f"{columns} matrices"
        )
    return q
