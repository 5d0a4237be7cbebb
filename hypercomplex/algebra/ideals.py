r"""Ideals: those that elements generate, series of them, and the algebra as a sum of them.

The *centroid* are the linear maps $f$ with $f(xy) = f(x)\,y = x\,f(y)$: multiplications by the
centre where there is a unit, and by what would be the centre where there is none. Where they
commute, their idempotents are the projections to direct summands. An algebra is *simple* if its
products are not all 0 and it has no ideals but 0 and itself; then its centroid is a field. Ideals
are the subspaces that multiplications from both sides keep, for which there is a criterion modulo
primes.

Source:
    N. Jacobson, *Lie Algebras*, 1962, chapter X § 1 (centroid); R. A. Parker, *The computer
    calculation of modular characters*, 1984 (S. P. Norton's criterion).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import lru_cache, partial
from itertools import islice, product
from math import lcm
from typing import Any

import numpy as np

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.laws import decide, known
from hypercomplex.algebra.linear import (
    Echelon,
    Row,
    echelon,
    flat,
    krylov,
    matrix_product,
    nullspace,
    row_times,
    square,
    transposed,
)
from hypercomplex.algebra.parts import generated
from hypercomplex.algebra.sparse import Sparse, Table, dense, sparse_table, times
from hypercomplex.algebra.structure import centre, integers, product_rules, radical, trace_products
from hypercomplex.algebra.wedderburn import factors, idempotents, split_centre

__all__ = ["annihilators", "centroid", "derived_series", "lower_series", "proper", "summands"]

Space = list[Row]
Array = Any  # of residues
_PRIMES = 7, 11, 13, 17, 19, 23, 29, 31
_MOST_TRIALS = 20


# ---------------------------------------------------------------------- series


def lower_series(algebra: Algebra) -> list[Space]:
    """`A`, and each time what products of the last with `A` span, from both sides, until they are
    the last again.
    """
    table = sparse_table(algebra)
    whole = _whole(algebra)
    return _descending(algebra, lambda last: _products(table, [(last, whole), (whole, last)]))


def derived_series(algebra: Algebra) -> list[Space]:
    """`A`, and each time what products in the last span, until they are the last again."""
    table = sparse_table(algebra)
    return _descending(algebra, lambda last: _products(table, [(last, last)]))


def _descending(algebra: Algebra, below: Callable[[Space], Space]) -> list[Space]:
    series = [_whole(algebra)]
    if algebra.unit is not None:
        return series  # x = 1 x
    while len(smaller := below(series[-1])) < len(series[-1]):
        series.append(smaller)
    return series


def _whole(algebra: Algebra) -> Space:
    return [{i: 1} for i in range(algebra.dimension)]


def _products(table: Table, pairs: Iterable[tuple[Space, Space]]) -> Space:
    return echelon(times(table, x, y) for left, right in pairs for x in left for y in right)


def annihilators(algebra: Algebra, space: Space) -> tuple[Space, Space, Space]:
    """The `x` with `x y = 0` for all `y` of a space, those with `y x = 0`, and those with both."""
    table, n = sparse_table(algebra), algebra.dimension
    left, right = list[Row](), list[Row]()
    for y in space:
        left += transposed([times(table, {i: 1}, y) for i in range(n)], n)
        right += transposed([times(table, y, {i: 1}) for i in range(n)], n)
    return nullspace(left, n), nullspace(right, n), nullspace([*left, *right], n)


# ---------------------------------------------------------------------- direct summands


@lru_cache(256)
def centroid(algebra: Algebra) -> list[list[Row]]:
    """The matrices `f` with `f(xy) = f(x) y = x f(y)`: row `i` is the image of `e_i`."""
    n = algebra.dimension
    if algebra.unit is not None:
        table = sparse_table(algebra)
        return [[times(table, z, {i: 1}) for i in range(n)] for z in centre(algebra)]
    equations = product_rules(algebra, [(True, False), (False, True)])
    return [square(row, n) for row in nullspace(equations, n * n)]


def summands(algebra: Algebra) -> list[Space]:
    """The ideals whose direct sum the algebra is, each no sum of others with rational coefficients.

    Raises:
        NotImplementedError: if such ideals can be chosen in many ways.
    """
    table, n = sparse_table(algebra), algebra.dimension
    if algebra.unit is not None:
        return [echelon(times(table, e, {i: 1}) for i in range(n)) for e in idempotents(algebra)]
    maps = _centroid_algebra(algebra)
    if not decide(maps, "commutative"):
        raise NotImplementedError(
            f"{algebra.name} is a sum of ideals in many ways: some elements annihilate all others, "
            "and not all are sums of products"
        )
    return [_image(algebra, e) for e in idempotents(maps)]


def _image(algebra: Algebra, f: Row) -> Space:
    """The image of an element of the centroid."""
    n = algebra.dimension
    return echelon(square(row_times(f, _flattened(centroid(algebra), n)), n))


def _flattened(maps: Iterable[list[Row]], n: int) -> Space:
    return echelon(flat(f, n) for f in maps)


@lru_cache(256)
def _centroid_algebra(algebra: Algebra) -> Algebra:
    """The centroid as an algebra."""
    n = algebra.dimension
    space = Echelon(_flattened(centroid(algebra), n))
    maps = [square(row, n) for row in space.basis]
    products = [
        (i, j, k, c)
        for (i, f), (j, g) in product(enumerate(maps), repeat=2)
        for k, c in (space.coordinates(flat(matrix_product(f, g), n)) or {}).items()
    ]
    units = tuple(f"f{i}" for i in range(len(maps)))
    return known(Algebra(units, tuple(products), name=f"centroid of {algebra}"), "associative")


# ---------------------------------------------------------------------- simplicity


def proper(algebra: Algebra) -> Row | bool | None:
    """An element of an ideal that is neither 0 nor everything; None if the algebra is simple over
    the reals, False if it is not, but no such element has rational coefficients.

    Raises:
        NotImplementedError: if that is not decided.
    """
    n = algebra.dimension
    if not algebra.products:
        return {0: 1} if n > 1 else False
    for ideal in _known_ideals(algebra):
        if 0 < len(ideal) < n:
            return ideal[0]
    ((_, degree, real),) = split_centre(_centroid_algebra(algebra))
    if (degree, real) not in ((1, 1), (2, 0)):
        return False  # over the reals the centroid has idempotents
    if _has_radical(algebra) or _is_irreducible(algebra, degree):
        return None
    found = _searched(algebra)
    if found is None:
        raise NotImplementedError(
            f"whether {algebra.name} is simple is not decided: no ideal was found, and modulo some "
            "primes nothing shows that there is none"
        )
    return found


def _known_ideals(algebra: Algebra) -> Iterator[Space]:
    """Some ideals. Where none is proper the centroid is a field, and the algebra is simple over it
    if theory knows its radical.
    """
    if algebra.unit is None:
        yield _products(sparse_table(algebra), [(_whole(algebra), _whole(algebra))])
        yield annihilators(algebra, _whole(algebra))[2]
    if _has_radical(algebra):
        yield radical(algebra)
    yield from (_image(algebra, f) for f in radical(_centroid_algebra(algebra)))
    yield from summands(algebra)


def _has_radical(algebra: Algebra) -> bool:
    """Whether theory says that an algebra whose radical is 0 is a sum of simple ones."""
    return any(decide(algebra, law) for law in ("alternative", "jordan", "lie"))


def _is_irreducible(algebra: Algebra, degree: int) -> bool:
    """Whether Norton's criterion shows that multiplications keep no subspace modulo a prime: then
    they keep none. What a map takes to 0 is a line over the centroid, a vector on it is taken
    everywhere, and one in the kernel of the transposed map by transposed maps.
    """
    n, draw = algebra.dimension, np.random.default_rng(0)
    table = integers(sparse_table(algebra))
    for prime in _primes(algebra, degree):
        sides = np.zeros((2, n, n, n), np.int64)
        for (i, j), row in table.items():
            for k, c in row.items():
                sides[0, i, j, k] = sides[1, j, i, k] = c % prime
        some = draw.integers(0, prime, (3, 2 * n))
        maps = (some @ sides.reshape(2 * n, n * n) % prime).reshape(3, n, n)
        for scalar in _scalars(algebra, prime):
            singular = (maps[0] @ maps[1] + maps[2] - scalar) % prime
            kernel = _kernel(singular.T, prime)
            if len(kernel) == degree:
                dual, back = _kernel(singular, prime), maps.transpose(0, 2, 1)
                if _reach(kernel[0], maps, prime) == _reach(dual[0], back, prime) == n:
                    return True
    return False


def _primes(algebra: Algebra, degree: int) -> Iterator[int]:
    """Some primes, modulo which a quadratic field stays one."""
    if degree == 1:
        yield from _PRIMES
        return
    (a, b), (c, d) = (dense(row, 2) for row in trace_products(_centroid_algebra(algebra)))
    discriminant = Fraction(a * d - b * c)
    residue = discriminant.numerator * discriminant.denominator
    yield from islice((p for p in _PRIMES if pow(residue, p // 2, p) == p - 1), 3)


def _scalars(algebra: Algebra, prime: int) -> Iterator[Array]:
    """All integral combinations of the centroid modulo a prime, as matrices."""
    n = algebra.dimension
    maps = []
    for f in centroid(algebra):
        scale = lcm(*(c.denominator for row in f for c in row.values()))
        rows = [{k: int(c * scale) % prime for k, c in row.items()} for row in f]
        maps.append(np.array([dense(row, n) for row in rows]))
    for some in product(range(prime), repeat=len(maps)):
        yield sum(c * m for c, m in zip(some, maps, strict=True)) % prime


def _kernel(matrix: Array, prime: int) -> Array:
    """The rows `x` with `matrix @ x = 0` modulo a prime."""
    n = len(matrix)
    rows, pivots = matrix.copy(), list[int]()
    for column in range(n):
        top = len(pivots)
        below = np.flatnonzero(rows[top:, column])
        if below.size:
            rows[[top, top + below[0]]] = rows[[top + below[0], top]]
            rows[top] = rows[top] * pow(int(rows[top, column]), -1, prime) % prime
            others = rows[:, column] * (np.arange(n) != top)
            rows = (rows - np.outer(others, rows[top])) % prime
            pivots.append(column)
    free = [column for column in range(n) if column not in pivots]
    found = np.zeros((len(free), n), np.int64)
    found[range(len(free)), free] = 1
    found[:, pivots] = -rows[: len(pivots), free].T % prime
    return found


def _reach(x: Array, maps: Array, prime: int) -> int:
    """The dimension of what the products of maps take a row to, modulo a prime."""
    fresh, rows, pivots = [x], np.zeros((0, len(x)), np.int64), list[int]()
    while fresh:
        row = fresh.pop()
        row = (row - row[pivots] @ rows) % prime
        if row.any():
            pivot = int(np.flatnonzero(row)[0])
            row = row * pow(int(row[pivot]), -1, prime) % prime
            rows = np.vstack([(rows - np.outer(rows[:, pivot], row)) % prime, row])
            pivots.append(pivot)
            fresh += [row @ m % prime for m in maps]
    return len(pivots)


def _searched(algebra: Algebra) -> Row | None:
    """An element of a proper ideal: a basis element, or a part of an element, by the factors of the
    polynomial that a map among the multiplications has on it.
    """
    table, n, draw = sparse_table(algebra), algebra.dimension, random.Random(0)

    def parts() -> Iterator[Row]:
        yield from _whole(algebra)
        for _ in range(_MOST_TRIALS):
            a, b, x = (Row(enumerate(draw.choices(range(-3, 4), k=n))) for _ in range(3))
            orbit, polynomial = krylov(partial(_between, table, a, b), n, x)
            yield from (row_times(part, orbit) for part, _, _ in factors(polynomial))

    return next((x for x in parts() if 0 < len(generated(table, n, [x])) < n), None)


def _between(table: Table, a: Sparse, b: Sparse, x: Sparse) -> Sparse:
    """The product `(a x) b`."""
    return times(table, times(table, a, x), b)
