"""What torch says about shapes, said again in shapes of numbers.

A rule runs on components, so torch's own message counts an axis that users do not see, and may be
about an operation inside. Nothing is checked before: torch's message is recognised when it comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import resolve_name

from hypercomplex.door.calls import is_typed
from hypercomplex.door.signatures import BROADCAST, NO_BROADCAST
from hypercomplex.door.values import TensorType, shape_of

__all__ = ["in_numbers"]

_SAID: dict[str, str] = {
    NO_BROADCAST: BROADCAST,
    r"invalid for input of size": "the new shape must have room for as many numbers",
    r"stack expects each tensor": "all shapes must be equal",
    r"Sizes of tensors must match except|Tensors must have same number": (
        "shapes may differ along the axis of joining only"
    ),
    r"einsum\(\): subscript": "axes that are summed together must have equal sizes",
    r"Expected index .* to be no larger than": "the index must fit into the tensor and the source",
    r"src to have a size equal to": "the source must have the shape of the places it goes to",
    r"shape of the mask": "a mask must have the sizes of the axes that it stands for",
    r"desired ordering of dimensions|length of the desired": "every axis must be named once",
}


def in_numbers(
    error: Exception,
    function: Callable[..., Any],
    cls: TensorType,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None,
) -> Exception | None:
    """The same error with function, shapes of numbers and remedy; None where torch's will do."""
    if type(error) not in (RuntimeError, IndexError):
        return None
    reason = next((said for torchs, said in _SAID.items() if re.search(torchs, str(error))), None)
    if reason is None:
        return None
    named = [f"{name}={_shown(x)}" for name, x in (kwargs or {}).items() if x is not None]
    given = ", ".join([*map(_shown, args), *named])
    remedy = _remedy(cls, function, (*args, *(kwargs or {}).values()))
    return type(error)(f"{_name(function)}({given}): {reason}{remedy}")


def _remedy(cls: TensorType, function: Callable[..., Any], values: tuple[Any, ...]) -> str:
    """The classic mistake: components where a plain tensor stands for real numbers."""
    if not any(shape_of(x)[-1:] == (cls.width,) for x in _tensors(values) if not is_typed(x)):
        return ""
    write = function is torch.Tensor.__setitem__
    way = "write components by q.components[…] = x, or" if write else "for components"
    return f"; a plain tensor holds real numbers: {way} pass {cls.__name__}(x)"


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _tensors(value)


def _shown(value: Any) -> str:
    """A tensor as its type and shape."""
    if isinstance(value, Tensor):
        return f"{type(value).__name__} {shape_of(value)}"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(map(_shown, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    return repr(value)


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "function")
    home = (getattr(function, "__module__", None) or "").rpartition(".")[0]
    return resolve_name(function) or (f"{home}.{name}" if home else name)
