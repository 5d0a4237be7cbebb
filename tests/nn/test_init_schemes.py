"""Every initialisation has the moments it states, over every algebra, and layers take it by name."""

import math
from functools import partial

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex import lowering
from hypercomplex.nn import init
from tests.cases import (
    ALGEBRAS,
    DUAL,
    FRACTIONAL,
    MATRICES,
    SEDENION,
    SO3,
    SPLIT_COMPLEX,
    SPLIT_QUATERNION,
    every_telling_algebra,
    numbers,
)
from tests.tables import albert, cyclic

WITH_TRANSPOSES = (
    hc.REAL,
    hc.COMPLEX,
    hc.QUATERNION,
    SPLIT_COMPLEX,
    SPLIT_QUATERNION,
    hc.clifford(2),
    hc.clifford(3),
)
every_transposing_algebra = pytest.mark.parametrize("algebra", WITH_TRANSPOSES, ids=str)


@every_telling_algebra
@pytest.mark.parametrize("scheme", [init.polar_, init.isotropic_, init.unitary_])
@pytest.mark.parametrize("criterion", ["glorot", "he"])
def test_the_second_moment_is_that_of_the_criterion(algebra, scheme, criterion):
    w = scheme(torch.empty(60, 40, 5, algebra.dimension, dtype=torch.float64), criterion)
    expected = 2 / (40 * 5) if criterion == "he" else 2 / (40 * 5 + 60 * 5)
    samples = w.square().sum(-1)
    error = samples.std() / math.sqrt(samples.numel())
    assert abs(samples.mean() - expected) < 5 * error + 1e-12
    transposed = scheme(w.clone(), criterion, transposed=True).square().sum(-1).mean()
    expected = 2 / (60 * 5) if criterion == "he" else expected
    assert abs(transposed - expected) < 5 * error + 1e-12
    assert w.mean((0, 1, 2)).abs().max() < 5 * math.sqrt(samples.mean() / samples.numel())


@every_telling_algebra
def test_isotropic_components_are_alike(algebra):
    n = algebra.dimension
    w = init.isotropic_(torch.empty(100, 100, n, dtype=torch.float64)).view(-1, n)
    expected = torch.eye(n, dtype=torch.float64) * (2 / 200 / n)
    torch.testing.assert_close(w.T @ w / len(w), expected, rtol=0.08, atol=4e-4 / n)


@every_telling_algebra
def test_unitary_numbers_have_one_modulus_and_uniform_direction(algebra):
    """On the sphere E u_i^2 = 1/n and E u_i^4 = 3 / (n (n + 2))."""
    n = algebra.dimension
    w = init.unitary_(torch.empty(200, 100, n, dtype=torch.float64), None)
    torch.testing.assert_close(w.norm(dim=-1), torch.ones(200, 100, dtype=torch.float64))
    u = w.view(-1, n)
    for power, moment in ((2, 1 / n), (4, 3 / (n * (n + 2)))):
        samples = u**power
        error = samples.std(0) / math.sqrt(len(u))
        assert ((samples.mean(0) - moment).abs() <= 5 * error + 1e-12).all()
    scaled = init.unitary_(torch.empty(200, 100, n, dtype=torch.float64), "he")
    torch.testing.assert_close(
        scaled.norm(dim=-1), torch.full((200, 100), math.sqrt(2 / 100), dtype=torch.float64)
    )


@pytest.mark.parametrize("name", ["isotropic", "unitary"])
@pytest.mark.parametrize("algebra", [hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION], ids=str)
def test_a_layer_keeps_the_mean_square_of_its_input(algebra, name):
    """He: E|y|^2 = fan_in E|w|^2 E|x|^2 = 2 E|x|^2."""
    layer = hc.nn.Linear(300, 300, False, algebra=algebra, criterion="he", init=name)
    x = torch.randn(50, 300 * algebra.dimension)
    assert abs(layer(x).square().mean() / x.square().mean() - 2) < 0.15


# ---------------------------------------------------------------------- unit gain

GAINS = (
    (hc.REAL, 1.0),
    (hc.QUATERNION, 1.0),
    (hc.OCTONION, 1.0),
    (SEDENION, 1.0),
    (MATRICES, 2 * 4 / 16),
    (hc.clifford(4, 1), 1.0),
    (hc.COMPLEX_OCTONION, 1.0),
    (cyclic(3), 1.0),
    (DUAL, 0.75),
    (hc.clifford(1, 1, 1), 0.75),
    (hc.dual(hc.QUATERNION), 0.75),
    (hc.clifford(3, 0, 1), 0.75),
    (FRACTIONAL, (1 + 1 + 1 + 1 / 16) / 4),
    (SO3, 6 / 9),
    (albert(), 0.2949245541838134),
)


