"""What values must be: words among choices, counts, probabilities, weights, tolerances."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from hypercomplex.door.signatures import Count, Probability, refusal
from hypercomplex.host.mode import can_be_read


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """A word is among the choices."""
    if value not in choices:
        raise refusal(name, value, Literal[choices])


def check_count(name: str, n: int) -> None:
    """There is one at least."""
    if n < 1:
        raise refusal(name, n, Count)


def check_integer(name: str, n: object) -> None:
    """Not a real number in its place."""
    if not hasattr(n, "__index__"):
        raise refusal(name, n, int)


def check_probability(name: str, p: float) -> None:
    """It lies between 0 and 1."""
    if not 0 <= p <= 1:
        raise refusal(name, p, Probability)


def check_weights(weights: Tensor) -> None:
    """None is negative, where values can be read."""
    if can_be_read(weights) and (weights < 0).any():
        raise ValueError(
            f"`weights` must not be negative, but the smallest is {weights.min().item():g}"
        )


def check_tolerance(tolerance: object) -> None:
    """A tolerance is a real number, or a tensor of them, and not below zero."""
    if isinstance(tolerance, Tensor) or (isinstance(tolerance, (int, float)) and tolerance >= 0):
        return
    raise (ValueError if isinstance(tolerance, (int, float)) else TypeError)(
        f"`tolerance` (={tolerance!r}) must be a real number that is not negative"
    )
