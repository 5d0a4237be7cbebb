"""The components of some blades, taken out of multivectors and put back."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.lowering.constants import constant

__all__ = ["Which", "placed", "taken"]

Which = tuple[str | tuple[int, ...], ...]
"""Blades by their names, or all of some grades in the order of the basis; one after the other."""


def placed(values: Tensor, which: Which, algebra: Algebra) -> Tensor:
    """Multivectors with these components of these blades, and no others."""
    zeros = values.new_zeros(*values.shape[:-1], algebra.dimension)
    return zeros.index_copy(-1, _indices(values, which, algebra), values)


def taken(x: Tensor, which: Which, algebra: Algebra) -> Tensor:
    """The components of these blades."""
    return x.index_select(-1, _indices(x, which, algebra))


def _indices(x: Tensor, which: Which, algebra: Algebra) -> Tensor:
    return constant(_places, algebra, x.new_empty((), dtype=torch.int64), which)


def _places(algebra: Algebra, which: Which) -> list[int]:
    found: list[int] = []
    for each in which:
        if isinstance(each, str):
            found.append(algebra.units.index(each))
        else:
            found.extend(algebra.blades.places(each))
    return found
