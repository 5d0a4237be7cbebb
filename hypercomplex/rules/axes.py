"""Axes of numbers, where those of components are one more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

__all__ = [
    "along",
    "as_line",
    "axes",
    "axis",
    "components_first",
    "in_order",
    "on_last",
    "sizes",
]


def axis(input: Tensor, dim: int, extra: int = 0) -> int:
    """A logical axis, counted from the front; `extra` for functions that insert axes."""
    ndim = input.ndim - 1 + extra
    if not -ndim <= dim < ndim:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], "
            f"but got {dim})"
            if ndim
            else f"Dimension specified as {dim} but the tensor holds a single number, without axes"
        )
    return dim % ndim


def as_line(input: Tensor) -> Tensor:
    """A single number as a line of one, which has an axis to name."""
    return input.unsqueeze(0) if input.ndim == 1 else input


def along(input: Tensor, dim: int, function: Callable[[Tensor, int], Tensor]) -> Tensor:
    """`function(x, dim)` at a logical axis; a single number is a line of one, as it is to torch."""
    if input.ndim > 1:
        return function(input, axis(input, dim))
    line = as_line(input)
    return function(line, axis(line, dim)).view(input.shape)


def components_first(function: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    """A function of batches of something, on tensors whose first axis is that of the components."""
    return function(*[x.movedim(-1, 0) for x in inputs]).movedim(0, -1)


def in_order(order: Any, function: Callable[..., Any], input: Tensor, **options: Any) -> Any:
    """`function(x, memory_format=order)` of numbers: where the channels come last, the components
    of one number still lie together, after them.
    """
    ranks = {torch.channels_last: 4, torch.channels_last_3d: 5}
    if order not in ranks:
        return function(input, memory_format=order, **options)
    if input.ndim - 1 != ranks[order]:
        raise RuntimeError(f"required rank {ranks[order]} tensor to use {order} format")
    stored = input.movedim(1, -2)
    result = function(stored, memory_format=torch.contiguous_format, **options)
    return result.movedim(-2, 1) if isinstance(result, Tensor) else result


def on_last(count: int, function: Callable[[Tensor], Tensor], input: Tensor) -> Tensor:
    """A function of `(batch, *axes)` on the last axes of numbers; components join the batch."""
    first = input.movedim(-1, 0)
    batch = first.shape[: first.ndim - count]
    result = function(first.flatten(0, len(batch) - 1))
    return result.reshape(*batch, *result.shape[1:]).movedim(0, -1)


def sizes(given: tuple[Any, ...], named: dict[str, Any]) -> tuple[int, ...]:
    """`f(2, 3)`, `f((2, 3))` and `f(size=(2, 3))` alike, whatever torch calls them."""
    if named:
        name, *unknown = named
        if given or unknown or name not in ("size", "shape", "dims", "repeats", "sizes"):
            raise TypeError(f"unexpected keyword argument {(unknown or [name])[0]!r}")
        given = (named[name],)
    if len(given) != 1 or isinstance(given[0], int):
        return given
    if not hasattr(given[0], "__iter__"):
        raise TypeError(f"a size (={given[0]!r}) must be an integer, or one sequence of integers")
    return tuple(given[0])


def axes(input: Tensor, dim: int | Sequence[int] | None) -> tuple[int, ...]:
    """Logical axes to reduce, counted from the front; None means all, as does none at all."""
    if dim is None or (not isinstance(dim, int) and len(dim) == 0):
        return tuple(range(input.ndim - 1))
    named = (dim,) if isinstance(dim, int) else tuple(dim)
    places = tuple(axis(as_line(input), d) for d in named)
    if len(set(places)) < len(places):
        raise RuntimeError(f"`dim` (={dim}) names an axis twice")
    return places if input.ndim > 1 else ()  # torch reduces a single number over its axis 0, too
