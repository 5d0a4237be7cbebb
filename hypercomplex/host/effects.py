"""What importing this library changes in the process: every change is noted where it is made.

What torch keeps under a name that it does not promise is looked for with `find`. If a torch has no
such thing, a warning says once what will not work, and torch stays as it is.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import torch

__all__ = ["Effect", "effects", "find", "note", "warn_of_loss"]


class Effect(NamedTuple):
    """One change: where, what is different now, and what for."""

    where: str
    change: str
    reason: str


_noted: dict[str, Effect] = {}


def note(where: str, change: str, reason: str) -> None:
    """Keep a change for the table of all of them."""
    _noted[where] = Effect(where, change, reason)


def effects() -> tuple[Effect, ...]:
    """The changes so far, in the order in which they were made.

    Example:
        >>> "torch.func.jacrev" in [effect.where for effect in effects()]
        True
    """
    return tuple(_noted.values())


@cache
def find(path: str, without: str) -> Any:
    """The object behind a dotted name of torch, or None, and a warning that says what fails.

    Example:
        >>> find("torch._C._nothing", without="this example") is None  # doctest: +SKIP
        True
    """
    module, _, name = path.rpartition(".")
    try:
        return getattr(_owner(module), name)
    except (ImportError, AttributeError):
        return warn_of_loss(path, without)


def warn_of_loss(what: str, without: str) -> None:
    """Say once what a torch lacks, and what will not work therefore."""
    warnings.warn(
        f"torch {torch.__version__} has no {what}, so {without} will not work with hypercomplex; "
        "torch itself is left as it is",
        stacklevel=2,
    )


def _owner(path: str) -> Any:
    """A module, or a class in one."""
    try:
        return import_module(path)
    except ImportError:
        module, _, name = path.rpartition(".")
        return getattr(_owner(module), name)
