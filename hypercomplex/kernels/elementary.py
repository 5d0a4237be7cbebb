r"""The elementary functions on the plane of 1 and $v$: $f(a + v) = A + B v$ with $v^2 = -s$.

Each is a real formula for $A$ and $B$ from even functions of $\sqrt s$ (`kernels.plane`), in
a form that neither cancels near its zeros nor overflows before its result does.

Source:
    W. Kahan, *Branch cuts for complex elementary functions*, 1987, for the inverse functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.kernels.exact import power_of_two
from hypercomplex.kernels.loops import logarithm
from hypercomplex.kernels.plane import (
    NEAR,
    Analytic,
    Pair,
    Point,
    Scaled,
    angle_over_root,
    asinh,
    asinh_over_root,
    cos_sinc,
    cosh_sinhc,
    expm1,
    is_elliptic,
    is_infinite,
    modulus,
    odd,
    sech2,
    sech2_tanhc,
    sigmoid,
    tanh,
)
from hypercomplex.kernels.series import ATANHC, series
from hypercomplex.kernels.short_exponentials import Exponential, Logarithm, Root

# ---------------------------------------------------------------------- exponential functions


def _exp(p: Point) -> Pair:
    c, sinc = cos_sinc(p)
    e = p.a.exp()
    return e * c, e * sinc


def _exp2(p: Point) -> Pair:
    c, sinc = cos_sinc(p, math.log(2))
    e = p.a.exp2()
    return e * c, e * sinc * math.log(2)


def _expm1(p: Point) -> Pair:
    c, sinc = cos_sinc(p, 0.5)  # of half the angle: cos − 1 = −2 sin²
    double = p.form(tuple(part * sinc for part in p.v)) / 2
    e, left = expm1(p.a), p.a < 1  # where e^x − 1 − double · e^x does not overflow
    A = torch.where(left, e - double * p.a.masked_fill(~left, 0).exp(), e * (1 - double) - double)
    return A, p.a.exp() * sinc * c


def _cosh(p: Point) -> Pair:
    c, sinc = cos_sinc(p)
    return p.a.cosh() * c, p.a.sinh() * sinc


def _sinh(p: Point) -> Pair:
    c, sinc = cos_sinc(p)
    return p.a.sinh() * c, p.a.cosh() * sinc


def _times(x: Tensor, y: Tensor) -> Tensor:
    """The product, where 0 · ∞ is 0."""
    return (x * y).masked_fill((x == 0) & is_infinite(y), 0)


def _cos(p: Point) -> Pair:
    c, sinhc = cosh_sinhc(p)
    return _times(p.a.cos(), c), -p.a.sin() * sinhc


def _sin(p: Point) -> Pair:
    c, sinhc = cosh_sinhc(p)
    return _times(p.a.sin(), c), p.a.cos() * sinhc


def _tanh(p: Point) -> Pair:
    c, sinc = cos_sinc(p)
    t, q = tanh(p.a), sech2(p.a)
    pole = t.square() + c.square() * q
    return t / pole, sinc * c * q / pole


def _tan(p: Point) -> Pair:
    q, tanhc, square = sech2_tanhc(p)
    c = p.a.cos()
    pole = c.square() * q + square
    return p.a.sin() * c * q / pole, tanhc / pole


def _sigmoid(p: Point) -> Pair:
    """`1 / (1 + e^{−x})`, with the exponential of −|a| and half the angle."""
    c, sinc = cos_sinc(p, 0.5)
    m = modulus(p.a)
    e, d = (-m).exp(), -expm1(-m)
    pole = d.square() + 4 * e * c.square()
    right, left = d + 2 * e * c.square(), e * (2 * c.square() - d)
    return torch.where(p.a < 0, left, right) / pole, e * sinc * c / pole


def _sinc(p: Point) -> Pair:
    """`sin y / y` with `y = πx`: near 0 its series in `y²`, elsewhere `(sin y) ȳ / |y|²`."""
    a, s = math.pi * p.a, math.pi**2 * p.s
    square = a.square() + s
    near = square.abs() < 0.1
    x, y = (a.square() - s).masked_fill(~near, 0), (2 * a).masked_fill(~near, 0)
    A, B = torch.full_like(a, _SINC[-1]), torch.zeros_like(a)
    for c in reversed(_SINC[:-1]):
        A, B = A * x - B * y * s.masked_fill(~near, 0) + c, A * y + B * x
    c, sinhc = cosh_sinhc(p, math.pi)
    sin, cos = _sin_cos_of_half_turns(p.a)
    real, imaginary, square = sin * c, cos * sinhc, square.masked_fill(near, 1)
    return (
        torch.where(near, A, (a * real + s * imaginary) / square),
        torch.where(near, B, (a * imaginary - real) / square) * math.pi,
    )


def _sin_cos_of_half_turns(a: Tensor) -> Pair:
    """`sin πa` and `cos πa`, to the last digit next to integers, too."""
    whole = a.detach().round()
    sign, rest = 1 - 2 * whole.remainder(2), math.pi * (a - whole)
    return sign * rest.sin(), sign * rest.cos()


_SINC = tuple((-1) ** k / math.factorial(2 * k + 1) for k in range(8))

EXP = Analytic(_exp, torch.exp, short=Exponential())
EXP2 = Analytic(_exp2, torch.exp2)
EXPM1 = Analytic(_expm1, expm1)
COSH = Analytic(_cosh, torch.cosh)
SINH = Analytic(_sinh, torch.sinh)
TANH = Analytic(_tanh, tanh)
COS = Analytic(_cos, torch.cos)
SIN = Analytic(_sin, torch.sin)
TAN = Analytic(_tan, torch.tan)
SIGMOID = Analytic(_sigmoid, sigmoid)
SINC = Analytic(_sinc, torch.sinc)

# ---------------------------------------------------------------------- logarithms and roots


def _log_of(d: Tensor, p: Point, real: Callable[[Tensor], Tensor], base: float) -> Scaled:
    """The logarithm of `p = 1 + d + v`: of the modulus, and the angle over the length of `v`.

    Near 1 the modulus comes from `d`, its last digits from what is lost in adding it to 1;
    elsewhere from the number divided by its size. Either way one logarithm is taken.
    """
    m, c, t = p.scaled()
    a, k = p.a / m, c / m
    T = angle_over_root(a, t, k, is_elliptic(p.algebra))
    z = (d * (d + 2) + t * c.square()).detach()
    near = z.abs() < 0.5
    d, b = d.masked_fill(~near, 0), torch.where(near, c.square(), 0)
    square = (a.square() + t * k.square()).masked_fill(near, 1)
    excess = d * (d + 2) + t * b
    close = 1 + excess
    lost = (excess - (close - 1)).detach() * (1 - excess.detach()) * (0.5 / math.log(base))
    factor, power = _out_of_the_ends(m)
    logarithm = real(torch.where(near, close, square.sqrt() * (m * factor)))
    L = torch.where(near, logarithm / 2 + lost, logarithm - power * math.log(2, base))
    if not is_elliptic(p.algebra):
        L = torch.where(T.isnan(), T, L)
    return L, T if base == math.e else T / math.log(base), c


def _out_of_the_ends(m: Tensor) -> tuple[Tensor, Tensor]:
    """A power of two, and its exponent, by which huge and tiny sizes are kept normal numbers."""
    info = torch.finfo(m.dtype)
    digits = -math.log2(info.eps)
    one = torch.ones_like(m)
    factor = torch.where(m > 1, 2.0**-2, 2.0 ** (digits + 1))
    out = (m > info.max / 8) | (m < info.tiny * 8)
    power = torch.where(m > 1, -2.0, digits + 1)
    return torch.where(out, factor, one), torch.where(out, power, 0 * one)


def _logarithm(real: Callable[[Tensor], Tensor], base: float, **quick: Any) -> Analytic:
    return Analytic(
        lambda p: _log_of(p.a - 1, p, real, base),
        real,
        both_signs=True,
        cut=lambda a: a < 0,
        on_cut=lambda a: (real(-a), torch.full_like(a, math.pi / math.log(base))),
        off=1,
        on=-1,
        at_infinity=(math.inf, 1),
        **quick,
    )


LOG = _logarithm(torch.log, math.e, short=Logarithm(), loop=logarithm)
LOG2 = _logarithm(torch.log2, 2)
LOG10 = _logarithm(torch.log10, 10)
LOG1P = Analytic(
    lambda p: _log_of(p.a, p.at(1 + p.a), torch.log, math.e),
    torch.log1p,
    both_signs=True,
    cut=lambda a: a < -1,
    on_cut=lambda a: ((-1 - a).log(), torch.full_like(a, math.pi)),
    on=-2,
    at_infinity=(math.inf, 1),
)


def _sqrt(p: Point) -> Scaled:
    """`√((|x| + a) / 2)` and half its inverse, of the number divided by its size."""
    m, c, t = p.scaled()
    a, k, left, zero = p.a / m, c / m, p.a < 0, (p.a == 0) & (p.size == 0)
    size = (a.square() + t * k.square()).masked_fill(zero, 1).sqrt()
    h = ((size + modulus(a)) / 2).sqrt()
    r = t.masked_fill(~left | (t <= 0), 1).sqrt()
    root = m.sqrt()
    shared = c / root  # k times the root, which may be in range where k is not
    A = torch.where(left, r / (2 * h) * shared, h * root)
    B = torch.where(left, h / r * root, 0.5 / h * shared)
    if not is_elliptic(p.algebra):
        outside = left & (t <= 0)
        A, B = A.masked_fill(outside, torch.nan), B.masked_fill(outside, torch.nan)
    return A.masked_fill(zero, 0), B.masked_fill(zero, 0), c


SQRT = Analytic(
    _sqrt,
    torch.sqrt,
    both_signs=True,
    cut=lambda a: a < 0,
    on_cut=lambda a: (torch.zeros_like(a), (-a).sqrt()),
    off=1,
    on=-1,
    short=Root(),
    at_infinity=(math.inf, math.inf),
)

# ---------------------------------------------------------------------- inverse functions


def _imaginary_scale(p: Point, singular: Tensor) -> tuple[Tensor, Tensor]:
    """A constant `c` and the form `t` of `v / c`, where coefficients may be as large as 1 / |v|."""
    size = p.extent
    size = size.masked_fill((size == 0) | is_infinite(size), 1)
    c = torch.where(singular, size, size.clamp(min=1))
    return c, p.form(p.over(c))


def _sqrt_in(p: Point, c: Tensor) -> Pair:
    """The root, with its imaginary coefficient times `c`."""
    A, B, own = _sqrt(p)
    return A, B * (c / own)


def _asin_acos(p: Point) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Of `w = √(1 − x)` and `u = √(1 + x)`: Re w, Re u, Re wu; the imaginary coefficient."""
    c, t = _imaginary_scale(p, p.a.abs() >= 1)
    A1, B1 = _sqrt_in(p.at(1 - p.a), c)  # the coefficient of −v
    A2, B2 = _sqrt_in(p.at(1 + p.a), c)
    K = A1 * B2 + A2 * B1
    return A1, A2, A1 * A2 + t * B1 * B2, asinh_over_root(t, K), c


