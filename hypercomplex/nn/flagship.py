"""Layers over one algebra: `QuaternionLinear` is `Linear` with the algebra fixed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from torch import nn

from hypercomplex.algebra import Algebra

__all__ = ["over"]


def over(algebra: Algebra, init: Callable[..., None]) -> Callable[..., None]:
    """The constructor of a flagship layer: that of the general one, with the algebra fixed."""

    @wraps(init)
    def constructor(self: nn.Module, *args: Any, **kwargs: Any) -> None:
        if "algebra" in kwargs:
            raise TypeError(
                f"`algebra` (={kwargs['algebra']}): {type(self).__name__} is over {algebra}; "
                f"use {type(self).__mro__[1].__name__} for another algebra"
            )
        init(self, *args, algebra=algebra, **kwargs)

    return constructor
