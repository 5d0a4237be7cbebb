"""Normalisation over the batch, by whitening or by variance."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import Count, checked, explained
from hypercomplex.kernels.whitening import inverse_root, symmetric
from hypercomplex.lowering import fold
from hypercomplex.nn.affine import NoStockLayerError
from hypercomplex.nn.flagship import over
from hypercomplex.nn.permutation import ChannelPermutation, PointwiseConv1d
from hypercomplex.nn.tracking import Device, Tracking

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "QuaternionBatchNorm1d",
    "QuaternionBatchNorm2d",
    "QuaternionBatchNorm3d",
    "VarianceNorm1d",
    "VarianceNorm2d",
    "VarianceNorm3d",
]


class _OverBatch(Tracking):
    """The arguments of batch normalisation; a subclass has the function."""

    function: ClassVar[Callable[..., Tensor]]

    @checked
    def __init__(
        self,
        num_features: Count,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
        sync: bool = False,
        process_group: Any = None,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, algebra
        )
        self.sync = sync
        self.process_group = process_group

    def _group(self) -> Any:
        """The processes to normalise with, or None to normalise alone."""
        if not (self.sync and torch.distributed.is_available()):
            return None
        if not torch.distributed.is_initialized():
            return None
        return self.process_group or torch.distributed.group.WORLD

    def _learns_from(self, input: Tensor) -> bool:
        return super()._learns_from(input) or self._group() is not None

    @explained
    def forward(self, input: Tensor) -> Tensor:
        mean, moment, momentum = self._statistics(input)
        return type(self).function(
            input,
            mean,
            moment,
            self.weight,
            self.bias,
            self.training,
            momentum,
            self.eps,
            algebra=self.algebra,
            process_group=self._group() if self.training or mean is None else None,
        )

    def _evaluated(self) -> tuple[Tensor, Tensor]:
        """Running mean and moment, if they are all that normalises."""
        name = type(self).__name__
        if self.training:
            raise NoStockLayerError(
                f"{name} learns from batches of numbers while it trains; call eval()"
            )
        if not self.track_running_stats:
            raise NoStockLayerError(
                f"{name} normalises by its batch: `track_running_stats` is not set"
            )
        return self.get_buffer("running_mean"), self.get_buffer(self.moment)


def synchronise(layer: nn.Module, process_group: Any) -> None:
    """Have a layer that normalises over the batch do it over those of all processes."""
    if isinstance(layer, _OverBatch):
        layer.sync, layer.process_group = True, process_group


class _BatchNorm(_OverBatch):
    function = staticmethod(functional.batch_norm)
    moment = "running_cov"

    def _values(self) -> tuple[int, ...]:
        n = self.algebra.dimension
        return (n * (n + 1) // 2,)

    def _fill(self, moments: Tensor, value: float) -> None:
        moments.zero_()
        for i in range(self.algebra.dimension):
            moments[:, i * (i + 3) // 2] = value

    def _first_weight(self) -> float:
        return 1 / math.sqrt(self.algebra.dimension)

    def to_real(self) -> nn.Module:
        """A convolution of single points, which does the same to folded input in evaluation.

        Its groups are the numbers, between two `ChannelPermutation`s that bring the components of
        each together.

        Raises:
            ValueError: in training, or without running statistics.

        Example:
            >>> BatchNorm2d(3, algebra=hc.QUATERNION).eval().to_real()[1]
            Conv2d(12, 12, kernel_size=(1, 1), stride=(1, 1), groups=3)
        """
        mean, covariance = self._evaluated()
        n, numbers = self.algebra.dimension, self.num_features
        device, dtype = mean.device, mean.dtype
        exact = torch.promote_types(dtype, torch.float32)
        real = skip_init(
            _POINTWISE[self.ranks], n * numbers, n * numbers, 1, groups=numbers,
            device=device, dtype=dtype,
        )  # fmt: skip
        with torch.no_grad():
            matrix = inverse_root(covariance, self.eps, n, exact)
            if self.weight is not None:
                matrix = symmetric(self.weight.to(exact), n) @ matrix
            shift = -(matrix @ mean.to(exact).unsqueeze(-1)).squeeze(-1)
            real.weight.copy_(matrix.reshape(real.weight.shape))
            real.bias.copy_((shift if self.bias is None else shift + self.bias).flatten())
        if n == 1 or numbers == 1:
            return real.eval()
        there, back = (
            ChannelPermutation(n * numbers, n, numbers, 1, inverse=inverse, device=device)
            for inverse in (False, True)
        )
        return nn.Sequential(there, real, back).eval()


class _VarianceNorm(_OverBatch):
    function = staticmethod(functional.variance_norm)

    def to_real(self) -> nn.Module:
        """The stock batch normalisation, which does the same to folded input in evaluation.

        All components of a number have its variance; in training they would get their own.

        Raises:
            ValueError: in training, or without running statistics.

        Example:
            >>> VarianceNorm2d(3, algebra=hc.QUATERNION).eval().to_real().running_var.shape
            torch.Size([12])
        """
        mean, var = self._evaluated()
        n = self.algebra.dimension
        real = _STOCK_NORM[self.ranks](
            n * self.num_features, self.eps, self.momentum, self.affine,
            device=mean.device, dtype=mean.dtype,
        )  # fmt: skip
        values = {"running_mean": fold(mean, 0), "running_var": var.repeat(n)}
        values["num_batches_tracked"] = self.get_buffer("num_batches_tracked")
        if self.weight is not None and self.bias is not None:
            values |= {"weight": self.weight.repeat(n), "bias": fold(self.bias, 0)}
        real.load_state_dict(values)
        return real.eval()


_POINTWISE: dict[tuple[int, ...], Callable[..., Any]] = {
    (2, 3): PointwiseConv1d,
    (4,): nn.Conv2d,
    (5,): nn.Conv3d,
}
_STOCK_NORM: dict[tuple[int, ...], Callable[..., nn.Module]] = {
    (2, 3): nn.BatchNorm1d,
    (4,): nn.BatchNorm2d,
    (5,): nn.BatchNorm3d,
}


class BatchNorm1d(_BatchNorm):
    r"""Whitening batch normalisation: $y = \Gamma L^{-1} (x - \mu) + \beta$, $L L^\top = V$.

    The arguments are those of `BatchNorm2d`.

    Shape:
        typed `(N, num_features)` or `(N, num_features, L)`, or folded; the same kind comes out.

    Example:
        >>> BatchNorm1d(3, algebra=hc.COMPLEX)(torch.randn(20, 2 * 3)).shape
        torch.Size([20, 6])

        In numbers:

        >>> layer, x = BatchNorm1d(3, algebra=hc.QUATERNION), hc.QuaternionTensor.randn(90, 3)
        >>> y = layer(x) / layer.weight[0, 0]  # white: no component correlates with another
        >>> torch.allclose(torch.cov(y.components[:, 0].T), torch.eye(4), atol=0.05)
        True
    """

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    r"""Whitening batch normalisation: $y = \Gamma L^{-1} (x - \mu) + \beta$, $L L^\top = V$.

    $\mu$ and $V$ are the mean and the covariance matrix of the $n$ components of a channel over
    the batch and all points, so $L^{-1}(x - \mu)$ has uncorrelated components of variance 1. With
    the initial $\Gamma = 1/\sqrt n$, $E|y|^2 = 1$. Over `REAL` it is `torch.nn.BatchNorm2d`.

    Args:
        num_features: numbers in each input point.
        eps: added to the variances.
        momentum: the part of a new batch in the running statistics; None for their plain mean.
        affine: whether Γ and β are learned.
        track_running_stats: whether evaluation uses running statistics, not those of its batch.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        sync: whether all processes of `process_group` normalise as one batch when training.
        process_group: the processes; all of them if None.

    Shape:
        - Input: typed `(N, num_features, H, W)`, or folded `(N, n·num_features, H, W)`.
        - Output: the same.

    Attributes:
        weight: the lower entries of the symmetric Γ, row by row, `(num_features, n(n+1)/2)`;
            `1/√n` on the diagonal.
        bias: β, `(num_features, n)`, zeros.
        running_mean: `(num_features, n)`.
        running_cov: the lower entries of the unbiased covariance, `(num_features, n(n+1)/2)`.
        num_batches_tracked: how many batches were seen.

    Raises:
        ValueError: if `num_features` is not a positive integer, an input has other channels, or a
            batch to learn from has a single point.

    Example:
        >>> layer = BatchNorm2d(3, algebra=hc.QUATERNION)
        >>> layer(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 12, 8, 8])
        >>> layer.weight.shape
        torch.Size([3, 10])

    Source:
        C. J. Gaudet and A. S. Maida, *Deep Quaternion Networks*, IJCNN 2018, section III.D.
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    r"""Whitening batch normalisation: $y = \Gamma L^{-1} (x - \mu) + \beta$, $L L^\top = V$.

    The arguments are those of `BatchNorm2d`.

    Shape:
        typed `(N, num_features, D, H, W)`, or folded; the same kind comes out.

    Example:
        >>> BatchNorm3d(1, algebra=hc.QUATERNION)(torch.randn(2, 4, 3, 3, 3)).shape
        torch.Size([2, 4, 3, 3, 3])
    """

    ranks = (5,)


