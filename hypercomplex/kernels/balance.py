r"""Functions of numbers whose nilpotent parts are far larger or smaller than the rest.

A function $f$ of one number, such as its inverse or its logarithm, commutes with automorphisms:
$f(x) = \lambda^d f(\lambda^{-d} x)$ by $e_k \mapsto \lambda^{d_k} e_k$, where the degrees $d_k$ add
in products (`algebra.degrees`). With $\lambda$ a power of two this is exact. It is chosen so that
the parts of $\lambda^{-d} x$ are alike in size: nothing is lost in sums of products, such as those
of matrices. It is a constant for derivatives, which hold as far as they are in range times λ.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.degrees import Degrees, degrees
from hypercomplex.host.known import known_when_traced
from hypercomplex.kernels.exact import power_of_two
from hypercomplex.lowering import constant

__all__ = ["balanced", "unchanged"]

_SPARE = 2.0**-24  # of the largest number, for λ


def balanced(f: Callable[[Tensor], Tensor], x: Tensor, algebra: Algebra) -> Tensor:
    """The function f of numbers `(…, n)`, which commutes with automorphisms."""
    powers = []
    for degree in _degrees(algebra):
        factor = _factor(x.detach(), degree, unchanged(algebra))
        for step in range(max(degree)):
            powers.append(torch.where(constant(_beyond, algebra, x, degree, step) > 0, factor, 1))
            x = x / powers[-1]
    x = f(x)
    for power in reversed(powers):
        x = x * power
    return x


def unchanged(algebra: Algebra) -> list[int]:
    """The places of the components that no such automorphism changes."""
    return [k for k in range(algebra.dimension) if not any(d[k] for d in _degrees(algebra))]


@known_when_traced
def _degrees(algebra: Algebra) -> tuple[Degrees, ...]:
    return degrees(algebra)


def _beyond(algebra: Algebra, degree: Degrees, step: int) -> list[float]:
    """1 for components of a higher degree than that."""
    return [float(d > step) for d in degree]


def _factor(x: Tensor, degree: Degrees, rest: list[int]) -> Tensor:
    """The λ with which the largest part of positive degree becomes as large as the rest."""
    size = _finite(x[..., rest].abs().amax(-1, keepdim=True).log2())
    parts = [(x[..., k : k + 1].abs().log2() - size) / d for k, d in enumerate(degree) if d]
    most = math.log2(torch.finfo(x.dtype).max * _SPARE)
    digits = _finite(torch.cat(parts, -1).amax(-1, keepdim=True)).clamp(-most, most)
    return power_of_two(digits.exp2())


def _finite(digits: Tensor) -> Tensor:
    """Nothing to scale by where a part is zero, or is not a number."""
    return digits.masked_fill(~digits.isfinite(), 0)
