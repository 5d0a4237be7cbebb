"""Parts of algebras: subalgebras."""

from __future__ import annotations

from collections.abc import Sequence

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.conjugations import conjugates, conjugation
from hypercomplex.algebra.laws import inheriting

__all__ = ["spanned_by_units"]


def spanned_by_units(algebra: Algebra, places: Sequence[int], name: str) -> Algebra:
    """The subalgebra of which these units are a basis; products stay in it, and conjugates where it
    has a conjugation.
    """
    index = {place: m for m, place in enumerate(places)}
    images = conjugates(algebra)
    if images is not None:
        closed = all(k in index for place in places for k in images[place])
        images = [{index[k]: c for k, c in images[p].items()} for p in places] if closed else None
    made = Algebra(
        tuple(algebra.units[place] for place in places),
        tuple(
            (index[i], index[j], index[k], c)
            for i, j, k, c in algebra.products
            if i in index and j in index
        ),
        conjugation(images),
        name,
    )
    return inheriting(made, [algebra], "commutative", "associative", "alternative")
