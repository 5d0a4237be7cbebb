"""New tensors of numbers like a given one.

Normal numbers are torch's complex ones for any algebra: their components are independent with
variance 1/n, so that |q|² is 1 on average.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, lift, only_numbers, wrap
from hypercomplex.host.leaves import leaf
from hypercomplex.rules.axes import in_order, sizes


@rule("metadata", "empty_like")
def empty_like(
    cls: TensorType, input: Tensor, *, requires_grad: bool = False, **kwargs: Any
) -> Tensor:
    return _new(cls, _like(torch.empty_like, input, kwargs), requires_grad)


@rule("metadata", "zeros_like")
def zeros_like(
    cls: TensorType, input: Tensor, *, requires_grad: bool = False, **kwargs: Any
) -> Tensor:
    return _new(cls, _like(torch.zeros_like, input, kwargs), requires_grad)


@rule("metadata", "full_like")
def full_like(
    cls: TensorType, input: Tensor, fill_value: Any, *, requires_grad: bool = False, **kwargs: Any
) -> Tensor:
    numbers = _like(torch.zeros_like, input, kwargs)
    numbers.copy_(lift(cls, fill_value, numbers))
    return _new(cls, numbers, requires_grad)


@rule("metadata", "ones_like")
def ones_like(cls: TensorType, input: Tensor, **kwargs: Any) -> Tensor:
    return full_like(cls, input, 1, **kwargs)


@rule("metadata", "randn_like")
def randn_like(
    cls: TensorType, input: Tensor, *, requires_grad: bool = False, **kwargs: Any
) -> Tensor:
    numbers = _like(torch.randn_like, input, kwargs) / math.sqrt(cls.width)
    return _new(cls, numbers, requires_grad)


@rule("metadata", "normal_")
def normal_(
    cls: TensorType, input: Tensor, mean: Any = 0, std: float = 1, *, generator: Any = None
) -> Tensor:
    only_numbers(cls, input)
    numbers = alias(input)
    numbers.normal_(0, std / math.sqrt(cls.width), generator=generator)
    numbers.add_(lift(cls, mean, input))
    return input


@rule("metadata", "new_empty")
def new_empty(
    cls: TensorType, input: Tensor, *size: Any, requires_grad: bool = False, **kwargs: Any
) -> Tensor:
    shape = _with_components(input, size, kwargs)
    return _new(cls, input.new_empty(shape, **kwargs), requires_grad)


@rule("metadata", "new_zeros")
def new_zeros(
    cls: TensorType, input: Tensor, *size: Any, requires_grad: bool = False, **kwargs: Any
) -> Tensor:
    shape = _with_components(input, size, kwargs)
    return _new(cls, input.new_zeros(shape, **kwargs), requires_grad)


@rule("metadata", "new_ones")
def new_ones(
    cls: TensorType, input: Tensor, *size: Any, requires_grad: bool = False, **kwargs: Any
) -> Tensor:
    return full_like(cls, new_zeros(cls, input, *size, **kwargs), 1, requires_grad=requires_grad)


@rule("metadata", "new_full")
def new_full(
    cls: TensorType,
    input: Tensor,
    size: Any,
    fill_value: Any,
    *,
    requires_grad: bool = False,
    **kwargs: Any,
) -> Tensor:
    zeros = new_zeros(cls, input, size, **kwargs)
    return full_like(cls, zeros, fill_value, requires_grad=requires_grad)


@rule("metadata", "new_tensor")
def new_tensor(
    cls: TensorType, input: Tensor, data: Any, *, requires_grad: bool = False, **kwargs: Any
) -> Tensor:
    return _new(cls, input.new_tensor(data, **kwargs), requires_grad)


def _with_components(input: Tensor, size: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The sizes, taken out of the keywords if they are there, and the components."""
    named = {"size": kwargs.pop("size")} if "size" in kwargs else {}
    return (*sizes(size, named), input.shape[-1])


def _like(function: Callable[..., Tensor], input: Tensor, options: dict[str, Any]) -> Tensor:
    order = options.pop("memory_format", torch.preserve_format)
    return in_order(order, function, input, **options)


def _new(cls: TensorType, components: Tensor, requires_grad: bool) -> Tensor:
    if not requires_grad:
        return wrap(cls, components)
    return leaf(cls, components).requires_grad_()
