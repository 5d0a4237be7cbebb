r"""Losses between numbers: functions of the moduli $|x - y|$ of differences, or of angles, so real.

Over the complex numbers `l1_loss` is torch's. Where torch has a loss for real numbers only, the
modulus stands in place of the absolute value: `mse_loss` is the mean of $|x - y|^2$.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, lift_both, shape_of
from hypercomplex.host.overrides import as_numbers
from hypercomplex.rules.distances import pairwise_distance


def _of_differences(name: str, size: Callable[[Tensor], Tensor]) -> None:
    """Register a loss that is the mean size of differences."""

    @rule("involution", f"nn.functional.{name}")
    def loss(
        cls: TensorType,
        input: Any,
        target: Any,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
    ) -> Tensor:
        each = size(_difference(cls, input, target))
        return _reduced(each, _word(reduction, size_average, reduce), _weights(input, weight))


_of_differences("l1_loss", functional.norm)
_of_differences("mse_loss", functional.squared_norm)


@rule("involution", "nn.functional.smooth_l1_loss")
def smooth_l1_loss(
    cls: TensorType,
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for `beta` (={beta})")
    difference = _difference(cls, input, target)
    each = _huber(difference, beta) / beta if beta else functional.norm(difference)
    return _reduced(each, _word(reduction, size_average, reduce))


@rule("involution", "nn.functional.huber_loss")
def huber_loss(
    cls: TensorType,
    input: Any,
    target: Any,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    if delta <= 0:
        raise RuntimeError(
            f"huber_loss does not support non-positive values for `delta` (={delta})"
        )
    each = _huber(_difference(cls, input, target), delta)
    weight = _weights(input, weight)
    return _reduced(each if weight is None else each * weight, reduction)


@rule("involution", "nn.functional.triplet_margin_loss")
def triplet_margin_loss(
    cls: TensorType,
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    distance = partial(_pairwise, cls, p=p, eps=eps)
    each = _margin(distance, anchor, positive, negative, margin, swap)
    return _reduced(each, _word(reduction, size_average, reduce))


@rule("involution", [torch.triplet_margin_loss])
def numbered_triplet_margin_loss(
    cls: TensorType,
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = 1,
) -> Tensor:
    """What lies below torch's function, where the words for reductions are numbered."""
    word = _WORDS[reduction]
    return triplet_margin_loss(
        cls, anchor, positive, negative, margin, p, eps, swap, reduction=word
    )


@rule("involution", "nn.functional.triplet_margin_with_distance_loss")
def triplet_margin_with_distance_loss(
    cls: TensorType,
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    def distance(a: Any, b: Any) -> Tensor:
        if distance_function in (None, torch.pairwise_distance):
            return _pairwise(cls, a, b)
        with as_numbers():  # the user's function sees numbers
            return distance_function(a, b)

    return _reduced(_margin(distance, anchor, positive, negative, margin, swap), reduction)


@rule("involution", "nn.functional.cosine_embedding_loss")
def cosine_embedding_loss(
    cls: TensorType,
    input1: Any,
    input2: Any,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Of the angle between vectors of numbers, as `cosine_similarity` has it."""
    if is_typed(target):
        raise TypeError(f"`target` must be a plain tensor of 1 and -1, not {type(target).__name__}")
    a, b = lift_both(cls, input1, input2)
    if not a.ndim - 2 == b.ndim - 2 == target.ndim < 2:
        raise RuntimeError(
            f"`input1` of shape {tuple(a.shape[:-1])} and `input2` of shape {tuple(b.shape[:-1])} "
            f"must be vectors of numbers, one for each `target` of shape {tuple(target.shape)}: "
            "(N, D) and (N), or (D) and ()"
        )
    word = _word(reduction, size_average, reduce)
    return torch.nn.functional.cosine_embedding_loss(
        a.flatten(-2), b.flatten(-2), target, margin, reduction=word
    )


@rule("involution", [torch.cosine_embedding_loss])
def numbered_cosine_embedding_loss(
    cls: TensorType,
    input1: Any,
    input2: Any,
    target: Tensor,
    margin: float = 0,
    reduction: int = 1,
) -> Tensor:
    """What lies below torch's function, where the words for reductions are numbered."""
    word = _WORDS[reduction]
    return cosine_embedding_loss(cls, input1, input2, target, margin, reduction=word)


# ---------------------------------------------------------------------- helpers


_WORDS = ("none", "mean", "sum")
"""The reductions, in the order in which torch numbers them."""


def _difference(cls: TensorType, input: Any, target: Any) -> Tensor:
    a, b = lift_both(cls, input, target)
    return a - b


def _huber(difference: Tensor, delta: float) -> Tensor:
    r"""$|d|^2 / 2$ up to $\delta$ and its tangent, $\delta (|d| - \delta / 2)$, beyond."""
    modulus = functional.norm(difference)
    near = modulus < delta
    squares = functional.squared_norm(difference.masked_fill(~near.unsqueeze(-1), 0))
    return torch.where(near, squares / 2, delta * (modulus - delta / 2))


def _pairwise(cls: TensorType, a: Any, b: Any, p: float = 2, eps: float = 1e-6) -> Tensor:
    if is_typed(a) or is_typed(b):
        return pairwise_distance(cls, a, b, p, eps)
    return torch.pairwise_distance(a, b, p, eps)


def _margin(
    distance: Callable[[Any, Any], Tensor],
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float,
    swap: bool,
) -> Tensor:
    """How much nearer than wanted the negative example is."""
    if margin <= 0:
        raise ValueError(f"`margin` (={margin}) must be greater than 0")
    far = distance(anchor, negative)
    if swap:
        far = torch.minimum(far, distance(positive, negative))
    return torch.clamp_min(margin + distance(anchor, positive) - far, 0)


def _word(reduction: str, size_average: bool | None, reduce: bool | None) -> str:
    """What torch's older arguments say, where they are given."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def _weights(input: Any, weight: Tensor | None) -> Tensor | None:
    """Real weights, one for each number of the input."""
    if weight is None:
        return None
    if is_typed(weight):
        raise TypeError(
            f"`weight` must be a plain tensor of real numbers, not {type(weight).__name__}"
        )
    if weight.shape != shape_of(input):
        raise ValueError(
            f"`weight` of shape {tuple(weight.shape)} must have the shape {shape_of(input)} of "
            "`input`"
        )
    return weight


def _reduced(each: Tensor, reduction: str, weight: Tensor | None = None) -> Tensor:
    """All losses, their sum, or their mean, which is that of the weights if there are any."""
    if reduction not in _WORDS:
        raise ValueError(f"`reduction` (={reduction!r}) must be 'none', 'mean' or 'sum'")
    each = each if weight is None else each * weight
    if reduction == "none":
        return each
    if reduction == "sum":
        return each.sum()
    return each.mean() if weight is None else each.sum() / weight.sum()
