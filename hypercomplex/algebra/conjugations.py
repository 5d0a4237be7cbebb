"""Conjugations of what is made of algebras, as the images of the basis elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.involution import Conjugation, images, is_signs, turns
from hypercomplex.algebra.linear import Row
from hypercomplex.algebra.sparse import dense
from hypercomplex.algebra.tables import Product

__all__ = ["conjugates", "conjugation", "natural"]


def conjugates(algebra: Algebra) -> list[Row] | None:
    """The conjugate of each basis element; None if there is no conjugation that turns products
    round.
    """
    given = algebra.conjugation
    if given is None:
        return None
    if is_signs(given) and not turns(given, algebra.products):
        return None  # the reflection x ↦ 2 Re(x) − x, which is only linear
    return images(given)


def conjugation(images: Sequence[Row] | None) -> Conjugation:
    """What an `Algebra` takes: signs if the conjugates of units are these and their negatives."""
    if images is None:
        return None
    if all(x in ({i: 1}, {i: -1}) for i, x in enumerate(images)):
        return tuple(int(x[i]) for i, x in enumerate(images))
    return tuple(dense(x, len(images)) for x in images)


def natural(products: Iterable[Product], n: int) -> Conjugation:
    """The conjugation that a table has by itself: `(1, −1, …, −1)` or, where products commute,
    `(1, …, 1)`, whichever turns products round first; else None.
    """
    table = tuple(sorted(products))
    begins = {(0, i, i, 1) for i in range(n)} | {(i, 0, i, 1) for i in range(n)} <= {*table}
    for signs in ([(1, *[-1] * (n - 1))] if begins else []) + [(1,) * n]:
        if turns(signs, table):
            return signs
    return None
