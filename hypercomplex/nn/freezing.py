"""Weights that are lowered once, for inference."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

from hypercomplex.functional.arguments import checked
from hypercomplex.lowering import Kept

__all__ = ["Freezable", "freeze", "unfreeze"]

Model = TypeVar("Model", bound=nn.Module)


class Freezable(nn.Module):
    """A layer that makes something of its weights, which can be kept between calls."""

    kept: Kept | None = None
    """Where it is kept; None unless the layer is frozen."""


@checked
def freeze(model: Model) -> Model:
    """Keep what the layers of a model make of their weights, for the next call.

    For inference on a CPU, with gradients switched off: in linear layers, convolutions, recurrent
    layers, and models of them. Each call compares the weight with a copy of it, bit for bit, so one
    that was written, in whatever way, is noticed and lowered anew. How to multiply is chosen
    knowing that the weight is written no more, see `explain`; nothing else changes: it stays a
    parameter, and training, `state_dict`, copies, `torch.compile` and export are those of the layer
    as it is. It costs the memory of the copy and of what is kept, at most n times the weight. For
    few samples nothing is made of a weight, and nothing kept.

    Returns:
        The model itself.

    Example:
        >>> layer = freeze(hc.nn.QuaternionLinear(8, 8))
        >>> x = torch.randn(100, 32)
        >>> with torch.no_grad():
        ...     before = layer(x)
        ...     _ = layer.weight.data.mul_(2)  # leaves no trace in torch
        ...     after = layer(x)
        >>> torch.equal(after, 2 * before)
        True
    """
    for layer in _freezable(model):
        layer.kept = Kept()
    return model


@checked
def unfreeze(model: Model) -> Model:
    """Forget what `freeze` has kept.

    Example:
        >>> layer = unfreeze(freeze(hc.nn.QuaternionLinear(8, 8)))
        >>> layer.kept is None
        True
    """
    for layer in _freezable(model):
        layer.kept = None
    return model


def _freezable(model: nn.Module) -> list[Freezable]:
    return [layer for layer in model.modules() if isinstance(layer, Freezable)]
