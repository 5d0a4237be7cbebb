"""Convolutions under every plan: the literal sum, with its gradients, and nothing expanded kept."""

from math import prod

import pytest
import torch
from torch import Tensor, nn

import hypercomplex as hc
from hypercomplex.lowering import LearnedBilinear, use
from hypercomplex.lowering.plans import PLANS, bilinear_convolution

pytestmark = pytest.mark.numerical

Q = hc.QUATERNION
RULE = LearnedBilinear(
    nn.Parameter(torch.linspace(-1, 1, 2 * 4 * 3, dtype=torch.float64).view(2, 4, 3))
)
CONVOLUTIONS = [
    (1, 3, {"stride": 2, "padding": 1}),
    (1, 2, {"padding": "same", "dilation": 3, "side": "right"}),
    (2, 3, {"padding": (1, 0), "groups": 2, "dilation": (1, 2)}),
    (2, 2, {"stride": (1, 2), "bias": False}),
    (2, 1, {}),
    (1, 1, {"bias": False, "side": "right"}),
    (2, 1, {"stride": 2}),
    (3, 2, {"padding": 1}),
]
KINDS = (hc.nn.Conv1d, hc.nn.Conv2d, hc.nn.Conv3d)


def constants(layer) -> Tensor:
    """The constants of the product, the weight being the left factor."""
    product = layer.algebra.product
    if isinstance(product, LearnedBilinear):
        c = product.constants
    else:
        c = torch.zeros(product.shape, dtype=layer.weight.dtype)
        for i, j, k, value in product.constants:
            c[i, j, k] = float(value)
    return c if layer.side == "left" else c.transpose(0, 1)


def literal(layer, x: Tensor) -> Tensor:
    """The definition: every product of a number of the kernel with one under it, summed."""
    d, groups = layer.axes, layer.groups
    x = x.unflatten(1, (layer.input_width, groups, -1))  # (N, n, G, I, *S)
    pads = layer.padding
    if pads == "same":
        reach = [r * (k - 1) for r, k in zip(layer.dilation, layer.kernel_size, strict=True)]
        pads = [(p // 2, p - p // 2) for p in reach]
    else:
        pads = [(p, p) for p in pads]
    x = nn.functional.pad(x, [p for pair in reversed(pads) for p in pair])
    for axis in range(d):  # the kernel's points under each step, last
        size = layer.dilation[axis] * (layer.kernel_size[axis] - 1) + 1
        x = x.unfold(4 + axis, size, layer.stride[axis])
        x = x[..., :: layer.dilation[axis]]
    w = layer.weight.unflatten(0, (groups, -1))
    out, points = "tuv"[:d], "xyz"[:d]
    y = torch.einsum(
        f"abk,goi{points}a,nbgi{out}{points}->nkgo{out}", constants(layer), w, x
    ).flatten(1, 3)
    if layer.bias is not None:
        y = y + layer.bias.t().reshape(-1, *[1] * d)
    return y


def layer_and_input(convolution, algebra, dtype=torch.float64, channels=(4, 2), batch=3):
    axes, kernel, options = convolution
    generator = torch.Generator().manual_seed(0)
    layer = KINDS[axes - 1](*channels, kernel, algebra=algebra, dtype=dtype, **options)
    for p in (layer.weight, layer.bias):
        if p is not None:
            nn.init.normal_(p, generator=generator)
    shape = batch, layer.input_width * channels[0], *range(5, 5 + axes)
    return layer, torch.randn(shape, generator=generator, dtype=dtype, requires_grad=True)


def plans(convolution, algebra) -> list[str | None]:
    """Those that serve, and None."""
    _, kernel, options = convolution
    served: list[str | None] = [None, "block"]
    if kernel == 1 and "stride" not in options:
        served.append("input")
    refused = PLANS["bilinear"].refusal(algebra.product, torch.float64)
    return served if "groups" in options or refused else [*served, "bilinear"]


def gradients(y: Tensor, layer, x: Tensor) -> tuple[Tensor, ...]:
    g = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view_as(y)
    return torch.autograd.grad(y, [x, *layer.parameters()], g)


@pytest.mark.parametrize(
    "algebra", [hc.REAL, hc.COMPLEX, Q, hc.OCTONION, hc.clifford(1, 1, 1), RULE], ids=str
)
@pytest.mark.parametrize("convolution", CONVOLUTIONS, ids=str)
def test_convolutions_are_the_literal_sum(convolution, algebra):
    if algebra is RULE and convolution[2].get("side") == "right":
        algebra = RULE.swapped
    layer, x = layer_and_input(convolution, algebra)
    wanted = literal(layer, x)
    true = gradients(wanted, layer, x)
    for plan in plans(convolution, algebra):
        layer.plan = plan
        y = layer(x)
        torch.testing.assert_close(y, wanted)
        for ours, theirs in zip(gradients(y, layer, x), true, strict=True):
            torch.testing.assert_close(ours, theirs)
        with torch.no_grad():
            torch.testing.assert_close(layer(x), wanted)


TRANSPOSED = [
    (hc.nn.ConvTranspose1d, 3, {"stride": 2, "padding": 1, "output_padding": 1}),
    (hc.nn.ConvTranspose2d, 2, {"groups": 2, "side": "right", "bias": False}),
    (hc.nn.ConvTranspose2d, 1, {}),
    (hc.nn.ConvTranspose3d, 2, {"stride": (1, 2, 1)}),
]


@pytest.mark.parametrize("algebra", [Q, hc.clifford(1, 1, 1), RULE], ids=str)
@pytest.mark.parametrize("case", TRANSPOSED, ids=str)
def test_transposed_convolutions_have_the_gradients_of_the_real_layer(case, algebra):
    kind, kernel, options = case
    layer = kind(4, 2, kernel, algebra=algebra, dtype=torch.float64, **options)
    x = torch.randn(2, layer.input_width * 4, *[4] * layer.axes, dtype=torch.float64)
    real, y = layer.to_real(), layer(x.requires_grad_())
    torch.testing.assert_close(y, real(x))
    (ours, *_), (theirs, *_) = gradients(y, layer, x), gradients(real(x), real, x)
    torch.testing.assert_close(ours, theirs)
    call = lambda w: torch.func.functional_call(layer, {"weight": w}, x)
    assert torch.autograd.gradcheck(call, layer.weight, fast_mode=True)


@pytest.mark.parametrize("convolution", [CONVOLUTIONS[i] for i in (1, 2, 4)], ids=str)
@pytest.mark.parametrize("algebra", [Q, RULE], ids=str)
def test_derivatives_of_derivatives(algebra, convolution):
    if algebra is RULE and convolution[2].get("side") == "right":
        algebra = RULE.swapped
    layer, x = layer_and_input(convolution, algebra, channels=(2, 2), batch=1)
    names, values = zip(*layer.named_parameters(), strict=True)

    def call(x: Tensor, *values: Tensor) -> Tensor:
        return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), x)

    for layer.plan in plans(convolution, algebra):
        assert torch.autograd.gradcheck(call, (x, *values), check_forward_ad=True, fast_mode=True)
        assert torch.autograd.gradgradcheck(call, (x, *values), fast_mode=True)


