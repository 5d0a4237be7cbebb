"""What `torch.load(weights_only=True)` may call for a file that holds numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypercomplex.host.effects import find, note

__all__ = ["files_may_call"]

_DOOR = "torch.serialization.add_safe_globals"
_FILES = "torch.load(weights_only=True) of typed tensors"


def files_may_call(functions: list[Callable[..., Any] | tuple[Callable[..., Any], str]]) -> None:
    """Let files call functions of plain data, some by the names of the classes that files hold.

    A class among the safe globals could be given any state by a file, so none is.
    """
    allow = find(_DOOR, _FILES)
    if allow is not None:
        allow(functions)
        note(_DOOR, "functions more that a file may call, which take plain data", _FILES)
