"""Algebras inside algebras, modulo ideals, and in other bases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from hypercomplex.algebra import arguments, linear
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.conjugations import conjugates, conjugation
from hypercomplex.algebra.laws import IDENTITIES, inheriting
from hypercomplex.algebra.linear import Echelon, Row, row_times
from hypercomplex.algebra.sparse import Table, sparse_table, times
from hypercomplex.algebra.tables import Coefficient, Product
from hypercomplex.algebra.texts import element

__all__ = [
    "change_basis",
    "coordinates",
    "generated",
    "ideal_of",
    "quotient",
    "spanned",
    "subalgebra",
]


Given = Sequence[Coefficient] | str


def change_basis(
    algebra: Algebra,
    basis: Sequence[Given],
    *,
    units: Sequence[str] | None = None,
    name: str | None = None,
) -> Algebra:
    """The same algebra, written in another basis.

    Args:
        algebra: the algebra.
        basis: the new basis elements: their coefficients in the old basis, or sums of old units as
            text, such as `"1/2+1/2i"`.
        units: the names of the new basis elements; `v1`, `v2` … for those that are no units of the
            algebra, if they are not given.
        name: the name of the result.

    Raises:
        ValueError: if these are no basis, or something that is no sum of units.
        TypeError: if an argument is of another kind.

    Example:
        >>> w = change_basis(hc.COMPLEX, ["1", "-1/2+1/2i"], units=("1", "w"))
        >>> print(w.table())  # w = (i - 1)/2
          │ 1      w
        ──┼─────────
        1 │ 1      w
        w │ w -1/2-w
    """
    A = arguments.algebra("algebra", algebra)
    rows = _elements("basis", A, basis)
    if len(rows) != A.dimension or linear.rank(rows) < A.dimension:
        raise ValueError(
            f"`basis` (={basis!r}) must be {A.dimension} independent elements, a basis of {A}; it "
            f"has {len(rows)}, and {linear.rank(rows)} of them are independent"
        )
    return spanned(A, rows, units, name or f"change_basis({A})", laws=())


def subalgebra(
    algebra: Algebra,
    generators: Sequence[Given],
    *,
    units: Sequence[str] | None = None,
    name: str | None = None,
) -> Algebra:
    """The smallest subalgebra that holds these elements: with all products of what it has.

    Its basis are the generators if they are one, and else are made of as few units as can be. It
    need not have the unit of the algebra, unless that is generated, or given. The conjugation is
    that of the algebra where conjugates stay inside, else there is none.

    Args:
        algebra: the algebra.
        generators: elements: their coefficients, or sums of units as text, such as `"e12-e34"`.
        units: the names of the basis elements; `v1`, `v2` … for those that are no units of the
            algebra, if they are not given.
        name: the name of the result.

    Raises:
        ValueError: if all generators are 0, or something is no sum of units.
        TypeError: if an argument is of another kind.

    Example:
        >>> subalgebra(hc.OCTONION, ["i", "l"]).units
        ('1', 'i', 'l', 'il')
        >>> idempotent = subalgebra(hc.SPLIT_COMPLEX, ["1/2+1/2j"], units=("p",))
        >>> idempotent.multiply((3,), (5,))
        (15,)
    """
    A = arguments.algebra("algebra", algebra)
    table, space = sparse_table(A), Echelon()
    known: list[Row] = []
    fresh = [*(given := _elements("generators", A, generators))]
    while fresh:
        x = fresh.pop()
        if not space.add(x):
            continue
        known.append(x)
        for y in known:
            fresh += [z for z in (times(table, x, y), times(table, y, x)) if z not in space]
    if not known:
        raise ValueError(f"`generators` (={generators!r}) must hold an element that is not 0")
    basis = given if len(given) == len(space) else space.basis
    return spanned(A, basis, units, name or f"subalgebra({A})", laws=IDENTITIES)


def quotient(algebra: Algebra, ideal: Sequence[Given], *, name: str | None = None) -> Algebra:
    """The algebra modulo the smallest ideal that holds these elements, from both sides.

    Its basis are classes of units, and have their names. The conjugation is that of the algebra
    where the ideal holds the conjugates of its elements, else there is none.

    Args:
        algebra: the algebra.
        ideal: elements: their coefficients, or sums of units as text, such as `"1+e123"`.
        name: the name of the result.

    Raises:
        ValueError: if nothing is left, or something is no sum of units.
        TypeError: if an argument is of another kind.

    Example:
        >>> quotient(hc.clifford(0, 3), ["1-e123"]) == hc.QUATERNION
        True
        >>> quotient(hc.PGA, ["e0"]) == hc.clifford(3)
        True
    """
    A = arguments.algebra("algebra", algebra)
    n, table = A.dimension, sparse_table(A)
    space = Echelon(_backwards(x, n) for x in ideal_of(A, "ideal", ideal))
    kept = [i for i in range(n) if n - 1 - i not in space.rows]
    if not kept:
        raise ValueError(f"`ideal` (={ideal!r}) is all of {A}, and nothing is left")
    index = {i: m for m, i in enumerate(kept)}

    def reduced(x: Row) -> Row:
        left = _backwards(space.reduce(_backwards(x, n)), n)
        return {index[i]: c for i, c in sorted(left.items())}

    products = [
        (index[i], index[j], k, c)
        for (i, j), x in table.items()
        if i in index and j in index
        for k, c in reduced(x).items()
    ]
    images = conjugates(A)
    if images is not None:
        inside = [_backwards(row_times(_backwards(x, n), images), n) for x in space.basis]
        images = [reduced(images[i]) for i in kept] if all(x in space for x in inside) else None
    units = tuple(A.units[i] for i in kept)
    made = Algebra(units, tuple(products), conjugation(images), name or f"quotient({A})")
    return inheriting(made, [A], *IDENTITIES)


def ideal_of(A: Algebra, argument: str, elements: Sequence[Given]) -> list[Row]:
    """A basis of the smallest ideal that holds elements, which are an argument."""
    return generated(sparse_table(A), A.dimension, _elements(argument, A, elements))


def generated(table: Table, n: int, elements: Iterable[Row]) -> list[Row]:
    """A basis of the smallest ideal that holds these elements, from both sides."""
    space, fresh = Echelon(), [*elements]
    while fresh:
        if x := space.add(fresh.pop()):
            for i in range(n):
                fresh += [z for z in (times(table, x, {i: 1}), times(table, {i: 1}, x)) if z]
    return space.basis


def spanned(
    A: Algebra,
    basis: Sequence[Row],
    units: Any,
    name: str,
    laws: Sequence[str] = IDENTITIES,
) -> Algebra:
    """The subalgebra with this basis, which holds all products of its elements."""
    inside = coordinates(basis, A.dimension)
    turned = [inside(row_times(x, images)) for x in basis] if (images := conjugates(A)) else [None]
    closed = [x for x in turned if x is not None]
    made = Algebra(
        names(A, basis) if units is None else units,
        tuple(_products(sparse_table(A), basis, inside)),
        conjugation(closed if len(closed) == len(turned) else None),
        name,
    )
    return inheriting(made, [A], *laws)


def coordinates(basis: Sequence[Row], n: int) -> Callable[[Row], Row | None]:
    """How an element is made of independent ones; None if it is not.

    Example:
        >>> inside = coordinates([{0: 1, 1: 1}, {1: 2}], 2)
        >>> inside({0: 1, 1: 5}), coordinates([{0: 1}], 2)({1: 1})
        ({0: 1, 1: 2}, None)
    """
    space = Echelon(width=n)
    for m, row in enumerate(basis):
        space.add({**row, n + m: 1})

    def inside(x: Row) -> Row | None:
        left = space.reduce(x)
        if any(i < n for i in left):
            return None
        return {i - n: -c for i, c in sorted(left.items())}

    return inside


def names(A: Algebra, basis: Sequence[Row]) -> tuple[str, ...]:
    """What to call elements: as the algebra does if they are units of it, and `1` if they are 1."""
    one = None if A.unit is None else linear.sparse_row(A.unit)
    called = ["1" if x == one else _unit(A, x) or f"v{m}" for m, x in enumerate(basis, 1)]
    return tuple(called if len({*called}) == len(called) else _numbered(len(called)))


def _unit(A: Algebra, x: Row) -> str | None:
    return A.units[next(iter(x))] if [*x.values()] == [1] else None


def _numbered(n: int) -> list[str]:
    return [f"v{m}" for m in range(1, n + 1)]


def _products(
    table: dict[tuple[int, int], Row], basis: Sequence[Row], inside: Callable[[Row], Row | None]
) -> Iterator[Product]:
    for i, x in enumerate(basis):
        for j, y in enumerate(basis):
            found = inside(times(table, x, y))
            assert found is not None
            yield from ((i, j, k, c) for k, c in found.items())


def _elements(argument: str, A: Algebra, given: Iterable[Given]) -> list[Row]:
    return [element(argument, x, A) for x in arguments.sequence(argument, given, "elements")]


def _backwards(x: Row, n: int) -> Row:
    """The coefficients from the last to the first: what is eliminated are late units."""
    return {n - 1 - i: c for i, c in x.items()}
