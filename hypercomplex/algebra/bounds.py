"""How many products any scheme of an algebra must have, as far as theorems say."""

from __future__ import annotations

from itertools import product as cartesian

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import Bilinear
from hypercomplex.algebra.fewest import part
from hypercomplex.algebra.gradings import factors, grading, unital
from hypercomplex.algebra.stored import stored

__all__ = ["at_least"]


def at_least(algebra: Algebra) -> tuple[int, str]:
    """A number of products that no scheme of an algebra goes below, and why.

    Example:
        >>> at_least(hc.QUATERNION)
        (8, 'T. D. Howell and J.-C. Lafon 1975, H. F. de Groote 1975')
        >>> at_least(hc.clifford(3, 0, 1))[0]  # 2 · 16 - 1
        31

    Source:
        A. Alder, V. Strassen, *On the algorithmic complexity of associative algebras*, 1981.
    """
    n = algebra.dimension
    for each in stored():
        if each.scheme.map == algebra.product:
            return each.at_least, each.why
    if algebra.is_associative and (ideals := _maximal_ideals(algebra.product)):
        ending = "" if ideals == 1 else "s"
        return 2 * n - ideals, f"Alder and Strassen, with {ideals} maximal ideal{ending}"
    return n, "as many as components"


def _maximal_ideals(product: Bilinear) -> int | None:
    """The number of maximal ideals of an associative algebra, None if it is not found.

    All of them hold the basis elements with the square 0, where these are an ideal, which is
    nilpotent then. Of the factors of the rest ℝ ⊕ ℝ has two, and the others have one.
    """
    graded = grading(product)
    if graded is None:
        return None
    c, n = graded.constants, len(graded.out)
    rest = [bool(c[u][u]) for u in range(n)]
    pairs = ((u, v) for u, v in cartesian(range(n), repeat=2) if c[u][v])
    if any(rest[u ^ v] != (rest[u] and rest[v]) for u, v in pairs):
        return None
    left, right, out = (
        [side[w] for w in range(n) if rest[w]] for side in (graded.left, graded.right, graded.out)
    )
    semisimple = grading(part(product, (left, right, out)))
    scaled = unital(semisimple.constants) if semisimple is not None else None
    if scaled is None:
        return None
    return 2 ** sum(factor.name == "split_complex" for factor in factors(scaled.signs))
