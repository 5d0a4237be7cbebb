"""Isomorphisms keep products and are one to one; where there is none, an invariant tells why."""

from fractions import Fraction
from itertools import product
from math import prod
from random import Random

import pytest
import torch

import hypercomplex as hc
from hypercomplex.algebra import linear
from hypercomplex.algebra.modules import by_modules
from hypercomplex.algebra.rational import hilbert, rational_class
from hypercomplex.algebra.sparse import sparse_table, times
from hypercomplex.algebra.structure import killing
from tests.algebra.theory import ALBERT, HURWITZ, OBLIQUE, cyclic, matrices, quaternion_group
from tests.cases import unit

R, C, H = hc.REAL, hc.COMPLEX, hc.QUATERNION

ISOMORPHIC = [
    (H, hc.clifford(0, 2)),
    (H, hc.opposite(H)),
    (H, hc.even_subalgebra(hc.clifford(3))),
    (H, HURWITZ),
    (HURWITZ, H),
    (hc.cayley_dickson(R, Fraction(-1, 4)), C),
    (hc.SPLIT_COMPLEX, hc.direct_sum(R, R)),
    (hc.direct_sum(R, R), hc.SPLIT_COMPLEX),
    (hc.SPLIT_QUATERNION, hc.clifford(1, 1)),
    (hc.SPLIT_QUATERNION, matrices(2)),
    (matrices(2), hc.SPLIT_QUATERNION),
    (hc.TESSARINE, hc.BICOMPLEX),
    (hc.BIQUATERNION, hc.clifford(3)),
    (hc.BIQUATERNION, hc.clifford(1, 2)),
    (hc.clifford(0, 3), hc.direct_sum(H, H)),
    (hc.clifford(1, 3), hc.clifford(4, 0)),
    (hc.clifford(1, 3), hc.matrix_algebra(2, H)),
    (hc.clifford(3, 1), hc.clifford(2, 2)),
    (hc.clifford(4, 1), hc.clifford(0, 5)),
    (hc.even_subalgebra(hc.PGA), hc.DUAL_QUATERNION),
    (cyclic(4), hc.direct_sum(R, R, C)),
    (hc.SPLIT_OCTONION, hc.cayley_dickson(hc.SPLIT_QUATERNION, -1)),
    (ALBERT, hc.hermitian(3, hc.OCTONION)),
    (hc.clifford(3, 1), matrices(4)),
    (matrices(4), hc.clifford(2, 2)),
    (hc.tensor_product(H, H), matrices(4)),
    (hc.clifford(2, 1), hc.direct_sum(hc.M2, hc.M2)),
    (hc.direct_sum(matrices(3), R), hc.direct_sum(R, hc.matrix_algebra(3))),
]
DIFFERENT = [
    (R, C, "the dimensions are 1 and 2"),
    (C, hc.SPLIT_COMPLEX, "the simple parts are ℂ and 2ℝ"),
    (C, hc.DUAL, "the simple parts are ℂ and ℝ, radical of dimension 1"),
    (H, hc.TESSARINE, "being commutative is False and True"),
    (hc.OCTONION, hc.clifford(3), "being associative is False and True"),
    (hc.OCTONION, hc.SPLIT_OCTONION, "the simple parts are 𝕆 and split 𝕆"),
    (hc.clifford(3, 1), hc.clifford(1, 3), r"the simple parts are M₄\(ℝ\) and M₂\(ℍ\)"),
    (hc.clifford(3), hc.clifford(2, 1), "the centres|the simple parts are"),
    (
        ALBERT,
        hc.hermitian(3, hc.SPLIT_OCTONION),
        r"the signatures of tr L\(x\) L\(y\) are \(27, 0, 0\) and",
    ),
    (hc.lie(H), hc.lie(hc.SPLIT_QUATERNION), "the signatures of tr"),
    (quaternion_group(), hc.clifford(3), "the centres have dimension 5 and 2"),
    (hc.lie(H), hc.Algebra(tuple("abcd"), ()), "being commutative is False and True"),
]


@pytest.mark.parametrize(("A", "B"), ISOMORPHIC, ids=lambda x: str(x))
def test_isomorphic_algebras_are_mapped(A, B):
    f = A.isomorphism_to(B)
    assert f
    assert (f.source, f.target, f.difference) == (A, B, None)
    assert linear.rank(map(linear.sparse_row, f.images)) == A.dimension
    step = 1 + A.dimension // 8
    basis = [unit(A, i) for i in range(0, A.dimension, step)]
    for x, y in product(basis, repeat=2):
        assert f(A.multiply(x, y)) == B.multiply(f(x), f(y))
    for x in basis:
        assert f.inverse(f(x)) == x


