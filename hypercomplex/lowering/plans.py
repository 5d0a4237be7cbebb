"""How single numbers multiply fast, derived from the table and exact.

A plan is data, or None where an algebra has none; it is derived once for each algebra.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement, product
from typing import NamedTuple

from hypercomplex.algebra import Algebra, Coefficient
from hypercomplex.lowering.constants import known_when_traced

__all__ = ["CommutatorPlan", "PairTerm", "Term", "commutator_plan", "pair_plan"]


class PairTerm(NamedTuple):
    """`c z_p w_q`, where either factor may be conjugated."""

    p: int
    q: int
    conjugate_p: bool
    conjugate_q: bool
    c: Coefficient


PairPlan = tuple[tuple[PairTerm, ...], ...]
Term = tuple[int, int, Coefficient]
CommutatorPlan = tuple[tuple[Term, ...], ...]


@known_when_traced
def pair_plan(algebra: Algebra) -> PairPlan | None:
    r"""The product in complex numbers $z_p = x_{2p} + i\,x_{2p+1}$, the terms of each result.

    A real bilinear map of two complex numbers is $\alpha zw + \beta z\bar w + \gamma \bar zw +
    \delta \bar z\bar w$ with unique complex coefficients, so the plan can be read off. It is used
    where it saves work: every pair of factors gives a single term, with a real coefficient, as in
    the algebras that double the complex numbers by the Cayley–Dickson construction.

    Example:
        >>> for terms in pair_plan(hc.QUATERNION):  # z₀w₀ - z₁w̄₁ and z₀w₁ + z₁w̄₀
        ...     print([tuple(term) for term in terms])
        [(0, 0, False, False, 1), (1, 1, False, True, -1)]
        [(0, 1, False, False, 1), (1, 0, False, True, 1)]
        >>> pair_plan(hc.clifford(2)) is None
        True
    """
    return _pair_plan(algebra)


@known_when_traced
def commutator_plan(algebra: Algebra) -> CommutatorPlan | None:
    r"""The bilinear map $u \times v = (uv - vu)/2$ of imaginary parts, the terms of each component,
    if the sandwich is $q v \bar q = N(q)\, v + 2\,(w\,t + u \times t)$ for $q = w + u$ and
    $t = u \times v$.

    So it is in the alternative algebras with a real norm. The identity is linear in $v$ and, the
    parts in $w$ being plain, has to be decided for imaginary $q$ only, where it is quadratic: on
    the sums of two units.

    Example:
        >>> commutator_plan(hc.QUATERNION)
        (((1, 2, 1), (2, 1, -1)), ((0, 2, -1), (2, 0, 1)), ((0, 1, 1), (1, 0, -1)))
    """
    return _commutator_plan(algebra)


@lru_cache(256)
def _pair_plan(algebra: Algebra) -> PairPlan | None:
    half, odd = divmod(algebra.dimension, 2)
    blocks = _blocks(algebra)
    if odd or len(blocks) > half * half:
        return None
    plan: list[list[PairTerm]] = [[] for _ in range(half)]
    for (p, q, r), block in sorted(blocks.items()):
        terms = _complex_terms(block)
        if len(terms) != 1 or terms[0][3] != 0:
            return None
        conjugate_p, conjugate_q, real, _ = terms[0]
        plan[r].append(PairTerm(p, q, conjugate_p, conjugate_q, real))
    return tuple(map(tuple, plan))


Block = dict[tuple[int, int], list[Coefficient]]


def _blocks(algebra: Algebra) -> dict[tuple[int, int, int], Block]:
    """The table in pairs: `(p, q, r)` → the halves `(a, b)` of the factors → both halves of r."""
    blocks: dict[tuple[int, int, int], Block] = {}
    for i, j, k, c in algebra.products:
        block = blocks.setdefault((i // 2, j // 2, k // 2), {})
        block.setdefault((i % 2, j % 2), [0, 0])[k % 2] = c
    return blocks


def _complex_terms(block: Block) -> list[tuple[bool, bool, Coefficient, Coefficient]]:
    """The nonzero coefficients of zw, zw̄, z̄w and z̄w̄, from z₁ = (z - z̄)/2i and z₀ = (z + z̄)/2."""
    found = []
    for conjugate_p, conjugate_q in product((False, True), repeat=2):
        real, imaginary = Fraction(0), Fraction(0)
        for (a, b), (x, y) in block.items():
            power = a * (1 if conjugate_p else 3) + b * (1 if conjugate_q else 3)
            turned = ((x, y), (-y, x), (-x, -y), (y, -x))[power % 4]  # times that power of i
            real, imaginary = real + turned[0], imaginary + turned[1]
        if real or imaginary:
            found.append((conjugate_p, conjugate_q, _over(real, 4), _over(imaginary, 4)))
    return found


Sparse = dict[int, Coefficient]


@lru_cache(256)
def _commutator_plan(algebra: Algebra) -> CommutatorPlan | None:
    n, table = algebra.dimension, _rows(algebra)
    if not algebra.has_real_norm or algebra.conjugation != (1, *[-1] * (n - 1)):
        return None
    for i, j in combinations_with_replacement(range(1, n), 2):
        u: Sparse = dict(Counter((i, j)))
        size = algebra.norm([u.get(m, 0) for m in range(n)])
        for k in range(1, n):
            if _sandwich_defect(table, u, k, size):
                return None
    halves = [
        [(i - 1, j - 1, _over(c - table[j, i].get(k, 0), 2)) for i, j, c in row if i and j]
        for k, row in enumerate(algebra.terms)
    ]
    return tuple(tuple(term for term in row if term[2]) for row in halves[1:])


def _sandwich_defect(
    table: dict[tuple[int, int], Sparse], u: Sparse, k: int, size: Coefficient
) -> bool:
    """Whether -(u v) u differs from N(u) v + (u s - s u)/2 for s = u v - v u, v the k-th unit."""
    v: Sparse = {k: 1}
    uv, vu = _times(table, u, v), _times(table, v, u)
    s = _sum(uv, vu, -1)
    total = _sum(_times(table, u, s), _times(table, s, u), -1)
    total = _sum(_sum(total, v, 2 * size), _times(table, uv, u), 2)
    return any(total.values())


def _rows(algebra: Algebra) -> dict[tuple[int, int], Sparse]:
    n = algebra.dimension
    rows: dict[tuple[int, int], Sparse] = {(i, j): {} for i in range(n) for j in range(n)}
    for i, j, k, c in algebra.products:
        rows[i, j][k] = c
    return rows


def _times(table: dict[tuple[int, int], Sparse], x: Sparse, y: Sparse) -> Sparse:
    out: Sparse = {}
    for i, a in x.items():
        for j, b in y.items():
            out = _sum(out, table[i, j], a * b)
    return out


def _sum(x: Sparse, y: Sparse, factor: Coefficient) -> Sparse:
    return {k: x.get(k, 0) + factor * y.get(k, 0) for k in {**x, **y}}


def _over(c: Coefficient, divisor: int) -> Coefficient:
    quotient = Fraction(c) / divisor
    return quotient.numerator if quotient.denominator == 1 else quotient
