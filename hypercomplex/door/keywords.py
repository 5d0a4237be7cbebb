"""Keyword arguments: torch's other names for them, and `out=`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.door.complexes import with_numbers
from hypercomplex.door.registry import Meaning
from hypercomplex.door.signatures import explain
from hypercomplex.door.torch_messages import in_numbers
from hypercomplex.door.values import TensorType, alias, lift, only_numbers

__all__ = ["call"]

_ALIASES = {
    "axis": "dim",
    "axis0": "dim0",
    "axis1": "dim1",
    "keepdims": "keepdim",
    "mat2": "other",
    "tensor": "other",
    "vec": "other",
}


def call(
    meaning: Meaning,
    function: Callable[..., Any],
    cls: TensorType,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None,
) -> Any:
    """The rule's answer, in the tensor given as `out=` if there is one."""
    if cls.width == 2:
        args, kwargs = with_numbers(function, cls, args, kwargs or {})
    family, rule = meaning
    try:
        if not kwargs:
            return rule(cls, *args)
        if family == "ours":  # whose `axis` may be a root of -1
            return rule(cls, *args, **kwargs)
        return _named(rule, function, cls, args, kwargs)
    except Exception as error:
        clearer = None
        if family == "ours":
            clearer = explain(error, function, args, dict(kwargs or {}))
        clearer = clearer or in_numbers(error, function, cls, args, kwargs)
        if clearer is None:
            raise
    raise clearer


def _named(
    rule: Callable[..., Any],
    function: Callable[..., Any],
    cls: TensorType,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Any:
    given = {name: value for name, value in kwargs.items() if name != "out"}
    named = {_ALIASES.get(name, name): value for name, value in given.items()}
    out = kwargs.get("out")
    if out is None:
        return rule(cls, *args, **named)
    if not _any_typed((*args, *named.values())):  # numbers are only where the result goes
        return write(cls, function(*args, **given), out)
    return write(cls, rule(cls, *args, **named), out)


def write(cls: TensorType, result: Any, out: Any) -> Any:
    """Copy a result into `out`, which is resized if it is empty."""
    if not isinstance(out, Tensor):
        return type(out)(write(cls, each, into) for each, into in zip(result, out, strict=True))
    if is_typed(result):
        only_numbers(cls, out)
    components = lift(type(out), result, out) if is_typed(out) else result
    if components.requires_grad or (out.requires_grad and torch.is_grad_enabled()):
        raise RuntimeError(
            "functions with out=... arguments don't support automatic differentiation"
        )
    if not torch.can_cast(components.dtype, out.dtype):
        raise RuntimeError(
            f"result type {components.dtype} can't be cast to the desired output type {out.dtype}"
        )
    if out.shape != components.shape:
        if out.numel():
            raise RuntimeError(
                f"`out` of shape {tuple(out.shape[: out.ndim - is_typed(out)])} must be empty, or "
                f"have the shape {tuple(components.shape[: components.ndim - is_typed(out)])} of "
                "the result"
            )
        out.resize_(components.shape)
    alias(out).copy_(components)
    return out


def _any_typed(values: Any) -> bool:
    return any(
        is_typed(value) or (isinstance(value, (list, tuple)) and _any_typed(value))
        for value in values
    )
