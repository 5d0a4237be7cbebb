"""What an algebra may be: any basis, with or without unit, conjugation by signs, by rows or none."""

import pickle
from fractions import Fraction
from random import Random

import pytest
import sympy as sp

import hypercomplex as hc
from tests.cases import ALGEBRAS, GENERAL, HURWITZ, MATRICES, SO3, every_small_algebra, rewritten

UNITAL = [A for A in GENERAL if A.unit is not None]


def elements(algebra):
    return sp.symbols(f"x:{algebra.dimension}"), sp.symbols(f"y:{algebra.dimension}")


def expanded(x):
    return [sp.expand(c) for c in x]


def image(x, rows):
    return tuple(sum(c * row[k] for c, row in zip(x, rows, strict=True)) for k in range(len(rows)))


@pytest.mark.parametrize("algebra", UNITAL, ids=str)
def test_the_unit_keeps_every_number(algebra):
    x, _ = elements(algebra)
    assert expanded(algebra.multiply(algebra.unit, x)) == list(x)
    assert expanded(algebra.multiply(x, algebra.unit)) == list(x)


def test_there_need_not_be_a_unit():
    assert SO3.unit is None
    left_unit_only = hc.Algebra(("a", "b"), ((0, 0, 0, 1), (0, 1, 1, 1)))
    assert left_unit_only.unit is None
    assert hc.Algebra(("a",), ()).unit is None
    assert hc.Algebra(("a",), ((0, 0, 0, Fraction(1, 3)),)).unit == (3,)


@pytest.mark.parametrize("algebra", [A for A in GENERAL if A.conjugation], ids=str)
def test_conjugations_turn_products_round(algebra):
    x, y = elements(algebra)
    conj, multiply = algebra.conjugate, algebra.multiply
    assert expanded(conj(multiply(x, y))) == expanded(multiply(conj(y), conj(x)))
    assert expanded(conj(conj(x))) == list(x)
    assert expanded(algebra.left_conjugated(x, y)) == expanded(multiply(conj(x), y))
    assert expanded(algebra.right_conjugated(x, y)) == expanded(multiply(x, conj(y)))


@pytest.mark.parametrize("algebra", UNITAL, ids=str)
def test_adapted_algebras_are_isomorphic(algebra):
    A, basis, images = algebra.adapted
    x, y = elements(algebra)
    assert A.unit == (1, *[0] * (A.dimension - 1))
    assert A.is_adapted
    assert pickle.loads(pickle.dumps(A)) == A  # made of its parts, which are checked then
    assert expanded(image(image(x, images), basis)) == list(x)
    there = image(algebra.multiply(x, y), images)
    assert expanded(there) == expanded(A.multiply(image(x, images), image(y, images)))
    if algebra.conjugation is not None:
        there = image(algebra.conjugate(x), images)
        assert expanded(there) == expanded(A.conjugate(image(x, images)))
    real = sum(r * c for r, c in zip(algebra.real_form, x, strict=True))
    assert sp.expand(real - image(x, images)[0]) == 0


@pytest.mark.parametrize("algebra", [A for A in UNITAL if A.conjugation], ids=str)
def test_the_norm_is_that_of_the_adapted_algebra(algebra):
    x, _ = elements(algebra)
    A, _, images = algebra.adapted
    assert sp.expand(algebra.norm(x) - A.norm(image(x, images))) == 0
    assert algebra.has_real_norm == A.has_real_norm
    xx = sp.Matrix(algebra.multiply(x, algebra.conjugate(x)))
    rest = expanded(xx - algebra.norm(x) * sp.Matrix(algebra.unit))
    assert algebra.has_real_norm == (not any(rest))


@pytest.mark.parametrize("algebra", [*ALGEBRAS, *UNITAL], ids=str)
def test_quadratic_algebras_are_so_in_every_basis(algebra):
    x, _ = elements(algebra)
    t = algebra.trace_form
    assert algebra.is_quadratic == algebra.adapted.algebra.is_quadratic
    if t is None:  # there are x for which 1, x and x² are independent
        random = Random(0)
        some = [[random.randint(-3, 3) for _ in x] for _ in range(5)]
        planes = [sp.Matrix([algebra.unit, x, algebra.multiply(x, x)]) for x in some]
        assert any(plane.rank() == 3 for plane in planes)
        return
    trace = sum(c * a for c, a in zip(t, x, strict=True))
    rest = sp.Matrix(algebra.multiply(x, x)) - trace * sp.Matrix(x)
    k = next(k for k, c in enumerate(algebra.unit) if c)
    n = rest[k] / algebra.unit[k]
    assert not any(expanded(rest - n * sp.Matrix(algebra.unit)))


