"""Numbers as truth values: what is not zero is true.

An answer is a plain tensor of truth values; in place it becomes the number 1 or 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import Rule, rule
from hypercomplex.door.values import TensorType, lift
from hypercomplex.rules.metadata import eq, ne
from hypercomplex.rules.patterns import in_place

# ---------------------------------------------------------------------- one number


@rule("metadata", "__bool__ __nonzero__ is_nonzero")
def is_nonzero(cls: TensorType, input: Tensor) -> bool:
    if input.numel() != cls.width:
        raise RuntimeError(
            "the truth value of a tensor is ambiguous unless it holds exactly one number"
        )
    return bool((input != 0).any())


@rule("metadata", "bool")
def bool_(cls: TensorType, input: Tensor, memory_format: Any = None) -> Tensor:
    return _not_zero(input)


@rule("metadata", "logical_not")
def logical_not(cls: TensorType, input: Tensor) -> Tensor:
    return ~_not_zero(input)


def _logical(name: str) -> Rule:
    connective = getattr(torch, name)

    @rule("metadata", name)
    def logical(cls: TensorType, input: Any, other: Any) -> Tensor:
        return connective(_truth(input), _truth(other))

    return logical


def _as_numbers(names: str, answer: Rule) -> None:
    """Register the functions in place."""
    in_place("metadata", names, lambda cls, q, *args: lift(cls, answer(cls, q, *args), q))


_as_numbers("logical_not_", logical_not)
_as_numbers("eq_", eq)
_as_numbers("ne_ not_equal_", ne)
for _name in ("logical_and", "logical_or", "logical_xor"):
    _as_numbers(f"{_name}_", _logical(_name))

# ---------------------------------------------------------------------- many


@rule("metadata", "count_nonzero")
def count_nonzero(cls: TensorType, input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    return torch.count_nonzero(_not_zero(input), dim)  # type: ignore[arg-type]


@rule("metadata", "nonzero")
def nonzero(cls: TensorType, input: Tensor, *, as_tuple: bool = False) -> Any:
    where = _not_zero(input)
    return where.nonzero(as_tuple=True) if as_tuple else where.nonzero()


@rule("metadata", "nonzero_static")
def nonzero_static(cls: TensorType, input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    return torch.nonzero_static(_not_zero(input), size=size, fill_value=fill_value)


@rule("metadata", "argwhere")
def argwhere(cls: TensorType, input: Tensor) -> Tensor:
    return torch.argwhere(_not_zero(input))


@rule("metadata", "all")
def all_(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    return torch.all(_not_zero(input), *args, **kwargs)


@rule("metadata", "any")
def any_(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    return torch.any(_not_zero(input), *args, **kwargs)


# ---------------------------------------------------------------------- helpers


def _truth(x: Any) -> Any:
    return _not_zero(x) if is_typed(x) else x


def _not_zero(input: Tensor) -> Tensor:
    return (input != 0).any(-1)