@pytest.mark.parametrize(("algebra", "expected"), GAINS, ids=lambda x: str(x))
@pytest.mark.parametrize("side", ["left", "right"])
def test_gains_are_the_exact_second_moment(algebra, expected, side):
    """The mean square of all entries of the matrices of independent numbers: E‖L(w)‖² / n."""
    n = algebra.product.shape[0]
    blocks = lowering.operator(torch.eye(n, dtype=torch.float64), algebra.product, side)
    squares = blocks.square().sum((0, 1)) / n  # for each component of the number
    isotropic = [1 / n] * n
    polar = [0.5, *[0.5 / (n - 1)] * (n - 1)] if n > 1 else [1.0]
    assert init.gains(algebra, side) == pytest.approx((expected, expected), rel=1e-14)
    for shares in (isotropic, polar):
        moment = (squares * torch.tensor(shares, dtype=torch.float64)).sum().item()
        assert init.gains(algebra, side, shares) == pytest.approx((moment, moment), rel=1e-14)
    w = init.fill_(torch.empty(5, 3, 2, n), "unitary", "he", algebra=algebra, side=side)
    torch.testing.assert_close(w.square().sum(-1) * expected, torch.full((5, 3, 2), 2 / 6))
    w = init.unitary_(w, "he", mode="fan_out", algebra=algebra, side=side)
    torch.testing.assert_close(w.square().sum(-1) * expected, torch.full((5, 3, 2), 2 / 10))
    w = init.fill_(w, "unitary", "glorot", algebra=algebra, side=side)
    torch.testing.assert_close(w.square().sum(-1) * expected, torch.full((5, 3, 2), 2 / 16))


@pytest.mark.parametrize("name", ["polar", "isotropic", "unitary"])
@pytest.mark.parametrize(
    "algebra",
    [DUAL, SO3, albert(), hc.clifford(4, 1), hc.dual(hc.QUATERNION)],
    ids=str,
)
def test_layers_over_any_algebra_keep_mean_squares(algebra, name):
    torch.manual_seed(0)
    n = algebra.product.shape[0]
    layer = hc.nn.Linear(60, 60, False, algebra=algebra, criterion="he", init=name)
    x = torch.randn(64, 60 * n, requires_grad=True)
    y = layer(x)
    g = torch.randn_like(y)
    y.backward(g)
    assert abs(y.square().mean() / x.square().mean() / 2 - 1) < 0.1
    assert abs(x.grad.square().mean() / g.square().mean() / 2 - 1) < 0.1


@pytest.mark.parametrize("scheme", ["polar", "isotropic", "unitary"])
def test_huge_constants_have_unit_gain_too(scheme):
    algebra = hc.polynomial_quotient([10**24, 0, 1])  # weights whose squares are 0 in float32
    layer = hc.nn.Linear(64, 64, bias=False, algebra=algebra, init=scheme)
    assert 0.8 < layer(torch.randn(400, 2 * 64)).square().mean() < 1.25


def test_gains_of_maps_of_three_widths_and_of_learned_ones():
    map_ = hc.Bilinear((2, 3, 5), ((0, 1, 4, 2), (1, 2, 0, -1), (1, 0, 3, 1)))
    assert init.gains(map_) == pytest.approx((6 / 2 / 5, 6 / 2 / 3))
    assert init.gains(map_, "right") == pytest.approx((6 / 3 / 5, 6 / 3 / 2))
    assert init.gains(map_, shares=(1, 0)) == pytest.approx((4 / 5, 4 / 3))
    learned = lowering.LearnedBilinear.like(map_)
    assert init.gains(learned) == pytest.approx(init.gains(map_))
    assert init.gains(learned, "right") == pytest.approx(init.gains(map_, "right"))
    nothing = hc.Bilinear((2, 2, 2), ())
    assert init.gains(nothing) == (1, 1)
    assert init.gains(lowering.LearnedBilinear.like(nothing, device="meta")) == (1, 1)
    layer = hc.nn.Linear(200, 200, False, algebra=map_, criterion="he", init="isotropic")
    x = torch.randn(50, 200 * 3)
    assert abs(layer(x).square().mean() - 2) < 0.2


