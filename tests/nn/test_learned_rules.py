"""Recurrent layers, attention and whole models over a rule that learns, as over an algebra."""

import copy

import pytest
import torch
from torch import nn

import hypercomplex as hc

WIDE = {"dtype": torch.float64}


def rule():
    return hc.LearnedBilinear.like(hc.QUATERNION, **WIDE)


LAYERS = {
    "RNN": (lambda A: hc.nn.RNN(3, 2, algebra=A, **WIDE), (5, 2, 12)),
    "LSTM": (lambda A: hc.nn.LSTM(3, 2, 2, bidirectional=True, algebra=A, **WIDE), (5, 2, 12)),
    "GRU": (lambda A: hc.nn.GRU(3, 2, algebra=A, **WIDE), (5, 2, 12)),
    "LiGRU": (lambda A: hc.nn.LiGRU(3, 2, algebra=A, **WIDE), (5, 2, 12)),
    "LSTM, scan": (lambda A: hc.nn.LSTM(3, 2, algebra=A, plan="input", **WIDE), (5, 2, 12)),
    "encoder": (
        lambda A: hc.nn.TransformerEncoderLayer(4, 2, 6, 0.0, algebra=A, **WIDE),
        (5, 2, 16),
    ),
    "attention": (lambda A: Attention(algebra=A), (5, 2, 16)),
    "attention by moduli": (lambda A: Attention(algebra=A, score="modulus"), (5, 2, 16)),
}
every_layer = pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)


class Attention(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.inner = hc.nn.MultiheadAttention(4, 2, **options, **WIDE)

    def forward(self, x):
        return self.inner(x, x, x)[0]


def first(y):
    return y[0] if isinstance(y, tuple) else y


@every_layer
def test_a_rule_that_begins_as_an_algebra_is_that_algebra(make, shape):
    layer, exact = make(rule()), make(hc.QUATERNION)
    state = layer.state_dict()
    exact.load_state_dict({name: state[name] for name in exact.state_dict()})
    x = torch.randn(shape, **WIDE)
    if "modulus" in repr(layer):  # the rule knows no conjugation: |Σ q k| where it is |Σ q̄ k|
        assert first(layer(x)).shape == first(exact(x)).shape
        return
    torch.testing.assert_close(first(layer(x)), first(exact(x)))


@every_layer
def test_rules_learn_and_are_saved(make, shape, backend):
    layer, x = make(hc.LearnedBilinear.random(4, **WIDE)).eval(), torch.randn(shape, **WIDE)
    y = first(layer(x))
    given = list(layer.parameters())
    found = torch.autograd.grad(y.square().sum(), given)
    names = [name for name, _ in layer.named_parameters()]
    (place,) = [i for i, name in enumerate(names) if name.endswith("constants")]
    assert found[place].abs().sum() > 0
    compiled = torch.compile(layer, backend=backend)
    torch.testing.assert_close(first(compiled(x)), y)
    torch.testing.assert_close(torch.autograd.grad(first(compiled(x)).square().sum(), given), found)
    twin = make(hc.LearnedBilinear.random(4, **WIDE)).eval()
    twin.load_state_dict(layer.state_dict())
    copied = copy.deepcopy(layer)
    for other in (twin, copied):
        torch.testing.assert_close(first(other(x)), y)
    assert [name for name, _ in copied.named_parameters()] == names


def test_moduli_of_a_rule_are_euclidean():
    A = hc.LearnedBilinear.random(3, **WIDE)
    q, k, v = (torch.randn(5, 6, **WIDE) for _ in range(3))
    y, weights = hc.functional.attention(q, k, v, 1, need_weights=True, algebra=A, score="modulus")
    split = [x.unflatten(1, (3, 2)).mT for x in (q, k)]
    pairs = A(split[0][:, None], split[1][None]).sum(2)
    expected = torch.linalg.vector_norm(pairs, dim=-1).div(6**0.5).softmax(-1)
    torch.testing.assert_close(weights[0], expected)
    torch.testing.assert_close(y, expected @ v)


def test_typed_numbers_go_through_attention_over_a_rule():
    layer = hc.nn.TransformerEncoderLayer(4, 2, 6, 0.0, algebra=rule(), **WIDE)
    q = hc.QuaternionTensor.randn(5, 4, **WIDE)
    folded = layer(q.components.mT.flatten(1))
    torch.testing.assert_close(layer(q).components.mT.flatten(1), folded)
    real = layer.self_attn.to_real()
    x = torch.randn(5, 2, 16, **WIDE)
    torch.testing.assert_close(real(x, x, x)[0], layer.self_attn(x, x, x)[0])
    oblong = hc.Bilinear((4, 4, 2), ((0, 0, 0, 1),), "oblong")
    with pytest.raises(ValueError, match=r"`algebra` \(=oblong\) maps 4 and 4 components to 2"):
        hc.nn.MultiheadAttention(4, 2, algebra=oblong)


def test_norms_and_dropout_hold_no_constants():
    layer = hc.nn.TransformerEncoderLayer(4, 2, 6, algebra=rule())
    assert not [name for name in layer.state_dict() if name.startswith(("norm", "dropout"))
                and "constants" in name]  # fmt: skip
    assert sum(name.endswith("constants") for name, _ in layer.named_parameters()) == 1


def test_models_are_converted_to_one_rule():
    real = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.LSTM(16, 8), nn.Linear(5, 8))
    shared = hc.LearnedBilinear.random(4)
    model, report = hc.nn.convert(real, shared)
    assert report.converted == ("0", "2")
    assert "must be a multiple of 4" in report.skipped["3"]
    assert model[0].algebra is model[2].algebra is shared
    assert model[0](torch.randn(2, 8)).shape == (2, 16)
