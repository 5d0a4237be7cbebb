"""Coordinates of space and components of named blades, with which models of space are written."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import check_floating, check_last
from hypercomplex.lowering.constants import constant

__all__ = ["QUATERNION_UNITS", "check_vectors", "placed", "taken", "turn", "turned"]

QUATERNION_UNITS = ("1", "e23", "e13", "e12")
"""The blades that are 1, −i, j and −k."""


def check_vectors(name: str, v: Tensor) -> None:
    """The last axis holds coordinates of space, real numbers with a point."""
    check_last(name, v, 3, "vectors")
    check_floating(name, v)


def placed(values: Tensor, units: tuple[str, ...], algebra: Algebra) -> Tensor:
    """Multivectors with these components of these blades, and no others."""
    zeros = values.new_zeros(*values.shape[:-1], algebra.dimension)
    return zeros.index_copy(-1, _places(values, units, algebra), values)


def taken(x: Tensor, units: tuple[str, ...], algebra: Algebra) -> Tensor:
    """The components of these blades."""
    return x.index_select(-1, _places(x, units, algebra))


def turn(q: Tensor, algebra: Algebra) -> Tensor:
    """The rotor of a quaternion."""
    return placed(q * q.new_tensor([1, -1, 1, -1]), QUATERNION_UNITS, algebra)


def turned(R: Tensor, algebra: Algebra) -> Tensor:
    """The quaternion of a rotor."""
    return taken(R, QUATERNION_UNITS, algebra) * R.new_tensor([1, -1, 1, -1])


def _places(x: Tensor, units: tuple[str, ...], algebra: Algebra) -> Tensor:
    return constant(_indices, algebra, x.new_empty((), dtype=torch.int64), units)


def _indices(algebra: Algebra, units: tuple[str, ...]) -> Any:
    return [algebra.units.index(unit) for unit in units]
