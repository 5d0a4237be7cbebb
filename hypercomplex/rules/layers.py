"""The functions of layers: fold the numbers, run the plain function, unfold.

The axis of numbers that holds the channels becomes the folded channel axis. What comes back is a
view with planar components, so a chain of layers never reorders them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.lowering import fold, unfold
from hypercomplex.rules.registry import TensorType, alias, is_typed, rule, wrap

_AXES_AFTER_CHANNELS: dict[Callable[..., Tensor], int] = {
    functional.linear: 0,
    functional.conv1d: 1,
    functional.conv2d: 2,
    functional.conv3d: 3,
    functional.conv_transpose1d: 1,
    functional.conv_transpose2d: 2,
    functional.conv_transpose3d: 3,
    functional.rotation_conv1d: 1,
    functional.rotation_conv2d: 2,
    functional.rotation_linear: 0,
}


def _layer(function: Callable[..., Tensor], axes_after_channels: int) -> None:
    @rule("layers", [function])
    def apply(
        cls: TensorType, input: Tensor, *args: Any, algebra: Algebra, **kwargs: Any
    ) -> Tensor:
        if algebra != cls.algebra:
            raise TypeError(
                f"`algebra` (={algebra}) of the layer is not that of its {cls.__name__} "
                f"({cls.algebra}); pass q.components, or a layer of the same algebra"
            )
        if not is_typed(input):  # numbers among the weights only
            return function(input, *args, algebra=algebra, **kwargs)
        channels = input.ndim - 2 - axes_after_channels
        if channels < 0:
            raise ValueError(
                f"`input` of shape {tuple(input.shape[:-1])} has no axis of channels: "
                f"{axes_after_channels} axes must follow it"
            )
        folded = function(fold(input, channels), *args, algebra=algebra, **kwargs)
        return wrap(cls, unfold(folded, channels, algebra.dimension))


for _function, _axes in _AXES_AFTER_CHANNELS.items():
    _layer(_function, _axes)


@rule("layers", [functional.componentwise])
def componentwise(cls: TensorType, function: Callable[[Tensor], Tensor], input: Tensor) -> Tensor:
    return wrap(cls, functional.componentwise(function, alias(input)))
