"""What every function of rotations does with its arguments first: check, widen, scale."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce, wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor

from hypercomplex.functional.dispatch import overridable
from hypercomplex.functional.values import can_be_read

__all__ = [
    "angle_unit",
    "as_tensor",
    "check_choice",
    "check_last",
    "check_weights",
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
_WIDE = (torch.float32, torch.float64)


def public(function: Callable[P, R]) -> Callable[P, R]:
    """Overridable by typed tensors; arrays and lists become tensors, integers are reals, half
    precision is computed in float32.
    """
    return overridable(_prepared(function))


def _prepared(function: Callable[P, R]) -> Callable[P, R]:
    parameters = signature(function).parameters
    tensors = {name for name, p in parameters.items() if p.annotation == "Tensor"}
    optional = {name for name, p in parameters.items() if p.annotation == "Tensor | None"}
    scalars = {name for name, p in parameters.items() if p.annotation == "Tensor | float"}

    def is_data(name: str, x: Any) -> bool:
        if name in scalars:
            return not isinstance(x, int | float)
        return name in tensors or (name in optional and x is not None)

    @wraps(function)
    def prepared(*args: P.args, **kwargs: P.kwargs) -> Any:
        ready = True
        for name, x in (*zip(parameters, args, strict=False), *kwargs.items()):
            if isinstance(x, Tensor):
                ready = ready and x.dtype in _WIDE
            elif is_data(name, x):
                args, kwargs = _as_tensors(parameters, is_data, args, kwargs)
                return prepared(*args, **kwargs)
        return function(*args, **kwargs) if ready else _widened(function, args, kwargs)

    return prepared


def as_tensor(name: str, x: Any, like: Tensor | None = None) -> Tensor:
    """An array, nested lists or a number as a tensor where `like` is; of its type unless an array,
    which has its own.
    """
    if isinstance(x, Tensor):
        return x
    dtype = None if like is None or hasattr(x, "dtype") else like.dtype
    try:
        return torch.as_tensor(x, dtype=dtype, device=None if like is None else like.device)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"`{name}` (={x!r}) must be a tensor, an array, or numbers in nested lists of equal "
            "lengths; torch.stack makes one tensor of many"
        ) from None


def _as_tensors(parameters: Any, is_data: Callable[..., bool], args: Any, kwargs: Any) -> Any:
    """The arguments with data as tensors, of the type of the first floating-point tensor there."""
    given = (*args, *kwargs.values())
    like = next((x for x in given if isinstance(x, Tensor) and x.is_floating_point()), None)

    def convert(name: str, x: Any) -> Any:
        return as_tensor(name, x, like) if is_data(name, x) else x

    by_place = [convert(name, x) for name, x in zip(parameters, args, strict=False)]
    by_name = {name: convert(name, x) for name, x in kwargs.items()}
    return (*by_place, *args[len(parameters) :]), by_name


def _widened(function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    given = [a.dtype for a in (*args, *kwargs.values()) if isinstance(a, Tensor)]
    floating = [dtype for dtype in given if dtype.is_floating_point]
    result = function(*map(_widen, args), **{k: _widen(a) for k, a in kwargs.items()})
    if not any(dtype in _HALF for dtype in given):
        return result
    dtype = reduce(torch.promote_types, floating)
    return tuple(r.to(dtype) for r in result) if type(result) is tuple else result.to(dtype)


def _widen(x: Any) -> Any:
    if not isinstance(x, Tensor) or x.is_complex() or x.dtype in _WIDE:
        return x
    return x.float() if x.is_floating_point() else x.to(torch.get_default_dtype())


def check_last(name: str, x: Any, size: int, what: str) -> None:
    """Refuse what does not have `size` components on its last axis."""
    if x.shape[-1:] != (size,):
        raise ValueError(
            f"`{name}` of shape {tuple(x.shape)} must hold {what}, {size} components, on its last "
            "axis"
        )


def check_weights(weights: Tensor) -> None:
    """Refuse negative weights, where values can be read."""
    if can_be_read(weights) and (weights < 0).any():
        raise ValueError(
            f"`weights` must not be negative, but the smallest is {weights.min().item():g}"
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
