"""Layers that learn their algebra are sums of Kronecker products, and layers over what they learn."""

import copy
import pickle

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex.compat.layouts import from_kronecker
from hypercomplex.nn import (
    LowRankPHMLinear,
    PHMConv1d,
    PHMConv2d,
    PHMConv3d,
    PHMConvTranspose1d,
    PHMConvTranspose2d,
    PHMConvTranspose3d,
    PHMLinear,
)

CONVS = {1: PHMConv1d, 2: PHMConv2d, 3: PHMConv3d}
TRANSPOSED = {1: PHMConvTranspose1d, 2: PHMConvTranspose2d, 3: PHMConvTranspose3d}
WIDE = {"dtype": torch.float64}
LAYERS = {
    "linear": (lambda **more: PHMLinear(4, 12, 8, **more), (3, 12)),
    "conv1d": (lambda **more: PHMConv1d(4, 12, 8, 3, padding=1, **more), (3, 12, 6)),
    "conv2d": (lambda **more: PHMConv2d(4, 12, 8, 3, stride=2, **more), (3, 12, 6, 6)),
    "conv3d": (lambda **more: PHMConv3d(4, 4, 8, 2, **more), (2, 4, 3, 3, 3)),
    "grouped": (lambda **more: PHMConv1d(4, 16, 8, 3, groups=2, **more), (3, 16, 6)),
    "transposed1d": (lambda **more: PHMConvTranspose1d(4, 12, 8, 3, **more), (3, 12, 6)),
    "transposed2d": (lambda **more: PHMConvTranspose2d(4, 12, 8, 3, 2, **more), (3, 12, 4, 4)),
    "transposed3d": (lambda **more: PHMConvTranspose3d(4, 4, 8, 2, **more), (2, 4, 3, 3, 3)),
}
every_layer = pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)


def kronecker(layer):
    """The real weight `(O, I, *K)` as the literal sum over the components, one entry after another."""
    constants, weight = layer.algebra.constants.detach(), layer.weight.detach()
    n = layer.n
    outputs, inputs, *kernel, _ = weight.shape
    if layer.transposed:
        outputs, inputs = inputs, outputs
    total = weight.new_zeros(n * outputs, n * inputs, *kernel)
    for m in range(n):
        s = weight[..., m].transpose(0, 1) if layer.transposed else weight[..., m]
        for k in range(n):
            for j in range(n):
                block = constants[m, j, k] * s
                total[k * outputs : (k + 1) * outputs, j * inputs : (j + 1) * inputs] += block
    return total


def total(model):
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(("n", "weights"), [(2, 131_080), (4, 65_600), (8, 33_280), (16, 20_480)])
def test_published_counts(n, weights):
    assert total(PHMLinear(n, 512, 512, bias=False)) == weights
    assert total(PHMLinear(n, 512, 512)) == weights + 512
    assert total(PHMLinear(n, 512, 512, algebra=hc.LearnedBilinear.random(n))) == weights + 512


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_sum_of_kronecker_products(n):
    layer = PHMLinear(n, 2 * n, 3 * n, **WIDE)
    nn.init.normal_(layer.bias)
    x = torch.randn(4, 2 * n, **WIDE)
    expected = x @ kronecker(layer).T + layer.bias.T.flatten()
    torch.testing.assert_close(layer(x), expected)
    parts = layer.weight.movedim(-1, 0).contiguous()
    matrices = layer.algebra.constants.mT.contiguous()
    literal = sum(torch.kron(a, s) for a, s in zip(matrices, parts, strict=True))
    torch.testing.assert_close(literal, kronecker(layer))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("transposed", [False, True])
def test_convolutions_with_sums_of_kronecker_products(axes, transposed):
    make = (TRANSPOSED if transposed else CONVS)[axes]
    layer = make(3, 6, 9, 2, stride=2, padding=1, **WIDE)
    nn.init.normal_(layer.bias)
    x = torch.randn(2, 6, *[5] * axes, **WIDE)
    name = f"conv_transpose{axes}d" if transposed else f"conv{axes}d"
    weight, bias = kronecker(layer), layer.bias.T.flatten()
    weight = weight.transpose(0, 1) if transposed else weight
    expected = getattr(nn.functional, name)(x, weight, bias, stride=2, padding=1)
    torch.testing.assert_close(layer(x), expected)


