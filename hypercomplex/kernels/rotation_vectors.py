"""The quaternion of a rotation vector, and back: exponential and logarithm, with a constant factor.

The twins are right everywhere; short formulas are those of `short_exponentials`, of what is
imaginary.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.plane import Point, cos_sinc
from hypercomplex.kernels.scaling import by_largest, squared_length
from hypercomplex.kernels.series import angle_over_sine
from hypercomplex.kernels.short import NEEDS, Columns, ShortFormulas, dot, square
from hypercomplex.kernels.short_exponentials import arc, arc_slope, joined, limits, turn, turn_slope

__all__ = ["exponential", "logarithm", "positive_real"]


@operation(tensors=1)
def exponential(v: Tensor, scale: float) -> Tensor:
    """The exponential `cos |cv| + cv sin |cv| / |cv|` of an imaginary quaternion."""
    v = scale * v
    cosine, sinc = cos_sinc(Point(v[..., :1], (v,), v.detach().abs().amax(-1, True), QUATERNION))
    return torch.cat([cosine, v * sinc], -1)


@exponential.variant(needs=NEEDS)
def short_exponential(v: Tensor, scale: float) -> Tensor | None:
    """Value and first derivative in few calls, if all are in range."""
    return _Exp(scale)(partial(exponential.twin, scale=scale), v)


class _Exp(ShortFormulas):
    """`e^{cv}` of an imaginary `v`, with a constant `c`."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def values(self, *inputs: Tensor) -> Columns | None:
        (v,) = inputs
        s = square(v)
        c, sinc, finite = turn(s, self.scale)
        if not finite:
            return None
        factor = sinc if self.scale == 1 else sinc.mul_(self.scale)
        return joined(c, factor, v), s, c, factor

    def gradients(self, g: Tensor, inputs: Columns, kept: Columns) -> Columns:
        (v,), (s, c, factor), k = inputs, kept, self.scale
        g0, gv = g[..., :1], g[..., 1:]
        across = turn_slope(c, factor / k, s * k**2).mul_(k**3).mul_(dot(v, gv))
        across.addcmul_(factor, g0, value=-k)
        return (torch.addcmul(factor * gv, across, v),)


@operation(tensors=1)
def logarithm(q: Tensor, scale: float) -> Tensor:
    """The imaginary part of the shortest logarithm, times a constant."""
    w, v = positive_real(by_largest(q))
    return v * angle_over_sine(w, squared_length(v)).unsqueeze(-1) * scale


@logarithm.variant(needs=NEEDS)
def short_logarithm(q: Tensor, scale: float) -> Tensor | None:
    """Value and first derivative in few calls, if all are in range."""
    return _Log(scale)(partial(logarithm.twin, scale=scale), q)


class _Log(ShortFormulas):
    """The imaginary part of `log ±x`, whichever sign makes it the shorter, times a constant."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def values(self, *inputs: Tensor) -> Columns | None:
        (x,) = inputs
        a, v = x[..., :1], x[..., 1:]
        s = square(v)
        n = torch.addcmul(s, a, a)
        low, high = (limit.item() for limit in n.aminmax())
        _, small, large = limits(s.dtype)
        if not (low > small and high <= large):
            return None
        B = arc(a.abs(), s).copysign_(a + 0.0)  # −0 counts as 0
        return v * (B * self.scale), s, n, B

    def gradients(self, g: Tensor, inputs: Columns, kept: Columns) -> Columns:
        x, (s, n, B), k = inputs[0], kept, self.scale
        a, v = x[..., :1], x[..., 1:]
        D = arc_slope(a.abs(), s, n, B.abs()).mul_(k).copysign_((a + 0.0).neg_())
        p = dot(v, g)
        return (torch.cat([p / n * -k, torch.addcmul((B * k) * g, D.mul_(p), v)], -1),)


def positive_real(q: Tensor) -> tuple[Tensor, Tensor]:
    """Of q and -q, the one whose real part is not negative: real part and imaginary part."""
    w, v = q[..., 0], q[..., 1:]
    negative = w < 0
    return torch.where(negative, -w, w), torch.where(negative.unsqueeze(-1), -v, v)
