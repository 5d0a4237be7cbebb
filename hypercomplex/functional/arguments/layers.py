"""What weights, biases and folded channels must be."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments.shapes import check_real


def check_weight(weight: Tensor, algebra: Algebra, axes: str) -> None:
    """The weight has as many axes as `axes` says and the components on the last one."""
    n = algebra.dimension
    if weight.ndim != axes.count(",") + 1 or weight.shape[-1] != n:
        raise ValueError(
            f"`weight` of shape {tuple(weight.shape)} must have the shape {axes}, "
            f"with the n = {n} components of {algebra} last"
        )


def check_bias(bias: Tensor | None, outputs: int, algebra: Algebra) -> None:
    """The bias holds one number for each output."""
    n = algebra.dimension
    if bias is not None and bias.shape != (outputs, n):
        raise ValueError(
            f"`bias` of shape {tuple(bias.shape)} must have the shape (O, n) = {(outputs, n)}, "
            f"with the n = {n} components of {algebra} last"
        )


def check_channels(input: Tensor, dim: int, numbers: int, algebra: Algebra) -> None:
    """The folded channel axis of the input holds that many numbers."""
    check_real("input", input)
    n = algebra.dimension
    if input.ndim < -dim or input.shape[dim] != n * numbers:
        raise ValueError(
            f"`input` of shape {tuple(input.shape)} must have {n}·{numbers} = {n * numbers} "
            f"channels on axis {dim}: {numbers} numbers of {algebra}, folded component-major"
        )


def check_folded(x: Tensor, dim: int, algebra: Algebra) -> None:
    """The axis `dim` holds whole numbers, folded."""
    n = algebra.dimension
    if not -x.ndim <= dim < x.ndim or x.shape[dim] % n:
        raise ValueError(
            f"`components` of shape {tuple(x.shape)} must have a multiple of {n} entries on axis "
            f"{dim}: whole numbers of {algebra}, folded component-major"
        )


def check_groups(argument: str, numbers: int, groups: int, name: str = "groups") -> None:
    """A group holds whole numbers, the same count in each."""
    if groups < 1 or numbers % groups:
        raise ValueError(
            f"`{name}` (={groups}) must divide the {numbers} numbers of `{argument}`: "
            "a group holds whole numbers"
        )


def per_axis(name: str, size: int | Sequence[int], axes: int) -> tuple[int, ...]:
    """A size for each axis, given once or once for each."""
    sizes = (size,) * axes if isinstance(size, int) else tuple(size)
    if len(sizes) != axes:
        raise ValueError(f"`{name}` (={size}) must be one integer, or {axes} of them")
    return sizes
