r"""Right eigenvalues: $A v = v \lambda$.

From the right, since $A (v c) = v \lambda c = (v c)(c^{-1} \lambda c)$: with λ every conjugate of
it is an eigenvalue, and one of them is $a + b i$ with $b \ge 0$. The eigenvalues of the complex
adjoint are these and their complex conjugates.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import COMPLEX, QUATERNION
from hypercomplex.functional.arguments import check_square
from hypercomplex.functional.matmul import matmul
from hypercomplex.functional.numbers import norm, product
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.blocks import (
    adjoint,
    anchored,
    as_complex,
    block,
    return_types,
    stack,
    unstack,
)
from hypercomplex.linalg.standard import definite

__all__ = ["complex_adjoint", "eig", "eigvals"]


@linear_algebra("numbers numbers")
def eig(A: Tensor, *, algebra: Algebra) -> Any:
    r"""The right eigenvalues and eigenvectors: $A V = V\, \mathrm{diag}(\lambda)$.

    Over ℍ each λ is given as $a + b i$ with $b \ge 0$; over ℂ it is what torch gives. Columns of
    `V` have length 1 and are fixed up to a factor that commutes with λ, so only functions that do
    not depend on it have derivatives with a meaning. These are right to second order where
    eigenvalues differ. At a real λ over ℍ the derivative of $b$ is the subgradient 0.

    Shape:
        `(…, N, N, n)` → `(…, N, n)` and `(…, N, N, n)`.

    Raises:
        RuntimeError: if `A` is not square.
        NotImplementedError: over ℝ, where eigenvalues are not real, and if the algebra is not
            associative with a definite norm.

    Example:
        >>> j = torch.tensor([[[0., 0, 1, 0]]])
        >>> eig(j, algebra=hc.QUATERNION).eigenvalues.abs()
        tensor([[0., 1., 0., 0.]])

    Source:
        F. Zhang, *Quaternions and matrices of quaternions*, 1997, section 5.
    """
    values, vectors = _eig(A, 2, "eig", algebra)
    return return_types.linalg_eig((values, vectors))


@linear_algebra("numbers")
def eigvals(A: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The right eigenvalues, over ℍ as $a + b i$ with $b \ge 0$; see `eig`.

    Shape:
        `(…, N, N, n)` → `(…, N, n)`.

    Example:
        >>> eigvals(torch.tensor([[[2., 0, 0, 3]]]), algebra=hc.QUATERNION).round(decimals=4)
        tensor([[2., 3., 0., 0.]])
    """
    return _eig(A, 1, "eigvals", algebra)[0]


def complex_adjoint(A: Tensor) -> Tensor:
    r"""$\chi(A) = \begin{pmatrix} A_1 & A_2 \\ -\bar A_2 & \bar A_1 \end{pmatrix}$ for quaternions
    $A = A_1 + A_2 j$: complex `(…, 2M, 2N)`.
    """
    first, second = as_complex(A.unflatten(-1, (2, 2))).unbind(-1)
    rows = torch.cat([first, second], -1), torch.cat([-second.conj(), first.conj()], -1)
    return torch.cat(rows, -2)


def _eig(A: Tensor, steps: int, name: str, algebra: Algebra) -> tuple[Tensor, Tensor]:
    form = definite(algebra, name)
    check_square(A, name)
    if algebra.dimension == 1:
        raise NotImplementedError(
            f"linalg.{name} is refused over {algebra}: the eigenvalues of a real matrix are not "
            f"real; pass the matrix as numbers of COMPLEX, or call torch.linalg.{name} on its "
            "components"
        )
    A, S = form.enter(A), form.algebra
    values, V = (_complex_eig if algebra.dimension == 2 else _quaternion_eig)(A.detach())
    step = _reciprocal_gaps(values, algebra.dimension)
    for _ in range(steps):
        M = _similar(A, V, S)
        V = anchored(V, _unit_columns(V + matmul(V, _correction(M - M.detach(), step), S)))
    diagonal = torch.diagonal(_similar(A, V, S), dim1=-3, dim2=-2).mT
    moved = anchored(values, diagonal[..., :2])
    if algebra.dimension == 4:
        at_real = torch.stack([torch.zeros_like(values[..., 0]), values[..., 1]], -1) == 0
        at_real = at_real & torch.tensor([False, True], device=A.device)
        moved = torch.where(at_real, values, moved)
    moved = torch.nn.functional.pad(moved, (0, algebra.dimension - 2))
    return form.leave(moved), form.leave(V)


def _complex_eig(A: Tensor) -> tuple[Tensor, Tensor]:
    values, vectors = torch.linalg.eig(as_complex(A))
    return torch.view_as_real(values), torch.view_as_real(vectors)