def test_recurrent_gates_are_drawn_with_the_gain_of_their_algebra():
    layer = hc.nn.LSTM(40, 50, algebra=DUAL)
    gate = layer.weight_ih_l0.detach().chunk(4)[0]
    polar = init.gains(DUAL, "left", (0.5, 0.5))[0]
    expected = 2 / (40 + 50) / polar
    assert gate.square().sum(-1).mean().item() == pytest.approx(expected, rel=0.1)


# ---------------------------------------------------------------------- orthogonal


def block(w, algebra, side="left"):
    return lowering.block_kernel(w.flatten(1, -2), algebra.product, side=side)


@every_transposing_algebra
@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (4, 2, 3), (8, 2, 2, 2)], ids=str)
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_block_matrix_is_orthogonal(algebra, shape, side):
    w = torch.empty(*shape, algebra.dimension, dtype=torch.float64)
    init.orthogonal_(w, algebra, side=side)
    matrix = block(w, algebra, side)
    rows, columns = matrix.shape
    gram = matrix @ matrix.T if rows <= columns else matrix.T @ matrix
    torch.testing.assert_close(gram, torch.eye(len(gram), dtype=torch.float64))


@every_transposing_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_polar_factor_of_a_block_matrix_is_one(algebra, side):
    """The whole factor, not only the columns that are read off, has the blocks of the algebra."""
    matrix = block(numbers(algebra, 3, 4), algebra, side)
    u, _, vh = torch.linalg.svd(matrix, full_matrices=False)
    first = lowering.unfold((u @ vh)[:, :4], 0, algebra.dimension)
    torch.testing.assert_close(block(first, algebra, side), u @ vh)


@pytest.mark.parametrize(
    "algebra", [a for a in (*ALGEBRAS, SEDENION) if a not in WITH_TRANSPOSES], ids=str
)
def test_orthogonal_is_refused_where_it_is_undefined(algebra):
    reason = "hold the transposed matrix" if algebra.is_associative else "be associative"
    with pytest.raises(ValueError, match=rf"`algebra` \(=.*\) must {reason}"):
        init.orthogonal_(torch.empty(3, 3, algebra.dimension), algebra)


@pytest.mark.parametrize("algebra", [DUAL, FRACTIONAL, hc.clifford(1, 1, 1)], ids=str)
def test_where_it_is_refused_the_polar_factor_leaves_the_algebra(algebra):
    u, _, vh = torch.linalg.svd(block(numbers(algebra, 2, 2), algebra))
    first = lowering.unfold((u @ vh)[:, :2], 0, algebra.dimension)
    assert (block(first, algebra) - u @ vh).abs().max() > 1e-3


def test_orthogonal_layers_keep_lengths():
    x = torch.randn(3, 8, 12, dtype=torch.float64)
    options = {"algebra": hc.QUATERNION, "init": "orthogonal", "dtype": torch.float64}
    wide = hc.nn.Conv1d(2, 8, 3, stride=3, **options)
    torch.testing.assert_close(wide(x).norm(), x.norm())
    groups = hc.nn.Conv1d(2, 8, 3, stride=3, groups=2, **options)
    torch.testing.assert_close(groups(x).norm(), x.norm())
    scattered = hc.nn.ConvTranspose1d(2, 2, 3, stride=3, groups=2, **options)
    torch.testing.assert_close(scattered(x).norm(), x.norm())
    for side in ("left", "right"):
        square = hc.nn.Linear(3, 3, side=side, **options)
        torch.testing.assert_close(square(x).norm(), x.norm())


def test_orthogonal_weights_are_invariantly_distributed():
    """A square one has E w_oi w_oi* = 1/I, and no component is preferred."""
    w = torch.stack([init.orthogonal_(torch.empty(4, 4, 4), hc.QUATERNION) for _ in range(500)])
    torch.testing.assert_close(
        w.square().mean((0, 1, 2)), torch.full((4,), 1 / 16), rtol=0.08, atol=0
    )
    assert w.mean((0, 1, 2)).abs().max() < 0.02


# ---------------------------------------------------------------------- identity


