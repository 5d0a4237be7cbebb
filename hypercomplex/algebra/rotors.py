r"""The products of which functions of bivectors and rotors are made, for up to five generators.

There a bivector has the square $B^2 = \langle B^2 \rangle_0 + \langle B^2 \rangle_4$, and a
4-vector a real one, so that the even polynomials of B are *Study numbers*, $a + W$ with a 4-vector
W that commutes with B.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from hypercomplex.algebra.bilinear import Bilinear, plain, trusted
from hypercomplex.algebra.tables import Coefficient

if TYPE_CHECKING:
    from hypercomplex.algebra.blades import Blades

Places = tuple[int, ...]

__all__ = ["MAPS", "MOST_GENERATORS", "Rotors"]

MOST_GENERATORS = 5
"""With so many, a 4-vector is as good as a vector: its square is real."""
MAPS = (
    "square", "sizes", "square_of_four", "turn", "commutator", "contraction", "span",
    "square_of_one", "has_boosts", "has_double_planes",
)  # fmt: skip
"""What is made when it is asked for; a compiler has it made before."""


class Rotors:
    """The even numbers of a Clifford algebra of at most five generators, by their grades 0, 2, 4.

    `algebra.blades.rotors` has them.
    """

    def __init__(self, blades: Blades) -> None:
        self.blades = blades
        self.ones, self.twos, self.fours = (blades.places((g,)) for g in (1, 2, 4))
        self.even = (0, *self.twos, *self.fours)
        self.odd = tuple(sorted({*range(len(blades.of))} - {*self.even}))

    @cached_property
    def square(self) -> Bilinear:
        r"""Of a bivector: $\langle B^2 \rangle_0$ and the components of $\langle B^2 \rangle_4$."""
        return _quadratic(self._between(self.twos, self.twos, (0, *self.fours)))

    @cached_property
    def sizes(self) -> Bilinear:
        """Of the moduli of the components of an even number: what rounding is measured by in the
        parts of grades 0 and 4 of its square.
        """
        square = _quadratic(self._between(self.even, self.even, (0, *self.fours)))
        constants = ((i, j, k, c if c > 0 else -c) for i, j, k, c in square.constants)
        return trusted(square.shape, tuple(constants), square.name)

    @cached_property
    def square_of_four(self) -> Bilinear:
        r"""Of a 4-vector: $W^2$, a real number."""
        return _quadratic(self._between(self.fours, self.fours, (0,)))

    @cached_property
    def turn(self) -> Bilinear:
        r"""Of a 4-vector and a bivector that commute: $W B$, a bivector."""
        return self._between(self.fours, self.twos, self.twos)

    @cached_property
    def commutator(self) -> Bilinear:
        """Of two bivectors: half their commutator."""
        return self._between(self.twos, self.twos, self.twos)

    @cached_property
    def contraction(self) -> Bilinear:
        r"""Of a vector and a bivector: $v \cdot B$, a vector."""
        return self._between(self.ones, self.twos, self.ones)

    @cached_property
    def span(self) -> Bilinear:
        r"""Of two vectors: $v \wedge w$, a bivector."""
        return self._between(self.ones, self.ones, self.twos)

    @cached_property
    def square_of_one(self) -> Bilinear:
        r"""Of a vector: $v^2$, a real number."""
        return _quadratic(self._between(self.ones, self.ones, (0,)))

    @cached_property
    def has_boosts(self) -> bool:
        """Whether the square of a bivector may be positive, as far as its terms show."""
        return any(c > 0 or i != j for i, j, k, c in self.square.constants if k == 0)

    @cached_property
    def has_double_planes(self) -> bool:
        """Whether a 4-vector may have a square other than 0."""
        return bool(self.square_of_four.constants)

    def _between(
        self, left: tuple[int, ...], right: tuple[int, ...], out: tuple[int, ...]
    ) -> Bilinear:
        x, y, z = ({place: m for m, place in enumerate(part)} for part in (left, right, out))
        inside = (
            (x[i], y[j], z[k], c)
            for i, j, k, c in self.blades.algebra.products
            if i in x and j in y and k in z
        )
        shape = len(left), len(right), len(out)
        return trusted(shape, tuple(sorted(inside)), f"even products of {self.blades.algebra}")


def _quadratic(map_: Bilinear) -> Bilinear:
    """The same on the diagonal, with half as many terms."""
    total: dict[tuple[int, int, int], Coefficient] = {}
    for i, j, k, c in map_.constants:
        place = min(i, j), max(i, j), k
        total[place] = total.get(place, 0) + c
    terms = ((*place, plain(c)) for place, c in sorted(total.items()) if c)
    return trusted(map_.shape, tuple(terms), map_.name)
