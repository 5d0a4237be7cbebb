"""Functions that act on every component alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import Typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, lift, wrap
from hypercomplex.host.leaves import fresh
from hypercomplex.lowering import real_part, refuse_basis
from hypercomplex.rules.axes import along, axes
from hypercomplex.rules.patterns import in_place, on_components
from hypercomplex.rules.product import scaled

# ---------------------------------------------------------------------- sums

on_components("linear", "neg negative positive")


@rule("linear", "add __add__ __radd__")
def add(cls: TensorType, input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    like = input if isinstance(input, Typed) else other
    a, b = lift(cls, input, like), lift(cls, other, like)
    if isinstance(alpha, (Typed, complex)):
        return wrap(cls, torch.add(a, scaled(cls, "alpha", alpha, b)))
    return fresh(cls, torch.add(a, b, alpha=alpha))


@rule("linear", "sub subtract __sub__")
def sub(cls: TensorType, input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    like = input if isinstance(input, Typed) else other
    a, b = lift(cls, input, like), lift(cls, other, like)
    if isinstance(alpha, (Typed, complex)):
        return wrap(cls, torch.sub(a, scaled(cls, "alpha", alpha, b)))
    return fresh(cls, torch.sub(a, b, alpha=alpha))


@rule("linear", "rsub __rsub__")
def rsub(cls: TensorType, input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    return sub(cls, other, input, alpha=alpha)


in_place("linear", "add_ __iadd__", add)
in_place("linear", "sub_ subtract_ __isub__", sub)
in_place("linear", "neg_ negative_", lambda cls, q: -q)


@rule("linear", "sum")
def sum_(
    cls: TensorType,
    input: Tensor,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: torch.dtype | None = None,
) -> Tensor:
    dims = axes(input, dim)
    if not dims:  # torch reads no axes as all of them, components included
        return wrap(cls, input.to(dtype or input.dtype, copy=True))
    return wrap(cls, input.sum(dims, keepdim, dtype=dtype))


@rule("linear", "mean")
def mean(
    cls: TensorType,
    input: Tensor,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: torch.dtype | None = None,
) -> Tensor:
    dims = axes(input, dim)
    if not dims:
        return wrap(cls, input.to(dtype or input.dtype, copy=True))
    return wrap(cls, input.mean(dims, keepdim, dtype=dtype))


@rule("linear", "cumsum")
def cumsum(cls: TensorType, input: Tensor, dim: int, *, dtype: torch.dtype | None = None) -> Tensor:
    return wrap(cls, along(input, dim, lambda x, d: x.cumsum(d, dtype=dtype)))


# ---------------------------------------------------------------------- parts


@rule("linear", "Tensor.real real")
def real(cls: TensorType, input: Tensor) -> Tensor:
    return real_part(input, cls.algebra)


@rule("linear", "Tensor.imag imag")
def imag(cls: TensorType, input: Tensor) -> Tensor:
    refuse_basis(cls.algebra, "imag")
    return input[..., 1:]


@rule("linear", "view_as_real")
def view_as_real(cls: TensorType, input: Tensor) -> Tensor:
    """As for complex numbers: the components on one more axis, `q.components`."""
    return alias(input)


@rule("linear", "view_as_real_copy")
def view_as_real_copy(cls: TensorType, input: Tensor) -> Tensor:
    return input.clone().view_as(input)
