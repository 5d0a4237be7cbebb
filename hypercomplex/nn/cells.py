"""Recurrent cells: one time step of `RNN`, `LSTM` and `GRU`, the equations as they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, final

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import Count, checked, explained, state_width
from hypercomplex.functional.recurrent import Mode
from hypercomplex.lowering import AnyProduct, Choice, lower_gates
from hypercomplex.lowering.block import Side
from hypercomplex.nn.flagship import over
from hypercomplex.nn.init import Criterion
from hypercomplex.nn.sequence import (
    cell_shapes,
    reset_gates,
    state_pair,
)

__all__ = [
    "GRUCell",
    "LSTMCell",
    "QuaternionGRUCell",
    "QuaternionLSTMCell",
    "QuaternionRNNCell",
    "RNNCell",
]


class Cell(nn.Module):
    """Parameters of one time step; a subclass says what runs.

    Attributes:
        weight_ih: `(G·H, I, n)`; each gate is drawn by `init.polar_` by itself.
        weight_hh: `(G·H, H, n)`.
        bias_ih: `(G·H, n)`, zeros; None without it.
        bias_hh: `(G·H, n)`, zeros; None without it.
    """

    gates: ClassVar[int]
    weight_ih: nn.Parameter
    weight_hh: nn.Parameter
    bias_ih: nn.Parameter | None
    bias_hh: nn.Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        biases: tuple[str, ...],
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        algebra: AnyProduct,
        side: Side,
        criterion: Criterion,
        plan: Choice,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.algebra = algebra
        self.side: Side = side
        self.criterion: Criterion = criterion
        self.plan: Choice = plan
        self.bias_ih = self.bias_hh = None
        n = state_width(algebra.product)
        for name, shape in cell_shapes(self.gates, input_size, hidden_size, biases).items():
            values = torch.empty(*shape, n, device=device, dtype=dtype)
            setattr(self, name, nn.Parameter(values))
        self.reset_parameters()

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weights anew from the generator, gate by gate, and set the biases to zero."""
        reset_gates(
            list(self.parameters(False)),
            self.gates,
            self.criterion,
            generator,
            self.algebra,
            self.side,
        )

    def extra_repr(self) -> str:
        defaults = {
            "nonlinearity": None,
            "normalization": None,
            "stabilized": False,
            "bias": True,
            "plan": None,
        }
        parts = [f"{self.input_size}, {self.hidden_size}"]
        for name, default in defaults.items():
            value = getattr(self, name, default)
            if value != default:
                parts.append(f"{name}={value!r}")
        side = [] if self.side == "left" else [f"side={self.side!r}"]
        return ", ".join([*parts, f"algebra={self.algebra}", *side])


class _TorchCell(Cell):
    """The cells that torch has as well."""

    mode: Mode
    stock: ClassVar[Callable[..., Any]]  # a class of torch.nn

    @checked
    def __init__(
        self,
        input_size: Count,
        hidden_size: Count,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        side: Side = "left",
        criterion: Criterion = "glorot",
        plan: Choice = None,
    ) -> None:
        biases = ("bias_ih", "bias_hh") if bias else ()
        super().__init__(
            input_size, hidden_size, biases, device, dtype, algebra, side, criterion, plan
        )
        self.bias = bias

    def _step(self, input: Tensor, h: Tensor | None, c: Tensor | None) -> tuple[Tensor, ...]:
        return functional.recurrent_cell(
            input,
            h,
            c,
            self.weight_ih,
            self.weight_hh,
            self.bias_ih,
            self.bias_hh,
            mode=self.mode,
            algebra=self.algebra,
            side=self.side,
            plan=self.plan,
        )

    def _to_stock(self, **options: Any) -> Any:
        n, like = state_width(self.algebra.product), self.weight_ih
        real = self.stock(
            n * self.input_size,
            n * self.hidden_size,
            bias=self.bias,
            device="meta",  # draws nothing from torch's generator
            dtype=like.dtype,
            **options,
        ).to_empty(device=like.device)
        with torch.no_grad():
            lowered = lower_gates(
                list(self.parameters(False)),
                self.algebra.product,
                self.gates,
                num_layers=1,
                bidirectional=False,
                side=self.side,
            )
            for parameter, matrix in zip(real.parameters(), lowered, strict=True):
                parameter.copy_(matrix)
        return real.train(self.training)


class _OneStateCell(_TorchCell):
    @explained
    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        (h,) = self._step(input, hx, None)
        return h


class RNNCell(_OneStateCell):
    r"""One time step of an `RNN`: $h' = f(W x + b + U h + b')$.

    Args:
        input_size: numbers in each input sample.
        hidden_size: numbers in the state.
        bias: whether to add learned numbers.
        nonlinearity: the function f of the components, `"tanh"` or `"relu"`.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        side: where the weights stand, `"left"` (W x) or `"right"` (x W).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        plan: see `LSTMCell`.

    Shape:
        As in `LSTMCell`, with one state.

    Attributes:
        weight_ih: `(hidden_size, input_size, n)`; names as in `LSTMCell`.

    Raises:
        ValueError: if a size or the nonlinearity does not fit, or an input.

    Example:
        >>> RNNCell(3, 5, algebra=hc.OCTONION)(torch.randn(2, 8 * 3)).shape
        torch.Size([2, 40])

        In numbers:

        >>> tanh = hc.functional.split(torch.tanh)
        >>> cell, x, h = hc.nn.QuaternionRNNCell(3, 5), *map(hc.QuaternionTensor.randn, (3, 5))
        >>> W, U, b, d = map(hc.QuaternionTensor, cell.parameters())
        >>> torch.allclose(cell(x, h), tanh(W @ x + b + U @ h + d), atol=1e-5)
        True
    """

    gates = 1
    stock = nn.RNNCell

    @checked
    def __init__(
        self,
        input_size: Count,
        hidden_size: Count,
        bias: bool = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        side: Side = "left",
        criterion: Criterion = "glorot",
        plan: Choice = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, bias, device, dtype,
            algebra=algebra, side=side, criterion=criterion, plan=plan,
        )  # fmt: skip
        self.nonlinearity = nonlinearity
        self.mode = "rnn_tanh" if nonlinearity == "tanh" else "rnn_relu"

    def to_real(self) -> nn.RNNCell:
        """The `torch.nn.RNNCell` of real width that computes the same on folded input."""
        return self._to_stock(nonlinearity=self.nonlinearity)


