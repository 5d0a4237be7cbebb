"""Attention between sequences of Clifford numbers that commutes with the group Pin."""

from __future__ import annotations

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import Count, Probability, check_probability
from hypercomplex.functional.attention import added, attend, in_heads, out_of_heads
from hypercomplex.host.known import known_when_traced
from hypercomplex.lowering import constant, equivariant

__all__ = ["equivariant_attention"]


@folded("query key value")
def equivariant_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    num_heads: Count,
    mask: Tensor | None = None,
    dropout_p: Probability = 0.0,
    is_causal: bool = False,
    multi_query: bool = False,
    *,
    algebra: Algebra,
) -> Tensor:
    r"""Attention by the invariant inner product: $y_l = \sum_s \operatorname{softmax}_s \left(
    \frac1{\sqrt{m d}} \sum_c \langle \tilde q_{lc} k_{sc}\rangle_0\right) v_s$.

    A head holds $d$ whole numbers, of which the m components count whose blades have a square that
    is not 0. It is one real attention of torch, `scaled_dot_product_attention`.

    Args:
        query: folded `(N, L, n·E)` or typed `(N, L, E)`; the batch axis may be missing.
        key: `(N, S, n·E)`, of the same kind.
        value: `(N, S, n·V)`, of the same kind.
        num_heads: number of heads; divides the numbers of each.
        mask: added to the scores, broadcast to `(N, num_heads, L, S)`; or True where a key is seen.
        dropout_p: the probability to drop a weight.
        is_causal: whether position `l` sees positions `s ≤ l` only.
        multi_query: whether all heads share keys and values, which then hold the numbers of one.
        algebra: a Clifford algebra.

    Raises:
        ValueError: if a width is not a multiple of `n · num_heads`, or keys and values differ in
            number.
        TypeError: if `mask` holds neither truths nor real numbers.

    Example:
        >>> q, k = torch.randn(2, 5, 16 * 6), torch.randn(2, 7, 16 * 6)
        >>> equivariant_attention(q, k, k, num_heads=3, algebra=hc.PGA).shape
        torch.Size([2, 5, 96])

    Source:
        J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, section 3.
    """
    check_probability("dropout_p", dropout_p)
    q, k, v = in_heads(query, key, value, num_heads, algebra, multi_query)
    n, form = algebra.dimension, constant(_form, algebra, q)
    q = (form @ q.unflatten(-1, (n, -1))).flatten(-2)
    k = k.unflatten(-1, (n, -1))[..., list(equivariant(algebra, "measured")), :].flatten(-2)
    if multi_query:
        k, v = (x.expand(*q.shape[:-2], *x.shape[-2:]) for x in (k, v))
    if mask is not None:
        mask = added("mask", mask, q.dtype, forbids=False)
    return out_of_heads(attend(q, k, v, mask, dropout_p, is_causal), n)


@known_when_traced
def _form(algebra: Algebra) -> list[list[float]]:
    r"""The matrix of the inner product, a row for each component of a key that is measured."""
    group = algebra.blades.equivariance
    rows = [[0.0] * algebra.dimension for _ in group.measured]
    for i, j, _, c in group.forms.constants:
        rows[group.measured.index(j)][i] = float(c)
    return rows
