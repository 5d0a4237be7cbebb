r"""The matrices L⁻¹ with L Lᵀ = V + ε that whiten numbers, for every covariance V that data have.

Components that depend on each other, as the colours of a grey picture do, have a singular V, and
rounding makes it indefinite. Two facts keep L⁻¹ right:

- Eliminating in V + D, with a covariance V and a diagonal D ≥ 0, leaves no pivot below its entry
  of D. One that rounding has brought below is that entry (`inverse_factor`).
- For a triangular F the root of F V Fᵀ is F L. So data that the rounded V has whitened roughly are
  whitened again, by a covariance that has the digits of what the first time left of each component
  (`whitened`): the QR factors of the data, by two Cholesky factors.

Source:
    Y. Yamamoto et al., *Roundoff error analysis of the CholeskyQR2 algorithm*, ETNA 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.host.mode import EAGER, IN_PLACE, works_in_place
from hypercomplex.kernels.operation import operation

__all__ = ["inverse_factor", "inverse_root", "lower_products", "symmetric", "whitened"]

_SHARE = 64  # a component that keeps more than one part in so many needs no second look


def whitened(
    centred: Tensor,
    covariance: Tensor,
    eps: float,
    average: Callable[[Tensor], Tensor],
    alone: bool = True,
) -> tuple[Tensor, Tensor]:
    """Points x and matrices A, such that A x are the centred points `(C, n, M)` made white.

    `covariance` has the lower entries of theirs, `average` turns sums over points into means. Parts
    of a component that are no larger than its rounding are not made as large as the others. A
    process that is not alone does the same as all others, whatever it sees.
    """
    n = centred.shape[-2]
    root = inverse_root(covariance, eps, n, centred.dtype)
    if n == 1 or (alone and _shows_all(root, covariance)):
        return centred, root
    root = root.detach()
    points = root @ centred
    points = points - average(points.sum(-1)).unsqueeze(-1)  # the mean, too, has now more digits
    shift = eps + (4 * torch.finfo(centred.dtype).eps) ** 2 * _variances(covariance, n)
    again = symmetric(average(lower_products(points)), n)
    return points, _inverse_root(again + (root * shift.unsqueeze(-2)) @ root.mT, 0.0, again.dtype)


def inverse_root(covariance: Tensor, eps: float, n: int, dtype: torch.dtype) -> Tensor:
    """L⁻¹ `(C, n, n)` with L Lᵀ = V + ε, from the lower entries of V, in a type of matrix factors.

    A variance grows by a few units of its rounding, too.
    """
    return _inverse_root(symmetric(covariance, n), eps, dtype)


def lower_products(points: Tensor) -> Tensor:
    """The lower entries of Σ x xᵀ: `(C, n, M)` → `(C, n(n+1)/2)`."""
    n = points.shape[1]
    row, column = torch.tril_indices(n, n, device=points.device)
    return (points @ points.mT)[:, row, column]


def symmetric(packed: Tensor, n: int) -> Tensor:
    """The symmetric matrices `(…, n, n)` whose lower entries are given, `(…, n(n+1)/2)`.

    Example:
        >>> symmetric(torch.tensor([1., 2, 3]), 2)
        tensor([[1., 2.],
                [2., 3.]])
    """
    index = torch.arange(n, device=packed.device)
    row, column = torch.maximum(index[:, None], index), torch.minimum(index[:, None], index)
    return packed[..., row * (row + 1) // 2 + column]


def _inverse_root(matrix: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
    rounding = 4 * matrix.shape[-1] * torch.finfo(matrix.dtype).eps
    matrix = matrix.to(dtype)
    shift = eps + rounding * matrix.diagonal(dim1=-2, dim2=-1)
    matrix = matrix + torch.diag_embed(shift)
    return inverse_factor(matrix, shift.detach())


@operation(tensors=2)
def inverse_factor(matrix: Tensor, least: Tensor) -> Tensor:
    """L⁻¹ by elimination in `[L Lᵀ | 1]`: no pivot below `least`, and rows of 0 for pivots of 0.

    Only the upper entries of the matrix are read.
    """
    n = matrix.shape[-1]
    one = torch.eye(n, dtype=matrix.dtype, device=matrix.device)
    rows, found = torch.cat([matrix, one.expand_as(matrix)], -1), []
    for k in range(n):
        pivot, bound = rows[..., 0, k], least[..., k]
        pivot = torch.where(pivot < bound, bound, pivot)
        pivot = torch.where(pivot == 0, torch.inf, pivot)
        row = rows[..., 0, :] * pivot.rsqrt().unsqueeze(-1)
        rows = rows[..., 1:, :] - row[..., k + 1 : n, None] * row[..., None, :]
        found.append(row[..., n:])
    return torch.stack(found, -2)


@inverse_factor.variant(needs=IN_PLACE)
def lapack(matrix: Tensor, least: Tensor) -> Tensor | None:
    """LAPACK's factor, if all pivots are large enough, and the derivative in closed form."""
    factor, failures = torch.linalg.cholesky_ex(matrix.detach().mT)
    pivots = factor.diagonal(dim1=-2, dim2=-1).square()
    if failures.any() or not (pivots >= least).all():
        return None
    one = torch.eye(matrix.shape[-1], dtype=matrix.dtype)
    return _recorded(
        torch.linalg.solve_triangular(factor, one.expand_as(factor), upper=False), matrix
    )


@inverse_factor.variant(needs=EAGER)
def short_derivative(matrix: Tensor, least: Tensor) -> Tensor:
    """Elimination, and the derivative in closed form."""
    return _recorded(inverse_factor.twin(matrix.detach(), least), matrix)


def _recorded(root: Tensor, matrix: Tensor) -> Tensor:
    if torch.is_grad_enabled() and matrix.requires_grad:
        root = _InverseFactor.apply(matrix, (root,))  # type: ignore[no-untyped-call]
    return root


class _InverseFactor(torch.autograd.Function):
    """From L Lᵀ = A: d(L⁻¹) = −Φ(L⁻¹ dA L⁻ᵀ) L⁻¹, Φ being the lower half with half the diagonal."""

    @staticmethod
    def forward(ctx: Any, matrix: Tensor, known: tuple[Tensor]) -> Tensor:
        (root,) = known
        ctx.save_for_backward(root)
        return root

    @staticmethod
    def backward(ctx: Any, *g: Tensor) -> Any:
        (root,) = ctx.saved_tensors
        half = g[0] @ root.mT
        half = (half.tril() + half.tril(-1)) / -4
        gradient = root.mT @ half @ root
        gradient = gradient + gradient.mT
        return gradient.triu() + gradient.triu(1), None


def _shows_all(root: Tensor, covariance: Tensor) -> bool:
    """Whether it can be seen that each component keeps a good part beside the preceding ones."""
    if not works_in_place(root, covariance):
        return False
    variances = _variances(covariance, root.shape[-1])
    return bool((root.diagonal(dim1=-2, dim2=-1).square() * variances <= _SHARE).all())


def _variances(covariance: Tensor, n: int) -> Tensor:
    return covariance[..., [i * (i + 3) // 2 for i in range(n)]]
