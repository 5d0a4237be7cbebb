"""From hypercomplex weights to real operators.

`layout` says where the components stand; `block` turns a weight into one real matrix or kernel,
`sandwich` has the operators with numbers on both sides, `gates` lowers recurrent layers.
"""

from hypercomplex.lowering.block import (
    arrange,
    block_kernel,
    disarrange,
    operator,
    operator_adjoint,
    transposed_block_kernel,
)
from hypercomplex.lowering.gates import gate_bias, gate_matrix, lower_gates
from hypercomplex.lowering.layout import fold, fold_groups, unfold, unfold_groups
from hypercomplex.lowering.sandwich import sandwich_operator

__all__ = [
    "arrange",
    "block_kernel",
    "disarrange",
    "fold",
    "fold_groups",
    "gate_bias",
    "gate_matrix",
    "lower_gates",
    "operator",
    "operator_adjoint",
    "sandwich_operator",
    "transposed_block_kernel",
    "unfold",
    "unfold_groups",
]
