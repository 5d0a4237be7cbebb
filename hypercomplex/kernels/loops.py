r"""The logarithm written for torch's compiler, where $v^2 = -|v|^2$: values alone.

Its loop computes eight or sixteen numbers at once and cannot branch, so the formula holds for
numbers of every size: constants that are powers of two bring them into range, and what is special
is chosen once, at the end. Logarithm and angle of float32 are written out, since a processor must
put all that it holds into memory to call a function. The result is right to rounding of the whole
number. It is not to be differentiated; that of `kernels.elementary` is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor

from hypercomplex.kernels.series import ATANHC

__all__ = ["logarithm"]

Columns = tuple[Tensor, ...]

_ATAN = [  # of atan √z / √z up to z = 1, with the least relative error, 2e-8
    1, -0.3333315273500781, 0.19993772809046506, -0.14211055085177304, 0.10666003711456305,
    -0.0755221217401002, 0.043211834331873165, -0.01636791077753802, 0.0029206876938761145,
]  # fmt: skip
_HALF = 0x3F3504F3  # the bits of √½ in float32
_DIGITS = 23  # bits behind the exponent
_RANGES = {torch.float32: (60, 100, -40, 88), torch.float64: (500, 800, -400, 700)}
"""From which exponent on a number is huge, and what is then taken off it; the same of tiny ones."""


def logarithm(a: Tensor, v: Columns) -> Columns:
    """`log(a + v)`, of columns."""
    size = _largest(v)
    m = torch.maximum(a.abs(), size)
    (factor, log), (own, _) = _factor(m), _factor(size)
    x = _finite(a * factor)
    parts = [_alone(_finite(part * own), size) for part in v]  # factor · v may have no direction
    length, back = _square(parts), factor / own
    r, height = length.sqrt(), length * back * back
    square, above_one = x * x + height, (x - 1) * (x + 1) + height
    L = _half_log(square, above_one) - log
    L = torch.where(m == 0, -torch.inf, torch.where(m == torch.inf, torch.inf, L))
    B = _angle(_alone(r * back, m), x, square) * (r + torch.finfo(r.dtype).tiny).reciprocal()
    first, *rest = (B * part for part in parts)
    return L, torch.where((size == 0) & (a < 0), math.pi, first), *rest


# ---------------------------------------------------------------------- sizes


def _largest(v: Columns) -> Tensor:
    """The largest modulus of a component; NaN if any is."""
    return reduce(torch.maximum, [part.abs() for part in v])


def _square(parts: Sequence[Tensor]) -> Tensor:
    return reduce(torch.add, [part * part for part in parts])


def _factor(m: Tensor) -> tuple[Tensor, Tensor]:
    """The power of two by which numbers of size m are multiplied, so that squares are in range, and
    its logarithm.
    """
    huge, down, tiny, up = _RANGES[m.dtype]
    large, small = m > 2.0**huge, m < 2.0**tiny
    factor = torch.ones_like(m).masked_fill(small, 2.0**up).masked_fill(large, 2.0**-down)
    log = torch.zeros_like(m).masked_fill(small, up * math.log(2))
    return factor, log.masked_fill(large, -down * math.log(2))


def _finite(x: Tensor) -> Tensor:
    """Components times their factor, of which infinite ones are now far larger than all others."""
    bound = 2.0 ** _RANGES[x.dtype][0]
    return x.clamp(-bound, bound)


def _alone(x: Tensor, m: Tensor) -> Tensor:
    """The same where finite ones become 0 beside infinite ones: they are rounded off."""
    far = torch.zeros_like(x).masked_fill(m == torch.inf, 2.0 ** _RANGES[x.dtype][0])
    return (x + far) - far


# ---------------------------------------------------------------------- functions of reals


def _half_log(square: Tensor, above_one: Tensor) -> Tensor:
    """Half the logarithm of a square, which comes less 1, too: next to 1 that keeps its digits."""
    if square.dtype != torch.float32:
        near = above_one.abs() < 0.5
        return torch.where(near, above_one.log1p(), square.log()) / 2
    bits = square.view(torch.int32)
    exponent = (bits - _HALF) >> _DIGITS
    part = (bits - (exponent << _DIGITS)).view(torch.float32)  # from √½ to √2
    f = torch.where(exponent == 0, above_one, part - 1)
    w = f / (2 + f)
    whole = exponent.float() * (math.log(2) / 2) + (square - square)  # NaN stays NaN
    return whole + w * _sum(w * w, ATANHC[:5])


def _angle(y: Tensor, x: Tensor, square: Tensor) -> Tensor:
    """`atan2(y, x)` for `y ≥ 0` and the square of their length, twice that of half the angle."""
    if x.dtype != torch.float32:
        return torch.atan2(y, x)
    tangent = y / (square.sqrt() + x.abs() + torch.finfo(x.dtype).tiny)
    angle = 2 * tangent * _sum(tangent * tangent, _ATAN)
    return torch.where(x < 0, math.pi - angle, angle)


def _sum(z: Tensor, coefficients: Sequence[Any]) -> Any:
    """The polynomial with these coefficients, the constant first: neighbours are added at once, and
    not one after the other, since a processor computes several in the time that it waits for one.
    """
    if len(coefficients) == 1:
        return coefficients[0]
    even, odd = coefficients[::2], coefficients[1::2]
    pairs = [a + b * z for a, b in zip(even, odd, strict=False)]
    return _sum(z * z, [*pairs, *even[len(odd) :]])
