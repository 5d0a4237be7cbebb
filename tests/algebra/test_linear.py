"""Exact linear algebra is that of sympy, and follows the sparse rows."""

from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
import sympy as sp

from hypercomplex.algebra import linear

SHAPES = [(1, 1), (3, 3), (4, 7), (7, 4), (6, 6), (9, 5)]


def random_rows(seed, rows, columns, density=0.5):
    """Rows of small fractions, the last of which depend on the others half the time."""
    random = Random(seed)
    entry = lambda: Fraction(random.randint(-4, 4), random.randint(1, 3))
    found = [{j: entry() for j in range(columns) if random.random() < density} for _ in range(rows)]
    if seed % 2:
        found[-1] = linear.row_times({0: 2, rows // 2: Fraction(1, 3)}, found)
    return found


def matrix(rows, columns):
    exact = lambda c: sp.Rational(c.numerator, c.denominator)
    return sp.Matrix(len(rows), columns, lambda i, j: exact(rows[i].get(j, 0)))


every_matrix = pytest.mark.parametrize(
    ("rows", "columns"),
    [(random_rows(seed, *shape), shape[1]) for seed in range(6) for shape in SHAPES],
)


@every_matrix
def test_echelon_form_and_nullspace_are_those_of_sympy(rows, columns):
    expected, pivots = matrix(rows, columns).rref()
    found = linear.echelon(rows)
    assert matrix(found, columns) == expected[: len(pivots), :]
    assert linear.rank(rows) == len(pivots)
    null = linear.nullspace(rows, columns)
    assert len(null) == columns - len(pivots)
    assert linear.rank(null) == len(null)
    assert not any(matrix(rows, columns) * matrix(null, columns).T)


@every_matrix
def test_equations_are_solved_where_they_can_be(rows, columns):
    x = {j: Fraction(j - 2, 3) for j in range(columns) if j != 2}
    right = {i: sum(c * x.get(j, 0) for j, c in row.items()) for i, row in enumerate(rows)}
    found = linear.solve(rows, right)
    assert matrix(rows, columns) * matrix([found], columns).T == matrix([right], len(rows)).T
    no = {**right, 0: right[0] + 1}
    augmented = matrix(rows, columns).row_join(matrix([no], len(rows)).T)
    solvable = augmented.rank() == linear.rank(rows)
    assert (linear.solve(rows, no) is not None) == solvable


@pytest.mark.parametrize("seed", range(8))
def test_inverses_multiply_to_one(seed):
    rows = random_rows(seed, 5, 5, density=0.8)
    found = linear.inverse(rows)
    if linear.rank(rows) < 5:
        assert found is None
    else:
        one = [{i: 1} for i in range(5)]
        assert linear.matrix_product(rows, found) == linear.matrix_product(found, rows) == one


@pytest.mark.parametrize("seed", range(12))
def test_signature_is_the_number_of_signs_of_eigenvalues(seed):
    n = 2 + seed % 5
    rows = random_rows(seed, n, n)
    if seed % 3 == 0:  # nothing on the diagonal
        rows = [{j: c for j, c in row.items() if j != i} for i, row in enumerate(rows)]
    symmetric = matrix(rows, n) + matrix(rows, n).T
    form = [linear.sparse_row(map(fraction, symmetric.row(i))) for i in range(n)]
    t = sp.Symbol("t")
    polynomial = symmetric.charpoly(t).as_expr()
    zero = next(k for k in range(n + 1) if sp.diff(polynomial, t, k).subs(t, 0) != 0)
    coefficients = [c for c in sp.Poly(polynomial, t).all_coeffs() if c]
    changes = sum(bool(a * b < 0) for a, b in pairwise(coefficients))
    assert linear.signature(form) == (changes, n - zero - changes, zero)  # all roots are real


def fraction(c):
    return Fraction(int(c.p), int(c.q))


def test_what_depends_is_told_how():
    rows = [{0: 1, 2: 5}, {1: 2}, {0: Fraction(1, 2), 1: 1, 2: Fraction(5, 2)}]
    assert linear.relation(rows, 3) == {0: Fraction(-1, 2), 1: Fraction(-1, 2), 2: 1}
    assert linear.relation(rows[:2], 3) is None
    space = linear.Echelon(rows)
    assert len(space) == 2
    assert rows[2] in space
    assert {0: 1} not in space
    assert space.coordinates(rows[0]) == {0: 1}
    assert space.coordinates({0: 1}) is None


def test_entries_are_integers_where_they_can_be():
    found = linear.echelon([{0: 2, 1: 4, 2: 6}, {1: Fraction(6, 2), 2: Fraction(1, 2)}])
    assert {type(c) for row in found for c in row.values()} == {int, Fraction}
    assert all(type(c) is int or c.denominator > 1 for row in found for c in row.values())


def test_an_entry_without_a_row_is_refused():
    with pytest.raises(ValueError, match=r"`right` \(=\{1: 5\}\) must have an entry for each of 1"):
        linear.solve([{0: 1}], {1: 5})


def test_many_equations_that_repeat_each_other_cost_little():
    """Each of 20,000 differences of 200 unknowns: one by one in dense fractions it takes minutes."""
    n = 200
    rows = [{i: 1, j: -1} for i in range(n) for j in range(i)]
    assert linear.nullspace(rows, n) == [dict.fromkeys(range(n), 1)]
