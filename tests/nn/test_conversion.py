"""to_real, from_real and convert: equal outputs, exact round trips, and a report that adds up."""

import copy
import warnings

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex import lowering
from hypercomplex.nn import conversion
from tests.cases import every_telling_algebra

Q = hc.QUATERNION
DOUBLE = {"dtype": torch.float64}

LAYERS = {
    "linear": (lambda **o: hc.nn.Linear(3, 5, **o), (2, 3), nn.Linear),
    "no bias": (lambda **o: hc.nn.Linear(3, 5, False, **o), (3,), nn.Linear),
    "conv1d": (lambda **o: hc.nn.Conv1d(2, 4, 3, 2, 1, **o), (2, 2, 7), nn.Conv1d),
    "causal": (
        lambda **o: hc.nn.Conv1d(2, 4, 3, 1, "causal", 2, padding_mode="replicate", **o),
        (2, 2, 7),
        nn.Sequential,
    ),
    "same": (
        lambda **o: hc.nn.Conv2d(2, 4, (2, 3), 1, "same", 2, padding_mode="reflect", **o),
        (2, 2, 7, 6),
        nn.Conv2d,
    ),
    "groups": (lambda **o: hc.nn.Conv2d(4, 6, 3, groups=2, **o), (2, 4, 5, 5), None),
    "causal groups": (
        lambda **o: hc.nn.Conv1d(4, 4, 3, 1, "causal", groups=4, **o),
        (2, 4, 5),
        nn.Sequential,
    ),
    "conv3d": (lambda **o: hc.nn.Conv3d(2, 4, 2, 1, 1, **o), (2, 2, 3, 3, 3), nn.Conv3d),
    "transposed": (
        lambda **o: hc.nn.ConvTranspose2d(2, 3, 3, 2, 1, 1, **o),
        (2, 2, 4, 4),
        nn.ConvTranspose2d,
    ),
    "transposed groups": (
        lambda **o: hc.nn.ConvTranspose1d(4, 6, 3, 2, 1, 1, 2, dilation=2, **o),
        (4, 5),
        None,
    ),
    "transposed 3d": (
        lambda **o: hc.nn.ConvTranspose3d(1, 2, 2, **o),
        (2, 1, 2, 2, 2),
        nn.ConvTranspose3d,
    ),
    "depthwise": (lambda **o: hc.nn.DepthwiseConv1d(3, 3, multiplier=2, **o), (2, 3, 6), None),
    "separable": (lambda **o: hc.nn.SeparableConv2d(2, 3, 3, **o), (2, 2, 5, 5), nn.Sequential),
}
every_layer = pytest.mark.parametrize("name", LAYERS)
READABLE = [name for name in LAYERS if "causal" not in name and name != "separable"]


def made(name, algebra, **options):
    """A layer with random bias, folded input for it, and the type of its real counterpart."""
    make, shape, kind = LAYERS[name]
    layer = make(algebra=algebra, **DOUBLE, **options)
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    channels = {1: 0, 2: 1 if len(shape) == 2 and "linear" in name else 0}.get(len(shape), 1)
    x = torch.randn(*shape, algebra.dimension, dtype=torch.float64)
    return layer, lowering.fold(x, channels), kind


@every_layer
@every_telling_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_real_layer_does_the_same_to_folded_input(name, algebra, side):
    layer, x, kind = made(name, algebra, side=side)
    real = layer.to_real()
    torch.testing.assert_close(real(x), layer(x))
    assert kind is None or type(real) is kind
    for module in real.modules():
        assert type(module).__module__.startswith("torch.nn") or isinstance(
            module, hc.nn.ChannelPermutation
        )
    assert not any(p.requires_grad and not p.is_leaf for p in real.parameters())


