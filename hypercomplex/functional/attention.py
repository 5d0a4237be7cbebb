"""Attention between sequences of numbers."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.graph import get_gradient_edge
from torch.nn.attention import SDPBackend, sdpa_kernel

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import (
    Count,
    Probability,
    check_numbers,
    check_probability,
    refusal,
    state_width,
)
from hypercomplex.functional.matmul import matmul
from hypercomplex.functional.numbers import norm
from hypercomplex.host.mode import is_compiling, is_eager, is_traced, is_transformed, only_reverse
from hypercomplex.lowering import AnyProduct, derived, unfold

__all__ = ["Score", "attention"]

Score = Literal["real", "modulus"]


@folded("query key value", gives="numbers reals")
def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    num_heads: Count,
    mask: Tensor | None = None,
    dropout_p: Probability = 0.0,
    is_causal: bool = False,
    need_weights: bool = False,
    *,
    algebra: AnyProduct,
    score: Score = "real",
) -> tuple[Tensor, Tensor | None]:
    r"""Scaled dot-product attention: $y_l = \sum_s \operatorname{softmax}_s
    \left(\frac{\langle q_l, k_s\rangle}{\sqrt{n d}}\right) v_s$.

    A head holds $d$ whole numbers, so $n d$ components. With `score="real"`,
    $\langle q, k\rangle = \sum_i q_i k_i$ over all components, which is $\operatorname{Re}(\bar q
    k)$ in every composition algebra of the Cayley–Dickson family; all heads are one real
    attention. With `score="modulus"` it is the modulus $|\sum \bar q k|$ of the whole product, at
    $n$ times the cost: blind to a common phase of the key. Of another bilinear map, exact or
    learned, which has no conjugation and no norm, it is the Euclidean length of $\sum B(q, k)$.

    Real scores without weights go through torch's `scaled_dot_product_attention`; under
    `torch.nn.attention.sdpa_kernel` it takes the kernel that is asked for.

    Args:
        query: folded `(N, L, n·E)` or typed `(N, L, E)`; the batch axis may be missing.
        key: `(N, S, n·E)`, of the same kind.
        value: `(N, S, n·V)`, of the same kind.
        num_heads: number of heads; divides the numbers of each.
        mask: added to the scores, broadcast to `(N, num_heads, L, S)`; or True where a key is seen.
        dropout_p: the probability to drop a weight.
        is_causal: whether position `l` sees positions `s ≤ l` only.
        need_weights: whether to return the weights, too.
        algebra: the algebra of the numbers; or another bilinear map, exact or learned, of such
            numbers to such numbers.
        score: `"real"` or `"modulus"`.

    Returns:
        `(N, L, n·V)`, and the weights `(N, num_heads, L, S)` or None.

    Raises:
        ValueError: if a width is not a multiple of `n · num_heads`, keys and values differ in
            number, or `score` is unknown.
        TypeError: if `mask` holds neither truths nor real numbers.

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
        raise refusal("score", score, Score)
    check_probability("dropout_p", dropout_p)
    n = state_width(algebra.product)
    q, k, v = in_heads(query, key, value, num_heads, algebra)
    if mask is not None:
        mask = added("mask", mask, q.dtype, forbids=False)
    weights = None
    if score == "real" and not need_weights:
        y = attend(q, k, v, mask, dropout_p, is_causal)
    else:
        scores = q @ k.mT if score == "real" else _moduli(q, k, algebra)
        scores = scores / math.sqrt(q.shape[-1])
        if is_causal:
            scores = scores + _causal(q, k)
        weights = torch.softmax(scores if mask is None else scores + mask, dim=-1)
        weights = F.dropout(weights, dropout_p)
        y = weights @ v
    return out_of_heads(y, n), weights if need_weights else None


def added(name: str, mask: Tensor, dtype: torch.dtype, *, forbids: bool) -> Tensor:
    """What is added to the scores: −∞ where truths forbid, or where they do not allow."""
    if mask.is_floating_point():
        return mask
    if mask.dtype != torch.bool:
        raise TypeError(
            f"`{name}` holds {mask.dtype}, but must hold truths, True where attention is "
            f"{'forbidden' if forbids else 'allowed'}, or real numbers, which are added to the "
            f"scores; `{name}.bool()` makes truths of numbers that are not 0"
        )
    without = mask if forbids else ~mask
    return torch.zeros_like(mask, dtype=dtype).masked_fill(without, -math.inf)


def attend(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, dropout_p: float, is_causal: bool
) -> Tensor:
    """Torch's attention, with derivatives of all orders, which its fused kernels do not have."""
    if is_causal and mask is not None:
        mask, is_causal = mask + _causal(q, k), False
    learned = mask is not None and mask.requires_grad
    if is_compiling() or is_traced() or dropout_p or learned:
        return F.scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal)
    if is_transformed() or not only_reverse():
        return _literal_attention(q, k, v, mask, is_causal)
    if is_eager() and torch.is_grad_enabled() and any(x.requires_grad for x in (q, k, v)):
        y: Tensor = _Attention.apply(mask, is_causal, q, k, v)  # type: ignore[no-untyped-call]
        return y
    return F.scaled_dot_product_attention(q, k, v, mask, 0.0, is_causal)


