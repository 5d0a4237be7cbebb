"""Recurrent networks of numbers: fold the input and the states, run, unfold what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, wrap
from hypercomplex.lowering import fold, unfold
from hypercomplex.rules.layers import check_algebra

States = tuple[Tensor, ...]


def _two_states(function: Callable[..., States]) -> None:
    @rule("layers", [function])
    def apply(
        cls: TensorType, input: Tensor, h: Any, c: Any, *args: Any, algebra: Algebra, **kwargs: Any
    ) -> States:
        check_algebra(cls, algebra)
        x, h, c = _fold_all(cls, (input, h, c))
        return _unfold_all(cls, function(x, h, c, *args, algebra=algebra, **kwargs))


def _one_state(function: Callable[..., States]) -> None:
    @rule("layers", [function])
    def apply(
        cls: TensorType, input: Tensor, h: Any, *args: Any, algebra: Algebra, **kwargs: Any
    ) -> States:
        check_algebra(cls, algebra)
        x, h = _fold_all(cls, (input, h))
        return _unfold_all(cls, function(x, h, *args, algebra=algebra, **kwargs))


_two_states(functional.recurrent)
_two_states(functional.recurrent_cell)
_one_state(functional.ligru)
_one_state(functional.ligru_cell)


def _fold_all(cls: TensorType, numbers: tuple[Tensor | None, ...]) -> list[Tensor | None]:
    if not all(x is None or is_typed(x) for x in numbers):
        raise TypeError(
            "the input and the states must all be typed, or all be folded plain tensors, but "
            f"are {', '.join(type(x).__name__ for x in numbers if x is not None)}; "
            f"make them {cls.__name__}, or fold them"
        )
    return [None if x is None else _fold(x) for x in numbers]


def _fold(x: Tensor) -> Tensor:
    if x.ndim < 2:
        raise ValueError("`input` and states need an axis of numbers, but one is a single number")
    return fold(x, x.ndim - 2)


def _unfold_all(cls: TensorType, outputs: States) -> States:
    return tuple(wrap(cls, unfold(x, x.ndim - 1, cls.algebra.dimension)) for x in outputs)
