"""Rotation layers: the naive loop over w x w^-1 = the layer on numbers = on folded reals."""

import copy
import io
import itertools
import math

import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import nn

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import lowering
from hypercomplex.functional.rotation import rotation_kernel
from tests.cases import every_normed_algebra, every_telling_algebra, numbers

Q = hc.QUATERNION


def invertible(algebra, *shape):
    """Numbers far from the zero divisors, of moduli about 3."""
    w = numbers(algebra, *shape) / math.sqrt(algebra.dimension)
    w[..., 0] += 3
    return w


def naive_rotation(x, w, b, s, algebra):
    """y_o = sum_i s_oi w_oi x_i w_oi^-1 + b_o, with the tensor's own operators."""
    T = hc.tensor_type(algebra)
    W, X, y = T(w), T(x), torch.zeros(*x.shape[:-2], w.shape[0], algebra.dimension, dtype=x.dtype)
    for o, i in itertools.product(range(w.shape[0]), range(w.shape[1])):
        turned = W[o, i] * X[..., i] * W[o, i].inverse()
        y[..., o, :] += turned.components * (1 if s is None else s[o, i])
    return y if b is None else y + b


def naive_rotation_conv1d(x, w, b, s, algebra, stride, padding, dilation, groups):
    """The sum over kernel points of rotations of shifted inputs; x is (N, C, L, n)."""
    x = nn.functional.pad(x, (0, 0, padding, padding))
    length = (x.shape[2] - dilation * (w.shape[2] - 1) - 1) // stride + 1
    out, into = w.shape[0] // groups, w.shape[1]
    y = torch.zeros(x.shape[0], w.shape[0], length, algebra.dimension, dtype=x.dtype)
    for g, t, k in itertools.product(range(groups), range(length), range(w.shape[2])):
        o, i = slice(g * out, (g + 1) * out), slice(g * into, (g + 1) * into)
        source = x[:, i, t * stride + k * dilation]
        y[:, o, t] += naive_rotation(source, w[o, :, k], None, s[o, :, k], algebra)
    return y + b[:, None]


