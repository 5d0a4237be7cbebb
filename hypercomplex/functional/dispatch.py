"""Makes a function of plain tensors overridable, by torch's own protocol.

A typed tensor among the arguments is asked what the function means for it, exactly as it is asked
about `torch.add`; what it has no rule for, it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import torch

from hypercomplex.algebra import Algebra

__all__ = ["is_typed", "overridable"]

P = ParamSpec("P")
R = TypeVar("R")


def is_typed(x: Any) -> bool:
    """Whether x is a hypercomplex tensor: its type has an algebra."""
    return isinstance(getattr(type(x), "algebra", None), Algebra)


def overridable(function: Callable[P, R]) -> Callable[P, R]:
    """Hand calls with a typed tensor among the arguments to its `__torch_function__`."""

    @wraps(function)
    def public(*args: P.args, **kwargs: P.kwargs) -> R:
        types: tuple[Any, ...] = tuple(type(a) for a in (*args, *kwargs.values()) if is_typed(a))
        if types and torch._C._is_torch_function_enabled():
            result: R = types[0].__torch_function__(public, types, args, kwargs)
            return result
        return function(*args, **kwargs)

    return public