@pytest.mark.parametrize("algebra", [hc.COMPLEX, Q, hc.OCTONION, hc.clifford(3)], ids=str)
@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda **o: hc.nn.RotationLinear(3, 5, **o), (2, 3)),
        (lambda **o: hc.nn.RotationConv1d(4, 6, 3, groups=2, scale=False, **o), (2, 4, 7)),
        (lambda **o: hc.nn.RotationConv2d(3, 5, 3, padding=1, **o), (2, 3, 5, 5)),
    ],
)
def test_rotations_become_real_layers(make, shape, algebra):
    layer = make(algebra=algebra, **DOUBLE)
    nn.init.normal_(layer.bias)
    x = lowering.fold(torch.randn(*shape, algebra.dimension, dtype=torch.float64), 1)
    torch.testing.assert_close(layer.to_real()(x), layer(x))


def test_real_layers_are_ordinary():
    layer = hc.nn.QuaternionConv2d(4, 8, 3, stride=2, padding=1, groups=2, dtype=torch.float32)
    state = torch.get_rng_state()
    real = layer.eval().to_real()
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module.training for module in real.modules())
    assert [type(m) for m in real] == [
        hc.nn.ChannelPermutation,
        nn.Conv2d,
        hc.nn.ChannelPermutation,
    ]
    assert set(real.state_dict()) == {"1.weight", "1.bias"}
    assert real[1].weight.dtype == torch.float32
    with torch.no_grad():  # independent of the layer that it came from
        real[1].weight.zero_()
    assert (layer.weight != 0).any()
    exported = torch.export.export(real, (torch.randn(2, 16, 6, 6),)).module()
    x = torch.randn(2, 16, 6, 6)
    torch.testing.assert_close(exported(x), real(x))
    assert hc.nn.QuaternionLinear(2, 3, device="meta").to_real().weight.is_meta
    assert type(hc.nn.Conv1d(4, 4, 3, groups=2, algebra=hc.REAL).to_real()) is nn.Conv1d


# ---------------------------------------------------------------------- whole models


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = hc.nn.QuaternionConv1d(2, 4, 3, padding=1)
        self.norm = nn.BatchNorm1d(16)
        self.activation = hc.nn.Split(nn.PReLU())
        self.shared = hc.nn.QuaternionLinear(4, 4)
        self.again = nn.Sequential(self.shared, hc.nn.Split(torch.tanh))
        self.unregistered = [self.shared]
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        x = self.activation(self.norm(self.first(x))).transpose(1, 2)
        return self.head(self.again(self.shared(x)) + self.unregistered[0](x))


def test_models_become_real():
    model = Model().eval()
    model.register_buffer("count", torch.zeros(3))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.randn(2, 8, 7)
    real = hc.nn.to_real(model)
    torch.testing.assert_close(real(x), model(x))
    assert type(real.first) is nn.Conv1d
    assert type(real.activation) is nn.PReLU
    assert real.activation is not model.activation.function
    assert real.shared is real.again[0] is real.unregistered[0]
    assert type(real.shared) is nn.Linear
    assert real.head is not model.head
    assert not real.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert type(model.first) is hc.nn.QuaternionConv1d
    for parameter in real.parameters():
        nn.init.zeros_(parameter)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_layer_is_a_model_too():
    layer = hc.nn.QuaternionLinear(3, 5)
    assert type(hc.nn.to_real(layer)) is nn.Linear
    plain = nn.Linear(3, 5)
    assert type(hc.nn.to_real(plain)) is nn.Linear
    assert hc.nn.to_real(plain) is not plain
    relu = nn.ReLU()
    assert hc.nn.to_real(nn.Sequential(hc.nn.Split(relu), relu))[0] is not relu
    shared = nn.PReLU()
    real = hc.nn.to_real(nn.Sequential(shared, hc.nn.Split(shared), hc.nn.Split(shared)))
    assert real[0] is real[1] is real[2] is not shared


