"""What makes a table the table of an algebra: each part of one is checked, and says what is wrong.

A part is returned as the plain, immutable value that an `Algebra` or a `Bilinear` keeps. Every
check takes a number of steps that is linear in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

__all__ = [
    "Coefficient",
    "Product",
    "Shape",
    "Table",
    "by_pair",
    "constants",
    "has_float",
    "listed",
    "names",
    "sequence",
    "text",
    "widths",
]

Coefficient = int | Fraction
Product = tuple[int, int, int, Coefficient]
Shape = tuple[int, int, int]
Table = dict[tuple[int, int], dict[int, Any]]
_MOST_LISTED = 8


def listed(units: Sequence[str]) -> str:
    """What to call an algebra of which no more is known than its units.

    Example:
        >>> listed(("1", "i", "j", "k"))
        'algebra(1, i, j, k)'
    """
    shown = units if len(units) <= _MOST_LISTED else [*units[: _MOST_LISTED - 2], "…", units[-1]]
    return f"algebra({', '.join(shown)})"


def names(units: Any, argument: str = "units") -> tuple[str, ...]:
    """The names of the basis elements, at least one, and all different."""
    found = sequence(argument, units, 'names, such as ("1", "i")')
    for unit in found:
        if not isinstance(unit, str) or not unit:
            raise TypeError(
                f"`{argument}` (={units!r}) holds {unit!r}; give each basis element a name, "
                "a string"
            )
    if len(set(found)) < len(found):
        raise ValueError(
            f"`{argument}` (={units!r}) has a name twice; name each basis element once"
        )
    if not found:
        raise ValueError(f"`{argument}` is empty; an algebra has at least one, such as ('1',)")
    return tuple(map(text, found))


def text(name: Any) -> str:
    """What messages call the algebra or the map."""
    if not isinstance(name, str):
        raise TypeError(f"`name` (={name!r}) must be a string")
    return str(name)


def constants(argument: str, given: Any, shape: Shape) -> tuple[Product, ...]:
    """The constants of a bilinear map in order, none of them zero."""
    if not isinstance(given, Iterable) or isinstance(given, (str, Mapping)):
        raise TypeError(
            f"`{argument}` (={given!r}) must be a sequence of structure constants "
            "(i, j, k, c), which say that e_i e_j has c e_k in it"
        )
    found: Sequence[Product] = tuple(given)
    if not _are_plain(found, shape):
        found = [_constant(argument, each, shape) for each in found]
    found = sorted(each for each in found if each[3])
    for each, after in pairwise(found):
        if each[2] == after[2] and each[:2] == after[:2]:
            raise ValueError(
                f"`{argument}`: the constant of {each[:3]} is given twice; add them up"
            )
    return tuple(found)


def by_pair(products: Iterable[Product]) -> Table:
    """The constants as `(i, j)` → `k` → the constant."""
    table: Table = {}
    for i, j, k, c in products:
        table.setdefault((i, j), {})[k] = c
    return table


def _are_plain(found: Sequence[Any], shape: Shape) -> bool:
    """Whether all constants are as `_constant` makes them: asked column by column, since there may
    be a million.
    """
    if not {*map(type, found)} <= {tuple} or not {*map(len, found)} <= {4}:
        return False
    *places, numbers = ([each[part] for each in found] for part in range(4))
    return {*map(type, numbers)} <= {int, Fraction} and all(
        {*map(type, column)} <= {int} and (not column or (min(column) >= 0 and max(column) < n))
        for column, n in zip(places, shape, strict=True)
    )


def _constant(argument: str, given: Any, shape: Shape) -> Product:
    """One structure constant, exact."""
    if not isinstance(given, (tuple, list)) or len(given) != 4:
        raise ValueError(
            f"`{argument}` holds {given!r}; write (i, j, k, c) where e_i e_j has c e_k in it"
        )
    i, j, k, c = given
    left, right, out = shape
    if not (_is_index(i, left) and _is_index(j, right) and _is_index(k, out)):
        raise ValueError(f"`{argument}`: the indices of {(i, j, k, c)} must lie in {_below(shape)}")
    if not isinstance(c, (int, Fraction)):
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
    if not isinstance(shape, (tuple, list)) or not all(isinstance(n, int) for n in shape):
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


def sequence(argument: str, value: Any, meaning: str) -> tuple[Any, ...]:
    """A sequence of values that mean something, as a tuple."""
    if not isinstance(value, Sequence):
        raise TypeError(f"`{argument}` (={value!r}) must be a sequence of {meaning}")
    return tuple(value)
