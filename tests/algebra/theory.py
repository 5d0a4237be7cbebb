"""What theory says of algebras: the table that laws and structure are compared with."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import hypercomplex as hc
from hypercomplex.algebra import linear

HALF = Fraction(1, 2)


def rewritten(algebra, basis, name=None):
    """The same algebra in another basis, without a conjugation."""
    rows = [linear.sparse_row(row) for row in basis]
    back = linear.inverse(rows)
    products = tuple(
        (i, j, k, c)
        for (i, x), (j, y) in product(enumerate(basis), repeat=2)
        for k, c in linear.row_times(linear.sparse_row(algebra.multiply(x, y)), back).items()
    )
    units = tuple(f"u{i}" for i in range(algebra.dimension))
    return hc.Algebra(units, products, None, name or f"{algebra} rewritten")


HURWITZ = rewritten(
    hc.QUATERNION,
    ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (HALF, HALF, HALF, HALF)),
    "HURWITZ",
)
OBLIQUE = rewritten(
    hc.QUATERNION, ((1, 2, 0, 0), (0, 1, 0, 1), (3, 0, 1, 0), (0, 0, 1, -1)), "OBLIQUE"
)
