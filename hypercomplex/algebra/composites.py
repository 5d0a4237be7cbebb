"""Algebras made of algebras: tensor products, direct sums, matrices, and other products on one."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from hypercomplex.algebra import arguments
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.conjugations import conjugates, conjugation, natural
from hypercomplex.algebra.constructions import COMPLEX, REAL
from hypercomplex.algebra.laws import IDENTITIES, inheriting, is_known, known
from hypercomplex.algebra.linear import Echelon, Row
from hypercomplex.algebra.parts import spanned
from hypercomplex.algebra.sparse import added
from hypercomplex.algebra.tables import Product

__all__ = [
    "complexify",
    "direct_sum",
    "dual",
    "hermitian",
    "jordan",
    "lie",
    "matrix_algebra",
    "opposite",
    "tensor_product",
    "unitization",
]


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


def direct_sum(*algebras: Algebra, name: str | None = None) -> Algebra:
    """The direct sum `A ⊕ B ⊕ …`: tuples, multiplied and conjugated part by part.

    A subscript says of each unit which part it stands in.

    Raises:
        ValueError: if there are no algebras.
        TypeError: if one of them is none.

    Example:
        >>> direct_sum(hc.REAL, hc.COMPLEX)
        REAL ⊕ COMPLEX, dimension 3
           │ 1₁ 1₂  i₂
        ───┼──────────
        1₁ │ 1₁  0   0
        1₂ │  0 1₂  i₂
        i₂ │  0 i₂ -1₂
    """
    parts = _several(algebras)
    units: list[str] = []
    products: list[Product] = []
    images: list[Row] | None = []
    for number, part in enumerate(parts, 1):
        at = len(units)
        units += [unit + _subscript(number) for unit in part.units]
        products += [(i + at, j + at, k + at, c) for i, j, k, c in part.products]
        mine = conjugates(part)
        images = (
            None
            if images is None or mine is None
            else images + [{k + at: c for k, c in x.items()} for x in mine]
        )
    called = name or " ⊕ ".join(map(str, parts))
    made = Algebra(tuple(units), tuple(products), conjugation(images), called)
    return inheriting(made, parts, *IDENTITIES)


def unitization(algebra: Algebra, *, name: str | None = None) -> Algebra:
    """The algebra with a unit in front, `ℝ ⊕ A`: `(a + x)(b + y) = ab + (ay + bx + xy)`.

    It has the conjugation of the algebra, with `conj(1) = 1`; of one without, `a + x ↦ a − x` if
    products anticommute and `a + x ↦ a + x` if they commute. Where the algebra has a unit, that is
    only an idempotent here, and a subscript tells its units from 1.

    Raises:
        TypeError: if `algebra` is none.

    Example:
        >>> A = unitization(hc.SO3)
        >>> A.format(A.multiply((1, 1, 0, 0), (1, 0, 1, 0)))  # (1 + x)(1 + y)
        '1+x+y+z'
        >>> A.unit, A.conjugation
        ((1, 0, 0, 0), (1, -1, -1, -1))
        >>> unitization(hc.REAL).units
        ('1', '1₁')

    Source:
        R. D. Schafer, *An Introduction to Nonassociative Algebras*, 1966, chapter II.
    """
    A = arguments.algebra("algebra", algebra)
    n = A.dimension + 1
    ones = [(0, i, i, 1) for i in range(n)] + [(i, 0, i, 1) for i in range(1, n)]
    products = (*ones, *((i + 1, j + 1, k + 1, c) for i, j, k, c in A.products))
    images = conjugates(A)
    if images is None:
        conjugate = natural(products, n)
    else:
        shifted = [{k + 1: c for k, c in x.items()} for x in images]
        conjugate = conjugation([{0: 1}, *shifted])
    units = [unit + _subscript(1) for unit in A.units] if "1" in A.units else A.units
    made = Algebra(("1", *units), products, conjugate, name or f"unitization({A})")
    return inheriting(made, [A], *(law for law in IDENTITIES if law not in _LOST_TO_ONE))


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
    return inheriting(made, [A], *IDENTITIES)


def matrix_algebra(n: int, over: Algebra = REAL, *, name: str | None = None) -> Algebra:
    """The n × n matrices with entries in an algebra, with conjugate transposition.

    `E12i` is the matrix with `i` in the first row and the second column. The unit is
    `E11 + … + Enn`.

    Raises:
        ValueError: if `n` is not positive.
        TypeError: if an argument is of another kind.

    Example:
        >>> M = matrix_algebra(2)
        >>> M.units
        ('E11', 'E12', 'E21', 'E22')
        >>> M.multiply((1, 2, 3, 4), (0, 1, 1, 0))  # the columns exchanged
        (2, 1, 4, 3)
        >>> M.conjugate((1, 2, 3, 4))
        (1, 3, 2, 4)
    """
    n = arguments.count("n", n, "counts rows and columns", least=1)
    A = arguments.algebra("over", over)
    width, comma = A.dimension, "," if n > 9 else ""

    def place(row: int, column: int, k: int) -> int:
        return (row * n + column) * width + k

    indices = range(n)
    products = tuple(
        (place(a, b, i), place(b, d, j), place(a, d, k), c)
        for a in indices
        for b in indices
        for d in indices
        for i, j, k, c in A.products
    )
    entries = [(a, b, k) for a in indices for b in indices for k in range(width)]
    images = conjugates(A)
    turned = images and [{place(b, a, m): c for m, c in images[k].items()} for a, b, k in entries]
    suffix = ["" if unit == "1" else unit for unit in A.units]
    units = tuple(f"E{a + 1}{comma}{b + 1}{suffix[k]}" for a, b, k in entries)
    made = Algebra(units, products, conjugation(turned), name or f"matrix_algebra({n}, {A})")
    return inheriting(made, [A], "associative")


def hermitian(n: int, over: Algebra = REAL, *, name: str | None = None) -> Algebra:
    """The Hermitian n × n matrices over an algebra, under the Jordan product `(xy + yx) / 2`.

    A basis element is called after its entry in the upper triangle: `E12i` has `i` there, and `−i`
    opposite. Those of order 3 over the octonions are the Albert algebra.

    Raises:
        ValueError: if `n` is not positive, or the algebra has no conjugation.
        TypeError: if an argument is of another kind.

    Example:
        >>> spin = hermitian(2, hc.COMPLEX)
        >>> spin.units
        ('E11', 'E12', 'E12i', 'E22')
        >>> spin.format(spin.multiply((0, 0, 1, 0), (0, 0, 1, 0)))  # a Pauli matrix, squared
        'E11+E22'

    Source:
        P. Jordan, J. von Neumann, E. Wigner, *On an algebraic generalization of the quantum
        mechanical formalism*, 1934.
    """
    M = matrix_algebra(n, over)
    images = conjugates(M)
    if images is None:
        raise ValueError(f"`over` (={over}) must have a conjugation, which turns products round")
    space = Echelon(added({i: 1}, image) for i, image in enumerate(images))
    basis = space.basis
    units = tuple(M.units[min(x)] for x in basis)
    made = spanned(jordan(M), basis, units, name or f"hermitian({n}, {over})", laws=())
    return known(made, "commutative", *(["jordan"] if _is_jordan(n, over) else []))


def _is_jordan(n: int, over: Algebra) -> bool:
    """Whether theory says that Hermitian matrices over an algebra are a Jordan algebra."""
    return is_known(over, "associative") or (
        n <= 3 and is_known(over, "alternative") and is_known(over, "composition")
    )


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
    return known(made, "commutative", *(["jordan"] if is_known(A, "alternative") else []))


def lie(algebra: Algebra, *, name: str | None = None) -> Algebra:
    """The same numbers under the commutator `ab − ba`; `A.minus`. It has no unit, and no
    conjugation.

    Raises:
        TypeError: if `algebra` is none.

    Example:
        >>> lie(hc.QUATERNION).multiply((0, 1, 0, 0), (0, 0, 1, 0))  # ij - ji = 2k
        (0, 0, 0, 2)
    """
    A = arguments.algebra("algebra", algebra)
    made = Algebra(A.units, _combined(A, 1, -1), None, name or f"{_bracketed(A)}⁻")
    return known(made, "anticommutative", *(["lie"] if is_known(A, "associative") else []))


def _combined(A: Algebra, here: int | Fraction, there: int | Fraction) -> tuple[Product, ...]:
    """The constants of `here · ab + there · ba`."""
    total: dict[tuple[int, int, int], int | Fraction] = {}
    for i, j, k, c in A.products:
        total[i, j, k] = total.get((i, j, k), 0) + here * c
        total[j, i, k] = total.get((j, i, k), 0) + there * c
    return tuple((*place, plain(c)) for place, c in total.items() if c)


def _several(algebras: tuple[Algebra, ...]) -> tuple[Algebra, ...]:
    if not algebras:
        raise ValueError("`algebras` is empty; give one algebra at least, such as QUATERNION")
    if any(isinstance(A, (list, tuple)) for A in algebras):
        raise TypeError(
            "`algebras` holds a sequence; give algebras one by one, `A, B` or `*algebras`"
        )
    return tuple(arguments.algebra("algebras", A) for A in algebras)


def _times(A: Algebra, B: Algebra) -> Algebra:
    """The tensor product of two."""
    m = B.dimension
    left, right = conjugates(A), conjugates(B)
    images: list[Row] | None = None
    if left is not None and right is not None:
        images = [
            {k * m + o: c * d for k, c in x.items() for o, d in y.items()}
            for x in left
            for y in right
        ]
    return Algebra(
        _joined(A.units, B.units),
        tuple(
            (i * m + a, j * m + b, k * m + o, plain(c * d))
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
    return inheriting(made, [A], *IDENTITIES)


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


def _subscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


_LOST_TO_ONE = ("anticommutative", "lie")  # 1 does not square to 0
_DUAL_SCALARS = Algebra(("1", "ε"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1)), (1, 1))
