r"""Functions of one number of a quadratic algebra, on the plane of 1 and its imaginary part.

In a quadratic algebra $x = a + v$ has a real square $v^2 = -s$, so everything that is built from
$x$ alone stays in the plane of 1 and $v$, and an analytic function with real Taylor coefficients is

$$f(a + v) = A(a, s) + B(a, s)\, v.$$

For $s > 0$ the plane is that of the complex numbers, with $i = v / \sqrt s$: $A$ and
$B \sqrt s$ are the parts of the complex $f(a + i \sqrt s)$. For $s < 0$ it is that of the
split-complex numbers, where $f(a + v)$ has the parts
$\tfrac12 (f(a + \rho) \pm f(a - \rho))$, $\rho = \sqrt{-s}$. Both are even in $\sqrt s$, hence
functions of $s$; near $s = 0$ they are written as series in it, so that every derivative at the
real axis is that of the function. No gradient leaves an unselected branch: what a branch does not
serve is replaced before it enters.

Everything here takes and gives columns `(…, 1)`; a *point* is the number that they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, reduce
from math import log, log2
from typing import Any, NamedTuple

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.host.mode import (
    COMPILED,
    can_be_read,
    is_compiling,
    is_exporting,
    is_recorded,
    is_transformed,
)
from hypercomplex.kernels import exact
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.precision import single
from hypercomplex.kernels.product import sum_terms
from hypercomplex.kernels.series import ASINHC, ATANC, COS, COSH, SINC, SINHC, TANHC, series
from hypercomplex.kernels.short import NEEDS, ShortFormulas
from hypercomplex.lowering import constants

__all__ = [
    "NEAR",
    "Analytic",
    "Imaginary",
    "Pair",
    "Point",
    "Scaled",
    "analytic",
    "angle_over_root",
    "asinh",
    "asinh_over_root",
    "cos_sinc",
    "cosh_sinhc",
    "evaluate",
    "expm1",
    "is_elliptic",
    "is_infinite",
    "modulus",
    "odd",
    "sech2",
    "sech2_tanhc",
    "sigmoid",
    "tanh",
]

Pair = tuple[Tensor, Tensor]
Scaled = tuple[Tensor, Tensor, Tensor]
NEAR = 4e-4  # below it the series with the terms given here are exact to rounding
_CANCELS = 1 / 8  # of 1, from where on its difference to |v|² is computed in twice the digits
_ENTIRE = 0.01  # and those of entire functions, with two derivatives; closed forms lose eps / 0.01


Imaginary = tuple[Tensor, ...]
"""The components of `v`: side by side in one tensor; columns for the compiler, which makes one loop
of those.
"""


class Point(NamedTuple):
    """A number `a + v`, with the size of `v` known."""

    a: Tensor
    v: Imaginary
    size: Tensor
    algebra: Algebra

    @property
    def s(self) -> Tensor:
        """The form `s = −v²`."""
        return self.form(self.v)

    @property
    def extent(self) -> Tensor:
        """The size of what counts for `s`: dual parts do not, and may be far larger."""
        counted = sorted({place for i, j, _ in self._squares for place in (i, j)})
        columns = [column for part in self.v for column in part.split(1, -1)]
        if len(counted) == len(columns):
            return self.size
        return (
            _size_of([columns[k - 1] for k in counted]) if counted else torch.zeros_like(self.size)
        )

    @property
    def _squares(self) -> Any:
        return constants.imaginary_form(self.algebra)

    def form(self, v: Imaginary) -> Tensor:
        """`−v²` for any imaginary `v`."""
        columns = (column for part in v for column in part.split(1, -1))
        parts = (self.a, *columns)  # the form has no term with the first
        return sum_terms(self._squares, parts, parts)

    def over(self, c: Tensor | float) -> Imaginary:
        """`v / c`."""
        return tuple(part / c for part in self.v)

    def gap(self, one: Tensor, v: Imaginary) -> Tensor:
        """`one² + v²`, to the last digit where the two nearly cancel, as next to ±i."""
        square, total = one.square(), one.square() - self.form(v)
        near = (total.abs() < _CANCELS * square).detach()
        if not self._squares or (can_be_read(near) and not near.any()):
            return total
        parts = torch.cat([part.expand(*total.shape[:-1], -1) for part in (one, *v)], -1)
        form = ((0, 0, 1), *((i, j, -c) for i, j, c in self._squares))
        sum_ = partial(exact.quadratic_form, form=form, folds=2)
        if can_be_read(near):
            value = total.detach().clone()
            value[near] = sum_(parts.detach()[near.squeeze(-1)])
        else:
            value = torch.where(near, sum_(parts).unsqueeze(-1), total.detach())
        return value + (total - total.detach())

    def at(self, a: Tensor) -> Point:
        """The point with another real part."""
        return self._replace(a=a)

    def without(self, where: Tensor) -> Point:
        """The point, 0 where it is not to be computed with."""
        v = tuple(part.masked_fill(where, 0) for part in self.v)
        size = self.size.masked_fill(where, 0)
        return Point(self.a.masked_fill(where, 0), v, size, self.algebra)

    def scaled(self) -> tuple[Tensor, Tensor, Tensor]:
        """Constants `m`, `c` and the form `t` of `v / c`, so that `s = t c²` is safe at any size.

        `m` is the size of what counts for them. `c` is `m` too, except left of the imaginary axis,
        where the direction of the smallest `v` decides: there it is the size of `v`.
        """
        a, size = self.a.detach(), self.extent
        m = torch.maximum(a.abs(), size)
        m = m.masked_fill((m == 0) | is_infinite(m), 1)
        c = torch.where((a < 0) & (size > 0) & (size < torch.inf), size, m)
        return m, c, self.form(self.over(c))


class Analytic(NamedTuple):
    """An analytic function: what it is in the plane, on the real axis and on its cut there."""

    plane: Callable[[Point], Pair | Scaled]
    """The coefficients `A`, `B` off the cut; where `B` may be as large as `1 / |v|`, its product
    with a constant, and that constant."""
    real: Callable[[Tensor], Tensor]
    """The function of a real variable."""
    both_signs: bool = False
    """Whether `plane` serves `s < 0` as well."""
    cut: Callable[[Tensor], Tensor] | None = None
    """Which reals lie on the branch cut."""
    on_cut: Callable[[Tensor], Pair] | None = None
    """The real and imaginary part there, seen from above."""
    off: float = 0.0
    """A real number off the cut."""
    on: float = 0.0
    """A real number on the cut."""
    short: ShortFormulas | None = None
    """Its short formulas where squares are Euclidean."""
    loop: Callable[[Tensor, Imaginary], tuple[Tensor, ...]] | None = None
    """Its values for the compiler, of columns, where squares are Euclidean."""
    at_infinity: tuple[float, float] | None = None
    """What becomes of its real and imaginary part far out: times 0, 1 or ∞."""


def evaluate(f: Analytic, x: Tensor, algebra: Algebra) -> Tensor:
    """The function of numbers `(…, n)` of a quadratic algebra."""
    if algebra.dimension == 1:
        return f.real(x)
    return analytic(single(x), f, algebra).to(x.dtype)


@operation(tensors=1, compiles=True)
def analytic(y: Tensor, f: Analytic, algebra: Algebra) -> Tensor:
    """The function `A + B v` of numbers of any size, by its formulas for A and B."""
    a, *v = y.split(1, -1) if is_compiling() else y.split_with_sizes((1, y.shape[-1] - 1), -1)
    return torch.cat(_at_any_size(f, a, tuple(v), algebra), -1)


def _at_any_size(f: Analytic, a: Tensor, v: Imaginary, algebra: Algebra) -> tuple[Tensor, ...]:
    if f.at_infinity is None or not is_elliptic(algebra):
        return _at_finite(f, a, v, algebra)
    far = torch.maximum(a.detach().abs(), _size_of(v)) == torch.inf  # and nothing is NaN
    if can_be_read(far) and not far.any():
        return _at_finite(f, a, v, algebra)
    near = zip(_far_out(a.detach(), v), (a, *v), strict=True)
    a, *rest = (torch.where(far, *xs) for xs in near)
    result = _at_finite(f, a, tuple(rest), algebra)
    real, imaginary = f.at_infinity
    factors = (real, *(imaginary for _ in v))
    return tuple(_beyond(x, far, c) for x, c in zip(result, factors, strict=True))


def _beyond(x: Tensor, far: Tensor, factor: float) -> Tensor:
    found = x.detach()
    beyond = torch.where(found.abs() < 1e-9, 0, found * factor)  # the real part of √(−∞ + v) is 0
    return torch.where(far, beyond, x)


def is_infinite(x: Tensor) -> Tensor:
    """`torch.isinf`, which the compiler does not vectorise."""
    return x.abs() == torch.inf


def _size_of(v: Iterable[Tensor]) -> Tensor:
    """The largest modulus of a component, a constant; NaN if any is."""
    moduli = (part.detach().abs() for part in v)
    return reduce(torch.maximum, [m if m.shape[-1] == 1 else m.amax(-1, True) for m in moduli])


def _has_short_formulas(f: Analytic, algebra: Algebra) -> bool:
    return f.short is not None and _is_euclidean(algebra)


@analytic.variant(needs=NEEDS, suits=_has_short_formulas)
def short(y: Tensor, f: Analytic, algebra: Algebra) -> Tensor | None:
    """Values and first derivatives in few calls, if all numbers are in range."""
    assert f.short is not None
    return f.short(partial(analytic.twin, f=f, algebra=algebra), y)


def _has_loop(f: Analytic, algebra: Algebra) -> bool:
    return f.loop is not None and _is_euclidean(algebra)


@analytic.variant(needs=COMPILED, suits=_has_loop)
def one_loop(y: Tensor, f: Analytic, algebra: Algebra) -> Tensor | None:
    """Values alone, in one loop without branches, where no derivative is asked for."""
    assert f.loop is not None
    if is_exporting() or is_recorded(y) or is_transformed():  # what is exported may be asked later
        return None
    a, *v = y.split(1, -1)
    return torch.cat(f.loop(a, tuple(v)), -1)


def _far_out(a: Tensor, v: Imaginary) -> Imaginary:
    """Huge numbers in the direction of infinite ones; finite parts say on which side of a cut."""
    v, info = tuple(part.detach() for part in v), torch.finfo(a.dtype)
    finite = [part.masked_fill(is_infinite(part), 0) for part in v]
    factor = _size_of(finite).clamp(min=info.tiny).reciprocal()
    factor = factor.masked_fill(is_infinite(_size_of(v)), 0)
    parts = (a.sign(), *(part * factor for part in finite))
    return tuple(
        torch.where(is_infinite(x), x.sign() * info.max**0.5, part)
        for x, part in zip((a, *v), parts, strict=True)
    )


def _at_finite(f: Analytic, a: Tensor, v: Imaginary, algebra: Algebra) -> tuple[Tensor, ...]:
    point = Point(a, v, _size_of(v), algebra)
    unit = _imaginary_unit(algebra)
    if f.cut is None or f.on_cut is None or unit is None:
        A, B, c = _both_signs(f, point)
        return A, *_multiples(B, v, c)
    cut = (point.size == 0) & f.cut(a)
    real, imaginary = f.on_cut(a.masked_fill(~cut, f.on))
    A, B, c = _both_signs(f, point.at(a.masked_fill(cut, f.off)))
    pairs = zip(_constants(unit, v), _multiples(B, v, c), strict=True)
    return torch.where(cut, real, A), *(torch.where(cut, imaginary * u, part) for u, part in pairs)


def _multiples(B: Tensor, v: Imaginary, c: Tensor | None) -> Imaginary:
    """`B v`, or `B v / c`, where `v / c` or `B / c` alone may be out of range."""
    endless = is_infinite(B)  # as for torch's complex numbers, exp(∞) = ∞ + 0i
    return tuple(_multiple(B.masked_fill(endless & (part == 0), 0), part, c) for part in v)


def _multiple(B: Tensor, part: Tensor, c: Tensor | None) -> Tensor:
    if c is None:
        return B * part
    ratio = part / c
    size, tiny = ratio.detach().abs(), torch.finfo(ratio.dtype).tiny
    lost = (part != 0) & ((size < tiny) | (size == torch.inf))
    if can_be_read(lost) and not lost.any():
        return B * ratio
    slope, rest = B.masked_fill(~lost, 0) / c, part.masked_fill(~lost, 0)
    return torch.where(lost, slope * rest, B * (part.masked_fill(lost, 0) / c))


def _constants(unit: list[float], v: Imaginary) -> Iterable[Any]:
    """The components of a constant, as those of `v` are given."""
    return unit if len(v) == len(unit) else [v[0].new_tensor(unit)]


def is_elliptic(algebra: Algebra) -> bool:
    """Whether no nonzero imaginary part has `s ≤ 0`, as far as squares of units show."""
    form = constants.imaginary_form(algebra)
    units = [i for i, j, c in form if i == j and c > 0]
    return len(units) == len(form) == algebra.dimension - 1


def _is_euclidean(algebra: Algebra) -> bool:
    """Whether `s = |v|²`."""
    return constants.imaginary_form(algebra) == tuple(
        (i, i, 1) for i in range(1, algebra.dimension)
    )


def _imaginary_unit(algebra: Algebra) -> list[float] | None:
    """The first unit with a negative square, scaled to square to −1; None where there is none."""
    for i, j, c in constants.imaginary_form(algebra):
        if i == j and c > 0:
            return [float(c) ** -0.5 * (k == i) for k in range(1, algebra.dimension)]
    return None


def _both_signs(f: Analytic, point: Point) -> tuple[Tensor, Tensor, Tensor | None]:
    """The coefficients for either sign of `s`: where `s < 0`, from the real function."""
    if f.both_signs or is_elliptic(point.algebra) or not constants.imaginary_form(point.algebra):
        return _with_scale(f.plane(point))
    a, size = point.a, point.extent
    size = size.masked_fill(~size.isfinite(), 1)
    unit = exact.power_of_two(size.clamp(min=1))  # of v, whose square may overflow
    t = point.form(point.over(unit))
    split = t < -(1e-10 if a.dtype == torch.float64 else 1e-5) / unit / unit
    root = (-t).masked_fill(~split, 1).sqrt() * unit
    a = a.masked_fill(~split, 0)
    plus, minus = f.real(a + root), f.real(a - root)
    masked = tuple(part.masked_fill(split, 0) for part in point.v)
    A, B, c = _with_scale(
        f.plane(Point(point.a.masked_fill(split, f.off), masked, point.size, point.algebra))
    )
    slope = (plus - minus) / (2 * root)
    slope = slope if c is None else slope * c
    return torch.where(split, (plus + minus) / 2, A), torch.where(split, slope, B), c


def _with_scale(coefficients: Pair | Scaled) -> tuple[Tensor, Tensor, Tensor | None]:
    A, B, *scale = coefficients
    return A, B, scale[0] if scale else None


# ---------------------------------------------------------------------- even functions of √s


def _split_at_any_size(p: Point, k: float, limit: float = _ENTIRE) -> tuple[Tensor, Tensor, Tensor]:
    """Where `k² s` is near zero, `k² s` there, and its root elsewhere, where `s` may overflow."""
    if not is_elliptic(p.algebra):
        t = p.form(tuple(part * k for part in p.v))
        near = t.detach().abs() < limit
        return near, t.masked_fill(~near, 0), t.masked_fill(near, 1).sqrt()
    huge, down, up = _powers_for_huge(p.a.dtype)
    large = p.size > huge
    scale, back = (torch.ones_like(p.size).masked_fill(large, c) for c in (down, up))
    t = p.form(tuple(part * scale for part in p.v))
    near = (t.detach() * (k * k) < limit) & ~large
    return near, t.masked_fill(~near, 0) * (k * k), t.masked_fill(near, 1).sqrt() * (back * k)


def _powers_for_huge(dtype: torch.dtype) -> tuple[float, float, float]:
    """From where on squares overflow, and powers of two that shrink what is beyond and undo it."""
    half = round(log2(torch.finfo(dtype).max)) // 2
    return 2.0 ** (half - 4), 2.0 ** -(half + 4), 2.0 ** (half + 4)


def cos_sinc(p: Point, k: float = 1.0) -> Pair:
    """`cos kr` and `sin kr / kr` of `r = √s`."""
    near, z, r = _split_at_any_size(p, k)
    return (
        torch.where(near, series(z, COS), r.cos()),
        torch.where(near, series(z, SINC), r.sin() / r),
    )


def cosh_sinhc(p: Point, k: float = 1.0) -> Pair:
    """`cosh kr` and `sinh kr / kr` of `r = √s`."""
    near, z, r = _split_at_any_size(p, k)
    return (
        torch.where(near, series(z, COSH), r.cosh()),
        torch.where(near, series(z, SINHC), (r.sinh() / r).masked_fill(is_infinite(r), torch.inf)),
    )


def sech2_tanhc(p: Point) -> Scaled:
    """`1 / cosh² r`, `tanh r / r` and `tanh² r` of `r = √s`."""
    near, z, r = _split_at_any_size(p, 1, NEAR)
    t, far = series(z, TANHC), tanh(r)
    square = z * t.square()
    return (
        torch.where(near, 1 - square, sech2(r)),
        torch.where(near, t, far / r),
        torch.where(near, square, far.square()),
    )


def asinh_over_root(t: Tensor, k: Tensor) -> Tensor:
    """`asinh(k √t) / √t`, where `k` may be huge and `t` is moderate or tiny."""
    near = (t * k.square()).detach() < NEAR
    small = k.masked_fill(~near, 0)
    close = series(t * small.square(), ASINHC) * small
    root = t.masked_fill(near, 1).sqrt()
    return torch.where(near, close, asinh(root * k.masked_fill(near, 1)) / root)


def along(value: Tensor, path: Tensor) -> Tensor:
    """This value with the derivatives of that path, from which it differs by a constant."""
    return torch.where(is_infinite(path), path, value.detach() + (path - path.detach()))


def expm1(x: Tensor) -> Tensor:
    """`torch.expm1` with the derivative `e^x`; torch's `(e^x − 1) + 1` has lost its digits."""
    return along(x.expm1(), x.exp())


