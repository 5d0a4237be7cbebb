"""Determinants: numbers where numbers commute, real and positive where they do not."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import check_square
from hypercomplex.linalg.blocks import (
    as_complex,
    block,
    definite,
    linear_algebra,
    return_types,
)

__all__ = ["det", "logdet", "slogdet"]


def _determinants(algebra: Algebra) -> str:
    """A determinant is a number over ℝ and ℂ, and real over ℍ."""
    return "numbers" if algebra.dimension < 4 else "reals"


def _logarithms(algebra: Algebra) -> str:
    """Only over ℂ are they no reals."""
    return "numbers" if algebra.dimension == 2 else "reals"


@linear_algebra(_determinants)
def det(A: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The determinant; over the quaternions Dieudonné's, real and not negative.

    Over ℝ and ℂ it is the usual one, a number. Quaternions do not commute, and what is left is
    $\det A = \sqrt{\det \chi(A)} = \sqrt[4]{\det L(A)} = \prod_k \sigma_k$, with the complex
    adjoint $\chi(A)$ (2N × 2N) or the real matrix $L(A)$ (4N × 4N): multiplicative, $|q|$ for a
    single $q$, 1 for a unitary matrix, 0 for a singular one.
    Its derivative at a singular matrix is the subgradient 0, as for $|q|$ at 0.

    Shape:
        `(…, N, N, n)` → `(…, n)` over ℝ and ℂ, `(…)` real over ℍ.

    Raises:
        RuntimeError: if `A` is not square.
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> det(torch.tensor([[[3., 0, 4, 0]]]), algebra=hc.QUATERNION)
        tensor(5.)

    Source:
        J. Dieudonné, *Les déterminants sur un corps non commutatif*, 1943; H. Aslaksen,
        *Quaternionic determinants*, 1996.
    """
    form = definite(algebra, "det")
    check_square(A, "det")
    if algebra.dimension == 1:
        return torch.linalg.det(A.squeeze(-1)).unsqueeze(-1)
    if algebra.dimension == 2:
        A = as_complex(form.enter(A))
        return form.leave(torch.view_as_real(torch.linalg.det(A)))
    return slogdet(A, algebra=algebra)[1].exp()


@linear_algebra(_determinants)
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
    r"""$\log \det A$: real over ℍ, over ℝ too (NaN for a negative determinant), a number over ℂ.

    Over ℂ the imaginary part is the angle of the determinant, between $-\pi$ and $\pi$.

    Shape:
        `(…, N, N, n)` → `(…)`, over ℂ `(…, n)`.

    Example:
        >>> logdet(torch.tensor([[[0., 0, 1, 0]]]), algebra=hc.QUATERNION)
        tensor(0.)
    """
    form = definite(algebra, "logdet")
    sign, log = slogdet(A, algebra=algebra)
    if algebra.dimension == 1:
        return torch.where(sign.squeeze(-1) < 0, torch.nan, log)
    if algebra.dimension == 2:
        real, imag = form.enter(sign).unbind(-1)
        return form.leave(torch.stack([log, torch.atan2(imag, real)], -1))
    return log
