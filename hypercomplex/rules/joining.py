"""Functions that put tensors of numbers together, or take one apart.

Real tensors among them are numbers without imaginary part.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, lift, wrap
from hypercomplex.host.leaves import fresh
from hypercomplex.rules.axes import axis

# ---------------------------------------------------------------------- together


@rule("shape", "cat concat concatenate")
def cat(cls: TensorType, tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    parts = _all(cls, tensors)
    if any(part.ndim == 1 for part in parts):
        raise RuntimeError("zero-dimensional tensors of numbers cannot be concatenated; use stack")
    return wrap(cls, _joined(parts, dim))


@rule("shape", "stack")
def stack(cls: TensorType, tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    parts = _all(cls, tensors)
    return wrap(cls, torch.stack(parts, axis(parts[0], dim, extra=1)))


@rule("shape", "hstack")
def hstack(cls: TensorType, tensors: Sequence[Tensor]) -> Tensor:
    parts = [_with_axes(1, x) for x in _all(cls, tensors)]
    return wrap(cls, _joined(parts, 0 if parts[0].ndim == 2 else 1))


@rule("shape", "vstack row_stack")
def vstack(cls: TensorType, tensors: Sequence[Tensor]) -> Tensor:
    return wrap(cls, torch.cat([_with_axes(2, x) for x in _all(cls, tensors)], 0))


@rule("shape", "dstack")
def dstack(cls: TensorType, tensors: Sequence[Tensor]) -> Tensor:
    return wrap(cls, torch.cat([_with_axes(3, x) for x in _all(cls, tensors)], 2))


@rule("shape", "column_stack")
def column_stack(cls: TensorType, tensors: Sequence[Tensor]) -> Tensor:
    parts = [x if x.ndim > 2 else x.reshape(-1, 1, x.shape[-1]) for x in _all(cls, tensors)]
    return wrap(cls, torch.cat(parts, 1))


@rule("shape", "block_diag functional.block_diag")
def block_diag(cls: TensorType, *tensors: Any) -> Tensor:
    parts = [x.movedim(-1, 0).unbind(0) for x in _all(cls, _given(tensors))]
    return wrap(
        cls, torch.stack([torch.block_diag(*each) for each in zip(*parts, strict=True)], -1)
    )


# ---------------------------------------------------------------------- side by side


def _with_axes_of_each(count: int) -> Callable[..., Any]:
    def atleast(cls: TensorType, *tensors: Any) -> Any:
        results = tuple(
            wrap(cls, _with_axes(count, x)) if is_typed(x) else _PLAIN[count](x)
            for x in _given(tensors)
        )
        return results[0] if len(tensors) == 1 and isinstance(tensors[0], Tensor) else results

    return atleast


_PLAIN: dict[int, Any] = {1: torch.atleast_1d, 2: torch.atleast_2d, 3: torch.atleast_3d}
for _count in _PLAIN:
    _name = f"atleast_{_count}d"
    rule("shape", f"{_name} functional.{_name} _VF.{_name}")(_with_axes_of_each(_count))


@rule("shape", "broadcast_tensors functional.broadcast_tensors")
def broadcast_tensors(cls: TensorType, *tensors: Any) -> tuple[Tensor, ...]:
    given = _given(tensors)
    shape = torch.broadcast_shapes(*[x.shape[: x.ndim - is_typed(x)] for x in given])
    return tuple(wrap(cls, x.expand(*shape, -1)) if is_typed(x) else x.expand(shape) for x in given)


@rule("shape", "meshgrid functional.meshgrid _VF.meshgrid")
def meshgrid(cls: TensorType, *tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f"`indexing` (={indexing!r}) must be 'ij' or 'xy'")
    parts = [x.reshape(-1, x.shape[-1]) for x in _all(cls, _given(tensors), at_most=1)]
    count, order = len(parts), list(range(len(parts)))
    if indexing == "xy" and count > 1:
        order[:2] = 1, 0
    shape = [len(parts[i]) for i in order]
    lines = [
        x.view(*[-1 if i == order[j] else 1 for i in range(count)], x.shape[-1])
        for j, x in enumerate(parts)
    ]
    return tuple(wrap(cls, line.expand(*shape, -1)) for line in lines)


@rule("shape", "cartesian_prod functional.cartesian_prod")
def cartesian_prod(cls: TensorType, *tensors: Any) -> Tensor:
    parts = _all(cls, _given(tensors), at_most=1, at_least=1)
    if len(parts) == 1:
        return wrap(cls, parts[0])
    grids = meshgrid(cls, *[wrap(cls, part) for part in parts], indexing="ij")
    return wrap(cls, torch.stack(grids, -2).flatten(0, -3))


@rule("shape", "combinations")
def combinations(
    cls: TensorType, input: Tensor, r: int = 2, with_replacement: bool = False
) -> Tensor:
    (line,) = _all(cls, [input], at_most=1, at_least=1)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = list(choose(range(len(line)), r))
    index = torch.tensor(places, dtype=torch.long, device=line.device).reshape(len(places), r)
    return wrap(cls, line[index])


# ---------------------------------------------------------------------- apart


@rule("shape", "unbind")
def unbind(cls: TensorType, input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    return _each(cls, input.unbind(axis(input, dim)))


@rule("shape", "split unsafe_split")
def split(
    cls: TensorType, input: Tensor, split_size_or_sections: Any, dim: int = 0
) -> tuple[Tensor, ...]:
    return _each(cls, input.split(split_size_or_sections, _axis_to_split(input, dim)))


@rule("shape", "split_with_sizes unsafe_split_with_sizes")
def split_with_sizes(
    cls: TensorType, input: Tensor, split_sizes: Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    return _each(cls, input.split_with_sizes(split_sizes, _axis_to_split(input, dim)))


@rule("shape", "chunk unsafe_chunk")
def chunk(cls: TensorType, input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    return _each(cls, input.chunk(chunks, _axis_to_split(input, dim)))


@rule("shape", "tensor_split")
def tensor_split(
    cls: TensorType, input: Tensor, indices_or_sections: Any = None, dim: int = 0, **named: Any
) -> tuple[Tensor, ...]:
    where = _places(indices_or_sections, named)
    return _each(cls, input.tensor_split(where, _axis_to_split(input, dim)))


def _split_along(name: str, dim: Callable[[int], int], least: int) -> None:
    """`hsplit`, `vsplit`, `dsplit`: an axis of their own, and equal sections."""

    @rule("shape", name)
    def split_evenly(
        cls: TensorType, input: Tensor, *indices_or_sections: Any, **named: Any
    ) -> tuple[Tensor, ...]:
        if input.ndim - 1 < least:
            raise RuntimeError(
                f"{name} expects at least {least} axes of numbers, but got {input.ndim - 1}"
            )
        given = indices_or_sections
        where = _places(given[0] if len(given) == 1 else given or None, named)
        size = input.shape[dim(input.ndim - 1)]
        if isinstance(where, int) and (where == 0 or size % where):
            raise RuntimeError(f"{name}: {size} numbers cannot be split into {where} equal parts")
        return tensor_split(cls, input, where, dim(input.ndim - 1))


_split_along("hsplit", lambda ndim: min(1, ndim - 1), 1)
_split_along("vsplit", lambda ndim: 0, 2)
_split_along("dsplit", lambda ndim: 2, 3)


# ---------------------------------------------------------------------- helpers


def _given(tensors: tuple[Any, ...]) -> Sequence[Any]:
    """`f(a, b)` and `f([a, b])` alike."""
    return tensors if len(tensors) != 1 or isinstance(tensors[0], Tensor) else tensors[0]


def _all(
    cls: TensorType, tensors: Sequence[Any], at_least: int = 0, at_most: int | None = None
) -> list[Tensor]:
    """The components of all tensors, of which one at least is typed."""
    like = next(t for t in tensors if is_typed(t))
    parts = [lift(cls, t, like) for t in tensors]
    for part in parts:
        if part.ndim - 1 < at_least or (at_most is not None and part.ndim - 1 > at_most):
            raise RuntimeError(
                f"expected tensors of at most one axis of numbers, but got the shape "
                f"{tuple(part.shape[:-1])}"
                if at_least < 1
                else f"expected a vector of numbers, but got the shape {tuple(part.shape[:-1])}"
            )
    return parts


def _joined(parts: Sequence[Tensor], dim: int) -> Tensor:
    """One after another; as in torch, a vector of no numbers goes with every shape."""
    held = [part for part in parts if part.ndim != 2 or len(part)]
    if not held:
        return torch.cat(list(parts))
    nothing = [part.flatten() for part in parts if part.ndim == 2 and not len(part)]
    return torch.cat([*nothing, *held], axis(held[0], dim))


def _with_axes(count: int, x: Tensor) -> Tensor:
    """With axes of one number, where `atleast_3d` and its kin put them."""
    if x.ndim - 1 >= count:
        return x
    if x.ndim == 1:
        return x.view(*[1] * count, -1)
    if x.ndim == 2:
        return x.unsqueeze(0) if count == 2 else x.unsqueeze(0).unsqueeze(2)
    return x.unsqueeze(2)


def _each(cls: TensorType, parts: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Parts of a typed tensor, which have its width and its type."""
    return tuple([fresh(cls, part) for part in parts])


def _axis_to_split(input: Tensor, dim: int) -> int:
    if input.ndim == 1:
        raise RuntimeError("split expects at least one axis of numbers, but got a single number")
    return axis(input, dim)


def _places(given: Any, named: dict[str, Any]) -> Any:
    """Where to split: torch calls it `indices_or_sections`, `indices` or `sections`."""
    for name in ("indices_or_sections", "indices", "sections"):
        given = named.pop(name, given)
    if named or given is None:
        raise TypeError(f"unexpected keyword argument {next(iter(named), None)!r}")
    return given