class GRUCell(_OneStateCell):
    """One time step of a `GRU`; the arguments are those of `LSTMCell`.

    Shape:
        As in `LSTMCell`, with one state.

    Attributes:
        weight_ih: `(3·hidden_size, input_size, n)`, gates r, z, a; names as in `LSTMCell`.

    Raises:
        ValueError: if a size does not fit, or an input.

    Example:
        >>> GRUCell(3, 5, algebra=hc.COMPLEX)(torch.randn(2, 2 * 3)).shape
        torch.Size([2, 10])

        In numbers:

        >>> sigmoid, tanh, times = map(hc.functional.split, (torch.sigmoid, torch.tanh, torch.mul))
        >>> cell, x, h = hc.nn.QuaternionGRUCell(3, 5), *map(hc.QuaternionTensor.randn, (3, 5))
        >>> W, U, b, d = map(hc.QuaternionTensor, cell.parameters())
        >>> (x_r, x_z, x_a), (u_r, u_z, u_a) = (W @ x + b).chunk(3), (U @ h + d).chunk(3)
        >>> a = tanh(x_a + times(sigmoid(x_r + u_r), u_a))
        >>> torch.allclose(cell(x, h), a + times(sigmoid(x_z + u_z), h - a), atol=1e-5)
        True
    """

    gates = 3
    mode = "gru"
    stock = nn.GRUCell

    def to_real(self) -> nn.GRUCell:
        """The `torch.nn.GRUCell` of real width that computes the same on folded input."""
        return self._to_stock()


class LSTMCell(_TorchCell):
    """One time step of an `LSTM`.

    Steps one by one give what the layer gives for the sequence. Where the sequence is known, the
    layer is faster.

    Args:
        input_size: numbers in each input sample.
        hidden_size: numbers in each of the two states.
        bias: whether to add learned numbers to the gates.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        side: where the weights stand, `"left"` (W x) or `"right"` (x W).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        plan: `"block"`, `"input"` or `"bilinear"` asks for one way to compute both products; None
            has it chosen, see `hypercomplex.lowering.plan`.

    Shape:
        - Input: typed `(N, input_size)`, or folded `(N, n·input_size)`; N may be missing.
        - States, given and returned: the same kind, `(N, hidden_size)` or `(N, n·hidden_size)`.

    Attributes:
        weight_ih: `(4·hidden_size, input_size, n)`, gates i, f, g, o, each drawn by
            `init.polar_`.
        weight_hh: `(4·hidden_size, hidden_size, n)`.
        bias_ih: `(4·hidden_size, n)`, zeros.
        bias_hh: `(4·hidden_size, n)`, zeros.

    Raises:
        ValueError: if a size does not fit, or an input.

    Example:
        >>> cell = LSTMCell(3, 5, algebra=hc.QUATERNION)
        >>> states = None
        >>> for x in hc.QuaternionTensor(torch.randn(7, 2, 3, 4)):
        ...     states = cell(x, states)
        >>> states[0].shape
        torch.Size([2, 5])

        In numbers:

        >>> sigmoid, tanh, times = map(hc.functional.split, (torch.sigmoid, torch.tanh, torch.mul))
        >>> x, h, c = map(hc.QuaternionTensor.randn, (3, 5, 5))
        >>> W, U, b, d = map(hc.QuaternionTensor, cell.parameters())
        >>> i, f, g, o = (W @ x + b + U @ h + d).chunk(4)
        >>> new = times(sigmoid(f), c) + times(sigmoid(i), tanh(g))
        >>> torch.allclose(cell(x, (h, c))[0], times(sigmoid(o), tanh(new)), atol=1e-5)
        True
    """

    gates = 4
    mode = "lstm"
    stock = nn.LSTMCell

    @explained
    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        h, c = self._step(input, *state_pair(hx))
        return h, c

    def to_real(self) -> nn.LSTMCell:
        """The `torch.nn.LSTMCell` of real width that computes the same on folded input."""
        return self._to_stock()


@final
class QuaternionRNNCell(RNNCell):
    """`RNNCell` over the quaternions.

    Example:
        >>> QuaternionRNNCell(3, 5, nonlinearity="relu")
        QuaternionRNNCell(3, 5, nonlinearity='relu', algebra=QUATERNION)
    """

    __init__ = over(QUATERNION, RNNCell.__init__)


@final
class QuaternionGRUCell(GRUCell):
    """`GRUCell` over the quaternions.

    Example:
        >>> QuaternionGRUCell(3, 5, bias=False)
        QuaternionGRUCell(3, 5, bias=False, algebra=QUATERNION)
    """

    __init__ = over(QUATERNION, GRUCell.__init__)


@final
class QuaternionLSTMCell(LSTMCell):
    """`LSTMCell` over the quaternions.

    Example:
        >>> QuaternionLSTMCell(3, 5).weight_hh.shape
        torch.Size([20, 5, 4])
    """

    __init__ = over(QUATERNION, LSTMCell.__init__)
