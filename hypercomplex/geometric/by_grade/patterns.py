"""What the rules of numbers by grade are written with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.door.declarations import algebra_of
from hypercomplex.door.registry import Meaning, Rule, by_grade, spellings
from hypercomplex.door.values import TensorType, alias, lift, only_numbers
from hypercomplex.geometric.multivector import (
    Kind,
    MultivectorTensor,
    algebra_of_type,
    kind_of,
    regraded,
)
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.leaves import typed

__all__ = [
    "check_algebra",
    "components",
    "first",
    "graded",
    "in_place",
    "of_all_grades",
    "of_one",
    "of_two",
    "rule",
    "stored",
    "whole",
]


def rule(names: str | list[Callable[..., Any]]) -> Callable[[Rule], Rule]:
    """Register a rule that takes numbers of different grades, and all components, together."""

    def register(function: Rule) -> Rule:
        for target in spellings(names) if isinstance(names, str) else names:
            by_grade(target, Meaning("graded", function))
        return function

    return register


def of_one(public: Rule, function: Rule) -> None:
    """Register a function of one number."""

    @rule([public])
    def apply(cls: TensorType, x: Any, algebra: Algebra | None = None) -> Any:
        check_algebra(cls, algebra)
        return function(x)


def of_two(public: Rule, function: Rule) -> None:
    """Register a function of two numbers."""

    @rule([public])
    def apply(cls: TensorType, a: Any, b: Any, algebra: Algebra | None = None) -> Any:
        check_algebra(cls, algebra)
        return function(a, b)


def check_algebra(cls: TensorType, algebra: Algebra | None) -> None:
    """The algebra may be given once more."""
    if algebra is not None and not _is_that_of(cls, algebra):
        algebra_of(cls, algebra)  # which refuses it


@known_when_traced
def _is_that_of(cls: TensorType, algebra: Algebra) -> bool:
    return bool(cls.algebra == algebra)


# ---------------------------------------------------------------------- types that differ


def first(*values: Any) -> Any:
    """The first that is typed."""
    return next(x for x in values if is_typed(x))


def graded(x: Any, like: Any) -> Any:
    """Numbers by grade: all components are numbers of all grades, a real number is of grade 0."""
    if isinstance(x, MultivectorTensor):
        return x
    if is_typed(x):
        return typed(kind_of(type(x), "multivector").cls, alias(x))
    scalar = kind_of(type(like), 0).cls
    return typed(scalar, lift(scalar, x, like))


def of_all_grades(general: Rule, count: int = 2) -> Rule:
    """A rule that numbers of one type have, for some: with the grades of all operands."""

    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        operands, rest = args[:count], args[count:]
        if not any(map(is_typed, operands)):
            return general(cls, *args, **kwargs)
        if len({*map(type, operands)}) == 1:
            return general(kind_of(type(operands[0])).cls, *args, **kwargs)
        kind, like = _union(*operands), first(*operands)
        return general(kind, *(_as(kind, x, like) for x in operands), *rest, **kwargs)

    return apply


def _union(*values: Any) -> type[MultivectorTensor]:
    """The type of all grades that one of the values holds; 0 needs none."""
    types = tuple(type(x) for x in values if is_typed(x))
    real = any(not is_typed(x) and not _is_zero(x) for x in values)
    return _of_all(types, real).cls


@known_when_traced
def _of_all(types: tuple[type, ...], real: bool) -> Kind:
    held = [kind_of(cls).cls.grades for cls in types] + [(0,)] * real
    return kind_of(types[0], tuple(k for grades in held for k in grades))


def _is_zero(x: Any) -> bool:
    return isinstance(x, (int, float)) and x == 0


def _as(kind: type[MultivectorTensor], x: Any, like: Any) -> Any:
    """The same numbers as numbers of another type, which holds their grades."""
    if not is_typed(x):
        return x  # the rule makes it one
    numbers = graded(x, like)
    if type(numbers) is kind:
        return numbers
    return typed(kind, regraded(numbers, type(numbers), kind))


def in_place(names: str, out_of_place: Rule) -> None:
    """Register `x.f_()` where the type of x holds what comes out."""

    @rule(names)
    def assign(cls: TensorType, input: Any, *args: Any, **kwargs: Any) -> Tensor:
        only_numbers(cls, input)
        recorded = torch.is_grad_enabled() and input.requires_grad
        before = typed(kind_of(type(input)).cls, input.clone()) if recorded else input
        result = out_of_place(cls, before, *args, **kwargs)
        if not _holds(type(input), type(result)):
            raise RuntimeError(
                f"a {type(input).__name__} does not hold the grades of a {type(result).__name__}; "
                "write x = f(x, …) in place of x.f_(…)"
            )
        if isinstance(input, MultivectorTensor):
            result = _as(kind_of(type(input)).cls, result, input)
        alias(input).copy_(result)
        return input


@known_when_traced
def _holds(cls: type, other: type) -> bool:
    """Whether a type holds all grades of another one."""
    return {*kind_of(other).cls.grades} <= {*kind_of(cls).cls.grades}


# ---------------------------------------------------------------------- all components


def whole(x: Any) -> Any:
    """The same numbers, of all components."""
    kind = kind_of(type(x), "multivector")
    return typed(kind.dense_type, regraded(x, type(x), kind.cls))


def components(x: Any) -> tuple[Tensor, Algebra]:
    """What functions of components ask."""
    return alias(whole(x)), algebra_of_type(type(x))


def stored(kind: Kind, x: Tensor, like: Any) -> Any:
    """What numbers of a type store, of all components."""
    everything = kind_of(type(like), "multivector").cls
    return typed(kind.cls, regraded(x, everything, kind.cls))
