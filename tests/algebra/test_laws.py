"""Laws in a language: what is read, and what is decided, against sympy's expansion."""

from fractions import Fraction
from itertools import product
from random import Random

import pytest
import sympy as sp

import hypercomplex as hc
from hypercomplex.algebra import laws
from hypercomplex.algebra.identities import sentences
from tests.algebra.theory import ALBERT, HURWITZ, OBLIQUE, ROTATIONS
from tests.cases import FRACTIONAL, SEDENION, every_small_algebra

SAY_THE_SAME = [
    ("xy = yx", "[x, y] = 0"),
    ("(xy)z = x(yz)", "(x, y, z) = 0"),
    ("xx = 0", "x^2 = 0"),
    ("xx = 0", "x² = 0"),
    ("xx = 0", "x*x = 0"),
    ("xx = 0", "-1/2 x² + xx = -1/2 xx"),
    ("x x̄ = N(x)", "x conj(x) = Re(x x̄)"),
    ("x x̄ = N(x)", "x conj(x) = Re(x conj(x))"),
    ("(x + y)(x - y) = 0", "xx + yx - xy - yy = 0"),
    ("xN(y) = x", "N(y)x = x"),
    ("2xy/3 = 0", "2/3 xy = 0"),
    ("2(xy) = 0", "xy + xy = 0"),
    ("x1 = 1x", "x = x"),
    ("N(2x) = 4N(x)", "x = x"),
    ("x = y = z", "x = y and x = z"),
    ("ā = a", "conj(a) = a"),
]


@pytest.mark.parametrize(("law", "same"), SAY_THE_SAME)
def test_spellings_of_one_law(law, same):
    assert sentences(law) == sentences(same)


@pytest.mark.parametrize(
    ("law", "message"),
    [
        ("xyz = 0", r"`law` \(='xyz = 0'\) has 3 factors side by side, 'xyz': products are of"),
        ("nonsense", r"has 8 factors side by side, 'nonsense': .* as in \(xy\)z = x\(yz\)"),
        ("x^3 = 0", r"has a power other than \^2: write \(xx\)x or x\(xx\), after 'x\^…'"),
        ("xy", "must be made of equations"),
        ("xy = yx and x", "must be made of equations"),
        ("= x", "has nothing on one side of an equation"),
        ("xy == yx", "has nothing on one side of an equation"),
        ("xy = yx and", "has nothing on one side of an equation"),
        ("x = (y", r"must have '\)', not 'its end'"),
        ("x) = y", r"cannot have '\)' there, after 'x…'"),
        ("(x, y) = 0", r"has 2 terms between brackets: take \[x, y\] or \(x, y, z\)"),
        ("[x, y, z] = 0", "has 3 terms between brackets"),
        ("x/y = 1", "can be divided by positive integers only"),
        ("x/0 = 1", "can be divided by positive integers only"),
        ("x + = y", r"must have a term there, after 'x\+…'"),
        ("X = x", "must have a term there, where 'X' begins"),
        ("x & y = 0", "cannot have '&' there"),
        ("1/2x^ = 0", "has a power other than"),
    ],
)
def test_what_cannot_be_read_is_refused(law, message):
    with pytest.raises(ValueError, match=message):
        hc.REAL.satisfies(law)


def test_a_law_is_a_text():
    with pytest.raises(TypeError, match=r"`law` \(=3\) must be a text"):
        hc.REAL.satisfies(3)


# ---------------------------------------------------------------------- against sympy


def random_algebra(seed, n=3):
    """A table of small integers and fractions with unit, commutative or not."""
    random = Random(seed)
    table = [(0, i, i, 1) for i in range(n)] + [(i, 0, i, 1) for i in range(1, n)]
    for i, j in product(range(1, n), repeat=2):
        table += [
            (i, j, k, random.choice([1, -1, 2, Fraction(1, 2), Fraction(-2, 3)]))
            for k in range(n)
            if random.random() < 0.25
        ]
    return hc.Algebra(tuple("1abcdefg"[:n]), tuple(table), (1, *[-1] * (n - 1)), f"random{seed}")


