r"""Even functions of an angle as functions of its square, with exact derivatives.

The chain rule through $|v| = \sqrt{v \cdot v}$ divides zero by zero at $v = 0$. What rotations and
functions of numbers need is analytic in $u = |v|^2$: near zero it is summed as a series in $u$,
elsewhere it is written with the root. The branch that is not taken sees a harmless constant, so its
derivative is finite.
Custom autograd functions would be faster, but torch 2.13 loses their second derivatives forward
over forward.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import torch
from torch import Tensor

__all__ = [
    "ASINHC",
    "ATANC",
    "ATANHC",
    "COS",
    "COSH",
    "SINC",
    "SINHC",
    "TANHC",
    "angle_over_sine",
    "cosine_and_sinc",
    "jacobian_slopes",
    "jacobian_terms",
    "series",
    "sinc",
]

COSH = [1 / factorial(2 * k) for k in range(6)]
SINHC = [1 / factorial(2 * k + 1) for k in range(6)]
COS = [(-1) ** k * c for k, c in enumerate(COSH)]
SINC = [(-1) ** k * c for k, c in enumerate(SINHC)]
TANHC = [1, -1 / 3, 2 / 15, -17 / 315, 62 / 2835, -1382 / 155925]
ATANC = [(-1) ** k / (2 * k + 1) for k in range(8)]
ATANHC = [1 / (2 * k + 1) for k in range(8)]
ASINHC = [1, -1 / 6, 3 / 40, -5 / 112, 35 / 1152, -63 / 2816]
_C3 = [(-1) ** k / factorial(2 * k + 3) for k in range(7)]
_C2_SLOPE = [(-1) ** (k + 1) * (k + 1) / factorial(2 * k + 4) for k in range(7)]
_C3_SLOPE = [(-1) ** (k + 1) * (k + 1) / factorial(2 * k + 5) for k in range(7)]
_BERNOULLI = [(1, 6), (1, 30), (1, 42), (1, 30), (5, 66), (691, 2730), (7, 6)]
_INVERSE = [p / q / factorial(2 * k + 2) for k, (p, q) in enumerate(_BERNOULLI)]
_BROAD = 0.25  # where a difference cancels in the value itself
_SMALL = 0.01  # here the lists are cut at 1e-15 in second derivatives; closed forms lose eps / 0.01


def cosine_and_sinc(u: Tensor) -> tuple[Tensor, Tensor]:
    r"""$\cos\sqrt u$ and $\sin\sqrt u / \sqrt u$ of $u \ge 0$."""
    small = u < _SMALL
    root = u.masked_fill(small, 1).sqrt()
    near = u.masked_fill(~small, 0)
    cosine = torch.where(small, series(near, COS), root.cos())
    return cosine, torch.where(small, series(near, SINC), root.sin() / root)


def sinc(u: Tensor) -> Tensor:
    r"""$\sin\sqrt u / \sqrt u$ of $u \ge 0$."""
    small = u < _SMALL
    root = u.masked_fill(small, 1).sqrt()
    return torch.where(small, series(u.masked_fill(~small, 0), SINC), root.sin() / root)


def angle_over_sine(w: Tensor, s: Tensor) -> Tensor:
    r"""$\operatorname{atan2}(\sqrt s, w) / \sqrt s$: the angle from the $w$ axis over the height.

    For $s \ge 0$ of the shape of w; analytic except for $w \le 0$ at $s = 0$.
    """
    small = (s < _SMALL * (w * w)) & (w > 0)
    height = s.masked_fill(small, 1).sqrt()
    inverse = 1 / w.masked_fill(~small, 1)
    near = s.masked_fill(~small, 0) * inverse * inverse
    closed = torch.atan2(height, w) / height
    return torch.where(small, series(near, ATANC) * inverse, closed)


def jacobian_terms(u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    r"""$c_2 = (1 - \cos\theta) / \theta^2$, $c_3 = (\theta - \sin\theta) / \theta^3$ and
    $(1 - \frac\theta2 \cot\frac\theta2) / \theta^2$ of $u = \theta^2 \in [0, 4\pi^2)$.
    """
    small = u < _BROAD
    safe, near = u.masked_fill(small, 1), u.masked_fill(~small, 0)
    half_cosine, half_sinc = cosine_and_sinc(u / 4)
    c3 = torch.where(small, series(near, _C3), (1 - sinc(safe)) / safe)
    inverse = torch.where(small, series(near, _INVERSE), (1 - half_cosine / half_sinc) / safe)
    return 0.5 * half_sinc * half_sinc, c3, inverse


def jacobian_slopes(u: Tensor) -> tuple[Tensor, Tensor]:
    """The derivatives of `c₂` and `c₃`."""
    small = u < _BROAD
    safe, near = u.masked_fill(small, 1), u.masked_fill(~small, 0)
    c2, c3, _ = jacobian_terms(u)
    slope2 = torch.where(small, series(near, _C2_SLOPE), (sinc(safe) - 2 * c2) / (2 * safe))
    slope3 = torch.where(small, series(near, _C3_SLOPE), (c2 - 3 * c3) / (2 * safe))
    return slope2, slope3


def series(u: Tensor, coefficients: Sequence[float]) -> Tensor:
    """The polynomial with these coefficients, the constant first: as many as the type needs."""
    if u.dtype == torch.float32:
        coefficients = coefficients[: (2 * len(coefficients) + 2) // 3]  # 4 of 6, 6 of 8
    total = u * coefficients[-1] + coefficients[-2]
    for c in coefficients[-3::-1]:
        total = total * u + c
    return total
