"""Functions of whole numbers on features, folded or typed.

What `componentwise` is for real functions, `numberwise` is for functions that see a number at
once. On plain input they need the axis of the folded channels; the components of typed input are
known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from hypercomplex.door.calls import overridable
from hypercomplex.door.declarations import algebra_of
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, wrap
from hypercomplex.functional.arguments import channel_axis, state_width
from hypercomplex.lowering import AnyProduct, fold, unfold

__all__ = ["numberwise", "readout"]


@overridable
def numberwise(
    function: Callable[[Tensor], Tensor],
    input: Tensor,
    *,
    algebra: AnyProduct,
    dim: int | None = None,
) -> Tensor:
    r"""A function from numbers to numbers: $y = f(x)$, with the components of $x$ at hand.

    Args:
        function: takes and returns components last, `(…, C, …, n)`.
        input: folded, or typed.
        algebra: the algebra of the numbers.
        dim: the axis of the channels; needed on plain input of more than two axes.

    Raises:
        ValueError: if the channels are not whole numbers, or `dim` is needed and missing.

    Example:
        >>> x = torch.tensor([[3., 0, 4, 1]])  # the complex numbers 3+4i and 1i, folded
        >>> numberwise(hc.functional.normalize, x, algebra=hc.COMPLEX)
        tensor([[0.6000, 0.0000, 0.8000, 1.0000]])
    """
    axis = channel_axis(input, dim, algebra)
    return fold(function(unfold(input, axis, state_width(algebra.product))), axis)


@overridable
def readout(
    function: Callable[[Tensor], Tensor],
    input: Tensor,
    *,
    algebra: AnyProduct,
    dim: int | None = None,
) -> Tensor:
    r"""A function from numbers to reals: $y = f(x)$, always a plain tensor.

    The arguments and errors are those of `numberwise`; `function` maps `(…, C, …, n)` to
    `(…, C, …)`.

    Example:
        >>> readout(hc.functional.norm, torch.tensor([[3., 0, 4, 1]]), algebra=hc.COMPLEX)
        tensor([[5., 1.]])
    """
    axis = channel_axis(input, dim, algebra)
    return function(unfold(input, axis, state_width(algebra.product)))


@rule("ours", [readout])
def readout_of_typed(
    cls: TensorType,
    function: Callable[[Tensor], Tensor],
    input: Tensor,
    *,
    algebra: AnyProduct | None = None,
    dim: int | None = None,
) -> Tensor:
    """The components of typed input are at hand."""
    algebra_of(cls, algebra)
    return function(alias(input))


@rule("ours", [numberwise])
def numberwise_of_typed(
    cls: TensorType, function: Callable[[Tensor], Tensor], input: Tensor, **named: Any
) -> Tensor:
    """The same, and numbers again."""
    return wrap(cls, readout_of_typed(cls, function, input, **named))
