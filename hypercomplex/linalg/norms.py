"""Norms, rank and condition of matrices: real numbers, from moduli and singular values."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import check_matrix, check_square
from hypercomplex.functional.numbers import norm as modulus
from hypercomplex.kernels.length import p_norm
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.solve import inv_ex
from hypercomplex.linalg.spectral import eigvalsh, svdvals
from hypercomplex.linalg.standard import definite

__all__ = ["cond", "matrix_norm", "matrix_rank", "norm"]

_OF_SINGULAR_VALUES = ("nuc", 2, -2)


@linear_algebra("reals")
def matrix_norm(
    A: Tensor,
    ord: float | str = "fro",
    dim: tuple[int, int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: torch.dtype | None = None,
    algebra: Algebra,
) -> Tensor:
    r"""A norm of matrices: `"fro"`, 1, -1, inf and -inf of the moduli $|a|$ (`functional.norm`),
    for every algebra; `"nuc"`, 2 and -2 of the singular values.

    Shape:
        `(…, M, N, n)` → real `(…)`.

    Raises:
        RuntimeError: if `ord` is none of these, or `dim` are not two different axes.
        NotImplementedError: if singular values are needed and the algebra has none.

    Example:
        >>> matrix_norm(torch.ones(2, 2, 4), algebra=hc.QUATERNION)
        tensor(4.)
    """
    check_matrix(A, "matrix_norm")
    axes = A.ndim - 1
    if len(dim) != 2 or not all(-axes <= d < axes for d in dim) or dim[0] % axes == dim[1] % axes:
        raise RuntimeError(
            f"linalg.matrix_norm: `dim` (={dim}) must be a 2-tuple of different axes of numbers"
        )
    A = A if dtype is None else A.to(dtype=dtype)
    if ord == "fro":
        return p_norm(modulus(A), 2, dim, keepdim)
    if ord not in _OF_SINGULAR_VALUES:
        return torch.linalg.matrix_norm(modulus(A), ord, tuple(dim), keepdim)
    values = svdvals(A.movedim([d % axes for d in dim], (-3, -2)), algebra=algebra)
    largest = torch.amax if values.shape[-1] else torch.sum  # of no singular values: 0
    reduce: dict[Any, Any] = {"nuc": torch.sum, 2: largest, -2: torch.amin}
    result: Tensor = reduce[ord](values, -1)
    for d in sorted(d % axes for d in dim) if keepdim else ():
        result = result.unsqueeze(d)
    return result


@linear_algebra("reals")
def norm(
    A: Tensor,
    ord: float | str | None = None,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool = False,
    *,
    dtype: torch.dtype | None = None,
    algebra: Algebra,
) -> Tensor:
    r"""A norm of vectors or matrices, as `torch.linalg.norm` chooses: of matrices if `dim` are two
    axes, or `A` has two and `ord` is given; otherwise of the vector of all numbers.

    Shape:
        `(…, n)` → real.

    Example:
        >>> norm(torch.ones(3, 3, 4), algebra=hc.QUATERNION)
        tensor(6.)
    """
    axes = A.ndim - 1
    if isinstance(ord, str) and not (dim is None and axes == 2) and not _is_pair(dim):
        raise RuntimeError(f"linalg.norm: `ord` (={ord!r}) needs a matrix: two axes in `dim`")
    if ord is not None and dim is None and axes > 2:
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. "
            f"Got {axes}D."
        )
    if ord is not None and (_is_pair(dim) or (dim is None and axes == 2)):
        pair: Any = (-2, -1) if dim is None else dim
        return matrix_norm(A, ord, pair, keepdim, dtype=dtype, algebra=algebra)
    order: Any = 2 if ord is None else ord
    return p_norm(modulus(A), order, dim, keepdim, dtype)


def _is_pair(dim: Any) -> bool:
    return isinstance(dim, (tuple, list)) and len(dim) == 2


@linear_algebra("integers")
def matrix_rank(
    A: Tensor,
    tol: Any = None,
    *,
    atol: Any = None,
    rtol: Any = None,
    hermitian: bool = False,
    algebra: Algebra,
) -> Tensor:
    r"""How many singular values are larger than `max(atol, rtol · σ₁)`, with torch's defaults.

    With `hermitian` they are the moduli of eigenvalues; `tol` is an older name of `atol`.

    Shape:
        `(…, M, N, n)` → integers `(…)`.

    Raises:
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> matrix_rank(torch.ones(3, 3, 4), algebra=hc.QUATERNION)
        tensor(1)
    """
    definite(algebra, "matrix_rank")
    check_matrix(A, "matrix_rank")
    if tol is not None:
        atol, rtol = tol, 0.0
    values = eigvalsh(A, algebra=algebra).abs() if hermitian else svdvals(A, algebra=algebra)
    if rtol is None:
        rtol = max(A.shape[-3:-1]) * torch.finfo(A.dtype).eps
        if atol is not None:  # torch: the default only where no absolute tolerance is given
            rtol = torch.where(torch.as_tensor(atol, device=A.device) > 0, 0.0, rtol)
    if not values.shape[-1]:
        return torch.zeros(values.shape[:-1], dtype=torch.long, device=A.device)
    largest = values.amax(-1)
    bound = torch.as_tensor(rtol, dtype=A.dtype, device=A.device) * largest
    if atol is not None:
        bound = torch.maximum(bound, torch.as_tensor(atol, dtype=A.dtype, device=A.device))
    return (values > bound.unsqueeze(-1)).sum(-1)


@linear_algebra("reals")
def cond(A: Tensor, p: float | str | None = None, *, algebra: Algebra) -> Tensor:
    r"""The condition number: $\sigma_1 / \sigma_K$ (`p` None or 2), its inverse (-2), or
    $\lVert A \rVert_p \lVert A^{-1} \rVert_p$; infinite for a singular matrix.

    Shape:
        `(…, M, N, n)` → real `(…)`; square unless `p` is None, 2 or -2.

    Raises:
        NotImplementedError: if singular values are needed and the algebra has none.

    Example:
        >>> cond(torch.tensor([[[0., 0, 2, 0]]]), algebra=hc.QUATERNION)
        tensor(1.)
    """
    check_matrix(A, "cond")
    if p in (None, 2, -2):
        values = svdvals(A, algebra=algebra)
        if not values.shape[-1]:
            return values.sum(-1)
        large, small = values[..., 0], values[..., -1]
        return small / large if p == -2 else large / small
    check_square(A, "cond")
    order: Any = p
    inverse, info = inv_ex(A, algebra=algebra)
    size = matrix_norm(A, order, algebra=algebra)
    result = size * matrix_norm(inverse, order, algebra=algebra)
    return torch.where(info > 0, torch.inf, result)
