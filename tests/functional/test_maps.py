"""What multiplies numbers takes any bilinear map: it is the literal sum over its constants."""

import copy
import pickle
from fractions import Fraction

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex.lowering import fold, unfold

OBLONG = hc.Bilinear((3, 2, 5), ((0, 1, 4, 2), (2, 0, 1, -3), (1, 1, 4, 1), (0, 0, 0, 1)), "oblong")
EXACT = {
    "product": hc.QUATERNION.product,
    "commutator": hc.QUATERNION.commutator,
    "conjugated": hc.QUATERNION.right_conjugated,
    "inner": hc.QUATERNION.inner_product,
    "oblong": OBLONG,
}
MAPS = {
    **EXACT,
    "learned product": hc.LearnedBilinear.like(hc.QUATERNION, dtype=torch.float64),
    "learned oblong": hc.LearnedBilinear(torch.randn(3, 2, 5, dtype=torch.float64)),
}
every_map = pytest.mark.parametrize("given", MAPS.values(), ids=MAPS)
both_sides = pytest.mark.parametrize("side", ["left", "right"])
SPLIT = "learned product", "commutator"


def constants(given):
    """All c_ijk."""
    if isinstance(given, hc.LearnedBilinear):
        return given.constants
    dense = torch.zeros(given.shape, dtype=torch.float64)
    for i, j, k, c in given.constants:
        dense[i, j, k] += float(c)
    return dense


def literal(a, b, given):
    """The sum of products, one row of the constants after the other."""
    c = constants(given)
    terms = [
        (a[..., i] * b[..., j]).unsqueeze(-1) * c[i, j]
        for i in range(c.shape[0])
        for j in range(c.shape[1])
    ]
    return sum(terms)


def weighted(w, x, given, side):
    return literal(w, x, given) if side == "left" else literal(x, w, given)


def widths(given, side):
    left, right, out = given.shape
    return (left, right, out) if side == "left" else (right, left, out)


def numbers(*shape):
    return torch.randn(shape, dtype=torch.float64)


@every_map
def test_products_matrices_and_sums(given):
    left, right, _ = given.shape
    a, b = numbers(2, 3, left), numbers(3, 5, right)
    every = literal(a[:, :, None], b[None], given)
    torch.testing.assert_close(F.product(a[:, :, None], b, given), every)
    torch.testing.assert_close(F.matmul(a, b, given), every.sum(1))
    torch.testing.assert_close(F.matmul(a[0], b, given), every.sum(1)[0])
    torch.testing.assert_close(F.einsum("il,lp->ip", a, b, algebra=given), every.sum(1))
    torch.testing.assert_close(F.einsum("il,lp->ilp", a, b, algebra=given), every)
    large = numbers(50, 3, left)  # the other factor becomes the matrices
    torch.testing.assert_close(
        F.einsum("il,lp->ip", large, b, algebra=given), F.matmul(large, b, given)
    )
    torch.testing.assert_close(F.tensordot(a, b, 1, algebra=given), every.sum(1))
    kron = F.kron(a[0], b[0], algebra=given)
    torch.testing.assert_close(kron, literal(a[0][:, None], b[0], given).flatten(0, 1))
    if given.shape[0] == given.shape[2]:
        c = numbers(5, right)
        chain = literal(every.sum(1), c, given).sum(1)
        torch.testing.assert_close(F.einsum("il,lp,p->i", a, b, c, algebra=given), chain)
    swapped = F.product(b, a[0, :, None], given.swapped)
    torch.testing.assert_close(swapped, every[0])


