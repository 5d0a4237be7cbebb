"""Numbers in blocks that stay in the cache, written in place, component by component."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from hypercomplex.algebra.bilinear import Term
from hypercomplex.kernels.scaling import is_moderate, largest

__all__ = ["Parts", "add_terms", "by_blocks", "new_sum", "scaled_parts"]

_BLOCK = 16_384  # numbers whose components, and some results for each, fit in a second-level cache

Parts = Sequence[Tensor]
"""The components of numbers, each a tensor."""


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


def scaled_parts(q: Tensor) -> tuple[Parts, Tensor | None, Tensor]:
    """The components, the scale by which they were divided, if it had to be, and `2 / |q|²`."""
    parts = q.unbind(-1)
    size = _square(parts)
    if is_moderate(size):
        return parts, None, size.reciprocal_().mul_(2)
    scale = largest(q)
    parts = (q / scale).unbind(-1)
    return parts, scale.squeeze(-1), _square(parts).reciprocal_().mul_(2)


def new_sum(terms: Iterable[Term], x: Parts, y: Parts) -> Tensor:
    """The sum of `c x_i y_j`, in a new tensor."""
    (i, j, c), *rest = terms
    total = x[i] * y[j]
    return add_terms(total if c == 1 else total.mul_(float(c)), rest, x, y)


def add_terms(total: Tensor, terms: Iterable[Term], x: Parts, y: Parts) -> Tensor:
    """The sum of `c x_i y_j`, added in place."""
    for i, j, c in terms:
        total.addcmul_(x[i], y[j], value=float(c))
    return total


def _square(parts: Parts) -> Tensor:
    first, *rest = parts
    total = first * first
    for x in rest:
        total.addcmul_(x, x)
    return total