@every_telling_algebra
@pytest.mark.parametrize("scale", [True, False])
def test_linear_is_the_sum_of_rotations(algebra, scale):
    layer = hc.nn.RotationLinear(3, 5, algebra=algebra, scale=scale, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(invertible(algebra, 5, 3))
        layer.bias.normal_()
    x = numbers(algebra, 2, 4, 3)
    s = layer.scale.detach() if scale else None
    expected = naive_rotation(x, layer.weight.detach(), layer.bias.detach(), s, algebra)
    typed = layer(hc.as_hypercomplex(x, algebra))
    assert type(typed) is hc.tensor_type(algebra)
    torch.testing.assert_close(typed.components, expected)
    folded = layer(lowering.fold(x, 2))
    assert type(folded) is torch.Tensor
    torch.testing.assert_close(folded, lowering.fold(expected, 2))


@pytest.mark.parametrize("algebra", [hc.COMPLEX, Q, hc.OCTONION, hc.clifford(3)], ids=str)
@pytest.mark.parametrize("case", [(1, 0, 1, 1), (2, 1, 1, 1), (1, 2, 2, 2)], ids=str)
def test_conv_is_the_naive_loop(algebra, case):
    stride, padding, dilation, groups = case
    layer = hc.nn.RotationConv1d(
        2, 4, 3, stride, padding, dilation, groups, algebra=algebra, dtype=torch.float64
    )
    with torch.no_grad():
        layer.weight.copy_(invertible(algebra, *layer.weight.shape[:-1]))
        layer.bias.normal_()
    x = numbers(algebra, 2, 2, 7)
    w, b, s = layer.weight.detach(), layer.bias.detach(), layer.scale.detach()
    expected = naive_rotation_conv1d(x, w, b, s, algebra, stride, padding, dilation, groups)
    torch.testing.assert_close(layer(hc.as_hypercomplex(x, algebra)).components, expected)
    torch.testing.assert_close(layer(lowering.fold(x, 1)), lowering.fold(expected, 1))
    # one more axis of size one changes nothing
    wide = F.rotation_conv2d(
        lowering.fold(x, 1).unsqueeze(-1), w.unsqueeze(3), b, s.unsqueeze(3), (stride, 1),
        (padding, 0), (dilation, 1), groups, algebra=algebra,
    )  # fmt: skip
    torch.testing.assert_close(wide.squeeze(-1), lowering.fold(expected, 1))


def test_conv2d_over_two_axes_is_linear_on_patches():
    layer = hc.nn.RotationConv2d(2, 3, 2, stride=2, algebra=Q, dtype=torch.float64)
    x = torch.randn(5, 8, 6, 4, dtype=torch.float64)
    patches = x.unfold(2, 2, 2).unfold(3, 2, 2)  # (N, 8, H', W', 2, 2)
    points = lowering.unfold(patches, 1, 4)  # (N, 2, H', W', 2, 2, 4)
    points = points.permute(0, 2, 3, 1, 4, 5, 6).flatten(3, 5)
    y = naive_rotation(
        points,
        layer.weight.detach().flatten(1, 3),
        layer.bias.detach(),
        layer.scale.detach().flatten(1),
        Q,
    )
    torch.testing.assert_close(layer(x), lowering.fold(y.permute(0, 3, 1, 2, 4), 1))


def test_one_quaternion_is_the_rotation_matrix_of_scipy():
    q = numbers(Q, 50)
    for weight in q:
        kernel = rotation_kernel(weight.view(1, 1, 4), None, Q)
        expected = torch.eye(4, dtype=torch.float64)
        turned = Rotation.from_quat(weight.roll(-1).numpy()).as_matrix()  # scipy: real part last
        expected[1:, 1:] = torch.from_numpy(turned)
        torch.testing.assert_close(kernel, expected, rtol=0, atol=1e-14)


@every_telling_algebra
def test_the_real_part_stays(algebra):
    """In an associative *-algebra w x w^-1 keeps the trace; tested where it is the real part."""
    x = numbers(algebra, 10, 1)
    layer = hc.nn.RotationLinear(1, 1, False, algebra=algebra, scale=False, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(invertible(algebra, 1, 1))
    real_in, real_out = x[:, 0, 0], layer(lowering.fold(x, 1))[:, 0]
    torch.testing.assert_close(real_out, real_in)


@every_normed_algebra
def test_rotations_are_isometries_and_ignore_the_length(algebra):
    w = numbers(algebra, 3, 2)
    blocks = lowering.disarrange(rotation_kernel(w, None, algebra), algebra.dimension)
    matrices = blocks.movedim((0, 1), (-2, -1))
    eye = torch.eye(algebra.dimension, dtype=torch.float64).expand_as(matrices)
    torch.testing.assert_close(matrices @ matrices.mT, eye)
    for length in (1e-300, 1e-20, 1e20, 1e150):
        torch.testing.assert_close(
            rotation_kernel(length * w, None, algebra),
            rotation_kernel(w, None, algebra),
            rtol=0,
            atol=1e-12,
        )


def test_a_versor_of_a_clifford_algebra_reflects_and_turns():
    """e1 x e1^-1 on vectors is minus the reflection in the plane normal to e1, in Cl(3)."""
    algebra = hc.clifford(3)
    vector = torch.tensor([0.0, 2, 3, 0, 5, 0, 0, 0])  # 2 e1 + 3 e2 + 5 e3, in bitmask order
    e1 = torch.tensor([0.0, 1, 0, 0, 0, 0, 0, 0]).view(1, 1, 8)
    reflected = F.rotation_linear(vector, e1, algebra=algebra)
    torch.testing.assert_close(reflected, torch.tensor([0.0, 2, -3, 0, -5, 0, 0, 0]))


# ---------------------------------------------------------------------- zero, gradients


@every_telling_algebra
def test_a_zero_weight_is_the_zero_map_with_finite_gradient(algebra):
    w = invertible(algebra, 2, 2)
    w[0, 1] = 0
    w.requires_grad_()
    x = numbers(algebra, 3, 2)
    y = F.rotation_linear(lowering.fold(x, 1), w, algebra=algebra)
    lonely = F.rotation_linear(lowering.fold(x[:, :1], 1), w[:1, :1], algebra=algebra)
    torch.testing.assert_close(lowering.unfold(y, 1, algebra.dimension)[:, :1], lonely.unsqueeze(1))
    y.square().sum().backward()
    assert w.grad.isfinite().all()
    assert (w.grad[0, 1] == 0).all()
    assert algebra.is_commutative or (w.grad[0, 0] != 0).any()


@pytest.mark.parametrize("algebra", [Q, hc.OCTONION, hc.clifford(2), hc.clifford(3)], ids=str)
def test_gradients(algebra):
    x = numbers(algebra, 2, 2).requires_grad_()
    w = invertible(algebra, 2, 2).requires_grad_()
    s = torch.randn(2, 2, dtype=torch.float64, requires_grad=True)
    f = lambda x, w, s: F.rotation_linear(lowering.fold(x, 1), w, None, s, algebra=algebra)
    assert torch.autograd.gradcheck(f, (x, w, s))
    if algebra == Q:
        assert torch.autograd.gradgradcheck(f, (x, w, s), fast_mode=True)


def test_the_gradient_of_a_rotation_is_tangent():
    """The length of a weight has no effect, so the gradient is normal to the weight."""
    layer = hc.nn.RotationLinear(3, 5, algebra=Q, dtype=torch.float64)
    layer(torch.randn(7, 12, dtype=torch.float64)).square().sum().backward()
    radial = (layer.weight * layer.weight.grad).sum(-1)
    torch.testing.assert_close(radial, torch.zeros_like(radial), rtol=0, atol=1e-12)


# ---------------------------------------------------------------------- modules in real life


def test_initial_weights_are_units_and_scales_normal():
    layer = hc.nn.RotationLinear(100, 300, algebra=Q, dtype=torch.float64, criterion="he")
    norms = layer.weight.norm(dim=-1)
    torch.testing.assert_close(norms, torch.ones_like(norms))
    assert abs(layer.scale.square().mean() - 2 / 100) < 1e-3
    assert abs(layer.scale.mean()) < 5e-3
    x = torch.randn(200, 400, dtype=torch.float64)
    assert abs(layer(x).square().mean() / x.square().mean() - 2) < 0.1
    layer.reset_parameters(torch.Generator().manual_seed(0))
    first = layer.weight.clone(), layer.scale.clone()
    layer.reset_parameters(torch.Generator().manual_seed(0))
    assert torch.equal(layer.weight, first[0])
    assert torch.equal(layer.scale, first[1])


LAYERS = [
    (lambda **o: hc.nn.RotationLinear(3, 5, **o), (2, 12)),
    (lambda **o: hc.nn.RotationLinear(3, 5, False, scale=False, **o), (12,)),
    (lambda **o: hc.nn.RotationConv1d(4, 2, 3, groups=2, padding="causal", **o), (2, 16, 7)),
    (lambda **o: hc.nn.RotationConv2d(3, 5, 3, padding_mode="circular", **o), (2, 12, 5, 5)),
]


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_layers_save_copy_and_train(make, shape):
    layer, x = make(algebra=Q), torch.randn(shape)
    assert all(type(p) is nn.Parameter for p in layer.parameters())
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = make(algebra=Q)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(x), layer(x))
    assert torch.equal(copy.deepcopy(layer)(x), layer(x))
    optimizer = torch.optim.SGD(layer.parameters(), 0.05)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (layer(x) - 1).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_layers_run_in_half_precision(make, shape):
    layer, x = make(algebra=Q), torch.randn(shape)
    exact = layer(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = layer(x)
    assert y.dtype == torch.bfloat16
    torch.testing.assert_close(y.float(), exact, atol=0.1, rtol=0.1)
    torch.testing.assert_close(layer.bfloat16()(x.bfloat16()).float(), exact, atol=0.1, rtol=0.1)


@pytest.mark.parametrize("case", [LAYERS[0], LAYERS[2]], ids=["linear", "conv"])
def test_layers_compile_and_export(case, backend):
    make, shape = case
    layer, x = make(algebra=Q, dtype=torch.float64), torch.randn(shape, dtype=torch.float64)
    torch.testing.assert_close(torch.compile(layer, fullgraph=True, backend=backend)(x), layer(x))
    exported = torch.export.export(layer, (x,), strict=False).module()
    torch.testing.assert_close(exported(x), layer(x))


def test_factory_arguments_and_representation():
    layer = hc.nn.RotationConv1d(2, 4, 3, device="meta", dtype=torch.bfloat16, algebra=Q)
    assert layer.scale.is_meta
    assert layer.scale.dtype == torch.bfloat16
    layer = layer.to_empty(device="cpu")
    layer.reset_parameters()
    assert layer(torch.randn(2, 8, 5).bfloat16()).isfinite().all()
    skipped = nn.utils.skip_init(hc.nn.RotationLinear, 2, 3, algebra=Q)
    assert skipped.scale.shape == (3, 2)
    assert repr(skipped) == "RotationLinear(2, 3, bias=True, algebra=QUATERNION, scale=True)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hc.nn.RotationLinear(0, 5, algebra=Q), r"`in_features` \(=0\) must be a positive integer"),
        (lambda: hc.nn.RotationLinear(3, 5, algebra=Q, criterion="x"), r"`criterion` \(='x'\)"),
        (lambda: hc.nn.RotationLinear(3, 5, algebra=Q)(torch.zeros(2, 10)), "12 channels on axis -1"),
        (lambda: hc.nn.RotationConv1d(3, 5, 2, groups=2, algebra=Q), r"`groups` \(=2\) must divide"),
        (lambda: hc.nn.RotationConv2d(3, 5, 2, padding="causal", algebra=Q), r"`padding` \(='causal'\)"),
        (lambda: F.rotation_linear(torch.zeros(4), torch.ones(1, 1, 3), algebra=Q), "`weight` of shape"),
        (lambda: F.rotation_linear(torch.zeros(4), torch.ones(1, 1, 4), None, torch.ones(2, 1), algebra=Q), r"`scale` of shape \(2, 1\)"),
        (lambda: F.rotation_conv1d(torch.zeros(1, 4, 5), torch.ones(1, 1, 4), algebra=Q), r"\(O, I/groups, K, n\)"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_other_algebras_are_refused():
    with pytest.raises(TypeError, match=r"`algebra` \(=OCTONION\) is not that of a"):
        hc.nn.RotationLinear(3, 5, algebra=hc.OCTONION)(hc.QuaternionTensor(torch.zeros(3, 4)))
