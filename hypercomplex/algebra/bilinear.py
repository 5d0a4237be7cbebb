r"""Bilinear maps by their exact constants: products, and all that is made like one.

$$B(a, b)_k = \sum_{ij} c_{ijk}\, a_i b_j$$

The product of an algebra is one; so are its commutator, its inner product and its products with
conjugated factors. What multiplies numbers takes such a map and knows nothing else of the algebra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

from hypercomplex.algebra import tables
from hypercomplex.algebra.tables import Coefficient, Product, Shape, has_float

__all__ = ["Bilinear", "Term", "plain", "trusted"]

Term = tuple[int, int, Coefficient]
Images = Mapping[int, Coefficient]


@dataclass(frozen=True, eq=False, repr=False)
class Bilinear:
    r"""The map $B(a, b)_k = \sum c\, a_i b_j$ over the `(i, j, k, c)` in `constants`.

    Args:
        shape: how many components `a`, `b` and the result have.
        constants: the `(i, j, k, c)`, each `(i, j, k)` once, `c` an integer or a fraction; those
            that are zero are left out.
        name: what messages call the map.

    Maps are equal if their shapes and constants are.

    Raises:
        ValueError: if a width is negative, or an index or a coefficient out of range, or if a
            constant is given twice.
        TypeError: if an argument is of another kind.

    Example:
        >>> area = Bilinear((2, 2, 1), ((0, 1, 0, 1), (1, 0, 0, -1)))
        >>> area((1, 0), (3, 5))
        (5,)
    """

    shape: Shape
    constants: tuple[Product, ...]
    name: str = "bilinear map"
    terms: tuple[tuple[Term, ...], ...] = field(init=False)
    """For each `k` the `(i, j, c)` with `c_{ijk} = c`: the map, sorted by output."""
    without_float: tuple[Product, ...] = field(init=False)
    """The constants that no float64 has: elements are mapped exactly, tensors refuse."""

    def __post_init__(self) -> None:
        shape = tables.widths(self.shape)
        constants = tables.constants("constants", self.constants, shape)
        self._settle(shape, constants, tables.text(self.name))

    def _settle(self, shape: Shape, constants: tuple[Product, ...], name: str) -> None:
        """Keep the parts, the constants in order, and what follows from them."""
        rows: list[list[Term]] = [[] for _ in range(shape[2])]
        for i, j, k, c in constants:
            rows[k].append((i, j, c))
        terms = tuple(map(tuple, rows))
        beyond = {c for c in {each[3] for each in constants} if not has_float(c)}
        for part, value in (
            ("shape", shape),
            ("constants", constants),
            ("name", name),
            ("terms", terms),
            ("without_float", tuple(each for each in constants if each[3] in beyond)),
            ("_hash", hash((shape, constants))),
        ):
            object.__setattr__(self, part, value)

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
        for argument, x, width in (("a", a, self.shape[0]), ("b", b, self.shape[1])):
            if len(x) != width:
                raise ValueError(
                    f"`{argument}` (={x}) must have the {width} coefficients of {self}, "
                    f"but has {len(x)}"
                )
        return tuple(sum(c * a[i] * b[j] for i, j, c in row) for row in self.terms)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"{self.name}, a bilinear map of shape {self.shape}"

    @property
    def product(self) -> Bilinear:
        """The map itself: what takes an algebra for the sake of its product takes any map."""
        return self

    # ------------------------------------------------------------------ maps made of maps

    def named(self, name: str) -> Bilinear:
        """The same map, called otherwise in messages."""
        return trusted(self.shape, self.constants, tables.text(name))

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

        Raises:
            ValueError: if there is not one number for each component.
            TypeError: if numbers are neither integers nor fractions.

        Example:
            >>> hc.COMPLEX.product.scaled(left=(1, -1))((3, 4), (3, 4))  # the conjugate times x
            (25, 0)
        """
        x, y, z = map(_factors, ("left", "right", "out"), (left, right, out), self.shape)
        scaled = _nonzero((i, j, k, c * x[i] * y[j] * z[k]) for i, j, k, c in self.constants)
        return trusted(self.shape, scaled, f"scaled {self.name}")

    def composed(
        self,
        left: Sequence[Images] = (),
        right: Sequence[Images] = (),
        out: Sequence[Images] = (),
        width: int | None = None,
    ) -> Bilinear:
        r"""The map with other maps before its factors and after its result.

        Each is given by the images of the basis elements, the coefficients that are not zero, by
        place: $(a, b) \mapsto C(B(A a, A' b))$ for $A e_i$ in `left[i]`, $A' e_j$ in `right[j]` and
        $C e_k$ in `out[k]`.

        Args:
            left: the images of the basis elements of the new left factor; the factor itself if none
                are given.
            right: those of the right factor.
            out: the images of the basis elements of the result.
            width: how many components the new result has; as many as now, unless that is said.

        Example:
            >>> turned = [{1: 1}, {0: -1}]  # times i
            >>> hc.COMPLEX.product.composed(left=turned)((1, 0), (3, 4))
            (-4, 3)
        """
        (left, p), (right, q), (out, r) = map(_whole, (left, right, out))
        constants = self.constants
        if left:
            constants = _composed(constants, 0, _transposed(left, self.shape[0]))
        if right:
            constants = _composed(constants, 1, _transposed(right, self.shape[1]))
        if out:
            constants = _composed(constants, 2, [tuple(image.items()) for image in out])
        constants = _divided(constants, p * q * r)
        widths = (
            len(left) or self.shape[0],
            len(right) or self.shape[1],
            self.shape[2] if width is None else width,
        )
        return trusted(widths, constants, f"composed {self.name}")

    def minus(self, other: Bilinear) -> Bilinear:
        """The difference of two maps of one shape.

        Raises:
            ValueError: if the shapes are not one.
            TypeError: if `other` is no exact map.
        """
        if not isinstance(other, Bilinear):
            raise TypeError(
                f"`other` (={other}) must be a Bilinear, such as the product of an algebra"
            )
        if other.shape != self.shape:
            raise ValueError(
                f"`other` (={other}) of shape {other.shape} must have the shape {self.shape} of "
                f"{self}; its method `between` gives parts"
            )
        total = {(i, j, k): c for i, j, k, c in self.constants}
        for i, j, k, c in other.constants:
            total[i, j, k] = total.get((i, j, k), 0) - c
        constants = _nonzero((*place, c) for place, c in total.items())
        return trusted(self.shape, constants, f"{self.name} minus {other.name}")

    def between(self, left: range, right: range, out: range) -> Bilinear:
        """The map between some of the components only.

        Raises:
            ValueError: if there are no such components.
            TypeError: if an argument is no range.

        Example:
            >>> imaginary = range(1, 4)
            >>> hc.QUATERNION.product.between(imaginary, imaginary, imaginary).terms[0]
            ((1, 2, 1), (2, 1, -1))
        """
        parts = left, right, out
        for argument, part, width in zip(("left", "right", "out"), parts, self.shape, strict=True):
            if not isinstance(part, range):
                raise TypeError(f"`{argument}` (={part!r}) must be a range of components")
            if part and not 0 <= min(part) <= max(part) < width:
                raise ValueError(
                    f"`{argument}` (={part}) must lie inside range({width}), the components of "
                    f"{self} there"
                )
        inside = (
            (left.index(i), right.index(j), out.index(k), c)
            for i, j, k, c in self.constants
            if i in left and j in right and k in out
        )
        shape = len(left), len(right), len(out)
        return trusted(shape, tuple(sorted(inside)), f"part of {self.name}")

    def _moved(
        self, shape: Shape, place: Callable[[int, int, int], tuple[int, int, int]], what: str
    ) -> Bilinear:
        constants = tuple(sorted((*place(i, j, k), c) for i, j, k, c in self.constants))
        return trusted(shape, constants, f"{what} {self.name}")


