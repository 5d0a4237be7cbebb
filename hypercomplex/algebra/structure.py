r"""What an algebra is made of: its centre, nucleus, radical and derivations, each an exact basis.

All are the solutions of linear equations, or the radical of a form. The form
$(x, y) \mapsto \operatorname{tr} L(xy)$, with $L(x)$ the matrix of $y \mapsto xy$, vanishes on
nilpotent ideals, and degenerates on nothing else in an alternative or a Jordan algebra; of a Lie
algebra the form of Killing, $\operatorname{tr} L(x) L(y)$, tells the same.

Source:
    R. D. Schafer, *An Introduction to Nonassociative Algebras*, 1966, chapters II to IV;
    L. E. Dickson, *Algebras and Their Arithmetics*, 1923 (the radical by traces).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import lcm

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.laws import decide
from hypercomplex.algebra.linear import (
    Echelon,
    Row,
    echelon,
    matrix_product,
    nullspace,
    row_times,
    signature,
    square,
    transposed,
)
from hypercomplex.algebra.sparse import Table, added, generators, sparse_table, times
from hypercomplex.algebra.tables import Coefficient

__all__ = [
    "centre",
    "derivations",
    "integers",
    "killing",
    "nucleus",
    "product_rules",
    "radical",
    "trace_products",
    "trace_signature",
]

Condition = Callable[[Row], Row]


@lru_cache(256)
def centre(algebra: Algebra) -> list[Row]:
    """The `x` that commute with all elements, and associate with all pairs of them."""
    table, n = sparse_table(algebra), algebra.dimension
    associative = bool(decide(algebra, "associative"))
    others = generators(table, n, algebra.begins_with_one) if associative else range(n)
    least = int(algebra.unit is not None)
    basis = _kernel([{i: 1} for i in range(n)], (_commutator(table, y) for y in others), least)
    return basis if associative else _kernel(basis, _associators(table, n), least)


@lru_cache(256)
def nucleus(algebra: Algebra) -> list[Row]:
    """The `x` that associate with all pairs of elements."""
    table, n = sparse_table(algebra), algebra.dimension
    basis: list[Row] = [{i: 1} for i in range(n)]
    if decide(algebra, "associative"):
        return basis
    return _kernel(basis, _associators(table, n), int(algebra.unit is not None))


def _commutator(table: Table, y: int) -> Condition:
    return lambda x: added(times(table, x, {y: 1}), times(table, {y: 1}, x), -1)


def _associators(table: Table, n: int) -> Iterator[Condition]:
    """The associators of `x` with two basis elements, in three orders."""
    for j in range(n):
        for k in range(n):
            y, z = {j: 1}, {k: 1}
            yz = table.get((j, k), {})
            yield lambda x, y=y, z=z, yz=yz: added(  # type: ignore[misc]
                times(table, times(table, x, y), z), times(table, x, yz), -1
            )
            yield lambda x, y=y, z=z: added(  # type: ignore[misc]
                times(table, times(table, y, x), z), times(table, y, times(table, x, z)), -1
            )
            yield lambda x, y=y, z=z, yz=yz: added(  # type: ignore[misc]
                times(table, yz, x), times(table, y, times(table, z, x)), -1
            )


def _kernel(basis: Sequence[Row], conditions: Iterable[Condition], least: int) -> list[Row]:
    """The combinations of a basis on which linear maps vanish, at least so many of them."""
    space = Echelon()
    for condition in conditions:
        if len(basis) - len(space) <= least:
            break
        rows: dict[int, Row] = {}
        for m, x in enumerate(basis):
            for k, c in condition(x).items():
                rows.setdefault(k, {})[m] = c
        for row in rows.values():
            space.add(row)
    return echelon(row_times(x, basis) for x in nullspace(space.basis, len(basis)))


# ---------------------------------------------------------------------- derivations


@lru_cache(256)
def derivations(algebra: Algebra) -> list[list[Row]]:
    """The matrices `D` with `D(xy) = D(x) y + x D(y)`: row `i` is the image of `e_i`.

    Of an associative algebra without radical all are commutators with an element.
    """
    n = algebra.dimension
    if decide(algebra, "associative") and not radical(algebra):
        found = echelon(_inner(sparse_table(algebra), n))
    else:
        found = nullspace(product_rules(algebra, [(True, True)]), n * n)
    return [square(row, n) for row in found]


def integers(table: Table) -> Table:
    """The table times a common denominator: homogeneous equations say the same."""
    scale = lcm(*(c.denominator for row in table.values() for c in row.values()))
    return {pair: {k: int(c * scale) for k, c in row.items()} for pair, row in table.items()}


def _inner(table: Table, n: int) -> Iterator[Row]:
    """The commutators with each basis element, as the entries of their matrices in one row."""
    for i in range(n):
        bracket = _commutator(table, i)
        yield {j * n + k: c for j in range(n) for k, c in bracket({j: 1}).items()}


def product_rules(algebra: Algebra, sides: Sequence[tuple[bool, bool]]) -> Iterator[Row]:
    """`f(e_i e_j) − a f(e_i) e_j − b e_i f(e_j) = 0` for the `(a, b)` in `sides`, in the entries
    `f(e_i)_m` at `i n + m`.
    """
    table, n = integers(sparse_table(algebra)), algebra.dimension
    left: list[list[tuple[int, Row]]] = [[] for _ in range(n)]
    right: list[list[tuple[int, Row]]] = [[] for _ in range(n)]
    for (i, j), row in table.items():
        left[i].append((j, row))
        right[j].append((i, row))
    for i, j, (of_first, of_second) in product(range(n), range(n), sides):
        rows: dict[int, Row] = {}
        for k, c in table.get((i, j), {}).items():
            for m in range(n):
                rows.setdefault(m, {})[k * n + m] = c
        if of_first:
            _subtract_images(rows, right[j], i * n)
        if of_second:
            _subtract_images(rows, left[i], j * n)
        yield from rows.values()


def _subtract_images(rows: dict[int, Row], factors: list[tuple[int, Row]], start: int) -> None:
    for m, row in factors:
        for k, c in row.items():
            equation = rows.setdefault(k, {})
            equation[start + m] = equation.get(start + m, 0) - c


# ---------------------------------------------------------------------- traces


@lru_cache(256)
def trace_products(algebra: Algebra) -> list[Row]:
    """The matrix of the form `(x, y) ↦ tr L(xy)`."""
    traces: list[Coefficient] = [0] * algebra.dimension
    for i, j, k, c in algebra.products:
        if j == k:
            traces[i] += c
    rows: list[Row] = [{} for _ in traces]
    for i, j, k, c in algebra.products:
        if traces[k]:
            rows[i][j] = rows[i].get(j, 0) + c * traces[k]
    return [{j: c for j, c in row.items() if c} for row in rows]


def trace_signature(algebra: Algebra) -> tuple[int, int, int]:
    """How many squares of the form `(x, y) ↦ tr L(xy)` are positive, negative and zero.

    Raises:
        NotImplementedError: if it is not symmetric.
    """
    rows = trace_products(algebra)
    if transposed(rows, len(rows)) != rows:
        raise NotImplementedError(
            f"the form (x, y) -> trace of L(xy) has no signature over {algebra.name}: it is not "
            "symmetric, as it is over alternative and Jordan algebras"
        )
    return signature(rows)


def killing(algebra: Algebra) -> list[Row]:
    """The matrix of the form `(x, y) ↦ tr L(x) L(y)`."""
    n = algebra.dimension
    entries: list[Row] = [{} for _ in range(n)]  # of each L(e_i), in one row
    swapped: list[Row] = [{} for _ in range(n)]
    for i, j, k, c in algebra.products:
        entries[i][j * n + k] = c
        swapped[i][k * n + j] = c
    return matrix_product(entries, transposed(swapped, n * n))


# ---------------------------------------------------------------------- radical


@lru_cache(256)
def radical(algebra: Algebra) -> list[Row]:
    """The largest nilpotent ideal of an associative or alternative algebra, the largest ideal
    of nilpotent elements of a Jordan algebra, the largest solvable one of a Lie algebra.

    Raises:
        NotImplementedError: for all others.
    """
    n = algebra.dimension
    if decide(algebra, "alternative") or decide(algebra, "jordan"):
        return nullspace(trace_products(algebra), n)
    if decide(algebra, "lie"):
        brackets = echelon(sparse_table(algebra).values())
        return nullspace(matrix_product(brackets, killing(algebra)), n)
    raise NotImplementedError(
        f"the radical of {algebra.name} is not defined here: it is neither associative nor "
        f"alternative, Jordan or Lie; {decide(algebra, 'alternative').counterexample} are not "
        "alternative"
    )
