"""How single numbers multiply fast and turn vectors, derived from the constants and exact.

A plan is data, or None where there is none; it is derived once for each map or algebra.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement, groupby
from itertools import product as cartesian
from typing import NamedTuple

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import Bilinear, plain
from hypercomplex.algebra.sparse import Sparse, Table, added, sparse_table, times
from hypercomplex.algebra.tables import Coefficient, Product

__all__ = ["PairPlan", "PairTerm", "cross_product", "pair_plan"]


class PairTerm(NamedTuple):
    """`c z_p w_q`, where either factor may be conjugated."""

    p: int
    q: int
    conjugate_p: bool
    conjugate_q: bool
    c: Coefficient


PairPlan = tuple[tuple[PairTerm, ...], ...]


@lru_cache(256)
def pair_plan(product: Bilinear) -> PairPlan | None:
    r"""The product in complex numbers $z_p = x_{2p} + i\,x_{2p+1}$, the terms of each result.

    A real bilinear map of two complex numbers is $\alpha zw + \beta z\bar w + \gamma \bar zw +
    \delta \bar z\bar w$ with unique complex coefficients, so the plan can be read off. It is used
    where it saves work: every pair of factors gives a single term, with a real coefficient, as in
    the algebras that double the complex numbers by the Cayley–Dickson construction.

    Example:
        >>> for terms in pair_plan(hc.QUATERNION.product):  # z₀w₀ - z₁w̄₁ and z₀w₁ + z₁w̄₀
        ...     print([tuple(term) for term in terms])
        [(0, 0, False, False, 1), (1, 1, False, True, -1)]
        [(0, 1, False, False, 1), (1, 0, False, True, 1)]
        >>> pair_plan(hc.clifford(2).product) is None
        True
    """
    if len(set(product.shape)) > 1 or product.shape[0] % 2 or not product.constants:
        return None
    half = product.shape[0] // 2
    plan: list[list[PairTerm]] = [[] for _ in range(half)]
    for p, rows in groupby(product.constants, lambda constant: constant[0] // 2):
        for (q, r), block in sorted(_blocks(rows).items()):
            terms = _complex_terms(block)
            if len(terms) != 1 or terms[0][3] != 0:
                return None  # as most algebras show at once
            conjugate_p, conjugate_q, real, _ = terms[0]
            plan[r].append(PairTerm(p, q, conjugate_p, conjugate_q, real))
    if sum(map(len, plan)) > half * half or not all(plan):
        return None
    return tuple(map(tuple, plan))


@lru_cache(256)
def cross_product(algebra: Algebra) -> Bilinear | None:
    r"""The map $u \times v = (uv - vu)/2$ of imaginary parts, if the sandwich is
    $q v \bar q = N(q)\, v + 2\,(w\,t + u \times t)$ for $q = w + u$ and $t = u \times v$.

    So it is in the alternative algebras with a real norm. The identity is linear in $v$ and, the
    parts in $w$ being plain, has to be decided for imaginary $q$ only, where it is quadratic: on
    the sums of two units.

    Example:
        >>> cross_product(hc.QUATERNION).terms
        (((1, 2, 1), (2, 1, -1)), ((0, 2, -1), (2, 0, 1)), ((0, 1, 1), (1, 0, -1)))
    """
    n, table = algebra.dimension, sparse_table(algebra)
    if not algebra.has_real_norm or algebra.conjugation != (1, *[-1] * (n - 1)):
        return None
    for i, j in combinations_with_replacement(range(1, n), 2):
        u: Sparse = dict(Counter((i, j)))
        size = algebra.norm([u.get(m, 0) for m in range(n)])
        for k in range(1, n):
            if _sandwich_defect(table, u, k, size):
                return None
    units = range(1, n)
    return algebra.commutator.scaled(out=[Fraction(1, 2)] * n).between(units, units, units)


Block = dict[tuple[int, int], list[Coefficient]]


def _blocks(constants: Iterable[Product]) -> dict[tuple[int, int], Block]:
    """Constants of one p in pairs: `(q, r)` → the halves `(a, b)` of the factors → both halves of
    r.
    """
    blocks: dict[tuple[int, int], Block] = {}
    for i, j, k, c in constants:
        block = blocks.setdefault((j // 2, k // 2), {})
        block.setdefault((i % 2, j % 2), [0, 0])[k % 2] = c
    return blocks


def _complex_terms(block: Block) -> list[tuple[bool, bool, Coefficient, Coefficient]]:
    """The nonzero coefficients of zw, zw̄, z̄w and z̄w̄, from z₁ = (z - z̄)/2i and z₀ = (z + z̄)/2."""
    found = []
    for conjugate_p, conjugate_q in cartesian((False, True), repeat=2):
        real: Coefficient = 0
        imaginary: Coefficient = 0
        for (a, b), (x, y) in block.items():
            power = a * (1 if conjugate_p else 3) + b * (1 if conjugate_q else 3)
            turned = ((x, y), (-y, x), (-x, -y), (y, -x))[power % 4]  # times that power of i
            real, imaginary = real + turned[0], imaginary + turned[1]
        if real or imaginary:
            quarters = plain(Fraction(real) / 4), plain(Fraction(imaginary) / 4)
            found.append((conjugate_p, conjugate_q, *quarters))
    return found


def _sandwich_defect(table: Table, u: Sparse, k: int, size: Coefficient) -> bool:
    """Whether -(u v) u differs from N(u) v + (u s - s u)/2 for s = u v - v u, v the k-th unit."""
    v: Sparse = {k: 1}
    uv, vu = times(table, u, v), times(table, v, u)
    s = added(uv, vu, -1)
    total = added(times(table, u, s), times(table, s, u), -1)
    total = added(added(total, v, 2 * size), times(table, uv, u), 2)
    return any(total.values())
