"""What people have instead of tensors: arrays of any kind, nested lists, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from numbers import Number
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.functional.arguments import shown

__all__ = ["as_tensor", "has_dtype"]


def as_tensor(
    data: Any, dtype: torch.dtype | None = None, device: torch.device | str | None = None
) -> Tensor:
    """`torch.as_tensor` of more: arrays that run backwards, that may not be written to, that hold
    objects or bytes in another order; and lists that hold tensors, whose gradients are kept.
    """
    if isinstance(data, Tensor):
        return torch.as_tensor(data, dtype=dtype, device=device)
    if hasattr(data, "__array__"):
        data = _readable(np.asarray(data))
    return (_stack if _holds_tensors(data) else torch.as_tensor)(data, dtype=dtype, device=device)


def has_dtype(data: Any) -> bool:
    """Whether data says its own type, as arrays, tensors and lists of tensors do."""
    return hasattr(data, "__array__") or _holds_tensors(data)


def _readable(array: np.ndarray) -> Any:
    """An array that torch can share, a copy of it, or the lists of its tensors."""
    if array.dtype == object:
        objects = array.tolist()
        if _holds_tensors(objects):
            return objects
        array = np.array(objects)
        if array.dtype != object:
            return array
        if not all(isinstance(x, Number) for x in array.flat):  # NumPy would take None for NaN
            raise TypeError(f"an array of numpy.object_ must hold numbers, not {shown(objects)}")
        return array.astype(np.float64)
    array = np.asarray(array, dtype=array.dtype.newbyteorder("="))
    if array.dtype == np.longdouble:  # torch has nothing so precise
        return array.astype(np.float64)
    backwards = any(stride < 0 for stride in array.strides)
    return array.copy() if backwards or not array.flags.writeable else array


def _holds_tensors(data: Any) -> bool:
    if not isinstance(data, (list, tuple)):
        return isinstance(data, Tensor)
    return any(_holds_tensors(x) for x in data)


def _leaves(data: Any) -> Iterator[Any]:
    if not isinstance(data, (list, tuple)):
        yield data
        return
    for x in data:
        yield from _leaves(x)


def _stack(data: Any, *, dtype: Any, device: Any) -> Tensor:
    """Nested lists with tensors among the numbers, in the type that torch would give their sum."""
    leaves = list(_leaves(data))
    tensors = [x for x in leaves if isinstance(x, Tensor)]
    if any(map(is_typed, tensors)):
        raise TypeError("a list of typed tensors")
    if dtype is None:
        dtype = reduce(torch.promote_types, [x.dtype for x in tensors])
        floating = any(isinstance(x, (float, np.floating)) for x in leaves)
        if floating and not dtype.is_floating_point:
            dtype = torch.get_default_dtype()
    device = tensors[0].device if device is None else device

    def stack(x: Any) -> Tensor:
        if isinstance(x, (list, tuple)):
            return torch.stack([stack(part) for part in x])
        return as_tensor(x, dtype, device)

    return stack(data)
