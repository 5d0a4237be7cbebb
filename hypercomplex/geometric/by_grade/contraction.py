"""Sums of products."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.door.calls import is_typed
from hypercomplex.door.values import TensorType, shape_of, wrap
from hypercomplex.functional.matmul import multiplied
from hypercomplex.geometric.by_grade.patterns import first, graded, of_all_grades, rule
from hypercomplex.geometric.multivector import kind_of, planned
from hypercomplex.host.leaves import typed
from hypercomplex.rules import contraction, linear


@rule("matmul __matmul__ linalg.matmul mm bmm mv dot")
def matmul(cls: TensorType, input: Any, other: Any) -> Any:
    if not (is_typed(input) and is_typed(other)):
        return contraction.matmul(kind_of(type(first(input, other))).cls, input, other)
    if not shape_of(input) or not shape_of(other):
        raise RuntimeError("matmul takes at least one axis of numbers on either side")
    a, b = graded(input, input), graded(other, other)
    plan = planned(type(a), type(b), "product")
    return typed(plan.kind, multiplied(a, b, plan.map))


@rule("__rmatmul__")
def rmatmul(cls: TensorType, input: Any, other: Any) -> Any:
    return matmul(cls, other, input)


def _contracted(function: Callable[..., Tensor], operands: list[Any]) -> Any:
    """A sum of products of at most two tensors of numbers, and of reals."""
    places = [m for m, x in enumerate(operands) if is_typed(x)]
    if len(places) > 2:
        raise NotImplementedError(
            f"{len(places)} tensors of numbers by grade are multiplied two at a time"
        )
    left, right = (graded(operands[m], operands[m]) for m in (places[0], places[-1]))
    last = type(right) if len(places) == 2 else kind_of(type(left), 0).cls
    plan = planned(type(left), last, "product")
    given = [graded(x, x) if m in places else x for m, x in enumerate(operands)]
    real = tuple(m for m in range(len(operands)) if m not in places)
    return wrap(plan.kind, function(*given, algebra=plan.map, real=real))


@rule("einsum")
def einsum(cls: TensorType, equation: str, *operands: Any) -> Any:
    return _contracted(partial(functional.einsum, equation), list(operands))


@rule("tensordot")
def tensordot(cls: TensorType, a: Any, b: Any, dims: Any = 2) -> Any:
    return _contracted(partial(functional.tensordot, dims=dims), [a, b])


@rule("kron")
def kron(cls: TensorType, input: Any, other: Any) -> Any:
    return _contracted(functional.kron, [input, other])


@rule("outer ger")
def outer(cls: TensorType, input: Any, vec2: Any) -> Any:
    return einsum(cls, "i,j->ij", input, vec2)


@rule("nn.functional.linear")
def linear_map(cls: TensorType, input: Any, weight: Any, bias: Any = None) -> Any:
    """The weight stands on the left."""
    if not (is_typed(input) or is_typed(weight)):
        mapped: Any = torch.nn.functional.linear(input, weight)
    else:
        equation = {1: "i,...i->...", 2: "oi,...i->...o"}[len(shape_of(weight))]
        mapped = einsum(cls, equation, weight, input)
    return mapped if bias is None else of_all_grades(linear.add)(cls, mapped, bias)
