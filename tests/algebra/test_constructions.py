"""Constructions give what theory says: dimensions, tables, laws, and errors that name what is wrong."""

from fractions import Fraction
from itertools import product
from random import Random

import pytest
import sympy as sp

import hypercomplex as hc
from hypercomplex.algebra.named import NAMED
from tests.cases import ALGEBRAS, every_algebra

R, C, H, OCT = hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION


def unit(algebra, index):
    return tuple(int(i == index) for i in range(algebra.dimension))


def combination(*terms):
    """The sum of numbers times vectors."""
    return tuple(sum(c * x for c, x in zip((t[0] for t in terms), column, strict=True))
                 for column in zip(*(t[1] for t in terms), strict=True))  # fmt: skip


def is_isomorphism(images, A, B):
    """Do these elements of B multiply as the units of A, and are they a basis of B?"""
    if sp.Matrix(images).rank() < A.dimension or A.dimension != B.dimension:
        return False
    for i, j in product(range(A.dimension), repeat=2):
        coefficients = A.multiply(unit(A, i), unit(A, j))
        expected = combination(*zip(coefficients, images, strict=True))
        if B.multiply(images[i], images[j]) != expected:
            return False
    return True


QUATERNIONS = {"1": 1}, {"e23": -1}, {"e13": 1}, {"e12": -1}  # 1, i, j, k in space


def vector(algebra, parts):
    """The element with these coefficients, by the names of units."""
    return tuple(parts.get(u, 0) for u in algebra.units)


# ---------------------------------------------------------------------- Clifford algebras


def diagonal(*squares):
    return [[c if a == b else 0 for b in range(len(squares))] for a, c in enumerate(squares)]


@pytest.mark.parametrize("signature", [(0, 0, 0), (2, 1, 0), (1, 1, 1), (0, 0, 2)], ids=str)
def test_a_diagonal_metric_is_a_signature(signature):
    p, q, r = signature
    if sum(signature):
        assert hc.clifford(metric=diagonal(*[1] * p, *[-1] * q, *[0] * r)) == hc.clifford(p, q, r)
    assert hc.clifford(p, q, r).dimension == 2 ** sum(signature)


METRICS = [
    [[0, -1], [-1, 0]],
    [[2, 1], [1, Fraction(1, 3)]],
    [[1, 2, 0], [2, -1, 3], [0, 3, 0]],
    [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, -1], [0, 0, -1, 0]],
    [[Fraction(-1, 2), 0], [0, 3]],
]


@pytest.mark.parametrize("metric", METRICS, ids=str)
def test_generators_have_the_metric_and_generate(metric):
    n = len(metric)
    A = hc.clifford(metric=metric)
    e = [unit(A, 1 << a) for a in range(n)]
    for a, b in product(range(n), repeat=2):
        anticommutator = combination((1, A.multiply(e[a], e[b])), (1, A.multiply(e[b], e[a])))
        assert anticommutator == (2 * metric[a][b], *[0] * (A.dimension - 1))
    assert A.is_associative
    for blade in range(A.dimension):  # the exterior product is the alternating sum of products
        places = [a for a in range(n) if blade >> a & 1]
        assert alternating(A, [e[a] for a in places]) == unit(A, blade)


def alternating(A, vectors):
    from itertools import permutations
    from math import factorial

    total = (0,) * A.dimension
    for order in permutations(range(len(vectors))):
        inversions = sum(x > y for i, x in enumerate(order) for y in order[i + 1 :])
        term = unit(A, 0)
        for m in order:
            term = A.multiply(term, vectors[m])
        total = combination((1, total), (Fraction((-1) ** inversions, factorial(len(order))), term))
    return total


def test_oblique_generators_give_the_algebra_of_orthogonal_ones():
    """Of the plane with two null directions: o = (e1 + e2)/2 and x = (e2 - e1), -o·x = 1/2."""
    A, B = hc.clifford(metric=[[0, -1], [-1, 0]], generators=("o", "x")), hc.clifford(1, 1)
    o, x = (0, Fraction(1, 2), Fraction(1, 2), 0), (0, -1, 1, 0)
    ox = combination((1, B.multiply(o, x)), (1, unit(B, 0)))
    assert is_isomorphism([unit(B, 0), o, x, ox], A, B)


def test_blades_are_named_after_generators():
    assert hc.clifford(2, generators=("x", "y")).units == ("1", "x", "y", "xy")
    assert hc.SPACETIME.units[:4] == ("1", "γ0", "γ1", "γ01")
    assert hc.clifford(2, generators=("no", "ni")).units == ("1", "no", "ni", "noi")
    assert hc.clifford(2, generators=("up", "x")).units == ("1", "up", "x", "up∧x")
    assert hc.clifford(10).units[-1] == "e1_2_3_4_5_6_7_8_9_10"