def test_other_peoples_to_real_is_not_called():
    class Foreign(nn.Linear):
        def to_real(self):
            raise AssertionError

    class Mine(hc.nn.Linear):
        pass

    real = hc.nn.to_real(nn.Sequential(Foreign(2, 2), Mine(2, 2, algebra=Q)))
    assert type(real[0]) is Foreign
    assert type(real[1]) is nn.Linear


# ---------------------------------------------------------------------- from_real


@pytest.mark.parametrize("name", READABLE)
@every_telling_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_way_back_is_exact(name, algebra, side):
    layer, x, _ = made(name, algebra, side=side)
    back = hc.nn.from_real(layer.eval().to_real(), algebra, side=side)
    assert torch.equal(back.weight, layer.weight)
    assert layer.bias is None or torch.equal(back.bias, layer.bias)
    assert torch.equal(back(x), layer(x))
    assert not back.training
    nearest = hc.nn.from_real(layer.to_real(), algebra, side=side, project=True)
    torch.testing.assert_close(nearest.weight, layer.weight)


def test_a_weight_without_the_blocks_is_refused_or_projected():
    real = nn.Linear(8, 12, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"no block matrix over QUATERNION.*`project=True`"):
        hc.nn.from_real(real, Q)
    nearest = hc.nn.from_real(real, Q, project=True)
    loss = (lowering.block_kernel(nearest.weight, Q.product) - real.weight.detach()).square().sum()
    (gradient,) = torch.autograd.grad(loss, nearest.weight)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-12)
    assert loss > 1e-3


@every_telling_algebra
def test_projection_is_least_squares(algebra):
    n = algebra.dimension
    real = nn.Conv1d(2 * n, 3 * n, 2, dtype=torch.float64)
    nearest = hc.nn.from_real(real, algebra, project=True)
    loss = lambda w: (
        (lowering.block_kernel(w, algebra.product) - real.weight.detach()).square().sum()
    )
    (gradient,) = torch.autograd.grad(loss(nearest.weight), nearest.weight)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-12)


def test_what_has_been_rounded_is_read_within_the_tolerance():
    layer = hc.nn.QuaternionLinear(3, 5)
    real = layer.to_real()
    with torch.no_grad():
        real.weight.add_(1e-4 * torch.randn_like(real.weight))
    with pytest.raises(ValueError, match="a block is off by"):
        hc.nn.from_real(real, Q)
    back = hc.nn.from_real(real, Q, tolerance=1e-2)
    torch.testing.assert_close(back.weight, layer.weight, rtol=0, atol=1e-3)


def test_from_real_draws_nothing():
    real = hc.nn.QuaternionLinear(3, 5).to_real()
    state = torch.get_rng_state()
    hc.nn.from_real(real, Q)
    assert torch.equal(torch.get_rng_state(), state)


# ---------------------------------------------------------------------- convert


def real_model():
    return nn.Sequential(
        nn.Conv2d(4, 8, 3, stride=2, padding=1, padding_mode="circular", bias=False),
        nn.ReLU(),
        nn.Conv2d(8, 16, (3, 1), dilation=2, groups=2, padding="same"),
        nn.ConvTranspose2d(16, 8, 2, 2, output_padding=1),
        nn.Flatten(),
        nn.Linear(8 * 9 * 9, 32),
        nn.Sequential(nn.Linear(32, 32), nn.Linear(32, 10)),
    )


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def test_a_converted_model_has_the_shapes_of_the_real_one():
    model = real_model().double()
    x = torch.randn(3, 4, 8, 8, dtype=torch.float64)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    converted, report = hc.nn.convert(model, Q)
    assert converted(x).shape == model(x).shape
    for real, numbers in zip(model[:6], converted[:6], strict=True):
        assert real(torch.zeros_like(x)).shape == numbers(torch.zeros_like(x)).shape
        x = real(x)
    assert type(converted[0]) is hc.nn.Conv2d
    assert converted[0].bias is None
    assert converted[0].padding_mode == "circular"
    assert converted[2].groups == 2
    assert converted[2].padding == "same"
    assert type(converted[6][1]) is nn.Linear
    assert all(p.dtype == torch.float64 for p in converted.parameters())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert report.before == parameters(model)
    assert report.after == parameters(converted)
    assert report.converted == ("0", "2", "3", "5", "6.0")
    assert list(report.skipped) == ["6.1"]
    assert "`out_features` (=10) must be a multiple of 4" in report.skipped["6.1"]
    for row in report.rows:
        assert row.before == parameters(model.get_submodule(row.name))
        assert row.after == parameters(converted.get_submodule(row.name))
    converted(torch.randn(3, 4, 8, 8, dtype=torch.float64)).sum().backward()
    assert all(p.grad is not None for p in converted.parameters())


