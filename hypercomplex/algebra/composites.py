"""Algebras made of algebras: tensor products, direct sums, matrices, and other products on one."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from hypercomplex.algebra import arguments
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.conjugations import conjugates, conjugation
from hypercomplex.algebra.constructions import COMPLEX
from hypercomplex.algebra.laws import inheriting, known
from hypercomplex.algebra.sparse import Sparse
from hypercomplex.algebra.tables import Product

__all__ = [
    "complexify",
    "dual",
    "jordan",
    "opposite",
    "tensor_product",
]

_IDENTITIES = "commutative", "associative", "alternative", "flexible", "power_associative"


def tensor_product(*algebras: Algebra, name: str | None = None) -> Algebra:
    """The tensor product `A ⊗ B ⊗ …` over the reals.

    `(a ⊗ b)(c ⊗ d) = ac ⊗ bd` and `conj(a ⊗ b) = ā ⊗ b̄`; the last factor's units run fastest. The
    name of a unit is those of its factors, joined where that is clear, and with `⊗` between them
    where it is not.

    Raises:
        ValueError: if there are no algebras.
        TypeError: if one of them is none.

    Example:
        >>> tensor_product(hc.COMPLEX, hc.COMPLEX)
        COMPLEX ⊗ COMPLEX, dimension 4
            │   1  1⊗i  i⊗1  i⊗i
        ────┼───────────────────
          1 │   1  1⊗i  i⊗1  i⊗i
        1⊗i │ 1⊗i   -1  i⊗i -i⊗1
        i⊗1 │ i⊗1  i⊗i   -1 -1⊗i
        i⊗i │ i⊗i -i⊗1 -1⊗i    1
    """
    factors = _several(algebras)
    product = reduce(_times, factors)
    made = _renamed(product, name or " ⊗ ".join(map(_bracketed, factors)))
    return inheriting(made, factors, "commutative", "associative")


def complexify(algebra: Algebra, *, name: str | None = None) -> Algebra:
    """The algebra over the complex numbers, `a + I b` with the `a`, `b` of an algebra.

    It is `ℂ ⊗ A`: `I` commutes with everything, and `conj(a + I b) = ā − I b̄`, so that where
    `N(a)` is the squared length, `N(a + I b)` is.

    Raises:
        TypeError: if `algebra` is none.

    Example:
        >>> complexify(hc.QUATERNION).units
        ('1', 'i', 'j', 'k', 'I', 'Ii', 'Ij', 'Ik')
        >>> complexify(hc.REAL) == hc.COMPLEX
        True
    """
    A = arguments.algebra("algebra", algebra)
    return _scalars(COMPLEX, "I", A, name or f"complexify({A})")


def dual(algebra: Algebra, *, name: str | None = None) -> Algebra:
    """The algebra over the dual numbers, `a + ε b` with `ε² = 0`.

    `ε` commutes with everything, and `conj(a + ε b) = ā + ε b̄`: a dual quaternion of length 1 then
    has its conjugate for its inverse, as in the even part of projective geometric algebra.

    Raises:
        TypeError: if `algebra` is none.

    Example:
        >>> pose = dual(hc.QUATERNION)
        >>> pose.format(pose.multiply((0, 1, 0, 0, 1, 0, 0, 0), (0, 0, 1, 0, 1, 0, 0, 0)))
        'k+εi+εj'
    """
    A = arguments.algebra("algebra", algebra)
    return _scalars(_DUAL_SCALARS, "ε", A, name or f"dual({A})")


def opposite(algebra: Algebra, *, name: str | None = None) -> Algebra:
    """The same numbers, multiplied the other way round: the product of `a` and `b` is `ba`.

    Raises:
        TypeError: if `algebra` is none.

    Example:
        >>> opposite(hc.COMPLEX) == hc.COMPLEX
        True
        >>> opposite(hc.QUATERNION).multiply((0, 1, 0, 0), (0, 0, 1, 0))  # ji = -k
        (0, 0, 0, -1)
    """
    A = arguments.algebra("algebra", algebra)
    products = tuple((j, i, k, c) for i, j, k, c in A.products)
    made = Algebra(A.units, products, A.conjugation, name or f"opposite({A})")
    return inheriting(made, [A], *_IDENTITIES)


def jordan(algebra: Algebra, *, name: str | None = None) -> Algebra:
    """The same numbers under the Jordan product `(ab + ba) / 2`, which commutes; `A.plus`.

    Raises:
        TypeError: if `algebra` is none.

    Example:
        >>> jordan(hc.QUATERNION).multiply((0, 1, 0, 0), (0, 0, 1, 0))  # ij + ji = 0
        (0, 0, 0, 0)

    Source:
        K. McCrimmon, *A Taste of Jordan Algebras*, 2004.
    """
    A = arguments.algebra("algebra", algebra)
    half = Fraction(1, 2)
    made = Algebra(A.units, _combined(A, half, half), A.conjugation, name or f"{_bracketed(A)}⁺")
    return known(made, "commutative")


def _combined(A: Algebra, here: int | Fraction, there: int | Fraction) -> tuple[Product, ...]:
    """The constants of `here · ab + there · ba`."""
    total: dict[tuple[int, int, int], int | Fraction] = {}
    for i, j, k, c in A.products:
        total[i, j, k] = total.get((i, j, k), 0) + here * c
        total[j, i, k] = total.get((j, i, k), 0) + there * c
    return tuple((*place, plain(Fraction(c))) for place, c in total.items() if c)


def _several(algebras: tuple[Algebra, ...]) -> tuple[Algebra, ...]:
    if not algebras:
        raise ValueError("`algebras` is empty; give one algebra at least, such as QUATERNION")
    return tuple(arguments.algebra("algebras", A) for A in algebras)


def _times(A: Algebra, B: Algebra) -> Algebra:
    """The tensor product of two."""
    m = B.dimension
    left, right = conjugates(A), conjugates(B)
    images: list[Sparse] | None = None
    if left is not None and right is not None:
        images = [
            {k * m + o: c * d for k, c in x.items() for o, d in y.items()}
            for x in left
            for y in right
        ]
    return Algebra(
        _joined(A.units, B.units),
        tuple(
            (i * m + a, j * m + b, k * m + o, plain(Fraction(c * d)))
            for i, j, k, c in A.products
            for a, b, o, d in B.products
        ),
        conjugation(images),
        f"{A} ⊗ {B}",
    )


def _scalars(scalars: Algebra, unit: str, A: Algebra, name: str) -> Algebra:
    """The algebra with more scalars, of a basis of 1 and one other."""
    named = Algebra(("1", unit), scalars.products, scalars.conjugation)
    made = _renamed(_times(named, A), name)
    return inheriting(made, [A], *_IDENTITIES)


def _renamed(A: Algebra, name: str) -> Algebra:
    return inheriting(Algebra(A.units, A.products, A.conjugation, name), [A])


def _joined(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    """The names of products of units; 1 goes without saying where all stay different."""
    short = [a + b if "1" not in (a, b) else b if a == "1" else a for a in left for b in right]
    if len(set(short)) == len(short) and not set(left[1:]) & set(right[1:]):
        return tuple(short)
    return tuple("1" if a == b == "1" else f"{a}⊗{b}" for a in left for b in right)


def _bracketed(A: Algebra) -> str:
    return f"({A})" if " " in str(A) else str(A)


_DUAL_SCALARS = Algebra(("1", "ε"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1)), (1, 1))
