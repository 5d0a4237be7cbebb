"""Layers of rotations (spinor layers): every weight turns its input, `x ↦ w x w⁻¹`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Count, Counts, checked
from hypercomplex.functional.conv import Padding, PaddingMode
from hypercomplex.functional.rotation import rotation_kernel
from hypercomplex.nn import init
from hypercomplex.nn.affine import Affine
from hypercomplex.nn.conv import Conv
from hypercomplex.nn.init import Criterion
from hypercomplex.nn.linear import Linear

__all__ = ["RotationConv1d", "RotationConv2d", "RotationLinear"]


class _Rotation(Affine):
    """The scale beside the weight, and how both are drawn and lowered."""

    scale: nn.Parameter | None
    _has_scale: bool

    def _make_parameters(self, weight_shape: tuple[int, ...], *args: Any) -> None:
        super()._make_parameters(weight_shape, *args)
        self.register_parameter("scale", None)
        if self._has_scale:
            self.scale = nn.Parameter(self.weight.new_empty(weight_shape[:-1]))

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw directions and scales anew from the generator and set the bias to zero."""
        init.unitary_(self.weight, None, generator)
        if self.scale is not None:
            init.isotropic_(self.scale.unsqueeze(-1), self.criterion, generator)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def _real_kernel(self) -> Tensor:
        return rotation_kernel(self.weight, self.scale, self.algebra, self.groups)

    def _algebra_repr(self) -> str:
        return f"{super()._algebra_repr()}, scale={self.scale is not None}"


class RotationLinear(_Rotation, Linear):
    r"""The sum of rotated numbers: $y_o = \sum_i s_{oi}\, w_{oi}\, x_i\, w_{oi}^{-1} + b_o$.

    Real parts of the inputs are only scaled and summed; quaternions as 3-vectors are rotated. The
    length of a weight has no meaning, and a zero weight is the zero map. In Clifford algebras,
    versors (`w w̄` real) give the versor sandwich.

    Args:
        in_features: numbers in each input sample.
        out_features: numbers in each output sample.
        bias: whether to add a learned number to each output.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        scale: whether each rotation has a learned real factor; otherwise it is 1.
        criterion: `"glorot"` or `"he"`, the second moment of the factors.

    Shape:
        - Input: typed `(*, in_features)`, or folded `(*, n·in_features)`.
        - Output: the same kind, `(*, out_features)` or `(*, n·out_features)`.

    Attributes:
        weight: `(out_features, in_features, n)`, of modulus one and uniform direction.
        scale: `(out_features, in_features)`, normal; None without scale.
        bias: `(out_features, n)`, zeros; None without bias.

    Raises:
        ValueError: if a size is not a positive integer, or an input has another width.

    Example:
        >>> layer = RotationLinear(3, 5, algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3)).shape
        torch.Size([2, 20])

        In numbers:

        >>> layer, x = RotationLinear(3, 5, algebra=hc.QUATERNION), hc.QuaternionTensor.randn(3)
        >>> w, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> y = (layer.scale * (w * x / w)).sum(1) + b
        >>> torch.allclose(layer(x), y, atol=1e-5)
        True

    Source:
        N. Matsui et al., *Quaternion neural network with geometrical operators*, 2004.
    """

    @checked
    def __init__(
        self,
        in_features: Count,
        out_features: Count,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
        scale: bool = True,
        criterion: Criterion = "glorot",
    ) -> None:
        self._has_scale = scale
        super().__init__(
            in_features, out_features, bias, device, dtype, algebra=algebra, criterion=criterion
        )

    def forward(self, input: Tensor) -> Tensor:
        return functional.rotation_linear(
            input, self.weight, self.bias, self.scale, algebra=self.algebra
        )


class _RotationConv(_Rotation, Conv):
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
        algebra: Algebra,
        scale: bool = True,
        criterion: Criterion = "glorot",
    ) -> None:
        self._has_scale = scale
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype, algebra=algebra, criterion=criterion,
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        return _ROTATION_CONV[self.axes](
            input,
            self.weight,
            self.bias,
            self.scale,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            algebra=self.algebra,
            padding_mode=self.padding_mode,
        )


_ROTATION_CONV: dict[int, Callable[..., Tensor]] = {
    1: functional.rotation_conv1d,
    2: functional.rotation_conv2d,
}


class RotationConv1d(_RotationConv):
    r"""Convolution of rotations: $y_o[t] = \sum_{i,r} s\, w\, x_i[t+r]\, w^{-1} + b_o$, with
    $s = s_{oi}[r]$ and $w = w_{oi}[r]$.

    The arguments are those of `Conv2d`, and `scale` of `RotationLinear`.

    Shape:
        typed `(N, in_channels, L)` → `(N, out_channels, L')`, or folded with `n` times as many.

    Attributes:
        weight: `(out_channels, in_channels/groups, K, n)`, of modulus one and uniform direction.
        scale: `(out_channels, in_channels/groups, K)`, normal; None without scale.
        bias: `(out_channels, n)`, zeros; None without bias.

    Example:
        >>> layer = RotationConv1d(3, 5, 7, padding="same", algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3, 20)).shape
        torch.Size([2, 20, 20])
    """

    axes = 1


class RotationConv2d(_RotationConv):
    r"""Convolution of rotations over two axes; see `RotationConv1d`.

    Shape:
        typed `(N, in_channels, H, W)` → `(N, out_channels, H', W')`, or folded with `n` times as
        many channels.

    Example:
        >>> RotationConv2d(3, 5, 3, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 20, 6, 6])

        In numbers:

        >>> layer = RotationConv2d(2, 5, 3, algebra=hc.QUATERNION)
        >>> x = hc.QuaternionTensor.randn(1, 2, 9, 9)
        >>> w, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> there = (layer.scale * (w * x[:, :, 4:7, 2:5] / w)).sum((1, 2, 3)) + b
        >>> torch.allclose(layer(x)[0, :, 4, 2], there, atol=1e-5)
        True

    Source:
        X. Zhu et al., *Quaternion Convolutional Neural Networks*, ECCV 2018, section 3.
    """

    axes = 2
