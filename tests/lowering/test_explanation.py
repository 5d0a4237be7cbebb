"""What `explain` says is what happens, and saying it changes nothing."""

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex.lowering import plan
from hypercomplex.lowering.plan import costs
from hypercomplex.lowering.plans import PLANS

RULE = hc.LearnedBilinear.like(hc.QUATERNION)


def test_one_product_of_a_layer_with_every_plan_and_its_cost():
    layer = hc.nn.QuaternionLinear(256, 128)
    why = hc.explain(layer, (3, 7, 1024))
    ((planned, times),) = why.products
    assert times == 1
    assert planned.sizes == (21, 256, 128)
    assert planned.passes == "step"
    text = str(why)
    assert "21 rows of 256 numbers" in text
    assert "128 × 256" in text
    assert "forward and both gradients" in text
    for name, cost in costs(planned.sizes, planned.product, "step").items():
        (line,) = (line for line in text.splitlines() if line.startswith(f"| {name} "))
        assert f"| {cost.calls} |" in line
        assert ("chosen" in line) == (name == planned.chosen)


def test_inference_models_and_repeated_products():
    model = nn.Sequential(hc.nn.QuaternionLinear(8, 8), hc.nn.QuaternionLinear(8, 8))
    with torch.no_grad():
        why = hc.explain(model, (5, 32))
    ((planned, times),) = why.products
    assert times == 2
    assert planned.passes == "forward"
    assert "2 times" in str(why)


def test_frozen_weights_are_not_written_and_so_planned_otherwise():
    layer, shape = hc.nn.QuaternionLinear(512, 512), (32, 2048)
    with torch.no_grad():
        before, after = hc.explain(layer, shape), hc.explain(hc.nn.freeze(layer), shape)
    assert before.chosen == ("input",)
    assert after.chosen == ("bilinear",)
    assert "forward, with a frozen weight" in str(after)
    ((one, _),), ((other, _),) = before.products, after.products
    for name in ("block", "bilinear"):
        assert other.weighed()[name].moved < one.weighed()[name].moved
    assert other.weighed()["input"] == one.weighed()["input"]
    assert hc.explain(layer, shape).products[0][0].passes == "step"


def test_what_was_asked_for_and_what_does_not_serve():
    asked = hc.nn.Linear(8, 8, algebra=hc.OCTONION, plan="block")
    assert "'block' was asked for" in str(hc.explain(asked, (5, 64)))
    learned = str(hc.explain(hc.nn.Linear(8, 8, algebra=RULE), (5, 32)))
    assert f"does not serve: {PLANS['bilinear'].refusal(RULE, torch.float32)}" in learned


def test_a_call_of_nothing_planned_says_so():
    assert "nothing was planned" in str(hc.explain(torch.relu, (3,)))
    assert hc.explain(torch.relu, (3,)).chosen == ()


def test_buffers_and_random_numbers_stay():
    norm = hc.nn.BatchNorm1d(2, algebra=hc.QUATERNION)
    model = nn.Sequential(hc.nn.QuaternionLinear(2, 2), norm, nn.Dropout())
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    state = torch.get_rng_state()
    hc.explain(model, (64, 8))
    assert torch.equal(state, torch.get_rng_state())
    for name, buffer in model.named_buffers():
        assert torch.equal(buffer, before[name])


def test_an_error_of_the_call_leaves_nothing_watched():
    with pytest.raises(ValueError, match=r"channels|width|features"):
        hc.explain(hc.nn.QuaternionLinear(2, 2), (3, 7))

    assert plan._watching == []


@pytest.mark.parametrize(
    ("call", "inputs", "message"),
    [
        (3, ((1, 2),), r"`call` \(=3\) must be a layer or a function"),
        (torch.neg, (3,), r"`inputs` \(=3\) must be tensors, or shapes"),
        (torch.neg, ("ab",), r"`inputs` \(='ab'\) must be tensors, or shapes"),
    ],
)
def test_what_cannot_be_explained(call, inputs, message):
    with pytest.raises(TypeError, match=message):
        hc.explain(call, *inputs)


def test_recurrent_layers_say_whether_they_scan():
    why = hc.explain(hc.nn.QuaternionLSTM(8, 8), (5, 3, 32))
    assert "kernel" in why.chosen
    assert "5 steps of a batch of 3, states of 8 numbers times a matrix of 32 × 8" in str(why)
    with hc.lowering.use("input"):
        assert "scan" in hc.explain(hc.nn.QuaternionLSTM(8, 8), (5, 3, 32)).chosen


def test_convolutions_say_how_many_points_there_are():
    assert "at each of 9 points" in str(hc.explain(hc.nn.QuaternionConv2d(4, 4, 3), (2, 16, 8, 8)))


def test_no_rows_cost_little():
    assert "block" in str(hc.lowering.explain(hc.nn.QuaternionLinear(8, 8), (0, 32)))
