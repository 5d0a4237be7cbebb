r"""Functions of numbers through their matrices, where powers need no brackets.

The left-regular matrix has $L(x)^n\, 1 = x^n$, unambiguous in a power-associative algebra, so
$f(x)$ is the first column of the matrix function $f(L(x))$. Algorithms are fixed sequences of
products, inverses and `matrix_exp`: they need no eigenvectors, hence serve defective matrices too,
and every derivative.

`sqrt`, `log` and what is built on them are the principal ones, which need a spectrum of $L(x)$ off
the closed negative real axis; elsewhere, and where the number has no inverse, they are NaN.

Source:
    N. J. Higham, *Functions of Matrices*, 2008, chapters 6 (product form of the Denman–Beavers
    iteration), 10 and 11 (inverse scaling and squaring).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.numbers import left_matrix
from hypercomplex.kernels.precision import single

__all__ = ["by_matrix"]

_ITERATIONS = 20  # of a quadratically convergent iteration: spectra over ten decades
_ROOTS = 6  # before the logarithm of what is near 1
_GAUSS = (  # Gauss–Legendre: positive nodes and their weights on [−1, 1]
    (0.14887433898163122, 0.2955242247147528),
    (0.4333953941292472, 0.2692667193099965),
    (0.6794095682990244, 0.219086362515982),
    (0.8650633666889845, 0.1494513491505804),
    (0.9739065285171717, 0.06667134430868814),
)


def by_matrix(f: Callable[[Tensor], Tensor], x: Tensor, algebra: Algebra) -> Tensor:
    """The function of numbers `(…, n)` whose matrix function is `f`."""
    with torch.autocast(x.device.type, enabled=False):
        return f(left_matrix(single(x), algebra))[..., 0].to(x.dtype)


def expm1(L: Tensor) -> Tensor:
    """`L φ(L)`, where `exp [[L, 1], [0, 0]] = [[e^L, φ(L)], [0, 1]]`."""
    n, one = L.shape[-1], _one(L)
    zero = torch.zeros_like(L)
    block = torch.cat([torch.cat([L, one], -1), torch.cat([zero, zero], -1)], -2)
    return L @ torch.linalg.matrix_exp(block)[..., :n, n:]


def exp2(L: Tensor) -> Tensor:
    return torch.linalg.matrix_exp(L * math.log(2))


def cosh(L: Tensor) -> Tensor:
    return _even_odd(L, 1)[0]


def sinh(L: Tensor) -> Tensor:
    return _even_odd(L, 1)[1]


def tanh(L: Tensor) -> Tensor:
    even, odd = _even_odd(L, 1)
    return odd @ _inverse(even)


def cos(L: Tensor) -> Tensor:
    return _even_odd(L, -1)[0]


def sin(L: Tensor) -> Tensor:
    return _even_odd(L, -1)[1]


def tan(L: Tensor) -> Tensor:
    even, odd = _even_odd(L, -1)
    return odd @ _inverse(even)


def sigmoid(L: Tensor) -> Tensor:
    return (_one(L) + tanh(L / 2)) / 2


def sqrt(L: Tensor) -> Tensor:
    """The principal root, by Newton's iteration; NaN where that does not converge."""
    size = L.detach().abs().amax((-2, -1), keepdim=True)
    size = size.masked_fill(size == 0, 1)
    A = L / size
    one, M, X = _one(L), A, A
    for _ in range(_ITERATIONS):
        inverse = _inverse(M)
        X = X @ (one + inverse) / 2
        M = (one + (M + inverse) / 2) / 2
    residual = (X @ X - A).detach().abs().amax((-2, -1), keepdim=True)
    tolerance = 1e-6 if L.dtype == torch.float64 else 1e-3
    return torch.where(residual < tolerance, X, torch.nan) * size.sqrt()


def log1p(E: Tensor) -> Tensor:
    """`log(1 + E)` by quadrature near 0, and elsewhere `2^k` times that of the `2^k`-th root."""
    one = _one(E)
    near = E.detach().abs().sum(-1).amax(-1)[..., None, None] < 0.2
    root = torch.where(near, one, one + E)
    size = root.detach().abs().amax((-2, -1), keepdim=True)
    root = root / size
    for _ in range(_ROOTS):
        root = sqrt(root)
    far = 2**_ROOTS * _log1p_near(root - one) + size.log() * one
    return torch.where(near, _log1p_near(torch.where(near, E, 0)), far)


def log(L: Tensor) -> Tensor:
    return log1p(L - _one(L))


def log2(L: Tensor) -> Tensor:
    return log(L) / math.log(2)


def log10(L: Tensor) -> Tensor:
    return log(L) / math.log(10)


def asinh(L: Tensor) -> Tensor:
    """`log(1 + L + (√(1 + L²) − 1))`, the last term as `L² / (1 + √(1 + L²))`."""
    one, square = _one(L), L @ L
    return log1p(L + square @ _inverse(one + sqrt(one + square)))


def acosh(L: Tensor) -> Tensor:
    one = _one(L)
    return log(L + sqrt(L - one) @ sqrt(L + one))


def atanh(L: Tensor) -> Tensor:
    return (log1p(L) - log1p(-L)) / 2


def _log1p_near(E: Tensor) -> Tensor:
    """`∫₀¹ E (1 + uE)⁻¹ du`, by Gauss–Legendre: a Padé approximant."""
    one = _one(E)
    total = torch.zeros_like(E)
    for node, weight in _GAUSS:
        for u in ((1 - node) / 2, (1 + node) / 2):
            total = total + weight / 2 * (E @ _inverse(one + u * E))
    return total


def _even_odd(L: Tensor, sign: int) -> tuple[Tensor, Tensor]:
    """`cosh L` and `sinh L`, or with the sign −1 `cos L` and `sin L`: one exponential of blocks."""
    n, zero = L.shape[-1], torch.zeros_like(L)
    block = torch.cat([torch.cat([zero, sign * L], -1), torch.cat([L, zero], -1)], -2)
    e = torch.linalg.matrix_exp(block)
    return e[..., :n, :n], e[..., n:, :n]


def _inverse(L: Tensor) -> Tensor:
    return torch.linalg.inv_ex(L)[0]


def _one(L: Tensor) -> Tensor:
    return torch.eye(L.shape[-1], dtype=L.dtype, device=L.device).expand_as(L)
