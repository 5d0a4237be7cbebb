"""Constructions give what theory says: dimensions, tables, laws, and errors that name what is wrong."""

from fractions import Fraction
from itertools import product
from random import Random

import pytest
import sympy as sp

import hypercomplex as hc
from hypercomplex.algebra.named import NAMED
from tests.cases import ALGEBRAS, every_small_algebra, unit

R, C, H, OCT = hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION


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
    large = hc.clifford(10)
    assert large.units[-1] == "e1_2_3_4_5_6_7_8_9_10"
    assert max(map(len, repr(large).splitlines())) < 80


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


def test_algebras_without_a_name_are_called_after_their_units():
    assert str(hc.from_rules("xy = z", anticommuting=True, missing="zero")) == "algebra(x, y, z)"
    assert str(hc.from_table(hc.SEDENION.table())) == "algebra(1, e1, e2, e3, e4, e5, …, e15)"
    assert str(hc.from_matrices([[[0, 1], [1, 0]]], units=("i",))) == "algebra(i, ii)"
    assert str(hc.from_rules("ii = 1", name="split")) == "split"


@pytest.mark.parametrize(
    ("algebra", "why"),
    [
        (hc.SO3, "3 elements are no power of 2"),
        (hc.OCTONION, "the algebra is not associative"),
        (hc.matrix_algebra(2), "'E11', the first element, is not the unit"),
        (hc.BICOMPLEX, "is no number"),
        (hc.polynomial_quotient([0, 0, 0, 0, 1]), "x·x has .x².* differ in parity"),
        (
            hc.from_rules("ab = c", units=("1", "a", "b", "c"), anticommuting=True, missing="zero"),
            None,
        ),
        (
            hc.from_rules("aa = 0", units=("1", "a", "b", "c"), missing="zero"),
            "c is no product of a and b",
        ),
    ],
    ids=str,
)
def test_even_parts_are_those_of_generators(algebra, why):
    """Not the elements at places of an even number of bits, whatever they are."""
    if why is None:
        assert hc.even_subalgebra(algebra).units == ("1", "c")
        return
    with pytest.raises(ValueError, match=f"has no blades for its basis: .*{why}; .*`subalgebra`"):
        hc.even_subalgebra(algebra)


# ---------------------------------------------------------------------- made of algebras


@pytest.mark.parametrize(
    "algebra", [R, C, hc.OCTONION, hc.M2, hc.SO3, hc.lie(hc.M2), hc.jordan(hc.M2)], ids=str
)
def test_a_unit_may_be_put_in_front(algebra):
    made = hc.unitization(algebra)
    n = made.dimension
    assert (n, made.unit) == (algebra.dimension + 1, (1,) + (0,) * (n - 1))
    x, y = sp.symbols(f"x:{n}"), sp.symbols(f"y:{n}")
    inner = algebra.multiply(x[1:], y[1:])
    expected = [x[0] * y[0]] + [
        x[0] * b + y[0] * a + c for a, b, c in zip(x[1:], y[1:], inner, strict=True)
    ]
    assert [sp.expand(a - b) for a, b in zip(made.multiply(x, y), expected, strict=True)] == [0] * n
    for law in ("commutative", "associative", "alternative", "jordan"):
        fresh = hc.Algebra(made.units, made.products, made.conjugation)
        held = getattr(algebra, f"is_{law}")
        assert bool(getattr(made, f"is_{law}")) == bool(getattr(fresh, f"is_{law}")) == bool(held)


def test_a_unit_in_front_keeps_conjugation_or_finds_one():
    assert hc.unitization(hc.QUATERNION).conjugation == (1, 1, -1, -1, -1)
    assert hc.unitization(hc.SO3).conjugation == (1, -1, -1, -1)
    assert hc.unitization(hc.M2).conjugate((1, 2, 3, 4, 5)) == (1, 2, 4, 3, 5)
    with pytest.raises(
        NotImplementedError, match=r"SO3 has none; unitization\(SO3\) is the algebra"
    ):
        hc.SO3.norm((1, 2, 3))


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


