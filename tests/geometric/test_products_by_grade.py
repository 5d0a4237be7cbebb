"""The products by grades: exact, with derivatives, in every type, and refused where they must be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex import geometric as G
from tests.cases import every_dtype
from tests.geometric.exact import (
    ALGEBRAS,
    by_grades,
    coefficients,
    every_algebra,
    half,
    integers,
    tensor,
    vectors,
)

PRODUCTS = {
    G.wedge: lambda r, s, k: k == r + s,
    G.left_contraction: lambda r, s, k: k == s - r,
    G.right_contraction: lambda r, s, k: k == r - s,
    G.inner: lambda r, s, k: k == abs(r - s),
}
SYMMETRIES = {G.commutator: -1, G.anticommutator: 1}
ALL = [*PRODUCTS, *SYMMETRIES, G.regressive, G.scalar_product]
every_product = pytest.mark.parametrize("product", ALL, ids=lambda f: f.__name__)
some_algebra = st.sampled_from(ALGEBRAS)


def drawn(*kinds):
    """An algebra, and multivectors of it."""
    return some_algebra.flatmap(lambda A: st.tuples(st.just(A), *(kind(A) for kind in kinds)))


@every_algebra
def test_products_are_sums_of_parts_of_the_geometric_product(A):
    a, b = integers(A, 2, seed=1).unbind()
    x, y = (list(map(int, each)) for each in (a, b))
    for product, kept in PRODUCTS.items():
        assert product(a, b, A).tolist() == by_grades(A, x, y, kept)
    for product, sign in SYMMETRIES.items():
        assert product(a, b, A).tolist() == half(A, x, y, sign)
    assert G.scalar_product(a, b, A) == A.multiply(x, y)[0]


@every_algebra
def test_the_regressive_product_is_the_wedge_of_complements(A):
    """De Morgan's law, and I is its unit."""
    a, b = integers(A, 2, 3, seed=2)
    top = torch.eye(A.dimension).double()[-1]
    assert torch.equal(G.regressive(top, a, A), a)
    assert torch.equal(G.regressive(a, top, A), a)
    wedge = G.wedge(G.hodge(a, A), G.hodge(b, A), A)
    assert torch.equal(G.hodge(G.regressive(a, b, A), A), wedge)


@given(drawn(vectors, coefficients))
def test_a_vector_contracts_and_extends(given_):
    """a x = a ⌋ x + a ∧ x, and x a = x ⌊ a + x ∧ a."""
    A, a, x = given_[0], *map(tensor, given_[1:])
    left = G.left_contraction(a, x, A) + G.wedge(a, x, A)
    assert torch.equal(hc.functional.product(a, x, A), left)
    right = G.right_contraction(x, a, A) + G.wedge(x, a, A)
    assert torch.equal(hc.functional.product(x, a, A), right)


@given(drawn(vectors, coefficients, coefficients))
def test_contraction_by_a_vector_keeps_leibniz_rule(given_):
    """a ⌋ (x ∧ y) = (a ⌋ x) ∧ y + x̂ ∧ (a ⌋ y), and so of the geometric product."""
    A, a, x, y = given_[0], *map(tensor, given_[1:])
    for times in (G.wedge, hc.functional.product):
        whole = G.left_contraction(a, times(x, y, A), A)
        first = times(G.left_contraction(a, x, A), y, A)
        second = times(G.involute(x, A), G.left_contraction(a, y, A), A)
        assert torch.equal(whole, first + second)


@given(drawn(coefficients, coefficients, coefficients))
def test_contractions_are_adjoint_and_nest(given_):
    """(x ∧ a) * b = x * (a ⌋ b), and (a ∧ b) ⌋ c = a ⌋ (b ⌋ c)."""
    A, a, b, c = given_[0], *map(tensor, given_[1:])
    left = G.scalar_product(G.wedge(c, a, A), b, A)
    assert left == G.scalar_product(c, G.left_contraction(a, b, A), A)
    nested = G.left_contraction(a, G.left_contraction(b, c, A), A)
    assert torch.equal(G.left_contraction(G.wedge(a, b, A), c, A), nested)
    turned = G.left_contraction(G.reverse(b, A), G.reverse(a, A), A)
    assert torch.equal(G.reverse(G.right_contraction(a, b, A), A), turned)


