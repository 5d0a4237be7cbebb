"""Products: of the grades that can come out, planned by those of the factors."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import Rule
from hypercomplex.door.values import TensorType, alias
from hypercomplex.geometric import products
from hypercomplex.geometric.by_grade.patterns import first, graded, in_place, of_two, rule
from hypercomplex.geometric.multivector import kind_of, planned
from hypercomplex.host.leaves import typed
from hypercomplex.kernels.product import multiply
from hypercomplex.rules import product

__all__ = ["multiplied", "operator"]


def multiplied(name: str, a: Any, b: Any) -> Any:
    """The product of that name of two tensors, of which one may be real."""
    like = first(a, b)
    a, b = graded(a, like), graded(b, like)
    plan = planned(type(a), type(b), name)
    return typed(plan.kind, multiply(a, b, plan.map))


@rule("mul multiply __mul__")
def mul(cls: TensorType, input: Any, other: Any) -> Any:
    if is_typed(input) and is_typed(other):
        return multiplied("product", input, other)
    return product.mul(kind_of(type(first(input, other))).cls, input, other)


@rule("__rmul__")
def rmul(cls: TensorType, input: Any, other: Any) -> Any:
    return mul(cls, other, input)


in_place("mul_ multiply_ __imul__", mul)


def operator(symbol: str, function: Rule) -> None:
    """Register what an operator means."""

    @rule(symbol)
    def apply(cls: TensorType, input: Any, other: Any) -> Any:
        return function(input, other)


_OPERATORS = {
    "wedge": "__xor__",
    "inner": "__or__",
    "regressive": "__and__",
    "left_contraction": "__lshift__",
}
for _name, _symbol in _OPERATORS.items():
    operator(_symbol, partial(multiplied, _name))
for _name in (*_OPERATORS, "right_contraction", "commutator", "anticommutator"):
    of_two(getattr(products, _name), partial(multiplied, _name))


def _scalar_product(a: Any, b: Any) -> Tensor:
    return alias(multiplied("scalar_product", a, b)).squeeze(-1)


of_two(products.scalar_product, _scalar_product)
