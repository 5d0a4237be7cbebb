"""Sandwich lowering: the real matrices of the maps with a number on either side.

`x ↦ (a x) b` is the matrix `R(b) L(a)`, so a weight of such maps has an operator of the same
shape as a weight of products, and is arranged into a kernel the same way (`block.arrange`).
"""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.lowering.block import operator

__all__ = ["sandwich_operator"]


def sandwich_operator(left: Tensor, right: Tensor, algebra: Algebra) -> Tensor:
    """The matrices of `x ↦ (a x) b`: `(…, n)`, `(…, n)` → `(n, n, …)`, indexed `[out, in]`.

    The sum over the component between the two products is written out, since a batched product of
    matrices as small as these is slower.
    """
    inner = operator(left, algebra, "left")
    outer = operator(right, algebra, "right")
    terms = [outer[:, m, None] * inner[None, m] for m in range(algebra.dimension)]
    return reduce(torch.add, terms)
