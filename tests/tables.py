"""Tables of algebras by their definitions, slow and plain, beside the constructions they test."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product

import hypercomplex as hc


def cyclic(n: int) -> hc.Algebra:
    """The real group algebra of the cyclic group of n elements."""
    constants = tuple((i, j, (i + j) % n, 1) for i, j in product(range(n), repeat=2))
    return hc.Algebra(("1", *(f"g{i}" for i in range(1, n))), constants, (1,) * n, f"R[C{n}]")


@cache
def albert() -> hc.Algebra:
    """Hermitian 3 × 3 matrices of octonions with `x y = (xy + yx) / 2`: 1, E11, E22, and of the
    entries (1, 2), (1, 3), (2, 3) the eight components each.
    """
    octonion, size = hc.OCTONION, 27
    places = ((0, 1), (0, 2), (1, 2))
    zero = (0,) * 8

    def number(k: int) -> tuple[int, ...]:
        return tuple(int(m == k) for m in range(8))

    def matrix(index: int) -> list[list[tuple[int, ...]]]:
        rows = [[zero] * 3 for _ in range(3)]
        if index < 3:
            for m in range(3):
                rows[m][m] = number(0) if index in (0, m + 1) else zero
        else:
            (row, column), k = places[(index - 3) // 8], (index - 3) % 8
            rows[row][column] = number(k)
            rows[column][row] = octonion.conjugate(number(k))
        return rows

    def times(x, y):
        rows = [[zero] * 3 for _ in range(3)]
        for i, j, k in product(range(3), repeat=3):
            if any(x[i][j]) and any(y[j][k]):
                entry = octonion.multiply(x[i][j], y[j][k])
                rows[i][k] = tuple(map(sum, zip(rows[i][k], entry, strict=True)))
        return rows

    def coefficients(x):
        a, b, c = (x[m][m][0] for m in range(3))
        return [c, a - c, b - c, *(entry for i, j in places for entry in x[i][j])]

    basis, constants = [matrix(index) for index in range(size)], []
    for i, j in product(range(size), repeat=2):
        both = zip(
            coefficients(times(basis[i], basis[j])),
            coefficients(times(basis[j], basis[i])),
            strict=True,
        )
        for k, (x, y) in enumerate(both):
            if x + y:
                half = Fraction(x + y, 2)
                constants.append((i, j, k, half if half.denominator > 1 else int(half)))
    entries = (f"{name}{k}" for name in "xyz" for k in range(8))
    return hc.Algebra(("1", "E1", "E2", *entries), tuple(constants), (1,) * size, "ALBERT")
