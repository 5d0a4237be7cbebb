"""Normalisation: batches are whitened, samples standardised, and the reals get torch's layers."""

import copy
import inspect
import socket
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import hypercomplex as hc
from hypercomplex import functional
from hypercomplex.lowering import fold, unfold
from tests.cases import ALGEBRAS, every_telling_algebra, numbers

C = 3
Maker = Callable[[hc.Algebra], nn.Module]

BATCH: dict[str, tuple[Maker, tuple[int, ...]]] = {
    "batch1d": (lambda A: hc.nn.BatchNorm1d(C, algebra=A, dtype=torch.float64), (40, C)),
    "batch1d_points": (lambda A: hc.nn.BatchNorm1d(C, algebra=A, dtype=torch.float64), (5, C, 9)),
    "batch2d": (lambda A: hc.nn.BatchNorm2d(C, algebra=A, dtype=torch.float64), (5, C, 3, 4)),
    "batch3d": (lambda A: hc.nn.BatchNorm3d(C, algebra=A, dtype=torch.float64), (5, C, 2, 3, 2)),
    "variance1d": (lambda A: hc.nn.VarianceNorm1d(C, algebra=A, dtype=torch.float64), (40, C)),
    "variance2d": (lambda A: hc.nn.VarianceNorm2d(C, algebra=A, dtype=torch.float64), (5, C, 3, 4)),
    "variance3d": (
        lambda A: hc.nn.VarianceNorm3d(C, algebra=A, dtype=torch.float64),
        (5, C, 2, 3, 2),
    ),
}
SAMPLE: dict[str, tuple[Maker, tuple[int, ...]]] = {
    "layer": (lambda A: hc.nn.LayerNorm(C, algebra=A, dtype=torch.float64), (4, 5, C)),
    "layer_picture": (
        lambda A: hc.nn.LayerNorm((C, 2, 5), algebra=A, dtype=torch.float64),
        (4, C, 2, 5),
    ),
    "rms": (lambda A: hc.nn.RMSNorm(C, algebra=A, dtype=torch.float64), (4, 5, C)),
    "group": (lambda A: hc.nn.GroupNorm(2, 6, algebra=A, dtype=torch.float64), (4, 6, 5)),
    "instance1d": (
        lambda A: hc.nn.InstanceNorm1d(C, affine=True, algebra=A, dtype=torch.float64),
        (4, C, 7),
    ),
    "instance2d": (
        lambda A: hc.nn.InstanceNorm2d(
            C, affine=True, track_running_stats=True, algebra=A, dtype=torch.float64
        ),
        (4, C, 3, 4),
    ),
    "instance3d": (
        lambda A: hc.nn.InstanceNorm3d(C, affine=True, algebra=A, dtype=torch.float64),
        (4, C, 2, 3, 2),
    ),
}
# The channel axis of the folded input, by the name of the case.
CHANNELS = dict.fromkeys(BATCH, 1) | {
    "layer": 2, "layer_picture": 1, "rms": 2, "group": 1,
    "instance1d": 1, "instance2d": 1, "instance3d": 1,
}  # fmt: skip
every_batch_norm = pytest.mark.parametrize("case", BATCH)
every_norm = pytest.mark.parametrize("case", BATCH | SAMPLE)


def disturbed(layer: nn.Module) -> nn.Module:
    """With parameters that are not their initial ones."""
    with torch.no_grad():
        for p in layer.parameters():
            p.add_(0.3 * torch.randn_like(p))
    return layer


def make(case: str, algebra: hc.Algebra) -> tuple[nn.Module, Tensor]:
    maker, shape = (BATCH | SAMPLE)[case]
    return disturbed(maker(algebra)), mixed(algebra, *shape)


def mixed(algebra: hc.Algebra, *shape: int) -> Tensor:
    """Components that depend on each other and are not centred."""
    n = algebra.dimension
    mix = torch.randn(n, n, dtype=torch.float64) + 2 * torch.eye(n, dtype=torch.float64)
    return numbers(algebra, *shape) @ mix + torch.randn(n, dtype=torch.float64)


