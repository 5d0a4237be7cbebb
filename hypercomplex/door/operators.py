"""Operators between two tensors of one type: they go to their rules without being asked for.

Torch hands `q * r` over to `__torch_function__` together with the function and the types, which is
as much work as a sum of a few numbers. Where both factors are of the type that would be asked, and
nobody else is, the answer is known before. What goes wrong goes the long way once more, which says
it in shapes of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from torch import Tensor

from hypercomplex.door.calls import Typed
from hypercomplex.door.registry import Rule, rule_of
from hypercomplex.host.overrides import as_components, only_types_are_asked

__all__ = ["DIRECT", "answer_operators", "leave_operators"]

DIRECT = [f"__{name}__" for name in ("add", "sub", "mul", "truediv", "matmul")]
"""The operators of which torch has methods that two tensors of one type may leave out."""


_REFUSALS = TypeError, ValueError, RuntimeError, IndexError, NotImplementedError
"""What rules and kernels raise; how torch ends a checkpoint's recomputation goes on its way."""


def answer_operators(cls: type[Typed]) -> None:
    """Give a type, and those made of it, operators that know their rules."""
    for name in DIRECT:
        asked = getattr(Tensor, name)
        rule = rule_of(asked)
        assert rule is not None, f"{name} has no rule"
        setattr(cls, name, _direct(asked, rule))


def leave_operators(cls: type[Typed]) -> None:
    """Have torch ask a type about all operators, since it answers for itself."""
    for name in DIRECT:
        setattr(cls, name, getattr(Tensor, name))


def _direct(asked: Callable[..., Any], rule: Rule) -> Callable[[Any, Any], Any]:
    @wraps(asked)
    def operator(self: Any, other: Any) -> Any:
        cls = type(self)
        if type(other) is cls and only_types_are_asked():
            try:
                with as_components():
                    return rule(cls, self, other)
            except _REFUSALS:
                pass
        return asked(self, other)

    return operator
