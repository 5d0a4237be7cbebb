"""Elements of algebras as text, and text as elements: `1-2i+1/2k`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from hypercomplex.algebra import arguments
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.linear import Row, sparse_row

__all__ = [
    "NAME",
    "NUMBER",
    "SUPERSCRIPTS",
    "check_named",
    "element",
    "equations",
    "read",
    "superscript",
]

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
NAME = re.compile(r"[^\W\d_⁰¹²³⁴-⁹₀-₉][\d₀-₉']*")
NUMBER = r"\d+(?:\.\d+)?(?:/\d+)?"

_TERM = re.compile(r"([+-]*)([^+-]+)")
_NUMBER = re.compile(f"({NUMBER})[*·]?(.*)")


def element(argument: str, given: Any, algebra: Algebra) -> Row:
    """An element of an algebra that is given as its coefficients, or as text."""
    if not isinstance(given, str):
        algebra._check_own(argument, given)
        return sparse_row(arguments.vector(argument, given, algebra.dimension))
    one = None if algebra.unit is None else sparse_row(algebra.unit)
    return read(argument, given, {u: i for i, u in enumerate(algebra.units)}, one)


def read(argument: str, text: str, places: Mapping[str, int], one: Row | None) -> Row:
    """A sum of numbers, units, and numbers times units, as the coefficients that are not zero.

    Example:
        >>> read("x", "1 - 2i + 1/2k", {"1": 0, "i": 1, "j": 2, "k": 3}, {0: 1})
        {0: 1, 1: -2, 3: Fraction(1, 2)}
    """
    compact = "".join(text.split()).replace("−", "-")
    terms = _TERM.findall(compact)
    if not terms or "".join(map("".join, terms)) != compact:
        raise ValueError(f"`{argument}`: {text!r} is no sum of units such as '1-2i+1/2k'")
    total: Row = {}
    for signs, term in terms:
        for place, c in _term(argument, text, term, places, one).items():
            total[place] = total.get(place, 0) + (-1) ** signs.count("-") * c
    return {place: plain(c) for place, c in total.items() if c}


def equations(argument: str, given: Any, kind: str, example: str) -> Iterator[list[str]]:
    """The sides of each equation, which stand one by one or with commas, semicolons or line breaks
    between them.

    Example:
        >>> [*equations("rules", "i² = j² = −1, ij = k", "rule", "ij = k")]
        [['i²', 'j²', '-1'], ['ij', 'k']]
    """
    texts = re.split(r"[,;\n]", given) if isinstance(given, str) else given
    for text in arguments.sequence(argument, texts, f"{kind}s, such as {example!r}"):
        if not isinstance(text, str):
            raise TypeError(
                f"`{argument}` (={given!r}) holds {text!r}; write {kind}s such as {example!r}"
            )
        sides = [side.strip().replace("−", "-") for side in text.split("=")]
        if text.strip() and (len(sides) < 2 or not all(sides)):
            raise ValueError(f"`{argument}`: {text.strip()!r} is no {kind} such as {example!r}")
        if text.strip():
            yield sides


def check_named(argument: str, found: Collection[str], example: str) -> None:
    """Refuse equations in which no letter stands."""
    if not found:
        raise ValueError(f"`{argument}` has no letter in it; write equations such as {example!r}")


def superscript(k: int) -> str:
    """A number as an exponent.

    Example:
        >>> superscript(12)
        '¹²'
    """
    return str(k).translate(str.maketrans("0123456789", SUPERSCRIPTS))


def _term(argument: str, text: str, term: str, places: Mapping[str, int], one: Row | None) -> Row:
    """One term: a unit, a number, or a number times a unit."""
    if term in places:
        return {places[term]: 1}
    found = _NUMBER.fullmatch(term)
    number, unit = found.groups() if found else ("1", term)
    if unit in places:
        return {places[unit]: Fraction(number)}
    if not unit and (one is not None or Fraction(number) == 0):
        return {place: Fraction(number) * c for place, c in (one or {}).items()}
    missing = f"there is no unit {unit!r}" if unit else "there is no unit 1 to multiply"
    raise ValueError(f"`{argument}`: in {text!r}, {missing}; the units are {_listed([*places])}")


def _listed(units: Sequence[str]) -> str:
    return ", ".join(units if len(units) <= 16 else [*units[:8], "…", units[-1]])
