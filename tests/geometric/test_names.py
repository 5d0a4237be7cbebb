"""Blades by name: those of the table, in any order of their generators."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import geometric as G


def test_blades_by_name_are_products_of_generators():
    e = G.basis(hc.PGA, dtype=torch.float64)
    assert (e.e01 == e.e0 * e.e1).all()
    assert (e.e31 == e.e3 * e.e1).all()
    assert (e.e31 == -e.e13).all()
    assert (e["e032"] == e.e0 * e.e3 * e.e2).all()
    assert type(e.e123) is hc.tensor_type(hc.PGA)
    assert e.e123.dtype == torch.float64
    assert len(e) == len([*e]) == 16
    assert {"e0", "e0123"} <= {*dir(e)}
    assert "e0" in repr(e)


def test_blades_unpack_in_the_order_of_the_table():
    one, i, j, k = G.basis(hc.QUATERNION)
    assert (i * j == k).all()
    assert (one + 2 * k == hc.QuaternionTensor([1.0, 0, 0, 2])).all()
    assert (G.basis(hc.QUATERNION).k == k).all()


def test_generators_that_are_not_orthogonal_are_wedged():
    A = hc.clifford(metric=[[1, 2], [2, 0]])
    e = G.basis(A)
    assert (e.e21 == G.wedge(e.e2, e.e1)).all()
    assert (e.e21 == -e.e12).all()


@pytest.mark.parametrize("name", ["e4", "e11", "f1", "e", "", "e1e2"])
def test_what_there_is_not_is_missing(name):
    e = G.basis(hc.clifford(3))
    assert not hasattr(e, name)
    with pytest.raises(KeyError, match="has no blade"):
        e[name]


def test_arguments_are_checked():
    with pytest.raises(ValueError, match=r"`algebra` \(=OCTONION\) has no grades"):
        G.basis(hc.OCTONION)
    with pytest.raises(TypeError, match=r"`dtype`.* must be a floating-point type"):
        G.basis(hc.PGA, dtype=torch.int64)
    with pytest.raises(TypeError, match=r"`algebra` \(=3\) must be an Algebra"):
        G.basis(3)
