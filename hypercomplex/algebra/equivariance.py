r"""What commutes with the group of a Clifford algebra: linear maps, products by grades, invariants.

Products of invertible vectors are the group Pin. Such a $w$ acts on every number $x$ by
$\rho(w)(x) = w x w^{-1}$, with the grade involution $\hat x$ in the place of $x$ if it is a product
of an odd number of vectors: by reflections, and all that they make. The action keeps products and
grades. So whatever is written in grades and products commutes with it, with one weight for each
grade, or for each way in which grades multiply.

All of it is bilinear, and exact: weights, or numbers, times numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from hypercomplex.algebra import linear
from hypercomplex.algebra.bilinear import Bilinear, trusted
from hypercomplex.algebra.tables import Coefficient, Product

if TYPE_CHECKING:
    from hypercomplex.algebra.blades import Blades

__all__ = ["Equivariance", "Result"]

Path = tuple[int, int, int]
"""The grades of both factors, and that of the part of their product."""


class Result(NamedTuple):
    """One grade of a product: its blades, and what stands where for it."""

    blades: tuple[int, ...]
    paths: slice
    parts: slice


class Equivariance:
    r"""The bilinear maps that equivariant layers are made of.

    `algebra.blades.equivariance` has them.

    Source:
        D. Ruhe, J. Brandstetter, P. Forré, *Clifford Group Equivariant Neural Networks*, NeurIPS
        2023, section 3; J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, section
        3.
    """

    def __init__(self, blades: Blades) -> None:
        self.blades = blades

    @property
    def grades(self) -> int:
        """How many grades there are."""
        return self.blades.generators + 1

    # ------------------------------------------------------------------ linear maps

    @cached_property
    def invariants(self) -> tuple[tuple[Coefficient, ...], ...]:
        """The numbers that the group leaves alone: 1, and the exterior products of the vectors that
        are orthogonal to all.

        Example:
            >>> len(hc.clifford(3).blades.equivariance.invariants)  # 1
            1
            >>> [hc.PGA.element(x) for x in hc.PGA.blades.equivariance.invariants]
            [1, e0]
        """
        n, blades = self.blades.algebra.dimension, self.blades
        null = linear.nullspace(map(linear.sparse_row, blades.metric), blades.generators)
        vectors = [tuple(row.get(a.bit_length() - 1, 0) * _is_generator(a) for a in range(n))
                   for row in null]  # fmt: skip
        found = []
        for size in range(len(vectors) + 1):
            for some in combinations(vectors, size):
                product: tuple[Coefficient, ...] = (1, *(0,) * (n - 1))
                for v in some:
                    product = blades.wedge(product, v)
                found.append(product)
        return tuple(found)

    @cached_property
    def maps(self) -> Bilinear:
        r"""Weights times a number: $\sum_{Ng} w_{Ng}\, N \wedge \langle x\rangle_g$ over the
        `invariants` N and the grades g, all linear maps that commute with the group.

        Those of $N = 1$ come first, the projections to grades.

        Example:
            >>> hc.clifford(3).blades.equivariance.maps.shape  # a weight for each grade
            (4, 8, 8)
            >>> hc.PGA.blades.equivariance.maps.shape  # five grades, and e0 before four of them
            (9, 16, 16)
        """
        rows = [list(self._map(N, g)) for N in self.invariants for g in range(self.grades)]
        rows = [row for row in rows if row]
        constants = sorted((w, i, k, c) for w, row in enumerate(rows) for i, k, c in row)
        n = self.blades.algebra.dimension
        name = f"equivariant maps of {self.blades.algebra}"
        return trusted((len(rows), n, n), tuple(constants), name)

    def _map(
        self, N: tuple[Coefficient, ...], grade: int
    ) -> Iterator[tuple[int, int, Coefficient]]:
        r"""The `(i, k, c)` of $x \mapsto N \wedge \langle x\rangle_g$."""
        of = self.blades.of
        for a, i, k, c in self.blades.wedge.constants:
            if of[i] == grade and N[a]:
                yield i, k, c * N[a]

    @cached_property
    def by_grade(self) -> Bilinear:
        r"""Weights times a number: $\sum_g w_g \langle x\rangle_g$."""
        of, n = self.blades.of, self.blades.algebra.dimension
        constants = tuple(sorted((g, i, i, 1) for i, g in enumerate(of)))
        return trusted((self.grades, n, n), constants, f"grades of {self.blades.algebra}")

    # ------------------------------------------------------------------ products

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        r"""The grades i, j and k for which $\langle\langle x\rangle_i \langle y\rangle_j\rangle_k$
        is not always zero, sorted by k.

        Example:
            >>> len(hc.clifford(3).blades.equivariance.paths)
            20
        """
        of = self.blades.of
        found = {(of[i], of[j], of[k]) for i, j, k, _ in self.blades.algebra.products}
        return tuple(sorted(found, key=lambda path: (path[2], *path)))

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Where the components of each path begin, and where those of the last one end."""
        starts = [0]
        for *_, k in self.paths:
            starts.append(starts[-1] + len(self.blades.places((k,))))
        return tuple(starts)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """For each grade of a product its blades, and the paths and the `parts` that lead to it."""
        found = []
        for grade in sorted({k for *_, k in self.paths}):
            first, *_, last = [p for p, path in enumerate(self.paths) if path[2] == grade] * 2
            parts = slice(self._starts[first], self._starts[last + 1])
            found.append(Result(self.blades.places((grade,)), slice(first, last + 1), parts))
        return tuple(found)

    @cached_property
    def parts(self) -> Bilinear:
        r"""The $\langle\langle x\rangle_i \langle y\rangle_j\rangle_k$, path by path."""
        of, place = self.blades.of, _places_in_grades(self.blades.of)
        start = dict(zip(self.paths, self._starts))
        constants: list[Product] = [
            (i, j, start[of[i], of[j], of[k]] + place[k], c)
            for i, j, k, c in self.blades.algebra.products
        ]
        n = self.blades.algebra.dimension
        name = f"products by grades of {self.blades.algebra}"
        return trusted((n, n, self._starts[-1]), tuple(sorted(constants)), name)

    @cached_property
    def sums(self) -> Bilinear:
        r"""Weights times the `parts`: $\sum_p w_p\, t_p$."""
        n, constants = self.blades.algebra.dimension, []
        for p, (*_, k) in enumerate(self.paths):
            for at, blade in enumerate(self.blades.places((k,)), self._starts[p]):
                constants.append((p, at, blade, 1))
        name = f"sums of products by grades of {self.blades.algebra}"
        return trusted((len(self.paths), self._starts[-1], n), tuple(constants), name)

    # ------------------------------------------------------------------ invariants

    @cached_property
    def forms(self) -> Bilinear:
        r"""The invariants of two numbers: $\langle \widetilde{\langle x\rangle_g}\, \langle
        y\rangle_g\rangle_0$ for each grade g.

        Example:
            >>> hc.clifford(2).blades.equivariance.forms((1, 2, 3, 4), (1, 2, 3, 4))
            (1, 13, 16)
        """
        of, sign = self.blades.of, self.blades.reverse
        constants = (
            (i, j, of[i], c * sign[i])
            for i, j, k, c in self.blades.algebra.products
            if k == 0 and of[i] == of[j]
        )
        n = self.blades.algebra.dimension
        name = f"forms of {self.blades.algebra}"
        return trusted((n, n, self.grades), tuple(sorted(constants)), name)

    @cached_property
    def measured(self) -> tuple[int, ...]:
        """The components that the `forms` are made of: in projective geometry those without e0.

        Example:
            >>> hc.PGA.blades.equivariance.measured
            (0, 2, 4, 6, 8, 10, 12, 14)
        """
        return tuple(sorted({j for _, j, _, _ in self.forms.constants}))


def _is_generator(blade: int) -> bool:
    return blade.bit_count() == 1


def _places_in_grades(of: tuple[int, ...]) -> list[int]:
    """Which blade of its grade each blade is."""
    return [of[:k].count(g) for k, g in enumerate(of)]
