"""The rotation that fits one set of vectors or points to another."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.rotations._dominant import dominant
from hypercomplex.rotations._inputs import check_last, check_weights, public, squared_length
from hypercomplex.rotations.directions import rotate
from hypercomplex.rotations.matrices import quadratic_form

__all__ = ["align_points", "align_vectors"]


@public
def align_vectors(a: Tensor, b: Tensor, weights: Tensor | None = None) -> Tensor:
    r"""The rotation that minimises $\sum_i w_i\,|a_i - q\,b_i\,q^{-1}|^2$ (Wahba's problem).

    It turns `b` to `a`, as SciPy's of this name; `from_two_vectors(a, b)` turns `a` to `b`. First
    and second derivatives are exact; they diverge only where the rotation is not unique. Vectors
    that are all zero fit every rotation and give NaN.

    Shape:
        `(…, n, 3)`, `(…, n, 3)`, weights `(…, n)` → `(…, 4)`, with $w \ge 0$.

    Raises:
        ValueError: if a last axis is not 3 wide, or a weight is negative, where values can be read.

    Example:
        >>> b = torch.tensor([[1., 0, 0], [0, 1, 0]])
        >>> align_vectors(torch.tensor([[0., 1, 0], [-1, 0, 0]]), b)
        tensor([0.7071, 0.0000, 0.0000, 0.7071])

    Source:
        P. B. Davenport, *A vector approach to the algebra of rotations with applications*, 1968.
    """
    check_last("a", a, 3, "vectors")
    check_last("b", b, 3, "vectors")
    a, b = a / _largest(a), b / _largest(b)
    if weights is not None:
        check_weights(weights)
        weights = weights.unsqueeze(-1)
        a = a * (weights / _largest(weights))
    return dominant(quadratic_form((a.unsqueeze(-1) * b.unsqueeze(-2)).sum(-3)))


@public
def align_points(
    a: Tensor, b: Tensor, weights: Tensor | None = None, scale: bool = False
) -> tuple[Tensor, ...]:
    r"""The motion that minimises $\sum_i w_i\,|a_i - (s\,q\,b_i\,q^{-1} + t)|^2$ (Kabsch, Umeyama).

    Shape:
        `(…, n, 3)`, `(…, n, 3)`, weights `(…, n)` → $q$ `(…, 4)`, $t$ `(…, 3)` and,
        if asked for with `scale`, $s$ `(…)`; otherwise $s = 1$.

    Raises:
        ValueError: if a last axis is not 3 wide, or a weight is negative, where values can be read.

    Example:
        >>> b = torch.randn(5, 3)
        >>> q, t = align_points(b + torch.tensor([1., 2, 3]), b)
        >>> t.round(decimals=3)
        tensor([1., 2., 3.])

    Source:
        S. Umeyama, *Least-squares estimation of transformation parameters between two point
        patterns*, 1991.
    """
    check_last("a", a, 3, "points")
    check_last("b", b, 3, "points")
    a, b = torch.broadcast_tensors(a, b)
    w = torch.ones_like(a[..., :1]) if weights is None else weights.unsqueeze(-1)
    w = w / _largest(w)
    share = w / w.sum(-2, keepdim=True)
    centre_a, centre_b = (share * a).sum(-2), (share * b).sum(-2)
    from_a, from_b = a - centre_a.unsqueeze(-2), b - centre_b.unsqueeze(-2)
    q = align_vectors(from_a, from_b, share.squeeze(-1))
    if not scale:
        return q, centre_a - rotate(q, centre_b)
    size = _largest(from_b)
    turned = rotate(q.unsqueeze(-2), from_b / size)
    spread = (share.squeeze(-1) * squared_length(from_b / size)).sum(-1)
    s = (share * turned * (from_a / size)).sum((-2, -1)) / spread
    return q, centre_a - s.unsqueeze(-1) * rotate(q, centre_b), s


def _largest(x: Tensor) -> Tensor:
    """The largest modulus in all the vectors of a fit, whose size does not matter; never 0."""
    if not x.shape[-2]:
        return x.new_ones(())
    largest = x.detach().abs().amax((-2, -1), keepdim=True)
    return largest.masked_fill(largest == 0, 1)
