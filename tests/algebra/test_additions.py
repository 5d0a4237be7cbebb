"""Programs of additions apply their matrices exactly, in fewer steps than there are entries."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex.algebra import alternatives, scheme
from hypercomplex.algebra.additions import program
from tests.cases import ALGEBRAS, SPLIT_QUATERNION, every_small_algebra

WALSH_HADAMARD = [((1,),)]
for _ in range(4):
    last = WALSH_HADAMARD[-1]
    WALSH_HADAMARD.append(
        (*(row + row for row in last), *(row + tuple(-c for c in row) for row in last))
    )


def columns(found):
    """What a program makes of each component alone."""
    units = ([int(i == j) for j in range(found.inputs)] for i in range(found.inputs))
    return [list(found(unit)) for unit in units]


def applies(matrix):
    found = program(matrix)
    assert columns(found) == [list(column) for column in zip(*matrix, strict=True)]
    for number, (target, first, second, c) in enumerate(found.steps, found.inputs):
        assert target == number > max(first, second)  # each value is made once, before its use
        assert c
    return found


@every_small_algebra
@pytest.mark.parametrize("side", ["left", "right", "out"])
def test_programs_of_schemes(algebra, side):
    best = scheme(algebra)
    for each in (best, best.of_left, best.of_right):
        matrix = getattr(each, side)
        literal = sum(max(0, sum(map(bool, row)) - 1) for row in matrix)
        assert applies(matrix).additions <= literal


entries = st.sampled_from([0, 0, 0, 1, 1, -1, 2, -3, Fraction(1, 2), Fraction(-2, 3)])


@given(
    st.integers(1, 6).flatmap(lambda n: st.lists(st.tuples(*[entries] * n), min_size=1, max_size=8))
)
def test_programs_of_matrices(rows):
    applies(tuple(rows))


@pytest.mark.parametrize(("bits", "additions"), [(1, 2), (2, 8), (3, 24), (4, 64)])
def test_butterflies(bits, additions):
    assert applies(WALSH_HADAMARD[bits]).additions == additions


def test_what_needs_no_step():
    found = applies(((0, 1), (0, -2), (0, 0), (1, 0)))
    assert found.steps == ()
    assert found.outputs[:2] == ((1, 1), (1, -2))
    assert found.outputs[2][1] == 0


def test_quaternions_take_few_additions_and_no_multiples():
    best = scheme(hc.QUATERNION)
    right, out = program(best.right), program(best.out)
    assert (right.additions, out.additions) == (8, 12)
    for each in (right, out):
        assert all(abs(c) == 1 for *_, c in each.steps)
        assert all(c == 1 for _, c in each.outputs)
    assert {program(scheme(a).right).inputs for a in ALGEBRAS} == {a.dimension for a in ALGEBRAS}


@every_small_algebra
def test_lean_schemes_add_only(algebra):
    for each in alternatives(algebra):
        lean = each.lean()
        assert lean.computes(algebra)
        assert lean.amplification == pytest.approx(each.amplification)
        for matrix in (lean.right, lean.of_right.right):
            assert all(c == 1 for _, c in applies(matrix).outputs)
        backwards = each.swapped.lean("right")
        assert backwards.computes(algebra.product.swapped)
        assert all(c == 1 for _, c in program(backwards.left).outputs)


@pytest.mark.parametrize(
    ("algebra", "additions"),
    [
        (hc.COMPLEX, (1, 2, 1, 2)),
        (hc.QUATERNION, (8, 12, 8, 12)),
        (SPLIT_QUATERNION, (8, 12, 8, 11)),
        (hc.OCTONION, (54, 60, 51, 70)),
        (hc.cayley_dickson(hc.QUATERNION, 1), (44, 46, 32, 62)),
        (hc.clifford(3), (32, 48, 32, 48)),
    ],
    ids=str,
)
def test_how_many_additions(algebra, additions):
    """Of the input, of the products, and of both gradients on the way back: at most so many."""
    lean = scheme(algebra).lean()
    matrices = lean.right, lean.out, lean.of_right.right, lean.of_right.out
    for matrix, most in zip(matrices, additions, strict=True):
        assert program(matrix).additions <= most
