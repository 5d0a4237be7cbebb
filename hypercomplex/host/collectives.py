"""Collectives that give new tensors, `torch.distributed._functional_collectives`, of numbers.

They call operators below the tensor type, which take components `(…, n)`; the axes that they name
are those of numbers. The compiler puts them in the place of `torch.distributed.all_reduce` and its
like, which so stand in one graph, too. What they give has arrived: no numbers are waited for.

Before torch 2.12 most functions of `torch.distributed` itself do not ask either.
"""

from __future__ import annotations

from functools import partial
from inspect import signature, unwrap
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import Meaning, add, by_grade
from hypercomplex.door.values import TensorType, alias, wrap
from hypercomplex.host.effects import find
from hypercomplex.host.functions import Function, extend
from hypercomplex.host.imports import when_loaded
from hypercomplex.host.torches import DIFFERENTIATES, GATHERING
from hypercomplex.host.trees import tree_leaves
from hypercomplex.rules.axes import axis
from hypercomplex.rules.collectives import COLLECTIVES, check_reduction, of_type

__all__ = ["collectives_ask", "new_tensors_of_collectives_are_numbers"]

_HOME = "torch.distributed._functional_collectives"
_REASON = "functional collectives of typed tensors, and all collectives of them in one graph"
_WHOLE = ("all_reduce", "all_reduce_coalesced", "broadcast", "wait_tensor")
_ALONG = {"all_to_all_single": "", **GATHERING}
"""What joins or splits tensors, and the argument that says along which axis, if not the first."""


def new_tensors_of_collectives_are_numbers() -> None:
    """Have these functions take and give numbers, once they are loaded."""
    if torch.distributed.is_available():
        when_loaded(_HOME, _extend)


def collectives_ask() -> None:
    """Have the collectives that do not ask tensor types ask those of numbers."""
    for function in COLLECTIVES:
        code = getattr(unwrap(function), "__code__", None)
        if tree_leaves is not None and "handle_torch_function" not in getattr(code, "co_names", ()):
            path = f"{function.__module__}.{function.__name__}"
            extend(path, partial(_asked, function), "collectives of typed tensors")


def _asked(function: Function, twin: Function) -> Function:
    """The function with a rule, asking for it whatever argument holds numbers."""

    def collective(*args: Any) -> Any:
        for x in filter(is_typed, tree_leaves(args)):
            return x.__torch_function__(function, (type(x),), args)
        return twin(*args)

    return collective


def _extend(_: ModuleType) -> None:
    for name in (*_WHOLE, *_ALONG):
        extend(f"{_HOME}.{name}", partial(_asking, _ALONG.get(name)), _REASON)


def _asking(along: str | None, twin: Function) -> Function:
    """The function with a rule, and asking for it; its first argument is a tensor, or several."""
    rule = _on_components(along, twin)
    add("shape", twin, rule)
    by_grade(twin, Meaning("shape", rule))

    def collective(*args: Any) -> Any:
        for x in _listed(args[0]):
            if is_typed(x):
                return x.__torch_function__(twin, tuple(map(type, _listed(args[0]))), args)
        return twin(*args)

    return collective


def _on_components(along: str | None, twin: Function) -> Function:
    wait = find(f"{_HOME}.wait_tensor", _REASON)
    given, *options = signature(twin).parameters

    def rule(cls: TensorType, tensors: Any, *rest: Any) -> Any:
        told = dict(zip(options, rest, strict=True))
        if "reduceOp" in told:
            check_reduction(cls, told["reduceOp"])
        numbers = _each(lambda x: alias(of_type(cls, given, x)).contiguous(), tensors)
        if not DIFFERENTIATES and any(x.requires_grad for x in _listed(numbers)):
            raise NotImplementedError(
                f"{twin.__name__} has no derivative before torch 2.13; use the functions of "
                "torch.distributed.nn, or detach the numbers"
            )
        if along is not None:
            dims = _axes(numbers, told.get(along, 0))
            told.update({along: dims} if along in told else {})
        found = twin(numbers, *told.values())
        return _each(lambda x: wrap(cls, x if type(x) is Tensor else wait(x)), found)

    return rule


def _listed(x: Any) -> Any:
    return x if isinstance(x, (list, tuple)) else [x]


def _each(function: Function, x: Any) -> Any:
    return [function(one) for one in x] if isinstance(x, (list, tuple)) else function(x)


def _axes(numbers: Any, dims: Any) -> Any:
    """Which axes of numbers are meant, counted from the front; a single number has none."""
    if not isinstance(numbers, list):
        return axis(numbers, dims)
    dims = dims if isinstance(dims, (list, tuple)) else [dims] * len(numbers)
    return [axis(x, dim) for x, dim in zip(numbers, dims, strict=True)]
