r"""A number between two others, $(a x) b$, with any bilinear maps for the two products.

Where few a and b stand beside many x, the map of x is one matrix for all of them. Measured in eager
torch on a CPU, one thread: from four x for each a and b, a tenth of the time and less in large
algebras.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from hypercomplex.algebra.bilinear import Bilinear
from hypercomplex.host.mode import INTERPRETED, ORDINARY, PRECISE, all_digits, keeps_digits
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering.block import Side, operator

__all__ = ["sandwich"]

_SHARED = 4  # so many x have a matrix in common at least


@operation(tensors=3)
def sandwich(a: Tensor, x: Tensor, b: Tensor, first: Bilinear, second: Bilinear) -> Tensor:
    """The two products, one after the other."""
    result: Tensor = multiply(multiply(a, x, first), b, second)
    return result


@sandwich.variant(needs=INTERPRETED | ORDINARY | PRECISE)
def one_matrix(a: Tensor, x: Tensor, b: Tensor, first: Bilinear, second: Bilinear) -> Tensor | None:
    """The numbers that share a and b times the matrix of their map."""
    batch = torch.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    axes = _shared_axes(batch, x.ndim - 1)
    alone, shared = x.shape[: x.ndim - 1 - axes], x.shape[x.ndim - 1 - axes : -1]
    if prod(shared) < _SHARED or not keeps_digits(x.dtype, x.device.type):
        return None
    with all_digits(x):
        matrix = _matrices(b, second, "right") @ _matrices(a, first, "left")
        each = matrix.reshape(*batch[: max(len(batch) - axes, 0)], *matrix.shape[-2:])
        image = x.reshape(*alone, prod(shared), x.shape[-1]) @ each.mT
    return image.reshape(*image.shape[:-2], *shared, image.shape[-1])


def _shared_axes(batch: torch.Size, most: int) -> int:
    """How many of the last axes of x have the same a and b throughout."""
    axes = 0
    while axes < most and (axes >= len(batch) or batch[-1 - axes] == 1):
        axes += 1
    return axes


def _matrices(w: Tensor, product: Bilinear, side: Side) -> Tensor:
    """The matrices of the products with each number, `(…, out, in)`."""
    blocks = operator(w, product, side)
    return blocks.movedim((0, 1), (-2, -1)).contiguous()
