"""Bilinear maps are exact, and what is made of them is what it says."""

import copy
import pickle
from fractions import Fraction

import pytest
import sympy as sp

import hypercomplex as hc
from hypercomplex.algebra import Bilinear
from tests.cases import every_algebra


def elements(algebra, *names):
    return [sp.symbols(f"{name}:{algebra.dimension}") for name in names]


def same(found, expected):
    assert [sp.expand(x - y) for x, y in zip(found, expected, strict=True)] == [0] * len(found)


@every_algebra
def test_the_transposed_maps_are_the_gradients(algebra):
    a, b, g = elements(algebra, *"abg")
    pairing = sum(x * y for x, y in zip(g, algebra.product(a, b), strict=True))
    same(algebra.product.of_left(g, b), [sp.diff(pairing, x) for x in a])
    same(algebra.product.of_right(a, g), [sp.diff(pairing, x) for x in b])


@every_algebra
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
    assert product.of_left.of_left == product
    whole = hc.COMPLEX.product.scaled(out=[Fraction(4, 2)] * 2)
    assert {type(c) for *_, c in whole.constants} == {int}


def test_a_part_keeps_its_order():
    part = hc.QUATERNION.product.between(range(1, 4), range(1, 4), range(1))
    assert part == Bilinear((3, 3, 1), tuple((i, i, 0, -1) for i in range(3)))


@pytest.mark.parametrize("c", [10**400, Fraction(1, 10**400)])
def test_constants_beyond_float_are_known(c):
    assert Bilinear((1, 1, 1), ((0, 0, 0, c),)).without_float == ((0, 0, 0, c),)