def symbolic(algebra, tree, elements):
    """The value of a tree with symbols: the slow twin."""
    if len(tree) == 1:
        return elements[tree[0]]
    branches = [symbolic(algebra, branch, elements) for branch in tree[1:]]
    if tree[0] == "product":
        return tuple(map(sp.expand, algebra.multiply(*branches)))
    if tree[0] == "conj":
        return algebra.conjugate(*branches)
    return branches[0][0], *[0] * (algebra.dimension - 1)


def holds(algebra, law):
    n = algebra.dimension
    elements = {letter: sp.symbols(f"{letter}:{n}") for letter in "xyz"}
    elements["1"] = (1, *[0] * (n - 1))
    for polynomial in sentences(law):
        total = sp.zeros(n, 1)
        for tree, c in polynomial.items():
            total += sp.Rational(c.numerator, c.denominator) * sp.Matrix(
                symbolic(algebra, tree, elements)
            )
        if any(total.expand()):
            return False
    return True


TRUE_AND_FALSE = [
    "xy = yx",
    "(x, y, x) = 0",
    "x^2 = 2Re(x)x - x x̄",
    "x x̄ = N(x)",
    "N(xy) = N(x)N(y)",
    "conj(xy) = ȳ x̄",
    "(xx)(yx) = ((xx)y)x and xy = yx",
    "x(yy) = (xy)y",
    "x^2 - 1 = (x - 1)(x + 1)",
    "x^2 + x/2 = 0",
    "[x, y]z = 1/2 x - z",
]
SMALL = [
    *map(random_algebra, range(8)),
    hc.COMPLEX,
    hc.QUATERNION,
    FRACTIONAL,
    hc.clifford(1, 0, 1),
]


@pytest.mark.parametrize("law", TRUE_AND_FALSE)
@pytest.mark.parametrize("algebra", SMALL, ids=str)
def test_laws_hold_where_they_do_for_symbols(algebra, law):
    verdict = algebra.satisfies(law)
    assert bool(verdict) == holds(algebra, law)
    assert verdict.statement == law
    if not verdict:
        breaks(algebra, law, verdict)


def breaks(algebra, law, verdict):
    """The counterexample is one, for all that its sentence says."""
    n = algebra.dimension
    for polynomial in sentences(law):
        letters = sorted(set("xyz") & set(str(polynomial)))
        if len(letters) != len(verdict.elements):
            continue
        elements = dict(zip(letters, verdict.elements, strict=True))
        elements["1"] = (1, *[0] * (n - 1))
        total = [0] * n
        for tree, c in polynomial.items():
            value = symbolic(algebra, tree, elements)
            total = [
                t + sp.Rational(c.numerator, c.denominator) * x
                for t, x in zip(total, value, strict=True)
            ]
        if any(total):
            return
    raise AssertionError(f"{verdict} breaks no sentence")


@every_small_algebra
@pytest.mark.parametrize("law", laws.IDENTITIES)
def test_named_laws_are_their_sentences(algebra, law):
    """Whatever follows from other laws, and whatever test decides, is what evaluation finds."""
    verdict = laws.decide(algebra, law)
    assert bool(verdict) == bool(algebra.satisfies(laws._SENTENCES[law]))


# ---------------------------------------------------------------------- against theory


def test_octonions_and_sedenions():
    octonions, S = hc.OCTONION, SEDENION
    assert octonions.is_moufang
    assert octonions.satisfies("(xy)(zx) = x((yz)x)")
    assert octonions.satisfies("x̄(xy) = N(x)y")
    assert octonions.satisfies("(x, y, z) = (y, z, x) and (x, y, z) = 0 - (y, x, z)")
    assert not S.is_moufang
    assert not S.satisfies("N(xy) = N(x)N(y)")
    assert S.satisfies("((xx)y)x = (xx)(yx)")  # a noncommutative Jordan algebra
    assert not S.is_jordan
    assert S.satisfies("x x̄ = N(x)")


def test_commutators_make_lie_algebras_of_associative_ones_only():
    jacobi = "[[x, y], z] + [[y, z], x] + [[z, x], y] = 0"
    assert hc.QUATERNION.satisfies(jacobi)
    assert hc.clifford(3).satisfies(jacobi)
    assert not hc.OCTONION.satisfies(jacobi)
    assert not hc.OCTONION.is_lie


