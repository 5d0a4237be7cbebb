"""From hypercomplex weights to real operators.

`layout` says where the components stand; `block` turns a weight into one real matrix or kernel.
"""

from hypercomplex.lowering.block import (
    arrange_blocks,
    block_kernel,
    operator,
    operator_adjoint,
    transposed_block_kernel,
)
from hypercomplex.lowering.layout import fold, fold_groups, unfold, unfold_groups

__all__ = [
    "arrange_blocks",
    "block_kernel",
    "fold",
    "fold_groups",
    "operator",
    "operator_adjoint",
    "transposed_block_kernel",
    "unfold",
    "unfold_groups",
]
