"""Sums, differences and comparisons of numbers of different grades: of all that one of them has."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from hypercomplex.door.registry import Rule
from hypercomplex.door.values import TensorType
from hypercomplex.geometric.by_grade.patterns import in_place, of_all_grades, rule
from hypercomplex.rules import linear, metadata

_SUMS: dict[str, Rule] = {
    "add __add__ __radd__": linear.add,
    "sub subtract __sub__": linear.sub,
    "rsub __rsub__": linear.rsub,
}
_QUESTIONS: dict[str, Rule] = {
    "ne not_equal __ne__": metadata.ne,
    "isclose": metadata.isclose,
    "allclose": metadata.allclose,
    "equal": metadata.equal,
}
for _names, _general in (_SUMS | _QUESTIONS).items():
    rule(_names)(of_all_grades(_general))
in_place("add_ __iadd__", of_all_grades(linear.add))
in_place("sub_ subtract_ __isub__", of_all_grades(linear.sub))


@rule("eq __eq__")
def eq(cls: TensorType, input: Any, other: Any) -> Any:
    if not isinstance(other, (Tensor, bool, int, float, complex)):
        return NotImplemented
    return of_all_grades(metadata.eq)(cls, input, other)
