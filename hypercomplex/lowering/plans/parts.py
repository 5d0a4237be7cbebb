"""A scheme of `algebra.schemes`, as the matrices that plans multiply with."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.algebra.fewest import scheme
from hypercomplex.algebra.matrices import Matrix
from hypercomplex.algebra.schemes import Scheme
from hypercomplex.host.known import known_when_traced
from hypercomplex.lowering.constants import constant
from hypercomplex.lowering.learned import AnyBilinear

__all__ = ["is_precise", "rank_of", "saves", "table"]

_MOST_AMPLIFIED_HALF = 1.5  # of rounding errors, which half precision has none to spare for
_MOST_AMPLIFIED = 2.5


@lru_cache(256)
def _scheme(product: Bilinear, precise: bool) -> Scheme:
    found = scheme(product, _MOST_AMPLIFIED if precise else _MOST_AMPLIFIED_HALF)
    assert found is not None, f"{product} has no scheme"
    return found


def rank_of(product: Bilinear) -> int:
    """How many products there are."""
    return _scheme(product, True).rank


@known_when_traced
def saves(product: Bilinear, precise: bool) -> bool:
    """Whether there is a scheme, and it has fewer products than there are blocks."""
    if not product.constants or scheme(product) is None:
        return False
    _, n, k = product.shape
    return _scheme(product, precise).rank < n * k


def is_precise(dtype: torch.dtype) -> bool:
    """Whether a type has digits to spare."""
    return dtype in (torch.float32, torch.float64)


def table(matrix: Literal["left", "right", "out"], product: AnyBilinear, like: Tensor) -> Tensor:
    """A matrix of the scheme as a tensor."""
    assert isinstance(product, Bilinear)
    return constant(_floats, product, like, matrix, is_precise(like.dtype))


@known_when_traced
def _floats(product: Bilinear, matrix: str, precise: bool) -> tuple[tuple[float, ...], ...]:
    rows: Matrix = getattr(_scheme(product, precise), matrix)
    return tuple(tuple(map(float, row)) for row in rows)
