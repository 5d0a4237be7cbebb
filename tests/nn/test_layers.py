"""Layers: naive sums of products = the layer on numbers = the layer on folded reals."""

import copy
import io
import itertools

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import lowering
from tests.cases import every_telling_algebra, naive_product, numbers


def naive_linear(x, w, b, algebra, side="left"):
    """y_o = sum_i w_oi x_i + b_o, one product at a time; numbers last but one, components last."""
    y = torch.zeros(*x.shape[:-2], w.shape[0], algebra.dimension, dtype=x.dtype)
    for o, i in itertools.product(range(w.shape[0]), range(w.shape[1])):
        factors = (w[o, i], x[..., i, :]) if side == "left" else (x[..., i, :], w[o, i])
        y[..., o, :] += naive_product(*factors, algebra)
    return y if b is None else y + b


def naive_conv(x, w, b, algebra, stride, padding, dilation, groups, mode="constant"):
    """Convolution by loops over outputs, inputs and kernel points; x is (N, C, *spatial, n)."""
    d = w.ndim - 3
    pads = [p for point in reversed(padding) for p in point]
    components = [
        nn.functional.pad(part, pads, mode=mode) if any(pads) else part for part in x.unbind(-1)
    ]
    x = torch.stack(components, -1)
    sizes = [
        (x.shape[2 + a] - dilation[a] * (w.shape[2 + a] - 1) - 1) // stride[a] + 1 for a in range(d)
    ]
    y = torch.zeros(x.shape[0], w.shape[0], *sizes, algebra.dimension, dtype=x.dtype)
    per_group_out, per_group_in = w.shape[0] // groups, w.shape[1]
    for o, i in itertools.product(range(w.shape[0]), range(per_group_in)):
        channel = o // per_group_out * per_group_in + i
        for at in itertools.product(*map(range, sizes)):
            for k in itertools.product(*map(range, w.shape[2:-1])):
                source = [a * s + p * r for a, s, p, r in zip(at, stride, k, dilation, strict=True)]
                y[(slice(None), o, *at)] += naive_product(
                    w[(o, i, *k)], x[(slice(None), channel, *source)], algebra
                )
    return y if b is None else y + b.view(1, -1, *[1] * d, algebra.dimension)


def naive_conv_transpose(x, w, b, algebra, stride, padding, output_padding, groups, dilation):
    """Every input number times the kernel, scattered."""
    d = w.ndim - 3
    full = [
        (x.shape[2 + a] - 1) * stride[a]
        + dilation[a] * (w.shape[2 + a] - 1)
        + 1
        + output_padding[a]
        for a in range(d)
    ]
    per_group_in, per_group_out = x.shape[1] // groups, w.shape[1]
    y = torch.zeros(x.shape[0], per_group_out * groups, *full, algebra.dimension, dtype=x.dtype)
    for i, o in itertools.product(range(x.shape[1]), range(per_group_out)):
        channel = i // per_group_in * per_group_out + o
        for at in itertools.product(*map(range, x.shape[2:-1])):
            for k in itertools.product(*map(range, w.shape[2:-1])):
                target = [a * s + p * r for a, s, p, r in zip(at, stride, k, dilation, strict=True)]
                y[(slice(None), channel, *target)] += naive_product(
                    w[(i, o, *k)], x[(slice(None), i, *at)], algebra
                )
    crop = tuple(slice(p, size - p) for p, size in zip(padding, full, strict=True))
    y = y[(slice(None), slice(None), *crop)]
    return y if b is None else y + b.view(1, -1, *[1] * d, algebra.dimension)


@every_telling_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_linear_is_the_sum_of_products(algebra, side):
    layer = hc.nn.Linear(3, 5, algebra=algebra, side=side, dtype=torch.float64)
    nn.init.normal_(layer.bias)
    x = numbers(algebra, 2, 4, 3)
    expected = naive_linear(x, layer.weight.detach(), layer.bias.detach(), algebra, side)
    typed = layer(hc.as_hypercomplex(x, algebra))
    assert type(typed) is hc.tensor_type(algebra)
    torch.testing.assert_close(typed.components, expected)
    folded = layer(lowering.fold(x, 2))
    assert type(folded) is torch.Tensor
    torch.testing.assert_close(folded, lowering.fold(expected, 2))


