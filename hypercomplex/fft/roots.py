"""Roots of -1: the number μ that turns in the kernel, from the user or from the algebra.

It is needed as the product with it, J: as the pairs of components that J makes complex numbers,
where it permutes the basis up to signs, and as its real matrix otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import islice
from numbers import Real
from typing import Any, TypeVar

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.sparse import Sparse, sparse_table, times
from hypercomplex.door.calls import is_typed
from hypercomplex.functional import left_matrix, product, right_matrix
from hypercomplex.host.mode import all_digits, can_be_read, is_compiling

__all__ = ["Axis", "Pairs", "is_numeric", "root"]

Axis = Any  # one number μ: a tensor, a typed tensor or a sequence; or None
Pairs = tuple[tuple[int, int], ...]  # (j, k) with μ e_j = e_k: x_j + i x_k is one complex number
R = TypeVar("R")


_MOST_KEPT = 256


def remembered(function: Callable[..., R]) -> Callable[..., R]:
    """Keep results; not while compiling, where `functools.cache` would only bring a warning."""
    known: dict[Any, R] = {}

    @wraps(function)
    def call(*key: Any) -> R:
        if is_compiling():
            return function(*key)
        if key not in known:
            if len(known) >= _MOST_KEPT:
                known.clear()
            known[key] = function(*key)
        return known[key]

    return call


def root(
    axis: Axis, algebra: Algebra, side: str, input: Tensor, default: int = 0
) -> Pairs | Tensor:
    """How μ turns from that side: the pairs of components that it makes complex, or its matrix."""
    if axis is None:
        axis = _default_root(algebra, side, default)
    pairs = _pairs(algebra, side, axis.index(1)) if _is_unit(axis, algebra) else None
    if pairs is not None:
        return pairs
    number = _number(axis, algebra)
    matrix = left_matrix if side == "left" else right_matrix
    if can_be_read(number):
        _check_root(number, algebra, side, matrix)
    working = torch.promote_types(input.dtype, torch.float32)
    with all_digits(input):
        return matrix(number.to(input.device, working), algebra)


def is_numeric(axis: Axis) -> bool:
    """Whether the components are written out, as Python's numbers."""
    return isinstance(axis, (list, tuple)) and all(isinstance(x, Real) for x in axis)


def _is_unit(axis: Axis, algebra: Algebra) -> bool:
    return is_numeric(axis) and sorted(axis) == [0] * (algebra.dimension - 1) + [1]


def _number(axis: Axis, algebra: Algebra) -> Tensor:
    """The components of the number that the user gave."""
    if not hasattr(axis, "__len__") or isinstance(axis, str):
        raise TypeError(
            f"`axis` (={axis!r}) must be a number of {algebra} whose square is -1; the dimension "
            "to transform is `dim`"
        )
    if is_typed(axis):
        if axis.algebra != algebra:
            raise TypeError(
                f"`axis` is a number of {axis.algebra}, but the signal is of {algebra}; give a "
                f"number of {algebra}"
            )
        axis = axis.components
    number = axis if isinstance(axis, Tensor) else torch.tensor(axis, dtype=torch.float64)
    if number.shape != (algebra.dimension,):
        raise ValueError(
            f"`axis` of shape {tuple(number.shape)} must be one number, the "
            f"{algebra.dimension} components of a root of -1 in {algebra}"
        )
    return number


def _check_root(
    number: Tensor, algebra: Algebra, side: str, matrix: Callable[[Tensor, Algebra], Tensor]
) -> None:
    """That the product with the number, applied twice, is -1, up to rounding of its components."""
    mu = number.detach().double()
    turn = matrix(mu, algebra)
    eps = torch.finfo(number.dtype).eps if number.is_floating_point() else 0.0
    tolerance = 16 * eps * float((turn.abs() @ turn.abs()).max())
    minus_one = -torch.eye(len(mu), dtype=mu.dtype, device=mu.device)
    if (turn @ turn - minus_one).abs().max() <= tolerance:
        return
    square = product(mu, mu, algebra)
    if (square - minus_one[0]).abs().max() <= tolerance:
        raise ValueError(
            f"`axis` (={mu.tolist()}) squares to -1, but in {algebra}, which is not alternative, "
            f"multiplying by it twice from the {side} is not multiplying by -1, so its transform "
            "has no inverse; use a unit of the basis"
        )
    raise ValueError(
        f"`axis` (={mu.tolist()}) must square to -1 in {algebra}, but squares to "
        f"{square.tolist()}; divide a pure number by its modulus"
    )


@remembered
def _default_root(algebra: Algebra, side: str, position: int) -> tuple[float, ...]:
    """The unit at a position among those with a negative square, or the first, scaled."""
    n = algebra.dimension
    found = list(islice((i for i in range(1, n) if _depth(algebra, side, i)), position + 1))
    if not found:
        raise ValueError(
            f"`axis`: no unit of {algebra} has a negative square, so there is no default root of "
            "-1; pass one, if the algebra has any"
        )
    unit = found[min(position, len(found) - 1)]
    scale = float(_depth(algebra, side, unit)) ** -0.5
    return tuple(scale if i == unit else 0.0 for i in range(n))


def _depth(algebra: Algebra, side: str, i: int) -> Any:
    """The c > 0 with e_i (e_i x) = -c x for all x, exactly, or None."""
    turn = _turn(algebra, side, i)
    c = -turn({i: 1}).get(0, 0)
    turns = all(turn(turn({j: 1})) == {j: -c} for j in range(algebra.dimension))
    return c if c > 0 and turns else None


@remembered
def _pairs(algebra: Algebra, side: str, i: int) -> Pairs | None:
    """The pairs (j, k) with e_i e_j = e_k and e_i e_k = -e_j, if these are all of the basis."""
    turn = _turn(algebra, side, i)
    images = [turn({j: 1}) for j in range(algebra.dimension)]
    pairs = [(j, k) for j, image in enumerate(images) for k in image if image == {k: 1}]
    turn_back = all(images[k] == {j: -1} for j, k in pairs)
    return tuple(pairs) if turn_back and 2 * len(pairs) == algebra.dimension else None


def _turn(algebra: Algebra, side: str, i: int) -> Callable[[Sparse], Sparse]:
    """The product with the unit e_i from that side."""
    table, unit = sparse_table(algebra), {i: 1}
    if side == "left":
        return lambda x: times(table, unit, x)
    return lambda x: times(table, x, unit)