def tanh(x: Tensor) -> Tensor:
    """`torch.tanh` with the derivative `1 / cosh² x`; torch's `1 − tanh² x` loses its digits."""
    near = x.abs() < 0.5
    e = (-2 * modulus(x)).exp()
    far = 2 * e / (1 + e)
    path = torch.where(x < 0, far, -far)
    return torch.where(near, x.masked_fill(~near, 0).tanh(), along(x.tanh(), path))


def asinh(x: Tensor) -> Tensor:
    """`torch.asinh` with a derivative that does not overflow on the way."""
    huge = x.abs() * torch.finfo(x.dtype).eps > 1
    y = modulus(x).masked_fill(~huge, 1).log() + log(2)
    return torch.where(huge, torch.where(x < 0, -y, y), x.masked_fill(huge, 0).asinh())


def sigmoid(x: Tensor) -> Tensor:
    """`torch.sigmoid` with derivatives that keep their digits where it is nearly 1."""
    e = (-modulus(x)).exp()
    far = e / (1 + e)
    return along(x.sigmoid(), torch.where(x < 0, far, -far))


def sech2(x: Tensor) -> Tensor:
    """`1 / cosh² x`, which neither overflows nor cancels."""
    e = (-2 * modulus(x)).exp()
    return 4 * e / (1 + e).square()