@every_small_algebra
def test_properties_do_not_depend_on_the_basis(algebra):
    """Another basis, all of whose elements are sums: the properties are those of the numbers."""
    n = algebra.dimension
    basis = [{i: 1, (i + 1) % n: 2} if n > 1 else {0: 2} for i in range(n)]
    other = rewritten(algebra, basis, tuple(f"b{i}" for i in range(n)), "other")
    for name in ("is_quadratic", "has_real_norm"):
        assert getattr(other, name) == getattr(algebra, name), name
    assert other.unit is not None
    assert other.adapted.algebra.is_adapted


def test_quaternions_in_the_basis_of_hurwitz():
    assert HURWITZ.is_quadratic
    assert HURWITZ.has_real_norm
    assert HURWITZ.trace_form == (2, 0, 0, 1)
    assert HURWITZ.norm((0, 0, 0, 1)) == 1
    assert HURWITZ.adapted.algebra.has_real_squares
    assert not HURWITZ.has_real_squares


@pytest.mark.parametrize("algebra", GENERAL, ids=str)
def test_algebras_of_every_kind_pickle(algebra):
    copy = pickle.loads(pickle.dumps(algebra))
    assert copy == algebra
    assert copy.conjugation == algebra.conjugation


def test_rows_of_signs_are_signs():
    rows = tuple(tuple((1, -1, -1, -1)[i] * (i == j) for j in range(4)) for i in range(4))
    assert hc.Algebra(hc.QUATERNION.units, hc.QUATERNION.products, rows) == hc.QUATERNION
    without = hc.Algebra(hc.QUATERNION.units, hc.QUATERNION.products)
    assert without.conjugation is None
    assert without != hc.QUATERNION


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)),
            "conjugate of e11·e12 is 1 'e12'",
        ),
        (((1, 0, 0, 0), (0, 0, 2, 0), (0, 2, 0, 0), (0, 0, 0, 1)), "makes 4 'e12' of 'e12'"),
        (
            ((1, 0, 0, 0), (0, 0, 1), (0, 1, 0, 0), (0, 0, 0, 1)),
            "must hold 4 integers or Fractions",
        ),
        (((1, 0, 0, 0), (0, 0, 1.0, 0), (0, 1, 0, 0), (0, 0, 0, 1)), "integers or Fractions"),
        ((1, 1, 1, 1), "conjugate of e11·e12 is 1 'e12', and the product of the conjugates, e12"),
        (((0, 0, 0, 1),) * 3, "must hold one sign, 1 or -1, for each of the 4 units"),
    ],
)
def test_broken_conjugations_are_refused_with_the_product(rows, message):
    with pytest.raises(ValueError, match=message):
        hc.Algebra(MATRICES.units, MATRICES.products, rows)


def test_what_needs_a_unit_or_a_conjugation_says_so():
    bare = hc.Algebra(hc.COMPLEX.units, hc.COMPLEX.products, name="BARE")
    for ask in (
        lambda: bare.conjugate((1, 2)),
        lambda: bare.norm((1, 2)),
        lambda: bare.left_conjugated,
        lambda: bare.inner_product,
        lambda: hc.cayley_dickson(bare),
    ):
        with pytest.raises(NotImplementedError, match="needs a conjugation, and BARE has none"):
            ask()
    for ask in (lambda: SO3.adapted, lambda: SO3.real_form, lambda: SO3.norm_form):
        with pytest.raises(NotImplementedError, match=r"needs a unit, and so\(3\) has none"):
            ask()
    assert not SO3.has_real_norm
    assert not SO3.is_quadratic
    assert bare.is_quadratic
    assert SO3.commutator((1, 0, 0), (0, 1, 0)) == (0, 0, 2)


def test_doubling_takes_every_conjugation():
    """The double of quaternions in another basis is that of octonions in another basis."""
    double = hc.cayley_dickson(HURWITZ)
    x, _ = elements(double)
    assert double.is_alternative
    assert double.has_real_norm
    assert double.unit == (1, *[0] * 7)
    assert sp.expand(double.norm(x) - HURWITZ.norm(x[:4]) - HURWITZ.norm(x[4:])) == 0
