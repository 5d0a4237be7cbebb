"""The rotation that fits one set of vectors or points to another."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import norm, product
from hypercomplex.functional.arguments import check_last, check_weights
from hypercomplex.host.mode import can_be_read
from hypercomplex.kernels.dominant import dominant
from hypercomplex.kernels.nearest import quadratic_form
from hypercomplex.kernels.scaling import squared_length, unit_or_nan
from hypercomplex.rotations.arguments import public
from hypercomplex.rotations.directions import from_two_vectors, rotate
from hypercomplex.rotations.vectors import from_axis_angle

__all__ = ["align_points", "align_vectors"]


@public()
def align_vectors(
    a: Tensor, b: Tensor, weights: Tensor | None = None, residual: bool = False
) -> Tensor | tuple[Tensor, Tensor]:
    r"""The rotation that minimises $\sum_i w_i\,|a_i - q\,b_i\,q^{-1}|^2$ (Wahba's problem).

    It turns `b` to `a`, as SciPy's of this name; `from_two_vectors(a, b)` turns `a` to `b`. First
    and second derivatives are exact; they diverge only where the rotation is not unique. One pair,
    and pairs that are all parallel, take the smallest turn of those that fit alike. Vectors that
    are all zero fit every rotation and give NaN.

    One weight may be infinite: this pair is aligned exactly, and the others choose the turn about
    it.

    Shape:
        `(…, n, 3)`, `(…, n, 3)`, weights `(…, n)` → `(…, 4)`, with $w \ge 0$; one pair may be
        `(3,)`, `(3,)`. If asked for, the residual $\sqrt{\sum_i w_i\,|a_i - q\,b_i\,q^{-1}|^2}$
        `(…)`, of the pairs of finite weight, is returned, too.

    Raises:
        ValueError: if a last axis is not 3 wide, a weight is negative or two are infinite, where
            values can be read.

    Example:
        >>> b = torch.tensor([[1., 0, 0], [0, 1, 0]])
        >>> align_vectors(torch.tensor([[0., 1, 0], [-1, 0, 0]]), b)
        tensor([0.7071, 0.0000, 0.0000, 0.7071])

    Source:
        P. B. Davenport, *A vector approach to the algebra of rotations with applications*, 1968.
    """
    a, b, weights = _pairs(a, b, weights, "vectors")
    if a.shape[-2] == 1:
        q = _of_one_pair(a, b, weights)
    elif weights is None:
        q = _of_many_pairs(a, b)
    else:
        q = _about_a_pair(a, b, weights)
    return (q, _residual(a - rotate(q.unsqueeze(-2), b), weights)) if residual else q


@public()
def align_points(
    a: Tensor,
    b: Tensor,
    weights: Tensor | None = None,
    scale: bool = False,
    residual: bool = False,
) -> tuple[Tensor, ...]:
    r"""The motion that minimises $\sum_i w_i\,|a_i - (s\,q\,b_i\,q^{-1} + t)|^2$ (Kabsch, Umeyama).

    One weight may be infinite: this point is met exactly. Points on a line take the smallest of the
    turns that fit alike; one point, or all in one place, fit every rotation and give NaN.

    Shape:
        `(…, n, 3)`, `(…, n, 3)`, weights `(…, n)` → $q$ `(…, 4)`, $t$ `(…, 3)` and,
        if asked for with `scale`, $s$ `(…)`; otherwise $s = 1$. If asked for, the square root of
        the sum, of the points of finite weight, comes last, `(…)`.

    Raises:
        ValueError: if a last axis is not 3 wide, a weight is negative or two are infinite, where
            values can be read.

    Example:
        >>> b = torch.randn(5, 3)
        >>> q, t = align_points(b + torch.tensor([1., 2, 3]), b)
        >>> t.round(decimals=3)
        tensor([1., 2., 3.])

    Source:
        S. Umeyama, *Least-squares estimation of transformation parameters between two point
        patterns*, 1991.
    """
    a, b, weights = _pairs(a, b, weights, "points")
    w = torch.ones_like(a[..., 0]) if weights is None else weights
    exact, finite = _split(w)
    share = torch.where(exact.any(-1, keepdim=True), exact.to(a.dtype), finite).unsqueeze(-1)
    share = share / _largest(share)
    share = share / share.sum(-2, keepdim=True)
    centre_a, centre_b = (share * a).sum(-2), (share * b).sum(-2)
    from_a, from_b = a - centre_a.unsqueeze(-2), b - centre_b.unsqueeze(-2)
    q = _of_many_pairs(from_a, from_b, finite)
    turned, factor = rotate(q.unsqueeze(-2), from_b), a.new_ones(())
    if scale:
        size, part = _largest(from_b), (finite.unsqueeze(-1) / _largest(finite.unsqueeze(-1)))
        spread = (part.squeeze(-1) * squared_length(from_b / size)).sum(-1)
        factor = (part * (turned / size) * (from_a / size)).sum((-2, -1)) / spread
    found = (q, centre_a - factor.unsqueeze(-1) * rotate(q, centre_b), *((factor,) * scale))
    if not residual:
        return found
    return *found, _residual(from_a - factor[..., None, None] * turned, weights)


def _pairs(
    a: Tensor, b: Tensor, weights: Tensor | None, what: str
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Checked arguments, of one shape; a single pair is a set of one."""
    check_last("a", a, 3, what)
    check_last("b", b, 3, what)
    a, b = torch.broadcast_tensors(a, b)
    if a.ndim == 1:
        a, b = a.unsqueeze(0), b.unsqueeze(0)
    if weights is None:
        return a, b, None
    check_weights(weights)
    if can_be_read(weights) and (weights.isinf().sum(-1) > 1).any():
        raise ValueError("`weights` may be infinite for one pair of a set, but are for more")
    shape = torch.broadcast_shapes(weights.shape, a.shape[:-1])
    return a.expand(*shape, 3), b.expand(*shape, 3), weights.to(a.dtype).expand(shape)


def _of_one_pair(a: Tensor, b: Tensor, weights: Tensor | None) -> Tensor:
    """The smallest turn, with its derivatives."""
    q = from_two_vectors(b[..., 0, :], a[..., 0, :])
    return q if weights is None else q.masked_fill(~(weights > 0), torch.nan)


def _of_many_pairs(a: Tensor, b: Tensor, weights: Tensor | None = None) -> Tensor:
    a, b = a / _largest(a), b / _largest(b)
    if weights is not None:
        weights = weights.unsqueeze(-1)
        a = a * (weights / _largest(weights))
    return dominant(quadratic_form((a.unsqueeze(-1) * b.unsqueeze(-2)).sum(-3)))


def _about_a_pair(a: Tensor, b: Tensor, weights: Tensor) -> Tensor:
    """Where a weight is infinite, its pair by the smallest turn, and a turn about it."""
    exact, finite = _split(weights)
    q = _of_many_pairs(a, b, finite)
    if can_be_read(weights) and not exact.any():
        return q
    any_exact, chosen = exact.any(-1, keepdim=True), exact.unsqueeze(-1)
    axis, start = ((x * chosen).sum(-2) for x in (a, b))
    harmless = torch.where(any_exact, axis, torch.ones_like(axis))
    axis, start = unit_or_nan(harmless), torch.where(any_exact, start, torch.ones_like(start))
    there = from_two_vectors(start, axis)
    a, b = a / _largest(a), rotate(there.unsqueeze(-2), b / _largest(b))
    axis = axis.unsqueeze(-2)
    across, along = torch.linalg.cross(b, a), (a * axis).sum(-1) * (b * axis).sum(-1)
    w = finite / _largest(finite.unsqueeze(-1)).squeeze(-1)
    sine = (w * (across * axis).sum(-1)).sum(-1)
    cosine = (w * ((a * b).sum(-1) - along)).sum(-1)
    alike = sine * sine + cosine * cosine < (64 * torch.finfo(w.dtype).eps) ** 2
    about = from_axis_angle(
        axis.squeeze(-2), torch.atan2(sine.masked_fill(alike, 0), cosine.masked_fill(alike, 1))
    )
    turned = product(about, there, QUATERNION)
    turned = torch.where(turned[..., :1] < 0, -turned, turned)
    one = exact.sum(-1, keepdim=True) == 1  # two are an error, or NaN where none can be raised
    return torch.where(any_exact, turned.masked_fill(~one, torch.nan), q)


def _split(weights: Tensor) -> tuple[Tensor, Tensor]:
    """Which weights are infinite, and all others, 0 in place of those."""
    exact = weights.isposinf()
    return exact, weights.masked_fill(exact, 0)


def _residual(rest: Tensor, weights: Tensor | None) -> Tensor:
    """The root of the weighted sum of squares."""
    if weights is None:
        return norm(rest.flatten(-2))
    _, finite = _split(weights)
    none = finite == 0  # whose root has no derivative
    root = finite.masked_fill(none, 1).sqrt().masked_fill(none, 0)
    return norm((root.unsqueeze(-1) * rest).flatten(-2))


def _largest(x: Tensor) -> Tensor:
    """The largest modulus in all the vectors of a fit, whose size does not matter; never 0."""
    if not x.shape[-2]:
        return x.new_ones(())
    largest = x.detach().abs().amax((-2, -1), keepdim=True)
    return largest.masked_fill(largest == 0, 1)