def _asin(p: Point) -> Scaled:
    _, _, X, B, c = _asin_acos(p)
    m = _size(p)
    return torch.atan2(p.a / m, X / m), B, c


def _acos(p: Point) -> Scaled:
    A1, A2, _, B, c = _asin_acos(p)
    return 2 * torch.atan2(A1, A2), -B, c


def _acosh(p: Point) -> Scaled:
    """With `w = √(x − 1)` and `u = √(x + 1)`: `asinh(Re w̄u)` and `2 atan2(Im w, Re u)`.

    Left of the imaginary axis `acosh x = πi − acosh(−x)`, which does not cancel next to the cut.
    """
    c, t = _imaginary_scale(p, p.a <= 1)
    a, left = modulus(p.a), p.a < 0
    A1, B1 = _sqrt_in(p.at(a - 1), c)
    A2, B2 = _sqrt_in(p.at(a + 1), c)
    real = asinh(A1 * A2 + t * B1 * B2)
    B = 2 * B1 * angle_over_root(A2, t * B1.square(), torch.ones_like(c))
    B = torch.where(left, math.pi / t.masked_fill(~left | (t <= 0), 1).sqrt() - B, B)
    if not is_elliptic(p.algebra):
        outside = left & (t <= 0)
        real, B = real.masked_fill(outside, torch.nan), B.masked_fill(outside, torch.nan)
    return real, B, c


