"""Dropout layers: all components of a number share its fate."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Probability, checked
from hypercomplex.lowering import AnyProduct

__all__ = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d"]


class _Dropout(nn.Module):
    def __init__(self, p: float, algebra: AnyProduct) -> None:
        super().__init__()
        self.p = p
        self.algebra = algebra

    def extra_repr(self) -> str:
        return f"p={self.p}, algebra={self.algebra}"


class Dropout(_Dropout):
    r"""Zero each number with probability $p$ when training, scale the others by $1/(1-p)$.

    Over `REAL` it is `torch.nn.Dropout`.

    Args:
        p: the probability.
        algebra: the algebra of the numbers.
        dim: the axis of the channels; needed on plain input of more than two axes.

    Shape:
        typed `(*)`, or folded with the channels on `dim`; the same comes out.

    Raises:
        ValueError: if `p` is no probability, or `dim` is needed and missing.

    Example:
        >>> Dropout(0.5, algebra=hc.QUATERNION)(hc.QuaternionTensor(torch.ones(3, 4)))
        QuaternionTensor([0+0i+0j+0k, 0+0i+0j+0k, 2+2i+2j+2k], shape=(3,), dtype=torch.float32)

        In numbers:

        >>> q = hc.QuaternionTensor.randn(9)
        >>> y = Dropout(0.5, algebra=hc.QUATERNION)(q)
        >>> torch.equal(y, 2 * q * (y.abs() > 0))
        True

    Source:
        N. Srivastava et al., *Dropout*, JMLR 2014.
    """

    @checked
    def __init__(
        self, p: Probability = 0.5, *, algebra: AnyProduct, dim: int | None = None
    ) -> None:
        super().__init__(p, algebra)
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return functional.dropout(input, self.p, self.training, algebra=self.algebra, dim=self.dim)


class _FeatureDropout(_Dropout):
    axes: ClassVar[int]

    @checked
    def __init__(self, p: Probability = 0.5, *, algebra: Algebra) -> None:
        super().__init__(p, algebra)

    def forward(self, input: Tensor) -> Tensor:
        return functional.feature_dropout(
            input, self.p, self.training, algebra=self.algebra, axes=self.axes
        )


class Dropout1d(_FeatureDropout):
    r"""Zero each channel of numbers with probability $p$ when training; see `Dropout2d`.

    Shape:
        typed `(N, C, L)` or `(C, L)`, or folded; the same comes out.

    Example:
        >>> Dropout1d(algebra=hc.COMPLEX)(torch.randn(2, 2 * 3, 20)).shape
        torch.Size([2, 6, 20])
    """

    axes = 1


class Dropout2d(_FeatureDropout):
    r"""Zero each channel of numbers with probability $p$ when training.

    The others are scaled by $1/(1-p)$. Over `REAL` it is `torch.nn.Dropout2d`.

    Args:
        p: the probability.
        algebra: the algebra of the numbers.

    Shape:
        typed `(N, C, H, W)` or `(C, H, W)`, or folded; the same comes out.

    Raises:
        ValueError: if `p` is no probability.

    Example:
        >>> Dropout2d(algebra=hc.COMPLEX)(torch.randn(2, 2 * 3, 5, 5)).shape
        torch.Size([2, 6, 5, 5])

    Source:
        J. Tompson et al., *Efficient Object Localization Using Convolutional Networks*, 2015.
    """

    axes = 2


class Dropout3d(_FeatureDropout):
    r"""Zero each channel of numbers with probability $p$ when training; see `Dropout2d`.

    Shape:
        typed `(N, C, D, H, W)` or `(C, D, H, W)`, or folded; the same comes out.

    Example:
        >>> Dropout3d(algebra=hc.COMPLEX)(torch.randn(2, 2 * 3, 3, 3, 3)).shape
        torch.Size([2, 6, 3, 3, 3])
    """

    axes = 3
