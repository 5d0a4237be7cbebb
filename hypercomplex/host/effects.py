"""What importing this library changes in the process, and what it looks for that torch does not
promise: every change is noted where it is made, every name is sought with `find`.

If a torch has no such thing, a warning says once what will not work, and torch stays as it is.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import torch

__all__ = ["Effect", "effects", "find", "has", "need", "note", "sought", "warn_of_loss"]


class Effect(NamedTuple):
    """One change: where, what is different now, and what for."""

    where: str
    change: str
    reason: str


_noted: dict[str, Effect] = {}
_sought: dict[str, str] = {}

# A second copy would change what the first has changed; torch, of which there is one, knows it.
if vars(torch).setdefault("_hypercomplex_effects", _noted) is not _noted:
    raise ImportError(
        "hypercomplex was imported before in this process, and taken out of sys.modules and of "
        "sys.meta_path since; numbers of two copies would not combine; start a new process",
        name="hypercomplex",
    )


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


def sought() -> dict[str, str]:
    """The names of torch that were looked for, and what does not work without them.

    Example:
        >>> sought()["torch._tensor_str.PRINT_OPTS"]
        'torch.set_printoptions for typed tensors'
    """
    return dict(_sought)


@cache
def find(path: str, without: str) -> Any:
    """The object behind a dotted name of torch, or None, and a warning that says what fails.

    Example:
        >>> find("torch._C._nothing", without="this example") is None  # doctest: +SKIP
        True
    """
    _sought[path] = without
    try:
        return _get(path)
    except (ImportError, AttributeError):
        return warn_of_loss(path, without)


def has(path: str) -> bool:
    """Whether torch has something of a dotted name; nothing is said if not.

    Example:
        >>> has("torch.nn.Linear"), has("torch._C._nothing")
        (True, False)
    """
    try:
        _get(path)
    except (ImportError, AttributeError):
        return False
    return True


def warn_of_loss(what: str, without: str) -> None:
    """Say what a torch lacks, and what will not work therefore."""
    warnings.warn(
        f"torch {torch.__version__} has no {what}, so {without} will not work with hypercomplex; "
        "torch itself is left as it is",
        stacklevel=2,
    )


def need(path: str, without: str) -> Any:
    """The function behind a dotted name of torch, or one that says what cannot be done without it.

    Example:
        >>> need("torch._C._nothing", "this example")()  # doctest: +SKIP
        Traceback (most recent call last):
            ...
        NotImplementedError: this example needs torch._C._nothing, which this torch has not
    """

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(f"{without} needs {path}, which this torch has not")

    return find(path, without) or refuse


def _get(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(_owner(module), name)


def _owner(path: str) -> Any:
    """A module, or a class in one."""
    try:
        return import_module(path)
    except ImportError:
        module, _, name = path.rpartition(".")
        return getattr(_owner(module), name)
