r"""Torch's own linear maps and convolutions: of numbers, with weights that are numbers, or both.

The weight stands on the left, $y_o = \sum_i w_{oi}\, x_i + b_o$; where it stands on the right, call
the function of this name in `hypercomplex.functional` with `side="right"`. Shapes are torch's,
counted in numbers, and what is real acts on every component alike.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from hypercomplex import functional
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, lift, shape_of, wrap
from hypercomplex.functional.matmul import weighted
from hypercomplex.lowering import fold, is_commutative, unfold
from hypercomplex.lowering.layout import in_order
from hypercomplex.rules.axes import on_last
from hypercomplex.rules.contraction import einsum


@rule("product", "nn.functional.linear")
def linear(cls: TensorType, input: Any, weight: Any, bias: Any = None) -> Tensor:
    ranks = {1: "i,...i->...", 2: "oi,...i->...o"}
    equation = ranks.get(len(shape_of(weight)))
    if equation is None:
        raise RuntimeError(f"linear: `weight` of shape {shape_of(weight)} must have 1 or 2 axes")
    if not (is_typed(input) or is_typed(weight)):
        return _plus(cls, lift(cls, F.linear(input, weight), bias), bias)
    if is_typed(input) and is_typed(weight) and weight.shape[1:-1] == input.shape[-2:-1]:
        return _plus(cls, in_order(weighted(weight, input, cls.algebra.product)), bias)
    return _plus(cls, einsum(cls, equation, weight, input), bias)


@rule("product", "nn.functional.bilinear")
def bilinear(cls: TensorType, input1: Any, input2: Any, weight: Any, bias: Any = None) -> Tensor:
    ordered = is_typed(weight) and (is_typed(input1) or is_typed(input2))
    if ordered and not is_commutative(cls.algebra):
        raise NotImplementedError(
            f"bilinear is refused for {cls.__name__}: where the weight stands among factors that "
            "do not commute is not said; write torch.einsum('...i,oij,...j->...o', x, weight, y) "
            "with the factors in your order"
        )
    if not any(map(is_typed, (input1, input2, weight))):
        return _plus(cls, lift(cls, F.bilinear(input1, input2, weight), bias), bias)
    return _plus(cls, einsum(cls, "...i,oij,...j->...o", input1, weight, input2), bias)


def _convolution(name: str, axes: int, inputs: int) -> None:
    """A convolution over so many axes, where the axis `inputs` of the weight meets the channels."""
    plain, typed = getattr(F, name), getattr(functional, name)

    @rule("product", f"{name} nn.functional.{name}")
    def convolve(
        cls: TensorType, input: Tensor, weight: Tensor, bias: Any = None, *args: Any, **named: Any
    ) -> Tensor:
        groups = named.get("groups", args[3] if len(args) > 3 else 1)
        channels = _channels(name, axes, inputs, input, weight, groups)
        if not (is_typed(input) or is_typed(weight)):
            convolved = lift(cls, plain(input, weight, None, *args, **named), bias)
        elif not is_typed(weight):
            convolved = on_last(axes + 1, lambda x: plain(x, weight, None, *args, **named), input)
        elif is_typed(input):
            features = fold(input, channels)
            output = typed(features, alias(weight), None, *args, algebra=cls.algebra, **named)
            convolved = unfold(output, channels, cls.algebra.dimension)
        else:
            kernel = _with_component_channels(weight, 1 - inputs)
            output = plain(input, kernel, None, *args, **named)
            convolved = output.unflatten(channels, (-1, weight.shape[-1])).movedim(channels + 1, -1)
        return _plus(cls, convolved, bias, axes)


for _axes in (1, 2, 3):
    _convolution(f"conv{_axes}d", _axes, inputs=1)
    _convolution(f"conv_transpose{_axes}d", _axes, inputs=0)


def _plus(cls: TensorType, numbers: Tensor, bias: Any, axes: int = 0) -> Tensor:
    """Numbers and a bias for each channel, before so many axes."""
    if bias is None:
        return wrap(cls, numbers)
    shift = lift(cls, bias, numbers)
    return wrap(cls, numbers + (shift.unflatten(0, (-1, *[1] * axes)) if axes else shift))


def _with_component_channels(weight: Tensor, outputs: int) -> Tensor:
    """A weight whose components are more channels of the output, for real input."""
    return weight.movedim(-1, outputs + 1).flatten(outputs, outputs + 1)


def _channels(name: str, axes: int, inputs: int, input: Tensor, weight: Tensor, groups: int) -> int:
    """The axis of the input that holds as many numbers as the weight takes."""
    given, taken = shape_of(input), shape_of(weight)
    channels = len(given) - 1 - axes
    if channels not in (0, 1) or len(taken) != axes + 2:
        raise RuntimeError(
            f"{name} expects an input with {axes + 1} or {axes + 2} axes of numbers and a weight "
            f"with {axes + 2}, but got shapes {given} and {taken}"
        )
    wanted = taken[inputs] * (groups if inputs else 1)
    if given[channels] != wanted:
        raise RuntimeError(
            f"{name} expects `input` of shape {given} to have {wanted} channels of numbers, for a "
            f"`weight` of shape {taken} and `groups` {groups}"
        )
    return channels