def _literal_attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, is_causal: bool
) -> Tensor:
    with sdpa_kernel(SDPBackend.MATH):
        return F.scaled_dot_product_attention(q, k, v, mask, 0.0, is_causal)


class _Attention(torch.autograd.Function):
    """The fused kernel with its own first derivative; others are those of the literal formula."""

    @staticmethod
    def forward(
        ctx: Any, mask: Tensor | None, is_causal: bool, q: Tensor, k: Tensor, v: Tensor
    ) -> Tensor:
        ctx.save_for_backward(mask, q, k, v)
        ctx.is_causal = is_causal
        y, ctx.fused = _with_its_graph(q, k, v, mask, is_causal)
        return y

    @staticmethod
    def backward(ctx: Any, *g: Tensor) -> Any:
        mask, q, k, v = ctx.saved_tensors
        fused, ctx.fused = ctx.fused, None  # a graph is good for one time
        again = torch.is_grad_enabled()
        if not again and is_eager():
            end, starts = fused or _with_its_graph(q, k, v, mask, ctx.is_causal)[1]
            return None, None, *torch.autograd.grad([end], starts, g)
        with torch.enable_grad():
            q, k, v = q.view_as(q), k.view_as(k), v.view_as(v)  # one may be given twice
            y = _literal_attention(q, k, v, mask, ctx.is_causal)
            return None, None, *torch.autograd.grad(y, (q, k, v), g, create_graph=again)


def _with_its_graph(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, is_causal: bool
) -> tuple[Tensor, Any]:
    """The fused attention, where its graph ends and where it starts."""
    with torch.enable_grad():
        source = torch.zeros((), requires_grad=True)
        q, k, v = (_Entrance.apply(source, x.detach()) for x in (q, k, v))  # type: ignore[no-untyped-call]
        y = F.scaled_dot_product_attention(q, k, v, mask, 0.0, is_causal)
    return y.detach(), (get_gradient_edge(y), [get_gradient_edge(x) for x in (q, k, v)])


class _Entrance(torch.autograd.Function):
    """A tensor as the beginning of a graph that does not keep it alive, as a leaf would."""

    @staticmethod
    def forward(ctx: Any, source: Tensor, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *g: Tensor) -> Any:
        return None, g[0]


def in_heads(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    num_heads: int,
    algebra: AnyProduct,
    shared: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Folded `(…, L, n·E)` → `(…, heads, L, n·d)`, with a value for each key; shared keys and
    values have one head.
    """
    n, others = state_width(algebra.product), 1 if shared else num_heads
    given = ("query", query, num_heads), ("key", key, others), ("value", value, others)
    q, k, v = (_heads(name, x, heads, algebra, n) for name, x, heads in given)
    if k.shape[-2] != v.shape[-2]:  # torch's kernels do not look
        raise ValueError(
            f"`key` of shape {tuple(key.shape)} and `value` of shape {tuple(value.shape)} must "
            "have the same length S: a value for each key"
        )
    return q, k, v


def out_of_heads(y: Tensor, n: int) -> Tensor:
    """`(…, heads, L, n·d)` → folded `(…, L, n·E)`."""
    return y.unflatten(-1, (n, -1)).movedim(-4, -2).flatten(-3)


def _heads(argument: str, x: Tensor, num_heads: int, algebra: AnyProduct, n: int) -> Tensor:
    """Folded `(…, L, n·E)` → `(…, heads, L, n·d)`: the components of a head stand together."""
    check_numbers(argument, x)
    if x.shape[-1] % (n * num_heads):
        raise ValueError(
            f"`{argument}` of shape {tuple(x.shape)} must hold a multiple of `num_heads` "
            f"(={num_heads}) numbers of {algebra} on its last axis: a head holds whole numbers"
        )
    return x.unflatten(-1, (n, num_heads, -1)).movedim(-2, -4).flatten(-2)


def _moduli(q: Tensor, k: Tensor, algebra: AnyProduct) -> Tensor:
    """|Σ q̄ k| for each pair of positions: `(…, L, n·d)`, `(…, S, n·d)` → `(…, L, S)`."""
    n, last = state_width(algebra.product), q.ndim - 1
    rows, columns = unfold(q, last, n), unfold(k, last, n).transpose(-3, -2)
    if isinstance(algebra, Algebra):
        return norm(matmul(rows, columns, derived(algebra, "left_conjugated")))
    return norm(matmul(rows, columns, algebra))


def _causal(q: Tensor, k: Tensor) -> Tensor:
    """−∞ above the diagonal."""
    future = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device).triu(1)
    return torch.zeros_like(future, dtype=q.dtype).masked_fill(future, -math.inf)
