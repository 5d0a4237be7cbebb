"""Causal, depthwise, separable and lazy layers, each against what it abbreviates."""

import copy
import io

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import lowering
from tests.cases import every_telling_algebra, naive_product, numbers

Q = hc.QUATERNION
DOUBLE = {"dtype": torch.float64}


# ---------------------------------------------------------------------- causal


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "groups"), [(3, 1, 1, 1), (2, 1, 3, 2), (4, 2, 1, 1)]
)
def test_causal_padding_is_padding_on_the_left(mode, kernel, stride, dilation, groups):
    options = {"stride": stride, "dilation": dilation, "groups": groups, "algebra": Q, **DOUBLE}
    layer = hc.nn.Conv1d(2, 4, kernel, padding="causal", padding_mode=mode, **options)
    plain = hc.nn.Conv1d(2, 4, kernel, **options)
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(3, 8, 9, dtype=torch.float64)
    amounts = (dilation * (kernel - 1), 0)
    padded = nn.functional.pad(x, amounts, mode="constant" if mode == "zeros" else mode)
    torch.testing.assert_close(layer(x), plain(padded))
    typed = layer(hc.as_hypercomplex(lowering.unfold(x, 1, 4), Q))
    torch.testing.assert_close(lowering.fold(typed.components, 1), layer(x))
    assert layer(x).shape[-1] == -(-9 // stride)


@every_telling_algebra
def test_causal_outputs_know_no_future(algebra):
    layer = hc.nn.Conv1d(2, 1, 3, padding="causal", dilation=2, algebra=algebra, **DOUBLE)
    x = lowering.fold(numbers(algebra, 2, 8), 0)
    jacobian = torch.autograd.functional.jacobian(layer, x).abs().sum((0, 2))  # (out, in) times
    assert (jacobian.triu(1) == 0).all()
    assert (jacobian.diagonal() > 0).all()
    assert (jacobian.diagonal(-4) > 0).all()
    assert (jacobian.diagonal(-1) == 0).all()


# ---------------------------------------------------------------------- depthwise and separable


@every_telling_algebra
@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("side", ["left", "right"])
def test_depthwise_convolves_each_number_by_itself(algebra, multiplier, side):
    layer = hc.nn.DepthwiseConv1d(
        3, 2, padding=1, multiplier=multiplier, side=side, algebra=algebra, **DOUBLE
    )
    nn.init.normal_(layer.bias)
    x = numbers(algebra, 2, 3, 5)
    w, b = layer.weight.detach(), layer.bias.detach()
    padded = nn.functional.pad(x, (0, 0, 1, 1))
    expected = b[:, None].repeat(2, 1, 6, 1)
    for o in range(3 * multiplier):
        for k in range(2):
            factors = (w[o, 0, k], padded[:, o // multiplier, k : k + 6])
            factors = factors if side == "left" else factors[::-1]
            expected[:, o] += naive_product(*factors, algebra)
    torch.testing.assert_close(layer(lowering.fold(x, 1)), lowering.fold(expected, 1))
    typed = layer(hc.as_hypercomplex(x, algebra))
    torch.testing.assert_close(typed.components, expected)


@pytest.mark.parametrize("d", [1, 2])
def test_separable_is_depthwise_then_pointwise(d):
    layer_type = (hc.nn.SeparableConv1d, hc.nn.SeparableConv2d)[d - 1]
    layer = layer_type(
        3, 5, 3, 2, 1, padding_mode="replicate", multiplier=2, init="unitary", algebra=Q, **DOUBLE
    )
    x = torch.randn(2, 12, *(9, 8)[:d], dtype=torch.float64)
    conv = (F.conv1d, F.conv2d)[d - 1]
    inner = conv(
        x, layer.depthwise.weight, None, 2, 1, groups=3, algebra=Q, padding_mode="replicate"
    )
    expected = conv(inner, layer.pointwise.weight, layer.pointwise.bias, algebra=Q)
    torch.testing.assert_close(layer(x), expected)
    typed = layer(hc.as_hypercomplex(lowering.unfold(x, 1, 4), Q))
    torch.testing.assert_close(lowering.fold(typed.components, 1), expected)
    assert {name: tuple(p.shape) for name, p in layer.named_parameters()} == {
        "depthwise.weight": (6, 1, *(3, 3)[:d], 4),
        "pointwise.weight": (5, 6, *(1, 1)[:d], 4),
        "pointwise.bias": (5, 4),
    }
    before = layer.depthwise.weight.clone(), layer.pointwise.weight.clone()
    layer.reset_parameters()
    assert not torch.equal(layer.depthwise.weight, before[0])
    assert not torch.equal(layer.pointwise.weight, before[1])


VARIANTS = [
    lambda **o: hc.nn.Conv1d(2, 4, 3, padding="causal", algebra=Q, **o),
    lambda **o: hc.nn.DepthwiseConv1d(2, 3, multiplier=2, algebra=Q, **o),
    lambda **o: hc.nn.SeparableConv1d(2, 4, 3, algebra=Q, **o),
]


@pytest.mark.parametrize("make", VARIANTS)
def test_variants_save_copy_and_run_in_half_precision(make):
    layer, x = make(), torch.randn(2, 8, 9)
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = make()
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(x), layer(x))
    assert torch.equal(copy.deepcopy(layer)(x), layer(x))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = layer(x)
    assert y.dtype == torch.bfloat16
    torch.testing.assert_close(y.float(), layer(x), atol=0.1, rtol=0.1)
    assert all(p.is_meta for p in make(device="meta").parameters())


def test_variants_compile():
    layer = nn.Sequential(VARIANTS[0](), hc.nn.SeparableConv1d(4, 2, 3, algebra=Q))
    x = torch.randn(2, 8, 9)
    torch.testing.assert_close(torch.compile(layer, fullgraph=True, backend="eager")(x), layer(x))


def test_gradients_of_causal_and_separable():
    layer = hc.nn.SeparableConv1d(2, 2, 2, padding="causal", algebra=Q, **DOUBLE)
    x = torch.randn(1, 8, 3, dtype=torch.float64, requires_grad=True)
    f = lambda x, w: torch.func.functional_call(layer, {"depthwise.weight": w}, x)
    assert torch.autograd.gradcheck(f, (x, layer.depthwise.weight))


# ---------------------------------------------------------------------- lazy


LAZY = [
    (lambda **o: hc.nn.LazyLinear(5, **o), hc.nn.Linear, (2, 3), 1),
    (lambda **o: hc.nn.LazyConv1d(4, 3, groups=2, **o), hc.nn.Conv1d, (2, 4, 7), 1),
    (lambda **o: hc.nn.LazyConv2d(4, 3, padding=1, **o), hc.nn.Conv2d, (2, 3, 5, 5), 1),
    (lambda **o: hc.nn.LazyConv3d(4, 2, bias=False, **o), hc.nn.Conv3d, (2, 3, 3, 3, 3), 1),
]


@pytest.mark.parametrize(("make", "becomes", "shape", "axis"), LAZY)
@pytest.mark.parametrize("typed", [False, True])
def test_lazy_layers_infer_their_inputs(make, becomes, shape, axis, typed):
    layer = make(algebra=Q, side="right", init="unitary", criterion="he", dtype=torch.float64)
    assert nn.parameter.is_lazy(layer.weight)
    x = numbers(Q, *shape)
    folded = lowering.fold(x, axis)
    y = layer(hc.as_hypercomplex(x, Q) if typed else folded)
    assert type(layer) is becomes
    assert isinstance(y, hc.QuaternionTensor) == typed
    assert getattr(layer, "in_features", None) or layer.in_channels == shape[1]
    assert layer.weight.dtype == torch.float64
    assert layer.side == "right"
    expected = hc.nn.init.mean_squared_modulus(layer.weight.shape, "he")
    moduli = layer.weight.square().sum(-1)
    torch.testing.assert_close(moduli, torch.full_like(moduli, expected))
    torch.testing.assert_close(layer(folded), lowering.fold(y.components, axis) if typed else y)
    assert len(layer.state_dict()) == (1 if becomes is hc.nn.Conv3d else 2)


def test_lazy_layers_load_a_state():
    trained = hc.nn.QuaternionConv1d(4, 6, 3, groups=2)
    nn.init.normal_(trained.bias)
    lazy = hc.nn.LazyConv1d(6, 3, groups=2, algebra=Q)
    lazy.load_state_dict(trained.state_dict())
    with pytest.raises(ValueError, match="call it once"):
        lazy.to_real()
    x = torch.randn(2, 16, 7)
    assert torch.equal(lazy(x), trained(x))
    assert type(lazy) is hc.nn.Conv1d
    assert lazy.in_channels == 4
    torch.testing.assert_close(lazy.to_real()(x), trained(x))
    assert repr(lazy) == repr(trained).replace("QuaternionConv1d", "Conv1d")


def test_lazy_layers_in_a_model():
    model = nn.Sequential(hc.nn.LazyConv1d(4, 3, algebra=Q), nn.Flatten(), nn.LazyLinear(2))
    assert copy.deepcopy(model)(torch.randn(2, 8, 7)).shape == (2, 2)
    assert model(torch.randn(2, 12, 9)).shape == (2, 2)  # the copy told the model nothing
    assert model[0].in_channels == 3
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    x = torch.randn(2, 12, 9)
    torch.testing.assert_close(compiled(x), model(x))


def test_lazy_layers_and_torchs_generator():
    """The weight is drawn at the first input, as the same layer draws it when it is made."""
    torch.manual_seed(4)
    expected = hc.nn.QuaternionLinear(3, 5).weight
    lazy = hc.nn.LazyLinear(5, algebra=Q)
    torch.manual_seed(4)
    lazy(torch.zeros(12))
    assert torch.equal(lazy.weight, expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hc.nn.LazyLinear(5, algebra=Q)(torch.zeros(2, 10)), "a multiple of 4 channels on axis -1"),
        (lambda: hc.nn.LazyConv1d(5, 3, algebra=Q)(torch.zeros(7)), "a multiple of 4 channels on axis -2"),
        (lambda: hc.nn.LazyConv1d(4, 3, groups=2, algebra=Q)(torch.zeros(12, 7)), "must divide the 3 numbers"),
        (lambda: hc.nn.LazyConv1d(4, 3, groups=0, algebra=Q), r"`groups` \(=0\) must be a positive integer"),
        (lambda: hc.nn.LazyLinear(0, algebra=Q), r"`out_features` \(=0\) must be a positive integer"),
        (lambda: hc.nn.LazyLinear(5, algebra=Q).to_real(), "knows its inputs only after the first one"),
        (lambda: hc.nn.DepthwiseConv1d(0, 3, algebra=Q), r"`channels` \(=0\) must be a positive integer"),
        (lambda: hc.nn.DepthwiseConv2d(2, 3, multiplier=0, algebra=Q), r"`multiplier` \(=0\) must be a positive"),
        (lambda: hc.nn.Conv2d(2, 4, 3, padding="causal", algebra=Q), r"must be 'same', 'valid' or"),
        (lambda: hc.nn.Conv1d(2, 4, 3, padding="left", algebra=Q), r"must be .* 'same', 'valid' or 'causal'"),
        (lambda: F.conv2d(torch.zeros(1, 4, 5, 5), torch.zeros(1, 1, 3, 3, 4), padding="causal", algebra=Q), r"`padding` \(='causal'\)"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_lazy_layers_refuse_other_numbers():
    with pytest.raises(TypeError, match=r"`algebra` \(=OCTONION\)"):
        hc.nn.LazyLinear(5, algebra=hc.OCTONION)(hc.QuaternionTensor(torch.zeros(2, 4)))
