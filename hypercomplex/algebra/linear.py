r"""Linear algebra over the rational numbers, exact, on rows with few nonzero entries.

A row is a dictionary from columns to integers and fractions; what is missing is zero, and a matrix
is a sequence of rows. All that is asked of a matrix is read from its *reduced echelon form*: rows
with a 1 in a column of their own, its pivot, where every other row has 0. Rows are brought to it
one at a time, those with few entries first, and each column knows the rows that hold it: equations
of algebras, thousands of which say the same again, cost a few steps each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from hypercomplex.algebra.tables import Coefficient

__all__ = [
    "Echelon",
    "Row",
    "diagonal",
    "echelon",
    "flat",
    "inverse",
    "krylov",
    "matrix_product",
    "nullspace",
    "rank",
    "relation",
    "row_times",
    "signature",
    "solve",
    "sparse_row",
    "square",
    "transposed",
]

Row = dict[int, Coefficient]


class Echelon:
    """A space of rows, by its reduced echelon form, that grows row by row.

    Args:
        width: pivots are taken in columns below it, all if it is None. What stands in columns from
            `width` on is carried along, so that it tells how a row depends on those before it.

    Example:
        >>> space = Echelon()
        >>> space.add({0: 2, 1: 4}), space.add({0: 1, 1: 2}), space.add({1: 3, 2: 1})
        ({0: 2, 1: 4}, {}, {1: 3, 2: 1})
        >>> space.rows
        {0: {0: 1, 2: Fraction(-2, 3)}, 1: {1: 1, 2: Fraction(1, 3)}}
    """

    def __init__(self, rows: Iterable[Mapping[int, Coefficient]] = (), width: int | None = None):
        self.width = width
        self.rows: dict[int, Row] = {}
        """Each row, by its pivot."""
        self._holders: dict[int, set[int]] = {}  # column → pivots of the rows that hold it
        for row in sorted(rows, key=len):
            self.add(row)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, row: Mapping[int, Coefficient]) -> bool:
        return not self.reduce(row)

    def reduce(self, row: Mapping[int, Coefficient]) -> Row:
        """What is left of a row after those of the space are subtracted: 0 at every pivot."""
        left = {j: c for j, c in row.items() if c}
        for pivot in [j for j in left if j in self.rows]:
            _subtract(left, left[pivot], self.rows[pivot])
        return left

    def add(self, row: Mapping[int, Coefficient]) -> Row:
        """Add a row to the space; what is left of it, which has no entry below `width` if the row
        was in the space.
        """
        left = self.reduce(row)
        pivot = min(left, default=None)
        if pivot is None or (self.width is not None and pivot >= self.width):
            return left
        new = {j: _quotient(c, left[pivot]) for j, c in left.items()}
        for other in self._holders.pop(pivot, ()):
            self._substitute(other, pivot, new)
        for j in new:
            self._holders.setdefault(j, set()).add(pivot)
        self.rows[pivot] = new
        return left

    def _substitute(self, other: int, pivot: int, new: Row) -> None:
        """Subtract the new row from another, which holds its pivot."""
        row = self.rows[other]
        _subtract(row, row[pivot], new)
        for j in new:
            if j in row:
                self._holders.setdefault(j, set()).add(other)
            elif j != pivot:
                self._holders[j].discard(other)

    @property
    def basis(self) -> list[Row]:
        """The rows, sorted by pivot: one basis for each space."""
        return [dict(sorted(self.rows[pivot].items())) for pivot in sorted(self.rows)]

    def coordinates(self, row: Mapping[int, Coefficient]) -> Row | None:
        """What to multiply each row of `basis` by for the sum to be `row`; None if there is none.

        Example:
            >>> Echelon([{0: 1, 1: 1}, {2: 2}]).coordinates({0: 3, 1: 3, 2: 5})
            {0: 3, 1: 5}
        """
        if row not in self:
            return None
        return {k: row[p] for k, p in enumerate(sorted(self.rows)) if row.get(p)}


def echelon(rows: Iterable[Mapping[int, Coefficient]]) -> list[Row]:
    """The reduced echelon form: the rows that are not zero, by pivot.

    Example:
        >>> echelon([{0: 1, 1: 2}, {0: 1, 1: 3}])
        [{0: 1}, {1: 1}]
    """
    return Echelon(rows).basis


def rank(rows: Iterable[Mapping[int, Coefficient]]) -> int:
    """How many rows are independent.

    Example:
        >>> rank([{0: 1, 1: 2}, {0: 2, 1: 4}])
        1
    """
    return len(Echelon(rows))


def nullspace(rows: Iterable[Mapping[int, Coefficient]], columns: int) -> list[Row]:
    """A basis of the `x` with `Σ_j row[j] x_j = 0` for every row, in reduced echelon form.

    Example:
        >>> nullspace([{0: 1, 1: 2, 2: 3}], 3)
        [{0: 1, 2: Fraction(-1, 3)}, {1: 1, 2: Fraction(-2, 3)}]
    """
    space = Echelon(rows)
    found: dict[int, Row] = {j: {j: 1} for j in range(columns) if j not in space.rows}
    for pivot, row in space.rows.items():
        for j, c in row.items():
            if j != pivot:
                found[j][pivot] = -c
    return echelon(found.values())


def solve(
    rows: Sequence[Mapping[int, Coefficient]], right: Mapping[int, Coefficient]
) -> Row | None:
    """An `x` with `Σ_j rows[i][j] x_j = right[i]` for every `i`; None if there is none.

    Example:
        >>> solve([{0: 1, 1: 2}, {0: 3, 1: 4}], {0: 5, 1: 11})
        {0: 1, 1: 2}
    """
    last = 1 + max((j for row in rows for j in row), default=-1)
    if any(c for i, c in right.items() if i >= len(rows)):
        raise ValueError(f"`right` (={right}) must have an entry for each of {len(rows)} rows")
    space = Echelon({**row, last: right.get(i, 0)} for i, row in enumerate(rows))
    if last in space.rows:
        return None
    return {p: space.rows[p][last] for p in sorted(space.rows) if last in space.rows[p]}


def inverse(rows: Sequence[Mapping[int, Coefficient]]) -> list[Row] | None:
    """The inverse of a square matrix; None if it has none.

    Example:
        >>> inverse([{0: 1, 1: 1}, {1: 2}])
        [{0: 1, 1: Fraction(-1, 2)}, {1: Fraction(1, 2)}]
    """
    n = len(rows)
    space = Echelon(({**row, n + i: 1} for i, row in enumerate(rows)), width=n)
    if len(space) < n:
        return None
    return [{j - n: c for j, c in row.items() if j >= n} for row in space.basis]


def relation(rows: Iterable[Mapping[int, Coefficient]], width: int) -> Row | None:
    """The first relation between rows of so many columns, as they come: `Σ_k out[k] rows[k] = 0`
    with 1 for the last; None if they are independent.

    Example:
        >>> relation([{0: 1}, {1: 2}, {0: 3, 1: 1}, {2: 1}], 3)
        {0: -3, 1: Fraction(-1, 2), 2: 1}
    """
    space = Echelon(width=width)
    for k, row in enumerate(rows):
        left = space.add({**row, width + k: 1})
        if min(left) >= width:
            return {j - width: c for j, c in sorted(left.items())}
    return None


def krylov(
    operator: Callable[[Row], Row], width: int, start: Row
) -> tuple[list[Row], list[Fraction]]:
    """`v, A v, A² v, …` before the first that depends on those before it, and the monic polynomial,
    lowest first, that says how.

    Example:
        >>> krylov(lambda x: row_times(x, [{1: 1}, {0: 4}]), 2, {0: 1})  # t² - 4
        ([{0: 1}, {1: 1}], [Fraction(-4, 1), Fraction(0, 1), Fraction(1, 1)])
    """
    powers = [start]

    def each() -> Iterator[Row]:
        while True:
            yield powers[-1]
            powers.append(operator(powers[-1]))

    found = relation(each(), width)
    assert found is not None  # more rows than columns
    return powers[:-1], [Fraction(found.get(k, 0)) for k in range(len(powers))]


def transposed(rows: Sequence[Mapping[int, Coefficient]], columns: int) -> list[Row]:
    """The transpose of a matrix of so many columns.

    Example:
        >>> transposed([{0: 1, 2: 5}], 3)
        [{0: 1}, {}, {0: 5}]
    """
    out: list[Row] = [{} for _ in range(columns)]
    for i, row in enumerate(rows):
        for j, c in row.items():
            out[j][i] = c
    return out


def row_times(row: Mapping[int, Coefficient], matrix: Sequence[Mapping[int, Coefficient]]) -> Row:
    """The row `Σ_i row[i] matrix[i]`.

    Example:
        >>> row_times({0: 2, 1: -1}, [{0: 1, 1: 1}, {0: 2}])
        {1: 2}
    """
    out: Row = {}
    for i, c in row.items():
        _subtract(out, -c, matrix[i])
    return out


def matrix_product(
    left: Sequence[Mapping[int, Coefficient]], right: Sequence[Mapping[int, Coefficient]]
) -> list[Row]:
    """The product of two matrices.

    Example:
        >>> matrix_product([{1: 1}, {0: 1}], [{0: 2}, {1: 3}])
        [{1: 3}, {0: 2}]
    """
    return [row_times(row, right) for row in left]


def signature(rows: Sequence[Mapping[int, Coefficient]]) -> tuple[int, int, int]:
    """How many squares of a symmetric matrix are positive, negative and zero (J. J. Sylvester).

    Example:
        >>> signature([{1: 1}, {0: 1}, {}])  # 2xy = (x + y)²/2 - (x - y)²/2
        (1, 1, 1)
    """
    entries = diagonal(rows)
    positive = sum(c > 0 for c in entries)
    return positive, len(entries) - positive, len(rows) - len(entries)


def diagonal(rows: Sequence[Mapping[int, Coefficient]]) -> list[Coefficient]:
    """The entries that are not 0 of a diagonal form that a symmetric matrix is in other variables.

    Example:
        >>> diagonal([{0: 2, 1: 2}, {0: 2, 1: 5}])  # 2 (x + y)² + 3 y²
        [2, 3]
        >>> diagonal([{1: 7}, {0: 7}])  # 14 xy, a difference of two squares
        [1, -1]
    """
    left = {i: {j: c for j, c in row.items() if c} for i, row in enumerate(rows)}
    entries: list[Coefficient] = []
    while form := {i: row for i, row in left.items() if row}:
        diagonal = [i for i, row in form.items() if i in row]
        i = min(diagonal or form, key=lambda i: len(form[i]))
        if diagonal:
            entries.append(form[i][i])
            _complete_square(left, i)
        else:
            entries += [1, -1]
            _complete_plane(left, i, min(form[i], key=lambda j: len(form[j])))
    return entries


def _complete_square(form: dict[int, Row], i: int) -> None:
    """Take out the square that holds all of `x_i`."""
    row = form.pop(i)
    square = row.pop(i)
    for j, c in row.items():
        del form[j][i]
        _subtract(form[j], _quotient(c, square), row)


def _complete_plane(form: dict[int, Row], i: int, j: int) -> None:
    """Take out the product that holds all of `x_i` and `x_j`, neither of which is squared."""
    first, second = form.pop(i), form.pop(j)
    c = first.pop(j)
    del second[i]
    for k in {**first, **second}:
        form[k].pop(i, 0), form[k].pop(j, 0)
        _subtract(form[k], _quotient(first.get(k, 0), c), second)
        _subtract(form[k], _quotient(second.get(k, 0), c), first)


def sparse_row(entries: Iterable[Coefficient]) -> Row:
    """The entries that are not zero, by column.

    Example:
        >>> sparse_row((0, 3, 0, 5))
        {1: 3, 3: 5}
    """
    return {j: c for j, c in enumerate(entries) if c}


def flat(rows: Sequence[Mapping[int, Coefficient]], columns: int) -> Row:
    """The entries of a matrix of so many columns in one row, row after row.

    Example:
        >>> flat([{0: 1}, {1: 5}], 2)
        {0: 1, 3: 5}
    """
    return {i * columns + j: c for i, row in enumerate(rows) for j, c in row.items()}


def square(row: Mapping[int, Coefficient], n: int) -> list[Row]:
    """The n × n matrix of which `flat` makes a row.

    Example:
        >>> square({0: 1, 3: 5}, 2)
        [{0: 1}, {1: 5}]
    """
    out: list[Row] = [{} for _ in range(n)]
    for place, c in row.items():
        out[place // n][place % n] = c
    return out


def _subtract(row: Row, factor: Coefficient, other: Mapping[int, Coefficient]) -> None:
    """`row − factor · other`, in place."""
    if not factor:
        return
    for j, c in other.items():
        total = row.get(j, 0) - factor * c
        if total:
            row[j] = total if type(total) is int or total.denominator > 1 else total.numerator
        else:
            row.pop(j, None)


def _quotient(a: Coefficient, b: Coefficient) -> Coefficient:
    """`a / b`, an integer if it is one."""
    if b == 1 or b == -1:
        return a * b
    out = Fraction(a) / b
    return out if out.denominator > 1 else out.numerator
