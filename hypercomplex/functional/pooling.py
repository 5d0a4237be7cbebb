"""Pooling of numbers: means, and whole numbers chosen by modulus.

Every function takes folded `(N, n·C, *)` or typed `(N, C, *)` with `axes` axes after the
channels; the batch axis may be missing. The other arguments are torch's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import Amount, Amounts, Axes, Count, Counts, channel_axis
from hypercomplex.functional.numbers import norm
from hypercomplex.lowering import fold, unfold

__all__ = ["adaptive_avg_pool", "adaptive_max_pool", "avg_pool", "max_pool"]

OutputSize = Amount | Sequence[Amount | None]

_AVG: dict[int, Callable[..., Tensor]] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
_MAX: dict[int, Callable[..., Any]] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_ADAPTIVE_AVG: dict[int, Callable[..., Tensor]] = {
    1: F.adaptive_avg_pool1d,
    2: F.adaptive_avg_pool2d,
    3: F.adaptive_avg_pool3d,
}
_ADAPTIVE_MAX: dict[int, Callable[..., Any]] = {
    1: F.adaptive_max_pool1d,
    2: F.adaptive_max_pool2d,
    3: F.adaptive_max_pool3d,
}


@folded("input", axes="axes")
def avg_pool(
    input: Tensor,
    kernel_size: Counts,
    stride: Counts | None = None,
    padding: Amounts = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Count | None = None,
    *,
    algebra: Algebra,
    axes: Axes,
) -> Tensor:
    r"""The mean of the numbers in each window: $y[t] = \frac1K \sum_s x[t+s]$.

    Raises:
        ValueError: if the channels are not whole numbers, or `divisor_override` is given for one
            axis, where torch has none.

    Example:
        >>> x = torch.tensor([[1., 3], [2, 6]])  # a signal of complex numbers: 1+2i, 3+6i
        >>> avg_pool(x, 2, algebra=hc.COMPLEX, axes=1)
        tensor([[2.],
                [4.]])
    """
    channel_axis(input, -1 - axes, algebra)
    divisor = () if axes == 1 else (divisor_override,)
    if axes == 1 and divisor_override is not None:
        raise ValueError("`divisor_override` is not there for one axis, as in torch")
    return _AVG[axes](input, kernel_size, stride, padding, ceil_mode, count_include_pad, *divisor)


@folded("input", axes="axes")
def max_pool(
    input: Tensor,
    kernel_size: Counts,
    stride: Counts | None = None,
    padding: Amounts = 0,
    dilation: Counts = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    algebra: Algebra,
    axes: Axes,
) -> Any:
    r"""The number of largest modulus in each window: $y[t] = x[t+s^*]$, $s^* = \arg\max |x[t+s]|$.

    Of equal moduli the first wins. Over the reals this is the value of largest magnitude, signed:
    not torch's maximum, which has no counterpart among unordered numbers.

    Returns:
        the numbers; with `return_indices` also where each was, one index a number.

    Raises:
        ValueError: if the channels are not whole numbers.

    Example:
        >>> x = torch.tensor([[1., 0], [2, -3]])  # a signal of complex numbers: 1+2i, -3i
        >>> max_pool(x, 2, algebra=hc.COMPLEX, axes=1)
        tensor([[ 0.],
                [-3.]])
    """
    return _largest(
        lambda modulus: _MAX[axes](
            modulus, kernel_size, stride, padding, dilation, ceil_mode, return_indices=True
        ),
        input,
        return_indices,
        algebra,
        axes,
    )


@folded("input", axes="axes")
def adaptive_avg_pool(
    input: Tensor, output_size: OutputSize, *, algebra: Algebra, axes: Axes
) -> Tensor:
    r"""The mean of the numbers in windows that give the wanted size.

    Raises:
        ValueError: if the channels are not whole numbers.

    Example:
        >>> adaptive_avg_pool(torch.randn(2, 4 * 3, 5, 7), 1, algebra=hc.QUATERNION, axes=2).shape
        torch.Size([2, 12, 1, 1])
    """
    channel_axis(input, -1 - axes, algebra)
    return _ADAPTIVE_AVG[axes](input, output_size)


@folded("input", axes="axes")
def adaptive_max_pool(
    input: Tensor,
    output_size: OutputSize,
    return_indices: bool = False,
    *,
    algebra: Algebra,
    axes: Axes,
) -> Any:
    r"""The number of largest modulus in windows that give the wanted size; see `max_pool`.

    Raises:
        ValueError: if the channels are not whole numbers.

    Example:
        >>> adaptive_max_pool(torch.randn(2, 4 * 3, 5, 7), 1, algebra=hc.QUATERNION, axes=2).shape
        torch.Size([2, 12, 1, 1])
    """
    return _largest(
        lambda modulus: _ADAPTIVE_MAX[axes](modulus, output_size, return_indices=True),
        input,
        return_indices,
        algebra,
        axes,
    )


def _largest(
    pool: Callable[[Tensor], tuple[Tensor, Tensor]],
    input: Tensor,
    return_indices: bool,
    algebra: Algebra,
    axes: Axes,
) -> Any:
    """Let a real pool choose among the moduli, then take the chosen numbers."""
    channels = channel_axis(input, -1 - axes, algebra)
    numbers = unfold(input, channels, algebra.dimension)
    with torch.no_grad():  # the choice has no derivative
        _, indices = pool(norm(numbers))
    points = numbers.flatten(channels + 1, -2)
    chosen = indices.flatten(channels + 1).unsqueeze(-1)
    taken = points.gather(-2, chosen.expand(*chosen.shape[:-1], algebra.dimension))
    output = fold(taken.unflatten(-2, indices.shape[channels + 1 :]), channels)
    return (output, indices) if return_indices else output
