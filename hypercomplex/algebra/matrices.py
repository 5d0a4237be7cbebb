"""Exact matrices, by rows: integers and fractions, most of them zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.tables import Coefficient

__all__ = [
    "Matrix",
    "Row",
    "composed",
    "dot",
    "entries",
    "kronecker",
    "placed",
    "primitive",
    "transposed",
    "unit",
]

Row = Sequence[Coefficient]
Matrix = tuple[tuple[Coefficient, ...], ...]


def entries(row: Row) -> list[tuple[int, Coefficient]]:
    """What is not zero, with its place."""
    return [(place, c) for place, c in enumerate(row) if c]


def dot(row: Row, x: Sequence[Any]) -> Any:
    """The sum `Σ row_i x_i` over any ring of coefficients."""
    return sum(c * y for c, y in zip(row, x, strict=True) if c)


def primitive(row: Row) -> tuple[tuple[int, ...], Coefficient]:
    """Integers without a common factor, the first that is not zero positive, and the number that
    makes them the row.
    """
    denominator = lcm(*(c.denominator for c in row))
    whole = [int(c * denominator) for c in row]
    factor = gcd(*whole) or 1
    if next((c for c in whole if c), 1) < 0:
        factor = -factor
    return tuple(c // factor for c in whole), plain(Fraction(factor, denominator))


def unit(place: int, width: int, c: Coefficient = 1) -> tuple[Coefficient, ...]:
    """The row with `c` in one place."""
    return (*[0] * place, plain(c), *[0] * (width - place - 1))


def placed(places: Iterable[int], width: int) -> Matrix:
    """The matrix that takes the components at these places out of all."""
    return tuple(unit(place, width) for place in places)


def transposed(matrix: Sequence[Row], columns: int = 0) -> Matrix:
    """The columns as rows; a matrix without rows has to be told how many there are."""
    return tuple(zip(*matrix, strict=True)) if matrix else ((),) * columns


def composed(x: Matrix, y: Matrix) -> Matrix:
    """The product of two matrices."""
    rows, width = [entries(row) for row in y], len(y[0])
    return tuple(_combined(row, rows, width) for row in x)


def _combined(
    row: Row, rows: Sequence[list[tuple[int, Coefficient]]], width: int
) -> tuple[Coefficient, ...]:
    total: list[Coefficient] = [0] * width
    for m, c in entries(row):
        for place, d in rows[m]:
            total[place] += c * d
    return tuple(map(plain, total))


def kronecker(x: Matrix, y: Matrix) -> Matrix:
    """The matrix of the tensor product, with the entry `x_ij y_kl` at `(i m + k, j n + l)`."""
    return tuple(tuple(c * d for c in row for d in other) for row in x for other in y)
