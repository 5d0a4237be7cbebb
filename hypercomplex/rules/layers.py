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
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, wrap
from hypercomplex.lowering import fold, unfold

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


def check_algebra(cls: TensorType, algebra: Algebra) -> None:
    """A layer and its input have one algebra."""
    if algebra != cls.algebra:
        raise TypeError(
            f"`algebra` (={algebra}) of the layer is not that of its {cls.__name__} "
            f"({cls.algebra}); pass q.components, or a layer of the same algebra"
        )


def _layer(function: Callable[..., Tensor], axes_after_channels: int) -> None:
    @rule("layers", [function])
    def apply(
        cls: TensorType, input: Tensor, *args: Any, algebra: Algebra, **kwargs: Any
    ) -> Tensor:
        check_algebra(cls, algebra)
        if not is_typed(input):  # numbers among the weights only
            return function(input, *args, algebra=algebra, **kwargs)
        channels = _channels(input, axes_after_channels)
        folded = function(fold(input, channels), *args, algebra=algebra, **kwargs)
        return wrap(cls, unfold(folded, channels, algebra.dimension))


def _channels(input: Tensor, axes_after_channels: int) -> int:
    channels = input.ndim - 2 - axes_after_channels
    if channels < 0:
        raise ValueError(
            f"`input` of shape {tuple(input.shape[:-1])} has no axis of channels: "
            f"{axes_after_channels} axes must follow it"
        )
    return channels


for _function, _axes in _AXES_AFTER_CHANNELS.items():
    _layer(_function, _axes)


@rule("layers", [functional.componentwise])
def componentwise(cls: TensorType, function: Callable[[Tensor], Tensor], input: Tensor) -> Tensor:
    return wrap(cls, functional.componentwise(function, alias(input)))


@rule("layers", [functional.numberwise])
def numberwise(
    cls: TensorType,
    function: Callable[[Tensor], Tensor],
    input: Tensor,
    *,
    algebra: Algebra,
    dim: int | None = None,
) -> Tensor:
    return wrap(cls, readout(cls, function, input, algebra=algebra, dim=dim))


@rule("layers", [functional.readout])
def readout(
    cls: TensorType,
    function: Callable[[Tensor], Tensor],
    input: Tensor,
    *,
    algebra: Algebra,
    dim: int | None = None,
) -> Tensor:
    check_algebra(cls, algebra)
    return function(alias(input))


def _pool(function: Callable[..., Any]) -> None:
    """Like a layer, with the number of axes among the arguments and indices beside the result."""

    @rule("layers", [function])
    def apply(
        cls: TensorType, input: Tensor, *args: Any, algebra: Algebra, axes: int, **kwargs: Any
    ) -> Any:
        check_algebra(cls, algebra)
        channels = _channels(input, axes)
        result = function(fold(input, channels), *args, algebra=algebra, axes=axes, **kwargs)
        output, *indices = result if isinstance(result, tuple) else (result,)
        typed = wrap(cls, unfold(output, channels, algebra.dimension))
        return (typed, *indices) if indices else typed


for _pooling in (
    functional.avg_pool,
    functional.max_pool,
    functional.adaptive_avg_pool,
    functional.adaptive_max_pool,
):
    _pool(_pooling)


@rule("layers", [functional.mod_relu])
def mod_relu(cls: TensorType, x: Tensor, bias: Tensor) -> Tensor:
    return wrap(cls, functional.mod_relu(x, bias))


@rule("layers", [functional.mod_tanh])
def mod_tanh(cls: TensorType, x: Tensor) -> Tensor:
    return wrap(cls, functional.mod_tanh(x))


@rule("layers", [functional.cardioid])
def cardioid(cls: TensorType, x: Tensor) -> Tensor:
    return wrap(cls, functional.cardioid(x))


@rule("layers", [functional.attention])
def attention(
    cls: TensorType,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *args: Any,
    algebra: Algebra,
    **kwargs: Any,
) -> tuple[Tensor, Tensor | None]:
    check_algebra(cls, algebra)
    for name, x in (("query", query), ("key", key), ("value", value)):
        if not is_typed(x):
            raise TypeError(
                f"`{name}` is a plain tensor beside a {cls.__name__}: `query`, `key` and `value` "
                "must all be typed, or all be folded"
            )
    q, k, v = (fold(x, _channels(x, 0)) for x in (query, key, value))
    output, weights = functional.attention(q, k, v, *args, algebra=algebra, **kwargs)
    return wrap(cls, unfold(output, output.ndim - 1, algebra.dimension)), weights
