"""What constructions are given: each check, and its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.matrices import Matrix
from hypercomplex.algebra.tables import Coefficient

__all__ = ["algebra", "check_signs", "count", "exact", "matrix", "sequence", "square", "vector"]


def algebra(argument: str, value: Any) -> Algebra:
    """An algebra."""
    if not isinstance(value, Algebra):
        raise TypeError(f"`{argument}` (={value!r}) must be an Algebra, such as QUATERNION")
    return value


def count(argument: str, value: Any, meaning: str, least: int = 0) -> int:
    """A number of things, `least` or more of them."""
    if not isinstance(value, int):
        raise TypeError(f"`{argument}` (={value!r}) {meaning} and must be an integer")
    if value < least:
        wrong = "not be negative" if least == 0 else f"be at least {least}"
        raise ValueError(f"`{argument}` (={value}) {meaning} and must {wrong}")
    return int(value)


def exact(argument: str, value: Any) -> Coefficient:
    """An integer or a fraction."""
    if not isinstance(value, (int, Fraction)):
        raise TypeError(
            f"`{argument}` (={value!r}) must be an integer or a Fraction, so that the algebra is "
            "exact"
        )
    return plain(value)


def sequence(argument: str, value: Any, meaning: str) -> tuple[Any, ...]:
    """A sequence, no text."""
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise TypeError(f"`{argument}` (={value!r}) must be a sequence of {meaning}")
    return tuple(value)


def vector(argument: str, value: Any, width: int | None = None) -> tuple[Coefficient, ...]:
    """Integers and fractions, as many as there are components."""
    found = sequence(argument, value, "integers or Fractions")
    wrong = [c for c in found if not isinstance(c, (int, Fraction))]
    if wrong:
        raise TypeError(
            f"`{argument}` (={value!r}) holds {wrong[0]!r}; give integers or Fractions, so that "
            "the algebra is exact"
        )
    if width is not None and len(found) != width:
        raise ValueError(f"`{argument}` (={value!r}) must hold {width} numbers, not {len(found)}")
    return tuple(plain(c) for c in found)


def matrix(argument: str, value: Any) -> Matrix:
    """Rows of integers and fractions, all of one width, at least one."""
    rows = [vector(argument, row) for row in sequence(argument, value, "rows")]
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"`{argument}` (={value!r}) must have rows of one width, at least one")
    return tuple(rows)


def square(argument: str, value: Any) -> Matrix:
    """A matrix with as many rows as columns."""
    rows = matrix(argument, value)
    if len(rows) != len(rows[0]):
        raise ValueError(
            f"`{argument}` (={value!r}) must have as many rows as columns, not "
            f"{len(rows)} and {len(rows[0])}"
        )
    return rows


def check_signs(commuting: Any, anticommuting: Any) -> None:
    """Units commute, or anticommute, or neither is said."""
    for argument, value in (("commuting", commuting), ("anticommuting", anticommuting)):
        if not isinstance(value, bool):
            raise TypeError(f"`{argument}` (={value!r}) must be True or False")
    if commuting and anticommuting:
        raise ValueError(f"`commuting` (={commuting!r}) and `anticommuting` cannot both be said")
