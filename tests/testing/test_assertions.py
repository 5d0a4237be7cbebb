"""Assertions hold where they should, fail where they should, and say what is wrong."""

import math

import pytest
import torch

import hypercomplex as hc
from hypercomplex.testing import assert_close, assert_equivariant, check_laws
from tests.cases import SEDENION

Q = hc.QuaternionTensor


def fails(words, *args, assertion=assert_close, **options):
    with pytest.raises(AssertionError, match=words):
        assertion(*args, **options)


def test_numbers_are_close_by_their_length():
    q = Q(torch.tensor([[1.0, 1e-4, 0, 0]], dtype=torch.float64))
    turned = q + Q(torch.tensor([0, 0, 0, 5e-8], dtype=torch.float64))
    assert_close(turned, q, rtol=1e-7, atol=0)
    fails("1 of 1 numbers are not close", turned, q, rtol=1e-8, atol=0)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(turned.components, q.components, rtol=1e-7, atol=0)


def test_the_worst_number_is_told():
    q = Q(torch.zeros(2, 3, 4)) + 1
    p = q.clone()
    p[0, 1], p[1, 2] = 1.01, 2
    fails(
        r"2 of 6 numbers are not close; at \(1, 2\): 2\+0i\+0j\+0k, not 1\+0i\+0j\+0k;\n1 apart",
        p,
        q,
    )


@pytest.mark.parametrize("factor", [1e-170, 1.0, 1e170])
def test_squares_need_not_be_in_range(factor):
    q = Q(torch.full((3, 4), factor, dtype=torch.float64))
    assert_close(q * (1 + 1e-12), q, rtol=1e-11, atol=0)
    fails("not close", q * (1 + 1e-10), q, rtol=1e-11, atol=0)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinities_are_equal_to_themselves_alone(value):
    q = Q(torch.tensor([value, 0, 1, 0]))
    assert_close(q, q)
    fails("not close", q, Q(torch.tensor([-value, 0, 1, 0])))
    fails("not close", q, Q(torch.tensor([1.0, 0, 1, 0])))
    fails("not close", Q(torch.tensor([1.0, 0, 1, 0])), q)


def test_nan_is_equal_to_itself_if_asked():
    q = Q(torch.tensor([math.nan, 0, 1, 0]))
    assert_close(q, q, equal_nan=True)
    fails("not close", q, q)
    fails("not close", q, Q(torch.tensor([0, math.nan, 1, 0])), equal_nan=True)


def test_real_numbers_may_be_expected():
    assert_close(Q(torch.eye(4)) * 0 + 2, torch.full((4,), 2.0))
    assert_close(Q.ones(3), [1, 1, 1])
    fails("not close", Q.ones(3), [1, 1, 2])


def test_kinds_are_compared_too():
    fails(r"the shape is .*\[2\].*, and .*\[3\].* is expected", Q.ones(2), Q.ones(3))
    fails("the dtype is torch.float32, and torch.float64", Q.ones(2), Q.ones(2).double())
    fails("numbers of QUATERNION, and of COMPLEX", Q.ones(2), hc.tensor_type(hc.COMPLEX).ones(2))
    with pytest.raises(TypeError, match="`actual` is a Tensor"):
        assert_close(torch.ones(2), Q.ones(2))
    with pytest.raises(ValueError, match=r"`rtol` .* and `atol` .* both, or none"):
        assert_close(Q.ones(2), Q.ones(2), rtol=1)


def test_empty_tensors_are_close():
    assert_close(Q.ones(0, 2), Q.ones(0, 2))


def test_functions_that_commute_with_an_action():
    x, q = Q.randn(5, 3), Q.randn()
    layer = hc.nn.QuaternionLinear(3, 2, bias=False)
    assert_equivariant(layer, lambda x: x * q, x)
    fails("numbers are not close", layer, lambda x: q * x, x, assertion=assert_equivariant)
    turn = lambda v: q.normalize().rotate(v)
    assert_equivariant(torch.linalg.cross, turn, torch.randn(7, 3), torch.randn(7, 3))
    assert_equivariant(lambda v: v.norm(dim=-1), turn, torch.randn(7, 3), output_action=lambda y: y)
    fails("not close", torch.square, turn, torch.randn(7, 3), assertion=assert_equivariant)


def test_laws_by_name_and_by_sentence():
    check_laws(hc.QUATERNION, "associative", "division", "(xy)z = x(yz)")
    check_laws(SEDENION, "flexible", "power_associative")
    fails(r"SEDENION: .* does not hold for .*e\d", SEDENION, "alternative", assertion=check_laws)
    fails(
        r"QUATERNION: xy = yx does not hold for i, j",
        hc.QUATERNION,
        "xy = yx",
        assertion=check_laws,
    )
    with pytest.raises(ValueError, match="nice"):
        check_laws(hc.QUATERNION, "nice")
    with pytest.raises(ValueError, match="say what to check"):
        check_laws(hc.QUATERNION)
    with pytest.raises(TypeError, match=r"`algebra` .* must be an Algebra"):
        check_laws("associative")


def test_a_product_of_ones_own_is_compared_with_the_table():
    check_laws(hc.QUATERNION, multiply=torch.mul)
    words = "`multiply` gives .* which is"
    fails(words, hc.QUATERNION, multiply=lambda a, b: b * a, assertion=check_laws)
    fails(words, hc.QUATERNION, multiply=lambda a, b: a * b + (a.abs() > 1), assertion=check_laws)
