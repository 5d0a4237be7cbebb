"""Hooks see gradients of numbers, of several tensors and of modules, too; edges take them.

`register_full_backward_hook` hangs its hooks on a node of the graph, below the tensor types: what
reaches it there are components, and what it gives back must be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge

from hypercomplex.door.calls import Typed, is_typed
from hypercomplex.door.values import alias, lift, wrap
from hypercomplex.host.functions import Function, extend
from hypercomplex.host.known import not_traced
from hypercomplex.host.overrides import as_components, as_numbers

__all__ = ["hooks_see_numbers"]

_REASON = "gradients of numbers in full backward hooks of modules"


def hooks_see_numbers() -> None:
    """Have hooks of modules take and give gradients of numbers, and those of several tensors called
    where these are leaves; gradient edges, which know no types, take gradients of numbers.
    """
    extend(
        "torch.utils.hooks.BackwardHook._apply_on_tensors",
        _applying,
        _REASON,
        "has hooks see numbers where tensors hold them; without any, torch's own code runs",
    )

    extend(
        "torch.autograd.graph._get_grad_fn_or_grad_acc",
        _finding,
        "hooks of several typed tensors, and their gradient edges,",
        "finds the node of a typed leaf itself; torch's own code runs on all others",
    )

    extend(
        "torch.autograd._make_grads",
        _reading,
        "gradients of numbers at gradient edges",
        "reads the components of gradients of numbers at gradient edges; torch's own code runs",
    )


def _applying(twin: Function) -> Function:
    apply_on_numbers = not_traced(twin)  # nodes are none that the compiler knows

    def _apply_on_tensors(self: Any, fn: Callable[[Any], None], args: Any) -> Any:
        types = [type(x) for x in args if isinstance(x, Tensor)]
        if not any(issubclass(each, Typed) for each in types):
            return twin(self, fn, args)
        return apply_on_numbers(self, lambda node: fn(_Node(node, types)), args)

    return _apply_on_tensors


def _finding(twin: Function) -> Function:
    def _get_grad_fn_or_grad_acc(t: Any) -> Any:
        if not is_typed(t):
            return twin(t)
        with as_components():  # in which a view is one view
            return twin(t)

    return _get_grad_fn_or_grad_acc


def _reading(twin: Function) -> Function:
    def _make_grads(outputs: Sequence[Any], grads: Sequence[Any], is_grads_batched: bool) -> Any:
        if any(map(is_typed, grads)):
            grads = [_at_edge(g, out) for out, g in zip(outputs, grads, strict=False)]
        return twin(outputs, grads, is_grads_batched)

    return _make_grads


def _at_edge(gradient: Any, output: Any) -> Any:
    if not (is_typed(gradient) and isinstance(output, GradientEdge)):
        return gradient
    with torch.enable_grad(), as_components():
        return alias(gradient)


class _Node:
    """A node of the graph, which has a gradient for each tensor, of its type."""

    def __init__(self, node: Any, types: Sequence[type]) -> None:
        self.node, self.types = node, types

    def register_hook(self, hook: Function) -> Any:
        """Have the node call a hook with gradients of inputs and outputs, or of outputs alone."""

        def on_numbers(*gradients: Any) -> Any:
            with as_components():
                seen = [tuple(map(_numbers, self.types, each)) for each in gradients]
                with as_numbers():
                    given = hook(*seen)
                return given and tuple(map(_components, self.types, given, gradients[0]))

        return self.node.register_hook(on_numbers)


def _numbers(cls: Any, gradient: Any) -> Any:
    return wrap(cls, gradient) if gradient is not None and issubclass(cls, Typed) else gradient


def _components(cls: Any, given: Any, gradient: Any) -> Any:
    return (
        given if given is None or not issubclass(cls, Typed) else alias(lift(cls, given, gradient))
    )
