"""Matrices multiply as elements do, and the smallest have the size that theory says."""

from fractions import Fraction
from itertools import product

import pytest
import sympy as sp

import hypercomplex as hc
from hypercomplex.algebra.matrices import composed

R, C, H = hc.REAL, hc.COMPLEX, hc.QUATERNION
SIZES = {  # ℝ, ℂ, ℍ, matrices over them and sums
    R: 1, C: 2, H: 4, hc.SPLIT_COMPLEX: 2, hc.BICOMPLEX: 4, hc.SPLIT_QUATERNION: 2, hc.M2: 2,
    hc.clifford(2, 1): 4, hc.clifford(3): 4, hc.clifford(0, 3): 8, hc.BIQUATERNION: 4,
    hc.matrix_algebra(2, H): 8, hc.direct_sum(H, hc.M2, hc.M2): 8, hc.tensor_product(H, H): 4,
    hc.clifford(1, 3): 8, hc.clifford(3, 1): 4, hc.CGA: 8, hc.clifford(3, 3): 8,
    hc.polynomial_quotient([-1, 0, 0, 0, 0, 1]): 5,  # ℝ ⊕ ℂ ⊕ ℂ, two of them one over the rationals
    hc.polynomial_quotient([-2, 0, 1]): 2,
    hc.group_algebra(permutations=[(1, 0, 2), (0, 2, 1)]): 4,  # ℝ ⊕ ℝ ⊕ M₂(ℝ)
    hc.change_basis(hc.M2, [(1, 2, 0, 1), (0, 1, 1, 0), (3, 0, 0, 1), (1, 1, 1, 2)]): 2,
    hc.cayley_dickson(hc.cayley_dickson(R, -3), -5): 4,
}  # fmt: skip


def is_faithful_homomorphism(M):
    n, A = A_dimension(M), M.algebra
    for i, j in product(range(n), repeat=2):
        e, f = (tuple(int(m == k) for m in range(n)) for k in (i, j))
        if composed(M.matrices[i], M.matrices[j]) != M(A.multiply(e, f)):
            return False
    flat = sp.Matrix([[c for row in m for c in row] for m in M.matrices])
    return flat.rank() == n


def A_dimension(M):
    assert len(M.matrices) == M.algebra.dimension
    return M.algebra.dimension


@pytest.mark.parametrize("algebra", SIZES, ids=str)
def test_smallest_representations_are_as_small_as_theory_says(algebra):
    M = algebra.representation("smallest")
    assert M.size == SIZES[algebra]
    if algebra.dimension <= 16:
        assert is_faithful_homomorphism(M)
    entries = {type(c) for m in M.matrices for row in m for c in row}
    assert entries <= {int, Fraction}


@pytest.mark.parametrize(
    "algebra",
    [*SIZES, *(hc.clifford(p, n - p) for n in range(5) for p in range(n + 1))],
    ids=str,
)
def test_sizes_follow_from_simple_components(algebra):
    """Each matrix algebra over ℝ, ℂ or ℍ has one smallest module: its columns."""
    over = {"ℝ": 1, "ℂ": 2, "ℍ": 4}
    columns = sum(copies * size * over[kind] for copies, size, kind in algebra.wedderburn.parts)
    assert algebra.representation("smallest").size == columns


@pytest.mark.parametrize("kind", ["left", "right"])
@pytest.mark.parametrize("algebra", [R, C, H, hc.M2, hc.PGA, hc.DUAL_QUATERNION], ids=str)
def test_regular_representations(algebra, kind):
    M = algebra.representation(kind)
    assert M.size == algebra.dimension
    assert is_faithful_homomorphism(M)


def test_regular_representations_are_multiplications():
    x, y = sp.symbols("x:4"), sp.symbols("y:4")
    column = sp.Matrix(y)
    left, right = H.representation("left"), H.representation("right")
    assert left(x) == H.left_matrix(x)
    assert list(sp.Matrix(left(x)) * column - sp.Matrix(H.multiply(x, y))) == [0] * 4
    expected = sp.Matrix(H.multiply(y, x))
    assert (sp.Matrix(right(x)).T * column - expected).expand() == sp.zeros(4, 1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: hc.OCTONION.representation(), ValueError, r"\(i·j\)·l is not i·\(j·l\), so no"),
        (lambda: hc.ALBERT.representation(), ValueError, "ALBERT is not associative"),
        (lambda: H.representation("middle"), ValueError, r"`kind` \(='middle'\) must be 'left'"),
        (lambda: hc.PGA.representation("smallest"), NotImplementedError, "PGA is not semisimple"),
        (lambda: hc.cayley_dickson(hc.cayley_dickson(R, 2), 3).representation("smallest"),
         NotImplementedError, "needs numbers that are no fractions"),
        (lambda: C.representation()((1, 2, 3)), ValueError, r"`x` \(=.*\) must have 2 coeff"),
    ],
)  # fmt: skip
def test_what_has_no_representation_says_so(call, error, message):
    with pytest.raises(error, match=message):
        call()
