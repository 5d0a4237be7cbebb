"""Typed parameters kept as plain ones: the same numbers, gradients and steps."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

import hypercomplex as hc
from tests.cases import every_telling_algebra


class Product(nn.Module):
    def __init__(self, algebra):
        super().__init__()
        cls = hc.tensor_type(algebra)
        self.weight = nn.Parameter(cls(torch.randn(3, algebra.dimension)))
        self.frozen = nn.Parameter(cls(torch.randn(3, algebra.dimension)), requires_grad=False)
        self.scale = nn.Parameter(torch.randn(3))
        self.register_buffer("shift", cls(torch.randn(3, algebra.dimension)))
        self.register_buffer("constant", cls(torch.randn(3, algebra.dimension)), persistent=False)

    def forward(self, x):
        return self.weight * x * self.scale + self.frozen + self.shift + self.constant


def pair(algebra):
    typed = nn.Sequential(Product(algebra), Product(algebra))
    x = hc.tensor_type(algebra)(torch.randn(3, algebra.dimension))
    return typed, hc.state.plain_parameters(copy.deepcopy(typed)), x


@every_telling_algebra
def test_a_model_of_plain_parameters_is_the_model(algebra):
    typed, plain, x = pair(algebra)
    for model in (typed, plain):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            model(x).components.square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(plain(x).components, typed(x).components)
    assert type(plain[0].weight) is type(x)
    assert all(type(p) is nn.Parameter for p in plain.parameters())
    assert not plain[1].parametrizations.frozen.original.requires_grad


def test_what_is_found_has_components():
    _, plain, _ = pair(hc.QUATERNION)
    shapes = {name: tuple(x.shape) for name, x in plain[0].state_dict().items()}
    kept = {f"parametrizations.{name}.original" for name in ("weight", "frozen", "shift")}
    assert shapes == {"scale": (3,), **dict.fromkeys(kept, (3, 4))}
    assert plain[0].constant.shape == (3,)
    assert len(list(plain.parameters())) == 6


def test_numbers_may_be_assigned_and_loaded():
    _, plain, x = pair(hc.QUATERNION)
    q = hc.QuaternionTensor.randn(3)
    plain[0].weight = q
    assert torch.equal(plain[0].weight, q)
    other = hc.state.plain_parameters(pair(hc.QUATERNION)[0])
    other.load_state_dict(plain.state_dict())
    assert torch.equal(other[0].weight, q)
    assert other[0].constant is not plain[0].constant
    assert hc.state.plain_parameters(plain) is plain  # nothing typed is left
    assert parametrize.is_parametrized(plain[0], "weight")
    same = copy.deepcopy(plain)
    torch.testing.assert_close(same(x).components, plain(x).components)
    assert "AsNumbers(QuaternionTensor)" in repr(plain)


def test_layers_with_plain_parameters_stay_as_they_are():
    layer = hc.nn.QuaternionLinear(2, 3)
    before = type(layer), [*layer.state_dict()]
    hc.state.plain_parameters(layer)
    assert (type(layer), [*layer.state_dict()]) == before


def test_one_parameter_in_two_places_is_refused_before_anything_changes():
    typed, _, _ = pair(hc.QUATERNION)
    typed[1].weight = typed[0].weight
    with pytest.raises(ValueError, match="'weight' of Product stands in another place"):
        hc.state.plain_parameters(typed)
    assert type(typed[0].frozen) is hc.QuaternionTensor
    with pytest.raises(TypeError, match="`model`"):
        hc.state.plain_parameters([typed])


def test_compiled(backend):
    _, plain, x = pair(hc.QUATERNION)
    compiled = torch.compile(plain, fullgraph=True, backend=backend)
    expected = plain(x).components.square().sum()
    expected.backward()
    gradients = [p.grad.clone() for p in plain.parameters() if p.requires_grad]
    plain.zero_grad()
    found = compiled(x).components.square().sum()
    found.backward()
    torch.testing.assert_close(found, expected)
    for p, g in zip((p for p in plain.parameters() if p.requires_grad), gradients, strict=True):
        torch.testing.assert_close(p.grad, g)
