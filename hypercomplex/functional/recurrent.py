"""Recurrent networks of numbers: torch's fused kernels on lowered weights, or a scan over time.

A gate is a number, `W x + b + U h + b'` over the algebra; its sigmoid or tanh and the products of
gates with states act on every component by itself, see `functional.gated`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import (
    Count,
    IntegerTensor,
    Probability,
    check_alike,
    check_channels,
    check_gates,
    check_stack,
    row_length,
    state_width,
)
from hypercomplex.functional.gated import CELLS, States
from hypercomplex.functional.scanning import Stack, scan_stack
from hypercomplex.functional.sequences import start_state, with_batch
from hypercomplex.host.mode import all_digits, is_compiling, is_exporting, is_recorded, only_reverse
from hypercomplex.host.silence import silence
from hypercomplex.kernels.precision import needs_single
from hypercomplex.lowering import (
    AnyBilinear,
    AnyProduct,
    Choice,
    Kept,
    affine_rows,
    derived,
    lower_gates,
    sizes,
    unfold_groups,
)
from hypercomplex.lowering.block import Side
from hypercomplex.lowering.plan import Passes
from hypercomplex.lowering.recurrence import Steps, scans

__all__ = ["Mode", "recurrent", "recurrent_cell"]

silence(
    "RNN module weights are not part of single contiguous chunk",
    __name__,
    "lowered weights are new at every call; advice to keep parameters in one piece does not apply",
)

Mode = Literal["rnn_tanh", "rnn_relu", "lstm", "gru"]


class _Kind(NamedTuple):
    """One kind of network: its states, and torch's kernel."""

    states: tuple[str, ...]
    kernel: Callable[..., States]