@every_small_algebra
def test_the_opposite_multiplies_the_other_way_round(algebra):
    a, b = (tuple(Random(s).choices(range(-3, 4), k=algebra.dimension)) for s in range(2))
    other = hc.opposite(algebra)
    assert other.multiply(a, b) == algebra.multiply(b, a)
    assert hc.opposite(other) == algebra
    assert bool(other.is_associative) == bool(algebra.is_associative)
    assert (other == algebra) == bool(algebra.is_commutative)


@every_small_algebra
def test_jordan_products_commute(algebra):
    J = hc.jordan(algebra)
    assert J.is_commutative
    x = tuple(range(1, 1 + algebra.dimension))
    assert J.multiply(x, x) == algebra.multiply(x, x)
    assert J.conjugation == algebra.conjugation
    if algebra.is_commutative:
        assert algebra == J


def test_lie_products_are_commutators():
    L = H.minus
    assert L.multiply((0, 1, 0, 0), (0, 0, 1, 0)) == (0, 0, 0, 2)
    assert (L.unit, L.conjugation) == (None, None)
    assert L.is_lie
    assert H.plus == hc.jordan(H)
    assert OCT.minus.is_anticommutative
    assert not OCT.minus.is_lie


def test_direct_sums_multiply_part_by_part():
    A = hc.direct_sum(C, hc.M2, hc.SO3)
    assert A.units == ("1₁", "i₁", "E11₂", "E12₂", "E21₂", "E22₂", "x₃", "y₃", "z₃")
    x, y = (tuple(Random(s).choices(range(-3, 4), k=9)) for s in range(2))
    parts = (C, slice(2)), (hc.M2, slice(2, 6)), (hc.SO3, slice(6, 9))
    assert A.multiply(x, y) == sum((B.multiply(x[at], y[at]) for B, at in parts), ())
    assert A.unit is None
    assert A.conjugation is None  # the cross product has none here
    both = hc.direct_sum(H, hc.M2)
    assert both.unit == (1, 0, 0, 0, 1, 0, 0, 1)
    assert both.conjugate((1, 2, 3, 4, 1, 2, 3, 4)) == (1, -2, -3, -4, 1, 3, 2, 4)
    assert both.is_associative


def test_complex_numbers_twice_are_bicomplex():
    """ℂ ⊗ ℂ = ℂ ⊕ ℂ, by the idempotents (1 ± i⊗i)/2."""
    T, S = hc.BICOMPLEX, hc.direct_sum(C, C)
    half = Fraction(1, 2)
    p, q = (half, 0, 0, half), (half, 0, 0, -half)
    i = unit(T, 1)
    assert is_isomorphism([p, T.multiply(i, p), q, T.multiply(i, q)], S, T)


@pytest.mark.parametrize("over", [R, C, H], ids=str)
def test_matrices_multiply_as_matrices(over):
    M, n, random = hc.matrix_algebra(2, over), over.dimension, Random(1)
    a, b = (tuple(random.choices(range(-3, 4), k=4 * n)) for _ in range(2))
    entry = lambda x, r, c: x[(2 * r + c) * n : (2 * r + c + 1) * n]
    expected = ()
    for r, c in product(range(2), repeat=2):
        terms = [over.multiply(entry(a, r, m), entry(b, m, c)) for m in range(2)]
        expected += tuple(map(sum, zip(*terms, strict=True)))
    assert M.multiply(a, b) == expected
    conjugate = M.conjugate(a)
    for r, c in product(range(2), repeat=2):
        assert entry(conjugate, r, c) == over.conjugate(entry(a, c, r))
    assert M.unit == (*unit(over, 0), *[0] * 2 * n, *unit(over, 0))
    assert M.is_associative


