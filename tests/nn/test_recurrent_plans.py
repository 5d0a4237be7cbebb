"""Recurrent layers and attention take plans, and lower frozen weights once."""

import copy

import pytest
import torch

import hypercomplex as hc
from hypercomplex.lowering import gates, recurrence
from hypercomplex.lowering.plans import PLANS

KINDS = ("RNN", "LSTM", "GRU", "LiGRU")
every_kind = pytest.mark.parametrize("kind", KINDS)
every_plan = pytest.mark.parametrize("plan", [None, *PLANS])


def layer(kind, **words):
    words = {"algebra": hc.QUATERNION, "num_layers": 2, "bidirectional": True, **words}
    return getattr(hc.nn, kind)(3, 5, **words).double().eval()


def sequences():
    return torch.randn(6, 2, 12, dtype=torch.float64)


@every_kind
@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_that_is_asked_for_is_taken_and_gives_the_same(kind, plan):
    planned, x = layer(kind, plan=plan), sequences()
    chosen = layer(kind)
    chosen.load_state_dict(planned.state_dict())
    torch.testing.assert_close(planned(x)[0], chosen(x)[0])
    why = hc.explain(planned, x).chosen
    fused = plan == "block" and kind != "LiGRU"
    assert set(why) <= ({"kernel"} if fused else {"scan", plan})
    assert f"plan={plan!r}" in repr(planned)
    assert "plan" not in repr(chosen)


@every_kind
@pytest.mark.parametrize("plan", PLANS)
def test_a_cell_takes_a_plan_for_both_products(kind, plan):
    options = {"normalization": "none"} if kind == "LiGRU" else {}
    kind, x = f"{kind}Cell", torch.randn(2, 12, dtype=torch.float64)
    planned, chosen = (
        getattr(hc.nn, kind)(3, 5, plan=way, algebra=hc.QUATERNION, **options).double()
        for way in (plan, None)
    )
    chosen.load_state_dict(planned.state_dict())
    torch.testing.assert_close(planned(x), chosen(x))
    assert hc.explain(planned, x).chosen == (plan, plan)
    assert f"plan={plan!r}" in repr(planned)
    assert "plan" not in repr(chosen)


def test_attention_hands_a_plan_to_its_linear_layers():
    block = hc.nn.QuaternionTransformerEncoderLayer(6, 3, 8, plan="block")
    assert set(hc.explain(block, (5, 2, 24)).chosen) == {"block"}


@every_kind
def test_a_plan_that_there_is_not(kind):
    with pytest.raises(ValueError, match=r"`plan` \(='fast'\) must be"):
        layer(kind, plan="fast")
    with pytest.raises(ValueError, match=r"`plan` \(='fast'\) must be"):
        getattr(hc.nn, f"{kind}Cell")(3, 5, plan="fast", algebra=hc.QUATERNION)


# ---------------------------------------------------------------------- frozen


@pytest.fixture
def lowered(monkeypatch):
    """How many weights were lowered."""
    times = []
    lower, of = gates.gate_matrix, recurrence.Recurrence.of.__func__

    def matrix(*given, **words):
        times.append("kernel")
        return lower(*given, **words)

    def made(cls, *given):
        times.append("scan")
        return of(cls, *given)

    monkeypatch.setattr(gates, "gate_matrix", matrix)
    monkeypatch.setattr(recurrence.Recurrence, "of", classmethod(made))
    return times


@every_kind
@every_plan
def test_a_frozen_layer_lowers_its_weights_once_and_sees_them_change(kind, plan, lowered):
    model, x = layer(kind, plan=plan), sequences()
    with torch.no_grad():
        before = model(x)[0]
        hc.nn.freeze(model)
        lowered.clear()
        for _ in range(3):
            torch.testing.assert_close(model(x)[0], before)
        assert len(lowered) == (8 if lowered[0] == "kernel" else 4)
        for name, weight in model.named_parameters():
            if weight.ndim == 3:
                lowered.clear()
                weight.numpy()[1, 2] += 1  # leaves no trace in torch
                after, fresh = model(x)[0], copy.deepcopy(model)
                torch.testing.assert_close(after, hc.nn.unfreeze(fresh)(x)[0])
                assert not torch.allclose(after, before), name
                before = after


@every_kind
def test_a_frozen_layer_learns_and_is_planned_anew(kind):
    model, x = hc.nn.freeze(layer(kind)), sequences()
    plain = hc.nn.unfreeze(copy.deepcopy(model))
    with torch.no_grad():
        expected = model(x)[0]
        with hc.lowering.use("input"):
            torch.testing.assert_close(model(x)[0], expected)
        with hc.lowering.use("block"):
            torch.testing.assert_close(model(x)[0], expected)
    found, wanted = (
        torch.autograd.grad(each(x)[0].sum(), list(each.parameters())) for each in (model, plain)
    )
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)


@every_kind
def test_autocast_keeps_what_it_rounds(kind):
    model, x = hc.nn.freeze(layer(kind).float()), sequences().float()
    with torch.no_grad():
        expected = model(x)[0]
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(model(x)[0], hc.nn.unfreeze(copy.deepcopy(model))(x)[0])
        assert torch.equal(model(x)[0], expected)


def test_explain_says_that_weights_are_frozen():
    model = hc.nn.freeze(hc.nn.QuaternionLSTM(8, 8))
    with torch.no_grad():
        assert "with a frozen weight" in str(hc.explain(model, (5, 2, 32)))
