"""The tables are right: sympy derives every product from pairs, signs from anticommutation."""

import pickle
from fractions import Fraction
from itertools import product
from random import Random

import pytest
import sympy as sp
import torch

import hypercomplex as hc
from tests.algebra.theory import HURWITZ, OBLIQUE, rewritten
from tests.cases import ALGEBRAS, FRACTIONAL, SEDENION, every_small_algebra, unit


def pair_conj(x):
    """The conjugate of a nested pair of sympy numbers: (a, b)* = (a*, -b)."""
    if not isinstance(x, tuple):
        return x
    return pair_conj(x[0]), pair_map(lambda t: -t, x[1])


def pair_map(f, x):
    return tuple(pair_map(f, part) for part in x) if isinstance(x, tuple) else f(x)


def pair_add(x, y, sign=1):
    if not isinstance(x, tuple):
        return x + sign * y
    return pair_add(x[0], y[0], sign), pair_add(x[1], y[1], sign)


def pair_mul(x, y):
    """(a, b)(c, d) = (ac - d*b, da + bc*), literally."""
    if not isinstance(x, tuple):
        return x * y
    (a, b), (c, d) = x, y
    return (
        pair_add(pair_mul(a, c), pair_mul(pair_conj(d), b), -1),
        pair_add(pair_mul(d, a), pair_mul(b, pair_conj(c))),
    )