def points_of(x: Tensor) -> Tensor:
    """`(N, C, *, n)` → `(C, M, n)`."""
    return x.transpose(0, 1).flatten(1, -2)


# ---------------------------------------------------------------------- whitening


@every_telling_algebra
@pytest.mark.parametrize("typed", [False, True])
def test_a_batch_comes_out_white(algebra: hc.Algebra, typed: bool) -> None:
    layer = hc.nn.BatchNorm2d(C, eps=1e-12, affine=False, algebra=algebra, dtype=torch.float64)
    x = mixed(algebra, 20, C, 3, 4)
    if typed:
        y = layer(hc.as_hypercomplex(x, algebra)).components
    else:
        y = unfold(layer(fold(x, 1)), 1, algebra.dimension)
    one = torch.eye(algebra.dimension, dtype=torch.float64)
    for channel in points_of(y):
        torch.testing.assert_close(channel.T.cov(correction=0).view_as(one), one)
        torch.testing.assert_close(channel.mean(0), torch.zeros_like(one[0]))


@every_telling_algebra
def test_a_new_layer_gives_numbers_of_mean_squared_modulus_one(algebra: hc.Algebra) -> None:
    for layer in (
        hc.nn.BatchNorm1d(C, algebra=algebra, dtype=torch.float64),
        hc.nn.VarianceNorm1d(C, algebra=algebra, dtype=torch.float64),
    ):
        y = layer(hc.as_hypercomplex(mixed(algebra, 100, C), algebra)).components
        power = y.square().sum(-1).mean(0)
        torch.testing.assert_close(power, torch.ones_like(power), atol=1e-3, rtol=0)


def slow_symmetric(packed: Tensor, n: int) -> Tensor:
    out = packed.new_zeros(n, n)
    entries = iter(packed)
    for i in range(n):
        for j in range(i + 1):
            out[i, j] = out[j, i] = next(entries)
    return out


def slow_batch(layer: Any, x: Tensor, n: int) -> Tensor:
    """Channel by channel, with explicit matrices."""
    out = torch.empty_like(x)
    for c in range(x.shape[1]):
        points = x[:, c].reshape(-1, n)
        if layer.training:
            mean, cov = points.mean(0), points.T.cov(correction=0).view(n, n)
        elif "running_cov" in dict(layer.named_buffers()):
            mean, cov = layer.running_mean[c], slow_symmetric(layer.running_cov[c], n)
        else:
            mean, cov = layer.running_mean[c], layer.running_var[c] / n * torch.eye(n).double()
        centred = x[:, c] - mean
        if isinstance(layer, hc.nn.BatchNorm1d | hc.nn.BatchNorm2d | hc.nn.BatchNorm3d):
            gamma = slow_symmetric(layer.weight[c], n)
            root = torch.linalg.cholesky(cov + layer.eps * torch.eye(n).double())
            y = centred @ torch.linalg.inv(root).T @ gamma
        else:
            y = layer.weight[c] * centred / (cov.trace() + layer.eps).sqrt()
        out[:, c] = y + layer.bias[c]
    return out


@every_telling_algebra
@every_batch_norm
def test_batch_norms_are_their_literal_twins(case: str, algebra: hc.Algebra) -> None:
    layer, x = make(case, algebra)
    for _ in range(2):
        expected = slow_batch(layer, x, algebra.dimension)
        torch.testing.assert_close(unfold(layer(fold(x, 1)), 1, algebra.dimension), expected)
    layer.eval()
    expected = slow_batch(layer, x, algebra.dimension)
    torch.testing.assert_close(unfold(layer(fold(x, 1)), 1, algebra.dimension), expected)


@every_telling_algebra
def test_running_statistics_are_those_of_torch(algebra: hc.Algebra) -> None:
    """Unbiased, weighed by the momentum, and outside the graph."""
    n = algebra.dimension
    layer = hc.nn.BatchNorm1d(C, momentum=0.3, algebra=algebra, dtype=torch.float64)
    x = mixed(algebra, 10, C).requires_grad_()
    layer(fold(x, 1))
    for c in range(C):
        points = x[:, c].detach()
        cov = 0.7 * torch.eye(n).double() + 0.3 * points.T.cov().view(n, n)
        torch.testing.assert_close(slow_symmetric(layer.running_cov[c], n), cov)
        torch.testing.assert_close(layer.running_mean[c], 0.3 * points.mean(0))
    assert not layer.running_mean.requires_grad
    assert not layer.running_cov.requires_grad


