r"""The rotation of vectors in plain eager code: few calls for few vectors, blocks for many.

Many are computed component by component, in blocks that stay in the cache, written in place; the
derivative is then computed as the rotation is, and is differentiable in turn. With $r = q v q^{-1}$
and the gradient $g$ of $r$, that of $v$ is $q^{-1} g\, q$, and that of $q$ is
$2\,(r \times g)\, q / |q|^2$, from $\delta r = \omega \times r$, $\omega = 2\,
\mathrm{Im}(\delta q\, q^{-1})$. This needs associativity; the rotation itself does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from hypercomplex.functional.forms import VECTOR_PRODUCT, cross, is_few
from hypercomplex.functional.scaling import is_moderate, largest
from hypercomplex.functional.values import works_in_place
from hypercomplex.lowering.plans import CommutatorPlan, Term

__all__ = ["by_blocks", "gradient_of_turn", "scaled_parts", "turn"]

_BLOCK = 16_384  # numbers whose components, and some results for each, fit in a second-level cache

Part = Sequence[Tensor]


def turn(q: Tensor, v: Tensor, terms: CommutatorPlan) -> Tensor | None:
    """`q v q⁻¹` where |q|² is the sum of squares; None where another way is as good, or safer."""
    if q.dtype not in (torch.float32, torch.float64):
        return None
    if is_few(q, v) or not all(terms):  # in a commutative algebra nothing turns
        return _turn_few(q, v, terms)
    if not (torch.is_grad_enabled() and (q.requires_grad or v.requires_grad)):
        return by_blocks(partial(_turn_into, terms=terms), (q, v), (v.shape[-1],))[0]
    if terms != VECTOR_PRODUCT:
        return None
    turned: Tensor = _Turn.apply(q.view_as(q), v.view_as(v))  # type: ignore[no-untyped-call]
    return turned


def _turn_few(q: Tensor, v: Tensor, terms: CommutatorPlan) -> Tensor | None:
    size = q.square().sum(-1, keepdim=True)
    if not is_moderate(size):
        return None
    w, u = q.split_with_sizes((1, v.shape[-1]), -1)
    t = cross(u, v, terms)
    turned = torch.addcmul(cross(u, t, terms), w, t)
    return torch.addcmul(v, size.reciprocal(), turned, value=2)


class _Turn(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, v: Tensor) -> Tensor:
        (turned,) = by_blocks(partial(_turn_into, terms=VECTOR_PRODUCT), (q, v), (3,))
        ctx.save_for_backward(q, v, turned)
        return turned

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, Tensor]:
        q, v, turned = ctx.saved_tensors
        if torch.is_grad_enabled() or not works_in_place(g):  # for instance many g at once
            of_q, of_v = _gradients(q, turned, g)
        else:
            of_q, of_v = by_blocks(_gradients_into, (q, turned, g), (4, 3))
        return of_q.sum_to_size(q.shape), of_v.sum_to_size(v.shape)


def by_blocks(
    function: Callable[..., None], tensors: Sequence[Tensor], widths: Sequence[int]
) -> tuple[Tensor, ...]:
    """New tensors of these widths, filled by `function(*tensors, *new)`: a function of numbers,
    `(…, n)` each, block by block where their shapes are the same.
    """
    shapes = [x.shape[:-1] for x in tensors]
    shape = torch.broadcast_shapes(*shapes)
    results = tuple(tensors[0].new_empty((*shape, width)) for width in widths)
    if shape.numel() <= _BLOCK or any(s != shape for s in shapes):
        function(*tensors, *results)
        return results
    lines = [x.reshape(-1, x.shape[-1]).split(_BLOCK) for x in (*tensors, *results)]
    for block in zip(*lines, strict=True):
        function(*block)
    return results


def _turn_into(q: Tensor, v: Tensor, turned: Tensor, terms: CommutatorPlan, side: int = 1) -> None:
    """`v + 2 (±w t + u × t) / |q|²` with `t = u × v`: by q, or for side -1 by its conjugate."""
    (w, *u), _, factor = scaled_parts(q)
    x = v.unbind(-1)
    t = [_sum(row, u, x).mul_(factor) for row in terms]
    for out, a, b, row in zip(turned.unbind(-1), x, t, terms, strict=True):
        torch.addcmul(a, w, b, value=side, out=out)
        add_terms(out, row, u, t)


def _gradients_into(q: Tensor, turned: Tensor, g: Tensor, of_q: Tensor, of_v: Tensor) -> None:
    (w, *u), scale, factor = scaled_parts(q)
    if scale is not None:
        factor = factor / scale
    p = [_sum(row, turned.unbind(-1), g.unbind(-1)).mul_(factor) for row in VECTOR_PRODUCT]
    gradient_of_turn(w, u, p, of_q)
    _turn_into(q, g, of_v, VECTOR_PRODUCT, side=-1)


def gradient_of_turn(w: Tensor, u: Part, p: Part, gradient: Tensor) -> None:
    """The product `p q` of an imaginary p and `q = w + u`."""
    first, *rest = gradient.unbind(-1)
    torch.mul(p[0], u[0], out=first).addcmul_(p[1], u[1]).addcmul_(p[2], u[2]).neg_()
    for out, a, row in zip(rest, p, VECTOR_PRODUCT, strict=True):
        add_terms(torch.mul(w, a, out=out), row, p, u)


def _gradients(q: Tensor, turned: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """The same, differentiable."""
    scale = largest(q)
    q = q / scale
    w, u = q.split_with_sizes((1, 3), -1)
    factor = 2 / q.square().sum(-1, keepdim=True)
    p = cross(turned, g, VECTOR_PRODUCT) * factor
    across = cross(p, u, VECTOR_PRODUCT)
    of_q = torch.cat([-(p * u).sum(-1, keepdim=True), w * p + across], -1)
    t = cross(u, g, VECTOR_PRODUCT) * factor
    return of_q / scale, g - w * t + cross(u, t, VECTOR_PRODUCT)


def scaled_parts(q: Tensor) -> tuple[Part, Tensor | None, Tensor]:
    """The components, the scale by which they were divided, if it had to be, and `2 / |q|²`."""
    parts = q.unbind(-1)
    size = _square(parts)
    if is_moderate(size):
        return parts, None, size.reciprocal_().mul_(2)
    scale = largest(q)
    parts = (q / scale).unbind(-1)
    return parts, scale.squeeze(-1), _square(parts).reciprocal_().mul_(2)


def _square(parts: Part) -> Tensor:
    first, *rest = parts
    total = first * first
    for x in rest:
        total.addcmul_(x, x)
    return total


def _sum(terms: Iterable[Term], x: Part, y: Part) -> Tensor:
    (i, j, c), *rest = terms
    total = x[i] * y[j]
    return add_terms(total if c == 1 else total.mul_(float(c)), rest, x, y)


def add_terms(total: Tensor, terms: Iterable[Term], x: Part, y: Part) -> Tensor:
    for i, j, c in terms:
        total.addcmul_(x[i], y[j], value=float(c))
    return total
