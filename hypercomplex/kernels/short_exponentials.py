r"""Short formulas of $e^x$, $\log x$ and $\sqrt x$ where $v^2 = -|v|^2$, with first derivatives.

With $f(a + v) = A + B v$ and $f'(a + v) = A' + B' v$ the Cauchy–Riemann equations give, for a
cotangent $g = g_0 + \gamma$ and $p = \langle v, \gamma \rangle$,

$$\bar a = A' g_0 + B' p, \qquad \bar v = B \gamma + (D p - B' g_0)\, v, \qquad
D = (A' - B) / |v|^2.$$

$D$ cancels near the real axis, where it is summed as a series. All take columns `(…, 1)`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cache
from math import factorial

import torch
from torch import Tensor

from hypercomplex.kernels.short import Columns, ShortFormulas, dot, fits_one_call, repair, square

__all__ = ["Exponential", "Logarithm", "Root"]

_EXP_SLOPE = [(-1) ** (k + 1) * 2 * (k + 1) / factorial(2 * k + 3) for k in range(6)]
_LOG_SLOPE = [(-1) ** (k + 1) * (2 * k + 2) / (2 * k + 3) for k in range(8)]
_NEAR_TURN, _NEAR_ANGLE = 0.05, 0.01  # of |v|², and of |v|² / a²; the series are cut there


@cache
def limits(dtype: torch.dtype) -> tuple[float, float, float]:
    """The smallest length that counts, the smallest square without loss and the largest number."""
    info = torch.finfo(dtype)
    return float(info.tiny**0.4), float(info.tiny**0.5), float(info.max)


def polynomial(z: Tensor, coefficients: Sequence[float]) -> Tensor:
    """Horner's scheme, with as many terms as the dtype needs."""
    if z.dtype == torch.float32:
        coefficients = coefficients[: (len(coefficients) + 1) // 2]
    total = z * coefficients[-1]
    for c in coefficients[-2:0:-1]:
        total.add_(c).mul_(z)
    return total.add_(coefficients[0])


def turn(s: Tensor, scale: float = 1.0) -> tuple[Tensor, Tensor, bool]:
    """`cos r` and `sin r / r` of `r = scale √s`, and whether all are finite."""
    r = s.sqrt()
    if scale != 1:
        r.mul_(scale)
    finite = r.amax().item() <= limits(s.dtype)[2]
    r.clamp_(min=torch.finfo(s.dtype).tiny)  # where the sine is its argument
    return r.cos(), r.sin().div_(r), finite


def turn_slope(c: Tensor, sinc: Tensor, s: Tensor) -> Tensor:
    """`(cos √s − sin √s / √s) / s`."""
    near = s < _NEAR_TURN
    return repair((c - sinc).div_(s), near, lambda z: polynomial(z, _EXP_SLOPE), s)


def arc(a: Tensor, s: Tensor) -> Tensor:
    """`atan2(√s, a) / √s`, where `a² + s` is in range and `s` too if `a < 0`."""
    r = s.sqrt().clamp_(min=limits(s.dtype)[0])
    return torch.atan2(r, a).div_(r)


def arc_slope(a: Tensor, s: Tensor, n: Tensor, angle: Tensor) -> Tensor:
    """`(a / n − angle) / s` with `n = a² + s`."""
    far = (a / n).sub_(angle).div_(s)
    near = (s < _NEAR_ANGLE * a * a).logical_and_(a > 0)
    return repair(far, near, _arc_slope_near, a, s)


def _arc_slope_near(a: Tensor, s: Tensor) -> Tensor:
    inverse = 1 / a
    return polynomial(s * inverse * inverse, _LOG_SLOPE) * inverse**3


def joined(real: Tensor, factor: Tensor, v: Tensor) -> Tensor:
    """`real + factor · v`, written in place."""
    result = v.new_empty((*v.shape[:-1], v.shape[-1] + 1))
    result[..., :1] = real
    width = v.shape[-1] if fits_one_call(v) else 1
    for part, out in zip(v.split(width, -1), result[..., 1:].split(width, -1), strict=True):
        torch.mul(part, factor, out=out)
    return result


class _Analytic(ShortFormulas):
    """A function of numbers whose imaginary parts have Euclidean squares."""

    def values(self, *inputs: Tensor) -> Columns | None:
        (x,) = inputs
        a, v = x[..., :1], x[..., 1:]
        s = square(v)
        found = self.coefficients(a, s)
        return found and (joined(*found, v), s, *found)

    def gradients(self, g: Tensor, inputs: Columns, kept: Columns) -> Columns:
        a, v = inputs[0][..., :1], inputs[0][..., 1:]
        g0, gv = g[..., :1], g[..., 1:]
        s, A, B = kept
        A1, B1, D = self.slopes(a, s, A, B)
        p = dot(v, gv)
        real = (A1 * g0).addcmul_(B1, p)
        across = D.mul_(p).addcmul_(B1, g0, value=-1)
        return (torch.cat([real, torch.addcmul(B * gv, across, v)], -1),)

    @abstractmethod
    def coefficients(self, a: Tensor, s: Tensor) -> tuple[Tensor, Tensor] | None:
        """`A` and `B` of the function."""

    @abstractmethod
    def slopes(self, a: Tensor, s: Tensor, A: Tensor, B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`A'`, `B'` and `D`."""


class Exponential(_Analytic):
    """`e^x`."""

    def coefficients(self, a: Tensor, s: Tensor) -> tuple[Tensor, Tensor] | None:
        """`A` and `B`, None outside the range."""
        e = a.exp()
        if not e.amax().item() <= limits(s.dtype)[2]:
            return None
        c, sinc, finite = turn(s)
        return (c.mul_(e), sinc.mul_(e)) if finite else None

    def slopes(self, a: Tensor, s: Tensor, A: Tensor, B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`A'`, `B'` and `D`."""
        D = (A - B).div_(s)
        D = repair(D, s < _NEAR_TURN, lambda z, a: polynomial(z, _EXP_SLOPE) * a.exp(), s, a)
        return A, B, D


def _length(a: Tensor, s: Tensor) -> Tensor | None:
    """`a² + s` if it is in range for all, and none is near the cut."""
    _, small, large = limits(s.dtype)
    n = torch.addcmul(s, a, a)
    off = torch.addcmul(s, a.clamp(min=0), a)
    return n if off.amin().item() > small and n.amax().item() <= large else None


class Logarithm(_Analytic):
    """`log x`."""

    def coefficients(self, a: Tensor, s: Tensor) -> tuple[Tensor, Tensor] | None:
        """`A` and `B`, None outside the range."""
        n = _length(a, s)
        if n is None:
            return None
        z = torch.addcmul(s, a - 1, a + 1).clamp_(min=-0.5)  # exact near 1
        small = n.clamp_(max=0.5).mul_(2)
        return z.log1p_().add_(small.log_()).mul_(0.5), arc(a, s)

    def slopes(self, a: Tensor, s: Tensor, A: Tensor, B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`A'`, `B'` and `D`."""
        n = torch.addcmul(s, a, a)
        return a / n, -1 / n, arc_slope(a, s, n, B)


class Root(_Analytic):
    """`√x`."""

    def coefficients(self, a: Tensor, s: Tensor) -> tuple[Tensor, Tensor] | None:
        """`A` and `B`, None outside the range."""
        n = _length(a, s)
        if n is None:
            return None
        h = n.sqrt_().add_(a.abs()).mul_(0.5).sqrt_()
        A = torch.where(a < 0, s.sqrt().div_(h).mul_(0.5), h)
        return (A, 0.5 / A) if A.amin().item() > limits(s.dtype)[1] ** 0.5 else None

    def slopes(self, a: Tensor, s: Tensor, A: Tensor, B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`A'`, `B'` and `D`."""
        inverse = torch.addcmul(s, a, a).rsqrt_()
        half = inverse * 0.5
        return A * half, -B * half, (B * B).mul_(B).mul_(inverse).neg_()
