r"""The polar form of numbers: $x = |x|\, e^{u \theta} = |x| (\cos\theta + u \sin\theta)$.

$|x|$ is the Euclidean length of the components, $\theta \in [0, \pi]$ the angle to the positive
real axis and $u$ the direction of the imaginary part. Where the squares of imaginary numbers are
$-|v|^2$ (ℂ, ℍ, 𝕆, the sedenions …) these are the parts of $\log x = \log|x| + u\theta$; elsewhere
they are Euclidean, as `norm` is.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import check_numbers, check_tolerance
from hypercomplex.functional.numbers import norm, normalize
from hypercomplex.kernels import scaling
from hypercomplex.kernels.length import length

__all__ = ["angle", "axis", "from_polar", "is_pure", "is_unit", "polar"]


@numbers("x", gives="reals", basis="only adapted")
def angle(x: Tensor) -> Tensor:
    r"""The angle to the positive real axis: $\operatorname{atan2}(|v|, a) \in [0, \pi]$.

    Safe at any size; the angle of 0 is 0. Its derivative along $v$ at $v = 0$, where it has none,
    is the subgradient 0.

    Shape:
        `(…, n)` → `(…)`, in radians.

    Example:
        >>> angle(torch.tensor([[0., 0, 2, 0], [-1, 0, 0, 0]]))
        tensor([1.5708, 3.1416])
    """
    check_numbers("x", x)
    if x.shape[-1] == 1:
        return torch.angle(x[..., 0])
    unit = scaling.moderate(x)  # else derivatives divide by squares that underflow
    a, imaginary = unit[..., 0], length(unit[..., 1:])
    zero = (a == 0) & (imaginary == 0)
    return torch.atan2(imaginary, a.masked_fill(zero, 1)).to(x.dtype)


@numbers("x", basis="only adapted")
def axis(x: Tensor) -> Tensor:
    r"""The direction of the imaginary part: $u = v / |v|$, a number without real part.

    0 where $v = 0$, with derivative 0, as `torch.sgn` has it; NaN where a component is.

    Shape:
        `(…, n)` → `(…, n)`.

    Example:
        >>> axis(torch.tensor([7., 3, 0, 4]))
        tensor([0.0000, 0.6000, 0.0000, 0.8000])
    """
    check_numbers("x", x)
    if x.shape[-1] == 1:
        return torch.zeros_like(x)
    a, v = x[..., :1], normalize(x[..., 1:])
    unknown = a.isnan() | v[..., :1].isnan()
    return torch.cat([torch.zeros_like(a), v], -1).masked_fill(unknown, torch.nan)


@numbers("x", gives="reals reals numbers", basis="only adapted")
def polar(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    r"""Length, angle and axis: $|x|$, $\theta$ and $u$ with $x = |x| (\cos\theta + u \sin\theta)$.

    Shape:
        `(…, n)` → `(…)`, `(…)`, `(…, n)`.

    Example:
        >>> polar(torch.tensor([0., 0, 2, 0]))
        (tensor(2.), tensor(1.5708), tensor([0., 0., 1., 0.]))
    """
    return norm(x), angle(x), axis(x)


@numbers("axis", basis="only adapted")
def from_polar(abs: Tensor, angle: Tensor, axis: Tensor) -> Tensor:
    r"""The number with these polar parts: $|x| (\cos\theta + u \sin\theta)$.

    The imaginary part of `axis` is taken as it is, its real part is not looked at. From the parts
    of a negative real number, whose axis is 0, it comes back: $\cos\pi = -1$.

    Shape:
        `(…)`, `(…)` in radians, `(…, n)` → `(…, n)`, broadcast.

    Example:
        >>> from_polar(torch.tensor(2.), torch.tensor(torch.pi / 2), torch.tensor([0., 0, 1, 0]))
        tensor([-8.7423e-08,  0.0000e+00,  2.0000e+00,  0.0000e+00])
    """
    check_numbers("axis", axis)
    abs, angle = torch.as_tensor(abs), torch.as_tensor(angle)
    direction = axis[..., 1:] * angle.sin().unsqueeze(-1)
    real = angle.cos().unsqueeze(-1).expand(*direction.shape[:-1], 1)
    return abs.unsqueeze(-1) * torch.cat([real, direction], -1)


@numbers("x", gives="reals")
def is_unit(x: Tensor, tolerance: float | None = None) -> Tensor:
    r"""Whether the length is 1: $\bigl||x| - 1\bigr| \le$ `tolerance`.

    By default ten roundings of the dtype per component.

    Shape:
        `(…, n)` → `(…)`, of truth values.

    Raises:
        TypeError: if `tolerance` is no real number.
        ValueError: if it is negative.

    Example:
        >>> is_unit(torch.tensor([[0.6, 0, 0.8, 0], [1, 0, 0, 1]]))
        tensor([ True, False])
    """
    check_numbers("x", x)
    if tolerance is not None:
        check_tolerance(tolerance)
    else:
        tolerance = 10 * x.shape[-1] * torch.finfo(x.dtype).eps
    return (norm(x) - 1).abs() <= tolerance


@numbers("x", gives="reals", basis="only adapted")
def is_pure(x: Tensor, tolerance: float = 0.0) -> Tensor:
    r"""Whether there is no real part: $|a| \le$ `tolerance` $\cdot |x|$.

    Shape:
        `(…, n)` → `(…)`, of truth values.

    Raises:
        TypeError: if `tolerance` is no real number.
        ValueError: if it is negative.

    Example:
        >>> is_pure(torch.tensor([[0., 1, 2, 3], [1, 0, 0, 0]]))
        tensor([ True, False])
    """
    check_numbers("x", x)
    check_tolerance(tolerance)
    if isinstance(tolerance, (int, float)) and tolerance == 0:
        return x[..., 0] == 0
    return x[..., 0].abs() <= tolerance * norm(x)
