r"""The rotation matrix of a quaternion: that of $v \mapsto q\,v\,q^{-1}$ (Euler and Rodrigues).

Its product with a matrix $g$ is a quadratic form of Davenport's, $\operatorname{tr} R^\top g =
q^\top K q / |q|^2$, and so the gradient is $2\,(K q - (q^\top K q / |q|^2)\, q) / |q|^2$.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.host.mode import (
    COMPILED,
    FEW,
    IN_PLACE,
    PRECISE,
    UNRECORDED,
    UNROUNDED,
    works_in_place,
)
from hypercomplex.kernels.blocks import Parts, by_blocks, contiguous_parts, scaled_parts
from hypercomplex.kernels.nearest import dot, form
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.scaling import by_largest, is_moderate, scaled_for_loops
from hypercomplex.lowering import sandwich_structure

__all__ = ["matrix"]


@operation(tensors=1, compiles=True)
def matrix(q: Tensor) -> Tensor:
    """The formula as it stands, entry by entry."""
    return _matrix_of(by_largest(q).unbind(-1))


@matrix.variant(needs=COMPILED)
def one_loop(q: Tensor) -> Tensor:
    """The same for the compiler, in one loop that is vectorised."""
    return _matrix_of(scaled_for_loops(q)[0])


def _matrix_of(parts: Parts) -> Tensor:
    w, x, y, z = parts
    xx, yy, zz = x * x, y * y, z * z
    size = w * w + xx + yy + zz
    s = 2 / size + (size - size)  # NaN if any is infinite
    xx, yy, zz = xx * s, yy * s, zz * s
    sx, sy = x * s, y * s
    xy, xz, yz = sx * y, sx * z, sy * z
    wx, wy, wz = sx * w, sy * w, z * s * w
    first = (1 - (yy + zz), xy - wz, xz + wy)
    second = (xy + wz, 1 - (xx + zz), yz - wx)
    third = (xz - wy, yz + wx, 1 - (xx + yy))
    return torch.stack([*first, *second, *third], -1).unflatten(-1, (3, 3))


@matrix.variant(needs=IN_PLACE | UNROUNDED, pays=FEW)
def few(q: Tensor) -> Tensor:
    """All products of two components, times a constant matrix."""
    size = q.square().sum(-1, keepdim=True)
    if not is_moderate(size):
        q = by_largest(q)
        size = q.square().sum(-1, keepdim=True)
    pairs = q.unsqueeze(-1) * (q / size).unsqueeze(-2)
    entries = torch.mm(pairs.reshape(-1, 16), sandwich_structure(QUATERNION, q))
    return entries.view(*q.shape[:-1], 3, 3)


@matrix.variant(needs=IN_PLACE | PRECISE | UNRECORDED)
def blocks(q: Tensor) -> Tensor:
    """Entry by entry in blocks, in place."""
    return by_blocks(_entries, (q,), (9,))[0].unflatten(-1, (3, 3))


@matrix.variant(needs=IN_PLACE | PRECISE)
def recorded_blocks(q: Tensor) -> Tensor:
    """The same, with a derivative that is computed so, too."""
    entries: Tensor = _Entries.apply(q.view_as(q))  # type: ignore[no-untyped-call]
    return entries.unflatten(-1, (3, 3))


class _Entries(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor) -> Tensor:
        (entries,) = by_blocks(_entries, (q,), (9,))
        ctx.save_for_backward(q)
        return entries

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (q,) = ctx.saved_tensors
        twice = torch.is_grad_enabled()
        if twice or not works_in_place(g):  # for instance many g at once
            with torch.enable_grad():
                again = matrix.twin(q).flatten(-2)
            return torch.autograd.grad(again, q, g, create_graph=twice)[0]
        return by_blocks(_gradient, (q, g), (4,))[0]


def _entries(q: Tensor, entries: Tensor) -> None:
    (w, x, y, z), _, factor = scaled_parts(q, anew=True)
    m = entries.unbind(-1)
    a, b, c = x * factor, y * factor, z * factor
    xx, yy, zz = a * x, b * y, c * z
    for out, p, r in ((m[0], yy, zz), (m[4], xx, zz), (m[8], xx, yy)):
        torch.sub(1 - p, r, out=out)
    for plus, minus, s, t, r in ((3, 1, a, y, c), (2, 6, a, z, b), (7, 5, b, z, a)):
        product, turn = s * t, r * w
        torch.add(product, turn, out=m[plus])
        torch.sub(product, turn, out=m[minus])


def _gradient(q: Tensor, g: Tensor, gradient: Tensor) -> None:
    """By `tr Rᵀg = qᵀ K q / |q|²` with Davenport's K of g."""
    parts, scale, factor = scaled_parts(q, anew=True)
    rows = form(contiguous_parts(g))
    image = [dot(row, parts) for row in rows]
    along = dot(image, parts).mul_(factor).mul_(0.5)
    if scale is not None:
        factor = factor / scale
    for x, part, out in zip(image, parts, gradient.unbind(-1), strict=True):
        torch.mul(x.addcmul_(along, part, value=-1), factor, out=out)