@every_layer
def test_every_parameter_has_a_gradient_and_the_stock_layer_is_equal(make, shape):
    """The bias takes part, so that processes which wait for each other's gradients do not hang."""
    layer = make(**WIDE)
    nn.init.normal_(layer.bias)
    x = torch.randn(shape, **WIDE)
    y = layer(x)
    y.square().sum().backward()
    assert dict(layer.named_parameters()).keys() == {"weight", "bias", "algebra.constants"}
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in layer.parameters())
    torch.testing.assert_close(layer.to_real()(x), y)
    torch.testing.assert_close(
        layer(torch.zeros_like(x[:1])).square().sum() > 0, torch.tensor(True)
    )


@every_layer
def test_copies_files_and_other_types(make, shape):
    layer, x = make(), torch.randn(shape)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        torch.testing.assert_close(twin(x), layer(x))
        assert twin.algebra.constants is not layer.algebra.constants
    other = make()
    other.load_state_dict(layer.state_dict())
    torch.testing.assert_close(other(x), layer(x))
    assert layer.to(torch.bfloat16)(x.bfloat16()).dtype == torch.bfloat16
    with torch.autocast("cpu", torch.bfloat16):
        assert other(x).dtype == torch.bfloat16
        other(x).float().sum().backward()
    assert all(p.grad.dtype == torch.float32 for p in other.parameters())


@every_layer
def test_under_compilers_exporters_and_transforms(make, shape, backend):
    layer, x = make(**WIDE), torch.randn(shape, **WIDE)
    compiled = torch.compile(layer, backend=backend, fullgraph=True)
    torch.testing.assert_close(compiled(x), layer(x))
    names, given = zip(*layer.named_parameters(), strict=True)
    for got, expected in zip(
        torch.autograd.grad(compiled(x).square().sum(), given),
        torch.autograd.grad(layer(x).square().sum(), given),
        strict=True,
    ):
        torch.testing.assert_close(got, expected)
    for strict in (False, True):
        exported = torch.export.export(layer, (x,), strict=strict)
        torch.testing.assert_close(exported.module()(x), layer(x))
    state = dict(zip(names, given, strict=True))
    call = lambda state, x: torch.func.functional_call(layer, state, x)
    torch.testing.assert_close(torch.func.vmap(call, (None, 0))(state, x[:, None])[:, 0], layer(x))
    slopes = torch.func.grad(lambda state: call(state, x).square().sum())(state)
    expected = torch.autograd.grad(layer(x).square().sum(), given)
    torch.testing.assert_close(tuple(slopes[name] for name in names), expected)


def test_derivatives():
    layer, x = PHMLinear(3, 6, 6, **WIDE), torch.randn(2, 6, **WIDE, requires_grad=True)
    names, given = zip(*layer.named_parameters(), strict=True)

    def call(x, *given):
        state = dict(zip(names, given, strict=True))
        return torch.func.functional_call(layer, state, x)

    assert torch.autograd.gradcheck(call, (x, *given))
    assert torch.autograd.gradgradcheck(call, (x, *given), fast_mode=True)


@pytest.mark.parametrize("rank", [1, 3])
def test_weights_of_low_rank(rank):
    """The sum of Kronecker products with products of two factors, which are never made."""
    layer = LowRankPHMLinear(3, 6, 9, rank, **WIDE)
    nn.init.normal_(layer.bias)
    x = torch.randn(2, 5, 6, **WIDE)
    parts = [s @ t for s, t in zip(layer.left.unbind(-1), layer.right.unbind(-1), strict=True)]
    matrices = layer.algebra.constants.mT.contiguous()
    weight = sum(torch.kron(a, s) for a, s in zip(matrices, parts, strict=True))
    expected = x @ weight.T + layer.bias.T.flatten()
    torch.testing.assert_close(layer(x), expected)
    torch.testing.assert_close(layer.to_real()(x), expected)
    assert total(layer) == rank * (6 + 9) + 9 + 27
    layer(x).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in layer.parameters())
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), expected)
    exported = torch.export.export(layer, (x,), strict=True).module()
    torch.testing.assert_close(exported(x), expected)


def test_layers_of_low_rank_keep_mean_squares_and_types():
    for rank in (1, 4):
        squares = []
        for _ in range(20):
            layer = LowRankPHMLinear(4, 256, 128, rank, criterion="he")
            squares.append(layer(torch.randn(100, 256)).square().mean())
        assert torch.stack(squares).mean().item() == pytest.approx(2, rel=0.2)
    typed = LowRankPHMLinear(4, 8, 12, algebra=hc.QUATERNION)(hc.QuaternionTensor.randn(3, 2))
    assert type(typed) is hc.QuaternionTensor
    assert typed.shape == (3, 3)
    with pytest.raises(ValueError, match=r"`n` \(=4\) must divide `in_features` \(=10\)"):
        LowRankPHMLinear(4, 10, 8)
    with pytest.raises(ValueError, match="must have the same rank r"):
        hc.functional.low_rank_linear(
            torch.randn(2, 8), torch.randn(3, 2, 4), torch.randn(1, 2, 4), algebra=hc.QUATERNION
        )


