"""Between rotations: slerp, nlerp, squad, and paths without jumps of the sign."""

from __future__ import annotations

import math
from functools import reduce

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import conj, product
from hypercomplex.kernels import slerp as kernel
from hypercomplex.kernels.scaling import squared_length
from hypercomplex.rotations.arguments import (
    check_quaternions,
    direction,
    public,
    storage_axis,
    unit,
)
from hypercomplex.rotations.vectors import from_rotvec, to_rotvec

Number = Tensor | float

__all__ = ["nlerp", "slerp", "squad", "squad_controls", "unroll"]


@public("a b")
def slerp(a: Tensor, b: Tensor, t: Tensor | float, shortest: bool = True) -> Tensor:
    r"""The rotation at constant speed from `a` to `b`: $a\,(a^{-1} b)^t = \frac{\sin((1-t)
    \Omega)\,a + \sin(t\Omega)\,b}{\sin\Omega}$ with the angle Ω between the units.

    By default towards the nearer of $b$ and $-b$. Without `shortest` exactly opposite ends take the
    way over $a\,i$. Derivatives are exact for coincident ends, too. Any $t$ extrapolates, with
    the error of Ω, a rounding or two, times $t$.

    Shape:
        `(…, 4)`, `(…, 4)`, t `(…)` or a number → `(…, 4)`, units, broadcast.

    Raises:
        ValueError: if a last axis is not 4 wide.

    Example:
        >>> a, b = torch.tensor([1., 0, 0, 0]), torch.tensor([0., 0, 0, -1])
        >>> slerp(a, b, torch.tensor([0., 0.5, 1]))
        tensor([[ 1.0000,  0.0000,  0.0000, 0.0000],
                [ 0.7071,  0.0000,  0.0000, -0.7071],
                [ 0.0000,  0.0000,  0.0000, -1.0000]])

    Source:
        K. Shoemake, *Animating rotation with quaternion curves*, 1985.
    """
    if shortest:
        return kernel.slerp(*_inputs(a, b, t))
    a, b = unit(a, "a"), unit(b, "b")
    opposite = (squared_length(a + b) < (8 * torch.finfo(a.dtype).eps) ** 2).unsqueeze(-1)
    b, t = torch.where(opposite, a, b), _column(t, a, b)
    return torch.where(opposite, _half_circle(a, t), kernel.arc(a, b, t))


@public("a b")
def nlerp(a: Tensor, b: Tensor, t: Tensor | float, shortest: bool = True) -> Tensor:
    r"""The direction of $(1 - t)\,a + t\,b$ of units: on slerp's way, not quite at its pace.

    By default towards the nearer of $b$ and $-b$. Without `shortest` the middle between opposite
    ends is NaN.

    Shape:
        `(…, 4)`, `(…, 4)`, t `(…)` or a number → `(…, 4)`, units, broadcast.

    Raises:
        ValueError: if a last axis is not 4 wide.

    Example:
        >>> a, b = torch.tensor([1., 0, 0, 0]), torch.tensor([0., 1, 0, 0])
        >>> nlerp(a, b, 0.5)
        tensor([0.7071, 0.7071, 0.0000, 0.0000])
    """
    if shortest:
        return kernel.nlerp(*_inputs(a, b, t))
    return kernel.chord(unit(a, "a"), unit(b, "b"), _column(t, a, b))


