"""Other people's tools for whole models: averaged weights, synchronised batches, FX, TorchScript."""

import copy
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import swa_utils

import hypercomplex as hc
from hypercomplex.compat import speechbrain as sb
from hypercomplex.lowering import constants
from tests.cases import every_telling_algebra

Q = hc.QUATERNION


def model() -> nn.Module:
    return nn.Sequential(
        hc.nn.QuaternionLinear(2, 3),
        hc.nn.QuaternionBatchNorm1d(3),
        sb.QBatchNorm(12),
        nn.BatchNorm1d(12),
        hc.nn.VarianceNorm1d(3, algebra=Q, momentum=0.4),
    )


@pytest.mark.parametrize("update", [hc.nn.update_bn, swa_utils.update_bn])
def test_update_bn_takes_the_mean_over_all_batches(update: Any) -> None:
    ours = model().eval()
    batches = [torch.randn(20, 8) for _ in range(3)]
    update([(batch, "label") for batch in batches], ours)
    assert not ours.training
    assert [m.momentum for m in ours[1:]] == [0.1, 0.1, 0.1, 0.4]
    first = [ours[0](batch) for batch in batches]
    torch.testing.assert_close(
        ours[1].running_mean.T.flatten(), torch.stack(first).mean((0, 1)), atol=1e-5, rtol=0
    )
    whitened = copy.deepcopy(ours[1]).train()
    normed = [whitened(batch) for batch in first]
    torch.testing.assert_close(
        ours[2].running_mean, torch.stack(normed).mean((0, 1)), atol=1e-5, rtol=0
    )
    assert all(m.num_batches_tracked == 3 for m in ours[1:])


def test_update_bn_leaves_momenta_when_a_batch_fails() -> None:
    ours = model()
    with pytest.raises(ValueError, match="input"):
        hc.nn.update_bn([torch.randn(20, 7)], ours)
    assert ours[1].momentum == 0.1
    assert ours.training


def test_a_model_of_torch_is_updated_by_torch() -> None:
    ours, its = (nn.Sequential(nn.BatchNorm1d(3)) for _ in range(2))
    batches = [torch.randn(20, 3) for _ in range(2)]
    swa_utils.update_bn(batches, ours)
    hc.nn.update_bn(batches, its)
    torch.testing.assert_close(ours[0].running_mean, its[0].running_mean)


def test_convert_sync_batchnorm_finds_numbers() -> None:
    group = object()
    inner = nn.Sequential(hc.nn.QuaternionBatchNorm2d(2), nn.BatchNorm2d(8))
    converted = nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(inner, nn.ReLU()), group)
    ours, its = converted[0]
    assert type(its) is nn.SyncBatchNorm
    assert its.process_group is group
    assert type(ours) is hc.nn.QuaternionBatchNorm2d
    assert ours.sync
    assert ours.process_group is group
    alone = hc.nn.QuaternionBatchNorm1d(2)
    assert nn.SyncBatchNorm.convert_sync_batchnorm(alone) is alone
    assert alone.sync


# ---------------------------------------------------------------------- empty batches


NORMS: list[tuple[str, tuple[int, ...]]] = [
    ("BatchNorm1d", (0,)),
    ("BatchNorm2d", (0, 4, 4)),
    ("BatchNorm3d", (0, 2, 2, 2)),
    ("VarianceNorm1d", (0,)),
    ("VarianceNorm2d", (0, 4, 4)),
    ("InstanceNorm1d", (0, 5)),
    ("InstanceNorm2d", (0, 4, 4)),
]


@every_telling_algebra
@pytest.mark.parametrize("momentum", [0.1, None])
@pytest.mark.parametrize(("name", "shape"), NORMS)
def test_a_batch_of_nothing_teaches_nothing(
    algebra: hc.Algebra, name: str, shape: tuple[int, ...], momentum: float | None
) -> None:
    layer = getattr(hc.nn, name)(
        2, momentum=momentum, affine=True, track_running_stats=True, algebra=algebra
    )
    before = copy.deepcopy(layer.state_dict())
    x = torch.randn(shape[0], 2 * algebra.dimension, *shape[1:], requires_grad=True)
    y = layer(x)
    assert y.shape == x.shape
    for key, value in layer.state_dict().items():
        assert torch.equal(value, before[key])
    y.sum().backward()
    assert x.grad.shape == x.shape
    assert all(not p.grad.any() for p in layer.parameters())


