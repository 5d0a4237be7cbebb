"""The table from functions to rules: what each means for typed tensors.

A rule is a function with torch's own signature (argument names included) after the type:

    @rule("shape", "transpose swapaxes swapdims")
    def transpose(cls, input, dim0, dim1): ...

It runs with the tensor type switched off, so inside it a typed tensor *is* its real tensor of
components, one axis longer than its users see. What it returns is made numbers by `values.wrap`,
or is plain if the answer is real.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

__all__ = [
    "FAMILIES",
    "Rule",
    "add",
    "add_operators",
    "family_of",
    "resolve",
    "rule",
    "rule_of",
    "spellings",
]

FAMILIES = (
    "shape",
    "linear",
    "product",
    "involution",
    "analytic",
    "metadata",
    "ours",
    "refused",
)

Rule = Callable[..., Any]
R = TypeVar("R", bound=Rule)

_rules: dict[Callable[..., Any], Rule] = {}
_in_python: list[tuple[Callable[..., Any], Rule]] = []  # methods that torch wraps in Python
_families: dict[Callable[..., Any], str] = {}


def rule(family: str, names: str | Sequence[Callable[..., Any]]) -> Callable[[R], R]:
    """Register a function as the rule of every spelling of the names."""

    def register(function: R) -> R:
        for target in spellings(names) if isinstance(names, str) else names:
            add(family, target, function)
        return function

    return register


def add(family: str, target: Callable[..., Any], function: Rule) -> None:
    """Give one function its verdict; a second one is a mistake of ours."""
    if family not in FAMILIES:
        raise ValueError(f"`family` (={family!r}) must be one of {FAMILIES}")
    if _rules.setdefault(target, function) is not function:
        raise ValueError(
            f"{target} has a rule already, {_rules[target]} in {_families[target]!r}; it cannot "
            f"have {function} in {family!r}, too"
        )
    _families[target] = family
    if hasattr(target, "__wrapped__") and "." in target.__qualname__:
        _in_python.append((target, function))


def add_operators() -> None:
    """`operator.mul` means what `Tensor.__mul__` does: the compiler exports operators so."""
    for name, function in vars(operator).items():
        method = getattr(Tensor, f"__{name.strip('_')}__", None)
        if callable(function) and method in _rules:
            add(_families[method], function, _rules[method])


def rule_of(function: Callable[..., Any]) -> Rule | None:
    """The rule of a torch function, or None; found by identity, whatever its name.

    The compiler finds a method that torch wraps in Python by `is`, but not among keys.
    """
    if torch.compiler.is_dynamo_compiling():
        for target, meaning in _in_python:
            if target is function:
                return meaning
    return _rules.get(function)


def family_of(function: Callable[..., Any]) -> str | None:
    """The family of a torch function, or None."""
    return _families.get(function)


# ---------------------------------------------------------------------- names


def spellings(names: str) -> Iterator[Callable[..., Any]]:
    """The functions behind names: `sum` is `torch.sum` and `Tensor.sum`, a dotted name is itself.

    A name that the installed torch does not have is passed over; a test tells which.
    """
    for name in names.split():
        methods = name.startswith("__")
        paths = [name] if "." in name else [f"Tensor.{name}", *([] if methods else [name])]
        yield from {target for target in map(resolve, paths) if target is not None}


def resolve(path: str) -> Callable[..., Any] | None:
    """`nn.functional.pad` is the function, `Tensor.grad` its getter, `Tensor.grad=` its setter."""
    target: Any = torch
    for part in path.rstrip("=").split("."):
        target = getattr(target, part, None)
    if hasattr(target, "__get__") and not callable(target):
        return target.__set__ if path.endswith("=") else target.__get__
    return target if callable(target) else None