@every_map
@both_sides
def test_linear(given, side):
    n, into, out = widths(given, side)
    layer = hc.nn.Linear(3, 4, algebra=given, side=side, dtype=torch.float64)
    nn.init.normal_(layer.bias)
    assert layer.weight.shape == (4, 3, n)
    assert layer.bias.shape == (4, out)
    x = numbers(2, 3, into)
    y = weighted(layer.weight, x[:, None], given, side).sum(2) + layer.bias
    torch.testing.assert_close(layer(fold(x, 1)), fold(y, 1))
    torch.testing.assert_close(layer.to_real()(fold(x, 1)), fold(y, 1))
    lazy = hc.nn.LazyLinear(4, algebra=given, side=side, dtype=torch.float64)
    assert lazy(fold(x, 1)).shape == (2, 4 * out)


@every_map
@both_sides
@pytest.mark.parametrize("groups", [1, 2])
def test_convolution(given, side, groups):
    _, into, out = widths(given, side)
    layer = hc.nn.Conv1d(4, 2, 2, groups=groups, algebra=given, side=side, dtype=torch.float64)
    nn.init.normal_(layer.bias)
    x, y = numbers(2, 4, 5, into), torch.zeros(2, 2, 4, out, dtype=torch.float64)
    for o in range(2):
        inside = x.unflatten(1, (groups, -1))[:, o // (2 // groups)]
        for s in range(2):
            part = weighted(layer.weight[o, :, s, None], inside[:, :, s : s + 4], given, side)
            y[:, o] = y[:, o] + part.sum(1)
    y = fold(y + layer.bias[:, None], 1)
    torch.testing.assert_close(layer(fold(x, 1)), y)
    torch.testing.assert_close(layer.to_real()(fold(x, 1)), y)


@every_map
@both_sides
@pytest.mark.parametrize("groups", [1, 2])
def test_transposed_convolution(given, side, groups):
    _, into, out = widths(given, side)
    layer = hc.nn.ConvTranspose1d(
        4, 2, 2, groups=groups, algebra=given, side=side, dtype=torch.float64
    )
    x, y = numbers(2, 4, 5, into), torch.zeros(2, 2, 6, out, dtype=torch.float64)
    for i in range(4):
        for o in range(2 // groups):
            channel = i // (4 // groups) * (2 // groups) + o
            for s in range(2):
                part = weighted(layer.weight[i, o, s], x[:, i], given, side)
                y[:, channel, s : s + 5] = y[:, channel, s : s + 5] + part
    y = fold(y + layer.bias[:, None], 1)
    torch.testing.assert_close(layer(fold(x, 1)), y)
    torch.testing.assert_close(layer.to_real()(fold(x, 1)), y)


@pytest.mark.parametrize("name", SPLIT)
@both_sides
def test_recurrent_networks(name, side):
    given, x = MAPS[name], numbers(4, 2, 4 * 3)
    options = {"algebra": given, "side": side, "dtype": torch.float64}
    for layer in (hc.nn.LSTM(3, 2, bidirectional=True, **options), hc.nn.GRU(3, 2, **options)):
        real = layer.to_real()
        torch.testing.assert_close(layer(x)[1], real(x)[1])
    cell = hc.nn.RNNCell(3, 2, **options)
    h = numbers(2, 2, 4)
    pre = [
        weighted(w, y[:, None], given, side).sum(2)
        for w, y in ((cell.weight_ih, unfold(x[0], 1, 4)), (cell.weight_hh, h))
    ]
    torch.testing.assert_close(cell(x[0], fold(h, 1)), fold(torch.tanh(sum(pre)), 1))
    assert hc.nn.LiGRU(3, 2, **options)(x)[0].shape == (4, 2, 8)


@every_map
def test_gradients_are_the_transposed_maps(given):
    left, right, out = given.shape
    a, b, g = (numbers(2, n).requires_grad_() for n in (left, right, out))
    found = torch.autograd.grad(F.product(a, b, given), (a, b), g, create_graph=True)
    transposed = F.product(g, b, given.of_left), F.product(a, g, given.of_right)
    torch.testing.assert_close(found, transposed)
    assert torch.autograd.gradgradcheck(lambda a, b: F.product(a, b, given), (a, b))


# ---------------------------------------------------------------------- learned constants


def calls(left, right):
    """Functions of constants, of a left and of a right factor."""
    a, b = numbers(3, 2, left), numbers(2, 2, right)
    x, z = numbers(2, 2 * right), numbers(2, 2 * right, 3)
    learn = hc.LearnedBilinear
    return {
        "product": (lambda c, a: F.product(a[0], b, learn(c)), a),
        "matmul": (lambda c, a: F.matmul(a, b, learn(c)), a),
        "einsum": (lambda c, a: F.einsum("ij,jk->ki", a, b, algebra=learn(c)), a),
        "linear": (lambda c, a: F.linear(x, a, algebra=learn(c)), a),
        "conv1d": (lambda c, a: F.conv1d(z, a.unsqueeze(2), algebra=learn(c)), a),
        "swapped": (lambda c, a: F.linear(x, a, algebra=learn(c).swapped, side="right"), a),
    }


@pytest.mark.parametrize("name", calls(1, 1))
def test_gradients_reach_the_constants(name):
    function, a = calls(3, 2)[name]
    c = numbers(3, 2, 4).requires_grad_()
    y = function(c, a.requires_grad_())
    # linear in the constants: the gradient is what the units give
    g = torch.randn_like(y)
    (found,) = torch.autograd.grad(y, c, g)
    units = torch.eye(c.numel(), dtype=c.dtype).view(-1, *c.shape)
    expected = torch.stack([(function(unit, a) * g).sum() for unit in units]).view_as(c)
    torch.testing.assert_close(found, expected)
    assert torch.autograd.gradcheck(function, (c, a))
    assert torch.autograd.gradgradcheck(function, (c, a))


@pytest.mark.parametrize("name", calls(1, 1))
def test_learned_maps_under_transforms(name):
    function, a = calls(3, 2)[name]
    c = numbers(5, 3, 2, 4)
    mapped = torch.func.vmap(function, (0, None))(c, a)
    torch.testing.assert_close(mapped, torch.stack([function(each, a) for each in c]))
    slope = torch.func.grad(lambda c: function(c, a).square().sum())(c[0])
    leaf = c[0].clone().requires_grad_()
    function(leaf, a).square().sum().backward()
    torch.testing.assert_close(slope, leaf.grad)
    _, tangent = torch.func.jvp(lambda c: function(c, a), (c[0],), (c[1],))
    torch.testing.assert_close(tangent, function(c[1], a))


@pytest.mark.parametrize("backend", ["eager"])
def test_maps_compile(backend):
    a, b = numbers(5, 8), numbers(5, 8)
    algebra = hc.clifford(3)
    compiled = torch.compile(
        lambda a, b: F.commutator(a, b, algebra), backend=backend, fullgraph=True
    )
    torch.testing.assert_close(compiled(a, b), F.commutator(a, b, algebra))
    for name in ("conjugated", "oblong", "learned oblong"):
        layer = hc.nn.Linear(2, 3, algebra=MAPS[name], dtype=torch.float64)
        x = numbers(4, 2 * layer.input_width)
        torch.testing.assert_close(
            torch.compile(layer, backend=backend, fullgraph=True)(x), layer(x)
        )


def test_a_layer_finds_and_learns_its_constants():
    layer = hc.nn.Linear(2, 3, algebra=hc.LearnedBilinear.like(hc.QUATERNION))
    assert dict(layer.named_parameters()).keys() == {"weight", "bias", "algebra.constants"}
    layer(torch.randn(4, 8)).square().sum().backward()
    assert layer.algebra.constants.grad.abs().sum() > 0
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert twin.algebra.constants is not layer.algebra.constants
        x = torch.randn(4, 8)
        torch.testing.assert_close(twin(x), layer(x))
    half = copy.deepcopy(layer).to(torch.bfloat16)
    assert half(torch.randn(4, 8, dtype=torch.bfloat16)).dtype == torch.bfloat16
    assert "learned" in repr(layer)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (torch.float64, torch.float64), (torch.float64, torch.float32),
        (torch.float32, torch.float64), (torch.bfloat16, torch.bfloat16),
        (torch.bfloat16, torch.float32), (torch.int64, torch.float64),
    ],
)  # fmt: skip
def test_learned_maps_keep_the_type_of_numbers(left, right):
    a, b = numbers(3, 4).mul(4).to(left), numbers(3, 4).mul(4).to(right)
    rule = hc.LearnedBilinear.like(hc.QUATERNION)
    found, expected = (F.product(a, b, given) for given in (rule, hc.QUATERNION))
    eps = torch.finfo(expected.dtype).eps
    # both round each of four products and three sums at most once: sizes are those of the factors
    size = a.double().norm(dim=-1, keepdim=True) * b.double().norm(dim=-1, keepdim=True)
    assert found.dtype == expected.dtype
    assert ((found.double() - expected.double()).abs() <= 16 * eps * size).all()
    found.sum().backward()
    assert rule.constants.grad.dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@both_sides