# ---------------------------------------------------------------------- what is kept


def kept(layer, x: Tensor) -> int:
    """The bytes that are saved for the backward pass, each storage once."""
    storages = {}

    def pack(t: Tensor) -> Tensor:
        storages[t.untyped_storage().data_ptr()] = t.untyped_storage().nbytes()
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        layer(x)
    return sum(storages.values())


@pytest.mark.parametrize(
    ("make", "real"),
    [
        (lambda: hc.nn.QuaternionConv2d(8, 8, 3, padding=1), lambda: nn.Conv2d(32, 32, 3, padding=1)),
        (lambda: hc.nn.QuaternionConv2d(8, 8, 3, plan="bilinear"), lambda: nn.Conv2d(32, 32, 3)),
        (lambda: hc.nn.QuaternionConv2d(8, 8, 1, plan="block"), lambda: nn.Conv2d(32, 32, 1)),
        (lambda: hc.nn.QuaternionConv2d(8, 8, 1, plan="input"), lambda: nn.Conv2d(32, 32, 1)),
        (lambda: hc.nn.QuaternionConv2d(8, 8, 1, plan="bilinear"), lambda: nn.Conv2d(32, 32, 1)),
        (lambda: hc.nn.QuaternionConv2d(8, 8, 3, groups=4), lambda: nn.Conv2d(32, 32, 3, groups=4)),
        (lambda: hc.nn.QuaternionConvTranspose2d(8, 8, 3), lambda: nn.ConvTranspose2d(32, 32, 3)),
    ],
)  # fmt: skip
def test_no_more_is_kept_than_by_torch_with_its_weight_counted_compact(make, real):
    ours, torchs, x = make(), real(), torch.randn(2, 32, 6, 6, requires_grad=True)
    more = 4 * (torchs.weight.numel() - ours.weight.numel())
    assert kept(ours, x) <= kept(torchs, x) - more
    assert kept(ours, x) == 4 * (x.numel() + ours.weight.numel())


# ---------------------------------------------------------------------- layouts


