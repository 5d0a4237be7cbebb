"""Ideals, series and summands are those of theory, and what brute force finds."""

from fractions import Fraction
from itertools import product
from random import Random

import pytest
import sympy as sp

import hypercomplex as hc
from hypercomplex.algebra import ideals, linear
from hypercomplex.algebra.laws import decide

HALF = Fraction(1, 2)
SL2 = hc.from_rules("he = 2e, hf = -2f, ef = h", anticommuting=True, missing="zero")
SO4 = hc.subalgebra(hc.clifford(4).minus, ["e12", "e23", "e34"], name="so(4)")
HEISENBERG = hc.from_rules("xy = z", anticommuting=True, missing="zero", name="Heisenberg")
AFFINE = hc.from_rules("xy = y", anticommuting=True, missing="zero", name="affine")
MALCEV = hc.quotient(hc.OCTONION.minus, ["1"], name="malcev")
PARA = hc.from_rules("xx = x, xy = yx = -y, yy = -x", name="x̄ȳ")
ZERO = hc.Algebra(("x", "y"), (), name="zero")

# the algebra, whether it is simple, dimensions of the centroid, the summands, the lower central
# series and the derived series
THEORY = [
    (hc.REAL, 1, 1, [1], [1], [1]),
    (hc.COMPLEX, 1, 2, [2], [2], [2]),
    (hc.OCTONION, 1, 1, [8], [8], [8]),
    (hc.SEDENION, 1, 1, [16], [16], [16]),
    (hc.complexify(hc.SEDENION), 1, 2, [32], [32], [32]),
    (hc.dual(hc.SEDENION), 0, 2, [32], [32], [32]),
    (hc.tensor_product(hc.QUATERNION, hc.OCTONION), 1, 1, [32], [32], [32]),
    (hc.direct_sum(hc.SEDENION, MALCEV), 0, 2, [7, 16], [23], [23]),
    (hc.SPLIT_COMPLEX, 0, 2, [1, 1], [2], [2]),
    (hc.polynomial_quotient([-2, 0, 1]), 0, 2, [2], [2], [2]),
    (hc.polynomial_quotient([-2, 0, 0, 1]), 0, 3, [3], [3], [3]),
    (hc.DUAL, 0, 2, [2], [2], [2]),
    (hc.CGA, 1, 2, [32], [32], [32]),
    (hc.PGA, 0, 1, [16], [16], [16]),
    (hc.ALBERT, 1, 1, [27], [27], [27]),
    (hc.matrix_algebra(3).plus, 1, 1, [9], [9], [9]),
    (hc.SO3, 1, 1, [3], [3], [3]),
    (SO4, 0, 2, [3, 3], [6], [6]),
    (hc.complexify(SL2), 1, 2, [6], [6], [6]),
    (hc.dual(SL2), 0, 2, [6], [6], [6]),
    (MALCEV, 1, 1, [7], [7], [7]),
    (PARA, 1, 1, [2], [2], [2]),
    (HEISENBERG, 0, 3, [3], [3, 1, 0], [3, 1, 0]),
    (AFFINE, 0, 1, [2], [2, 1], [2, 1, 0]),
    (ZERO, 0, 4, None, [2, 0], [2, 0]),
    (hc.Algebra(("n",), (), name="null"), 0, 1, [1], [1, 0], [1, 0]),
]


@pytest.mark.parametrize(
    ("algebra", "simple", "centroid", "summands", "lower", "derived"), THEORY, ids=str
)
def test_ideals_are_those_of_theory(algebra, simple, centroid, summands, lower, derived):
    law = algebra.is_simple
    assert bool(law) == bool(simple)
    if not law and law.elements is not None:
        (x,) = law.elements
        assert 0 < len(algebra.ideal([x])) < algebra.dimension or not algebra.products
    assert len(algebra.centroid) == centroid
    assert [len(x) for x in algebra.lower_central_series] == lower
    assert [len(x) for x in algebra.derived_series] == derived
    if summands is None:
        with pytest.raises(NotImplementedError, match="is a sum of ideals in many ways"):
            _ = algebra.summands
        return
    assert sorted(len(x) for x in algebra.summands) == summands
    whole = [linear.sparse_row(x) for space in algebra.summands for x in space]
    assert linear.rank(whole) == algebra.dimension
    for space in algebra.summands:
        assert len(algebra.ideal(space)) == len(space)


def random_algebra(seed):
    """A sum of two, or an algebra over dual numbers, in another basis, or a sparse table."""
    draw = Random(seed)
    n = draw.choice([2, 3])

    def table(density):
        return tuple(
            (i, j, k, draw.choice([-2, -1, 1, 3]))
            for i, j, k in product(range(n), repeat=3)
            if draw.random() < density
        )

    A, B = (hc.Algebra(tuple("abc"[:n]), table(0.5)) for _ in range(2))
    made = draw.choice([A, hc.direct_sum(A, B), hc.dual(A), hc.complexify(A)])
    m = made.dimension
    basis = [[int(i == j) or draw.randrange(-1, 2) * (i < j) for j in range(m)] for i in range(m)]
    return hc.change_basis(made, basis)


