"""Elements of an algebra as values: exact numbers, or expressions of sympy, with operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, overload

from hypercomplex.algebra import linear
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.sparse import dense, sparse_table, times

__all__ = ["Element", "basis", "element", "symbols"]


class Element(Sequence[Any]):
    """A number of an algebra, exact: its coefficients are integers, fractions or sympy expressions.

    It has the operators of tensors of numbers, `+`, `-`, `*`, `/`, `**`, `conj()`, `norm()`, and is
    the sequence of its coefficients. An integer, a fraction or an
    expression stands for that multiple of the unit.

    Example:
        >>> one, i, j, k = hc.QUATERNION.basis
        >>> i * j, (1 + i) * (1 - i), (2 + j).inverse(), (i + j) ** 3
        (k, 2, 2/5-1/5j, -2i-2j)
        >>> a, b = hc.COMPLEX.symbols("a"), hc.COMPLEX.symbols("b")
        >>> a * b
        (a0*b0 - a1*b1)+(a0*b1 + a1*b0)i
        >>> (a * b).norm().equals(a.norm() * b.norm())
        True
    """

    __slots__ = ("algebra", "coefficients")

    def __init__(self, algebra: Algebra, coefficients: Sequence[Any]) -> None:
        algebra._check_element("coefficients", coefficients)
        self.algebra = algebra
        self.coefficients = tuple(map(_settled, coefficients))

    # ------------------------------------------------------------------ coefficients

    def __len__(self) -> int:
        return len(self.coefficients)

    @overload
    def __getitem__(self, k: int) -> Any: ...
    @overload
    def __getitem__(self, k: slice) -> tuple[Any, ...]: ...
    def __getitem__(self, k: int | slice) -> Any:
        return self.coefficients[k]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.coefficients)

    def map(self, function: Callable[[Any], Any]) -> Element:
        """The element with a function of each coefficient, such as `sympy.expand`.

        Example:
            >>> hc.QUATERNION.element("1/2+3k").map(lambda c: 2 * c)
            1+6k
        """
        return Element(self.algebra, [function(c) for c in self])

    def expand(self) -> Element:
        """The element with products of sums multiplied out in each coefficient.

        Example:
            >>> x = hc.DUAL.symbols("x")
            >>> ((x + 1) * (x - 1)).expand()
            (x0**2 - 1)+2*x0*x1ε
        """
        import sympy

        return self.map(sympy.expand)

    def simplify(self) -> Element:
        """The element with simplified coefficients.

        Example:
            >>> x = hc.COMPLEX.symbols("x")
            >>> ((x + x.conj()) / 2).simplify()
            x0
        """
        import sympy

        return self.map(sympy.simplify)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Element):
            return self.algebra == other.algebra and self.coefficients == other.coefficients
        if not _is_exact(other) or self.algebra.unit is None:
            return NotImplemented
        return self.coefficients == self._of(other).coefficients

    def __hash__(self) -> int:
        real = self._multiple_of_one()
        return hash((self.algebra, self.coefficients) if real is None else real)

    def _multiple_of_one(self) -> Any:
        """The `c` with `x = c 1`, so that `x == c`; None if there is none."""
        for c, unit in zip(self, self.algebra.unit or ()):
            if unit:
                real = _quotient(c, unit)
                return real if self == self._of(real) else None
        return None

    def __bool__(self) -> bool:
        return any(c != 0 for c in self)

    # ------------------------------------------------------------------ operators

    def __neg__(self) -> Element:
        return self.map(lambda c: -c)

    def __pos__(self) -> Element:
        return self

    def __add__(self, other: Any) -> Element:
        if not _is_exact(other):
            return NotImplemented
        return Element(self.algebra, [a + b for a, b in zip(self, self._of(other), strict=True)])

    def __radd__(self, other: Any) -> Element:
        return self + other

    def __sub__(self, other: Any) -> Element:
        return self + -self._of(other) if _is_exact(other) else NotImplemented

    def __rsub__(self, other: Any) -> Element:
        return -self + other

    def __mul__(self, other: Any) -> Element:
        if isinstance(other, Element):
            return Element(self.algebra, self.algebra.product(self, self._of(other)))
        return self.map(lambda c: c * other) if _is_exact(other) else NotImplemented

    def __rmul__(self, other: Any) -> Element:
        return self.map(lambda c: other * c) if _is_exact(other) else NotImplemented

    def __truediv__(self, other: Any) -> Element:
        if isinstance(other, Element):
            return self * self._of(other).inverse()
        return self.map(lambda c: _quotient(c, other)) if _is_exact(other) else NotImplemented

    def __rtruediv__(self, other: Any) -> Element:
        return other * self.inverse() if _is_exact(other) else NotImplemented

    def __pow__(self, exponent: int) -> Element:
        """The power `x (x (… x))`, by an integer."""
        if not isinstance(exponent, int):
            raise TypeError(f"`exponent` (={exponent!r}) must be an integer")
        base = self.inverse() if exponent < 0 else self
        power = None if exponent else self._of(1)
        for _ in range(abs(exponent)):
            power = base if power is None else base * power
        assert power is not None
        return power

    def conj(self) -> Element:
        """The conjugate.

        Raises:
            NotImplementedError: if the algebra has none.

        Example:
            >>> hc.QUATERNION.element("1+2i-k").conj()
            1-2i+k
        """
        return Element(self.algebra, self.algebra.conjugate(self))

    def norm(self) -> Any:
        """The quadratic form `N(x) = Re(x x̄)`, as `Algebra.norm`: no root is taken.

        Raises:
            NotImplementedError: if the algebra has no unit or no conjugation.

        Example:
            >>> hc.QUATERNION.element("1+2i-k").norm()
            6
        """
        return self.algebra.norm(self)

    @property
    def real(self) -> Any:
        """The part of 1.

        Example:
            >>> hc.QUATERNION.element("5+2i").real
            5
        """
        return sum(c * x for c, x in zip(self.algebra.real_form, self, strict=True) if c)

    def inverse(self) -> Element:
        """The `y` with `x y = 1`; the one that is a polynomial in `x`, where there are others.

        Raises:
            ZeroDivisionError: if there is none.
            NotImplementedError: if the algebra has no unit.

        Example:
            >>> hc.QUATERNION.element("1+2i").inverse()
            1/5-2/5i
            >>> hc.hermitian(2).element("E11-E22+E12").inverse()
            1/2*E11+1/2*E12-1/2*E22
        """
        A = self.algebra
        A.needs("an inverse")
        if A.has_real_norm:
            if _vanishes(norm := self.norm()):
                raise ZeroDivisionError(f"{self} has no inverse in {A}")
            return self.conj() / norm
        if not self._is_rational():
            return self._inverse_of_expressions()
        powers, (last, *others) = self._powers()
        if not last:
            raise ZeroDivisionError(f"{self} has no inverse in {A}")
        found = linear.row_times(dict(enumerate(others)), powers)
        return -Element(A, dense(found, A.dimension)) / last

    def minimal_polynomial(self) -> tuple[Any, ...]:
        """The monic polynomial `m` of least degree with `m(x) = 0`: its coefficients, the constant
        first, as `polynomial_quotient` takes them. Powers are `x (x (… x))`.

        Raises:
            TypeError: if a coefficient of the element is no integer or fraction.
            NotImplementedError: if the algebra has no unit.

        Example:
            >>> hc.QUATERNION.element("1+2i").minimal_polynomial()  # x² - 2x + 5
            (5, -2, 1)
            >>> hc.PGA.element("e0+e12").minimal_polynomial()
            (1, 0, 2, 0, 1)
        """
        self.algebra.needs("a minimal polynomial")
        if not self._is_rational():
            raise TypeError(f"{self} must have integers and fractions for coefficients")
        return tuple(map(plain, self._powers()[1]))

    def _powers(self) -> tuple[list[linear.Row], list[Fraction]]:
        """`1, x, xx, …`, as far as they are independent, and the minimal polynomial."""
        table, x = sparse_table(self.algebra), linear.sparse_row(self)
        one = linear.sparse_row(self.algebra.unit or ())
        return linear.krylov(lambda y: times(table, x, y), self.algebra.dimension, one)

    def _is_rational(self) -> bool:
        return all(isinstance(c, (int, Fraction)) for c in self)

    def _inverse_of_expressions(self) -> Element:
        """The inverse where coefficients are of sympy, by the matrix of `y ↦ x y`."""
        import sympy

        A = self.algebra
        rows = sympy.Matrix(A.left_matrix(self))
        try:
            return Element(A, list(rows.LUsolve(sympy.Matrix(A.unit))))
        except sympy.matrices.exceptions.NonInvertibleMatrixError:
            pass
        if A.is_alternative:
            raise ZeroDivisionError(f"{self} has no inverse in {A}")
        raise NotImplementedError(
            f"whether {self} has an inverse in {A} is not decided: y ↦ x y has none, and the "
            "coefficients are no fractions"
        )

    def _of(self, other: Any) -> Element:
        """An element of this algebra: a number stands for a multiple of 1."""
        if isinstance(other, Element):
            if other.algebra != self.algebra:
                raise TypeError(
                    f"{self} of {self.algebra} and {other} of {other.algebra} are numbers of two "
                    "algebras"
                )
            return other
        self.algebra.needs(f"the number {other} among elements")
        return Element(self.algebra, [other * c for c in self.algebra.unit or ()])

    # ------------------------------------------------------------------ reading

    def __repr__(self) -> str:
        return self.algebra.format(self.coefficients)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    def latex(self) -> str:
        r"""The element in LaTeX.

        Example:
            >>> print(hc.clifford(2).element("1/2-3e12").latex())
            \frac{1}{2} - 3\,e_{12}
        """
        from hypercomplex.algebra.tabular import latex_sum

        return latex_sum(self.algebra, self.coefficients)

    def _latex(self, printer: Any, *args: Any) -> str:
        """What `sympy.latex` writes."""
        return self.latex()

    def to_sympy(self) -> Any:
        """A quaternion or a complex number as sympy has them.

        Raises:
            ValueError: if the algebra is another.

        Example:
            >>> hc.COMPLEX.element((1, 2)).to_sympy()
            1 + 2*I
            >>> hc.QUATERNION.element((1, 2, 3, 4)).to_sympy()
            1 + 2*i + 3*j + 4*k
        """
        import sympy

        from hypercomplex.algebra.constructions import COMPLEX, QUATERNION

        coefficients = [sympy.sympify(c) for c in self]
        if self.algebra == QUATERNION:
            return sympy.Quaternion(*coefficients)
        if self.algebra == COMPLEX:
            return coefficients[0] + sympy.I * coefficients[1]
        raise ValueError(
            f"sympy has no numbers of {self.algebra}; sympy.Matrix(list(x)) is the column of "
            "coefficients"
        )


def element(algebra: Algebra, value: Any) -> Element:
    """An element from coefficients, text, or a quaternion of sympy; see `Algebra.element`."""
    if isinstance(value, Element):
        algebra._check_own("value", value)
        return value
    if isinstance(value, str):
        from hypercomplex.algebra.texts import element as read

        return Element(algebra, dense(read("value", value, algebra), algebra.dimension))
    if type(value).__name__ == "Quaternion" and hasattr(value, "args"):
        value = value.args[:4]
    if not isinstance(value, Sequence):
        raise TypeError(
            f"`value` (={value!r}) must be the coefficients of an element of {algebra}, or text "
            "such as '1-2i'"
        )
    algebra._check_element("value", value)
    wrong = [c for c in value if isinstance(c, (float, complex, str))]
    if wrong:
        raise TypeError(
            f"`value` (={value!r}) holds {wrong[0]!r}; give integers, Fractions or sympy "
            "expressions, so that the element is exact"
        )
    return Element(algebra, value)


def basis(algebra: Algebra) -> tuple[Element, ...]:
    """The units as elements."""
    n = algebra.dimension
    return tuple(Element(algebra, [int(i == k) for k in range(n)]) for i in range(n))


def symbols(algebra: Algebra, name: str) -> Element:
    """An element of real symbols; see `Algebra.symbols`."""
    if not isinstance(name, str) or not name:
        raise TypeError(f"`name` (={name!r}) must be the name of the symbols, a string")
    import sympy

    return Element(algebra, sympy.symbols(f"{name}:{algebra.dimension}", real=True))


def _is_exact(x: Any) -> bool:
    """Whether something is an element, or may be a coefficient: floats and tensors are not."""
    return isinstance(x, (Element, int, Fraction)) or hasattr(x, "free_symbols")


def _vanishes(c: Any) -> bool:
    """Whether a coefficient is 0, such as `sqrt(3 + 2 sqrt(2)) - 1 - sqrt(2)`."""
    return c == 0 or (hasattr(c, "equals") and bool(c.equals(0)))


def _settled(c: Any) -> Any:
    return plain(c) if isinstance(c, Fraction) else c


def _quotient(a: Any, b: Any) -> Any:
    exact = isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction))
    return Fraction(a) / b if exact else a / b
