"""Rotations as matrices, and as the 6 or 9 numbers that networks regress.

A matrix acts on columns, `R v = q v q⁻¹`. What is not quite a rotation is taken to a nearest one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.functional import normalize
from hypercomplex.functional.arguments import check_last
from hypercomplex.host.mode import can_be_read
from hypercomplex.kernels.dominant import dominant
from hypercomplex.kernels.matrix import matrix
from hypercomplex.kernels.nearest import from_orthogonal, is_upright, nearest, quadratic_form
from hypercomplex.rotations.arguments import check_quaternions, public

__all__ = ["from_6d", "from_9d", "from_matrix", "to_6d", "to_9d", "to_matrix"]


@public("q", gives="reals")
def to_matrix(q: Tensor) -> Tensor:
    r"""The rotation matrix of $v \mapsto q v q^{-1}$ (Euler and Rodrigues).

    Shape:
        `(…, 4)` → `(…, 3, 3)`.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> to_matrix(torch.tensor([2., 0, 0, 2]))
        tensor([[ 0., -1.,  0.],
                [ 1.,  0.,  0.],
                [ 0.,  0.,  1.]])
    """
    check_quaternions("q", q)
    return matrix(q)


@public()
def from_matrix(m: Tensor) -> Tensor:
    r"""The unit quaternion of the rotation nearest to a matrix of positive determinant, in the sum
    of squares, with its largest component positive. Lengths do not matter: `2 m` is as good as `m`.

    Matrices orthogonal up to rounding take a short way, others that of `from_9d`. Derivatives are
    those of the nearest rotation, and finite at the identity and the half turns, too.

    Where values cannot be read (compiled, under `torch.func`) there is one way for all: 16 steps of
    power iteration. They are right to rounding for matrices orthogonal up to 0.1, but not for
    matrices far from rotations, which `from_9d` is for. NaN gives NaN.

    Shape:
        `(…, 3, 3)` → `(…, 4)`.

    Raises:
        ValueError: if the last axes are not 3 × 3, or a determinant is negative or zero. Where
            values cannot be read, such a matrix gives NaN instead.

    Example:
        >>> from_matrix(torch.tensor([[0., -1, 0], [1, 0, 0], [0, 0, 1]]))
        tensor([0.7071, 0.0000, 0.0000, 0.7071])

    Source:
        I. Y. Bar-Itzhack, *New method for extracting the quaternion from a rotation matrix*, 2000,
        its eigenvector by power iteration from the four rows of S. W. Shepperd, 1978.
    """
    _check_matrix(m)
    q = nearest(m)
    if can_be_read(q) and bool(q.isnan().any()):
        _check_upright(m)
    return q


@public("q", gives="reals")
def to_6d(q: Tensor) -> Tensor:
    r"""The first two columns of the rotation matrix, one after the other.

    Shape:
        `(…, 4)` → `(…, 6)`.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> to_6d(torch.tensor([1., 0, 0, 1]))
        tensor([ 0.,  1.,  0., -1.,  0.,  0.])

    Source:
        Y. Zhou et al., *On the continuity of rotation representations in neural networks*, 2019.
    """
    return to_matrix(q)[..., :2].mT.flatten(-2)


@public()
def from_6d(x: Tensor) -> Tensor:
    r"""The rotation whose first two columns are `x`, made orthonormal by Gram and Schmidt.

    The first half gives the first column, the second half the plane. Where they are parallel or
    zero, no rotation is meant: the result is not useful.

    Shape:
        `(…, 6)` → `(…, 4)`.

    Raises:
        ValueError: if the last axis is not 6 wide.

    Example:
        >>> from_6d(torch.tensor([0., 2, 0, -3, 1, 0]))
        tensor([0.7071, 0.0000, 0.0000, 0.7071])

    Source:
        Y. Zhou et al., *On the continuity of rotation representations in neural networks*, 2019.
    """
    check_last("x", x, 6, "two columns")
    a = normalize(x[..., :3])
    b = normalize(x[..., 3:])
    b = normalize(b - (a * b).sum(-1, keepdim=True) * a)
    return from_orthogonal(torch.stack([a, b, torch.linalg.cross(a, b)], -1))


@public("q", gives="reals")
def to_9d(q: Tensor) -> Tensor:
    r"""The rotation matrix, row by row.

    Shape:
        `(…, 4)` → `(…, 9)`.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> to_9d(torch.tensor([1., 0, 0, 0]))
        tensor([1., 0., 0., 0., 1., 0., 0., 0., 1.])
    """
    return to_matrix(q).flatten(-2)


@public()
def from_9d(m: Tensor) -> Tensor:
    r"""The rotation nearest to any matrix in the sum of squares: $\arg\max_R \operatorname{tr}
    R^\top M = U \operatorname{diag}(1, 1, \det UV^\top) V^\top$, with $w \ge 0$.

    It is computed without the singular vectors, as the quaternion that maximises $\operatorname{tr}
    R^\top M$, so first and second derivatives are exact and finite for repeated singular values,
    too. They diverge only where the nearest rotation is not unique.

    Shape:
        `(…, 9)`, row by row, or `(…, 3, 3)` → `(…, 4)`.

    Raises:
        ValueError: if `m` has another shape.

    Example:
        >>> from_9d(torch.tensor([0., -5, 0, 4, 0, 0, 0, 0, 1]))
        tensor([0.7071, 0.0000, 0.0000, 0.7071])

    Source:
        J. Levinson et al., *An analysis of SVD for deep rotation estimation*, 2020; the quadratic
        form of P. B. Davenport, 1968.
    """
    m = m.unflatten(-1, (3, 3)) if m.shape[-1:] == (9,) else m
    _check_matrix(m)
    return dominant(quadratic_form(m))


def _check_matrix(m: Tensor) -> None:
    if m.shape[-2:] != (3, 3):
        raise ValueError(f"`m` of shape {tuple(m.shape)} must hold 3 × 3 matrices on its last axes")


def _check_upright(m: Tensor) -> None:
    refused = ~is_upright(m) & m.isfinite().all(-1).all(-1)
    if refused.any():
        raise ValueError(
            f"`m` holds {int(refused.sum())} reflections or projections, matrices of negative or "
            "zero determinant; from_9d takes any matrix to the nearest rotation"
        )