def _asinh(p: Point) -> Scaled:
    """`asinh x = log(x + √(1 + x²))`, by the parts of `√(1 + x²)`; for huge x `log 2x`."""
    limit = 1e10 if p.a.dtype == torch.float64 else 1e5
    huge = torch.maximum(p.a.abs(), p.extent) > limit
    A, B = _asinh_by_root(p.without(huge))
    left = p.a < 0
    a = torch.where(huge, modulus(p.a), 1)
    L, T, c = _log_of(a - 1, p.without(~huge).at(a), torch.log, math.e)
    L = L + math.log(2)
    c = c.masked_fill(~huge, 1)
    return torch.where(huge, torch.where(left, -L, L), A), torch.where(huge, T, B), c


def _asinh_by_root(p: Point) -> Pair:
    s = p.s
    left, c = p.a < 0, p.gap(torch.ones_like(p.a), p.v) + p.a.square()
    m = torch.maximum(c.abs(), p.a.abs()).detach()  # next to a branch point its square underflows
    branch = m == 0  # a branch point: the derivative there is taken as that of a number off it
    m = m.masked_fill(branch, 1)
    square = (c / m).square() + 4 * (p.a / m).square() * s
    size = m * square.masked_fill(branch, 1).sqrt()
    h = ((size + modulus(c).masked_fill(branch, 1)) / 2).sqrt()
    beyond = c < 0  # past the branch points
    r = s.masked_fill(~beyond, 1).sqrt()
    A = torch.where(beyond, modulus(p.a) * r / h, h).masked_fill(branch, 0)
    B = torch.where(beyond, torch.where(left, -h, h) / r, p.a / h)
    one = torch.ones_like(A)
    return (B * (A.square() + s).sqrt()).asinh(), angle_over_root(A, s, one)