@every_telling_algebra
def test_without_momentum_all_batches_weigh_the_same(algebra: hc.Algebra) -> None:
    layer = hc.nn.BatchNorm1d(C, momentum=None, algebra=algebra, dtype=torch.float64)
    batches = [mixed(algebra, 10, C) for _ in range(3)]
    for x in batches:
        layer(fold(x, 1))
    means = torch.stack([x.mean(0) for x in batches]).mean(0)
    torch.testing.assert_close(layer.running_mean, means)
    assert layer.num_batches_tracked == 3


# ---------------------------------------------------------------------- the reals


REAL_TWINS = [
    (hc.nn.BatchNorm1d, nn.BatchNorm1d, (C,), (8, C)),
    (hc.nn.BatchNorm1d, nn.BatchNorm1d, (C,), (8, C, 5)),
    (hc.nn.BatchNorm2d, nn.BatchNorm2d, (C,), (8, C, 5, 2)),
    (hc.nn.BatchNorm3d, nn.BatchNorm3d, (C,), (8, C, 2, 3, 2)),
    (hc.nn.VarianceNorm2d, nn.BatchNorm2d, (C,), (8, C, 5, 2)),
    (hc.nn.LayerNorm, nn.LayerNorm, (C,), (8, 5, C)),
    (hc.nn.LayerNorm, nn.LayerNorm, ((C, 5),), (8, C, 5)),
    (hc.nn.RMSNorm, nn.RMSNorm, (C,), (8, 5, C)),
    (hc.nn.GroupNorm, nn.GroupNorm, (2, 6), (8, 6, 5)),
    (hc.nn.InstanceNorm1d, nn.InstanceNorm1d, (C,), (8, C, 5)),
    (hc.nn.InstanceNorm2d, nn.InstanceNorm2d, (C,), (8, C, 5, 2)),
    (hc.nn.InstanceNorm3d, nn.InstanceNorm3d, (C,), (8, C, 2, 3, 2)),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"affine": True},
    {"affine": False},
    {"momentum": None},
    {"momentum": 0.4, "eps": 0.01},
    {"track_running_stats": False},
    {"track_running_stats": True, "affine": True},
]


@pytest.mark.parametrize(
    ("ours", "theirs", "sizes", "shape", "options"),
    [
        (*twin, options)
        for twin in REAL_TWINS
        for options in OPTIONS
        if options.keys() <= inspect.signature(twin[1]).parameters.keys()
    ],
)
def test_over_the_reals_it_is_torchs(
    ours: Any, theirs: Any, sizes: Any, shape: Any, options: dict[str, Any]
) -> None:
    layer = disturbed(ours(*sizes, **options, algebra=hc.REAL, dtype=torch.float64))
    twin = theirs(*sizes, **options, dtype=torch.float64)
    with torch.no_grad():
        for mine, its in zip(layer.parameters(), twin.parameters(), strict=True):
            its.copy_(mine.view_as(its))
    for step in range(4):
        layer.train(step < 3)
        twin.train(step < 3)
        x = 3 + 2 * torch.randn(shape, dtype=torch.float64)
        mine, its = x.clone().requires_grad_(), x.clone().requires_grad_()
        y, expected = layer(mine), twin(its)
        torch.testing.assert_close(y, expected)
        weight = torch.randn_like(y)
        (y * weight).sum().backward()
        (expected * weight).sum().backward()
        torch.testing.assert_close(mine.grad, its.grad)
    for mine, its in zip(layer.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine.grad.view_as(its), its.grad)
    for mine, its in zip(layer.buffers(), twin.buffers(), strict=True):
        if mine.is_floating_point():  # torch's InstanceNorm does not count its batches
            torch.testing.assert_close(mine.view_as(its), its)


# ---------------------------------------------------------------------- samples


