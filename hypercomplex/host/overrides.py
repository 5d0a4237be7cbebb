"""Whether functions of torch, and ours, ask the types of their arguments what they mean.

Inside a rule a typed tensor is its components, and no function asks again; what a rule calls for a
user, such as a hook, sees numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import has_torch_function

from hypercomplex.host.effects import find, need

__all__ = ["as_components", "as_numbers", "only_types_are_asked", "types_are_asked"]

_MODES = "a TorchFunctionMode around rules"


class _Asked(torch.Tensor):
    """A type of which nothing is known but that functions ask it."""


def _probe() -> bool:
    return has_torch_function((torch.empty(0).as_subclass(_Asked),))


# The contexts in which typed tensors are their components, and in which they are numbers again;
# whether functions ask the types of their arguments, here and now.
as_components: Callable[[], Any]
as_numbers: Callable[[], Any]
types_are_asked: Callable[[], bool]

as_components = (
    find("torch._C.DisableTorchFunctionSubclass", _MODES) or torch._C.DisableTorchFunction
)
as_numbers = need(
    "torch._C._EnableTorchFunction", "a gradient, a hook, or a function inside a rule"
)
types_are_asked = find("torch._C._is_torch_function_enabled", _MODES) or _probe
_mode_is_asked = find("torch._C._is_torch_function_mode_enabled", _MODES) or (lambda: True)


def only_types_are_asked() -> bool:
    """Whether they do, and no mode is asked before."""
    return types_are_asked() and not _mode_is_asked()
