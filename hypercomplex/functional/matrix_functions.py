r"""Functions of numbers through their matrices, where powers need no brackets.

The left-regular matrix of an alternative algebra has $L(x)^n\, 1 = x^n$ and $L(x^n) = L(x)^n$, so
$f(x)$ is the first column of the matrix function $f(L(x))$. Where powers need no brackets but
$L(x)$ has other eigenvalues than x has, as in Jordan algebras, x multiplies in the algebra of its
own polynomials, and $f(x)$ is that combination of its powers (`kernels.powers`). Algorithms are
sequences of products, inverses and `matrix_exp`: they need no eigenvectors, hence serve defective
matrices too, and every derivative. Nilpotent parts, as dual ones, may be of any size
(`kernels.balance`). All are real, also where the function is one of complex
exponentials and logarithms.

`sqrt`, `log` and what is built on them are the principal ones, which need eigenvalues off the
closed negative real axis; elsewhere, and where the number has no inverse, they are NaN. So are the
inverse functions on their cuts.

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
from hypercomplex.host.mode import all_digits, can_be_read
from hypercomplex.kernels.balance import balanced
from hypercomplex.kernels.exact import power_of_two
from hypercomplex.kernels.inverse import determined
from hypercomplex.kernels.powers import matrix_among_powers
from hypercomplex.kernels.precision import precise
from hypercomplex.lowering import needs_powers

__all__ = ["by_matrix"]

_HALVING, _SQUARING = 37, 7  # iterations for spectra over twenty decades
_ONCE_MORE = 3  # for two derivatives
_ROOTS = 6  # before the logarithm of what is near 1
_DOUBLINGS = 53  # of small angles: beyond, smaller eigenvalues are roundings of the largest
_HALVINGS = 7  # of angles, next to the poles of the inverse tangent too
_HALVINGS_OF_HUGE = {torch.float32: 9, torch.float64: 12}  # of asinh of the largest numbers
_GAUSS = (  # Gauss–Legendre: positive nodes and their weights on [−1, 1]
    (0.14887433898163122, 0.2955242247147528),
    (0.4333953941292472, 0.2692667193099965),
    (0.6794095682990244, 0.219086362515982),
    (0.8650633666889845, 0.1494513491505804),
    (0.9739065285171717, 0.06667134430868814),
)


def by_matrix(f: Callable[[Tensor], Tensor], x: Tensor, algebra: Algebra) -> Tensor:
    """The function of numbers `(…, n)` whose matrix function is `f`, computed in float64."""
    with all_digits(x):
        return balanced(lambda y: _by_matrix(f, y, algebra), precise(x), algebra).to(x.dtype)


def _by_matrix(f: Callable[[Tensor], Tensor], x: Tensor, algebra: Algebra) -> Tensor:
    if not needs_powers(algebra):
        return f(left_matrix(x, algebra))[..., 0]
    matrix, basis = matrix_among_powers(x, algebra)
    return (basis @ f(matrix)[..., :1]).squeeze(-1)


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
    """Of a matrix divided by `2^k`, so that it is small, then k times `2t / (1 + t²)`, which stays
    at ±1 far out, where exponentials overflow.
    """
    size, one = _size(L), _one(L)
    doublings = size.log2().clamp(0, _DOUBLINGS)
    even, odd = _even_odd(L / torch.where(doublings < _DOUBLINGS, doublings.exp2(), size), 1)
    t = odd @ _inverse(even)
    most = int(doublings.max()) if can_be_read(size) and size.numel() else _DOUBLINGS
    for k in range(most):
        t = torch.where(k < doublings, 2 * t @ _inverse(one + t @ t), t)
    return t


def cos(L: Tensor) -> Tensor:
    return _even_odd(L, -1)[0]


def sin(L: Tensor) -> Tensor:
    return _even_odd(L, -1)[1]


def tan(L: Tensor) -> Tensor:
    even, odd = _even_odd(L, -1)
    return odd @ _inverse(even)


def sigmoid(L: Tensor) -> Tensor:
    return (_one(L) + tanh(L / 2)) / 2


def sinc(L: Tensor) -> Tensor:
    """`sin(πL) / (πL)`, where `exp [[0, s], [−A²/s, 0]] = [[cos A, s sin A / A], [·, cos A]]`."""
    A = math.pi * L
    size = _size(A)
    n, zero, one = L.shape[-1], torch.zeros_like(L), _one(L) * size
    block = torch.cat([torch.cat([zero, one], -1), torch.cat([-(A / size) @ A, zero], -1)], -2)
    return torch.linalg.matrix_exp(block)[..., :n, n:] / size


def sqrt(L: Tensor, roots: int = 0) -> Tensor:
    """The principal root, by Newton's iteration; NaN where that does not converge, and where the
    matrix is singular but for some roundings.

    It halves the distance of eigenvalues in decades, then squares errors. Of a matrix of which so
    many `roots` have been taken already, the decades are few.
    """
    size = _size(L)
    A = L / size
    one, M, X = _one(L), A, A
    eps, rest = torch.finfo(L.dtype).eps, _SQUARING + _HALVING // 2**roots
    while rest:
        inverse = _inverse(M)
        if M is A and not roots:
            X = X * torch.where(determined(A, inverse), 1.0, torch.nan)[..., None, None]
        X = X @ (one + inverse) / 2
        M = (one + (M + inverse) / 2) / 2
        rest -= 1
        if rest > _ONCE_MORE:
            error = (M - one).detach()
            if can_be_read(error) and (error.abs().amax((-2, -1)) < 100 * eps).all():
                rest = _ONCE_MORE
    error = (M - one).detach().abs().amax((-2, -1), keepdim=True)
    return torch.where(error < eps**0.25, X, torch.nan) * size.sqrt()


def log1p(E: Tensor) -> Tensor:
    return _log(E, _one(E) + E)


def log(L: Tensor) -> Tensor:
    return _log(L - _one(L), L)


def _log(E: Tensor, L: Tensor) -> Tensor:
    """`log L` with `L = 1 + E`: by quadrature near 1, elsewhere `2^k` times that of the `2^k`-th
    root.
    """
    one = _one(E)
    near = E.detach().abs().sum(-1).amax(-1)[..., None, None] < 0.2
    root = torch.where(near, one, L)
    size = _size(root)
    root = root / size
    for roots in range(_ROOTS):
        root = sqrt(root, roots)
    far = 2**_ROOTS * _log1p_near(root - one) + size.log() * one
    return torch.where(near, _log1p_near(torch.where(near, E, 0)), far)


def log2(L: Tensor) -> Tensor:
    return log(L) / math.log(2)


def log10(L: Tensor) -> Tensor:
    return log(L) / math.log(10)


def asin(L: Tensor) -> Tensor:
    """`2 atan (L / (1 + √(1 − L²)))`."""
    return 2 * atan(_half(L, -1)[0])


def acos(L: Tensor) -> Tensor:
    return math.pi / 2 * _one(L) - asin(L)


def atan(L: Tensor) -> Tensor:
    """Of half the angle, `atan L = 2 atan (L / (1 + √(1 + L²)))`, and so on; then by quadrature."""
    for halvings in range(_HALVINGS):
        L = _half(L, 1, halvings)[0]
    square = L @ L
    return 2**_HALVINGS * _quadrature(L, lambda u: u * u * square)


def asinh(L: Tensor) -> Tensor:
    """Of half the angle again and again, `t = tanh y` and `q = 1 / cosh y`, where nothing cancels:
    `t / (1 + q)` and `√(2q / (1 + q))`; then by quadrature.
    """
    one = _one(L)
    t, inverse = _half(L, 1)
    q = sqrt(2 * inverse)
    halvings = _HALVINGS_OF_HUGE[L.dtype]
    for roots in range(1, halvings + 1):
        inverse = _inverse(one + q)
        t, q = t @ inverse, sqrt(2 * q @ inverse, roots)
    square = t @ t
    return 2 ** (halvings + 1) * _quadrature(t, lambda u: -u * u * square)


def acosh(L: Tensor) -> Tensor:
    one = _one(L)
    return log(L + sqrt(L - one) @ sqrt(L + one))


def atanh(L: Tensor) -> Tensor:
    return (log1p(L) - log1p(-L)) / 2


def _half(L: Tensor, sign: int, halvings: int = 0) -> tuple[Tensor, Tensor]:
    """`L / (1 + R)` and `1 / (1 + R)` with `R = √(1 ± L²)`, of matrices of any size."""
    size = _size(L).clamp(min=1)
    A, one = L / size, _one(L) / size
    inverse = _inverse(one + sqrt(one @ one + sign * A @ A, halvings))
    return A @ inverse, inverse / size


def _log1p_near(E: Tensor) -> Tensor:
    """`∫₀¹ E (1 + uE)⁻¹ du`: a Padé approximant."""
    return _quadrature(E, lambda u: u * E)


def _quadrature(E: Tensor, term: Callable[[float], Tensor]) -> Tensor:
    """`∫₀¹ E (1 + term(u))⁻¹ du`, by Gauss–Legendre."""
    one = _one(E)
    total = torch.zeros_like(E)
    for node, weight in _GAUSS:
        for u in ((1 - node) / 2, (1 + node) / 2):
            total = total + weight / 2 * (E @ _inverse(one + term(u)))
    return total


def _even_odd(L: Tensor, sign: int) -> tuple[Tensor, Tensor]:
    """`cosh L` and `sinh L`, or with the sign −1 `cos L` and `sin L`: one exponential of blocks."""
    n, zero = L.shape[-1], torch.zeros_like(L)
    block = torch.cat([torch.cat([zero, sign * L], -1), torch.cat([L, zero], -1)], -2)
    e = torch.linalg.matrix_exp(block)
    return e[..., :n, :n], e[..., n:, :n]


def _inverse(L: Tensor) -> Tensor:
    return torch.linalg.inv_ex(L)[0]


def _size(L: Tensor) -> Tensor:
    """A power of two near the largest entry of each matrix, a constant; 1 for zero."""
    size = L.detach().abs().amax((-2, -1), keepdim=True)
    return power_of_two(size.masked_fill((size == 0) | ~size.isfinite(), 1))


def _one(L: Tensor) -> Tensor:
    return torch.eye(L.shape[-1], dtype=L.dtype, device=L.device).expand_as(L)
