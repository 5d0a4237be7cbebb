r"""An exact matrix times a vector, in few additions.

The matrices of a scheme (`schemes`) are applied to components that are large tensors, where each
addition reads two of them and writes one. What several rows have in common is added once: a
Walsh–Hadamard transform of four points takes 8 additions, not 12.

A program is plain data. Its values are numbered: first the components of the vector, then what the
steps make of them, each a multiple of one value added to another, `torch.add(x, y, alpha=c,
out=buffer)`. A row of the matrix is a value times a coefficient, mostly 1, so that a row with one
entry takes no step and needs no copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import combinations
from math import gcd, lcm
from typing import Any, NamedTuple

from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.matrices import Matrix, entries
from hypercomplex.algebra.tables import Coefficient

__all__ = ["Program", "program"]

Step = tuple[int, int, int, Coefficient]
"""`(target, first, second, c)`: the value `target` is that of `first` plus `c` times `second`."""
Output = tuple[int, Coefficient]
"""A value and what it is multiplied by."""
Pair = tuple[int, int, int, int]
"""Two values with their coefficients."""


class Program(NamedTuple):
    """Steps that apply a matrix, each an addition.

    Example:
        >>> program(((1, 1, 1), (1, 1, -1))).steps  # x₀ + x₁ is added once
        ((3, 0, 1, 1), (4, 2, 3, 1), (5, 3, 2, -1))
    """

    inputs: int
    """The number of components; they are the first values."""
    steps: tuple[Step, ...]
    outputs: tuple[Output, ...]
    """For each row of the matrix a value and its coefficient."""

    @property
    def additions(self) -> int:
        """The number of steps."""
        return len(self.steps)

    def __call__(self, x: Sequence[Any]) -> tuple[Any, ...]:
        """The matrix times a vector over any commutative ring of coefficients.

        Example:
            >>> program(((1, 1, 1), (1, 1, -1)))((1, 10, 100))
            (111, -89)
        """
        values = list(x)
        for _, first, second, c in self.steps:
            values.append(values[first] + c * values[second])
        return tuple(c * values[place] for place, c in self.outputs)


@lru_cache(512)
def program(matrix: Matrix) -> Program:
    """Few additions that apply a matrix: what most rows have in common is added first, and as long
    as two rows have two values in a common ratio.

    Example:
        >>> walsh_hadamard = ((1, 1, 1, 1), (1, -1, 1, -1), (1, 1, -1, -1), (1, -1, -1, 1))
        >>> program(walsh_hadamard).additions
        8
    """
    width = len(matrix[0]) if matrix else 0
    scales = [lcm(*(c.denominator for c in row)) for row in matrix]
    common = _Common(
        {place: int(c * scale) for place, c in entries(row)}
        for row, scale in zip(matrix, scales, strict=True)
    )
    steps: list[Step] = []
    while pair := common.most():
        first, second, c, d = pair
        steps.append((width + len(steps), first, second, plain(Fraction(d, c))))
        common.join(pair, steps[-1][0])
    outputs: list[Output] = []
    for row, scale in zip(common.rows, scales, strict=True):
        (place, c), *others = sorted(row.items(), key=_plainest) or [(0, 0)]
        for other, d in others:
            steps.append((width + len(steps), place, other, plain(Fraction(d, c))))
            place = steps[-1][0]
        outputs.append((place, plain(Fraction(c, scale))))
    return Program(width, tuple(steps), tuple(outputs))


def _plainest(entry: tuple[int, int]) -> tuple[bool, bool, int, int]:
    """What a row begins with: a value that is not multiplied, if there is one."""
    place, c = entry
    return c != 1, c != -1, abs(c), place


class _Common:
    """Rows as sums of values, and which rows have a pair of values in a ratio."""

    def __init__(self, rows: Iterable[dict[int, int]]) -> None:
        self.rows = list(rows)
        self._having: dict[Pair, set[int]] = {}
        for number, row in enumerate(self.rows):
            for first, second in combinations(sorted(row), 2):
                self._having.setdefault(_pair(row, first, second), set()).add(number)
        self._heap = [_rank(pair, rows) for pair, rows in self._having.items() if len(rows) > 1]
        heapify(self._heap)

    def most(self) -> Pair | None:
        """The pair that most rows have, at least two, if possible without a multiple."""
        while self._heap:
            count, _, pair = heappop(self._heap)
            having = self._having[pair]
            if -count == len(having):
                return pair
            if len(having) > 1:  # some rows have lost it since
                heappush(self._heap, _rank(pair, having))
        return None

    def join(self, pair: Pair, value: int) -> None:
        """Write a new value for a pair in all rows that have it."""
        fresh: dict[Pair, set[int]] = {}
        for number in self._having[pair].copy():
            row = self.rows[number]
            for part in pair[:2]:
                for other in row:
                    if other != part:
                        lost = _pair(row, min(part, other), max(part, other))
                        self._having[lost].discard(number)
            c = row.pop(pair[0])
            del row[pair[1]]
            row[value] = c
            for other in row:
                if other != value:
                    fresh.setdefault(_pair(row, other, value), set()).add(number)
        self._having |= fresh
        for each, having in fresh.items():
            if len(having) > 1:
                heappush(self._heap, _rank(each, having))


def _pair(row: dict[int, int], first: int, second: int) -> Pair:
    """Two values of a row and their coefficients, without a common factor."""
    c, d = row[first], row[second]
    factor = gcd(c, d) if c > 0 else -gcd(c, d)
    return first, second, c // factor, d // factor


def _rank(pair: Pair, having: set[int]) -> tuple[int, bool, Pair]:
    """Which pair comes first: that of most rows, and without a multiple."""
    return -len(having), pair[2] != 1 or abs(pair[3]) != 1, pair