class VarianceNorm1d(_VarianceNorm):
    r"""Batch normalisation by variance: $y = \gamma (x-\mu)/\sqrt{E|x-\mu|^2+\varepsilon}+\beta$.

    The arguments are those of `VarianceNorm2d`.

    Shape:
        typed `(N, num_features)` or `(N, num_features, L)`, or folded; the same kind comes out.

    Example:
        >>> VarianceNorm1d(3, algebra=hc.COMPLEX)(torch.randn(20, 2 * 3)).shape
        torch.Size([20, 6])

        In numbers:

        >>> layer, x = VarianceNorm1d(3, algebra=hc.QUATERNION), hc.QuaternionTensor.randn(20, 3)
        >>> y = x - x.mean(0)
        >>> y = y / (y.abs().square().mean(0) + layer.eps).sqrt()
        >>> torch.allclose(layer(x), layer.weight * y + hc.QuaternionTensor(layer.bias), atol=1e-5)
        True
    """

    ranks = (2, 3)


class VarianceNorm2d(_VarianceNorm):
    r"""Batch normalisation by variance: $y = \gamma (x-\mu)/\sqrt{E|x-\mu|^2+\varepsilon}+\beta$.

    The cheap form of `BatchNorm2d`: it scales a number and leaves its direction from the mean
    alone. $E|y|^2 = 1$ at first. Over `REAL` it is `torch.nn.BatchNorm2d`.

    The arguments and the shapes of inputs and outputs are those of `BatchNorm2d`.

    Attributes:
        weight: the real γ, `(num_features,)`, ones.
        bias: β, `(num_features, n)`, zeros.
        running_mean: `(num_features, n)`.
        running_var: the unbiased E|x − μ|², `(num_features,)`.
        num_batches_tracked: how many batches were seen.

    Raises:
        ValueError: see `BatchNorm2d`.

    Example:
        >>> VarianceNorm2d(3, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3, 8, 8)).shape
        torch.Size([2, 12, 8, 8])

        In numbers:

        >>> layer = VarianceNorm2d(3, algebra=hc.QUATERNION)
        >>> x = hc.QuaternionTensor.randn(2, 3, 8, 8)
        >>> y = x - x.mean((0, 2, 3), True)
        >>> y = y / (y.abs().square().mean((0, 2, 3), True) + layer.eps).sqrt()
        >>> torch.allclose(layer(x), y, atol=1e-5)  # before it learns γ and β
        True

    Source:
        Q. Yin et al., *Quaternion Convolutional Neural Network for Color Image Classification
        and Forensics*, IEEE Access 2019.
    """

    ranks = (4,)


