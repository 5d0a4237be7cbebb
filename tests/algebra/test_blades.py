"""The products by grades, against their definitions on vectors and blades."""

from itertools import combinations, product

import pytest

import hypercomplex as hc

SIGNATURES = [
    (0, 0, 0),
    (1, 0, 0),
    (2, 0, 0),
    (0, 2, 0),
    (3, 0, 0),
    (1, 3, 0),
    (2, 0, 1),
    (3, 1, 1),
]
OBLIQUE = hc.clifford(metric=[[1, 2, 0], [2, 0, -1], [0, -1, 3]])
ALGEBRAS = [*(hc.clifford(*each) for each in SIGNATURES), OBLIQUE]
every_algebra = pytest.mark.parametrize("A", ALGEBRAS, ids=str)


def unit(A, place):
    return tuple(int(m == place) for m in range(A.dimension))


def added(x, y, factor=1):
    return tuple(a + factor * b for a, b in zip(x, y, strict=True))


def vectors(A):
    return [unit(A, 1 << a) for a in range(A.blades.generators)]


@every_algebra
def test_products_of_two_vectors(A):
    """ab = a·b + a∧b: the halves of what commutes and what does not."""
    B = A.blades
    for (m, a), (n, b) in product(enumerate(vectors(A)), repeat=2):
        dot = (B.metric[m][n], *[0] * (A.dimension - 1))
        assert B.scalar_product(a, b) == dot[:1]
        assert B.left_contraction(a, b) == B.right_contraction(a, b) == B.inner(a, b) == dot
        assert B.anticommutator(a, b) == dot
        assert B.wedge(a, b) == B.commutator(a, b) == added(A.multiply(a, b), dot, -1)


@every_algebra
def test_the_basis_are_the_exterior_products_of_the_generators(A):
    B = A.blades
    for places in range(B.generators + 1):
        for chosen in combinations(range(B.generators), places):
            blade, place = unit(A, 0), sum(1 << a for a in chosen)
            for a in chosen:
                blade = B.wedge(blade, vectors(A)[a])
            assert blade == unit(A, place)
            assert B.of[place] == places


@every_algebra
def test_a_vector_times_a_blade(A):
    """a x = a ⌋ x + a ∧ x, and x a = x ⌊ a + x ∧ a, for a vector and any x."""
    B = A.blades
    for a, m in product(vectors(A), range(A.dimension)):
        x = unit(A, m)
        assert A.multiply(a, x) == added(B.left_contraction(a, x), B.wedge(a, x))
        assert A.multiply(x, a) == added(B.right_contraction(x, a), B.wedge(x, a))


@every_algebra
def test_contractions_are_adjoint_to_exterior_products(A):
    """(x ∧ a) * b = x * (a ⌋ b), and (b ⌊ a) * x = b * (a ∧ x), for the scalar product *."""
    B = A.blades
    places = range(min(A.dimension, 8))
    for x, a, b in product((unit(A, m) for m in places), repeat=3):
        left = B.scalar_product(B.wedge(x, a), b)
        assert left == B.scalar_product(x, B.left_contraction(a, b))
        assert B.scalar_product(B.right_contraction(b, a), x) == B.scalar_product(b, B.wedge(a, x))


@every_algebra
def test_reversal_turns_products_round(A):
    B = A.blades
    for m, n in product(range(A.dimension), repeat=2):
        x, y = unit(A, m), unit(A, n)
        xy = A.multiply(x, y)
        for signs, turned in ((B.reverse, True), (B.conjugate, True), (B.involute, False)):
            images = [tuple(s * c for s, c in zip(signs, each, strict=True)) for each in (x, y, xy)]
            first, second = images[1::-1] if turned else images[:2]
            assert images[2] == A.multiply(first, second)
    assert B.conjugate == A.conjugation


@every_algebra
def test_the_regressive_product_is_the_exterior_one_of_complements(A):
    B = A.blades
    top = unit(A, A.dimension - 1)

    def complement(x):
        out = [0] * A.dimension
        for (place, sign), c in zip(B.complement, x, strict=True):
            out[place] = sign * c
        return tuple(out)

    for m in range(A.dimension):
        x = unit(A, m)
        assert B.wedge(x, complement(x)) == top
        assert B.regressive(top, x) == B.regressive(x, top) == x  # its unit
        for n in range(A.dimension):
            y = unit(A, n)
            meet = B.regressive(x, y)
            assert complement(meet) == B.wedge(complement(x), complement(y))


def test_products_of_some_grades_have_the_components_of_the_whole():
    A = hc.clifford(3, 1)
    B = A.blades
    maps = [A.product, B.wedge, B.left_contraction, B.regressive, B.commutator]
    for each, left, right in product(maps, [(1,), (0, 2), (2, 3)], [(1,), (0, 2, 4), ()]):
        part, grades = B.between(each, left, right)
        i, j, k = (B.places(g) for g in (left, right, grades))
        assert part.shape == (len(i), len(j), len(k))
        whole = {(a, b, c): x for a, b, c, x in each.constants if a in i and b in j}
        assert {(i[a], j[b], k[c]): x for a, b, c, x in part.constants} == whole


@pytest.mark.parametrize(
    "name", ["QUATERNION", "COMPLEX", "SPLIT_COMPLEX", "DUAL", "PGA", "SPACETIME"]
)
def test_algebras_with_another_name_have_their_grades(name):
    A = getattr(hc, name)
    assert hc.clifford(metric=A.blades.metric) == A


@pytest.mark.parametrize("name", ["OCTONION", "SEDENION", "TESSARINE", "M2", "SO3", "ALBERT"])
def test_others_have_none(name):
    with pytest.raises(ValueError, match=r"has no grades.*take clifford"):
        getattr(hc, name).blades  # noqa: B018
