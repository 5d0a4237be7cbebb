"""What affine layers share: an algebra, a weight and a bias, and their initialisation."""

from __future__ import annotations

import torch
from torch import nn

from hypercomplex.algebra import Algebra
from hypercomplex.lowering.block import Side
from hypercomplex.nn import init
from hypercomplex.nn.init import Criterion

__all__ = ["Affine"]


class Affine(nn.Module):
    """A layer `y = W x + b` over an algebra; subclasses say what the product is.

    Attributes:
        weight: `(O, I, *kernel, n)`, or `(I, O, *kernel, n)` if transposed; `init.polar_`.
        bias: `(O, n)`, zeros; None without bias.
    """

    transposed = False

    def __init__(
        self,
        weight_shape: tuple[int, ...],
        outputs: int,
        bias: bool,
        algebra: Algebra,
        side: Side,
        criterion: Criterion,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        check_algebra(algebra)
        if side not in ("left", "right"):
            raise ValueError(f"`side` (={side!r}) must be 'left' (w x) or 'right' (x w)")
        self.algebra = algebra
        self.side: Side = side
        self.criterion: Criterion = criterion
        n = algebra.dimension
        self.weight = nn.Parameter(torch.empty(*weight_shape, n, device=device, dtype=dtype))
        self.bias: nn.Parameter | None = None
        if bias:
            self.bias = nn.Parameter(torch.empty(outputs, n, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weight anew from the generator and set the bias to zero."""
        init.polar_(self.weight, self.criterion, generator, transposed=self.transposed)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def _algebra_repr(self) -> str:
        side = "" if self.side == "left" else f", side={self.side!r}"
        return f"bias={self.bias is not None}, algebra={self.algebra}{side}"


def check_size(argument: str, value: int) -> None:
    """A count of numbers is a positive integer."""
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"`{argument}` (={value!r}) counts numbers and must be a positive integer")


def check_algebra(algebra: Algebra) -> None:
    """A layer computes in an algebra."""
    if not isinstance(algebra, Algebra):
        raise TypeError(f"`algebra` (={algebra!r}) must be an Algebra, such as QUATERNION")