def _quaternion_eig(A: Tensor) -> tuple[Tensor, Tensor]:
    r"""N of the 2N eigenvectors of the complex adjoint, independent over the quaternions.

    A vector `(p, q)` there is $p - \bar q j$ here. The two of a pair λ, λ̄ lie in one quaternion
    line. Eigenvalues clearly above the real axis come first; of those near it, which come in any
    basis of a space of twice the dimension, each time what the chosen ones explain least.
    """
    size = A.shape[-2]
    values, vectors = torch.linalg.eig(complex_adjoint(A))
    values = torch.view_as_real(values)
    parts = torch.view_as_real(vectors.contiguous())
    upper, lower = parts[..., :size, :, :], parts[..., size:, :, :]
    vectors = torch.cat([upper, lower * lower.new_tensor([-1.0, 1.0])], -1)  # p - q̄ j
    if size == 0:
        return values[..., :0, :], vectors[..., :0, :]
    height, scale = values[..., 1], norm(values).amax(-1, keepdim=True)
    tolerance = size * torch.finfo(A.dtype).eps ** 0.5 * scale
    preference = 2.0 * (height > tolerance) - 4.0 * (height < -tolerance)
    picks = []
    left = vectors
    for _ in range(size):
        pick = (_column_lengths(left) + preference).argmax(-1, keepdim=True)
        picks.append(pick)
        preference = preference.scatter(-1, pick, -8.0)
        direction = _unit_columns(_columns(left, pick))
        inside = matmul(adjoint(direction, QUATERNION), left, QUATERNION)
        left = left - matmul(direction, inside, QUATERNION)
    order = torch.cat(picks, -1).sort(-1)[0]
    values = values.gather(-2, order.unsqueeze(-1).expand(*order.shape, 2))
    vectors = _columns(vectors, order)
    real, height = values[..., 0], values[..., 1]
    turned = product(vectors, vectors.new_tensor([0.0, 0, 1, 0]), QUATERNION)
    vectors = torch.where((height < 0)[..., None, :, None], turned, vectors)
    rounding = 8 * size * torch.finfo(A.dtype).eps * scale
    height = torch.where(height.abs() <= rounding, 0, height.abs())
    return torch.stack([real, height], -1), vectors


def _columns(vectors: Tensor, indices: Tensor) -> Tensor:
    shape = (*vectors.shape[:-2], indices.shape[-1], vectors.shape[-1])
    return vectors.gather(-2, indices[..., None, :, None].expand(shape))


def _column_lengths(V: Tensor) -> Tensor:
    return torch.linalg.vector_norm(norm(V), dim=-2)


def _unit_columns(V: Tensor) -> Tensor:
    length = _column_lengths(V)
    return V / torch.where(length == 0, 1, length)[..., None, :, None]


def _similar(A: Tensor, V: Tensor, algebra: Algebra) -> Tensor:
    """$V^{-1} A V$; 0 if the eigenvectors are dependent, where no derivative exists."""
    right = stack(matmul(A, V, algebra))
    similar = torch.linalg.solve_ex(block(V, algebra), right)[0]
    return unstack(similar.nan_to_num(0, 0, 0), algebra)


def _reciprocal_gaps(values: Tensor, dimension: int) -> Tensor:
    r"""What multiplies the complex parts of $M_{ij} = m_1 + m_2 j$ so that
    $m + \lambda_i x - x \lambda_j = 0$: the reciprocals of $\lambda_j - \lambda_i$ and
    $\bar\lambda_j - \lambda_i$, 0 where these vanish.
    """
    of_i, of_j = values.unsqueeze(-2), values.unsqueeze(-3)
    conjugate = of_j * values.new_tensor([1.0, -1.0])
    gaps = torch.cat([of_j - of_i, conjugate - of_i][: dimension // 2], -1)
    pairs = gaps.unflatten(-1, (dimension // 2, 2))
    size, scale = norm(pairs), norm(values)
    largest = scale.amax(-1)[..., None, None, None] if scale.shape[-1] else 1
    small = size <= 8 * scale.shape[-1] * torch.finfo(values.dtype).eps * largest
    safe = torch.where(small, 1, size).unsqueeze(-1)
    inverse = pairs * values.new_tensor([1.0, -1.0]) / safe / safe
    return torch.where(small.unsqueeze(-1), 0, inverse)


def _correction(M: Tensor, step: Tensor) -> Tensor:
    pairs = M.unflatten(-1, (-1, 2))
    return product(pairs, step, COMPLEX).flatten(-2)