def test_even_parts_are_the_known_ones():
    even = hc.even_subalgebra(hc.clifford(3))
    assert is_isomorphism([vector(even, x) for x in QUATERNIONS], H, even)
    assert even.conjugation == (1, -1, -1, -1)
    assert hc.even_subalgebra(H).products == C.products
    pose = hc.even_subalgebra(hc.PGA)
    basis = [vector(pose, x) for x in QUATERNIONS]
    epsilon = vector(pose, {"e0123": 1})
    images = basis + [pose.multiply(epsilon, x) for x in basis]
    assert is_isomorphism(images, hc.DUAL_QUATERNION, pose)
    conjugates = [hc.DUAL_QUATERNION.conjugation[m] for m in range(8)]
    assert [pose.conjugate(x) for x in images] == [
        combination((s, x)) for s, x in zip(conjugates, images, strict=True)
    ]


def test_what_has_no_blades_has_no_even_part():
    with pytest.raises(ValueError, match=r"`algebra` \(=odd\) has no blades for its basis: a·a"):
        hc.even_subalgebra(
            hc.Algebra(("1", "a"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)), (1, 1), "odd")
        )  # fmt: skip


# ---------------------------------------------------------------------- made of algebras


@pytest.mark.parametrize("pair", [(C, H), (H, hc.clifford(1, 1, 1)), (OCT, C), (H, H)], ids=str)
def test_tensor_products_multiply_factor_by_factor(pair):
    A, B = pair
    T, random = hc.tensor_product(A, B), Random(0)
    a, c = ([random.randint(-3, 3) for _ in A.units] for _ in range(2))
    b, d = ([random.randint(-3, 3) for _ in B.units] for _ in range(2))
    tensor = lambda x, y: tuple(p * q for p in x for q in y)
    assert T.multiply(tensor(a, b), tensor(c, d)) == tensor(A.multiply(a, c), B.multiply(b, d))
    assert T.conjugate(tensor(a, b)) == tensor(A.conjugate(a), B.conjugate(b))
    assert len(set(T.units)) == T.dimension == A.dimension * B.dimension


def test_tensor_products_are_the_known_ones():
    """ℂ ⊗ ℂ has the split element i ⊗ i; ℂ ⊗ ℍ = Cl(3); ℍ ⊗ ℍ = Cl(1,1) ⊗ Cl(1,1)."""
    T = hc.tensor_product(C, C)
    images = [unit(T, 0), unit(T, 2), unit(T, 3), combination((-1, unit(T, 1)))]
    assert is_isomorphism(images, hc.TESSARINE, T)
    B, A = hc.BIQUATERNION, hc.clifford(3)
    images = [vector(A, x) for x in QUATERNIONS]
    assert is_isomorphism(images + [A.multiply(unit(A, 7), x) for x in images], B, A)
    assert hc.tensor_product(H) == H
    assert hc.tensor_product(R, H) == H == hc.tensor_product(H, R)
    assert hc.tensor_product(C, C, C) == hc.tensor_product(hc.tensor_product(C, C), C)
    assert hc.tensor_product(C, hc.tensor_product(C, C)).name == "COMPLEX ⊗ (COMPLEX ⊗ COMPLEX)"


def test_scalars_are_extended():
    assert hc.complexify(R) == C
    assert hc.complexify(H).products == hc.tensor_product(C, H).products
    assert hc.complexify(H) == hc.BIQUATERNION
    assert hc.complexify(H).is_euclidean
    q = (1, 2, 3, 4, 5, 6, 7, 8)
    assert hc.dual(H).conjugate(q) == (1, -2, -3, -4, 5, -6, -7, -8)
    assert hc.dual(H).norm(q) == H.norm(q[:4])


@every_algebra
def test_the_opposite_multiplies_the_other_way_round(algebra):
    a, b = (tuple(Random(s).choices(range(-3, 4), k=algebra.dimension)) for s in range(2))
    other = hc.opposite(algebra)
    assert other.multiply(a, b) == algebra.multiply(b, a)
    assert hc.opposite(other) == algebra
    assert bool(other.is_associative) == bool(algebra.is_associative)
    assert (other == algebra) == bool(algebra.is_commutative)


@every_algebra
def test_jordan_products_commute(algebra):
    J = hc.jordan(algebra)
    assert J.is_commutative
    x = tuple(range(1, 1 + algebra.dimension))
    assert J.multiply(x, x) == algebra.multiply(x, x)
    assert J.conjugation == algebra.conjugation
    if algebra.is_commutative:
        assert algebra == J


# ---------------------------------------------------------------------- by name