def test_layers_convert_learned_constants(dtype, side):
    rule = hc.LearnedBilinear.like(hc.QUATERNION)
    layer = hc.nn.Linear(3, 5, algebra=rule, side=side, dtype=dtype)
    exact = hc.nn.Linear(3, 5, algebra=hc.QUATERNION, side=side, dtype=dtype)
    own = ("weight", "bias")
    exact.load_state_dict({name: x for name, x in layer.state_dict().items() if name in own})
    x = numbers(2, 12).to(dtype)
    torch.testing.assert_close(layer(x), exact(x))
    layer(x).sum().backward()
    assert rule.constants.grad.dtype == torch.float32


def test_integers_do_not_round_learned_constants():
    a, half = torch.tensor([[1, 2, 3, 4]]), hc.QUATERNION.product.scaled(out=[Fraction(1, 2)] * 4)
    rule = hc.LearnedBilinear.like(half)
    torch.testing.assert_close(F.product(a, a, rule), F.product(a.float(), a.float(), half))
    with pytest.raises((RuntimeError, TypeError)):
        F.matmul(a[None], a[:, None], rule)


def test_learned_products_keep_their_digits_under_autocast():
    a, b = torch.randn(3, 4), torch.randn(3, 4)
    rule = hc.LearnedBilinear.like(hc.QUATERNION)
    expected = F.product(a, b, rule)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(F.product(a, b, rule), expected, rtol=0, atol=0)
        assert F.product(a, b, hc.QUATERNION).dtype == torch.float32
        layer = hc.nn.Linear(3, 5, algebra=rule)
        assert layer(torch.randn(2, 12)).dtype == torch.bfloat16


