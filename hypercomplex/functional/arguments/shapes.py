"""What any tensor must be: its shape, the width of an axis, its type, its device."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.signatures import (
    complex_components,
    elsewhere,
    floating_components,
)
from hypercomplex.door.values import FLOATING
from hypercomplex.host.mode import autocasts
from hypercomplex.lowering import AnyBilinear, AnyProduct


def check_shape(name: str, x: Tensor, shape: tuple[int, ...], axes: str) -> None:
    """The tensor has that shape, whose sizes `axes` names."""
    if tuple(x.shape) != shape:
        raise ValueError(f"`{name}` of shape {tuple(x.shape)} must have the shape {axes} = {shape}")


def check_real(name: str, x: Tensor) -> None:
    """The components of numbers are real; numbers of torch's complex types have to be viewed so."""
    if not hasattr(x, "is_complex"):  # a symbolic trace has a stand-in for a tensor
        raise TypeError(f"`{name}` is a {type(x).__name__}, but must be a tensor")
    if x.is_complex():
        raise TypeError(
            f"`{name}` holds {x.dtype}; give the layer hypercomplex.as_hypercomplex("
            f"torch.view_as_real({name}), hypercomplex.COMPLEX); of its result y, "
            "torch.view_as_complex(y.components.contiguous()) is complex again"
        )


def check_components(name: str, x: Tensor, algebra: Algebra) -> None:
    """The last axis holds the components of numbers of the algebra."""
    check_factor(name, x, algebra.dimension, algebra)


def check_factors(
    a: Tensor, b: Tensor, product: AnyBilinear, names: tuple[str, str] = ("a", "b")
) -> None:
    """The last axes hold the components of the factors."""
    left, right, _ = product.shape
    check_factor(names[0], a, left, product)
    check_factor(names[1], b, right, product)


def check_factor(name: str, x: Tensor, width: int, of: AnyProduct) -> None:
    """The last axis has the width of that factor."""
    if x.shape[-1:] != (width,):
        raise ValueError(
            f"`{name}` of shape {tuple(x.shape)} must have the {width} components of {of} on its "
            "last axis"
        )
    if x.is_complex():
        raise complex_components(name, x)


def check_numbers(name: str, x: Tensor) -> None:
    """The last axis holds the components of numbers, of whichever algebra."""
    if x.ndim == 0:
        raise ValueError(
            f"`{name}` of shape () must have the components of numbers on its last axis"
        )
    check_reals(name, x)


def check_reals(name: str, x: Tensor) -> None:
    """Components are real numbers."""
    if x.is_complex():
        raise complex_components(name, x)


def check_floating(name: str, x: Tensor) -> None:
    """Components are real numbers with a point, where integers would be rounded in silence."""
    if not x.is_floating_point():
        check_reals(name, x)
        raise floating_components(name, x)


def number_axis(x: Tensor, dim: int, name: str = "x") -> int:
    """An axis of numbers, which `dim` counts, from the front."""
    if x.ndim == 0:
        check_numbers(name, x)
    ndim = x.ndim - 1
    if not -ndim <= dim < ndim:
        raise IndexError(f"`dim` (={dim}) must be one of the {ndim} axes of numbers")
    return dim % ndim


def check_last(name: str, x: Tensor, size: int, what: str) -> None:
    """The last axis holds so many components."""
    if x.shape[-1:] != (size,):
        raise ValueError(
            f"`{name}` of shape {tuple(x.shape)} must hold {what}, {size} components, on its last "
            "axis"
        )


def check_width(name: str, x: Tensor, dim: int, width: int, meaning: str) -> None:
    """The axis `dim` has that many entries, of which `meaning` says why."""
    if not -x.ndim <= dim < x.ndim or x.shape[dim] != width:
        raise ValueError(
            f"`{name}` of shape {tuple(x.shape)} must have {width} entries on axis {dim}, "
            f"{meaning}; give it that width, or build the layer for this one"
        )


def check_dtype(name: str, dtype: torch.dtype) -> None:
    """The type is one that components have: real, floating-point, and one that torch adds in."""
    if dtype not in FLOATING:
        raise TypeError(
            f"`{name}` (={dtype!r}) must be a floating-point type that torch computes in: float16, "
            "bfloat16, float32 or float64; convert, for instance with .float()"
        )


def check_device(name: str, x: Tensor, other: str, like: Tensor) -> None:
    """Both tensors live on one device."""
    if x.device != like.device:
        raise elsewhere(name, x, other, like)


def check_alike(name: str, x: Tensor, other: str, like: Tensor) -> None:
    """Both tensors live on one device and, where autocast does not convert them, hold one type."""
    check_device(name, x, other, like)
    if x.dtype != like.dtype and not _converts(x):
        check_real(name, x)
        raise TypeError(
            f"`{name}` holds {x.dtype}, but `{other}` {like.dtype}; convert one of them, for "
            f"instance with .to({like.dtype})"
        )


def _converts(x: Tensor) -> bool:
    """Whether autocast makes the types of floating-point operands equal."""
    return x.is_floating_point() and autocasts(x)
