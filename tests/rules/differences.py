"""Where the answer for COMPLEX is meant to differ from torch's for complex128, and why.

What an operation of torch's database answers is torch's own, or stands here, or is refused by name
for a reason in `hypercomplex.rules.refused`. A row that no longer differs fails the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_map


@dataclass(frozen=True)
class Difference:
    """Operations, what is seen to differ (the words of `operators.difference`), and why.

    Through `seen`, a function of both results, nothing may differ.
    """

    names: str
    kinds: str
    reason: str
    seen: Callable[[Any], Any] | None = None


def each(function: Callable[[torch.Tensor], Any]) -> Callable[[Any], Any]:
    """The function of every tensor in a result."""
    return lambda result: tree_map(
        lambda x: function(x) if isinstance(x, torch.Tensor) else x, result
    )


def product(result: Any) -> Any:
    """`Q R`, which does not depend on the signs of the diagonal."""
    return result[0] @ result[1] if isinstance(result, tuple) and result[0].numel() else ()


DIFFERENCES = (
    # ------------------------------------------------------------------ numbers of any algebra
    Difference(
        "angle",
        "values",
        "from 0 to π in every algebra: the axis says to which side",
        each(torch.abs),
    ),
    Difference(
        "imag",
        "shape",
        "the imaginary parts, of which other algebras have more than one, have an axis",
        each(torch.ravel),
    ),
    Difference(
        "to double float half bfloat16 new_empty new_zeros new_ones new_full zeros_like ones_like "
        "empty_like full_like rand_like randn_like",
        "type",
        "a dtype is that of the components; torch would make real numbers",
    ),
    Difference(
        "conj H mH",
        "storage",
        "the conjugate is a copy: torch's is lazy, by a bit that plain components do not have",
    ),
    Difference(
        "qr linalg.qr",
        "values",
        "the diagonal of R is not negative, which torch leaves open",
        product,
    ),
    Difference(
        "masked_fill",
        "lenient",
        "a real tensor that gets numbers becomes one of numbers, as in where",
    ),
    Difference(
        "gradient", "refused", "from which side a number divides is not said: `spacing` is real"
    ),
    Difference(
        "nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d",
        "lenient",
        "real tensors beside numbers are numbers, whatever their dtype",
    ),
    # ------------------------------------------------------------------ torch's own habits
    Difference(
        "cov",
        "values",
        "weights of single precision are summed in double beside double components",
    ),
    Difference("addbmm", "error", "in place it keeps its shape, which torch changes"),
    Difference(
        "split_with_sizes_copy unbind_copy", "identity", "`out` is returned, which torch forgets"
    ),
    Difference(
        "masked_select gather index_select take",
        "error",
        "an `out` of another shape is refused, of which torch warns that it will",
    ),
    Difference("empty_like new_empty", "", "what is not initialised", each(torch.zeros_like)),
    Difference("normal.in_place", "values", "other random numbers", each(torch.zeros_like)),
    Difference("svd_lowrank", "values", "other random directions, so that digits differ"),
    # ------------------------------------------------------------------ not overridable
    Difference(
        "slice _chunk_cat _unsafe_masked_index _unsafe_masked_index_put_accumulate "
        "new_empty_strided",
        "refused",
        "helpers of torch's own, and strides, have no rule",
    ),
)
