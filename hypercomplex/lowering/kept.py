"""What is made of a weight, kept for as long as the weight holds the same bits.

Nothing is trusted but values. PyTorch lets a weight be written in ways that leave no trace: through
`.data`, NumPy, DLPack, memory that another process shares. So each call compares the weight with
the copy that was lowered, which reads it once more, where lowering writes several times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.host.memory import same_bytes
from hypercomplex.host.mode import is_eager, is_ordinary

__all__ = ["Kept"]

Made = dict[tuple[object, ...], Any]


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
        self._last: tuple[Tensor, Made] | None = None

    @staticmethod
    def serves(weight: Tensor) -> bool:
        """Whether anything that is made of the weight now may be kept."""
        return (
            is_eager()
            and weight.is_cpu
            and is_ordinary(weight)
            and not (torch.is_grad_enabled() and weight.requires_grad)
        )

    def of(self, make: Callable[..., Tensor], weight: Tensor, *arguments: object) -> Tensor:
        """`make(weight, *arguments)`, of what can be hashed; nobody may write into it."""
        if not self.serves(weight):
            return make(weight, *arguments)
        last = self._last
        if last is None or not same_bytes(last[0], weight):
            last = self._last = weight.detach().clone(), {}
        copy, made = last
        key = make, *arguments
        if key not in made:
            made[key] = make(copy, *arguments)  # of the copy: another process may write meanwhile
        result: Tensor = made[key]
        return result

    def __reduce__(self) -> tuple[type[Kept], tuple[()]]:
        return Kept, ()
