"""Rotations in time: angular velocity of a path, and the path of an angular velocity.

Angular velocities are vectors in the world's frame or in the body's: `ω_world = q ω_body q⁻¹`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import conj, cumprod, divide, product
from hypercomplex.functional.arguments import check_choice, check_last
from hypercomplex.rotations.arguments import check_quaternions, public, storage_axis, unit
from hypercomplex.rotations.vectors import from_rotvec, to_rotvec

__all__ = ["angular_rates", "angular_velocity", "integrate"]

_FRAMES = ("world", "body")


@public("q derivative", gives="reals")
def angular_velocity(q: Tensor, derivative: Tensor, frame: str = "world") -> Tensor:
    r"""The angular velocity of a path: $\omega = 2\,\mathrm{im}(\dot q\,q^{-1})$, or
    $2\,\mathrm{im}(q^{-1} \dot q)$ in the body's frame.

    `derivative` is $\dot q$, by time. `q` need not be a unit, nor keep its length.

    Shape:
        `(…, 4)`, `(…, 4)` → `(…, 3)`, broadcast; in radians per unit of time.

    Raises:
        ValueError: if `frame` is neither `"world"` nor `"body"`, or a last axis is not 4 wide.

    Example:
        >>> angular_velocity(torch.tensor([1., 0, 0, 0]), torch.tensor([0., 0, 0, 0.5]))
        tensor([0., 0., 1.])
    """
    check_choice("frame", frame, _FRAMES)
    check_quaternions("q", q)
    check_quaternions("derivative", derivative)
    if frame == "world":
        return 2 * divide(derivative, q, QUATERNION)[..., 1:]
    back = divide(conj(derivative, QUATERNION), conj(q, QUATERNION), QUATERNION)
    return -2 * back[..., 1:]


@public("q", gives="reals")
def angular_rates(q: Tensor, dt: Tensor | float, dim: int = -1, frame: str = "world") -> Tensor:
    r"""The constant angular velocities that carry each rotation of a sequence to the next:
    $\log(q_{i+1} q_i^{-1}) / \Delta t$, or $\log(q_i^{-1} q_{i+1}) / \Delta t$ in the body's frame.

    Shape:
        `(…, n, 4)`, dt a number or `(…, n - 1)` → `(…, n - 1, 3)`; `dim` counts axes of numbers.

    Raises:
        ValueError: if `frame` is neither `"world"` nor `"body"`.
        IndexError: if there is no axis `dim`.

    Example:
        >>> q = from_rotvec(torch.tensor([[0., 0, 0], [0, 0, 1], [0, 0, 3]]))
        >>> angular_rates(q, 0.5).round(decimals=4)
        tensor([[0., 0., 2.],
                [0., 0., 4.]])
    """
    check_choice("frame", frame, _FRAMES)
    axis = storage_axis(dim, q)
    q = unit(q).movedim(axis, -2)
    before, after = conj(q[..., :-1, :], QUATERNION), q[..., 1:, :]
    pair = (after, before) if frame == "world" else (before, after)
    turns = to_rotvec(product(*pair, QUATERNION)).movedim(-2, axis)
    return turns / (dt.unsqueeze(-1) if isinstance(dt, Tensor) else dt)


@public("initial")
def integrate(
    rates: Tensor,
    dt: Tensor | float,
    initial: Tensor | None = None,
    dim: int = -1,
    frame: str = "world",
) -> Tensor:
    r"""The path of piecewise constant angular velocities: $q_{i+1} = \exp(\omega_i \Delta t / 2)
    \,q_i$, or $q_i \exp(\omega_i \Delta t / 2)$ in the body's frame.

    It inverts `angular_rates`. Products are taken in a tree, in ⌈log₂ n⌉ steps for n rates, so the
    result does not drift from unit length and the loop is short.

    Shape:
        rates `(…, n, 3)`, dt a number or `(…, n)`, initial `(…, 4)`, 1 by default →
        `(…, n + 1, 4)`; `dim` counts axes of vectors.

    Raises:
        ValueError: if `frame` is neither `"world"` nor `"body"`, or an axis has another width.
        IndexError: if there is no axis `dim`.

    Example:
        >>> path = integrate(torch.tensor([[0., 0, 2], [0, 0, 4]]), 0.5)
        >>> to_rotvec(path).round(decimals=4)
        tensor([[0., 0., 0.],
                [0., 0., 1.],
                [0., 0., 3.]])
    """
    check_choice("frame", frame, _FRAMES)
    check_last("rates", rates, 3, "angular velocities")
    axis = storage_axis(dim, rates)
    turns = from_rotvec(rates * (dt.unsqueeze(-1) if isinstance(dt, Tensor) else dt))
    path = _running_product(turns.movedim(axis, -2), frame)
    one = torch.nn.functional.pad(path.new_ones(*path.shape[:-2], 1, 1), (0, 3))
    first = one if initial is None else unit(initial, "initial").unsqueeze(-2)
    if path.shape[-2] == 0:
        return first.expand(*path.shape[:-2], 1, 4).movedim(-2, axis)
    pair = (path, first) if frame == "world" else (first, path)
    later = product(*pair, QUATERNION)
    first = first.expand(*later.shape[:-2], 1, 4)
    return unit(torch.cat([first, later], -2)).movedim(-2, axis)


def _running_product(turns: Tensor, frame: str) -> Tensor:
    """Products of the first factors `(…, n, 4)`, later ones right, or left in the world's frame."""
    if frame == "body":
        return cumprod(turns, -1, QUATERNION)
    return conj(cumprod(conj(turns, QUATERNION), -1, QUATERNION), QUATERNION)