@every_telling_algebra
def test_linear_reads_as_its_equation(algebra):
    """W x + b with the tensor's own operators is the layer."""
    layer = hc.nn.Linear(3, 5, algebra=algebra, dtype=torch.float64)
    T = hc.tensor_type(algebra)
    W, b, x = T(layer.weight.detach()), T(layer.bias.detach()), T(numbers(algebra, 3))
    assert torch.allclose(layer(x), W @ x + b)


CONV_CASES = [
    # d, kernel, stride, padding, dilation, groups, mode
    (1, (3,), (1,), 0, (1,), 1, "zeros"),
    (1, (4,), (1,), "same", (1,), 1, "zeros"),
    (1, (4,), (1,), "same", (2,), 2, "reflect"),
    (1, (3,), (2,), (2,), (2,), 2, "circular"),
    (2, (2, 3), (2, 1), (1, 2), (1, 1), 2, "zeros"),
    (2, (3, 2), (1, 1), "same", (1, 2), 1, "replicate"),
    (2, (1, 1), (1, 1), "valid", (1, 1), 2, "reflect"),
    (3, (2, 1, 2), (1, 2, 1), (1, 0, 1), (1, 1, 1), 2, "zeros"),
]


@pytest.mark.parametrize(
    "algebra", [hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.clifford(1, 1, 1)], ids=str
)
@pytest.mark.parametrize("case", CONV_CASES, ids=str)
def test_conv_is_the_naive_loop(algebra, case):
    d, kernel, stride, padding, dilation, groups, mode = case
    layer_type = (hc.nn.Conv1d, hc.nn.Conv2d, hc.nn.Conv3d)[d - 1]
    layer = layer_type(
        2, 4, kernel, stride, padding, dilation, groups, padding_mode=mode, algebra=algebra,
        dtype=torch.float64,
    )  # fmt: skip
    nn.init.normal_(layer.bias)
    x = numbers(algebra, 2, 2, *(5, 4, 4)[:d])
    if padding == "same":
        totals = [r * (k - 1) for r, k in zip(dilation, kernel, strict=True)]
        pads = [(t // 2, t - t // 2) for t in totals]
    else:
        points = (0,) * d if padding in ("valid", 0) else padding
        pads = [(p, p) for p in points]
    w, b = layer.weight.detach(), layer.bias.detach()
    torch_mode = "constant" if mode == "zeros" else mode
    expected = naive_conv(x, w, b, algebra, stride, pads, dilation, groups, torch_mode)
    typed = layer(hc.as_hypercomplex(x, algebra))
    torch.testing.assert_close(typed.components, expected)
    torch.testing.assert_close(layer(lowering.fold(x, 1)), lowering.fold(expected, 1))


TRANSPOSE_CASES = [
    # d, kernel, stride, padding, output padding, groups, dilation
    (1, (3,), (1,), (0,), (0,), 1, (1,)),
    (1, (4,), (2,), (1,), (1,), 2, (2,)),
    (2, (3, 2), (2, 3), (1, 0), (1, 2), 2, (1, 1)),
    (3, (2, 1, 2), (2, 1, 1), (0, 0, 1), (1, 0, 0), 1, (1, 1, 1)),
]


@pytest.mark.parametrize("algebra", [hc.REAL, hc.QUATERNION, hc.clifford(1, 1, 1)], ids=str)
@pytest.mark.parametrize("case", TRANSPOSE_CASES, ids=str)
def test_conv_transpose_scatters_products(algebra, case):
    d, kernel, stride, padding, output_padding, groups, dilation = case
    layer_type = (hc.nn.ConvTranspose1d, hc.nn.ConvTranspose2d, hc.nn.ConvTranspose3d)[d - 1]
    layer = layer_type(
        4, 2, kernel, stride, padding, output_padding, groups, dilation=dilation, algebra=algebra,
        dtype=torch.float64,
    )  # fmt: skip
    nn.init.normal_(layer.bias)
    x = numbers(algebra, 2, 4, *(3, 4, 3)[:d])
    w, b = layer.weight.detach(), layer.bias.detach()
    expected = naive_conv_transpose(
        x, w, b, algebra, stride, padding, output_padding, groups, dilation
    )
    torch.testing.assert_close(layer(hc.as_hypercomplex(x, algebra)).components, expected)
    torch.testing.assert_close(layer(lowering.fold(x, 1)), lowering.fold(expected, 1))


def test_output_size_chooses_the_output_padding():
    layer = hc.nn.QuaternionConvTranspose2d(1, 1, 3, stride=2, padding=1)
    x = torch.randn(1, 4, 5, 5)
    assert layer(x).shape[2:] == (9, 9)
    assert layer(x, output_size=(10, 9)).shape[2:] == (10, 9)
    assert layer(hc.QuaternionTensor(torch.randn(1, 1, 5, 5, 4)), (10, 10)).shape == (1, 1, 10, 10)
    with pytest.raises(ValueError, match=r"`output_size` \(=\(11, 9\)\) cannot be reached from"):
        layer(x, output_size=(11, 9))


# ---------------------------------------------------------------------- the reals are torch

PAIRS = [
    (hc.nn.Linear, nn.Linear, (6, 4), {}, (3, 6)),
    (hc.nn.Linear, nn.Linear, (6, 4), {"bias": False}, (6,)),
    (hc.nn.Conv1d, nn.Conv1d, (4, 6, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 4, 9)),
    (hc.nn.Conv1d, nn.Conv1d, (4, 6, 4), {"padding": "same", "padding_mode": "circular"}, (2, 4, 9)),
    (hc.nn.Conv2d, nn.Conv2d, (4, 6, 3), {"padding": "same", "dilation": 2}, (2, 4, 9, 8)),
    (hc.nn.Conv2d, nn.Conv2d, (4, 6, 3), {"padding": 1, "padding_mode": "reflect"}, (4, 9, 8)),
    (hc.nn.Conv3d, nn.Conv3d, (2, 4, 2), {"padding_mode": "replicate", "padding": 1}, (2, 2, 4, 4, 4)),
    (hc.nn.ConvTranspose1d, nn.ConvTranspose1d, (4, 6, 3), {"stride": 2, "groups": 2}, (2, 4, 9)),
    (hc.nn.ConvTranspose2d, nn.ConvTranspose2d, (4, 6, 3), {"stride": 2, "output_padding": 1, "padding": 1}, (2, 4, 5, 5)),
    (hc.nn.ConvTranspose3d, nn.ConvTranspose3d, (2, 4, 2), {"dilation": 2}, (2, 2, 3, 3, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "args", "kwargs", "shape"), PAIRS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_over_the_reals_a_layer_is_torchs_bit_for_bit(ours, theirs, args, kwargs, shape, dtype):
    real = theirs(*args, **kwargs, dtype=dtype)
    layer = ours(*args, **kwargs, algebra=hc.REAL, dtype=dtype)
    with torch.no_grad():
        layer.weight.copy_(real.weight.unsqueeze(-1))
        if real.bias is not None:
            layer.bias.copy_(real.bias.unsqueeze(-1))
    x = torch.randn(shape, dtype=dtype)
    a, b = x.clone().requires_grad_(), x.clone().requires_grad_()
    y, z = layer(a), real(b)
    assert torch.equal(y, z)
    y.square().sum().backward()
    z.square().sum().backward()
    assert torch.equal(a.grad, b.grad)
    assert torch.equal(layer.weight.grad.squeeze(-1), real.weight.grad)
    typed = layer(hc.as_hypercomplex(x.unsqueeze(-1), hc.REAL))
    assert torch.equal(typed.components.squeeze(-1), z)


# ---------------------------------------------------------------------- derivatives


@every_telling_algebra
def test_derivatives_of_linear_and_conv(algebra):
    x = numbers(algebra, 2, 2).requires_grad_()
    w = numbers(algebra, 3, 2).requires_grad_()
    b = numbers(algebra, 3).requires_grad_()
    linear = lambda x, w, b: F.linear(lowering.fold(x, 1), w, b, algebra=algebra)
    assert torch.autograd.gradcheck(linear, (x, w, b))
    assert torch.autograd.gradgradcheck(linear, (x, w, b), fast_mode=True)
    x = numbers(algebra, 1, 2, 4).requires_grad_()
    w = numbers(algebra, 2, 1, 2).requires_grad_()
    conv = lambda x, w: F.conv1d(lowering.fold(x, 1), w, None, 2, 1, groups=2, algebra=algebra)
    assert torch.autograd.gradcheck(conv, (x, w))
    assert torch.autograd.gradgradcheck(conv, (x, w), fast_mode=True)
    transpose = lambda x, w: F.conv_transpose1d(
        lowering.fold(x, 1), w, None, 2, groups=2, algebra=algebra
    )
    assert torch.autograd.gradcheck(transpose, (x, w))
    assert torch.autograd.gradgradcheck(transpose, (x, w), fast_mode=True)


def test_the_gradient_of_a_quaternion_layer_is_the_known_one():
    """dL/dx_i = sum_o conj(w_oi) g_o and dL/dw_oi = sum_batch g_o conj(x_i)."""
    layer = hc.nn.QuaternionLinear(3, 2, dtype=torch.float64)
    x = hc.QuaternionTensor(torch.randn(5, 3, 4, dtype=torch.float64), requires_grad=True)
    g = hc.QuaternionTensor(torch.randn(5, 2, 4, dtype=torch.float64))
    layer(x).backward(g)
    W = hc.QuaternionTensor(layer.weight.detach())
    assert torch.allclose(x.grad, (W.mH @ g.unsqueeze(-1)).squeeze(-1))
    assert torch.allclose(hc.QuaternionTensor(layer.weight.grad), g.T @ x.detach().conj())


# ---------------------------------------------------------------------- modules in real life


def network():
    return nn.Sequential(
        hc.nn.QuaternionConv2d(2, 4, 3, padding=1),
        hc.nn.Split(nn.ReLU()),
        nn.Flatten(),
        hc.nn.QuaternionLinear(4 * 6 * 6, 3),
    )


def test_a_network_keeps_the_kind_of_its_input():
    layer = nn.Sequential(hc.nn.QuaternionConv2d(2, 4, 3, padding=1), hc.nn.Split(torch.tanh))
    x = torch.randn(2, 2, 6, 6, 4)
    typed, folded = layer(hc.QuaternionTensor(x)), layer(lowering.fold(x, 1))
    assert isinstance(typed, hc.QuaternionTensor)
    assert typed.shape == (2, 4, 6, 6)
    assert not isinstance(folded, hc.HypercomplexTensor)
    torch.testing.assert_close(lowering.fold(typed.components, 1), folded)


def test_typed_layers_do_not_reorder_components_in_between():
    """The output of a layer is planar, so folding it again is free."""
    layer = hc.nn.QuaternionConv2d(2, 4, 3, padding=1)
    y = hc.nn.Split(torch.relu)(layer(hc.QuaternionTensor(torch.randn(2, 2, 6, 6, 4))))
    assert lowering.fold(y.components, 1).data_ptr() == y.components.data_ptr()


def test_parameters_are_plain_and_state_dicts_load_everywhere():
    layer = hc.nn.Linear(3, 5, algebra=hc.OCTONION)
    assert {name: type(p) for name, p in layer.named_parameters()} == {
        "weight": nn.Parameter,
        "bias": nn.Parameter,
    }
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = hc.nn.Linear(3, 5, algebra=hc.OCTONION)
    other.load_state_dict(torch.load(file, weights_only=True))
    x = torch.randn(2, 24)
    assert torch.equal(layer(x), other(x))
    assert torch.equal(copy.deepcopy(layer)(x), layer(x))
    assert torch.equal(torch.load(saved(layer), weights_only=False)(x), layer(x))


def saved(value):
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return file


def test_layers_follow_torchs_factory_arguments():
    layer = hc.nn.QuaternionConv2d(2, 4, 3, device="meta", dtype=torch.bfloat16)
    assert layer.weight.is_meta
    assert layer.weight.dtype == torch.bfloat16
    layer = layer.to_empty(device="cpu")
    layer.reset_parameters()
    assert layer.weight.isfinite().all()
    with torch.device("meta"):
        assert hc.nn.QuaternionLinear(2, 3).bias.is_meta
    assert nn.utils.skip_init(hc.nn.QuaternionLinear, 2, 3).weight.shape == (3, 2, 4)


def test_layers_run_in_every_precision():
    x = torch.randn(2, 12)
    layer = hc.nn.QuaternionLinear(3, 5)
    exact = layer.double()(x.double())
    for dtype in (torch.bfloat16, torch.float16, torch.float32):
        y = layer.to(dtype)(x.to(dtype))
        assert y.dtype == dtype
        torch.testing.assert_close(y.double(), exact, atol=0.05, rtol=0.05)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = layer.float()(x)
    assert y.dtype == torch.bfloat16
    torch.testing.assert_close(y.double(), exact, atol=0.05, rtol=0.05)


def test_quaternion_layers_export():
    layer = nn.Sequential(hc.nn.QuaternionLinear(3, 5), hc.nn.Split(torch.tanh)).double()
    x = torch.randn(2, 12, dtype=torch.float64)
    for strict in (False, True):
        exported = torch.export.export(layer, (x,), strict=strict).module()
        torch.testing.assert_close(exported(x), layer(x))


def test_empty_batches_pass():
    assert hc.nn.QuaternionLinear(3, 5)(torch.zeros(0, 12)).shape == (0, 20)
    assert hc.nn.QuaternionConv1d(3, 5, 2)(torch.zeros(0, 12, 7)).shape == (0, 20, 6)


def test_representations():
    assert repr(hc.nn.Linear(3, 5, bias=False, algebra=hc.COMPLEX, side="right")) == (
        "Linear(3, 5, bias=False, algebra=COMPLEX, side='right')"
    )
    assert repr(hc.nn.QuaternionConv2d(2, 4, 3, 2, "valid", padding_mode="reflect")) == (
        "QuaternionConv2d(2, 4, kernel_size=(3, 3), stride=(2, 2), padding='valid', "
        "padding_mode='reflect', bias=True, algebra=QUATERNION)"
    )
    assert repr(hc.nn.Split(torch.tanh)) == "Split(tanh)"
    assert repr(hc.nn.Split(nn.ReLU())) == "Split(\n  (function): ReLU()\n)"


# ---------------------------------------------------------------------- bad input

Q = hc.QUATERNION
quaternions = hc.QuaternionTensor(torch.zeros(2, 3, 4))
BAD = [
    (lambda: hc.nn.QuaternionLinear(0, 5), r"`in_features` \(=0\) must be a positive integer"),
    (lambda: hc.nn.QuaternionLinear(3, 2.5), r"`out_features` \(=2.5\) must be a positive integer"),
    (lambda: hc.nn.QuaternionLinear(3, 5, side="up"), r"`side` \(='up'\) must be"),
    (lambda: hc.nn.QuaternionLinear(3, 5, criterion="xavier"), r"`criterion` \(='xavier'\) must be"),
    (lambda: hc.nn.QuaternionConv1d(3, 4, 0), r"`kernel_size` \(=0\) must be a positive integer"),
    (lambda: hc.nn.QuaternionConv2d(3, 4, (3, 3, 3)), "or 2 of them"),
    (lambda: hc.nn.QuaternionConv1d(3, 4, 3, stride=0), r"`stride` \(=0\) must be"),
    (lambda: hc.nn.QuaternionConv1d(3, 4, 3, groups=2), r"`groups` \(=2\) must divide the 3 numbers"),
    (lambda: hc.nn.QuaternionConv1d(4, 3, 3, groups=2), "numbers of `out_channels`"),
    (lambda: hc.nn.QuaternionConv1d(4, 3, 3, groups=0), r"`groups` \(=0\) must be a positive integer"),
    (lambda: hc.nn.QuaternionConv1d(3, 4, 3, padding="full"), r"`padding` \(='full'\) must be .* 'same'"),
    (lambda: hc.nn.QuaternionConv1d(3, 4, 3, 2, "same"), r"needs `stride`=1, not \(2,\)"),
    (lambda: hc.nn.QuaternionConv1d(3, 4, 3, padding_mode="mirror"), r"`padding_mode` \(='mirror'\)"),
    (lambda: hc.nn.QuaternionConvTranspose1d(3, 4, 3, padding_mode="reflect"), "must be 'zeros'"),
    (lambda: hc.nn.QuaternionLinear(3, 5)(torch.zeros(2, 10)), r"4·3 = 12 channels on axis -1"),
    (lambda: hc.nn.QuaternionLinear(3, 5)(torch.tensor(1.0)), r"`input` of shape \(\)"),
    (lambda: hc.nn.QuaternionConv1d(2, 5, 1)(torch.zeros(2, 12, 5)), r"4·2 = 8 channels on axis -2"),
    (lambda: hc.nn.QuaternionConv2d(3, 5, 1)(quaternions), r"\(2, 3\) has no axis of channels"),
    (lambda: F.linear(torch.zeros(4), torch.zeros(1, 1, 3), algebra=Q), r"`weight` of shape"),
    (lambda: F.linear(torch.zeros(4), torch.zeros(1, 4), algebra=Q), r"must have the shape \(O, I, n\)"),
    (lambda: F.linear(torch.zeros(4), torch.zeros(1, 1, 4), torch.zeros(4), algebra=Q), "`bias`"),
    (lambda: F.linear(torch.zeros(4), torch.zeros(3, 1, 4), torch.zeros(2, 4), algebra=Q), r"shape \(O, n\) = \(3, 4\)"),
    (lambda: F.conv_transpose1d(torch.zeros(1, 8, 5), torch.zeros(2, 3, 1, 4), torch.zeros(3, 4), groups=2, algebra=Q), r"= \(6, 4\)"),
    (lambda: hc.nn.QuaternionConvTranspose1d(3, 4, 3, padding="same"), "`padding` .* must be a nonnegative integer"),
    (lambda: F.conv1d(torch.zeros(1, 4, 5), torch.zeros(1, 1, 4), algebra=Q), r"\(O, I/groups, K, n\)"),
    (lambda: F.conv2d(torch.zeros(1, 4, 5, 5), torch.zeros(1, 1, 3, 3, 4), padding="full", algebra=Q), "'same', 'valid' or"),
    (lambda: F.conv1d(torch.zeros(1, 4, 5), torch.zeros(1, 1, 3, 4), stride=2, padding="same", algebra=Q), r"`stride`=1, not \(2,\)"),
    (lambda: F.conv1d(torch.zeros(1, 4, 5), torch.zeros(1, 1, 3, 4), padding_mode="wrap", algebra=Q), "`padding_mode`"),
    (lambda: F.componentwise(torch.sum, torch.zeros(2, 4)), "must keep the shape"),
    (lambda: hc.nn.init.polar_(torch.zeros(3, 4)), r"must be that of a weight"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_named(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_other_algebras_are_refused():
    with pytest.raises(TypeError, match=r"`algebra` \(=OCTONION\) is not that of a"):
        hc.nn.Linear(3, 5, algebra=hc.OCTONION)(quaternions)
    with pytest.raises(TypeError, match=r"`algebra` \(='quaternion'\) must be an Algebra"):
        hc.nn.Linear(3, 5, algebra="quaternion")
    with pytest.raises(TypeError, match=r"QuaternionLinear is over QUATERNION; use Linear for"):
        hc.nn.QuaternionLinear(3, 5, algebra=hc.OCTONION)
    with pytest.raises(RuntimeError, match="same dtype"):
        hc.nn.QuaternionLinear(3, 5)(torch.zeros(2, 12, dtype=torch.float64))
