"""Algebras that are written down: as a multiplication table, or as rules such as `ij = k`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product as cartesian
from typing import Any, Literal

from hypercomplex.algebra import arguments, tables
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.conjugations import natural
from hypercomplex.algebra.linear import Row, sparse_row
from hypercomplex.algebra.tables import Coefficient
from hypercomplex.algebra.texts import NAME, check_named, equations, read

__all__ = ["from_rules", "from_table"]

_SIGNED = re.compile(r"([+-]?)(.*)")
_SQUARE = re.compile(r"(.+?)(?:²|\^2|\*\*2)")

Pair = tuple[str, str]
Table = dict[Pair, Row]


def from_table(
    table: str | Sequence[str | Sequence[str | Sequence[Coefficient]]],
    *,
    units: Sequence[str] | None = None,
    name: str | None = None,
) -> Algebra:
    """The algebra with a multiplication table, row times column.

    The table is a text with a line for each row; or its rows, each a text of cells with spaces
    between them, or a sequence of cells; a cell is text, such as `-k` or `1-2i`, or coefficients.
    What `Algebra.table()` prints is read, too. Where no names are given, the first row has to
    be that of the unit, which shows them. The conjugation is `x ↦ 2 Re(x) − x` if that turns
    products round, else `x ↦ x` if products commute, else there is none.

    Args:
        table: the table.
        units: the names of the units, if the first row does not show them.
        name: what messages call the algebra; after its units if not given.

    Raises:
        ValueError: if the table is not square, or a cell is no sum of units.
        TypeError: if it is neither text nor rows.

    Example:
        >>> from_table('''
        ...     1  i  j  k
        ...     i -1  k -j
        ...     j -k -1  i
        ...     k  j -i -1
        ... ''') == hc.QUATERNION
        True
        >>> from_table(hc.OCTONION.table()) == hc.OCTONION
        True
    """
    names, rows = _cells(table)
    if units is not None or not names:
        names = list(tables.names(rows[0] if units is None else units))
    if any(len(row) != len(names) for row in rows) or len(rows) != len(names):
        raise ValueError(
            f"`table` must have {len(names)} rows of {len(names)} cells, one for each of the units "
            f"{', '.join(map(str, names))}; its rows have {', '.join(str(len(r)) for r in rows)}"
        )
    places = {unit: i for i, unit in enumerate(names)}
    one: Row | None = {places["1"]: 1} if "1" in places else None
    constants = [
        (i, j, k, c)
        for i, row in enumerate(rows)
        for j, cell in enumerate(row)
        for k, c in _cell(cell, places, one).items()
    ]
    return Algebra(
        tuple(names), tuple(constants), natural(constants, len(names)), name or tables.listed(names)
    )


def from_rules(
    rules: str | Sequence[str],
    *,
    units: Sequence[str] | None = None,
    commuting: bool = False,
    anticommuting: bool = False,
    missing: Literal["refuse", "zero"] = "refuse",
    name: str | None = None,
) -> Algebra:
    """The algebra with products such as `ij = k` and `i² = j² = -1`.

    A rule gives products of two units, a letter with digits each, the sum that they are. The unit
    1 is there if a rule has a number other than 0 in it, or if it is named in `units`; its products
    need no rules. All else is to be said, by rules or in general, and rules go first. The
    conjugation is `x ↦ 2 Re(x) − x` if that turns products round, else `x ↦ x` if products commute,
    else there is none. `from_relations` derives products that are not given, if they associate.

    Args:
        rules: the rules, as one text with commas, semicolons or line breaks between them, or one by
            one.
        units: the names of the units in order, the order of the rules if not given; needed where
            they are longer than a letter and digits.
        commuting: whether `ba = ab` for two units where only one of these is given.
        anticommuting: whether `ba = −ab` there.
        missing: what to do about products that are not given: `"refuse"` or `"zero"`.
        name: what messages call the algebra; after its units if not given.

    Raises:
        ValueError: if products are missing, or given twice, or a rule cannot be read.
        TypeError: if an argument is of another kind.

    Example:
        >>> H = from_rules("i² = j² = k² = -1, ij = k, jk = i, ki = j", anticommuting=True)
        >>> H == hc.QUATERNION
        True
        >>> cross = from_rules("xy = z, yz = x, zx = y", anticommuting=True, missing="zero")
        >>> cross.multiply((1, 2, 3), (4, 5, 6))
        (-3, 6, -3)
        >>> from_rules("ε² = 0", units=("1", "ε")) == hc.DUAL
        True
    """
    given = [*equations("rules", rules, "rule", "ij = k")]
    arguments.check_signs(commuting, anticommuting)
    if missing not in ("refuse", "zero"):
        raise ValueError(f"`missing` (={missing!r}) must be 'refuse' or 'zero'")
    names = _units(given) if units is None else tables.names(units)
    table = _ruled(given, names)
    for i, j in cartesian(names, repeat=2):
        if "1" in (i, j):
            table.setdefault((i, j), {names.index(j if i == "1" else i): 1})
        elif (commuting or anticommuting) and (j, i) in table:
            sign = 1 if commuting else -1
            table.setdefault((i, j), {k: sign * c for k, c in table[j, i].items()})
    left = [f"{i}·{j}" for i, j in cartesian(names, repeat=2) if (i, j) not in table]
    if left and missing == "refuse":
        shown = ", ".join(left if len(left) <= 6 else [*left[:6], "…"])
        raise ValueError(
            f"`rules` do not say what {shown} is; add rules, or say commuting=True, "
            "anticommuting=True or missing='zero'"
        )
    places = {unit: i for i, unit in enumerate(names)}
    constants = [
        (places[i], places[j], k, c) for (i, j), row in table.items() for k, c in row.items()
    ]
    return Algebra(
        tuple(names), tuple(constants), natural(constants, len(names)), name or tables.listed(names)
    )


# ---------------------------------------------------------------------- tables


def _cells(table: Any) -> tuple[list[str], list[list[Any]]]:
    """The names that a head of columns gives, if there is one, and the cells of all rows."""
    names: list[str] = []
    if isinstance(table, str):
        lines = [line for line in table.splitlines() if line.strip()]
        if any("│" in line or "|" in line for line in lines):
            head, *body = (re.split(r"[│|]", line)[-1].split() for line in lines if "─" not in line)
            return head, [*body]
        table = lines
    rows = [
        row.split() if isinstance(row, str) else [*arguments.sequence("table", row, "cells")]
        for row in arguments.sequence("table", table, "rows, or text with a line for each")
    ]
    if not rows:
        raise ValueError(f"`table` (={table!r}) must have a row for each unit, at least one")
    return names, rows


def _cell(cell: Any, places: Mapping[str, int], one: Row | None) -> Row:
    if isinstance(cell, str):
        return read("table", cell, places, one)
    if isinstance(cell, (int, Fraction)):
        return read("table", str(cell), places, one)
    return sparse_row(arguments.vector("table", cell, len(places)))


# ---------------------------------------------------------------------- rules


def _units(rules: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The units of the rules, as they come; 1 first, if there are numbers."""
    sides = [side for rule in rules for side in rule]
    found = dict.fromkeys(name for side in sides for name in NAME.findall(side))
    check_named("rules", found, "ij = k")
    numbers = [term for side in sides for term in re.split(r"[+-]", side) if _is_number(term)]
    return ("1", *found) if numbers else tuple(found)