def test_an_axis_of_nothing_teaches_nothing() -> None:
    layer = hc.nn.QuaternionBatchNorm1d(2)
    assert layer(torch.randn(3, 8, 0)).shape == (3, 8, 0)
    assert not layer.running_mean.any()


def test_the_reference_learns_nothing_from_nothing() -> None:
    layer = sb.QBatchNorm(8)
    before = copy.deepcopy(layer.state_dict())
    layer(torch.randn(0, 8)).sum().backward()
    for key, value in layer.state_dict().items():
        assert torch.equal(value, before[key])
    assert all(not p.grad.any() for p in layer.parameters())
    layer(torch.ones(5, 8))
    assert torch.equal(layer.running_mean, torch.ones(8))  # the first batch replaces them all


# ---------------------------------------------------------------------- tracing and scripting


LAYERS: list[tuple[Any, tuple[int, ...]]] = [
    (lambda: hc.nn.QuaternionLinear(3, 5), (2, 12)),
    (lambda: hc.nn.QuaternionConv2d(4, 2, 3), (2, 16, 5, 5)),
    (lambda: hc.nn.QuaternionConv2d(4, 4, 3, groups=2, padding=1), (2, 16, 5, 5)),
    (lambda: hc.nn.QuaternionConvTranspose2d(4, 2, 3, groups=2), (2, 16, 5, 5)),
    (lambda: hc.nn.QuaternionBatchNorm1d(3), (2, 12)),
    (lambda: hc.nn.QuaternionBatchNorm2d(3), (2, 12, 4, 4)),
    (lambda: hc.nn.VarianceNorm2d(3, algebra=Q), (2, 12, 4, 4)),
    (lambda: hc.nn.RMSNorm(3, algebra=Q), (2, 12)),
    (lambda: hc.nn.SplitReLU(), (2, 12)),
    (lambda: hc.nn.AvgPool2d(2, algebra=Q), (2, 12, 4, 4)),
]


@pytest.mark.parametrize(("make", "shape"), LAYERS)
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
def test_real_layers_are_scripted_and_all_are_traced(make: Any, shape: tuple[int, ...]) -> None:
    layer, x = make().eval(), torch.randn(shape)
    real = layer.to_real()
    torch.testing.assert_close(torch.jit.script(real)(x), real(x))
    for module in (layer, real):
        graph = torch.fx.symbolic_trace(nn.Sequential(module))
        assert [node.op for node in graph.graph.nodes].count("call_module") >= 1
        torch.testing.assert_close(graph(x), module(x))


@pytest.mark.parametrize("kind", [hc.nn.LSTM, hc.nn.GRU, hc.nn.RNN])
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
def test_bidirectional_models_are_scripted(kind: Any) -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = kind(3, 2, bidirectional=True, algebra=Q)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            _, states = self.net(x)
            output, _ = self.net(x, states)
            return output

    model, x = Twice(), torch.randn(5, 2, 12)
    real = hc.nn.to_real(model)
    torch.testing.assert_close(torch.jit.script(real)(x), model(x))
    packed = nn.utils.rnn.pack_sequence([x[:, 0], x[:3, 1]])
    torch.testing.assert_close(real.net(packed)[0].data, model.net(packed)[0].data)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (hc.nn.Modulus(algebra=Q), (4, 8)),
        (hc.nn.MaxPool1d(2, algebra=Q), (4, 8, 6)),
        (sb.QLinear(3, 8, spinor=True), (4, 8)),
    ],
)
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_traces_do_not_depend_on_derivatives(layer: nn.Module, shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, requires_grad=True)
    expected = layer(x)
    traced = torch.jit.trace(layer, x)
    torch.testing.assert_close(traced(x), expected)


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Converting a tensor:torch.jit.TracerWarning")
def test_the_first_trace_of_a_process_holds_constants_as_any_other() -> None:
    layer, x = hc.nn.QuaternionLinear(3, 5), torch.randn(2, 12)
    constants._constants.clear()
    first, second = (torch.jit.trace(layer, x) for _ in range(2))
    steps = [[node.kind() for node in t.inlined_graph.nodes()] for t in (first, second)]
    assert steps[0] == steps[1]
    assert "aten::zeros" not in steps[0]
    more = torch.randn(7, 12)
    torch.testing.assert_close(first(more), layer(more))


