"""Sequences as rows, and a loop over time on them.

A batch of sequences is the rows of all time steps one after the other, as in a
`PackedSequence`: step t has `sizes[t]` rows, and sequences are sorted by falling length. A padded
batch is the case where all sizes are equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from hypercomplex.functional.arguments import check_batch_sizes, check_sequence, check_state

__all__ = [
    "Layer",
    "Layout",
    "States",
    "from_rows",
    "recurrent_mask",
    "scan",
    "stack",
    "start_state",
    "to_rows",
    "with_batch",
]

States = tuple[Tensor, ...]
Step = Callable[[Tensor, States], States]
Body = Callable[[Tensor, States], tuple[Tensor, States]]
Layer = Callable[[int, Tensor, States, bool], tuple[Tensor, States]]


class Layout(NamedTuple):
    """How a sequence lay before it became rows: padded steps of a batch, or packed."""

    steps: int
    batch: int
    batch_sizes: Tensor | None
    batch_first: bool

    @property
    def sizes(self) -> list[int]:
        """The number of rows of each step."""
        if self.batch_sizes is None:
            return [self.batch] * self.steps
        return self.batch_sizes.tolist()


def to_rows(input: Tensor, batch_sizes: Tensor | None, batch_first: bool) -> tuple[Tensor, Layout]:
    """The rows of a padded `(L, N, F)` or `(N, L, F)`, or of packed data, which has them."""
    if batch_sizes is not None:
        return input, Layout(len(batch_sizes), 0, batch_sizes, batch_first)
    steps = input.transpose(0, 1) if batch_first else input
    return steps.flatten(0, 1), Layout(steps.shape[0], steps.shape[1], None, batch_first)


def from_rows(rows: Tensor, layout: Layout) -> Tensor:
    """Back to the layout of the input."""
    if layout.batch_sizes is not None:
        return rows
    steps = rows.reshape(layout.steps, layout.batch, *rows.shape[1:])
    return steps.transpose(0, 1) if layout.batch_first else steps


def scan(
    step: Step, rows: Tensor, states: States, sizes: list[int], reverse: bool
) -> tuple[Tensor, States]:
    """Run `states = step(row block, states)` through time; the first state is the output.

    A sequence that has ended keeps its states; backward in time, one that has not begun does.
    """
    outputs = []
    blocks = rows.split(sizes)
    for block in reversed(blocks) if reverse else blocks:
        running, total = block.shape[0], states[0].shape[0]
        if running == total:
            states = new = step(block, states)
        else:
            new = step(block, tuple(s[:running] for s in states))
            states = tuple(torch.cat((a, s[running:])) for a, s in zip(new, states, strict=True))
        outputs.append(new[0])
    return torch.cat(outputs[::-1] if reverse else outputs), states


def stack(
    layer: Layer, rows: Tensor, states: States, directions: int, dropout: float
) -> tuple[Tensor, States]:
    """Run layer upon layer, each in all directions, with dropout between the layers.

    The states `(layers·directions, N, …)` are those at the start, and come back as at the end.
    """
    ends = []
    for first in range(0, len(states[0]), directions):
        if first and dropout:
            rows = torch.nn.functional.dropout(rows, dropout)
        outputs = []
        for direction in range(directions):
            index = first + direction
            output, end = layer(index, rows, tuple(s[index] for s in states), direction == 1)
            outputs.append(output)
            ends.append(end)
        rows = torch.cat(outputs, -1) if directions > 1 else outputs[0]
    return rows, tuple(torch.stack(column) for column in zip(*ends, strict=True))


def recurrent_mask(h: Tensor, dropout: float) -> Tensor | None:
    """What a state `(N, n, H)` is multiplied with at every step; numbers drop whole."""
    if not dropout:
        return None
    numbers = h.new_ones(h.shape[0], 1, h.shape[2])
    return torch.nn.functional.dropout(numbers, dropout)


def with_batch(
    body: Body,
    input: Tensor,
    starts: dict[str, Tensor | None],
    *,
    cells: int,
    features: int,
    batch_first: bool,
    batch_sizes: Tensor | None,
) -> States:
    """Run the body on a batch with checked states; one sequence is a batch of one, and comes back.

    A missing state is zero. The answer is the output, followed by the states at the end.
    """
    packed = batch_sizes is not None
    check_sequence(input, packed, batch_first)
    if batch_sizes is not None:
        check_batch_sizes(batch_sizes, len(input))
    batch = 0 if batch_first and not packed else 1
    batched = input.unsqueeze(batch) if input.ndim == 2 and not packed else input
    rows = int(batch_sizes[0]) if batch_sizes is not None else batched.shape[batch]
    shape = (cells, rows, features) if batched is input else (cells, features)
    states = tuple(start_state(name, s, input, shape) for name, s in starts.items())
    if batched is input:
        output, ends = body(input, states)
        return output, *ends
    output, ends = body(batched, tuple(s.unsqueeze(1) for s in states))
    return output.squeeze(batch), *(s.squeeze(1) for s in ends)


def start_state(name: str, state: Tensor | None, input: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The given state, if it has the shape, or zeros."""
    if state is None:
        return input.new_zeros(shape)
    check_state(name, state, input, shape)
    return state
