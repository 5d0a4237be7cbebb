"""What functions of rotations do with their arguments first: widen, check, take the direction."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce, wraps
from inspect import BoundArguments, signature
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.door.declarations import numbers
from hypercomplex.functional import data
from hypercomplex.functional.arguments import check_last, complex_components, number_axis, shown
from hypercomplex.functional.data import has_dtype
from hypercomplex.kernels.scaling import by_largest, unit_or_nan

__all__ = [
    "Stamps",
    "angle_unit",
    "as_tensor",
    "direction",
    "public",
    "storage_axis",
    "unit",
]

P = ParamSpec("P")
R = TypeVar("R")

Stamps = Tensor
"""Times on a clock: they keep their type, for differences need all digits (`times.elapsed`)."""

_HALF = (torch.float16, torch.bfloat16)
_WIDE = (torch.float32, torch.float64)


def public(
    quaternions: str = "", gives: str = "numbers"
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare which arguments hold quaternions, and take every kind of data by torch's promotion.

    Arrays keep their type; lists and numbers take that of the tensors beside them; integers become
    reals of that type, or of the default one; half precision is computed in float32, and integers
    alone in float64.
    """
    declare = numbers(quaternions, gives, of=QUATERNION)
    return lambda function: declare(_prepared(function))


def _prepared(function: Callable[P, R]) -> Callable[P, R]:
    call = signature(function)
    kinds = {name: p.annotation for name, p in call.parameters.items()}

    @wraps(function)
    def prepared(*args: P.args, **kwargs: P.kwargs) -> Any:
        for x in args:
            if not (isinstance(x, Tensor) and x.dtype in _WIDE):
                break
        else:
            if not kwargs:  # as most calls are
                return function(*args, **kwargs)
        for name, x in (*zip(kinds, args), *kwargs.items()):
            ready = x.dtype in _WIDE if isinstance(x, Tensor) else not _is_data(kinds.get(name), x)
            if not ready:
                return _converted(function, kinds, call.bind(*args, **kwargs))
        return function(*args, **kwargs)

    prepared.converts = ("Tensor", "Tensor | None", "Stamps")  # type: ignore[attr-defined]
    return prepared


def _is_data(kind: str | None, x: Any) -> bool:
    """Whether an argument of this annotation is to become a tensor."""
    if kind == "Tensor | float":
        return not isinstance(x, (int, float))
    return kind in ("Tensor", "Stamps") or (kind == "Tensor | None" and x is not None)


def _converted(function: Callable[..., Any], kinds: dict[str, str], call: BoundArguments) -> Any:
    """The function of arguments that are not all tensors of float32 or float64."""
    given = call.arguments
    names = [name for name, x in given.items() if _is_data(kinds[name], x)]
    stamps = {name for name in names if kinds[name] == "Stamps"}
    device = next((x.device for x in given.values() if isinstance(x, Tensor)), None)
    for name in names:
        if has_dtype(given[name]):
            given[name] = as_tensor(name, given[name], device=device)
    numbers = [given[n] for n in names if isinstance(given[n], Tensor) and n not in stamps]
    floating = [x.dtype for x in numbers if x.dtype.is_floating_point]
    dtype = reduce(torch.promote_types, floating) if floating else None
    for name in names:
        exact = torch.float64 if name in stamps and not _is_whole(given[name]) else None
        given[name] = as_tensor(name, given[name], exact if name in stamps else dtype, device)
    numbers = [given[name] for name in names if name not in stamps]
    dtype = torch.get_default_dtype() if dtype is None else dtype
    whole = not any(x.is_floating_point() or x.device.type == "mps" for x in numbers)
    for name in names:
        wide = torch.float64 if whole else dtype
        given[name] = given[name] if name in stamps else _widen(name, given[name], wide)
    result = function(*call.args, **call.kwargs)
    if not whole and dtype not in _HALF:
        return result
    return (
        tuple(_rounded(r, dtype) for r in result)
        if type(result) is tuple
        else _rounded(result, dtype)
    )


def _rounded(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Reals in this type; indices stay what they are."""
    return x.to(dtype) if x.is_floating_point() else x


def _is_whole(x: Any) -> bool:
    """Whether a number, or all in nested lists, are integers."""
    return all(map(_is_whole, x)) if isinstance(x, (list, tuple)) else isinstance(x, int)


def as_tensor(
    name: str, x: Any, dtype: torch.dtype | None = None, device: torch.device | None = None
) -> Tensor:
    """An argument as a tensor; of this type if it has none of its own."""
    if isinstance(x, Tensor):
        return x
    try:
        return data.as_tensor(x, None if has_dtype(x) else dtype, device)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"`{name}` (={shown(x)}) must be a tensor, an array, or numbers in nested lists of "
            "equal lengths; torch.stack makes one tensor of many"
        ) from None


def _widen(name: str, x: Tensor, dtype: torch.dtype) -> Tensor:
    """Reals wide enough to compute with: integers beside numbers of a type are of that type."""
    if x.is_complex():
        raise complex_components(name, x)
    if x.dtype in _WIDE:
        return x
    return x.to(
        torch.float32 if x.is_floating_point() else torch.promote_types(dtype, torch.float32)
    )


def angle_unit(degrees: bool) -> float:
    """How many radians the unit of angles has."""
    return math.pi / 180 if degrees else 1.0


def check_quaternions(name: str, q: Tensor) -> None:
    """The last axis holds quaternions."""
    check_last(name, q, 4, "quaternions, real part first")


def direction(q: Tensor, name: str = "q") -> Tensor:
    """A checked quaternion, its largest component 1; NaN for zero, which is no rotation."""
    check_quaternions(name, q)
    return by_largest(q)


def unit(q: Tensor, name: str = "q") -> Tensor:
    """A checked quaternion divided by its length; NaN for zero."""
    check_quaternions(name, q)
    return unit_or_nan(q)


def storage_axis(dim: int, x: Tensor) -> int:
    """Where the axis `dim` of whole numbers or vectors lies in storage, from the end."""
    return number_axis(x, dim, "q") - x.ndim
