"""Rotations as matrices, and as the 6 or 9 numbers that networks regress.

A matrix acts on columns, `R v = q v q⁻¹`. What is not quite a rotation is taken to a nearest one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import normalize
from hypercomplex.host.mode import IN_PLACE, UNROUNDED, can_be_read, mode
from hypercomplex.kernels.dominant import dominant
from hypercomplex.kernels.scaling import squared_length
from hypercomplex.lowering import constant, sandwich_structure
from hypercomplex.rotations._entries import (
    matrix_by_blocks,
    matrix_by_entries,
    matrix_by_product,
)
from hypercomplex.rotations.arguments import check_last, public

__all__ = ["from_6d", "from_9d", "from_matrix", "to_6d", "to_9d", "to_matrix"]

Planes = tuple[Tensor, ...]


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
    check_last("q", q, 4, "quaternions, real part first")
    facts = mode(q)
    if facts & IN_PLACE:
        if facts & UNROUNDED:
            return matrix_by_product(q)
        return matrix_by_blocks(q)
    return matrix_by_entries(q)


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
    if not can_be_read(m):
        return _nearest_unread(m)
    facts = mode(m)
    if facts & IN_PLACE and facts & UNROUNDED:
        forms = _form_of_few(m)
        far = _far_of_few(forms.detach())
        if not far.any():
            return _nearest_of_few(forms).view(*m.shape[:-2], 4)
        return _nearest_read(m, far.view(m.shape[:-2]))
    rows = _planes(m)
    far = _far([x.detach() for x in rows])
    return _nearest_read(m, far) if far.any() else _nearest(rows)


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
    return nearest(torch.stack([a, b, torch.linalg.cross(a, b)], -1))


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


def nearest(m: Tensor) -> Tensor:
    """The quaternions of matrices that are rotations up to rounding; NaN gives NaN."""
    return _nearest(_planes(m))


def quadratic_form(m: Tensor) -> Tensor:
    r"""Davenport's $K$, `(…, 4, 4)`: $q^\top K q = \operatorname{tr} R(q)^\top M$."""
    rows = _form(_planes(m), one=0)
    return torch.stack([part for row in rows for part in row], -1).unflatten(-1, (4, 4))


def _check_matrix(m: Tensor) -> None:
    if m.shape[-2:] != (3, 3):
        raise ValueError(f"`m` of shape {tuple(m.shape)} must hold 3 × 3 matrices on its last axes")


def _planes(m: Tensor) -> Planes:
    return m.flatten(-2).unbind(-1)


def _determinant(rows: Sequence[Tensor]) -> Tensor:
    a, b, c, d, e, f, g, h, i = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def _far(rows: Sequence[Tensor]) -> Tensor:
    """Where two steps of power iteration would not be right to rounding.

    With singular values 1 + e the sum of squares is 3 + 2 Σe + Σe², and the determinant d has
    |m|² - 1 - 2 d = 2 Σe² - (Σe)² up to third powers: if both are small, so is every e.
    """
    size = rows[0] * rows[0]
    for x in rows[1:]:
        size.addcmul_(x, x)
    near = torch.finfo(size.dtype).eps ** (1 / 3)
    shape = torch.sub(size, _determinant(rows), alpha=2).sub_(1).abs_()
    return ~(shape.add_(size.sub_(3).abs_(), alpha=near) <= near * near)  # NaN is far


def _far_of_few(forms: Tensor) -> Tensor:
    """The same of `F = K + 1`: its trace is 4, so `F² = 4 F` only if it is `4 q qᵀ`."""
    near = 4 * torch.finfo(forms.dtype).eps ** (1 / 3)
    return ~(torch.baddbmm(forms, forms, forms, beta=-4).abs().amax((1, 2)) <= near)


def _moderate(rows: Planes) -> Planes:
    """Matrices times a constant that makes the sum of their squares 3, as for rotations."""
    largest = reduce(torch.maximum, [x.detach().abs() for x in rows])
    rows = tuple(x / largest.masked_fill(largest == 0, 1) for x in rows)
    size = reduce(torch.add, [x.detach() * x.detach() for x in rows]).clamp(min=1)
    return tuple(x * (size / 3).rsqrt() for x in rows)


