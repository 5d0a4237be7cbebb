"""Batches of sequences of different lengths: padded, packed, and back.

What pads is a number, so a `padding_value` is real: `w + 0i + …`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.utils import rnn

from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, lift, shape_of, wrap
from hypercomplex.functional.arguments import check_batch_sizes, check_lengths


@rule("shape", "_C._nn.pad_sequence")
def pad_sequence(
    cls: TensorType,
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: Literal["left", "right"] = "right",
) -> Tensor:
    for index, x in enumerate(sequences):
        if not shape_of(x):
            raise RuntimeError(f"`sequences[{index}]` is a single number, without an axis of time")
    like = next(x for x in sequences if is_typed(x))
    parts = [lift(cls, x, like) for x in sequences]
    padded = rnn.pad_sequence(parts, batch_first, 0.0, padding_side)
    inside = [x.new_ones(len(x), dtype=torch.bool) for x in parts]
    if padding_value != 0:
        within = rnn.pad_sequence(inside, batch_first, False, padding_side)
        padded = _filled(cls, padded, within, padding_value)
    return wrap(cls, padded)


@rule("shape", "_VF._pack_padded_sequence")
def pack_padded_sequence(
    cls: TensorType, input: Tensor, lengths: Tensor, batch_first: bool
) -> tuple[Tensor, Tensor]:
    if input.ndim < 3:
        raise ValueError(
            f"`input` of shape {shape_of(input)} must be padded sequences, (L, N, *), or (N, L, *) "
            "with batch_first"
        )
    steps, batch = input.shape[:2] if not batch_first else (input.shape[1], input.shape[0])
    check_lengths(lengths, batch, steps)
    packed = rnn.pack_padded_sequence(input, lengths, batch_first)
    return wrap(cls, packed.data), packed.batch_sizes


@rule("shape", "_VF._pad_packed_sequence")
def pad_packed_sequence(
    cls: TensorType,
    data: Tensor,
    batch_sizes: Tensor,
    batch_first: bool,
    padding_value: float,
    total_length: int,
) -> tuple[Tensor, Tensor]:
    check_batch_sizes(batch_sizes, len(data))
    packed = rnn.PackedSequence(data, batch_sizes)
    padded, lengths = rnn.pad_packed_sequence(packed, batch_first, 0.0, total_length)
    if padding_value != 0:
        steps = torch.arange(padded.shape[1 if batch_first else 0], device=padded.device)
        within = steps < lengths.to(padded.device).unsqueeze(1)
        padded = _filled(cls, padded, within if batch_first else within.T, padding_value)
    return wrap(cls, padded), lengths


def _filled(cls: TensorType, padded: Tensor, within: Tensor, value: float) -> Tensor:
    """The real number wherever no sequence is."""
    within = within.view(*within.shape, *[1] * (padded.ndim - 2))
    return torch.where(within, padded, lift(cls, value, padded))
