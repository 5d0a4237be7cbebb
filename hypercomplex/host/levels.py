"""What a derivative that is being taken can see of one that is taken of it.

Plain autograd keeps one graph for both. `torch.func` wraps a tensor once for each derivative and
each map that it is inside of, and the graph of an outer derivative is that of the tensor inside.
"""

from __future__ import annotations

from contextlib import ExitStack

import torch
from torch import Tensor

from hypercomplex.host.effects import need
from hypercomplex.host.mode import is_compiling, is_traced, is_wrapped

__all__ = ["derivative_outside", "is_differentiated"]

_SECOND = "a second derivative of a length"
_is_mapped = need("torch._C._functorch.is_batchedtensor", _SECOND)
_inside = need("torch._C._functorch.get_unwrapped", _SECOND)
_level_of = need("torch._C._functorch.maybe_get_level", _SECOND)
_axis_of = need("torch._C._functorch.maybe_get_bdim", _SECOND)
_map_over = need("torch._C._functorch._add_batch_dim", _SECOND)
_top_level = need("torch._C._functorch.peek_interpreter_stack", _SECOND)
_leave_top_level = need("torch._functorch.pyfunctorch.temporarily_pop_interpreter_stack", _SECOND)


def is_differentiated(x: Tensor) -> bool:
    """Whether any reverse derivative is going to ask for x.

    What a compiler or `torch.jit.trace` writes down is the same with and without derivatives.
    """
    if is_compiling() or is_traced():
        return False
    while not x.requires_grad:
        if not is_wrapped(x):
            return False
        x = _inside(x)
    return True


def derivative_outside(g: Tensor, of: Tensor) -> Tensor:
    """`dg / d of` of a cotangent, number by number, as an outer reverse derivative sees it; else 0.

    It is a constant.
    """
    return _derivative(g, of, inside=is_wrapped(of))


def _derivative(g: Tensor, of: Tensor, inside: bool) -> Tensor:
    if _is_mapped(g) and _level(g) not in _maps(of):
        axis, level = _axis_of(g), _level(g)
        rows = _inside(g).unbind(axis)
        each = torch.stack([_derivative(row, of, inside) for row in rows])
        return _map_over(each, 0, level)
    if _is_mapped(of):
        level, axis = _level(of), _axis_of(of)
        g = _inside(g) if _level(g) == level else g
        found = _derivative(g, _inside(of), inside)
        return _map_over(found, axis, level)
    if inside:  # the level of the derivative that is being taken, which may be over
        g = _inside(g) if _level(g) == _level(of) else g
        return _derivative(g, _inside(of), inside=False)
    with ExitStack() as stack:
        _leave_levels_above(_level(of), stack)
        if not (g.requires_grad and of.requires_grad):
            return torch.zeros_like(of)
        (found,) = torch.autograd.grad(
            g, of, torch.ones_like(g), retain_graph=True, allow_unused=True
        )
        return torch.zeros_like(of) if found is None else found


def _maps(x: Tensor) -> set[int]:
    """The levels of the maps that x is inside of."""
    found = set()
    while is_wrapped(x):
        if _is_mapped(x):
            found.add(_level(x))
        x = _inside(x)
    return found


def _level(x: Tensor) -> int:
    """The level of the outermost wrapper, -1 without one, -2 if it is over."""
    return int(_level_of(x))


def _leave_levels_above(level: int, stack: ExitStack) -> None:
    while (top := _top_level()) is not None and top.level() > max(level, 0):
        stack.enter_context(_leave_top_level())
