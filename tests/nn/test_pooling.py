"""Pooling: means of numbers, and the whole number of largest modulus."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import hypercomplex as hc
from hypercomplex.lowering import fold, unfold
from tests.cases import every_telling_algebra, numbers

SPATIAL = {1: (7,), 2: (7, 6), 3: (5, 4, 6)}
AVG = {1: hc.nn.AvgPool1d, 2: hc.nn.AvgPool2d, 3: hc.nn.AvgPool3d}
MAX = {1: hc.nn.MaxPool1d, 2: hc.nn.MaxPool2d, 3: hc.nn.MaxPool3d}
ADAPTIVE_AVG = {
    1: hc.nn.AdaptiveAvgPool1d,
    2: hc.nn.AdaptiveAvgPool2d,
    3: hc.nn.AdaptiveAvgPool3d,
}
ADAPTIVE_MAX = {
    1: hc.nn.AdaptiveMaxPool1d,
    2: hc.nn.AdaptiveMaxPool2d,
    3: hc.nn.AdaptiveMaxPool3d,
}
every_number_of_axes = pytest.mark.parametrize("axes", [1, 2, 3])


def slow_max(x: Tensor, axes: int, kernel: int, stride: int, padding: int, dilation: int) -> Tensor:
    """Window by window: the first number of largest modulus."""
    spatial = x.shape[2 : 2 + axes]
    sizes = [(s + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 for s in spatial]
    out = x.new_empty(*x.shape[:2], *sizes, x.shape[-1])
    for position in itertools.product(*map(range, sizes)):
        for sample, channel in itertools.product(*map(range, x.shape[:2])):
            best = None
            for offset in itertools.product(range(kernel), repeat=axes):
                point = [
                    p * stride - padding + o * dilation
                    for p, o in zip(position, offset, strict=True)
                ]
                if all(0 <= p < s for p, s in zip(point, spatial, strict=True)):
                    q = x[(sample, channel, *point)]
                    if best is None or q.norm() > best.norm():
                        best = q
            out[(sample, channel, *position)] = best
    return out


@every_telling_algebra
@every_number_of_axes
def test_max_pooling_is_its_literal_twin(algebra: hc.Algebra, axes: int) -> None:
    x = numbers(algebra, 2, 2, *(s - 2 for s in SPATIAL[axes]))
    for kernel, stride, padding, dilation in ((2, 2, 0, 1), (2, 1, 1, 1), (2, 2, 1, 2)):
        layer = MAX[axes](kernel, stride, padding, dilation, algebra=algebra)
        expected = slow_max(x, axes, kernel, stride, padding, dilation)
        assert torch.equal(layer(hc.as_hypercomplex(x, algebra)).components, expected)
        assert torch.equal(layer(fold(x, 1)), fold(expected, 1))


def test_of_equal_moduli_the_first_wins() -> None:
    x = torch.tensor([[3.0, 4, 0, 5], [4, 3, 5, 0]])  # four numbers of modulus 5
    y, index = hc.nn.MaxPool1d(4, return_indices=True, algebra=hc.COMPLEX)(x)
    assert y.tolist() == [[3], [4]]
    assert index.tolist() == [[0]]


def test_the_modulus_does_not_overflow() -> None:
    x = torch.tensor([[1e30, 3e30], [0.0, 1e30]])
    assert hc.nn.MaxPool1d(2, algebra=hc.COMPLEX)(x).flatten().tolist() == x[:, 1].tolist()


@every_number_of_axes
def test_over_the_reals_the_largest_magnitude_wins_and_keeps_its_sign(axes: int) -> None:
    x = torch.randn(2, 3, *SPATIAL[axes])
    y = MAX[axes](2, algebra=hc.REAL)(x)
    torch_pool = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[axes]
    assert torch.equal(y.abs(), torch_pool(x.abs(), 2))
    assert (y < 0).any()
    assert torch.equal(MAX[axes](2, algebra=hc.REAL)(x.abs()), torch_pool(x.abs(), 2))


@every_number_of_axes
@every_telling_algebra
def test_means_are_those_of_components(algebra: hc.Algebra, axes: int) -> None:
    x = numbers(algebra, 2, 3, *SPATIAL[axes])
    q, n = hc.as_hypercomplex(x, algebra), algebra.dimension
    pool = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[axes]
    for options in (
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        {"kernel_size": 3, "padding": 1, "count_include_pad": False},
    ):
        expected = torch.stack([pool(part, **options) for part in x.unbind(-1)], -1)
        layer = AVG[axes](**options, algebra=algebra)
        torch.testing.assert_close(layer(q).components, expected)
        torch.testing.assert_close(unfold(layer(fold(x, 1)), 1, n), expected)
    whole = ADAPTIVE_AVG[axes](1, algebra=algebra)(q)
    torch.testing.assert_close(
        whole.components, q.mean(tuple(range(2, 2 + axes)), keepdim=True).components
    )


@every_number_of_axes
def test_adaptive_max_pooling_takes_the_largest_of_each_window(axes: int) -> None:
    x = numbers(hc.QUATERNION, 2, 3, *(2 * s for s in SPATIAL[axes]))
    folded = fold(x, 1)
    adaptive = ADAPTIVE_MAX[axes](SPATIAL[axes], algebra=hc.QUATERNION)
    windows = MAX[axes](2, algebra=hc.QUATERNION)
    assert torch.equal(adaptive(folded), windows(folded))
    assert torch.equal(adaptive(hc.QuaternionTensor(x)).components, unfold(windows(folded), 1, 4))


@every_number_of_axes
@pytest.mark.parametrize("kind", [MAX, ADAPTIVE_MAX])
def test_indices_say_where_each_number_was(kind: Any, axes: int) -> None:
    x = numbers(hc.QUATERNION, 2, 3, *SPATIAL[axes])
    layer = kind[axes](2, return_indices=True, algebra=hc.QUATERNION)
    typed, indices = layer(hc.QuaternionTensor(x))
    folded, same = layer(fold(x, 1))
    assert type(indices) is Tensor
    assert torch.equal(indices, same)
    assert torch.equal(fold(typed.components, 1), folded)
    flat = x.flatten(2, -2)
    index = indices.flatten(2)
    for sample, channel in itertools.product(range(2), range(3)):
        taken = flat[sample, channel][index[sample, channel]]
        assert torch.equal(typed.components.flatten(2, -2)[sample, channel], taken)


@every_number_of_axes
@pytest.mark.parametrize("kind", [AVG, MAX, ADAPTIVE_AVG, ADAPTIVE_MAX])
def test_unbatched_gradients_and_copies(kind: Any, axes: int) -> None:
    layer = kind[axes](2, algebra=hc.QUATERNION)
    x = fold(numbers(hc.QUATERNION, 1, 2, *SPATIAL[axes]), 1)
    torch.testing.assert_close(layer(x[0]), layer(x)[0])
    torch.testing.assert_close(copy.deepcopy(layer)(x), layer(x))
    assert torch.autograd.gradcheck(layer, x.requires_grad_(), fast_mode=True)


@pytest.mark.parametrize("kind", [AVG, MAX, ADAPTIVE_AVG, ADAPTIVE_MAX])
def test_compiled_exported_and_under_autocast(kind: Any) -> None:
    layer = kind[2](2, algebra=hc.QUATERNION)
    x = fold(numbers(hc.QUATERNION, 2, 3, 4, 4, dtype=torch.float32), 1)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), layer(x))
    torch.testing.assert_close(torch.export.export(layer, (x,)).module()(x), layer(x))
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(x.bfloat16()).isfinite().all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hc.nn.MaxPool2d(2, algebra="H"), r"`algebra` \(='H'\) must be an Algebra"),
        (
            lambda: hc.nn.MaxPool2d(2, algebra=hc.QUATERNION)(torch.ones(1, 6, 4, 4)),
            r"`input` of shape \(1, 6, 4, 4\) must have a multiple of 4 channels on axis 1",
        ),
        (
            lambda: hc.nn.AvgPool2d(2, algebra=hc.QUATERNION)(torch.ones(4, 4)),
            r"`input` of shape \(4, 4\) has no axis `dim` \(=-3\)",
        ),
        (
            lambda: hc.nn.AvgPool1d(2, divisor_override=3, algebra=hc.REAL)(torch.ones(4, 4)),
            r"`divisor_override` is not there for one axis",
        ),
        (
            lambda: hc.nn.MaxPool2d(2, algebra=hc.QUATERNION)(hc.QuaternionTensor(torch.ones(4, 4))),
            r"has no axis of channels: 2 axes must follow it",
        ),
        (
            lambda: hc.nn.MaxPool1d(2, algebra=hc.COMPLEX)(hc.QuaternionTensor(torch.ones(4, 4, 4))),
            r"`algebra` \(=COMPLEX\) is not that of a QuaternionTensor",
        ),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError), match=message):
        call()
