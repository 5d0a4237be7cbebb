r"""The laws of an algebra, decided exactly.

A law is an equation between polynomials; its parts that have one degree in each variable must
vanish each. A polynomial of degree d in a variable vanishes everywhere as soon as it does on the
sums of d basis elements (repetition allowed), so evaluating the parts there, in integers, *decides*
the law; the first place where one fails is a counterexample. Elements are multiplied along the
sparse table, thousands at a time; a law that follows from another is not evaluated; and to
associate is asked with generators in the middle only: what may stand there is closed under
products.

Source:
    A. H. Clifford, G. B. Preston, *The Algebraic Theory of Semigroups*, 1961, § 1.2 (Light's
    test); A. A. Albert, *On the power-associativity of rings*, 1948 (two laws are all of
    them); R. D. Schafer, *An Introduction to Nonassociative Algebras*, 1966.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations, combinations_with_replacement, islice, product
from typing import Any

import numpy as np

from hypercomplex.algebra import identities
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.conjugations import conjugation as conjugates
from hypercomplex.algebra.evaluation import values
from hypercomplex.algebra.forms import conjugation, needs
from hypercomplex.algebra.identities import Polynomial
from hypercomplex.algebra.isotopes import isotope
from hypercomplex.algebra.linear import Echelon, nullspace, row_times, sparse_row
from hypercomplex.algebra.sparse import Sparse, dense, generators, sparse_table, times
from hypercomplex.algebra.tables import Coefficient

__all__ = [
    "IDENTITIES",
    "Law",
    "decide",
    "inheriting",
    "is_known",
    "known",
    "rewriting",
    "satisfies",
]

Element = tuple[Any, ...]
Array = Any

_SENTENCES = {
    "commutative": "xy = yx",
    "anticommutative": "xx = 0",
    "associative": "(xy)z = x(yz)",
    "alternative": "(xx)y = x(xy) and (yx)x = y(xx)",
    "flexible": "(xy)x = x(yx)",
    "power_associative": "(xx)x = x(xx) and (xx)(xx) = ((xx)x)x",
    "moufang": "((xy)x)z = x(y(xz)) and ((zx)y)x = z(x(yx)) and (xy)(zx) = (x(yz))x",
    "jordan": "xy = yx and ((xx)y)x = (xx)(yx)",
    "lie": "xx = 0 and (xy)z + (yz)x + (zx)y = 0",
    "composition": "n(xy) = n(x)n(y) where x² − t(x)x + n(x) = 0",
    "division": "xy = 0 only if x = 0 or y = 0",
    "simple": "xy is not always 0, and the only ideals are 0 and all",
}
IDENTITIES = tuple(law for law in _SENTENCES if law not in ("composition", "division", "simple"))
"""The laws that are equations alone, which parts, sums and algebras over more scalars keep."""
_IMPLIED_BY = {  # by all laws of one row
    "alternative": (("associative",),),
    "flexible": (("commutative",), ("alternative",), ("anticommutative",)),
    "moufang": (("alternative",),),
    "jordan": (("commutative", "associative"),),
    "power_associative": (("alternative",), ("anticommutative",), ("jordan",)),  # and by quadratic
}
_MOST_AT_ONCE = 4096  # elements, which stay in the cache


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
    """The elements of the counterexample, as coefficients, for the letters by the alphabet."""
    counterexample: tuple[str, ...] | None = None
    """The elements of the counterexample, as text."""

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        witness = f", counterexample={self.counterexample}" if self.counterexample else ""
        return f"Law({self.statement!r}, holds={self.holds}{witness})"


def satisfies(algebra: Algebra, law: str) -> Law:
    """Whether an equation holds for all elements of an algebra, decided exactly.

    Raises:
        ValueError: if the law cannot be read.
        NotImplementedError: if it needs a unit or a conjugation, and the algebra has none.

    Example:
        >>> satisfies(hc.OCTONION, "x(y(xz)) = ((xy)x)z")
        Law('x(y(xz)) = ((xy)x)z', holds=True)
    """
    return _satisfied(algebra, law)


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
    found = {*_known(algebra), *map(_named, laws)}
    algebra.__dict__["_known_laws"] = frozenset(found)
    for law, stronger in _IMPLIED_BY.items():  # in an order in which each follows from earlier ones
        if any(found.issuperset(together) for together in stronger):
            found.add(law)
    algebra.__dict__["_laws_that_follow"] = frozenset(found)
    return algebra


def inheriting(algebra: Algebra, parents: Iterable[Algebra], *laws: str) -> Algebra:
    """The algebra itself, which has those of the laws that all its parents are known to have; all
    laws if none are named.
    """
    shared = frozenset.intersection(*map(_known, parents))
    return known(algebra, *sorted(shared & {*laws} if laws else shared))


def rewriting(algebra: Algebra, given: Algebra) -> Algebra:
    """The algebra itself, which is another one in another basis: the laws of the other, whose table
    may be much shorter, are its laws.
    """
    algebra.__dict__["_rewrites"] = given
    return inheriting(algebra, [given])


def is_known(algebra: Algebra, law: str) -> bool:
    """Whether theory says that a law holds, or one from which it follows."""
    return law in _known(algebra) or any(
        all(is_known(algebra, each) for each in stronger) for stronger in _IMPLIED_BY.get(law, ())
    )


def _known(algebra: Algebra) -> frozenset[str]:
    return algebra.__dict__.get("_known_laws", frozenset())


def _named(law: str) -> str:
    if law not in _SENTENCES:
        raise ValueError(f"`law` (={law!r}) must be one of {sorted(_SENTENCES)}")
    return law


def decide(algebra: Algebra, law: str) -> Law:
    """Decide one of the laws that have names: `associative`, `jordan`, `division` and others.

    Raises:
        ValueError: if `law` is none of these.
        NotImplementedError: if it cannot be decided for this algebra, or needs what it has not.
    """
    if law in algebra.__dict__.get("_laws_that_follow", ()):
        return Law(_SENTENCES[law], True)
    given = algebra.__dict__.get("_rewrites")
    if given is not None and (found := decide(given, law)):
        return found
    return _decided(algebra, _named(law))  # with elements of this basis that break it


@lru_cache(1024)
def _decided(algebra: Algebra, law: str) -> Law:
    statement = _SENTENCES[law]
    if law == "division":
        from hypercomplex.algebra import division  # which needs sympy: keep import light

        return _verdict(statement, algebra, division.zero_divisors(algebra))
    if law == "simple":
        from hypercomplex.algebra import ideals

        found = ideals.proper(algebra)
        inside = (dense(found, algebra.dimension),) if isinstance(found, dict) else found
        return _verdict(statement, algebra, inside)
    if law == "power_associative" and algebra.is_quadratic:
        return Law(statement, True)
    if any(all(decide(algebra, one) for one in laws) for laws in _IMPLIED_BY.get(law, ())):
        return Law(statement, True)
    if law == "commutative":
        return _verdict(statement, algebra, _not_commuting(algebra))
    if law == "associative":
        return _verdict(statement, algebra, _not_associating(algebra))
    if law == "composition":
        return _composes(algebra)
    return _satisfied(algebra, statement)


def _verdict(statement: str, algebra: Algebra, elements: tuple[Element, ...] | bool | None) -> Law:
    if elements is None or isinstance(elements, bool):
        return Law(statement, elements is None)
    return Law(statement, False, elements, tuple(map(algebra.format, elements)))


def _not_commuting(algebra: Algebra) -> tuple[Element, ...] | None:
    constants = {(i, j, k): c for i, j, k, c in algebra.products}
    first = next((p for p in algebra.products if constants.get((p[1], p[0], p[2])) != p[3]), None)
    if first is None:
        return None
    return tuple(dense({place: 1}, algebra.dimension) for place in sorted(first[:2]))


def _not_associating(algebra: Algebra) -> tuple[Element, ...] | None:
    table, n = sparse_table(algebra), algebra.dimension
    middle = generators(table, n, algebra.begins_with_one)
    for x, y, z in product(range(n), middle, range(n)):
        difference: Sparse = {}
        for m, c in table.get((x, y), {}).items():
            for k, d in table.get((m, z), {}).items():
                difference[k] = difference.get(k, 0) + c * d
        for m, c in table.get((y, z), {}).items():
            for k, d in table.get((x, m), {}).items():
                difference[k] = difference.get(k, 0) - c * d
        if any(difference.values()):
            return tuple(dense({place: 1}, n) for place in (x, y, z))
    return None


def _composes(algebra: Algebra) -> Law:
    """Whether a form that is multiplied does not degenerate: where there is a unit it is the `n` of
    a quadratic algebra, which is `N` under `x̄ = t(x) − x`, whatever conjugation is given.
    """
    if algebra.unit is None:
        return _composes_without_unit(algebra)
    if not algebra.is_quadratic:
        return _verdict("x² − t(x)x + n(x) = 0", algebra, (_not_quadratic(algebra),))
    own = _with_own_conjugation(algebra)
    rows: list[Sparse] = [{} for _ in range(algebra.dimension)]
    for i, j, c in own.norm_form:
        rows[i][j] = rows[i].get(j, 0) + c
        rows[j][i] = rows[j].get(i, 0) + c
    null = nullspace(rows, algebra.dimension)
    if null:
        statement = "n(x + y) = n(y) for all y only if x = 0"
        return _verdict(statement, algebra, (dense(null[0], algebra.dimension),))
    found = _satisfied(own, "N(xy) = N(x)N(y)")
    return _verdict(_SENTENCES["composition"], algebra, found.elements)


def _composes_without_unit(algebra: Algebra) -> Law:
    """Whether a multiple of the `n'` of an isotope by `a` is multiplied, `n = n' / n'(a)²`."""
    statement, other = "n(xy) = n(x)n(y)", isotope(algebra)
    if other is None or not decide(other.algebra, "composition"):
        return Law(statement, False)
    own, table = _with_own_conjugation(other.algebra), sparse_table(algebra)

    def n(x: Sparse) -> Coefficient:
        return sum((c * x.get(i, 0) * x.get(j, 0) for i, j, c in own.norm_form), 0)

    scale = n(other.element) ** 2
    places = range(algebra.dimension)
    elements: list[Sparse] = [{i: 1} for i in places]
    elements += [{i: 1, j: 1} for i, j in combinations(places, 2)]
    for x, y in product(elements, repeat=2):  # which quadratic forms in both are known by
        if n(times(table, x, y)) * scale != n(x) * n(y):
            return _verdict(statement, algebra, (dense(x, len(places)), dense(y, len(places))))
    return Law(statement, True)


def _not_quadratic(algebra: Algebra) -> Element:
    """A sum or difference of two basis elements whose square is not made of it and 1: there is one,
    or all squares are.
    """
    n, table = algebra.dimension, sparse_table(algebra)
    one = sparse_row(algebra.unit or ())
    some = ({i: 1} for i in range(n))
    sums = ({i: 1, j: s} for i, j in combinations(range(n), 2) for s in (1, -1))
    return next(
        dense(x, n) for x in chain(some, sums) if times(table, x, x) not in Echelon([one, x])
    )


def _with_own_conjugation(algebra: Algebra) -> Algebra:
    """A quadratic algebra with `x̄ = t(x) − x`, which need not turn products round."""
    one = sparse_row(algebra.unit or ())
    rows = [row_times({0: t, 1: -1}, [one, {i: 1}]) for i, t in enumerate(algebra.trace_form or ())]
    return Algebra._trusted(algebra.units, algebra.product, conjugates(rows))


# ---------------------------------------------------------------------- by evaluation


@lru_cache(1024)
def _satisfied(algebra: Algebra, law: str) -> Law:
    sentences = identities.sentences(law)
    parts = {name for polynomial in sentences for tree in polynomial for name in _names(tree)}
    if parts & {"1", "Re"}:
        needs(algebra, f"the law {law!r}")
    if "conj" in parts:
        conjugation(algebra, f"the law {law!r}")
    for polynomial in sentences:
        for part in identities.homogeneous(polynomial):
            found = _failure(algebra, part)
            if found is not None:
                return _verdict(law, algebra, _breaking(algebra, polynomial, found))
    return Law(law, True)


def _names(tree: identities.Tree) -> Iterator[str]:
    """What a tree is made of: letters and operations."""
    yield tree[0]
    for branch in tree[1:]:
        yield from _names(branch)


def _failure(algebra: Algebra, part: Polynomial) -> dict[str, Array] | None:
    """The first sums of basis elements for which a homogeneous polynomial does not vanish."""
    for elements in _sums(algebra, dict(identities.degrees(next(iter(part))))):
        wrong = np.flatnonzero(values(algebra, part, elements).any(0))
        if wrong.size:
            found = {letter: x[:, wrong[:1]] for letter, x in elements.items()}
            return {letter: x // np.gcd.reduce(x) for letter, x in found.items()}
    return None


def _sums(algebra: Algebra, degrees: Mapping[str, int]) -> Iterator[dict[str, Array]]:
    """All sums of as many basis elements as the degree of each variable, a few first and then many
    at a time; the first basis element, often a unit, comes last. Variables of low degree are
    the same for many, and their products with others are short.
    """
    n = algebra.dimension
    letters = sorted(degrees, key=lambda letter: degrees[letter])
    places = (*range(1, n), 0)
    all_sums = product(*(combinations_with_replacement(places, degrees[x]) for x in letters))
    width = 64
    while some := list(islice(all_sums, width)):
        yield {
            letter: _sum_of_basis(n, np.array([chosen[k] for chosen in some]))
            for k, letter in enumerate(letters)
        }
        width = min(4 * width, _MOST_AT_ONCE)


def _sum_of_basis(n: int, places: Array) -> Array:
    out = np.zeros((n, len(places)), np.int64)
    for column in places.T:
        out[column, np.arange(len(places))] += 1
    return out


def _breaking(
    algebra: Algebra, polynomial: Polynomial, elements: Mapping[str, Array]
) -> tuple[Element, ...]:
    """Multiples of elements for which a part does not vanish, such that the whole does not: each
    degree is less than the number of multiples that are tried.
    """
    letters = identities.variables(polynomial)
    n = algebra.dimension
    most = max(d for tree in polynomial for _, d in (*identities.degrees(tree), ("", 0)))
    for factors in product(range(1, most + 2), repeat=len(letters)):
        multiples = {
            letter: elements.get(letter, np.zeros((n, 1), np.int64)) * factor
            for letter, factor in zip(letters, factors, strict=True)
        }
        if values(algebra, polynomial, multiples).any():
            return tuple(tuple(map(int, x[:, 0])) for x in multiples.values())
    raise AssertionError("a part of the polynomial does not vanish, so neither does the whole")
