"""Centre, radical, derivations and simple parts are those of theory."""

from itertools import product
from math import isqrt

import pytest
import sympy as sp

import hypercomplex as hc
from hypercomplex.algebra import linear
from hypercomplex.algebra.wedderburn import Wedderburn
from tests.algebra.theory import ALBERT, CLIFFORD, DERIVATIONS, LEFT_UNIT, ROTATIONS, SIMPLE_PARTS
from tests.cases import every_small_algebra, unit

every_row = pytest.mark.parametrize("algebra", SIMPLE_PARTS, ids=str)
NUMBERS = {"ℝ": (1, 0), "ℂ": (1, 1), "ℍ": (1, 3), "𝕆": (1, 7), "split 𝕆": (5, 3), "ℂ⊗𝕆": (8, 8)}
CENTRES = {"ℂ": 2, "ℂ⊗𝕆": 2}


def in_words(algebra):
    simple, nil = SIMPLE_PARTS[algebra]
    return f"{simple}, radical of dimension {nil}" if nil else simple


@every_row
def test_simple_parts_are_those_of_theory(algebra):
    assert str(algebra.wedderburn) == in_words(algebra)
    assert len(algebra.radical) == SIMPLE_PARTS[algebra][1]


@pytest.mark.parametrize("signature", [s for s in product(range(7), repeat=2) if sum(s) <= 6])
def test_clifford_algebras_are_those_of_the_table_of_eight(signature):
    p, q = signature
    copies, over, size = CLIFFORD[(p - q) % 8]
    d = isqrt(2 ** (p + q) // size)
    words = over if d == 1 else f"M{'₀₁₂₃₄₅₆₇₈₉'[d]}({over})"
    algebra = hc.clifford(p, q)
    assert str(algebra.wedderburn) == copies + words
    assert len(algebra.centre) == (2 if (p + q) % 2 else 1)


def signature_of(part):
    """Of the trace form on matrices: Hermitian ones are positive, skew ones negative."""
    copies, d, over = part
    positive, negative = NUMBERS[over]
    above = d * (d - 1) // 2 * (positive + negative)
    return copies * (d * positive + above), copies * (d * negative + above)


@every_row
def test_trace_forms_have_the_signature_of_the_parts(algebra):
    found = algebra.wedderburn
    signatures = [signature_of(part) for part in found.parts]
    positive, negative = (sum(s[k] for s in signatures) for k in (0, 1))
    assert algebra.trace_form_signature == (positive, negative, found.radical)


@every_row
def test_centre_and_derivations_of_what_is_semisimple(algebra):
    if algebra.radical or algebra.unit is None:
        return
    parts = algebra.wedderburn.parts
    centre = sum(copies * CENTRES.get(over, 1) for copies, _, over in parts)
    assert len(algebra.centre) == centre
    if algebra.is_associative:  # every derivation is a commutator
        assert len(algebra.nucleus) == algebra.dimension
        assert len(algebra.derivations) == algebra.dimension - centre


@pytest.mark.parametrize("algebra", DERIVATIONS, ids=str)
def test_derivations_have_the_dimension_of_theory(algebra):
    found = algebra.derivations
    n = algebra.dimension
    assert len(found) == DERIVATIONS[algebra]
    rows = [linear.sparse_row(c for row in D for c in row) for D in found]
    assert linear.rank(rows) == len(found)
    for D in found[:2]:
        image = lambda x, D=D: tuple(sum(c * y for c, y in zip(row, x, strict=True)) for row in D)
        for x, y in product([unit(algebra, i) for i in range(0, n, 1 + n // 4)], repeat=2):
            left, right = algebra.multiply(image(x), y), algebra.multiply(x, image(y))
            assert image(algebra.multiply(x, y)) == tuple(
                a + b for a, b in zip(left, right, strict=True)
            )


@every_small_algebra
def test_centre_and_nucleus_by_symbols(algebra):
    """The slow twin: all coefficients of all commutators and associators, solved by sympy."""
    n = algebra.dimension
    x, basis = sp.symbols(f"x:{n}"), [unit(algebra, i) for i in range(n)]
    m = algebra.multiply
    difference = lambda a, b: [sp.expand(c - d) for c, d in zip(a, b, strict=True)]
    associating, commuting = [], []
    for y in basis:
        commuting += difference(m(x, y), m(y, x))
        for z in basis:
            associating += difference(m(m(x, y), z), m(x, m(y, z)))
            associating += difference(m(m(y, x), z), m(y, m(x, z)))
            associating += difference(m(m(y, z), x), m(y, m(z, x)))
    for equations, found in (
        (associating, algebra.nucleus),
        (associating + commuting, algebra.centre),
    ):
        matrix, _ = sp.linear_eq_to_matrix([e for e in equations if e] or [0], x)
        assert len(found) == n - matrix.rank()
        assert not any(matrix * sp.Matrix(found).T)


@every_row
def test_idempotents_split_the_algebra(algebra):
    if algebra.unit is None:
        return
    found, n = algebra.idempotents, algebra.dimension
    assert tuple(map(sum, zip(*found, strict=True))) == algebra.unit
    for (i, e), (j, f) in product(enumerate(found), repeat=2):
        assert algebra.multiply(e, f) == (e if i == j else (0,) * n)
    for e, i in product(found, range(n)):
        assert algebra.multiply(e, unit(algebra, i)) == algebra.multiply(unit(algebra, i), e)


@every_row
def test_nilpotents_are_where_they_must_be(algebra):
    """None in sums of numbers side by side, and one in everything else."""
    found = algebra.wedderburn
    reduced = not found.radical and all(
        size == 1 and over in ("ℝ", "ℂ", "ℍ", "𝕆") for _, size, over in found.parts
    )
    x = algebra.nilpotent
    assert (x is None) == reduced
    if x is not None:
        assert any(x)
        power = x = [sp.N(c, 50) if isinstance(c, sp.Expr) else c for c in x]
        for _ in range(algebra.dimension):
            power = algebra.multiply(power, x)
        assert all(abs(c) < 1e-30 for c in power)


def test_nilpotents_of_what_does_not_associate():
    assert ALBERT.nilpotent is None
    assert hc.SEDENION.nilpotent is None
    assert ROTATIONS.nilpotent == (1, 0, 0)
    assert hc.hermitian(3, hc.SPLIT_COMPLEX).nilpotent is not None
    with pytest.raises(NotImplementedError, match="depend on brackets"):
        _ = hc.tensor_product(hc.OCTONION, hc.OCTONION).nilpotent


def test_radicals_are_ideals_that_vanish():
    pga = hc.PGA
    rows = [linear.sparse_row(x) for x in pga.radical]
    space = linear.Echelon(rows)
    for x, i in product(pga.radical, range(16)):
        for image in (pga.multiply(x, unit(pga, i)), pga.multiply(unit(pga, i), x)):
            assert linear.sparse_row(image) in space
    for x, y in product(pga.radical, repeat=2):
        assert not any(pga.multiply(x, y))


def test_what_is_no_algebra_of_matrices():
    assert len(ALBERT.centre) == 1
    assert ALBERT.radical == ()
    assert ALBERT.trace_form_signature == (27, 0, 0)  # formally real
    assert ROTATIONS.radical == ROTATIONS.centre == ()
    affine = hc.Algebra(("a", "b"), ((0, 1, 1, 1), (1, 0, 1, -1)), name="affine")
    assert affine.is_lie
    assert len(affine.radical) == 2
    assert affine.derivations != ()
    with pytest.raises(NotImplementedError, match="the radical of SEDENION is not defined here"):
        _ = hc.SEDENION.radical
    with pytest.raises(NotImplementedError, match="SEDENION has no simple parts that have names"):
        _ = hc.SEDENION.wedderburn
    with pytest.raises(NotImplementedError, match="add up to a unit, and LEFT UNIT has none"):
        _ = LEFT_UNIT.idempotents
    skew = hc.Algebra(("a", "b"), ((0, 0, 0, 1), (0, 1, 0, 1)), name="skew")
    with pytest.raises(NotImplementedError, match="has no signature over skew: it is not symm"):
        _ = skew.trace_form_signature


def test_words_of_parts():
    assert str(Wedderburn(((1, 12, "ℂ"), (3, 1, "ℍ")), 5)) == (
        "M₁₂(ℂ) ⊕ 3ℍ, radical of dimension 5"
    )
    assert str(Wedderburn((), 2)) == "0, radical of dimension 2"
