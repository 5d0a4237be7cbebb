"""Time stamps of a path: which piece a time falls into, and how far, to the last digit.

Stamps of a clock have more digits than the rotations beside them: seconds since 1970 in float64,
nanoseconds in int64. Their differences are taken in their own type, and rounded then.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.host.mode import can_be_read
from hypercomplex.rotations.arguments import Stamps, check_quaternions

__all__ = ["elapsed", "pieces"]


def pieces(times: Stamps, q: Tensor, t: Stamps) -> tuple[Tensor, Tensor, Tensor]:
    """For times `t`: the knot at which the piece of each begins, the lengths `(n - 1,)` of all
    pieces, NaN where times do not grow, and what has elapsed since the knot.
    """
    check_quaternions("q", q)
    if times.ndim != 1 or q.ndim < 2 or q.shape[-2] != len(times) or len(times) < 2:
        raise ValueError(
            f"`times` of shape {tuple(times.shape)} must hold one time for each of two or more "
            f"knots, the axis before the last of `q` of shape {tuple(q.shape)}"
        )
    if t.ndim > 1:
        raise ValueError(f"`t` of shape {tuple(t.shape)} must be one time or a row of times")
    steps, t = elapsed(times[1:], times[:-1]), t.reshape(-1)
    growing = steps > 0
    if can_be_read(times) and not growing.all():
        k = int(growing.logical_not().nonzero()[0])
        raise ValueError(
            f"`times` must grow from each knot to the next, but times[{k + 1}] "
            f"(={times[k + 1].item()}) does not exceed times[{k}] (={times[k].item()})"
        )
    start = (_count_until(times, t) - 1).clamp(0, len(times) - 2)
    since = elapsed(t, times.index_select(0, start))
    return start, steps.masked_fill(~growing, torch.nan).to(q.dtype), since.to(q.dtype)


def elapsed(t: Tensor, since: Tensor) -> Tensor:
    """`t - since` of two stamps to the last digit: integers are subtracted as integers."""
    if t.is_floating_point() and since.is_floating_point():
        dtype = torch.promote_types(t.dtype, since.dtype)
        return t.to(dtype) - since.to(dtype)
    if t.is_floating_point():
        whole = t.floor()
        return (whole.long() - since.long()).to(torch.float64) + (t - whole)
    if since.is_floating_point():
        return -elapsed(since, t)
    return (t.long() - since.long()).to(torch.float64)


def _count_until(times: Tensor, t: Tensor) -> Tensor:
    """How many of the times have come at t."""
    if not times.is_floating_point() and t.is_floating_point():
        t = t.detach().floor().long()
    dtype = torch.promote_types(times.dtype, t.dtype)
    if dtype.is_floating_point:
        dtype = torch.promote_types(dtype, torch.float64)
    times, t = times.detach().to(dtype), t.detach().to(dtype)
    return torch.searchsorted(times.contiguous(), t.contiguous(), right=True)
