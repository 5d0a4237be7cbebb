"""Functions that move numbers and never mix components.

Axes count numbers, as for any torch tensor: the axis of the components, the last one inside the
rules, can be neither named nor reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.rules.registry import (
    TensorType,
    alias,
    axis,
    in_place,
    is_typed,
    lift,
    on_components,
    only_numbers,
    rule,
    sizes,
    wrap,
)

Sizes = int | Sequence[int]

# ---------------------------------------------------------------------- the same numbers again

on_components("shape", "clone contiguous detach cpu cuda pin_memory resolve_neg Tensor.data")


@rule("shape", "to")
def to(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if not is_typed(input):  # a real tensor goes where a typed one is
        return input.to(*args, **kwargs)
    return wrap(cls, input.to(*args, **kwargs))


@rule("shape", "type_as")
def type_as(cls: TensorType, input: Tensor, other: Tensor) -> Tensor:
    return wrap(cls, input.type_as(other)) if is_typed(input) else input.type_as(other)


on_components("shape", "float double half bfloat16")


# ---------------------------------------------------------------------- other shapes


@rule("shape", "view")
def view(cls: TensorType, input: Tensor, *shape: Any, **named: Any) -> Tensor:
    if "dtype" in named or (len(shape) == 1 and isinstance(shape[0], torch.dtype)):
        raise TypeError("view(dtype) would reinterpret bytes, not numbers; use .to(dtype)")
    return wrap(cls, input.view(*sizes(shape, named), input.shape[-1]))


@rule("shape", "reshape")
def reshape(cls: TensorType, input: Tensor, *shape: Any, **named: Any) -> Tensor:
    return wrap(cls, input.reshape(*sizes(shape, named), input.shape[-1]))


@rule("shape", "view_as")
def view_as(cls: TensorType, input: Tensor, other: Tensor) -> Tensor:
    if not is_typed(input):
        return input.view(_shape(other))
    return wrap(cls, input.view(*_shape(other), input.shape[-1]))


@rule("shape", "reshape_as")
def reshape_as(cls: TensorType, input: Tensor, other: Tensor) -> Tensor:
    if not is_typed(input):
        return input.reshape(_shape(other))
    return wrap(cls, input.reshape(*_shape(other), input.shape[-1]))


@rule("shape", "flatten")
def flatten(cls: TensorType, input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    if input.ndim == 1:
        return wrap(cls, input.unsqueeze(0))
    return wrap(cls, input.flatten(axis(input, start_dim), axis(input, end_dim)))


@rule("shape", "ravel")
def ravel(cls: TensorType, input: Tensor) -> Tensor:
    return flatten(cls, input)


@rule("shape", "unflatten")
def unflatten(cls: TensorType, input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    return wrap(cls, input.unflatten(axis(input, dim), sizes))


@rule("shape", "squeeze")
def squeeze(cls: TensorType, input: Tensor, dim: Sizes | None = None) -> Tensor:
    dims = range(input.ndim - 1) if dim is None else [axis(input, d) for d in _tuple(dim)]
    return wrap(cls, input.squeeze(tuple(dims)))


@rule("shape", "unsqueeze")
def unsqueeze(cls: TensorType, input: Tensor, dim: int) -> Tensor:
    return wrap(cls, input.unsqueeze(axis(input, dim, extra=1)))


@rule("shape", "expand")
def expand(
    cls: TensorType, input: Tensor, *size: Any, implicit: bool = False, **named: Any
) -> Tensor:
    return wrap(cls, input.expand(*sizes(size, named), input.shape[-1], implicit=implicit))


@rule("shape", "broadcast_to")
def broadcast_to(cls: TensorType, input: Tensor, *size: Any, **named: Any) -> Tensor:
    return expand(cls, input, *size, **named)


@rule("shape", "expand_as")
def expand_as(cls: TensorType, input: Tensor, other: Tensor) -> Tensor:
    return expand(cls, input, _shape(other)) if is_typed(input) else input.expand(_shape(other))


@rule("shape", "repeat")
def repeat(cls: TensorType, input: Tensor, *repeats: Any, **named: Any) -> Tensor:
    return wrap(cls, input.repeat(*sizes(repeats, named), 1))


@rule("shape", "tile")
def tile(cls: TensorType, input: Tensor, *dims: Any, **named: Any) -> Tensor:
    return wrap(cls, input.tile(*sizes(dims, named), 1))


# ---------------------------------------------------------------------- other orders


@rule("shape", "transpose swapaxes swapdims")
def transpose(cls: TensorType, input: Tensor, dim0: int, dim1: int) -> Tensor:
    return wrap(cls, input.transpose(axis(input, dim0), axis(input, dim1)))


@rule("shape", "t")
def t(cls: TensorType, input: Tensor) -> Tensor:
    if input.ndim > 3:
        raise RuntimeError(f"t() expects at most 2 axes of numbers, but got {input.ndim - 1}")
    return reverse_axes(cls, input)


@rule("shape", "Tensor.T")
def reverse_axes(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, input.permute(*reversed(range(input.ndim - 1)), -1))


@rule("shape", "Tensor.mT")
def matrix_transpose(cls: TensorType, input: Tensor) -> Tensor:
    return transpose(cls, input, -2, -1)


@rule("shape", "permute")
def permute(cls: TensorType, input: Tensor, *dims: Any, **named: Any) -> Tensor:
    return wrap(cls, input.permute(*[axis(input, d) for d in sizes(dims, named)], -1))


@rule("shape", "movedim moveaxis")
def movedim(cls: TensorType, input: Tensor, source: Sizes, destination: Sizes) -> Tensor:
    sources = tuple(axis(input, d) for d in _tuple(source))
    return wrap(cls, input.movedim(sources, tuple(axis(input, d) for d in _tuple(destination))))


@rule("shape", "flip")
def flip(cls: TensorType, input: Tensor, *dims: Any, **named: Any) -> Tensor:
    return wrap(cls, input.flip([axis(input, d) for d in sizes(dims, named)]))


@rule("shape", "__reversed__")
def reversed_(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, input.flip(0) if input.ndim > 1 else input)


@rule("shape", "roll")
def roll(cls: TensorType, input: Tensor, shifts: Sizes, dims: Sizes | None = None) -> Tensor:
    if dims is None or _tuple(dims) == ():
        flat = input.reshape(-1, input.shape[-1])
        return wrap(cls, flat.roll(shifts, 0).view(input.shape))
    return wrap(cls, input.roll(shifts, tuple(axis(input, d) for d in _tuple(dims))))


# ---------------------------------------------------------------------- some of the numbers


@rule("shape", "__getitem__")
def getitem(cls: TensorType, input: Tensor, index: Any) -> Tensor:
    return wrap(cls, input[_index(input, index)])


@rule("shape", "__setitem__")
def setitem(cls: TensorType, input: Tensor, index: Any, value: Any) -> None:
    only_numbers(cls, input)
    alias(input)[_index(input, index)] = lift(cls, value, input)


@rule("shape", "select")
def select(cls: TensorType, input: Tensor, dim: int, index: int) -> Tensor:
    return wrap(cls, input.select(axis(input, dim), index))


@rule("shape", "narrow")
def narrow(cls: TensorType, input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    return wrap(cls, input.narrow(axis(input, dim), start, length))


@rule("shape", "index_select")
def index_select(cls: TensorType, input: Tensor, dim: int, index: Tensor) -> Tensor:
    return wrap(cls, input.index_select(axis(input, dim), index))


@rule("shape", "masked_select")
def masked_select(cls: TensorType, input: Tensor, mask: Tensor) -> Tensor:
    shape = torch.broadcast_shapes(input.shape[:-1], mask.shape)
    return wrap(cls, input.expand(*shape, -1)[mask.expand(shape)])


@rule("shape", "unbind")
def unbind(cls: TensorType, input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    return _each(cls, input.unbind(axis(input, dim)))


@rule("shape", "split")
def split(
    cls: TensorType, input: Tensor, split_size_or_sections: Any, dim: int = 0
) -> tuple[Tensor, ...]:
    return _each(cls, input.split(split_size_or_sections, axis(input, dim)))


@rule("shape", "chunk")
def chunk(cls: TensorType, input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    return _each(cls, input.chunk(chunks, axis(input, dim)))


# ---------------------------------------------------------------------- put together


@rule("shape", "cat concat concatenate")
def cat(cls: TensorType, tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    parts = _all(cls, tensors)
    return wrap(cls, torch.cat(parts, axis(parts[0], dim)))


@rule("shape", "stack")
def stack(cls: TensorType, tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    parts = _all(cls, tensors)
    return wrap(cls, torch.stack(parts, axis(parts[0], dim, extra=1)))


@rule("shape", [torch.Tensor.where])
def where_method(cls: TensorType, input: Any, condition: Tensor, other: Any) -> Tensor:
    return where(cls, condition, input, other)


@rule("shape", [torch.where])
def where(cls: TensorType, condition: Tensor, input: Any, other: Any) -> Tensor:
    like = input if is_typed(input) else other
    mask = condition.unsqueeze(-1)
    return wrap(cls, torch.where(mask, lift(cls, input, like), lift(cls, other, like)))


@rule("shape", "masked_fill")
def masked_fill(cls: TensorType, input: Tensor, mask: Tensor, value: Any) -> Tensor:
    like = input if is_typed(input) else value
    numbers = lift(cls, input, like)
    return wrap(cls, torch.where(mask.unsqueeze(-1), lift(cls, value, like), numbers))


@rule("shape", "copy_")
def copy_(cls: TensorType, input: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    only_numbers(cls, input)
    alias(input).copy_(lift(cls, src, input), non_blocking=non_blocking)
    return input


@rule("shape", "fill_")
def fill_(cls: TensorType, input: Tensor, value: Any) -> Tensor:
    only_numbers(cls, input)
    alias(input).copy_(lift(cls, value, input))
    return input


@rule("shape", "zero_")
def zero_(cls: TensorType, input: Tensor) -> Tensor:
    alias(input).zero_()
    return input


in_place("shape", "masked_fill_", masked_fill)


# ---------------------------------------------------------------------- helpers


def _tuple(dim: Sizes) -> tuple[int, ...]:
    return (dim,) if isinstance(dim, int) else tuple(dim)


def _shape(other: Tensor) -> tuple[int, ...]:
    return tuple(other.shape[:-1] if is_typed(other) else other.shape)


def _each(cls: TensorType, parts: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return tuple(wrap(cls, part) for part in parts)


def _all(cls: TensorType, tensors: Sequence[Any]) -> list[Tensor]:
    like = next(t for t in tensors if is_typed(t))
    return [lift(cls, t, like) for t in tensors]


def _index(input: Tensor, index: Any) -> tuple[Any, ...]:
    """The index of numbers, followed by all components; torch reports what it indexes too far."""
    entries = index if isinstance(index, tuple) else (index,)
    if any(is_typed(entry) for entry in entries):
        raise TypeError("numbers cannot index; index with integers, slices or masks")
    used = sum(_axes_used(entry) for entry in entries)
    if used > input.ndim - 1:
        raise IndexError(f"too many indices for tensor of dimension {input.ndim - 1}")
    ellipsis = () if any(entry is Ellipsis for entry in entries) else (Ellipsis,)
    return (*entries, *ellipsis, slice(None))


def _axes_used(entry: Any) -> int:
    if entry is None or entry is Ellipsis or isinstance(entry, bool):
        return 0
    if isinstance(entry, Tensor) and entry.dtype in (torch.bool, torch.uint8):
        return entry.ndim
    return 1