def test_matrices_are_the_known_ones():
    """Split quaternions are M₂(ℝ), and complex matrices are complexified real ones."""
    E = dict(zip(hc.M2.units, (unit(hc.M2, m) for m in range(4)), strict=True))
    one = combination((1, E["E11"]), (1, E["E22"]))
    i = combination((1, E["E21"]), (-1, E["E12"]))
    j = combination((1, E["E12"]), (1, E["E21"]))
    images = [one, i, j, hc.M2.multiply(i, j)]
    assert is_isomorphism(images, hc.SPLIT_QUATERNION, hc.M2)
    M, K = hc.matrix_algebra(2, C), hc.complexify(hc.M2)
    assert M.units == ("E11", "E11i", "E12", "E12i", "E21", "E21i", "E22", "E22i")
    order = [0, 4, 1, 5, 2, 6, 3, 7]  # of a matrix unit: itself, and times i
    assert is_isomorphism([unit(K, m) for m in order], M, K)
    assert hc.matrix_algebra(1, H) == H
    assert len(set(hc.matrix_algebra(12).units)) == 144


def test_albert_is_the_exceptional_jordan_algebra():
    A = hc.ALBERT
    assert A.is_jordan
    assert hc.Algebra(A.units, A.products, A.conjugation).is_jordan  # decided, not known
    assert not A.is_associative
    E, e12 = (unit(A, A.units.index(u)) for u in ("E11", "E12i"))
    assert A.multiply(E, E) == E
    assert A.multiply(E, e12) == combination((Fraction(1, 2), e12))
    assert sum(A.unit) == 3
    assert len(hc.hermitian(4, H).units) == 4 + 6 * 4


# ---------------------------------------------------------------------- parts


def test_other_bases_multiply_alike():
    basis = [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (Fraction(1, 2),) * 4]  # Hurwitz's order
    A = hc.change_basis(H, basis, units=("1", "i", "j", "h"))
    assert is_isomorphism(basis, A, H)
    conjugates = [combination(*zip(A.conjugate(unit(A, m)), basis, strict=True)) for m in range(4)]
    assert conjugates == [H.conjugate(x) for x in basis]
    assert A.is_division
    assert hc.change_basis(H, ["1", "i", "j", "1/2+1/2i+1/2j+1/2k"]) == A
    swapped = hc.change_basis(C, ["i", "1"])
    assert (swapped.units, swapped.unit) == (("i", "1"), (0, 1))


def test_subalgebras_are_closed():
    assert hc.subalgebra(OCT, ["i", "j"]) == H
    assert hc.subalgebra(hc.CGA, ["e1", "e2"]) == hc.clifford(2)
    diagonal_ = hc.subalgebra(hc.M2, ["E11", "E22"])
    assert diagonal_ == hc.direct_sum(R, R)
    upper = hc.subalgebra(hc.M2, ["E11", "E12", "E22"])
    assert upper.dimension == 3
    assert upper.conjugation is None  # transposes lie below
    nilpotent = hc.subalgebra(hc.M2, ["E12"])
    assert nilpotent.products == ()
    assert nilpotent.unit is None
    i_plus_l = hc.subalgebra(OCT, ["i+l"])
    assert i_plus_l.dimension == 2
    assert i_plus_l.is_division


def test_quotients_are_homomorphic_images():
    assert hc.quotient(hc.PGA, ["e0"]) == hc.clifford(3)
    assert hc.quotient(hc.clifford(0, 3), ["1-e123"]) == H
    assert hc.quotient(hc.polynomial_quotient([0, 0, -1, 1]), ["x²"]).dimension == 2  # ε² = 0
    assert hc.quotient(hc.direct_sum(H, C), ["1₂"]) == H
    cubic, x = hc.polynomial_quotient([-1, 0, 0, 1]), "1+x+x²"
    assert is_isomorphism(  # x³ = 1 without x = 1
        [(1, 0), (0, 1)], hc.polynomial_quotient([1, 1, 1]), hc.quotient(cubic, [x])
    )
    with pytest.raises(ValueError, match=r"`ideal` \(=\['i'\]\) is all of QUATERNION"):
        hc.quotient(H, ["i"])


