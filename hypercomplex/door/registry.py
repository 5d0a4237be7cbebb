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
from functools import partial
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from hypercomplex.host.mode import compiler_reads

__all__ = [
    "FAMILIES",
    "Meaning",
    "Rule",
    "add",
    "add_operators",
    "by_grade",
    "family_of",
    "meaning_by_grade",
    "meaning_of",
    "meanings",
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


class Meaning(NamedTuple):
    """What a function means for numbers: the law that it keeps, and the rule."""

    family: str
    rule: Rule


def _bind(method: Callable[..., Any]) -> Rule:
    return lambda cls, q: partial(method, q)


_meanings: dict[Callable[..., Any], Meaning] = {}
_in_python: list[tuple[Callable[..., Any], Meaning]] = []  # methods that torch wraps in Python
_by_grade: dict[Callable[..., Any], Meaning] = {}  # for numbers that hold some grades only
_bound: dict[Callable[..., Any], Meaning] = {  # getters of methods that torch wrote in Python
    method.__get__: Meaning("metadata", _bind(method))
    for method in vars(Tensor).values()
    if isinstance(method, FunctionType)
}


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
    known = _meanings.setdefault(target, Meaning(family, function))
    if known.rule is not function:
        raise ValueError(
            f"{target} has a rule already, {known.rule} in {known.family!r}; it cannot have "
            f"{function} in {family!r}, too"
        )
    if _is_in_python(target):
        _in_python.append((target, known))


def by_grade(function: Callable[..., Any], meaning: Meaning) -> None:
    """Give a function its meaning for numbers that hold some grades only; it has none otherwise."""
    _by_grade[function] = meaning
    for name, of_operator in vars(operator).items():
        if callable(of_operator) and getattr(Tensor, f"__{name.strip('_')}__", None) is function:
            _by_grade[of_operator] = meaning


def meanings() -> Iterator[tuple[Callable[..., Any], Meaning]]:
    """All functions that mean something for numbers."""
    yield from _meanings.items()


def _is_in_python(function: Callable[..., Any]) -> bool:
    return hasattr(function, "__wrapped__") and "." in function.__qualname__


def add_operators() -> None:
    """`operator.mul` means what `Tensor.__mul__` does: the compiler exports operators so."""
    for name, function in vars(operator).items():
        method = getattr(Tensor, f"__{name.strip('_')}__", None)
        if callable(function) and method in _meanings:
            add(_meanings[method].family, function, _meanings[method].rule)


def meaning_of(function: Callable[..., Any]) -> Meaning | None:
    """What a function means, or None; found by identity, whatever its name.

    The compiler finds a method that torch wraps in Python by `is`, but not among keys. Of one that
    torch wrote in Python, it asks what its getter means before it calls it.
    """
    if compiler_reads():
        for method, meaning in _in_python:
            if method is function:
                return meaning
        if function in _bound:
            return _bound[function]
    return _meanings.get(function)


def meaning_by_grade(function: Callable[..., Any]) -> Meaning | None:
    """The same for numbers that hold some grades only."""
    if compiler_reads():
        for method, _ in _in_python:
            if method is function:
                return _by_grade.get(method)
        if function in _bound:
            return _bound[function]
    return _by_grade.get(function)


def rule_of(function: Callable[..., Any]) -> Rule | None:
    """The rule of a function, or None."""
    meaning = meaning_of(function)
    return None if meaning is None else meaning.rule


def family_of(function: Callable[..., Any]) -> str | None:
    """The family of a function, or None."""
    meaning = meaning_of(function)
    return None if meaning is None else meaning.family


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
