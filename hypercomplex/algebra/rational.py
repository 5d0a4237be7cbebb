r"""Quadratic forms over the rational numbers: what is the same where one becomes another.

A form $\sum a_i x_i^2$ is known up to a change of variables by its signature, its discriminant
$\prod a_i$ up to squares, and, for each prime $p$, the sign $\prod_{i < j} (a_i, a_j)_p$ of
H. Hasse, made of the symbols of D. Hilbert: $(a, b)_p$ is 1 where $z^2 = a x^2 + b y^2$ has a
solution in $p$-adic numbers.

Source:
    J.-P. Serre, *A Course in Arithmetic*, 1973, chapters III and IV (theorems 1 of III, 9 of IV).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import prod

from hypercomplex.algebra.linear import Row, diagonal

__all__ = ["RationalClass", "hilbert", "rational_class"]

_LARGEST_FACTOR = 10**6


@dataclass(frozen=True)
class RationalClass:
    """What tells quadratic forms over the rational numbers from each other; it reads as words."""

    signature: tuple[int, int, int]
    discriminant: int
    """A product of different primes, with a sign: that of the part that does not degenerate."""
    primes: tuple[int, ...]
    """Those where the sign of Hasse is -1."""

    def __str__(self) -> str:
        at = f"at {', '.join(map(str, self.primes))}" if self.primes else "nowhere"
        return f"of discriminant {self.discriminant} and negative {at}"


def rational_class(rows: Sequence[Row]) -> RationalClass | None:
    """The class of a symmetric matrix; None if its entries have large prime factors.

    Example:
        >>> print(rational_class([{0: 1}, {1: 1}, {2: 1}]))
        of discriminant 1 and negative nowhere
        >>> print(rational_class([{0: 2}, {1: 3}]))  # 2 is no square modulo 3
        of discriminant 6 and negative at 2, 3
    """
    entries = [_squarefree(Fraction(c)) for c in diagonal(rows)]
    known = [x for x in entries if x is not None]
    if len(known) < len(entries):
        return None
    values = [sign * prod(primes) for sign, primes in known]
    negative = sum(a < 0 for a in values)
    discriminant = _squarefree(Fraction(prod(values)))
    assert discriminant is not None
    places = sorted({2}.union(*(primes for _, primes in known)))
    return RationalClass(
        (len(values) - negative, negative, len(rows) - len(values)),
        discriminant[0] * prod(discriminant[1]),
        tuple(p for p in places if prod(hilbert(a, b, p) for a, b in combinations(values, 2)) < 0),
    )


def _squarefree(c: Fraction) -> tuple[int, frozenset[int]] | None:
    """The sign of a number that is not 0, and the primes of odd power; None if they are large."""
    from sympy import factorint, isprime

    whole = c.numerator * c.denominator
    found = factorint(abs(whole), limit=_LARGEST_FACTOR)
    if not all(isprime(p) for p in found):
        return None
    return (1 if whole > 0 else -1), frozenset(p for p, often in found.items() if often % 2)


def hilbert(a: int, b: int, p: int) -> int:
    """The symbol of Hilbert, 1 or -1, at a prime.

    Example:
        >>> hilbert(-1, -1, 2), hilbert(-1, -1, 3), hilbert(-1, -3, 3)
        (-1, 1, -1)
    """
    (i, u), (j, v) = _parted(a, p), _parted(b, p)
    if p == 2:
        exponent = (u - 1) // 2 * ((v - 1) // 2) + i * (v * v - 1) // 8 + j * (u * u - 1) // 8
        return -1 if exponent % 2 else 1
    sign = -1 if i * j % 2 and p % 4 == 3 else 1
    return sign * _residue(u, p) ** (j % 2) * _residue(v, p) ** (i % 2)


def _parted(a: int, p: int) -> tuple[int, int]:
    """The power of a prime in a number, and the rest."""
    power = 0
    while a % p == 0:
        a, power = a // p, power + 1
    return power, a


def _residue(u: int, p: int) -> int:
    """The symbol of Legendre: 1 for squares modulo an odd prime, -1 for others."""
    return 1 if pow(u, p // 2, p) == 1 else -1
