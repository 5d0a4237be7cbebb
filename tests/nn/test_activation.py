"""Activations and dropout act on whole numbers, and their gradients are finite at zero."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import hypercomplex as hc
from hypercomplex import functional
from hypercomplex.lowering import fold, unfold
from tests.cases import every_telling_algebra, numbers

C = 3
LAYERS: dict[str, Callable[..., nn.Module]] = {
    "mod_relu": lambda **options: hc.nn.ModReLU(C, **{"dim": 1} | options),
    "mod_tanh": hc.nn.ModTanh,
    "cardioid": hc.nn.Cardioid,
}
every_layer = pytest.mark.parametrize("layer", LAYERS)


def with_bias(layer: nn.Module) -> nn.Module:
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.tensor([-0.8, 0.0, 0.5]))
    return layer.double()


def slow(name: str, q: Any, layer: Any) -> Any:
    """With the tensor's operators."""
    modulus = abs(q)
    if name == "mod_relu":
        return q / modulus * torch.relu(modulus + layer.bias.view(-1, 1))
    if name == "mod_tanh":
        return q / modulus * torch.tanh(modulus)
    return q * (1 + q.real / modulus) / 2


@every_telling_algebra
@every_layer
def test_activations_are_their_literal_twins(layer: str, algebra: hc.Algebra) -> None:
    module = with_bias(LAYERS[layer](algebra=algebra, dim=1))
    x = numbers(algebra, 2, C, 5)
    q = hc.as_hypercomplex(x, algebra)
    y = module(q)
    assert type(y) is type(q)
    torch.testing.assert_close(y.components, slow(layer, q, module).components)
    torch.testing.assert_close(unfold(module(fold(x, 1)), 1, algebra.dimension), y.components)
    unbatched = with_bias(LAYERS[layer](algebra=algebra, dim=-1))
    last = x.transpose(1, 2)
    torch.testing.assert_close(
        unfold(unbatched(fold(last, 2)), 2, algebra.dimension), y.components.transpose(1, 2)
    )


@every_layer
def test_gradients_are_right_and_finite_at_zero(layer: str) -> None:
    module = with_bias(LAYERS[layer](algebra=hc.QUATERNION, dim=1))
    x = fold(numbers(hc.QUATERNION, 2, C, 2), 1).requires_grad_()
    assert torch.autograd.gradcheck(module, x)
    zero = torch.zeros(2, 4 * C, 2, requires_grad=True)
    y = module.float()(zero)
    y.sum().backward()
    assert not y.any()
    assert zero.grad.isfinite().all()
    assert all(p.grad.isfinite().all() for p in module.parameters())


def test_over_the_reals_they_are_known() -> None:
    x = torch.randn(20)
    torch.testing.assert_close(hc.nn.ModTanh(algebra=hc.REAL)(x), x.tanh())
    torch.testing.assert_close(hc.nn.Cardioid(algebra=hc.REAL)(x), x.relu())
    shrink = hc.nn.ModReLU(1, algebra=hc.REAL)
    shrink.bias.data.fill_(-0.5)
    torch.testing.assert_close(shrink(x[:, None])[:, 0], nn.functional.softshrink(x, 0.5))


@every_telling_algebra
def test_functions_take_typed_numbers(algebra: hc.Algebra) -> None:
    x = numbers(algebra, 4)
    q = hc.as_hypercomplex(x, algebra)
    b = torch.randn(4, dtype=torch.float64)
    assert torch.equal(functional.mod_relu(q, b).components, functional.mod_relu(x, b))
    assert torch.equal(functional.mod_tanh(q).components, functional.mod_tanh(x))
    assert torch.equal(functional.cardioid(q).components, functional.cardioid(x))


SPLITS = [
    (hc.nn.SplitReLU, nn.ReLU, {}),
    (hc.nn.SplitLeakyReLU, nn.LeakyReLU, {"negative_slope": 0.3}),
    (hc.nn.SplitGELU, nn.GELU, {"approximate": "tanh"}),
    (hc.nn.SplitSiLU, nn.SiLU, {}),
    (hc.nn.SplitTanh, nn.Tanh, {}),
    (hc.nn.SplitHardtanh, nn.Hardtanh, {"min_val": -0.2}),
    (hc.nn.SplitSigmoid, nn.Sigmoid, {}),
]


@pytest.mark.parametrize(("split", "real", "options"), SPLITS)
def test_named_splits_act_on_components(split: Any, real: Any, options: dict[str, Any]) -> None:
    x = torch.randn(3, 4)
    assert torch.equal(split(**options)(x), real(**options)(x))
    q = copy.deepcopy(split(**options))(hc.QuaternionTensor(x))
    assert type(q) is hc.QuaternionTensor
    assert torch.equal(q.components, real(**options)(x))


# ---------------------------------------------------------------------- dropout


