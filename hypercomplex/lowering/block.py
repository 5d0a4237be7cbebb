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

from hypercomplex.algebra import Bilinear
from hypercomplex.lowering.constants import Entries, constant
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear

__all__ = [
    "LARGEST_DENSE",
    "Side",
    "arrange",
    "block_kernel",
    "disarrange",
    "is_real",
    "operator",
    "operator_adjoint",
    "operator_by_entries",
    "sizes",
    "structure",
    "table_columns",
    "transposed_block_kernel",
    "transposed_structure",
]

Side = Literal["left", "right"]

LARGEST_DENSE = 64  # the dimension up to which all n³ structure constants are held at once


def operator(weight: Tensor, product: AnyBilinear, side: Side = "left") -> Tensor:
    """The matrices of the numbers in `weight`: `(…, n)` → `(n, n, …)`, indexed `[out, in]`.

    The weight is the left or the right factor of the product, `side` says which. Of any other
    bilinear map the matrices are as wide as the other factor, and as high as the result.

    One product with a constant matrix of structure constants. Each entry of it is a single term
    (or an exact sum of a few), so casting inside, by autocast or TF32, loses nothing that
    casting the result would not.
    """
    n, other, out = sizes(product, side)
    if is_real(product):
        return weight.movedim(-1, 0).unsqueeze(0)
    if n > LARGEST_DENSE and isinstance(product, Bilinear):
        return operator_by_entries(weight, product, side)
    blocks = structure(product, side, weight) @ weight.reshape(-1, n).t()
    return blocks.view(out, other, *weight.shape[:-1])


def operator_by_entries(weight: Tensor, product: Bilinear, side: Side = "left") -> Tensor:
    """The same by the constants one by one: what is infinite in one component stays there."""
    n, other, out = sizes(product, side)
    components = weight.reshape(-1, n).t()
    rows, columns, factors = table_columns(product, side, weight)
    empty = components.new_zeros(out * other, components.shape[1])
    blocks = empty.index_add(0, rows, components[columns] * factors.unsqueeze(-1))
    return blocks.view(out, other, *weight.shape[:-1])


def operator_adjoint(blocks: Tensor, product: AnyBilinear, side: Side = "left") -> Tensor:
    """The adjoint of `operator`: gradients of matrices `(n, n, …)` → of their numbers `(…, n)`."""
    n, other, out = sizes(product, side)
    rows = blocks.reshape(out * other, -1)
    if n > LARGEST_DENSE and isinstance(product, Bilinear):
        places, columns, factors = table_columns(product, side, blocks)
        empty = rows.new_zeros(n, rows.shape[1])
        components = empty.index_add(0, columns, rows[places] * factors.unsqueeze(-1))
    else:
        components = rows if is_real(product) else structure(product, side, blocks).t() @ rows
    return components.view(n, *blocks.shape[2:]).movedim(0, -1)


def block_kernel(
    weight: Tensor, product: AnyBilinear, *, groups: int = 1, side: Side = "left"
) -> Tensor:
    """The real kernel `(n·O, n·I/G, *K)` of a weight `(O, I/G, *K, n)`, rows group-major.

    With `groups=1` and no kernel axes this is the matrix of a linear layer on folded input.
    """
    return arrange(operator(weight, product, side), groups)


def transposed_block_kernel(
    weight: Tensor, product: AnyBilinear, *, groups: int = 1, side: Side = "left"
) -> Tensor:
    """The real kernel `(n·I, n·O/G, *K)` of a transposed-convolution weight `(I, O/G, *K, n)`.

    Each number of the input is multiplied by the weight and scattered, so the blocks are those of
    `block_kernel`, with the input component indexing the rows.
    """
    return arrange(operator(weight, product, side).transpose(0, 1), groups)


def arrange(blocks: Tensor, groups: int = 1) -> Tensor:
    """Matrices `(m, n, A, B, *K)` as one kernel `(m·A, n·B, *K)`, rows group-major.

    The first axis of the matrices goes with `A`, the second with `B`.
    """
    m, n, rows, columns, *kernel = blocks.shape
    grouped = blocks.unflatten(2, (groups, -1))
    grouped = grouped.permute(2, 0, 3, 1, 4, *range(5, grouped.ndim))
    return grouped.reshape(m * rows, n * columns, *kernel)


def disarrange(kernel: Tensor, n: int, groups: int = 1, m: int | None = None) -> Tensor:
    """The matrices `(m, n, A, B, *K)` that `arrange` made a kernel of; m is n unless it is said."""
    grouped = kernel.unflatten(1, (n, -1)).unflatten(0, (groups, m or n, -1))
    return grouped.permute(1, 3, 0, 2, 4, *range(5, grouped.ndim)).flatten(2, 3)


def table_columns(product: Bilinear, side: Side, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The entries of `structure`: row, column and constant of each."""
    whole = like.new_empty((), dtype=torch.int64)
    return (
        constant(_rows, product, whole, side),
        constant(_columns, product, whole, side),
        constant(_factors, product, like),
    )


def _rows(product: Bilinear, side: Side) -> list[int]:
    return _places(product, side, 1, 0)


def _columns(product: Bilinear, side: Side) -> list[int]:
    return _places(product, side, 0, 1)


def _places(product: Bilinear, side: Side, row: int, column: int) -> list[int]:
    """Where each constant stands, if the next row, or column, is that far away."""
    _, width, _ = sizes(product, side)
    if side == "left":
        return [(k * width + j) * row + i * column for i, j, k, _ in product.constants]
    return [(k * width + i) * row + j * column for i, j, k, _ in product.constants]


def _factors(product: Bilinear) -> list[float]:
    return [float(c) for *_, c in product.constants]


def structure(product: AnyBilinear, side: Side, like: Tensor) -> Tensor:
    """The constant matrix with rows `(k, j)` and columns i, of the right factor `(k, i)` and j."""
    if isinstance(product, LearnedBilinear):
        return product.structure(side, like)
    return constant(_structure_entries, product, like, side)


def transposed_structure(product: Bilinear, side: Side, like: Tensor) -> Tensor:
    """The same with rows and columns exchanged, so that `x @ structure` has matrices as rows."""
    return constant(_transposed_entries, product, like, side)


def _transposed_entries(product: Bilinear, side: Side) -> Entries:
    n, other, out = sizes(product, side)
    places = _places(product, side, 1, out * other)
    return Entries((n, out * other), places, _factors(product))


def _structure_entries(product: Bilinear, side: Side) -> Entries:
    n, other, out = sizes(product, side)
    return Entries((out * other, n), _places(product, side, n, 1), _factors(product))


def sizes(product: AnyBilinear, side: Side) -> tuple[int, int, int]:
    """The widths of the factor on that side, of the other factor, and of the result."""
    if side not in ("left", "right"):
        raise ValueError(f"`side` (={side!r}) must be 'left' (w x) or 'right' (x w)")
    left, right, out = product.shape
    return (left, right, out) if side == "left" else (right, left, out)


def is_real(product: AnyBilinear) -> bool:
    """Whether it is the product of reals."""
    one = product.shape == (1, 1, 1) and isinstance(product, Bilinear)
    return one and product.constants == ((0, 0, 0, 1),)
