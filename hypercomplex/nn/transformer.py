"""The layers of transformers: attention and two linear layers, each around a shortcut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra import Bilinear
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.door.calls import is_typed
from hypercomplex.functional.arguments import (
    Count,
    Probability,
    check_channels,
    checked,
    explained,
    state_width,
)
from hypercomplex.lowering import AnyProduct, Choice, LearnedBilinear
from hypercomplex.nn.attention import MultiheadAttention
from hypercomplex.nn.dropout import Dropout
from hypercomplex.nn.flagship import over
from hypercomplex.nn.linear import Linear
from hypercomplex.nn.normalization import LayerNorm

__all__ = [
    "QuaternionTransformerDecoderLayer",
    "QuaternionTransformerEncoderLayer",
    "TransformerDecoderLayer",
    "TransformerEncoderLayer",
]

Activation = Literal["relu", "gelu"] | Callable[[Tensor], Tensor]


class _Layer(nn.Module):
    """Attentions and two linear layers, each with a shortcut and a normalisation."""

    attentions: tuple[str, ...] = ("self_attn",)

    self_attn: MultiheadAttention
    norm1: LayerNorm
    norm2: LayerNorm
    dropout1: Dropout
    dropout2: Dropout

    @checked
    def __init__(
        self,
        d_model: Count,
        nhead: Count,
        dim_feedforward: Count = 2048,
        dropout: Probability = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        plan: Choice = None,
    ) -> None:
        super().__init__()
        self.norm_first = norm_first
        self.activation = _activation(activation)
        for name in self.attentions:
            attention = MultiheadAttention(
                d_model, nhead, dropout, bias, None, None, batch_first, device, dtype,
                algebra=algebra, plan=plan,
            )  # fmt: skip
            self.add_module(name, attention)
        self.linear1, self.linear2 = (
            Linear(*sizes, bias, device, dtype, algebra=algebra, plan=plan)
            for sizes in ((d_model, dim_feedforward), (dim_feedforward, d_model))
        )
        numbers = _numbers(algebra)
        self.dropout = Dropout(dropout, algebra=numbers, dim=-1)
        for i in range(1, len(self.attentions) + 2):
            norm = LayerNorm(d_model, layer_norm_eps, True, bias, device, dtype, algebra=numbers)
            self.add_module(f"norm{i}", norm)
            self.add_module(f"dropout{i}", Dropout(dropout, algebra=numbers, dim=-1))

    def _around(
        self, x: Tensor, part: Callable[[Tensor], Tensor], norm: nn.Module, dropout: nn.Module
    ) -> Tensor:
        """A part of the layer, around which there is a shortcut."""
        if self.norm_first:
            return x + dropout(part(norm(x)))
        y: Tensor = norm(x + dropout(part(x)))
        return y

    def _feed_forward(self, x: Tensor) -> Tensor:
        y: Tensor = functional.componentwise(self.activation, self.linear1(x))
        return self.linear2(self.dropout(y))

    def _check(self, name: str, x: Tensor) -> None:
        if not is_typed(x):
            check_channels(
                x, -1, self.self_attn.embed_dim, self.self_attn.algebra.product, name=name
            )


class TransformerEncoderLayer(_Layer):
    r"""Self-attention and two linear layers, each around a shortcut and normalised.

    $x \leftarrow N_1(x + \operatorname{attention}(x))$, then
    $x \leftarrow N_2(x + W_2 f(W_1 x + b_1) + b_2)$; with `norm_first` the normalisations stand
    inside the shortcuts. The activation $f$ acts on every component ("split"), dropout on whole
    numbers. Over `REAL` it is `torch.nn.TransformerEncoderLayer`.

    Args:
        d_model: numbers in each position.
        nhead: number of heads; divides `d_model`.
        dim_feedforward: numbers between the two linear layers.
        dropout: the probability of each dropout.
        activation: a real function, `"relu"` or `"gelu"`.
        layer_norm_eps: added to the variances.
        batch_first: whether inputs are `(N, L, E)`, not `(L, N, E)`.
        norm_first: whether to normalise before, not after.
        bias: whether linear layers and normalisations have one.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers; or another bilinear map, see `MultiheadAttention`.
        plan: of all linear layers, see `Linear`.

    Shape:
        typed `(L, N, d_model)`, or folded with `n` times the width; the batch axis comes first with
        `batch_first`, and may be missing. The same comes out.

    Raises:
        ValueError: if a size does not fit, or `activation` is unknown.

    Example:
        >>> layer = TransformerEncoderLayer(6, nhead=3, dim_feedforward=8, algebra=hc.QUATERNION)
        >>> layer(torch.randn(5, 2, 4 * 6)).shape
        torch.Size([5, 2, 24])

        In numbers:

        >>> layer, x = layer.eval(), hc.QuaternionTensor.randn(5, 6)
        >>> relu = hc.functional.split(torch.relu)
        >>> y = layer.norm1(x + layer.self_attn(x, x, x)[0])
        >>> y = layer.norm2(y + layer.linear2(relu(layer.linear1(y))))
        >>> torch.allclose(layer(x), y, atol=1e-5)
        True

    Source:
        A. Vaswani et al., *Attention Is All You Need*, 2017, section 3.
    """

    @explained
    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        def attend(x: Tensor) -> Tensor:
            masks = src_key_padding_mask, False, src_mask, True, is_causal
            return self.self_attn(x, x, x, *masks)[0]

        self._check("src", src)
        x = self._around(src, attend, self.norm1, self.dropout1)
        return self._around(x, self._feed_forward, self.norm2, self.dropout2)


class TransformerDecoderLayer(_Layer):
    r"""Self-attention, attention to what an encoder gave, and two linear layers.

    $x \leftarrow N_1(x + \operatorname{attention}(x))$,
    $x \leftarrow N_2(x + \operatorname{attention}(x, m))$ with keys and values of the memory $m$,
    then $x \leftarrow N_3(x + W_2 f(W_1 x + b_1) + b_2)$; with `norm_first` the normalisations
    stand inside the shortcuts. The arguments are those of `TransformerEncoderLayer`. Over `REAL`
    it is `torch.nn.TransformerDecoderLayer`; `torch.nn.TransformerDecoder` stacks layers.

    Shape:
        - tgt: typed `(T, N, d_model)`, or folded with `n` times the width; the batch axis comes
          first with `batch_first`, and may be missing.
        - memory: `(S, N, d_model)`, typed where tgt is.
        - output: like tgt.

    Raises:
        ValueError: if a size does not fit, or `activation` is unknown.

    Example:
        >>> layer = TransformerDecoderLayer(6, nhead=3, dim_feedforward=8, algebra=hc.QUATERNION)
        >>> tgt, memory = torch.randn(5, 2, 4 * 6), torch.randn(7, 2, 4 * 6)
        >>> layer(tgt, memory, tgt_is_causal=True).shape
        torch.Size([5, 2, 24])

        In numbers:

        >>> x, m = (hc.QuaternionTensor.randn(length, 6) for length in (5, 7))
        >>> layer, relu = layer.eval(), hc.functional.split(torch.relu)
        >>> y = layer.norm1(x + layer.self_attn(x, x, x)[0])
        >>> y = layer.norm2(y + layer.multihead_attn(y, m, m)[0])
        >>> y = layer.norm3(y + layer.linear2(relu(layer.linear1(y))))
        >>> torch.allclose(layer(x, m), y, atol=1e-5)
        True

    Source:
        A. Vaswani et al., *Attention Is All You Need*, 2017, section 3.
    """

    attentions = ("self_attn", "multihead_attn")

    multihead_attn: MultiheadAttention
    norm3: LayerNorm
    dropout3: Dropout

    @explained
    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Decode.

        Args:
            tgt: what was decoded so far.
            memory: what the encoder gave.
            tgt_mask: of the self-attention, as `attn_mask` of `MultiheadAttention`.
            memory_mask: of the attention to the memory.
            tgt_key_padding_mask: `(N, T)`, True where a position is to be ignored.
            memory_key_padding_mask: `(N, S)`, the same of the memory.
            tgt_is_causal: whether position `t` sees positions `s ≤ t` only; needs no mask.
            memory_is_causal: the same of the memory.
        """

        def attend(x: Tensor) -> Tensor:
            masks = tgt_key_padding_mask, False, tgt_mask, True, tgt_is_causal
            return self.self_attn(x, x, x, *masks)[0]

        def look(x: Tensor) -> Tensor:
            masks = memory_key_padding_mask, False, memory_mask, True, memory_is_causal
            return self.multihead_attn(x, memory, memory, *masks)[0]

        self._check("tgt", tgt)
        self._check("memory", memory)
        x = self._around(tgt, attend, self.norm1, self.dropout1)
        x = self._around(x, look, self.norm2, self.dropout2)
        return self._around(x, self._feed_forward, self.norm3, self.dropout3)


