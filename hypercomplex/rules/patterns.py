"""Rules that many functions of torch share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.registry import Rule, add, spellings
from hypercomplex.door.values import TensorType, alias, only_numbers, wrap

__all__ = ["answers", "in_place", "on_components"]


def on_components(family: str, names: str) -> None:
    """Register functions that do to numbers what they do to components: call, then wrap."""
    for target in spellings(names):

        def apply(
            cls: TensorType, *args: Any, _call: Callable[..., Any] = target, **kwargs: Any
        ) -> Any:
            return wrap(cls, _call(*args, **kwargs))

        add(family, target, apply)


def answers(family: str, names: str) -> None:
    """Register functions whose plain answer about the components is the answer."""
    for target in spellings(names):

        def apply(
            cls: TensorType, *args: Any, _call: Callable[..., Any] = target, **kwargs: Any
        ) -> Any:
            return _call(*args, **kwargs)

        add(family, target, apply)


def in_place(family: str, names: str, out_of_place: Rule) -> None:
    """Register `x.f_()` and `x f= y` as `x.copy_(f(x, y))`."""
    derivative_needs_input = family not in ("shape", "linear")

    def assign(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        only_numbers(cls, input)
        keep = derivative_needs_input and _recorded(input, *args, *kwargs.values())
        before = wrap(cls, input.clone()) if keep else input
        alias(input).copy_(out_of_place(cls, before, *args, **kwargs))
        return input

    for target in spellings(names):
        add(family, target, assign)


def _recorded(*values: Any) -> bool:
    """Whether autograd will want to differentiate a function of these."""
    return torch.is_grad_enabled() and any(x.requires_grad for x in values if isinstance(x, Tensor))
