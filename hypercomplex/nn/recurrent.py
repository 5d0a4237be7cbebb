"""Recurrent layers: RNN, LSTM and GRU of numbers, with torch's arguments and return values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partialmethod
from typing import Any, ClassVar, Literal, final

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.constructions import QUATERNION
from hypercomplex.functional.recurrent import Mode
from hypercomplex.lowering import lower_gates
from hypercomplex.lowering.block import Side
from hypercomplex.nn import init
from hypercomplex.nn.affine import check_size
from hypercomplex.nn.init import Criterion

__all__ = ["GRU", "LSTM", "RNN", "QuaternionGRU", "QuaternionLSTM", "QuaternionRNN"]


class Recurrent(nn.Module):
    """Parameters and conventions of recurrent layers; a subclass says what runs.

    Attributes:
        weight_ih_l0: `(G·H, I, n)`, and so on for each layer and, with `_reverse`, direction.
        weight_hh_l0: `(G·H, H, n)`; each gate of a weight is drawn by `init.polar_` by itself.
        bias_ih_l0: `(G·H, n)`, zeros.
        bias_hh_l0: `(G·H, n)`, zeros.
    """

    gates: ClassVar[int]

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
        algebra: Algebra,
        side: Side,
        criterion: Criterion,
        recurrent_dropout: float,
    ) -> None:
        super().__init__()
        check_size("input_size", input_size)
        check_size("hidden_size", hidden_size)
        if not isinstance(num_layers, int) or num_layers < 1:
            raise ValueError(f"`num_layers` (={num_layers!r}) must be a positive integer")
        check_probability("dropout", dropout)
        check_probability("recurrent_dropout", recurrent_dropout)
        check_algebra_and_side(algebra, side)
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
        self._names: list[str] = []
        for layer in range(num_layers):
            inputs = hidden_size * self.num_directions if layer else input_size
            for suffix in ("", "_reverse")[: self.num_directions]:
                for name, shape in cell_shapes(self.gates, inputs, hidden_size, biases).items():
                    values = torch.empty(*shape, algebra.dimension, device=device, dtype=dtype)
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

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weights anew from the generator, gate by gate, and set the biases to zero."""
        reset_gates(self.weights, self.gates, self.criterion, generator)

    def _run(self, input: Any, *states: Tensor | None) -> tuple[Any, ...]:
        """Run on a sequence or a packed one; the states of the latter are in the user's order."""
        if not isinstance(input, PackedSequence):
            return self._sequence(input, *states, batch_sizes=None)
        data, sizes, order, back = input
        starts = [s if s is None or order is None else s.index_select(1, order) for s in states]
        output, *ends = self._sequence(data, *starts, batch_sizes=sizes)
        ends = [s if back is None else s.index_select(1, back) for s in ends]
        return PackedSequence(output, sizes, order, back), *ends

    def _sequence(
        self, input: Tensor, *states: Tensor | None, batch_sizes: Tensor | None
    ) -> tuple[Tensor, ...]:
        raise NotImplementedError

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
            "algebra": None,
            "side": "left",
        }
        parts = [f"{self.input_size}, {self.hidden_size}"]
        for name, default in defaults.items():
            value = getattr(self, name, default)
            if value != default:
                parts.append(f"{name}={value if name == 'algebra' else repr(value)}")
        return ", ".join(parts)