@every_telling_algebra
def test_dropout_decides_once_for_a_number(algebra: hc.Algebra) -> None:
    n = algebra.dimension
    layer = hc.nn.Dropout(0.25, algebra=algebra, dim=1)
    folded = layer(torch.ones(20, 50 * n, 3))
    typed = layer(hc.as_hypercomplex(torch.ones(20, 50, 3, n), algebra)).components
    for y in (unfold(folded, 1, n), typed):
        assert torch.equal(y, y[..., :1].expand_as(y))
        assert set(y.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
        assert abs((y == 0).double().mean() - 0.25) < 0.03
    layer.eval()
    assert torch.equal(layer(folded), folded)


@every_telling_algebra
@pytest.mark.parametrize(
    ("kind", "axes"), [(hc.nn.Dropout1d, 1), (hc.nn.Dropout2d, 2), (hc.nn.Dropout3d, 3)]
)
def test_feature_dropout_decides_once_for_a_channel(
    algebra: hc.Algebra, kind: Any, axes: int
) -> None:
    n, spatial = algebra.dimension, (3,) * axes
    layer = kind(0.5, algebra=algebra)
    folded = layer(torch.ones(10, 20 * n, *spatial))
    typed = layer(hc.as_hypercomplex(torch.ones(10, 20, *spatial, n), algebra)).components
    for y in (unfold(folded, 1, n), typed):
        flat = y.flatten(2)
        assert torch.equal(flat, flat[..., :1].expand_as(flat))
        assert set(flat[..., 0].unique().tolist()) == {0.0, 2.0}
    alone = unfold(layer(torch.ones(20 * n, *spatial)), 0, n).flatten(1)
    assert set(alone[:, 0].unique().tolist()) == {0.0, 2.0}
    assert torch.equal(layer.eval()(folded), folded)


def test_dropout_over_the_reals_is_torchs() -> None:
    x = torch.randn(8, 10)
    torch.manual_seed(3)
    expected = nn.Dropout(0.3)(x)
    torch.manual_seed(3)
    assert torch.equal(hc.nn.Dropout(0.3, algebra=hc.REAL)(x), expected)


@pytest.mark.parametrize(
    "make",
    [*LAYERS.values(), hc.nn.Dropout],
)
def test_compiled_exported_copied_and_under_autocast(make: Callable[..., nn.Module]) -> None:
    layer = make(algebra=hc.QUATERNION, dim=1).eval()
    x = torch.randn(2, 4 * C, 5)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), layer(x))
    torch.testing.assert_close(torch.export.export(layer, (x,)).module()(x), layer(x))
    fresh = make(algebra=hc.QUATERNION, dim=1).eval()
    fresh.load_state_dict(layer.state_dict())
    torch.testing.assert_close(copy.deepcopy(fresh)(x), layer(x))
    with torch.autocast("cpu", torch.bfloat16):
        assert layer.train()(x.bfloat16()).isfinite().all()


ERRORS: list[tuple[Callable[[], Any], str]] = [
    (lambda: hc.nn.Dropout(1.5, algebra=hc.REAL), r"`p` \(=1.5\) must be a probability"),
    (lambda: hc.nn.Dropout(algebra="H"), r"`algebra` \(='H'\) must be an Algebra"),
    (
        lambda: hc.nn.ModReLU(0, algebra=hc.REAL),
        r"`num_features` \(=0\) must be a positive integer",
    ),
    (
        lambda: hc.nn.ModTanh(algebra=hc.QUATERNION)(torch.ones(2, 4, 3)),
        r"`input` of shape \(2, 4, 3\): say with `dim` which axis holds the channels",
    ),
    (
        lambda: hc.nn.ModTanh(algebra=hc.QUATERNION, dim=3)(torch.ones(2, 4, 3)),
        r"`input` of shape \(2, 4, 3\) has no axis `dim` \(=3\)",
    ),
    (
        lambda: hc.nn.ModTanh(algebra=hc.QUATERNION)(torch.ones(2, 6)),
        r"must have a multiple of 4 channels on axis 1",
    ),
    (
        lambda: hc.nn.ModReLU(2, algebra=hc.QUATERNION)(torch.ones(2, 12)),
        r"`input` of shape \(2, 3\), in numbers, must have `num_features` \(=2\) of them on axis 1",
    ),
    (
        lambda: hc.nn.ModTanh(algebra=hc.COMPLEX)(hc.QuaternionTensor([1.0, 2, 3, 4])),
        r"`algebra` \(=COMPLEX\) is not that of a QuaternionTensor",
    ),
]


@pytest.mark.parametrize(("call", "message"), ERRORS)
def test_errors_say_what_is_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError), match=message):
        call()


def test_plain_input_stays_plain() -> None:
    assert type(hc.nn.ModTanh(algebra=hc.QUATERNION)(torch.ones(2, 4))) is Tensor
