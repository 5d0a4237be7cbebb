"""Leaves that are nobody's view.

`as_subclass` makes a typed tensor a view of the plain one, which is right for what is computed, as
both then belong to one graph. A leaf must not be one: when values change in place, as every step of
an optimizer does, torch derives the graph of each view anew from the tensor that all of them show.
If that is a plain tensor without gradient behind the leaf, views of the leaf lose theirs in
silence.

So typed leaves own their place: `Tensor._make_subclass` shares storage and version, and nothing
else, and `torch._C._swap_tensor_impl` puts such a leaf where a view was.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.host.effects import find
from hypercomplex.host.mode import compiler_reads, is_eager

__all__ = ["become", "fresh", "leaf", "own", "shows_plain", "typed"]

_QUICK = "a quick view where nothing is recorded"
_VIEWS = "a change in place of a typed leaf that has views"
_is_view = find("torch.Tensor._is_view", _VIEWS) or (lambda _: True)
_make_subclass = find("torch.Tensor._make_subclass", _VIEWS) or (
    lambda cls, components: components.detach().as_subclass(cls)
)
_swap = find("torch._C._swap_tensor_impl", _VIEWS)
_SIZE, _PLAIN_DISPATCH = Tensor.__basicsize__, Tensor.__torch_dispatch__
_set_grad_enabled = find("torch._C._set_grad_enabled", _QUICK) or torch.set_grad_enabled


def typed(cls: Any, components: Tensor) -> Any:
    """The components as numbers of the same storage and the same graph.

    Where nothing is recorded a fresh tensor may be made which is recorded later, `w[0] = q`. Its
    type must not forbid that, as a view does that was made without recording.
    """
    if (
        torch.is_grad_enabled()
        or compiler_reads()
        or components.requires_grad
        or _is_view(components)
    ):
        return components.as_subclass(cls)
    _set_grad_enabled(True)
    try:
        return components.as_subclass(cls)
    finally:
        _set_grad_enabled(False)


def fresh(cls: Any, components: Tensor) -> Any:
    """The same of a tensor that nobody else holds, such as torch's results: it becomes numbers, if
    its type is all that is to change.
    """
    if (
        compiler_reads()
        or type(components) is not Tensor
        or cls.__torch_dispatch__ is not _PLAIN_DISPATCH
        or cls.__basicsize__ != _SIZE  # as types with slots have it
    ):
        return typed(cls, components)
    components.__class__ = cls
    return components


def leaf(cls: Any, components: Tensor) -> Any:
    """The components as numbers without history that share storage, and are nobody's view."""
    if not is_eager():
        return components.detach().as_subclass(cls)
    return _make_subclass(cls, components)


def own(x: Any) -> None:
    """Make a typed tensor, in its place, a leaf that is nobody's view."""
    if _swap is not None and is_eager() and _is_view(x):
        _swap(x, leaf(type(x), x))


def shows_plain(x: Tensor) -> bool:
    """Whether x is the view of a plain tensor."""
    return _is_view(x) and not is_typed(getattr(x, "_base", None))


def become(cls: Any, components: Tensor) -> None:
    """Make a plain tensor numbers, the same object."""
    components.__class__ = cls
