"""Functions that multiply numbers, one by one and along an axis.

`q / r` is `q r⁻¹`; a real factor scales. Sums of products are in `contraction`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.door.calls import Typed, is_typed
from hypercomplex.door.registry import Rule, rule
from hypercomplex.door.values import TensorType, lift, lift_both, scale_of, shape_of, wrap
from hypercomplex.host.leaves import fresh
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering import is_commutative
from hypercomplex.rules.axes import axes, axis
from hypercomplex.rules.patterns import in_place


@rule("product", "mul multiply __mul__")
def mul(cls: TensorType, input: Any, other: Any) -> Tensor:
    if isinstance(input, Typed) and isinstance(other, Typed):  # of one algebra, as their product
        return fresh(cls, multiply(input, other, cls.algebra.product))
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


def _add_of(name: str, combine: Rule) -> None:
    """`addcmul`, `addcdiv`: `input + value · tensor1 tensor2`, or `tensor1 tensor2⁻¹`."""

    @rule("product", name)
    def combined(
        cls: TensorType, input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1
    ) -> Tensor:
        like = next(x for x in (input, tensor1, tensor2) if is_typed(x))
        first = tensor1 if is_typed(tensor1) else wrap(cls, lift(cls, tensor1, like))
        term = combine(cls, first, tensor2)
        return wrap(cls, lift(cls, input, like) + scaled(cls, "value", value, term))

    in_place("product", f"{name}_", combined)


_add_of("addcmul", mul)
_add_of("addcdiv", div)


def scaled(cls: TensorType, name: str, factor: Any, numbers: Tensor) -> Tensor:
    """The numbers times an argument such as `alpha`, which stands on no side, so must commute."""
    if is_typed(factor) and commute(cls):
        return functional.product(factor, numbers, cls.algebra)
    if is_typed(factor) or isinstance(factor, complex):
        raise NotImplementedError(
            f"`{name}` (={factor}) must be real: on which side a factor of {cls.algebra} would "
            "stand is not said; multiply an operand by it"
        )
    return factor * numbers


def commute(cls: TensorType) -> bool:
    """Whether numbers of a type commute, and are of that type again when they are multiplied."""
    return cls.places is None and is_commutative(cls.algebra)


@rule("product", "linalg.cross")
def linalg_cross(cls: TensorType, input: Any, other: Any, *, dim: int = -1) -> Tensor:
    """One vector may be real; numbers on both sides must commute."""
    if is_typed(input) and is_typed(other) and not commute(cls):
        raise NotImplementedError(
            f"cross is refused for {cls.__name__}: of numbers that do not commute it would not be "
            "antisymmetric; take the cross product of q.imag, or (q * r - r * q) / 2, its like for "
            "numbers"
        )
    a, b = lift_both(cls, input, other)
    if a.ndim != b.ndim or {a.shape[axis(a, dim)], b.shape[axis(b, dim)]} != {3}:
        raise RuntimeError(
            f"cross expects as many axes and 3 numbers on axis {dim}, but got shapes "
            f"{shape_of(input)} and {shape_of(other)}"
        )
    d = axis(a, dim)
    there = functional.product(a.roll(-1, d), b.roll(1, d), cls.algebra)
    return wrap(cls, there - functional.product(a.roll(1, d), b.roll(-1, d), cls.algebra))


@rule("product", "cross")
def cross(cls: TensorType, input: Any, other: Any, dim: int | None = None) -> Tensor:
    """Along the first axis of three numbers, if none is named."""
    if dim is None:
        dim = next((d for d, size in enumerate(shape_of(input)) if size == 3), -1)
    return linalg_cross(cls, input, other, dim=dim)


# ---------------------------------------------------------------------- along an axis


@rule("product", "prod")
def prod(
    cls: TensorType,
    input: Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    dtype: torch.dtype | None = None,
) -> Tensor:
    x = input.to(dtype or input.dtype)
    dims = axes(x, dim)
    if not dims:
        return wrap(cls, x.clone())
    return wrap(cls, functional.prod(x, cls.algebra, None if dim is None else dims[0], keepdim))


@rule("product", "cumprod")
def cumprod(
    cls: TensorType, input: Tensor, dim: int, *, dtype: torch.dtype | None = None
) -> Tensor:
    x = input.to(dtype or input.dtype)
    dims = axes(x, dim)
    return wrap(cls, functional.cumprod(x, dims[0], cls.algebra) if dims else x.clone())


in_place("product", "cumprod_", cumprod)


@rule("product", "linalg.vander")
def vander(cls: TensorType, x: Tensor, *, N: int | None = None) -> Tensor:
    return wrap(cls, functional.vander(x, cls.algebra, N))


@rule("product", "vander")
def falling_vander(
    cls: TensorType, x: Tensor, N: int | None = None, increasing: bool = False
) -> Tensor:
    if x.ndim != 2:
        raise RuntimeError(f"vander: `x` must be a vector of numbers, not of {x.ndim - 1} axes")
    powers = functional.vander(x, cls.algebra, N)
    return wrap(cls, powers if increasing else powers.flip(-2))