def multiplications_span(algebra):
    """The dimension of what all multiplications generate, by closing their span."""
    n = algebra.dimension
    basis = [tuple(int(i == k) for k in range(n)) for i in range(n)]
    maps = [
        sp.Matrix(side(x)) for x in basis for side in (algebra.left_matrix, algebra.right_matrix)
    ]
    space, fresh = linear.Echelon(), list(maps)
    while fresh:
        m = fresh.pop()
        if space.add(linear.sparse_row([Fraction(int(c.p), int(c.q)) for c in m])):
            fresh += [m * other for other in maps]
    return len(space)


@pytest.mark.parametrize("seed", range(40))
def test_an_algebra_is_simple_if_multiplications_are_all_maps_over_a_field(seed):
    """Jacobson's density theorem, with nothing but the span of all products of multiplications."""
    algebra = random_algebra(seed)
    n, centroid = algebra.dimension, algebra.centroid
    for f, x, y in product(centroid, algebra.basis[:2], algebra.basis[-2:]):
        image = lambda z: algebra.element(list(sp.Matrix(f) * sp.Matrix(list(z))))  # noqa: B023
        assert image(x * y) == image(x) * y == x * image(y)
    law = algebra.is_simple
    if law:
        assert len(centroid) in (1, 2)
        assert multiplications_span(algebra) * len(centroid) == n * n
    elif law.elements:
        assert 0 < len(algebra.ideal(law.elements)) < n
    else:
        assert len(centroid) > 1


def test_what_theory_knows_is_what_the_criterion_shows():
    for algebra in (hc.QUATERNION, hc.OCTONION, hc.M2, hc.SO3, hc.jordan(hc.M2), hc.clifford(3)):
        assert decide(algebra, "simple")
        assert ideals._is_irreducible(algebra, len(algebra.centroid))
    for algebra in (hc.SPLIT_COMPLEX, hc.clifford(0, 1, 1), AFFINE):
        assert not ideals._is_irreducible(algebra, 1)
        x = ideals._searched(algebra)
        dense = [x.get(i, 0) for i in range(algebra.dimension)]
        assert 0 < len(algebra.ideal([dense])) < algebra.dimension


def test_ideals_that_elements_generate():
    triangular = hc.subalgebra(hc.matrix_algebra(3), ["E11", "E12", "E22", "E23", "E33"])
    assert [triangular.format(x) for x in triangular.ideal(["E12"])] == ["E12", "E13"]
    assert triangular.ideal([]) == ()
    assert len(triangular.ideal(["E22"])) == 4
    quotient = hc.quotient(triangular, triangular.ideal(triangular.radical))
    assert str(quotient.wedderburn) == "3ℝ"
    with pytest.raises(ValueError, match="`elements`: in 'q', there is no unit 'q'"):
        triangular.ideal(["q"])
    with pytest.raises(NotImplementedError, match="has none; `summands` are its ideals"):
        _ = SO4.idempotents


PEIRCE = [
    (hc.M2, "E11", {(1, 1): 1, (1, 0): 1, (0, 1): 1, (0, 0): 1}),
    (hc.matrix_algebra(3), "E11+E22", {(1, 1): 4, (1, 0): 2, (0, 1): 2, (0, 0): 1}),
    (hc.ALBERT, "E11", {(1, 1): 1, (HALF, HALF): 16, (0, 0): 10}),
    (hc.hermitian(3), "E11+E22", {(1, 1): 3, (HALF, HALF): 2, (0, 0): 1}),
    (hc.SPLIT_OCTONION, "1/2+1/2l", {(1, 1): 1, (1, 0): 3, (0, 1): 3, (0, 0): 1}),
    (hc.OCTONION, "1", {(1, 1): 8}),
    (hc.OCTONION, "0", {(0, 0): 8}),
    (PARA, "x", {(1, 1): 1, (-1, -1): 1}),
]


@pytest.mark.parametrize(("algebra", "e", "dimensions"), PEIRCE, ids=str)
def test_idempotents_multiply_by_numbers(algebra, e, dimensions):
    found = algebra.peirce(e)
    assert {sides: len(space) for sides, space in found.items()} == dimensions
    e = algebra.element(e)
    for (left, right), space in found.items():
        for x in map(algebra.element, space):
            assert (e * x, x * e) == (left * x, right * x)


def test_what_has_no_peirce_decomposition():
    with pytest.raises(ValueError, match=r"`e` \(=2\*E11\) must be its own square"):
        hc.M2.peirce("2E11")
    turning = hc.from_rules("ee = e, ex = y, ey = -x", missing="zero")
    with pytest.raises(
        NotImplementedError, match="is no sum of spaces on which e multiplies by fr"
    ):
        turning.peirce("e")


def test_killing_forms_are_those_of_theory():
    assert SL2.killing_form == ((8, 0, 0), (0, 0, 4), (0, 4, 0))
    assert not any(map(any, HEISENBERG.killing_form))
