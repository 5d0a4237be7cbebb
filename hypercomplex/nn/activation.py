"""Activations: real functions of every component, and of the modulus, which keep the direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Count, checked, explained

__all__ = [
    "Cardioid",
    "ModReLU",
    "ModTanh",
    "Split",
    "SplitGELU",
    "SplitHardtanh",
    "SplitLeakyReLU",
    "SplitReLU",
    "SplitSiLU",
    "SplitSigmoid",
    "SplitTanh",
]


class Split(nn.Module):
    r"""A real function on every component ("split activation"): $f(x) = \sum_i f(x_i)\, e_i$.

    Args:
        function: a function or module that keeps shapes, such as `torch.tanh` or `nn.Hardtanh()`.

    Shape:
        `(*)` → `(*)`, plain or typed.

    Example:
        >>> Split(torch.nn.ReLU())(hc.QuaternionTensor([1., -2, 3, -4]))
        QuaternionTensor(1+0i+3j+0k, shape=(), dtype=torch.float32)

    Source:
        P. Arena et al., *Multilayer perceptrons to approximate quaternion valued functions*, 1997.
    """

    @checked
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, input: Tensor) -> Tensor:
        return functional.componentwise(self.function, input)

    def to_real(self) -> nn.Module:
        """The module inside, which does the same to folded input; a bare function stays split."""
        return self.function if isinstance(self.function, nn.Module) else self

    def extra_repr(self) -> str:
        if isinstance(self.function, nn.Module):
            return ""  # shown as a child
        return str(getattr(self.function, "__name__", self.function))


class _SplitOf(Split):
    """`Split` of a module of torch, made from its own arguments."""

    real: ClassVar[type[nn.Module]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(self.real(*args, **kwargs))


@final
class SplitReLU(_SplitOf):
    """`torch.nn.ReLU` on every component, with torch's arguments; see `Split`.

    Example:
        >>> SplitReLU()(hc.QuaternionTensor([1., -2, 3, -4]))
        QuaternionTensor(1+0i+3j+0k, shape=(), dtype=torch.float32)
    """

    real = nn.ReLU


@final
class SplitLeakyReLU(_SplitOf):
    """`torch.nn.LeakyReLU` on every component, with torch's arguments; see `Split`.

    Example:
        >>> SplitLeakyReLU(0.1)(hc.QuaternionTensor([1., -2, 3, -4]))
        QuaternionTensor(1-0.2i+3j-0.4k, shape=(), dtype=torch.float32)
    """

    real = nn.LeakyReLU


@final
class SplitGELU(_SplitOf):
    """`torch.nn.GELU` on every component, with torch's arguments; see `Split`.

    Example:
        >>> SplitGELU()(hc.QuaternionTensor([0., 1, -1, 3]))
        QuaternionTensor(0+0.8413i-0.1587j+2.996k, shape=(), dtype=torch.float32)
    """

    real = nn.GELU


@final
class SplitSiLU(_SplitOf):
    """`torch.nn.SiLU` on every component, with torch's arguments; see `Split`.

    Example:
        >>> SplitSiLU()(hc.QuaternionTensor([0., 1, -1, 2]))
        QuaternionTensor(0+0.7311i-0.2689j+1.762k, shape=(), dtype=torch.float32)
    """

    real = nn.SiLU


@final
class SplitTanh(_SplitOf):
    """`torch.nn.Tanh` on every component, with torch's arguments; see `Split`.

    Example:
        >>> SplitTanh()(hc.QuaternionTensor([0., 1, -1, 2]))
        QuaternionTensor(0+0.7616i-0.7616j+0.964k, shape=(), dtype=torch.float32)
    """

    real = nn.Tanh


@final
class SplitHardtanh(_SplitOf):
    """`torch.nn.Hardtanh` on every component, with torch's arguments; see `Split`.

    Example:
        >>> SplitHardtanh()(hc.QuaternionTensor([0.5, -2, 3, -4]))
        QuaternionTensor(0.5-1i+1j-1k, shape=(), dtype=torch.float32)
    """

    real = nn.Hardtanh


@final
class SplitSigmoid(_SplitOf):
    """`torch.nn.Sigmoid` on every component, with torch's arguments; see `Split`.

    Example:
        >>> SplitSigmoid()(hc.QuaternionTensor([0., 1, -1, 2]))
        QuaternionTensor(0.5+0.7311i+0.2689j+0.8808k, shape=(), dtype=torch.float32)
    """

    real = nn.Sigmoid


class _Numberwise(nn.Module):
    """A function of whole numbers, on folded channels or typed."""

    function: ClassVar[Callable[..., Tensor]]

    @checked
    def __init__(self, *, algebra: Algebra, dim: int | None = None) -> None:
        super().__init__()
        self.algebra = algebra
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return functional.numberwise(type(self).function, input, algebra=self.algebra, dim=self.dim)

    def extra_repr(self) -> str:
        return f"algebra={self.algebra}"


class ModTanh(_Numberwise):
    r"""The squashed modulus: $\frac{x}{|x|} \tanh |x|$; over `REAL` it is `torch.nn.Tanh`.

    Args:
        algebra: the algebra of the numbers.
        dim: the axis of the channels; needed on plain input of more than two axes.

    Shape:
        typed `(*)`, or folded with the channels on `dim`; the same comes out.

    Raises:
        ValueError: if `dim` is needed and missing.

    Example:
        >>> ModTanh(algebra=hc.QUATERNION)(hc.QuaternionTensor([0., 30, 0, 40]))
        QuaternionTensor(0+0.6i+0j+0.8k, shape=(), dtype=torch.float32)

        In numbers:

        >>> x = hc.QuaternionTensor.randn(5)
        >>> torch.allclose(ModTanh(algebra=hc.QUATERNION)(x), x.sgn() * x.abs().tanh(), atol=1e-5)
        True

    Source:
        A. Hirose, *Complex-Valued Neural Networks*, 2nd ed., 2012, section 2.
    """

    function = staticmethod(functional.mod_tanh)


class Cardioid(_Numberwise):
    r"""Attenuation by the angle to the real axis: $\tfrac12 (1 + \operatorname{Re} x / |x|)\, x$.

    Over `REAL` it is `torch.nn.ReLU`. Arguments, shapes and errors are those of `ModTanh`.

    Example:
        >>> Cardioid(algebra=hc.QUATERNION)(hc.QuaternionTensor([0., 2, 0, 0]))
        QuaternionTensor(0+1i+0j+0k, shape=(), dtype=torch.float32)

        In numbers:

        >>> x = hc.QuaternionTensor.randn(5)
        >>> y = (1 + x.real / x.abs()) / 2 * x
        >>> torch.allclose(Cardioid(algebra=hc.QUATERNION)(x), y, atol=1e-5)
        True

    Source:
        P. Virtue et al., *Better than Real: Complex-valued Neural Nets for MRI Fingerprinting*,
        ICIP 2017, section 3.
    """

    function = staticmethod(functional.cardioid)


class ModReLU(nn.Module):
    r"""The rectified modulus: $\frac{x}{|x|} \max(|x| + b_c, 0)$ with a learned bias a channel.

    Its gradient is finite everywhere, at 0 too.

    Args:
        num_features: numbers in each input point.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.
        dim: the axis of the channels, 1 after a convolution, -1 after a linear layer.

    Shape:
        typed `(*, num_features, *)`, or folded, with the channels on `dim`; the same comes out.

    Attributes:
        bias: the real b, `(num_features,)`, zeros, with which the layer is the identity.

    Raises:
        ValueError: if an input has other channels.

    Example:
        >>> layer = ModReLU(1, algebra=hc.QUATERNION)
        >>> layer.bias.data.fill_(-2.5)
        tensor([-2.5000])
        >>> layer(torch.tensor([[0., 3, 0, 4]]))
        tensor([[0.0000, 1.5000, 0.0000, 2.0000]], grad_fn=<ViewBackward0>)

        In numbers:

        >>> x = hc.QuaternionTensor.randn(5, 1)
        >>> y = x.sgn() * (x.abs() + layer.bias).relu()
        >>> torch.allclose(layer(x), y, atol=1e-5)
        True

    Source:
        M. Arjovsky et al., *Unitary Evolution Recurrent Neural Networks*, ICML 2016, section 4.5.
    """

    @checked
    def __init__(
        self,
        num_features: Count,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
        dim: int = 1,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.algebra = algebra
        self.dim = dim
        self.bias = nn.Parameter(torch.empty(num_features, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the bias to zero."""
        nn.init.zeros_(self.bias)

    @explained
    def forward(self, input: Tensor) -> Tensor:
        dim = self.dim % max(input.ndim, 1)

        def rectify(x: Tensor) -> Tensor:
            if x.ndim - 1 <= dim or x.shape[dim] != self.num_features:
                raise ValueError(
                    f"`input` of shape {tuple(x.shape[:-1])}, in numbers, must have "
                    f"`num_features` (={self.num_features}) of them on axis {self.dim}"
                )
            return functional.mod_relu(x, self.bias.view(-1, *[1] * (x.ndim - 2 - dim)))

        return functional.numberwise(rectify, input, algebra=self.algebra, dim=dim)

    def extra_repr(self) -> str:
        return f"{self.num_features}, algebra={self.algebra}, dim={self.dim}"
