"""The light gated recurrent unit: one gate, normalised inputs, and a scan over time of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from torch import Tensor

from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import (
    Count,
    IntegerTensor,
    Probability,
    check_alike,
    check_channels,
    check_shape,
    check_stack,
    state_width,
)
from hypercomplex.functional.gated import CELLS
from hypercomplex.functional.recurrent import check_cell, from_left, gates_of
from hypercomplex.functional.scanning import Stack, Weights, in_type, scan_stack
from hypercomplex.functional.sequences import States, start_state, with_batch
from hypercomplex.lowering import AnyProduct, Choice, Kept, affine_rows
from hypercomplex.lowering.block import Side

__all__ = ["ACTIVATIONS", "Activation", "ligru", "ligru_cell"]

Activation = Literal["relu", "leaky_relu", "tanh", "sin"]

ACTIVATIONS = get_args(Activation)
_GATES = 2


def _cell(nonlinearity: str, stabilized: bool) -> str:
    """The name of the equations."""
    if nonlinearity not in ACTIVATIONS:
        raise ValueError(f"`nonlinearity` (={nonlinearity!r}) must be one of {ACTIVATIONS}")
    return f"{'stabilized_' * stabilized}ligru_{nonlinearity}"


@folded("input h0", gives="numbers numbers")
def ligru(
    input: Tensor,
    h0: Tensor | None,
    weights: Sequence[Tensor],
    norms: Sequence[Callable[[Tensor], Tensor]] | None = None,
    *,
    algebra: AnyProduct,
    num_layers: Count = 1,
    bidirectional: bool = False,
    batch_first: bool = False,
    dropout: Probability = 0.0,
    recurrent_dropout: Probability = 0.0,
    training: bool = False,
    side: Side = "left",
    nonlinearity: Activation = "relu",
    stabilized: bool = False,
    batch_sizes: IntegerTensor | None = None,
    plan: Choice = None,
    kept: Kept | None = None,
) -> tuple[Tensor, ...]:
    r"""A light gated recurrent network of numbers over whole sequences.

    $$z_t = \sigma(\mathrm{norm}(W_z x_t) + U_z h_{t-1}), \quad
    a_t = f(\mathrm{norm}(W_a x_t) + U_a h_{t-1}), \quad
    h_t = z_t \circ h_{t-1} + (1 - z_t) \circ a_t$$

    The inputs of all time steps meet $W$ in one product, and each step costs one more, with a
    compact $U$: a scan, as in `recurrent`.

    Args:
        input: as in `recurrent`.
        h0: the state at the start, `(layers·directions, N, n·H)` or typed; zeros if None.
        weights: for each layer and direction `W (2H, I, n)`, `U (2H, H, n)` and, if there are
            biases, `b (2H, n)`; the gate z comes first, then the candidate a.
        norms: for each layer and direction a function of the rows `(time·batch, 2·n·H)` of
            `W x`, folded gate by gate; with `batch_sizes` there are no padded rows among them.
        algebra: the algebra of the numbers.
        num_layers: layers on top of each other.
        bidirectional: whether a second set of weights reads the sequence backward.
        batch_first: whether the batch axis comes before time.
        dropout: probability that a component of the output of a layer but the last is zeroed.
        recurrent_dropout: probability that a number of h is zeroed where it meets U, the same
            numbers at all times of a sequence.
        training: whether anything is dropped.
        side: where the weights stand, `"left"` (W x) or `"right"` (x W).
        nonlinearity: the f of the candidate: `"relu"`, `"leaky_relu"`, `"tanh"` or `"sin"`.
        stabilized: whether `U h`, both gates together, is normalised to mean 0 and variance 1
            over its features, so that gradients do not explode over long sequences.
        batch_sizes: rows of each time step, of a `PackedSequence`.
        plan: `"block"` asks for blocks of both weights, `"input"` and `"bilinear"` for that way to
            multiply inputs by W, and a compact U.
        kept: keeps what is made of the weights, as in a layer that is frozen, see `nn.freeze`.

    Returns:
        The output and the state at the end, as in `recurrent`.

    Raises:
        ValueError: if the shapes of the input, the state, the weights or `batch_sizes` do not fit
            each other, they live on different devices, or there are no time steps.
        TypeError: if they hold different types, outside autocast.

    Example:
        >>> w, u = torch.randn(2 * 5, 3, 4), torch.randn(2 * 5, 5, 4)
        >>> x = torch.randn(7, 2, 4 * 3)
        >>> y, h = ligru(x, None, [w, u], algebra=hc.QUATERNION, stabilized=True)
        >>> y.shape, h.shape
        (torch.Size([7, 2, 20]), torch.Size([1, 2, 20]))

    Source:
        M. Ravanelli et al., *Light Gated Recurrent Units for Speech Recognition*, 2018;
        stabilized: A. Moumen and T. Parcollet, *Stabilising and Accelerating Light Gated
        Recurrent Units for Automatic Speech Recognition*, ICASSP 2023.
    """
    cell = _cell(nonlinearity, stabilized)
    directions = 2 if bidirectional else 1
    product, cells = algebra.product, num_layers * directions
    n = state_width(product)
    inputs, hidden = check_stack(
        weights, _GATES, num_layers=num_layers, directions=directions, biases=1, components=(n,)
    )
    check_alike("input", input, "weights[0]", weights[0])
    if norms is not None and len(norms) != cells:
        raise ValueError(
            f"`norms` holds {len(norms)} functions, but must hold one for each layer and "
            f"direction: {cells}"
        )
    left = from_left(product, side)
    stacked = Stack.of(
        cell,
        input,
        weights,
        left,
        directions=directions,
        batch_first=batch_first,
        dropout=dropout,
        recurrent_dropout=recurrent_dropout,
        training=training,
        plan=plan,
        kept=kept,
    )
    dtype = stacked.dtype

    def enter(index: int, rows: Tensor, weights: Weights) -> tuple[Tensor, Weights]:
        if norms is None or weights.of_input is None:
            return rows, weights
        gates = affine_rows(rows, weights.of_input, weights.input_bias, left, plan=plan)
        gates = _normalized(f"norms[{index}]", norms[index], gates.to(dtype))
        (gates,) = in_type([gates], dtype)
        return gates, Weights(None, weights.of_state)

    def run(input: Tensor, states: States) -> tuple[Tensor, States]:
        check_channels(input, -1, inputs, product)
        return scan_stack(stacked, input, batch_sizes, states, weights, enter)

    return with_batch(
        run,
        input,
        {"h0": h0},
        cells=cells,
        features=n * hidden,
        batch_first=batch_first,
        batch_sizes=batch_sizes,
    )


@folded("input h", gives="numbers numbers")
def ligru_cell(
    input: Tensor,
    h: Tensor | None,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    norm: Callable[[Tensor], Tensor] | None = None,
    *,
    algebra: AnyProduct,
    side: Side = "left",
    nonlinearity: Activation = "relu",
    stabilized: bool = False,
    plan: Choice = None,
) -> tuple[Tensor]:
    r"""One time step of `ligru`; `plan` asks for a way to compute both products, as in `linear`.

    Shape:
        - input: `(*, n·I)` folded, or typed `(*, I)`; `*` is a batch axis or nothing
        - h: `(*, n·H)` or typed `(*, H)`; zeros if None
        - weights `(2H, I, n)` and `(2H, H, n)`, bias `(2H, n)`
        - output: the new h, of the same kind

    Raises:
        ValueError: if the shapes of the input, the state and the weights do not fit each other,
            they live on different devices, or the plan does not serve.
        TypeError: if they hold different types, outside autocast.

    Example:
        >>> w, u = torch.randn(2 * 5, 3, 2), torch.randn(2 * 5, 5, 2)
        >>> (h,) = ligru_cell(torch.randn(8, 2 * 3), None, w, u, algebra=hc.COMPLEX)
        >>> h.shape
        torch.Size([8, 10])
    """
    cell = _cell(nonlinearity, stabilized)
    biases = (("bias_ih", bias_ih),)
    product = algebra.product
    n = state_width(product)
    features = check_cell(input, weight_ih, weight_hh, biases, _GATES, product)
    h = start_state("h", h, input, (*input.shape[:-1], features))
    x = gates_of(input, weight_ih, bias_ih, product, side, plan)
    if norm is not None:
        x = _normalized("norm", norm, x)
    u = gates_of(h, weight_hh, None, product, side, plan)
    (h,) = CELLS[cell].step(x, u, h.unflatten(-1, (n, -1)))
    return (h.flatten(-2),)


def _normalized(name: str, norm: Callable[[Tensor], Tensor], gates: Tensor) -> Tensor:
    """The norm of gates `(…, n, 2·H)`, which sees them folded, a gate after the other."""
    folded = gates.unflatten(-1, (_GATES, -1)).transpose(-3, -2).flatten(-3)
    output = norm(folded)
    check_shape(f"{name}(W x)", output, tuple(folded.shape), "of its input")
    n = gates.shape[-2]
    return output.unflatten(-1, (_GATES, n, -1)).transpose(-3, -2).flatten(-2)