@every_telling_algebra
def test_layer_norm_is_its_literal_twin(algebra: hc.Algebra) -> None:
    n = algebra.dimension
    layer, x = make("layer", algebra)
    q = hc.as_hypercomplex(x, algebra)
    centred = q - q.mean(-1, keepdim=True)
    variance = (abs(centred) ** 2).mean(-1, keepdim=True) / n
    expected = centred / (variance + layer.eps).sqrt() * layer.weight
    expected = expected + hc.as_hypercomplex(layer.bias, algebra)
    torch.testing.assert_close(layer(q).components, expected.components)
    plain = hc.nn.LayerNorm(C, 0.0, False, algebra=algebra)(q).components
    variances = plain.square().mean((-1, -2))
    torch.testing.assert_close(variances, torch.ones_like(variances))


@every_telling_algebra
def test_rms_norm_is_its_literal_twin(algebra: hc.Algebra) -> None:
    layer, x = make("rms", algebra)
    q = hc.as_hypercomplex(x, algebra)
    square = (abs(q) ** 2).mean(-1, keepdim=True) / algebra.dimension
    expected = q / (square + torch.finfo(torch.float64).eps).sqrt() * layer.weight
    torch.testing.assert_close(layer(q).components, expected.components)


@every_telling_algebra
def test_group_and_instance_norm_are_layer_norms_of_slices(algebra: hc.Algebra) -> None:
    x = mixed(algebra, 2, 6, 5)
    for layer, groups in (
        (hc.nn.GroupNorm(3, 6, algebra=algebra), 3),
        (hc.nn.InstanceNorm1d(6, algebra=algebra), 6),
    ):
        y = layer(hc.as_hypercomplex(x, algebra)).components
        for part, out in zip(x.chunk(groups, 1), y.chunk(groups, 1), strict=True):
            q = hc.as_hypercomplex(part, algebra)
            alone = hc.nn.LayerNorm(tuple(q.shape[1:]), algebra=algebra, elementwise_affine=False)
            torch.testing.assert_close(out, alone(q).components)


# ---------------------------------------------------------------------- every layer


@every_telling_algebra
@every_norm
def test_typed_is_folded(case: str, algebra: hc.Algebra) -> None:
    layer, x = make(case, algebra)
    twin = copy.deepcopy(layer)
    for training in (True, False):
        typed = layer.train(training)(hc.as_hypercomplex(x, algebra))
        folded = twin.train(training)(fold(x, CHANNELS[case]))
        assert type(typed) is hc.tensor_type(algebra)
        assert type(folded) is Tensor
        torch.testing.assert_close(fold(typed.components, CHANNELS[case]), folded)
    for mine, its in zip(layer.buffers(), twin.buffers(), strict=True):
        torch.testing.assert_close(mine, its)


@every_norm
@pytest.mark.parametrize("algebra", ALGEBRAS[:3], ids=str)
def test_gradients(case: str, algebra: hc.Algebra) -> None:
    layer, x = make(case, algebra)
    small = fold(x[:3, ..., :2, :] if case in ("batch1d_points", "instance1d") else x[:3],
                 CHANNELS[case])  # fmt: skip
    names = [name for name, _ in layer.named_parameters()]
    parameters = [p.detach().clone().requires_grad_() for p in layer.parameters()]

    def run(x: Tensor, *values: Tensor) -> Tensor:
        state = dict(zip(names, values, strict=True)) | dict(layer.named_buffers())
        return torch.func.functional_call(layer, state, (x,))

    arguments = (small.requires_grad_(), *parameters)
    assert torch.autograd.gradcheck(run, arguments, fast_mode=True)


@every_norm
def test_state_and_copies(case: str) -> None:
    layer, x = make(case, hc.QUATERNION)
    folded = fold(x, CHANNELS[case])
    layer(folded)
    layer.eval()
    fresh, _ = make(case, hc.QUATERNION)
    fresh.load_state_dict(layer.state_dict())
    for other in (fresh.eval(), copy.deepcopy(layer)):
        torch.testing.assert_close(other(folded), layer(folded), rtol=0, atol=0)


