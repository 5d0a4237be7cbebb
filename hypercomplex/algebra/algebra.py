"""Exact finite-dimensional real algebras, as values.

An algebra is a real vector space with a basis `e_0 … e_{n-1}` and a bilinear product

    e_i e_j = Σ_k c_{ijk} e_k,

so the numbers `c_{ijk}` (the structure constants) say everything. This module knows no
tensors: an `Algebra` can be read, hashed, pickled and tested alone, and whatever the
library does with numbers of that algebra is derived from its table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from hypercomplex.algebra import tables
from hypercomplex.algebra.bilinear import Bilinear, trusted
from hypercomplex.algebra.tables import Coefficient, Product, Table

if TYPE_CHECKING:
    from hypercomplex.algebra.laws import Law

__all__ = ["Algebra", "Coefficient", "Product"]

_LARGEST_PRINTED_TABLE = 16


@dataclass(frozen=True, repr=False)
class Algebra:
    """A finite-dimensional real algebra with unit `e_0` and a conjugation, given exactly.

    `e_i e_j = Σ c e_k` over the `(i, j, k, c)` in `products`, and
    `conj(Σ x_i e_i) = Σ conjugation[i] x_i e_i`.

    Two algebras are equal when their products and their conjugations are equal; `units`
    and `name` are only for reading, so `clifford(0, 2) == QUATERNION`.

    Args:
        units: the names of the basis elements; the first is the unit of the algebra.
        products: the nonzero structure constants `(i, j, k, c)`, `c` an integer or a fraction;
            tensors need it of a size that float64 has.
        conjugation: a sign for each basis element, `+1` for the first: either `−1` for every
            other, or such that `conj(x y) = conj(y) conj(x)`.
        name: what messages call the algebra.

    Raises:
        ValueError: if an index, a sign or a coefficient is out of range, a product or a name is
            given twice, `e_0` is not the unit, or the conjugation does not turn products round.
        TypeError: if an argument is of another kind.

    Example:
        >>> dual = Algebra(("1", "ε"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1)), (1, -1), "DUAL")
        >>> dual
        DUAL, dimension 2
          │ 1 ε
        ──┼────
        1 │ 1 ε
        ε │ ε 0
        >>> dual.multiply((2, 3), (5, 7))
        (10, 29)
    """

    units: tuple[str, ...] = field(compare=False)
    products: tuple[Product, ...]
    conjugation: tuple[int, ...]
    name: str = field(default="ALGEBRA", compare=False)
    dimension: int = field(init=False, compare=False, repr=False)
    """The number of real components of one number."""
    product: Bilinear = field(init=False, compare=False, repr=False)
    """The product as a bilinear map, from which others are made."""
    norm_form: tuple[tuple[int, int, Coefficient], ...] = field(
        init=False, compare=False, repr=False
    )
    """The quadratic form `N(x) = Re(x x̄) = Σ c x_i x_j` as its `(i, j, c)`."""
    is_euclidean: bool = field(init=False, compare=False, repr=False)
    """Whether `N(x)` is the squared length of the components."""
    has_real_norm: bool = field(init=False, compare=False, repr=False)
    """Whether `x x̄` is real for every `x`, so that `x⁻¹ = x̄ / N(x)`."""
    imaginary_form: tuple[tuple[int, int, Coefficient], ...] = field(
        init=False, compare=False, repr=False
    )
    """The quadratic form `−Re(v²) = Σ c v_i v_j` of `v = Σ v_i e_i` without real part, `i ≤ j`."""
    is_quadratic: bool = field(init=False, compare=False, repr=False)
    """Whether `v²` is real for every `v` without real part.

    Then each `x = a + v` satisfies `x² − 2a x + (a² − v²) = 0`, and its powers stay in the plane
    of 1 and `v`.
    """

    def __post_init__(self) -> None:
        units = tables.names(self.units)
        table = tables.by_pair("products", self.products, (len(units),) * 3)
        tables.check_unit(table, units)
        sign = tables.signs(self.conjugation, table, units)
        self._set("units", units)
        self._set("dimension", len(units))
        self._set("conjugation", sign)
        self._set("name", tables.text(self.name))
        products = tables.listed(table)
        product = trusted((len(units),) * 3, products, self.name)
        self._set("products", products)
        self._set("product", product)
        norm_form = tuple((i, j, c * sign[j]) for i, j, c in product.terms[0])
        self._set("norm_form", norm_form)
        self._set("is_euclidean", norm_form == tuple((i, i, 1) for i in range(len(units))))
        self._set(
            "has_real_norm",
            all(
                c * sign[j] + table.get((j, i), {}).get(k, 0) * sign[i] == 0
                for i, j, k, c in products
                if k != 0
            ),
        )
        squares = {pair: _anticommutator(table, *pair) for pair in _pairs(table)}
        form = tuple((i, j, -row[0]) for (i, j), row in squares.items() if row.get(0))
        self._set("imaginary_form", form)
        self._set("is_quadratic", not any(row[k] for row in squares.values() for k in row if k))
        self._set("_hash", hash((products, sign)))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        return int(self.__dict__["_hash"])

    def __reduce__(self) -> tuple[Any, ...]:
        return Algebra, (self.units, self.products, self.conjugation, self.name)

    def __copy__(self) -> Algebra:
        return self

    def __deepcopy__(self, memo: Any) -> Algebra:
        return self

    def __setstate__(self, state: Any) -> NoReturn:
        raise TypeError("an Algebra follows from its table; nothing else can be set")

    # ------------------------------------------------------------------ bilinear maps

    @cached_property
    def commutator(self) -> Bilinear:
        """The map `(a, b) ↦ ab − ba`."""
        return self.product.minus(self.product.swapped).named(f"commutator of {self}")

    @cached_property
    def left_conjugated(self) -> Bilinear:
        """The map `(a, b) ↦ ā b`."""
        return self.product.scaled(left=self.conjugation).named(f"left conjugated {self}")

    @cached_property
    def right_conjugated(self) -> Bilinear:
        """The map `(a, b) ↦ a b̄`."""
        return self.product.scaled(right=self.conjugation).named(f"right conjugated {self}")

    @cached_property
    def inner_product(self) -> Bilinear:
        """The map `(a, b) ↦ Re(ā b)`, with one component."""
        n, one = range(self.dimension), range(1)
        return self.left_conjugated.between(n, n, one).named(f"inner product of {self}")

    # ------------------------------------------------------------------ exact elements

    def multiply(self, a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, ...]:
        """The product of two elements over any commutative ring of coefficients.

        `(a b)_k = Σ_{ij} c_{ijk} a_i b_j`; integers, fractions and sympy expressions all work.

        Raises:
            ValueError: if an element does not have `dimension` coefficients.

        Example:
            >>> from hypercomplex import QUATERNION
            >>> QUATERNION.multiply((0, 1, 0, 0), (0, 0, 1, 0))  # ij = k
            (0, 0, 0, 1)
        """
        self._check_element("a", a)
        self._check_element("b", b)
        return self.product(a, b)

    def conjugate(self, a: Sequence[Any]) -> tuple[Any, ...]:
        """The conjugate of an element: each coefficient times its sign.

        Example:
            >>> from hypercomplex import COMPLEX
            >>> COMPLEX.conjugate((3, 4))
            (3, -4)
        """
        self._check_element("a", a)
        return tuple(s * x for s, x in zip(self.conjugation, a, strict=True))

    def norm(self, a: Sequence[Any]) -> Any:
        """The quadratic form `N(a) = Re(a ā)` of an element.

        Example:
            >>> from hypercomplex import QUATERNION
            >>> QUATERNION.norm((1, 2, 3, 4))
            30
        """
        self._check_element("a", a)
        return sum(c * a[i] * a[j] for i, j, c in self.norm_form)

    def left_matrix(self, a: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
        """The matrix `L(a)` of `x ↦ a x`: `L(a)[k][j] = Σ_i c_{ijk} a_i`.

        Example:
            >>> from hypercomplex import COMPLEX
            >>> COMPLEX.left_matrix((3, 4))
            ((3, -4), (4, 3))
        """
        self._check_element("a", a)
        rows: list[list[Any]] = [[0] * self.dimension for _ in self.units]
        for k, terms in enumerate(self.product.terms):
            for i, j, c in terms:
                rows[k][j] += c * a[i]
        return tuple(map(tuple, rows))

    def format(self, a: Sequence[Any]) -> str:
        """An element as a sum of units.

        Example:
            >>> from hypercomplex import QUATERNION
            >>> QUATERNION.format((1, -2, 0, 1))
            '1-2i+k'
        """
        self._check_element("a", a)
        parts = [self._term(x, u) for x, u in zip(a, self.units, strict=True) if x != 0]
        return "+".join(parts).replace("+-", "-") or "0"

    def _term(self, x: Any, unit: str) -> str:
        if unit == self.units[0]:
            return str(x)
        text = f"({x})" if " " in str(x) else str(x)
        return {1: unit, -1: "-" + unit}.get(x) or f"{text}{separator(unit)}{unit}"

    def _check_element(self, argument: str, a: Sequence[Any]) -> None:
        if len(a) != self.dimension:
            raise ValueError(
                f"`{argument}` (={a}) must have {self.dimension} coefficients, one for each unit "
                f"of {self.name}, but has {len(a)}"
            )

    # ------------------------------------------------------------------ laws, decided exactly

    @property
    def is_commutative(self) -> Law:
        """Whether `xy = yx` for all `x`, `y`."""
        return self._law("commutative")

    @property
    def is_associative(self) -> Law:
        """Whether `(xy)z = x(yz)` for all `x`, `y`, `z`."""
        return self._law("associative")

    @property
    def is_alternative(self) -> Law:
        """Whether `x(xy) = (xx)y` and `(yx)x = y(xx)` for all `x`, `y`."""
        return self._law("alternative")

    @property
    def is_flexible(self) -> Law:
        """Whether `(xy)x = x(yx)` for all `x`, `y`."""
        return self._law("flexible")

    @property
    def is_power_associative(self) -> Law:
        """Whether the powers of every single element are unambiguous."""
        return self._law("power_associative")

    @property
    def is_composition(self) -> Law:
        """Whether `N(xy) = N(x) N(y)` for all `x`, `y`, with `N(x) = x x̄` real."""
        return self._law("composition")

    @property
    def is_division(self) -> Law:
        """Whether `xy = 0` only if `x = 0` or `y = 0`."""
        return self._law("division")

    def _law(self, name: str) -> Law:
        from hypercomplex.algebra import (
            laws,  # deciding is rare and may need sympy: keep import light
        )

        return laws.decide(self, name)

    # ------------------------------------------------------------------ reading

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        head = f"{self.name}, dimension {self.dimension}"
        if self.dimension > _LARGEST_PRINTED_TABLE:
            return head
        return f"{head}\n{self.table()}"

    def table(self) -> str:
        """The multiplication table as text: row times column.

        Example:
            >>> from hypercomplex import QUATERNION
            >>> print(QUATERNION.table())
              │ 1  i  j  k
            ──┼───────────
            1 │ 1  i  j  k
            i │ i -1  k -j
            j │ j -k -1  i
            k │ k  j -i -1
        """
        basis = [tuple(int(i == j) for i in range(self.dimension)) for j in range(self.dimension)]
        cells = [[self.format(self.multiply(a, b)) for b in basis] for a in basis]
        rows = [[u, *row] for u, row in zip(self.units, cells, strict=True)]
        columns = list(zip(["", *self.units], *rows, strict=True))
        widths = [max(map(len, column)) for column in columns]
        lines = [_table_line(row, widths, " │ ") for row in zip(*columns, strict=True)]
        rule = "─" * (widths[0] + 1) + "┼" + "─" * (len(lines[0]) - widths[0] - 2)
        return "\n".join([lines[0], rule, *lines[1:]])


def separator(unit: str) -> str:
    """What stands between a coefficient and a unit: `2i`, but `2*e1`, which is no exponent."""
    return "" if unit.isalpha() else "*"


def _pairs(table: Table) -> list[tuple[int, int]]:
    """The unordered pairs of imaginary units with a product, each with itself too."""
    return sorted({(min(pair), max(pair)) for pair in table if all(pair)})


def _anticommutator(table: Table, i: int, j: int) -> dict[int, Coefficient]:
    """What `v_i v_j` multiplies in `v²`: `e_i e_j + e_j e_i`, or `e_i²`."""
    total = dict(table.get((i, j), {}))
    for k, c in table.get((j, i), {}).items() if i != j else ():
        total[k] = total.get(k, 0) + c
    return total


def _table_line(row: Sequence[str], widths: Sequence[int], bar: str) -> str:
    head, *cells = (text.rjust(width) for text, width in zip(row, widths, strict=True))
    return (head + bar + " ".join(cells)).rstrip()
