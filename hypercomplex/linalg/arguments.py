"""How functions of linear algebra are declared, and what all of them ask of their arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import Gives, numbers
from hypercomplex.functional.arguments import check_precise, refusal
from hypercomplex.host.mode import all_digits

__all__ = ["linear_algebra"]

P = ParamSpec("P")
R = TypeVar("R")


def linear_algebra(gives: Gives) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function of matrices of numbers, in full precision, also under autocast.

    Like torch's linear algebra it takes float32 and float64 only. What is annotated as a tensor
    holds numbers, but for `pivots`; a tolerance may be a real tensor. A real matrix beside one of
    numbers is a matrix of numbers. `gives` says for each result whether it holds numbers.
    """
    return lambda function: _checked(function, gives)


def _checked(function: Callable[P, R], gives: Gives) -> Callable[P, R]:
    parameters = inspect.signature(function).parameters
    kinds = {name: parameter.annotation for name, parameter in parameters.items()}
    matrices = [n for n in kinds if kinds[n] in ("Tensor", "Tensor | None") and n != "pivots"]

    @numbers(" ".join(matrices), gives, beside="reals", basis="adapted")
    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        algebra = kwargs.get("algebra")
        if not isinstance(algebra, Algebra):
            raise refusal("algebra", algebra, Algebra)
        given = (*zip(parameters, args), *kwargs.items())
        tensors = {name: x for name, x in given if name in matrices and isinstance(x, Tensor)}
        for name, x in tensors.items():
            check_precise(name, x, function.__name__, algebra)
        if not tensors:
            return function(*args, **kwargs)
        with all_digits(next(iter(tensors.values()))):
            return function(*args, **kwargs)

    return checked
