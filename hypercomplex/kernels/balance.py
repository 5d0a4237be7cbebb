r"""Functions of numbers whose nilpotent parts are far larger or smaller than the rest.

A function $f$ of one number, such as its inverse or its logarithm, commutes with automorphisms:
$f(x) = \lambda^d f(\lambda^{-d} x)$ by $e_k \mapsto \lambda^{d_k} e_k$, where the degrees $d_k$ add
in products (`algebra.degrees`). With $\lambda$ a power of two this is exact. It is chosen so that
the parts of $\lambda^{-d} x$ are alike in size: nothing is lost in sums of products, such as those
of matrices. It is a constant for derivatives, which hold as far as they are in range times λ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import reduce

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.degrees import Degrees, degrees
from hypercomplex.host.known import known_when_traced
from hypercomplex.kernels.exact import power_of_two
from hypercomplex.kernels.precision import single
from hypercomplex.lowering import constant

__all__ = ["balanced", "quotient", "unchanged"]

_SPARE = 2.0**-24  # of the largest number, for λ


def balanced(f: Callable[[Tensor], Tensor], x: Tensor, algebra: Algebra) -> Tensor:
    """The function f of numbers `(…, n)`, which commutes with automorphisms."""
    powers = list(_powers(x, algebra))
    return _up(f(_down(x, powers)), powers)


def quotient(
    f: Callable[[Tensor, Tensor], Tensor], a: Tensor, b: Tensor, algebra: Algebra
) -> Tensor:
    """The function f of dividends and divisors, which commutes with automorphisms. Only where parts
    of the divisor have a ratio near the end of the range are they scaled: dividends may lose some.
    """
    dtype, a, b = a.dtype, single(a), single(b)  # half precision has no room to scale in
    powers = list(_powers(b, algebra, only_huge=True))
    return _up(f(_down(a, powers), _down(b, powers)), powers).to(dtype)


def _powers(x: Tensor, algebra: Algebra, only_huge: bool = False) -> Iterator[Tensor]:
    """What to divide components by, one after the other."""
    for degree in _degrees(algebra):
        factor = _factor(x.detach(), degree, unchanged(algebra), only_huge)
        for step in range(max(degree)):
            power = torch.where(constant(_beyond, algebra, x, degree, step) > 0, factor, 1)
            x = x / power
            yield power


def _down(x: Tensor, powers: list[Tensor]) -> Tensor:
    return reduce(torch.div, powers, x)


def _up(x: Tensor, powers: list[Tensor]) -> Tensor:
    return reduce(torch.mul, reversed(powers), x)


def unchanged(algebra: Algebra) -> list[int]:
    """The places of the components that no such automorphism changes."""
    return [k for k in range(algebra.dimension) if not any(d[k] for d in _degrees(algebra))]


@known_when_traced
def _degrees(algebra: Algebra) -> tuple[Degrees, ...]:
    return degrees(algebra)


def _beyond(algebra: Algebra, degree: Degrees, step: int) -> list[float]:
    """1 for components of a higher degree than that."""
    return [float(d > step) for d in degree]


def _factor(x: Tensor, degree: Degrees, rest: list[int], only_huge: bool) -> Tensor:
    """The λ with which the largest part of positive degree becomes as large as the rest, or, if
    only huge ones count, no larger than is in range. Parts that are somewhat smaller stay as they
    are: they lose nothing in sums, and the rest would.
    """
    size = _finite(x[..., rest].abs().amax(-1, keepdim=True).log2())
    parts = [(x[..., k : k + 1].abs().log2() - size) / d for k, d in enumerate(degree) if d]
    most = max(math.log2(torch.finfo(x.dtype).max * _SPARE), 0)
    digits = _finite(torch.cat(parts, -1).amax(-1, keepdim=True))
    if only_huge:
        digits = (digits - 0.75 * most).clamp(min=0)
    else:
        digits = digits.masked_fill((digits < 0) & (digits > -0.25 * most), 0)
    return power_of_two(digits.clamp(-most, most).exp2())


def _finite(digits: Tensor) -> Tensor:
    """Nothing to scale by where a part is zero, or is not a number."""
    return digits.masked_fill(~digits.isfinite(), 0)
