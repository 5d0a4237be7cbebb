"""Normalisation of each sample by itself: layer, group and root-mean-square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import Count, Counts, check_groups, checked, state_width
from hypercomplex.lowering import AnyProduct
from hypercomplex.nn.flagship import over

__all__ = [
    "GroupNorm",
    "LayerNorm",
    "QuaternionLayerNorm",
    "RMSNorm",
]

Device = torch.device | str | None


class _PerNumber(nn.Module):
    """A real factor and a hypercomplex shift for each of some numbers, or neither."""

    weight: nn.Parameter | None
    bias: nn.Parameter | None

    def __init__(
        self,
        shape: tuple[int, ...],
        affine: bool,
        bias: bool,
        device: Device,
        dtype: torch.dtype | None,
        algebra: AnyProduct,
    ) -> None:
        super().__init__()
        self.algebra: Any = algebra  # an AnyProduct
        self.weight = self.bias = None
        if affine:
            self.weight = nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
        if affine and bias:
            parts = (*shape, state_width(algebra.product))
            self.bias = nn.Parameter(torch.empty(parts, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the factors to one and the shifts to zero."""
        if self.weight is not None:
            nn.init.ones_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class LayerNorm(_PerNumber):
    r"""Normalisation of each sample: $y = \gamma (x - \mu)/\sqrt{\sigma^2 + \varepsilon} + \beta$.

    $\mu$ is the mean of the numbers over the last axes and $\sigma^2 = E|x - \mu|^2 / n$ the mean
    variance of a component, which is 1 afterwards. Over `REAL` it is `torch.nn.LayerNorm`.

    Args:
        normalized_shape: sizes of the last axes, in numbers.
        eps: added to the variance.
        elementwise_affine: whether γ and β are learned.
        bias: whether there is a β.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.

    Shape:
        typed `(*, *normalized_shape)`, or folded, `n` times as many on the first normalised axis.

    Attributes:
        weight: the real γ, `normalized_shape`, ones.
        bias: β, `(*normalized_shape, n)`, zeros.

    Raises:
        ValueError: if a size is not a positive integer, or an input has other last axes.

    Example:
        >>> LayerNorm(6, algebra=hc.QUATERNION)(torch.randn(2, 5, 4 * 6)).shape
        torch.Size([2, 5, 24])

        In numbers:

        >>> layer, x = LayerNorm(6, algebra=hc.QUATERNION), hc.QuaternionTensor.randn(6)
        >>> y = x - x.mean()
        >>> y = y / (y.abs().square().mean() / 4 + layer.eps).sqrt()
        >>> torch.allclose(layer(x), layer.weight * y + hc.QuaternionTensor(layer.bias), atol=1e-5)
        True

    Source:
        J. L. Ba et al., *Layer Normalization*, 2016.
    """

    @checked
    def __init__(
        self,
        normalized_shape: Counts,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
    ) -> None:
        self.normalized_shape = _sizes(normalized_shape)
        self.eps = eps
        super().__init__(self.normalized_shape, elementwise_affine, bias, device, dtype, algebra)

    def forward(self, input: Tensor) -> Tensor:
        return functional.layer_norm(
            input, self.normalized_shape, self.weight, self.bias, self.eps, algebra=self.algebra
        )

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, algebra={self.algebra}"


