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

from hypercomplex.functional.values import is_eager

__all__ = ["leaf", "own", "typed"]


def typed(cls: Any, components: Tensor) -> Any:
    """The components as numbers of the same storage and the same graph.

    Where nothing is recorded a fresh tensor may be made which is recorded later, `w[0] = q`. Its
    type must not forbid that, as a view does that was made without recording.
    """
    if (
        torch.is_grad_enabled()
        or torch.compiler.is_dynamo_compiling()
        or components.requires_grad
        or components._is_view()
    ):
        return components.as_subclass(cls)
    torch._C._set_grad_enabled(True)
    try:
        return components.as_subclass(cls)
    finally:
        torch._C._set_grad_enabled(False)


def leaf(cls: Any, components: Tensor) -> Any:
    """The components as numbers without history that share storage, and are nobody's view."""
    if not is_eager():
        return components.detach().as_subclass(cls)
    return Tensor._make_subclass(cls, components)


def own(x: Any) -> None:
    """Make a typed tensor, in its place, a leaf that is nobody's view."""
    if is_eager() and x._is_view() and hasattr(torch._C, "_swap_tensor_impl"):
        torch._C._swap_tensor_impl(x, leaf(type(x), x))