class _Fused(Recurrent):
    """The layers that torch has as well, on its fused kernels."""

    mode: Mode
    stock: ClassVar[Callable[..., Any]]  # a class of torch.nn

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
        side: Side = "left",
        criterion: Criterion = "glorot",
        recurrent_dropout: float = 0.0,
        fused: bool = True,
    ) -> None:
        biases = ("bias_ih", "bias_hh") if bias else ()
        super().__init__(
            input_size, hidden_size, num_layers, biases, batch_first, dropout, bidirectional,
            device, dtype, algebra, side, criterion, recurrent_dropout,
        )  # fmt: skip
        self.bias = bias
        self.fused = fused

    def _sequence(
        self, input: Tensor, *states: Tensor | None, batch_sizes: Tensor | None
    ) -> tuple[Tensor, ...]:
        h0, c0 = states if len(states) == 2 else (*states, None)
        return functional.recurrent(
            input,
            h0,
            c0,
            self.weights,
            mode=self.mode,
            fused=self.fused,
            batch_sizes=batch_sizes,
            **self._options(),
        )

    def _to_stock(self, **options: Any) -> Any:
        n, like = self.algebra.dimension, self.weights[0]
        real = self.stock(
            n * self.input_size,
            n * self.hidden_size,
            num_layers=self.num_layers,
            bias=self.bias,
            batch_first=self.batch_first,
            dropout=self.dropout if self.num_layers > 1 else 0.0,
            bidirectional=self.bidirectional,
            device="meta",  # draws nothing from torch's generator
            dtype=like.dtype,
            **options,
        ).to_empty(device=like.device)
        with torch.no_grad():
            lowered = lower_gates(
                self.weights,
                self.algebra,
                self.gates,
                num_layers=self.num_layers,
                bidirectional=self.bidirectional,
                side=self.side,
            )
            for name, matrix in zip(self._names, lowered, strict=True):
                getattr(real, name).copy_(matrix)
        return real.train(self.training)


class _OneState(_Fused):
    """A layer whose state is its output."""

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        output, h = self._run(input, hx)
        return output, h


class RNN(_OneState):
    r"""Recurrent layers of numbers: $h_t = f(W x_t + b + U h_{t-1} + b')$, f on each component.

    `torch.nn.RNN` with numbers of an algebra for reals; over `REAL` it equals it bit for bit.

    Args:
        input_size: numbers in each input sample.
        hidden_size: numbers in the state of each layer and direction.
        num_layers: layers on top of each other.
        nonlinearity: the function f, `"tanh"` or `"relu"`.
        bias: whether to add learned numbers.
        batch_first: whether sequences are `(N, L, …)`, as in `LSTM`.
        dropout: see `LSTM`.
        bidirectional: see `LSTM`.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        side: where the weights stand, `"left"` (W x) or `"right"` (x W).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        recurrent_dropout: see `LSTM`.
        fused: see `LSTM`.

    Shape:
        As in `LSTM`, with one state.

    Attributes:
        weight_ih_l0: `(hidden_size, input_size, n)`; names as in `LSTM`.

    Raises:
        ValueError: if a size, a probability or the nonlinearity does not fit, or an input.

    Example:
        >>> layer = RNN(3, 5, num_layers=2, nonlinearity="relu", algebra=hc.OCTONION)
        >>> output, h = layer(torch.randn(7, 2, 8 * 3))
        >>> output.shape, h.shape
        (torch.Size([7, 2, 40]), torch.Size([2, 2, 40]))

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3.
    """

    gates = 1
    stock = nn.RNN

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
        side: Side = "left",
        criterion: Criterion = "glorot",
        recurrent_dropout: float = 0.0,
        fused: bool = True,
    ) -> None:
        check_nonlinearity(nonlinearity)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device, dtype, algebra=algebra, side=side, criterion=criterion,
            recurrent_dropout=recurrent_dropout, fused=fused,
        )  # fmt: skip
        self.nonlinearity = nonlinearity
        self.mode = "rnn_tanh" if nonlinearity == "tanh" else "rnn_relu"

    def to_real(self) -> nn.RNN:
        """The `torch.nn.RNN` of real width that computes the same; see `LSTM.to_real`."""
        return self._to_stock(nonlinearity=self.nonlinearity)


