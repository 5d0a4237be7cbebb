"""What makes a table the table of an algebra: each part of one is checked, and says what is wrong.

A part is returned as the plain, immutable value that an `Algebra` or a `Bilinear` keeps. Every
check takes a number of steps that is linear in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

__all__ = [
    "Coefficient",
    "Product",
    "Shape",
    "Table",
    "by_pair",
    "check_unit",
    "has_float",
    "listed",
    "names",
    "signs",
    "text",
    "widths",
]

Coefficient = int | Fraction
Product = tuple[int, int, int, Coefficient]
Shape = tuple[int, int, int]
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
    """What messages call the algebra or the map."""
    if not isinstance(name, str):
        raise TypeError(f"`name` (={name!r}) must be a string")
    return str(name)


def by_pair(argument: str, constants: Any, shape: Shape) -> Table:
    """The constants of a bilinear map as `(i, j)` → `k` → the constant, none of them zero."""
    if not isinstance(constants, Iterable) or isinstance(constants, str | Mapping):
        raise TypeError(
            f"`{argument}` (={constants!r}) must be a sequence of structure constants "
            "(i, j, k, c), which say that e_i e_j has c e_k in it"
        )
    table: Table = {}
    for given in constants:
        i, j, k, c = _constant(argument, given, shape)
        row = table.setdefault((i, j), {})
        if k in row:
            raise ValueError(
                f"`{argument}`: the constant of {(i, j, k)} is given twice; add them up"
            )
        if c != 0:
            row[k] = c
    return table


def listed(table: Table) -> tuple[Product, ...]:
    """The constants in order."""
    return tuple(
        (i, j, k, c) for (i, j), row in sorted(table.items()) for k, c in sorted(row.items())
    )


def check_unit(table: Table, units: Sequence[str]) -> None:
    """The first unit is that of the algebra."""
    for i, unit in enumerate(units):
        if table.get((0, i)) != {i: 1} or table.get((i, 0)) != {i: 1}:
            raise ValueError(
                f"`products`: {units[0]!r} comes first, so it must be the unit of the "
                f"algebra, but it does not keep {unit!r}; put the unit first"
            )


def _constant(argument: str, given: Any, shape: Shape) -> Product:
    """One structure constant, exact."""
    if not isinstance(given, tuple | list) or len(given) != 4:
        raise ValueError(
            f"`{argument}` holds {given!r}; write (i, j, k, c) where e_i e_j has c e_k in it"
        )
    i, j, k, c = given
    left, right, out = shape
    if not (_is_index(i, left) and _is_index(j, right) and _is_index(k, out)):
        raise ValueError(f"`{argument}`: the indices of {(i, j, k, c)} must lie in {_below(shape)}")
    if not isinstance(c, int | Fraction):
        raise ValueError(
            f"`{argument}`: the coefficient of {(i, j, k, c)} must be an integer or a Fraction, "
            f"so that the map is exact, not {type(c).__name__}"
        )
    return int(i), int(j), int(k), int(c) if isinstance(c, int) else Fraction(c)


def _is_index(x: Any, n: int) -> bool:
    return isinstance(x, int) and 0 <= x < n


def _below(shape: Shape) -> str:
    """Which indices there are."""
    if len(set(shape)) == 1:
        return f"0 … {shape[0] - 1}, since there are {shape[0]} units"
    return f"range({shape[0]}), range({shape[1]}) and range({shape[2]}), as the shape says"


def widths(shape: Any) -> Shape:
    """How many components both factors and the result of a bilinear map have."""
    if not isinstance(shape, tuple | list) or not all(isinstance(n, int) for n in shape):
        raise TypeError(
            f"`shape` (={shape!r}) must be three integers: how many components both factors and "
            "the result have"
        )
    if len(shape) != 3 or min(shape) < 0:
        raise ValueError(
            f"`shape` (={shape!r}) must be three nonnegative integers: how many components both "
            "factors and the result have"
        )
    left, right, out = map(int, shape)
    return left, right, out


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
