r"""What exponential and logarithm are in the invariants of a bivector, $B^2 = S + W$ and
$\omega = W^2$.

$$e^B = \cosh B + \sinh B = (A + D\,W) + (\alpha + \beta\,W)\,B$$

where the four coefficients are entire functions of $S$ and $\omega$. With the squares
$\lambda_{1,2} = (S \pm \sqrt{S^2 - \omega}) / 2$ of the two simple parts of $B$, and
$c_i = \cosh\sqrt{\lambda_i}$, $s_i = \sinh\sqrt{\lambda_i} / \sqrt{\lambda_i}$,

$$A = c_1 c_2,\quad D = \tfrac12 s_1 s_2,\quad
\alpha = \frac{\lambda_1 s_1 c_2 - \lambda_2 c_1 s_2}{\lambda_1 - \lambda_2},\quad
\beta = \frac{c_1 s_2 - s_1 c_2}{2 (\lambda_1 - \lambda_2)},$$

and with the eigenvalues $\mu_\pm = S \pm \sqrt\omega$ of $B^2$ the coefficients are means and
divided differences of $\cosh\sqrt\mu$ and $\sinh\sqrt\mu / \sqrt\mu$. The first form loses digits
where both squares are equal, the second where one of them is 0: each serves where it is good, and
near 0, where both lose, a series does. All three are differentiated as they stand, and what a
branch does not serve is replaced before it enters. The logarithm is written in the same way.

Everything here takes and gives columns `(…, 1)`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial, prod

import torch
from torch import Tensor

from hypercomplex.geometric.study import series_of_study
from hypercomplex.host.mode import can_be_read
from hypercomplex.kernels.series import COSH, SINHC, series

__all__ = [
    "Columns",
    "angle_over_sinh",
    "cosh_sinhc",
    "double_exp",
    "double_log",
    "flat_exp",
    "flat_log",
]

Columns = tuple[Tensor, ...]

_ENTIRE = 0.01  # below it the lists of `kernels.series` are exact to rounding, with two derivatives
_BROAD = 0.25  # where a difference cancels in the value itself
_BOTH_SMALL = 1 / 16, 1 / 256  # of S² + |ω|, for the exponential and the logarithm
_NEAR_ONE = 0.03  # of sinh², for inverse functions

_COSH = [1 / factorial(2 * k) for k in range(11)]
_SINHC = [1 / factorial(2 * k + 1) for k in range(11)]
_SINHC_SLOPE = [(k + 1) / factorial(2 * k + 3) for k in range(9)]
_ASINHC = [
    (-1) ** k * factorial(2 * k) / (4**k * factorial(k) ** 2 * (2 * k + 1)) for k in range(12)
]
_ACOSH = [2**k * factorial(k) ** 2 / factorial(2 * k + 1) for k in range(15)]
_ACOSH_SLOPE = [
    -((-1) ** k) * prod(range(2, 2 * k + 3, 2)) / prod(range(3, 2 * k + 4, 2)) / (2 * k + 2)
    for k in range(12)
]


# ---------------------------------------------------------------------- the exponential


def cosh_sinhc(z: Tensor, boosts: bool) -> Columns:
    r"""$\cosh\sqrt z$ and $\sinh\sqrt z / \sqrt z$; without boosts of $z \le 0$ only."""
    near = z.detach().abs() < _ENTIRE

    def small() -> Columns:
        u = z.masked_fill(~near, 0)
        return series(u, COSH), series(u, SINHC)

    def large() -> Columns:
        root = z.abs().masked_fill(near, 1).sqrt()
        c, s = root.cos(), root.sin() / root
        if not boosts:
            return c, s
        positive = z > 0
        root = root.masked_fill(~positive, 1)
        c = torch.where(positive, root.cosh(), c)
        return c, torch.where(positive, root.sinh() / root, s)

    return _either(near, small, large)


def flat_exp(S: Tensor, boosts: bool) -> Columns:
    r"""The coefficients $A, D, \alpha, \beta$ where $\omega = 0$ for every bivector."""
    c, s = cosh_sinhc(S, boosts)
    near = S.detach().abs() < _BROAD

    def small() -> Columns:
        return (series(S.masked_fill(~near, 0), _SINHC_SLOPE),)

    def large() -> Columns:
        return ((c - s) / (2 * S.masked_fill(near, 1)),)

    return c, s / 2, s, *_either(near, small, large)


def double_exp(S: Tensor, omega: Tensor, boosts: bool) -> Columns:
    r"""The coefficients $A, D, \alpha, \beta$."""
    near = (S.square() + omega.abs()).detach() < _BOTH_SMALL[0]

    def small() -> Columns:
        a, w = S.masked_fill(~near, 0), omega.masked_fill(~near, 0)
        return *series_of_study(a, w, _COSH), *series_of_study(a, w, _SINHC)

    def large() -> Columns:
        return _large_exp(S.masked_fill(near, 1), omega.masked_fill(near, 0), boosts)

    return _either(near, small, large)


def _large_exp(S: Tensor, omega: Tensor, boosts: bool) -> Columns:
    apart = omega.detach() <= S.detach().square() / 2
    one, two = _simple_squares(S.masked_fill(~apart, 1), omega.masked_fill(~apart, 0))
    root = omega.masked_fill(apart, 1).sqrt()
    one, two = torch.where(apart, one, S + root), torch.where(apart, two, S - root)
    c, s = cosh_sinhc(torch.cat([one, two], -1), boosts)
    (c1, c2), (s1, s2), gap = c.split(1, -1), s.split(1, -1), one - two
    left, right = s1 * c2, c1 * s2
    return (
        torch.where(apart, c1 * c2, (c1 + c2) / 2),
        torch.where(apart, s1 * s2 / 2, (c1 - c2) / gap),
        torch.where(apart, (one * left - two * right) / gap, (s1 + s2) / 2),
        torch.where(apart, (right - left) / (2 * gap), (s1 - s2) / gap),
    )


def _simple_squares(S: Tensor, omega: Tensor) -> tuple[Tensor, Tensor]:
    r"""The roots of $x^2 - S x + \omega / 4$, the larger first, of which none cancels."""
    root = (S.square() - omega).sqrt()
    large = torch.where(S < 0, S - root, S + root) / 2
    return large, omega / (4 * large)


# ---------------------------------------------------------------------- the logarithm


def angle_over_sinh(c: Tensor, q: Tensor) -> Tensor:
    r"""$x / \sinh x$ of $c = \cosh x$ and $q = \sinh^2 x$, principal: $\operatorname{Im} x < \pi$.

    NaN where there is none: where $q \ge 0$ and $c < 0$.
    """
    near = (q.detach().abs() < _NEAR_ONE) & (c > 0)

    def small() -> Columns:
        return (series(q.masked_fill(~near, 0), _ASINHC),)

    def large() -> Columns:
        turn, boost = q < 0, (q > 0) & (c > 0)
        angle = (-q).masked_fill(near | ~turn, 1).sqrt()
        far = torch.atan2(angle, c.masked_fill(near, 1)) / angle
        root = q.masked_fill(near | ~boost, 1).sqrt()
        far = torch.where(boost, root.asinh() / root, far)
        return (far.masked_fill(~(near | turn | boost), torch.nan),)

    return _either(near, small, large)[0]


def flat_log(a: Tensor, q: Tensor) -> Columns:
    r"""The coefficients of $\log R = (P + F\,W)\,\langle R \rangle_2$ where $W^2 = 0$.

    $a$ and $W$ are the real part and the 4-vector of R, $q$ is the real part of
    $\langle R \rangle_2^2$.
    """
    angle = angle_over_sinh(a, q)
    near = (q.detach().abs() < _NEAR_ONE) & (a > 0)

    def small() -> Columns:
        return (series(q.masked_fill(~near, 0), _ACOSH_SLOPE),)

    def large() -> Columns:
        return ((1 - a * angle) / q.masked_fill(near, 1),)

    return angle, *_either(near, small, large)


def double_log(a: Tensor, omega: Tensor, q: Tensor) -> Columns:
    r"""The coefficients $P$ and $F$ of any $\omega = W^2$.

    $X = \sinh^2 x$ and $Y = \sinh^2 y$ of both simple parts have the product $\omega$ and the sum
    $T = q - 2\omega$.
    """
    T = q - 2 * omega
    near = ((T.square() + omega.abs()).detach() < _BOTH_SMALL[1]) & (a > 0)

    def small() -> Columns:
        f, g = series_of_study((1 - a).masked_fill(~near, 0), omega.masked_fill(~near, 0), _ACOSH)
        return f, -g

    def large() -> Columns:
        return _large_log(
            a.masked_fill(near, 0), omega.masked_fill(near, 0), q.masked_fill(near, -1)
        )

    return _either(near, small, large)


def _large_log(a: Tensor, omega: Tensor, q: Tensor) -> Columns:
    T = q - 2 * omega
    apart = 4 * omega.detach() <= T.detach().square() / 2
    large, small = _simple_squares(T.masked_fill(~apart, -1), 4 * omega.masked_fill(~apart, 0))
    swap = (omega < 0) & (large > 0)
    X, Y = torch.where(swap, small, large), torch.where(swap, large, small)
    cy = (1 + Y).sqrt()  # which is not near 0
    root = omega.masked_fill(apart, 1).sqrt()
    c = torch.cat([torch.where(apart, a / cy, a + root), torch.where(apart, cy, a - root)], -1)
    q = torch.cat(
        [torch.where(apart, X, q + 2 * a * root), torch.where(apart, Y, q - 2 * a * root)], -1
    )
    (c1, c2), (k1, k2) = c.split(1, -1), angle_over_sinh(c, q).split(1, -1)
    F = torch.where(apart, (k1 * c1 - k2 * c2) / (Y - X), (k1 - k2) / (2 * root))
    return torch.where(apart, (k1 - F * Y * c1) / c2, (k1 + k2) / 2), F


def _either(near: Tensor, small: Callable[[], Columns], large: Callable[[], Columns]) -> Columns:
    """The one where that is so, else the other; only the one where values can be read and agree."""
    if can_be_read(near):
        if not near.any():
            return large()
        if near.all():
            return small()
    return tuple(torch.where(near, *both) for both in zip(small(), large(), strict=True))
