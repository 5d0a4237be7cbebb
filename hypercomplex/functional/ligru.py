"""The light gated recurrent unit: one gate, normalised inputs, and a loop over time of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, leaky_relu, linear

from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import (
    Count,
    IntegerTensor,
    Probability,
    check_alike,
    check_channels,
    check_probability,
    check_shape,
    check_stack,
    state_width,
)
from hypercomplex.functional.recurrent import check_cell, gates_of
from hypercomplex.functional.scan import (
    States,
    from_rows,
    recurrent_mask,
    scan,
    stack,
    start_state,
    to_rows,
    with_batch,
)
from hypercomplex.lowering import AnyProduct, lower_gates, unfold_groups
from hypercomplex.lowering.block import Side

__all__ = ["ACTIVATIONS", "Activation", "ligru", "ligru_cell"]

Activation = Literal["relu", "leaky_relu", "tanh", "sin"]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "leaky_relu": leaky_relu,
    "tanh": torch.tanh,
    "sin": torch.sin,
}
_GATES = 2


def _step(x: Tensor, u: Tensor, h: Tensor, nonlinearity: str, stabilized: bool) -> Tensor:
    """The equations, from the gates `norm(W x) + b` and `U h` to the new state."""
    if stabilized:
        u = layer_norm(u, u.shape[-1:])
    z, a = (x + u).chunk(_GATES, -1)
    z = torch.sigmoid(z)
    return z * h + (1 - z) * _activation(nonlinearity)(a)


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
) -> tuple[Tensor, ...]:
    r"""A light gated recurrent network of numbers over whole sequences.

    $$z_t = \sigma(\mathrm{norm}(W_z x_t) + U_z h_{t-1}), \quad
    a_t = f(\mathrm{norm}(W_a x_t) + U_a h_{t-1}), \quad
    h_t = z_t \circ h_{t-1} + (1 - z_t) \circ a_t$$

    The inputs of all time steps meet $W$ in one real matrix product; each step costs one more.

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
    _activation(nonlinearity)
    check_probability("dropout", dropout)
    check_probability("recurrent_dropout", recurrent_dropout)
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
    each = len(weights) // cells
    matrices = lower_gates(
        weights,
        product,
        _GATES,
        num_layers=num_layers,
        bidirectional=bidirectional,
        side=side,
    )
    if not training:
        dropout = recurrent_dropout = 0.0

    def run(input: Tensor, states: States) -> tuple[Tensor, States]:
        check_channels(input, -1, inputs, product)
        rows, layout = to_rows(input, batch_sizes, batch_first)

        def layer(index: int, rows: Tensor, states: States, reverse: bool) -> tuple[Tensor, States]:
            w, u, *bias = matrices[each * index : each * (index + 1)]
            mask = recurrent_mask(states[0], n, recurrent_dropout)

            def step(x: Tensor, states: States) -> States:
                (h,) = states
                seen = h if mask is None else h * mask[: len(x)]
                return (_step(x, linear(seen, u), h, nonlinearity, stabilized),)

            gates = linear(rows, w, *bias)
            if norms is not None:
                gates = _normalized(f"norms[{index}]", norms[index], gates)
            return scan(step, gates, states, layout.sizes, reverse)

        rows, ends = stack(layer, rows, states, directions, dropout)
        output = from_rows(rows, layout)
        return unfold_groups(output, output.ndim - 1, n, directions), ends

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
) -> tuple[Tensor]:
    r"""One time step of `ligru`.

    Shape:
        - input: `(*, n·I)` folded, or typed `(*, I)`; `*` is a batch axis or nothing
        - h: `(*, n·H)` or typed `(*, H)`; zeros if None
        - weights `(2H, I, n)` and `(2H, H, n)`, bias `(2H, n)`
        - output: the new h, of the same kind

    Raises:
        ValueError: if the shapes of the input, the state and the weights do not fit each other, or
            they live on different devices.
        TypeError: if they hold different types, outside autocast.

    Example:
        >>> w, u = torch.randn(2 * 5, 3, 2), torch.randn(2 * 5, 5, 2)
        >>> (h,) = ligru_cell(torch.randn(8, 2 * 3), None, w, u, algebra=hc.COMPLEX)
        >>> h.shape
        torch.Size([8, 10])
    """
    biases = (("bias_ih", bias_ih),)
    product = algebra.product
    features = check_cell(input, weight_ih, weight_hh, biases, _GATES, product)
    h = start_state("h", h, input, (*input.shape[:-1], features))
    x = gates_of(input, weight_ih, bias_ih, _GATES, product, side)
    if norm is not None:
        x = _normalized("norm", norm, x)
    u = gates_of(h, weight_hh, None, _GATES, product, side)
    return (_step(x, u, h, nonlinearity, stabilized),)


def _normalized(name: str, norm: Callable[[Tensor], Tensor], gates: Tensor) -> Tensor:
    output = norm(gates)
    check_shape(f"{name}(W x)", output, tuple(gates.shape), "of its input")
    return output


def _activation(nonlinearity: str) -> Callable[[Tensor], Tensor]:
    if nonlinearity not in ACTIVATIONS:
        raise ValueError(f"`nonlinearity` (={nonlinearity!r}) must be one of {tuple(ACTIVATIONS)}")
    return ACTIVATIONS[nonlinearity]
