"""Affine layers that learn the number of their inputs from the first one."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import UninitializedParameter

from hypercomplex.door.calls import is_typed
from hypercomplex.functional.arguments import (
    Count,
    Counts,
    check_groups,
    check_real,
    check_whole,
    checked,
)
from hypercomplex.functional.conv import Padding, PaddingMode
from hypercomplex.lowering import AnyProduct
from hypercomplex.lowering.block import Side
from hypercomplex.nn.affine import Affine
from hypercomplex.nn.conv import Conv, Conv1d, Conv2d, Conv3d
from hypercomplex.nn.init import Criterion, Scheme
from hypercomplex.nn.linear import Linear

__all__ = ["LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyLinear"]


class _Lazy(LazyModuleMixin, Affine):
    """A weight without shape, until the first input tells the numbers on its channel axis."""

    axes: ClassVar[int] = 0  # that follow the channels
    inputs: ClassVar[str]  # the attribute that counts the inputs

    def _make_parameters(
        self,
        weight_shape: tuple[int, ...],
        bias_shape: tuple[int, int] | None,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
    ) -> None:
        super()._make_parameters(weight_shape, bias_shape, device, dtype)
        weight: Any = UninitializedParameter
        self.weight = weight(device=device, dtype=dtype)
        setattr(self, self.inputs, 0)

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weight anew and set the bias to zero, as soon as there is a weight."""
        if not self.has_uninitialized_params():
            super().reset_parameters(generator)
        elif self.bias is not None:
            nn.init.zeros_(self.bias)

    def initialize_parameters(self, input: Tensor) -> None:
        """Give the weight its shape and its values, or take the shape from a loaded weight."""
        if isinstance(self.weight, UninitializedParameter):
            setattr(self, self.inputs, self._count(input))
            self.weight.materialize((*self._numbers(), self.weight_width))
            self.reset_parameters()
        else:
            setattr(self, self.inputs, self.groups * self.weight.shape[1])

    def _count(self, input: Tensor) -> int:
        """The numbers on the channel axis."""
        dim, n = -1 - self.axes, self.input_width
        if is_typed(input):
            return input.shape[dim]
        check_real("input", input)
        check_whole("input", input, dim, self.algebra.product, self.side)
        return input.shape[dim] // n

    def to_real(self) -> Any:
        """Refuse: the stock layer exists as soon as this one has become its `cls_to_become`."""
        raise ValueError(
            f"{type(self).__name__} knows its inputs only after the first one; call it once"
        )


class LazyLinear(_Lazy, Linear):
    """A `Linear` whose `in_features` is inferred from its first input; then it becomes a `Linear`.

    Args:
        out_features: numbers in each output sample.
        bias: whether to add a learned number to each output.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        init: see `init.fill_`.

    Raises:
        ValueError: if the first input does not hold whole numbers.

    Example:
        >>> layer = LazyLinear(5, algebra=hc.QUATERNION)
        >>> _ = layer(torch.randn(2, 4 * 3))
        >>> layer
        Linear(3, 5, bias=True, algebra=QUATERNION)
    """

    cls_to_become = Linear
    inputs = "in_features"

    @checked
    def __init__(
        self,
        out_features: Count,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        side: Side = "left",
        criterion: Criterion = "glorot",
        init: Scheme = "polar",
    ) -> None:
        super().__init__(
            1, out_features, bias, device, dtype,
            algebra=algebra, side=side, criterion=criterion, init=init,
        )  # fmt: skip


class _LazyConv(_Lazy, Conv):
    inputs = "in_channels"

    @checked
    def __init__(
        self,
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
    ) -> None:
        super().__init__(
            groups, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype,
            algebra=algebra, side=side, criterion=criterion, init=init,
        )  # fmt: skip

    def _numbers(self) -> tuple[int, ...]:
        check_groups(self.inputs, self.in_channels, self.groups)
        return super()._numbers()


class LazyConv1d(_LazyConv):
    """A `Conv1d` whose `in_channels` is inferred from its first input; then it becomes a `Conv1d`.

    The other arguments are those of `Conv2d`.

    Example:
        >>> layer = LazyConv1d(5, 7, padding="same", algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3, 20)).shape
        torch.Size([2, 20, 20])
    """

    axes = 1
    cls_to_become = Conv1d


class LazyConv2d(_LazyConv):
    """A `Conv2d` whose `in_channels` is inferred from its first input; then it becomes a `Conv2d`.

    The other arguments are those of `Conv2d`.

    Example:
        >>> layer = LazyConv2d(5, 3, algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 20, 6, 6])
        >>> layer
        Conv2d(3, 5, kernel_size=(3, 3), bias=True, algebra=QUATERNION)
    """

    axes = 2
    cls_to_become = Conv2d


class LazyConv3d(_LazyConv):
    """A `Conv3d` whose `in_channels` is inferred from its first input; then it becomes a `Conv3d`.

    The other arguments are those of `Conv2d`.

    Example:
        >>> layer = LazyConv3d(2, 3, algebra=hc.QUATERNION)
        >>> layer(hc.QuaternionTensor(torch.randn(2, 1, 5, 5, 5, 4))).shape
        torch.Size([2, 2, 3, 3, 3])
    """

    axes = 3
    cls_to_become = Conv3d
