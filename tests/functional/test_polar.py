"""Length, angle and axis."""

import math

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import hypercomplex as hc
from hypercomplex import functional as F
from tests.cases import every_algebra, numbers


@every_algebra
def test_the_polar_form_and_back(algebra):
    T = hc.tensor_type(algebra)
    q = T(numbers(algebra, 7))
    length, angle, axis = q.polar()
    assert type(length) is type(angle) is torch.Tensor
    assert isinstance(axis, T)
    for again in (
        T.from_polar(length, angle, axis),
        F.from_polar(abs=length, angle=angle, axis=axis),
    ):
        torch.testing.assert_close(again.components, q.components)
    torch.testing.assert_close(length, q.abs())
    assert torch.equal(angle, torch.angle(q))
    assert ((angle >= 0) & (angle <= math.pi)).all()
    assert (axis.real == 0).all()


def test_on_complex_numbers():
    z = torch.complex(*torch.randn(2, 9, dtype=torch.float64))
    q = hc.tensor_type(hc.COMPLEX)(torch.view_as_real(z))
    torch.testing.assert_close(q.angle(), z.angle().abs())
    torch.testing.assert_close(q.axis().imag[:, 0], z.imag.sign())


def test_it_is_the_logarithm_of_quaternions():
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 9))
    length, angle, axis = q.polar()
    torch.testing.assert_close((axis * angle + length.log()).components, torch.log(q).components)


def test_reals_and_zero():
    x = torch.tensor([[2.0, 0, 0, 0], [-2, 0, 0, 0], [0, 0, 0, 0]])
    assert F.angle(x).tolist() == pytest.approx([0, math.pi, 0])
    assert (F.axis(x) == 0).all()
    torch.testing.assert_close(F.from_polar(*F.polar(x)), x, atol=1e-6, rtol=0)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_any_size(scale):
    x = torch.tensor([3.0, 0, 4, 0], dtype=torch.float64) * scale
    assert F.angle(x).item() == pytest.approx(math.atan2(4, 3), abs=1e-15)
    torch.testing.assert_close(F.axis(x), torch.tensor([0.0, 0, 1, 0]).double())


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_derivatives_of_the_angle_at_any_size(scale):
    x = torch.tensor([3.0, 0, 4, 0], dtype=torch.float64) * scale
    expected = torch.tensor([-4.0, 0, 3, 0], dtype=torch.float64) / 25 / scale
    for jacobian in (torch.func.jacrev, torch.func.jacfwd):
        torch.testing.assert_close(jacobian(F.angle)(x), expected, rtol=1e-14, atol=0)
    pure = torch.tensor([0.0, scale, 0, 0], dtype=torch.float64)
    assert torch.func.jacrev(F.angle)(pure).tolist() == pytest.approx([-1 / scale, 0, 0, 0])


def test_nan_reaches_the_axis():
    for component in range(4):
        x = torch.ones(2, 4)
        x[0, component] = math.nan
        assert F.axis(x)[0].isnan().all()
        assert F.axis(x)[1].isfinite().all()


def test_derivatives():
    x = torch.cat(
        [numbers(hc.QUATERNION, 3), torch.tensor([[0.0, 0, 2, 0]]).double()]
    ).requires_grad_()
    assert gradcheck(F.angle, x)
    assert gradgradcheck(F.angle, x)
    assert gradcheck(F.axis, x)
    for number in ([1.0, 0, 0, 0], [-1.0, 0, 0, 0], [0.0, 0, 0, 0]):  # documented subgradients
        y = torch.tensor(number, requires_grad=True)
        (F.angle(y) + F.axis(y).sum()).backward()
        assert (y.grad == 0).all()


def test_units_and_pure_numbers():
    q = hc.QuaternionTensor([[0.6, 0, 0.8, 0], [0.0, 0, 0, 1.1], [1e-4, 0, 1, 0]])
    assert q.is_unit().tolist() == [True, False, True]
    assert q.is_unit(0.2).all()
    assert q.is_pure().tolist() == [False, True, False]
    assert q.is_pure(1e-3).tolist() == [False, True, True]


def test_two_real_parts_are_refused():
    q = hc.QuaternionTensor(torch.ones(4))
    for call in (lambda: torch.atan2(q, q), lambda: torch.polar(q, q)):
        with pytest.raises(NotImplementedError, match=r"q\.polar\(\) and from_polar"):
            call()


@pytest.mark.parametrize("ask", [F.is_unit, F.is_pure])
@pytest.mark.parametrize(("tolerance", "error"), [("x", TypeError), (-1.0, ValueError)])
def test_a_tolerance_is_a_number_that_is_not_negative(ask, tolerance, error):
    with pytest.raises(error, match=r"`tolerance` \(="):
        ask(torch.randn(2, 4), tolerance)
    each = torch.tensor([0.0, 100.0])
    assert ask(torch.tensor([[2.0, 1, 1, 1]]).repeat(2, 1), each).tolist() == [False, True]
