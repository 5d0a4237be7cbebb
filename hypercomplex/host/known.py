"""Functions whose answers torch's compiler takes as constants, since it cannot read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["known_when_traced"]

F = TypeVar("F", bound=Callable[..., object])


def known_when_traced(function: F) -> F:
    """Have the compiler call a function of algebras and keep the result.

    It is `torch.compiler.assume_constant_result`, which would load the compiler on import.
    """
    function._dynamo_marked_constant = True  # type: ignore[attr-defined]
    return function
