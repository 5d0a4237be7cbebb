"""Attention between sequences of numbers."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.door.calls import is_typed
from hypercomplex.functional.arguments import (
    Count,
    Probability,
    check_channels,
    check_heads,
    checked,
    explained,
    state_width,
)
from hypercomplex.functional.attention import Score, added
from hypercomplex.lowering import AnyProduct, Choice, fold, fold_groups
from hypercomplex.nn.affine import NoStockLayerError
from hypercomplex.nn.flagship import over
from hypercomplex.nn.linear import Linear

__all__ = ["MultiheadAttention", "QuaternionMultiheadAttention"]


class MultiheadAttention(nn.Module):
    r"""Attention of several heads, each of whole numbers.

    $y = W_o \left[\operatorname{softmax}\left(\frac{\langle q_h, k_h\rangle}{\sqrt{n d}}\right)
    v_h\right]_h$ with $q = W_q x_q$, $k = W_k x_k$, $v = W_v x_v$ over the algebra and real
    weights of attention. Over `REAL` it is `torch.nn.MultiheadAttention`, whose `in_proj_weight`
    is the weights of `q_proj`, `k_proj` and `v_proj` in one.

    Args:
        embed_dim: numbers in each query and output.
        num_heads: number of heads; divides `embed_dim`.
        dropout: the probability to drop a weight of attention when training.
        bias: whether the projections have one.
        kdim: numbers in each key; `embed_dim` if None.
        vdim: numbers in each value; `embed_dim` if None.
        batch_first: whether inputs are `(N, L, E)`, not `(L, N, E)`.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers; or another bilinear map, exact or learned, of numbers
            of so many components to such numbers.
        score: `"real"`, the inner product of all components, or `"modulus"`, see
            `functional.attention`.
        plan: of the projections, see `Linear`.

    Shape:
        - query `(L, N, embed_dim)`, key `(S, N, kdim)`, value `(S, N, vdim)`, all typed, or all
          folded with `n` times the width; the batch axis comes first with `batch_first`, and may
          be missing.
        - output: like the query; weights `(N, L, S)`, or `(N, num_heads, L, S)` for each head.

    Attributes:
        q_proj: `Linear` from queries, as are `k_proj` and `v_proj` from keys and values.
        out_proj: `Linear` to the outputs.

    Raises:
        ValueError: if `num_heads` does not divide `embed_dim`, `dropout` is no probability or a
            mask does not fit.
        TypeError: if a mask holds neither truths nor real numbers.

    Example:
        >>> layer = MultiheadAttention(6, num_heads=3, batch_first=True, algebra=hc.QUATERNION)
        >>> x = torch.randn(2, 5, 4 * 6)
        >>> y, weights = layer(x, x, x)
        >>> y.shape, weights.shape
        (torch.Size([2, 5, 24]), torch.Size([2, 5, 5]))

        In numbers:

        >>> layer = MultiheadAttention(6, 1, algebra=hc.QUATERNION)
        >>> x = hc.QuaternionTensor.randn(5, 6)
        >>> q, k, v = layer.q_proj(x), layer.k_proj(x), layer.v_proj(x)
        >>> weights = ((q.conj() @ k.mT).real / (4 * 6) ** 0.5).softmax(-1)
        >>> torch.allclose(layer(x, x, x)[0], layer.out_proj(weights @ v), atol=1e-5)
        True

    Source:
        A. Vaswani et al., *Attention Is All You Need*, 2017; over the quaternions Y. Tay et al.,
        *Lightweight and Efficient Neural Natural Language Processing with Quaternion Networks*,
        ACL 2019.
    """

    @checked
    def __init__(
        self,
        embed_dim: Count,
        num_heads: Count,
        dropout: Probability = 0.0,
        bias: bool = True,
        kdim: Count | None = None,
        vdim: Count | None = None,
        batch_first: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        score: Score = "real",
        plan: Choice = None,
    ) -> None:
        state_width(algebra.product)
        check_heads(embed_dim, num_heads)
        super().__init__()
        self.embed_dim, self.kdim, self.vdim = embed_dim, kdim or embed_dim, vdim or embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.algebra = algebra
        self.score: Score = score

        def project(inputs: int) -> Linear:
            return Linear(inputs, embed_dim, bias, device, dtype, algebra=algebra, plan=plan)

        self.q_proj = project(embed_dim)
        self.k_proj = project(self.kdim)
        self.v_proj = project(self.vdim)
        self.out_proj = project(embed_dim)

    @explained
    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Args:
            query: what asks.
            key: what is compared.
            value: what is taken.
            key_padding_mask: `(N, S)`, True where a key is to be ignored, or added to scores.
            need_weights: whether to return the weights, which costs their memory.
            attn_mask: `(L, S)` or `(N·num_heads, L, S)`, True where attention is forbidden, or
                added to scores.
            average_attn_weights: whether to average the weights over the heads.
            is_causal: whether position `l` sees positions `s ≤ l` only; needs no `attn_mask`.
        """
        given = (
            ("query", query, self.embed_dim),
            ("key", key, self.kdim),
            ("value", value, self.vdim),
        )
        for name, x, numbers in given:
            if not is_typed(x):
                check_channels(x, -1, numbers, self.algebra.product, name=name)
        swap = query.ndim == 3 and not self.batch_first
        if swap:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        output, weights = functional.attention(
            self.q_proj(query),
            self.k_proj(key),
            self.v_proj(value),
            self.num_heads,
            self._mask(query, key, key_padding_mask, attn_mask),
            self.dropout if self.training else 0.0,
            is_causal,
            need_weights,
            algebra=self.algebra,
            score=self.score,
        )
        output = self.out_proj(output)
        if weights is not None and average_attn_weights:
            weights = weights.mean(-3)
        return output.transpose(0, 1) if swap else output, weights

    def _mask(
        self, query: Tensor, key: Tensor, key_padding_mask: Tensor | None, attn_mask: Tensor | None
    ) -> Tensor | None:
        """Both masks as one, added to scores `(N, num_heads, L, S)`."""
        batch, pairs = query.shape[:-2], (query.shape[-2], key.shape[-2])
        masks = []
        if attn_mask is not None:
            _check_mask("attn_mask", attn_mask, pairs, (self.num_heads * batch.numel(), *pairs))
            by_head = attn_mask.ndim == 3
            mask = attn_mask.view(*batch, self.num_heads, *pairs) if by_head else attn_mask
            masks.append(("attn_mask", mask))
        if key_padding_mask is not None:
            _check_mask("key_padding_mask", key_padding_mask, (*batch, pairs[1]))
            masks.append(("key_padding_mask", key_padding_mask[..., None, None, :]))
        dtype = query.dtype
        parts = [added(name, mask, dtype, forbids=True).to(dtype) for name, mask in masks]
        return sum(parts[1:], parts[0]) if parts else None

    def to_real(self) -> nn.MultiheadAttention:
        """The stock layer that does the same to folded input; its heads hold the same numbers.

        Torch wants the mask itself beside `is_causal`, as a hint; this layer needs none.

        Raises:
            ValueError: if `score` is `"modulus"`, which torch does not have.

        Example:
            >>> layer = MultiheadAttention(6, num_heads=3, algebra=hc.QUATERNION)
            >>> layer.to_real().in_proj_weight.shape
            torch.Size([72, 24])
        """
        if self.score != "real":
            raise NoStockLayerError(
                f"`score` (={self.score!r}) must be 'real': torch has no other attention"
            )
        n, heads, like = self.out_proj.output_width, self.num_heads, self.q_proj.weight
        inputs = self.q_proj, self.k_proj, self.v_proj
        real = nn.MultiheadAttention(
            n * self.embed_dim,
            heads,
            self.dropout,
            bias=self.out_proj.bias is not None,
            kdim=n * self.kdim,
            vdim=n * self.vdim,
            batch_first=self.batch_first,
            device="meta",  # draws nothing from torch's generator
            dtype=like.dtype,
        ).to_empty(device=like.device)
        with torch.no_grad():
            stock = [layer.to_real() for layer in inputs]
            rows = [fold_groups(layer.weight, 0, n, heads) for layer in stock]
            if self.kdim == self.vdim == self.embed_dim:
                real.in_proj_weight.copy_(torch.cat(rows))
            else:
                for name, weight in zip("qkv", rows, strict=True):
                    real.get_parameter(f"{name}_proj_weight").copy_(weight)
            real.out_proj.weight.copy_(fold_groups(self.out_proj.to_real().weight, 1, n, heads))
            if self.out_proj.bias is not None:
                biases = [fold_groups(layer.bias, 0, n, heads) for layer in stock]
                real.in_proj_bias.copy_(torch.cat(biases))
                real.out_proj.bias.copy_(fold(self.out_proj.bias, 0))
        return real.train(self.training)

    def extra_repr(self) -> str:
        return (
            f"{self.embed_dim}, {self.num_heads}, dropout={self.dropout}, "
            f"batch_first={self.batch_first}, score={self.score!r}"
        )


def _check_mask(argument: str, mask: Tensor, *shapes: tuple[int, ...]) -> None:
    if tuple(mask.shape) not in shapes:
        raise ValueError(
            f"`{argument}` of shape {tuple(mask.shape)} must have the shape "
            f"{' or '.join(map(str, shapes))}"
        )


@final
class QuaternionMultiheadAttention(MultiheadAttention):
    """`MultiheadAttention` over the quaternions.

    Example:
        >>> QuaternionMultiheadAttention(6, num_heads=3).out_proj.weight.shape
        torch.Size([6, 6, 4])
    """

    __init__ = over(QUATERNION, MultiheadAttention.__init__)


def __getattr__(name: str) -> Any:
    """The layers of transformers, which files of whole models sought here once."""
    from hypercomplex.nn import transformer

    if name in transformer.__all__:
        return getattr(transformer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
