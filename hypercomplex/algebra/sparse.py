"""Elements of an algebra with few nonzero coefficients, multiplied along the sparse table.

An element is a dictionary from the places of basis elements to coefficients, the table one from
pairs of places to elements; what is missing is zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypercomplex.algebra import Algebra

__all__ = ["Sparse", "Table", "added", "dense", "generators", "sparse_table", "times"]

Sparse = dict[int, Any]
Table = dict[tuple[int, int], Sparse]


def sparse_table(algebra: Algebra) -> Table:
    """The products of basis elements that are not zero."""
    table: Table = {}
    for i, j, k, c in algebra.products:
        table.setdefault((i, j), {})[k] = c
    return table


def times(table: Table, x: Sparse, y: Sparse) -> Sparse:
    """The product of two elements."""
    out: Sparse = {}
    for i, a in x.items():
        for j, b in y.items():
            for k, c in table.get((i, j), {}).items():
                out[k] = out.get(k, 0) + a * b * c
    return {k: c for k, c in out.items() if c}


def added(x: Sparse, y: Sparse, factor: Any = 1) -> Sparse:
    """`x + factor · y`."""
    total = {k: x.get(k, 0) + factor * y.get(k, 0) for k in {**x, **y}}
    return {k: c for k, c in total.items() if c}


def dense(x: Sparse, n: int) -> tuple[Any, ...]:
    """All coefficients."""
    return tuple(x.get(k, 0) for k in range(n))


def generators(
    table: Table, n: int, with_unit: bool = True, order: Iterable[int] | None = None
) -> list[int]:
    """Basis elements of which all others are products, up to a factor; `with_unit` says that the
    first is 1, the product of none. They are taken in order.
    """
    found: list[int] = []
    known = {0} if with_unit else set()
    for unit in range(n) if order is None else order:
        if unit not in known:
            found.append(unit)
            _close(table, known, unit)
    return found


def _close(table: Table, known: set[int], unit: int) -> None:
    fresh = [unit]
    known.add(unit)
    while fresh:
        x = fresh.pop()
        for y in tuple(known):
            for k in (*_single(table, x, y), *_single(table, y, x)):
                if k not in known:
                    known.add(k)
                    fresh.append(k)


def _single(table: Table, i: int, j: int) -> Iterable[int]:
    row = table.get((i, j), {})
    return row if len(row) == 1 else ()