@pytest.mark.parametrize(("A", "B", "difference"), DIFFERENT, ids=lambda x: str(x))
def test_what_differs_is_told(A, B, difference):
    f = A.isomorphism_to(B)
    assert not f
    assert f.images is None
    with pytest.raises(ValueError, match=f"there is no map from .* none, since {difference}"):
        f(unit(A, 0))
    with pytest.raises(ValueError, match="there is no map"):
        _ = f.inverse


@pytest.mark.parametrize(
    ("A", "B"),
    [
        (H, hc.clifford(0, 2)),
        (hc.clifford(3), hc.matrix_algebra(2, C)),
        (hc.clifford(1, 3), hc.matrix_algebra(2, H)),
        (hc.clifford(0, 3), hc.direct_sum(H, H)),
        (hc.clifford(4, 1), hc.matrix_algebra(4, C)),
    ],
    ids=str,
)
def test_smallest_modules_give_isomorphisms(A, B):
    """Of matrices over ℝ, ℂ and ℍ, and of sums."""
    search = lambda D, E: [*map(linear.sparse_row, D.isomorphism_to(E).images)]
    if A is H:  # what commutes with it is as large, and tells nothing
        assert by_modules(A, B, search) is None
        return
    images = by_modules(A, B, search)
    assert linear.rank(images) == A.dimension
    table, there = sparse_table(A), sparse_table(B)
    for i, j in product(range(A.dimension), repeat=2):
        expected = linear.row_times(table.get((i, j), {}), images)
        assert times(there, images[i], images[j]) == expected


def test_what_is_not_decided_says_so():
    with pytest.raises(NotImplementedError, match=r"both are ℝ ⊕ ℂ, so there is one over the real"):
        cyclic(3).isomorphism_to(hc.direct_sum(R, C))  # it needs the root of 3
    with pytest.raises(NotImplementedError, match="is not decided with fractions: both are ℍ"):
        OBLIQUE.isomorphism_to(HURWITZ)
    with pytest.raises(TypeError, match=r"`other` \(=3\) must be an Algebra"):
        C.isomorphism_to(3)
    with pytest.raises(ValueError, match=r"`a` \(=\(1, 2, 3\)\) must have 2 coefficients"):
        C.isomorphism_to(C)((1, 2, 3))


def quaternions(a, b):
    return hc.cayley_dickson(hc.cayley_dickson(R, a), b)


def ramified(a, b):
    """The primes at which z² = a x² + b y² has no primitive solution modulo a power, by trying."""
    found = []
    for p, power in ((2, 64), (3, 27), (5, 25), (7, 49)):
        squares = {z * z % power for z in range(power)}
        units = {z * z % power for z in range(power) if z % p}
        if not any(
            (a * x * x + b * y * y) % power in (squares if x % p or y % p else units)
            for x, y in product(range(power), repeat=2)
        ):
            found.append(p)
    return found


@pytest.mark.parametrize(
    ("mine", "other"),
    [((-1, -1), (-1, -3)), ((-1, -1), (-2, -5)), ((2, 3), (1, 1)), ((3, -1), (1, 1)),
     ((-2, -5), (-1, -3)), ((2, 5), (3, -1)), ((-1, -7), (-1, -1))],
)  # fmt: skip
def test_quaternions_over_the_rational_numbers_are_told_apart(mine, other):
    """Exactly by the primes where they are division algebras."""
    assert ramified(*mine) != ramified(*other)
    with pytest.raises(
        NotImplementedError, match=r"no isomorphism of .* has coefficients that are"
    ):
        quaternions(*mine).isomorphism_to(quaternions(*other))


@pytest.mark.parametrize(
    "pair", [((-1, -1), (-2, -3)), ((-1, -5), (-5, -5)), ((5, -1), (1, 1)), ((-2, -5), (-2, -10))]
)
def test_quaternions_over_the_rational_numbers_are_mapped(pair):
    assert ramified(*pair[0]) == ramified(*pair[1])
    mine, other = (quaternions(*each) for each in pair)
    assert mine.isomorphism_to(other)
    assert rational_class(killing(mine)) == rational_class(killing(other))


@pytest.mark.parametrize("seed", range(20))
def test_rational_classes_do_not_depend_on_the_variables(seed):
    draw = Random(seed)
    n = draw.randrange(1, 5)
    entries = [draw.choice([-6, -3, -1, 1, 2, 5, 0]) for _ in range(n)]
    change = [[int(i == j) or draw.randrange(-2, 3) * (i < j) for j in range(n)] for i in range(n)]
    form = [linear.sparse_row([c * (i == j) for j in range(n)]) for i, c in enumerate(entries)]
    turned = [linear.sparse_row(row) for row in change]
    moved = linear.matrix_product(linear.matrix_product(turned, form), linear.transposed(turned, n))
    assert rational_class(moved) == rational_class(form)
    assert rational_class(moved).signature == linear.signature(form)


