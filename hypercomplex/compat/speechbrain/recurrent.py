"""Recurrent networks whose gates are the components of quaternion neurons.

A layer has two quaternion maps, `w` of the input and `u` of the state. Their sum, folded, is cut
into flat runs, one for each gate, so a gate is a component (or two) of the neurons. The maps are
lowered once per sequence; without dropout masks, torch's fused kernels run over time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hypercomplex.compat.speechbrain.linear import QLinear
from hypercomplex.compat.speechbrain.normalization import QBatchNorm, quaternion_layer_norm
from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.compat.speechbrain.words import (
    Bounded,
    Criterion,
    Nonlinearity,
    Normalization,
    WeightInit,
)
from hypercomplex.functional.arguments import (
    Count,
    Probability,
    check_device,
    check_gates,
    check_reals,
    check_shape,
    check_width,
    checked,
    explained,
)
from hypercomplex.host.mode import all_digits, is_compiling, only_reverse
from hypercomplex.kernels.precision import autocast_dtype, needs_single

__all__ = ["QLSTM", "QRNN", "QLSTM_Layer", "QLiGRU", "QLiGRU_Layer", "QRNN_Layer"]

_MASKS = 16000  # how many rows the reference draws at once


class _Layer(nn.Module):
    """One layer, over time: both directions share its weights.

    Attributes:
        w: the map of the input, to all gates.
        u: the map of the state, to all gates.
        h_init: the state before the first step, zeros.
        drop_masks: strictly, a pool of masks; every call in training takes its next rows.
    """

    gates: ClassVar[int]
    has_biases = True  # in the reference
    saves_masks = False

    h_init: Tensor
    drop_masks: Tensor | None

    def __init__(
        self,
        input_size: Count,
        hidden_size: Count,
        batch_size: int | None,
        dropout: Probability,
        bidirectional: bool,
        init_criterion: Criterion,
        weight_init: WeightInit,
        autograd: bool | str,
        bias: bool,
    ) -> None:
        super().__init__()
        if not 0 <= dropout <= 1:
            raise ValueError(f"`dropout` (={dropout}) must be a probability between 0 and 1")
        self.hidden_size = hidden_size
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.batch_size = 2 * batch_size if batch_size and bidirectional else batch_size
        neurons = self.gates * hidden_size // 4
        options = (bias, init_criterion, weight_init, bool(autograd))
        self.w = QLinear(neurons, input_size, *options)
        self.u = QLinear(neurons, hidden_size, *options)
        self.register_buffer("h_init", torch.zeros(1, hidden_size))
        self.register_buffer("drop_masks", None, persistent=self.saves_masks)
        self.drop_mask_cnt = 0
        if is_strict() and (self.saves_masks or dropout > 0):
            self._draw_masks()

    @explained
    def forward(self, x: Tensor, hx: Tensor | None = None) -> Tensor:
        """All states: `(B, T, F)` → `(B, T, D)`, or `(B, T, 2·D)` in both directions."""
        _check_sequence(x)
        check_device("x", x, "r_weight", self.w.r_weight)
        check_width("x", x, -1, 4 * self.w.in_features, "the `input_size` of the layer")
        if self.bidirectional:
            x = torch.cat((x, x.flip(1)))
        state = self.h_init.expand(x.shape[0], -1) if hx is None else hx
        check_shape("hx", state, (x.shape[0], self.hidden_size), "(batch·directions, hidden_size)")
        check_device("hx", state, "x", x)
        check_reals("hx", state)
        states = self._run(x, state, self._drop_mask(x))
        if self.bidirectional:
            forwards, backwards = states.chunk(2)
            states = torch.cat((forwards, backwards.flip(1)), -1)
        return states

    def extra_repr(self) -> str:
        """The sizes."""
        return f"hidden_size={self.hidden_size}, bidirectional={self.bidirectional}"

    def _run(self, x: Tensor, state: Tensor, mask: Tensor | None) -> Tensor:
        raise NotImplementedError

    def _drop_mask(self, x: Tensor) -> Tensor | None:
        """One row for each sequence, the same at all times; None where nothing is dropped."""
        if is_strict() or self.drop_masks is not None:
            mask = self._next_masks(x.shape[0])
        elif self.training and self.dropout > 0:
            mask = F.dropout(x.new_ones(x.shape[0], self.hidden_size), self.dropout)
        else:
            mask = None
        return mask

    def _next_masks(self, rows: int) -> Tensor | None:
        """The next rows of the pool, which is drawn anew when it ends or the batch changes."""
        changed, self.batch_size = rows != self.batch_size, rows
        if not self.training or (self.drop_masks is None and self.dropout == 0):
            return None
        if self.drop_masks is None or changed:
            self._draw_masks()
        if self.drop_masks is not None and self.drop_mask_cnt + rows > len(self.drop_masks):
            self.drop_mask_cnt = 0
            self._draw_masks(rows)
        start = self.drop_mask_cnt
        self.drop_mask_cnt += rows
        return None if self.drop_masks is None else self.drop_masks[start : start + rows]

    def _draw_masks(self, rows: int = 0) -> None:
        ones = torch.ones(max(rows, _MASKS), self.hidden_size, device="cpu")
        self.drop_masks = F.dropout(ones, self.dropout).to(self.h_init)

    def _lowered(self, x: Tensor, state: Tensor) -> tuple[Tensor, ...]:
        """The input, the state, and both matrices and biases, in the precision of the call."""
        w_matrix, w_bias = self.w.lowered()
        u_matrix, u_bias = self.u.lowered()
        if w_bias is None:
            w_bias = w_matrix.new_zeros(w_matrix.shape[1])
        if u_bias is None:
            u_bias = u_matrix.new_zeros(u_matrix.shape[1])
        named = (("w", w_matrix.mT), ("u", u_matrix.mT), ("w.bias", w_bias), ("u.bias", u_bias))
        check_gates(named, self.gates, x.shape[-1], self.hidden_size, ())
        dtype = autocast_dtype(w_matrix)
        state = state.contiguous()  # cuDNN takes no other
        return tuple(t.to(dtype) for t in (x, state, w_matrix, u_matrix, w_bias, u_bias))

    def _save_to_state_dict(
        self, destination: dict[str, Any], prefix: str, keep_vars: bool
    ) -> None:
        """Write all that the reference reads: a pool of masks, and biases of zeros for none."""
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if self.saves_masks and self.drop_masks is None:
            destination[prefix + "drop_masks"] = self._fresh_masks()
        for key, part in self._without_bias(prefix):
            destination[key] = torch.zeros_like(part.bias)

    def _fresh_masks(self) -> Tensor:
        """A pool that is drawn for a file: neither the layer nor torch's generator change."""
        draws = torch.Generator().manual_seed(0)
        kept = torch.rand(_MASKS, self.hidden_size, generator=draws, device="cpu") >= self.dropout
        return (kept / (1 - self.dropout or 1)).to(self.h_init)

    def _without_bias(self, prefix: str) -> Iterator[tuple[str, QLinear]]:
        """The maps that have no bias where the reference always has one."""
        for name, part in (("w", self.w), ("u", self.u)):
            if self.has_biases and not part.has_bias:
                yield f"{prefix}{name}.bias", part

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        """Take any checkpoint of the reference: with masks, or with biases that it should not have.

        Masks are noise, and dropped where there is no pool. Biases that were trained are adopted;
        zeros are none.
        """
        key = prefix + "drop_masks"
        if self.drop_masks is None:
            state_dict.pop(key, None)
        elif self.saves_masks:
            state_dict.setdefault(key, self.drop_masks)
        for key, part in self._without_bias(prefix):
            bias = state_dict.get(key)
            if bias is not None and (bias.is_meta or bias.any()):
                part.adopt_bias()
            else:
                state_dict.pop(key, None)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


