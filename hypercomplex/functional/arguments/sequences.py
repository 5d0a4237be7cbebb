"""What recurrent networks must be given: torch's kernels read beyond what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from hypercomplex.functional.arguments.shapes import check_alike, check_shape
from hypercomplex.host.mode import is_ordinary


def check_gates(
    weights: Iterable[tuple[str, Tensor]],
    gates: int,
    inputs: int,
    hidden: int,
    components: tuple[int, ...],
) -> None:
    """One layer and direction has W, U and biases of its gates; of reals, without components."""
    rows = gates * hidden
    columns = ((inputs,), (hidden,), (), ())
    for index, ((name, weight), column) in enumerate(zip(weights, columns)):
        shape = (rows, *column, *components)
        if weight.shape != shape:
            axes = ("G·H", *("I", "H", "", "")[index], *("n" for _ in components))
            check_shape(name, weight, shape, f"({', '.join(axes)})")
        if index == 0:
            first, like = name, weight
        else:
            check_alike(name, weight, first, like)


def check_stack(
    weights: Sequence[Tensor],
    gates: int,
    *,
    num_layers: int,
    directions: int,
    biases: int,
    components: tuple[int, ...],
) -> tuple[int, int]:
    """Every layer and direction has its weights, and all biases or none; the sizes I and H."""
    cells = num_layers * directions
    each = len(weights) // max(cells, 1)
    if cells < 1 or len(weights) != each * cells or each not in (2, 2 + biases):
        raise ValueError(
            f"`weights` holds {len(weights)} tensors, but `num_layers` (={num_layers}) of "
            f"{directions} direction(s) have W and U{', b' * biases} each: {2 * cells}, or "
            f"{(2 + biases) * cells} with biases"
        )
    named = [(f"weights[{i}]", w) for i, w in enumerate(weights)]
    inputs, hidden = (row_length(name, w, components) for name, w in named[:2])
    for index in range(cells):
        width = inputs if index < directions else directions * hidden
        check_gates(named[each * index :][:each], gates, width, hidden, components)
        check_alike(*named[each * index], *named[0])
    return inputs, hidden


def row_length(name: str, weight: Tensor, components: tuple[int, ...]) -> int:
    """How many numbers one row of a weight meets."""
    if weight.ndim != 2 + len(components):
        axes = "(rows, columns, n)" if components else "(rows, columns)"
        raise ValueError(f"`{name}` of shape {tuple(weight.shape)} must have the shape {axes}")
    return int(weight.shape[1])


def check_sequence(input: Tensor, packed: bool, batch_first: bool) -> None:
    """A sequence has time, channels and perhaps a batch axis, and at least one time step."""
    if input.ndim not in ((2,) if packed else (2, 3)):
        raise ValueError(
            f"`input` of shape {tuple(input.shape)} must be a sequence (L, C), or a batch of them, "
            "(L, N, C), or (N, L, C) with batch_first"
        )
    time = 1 if batch_first and input.ndim == 3 else 0
    if input.shape[time] == 0:
        raise ValueError(
            f"`input` of shape {tuple(input.shape)} has no time steps on axis {time}; "
            "a sequence needs at least one"
        )


def check_state(name: str, state: Tensor, input: Tensor, shape: tuple[int, ...]) -> None:
    """The state at the start is one of the network and of the batch."""
    if tuple(state.shape) != shape:
        raise ValueError(
            f"`{name}` of shape {tuple(state.shape)} must have the shape {shape}, "
            f"for `input` of shape {tuple(input.shape)}"
        )
    check_alike(name, state, "input", input)


def check_batch_sizes(batch_sizes: Tensor, rows: int) -> None:
    """The rows of each time step never grow, and add up to those of the packed data."""
    if batch_sizes.dtype != torch.int64 or batch_sizes.device.type != "cpu":
        raise TypeError(
            f"`batch_sizes` holds {batch_sizes.dtype} on {batch_sizes.device}, but must hold "
            "torch.int64 on the CPU, as torch.nn.utils.rnn.pack_padded_sequence gives them"
        )
    if batch_sizes.ndim != 1 or not len(batch_sizes):
        raise ValueError(
            f"`batch_sizes` of shape {tuple(batch_sizes.shape)} must have the shape (L,), with at "
            "least one time step"
        )
    if not is_ordinary(batch_sizes):  # a tracer's, without values
        return
    sizes = batch_sizes.tolist()
    if sizes[-1] < 1 or any(a < b for a, b in pairwise(sizes)) or sum(sizes) != rows:
        raise ValueError(
            f"`batch_sizes` (={sizes}) must be positive, never grow, and add up to the {rows} rows "
            "of the packed `input`, as torch.nn.utils.rnn.pack_padded_sequence gives them"
        )


def check_lengths(lengths: Tensor, batch: int, steps: int) -> None:
    """There is a length of each sequence, of one step at least and no more than there are."""
    if lengths.is_floating_point():
        raise TypeError(
            f"`lengths` holds {lengths.dtype}, but counts steps; multiply shares by the {steps} "
            "steps of the padded `input`, and round"
        )
    if lengths.shape != (batch,):
        raise ValueError(
            f"`lengths` of shape {tuple(lengths.shape)} must have the shape (N,) = {(batch,)}: one "
            "for each sequence of the batch"
        )
    if is_ordinary(lengths) and not all(1 <= length <= steps for length in lengths.tolist()):
        raise ValueError(
            f"`lengths` (={lengths.tolist()}) must lie between 1 and the {steps} steps of the "
            "padded `input`"
        )