class VarianceNorm3d(_VarianceNorm):
    r"""Batch normalisation by variance: $y = \gamma (x-\mu)/\sqrt{E|x-\mu|^2+\varepsilon}+\beta$.

    The arguments are those of `VarianceNorm2d`.

    Shape:
        typed `(N, num_features, D, H, W)`, or folded; the same kind comes out.

    Example:
        >>> VarianceNorm3d(1, algebra=hc.QUATERNION)(torch.randn(2, 4, 3, 3, 3)).shape
        torch.Size([2, 4, 3, 3, 3])
    """

    ranks = (5,)


@final
class QuaternionBatchNorm1d(BatchNorm1d):
    """`BatchNorm1d` over the quaternions.

    Example:
        >>> QuaternionBatchNorm1d(3).running_cov.shape
        torch.Size([3, 10])
    """

    __init__ = over(QUATERNION, BatchNorm1d.__init__)


@final
class QuaternionBatchNorm2d(BatchNorm2d):
    """`BatchNorm2d` over the quaternions.

    Example:
        >>> QuaternionBatchNorm2d(3).running_cov.shape
        torch.Size([3, 10])
    """

    __init__ = over(QUATERNION, BatchNorm2d.__init__)


@final
class QuaternionBatchNorm3d(BatchNorm3d):
    """`BatchNorm3d` over the quaternions.

    Example:
        >>> QuaternionBatchNorm3d(3).running_cov.shape
        torch.Size([3, 10])
    """

    __init__ = over(QUATERNION, BatchNorm3d.__init__)
