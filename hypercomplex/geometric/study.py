r"""Study numbers, $a + W$ with a 4-vector $W$ of real square: what is even in a bivector.

They are multiplied as numbers of two components are, for all that stand in one formula are made of
one $W$. Where there are fewer than four generators, they are real.

Source:
    M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, Advances in Applied
    Clifford Algebras 33, 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from hypercomplex.algebra.rotors import Rotors
from hypercomplex.kernels.product import multiply

__all__ = ["Study", "series_of_study", "square_of_bivector"]


class Study(NamedTuple):
    """A Study number: columns `(…, 1)` and the components `(…, m)` of the 4-vector."""

    a: Tensor
    w: Tensor
    rotors: Rotors

    @property
    def w_squared(self) -> Tensor:
        """`W²`, as a column."""
        return self._form(self.w, self.w)

    def _form(self, v: Tensor, w: Tensor) -> Tensor:
        if not self.rotors.has_double_planes:
            return torch.zeros_like(self.a)
        square: Tensor = multiply(v, w, self.rotors.square_of_four)
        return square

    def scaled(self, c: float) -> Study:
        """`c` times the number."""
        return Study(c * self.a, c * self.w, self.rotors)

    def plus(self, other: Study, c: float = 1.0) -> Study:
        """The sum with `c` times another one."""
        return Study(self.a + c * other.a, self.w + c * other.w, self.rotors)

    def times(self, other: Study) -> Study:
        """The product."""
        a = self.a * other.a + self._form(self.w, other.w)
        return Study(a, self.a * other.w + other.a * self.w, self.rotors)

    def inverse(self) -> Study:
        """`(a − W) / (a² − W²)`."""
        norm = self.a.square() - self.w_squared
        return Study(self.a / norm, -self.w / norm, self.rotors)

    def sqrt(self) -> Study:
        """The principal root `u + W / 2u`, `2u² = a + √(a² − W²)`; NaN where there is none."""
        square, left = self.w_squared, self.a < 0
        norm = (self.a.square() - square).sqrt()
        gap = (norm - self.a).masked_fill(~left, 1)  # of which the sum is the other factor
        u = (torch.where(left, -square / gap, self.a + norm) / 2).sqrt()
        return Study(u, self.w / (2 * u), self.rotors)

    def on(self, b: Tensor) -> Tensor:
        """The bivector that this number makes of one with which it commutes."""
        if not self.rotors.fours:
            return self.a * b
        turned: Tensor = multiply(self.w, b, self.rotors.turn)
        return self.a * b + turned

    def where(self, condition: Tensor, other: Study) -> Study:
        """This number where that is true, else the other one."""
        a = torch.where(condition, self.a, other.a)
        return Study(a, torch.where(condition, self.w, other.w), self.rotors)


def square_of_bivector(b: Tensor, rotors: Rotors) -> Study:
    """`B²` of the components of a bivector."""
    square = multiply(b, b, rotors.square)
    return Study(square[..., :1], square[..., 1:], rotors)


def series_of_study(
    a: Tensor, square: Tensor, coefficients: Sequence[float]
) -> tuple[Tensor, Tensor]:
    """The polynomial with these coefficients of `a + W`, as `f + g W`; `square` is `W²`."""
    f, g = torch.full_like(a, coefficients[-1]), torch.zeros_like(a)
    for c in reversed(coefficients[:-1]):
        f, g = f * a + g * square + c, f + g * a
    return f, g
