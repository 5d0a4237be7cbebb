"""Functions that multiply numbers.

`q / r` is `q r⁻¹`; a real factor scales.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from hypercomplex import functional
from hypercomplex.rules.registry import TensorType, in_place, is_typed, lift, rule, scale_of, wrap


@rule("product", "mul multiply __mul__")
def mul(cls: TensorType, input: Any, other: Any) -> Tensor:
    if is_typed(input) and is_typed(other):
        return wrap(cls, functional.product(input, other, cls.algebra))
    number, factor = (input, other) if is_typed(input) else (other, input)
    return wrap(cls, number * scale_of(cls, factor, number))


@rule("product", "__rmul__")
def rmul(cls: TensorType, input: Tensor, other: Any) -> Tensor:
    return mul(cls, other, input)


@rule("product", "square")
def square(cls: TensorType, input: Tensor) -> Tensor:
    return mul(cls, input, input)


@rule("product", "div divide true_divide __truediv__ __div__")
def div(cls: TensorType, input: Any, other: Any, *, rounding_mode: None = None) -> Tensor:
    if rounding_mode is not None:
        raise TypeError(
            f"`rounding_mode` (={rounding_mode!r}): numbers of {cls.algebra} are not rounded; "
            "round q.components"
        )
    if not is_typed(other):
        return wrap(cls, input / scale_of(cls, other, input))
    numerator = input if is_typed(input) else lift(cls, input, other)
    return wrap(cls, functional.divide(numerator, other, cls.algebra))


@rule("product", "__rtruediv__")
def rdiv(cls: TensorType, input: Tensor, other: Any) -> Tensor:
    return div(cls, other, input)


in_place("product", "mul_ multiply_ __imul__", mul)
in_place("product", "square_", square)
in_place("product", "div_ divide_ true_divide_ __itruediv__", div)


@rule("product", "matmul __matmul__ linalg.matmul")
def matmul(cls: TensorType, input: Any, other: Any) -> Tensor:
    if is_typed(input) and is_typed(other):
        return wrap(cls, functional.matmul(input, other, cls.algebra))
    if is_typed(input):
        return wrap(cls, functional.matmul_real(input, other))
    return wrap(cls, functional.real_matmul(input, other))


@rule("product", "__rmatmul__")
def rmatmul(cls: TensorType, input: Tensor, other: Any) -> Tensor:
    return matmul(cls, other, input)


def _matmul_of(name: str, left: int, right: int) -> None:
    """`mm`, `bmm` …: `matmul` for one combination of ranks."""

    @rule("product", name)
    def strict_matmul(cls: TensorType, input: Any, other: Any) -> Tensor:
        ranks = tuple(x.ndim - is_typed(x) for x in (input, other))
        if ranks != (left, right):
            raise RuntimeError(
                f"{name} expects tensors with {left} and {right} axes, but got {ranks[0]} and "
                f"{ranks[1]}; matmul takes any"
            )
        return matmul(cls, input, other)


_matmul_of("mm", 2, 2)
_matmul_of("bmm", 3, 3)
_matmul_of("mv", 2, 1)
_matmul_of("dot", 1, 1)
