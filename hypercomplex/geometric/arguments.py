"""What functions of multivectors read off the algebra, and ask of their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.blades import Blades
from hypercomplex.door.signatures import Amounts, refusal
from hypercomplex.functional.arguments import check_components, check_factors, check_floating
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering.constants import constant, derived

__all__ = ["blades_of", "chosen", "multiplied", "signed"]


def blades_of(algebra: Algebra) -> Blades:
    """The grades of the algebra, also for code that is compiled.

    Raises:
        ValueError: if it has none.
    """
    blades: Blades = derived(algebra, "blades")
    return blades


def chosen(k: Amounts) -> tuple[int, ...]:
    """One grade, or several."""
    grades = tuple(k) if isinstance(k, Sequence) else (k,)
    for grade in grades:
        if not isinstance(grade, int) or isinstance(grade, bool) or grade < 0:
            raise refusal("k", k, Amounts)
    return grades


def multiplied(a: Tensor, b: Tensor, algebra: Algebra, product: str) -> Tensor:
    """The product of that name among those of the blades."""
    map_ = derived(blades_of(algebra), product)
    check_factors(a, b, map_)
    result: Tensor = multiply(a, b, map_)
    return result


def signed(x: Tensor, algebra: Algebra, signs: str) -> Tensor:
    """Each component times its sign, among the signs of that name."""
    derived(blades_of(algebra), signs)
    check_components("x", x, algebra)
    if x.dtype is torch.bool:  # which has no signs
        check_floating("x", x)
    return x * constant(_signs, algebra, x, signs)


def _signs(algebra: Algebra, signs: str) -> Any:
    return getattr(algebra.blades, signs)
