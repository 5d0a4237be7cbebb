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
from heapq import heappop, heappush
from typing import Any, NamedTuple

from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.tables import Coefficient

__all__ = ["Program", "program"]

Step = tuple[int, int, int, Coefficient]
"""`(target, first, second, c)`: the value `target` is that of `first` plus `c` times `second`."""
Output = tuple[int, Coefficient]
"""A value and what it is multiplied by."""
Row = dict[int, Coefficient]
Pair = tuple[int, int, Coefficient]


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
def program(matrix: tuple[tuple[Coefficient, ...], ...]) -> Program:
    """Few additions that apply a matrix: what most rows have in common is added first, and as long
    as two rows have two values in a common ratio.

    Example:
        >>> walsh_hadamard = ((1, 1, 1, 1), (1, -1, 1, -1), (1, 1, -1, -1), (1, -1, -1, 1))
        >>> program(walsh_hadamard).additions
        8
    """
    width = len(matrix[0]) if matrix else 0
    common = _Common({m: c for m, c in enumerate(row) if c} for row in matrix)
    steps: list[Step] = []
    while pair := common.most():
        steps.append((width + len(steps), *pair))
        common.join(pair, width + len(steps) - 1)
    outputs: list[Output] = []
    for row in common.rows:
        (place, factor), *others = sorted(row.items(), key=_plainest) or [(0, 0)]
        for other, c in others:
            steps.append((width + len(steps), place, other, _ratio(c, factor)))
            place = steps[-1][0]
        outputs.append((place, factor))
    return Program(width, tuple(steps), tuple(outputs))


def _plainest(entry: tuple[int, Coefficient]) -> tuple[bool, bool, Any, int]:
    """What a row begins with: a value that is not multiplied, if there is one."""
    place, c = entry
    return c != 1, c != -1, abs(c), place


def _ratio(c: Coefficient, d: Coefficient) -> Coefficient:
    return c * d if d in (1, -1) else plain(Fraction(c) / d)


class _Common:
    """Rows as sums of values, and which rows have a pair of values in a ratio."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)
        self._having: dict[Pair, set[int]] = {}
        self._heap: list[tuple[int, bool, Pair]] = []
        for number, row in enumerate(self.rows):
            values = sorted(row)
            for m, value in enumerate(values):
                self._enter(number, value, values[m + 1 :])

    def most(self) -> Pair | None:
        """The pair that most rows have, at least two, if possible without a multiple."""
        while self._heap:
            count, multiple, pair = heappop(self._heap)
            now = len(self._having[pair])
            if -count == now:
                return pair
            if now > 1:  # some rows have lost it since
                heappush(self._heap, (-now, multiple, pair))
        return None

    def join(self, pair: Pair, value: int) -> None:
        """Write a new value for a pair in all rows that have it."""
        for number in sorted(self._having[pair]):
            row = self.rows[number]
            for part in pair[:2]:
                for other in row:
                    if other != part:
                        self._having[self._pair(number, part, other)].discard(number)
            row[value] = row[pair[0]]
            del row[pair[0]], row[pair[1]]
            self._enter(number, value, [other for other in row if other != value])

    def _pair(self, number: int, one: int, other: int) -> Pair:
        first, second = min(one, other), max(one, other)
        row = self.rows[number]
        return first, second, _ratio(row[second], row[first])

    def _enter(self, number: int, value: int, others: Iterable[int]) -> None:
        for other in others:
            pair = self._pair(number, value, other)
            having = self._having.setdefault(pair, set())
            having.add(number)
            if len(having) > 1:
                heappush(self._heap, (-len(having), abs(pair[2]) != 1, pair))
