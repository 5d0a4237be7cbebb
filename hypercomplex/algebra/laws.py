"""The laws of an algebra, decided exactly.

A law is a polynomial identity, homogeneous of a known degree in each of its variables. A
homogeneous polynomial of degree d vanishes everywhere as soon as it vanishes on the sums of d
basis elements (repetition allowed), so evaluating the identity there, in integers and fractions,
*decides* it; the first place where it fails is a counterexample. Elements are multiplied along the
sparse table, a law that follows from another is not evaluated, and to associate is asked with
generators in the middle only: what may stand there is closed under products.

Source:
    A. H. Clifford, G. B. Preston, *The Algebraic Theory of Semigroups*, 1961, § 1.2 (Light's
    test); A. A. Albert, *On the power-associativity of rings*, 1948.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, product
from math import comb
from typing import Any

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.forms import conjugation
from hypercomplex.algebra.involution import images
from hypercomplex.algebra.linear import row_times
from hypercomplex.algebra.sparse import (
    Sparse,
    Table,
    added,
    dense,
    generators,
    sparse_table,
    times,
)

__all__ = ["Law", "decide", "inheriting", "known"]

Element = tuple[Any, ...]
Identity = Callable[..., Sparse]


@dataclass(frozen=True)
class Law:
    """The verdict on a law: true or false, with elements that break it.

    Example:
        >>> from hypercomplex import OCTONION, QUATERNION
        >>> QUATERNION.is_associative
        Law('(xy)z = x(yz)', holds=True)
        >>> OCTONION.is_associative
        Law('(xy)z = x(yz)', holds=False, counterexample=('i', 'j', 'l'))
        >>> bool(OCTONION.is_alternative)
        True
    """

    statement: str
    holds: bool
    elements: tuple[Element, ...] | None = None
    """The elements of the counterexample, as coefficients."""
    counterexample: tuple[str, ...] | None = None
    """The elements of the counterexample, as text."""

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        witness = f", counterexample={self.counterexample}" if self.counterexample else ""
        return f"Law({self.statement!r}, holds={self.holds}{witness})"


def known(algebra: Algebra, *laws: str) -> Algebra:
    """The algebra itself, of which theory says that these laws hold: they are not decided again,
    nor what follows from them.

    For constructions, which know more than the table shows at once. An equal algebra that was made
    otherwise is decided from its table.

    Raises:
        ValueError: if one of `laws` has no name here.

    Example:
        >>> A = known(hc.clifford(5), "associative")
        >>> A.is_flexible  # and none of 33,554,432 associators is computed
        Law('(xy)x = x(yx)', holds=True)
    """
    algebra.__dict__["_known_laws"] = _known(algebra) | {_named(law) for law in laws}
    return algebra


def inheriting(algebra: Algebra, parents: Iterable[Algebra], *laws: str) -> Algebra:
    """The algebra itself, which has those of the laws that all its parents are known to have; all
    laws if none are named.
    """
    shared = frozenset.intersection(*map(_known, parents))
    return known(algebra, *sorted(shared & {*laws} if laws else shared))


def _known(algebra: Algebra) -> frozenset[str]:
    return algebra.__dict__.get("_known_laws", frozenset())


def _named(law: str) -> str:
    if law != "division" and law not in _IDENTITIES:
        raise ValueError(f"`law` (={law!r}) must be 'division' or one of {sorted(_IDENTITIES)}")
    return law


def decide(algebra: Algebra, law: str) -> Law:
    """Decide one of the laws `commutative`, `associative`, `alternative`, `flexible`,
    `power_associative`, `composition` and `division` for an algebra.

    Raises:
        ValueError: if `law` is none of these.
        NotImplementedError: if `division` cannot be decided for this algebra.
    """
    if law in _known(algebra):
        return Law(_statement(law), True)
    return _decided(algebra, _named(law))


def _statement(law: str) -> str:
    return "xy = 0 only if x = 0 or y = 0" if law == "division" else _IDENTITIES[law][0]


@lru_cache(1024)
def _decided(algebra: Algebra, law: str) -> Law:
    statement = _statement(law)
    if law == "division":
        from hypercomplex.algebra import division  # which needs sympy: keep import light

        return _verdict(statement, algebra, division.zero_divisors(algebra))
    parts = _IDENTITIES[law][1]
    if law == "power_associative" and algebra.is_quadratic:
        return Law(statement, True)
    if any(decide(algebra, stronger) for stronger in _IMPLIED_BY.get(law, ())):
        return Law(statement, True)
    table, n = sparse_table(algebra), algebra.dimension
    if law == "associative":
        found = _not_associating(table, n)
    elif law == "power_associative" and not _powers_are_ambiguous(table, n):
        found = None
    else:
        found = next((f for part in parts if (f := _failure(algebra, table, *part))), None)
    elements = None if found is None else tuple(dense(x, n) for x in found)
    return _verdict(statement, algebra, elements)


def _verdict(statement: str, algebra: Algebra, elements: tuple[Element, ...] | bool | None) -> Law:
    if elements is None or isinstance(elements, bool):
        return Law(statement, elements is None)
    return Law(statement, False, elements, tuple(map(algebra.format, elements)))


def _failure(
    algebra: Algebra, table: Table, degrees: tuple[int, ...], residual: Identity
) -> tuple[Sparse, ...] | None:
    """The first sums of basis elements for which the identity fails."""
    for elements in product(*(_sums(algebra.dimension, d) for d in degrees)):
        if any(residual(algebra, table, *elements).values()):
            return elements
    return None


def _not_associating(table: Table, n: int) -> tuple[Sparse, ...] | None:
    middle = generators(table, n)
    for x, y, z in product(range(n), middle, range(n)):
        difference: Sparse = {}
        for m, c in table.get((x, y), {}).items():
            for k, d in table.get((m, z), {}).items():
                difference[k] = difference.get(k, 0) + c * d
        for m, c in table.get((y, z), {}).items():
            for k, d in table.get((x, m), {}).items():
                difference[k] = difference.get(k, 0) - c * d
        if any(difference.values()):
            return {x: 1}, {y: 1}, {z: 1}
    return None


def _powers_are_ambiguous(table: Table, n: int) -> bool:
    """Whether `(xx)x = x(xx)` or `(xx)(xx) = ((xx)x)x` fails, by what is linear in each of three or
    four factors: that has few terms, since most units anticommute. A real part changes nothing.
    """
    squares = {
        (i, j): added(times(table, {i: 1}, {j: 1}), times(table, {j: 1}, {i: 1}))
        for i, j in combinations_with_replacement(range(1, n), 2)
    }
    for degree in (3, 4):
        totals: dict[tuple[int, ...], Sparse] = {}
        for (i, j), square in squares.items():
            for rest in combinations_with_replacement(range(1, n), degree - 2) if square else ():
                units = tuple(sorted((i, j, *rest)))
                often = comb(units.count(i), 2) if i == j else units.count(i) * units.count(j)
                defect = _power_defect(table, square, *({k: 1} for k in rest))
                if defect:
                    totals[units] = added(totals.get(units, {}), defect, often)
        if any(totals.values()):
            return True
    return False


def _power_defect(t: Table, square: Sparse, y: Sparse, z: Sparse | None = None) -> Sparse:
    if z is None:  # of (xx)x − x(xx)
        return _commutator_of(t, square, y)
    return added(_associator(t, square, y, z), _associator(t, square, z, y))


def _commutator_of(t: Table, x: Sparse, y: Sparse) -> Sparse:
    return added(times(t, x, y), times(t, y, x), -1)


def _sums(n: int, degree: int) -> Iterator[Sparse]:
    """All sums of `degree` basis elements."""
    for indices in combinations_with_replacement(range(n), degree):
        yield dict(Counter(indices))


def _commutator(A: Algebra, t: Table, x: Sparse, y: Sparse) -> Sparse:
    return _commutator_of(t, x, y)


def _associator(t: Table, x: Sparse, y: Sparse, z: Sparse) -> Sparse:
    return added(times(t, times(t, x, y), z), times(t, x, times(t, y, z)), -1)


def _norm(A: Algebra, t: Table, x: Sparse) -> Sparse:
    return times(t, x, row_times(x, images(conjugation(A, "the composition of norms"))))


def _imaginary_norm(A: Algebra, t: Table, x: Sparse, _: Sparse) -> Sparse:
    return {k: c for k, c in _norm(A, t, x).items() if k}


def _norm_defect(A: Algebra, t: Table, x: Sparse, y: Sparse) -> Sparse:
    n, m, both = (_norm(A, t, z).get(0, 0) for z in (x, y, times(t, x, y)))
    return {0: both - n * m}


_IMPLIED_BY = {
    "alternative": ("associative",),
    "flexible": ("commutative", "alternative"),
    "power_associative": ("alternative",),  # and by quadratic
}

_IDENTITIES: dict[str, tuple[str, list[tuple[tuple[int, ...], Identity]]]] = {
    "commutative": ("xy = yx", [((1, 1), _commutator)]),
    "associative": ("(xy)z = x(yz)", [((1, 1, 1), lambda A, t, x, y, z: _associator(t, x, y, z))]),
    "alternative": (
        "(xx)y = x(xy) and (yx)x = y(xx)",
        [
            ((2, 1), lambda A, t, x, y: _associator(t, x, x, y)),
            ((2, 1), lambda A, t, x, y: _associator(t, y, x, x)),
        ],
    ),
    "flexible": ("(xy)x = x(yx)", [((2, 1), lambda A, t, x, y: _associator(t, x, y, x))]),
    # In characteristic 0 the third and fourth powers suffice (A. A. Albert, 1948).
    "power_associative": (
        "(xx)x = x(xx) and (xx)(xx) = ((xx)x)x",
        [
            ((3,), lambda A, t, x: _associator(t, x, x, x)),
            ((4,), lambda A, t, x: _associator(t, times(t, x, x), x, x)),
        ],
    ),
    "composition": (
        "N(xy) = N(x)N(y)",
        [((2, 1), _imaginary_norm), ((2, 2), _norm_defect)],
    ),
}
