r"""The quaternion of the rotation nearest to a matrix, in the sum of squares.

It maximises $q^\top K q = \operatorname{tr} R(q)^\top M$ with Davenport's $K$. For a rotation
$K + 1 = 4\, q q^\top$, so power iteration from a row of it gives q: two steps are right to rounding
where M is a rotation up to rounding. What is far from rotations needs the eigenvector (`dominant`).

Source:
    I. Y. Bar-Itzhack, *New method for extracting the quaternion from a rotation matrix*, 2000, its
    eigenvector by power iteration from the four rows of S. W. Shepperd, 1978.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.host.mode import FEW, IN_PLACE, MANY, PRECISE, READABLE, UNROUNDED
from hypercomplex.kernels.blocks import by_blocks, contiguous_parts
from hypercomplex.kernels.dominant import dominant
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.short import Columns, ShortFormulas
from hypercomplex.lowering import constant, sandwich_structure

__all__ = ["dot", "form", "from_orthogonal", "is_upright", "nearest", "quadratic_form"]

Planes = tuple[Tensor, ...]
"""The entries of a matrix, row by row, each a tensor; or a row of K."""


# ---------------------------------------------------------------------- any matrix


@operation(tensors=1)
def nearest(m: Tensor) -> Tensor:
    """16 steps of power iteration: right for matrices orthogonal up to 0.1, the largest component
    positive.

    NaN where the determinant is not positive.
    """
    entries = _of_size_3(_planes(m))
    rows = form(entries, one=1)
    fourth = _squared(_squared(rows))
    q = _largest_positive(torch.stack(_power(fourth, _start(rows), 4), -1))
    return q.masked_fill(~_is_upright(entries).unsqueeze(-1), torch.nan)


@nearest.variant(needs=IN_PLACE | UNROUNDED, pays=FEW)
def few(m: Tensor) -> Tensor | None:
    """Products of small matrices, if all are rotations up to rounding.

    They are if the trace of `F = K + 1`, which is 4, is its only eigenvalue: `F² = 4 F`.
    """
    forms = _form_of_few(m)
    f, close = forms.detach(), 4 * torch.finfo(m.dtype).eps ** (1 / 3)
    if not bool((torch.baddbmm(f, f, f, beta=-4).abs() <= close).all()):
        return None
    return _vector_of_few(forms).view(*m.shape[:-2], 4)


@nearest.variant(needs=IN_PLACE | PRECISE, pays=MANY)
def planes(m: Tensor) -> Tensor | None:
    """Entry by entry in blocks, with a derivative that is computed so, too, if all are rotations
    up to rounding.
    """
    return _NEAR_ROTATIONS(from_orthogonal.twin, m)


@nearest.variant(needs=READABLE)
def near(m: Tensor) -> Tensor | None:
    """Entry by entry, if all are rotations up to rounding."""
    rows = _planes(m)
    return None if bool(_is_far(rows).any()) else _vector(rows)


@nearest.variant(needs=READABLE)
def eigenvectors(m: Tensor) -> Tensor:
    """Those of the matrices that are far from rotations are eigenvectors."""
    far = _is_far(_planes(m))
    rows = _of_size_3(_planes(m))
    m = torch.stack(rows, -1).unflatten(-1, (3, 3))
    one = torch.eye(3, dtype=m.dtype, device=m.device)
    q = _vector(_planes(torch.where(far[..., None, None], one, m)))
    found = _largest_positive(dominant(quadratic_form(m[far])))
    q = q.view(-1, 4).index_put((far.view(-1),), found).view(q.shape)
    return q.masked_fill((_determinant(rows).detach() <= 0).unsqueeze(-1), torch.nan)


def is_upright(m: Tensor) -> Tensor:
    """Whether the determinant is positive; not where it is NaN."""
    return _is_upright(_of_size_3(_planes(m.detach())))


def _is_upright(rows: Planes) -> Tensor:
    return _determinant([x.detach() for x in rows]) > 0


def _is_far(rows: Planes) -> Tensor:
    """Where two steps of power iteration would not be right to rounding."""
    distance, limit = _distance([x.detach() for x in rows])
    return ~(distance <= limit)  # NaN is far


def _distance(rows: Sequence[Tensor]) -> tuple[Tensor, float]:
    """How far matrices are from rotations, and how far they may be for two steps.

    With singular values 1 + e the sum of squares is 3 + 2 Σe + Σe², and the determinant d has
    |m|² - 1 - 2 d = 2 Σe² - (Σe)² up to third powers: if both are small, so is every e.
    """
    size = dot(rows, rows)
    close: float = torch.finfo(size.dtype).eps ** (1 / 3)
    shape = torch.sub(size, _determinant(rows), alpha=2).sub_(1).abs_()
    return shape.add_(size.sub_(3).abs_(), alpha=close), close * close


def _of_size_3(rows: Planes) -> Planes:
    """Matrices times a constant that makes the sum of their squares 3, as for rotations."""
    largest = reduce(torch.maximum, [x.detach().abs() for x in rows])
    rows = tuple(x / largest.masked_fill(largest == 0, 1) for x in rows)
    size = reduce(torch.add, [x.detach() * x.detach() for x in rows]).clamp(min=1)
    return tuple(x * (size / 3).rsqrt() for x in rows)


def _largest_positive(q: Tensor) -> Tensor:
    largest, *others = q.detach().unbind(-1)
    for x in others:
        largest = torch.where(x.abs() > largest.abs(), x, largest)
    return torch.where((largest < 0).unsqueeze(-1), -q, q)


def _squared(rows: tuple[Planes, ...]) -> tuple[Planes, ...]:
    """A quarter of the square of a symmetric matrix; 4 is the eigenvalue for a rotation."""
    half = [[0.25 * dot(rows[i], rows[j]) for j in range(i + 1)] for i in range(4)]
    return tuple(tuple(half[max(i, j)][min(i, j)] for j in range(4)) for i in range(4))


# ---------------------------------------------------------------------- rotations up to rounding


@operation(tensors=1)
def from_orthogonal(m: Tensor) -> Tensor:
    """Two steps of power iteration, for rotations up to rounding; NaN gives NaN."""
    return _vector(_planes(m))


@from_orthogonal.variant(needs=IN_PLACE | UNROUNDED, pays=FEW)
def matrices(m: Tensor) -> Tensor:
    """The same by products of small matrices, in few calls."""
    return _vector_of_few(_form_of_few(m)).view(*m.shape[:-2], 4)


@from_orthogonal.variant(needs=IN_PLACE | PRECISE, pays=MANY)
def orthogonal_planes(m: Tensor) -> Tensor | None:
    """Entry by entry in blocks, with a derivative that is computed so, too."""
    return _NEAR_ROTATIONS(from_orthogonal.twin, m)


def quadratic_form(m: Tensor) -> Tensor:
    r"""Davenport's $K$, `(…, 4, 4)`."""
    rows = form(_planes(m))
    return torch.stack([part for row in rows for part in row], -1).unflatten(-1, (4, 4))


