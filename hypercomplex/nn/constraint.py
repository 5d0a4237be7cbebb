"""Constraints on weights, applied after a step of the optimizer."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from hypercomplex.functional.arguments import check_floating, checked
from hypercomplex.nn.affine import Affine

__all__ = ["max_norm_"]

Constrained = TypeVar("Constrained", Tensor, nn.Module)


@checked
def max_norm_(layer_or_weight: Constrained, max_norm: float) -> Constrained:
    r"""Shorten the weight of each output to $\sqrt{\sum_i |w_{oi}|^2} \le$ `max_norm`, in place.

    To be called after `optimizer.step()`. In a model, it reaches the weights of all its linear and
    convolution layers that are in training mode; biases are left alone, and so are the maps of
    rotations, whose weights may have any length.

    Args:
        layer_or_weight: a layer, a model, or a weight with the outputs on the first axis.
        max_norm: the largest norm of the weight of one output.

    Raises:
        ValueError: if `max_norm` is not positive, or a weight is computed by a parametrization.

    Example:
        >>> layer = hc.nn.QuaternionLinear(3, 5)
        >>> norms = max_norm_(layer, 0.1).weight.square().sum((1, 2)).sqrt()
        >>> bool((norms <= 0.1 + 1e-6).all())
        True

    Source:
        N. Srivastava et al., *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*,
        JMLR 2014, section 5.1.
    """
    if not max_norm > 0:
        raise ValueError(f"`max_norm` (={max_norm}) must be positive")
    if isinstance(layer_or_weight, Tensor):
        check_floating("layer_or_weight", layer_or_weight)
        _shorten(layer_or_weight, max_norm)
        return layer_or_weight
    for name, module in layer_or_weight.named_modules():
        if isinstance(module, Affine) and module.training:
            if parametrize.is_parametrized(module, "weight"):
                raise ValueError(
                    f"`layer_or_weight`: the weight of {name or type(module).__name__} is computed "
                    "by a parametrization, so a change in place is lost; constrain its originals"
                )
            weight = module.weight
            if module.transposed:  # the outputs of each group are on the second axis
                weight = weight.detach().unflatten(0, (module.groups, -1))
            _shorten(weight, max_norm, outputs=(0, 2) if module.transposed else (0,))
    return layer_or_weight


def _shorten(weight: Tensor, max_norm: float, outputs: tuple[int, ...] = (0,)) -> None:
    others = [axis for axis in range(weight.ndim) if axis not in outputs]
    with torch.no_grad():
        largest = weight.abs().amax(others, keepdim=True).clamp_min(max_norm)
        norm = largest * torch.linalg.vector_norm(weight / largest, dim=others, keepdim=True)
        weight.mul_(max_norm / norm.clamp_min(max_norm))  # a factor of exactly 1 within the bound
