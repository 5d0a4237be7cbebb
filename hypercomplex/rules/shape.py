"""Functions that give the same numbers another shape or order, and never mix components.

Axes count numbers, as for any torch tensor: the axis of the components, the last one inside the
rules, can be neither named nor reached.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from hypercomplex import fft
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, lift, only_numbers, shape_of, wrap
from hypercomplex.host.leaves import fresh, leaf
from hypercomplex.rules.axes import along, as_line, axis, components_first, in_order, on_last, sizes
from hypercomplex.rules.patterns import in_place, on_components

Sizes = int | Sequence[int]

# ---------------------------------------------------------------------- the same numbers again

on_components("shape", "cpu cuda pin_memory resolve_neg")


@rule("shape", "detach")
def detach(cls: TensorType, input: Tensor) -> Tensor:
    return leaf(cls, input)


@rule("shape", "Tensor.data")
def data(cls: TensorType, input: Tensor) -> Tensor:
    return leaf(cls, input.data)


@rule("shape", "to")
def to(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if not is_typed(input):  # a real tensor goes where a typed one is
        return input.to(*args, **kwargs)
    order = kwargs.pop("memory_format", torch.preserve_format)
    moved = input.to(*args, **kwargs)
    if moved.dtype == torch.bool:
        return moved.any(-1)
    return wrap(cls, moved) if order == torch.preserve_format else contiguous(cls, moved, order)


@rule("shape", "contiguous")
def contiguous(
    cls: TensorType, input: Tensor, memory_format: torch.memory_format = torch.contiguous_format
) -> Tensor:
    return wrap(cls, in_order(memory_format, Tensor.contiguous, input))


@rule("shape", "clone")
def clone(
    cls: TensorType,
    input: Tensor,
    *,
    memory_format: torch.memory_format | None = torch.preserve_format,
) -> Tensor:
    return wrap(cls, in_order(memory_format, torch.clone, input))


@rule("shape", "type_as")
def type_as(cls: TensorType, input: Tensor, other: Tensor) -> Tensor:
    return to(cls, input, device=other.device, dtype=other.dtype)


@rule("shape", "Tensor.type")
def type_(cls: TensorType, input: Tensor, dtype: Any = None, **options: Any) -> Any:
    """The name of the type of the components, or numbers of another one."""
    found = input.type() if dtype is None else input.type(dtype, **options)
    return found if isinstance(found, str) else wrap(cls, found)


def _convert(name: str, dtype: torch.dtype) -> None:
    @rule("shape", name)
    def convert(cls: TensorType, input: Tensor, **order: torch.memory_format) -> Tensor:
        return to(cls, input, dtype, **order)


_convert("float", torch.float32)
_convert("double", torch.float64)
_convert("half", torch.float16)
_convert("bfloat16", torch.bfloat16)


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
        return input.view(shape_of(other))
    return wrap(cls, input.view(*shape_of(other), input.shape[-1]))


@rule("shape", "reshape_as")
def reshape_as(cls: TensorType, input: Tensor, other: Tensor) -> Tensor:
    if not is_typed(input):
        return input.reshape(shape_of(other))
    return wrap(cls, input.reshape(*shape_of(other), input.shape[-1]))


@rule("shape", "flatten")
def flatten(cls: TensorType, input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    if input.ndim == 1:
        return wrap(cls, input.unsqueeze(0))
    return wrap(cls, input.flatten(axis(input, start_dim), axis(input, end_dim)))


@rule("shape", "ravel")
def ravel(cls: TensorType, input: Tensor) -> Tensor:
    """A view of numbers that lie in order, whole or component by component, as products do."""
    in_order = input.is_contiguous() or input.movedim(-1, 0).is_contiguous()
    return flatten(cls, input if in_order else input.contiguous())


@rule("shape", "unflatten")
def unflatten(cls: TensorType, input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    return wrap(cls, input.unflatten(axis(input, dim), sizes))


@rule("shape", "squeeze")
def squeeze(cls: TensorType, input: Tensor, dim: Sizes | None = None) -> Tensor:
    return wrap(cls, input.squeeze(_squeezed(input, dim)))


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
    return expand(cls, input, shape_of(other)) if is_typed(input) else input.expand(shape_of(other))


@rule("shape", "repeat")
def repeat(cls: TensorType, input: Tensor, *repeats: Any, **named: Any) -> Tensor:
    return wrap(cls, input.repeat(*sizes(repeats, named), 1))


@rule("shape", "tile")
def tile(cls: TensorType, input: Tensor, *dims: Any, **named: Any) -> Tensor:
    return wrap(cls, input.tile(*sizes(dims, named), 1))


@rule("shape", "repeat_interleave")
def repeat_interleave(
    cls: TensorType,
    input: Tensor,
    repeats: Any = None,
    dim: int | None = None,
    *,
    output_size: int | None = None,
) -> Tensor:
    if not is_typed(input) or repeats is None:
        raise TypeError("`repeats` must be integers, not numbers of an algebra")
    line = input.reshape(-1, input.shape[-1]) if dim is None else input
    return wrap(cls, line.repeat_interleave(repeats, axis(line, dim or 0), output_size=output_size))


# ---------------------------------------------------------------------- other orders


@rule("shape", "transpose swapaxes swapdims")
def transpose(cls: TensorType, input: Tensor, dim0: int, dim1: int) -> Tensor:
    return wrap(cls, along(input, dim0, lambda x, d: x.transpose(d, axis(x, dim1))))


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
    if input.ndim > 2:
        return fresh(cls, input.transpose(-3, -2))
    return transpose(cls, input, -2, -1)  # which says what is missing


@rule("shape", "permute")
def permute(cls: TensorType, input: Tensor, *dims: Any, **named: Any) -> Tensor:
    return wrap(cls, input.permute(*[axis(input, d) for d in sizes(dims, named)], -1))


@rule("shape", "movedim moveaxis")
def movedim(cls: TensorType, input: Tensor, source: Sizes, destination: Sizes) -> Tensor:
    line = as_line(input)
    sources = tuple(axis(line, d) for d in _tuple(source))
    moved = line.movedim(sources, tuple(axis(line, d) for d in _tuple(destination)))
    return wrap(cls, moved[0] if input.ndim == 1 else moved)


@rule("shape", "flip")
def flip(cls: TensorType, input: Tensor, *dims: Any, **named: Any) -> Tensor:
    line = as_line(input)
    return wrap(cls, line.flip([axis(line, d) for d in sizes(dims, named)]).view(input.shape))


@rule("shape", "fliplr")
def fliplr(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, input.flip(1)) if _at_least(2, input, "fliplr") else input


@rule("shape", "flipud")
def flipud(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, input.flip(0)) if _at_least(1, input, "flipud") else input


@rule("shape", "__reversed__")
def reversed_(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, input.flip(0) if input.ndim > 1 else input)


@rule("shape", "rot90")
def rot90(cls: TensorType, input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    _at_least(2, input, "rot90")
    return wrap(cls, input.rot90(k, [axis(input, d) for d in dims]))


@rule("shape", "roll")
def roll(cls: TensorType, input: Tensor, shifts: Sizes, dims: Sizes | None = None) -> Tensor:
    if dims is None or _tuple(dims) == ():
        flat = input.reshape(-1, input.shape[-1])
        return wrap(cls, flat.roll(shifts, 0).view(input.shape))
    return wrap(cls, input.roll(shifts, tuple(axis(input, d) for d in _tuple(dims))))


@rule("shape", [torch.fft.fftshift])
def fftshift(cls: TensorType, input: Tensor, dim: Any = None) -> Tensor:
    return wrap(cls, fft.fftshift(input, dim))


@rule("shape", [torch.fft.ifftshift])
def ifftshift(cls: TensorType, input: Tensor, dim: Any = None) -> Tensor:
    return wrap(cls, fft.ifftshift(input, dim))


# ---------------------------------------------------------------------- the same, in place


@rule("shape", "transpose_ swapaxes_ swapdims_")
def transpose_(cls: TensorType, input: Tensor, dim0: int, dim1: int) -> Tensor:
    only_numbers(cls, input)
    if input.ndim > 1:
        return input.transpose_(axis(input, dim0), axis(input, dim1))
    transpose(cls, input, dim0, dim1)
    return input


@rule("shape", "t_")
def t_(cls: TensorType, input: Tensor) -> Tensor:
    if input.ndim > 3:
        raise RuntimeError(f"t_() expects at most 2 axes of numbers, but got {input.ndim - 1}")
    return input.transpose_(0, 1) if input.ndim == 3 else input


@rule("shape", "squeeze_")
def squeeze_(cls: TensorType, input: Tensor, dim: Sizes | None = None) -> Tensor:
    return input.squeeze_(_squeezed(input, dim))


@rule("shape", "unsqueeze_")
def unsqueeze_(cls: TensorType, input: Tensor, dim: int) -> Tensor:
    return input.unsqueeze_(axis(input, dim, extra=1))


# ---------------------------------------------------------------------- diagonals


@rule("shape", "diagonal")
def diagonal(
    cls: TensorType, input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> Tensor:
    return wrap(cls, input.diagonal(offset, axis(input, dim1), axis(input, dim2)).mT)


@rule("shape", "linalg.diagonal")
def matrix_diagonal(
    cls: TensorType, A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1
) -> Tensor:
    return diagonal(cls, A, offset, dim1, dim2)


@rule("shape", "diag_embed")
def diag_embed(
    cls: TensorType, input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1
) -> Tensor:
    rows, columns = axis(input, dim1, extra=1) + 1, axis(input, dim2, extra=1) + 1
    return wrap(cls, components_first(lambda x: x.diag_embed(offset, rows, columns), input))


@rule("shape", "diag")
def diag(cls: TensorType, input: Tensor, diagonal: int = 0) -> Tensor:
    if input.ndim not in (2, 3):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors of numbers. Got {input.ndim - 1}D")
    if input.ndim == 2:
        return diag_embed(cls, input, diagonal)
    return wrap(cls, input.diagonal(diagonal).mT.clone())


@rule("shape", "diagflat")
def diagflat(cls: TensorType, input: Tensor, offset: int = 0) -> Tensor:
    return diag_embed(cls, input.reshape(-1, input.shape[-1]), offset)


@rule("shape", "tril")
def tril(cls: TensorType, input: Tensor, diagonal: int = 0) -> Tensor:
    _at_least(2, input, "tril")
    return wrap(cls, components_first(lambda x: x.tril(diagonal), input))


@rule("shape", "triu")
def triu(cls: TensorType, input: Tensor, diagonal: int = 0) -> Tensor:
    _at_least(2, input, "triu")
    return wrap(cls, components_first(lambda x: x.triu(diagonal), input))


in_place("shape", "tril_", tril)
in_place("shape", "triu_", triu)


@rule("shape", "fill_diagonal_")
def fill_diagonal_(cls: TensorType, input: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    only_numbers(cls, input)
    size = _at_least(2, input, "fill_diagonal_")
    if len(size) > 2 and len(set(size)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    step = sum(math.prod(size[1 + i :]) for i in range(len(size)))
    end = math.prod(size) if wrap or len(size) > 2 else min(size) * step
    places = torch.arange(0, min(end, math.prod(size)), step, device=input.device)
    alias(input)[torch.unravel_index(places, size)] = lift(cls, fill_value, input)
    return input


# ---------------------------------------------------------------------- borders, windows, channels


@rule("shape", "nn.functional.pad")
def pad(
    cls: TensorType, input: Tensor, pad: Sequence[int], mode: str = "constant", value: Any = None
) -> Tensor:
    if mode == "constant":
        return constant_pad_nd(cls, input, pad, 0 if value is None else value)
    count = len(pad) // 2
    if input.ndim - 1 not in (count + 1, count + 2) or len(pad) % 2:
        raise NotImplementedError(
            f"`mode` (={mode!r}) pads the last 1, 2 or 3 axes behind one or two others, but "
            f"`pad` (={tuple(pad)}) goes with a tensor of {input.ndim - 1} axes of numbers"
        )
    return wrap(cls, on_last(count, lambda x: F.pad(x.unsqueeze(1), pad, mode)[:, 0], input))


@rule("shape", "constant_pad_nd")
def constant_pad_nd(cls: TensorType, input: Tensor, pad: Sequence[int], value: Any = 0) -> Tensor:
    if len(pad) > 2 * (input.ndim - 1):
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(pad)} and input of dimension {input.ndim - 1}"
        )
    padded = torch.constant_pad_nd(input, (0, 0, *pad))
    if isinstance(value, (int, float)) and value == 0:
        return wrap(cls, padded)
    inside = torch.zeros_like(input[..., :1], dtype=torch.bool)
    border = torch.constant_pad_nd(inside, (0, 0, *pad), True)
    return wrap(cls, torch.where(border, lift(cls, value, input), padded))


@rule("shape", [torch.Tensor.unfold])
def windows(cls: TensorType, input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    line = as_line(input)
    unfolded = line.unfold(axis(line, dimension), size, step).mT
    return wrap(cls, unfolded[0] if input.ndim == 1 else unfolded)


@rule("shape", [torch.nn.functional.unfold])
def unfold(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if input.ndim - 1 not in (3, 4):
        raise RuntimeError(
            f"Expected 3D or 4D input of numbers for unfold, but got {input.ndim - 1} axes"
        )
    return wrap(cls, on_last(3, lambda x: F.unfold(x, *args, **kwargs), input))


@rule("shape", "pixel_shuffle nn.functional.pixel_shuffle")
def pixel_shuffle(cls: TensorType, input: Tensor, upscale_factor: int) -> Tensor:
    _at_least(3, input, "pixel_shuffle")
    return wrap(cls, components_first(lambda x: F.pixel_shuffle(x, upscale_factor), input))


@rule("shape", "pixel_unshuffle nn.functional.pixel_unshuffle")
def pixel_unshuffle(cls: TensorType, input: Tensor, downscale_factor: int) -> Tensor:
    _at_least(3, input, "pixel_unshuffle")
    return wrap(cls, components_first(lambda x: F.pixel_unshuffle(x, downscale_factor), input))


@rule(
    "shape",
    "channel_shuffle nn.functional.channel_shuffle native_channel_shuffle "
    "nn.functional.native_channel_shuffle",
)
def channel_shuffle(cls: TensorType, input: Tensor, groups: int) -> Tensor:
    _at_least(3, input, "channel_shuffle")
    return wrap(cls, torch.channel_shuffle(input, groups))


# ---------------------------------------------------------------------- helpers


def _tuple(dim: Sizes) -> tuple[int, ...]:
    return (dim,) if isinstance(dim, int) else tuple(dim)


def _squeezed(input: Tensor, dim: Sizes | None) -> tuple[int, ...]:
    """The axes to squeeze."""
    if dim is None:
        return tuple(range(input.ndim - 1))
    named = tuple(axis(as_line(input), d) for d in _tuple(dim))
    return named if input.ndim > 1 else ()


def _at_least(count: int, input: Tensor, name: str) -> tuple[int, ...]:
    """The sizes of an input that has so many axes."""
    if input.ndim - 1 < count:
        raise RuntimeError(
            f"{name} expects at least {count} axes of numbers, but got {input.ndim - 1}"
        )
    return tuple(input.shape[:-1])