def _numbers(algebra: AnyProduct) -> AnyProduct:
    """What norms and dropout need of it: how many components there are, and nothing that learns."""
    if not isinstance(algebra, LearnedBilinear):
        return algebra
    n = state_width(algebra)
    return Bilinear((n, n, n), tuple((i, i, i, 1) for i in range(n)), f"{n} components")


def _activation(activation: Activation) -> Callable[[Tensor], Tensor]:
    named: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}
    return named[activation] if isinstance(activation, str) else activation


@final
class QuaternionTransformerEncoderLayer(TransformerEncoderLayer):
    """`TransformerEncoderLayer` over the quaternions.

    Example:
        >>> QuaternionTransformerEncoderLayer(6, nhead=3, dim_feedforward=8).linear1.weight.shape
        torch.Size([8, 6, 4])
    """

    __init__ = over(QUATERNION, TransformerEncoderLayer.__init__)


@final
class QuaternionTransformerDecoderLayer(TransformerDecoderLayer):
    """`TransformerDecoderLayer` over the quaternions.

    Example:
        >>> QuaternionTransformerDecoderLayer(6, nhead=3, dim_feedforward=8).linear1.weight.shape
        torch.Size([8, 6, 4])
    """

    __init__ = over(QUATERNION, TransformerDecoderLayer.__init__)
