"""Functions built on the conjugate: norm, inverse, direction, adjoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.rules.registry import TensorType, axes, in_place, on_components, rule, wrap

on_components("involution", "resolve_conj")  # conjugation is never lazy


@rule("involution", "conj conj_physical")
def conj(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, functional.conj(input, cls.algebra))


@rule("involution", "adjoint Tensor.mH")
def adjoint(cls: TensorType, input: Tensor) -> Tensor:
    if input.ndim < 3:
        raise RuntimeError(f"the adjoint needs at least 2 axes of numbers, not {input.ndim - 1}")
    return wrap(cls, functional.conj(input, cls.algebra).transpose(-3, -2))


@rule("involution", "Tensor.H")
def hermitian(cls: TensorType, input: Tensor) -> Tensor:
    if input.ndim != 3:
        raise RuntimeError(f".H expects a matrix of numbers, not {input.ndim - 1} axes; use .mH")
    return adjoint(cls, input)


@rule("involution", "abs absolute")
def abs_(cls: TensorType, input: Tensor) -> Tensor:
    return functional.norm(input)


@rule("involution", "sgn")
def sgn(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, functional.normalize(input))


@rule("involution", "reciprocal")
def reciprocal(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, functional.inverse(input, cls.algebra))


@rule("involution", "linalg.vector_norm")
def vector_norm(
    cls: TensorType,
    x: Tensor,
    ord: float = 2,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: torch.dtype | None = None,
) -> Tensor:
    dims = axes(x, dim)
    modulus = functional.norm(x)
    return torch.linalg.vector_norm(modulus, ord, dims or None, keepdim, dtype=dtype)


@rule("involution", "norm functional.norm")
def norm(
    cls: TensorType,
    input: Tensor,
    p: float | str | None = "fro",
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    dtype: torch.dtype | None = None,
) -> Tensor:
    if isinstance(p, str) and p != "fro":
        raise TypeError(f"`p` (={p!r}) is a norm of matrices; only 'fro' or a number is supported")
    ord: Any = 2 if p is None or isinstance(p, str) else p
    return vector_norm(cls, input, ord, dim, keepdim, dtype=dtype)


in_place("involution", "conj_physical_", conj)
in_place("involution", "sgn_", sgn)
in_place("involution", "reciprocal_", reciprocal)
