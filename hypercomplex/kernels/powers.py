r"""Numbers of a power-associative algebra among their own powers.

The polynomials of one number x are a commutative, associative algebra, whatever else there is, and
$x^m = c_1 x^{m-1} + \dots + c_m$ in it for every x (`algebra.generic`). Newton's identities
give the $c_k$ from the traces $p_k = T(x^k)$:

$$k\, c_k = p_k - c_1 p_{k-1} - \dots - c_{k-1} p_1.$$

All of it are polynomials in x, so every derivative is right where roots meet, too.

Source:
    N. Jacobson, *Structure and Representations of Jordan Algebras*, 1968, chapter VI.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, forms
from hypercomplex.algebra.generic import degree_and_trace
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.mode import all_digits
from hypercomplex.kernels.exact import power_of_two
from hypercomplex.kernels.precision import precise
from hypercomplex.kernels.scaling import largest
from hypercomplex.lowering import constant, operator

__all__ = ["inverse_among_powers", "matrix_among_powers"]


def inverse_among_powers(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The polynomial y of x with x y = 1: $(x^{m-1} - c_1 x^{m-2} - \dots - c_{m-1}) / c_m$.

    NaN where $c_m$ is zero but for some roundings of float64.
    """
    with all_digits(x):
        y = precise(x)
        powers, c = _powers_and_coefficients(y, algebra)
        eps = torch.finfo(y.dtype).eps
        known = c[-1].detach().abs() > 8 * len(c) * eps * _bound(y.detach(), algebra)
        adjugate = powers[-1] - sum(a * p for a, p in zip(c, powers[-2::-1]))
        factor = torch.where(known, c[-1].masked_fill(~known, 1).reciprocal(), torch.nan)
        return (adjugate * factor).to(x.dtype)


def matrix_among_powers(x: Tensor, algebra: Algebra) -> tuple[Tensor, Tensor]:
    """The matrix `(…, m, m)` of multiplying with x in a basis of its polynomials, which begins with
    1, and the basis `(…, n, m)`: `f(x) = basis @ f(matrix)[:, 0]`.

    The basis are powers of x without its mean root, divided by the size of x.
    """
    m, size = degree(algebra), power_of_two(largest(x))
    size = size.masked_fill((x == 0).all(-1, keepdim=True), 1)
    mean = (constant(_trace, algebra, x) * (x / size)).sum(-1, keepdim=True) / m
    powers, c = _powers_and_coefficients(x / size - mean * _one(x, algebra), algebra)
    one = torch.eye(m, dtype=x.dtype, device=x.device)
    shifted = one[:, 1:].expand(*x.shape[:-1], m, m - 1)
    companion = torch.cat([shifted, torch.stack(c[::-1], -2)], -1)
    matrix = size.unsqueeze(-1) * (mean.unsqueeze(-1) * one + companion)
    return matrix, torch.stack(powers, -1)


@known_when_traced
def degree(algebra: Algebra) -> int:
    """The number m of powers that are independent in general."""
    return degree_and_trace(algebra)[0]


@known_when_traced
def _trace(algebra: Algebra) -> tuple[float, ...]:
    return tuple(float(c) for c in degree_and_trace(algebra)[1])


@known_when_traced
def _unit(algebra: Algebra) -> tuple[float, ...]:
    return tuple(float(c) for c in forms.one(algebra, "powers"))


def _powers_and_coefficients(x: Tensor, algebra: Algebra) -> tuple[list[Tensor], list[Tensor]]:
    """The powers `1 … x^{m−1}` and, as columns `(…, 1)`, the coefficients `c_1 … c_m`."""
    powers, sums = _powers(_matrix(x, algebra), constant(_trace, algebra, x), x, algebra)
    return powers, _newton(sums, -1)


def _bound(x: Tensor, algebra: Algebra) -> Tensor:
    """The sum of the sizes of all terms in `c_m`, of whose roundings that is made."""
    trace = constant(_trace, algebra, x).abs()
    return _newton(_powers(_matrix(x, algebra).abs(), trace, x, algebra)[1], 1)[-1]


def _matrix(x: Tensor, algebra: Algebra) -> Tensor:
    return operator(x, algebra.product, "left").movedim((0, 1), (-2, -1))


def _powers(
    matrix: Tensor, trace: Tensor, x: Tensor, algebra: Algebra
) -> tuple[list[Tensor], list[Tensor]]:
    """The powers `1 … x^{m−1}` by the matrix of x, and the traces of `x … x^m`."""
    powers = [_one(x, algebra)]
    for _ in range(degree(algebra)):
        powers.append((matrix @ powers[-1].unsqueeze(-1)).squeeze(-1))
    return powers[:-1], [(trace * power).sum(-1, keepdim=True) for power in powers[1:]]


def _newton(sums: list[Tensor], sign: int) -> list[Tensor]:
    """The `c_k` with `k c_k = p_k ± (c_1 p_{k−1} + … + c_{k−1} p_1)`."""
    c: list[Tensor] = []
    for k, total in enumerate(sums, 1):
        for i, a in enumerate(c, 1):
            total = total + sign * a * sums[k - i - 1]
        c.append(total / k)
    return c


def _one(x: Tensor, algebra: Algebra) -> Tensor:
    return constant(_unit, algebra, x).expand_as(x)
