"""From real features to numbers at the entrance of a network, and back at its exit.

The entrances take real features on axis `dim` and give folded numbers; the exits take numbers,
folded or typed, and give real features.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Count, check_real, check_units, checked

__all__ = [
    "LUMINANCE",
    "AllComponents",
    "FeaturesToImaginary",
    "FeaturesToNumbers",
    "LearnedReadout",
    "LearnedVector",
    "Modulus",
    "RealPart",
]

LUMINANCE = (0.299, 0.587, 0.114)
"""The weights of red, green and blue in the brightness of a picture (ITU-R BT.601)."""


class _Adapter(nn.Module):
    """An algebra and the axis of features."""

    def __init__(self, algebra: Algebra, dim: int | None) -> None:
        super().__init__()
        self.algebra = algebra
        self.dim = dim

    def extra_repr(self) -> str:
        return f"algebra={self.algebra}, dim={self.dim}"


class FeaturesToNumbers(_Adapter):
    r"""Group $n$ adjacent features into one number: $q_g = \sum_i x_{gn+i}\, e_i$.

    Zeros fill the last number.

    Args:
        algebra: the algebra of the numbers.
        dim: the axis of the features.

    Shape:
        real `(…, F, …)` → folded `(…, n·⌈F/n⌉, …)`.

    Example:
        >>> FeaturesToNumbers(algebra=hc.COMPLEX)(torch.tensor([[1., 2, 3]]))  # 1+2i, 3
        tensor([[1., 3., 2., 0.]])
    """

    @checked
    def __init__(self, *, algebra: Algebra, dim: int = 1) -> None:
        super().__init__(algebra, dim)
        self.dim: int = dim

    def forward(self, input: Tensor) -> Tensor:
        return functional.features_to_numbers(input, algebra=self.algebra, dim=self.dim)


class FeaturesToImaginary(_Adapter):
    r"""Group $n - 1$ adjacent features into the imaginary parts of one number.

    The real part is zero, or a fixed combination of the features such as `LUMINANCE`. So a pixel
    becomes the quaternion $Ri + Gj + Bk$, or $Y + Ri + Gj + Bk$. Zeros fill the last number.

    Args:
        real_weights: the `n - 1` weights of the real part; zero if None.
        algebra: the algebra of the numbers.
        dim: the axis of the features.

    Shape:
        real `(…, F, …)` → folded `(…, n·⌈F/(n-1)⌉, …)`.

    Raises:
        ValueError: if the algebra has no imaginary units, or another number of them.

    Example:
        >>> pictures = torch.rand(2, 3, 8, 8)
        >>> FeaturesToImaginary(LUMINANCE, algebra=hc.QUATERNION)(pictures).shape
        torch.Size([2, 4, 8, 8])

    Source:
        S. J. Sangwine, *Fourier transforms of colour images using quaternion, or hypercomplex,
        numbers*, Electronics Letters 1996.
    """

    @checked
    def __init__(
        self,
        real_weights: Sequence[float] | None = None,
        *,
        algebra: Algebra,
        dim: int = 1,
    ) -> None:
        super().__init__(algebra, dim)
        check_units(real_weights, algebra)
        self.dim: int = dim
        self.real_weights = real_weights

    def forward(self, input: Tensor) -> Tensor:
        return functional.features_to_imaginary(
            input, self.real_weights, algebra=self.algebra, dim=self.dim
        )


class LearnedVector(nn.Module):
    r"""A picture as the real part, with imaginary parts learned from it.

    Each imaginary part is a block of real layers of its own: twice batch normalisation, ReLU and a
    3×3 convolution without bias that keeps the number of channels.

    Args:
        channels: real channels of the picture.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.

    Shape:
        real `(N, channels, H, W)` → folded `(N, n·channels, H, W)`.

    Raises:
        ValueError: if `channels` is not a positive integer, or there are no imaginary units.

    Example:
        >>> LearnedVector(3, algebra=hc.QUATERNION)(torch.rand(2, 3, 8, 8)).shape
        torch.Size([2, 12, 8, 8])

    Source:
        C. J. Gaudet and A. S. Maida, *Deep Quaternion Networks*, IJCNN 2018, section IV.A.
    """

    @checked
    def __init__(
        self,
        channels: Count,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        check_units(None, algebra)
        super().__init__()

        def step() -> list[nn.Module]:
            return [
                nn.BatchNorm2d(channels, device=device, dtype=dtype),
                nn.ReLU(),
                nn.Conv2d(channels, channels, 3, padding=1, bias=False, device=device, dtype=dtype),
            ]

        self.algebra = algebra
        self.imaginary = nn.ModuleList(
            nn.Sequential(*step(), *step()) for _ in range(algebra.dimension - 1)
        )

    def forward(self, input: Tensor) -> Tensor:
        check_real("input", input)
        return torch.cat([input, *(block(input) for block in self.imaginary)], dim=-3)

    def extra_repr(self) -> str:
        return f"algebra={self.algebra}"


class _Exit(_Adapter):
    @checked
    def __init__(self, *, algebra: Algebra, dim: int | None = None) -> None:
        super().__init__(algebra, dim)


class RealPart(_Exit):
    r"""The real part of each number, $\operatorname{Re} q$.

    Args:
        algebra: the algebra of the numbers.
        dim: the axis of the channels; needed on plain input of more than two axes.

    Shape:
        typed `(…, C, …)`, or folded `(…, n·C, …)` → real `(…, C, …)`.

    Raises:
        ValueError: if `dim` is needed and missing.

    Example:
        >>> RealPart(algebra=hc.COMPLEX)(torch.tensor([[1., 3, 2, 4]]))  # 1+2i, 3+4i
        tensor([[1., 3.]])

        In numbers:

        >>> q = hc.QuaternionTensor.randn(2, 3)
        >>> torch.equal(RealPart(algebra=hc.QUATERNION)(q), q.real)
        True
    """

    def forward(self, input: Tensor) -> Tensor:
        return functional.real_part(input, algebra=self.algebra, dim=self.dim)


class Modulus(_Exit):
    r"""The modulus of each number, $|q|$; see `RealPart`.

    Example:
        >>> Modulus(algebra=hc.COMPLEX)(torch.tensor([[3., 4]]))
        tensor([[5.]])

        In numbers:

        >>> q = hc.QuaternionTensor.randn(2, 3)
        >>> torch.allclose(Modulus(algebra=hc.QUATERNION)(q), q.abs())
        True
    """

    def forward(self, input: Tensor) -> Tensor:
        return functional.modulus(input, algebra=self.algebra, dim=self.dim)


class AllComponents(_Exit):
    r"""All components as real features: typed `(…, C, …)` or folded → real `(…, n·C, …)`.

    The arguments and errors are those of `RealPart`; typed input of more than two axes needs
    `dim`, too.

    Example:
        >>> AllComponents(algebra=hc.QUATERNION)(hc.QuaternionTensor([[1., 2, 3, 4]]))
        tensor([1., 2., 3., 4.])

        In numbers:

        >>> q = hc.QuaternionTensor.randn(2, 3)
        >>> torch.equal(AllComponents(algebra=hc.QUATERNION)(q), q.folded())
        True
    """

    def forward(self, input: Tensor) -> Tensor:
        return functional.components_of(input, algebra=self.algebra, dim=self.dim)


class LearnedReadout(nn.Module):
    r"""A real linear layer on all components: $y = W [q] + b$.

    Args:
        in_features: numbers in each input sample, on the last axis.
        out_features: reals in each output sample.
        bias: whether to add a learned real to each output.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.

    Shape:
        typed `(*, in_features)`, or folded `(*, n·in_features)` → real `(*, out_features)`.

    Attributes:
        linear: `torch.nn.Linear(n·in_features, out_features)`.

    Raises:
        ValueError: if a size is not a positive integer.

    Example:
        >>> LearnedReadout(3, 10, algebra=hc.QUATERNION)(torch.randn(2, 4 * 3)).shape
        torch.Size([2, 10])

        In numbers:

        >>> layer, q = LearnedReadout(3, 10, algebra=hc.QUATERNION), hc.QuaternionTensor.randn(2, 3)
        >>> W, b = layer.parameters()
        >>> torch.allclose(layer(q), q.folded() @ W.T + b, atol=1e-5)
        True
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
    ) -> None:
        super().__init__()
        self.algebra = algebra
        width = algebra.dimension * in_features
        self.linear = nn.Linear(width, out_features, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return self.linear(functional.components_of(input, algebra=self.algebra, dim=-1))

    def extra_repr(self) -> str:
        return f"algebra={self.algebra}"
