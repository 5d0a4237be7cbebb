"""What functions and layers ask of their arguments: every check once, with its sentence.

A sentence names the argument, what it is, and what it must be. Checks compare shapes, types and
devices, which Python knows without looking at values, so they cost little, and nothing breaks
where a compiler, an exporter or a transform of `torch.func` looks on. What torch's kernels for
sequences are given is checked here only: they read beyond the end of what does not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.values import FLOATING
from hypercomplex.lowering import is_ordinary

__all__ = [
    "check_alike",
    "check_batch_sizes",
    "check_bias",
    "check_channels",
    "check_device",
    "check_dtype",
    "check_folded",
    "check_gates",
    "check_lengths",
    "check_real",
    "check_sequence",
    "check_shape",
    "check_stack",
    "check_state",
    "check_tolerance",
    "check_weight",
    "check_width",
    "row_length",
]


# ---------------------------------------------------------------------- any tensor


def check_shape(name: str, x: Tensor, shape: tuple[int, ...], axes: str) -> None:
    """The tensor has that shape, whose sizes `axes` names."""
    if tuple(x.shape) != shape:
        raise ValueError(f"`{name}` of shape {tuple(x.shape)} must have the shape {axes} = {shape}")


def check_real(name: str, x: Tensor) -> None:
    """The components of numbers are real; numbers of torch's complex types have to be viewed so."""
    if not hasattr(x, "is_complex"):  # a symbolic trace has a stand-in for a tensor
        raise TypeError(f"`{name}` is a {type(x).__name__}, but must be a tensor")
    if x.is_complex():
        raise TypeError(
            f"`{name}` holds {x.dtype}; give the layer hypercomplex.as_hypercomplex("
            f"torch.view_as_real({name}), hypercomplex.COMPLEX); of its result y, "
            "torch.view_as_complex(y.components.contiguous()) is complex again"
        )


def check_tolerance(tolerance: object) -> None:
    """A tolerance is a real number, or a tensor of them, and not below zero."""
    if isinstance(tolerance, Tensor) or (isinstance(tolerance, int | float) and tolerance >= 0):
        return
    raise (ValueError if isinstance(tolerance, int | float) else TypeError)(
        f"`tolerance` (={tolerance!r}) must be a real number that is not negative"
    )


def check_width(name: str, x: Tensor, dim: int, width: int, meaning: str) -> None:
    """The axis `dim` has that many entries, of which `meaning` says why."""
    if not -x.ndim <= dim < x.ndim or x.shape[dim] != width:
        raise ValueError(
            f"`{name}` of shape {tuple(x.shape)} must have {width} entries on axis {dim}, "
            f"{meaning}; give it that width, or build the layer for this one"
        )


def check_dtype(name: str, dtype: torch.dtype) -> None:
    """The type is one that components have: real, floating-point, and one that torch adds in."""
    if dtype not in FLOATING:
        raise TypeError(
            f"`{name}` (={dtype!r}) must be a floating-point type that torch computes in: float16, "
            "bfloat16, float32 or float64; convert, for instance with .float()"
        )


def check_device(name: str, x: Tensor, other: str, like: Tensor) -> None:
    """Both tensors live on one device."""
    if x.device != like.device:
        raise ValueError(
            f"`{name}` lives on {x.device}, but `{other}` on {like.device}; move one of them, for "
            f"instance with .to({str(like.device)!r})"
        )


def check_alike(name: str, x: Tensor, other: str, like: Tensor) -> None:
    """Both tensors live on one device and, where autocast does not convert them, hold one type."""
    check_device(name, x, other, like)
    if x.dtype != like.dtype and not _converts(x):
        check_real(name, x)
        raise TypeError(
            f"`{name}` holds {x.dtype}, but `{other}` {like.dtype}; convert one of them, for "
            f"instance with .to({like.dtype})"
        )


def _converts(x: Tensor) -> bool:
    """Whether autocast makes the types of floating-point operands equal."""
    if x.is_meta or not x.is_floating_point():
        return False
    return torch.is_autocast_enabled(x.device.type)


# ---------------------------------------------------------------------- affine maps


def check_weight(weight: Tensor, algebra: Algebra, axes: str) -> None:
    """The weight has as many axes as `axes` says and the components on the last one."""
    n = algebra.dimension
    if weight.ndim != axes.count(",") + 1 or weight.shape[-1] != n:
        raise ValueError(
            f"`weight` of shape {tuple(weight.shape)} must have the shape {axes}, "
            f"with the n = {n} components of {algebra} last"
        )


def check_bias(bias: Tensor | None, outputs: int, algebra: Algebra) -> None:
    """The bias holds one number for each output."""
    n = algebra.dimension
    if bias is not None and bias.shape != (outputs, n):
        raise ValueError(
            f"`bias` of shape {tuple(bias.shape)} must have the shape (O, n) = {(outputs, n)}, "
            f"with the n = {n} components of {algebra} last"
        )


def check_channels(input: Tensor, dim: int, numbers: int, algebra: Algebra) -> None:
    """The folded channel axis of the input holds that many numbers."""
    check_real("input", input)
    n = algebra.dimension
    if input.ndim < -dim or input.shape[dim] != n * numbers:
        raise ValueError(
            f"`input` of shape {tuple(input.shape)} must have {n}·{numbers} = {n * numbers} "
            f"channels on axis {dim}: {numbers} numbers of {algebra}, folded component-major"
        )


def check_folded(x: Tensor, dim: int, algebra: Algebra) -> None:
    """The axis `dim` holds whole numbers, folded."""
    n = algebra.dimension
    if not -x.ndim <= dim < x.ndim or x.shape[dim] % n:
        raise ValueError(
            f"`components` of shape {tuple(x.shape)} must have a multiple of {n} entries on axis "
            f"{dim}: whole numbers of {algebra}, folded component-major"
        )


# ---------------------------------------------------------------------- recurrent networks


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
    for index, ((name, weight), column) in enumerate(zip(weights, columns, strict=False)):
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
            f"`{name}` of shape {tuple(state.shape)} must have the folded shape {shape}, "
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
