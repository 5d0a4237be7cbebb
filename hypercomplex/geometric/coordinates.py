"""Coordinates of space, and rotors as quaternions, with which models of space are written."""

from __future__ import annotations

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import check_floating, check_last
from hypercomplex.geometric.components import placed, taken

__all__ = ["QUATERNION_UNITS", "check_vectors", "turn", "turned"]

QUATERNION_UNITS = ("1", "e23", "e13", "e12")
"""The blades that are 1, −i, j and −k."""


def check_vectors(name: str, v: Tensor) -> None:
    """The last axis holds coordinates of space, real numbers with a point."""
    check_last(name, v, 3, "vectors")
    check_floating(name, v)


def turn(q: Tensor, algebra: Algebra) -> Tensor:
    """The rotor of a quaternion."""
    return placed(q * q.new_tensor([1, -1, 1, -1]), QUATERNION_UNITS, algebra)


def turned(R: Tensor, algebra: Algebra) -> Tensor:
    """The quaternion of a rotor."""
    return taken(R, QUATERNION_UNITS, algebra) * R.new_tensor([1, -1, 1, -1])
