"""Complements and polarities: inverse to each other, and to the products what theory says."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import geometric as G
from tests.cases import every_dtype
from tests.geometric.exact import ALGEBRAS, every_algebra, integers, pseudoscalar

REGULAR = [A for A in ALGEBRAS if A.blades.pseudoscalar_square]
DEGENERATE = [A for A in ALGEBRAS if not A.blades.pseudoscalar_square]
every_regular = pytest.mark.parametrize("A", REGULAR, ids=str)
every_degenerate = pytest.mark.parametrize("A", DEGENERATE, ids=str)
DUALS = [(G.hodge, G.unhodge), (G.polarity, G.unpolarity), (G.dual, G.undual)]
every_dual = pytest.mark.parametrize(("to", "back"), DUALS, ids=["hodge", "polarity", "dual"])


def test_both_kinds_of_metric_are_tested():
    assert REGULAR
    assert DEGENERATE


@every_algebra
def test_a_blade_and_its_complement_are_the_pseudoscalar(A):
    blades = torch.eye(A.dimension, dtype=torch.float64)
    top = torch.tensor(pseudoscalar(A)).double().expand_as(blades)
    assert torch.equal(G.wedge(blades, G.hodge(blades, A), A), top)
    assert torch.equal(G.wedge(G.unhodge(blades, A), blades, A), top)


@every_algebra
@every_dual
def test_duals_have_inverses(A, to, back):
    if to is G.polarity and A in DEGENERATE:
        return
    x = integers(A, 5)
    torch.testing.assert_close(back(to(x, A), A), x)
    torch.testing.assert_close(to(back(x, A), A), x)


@every_regular
def test_polarity_is_the_product_with_the_inverse_pseudoscalar(A):
    x, y = integers(A, 2, 5)
    exact = A.element(pseudoscalar(A)).inverse()
    for row, image in zip(x, G.polarity(x, A), strict=True):
        wanted = [float(c) for c in A.element(list(map(int, row.tolist()))) * exact]
        torch.testing.assert_close(image, torch.tensor(wanted).double())
    pairs = [(G.wedge, G.left_contraction), (G.left_contraction, G.wedge)]
    for times, turned in pairs:  # (a ∧ b)* = a ⌋ b*, (a ⌋ b)* = a ∧ b*
        image = turned(x, G.polarity(y, A), A)
        torch.testing.assert_close(G.polarity(times(x, y, A), A), image)
    assert torch.equal(G.dual(x, A), G.polarity(x, A))


@every_degenerate
def test_a_degenerate_metric_has_no_polarity(A):
    x = integers(A, 2)
    for function in (G.polarity, G.unpolarity):
        with pytest.raises(ValueError, match=r"`algebra` \(=.*degenerate metric.*take `hodge`"):
            function(x, A)
    assert torch.equal(G.dual(x, A), G.hodge(x, A))
    assert torch.equal(G.undual(x, A), G.unhodge(x, A))


@every_dual
@every_dtype
def test_types_and_shapes_are_kept(to, back, dtype):
    A, T = hc.SPACETIME, hc.tensor_type(hc.SPACETIME)
    x = integers(A, 2, 3).to(dtype)
    for function in (to, back):
        assert torch.equal(function(x, A).double(), function(x.double(), A))
        assert torch.equal(function(T(x)).components, function(x, A))
        assert function(x[:0], A).shape == (0, 3, 16)
    with pytest.raises(ValueError, match=r"`x` of shape \(8,\) must have the 16 components"):
        to(torch.ones(8), A)


@every_dual
def test_derivatives_maps_and_compiled_code(to, back, backend):
    A = hc.clifford(2, 1)
    x = integers(A, 3).requires_grad_()
    run = lambda x: to(x, A) + 2 * back(x, A)
    assert torch.autograd.gradcheck(run, (x,))
    assert torch.equal(torch.func.vmap(run)(x), run(x))
    compiled = torch.compile(run, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(x), run(x))


def test_the_dual_of_a_plane_is_its_normal():
    A = hc.clifford(3)
    a, b = torch.randn(2, 5, 3, dtype=torch.float64)
    plane = G.wedge(G.embed_grade(a, 1, A), G.embed_grade(b, 1, A), A)
    normal = G.extract_grade(G.dual(plane, A), 1, A)
    torch.testing.assert_close(normal, torch.linalg.cross(a, b))