@given(drawn(coefficients, coefficients, coefficients))
def test_the_exterior_product_associates(given_):
    A, a, b, c = given_[0], *map(tensor, given_[1:])
    for times in (G.wedge, G.regressive):
        assert torch.equal(times(times(a, b, A), c, A), times(a, times(b, c, A), A))


@given(drawn(lambda A: coefficients(A, (2,)), coefficients, coefficients))
def test_bivectors_are_derivations_that_keep_grades(given_):
    """B × (xy) = (B × x) y + x (B × y), and B × ⟨x⟩ₖ = ⟨B × x⟩ₖ."""
    A, b, x, y = given_[0], *map(tensor, given_[1:])
    times = hc.functional.product
    whole = G.commutator(b, times(x, y, A), A)
    parts = times(G.commutator(b, x, A), y, A) + times(x, G.commutator(b, y, A), A)
    assert torch.equal(whole, parts)
    for k in range(A.blades.generators + 1):
        kept = G.grade(G.commutator(b, x, A), k, A)
        assert torch.equal(G.commutator(b, G.grade(x, k, A), A), kept)


@every_product
def test_derivatives_and_maps(product):
    for A in (hc.clifford(3), hc.clifford(1, 0, 1)):
        a, b = (integers(A, 2, seed=m).requires_grad_() for m in (3, 4))
        assert torch.autograd.gradcheck(lambda x, y, A=A: product(x, y, A), (a, b))
        mapped = torch.func.vmap(lambda x, y, A=A: product(x, y, A))(a, b)
        torch.testing.assert_close(mapped, product(a, b, A))


@every_product
def test_shapes_broadcast_and_may_be_empty(product):
    A = hc.clifford(2, 0, 1)
    ends = product(torch.zeros(8), torch.zeros(8), A).shape
    for left, right in [((3, 1), (4,)), ((), (2,)), ((0,), (1,)), ((2, 0), (2, 1))]:
        shape = torch.broadcast_shapes(left, right)
        assert product(torch.ones(*left, 8), torch.ones(*right, 8), A).shape == shape + ends


@every_product
@every_dtype
def test_types_are_kept(product, dtype):
    A = hc.clifford(3)
    a, b = integers(A, 2, 5, seed=5)
    result = product(a.to(dtype), b.to(dtype), A)
    assert result.dtype == dtype
    torch.testing.assert_close(result.double(), product(a, b, A), rtol=2e-2, atol=0.5)


@every_product
def test_numbers_that_know_their_algebra(product):
    A = hc.SPACETIME
    T = hc.tensor_type(A)
    a, b = integers(A, 2, 3, seed=6)
    typed = product(T(a), T(b))
    reals = product is G.scalar_product
    assert type(typed) is (torch.Tensor if reals else T)
    assert torch.equal(typed if reals else typed.components, product(a, b, A))
    with pytest.raises(TypeError, match=r"`b` of geometric\..* is a plain tensor beside a"):
        product(T(a), b)
    with pytest.raises(TypeError, match=r"`algebra` \(=PGA\) is not that of"):
        product(T(a), T(b), hc.PGA)


@every_product
def test_what_has_no_grades_is_refused(product):
    a = torch.ones(8)
    with pytest.raises(ValueError, match=r"`algebra` \(=OCTONION\) has no grades.*take clifford"):
        product(a, a, hc.OCTONION)
    with pytest.raises(ValueError, match=r"`b` of shape \(4,\) must have the 8 components of"):
        product(a, a[:4], hc.clifford(3))
    with pytest.raises(TypeError, match=r"`algebra` \(=None\) must be an Algebra"):
        product(a, a, None)


@pytest.mark.parametrize("product", [G.wedge, G.regressive, G.scalar_product])
def test_products_compile(product, backend):
    A = hc.clifford(2, 1)
    a, b = integers(A, 2, 5, seed=7)
    compiled = torch.compile(lambda x, y: product(x, y, A), fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(a, b), product(a, b, A))


def test_quaternions_have_grades_too():
    """ℍ is Cl(0, 2): i and j are vectors, k is their plane."""
    i, j = hc.QuaternionTensor([0.0, 1, 0, 0]), hc.QuaternionTensor([0.0, 0, 1, 0])
    assert (G.wedge(i, j) == hc.QuaternionTensor([0.0, 0, 0, 1])).all()
    assert G.scalar_product(i, i) == -1
