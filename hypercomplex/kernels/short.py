"""Short formulas: values and first derivatives in few calls, higher ones from a slow twin.

Recorded operation by operation, a function of numbers keeps a dozen intermediate results and goes
back through each. The derivatives are known in closed form and far shorter. So `ShortFormulas` are
a variant that computes both directly, where nothing stands in the way (`NEEDS`) and values are in
their range. At singular points, for huge and tiny numbers they decline.
The twin also gives what is differentiated again: a backward pass with `create_graph` goes through
it, so higher derivatives are exactly its own.

What a short formula cannot do for a few elements is repaired for these alone (`repair`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import Typed
from hypercomplex.host.mode import IN_PLACE, PRECISE, works_in_place

__all__ = [
    "NEEDS",
    "Columns",
    "ShortFormulas",
    "by_twin",
    "dot",
    "fits_one_call",
    "repair",
    "square",
]

NEEDS = IN_PLACE | PRECISE
"""What the variant needs."""

Columns = tuple[Tensor, ...]
_FEW = 4096  # below it the cost is in the number of calls


class ShortFormulas(ABC):
    """Short formulas of a function of tensors."""

    @abstractmethod
    def values(self, *inputs: Tensor) -> Columns | None:
        """The result and what `gradients` wants to keep; None outside the range."""

    @abstractmethod
    def gradients(self, g: Tensor, inputs: Columns, kept: Columns) -> Columns:
        """The products of the cotangent with the derivatives, one for each input."""

    def __call__(self, twin: Callable[..., Tensor], *inputs: Tensor) -> Tensor | None:
        """The function that the twin is; None outside the range."""
        if not all(x.numel() for x in inputs):
            return None
        with torch.no_grad():
            computed = self.values(*inputs)
        if computed is None:
            return None
        if torch.is_grad_enabled() and any(x.requires_grad for x in inputs):
            plain = (x.as_subclass(Tensor) if isinstance(x, Typed) else x for x in inputs)
            result: Tensor = _Recorded.apply(self, twin, computed, *plain)  # type: ignore[no-untyped-call]
            return result
        return computed[0]


class _Recorded(torch.autograd.Function):
    """One node of the graph for values that are known already."""

    @staticmethod
    def forward(
        ctx: Any,
        short: ShortFormulas,
        twin: Callable[..., Tensor],
        computed: Columns,
        *inputs: Tensor,
    ) -> Tensor:
        result, *kept = computed
        ctx.short, ctx.twin, ctx.inputs = short, twin, len(inputs)
        ctx.save_for_backward(*inputs, *kept)
        return result

    @staticmethod
    def backward(ctx: Any, *g: Tensor) -> Any:
        saved = ctx.saved_tensors
        inputs, kept = saved[: ctx.inputs], saved[ctx.inputs :]
        needed = ctx.needs_input_grad[3:]
        if torch.is_grad_enabled() or not works_in_place(g[0]):
            return None, None, None, *by_twin(ctx.twin, inputs, needed, g[0])
        found = ctx.short.gradients(g[0], inputs, kept)
        fitted = (
            (d if d.shape == x.shape else d.sum_to_size(x.shape)) if n else None
            for d, x, n in zip(found, inputs, needed, strict=True)
        )
        return None, None, None, *fitted


def by_twin(
    twin: Callable[..., Tensor], inputs: Columns, needed: tuple[bool, ...], g: Tensor
) -> list[Tensor | None]:
    """The gradients that torch finds, which can be differentiated if the given one can."""
    again = torch.is_grad_enabled()
    with torch.enable_grad():
        separate = [x.view_as(x) for x in inputs]  # one may be given twice
        wanted = [x for x, n in zip(separate, needed, strict=True) if n]
        found = iter(torch.autograd.grad(twin(*separate), wanted, g, create_graph=again))
    return [next(found) if n else None for n in needed]


def fits_one_call(x: Tensor) -> bool:
    """Whether one call for all components is faster than one for each."""
    return x.numel() <= _FEW or x.shape[-1] > 8


def dot(x: Tensor, y: Tensor) -> Tensor:
    """The sum of products over the last axis, as a column."""
    if fits_one_call(x):
        return (x * y).sum(-1, keepdim=True)  # vecdot would be rounded under autocast
    total = None
    for a, b in zip(x.split(1, -1), y.split(1, -1), strict=True):
        total = a * b if total is None else torch.addcmul(total, a, b)
    assert total is not None
    return total


def square(x: Tensor) -> Tensor:
    """The sum of squares over the last axis, as a column."""
    return dot(x, x)


def repair(
    values: Tensor, where: Tensor, function: Callable[..., Tensor], *columns: Tensor
) -> Tensor:
    """Values, which are overwritten by those of the function of columns at the few `where`."""
    places = where.flatten().nonzero().squeeze(-1)
    if places.numel():
        few = (c.expand_as(values).flatten()[places] for c in columns)
        values.view(-1).index_copy_(0, places, function(*few))
    return values
