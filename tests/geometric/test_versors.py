"""Norms, inverses, projections and the actions of versors."""

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex import geometric as G
from tests.cases import every_dtype
from tests.geometric.exact import ALGEBRAS, every_algebra, integers, reversed_, tensor, vectors
from tests.precision import rounded_products

times = hc.functional.product
REGULAR = [A for A in ALGEBRAS if A.blades.pseudoscalar_square]
UP_TO_FIVE = [
    (p, q, r) for p in range(6) for q in range(6 - p) for r in range(6 - p - q) if p + q + r
]


def product_of(A, factors):
    """The exact product of vectors."""
    x = [1] + [0] * (A.dimension - 1)
    for v in factors:
        x = A.multiply(x, v)
    return x


def versors(A, least=1):
    """Exact products of some invertible vectors."""
    invertible = vectors(A).filter(lambda v: A.multiply(v, v)[0] != 0)
    return st.lists(invertible, min_size=least, max_size=4).map(lambda f: product_of(A, f))


some_versor = st.sampled_from(ALGEBRAS).flatmap(
    lambda A: st.tuples(st.just(A), versors(A), vectors(A), vectors(A))
)


def close(a, b, size=1.0):
    torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-11 * max(float(size), 1.0))


# ---------------------------------------------------------------------- norms


@every_algebra
def test_the_squared_norm_is_the_scalar_part_of_x_times_its_reverse(A):
    x = integers(A, 4)
    for row, found in zip(x, G.squared_norm(x, A), strict=True):
        whole = list(map(int, row.tolist()))
        assert found == A.multiply(whole, reversed_(whole))[0]
    assert torch.equal(G.squared_norm(x, A), G.scalar_product(x, G.reverse(x, A), A))
    close(G.norm(x, A), G.squared_norm(x, A).abs().sqrt())


def test_norms_are_zero_exactly_where_they_are():
    A = hc.clifford(2, 1)
    v = torch.tensor([3.0, 4, 5]) * torch.tensor([[1.0], [1 / 3], [2.0**100], [2.0**-100]])
    null = G.embed_grade(v[[0, 2, 3]], 1, A)
    assert G.norm(null, A).tolist() == [0, 0, 0]
    assert G.normalize(null, A).isnan().all()
    rounded = G.embed_grade(v[1], 1, A)
    p, q, r = (Fraction(c) for c in v[1].tolist())
    assert G.squared_norm(rounded, A).item() == pytest.approx(float(p * p + q * q - r * r))


def test_norms_of_huge_and_tiny_numbers():
    A = hc.clifford(3)
    for dtype, scale in [(torch.float32, 1e30), (torch.float32, 1e-30), (torch.float16, 1e4)]:
        x = torch.zeros(8, dtype=dtype)
        x[1], x[2] = 3 * scale, 4 * scale
        assert G.norm(x, A).item() == pytest.approx(5 * scale, rel=2e-3)
        unit = G.normalize(x, A)
        assert unit.dtype == dtype
        assert unit[1:3].tolist() == pytest.approx([0.6, 0.8], rel=2e-3)


@pytest.mark.parametrize(("dtype", "far"), [(torch.float32, 2.0**100), (torch.float64, 2.0**700)])
@pytest.mark.parametrize("near", [1.0, 2.0**-20])
def test_components_whose_squares_are_zero_may_have_any_size(dtype, far, near):
    """They count neither for a norm nor for an inverse, however far a motor moves."""
    A = hc.clifford(2, 0, 1)
    x = torch.zeros(8, dtype=dtype)
    x[0], x[5], x[6] = near, far * near, -far * near  # of 1, e13 and e23, of square 0
    unit = x / near
    assert G.norm(x, A) == near
    assert torch.equal(G.normalize(x, A), unit)
    assert torch.equal(G.versor_inverse(x, A), G.reverse(unit, A) / near)
    assert G.is_versor(x, A)
    v = torch.tensor([0, 0, 0, 0, 1, 0, 0, 0], dtype=dtype)  # e3, which translations leave alone
    assert torch.equal(G.apply_versor(x, v, A), v)
    line = hc.multivector(torch.tensor([near, 0, far * near], dtype=dtype), A, (1,))
    square = line * line.reciprocal()
    assert torch.equal(square.components, torch.tensor([1.0, 0, 0, 0], dtype=dtype))