@public("a b control_a control_b")
def squad(a: Tensor, b: Tensor, control_a: Tensor, control_b: Tensor, t: Tensor | float) -> Tensor:
    r"""A smooth curve from `a` to `b`: slerp by $2t(1-t)$ between the slerp of the ends and the
    slerp of the control points.

    With the controls of `squad_controls` the curves through a sequence join with equal angular
    velocity: `control_a` and `control_b` are those of the points `a` and `b`. Signs do not matter:
    `b` and the controls are taken near.

    Shape:
        four `(…, 4)`, t `(…)` or a number → `(…, 4)`, units, broadcast.

    Raises:
        ValueError: if a last axis is not 4 wide.

    Example:
        >>> q = from_rotvec(torch.tensor([[0., 0, 0], [1, 0, 0], [1, 1, 0]]))
        >>> c = squad_controls(q)
        >>> torch.allclose(squad(q[0], q[1], c[0], c[1], 1.0), q[1])
        True

    Source:
        K. Shoemake, *Quaternion calculus and fast animation*, 1987.
    """
    a, b = unit(a, "a"), unit(b, "b")
    b = kernel.nearer(a, b)
    c = kernel.nearer(a, unit(control_a, "control_a"))
    d = kernel.nearer(b, unit(control_b, "control_b"))
    t = _column(t, a, b, c, d)
    return kernel.arc(kernel.arc(a, b, t), kernel.arc(c, d, t), 2 * t * (1 - t))


@public("q")
def squad_controls(q: Tensor, dim: int = -1) -> Tensor:
    r"""Control points of `squad` along a sequence: $s_i = q_i \exp\bigl(-\tfrac14(\log q_i^{-1}
    q_{i+1} + \log q_i^{-1} q_{i-1})\bigr)$, and the ends themselves.

    Shape:
        `(…, n, 4)` → `(…, n, 4)`; `dim` counts axes of numbers.

    Raises:
        IndexError: if there is no axis `dim`.

    Example:
        >>> q = from_rotvec(torch.tensor([[0., 0, 0], [1, 0, 0], [2, 0, 0]]))
        >>> torch.allclose(squad_controls(q), q)  # at constant speed
        True
    """
    axis = storage_axis(dim, q)
    q = unit(q).movedim(axis, -2)
    middle = q[..., 1:-1, :]
    back = conj(middle, QUATERNION)
    bend = to_rotvec(product(back, q[..., 2:, :], QUATERNION))
    bend = bend + to_rotvec(product(back, q[..., :-2, :], QUATERNION))
    inner = product(middle, from_rotvec(-0.25 * bend), QUATERNION)
    last = q[..., 1:, :][..., -1:, :]  # none beside the first
    return torch.cat([q[..., :1, :], inner, last], -2).movedim(-2, axis)


@public("q")
def unroll(q: Tensor, dim: int = -1) -> Tensor:
    r"""The same rotations with signs such that neighbours along an axis are near as numbers.

    The first keeps its sign. Lengths do not change.

    Shape:
        `(…, n, 4)` → `(…, n, 4)`; `dim` counts axes of numbers.

    Raises:
        IndexError: if there is no axis `dim`.

    Example:
        >>> unroll(torch.tensor([[1., 0, 0, 0], [-2, 0, 0, 0], [-3, 0, 0, 1]]))
        tensor([[ 1.,  0.,  0.,  0.],
                [ 2., -0., -0., -0.],
                [ 3., -0., -0., -1.]])
    """
    axis = storage_axis(dim, q)
    signs = direction(q).detach().movedim(axis, -2)
    flips = (signs[..., 1:, :] * signs[..., :-1, :]).sum(-1) < 0
    signs = torch.cat([torch.ones_like(signs[..., :1, 0]), 1.0 - 2.0 * flips.to(q.dtype)], -1)
    return q * signs.cumprod(-1).unsqueeze(-1).movedim(-2, axis)


def _inputs(a: Tensor, b: Tensor, t: Number) -> tuple[Tensor, Tensor, Tensor]:
    check_quaternions("a", a)
    check_quaternions("b", b)
    return a, b, _column(t, a, b)


def _half_circle(a: Tensor, t: Tensor) -> Tensor:
    w, x, y, z = a.unbind(-1)
    aside = torch.stack([-x, w, z, -y], -1)  # a i
    t = t.to(a.dtype)
    angle = math.pi * (t - 2 * torch.round(t / 2))
    return angle.cos() * a + angle.sin() * aside


def _column(t: Number, *ends: Tensor) -> Tensor:
    """Times beside the ends, a column."""
    if isinstance(t, Tensor):
        return t.unsqueeze(-1)
    dtype = reduce(torch.promote_types, [x.dtype for x in ends])
    return ends[0].new_full((1,), t, dtype=dtype)