def _atan(p: Point) -> Scaled:
    """By the parts of `x / m` with a constant `m ≥ 1`, its size."""
    m = _size(p)
    e, a, v = 1 / m, p.a / m, p.over(m)
    s, gap = p.form(v), p.gap(e, v)
    w = e.square() + a.square() + s
    ratio = 4 * s * (e / w).square()
    near = ratio.abs() < NEAR
    close = series(ratio.masked_fill(~near, 0), ATANHC) * e / w
    r = s.masked_fill(near, 1).sqrt()
    n, distance = (4 * r * e).masked_fill(near, 1), (gap / (e + r)).masked_fill(near, 1)
    far = _log1p_over_squares(n, distance, a.masked_fill(near, 1)) / (4 * r)
    y = 2 * a * e + 0.0  # −0 counts as 0, but what underflows keeps its side of the cut
    y = torch.where((y == 0) & (p.a < 0), -torch.finfo(y.dtype).tiny, y)
    x = gap - a.square()
    k = torch.maximum(x.abs(), y.abs()).detach()  # whose square may underflow near a pole
    k = k.masked_fill(k == 0, 1)
    return (
        torch.atan2(y / k, x / k) / 2,
        torch.where(near, close, far),
        m,
    )


def _atanh(p: Point) -> Scaled:
    c, t = _imaginary_scale(p, p.a.abs() >= 1)
    m = _size(p)
    e, a, k = 1 / m, p.a / m, c / m
    X = (e - a) * (e + a) - t * k.square()
    k = k * e
    size = torch.maximum(X.detach().abs(), k)  # whose square may underflow near a pole
    size = size.masked_fill(size == 0, 1)
    imaginary = angle_over_root(X / size, 4 * t, k / size, is_elliptic(p.algebra))
    return odd(lambda a: _log_ratio(p.at(a), m) / 4, p.a), imaginary, c


