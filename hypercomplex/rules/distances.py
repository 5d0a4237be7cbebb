"""Distances and angles, which are real; a real operand is a tensor of real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, lift, lift_both, wrap
from hypercomplex.rules.involution import vector_norm


@rule("involution", "dist")
def dist(cls: TensorType, input: Any, other: Any, p: float = 2) -> Tensor:
    return functional.dist(*lift_both(cls, input, other), p)


@rule("involution", "pairwise_distance")
def pairwise_distance(
    cls: TensorType, x1: Any, x2: Any, p: float = 2, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    a, b = lift_both(cls, x1, x2)
    if not cls.algebra.begins_with_one:  # ε is a real number
        a, eps = a + lift(cls, eps, a), 0
    return functional.pairwise_distance(a, b, p, eps, keepdim)


@rule("involution", "cdist")
def cdist(
    cls: TensorType, x1: Any, x2: Any, p: float = 2, compute_mode: str | None = None
) -> Tensor:
    """Always from differences: `compute_mode` chooses among ways for p = 2 that give the same."""
    return functional.cdist(*lift_both(cls, x1, x2), p)


@rule("involution", "pdist")
def pdist(cls: TensorType, input: Tensor, p: float = 2) -> Tensor:
    return functional.pdist(input, p)


@rule("involution", "cosine_similarity")
def cosine_similarity(cls: TensorType, x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    return functional.cosine_similarity(*lift_both(cls, x1, x2), dim, eps)


@rule("involution", "norm_except_dim")
def norm_except_dim(cls: TensorType, v: Tensor, pow: int = 2, dim: int = 0) -> Tensor:
    return torch.norm_except_dim(functional.norm(v), pow, dim)


@rule("involution", "_weight_norm")
def weight_norm(cls: TensorType, v: Tensor, g: Any, dim: int = 0) -> Tensor:
    if is_typed(g):
        raise TypeError(f"`g` must be a plain tensor of lengths, not {type(g).__name__}")
    return wrap(cls, v * (g / norm_except_dim(cls, v, 2, dim)).unsqueeze(-1))


@rule("involution", "native_norm")
def native_norm(
    cls: TensorType,
    input: Tensor,
    p: float | None = 2,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    dtype: torch.dtype | None = None,
) -> Tensor:
    return vector_norm(cls, input, 2 if p is None else p, dim, keepdim, dtype=dtype)