def _is_number(term: str) -> bool:
    return bool(re.fullmatch(r"[\d./]+", term.strip())) and not re.fullmatch(r"0+", term.strip())


def _ruled(rules: Iterable[Sequence[str]], names: Sequence[str]) -> Table:
    """What the rules say of products."""
    table: Table = {}
    places = {unit: i for i, unit in enumerate(names)}
    one: Row | None = {places["1"]: 1} if "1" in places else None
    for sides in rules:
        found = [(sign, pair) for side in sides for sign, pair in [_product(side, names)]]
        values = [side for side, (_, pair) in zip(sides, found, strict=True) if pair is None]
        if len(values) != 1:
            raise ValueError(
                f"`rules`: {' = '.join(sides)!r} must give products of two units one value, a sum "
                f"of the units {', '.join(names)}; from_relations reads all other equations, of "
                "algebras that are associative"
            )
        value = read("rules", values[0], places, one)
        for sign, pair in found:
            if pair is not None:
                row = {k: sign * c for k, c in value.items()}
                if table.setdefault(pair, row) != row:
                    raise ValueError(f"`rules` say twice what {pair[0]}·{pair[1]} is, and differ")
    return table


def _product(side: str, names: Sequence[str]) -> tuple[int, Pair | None]:
    """The sign and the two units of a product; no units if the side is something else."""
    found = _SIGNED.fullmatch(side)
    assert found is not None
    sign, text = (-1 if found[1] == "-" else 1), found[2].strip()
    if square := _SQUARE.fullmatch(text):
        unit = square[1].strip()
        return sign, (unit, unit) if unit in names else None
    compact = "".join(text.split())
    if compact in names:  # a unit, even if it is called like a product
        parts = text.replace("·", " ").replace("*", " ").split()
        return sign, (parts[0], parts[1]) if len(parts) == 2 else None
    compact = compact.replace("·", "").replace("*", "")
    pairs = [(compact[:m], compact[m:]) for m in range(1, len(compact))]
    known = [(i, j) for i, j in pairs if i in names and j in names and i != "1"]
    return sign, known[0] if len(known) == 1 else None