def test_integers_are_exact_beyond_64_bits():
    """Constants of 10^30, and such that 64 bits overflow to the right answer by chance: 2^64."""
    for c in (10**30, 2**64, Fraction(1, 2**64)):
        table = (*((0, i, i, 1) for i in range(3)), (1, 0, 1, 1), (2, 0, 2, 1), (1, 2, 1, c))
        algebra = hc.Algebra(("1", "a", "b"), table, (1, -1, -1))
        law = algebra.satisfies("xy = yx")
        assert not law
        x, y = law.elements
        assert algebra.multiply(x, y) != algebra.multiply(y, x)


def test_a_degenerate_norm_does_not_compose():
    law = hc.cayley_dickson(hc.QUATERNION, gamma=0).is_composition
    assert law.counterexample == ("l",)
    assert law.statement == "n(x + y) = n(y) for all y only if x = 0"


def generic_norm(algebra, x):
    """The `n` of `x² − t(x) x + n(x) 1 = 0`."""
    t = sum(c * a for c, a in zip(algebra.trace_form, x, strict=True))
    square = algebra.multiply(x, x)
    place = next(k for k, c in enumerate(algebra.unit) if c)
    return sp.expand((t * x[place] - square[place]) / algebra.unit[place])


MIXED = ((0, 1, 0, 1), (1, 1, 0, 0), (0, 0, 2, 1), (0, 1, 1, 1))
COMPOSITION = {hc.REAL: 1, hc.COMPLEX: 1, hc.QUATERNION: 1, hc.OCTONION: 1, hc.SPLIT_COMPLEX: 1,
    hc.SPLIT_QUATERNION: 1, hc.SPLIT_OCTONION: 1, HURWITZ: 1, OBLIQUE: 1, hc.M2: 1,
    hc.clifford(2): 1, hc.change_basis(hc.M2, MIXED): 1,
    hc.polynomial_quotient([1, 1, 1]): 1, hc.Algebra(("a",), ((0, 0, 0, Fraction(1, 3)),)): 1,
    hc.DUAL: 0, SEDENION: 0, hc.TESSARINE: 0, hc.matrix_algebra(3): 0, hc.clifford(3): 0,
    hc.jordan(hc.M2): 0, hc.DUAL_QUATERNION: 0, hc.matrix_algebra(2, hc.COMPLEX): 0,
}  # fmt: skip


@pytest.mark.parametrize("algebra", COMPOSITION, ids=str)
def test_composition_is_that_of_the_generic_norm(algebra):
    """Whatever conjugation is given: that of matrices is the transpose."""
    verdict = algebra.is_composition
    assert bool(verdict) == bool(COMPOSITION[algebra])
    if not algebra.is_quadratic:
        (x,) = verdict.elements
        assert sp.Matrix([algebra.unit, x, algebra.multiply(x, x)]).rank() == 3
    elif verdict and algebra.dimension <= 4:
        x, y = (sp.symbols(f"{a}:{algebra.dimension}") for a in "xy")
        both = generic_norm(algebra, algebra.multiply(x, y))
        assert sp.expand(both - generic_norm(algebra, x) * generic_norm(algebra, y)) == 0
    elif not verdict and len(verdict.elements) == 2:
        x, y = verdict.elements
        n = [generic_norm(algebra, a) for a in (x, y, algebra.multiply(x, y))]
        assert n[0] * n[1] != n[2]


def multiplied(algebra, left, right, factor=1):
    """The product `factor left(x) right(y)`."""
    basis = [tuple(int(i == k) for k in range(algebra.dimension)) for i in range(algebra.dimension)]
    products = tuple(
        (i, j, k, factor * c)
        for (i, x), (j, y) in product(enumerate(basis), repeat=2)
        for k, c in enumerate(algebra.multiply(left(x), right(y)))
        if c
    )
    return hc.Algebra(algebra.units, products, name=f"isotope of {algebra}")


