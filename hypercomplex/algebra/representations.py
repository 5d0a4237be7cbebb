r"""Matrices that multiply as the elements of an associative algebra do, exact.

The algebra multiplies itself from the left, which gives the regular representation. The smallest is
on left ideals $A e$: for an idempotent $e$ that is no sum of two which annihilate each other, $A e$
has no smaller module in it, and one such for each simple component is faithful. They are found by
splitting 1: in $e A e$ an element whose minimal polynomial has a factor gives a zero divisor $z$,
and the left ideal of $z$ has an idempotent that keeps it.

Source:
    R. S. Pierce, *Associative Algebras*, 1982, chapters 3 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, Literal

from hypercomplex.algebra import linear, structure
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.linear import Echelon, Row
from hypercomplex.algebra.matrices import Matrix
from hypercomplex.algebra.parts import coordinates, generated, spanned
from hypercomplex.algebra.sparse import Table, added, dense, sparse_table, times
from hypercomplex.algebra.tables import Coefficient

__all__ = ["Kind", "Representation", "representation"]

Kind = Literal["left", "right", "smallest"]


@dataclass(frozen=True)
class Representation:
    """A matrix for each unit of an algebra, such that products of matrices are those of elements.

    Example:
        >>> M = hc.COMPLEX.representation("left")
        >>> M.size, M((3, 4))
        (2, ((3, -4), (4, 3)))
    """

    algebra: Algebra
    matrices: tuple[Matrix, ...]
    """The matrix of each unit, by rows."""

    @property
    def size(self) -> int:
        """How many rows and columns there are."""
        return len(self.matrices[0])

    def __call__(self, x: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
        """The matrix of an element over any commutative ring of coefficients."""
        self.algebra._check_element("x", x)
        sizes = range(self.size)
        return tuple(
            tuple(
                sum(c * m[i][j] for c, m in zip(x, self.matrices, strict=True) if m[i][j])
                for j in sizes
            )
            for i in sizes
        )

    def __repr__(self) -> str:
        return f"representation of {self.algebra} by matrices of size {self.size}"


def representation(algebra: Algebra, kind: Kind = "left") -> Representation:
    """The matrices of an associative algebra; see `Algebra.representation`."""
    if kind not in ("left", "right", "smallest"):
        raise ValueError(f"`kind` (={kind!r}) must be 'left', 'right' or 'smallest'")
    if not (law := algebra.is_associative):
        x, y, z = law.counterexample or ()
        raise ValueError(
            f"{algebra} is not associative, ({x}·{y})·{z} is not {x}·({y}·{z}), so no matrices "
            "multiply as its elements do; `left_matrix` is that of a single product"
        )
    n, table = algebra.dimension, sparse_table(algebra)
    basis: list[Row] = [{i: 1} for i in range(n)]
    if kind == "right":  # of x ↦ x e_i, transposed, so that products keep their order
        columns = [[times(table, x, e) for x in basis] for e in basis]
        return Representation(algebra, tuple(tuple(dense(x, n) for x in m) for m in columns))
    blocks = [basis] if kind == "left" else _modules(algebra, table)
    matrices = [_block_diagonal([_acts(table, e, block, n) for block in blocks]) for e in basis]
    return Representation(algebra, tuple(matrices))


def _acts(table: Table, e: Row, basis: Sequence[Row], n: int) -> list[list[Any]]:
    """The matrix of `x ↦ e x` on the left ideal with a basis."""
    inside, m = coordinates(basis, n), len(basis)
    columns = [inside(times(table, e, x)) or {} for x in basis]
    return [[column.get(k, 0) for column in columns] for k in range(m)]


def _block_diagonal(blocks: Sequence[list[list[Any]]]) -> Matrix:
    size = sum(map(len, blocks))
    rows: list[tuple[Any, ...]] = []
    for block in blocks:
        at = len(rows)
        rows += [(*[0] * at, *row, *[0] * (size - at - len(row))) for row in block]
    return tuple(rows)


def _modules(A: Algebra, table: Table) -> list[list[Row]]:
    """A basis of one smallest left ideal for each simple component."""
    _check_semisimple(A)
    assert A.unit is not None  # a semisimple algebra has one
    n, found, left = A.dimension, [], [linear.sparse_row(A.unit)]
    covered = Echelon()
    while left:
        e = left.pop()
        if e in covered:
            continue
        if f := _part(A, table, e):
            left += [added(e, f, -1), f]
        else:
            found.append(Echelon(times(table, {i: 1}, e) for i in range(n)).basis)
            for x in generated(table, n, [e]):
                covered.add(x)
    return found


def _check_semisimple(A: Algebra) -> None:
    if radical := structure.radical(A):
        raise NotImplementedError(
            f"{A} is not semisimple, its radical has dimension {len(radical)}, so that its "
            "smallest representation does not follow from simple components; take kind='left'"
        )


def _part(A: Algebra, table: Table, e: Row) -> Row | None:
    """An idempotent `f = ef = fe`, neither 0 nor e; None if there is none over the reals that a
    smaller ideal would need.
    """
    corner = Echelon(times(table, times(table, e, {i: 1}), e) for i in range(A.dimension)).basis
    z = next(_zero_divisors(table, e, corner), None)
    if z is not None:
        return _keeper(table, Echelon(times(table, x, z) for x in corner).basis)
    B = spanned(A, corner, None, f"{A}, cut down to {len(corner)} dimensions")
    if B.is_commutative:
        return None  # a field, each of whose parts over the reals is ℝ or ℂ
    if not B.is_division:
        raise NotImplementedError(
            f"the smallest representation of {A} needs numbers that are no fractions, or no zero "
            "divisor was found among small elements; take kind='left'"
        )
    return None


def _keeper(table: Table, ideal: Sequence[Row]) -> Row:
    """The `f` in a left ideal with `x f = x` for all x in it."""
    equations: dict[tuple[int, int], Row] = {}
    right: dict[tuple[int, int], Any] = {}
    for i, x in enumerate(ideal):
        for m, y in enumerate(ideal):
            for k, c in times(table, x, y).items():
                equations.setdefault((i, k), {})[m] = c
        for k, c in x.items():
            equations.setdefault((i, k), {})
            right[i, k] = c
    values = {row: right.get(place, 0) for row, place in enumerate(equations)}
    found = linear.solve([*equations.values()], values)
    assert found is not None
    return linear.row_times(found, ideal)


def _zero_divisors(table: Table, e: Row, corner: Sequence[Row]) -> Iterator[Row]:
    """Factors `p(x)` of the minimal polynomials of small elements x, none of them 0."""
    import sympy as sp

    t = sp.Symbol("t")
    width = 1 + max(k for x in (e, *corner) for k in x)
    for x in _small(corner):
        powers = [e]
        while (relation := linear.relation(powers, width)) is None:
            powers.append(times(table, powers[-1], x))
        polynomial = sum(sp.Rational(c) * t**k for k, c in relation.items())
        factors = sp.factor_list(sp.Poly(polynomial, t))[1]
        if sum(often for _, often in factors) > 1:
            c = [_plain(value) for value in reversed(factors[0][0].all_coeffs())]
            yield linear.row_times(dict(enumerate(c)), powers)


def _small(basis: Sequence[Row]) -> Iterator[Row]:
    """Basis elements, their sums and their differences."""
    yield from basis
    for x, y in combinations(basis, 2):
        yield added(x, y)
        yield added(x, y, -1)


def _plain(value: Any) -> Coefficient:
    """A number of sympy as ours."""
    return int(value) if value.is_Integer else Fraction(int(value.p), int(value.q))