# ---------------------------------------------------------------------- presented


@pytest.mark.parametrize(
    "c", [(1, 0, 1), (-2, 0, 0, 1), (1, 1, 1, 1, 1), (-1, 0, 1), (Fraction(1, 3), 2, 1)]
)
def test_polynomials_multiply_modulo_one(c):
    A, x = hc.polynomial_quotient(c), sp.symbols("x")
    n, modulus = len(c) - 1, sum(d * x**k for k, d in enumerate(c))
    a, b = ([Random(s).randint(-4, 4) for _ in range(n)] for s in range(2))
    full = sp.expand(
        sum(p * x**k for k, p in enumerate(a)) * sum(p * x**k for k, p in enumerate(b))
    )
    rest = sp.Poly(sp.rem(full, modulus, x), x)
    assert [sp.nsimplify(d) for d in A.multiply(a, b)] == [
        rest.coeff_monomial(x**k) for k in range(n)
    ]
    y = A.conjugate(unit(A, 1))
    if tuple(c) in (c[::-1], tuple(-d for d in c[::-1])):
        assert A.multiply(unit(A, 1), y) == unit(A, 0)
    else:
        assert y == unit(A, 1)


def test_polynomials_are_named_after_themselves():
    A = hc.polynomial_quotient([-2, 0, Fraction(1, 2), 1], variable="t")
    assert (A.name, A.units) == ("ℝ[t]/(t³ + 1/2t² - 2)", ("1", "t", "t²"))
    assert hc.polynomial_quotient([5, 1]).dimension == 1


def test_group_algebras_multiply_as_the_group():
    S3 = hc.group_algebra(permutations=[(1, 0, 2), (0, 2, 1)])
    assert S3.dimension == 6
    assert S3.units[0] == "1"
    assert not S3.is_commutative
    for m in range(6):
        g = unit(S3, m)
        assert S3.multiply(g, S3.conjugate(g)) == unit(S3, 0)
    assert hc.group_algebra([[0, 1], [1, 0]]) == hc.polynomial_quotient([-1, 0, 1])
    klein = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]
    assert hc.group_algebra(klein) == hc.tensor_product(*[hc.group_algebra([[0, 1], [1, 0]])] * 2)
    last = hc.group_algebra([[1, 0], [0, 1]])  # the unit has the number 1
    assert (last.units, last.unit) == (("g0", "1"), (0, 1))
    assert hc.group_algebra(permutations=[(0, 1)]).dimension == 1


def test_quaternions_are_a_quotient_of_their_group():
    """ℝ[Q₈] / (1 + (−1)) = ℍ."""
    signed = [(s, m) for s in (1, -1) for m in range(4)]
    number = {g: k for k, g in enumerate(signed)}

    def times(a, b):
        ((k, sign),) = [(k, c) for k, c in enumerate(H.multiply(unit(H, a[1]), unit(H, b[1]))) if c]
        return number[a[0] * b[0] * sign, k]

    Q8 = hc.group_algebra([[times(a, b) for b in signed] for a in signed])
    assert hc.quotient(Q8, [(1, 0, 0, 0, 1, 0, 0, 0)]) == H


def test_matrices_generate():
    i, j = [[0, -1], [1, 0]], [[0, 1], [1, 0]]
    A = hc.from_matrices([i, j])
    assert A.dimension == 4
    assert A.is_associative
    assert sorted(hc.from_matrices([i]).units) == ["a", "aa"]
    basis = [[[1, 0], [0, 0]], [[0, 1], [0, 0]], [[0, 0], [1, 0]], [[0, 0], [0, 1]]]
    assert hc.from_matrices(basis, units=hc.M2.units) == hc.M2
    assert hc.from_matrices(basis[:2]).conjugation is None
    complex_ = hc.from_matrices([[[1, 0], [0, 1]], i], name="C")
    assert complex_ == C
    assert complex_.units == ("1", "a")


