"""Recurrent layers: RNN, LSTM and GRU of numbers, with torch's arguments and return values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, final

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import Count, Probability, checked, explained, state_width
from hypercomplex.functional.recurrent import Mode
from hypercomplex.lowering import AnyProduct, Choice, lower_gates
from hypercomplex.lowering.block import Side
from hypercomplex.nn.flagship import over
from hypercomplex.nn.init import Criterion
from hypercomplex.nn.sequence import OneState, Recurrent, state_pair

__all__ = ["GRU", "LSTM", "RNN", "QuaternionGRU", "QuaternionLSTM", "QuaternionRNN"]


class _Fused(Recurrent):
    """The layers that torch has as well, on its fused kernels."""

    mode: Mode
    stock: ClassVar[Callable[..., Any]]  # a class of torch.nn

    @checked
    def __init__(
        self,
        input_size: Count,
        hidden_size: Count,
        num_layers: Count = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: Probability = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        side: Side = "left",
        criterion: Criterion = "glorot",
        recurrent_dropout: Probability = 0.0,
        fused: bool = True,
        plan: Choice = None,
        proj_size: int = 0,
    ) -> None:
        if proj_size:
            raise ValueError(
                f"`proj_size` (={proj_size}) must be 0: states are not projected; let a "
                "hypercomplex.nn.Linear follow the layer"
            )
        biases = ("bias_ih", "bias_hh") if bias else ()
        super().__init__(
            input_size, hidden_size, num_layers, biases, batch_first, dropout, bidirectional,
            device, dtype, algebra, side, criterion, recurrent_dropout, plan,
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
        n, like = state_width(self.algebra.product), self.weights[0]
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
                self.algebra.product,
                self.gates,
                num_layers=self.num_layers,
                bidirectional=self.bidirectional,
                side=self.side,
            )
            for name, matrix in zip(self._names, lowered, strict=True):
                getattr(real, name).copy_(matrix)
        return real.train(self.training)


class RNN(_Fused, OneState):
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
        plan: see `LSTM`.

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

        In numbers:

        >>> tanh = hc.functional.split(torch.tanh)
        >>> layer, x = hc.nn.QuaternionRNN(3, 5), hc.QuaternionTensor.randn(2, 3)
        >>> W, U, b, d = map(hc.QuaternionTensor, layer.weights)
        >>> h = tanh(W @ x[0] + b + d)
        >>> torch.allclose(layer(x)[0][1], tanh(W @ x[1] + b + U @ h + d), atol=1e-5)
        True

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3.
    """

    gates = 1
    stock = nn.RNN

    @checked
    def __init__(
        self,
        input_size: Count,
        hidden_size: Count,
        num_layers: Count = 1,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: Probability = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        side: Side = "left",
        criterion: Criterion = "glorot",
        recurrent_dropout: Probability = 0.0,
        fused: bool = True,
        plan: Choice = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device, dtype, algebra=algebra, side=side, criterion=criterion,
            recurrent_dropout=recurrent_dropout, fused=fused, plan=plan,
        )  # fmt: skip
        self.nonlinearity = nonlinearity
        self.mode = "rnn_tanh" if nonlinearity == "tanh" else "rnn_relu"

    def to_real(self) -> nn.RNN:
        """The `torch.nn.RNN` of real width that computes the same; see `LSTM.to_real`."""
        return self._to_stock(nonlinearity=self.nonlinearity)


class GRU(_Fused, OneState):
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

        In numbers:

        >>> layer, x = hc.nn.QuaternionGRU(3, 5), hc.QuaternionTensor.randn(7, 2, 3)
        >>> cell, states = hc.nn.QuaternionGRUCell(3, 5), None  # whose step is written there
        >>> for weight, given in zip(cell.parameters(), layer.weights, strict=True):
        ...     weight.data = given.data
        >>> for x_t in x:
        ...     states = cell(x_t, states)
        >>> torch.allclose(layer(x)[0][-1], states, atol=1e-5)
        True

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

    Narrow layers are lowered to real matrices once for a sequence, which torch's fused kernel
    (cuDNN on a GPU) then runs whole; wide ones on a CPU are scanned over time with compact weights,
    see `functional.recurrent`. On a GPU torch's kernel cannot be differentiated twice:
    `fused=False` can.

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
            numbers at all times of a sequence. While it acts, in training, a scan over time
            stands in for the fused kernel.
        fused: whether torch's fused kernel may run; otherwise the scan always does.
        plan: `"block"` asks for the fused kernel, `"input"` or `"bilinear"` for the scan and for
            that way to multiply inputs by W; None has it chosen.
        proj_size: zero, as `torch.nn.LSTM` has it by default: states are not projected.

    Shape:
        - Input: typed `(L, N, input_size)`, or folded `(L, N, n·input_size)`; the batch axis may
          be missing; or a `PackedSequence` of either; or padded, with `lengths=` of the sequences.
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

        In numbers:

        >>> layer, x = hc.nn.QuaternionLSTM(3, 5), hc.QuaternionTensor.randn(7, 2, 3)
        >>> cell, states = hc.nn.QuaternionLSTMCell(3, 5), None  # whose step is written there
        >>> for weight, given in zip(cell.parameters(), layer.weights, strict=True):
        ...     weight.data = given.data
        >>> for x_t in x:
        ...     states = cell(x_t, states)
        >>> torch.allclose(layer(x)[0][-1], states[0], atol=1e-5)
        True

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3;
        recurrent dropout: Y. Gal and Z. Ghahramani, *A Theoretically Grounded Application of
        Dropout in Recurrent Neural Networks*, NeurIPS 2016.
    """

    gates = 4
    mode = "lstm"
    stock = nn.LSTM

    @explained
    def forward(
        self, input: Any, hx: tuple[Tensor, Tensor] | None = None, *, lengths: Any = None
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        h0, c0 = state_pair(hx)
        output, h, c = self._run(input, h0, c0, lengths=lengths)
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


# ---------------------------------------------------------------------- over the quaternions


@final
class QuaternionRNN(RNN):
    """`RNN` over the quaternions.

    Example:
        >>> QuaternionRNN(3, 5)
        QuaternionRNN(3, 5, nonlinearity='tanh', algebra=QUATERNION)
    """

    __init__ = over(QUATERNION, RNN.__init__)


@final
class QuaternionLSTM(LSTM):
    """`LSTM` over the quaternions.

    Example:
        >>> QuaternionLSTM(10, 64, num_layers=2, bidirectional=True)
        QuaternionLSTM(10, 64, num_layers=2, bidirectional=True, algebra=QUATERNION)
    """

    __init__ = over(QUATERNION, LSTM.__init__)


@final
class QuaternionGRU(GRU):
    """`GRU` over the quaternions.

    Example:
        >>> QuaternionGRU(10, 64, bias=False)
        QuaternionGRU(10, 64, bias=False, algebra=QUATERNION)
    """

    __init__ = over(QUATERNION, GRU.__init__)
