"""Constant tensors of an algebra, made once for each dtype and device.

Only ordinary tensors are kept: never what a tracer or a fake mode makes, and never one that belongs
to inference mode, since autograd could not save it later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra

__all__ = ["constant", "is_ordinary"]

Values = Callable[..., Any]

_constants: dict[tuple[Any, ...], Tensor] = {}


def constant(values: Values, algebra: Algebra, like: Tensor, *options: Any) -> Tensor:
    """The tensor of `values(algebra, *options)`, nested lists of numbers, beside `like`."""
    if torch.compiler.is_compiling() or not is_ordinary(like):
        return _make(values, algebra, like, options)
    key = (values, algebra, options, like.dtype, like.device)
    known = _constants.get(key)
    if known is None:
        with torch.inference_mode(False):
            known = _make(values, algebra, like, options)
        if is_ordinary(known) and not torch._C._functorch.is_functorch_wrapped_tensor(known):
            _constants[key] = known
    return known


def is_ordinary(x: Tensor) -> bool:
    """Whether no Python code stands in for the tensor, as it does for a fake one."""
    return type(x).__torch_dispatch__ is Tensor.__torch_dispatch__


def _make(values: Values, algebra: Algebra, like: Tensor, options: tuple[Any, ...]) -> Tensor:
    return torch.tensor(values(algebra, *options), dtype=like.dtype, device=like.device)
