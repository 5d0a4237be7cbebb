r"""Bilinear maps by their exact constants: products, and all that is made like one.

$$B(a, b)_k = \sum_{ij} c_{ijk}\, a_i b_j$$

The product of an algebra is one; so are its commutator, its inner product and its products with
conjugated factors. What multiplies numbers takes such a map and knows nothing else of the algebra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hypercomplex.algebra.tables import Coefficient, Product, has_float

__all__ = ["Bilinear", "Term", "plain"]

Term = tuple[int, int, Coefficient]


@dataclass(frozen=True, eq=False)
class Bilinear:
    r"""The map $B(a, b)_k = \sum c\, a_i b_j$ over the `(i, j, k, c)` in `constants`.

    Args:
        shape: how many components `a`, `b` and the result have.
        constants: the `(i, j, k, c)`, each `(i, j, k)` once and none of them zero.
        name: what messages call the map.

    Maps are equal if their shapes and constants are.

    Example:
        >>> area = Bilinear((2, 2, 1), ((0, 1, 0, 1), (1, 0, 0, -1)))
        >>> area((1, 0), (3, 5))
        (5,)
    """

    shape: tuple[int, int, int]
    constants: tuple[Product, ...]
    name: str = "bilinear map"
    terms: tuple[tuple[Term, ...], ...] = field(init=False, repr=False)
    """For each `k` the `(i, j, c)` with `c_{ijk} = c`: the map, sorted by output."""
    without_float: tuple[Product, ...] = field(init=False, repr=False)
    """The constants that no float64 has: elements are mapped exactly, tensors refuse."""

    def __post_init__(self) -> None:
        rows: list[list[Term]] = [[] for _ in range(self.shape[2])]
        for i, j, k, c in sorted(self.constants):
            rows[k].append((i, j, c))
        beyond = tuple(product for product in self.constants if not has_float(product[3]))
        for name, value in (
            ("terms", tuple(map(tuple, rows))),
            ("without_float", beyond),
            ("_hash", hash((self.shape, *map(tuple, rows)))),
        ):
            object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Bilinear):
            return NotImplemented
        return self.shape == other.shape and self.terms == other.terms

    def __hash__(self) -> int:
        return int(self.__dict__["_hash"])

    def __reduce__(self) -> tuple[Any, ...]:
        return Bilinear, (self.shape, self.constants, self.name)

    def __call__(self, a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, ...]:
        """The image of two elements over any commutative ring of coefficients."""
        return tuple(sum(c * a[i] * b[j] for i, j, c in row) for row in self.terms)

    def __str__(self) -> str:
        return self.name

    @property
    def product(self) -> Bilinear:
        """The map itself: what takes an algebra for the sake of its product takes any map."""
        return self

    # ------------------------------------------------------------------ maps made of maps

    def named(self, name: str) -> Bilinear:
        """The same map, called otherwise in messages."""
        return Bilinear(self.shape, self.constants, name)

    @cached_property
    def of_left(self) -> Bilinear:
        r"""The gradient of the left factor: $(g, b) \mapsto \sum c_{ijk}\, g_k b_j$, the transpose
        of $a \mapsto B(a, b)$.

        Example:
            >>> hc.COMPLEX.product.of_left((1, 0), (3, 4))  # g times the conjugate of b
            (3, -4)
        """
        left, right, out = self.shape
        return self._moved((out, right, left), lambda i, j, k: (k, j, i), "left gradient of")

    @cached_property
    def of_right(self) -> Bilinear:
        r"""The gradient of the right factor: $(a, g) \mapsto \sum c_{ijk}\, a_i g_k$, the transpose
        of $b \mapsto B(a, b)$.

        Example:
            >>> hc.COMPLEX.product.of_right((3, 4), (1, 0))
            (3, -4)
        """
        left, right, out = self.shape
        return self._moved((left, out, right), lambda i, j, k: (i, k, j), "right gradient of")

    @cached_property
    def swapped(self) -> Bilinear:
        """The map `(b, a) ↦ B(a, b)`.

        Example:
            >>> i, j = (0, 1, 0, 0), (0, 0, 1, 0)
            >>> hc.QUATERNION.product.swapped(i, j)  # ji = -k
            (0, 0, 0, -1)
        """
        left, right, out = self.shape
        return self._moved((right, left, out), lambda i, j, k: (j, i, k), "swapped")

    def scaled(
        self, left: Sequence[Any] = (), right: Sequence[Any] = (), out: Sequence[Any] = ()
    ) -> Bilinear:
        """The map with each component of a factor, or of the result, times its number.

        Example:
            >>> hc.COMPLEX.product.scaled(left=(1, -1))((3, 4), (3, 4))  # the conjugate times x
            (25, 0)
        """

        def by(factors: Sequence[Any], index: int) -> Any:
            return factors[index] if factors else 1

        return Bilinear(
            self.shape,
            _nonzero(
                (i, j, k, c * by(left, i) * by(right, j) * by(out, k))
                for i, j, k, c in self.constants
            ),
            f"scaled {self.name}",
        )

    def minus(self, other: Bilinear) -> Bilinear:
        """The difference of two maps of one shape."""
        total = {(i, j, k): c for i, j, k, c in self.constants}
        for i, j, k, c in other.constants:
            total[i, j, k] = total.get((i, j, k), 0) - c
        constants = _nonzero((*place, c) for place, c in total.items())
        return Bilinear(self.shape, constants, f"{self.name} minus {other.name}")

    def between(self, left: range, right: range, out: range) -> Bilinear:
        """The map between some of the components only.

        Example:
            >>> imaginary = range(1, 4)
            >>> hc.QUATERNION.product.between(imaginary, imaginary, imaginary).terms[0]
            ((1, 2, 1), (2, 1, -1))
        """
        inside = (
            (left.index(i), right.index(j), out.index(k), c)
            for i, j, k, c in self.constants
            if i in left and j in right and k in out
        )
        return Bilinear((len(left), len(right), len(out)), tuple(inside), f"part of {self.name}")

    def _moved(
        self,
        shape: tuple[int, int, int],
        place: Callable[[int, int, int], tuple[int, int, int]],
        what: str,
    ) -> Bilinear:
        constants = tuple(sorted((*place(i, j, k), c) for i, j, k, c in self.constants))
        return Bilinear(shape, constants, f"{what} {self.name}")


def _nonzero(constants: Iterable[Product]) -> tuple[Product, ...]:
    return tuple(sorted((i, j, k, plain(c)) for i, j, k, c in constants if c != 0))


def plain(c: Coefficient) -> Coefficient:
    """A fraction as an integer if it is one."""
    return c.numerator if c.denominator == 1 else c
