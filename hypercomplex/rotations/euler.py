"""Three angles about three axes: the 24 sequences of Euler angles, and Davenport's axes.

Every sequence is Davenport's: a turn by α about n₁, by β about n₂ and by γ about n₃, with n₂
perpendicular to the others. If λ is the angle about n₂ from n₁ to n₃, then `q · R(n₂, λ)` turns
about n₁, n₂ and n₁ again, by α, β + λ and γ, and its components along 1, n₁, n₂ and n₁ × n₂ are the
products of cosines and sines of half the sum and half the difference of α and γ.
"""

from __future__ import annotations

import math
import warnings
from functools import reduce

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import normalize, product
from hypercomplex.functional.arguments import check_choice, check_last, shown
from hypercomplex.host.mode import can_be_read
from hypercomplex.rotations.arguments import angle_unit, direction, public
from hypercomplex.rotations.vectors import from_axis_angle

__all__ = ["GimbalLockWarning", "from_davenport", "from_euler", "to_davenport", "to_euler"]


class GimbalLockWarning(UserWarning):
    """The third angle of a rotation is not determined, and set to 0."""


_ORDERS = ("extrinsic", "intrinsic")


@public()
def from_euler(seq: str, angles: Tensor, degrees: bool = False) -> Tensor:
    r"""From angles about up to three axes of a frame.

    Capital letters are intrinsic, about the axes of the turning body: `"ZYX"` is
    $q_z(\alpha)\,q_y(\beta)\,q_x(\gamma)$. Small letters are extrinsic, about fixed axes: `"zyx"`
    is $q_x(\gamma)\,q_y(\beta)\,q_z(\alpha)$. Angles stand in the order of the letters.

    Shape:
        `(…, len(seq))` → `(…, 4)`, units; for one letter a single number does, too.

    Raises:
        ValueError: if `seq` is not one to three of `xyz` or of `XYZ`, with two equal letters side
            by side, or `angles` has another width.

    Example:
        >>> from_euler("ZYX", torch.tensor([90., 0, 0]), degrees=True)
        tensor([0.7071, 0.0000, 0.0000, 0.7071])
    """
    axes = _axes(seq, angles)
    angles = _in_a_row(angles, len(seq))
    check_last("angles", angles, len(seq), f"the angles of {seq!r}")
    return _compose(axes, _order(seq), angles, degrees)


@public("q", gives="reals")
def to_euler(q: Tensor, seq: str, degrees: bool = False) -> Tensor:
    r"""Angles about three axes, in the order of the letters; see `from_euler`.

    The first and third lie in $(-\pi, \pi]$, the second in $[0, \pi]$ if the first and last axis
    are the same, else in $[-\pi/2, \pi/2]$. Where the first and last axis have become parallel
    (gimbal lock) only their sum or difference is known: the third angle is 0 there, and all
    derivatives are finite; those of the second angle, which has a kink, are 0. A
    `GimbalLockWarning` tells, where values can be read.

    Shape:
        `(…, 4)` → `(…, 3)`; radians, or degrees if asked for.

    Raises:
        ValueError: if `seq` is not three of `xyz` or of `XYZ` with neighbours different.

    Example:
        >>> to_euler(torch.tensor([1., 0, 0, 1]), "ZYX", degrees=True)
        tensor([90.,  0.,  0.])

    Source:
        E. Bernardes and S. Viollet, *Quaternion to Euler angles conversion*, 2022.
    """
    axes = _axes(seq, q)
    if len(seq) != 3:
        raise ValueError(f"`seq` (={shown(seq)}) must name three axes, such as 'ZYX'")
    return _split(direction(q), axes, _order(seq), degrees)


@public()
def from_davenport(axes: Tensor, order: str, angles: Tensor, degrees: bool = False) -> Tensor:
    r"""From angles about up to three axes, of which the second is perpendicular to the others.

    Shape:
        axes `(…, k, 3)`, one in a row, with $k \le 3$; order `"intrinsic"`, for $q_1 q_2 q_3$, or
        `"extrinsic"`, for $q_3 q_2 q_1$; angles `(…, k)` → `(…, 4)`. One axis may be `(3,)`, with
        a single angle.

    Raises:
        ValueError: if the axes are not perpendicular, or an argument has another form.

    Example:
        >>> from_davenport(torch.eye(3), "extrinsic", torch.tensor([90., 0, 0]), degrees=True)
        tensor([0.7071, 0.7071, 0.0000, 0.0000])
    """
    axes = _check_axes(axes, order, least=1)
    angles = _in_a_row(angles, axes.shape[-2])
    check_last("angles", angles, axes.shape[-2], "one angle for each axis")
    return _compose(axes, order, angles, degrees)


@public("q", gives="reals")
def to_davenport(q: Tensor, axes: Tensor, order: str, degrees: bool = False) -> Tensor:
    r"""Angles about three axes, of which the second is perpendicular to the others.

    With the angle λ about the second axis from the first to the third, the second angle lies in
    $[-\lambda, \pi - \lambda]$ if $\lambda \ge 0$, else in $[-\lambda - \pi, -\lambda]$. In gimbal
    lock the third angle is 0, and a `GimbalLockWarning` tells.

    Shape:
        `(…, 4)`, axes `(…, 3, 3)`, one in a row → `(…, 3)`.

    Raises:
        ValueError: if the axes are not perpendicular, or `order` is not one of the two.

    Example:
        >>> to_davenport(torch.tensor([1., 1, 0, 0]), torch.eye(3), "extrinsic", degrees=True)
        tensor([90.,  0.,  0.])

    Source:
        E. Bernardes and S. Viollet, *Quaternion to Euler angles conversion*, 2022.
    """
    return _split(direction(q), _check_axes(axes, order), order, degrees)


