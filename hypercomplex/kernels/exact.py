r"""Sums of products of floating-point numbers, right even where they cancel.

Of two floating-point numbers the rounding error of their sum and of their product is one itself,
so nothing need be lost: sums of products are kept as several numbers until the large ones have
cancelled. All of this is constant for derivatives, and holds under every transform.

Source:
    T. J. Dekker, *A floating-point technique for extending the available precision*, 1971;
    T. Ogita, S. M. Rump, S. Oishi, *Accurate sum and dot product*, 2005 (`SumK`);
    S. M. Rump, *Error estimation of floating-point summation and dot product*, 2012 (the unit in
    the first place).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from math import ceil, lcm, log2
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Coefficient
from hypercomplex.host.effects import note
from hypercomplex.host.mode import is_compiling, is_exporting

__all__ = ["power_of_two", "quadratic_form", "residual"]


def quadratic_form(
    x: Tensor, form: Sequence[tuple[int, int, Coefficient]], folds: int = 4
) -> Tensor:
    """`Σ c x_i x_j` over the `(i, j, c)` of the form, as if computed with `folds` times the digits
    and rounded once: with four, what is 0 is 0 exactly.
    """
    denominator = lcm(*(Fraction(c).denominator for _, _, c in form))
    left, right, factors = zip(*((i, j, int(c * denominator)) for i, j, c in form), strict=True)
    function = _quadratic_form_op if _may_call_ours() else _quadratic_form
    return function(x.detach(), left, right, factors, folds) / denominator


def residual(matrix: Tensor, x: Tensor, b: Tensor) -> Tensor:
    """`b − A x` in twice the digits."""
    function = _residual_op if _may_call_ours() else _residual
    return function(matrix.detach(), x.detach(), b)


def _may_call_ours() -> bool:
    """Whether code is compiled for this process, which knows our operators."""
    return is_compiling() and not is_exporting()


def _quadratic_form(
    x: Tensor, left: Sequence[int], right: Sequence[int], factors: Sequence[int], folds: int
) -> Tensor:
    parts, pieces = x.unbind(-1), []
    for i, j, c in zip(left, right, factors, strict=True):
        pieces += _scaled(_product(parts[i], parts[j]), c)
    return _sum(pieces, folds)


def _residual(matrix: Tensor, x: Tensor, b: Tensor) -> Tensor:
    high, low = _product(matrix, x.unsqueeze(-2).expand_as(matrix))
    return _sum([b, *(-high).unbind(-1), *(-low).unbind(-1)], 2)


# The compiler would write out each of these many times over, and might round where it must not.
note(
    "torch.ops.hypercomplex",
    "a namespace of our own",
    "exact sums and recurrent layers in compiled code",
)


@torch.library.custom_op("hypercomplex::quadratic_form", mutates_args=())
def _quadratic_form_op(
    x: Tensor, left: Sequence[int], right: Sequence[int], factors: Sequence[int], folds: int
) -> Tensor:
    return _quadratic_form(x, left, right, factors, folds)


@_quadratic_form_op.register_fake
def _(x: Tensor, *_: Any) -> Tensor:
    return x.new_empty(x.shape[:-1])


@_quadratic_form_op.register_vmap
def _(info: Any, dims: Any, x: Tensor, *form: Any) -> tuple[Tensor, int]:
    return _quadratic_form_op(x.movedim(dims[0], 0), *form), 0


@torch.library.custom_op("hypercomplex::residual", mutates_args=())
def _residual_op(matrix: Tensor, x: Tensor, b: Tensor) -> Tensor:
    return _residual(matrix, x, b)


@_residual_op.register_fake
def _(matrix: Tensor, x: Tensor, b: Tensor) -> Tensor:
    return torch.empty_like(b)


@_residual_op.register_vmap
def _(info: Any, dims: Any, *tensors: Tensor) -> tuple[Tensor, int]:
    batched = [
        x.expand(info.batch_size, *x.shape) if dim is None else x.movedim(dim, 0)
        for x, dim in zip(tensors, dims, strict=True)
    ]
    return _residual_op(*batched), 0


def power_of_two(x: Tensor) -> Tensor:
    """The largest power of two that is not above a positive number; dividing by it is exact."""
    eps = torch.finfo(x.dtype).eps
    large = x > 1
    q = torch.where(large, x * (eps / 4), x) * (1 / eps + 1)
    power = (q - q * (1 - eps / 2)).abs()
    return torch.where(large, power * (4 / eps), power)


def _product(x: Tensor, y: Tensor) -> list[Tensor]:
    """`x y` as a number and its rounding error."""
    (a, b), (c, d), p = _halves(x), _halves(y), x * y
    return [p, b * d - (((p - a * c) - b * c) - a * d)]


def _halves(x: Tensor) -> tuple[Tensor, Tensor]:
    """A number as two of half the digits."""
    t = x * (2.0 ** ceil(-log2(torch.finfo(x.dtype).eps / 2) / 2) + 1)
    high = t - (t - x)
    return high, x - high


def _scaled(pieces: list[Tensor], factor: int) -> list[Tensor]:
    if abs(factor).bit_count() == 1:
        return [x * float(factor) for x in pieces]
    return [y for x in pieces for y in _product(x, torch.full_like(x, float(factor)))]


def _sum(parts: list[Tensor], folds: int) -> Tensor:
    for _ in range(folds - 1):
        rest, total = [], parts[0]
        for x in parts[1:]:
            s = total + x
            t = s - total
            rest.append((total - (s - t)) + (x - t))
            total = s
        parts = [*rest, total]
    return reduce(torch.add, parts)
