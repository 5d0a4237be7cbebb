"""Functions built on the conjugate: norm, inverse, direction, adjoint.

`conj`, `adjoint`, `mH` and `H` give new numbers. torch's complex ones are lazy: views that
conjugate when they are read, for which it keeps a bit on every complex tensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex import functional, linalg
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, wrap
from hypercomplex.kernels.length import p_norm
from hypercomplex.rules.axes import axes, axis
from hypercomplex.rules.patterns import in_place, on_components

on_components("involution", "resolve_conj")


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
    return p_norm(modulus, ord, dims or None, keepdim, dtype)


@rule("involution", "norm functional.norm")
def norm(
    cls: TensorType,
    input: Tensor,
    p: float | str | None = "fro",
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    dtype: torch.dtype | None = None,
) -> Tensor:
    if p == "nuc":
        matrix: Any = axes(input, dim)
        return linalg.matrix_norm(input, p, matrix, keepdim, dtype=dtype, algebra=cls.algebra)
    if isinstance(p, str) and p != "fro":
        raise TypeError(f"`p` (={p!r}) must be a number, 'fro' or 'nuc'")
    ord: Any = 2 if p is None or isinstance(p, str) else p
    return vector_norm(cls, input, ord, dim, keepdim, dtype=dtype)


@rule("involution", "nn.functional.normalize")
def normalize(
    cls: TensorType, input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12
) -> Tensor:
    length = vector_norm(cls, input, p, dim, keepdim=True).clamp_min(eps)
    return wrap(cls, input / length.unsqueeze(-1))


@rule("involution", "renorm")
def renorm(cls: TensorType, input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    if input.ndim < 3:
        raise RuntimeError(f"renorm needs at least 2 axes of numbers, not {input.ndim - 1}")
    if p <= 0 or maxnorm < 0:
        raise RuntimeError(f"renorm needs `p` (={p}) > 0 and `maxnorm` (={maxnorm}) >= 0")
    kept = axis(input, dim)
    others = [d for d in range(input.ndim - 1) if d != kept]
    length = vector_norm(cls, input, p, others, keepdim=True)
    scale = torch.where(length > maxnorm, maxnorm / (length + 1e-7), 1)  # torch's own 1e-7
    return wrap(cls, input * scale.unsqueeze(-1))


in_place("involution", "renorm_", renorm)
in_place("involution", "conj_physical_", conj)
in_place("involution", "sgn_", sgn)
in_place("involution", "reciprocal_", reciprocal)
