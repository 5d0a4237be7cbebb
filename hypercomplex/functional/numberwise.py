"""Functions of whole numbers on features, folded or typed.

What `componentwise` is for real functions, `numberwise` is for functions that see a number at
once. On plain input they need the axis of the folded channels; the components of typed input are
known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import overridable
from hypercomplex.door.declarations import algebra_of
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, wrap
from hypercomplex.functional.arguments import check_real
from hypercomplex.lowering import fold, unfold

__all__ = ["channel_axis", "default_dim", "numberwise", "readout"]


@overridable
def numberwise(
    function: Callable[[Tensor], Tensor],
    input: Tensor,
    *,
    algebra: Algebra,
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
    return fold(function(unfold(input, axis, algebra.dimension)), axis)


@overridable
def readout(
    function: Callable[[Tensor], Tensor],
    input: Tensor,
    *,
    algebra: Algebra,
    dim: int | None = None,
) -> Tensor:
    r"""A function from numbers to reals: $y = f(x)$, always a plain tensor.

    The arguments and errors are those of `numberwise`; `function` maps `(…, C, …, n)` to
    `(…, C, …)`.

    Example:
        >>> readout(hc.functional.norm, torch.tensor([[3., 0, 4, 1]]), algebra=hc.COMPLEX)
        tensor([[5., 1.]])
    """
    return function(unfold(input, channel_axis(input, dim, algebra), algebra.dimension))


@rule("ours", [readout])
def readout_of_typed(
    cls: TensorType,
    function: Callable[[Tensor], Tensor],
    input: Tensor,
    *,
    algebra: Algebra | None = None,
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


def channel_axis(input: Tensor, dim: int | None, algebra: Algebra) -> int:
    """The axis of whole numbers in plain input, counted from the front."""
    check_real("input", input)
    n, shape = algebra.dimension, tuple(input.shape)
    dim = default_dim(input, dim)
    if not -input.ndim <= dim < input.ndim:
        raise ValueError(f"`input` of shape {shape} has no axis `dim` (={dim})")
    axis = dim % input.ndim
    if input.shape[axis] % n:
        raise ValueError(
            f"`input` of shape {shape} must have a multiple of {n} channels on axis {axis}: "
            f"numbers of {algebra}, folded component-major"
        )
    return axis


def default_dim(input: Tensor, dim: int | None) -> int:
    """The last axis, where nothing was said and nothing else is possible."""
    if dim is None and input.ndim > 2:
        raise ValueError(
            f"`input` of shape {tuple(input.shape)}: say with `dim` which axis holds the channels, "
            "1 after a convolution, -1 after a linear layer"
        )
    return -1 if dim is None else dim
