"""Functions that torch's compiler calls without reading them: for answers that are constants, and
for what it goes on after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypercomplex.host.effects import find

__all__ = ["known_when_traced", "not_traced"]

F = TypeVar("F", bound=Callable[..., object])

not_traced: Callable[[Any], Any]
"""Has the compiler break its graph and let Python run the function."""
not_traced = find(
    "torch._compile._disable_dynamo", "torch.compile of steps and hooks with typed tensors"
) or (lambda f: f)


def known_when_traced(function: F) -> F:
    """Have the compiler call a function of algebras and keep the result.

    It is `torch.compiler.assume_constant_result`, which would load the compiler on import.
    """
    function._dynamo_marked_constant = True  # type: ignore[attr-defined]
    return function