def test_the_derivative_of_a_norm_that_is_zero_is_zero():
    x = torch.zeros(8, requires_grad=True)
    (g,) = torch.autograd.grad(G.norm(x, hc.clifford(3)), x)
    assert g.tolist() == [0] * 8


# ---------------------------------------------------------------------- inverses


@given(some_versor)
def test_versors_have_their_inverse(drawn):
    A, x, _, _ = drawn
    x = tensor(x)
    one = torch.eye(A.dimension).double()[0]
    inverse = G.versor_inverse(x, A)
    size = hc.functional.norm(x) * hc.functional.norm(inverse)
    close(times(x, inverse, A), one, size)
    close(inverse, hc.functional.inverse(x, A), size * hc.functional.norm(inverse))
    assert G.is_versor(x, A)


def test_what_is_no_versor_has_no_versor_inverse():
    A = hc.clifford(3)
    x = torch.zeros(4, 8)
    x[0, 0], x[0, 1] = 2, 1  # 2 + e1 has an inverse, but x x̃ = 5 + 4 e1
    x[1, 0], x[1, 7] = 1, 1  # 1 + e123, whose x x̃ is 2, is neither even nor odd
    x[3, 0] = 3
    assert G.versor_inverse(x, A).isnan().any(-1).tolist() == [True, False, True, False]
    assert hc.functional.inverse(x, A).isfinite().all(-1).tolist() == [True, True, False, True]
    assert G.is_versor(x, A).tolist() == [False, False, False, True]
    null = torch.tensor([0.0, 1, 1, 0])
    assert G.versor_inverse(null, hc.clifford(1, 1)).isnan().all()
    assert not G.is_versor(null, hc.clifford(1, 1))


def test_six_dimensions_have_even_numbers_with_a_square_that_are_no_versors():
    """1 + e123456 has x x̃ = 2, or 0, and takes vectors to more than vectors."""
    for A in (hc.clifford(6), hc.clifford(5, 1)):
        x = torch.zeros(64, dtype=torch.float64)
        x[0] = x[63] = 1
        assert not G.is_versor(x, A)


def test_boosts_are_versors_in_every_type():
    A = hc.clifford(1, 3)
    boost = torch.zeros(16, dtype=torch.float64)
    boost[0], boost[3] = math.cosh(0.5), math.sinh(0.5)
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        assert G.is_versor(boost.to(dtype), A)
        inverse = G.versor_inverse(boost.to(dtype), A)
        assert inverse.dtype == dtype
        assert inverse.isfinite().all()


@pytest.mark.parametrize("signature", UP_TO_FIVE, ids=str)
def test_every_invertible_multivector_has_its_inverse(signature):
    """Exactly those of which the exact solution exists."""
    A = hc.clifford(*signature)
    numbers = [*integers(A, 4), *integers(A, 4).sign()]
    basis = torch.eye(A.dimension).double()
    numbers += [basis[0] + basis[1], basis[0] - basis[-1], basis[1], basis[-1], 2 * basis[0]]
    found = hc.functional.inverse(torch.stack(numbers), A)
    for x, inverse in zip(numbers, found, strict=True):
        exact = exact_inverse(A, list(map(int, x.tolist())))
        if exact is None:
            assert not inverse.isfinite().all()
        else:
            close(inverse, tensor(exact), hc.functional.norm(x))


def exact_inverse(A, x):
    """The solution of x y = 1; None if there is none."""
    try:
        return A.element(x).inverse()
    except ZeroDivisionError:
        return None


# ---------------------------------------------------------------------- what versors do