class RMSNorm(_PerNumber):
    r"""Scaling of each sample: $y = \gamma\, x / \sqrt{E|x|^2 / n + \varepsilon}$.

    Over `REAL` it is `torch.nn.RMSNorm`.

    Args:
        normalized_shape: sizes of the last axes, in numbers.
        eps: added to the mean square; the resolution of the input's type if None.
        elementwise_affine: whether γ is learned.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.

    Shape:
        typed `(*, *normalized_shape)`, or folded, `n` times as many on the first normalised axis.

    Attributes:
        weight: the real γ, `normalized_shape`, ones.

    Raises:
        ValueError: if a size is not a positive integer, or an input has other last axes.

    Example:
        >>> RMSNorm(6, algebra=hc.QUATERNION)(torch.randn(2, 5, 4 * 6)).shape
        torch.Size([2, 5, 24])

        In numbers:

        >>> layer, x = RMSNorm(6, eps=1e-5, algebra=hc.QUATERNION), hc.QuaternionTensor.randn(6)
        >>> y = x / (x.abs().square().mean() / 4 + layer.eps).sqrt()
        >>> torch.allclose(layer(x), layer.weight * y, atol=1e-5)
        True

    Source:
        B. Zhang and R. Sennrich, *Root Mean Square Layer Normalization*, NeurIPS 2019.
    """

    @checked
    def __init__(
        self,
        normalized_shape: Counts,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
    ) -> None:
        self.normalized_shape = _sizes(normalized_shape)
        self.eps = eps
        super().__init__(self.normalized_shape, elementwise_affine, False, device, dtype, algebra)

    def forward(self, input: Tensor) -> Tensor:
        return functional.rms_norm(
            input, self.normalized_shape, self.weight, self.eps, algebra=self.algebra
        )

    def to_real(self) -> nn.RMSNorm:
        """The stock layer that does the same to folded input: γ stands for every component.

        Example:
            >>> RMSNorm(6, algebra=hc.QUATERNION).to_real().normalized_shape
            (24,)
        """
        n, (first, *others) = state_width(self.algebra.product), self.normalized_shape
        device, dtype = None, None
        if self.weight is not None:
            device, dtype = self.weight.device, self.weight.dtype
        real = nn.RMSNorm(
            [n * first, *others], self.eps, self.weight is not None, device=device, dtype=dtype
        )
        if self.weight is not None:
            with torch.no_grad():
                real.weight.copy_(self.weight.repeat(n, *(1 for _ in others)))
        return real.train(self.training)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, algebra={self.algebra}"


class GroupNorm(_PerNumber):
    r"""Normalisation of groups of channels of each sample, over all points.

    $y = \gamma (x - \mu)/\sqrt{\sigma^2 + \varepsilon} + \beta$ with
    $\sigma^2 = E|x - \mu|^2 / n$. Over `REAL` it is `torch.nn.GroupNorm`.

    Args:
        num_groups: number of groups; a group holds whole numbers.
        num_channels: numbers in each input point.
        eps: added to the variance.
        affine: whether γ and β are learned.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.

    Shape:
        typed `(N, num_channels, *)`, or folded `(N, n·num_channels, *)`; the same kind comes out.

    Attributes:
        weight: the real γ, `(num_channels,)`, ones.
        bias: β, `(num_channels, n)`, zeros.

    Raises:
        ValueError: if the groups do not divide the channels, or an input has other channels.

    Example:
        >>> GroupNorm(3, 6, algebra=hc.QUATERNION)(torch.randn(2, 4 * 6, 5, 5)).shape
        torch.Size([2, 24, 5, 5])

        In numbers:

        >>> layer, x = GroupNorm(3, 6, algebra=hc.QUATERNION), hc.QuaternionTensor.randn(1, 6, 9)
        >>> group = x[0, 2:4] - x[0, 2:4].mean()
        >>> group = group / (group.abs().square().mean() / 4 + layer.eps).sqrt()
        >>> torch.allclose(layer(x)[0, 2:4], group, atol=1e-5)
        True

    Source:
        Y. Wu and K. He, *Group Normalization*, ECCV 2018.
    """

    @checked
    def __init__(
        self,
        num_groups: Count,
        num_channels: Count,
        eps: float = 1e-5,
        affine: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
    ) -> None:
        check_groups("num_channels", num_channels, num_groups, "num_groups")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        super().__init__((num_channels,), affine, True, device, dtype, algebra)

    def forward(self, input: Tensor) -> Tensor:
        return functional.group_norm(
            input, self.num_groups, self.weight, self.bias, self.eps, algebra=self.algebra
        )

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, algebra={self.algebra}"


def _sizes(normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    return (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)


@final
class QuaternionLayerNorm(LayerNorm):
    """`LayerNorm` over the quaternions.

    Example:
        >>> QuaternionLayerNorm(3).bias.shape
        torch.Size([3, 4])
    """

    __init__ = over(QUATERNION, LayerNorm.__init__)
