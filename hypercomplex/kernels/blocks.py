"""Numbers in blocks that stay in the cache, written in place, component by component."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from hypercomplex.algebra.bilinear import Term
from hypercomplex.kernels.scaling import is_moderate, largest

__all__ = [
    "Parts",
    "add_terms",
    "by_blocks",
    "contiguous_parts",
    "new_sum",
    "out_of_range",
    "scaled_parts",
    "squared_lengths",
    "weighted",
]

_BLOCK = 65_536  # numbers: with fewer, calls cost more than arithmetic; with more, caches overflow

Parts = Sequence[Tensor]
"""The components of numbers, each a tensor."""


def by_blocks(
    function: Callable[..., None],
    tensors: Sequence[Tensor],
    widths: Sequence[int],
    rooms: Sequence[int] = (),
) -> tuple[Tensor, ...]:
    """New tensors of these widths, filled by `function(*tensors, *new, *rooms)`: a function of
    numbers, `(…, n)` each, block by block where their shapes are the same.

    Rooms are tensors of the given widths to compute in.
    """
    like, shapes = tensors[0], [x.shape[:-1] for x in tensors]
    shape = torch.broadcast_shapes(*shapes) if len(shapes) > 1 else shapes[0]
    results = tuple(like.new_empty((*shape, width)) for width in widths)
    if shape.numel() <= _BLOCK or any(s != shape for s in shapes):
        function(*tensors, *results, *(like.new_empty((*shape, width)) for width in rooms))
        return results
    lines = [x.reshape(-1, x.shape[-1]).split(_BLOCK) for x in (*tensors, *results)]
    made = [like.new_empty(_BLOCK, width) for width in rooms]
    for block in zip(*lines, strict=True):
        function(*block, *(room[: len(block[0])] for room in made))
    return results


def contiguous_parts(x: Tensor) -> Parts:
    """The components, each laid out anew, which pays where each is read several times."""
    return [part.contiguous() for part in x.unbind(-1)]


def weighted(x: Tensor, weights: Tensor, out: Tensor | None = None) -> Tensor:
    """Sums of components times their weights, `(…, n)` → `(…)`.

    A product with one vector, which no setting of torch rounds, reads numbers as they lie, and is
    twice as fast as adding components up.
    """
    into = None if out is None else out.view(-1)
    return torch.mv(x.reshape(-1, x.shape[-1]), weights, out=into).view(x.shape[:-1])


def squared_lengths(x: Tensor, room: Tensor) -> Tensor:
    """The sums of squares of components, `(…, n)` → `(…)`, with room for the squares."""
    return weighted(torch.mul(x, x, out=room), x.new_ones(x.shape[-1]))


def out_of_range(sizes: Tensor, degree: int = 2) -> Tensor | None:
    """Where squared lengths have lost digits, or numbers divided by them might; None if nowhere.

    Sizes are these squares, or, of degree 1, their roots.
    """
    info = torch.finfo(sizes.dtype)
    least, most = ((info.tiny / info.eps**2) ** (p * degree / 2) for p in (1, -1))
    if not sizes.numel():
        return None
    smallest, largest = torch.aminmax(sizes)
    if smallest.item() > least and largest.item() < most:
        return None
    return ~((sizes > least) & (sizes < most))  # as NaN is


def scaled_parts(q: Tensor, anew: bool = False) -> tuple[Parts, Tensor | None, Tensor]:
    """The components, the scale by which they were divided, if it had to be, and `2 / |q|²`."""
    parts = contiguous_parts(q) if anew else q.unbind(-1)
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