def test_symbols_of_hilbert_multiply_to_1():
    """Over all places, of which the reals are one."""
    for a, b in product((-7, -6, -2, -1, 3, 5, 10, 14), repeat=2):
        at_reals = -1 if a < 0 and b < 0 else 1
        assert prod(hilbert(a, b, p) for p in (2, 3, 5, 7)) == at_reals
        assert hilbert(a, b, 3) == hilbert(b, a, 3)


def test_sides_tell_algebras_from_their_opposites():
    """Of matrices with entries in a row, or in a column: two posets, upside down."""
    row = hc.subalgebra(hc.matrix_algebra(3), ["E11", "E22", "E33", "E12", "E13"])
    column = hc.subalgebra(hc.matrix_algebra(3), ["E11", "E22", "E33", "E12", "E32"])
    f = row.isomorphism_to(column)
    assert not f
    assert f.difference.startswith("what annihilates the radicals has dimensions (4, 3, ")
    assert hc.opposite(row).isomorphism_to(column)
    left = hc.Algebra(("a", "b"), ((0, 0, 0, 1), (0, 1, 1, 1)), name="left")
    assert "what annihilates all" in left.isomorphism_to(hc.opposite(left)).difference


def test_an_isomorphism_is_shown():
    f = hc.SPLIT_QUATERNION.isomorphism_to(hc.clifford(2))
    assert repr(f) == "Isomorphism(SPLIT_QUATERNION → Cl(2,0): 1 ↦ 1, i ↦ e12, j ↦ e1, k ↦ -e2)"


# ---------------------------------------------------------------------- of tensors


@pytest.mark.parametrize(("A", "B"), [ISOMORPHIC[k] for k in (0, 9, 14)], ids=lambda x: str(x))
def test_tensors_are_mapped_as_elements_are(A, B):
    torch.manual_seed(0)
    f = A.isomorphism_to(B)
    q, r = (hc.tensor_type(A).randn(3, 2, dtype=torch.float64) for _ in range(2))
    image = q.through(f)
    assert type(image) is hc.tensor_type(B)
    assert (image.shape, image.dtype) == (q.shape, q.dtype)
    expected = torch.tensor([list(map(float, f(x.tolist()))) for x in q.components.view(6, -1)])
    torch.testing.assert_close(image.components.view(6, -1), expected.double())
    torch.testing.assert_close((q * r).through(f).components, (image * r.through(f)).components)
    torch.testing.assert_close(image.through(f.inverse).components, q.components)


def test_infinite_components_stay_where_they_are(backend):
    split = hc.cayley_dickson(hc.COMPLEX, gamma=1)
    f = split.isomorphism_to(hc.matrix_algebra(2))
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    x[1, 3], x[2, 3] = torch.inf, torch.nan
    images = [[*map(float, row)] for row in f.images]
    expected = [
        [sum(c * v for c, v in zip(column, row, strict=True) if c) for column in zip(*images)]
        for row in x.tolist()
    ]
    through = lambda x: hc.tensor_type(split)(x).through(f).components
    compiled = torch.compile(through, backend=backend, fullgraph=True)
    for way in (through, torch.func.vmap(through), compiled):
        image = way(x.requires_grad_())
        torch.testing.assert_close(image, torch.tensor(expected), equal_nan=True)
        assert [int(row.isfinite().sum()) for row in image] == [4, 2, 2]
        assert torch.autograd.grad(image.sum(), x)[0].isfinite().all()


def test_gradients_go_back_and_compilers_look_through(backend):
    even = hc.even_subalgebra(hc.clifford(3))
    f, kind = even.isomorphism_to(H), hc.tensor_type(even)
    components = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    there = lambda x: kind(x).through(f).components
    assert torch.autograd.gradcheck(there, (components,))
    compiled = torch.compile(there, backend=backend, fullgraph=True)
    torch.testing.assert_close(compiled(components), there(components))


def test_only_isomorphisms_of_the_algebra_map_its_numbers():
    q = hc.QuaternionTensor.randn(3)
    with pytest.raises(TypeError, match=r"`isomorphism` \(=3\) must be an isomorphism, such as"):
        q.through(3)
    with pytest.raises(ValueError, match="must be one of QUATERNION, the algebra of the numbers"):
        q.through(C.isomorphism_to(C))
    with pytest.raises(
        ValueError,
        match=r"dimensions are 4 and 2\)\) maps nothing: QUATERNION and COMPLEX are not isomorphic",
    ):
        q.through(H.isomorphism_to(C))
