"""What a derivative that is being taken can see of one that is taken of it.

Plain autograd keeps one graph for both. `torch.func` wraps a tensor once for each derivative and
each map that it is inside of, and the graph of an outer derivative is that of the tensor inside.
"""

from __future__ import annotations

from contextlib import ExitStack

import torch
from torch import Tensor

from hypercomplex.functional.values import is_traced

__all__ = ["derivative_outside", "is_recorded", "is_wrapped"]

_torch = torch._C._functorch


def is_wrapped(x: Tensor) -> bool:
    """Whether x is inside of a derivative or a map of `torch.func`."""
    return bool(_torch.is_functorch_wrapped_tensor(x))


def is_recorded(x: Tensor) -> bool:
    """Whether any reverse derivative is going to ask for x.

    What a compiler or `torch.jit.trace` writes down is the same with and without derivatives.
    """
    if torch.compiler.is_compiling() or is_traced():
        return False
    while not x.requires_grad:
        if not is_wrapped(x):
            return False
        x = _torch.get_unwrapped(x)
    return True


def derivative_outside(g: Tensor, of: Tensor) -> Tensor:
    """`dg / d of` of a cotangent, number by number, as an outer reverse derivative sees it; else 0.

    It is a constant.
    """
    return _derivative(g, of, inside=is_wrapped(of))


def _derivative(g: Tensor, of: Tensor, inside: bool) -> Tensor:
    if _torch.is_batchedtensor(g) and _level(g) not in _maps(of):
        axis, level = _torch.maybe_get_bdim(g), _torch.maybe_get_level(g)
        rows = _torch.get_unwrapped(g).unbind(axis)
        each = torch.stack([_derivative(row, of, inside) for row in rows])
        return _torch._add_batch_dim(each, 0, level)
    if _torch.is_batchedtensor(of):
        level, axis = _torch.maybe_get_level(of), _torch.maybe_get_bdim(of)
        g = _torch.get_unwrapped(g) if _level(g) == level else g
        found = _derivative(g, _torch.get_unwrapped(of), inside)
        return _torch._add_batch_dim(found, axis, level)
    if inside:  # the level of the derivative that is being taken, which may be over
        g = _torch.get_unwrapped(g) if _level(g) == _level(of) else g
        return _derivative(g, _torch.get_unwrapped(of), inside=False)
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
        if _torch.is_batchedtensor(x):
            found.add(_level(x))
        x = _torch.get_unwrapped(x)
    return found


def _level(x: Tensor) -> int:
    """The level of the outermost wrapper, -1 without one, -2 if it is over."""
    return int(_torch.maybe_get_level(x))


def _leave_levels_above(level: int, stack: ExitStack) -> None:
    from torch._functorch import pyfunctorch

    while (top := _torch.peek_interpreter_stack()) is not None and top.level() > max(level, 0):
        stack.enter_context(pyfunctorch.temporarily_pop_interpreter_stack())