def _nearest_read(m: Tensor, far: Tensor) -> Tensor:
    """The nearest rotations of matrices of which some are far from rotations, slowly."""
    one = torch.eye(3, dtype=m.dtype, device=m.device)
    rows = _moderate(_planes(m))
    m = torch.stack(rows, -1).unflatten(-1, (3, 3))
    singular = _determinant([x.detach() for x in rows]) <= 0
    if singular.any():
        raise ValueError(
            f"`m` holds {int(singular.sum())} reflections or projections, matrices of negative or "
            "zero determinant; from_9d takes any matrix to the nearest rotation"
        )
    near = _nearest(_planes(torch.where(far[..., None, None], one, m)))
    nearest = _largest_positive(dominant(quadratic_form(m[far])))
    return near.view(-1, 4).index_put((far.view(-1),), nearest).view(near.shape)


def _largest_positive(q: Tensor) -> Tensor:
    largest, *others = q.detach().unbind(-1)
    for x in others:
        largest = torch.where(x.abs() > largest.abs(), x, largest)
    return torch.where((largest < 0).unsqueeze(-1), -q, q)


def _nearest_unread(m: Tensor) -> Tensor:
    """Power iteration for all, NaN for those of negative or zero determinant."""
    rows = _moderate(_planes(m))
    forms = _form(rows, one=1)
    start = _start(forms)
    fourth = _squared(_squared(forms))
    q = _largest_positive(_power(fourth, start, 4))
    upright = _determinant([x.detach() for x in rows]) > 0
    return q.masked_fill(~upright.unsqueeze(-1), torch.nan)


def _form(m: Planes, one: float) -> tuple[Planes, ...]:
    """The rows of K + one; for a rotation and one = 1 it is `4 q qᵀ`."""
    a, b, c, d, e, f, g, h, i = m
    wx, wy, wz, xy, xz, yz = h - f, c - g, d - b, b + d, c + g, f + h
    plus, minus, e_i, i_e = one + a, one - a, e + i, e - i
    ww, xx, yy, zz = plus + e_i, plus - e_i, minus + i_e, minus - i_e
    return (ww, wx, wy, wz), (wx, xx, xy, xz), (wy, xy, yy, yz), (wz, xz, yz, zz)


def _nearest(entries: Planes) -> Tensor:
    """Two steps of power iteration from the row with the largest diagonal entry."""
    rows = _form(entries, one=1)
    return _power(rows, _start(rows), 2)


def _power(rows: tuple[Planes, ...], vector: Planes, steps: int) -> Tensor:
    for _ in range(steps):
        vector = tuple(_dot(row, vector) for row in rows)
    q = torch.stack(vector, -1)
    return q * squared_length(q).rsqrt().unsqueeze(-1)


def _squared(rows: tuple[Planes, ...]) -> tuple[Planes, ...]:
    """A quarter of the square of a symmetric matrix; 4 is the eigenvalue for a rotation."""
    half = [[0.25 * _dot(rows[i], rows[j]) for j in range(i + 1)] for i in range(4)]
    return tuple(tuple(half[max(i, j)][min(i, j)] for j in range(4)) for i in range(4))


def _form_of_few(m: Tensor) -> Tensor:
    structure = sandwich_structure(QUATERNION, m)
    return torch.addmm(constant(_unit_matrix, QUATERNION, m), m.reshape(-1, 9), structure.t()).view(
        -1, 4, 4
    )


def _unit_matrix(algebra: Algebra) -> list[float]:
    """The entries of the unit matrix as large as a number."""
    n = algebra.dimension
    return [float(i == j) for i in range(n) for j in range(n)]


def _nearest_of_few(forms: Tensor) -> Tensor:
    """The same as `_nearest` by products of small matrices, in few calls."""
    largest = forms.detach().diagonal(dim1=-2, dim2=-1).argmax(-1).view(-1, 1, 1)
    column = forms.gather(-1, largest.expand(-1, 4, 1))
    q = torch.bmm(forms, torch.bmm(forms, column)).squeeze(-1)
    return q * q.square().sum(-1, keepdim=True).rsqrt()


def _start(rows: tuple[Planes, ...]) -> Planes:
    w, x, y, z = rows
    first, best = _larger(w, w[0], x, x[1])
    second, other = _larger(y, y[2], z, z[3])
    return _larger(first, best, second, other)[0]


def _larger(a: Planes, size_a: Tensor, b: Planes, size_b: Tensor) -> tuple[Planes, Tensor]:
    take = size_a >= size_b
    chosen = tuple(torch.where(take, p, q) for p, q in zip(a, b, strict=True))
    return chosen, torch.where(take, size_a, size_b)


def _dot(a: Planes, b: Planes) -> Tensor:
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = torch.addcmul(total, x, y)
    return total
