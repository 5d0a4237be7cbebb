"""Functions of one number that the algebra defines: exp, log, sin, powers, and the polar form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import (
    TensorType,
    alias,
    lift,
    lift_both,
    only_numbers,
    refuse_complex,
    wrap,
)
from hypercomplex.functional import logsums
from hypercomplex.lowering import in_adapted_basis, refuse_basis
from hypercomplex.rules.axes import along, axes
from hypercomplex.rules.patterns import in_place
from hypercomplex.rules.product import mul

NAMES = {
    "exp": "exp",
    "exp2": "exp2 special.exp2",
    "expm1": "expm1 special.expm1",
    "log": "log",
    "log2": "log2",
    "log10": "log10",
    "log1p": "log1p special.log1p",
    "sqrt": "sqrt",
    "rsqrt": "rsqrt",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "asin": "asin arcsin",
    "acos": "acos arccos",
    "atan": "atan arctan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "asinh": "asinh arcsinh",
    "acosh": "acosh arccosh",
    "atanh": "atanh arctanh",
    "sigmoid": "sigmoid special.expit",
    "sinc": "sinc special.sinc",
}


def _of_numbers(function: Callable[..., Tensor], names: str) -> None:
    """A function of the algebra under its names in torch, in place too."""

    @rule("analytic", names)
    def apply(cls: TensorType, input: Tensor) -> Tensor:
        return wrap(cls, function(input, cls.algebra))

    in_place("analytic", " ".join(f"{n}_" for n in names.split() if "." not in n), apply)


for _function, _names in NAMES.items():
    _of_numbers(getattr(functional, _function), _names)

# ---------------------------------------------------------------------- powers


@rule("analytic", "pow __pow__")
def pow(cls: TensorType, input: Any, exponent: Any) -> Tensor:
    if not is_typed(exponent):
        return wrap(cls, functional.real_power(input, real_exponent(cls, exponent), cls.algebra))
    base = lift(cls, input, exponent)
    return wrap(cls, functional.power(base, lift(cls, exponent, base), cls.algebra))


@rule("analytic", "__rpow__")
def rpow(cls: TensorType, input: Tensor, other: Any) -> Tensor:
    return pow(cls, other, input)


@rule("analytic", "float_power")
def float_power(cls: TensorType, input: Any, exponent: Any) -> Tensor:
    if is_typed(input):
        return pow(cls, input.double().as_subclass(cls), exponent)
    return pow(cls, input, exponent.double().as_subclass(cls))


@rule("analytic", "float_power_")
def float_power_(cls: TensorType, input: Tensor, exponent: Any) -> Tensor:
    only_numbers(cls, input)
    if input.dtype != torch.float64:
        raise RuntimeError(f"float_power_ gives torch.float64, which {input.dtype} does not hold")
    alias(input).copy_(pow(cls, input, exponent))
    return input


in_place("analytic", "pow_ __ipow__", pow)


def real_exponent(cls: TensorType, exponent: Any) -> Any:
    refuse_complex(cls, exponent)
    if not isinstance(exponent, (Tensor, Real)):
        raise TypeError(
            f"`exponent` (={exponent!r}) must be a real number, a real tensor or a "
            f"{cls.__name__}, not {type(exponent).__name__}"
        )
    return exponent


@rule("analytic", "ldexp")
def ldexp(cls: TensorType, input: Any, other: Any) -> Tensor:
    """The number times a power of 2, from the right."""
    factor = pow(cls, 2.0, other) if is_typed(other) else torch.pow(2.0, other)
    return mul(cls, input, factor)


in_place("analytic", "ldexp_", ldexp)

# ---------------------------------------------------------------------- sums of exponentials


@rule("analytic", "logsumexp special.logsumexp")
def logsumexp(
    cls: TensorType, input: Tensor, dim: int | Sequence[int], keepdim: bool = False
) -> Tensor:
    dims = axes(input, dim)
    return wrap(cls, _adapted(lambda x, A: logsums.logsumexp(x, dims, keepdim, A), cls, input))


@rule("analytic", "logaddexp")
def logaddexp(cls: TensorType, input: Any, other: Any) -> Tensor:
    return wrap(cls, _adapted(logsums.logaddexp, cls, *lift_both(cls, input, other)))


@rule("analytic", "logcumsumexp")
def logcumsumexp(cls: TensorType, input: Tensor, dim: int) -> Tensor:
    def cumulated(x: Tensor, d: int) -> Tensor:
        return _adapted(lambda x, A: logsums.logcumsumexp(x, d, A), cls, x)

    return wrap(cls, along(input, dim, cumulated))


def _adapted(function: Callable[..., Tensor], cls: TensorType, *numbers: Tensor) -> Tensor:
    if cls.algebra.is_adapted:
        return function(*numbers, cls.algebra)
    return in_adapted_basis(function, cls.algebra, *numbers)


# ---------------------------------------------------------------------- activations


@rule("analytic", "nn.functional.silu")
def silu(cls: TensorType, input: Tensor, inplace: bool = False) -> Tensor:
    gated = functional.product(input, functional.sigmoid(input, cls.algebra), cls.algebra)
    if not inplace:
        return wrap(cls, gated)
    alias(input).copy_(gated)
    return input


@rule("analytic", "nn.functional.tanhshrink")
def tanhshrink(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, input - functional.tanh(input, cls.algebra))


@rule("analytic", "nn.functional.softsign")
def softsign(cls: TensorType, input: Tensor) -> Tensor:
    """Its length is that of torch's, and it keeps the direction."""
    return wrap(cls, input / (1 + functional.norm(input)).unsqueeze(-1))


# ---------------------------------------------------------------------- polar form


@rule("analytic", "angle")
def angle(cls: TensorType, input: Tensor) -> Tensor:
    refuse_basis(cls.algebra, "angle")
    return functional.angle(input)
