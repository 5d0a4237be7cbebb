"""What is constant about an algebra: tensors, made once for each dtype and device, and answers.

Only ordinary tensors are kept: never what a tracer or a fake mode makes, and never one that belongs
to inference mode, since autograd could not save it later.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple, ParamSpec, TypeVar

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra

__all__ = [
    "Entries",
    "check_floats",
    "constant",
    "is_associative",
    "is_commutative",
    "is_ordinary",
    "is_power_associative",
    "known_when_traced",
]

P = ParamSpec("P")
R = TypeVar("R")
Values = Callable[..., Any]


class Entries(NamedTuple):
    """A tensor that is mostly zero: where its entries are, counted along the rows, and these."""

    shape: tuple[int, ...]
    places: list[int]
    numbers: list[float]

    def dense(self) -> list[float]:
        """All entries, one row after the other."""
        flat = [0.0] * prod(self.shape)
        for place, number in zip(self.places, self.numbers, strict=True):
            flat[place] = number
        return flat


_constants: dict[tuple[Any, ...], Tensor] = {}
_MOST_KEPT = 1024


def constant(values: Values, algebra: Algebra, like: Tensor, *options: Any) -> Tensor:
    """The tensor of `values(algebra, *options)`, nested lists or entries, beside `like`."""
    if torch.compiler.is_compiling() or not is_ordinary(like):
        return _make(values, algebra, like, options)
    key = (values, algebra, options, like.dtype, like.device)
    known = _constants.get(key)
    if known is None:
        with torch.inference_mode(False):
            known = _make(values, algebra, like, options)
        if is_ordinary(known) and not torch._C._functorch.is_functorch_wrapped_tensor(known):
            _constants[key] = known
            if len(_constants) > _MOST_KEPT:
                _constants.pop(next(iter(_constants)), None)
    return known


def is_ordinary(x: Tensor) -> bool:
    """Whether no Python code stands in for the tensor, as it does for a fake one."""
    return type(x).__torch_dispatch__ is Tensor.__torch_dispatch__


def known_when_traced(function: Callable[P, R]) -> Callable[P, R]:
    """Have the compiler call a function of algebras and keep the result, since it cannot read it.

    It is `torch.compiler.assume_constant_result`, which would load the compiler on import.
    """
    function._dynamo_marked_constant = True  # type: ignore[attr-defined]
    return function


@known_when_traced
def is_associative(algebra: Algebra) -> bool:
    """Whether the algebra is associative, also for code that is compiled."""
    return bool(algebra.is_associative)


@known_when_traced
def is_commutative(algebra: Algebra) -> bool:
    """Whether the algebra is commutative, also for code that is compiled."""
    return bool(algebra.is_commutative)


def check_floats(algebra: Algebra) -> None:
    """The structure constants are of a size that floating-point numbers have."""
    if algebra.without_float:
        i, j, k, _ = algebra.without_float[0]
        raise ValueError(
            f"{algebra} has no tensors: the constant of e_{k} in e_{i} e_{j} is beyond float64, "
            "which holds 0 and sizes from 2.3e-308 to 1.7e308; scale a unit of the algebra"
        )


@known_when_traced
def is_power_associative(algebra: Algebra) -> bool:
    """Whether powers of a number need no brackets, also for code that is compiled."""
    return bool(algebra.is_power_associative)


def _make(values: Values, algebra: Algebra, like: Tensor, options: tuple[Any, ...]) -> Tensor:
    check_floats(algebra)
    found = values(algebra, *options)
    if not isinstance(found, Entries):
        return torch.tensor(found, dtype=like.dtype, device=like.device)
    if torch.compiler.is_compiling():
        return torch.tensor(found.dense(), dtype=like.dtype, device=like.device).view(found.shape)
    flat = torch.zeros(prod(found.shape), dtype=like.dtype)
    flat[torch.tensor(found.places)] = torch.tensor(found.numbers, dtype=like.dtype)
    return flat.view(found.shape).to(like.device)
