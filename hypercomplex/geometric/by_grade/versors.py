"""Norms and versors: sandwiches of the grades that can come out, the rest of all components."""

from __future__ import annotations

from typing import Any

from hypercomplex.algebra import Algebra
from hypercomplex.algebra import grades as planning
from hypercomplex.door.registry import Rule
from hypercomplex.door.values import TensorType, alias
from hypercomplex.geometric import versors
from hypercomplex.geometric.by_grade.patterns import (
    check_algebra,
    components,
    first,
    graded,
    of_all_grades,
    of_two,
    rule,
    stored,
    whole,
)
from hypercomplex.geometric.by_grade.products import multiplied, operator
from hypercomplex.geometric.multivector import Kind, MultivectorTensor, kind_of, sandwiched
from hypercomplex.host.known import known_when_traced
from hypercomplex.rules import linear


def _sandwich(a: Any, b: Any) -> Any:
    like = first(a, b)
    return sandwiched(graded(a, like), graded(b, like))


operator("__rshift__", _sandwich)
of_two(versors.sandwich, _sandwich)


def _by_whole_numbers(public: Rule, keeps: bool) -> None:
    """Register a function of all components, which keeps the grades or gives real answers."""

    @rule([public])
    def apply(cls: TensorType, x: Any, algebra: Algebra | None = None, **options: Any) -> Any:
        check_algebra(cls, algebra)
        result = public(*components(x), **options)
        return stored(kind_of(type(x)), result, x) if keeps else result


_by_whole_numbers(versors.normalize, keeps=True)
_by_whole_numbers(versors.versor_inverse, keeps=True)
_by_whole_numbers(versors.norm, keeps=False)
_by_whole_numbers(versors.squared_norm, keeps=False)
_by_whole_numbers(versors.is_versor, keeps=False)


@rule([versors.project])
def project(cls: TensorType, a: Any, onto: Any, algebra: Algebra | None = None) -> Any:
    check_algebra(cls, algebra)
    blade = graded(onto, first(a, onto))
    back = stored(kind_of(type(blade)), versors.versor_inverse(*components(blade)), blade)
    return multiplied("product", multiplied("inner", a, blade), back)


@rule([versors.reject])
def reject(cls: TensorType, a: Any, onto: Any, algebra: Algebra | None = None) -> Any:
    numbers = graded(a, first(a, onto))
    return of_all_grades(linear.sub)(cls, numbers, project(cls, numbers, onto, algebra))


@rule([versors.apply_versor])
def apply_versor(cls: TensorType, x: Any, y: Any, algebra: Algebra | None = None) -> Any:
    """Of the grades that the sandwich has, of which only those of y are not 0 for versors."""
    check_algebra(cls, algebra)
    like = first(x, y)
    x, y = graded(x, like), graded(y, like)
    versor, known = components(x)
    result = versors.apply_versor(versor, alias(whole(y)), known)
    return stored(_of_sandwich(type(x), type(y)), result, y)


@known_when_traced
def _of_sandwich(x: type[MultivectorTensor], y: type[MultivectorTensor]) -> Kind:
    return kind_of(y, planning.sandwich_grades(x.algebra, x.grades, y.grades))


@rule([versors.reflect])
def reflect(cls: TensorType, a: Any, mirror: Any, algebra: Algebra | None = None) -> Any:
    return apply_versor(cls, mirror, a, algebra)
