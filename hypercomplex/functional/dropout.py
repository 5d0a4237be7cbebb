"""Dropout of whole numbers: one decision for all components of a number."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from hypercomplex.functional.arguments import Count, Probability, check_probability, explained
from hypercomplex.functional.numberwise import numberwise
from hypercomplex.lowering import AnyProduct

__all__ = ["dropout", "feature_dropout"]


@explained
def dropout(
    input: Tensor,
    p: Probability = 0.5,
    training: bool = True,
    *,
    algebra: AnyProduct,
    dim: int | None = None,
) -> Tensor:
    r"""Zero each number with probability $p$, scale the others by $1/(1-p)$.

    Args:
        input: folded, or typed.
        p: the probability.
        training: whether to do anything.
        algebra: the algebra of the numbers.
        dim: the axis of the channels; needed on plain input of more than two axes.

    Raises:
        ValueError: if `p` is no probability, or see `numberwise`.

    Example:
        >>> y = dropout(torch.ones(2, 4 * 50), algebra=hc.QUATERNION).view(2, 4, 50)
        >>> bool((y == y[:, :1]).all())  # the four components share their fate
        True
    """
    check_probability("p", p)
    if not training or p == 0:
        return input
    return numberwise(lambda x: _masked(x, x.shape[:-1], p), input, algebra=algebra, dim=dim)


@explained
def feature_dropout(
    input: Tensor, p: Probability = 0.5, training: bool = True, *, algebra: AnyProduct, axes: Count
) -> Tensor:
    r"""Zero each channel of numbers with probability $p$, scale the others by $1/(1-p)$.

    Args:
        input: folded `(N, n·C, *)` or typed `(N, C, *)`, with `axes` axes after the channels; the
            batch axis may be missing.
        p: the probability.
        training: whether to do anything.
        algebra: the algebra of the numbers.
        axes: how many axes follow the channels.

    Raises:
        ValueError: if `p` is no probability, or the input has no axis of channels.

    Example:
        >>> y = feature_dropout(torch.ones(2, 4 * 5, 3, 3), algebra=hc.QUATERNION, axes=2)
        >>> sorted({len(channel.unique()) for channel in y.view(2, 4, 5, 9).transpose(1, 2)[0]})
        [1]
    """
    check_probability("p", p)
    if not training or p == 0:
        return input

    def drop(x: Tensor) -> Tensor:
        return _masked(x, (*x.shape[: x.ndim - 1 - axes], *[1] * axes), p)

    return numberwise(drop, input, algebra=algebra, dim=-1 - axes)


def _masked(x: Tensor, shape: tuple[int, ...] | torch.Size, p: float) -> Tensor:
    return x * F.dropout(x.new_ones(shape), p).unsqueeze(-1)
