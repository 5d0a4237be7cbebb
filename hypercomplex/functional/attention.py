"""Attention between sequences of numbers."""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.dispatch import overridable
from hypercomplex.functional.matmul import matmul
from hypercomplex.functional.numbers import conj, norm
from hypercomplex.lowering import unfold

__all__ = ["Score", "attention"]

Score = Literal["real", "modulus"]


@overridable
def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    num_heads: int,
    mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    need_weights: bool = False,
    *,
    algebra: Algebra,
    score: Score = "real",
) -> tuple[Tensor, Tensor | None]:
    r"""Scaled dot-product attention: $y_l = \sum_s \operatorname{softmax}_s
    \left(\frac{\langle q_l, k_s\rangle}{\sqrt{n d}}\right) v_s$.

    A head holds $d$ whole numbers, so $n d$ components. With `score="real"`,
    $\langle q, k\rangle = \sum_i q_i k_i$ over all components, which is $\operatorname{Re}(\bar q
    k)$ in every composition algebra of the Cayley–Dickson family; all heads are one real
    attention. With `score="modulus"` it is the modulus $|\sum \bar q k|$ of the whole product, at
    $n$ times the cost: blind to a common phase of the key.

    Args:
        query: folded `(N, L, n·E)` or typed `(N, L, E)`; the batch axis may be missing.
        key: `(N, S, n·E)`, of the same kind.
        value: `(N, S, n·V)`, of the same kind.
        num_heads: number of heads; divides the numbers of each.
        mask: added to the scores, broadcast to `(N, num_heads, L, S)`.
        dropout_p: the probability to drop a weight.
        is_causal: whether position `l` sees positions `s ≤ l` only.
        need_weights: whether to return the weights, too.
        algebra: the algebra of the numbers.
        score: `"real"` or `"modulus"`.

    Returns:
        `(N, L, n·V)`, and the weights `(N, num_heads, L, S)` or None.

    Raises:
        ValueError: if a width is not a multiple of `n · num_heads`, or `score` is unknown.

    Example:
        >>> q, k = torch.randn(2, 5, 4 * 6), torch.randn(2, 7, 4 * 6)
        >>> y, _ = attention(q, k, k, num_heads=3, algebra=hc.QUATERNION)
        >>> y.shape
        torch.Size([2, 5, 24])

    Source:
        A. Vaswani et al., *Attention Is All You Need*, 2017, section 3.2; over the quaternions
        Y. Tay et al., *Lightweight and Efficient Neural Natural Language Processing with
        Quaternion Networks*, ACL 2019, section 3.
    """
    if score not in ("real", "modulus"):
        raise ValueError(f"`score` (={score!r}) must be 'real' or 'modulus'")
    n = algebra.dimension
    q, k, v = (
        _heads(name, x, num_heads, algebra)
        for name, x in (("query", query), ("key", key), ("value", value))
    )
    weights = None
    if score == "real" and not need_weights:
        if is_causal and mask is not None:
            mask, is_causal = mask + _causal(q, k), False
        y = F.scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal)
    else:
        scores = q @ k.mT if score == "real" else _moduli(q, k, algebra)
        scores = scores / math.sqrt(q.shape[-1])
        if is_causal:
            scores = scores + _causal(q, k)
        weights = torch.softmax(scores if mask is None else scores + mask, dim=-1)
        weights = F.dropout(weights, dropout_p)
        y = weights @ v
    joined = y.unflatten(-1, (n, -1)).movedim(-4, -2).flatten(-3)
    return joined, weights if need_weights else None


def _heads(argument: str, x: Tensor, num_heads: int, algebra: Algebra) -> Tensor:
    """Folded `(…, L, n·E)` → `(…, heads, L, n·d)`: the components of a head stand together."""
    n = algebra.dimension
    if x.shape[-1] % (n * num_heads):
        raise ValueError(
            f"`{argument}` of shape {tuple(x.shape)} must hold a multiple of `num_heads` "
            f"(={num_heads}) numbers of {algebra} on its last axis: a head holds whole numbers"
        )
    return x.unflatten(-1, (n, num_heads, -1)).movedim(-2, -4).flatten(-2)


def _moduli(q: Tensor, k: Tensor, algebra: Algebra) -> Tensor:
    """|Σ q̄ k| for each pair of positions: `(…, L, n·d)`, `(…, S, n·d)` → `(…, L, S)`."""
    n, last = algebra.dimension, q.ndim - 1
    rows, columns = conj(unfold(q, last, n), algebra), unfold(k, last, n).transpose(-3, -2)
    return norm(matmul(rows, columns, algebra))


def _causal(q: Tensor, k: Tensor) -> Tensor:
    """−∞ above the diagonal."""
    future = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device).triu(1)
    return torch.zeros_like(future, dtype=q.dtype).masked_fill(future, -math.inf)