def test_shared_constants_are_one_parameter():
    rule = hc.LearnedBilinear.like(hc.QUATERNION)
    model = nn.Sequential(hc.nn.Linear(2, 2, algebra=rule), hc.nn.Linear(2, 2, algebra=rule))
    assert len(list(model.parameters())) == 5
    named = [name for name in model.state_dict() if name.endswith("constants")]
    assert named == ["0.algebra.constants", "1.algebra.constants"]


def test_messages_call_algebras_and_maps_by_their_names():
    x = torch.randn(3, 4)
    with pytest.raises((TypeError, ValueError), match=r"`dim` \(=QUATERNION\) must be"):
        F.cumprod(x, hc.QUATERNION)
    with pytest.raises((TypeError, ValueError), match=r"`dim` \(=QUATERNION\) must be"):
        F.cumprod(x, hc.QUATERNION.product)


def test_learned_maps_are_not_kept():
    import gc
    import weakref

    rule = hc.LearnedBilinear(torch.randn(4, 4, 4))
    F.product(torch.randn(4), torch.randn(4), rule)
    F.linear(torch.randn(2, 4), torch.randn(3, 1, 4), algebra=rule)
    known = weakref.ref(rule)
    del rule
    gc.collect()
    assert known() is None


# ---------------------------------------------------------------------- typed numbers


