r"""The algebra with a unit that a product without one becomes by undoing two of its factors.

Where $R(a) : x \mapsto xa$ and $L(a) : y \mapsto ay$ have inverses,

$$x \circ y = \left(R(a)^{-1} x\right) \left(L(a)^{-1} y\right)$$

is a product with the unit $a a$, an *isotope* of the first: $(x a) \circ (a y) = x y$. It has zero
divisors exactly where the first has, and it multiplies a quadratic form if the first multiplies
one.

Source:
    I. Kaplansky, *Infinite-dimensional quadratic forms admitting composition*, Proceedings of the
    AMS 4 (1953).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.linear import Row, inverse
from hypercomplex.algebra.sparse import Sparse, sparse_table, times

__all__ = ["Isotope", "isotope"]


@dataclass(frozen=True)
class Isotope:
    """An algebra with a unit, and how its product comes from another: `x ∘ y = (x U)(y V)`, with
    the rows of coefficients that `U` and `V` are multiplied by.
    """

    algebra: Algebra
    element: Row
    """The `a` whose square is the unit."""
    left: tuple[Row, ...]
    """`U`, the inverse of `x ↦ x a`."""
    right: tuple[Row, ...]
    """`V`, the inverse of `y ↦ a y`."""


@lru_cache(256)
def isotope(algebra: Algebra) -> Isotope | None:
    """The isotope by the first basis element, or sum of two, that multiplies invertibly from both
    sides; None if none of them does: then every form that is multiplied degenerates.

    Example:
        >>> conjugates = hc.from_rules("xx = x, xy = yx = -y, yy = -x")  # x̄ȳ in ℂ
        >>> print(conjugates.unit, isotope(conjugates).algebra.wedderburn)
        None ℂ
    """
    table, n = sparse_table(algebra), algebra.dimension
    for a in _candidates(n):
        left = inverse([times(table, {i: 1}, a) for i in range(n)])
        right = None if left is None else inverse([times(table, a, {j: 1}) for j in range(n)])
        if left is not None and right is not None:
            products = tuple(
                (i, j, k, c)
                for i in range(n)
                for j in range(n)
                for k, c in times(table, left[i], right[j]).items()
            )
            made = Algebra(algebra.units, products, None, f"isotope of {algebra}")
            return Isotope(made, a, tuple(left), tuple(right))
    return None


def _candidates(n: int) -> Iterator[Sparse]:
    """A quadratic form that vanishes on all of these is 0."""
    yield from ({i: 1} for i in range(n))
    yield from ({i: 1, j: 1} for i, j in combinations(range(n), 2))