@given(some_versor)
def test_versors_act_by_orthogonal_maps(drawn):
    """They keep the metric of vectors, and grades."""
    A, x, u, v = drawn[0], *map(tensor, drawn[1:])
    turned = [G.apply_versor(x, each, A) for each in (u, v)]
    inverse = G.versor_inverse(x, A)
    size = (hc.functional.norm(x) * hc.functional.norm(inverse)) ** 2 * 150
    close(G.grade(turned[0], 1, A), turned[0], size)
    close(G.scalar_product(*turned, A), G.scalar_product(u, v, A), size)
    close(G.apply_versor(inverse, turned[0], A), u, size**2)
    for product in (times, G.wedge):  # an automorphism of both products
        image = G.apply_versor(x, product(u, v, A), A)
        close(image, product(*turned, A), size)


@given(some_versor)
def test_actions_compose(drawn):
    A, x, u, v = drawn[0], *map(tensor, drawn[1:])
    if G.squared_norm(u, A) == 0:
        return
    twice = G.apply_versor(u, G.apply_versor(x, v, A), A)
    both = [hc.functional.norm(y) * hc.functional.norm(G.versor_inverse(y, A)) for y in (u, x)]
    close(G.apply_versor(times(u, x, A), v, A), twice, (both[0] * both[1]) ** 2 * 10)


@every_algebra
def test_sandwiches_are_two_products(A):
    x, y = integers(A, 2, 6)
    wanted = times(times(x, y, A), G.reverse(x, A), A)
    close(G.sandwich(x, y, A), wanted, wanted.abs().max())
    many = integers(A, 3, 5, seed=9)  # which share the map of one
    wanted = times(times(x[0], many, A), G.reverse(x[0], A), A)
    close(G.sandwich(x[0], many, A), wanted, wanted.abs().max())
    some = integers(A, 6, 5, seed=9)
    wanted = times(times(x[:, None], some, A), G.reverse(x, A)[:, None], A)
    close(G.sandwich(x[:, None], some, A), wanted, wanted.abs().max())
    z = integers(A, 6, seed=10)
    inside = G.sandwich(x, G.sandwich(z, y, A), A)
    close(G.sandwich(times(x, z, A), y, A), inside, inside.abs().max())


def test_sandwiches_keep_all_digits():
    """Where autocast or a setting of torch rounds matrices, too."""
    A = hc.PGA
    x, many = torch.randn(16), torch.randn(50, 16)
    wanted = G.sandwich(x.double(), many.double(), A)
    size = wanted.abs().max().item()
    check = lambda y: torch.testing.assert_close(y.double(), wanted, rtol=0, atol=1e-6 * size)
    check(G.sandwich(x, many, A))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        check(G.sandwich(x, many, A))
    with rounded_products():
        check(G.sandwich(x, many, A))


@pytest.mark.parametrize("A", REGULAR, ids=str)
def test_a_vector_reflects_in_its_hyperplane(A):
    n = A.blades.generators
    g = torch.tensor([[float(c) for c in row] for row in A.blades.metric]).double()
    a, m = torch.randn(2, 7, n, dtype=torch.float64)
    dot = lambda u, v: torch.einsum("...i,ij,...j->...", u, g, v)
    wanted = a - (2 * dot(a, m) / dot(m, m)).unsqueeze(-1) * m
    found = G.reflect(G.embed_grade(a, 1, A), G.embed_grade(m, 1, A), A)
    close(found, G.embed_grade(wanted, 1, A), wanted.abs().max())


def test_rotors_turn_as_matrices_do():
    A = hc.clifford(3)
    q = torch.randn(5, 4, dtype=torch.float64)
    rotor = torch.zeros(5, 8, dtype=torch.float64)
    rotor[:, 0], rotor[:, 6], rotor[:, 5], rotor[:, 3] = q[:, 0], -q[:, 1], q[:, 2], -q[:, 3]
    v = torch.randn(5, 3, dtype=torch.float64)
    turned = G.extract_grade(G.apply_versor(rotor, G.embed_grade(v, 1, A), A), 1, A)
    close(turned, hc.rotations.rotate(q, v))


# ---------------------------------------------------------------------- projections


