"""Determinants: numbers where numbers commute, real and positive where they do not."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.analytic import log
from hypercomplex.functional.arguments import check_square
from hypercomplex.functional.matmul import matmul
from hypercomplex.kernels.precision import precise
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.blocks import as_complex, block, return_types
from hypercomplex.linalg.standard import definite, standard_form
from hypercomplex.lowering import embedded, is_associative, is_commutative

__all__ = ["det", "logdet", "slogdet"]


def _determinants(algebra: Algebra) -> str:
    """A determinant is a number where numbers commute, and real over ℍ."""
    return "numbers" if is_commutative(algebra) else "reals"


def _signs(algebra: Algebra) -> str:
    """A sign is a number of length 1 over ℝ and ℂ, and real over ℍ."""
    return "numbers" if algebra.dimension < 4 else "reals"


def _logarithms(algebra: Algebra) -> str:
    """Only over ℝ and ℍ are they reals."""
    return "numbers" if algebra.dimension > 1 and is_commutative(algebra) else "reals"


@linear_algebra(_determinants)
def det(A: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The determinant: a number where numbers commute; over ℍ Dieudonné's, real and not negative.

    Over ℝ and ℂ it is torch's. Other numbers that commute may divide zero, so it is computed
    without quotients of numbers, by Leverrier's traces: $M_k = A (M_{k-1} - c_{k-1})$ and
    $c_k = \operatorname{tr} M_k / k$ from $M_0 = 0$, $c_0 = -1$ on, and
    $\det A = (-1)^{N-1} c_N$, in float64. That loses some three digits at $N = 20$ and seven at
    $N = 30$. Quaternions do not commute, and what is left is
    $\det A = \sqrt{\det \chi(A)} = \sqrt[4]{\det L(A)} = \prod_k \sigma_k$, with the complex
    adjoint $\chi(A)$ (2N × 2N) or the real matrix $L(A)$ (4N × 4N): multiplicative, $|q|$ for a
    single $q$, 1 for a unitary matrix, 0 for a singular one.
    Its derivative at a singular matrix is the subgradient 0, as for $|q|$ at 0.

    Shape:
        `(…, N, N, n)` → `(…, n)` where numbers commute, `(…)` real over ℍ.

    Raises:
        RuntimeError: if `A` is not square.
        NotImplementedError: if the algebra is not associative, and commutative or with a definite
            norm.

    Example:
        >>> det(torch.tensor([[[3., 0, 4, 0]]]), algebra=hc.QUATERNION)
        tensor(5.)
        >>> det(torch.tensor([[[3., 5], [0, 1]], [[0, 0], [2, 0]]]), algebra=hc.DUAL)  # 2 (3 + 5ε)
        tensor([ 6., 10.])

    Source:
        U. J. J. Le Verrier, *Sur les variations séculaires des éléments des orbites*, 1840;
        J. Dieudonné, *Les déterminants sur un corps non commutatif*, 1943; H. Aslaksen,
        *Quaternionic determinants*, 1996.
    """
    if _is_by_traces(algebra):
        check_square(A, "det")
        return _by_traces(precise(A), algebra).to(A.dtype)
    form = definite(algebra, "det")
    check_square(A, "det")
    if algebra.dimension == 1:
        return torch.linalg.det(A.squeeze(-1)).unsqueeze(-1)
    if algebra.dimension == 2:
        A = as_complex(form.enter(A))
        return form.leave(torch.view_as_real(torch.linalg.det(A)))
    return slogdet(A, algebra=algebra)[1].exp()


def _is_by_traces(algebra: Algebra) -> bool:
    """Whether numbers commute and associate, but torch has no determinant of them."""
    return is_commutative(algebra) and is_associative(algebra) and standard_form(algebra) is None


def _by_traces(A: Tensor, algebra: Algebra) -> Tensor:
    size, M = A.shape[-2], torch.zeros_like(A)
    diagonal = torch.eye(size, dtype=A.dtype, device=A.device).unsqueeze(-1)
    c = -embedded(A.new_ones(A.shape[:-3]), algebra)
    for k in range(1, size + 1):
        M = matmul(A, M - c[..., None, None, :] * diagonal, algebra)
        c = torch.diagonal(M, dim1=-3, dim2=-2).sum(-1) / k
    return c if size % 2 else -c


@linear_algebra(_signs)
def slogdet(A: Tensor, *, algebra: Algebra) -> Any:
    r"""The sign of the determinant and $\log |\det A|$, which does not overflow.

    The sign is a number of length 1 over ℝ and ℂ and the real number 1 over ℍ; 0 if singular.

    Shape:
        `(…, N, N, n)` → `(…, n)` over ℝ and ℂ, `(…)` over ℍ, and `(…)`.

    Example:
        >>> slogdet(torch.zeros(1, 1, 4), algebra=hc.QUATERNION)
        torch.return_types.linalg_slogdet(
        sign=tensor(0.),
        logabsdet=tensor(-inf))
    """
    form = definite(algebra, "slogdet")
    check_square(A, "slogdet")
    if algebra.dimension == 1:
        sign, log = torch.linalg.slogdet(A.squeeze(-1))
        return return_types.linalg_slogdet((sign.unsqueeze(-1), log))
    if algebra.dimension == 2:
        A = as_complex(form.enter(A))
        sign, log = torch.linalg.slogdet(A)
        return return_types.linalg_slogdet((form.leave(torch.view_as_real(sign)), log))
    matrix = block(A, algebra)
    singular = torch.linalg.slogdet(matrix.detach())[1].isneginf()
    one = torch.eye(matrix.shape[-1], dtype=A.dtype, device=A.device)
    regular = torch.where(singular[..., None, None], one, matrix)  # keeps derivatives finite
    log = torch.linalg.slogdet(regular)[1] / algebra.dimension
    log = log.masked_fill(singular, -torch.inf)
    return return_types.linalg_slogdet(((~singular).to(A.dtype), log))


@linear_algebra(_logarithms)
def logdet(A: Tensor, *, algebra: Algebra) -> Tensor:
    r"""$\log \det A$: real over ℍ, over ℝ too (NaN for a negative determinant), else a number.

    Over ℂ the imaginary part is the angle of the determinant, between $-\pi$ and $\pi$.

    Shape:
        `(…, N, N, n)` → `(…)`, where other numbers commute `(…, n)`.

    Example:
        >>> logdet(torch.tensor([[[0., 0, 1, 0]]]), algebra=hc.QUATERNION)
        tensor(0.)
    """
    if _is_by_traces(algebra):
        return log(det(A, algebra=algebra), algebra)
    form = definite(algebra, "logdet")
    sign, size = slogdet(A, algebra=algebra)
    if algebra.dimension == 1:
        return torch.where(sign.squeeze(-1) < 0, torch.nan, size)
    if algebra.dimension == 2:
        real, imag = form.enter(sign).unbind(-1)
        return form.leave(torch.stack([size, torch.atan2(imag, real)], -1))
    return size