class QRNN_Layer(_Layer):  # noqa: N801
    r"""One layer of a `QRNN`: $h_t = f(W x_t + U h_{t-1})$, componentwise $f$. Sizes count reals.

    Args:
        input_size: the real width of the input.
        hidden_size: the real width of the state.
        num_layers: unused.
        batch_size: how many sequences come at once; strictly it decides when masks are drawn.
        dropout: the probability of dropping an entry of the state, the same at all times.
        nonlinearity: `"tanh"` or `"relu"`; strictly, whatever is not `"tanh"` means `"relu"`.
        bidirectional: whether to run backwards too, with the same weights.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        autograd: accepted; the maps are lowered once per sequence in any case.
        bias: whether both maps have one; strictly they always do.

    Raises:
        ValueError: if a width is not divisible by 4, or `dropout` or `nonlinearity` is wrong.

    Example:
        >>> layer = QRNN_Layer(8, 16, num_layers=1, batch_size=2)
        >>> layer(torch.randn(2, 5, 8)).shape
        torch.Size([2, 5, 16])
    """

    gates = 1

    @checked
    def __init__(
        self,
        input_size: Count,
        hidden_size: Count,
        num_layers: Count,
        batch_size: int | None,
        dropout: Probability = 0.0,
        nonlinearity: Bounded = "tanh",
        bidirectional: bool = False,
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        autograd: bool | str = "true",
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            input_size, hidden_size, batch_size, dropout, bidirectional, init_criterion,
            weight_init, autograd, bias or is_strict(),
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def _run(self, x: Tensor, state: Tensor, mask: Tensor | None) -> Tensor:
        x, h, w_matrix, u_matrix, w_bias, u_bias = self._lowered(x, state)
        bounded = self.nonlinearity == "tanh"
        if mask is None and (is_compiling() or only_reverse()):
            fused = torch.rnn_tanh if bounded else torch.rnn_relu
            parameters = _one_chunk(w_matrix.mT, u_matrix.mT, w_bias, u_bias)
            return fused(x, h.unsqueeze(0), parameters, True, 1, 0.0, self.training, False, True)[0]
        activation = torch.tanh if bounded else torch.relu
        mask, states = h.new_ones(()) if mask is None else mask.to(h), []
        for p in F.linear(x, w_matrix.mT, w_bias + u_bias).unbind(1):
            h = activation(torch.addmm(p, h, u_matrix)) * mask
            states.append(h)
        return torch.stack(states, 1)


class QLSTM_Layer(_Layer):  # noqa: N801
    r"""One layer of a `QLSTM`. Sizes count reals.

    With the gates $i, f, o, g$ the components of $W x_t + U h_{t-1}$, in this order:
    $c_t = \sigma(f)\, c_{t-1} + \sigma(i) \tanh(g)$, $h_t = \sigma(o) \tanh(c_t)$, componentwise.

    Args:
        input_size: the real width of the input.
        hidden_size: the real width of the state.
        num_layers: unused.
        batch_size: how many sequences come at once; strictly it decides when masks are drawn.
        dropout: the probability of dropping an entry of $\sigma(i) \tanh(g)$, the same at all
            times.
        bidirectional: whether to run backwards too, with the same weights.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        autograd: accepted; the maps are lowered once per sequence in any case.
        bias: whether both maps have one; strictly they always do.

    Raises:
        ValueError: if a width is not divisible by 4, or `dropout` is no probability.

    Example:
        >>> layer = QLSTM_Layer(8, 16, num_layers=1, batch_size=2)
        >>> layer(torch.randn(2, 5, 8)).shape
        torch.Size([2, 5, 16])
    """

    gates = 4

    @checked
    def __init__(
        self,
        input_size: Count,
        hidden_size: Count,
        num_layers: Count,
        batch_size: int | None,
        dropout: Probability = 0.0,
        bidirectional: bool = False,
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        autograd: bool | str = "true",
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            input_size, hidden_size, batch_size, dropout, bidirectional, init_criterion,
            weight_init, autograd, bias or is_strict(),
        )  # fmt: skip

    def _run(self, x: Tensor, state: Tensor, mask: Tensor | None) -> Tensor:
        lowered = self._lowered(x, state)
        dtype = lowered[0].dtype
        if not needs_single(x, dtype):
            return self._over_time(*lowered, mask=mask)
        with all_digits(x):
            return self._over_time(*(t.float() for t in lowered), mask=mask).to(dtype)

    def _over_time(
        self,
        x: Tensor,
        h: Tensor,
        w_matrix: Tensor,
        u_matrix: Tensor,
        w_bias: Tensor,
        u_bias: Tensor,
        *,
        mask: Tensor | None,
    ) -> Tensor:
        c = torch.zeros_like(h)
        compiling = is_compiling()  # which cannot save oneDNN's LSTM
        if mask is None and not compiling and only_reverse():
            parameters = _one_chunk(
                *(_torch_order(p) for p in (w_matrix.mT, u_matrix.mT, w_bias, u_bias))
            )
            start = (h.unsqueeze(0), c.unsqueeze(0))
            return torch.lstm(x, start, parameters, True, 1, 0.0, self.training, False, True)[0]
        mask, states = h.new_ones(()) if mask is None else mask.to(h), []
        for p in F.linear(x, w_matrix.mT, w_bias + u_bias).unbind(1):
            i, f, o, g = torch.addmm(p, h, u_matrix).chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh() * mask
            h = o.sigmoid() * c.tanh()
            states.append(h)
        return torch.stack(states, 1)


class QLiGRU_Layer(_Layer):  # noqa: N801
    r"""One layer of a `QLiGRU`. Sizes count reals.

    With $a$ the real and i-components and $z$ the j- and k-components of
    $\mathrm{norm}(W x_t) + U h_{t-1}$: $h_t = \sigma(z)\, h_{t-1} + (1 - \sigma(z))\, f(a)$,
    componentwise.

    Args:
        input_size: the real width of the input.
        hidden_size: the real width of the state.
        num_layers: unused.
        batch_size: how many sequences come at once; strictly it decides when masks are drawn.
        dropout: the probability of dropping an entry of $f(a)$, the same at all times.
        nonlinearity: `"tanh"`, `"leaky_relu"` or `"relu"`; strictly, anything else means `"relu"`.
        normalization: `"batchnorm"`, `"layernorm"` or `"none"`; strictly, whatever is not
            `"batchnorm"` means `"none"`.
        bidirectional: whether to run backwards too, with the same weights.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        autograd: accepted; the maps are lowered once per sequence in any case.

    Raises:
        ValueError: if a width is not divisible by 4, or `dropout`, `nonlinearity` or
            `normalization` is wrong.

    Example:
        >>> layer = QLiGRU_Layer(8, 16, num_layers=1, batch_size=2)
        >>> layer(torch.randn(2, 5, 8)).shape
        torch.Size([2, 5, 16])
    """

    gates = 2
    has_biases = False
    saves_masks = True

    @checked
    def __init__(
        self,
        input_size: Count,
        hidden_size: Count,
        num_layers: Count,
        batch_size: int | None,
        dropout: Probability = 0.0,
        nonlinearity: Nonlinearity = "leaky_relu",
        normalization: Normalization = "batchnorm",
        bidirectional: bool = False,
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        autograd: bool | str = True,
    ) -> None:
        if not is_strict() and normalization not in ("batchnorm", "layernorm", "none"):
            raise ValueError(
                f"`normalization` (={normalization!r}) must be 'batchnorm', 'layernorm' or 'none'"
            )
        super().__init__(
            input_size, hidden_size, batch_size, dropout, bidirectional, init_criterion,
            weight_init, autograd, False,
        )  # fmt: skip
        self.nonlinearity = nonlinearity
        self.normalization = normalization
        self.norm = QBatchNorm(2 * hidden_size)

    def _run(self, x: Tensor, state: Tensor, mask: Tensor | None) -> Tensor:
        x, h, w_matrix, u_matrix, *_ = self._lowered(x, state)
        activation = _ACTIVATIONS.get(self.nonlinearity, torch.relu)
        mask, states = None if mask is None else mask.to(h), []
        for p in self._normalised(x @ w_matrix).to(h).unbind(1):
            a, z = torch.addmm(p, h, u_matrix).chunk(2, -1)
            candidate = activation(a) if mask is None else activation(a) * mask
            h = torch.lerp(candidate, h, z.sigmoid())
            states.append(h)
        return torch.stack(states, 1)

    def _normalised(self, x: Tensor) -> Tensor:
        if self.normalization == "batchnorm":
            return self.norm(x.flatten(0, 1)).view_as(x)
        if self.normalization == "layernorm" and not is_strict():
            return quaternion_layer_norm(x, self.norm.gamma, self.norm.beta, self.norm.eps)
        return x


class _Network(nn.Module):
    """Layers on top of each other."""

    def __init__(
        self,
        hidden_size: Count,
        input_shape: Sequence[int | None],
        num_layers: Count,
        bidirectional: bool,
        layer: Callable[[int, int, int, int | None], _Layer],
    ) -> None:
        super().__init__()
        self.hidden_size = 4 * hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.reshape = len(input_shape) > 3
        width = math.prod(_known(input_shape))
        self.rnn = nn.ModuleList()
        for _ in range(num_layers):
            self.rnn.append(layer(width, self.hidden_size, num_layers, input_shape[0]))
            width = self.hidden_size * (2 if bidirectional else 1)

    @explained
    def forward(self, x: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """All states of the last layer, and one state of each layer."""
        if self.reshape and isinstance(x, Tensor) and x.ndim == 4:
            x = x.flatten(2)
        _check_sequence(x)
        self._check_states(hx, len(x))
        states = []
        for index, layer in enumerate(self.rnn):
            x = layer(x, self._initial(hx, index))
            states.append(x[:, -1])
            if self.bidirectional and not is_strict():  # backwards, the last state is the first
                width = self.hidden_size
                states[-1] = torch.cat([x[:, -1, :width], x[:, 0, width:]], 1)
        if not self.bidirectional:
            return x, torch.stack(states)
        shape = (2 * self.num_layers, len(x), self.hidden_size)
        if is_strict():  # the reference's order, which mixes samples, layers and directions
            return x, torch.stack(states, 1).reshape(shape)
        return x, torch.stack([half for state in states for half in state.chunk(2, 1)])

    def _check_states(self, hx: Any, batch: int) -> None:
        """One state for each layer and direction; cells start at zero."""
        if hx is None:
            return
        if not isinstance(hx, Tensor):
            raise TypeError(
                f"`hx` is a {type(hx).__name__}, but must be one tensor, the second result of "
                "another call: no network here takes or gives the states of cells"
            )
        cells = self.num_layers * (2 if self.bidirectional else 1)
        axes = "(num_layers·directions, batch, 4·hidden_size)"
        check_shape("hx", hx, (cells, batch, self.hidden_size), axes)

    def _initial(self, hx: Tensor | None, index: int) -> Tensor | None:
        if hx is None or not self.bidirectional:
            return None if hx is None else hx[index]
        return hx[2 * index : 2 * index + 2].flatten(0, 1)


class QRNN(_Network):
    r"""A stack of `QRNN_Layer`s: $h_t = f(W x_t + U h_{t-1} + b)$, componentwise $f$.

    Args:
        hidden_size: quaternions of the state.
        input_shape: the real shape `(batch, time, *features)` of the input.
        nonlinearity: `"tanh"` or `"relu"`; strictly, whatever is not `"tanh"` means `"relu"`.
        num_layers: how many layers.
        bias: whether layers have biases; strictly they always do.
        dropout: the probability of dropping an entry of the state, the same at all times.
        bidirectional: whether to run backwards too, with the same weights.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        autograd: accepted; the maps are lowered once per sequence in any case.

    Shape:
        - x: `(B, T, F)` folded, hx: `(num_layers, B, D)` with `D = 4·hidden_size`.
        - outputs: `(B, T, D)` and `(num_layers, B, D)`; bidirectional `(B, T, 2·D)` and
          `(2·num_layers, B, D)`, the last state of each layer and direction; strictly, in an order
          that mixes samples.

    Raises:
        ValueError: if a width is not divisible by 4, or an option is wrong.

    Example:
        >>> net = QRNN(hidden_size=4, input_shape=(10, 16, 40))
        >>> y, h = net(torch.randn(10, 16, 40))
        >>> y.shape, h.shape
        (torch.Size([10, 16, 16]), torch.Size([1, 10, 16]))
    """

    @checked
    def __init__(
        self,
        hidden_size: Count,
        input_shape: Sequence[int | None],
        nonlinearity: Bounded = "tanh",
        num_layers: Count = 1,
        bias: bool = True,
        dropout: Probability = 0.0,
        bidirectional: bool = False,
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        autograd: bool = True,
    ) -> None:
        def layer(width: int, size: int, count: int, batch: int | None) -> QRNN_Layer:
            return QRNN_Layer(
                width, size, count, batch, dropout, nonlinearity, bidirectional, init_criterion,
                weight_init, autograd, bias=bias,
            )  # fmt: skip

        super().__init__(hidden_size, input_shape, num_layers, bidirectional, layer)


class QLSTM(_Network):
    r"""A stack of `QLSTM_Layer`s, whose gates are components of quaternion neurons.

    Args:
        hidden_size: quaternions of the state.
        input_shape: the real shape `(batch, time, *features)` of the input.
        num_layers: how many layers.
        bias: whether layers have biases; strictly they always do.
        dropout: the probability of dropping an entry of a cell's input, the same at all times.
        bidirectional: whether to run backwards too, with the same weights.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        autograd: accepted; the maps are lowered once per sequence in any case.

    Shape:
        As for `QRNN`. Cells start at zero, and their last state is not returned.

    Raises:
        ValueError: if a width is not divisible by 4, or an option is wrong.

    Example:
        >>> net = QLSTM(hidden_size=4, input_shape=(10, 16, 40), bidirectional=True)
        >>> y, h = net(torch.randn(10, 16, 40))
        >>> y.shape, h.shape
        (torch.Size([10, 16, 32]), torch.Size([2, 10, 16]))
    """

    @checked
    def __init__(
        self,
        hidden_size: Count,
        input_shape: Sequence[int | None],
        num_layers: Count = 1,
        bias: bool = True,
        dropout: Probability = 0.0,
        bidirectional: bool = False,
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        autograd: bool = True,
    ) -> None:
        def layer(width: int, size: int, count: int, batch: int | None) -> QLSTM_Layer:
            return QLSTM_Layer(
                width,
                size,
                count,
                batch,
                dropout,
                bidirectional,
                init_criterion,
                weight_init,
                autograd,
                bias=bias,
            )

        super().__init__(hidden_size, input_shape, num_layers, bidirectional, layer)


class QLiGRU(_Network):
    r"""A stack of `QLiGRU_Layer`s with batch normalisation, whose gates are pairs of components.

    Args:
        hidden_size: quaternions of the state.
        input_shape: the real shape `(batch, time, *features)` of the input.
        nonlinearity: `"tanh"`, `"leaky_relu"` or `"relu"`; strictly, anything else means `"relu"`.
        num_layers: how many layers.
        bias: accepted; the offset of the batch normalisation is the bias.
        dropout: the probability of dropping an entry of a candidate, the same at all times.
        bidirectional: whether to run backwards too, with the same weights.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        autograd: accepted; the maps are lowered once per sequence in any case.

    Shape:
        As for `QRNN`.

    Raises:
        ValueError: if a width is not divisible by 4, or an option is wrong.

    Example:
        >>> net = QLiGRU(hidden_size=4, input_shape=(10, 16, 40), num_layers=2)
        >>> y, h = net(torch.randn(10, 16, 40))
        >>> y.shape, h.shape
        (torch.Size([10, 16, 16]), torch.Size([2, 10, 16]))
    """

    @checked
    def __init__(
        self,
        hidden_size: Count,
        input_shape: Sequence[int | None],
        nonlinearity: Nonlinearity = "leaky_relu",
        num_layers: Count = 1,
        bias: bool = True,
        dropout: Probability = 0.0,
        bidirectional: bool = False,
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        autograd: bool = True,
    ) -> None:
        def layer(width: int, size: int, count: int, batch: int | None) -> QLiGRU_Layer:
            return QLiGRU_Layer(
                width, size, count, batch, dropout, nonlinearity, "batchnorm", bidirectional,
                init_criterion, weight_init, autograd,
            )  # fmt: skip

        super().__init__(hidden_size, input_shape, num_layers, bidirectional, layer)


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "leaky_relu": F.leaky_relu,
    "relu": torch.relu,
}


def _check_sequence(x: Any) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(
            f"`x` is a {type(x).__name__}, but must be one tensor of padded sequences; the layers "
            "of hypercomplex.nn take packed ones"
        )
    check_reals("x", x)
    if x.ndim != 3 or x.shape[1] == 0:
        raise ValueError(
            f"`x` of shape {tuple(x.shape)} must be sequences (batch, time, features), with at "
            "least one time step"
        )


def _known(input_shape: Sequence[int | None]) -> list[int]:
    """The axes of features, which make the real width."""
    if len(input_shape) < 3:
        raise ValueError(f"`input_shape` (={tuple(input_shape)}) must be (batch, time, *features)")
    features = [size for size in input_shape[2:] if size is not None]
    if len(features) < len(input_shape) - 2:
        raise TypeError(f"`input_shape` (={tuple(input_shape)}) must say how many features")
    return features


def _torch_order(gates: Tensor) -> Tensor:
    """Gates i, f, o, g on the first axis → i, f, g, o."""
    i, f, o, g = gates.chunk(4)
    return torch.cat((i, f, g, o))


def _one_chunk(*parameters: Tensor) -> list[Tensor]:
    """The same values in one piece of memory, as cuDNN wants them."""
    flat = torch.cat([p.reshape(-1) for p in parameters])
    sizes = [p.numel() for p in parameters]
    return [v.view(p.shape) for v, p in zip(flat.split(sizes), parameters, strict=True)]
