r"""The polynomial that every number of a power-associative algebra satisfies.

With the largest dimension $m$ that the powers of one number span there are forms $c_k(x)$ of
degree k, with

$$x^m = c_1(x)\, x^{m-1} + \dots + c_m(x)\, 1$$

for every x: its generic minimal polynomial. $c_1$ is a linear form, the generic trace, from which
the others follow (`kernels.powers`), and $c_m$ vanishes exactly where x has no inverse among its
own polynomials. Of n × n matrices it is the characteristic polynomial; in a quadratic algebra
$m = 2$ and the trace is $2 \operatorname{Re} x$.

Source:
    N. Jacobson, *Structure and Representations of Jordan Algebras*, 1968, chapter VI.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from hypercomplex.algebra import Algebra, forms
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.linear import sparse_row
from hypercomplex.algebra.sparse import Sparse, Table, sparse_table, times
from hypercomplex.algebra.tables import Coefficient

__all__ = ["degree_and_trace"]

_PRIME = 2**127 - 1


@lru_cache(256)
def degree_and_trace(algebra: Algebra) -> tuple[int, tuple[Coefficient, ...]]:
    """The degree of the generic minimal polynomial, and the generic trace of each basis element.

    They are read from the minimal polynomials of random numbers modulo a prime beyond 10³⁸, where
    a number is special with the chance of a few parts in so many, and fractions are known by their
    residues.

    Example:
        >>> degree_and_trace(hc.clifford(3))[0]  # complex 2 × 2 matrices
        4
        >>> degree_and_trace(hc.QUATERNION)
        (2, (2, 0, 0, 0))
    """
    table = {pair: _residues(row) for pair, row in sparse_table(algebra).items()}
    one = _residues(sparse_row(forms.one(algebra, "a generic polynomial")))
    draw = random.Random(0)
    x = {i: draw.randrange(_PRIME) for i in range(algebra.dimension)}
    degree, trace = _minimal(table, one, x)
    traces: list[Coefficient] = []
    for i in x:
        found, moved = _minimal(table, one, {**x, i: x[i] + 1})
        assert found == degree, "numbers drawn at random are generic"
        traces.append(_fraction(moved - trace))
    return degree, tuple(traces)


def _minimal(table: Table, one: Sparse, x: Sparse) -> tuple[int, int]:
    """The degree of the minimal polynomial of a number, and the sum of its roots."""
    pivots: list[tuple[int, Sparse, dict[int, int]]] = []
    for k, power in enumerate(_powers(table, one, x)):
        row, combined = power, {k: 1}
        for pivot, other, combination in pivots:
            factor = -row.get(pivot, 0)
            row, combined = _added(row, other, factor), _added(combined, combination, factor)
        if not row:
            return k, -combined.get(k - 1, 0)
        pivot = min(row)
        inverse = pow(row[pivot], -1, _PRIME)
        pivots.append((pivot, _added({}, row, inverse), _added({}, combined, inverse)))
    raise AssertionError("powers of a number are dependent in the end")


def _powers(table: Table, power: Sparse, x: Sparse) -> Iterator[Sparse]:
    while True:
        yield power
        power = _residues(times(table, x, power))


def _added(x: Sparse, y: Sparse, factor: int) -> Sparse:
    return _residues({k: x.get(k, 0) + factor * y.get(k, 0) for k in {**x, **y}})


def _residues(x: Sparse) -> Sparse:
    residues = {k: _residue(c) for k, c in x.items()}
    return {k: c for k, c in residues.items() if c}


def _residue(c: Coefficient) -> int:
    whole = c.numerator if c.denominator == 1 else c.numerator * pow(c.denominator, -1, _PRIME)
    return whole % _PRIME


def _fraction(residue: int) -> Coefficient:
    """The fraction of small numerator and denominator with this residue, by Euclid's algorithm."""
    (a, u), (b, v) = (_PRIME, 0), (residue % _PRIME, 1)
    while b * b * 2 > _PRIME:
        a, u, b, v = b, v, a % b, u - a // b * v
    return plain(Fraction(b, v))