class GRU(_OneState):
    r"""Gated recurrent layers of numbers.

    $$r = \sigma(W_r x + U_r h), \quad z = \sigma(W_z x + U_z h), \quad
    a = \tanh(W_a x + b_a + r \circ (U_a h + b'_a)), \quad h' = (1 - z) \circ a + z \circ h$$

    with biases in every gate, as in torch. `torch.nn.GRU` with numbers of an algebra for reals;
    over `REAL` it equals it bit for bit. The arguments are those of `LSTM`.

    Shape:
        As in `LSTM`, with one state.

    Attributes:
        weight_ih_l0: `(3·hidden_size, input_size, n)`, gates r, z, a; names as in `LSTM`.

    Raises:
        ValueError: if a size or a probability does not fit, or an input.

    Example:
        >>> layer = GRU(3, 5, bidirectional=True, algebra=hc.COMPLEX)
        >>> output, h = layer(torch.randn(7, 2, 2 * 3))
        >>> output.shape, h.shape
        (torch.Size([7, 2, 20]), torch.Size([2, 2, 10]))

    Source:
        K. Cho et al., *Learning Phrase Representations using RNN Encoder-Decoder for Statistical
        Machine Translation*, 2014.
    """

    gates = 3
    mode = "gru"
    stock = nn.GRU

    def to_real(self) -> nn.GRU:
        """The `torch.nn.GRU` of real width that computes the same; see `LSTM.to_real`."""
        return self._to_stock()


class LSTM(_Fused):
    r"""Long short-term memory of numbers.

    $$i = \sigma(W_i x + U_i h), \quad f = \sigma(W_f x + U_f h), \quad
    g = \tanh(W_g x + U_g h), \quad o = \sigma(W_o x + U_o h)$$
    $$c' = f \circ c + i \circ g, \quad h' = o \circ \tanh(c')$$

    with biases b and b' in every gate, as in torch. W x and U h are products of the algebra;
    functions and products of gates act on every component. `torch.nn.LSTM` with numbers of an
    algebra for reals; over `REAL` it equals it bit for bit.

    The weights are lowered to real matrices once for a sequence, which torch's fused kernel
    (cuDNN on a GPU) then runs whole. On a GPU that cannot be differentiated twice: `fused=False`
    can.

    Args:
        input_size: numbers in each input sample.
        hidden_size: numbers in the state of each layer and direction.
        num_layers: layers on top of each other.
        bias: whether to add learned numbers to the gates.
        batch_first: whether sequences are `(N, L, …)`; states are `(layers·directions, N, …)`.
        dropout: probability that a component of the output of a layer but the last is zeroed.
        bidirectional: whether a second set of weights reads the sequence backward.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        side: where the weights stand, `"left"` (W x) or `"right"` (x W).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        recurrent_dropout: probability that a number of h is zeroed where it meets U, the same
            numbers at all times of a sequence. While it acts, in training, a loop in Python
            stands in for the fused kernel.
        fused: whether torch's fused kernel may run; otherwise the loop always does.

    Shape:
        - Input: typed `(L, N, input_size)`, or folded `(L, N, n·input_size)`; the batch axis may
          be missing; or a `PackedSequence` of folded data.
        - States: typed `(layers·directions, N, hidden_size)` or folded; zeros if not given.
        - Output: the same kind, `(L, N, directions·hidden_size)` or `(L, N,
          n·directions·hidden_size)`, where the numbers of the forward direction come first, and
          the states at the end.

    Attributes:
        weight_ih_l0: `(4·hidden_size, input_size, n)`, gates i, f, g, o, each drawn by
            `init.polar_`; also `weight_ih_l1` …, and `_reverse` for the backward direction.
        weight_hh_l0: `(4·hidden_size, hidden_size, n)`.
        bias_ih_l0: `(4·hidden_size, n)`, zeros.
        bias_hh_l0: `(4·hidden_size, n)`, zeros.

    Raises:
        ValueError: if a size or a probability does not fit, or an input.
        TypeError: if some of the input and the states are typed and others are not.

    Example:
        >>> layer = LSTM(3, 5, batch_first=True, algebra=hc.QUATERNION)
        >>> output, (h, c) = layer(torch.randn(2, 7, 4 * 3))
        >>> output.shape, h.shape, c.shape
        (torch.Size([2, 7, 20]), torch.Size([1, 2, 20]), torch.Size([1, 2, 20]))
        >>> output, (h, c) = layer(hc.QuaternionTensor(torch.randn(2, 7, 3, 4)))
        >>> output.shape, h.shape, c.shape
        (torch.Size([2, 7, 5]), torch.Size([1, 2, 5]), torch.Size([1, 2, 5]))

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3;
        recurrent dropout: Y. Gal and Z. Ghahramani, *A Theoretically Grounded Application of
        Dropout in Recurrent Neural Networks*, NeurIPS 2016.
    """

    gates = 4
    mode = "lstm"
    stock = nn.LSTM

    def forward(
        self, input: Any, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        h0, c0 = state_pair(hx)
        output, h, c = self._run(input, h0, c0)
        return output, (h, c)

    def to_real(self) -> nn.LSTM:
        """The `torch.nn.LSTM` of real width that computes the same on folded input.

        One direction gives the same output. Of two, the real layer gives `[forward folded |
        backward folded]`, while this layer gives whole numbers component-major; states agree in
        both cases. Recurrent dropout has no place in it.

        Example:
            >>> layer = LSTM(3, 5, algebra=hc.QUATERNION)
            >>> x = torch.randn(7, 2, 12)
            >>> bool(torch.equal(layer.to_real()(x)[0], layer(x)[0]))
            True
        """
        return self._to_stock()


# ---------------------------------------------------------------------- shared with other files


def cell_shapes(
    gates: int, inputs: int, hidden: int, biases: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    """The parameters of one layer and direction, without the axis of components."""
    weights = {"weight_ih": (gates * hidden, inputs), "weight_hh": (gates * hidden, hidden)}
    return weights | dict.fromkeys(biases, (gates * hidden,))


def reset_gates(
    parameters: list[Tensor], gates: int, criterion: Criterion, generator: torch.Generator | None
) -> None:
    """Draw every gate of the weights with its own fans, and set biases to zero."""
    for parameter in parameters:
        if parameter.ndim == 2:
            nn.init.zeros_(parameter)
        else:
            for gate in parameter.detach().chunk(gates):
                init.polar_(gate, criterion, generator)


def state_pair(hx: Any) -> tuple[Tensor | None, Tensor | None]:
    """The hidden state and the cell state of an LSTM, both or none."""
    if hx is None:
        return None, None
    if not isinstance(hx, tuple | list) or len(hx) != 2:
        raise TypeError(f"`hx` must be a pair (h, c) of states, not {type(hx).__name__}")
    return hx[0], hx[1]


def check_probability(argument: str, value: float) -> None:
    """A dropout is a probability."""
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"`{argument}` (={value!r}) must be a probability, between 0 and 1")


def check_nonlinearity(nonlinearity: str) -> None:
    """An RNN has one of two functions, since torch has kernels for these."""
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"`nonlinearity` (={nonlinearity!r}) must be 'tanh' or 'relu'")