def test_the_report_reads():
    _, report = hc.nn.convert(nn.Sequential(nn.Linear(8, 4), nn.Linear(4, 3)), Q)
    assert str(report).splitlines() == [
        "1 of 2 layers over QUATERNION",
        "  0 (Linear): 36 → 12 parameters",
        "  1 (Linear): left, `out_features` (=3) must be a multiple of 4, the dimension of "
        "QUATERNION",
        "  in all: 51 → 27 parameters",
    ]
    layer, report = hc.nn.convert(nn.Linear(8, 4), Q)
    assert type(layer) is hc.nn.Linear
    assert "(model) (Linear): 36 → 12" in str(report)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"keep": ("first", "last")}, ("2", "3", "5", "6.0")),
        ({"keep": "first"}, ("2", "3", "5", "6.0")),
        ({"keep": ["6.*", "2"]}, ("0", "3", "5")),
        ({"names": "6.*"}, ("6.0",)),
        ({"names": ["0", "5"], "keep": "5"}, ("0",)),
        ({"types": [nn.Linear]}, ("5", "6.0")),
        ({"types": [nn.Linear], "keep": "first"}, ("6.0",)),
        ({"types": []}, ()),
    ],
)
def test_layers_are_chosen_by_name_type_and_place(options, expected):
    _, report = hc.nn.convert(real_model(), Q, **options)
    assert report.converted == expected


def test_options_reach_the_layers():
    converted, _ = hc.nn.convert(
        nn.Sequential(nn.Linear(8, 8)).eval(), Q, side="right", init="unitary", criterion="he"
    )
    moduli = converted[0].weight.square().sum(-1)
    torch.testing.assert_close(moduli, torch.full((2, 2), 1.0))
    assert converted[0].side == "right"
    assert not converted[0].training


def test_over_the_reals_everything_is_converted():
    converted, report = hc.nn.convert(real_model(), hc.REAL)
    assert report.skipped == {}
    assert report.before == report.after
    state = {name: value.unsqueeze(-1) for name, value in real_model().state_dict().items()}
    converted.load_state_dict(state)


def test_shared_layers_stay_shared():
    layer = nn.Linear(8, 8)
    model = nn.Sequential(layer, nn.ReLU(), layer)
    converted, report = hc.nn.convert(model, Q)
    assert converted[0] is converted[2]
    assert type(converted[0]) is hc.nn.Linear
    assert report.converted == ("0",)
    assert report.after == parameters(converted) == 24


RECURRENT = [
    (nn.RNN(8, 12, 2, "relu", bias=False), hc.nn.RNN, (5, 2, 8)),
    (nn.LSTM(8, 12, 2, batch_first=True, dropout=0.25, bidirectional=True), hc.nn.LSTM, (2, 5, 8)),
    (nn.GRU(8, 12, bidirectional=True, dtype=torch.float64).eval(), hc.nn.GRU, (5, 2, 8)),
    (nn.RNNCell(8, 12, nonlinearity="relu"), hc.nn.RNNCell, (2, 8)),
    (nn.LSTMCell(8, 12, bias=False), hc.nn.LSTMCell, (2, 8)),
    (nn.GRUCell(8, 12, dtype=torch.float64), hc.nn.GRUCell, (2, 8)),
]
ARGUMENTS = ("num_layers", "nonlinearity", "bias", "batch_first", "dropout", "bidirectional")


