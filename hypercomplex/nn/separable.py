"""Depthwise and separable convolutions."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from hypercomplex.functional.arguments import Count, Counts, checked
from hypercomplex.functional.conv import Padding, PaddingMode
from hypercomplex.lowering import AnyProduct
from hypercomplex.lowering.block import Side
from hypercomplex.nn.conv import Conv, Conv1d, Conv2d
from hypercomplex.nn.init import Criterion, Scheme

__all__ = ["DepthwiseConv1d", "DepthwiseConv2d", "SeparableConv1d", "SeparableConv2d"]


class _Depthwise(Conv):
    @checked
    def __init__(
        self,
        channels: Count,
        kernel_size: Counts,
        stride: Counts = 1,
        padding: Padding = 0,
        dilation: Counts = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        multiplier: Count = 1,
        side: Side = "left",
        criterion: Criterion = "glorot",
        init: Scheme = "polar",
    ) -> None:
        super().__init__(
            channels, multiplier * channels, kernel_size, stride, padding, dilation, channels,
            bias, padding_mode, device, dtype,
            algebra=algebra, side=side, criterion=criterion, init=init,
        )  # fmt: skip


class DepthwiseConv1d(_Depthwise):
    r"""Each number convolved by itself: $y_c[t] = \sum_s w_c[s]\, x_c[t+s] + b_c$.

    The arguments are those of `Conv2d`, with `multiplier` outputs for each of the `channels`.

    Shape:
        typed `(N, channels, L)` → `(N, multiplier·channels, L')`, or folded with `n` times as many.

    Example:
        >>> DepthwiseConv1d(3, 5, padding="causal", algebra=hc.COMPLEX)(torch.randn(2, 6, 9)).shape
        torch.Size([2, 6, 9])

        In numbers:

        >>> layer = DepthwiseConv1d(3, 5, algebra=hc.QUATERNION)
        >>> x = hc.QuaternionTensor.randn(1, 3, 9)
        >>> W, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> there = (W[:, 0] * x[0, :, 2:7]).sum(1) + b
        >>> torch.allclose(layer(x)[0, :, 2], there, atol=1e-5)
        True
    """

    axes = 1


class DepthwiseConv2d(_Depthwise):
    r"""Each number convolved by itself, over two axes; see `DepthwiseConv1d`.

    Shape:
        typed `(N, channels, H, W)` → `(N, multiplier·channels, H', W')`, or folded with `n` times
        as many channels.

    Example:
        >>> layer = DepthwiseConv2d(3, 3, multiplier=2, algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 24, 6, 6])

        In numbers:

        >>> layer = DepthwiseConv2d(3, 5, algebra=hc.QUATERNION)
        >>> x = hc.QuaternionTensor.randn(1, 3, 9, 9)
        >>> W, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> there = (W[:, 0] * x[0, :, 2:7, 0:5]).sum((1, 2)) + b
        >>> torch.allclose(layer(x)[0, :, 2, 0], there, atol=1e-5)
        True
    """

    axes = 2


class _Separable(nn.Module):
    axes: ClassVar[int]

    @checked
    def __init__(
        self,
        in_channels: Count,
        out_channels: Count,
        kernel_size: Counts,
        stride: Counts = 1,
        padding: Padding = 0,
        dilation: Counts = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        multiplier: Count = 1,
        side: Side = "left",
        criterion: Criterion = "glorot",
        init: Scheme = "polar",
    ) -> None:
        super().__init__()
        depthwise, pointwise = _PARTS[self.axes]
        # A bias between the two would only add to the last one.
        self.depthwise = depthwise(
            in_channels, kernel_size, stride, padding, dilation, False, padding_mode, device, dtype,
            algebra=algebra, multiplier=multiplier, side=side, criterion=criterion, init=init,
        )  # fmt: skip
        self.pointwise = pointwise(
            multiplier * in_channels, out_channels, 1, bias=bias, device=device, dtype=dtype,
            algebra=algebra, side=side, criterion=criterion, init=init,
        )  # fmt: skip

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weights anew from the generator and set the bias to zero."""
        self.depthwise.reset_parameters(generator)
        self.pointwise.reset_parameters(generator)

    def forward(self, input: Tensor) -> Tensor:
        output: Tensor = self.pointwise(self.depthwise(input))
        return output

    def to_real(self) -> nn.Sequential:
        """The stock layers that do the same to folded input, one after the other."""
        return nn.Sequential(self.depthwise.to_real(), self.pointwise.to_real())


_PARTS: dict[int, tuple[type[_Depthwise], type[Conv]]] = {
    1: (DepthwiseConv1d, Conv1d),
    2: (DepthwiseConv2d, Conv2d),
}


class SeparableConv1d(_Separable):
    r"""A depthwise convolution, then a pointwise one: $y_o[t] = \sum_c v_{oc} \sum_s w_c[s]\,
    x_c[t+s] + b_o$.

    The arguments are those of `Conv2d`, with `multiplier` numbers in between for each input.

    Shape:
        typed `(N, in_channels, L)` → `(N, out_channels, L')`, or folded with `n` times as many.

    Attributes:
        depthwise: the `DepthwiseConv1d`, without bias.
        pointwise: the `Conv1d` of kernel size 1, with the bias.

    Example:
        >>> layer = SeparableConv1d(3, 5, 7, padding="same", algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3, 20)).shape
        torch.Size([2, 20, 20])

        In numbers:

        >>> layer = SeparableConv1d(3, 5, 7, algebra=hc.QUATERNION)
        >>> x = hc.QuaternionTensor.randn(1, 3, 9)
        >>> w = hc.QuaternionTensor(layer.depthwise.weight)[:, 0]
        >>> v, b = map(hc.QuaternionTensor, layer.pointwise.parameters())
        >>> there = v[:, :, 0] @ (w * x[0, :, 2:9]).sum(1) + b
        >>> torch.allclose(layer(x)[0, :, 2], there, atol=1e-5)
        True

    Source:
        F. Chollet, *Xception: Deep Learning with Depthwise Separable Convolutions*, CVPR 2017.
    """

    axes = 1


class SeparableConv2d(_Separable):
    r"""A depthwise convolution, then a pointwise one, over two axes; see `SeparableConv1d`.

    Shape:
        typed `(N, in_channels, H, W)` → `(N, out_channels, H', W')`, or folded with `n` times as
        many channels.

    Example:
        >>> layer = SeparableConv2d(3, 5, 3, stride=2, padding=1, algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 20, 4, 4])

    Source:
        F. Chollet, *Xception: Deep Learning with Depthwise Separable Convolutions*, CVPR 2017.
    """

    axes = 2
