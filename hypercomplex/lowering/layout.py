"""Where the components of numbers stand in real tensors, and how to move between the layouts.

- *components last* `(…, C, …, n)`: one number is one run of the last axis. Weights, biases and
  typed tensors are written this way.
- *folded* `(…, n·C, …)`: component-major on the channel axis, `[all real parts | all i parts | …]`,
  what real layers eat.
- *group-major* `(…, G·n·C/G, …)`: the folded layout inside each group of a grouped convolution,
  so that a group holds whole numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = [
    "came_of_finite",
    "exchange",
    "fold",
    "fold_groups",
    "in_order",
    "interleave",
    "planes",
    "unfold",
    "unfold_groups",
]


def fold(components: Tensor, dim: int) -> Tensor:
    """Components last `(…, C, …, n)` → folded `(…, n·C, …)`, with the channels on `dim` ≥ 0."""
    return components.movedim(-1, dim).flatten(dim, dim + 1)


def unfold(folded: Tensor, dim: int, n: int) -> Tensor:
    """Folded `(…, n·C, …)` → components last `(…, C, …, n)`; always a view."""
    return folded.unflatten(dim, (n, -1)).movedim(dim, -1)


def fold_groups(folded: Tensor, dim: int, n: int, groups: int) -> Tensor:
    """Folded `(…, n·C, …)` → group-major `(…, G·n·C/G, …)`."""
    if groups == 1 or n == 1:
        return folded
    return folded.unflatten(dim, (n, groups, -1)).transpose(dim, dim + 1).flatten(dim, dim + 2)


def unfold_groups(grouped: Tensor, dim: int, n: int, groups: int) -> Tensor:
    """Group-major `(…, G·n·C/G, …)` → folded `(…, n·C, …)`."""
    if groups == 1 or n == 1:
        return grouped
    return grouped.unflatten(dim, (groups, n, -1)).transpose(dim, dim + 1).flatten(dim, dim + 2)


def interleave(components: Tensor, out: Tensor | None = None) -> Tensor:
    """Components one after the other `(n, N)` → side by side `(N, n)`.

    A copy of pairs of components as complex numbers, which torch writes several times as fast.
    """
    n, count = components.shape
    numbers = components.new_empty(count, n) if out is None else out
    if n % 2 or components.dtype not in (torch.float32, torch.float64):
        return numbers.copy_(components.t())
    planes = iter(components.unbind())
    for pair in torch.view_as_complex(numbers.view(count, n // 2, 2)).unbind(1):
        torch.complex(next(planes), next(planes), out=pair)
    return numbers


def planes(numbers: Tensor) -> Tensor:
    """Components side by side `(A, B, n)` → a plane of each, `(n, A, B)`.

    On a CPU by a product with zeros and ones, which torch reads for faster than for a copy, unless
    one is infinite.
    """
    *sizes, n = numbers.shape
    if numbers.is_cpu:
        one = torch.eye(n, dtype=numbers.dtype)
        found = one @ numbers.reshape(-1, n).t()
        if came_of_finite(found[:1]):
            return found.view(n, *sizes)
    return numbers.movedim(-1, 0).contiguous()


def came_of_finite(sums: Tensor) -> bool:
    """Whether no component was infinite, as a sum of constant multiples of all of them tells, zero
    multiples included: zero times infinity is not a number, so other sums are not to be trusted.
    """
    return bool(sums.sum().isfinite())


def exchange(runs: Tensor) -> Tensor:
    """Runs of components `(A, B, C, n)` → `(A, C, B, n)`, contiguous; nothing is recorded.

    As many bytes of a run as torch knows are moved as one number, several times as fast.
    """
    size = runs.shape[-1] * runs.element_size()
    for wide in (torch.complex128, torch.int64):
        if size and size % wide.itemsize == 0:
            return runs.view(wide).transpose(1, 2).contiguous().view(runs.dtype)
    return runs.transpose(1, 2).contiguous()


def in_order(y: Tensor) -> Tensor:
    """Numbers one after the other, as products of torch lie; components may stand anywhere."""
    step = y.stride(-2) * y.shape[-2]
    for axis in range(y.ndim - 3, -1, -1):
        if y.stride(axis) != step and y.shape[axis] != 1:
            return y.contiguous()
        step *= y.shape[axis]
    return y
