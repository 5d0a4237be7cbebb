"""What all transforms ask of their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import check_components, number_axis
from hypercomplex.lowering import AnyProduct

__all__ = ["Dims", "check_input", "given", "number_axes"]


Given = TypeVar("Given", bound=AnyProduct)
Dims = int | Sequence[int] | None


def check_input(x: Tensor, algebra: Algebra | None, argument: str) -> Algebra:
    """The algebra, which must be given, and whose components the last axis must hold."""
    algebra = given(algebra, argument)
    check_components(argument, x, algebra)
    return algebra


def given(algebra: Given | None, argument: str) -> Given:
    """The algebra, or whatever stands for it, which must be given."""
    if algebra is None:
        raise TypeError(
            f"`algebra` is missing: it says what the components of a plain `{argument}` are; pass "
            "it, or a typed tensor"
        )
    return algebra


def number_axes(input: Tensor, dim: Dims, s: Sequence[int] | None) -> list[int]:
    """The axes of numbers, counted from the front."""
    ndim = input.ndim - 1
    if dim is None:
        dim = range(ndim) if s is None else range(-len(s), 0)
    named = [dim] if isinstance(dim, int) else list(dim)
    dims = [number_axis(input, d) for d in named]
    if len(set(dims)) < len(dims) or (s is not None and len(s) != len(dims)):
        raise RuntimeError(f"`dim` (={named}) must name different axes, one for each of `s` (={s})")
    return dims