def _form_of_few(m: Tensor) -> Tensor:
    """K + 1."""
    structure = sandwich_structure(QUATERNION, m)
    one = constant(_unit_matrix, QUATERNION, m)
    return torch.addmm(one, m.reshape(-1, 9), structure.t()).view(-1, 4, 4)


def _unit_matrix(algebra: Algebra) -> list[float]:
    """The entries of the unit matrix as large as a number."""
    n = algebra.dimension
    return [float(i == j) for i in range(n) for j in range(n)]


def _vector_of_few(forms: Tensor) -> Tensor:
    largest = forms.detach().diagonal(dim1=-2, dim2=-1).argmax(-1).view(-1, 1, 1)
    column = forms.gather(-1, largest.expand(-1, 4, 1))
    q = torch.bmm(forms, torch.bmm(forms, column)).squeeze(-1)
    return q * q.square().sum(-1, keepdim=True).rsqrt()


def _vector(entries: Planes) -> Tensor:
    rows = form(entries, one=1)
    return torch.stack(_power(rows, _start(rows), 2), -1)


def form(m: Sequence[Tensor], one: float = 0) -> tuple[Planes, ...]:
    """The rows of K + one, of a matrix with these entries."""
    a, b, c, d, e, f, g, h, i = m
    wx, wy, wz, xy, xz, yz = h - f, c - g, d - b, b + d, c + g, f + h
    plus, minus, e_i, i_e = one + a, one - a, e + i, e - i
    ww, xx, yy, zz = plus + e_i, plus - e_i, minus + i_e, minus - i_e
    return (ww, wx, wy, wz), (wx, xx, xy, xz), (wy, xy, yy, yz), (wz, xz, yz, zz)