@pytest.mark.parametrize("plan", [None, *PLANS])
def test_pixels_as_they_lie(plan):
    """A kernel of one point keeps channels last, and takes a batch of one pixel each as rows."""
    layer, x = layer_and_input((2, 1, {}), Q)
    layer.plan = plan
    wanted = literal(layer, x)
    last = x.detach().to(memory_format=torch.channels_last).requires_grad_()
    y = layer(last)
    torch.testing.assert_close(y, wanted)
    assert y.is_contiguous(memory_format=torch.channels_last)
    for ours, true in zip(gradients(y, layer, last), gradients(wanted, layer, x), strict=True):
        torch.testing.assert_close(ours, true)
    one = x[..., :1, :1]
    torch.testing.assert_close(layer(one), wanted[..., :1, :1])
    torch.testing.assert_close(layer(x[0]), wanted[0])
    assert layer(x[:0]).shape == (0, *wanted.shape[1:])
    assert prod(layer(x[..., :0]).shape) == 0


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("plan", [None, *PLANS])
def test_images_whose_pixels_lie_in_any_order(plan, kernel):
    layer, x = layer_and_input((2, kernel, {}), Q)
    if plan == "input" and kernel > 1:
        pytest.skip("'input' is for kernels of one point")
    layer.plan = plan
    flipped = x.detach().mT.contiguous().mT.requires_grad_()
    y, wanted = layer(flipped), literal(layer, x)
    torch.testing.assert_close(y, wanted)
    for ours, true in zip(gradients(y, layer, flipped), gradients(wanted, layer, x), strict=True):
        torch.testing.assert_close(ours, true)


@pytest.mark.parametrize("kernel", [1, 3])
def test_channels_last_stay_last(kernel):
    """Where that is torch's way: a kernel of several points that nobody has asked a plan for."""
    layer = hc.nn.QuaternionConv2d(32, 32, kernel)
    x = torch.randn(2, 128, 8, 8).to(memory_format=torch.channels_last)
    assert layer(x).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("plan", ["block", "bilinear"])
def test_results_may_be_written_into(kernel, plan):
    layer, x = layer_and_input((2, kernel, {}), Q)
    layer.plan = plan
    (ours,) = torch.autograd.grad(layer(x).relu_().sum(), x)
    torch.testing.assert_close(ours, torch.autograd.grad(literal(layer, x).relu().sum(), x)[0])


@pytest.mark.parametrize("plan", ["block", "bilinear"])
def test_no_images_give_none(plan):
    layer = hc.nn.QuaternionConv2d(4, 2, 3, plan=plan)
    x = torch.randn(0, 16, 6, 6, requires_grad=True)
    y = layer(x)
    assert y.shape == (0, 8, 4, 4)
    y.sum().backward()
    assert not layer.weight.grad.any()


@pytest.mark.parametrize("algebra", [Q, hc.OCTONION], ids=str)
@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("size", [2, 40])
def test_some_images_or_pixels_at_a_time(monkeypatch, algebra, kernel, size):
    """A few images, the last of them fewer, and a part of a large one."""
    monkeypatch.setattr(bilinear_convolution, "_AT_A_TIME", 1)
    layer, _ = layer_and_input((2, kernel, {"padding": kernel // 2}), algebra, channels=(3, 2))
    monkeypatch.setattr(bilinear_convolution, "_PIXELS", 2 * size**2 // 3)
    monkeypatch.setattr(bilinear_convolution, "_TOGETHER", 2 * size**2)
    x = torch.randn(5, 3 * algebra.dimension, size, size, dtype=torch.float64, requires_grad=True)
    wanted = literal(layer, x)
    layer.plan = "bilinear"
    y = layer(x)
    torch.testing.assert_close(y, wanted)
    for ours, true in zip(gradients(y, layer, x), gradients(wanted, layer, x), strict=True):
        torch.testing.assert_close(ours, true)
    for needed in (x, layer.weight):
        (alone,) = torch.autograd.grad(layer(x).sum(), needed)
        torch.testing.assert_close(alone, torch.autograd.grad(literal(layer, x).sum(), needed)[0])


@pytest.mark.parametrize("algebra", [Q, hc.OCTONION], ids=str)
@pytest.mark.parametrize("kernel", [1, 3])
def test_rounding_errors_are_at_most_two_and_a_half_times_those_of_blocks(algebra, kernel):
    layer, x = layer_and_input((2, kernel, {}), algebra, channels=(32, 8))
    wanted = layer(x)
    layer.float()
    errors = {}
    for layer.plan in ("block", "bilinear"):
        errors[layer.plan] = (layer(x.float()) - wanted).square().mean().sqrt()
    assert errors["bilinear"] <= 2.5 * errors["block"]


# ---------------------------------------------------------------------- who looks on


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("plan", [None, "block", "bilinear"])
def test_transforms_compiler_meta_and_autocast(kernel, plan):
    layer, x = layer_and_input((2, kernel, {}), Q, torch.float32)
    layer.plan = plan
    y = layer(x)
    mapped = torch.func.vmap(layer)(torch.stack([x, 2 * x]))
    torch.testing.assert_close(mapped[0], y)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), y)
    for ours, true in zip(gradients(compiled(x), layer, x), gradients(y, layer, x), strict=True):
        torch.testing.assert_close(ours, true)
    program = torch.export.export(layer, (x,))
    torch.testing.assert_close(program.module()(x), y)
    with torch.autocast("cpu", torch.bfloat16):
        half = layer(x)
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), y, atol=0.2, rtol=0.1)
    half.sum().backward()
    assert layer.weight.grad.dtype == torch.float32
    assert layer.to("meta")(x.to("meta")).shape == y.shape


