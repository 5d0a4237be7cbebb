"""Lowering of recurrent weights: every gate becomes one folded block of rows.

A weight `(G·H, I, n)` holds G gates of H numbers. Its matrix keeps torch's order of rows, gate
after gate, and each gate is folded, so that cutting the real pre-activations into G pieces cuts
them into gates of whole numbers.

A bidirectional layer gives `[forward folded | backward folded]`. To the next layer this is the
group-major layout with one group per direction, so its matrix has its columns in that order,
and no layer between moves anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from hypercomplex.lowering.block import Side, block_kernel, sizes
from hypercomplex.lowering.kept import Kept
from hypercomplex.lowering.layout import fold, fold_groups
from hypercomplex.lowering.learned import AnyBilinear

__all__ = ["gate_bias", "gate_matrix", "lower_gates"]


def gate_matrix(
    weight: Tensor, product: AnyBilinear, gates: int, *, side: Side = "left", directions: int = 1
) -> Tensor:
    """The matrix `(G·n·H, n·I)` of a weight `(G·H, I, n)`, for inputs of that many directions."""
    matrix = block_kernel(weight, product, groups=gates, side=side)
    return fold_groups(matrix, 1, sizes(product, side)[1], directions)


def gate_bias(bias: Tensor, gates: int) -> Tensor:
    """The vector `(G·n·H)` of a bias `(G·H, n)`."""
    return fold(bias.unflatten(0, (gates, -1)), 1).flatten()


def lower_gates(
    weights: Sequence[Tensor],
    product: AnyBilinear,
    gates: int,
    *,
    num_layers: int,
    bidirectional: bool,
    side: Side = "left",
    kept: Kept | None = None,
) -> list[Tensor]:
    """All parameters of a stack, in torch's order, as the real parameters of torch's kernels.

    Of a frozen stack its matrices are kept.
    """
    directions = 2 if bidirectional else 1
    each = len(weights) // (num_layers * directions)
    lowered: list[Tensor] = []
    for i, weight in enumerate(weights):
        if weight.ndim == 2:
            # autocast has perhaps lowered the matrices to another precision: kernels want one
            lowered.append(gate_bias(weight, gates).to(lowered[-1].dtype))
        else:
            above = i % each == 0 and i >= each * directions  # the input weight comes first
            into = directions if above else 1
            of = weight, product, gates, side, into
            lowered.append(_matrix(*of) if kept is None else kept.part(i).of(_matrix, *of))
    return lowered


def _matrix(weight: Tensor, product: AnyBilinear, gates: int, side: Side, into: int) -> Tensor:
    return gate_matrix(weight, product, gates, side=side, directions=into)
