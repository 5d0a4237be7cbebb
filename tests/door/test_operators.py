"""Operators of two tensors of one type need no question; whoever wants to be asked still is."""

import operator

import pytest
import torch
from torch.overrides import TorchFunctionMode

import hypercomplex as hc
from hypercomplex.door.operators import DIRECT

SIGNS = [name.strip("_") for name in DIRECT]
Q, R = hc.QuaternionTensor.randn(3, 3), hc.QuaternionTensor.randn(3, 3)


@pytest.mark.parametrize("sign", SIGNS)
def test_an_operator_means_what_its_function_does(sign):
    name = {"truediv": "div"}.get(sign, sign)
    found = getattr(operator, sign)(Q, R)
    assert type(found) is hc.QuaternionTensor
    assert torch.equal(found.components, getattr(torch, name)(Q, R).components)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_type_that_answers_for_itself_is_asked(sign):
    heard = []

    class Own(hc.QuaternionTensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            heard.append(func)
            return super().__torch_function__(func, types, args, kwargs)

    getattr(operator, sign)(Own(Q.components), Own(R.components))
    assert heard


def test_a_type_whose_other_parent_answers_is_asked():
    heard = []

    class Hears:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            heard.append(func)
            return hc.QuaternionTensor.__torch_function__(func, types, args, kwargs)

    class Own(Hears, hc.QuaternionTensor):
        pass

    assert type(Own(Q.components) + Own(R.components)) is hc.QuaternionTensor
    assert heard


@pytest.mark.parametrize("sign", SIGNS)
def test_a_mode_is_asked(sign):
    heard = []

    class Listens(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            heard.append(func)
            return func(*args, **(kwargs or {}))

    with Listens():
        getattr(operator, sign)(Q, R)
    assert heard


def test_a_subclass_keeps_its_type():
    class Own(hc.QuaternionTensor):
        pass

    a, b = Own(Q.components), Own(R.components)
    assert type(a * b) is Own
    assert type(a * R) is type(R * a) is type(torch.mul(a, R))


@pytest.mark.parametrize("sign", SIGNS)
def test_what_goes_wrong_is_said_in_numbers(sign):
    with pytest.raises(RuntimeError, match=r"QuaternionTensor \(3, 3\)|inner sizes"):
        getattr(operator, sign)(Q, R[:, :2].mT)


def test_numbers_of_two_algebras_do_not_combine():
    with pytest.raises(RuntimeError, match="do not combine"):
        Q * hc.tensor_type(hc.OCTONION).randn(3, 3)