def modulus(x: Tensor) -> Tensor:
    """|x| with a derivative of 1 at 0, for even functions and odd ones that are extended."""
    return torch.where(x < 0, -x, x)


def odd(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """The odd function that is `f` where `x ≥ 0`."""
    y = f(modulus(x))
    return torch.where(x < 0, -y, y)


def angle_over_root(x: Tensor, t: Tensor, c: Tensor, elliptic: bool = True) -> Tensor:
    """`atan2(c √t, x) / √t` with `c` constant: for `s = t c²` the angle of `x + v` over that of
    `v / c`.

    Where `t < 0` its continuation `atanh(c √−t / x) / √−t`, and NaN where there is none.
    """
    s, square = (t * c.square()).detach(), x.detach().square()
    near = (x > 0) & ((s.abs() < NEAR * square) | (t == 0))
    slope = c / torch.where(near, x, c)
    close = series((t * slope.square()).masked_fill(~near, 0), ATANC) * slope
    far = ~near & ~(t <= 0)
    r = t.masked_fill(~far, 1).sqrt()
    angle = torch.where(far, torch.atan2(c * r, x.masked_fill(~far, 1)) / r, close)
    if elliptic:
        return torch.where(near | far, angle, x - x)  # at zero 0, at NaN NaN
    split = ~near & (t <= 0)
    r = (-t).masked_fill(~(t < 0) | near, 1).sqrt()
    root, real = (c * r).masked_fill(~split, 1), x.masked_fill(~split, 2)
    continued = ((real + root).log() - (real - root).log()) / (2 * r)
    return torch.where(split, continued.masked_fill(t == 0, torch.nan), angle)
