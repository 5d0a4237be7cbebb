"""Numbers read as numbers."""

import pytest
import torch

import hypercomplex as hc


@pytest.fixture(autouse=True)
def _restore_print_options():
    yield
    torch.set_printoptions(profile="default")


def test_numbers_shape_and_dtype():
    assert repr(hc.QuaternionTensor([1.0, 2, 3, 4])) == (
        "QuaternionTensor(1+2i+3j+4k, shape=(), dtype=torch.float32)"
    )
    assert repr(hc.QuaternionTensor([[1, -2.5, 0, 1e-10]], dtype=torch.float64)) == (
        "QuaternionTensor([1-2.5i+0j+1e-10k], shape=(1,), dtype=torch.float64)"
    )
    assert str(hc.as_hypercomplex(torch.tensor([1.0, 2, 3, 4]), hc.clifford(2))) == (
        "Cl_2_0Tensor(1+2*e1+3*e2+4*e12, shape=(), dtype=torch.float32)"
    )
    assert f"{hc.as_hypercomplex(torch.tensor([5.0]), hc.REAL)}" == (
        "RealTensor(5, shape=(), dtype=torch.float32)"
    )


def test_rows_and_columns_line_up():
    q = hc.QuaternionTensor(torch.arange(16.0).view(2, 2, 4))
    assert repr(q) == (
        "QuaternionTensor([[    0+1i+2j+3k,     4+5i+6j+7k],\n"
        "                  [  8+9i+10j+11k, 12+13i+14j+15k]], shape=(2, 2), dtype=torch.float32)"
    )
    assert repr(q.view(2, 1, 2)).count("\n\n") == 1


def test_long_tensors_are_shortened_and_wrapped():
    assert "..." in repr(hc.QuaternionTensor(torch.zeros(2000, 4)))
    assert "..." not in repr(hc.QuaternionTensor(torch.zeros(10, 4)))
    assert len(repr(hc.QuaternionTensor(torch.zeros(10, 4))).splitlines()) == 2


def test_torchs_print_options_hold():
    q = hc.QuaternionTensor([1 / 3, 0, 0, 0])
    assert "0.3333+" in repr(q)
    torch.set_printoptions(precision=2)
    assert "0.33+" in repr(q)
    torch.set_printoptions(threshold=2, edgeitems=1)
    assert repr(hc.QuaternionTensor(torch.zeros(5, 4))) == (
        "QuaternionTensor([0+0i+0j+0k, ..., 0+0i+0j+0k], shape=(5,), dtype=torch.float32)"
    )


def test_the_rest_of_the_story():
    q = hc.QuaternionTensor([[float("nan"), float("inf"), 0, 0]], requires_grad=True)
    assert "nan+infi+0j+0k" in repr(q)
    assert repr(q).endswith("requires_grad=True)")
    assert "grad_fn=<AliasBackward0>" in repr(q * 2)
    assert repr(q.detach().to("meta")).startswith("QuaternionTensor(..., shape=(1,)")
    assert repr(hc.QuaternionTensor(torch.zeros(0, 4))).startswith(
        "QuaternionTensor([], shape=(0,)"
    )
    assert repr(hc.QuaternionTensor(torch.zeros(2, 0, 4))).startswith("QuaternionTensor([[],\n")
