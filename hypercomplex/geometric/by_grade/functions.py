"""Functions of one number: of all components, of which is kept what can come out."""

from __future__ import annotations

from typing import Any

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.algebra import grades as planning
from hypercomplex.door.registry import Rule
from hypercomplex.door.values import TensorType
from hypercomplex.geometric import bivectors
from hypercomplex.geometric.by_grade.patterns import check_algebra, components, rule, stored
from hypercomplex.geometric.multivector import Kind, MultivectorTensor, kind_of
from hypercomplex.host.known import known_when_traced
from hypercomplex.rules import analytic

__all__ = ["by_all_components"]


def by_all_components(function: Rule, x: Any) -> Any:
    """A function of one number, of all components; what cannot come out of it is left out."""
    return stored(_of_functions(type(x)), function(*components(x)), x)


@known_when_traced
def _of_functions(cls: type[MultivectorTensor]) -> Kind:
    """The type of what functions of a number of some type are."""
    return kind_of(cls, planning.function_grades(cls.algebra, cls.grades))


def _analytic(names: str, function: Rule) -> None:
    @rule(names)
    def apply(cls: TensorType, input: Any) -> Any:
        return by_all_components(function, input)


for _name, _names in analytic.NAMES.items():
    _analytic(_names, getattr(functional, _name))

# ---------------------------------------------------------------------- closed forms


def _in_closed_form(name: str, closed: Rule, *grades: int) -> None:
    """Register a function that has a closed form where there are these grades only."""
    general = getattr(functional, name)

    @rule(name)
    def apply(cls: TensorType, input: Any) -> Any:
        few = _holds_only(type(input), grades)
        return by_all_components(closed if few else general, input)


@known_when_traced
def _holds_only(cls: type[MultivectorTensor], grades: tuple[int, ...]) -> bool:
    return {*cls.grades} <= {*grades} and bivectors.has_closed_forms(cls.algebra)


_in_closed_form("exp", bivectors.general_exp, 0, 2)
_in_closed_form("log", bivectors.general_log, 0, 2, 4)
_in_closed_form("sqrt", bivectors.general_sqrt, 0, 2, 4)


def _of_bivectors(public: Rule, *remainders: int) -> None:
    """Register a function of bivectors or rotors, and the grades of its result, modulo 4."""

    @rule([public])
    def apply(cls: TensorType, x: Any, algebra: Algebra | None = None) -> Any:
        check_algebra(cls, algebra)
        return stored(_by_remainders(type(x), remainders), public(*components(x)), x)


@known_when_traced
def _by_remainders(cls: type[MultivectorTensor], remainders: tuple[int, ...]) -> Kind:
    highest = cls.algebra.blades.generators
    found = tuple(k for k in range(highest + 1) if k % 4 in remainders)
    return kind_of(cls, found or (0,))


_of_bivectors(bivectors.exp, 0, 2)
_of_bivectors(bivectors.log, 2)
_of_bivectors(bivectors.sqrt, 0, 2)
_of_bivectors(bivectors.outer_exp, 0, 2)
_of_bivectors(bivectors.outer_cos, 0)
_of_bivectors(bivectors.outer_sin, 2)
_of_bivectors(bivectors.outer_tan, 2)
_of_bivectors(bivectors.invariant_decomposition, 2)
