"""Conjugations as maps of the basis, whichever way an algebra says its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.sparse import Sparse, dense

__all__ = ["conjugates", "conjugation"]


def conjugates(algebra: Algebra) -> list[Sparse] | None:
    """The conjugate of each unit; None if the algebra has no conjugation."""
    given: Any = algebra.conjugation
    if given is None:
        return None
    if all(isinstance(s, int) for s in given):
        return [{i: s} for i, s in enumerate(given)]
    return [{k: c for k, c in enumerate(row) if c} for row in given]


def conjugation(images: Sequence[Sparse] | None) -> Any:
    """What an `Algebra` takes: signs if the conjugates of units are these and their negatives."""
    if images is None:
        return None
    if all(x in ({i: 1}, {i: -1}) for i, x in enumerate(images)):
        return tuple(int(x[i]) for i, x in enumerate(images))
    return tuple(dense(x, len(images)) for x in images)
