"""Weights whose real operator stays orthogonal while they are learned."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from hypercomplex.functional.arguments import checked
from hypercomplex.nn.affine import Affine
from hypercomplex.nn.init import (
    check_algebra,
    check_orthogonal,
    from_matrices,
    polar_factor,
    to_matrices,
)

__all__ = ["orthogonal"]

Layer = TypeVar("Layer", bound=nn.Module)


@checked
def orthogonal(layer: Layer) -> Layer:
    r"""Keep the real block matrix of a layer's weight orthogonal: $M = e^{K - K^\top} M_0$.

    $K$ is the block matrix of the learned numbers, zero at first, and $M_0$ the polar factor of the
    weight that the layer has. Rows or columns are orthonormal, whichever are fewer; each group
    stands by itself, and so does the first axis of a kernel against all others.
    `torch.nn.utils.parametrizations.orthogonal` of a layer of numbers calls it.

    Raises:
        TypeError: if the layer is no affine map of numbers.
        ValueError: if the algebra is not associative, or transposed matrices of its numbers are
            not matrices of numbers.

    Example:
        >>> layer = orthogonal(hc.nn.QuaternionLinear(3, 2))
        >>> matrix = layer.to_real().weight
        >>> bool((matrix @ matrix.T - torch.eye(8)).abs().max() < 1e-5)
        True
    """
    if not isinstance(layer, Affine):
        raise TypeError(f"`layer` (={layer!r}) must be an affine map of numbers, such as Linear")
    check_orthogonal(check_algebra(layer.algebra, "orthogonal weights"), layer.side)
    parametrize.register_parametrization(layer, "weight", _Orthogonal(layer))
    return layer


class _Orthogonal(nn.Module):
    base: Tensor

    def __init__(self, layer: Affine) -> None:
        super().__init__()
        self.algebra, self.side = layer.algebra, layer.side
        self.transposed, self.groups = layer.transposed, layer.groups
        self.shape = tuple(layer.weight.shape)
        self.dtype = layer.weight.dtype
        self.register_buffer("base", self._nearest(layer.weight))

    def forward(self, numbers: Tensor) -> Tensor:
        turn = to_matrices(numbers, self.algebra, self.side, False, self.groups)
        matrices = torch.matrix_exp(turn - turn.mT) @ self.base.to(turn.dtype)
        weight = from_matrices(matrices, self.shape, self.algebra, self.transposed)
        return weight.to(numbers.dtype)

    def right_inverse(self, weight: Tensor) -> Tensor:
        self.base.copy_(self._nearest(weight))
        n = self.algebra.dimension
        size = self.base.shape[-2] // n
        return weight.new_zeros(self.groups * size, size, n)

    def _nearest(self, weight: Tensor) -> Tensor:
        with torch.no_grad():
            matrices = to_matrices(weight, self.algebra, self.side, self.transposed, self.groups)
            return polar_factor(matrices)
