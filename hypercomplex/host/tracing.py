"""Symbolic tracing takes a layer of numbers for one step, as it takes each layer of torch.

`torch.fx.symbolic_trace` goes into the code of every module that is not torch's own, and stops at
the first check of a shape. Its graphs name our layers instead, and call them.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from hypercomplex.host.functions import Function, extend

__all__ = ["layers_are_steps"]


def layers_are_steps() -> None:
    """Have every tracer that does not decide otherwise keep our layers whole, from now on."""
    extend(
        "torch.fx.Tracer.is_leaf_module",
        _ours_or,
        "torch.fx.symbolic_trace of models with layers of numbers",
        "takes a layer of this library for one step, as one of torch's own",
    )


def _ours_or(twin: Function) -> Function:
    def is_leaf_module(self: Any, m: nn.Module, module_qualified_name: str) -> bool:
        own = m.__module__.startswith("hypercomplex.")
        return own or twin(self, m, module_qualified_name)

    return is_leaf_module
