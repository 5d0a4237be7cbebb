"""What makes a table the table of an algebra: each part of one is checked, and says what is wrong.

A part is returned as the plain, immutable value that an `Algebra` keeps. Every check takes a number
of steps that is linear in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

__all__ = ["Coefficient", "Product", "Table", "by_pair", "has_float", "names", "signs", "text"]

Coefficient = int | Fraction
Product = tuple[int, int, int, Coefficient]
Table = dict[tuple[int, int], dict[int, Any]]


def names(units: Any) -> tuple[str, ...]:
    """The names of the basis elements, at least one, and all different."""
    found = _sequence("units", units, 'names, such as ("1", "i")')
    for unit in found:
        if not isinstance(unit, str) or not unit:
            raise TypeError(
                f"`units` (={units!r}) holds {unit!r}; give each basis element a name, a string"
            )
    if len(set(found)) < len(found):
        raise ValueError(f"`units` (={units!r}) has a name twice; name each basis element once")
    if not found:
        raise ValueError('`units` is empty; an algebra has at least its unit, such as ("1",)')
    return tuple(map(text, found))


def text(name: Any) -> str:
    """What messages call the algebra."""
    if not isinstance(name, str):
        raise TypeError(f"`name` (={name!r}) must be a string")
    return str(name)


def by_pair(products: Any, units: Sequence[str]) -> Table:
    """The products as `(i, j)` → `k` → the constant, the first unit being that of the algebra."""
    if not isinstance(products, Iterable) or isinstance(products, str | Mapping):
        raise TypeError(
            f"`products` (={products!r}) must be a sequence of structure constants (i, j, k, c), "
            "which say that e_i e_j has c e_k in it"
        )
    table: Table = {}
    for product in products:
        i, j, k, c = _constant(product, len(units))
        row = table.setdefault((i, j), {})
        if k in row:
            raise ValueError(f"`products`: the constant of {(i, j, k)} is given twice; add them up")
        if c != 0:
            row[k] = c
    for i, unit in enumerate(units):
        if table.get((0, i)) != {i: 1} or table.get((i, 0)) != {i: 1}:
            raise ValueError(
                f"`products`: {units[0]!r} comes first, so it must be the unit of the "
                f"algebra, but it does not keep {unit!r}; put the unit first"
            )
    return table


def _constant(product: Any, n: int) -> Product:
    """One structure constant, exact."""
    if not isinstance(product, tuple | list) or len(product) != 4:
        raise ValueError(
            f"`products` holds {product!r}; write (i, j, k, c) where e_i e_j has c e_k in it"
        )
    i, j, k, c = product
    if not all(isinstance(x, int) and 0 <= x < n for x in (i, j, k)):
        raise ValueError(
            f"`products`: the indices of {(i, j, k, c)} must lie in 0 … {n - 1}, "
            f"since there are {n} units"
        )
    if not isinstance(c, int | Fraction):
        raise ValueError(
            f"`products`: the coefficient of {(i, j, k, c)} must be an integer or a Fraction, "
            f"so that the algebra is exact, not {type(c).__name__}"
        )
    return int(i), int(j), int(k), int(c) if isinstance(c, int) else Fraction(c)


def has_float(c: Coefficient) -> bool:
    """Whether floating-point numbers have the size of an exact one."""
    try:
        return c == 0 or abs(float(c)) >= 2.0**-1022
    except OverflowError:
        return False


def signs(conjugation: Any, table: Table, units: Sequence[str]) -> tuple[int, ...]:
    """The signs of a conjugation: it keeps the unit of the algebra, and either turns every product
    round or is `x ↦ 2 Re(x) − x`, which every algebra has.
    """
    found, n = _sequence("conjugation", conjugation, "signs, such as (1, -1)"), len(units)
    if len(found) != n or any(not isinstance(s, int) or s not in (1, -1) for s in found):
        raise ValueError(
            f"`conjugation` (={conjugation!r}) must hold one sign, 1 or -1, for each of "
            f"the {n} units {tuple(units)}"
        )
    if found[0] != 1:
        raise ValueError(
            f"`conjugation` (={conjugation!r}) must keep the unit of the algebra: the first sign "
            "is 1"
        )
    if any(s == 1 for s in found[1:]):
        for (i, j), row in table.items():
            _check_reversal(row, table.get((j, i), {}), found, (i, j), units)
    return tuple(map(int, found))


def _check_reversal(
    row: Mapping[int, Any],
    reverse: Mapping[int, Any],
    sign: Sequence[int],
    pair: tuple[int, int],
    units: Sequence[str],
) -> None:
    a, b = (units[m] for m in pair)
    turned = sign[pair[0]] * sign[pair[1]]
    for k in {**row, **reverse}:
        if sign[k] * row.get(k, 0) != turned * reverse.get(k, 0):
            raise ValueError(
                f"`conjugation` (={tuple(sign)}) must turn products round, but the conjugate of "
                f"{a}·{b} has {sign[k] * row.get(k, 0)} of {units[k]!r} and the product of the "
                f"conjugates, {b} before {a}, {turned * reverse.get(k, 0)}; (1, -1, …, -1) is "
                "always one"
            )


def _sequence(argument: str, value: Any, meaning: str) -> tuple[Any, ...]:
    if not isinstance(value, Sequence):
        raise TypeError(f"`{argument}` (={value!r}) must be a sequence of {meaning}")
    return tuple(value)
