"""Convolution layers over one to three axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from hypercomplex import functional
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import (
    Amounts,
    Count,
    Counts,
    check_groups,
    checked,
    explained,
    per_axis,
)
from hypercomplex.functional.conv import (
    Padding,
    PaddingMode,
    check_padding,
)
from hypercomplex.lowering import AnyProduct, Choice
from hypercomplex.lowering.block import Side
from hypercomplex.nn.affine import Affine
from hypercomplex.nn.flagship import over
from hypercomplex.nn.init import Criterion, Scheme
from hypercomplex.nn.permutation import ChannelPermutation

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "QuaternionConv1d",
    "QuaternionConv2d",
    "QuaternionConv3d",
    "QuaternionConvTranspose1d",
    "QuaternionConvTranspose2d",
    "QuaternionConvTranspose3d",
]


class ConvNd(Affine):
    """The arguments of every convolution; a subclass has the number of axes."""

    axes: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Counts,
        stride: Counts,
        padding: Padding,
        dilation: Counts,
        groups: Count,
        bias: bool,
        padding_mode: PaddingMode,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        algebra: AnyProduct,
        side: Side,
        criterion: Criterion,
        init: Scheme,
    ) -> None:
        self.in_channels = in_channels
        self.out_channels = out_channels
        inputs, outputs = self._channels()
        check_groups("in_channels", inputs, groups)
        check_groups("out_channels", outputs, groups)
        self.kernel_size = per_axis("kernel_size", kernel_size, self.axes)
        self.stride = per_axis("stride", stride, self.axes)
        self.padding = (
            padding if isinstance(padding, str) else per_axis("padding", padding, self.axes)
        )
        self.dilation = per_axis("dilation", dilation, self.axes)
        self.groups = groups
        self.padding_mode: PaddingMode = padding_mode
        super().__init__(
            self._numbers(), outputs, bias, algebra, side, criterion, device, dtype, init
        )

    def _channels(self) -> tuple[int, int]:
        """The numbers at a point of the input and of the output."""
        return self.in_channels, self.out_channels

    def _numbers(self) -> tuple[int, ...]:
        inner, outer = self._channels()
        if self.transposed:
            inner, outer = outer, inner
        return (outer, inner // self.groups, *self.kernel_size)

    def to_real(self) -> nn.Module:
        """The stock layer that does the same to folded input, with the block kernel for weight.

        A grouped convolution stands between two `ChannelPermutation`s, since real groups are
        runs of channels and ours hold whole numbers; causal padding is a layer before it.

        Example:
            >>> Conv1d(3, 5, 7, algebra=hc.QUATERNION).to_real()
            Conv1d(12, 20, kernel_size=(7,), stride=(1,))
            >>> Conv1d(4, 4, 7, groups=2, algebra=hc.QUATERNION).to_real()
            Sequential(
              (0): ChannelPermutation(16, groups=2)
              (1): Conv1d(16, 16, kernel_size=(7,), stride=(1,), groups=2)
              (2): ChannelPermutation(16, groups=2, inverse=True)
            )
        """
        inputs, outputs = self._channels()
        channels = self.input_width * inputs, self.output_width * outputs
        causal = self.padding == "causal"
        extra = {"output_padding": self.output_padding} if self.transposed else {}
        real: nn.Module = skip_init(
            (_REAL_TRANSPOSE if self.transposed else _REAL)[self.axes],
            *channels,
            self.kernel_size,
            stride=self.stride,
            padding=0 if causal else self.padding,
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias is not None,
            padding_mode="zeros" if causal else self.padding_mode,
            device=self.weight.device,
            dtype=self.weight.dtype,
            **extra,
        )
        steps = [self._fill_real(real)]
        if causal:
            reach = self.dilation[0] * (self.kernel_size[0] - 1)
            steps = [_CAUSAL_PADDING[self.padding_mode]((reach, 0)), *steps]
        widths = self.input_width, self.output_width
        if self.groups > 1 and max(widths) > 1:
            dim, device = -1 - self.axes, self.weight.device
            before, after = (
                ChannelPermutation(count, width, self.groups, dim, inverse=inverse, device=device)
                for count, width, inverse in zip(channels, widths, (False, True), strict=True)
            )
            steps = [before, *steps, after]
        return nn.Sequential(*steps).train(self.training) if len(steps) > 1 else steps[0]

    def extra_repr(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        defaults: dict[str, Any] = {
            "stride": (1,) * self.axes,
            "padding": (0,) * self.axes,
            "output_padding": (0,) * self.axes,
            "dilation": (1,) * self.axes,
            "groups": 1,
            "padding_mode": "zeros",
            "plan": None,
        }
        for name, default in defaults.items():
            value = getattr(self, name, default)
            if value != default:
                parts.append(f"{name}={value!r}")
        return ", ".join([*parts, self._algebra_repr()])


class Conv(ConvNd):
    """The layers that sum over the points of a kernel."""

    @checked
    def __init__(
        self,
        in_channels: Count,
        out_channels: Count,
        kernel_size: Counts,
        stride: Counts = 1,
        padding: Padding = 0,
        dilation: Counts = 1,
        groups: Count = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        side: Side = "left",
        criterion: Criterion = "glorot",
        init: Scheme = "polar",
        plan: Choice = None,
    ) -> None:
        self.plan: Choice = plan
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype, algebra, side, criterion, init,
        )  # fmt: skip
        check_padding(padding, padding_mode, self.stride)

    def forward(self, input: Tensor) -> Tensor:
        return _CONV[self.axes](
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            algebra=self.algebra,
            padding_mode=self.padding_mode,
            side=self.side,
            plan=self.plan,
            kept=self.kept,
        )


class ConvTranspose(ConvNd):
    """The layers that scatter over the points of a kernel."""

    transposed = True
    output_padding: tuple[int, ...]

    @checked
    def __init__(
        self,
        in_channels: Count,
        out_channels: Count,
        kernel_size: Counts,
        stride: Counts = 1,
        padding: Amounts = 0,
        output_padding: Amounts = 0,
        groups: Count = 1,
        bias: bool = True,
        dilation: Counts = 1,
        padding_mode: PaddingMode = "zeros",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        side: Side = "left",
        criterion: Criterion = "glorot",
        init: Scheme = "polar",
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(
                f"`padding_mode` (={padding_mode!r}) must be 'zeros' for a transposed convolution"
            )
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype, algebra, side, criterion, init,
        )  # fmt: skip
        self.output_padding = per_axis("output_padding", output_padding, self.axes)

    @explained
    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        output_padding = self.output_padding
        if output_size is not None:
            output_padding = self._output_padding(input, output_size)
        return _CONV_TRANSPOSE[self.axes](
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            output_padding,
            self.groups,
            self.dilation,
            algebra=self.algebra,
            side=self.side,
            kept=self.kept,
        )

    def _output_padding(self, input: Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        """What has to be added to reach the wanted size."""
        paddings: Any = self.padding
        spatial = tuple(input.shape[-self.axes :])
        wanted = tuple(output_size)[-self.axes :]
        smallest = [
            (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1
            for size, stride, padding, dilation, kernel in zip(
                spatial, self.stride, paddings, self.dilation, self.kernel_size, strict=True
            )
        ]
        added = tuple(w - s for w, s in zip(wanted, smallest))
        if len(added) != self.axes or any(
            not 0 <= a < max(s, d) for a, s, d in zip(added, self.stride, self.dilation)
        ):
            raise ValueError(
                f"`output_size` (={tuple(output_size)}) cannot be reached from {spatial}: the "
                f"smallest is {tuple(smallest)}, and less than a stride or dilation is added"
            )
        return added


_CONV: dict[int, Callable[..., Tensor]] = {
    1: functional.conv1d,
    2: functional.conv2d,
    3: functional.conv3d,
}
_CONV_TRANSPOSE: dict[int, Callable[..., Tensor]] = {
    1: functional.conv_transpose1d,
    2: functional.conv_transpose2d,
    3: functional.conv_transpose3d,
}


_REAL: dict[int, type[nn.Module]] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
_REAL_TRANSPOSE: dict[int, type[nn.Module]] = {
    1: nn.ConvTranspose1d,
    2: nn.ConvTranspose2d,
    3: nn.ConvTranspose3d,
}
_CAUSAL_PADDING: dict[str, Callable[[tuple[int, int]], nn.Module]] = {
    "zeros": nn.ZeroPad1d,
    "reflect": nn.ReflectionPad1d,
    "replicate": nn.ReplicationPad1d,
    "circular": nn.CircularPad1d,
}


class Conv1d(Conv):
    r"""Convolution of numbers over one axis: $y_o[t] = \sum_{i,s} w_{oi}[s]\, x_i[t+s] + b_o$.

    The arguments are those of `Conv2d`; `padding="causal"` pads on the left only, so that no
    output depends on later inputs.

    Shape:
        typed `(N, in_channels, L)` → `(N, out_channels, L')`, or folded with `n` times as many.

    Example:
        >>> Conv1d(3, 5, 7, padding="same", algebra=hc.COMPLEX)(torch.randn(2, 2 * 3, 20)).shape
        torch.Size([2, 10, 20])

        In numbers:

        >>> layer, x = hc.nn.QuaternionConv1d(2, 5, 3), hc.QuaternionTensor.randn(1, 2, 9)
        >>> W, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> there = (W * x[:, :, 4:7]).sum((1, 2)) + b
        >>> torch.allclose(layer(x)[0, :, 4], there, atol=1e-5)
        True
    """

    axes = 1


class Conv2d(Conv):
    r"""Convolution of numbers over two axes: $y_o[t] = \sum_{i,s} w_{oi}[s]\, x_i[t+s] + b_o$.

    `torch.nn.Conv2d` with numbers of an algebra for reals; over `REAL` it equals it bit for bit.

    Args:
        in_channels: numbers in each input point.
        out_channels: numbers in each output point.
        kernel_size: points of the kernel along each axis.
        stride: step of the kernel.
        padding: points added on both sides, or `"same"` (stride 1 only), or `"valid"`.
        dilation: distance between kernel points.
        groups: number of independent groups; a group holds whole numbers.
        bias: whether to add a learned number to each output channel.
        padding_mode: `"zeros"`, `"reflect"`, `"replicate"` or `"circular"`.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers; or another bilinear map, see `Linear`.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        init: `"polar"`, `"isotropic"`, `"unitary"`, `"orthogonal"` or `"identity"`, or a function;
            see `init.fill_`.
        plan: `"block"` or `"bilinear"` asks for one way to compute the products, and with a kernel
            of one point `"input"`, too; None has it chosen, see `hypercomplex.lowering.plan`. Of
            several groups there is `"block"` only.

    Shape:
        - Input: typed `(N, in_channels, H, W)`, or folded `(N, n·in_channels, H, W)`.
        - Output: the same kind, `(N, out_channels, H', W')` or `(N, n·out_channels, H', W')`.

    Attributes:
        weight: `(out_channels, in_channels/groups, *kernel_size, n)`, drawn as `init` says.
        bias: `(out_channels, n)`, zeros.

    Raises:
        ValueError: if a size, a mode or the groups do not fit, or an input has other channels.

    Example:
        >>> layer = Conv2d(3, 5, 3, stride=2, padding=1, algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 20, 4, 4])

        In numbers:

        >>> layer, x = hc.nn.QuaternionConv2d(2, 5, 3), hc.QuaternionTensor.randn(1, 2, 9, 9)
        >>> W, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> there = (W * x[:, :, 4:7, 2:5]).sum((1, 2, 3)) + b
        >>> torch.allclose(layer(x)[0, :, 4, 2], there, atol=1e-5)
        True

    Source:
        C. J. Gaudet and A. S. Maida, *Deep Quaternion Networks*, IJCNN 2018, section III.
    """

    axes = 2


class Conv3d(Conv):
    r"""Convolution of numbers over three axes: $y_o[t] = \sum_{i,s} w_{oi}[s]\, x_i[t+s] + b_o$.

    The arguments are those of `Conv2d`.

    Shape:
        typed `(N, in_channels, D, H, W)` → `(N, out_channels, D', H', W')`, or folded with `n`
        times as many channels.

    Example:
        >>> Conv3d(1, 2, 3, algebra=hc.QUATERNION)(torch.randn(2, 4, 5, 5, 5)).shape
        torch.Size([2, 8, 3, 3, 3])

        In numbers:

        >>> layer, x = hc.nn.QuaternionConv3d(2, 5, 3), hc.QuaternionTensor.randn(1, 2, 5, 5, 5)
        >>> W, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> there = (W * x[:, :, 1:4, 2:5, 0:3]).sum((1, 2, 3, 4)) + b
        >>> torch.allclose(layer(x)[0, :, 1, 2, 0], there, atol=1e-5)
        True
    """

    axes = 3


class ConvTranspose1d(ConvTranspose):
    r"""Transposed convolution of numbers over one axis: $y_o[t+s] \mathrel{+}= w_{io}[s]\, x_i[t]$.

    The arguments are those of `ConvTranspose2d`.

    Shape:
        typed `(N, in_channels, L)` → `(N, out_channels, L')`, or folded with `n` times as many.

    Example:
        >>> ConvTranspose1d(3, 5, 4, stride=2, padding=1, algebra=hc.COMPLEX)(
        ...     torch.randn(2, 2 * 3, 10)
        ... ).shape
        torch.Size([2, 10, 20])

        In numbers:

        >>> layer, x = hc.nn.QuaternionConvTranspose1d(2, 5, 3), hc.QuaternionTensor.randn(1, 2, 1)
        >>> W, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> spread = (W * x[0, :, :, None]).sum(0) + b[:, None]
        >>> torch.allclose(layer(x)[0], spread, atol=1e-5)
        True
    """

    axes = 1


class ConvTranspose2d(ConvTranspose):
    r"""Transposed convolution of numbers over two axes: $y_o[t+s] \mathrel{+}= w_{io}[s]\, x_i[t]$.

    `torch.nn.ConvTranspose2d` with numbers of an algebra for reals; over `REAL` it equals it bit
    for bit. `forward` takes the wanted `output_size`, too.

    Args:
        in_channels: numbers in each input point.
        out_channels: numbers in each output point.
        kernel_size: points of the kernel along each axis.
        stride: step of the scattered copies.
        padding: points cut off on both sides.
        output_padding: points added on one side, to choose among the possible output sizes.
        groups: number of independent groups; a group holds whole numbers.
        bias: whether to add a learned number to each output channel.
        dilation: distance between kernel points.
        padding_mode: `"zeros"` only.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers; or another bilinear map, see `Linear`.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        init: `"polar"`, `"isotropic"`, `"unitary"`, `"orthogonal"` or `"identity"`, or a function;
            see `init.fill_`.

    Shape:
        - Input: typed `(N, in_channels, H, W)`, or folded `(N, n·in_channels, H, W)`.
        - Output: the same kind, `(N, out_channels, H', W')` or `(N, n·out_channels, H', W')`.

    Attributes:
        weight: `(in_channels, out_channels/groups, *kernel_size, n)`, drawn as `init` says.
        bias: `(out_channels, n)`, zeros.

    Raises:
        ValueError: if a size, a mode or the groups do not fit, or an input has other channels.

    Example:
        >>> layer = ConvTranspose2d(
        ...     3, 5, 3, stride=2, padding=1, output_padding=1, algebra=hc.QUATERNION
        ... )
        >>> layer(torch.randn(2, 4 * 3, 4, 4)).shape
        torch.Size([2, 20, 8, 8])

        In numbers:

        >>> layer = hc.nn.QuaternionConvTranspose2d(2, 5, 3)
        >>> x = hc.QuaternionTensor.randn(1, 2, 1, 1)
        >>> W, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> spread = (W * x[0, :, None]).sum(0) + b[:, None, None]
        >>> torch.allclose(layer(x)[0], spread, atol=1e-5)
        True
    """

    axes = 2


class ConvTranspose3d(ConvTranspose):
    r"""Transposed convolution over three axes: $y_o[t+s] \mathrel{+}= w_{io}[s]\, x_i[t]$.

    The arguments are those of `ConvTranspose2d`.

    Shape:
        typed `(N, in_channels, D, H, W)` → `(N, out_channels, D', H', W')`, or folded with `n`
        times as many channels.

    Example:
        >>> layer = ConvTranspose3d(1, 2, 2, stride=2, algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4, 3, 3, 3)).shape
        torch.Size([2, 8, 6, 6, 6])
    """

    axes = 3


@final
class QuaternionConv1d(Conv1d):
    """`Conv1d` over the quaternions.

    Example:
        >>> QuaternionConv1d(3, 5, 3).weight.shape
        torch.Size([5, 3, 3, 4])
    """

    __init__ = over(QUATERNION, Conv1d.__init__)


@final
class QuaternionConvTranspose1d(ConvTranspose1d):
    """`ConvTranspose1d` over the quaternions.

    Example:
        >>> QuaternionConvTranspose1d(3, 5, 3).weight.shape
        torch.Size([3, 5, 3, 4])
    """

    __init__ = over(QUATERNION, ConvTranspose1d.__init__)


@final
class QuaternionConv2d(Conv2d):
    """`Conv2d` over the quaternions.

    Example:
        >>> QuaternionConv2d(3, 5, 3).weight.shape
        torch.Size([5, 3, 3, 3, 4])
    """

    __init__ = over(QUATERNION, Conv2d.__init__)


@final
class QuaternionConvTranspose2d(ConvTranspose2d):
    """`ConvTranspose2d` over the quaternions.

    Example:
        >>> QuaternionConvTranspose2d(3, 5, 3).weight.shape
        torch.Size([3, 5, 3, 3, 4])
    """

    __init__ = over(QUATERNION, ConvTranspose2d.__init__)


@final
class QuaternionConv3d(Conv3d):
    """`Conv3d` over the quaternions.

    Example:
        >>> QuaternionConv3d(3, 5, 3).weight.shape
        torch.Size([5, 3, 3, 3, 3, 4])
    """

    __init__ = over(QUATERNION, Conv3d.__init__)


@final
class QuaternionConvTranspose3d(ConvTranspose3d):
    """`ConvTranspose3d` over the quaternions.

    Example:
        >>> QuaternionConvTranspose3d(3, 5, 3).weight.shape
        torch.Size([3, 5, 3, 3, 3, 4])
    """

    __init__ = over(QUATERNION, ConvTranspose3d.__init__)
