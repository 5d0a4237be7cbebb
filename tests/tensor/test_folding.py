"""Folded real tensors, as layers give them, and typed ones: from each to the other in one call."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import hypercomplex as hc
from tests.cases import every_telling_algebra


@every_telling_algebra
@pytest.mark.parametrize("shape", [(3,), (2, 1), (2, 3, 4, 5)])
def test_there_and_back(algebra: hc.Algebra, shape: tuple[int, ...]) -> None:
    n = algebra.dimension
    q = hc.as_hypercomplex(torch.randn(*shape, n).double(), algebra).requires_grad_()
    for dim in range(-len(shape), len(shape)):
        axis = dim % len(shape)
        folded: Any = q.folded(dim)
        assert type(folded) is torch.Tensor
        assert folded.shape == (*shape[:axis], n * shape[axis], *shape[axis + 1 :])
        for k, part in enumerate(folded.chunk(n, axis)):  # component-major
            assert torch.equal(part, q.components[..., k])
        back = hc.as_hypercomplex(folded, algebra, folded=dim)
        assert type(back) is type(q)
        assert torch.equal(back.components, q.components)
        weight = torch.randn_like(back.components)
        (grad,) = torch.autograd.grad((back.components * weight).sum(), q)
        assert torch.equal(grad.components, weight)


@every_telling_algebra
def test_what_layers_give(algebra: hc.Algebra) -> None:
    n = algebra.dimension
    embedding = hc.nn.Embedding(10, 3, algebra=algebra)
    index = torch.tensor([[1, 2], [9, 0]])
    rows = hc.as_hypercomplex(embedding(index), algebra, folded=-1)
    assert torch.equal(rows.components, embedding.weight[index])
    if n > 1:  # a last axis of several numbers needs no word
        assert torch.equal(
            hc.as_hypercomplex(embedding(index), algebra).components, rows.components
        )
    conv = hc.nn.Conv1d(2, 3, 3, algebra=algebra)
    x = torch.randn(2, 2 * n, 7)
    typed = conv(hc.as_hypercomplex(x, algebra, folded=1))
    torch.testing.assert_close(typed.folded(1), conv(x))


def test_it_shares_memory() -> None:
    x = torch.zeros(2, 12)
    hc.as_hypercomplex(x, hc.QUATERNION).fill_(1)
    assert torch.equal(x, torch.tensor([1.0] * 3 + [0.0] * 9).expand(2, 12))


def test_numbers_of_several_tensors_are_concatenated_typed() -> None:
    q, r = (hc.QuaternionTensor(torch.randn(2, k, 4)) for k in (3, 1))
    whole: Any = torch.cat([q, r], 1)
    assert torch.equal(
        hc.as_hypercomplex(whole.folded(), hc.QUATERNION).components, whole.components
    )
    assert not torch.equal(torch.cat([q.folded(), r.folded()], 1), whole.folded())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: hc.as_hypercomplex(torch.ones(3, 5), hc.QUATERNION), ValueError, "4 components"),
        (
            lambda: hc.as_hypercomplex(torch.ones(3, 5), hc.QUATERNION, folded=-1),
            ValueError,
            "`components` of shape .3, 5. must have a multiple of 4 channels on axis -1",
        ),
        (
            lambda: hc.as_hypercomplex(torch.ones(4), hc.QUATERNION, folded=1),
            ValueError,
            "on axis 1",
        ),
        (lambda: hc.as_hypercomplex(torch.ones(()), hc.QUATERNION), ValueError, "4 components"),
        (lambda: hc.QuaternionTensor(torch.ones(2, 4)).folded(1), IndexError, "`dim` .=1."),
        (lambda: hc.QuaternionTensor(torch.ones(4)).folded(), IndexError, "`dim` .=-1."),
    ],
)
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