@pytest.mark.parametrize("plan", ["block", "bilinear"])
def test_typed_images_and_weights_in_torchs_own_function(plan):
    """Their components are kept, which a backward pass sees without the type."""
    x, w = (
        hc.QuaternionTensor(torch.randn(*shape, 4, dtype=torch.float64))
        for shape in ((2, 3, 5, 5), (2, 3, 3, 3))
    )
    w.requires_grad_()
    with use(plan):
        y = torch.nn.functional.conv2d(x, w)
        y.components.square().sum().backward()
    layer = hc.nn.QuaternionConv2d(3, 2, 3, bias=False, dtype=torch.float64)
    layer.weight.data.copy_(w.components.detach())
    literal(layer, x.components.movedim(-1, 1).flatten(1, 2)).square().sum().backward()
    torch.testing.assert_close(w.grad.components, layer.weight.grad)


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("strict", [True, False])
def test_batches_of_any_size_are_exported(kernel, strict):
    layer = hc.nn.QuaternionConv2d(4, 4, kernel)
    batch = {0: torch.export.Dim("batch", min=2, max=64)}
    x = torch.randn(5, 16, 6, 6)
    program = torch.export.export(layer, (x,), dynamic_shapes=(batch,), strict=strict)
    for count in (2, 7):
        several = torch.randn(count, 16, 6, 6)
        torch.testing.assert_close(program.module()(several), layer(several))


# ---------------------------------------------------------------------- the choice


def chosen(layer, *shape: int) -> tuple[str, ...]:
    return hc.explain(layer, shape).chosen


def test_the_choice_by_shapes():
    assert chosen(hc.nn.QuaternionConv2d(64, 64, 3), 4, 256, 16, 16) == ("bilinear",)
    assert chosen(hc.nn.QuaternionConv2d(4, 4, 3), 4, 16, 16, 16) == ("block",)
    assert chosen(hc.nn.QuaternionConv2d(64, 64, 3, groups=2), 4, 256, 16, 16) == ("block",)
    assert chosen(hc.nn.QuaternionConvTranspose2d(64, 64, 3), 4, 256, 16, 16) == ("block",)
    assert chosen(hc.nn.QuaternionConv2d(512, 512, 1), 1, 2048, 2, 2) == ("input",)
    assert chosen(hc.nn.QuaternionConv2d(512, 512, 1), 4, 2048, 14, 14) == ("bilinear",)
    assert "at each of 9 points" in str(
        hc.explain(hc.nn.QuaternionConv2d(64, 64, 3), (4, 256, 16, 16))
    )


def test_plans_that_do_not_serve_are_refused():
    x = torch.randn(1, 16, 5, 5)
    for layer, plan in (
        (hc.nn.QuaternionConv2d(4, 4, 3, plan="input"), "input"),
        (hc.nn.QuaternionConv2d(4, 4, 3, groups=2, plan="bilinear"), "bilinear"),
        (hc.nn.Conv2d(4, 4, 3, algebra=LearnedBilinear.like(Q), plan="bilinear"), "bilinear"),
    ):
        with pytest.raises(ValueError, match=rf"`plan` \(='{plan}'\) does not serve here"):
            layer(x)
    assert "fractions" in PLANS["bilinear"].refusal(Q.product, torch.int64)
    with use("block"):
        assert chosen(hc.nn.QuaternionConv2d(64, 64, 3), 4, 256, 16, 16) == ("block",)
    assert "plan='block'" in repr(hc.nn.QuaternionConv2d(1, 1, 1, plan="block"))


def test_frozen_convolutions_lower_their_weight_once():
    layer, x = hc.nn.freeze(hc.nn.QuaternionConv2d(8, 8, 3)), torch.randn(2, 32, 6, 6)
    for layer.plan in (None, "bilinear"):
        with torch.no_grad():
            layer(x)
            (made,) = layer.kept._last[1].values()
            layer(x)
            (again,) = layer.kept._last[1].values()
            assert again is made
            layer.weight.data.mul_(2)
            torch.testing.assert_close(layer(x), hc.nn.unfreeze(layer)(x))
        hc.nn.freeze(layer)
