"""Makes a function of plain tensors overridable, by torch's own protocol.

A typed tensor among the arguments is asked what the function means for it, exactly as it is asked
about `torch.add`; what it has no rule for, it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, ParamSpec, TypeVar

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.signatures import explain
from hypercomplex.host.overrides import types_are_asked

__all__ = ["Typed", "is_typed", "overridable"]

P = ParamSpec("P")
R = TypeVar("R")


class Typed(Tensor):
    """The base of tensors that know their algebra: what overridable functions look for.

    Attributes:
        algebra: the algebra of the numbers.
        width: how many components a number has.
        places: where they stand in the basis of the algebra, if they are not all of it.
    """

    algebra: ClassVar[Algebra]
    width: ClassVar[int]
    places: ClassVar[tuple[int, ...] | None] = None


def is_typed(x: Any) -> bool:
    """Whether x is a hypercomplex tensor."""
    return isinstance(x, Typed)


def overridable(function: Callable[P, R]) -> Callable[P, R]:
    """Hand calls with a typed tensor among the arguments to its `__torch_function__`."""

    @wraps(function)
    def public(*args: P.args, **kwargs: P.kwargs) -> R:
        asked: Any = None
        types: tuple[type, ...] = ()
        for a in (*args, *kwargs.values()) if kwargs else args:
            if isinstance(a, Typed):  # seldom: most calls are about plain tensors
                asked = a if asked is None or a.places is not None else asked
                types += (type(a),)
        if asked is not None and types_are_asked():
            answer: R = asked.__torch_function__(public, types, args, kwargs)
            return answer
        try:
            return function(*args, **kwargs)
        except Exception as error:
            clearer = explain(error, function, args, kwargs)
            if clearer is None:
                raise
        raise clearer

    return public