DIMENSIONS = {
    "SPLIT_COMPLEX": 2, "DUAL": 2, "TESSARINE": 4, "BICOMPLEX": 4, "SPLIT_QUATERNION": 4,
    "DUAL_QUATERNION": 8, "BIQUATERNION": 8, "SPLIT_OCTONION": 8, "COMPLEX_OCTONION": 16,
    "SEDENION": 16, "SPACETIME": 16, "PGA": 16, "CGA": 32,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_algebras_by_name(name):
    A = getattr(hc, name)
    assert A is getattr(hc, name)
    assert str(A) == name
    assert A.dimension == DIMENSIONS[name]
    assert name in dir(hc)


def test_names_mean_what_they_say():
    assert hc.SPLIT_COMPLEX in ALGEBRAS
    assert hc.DUAL in ALGEBRAS
    assert hc.clifford(1, 3) == hc.SPACETIME
    g = [1 << a for a in range(4)]
    squares = [hc.PGA.multiply(unit(hc.PGA, m), unit(hc.PGA, m))[0] for m in g]
    assert squares == [0, 1, 1, 1]
    assert hc.TESSARINE.is_commutative
    assert hc.BICOMPLEX.is_associative
    i, j, k = (unit(hc.TESSARINE, m) for m in (1, 2, 3))
    mul = hc.TESSARINE.multiply
    assert (mul(i, j), mul(i, i)[0], mul(j, j)[0], mul(k, k)[0]) == (k, -1, 1, -1)
    assert hc.SPLIT_OCTONION.is_composition
    assert not hc.SPLIT_OCTONION.is_division


def test_laws_that_theory_gives_are_not_decided():
    from hypercomplex.algebra.laws import _known

    known = lambda A: sorted(_known(A))
    assert known(hc.clifford(3)) == known(hc.even_subalgebra(hc.clifford(3))) == ["associative"]
    assert known(hc.SPACETIME) == known(hc.opposite(hc.CGA)) == ["associative"]
    assert known(hc.tensor_product(C, hc.tensor_product(R, C))) == ["associative", "commutative"]
    assert known(hc.COMPLEX_OCTONION) == ["alternative"]
    assert known(hc.tensor_product(OCT, C)) == []  # only scalars keep what is not linear
    assert known(hc.jordan(OCT)) == ["commutative"]


@pytest.mark.parametrize("name", [*NAMED, "REAL", "COMPLEX", "QUATERNION", "OCTONION"])
def test_theory_agrees_with_the_table(name):
    from hypercomplex.algebra.laws import _known

    A = getattr(hc, name)
    plain = hc.Algebra(A.units, A.products, A.conjugation)
    if A.dimension <= 16 or "associative" in _known(A):
        assert all(getattr(plain, f"is_{law}") for law in _known(A))


# ---------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: hc.clifford(metric=[[1, 2], [3, 1]]), ValueError,
         r"`metric` \(=.*\) must be symmetric, but has 2 at \(0, 1\) and 3 at \(1, 0\)"),
        (lambda: hc.clifford(metric=[[1, 2]]), ValueError, "as many rows as columns, not 1 and 2"),
        (lambda: hc.clifford(metric=[[0.5]]), TypeError, r"`metric` .* holds 0.5; give integers"),
        (lambda: hc.clifford(metric=[]), ValueError, "must have rows of one width, at least one"),
        (lambda: hc.clifford(metric="id"), TypeError, "`metric` .* must be a sequence of rows"),
        (lambda: hc.clifford(1, metric=[[1]]), ValueError, "`metric` .* says all of p=1"),
        (lambda: hc.clifford(6, 5), ValueError, r"`p` \+ `q` \+ `r` \(=11\) generators"),
        (lambda: hc.clifford(2, generators=("x",)), ValueError, "must hold 2 names, all different"),
        (lambda: hc.clifford(2, generators=("x", "x")), ValueError, "`generators` .* 2 names"),
        (lambda: hc.clifford(2, generators=(1, 2)), TypeError, "`generators` .* the names of 2"),
        (lambda: hc.tensor_product(), ValueError, "`algebras` is empty; give one"),
        (lambda: hc.tensor_product(H, 3), TypeError, r"`algebras` \(=3\) must be an Algebra"),
        (lambda: hc.complexify(None), TypeError, r"`algebra` \(=None\) must be an Algebra"),
        (lambda: hc.dual("H"), TypeError, r"`algebra` \(='H'\) must be an Algebra"),
        (lambda: hc.opposite(2), TypeError, "`algebra`"),
        (lambda: hc.jordan(2), TypeError, "`algebra`"),
        (lambda: hc.even_subalgebra(2), TypeError, "`algebra`"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
