"""By default the bugs of the reference are gone, and nothing else; and the door opens wide."""

from __future__ import annotations

import copy
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import hypercomplex as hc
from hypercomplex.compat import speechbrain as sb
from hypercomplex.functional import conj, product

GOLDEN = Path(__file__).parent / "golden"
DOUBLE = {"dtype": torch.float64}
Weights = tuple[Tensor, Tensor, Tensor, Tensor]

every_network = pytest.mark.parametrize("network", [sb.QRNN, sb.QLSTM, sb.QLiGRU])


def four(*shape: int, scale: float = 1.0, requires_grad: bool = False) -> Weights:
    r, i, j, k = (torch.randn(*shape, **DOUBLE) * scale for _ in range(4))
    for weight in (r, i, j, k):
        weight.requires_grad_(requires_grad)
    return r, i, j, k


def numbers(folded: Tensor, dim: int = -1) -> Tensor:
    return torch.stack(folded.chunk(4, dim), -1)


def rotated(w: Tensor, v: Tensor, margin: Tensor, sign: int) -> Tensor:
    """One vector turned by one weight, in the form 1 - 2 (…) of slightly short units."""
    n = w / margin
    n = n if sign == 1 else conj(n, hc.QUATERNION)
    pure = torch.cat((torch.zeros(1, **DOUBLE), v))
    turned = product(product(n, pure, hc.QUATERNION), conj(n, hc.QUATERNION), hc.QUATERNION)
    return torch.cat((torch.zeros(1, **DOUBLE), turned[1:] + (1 - n.square().sum()) * v))


# Strictness


def test_strict_nests_and_belongs_to_one_thread() -> None:
    seen = []
    with sb.strict():
        with sb.strict():
            pass
        assert sb.is_strict()
        thread = threading.Thread(target=lambda: seen.append(sb.is_strict()))
        thread.start()
        thread.join()
    assert seen == [False]
    assert not sb.is_strict()


def test_strict_closes_after_errors() -> None:
    with pytest.raises(ValueError, match="weight_init"), sb.strict():
        sb.QLinear(3, 8, weight_init="uniform")
    assert not sb.is_strict()


def test_strict_is_asked_at_the_call() -> None:
    x = torch.randn(2, 2, 2, 4)
    with sb.strict():
        built_inside = sb.QPooling2d("max", 2)
        wrong = built_inside(x)
    built_outside = sb.QPooling2d("max", 2)
    torch.testing.assert_close(built_inside(x), built_outside(x))
    with sb.strict():
        torch.testing.assert_close(built_outside(x), wrong)
    assert not torch.equal(built_inside(x)[1], wrong[1])


def test_compiled_code_notices_strict() -> None:
    pool = sb.QPooling2d("max", 2)
    compiled = torch.compile(pool, backend="eager")
    x = torch.randn(2, 2, 2, 4)
    torch.testing.assert_close(compiled(x), pool(x))
    with sb.strict():
        torch.testing.assert_close(compiled(x), pool(x))
    torch.testing.assert_close(compiled(x), pool(x))


# Convolutions


@pytest.mark.parametrize("axes", [1, 2])
def test_groups_hold_whole_quaternions(axes: int) -> None:
    size = (7,) * axes
    layer_type = sb.QConv1d if axes == 1 else sb.QConv2d
    layer = layer_type(6, 3, (2, *size, 16), groups=2, padding="valid").double()
    native_type = hc.nn.QuaternionConv1d if axes == 1 else hc.nn.QuaternionConv2d
    native = native_type(4, 6, 3, groups=2).double()
    native.weight.data = torch.stack(layer.weights, -1).data
    x = torch.randn(2, *size, 16, **DOUBLE)
    torch.testing.assert_close(layer(x), native(x.transpose(1, -1)).transpose(1, -1))


def test_shapes_of_spinors_are_known_without_values() -> None:
    for layer, shape in (
        (sb.QLinear(3, 8, spinor=True), (5, 8)),
        (sb.QConv1d(4, 3, (2, 7, 8), spinor=True), (2, 7, 8)),
    ):
        assert layer.to("meta")(torch.ones(shape, device="meta")).is_meta


