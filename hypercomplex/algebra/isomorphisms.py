r"""Isomorphisms of algebras, exact: a linear map, or an invariant that differs.

What is the same in isomorphic algebras is compared first: dimension, laws, centre, nucleus,
radical, signature, simple parts, derivations. Then a map is looked for. It is fixed by what it
makes of generators, and those can go to elements only whose multiplications have the same traces
and ranks, up to a factor, which the traces tell. Basis elements are tried, so that signed
permutations are found first, then sums and differences of a few; the images of all products follow,
and each that is reached twice must agree. Semisimple algebras are then compared by their smallest
modules. A map that is found is proved on the whole table. Where none is, forms over the rational
numbers may show that there is none with fractions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product
from math import isqrt
from typing import Any, overload

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.elements import Element
from hypercomplex.algebra.ideals import annihilators, derived_series, lower_series
from hypercomplex.algebra.laws import decide
from hypercomplex.algebra.linear import (
    Echelon,
    Row,
    inverse,
    rank,
    row_times,
    signature,
    sparse_row,
)
from hypercomplex.algebra.modules import by_modules
from hypercomplex.algebra.rational import rational_class
from hypercomplex.algebra.sparse import Sparse, Table, added, dense, generators, sparse_table, times
from hypercomplex.algebra.structure import centre, derivations, killing, nucleus, radical

__all__ = ["Isomorphism", "isomorphism"]

_LAWS = (
    "commutative",
    "anticommutative",
    "associative",
    "alternative",
    "flexible",
    "power_associative",
    "jordan",
    "lie",
)
_MOST_DERIVATIONS = 28  # dimensions, in seconds
_MOST_TRIALS = 20_000
_FEW = 8  # dimensions


@dataclass(frozen=True, repr=False)
class Isomorphism:
    """The verdict on two algebras: a linear map that keeps products, or what differs.

    It is true if there is a map. Called with an element, it gives its image: an element of the
    target, or coefficients for coefficients. Conjugations are no part of it.

    Example:
        >>> f = isomorphism(hc.SPLIT_QUATERNION, hc.clifford(2))
        >>> f
        Isomorphism(SPLIT_QUATERNION → Cl(2,0): 1 ↦ 1, i ↦ e12, j ↦ e1, k ↦ -e2)
        >>> f((1, 2, 3, 4))
        (1, 3, -4, 2)
        >>> f(hc.SPLIT_QUATERNION.element("1+2i"))
        1+2*e12
        >>> isomorphism(hc.QUATERNION, hc.clifford(2))
        Isomorphism(QUATERNION → Cl(2,0): none, since the simple parts are ℍ and M₂(ℝ))
    """

    source: Algebra
    """The algebra that is mapped."""
    target: Algebra
    """The algebra that it is mapped to."""
    images: tuple[tuple[Any, ...], ...] | None
    """The image of each basis element, as coefficients; None if there is no isomorphism."""
    difference: str | None = field(default=None)
    """What tells the algebras from each other, if they are not isomorphic."""

    def __bool__(self) -> bool:
        return self.images is not None

    @overload
    def __call__(self, a: Element) -> Element: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, a: Sequence[Any]) -> tuple[Any, ...]: ...
    def __call__(self, a: Sequence[Any]) -> Sequence[Any]:
        """The image of an element, over any ring of coefficients.

        Raises:
            ValueError: if there is no isomorphism, or there are more or fewer coefficients than
                `source` has units.
            TypeError: if it is a number of another algebra.
        """
        columns = zip(*self._images(), strict=True)
        self.source._check_element("a", a)
        image = tuple(sum(x * c for x, c in zip(a, column, strict=True) if c) for column in columns)
        return Element(self.target, image) if isinstance(a, Element) else image

    @property
    def inverse(self) -> Isomorphism:
        """The map back.

        Raises:
            ValueError: if there is no isomorphism.
        """
        back = inverse([sparse_row(row) for row in self._images()])
        assert back is not None
        n = self.target.dimension
        return Isomorphism(self.target, self.source, tuple(dense(row, n) for row in back))

    def _images(self) -> tuple[tuple[Any, ...], ...]:
        if self.images is None:
            raise ValueError(f"there is no map from {self.source} to {self.target}: {self}")
        return self.images

    def __repr__(self) -> str:
        if self.images is None:
            said = f"none, since {self.difference}"
        else:
            pairs = zip(self.source.units, self.images, strict=True)
            said = ", ".join(f"{unit} ↦ {self.target.format(x)}" for unit, x in pairs)
        return f"Isomorphism({self.source} → {self.target}: {said})"


def isomorphism(A: Algebra, B: Algebra) -> Isomorphism:
    """An isomorphism from one algebra to another, or what tells them from each other.

    Raises:
        NotImplementedError: if neither is found.
    """
    return replace(_isomorphism(A, B), source=A, target=B)  # by these names


@lru_cache(256)
def _isomorphism(A: Algebra, B: Algebra) -> Isomorphism:
    for (what, mine), (_, other) in zip(_invariants(A), _invariants(B)):
        if mine != other:
            return Isomorphism(A, B, None, f"{what} {mine} and {other}")
    found = _Search(A, B).found()
    if found is not None:
        return Isomorphism(A, B, found)
    semisimple = decide(A, "associative") and not radical(A)
    if semisimple and (images := _by_modules(A, B)):
        return Isomorphism(A, B, images)
    back = _Search(B, A).found()
    if back is not None:
        return Isomorphism(B, A, back).inverse
    known = f"both are {A.wedderburn}, so there is one over the reals" if semisimple else ""
    mine, other = (rational_class(killing(each)) for each in (A, B))
    if mine and other and mine != other:
        raise NotImplementedError(
            f"no isomorphism of {A} and {B} has coefficients that are fractions: tr L(x) L(y) are "
            f"forms {mine}, and {other}; {known or 'over the reals nothing tells them apart'}"
        )
    raise NotImplementedError(
        f"whether {A} and {B} are isomorphic is not decided with fractions: "
        f"{known or 'no invariant tells them from each other'}, but none was found that maps "
        "generators to multiples of units, or of sums and differences of a few, or that follows "
        "from smallest modules"
    )


def _by_modules(A: Algebra, B: Algebra) -> tuple[tuple[Any, ...], ...] | None:
    """The images under an isomorphism of semisimple algebras, which is proved."""
    try:
        rows = by_modules(A, B, _rows)
    except NotImplementedError:  # no smallest module is found with fractions
        return None
    n = A.dimension
    if rows is None or rank(rows) < n or not _Search(A, B).keeps_products(dict(enumerate(rows))):
        return None
    return tuple(tuple(map(plain, dense(x, n))) for x in rows)


def _rows(A: Algebra, B: Algebra) -> list[Row] | None:
    """The images under an isomorphism, None if there is none or none is found."""
    try:
        images = _isomorphism(A, B).images
    except NotImplementedError:
        return None
    return None if images is None else [*map(sparse_row, images)]


def _invariants(A: Algebra) -> Iterator[tuple[str, Any]]:
    """What isomorphic algebras share, each with the words before it; of two algebras that agree so
    far it is the same list.
    """
    n = A.dimension
    yield "the dimensions are", n
    yield "having a unit is", A.unit is not None
    for law in _LAWS:
        yield f"being {law.replace('_', '-')} is", bool(decide(A, law))
    yield "the centres have dimension", len(centre(A))
    yield "the nuclei have dimension", len(nucleus(A))
    if A.unit is None:
        lengths = [[*map(len, series(A))] for series in (lower_series, derived_series)]
        yield "the series of products have dimensions", lengths
        yield "what annihilates all has dimensions", _annihilating(A, [{i: 1} for i in range(n)])
    if decide(A, "alternative"):
        yield "the simple parts are", str(A.wedderburn)
    yield "the signatures of tr L(x) L(y) are", signature(killing(A))
    if decide(A, "jordan") or decide(A, "lie"):
        yield "the radicals have dimension", len(radical(A))
    if any(decide(A, law) for law in ("alternative", "jordan", "lie")):
        yield "what annihilates the radicals has dimensions", _annihilating(A, radical(A))
    if n <= _MOST_DERIVATIONS:
        yield "the derivations have dimension", len(derivations(A))


def _annihilating(A: Algebra, space: list[Row]) -> tuple[int, ...]:
    """The dimensions of what annihilates a space: from the left, from the right, and from both."""
    left, right, both = annihilators(A, space)
    return len(left), len(right), len(both)


class _Search:
    """Looks for a map, generator by generator."""

    def __init__(self, A: Algebra, B: Algebra) -> None:
        self.A, self.B = A, B
        self.mine, self.theirs = sparse_table(A), sparse_table(B)
        self.generators = generators(self.mine, A.dimension, A.begins_with_one, self._rigid_first())
        self.trials = 0

    def _rigid_first(self) -> list[int]:
        """The basis elements of A, those last whose traces vanish and tell little."""
        n = self.A.dimension
        flat = [not any(_character(self.mine, n, {i: 1})[0]) for i in range(n)]
        return sorted(range(n), key=lambda i: flat[i])

    def found(self) -> tuple[tuple[Any, ...], ...] | None:
        """The images of all basis elements; None if no map is found."""
        start: dict[int, Sparse] = {}
        if self.A.begins_with_one:
            start[0] = sparse_row(self.B.unit or ())
        images = self._extended(start, 0)
        if images is None:
            return None
        n = self.A.dimension
        return tuple(tuple(map(plain, dense(images[i], n))) for i in range(n))

    def _extended(self, images: dict[int, Sparse], depth: int) -> dict[int, Sparse] | None:
        left = [g for g in self.generators[depth:] if g not in images]
        if not left:
            complete = len(images) == self.A.dimension
            return images if complete and self.keeps_products(images) else None
        g = left[0]
        for image in self._candidates(g):
            self.trials += 1
            if self.trials > _MOST_TRIALS:
                return None
            more = self._closed(images, g, image)
            if more is not None:
                complete_map = self._extended(more, depth + 1)
                if complete_map is not None:
                    return complete_map
        return None

    def _candidates(self, g: int) -> Iterator[Sparse]:
        """Multiples of small elements that multiply as the basis element does."""
        wanted = _character(self.mine, self.A.dimension, {g: 1})
        for x in _small(self.B.dimension):
            there = _character_of(self.B, tuple(x.items()))
            for factor in _factors(wanted, there):
                yield {k: c * factor for k, c in x.items()}

    def _closed(self, images: dict[int, Sparse], g: int, image: Sparse) -> dict[int, Sparse] | None:
        """The images of all basis elements that are products; None if some disagree."""
        found = dict(images)
        space = Echelon(found.values())
        if not space.add(image):
            return None
        found[g] = image
        fresh = [g]
        while fresh:
            i = fresh.pop()
            for j in list(found):
                for pair in {(i, j), (j, i)}:
                    new = self._follows(found, *pair)
                    if new is None:
                        return None
                    for k, x in new.items():
                        if not space.add(x):
                            return None
                        found[k] = x
                        fresh.append(k)
        return found

    def _follows(self, found: dict[int, Sparse], i: int, j: int) -> dict[int, Sparse] | None:
        """What a product says of one image that is not known; None if it contradicts the others."""
        row = self.mine.get((i, j), {})
        unknown = [k for k in row if k not in found]
        if len(unknown) > 1:
            return {}
        rest = times(self.theirs, found[i], found[j])
        for k, c in row.items():
            if k in found:
                rest = added(rest, found[k], -c)
        if unknown:
            k = unknown[0]
            return {k: {m: Fraction(c) / row[k] for m, c in rest.items()}}
        return None if rest else {}

    def keeps_products(self, images: dict[int, Sparse]) -> bool:
        return all(self._follows(images, i, j) == {} for i in images for j in images)


Character = tuple[tuple[Any, ...], tuple[int, ...]]


@lru_cache(1 << 14)
def _character_of(algebra: Algebra, x: tuple[tuple[int, Any], ...]) -> Character:
    return _character(sparse_table(algebra), algebra.dimension, dict(x))


def _character(table: Table, n: int, x: Sparse) -> Character:
    """The traces of the first three powers of `y ↦ xy` and `y ↦ yx`, by degree, and their ranks."""
    left = [times(table, x, {j: 1}) for j in range(n)]
    right = [times(table, {j: 1}, x) for j in range(n)]
    traces: list[Any] = []
    for degree in (1, 2, 3):
        for matrix in (left, right):
            power: Sequence[Row] = matrix
            for _ in range(degree - 1):
                power = [row_times(row, matrix) for row in power]
            traces.append(sum((row.get(i, 0) for i, row in enumerate(power)), 0))
    return tuple(traces), (rank(left), rank(right))


def _factors(wanted: Character, there: Character) -> list[Fraction | int]:
    """The `s` for which `s x` has the wanted traces."""
    if wanted[1] != there[1]:
        return []
    found: list[Fraction | int] = [1, -1]
    for k, (a, b) in enumerate(zip(wanted[0], there[0], strict=True)):
        if b:
            found = _roots(Fraction(a) / b, k // 2 + 1)
            break
    traces = list(enumerate(zip(wanted[0], there[0], strict=True)))
    return [s for s in found if all(a == b * s ** (k // 2 + 1) for k, (a, b) in traces)]


def _roots(c: Fraction, degree: int) -> list[Fraction | int]:
    """The fractions `s ≠ 0` with `s^degree = c`, for degrees 1 and 2, and 1 or -1 for degree 3."""
    if degree == 1:
        return [c] if c else []
    if degree == 2 and c > 0:
        p, q = isqrt(c.numerator), isqrt(c.denominator)
        s = Fraction(p, q)
        return [s, -s] if s * s == c else []
    return [int(c)] if degree == 3 and c in (1, -1) else []


def _small(n: int) -> Iterator[Sparse]:
    """Basis elements, then sums and differences of two, and of three if those are few."""
    for many in (1, 2, 3) if n <= _FEW else (1, 2):
        for places in combinations(range(n), many):
            for signs in product((1, -1), repeat=many - 1):
                yield dict(zip(places, (1, *signs), strict=True))
