r"""The simple algebras that an associative algebra is made of, over the reals, decided exactly.

Modulo its radical the algebra is a sum of simple ones, whose centres are fields. Over the rational
numbers they are told apart by an element $z$ of the centre: its minimal polynomial
$m = f_1 \cdots f_r$ has a factor for each, and $S_i$ is central simple over
$K_i = \mathbb Q[t] / f_i$, of dimension $d^2$. Over the reals, $S_i$ is $M_d(\mathbb C)$ for each
pair of complex roots of $f_i$, and for each real one $M_d(\mathbb R)$ or $M_{d/2}(\mathbb H)$. How
many of each the signature of $(x, y) \mapsto \operatorname{tr} L(xy)$ says: it is $+d$ on
$M_d(\mathbb R)$, $-d$ on $M_{d/2}(\mathbb H)$ and $0$ on $M_d(\mathbb C)$. Roots are counted by
J. C. F. Sturm, so nothing is rounded.

An alternative algebra has octonions besides, of dimension 8 over their centre: their signature is
$-6$, that of the split ones $+2$ (M. Zorn).

Source:
    R. S. Pierce, *Associative Algebras*, 1982, chapters 3, 12 and 13; K. A. Zhevlakov et al.,
    *Rings that are nearly associative*, 1982, chapter 7.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from math import isqrt
from typing import Any

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.laws import decide
from hypercomplex.algebra.linear import (
    Echelon,
    Row,
    echelon,
    krylov,
    matrix_product,
    nullspace,
    row_times,
    signature,
    sparse_row,
    transposed,
)
from hypercomplex.algebra.parts import quotient
from hypercomplex.algebra.sparse import Table, dense, sparse_table, times
from hypercomplex.algebra.structure import centre, radical, trace_products

__all__ = ["Wedderburn", "factors", "idempotents", "split_centre", "wedderburn"]

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, repr=False)
class Wedderburn:
    """A sum of simple algebras, and the dimension of a radical; it reads as words.

    Example:
        >>> found = wedderburn(hc.clifford(1, 3))
        >>> found, found.parts
        (M₂(ℍ), ((1, 2, 'ℍ'),))
    """

    parts: tuple[tuple[int, int, str], ...]
    """How many simple algebras of which size over what: `(1, 2, "ℍ")` is M₂(ℍ) once."""
    radical: int
    """The dimension of the radical."""

    def __str__(self) -> str:
        words = " ⊕ ".join(_words(*part) for part in self.parts) or "0"
        return f"{words}, radical of dimension {self.radical}" if self.radical else words

    __repr__ = __str__


def _words(copies: int, size: int, over: str) -> str:
    matrices = over if size == 1 else f"M{str(size).translate(_SUBSCRIPTS)}({over})"
    return matrices if copies == 1 else f"{copies}{matrices}"


_ORDER = "ℝ", "ℂ", "ℍ", "𝕆", "split 𝕆", "ℂ⊗𝕆"
_DIMENSIONS = 1, 2, 4, 8, 8, 16


@lru_cache(256)
def wedderburn(algebra: Algebra) -> Wedderburn:
    """The simple algebras that an associative or alternative algebra has modulo its radical.

    Raises:
        NotImplementedError: for all others.
    """
    if not decide(algebra, "alternative"):
        raise NotImplementedError(
            f"{algebra.name} has no simple parts that have names: {algebra.is_alternative} says "
            "that it is neither associative nor alternative"
        )
    nil = radical(algebra)
    found: Counter[tuple[int, str]] = Counter()
    if len(nil) < algebra.dimension:
        ideal = [dense(x, algebra.dimension) for x in nil]
        for each in _components(quotient(algebra, ideal) if nil else algebra):
            found.update(each)
    order = sorted(
        found, key=lambda part: (part[0] ** 2 * _DIMENSIONS[_ORDER.index(part[1])], part[1])
    )
    return Wedderburn(tuple((found[part], *part) for part in order if found[part]), len(nil))


def _components(algebra: Algebra) -> Iterator[dict[tuple[int, str], int]]:
    """The simple parts over the reals, together for each over the rational numbers."""
    table, n = sparse_table(algebra), algebra.dimension
    form = trace_products(algebra)
    associative = bool(decide(algebra, "associative"))
    for idempotent, degree, real in split_centre(algebra):
        basis = echelon(times(table, idempotent, {j: 1}) for j in range(n))
        gram = matrix_product(matrix_product(basis, form), transposed(basis, n))
        positive, negative, _ = signature(gram)
        size = len(basis) // degree
        complex_places = (degree - real) // 2
        if size == 8 and not associative:
            split = (positive - negative + 6 * real) // 8
            yield {
                (1, "split 𝕆"): split,
                (1, "𝕆"): real - split,
                (1, "ℂ⊗𝕆"): complex_places,
            }
        else:
            d = isqrt(size)
            plain = (real + (positive - negative) // d) // 2
            yield {(d, "ℝ"): plain, (d // 2, "ℍ"): real - plain, (d, "ℂ"): complex_places}


def idempotents(algebra: Algebra) -> list[Row]:
    """The central elements `e = e²`, whose sum is 1, that are no sums of others with rational
    coefficients.

    Raises:
        NotImplementedError: if the algebra has no unit.
    """
    return [idempotent for idempotent, _, _ in split_centre(algebra)]


def split_centre(algebra: Algebra) -> list[tuple[Row, int, int]]:
    """The idempotents that split the centre over the rational numbers, for each the degree of the
    field that it belongs to, and how many real numbers that is over the reals.
    """
    if algebra.unit is None:
        raise NotImplementedError(
            f"central idempotents add up to a unit, and {algebra.name} has none; `summands` are "
            "its ideals, of which it is the sum"
        )
    one, table, n = sparse_row(algebra.unit or ()), sparse_table(algebra), algebra.dimension
    basis = centre(algebra)
    if len(basis) == 1:
        return [(one, 1, 1)]
    for z in _candidates(basis):
        powers, minimal = krylov(partial(times, table, z), n, one)
        found = factors(minimal)
        if sum(degree for _, degree, _ in found) == len(basis) - _nilpotent(table, basis):
            return [
                (row_times(polynomial, powers), degree, real) for polynomial, degree, real in found
            ]
    raise AssertionError("some element of the centre generates it")


def _candidates(basis: list[Row]) -> Iterator[Row]:
    """Elements of which one generates all fields of the centre: all but finitely many do on the
    curve `Σ t^m b_m`.
    """
    for t in range(1, 10 + 4 * len(basis) ** 3):
        yield row_times({m: t**m for m in range(len(basis))}, basis)


def _nilpotent(table: Table, basis: list[Row]) -> int:
    """The dimension of the nilpotent elements of a commutative associative space."""
    space = Echelon(basis)
    ordered = space.basis
    coordinates = [[space.coordinates(times(table, x, y)) or {} for y in ordered] for x in ordered]
    traces = [sum((row.get(m, 0) for m, row in enumerate(rows)), 0) for rows in coordinates]
    form = [
        {j: sum((c * traces[k] for k, c in row.items()), 0) for j, row in enumerate(rows)}
        for rows in coordinates
    ]
    return len(nullspace(form, len(basis)))


def factors(polynomial: list[Fraction]) -> list[tuple[Row, int, int]]:
    """For each irreducible factor `f` of a polynomial `m`: the polynomial that is 1 modulo the
    power of `f` in `m` and 0 modulo the rest, the degree of `f`, and how many real roots it has.
    """
    import sympy as sp

    t = sp.Symbol("t")
    whole = sp.Poly([sp.Rational(c.numerator, c.denominator) for c in polynomial[::-1]], t)
    found: list[tuple[Row, int, int]] = []
    for factor, often in whole.factor_list()[1]:
        power = factor**often
        rest = whole.quo(power)
        one = rest * sp.invert(rest, power) if rest.degree() > 0 else sp.Poly(1, t)
        found.append((_row(one.rem(whole)), factor.degree(), factor.count_roots()))
    return found


def _row(polynomial: Any) -> Row:
    exact = [Fraction(int(c.p), int(c.q)) for c in polynomial.all_coeffs()[::-1]]
    return sparse_row([c.numerator if c.denominator == 1 else c for c in exact])
