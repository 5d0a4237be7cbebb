"""What recurrent layers and cells share: parameters gate by gate, states and conventions."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from hypercomplex.functional.arguments import check_lengths, explained, state_width
from hypercomplex.lowering import AnyProduct, Choice
from hypercomplex.lowering.block import Side
from hypercomplex.nn import init
from hypercomplex.nn.freezing import Freezable
from hypercomplex.nn.init import Criterion

__all__ = ["OneState", "Recurrent", "Sequences"]


class Sequences(nn.Module):
    """What runs on sequences: padded, packed, or padded with their lengths."""

    batch_first: bool

    def _run(self, input: Any, *states: Tensor | None, lengths: Any = None) -> tuple[Any, ...]:
        """Run on a sequence or a packed one; the states of the latter are in the user's order."""
        if lengths is not None:
            return self._run_padded(input, *states, lengths=lengths)
        if not isinstance(input, PackedSequence):
            return self._sequence(input, *states, batch_sizes=None)
        data, sizes, order, back = input
        starts = [_in_order(state, order) for state in states]
        output, *ends = self._sequence(data, *starts, batch_sizes=sizes)
        ends = [s if back is None else s.index_select(1, back) for s in ends]
        return PackedSequence(output, sizes, order, back), *ends

    def _run_padded(self, input: Tensor, *states: Tensor | None, lengths: Any) -> tuple[Any, ...]:
        """Run on padded sequences: no step, norm or state sees the padding."""
        if isinstance(input, PackedSequence) or input.ndim != 3:
            raise ValueError(
                "`lengths` go with a padded batch of sequences, (L, N, …), or (N, L, …) with "
                "batch_first, typed or folded"
            )
        steps, batch = input.shape[:2][:: -1 if self.batch_first else 1]
        lengths = torch.as_tensor(lengths, device="cpu")
        check_lengths(lengths, batch, steps)
        layout: dict[str, Any] = {"batch_first": self.batch_first}
        packed = pack_padded_sequence(input, lengths, enforce_sorted=False, **layout)
        output, *ends = self._run(packed, *states)
        return pad_packed_sequence(output, total_length=steps, **layout)[0], *ends

    def _sequence(
        self, input: Tensor, *states: Tensor | None, batch_sizes: Tensor | None
    ) -> tuple[Tensor, ...]:
        raise NotImplementedError


