"""Lengths of numbers whose squares would overflow or underflow: look first, and scale if needed.

Looking at the squared lengths is cheap, so where values can be read (`mode.works_in_place`)
numbers are left as they are if their squares are harmless. Elsewhere they are divided by their
largest component, or widened, which needs no look.
"""

from __future__ import annotations

from functools import reduce
from math import inf

import torch
from torch import Tensor

from hypercomplex.host.mode import is_compiling

__all__ = [
    "by_largest",
    "is_moderate",
    "largest",
    "moderate",
    "scaled_for_loops",
    "squared_length",
    "unit_or_nan",
    "wider",
]

_WIDER = {
    torch.float16: torch.float32,
    torch.bfloat16: torch.float64,
    torch.float32: torch.float64,
}
_MODERATE = 2.0**-10, 2.0**10  # narrow: what is multiplied by such numbers may be huge itself

_FEW = 32  # of which Python looks at each faster than torch finds the largest


def is_moderate(squares: Tensor) -> bool:
    """Whether all squared lengths are near enough to 1 to compute with; not if any is NaN."""
    count = squares.numel()
    if count == 0:
        return True
    if count <= _FEW:
        sizes = squares.flatten().tolist()
        least, most = min(sizes), max(sizes)
        return least > _MODERATE[0] and most < _MODERATE[1] and sum(sizes) < inf  # none is NaN
    lowest, highest = torch.aminmax(squares.detach())
    return lowest.item() > _MODERATE[0] and highest.item() < _MODERATE[1]


def wider(x: Tensor) -> torch.dtype | None:
    """The type in which squares of x neither overflow nor underflow, where computing in it is fast:
    in eager code on a CPU, with components side by side. Elsewhere scaling is as fast, or faster.
    """
    if is_compiling() or not x.is_cpu or x.stride(-1) != 1:
        return None
    return _WIDER.get(x.dtype)


def moderate(x: Tensor) -> Tensor:
    """Numbers in a wider type, or divided by its largest component: squares are safe either way."""
    wide = wider(x)
    return x / largest(x) if wide is None else x.to(wide)


def largest(x: Tensor) -> Tensor:
    """The largest modulus of a component, never 0 or infinite; a constant."""
    limits = torch.finfo(x.dtype)
    return _largest(x).clamp(limits.tiny, limits.max)


def scaled_for_loops(x: Tensor) -> tuple[list[Tensor], Tensor]:
    """Components times a constant near 16 over the largest one, and this constant, never 0.

    For the compiler: without branches, so that the loop is vectorised.
    """
    parts, limits = x.unbind(-1), torch.finfo(x.dtype)
    sizes = [part.detach().abs() * (1 / 16) for part in parts]
    scale = (reduce(torch.add, sizes) + limits.tiny).clamp(max=limits.max).reciprocal()
    return [part * scale for part in parts], scale


def by_largest(x: Tensor) -> Tensor:
    """Numbers times a constant that makes their largest component 1.

    What depends on the direction only is the same afterwards, with all its derivatives, and no
    square overflows or underflows. Zero, which has no direction, gives NaN.
    """
    return x / _largest(x)


def unit_or_nan(x: Tensor) -> Tensor:
    """Numbers divided by their length; NaN for zero."""
    x = by_largest(x)
    return x * squared_length(x).rsqrt().unsqueeze(-1)


def squared_length(x: Tensor) -> Tensor:
    """The sum of squares over the last axis, which has a few components."""
    first, *rest = x.unbind(-1)
    return reduce(lambda total, part: total + part * part, rest, first * first)


def _largest(x: Tensor) -> Tensor:
    moduli = x.detach().abs()
    if is_compiling():  # which makes one loop of this, but not of a reduction
        return reduce(torch.maximum, moduli.split(1, -1))
    return moduli.amax(-1, keepdim=True)
