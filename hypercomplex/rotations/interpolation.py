"""Between rotations: slerp, nlerp, squad, and paths without jumps of the sign."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import conj, product
from hypercomplex.host.mode import mode
from hypercomplex.kernels.even import angle_over_sine, cosine_and_sinc
from hypercomplex.kernels.fused import NEEDS
from hypercomplex.kernels.scaling import squared_length
from hypercomplex.rotations._blend import Blend, Chord, GreatCircle
from hypercomplex.rotations.arguments import check_last, direction, public, storage_axis, unit
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
        return _blend(GreatCircle, _nearest_arc, a, b, t)
    a, b = unit(a, "a"), unit(b, "b")
    opposite = (squared_length(a + b) < (8 * torch.finfo(a.dtype).eps) ** 2).unsqueeze(-1)
    b, t = torch.where(opposite, a, b), _column(t)
    return torch.where(opposite, _half_circle(a, t), _arc(a, b, t))


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
        return _blend(Chord, _nearest_chord, a, b, t)
    return _chord(unit(a, "a"), unit(b, "b"), _column(t))


@public("a b control_a control_b")
def squad(a: Tensor, b: Tensor, control_a: Tensor, control_b: Tensor, t: Tensor | float) -> Tensor:
    r"""A smooth curve from `a` to `b`: slerp by $2t(1-t)$ between the slerp of the ends and the
    slerp of the control points.

    With the controls of `squad_controls` the curves through a sequence join with equal angular
    velocity. Signs do not matter: `b` and the controls are taken near.

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
    b = _nearer(a, b)
    c = _nearer(a, unit(control_a, "control_a"))
    d = _nearer(b, unit(control_b, "control_b"))
    t = _column(t)
    return _arc(_arc(a, b, t), _arc(c, d, t), 2 * t * (1 - t))


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
    return torch.cat([q[..., :1, :], inner, q[..., -1:, :]], -2).movedim(-2, axis)


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


def _blend(
    way: type[Blend], twin: Callable[..., Tensor], a: Tensor, b: Tensor, t: Number
) -> Tensor:
    check_last("a", a, 4, "quaternions, real part first")
    check_last("b", b, 4, "quaternions, real part first")
    inputs: tuple[Tensor, ...] = (a, b)
    if isinstance(t, Tensor):
        short, inputs = way(), (a, b, t.unsqueeze(-1))
    else:
        short, twin = way(t), partial(twin, t=t)
    found = short(twin, *inputs) if mode(*inputs) & NEEDS == NEEDS else None
    return twin(*inputs) if found is None else found


def _nearest_arc(a: Tensor, b: Tensor, t: Number) -> Tensor:
    """The slow twin of slerp."""
    a, b = unit(a, "a"), unit(b, "b")
    return _arc(a, _nearer(a, b), t)


def _nearest_chord(a: Tensor, b: Tensor, t: Number) -> Tensor:
    """The slow twin of nlerp."""
    a, b = unit(a, "a"), unit(b, "b")
    return _chord(a, _nearer(a, b), t)


def _chord(a: Tensor, b: Tensor, t: Number) -> Tensor:
    return unit(a + t * (b - a))


def _arc(a: Tensor, b: Tensor, t: Number) -> Tensor:
    r"""Slerp of units that are not opposite: $\cos|\theta|\,a + \operatorname{sinc}|\theta|\,
    \theta$ with $\theta = t\,\Omega / \sin\Omega \cdot v$, where v is the part of b across a.

    All of it is analytic in a and b, and of unit length for every t: an error of the angle turns
    the result, but does not stretch it.
    """
    cosine = (a * b).sum(-1, keepdim=True)
    near = torch.where(cosine < 0, a + b, b - a)  # without cancellation, either way
    across = near - (near * a).sum(-1, keepdim=True) * a
    stretch = angle_over_sine(cosine, squared_length(across).unsqueeze(-1))
    turn = t * stretch * across
    cosine, sinc = cosine_and_sinc(squared_length(turn).unsqueeze(-1))
    return cosine * a + sinc * turn


def _half_circle(a: Tensor, t: Number) -> Tensor:
    w, x, y, z = a.unbind(-1)
    aside = torch.stack([-x, w, z, -y], -1)  # a i
    t = torch.as_tensor(t, dtype=a.dtype, device=a.device)
    angle = math.pi * (t - 2 * torch.round(t / 2))
    return angle.cos() * a + angle.sin() * aside


def _nearer(a: Tensor, b: Tensor) -> Tensor:
    return torch.where(((a * b).sum(-1, keepdim=True)) < 0, -b, b)


def _column(t: Number) -> Number:
    return t.unsqueeze(-1) if isinstance(t, Tensor) else t
