"""Typed sequences of different lengths: padded, packed and back, as the plain ones are."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils import rnn

import hypercomplex as hc
from tests.cases import every_telling_algebra

LENGTHS = [2, 4, 1]
both_layouts = pytest.mark.parametrize("batch_first", [False, True])


def sequences(algebra: hc.Algebra, *lengths: int) -> list[Any]:
    numbers = (torch.randn(length, 2, algebra.dimension).double() for length in lengths)
    return [hc.as_hypercomplex(x, algebra).requires_grad_() for x in numbers]


def components(x: Any) -> Any:
    return x.components if isinstance(x, hc.HypercomplexTensor) else x


@every_telling_algebra
@both_layouts
@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("value", [0.0, 2.5])
def test_padded(algebra: hc.Algebra, batch_first: bool, side: str, value: float) -> None:
    given = sequences(algebra, *LENGTHS)
    padded: Any = rnn.pad_sequence(given, batch_first, value, side)
    assert type(padded) is hc.tensor_type(algebra)
    parts = [  # what pads is a real number
        rnn.pad_sequence([x.components[..., k] for x in given], batch_first, fill, side)
        for k, fill in enumerate([value] + [0.0] * (algebra.dimension - 1))
    ]
    assert torch.equal(padded.components, torch.stack(parts, -1))
    padded.components.square().sum().backward()
    for x in given:
        assert torch.equal(x.grad.components, 2 * x.components)


def test_padded_beside_reals() -> None:
    q, x = hc.QuaternionTensor(torch.randn(3, 2, 4)), torch.randn(1, 2)
    padded: Any = rnn.pad_sequence([x, q])
    assert torch.equal(padded.components[0, 0], torch.nn.functional.pad(x[0, :, None], (0, 3)))
    assert not padded.components[1:, 0].any()


@every_telling_algebra
@both_layouts
@pytest.mark.parametrize("value", [0.0, -1.5])
def test_packed_and_back(algebra: hc.Algebra, batch_first: bool, value: float) -> None:
    given = sequences(algebra, *LENGTHS)
    padded: Any = rnn.pad_sequence(given, batch_first)
    lengths = torch.tensor(LENGTHS)
    packed = rnn.pack_padded_sequence(padded, lengths, batch_first, enforce_sorted=False)
    plain = rnn.pack_padded_sequence(padded.components, lengths, batch_first, enforce_sorted=False)
    assert type(packed.data) is hc.tensor_type(algebra)
    assert torch.equal(packed.data.components, plain.data)
    assert torch.equal(packed.batch_sizes, plain.batch_sizes)
    back, counted = rnn.pad_packed_sequence(packed, batch_first, value, total_length=5)
    assert counted.tolist() == LENGTHS
    extended = rnn.pad_sequence([*given, sequences(algebra, 5)[0]], batch_first, value)
    assert torch.equal(components(back), components(extended.narrow(1 - batch_first, 0, 3)))
    data = packed.data.components
    assert torch.equal(
        torch.autograd.grad(data.sum(), given[0])[0].components, torch.ones(2, 2, algebra.dimension)
    )
    again: Any = rnn.pack_sequence(given, enforce_sorted=False)
    assert torch.equal(again.data.components, plain.data)
    assert packed.float().data.components.dtype == torch.float32
    for x, y, z in zip(
        given,
        rnn.unpad_sequence(padded, lengths, batch_first),
        rnn.unpack_sequence(again),
        strict=True,
    ):
        assert torch.equal(components(y), x.components)
        assert torch.equal(components(z), x.components)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "LiGRU"])
def test_layers_take_packed_numbers(kind: str) -> None:
    layer = getattr(hc.nn, f"Quaternion{kind}")(2, 3, bidirectional=True).double().eval()
    packed: Any = rnn.pack_sequence(sequences(hc.QUATERNION, *LENGTHS), enforce_sorted=False)
    output, state = layer(packed)
    folded = packed._replace(data=fold(packed.data))
    expected, expected_state = layer(folded)
    assert type(output.data) is hc.QuaternionTensor
    torch.testing.assert_close(fold(output.data), expected.data)
    if kind == "LSTM":
        state, expected_state = state[0], expected_state[0]
    torch.testing.assert_close(fold(state), expected_state)


def fold(q: Any) -> Tensor:
    return q.components.movedim(-1, -2).flatten(-2)


def test_what_does_not_fit_is_refused() -> None:
    q: Any = hc.QuaternionTensor(torch.randn(4, 3, 2, 4))
    for lengths in ([5, 1, 1], [4, 1], [4, 2, 0]):
        with pytest.raises((ValueError, RuntimeError), match=r"`lengths`|[Ll]ength"):
            rnn.pack_padded_sequence(q, torch.tensor(lengths))
    with pytest.raises(ValueError, match="padded sequences"):
        rnn.pack_padded_sequence(q[0, :, 0], torch.tensor([1, 1, 1]))
    with pytest.raises(RuntimeError, match=r"`sequences\[1\]` is a single number"):
        rnn.pad_sequence([q[0, 0], q[0, 0, 0]])
    for sizes in ([12, -8], [1, 3], [5]):
        with pytest.raises(ValueError, match="`batch_sizes`"):
            rnn.pad_packed_sequence(rnn.PackedSequence(q[:, 0], torch.tensor(sizes)))
