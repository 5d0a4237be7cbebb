"""Rows of a typed table are its numbers; sums of rows are sums of numbers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

import hypercomplex as hc
from tests.cases import every_telling_algebra

INDEX = torch.tensor([[1, 2], [3, 1]])


def table(algebra: hc.Algebra) -> Any:
    numbers = torch.randn(5, 3, algebra.dimension, dtype=torch.float64)
    return hc.as_hypercomplex(numbers, algebra).requires_grad_()


@every_telling_algebra
@pytest.mark.parametrize("padding", [None, 1, -4])
@pytest.mark.parametrize("by_frequency", [False, True])
def test_a_row_is_its_numbers(algebra: hc.Algebra, padding: int | None, by_frequency: bool) -> None:
    weight = table(algebra)
    rows: Any = F.embedding(INDEX, weight, padding, scale_grad_by_freq=by_frequency)
    assert type(rows) is hc.tensor_type(algebra)
    assert rows.shape == (2, 2, 3)
    assert torch.equal(rows.components, weight.components[INDEX])
    rows.components.sum().backward()
    counts = torch.tensor([0.0, 2, 1, 1, 0], dtype=torch.float64)
    if by_frequency:
        counts = counts.clamp(max=1)
    if padding is not None:
        counts[1] = 0
    assert torch.equal(
        weight.grad.components, counts[:, None, None].expand(5, 3, len(algebra.conjugation))
    )


@pytest.mark.parametrize("norm_type", [1.0, 2.0, float("inf")])
@pytest.mark.parametrize("planar", [False, True])
def test_rows_are_shortened_by_their_moduli(norm_type: float, planar: bool) -> None:
    weight = table(hc.QUATERNION).detach()
    if planar:
        weight = hc.QuaternionTensor(weight.components.movedim(-1, 0).contiguous().movedim(0, -1))
    lengths = torch.linalg.vector_norm(abs(weight), norm_type, 1)
    limit = float(lengths[1:4].median())
    factors = torch.where(lengths > limit, limit / lengths, 1.0)
    factors[[0, 4]] = 1  # not looked up
    expected = weight.components * factors[:, None, None]
    leaf = weight.requires_grad_()
    rows: Any = F.embedding(INDEX, leaf, max_norm=limit, norm_type=norm_type)
    torch.testing.assert_close(leaf.components, expected)
    torch.testing.assert_close(rows.components, expected[INDEX])
    rows.components.sum().backward()
    assert leaf.grad is not None


@every_telling_algebra
@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_bags_are_sums_of_numbers(algebra: hc.Algebra, mode: str) -> None:
    weight = table(algebra)
    reduce = torch.sum if mode == "sum" else torch.mean
    bags: Any = F.embedding_bag(INDEX, weight, mode=mode)
    torch.testing.assert_close(bags.components, reduce(weight.components[INDEX], 1))
    offsets = torch.tensor([0, 3])
    ragged: Any = F.embedding_bag(INDEX.flatten(), weight, offsets, mode=mode)
    parts = [weight.components[INDEX.flatten()[s]] for s in (slice(0, 3), slice(3, 4))]
    torch.testing.assert_close(ragged.components, torch.stack([reduce(p, 0) for p in parts]))
    low: Any = torch.embedding_bag(weight, INDEX.flatten(), offsets, False, int(mode == "mean"))[0]
    assert torch.equal(low.components, ragged.components)
    if mode == "sum":
        factors = torch.rand(2, 2, dtype=torch.float64)
        weighted: Any = F.embedding_bag(INDEX, weight, mode=mode, per_sample_weights=factors)
        expected = (factors[..., None, None] * weight.components[INDEX]).sum(1)
        torch.testing.assert_close(weighted.components, expected)


def test_torchs_layer_takes_a_typed_table() -> None:
    weight = table(hc.OCTONION)
    layer = torch.nn.Embedding(5, 3, _weight=weight.detach())
    rows: Any = layer(INDEX)
    assert torch.equal(rows.components, weight.components[INDEX])
    rows.components.sum().backward()
    assert type(layer.weight.grad) is hc.tensor_type(hc.OCTONION)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda w: F.embedding(INDEX, w, sparse=True), NotImplementedError, "sparse=False"),
        (lambda w: F.embedding(w, w), TypeError, "`input` is a QuaternionTensor"),
        (lambda w: F.embedding(INDEX + 9, w), IndexError, "index out of range"),
        (lambda w: F.embedding_bag(INDEX, w, mode="max"), NotImplementedError, "no order"),
        (
            lambda w: F.embedding_bag(INDEX, w, mode="sum", per_sample_weights=w[:2, :2]),
            NotImplementedError,
            "`per_sample_weights`",
        ),
        (
            lambda w: F.embedding_bag(INDEX[0], w, torch.tensor([0, 2, 1]), mode="sum"),
            ValueError,
            "`offsets` .* must never fall",
        ),
    ],
)
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(table(hc.QUATERNION))