def test_other_layers_without_stock_ones_are_traced() -> None:
    graph = torch.fx.symbolic_trace(nn.Sequential(hc.nn.QuaternionLayerNorm(3), nn.ReLU()))
    assert [node.op for node in graph.graph.nodes].count("call_module") == 2


# ---------------------------------------------------------------------- folded and complex numbers


@every_telling_algebra
@pytest.mark.parametrize("dim", [1, -1, -3])
def test_folded_tensors_are_joined_as_numbers(algebra: hc.Algebra, dim: int) -> None:
    shape = [(2, c, 3) for c in (1, 2)] if dim == 1 else [(2, 3, c) for c in (1, 2)]
    if dim == -3:
        shape = [(c, 2, 3) for c in (1, 2)]
    q = [hc.as_hypercomplex(torch.randn(*s, algebra.dimension), algebra) for s in shape]
    joined = hc.functional.cat_folded([x.folded(dim) for x in q], algebra=algebra, dim=dim)
    assert torch.equal(joined, torch.cat(q, dim).folded(dim))
    more = [torch.tensor([]), *(x.folded(dim) for x in q)]
    assert torch.equal(hc.functional.cat_folded(more, algebra=algebra, dim=dim), joined)
    for several in (q, [torch.tensor([]), *q]):
        typed = hc.functional.cat_folded(several, algebra=algebra, dim=dim)
        assert type(typed) is type(q[0])
        assert torch.equal(typed, torch.cat(q, dim))


def test_a_model_with_a_shortcut_takes_folded_and_typed_input() -> None:
    layer = hc.nn.QuaternionLinear(3, 5)
    model = lambda x: hc.functional.cat_folded([layer(x), x], algebra=Q, dim=-1)
    q = hc.QuaternionTensor.randn(2, 3, requires_grad=True)
    assert torch.equal(model(q).folded(), model(q.folded()))
    (gradient,) = torch.autograd.grad(model(q).components.square().sum(), q)
    assert type(gradient) is hc.QuaternionTensor


def test_what_is_not_folded_is_not_joined() -> None:
    join = lambda *x: hc.functional.cat_folded(x, algebra=Q)
    q = hc.QuaternionTensor.zeros(2, 4)
    with pytest.raises(TypeError, match=r"must all be typed, or all be folded"):
        join(q, q.folded())
    with pytest.raises(TypeError, match=r"`algebra` \(=COMPLEX\) is not that of a Quat"):
        hc.functional.cat_folded([q, q], algebra=hc.COMPLEX)
    with pytest.raises(IndexError, match=r"no axis `dim` \(=1\)"):
        join(q[0], q[0])
    with pytest.raises(ValueError, match="`tensors`"):
        join()
    assert join(torch.tensor([])).shape == (0,)


@pytest.mark.parametrize(
    "layer",
    [
        hc.nn.Linear(3, 2, algebra=hc.COMPLEX),
        hc.nn.LayerNorm(3, algebra=hc.COMPLEX),
        hc.nn.BatchNorm1d(3, algebra=hc.COMPLEX),
    ],
)
def test_complex_tensors_are_told_the_way(layer: nn.Module) -> None:
    z = torch.randn(4, 3, dtype=torch.complex64)
    with pytest.raises(TypeError, match="as_hypercomplex"):
        layer(z)
    numbers = hc.as_hypercomplex(torch.view_as_real(z), hc.COMPLEX)
    assert torch.view_as_complex(layer(numbers).components.contiguous()).dtype == z.dtype
