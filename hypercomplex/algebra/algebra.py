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

from hypercomplex.algebra import forms, involution, tables
from hypercomplex.algebra.adapted import Adapted, adapted
from hypercomplex.algebra.bilinear import Bilinear, trusted
from hypercomplex.algebra.forms import Form
from hypercomplex.algebra.involution import Conjugation, is_signs
from hypercomplex.algebra.tables import Coefficient, Product

if TYPE_CHECKING:
    from hypercomplex.algebra.blades import Blades
    from hypercomplex.algebra.elements import Element
    from hypercomplex.algebra.isomorphisms import Isomorphism
    from hypercomplex.algebra.laws import Law
    from hypercomplex.algebra.linear import Row
    from hypercomplex.algebra.representations import Kind, Representation
    from hypercomplex.algebra.wedderburn import Wedderburn

__all__ = ["Algebra", "Coefficient", "Product"]

Vector = tuple[Coefficient, ...]

_LARGEST_PRINTED_TABLE = 16


@dataclass(frozen=True, repr=False)
class Algebra:
    """A finite-dimensional real algebra, given exactly; with a unit and a conjugation, or without.

    `e_i e_j = Σ c e_k` over the `(i, j, k, c)` in `products`. Whether there is a unit follows from
    them. A conjugation is an anti-automorphism of order two, such as that of the complex numbers,
    the transpose of matrices, or `g ↦ g⁻¹` in the algebra of a group:
    `conj(Σ x_i e_i) = Σ s_i x_i e_i` with the signs `s` in `conjugation`, or `Σ x_i conj(e_i)` with
    the rows in it.

    Two algebras are equal when their dimensions, products and conjugations are equal; the names in
    `units` and `name` are only for reading, so `clifford(0, 2) == QUATERNION`.

    Args:
        units: the names of the basis elements.
        products: the nonzero structure constants `(i, j, k, c)`, `c` an integer or a fraction;
            tensors need it of a size that float64 has.
        conjugation: a sign for each basis element, or for each a row, the coefficients of its
            conjugate, such that `conj(x y) = conj(y) conj(x)` and `conj(conj(x)) = x`; or None. If
            the first basis element is the unit, −1 for every other is always one, the reflection
            `x ↦ 2 Re(x) − x`.
        name: what messages call the algebra.

    Raises:
        ValueError: if an index, a sign or a coefficient is out of range, a product or a name is
            given twice, or the conjugation does not turn products round.
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
        >>> rotations = ((0, 1, 2, 1), (1, 0, 2, -1), (1, 2, 0, 1), (2, 1, 0, -1), (2, 0, 1, 1),
        ...              (0, 2, 1, -1))
        >>> print(Algebra(("x", "y", "z"), rotations, name="so(3)").unit)
        None
    """

    units: tuple[str, ...] = field(compare=False)
    products: tuple[Product, ...]
    conjugation: Conjugation = None
    name: str = field(default="ALGEBRA", compare=False)
    dimension: int = field(init=False, repr=False)
    """The number of real components of one number."""
    product: Bilinear = field(init=False, compare=False, repr=False)
    """The product as a bilinear map, from which others are made."""
    begins_with_one: bool = field(init=False, compare=False, repr=False)
    """Whether the first basis element is the unit."""
    is_adapted: bool = field(init=False, compare=False, repr=False)
    """Whether the basis begins with 1 and the conjugation, if there is one, is made of signs."""

    def __post_init__(self) -> None:
        units = tables.names(self.units)
        name = tables.text(self.name)
        n = len(units)
        products = tables.constants("products", self.products, (n, n, n))
        begins = _begins_with_one(products, n)
        conjugation = involution.checked(self.conjugation, products, units, begins)
        self._settle(units, trusted((n, n, n), products, name), conjugation, begins)

    @classmethod
    def _trusted(
        cls, units: tuple[str, ...], product: Bilinear, conjugation: Conjugation
    ) -> Algebra:
        """The algebra of parts that need not be checked: those of another."""
        made = object.__new__(cls)
        begins = _begins_with_one(product.constants, len(units))
        made._settle(units, product, conjugation, begins)
        return made

    def _settle(
        self, units: tuple[str, ...], product: Bilinear, conjugation: Conjugation, begins: bool
    ) -> None:
        """Keep the parts, and what follows from them."""
        n, products = len(units), product.constants
        self._set("units", units)
        self._set("name", product.name)
        self._set("products", products)
        self._set("conjugation", conjugation)
        self._set("dimension", n)
        self._set("product", product)
        self._set("begins_with_one", begins)
        self._set("is_adapted", begins and (conjugation is None or is_signs(conjugation)))
        self._set("_hash", hash((n, products, conjugation)))

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

    # ------------------------------------------------------------------ unit and conjugation

    @cached_property
    def unit(self) -> tuple[Coefficient, ...] | None:
        """The coefficients of 1, or None if there is no unit.

        Example:
            >>> hc.QUATERNION.unit
            (1, 0, 0, 0)
            >>> Algebra(("p", "q"), ((0, 0, 0, 1), (1, 1, 1, 1)), (1, 1), "R + R").unit
            (1, 1)
        """
        return forms.unit(self)

    @cached_property
    def adapted(self) -> Adapted:
        """The same algebra in a basis that begins with 1 and in which conjugation changes signs.

        It is the algebra itself if `is_adapted`.

        Raises:
            NotImplementedError: if the algebra has no unit.

        Example:
            >>> g, h = (0, 1, 0), (0, 0, 1)  # the group of three elements
            >>> products = tuple((i, j, (i + j) % 3, 1) for i in range(3) for j in range(3))
            >>> A = Algebra(("1", "g", "h"), products, ((1, 0, 0), h, g), "ℝ[C₃]")
            >>> A.adapted.basis
            ((1, 0, 0), (0, 1, 1), (0, 1, -1))
            >>> A.adapted.algebra.conjugation
            (1, 1, -1)
        """
        return adapted(self)

    @cached_property
    def real_form(self) -> tuple[Coefficient, ...]:
        """The linear form `Re(x) = Σ r_i x_i`: the part of 1 in a number.

        It is the first coefficient if `is_adapted`. In other bases it is half the trace of a
        quadratic algebra, and else the mean of the traces of `y ↦ x y` and `y ↦ y x` over the
        dimension.

        Raises:
            NotImplementedError: if the algebra has no unit.
        """
        return forms.real(self)

    @cached_property
    def norm_form(self) -> Form:
        """The quadratic form `N(x) = Re(x x̄) = Σ c x_i x_j` as its `(i, j, c)`.

        Raises:
            NotImplementedError: if the algebra has no unit or no conjugation.
        """
        return forms.norm(self)

    @cached_property
    def imaginary_form(self) -> Form:
        """The quadratic form `−Re(v²) = Σ c v_i v_j` of `v = Σ v_i e_i` without real part, `i ≤ j`.

        Raises:
            NotImplementedError: if the basis does not begin with 1.
        """
        return forms.imaginary(self)

    @cached_property
    def is_euclidean(self) -> bool:
        """Whether `N(x)` is the squared length of the components."""
        return forms.has_norm(self) and self.norm_form == tuple(
            (i, i, 1) for i in range(self.dimension)
        )

    @cached_property
    def has_real_norm(self) -> bool:
        """Whether `x x̄` is real for every `x`, so that `x⁻¹ = x̄ / N(x)`."""
        return forms.has_norm(self) and forms.has_real_norm(self)

    @cached_property
    def trace_form(self) -> tuple[Coefficient, ...] | None:
        """The linear form `t` with `x² − t(x) x + n(x) 1 = 0` for every `x`, if there is one.

        Example:
            >>> hc.QUATERNION.trace_form
            (2, 0, 0, 0)
            >>> hc.clifford(3).trace_form is None
            True
        """
        return forms.trace(self)

    @property
    def is_quadratic(self) -> bool:
        """Whether each `x` satisfies an equation `x² − t(x) x + n(x) 1 = 0`.

        Then its powers stay in the plane of 1 and `x`.
        """
        return self.trace_form is not None

    @cached_property
    def has_real_squares(self) -> bool:
        """Whether the basis begins with 1, and `v²` is real for every `v` of the others.

        So it is in quadratic algebras, in a basis whose other elements have the trace 0.
        """
        return self.begins_with_one and self.trace_form == (2, *[0] * (self.dimension - 1))

    def needs(self, what: str, *, conjugation: bool = False) -> None:
        """Refuse `what` where there is no unit, or no conjugation.

        Raises:
            NotImplementedError: if something is missing, with what would give it.
        """
        forms.needs(self, what, conjugation)

    # ------------------------------------------------------------------ bilinear maps

    @cached_property
    def commutator(self) -> Bilinear:
        """The map `(a, b) ↦ ab − ba`."""
        return self.product.minus(self.product.swapped).named(f"commutator of {self}")

    @cached_property
    def left_conjugated(self) -> Bilinear:
        """The map `(a, b) ↦ ā b`."""
        return self._with_conjugate("left").named(f"left conjugated {self}")

    @cached_property
    def right_conjugated(self) -> Bilinear:
        """The map `(a, b) ↦ a b̄`."""
        return self._with_conjugate("right").named(f"right conjugated {self}")

    def _with_conjugate(self, side: str) -> Bilinear:
        images = involution.images(forms.conjugation(self, f"{side}_conjugated"))
        if side == "left":
            return self.product.composed(left=images)
        return self.product.composed(right=images)

    @cached_property
    def inner_product(self) -> Bilinear:
        """The map `(a, b) ↦ Re(ā b)`, with one component."""
        real = [{0: c} if c else {} for c in self.real_form]
        return self.left_conjugated.composed(out=real, width=1).named(f"inner product of {self}")

    # ------------------------------------------------------------------ other products

    @cached_property
    def plus(self) -> Algebra:
        """The same numbers under the Jordan product `(ab + ba) / 2`."""
        from hypercomplex.algebra.composites import jordan

        return jordan(self)

    @cached_property
    def minus(self) -> Algebra:
        """The same numbers under the commutator `ab − ba`."""
        from hypercomplex.algebra.composites import lie

        return lie(self)

    @cached_property
    def blades(self) -> Blades:
        """The grades of a Clifford algebra, and the products that they make.

        Raises:
            ValueError: if the basis are not the blades of generators, as that of
                `clifford(p, q, r)` is.

        Example:
            >>> hc.clifford(3).blades.of
            (0, 1, 1, 2, 1, 2, 2, 3)
        """
        from hypercomplex.algebra.blades import Blades

        return Blades(self)

    # ------------------------------------------------------------------ exact elements

    @cached_property
    def basis(self) -> tuple[Element, ...]:
        """The units as elements, exact values with operators.

        Example:
            >>> one, i, j, k = hc.QUATERNION.basis
            >>> (i + j) * k / 2
            1/2i-1/2j
        """
        from hypercomplex.algebra import elements

        return elements.basis(self)

    def element(self, value: Any) -> Element:
        """An exact element, with operators.

        Args:
            value: its coefficients, integers, fractions or sympy expressions; text such as
                `"1-2i"`; or a `Quaternion` of sympy.

        Raises:
            ValueError: if there are not `dimension` coefficients, or text cannot be read.
            TypeError: if it is something else, such as a number of another algebra, or a
                coefficient is not exact.

        Example:
            >>> hc.QUATERNION.element("1-2i") * hc.QUATERNION.element((0, 0, 1, 0))
            j-2k
        """
        from hypercomplex.algebra import elements

        return elements.element(self, value)

    def symbols(self, name: str) -> Element:
        """An element whose coefficients are real symbols of sympy, `name0`, `name1` and so on.

        Raises:
            TypeError: if `name` is no name.

        Example:
            >>> x = hc.COMPLEX.symbols("x")
            >>> x * x.conj()
            (x0**2 + x1**2)
        """
        from hypercomplex.algebra import elements

        return elements.symbols(self, name)

    def multiply(self, a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, ...]:
        """The product of two elements over any commutative ring of coefficients.

        `(a b)_k = Σ_{ij} c_{ijk} a_i b_j`; integers, fractions and sympy expressions all work.

        Raises:
            ValueError: if an element does not have `dimension` coefficients.
            TypeError: if it is a number of another algebra.

        Example:
            >>> from hypercomplex import QUATERNION
            >>> QUATERNION.multiply((0, 1, 0, 0), (0, 0, 1, 0))  # ij = k
            (0, 0, 0, 1)
        """
        self._check_element("a", a)
        self._check_element("b", b)
        return self.product(a, b)

    def conjugate(self, a: Sequence[Any]) -> tuple[Any, ...]:
        """The conjugate of an element: `Σ a_i conj(e_i)`.

        Raises:
            NotImplementedError: if the algebra has no conjugation.

        Example:
            >>> from hypercomplex import COMPLEX
            >>> COMPLEX.conjugate((3, 4))
            (3, -4)
        """
        self._check_element("a", a)
        conjugation = forms.conjugation(self, "conjugate")
        if is_signs(conjugation):
            return tuple(s * x for s, x in zip(conjugation, a, strict=True))
        total: list[Any] = [0] * self.dimension
        for x, image in zip(a, involution.images(conjugation), strict=True):
            for k, c in image.items():
                total[k] += c * x
        return tuple(total)

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

    def right_matrix(self, a: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
        """The matrix `R(a)` of `x ↦ x a`: `R(a)[k][i] = Σ_j c_{ijk} a_j`.

        Example:
            >>> from hypercomplex import QUATERNION
            >>> QUATERNION.right_matrix((0, 1, 0, 0))[2:]  # ji = -k, ki = j
            ((0, 0, 0, 1), (0, 0, -1, 0))
        """
        self._check_element("a", a)
        rows: list[list[Any]] = [[0] * self.dimension for _ in self.units]
        for k, terms in enumerate(self.product.terms):
            for i, j, c in terms:
                rows[k][i] += c * a[j]
        return tuple(map(tuple, rows))

    def representation(self, kind: Kind = "left") -> Representation:
        """Matrices that multiply as the elements of an associative algebra do, exact.

        Args:
            kind: `"left"` for the matrices of `x ↦ a x`; `"right"` for the transposed ones of
                `x ↦ x a`; `"smallest"` for the smallest real ones that differ for all elements, of
                a semisimple algebra.

        Raises:
            ValueError: if the algebra is not associative, or `kind` is none of these.
            NotImplementedError: if the smallest is asked for, and the algebra is not semisimple or
                needs numbers that are no fractions.

        Example:
            >>> hc.clifford(2).representation("smallest").matrices[1:3]
            (((1, 0), (0, -1)), ((0, 1), (1, 0)))
            >>> hc.SPACETIME.representation("smallest").size  # 2 × 2 quaternions
            8
        """
        from hypercomplex.algebra import representations

        return representations.representation(self, kind)

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
        text = f"({x})" if " " in str(x) else str(x)
        if self.begins_with_one and unit == self.units[0]:
            return text
        return {1: unit, -1: "-" + unit}.get(x) or f"{text}{separator(unit)}{unit}"

    def _check_element(self, argument: str, a: Sequence[Any]) -> None:
        self._check_own(argument, a)
        if len(a) != self.dimension:
            raise ValueError(
                f"`{argument}` (={a}) must have {self.dimension} coefficients, one for each unit "
                f"of {self.name}, but has {len(a)}"
            )

    def _check_own(self, argument: str, a: Any) -> None:
        """An element belongs to this algebra; coefficients belong to any."""
        if (other := getattr(a, "algebra", self)) != self:
            raise TypeError(
                f"`{argument}` (={a}) is a number of {other}, not of {self.name}; isomorphism_to "
                "maps numbers of one algebra to another, and tuple(x) is the coefficients"
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
    def is_anticommutative(self) -> Law:
        """Whether `xx = 0` for all `x`, so that `xy = −yx`."""
        return self._law("anticommutative")

    @property
    def is_moufang(self) -> Law:
        """Whether `((xy)x)z = x(y(xz))`, `((zx)y)x = z(x(yx))` and `(xy)(zx) = (x(yz))x`."""
        return self._law("moufang")

    @property
    def is_jordan(self) -> Law:
        """Whether `xy = yx` and `((xx)y)x = (xx)(yx)` for all `x`, `y`."""
        return self._law("jordan")

    @property
    def is_lie(self) -> Law:
        """Whether `xx = 0` and `(xy)z + (yz)x + (zx)y = 0` for all `x`, `y`, `z`."""
        return self._law("lie")

    @property
    def is_composition(self) -> Law:
        """Whether a quadratic form that does not degenerate is multiplied: `n(xy) = n(x) n(y)` for
        all `x`, `y`. With a unit it can only be the `n` of a quadratic algebra, in which
        `x² − t(x) x + n(x) 1 = 0`, without one that of an isotope, up to a factor. It does not
        depend on the conjugation that is given.

        Example:
            >>> bool(hc.M2.is_composition)  # whose form is the determinant
            True
        """
        return self._law("composition")

    @property
    def is_division(self) -> Law:
        """Whether `xy = 0` only if `x = 0` or `y = 0`."""
        return self._law("division")

    @property
    def is_simple(self) -> Law:
        """Whether `xy` is not always 0, and the only ideals are 0 and all, over the reals. Where
        others are known, the counterexample is an element of one.

        Raises:
            NotImplementedError: if that is not decided.

        Example:
            >>> bool(hc.SEDENION.is_simple), hc.clifford(0, 3).is_simple.counterexample
            (True, ('1+e123',))
        """
        return self._law("simple")

    def satisfies(self, law: str) -> Law:
        """Whether an equation holds for all elements, decided exactly; if not, where it fails.

        Variables are single letters, `xy` is their product, `x^2` or `x²` is `xx`, `[x, y]` the
        commutator `xy − yx`, `(x, y, z)` the associator `(xy)z − x(yz)`, `x̄` or `conj(x)` the
        conjugate, `Re(x)` the real part, `N(x)` the norm `Re(x x̄)`, and `1` the unit. Terms have
        integers or fractions before them; several equations are joined by `and`.

        Raises:
            ValueError: if the law cannot be read, or three factors stand side by side.
            NotImplementedError: if it needs a unit or a conjugation, and the algebra has none.

        Example:
            >>> hc.OCTONION.satisfies("(x, x, y) = 0 and (y, x, x) = 0")  # alternative
            Law('(x, x, y) = 0 and (y, x, x) = 0', holds=True)
            >>> hc.QUATERNION.satisfies("x² = 2Re(x) x - N(x)")
            Law('x² = 2Re(x) x - N(x)', holds=True)
            >>> hc.QUATERNION.satisfies("[x, y] = 0")
            Law('[x, y] = 0', holds=False, counterexample=('i', 'j'))
        """
        from hypercomplex.algebra import laws

        return laws.satisfies(self, law)

    def _law(self, name: str) -> Law:
        from hypercomplex.algebra import (
            laws,  # deciding is rare and may need sympy: keep import light
        )

        return laws.decide(self, name)

    # ------------------------------------------------------------------ structure, exact

    @cached_property
    def centre(self) -> tuple[Vector, ...]:
        """A basis of the elements that commute with all others, and associate with all pairs.

        Example:
            >>> hc.clifford(3).centre  # 1 and e123
            ((1, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0, 1))
        """
        return self._basis("centre")

    @cached_property
    def nucleus(self) -> tuple[Vector, ...]:
        """A basis of the elements that associate with all pairs of others.

        Example:
            >>> len(hc.QUATERNION.nucleus), len(hc.OCTONION.nucleus)
            (4, 1)
        """
        return self._basis("nucleus")

    @cached_property
    def radical(self) -> tuple[Vector, ...]:
        """A basis of the radical: the largest nilpotent ideal of an associative or alternative
        algebra, the largest ideal of nilpotent elements of a Jordan algebra, the largest solvable
        ideal of a Lie algebra.

        Raises:
            NotImplementedError: for all other algebras.

        Example:
            >>> hc.cayley_dickson(hc.REAL, gamma=0).radical  # the ε of dual numbers
            ((0, 1),)
        """
        return self._basis("radical")

    def ideal(self, elements: Sequence[Any]) -> tuple[Vector, ...]:
        """A basis of the smallest ideal that holds some elements; `quotient` takes it.

        Args:
            elements: their coefficients, or sums of units as text, such as `"e12-e34"`.

        Raises:
            ValueError: if something is no sum of units.
            TypeError: if it is of another kind.

        Example:
            >>> A = hc.polynomial_quotient([0, 0, 0, 1])  # x³ = 0
            >>> A.ideal(["x"])
            ((0, 1, 0), (0, 0, 1))
        """
        from hypercomplex.algebra import parts

        return self._dense(parts.ideal_of(self, "elements", elements))

    @cached_property
    def summands(self) -> tuple[tuple[Vector, ...], ...]:
        """The ideals whose direct sum the algebra is, as bases: each is no direct sum of others
        with rational coefficients.

        Raises:
            NotImplementedError: if such ideals can be chosen in many ways.

        Example:
            >>> rotations = hc.subalgebra(hc.clifford(4).minus, ["e12", "e23", "e34"])  # so(4)
            >>> [len(basis) for basis in rotations.summands]
            [3, 3]
        """
        from hypercomplex.algebra import ideals

        return tuple(map(self._dense, ideals.summands(self)))

    @cached_property
    def lower_central_series(self) -> tuple[tuple[Vector, ...], ...]:
        """Bases of `A`, of what all products in it span, of what products of that with `A` span,
        and so on, until nothing changes. The algebra is nilpotent if the last is empty.

        Example:
            >>> heisenberg = hc.from_rules("xy = z", anticommuting=True, missing="zero")
            >>> [len(basis) for basis in heisenberg.lower_central_series]
            [3, 1, 0]
        """
        from hypercomplex.algebra import ideals

        return tuple(map(self._dense, ideals.lower_series(self)))

    @cached_property
    def derived_series(self) -> tuple[tuple[Vector, ...], ...]:
        """Bases of `A`, of what all products in it span, of what products in that span, and so on,
        until nothing changes. The algebra is solvable if the last is empty.

        Example:
            >>> affine = hc.from_rules("xy = y", anticommuting=True, missing="zero")
            >>> [len(basis) for basis in affine.derived_series]
            [2, 1, 0]
            >>> len(affine.lower_central_series[-1])  # solvable, but not nilpotent
            1
        """
        from hypercomplex.algebra import ideals

        return tuple(map(self._dense, ideals.derived_series(self)))

    def peirce(
        self, e: Sequence[Any] | str
    ) -> dict[tuple[Coefficient, Coefficient], tuple[Vector, ...]]:
        """The spaces where an idempotent multiplies by numbers, `e x = λ x` and `x e = ρ x`: the
        bases of those that are not 0, by `(λ, ρ)`.

        Args:
            e: the coefficients of an element with `e² = e`, or text such as `"1/2+1/2j"`.

        Raises:
            ValueError: if `e² ≠ e`, or it is no element.
            NotImplementedError: if these spaces are not all, with numbers that are fractions.

        Example:
            >>> {sides: len(basis) for sides, basis in hc.M2.peirce("E11").items()}
            {(1, 1): 1, (1, 0): 1, (0, 1): 1, (0, 0): 1}
            >>> {sides: len(basis) for sides, basis in hc.ALBERT.peirce("E11").items()}
            {(1, 1): 1, (Fraction(1, 2), Fraction(1, 2)): 16, (0, 0): 10}
        """
        from hypercomplex.algebra.peirce import peirce
        from hypercomplex.algebra.texts import element

        return {k: self._dense(x) for k, x in peirce(self, element("e", e, self)).items()}

    @cached_property
    def centroid(self) -> tuple[tuple[Vector, ...], ...]:
        """A basis of the linear maps with `f(xy) = f(x) y = x f(y)`: matrices, as `derivations`.
        They are the multiplications by elements of the centre, if there is a unit.

        Example:
            >>> len(hc.SO3.centre), len(hc.complexify(hc.SO3).centroid)  # its centroid is ℂ
            (0, 2)
        """
        from hypercomplex.algebra import ideals

        return self._matrices(ideals.centroid(self))

    @cached_property
    def derivations(self) -> tuple[tuple[Vector, ...], ...]:
        """A basis of the linear maps with `D(xy) = D(x) y + x D(y)`: matrices, so that `D x` has
        the coefficients `Σ_j D[k][j] x_j`.

        Example:
            >>> len(hc.QUATERNION.derivations), len(hc.OCTONION.derivations)  # so(3) and G₂
            (3, 14)
        """
        from hypercomplex.algebra import structure

        return self._matrices(structure.derivations(self))

    @property
    def killing_form(self) -> tuple[Vector, ...]:
        """The matrix of the form `(x, y) ↦ trace of L(x) L(y)`, where `L(x)` is the matrix of
        `y ↦ xy`; that of a Lie algebra does not degenerate exactly if it is semisimple.

        Example:
            >>> hc.SO3.killing_form
            ((-2, 0, 0), (0, -2, 0), (0, 0, -2))
        """
        from hypercomplex.algebra import structure

        return self._dense(structure.killing(self))

    @cached_property
    def trace_form_signature(self) -> tuple[int, int, int]:
        """How many squares of the form `(x, y) ↦ trace of L(xy)` are positive, negative and zero,
        where `L(x)` is the matrix of `y ↦ xy`.

        Raises:
            NotImplementedError: if the form is not symmetric.

        Example:
            >>> hc.QUATERNION.trace_form_signature
            (1, 3, 0)
        """
        from hypercomplex.algebra import structure

        return structure.trace_signature(self)

    @cached_property
    def wedderburn(self) -> Wedderburn:
        """The simple algebras of which an associative or alternative algebra is made over the
        reals, modulo its radical; decided exactly.

        Raises:
            NotImplementedError: for all other algebras.

        Example:
            >>> hc.clifford(4, 1).wedderburn, hc.clifford(3, 0, 1).wedderburn
            (M₄(ℂ), M₂(ℂ), radical of dimension 8)
        """
        from hypercomplex.algebra import wedderburn

        return wedderburn.wedderburn(self)

    @cached_property
    def idempotents(self) -> tuple[Vector, ...]:
        """The central elements `e = e²` whose sum is 1, each no sum of others with rational
        coefficients: they split the algebra into ideals `e A`.

        Raises:
            NotImplementedError: if the algebra has no unit; it may have `summands`.

        Example:
            >>> A = hc.clifford(0, 3)  # ℍ ⊕ ℍ
            >>> [A.format(e) for e in A.idempotents]
            ['1/2+1/2*e123', '1/2-1/2*e123']
        """
        from hypercomplex.algebra import wedderburn

        return self._dense(wedderburn.idempotents(self))

    @property
    def zero_divisors(self) -> tuple[tuple[Any, ...], tuple[Any, ...]] | None:
        """Two elements that are not 0 and whose product is, None if there are none or none are
        known; `is_division` says which.

        Coefficients that are no fractions are numbers of sympy.

        Raises:
            NotImplementedError: if that is not decided.

        Example:
            >>> x, y = hc.SEDENION.zero_divisors
            >>> hc.SEDENION.format(x), hc.SEDENION.format(y)
            ('e1+e10', 'e7+e12')
        """
        found = self.is_division.elements
        return None if found is None else (found[0], found[1])

    @cached_property
    def nilpotent(self) -> tuple[Any, ...] | None:
        """An element that is not 0 and has a power that is; None if there is none.

        Raises:
            NotImplementedError: if powers depend on brackets, or it is not decided.

        Example:
            >>> hc.DUAL.nilpotent, hc.QUATERNION.nilpotent
            ((0, 1), None)
        """
        from hypercomplex.algebra import division

        return division.nilpotent(self)

    def isomorphism_to(self, other: Algebra) -> Isomorphism:
        """An exact linear map to another algebra that is one to one and keeps products, or what
        tells the two from each other.

        The result is true if there is a map; it maps elements when it is called, and tensors by
        their method `through`. Conjugations are no part of it.

        Raises:
            NotImplementedError: if neither is found.
            TypeError: if `other` is no algebra.

        Example:
            >>> hc.QUATERNION.isomorphism_to(hc.clifford(0, 2))
            Isomorphism(QUATERNION → Cl(0,2): 1 ↦ 1, i ↦ e1, j ↦ e2, k ↦ e12)
            >>> hc.OCTONION.isomorphism_to(hc.clifford(3))
            Isomorphism(OCTONION → Cl(3,0): none, since being associative is False and True)
        """
        from hypercomplex.algebra import isomorphisms

        if not isinstance(other, Algebra):
            raise TypeError(f"`other` (={other!r}) must be an Algebra, such as QUATERNION")
        return isomorphisms.isomorphism(self, other)

    def _basis(self, what: str) -> tuple[Vector, ...]:
        from hypercomplex.algebra import structure

        return self._dense(getattr(structure, what)(self))

    def _dense(self, rows: Sequence[Row]) -> tuple[Vector, ...]:
        """All coefficients of some elements."""
        from hypercomplex.algebra.sparse import dense

        return tuple(dense(x, self.dimension) for x in rows)

    def _matrices(self, maps: Sequence[Sequence[Row]]) -> tuple[tuple[Vector, ...], ...]:
        """The matrices of linear maps, which are given by the images of the basis."""
        return tuple(tuple(zip(*self._dense(rows), strict=True)) for rows in maps)

    # ------------------------------------------------------------------ reading

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        head = f"{self.name}, dimension {self.dimension}"
        if self.dimension <= _LARGEST_PRINTED_TABLE:
            return f"{head}\n{self.table()}"
        more = f"… {len(self.products)} products; table((0, 1)) is the next block"
        return f"{head}\n{self.table((0, 0))}\n{more}"

    def _repr_latex_(self) -> str | None:
        """The table, for notebooks; None if it is large."""
        if self.dimension > _LARGEST_PRINTED_TABLE:
            return None
        return rf"$\displaystyle {self.latex()}$"

    def table(self, block: tuple[int, int] | None = None, size: int = 8) -> str:
        """The multiplication table as text: row times column.

        Args:
            block: which part of it, counted in blocks of rows and of columns; all if not given.
            size: how many rows and columns a block has.

        Raises:
            ValueError: if there is no such block.

        Example:
            >>> from hypercomplex import QUATERNION
            >>> print(QUATERNION.table())
              │ 1  i  j  k
            ──┼───────────
            1 │ 1  i  j  k
            i │ i -1  k -j
            j │ j -k -1  i
            k │ k  j -i -1
            >>> print(hc.CGA.table((0, 7), 4))  # the first four units times the last four
                │ e45 e145 e245 e1245
            ────┼────────────────────
              1 │ e45 e145 e245 e1245
             e1 │
             e2 │
            e12 │
        """
        from hypercomplex.algebra import tabular

        return tabular.text_table(self, *tabular.block(self, block, size))

    def latex(self, block: tuple[int, int] | None = None, size: int = 8) -> str:
        r"""The multiplication table, or a block of it, as an array in LaTeX.

        Example:
            >>> print(hc.COMPLEX.latex())
            \begin{array}{r|rr} & 1 & i \\ \hline 1 & 1 & i \\ i & i & -1 \end{array}
        """
        from hypercomplex.algebra import tabular

        return tabular.latex_table(self, *tabular.block(self, block, size))


def separator(unit: str) -> str:
    """What stands between a coefficient and a unit: `2i`, but `2*e1`, which is no exponent."""
    return "" if unit.isalpha() else "*"


def _begins_with_one(products: tuple[Product, ...], n: int) -> bool:
    """Whether `e_0 e_i = e_i = e_i e_0`."""
    left = tuple((0, i, i, 1) for i in range(n))
    if products[:n] != left or (len(products) > n and products[n][0] == 0):
        return False
    return [each for each in products if each[1] == 0] == [(i, 0, i, 1) for i in range(n)]
