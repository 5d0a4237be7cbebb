"""What affine layers share: an algebra, a weight and a bias, and their initialisation."""

from __future__ import annotations

from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from hypercomplex.lowering import (
    AnyBilinear,
    AnyProduct,
    block_kernel,
    fold,
    fold_groups,
    sizes,
    transposed_block_kernel,
)
from hypercomplex.lowering.block import Side
from hypercomplex.nn.freezing import Freezable
from hypercomplex.nn.init import Criterion, Scheme, fill_

__all__ = ["Affine", "real_kernel"]

RealLayer = TypeVar("RealLayer", bound=nn.Module)


class NoStockLayerError(ValueError):
    """No stock layer does what a layer of numbers does as it is set now."""


class Affine(Freezable):
    """A layer `y = W x + b` over an algebra; subclasses say what the product is.

    Attributes:
        weight: `(O, I, *kernel, n)`, or `(I, O, *kernel, n)` if transposed; drawn as `init` says.
        bias: `(O, n)`, zeros; None without bias.
    """

    transposed = False
    groups: int = 1
    weight: nn.Parameter
    bias: nn.Parameter | None

    def __init__(
        self,
        weight_shape: tuple[int, ...],
        outputs: int,
        bias: bool,
        algebra: AnyProduct,
        side: Side,
        criterion: Criterion,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        init: Scheme = "polar",
    ) -> None:
        super().__init__()
        self.algebra: Any = algebra  # an AnyProduct, which layers may narrow
        self.side: Side = side
        self.criterion: Criterion = criterion
        self.init: Scheme = init
        bias_shape = (outputs, self.output_width) if bias else None
        self._make_parameters((*weight_shape, self.weight_width), bias_shape, device, dtype)
        self.reset_parameters()

    @property
    def weight_width(self) -> int:
        """The components of a number of the weight."""
        return sizes(self.algebra.product, self.side)[0]

    @property
    def input_width(self) -> int:
        """The components of a number of the input."""
        return sizes(self.algebra.product, self.side)[1]

    @property
    def output_width(self) -> int:
        """The components of a number of the output."""
        return self.algebra.product.shape[2]

    def _numbers(self) -> tuple[int, ...]:
        """The shape of the weight, in numbers."""
        raise NotImplementedError

    def _make_parameters(
        self,
        weight_shape: tuple[int, ...],
        bias_shape: tuple[int, int] | None,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
    ) -> None:
        """Make the parameters, without values yet."""
        self.weight = nn.Parameter(torch.empty(weight_shape, device=device, dtype=dtype))
        self.bias = None
        if bias_shape:
            self.bias = nn.Parameter(torch.empty(bias_shape, device=device, dtype=dtype))

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weight anew from the generator and set the bias to zero."""
        fill_(
            self.weight,
            self.init,
            self.criterion,
            generator,
            algebra=self.algebra,
            side=self.side,
            transposed=self.transposed,
            groups=self.groups,
        )
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def to_real(self) -> nn.Module:
        """The stock layer that does the same to folded input."""
        raise NotImplementedError

    def _real_kernel(self) -> Tensor:
        """The weight of the real layer that does the same to folded input, rows group-major."""
        return real_kernel(
            self.weight, self.algebra.product, self.side, self.transposed, self.groups
        )

    def _fill_real(self, layer: RealLayer) -> RealLayer:
        """Give a real layer the lowered weight and the bias, and the mode of this one."""
        with torch.no_grad():
            layer.get_parameter("weight").copy_(self._real_kernel())
            if self.bias is not None:
                bias = fold_groups(fold(self.bias, 0), 0, self.output_width, self.groups)
                layer.get_parameter("bias").copy_(bias)
        return layer.train(self.training)

    def _algebra_repr(self) -> str:
        side = "" if self.side == "left" else f", side={self.side!r}"
        init = "" if self.init == "polar" else f", init={_name(self.init)}"
        return f"bias={self.bias is not None}, algebra={self.algebra}{side}{init}"


def real_kernel(
    weight: Tensor, product: AnyBilinear, side: Side, transposed: bool, groups: int
) -> Tensor:
    """The kernel of torch's layer that does what a layer with this weight does to folded input."""
    lower = transposed_block_kernel if transposed else block_kernel
    return lower(weight, product, groups=groups, side=side)


def _name(init: Scheme) -> str:
    return getattr(init, "__name__", repr(init))
