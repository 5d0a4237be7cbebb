"""The convolution layers: channels last outside, channels first inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from hypercomplex.compat.speechbrain.ops import (
    quaternion_conv_op,
    quaternion_conv_rotation_op,
)
from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.compat.speechbrain.weights import FourWeights
from hypercomplex.compat.speechbrain.words import (
    Criterion,
    Padding,
    PaddingMode,
    PlanePadding,
    WeightInit,
)
from hypercomplex.functional.arguments import (
    Amounts,
    Count,
    Counts,
    check_width,
    checked,
    explained,
)

__all__ = ["QConv1d", "QConv2d"]


class _QConv(FourWeights):
    """The arguments of both convolutions; a subclass says which axes are convolved."""

    axes: ClassVar[int]
    paddings: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        out_channels: Count,
        kernel_size: Counts,
        input_shape: Sequence[int | None] | None,
        channel_axis: int,
        stride: Counts,
        dilation: Counts,
        padding: Padding,
        groups: Count,
        bias: bool,
        padding_mode: PaddingMode,
        init_criterion: Criterion,
        weight_init: WeightInit,
        spinor: bool,
        vector_scale: bool,
        max_norm: float | None,
    ) -> None:
        kernel = _per_axis(kernel_size, self.axes)
        channels = self._check(input_shape, channel_axis, kernel_size, kernel, out_channels, groups)
        super().__init__(
            (out_channels, channels // groups, *kernel), out_channels, bias, self.axes > 1,
            init_criterion, weight_init, spinor, vector_scale, max_norm,
        )  # fmt: skip
        self.in_channels = channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
        self.groups = groups
        self.padding_mode = padding_mode

    def extra_repr(self) -> str:
        """The sizes."""
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, dilation={self.dilation}, padding={self.padding!r}, "
            f"groups={self.groups}, bias={self.has_bias}"
        )

    def _check(
        self,
        input_shape: Sequence[int | None] | None,
        channel_axis: int,
        kernel_size: Counts,
        kernel: Sequence[int],
        out_channels: Count,
        groups: Count,
    ) -> int:
        """The number of input quaternions."""
        if input_shape is None:
            raise TypeError(
                "`input_shape` (=None) must be the shape of the input: it has no default"
            )
        if len(input_shape) != self.axes + 2:
            raise ValueError(
                f"QuaternionConv1d expects {self.axes + 2}d inputs. Got {len(input_shape)}d"
            )
        if any(points % 2 == 0 for points in kernel):
            raise ValueError(f"The field kernel size must be an odd number. Got {kernel_size}.")
        width = input_shape[channel_axis]
        if width is None:
            raise TypeError(f"`input_shape` (={tuple(input_shape)}) must say how many channels")
        if width % 4:
            raise ValueError(
                "Quaternion torch.Tensors must have dimensions divisible by 4. "
                f"`input_shape` (={tuple(input_shape)}) has {width} channels"
            )
        if width // 4 % groups:
            raise ValueError(
                f"in_channels must be divisible by groups. Got {width // 4} and {groups}"
            )
        if out_channels % groups:
            raise ValueError(
                f"out_channels must be divisible by groups. Got {out_channels} and {groups}"
            )
        return width // 4

    def _check_input(self, x: Tensor, dim: int) -> None:
        """The input has the rank of `input_shape`, and as many channels."""
        if x.ndim != self.axes + 2:
            raise ValueError(
                f"`x` of shape {tuple(x.shape)} must have {self.axes + 2} axes, as `input_shape`"
            )
        check_width("x", x, dim, 4 * self.in_channels, "the channels of `input_shape`")

    def _convolve(self, x: Tensor) -> Tensor:
        """The convolution of `(B, C, *axes)`."""
        weights = self.limited_weights()
        stride, dilation = _per_axis(self.stride, self.axes), _per_axis(self.dilation, self.axes)
        x = self._pad(x, stride, dilation)
        if is_strict():  # the reference reads the first entry for both axes
            stride, dilation = stride[:1] * self.axes, dilation[:1] * self.axes
        none, bias, single = (0,) * self.axes, self.bias, self.axes == 1
        if self.spinor:
            return quaternion_conv_rotation_op(
                x, *weights, bias, self.scale_param, None, stride, none, self.groups, dilation,
                single,
            )  # fmt: skip
        return quaternion_conv_op(x, *weights, bias, stride, none, self.groups, dilation, single)

    def _pad(self, x: Tensor, stride: Sequence[int], dilation: Sequence[int]) -> Tensor:
        if self.padding == "valid":
            return x
        kernel = _per_axis(self.kernel_size, self.axes)
        if self.padding == "causal" and self.padding in self.paddings:
            return F.pad(x, ((kernel[0] - 1) * dilation[0], 0))
        if self.padding != "same":
            raise ValueError(f"Padding must be 'same', 'valid' or 'causal'. Got {self.padding}")
        amounts = [
            # The reference forgets the dilation of a strided convolution.
            k // 2 if is_strict() and s > 1 else d * (k - 1) // 2
            for k, s, d in zip(kernel, stride, dilation, strict=True)
        ]
        return F.pad(x, [p for p in reversed(amounts) for _ in range(2)], mode=self.padding_mode)


class QConv1d(_QConv):
    r"""Convolution over the second axis: $y_m[t] = \sum_{n,s} w_{mn}[s]\, x_n[t+s] + b_m$.

    Args:
        out_channels: output quaternions.
        kernel_size: an odd number.
        input_shape: the real shape `(batch, time, channels)` of the input; only the last counts.
        stride: step of the kernel.
        dilation: distance between kernel points.
        padding: `"same"`, `"valid"`, or `"causal"` (zeros on the left).
        groups: number of independent groups of quaternions.
        bias: whether to add a learned quaternion to each output channel.
        padding_mode: for `"same"`, what `F.pad` calls its mode.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        spinor: rotate the vector parts instead, see `quaternion_conv_rotation_op`.
        vector_scale: learn one factor per rotation.
        max_norm: the largest norm of the weights of one output quaternion.

    Shape:
        `(B, T, 4·I)` → `(B, T', 4·out_channels)`, folded.

    Raises:
        ValueError: if a size is wrong; at the call if `padding` is unknown, or the input is not
            as wide as `input_shape`.

    Example:
        >>> layer = QConv1d(3, kernel_size=5, input_shape=(2, 20, 8))
        >>> layer(torch.randn(2, 20, 8)).shape
        torch.Size([2, 20, 12])
    """

    axes = 1
    paddings = ("same", "valid", "causal")

    @checked
    def __init__(
        self,
        out_channels: Count,
        kernel_size: Counts,
        input_shape: Sequence[int | None] | None = None,
        stride: Counts = 1,
        dilation: Counts = 1,
        padding: Padding = "same",
        groups: Count = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "reflect",
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        spinor: bool = False,
        vector_scale: bool = False,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(
            out_channels, kernel_size, input_shape, -1, stride, dilation, padding, groups, bias,
            padding_mode, init_criterion, weight_init, spinor, vector_scale, max_norm,
        )  # fmt: skip

    @explained
    def forward(self, x: Tensor) -> Tensor:
        """The convolution over time."""
        self._check_input(x, -1)
        return self._convolve(x.transpose(1, -1)).transpose(1, -1)


class QConv2d(_QConv):
    r"""Convolution over the second and third axis.

    The kernel's first axis runs along the *third* axis of the input, unless `swap` is set.

    Args:
        out_channels: output quaternions.
        kernel_size: an odd number, or two.
        input_shape: the real shape `(batch, d1, d2, channels)` of the input.
        stride: step of the kernel, one number or two.
        dilation: distance between kernel points, one number or two.
        padding: `"same"` or `"valid"`.
        groups: number of independent groups of quaternions.
        bias: whether to add a learned quaternion to each output channel.
        padding_mode: for `"same"`, what `F.pad` calls its mode.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        spinor: rotate the vector parts instead, see `quaternion_conv_rotation_op`.
        vector_scale: learn one factor per rotation.
        max_norm: the largest norm of the weights of one output quaternion.
        swap: let the kernel's first axis run along the second axis of the input.
        skip_transpose: input and output are `(B, channels, d1, d2)`, and so is `input_shape`.

    Shape:
        `(B, D1, D2, 4·I)` → `(B, D1', D2', 4·out_channels)`, folded.

    Raises:
        ValueError: if a size is wrong; at the call if `padding` is unknown, or the input is not
            as wide as `input_shape`.

    Example:
        >>> layer = QConv2d(3, kernel_size=(3, 5), input_shape=(2, 9, 9, 8))
        >>> layer(torch.randn(2, 9, 9, 8)).shape
        torch.Size([2, 9, 9, 12])
    """

    axes = 2
    paddings = ("same", "valid")

    @checked
    def __init__(
        self,
        out_channels: Count,
        kernel_size: Counts,
        input_shape: Sequence[int | None] | None = None,
        stride: Counts = 1,
        dilation: Counts = 1,
        padding: PlanePadding = "same",
        groups: Count = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "reflect",
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        spinor: bool = False,
        vector_scale: bool = False,
        max_norm: float | None = None,
        swap: bool = False,
        skip_transpose: bool = False,
    ) -> None:
        super().__init__(
            out_channels, kernel_size, input_shape, 1 if skip_transpose else -1, stride, dilation,
            padding, groups, bias, padding_mode, init_criterion, weight_init, spinor, vector_scale,
            max_norm,
        )  # fmt: skip
        self.swap = swap
        self.skip_transpose = skip_transpose

    @explained
    def forward(self, x: Tensor) -> Tensor:
        """The convolution over both axes."""
        self._check_input(x, 1 if self.skip_transpose else -1)
        if self.skip_transpose:
            return self._convolve(x)
        if self.swap:
            return self._convolve(x.movedim(-1, 1)).movedim(1, -1)
        return self._convolve(x.transpose(1, -1)).transpose(1, -1)


def _per_axis(size: Amounts, axes: int) -> tuple[int, ...]:
    return (size,) * axes if isinstance(size, int) else tuple(size)