@every_telling_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_identity_layers_change_nothing(algebra, side):
    n = algebra.dimension
    options = {"algebra": algebra, "init": "identity", "side": side}
    x = torch.randn(2, 4 * n, 7, 6)
    assert torch.equal(hc.nn.Linear(4, 4, **options)(x.movedim(1, -1)), x.movedim(1, -1))
    for groups in (1, 2, 4):
        conv = hc.nn.Conv2d(4, 4, (3, 5), padding="same", groups=groups, **options)
        torch.testing.assert_close(conv(x), x)  # few products are sums of components, rounded
        conv.plan = "block"
        assert torch.equal(conv(x), x)
        transpose = hc.nn.ConvTranspose2d(4, 4, (3, 5), padding=(1, 2), groups=groups, **options)
        assert torch.equal(transpose(x), x)


def test_identity_copies_what_both_sides_have():
    x = torch.randn(2, 8)
    narrow = hc.nn.QuaternionLinear(2, 1, init="identity")(x)
    assert torch.equal(lowering.unfold(narrow, 1, 4), lowering.unfold(x, 1, 4)[:, :1])
    wide = lowering.unfold(hc.nn.QuaternionLinear(2, 3, init="identity")(x), 1, 4)
    assert torch.equal(wide[:, :2], lowering.unfold(x, 1, 4))
    assert torch.equal(wide[:, 2], torch.zeros(2, 4))


# ---------------------------------------------------------------------- layers choose


SCHEMES = ("polar", "isotropic", "unitary", "orthogonal", "identity")


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("transposed", [False, True])
def test_layers_take_a_scheme_by_name(name, transposed):
    layer_type = hc.nn.QuaternionConvTranspose1d if transposed else hc.nn.QuaternionConv1d
    layer = layer_type(4, 6, 3, groups=2, init=name, criterion="he")
    layer.reset_parameters(torch.Generator().manual_seed(5))
    expected = torch.empty_like(layer.weight)
    generator = torch.Generator().manual_seed(5)
    if name == "orthogonal":
        init.orthogonal_(expected, hc.QUATERNION, generator, transposed=transposed, groups=2)
    elif name == "identity":
        init.identity_(expected, groups=2)
    else:
        getattr(init, f"{name}_")(expected, "he", generator, transposed=transposed)
    assert torch.equal(layer.weight, expected)
    assert (f"init={name!r}" in repr(layer)) == (name != "polar")


def test_layers_take_a_function():
    small = partial(nn.init.normal_, std=1e-3)
    layer = hc.nn.QuaternionLinear(30, 50, init=small)
    assert 0.9e-3 < layer.weight.std() < 1.1e-3
    layer.reset_parameters(torch.Generator().manual_seed(1))
    expected = small(torch.empty(50, 30, 4), generator=torch.Generator().manual_seed(1))
    assert torch.equal(layer.weight, expected)
    assert layer.weight.requires_grad
    assert layer.weight.is_leaf
    assert "init=identity_" in repr(hc.nn.QuaternionLinear(2, 2, init=init.identity_))


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
def test_every_precision_is_filled(name, dtype):
    w = init.fill_(torch.empty(16, 16, 4, dtype=dtype), name, algebra=hc.QUATERNION)
    assert w.isfinite().all()
    assert 0.01 < w.double().square().sum(-1).mean() < 0.15


@pytest.mark.parametrize("name", SCHEMES)
def test_layers_are_made_on_the_meta_device(name):
    layer = hc.nn.QuaternionConv1d(2, 4, 3, device="meta", init=name)
    layer = layer.to_empty(device="cpu")
    with torch.no_grad():
        layer.weight.fill_(torch.nan)
    layer.reset_parameters()
    assert layer.weight.isfinite().all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hc.nn.QuaternionLinear(3, 5, init="xavier"), r"`init` \(='xavier'\) must be 'polar', "),
        (lambda: hc.nn.QuaternionLinear(3, 5, init="unitary", criterion="x"), r"`criterion` \(='x'\)"),
        (lambda: hc.nn.Linear(3, 5, algebra=hc.OCTONION, init="orthogonal"), r"\('i', 'j', 'l'\) do not"),
        (lambda: init.isotropic_(torch.zeros(3, 4)), "must be that of a weight"),
        (lambda: init.unitary_(torch.zeros(3, 4)), "must be that of a weight"),
        (lambda: init.orthogonal_(torch.zeros(3, 4), hc.QUATERNION), "must be that of a weight"),
        (lambda: init.identity_(torch.zeros(3, 4)), "must be that of a weight"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
