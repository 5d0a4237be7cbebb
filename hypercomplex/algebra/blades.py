r"""What a Clifford algebra is besides an algebra: its grades, and the products by grades.

The basis are the exterior products of the generators, the blades, each of the grade that says how
many they are. Of the product of blades of grades r and s the part of one grade is a product of its
own: $r + s$ gives the exterior product, $s - r$ the contraction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import Bilinear, plain, trusted
from hypercomplex.algebra.clifford import clifford, parities_above
from hypercomplex.algebra.matrices import Matrix
from hypercomplex.algebra.rotors import Rotors
from hypercomplex.algebra.sparse import added, sparse_table
from hypercomplex.algebra.tables import Coefficient

if TYPE_CHECKING:
    from hypercomplex.algebra.equivariance import Equivariance

__all__ = ["Blades"]

Keep = Callable[[int, int, int], bool]
"""Whether a part of a product counts, by the grades of both factors and its own."""


class Blades:
    r"""The blades of a Clifford algebra, and the products that their grades make.

    `algebra.blades` has them. They are found in the table, so that `QUATERNION`, which is Cl(0, 2),
    has them too: generators stand at the places 1, 2, 4 …, and the table is that of their metric.

    Attributes:
        algebra: the algebra.
        metric: the matrix of $g_{ab} = (e_a e_b + e_b e_a) / 2$.
        of: the grade of each blade, in the order of the basis.

    Raises:
        ValueError: if the basis are not the blades of generators, in bitmask order.

    Source:
        L. Dorst, D. Fontijne, S. Mann, *Geometric Algebra for Computer Science*, 2007, chapters 2,
        3 and 6.
    """

    def __init__(self, algebra: Algebra) -> None:
        n = algebra.dimension.bit_length() - 1
        metric = _metric(algebra, n)
        if metric is None or (n and clifford(metric=metric).product != algebra.product):
            raise ValueError(
                f"`algebra` (={algebra}) has no grades: its basis are not the blades of generators "
                "1, e1, e2, e12, e3 …; take clifford(p, q, r), or map its numbers there with "
                "`isomorphism_to`"
            )
        self.algebra = algebra
        self.metric = metric
        self.of = tuple(blade.bit_count() for blade in range(1 << n))

    @property
    def generators(self) -> int:
        """How many generators there are."""
        return len(self.metric)

    def places(self, grades: Iterable[int]) -> tuple[int, ...]:
        """Where the blades of these grades stand, in the order of the basis.

        Example:
            >>> hc.clifford(3).blades.places((1,))
            (1, 2, 4)
        """
        wanted = frozenset(grades)
        return tuple(place for place, grade in enumerate(self.of) if grade in wanted)

    # ------------------------------------------------------------------ signs

    @cached_property
    def reverse(self) -> tuple[int, ...]:
        r"""The sign of each blade with its factors in reverse, $(-1)^{g(g-1)/2}$."""
        return tuple((-1) ** (g * (g - 1) // 2) for g in self.of)

    @cached_property
    def involute(self) -> tuple[int, ...]:
        r"""The sign of each blade when generators change theirs, $(-1)^g$."""
        return tuple((-1) ** g for g in self.of)

    @cached_property
    def conjugate(self) -> tuple[int, ...]:
        r"""Both, $(-1)^{g(g+1)/2}$."""
        return tuple((-1) ** (g * (g + 1) // 2) for g in self.of)

    @cached_property
    def complement(self) -> tuple[tuple[int, int], ...]:
        r"""For each blade $x$ the place and the sign of $\bar x$ with $x \wedge \bar x = I$, the
        highest blade.

        Example:
            >>> hc.clifford(2).blades.complement  # e1 ∧ e2 = e12, but e2 ∧ e1 = -e12
            ((3, 1), (2, 1), (1, -1), (0, 1))
        """
        whole = len(self.of) - 1
        return tuple((whole ^ x, sign) for x, sign in enumerate(self.complement_signs))

    @cached_property
    def complement_signs(self) -> tuple[int, ...]:
        """The signs of the complements alone, whose places are those of the blades from the end."""
        whole = len(self.of) - 1
        return tuple(_sign(x, whole ^ x) for x in range(whole + 1))

    # ------------------------------------------------------------------ products

    def graded(self, keep: Keep, name: str) -> Bilinear:
        """The parts of the product that count, by the grades of both factors and of the part."""
        of = self.of
        constants = (each for each in self.algebra.products if keep(*(of[m] for m in each[:3])))
        return trusted(self.algebra.product.shape, tuple(constants), f"{name} of {self.algebra}")

    @cached_property
    def wedge(self) -> Bilinear:
        r"""The exterior product, grade $r + s$."""
        return self.graded(lambda r, s, k: k == r + s, "exterior product")

    @cached_property
    def left_contraction(self) -> Bilinear:
        r"""$a \rfloor b$, grade $s - r$."""
        return self.graded(lambda r, s, k: k == s - r, "left contraction")

    @cached_property
    def right_contraction(self) -> Bilinear:
        r"""$a \lfloor b$, grade $r - s$."""
        return self.graded(lambda r, s, k: k == r - s, "right contraction")

    @cached_property
    def inner(self) -> Bilinear:
        r"""The inner product, grade $|r - s|$."""
        return self.graded(lambda r, s, k: k == abs(r - s), "inner product")

    @cached_property
    def scalar_product(self) -> Bilinear:
        r"""$\langle a b \rangle_0$, of one component."""
        product = self.algebra.product.between(*map(range, (len(self.of), len(self.of), 1)))
        return product.named(f"scalar product of {self.algebra}")

    @cached_property
    def commutator(self) -> Bilinear:
        r"""$(ab - ba) / 2$, under which bivectors are a Lie algebra."""
        half = self.algebra.commutator.scaled(out=(Fraction(1, 2),) * len(self.of))
        return half.named(f"commutator product of {self.algebra}")

    @cached_property
    def anticommutator(self) -> Bilinear:
        r"""$(ab + ba) / 2$."""
        return self.algebra.plus.product.named(f"anticommutator product of {self.algebra}")

    @cached_property
    def regressive(self) -> Bilinear:
        r"""$a \vee b$, by $\overline{a \vee b} = \bar a \wedge \bar b$ with `complement`s, whatever
        the metric is.
        """
        there = self.complement
        back = {place: (x, sign) for x, (place, sign) in enumerate(there)}
        constants = []
        for i, j, k, c in self.wedge.constants:
            (a, x), (b, y), (out, z) = back[i], back[j], back[k]
            constants.append((a, b, out, c * x * y * z))
        shape, name = self.wedge.shape, f"regressive product of {self.algebra}"
        return trusted(shape, tuple(sorted(constants)), name)

    @cached_property
    def twisted(self) -> Bilinear:
        r"""$(-1)^{rs} a b$: times $a^{-1}$ a reflection of the vector b if a is one, and an
        automorphism in b for each versor a.
        """
        of = self.of
        constants = tuple(
            (i, j, k, -c if of[i] & of[j] & 1 else c) for i, j, k, c in self.algebra.products
        )
        return trusted(self.algebra.product.shape, constants, f"twisted product of {self.algebra}")

    @cached_property
    def square(self) -> Bilinear:
        r"""$x \tilde x$, of two equal factors: what cancels then is left out."""
        product = self.algebra.product.scaled(right=self.reverse)
        total: dict[tuple[int, int, int], Coefficient] = {}
        for i, j, k, c in product.constants:
            place = min(i, j), max(i, j), k
            total[place] = total.get(place, 0) + c
        constants = tuple((*place, c) for place, c in sorted(total.items()) if c)
        return trusted(product.shape, constants, f"reversed square of {self.algebra}")

    @cached_property
    def form(self) -> tuple[tuple[int, int, Coefficient], ...]:
        r"""$\langle x \tilde x \rangle_0$ as a quadratic form: pairs of components, and of each
        product the factor.

        Example:
            >>> hc.clifford(1, 1).blades.form
            ((0, 0, 1), (1, 1, 1), (2, 2, -1), (3, 3, -1))
        """
        return tuple((i, j, c) for i, j, k, c in self.square.constants if k == 0)

    @cached_property
    def regular(self) -> tuple[int, ...]:
        r"""The places of blades that stand in the form, of square other than 0.

        Example:
            >>> hc.clifford(1, 0, 1).blades.regular  # 1 and e1, but neither e2 nor e12
            (0, 1)
        """
        return tuple(sorted({place for i, j, _ in self.form for place in (i, j)}))

    @cached_property
    def rotors(self) -> Rotors:
        """The products of bivectors, scalars and 4-vectors."""
        return Rotors(self)

    # ------------------------------------------------------------------ duals

    @cached_property
    def pseudoscalar_square(self) -> Coefficient:
        r"""$I^2$ of the highest blade, 0 exactly where the metric is degenerate.

        Example:
            >>> hc.clifford(3).blades.pseudoscalar_square, hc.PGA.blades.pseudoscalar_square
            (-1, 0)
        """
        top = len(self.of) - 1
        found = [c for i, j, k, c in self.algebra.products if (i, j, k) == (top, top, 0)]
        return found[0] if found else 0

    @cached_property
    def unpolarity(self) -> Bilinear:
        r"""$x \mapsto x I$, with a right factor of one component, the multiple of $I$."""
        n = len(self.of)
        part = self.algebra.product.between(range(n), range(n - 1, n), range(n))
        return part.named(f"product with the pseudoscalar of {self.algebra}")

    @cached_property
    def polarity(self) -> Bilinear:
        r"""$x \mapsto x I^{-1}$, in the same way.

        Raises:
            ValueError: if $I^2 = 0$.
        """
        if not self.pseudoscalar_square:
            raise ValueError(
                f"`algebra` (={self.algebra}) has a degenerate metric, in which the pseudoscalar "
                "has no inverse and there is no polarity; take `hodge`, which asks no metric"
            )
        inverse = (1 / Fraction(self.pseudoscalar_square),)
        return self.unpolarity.scaled(right=inverse).named(self.unpolarity.name)

    # ------------------------------------------------------------------ the group

    @cached_property
    def equivariance(self) -> Equivariance:
        """What commutes with the products of vectors: see `Equivariance`."""
        from hypercomplex.algebra.equivariance import Equivariance

        return Equivariance(self)

    # ------------------------------------------------------------------ some grades only

    def between(
        self, product: Bilinear, left: Sequence[int], right: Sequence[int]
    ) -> tuple[Bilinear, tuple[int, ...]]:
        r"""A product of numbers that hold some grades only, and the grades of the result.

        Its components are the blades of these grades, in the order of the basis; grades that no
        product of such blades has are left out of the result.

        Example:
            >>> blades = hc.clifford(4, 1).blades
            >>> product, grades = blades.between(hc.clifford(4, 1).product, (1,), (1,))
            >>> product.shape, grades  # 25 products, not 1024
            ((5, 5, 11), (0, 2))
        """
        rows, columns = (
            {place: m for m, place in enumerate(self.places(g))} for g in (left, right)
        )
        inside = [each for each in product.constants if each[0] in rows and each[1] in columns]
        out = tuple(sorted({self.of[k] for _, _, k, _ in inside}))
        results = {place: m for m, place in enumerate(self.places(out))}
        constants = tuple((rows[i], columns[j], results[k], c) for i, j, k, c in inside)
        shape = len(rows), len(columns), len(results)
        return trusted(shape, tuple(sorted(constants)), product.name), out


def _sign(a: int, b: int) -> int:
    """Of the exterior product of two blades without common generators."""
    return (-1) ** (parities_above(a) & b).bit_count()


def _metric(algebra: Algebra, n: int) -> Matrix | None:
    """The matrix of the products of what stands where generators do; None if these anticommute to
    more than numbers.
    """
    if algebra.dimension != 1 << n or not algebra.begins_with_one:
        return None
    table = sparse_table(algebra)
    g: list[list[Coefficient]] = [[0] * n for _ in range(n)]
    for a, b in [*combinations(range(n), 2), *((a, a) for a in range(n))]:
        x, y = 1 << a, 1 << b
        twice = added(table.get((x, y), {}), table.get((y, x), {}))
        if {*twice} - {0}:
            return None
        g[a][b] = g[b][a] = plain(Fraction(twice.get(0, 0)) / 2)
    return tuple(map(tuple, g))
