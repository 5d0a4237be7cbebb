"""Convolutions of numbers, for 1 to 3 axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import (
    Amounts,
    Count,
    Counts,
    check_bias,
    check_channels,
    check_groups,
    check_weight,
    per_axis,
)
from hypercomplex.lowering import AnyProduct, Choice, Kept, convolution
from hypercomplex.lowering.block import Side
from hypercomplex.lowering.plans.convolution import Geometry, convolved, group_major

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]

Padding = Amounts | Literal["same", "valid", "causal"]
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


@folded("input", axes=1)
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Counts = 1,
    padding: Padding = 0,
    dilation: Counts = 1,
    groups: Count = 1,
    *,
    algebra: AnyProduct,
    padding_mode: PaddingMode = "zeros",
    side: Side = "left",
    plan: Choice = None,
    kept: Kept | None = None,
) -> Tensor:
    r"""Convolution over one axis: $y_o[t] = \sum_{i,s} w_{oi}[s]\, x_i[t+s] + b_o$.

    Torch's `conv1d` with numbers for channels; see `conv2d` for the arguments. `padding="causal"`
    pads on the left only, so that no output depends on later inputs.

    Shape:
        input `(N, n·I, L)` or typed `(N, I, L)`, weight `(O, I/groups, K, n)`, bias `(O, n)`.

    Raises:
        ValueError: if the channels do not fit the algebra, the weight or the groups.

    Example:
        >>> x = torch.tensor([[1.], [2], [3], [4]])  # one quaternion, one time step, unbatched
        >>> i = torch.tensor([0., 1, 0, 0]).view(1, 1, 1, 4)
        >>> conv1d(x, i, algebra=hc.QUATERNION).T
        tensor([[-2.,  1., -4.,  3.]])
    """
    return _conv(
        1, input, weight, bias, stride, padding, dilation, groups, algebra, padding_mode, side,
        plan, kept,
    )  # fmt: skip


@folded("input", axes=2)
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Counts = 1,
    padding: Padding = 0,
    dilation: Counts = 1,
    groups: Count = 1,
    *,
    algebra: AnyProduct,
    padding_mode: PaddingMode = "zeros",
    side: Side = "left",
    plan: Choice = None,
    kept: Kept | None = None,
) -> Tensor:
    r"""Convolution over two axes: $y_o[t] = \sum_{i,s} w_{oi}[s]\, x_i[t+s] + b_o$.

    Args:
        input: folded `(N, n·I, H, W)`, or typed `(N, I, H, W)`; the batch axis may be missing.
        weight: `(O, I/groups, KH, KW, n)`.
        bias: `(O, n)`.
        stride: step of the kernel.
        padding: points added on both sides, or `"same"` (stride 1 only), or `"valid"`.
        dilation: distance between kernel points.
        groups: number of independent groups; a group holds whole numbers.
        algebra: the algebra of the numbers.
        padding_mode: `"zeros"`, `"reflect"`, `"replicate"` or `"circular"`.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        plan: how it is computed, None to choose; see `Conv2d` of `hypercomplex.nn`.
        kept: keeps what is made of the weight, as in a layer that is frozen, see `nn.freeze`.

    Raises:
        ValueError: if the channels do not fit the algebra, the weight or the groups, a mode
            is unknown, or the plan does not serve.

    Example:
        >>> x, w = torch.randn(8, 4 * 6, 9, 9), torch.randn(10, 6, 3, 3, 4)
        >>> conv2d(x, w, stride=2, padding=1, algebra=hc.QUATERNION).shape
        torch.Size([8, 40, 5, 5])

    Source:
        C. J. Gaudet and A. S. Maida, *Deep Quaternion Networks*, IJCNN 2018, section III.
    """
    return _conv(
        2, input, weight, bias, stride, padding, dilation, groups, algebra, padding_mode, side,
        plan, kept,
    )  # fmt: skip


@folded("input", axes=3)
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Counts = 1,
    padding: Padding = 0,
    dilation: Counts = 1,
    groups: Count = 1,
    *,
    algebra: AnyProduct,
    padding_mode: PaddingMode = "zeros",
    side: Side = "left",
    plan: Choice = None,
    kept: Kept | None = None,
) -> Tensor:
    r"""Convolution over three axes: $y_o[t] = \sum_{i,s} w_{oi}[s]\, x_i[t+s] + b_o$.

    Torch's `conv3d` with numbers for channels; see `conv2d` for the arguments.

    Shape:
        input `(N, n·I, D, H, W)` or typed `(N, I, D, H, W)`, weight `(O, I/groups, KD, KH, KW, n)`.

    Raises:
        ValueError: if the channels do not fit the algebra, the weight or the groups.

    Example:
        >>> x, w = torch.randn(2, 4 * 3, 5, 5, 5), torch.randn(7, 3, 3, 3, 3, 4)
        >>> conv3d(x, w, padding="same", algebra=hc.QUATERNION).shape
        torch.Size([2, 28, 5, 5, 5])
    """
    return _conv(
        3, input, weight, bias, stride, padding, dilation, groups, algebra, padding_mode, side,
        plan, kept,
    )  # fmt: skip


@folded("input", axes=1)
def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Counts = 1,
    padding: Amounts = 0,
    output_padding: Amounts = 0,
    groups: Count = 1,
    dilation: Counts = 1,
    *,
    algebra: AnyProduct,
    side: Side = "left",
    kept: Kept | None = None,
) -> Tensor:
    r"""Transposed convolution over one axis: $y_o[t+s] \mathrel{+}= w_{io}[s]\, x_i[t]$.

    Torch's `conv_transpose1d` with numbers for channels; see `conv_transpose2d` for the arguments.

    Shape:
        input `(N, n·I, L)` or typed `(N, I, L)`, weight `(I, O/groups, K, n)`, bias `(O, n)`.

    Raises:
        ValueError: if the channels do not fit the algebra, the weight or the groups.

    Example:
        >>> x, w = torch.randn(2, 4 * 3, 5), torch.randn(3, 7, 4, 4)
        >>> conv_transpose1d(x, w, stride=2, padding=1, algebra=hc.QUATERNION).shape
        torch.Size([2, 28, 10])
    """
    return _conv_transpose(
        1, input, weight, bias, stride, padding, output_padding, groups, dilation, algebra, side,
        kept,
    )  # fmt: skip


@folded("input", axes=2)
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Counts = 1,
    padding: Amounts = 0,
    output_padding: Amounts = 0,
    groups: Count = 1,
    dilation: Counts = 1,
    *,
    algebra: AnyProduct,
    side: Side = "left",
    kept: Kept | None = None,
) -> Tensor:
    r"""Transposed convolution over two axes: $y_o[t+s] \mathrel{+}= w_{io}[s]\, x_i[t]$.

    Every number of the input is multiplied by the kernel and scattered. It is the transpose of
    the real block convolution with the weights conjugated, as over the complex numbers.

    Args:
        input: folded `(N, n·I, H, W)`, or typed `(N, I, H, W)`; the batch axis may be missing.
        weight: `(I, O/groups, KH, KW, n)`.
        bias: `(O, n)`.
        stride: step of the scattered copies.
        padding: points cut off on both sides.
        output_padding: points added on one side, to choose among the possible output sizes.
        groups: number of independent groups; a group holds whole numbers.
        dilation: distance between kernel points.
        algebra: the algebra of the numbers.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        kept: keeps what is made of the weight, as in a layer that is frozen, see `nn.freeze`.

    Raises:
        ValueError: if the channels do not fit the algebra, the weight or the groups.

    Example:
        >>> x, w = torch.randn(2, 4 * 3, 5, 5), torch.randn(3, 7, 3, 3, 4)
        >>> y = conv_transpose2d(
        ...     x, w, stride=2, padding=1, output_padding=1, algebra=hc.QUATERNION
        ... )
        >>> y.shape
        torch.Size([2, 28, 10, 10])
    """
    return _conv_transpose(
        2, input, weight, bias, stride, padding, output_padding, groups, dilation, algebra, side,
        kept,
    )  # fmt: skip


@folded("input", axes=3)
def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Counts = 1,
    padding: Amounts = 0,
    output_padding: Amounts = 0,
    groups: Count = 1,
    dilation: Counts = 1,
    *,
    algebra: AnyProduct,
    side: Side = "left",
    kept: Kept | None = None,
) -> Tensor:
    r"""Transposed convolution over three axes: $y_o[t+s] \mathrel{+}= w_{io}[s]\, x_i[t]$.

    Torch's `conv_transpose3d` with numbers for channels; see `conv_transpose2d` for the arguments.

    Shape:
        input `(N, n·I, D, H, W)` or typed `(N, I, D, H, W)`, weight `(I, O/groups, KD, KH, KW, n)`.

    Raises:
        ValueError: if the channels do not fit the algebra, the weight or the groups.

    Example:
        >>> x, w = torch.randn(2, 4 * 3, 5, 5, 5), torch.randn(3, 7, 2, 2, 2, 4)
        >>> conv_transpose3d(x, w, stride=2, algebra=hc.QUATERNION).shape
        torch.Size([2, 28, 10, 10, 10])
    """
    return _conv_transpose(
        3, input, weight, bias, stride, padding, output_padding, groups, dilation, algebra, side,
        kept,
    )  # fmt: skip


def _conv(
    d: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Counts,
    padding: Padding,
    dilation: Counts,
    groups: Count,
    algebra: AnyProduct,
    padding_mode: PaddingMode,
    side: Side,
    plan: Choice,
    kept: Kept | None,
) -> Tensor:
    product = algebra.product
    check_weight(weight, product, f"(O, I/groups, {'K, ' * d}n)", side)
    check_bias(bias, weight.shape[0], product)
    check_groups("weight", weight.shape[0], groups)
    check_channels(input, -1 - d, weight.shape[1] * groups, product, side)
    points = weight.shape[2:-1]
    input, geometry = _padded(input, points, stride, padding, dilation, groups, padding_mode)
    return _batched(
        lambda x: convolution(x, weight, bias, product, side, geometry, plan, kept), d, input
    )


def convolve(
    d: int,
    input: Tensor,
    kernel: Tensor,
    bias: Tensor | None,
    stride: Counts,
    padding: Padding,
    dilation: Counts,
    groups: Count,
    widths: Sequence[int],
    padding_mode: PaddingMode,
) -> Tensor:
    """The convolution of folded features with a real kernel whose rows are group-major.

    The numbers of the input and of the output have so many components as `widths` says.
    """
    points = kernel.shape[2:]
    input, geometry = _padded(input, points, stride, padding, dilation, groups, padding_mode)
    bias = group_major(bias, groups)
    return _batched(lambda x: convolved(x, kernel, bias, geometry, widths), d, input)


def _conv_transpose(
    d: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Counts,
    padding: Amounts,
    output_padding: Amounts,
    groups: Count,
    dilation: Counts,
    algebra: AnyProduct,
    side: Side,
    kept: Kept | None,
) -> Tensor:
    product = algebra.product
    check_weight(weight, product, f"(I, O/groups, {'K, ' * d}n)", side)
    check_bias(bias, weight.shape[1] * groups, product)
    check_groups("weight", weight.shape[0], groups)
    check_channels(input, -1 - d, weight.shape[0], product, side)
    geometry = Geometry(
        per_axis("stride", stride, d),
        per_axis("padding", padding, d),
        per_axis("dilation", dilation, d),
        groups,
        per_axis("output_padding", output_padding, d),
    )
    return _batched(
        lambda x: convolution(x, weight, bias, product, side, geometry, kept=kept), d, input
    )


def _batched(convolve: Callable[[Tensor], Tensor], d: int, input: Tensor) -> Tensor:
    """Convolve one image as a batch of one."""
    if input.ndim > d + 1:
        return convolve(input)
    return convolve(input.unsqueeze(0)).squeeze(0)


def _padded(
    input: Tensor,
    points: Sequence[int],
    stride: Counts,
    padding: Padding,
    dilation: Counts,
    groups: Count,
    padding_mode: PaddingMode,
) -> tuple[Tensor, Geometry]:
    """The input with what a convolution with a kernel of so many points does not add by itself."""
    d = len(points)
    steps = per_axis("stride", stride, d)
    check_padding(padding, padding_mode, steps)
    pairs = _amounts(padding, points, dilation)
    alike = [before for before, after in pairs if before == after]
    if padding_mode != "zeros" or len(alike) < d:
        mode = "constant" if padding_mode == "zeros" else padding_mode
        amounts = [amount for pair in reversed(pairs) for amount in pair]
        input, alike = F.pad(input, amounts, mode=mode), [0] * d
    return input, Geometry(steps, tuple(alike), per_axis("dilation", dilation, d), groups)


def check_padding(padding: Padding, padding_mode: PaddingMode, stride: Sequence[int]) -> None:
    """The words for padding exist on so many axes, and 'same' keeps sizes."""
    words = "'same', 'valid', 'causal'" if len(stride) == 1 else "'same', 'valid'"
    if isinstance(padding, str) and repr(padding) not in words.split(", "):
        raise ValueError(f"`padding` (={padding!r}) must be {words} or a number of points")
    if padding == "same" and any(step != 1 for step in stride):
        raise ValueError(f"`padding`='same' keeps sizes, so it needs `stride`=1, not {stride}")
    if padding_mode not in _PADDING_MODES:
        raise ValueError(f"`padding_mode` (={padding_mode!r}) must be one of {_PADDING_MODES}")


def _amounts(padding: Padding, kernel: Sequence[int], dilation: Counts) -> list[tuple[int, int]]:
    """What is added before and behind on each axis; 'same' puts the odd point behind."""
    d = len(kernel)
    if isinstance(padding, str):
        reach = 0 if padding == "valid" else 1
        totals = [
            reach * r * (k - 1)
            for r, k in zip(per_axis("dilation", dilation, d), kernel, strict=True)
        ]
        before = [total if padding == "causal" else total // 2 for total in totals]
        return [(left, total - left) for left, total in zip(before, totals, strict=True)]
    return [(p, p) for p in per_axis("padding", padding, d)]
