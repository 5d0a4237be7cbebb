"""Pooling of quaternions."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.compat.speechbrain.words import PoolType
from hypercomplex.functional.arguments import Amounts, Counts, check_reals, checked, explained

__all__ = ["QPooling2d"]


class QPooling2d(nn.Module):
    """The mean of a window, or its quaternion of largest modulus.

    Args:
        pool_type: `"avg"` or `"max"`; strictly, anything else does nothing.
        kernel_size: of the window, one number or two.
        pool_axis: the two axes of the window, not negative; the folded axis means its quaternions.
        ceil_mode: whether windows may reach beyond the end.
        padding: points added on both sides; means count them as zeros.
        dilation: distance between the points of a window of `"max"`; strictly ignored.
        stride: step of the window; the kernel size if None.

    Shape:
        `(B, T, F, 4·n)` or `(B, T, 4·n)`, folded.

    Raises:
        ValueError: if `pool_type` is unknown, or `"avg"` has a dilation; at the call if the input
            has no whole quaternions.

    Example:
        >>> pool = QPooling2d("max", kernel_size=(2, 3))
        >>> pool(torch.randn(5, 8, 9, 16)).shape
        torch.Size([5, 4, 3, 16])
    """

    @checked
    def __init__(
        self,
        pool_type: PoolType,
        kernel_size: Counts,
        pool_axis: Sequence[int] = (1, 2),
        ceil_mode: bool = False,
        padding: Amounts = 0,
        dilation: Counts = 1,
        stride: Counts | None = None,
    ) -> None:
        super().__init__()
        if not is_strict() and pool_type == "avg" and _pair(dilation) != (1, 1):
            raise ValueError(f"`dilation` (={dilation}) must be 1 when `pool_type`='avg'")
        self.pool_type = pool_type
        self.kernel_size = _pair(kernel_size)
        self.pool_axis = _pair(pool_axis)
        self.ceil_mode = ceil_mode
        self.padding = _pair(padding)
        self.dilation = _pair(dilation)
        self.stride = self.kernel_size if stride is None else _pair(stride)

    @explained
    def forward(self, x: Tensor) -> Tensor:
        """The pooled quaternions."""
        if self.pool_type not in ("avg", "max"):
            return x
        check_reals("x", x)
        if x.ndim < 2 or x.shape[-1] % 4:
            raise ValueError(
                f"`x` of shape {tuple(x.shape)} must have whole quaternions on its last axis, "
                "whose width must be divisible by 4"
            )
        # Components first, the axes of the window last, and whatever remains between.
        components = x.unflatten(-1, (4, -1)).movedim(-2, 0)
        axes = tuple(axis + 1 for axis in self.pool_axis)
        planes = components.movedim(axes, (-2, -1))
        if self.pool_type == "avg":
            pooled = self._mean(planes)
        else:
            where = self._where_largest(planes)
            # The reference reads the places in a plane as places in the whole tensor.
            pooled = _take(components, where) if is_strict() else _take_each(planes, where)
        return pooled.movedim((-2, -1), axes).movedim(0, -2).flatten(-2)

    def extra_repr(self) -> str:
        """The window."""
        return f"{self.pool_type!r}, kernel_size={self.kernel_size}, stride={self.stride}"

    def _mean(self, planes: Tensor) -> Tensor:
        batch = planes.flatten(0, -3)
        pooled = F.avg_pool2d(batch, self.kernel_size, self.stride, self.padding, self.ceil_mode)
        return pooled.unflatten(0, planes.shape[:-2])

    def _where_largest(self, planes: Tensor) -> Tensor:
        """The flat index of each largest modulus, in its own plane."""
        squares = planes.square().sum(0)
        dilation = (1, 1) if is_strict() else self.dilation
        _, where = F.max_pool2d(
            squares.flatten(0, -3),
            self.kernel_size,
            self.stride,
            self.padding,
            dilation,
            self.ceil_mode,
            return_indices=True,
        )
        return where.unflatten(0, squares.shape[:-2])


def _take(components: Tensor, where: Tensor) -> Tensor:
    return components.flatten(1)[:, where.flatten()].unflatten(1, where.shape)


def _take_each(planes: Tensor, where: Tensor) -> Tensor:
    index = where.flatten(-2).expand(4, *where.shape[:-2], -1)
    return planes.flatten(-2).gather(-1, index).unflatten(-1, where.shape[-2:])


def _pair(size: Amounts) -> tuple[int, int]:
    first, second = (size, size) if isinstance(size, int) else size
    return first, second
