"""Activations."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from hypercomplex import functional

__all__ = ["Split"]


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