def _size(p: Point) -> Tensor:
    """A power of two as large as the number, at least 1: next to 1 and i nothing is rounded."""
    return power_of_two(torch.maximum(p.a.detach().abs(), p.extent).clamp(min=1))


def _log1p_over_squares(n: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """`log(1 + n / (x² + y²))` of `n` near 4 where the squares are small, and may underflow."""
    squares = x.square() + y.square()
    near = squares.detach() < 1e-3
    m = torch.maximum(x.abs(), y.abs()).detach()
    m = m.masked_fill(~near | (m == 0), 1)
    scaled = ((x / m).square() + (y / m).square()).masked_fill(~near, 1)
    close = (n + squares).log() - 2 * m.log() - scaled.log()
    return torch.where(near, close, (n / squares.masked_fill(near, 1)).log1p())


def _log_ratio(p: Point, m: Tensor) -> Tensor:
    """`log |1 + x|² / |1 − x|²`, everything divided by `m`, and near 1 by the distance to it."""
    e, gap = 1 / m, 1 - p.a
    distance = (gap / m).square() + p.form(p.over(m))
    near = distance.detach() < 1e-3 * e.square()
    k, c, t = p.at(gap).scaled()
    square = (gap / k).square() + t * (c / k).square()
    small = distance.masked_fill(~near, 0) * m.masked_fill(~near, 1).square()
    close = (4 * p.a.masked_fill(~near, 1) + small).log() - 2 * k.log()
    close = close - square.masked_fill(~near, 1).log()
    far = (4 * (p.a / m) * e / distance.masked_fill(near, 1)).log1p()
    return torch.where(near, close, far)


def _above_one(a: Tensor) -> Tensor:
    return torch.where(a.abs() > 1, a.abs(), 2)


def _acosh_on_cut(a: Tensor) -> Pair:
    beyond = a < -1
    return (
        torch.where(beyond, _above_one(a).acosh(), 0),
        torch.where(beyond, math.pi, a.masked_fill(beyond, 0).acos()),
    )


ASIN = Analytic(
    _asin,
    torch.asin,
    cut=lambda a: a.abs() > 1,
    on_cut=lambda a: (torch.sign(a) * (math.pi / 2), _above_one(a).acosh()),
    on=2,
    at_infinity=(1, math.inf),
)
ACOS = Analytic(
    _acos,
    torch.acos,
    cut=lambda a: a.abs() > 1,
    on_cut=lambda a: (torch.where(a < 0, torch.full_like(a, math.pi), 0), -_above_one(a).acosh()),
    on=2,
    at_infinity=(1, math.inf),
)
ATAN = Analytic(_atan, torch.atan, at_infinity=(1, 0))
ACOSH = Analytic(
    _acosh,
    torch.acosh,
    cut=lambda a: a < 1,
    on_cut=_acosh_on_cut,
    off=2,
    at_infinity=(math.inf, 1),
)
ASINH = Analytic(_asinh, torch.asinh, at_infinity=(math.inf, 1))
ATANH = Analytic(
    _atanh,
    torch.atanh,
    cut=lambda a: a.abs() > 1,
    on_cut=lambda a: ((1 / a).atanh(), torch.full_like(a, math.pi / 2)),
    on=2,
    at_infinity=(0, 1),
)