def test_typed_numbers_take_maps_that_fit():
    q, r = (hc.QuaternionTensor(numbers(3, 4)) for _ in range(2))
    found = F.product(q, r, hc.QUATERNION.commutator)
    assert type(found) is hc.QuaternionTensor
    torch.testing.assert_close(found.components, (q * r - r * q).components)
    layer = hc.nn.Linear(3, 2, bias=False, algebra=hc.QUATERNION.right_conjugated)
    layer = layer.double()
    expected = hc.QuaternionTensor(layer.weight.detach()) @ q.conj()
    torch.testing.assert_close(layer(q).components, expected.components)
    pure = hc.QUATERNION.product.between(range(1, 4), range(4), range(4))
    layer = hc.nn.Linear(3, 2, bias=False, algebra=pure).double()
    weight = nn.functional.pad(layer.weight.detach(), (1, 0))
    torch.testing.assert_close(layer(q), hc.QuaternionTensor(weight) @ q)


def test_what_does_not_fit_is_refused():
    q = hc.QuaternionTensor(torch.randn(3, 4))
    x = torch.randn(2, 6)
    with pytest.raises(ValueError, match=r"`algebra` \(=inner product of QUATERNION\) is a map"):
        F.product(q, q, hc.QUATERNION.inner_product)
    with pytest.raises(ValueError, match=r"`algebra` \(=inner product of QUATERNION\) is a map"):
        hc.nn.Linear(3, 2, algebra=hc.QUATERNION.inner_product)(q)
    with pytest.raises(ValueError, match=r"`b` of shape \(2, 3\) must have the 2 components of ob"):
        F.product(x[:, :3], x[:, 3:], OBLONG)
    with pytest.raises(ValueError, match=r"`a` .* must have the 3 components of oblong"):
        F.matmul(x, x, OBLONG)
    with pytest.raises(
        ValueError, match=r"`operands\[1\]` of shape \(2, 6\) must have the 2 components"
    ):
        F.einsum("i,i", x[:, :3], x, algebra=OBLONG)
    with pytest.raises(ValueError, match=r"gives 5 components, which are no left factor of 3"):
        F.einsum("i,i,i", x[:, :3], x[:, :2], x[:, :2], algebra=OBLONG)
    with pytest.raises(ValueError, match=r"`input` .* must have 2·2 = 4 channels"):
        hc.nn.Linear(2, 2, algebra=OBLONG)(x)
    with pytest.raises(ValueError, match=r"`algebra` \(=oblong\) maps 3 and 2 components to 5"):
        hc.nn.LSTM(2, 2, algebra=OBLONG)
    with pytest.raises(ValueError, match="must be an Algebra for orthogonal weights"):
        hc.nn.Linear(2, 2, algebra=hc.QUATERNION.commutator, init="orthogonal")
    with pytest.raises(ValueError, match=r"`constants` of shape \(3, 3\)"):
        hc.LearnedBilinear(torch.randn(3, 3))
    for wrong in (None, "QUATERNION", 4):
        with pytest.raises(TypeError, match=r"`algebra` .* must be an Algebra.*Bilinear"):
            hc.nn.Linear(2, 2, algebra=wrong)
        with pytest.raises(TypeError, match=r"`algebra` .* must be an Algebra.*Bilinear"):
            F.linear(x, torch.randn(2, 2, 3), algebra=wrong)
        with pytest.raises(TypeError, match=r"`algebra` .* must be an Algebra.*Bilinear"):
            F.product(x, x, wrong)
    with pytest.raises(TypeError, match=r"`algebra` .* must be an Algebra"):
        F.conj(x, hc.QUATERNION.commutator)
