r"""Slerp and nlerp towards the nearer of $b$ and $-b$, at $t$, columns `(…, 1)`.

The formulas are analytic in both ends. Shorter ones are $A \hat a + B \hat b$ with weights that
depend on the cosine $d = \hat a \cdot \hat b$ of the angle Ω and on $t$. For a cotangent $g$, with
$\alpha = g \cdot \hat a$, $\beta = g \cdot \hat b$ and $K = A_d \alpha + B_d \beta$, the gradients
along the units are $A g + K \hat b$ and $B g + K \hat a$. Dividing by a length takes the part along
the unit away and divides.

Both weights are computed at once, stacked in front: `T = (1 − t, t)` is `(2, …, 1)`. Far outside
of the ends the difference of the units must be taken before it is multiplied: the twins do.
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.scaling import squared_length, unit_or_nan
from hypercomplex.kernels.series import angle_over_sine, cosine_and_sinc
from hypercomplex.kernels.short import NEEDS, Columns, ShortFormulas, dot, repair, square
from hypercomplex.kernels.short_exponentials import limits

__all__ = ["arc", "chord", "nearer", "nlerp", "slerp"]

_NEAR = 0.01  # of sin²(Ω/2); the series is cut there
_FAR = 2.0  # of t and 1 − t, whose cube multiplies the rounding of the cosine d


@operation(tensors=3)
def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """The arc at constant speed, of units."""
    a, b = unit_or_nan(a), unit_or_nan(b)
    return arc(a, nearer(a, b), t)


@operation(tensors=3)
def nlerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """The direction of points on the chord."""
    a, b = unit_or_nan(a), unit_or_nan(b)
    return chord(a, nearer(a, b), t)


def nearer(a: Tensor, b: Tensor) -> Tensor:
    """Of b and −b the one on the side of a."""
    return torch.where(((a * b).sum(-1, keepdim=True)) < 0, -b, b)


def chord(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """The direction of `a + t (b − a)` of units."""
    return unit_or_nan(a + t * (b - a))


def arc(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
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


# ---------------------------------------------------------------------- short formulas


class _Blend(ShortFormulas):
    """A way from a to the nearer of b and −b."""

    def values(self, *inputs: Tensor) -> Columns | None:
        a, b, t = inputs
        ndim = max(x.ndim for x in inputs)
        T = torch.stack([1 - t, t]).view(2, *[1] * (ndim - t.ndim), *t.shape)
        if not T.abs().amax().item() <= _FAR:
            return None
        ia, ib = _inverse_length(a), _inverse_length(b)
        if ia is None or ib is None:
            return None
        d = _dot(a, b).mul_(ia).mul_(ib)
        ib = ib.copysign(d + 0.0)  # towards the nearer; −0 counts as 0
        d = d.abs_().clamp_(max=1.0)
        W = self.weights(d, T)
        A, B = W.unbind()
        return torch.addcmul(a * (A * ia), b, B * ib), ia, ib, d, T, W

    def gradients(self, g: Tensor, inputs: Columns, kept: Columns) -> Columns:
        (a, b, t), (ia, ib, d, T, W) = inputs, kept
        A, B = W.unbind()
        A_d, B_d = self.slopes(d, T, W).unbind()
        alpha, beta = _dot(g, a).mul_(ia), _dot(g, b).mul_(ib)
        K = (A_d * alpha).addcmul_(B_d, beta)
        across, Kd = K * (ia * ib), K * d
        along_a = torch.addcmul(Kd, A, alpha).mul_(ia * ia)
        along_b = torch.addcmul(Kd, B, beta).mul_(ib * ib)
        of_a = (g * (A * ia)).addcmul_(b, across).addcmul_(a, along_a, value=-1)
        of_b = (g * (B * ib)).addcmul_(a, across).addcmul_(b, along_b, value=-1)
        if not t.requires_grad:
            return of_a, of_b, torch.zeros_like(t)
        A_t, B_t = self.speeds(d, T, W).unbind()
        return of_a, of_b, (A_t * alpha).addcmul_(B_t, beta)

    @abstractmethod
    def weights(self, d: Tensor, T: Tensor) -> Tensor:
        """`A` and `B`."""

    @abstractmethod
    def slopes(self, d: Tensor, T: Tensor, W: Tensor) -> Tensor:
        """Their derivatives along `d`."""

    @abstractmethod
    def speeds(self, d: Tensor, T: Tensor, W: Tensor) -> Tensor:
        """Their derivatives along `t`."""


class _GreatCircle(_Blend):
    """At constant speed: `A = sin((1 − t)Ω) / sin Ω`, `B = sin(tΩ) / sin Ω`."""

    def weights(self, d: Tensor, T: Tensor) -> Tensor:
        angle = _angle(d)
        return (angle * T).sin_().div_(angle.sin())

    def slopes(self, d: Tensor, T: Tensor, W: Tensor) -> Tensor:
        far = (W * d).sub_((_angle(d) * T).cos_().mul_(T)).div_((1 - d) * (1 + d))
        y, square = (1 - d) / 2, T * T
        near = y < _NEAR / square.clamp(min=1)
        return repair(far, near, _slope_near, y, T)

    def speeds(self, d: Tensor, T: Tensor, W: Tensor) -> Tensor:
        angle = _angle(d)
        A, B = (angle * T).cos_().mul_(angle / angle.sin()).unbind()
        return torch.stack([-A, B])


class _Chord(_Blend):
    """Along the chord, as units: `A = (1 − t) / m`, `B = t / m`, `m² = 1 − 2 t (1 − t) (1 − d)`."""

    def weights(self, d: Tensor, T: Tensor) -> Tensor:
        return ((d - 1) * (2 * T[0] * T[1])).add_(1).rsqrt_() * T

    def slopes(self, d: Tensor, T: Tensor, W: Tensor) -> Tensor:
        return -W[0] * W[1] * W

    def speeds(self, d: Tensor, T: Tensor, W: Tensor) -> Tensor:
        inverse = W[0] + W[1]
        factor = inverse * inverse * ((1 - d) * (T[0] - T[1]))  # −∂ log m / ∂t
        return torch.stack([factor * W[0] - inverse, factor * W[1] + inverse])


@slerp.variant(needs=NEEDS)
def short_arc(a: Tensor, b: Tensor, t: Tensor) -> Tensor | None:
    """Value and first derivative in few calls, near the ends, if all are in range."""
    return _GreatCircle()(slerp.twin, a, b, t)


@nlerp.variant(needs=NEEDS)
def short_chord(a: Tensor, b: Tensor, t: Tensor) -> Tensor | None:
    """Value and first derivative in few calls, near the ends, if all are in range."""
    return _Chord()(nlerp.twin, a, b, t)


def _angle(d: Tensor) -> Tensor:
    """`acos d`, kept from 0, near which nothing that is made of it depends on it."""
    return d.clamp(max=1 - torch.finfo(d.dtype).eps).acos_()


def _slope_near(y: Tensor, s: Tensor) -> Tensor:
    r"""`−s (1 − s²) / 3 · ₂F₁(2 + s, 2 − s; 5/2; y)`: the slope of `sin(sΩ) / sin Ω` at
    `y = sin²(Ω/2)`.
    """
    total, square = torch.ones_like(y), s * s
    for k in reversed(range(5 if y.dtype == torch.float32 else 9)):
        ratio = ((2 + k) ** 2 - square).mul_(y).div_((2.5 + k) * (1 + k))
        total.mul_(ratio).add_(1)
    return total.mul_(s).mul_((square - 1).div_(3))


def _inverse_length(x: Tensor) -> Tensor | None:
    """One over the length, None unless all squares are in range."""
    square_ = square(x)
    low, high = (limit.item() for limit in square_.aminmax())
    _, small, large = limits(x.dtype)
    return square_.rsqrt_() if low > small and high <= large else None


def _dot(x: Tensor, y: Tensor) -> Tensor:
    """The sum of products as a column, with broadcasting."""
    return dot(x, y) if x.shape == y.shape else dot(*torch.broadcast_tensors(x, y))
