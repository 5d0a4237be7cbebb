"""From hypercomplex weights to real operators.

`layout` says where the components stand; `block` turns a weight into one real matrix or kernel,
`sandwich` has the operators with numbers on both sides, `gates` lowers recurrent layers. `plans`
derives from the table how single numbers multiply fast, `constants` keeps the tensors for it.
"""

from hypercomplex.lowering.block import (
    LARGEST_DENSE,
    arrange,
    block_kernel,
    disarrange,
    operator,
    operator_adjoint,
    structure,
    table_columns,
    transposed_block_kernel,
)
from hypercomplex.lowering.constants import (
    constant,
    is_associative,
    is_commutative,
    is_ordinary,
    is_power_associative,
    known_when_traced,
)
from hypercomplex.lowering.gates import gate_bias, gate_matrix, lower_gates
from hypercomplex.lowering.layout import fold, fold_groups, unfold, unfold_groups
from hypercomplex.lowering.plans import commutator_plan, pair_plan
from hypercomplex.lowering.sandwich import sandwich_operator, sandwich_structure

__all__ = [
    "LARGEST_DENSE",
    "arrange",
    "block_kernel",
    "commutator_plan",
    "constant",
    "disarrange",
    "fold",
    "fold_groups",
    "gate_bias",
    "gate_matrix",
    "is_associative",
    "is_commutative",
    "is_ordinary",
    "is_power_associative",
    "known_when_traced",
    "lower_gates",
    "operator",
    "operator_adjoint",
    "pair_plan",
    "sandwich_operator",
    "sandwich_structure",
    "structure",
    "table_columns",
    "transposed_block_kernel",
    "unfold",
    "unfold_groups",
]
