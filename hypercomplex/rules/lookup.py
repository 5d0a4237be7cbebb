"""Tables of numbers: rows by their index, and sums of rows. No weight multiplies, so no side."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from hypercomplex import functional
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, wrap
from hypercomplex.host.mode import can_be_read


@rule("shape", [F.embedding])
def embedding(
    cls: TensorType,
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    table = _table(cls, input, weight, sparse, max_norm, norm_type)
    rows = F.embedding(input, table, padding_idx, scale_grad_by_freq=scale_grad_by_freq)
    return _numbers(cls, rows, weight)


@rule("shape", [torch.embedding])
def embedding_of(
    cls: TensorType,
    weight: Tensor,
    indices: Tensor,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    table = _table(cls, indices, weight, sparse)
    return _numbers(cls, torch.embedding(table, indices, padding_idx, scale_grad_by_freq), weight)


@rule("linear", [F.embedding_bag])
def embedding_bag(
    cls: TensorType,
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    if mode == "max":
        _refuse_max(cls)
    _check_offsets(offsets)
    table = _table(cls, input, weight, sparse, max_norm, norm_type)
    bags = F.embedding_bag(
        input,
        table,
        offsets,
        scale_grad_by_freq=scale_grad_by_freq,
        mode=mode,
        per_sample_weights=_real_factors(cls, per_sample_weights),
        include_last_offset=include_last_offset,
        padding_idx=padding_idx,
    )
    return _numbers(cls, bags, weight)


@rule("linear", [torch.embedding_bag])
def embedding_bag_of(
    cls: TensorType,
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> tuple[Tensor, ...]:
    if mode == 2:
        _refuse_max(cls)
    _check_offsets(offsets)
    table = _table(cls, indices, weight, sparse)
    factors = _real_factors(cls, per_sample_weights)
    bags, *about = torch.embedding_bag(
        table,
        indices,
        offsets,
        scale_grad_by_freq,
        mode,
        False,
        factors,
        include_last_offset,
        padding_idx,
    )
    return _numbers(cls, bags, weight), *about


def _table(
    cls: TensorType,
    index: Any,
    weight: Tensor,
    sparse: bool,
    max_norm: float | None = None,
    norm_type: float = 2.0,
) -> Tensor:
    """The real table, whose rows hold the components of the rows of numbers, shortened at need."""
    if is_typed(index):
        raise TypeError(f"`input` is a {cls.__name__}, but must hold integers, the rows to look up")
    if weight.ndim != 3:
        raise RuntimeError(
            f"`weight` of shape {tuple(weight.shape[:-1])} must have the shape (V, E)"
        )
    if sparse:
        raise NotImplementedError(
            f"sparse gradients do not hold numbers of {cls.algebra}; use sparse=False"
        )
    if max_norm is not None:
        _shorten(weight, index, max_norm, norm_type)
    return weight.flatten(1)


def _numbers(cls: TensorType, rows: Tensor, weight: Tensor) -> Tensor:
    return wrap(cls, rows.unflatten(-1, weight.shape[1:]))


def _shorten(weight: Tensor, index: Tensor, max_norm: float, norm_type: float) -> None:
    """Bring rows whose moduli have a norm above `max_norm` to it, in place, as torch does."""
    with torch.no_grad():
        places = index.flatten()
        rows = weight[places]
        length = torch.linalg.vector_norm(functional.norm(rows), norm_type, -1)
        factor = torch.where(length > max_norm, max_norm / (length + 1e-7), 1.0)
        alias(weight)[places] = rows * factor[:, None, None]


def _real_factors(cls: TensorType, factors: Tensor | None) -> Tensor | None:
    if is_typed(factors):
        raise NotImplementedError(
            f"`per_sample_weights` must be real: on which side numbers of {cls.algebra} would "
            "stand is not said; multiply rows by them, and sum"
        )
    return factors


def _check_offsets(offsets: Tensor | None) -> None:
    """Bags begin one after the other: torch does not look, and reads beyond its rows."""
    if offsets is None or not can_be_read(offsets):
        return
    starts = offsets.flatten().tolist()
    if any(a > b for a, b in pairwise(starts)):
        raise ValueError(f"`offsets` (={starts}) must never fall: bags begin one after the other")


def _refuse_max(cls: TensorType) -> None:
    raise NotImplementedError(
        f"`mode` 'max' is refused: numbers of {cls.algebra} have no order; use 'sum' or 'mean'"
    )