@pytest.mark.parametrize(("real", "kind", "shape"), RECURRENT, ids=lambda x: type(x).__name__)
def test_recurrent_layers_keep_arguments_and_shapes(real, kind, shape):
    layer, report = hc.nn.convert(real, Q, side="right")
    assert type(layer) is kind
    assert (layer.input_size, layer.hidden_size, layer.side) == (2, 3, "right")
    for name in ARGUMENTS:
        assert getattr(layer, name, None) == getattr(real, name, None), name
    assert layer.training == real.training
    like = next(real.parameters())
    assert all(p.dtype == like.dtype for p in layer.parameters())
    assert [tuple(p.shape) for p in layer.parameters()] == [
        (*(s // 4 for s in p.shape), 4) for p in real.parameters()
    ]
    assert report.after == parameters(layer)
    x = torch.randn(shape, dtype=like.dtype)
    for ours, theirs in zip(_flat(layer(x)), _flat(real(x)), strict=True):
        assert ours.shape == theirs.shape


def _flat(outputs):
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    return [tensor for output in outputs for tensor in _flat(output)]


@pytest.mark.parametrize(
    ("real", "options", "reason"),
    [
        (nn.LSTM(8, 12, proj_size=4), {}, r"`proj_size` (=4) must be 0: LSTM has none"),
        (nn.GRU(8, 10), {}, "`hidden_size` (=10) must be a multiple of 4"),
        (nn.RNNCell(6, 8), {}, "`input_size` (=6) must be a multiple of 4"),
        (nn.LSTM(8, 12), {"init": "unitary"}, "`init` (='unitary') is not an argument of LSTM"),
    ],
)
def test_recurrent_layers_without_counterpart_are_left(real, options, reason):
    layer, report = hc.nn.convert(real, Q, **options)
    assert type(layer) is type(real)
    assert reason in report.skipped[""]


@pytest.mark.filterwarnings("error")
def test_dropout_between_layers_is_left_out_of_one():
    with pytest.warns(UserWarning, match="dropout"):
        real = nn.LSTM(8, 8, dropout=0.5)
    layer, _ = hc.nn.convert(real, Q)
    assert layer.dropout == 0.0


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(6, 8)
        self.lstm = nn.LSTM(8, 12, 2, batch_first=True, bidirectional=True)
        self.hidden = nn.Linear(24, 16)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        y, _ = self.lstm(self.embed(x))
        return self.head(torch.relu(self.hidden(y)))


def test_a_model_with_an_lstm_is_converted_and_trains():
    model = Tagger()
    converted, report = hc.nn.convert(model, Q)
    assert report.converted == ("lstm", "hidden")
    assert list(report.skipped) == ["embed", "head"]
    assert type(converted.lstm) is hc.nn.LSTM
    x, target = torch.randn(2, 7, 6), torch.randn(2, 7, 5)
    assert converted(x).shape == model(x).shape
    optimizer = torch.optim.Adam(converted.parameters(), 0.02)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = (converted(x) - target).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]
    assert report.before - report.after == sum(row.before - row.after for row in report.rows)


TRANSFORMER = {"d_model": 16, "nhead": 2, "dim_feedforward": 24}
SETTINGS = {
    "dropout": 0.25,
    "activation": "gelu",
    "layer_norm_eps": 1e-3,
    "batch_first": True,
    "norm_first": True,
    "bias": False,
    "dtype": torch.float64,
}
STOCK = [
    (nn.MultiheadAttention(16, 2), hc.nn.MultiheadAttention),
    (nn.MultiheadAttention(16, 2, 0.25, False, kdim=8, vdim=12, batch_first=True).eval(), hc.nn.MultiheadAttention),
    *(
        (make(**TRANSFORMER, **settings), kind)
        for settings in ({}, SETTINGS, {"activation": nn.PReLU()})
        for make, kind in (
            (nn.TransformerEncoderLayer, hc.nn.TransformerEncoderLayer),
            (nn.TransformerDecoderLayer, hc.nn.TransformerDecoderLayer),
        )
    ),
]  # fmt: skip
every_stock_layer = pytest.mark.parametrize(
    ("real", "kind"), STOCK, ids=lambda x: getattr(type(x), "__name__", "")
)


def widths(real, like):
    """Inputs of the widths that a stock layer takes."""
    if isinstance(real, nn.MultiheadAttention):
        sizes = [(3, 2, 16), (3, 2, real.kdim), (3, 2, real.vdim)]
    else:
        sizes = [(3, 2, 16)] * (1 + isinstance(real, nn.TransformerDecoderLayer))
    return [torch.randn(size, dtype=like.dtype) for size in sizes]


@every_stock_layer
def test_attention_and_transformers_keep_arguments_and_shapes(real, kind):
    layer, report = hc.nn.convert(real, Q)
    assert type(layer) is kind
    assert report.converted == ("",)
    assert len(report.rows) == 1
    assert report.after == parameters(layer) < 0.35 * report.before
    for name, part in real.named_modules():
        mine = layer.get_submodule(name)
        assert mine.training == part.training
        for argument in {"num_heads", "batch_first", "dropout", "p", "eps", "norm_first"}:
            if isinstance(getattr(part, argument, None), bool | int | float):
                assert getattr(mine, argument) == getattr(part, argument), (name, argument)
        if hasattr(part, "bias"):
            assert (part.bias is None) == (mine.bias is None)
    like = next(real.parameters())
    assert all(p.dtype == like.dtype for p in layer.parameters())
    inputs = widths(real, like)
    for ours, theirs in zip(_flat(layer(*inputs)), _flat(real(*inputs)), strict=True):
        assert ours.shape == theirs.shape


@every_stock_layer
def test_over_the_reals_attention_and_transformers_are_the_same(real, kind):
    layer, _ = hc.nn.convert(real.eval(), hc.REAL)
    with torch.no_grad():
        for name, part in real.named_modules():
            mine = layer.get_submodule(name)
            if type(part) is nn.MultiheadAttention:
                weights = [part.q_proj_weight, part.k_proj_weight, part.v_proj_weight]
                if part.in_proj_weight is not None:
                    weights = part.in_proj_weight.chunk(3)
                biases = [None] * 3 if part.in_proj_bias is None else part.in_proj_bias.chunk(3)
                for letter, weight, bias in zip("qkv", weights, biases, strict=True):
                    projection = mine.get_submodule(f"{letter}_proj")
                    projection.weight.copy_(weight[..., None])
                    if bias is not None:
                        projection.bias.copy_(bias[..., None])
                continue
            for (_, to), (_, value) in zip(
                mine.named_parameters(recurse=False), part.named_parameters(recurse=False)
            ):
                to.copy_(value.reshape(to.shape))
    inputs = widths(real, next(real.parameters()))
    for ours, theirs in zip(_flat(layer(*inputs)), _flat(real(*inputs)), strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(
    ("real", "options", "reason"),
    [
        (nn.MultiheadAttention(18, 2), {}, "`embed_dim` (=18) must be a multiple of 4"),
        (nn.MultiheadAttention(16, 8), {}, "`num_heads` (=8) must divide `embed_dim` (=4)"),
        (nn.MultiheadAttention(8, 2, kdim=6), {}, "`kdim` (=6) must be a multiple of 4"),
        (nn.MultiheadAttention(8, 2, add_bias_kv=True), {}, "`add_bias_kv` and `add_zero_attn`"),
        (nn.MultiheadAttention(8, 2, add_zero_attn=True), {}, "`add_bias_kv` and `add_zero_attn`"),
        (nn.MultiheadAttention(8, 2), {"side": "right"}, "`side` (='right') is not an argument of"),
        (nn.TransformerEncoderLayer(18, 2, 8), {}, "`d_model` (=18) must be a multiple of 4"),
        (nn.TransformerDecoderLayer(8, 2, 6), {}, "`dim_feedforward` (=6) must be a multiple"),
        (nn.TransformerEncoderLayer(8, 4, 8), {}, "`num_heads` (=4) must divide `embed_dim` (=2)"),
        (nn.TransformerEncoderLayer(8, 2, 8), {"init": "unitary"}, "`init` (='unitary') is not an"),
    ],
)  # fmt: skip
def test_attention_and_transformers_without_counterpart_are_left(real, options, reason):
    layer, report = hc.nn.convert(real, Q, types=[type(real)], **options)
    assert type(layer) is type(real)
    assert reason in report.skipped[""]


def test_a_layer_with_foreign_parts_is_left():
    real = nn.TransformerEncoderLayer(8, 2, 8)
    real.norm1 = nn.RMSNorm(8)
    _, report = hc.nn.convert(real, Q)
    assert report.skipped[""] == "`norm1` (=RMSNorm) is not what torch puts there"


def test_the_activation_of_a_converted_layer_is_its_own():
    real = nn.TransformerDecoderLayer(8, 2, 8, activation=nn.PReLU())
    real.dropout3.p = 0.5
    layer, _ = hc.nn.convert(real, Q)
    assert layer.activation is not real.activation
    assert layer.activation.weight is not real.activation.weight
    assert (layer.dropout1.p, layer.dropout3.p) == (0.1, 0.5)


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_whole_transformer_is_converted_and_trains(batch_first):
    with warnings.catch_warnings():  # torch has no fast path without `batch_first`
        warnings.simplefilter("ignore")
        real = nn.Transformer(8, 2, 2, 2, 16, batch_first=batch_first)
    model, report = hc.nn.convert(real, Q)
    assert report.converted == tuple(f"{s}coder.layers.{i}" for s in ("en", "de") for i in (0, 1))
    assert report.skipped == {}
    src, tgt = torch.randn(3, 3, 8), torch.randn(3, 3, 8)
    pad = torch.tensor([[False, False, True]] * 3)
    mask = real.generate_square_subsequent_mask(3)
    options = {"tgt_mask": mask, "tgt_is_causal": True, "src_key_padding_mask": pad}
    options["memory_key_padding_mask"] = pad
    model(src, tgt, **options).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.eval()
    with torch.no_grad():  # where torch's stack would hand nested tensors to torch's layers
        expected = model(src, tgt, **options)
        src = torch.where(pad[..., None] if batch_first else pad.t()[..., None], 7.0, src)
        torch.testing.assert_close(model(src, tgt, **options), expected)
    assert real.encoder.use_nested_tensor == batch_first


def test_layers_whose_weights_are_read_are_left():
    stack = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    model = nn.Sequential(stack, nn.MultiheadAttention(8, 2, batch_first=True), nn.Linear(8, 8))
    converted, report = hc.nn.convert(model.eval(), Q, types=[nn.Linear, nn.MultiheadAttention])
    assert report.converted == ("1", "2")
    assert all("reads its weight" in reason for reason in report.skipped.values())
    with torch.no_grad():  # the fast path
        assert converted[0](torch.randn(2, 3, 8)).shape == (2, 3, 8)


def test_what_is_kept_keeps_the_layer_in_which_it_stands():
    model = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 8), 2)
    converted, report = hc.nn.convert(model, Q, keep="layers.1.linear1")
    assert report.converted[0] == "layers.0"
    assert list(report.skipped) == ["layers.1", "layers.1.linear1"]
    assert type(converted.layers[1].linear1) is nn.Linear
    x = torch.randn(3, 2, 8)
    assert converted(x, x).shape == x.shape


