"""Signals and images of numbers, `(N, C, *)`: means of windows, other sizes, samples.

All are linear with real weights, so they act on every component alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, wrap
from hypercomplex.lowering import fold, unfold
from hypercomplex.rules.axes import on_last


def _means(name: str, axes: int) -> None:
    pool: Callable[..., Tensor] = getattr(F, name)

    @rule("linear", f"{name} nn.functional.{name}")
    def means(cls: TensorType, input: Tensor, *args: Any, **named: Any) -> Tensor:
        _check_axes(name, input, (axes + 1, axes + 2))
        return wrap(cls, on_last(axes + 1, lambda x: pool(x, *args, **named), input))


for _axes in (1, 2, 3):
    _means(f"avg_pool{_axes}d", _axes)
    _means(f"adaptive_avg_pool{_axes}d", _axes)


@rule("linear", "nn.functional.interpolate")
def interpolate(cls: TensorType, input: Tensor, *args: Any, **named: Any) -> Tensor:
    """Every mode of torch weighs the points of the image with real numbers."""
    axes = max(input.ndim - 2, 1)
    return wrap(cls, on_last(axes, lambda x: F.interpolate(x, *args, **named), input))


def _samples(function: Callable[..., Tensor], axes: Sequence[int]) -> None:
    """`grid_sample`: the places are real, one for each image, so components are channels."""

    @rule("linear", [function])
    def samples(cls: TensorType, input: Tensor, grid: Tensor, *args: Any, **named: Any) -> Tensor:
        if is_typed(grid):
            raise TypeError(
                f"`grid` holds places, which are real numbers, and no {cls.__name__}; pass a plain "
                "tensor"
            )
        _check_axes("grid_sample", input, [a + 2 for a in axes])
        sampled = function(fold(input, 1), grid, *args, **named)
        return wrap(cls, unfold(sampled, 1, input.shape[-1]))


_samples(F.grid_sample, (2, 3))
_samples(torch.grid_sampler, (2, 3))
_samples(torch.grid_sampler_2d, (2,))
_samples(torch.grid_sampler_3d, (3,))


def _check_axes(name: str, input: Tensor, counts: Sequence[int]) -> None:
    if not is_typed(input) or input.ndim - 1 not in counts:
        raise RuntimeError(
            f"{name} expects a tensor with {' or '.join(map(str, counts))} axes of numbers, but "
            f"`input` has {input.ndim - is_typed(input)}"
        )