class Recurrent(Sequences, Freezable):
    """Parameters and conventions of recurrent layers; a subclass says what runs.

    Attributes:
        weight_ih_l0: `(G·H, I, n)`, and so on for each layer and, with `_reverse`, direction.
        weight_hh_l0: `(G·H, H, n)`; each gate of a weight is drawn by `init.polar_` by itself.
        bias_ih_l0: `(G·H, n)`, zeros.
        bias_hh_l0: `(G·H, n)`, zeros.
    """

    gates: ClassVar[int]
    proj_size: ClassVar[int] = 0  # states are not projected

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        biases: tuple[str, ...],
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        algebra: AnyProduct,
        side: Side,
        criterion: Criterion,
        recurrent_dropout: float,
        plan: Choice,
    ) -> None:
        super().__init__()
        if dropout and num_layers == 1:
            warnings.warn(
                f"`dropout` (={dropout}) acts between layers, and there is only one; "
                "recurrent_dropout acts inside a layer",
                stacklevel=3,
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.algebra = algebra
        self.side: Side = side
        self.criterion: Criterion = criterion
        self.recurrent_dropout = recurrent_dropout
        self.plan: Choice = plan
        self._names: list[str] = []
        n = state_width(algebra.product)
        for layer in range(num_layers):
            inputs = hidden_size * self.num_directions if layer else input_size
            for suffix in ("", "_reverse")[: self.num_directions]:
                for name, shape in cell_shapes(self.gates, inputs, hidden_size, biases).items():
                    values = torch.empty(*shape, n, device=device, dtype=dtype)
                    self._names.append(f"{name}_l{layer}{suffix}")
                    self.register_parameter(self._names[-1], nn.Parameter(values))
        self.reset_parameters()

    @property
    def num_directions(self) -> int:
        """Two if the sequence is also read backward, otherwise one."""
        return 2 if self.bidirectional else 1

    @property
    def weights(self) -> list[Tensor]:
        """The parameters in torch's order: by layer, direction, weights and biases."""
        return [getattr(self, name) for name in self._names]

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The parameters of each layer and direction, as torch groups them."""
        each = len(self._names) // (self.num_layers * self.num_directions)
        return [self.weights[i : i + each] for i in range(0, len(self._names), each)]

    def flatten_parameters(self) -> None:
        """Does nothing, for models that call it: weights are lowered into one piece at every call.

        Example:
            >>> rnn = hc.nn.QuaternionLSTM(2, 3)
            >>> rnn.flatten_parameters()
            >>> rnn.proj_size, [weight.shape[0] for weight in rnn.all_weights[0]]
            (0, [12, 12, 12, 12])
        """

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weights anew from the generator, gate by gate, and set the biases to zero."""
        reset_gates(self.weights, self.gates, self.criterion, generator, self.algebra, self.side)

    def _options(self) -> dict[str, Any]:
        """What every kind of network is told."""
        return {
            "algebra": self.algebra,
            "num_layers": self.num_layers,
            "bidirectional": self.bidirectional,
            "batch_first": self.batch_first,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "training": self.training,
            "side": self.side,
            "plan": self.plan,
            "kept": self.kept,
        }

    def extra_repr(self) -> str:
        defaults: dict[str, Any] = {
            "num_layers": 1,
            "nonlinearity": None,
            "normalization": None,
            "stabilized": False,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
            "recurrent_dropout": 0.0,
            "fused": True,
            "plan": None,
            "algebra": None,
            "side": "left",
        }
        parts = [f"{self.input_size}, {self.hidden_size}"]
        for name, default in defaults.items():
            value = getattr(self, name, default)
            if value != default:
                parts.append(f"{name}={value if name == 'algebra' else repr(value)}")
        return ", ".join(parts)


class OneState(Recurrent):
    """A layer whose state is its output."""

    @explained
    def forward(
        self, input: Any, hx: Tensor | None = None, *, lengths: Any = None
    ) -> tuple[Any, Tensor]:
        output, h = self._run(input, hx, lengths=lengths)
        return output, h


def cell_shapes(
    gates: int, inputs: int, hidden: int, biases: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    """The parameters of one layer and direction, without the axis of components."""
    weights = {"weight_ih": (gates * hidden, inputs), "weight_hh": (gates * hidden, hidden)}
    return weights | dict.fromkeys(biases, (gates * hidden,))


def reset_gates(
    parameters: list[Tensor],
    gates: int,
    criterion: Criterion,
    generator: torch.Generator | None,
    algebra: AnyProduct,
    side: Side,
) -> None:
    """Draw every gate of the weights with its own fans, and set biases to zero."""
    for parameter in parameters:
        if parameter.ndim == 2:
            nn.init.zeros_(parameter)
        else:
            for gate in parameter.detach().chunk(gates):
                init.polar_(gate, criterion, generator, algebra=algebra, side=side)


def _in_order(state: Tensor | None, order: Tensor | None) -> Tensor | None:
    """The state of each sequence where the packed data has it; of another batch, as it is.

    A state that does not fit is told by its own shape.
    """
    if state is None or order is None or state.ndim < 2 or state.shape[1] != len(order):
        return state
    return state.index_select(1, order)


def state_pair(hx: Any) -> tuple[Tensor | None, Tensor | None]:
    """The hidden state and the cell state of an LSTM, both or none."""
    if hx is None:
        return None, None
    if not isinstance(hx, (tuple, list)) or len(hx) != 2:
        raise TypeError(f"`hx` must be a pair (h, c) of states, not {type(hx).__name__}")
    return hx[0], hx[1]