# ---------------------------------------------------------------------- the rule


def test_rules_begin_as_a_named_algebra():
    layer = PHMLinear(4, 8, 12, algebra=hc.QUATERNION)
    exact = hc.nn.QuaternionLinear(2, 3)
    exact.load_state_dict({n: p for n, p in layer.state_dict().items() if "algebra" not in n})
    x = torch.randn(5, 8)
    torch.testing.assert_close(layer(x), exact(x))
    product = hc.clifford(1, 1).product
    assert PHMConv1d(4, 4, 4, 1, algebra=product).algebra.start == product


def test_rules_that_do_not_learn():
    layer = PHMLinear(4, 8, 12, algebra=hc.QUATERNION, learn=False)
    assert [name for name, p in layer.named_parameters() if p.requires_grad] == ["weight", "bias"]
    layer(torch.randn(2, 8)).sum().backward()
    assert layer.algebra.constants.grad is None
    layer.algebra.requires_grad_()
    layer(torch.randn(2, 8)).sum().backward()
    assert layer.algebra.constants.grad is not None


def test_rules_that_are_shared():
    rule = hc.LearnedBilinear.random(4)
    model = nn.Sequential(PHMLinear(4, 8, 16, algebra=rule), PHMConv1d(4, 16, 4, 1, algebra=rule))
    assert total(model) == 8 * 16 // 4 + 16 + 16 * 4 // 4 + 4 + 64
    twin = copy.deepcopy(model)
    assert twin[0].algebra is twin[1].algebra is not rule
    before = rule.constants.clone()
    for layer in model:
        layer.reset_parameters()
    assert torch.equal(rule.constants, before)
    y = model[1](model[0](torch.randn(2, 8)).unsqueeze(-1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    y.square().sum().backward()
    optimizer.step()
    assert not torch.equal(rule.constants, before)
    assert model.state_dict().keys() >= {"0.algebra.constants", "1.algebra.constants"}


def test_layers_that_are_made_without_values_begin_as_others():
    with torch.device("meta"):
        layer = PHMLinear(4, 8, 12, algebra=hc.QUATERNION)
    layer = layer.to_empty(device="cpu")
    layer.reset_parameters(torch.Generator().manual_seed(0))
    same = PHMLinear(4, 8, 12, algebra=hc.QUATERNION)
    same.reset_parameters(torch.Generator().manual_seed(0))
    torch.testing.assert_close(layer.state_dict(), same.state_dict())
    fixed = hc.LearnedBilinear(torch.randn(2, 2, 2))
    before = fixed.constants.clone()
    fixed.reset_parameters()
    assert torch.equal(fixed.constants, before)


@pytest.mark.parametrize("n", [2, 4, 8])
@pytest.mark.parametrize("start", [None, hc.clifford])
@pytest.mark.parametrize("criterion", ["glorot", "he"])
def test_outputs_keep_mean_squares(n, start, criterion):
    """E y² is fan_in · E|w|² · g, the sum over the constants, and so are drawn layers'."""
    torch.manual_seed(0)
    algebra = None if start is None else start(n.bit_length() - 1)
    layer = PHMLinear(n, 128 * n, 64 * n, False, criterion=criterion, algebra=algebra)
    expected = 2 / (1 + 64 / 128) if criterion == "glorot" else 2
    c = layer.algebra.constants.detach().double()
    spread = layer.weight.var().item()
    formula = 128 * spread * c.square().sum().item() / n  # mean over the k of Σ_ij c² var(w)
    assert formula == pytest.approx(expected, rel=0.05)
    y = layer(torch.randn(400, 128 * n))
    assert y.square().mean().item() == pytest.approx(expected, rel=0.1)


def test_random_rules_have_the_mean_square_of_composition_algebras():
    draws = torch.stack([hc.LearnedBilinear.random(8).constants for _ in range(20)])
    assert draws.square().mean().item() == pytest.approx(1 / 8, rel=0.05)
    exact = hc.LearnedBilinear.like(hc.OCTONION).constants
    assert exact.square().mean().item() == pytest.approx(1 / 8)


@pytest.mark.parametrize("axes", [0, 2])
def test_checkpoints_of_other_libraries(axes):
    """A is (n, n, n), S is (n, O, I, *K), the weight their sum of Kronecker products."""
    matrices, parts = torch.randn(3, 3, 3), torch.randn(3, 4, 2, *[2] * axes)
    state = {"layer.A": matrices, "layer.S": parts}
    layer = PHMConv2d(3, 6, 12, 2, bias=False) if axes else PHMLinear(3, 6, 12, bias=False)
    model = nn.ModuleDict({"layer": layer})
    model.load_state_dict(from_kronecker(state, algebra=None))
    x = torch.randn(2, 6, *[5] * axes)
    weight = sum(
        torch.kron(a[(...,) + (None,) * axes], s) for a, s in zip(matrices, parts, strict=True)
    )
    expected = nn.functional.conv2d(x, weight) if axes else x @ weight.T
    torch.testing.assert_close(layer(x), expected, atol=1e-5, rtol=1e-5)


# ---------------------------------------------------------------------- inference


@pytest.mark.parametrize("plan", ["block", "input"])
def test_frozen_layers_notice_every_change(plan):
    layer = hc.nn.freeze(PHMLinear(4, 12, 8, plan=plan))
    x = torch.randn(100, 12)
    fresh = lambda: hc.nn.unfreeze(copy.deepcopy(layer))(x)
    with torch.no_grad():
        torch.testing.assert_close(layer(x), fresh())
        kept = layer.kept._last
        assert (kept is None) == (plan == "input")
        layer(x)
        assert layer.kept._last is kept
        layer.algebra.constants.numpy()[0, 1] *= 3  # leaves no trace in torch
        torch.testing.assert_close(layer(x), fresh())
        layer.weight.data.mul_(2)
        torch.testing.assert_close(layer(x), fresh())
    layer(x).sum().backward()
    assert layer.algebra.constants.grad is not None


def test_frozen_networks_of_learned_rules():
    rule = hc.LearnedBilinear.random(4)
    layer = hc.nn.freeze(hc.nn.LSTM(3, 2, algebra=rule))
    x = torch.randn(5, 2, 12)
    with torch.no_grad():
        for _ in range(2):
            torch.testing.assert_close(layer(x)[0], hc.nn.unfreeze(copy.deepcopy(layer))(x)[0])
            rule.constants.mul_(0.5)


# ---------------------------------------------------------------------- what is refused


def test_typed_numbers_of_as_many_components():
    layer = PHMLinear(4, 8, 12)
    q = hc.QuaternionTensor.randn(3, 2)
    found = layer(q)
    assert type(found) is hc.QuaternionTensor
    assert found.shape == (3, 3)
    folded = q.components.mT.flatten(1)
    torch.testing.assert_close(found.components.mT.flatten(1), layer(folded))
    with pytest.raises(ValueError, match="algebra"):
        PHMLinear(8, 8, 8)(hc.QuaternionTensor.randn(3, 2))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"`n` \(=4\) must divide `in_features` \(=10\)"):
        PHMLinear(4, 10, 8)
    with pytest.raises(ValueError, match=r"`n` \(=4\) must divide `out_features` \(=10\)"):
        PHMLinear(4, 8, 10)
    with pytest.raises(ValueError, match=r"`n` \(=3\) must divide `in_channels` \(=8\)"):
        PHMConv2d(3, 8, 9, 3)
    with pytest.raises(ValueError, match="groups"):
        PHMConv2d(4, 8, 8, 3, groups=4)
    with pytest.raises(ValueError, match=r"`algebra` \(=OCTONION\) multiplies .* `n` \(=4\)"):
        PHMLinear(4, 8, 8, algebra=hc.OCTONION)
    with pytest.raises(ValueError, match=r"`learn` \(=False\) .* algebra.requires_grad_"):
        PHMLinear(4, 8, 8, algebra=hc.LearnedBilinear.random(4), learn=False)
    with pytest.raises(ValueError, match=r"`input` of shape \(2, 9\)"):
        PHMLinear(4, 8, 8)(torch.randn(2, 9))
    with pytest.raises(ValueError, match=r"`n` \(=0\) must be a positive integer"):
        PHMLinear(0, 8, 8)


def test_layers_say_what_they_are():
    assert "PHMLinear(\n  4, 8, 12, bias=True" in repr(PHMLinear(4, 8, 12))
    assert "4, 8, 12, kernel_size=(3, 3), bias=False" in repr(PHMConv2d(4, 8, 12, 3, bias=False))