def _power(rows: tuple[Planes, ...], vector: Planes, steps: int) -> Planes:
    for _ in range(steps):
        vector = _image(rows, vector)
    scale = dot(vector, vector).rsqrt()
    return tuple(x * scale for x in vector)


def _image(rows: tuple[Planes, ...], vector: Sequence[Tensor]) -> Planes:
    return tuple(dot(row, vector) for row in rows)


def _start(rows: tuple[Planes, ...]) -> Planes:
    """The row with the largest diagonal entry; of several the first."""
    w, x, y, z = (row[i].detach() for i, row in enumerate(rows))
    upper = _is_larger(torch.maximum(w, x), torch.maximum(y, z))
    lower = 1 - upper
    first, third = upper * _is_larger(w, x), lower * _is_larger(y, z)
    return _image(rows, (first, upper - first, third, lower - third))


def _is_larger(x: Tensor, y: Tensor) -> Tensor:
    """1 or 0, to multiply by; `torch.where` takes three times as long."""
    return (x >= y).to(x.dtype)


def dot(a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
    """The sum of products."""
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = torch.addcmul(total, x, y)
    return total


def _planes(m: Tensor) -> Planes:
    return m.flatten(-2).unbind(-1)


def _determinant(rows: Sequence[Tensor]) -> Tensor:
    a, b, c, d, e, f, g, h, i = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


# ---------------------------------------------------------------------- many


class _NearRotations(ShortFormulas):
    """The quaternions of matrices that are rotations up to rounding; None if one is not."""

    def values(self, *inputs: Tensor) -> Columns | None:
        (m,) = inputs
        far: list[bool] = []
        (q,) = by_blocks(partial(_vectors_into, far=far), (m.flatten(-2),), (4,))
        return None if any(far) else (q, q)

    def gradients(self, g: Tensor, inputs: Columns, kept: Columns) -> Columns:
        m, (q,) = inputs[0].flatten(-2), kept
        return (by_blocks(_gradients_into, (m, q, g), (9,))[0].unflatten(-1, (3, 3)),)


_NEAR_ROTATIONS = _NearRotations()


def _vectors_into(m: Tensor, q: Tensor, far: list[bool]) -> None:
    entries = contiguous_parts(m)
    distance, limit = _distance(entries)
    far.append(not distance.amax().item() <= limit)
    rows = form(entries, one=1)
    for x, out in zip(_power(rows, _start(rows), 2), q.unbind(-1), strict=True):
        out.copy_(x)


def _gradients_into(m: Tensor, q: Tensor, g: Tensor, gradient: Tensor) -> None:
    """By `dq = (λ - F)⁺ dF q` with `F q = λ q`, the inverse as a series in F, whose other
    eigenvalues are next to 0: for rotations all but its first term are rounding.
    """
    rows, vector, cotangent = form(contiguous_parts(m), one=1), *map(contiguous_parts, (q, g))
    inverse = dot(vector, _image(rows, vector)).reciprocal_()
    along = dot(cotangent, vector)
    across = [torch.addcmul(x, along, y, value=-1) for x, y in zip(cotangent, vector, strict=True)]
    solved = [x * inverse for x in across]
    for _ in range(2):
        images = zip(across, _image(rows, solved), strict=True)
        solved = [y.add_(x).mul_(inverse) for x, y in images]
    _of_form(solved, vector, gradient)


def _of_form(p: Sequence[Tensor], q: Sequence[Tensor], gradient: Tensor) -> None:
    """The gradient of `p · K q` with respect to the matrix."""
    ww, xx, yy, zz = (x * y for x, y in zip(p, q, strict=True))
    a, b, c, d, e, f, g, h, i = gradient.unbind(-1)
    even, odd = yy + zz, yy.sub_(zz)
    torch.sub(ww + xx, even, out=a)
    ww.sub_(xx)
    torch.add(ww, odd, out=e)
    torch.sub(ww, odd, out=i)
    for plus, minus, j, k, n in ((h, f, 2, 3, 1), (c, g, 1, 3, 2), (d, b, 1, 2, 3)):
        turn = (p[0] * q[n]).addcmul_(p[n], q[0])
        shear = (p[j] * q[k]).addcmul_(p[k], q[j])
        torch.add(shear, turn, out=plus)
        torch.sub(shear, turn, out=minus)
