r"""Lengths of numbers of any size, with second derivatives of what is smooth in their square at 0.

A length has a kink at 0, but $\ell^2$ has none, nor has the square of a distance or an angle. Their
second derivative there is that of a function φ of the length with $\varphi'(0) = 0$: with
$c = \varphi''(0)$ it is $c$ times the unit matrix. The chain rule does not find it, as it is
$\varphi'(\ell) / \ell = 0 / 0$; the rule of de l'Hôpital does, as $c = \mathrm dg / \mathrm d\ell$
for the cotangent $g = \varphi'(\ell)$.

Forward over reverse, a length that is recorded grows by $|\dot x|$ along $\dot x$, so that
$c = \dot g / |\dot x|$ is there to see. Reverse over reverse, the graph of g is asked. First
derivatives are the subgradient 0, and so are the second ones of the length itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from hypercomplex.host.levels import derivative_outside, is_differentiated
from hypercomplex.host.mode import (
    IN_PLACE,
    MANY,
    PACKED,
    PRECISE,
    UNRECORDED,
    can_be_read,
    is_compiling,
    is_wrapped,
)
from hypercomplex.kernels.blocks import by_blocks, out_of_range, weighted
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.scaling import largest, wider

__all__ = ["length", "p_norm", "root", "safe_length"]


@operation(tensors=1, compiles=True)
def safe_length(x: Tensor) -> Tensor:
    """The length along the last axis of numbers of any size: in a wider type, or scaled."""
    wide = wider(x)
    if wide is not None:
        return length(x, wide).to(x.dtype)
    scale = largest(x)
    if is_differentiated(x):
        scale = scale.masked_fill((x.detach() == 0).all(-1, keepdim=True), 1)
    return length(x / scale) * scale.squeeze(-1)


@safe_length.variant(needs=IN_PLACE | PRECISE | UNRECORDED, pays=MANY | PACKED)
def blocks(x: Tensor) -> Tensor:
    """The root of the sum of squares in blocks, but for numbers whose squares are out of range."""
    fill = partial(_length_into, ones=x.new_ones(x.shape[-1]))
    found = by_blocks(fill, (x,), (1,), rooms=x.shape[-1:])[0].squeeze(-1)
    beyond = out_of_range(found, degree=1)
    if beyond is not None:
        found[beyond] = safe_length.twin(x[beyond])
    return found


def _length_into(x: Tensor, length: Tensor, room: Tensor, ones: Tensor) -> None:
    weighted(torch.mul(x, x, out=room), ones, out=length).sqrt_()


def length(x: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """The length along the last axis, computed in this type."""
    if not x.shape[-1] or not is_differentiated(x):
        return root(x, dtype)
    if not is_wrapped(x):
        size = root(x, dtype)
        if not can_be_read(x) or size.detach().all():
            return size
    zero = (x.detach() == 0).all(-1, keepdim=True)
    zeros = x.masked_fill(~zero, 0).to(x.dtype if dtype is None else dtype)
    at_zero = _AtZero.apply(zeros)  # type: ignore[no-untyped-call]
    return torch.where(zero.squeeze(-1), at_zero, root(x.masked_fill(zero, 1), dtype))


def p_norm(
    x: Tensor,
    p: float = 2,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    dtype: torch.dtype | None = None,
) -> Tensor:
    """`torch.linalg.vector_norm`, which for p = 2 is a length."""
    if p != 2 or not is_differentiated(x):
        return torch.linalg.vector_norm(x, p, dim, keepdim, dtype=dtype)
    dims = [dim] if isinstance(dim, int) else range(x.ndim) if dim is None else dim
    axes = sorted(d % x.ndim for d in dims)
    last = x.movedim(axes, list(range(-len(axes), 0)))
    result = length(last.flatten(-len(axes)) if axes else x.unsqueeze(-1), dtype)
    for axis in axes if keepdim else ():
        result = result.unsqueeze(axis)
    return result


def root(x: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """The length without the rule for its second derivatives.

    Not always `torch.linalg.vector_norm`: on planar components it is a hundred times
    slower.
    """
    if dtype is not None or (x.stride(-1) == 1 and not is_compiling()):
        return torch.linalg.vector_norm(x, dim=-1, dtype=dtype)
    square = x.square().sum(-1)
    zero = square == 0
    return square.masked_fill(zero, 1).sqrt().masked_fill(zero, 0)


def _save(ctx: Any, *tensors: Tensor) -> None:
    """For both directions, as a map of torch 2.13 expects it."""
    ctx.save_for_backward(*tensors)
    ctx.save_for_forward(*tensors)


class _AtZero(torch.autograd.Function):
    """The length of zeros."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.zeros_like(x[..., 0])

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Tensor) -> None:
        _save(ctx, *inputs, output)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        x, output = ctx.saved_tensors
        c = derivative_outside(g, output) if torch.is_grad_enabled() else torch.zeros_like(g)
        cotangent: Tensor = _Cotangent.apply(g, x, c)  # type: ignore[no-untyped-call]
        return cotangent

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Tensor:
        return torch.linalg.vector_norm(tangent, dim=-1)


class _Cotangent(torch.autograd.Function):
    """The cotangents of zeros, 0, whose derivative is c times theirs."""

    generate_vmap_rule = True

    @staticmethod
    def forward(g: Tensor, x: Tensor, c: Tensor) -> Tensor:
        return torch.zeros_like(x * g.unsqueeze(-1))  # one for each g of a map

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Tensor) -> None:
        _save(ctx, inputs[2])

    @staticmethod
    def backward(ctx: Any, h: Tensor) -> Any:
        (c,) = ctx.saved_tensors
        return None, c.unsqueeze(-1) * h, None

    @staticmethod
    def jvp(ctx: Any, of_g: Tensor, of_x: Tensor, _: Any) -> Tensor:
        size = torch.linalg.vector_norm(of_x, dim=-1)
        c = of_g / size.masked_fill(size == 0, torch.inf)
        return c.unsqueeze(-1) * of_x
