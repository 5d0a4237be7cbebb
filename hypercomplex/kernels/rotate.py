r"""The vector part of $q\,v\,q^{-1}$: for quaternions the rotation of vectors.

In the alternative algebras with a real norm, with $q = w + u$ and $u \times v = (uv - vu)/2$
(`cross_product`), it is

$$v + 2\,(w\,t + u \times t) / N(q), \qquad t = u \times v.$$

Many are computed in blocks, in place; the derivative is then computed as the rotation is, and is
differentiable in turn. With $r = q v q^{-1}$ and the gradient $g$ of $r$, that of $v$ is
$q^{-1} g\, q$, and that of $q$ is $2\,(r \times g)\, q / |q|^2$, from
$\delta r = \omega \times r$, $\omega = 2\, \mathrm{Im}(\delta q\, q^{-1})$. This needs
associativity; the rotation itself does not.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, Bilinear
from hypercomplex.algebra.bilinear import Term
from hypercomplex.algebra.plans import cross_product
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.mode import (
    COMPILED,
    FEW,
    IN_PLACE,
    INTERPRETED,
    MANY,
    PACKED,
    PRECISE,
    UNRECORDED,
    is_compiling,
    works_in_place,
)
from hypercomplex.kernels.blocks import Parts, add_terms, by_blocks, new_sum, scaled_parts
from hypercomplex.kernels.inverse import invert, norm_form, unit_of_scale
from hypercomplex.kernels.length import root
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.product import (
    VECTOR_PRODUCT,
    by_terms,
    cross,
    multiply,
    sum_terms,
)
from hypercomplex.kernels.scaling import is_moderate, largest, moderate, scaled_for_loops, wider
from hypercomplex.lowering import constants

__all__ = ["gradient_of_turn", "rotate"]


@operation(tensors=2, compiles=True)
def rotate(q: Tensor, v: Tensor, algebra: Algebra) -> Tensor:
    """`q v q⁻¹` as it stands: two products and an inverse, for every algebra."""
    q = q / unit_of_scale(q, algebra)
    pure = torch.nn.functional.pad(v, (1, 0))
    turned = multiply(multiply(q, pure, algebra.product), invert(q, algebra), algebra.product)
    return turned[..., 1:]


@cache
def _across(algebra: Algebra) -> Bilinear:
    """The product `u × v` of an algebra that turns vectors by it."""
    across = cross_product(algebra)
    assert across is not None
    return VECTOR_PRODUCT if across == VECTOR_PRODUCT else across


@known_when_traced
def _terms(algebra: Algebra) -> tuple[tuple[Term, ...], ...]:
    return _across(algebra).terms


@known_when_traced
def _turns(algebra: Algebra) -> bool:
    return cross_product(algebra) is not None


@known_when_traced
def _turns_by_lengths(algebra: Algebra) -> bool:
    return _turns(algebra) and constants.is_euclidean(algebra)


@known_when_traced
def _turns_all(algebra: Algebra) -> bool:
    """In a commutative algebra nothing turns."""
    return _turns_by_lengths(algebra) and all(_terms(algebra))


def _turns_as_vectors(algebra: Algebra) -> bool:
    return cross_product(algebra) == VECTOR_PRODUCT


# ---------------------------------------------------------------------- few


@rotate.variant(needs=IN_PLACE | PRECISE, pays=FEW, suits=_turns_by_lengths)
def few(q: Tensor, v: Tensor, algebra: Algebra) -> Tensor | None:
    """The formula in few calls, if all squares are in range."""
    size = torch.mul(q, q).sum(-1)  # vecdot would be rounded under autocast
    if not is_moderate(size):
        return None
    across = _across(algebra)
    times = cross if across is VECTOR_PRODUCT else multiply
    w, u = q.split_with_sizes((1, v.shape[-1]), -1)
    t = times(u, v, across)
    turned = torch.addcmul(times(u, t, across), w, t)
    return torch.addcdiv(v, turned, size.unsqueeze(-1), value=2)


# ---------------------------------------------------------------------- many


@rotate.variant(needs=IN_PLACE | PRECISE | UNRECORDED, suits=_turns_all)
def blocks(q: Tensor, v: Tensor, algebra: Algebra) -> Tensor:
    """The formula in blocks, in place."""
    across = _across(algebra)
    return by_blocks(partial(_turn_into, across=across), (q, v), (v.shape[-1],))[0]


@rotate.variant(needs=IN_PLACE | PRECISE, suits=_turns_as_vectors)
def recorded_blocks(q: Tensor, v: Tensor, algebra: Algebra) -> Tensor:
    """The same, with a derivative that is computed so, too."""
    turned: Tensor = _Turn.apply(q.view_as(q), v.view_as(v))  # type: ignore[no-untyped-call]
    return turned


class _Turn(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, v: Tensor) -> Tensor:
        (turned,) = by_blocks(partial(_turn_into, across=VECTOR_PRODUCT), (q, v), (3,))
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


def _turn_into(q: Tensor, v: Tensor, turned: Tensor, across: Bilinear, side: int = 1) -> None:
    """`v + 2 (±w t + u × t) / |q|²` with `t = u × v`: by q, or for side -1 by its conjugate."""
    (w, *u), _, factor = scaled_parts(q)
    x = v.unbind(-1)
    t = [new_sum(row, u, x).mul_(factor) for row in across.terms]
    for out, a, b, row in zip(turned.unbind(-1), x, t, across.terms, strict=True):
        torch.addcmul(a, w, b, value=side, out=out)
        add_terms(out, row, u, t)


def _gradients_into(q: Tensor, turned: Tensor, g: Tensor, of_q: Tensor, of_v: Tensor) -> None:
    (w, *u), scale, factor = scaled_parts(q)
    if scale is not None:
        factor = factor / scale
    r, d = turned.unbind(-1), g.unbind(-1)
    p = [new_sum(row, r, d).mul_(factor) for row in VECTOR_PRODUCT.terms]
    gradient_of_turn(w, u, p, of_q)
    _turn_into(q, g, of_v, VECTOR_PRODUCT, side=-1)


def gradient_of_turn(w: Tensor, u: Parts, p: Parts, gradient: Tensor) -> None:
    """The product `p q` of an imaginary p and `q = w + u`."""
    first, *rest = gradient.unbind(-1)
    torch.mul(p[0], u[0], out=first).addcmul_(p[1], u[1]).addcmul_(p[2], u[2]).neg_()
    for out, a, row in zip(rest, p, VECTOR_PRODUCT.terms, strict=True):
        add_terms(torch.mul(w, a, out=out), row, p, u)


def _gradients(q: Tensor, turned: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """The same, differentiable."""
    scale = largest(q)
    q = q / scale
    w, u = q.split_with_sizes((1, 3), -1)
    factor = 2 / q.square().sum(-1, keepdim=True)
    p = cross(turned, g, VECTOR_PRODUCT) * factor
    of_q = torch.cat([-(p * u).sum(-1, keepdim=True), w * p + cross(p, u, VECTOR_PRODUCT)], -1)
    t = cross(u, g, VECTOR_PRODUCT) * factor
    return of_q / scale, g - w * t + cross(u, t, VECTOR_PRODUCT)


# ---------------------------------------------------------------------- everywhere


@rotate.variant(needs=COMPILED, suits=_turns_all)
def one_loop(q: Tensor, v: Tensor, algebra: Algebra) -> Tensor:
    """The formula written out for the compiler, in one loop that is vectorised."""
    across, x = _terms(algebra), v.unbind(-1)
    scaled, _ = scaled_for_loops(q)
    w, *u = scaled
    factor = 2 / sum_terms(constants.norm_form(algebra), scaled, scaled)
    t = [sum_terms(row, u, x) * factor for row in across]
    rows = zip(x, t, across, strict=True)
    return torch.stack([a + w * b + sum_terms(row, u, t) for a, b, row in rows], -1)


@rotate.variant(needs=INTERPRETED | PACKED, pays=MANY, suits=_turns_by_lengths)
def unit(q: Tensor, v: Tensor, algebra: Algebra) -> Tensor | None:
    """The formula for a unit: only lengths are computed in a wider type."""
    if wider(q) is None:
        return None
    size = moderate(q)
    return _formula((size / root(size).unsqueeze(-1)).to(q.dtype), v, None, algebra)


@rotate.variant(suits=_turns)
def formula(q: Tensor, v: Tensor, algebra: Algebra) -> Tensor:
    """The formula in a wider type, or of numbers divided by their largest component."""
    wide = wider(q)
    if wide is None:
        q = q / unit_of_scale(q, algebra)
        return _formula(q, v, norm_form(q, algebra), algebra)
    q = q.to(wide)
    return _formula(q, v.to(wide), norm_form(q, algebra), algebra).to(v.dtype)


def _formula(q: Tensor, v: Tensor, size: Tensor | None, algebra: Algebra) -> Tensor:
    """`v + 2 (w t + u × t) / N(q)` with `t = u × v`; for units without the size."""
    w, u = q.split_with_sizes((1, v.shape[-1]), -1)
    t = _times(u, v, algebra)
    if size is not None:
        t = t / size.unsqueeze(-1)
    return torch.addcmul(torch.add(v, _times(u, t, algebra), alpha=2), w, t, value=2)


def _times(u: Tensor, v: Tensor, algebra: Algebra) -> Tensor:
    """`u × v`; the compiler knows terms, but no map that it has not been given."""
    if is_compiling():
        return by_terms(u, v, _terms(algebra))
    return multiply(u, v, _across(algebra))
