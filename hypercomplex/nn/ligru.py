"""The light gated recurrent unit, as a layer and as a cell."""

from __future__ import annotations

from typing import Any, Literal, final

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import Count, Probability, checked, explained, state_width
from hypercomplex.functional.ligru import Activation
from hypercomplex.host.torches import batch_norm
from hypercomplex.lowering import AnyProduct, Choice
from hypercomplex.lowering.block import Side
from hypercomplex.nn.cells import Cell
from hypercomplex.nn.flagship import over
from hypercomplex.nn.init import Criterion
from hypercomplex.nn.sequence import OneState

__all__ = ["LiGRU", "LiGRUCell", "QuaternionLiGRU", "QuaternionLiGRUCell"]

Normalization = Literal["batchnorm", "layernorm", "none"]


class LiGRU(OneState):
    r"""Light gated recurrent layers of numbers: one gate, no reset, normalised inputs.

    $$z_t = \sigma(\mathrm{norm}(W_z x_t) + U_z h_{t-1}), \quad
    a_t = f(\mathrm{norm}(W_a x_t) + U_a h_{t-1}), \quad
    h_t = z_t \circ h_{t-1} + (1 - z_t) \circ a_t$$

    W x and U h are products of the algebra; functions, norms and products of gates act on every
    component. The inputs of all time steps meet W in one product, and each step costs one more,
    with a compact U.

    The norm is torch's own over the `2·n·hidden_size` folded features of both gates. Batch
    statistics are taken over time and batch: of a padded batch the padding counts, of a
    `PackedSequence` there is none. The state is not bounded where f is not: over long sequences
    `stabilized=True` keeps gradients from exploding.

    Args:
        input_size: numbers in each input sample.
        hidden_size: numbers in the state of each layer and direction.
        num_layers: layers on top of each other.
        bias: whether to add a learned number to the gates; the norm's shift, where there is one.
        batch_first: see `LSTM`.
        dropout: see `LSTM`.
        bidirectional: see `LSTM`; each direction has its own weights and norm.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        side: where the weights stand, `"left"` (W x) or `"right"` (x W).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        recurrent_dropout: see `LSTM`.
        nonlinearity: the f of the candidate: `"relu"`, `"leaky_relu"`, `"tanh"` or `"sin"`.
        normalization: `"batchnorm"`, `"layernorm"` or `"none"`, of W x.
        stabilized: whether U h is normalised as well, to mean 0 and variance 1 over the features
            of both gates, without parameters (SLi-GRU).
        plan: `"block"` asks for blocks of both weights, `"input"` or `"bilinear"` for that way to
            multiply inputs by W, and a compact U; None has it chosen.

    Shape:
        As in `LSTM`, with one state.

    Attributes:
        weight_ih_l0: `(2·hidden_size, input_size, n)`, the gate z and the candidate a, each drawn
            by `init.polar_`; further names as in `LSTM`.
        weight_hh_l0: `(2·hidden_size, hidden_size, n)`.
        bias_ih_l0: `(2·hidden_size, n)`, zeros; only without normalization.
        norms: the norm of each layer and direction, if there is one.

    Raises:
        ValueError: if a size, a probability or a mode does not fit, or an input.
        TypeError: if the input is typed and the state is not, or the reverse.

    Example:
        >>> layer = LiGRU(3, 5, num_layers=2, bidirectional=True, algebra=hc.QUATERNION)
        >>> output, h = layer(torch.randn(7, 2, 4 * 3))
        >>> output.shape, h.shape
        (torch.Size([7, 2, 40]), torch.Size([4, 2, 20]))

        In numbers:

        >>> layer = LiGRU(3, 5, normalization="none", algebra=hc.QUATERNION)
        >>> cell = LiGRUCell(3, 5, normalization="none", algebra=hc.QUATERNION)  # where its step is
        >>> for weight, given in zip(cell.parameters(), layer.weights, strict=True):
        ...     weight.data = given.data
        >>> x, h = hc.QuaternionTensor.randn(7, 2, 3), None
        >>> for x_t in x:
        ...     h = cell(x_t, h)
        >>> torch.allclose(layer(x)[0][-1], h, atol=1e-5)
        True

    Source:
        M. Ravanelli et al., *Light Gated Recurrent Units for Speech Recognition*, 2018;
        stabilized: A. Moumen and T. Parcollet, *Stabilising and Accelerating Light Gated
        Recurrent Units for Automatic Speech Recognition*, ICASSP 2023.
    """

    gates = 2

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
        nonlinearity: Activation = "relu",
        normalization: Normalization = "batchnorm",
        stabilized: bool = False,
        plan: Choice = None,
    ) -> None:
        biases = ("bias_ih",) if bias and normalization == "none" else ()
        super().__init__(
            input_size, hidden_size, num_layers, biases, batch_first, dropout, bidirectional,
            device, dtype, algebra, side, criterion, recurrent_dropout, plan,
        )  # fmt: skip
        self.bias = bias
        self.nonlinearity: Activation = nonlinearity
        self.normalization: Normalization = normalization
        self.stabilized = stabilized
        self.norms: Any = None
        if normalization != "none":
            self.norms = nn.ModuleList(
                _norm(normalization, hidden_size, algebra, bias, device, dtype)
                for _ in range(num_layers * self.num_directions)
            )

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weights anew, gate by gate; norms and biases start as they were."""
        super().reset_parameters(generator)
        for norm in getattr(self, "norms", None) or ():  # the constructor makes them later
            norm.reset_parameters()

    def _sequence(
        self, input: Tensor, *states: Tensor | None, batch_sizes: Tensor | None
    ) -> tuple[Tensor, ...]:
        return functional.ligru(
            input,
            states[0],
            self.weights,
            self.norms,
            nonlinearity=self.nonlinearity,
            stabilized=self.stabilized,
            batch_sizes=batch_sizes,
            **self._options(),
        )


class LiGRUCell(Cell):
    """One time step of a `LiGRU`.

    In evaluation, or without batch statistics, steps one by one give what the layer gives for the
    sequence; in training `"batchnorm"` sees one step at a time.

    Args:
        input_size: numbers in each input sample.
        hidden_size: numbers in the state.
        bias: as in `LiGRU`.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        side: where the weights stand, `"left"` (W x) or `"right"` (x W).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        nonlinearity: as in `LiGRU`.
        normalization: as in `LiGRU`; `"batchnorm"` needs a batch.
        stabilized: as in `LiGRU`.
        plan: as in `LSTMCell`.

    Shape:
        As in `LSTMCell`, with one state.

    Attributes:
        weight_ih: `(2·hidden_size, input_size, n)`, the gate z and the candidate a.
        weight_hh: `(2·hidden_size, hidden_size, n)`.
        bias_ih: `(2·hidden_size, n)`, zeros; only without normalization.
        norm: the norm, if there is one.

    Raises:
        ValueError: if a size or a mode does not fit, or an input.

    Example:
        >>> cell = LiGRUCell(3, 5, normalization="layernorm", algebra=hc.OCTONION)
        >>> cell(torch.randn(2, 8 * 3)).shape
        torch.Size([2, 40])

        In numbers:

        >>> sigmoid, relu, times = map(hc.functional.split, (torch.sigmoid, torch.relu, torch.mul))
        >>> cell = LiGRUCell(3, 5, normalization="none", algebra=hc.QUATERNION)
        >>> x, h = map(hc.QuaternionTensor.randn, (3, 5))
        >>> W, U, b = map(hc.QuaternionTensor, cell.parameters())
        >>> z, a = (W @ x + b + U @ h).chunk(2)
        >>> torch.allclose(cell(x, h), relu(a) + times(sigmoid(z), h - relu(a)), atol=1e-5)
        True
    """

    gates = 2

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
        nonlinearity: Activation = "relu",
        normalization: Normalization = "batchnorm",
        stabilized: bool = False,
        plan: Choice = None,
    ) -> None:
        biases = ("bias_ih",) if bias and normalization == "none" else ()
        super().__init__(
            input_size, hidden_size, biases, device, dtype, algebra, side, criterion, plan
        )
        self.bias = bias
        self.nonlinearity: Activation = nonlinearity
        self.normalization: Normalization = normalization
        self.stabilized = stabilized
        self.norm: nn.Module | None = None
        if normalization != "none":
            self.norm = _norm(normalization, hidden_size, algebra, bias, device, dtype)

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weights anew, gate by gate; the norm and the bias start as they were."""
        super().reset_parameters(generator)
        norm = getattr(self, "norm", None)  # the constructor makes it later
        if norm is not None:
            norm.reset_parameters()

    @explained
    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        (h,) = functional.ligru_cell(
            input,
            hx,
            self.weight_ih,
            self.weight_hh,
            self.bias_ih,
            self.norm,
            algebra=self.algebra,
            side=self.side,
            nonlinearity=self.nonlinearity,
            stabilized=self.stabilized,
            plan=self.plan,
        )
        return h


def _norm(
    normalization: Normalization,
    hidden_size: int,
    algebra: AnyProduct,
    bias: bool,
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> nn.Module:
    """The norm of both gates, folded."""
    features = 2 * state_width(algebra.product) * hidden_size
    if normalization == "batchnorm":
        return batch_norm(features, bias, device=device, dtype=dtype)
    return nn.LayerNorm(features, bias=bias, device=device, dtype=dtype)


@final
class QuaternionLiGRU(LiGRU):
    """`LiGRU` over the quaternions.

    Example:
        >>> QuaternionLiGRU(10, 64, normalization="none", stabilized=True)
        QuaternionLiGRU(10, 64, nonlinearity='relu', normalization='none', stabilized=True,
                        algebra=QUATERNION)
    """

    __init__ = over(QUATERNION, LiGRU.__init__)


@final
class QuaternionLiGRUCell(LiGRUCell):
    """`LiGRUCell` over the quaternions.

    Example:
        >>> QuaternionLiGRUCell(3, 5).weight_hh.shape
        torch.Size([10, 5, 4])
    """

    __init__ = over(QUATERNION, LiGRUCell.__init__)
