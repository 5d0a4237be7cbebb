"""Block lowering: a weight in an n-dimensional algebra becomes one real array of n × n blocks.

Multiplying from the left by `w` is the real matrix `L(w)[k, j] = Σ_i c_{ijk} w_i`, from the right
`R(w)[k, j] = Σ_i c_{jik} w_i`. Replacing every number of a weight by its matrix, sorted so that
blocks of equal component stand together, gives the operator on folded inputs. Over the reals the
block array *is* the weight.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.lowering.constants import Entries, constant

__all__ = [
    "LARGEST_DENSE",
    "Side",
    "arrange",
    "block_kernel",
    "disarrange",
    "operator",
    "operator_adjoint",
    "structure",
    "table_columns",
    "transposed_block_kernel",
]

Side = Literal["left", "right"]

LARGEST_DENSE = 64  # the dimension up to which all n³ structure constants are held at once


def operator(weight: Tensor, algebra: Algebra, side: Side = "left") -> Tensor:
    """The matrices of the numbers in `weight`: `(…, n)` → `(n, n, …)`, indexed `[out, in]`.

    One product with a constant matrix of structure constants. Each entry of it is a single term
    (or an exact sum of a few), so casting inside, by autocast or TF32, loses nothing that
    casting the result would not.
    """
    n = algebra.dimension
    if n == 1:
        return weight.movedim(-1, 0).unsqueeze(0)
    components = weight.reshape(-1, n).t()
    if n > LARGEST_DENSE:
        rows, columns, factors = table_columns(algebra, side, weight)
        empty = components.new_zeros(n * n, components.shape[1])
        blocks = empty.index_add(0, rows, components[columns] * factors.unsqueeze(-1))
    else:
        blocks = structure(algebra, side, weight) @ components
    return blocks.view(n, n, *weight.shape[:-1])


def operator_adjoint(blocks: Tensor, algebra: Algebra, side: Side = "left") -> Tensor:
    """The adjoint of `operator`: gradients of matrices `(n, n, …)` → of their numbers `(…, n)`."""
    n = algebra.dimension
    rows = blocks.reshape(n * n, -1)
    if n > LARGEST_DENSE:
        places, columns, factors = table_columns(algebra, side, blocks)
        empty = rows.new_zeros(n, rows.shape[1])
        components = empty.index_add(0, columns, rows[places] * factors.unsqueeze(-1))
    else:
        components = rows if n == 1 else structure(algebra, side, blocks).t() @ rows
    return components.view(n, *blocks.shape[2:]).movedim(0, -1)


def block_kernel(
    weight: Tensor, algebra: Algebra, *, groups: int = 1, side: Side = "left"
) -> Tensor:
    """The real kernel `(n·O, n·I/G, *K)` of a weight `(O, I/G, *K, n)`, rows group-major.

    With `groups=1` and no kernel axes this is the matrix of a linear layer on folded input.
    """
    return arrange(operator(weight, algebra, side), groups)


def transposed_block_kernel(
    weight: Tensor, algebra: Algebra, *, groups: int = 1, side: Side = "left"
) -> Tensor:
    """The real kernel `(n·I, n·O/G, *K)` of a transposed-convolution weight `(I, O/G, *K, n)`.

    Each number of the input is multiplied by the weight and scattered, so the blocks are those of
    `block_kernel`, with the input component indexing the rows.
    """
    return arrange(operator(weight, algebra, side).transpose(0, 1), groups)


def arrange(blocks: Tensor, groups: int = 1) -> Tensor:
    """Matrices `(n, n, A, B, *K)` as one kernel `(n·A, n·B, *K)`, rows group-major.

    The first axis of the matrices goes with `A`, the second with `B`.
    """
    n, _, _, columns, *kernel = blocks.shape
    grouped = blocks.unflatten(2, (groups, -1))
    grouped = grouped.permute(2, 0, 3, 1, 4, *range(5, grouped.ndim))
    return grouped.reshape(-1, n * columns, *kernel)


def disarrange(kernel: Tensor, n: int, groups: int = 1) -> Tensor:
    """The matrices `(n, n, A, B, *K)` that `arrange` made a kernel of."""
    grouped = kernel.unflatten(1, (n, -1)).unflatten(0, (groups, n, -1))
    return grouped.permute(1, 3, 0, 2, 4, *range(5, grouped.ndim)).flatten(2, 3)


def table_columns(algebra: Algebra, side: Side, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The entries of `structure`: row, column and constant of each."""
    whole = like.new_empty((), dtype=torch.int64)
    return (
        constant(_rows, algebra, whole, side),
        constant(_columns, algebra, whole, side),
        constant(_factors, algebra, like),
    )


def _rows(algebra: Algebra, side: Side) -> list[int]:
    n = algebra.dimension
    return [k * n + (j if side == "left" else i) for i, j, k, _ in algebra.products]


def _columns(algebra: Algebra, side: Side) -> list[int]:
    return [i if side == "left" else j for i, j, _, _ in algebra.products]


def _factors(algebra: Algebra) -> list[float]:
    return [float(c) for *_, c in algebra.products]


def structure(algebra: Algebra, side: Side, like: Tensor) -> Tensor:
    """The constant matrix `(n·n, n)` with rows `(k, j)` and column `i`."""
    return constant(_structure_entries, algebra, like, side)


def _structure_entries(algebra: Algebra, side: Side) -> Entries:
    if side not in ("left", "right"):
        raise ValueError(f"`side` (={side!r}) must be 'left' (w x) or 'right' (x w)")
    n = algebra.dimension
    rows, columns = _rows(algebra, side), _columns(algebra, side)
    places = [row * n + column for row, column in zip(rows, columns, strict=True)]
    return Entries((n * n, n), places, _factors(algebra))