@every_norm
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision_is_float32_inside(case: str, dtype: torch.dtype) -> None:
    layer, x = make(case, hc.QUATERNION)
    layer = layer.float()
    folded = (5 * fold(x, CHANNELS[case])).to(dtype)
    expected = copy.deepcopy(layer)(folded.float())
    with torch.autocast("cpu", dtype):
        y = layer(folded)
    assert y.dtype == dtype
    torch.testing.assert_close(y, expected.to(dtype))
    y.float().square().sum().backward()
    assert all(p.grad.isfinite().all() for p in layer.parameters())


@pytest.mark.parametrize("scale", [0.0, 1e-6, 1.0, 1e4, 1e8])
@every_telling_algebra
def test_dependent_components_stay_finite(algebra: hc.Algebra, scale: float) -> None:
    """The colours of a grey picture are multiples of one: a covariance of rank 1, at any scale."""
    channels = 64
    colours = torch.rand(channels, algebra.dimension) + 0.1
    grey = 1 + torch.randn(500, channels)
    x = (scale * grey.unsqueeze(-1) * colours).requires_grad_()
    layer = hc.nn.BatchNorm1d(channels, affine=False, algebra=algebra)
    y = unfold(layer(fold(x, 1)), 1, algebra.dimension)
    assert y.square().mean(0).max() < 1.1  # nothing but the one direction, and rounding
    y.pow(3).sum().backward()
    assert x.grad.isfinite().all()
    assert layer.eval()(fold(x, 1)).isfinite().all()


@every_telling_algebra
def test_running_statistics_in_half_precision_stay_definite(algebra: hc.Algebra) -> None:
    colours = torch.rand(64, algebra.dimension) + 0.1
    x = (10 * torch.randn(500, 64, 1) * colours).bfloat16()
    layer = hc.nn.BatchNorm1d(64, momentum=1.0, affine=False, algebra=algebra).bfloat16()
    layer(fold(x, 1))
    y = unfold(layer.eval()(fold(x, 1)), 1, algebra.dimension).float()
    assert y.square().mean(0).max() < 1.1


def test_a_large_mean_costs_no_digits() -> None:
    x = torch.randn(1000, 4, dtype=torch.float64)
    layer = hc.nn.QuaternionBatchNorm1d(1, affine=False)
    y = layer((x + 1000).float())
    expected = hc.nn.QuaternionBatchNorm1d(1, affine=False, dtype=torch.float64)(x)
    torch.testing.assert_close(y.double(), expected, atol=1e-3, rtol=0)


# ---------------------------------------------------------------------- compilers


SAME_CODE = {"batch1d_points", "batch2d", "variance1d", "variance3d", "instance1d", "instance3d"}


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, marks=[pytest.mark.nightly] * (c in SAME_CODE)) for c in BATCH | SAMPLE],
)
def test_training_compiles_without_graph_breaks(case: str) -> None:
    torch.compiler.reset()
    layer, x = make(case, hc.QUATERNION)
    if hasattr(layer, "momentum"):
        layer.momentum = None  # the counter of batches must not leave the graph either
    twin = copy.deepcopy(layer)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    for _ in range(2):
        mine, its = (fold(x, CHANNELS[case]).requires_grad_() for _ in range(2))
        y, expected = compiled(mine), twin(its)
        torch.testing.assert_close(y, expected)
        y.square().sum().backward()
        expected.square().sum().backward()
        torch.testing.assert_close(mine.grad, its.grad)
    for mine, its in zip(layer.buffers(), twin.buffers(), strict=True):
        torch.testing.assert_close(mine, its)


@every_norm
def test_export(case: str) -> None:
    layer, x = make(case, hc.QUATERNION)
    folded = fold(x, CHANNELS[case])
    program = torch.export.export(layer.eval(), (folded,))
    torch.testing.assert_close(program.module()(folded), layer(folded))


# ---------------------------------------------------------------------- several processes


