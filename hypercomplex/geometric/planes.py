r"""The planes of a bivector: the simple parts that commute, of four and five generators."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra.rotors import Rotors
from hypercomplex.geometric.study import Study, square_of_bivector
from hypercomplex.kernels.product import multiply

__all__ = ["decomposed"]

_EQUAL = 1e-6  # a difference of the squares, over them, from where on a vector tells the planes
_NONE = 1e-12  # from where on nothing but rounding does
_SIMPLE = 1e-3  # how large what is 0 in a decomposition may be


def decomposed(b: Tensor, rotors: Rotors) -> tuple[Tensor, Tensor]:
    r"""Both parts of a bivector, the one with the larger square first; NaN where there are none."""
    square = square_of_bivector(b, rotors)
    S, omega = square.a, square.w_squared
    gap = S.square() - omega
    equal = gap.detach() <= _EQUAL * S.detach().square()
    root = torch.where(gap > 0, gap.masked_fill(gap <= 0, 1).sqrt(), 0)
    root = torch.where(S < 0, -root, root)
    large = (S + root) / 2
    small = omega / (4 * large.masked_fill(large == 0, 1))
    turned = Study(torch.zeros_like(S), square.w / 2, rotors).on(b)
    first, second = large * b - turned, turned - small * b
    alone = torch.where(S == 0, b, _spanned(first, b, rotors))
    root = root.masked_fill(equal, 1)
    one = torch.where(equal, alone, first / root)
    two = torch.where(equal, b - alone, second / root)
    wrong = _are_none(one.detach(), two.detach(), rotors)
    return one.masked_fill(wrong, torch.nan), two.masked_fill(wrong, torch.nan)


def _spanned(first: Tensor, b: Tensor, rotors: Rotors) -> Tensor:
    r"""The plane of a vector v and its image, $v \wedge (v \cdot B) / v^2$, with v in the first
    plane as far as that is known, else in any.
    """
    near = _size(first) <= _NONE * _size(b) ** 3
    v = torch.where(near, b, first).detach()
    units = torch.eye(rotors.blades.generators, dtype=b.dtype, device=b.device)
    rows = multiply(units, v.unsqueeze(-2), rotors.contraction)
    squares = multiply(rows, rows, rotors.square_of_one)
    most = squares.abs().argmax(-2, keepdim=True)
    v = rows.take_along_dim(most, -2).squeeze(-2)
    square = squares.take_along_dim(most, -2).squeeze(-2)
    plane: Tensor = multiply(v, multiply(v, b, rotors.contraction), rotors.span)
    return plane / square.masked_fill(square == 0, 1)


def _are_none(one: Tensor, two: Tensor, rotors: Rotors) -> Tensor:
    """Whether the parts are not simple, or do not commute."""
    fours = (square_of_bivector(part, rotors).w for part in (one, two))
    wrong = (
        torch.cat([*fours, multiply(one, two, rotors.commutator)], -1).abs().amax(-1, keepdim=True)
    )
    return wrong > _SIMPLE * _size(one + two) ** 2


def _size(x: Tensor) -> Tensor:
    return x.detach().abs().amax(-1, keepdim=True)