def trusted(shape: Shape, constants: tuple[Product, ...], name: str) -> Bilinear:
    """The map of constants that are in order, and need not be checked: those of another map."""
    made = object.__new__(Bilinear)
    made._settle(shape, constants, name)
    return made


def _factors(argument: str, numbers: Sequence[Any], width: int) -> Sequence[Any]:
    """A number for each component, 1 if none are given."""
    if not isinstance(numbers, Sequence) or not all(
        isinstance(c, (int, Fraction)) for c in numbers
    ):
        raise TypeError(
            f"`{argument}` (={numbers!r}) must be a sequence of integers or Fractions, so that the "
            "map is exact"
        )
    if numbers and len(numbers) != width:
        raise ValueError(
            f"`{argument}` (={numbers!r}) must hold {width} numbers, one for each component"
        )
    return numbers or (1,) * width


def _whole(images: Sequence[Images]) -> tuple[Sequence[Images], int]:
    """The images times their common denominator, and it: integers are added faster."""
    denominator = lcm(*{c.denominator for image in images for c in image.values()})
    if denominator == 1:
        return images, 1
    return [{k: int(c * denominator) for k, c in image.items()} for image in images], denominator


def _divided(constants: Iterable[Product], denominator: int) -> tuple[Product, ...]:
    """The constants over a denominator, in order; few of them differ."""
    if denominator == 1:
        return _nonzero(constants)
    quotients = {c: plain(Fraction(c) / denominator) for c in {each[3] for each in constants}}
    return tuple(sorted((i, j, k, quotients[c]) for i, j, k, c in constants))


def _transposed(images: Sequence[Images], width: int) -> list[list[tuple[int, Coefficient]]]:
    """For each place the elements whose images hold it, with their coefficients."""
    holders: list[list[tuple[int, Coefficient]]] = [[] for _ in range(width)]
    for i, image in enumerate(images):
        for place, c in image.items():
            holders[place].append((i, c))
    return holders


def _composed(
    constants: Iterable[Product], axis: int, goes: Sequence[Iterable[tuple[int, Coefficient]]]
) -> tuple[Product, ...]:
    """The constants with each index of one axis replaced by those that it goes to, in no order."""
    total: dict[tuple[int, ...], Coefficient] = {}
    for *place, c in constants:
        head, tail = place[:axis], place[axis + 1 :]
        for new, factor in goes[place[axis]]:
            key = (*head, new, *tail)
            total[key] = total.get(key, 0) + c * factor
    return tuple((i, j, k, c) for (i, j, k), c in total.items() if c)


def _nonzero(constants: Iterable[Product]) -> tuple[Product, ...]:
    return tuple(sorted((i, j, k, plain(c)) for i, j, k, c in constants if c != 0))


def plain(c: Coefficient) -> Coefficient:
    """A fraction as an integer if it is one."""
    return c.numerator if c.denominator == 1 else c
