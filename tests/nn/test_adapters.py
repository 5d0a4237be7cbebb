"""Real features become numbers and numbers real features; integers become rows of numbers."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import hypercomplex as hc
from hypercomplex.lowering import fold, unfold
from tests.cases import ALGEBRAS, every_telling_algebra, numbers

IMAGINARY = tuple(A for A in ALGEBRAS if A.dimension > 1)
every_algebra_with_imaginary_units = pytest.mark.parametrize("algebra", IMAGINARY, ids=str)
every_axis = pytest.mark.parametrize("dim", [1, -1])


def slow_groups(x: Tensor, dim: int, size: int) -> list[list[Tensor]]:
    """Feature by feature."""
    features = [*x.unbind(dim)]
    while len(features) % size:
        features.append(torch.zeros_like(features[0]))
    return [features[i : i + size] for i in range(0, len(features), size)]


@every_telling_algebra
@every_axis
@pytest.mark.parametrize("count", [1, 7, 8])
def test_features_to_numbers_is_its_literal_twin(algebra: hc.Algebra, dim: int, count: int) -> None:
    x = torch.randn(2, count, 5).transpose(1, dim)
    y = hc.nn.FeaturesToNumbers(algebra=algebra, dim=dim)(x)
    rows = slow_groups(x, dim, algebra.dimension)
    expected = torch.stack([torch.stack(row, -1) for row in rows], dim if dim == 1 else 2)
    assert torch.equal(unfold(y, dim % 3, algebra.dimension), expected)


@every_algebra_with_imaginary_units
@every_axis
@pytest.mark.parametrize("with_real_part", [False, True])
@pytest.mark.parametrize("count", [1, 7, 8])
def test_features_to_imaginary_is_its_literal_twin(
    algebra: hc.Algebra, dim: int, with_real_part: bool, count: int
) -> None:
    size = algebra.dimension - 1
    weights = [0.1 * (i + 1) for i in range(size)] if with_real_part else None
    x = torch.randn(2, count, 5).transpose(1, dim)
    y = hc.nn.FeaturesToImaginary(weights, algebra=algebra, dim=dim)(x)
    expected = []
    for row in slow_groups(x, dim, size):
        real = torch.zeros_like(row[0])
        for w, feature in zip(weights or [0.0] * size, row, strict=True):
            real = real + w * feature
        expected.append(torch.stack([real, *row], -1))
    numbers_ = unfold(y, dim % 3, algebra.dimension)
    torch.testing.assert_close(numbers_, torch.stack(expected, dim if dim == 1 else 2))


def test_a_picture_becomes_pure_quaternions_or_has_its_brightness_as_real_part() -> None:
    picture = torch.rand(2, 3, 4, 4)
    pure = hc.nn.FeaturesToImaginary(algebra=hc.QUATERNION)(picture)
    assert torch.equal(pure[:, 1:], picture)
    assert not pure[:, 0].any()
    grey = hc.nn.FeaturesToImaginary(hc.nn.LUMINANCE, algebra=hc.QUATERNION)(picture)
    assert torch.equal(grey[:, 1:], picture)
    brightness = 0.299 * picture[:, 0] + 0.587 * picture[:, 1] + 0.114 * picture[:, 2]
    torch.testing.assert_close(grey[:, 0], brightness)


@every_algebra_with_imaginary_units
def test_learned_vectors_keep_the_picture_and_learn_each_imaginary_part(
    algebra: hc.Algebra,
) -> None:
    layer = hc.nn.LearnedVector(3, algebra=algebra)
    picture = torch.rand(2, 3, 4, 4)
    y = layer(picture)
    assert y.shape == (2, 3 * algebra.dimension, 4, 4)
    assert torch.equal(y[:, :3], picture)
    y.square().sum().backward()
    assert all(p.grad.isfinite().all() for p in layer.parameters())
    layer.eval()
    y = layer(picture)
    for i, (norm1, _, conv1, norm2, _, conv2) in enumerate(layer.imaginary, 1):
        expected = conv2(norm2(conv1(norm1(picture).relu())).relu())
        torch.testing.assert_close(y[:, 3 * i : 3 * i + 3], expected)


# ---------------------------------------------------------------------- back


@every_telling_algebra
def test_readouts_are_the_attributes_of_the_tensor(algebra: hc.Algebra) -> None:
    x = numbers(algebra, 2, 3, 5)
    q, folded = hc.as_hypercomplex(x, algebra), fold(x, 1)
    for kind, expected in (
        (hc.nn.RealPart, q.real),
        (hc.nn.Modulus, abs(q)),
        (hc.nn.AllComponents, folded),
    ):
        layer = kind(algebra=algebra, dim=1)
        for input in (q, folded):
            y = layer(input)
            assert type(y) is Tensor
            torch.testing.assert_close(y, expected)


@every_telling_algebra
def test_the_learned_readout_is_a_real_linear_layer(algebra: hc.Algebra) -> None:
    layer = hc.nn.LearnedReadout(3, 7, algebra=algebra, dtype=torch.float64)
    x = numbers(algebra, 2, 5, 3)
    expected = layer.linear(fold(x, 2))
    torch.testing.assert_close(layer(fold(x, 2)), expected)
    torch.testing.assert_close(layer(hc.as_hypercomplex(x, algebra)), expected)


def test_there_and_back() -> None:
    x = torch.randn(3, 8, 4)
    there = hc.nn.FeaturesToNumbers(algebra=hc.QUATERNION)(x)
    parts = unfold(hc.nn.AllComponents(algebra=hc.QUATERNION, dim=1)(there), 1, 4)
    assert torch.equal(parts.transpose(2, 3).flatten(1, 2), x)


ADAPTERS: list[tuple[Callable[[], nn.Module], tuple[int, ...]]] = [
    (lambda: hc.nn.FeaturesToNumbers(algebra=hc.QUATERNION), (2, 7, 3, 3)),
    (
        lambda: hc.nn.FeaturesToImaginary(hc.nn.LUMINANCE, algebra=hc.QUATERNION),
        (2, 7, 3, 3),
    ),
    (lambda: hc.nn.LearnedVector(3, algebra=hc.QUATERNION), (2, 3, 4, 4)),
    (lambda: hc.nn.RealPart(algebra=hc.QUATERNION, dim=1), (2, 8, 3)),
    (lambda: hc.nn.Modulus(algebra=hc.QUATERNION, dim=1), (2, 8, 3)),
    (lambda: hc.nn.AllComponents(algebra=hc.QUATERNION, dim=1), (2, 8, 3)),
    (lambda: hc.nn.LearnedReadout(2, 3, algebra=hc.QUATERNION), (2, 8)),
]


@pytest.mark.parametrize(("make", "shape"), ADAPTERS)
def test_gradients_copies_compilers_and_autocast(
    make: Callable[[], nn.Module], shape: tuple[int, ...]
) -> None:
    layer = make().double().eval()
    x = torch.randn(shape, dtype=torch.float64)
    fresh = make().double().eval()
    fresh.load_state_dict(layer.state_dict())
    assert torch.equal(copy.deepcopy(fresh)(x), layer(x))
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), layer(x))
    torch.testing.assert_close(torch.export.export(layer, (x,)).module()(x), layer(x))
    assert torch.autograd.gradcheck(layer, x.requires_grad_(), fast_mode=True)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer.float()(x.detach().bfloat16()).isfinite().all()


# ---------------------------------------------------------------------- look-up


@every_telling_algebra
def test_embedding_is_its_literal_twin(algebra: hc.Algebra) -> None:
    layer = hc.nn.Embedding(10, 3, padding_idx=-2, algebra=algebra)
    index = torch.tensor([[1, 8, 3], [9, 1, 0]])
    y = layer(index)
    assert type(y) is Tensor
    expected = torch.stack([torch.stack([layer.weight[i] for i in row]) for row in index])
    assert torch.equal(unfold(y, 2, algebra.dimension), expected)
    assert not y[0, 1].any()
    assert torch.equal(layer(index[0, 0]), fold(layer.weight[1], 0))
    y.sum().backward()
    seen = torch.zeros_like(layer.weight)
    for i in (1, 1, 3, 9, 0):
        seen[i] += 1
    assert torch.equal(layer.weight.grad, seen)


@every_telling_algebra
def test_embeddings_start_with_mean_squared_modulus_one(algebra: hc.Algebra) -> None:
    layer = hc.nn.Embedding(4000, 5, algebra=algebra)
    assert abs(layer.weight.square().sum(-1).mean() - 1) < 0.05
    layer.reset_parameters(torch.Generator().manual_seed(1))
    first = layer.weight.clone()
    layer.reset_parameters(torch.Generator().manual_seed(1))
    assert torch.equal(layer.weight, first)


@pytest.mark.parametrize("options", [{"max_norm": 0.5}, {"max_norm": 0.5, "norm_type": 1.0}])
def test_embedding_over_the_reals_is_torchs(options: dict[str, Any]) -> None:
    layer = hc.nn.Embedding(10, 3, scale_grad_by_freq=True, **options, algebra=hc.REAL)
    twin = nn.Embedding(10, 3, scale_grad_by_freq=True, **options)
    twin.weight.data.copy_(layer.weight.squeeze(-1))
    index = torch.tensor([[1, 8, 1], [9, 1, 0]])
    factor = torch.randn(2, 3, 3)
    assert torch.equal(layer(index), twin(index))
    (layer(index) * factor).sum().backward()
    (twin(index) * factor).sum().backward()
    assert torch.equal(layer.weight.squeeze(-1), twin.weight)
    torch.testing.assert_close(layer.weight.grad.squeeze(-1), twin.weight.grad)


def test_rows_of_planar_tables_are_shortened_too() -> None:
    table = torch.randn(4, 5, 3).movedim(0, -1)  # (5, 3, 4), the components outermost
    twin = table.contiguous()
    index = torch.tensor([0, 3])
    rows = [hc.functional.embedding(index, weight, max_norm=0.5) for weight in (table, twin)]
    assert torch.equal(table, twin)
    assert torch.equal(*rows)
    assert float(table[index].flatten(1).norm(dim=1).max()) < 0.5001


def test_embedding_copied_compiled_exported_and_under_autocast() -> None:
    layer = hc.nn.QuaternionEmbedding(10, 3)
    index = torch.tensor([1, 2])
    fresh = hc.nn.QuaternionEmbedding(10, 3)
    fresh.load_state_dict(layer.state_dict())
    assert torch.equal(copy.deepcopy(fresh)(index), layer(index))
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(index), layer(index))
    assert torch.equal(torch.export.export(layer, (index,)).module()(index), layer(index))
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(index).isfinite().all()


ERRORS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: hc.nn.FeaturesToImaginary(algebra=hc.REAL),
        r"`algebra` \(=REAL\) has no imaginary units to hold features",
    ),
    (
        lambda: hc.nn.FeaturesToImaginary((1, 2), algebra=hc.QUATERNION),
        r"`real_weights` \(=\(1, 2\)\) must be 3 numbers, one for each imaginary unit",
    ),
    (
        lambda: hc.nn.FeaturesToNumbers(algebra=hc.QUATERNION, dim=2)(torch.ones(2, 3)),
        r"`input` of shape \(2, 3\) has no axis `dim` \(=2\)",
    ),
    (lambda: hc.nn.LearnedVector(3, algebra=hc.REAL), r"has no imaginary units"),
    (
        lambda: hc.nn.LearnedVector(0, algebra=hc.QUATERNION),
        r"`channels` \(=0\) must be a positive integer",
    ),
    (
        lambda: hc.nn.RealPart(algebra=hc.QUATERNION)(torch.ones(2, 4, 3)),
        r"`input` of shape \(2, 4, 3\): say with `dim` which axis holds the channels",
    ),
    (
        lambda: hc.nn.AllComponents(algebra=hc.QUATERNION)(torch.ones(2, 4, 3)),
        r"`input` of shape \(2, 4, 3\): say with `dim` which axis holds the channels",
    ),
    (
        lambda: hc.nn.Modulus(algebra=hc.QUATERNION)(torch.ones(2, 6)),
        r"must have a multiple of 4 channels on axis 1",
    ),
    (
        lambda: hc.nn.Modulus(algebra=hc.COMPLEX)(hc.QuaternionTensor(torch.ones(2, 4))),
        r"`algebra` \(=COMPLEX\) is not that of a QuaternionTensor",
    ),
    (
        lambda: hc.nn.QuaternionEmbedding(10, 3, padding_idx=10),
        r"`padding_idx` \(=10\) must be one of `num_embeddings` \(=10\) rows",
    ),
    (
        lambda: hc.functional.embedding(torch.tensor(0), torch.ones(2, 3)),
        r"`weight` of shape \(2, 3\) must have the shape \(V, E, n\)",
    ),
]


@pytest.mark.parametrize(("call", "message"), ERRORS)
def test_errors_say_what_is_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError), match=message):
        call()
