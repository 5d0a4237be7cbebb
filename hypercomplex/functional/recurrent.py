"""Recurrent networks of numbers: torch's fused kernels on lowered weights, or a loop over time.

A gate is a number, `W x + b + U h + b'` over the algebra; its sigmoid or tanh and the products of
gates with states act on every component by itself. The equations stand first.
The weights are lowered once for a whole sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear

from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import (
    Count,
    IntegerTensor,
    Probability,
    check_alike,
    check_channels,
    check_gates,
    check_probability,
    check_stack,
    row_length,
    state_width,
)
from hypercomplex.functional.scan import (
    Layer,
    States,
    from_rows,
    recurrent_mask,
    scan,
    stack,
    start_state,
    to_rows,
    with_batch,
)
from hypercomplex.host.mode import all_digits, is_compiling, only_reverse
from hypercomplex.host.silence import silence
from hypercomplex.kernels.precision import autocast_dtype, needs_single
from hypercomplex.lowering import (
    AnyBilinear,
    AnyProduct,
    gate_bias,
    gate_matrix,
    lower_gates,
    unfold_groups,
)
from hypercomplex.lowering.block import Side

__all__ = ["Mode", "recurrent", "recurrent_cell"]

silence(
    "RNN module weights are not part of single contiguous chunk",
    __name__,
    "lowered weights are new at every call; advice to keep parameters in one piece does not apply",
)

Mode = Literal["rnn_tanh", "rnn_relu", "lstm", "gru"]


# ---------------------------------------------------------------------- the equations


def _rnn_tanh(x: Tensor, u: Tensor, h: Tensor) -> States:
    return (torch.tanh(x + u),)


def _rnn_relu(x: Tensor, u: Tensor, h: Tensor) -> States:
    return (torch.relu(x + u),)


def _lstm(x: Tensor, u: Tensor, h: Tensor, c: Tensor) -> States:
    i, f, g, o = (x + u).chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _gru(x: Tensor, u: Tensor, h: Tensor) -> States:
    x_r, x_z, x_n = x.chunk(3, -1)
    u_r, u_z, u_n = u.chunk(3, -1)
    r, z = torch.sigmoid(x_r + u_r), torch.sigmoid(x_z + u_z)
    return ((1 - z) * torch.tanh(x_n + r * u_n) + z * h,)


class _Kind(NamedTuple):
    """One kind of network: a step maps `W x + b`, `U h + b'` and the states to new states."""

    gates: int
    states: tuple[str, ...]
    step: Callable[..., States]
    kernel: Callable[..., States]


_KINDS: dict[str, _Kind] = {
    "rnn_tanh": _Kind(1, ("h0",), _rnn_tanh, torch.rnn_tanh),
    "rnn_relu": _Kind(1, ("h0",), _rnn_relu, torch.rnn_relu),
    "lstm": _Kind(4, ("h0", "c0"), _lstm, torch.lstm),
    "gru": _Kind(3, ("h0",), _gru, torch.gru),
}


# ---------------------------------------------------------------------- whole sequences


@folded("input h0 c0", gives="numbers numbers numbers")
def recurrent(
    input: Tensor,
    h0: Tensor | None,
    c0: Tensor | None,
    weights: Sequence[Tensor],
    *,
    mode: Mode,
    algebra: AnyProduct,
    num_layers: Count = 1,
    bidirectional: bool = False,
    batch_first: bool = False,
    dropout: Probability = 0.0,
    recurrent_dropout: Probability = 0.0,
    training: bool = False,
    side: Side = "left",
    fused: bool = True,
    batch_sizes: IntegerTensor | None = None,
) -> tuple[Tensor, ...]:
    r"""A recurrent network of numbers over whole sequences, such as torch's LSTM, GRU and RNN.

    The weights become real matrices once, and torch's fused kernel (cuDNN on a GPU) runs all
    layers and directions. A loop in Python over the same matrices takes its place for recurrent
    dropout, on request, while `torch.compile` traces, which unrolls torch's kernels as well
    and cannot trace those for CPUs, and under `torch.func.vmap` and derivatives in forward mode.

    An LSTM in half precision on a CPU, under autocast or not, is computed in single precision and
    rounded at the end, so that all CPUs agree.

    Args:
        input: `(L, N, n·I)` folded, or typed `(L, N, I)`; `(N, L, …)` with `batch_first`; the
            batch axis may be missing; with `batch_sizes` the data of a `PackedSequence`.
        h0: the hidden state at the start, `(layers·directions, N, n·H)` or typed; zeros if None.
        c0: the cell state at the start, in mode `"lstm"`; zeros if None.
        weights: for each layer and direction `W (G·H, I, n)`, `U (G·H, H, n)` and, if there are
            biases, `b (G·H, n)` and `b' (G·H, n)`, with the gates in torch's order.
        mode: `"rnn_tanh"`, `"rnn_relu"`, `"lstm"` or `"gru"`.
        algebra: the algebra of the numbers.
        num_layers: layers on top of each other.
        bidirectional: whether a second set of weights reads the sequence backward.
        batch_first: whether the batch axis comes before time.
        dropout: probability that a component of the output of a layer but the last is zeroed.
        recurrent_dropout: probability that a number of h is zeroed where it meets U, the same
            numbers at all times of a sequence.
        training: whether anything is dropped.
        side: where the weights stand, `"left"` (W x) or `"right"` (x W).
        fused: whether torch's kernels may run; the loop can be differentiated twice everywhere.
        batch_sizes: rows of each time step, of a `PackedSequence`.

    Returns:
        The output `(L, N, n·D·H)`, folded or typed as `(L, N, D·H)`, where the numbers of the
        forward direction come before those of the backward; then the states at the end.

    Raises:
        ValueError: if the shapes of the input, the states, the weights or `batch_sizes` do not fit
            each other, they live on different devices, or there are no time steps.
        TypeError: if they hold different types, outside autocast.

    Example:
        >>> w, u = torch.randn(4 * 5, 3, 4), torch.randn(4 * 5, 5, 4)
        >>> x = torch.randn(7, 2, 4 * 3)
        >>> y, h, c = recurrent(x, None, None, [w, u], mode="lstm", algebra=hc.QUATERNION)
        >>> y.shape, h.shape, c.shape
        (torch.Size([7, 2, 20]), torch.Size([1, 2, 20]), torch.Size([1, 2, 20]))

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3;
        recurrent dropout: Y. Gal and Z. Ghahramani, *A Theoretically Grounded Application of
        Dropout in Recurrent Neural Networks*, NeurIPS 2016.
    """
    kind = _kind(mode, c0)
    check_probability("dropout", dropout)
    check_probability("recurrent_dropout", recurrent_dropout)
    directions = 2 if bidirectional else 1
    product, cells = algebra.product, num_layers * directions
    n = state_width(product)
    inputs, hidden = check_stack(
        weights,
        kind.gates,
        num_layers=num_layers,
        directions=directions,
        biases=2,
        components=(n,),
    )
    check_alike("input", input, "weights[0]", weights[0])
    matrices = lower_gates(
        weights,
        product,
        kind.gates,
        num_layers=num_layers,
        bidirectional=bidirectional,
        side=side,
    )
    dtype = autocast_dtype(input)
    in_single = mode == "lstm" and needs_single(input, dtype)
    if in_single:
        matrices = [matrix.float() for matrix in matrices]
    if not training:
        dropout = recurrent_dropout = 0.0

    def by_kernel(input: Tensor, states: States) -> tuple[Tensor, States]:
        hx = states if len(states) > 1 else states[0]
        biased = len(matrices) == 4 * cells
        shared = (hx, matrices, biased, num_layers, dropout, training, bidirectional)
        if batch_sizes is None:
            output, *ends = kind.kernel(input, *shared, batch_first)
        else:
            # read as one piece of memory, whatever the strides
            output, *ends = kind.kernel(input, batch_sizes.contiguous(), *shared)
        return output, tuple(ends)

    def by_loop(input: Tensor, states: States) -> tuple[Tensor, States]:
        rows, layout = to_rows(input, batch_sizes, batch_first)
        layer = _layer(kind.step, matrices, cells, layout.sizes, n, recurrent_dropout)
        rows, ends = stack(layer, rows, states, directions, dropout)
        return from_rows(rows, layout), ends

    def run(input: Tensor, states: States) -> tuple[Tensor, States]:
        check_channels(input, -1, inputs, product)
        by = by_kernel if fused and not recurrent_dropout and _kernels_serve() else by_loop
        if not in_single:
            output, ends = by(input, states)
        else:
            with all_digits(input):
                output, ends = by(input.float(), tuple(s.float() for s in states))
            output, ends = output.to(dtype), tuple(s.to(dtype) for s in ends)
        return unfold_groups(output, output.ndim - 1, n, directions), ends

    return with_batch(
        run,
        input,
        dict(zip(kind.states, (h0, c0), strict=False)),
        cells=cells,
        features=n * hidden,
        batch_first=batch_first,
        batch_sizes=batch_sizes,
    )


def _layer(
    step: Callable[..., States],
    matrices: list[Tensor],
    cells: int,
    sizes: list[int],
    n: int,
    recurrent_dropout: float,
) -> Layer:
    """The loop over time of one layer and direction: its inputs in one product, then the steps."""
    each = len(matrices) // cells

    def layer(index: int, rows: Tensor, states: States, reverse: bool) -> tuple[Tensor, States]:
        w, u, *biases = matrices[each * index : each * (index + 1)]
        b, b_h = biases or (None, None)
        mask = recurrent_mask(states[0], n, recurrent_dropout)

        def at_once(x: Tensor, states: States) -> States:
            h = states[0] if mask is None else states[0] * mask[: len(x)]
            return step(x, linear(h, u, b_h), *states)

        return scan(at_once, linear(rows, w, b), states, sizes, reverse)

    return layer


def _kernels_serve() -> bool:
    """Whether torch's kernels know what is asked for.

    A compiler that traces for training would unroll them as well; on a CPU it takes oneDNN's, for
    inference only, and fails if the input needs no gradient.
    """
    return not torch.is_grad_enabled() if is_compiling() else only_reverse()


# ---------------------------------------------------------------------- one time step


@folded("input h c", gives="numbers numbers numbers")
def recurrent_cell(
    input: Tensor,
    h: Tensor | None,
    c: Tensor | None,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    *,
    mode: Mode,
    algebra: AnyProduct,
    side: Side = "left",
) -> tuple[Tensor, ...]:
    r"""One time step of `recurrent`: the equations once, giving the new states.

    Shape:
        - input: `(*, n·I)` folded, or typed `(*, I)`; `*` is a batch axis or nothing
        - h, and c in mode `"lstm"`: `(*, n·H)` or typed `(*, H)`; zeros if None
        - weights `(G·H, I, n)` and `(G·H, H, n)`, biases `(G·H, n)`
        - output: the new h, and c, of the same kind

    Raises:
        ValueError: if the shapes of the input, the states and the weights do not fit each other, or
            they live on different devices.
        TypeError: if they hold different types, outside autocast.

    Example:
        >>> w, u = torch.randn(5, 3, 2), torch.randn(5, 5, 2)
        >>> x = torch.randn(8, 2 * 3)
        >>> (h,) = recurrent_cell(x, None, None, w, u, mode="rnn_tanh", algebra=hc.COMPLEX)
        >>> h.shape
        torch.Size([8, 10])
    """
    kind = _kind(mode, c)
    biases = (("bias_ih", bias_ih), ("bias_hh", bias_hh))
    product = algebra.product
    features = check_cell(input, weight_ih, weight_hh, biases, kind.gates, product)
    shape = (*input.shape[:-1], features)
    states = tuple(
        start_state(name[0], state, input, shape)
        for name, state in zip(kind.states, (h, c), strict=False)
    )
    x = gates_of(input, weight_ih, bias_ih, kind.gates, product, side)
    u = gates_of(states[0], weight_hh, bias_hh, kind.gates, product, side)
    return kind.step(x, u, *states)


def check_cell(
    input: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    biases: Sequence[tuple[str, Tensor | None]],
    gates: int,
    product: AnyBilinear,
) -> int:
    """The input and the weights of one time step fit each other; the width of the folded state."""
    components = (state_width(product),)
    inputs = row_length("weight_ih", weight_ih, components)
    hidden = row_length("weight_hh", weight_hh, components)
    given = [(name, bias) for name, bias in biases if bias is not None]
    named = [("weight_ih", weight_ih), ("weight_hh", weight_hh), *given]
    check_gates(named, gates, inputs, hidden, components)
    check_channels(input, -1, inputs, product)
    check_alike("input", input, *named[0])
    return components[0] * hidden


def gates_of(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    gates: int,
    product: AnyBilinear,
    side: Side,
) -> Tensor:
    """The folded pre-activations `W x + b` of all gates, one gate after the other."""
    matrix = gate_matrix(weight, product, gates, side=side)
    return linear(input, matrix, None if bias is None else gate_bias(bias, gates))


def _kind(mode: str, c: Tensor | None) -> _Kind:
    if mode not in _KINDS:
        raise ValueError(f"`mode` (={mode!r}) must be one of {tuple(_KINDS)}")
    if c is not None and mode != "lstm":
        raise ValueError(f"a cell state belongs to `mode`='lstm', not to {mode!r}; pass None")
    return _KINDS[mode]
