r"""Bilinear maps in fewer products than they have constants.

A *scheme* computes a map by $r$ products of sums of components,

$$B(a, b)_k = \sum_{l=1}^r P_{kl} \Big(\sum_i U_{li}\, a_i\Big) \Big(\sum_j V_{lj}\, b_j\Big),$$

where $U$ is `left`, $V$ is `right` and $P$ is `out`. The factors of a product are never exchanged
and components never multiplied with their own side, so they may be matrices: a weight $a$ and an
input $b$, whose components are matrices, take $r$ real matrix products in place of one for each
constant.

**How layers use it.** The weight is transformed by $U$ once a step, the input by $V$, the products
are summed up by $P$. Both gradients are the same $r$ products, read in other directions: of the
input $V^T\big((U a)^T (P^T g)\big)$, of the weight $U^T\big((P^T g)(V b)^T\big)$, which is what
`of_right` and `of_left` say. A scheme that `scheme` gives has small integers in $V$ and $P$ and
all else in $U$; where the weight is the right factor, take `integral("right")`. In how few
additions such a matrix is applied says `additions.program`, and `lean` has rows that need nothing
else; `amplification` says what it costs in accuracy.

Source:
    P. Bürgisser, M. Clausen, M. A. Shokrollahi, *Algebraic Complexity Theory*, 1997, chapter 14.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from itertools import product as cartesian
from math import ceil, inf, lcm, prod, sqrt
from typing import TYPE_CHECKING, Any, Literal

from hypercomplex.algebra.additions import program
from hypercomplex.algebra.bilinear import Bilinear, plain, trusted
from hypercomplex.algebra.matrices import (
    Matrix,
    Row,
    composed,
    dot,
    entries,
    kronecker,
    placed,
    primitive,
    transposed,
)
from hypercomplex.algebra.tables import Coefficient, Shape

if TYPE_CHECKING:
    from hypercomplex.algebra.algebra import Algebra

__all__ = ["Scheme", "literal"]

SIDES = ("left", "right", "out")
Side = Literal["left", "right", "out"]


@dataclass(frozen=True, repr=False)
class Scheme:
    r"""A bilinear map in $r$ products: $B(a, b)_k = \sum_l P_{kl} (U a)_l (V b)_l$.

    Args:
        left: $U$, for each product a row of numbers, one for each component of `a`.
        right: $V$, for each product a row of numbers, one for each component of `b`.
        out: $P$, for each component of the result a row of numbers, one for each product.

    Raises:
        ValueError: if the matrices do not fit.
        TypeError: if they hold other numbers than integers and fractions.

    Example:
        >>> factors = ((1, 0), (0, 1), (1, 1))
        >>> scheme = Scheme(factors, factors, out=((1, -1, 0), (-1, -1, 1)))
        >>> print(scheme)
        s0 = a0 * b0
        s1 = a1 * b1
        s2 = (a0 + a1) * (b0 + b1)
        c0 = s0 - s1
        c1 = -s0 - s1 + s2
        >>> scheme.computes(hc.COMPLEX)
        True
    """

    left: Matrix
    right: Matrix
    out: Matrix

    def __post_init__(self) -> None:
        for side in SIDES:
            object.__setattr__(self, side, _matrix(side, getattr(self, side)))
        counts = len(self.left), len(self.right), len(self.out[0])
        if len(set(counts)) != 1:
            raise ValueError(
                f"`left` and `right` must have a row for each product, and `out` a column, but "
                f"have {counts[0]}, {counts[1]} and {counts[2]}"
            )

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.left, self.right, self.out))

    def __call__(self, a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, ...]:
        """The image of two elements over any ring of coefficients, commutative or not."""
        s = [dot(u, a) * dot(v, b) for u, v in zip(self.left, self.right, strict=True)]
        return tuple(dot(p, s) for p in self.out)

    def __repr__(self) -> str:
        left, right, out = self.shape
        return f"a scheme of {self.rank} products, ({left}, {right}) → {out}"

    def __str__(self) -> str:
        """The formulas, which Python can run."""
        factors = zip(_sums(self.left, "a"), _sums(self.right, "b"), strict=True)
        products = [f"s{n} = {_bracketed(x)} * {_bracketed(y)}" for n, (x, y) in enumerate(factors)]
        return "\n".join([*products, *(f"c{k} = {x}" for k, x in enumerate(_sums(self.out, "s")))])

    @property
    def rank(self) -> int:
        """The number of products."""
        return len(self.left)

    @property
    def shape(self) -> Shape:
        """How many components both factors and the result have."""
        return len(self.left[0]), len(self.right[0]), len(self.out)

    @cached_property
    def map(self) -> Bilinear:
        """The map that it computes."""
        table: dict[tuple[int, int, int], Coefficient] = {}
        for rows in self.products():
            for (i, x), (j, y), (k, z) in cartesian(*map(entries, rows)):
                table[i, j, k] = table.get((i, j, k), 0) + x * y * z
        constants = tuple(sorted((*place, plain(c)) for place, c in table.items() if c))
        return trusted(self.shape, constants, f"map of {self.rank} products")

    @cached_property
    def amplification(self) -> float:
        r"""How rounding errors grow, in the mean, over those of a product for each constant.

        $$\sqrt{\sum_l |U_l|^2 |V_l|^2 |P_l|^2 \,/\, \sum c_{ijk}^2}$$

        Example:
            >>> hc.algebra.scheme(hc.QUATERNION).amplification ** 2
            2.0000000000000004
        """
        sizes = (prod(map(_size, rows)) for rows in self.products())
        total = sum(c * c for *_, c in self.map.constants)
        return sqrt(sum(sizes) / total) if total else inf

    def products(self) -> Iterator[tuple[Row, Row, Row]]:
        """For each product the sums of both factors, and where it goes."""
        return zip(self.left, self.right, transposed(self.out), strict=True)

    def computes(self, product: Bilinear | Algebra) -> bool:
        r"""Whether $\sum_l P_{kl} U_{li} V_{lj} = c_{ijk}$ for all $i$, $j$ and $k$, exactly.

        Times a common denominator all $c_{ijk}$ are integers, and can be read from one value of the
        map: that of $a_i = X^{mi}$ and $b_j = X^j$ with $m$ components of $b$, where $X$ is a power
        of 2 above twice all that can be summed up (L. Kronecker). There both sides are evaluated.

        Example:
            >>> hc.algebra.scheme(hc.COMPLEX).computes(hc.clifford(1))
            False
        """
        product = product.product
        if product.shape != self.shape:
            return False
        whole = self.integral()
        fractions = [*(c for row in whole.left for c in row), *(c for *_, c in product.constants)]
        scale = lcm(*(c.denominator for c in fractions))
        sums = sum(prod(map(_largest, rows)) for rows in whole.products())
        sums += _largest([c for *_, c in product.constants])
        bits, m = (sums * scale).bit_length() + 1, self.shape[1]
        a = [scale << bits * m * i for i in range(self.shape[0])]
        b = [1 << bits * j for j in range(m)]
        return whole(a, b) == product(a, b)

    # ------------------------------------------------------------------ the same, otherwise

    @cached_property
    def of_left(self) -> Scheme:
        """The scheme of the gradient of the left factor, `map.of_left`."""
        return Scheme(transposed(self.out), self.right, transposed(self.left))

    @cached_property
    def of_right(self) -> Scheme:
        """The scheme of the gradient of the right factor, `map.of_right`."""
        return Scheme(self.left, transposed(self.out), transposed(self.right))

    @cached_property
    def swapped(self) -> Scheme:
        """The scheme of `map.swapped`: the factors of each product, which are numbers, change."""
        return Scheme(self.right, self.left, self.out)

    def integral(self, scale: Side = "left") -> Scheme:
        """The scheme with the smallest integers on two sides of each product, and all that is left
        on the side `scale`: that of the weight, which is transformed once for many inputs.

        Example:
            >>> print(hc.algebra.scheme(hc.clifford(1)).integral("right"))
            s0 = (a0 + a1) * ((b0 + b1) / 2)
            s1 = (a0 - a1) * ((b0 - b1) / 2)
            c0 = s0 + s1
            c1 = s0 - s1
        """
        side = SIDES.index(scale)
        left, right, out = zip(*(_integral(rows, side) for rows in self.products()), strict=True)
        return self._with(left, right, out)

    def lean(self, scale: Side = "left") -> Scheme:
        """The scheme with rows on two sides for which additions are all that is to be done, there
        and in the gradients: a `program` of theirs ends without a factor. The side `scale` has it.

        Example:
            >>> from hypercomplex.algebra.additions import program
            >>> best = hc.algebra.scheme(hc.OCTONION)
            >>> sorted({c for _, c in program(best.right).outputs})
            [-3, -1, 1, 3]
            >>> {c for _, c in program(best.lean().right).outputs}
            {1}
        """
        sides = [self.left, self.right, transposed(self.out)]
        total: list[Coefficient] = [1] * self.rank
        for m, rows in enumerate(sides):
            if m != SIDES.index(scale):
                factors = [c or 1 for _, c in program(rows).outputs]
                sides[m] = _scaled(rows, [Fraction(1) / c for c in factors])
                total = [c * d for c, d in zip(total, factors, strict=True)]
        sides[SIDES.index(scale)] = _scaled(sides[SIDES.index(scale)], total)
        return self._with(*sides)

    def _with(self, left: Matrix, right: Matrix, back: Matrix) -> Scheme:
        """A scheme of the same map, which is not worked out twice."""
        other = Scheme(left, right, transposed(back))
        return known(other, self.map) if "map" in self.__dict__ else other

    # ------------------------------------------------------------------ schemes made of schemes

    def moved(self, left: Matrix, right: Matrix, out: Matrix) -> Scheme:
        """The scheme of `(a, b) ↦ out · B(left · a, right · b)`: of the map in other bases.

        Example:
            >>> turned = ((0, 1), (-1, 0))
            >>> hc.algebra.scheme(hc.COMPLEX).moved(turned, turned, turned).map((1, 0), (0, 1))
            (-1, 0)
        """
        return Scheme(
            composed(self.left, left), composed(self.right, right), composed(out, self.out)
        )

    def plus(self, other: Scheme) -> Scheme:
        """The scheme of the sum of two maps of one shape."""
        out = tuple((*x, *y) for x, y in zip(self.out, other.out, strict=True))
        return Scheme(self.left + other.left, self.right + other.right, out)

    def among(
        self, left: Sequence[int], right: Sequence[int], out: Sequence[int], shape: Shape
    ) -> Scheme:
        """The scheme of the map between the components at these places, of so many."""
        x, y, z = (placed(places, n) for places, n in zip((left, right, out), shape, strict=True))
        return self.moved(x, y, transposed(z))

    def direct_sum(self, other: Scheme) -> Scheme:
        """The scheme of `(a, a'), (b, b') ↦ (B(a, b), B'(a', b'))`.

        Example:
            >>> one = literal(hc.REAL.product)
            >>> print(one.direct_sum(one))
            s0 = a0 * b0
            s1 = a1 * b1
            c0 = s0
            c1 = s1
        """
        (n, m, o), (p, q, r) = self.shape, other.shape
        shape = n + p, m + q, o + r
        first = self.among(range(n), range(m), range(o), shape)
        return first.plus(other.among(range(n, n + p), range(m, m + q), range(o, o + r), shape))

    def tensor(self, other: Scheme) -> Scheme:
        """The scheme of the tensor product, with `n` components for each of the first factor."""
        return Scheme(
            kronecker(self.left, other.left),
            kronecker(self.right, other.right),
            kronecker(self.out, other.out),
        )


def literal(product: Bilinear) -> Scheme:
    """A product for each pair of components that has one.

    Example:
        >>> print(literal(hc.cayley_dickson(hc.REAL, 0).product))  # dual numbers
        s0 = a0 * b0
        s1 = a0 * b1
        s2 = a1 * b0
        c0 = s0
        c1 = s1 + s2
    """
    pairs: dict[tuple[int, int], dict[int, Coefficient]] = {}
    for i, j, k, c in product.constants:
        pairs.setdefault((i, j), {})[k] = c
    n, m, o = product.shape
    left, right = placed((i for i, _ in pairs), n), placed((j for _, j in pairs), m)
    out = (tuple(row.get(k, 0) for row in pairs.values()) for k in range(o))
    return known(Scheme(left, right, tuple(out)), product)


def known(scheme: Scheme, product: Bilinear) -> Scheme:
    """The scheme, which need not find out that this is its map."""
    scheme.__dict__["map"] = product
    return scheme


def _integral(rows: tuple[Row, Row, Row], side: int) -> list[tuple[Coefficient, ...]]:
    """A product with all factors that are common to a row on one side."""
    parts = [primitive(row) for row in rows]
    total = prod(factor for _, factor in parts)
    found: list[tuple[Coefficient, ...]] = [row for row, _ in parts]
    found[side] = tuple(plain(total * c) for c in found[side])
    return found


def _matrix(side: str, rows: Any) -> Matrix:
    """The rows as tuples, checked."""
    if not isinstance(rows, Sequence) or not all(isinstance(row, Sequence) for row in rows):
        raise TypeError(
            f"`{side}` (={rows!r}) must be a sequence of rows of integers and Fractions"
        )
    if not rows or len(set(map(len, rows))) != 1:
        raise ValueError(f"`{side}` (={rows!r}) must hold rows of one width, at least one")
    for kind in set(map(type, chain.from_iterable(rows))) - {int, Fraction}:
        raise TypeError(
            f"`{side}` holds {kind.__name__}; a scheme is exact, of integers and Fractions alone"
        )
    return tuple(map(tuple, rows))


def _scaled(rows: Matrix, factors: Sequence[Coefficient]) -> Matrix:
    """Each row times its number."""
    return tuple(tuple(plain(c * x) for x in row) for row, c in zip(rows, factors, strict=True))


def _size(row: Row) -> float:
    """The squared length of a row."""
    whole, factor = primitive(row)
    return float(factor) ** 2 * sum(c * c for c in whole)


def _largest(row: Row) -> int:
    return max((max(ceil(c), ceil(-c)) for c in row), default=0)


def _sums(rows: Matrix, letter: str) -> Iterator[str]:
    """Each row as a sum of variables, integers over one denominator."""
    for row in rows:
        denominator = lcm(*(c.denominator for c in row))
        terms = [f"{_multiple(c * denominator)}{letter}{m}" for m, c in entries(row)]
        text = " + ".join(terms).replace("+ -", "- ") or "0"
        yield text if denominator == 1 else f"{_bracketed(text)} / {denominator}"


def _multiple(c: Coefficient) -> str:
    return {1: "", -1: "-"}.get(int(c), f"{c}*")


def _bracketed(text: str) -> str:
    return f"({text})" if " " in text or text.startswith("-") else text
