"""Pooling layers: means, and whole numbers chosen by modulus.

Max pooling keeps the number of largest modulus, since numbers are not ordered. Over `REAL` that
is the value of largest magnitude with its sign, not the largest value that torch takes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Amounts, Axes, Count, Counts, checked
from hypercomplex.functional.pooling import OutputSize

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]


_REAL_AVG: dict[int, type[nn.Module]] = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
_REAL_ADAPTIVE_AVG: dict[int, type[nn.Module]] = {
    1: nn.AdaptiveAvgPool1d,
    2: nn.AdaptiveAvgPool2d,
    3: nn.AdaptiveAvgPool3d,
}


class _Pool(nn.Module):
    """An algebra and the number of axes to pool over; options are shown where they are set."""

    axes: ClassVar[Axes]

    def __init__(self, algebra: Algebra, **options: Any) -> None:
        super().__init__()
        self.algebra = algebra
        self.options = options

    def extra_repr(self) -> str:
        shown = [f"{name}={value}" for name, value in self.options.items()]
        return ", ".join([*shown, f"algebra={self.algebra}"])


class _AvgPool(_Pool):
    @checked
    def __init__(
        self,
        kernel_size: Counts,
        stride: Counts | None = None,
        padding: Amounts = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: Count | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        super().__init__(
            algebra,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            divisor_override=divisor_override,
        )

    def forward(self, input: Tensor) -> Tensor:
        return functional.avg_pool(input, **self.options, algebra=self.algebra, axes=self.axes)

    def to_real(self) -> nn.Module:
        """The stock pool: components are averaged one by one.

        Example:
            >>> AvgPool1d(2, algebra=hc.QUATERNION).to_real()
            AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))
        """
        # torch's pool over one axis has no divisor, and ours none that is set
        options = {name: value for name, value in self.options.items() if value is not None}
        return _REAL_AVG[self.axes](**options).train(self.training)


class _MaxPool(_Pool):
    @checked
    def __init__(
        self,
        kernel_size: Counts,
        stride: Counts | None = None,
        padding: Amounts = 0,
        dilation: Counts = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
        *,
        algebra: Algebra,
    ) -> None:
        super().__init__(
            algebra,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            return_indices=return_indices,
        )

    def forward(self, input: Tensor) -> Any:
        return functional.max_pool(input, **self.options, algebra=self.algebra, axes=self.axes)


class _AdaptiveAvgPool(_Pool):
    @checked
    def __init__(self, output_size: OutputSize, *, algebra: Algebra) -> None:
        super().__init__(algebra, output_size=output_size)

    def forward(self, input: Tensor) -> Tensor:
        return functional.adaptive_avg_pool(
            input, **self.options, algebra=self.algebra, axes=self.axes
        )

    def to_real(self) -> nn.Module:
        """The stock pool: components are averaged one by one.

        Example:
            >>> AdaptiveAvgPool2d(1, algebra=hc.QUATERNION).to_real()
            AdaptiveAvgPool2d(output_size=1)
        """
        return _REAL_ADAPTIVE_AVG[self.axes](**self.options).train(self.training)


class _AdaptiveMaxPool(_Pool):
    @checked
    def __init__(
        self, output_size: OutputSize, return_indices: bool = False, *, algebra: Algebra
    ) -> None:
        super().__init__(algebra, output_size=output_size, return_indices=return_indices)

    def forward(self, input: Tensor) -> Any:
        return functional.adaptive_max_pool(
            input, **self.options, algebra=self.algebra, axes=self.axes
        )


class AvgPool1d(_AvgPool):
    r"""The mean of the numbers in windows over one axis; see `AvgPool2d`.

    Example:
        >>> AvgPool1d(2, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 8)).shape
        torch.Size([2, 12, 4])
    """

    axes = 1


class AvgPool2d(_AvgPool):
    r"""The mean of the numbers in windows: $y[t] = \frac1K \sum_s x[t+s]$.

    Args:
        kernel_size: points of the window along each axis.
        stride: step of the window; `kernel_size` if None.
        padding: zeros added on both sides.
        ceil_mode: whether a window may start inside and end outside.
        count_include_pad: whether added zeros count.
        divisor_override: divides the sums instead of the number of points; not for one axis.
        algebra: the algebra of the numbers.

    Shape:
        typed `(N, C, H, W)`, or folded `(N, n·C, H, W)`; the batch axis may be missing.

    Raises:
        ValueError: if an input's channels are not whole numbers.

    Example:
        >>> AvgPool2d(2, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 12, 4, 4])

        In numbers:

        >>> x = hc.QuaternionTensor.randn(1, 3, 8, 8)
        >>> there = x[0, :, 2:4, 4:6].mean((1, 2))
        >>> torch.allclose(AvgPool2d(2, algebra=hc.QUATERNION)(x)[0, :, 1, 2], there, atol=1e-5)
        True
    """

    axes = 2


class AvgPool3d(_AvgPool):
    r"""The mean of the numbers in windows over three axes; see `AvgPool2d`.

    Example:
        >>> AvgPool3d(2, algebra=hc.QUATERNION)(torch.randn(2, 4, 4, 4, 4)).shape
        torch.Size([2, 4, 2, 2, 2])
    """

    axes = 3


class MaxPool1d(_MaxPool):
    r"""The number of largest modulus in windows over one axis; see `MaxPool2d`.

    Example:
        >>> MaxPool1d(2, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 8)).shape
        torch.Size([2, 12, 4])
    """

    axes = 1


class MaxPool2d(_MaxPool):
    r"""The number of largest modulus in each window: $y[t] = x[t + \arg\max_s |x[t+s]|]$.

    Of equal moduli the first wins. Over `REAL` it is the value of largest magnitude, with its
    sign: not `torch.nn.MaxPool2d`, which needs an order.

    Args:
        kernel_size: points of the window along each axis.
        stride: step of the window; `kernel_size` if None.
        padding: points added on both sides, which are never chosen.
        dilation: distance between points of a window.
        return_indices: whether to return where each number was, too, one index a number.
        ceil_mode: whether a window may start inside and end outside.
        algebra: the algebra of the numbers.

    Shape:
        typed `(N, C, H, W)`, or folded `(N, n·C, H, W)`; the batch axis may be missing.

    Raises:
        ValueError: if an input's channels are not whole numbers.

    Example:
        >>> MaxPool2d(2, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 12, 4, 4])

        In numbers:

        >>> x = hc.QuaternionTensor.randn(1, 3, 8, 8)
        >>> window = x[0, 1, 2:4, 4:6].flatten()
        >>> there = window[window.abs().argmax()]
        >>> torch.equal(MaxPool2d(2, algebra=hc.QUATERNION)(x)[0, 1, 1, 2], there)
        True
    """

    axes = 2


class MaxPool3d(_MaxPool):
    r"""The number of largest modulus in windows over three axes; see `MaxPool2d`.

    Example:
        >>> MaxPool3d(2, algebra=hc.QUATERNION)(torch.randn(2, 4, 4, 4, 4)).shape
        torch.Size([2, 4, 2, 2, 2])
    """

    axes = 3


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    r"""The mean of the numbers in windows that give the wanted size; see `AdaptiveAvgPool2d`.

    Example:
        >>> AdaptiveAvgPool1d(1, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 7)).shape
        torch.Size([2, 12, 1])
    """

    axes = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    r"""The mean of the numbers in windows that give the wanted size; of all of them if it is 1.

    Args:
        output_size: points along each axis; None keeps those of the input.
        algebra: the algebra of the numbers.

    Shape:
        typed `(N, C, H, W)`, or folded `(N, n·C, H, W)`; the batch axis may be missing.

    Raises:
        ValueError: if an input's channels are not whole numbers.

    Example:
        >>> AdaptiveAvgPool2d(1, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 5, 7)).shape
        torch.Size([2, 12, 1, 1])

        In numbers:

        >>> x = hc.QuaternionTensor.randn(1, 3, 8, 8)
        >>> y = AdaptiveAvgPool2d(1, algebra=hc.QUATERNION)(x)
        >>> torch.allclose(y[:, :, 0, 0], x.mean((2, 3)), atol=1e-5)
        True
    """

    axes = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    r"""The mean of the numbers in windows that give the wanted size; see `AdaptiveAvgPool2d`.

    Example:
        >>> AdaptiveAvgPool3d(1, algebra=hc.QUATERNION)(torch.randn(2, 4, 3, 4, 5)).shape
        torch.Size([2, 4, 1, 1, 1])
    """

    axes = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    r"""The number of largest modulus in windows that give the wanted size; see `MaxPool2d`.

    Example:
        >>> AdaptiveMaxPool1d(1, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 7)).shape
        torch.Size([2, 12, 1])
    """

    axes = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    r"""The number of largest modulus in windows that give the wanted size; see `MaxPool2d`.

    Args:
        output_size: points along each axis; None keeps those of the input.
        return_indices: whether to return where each number was, too, one index a number.
        algebra: the algebra of the numbers.

    Shape:
        typed `(N, C, H, W)`, or folded `(N, n·C, H, W)`; the batch axis may be missing.

    Raises:
        ValueError: if an input's channels are not whole numbers.

    Example:
        >>> AdaptiveMaxPool2d(1, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 5, 7)).shape
        torch.Size([2, 12, 1, 1])
    """

    axes = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    r"""The number of largest modulus in windows that give the wanted size; see `MaxPool2d`.

    Example:
        >>> AdaptiveMaxPool3d(1, algebra=hc.QUATERNION)(torch.randn(2, 4, 3, 4, 5)).shape
        torch.Size([2, 4, 1, 1, 1])
    """

    axes = 3
