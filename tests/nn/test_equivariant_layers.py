"""Equivariant layers: they commute with the group Pin, and are layers as all others are."""

import copy

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex.lowering import fold, unfold
from tests.cases import randomised
from tests.versors import CLIFFORD, check_equivariant

ALGEBRAS = (*CLIFFORD, hc.PGA)
every = pytest.mark.parametrize("algebra", ALGEBRAS, ids=str)
SMALL = (hc.clifford(3), hc.PGA)
DOUBLE = {"dtype": torch.float64}
LAYERS = {
    "EquivariantLinear": lambda **o: hc.nn.EquivariantLinear(4, 4, **o),
    "WeightedProduct": lambda **o: hc.nn.WeightedProduct(4, **o),
    "FullyConnectedProduct": lambda **o: hc.nn.FullyConnectedProduct(4, 4, **o),
    "GeometricBilinear": lambda **o: hc.nn.GeometricBilinear(4, 4, **o),
    "GradeGate": lambda **o: hc.nn.GradeGate(4, **o),
    "GradeNorm": lambda **o: hc.nn.GradeNorm(4, **o),
    "EquivariantLayerNorm": lambda **o: hc.nn.EquivariantLayerNorm(4, **o),
}
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)


def network(algebra, **options):
    """Of every layer one."""
    return randomised(
        nn.Sequential(*(make(algebra=algebra, **options) for make in LAYERS.values()))
    )


def numbers(algebra, *shape, dtype=torch.float64):
    return torch.randn(*shape, algebra.dimension, dtype=dtype)


@every
@every_layer
def test_layers_commute_with_the_group(make, algebra):
    layer = randomised(make(algebra=algebra, **DOUBLE))

    def on_numbers(x):
        y = layer(fold(x, 1))
        return unfold(y, 1, algebra.dimension)

    check_equivariant(on_numbers, algebra, numbers(algebra, 5, 4))


@pytest.mark.parametrize("algebra", SMALL, ids=str)
def test_a_network_keeps_the_kind_of_its_input(algebra):
    net, x = network(algebra, **DOUBLE), numbers(algebra, 2, 3, 4)
    typed, folded = net(hc.as_hypercomplex(x, algebra)), net(fold(x, 2))
    assert type(typed) is hc.tensor_type(algebra)
    assert type(folded) is torch.Tensor
    torch.testing.assert_close(fold(typed.components, 2), folded)
    assert net(torch.zeros(0, 4 * algebra.dimension, **DOUBLE)).shape == (0, 4 * algebra.dimension)


@every_layer
def test_layers_compile(make, backend):
    layer = randomised(make(algebra=hc.clifford(2)))
    compiled = torch.compile(layer, fullgraph=True, backend=backend)
    x, y = (torch.randn(5, 16) for _ in range(2))
    a, b = x.clone().requires_grad_(), x.clone().requires_grad_()
    torch.testing.assert_close(compiled(a), layer(b), rtol=1e-4, atol=1e-4)
    (compiled(a) * y).sum().backward()
    (layer(b) * y).sum().backward()
    torch.testing.assert_close(a.grad, b.grad, rtol=1e-3, atol=1e-3)


def test_networks_export():
    net, x = network(hc.clifford(2), **DOUBLE), torch.randn(2, 16, **DOUBLE)
    torch.testing.assert_close(torch.export.export(net, (x,)).module()(x), net(x))


def test_typed_numbers_compile(backend):
    A = hc.clifford(2)
    net = nn.Sequential(*(LAYERS[name](algebra=A, **DOUBLE) for name in ("GradeGate", "GradeNorm")))
    x = hc.as_hypercomplex(numbers(A, 2, 4), A)
    compiled = torch.compile(net, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(x).components, net(x).components)


