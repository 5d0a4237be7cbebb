"""From hypercomplex weights to real operators.

`layout` says where the components stand; `block` turns a weight into one real matrix or kernel,
`sandwich` has the operators with numbers on both sides, `gates` lowers recurrent layers,
`constants` keeps the constant tensors, and `kept` what is made of weights that do not change.
`learned` has the bilinear maps whose constants are learned. `rows` is where linear maps end, and
`images` where convolutions do; how they are computed `plan` chooses from `plans`.
"""

from hypercomplex.lowering.bases import (
    embedded,
    enter,
    image,
    in_adapted_basis,
    leave,
    real_part,
    refuse_basis,
)
from hypercomplex.lowering.block import (
    LARGEST_DENSE,
    arrange,
    block_kernel,
    disarrange,
    operator,
    operator_adjoint,
    operator_by_entries,
    sizes,
    structure,
    table_columns,
    transposed_block_kernel,
)
from hypercomplex.lowering.constants import (
    constant,
    derived,
    equivariant,
    has_real_squares,
    is_associative,
    is_commutative,
    is_power_associative,
    needs_powers,
)
from hypercomplex.lowering.explanation import Explanation, explain
from hypercomplex.lowering.gates import gate_bias, gate_matrix, lower_gates
from hypercomplex.lowering.images import convolution
from hypercomplex.lowering.kept import Kept
from hypercomplex.lowering.layout import fold, fold_groups, unfold, unfold_groups
from hypercomplex.lowering.learned import AnyBilinear, AnyProduct, LearnedBilinear
from hypercomplex.lowering.plan import Choice, calibrated, use
from hypercomplex.lowering.rows import affine_columns, affine_features, affine_rows
from hypercomplex.lowering.sandwich import sandwich_operator, sandwich_structure

__all__ = [
    "LARGEST_DENSE",
    "AnyBilinear",
    "AnyProduct",
    "Choice",
    "Explanation",
    "Kept",
    "LearnedBilinear",
    "affine_columns",
    "affine_features",
    "affine_rows",
    "arrange",
    "block_kernel",
    "calibrated",
    "constant",
    "convolution",
    "derived",
    "disarrange",
    "embedded",
    "enter",
    "equivariant",
    "explain",
    "fold",
    "fold_groups",
    "gate_bias",
    "gate_matrix",
    "has_real_squares",
    "image",
    "in_adapted_basis",
    "is_associative",
    "is_commutative",
    "is_power_associative",
    "leave",
    "lower_gates",
    "needs_powers",
    "operator",
    "operator_adjoint",
    "operator_by_entries",
    "real_part",
    "refuse_basis",
    "sandwich_operator",
    "sandwich_structure",
    "sizes",
    "structure",
    "table_columns",
    "transposed_block_kernel",
    "unfold",
    "unfold_groups",
    "use",
]
