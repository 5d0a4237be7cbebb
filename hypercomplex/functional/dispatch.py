"""Makes a function of plain tensors overridable, by torch's own protocol.

A typed tensor among the arguments is asked what the function means for it, exactly as it is asked
about `torch.add`; what it has no rule for, it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from torch.overrides import has_torch_function

__all__ = ["overridable"]

P = ParamSpec("P")
R = TypeVar("R")


def overridable(function: Callable[P, R]) -> Callable[P, R]:
    """Hand calls with a typed tensor among the arguments to its `__torch_function__`."""

    @wraps(function)
    def public(*args: P.args, **kwargs: P.kwargs) -> R:
        arguments = (*args, *kwargs.values())
        if has_torch_function(arguments):
            types = tuple(type(a) for a in arguments if has_torch_function((a,)))
            result: R = types[0].__torch_function__(public, types, args, kwargs)  # type: ignore[attr-defined]
            return result
        return function(*args, **kwargs)

    return public
