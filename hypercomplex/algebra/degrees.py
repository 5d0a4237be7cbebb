r"""Degrees: whole numbers $d_k \ge 0$ of the basis elements that add when these are multiplied.

If every product $e_i e_j$ is a sum of elements of degree $d_i + d_j$, then
$e_k \mapsto \lambda^{d_k} e_k$ is an automorphism for every real $\lambda \ne 0$, and the elements
of positive degree generate a nilpotent ideal. Dual parts have the degree 1, the powers of the unit
of truncated polynomials their exponents; semisimple algebras have no degrees but 0.

`kernels.balance` computes with the image of a number whose parts are alike in size.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import lcm

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.linear import Row, nullspace

__all__ = ["Degrees", "degrees"]

Degrees = tuple[int, ...]


@lru_cache(256)
def degrees(algebra: Algebra) -> tuple[Degrees, ...]:
    """Independent degrees of a basis, each of which some elements have; none if there are none.

    What is found is right. There may be more, in a basis whose first elements are no generators.

    Example:
        >>> degrees(hc.DUAL_QUATERNION)
        ((0, 0, 0, 0, 1, 1, 1, 1),)
        >>> degrees(hc.polynomial_quotient([0, 0, 0, 0, 1]))
        ((0, 1, 2, 3),)
        >>> degrees(hc.clifford(0, 0, 2))  # of each of the two units
        ((0, 1, 0, 1), (0, 0, 1, 1))
        >>> degrees(hc.QUATERNION)
        ()
    """
    spaces = nullspace(_equations(algebra), algebra.dimension)
    return tuple(_whole(row, algebra.dimension) for row in spaces if min(row.values()) > 0)


def _equations(algebra: Algebra) -> Iterator[Row]:
    """That `d_i + d_j − d_k` is 0 where `e_k` is in the product of `e_i` and `e_j`."""
    found = set()
    for i, j, k, _ in algebra.product.constants:
        row: Row = {}
        for place, sign in ((i, 1), (j, 1), (k, -1)):
            row[place] = row.get(place, 0) + sign
        found.add(tuple(sorted((place, c) for place, c in row.items() if c)))
    return (dict(row) for row in sorted(found))


def _whole(row: Row, n: int) -> Degrees:
    """Fractions times the least number that makes them whole."""
    common = lcm(*(getattr(c, "denominator", 1) for c in row.values()))
    return tuple(int(row.get(k, 0) * common) for k in range(n))
