"""Why a plan was chosen, and what the others would cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

import torch
from torch import Tensor, nn

from hypercomplex.lowering.machines import Constants, machine_of
from hypercomplex.lowering.plan import Made, watched

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation:
    """What was planned in one call; printed, it is a table for each product."""

    what: str
    products: tuple[tuple[Made, int], ...]
    """Each product that was planned, and how many times."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The plans, in the order in which they were chosen."""
        return tuple(made.chosen for made, _ in self.products)

    def __str__(self) -> str:
        if not self.products:
            return f"{self.what}: nothing was planned; no rows of numbers meet a matrix of numbers"
        return "\n\n".join([self.what, *(_told(*each) for each in self.products)])

    __repr__ = __str__


def explain(call: Callable[..., Any], *inputs: Tensor | Sequence[int]) -> Explanation:
    """How a layer or a function multiplies rows of numbers by matrices of numbers, and why so.

    It is called once, on zeros where a shape stands for an input; neither its buffers nor random
    numbers are used up. Gradients count if they would be recorded.

    Args:
        call: a layer, a model of layers, or a function.
        inputs: what it is called with: tensors, or the shapes of plain ones.

    Raises:
        TypeError: if `call` cannot be called, or an input is neither.

    Example:
        >>> layer = hc.nn.QuaternionLinear(1024, 1024)
        >>> why = hc.explain(layer, (4, 4096))  # print it
        >>> why.chosen
        ('input',)
        >>> W, x = hc.QuaternionTensor.randn(64, 64), hc.QuaternionTensor.randn(64)
        >>> len(hc.explain(torch.matmul, W, x).products)
        1
    """
    if not callable(call):
        raise TypeError(f"`call` (={call!r}) must be a layer or a function")
    tensors = [x if isinstance(x, Tensor) else _zeros(call, x) for x in inputs]
    with torch.random.fork_rng(), watched() as found:
        if isinstance(call, nn.Module):
            buffers = {name: buffer.clone() for name, buffer in call.named_buffers()}
            torch.func.functional_call(call, buffers, tuple(tensors))
        else:
            call(*tensors)
    name = type(call).__name__ if isinstance(call, nn.Module) else _name(call)
    return Explanation(name, tuple(Counter(found).items()))


def _name(call: Callable[..., Any]) -> str:
    return getattr(call, "__name__", None) or repr(call)


def _zeros(call: Callable[..., Any], shape: Sequence[int]) -> Tensor:
    """Zeros of the type and on the device of a layer's weights."""
    if not isinstance(shape, Sequence) or not all(isinstance(size, int) for size in shape):
        raise TypeError(f"`inputs` (={shape!r}) must be tensors, or shapes such as (4, 1024)")
    weights = call.parameters() if isinstance(call, nn.Module) else iter(())
    like = next((w for w in weights if w.is_floating_point()), torch.empty(0))
    return torch.zeros(tuple(shape), dtype=like.dtype, device=like.device)


# ---------------------------------------------------------------------- the table


def _told(made: Made, times: int) -> str:
    machine = machine_of(made.device)
    often = "" if times == 1 else f", {times} times"
    lines = [
        f"{made.of_what()}{often}",
        f"on {machine.name} ({machine.source})",
        "",
        "| plan | multiplications | read and written | calls | estimated | |",
        "|---|--:|--:|--:|--:|---|",
        *(f"| {' | '.join(cells)} |" for cells in _rows(made, machine.of(made.dtype))),
    ]
    return "\n".join(lines)


def _rows(made: Made, machine: Constants) -> list[tuple[str, ...]]:
    """The plans, the quickest first, then those that do not serve."""
    size, weighed = made.dtype.itemsize, made.weighed()
    seconds = {name: cost.seconds(machine, size) for name, cost in weighed.items()}
    found: list[tuple[str, ...]] = [
        (
            name,
            _short(weighed[name].multiplications),
            f"{_short(weighed[name].touched * size)}B",
            str(weighed[name].calls),
            f"{_short(seconds[name])}s",
            "chosen" if name == made.chosen else "",
        )
        for name in sorted(seconds, key=seconds.__getitem__)
    ]
    no = ("–",) * 4
    return found + [(name, *no, f"does not serve: {why}") for name, why in made.refused().items()]


def _short(value: float) -> str:
    """Three digits and a prefix: `12.6 M`."""
    if not value:
        return "0 "
    power = max(-3, min(4, floor(log10(value) / 3)))
    return f"{value / 1000.0**power:.3g} {'nµm kMGT'[power + 3].strip()}"