def check_algebra_and_side(algebra: Algebra, side: Side) -> None:
    """What every layer is told beside its sizes."""
    if not isinstance(algebra, Algebra):
        raise TypeError(f"`algebra` (={algebra!r}) must be an Algebra, such as QUATERNION")
    if side not in ("left", "right"):
        raise ValueError(f"`side` (={side!r}) must be 'left' (w x) or 'right' (x w)")


# ---------------------------------------------------------------------- over the quaternions


@final
class QuaternionRNN(RNN):
    """`RNN` over the quaternions.

    Example:
        >>> QuaternionRNN(3, 5)
        QuaternionRNN(3, 5, nonlinearity='tanh', algebra=QUATERNION)
    """

    __init__ = partialmethod(RNN.__init__, algebra=QUATERNION)


@final
class QuaternionLSTM(LSTM):
    """`LSTM` over the quaternions.

    Example:
        >>> QuaternionLSTM(10, 64, num_layers=2, bidirectional=True)
        QuaternionLSTM(10, 64, num_layers=2, bidirectional=True, algebra=QUATERNION)
    """

    __init__ = partialmethod(LSTM.__init__, algebra=QUATERNION)


@final
class QuaternionGRU(GRU):
    """`GRU` over the quaternions.

    Example:
        >>> QuaternionGRU(10, 64, bias=False)
        QuaternionGRU(10, 64, bias=False, algebra=QUATERNION)
    """

    __init__ = partialmethod(GRU.__init__, algebra=QUATERNION)
