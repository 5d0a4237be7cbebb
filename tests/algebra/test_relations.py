"""Generators and relations, beside algebras that are known otherwise."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex.algebra import relations


def test_hamilton():
    for text in (
        "i² = j² = k² = ijk = -1",
        "i² = j² = -1, ij = k = -ji",
        "i^2 = j**2 = −1; k = i·j; j*i = -k",
        "(ij)² = i² = j² = -1\nij = k",
    ):
        assert hc.from_relations(text) == hc.QUATERNION
    assert hc.from_relations(["i² = -1"]) == hc.COMPLEX
    assert hc.from_relations("ε² = 0") == hc.DUAL


@pytest.mark.parametrize(
    "signature", [(p, q, r) for p in (0, 1, 3) for q in (0, 1) for r in (0, 1)]
)
def test_clifford_algebras_are_what_anticommuting_generators_make(signature):
    p, q, r = signature
    letters = "tuvwz"[: p + q + r]
    squares = [1] * p + [-1] * q + [0] * r
    rules = [f"{x}² = {s}" for x, s in zip(letters, squares, strict=True)]
    if rules:
        made = hc.from_relations(rules, anticommuting=True)
        known = hc.clifford(p, q, r)
        blades = [
            "1" if unit == "1" else "e" + "".join(str(letters.index(x) + 1) for x in unit)
            for unit in made.units
        ]
        assert hc.change_basis(known, blades).products == made.products


@pytest.mark.parametrize(
    ("relations", "permutations"),
    [
        ("a² = b³ = (ab)² = 1", [(1, 0, 2), (1, 2, 0)]),
        ("a⁴ = b² = (ab)² = 1", [(1, 2, 3, 0), (1, 0, 3, 2)]),
        ("s² = t² = u² = (st)³ = (tu)³ = (su)² = 1", [(1, 0, 2, 3), (0, 2, 1, 3), (0, 1, 3, 2)]),
        ("a³ = b³ = (ab)² = 1", [(1, 2, 0, 3), (0, 2, 3, 1)]),
        ("a³ = b² = 1, ab = ba", [(1, 2, 0, 3, 4), (0, 1, 2, 4, 3)]),
    ],
)
def test_groups(relations, permutations):
    made, known = hc.from_relations(relations), hc.group_algebra(permutations=permutations)
    assert made.dimension == known.dimension
    assert str(made.wedderburn) == str(known.wedderburn)


def test_polynomials():
    assert hc.from_relations("x³ = 2") == hc.polynomial_quotient([-2, 0, 0, 1])
    two = hc.from_relations("x² = x + 1, y² = 1/2 - 1.5y", commuting=True)
    golden, other = (
        hc.polynomial_quotient([-1, -1, 1]),
        hc.polynomial_quotient([Fraction(-1, 2), Fraction(3, 2), 1]),
    )
    assert str(two.wedderburn) == str(hc.tensor_product(golden, other).wedderburn) == "4ℝ"


def test_what_is_left_of_generators_that_overlap():
    """The longest words of a relation are not always what its completion rewrites."""
    A = hc.from_relations("yxy = x²y + x, x² = y²")
    x, y = A.element("x"), A.element("y")
    assert A.dimension == 8
    assert y * x * y == x * x * y + x
    assert x * x == y * y
    matrices = hc.from_relations("a² = b² = 0, ab + ba = 1")
    assert str(matrices.wedderburn) == "M₂(ℝ)"
    braided = hc.from_relations("s² = t² = (st)³")
    s, t = braided.element("s"), braided.element("t")
    assert s * s == t * t == s * t * s * t * s * t


COEFFICIENTS = st.integers(-2, 2)


@settings(max_examples=30)
@given(st.tuples(*[COEFFICIENTS] * 5), st.sampled_from([-1, 1]))
def test_relations_hold_and_products_associate(numbers, sign):
    """Of two generators that commute up to sign and lower terms; the table is decided anew."""
    a, b, c, d, e = numbers
    relations = f"x² = {a} + {b}x, y² = {c} + {d}y, yx = {sign}xy + {e}"
    try:
        made = hc.from_relations(relations.replace("+ -", "- ").replace("1xy", "xy"))
    except ValueError:  # 1 or a generator is a sum of others
        assume(False)
    again = hc.Algebra(made.units, made.products, None, "again")
    assert again.is_associative
    x, y, one = again.element("x"), again.element("y"), again.element("1")
    assert x * x == a * one + b * x
    assert y * y == c * one + d * y
    assert y * x == sign * (x * y) + e * one


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: hc.from_relations(3), TypeError, r"`relations` \(=3\) must be a sequence"),
        (lambda: hc.from_relations([3]), TypeError, r"`relations` \(=\[3\]\) holds 3"),
        (lambda: hc.from_relations("xy"), ValueError, "'xy' is no equation such as"),
        (lambda: hc.from_relations("x = "), ValueError, "'x =' is no equation such as"),
        (lambda: hc.from_relations("x(y = 1"), ValueError, r"'x\(y' is no sum of words of x, y"),
        (lambda: hc.from_relations("x² = -"), ValueError, "'-' is no sum of words of x"),
        (lambda: hc.from_relations("1 = 1"), ValueError, "`relations` has no letter in it"),
        (lambda: hc.from_relations("x² = 1", generators="xx"), ValueError, "has a name twice"),
        (lambda: hc.from_relations("xy = 0", generators="x"), ValueError, "'xy' is no sum of words"),
        (lambda: hc.from_relations("x = 2y"), ValueError, "say that y is 1/2·x: leave y out"),
        (lambda: hc.from_relations("x² = 1, x³ = 1"), ValueError, "say that x is 1: leave x out"),
        (lambda: hc.from_relations("x² = 1, x² = 2"), ValueError, "that 1 is 0 follows"),
        (lambda: hc.from_relations("xy - yx = 1"), ValueError, "more than 512 words, such as x"),
        (lambda: hc.from_relations("x² = 0", commuting=1), TypeError, r"`commuting` \(=1\)"),
        (lambda: hc.from_relations("x² = 0", commuting=True, anticommuting=True), ValueError,
         "cannot both be said"),
    ],
)  # fmt: skip
def test_bad_relations_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_consequences_without_end_are_refused(monkeypatch):
    """After less work than for users: the group of a hyperbolic triangle is infinite."""
    monkeypatch.setattr(relations, "_MOST_WORK", 50_000)
    with pytest.raises(ValueError, match="`relations` have consequences without end, or too many"):
        hc.from_relations("a² = b³ = (ab)⁷ = 1")