def _order(seq: str) -> str:
    return "intrinsic" if seq.isupper() else "extrinsic"


def _axes(seq: str, like: Tensor) -> Tensor:
    letters = seq.lower() if isinstance(seq, str) else ""
    one_case = seq in (letters, letters.upper())
    repeats = any(2 * letter in letters for letter in letters)
    if not (one_case and 1 <= len(letters) <= 3 and set(letters) <= set("xyz")) or repeats:
        raise ValueError(
            f"`seq` (={shown(seq)}) must be one to three of 'xyz' (extrinsic) or of 'XYZ' "
            "(intrinsic), with neighbours different"
        )
    rows = [[float(letter == axis) for axis in "xyz"] for letter in letters]
    return torch.tensor(rows, dtype=like.dtype, device=like.device)


def _in_a_row(angles: Tensor, count: int) -> Tensor:
    """A single number is a row of one angle, where one is meant."""
    return angles.unsqueeze(0) if angles.ndim == 0 and count == 1 else angles


def _check_axes(axes: Tensor, order: str, least: int = 3) -> Tensor:
    check_choice("order", order, _ORDERS)
    rows = axes.unsqueeze(0) if axes.ndim == 1 else axes
    if rows.shape[-1:] != (3,) or not least <= rows.shape[-2] <= 3:
        raise ValueError(
            f"`axes` of shape {tuple(axes.shape)} must hold {'one to ' if least == 1 else ''}three "
            "axes, one in a row"
        )
    axes = normalize(rows)
    if can_be_read(axes):
        slant = (axes[..., 1:2, :] * axes[..., ::2, :]).sum(-1).abs()
        if slant.numel() and slant.max() > max(1e-7, 10 * torch.finfo(axes.dtype).eps):
            raise ValueError("`axes`: the second axis must be perpendicular to the first and third")
    return axes


def _compose(axes: Tensor, order: str, angles: Tensor, degrees: bool) -> Tensor:
    turns = from_axis_angle(axes, angles, degrees).unbind(-2)
    ordered = turns if order == "intrinsic" else turns[::-1]
    return reduce(lambda a, b: product(a, b, QUATERNION), ordered)


def _split(q: Tensor, axes: Tensor, order: str, degrees: bool) -> Tensor:
    n1, n2, n3 = axes.unbind(-2)
    if order == "extrinsic":
        n1, n3 = n3, n1
    tilt = torch.atan2(_dot(n3, torch.linalg.cross(n2, n1)), _dot(n3, n1))
    # if negative beyond rounding: about -n₂, and the second angle changes its sign at the end
    turned = tilt < -8 * torch.finfo(tilt.dtype).eps
    n2 = torch.where(turned.unsqueeze(-1), -n2, n2)
    tilt = torch.where(turned, -tilt, tilt)
    q = product(q, from_axis_angle(n2, tilt), QUATERNION)
    v = q[..., 1:]
    first, second, third = _proper(
        q[..., 0], _dot(v, n1), _dot(v, n2), _dot(v, torch.linalg.cross(n1, n2)), order
    )
    second = torch.where(turned, tilt - second, second - tilt)
    angles = (first, second, third) if order == "intrinsic" else (third, second, first)
    return torch.stack(torch.broadcast_tensors(*angles), -1) / angle_unit(degrees)


def _proper(a: Tensor, b: Tensor, c: Tensor, d: Tensor, order: str) -> tuple[Tensor, ...]:
    """The angles about n₁, n₂, n₁ from the components along 1, n₁, n₂, n₁ × n₂.

    a, b = cos β/2 (cos σ, sin σ) and c, d = sin β/2 (cos δ, sin δ), α = σ + δ, γ = σ - δ.
    """
    cosine, sine = a * a + b * b, c * c + d * d
    tolerance = max(5e-8, 4 * torch.finfo(a.dtype).eps) ** 2
    flat, upside_down = sine <= tolerance * cosine, cosine <= tolerance * sine
    half_sum = torch.atan2(b.masked_fill(upside_down, 0), a.masked_fill(upside_down, 1))
    half_difference = torch.atan2(d.masked_fill(flat, 0), c.masked_fill(flat, 1))
    locked = flat | upside_down
    _tell(locked)
    sine, cosine = (torch.where(locked, x.detach(), x) for x in (sine, cosine))  # the kink
    middle = 2 * torch.atan2(_root(sine), _root(cosine))
    if order == "intrinsic":
        alone = torch.where(flat, 2 * half_sum, 2 * half_difference)
        first = torch.where(locked, alone, half_sum + half_difference)
        third = (half_sum - half_difference).masked_fill(locked, 0)
    else:
        alone = torch.where(flat, 2 * half_sum, -2 * half_difference)
        third = torch.where(locked, alone, half_sum - half_difference)
        first = (half_sum + half_difference).masked_fill(locked, 0)
    return _wrapped(first), middle, _wrapped(third)


def _tell(locked: Tensor) -> None:
    if can_be_read(locked) and locked.any():
        warnings.warn(
            f"{int(locked.sum())} of {locked.numel()} rotations are in gimbal lock: only the sum "
            "or the difference of the first and third angle is known, and the third is set to 0; "
            "warnings.simplefilter('ignore', rotations.GimbalLockWarning) silences this",
            GimbalLockWarning,
            stacklevel=2,
        )


def _root(square: Tensor) -> Tensor:
    zero = square == 0
    return square.masked_fill(zero, 1).sqrt().masked_fill(zero, 0)


def _wrapped(angle: Tensor) -> Tensor:
    return angle - 2 * math.pi * torch.round(angle.detach() / (2 * math.pi))


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(-1)
