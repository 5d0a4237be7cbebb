"""Every layer decides: it has a stock layer that does the same, or a reason why there is none."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

import hypercomplex as hc
from hypercomplex.lowering import fold
from hypercomplex.nn.conversion import NO_STOCK_LAYER
from tests.cases import every_telling_algebra, randomised

Q = hc.QUATERNION
DOUBLE = {"dtype": torch.float64}
LAYERS = [
    layer
    for name in hc.nn.__all__
    if isinstance(layer := getattr(hc.nn, name), type) and issubclass(layer, nn.Module)
]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_a_layer_has_a_stock_one_or_a_reason_why_not(layer):
    reasons = [why for cls, why in NO_STOCK_LAYER.items() if issubclass(layer, cls)]
    assert len(reasons) + hasattr(layer, "to_real") == 1


def folded(algebra, *shape):
    """Input of whole numbers with the channels on the second axis."""
    return fold(torch.randn(*shape, algebra.dimension, **DOUBLE), 1)


# ---------------------------------------------------------------------- one layer


def test_tables_become_stock_tables():
    layer = hc.nn.QuaternionEmbedding(7, 3, padding_idx=2, max_norm=1.5, scale_grad_by_freq=True)
    real = layer.to_real()
    assert type(real) is nn.Embedding
    assert (real.padding_idx, real.max_norm, real.scale_grad_by_freq) == (2, 1.5, True)
    rows = torch.tensor([[1, 2, 1], [6, 0, 2]])
    torch.testing.assert_close(real(rows), layer(rows))
    real(rows).square().sum().backward()
    layer(rows).square().sum().backward()
    torch.testing.assert_close(real.weight.grad, fold(layer.weight.grad, 1))
    assert real.weight.data_ptr() != layer.weight.data_ptr()


@every_telling_algebra
def test_tables_over_every_algebra(algebra):
    layer = hc.nn.Embedding(7, 3, algebra=algebra, **DOUBLE)
    rows = torch.arange(7)
    assert torch.equal(layer.to_real()(rows), layer(rows))


@every_telling_algebra
@pytest.mark.parametrize(
    ("make", "axes", "stock"),
    [
        (lambda **o: hc.nn.AvgPool1d(3, 2, 1, True, **o), 1, nn.AvgPool1d),
        (lambda **o: hc.nn.AvgPool2d((2, 3), divisor_override=5, **o), 2, nn.AvgPool2d),
        (lambda **o: hc.nn.AvgPool3d(2, 1, 1, False, False, **o), 3, nn.AvgPool3d),
        (lambda **o: hc.nn.AdaptiveAvgPool1d(3, **o), 1, nn.AdaptiveAvgPool1d),
        (lambda **o: hc.nn.AdaptiveAvgPool2d((2, None), **o), 2, nn.AdaptiveAvgPool2d),
        (lambda **o: hc.nn.AdaptiveAvgPool3d(1, **o), 3, nn.AdaptiveAvgPool3d),
    ],
)
def test_means_become_stock_pools(make, axes, stock, algebra):
    layer = make(algebra=algebra)
    x = folded(algebra, 2, 3, *(6, 5, 4)[:axes])
    assert type(layer.to_real()) is stock
    torch.testing.assert_close(layer.to_real()(x), layer(x))


NORMS = [
    (hc.nn.BatchNorm1d, (9, 3)),
    (hc.nn.BatchNorm1d, (3, 3, 5)),
    (hc.nn.BatchNorm2d, (3, 3, 4, 5)),
    (hc.nn.BatchNorm3d, (3, 3, 2, 3, 4)),
    (hc.nn.VarianceNorm1d, (9, 3)),
    (hc.nn.VarianceNorm1d, (3, 3, 5)),
    (hc.nn.VarianceNorm2d, (3, 3, 4, 5)),
    (hc.nn.VarianceNorm3d, (3, 3, 2, 3, 4)),
]


@every_telling_algebra
@pytest.mark.parametrize(("norm", "shape"), NORMS)
@pytest.mark.parametrize("affine", [True, False])
def test_evaluated_norms_are_fixed_maps(norm, shape, affine, algebra):
    layer = randomised(norm(3, affine=affine, algebra=algebra, **DOUBLE))
    x = 3 * folded(algebra, *shape) + 1
    for _ in range(3):
        layer(x)
    real = layer.eval().to_real()
    torch.testing.assert_close(real(x), layer(x))
    assert not real.training


def test_norms_of_one_number_need_no_permutation():
    layer = hc.nn.QuaternionBatchNorm2d(1).eval()
    assert type(layer.to_real()) is nn.Conv2d
    assert type(hc.nn.QuaternionBatchNorm2d(2).eval().to_real()[1]) is nn.Conv2d
    assert type(hc.nn.BatchNorm2d(2, algebra=hc.REAL).eval().to_real()) is nn.Conv2d
    assert type(hc.nn.VarianceNorm1d(2, algebra=Q).eval().to_real()) is nn.BatchNorm1d


@every_telling_algebra
@pytest.mark.parametrize("shape", [(3,), (3, 4)])
@pytest.mark.parametrize("affine", [True, False])
def test_rms_norms_become_stock_ones(shape, affine, algebra):
    layer = randomised(hc.nn.RMSNorm(shape, None, affine, algebra=algebra, **DOUBLE))
    x = folded(algebra, 2, *shape)
    assert type(layer.to_real()) is nn.RMSNorm
    torch.testing.assert_close(layer.to_real()(x), layer(x))


@every_telling_algebra
@pytest.mark.parametrize(
    "options", [{}, {"bias": False}, {"kdim": 2, "vdim": 5}, {"kdim": 2, "bias": False}]
)
@pytest.mark.parametrize("training", [True, False])
def test_attention_becomes_stock_attention(options, training, algebra):
    n = algebra.dimension
    layer = hc.nn.MultiheadAttention(6, 3, batch_first=True, algebra=algebra, **options, **DOUBLE)
    layer = randomised(layer).train(training)
    real = layer.to_real()
    assert type(real) is nn.MultiheadAttention
    assert real.training == training
    query = torch.randn(2, 5, n * 6, **DOUBLE)
    key = torch.randn(2, 4, n * layer.k_proj.in_features, **DOUBLE)
    value = torch.randn(2, 4, n * layer.v_proj.in_features, **DOUBLE)
    padding = torch.tensor([[False, False, True, True], [False] * 4])
    mask = torch.randn(2 * 3, 5, 4, **DOUBLE)
    with torch.no_grad():  # torch's fast path is not left out
        for arguments in (
            {},
            {"need_weights": False},
            {"average_attn_weights": False, "attn_mask": mask},
            {"key_padding_mask": padding},
            {"attn_mask": mask[0], "need_weights": False},
        ):
            expected, weights = layer(query, key, value, **arguments)
            output, real_weights = real(query, key, value, **arguments)
            torch.testing.assert_close(output, expected)
            torch.testing.assert_close(real_weights, weights)


def test_attention_of_a_sequence_to_itself_and_time_first():
    layer = hc.nn.QuaternionMultiheadAttention(6, 2, **DOUBLE).eval()
    x = torch.randn(5, 2, 24, **DOUBLE)
    state = torch.get_rng_state()
    real = layer.to_real()
    assert torch.equal(torch.get_rng_state(), state)
    with torch.no_grad():
        torch.testing.assert_close(real(x, x, x), layer(x, x, x))
        torch.testing.assert_close(
            real(x[:, 0], x[:, 0], x[:, 0]), layer(x[:, 0], x[:, 0], x[:, 0])
        )


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (hc.nn.QuaternionBatchNorm1d(3), r"BatchNorm1d learns from batches .* call eval\(\)"),
        (hc.nn.VarianceNorm2d(3, algebra=Q), r"VarianceNorm2d learns .* call eval\(\)"),
        (
            hc.nn.BatchNorm2d(3, track_running_stats=False, algebra=Q).eval(),
            "`track_running_stats` is not set",
        ),
        (
            hc.nn.MultiheadAttention(6, 3, algebra=Q, score="modulus"),
            r"`score` \(='modulus'\) must be 'real'",
        ),
    ],
)
def test_what_has_no_stock_layer_says_why(layer, message):
    with pytest.raises(ValueError, match=message):
        layer.to_real()
    assert type(hc.nn.to_real(layer)) is type(layer)
    with pytest.raises(ValueError, match=message):
        hc.nn.to_real(layer, strict=True)


# ---------------------------------------------------------------------- whole models


@pytest.mark.parametrize("recurrent", [hc.nn.RNN, hc.nn.LSTM, hc.nn.GRU])
@pytest.mark.parametrize("algebra", [hc.REAL, hc.COMPLEX, Q, hc.clifford(3)], ids=str)
def test_directions_stay_in_order(recurrent, algebra):
    n = algebra.dimension
    layer = recurrent(3, 5, 2, bidirectional=True, algebra=algebra, **DOUBLE)
    model = nn.ModuleList([layer, hc.nn.Linear(10, 4, algebra=algebra, **DOUBLE)]).eval()
    real = hc.nn.to_real(model, strict=True)
    x = torch.randn(7, 2, 3 * n, **DOUBLE)
    torch.testing.assert_close(real[0](x), model[0](x))
    torch.testing.assert_close(real[1](real[0](x)[0]), model[1](model[0](x)[0]))
    packed = pack_sequence([x[:, 0], x[:4, 1]])
    torch.testing.assert_close(real[0](packed)[0].data, model[0](packed)[0].data)
    assert not any(module.training for module in real.modules())


def test_a_whole_model_becomes_real():
    model = nn.Sequential(
        hc.nn.QuaternionEmbedding(9, 4, **DOUBLE),
        hc.nn.RMSNorm(4, algebra=Q, **DOUBLE),
        nn.Flatten(0, 1),
        hc.nn.QuaternionBatchNorm1d(4, **DOUBLE),
        nn.Unflatten(1, (16, 1)),
        hc.nn.AvgPool1d(1, algebra=Q),
    )
    rows = torch.randint(9, (5, 6))
    model(rows)
    kept = hc.nn.to_real(model)
    assert type(kept[3]) is hc.nn.QuaternionBatchNorm1d
    real = hc.nn.to_real(model.eval(), strict=True)
    torch.testing.assert_close(real(rows), model(rows))
    assert [type(layer) for layer in real][:3] == [nn.Embedding, nn.RMSNorm, nn.Flatten]


@pytest.mark.parametrize("causal", [False, True])
def test_what_is_kept_has_real_layers_inside(causal):
    layer = hc.nn.QuaternionTransformerEncoderLayer(6, 3, 8, batch_first=True, **DOUBLE).eval()
    real = hc.nn.to_real(layer)
    assert type(real.self_attn.q_proj) is type(real.linear1) is nn.Linear
    x = torch.randn(2, 5, 24, **DOUBLE)
    torch.testing.assert_close(real(x, is_causal=causal), layer(x, is_causal=causal))


def test_strict_names_what_would_be_kept():
    model = nn.Sequential(hc.nn.QuaternionLinear(3, 5), nn.Sequential(hc.nn.ModReLU(5, algebra=Q)))
    with pytest.raises(ValueError, match=r"\n  1\.0: ModReLU, which acts on moduli$"):
        hc.nn.to_real(model, strict=True)
    with pytest.raises(ValueError, match=r"\n  \(model\): LayerNorm, whose mean"):
        hc.nn.to_real(hc.nn.LayerNorm(3, algebra=Q), strict=True)
    assert type(hc.nn.to_real(model)[0]) is nn.Linear


def test_a_lazy_layer_still_has_to_be_called_once():
    with pytest.raises(ValueError, match="call it once"):
        hc.nn.to_real(nn.Sequential(hc.nn.LazyLinear(3, algebra=Q)))