def nest(flat):
    return (
        flat[0] if len(flat) == 1 else (nest(flat[: len(flat) // 2]), nest(flat[len(flat) // 2 :]))
    )


def flatten(x):
    return [*flatten(x[0]), *flatten(x[1])] if isinstance(x, tuple) else [x]


CAYLEY_DICKSON = (hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION, SEDENION)


@pytest.mark.parametrize("algebra", CAYLEY_DICKSON, ids=str)
def test_product_and_conjugate_are_those_of_pairs(algebra):
    n = algebra.dimension
    a, b = sp.symbols(f"a:{n}"), sp.symbols(f"b:{n}")
    expected = flatten(pair_mul(nest(a), nest(b)))
    difference = [sp.expand(x - y) for x, y in zip(algebra.multiply(a, b), expected, strict=True)]
    assert difference == [0] * n
    assert list(algebra.conjugate(a)) == flatten(pair_conj(nest(a)))


def test_quaternions_follow_hamilton():
    i, j, k = (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)
    minus_one = (-1, 0, 0, 0)
    H = hc.QUATERNION
    assert H.multiply(i, j) == k
    assert H.multiply(j, k) == i
    assert H.multiply(k, i) == j
    assert H.multiply(i, i) == H.multiply(j, j) == H.multiply(k, k) == minus_one
    assert H.multiply(H.multiply(i, j), k) == minus_one


@pytest.mark.parametrize(
    "signature", [(2, 0, 0), (0, 3, 0), (3, 0, 0), (1, 1, 1), (2, 0, 1), (1, 3, 0)]
)
def test_clifford_is_generated_by_anticommuting_generators(signature):
    p, q, r = signature
    algebra = hc.clifford(p, q, r)
    n = p + q + r
    assert algebra.dimension == 2**n
    generators = [unit(algebra, 1 << g) for g in range(n)]
    squares = [1] * p + [-1] * q + [0] * r
    for a, b in product(range(n), repeat=2):
        ab = algebra.multiply(generators[a], generators[b])
        ba = algebra.multiply(generators[b], generators[a])
        anticommutator = [x + y for x, y in zip(ab, ba, strict=True)]
        assert anticommutator == [2 * squares[a] if a == b else 0, *[0] * (2**n - 1)]
    for blade in range(2**n):  # e_blade is the ordered product of its generators
        factors = [generators[g] for g in range(n) if blade >> g & 1]
        result = unit(algebra, 0)
        for factor in factors:
            result = algebra.multiply(result, factor)
        assert result == unit(algebra, blade)
        reversed_sign = unit(algebra, 0)
        for factor in reversed(factors):
            reversed_sign = algebra.multiply(reversed_sign, tuple(-x for x in factor))
        assert algebra.conjugate(unit(algebra, blade)) == reversed_sign
    assert algebra.is_associative


@every_small_algebra
def test_conjugation_reverses_products(algebra):
    n = algebra.dimension
    a, b = sp.symbols(f"a:{n}"), sp.symbols(f"b:{n}")
    left = algebra.conjugate(algebra.multiply(a, b))
    right = algebra.multiply(algebra.conjugate(b), algebra.conjugate(a))
    assert [sp.expand(x - y) for x, y in zip(left, right, strict=True)] == [0] * n
    assert algebra.conjugate(algebra.conjugate(a)) == a


@every_small_algebra
def test_left_matrices_represent_exactly_the_associative_algebras(algebra):
    """L(ab) = L(a) L(b) if and only if the algebra is associative."""
    n = algebra.dimension
    a, b = sp.symbols(f"a:{n}"), sp.symbols(f"b:{n}")
    L = lambda x: sp.Matrix(algebra.left_matrix(x))
    assert (L(a) * sp.Matrix(b) - sp.Matrix(algebra.multiply(a, b))).expand() == sp.zeros(n, 1)
    homomorphic = (L(algebra.multiply(a, b)) - L(a) * L(b)).expand() == sp.zeros(n, n)
    assert homomorphic == bool(algebra.is_associative)


@every_small_algebra
def test_norm_is_the_real_part_of_x_times_its_conjugate(algebra):
    n = algebra.dimension
    x = sp.symbols(f"x:{n}")
    real, *imaginary = algebra.multiply(x, algebra.conjugate(x))
    assert sp.expand(real - algebra.norm(x)) == 0
    assert algebra.has_real_norm == all(sp.expand(part) == 0 for part in imaginary)


# ---------------------------------------------------------------------- laws

YES_AND_NO = {
    # commutative, associative, alternative, flexible, power associative, composition, division
    hc.REAL: "1111111",
    hc.COMPLEX: "1111111",
    hc.QUATERNION: "0111111",
    hc.OCTONION: "0011111",
    SEDENION: "0001100",
    hc.cayley_dickson(hc.REAL, 1): "1111110",
    hc.cayley_dickson(hc.REAL, 0): "1111100",  # N(ε) = 0
    hc.cayley_dickson(hc.COMPLEX, 1): "0111110",
    FRACTIONAL: "1111111",
    hc.clifford(3): "0111100",
    hc.clifford(0, 3): "0111100",
}
LAWS = [
    "commutative",
    "associative",
    "alternative",
    "flexible",
    "power_associative",
    "composition",
    "division",
]


@pytest.mark.parametrize("algebra", YES_AND_NO, ids=str)
def test_laws_are_the_known_ones(algebra):
    verdicts = [getattr(algebra, f"is_{law}") for law in LAWS]
    assert "".join(str(int(bool(v))) for v in verdicts) == YES_AND_NO[algebra]


def test_what_theory_knows_is_not_decided_again():
    from hypercomplex.algebra.laws import known

    large = known(hc.clifford(6), "associative")  # 64³ associators
    assert known(large) is large
    assert all(getattr(large, f"is_{law}") for law in LAWS[1:5])
    wrong = known(hc.cayley_dickson(SEDENION), "associative")  # the word of a construction is taken
    assert wrong.is_associative
    assert not hc.cayley_dickson(SEDENION).is_associative
    with pytest.raises(ValueError, match=r"`law` \(='assocative'\) must be"):
        known(hc.REAL, "assocative")


def test_a_counterexample_breaks_the_law():
    x, y, z = hc.OCTONION.is_associative.elements
    mul = hc.OCTONION.multiply
    assert mul(mul(x, y), z) != mul(x, mul(y, z))
    x, y = SEDENION.is_division.elements
    assert any(x)
    assert any(y)
    assert not any(SEDENION.multiply(x, y))


def test_a_power_that_depends_on_brackets_is_found():
    """e1 e1 = e2, e2 e1 = 1 but e1 e2 = 0: (xx)x is not x(xx)."""
    products = (
        *((0, i, i, 1) for i in range(3)),
        *((1, 0, 1, 1), (2, 0, 2, 1), (1, 1, 2, 1), (2, 1, 0, 1)),
    )
    algebra = hc.Algebra(("1", "a", "b"), products, (1, -1, -1))
    assert not algebra.is_power_associative


def quotient(*coefficients):
    """The algebra of the reals and a root of the monic polynomial, its constant first."""
    n = len(coefficients)
    powers = [list(unit_of(n, k)) for k in range(n)]
    while len(powers) < 2 * n - 1:
        *low, top = [0, *powers[-1]]
        powers.append([c - top * m for c, m in zip(low, coefficients, strict=True)])
    products = tuple(
        (i, j, k, c) for i in range(n) for j in range(n) for k, c in enumerate(powers[i + j]) if c
    )
    return hc.Algebra(tuple(f"x{k}" for k in range(n)), products, (1,) * n, f"R[x]/{coefficients}")


def unit_of(n, k):
    return tuple(int(m == k) for m in range(n))


def skewed(h):
    """Imaginary a, b, c that square to −1, with bc = h₀, ca = h₁ and ab = h₂, and anticommute."""
    products = [(0, i, i, 1) for i in range(4)] + [(i, 0, i, 1) for i in range(1, 4)]
    products += [(i, i, 0, -1) for i in range(1, 4)]
    for k, row in enumerate(h):
        i, j = (k + 1) % 3 + 1, (k + 2) % 3 + 1
        products += [(i, j, m + 1, c) for m, c in enumerate(row) if c]
        products += [(j, i, m + 1, -c) for m, c in enumerate(row) if c]
    return hc.Algebra(("1", "a", "b", "c"), tuple(products), (1, -1, -1, -1), f"skewed{h}")


ROOT_OF_TWO = hc.Algebra(
    ("1", "s"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 2)), (1, -1)
)
THREE = hc.Algebra(
    ("1", "a", "b"),
    (
        *((0, i, i, 1) for i in range(3)), (1, 0, 1, 1), (2, 0, 2, 1),
        (1, 1, 0, -1), (2, 2, 0, -1), (1, 2, 1, 1), (2, 1, 1, -1),
    ),
    (1, -1, -1),
    "THREE",
)  # fmt: skip
DIVIDE = [
    hc.cayley_dickson(hc.QUATERNION, Fraction(-1, 2)),
    hc.cayley_dickson(hc.cayley_dickson(hc.REAL, -3), -5),
    quotient(1, 1),
    quotient(7, -3),
    skewed(((1, 0, 0), (0, 2, 0), (0, 0, 2))),
    skewed(((3, 1, 0), (0, 3, 1), (1, 0, 3))),
]
DO_NOT_DIVIDE = [
    hc.cayley_dickson(hc.REAL, 2),
    hc.cayley_dickson(hc.COMPLEX, 3),
    hc.cayley_dickson(hc.QUATERNION, Fraction(1, 2)),
    hc.cayley_dickson(hc.cayley_dickson(hc.REAL, -1), 0),
    *(hc.clifford(0, 3), hc.clifford(4, 1), SEDENION, ROOT_OF_TWO, THREE),
    *(quotient(-2, -1), quotient(0, 0, 0), quotient(-2, 0, 0), quotient(1, -3, 0)),
    *(quotient(1, 0, 0, 0), quotient(-1, -1, 0, 0, 0)),
    skewed(((1, 0, 0), (0, 2, 0), (0, 0, -2))),
    skewed(((1, 0, 0), (0, 2, 0), (0, 0, 0))),
    skewed(((0, 1, 0), (0, 0, 1), (1, 0, 0))),
]


@pytest.mark.parametrize("algebra", DIVIDE, ids=str)
def test_division_algebras_divide(algebra):
    assert algebra.is_division


@pytest.mark.parametrize("algebra", DO_NOT_DIVIDE, ids=str)
def test_what_does_not_divide_has_zero_divisors(algebra):
    law = algebra.is_division
    assert not law
    x, y = law.elements
    assert any(x)
    assert any(y)
    # roots of polynomials to 40 digits; the others are exact
    digits = lambda element: [sp.N(c, 40) if isinstance(c, sp.Expr) else c for c in element]
    assert all(abs(c) < 1e-30 for c in algebra.multiply(digits(x), digits(y)))
    assert len(law.counterexample) == 2


def random_table(seed, n, unital):
    random = Random(seed)
    products = [(0, i, i, 1) for i in range(n)] + [(i, 0, i, 1) for i in range(1, n)]
    products = products if unital else []
    first = int(unital)
    for i, j in product(range(first, n), repeat=2):
        products += [
            (i, j, k, random.choice([1, -1, 2])) for k in range(n) if random.random() < 0.4
        ]
    return hc.Algebra(tuple("1abcdefg"[:n]), tuple(products), None, f"random{seed}")


@pytest.mark.parametrize("unital", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_whatever_has_odd_dimension_has_zero_divisors_that_are_known(seed, unital):
    test_what_does_not_divide_has_zero_divisors(random_table(seed, 3 + 2 * (seed % 2), unital))


@pytest.mark.parametrize("seed", range(30))
def test_two_dimensions_are_decided(seed):
    """By the discriminant of the determinant of x ↦ (x · ), a quadratic form."""
    random = Random(seed)
    products = tuple(
        (i, j, k, random.choice([1, -1, 2])) for i, j, k in product(range(2), repeat=3)
    )
    algebra = hc.Algebra(("a", "b"), products, None, f"plane{seed}")
    x, y = sp.symbols("x y")
    determinant = sp.Poly(sp.Matrix(algebra.left_matrix((x, y))).det(), x, y)
    a, b, c = (determinant.coeff_monomial(m) for m in (x**2, x * y, y**2))
    assert bool(algebra.is_division) == bool(b**2 < 4 * a * c)
    if not algebra.is_division:
        test_what_does_not_divide_has_zero_divisors(algebra)


@pytest.mark.parametrize("algebra", [HURWITZ, OBLIQUE], ids=str)
def test_quaternions_divide_in_every_basis(algebra):
    assert algebra.is_quadratic
    assert algebra.is_division


def test_zero_divisors_in_another_basis():
    algebra = rewritten(
        hc.SPLIT_QUATERNION, ((1, 2, 0, 0), (0, 1, 0, 1), (3, 0, 1, 0), (0, 0, 1, -1))
    )
    test_what_does_not_divide_has_zero_divisors(algebra)


def test_rational_zero_divisors_are_integers():
    for algebra in (hc.clifford(3), hc.clifford(1, 1, 1), SEDENION, quotient(-6, 5)):
        for x in algebra.is_division.elements:
            assert all(isinstance(c, int) for c in x)


def test_an_undecided_division_algebra_says_so():
    """The octonions with ij = 2k: quadratic with definite squares, but not alternative."""
    doubled = {(1, 2), (2, 1), (2, 3), (3, 2), (1, 3), (3, 1)}
    products = tuple(
        (i, j, k, 2 * c if (i, j) in doubled else c) for i, j, k, c in hc.OCTONION.products
    )
    algebra = hc.Algebra(hc.OCTONION.units, products, hc.OCTONION.conjugation, "SKEWED")
    with pytest.raises(NotImplementedError, match="SKEWED: no zero divisors among"):
        _ = algebra.is_division


def test_laws_of_large_algebras_are_decided_along_the_table():
    """In seconds: over all sums of basis elements it would take hours."""
    algebra = hc.clifford(4, 2)
    assert len(algebra.products) == 64**2
    assert algebra.is_associative
    assert algebra.is_power_associative
    assert not algebra.is_division
    *others, (i, j, k, c) = algebra.products
    broken = (*others, (i, j, k, -c))
    law = hc.Algebra(algebra.units, broken, algebra.conjugation).is_associative
    x, y, z = law.elements
    assert not law
    other = hc.Algebra(algebra.units, broken, algebra.conjugation)
    assert other.multiply(other.multiply(x, y), z) != other.multiply(x, other.multiply(y, z))


@pytest.mark.parametrize("seed", range(40))
def test_powers_are_unambiguous_if_those_of_all_small_elements_are(seed):
    """Random tables, every other one commutative, against evaluation on a grid."""
    random = Random(seed)
    n = 3 + seed % 2
    products = [(0, i, i, 1) for i in range(n)] + [(i, 0, i, 1) for i in range(1, n)]
    for i, j, k in product(range(1, n), range(1, n), range(n)):
        if random.random() < 0.2 and (seed % 4 > 1 or i <= j):
            c = random.choice([1, -1])
            products += [(i, j, k, c)] + [(j, i, k, c)] * (seed % 4 < 2 and i < j)
    algebra = hc.Algebra(tuple("1abc"[:n]), tuple(products), (1, *[-1] * (n - 1)))
    mul = algebra.multiply
    expected = True
    for x in product(range(-2, 3), repeat=n - 1):
        x = (0, *x)
        xx = mul(x, x)
        expected &= mul(xx, x) == mul(x, xx) and mul(xx, xx) == mul(mul(xx, x), x)
    assert bool(algebra.is_power_associative) == expected


@every_small_algebra
def test_associativity_is_that_of_all_triples(algebra):
    basis = [unit(algebra, i) for i in range(algebra.dimension)]
    multiply = algebra.multiply
    exact = all(
        multiply(multiply(x, y), z) == multiply(x, multiply(y, z))
        for x, y, z in product(basis, repeat=3)
    )
    assert bool(algebra.is_associative) == exact


# ---------------------------------------------------------------------- values


def test_equality_is_that_of_products():
    assert hc.clifford(0, 1) == hc.COMPLEX
    assert hc.clifford(0, 2) == hc.QUATERNION
    assert hash(hc.clifford(0, 2)) == hash(hc.QUATERNION)
    assert hc.clifford(2, 0) != hc.QUATERNION
    assert hc.clifford(0, 3) != hc.OCTONION
    conjugated_otherwise = hc.Algebra(hc.COMPLEX.units, hc.COMPLEX.products, (1, 1))
    assert conjugated_otherwise != hc.COMPLEX


@every_small_algebra
def test_algebras_pickle(algebra):
    copy = pickle.loads(pickle.dumps(algebra))
    assert copy == algebra
    assert (copy.name, copy.units) == (algebra.name, algebra.units)


def test_algebras_are_frozen():
    with pytest.raises(AttributeError):
        hc.QUATERNION.name = "other"


def test_coefficients_are_exact():
    assert FRACTIONAL.multiply((0, 1), (0, 1)) == (Fraction(-1, 4), 0)


def test_tables_and_elements_read_well():
    assert repr(hc.COMPLEX) == "COMPLEX, dimension 2\n  │ 1  i\n──┼─────\n1 │ 1  i\ni │ i -1"
    assert hc.QUATERNION.format((0, 0, 0, 0)) == "0"
    assert hc.QUATERNION.format((0, -1, 1, 3)) == "-i+j+3k"
    assert hc.clifford(2).format((1, 0, 0, 2)) == "1+2*e12"  # 2e12 would be a number
    assert "dimension 32" in repr(hc.clifford(5))
    assert repr(hc.clifford(5)).splitlines()[-1].startswith("… 1024 products; table((0, 1))")


GOOD = (("1", "i"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, -1)), (1, -1))


@pytest.mark.parametrize(
    ("units", "products", "conjugation", "message"),
    [
        (
            GOOD[0],
            (*GOOD[1], (0, 2, 0, 1)),
            GOOD[2],
            r"indices of \(0, 2, 0, 1\) must lie in 0 … 1",
        ),
        (GOOD[0], (*GOOD[1], (1, 1, 1, 0.5)), GOOD[2], "must be an integer or a Fraction"),
        (GOOD[0], (*GOOD[1], (1, 1, 0, 2)), GOOD[2], r"constant of \(1, 1, 0\) is given twice"),
        (GOOD[0], GOOD[1], (1, 2), r"`conjugation` \(=\(1, 2\)\) must hold one sign"),
        (GOOD[0], GOOD[1], (1,), "for each of the 2 units"),
    ],
)
def test_bad_tables_are_refused(units, products, conjugation, message):
    hc.Algebra(*GOOD)
    with pytest.raises(ValueError, match=message):
        hc.Algebra(units, products, conjugation)


U, P, C = GOOD


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (((), (), ()), ValueError, "`units` is empty"),
        ((("1", "1"), P, C), ValueError, "has a name twice"),
        (
            ((1, 2), P, C),
            TypeError,
            r"`units` \(=\(1, 2\)\) holds 1; give each basis element a name",
        ),
        (((b"1", b"i"), P, C), TypeError, "give each basis element a name"),
        ((3, P, C), TypeError, r"`units` \(=3\) must be a sequence"),
        ((U, None, C), TypeError, r"`products` \(=None\) must be a sequence"),
        ((U, "0001", C), TypeError, "must be a sequence of structure constants"),
        (
            (U, ((0, 0, 0), *P), C),
            ValueError,
            r"`products` holds \(0, 0, 0\); write \(i, j, k, c\)",
        ),
        ((U, (7, *P), C), ValueError, "`products` holds 7"),
        ((U, P, 3), TypeError, r"`conjugation` \(=3\) must be a sequence"),
        ((U, P, (1.0, -1.0)), ValueError, "must hold one sign"),
        ((U, P, (-1, -1)), ValueError, "must keep the unit of the algebra"),
        ((U, P, C, None), TypeError, r"`name` \(=None\) must be a string"),
    ],
)
def test_arguments_of_other_kinds_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        hc.Algebra(*arguments)


