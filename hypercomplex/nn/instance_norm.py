"""Normalisation of each channel of each sample over its points."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Count, checked, explained
from hypercomplex.nn.tracking import Device, Tracking

__all__ = ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"]


class _InstanceNorm(Tracking):
    @checked
    def __init__(
        self,
        num_features: Count,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, algebra
        )

    @explained
    def forward(self, input: Tensor) -> Tensor:
        mean, var, momentum = self._statistics(input)
        own = self.training or not self.track_running_stats
        return functional.instance_norm(
            input,
            mean,
            var,
            self.weight,
            self.bias,
            own,
            momentum,
            self.eps,
            algebra=self.algebra,
            axes=self.ranks[0] - 1,
        )


class InstanceNorm1d(_InstanceNorm):
    r"""Normalisation of each channel of each sample over its points; see `InstanceNorm2d`.

    Shape:
        typed `(N, num_features, L)` or `(num_features, L)`, or folded; the same kind comes out.

    Example:
        >>> InstanceNorm1d(3, algebra=hc.COMPLEX)(torch.randn(2, 2 * 3, 20)).shape
        torch.Size([2, 6, 20])
    """

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    r"""Normalisation of each channel of each sample over its points.

    $y = \gamma (x - \mu)/\sqrt{\sigma^2 + \varepsilon} + \beta$ with
    $\sigma^2 = E|x - \mu|^2 / n$. Over `REAL` it is `torch.nn.InstanceNorm2d`.

    Args:
        num_features: numbers in each input point.
        eps: added to the variance.
        momentum: the part of a new batch in the running statistics; None for their plain mean.
        affine: whether γ and β are learned.
        track_running_stats: whether evaluation uses running statistics.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.

    Shape:
        typed `(N, num_features, H, W)` or `(num_features, H, W)`, or folded; the same comes out.

    Attributes:
        weight: the real γ, `(num_features,)`, ones.
        bias: β, `(num_features, n)`, zeros.
        running_mean: `(num_features, n)`.
        running_var: the unbiased E|x − μ|²/n, `(num_features,)`.

    Raises:
        ValueError: if an input has other channels, or a single point to learn from.

    Example:
        >>> InstanceNorm2d(3, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 12, 8, 8])

        In numbers:

        >>> layer = InstanceNorm2d(3, algebra=hc.QUATERNION)
        >>> x = hc.QuaternionTensor.randn(1, 3, 5, 5)
        >>> channel = x[0, 1] - x[0, 1].mean()
        >>> channel = channel / (channel.abs().square().mean() / 4 + layer.eps).sqrt()
        >>> torch.allclose(layer(x)[0, 1], channel, atol=1e-5)
        True

    Source:
        D. Ulyanov et al., *Instance Normalization*, 2016.
    """

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    r"""Normalisation of each channel of each sample over its points; see `InstanceNorm2d`.

    Shape:
        typed `(N, num_features, D, H, W)` or `(num_features, D, H, W)`, or folded.

    Example:
        >>> InstanceNorm3d(1, algebra=hc.QUATERNION)(torch.randn(2, 4, 3, 3, 3)).shape
        torch.Size([2, 4, 3, 3, 3])
    """

    ranks = (4, 5)
