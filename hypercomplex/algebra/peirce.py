r"""What an idempotent makes of an algebra: the spaces on which it multiplies by numbers.

For $e^2 = e$ the algebra is the sum of $A_{\lambda\rho} = \{x : e x = \lambda x,\ x e = \rho x\}$:
with $\lambda, \rho \in \{0, 1\}$ if it is alternative, such as matrices that are cut into four
blocks, and with $\lambda = \rho \in \{0, \tfrac12, 1\}$ in a Jordan algebra.

Source:
    R. D. Schafer, *An Introduction to Nonassociative Algebras*, 1966, chapters III § 2 and IV § 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.linear import Row, krylov, nullspace, row_times, transposed
from hypercomplex.algebra.sparse import added, dense, sparse_table, times
from hypercomplex.algebra.tables import Coefficient

__all__ = ["peirce"]


def peirce(algebra: Algebra, e: Row) -> dict[tuple[Coefficient, Coefficient], list[Row]]:
    """The spaces where `e x = λ x` and `x e = ρ x`, by `(λ, ρ)`; those that are not 0.

    Raises:
        ValueError: if `e` is not idempotent.
        NotImplementedError: if these spaces are not all, with numbers that are fractions.
    """
    table, n = sparse_table(algebra), algebra.dimension
    if times(table, e, e) != e:
        raise ValueError(f"`e` (={algebra.format(dense(e, n))}) must be its own square")
    left = [times(table, e, {i: 1}) for i in range(n)]
    right = [times(table, {i: 1}, e) for i in range(n)]
    found = {
        (a, b): space
        for a in _eigenvalues(left)
        for b in _eigenvalues(right)
        if (space := nullspace([*_minus(left, a), *_minus(right, b)], n))
    }
    if sum(map(len, found.values())) < n:
        raise NotImplementedError(
            f"{algebra.name} is no sum of spaces on which {algebra.format(dense(e, n))} multiplies "
            "by fractions from both sides; `plus` has x ∘ y = (xy + yx) / 2, where sides agree"
        )
    return found


def _minus(images: Sequence[Row], number: Coefficient) -> list[Row]:
    """The matrix of a map minus a number."""
    moved = [added(x, {i: 1}, -number) for i, x in enumerate(images)]
    return transposed(moved, len(images))


def _eigenvalues(images: Sequence[Row]) -> list[Coefficient]:
    """The numbers by which a map multiplies some element, as far as they are fractions."""
    import sympy as sp

    t, found, n = sp.Symbol("t"), set[Coefficient](), len(images)
    for i in range(n):
        _, polynomial = krylov(lambda x: row_times(x, images), n, {i: 1})
        exact = [sp.Rational(c.numerator, c.denominator) for c in polynomial[::-1]]
        roots = sp.Poly(exact, t).ground_roots()
        found |= {plain(Fraction(int(r.p), int(r.q))) for r in roots}
    return sorted(found, reverse=True)