@pytest.mark.parametrize("A", REGULAR, ids=str)
def test_projections_are_orthogonal(A):
    u, v, a = (G.embed_grade(x, 1, A) for x in torch.randn(3, 5, A.blades.generators).double())
    for blade in (u, G.wedge(u, v, A)):
        inside = G.project(a, blade, A)
        size = inside.abs().max() ** 2 * 100
        close(G.project(inside, blade, A), inside, size)
        close(inside + G.reject(a, blade, A), a, size)
        close(G.wedge(inside, blade, A), torch.zeros_like(a), size)
        close(G.left_contraction(G.reject(a, blade, A), blade, A), torch.zeros_like(a), size)
        close(
            G.reject(a, blade, A), times(G.wedge(a, blade, A), G.versor_inverse(blade, A), A), size
        )


def test_a_point_is_projected_onto_a_plane():
    """In projective algebra a point is a product of planes, of a higher grade than a plane."""
    A = hc.PGA
    e = dict(zip(A.units, torch.eye(16).double(), strict=True))
    point = lambda x, y, z: G.hodge(e["e0"] + x * e["e1"] + y * e["e2"] + z * e["e3"], A)
    plane = e["e3"] - 2 * e["e0"]  # z = 2
    found = G.project(point(3.0, 4.0, 5.0), plane, A)
    assert torch.equal(found / found[14], point(3.0, 4.0, 2.0) / point(3.0, 4.0, 2.0)[14])
    mirrored = G.reflect(point(3.0, 4.0, 5.0), plane, A)
    assert torch.equal(mirrored, -point(3.0, 4.0, -1.0))  # which turns its orientation round


# ---------------------------------------------------------------------- as tensors

ONE = [G.squared_norm, G.norm, G.normalize, G.versor_inverse]
TWO = [G.sandwich, G.apply_versor, G.reflect, G.project, G.reject]
every_function = pytest.mark.parametrize("function", ONE + TWO, ids=lambda f: f.__name__)


def arguments(function, A, dtype=torch.float64):
    """Vectors, which are versors and blades, and multivectors."""
    v = G.embed_grade(torch.randn(4, A.blades.generators), 1, A)
    given = [v] if function in ONE else [v, torch.randn(4, A.dimension)]
    if function in (G.reflect, G.project, G.reject):
        given.reverse()
    return [x.to(dtype) for x in given]


@every_function
def test_derivatives_maps_and_compiled_code(function, backend):
    A = hc.clifford(2, 1)
    given = arguments(function, A)
    run = lambda *x: function(*x, A)
    if function in (G.sandwich, G.squared_norm, G.norm, G.normalize):  # for the others off versors
        assert torch.autograd.gradcheck(run, [x.requires_grad_() for x in given])  # is NaN
    torch.testing.assert_close(torch.func.vmap(run)(*given), run(*given))
    compiled = torch.compile(run, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(*given), run(*given))


def test_the_gradient_of_an_action_is_that_of_its_formula():
    """Along versors, for off them it has no value."""
    A = hc.clifford(3)
    plane = torch.zeros(8, dtype=torch.float64)
    plane[3] = 1

    def turned(angle, y):
        rotor = torch.zeros(8, dtype=torch.float64) + 0
        one = torch.eye(8, dtype=torch.float64)[0]
        rotor = (angle / 2).cos() * one - (angle / 2).sin() * plane
        return G.apply_versor(3 * rotor, y, A)

    for shape in [(8,), (6, 8)]:
        y = torch.randn(shape, dtype=torch.float64, requires_grad=True)
        angle = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(turned, (angle, y))


@every_function
@every_dtype
def test_types_are_kept(function, dtype):
    A, T = hc.clifford(3), hc.tensor_type(hc.clifford(3))
    given = arguments(function, A, dtype)
    result = function(*given, A)
    assert result.dtype == dtype
    wide = function(*(x.double() for x in given), A)
    scale = wide.abs().amax()
    eps = torch.finfo(dtype).eps
    torch.testing.assert_close(result.double(), wide, rtol=64 * eps, atol=float(64 * eps * scale))
    typed = function(*map(T, given))
    assert type(typed) is (torch.Tensor if result.ndim == 1 else T)
    assert function(*(x[:0] for x in given), A).shape[0] == 0
    with pytest.raises(TypeError, match=r"`algebra` \(=PGA\) is not that of"):
        function(*map(T, given), hc.PGA)
    with pytest.raises(TypeError, match="must hold floating-point components"):
        function(*(x.long() for x in given), A)
