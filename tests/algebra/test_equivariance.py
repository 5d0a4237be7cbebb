"""The equivariant maps are all there are, and every exact map is what its formula says."""

import itertools
from fractions import Fraction

import pytest

import hypercomplex as hc
from hypercomplex.algebra import linear

SKEW = hc.clifford(metric=((1, 1), (1, 1)))  # degenerate, of vectors that are not orthogonal
ALGEBRAS = (
    hc.REAL,
    hc.QUATERNION,
    *(hc.clifford(*s) for s in ((1,), (2,), (1, 1), (3,), (1, 0, 1), (2, 0, 1), (1, 0, 2))),
    hc.clifford(1, 2),
    hc.clifford(metric=((2, 1), (1, -3))),
    SKEW,
    hc.PGA,
    hc.SPACETIME,
)
every = pytest.mark.parametrize("algebra", ALGEBRAS, ids=str)


def number(algebra, seed):
    """A number whose components tell places apart."""
    return tuple(Fraction((7 * k + seed) % 11 - 5) for k in range(algebra.dimension))


def grade(algebra, x, g):
    return tuple(c * (algebra.blades.of[k] == g) for k, c in enumerate(x))


def reflections(algebra):
    """The matrices of `x ↦ v x̂ v⁻¹`, by columns, for vectors v of one or two generators."""
    n, blades = algebra.dimension, algebra.blades
    generators = blades.places((1,))
    vectors = [{a: 1} for a in generators]
    vectors += [{a: 1, b: c} for a, b in itertools.combinations(generators, 2) for c in (1, 2)]
    for vector in vectors:
        v = [vector.get(k, 0) for k in range(n)]
        square = algebra.product(v, v)[0]
        if square:
            columns = []
            for k in range(n):
                e = [0] * n
                e[k] = Fraction(blades.involute[k], square)
                columns.append(algebra.product(algebra.product(v, e), v))
            yield columns


@every
def test_the_linear_maps_are_all_that_commute_with_the_group(algebra):
    """The commutant of reflections in some vectors, solved for, is spanned by the maps."""
    n, maps = algebra.dimension, algebra.blades.equivariance.maps
    pairs = [(i, k) for i in range(n) for k in range(n)]
    if algebra is not SKEW and n > 4:  # reflections in orthogonal vectors leave these
        null = [1 << a for a, row in enumerate(algebra.blades.metric) if not any(row)]
        kept = lambda x: x & ~sum(null)
        pairs = [(i, k) for i, k in pairs if kept(i) == kept(k)]
    unknown = {pair: m for m, pair in enumerate(pairs)}
    space = linear.Echelon([])
    for columns in reflections(algebra):
        rows = linear.transposed([linear.sparse_row(c) for c in columns], n)
        for i, k in itertools.product(range(n), repeat=2):  # (M R - R M) e_i, component k
            row = {}
            for j, c in enumerate(columns[i]):
                if c and (j, k) in unknown:
                    row[unknown[j, k]] = row.get(unknown[j, k], 0) + c
            for j, c in rows[k].items():
                if (i, j) in unknown:
                    row[unknown[i, j]] = row.get(unknown[i, j], 0) - c
            space.add({m: c for m, c in row.items() if c})
    assert len(pairs) - len(space.rows) == maps.shape[0]


@every
def test_the_linear_maps_commute_with_the_group(algebra):
    maps = algebra.blades.equivariance.maps
    for w in range(maps.shape[0]):
        weight = [int(w == m) for m in range(maps.shape[0])]
        apply = lambda x, weight=weight: maps(weight, x)
        x = number(algebra, 3)
        for columns in itertools.islice(reflections(algebra), 2, 4):
            act = lambda y, columns=columns: tuple(
                sum(c * column[k] for c, column in zip(y, columns, strict=True))
                for k in range(len(y))
            )
            assert apply(act(x)) == act(apply(x))


def test_projective_geometry_has_nine_maps():
    """The five grades, and e0 before four of them (GATr, proposition 2)."""
    assert hc.PGA.blades.equivariance.maps.shape == (9, 16, 16)
    assert hc.clifford(3).blades.equivariance.maps.shape == (4, 8, 8)
    assert SKEW.blades.equivariance.invariants == ((1, 0, 0, 0), (0, 1, -1, 0))


@every
def test_parts_and_sums_make_the_product(algebra):
    group = algebra.blades.equivariance
    x, y = number(algebra, 1), number(algebra, 5)
    parts = group.parts(x, y)
    assert group.sums([1] * len(group.paths), parts) == algebra.product(x, y)
    for p, (i, j, k) in enumerate(group.paths):
        weight = [int(p == q) for q in range(len(group.paths))]
        product = algebra.product(grade(algebra, x, i), grade(algebra, y, j))
        assert group.sums(weight, parts) == grade(algebra, product, k)
    assert sum(algebra.blades.of.count(k) for *_, k in group.paths) == group.parts.shape[2]


@every
def test_forms_are_scalars_of_grades(algebra):
    group, reverse = algebra.blades.equivariance, algebra.blades.reverse
    x, y = number(algebra, 2), number(algebra, 7)
    for g, value in enumerate(group.forms(x, y)):
        reversed_ = [c * s for c, s in zip(grade(algebra, x, g), reverse, strict=True)]
        assert value == algebra.product(reversed_, grade(algebra, y, g))[0]
    weights = list(range(1, group.grades + 1))
    assert group.by_grade(weights, x) == tuple(
        c * weights[g] for c, g in zip(x, algebra.blades.of, strict=True)
    )
