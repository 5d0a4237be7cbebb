"""Functions that pick some of the numbers, or write into some places.

An index is one of numbers; it takes all components along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, lift, only_numbers, shape_of, wrap
from hypercomplex.rules.axes import along, as_line, axis
from hypercomplex.rules.patterns import in_place
from hypercomplex.rules.product import scaled

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
    if input.ndim == 1:
        raise RuntimeError("narrow() cannot be applied to a single number")
    return wrap(cls, input.narrow(axis(input, dim), start, length))


@rule("shape", "index_select")
def index_select(cls: TensorType, input: Tensor, dim: int, index: Tensor) -> Tensor:
    return wrap(cls, along(input, dim, lambda x, d: x.index_select(d, index)))


@rule("shape", "masked_select")
def masked_select(cls: TensorType, input: Tensor, mask: Tensor) -> Tensor:
    if mask.dtype != torch.bool:  # integers would select by index
        raise RuntimeError(f"`mask` of masked_select must hold torch.bool, not {mask.dtype}")
    shape = torch.broadcast_shapes(input.shape[:-1], mask.shape)
    return wrap(cls, input.expand(*shape, -1)[mask.expand(shape)])


@rule("shape", "gather")
def gather(
    cls: TensorType, input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False
) -> Tensor:
    line = as_line(input)
    places = _of_components(line, index)
    numbers = line.gather(axis(line, dim), places, sparse_grad=sparse_grad)
    return wrap(cls, numbers.view(*index.shape, input.shape[-1]))


@rule("shape", "take")
def take(cls: TensorType, input: Tensor, index: Tensor) -> Tensor:
    numbers = input.reshape(-1, input.shape[-1])[index.reshape(-1)]
    return wrap(cls, numbers.view(*index.shape, input.shape[-1]))


@rule("shape", "take_along_dim")
def take_along_dim(
    cls: TensorType, input: Tensor, indices: Tensor, dim: int | None = None
) -> Tensor:
    if dim is None:
        return take(cls, input, indices.reshape(-1))
    if indices.ndim != input.ndim - 1:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {input.ndim - 1} dimensions for input, and {indices.ndim} for indices"
        )
    return wrap(cls, input.take_along_dim(indices.unsqueeze(-1), axis(input, dim)))


# ---------------------------------------------------------------------- by a condition


@rule("shape", [torch.Tensor.where])
def where_method(cls: TensorType, input: Any, condition: Tensor, other: Any) -> Tensor:
    return where(cls, condition, input, other)


@rule("shape", [torch.where])
def where(cls: TensorType, condition: Tensor, input: Any = None, other: Any = None) -> Any:
    if input is None and other is None:  # the places of what is not zero
        return (condition != 0).any(-1).nonzero(as_tuple=True)
    like = input if is_typed(input) else other
    mask = condition.unsqueeze(-1)
    return wrap(cls, torch.where(mask, lift(cls, input, like), lift(cls, other, like)))


@rule("shape", "masked_fill")
def masked_fill(cls: TensorType, input: Tensor, mask: Tensor, value: Any) -> Tensor:
    like = input if is_typed(input) else value
    numbers = lift(cls, input, like)
    return wrap(cls, torch.where(mask.unsqueeze(-1), _single(cls, value, like), numbers))


in_place("shape", "masked_fill_", masked_fill)


@rule("shape", "copy_")
def copy_(cls: TensorType, input: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    only_numbers(cls, input)
    alias(input).copy_(lift(cls, src, input), non_blocking=non_blocking)
    return input


@rule("shape", "fill_")
def fill_(cls: TensorType, input: Tensor, value: Any) -> Tensor:
    only_numbers(cls, input)
    alias(input).copy_(_single(cls, value, input))
    return input


@rule("shape", "fill")
def fill(cls: TensorType, input: Tensor, value: Any) -> Tensor:
    return wrap(cls, input.clone().copy_(_single(cls, value, input)))


@rule("shape", "zero_")
def zero_(cls: TensorType, input: Tensor) -> Tensor:
    alias(input).zero_()
    return input


# ---------------------------------------------------------------------- into some places

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def writes(
    family: str, name: str
) -> Callable[[Callable[..., Arguments]], Callable[..., Arguments]]:
    """Register `f` and `f_` by the arguments with which torch's own work on the components."""

    def register(arguments: Callable[..., Arguments]) -> Callable[..., Arguments]:
        def returned(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
            numbers = lift(cls, input, input)
            line = as_line(numbers)
            positional, named = arguments(cls, line, *args, **kwargs)
            result = getattr(line, name)(*positional, **named)
            return wrap(cls, result[0] if numbers.ndim == 1 else result)

        def written(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
            only_numbers(cls, input)
            line = as_line(alias(input))
            positional, named = arguments(cls, line, *args, **kwargs)
            getattr(line, f"{name}_")(*positional, **named)
            return input

        rule(family, name)(returned)
        rule(family, f"{name}_")(written)
        return arguments

    return register


@writes("shape", "index_copy")
def index_copy(cls: TensorType, input: Tensor, dim: int, index: Tensor, source: Any) -> Arguments:
    return (axis(input, dim), index.reshape(-1), as_line(lift(cls, source, input))), {}


@writes("linear", "index_add")
def index_add(
    cls: TensorType, input: Tensor, dim: int, index: Tensor, source: Any, *, alpha: Any = 1
) -> Arguments:
    numbers = lift(cls, source, input)
    if is_typed(alpha) or isinstance(alpha, complex):
        numbers, alpha = scaled(cls, "alpha", alpha, numbers), 1
    return (axis(input, dim), index.reshape(-1), as_line(numbers)), {"alpha": alpha}


@writes("linear", "index_reduce")
def index_reduce(
    cls: TensorType,
    input: Tensor,
    dim: int,
    index: Tensor,
    source: Any,
    reduce: str,
    *,
    include_self: bool = True,
) -> Arguments:
    numbers = as_line(lift(cls, source, input))
    how = _reduction(cls, reduce, ("mean",))
    return (axis(input, dim), index.reshape(-1), numbers, how), {"include_self": include_self}


@writes("linear", "scatter_add")
def scatter_add(cls: TensorType, input: Tensor, dim: int, index: Tensor, src: Any) -> Arguments:
    numbers = as_line(lift(cls, src, input))
    return (axis(input, dim), _of_components(input, index), numbers), {}


@writes("linear", "scatter_reduce")
def scatter_reduce(
    cls: TensorType,
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Any,
    reduce: str,
    *,
    include_self: bool = True,
) -> Arguments:
    how = _reduction(cls, reduce, ("sum", "mean"))
    numbers = as_line(lift(cls, src, input))
    places = _of_components(input, index)
    return (axis(input, dim), places, numbers, how), {"include_self": include_self}


@writes("shape", "scatter")
def scatter(
    cls: TensorType,
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Any = None,
    *,
    value: Any = None,
    reduce: str | None = None,
) -> Arguments:
    places = _of_components(input, index)
    numbers = lift(cls, value if src is None else src, input)
    if src is None or not isinstance(src, Tensor) or (is_typed(src) and src.ndim == 1):
        numbers = numbers.expand(places.shape)
    if reduce is None:
        return (axis(input, dim), places, as_line(numbers)), {}
    how = _reduction(cls, reduce, ("add",))
    return (axis(input, dim), places, as_line(numbers)), {"reduce": how}


@rule("shape", "index_fill")
def index_fill(cls: TensorType, input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    numbers = lift(cls, input, input)
    line = as_line(numbers)
    where = axis(line, dim)
    shape = [-1 if d == where else 1 for d in range(line.ndim)]
    there = torch.zeros(line.shape[where], dtype=torch.bool, device=line.device)
    mask = there.index_fill(0, index, True).view(shape)
    return wrap(cls, torch.where(mask, _single(cls, value, input), line).view(numbers.shape))


in_place("shape", "index_fill_", index_fill)


@writes("shape", "index_put")
def index_put(
    cls: TensorType, input: Tensor, indices: Sequence[Any], values: Any, accumulate: bool = False
) -> Arguments:
    _index(input, tuple(indices))  # not too many
    return (tuple(indices), lift(cls, values, input), accumulate), {}


@writes("shape", "masked_scatter")
def masked_scatter(cls: TensorType, input: Tensor, mask: Tensor, source: Any) -> Arguments:
    return (mask.unsqueeze(-1), lift(cls, source, input)), {}


@rule("shape", "put")
def put(
    cls: TensorType, input: Tensor, index: Tensor, source: Any, accumulate: bool = False
) -> Tensor:
    numbers = lift(cls, source, input).reshape(-1, cls.width)
    if len(numbers) != index.numel():
        raise IndexError(
            f"put: `source` holds {len(numbers)} numbers, but `index` {index.numel()} places"
        )
    flat = lift(cls, input, input).reshape(-1, cls.width)
    changed = flat.index_put((index.reshape(-1),), numbers, accumulate)
    return wrap(cls, changed.view(*shape_of(input), cls.width))


in_place("shape", "put_", put)


@rule("shape", "select_scatter")
def select_scatter(cls: TensorType, input: Tensor, src: Any, dim: int, index: int) -> Tensor:
    numbers = lift(cls, input, input)
    return wrap(cls, numbers.select_scatter(lift(cls, src, input), axis(numbers, dim), index))


@rule("shape", "slice_scatter")
def slice_scatter(
    cls: TensorType,
    input: Tensor,
    src: Any,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Tensor:
    numbers = lift(cls, input, input)
    where = axis(numbers, dim)
    return wrap(cls, numbers.slice_scatter(lift(cls, src, input), where, start, end, step))


@rule("shape", "diagonal_scatter")
def diagonal_scatter(
    cls: TensorType, input: Tensor, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> Tensor:
    numbers, line = lift(cls, input, input), lift(cls, src, input).mT
    return wrap(
        cls, numbers.diagonal_scatter(line, offset, axis(numbers, dim1), axis(numbers, dim2))
    )


# ---------------------------------------------------------------------- helpers


def _single(cls: TensorType, value: Any, like: Tensor) -> Tensor:
    """The components of one number, of which there may be no axis, as torch has it."""
    if isinstance(value, Tensor) and shape_of(value):
        raise RuntimeError(f"`value` of shape {shape_of(value)} must be a single number")
    return lift(cls, value, like)


def _of_components(input: Tensor, index: Tensor) -> Tensor:
    """An index of numbers as one that takes every component along."""
    return as_line(index.unsqueeze(-1)).expand(*index.shape or (1,), input.shape[-1])


def _reduction(cls: TensorType, reduce: str, known: tuple[str, ...]) -> str:
    if reduce not in known:
        raise NotImplementedError(
            f"`reduce` (={reduce!r}) must be one of {known}: numbers of {cls.algebra} have no "
            "order, and products would depend on that of the factors"
        )
    return reduce


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
