"""What is made of a weight, kept for as long as the weight holds the same bits.

Nothing is trusted but values. PyTorch lets a weight be written in ways that leave no trace: through
`.data`, NumPy, DLPack, memory that another process shares. So each call compares the weight with
the copy that was lowered, which reads it once more, where lowering writes several times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor

from hypercomplex.host.memory import same_bytes
from hypercomplex.host.mode import is_eager, is_ordinary
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear

__all__ = ["Kept", "serving"]

Made = TypeVar("Made")


class Kept:
    """What was last made of a weight, and a copy of that weight.

    It serves plain eager code on a CPU that records no gradient of the weight; anything else makes
    anew what it needs. Copies of it, and those from pickles, are empty.

    Example:
        >>> kept, weight = Kept(), torch.randn(2, 3)
        >>> with torch.no_grad():
        ...     first = kept.of(torch.neg, weight)
        ...     print(kept.of(torch.neg, weight) is first)
        ...     weight.numpy()[0, 0] = 7  # leaves no trace in torch
        ...     print(kept.of(torch.neg, weight)[0, 0])
        True
        tensor(-7.)
    """

    def __init__(self) -> None:
        self._last: tuple[list[Tensor], dict[tuple[object, ...], Any]] | None = None
        self._parts: dict[int, Kept] = {}

    def part(self, index: int) -> Kept:
        """What is kept of one of several weights."""
        return self._parts.setdefault(index, Kept())

    def of(self, make: Callable[..., Made], weight: Tensor, *arguments: object) -> Made:
        """`make(weight, *arguments)`, of what can be hashed; nobody may write into it.

        Learned constants among the arguments are compared as the weight is.
        """
        learned = [x.constants for x in arguments if isinstance(x, LearnedBilinear)]
        given = [weight, *learned]
        if not all(map(_can_be_kept, given)):
            return make(weight, *arguments)
        last = self._last
        if last is None or not _are_same(last[0], given):
            last = self._last = [x.detach().clone() for x in given], {}
        (copy, *constants), made = last  # of copies: another process may write meanwhile
        key = make, *(LearnedBilinear if isinstance(x, LearnedBilinear) else x for x in arguments)
        if key not in made:
            rules = map(LearnedBilinear, constants)
            given_to = [next(rules) if isinstance(x, LearnedBilinear) else x for x in arguments]
            made[key] = make(copy, *given_to)
        result: Made = made[key]
        return result

    def __reduce__(self) -> tuple[type[Kept], tuple[()]]:
        return Kept, ()


def serving(kept: Kept | None, product: AnyBilinear, *weights: Tensor) -> Kept | None:
    """The same where what is made of the weights, and of learned constants, may be kept now."""
    if kept is not None and not isinstance(kept, Kept):
        raise TypeError(f"`kept` (={kept!r}) must be what a frozen layer has, a lowering.Kept")
    learned = [product.constants] if isinstance(product, LearnedBilinear) else []
    return None if kept is None or not all(map(_can_be_kept, [*learned, *weights])) else kept


def _are_same(some: list[Tensor], others: list[Tensor]) -> bool:
    return len(some) == len(others) and all(map(same_bytes, some, others))


def _can_be_kept(weight: Tensor) -> bool:
    return (
        is_eager()
        and weight.is_cpu
        and is_ordinary(weight)
        and not (torch.is_grad_enabled() and weight.requires_grad)
    )
