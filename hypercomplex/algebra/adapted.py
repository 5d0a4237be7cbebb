r"""An algebra in the basis in which formulas are written: it begins with 1, and conjugation changes
signs.

Every number is $\operatorname{Re} x$ and a rest, and the rest is half a sum of $v + \bar v$ and
$v - \bar v$, which conjugation keeps and turns round. So such a basis is found over the rationals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from hypercomplex.algebra import forms, involution, linear
from hypercomplex.algebra.matrices import Matrix, primitive, unit
from hypercomplex.algebra.tables import Coefficient

if TYPE_CHECKING:
    from hypercomplex.algebra.algebra import Algebra

__all__ = ["Adapted", "adapted"]

Row = linear.Row


class Adapted(NamedTuple):
    """The algebra in its adapted basis, and the way there and back."""

    algebra: Algebra
    """The algebra in the basis that begins with 1; its conjugation, if any, is made of signs."""
    basis: Matrix
    """Each of its basis elements, as coefficients in the given basis."""
    images: Matrix
    """Each given basis element, as coefficients in the adapted basis."""


def adapted(algebra: Algebra) -> Adapted:
    """The adapted basis of an algebra with a unit.

    Example:
        >>> w = ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, -1), (1, 1, 1, -1))
        >>> conjugation = ((1, 0), (-1, -1))
        >>> A = adapted(hc.Algebra(("1", "w"), w, conjugation, "R[w]/(w² + w + 1)"))
        >>> A.basis, A.images
        (((1, 0), (1, 2)), ((1, 0), (Fraction(-1, 2), Fraction(1, 2))))
        >>> print(A.algebra.table())  # v = 1 + 2w
          │ 1  v
        ──┼─────
        1 │ 1  v
        v │ v -3
    """
    from hypercomplex.algebra.laws import rewriting  # which needs numpy: keep import light

    n = algebra.dimension
    one = forms.one(algebra, "an adapted basis")
    if algebra.is_adapted:
        identity = tuple(unit(i, n) for i in range(n))
        return Adapted(algebra, identity, identity)
    basis, signs = _basis(algebra, linear.sparse_row(one))
    images = linear.inverse(basis)
    assert images is not None
    name = f"{algebra.name} in an adapted basis"
    product = algebra.product.composed(left=basis, right=basis, out=images).named(name)
    others = ("v",) if n == 2 else tuple(f"v{i}" for i in range(1, n))
    conjugation = None if algebra.conjugation is None else signs
    made = type(algebra)._trusted(("1", *others), product, conjugation)
    return Adapted(
        rewriting(made, algebra), *(tuple(_row(x, n) for x in rows) for rows in (basis, images))
    )


def _basis(algebra: Algebra, one: Row) -> tuple[list[Row], tuple[int, ...]]:
    """1, and independent numbers without real part that conjugation keeps or turns round."""
    basis, signs, space = [one], [1], linear.Echelon([one])
    for v, sign in _candidates(algebra, one):
        if len(basis) < algebra.dimension and space.add(v):
            basis.append(linear.sparse_row(primitive(_row(v, algebra.dimension))[0]))
            signs.append(sign)
    return basis, tuple(signs)


def _candidates(algebra: Algebra, one: Row) -> Iterator[tuple[Row, int]]:
    """Numbers without real part that span all of them, each with the sign that it is turned by."""
    conjugates = involution.images(algebra.conjugation or (1,) * algebra.dimension)
    for i, real in enumerate(algebra.real_form):
        v = linear.row_times({0: 1, 1: -real}, [{i: 1}, one])
        if algebra.conjugation is None:
            yield v, 1
        else:
            turned = linear.row_times(v, conjugates)
            for sign in (1, -1):
                yield linear.row_times({0: 1, 1: sign}, [v, turned]), sign


def _row(x: Row, n: int) -> tuple[Coefficient, ...]:
    return tuple(x.get(k, 0) for k in range(n))