@every_layer
def test_layers_run_in_every_precision_and_on_meta(make):
    layer, x = make(algebra=hc.clifford(3), **DOUBLE), torch.randn(5, 32, **DOUBLE)
    exact = layer(x)
    for dtype in (torch.bfloat16, torch.float16, torch.float32):
        y = layer.to(dtype)(x.to(dtype))
        assert y.dtype == dtype
        torch.testing.assert_close(y.double(), exact, atol=0.2, rtol=0.1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = layer.float()(x.float())
    torch.testing.assert_close(y.double(), exact, atol=0.2, rtol=0.1)
    meta = make(algebra=hc.clifford(3), device="meta", dtype=torch.float32)
    assert all(p.is_meta for p in meta.parameters())
    assert meta(torch.empty(5, 32, device="meta")).shape == (5, 32)


@every_layer
def test_layers_are_saved_copied_and_drawn_anew(make):
    layer = randomised(make(algebra=hc.PGA, **DOUBLE))
    other, x = make(algebra=hc.PGA, **DOUBLE), torch.randn(2, 64, **DOUBLE)
    other.load_state_dict(layer.state_dict())
    assert torch.equal(layer(x), other(x))
    assert torch.equal(copy.deepcopy(layer)(x), layer(x))
    assert "algebra=PGA" in repr(layer)


@pytest.mark.parametrize("algebra", SMALL, ids=str)
def test_layers_have_second_derivatives(algebra):
    x = torch.randn(1, 4 * algebra.dimension, **DOUBLE, requires_grad=True)
    for make in LAYERS.values():
        layer = randomised(make(algebra=algebra, **DOUBLE))
        given = (x, *layer.parameters())

        def function(x, *values, layer=layer):
            named = dict(zip(dict(layer.named_parameters()), values, strict=True))
            return torch.func.functional_call(layer, named, x)

        assert torch.autograd.gradcheck(function, given, fast_mode=True)
        assert torch.autograd.gradgradcheck(function, given, fast_mode=True)


@every
def test_the_linear_layer_becomes_a_stock_one(algebra):
    layer = randomised(hc.nn.EquivariantLinear(3, 5, algebra=algebra, **DOUBLE))
    x = torch.randn(2, 3 * algebra.dimension, **DOUBLE)
    torch.testing.assert_close(layer.to_real()(x), layer(x))
    assert type(hc.nn.to_real(nn.Sequential(layer), strict=True)[0]) is nn.Linear
    with torch.no_grad():
        torch.testing.assert_close(hc.nn.freeze(layer)(x), layer.to_real()(x))


# ---------------------------------------------------------------------- attention


@every
@pytest.mark.parametrize("multi_query", [False, True])
def test_attention_is_its_literal_twin_and_commutes_with_the_group(algebra, multi_query):
    n = algebra.dimension
    layer = hc.nn.EquivariantAttention(4, 2, multi_query=multi_query, algebra=algebra, **DOUBLE)
    layer, mask = randomised(layer), torch.randn(2, 1, 3, 5, **DOUBLE)
    for parameter in layer.parameters():
        parameter.data /= 4
    forms = algebra.blades.equivariance.forms
    measured = len(algebra.blades.equivariance.measured)

    def literal(x, y):
        q, k, v = layer.q_proj(fold(x, 2)), layer.k_proj(fold(y, 2)), layer.v_proj(fold(y, 2))
        q, k, v = (unfold(z, 2, n) for z in (q, k, v))
        joined = []
        for head in (0, 1):
            some = slice(2 * head, 2 * head + 2)
            a, (b, c) = q[:, :, some], (z if multi_query else z[:, :, some] for z in (k, v))
            score = sum(
                c * a[:, :, None, :, i] * b[:, None, :, :, j] for i, j, _, c in forms.constants
            )
            score = score.sum(-1) / (2 * measured) ** 0.5 + mask[:, 0]
            joined.append(torch.einsum("bls,bscn->blcn", score.softmax(-1), c))
        return layer.out_proj(fold(torch.cat(joined, 2), 2))

    on_numbers = lambda x, y: unfold(layer(fold(x, 2), fold(y, 2), attn_mask=mask), 2, n)
    x, y = numbers(algebra, 2, 3, 4), numbers(algebra, 2, 5, 4)
    torch.testing.assert_close(on_numbers(x, y), unfold(literal(x, y), 2, n))
    check_equivariant(on_numbers, algebra, x, y)
    typed = layer(hc.as_hypercomplex(x, algebra), is_causal=True)
    torch.testing.assert_close(fold(typed.components, 2), layer(fold(x, 2), is_causal=True))


def test_attention_compiles_and_has_second_derivatives(backend):
    layer = randomised(hc.nn.EquivariantAttention(2, 1, algebra=hc.clifford(2), **DOUBLE))
    x = torch.randn(1, 3, 8, **DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(layer, x, fast_mode=True)
    assert torch.autograd.gradgradcheck(layer, x, fast_mode=True)
    compiled = torch.compile(layer, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(x), layer(x))
    with pytest.raises(ValueError, match=r"`num_heads` \(=3\) must divide `embed_dim` \(=4\)"):
        hc.nn.EquivariantAttention(4, 3, algebra=hc.PGA)


# ---------------------------------------------------------------------- what is kept and drawn


def test_a_fully_connected_product_keeps_its_factors_and_its_weight():
    """Not the parts of products, five times as many."""
    layer = hc.nn.FullyConnectedProduct(8, 8, algebra=hc.clifford(3))
    x, y = torch.randn(2, 3000, 64, requires_grad=True).unbind()
    found = {}

    def pack(v):
        found[v.untyped_storage().data_ptr()] = v.untyped_storage().nbytes()
        return v

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda v: v):
        z = layer(x, y)
    assert z.requires_grad
    kept = sum(found.values())
    assert kept == sum(v.untyped_storage().nbytes() for v in (x, layer.weight))  # one of both


def test_outputs_have_the_variance_of_inputs():
    """As each layer of weights is drawn, over an algebra whose vectors have positive squares."""
    A, x = hc.clifford(3), torch.randn(1000, 8 * 64)
    y = torch.randn(1000, 8 * 64)
    for layer in (
        hc.nn.WeightedProduct(64, algebra=A),
        hc.nn.FullyConnectedProduct(64, 64, algebra=A),
    ):
        assert 0.8 < layer(x, y).square().mean() < 1.25
    assert 0.8 < hc.nn.EquivariantLinear(64, 64, algebra=A)(x).square().mean() < 1.25


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hc.nn.EquivariantLinear(0, 5, algebra=hc.PGA), r"`in_features` \(=0\) must be"),
        (lambda: hc.nn.EquivariantLinear(3, 5, algebra=hc.OCTONION), "has no grades"),
        (lambda: hc.nn.GradeGate(3, algebra="PGA"), r"`algebra` \(='PGA'\) must be an Algebra"),
        (lambda: hc.nn.GradeGate(3, algebra=hc.PGA)(torch.ones(2, 16)), "`weight` of shape"),
        (
            lambda: hc.nn.FullyConnectedProduct(3, 5, algebra=hc.PGA)(torch.ones(2, 16)),
            r"`input` of shape \(2, 16\) must have 16·3 = 48 channels",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
