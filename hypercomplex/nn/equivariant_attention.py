"""Attention between sequences of Clifford numbers that commutes with the group Pin."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.functional.arguments import (
    Count,
    Probability,
    check_channels,
    check_heads,
    checked,
    explained,
)
from hypercomplex.functional.attention import added
from hypercomplex.nn.equivariant import EquivariantLinear

__all__ = ["EquivariantAttention"]


class EquivariantAttention(nn.Module):
    r"""Attention of several heads by the invariant inner product, between linear maps by grades.

    $y = W_o [\operatorname{softmax}(\langle \tilde q_h, k_h\rangle / \sqrt{m d})\, v_h]_h$ with
    `EquivariantLinear` maps to queries, keys, values and outputs; see
    `functional.equivariant_attention`.

    Args:
        embed_dim: numbers in each query, key, value and output.
        num_heads: number of heads; divides `embed_dim`.
        dropout: the probability to drop a weight of attention when training.
        bias: whether the linear maps have one.
        multi_query: whether all heads share their keys and values.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: a Clifford algebra.

    Shape:
        - query `(N, L, embed_dim)`, key and value `(N, S, embed_dim)`, all typed, or all folded
          with `n` times the width; the batch axis may be missing. Key and value are the query and
          the key, if they are not given.
        - output: like the query.

    Attributes:
        q_proj: `EquivariantLinear` from queries, as are `k_proj` and `v_proj` from keys and values.
        out_proj: `EquivariantLinear` to the outputs.

    Raises:
        ValueError: if `num_heads` does not divide `embed_dim`, `dropout` is no probability, or the
            algebra has no grades.

    Example:
        >>> layer = EquivariantAttention(6, num_heads=3, algebra=hc.PGA)
        >>> layer(torch.randn(2, 5, 16 * 6)).shape
        torch.Size([2, 5, 96])

        In numbers:

        >>> x = hc.tensor_type(hc.clifford(2)).randn(5, 1)
        >>> layer = EquivariantAttention(1, num_heads=1, algebra=hc.clifford(2))
        >>> q, k, v = layer.q_proj(x), layer.k_proj(x), layer.v_proj(x)
        >>> scores = (hc.geometric.reverse(q) * k.mT).real / 2  # √4: all four blades count
        >>> torch.allclose(layer(x), layer.out_proj(scores.softmax(-1) @ v), atol=1e-5)
        True

    Source:
        J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, section 3.
    """

    @checked
    def __init__(
        self,
        embed_dim: Count,
        num_heads: Count,
        dropout: Probability = 0.0,
        bias: bool = True,
        multi_query: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        check_heads(embed_dim, num_heads)
        super().__init__()
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.multi_query, self.algebra = multi_query, algebra

        def project(outputs: int) -> EquivariantLinear:
            return EquivariantLinear(embed_dim, outputs, bias, device, dtype, algebra=algebra)

        shared = embed_dim // num_heads if multi_query else embed_dim
        self.q_proj, self.k_proj, self.v_proj = project(embed_dim), project(shared), project(shared)
        self.out_proj = project(embed_dim)

    @explained
    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        attn_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Attend.

        Args:
            query: what asks.
            key: what is compared.
            value: what is taken.
            attn_mask: True where attention is forbidden, or added to the scores, broadcast to
                `(N, num_heads, L, S)`.
            is_causal: whether position `l` sees positions `s ≤ l` only.
        """
        key = query if key is None else key
        value = key if value is None else value
        for name, x in (("query", query), ("key", key), ("value", value)):
            if not is_typed(x):
                check_channels(x, -1, self.embed_dim, self.algebra.product, name=name)
        if attn_mask is not None:
            attn_mask = added("attn_mask", attn_mask, query.dtype, forbids=True)
        y = functional.equivariant_attention(
            self.q_proj(query),
            self.k_proj(key),
            self.v_proj(value),
            self.num_heads,
            attn_mask,
            self.dropout if self.training else 0.0,
            is_causal,
            self.multi_query,
            algebra=self.algebra,
        )
        out: Tensor = self.out_proj(y)
        return out

    def extra_repr(self) -> str:
        return f"{self.embed_dim}, {self.num_heads}, algebra={self.algebra}"
