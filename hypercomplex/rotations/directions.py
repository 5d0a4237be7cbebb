"""Rotations from directions: one to another, towards a target, about and across an axis."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import conj, normalize, product
from hypercomplex.functional.arguments import check_choice, check_last
from hypercomplex.kernels.nearest import from_orthogonal
from hypercomplex.kernels.precision import promoted
from hypercomplex.kernels.rotate import rotate as rotate_vectors
from hypercomplex.kernels.scaling import squared_length, unit_or_nan
from hypercomplex.rotations.arguments import public, unit

__all__ = ["from_two_vectors", "look_at", "rotate", "swing_twist"]

_SIGNED_AXES = ("x", "y", "z", "-x", "-y", "-z")


@public("q", gives="reals")
def rotate(q: Tensor, v: Tensor) -> Tensor:
    r"""Rotate vectors, actively: $v \mapsto q\,v\,q^{-1}$; `functional.rotate` of quaternions.

    Shape:
        `(…, 4)`, `(…, 3)` → `(…, 3)`, broadcast.

    Raises:
        ValueError: if a last axis has another width.

    Example:
        >>> rotate(torch.tensor([1., 0, 0, 1]), torch.tensor([1., 0, 0]))
        tensor([0., 1., 0.])
    """
    check_last("q", q, 4, "quaternions, real part first")  # without a call in between
    check_last("v", v, 3, "vectors")
    return rotate_vectors(*promoted(q, v), QUATERNION)


@public()
def from_two_vectors(a: Tensor, b: Tensor) -> Tensor:
    r"""The rotation by the smallest angle that takes the direction of `a` to that of `b`
    (`align_vectors(a, b)` turns `b` to `a`).

    With units and $h = a + b$ it is $q \propto |h|^2 / 2 + a \times h$. For antiparallel vectors it
    is a half turn about an axis perpendicular to `a`, with derivative 0. Zero, which has no
    direction, gives NaN.

    Shape:
        `(…, 3)`, `(…, 3)` → `(…, 4)`, broadcast.

    Raises:
        ValueError: if a last axis is not 3 wide.

    Example:
        >>> q = from_two_vectors(torch.tensor([1., 0, 0]), torch.tensor([0., 3, 0]))
        >>> hc.rotations.rotate(q, torch.tensor([1., 0, 0])).abs().round(decimals=5)
        tensor([0., 1., 0.])
    """
    check_last("a", a, 3, "vectors")
    check_last("b", b, 3, "vectors")
    a, b = torch.broadcast_tensors(unit_or_nan(a), unit_or_nan(b))
    h = a + b
    square = squared_length(h)
    opposite = (square < (8 * torch.finfo(h.dtype).eps) ** 2).unsqueeze(-1)
    h = torch.where(opposite, a, h)  # anything harmless
    q = torch.cat([0.5 * squared_length(h).unsqueeze(-1), torch.linalg.cross(a, h)], -1)
    half_turn = torch.nn.functional.pad(_perpendicular(a.detach()), (1, 0))
    return torch.where(opposite, half_turn, normalize(q))


@public()
def look_at(direction: Tensor, up: Tensor, *, forward: str = "x", upward: str = "z") -> Tensor:
    r"""The rotation that turns the axis `forward` of a body to `direction`, and the axis `upward`
    as far as possible to `up`.

    `("x", "z")` is a vehicle (ROS), `("z", "-y")` a camera of OpenCV, `("-z", "y")` one of
    OpenGL. Where `up` is zero or parallel to `direction`, another one is taken. A zero `direction`
    gives NaN.

    Shape:
        `(…, 3)`, `(…, 3)` → `(…, 4)`, broadcast.

    Raises:
        ValueError: if a last axis is not 3 wide, or `forward` and `upward` are not two of
            `x, y, z, -x, -y, -z` along different axes.

    Example:
        >>> q = look_at(torch.tensor([0., 5, 0]), torch.tensor([0., 0, 1]))
        >>> hc.rotations.to_rotvec(q, degrees=True).round()
        tensor([ 0.,  0., 90.])
    """
    check_last("direction", direction, 3, "vectors")
    check_last("up", up, 3, "vectors")
    check_choice("forward", forward, _SIGNED_AXES)
    check_choice("upward", upward, _SIGNED_AXES)
    if forward[-1] == upward[-1]:
        raise ValueError(
            f"`forward` (={forward!r}) and `upward` (={upward!r}) must lie along different axes"
        )
    d, u = torch.broadcast_tensors(unit_or_nan(direction), normalize(up))
    across = u - (u * d).sum(-1, keepdim=True) * d
    parallel = (squared_length(across) < (8 * torch.finfo(d.dtype).eps) ** 2).unsqueeze(-1)
    across = torch.where(parallel, _perpendicular(d.detach()), normalize(across))
    world = (d, across, torch.linalg.cross(d, across))
    f, g = _unit(forward), _unit(upward)
    body = (f, g, _cross(f, g))
    columns = [_combine(world, [axis[k] for axis in body]) for k in range(3)]
    return from_orthogonal(torch.stack(columns, -1))


@public("q", gives="numbers numbers")
def swing_twist(q: Tensor, axis: Tensor) -> tuple[Tensor, Tensor]:
    r"""Split $q/|q| = s\,t$ into a twist $t$ about the axis and a swing $s$ of the axis.

    The twist is the part of $q$ along 1 and the axis, of length 1. Where the axis swings to its
    opposite, every twist is right, and 1 is taken, with derivative 0.

    Shape:
        `(…, 4)`, `(…, 3)` → `(…, 4)`, `(…, 4)`, broadcast. The axis may have any length.

    Raises:
        ValueError: if a last axis has another width.

    Example:
        >>> q = hc.rotations.from_rotvec(torch.tensor([0., 0.3, 0]))
        >>> swing, twist = swing_twist(q, torch.tensor([0., 1, 0]))
        >>> hc.rotations.to_rotvec(twist)
        tensor([0.0000, 0.3000, 0.0000])

    Source:
        P. Dobrowolski, *Swing-twist decomposition in Clifford algebra*, 2015.
    """
    check_last("axis", axis, 3, "axes")
    q = unit(q)
    axis = normalize(axis)
    along = (q[..., 1:] * axis).sum(-1, keepdim=True)
    part = torch.cat([q[..., :1].expand(along.shape), along * axis], -1)
    none = (squared_length(part) < (8 * torch.finfo(q.dtype).eps) ** 2).unsqueeze(-1)
    one = torch.nn.functional.pad(torch.ones_like(along), (0, 3))
    twist = torch.where(none, one, normalize(part.masked_fill(none, 1)))
    return product(q, conj(twist, QUATERNION), QUATERNION), twist


def _perpendicular(a: Tensor) -> Tensor:
    """A unit vector perpendicular to the units `a`: across the axis of its smallest component."""
    smallest = a.abs().argmin(-1, keepdim=True)
    basis = torch.zeros_like(a).scatter(-1, smallest, 1.0)
    return normalize(torch.linalg.cross(a, basis))


def _unit(name: str) -> tuple[int, ...]:
    sign = -1 if name[0] == "-" else 1
    return tuple(sign * (letter == name[-1]) for letter in "xyz")


def _cross(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3))


def _combine(vectors: tuple[Tensor, ...], coefficients: list[int]) -> Tensor:
    """The signed sum with coefficients 0 and ±1, of which one is not 0."""
    ((vector, sign),) = [(v, c) for v, c in zip(vectors, coefficients, strict=True) if c]
    return vector if sign > 0 else -vector
