"""Inverses, quotients and powers."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.door.values import TensorType, alias
from hypercomplex.geometric.by_grade.functions import by_all_components
from hypercomplex.geometric.by_grade.parts import with_signs
from hypercomplex.geometric.by_grade.patterns import graded, in_place, rule
from hypercomplex.geometric.by_grade.products import mul, multiplied
from hypercomplex.geometric.multivector import MultivectorTensor, kind_of
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.leaves import typed
from hypercomplex.kernels.exact import power_of_two
from hypercomplex.kernels.precision import single
from hypercomplex.kernels.scaling import largest
from hypercomplex.rules import analytic, product


@rule("reciprocal")
def reciprocal(cls: TensorType, input: Any) -> Any:
    r"""Of blades, as all numbers of one of these grades are, $\tilde x / x \tilde x$."""
    if _are_blades(type(input)):
        return _inverse_of_blades(input)
    return by_all_components(functional.inverse, input)


def _inverse_of_blades(x: Any) -> Any:
    """Over a power of two first, so that squares are in range."""
    cls, components = kind_of(type(x)).cls, alias(x)
    scale = power_of_two(largest(components[..., _regular(type(x))]))
    moderate, scale = typed(cls, single(components / scale)), single(scale)
    backwards = with_signs(moderate, "reverse")
    size = alias(multiplied("scalar_product", moderate, backwards))
    return typed(cls, (alias(backwards) / size / scale).to(x.dtype))


@known_when_traced
def _regular(cls: type[MultivectorTensor]) -> Any:
    """The components whose squares count; all if none does."""
    regular = cls.algebra.blades.regular
    found = [at for at, place in enumerate(cls.places) if place in regular]
    return found if 0 < len(found) < cls.width else slice(None)


@known_when_traced
def _are_blades(cls: type[MultivectorTensor]) -> bool:
    """Whether all numbers of a type are exterior products of vectors."""
    highest = cls.algebra.blades.generators
    return len(cls.grades) == 1 and cls.grades[0] in (0, 1, highest - 1, highest)


@rule("div divide true_divide __truediv__ __div__")
def div(cls: TensorType, input: Any, other: Any, *, rounding_mode: None = None) -> Any:
    if rounding_mode is not None or not is_typed(other):
        return product.div(cls, input, other, rounding_mode=rounding_mode)
    return mul(cls, input, reciprocal(cls, graded(other, other)))


@rule("__rtruediv__")
def rdiv(cls: TensorType, input: Any, other: Any) -> Any:
    return div(cls, other, input)


@rule("square")
def square(cls: TensorType, input: Any) -> Any:
    """A number commutes with itself, so fewer grades come out than of a product."""
    return multiplied("anticommutator", input, input)


in_place("div_ divide_ true_divide_ __itruediv__", div)
in_place("square_", square)


@rule("pow __pow__")
def pow(cls: TensorType, input: Any, exponent: Any) -> Any:
    if not is_typed(input) or is_typed(exponent):
        raise NotImplementedError(
            f"pow is refused for {cls.__name__} as an exponent; call it with q.dense()"
        )
    if not isinstance(exponent, int):
        real = analytic.real_exponent(cls, exponent)
        return by_all_components(partial(_real_power, exponent=real), input)
    if exponent < 0:
        return pow(cls, reciprocal(cls, input), -exponent)
    if exponent == 0:
        return graded(torch.ones_like(alias(input)[..., 0]), input)
    half = pow(cls, input, exponent // 2) if exponent > 1 else None
    whole = input if half is None else square(cls, half)
    return mul(cls, whole, input) if exponent > 1 and exponent % 2 else whole


def _real_power(x: Tensor, algebra: Algebra, exponent: Any) -> Tensor:
    return functional.real_power(x, exponent, algebra)
