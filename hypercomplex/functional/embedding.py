"""Look-up of numbers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from hypercomplex.functional.arguments import IntegerTensor, complex_components, explained
from hypercomplex.lowering import fold

__all__ = ["embedding"]


@explained
def embedding(
    input: IntegerTensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
) -> Tensor:
    r"""Rows of a table of numbers, folded: $y = W_{\text{input}}$.

    Integers have no kind to copy, so the result is plain; `hc.as_hypercomplex(…, folded=-1)`
    types it. The norm that `max_norm` bounds (in place, as in torch) is that of all components of a
    row. The other arguments are torch's.

    Shape:
        input `(*)` of integers, weight `(V, E, n)` → `(*, n·E)`.

    Raises:
        ValueError: if `weight` does not have three axes.

    Example:
        >>> table = torch.tensor([[[1., 2], [3, 4]]])  # one row: 1+2i and 3+4i
        >>> embedding(torch.tensor([0]), table)
        tensor([[1., 3., 2., 4.]])
    """
    if weight.is_complex():
        raise complex_components("weight", weight)
    if weight.ndim != 3:
        raise ValueError(f"`weight` of shape {tuple(weight.shape)} must have the shape (V, E, n)")
    if max_norm is not None:
        with torch.no_grad():
            table = torch.embedding_renorm_(weight.detach().flatten(1), input, max_norm, norm_type)
            if not weight.is_contiguous():  # the table may be a copy
                weight.copy_(table.view(weight.shape))
    rows = F.embedding(input, weight.flatten(1), padding_idx, scale_grad_by_freq=scale_grad_by_freq)
    return fold(rows.unflatten(-1, weight.shape[1:]), input.ndim)