_KINDS: dict[str, _Kind] = {
    "rnn_tanh": _Kind(("h0",), torch.rnn_tanh),
    "rnn_relu": _Kind(("h0",), torch.rnn_relu),
    "lstm": _Kind(("h0", "c0"), torch.lstm),
    "gru": _Kind(("h0",), torch.gru),
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
    plan: Choice = None,
    kept: Kept | None = None,
) -> tuple[Tensor, ...]:
    r"""A recurrent network of numbers over whole sequences, such as torch's LSTM, GRU and RNN.

    Narrow layers become real matrices once, and torch's fused kernel (cuDNN on a GPU) runs all
    layers and directions. Wide ones on a CPU are a scan over time (`functional.scanning`): the
    inputs of all steps meet W in one product, U stays compact, and one node is recorded, with a
    gradient of its own, differentiable once more. `lowering.recurrence.scans` says from where on;
    `lowering.use("block")` asks for torch's kernel, any other plan for the scan. The scan also
    serves recurrent dropout, and training under `torch.compile`, where it is one operator,
    however long the sequence. Under `torch.func.vmap`, derivatives in forward mode and exporters
    the same equations are written out step by step.

    In half precision on a CPU, under autocast or not, scans and LSTMs are computed in single
    precision and rounded at the end, so that all CPUs agree.

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
        fused: whether torch's kernels may run; the scan can be differentiated twice everywhere.
        batch_sizes: rows of each time step, of a `PackedSequence`.
        plan: `"block"` asks for torch's kernel, or with `fused=False` for a scan over blocks;
            `"input"` and `"bilinear"` for a scan over compact weights, and for that way to
            multiply inputs by W.
        kept: keeps what is made of the weights, as in a layer that is frozen, see `nn.freeze`.

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
    kind, gates = _kind(mode, c0), CELLS[mode].gates
    directions = 2 if bidirectional else 1
    product, cells = algebra.product, num_layers * directions
    n = state_width(product)
    inputs, hidden = check_stack(
        weights,
        gates,
        num_layers=num_layers,
        directions=directions,
        biases=2,
        components=(n,),
    )
    check_alike("input", input, "weights[0]", weights[0])
    stacked = Stack.of(
        mode,
        input,
        weights,
        from_left(product, side),
        directions=directions,
        batch_first=batch_first,
        dropout=dropout,
        recurrent_dropout=recurrent_dropout,
        training=training,
        plan=plan,
        kept=kept,
    )
    dtype, kept = stacked.dtype, stacked.kept

    def by_kernel(input: Tensor, states: States) -> tuple[Tensor, States]:
        matrices = lower_gates(
            weights,
            product,
            gates,
            num_layers=num_layers,
            bidirectional=bidirectional,
            side=side,
            kept=kept,
        )
        in_single = mode == "lstm" and needs_single(input, dtype)
        if in_single:
            input, states = input.float(), tuple(s.float() for s in states)
            matrices = [matrix.float() for matrix in matrices]
        hx = states if len(states) > 1 else states[0]
        biases = len(weights) == 4 * cells
        shared = (hx, matrices, biases, num_layers, stacked.dropout, training, bidirectional)
        with all_digits(input) if in_single else nullcontext():
            if batch_sizes is None:
                results = kind.kernel(input, *shared, batch_first)
            else:
                # read as one piece of memory, whatever the strides
                results = kind.kernel(input, batch_sizes.contiguous(), *shared)
        output, *ends = (x.to(dtype) for x in results) if in_single else results
        return unfold_groups(output, output.ndim - 1, n, directions), tuple(ends)

    def run(input: Tensor, states: States) -> tuple[Tensor, States]:
        check_channels(input, -1, inputs, product)
        by_torch = fused and not stacked.recurrent_dropout and _kernels_serve()
        if by_torch and not is_exporting():  # who reads what is exported knows torch's
            passes: Passes = "forward" if kept is None else "frozen"
            if is_recorded(input, *weights):
                passes = "step"
            steps = _steps(input, weights, batch_sizes, batch_first)
            by_torch = not scans(steps, product, input, passes, plan)
        if by_torch:
            return by_kernel(input, states)
        return scan_stack(stacked, input, batch_sizes, states, weights)

    return with_batch(
        run,
        input,
        dict(zip(kind.states, (h0, c0))),
        cells=cells,
        features=n * hidden,
        batch_first=batch_first,
        batch_sizes=batch_sizes,
    )


def from_left(product: AnyBilinear, side: Side) -> AnyBilinear:
    """The product whose left factor is the weight."""
    sizes(product, side)
    if side == "left":
        return product
    return derived(product, "swapped") if isinstance(product, Bilinear) else product.swapped


def _kernels_serve() -> bool:
    """Whether torch's kernels know what is asked for.

    A compiler that traces for training would unroll them; on a CPU it takes oneDNN's, for inference
    only, and fails if the input needs no gradient.
    """
    return not torch.is_grad_enabled() if is_compiling() else only_reverse()


def _steps(
    input: Tensor, weights: Sequence[Tensor], batch_sizes: Tensor | None, batch_first: bool
) -> Steps:
    """The sizes of the lowest layer; of packed sequences those of a mean step."""
    (rows, hidden, _), inputs = weights[1].shape, weights[0].shape[1]
    if batch_sizes is None:
        steps, batch = input.shape[:2][:: -1 if batch_first else 1]
    else:
        steps, batch = len(batch_sizes), len(input) // len(batch_sizes)
    return Steps(steps, batch, inputs, hidden, rows)


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
    plan: Choice = None,
) -> tuple[Tensor, ...]:
    r"""One time step of `recurrent`: the equations once, giving the new states.

    How both products are computed is planned from the shapes; `plan` asks for a way, as in
    `linear`.

    Shape:
        - input: `(*, n·I)` folded, or typed `(*, I)`; `*` is a batch axis or nothing
        - h, and c in mode `"lstm"`: `(*, n·H)` or typed `(*, H)`; zeros if None
        - weights `(G·H, I, n)` and `(G·H, H, n)`, biases `(G·H, n)`
        - output: the new h, and c, of the same kind

    Raises:
        ValueError: if the shapes of the input, the states and the weights do not fit each other,
            they live on different devices, or the plan does not serve.
        TypeError: if they hold different types, outside autocast.

    Example:
        >>> w, u = torch.randn(5, 3, 2), torch.randn(5, 5, 2)
        >>> x = torch.randn(8, 2 * 3)
        >>> (h,) = recurrent_cell(x, None, None, w, u, mode="rnn_tanh", algebra=hc.COMPLEX)
        >>> h.shape
        torch.Size([8, 10])
    """
    kind, cell = _kind(mode, c), CELLS[mode]
    biases = (("bias_ih", bias_ih), ("bias_hh", bias_hh))
    product = algebra.product
    n = state_width(product)
    features = check_cell(input, weight_ih, weight_hh, biases, cell.gates, product)
    shape = (*input.shape[:-1], features)
    states = tuple(
        start_state(name[0], state, input, shape) for name, state in zip(kind.states, (h, c))
    )
    x = gates_of(input, weight_ih, bias_ih, product, side, plan)
    u = gates_of(states[0], weight_hh, bias_hh, product, side, plan)
    new = cell.step(x, u, *(s.unflatten(-1, (n, -1)) for s in states))
    return tuple(s.flatten(-2) for s in new)


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
    product: AnyBilinear,
    side: Side,
    plan: Choice,
) -> Tensor:
    """The pre-activations `W x + b` of folded numbers, `(…, n, G·H)`."""
    product = from_left(product, side)
    n = product.shape[1]
    rows = input.reshape(-1, n, input.shape[-1] // n)
    gates = affine_rows(rows, weight, bias, product, plan=plan)
    return gates.view(*input.shape[:-1], *gates.shape[1:])


def _kind(mode: str, c: Tensor | None) -> _Kind:
    if mode not in _KINDS:
        raise ValueError(f"`mode` (={mode!r}) must be one of {tuple(_KINDS)}")
    if c is not None and mode != "lstm":
        raise ValueError(f"a cell state belongs to `mode`='lstm', not to {mode!r}; pass None")
    return _KINDS[mode]
