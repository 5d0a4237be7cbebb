"""Sandwich lowering: the real matrices of the maps with a number on either side.

`x ↦ (a x) b` is the matrix `R(b) L(a)`, so a weight of such maps has an operator of the same
shape as a weight of products, and is arranged into a kernel the same way (`block.arrange`).
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.host.known import known_when_traced
from hypercomplex.lowering.block import operator
from hypercomplex.lowering.constants import constant

__all__ = ["sandwich_operator", "sandwich_structure"]


def sandwich_operator(left: Tensor, right: Tensor, algebra: Algebra) -> Tensor:
    """The matrices of `x ↦ (a x) b`: `(…, n)`, `(…, n)` → `(n, n, …)`, indexed `[out, in]`.

    The sum over the component between the two products is written out, since a batched product of
    matrices as small as these is slower.
    """
    inner = operator(left, algebra.product, "left")
    outer = operator(right, algebra.product, "right")
    terms = [outer[:, m, None] * inner[None, m] for m in range(algebra.dimension)]
    return reduce(torch.add, terms)


def sandwich_structure(algebra: Algebra, like: Tensor, *, beyond_one: bool = False) -> Tensor:
    """The constant matrix `(n·n, (n - 1)²)` from products of components to the map of imaginary
    parts: the row `(a, b)` holds half the matrices of `x ↦ e_a x ē_b` and `x ↦ e_b x ē_a`.

    What a unit does `beyond_one` is its map without the identity, which is `Σ w_a²` times itself.
    """
    return constant(_sandwich_rows, algebra, like, beyond_one)


@known_when_traced
def _sandwich_rows(algebra: Algebra, beyond_one: bool) -> list[list[float]]:
    n = algebra.dimension
    units = [[int(i == j) for j in range(n)] for i in range(n)]
    conjugates = [algebra.conjugate(e) for e in units]

    def entries(a: int, b: int) -> list[tuple[Any, ...]]:
        return [algebra.multiply(algebra.multiply(units[a], x), conjugates[b]) for x in units[1:]]

    return [
        [
            float(column[i] + twin[i]) / 2 - (beyond_one and a == b and i == j)
            for i in range(1, n)
            for j, (column, twin) in enumerate(zip(entries(a, b), entries(b, a), strict=True), 1)
        ]
        for a in range(n)
        for b in range(n)
    ]