def test_tables_hold_plain_values():
    """What a file says can be said of every algebra, whatever kinds its table came in."""

    class Share(Fraction):
        pass

    class Name(str):
        __slots__ = ()

    units, sign = (Name("1"), Name("i")), (True, -1)
    products = (*P[:-1], (True, True, False, Share(-1, 2)))
    algebra = hc.Algebra(units, products, sign, Name("PLAIN"))
    other = hc.Algebra(units, ((0, 0, False, True), *P[1:]), sign)
    for parts in (algebra.units, [algebra.name], algebra.conjugation, *algebra.products):
        assert {type(part) for part in parts} <= {str, int, Fraction}
    assert {type(part) for product in other.products for part in product} == {int}


def test_tables_may_be_lists():
    algebra = hc.Algebra(list(U), [list(p) for p in P], list(C))
    assert algebra == hc.COMPLEX
    assert hash(algebra) == hash(hc.COMPLEX)
    assert type(algebra.units) is tuple


def test_a_conjugation_turns_products_round():
    H = hc.QUATERNION
    for signs in ((1, 1, -1, -1), (1, 1, 1, 1), (1, -1, 1, -1)):
        with pytest.raises(ValueError, match=r"must turn products round, but the conjugate of i·j"):
            hc.Algebra(H.units, H.products, signs)
    reversion = hc.Algebra(H.units, H.products, (1, 1, 1, -1))  # fixes i and j
    assert reversion.conjugate((1, 2, 3, 4)) == (1, 2, 3, -4)
    omega = (*P[:3], (1, 1, 0, -1), (1, 1, 1, -1))  # ω² = -1 - ω, whose true conjugate is -1 - ω
    assert hc.Algebra(U, omega, (1, -1)).conjugate((1, 2)) == (1, -2)
    assert hc.Algebra(U, omega, (1, 1)).conjugate((1, 2)) == (1, 2)