HURWITZ_ALGEBRAS = [
    hc.COMPLEX, hc.QUATERNION, hc.OCTONION, hc.SPLIT_COMPLEX, hc.SPLIT_QUATERNION,
    hc.SPLIT_OCTONION, hc.cayley_dickson(hc.cayley_dickson(hc.REAL, 2), 3),
]  # fmt: skip


@pytest.mark.parametrize("algebra", HURWITZ_ALGEBRAS, ids=str)
def test_composition_without_a_unit(algebra):
    """The para-Hurwitz product x̄ȳ and multiples of it compose; x ↦ x + Re(x) spoils the form."""
    conj = algebra.conjugate
    longer = lambda x: (2 * x[0], *x[1:])
    divides = bool(algebra.is_division)
    for factor in (1, Fraction(-2, 3)):
        para = multiplied(algebra, conj, conj, factor)
        assert para.is_composition
        assert para.unit is None
        n = lambda x, square=factor**2: algebra.norm(x) * square
        x, y = (tuple(range(a, a + algebra.dimension)) for a in (1, 5))
        assert n(para.multiply(x, y)) == n(x) * n(y)
        assert bool(para.is_division) == divides
    spoilt = multiplied(algebra, longer, conj)
    law = spoilt.is_composition
    assert not law
    assert len(law.elements) == 2
    for each in (para, spoilt):
        assert bool(each.is_division) == divides
        if not divides:
            x, y = each.is_division.elements
            assert any(x)
            assert any(y)
            assert not any(sp.simplify(c) for c in each.multiply(x, y))


def test_no_form_is_multiplied_where_nothing_multiplies_invertibly():
    assert not hc.SO3.is_composition
    assert not hc.Algebra(("n",), ()).is_composition
    assert not hc.jordan(hc.QUATERNION).is_composition


def test_the_albert_algebra_in_seconds():
    assert ALBERT.is_jordan
    assert ALBERT.is_power_associative
    for law in ("associative", "alternative", "moufang", "lie"):
        assert not laws.decide(ALBERT, law)


def test_deciding_follows_the_table():
    """In a second, with n = 128; over dense elements, or one at a time, it takes minutes."""
    algebra = hc.cayley_dickson(hc.cayley_dickson(hc.cayley_dickson(SEDENION)))
    assert algebra.is_power_associative
    assert not algebra.is_alternative
    assert not algebra.is_jordan
    assert not hc.clifford(4, 1).is_composition


# ---------------------------------------------------------------------- without unit, in any basis


@pytest.mark.parametrize("algebra", [HURWITZ, OBLIQUE], ids=str)
def test_laws_do_not_depend_on_the_basis(algebra):
    for law in ("associative", "moufang", "power_associative", "commutative", "jordan", "lie"):
        assert bool(laws.decide(algebra, law)) == bool(laws.decide(hc.QUATERNION, law))
    assert algebra.satisfies("1x = x and (x, 1, y) = 0")


def test_laws_without_unit():
    assert ROTATIONS.is_lie
    assert ROTATIONS.is_anticommutative
    assert ROTATIONS.is_flexible
    assert ROTATIONS.is_power_associative
    assert not ROTATIONS.is_associative
    with pytest.raises(NotImplementedError, match=r"the law 'x = 1' needs a unit, and so\(3\) has"):
        ROTATIONS.satisfies("x = 1")
    with pytest.raises(NotImplementedError, match=r"the law 'x̄ = x' needs a conjugation, and so"):
        ROTATIONS.satisfies("x̄ = x")
    zero = hc.Algebra(("n",), (), name="zero")
    assert zero.satisfies("xy = 0")
    left = hc.Algebra(("a", "b"), ((0, 0, 0, 1), (0, 1, 1, 1)), name="left")
    assert left.is_associative
    assert not left.is_commutative


def test_light_test_asks_all_elements_without_unit():
    """The only triple that fails has the first element in the middle."""
    algebra = hc.Algebra(("a", "b"), ((1, 0, 1, 1),), name="first")  # ba = b
    law = algebra.is_associative
    x, y, z = law.elements
    multiply = algebra.multiply
    assert multiply(multiply(x, y), z) != multiply(x, multiply(y, z))
