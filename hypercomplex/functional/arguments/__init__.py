"""What functions and layers ask of their arguments: every check once, with its sentence.

A sentence names the argument, what it is, and what it must be. Checks compare shapes, types and
devices, which Python knows without looking at values, so they cost little, and nothing breaks
where a compiler, an exporter or a transform of `torch.func` looks on. The same mistake is the same
error everywhere: a `ValueError` for shapes, sizes and values, a `TypeError` for kinds, torch's
`IndexError` for an axis that there is not.
"""

from hypercomplex.door.signatures import (
    Amount,
    Amounts,
    Axes,
    Count,
    Counts,
    Probability,
    Tolerance,
    checked,
    explain,
    explained,
    refusal,
    shown,
)
from hypercomplex.functional.arguments.layers import (
    check_bias,
    check_channels,
    check_folded,
    check_groups,
    check_weight,
    per_axis,
)
from hypercomplex.functional.arguments.sequences import (
    check_batch_sizes,
    check_gates,
    check_lengths,
    check_sequence,
    check_stack,
    check_state,
    row_length,
)
from hypercomplex.functional.arguments.shapes import (
    check_alike,
    check_device,
    check_dtype,
    check_probability,
    check_real,
    check_shape,
    check_tolerance,
    check_width,
)

__all__ = [
    "Amount",
    "Amounts",
    "Axes",
    "Count",
    "Counts",
    "Probability",
    "Tolerance",
    "check_alike",
    "check_batch_sizes",
    "check_bias",
    "check_channels",
    "check_device",
    "check_dtype",
    "check_folded",
    "check_gates",
    "check_groups",
    "check_lengths",
    "check_probability",
    "check_real",
    "check_sequence",
    "check_shape",
    "check_stack",
    "check_state",
    "check_tolerance",
    "check_weight",
    "check_width",
    "checked",
    "explain",
    "explained",
    "per_axis",
    "refusal",
    "row_length",
    "shown",
]