def test_derived_types_are_left():
    class Scaled(nn.Linear):
        def forward(self, input):
            return 2 * super().forward(input)

    normed = nn.utils.parametrizations.weight_norm(nn.Linear(8, 8))
    _, report = hc.nn.convert(nn.Sequential(Scaled(8, 8), normed, nn.Linear(8, 8)), Q)
    assert report.converted == ("2",)
    assert set(report.skipped.values()) == {"its type is derived and may compute something else"}


def test_builders_can_be_registered(monkeypatch):
    def build(real, algebra, **options):
        width = conversion.numbers_in("num_features", real.num_features, algebra)
        return nn.Identity() if width > 1 else nn.ReLU()

    monkeypatch.setitem(conversion.BUILDERS, nn.BatchNorm1d, build)
    model = nn.Sequential(nn.BatchNorm1d(8), nn.BatchNorm1d(4), nn.BatchNorm1d(3))
    converted, report = hc.nn.convert(model, Q)
    assert [type(m) for m in converted] == [nn.Identity, nn.ReLU, nn.BatchNorm1d]
    assert "`num_features` (=3) must be a multiple of 4" in report.skipped["2"]


def test_a_converted_model_trains_and_becomes_real_again():
    torch.manual_seed(0)
    x = torch.randn(64, 16)
    target = x @ torch.randn(16, 4)
    model = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 4))
    converted, _ = hc.nn.convert(model, Q)
    optimizer = torch.optim.Adam(converted.parameters(), 0.02)
    first = last = None
    for _ in range(60):
        optimizer.zero_grad()
        last = (converted(x) - target).square().mean()
        last.backward()
        optimizer.step()
        first = first if first is not None else last.item()
    assert last < 0.5 * first
    real = hc.nn.to_real(converted)
    torch.testing.assert_close(real(x), converted(x))
    assert [type(m) for m in real] == [type(m) for m in model]
    assert torch.equal(hc.nn.from_real(real[0], Q).weight, converted[0].weight)
    assert copy.deepcopy(converted)(x).shape == (64, 4)


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("error", "call", "message"),
    [
        (TypeError, lambda: hc.nn.from_real(nn.ReLU(), Q), r"`layer` \(=ReLU\) must be one of Linear, Conv1d"),
        (ValueError, lambda: hc.nn.from_real(nn.Linear(6, 4), Q), r"`in_features` \(=6\) must be a multiple of 4"),
        (ValueError, lambda: hc.nn.from_real(nn.Conv1d(8, 8, 3, groups=2), Q), r"`groups` \(=2\) must stand between two"),
        (ValueError, lambda: hc.nn.from_real(nn.Sequential(nn.ReLU(), nn.Linear(4, 4), nn.ReLU()), Q), "ChannelPermutations"),
        (ValueError, lambda: hc.nn.from_real(hc.nn.Conv1d(4, 4, 3, groups=2, algebra=hc.COMPLEX).to_real(), Q), "ChannelPermutations of QUATERNION"),
        (ValueError, lambda: hc.nn.convert(nn.Linear(4, 4), Q, types=[nn.ReLU]), r"`types`: ReLU must be one of"),
        (ValueError, lambda: hc.nn.convert(nn.Sequential(nn.Linear(4, 4)), Q, keep="head"), r"`keep`: 'head' fits no layer among \['0'\]"),
        (ValueError, lambda: hc.nn.convert(nn.Sequential(nn.Linear(4, 4)), Q, names="last"), r"`names`: 'last' fits no layer"),
        (TypeError, lambda: hc.nn.convert(nn.Linear(4, 4), Q, groups=2), "groups"),
    ],
)  # fmt: skip
def test_bad_input_is_named(error, call, message):
    with pytest.raises(error, match=message):
        call()
