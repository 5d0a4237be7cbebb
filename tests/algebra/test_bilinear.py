"""Bilinear maps are exact, and what is made of them is what it says."""

import copy
import pickle
from fractions import Fraction

import pytest
import sympy as sp

import hypercomplex as hc
from hypercomplex.algebra import Bilinear
from tests.cases import every_small_algebra


def elements(algebra, *names):
    return [sp.symbols(f"{name}:{algebra.dimension}") for name in names]


def same(found, expected):
    assert [sp.expand(x - y) for x, y in zip(found, expected, strict=True)] == [0] * len(found)


@every_small_algebra
def test_the_transposed_maps_are_the_gradients(algebra):
    a, b, g = elements(algebra, *"abg")
    pairing = sum(x * y for x, y in zip(g, algebra.product(a, b), strict=True))
    same(algebra.product.of_left(g, b), [sp.diff(pairing, x) for x in a])
    same(algebra.product.of_right(a, g), [sp.diff(pairing, x) for x in b])


@every_small_algebra
def test_maps_made_of_the_product(algebra):
    a, b = elements(algebra, *"ab")
    ab, ba = algebra.multiply(a, b), algebra.multiply(b, a)
    same(algebra.product.swapped(a, b), ba)
    same(algebra.commutator(a, b), [x - y for x, y in zip(ab, ba, strict=True)])
    real, *_ = algebra.multiply(algebra.conjugate(a), b)
    same(algebra.inner_product(a, b), [real])
    conjugated = algebra.product.scaled(right=algebra.conjugation)
    same(conjugated(a, b), algebra.multiply(a, algebra.conjugate(b)))
    assert algebra.right_conjugated == conjugated
    same(algebra.left_conjugated(a, b), algebra.multiply(algebra.conjugate(a), b))
    halves = algebra.product.scaled(out=[Fraction(1, 2)] * algebra.dimension)
    same(halves(a, b), [x / 2 for x in ab])
    if algebra.is_commutative:
        assert algebra.commutator.constants == ()


def test_maps_are_values():
    product = hc.QUATERNION.product
    assert product == hc.clifford(0, 2).product
    assert hash(product) == hash(hc.clifford(0, 2).product)
    assert product != hc.COMPLEX.product
    assert product != "product"
    for twin in (copy.deepcopy(product), pickle.loads(pickle.dumps(product))):
        assert twin == product
        assert str(twin) == "QUATERNION"
    assert product.swapped.swapped == product
    assert product.product is product
    assert product.named("other") == product
    assert str(hc.QUATERNION.commutator) == "commutator of QUATERNION"
    assert repr(product) == "QUATERNION, a bilinear map of shape (4, 4, 4)"
    assert product.of_left.of_left == product
    whole = hc.COMPLEX.product.scaled(out=[Fraction(4, 2)] * 2)
    assert {type(c) for *_, c in whole.constants} == {int}


def test_a_part_keeps_its_order():
    part = hc.QUATERNION.product.between(range(1, 4), range(1, 4), range(1))
    assert part == Bilinear((3, 3, 1), tuple((i, i, 0, -1) for i in range(3)))


@pytest.mark.parametrize("c", [10**400, Fraction(1, 10**400)])
def test_constants_beyond_float_are_known(c):
    assert Bilinear((1, 1, 1), ((0, 0, 0, c),)).without_float == ((0, 0, 0, c),)


def test_constants_are_kept_in_order():
    found = Bilinear([2, 2, 2], [[1, 1, 1, 3], [0, True, 0, True], (0, 0, 0, 0)])
    assert found.shape == (2, 2, 2)
    assert found.constants == ((0, 1, 0, 1), (1, 1, 1, 3))
    assert type(found.constants[0][3]) is int
    assert found == Bilinear((2, 2, 2), found.constants)
    turned = hc.COMPLEX.product.between(range(1, -1, -1), range(2), range(2))
    assert turned.constants == tuple(sorted(turned.constants))


SQUARE = (2, 2, 2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (SQUARE, ((0, 0, 0, 1), (0, 0, 0, 2))),
            ValueError,
            r"`constants`.*\(0, 0, 0\) is .* twice",
        ),
        (
            (SQUARE, ((0, -1, 0, 1),)),
            ValueError,
            "`constants`: the indices of .* must lie in 0 … 1",
        ),
        (((2, 2, 1), ((0, 1, 1, 1),)), ValueError, r"must lie in range\(2\), .* range\(1\)"),
        ((SQUARE, ((0, 0, 0, 0.5),)), ValueError, "must be an integer or a Fraction"),
        ((SQUARE, ((0, 0, 1),)), ValueError, r"`constants` holds \(0, 0, 1\); write"),
        ((SQUARE, 3), TypeError, r"`constants` \(=3\) must be a sequence"),
        (((2, 2), ()), ValueError, r"`shape` \(=\(2, 2\)\) must be three nonnegative integers"),
        (((2, 2, -1), ()), ValueError, "must be three nonnegative integers"),
        (((2, 2, 1.0), ()), TypeError, "`shape` .* must be three integers"),
        ((2, ()), TypeError, r"`shape` \(=2\) must be three integers"),
        ((SQUARE, (), 7), TypeError, r"`name` \(=7\) must be a string"),
    ],
)
def test_bad_maps_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Bilinear(*arguments)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: p.minus(hc.QUATERNION.product), ValueError, r"`other` \(=QUATERNION\) of shape"),
        (lambda p: p.minus(hc.QUATERNION.product.between(*[range(2)] * 2, range(1))), ValueError,
         r"must have the shape \(2, 2, 2\) of COMPLEX"),
        (lambda p: p.minus(2), TypeError, r"`other` \(=2\) must be a Bilinear"),
        (lambda p: p.scaled(left=(1, -1, 1)), ValueError, "`left` .* must hold 2 numbers"),
        (lambda p: p.scaled(out=(1,)), ValueError, "`out` .* must hold 2 numbers"),
        (lambda p: p.scaled(right=(0.5, 1)), TypeError, "`right` .* integers or Fractions"),
        (lambda p: p.scaled(right=2), TypeError, r"`right` \(=2\) must be a sequence"),
        (lambda p: p.between(range(3), range(2), range(2)), ValueError,
         r"`left` \(=range\(0, 3\)\) must lie inside range\(2\)"),
        (lambda p: p.between(range(2), range(-1, 1), range(2)), ValueError, "`right` .* must lie"),
        (lambda p: p.between(range(2), range(2), (0, 1)), TypeError, "`out` .* must be a range"),
        (lambda p: p.named(7), TypeError, r"`name` \(=7\) must be a string"),
        (lambda p: p((1, 2, 3), (1, 2)), ValueError, "`a` .* must have the 2 coefficients of COM"),
        (lambda p: p((1, 2), (1,)), ValueError, "`b` .* must have the 2 coefficients of COMPLEX"),
    ],
)  # fmt: skip
def test_maps_are_made_of_what_fits(make, error, message):
    with pytest.raises(error, match=message):
        make(hc.COMPLEX.product)