@pytest.mark.parametrize("groups", [1, 2])
def test_spinor_convolution_rotates(groups: int) -> None:
    shape = (1, 4, 5, 8)
    layer = sb.QConv2d(4, (1, 3), shape, spinor=True, vector_scale=True, groups=groups, swap=True)
    layer = layer.double()
    layer.bias.data.normal_()
    x = torch.randn(*shape, **DOUBLE)
    y = numbers(layer(x))
    padded = numbers(nn.functional.pad(x.movedim(-1, 1), (1, 1, 0, 0), mode="reflect"), 1)
    weight = torch.stack(layer.weights, -1)
    assert layer.scale_param is not None
    expected = numbers(layer.bias.expand(*y.shape[:3], -1)).clone()
    for m in range(4):
        for n in range(2 // groups):
            channel = n + (m // 2) * (2 // groups) * (groups - 1)
            for s in range(3):
                w = weight[m, n, 0, s]
                margin = (w.square().sum() + 1e-4).sqrt()
                for a in range(4):
                    for b in range(5):
                        v = padded[0, channel, a, b + s, 1:]
                        turned = rotated(w, v, margin, sign=1)
                        expected[0, a, b, m] += layer.scale_param[m, n, 0, s] * turned
    torch.testing.assert_close(y, expected)


def test_every_axis_has_its_own_stride_and_dilation() -> None:
    x = torch.randn(1, 9, 11, 8)
    tuples = sb.QConv2d(2, 3, x.shape, stride=(1, 2), dilation=(2, 1), padding="valid", swap=True)
    every = sb.QConv2d(2, 3, x.shape, dilation=(2, 1), padding="valid", swap=True)
    every.load_state_dict(tuples.state_dict())
    torch.testing.assert_close(tuples(x), every(x)[:, :, ::2])
    assert every(x).shape == (1, 5, 9, 8)
    with sb.strict():
        assert tuples(x).shape == (1, 5, 7, 8)


def test_swap_exchanges_the_axes() -> None:
    x = torch.randn(2, 5, 6, 8)
    layer = sb.QConv2d(3, (1, 3), x.shape)
    swapped = sb.QConv2d(3, (1, 3), x.shape, swap=True)
    swapped.load_state_dict(layer.state_dict())
    torch.testing.assert_close(swapped(x), layer(x.transpose(1, 2)).transpose(1, 2))


def test_skip_transpose_takes_channels_first() -> None:
    x = torch.randn(2, 8, 5, 6)
    layer = sb.QConv2d(3, (1, 3), x.shape, skip_transpose=True)
    outside = sb.QConv2d(3, (1, 3), x.movedim(1, -1).shape, swap=True)
    outside.load_state_dict(layer.state_dict())
    torch.testing.assert_close(layer(x), outside(x.movedim(1, -1)).movedim(-1, 1))


def test_same_padding_keeps_dilation_when_strided() -> None:
    x = torch.randn(2, 9, 8)
    strided = sb.QConv1d(3, 3, x.shape, stride=2, dilation=2)
    every = sb.QConv1d(3, 3, x.shape, dilation=2)
    every.load_state_dict(strided.state_dict())
    torch.testing.assert_close(strided(x), every(x)[:, ::2])
    with sb.strict():
        assert strided(x).shape == (2, 4, 12)


def test_no_bias_moves_with_the_layer() -> None:
    layer = sb.QConv1d(3, 3, (2, 9, 8), bias=False)
    assert "bias" not in layer.state_dict()
    assert layer.double()(torch.randn(2, 9, 8, **DOUBLE)).dtype == torch.float64
    assert "bias" in sb.QConv2d(3, 3, (2, 9, 9, 8), bias=False).state_dict()


# Linear maps


def test_frozen_bias_and_scale_take_part() -> None:
    layer = sb.QLinear(3, 8, spinor=True, vector_scale=True)
    layer.bias.data.normal_()
    x = torch.randn(5, 8)
    expected = layer(x)
    layer.requires_grad_(False)
    torch.testing.assert_close(layer(x), expected)
    with sb.strict():
        assert not torch.allclose(layer(x), expected)
    parameters = {k: v.detach() for k, v in layer.state_dict().items()}
    torch.testing.assert_close(torch.func.functional_call(layer, parameters, (x,)), expected)


@pytest.mark.parametrize("spinor", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("shape", [(8,), (5, 8), (2, 3, 8), (2, 3, 4, 8)])
def test_saving_memory_changes_nothing(spinor: bool, bias: bool, shape: tuple[int, ...]) -> None:
    options: dict[str, Any] = {"bias": bias, "spinor": spinor, "vector_scale": True}
    plain = sb.QLinear(3, 8, **options).double()
    saving = sb.QLinear(3, 8, autograd=False, **options).double()
    saving.load_state_dict(plain.state_dict())
    x = (
        torch.randn(*shape, **DOUBLE).transpose(0, -2)
        if len(shape) > 1
        else torch.randn(8).double()
    )
    results = []
    for layer in (plain, saving):
        leaf = x.detach().requires_grad_()
        y = layer(leaf)
        y.square().sum().backward()
        gradients = {k: p.grad for k, p in layer.named_parameters() if p.requires_grad}
        results.append((y, leaf.grad, gradients))
    torch.testing.assert_close(results[0], results[1])


def saved_bytes(function: Any, *arguments: Tensor) -> int:
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        function(*arguments)
    return sum(kept.values())


@pytest.mark.parametrize("spinor", [False, True])
def test_saving_memory_keeps_the_input_and_the_compact_weights(spinor: bool) -> None:
    x = torch.randn(16, 256, requires_grad=True)
    saving = sb.QLinear(64, 256, autograd=False, spinor=spinor)
    weights = 4 * saving.r_weight.nbytes
    assert saved_bytes(saving, x) <= x.nbytes + weights + saving.bias.nbytes
    assert saved_bytes(sb.QLinear(64, 256, spinor=spinor), x) > 2 * weights


@pytest.mark.parametrize("bias", [False, True])
def test_custom_backward_differentiates_twice_and_forwards(bias: bool) -> None:
    x = torch.randn(3, 8, **DOUBLE, requires_grad=True)
    weights = four(2, 3, requires_grad=True)
    offset = torch.randn(12, **DOUBLE, requires_grad=True) if bias else None
    apply = sb.QuaternionLinearCustomBackward.apply
    arguments = (x, *weights, offset)
    assert torch.autograd.gradcheck(apply, arguments, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(apply, arguments)


@pytest.mark.parametrize("scaled", [False, True])
def test_spinor_that_saves_memory_differentiates_twice(scaled: bool) -> None:
    layer = sb.QLinear(2, 4, spinor=True, autograd=False, vector_scale=scaled).double()
    names = [k for k, p in layer.named_parameters() if p.requires_grad]
    x = torch.randn(3, 4, **DOUBLE, requires_grad=True)

    def call(x: Tensor, *values: Tensor) -> Tensor:
        return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), (x,))

    values = [p.detach().clone().requires_grad_() for _, p in layer.named_parameters()
              if p.requires_grad]  # fmt: skip
    assert torch.autograd.gradcheck(call, (x, *values))
    assert torch.autograd.gradgradcheck(call, (x, *values))


def test_custom_backward_in_transforms() -> None:
    weights = four(2, 3)
    x = torch.randn(5, 4, 8, **DOUBLE)

    def loss(operation: Any, r: Tensor, x: Tensor) -> Tensor:
        return operation(x, r, *weights[1:], None).square().sum()

    def per_sample(operation: Any) -> Tensor:
        gradient = torch.func.grad(lambda r, x: loss(operation, r, x))
        return torch.func.vmap(gradient, (None, 0))(weights[0], x)

    apply = sb.QuaternionLinearCustomBackward.apply
    torch.testing.assert_close(per_sample(apply), per_sample(sb.quaternion_linear_op))
    hessian = torch.func.hessian(lambda r: loss(apply, r, x[0]))(weights[0])
    expected = torch.func.hessian(lambda r: loss(sb.quaternion_linear_op, r, x[0]))(weights[0])
    torch.testing.assert_close(hessian, expected)


def test_gradients_of_three_parts_do_not_need_the_fourth() -> None:
    layer = sb.QLinear(3, 8, autograd=False)
    layer.r_weight.requires_grad_(False)
    layer(torch.randn(5, 8)).sum().backward()
    assert layer.i_weight.grad is not None
    layer.zero_grad()
    with sb.strict():
        layer(torch.randn(5, 8)).sum().backward()
    assert layer.i_weight.grad is None


def test_strict_custom_backward_takes_matrices() -> None:
    weights = four(2, 3)
    with sb.strict(), pytest.raises(RuntimeError, match="must be a matrix"):
        sb.QuaternionLinearCustomBackward.apply(torch.randn(2, 3, 8, **DOUBLE), *weights, None)


def test_linear_spinor_rotates_backwards() -> None:
    layer = sb.QLinear(2, 12, spinor=True).double()
    x = torch.randn(12, **DOUBLE)
    y, v, w = numbers(layer(x)), numbers(x)[:, 1:], torch.stack(layer.weights, -1)
    for m in range(2):
        turned = [rotated(w[n, m], v[n], w[n, m].norm() + 1e-4, sign=-1) for n in range(3)]
        torch.testing.assert_close(y[m], torch.stack(turned).sum(0))


@pytest.mark.parametrize("autograd", [True, False])
def test_zero_weights_have_finite_gradients(autograd: bool) -> None:
    layer = sb.QLinear(3, 8, spinor=True, autograd=autograd)
    for weight in layer.weights:
        nn.init.zeros_(weight)
    layer(torch.randn(5, 8)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in layer.weights)


# The largest norm


@pytest.mark.parametrize("training", [True, False])
def test_largest_norm_is_traced(training: bool) -> None:
    layer = sb.QLinear(3, 8, max_norm=0.5).train(training)
    x = torch.randn(4, 8)
    traced = torch.jit.trace(copy.deepcopy(layer), x)
    torch.testing.assert_close(traced(x), layer(x))


@pytest.mark.parametrize("max_norm", [0.5, 3.0])
def test_largest_norm_keeps_zeros(max_norm: float) -> None:
    weights = four(3, 5)
    for weight in weights:
        weight[0, 0] = 0
    before = torch.stack(weights)
    sb.renorm_quaternion_weights_inplace(*weights, max_norm)
    after = torch.stack(weights)
    norms = after.square().sum((0, 2)).sqrt()
    assert (norms <= max_norm).all()
    kept = before.square().sum((0, 2)).sqrt() <= max_norm
    torch.testing.assert_close(after[:, kept], before[:, kept], rtol=0, atol=0)
    with sb.strict():
        sb.renorm_quaternion_weights_inplace(*weights, max_norm)
    assert weights[0][0, 0].isnan()


def test_evaluation_limits_without_writing() -> None:
    layer = sb.QLinear(3, 8, max_norm=0.5)
    x = torch.randn(5, 8)
    before = copy.deepcopy(layer.state_dict())
    evaluated = layer.eval()(x)
    evaluated.sum().backward()
    gradient = layer.r_weight.grad.clone()
    torch.testing.assert_close(layer.state_dict(), before, rtol=0, atol=0)
    with torch.no_grad():
        layer.train()(x)
    torch.testing.assert_close(layer.state_dict(), before, rtol=0, atol=0)
    layer.zero_grad()
    trained = layer(x)
    trained.sum().backward()
    torch.testing.assert_close(trained, evaluated)
    torch.testing.assert_close(layer.r_weight.grad, gradient)
    assert not torch.equal(layer.r_weight, before["r_weight"])


def test_a_limited_layer_can_be_used_twice() -> None:
    layer = sb.QLinear(2, 8, max_norm=0.5)
    layer(layer(torch.randn(5, 8))).sum().backward()
    assert layer.r_weight.grad is not None


# Initialisation


def test_initialisation_leaves_numpy_alone_and_layers_differ() -> None:
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    first, second = sb.QLinear(4, 16), sb.QLinear(4, 16)
    assert (np.random.get_state()[1] == before).all()
    moduli = [torch.stack(layer.weights).norm(dim=0) for layer in (first, second)]
    assert not torch.allclose(*moduli, rtol=1e-2)
    with sb.strict():
        first, second = sb.QLinear(4, 16), sb.QLinear(4, 16)
    moduli = [torch.stack(layer.weights).norm(dim=0) for layer in (first, second)]
    torch.testing.assert_close(*moduli, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize(("criterion", "squared"), [("glorot", 2 / 150), ("he", 2 / 100)])
def test_initialisation_has_the_right_scale(criterion: str, squared: float) -> None:
    parts = torch.stack(sb.quaternion_init(100, 50, None, criterion))
    assert parts.shape == (4, 100, 50)
    assert abs(parts.square().sum(0).mean().item() / squared - 1) < 0.05
    assert abs(parts[0].square().mean().item() / (squared / 2) - 1) < 0.1
    kernels = torch.stack(sb.quaternion_init(10, 5, (2, 5), criterion))
    assert kernels.shape == (4, 5, 10, 2, 5)
    assert abs(kernels.square().sum(0).mean().item() / squared - 1) < 0.2


def test_layers_are_built_on_the_meta_device() -> None:
    with torch.device("meta"):
        assert sb.QLinear(3, 8).r_weight.is_meta
        assert sb.QLSTM(3, (2, 5, 8), dropout=0.1).rnn[0].w.r_weight.is_meta


# Batch normalisation


def reference_normalised(x: Tensor, eps: float = 1e-4) -> Tensor:
    q = numbers(x.reshape(-1, x.shape[-1]))
    centred = q - q.mean(0)
    variance = centred.square().sum(-1).mean(0)
    y = centred / (variance + eps).sqrt().unsqueeze(-1)
    return y.movedim(-1, -2).reshape(x.shape)


@pytest.mark.parametrize("shape", [(6, 8), (3, 5, 8), (2, 3, 4, 8)])
def test_batch_normalisation_takes_all_axes(shape: tuple[int, ...]) -> None:
    norm = sb.QBatchNorm(8).double()
    x = torch.randn(*shape, **DOUBLE) * 2 + 1
    torch.testing.assert_close(norm(x), reference_normalised(x))
    assert norm.running_mean is not None
    assert norm.running_mean.shape == (8,)
    torch.testing.assert_close(norm.eval()(x), reference_normalised(x))
    norm.eval()(torch.randn(7, 8, **DOUBLE))


def test_strict_batch_normalisation_keeps_positions_and_its_checkpoints_load() -> None:
    x = torch.randn(6, 5, 8)
    norm = sb.QBatchNorm(8)
    with sb.strict():
        norm(x), norm(x)
        expected = norm.eval()(x)
    assert norm.running_mean is not None
    assert norm.running_mean.shape == (5, 8)
    fresh = sb.QBatchNorm(8)
    fresh.load_state_dict(norm.state_dict())
    torch.testing.assert_close(fresh.eval()(x), expected)
    fresh.train()(x)
    assert fresh.running_mean is not None
    assert fresh.running_mean.shape == (5, 8)
    for wrong in (x[:, :4], x[:, 0]):
        with pytest.raises(ValueError, match=r"must have the shape \(N, 5, 8\)"):
            fresh(wrong)
    with pytest.raises(RuntimeError, match="size mismatch"):
        sb.QBatchNorm(16).load_state_dict(norm.state_dict())


def test_batch_normalisation_of_another_axis() -> None:
    x = torch.randn(6, 8, 5)
    torch.testing.assert_close(
        sb.QBatchNorm(8, dim=1)(x), sb.QBatchNorm(8)(x.transpose(1, 2)).transpose(1, 2)
    )


@pytest.mark.parametrize("momentum", [0.1, None])
def test_untracked_batch_normalisation(momentum: float | None) -> None:
    norm = sb.QBatchNorm(8, momentum=momentum, track_running_stats=False)
    x = torch.randn(6, 8)
    torch.testing.assert_close(norm.eval()(x), norm.train()(x))


def test_momentum_none_takes_the_mean_of_all() -> None:
    norm = sb.QBatchNorm(8, momentum=None)
    batches = torch.randn(5, 6, 8)
    for batch in batches:
        norm(batch)
    torch.testing.assert_close(norm.running_mean, batches.mean((0, 1)))


def test_statistics_of_half_precision_stay_precise() -> None:
    norm = sb.QBatchNorm(8)
    norm(torch.randn(6, 8, dtype=torch.bfloat16))
    assert norm.running_mean is not None
    assert norm.running_mean.dtype == torch.float32


def graph_size(tensor: Tensor) -> int:
    seen, waiting = set(), [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [parent for parent, _ in node.next_functions]
    return len(seen)


@pytest.mark.parametrize("strict", [False, True])
def test_training_leaks_no_graph(strict: bool) -> None:
    net = sb.QLiGRU(2, (4, 3, 8))
    x = torch.randn(4, 3, 8)
    if strict:
        with sb.strict():
            sizes = {graph_size(net(x)[0]) for _ in range(50)}
    else:
        sizes = {graph_size(net(x)[0]) for _ in range(50)}
    assert len(sizes) == 1
    copied = copy.deepcopy(net)
    torch.testing.assert_close(copied.eval()(x), net.eval()(x))
    net(x)[0].sum().backward()
    net(x)[0].sum().backward()


# Pooling


def naive_pooling(x: Tensor, kernel: tuple[int, int], stride: tuple[int, int]) -> Tensor:
    q = numbers(x)
    batch, height, width, n, _ = q.shape
    rows = (height - kernel[0]) // stride[0] + 1
    columns = (width - kernel[1]) // stride[1] + 1
    y = torch.zeros(batch, rows, columns, n, 4, **DOUBLE)
    for b in range(batch):
        for r in range(rows):
            for c in range(columns):
                for m in range(n):
                    top, left = r * stride[0], c * stride[1]
                    window = q[b, top : top + kernel[0], left : left + kernel[1], m].reshape(-1, 4)
                    y[b, r, c, m] = window[window.square().sum(-1).argmax()]
    return y.movedim(-1, -2).flatten(-2)


@pytest.mark.parametrize("stride", [None, 1, (2, 1)])
def test_largest_quaternion_of_every_window(stride: Any) -> None:
    x = torch.randn(3, 6, 7, 12, **DOUBLE)
    steps = (2, 3) if stride is None else (stride, stride) if stride == 1 else stride
    pooled = sb.QPooling2d("max", (2, 3), stride=stride)(x)
    torch.testing.assert_close(pooled, naive_pooling(x, (2, 3), steps))


@pytest.mark.parametrize("name", ["qpool_max_b1_n1", "qpool_max_b1_n1_stride1", "qpool_max_b1_n2"])
def test_largest_quaternion_equals_the_right_values(name: str) -> None:
    archive = np.load(GOLDEN / f"{name}.npz")
    arguments = json.loads(str(archive["meta"]))["args"]
    x = torch.from_numpy(archive["x"]).requires_grad_()
    y = sb.QPooling2d(**arguments)(x)
    torch.testing.assert_close(y.detach(), torch.from_numpy(archive["y_correct"]))
    y.backward(torch.from_numpy(archive["gy"]))
    torch.testing.assert_close(x.grad, torch.from_numpy(archive["grad_x_correct"]))


def test_pooling_of_three_axes_pools_the_quaternions_themselves() -> None:
    x = torch.randn(10, 15, 12)
    y = sb.QPooling2d("avg", (5, 3))(x)
    torch.testing.assert_close(y, x.view(10, 3, 5, 4, 3).mean((2, 4)))
    largest = sb.QPooling2d("max", (5, 3))(x)
    squares = x.view(10, 3, 5, 4, 3).square().sum(3).flatten(2).amax(2)
    torch.testing.assert_close(largest.square().sum(-1), squares)


def test_dilated_pooling() -> None:
    x = torch.randn(2, 5, 1, 4)
    y = sb.QPooling2d("max", (3, 1), dilation=2)(x)
    squares = x[:, ::2].square().sum(-1).amax(1)
    torch.testing.assert_close(y.square().sum(-1).squeeze(1), squares)


# Recurrent networks


def stepwise(layer: Any, x: Tensor, h: Tensor, mask: Tensor) -> Tensor:
    """One layer by its equations, one step at a time, in the words of its two maps."""
    kind, c, states = type(layer), torch.zeros_like(h), []
    inputs = layer.w(x)
    if kind is sb.QLiGRU_Layer:
        inputs = layer.norm(inputs.flatten(0, 1)).view_as(inputs)
    for t in range(x.shape[1]):
        parts = (inputs[:, t] + layer.u(h)).chunk(4, -1)
        if kind is sb.QRNN_Layer:
            h = torch.tanh(torch.cat(parts, -1)) * mask
        elif kind is sb.QLSTM_Layer:
            i, f, o, g = parts
            c = f.sigmoid() * c + i.sigmoid() * g.tanh() * mask
            h = o.sigmoid() * c.tanh()
        else:
            a, z = torch.cat(parts[:2], -1), torch.cat(parts[2:], -1).sigmoid()
            h = z * h + (1 - z) * nn.functional.leaky_relu(a) * mask
        states.append(h)
    return torch.stack(states, 1)


def scrambled(network: nn.Module) -> nn.Module:
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.5)
    return network.double()


@every_network
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("dropped", [False, True])
def test_networks_equal_their_equations(network: Any, bidirectional: bool, dropped: bool) -> None:
    net = scrambled(network(2, (3, 4, 12), num_layers=2, bidirectional=bidirectional, dropout=0.4))
    net.train(dropped)
    x = torch.randn(3, 4, 12, **DOUBLE)
    hx = torch.randn(4 if bidirectional else 2, 3, 8, **DOUBLE)
    masks = [torch.ones(1, 8, **DOUBLE)] * 2
    if dropped:
        rows = 6 if bidirectional else 3
        masks = [torch.rand(rows, 8, **DOUBLE) for _ in range(2)]
        for layer, mask in zip(net.rnn, masks, strict=True):
            layer.drop_masks, layer.batch_size = mask, rows
    y, h = net(x, hx)
    expected, last = x, []
    for index, (layer, mask) in enumerate(zip(net.rnn, masks, strict=True)):
        if not bidirectional:
            expected = stepwise(layer, expected, hx[index], mask)
            last.append(expected[:, -1])
            continue
        both = torch.cat((expected, expected.flip(1)))
        states = stepwise(layer, both, torch.cat((hx[2 * index], hx[2 * index + 1])), mask)
        expected = torch.cat((states[:3], states[3:].flip(1)), -1)
    torch.testing.assert_close(y, expected)
    if not bidirectional:
        torch.testing.assert_close(h, torch.stack(last))


@every_network
@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("strict", [False, True])
def test_another_batch_size_in_training(network: Any, dropout: float, strict: bool) -> None:
    def train() -> None:
        net = network(2, (4, 3, 8), dropout=dropout, bidirectional=True)
        for batch in (4, 3, 7):
            y, h = net(torch.randn(batch, 3, 8), torch.randn(2, batch, 8))
            assert (y.shape, h.shape) == ((batch, 3, 16), (2, batch, 8))

    if strict:
        with sb.strict():
            train()
    else:
        train()


@every_network
def test_dropout_drops_the_same_entries_at_all_times(network: Any) -> None:
    net = network(16, (8, 5, 8), dropout=0.5)
    mask = net.rnn[0]._drop_mask(torch.randn(8, 5, 8))
    assert mask.shape == (8, 64)
    assert set(mask.unique().tolist()) == {0.0, 2.0}
    assert abs(mask.mean().item() - 1) < 0.2
    assert net.eval().rnn[0]._drop_mask(torch.randn(8, 5, 8)) is None


def test_strict_masks_come_from_a_pool() -> None:
    with sb.strict():
        torch.manual_seed(5)
        layer = sb.QLSTM(2, (4, 3, 8), dropout=0.5).rnn[0]
        torch.manual_seed(5)
        first, second = sb.QLSTM(2, (4, 3, 8)).rnn[0].w, layer.w
        torch.testing.assert_close(first.state_dict(), second.state_dict())
        pool = layer.drop_masks.clone()
        assert pool.shape == (16000, 8)
        x = torch.randn(4, 3, 8)
        state = torch.get_rng_state()
        torch.testing.assert_close(layer._drop_mask(x), pool[:4])
        torch.testing.assert_close(layer._drop_mask(x), pool[4:8])
        assert torch.equal(torch.get_rng_state(), state)
        layer._drop_mask(x[:3])  # another batch: a new pool, and the counter goes on
        assert layer.drop_mask_cnt == 11
        assert not torch.equal(layer.drop_masks, pool)
        layer.drop_mask_cnt = 15998
        pool = layer.drop_masks.clone()
        layer._drop_mask(x[:3])  # the end: a new pool, from its start
        assert layer.drop_mask_cnt == 3
        assert not torch.equal(layer.drop_masks, pool)


@every_network
def test_half_precision(network: Any) -> None:
    x = torch.randn(4, 3, 8)
    for dropout in (0.0, 0.5):
        net = network(2, x.shape, dropout=dropout)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y, _ = net(x)
        assert y.dtype == torch.bfloat16
        y.sum().backward()
        with torch.autocast("cpu", dtype=torch.float16):
            assert copy.deepcopy(net).double()(x.double())[0].dtype == torch.float64
        y, _ = net.bfloat16()(x.bfloat16())
        assert y.dtype == torch.bfloat16
        y.sum().backward()


@pytest.mark.parametrize("autograd", [True, False])
@pytest.mark.parametrize("spinor", [True, False])
def test_linear_under_autocast(autograd: bool, spinor: bool) -> None:
    layer = sb.QLinear(3, 8, autograd=autograd, spinor=spinor)
    x = torch.randn(5, 8, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = layer(x)
    assert y.dtype == torch.bfloat16
    torch.testing.assert_close(y.float(), layer(x), rtol=0.05, atol=0.05)
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == torch.float32


@pytest.mark.parametrize("network", [sb.QRNN, sb.QLSTM])
def test_no_bias_means_no_bias_but_trained_ones_are_adopted(network: Any) -> None:
    net = network(2, (4, 3, 8), bias=False)
    assert not any("bias" in name for name, _ in net.named_parameters())
    assert not net(torch.zeros(4, 3, 8))[0].any()
    with sb.strict():
        reference = scrambled(network(2, (4, 3, 8), bias=False)).float()
    assert any("bias" in name for name, _ in reference.named_parameters())
    net.load_state_dict(reference.state_dict())
    x = torch.randn(4, 3, 8)
    torch.testing.assert_close(net(x), reference(x))


@every_network
@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("bias", [True, False])
def test_checkpoints_go_both_ways(network: Any, dropout: float, bias: bool) -> None:
    """A file has all that the reference reads: masks, which only it uses, and biases."""
    with sb.strict():
        reference = network(2, (4, 3, 8), dropout=dropout, bias=bias)
    own = network(2, (4, 3, 8), dropout=dropout, bias=bias)
    shapes = [{k: v.shape for k, v in net.state_dict().items()} for net in (own, reference)]
    assert shapes[0] == shapes[1]
    assert ("rnn.0.drop_masks" in shapes[0]) == (network is sb.QLiGRU)
    own.load_state_dict(reference.state_dict())
    x = torch.randn(4, 3, 8)
    torch.testing.assert_close(own.eval()(x), reference.eval()(x))
    scrambled(own).float()
    reference.load_state_dict(own.state_dict())
    torch.testing.assert_close(own(x), reference(x))
    torch.testing.assert_close(torch.func.functional_call(own, own.state_dict(), (x,)), own(x))


def test_masks_are_drawn_for_a_file() -> None:
    net = sb.QLiGRU(16, (4, 3, 8), dropout=0.25)
    before = torch.get_rng_state()
    first, second = (net.state_dict()["rnn.0.drop_masks"] for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, second)
    assert first.shape == (16000, 64)
    assert first.is_contiguous()
    torch.testing.assert_close(first.unique(), torch.tensor([0, 4 / 3]))
    assert abs(first.mean().item() - 1) < 0.01
    ones = sb.QLiGRU(2, (4, 3, 8)).state_dict()["rnn.0.drop_masks"]
    assert torch.equal(ones, torch.ones(16000, 8))
    zeros = sb.QLiGRU(2, (4, 3, 8), dropout=1.0).state_dict()["rnn.0.drop_masks"]
    assert not zeros.any()


@every_network
def test_older_checkpoints_load(network: Any) -> None:
    """They have no masks, and no biases where there are none."""
    net = network(2, (4, 3, 8), bias=False)
    old = {k: v for k, v in net.state_dict().items() if not k.endswith(("drop_masks", "bias"))}
    fresh = network(2, (4, 3, 8), bias=False)
    fresh.load_state_dict(old)
    torch.testing.assert_close(fresh.eval()(x := torch.randn(4, 3, 8)), net.eval()(x))
    fresh.load_state_dict(net.state_dict())
    assert not any("bias" in name for name, _ in fresh.named_parameters())


@every_network
def test_networks_are_mapped_and_differentiated_forward(network: Any) -> None:
    net = scrambled(network(2, (4, 3, 8))).eval()
    xs = torch.randn(2, 4, 3, 8, **DOUBLE)
    expected = torch.stack([net(x)[0] for x in xs])
    torch.testing.assert_close(torch.vmap(lambda x: net(x)[0])(xs), expected)
    _, tangent = torch.func.jvp(lambda x: net(x)[0], (xs[0],), (xs[1],))
    nudged = (net(xs[0] + 1e-6 * xs[1])[0] - net(xs[0] - 1e-6 * xs[1])[0]) / 2e-6
    torch.testing.assert_close(tangent, nudged, rtol=1e-5, atol=1e-7)


def test_layer_normalisation_is_one() -> None:
    layer = sb.QLiGRU_Layer(8, 8, 1, 2, normalization="layernorm")
    layer.norm.gamma.data.normal_()
    layer.norm.beta.data.normal_()
    x = torch.randn(3, 5, 16)
    y = numbers(layer._normalised(x))
    q = numbers(x)
    centred = q - q.mean(-2, keepdim=True)
    variance = centred.square().sum(-1, keepdim=True).mean(-2, keepdim=True)
    expected = centred / (variance + 1e-4).sqrt() * layer.norm.gamma.unsqueeze(-1)
    torch.testing.assert_close(y, expected + numbers(layer.norm.beta))
    none = sb.QLiGRU_Layer(8, 8, 1, 2, normalization="none")
    assert none._normalised(x) is x


# Everything at once


LAYERS = {
    "linear": (lambda: sb.QLinear(3, 8), (5, 8)),
    "spinor": (lambda: sb.QLinear(3, 8, spinor=True, vector_scale=True), (5, 8)),
    "conv1d": (lambda: sb.QConv1d(3, 3, (2, 6, 8)), (2, 6, 8)),
    "conv2d": (lambda: sb.QConv2d(3, 3, (2, 6, 6, 8), spinor=True), (2, 6, 6, 8)),
    "norm": (lambda: sb.QBatchNorm(8), (5, 8)),
    "pool": (lambda: sb.QPooling2d("max", 2), (2, 4, 4, 8)),
    "rnn": (lambda: sb.QRNN(2, (2, 3, 8)), (2, 3, 8)),
    "lstm": (lambda: sb.QLSTM(2, (2, 3, 8)), (2, 3, 8)),
    "ligru": (lambda: sb.QLiGRU(2, (2, 3, 8)), (2, 3, 8)),
}
every_layer = pytest.mark.parametrize("name", LAYERS)


@every_layer
def test_layers_compile_whole(name: str, backend: str) -> None:
    build, shape = LAYERS[name]
    layer, x = build(), torch.randn(shape)
    compiled = torch.compile(layer, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(x), layer(x))


@every_layer
@pytest.mark.parametrize("strict", [False, pytest.param(True, marks=pytest.mark.nightly)])
def test_layers_are_exported(name: str, strict: bool) -> None:
    build, shape = LAYERS[name]
    layer, x = build().eval(), torch.randn(shape)
    program = torch.export.export(layer, (x,), strict=strict)
    torch.testing.assert_close(program.module()(x), layer(x))


@pytest.mark.parametrize("spinor", [False, True])
def test_saving_memory_compiles_whole(spinor: bool, backend: str) -> None:
    layer, x = sb.QLinear(3, 8, autograd=False, spinor=spinor), torch.randn(5, 8)
    compiled = torch.compile(layer, fullgraph=True, backend=backend)
    compiled(x).square().sum().backward()
    gradient = layer.r_weight.grad.clone()
    layer.zero_grad()
    layer(x).square().sum().backward()
    torch.testing.assert_close(layer.r_weight.grad, gradient)


@every_layer
def test_layers_copy_and_load(name: str) -> None:
    build, shape = LAYERS[name]
    layer, x = build(), torch.randn(shape)
    layer(x)
    other = build()
    other.load_state_dict(layer.state_dict())
    torch.testing.assert_close(other.eval()(x), copy.deepcopy(layer).eval()(x))


ERRORS = [
    (lambda: sb.QLinear(3, 10), "divisible by 4"),
    (lambda: sb.QLinear(3, (2, 10)), r"divisible by 4. input.size\(\)\[1\] = 10"),
    (lambda: sb.check_quaternion_input((2, 2, 2, 8)), "1, 2 or 3 entries, not 4"),
    (lambda: sb.quaternion_init(2, 2, criterion="glorto"), "`criterion` .='glorto'. must be"),
    (lambda: sb.QConv1d(3, 3, (2, 8)), "QuaternionConv1d expects 3d inputs. Got 2"),
    (lambda: sb.QConv2d(3, 3, (2, 8, 8)), "QuaternionConv1d expects 4d inputs. Got 3"),
    (lambda: sb.QConv1d(3, 4, (2, 9, 8)), "must be an odd number. Got 4"),
    (lambda: sb.QConv2d(3, (3, 4), (2, 9, 9, 7)), "must be an odd number. Got"),
    (lambda: sb.QConv1d(3, 3, (2, 9, 10)), "must have dimensions divisible by 4"),
    (lambda: sb.QConv1d(3, 3, (2, 9, 8), groups=3), "in_channels must be divisible by groups"),
    (lambda: sb.QConv1d(3, 3, (2, 9, 8), groups=2), "out_channels must be divisible by groups"),
    (lambda: sb.QConv1d(3, 3, (2, 9, 8), padding="full")(torch.ones(2, 9, 8)), "`padding` .='full'. must be"),
    (
        lambda: sb.QConv2d(3, 3, (2, 9, 9, 8), padding="causal")(torch.ones(2, 9, 9, 8)),
        "`padding` .='causal'. must be 'same' or 'valid'",
    ),
    (lambda: sb.QPooling2d("mean", 2), "`pool_type` .='mean'. must be 'avg' or 'max'"),
    (lambda: sb.QPooling2d("avg", 2, dilation=2), "`dilation` .=2. must be 1"),
    (lambda: sb.QRNN(3, (2, 5, 8), dropout=1.5), "`dropout` .=1.5. must be a probability"),
    (lambda: sb.QRNN(3, (2, 5, 10)), "divisible by 4"),
    (lambda: sb.QRNN(3, (2, 8)), r"must be \(batch, time, \*features\)"),
    (lambda: sb.QRNN(3, (2, 5, 8), nonlinearity="tahn"), "`nonlinearity` .='tahn'. must be"),
    (
        lambda: sb.QLiGRU_Layer(8, 8, 1, 2, normalization="layer"),
        "`normalization` .='layer'. must be",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "message"), ERRORS)
def test_errors(mistake: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mistake()


def test_errors_of_other_types() -> None:
    with pytest.raises(TypeError, match="`input_shape`"):
        sb.QConv1d(3, 3)
    with pytest.raises(TypeError, match="how many features"):
        sb.QRNN(3, (2, 5, None))
    with pytest.raises(ValueError, match="uniform"):
        sb.QLinear(3, 8, weight_init="uniform")
    with pytest.raises(TypeError, match="many features"):
        sb.QRNN(3, (2, 5, None))


def test_strict_swallows_what_the_reference_swallows() -> None:
    with sb.strict():
        x = torch.randn(2, 4, 4, 8)
        assert sb.QPooling2d("mean", 2)(x) is x
        assert sb.QRNN(2, (2, 4, 8), nonlinearity="tahn")(x[0])[0].min() >= 0
        sb.QLinear(3, 8, init_criterion="glorto")