@every_small_algebra
def test_tables_are_read_as_they_are_printed(algebra):
    read = hc.from_table(algebra.table())
    assert read.products == algebra.products
    assert read.units == algebra.units


def test_tables_are_read_in_every_form():
    rows = ["1 i", "i -1"]
    cells = [["1", "i"], ["i", "-1"]]
    vectors = [[(1, 0), (0, 1)], [(0, 1), (-1, 0)]]
    for table in (rows, cells, "1 i\ni -1"):
        assert hc.from_table(table) == C
    assert hc.from_table(vectors, units=("1", "i")) == C
    assert (
        hc.from_table([["0", "z", "-y"], ["-z", "0", "x"], ["y", "-x", "0"]], units="xyz") == hc.SO3
    )
    halves = hc.from_table([[1, "s"], ["s", Fraction(1, 2)]], units=("1", "s"))
    assert halves.products == hc.polynomial_quotient([Fraction(-1, 2), 0, 1]).products
    omega = hc.from_table("1 w\nw -1-w")
    assert omega.multiply((0, 1), (0, 1)) == (-1, -1)
    assert omega.conjugation == (1, 1)  # it commutes, and w ↦ −w is none
    assert hc.from_table(hc.M2.table()).products == hc.M2.products


def test_rules_are_read_in_every_form():
    for rules in (
        "i² = j² = k² = -1, ij = k, jk = i, ki = j",
        "i^2 = -1; j**2 = -1; kk = −1\nij = -ji = k, jk = i, k*i = j",
        ["i·i = -1", "j j = -1", "k k = -1", "ij = k", "jk = i", "ki = j"],
    ):
        assert hc.from_rules(rules, anticommuting=True) == H
    assert hc.from_rules("x² = x + 1", name="GOLDEN") == hc.polynomial_quotient([-1, -1, 1])
    assert hc.from_rules("e1e1 = e2e2 = -1, e1e2 = -e2e1 = e3, e3e3 = -1, e2e3 = e1, e3e1 = e2",
                         anticommuting=True) == H  # fmt: skip
    assert hc.from_rules("e f = 1/2g - 2, f f = 0.5", missing="zero", commuting=True).multiply(
        (0, 1, 0, 0), (0, 0, 1, 0)) == (-2, 0, 0, Fraction(1, 2))  # fmt: skip
    units = ("1", "i", "l", "il")
    A = hc.from_rules(
        "i i = l l = -1, i l = il, l i = -il, i·il = -l, il i = l, il·l = -i, l·il = i, il·il = -1",
        units=units,
    )
    assert A == H


# ---------------------------------------------------------------------- by name