def _process(rank: int, port: int, x: Tensor, directory: str) -> None:
    torch.distributed.init_process_group(
        "gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2
    )
    torch.manual_seed(0)
    results: dict[str, Any] = {}
    for name in ("BatchNorm1d", "VarianceNorm1d"):
        layer = getattr(hc.nn, name)(
            2, algebra=hc.QUATERNION, sync=True, dtype=torch.float64, momentum=None
        )
        mine = x[:3] if rank == 0 else x[3:]  # batches of different sizes
        mine = mine.clone().requires_grad_()
        y = layer(mine)
        (y * torch.arange(y.shape[1])).square().sum().backward()
        results[name] = (y.detach(), mine.grad, *layer.buffers())
    torch.save(results, f"{directory}/{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without processes")
def test_processes_normalise_as_one_batch(tmp_path: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    x = fold(mixed(hc.QUATERNION, 10, 2), 1)
    torch.multiprocessing.spawn(_process, (port, x, str(tmp_path)), nprocs=2)
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    for name, mine in first.items():
        layer = getattr(hc.nn, name)(2, algebra=hc.QUATERNION, dtype=torch.float64, momentum=None)
        joined = x.clone().requires_grad_()
        y = layer(joined)
        (y * torch.arange(y.shape[1])).square().sum().backward()
        its = second[name]
        torch.testing.assert_close(torch.cat([mine[0], its[0]]), y.detach())
        torch.testing.assert_close(torch.cat([mine[1], its[1]]), joined.grad)
        for a, b, expected in zip(mine[2:], its[2:], layer.buffers(), strict=True):
            torch.testing.assert_close(a, expected)
            torch.testing.assert_close(b, expected)


def test_sync_without_processes_is_alone() -> None:
    x = torch.randn(8, 4 * C)
    alone = hc.nn.QuaternionBatchNorm1d(C)
    torch.testing.assert_close(hc.nn.QuaternionBatchNorm1d(C, sync=True)(x), alone(x))


# ---------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hc.nn.QuaternionBatchNorm1d(0), r"`num_features` \(=0\) must be a positive integer"),
        (lambda: hc.nn.BatchNorm1d(3, algebra="H"), r"`algebra` \(='H'\) must be an Algebra"),
        (
            lambda: hc.nn.QuaternionBatchNorm2d(3)(torch.ones(2, 12)),
            r"`input` of shape \(2, 12\) must have 4 axes",
        ),
        (
            lambda: hc.nn.QuaternionBatchNorm1d(3)(torch.ones(2, 10)),
            r"must have a multiple of 4 channels on axis 1",
        ),
        (
            lambda: hc.nn.QuaternionBatchNorm1d(3)(torch.ones(2, 16)),
            r"must have the shape \(4,.*, for `input` has 4 channels of numbers",
        ),
        (
            lambda: hc.nn.QuaternionBatchNorm1d(3)(torch.ones(1, 12)),
            r"`input` of shape \(1, 3\), in numbers, has a single point for each channel",
        ),
        (
            lambda: hc.nn.InstanceNorm1d(3, algebra=hc.QUATERNION)(torch.ones(2, 12, 1)),
            r"has a single point for each channel",
        ),
        (
            lambda: hc.nn.InstanceNorm1d(3, affine=True, algebra=hc.REAL)(torch.ones(2, 4, 5)),
            r"must have the shape \(4,.*, for `input` has 4 channels of numbers",
        ),
        (lambda: hc.nn.QuaternionLayerNorm((3, 0)), r"`normalized_shape` \(=\(3, 0\)\) must be a positive integer"),
        (
            lambda: hc.nn.QuaternionLayerNorm(3)(torch.ones(2, 16)),
            r"`normalized_shape` \(=\(3,\)\) must be the last axes of the input",
        ),
        (
            lambda: hc.nn.GroupNorm(4, 6, algebra=hc.QUATERNION),
            r"`num_groups` \(=4\) must divide the 6 numbers of `num_channels`",
        ),
        (
            lambda: functional.group_norm(torch.ones(2, 12, 2), 2, algebra=hc.QUATERNION),
            r"`num_groups` \(=2\) must divide the 3 numbers of `input`",
        ),
        (
            lambda: hc.nn.BatchNorm1d(3, algebra=hc.COMPLEX)(hc.QuaternionTensor(torch.ones(2, 3, 4))),
            r"`algebra` \(=COMPLEX\) is not that of a QuaternionTensor",
        ),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        call()