def test_constants_beyond_float64_are_exact_only():
    for c in (10**400, Fraction(1, 10**400)):
        algebra = hc.Algebra(U, (*P[:3], (1, 1, 0, c)), C, "BEYOND")
        assert algebra.multiply((0, 1), (0, 1)) == (c, 0)
        message = "BEYOND has no tensors: the constant of e_0 in e_1 e_1 is beyond float64"
        with pytest.raises(ValueError, match=message):
            hc.tensor_type(algebra).ones(1)
        with pytest.raises(ValueError, match=message):
            hc.functional.product(torch.ones(2), torch.ones(2), algebra)
    near_one = Fraction(10**400 + 1, 10**400)
    algebra = hc.Algebra(U, (*P[:3], (1, 1, 0, near_one)), C)
    assert (hc.tensor_type(algebra)([0.0, 1]) ** 2).real == 1


def test_bad_arguments_are_refused():
    with pytest.raises(TypeError, match=r"`p` \(='3'\) counts generators and must be an integer"):
        hc.clifford("3")
    with pytest.raises(TypeError, match=r"`r` \(=2.0\) counts generators"):
        hc.clifford(1, 1, 2.0)
    with pytest.raises(TypeError, match=r"`algebra` \(=None\) must be an Algebra"):
        hc.cayley_dickson(None)
    with pytest.raises(TypeError, match=r"`gamma` \(=-1.0\) must be an integer or a Fraction"):
        hc.cayley_dickson(hc.REAL, -1.0)
    with pytest.raises(ValueError, match=r"`q` \(=-1\) counts generators"):
        hc.clifford(1, -1)
    with pytest.raises(ValueError, match=r"`b` \(=\(1, 2\)\) must have 4 coefficients"):
        hc.QUATERNION.multiply((1, 2, 3, 4), (1, 2))
    from hypercomplex.algebra.laws import decide

    with pytest.raises(ValueError, match=r"`law` \(='jacobi'\) must be"):
        decide(hc.REAL, "jacobi")


def test_every_small_algebra_has_its_own_name():
    assert len({str(algebra) for algebra in ALGEBRAS}) == len(ALGEBRAS)


def test_the_dimension_tells_algebras_apart():
    """Without products nothing else does; what is kept by algebra must not serve another."""
    a, b = hc.Algebra(("a",), ()), hc.Algebra(("a", "b"), ())
    assert a != b
    assert hash(a) != hash(b)
    assert hash(a) == hash(hc.Algebra(("z",), (), name="Z"))
    assert pickle.loads(pickle.dumps(b)) == b
    widths = [
        hc.tensor_type(hc.lie(A)).randn(3).components.shape[-1] for A in (hc.REAL, hc.COMPLEX)
    ]
    assert widths == [1, 2]
