"""From hypercomplex weights to real operators.

`layout` says where the components stand; `block` turns a weight into one real matrix or kernel;
`gates` does so for recurrent layers.
"""

from hypercomplex.lowering.block import block_kernel, operator, transposed_block_kernel
from hypercomplex.lowering.gates import gate_bias, gate_matrix, lower_gates
from hypercomplex.lowering.layout import fold, fold_groups, unfold, unfold_groups

__all__ = [
    "block_kernel",
    "fold",
    "fold_groups",
    "gate_bias",
    "gate_matrix",
    "lower_gates",
    "operator",
    "transposed_block_kernel",
    "unfold",
    "unfold_groups",
]
