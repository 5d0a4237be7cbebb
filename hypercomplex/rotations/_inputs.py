"""What every function of rotations does with its arguments first: check, widen, scale."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce, wraps
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor

from hypercomplex.functional.dispatch import overridable

__all__ = [
    "angle_unit",
    "check_choice",
    "check_last",
    "moderate",
    "positive_real",
    "public",
    "squared_length",
    "storage_axis",
    "unit",
]

P = ParamSpec("P")
R = TypeVar("R")

_HALF = (torch.float16, torch.bfloat16)


def public(function: Callable[P, R]) -> Callable[P, R]:
    """Overridable by typed tensors, and computed in float32 for half-precision arguments."""
    return overridable(_widened(function))


def _widened(function: Callable[P, R]) -> Callable[P, R]:
    @wraps(function)
    def widened(*args: P.args, **kwargs: P.kwargs) -> Any:
        given = [a for a in (*args, *kwargs.values()) if isinstance(a, Tensor)]
        if not any(a.dtype in _HALF for a in given):
            return function(*args, **kwargs)
        floating = [a.dtype for a in given if a.is_floating_point()]
        dtype = reduce(torch.promote_types, floating)
        wide: Any = function
        result: Any = wide(*map(_widen, args), **{k: _widen(a) for k, a in kwargs.items()})
        narrow: Any = (
            tuple(r.to(dtype) for r in result) if type(result) is tuple else result.to(dtype)
        )
        return narrow

    return widened


def _widen(x: Any) -> Any:
    return x.float() if isinstance(x, Tensor) and x.dtype in _HALF else x


def check_last(name: str, x: Any, size: int, what: str) -> None:
    """Refuse what does not have `size` components on its last axis."""
    if not isinstance(x, Tensor):
        raise TypeError(f"`{name}` (={x!r}) must be a tensor; torch.tensor(…) makes one")
    if x.shape[-1:] != (size,):
        raise ValueError(
            f"`{name}` of shape {tuple(x.shape)} must hold {what}, {size} components, on its last "
            "axis"
        )


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Refuse a word that is not among the choices."""
    if value not in choices:
        raise ValueError(f"`{name}` (={value!r}) must be one of {choices}")


def angle_unit(degrees: bool) -> float:
    """How many radians the unit of angles has."""
    return math.pi / 180 if degrees else 1.0


def squared_length(x: Tensor) -> Tensor:
    """The sum of squares over the last axis, which has a few components."""
    first, *rest = x.unbind(-1)
    return reduce(lambda total, part: total + part * part, rest, first * first)


def moderate(q: Tensor, name: str = "q") -> Tensor:
    """A checked quaternion times a constant that makes its largest component 1.

    What depends on the direction only is the same afterwards, with all its derivatives, and no
    square overflows or underflows. Zero gives NaN: it is no rotation.
    """
    check_last(name, q, 4, "quaternions, real part first")
    return q / q.detach().abs().amax(-1, keepdim=True)


def unit(q: Tensor, name: str = "q") -> Tensor:
    """A checked quaternion divided by its length; NaN for zero."""
    q = moderate(q, name)
    return q * squared_length(q).rsqrt().unsqueeze(-1)


def storage_axis(dim: int, x: Tensor) -> int:
    """Where the axis `dim` of whole numbers or vectors lies in storage, from the end."""
    ndim = x.ndim - 1
    if not -ndim <= dim < ndim:
        raise IndexError(
            f"`dim` (={dim}) must be one of the {ndim} axes of `{tuple(x.shape[:-1])}`, which do "
            "not count that of components"
        )
    return dim % ndim - x.ndim


def positive_real(q: Tensor) -> tuple[Tensor, Tensor]:
    """Of q and -q, the one whose real part is not negative: real part and imaginary part."""
    w, v = q[..., 0], q[..., 1:]
    negative = w < 0
    return torch.where(negative, -w, w), torch.where(negative.unsqueeze(-1), -v, v)