DIMENSIONS = {
    "SPLIT_COMPLEX": 2, "DUAL": 2, "TESSARINE": 4, "BICOMPLEX": 4, "SPLIT_QUATERNION": 4,
    "DUAL_QUATERNION": 8, "BIQUATERNION": 8, "SPLIT_OCTONION": 8, "COMPLEX_OCTONION": 16,
    "SEDENION": 16, "SPACETIME": 16, "PGA": 16, "CGA": 32, "M2": 4, "SO3": 3, "ALBERT": 27,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_algebras_by_name(name):
    A = getattr(hc, name)
    assert A is getattr(hc, name)
    assert str(A) == name
    assert A.dimension == DIMENSIONS[name]
    assert name in dir(hc)


def test_the_package_shows_what_is_public_and_nothing_else():
    shown = {name for name in dir(hc) if not name.startswith("__")}
    assert shown == {*hc.__all__, *NAMED}
    assert all(hasattr(hc, name) for name in shown)


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
    assert known(hc.COMPLEX_OCTONION) == ["alternative", "flexible"]
    assert known(hc.cayley_dickson(C, 0)) == ["alternative", "associative", "flexible"]
    assert known(hc.cayley_dickson(H, 1)) == ["alternative", "flexible"]
    assert known(hc.SEDENION) == ["flexible"]
    assert known(hc.cayley_dickson(hc.M2)) == []  # x + xᵀ is not real
    assert known(hc.change_basis(H, ["i", "1", "j", "k"])) == known(H)
    assert known(hc.tensor_product(OCT, C)) == []  # only scalars keep what is not linear
    assert known(hc.jordan(OCT)) == ["commutative", "jordan"]


@pytest.mark.parametrize("name", [*NAMED, "REAL", "COMPLEX", "QUATERNION", "OCTONION"])
def test_theory_agrees_with_the_table(name):
    from hypercomplex.algebra.laws import _known

    A = getattr(hc, name)
    plain = hc.Algebra(A.units, A.products, A.conjugation)
    if A.dimension <= 16 or "associative" in _known(A):
        assert all(getattr(plain, f"is_{law}") for law in _known(A))


# ---------------------------------------------------------------------- what is wrong


LOOP = [  # Latin, with a unit, and not associative
    [0, 1, 2, 3, 4], [1, 0, 3, 4, 2], [2, 4, 0, 1, 3], [3, 2, 4, 0, 1], [4, 3, 1, 2, 0],
]  # fmt: skip


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
        (lambda: hc.cayley_dickson(hc.SO3, 1), NotImplementedError, "double of SO3 needs a conj"),
        (lambda: hc.tensor_product(), ValueError, "`algebras` is empty; give one"),
        (lambda: hc.tensor_product(H, 3), TypeError, r"`algebras` \(=3\) must be an Algebra"),
        (lambda: hc.complexify(None), TypeError, r"`algebra` \(=None\) must be an Algebra"),
        (lambda: hc.dual("H"), TypeError, r"`algebra` \(='H'\) must be an Algebra"),
        (lambda: hc.opposite(2), TypeError, "`algebra`"),
        (lambda: hc.unitization(2), TypeError, "`algebra`"),
        (lambda: hc.jordan(2), TypeError, "`algebra`"),
        (lambda: hc.even_subalgebra(2), TypeError, "`algebra`"),
        (lambda: hc.direct_sum(), ValueError, "`algebras` is empty"),
        (lambda: hc.matrix_algebra(0), ValueError, r"`n` \(=0\) counts rows .* at least 1"),
        (lambda: hc.matrix_algebra(2.0), TypeError, r"`n` \(=2.0\) counts rows and columns and"),
        (lambda: hc.matrix_algebra(2, 3), TypeError, r"`over` \(=3\) must be an Algebra"),
        (lambda: hc.hermitian(2, hc.SO3), ValueError, r"`over` \(=SO3\) must have a conjugation"),
        (lambda: hc.change_basis(H, ["1", "i"]), ValueError, "`basis` .* it has 2, and 2 of them"),
        (lambda: hc.change_basis(C, ["1", "2"]), ValueError, "it has 2, and 1 of them are indep"),
        (lambda: hc.change_basis(C, ["1", "x"]), ValueError,
         "`basis`: in 'x', there is no unit 'x'; the units are 1, i"),
        (lambda: hc.change_basis(C, [(1, 0), (0.5, 1)]), TypeError, "`basis` .* holds 0.5"),
        (lambda: hc.change_basis(C, [(1, 0), (1, 0, 0)]), ValueError, "must hold 2 numbers, not 3"),
        (lambda: hc.change_basis(C, "1i"), TypeError, "`basis` .* must be a sequence of elements"),
        (lambda: hc.subalgebra(H, []), ValueError, r"`generators` \(=\[\]\) must hold an element"),
        (lambda: hc.subalgebra(H, ["i +"]), ValueError, r"`generators`: 'i \+' is no sum of units"),
        (lambda: hc.subalgebra(hc.SO3, ["1"]), ValueError, "there is no unit 1 to multiply"),
        (lambda: hc.quotient(H, 3), TypeError, r"`ideal` \(=3\) must be a sequence of elements"),
        (lambda: hc.polynomial_quotient([1]), ValueError, "`coefficients` .* of degree 1 or more"),
        (lambda: hc.polynomial_quotient([1, 2]), ValueError, "the constant first and 1 last"),
        (lambda: hc.polynomial_quotient([1.0, 1]), TypeError, "`coefficients` .* holds 1.0"),
        (lambda: hc.polynomial_quotient([1, 1], variable=3), TypeError, r"`variable` \(=3\)"),
        (lambda: hc.group_algebra(), ValueError, "`table` or `permutations` must be given"),
        (lambda: hc.group_algebra([[0, 0], [1, 1]]), ValueError, "`table` .* a Cayley table"),
        (lambda: hc.group_algebra([[0, 1]]), ValueError, "`table` .* a Cayley table"),
        (lambda: hc.group_algebra([[0, "a"]]), TypeError, "`table` holds 'a'; number the elements"),
        (lambda: hc.group_algebra(LOOP), ValueError, r"of no group: \(ab\)c is not a\(bc\) for"),
        (lambda: hc.group_algebra([[1, 2, 0], [0, 1, 2], [2, 0, 1]]), ValueError, "has no unit"),
        (lambda: hc.group_algebra(permutations=[(0, 0)]), ValueError, "`permutations` .* once"),
        (lambda: hc.group_algebra(permutations=[(1, 0, *range(2, 7)), (*range(1, 7), 0)]),
         ValueError, "the group has more than 1024 elements"),
        (lambda: hc.from_matrices([]), ValueError, "`matrices` must hold square matrices"),
        (lambda: hc.from_matrices([[[1, 2]]]), ValueError, "as many rows as columns"),
        (lambda: hc.from_matrices([[[0]]]), ValueError, "must hold one that is not 0"),
        (lambda: hc.from_table("1 i\ni"), ValueError, "`table` must have 2 rows of 2 cells"),
        (lambda: hc.from_table("1 i\ni x"), ValueError, "`table`: in 'x', there is no unit 'x'"),
        (lambda: hc.from_table(3), TypeError, r"`table` \(=3\) must be a sequence of rows"),
        (lambda: hc.from_table([]), ValueError, "`table` .* must have a row for each unit"),
        (lambda: hc.from_rules("ij = k"), ValueError, "`rules` do not say what i·i, i·k, j·i"),
        (lambda: hc.from_rules(""), ValueError, "`rules` has no letter in it; write equations such"),
        (lambda: hc.from_rules("ij"), ValueError, "`rules`: 'ij' is no rule such as 'ij = k'"),
        (lambda: hc.from_rules("ij = ji"), ValueError, "'ij = ji' must give products of two units"),
        (lambda: hc.from_rules("ii = j, i² = i"), ValueError, "`rules` say twice what i·i is"),
        (lambda: hc.from_rules("ijk = -1"), ValueError, "must give products of two units one"),
        (lambda: hc.from_rules("i²=j²=k²=ijk=-1"), ValueError,
         "one value, .*; from_relations reads all other equations"),
        (lambda: hc.direct_sum([R, R]), TypeError, "`algebras` holds a sequence; give algebras one"),
        (lambda: hc.from_rules(3), TypeError, r"`rules` \(=3\) must be a sequence of rules"),
        (lambda: hc.from_rules("ii = i", missing="no"), ValueError, r"`missing` \(='no'\) must be"),
        (lambda: hc.from_rules("ii = i", commuting=1), TypeError, r"`commuting` \(=1\) must be True"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
