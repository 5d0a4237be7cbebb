"""Exponential, logarithm and root of bivectors in closed form: beside matrices, at every boundary."""

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import geometric as G
from tests.geometric.exact import OBLIQUE, tensor

SIGNATURES = [
    (2, 0, 0), (3, 0, 0), (4, 0, 0), (3, 0, 1), (4, 1, 0), (1, 3, 0), (2, 0, 1), (3, 1, 1),
    (5, 0, 0), (0, 2, 0), (2, 2, 0), (3, 0, 2), (0, 0, 4),
]  # fmt: skip
ALGEBRAS = [*(hc.clifford(*each) for each in SIGNATURES), hc.PGA, hc.CGA, OBLIQUE]
every_algebra = pytest.mark.parametrize("A", ALGEBRAS, ids=str)
PAIRS = [hc.clifford(4), hc.clifford(5), hc.CGA, hc.SPACETIME, hc.clifford(3, 1, 1)]


def places(A):
    return list(A.blades.places((2,)))


def bivector(A, components):
    B = components.new_zeros(*components.shape[:-1], A.dimension)
    return B.index_copy(-1, torch.tensor(places(A)), components)


def bivectors(A, *shape, scale=1.0, dtype=torch.float64):
    return bivector(A, scale * torch.randn(*shape, len(places(A)), dtype=dtype))


def blade(A, **coefficients):
    """Of `e12`, the product of the first two generators, whatever the algebra calls them."""
    B = torch.zeros(A.dimension, dtype=torch.float64)
    for name, c in coefficients.items():
        B[sum(1 << int(digit) - 1 for digit in name[1:])] = c
    return B


def hard(A):
    """Bivectors where formulas meet: zero, simple ones, null ones, and equal squares in two planes."""
    d, metric = A.blades.generators, A.blades.metric
    found = [torch.zeros(A.dimension, dtype=torch.float64)]
    for size in (1e-150, 1e-9, 1e-4, 0.09, 0.11, 0.25, 0.5, 1.5):
        for place in places(A):
            B = torch.zeros(A.dimension, dtype=torch.float64)
            B[place] = size
            found.append(B)
        if d >= 4:
            for other in (size, -size, size * (1 + 1e-15), size * (1 + 1e-8), size / 3, 1e-9):
                B = torch.zeros(A.dimension, dtype=torch.float64)
                B[0b11], B[0b1100] = size, other
                found.append(B)
        if d >= 3 and metric[0][0] == 1 and metric[d - 1][d - 1] == -1:
            for tilt in (1, 1 - 1e-14, 1 + 1e-14, 1 - 1e-6, 1 + 1e-6):  # null, and next to it
                B = torch.zeros(A.dimension, dtype=torch.float64)
                B[0b11], B[0b10 | 1 << (d - 1)] = size, size * tilt
                found.append(B)
    return torch.stack(found)


def close(ours, expected, tolerance=1e-12):
    size = 1 + expected.abs().amax(-1, keepdim=True)
    worst = ((ours - expected) / size).abs().max().item()
    assert worst < tolerance, worst


# ---------------------------------------------------------------------- beside matrices


@every_algebra
def test_exponentials_are_those_of_matrices(A):
    for scale in (1e-8, 1e-2, 0.15, 0.4, 1.0, 3.0):
        B = bivectors(A, 60, scale=scale)
        close(G.exp(B, A), F.exp(B, A))
    close(G.exp(hard(A), A), F.exp(hard(A), A))


@every_algebra
def test_logarithms_and_roots_are_those_of_matrices(A):
    for B in (bivectors(A, 40, scale=0.3), hard(A) / 2):
        R = G.exp(B, A)
        close(G.sqrt(R, A), F.sqrt(R, A))
        close(G.log(R, A), F.log(R, A))


@every_algebra
def test_logarithms_undo_exponentials(A):
    """Also where the matrices lose digits: tiny ones, and of boosts."""
    for scale in (1e-12, 1e-6, 1e-2, 0.1, 0.4):
        B = bivectors(A, 60, scale=scale)
        close(G.log(G.exp(B, A), A) / scale, B / scale)
    B = hard(A)
    close(G.log(G.exp(B, A), A), B)
    tiny = B[B.abs().amax(-1) == 1e-9]
    close(G.log(G.exp(tiny, A), A) / 1e-9, tiny / 1e-9)


@every_algebra
def test_roots_are_half_the_way(A):
    """Two planes lose digits next to a full turn, 1e-16 over the square of the distance."""
    for B, tolerance in ((bivectors(A, 60, scale=0.6), 1e-8), (hard(A), 1e-12)):
        R = G.exp(B, A)
        root = G.sqrt(R, A)
        close(F.product(root, root, A), R, tolerance)
        close(root, G.exp(G.log(R, A) / 2, A), tolerance)


@pytest.mark.parametrize("A", [hc.clifford(3), hc.clifford(4), hc.PGA, hc.SPACETIME], ids=str)
def test_roots_of_other_even_numbers(A):
    even = torch.randn(50, A.dimension, dtype=torch.float64) / 3
    R = G.even(even, A)
    R[:, 0] += 2
    root = G.sqrt(R, A)
    close(F.product(root, root, A), R)
    close(root, F.sqrt(R, A), 1e-11)


def test_boosts_of_any_size():
    """Where squares of the components are all rounding."""
    A = hc.SPACETIME
    B = bivectors(A, 100, scale=6.0)
    R = G.exp(B, A)
    assert R.abs().max() > 1e6
    for ours in (G.exp(G.log(R, A), A), F.product(G.sqrt(R, A), G.sqrt(R, A), A)):
        assert ((ours - R).abs().amax(-1) / R.abs().amax(-1)).max() < 1e-11


def test_more_generators_go_by_matrices():
    A = hc.clifford(6)
    B = bivectors(A, 3, scale=0.2)
    R = G.exp(B, A)
    close(R, F.exp(B, A))
    close(G.log(R, A), B)
    close(F.product(G.sqrt(R, A), G.sqrt(R, A), A), R)
    with pytest.raises(NotImplementedError, match="more than 5 generators"):
        G.invariant_decomposition(B, A)


# ---------------------------------------------------------------------- laws


@st.composite
def drawn(draw):
    A = draw(st.sampled_from(ALGEBRAS[:9]))
    size = draw(st.sampled_from([1e-9, 1e-4, 0.1, 0.5, 1.0]))
    values = [draw(st.floats(-1, 1)) for _ in places(A)]
    return A, bivector(A, size * torch.tensor(values, dtype=torch.float64))


@given(drawn(), st.floats(-1, 1), st.floats(-1, 1))
def test_exponentials_are_one_parameter_groups(case, s, t):
    A, B = case
    close(F.product(G.exp(s * B, A), G.exp(t * B, A), A), G.exp((s + t) * B, A))
    R = G.exp(B, A)
    one = F.product(R, G.reverse(R, A), A)
    close(one, torch.eye(A.dimension, dtype=torch.float64)[0])


@given(drawn())
def test_planes_commute_are_simple_and_add_up(case):
    A, B = case
    parts = G.invariant_decomposition(B, A)
    if parts.isnan().any():
        return  # both squares are 0, or nearly
    size = B.abs().max().clamp(min=1e-30)
    close(parts.sum(-2) / size, B / size, 1e-9)
    squares = F.product(parts, parts, A) / size**2
    assert squares[..., 1:].abs().max() < 1e-6
    if parts.shape[-2] == 2:
        assert F.commutator(parts[0], parts[1], A).abs().max() < 1e-6 * size**2


# ---------------------------------------------------------------------- boundaries


@pytest.mark.parametrize("distance", [1e-3, 1e-7, 1e-12])
def test_logarithms_next_to_a_full_turn(distance):
    """Half the angle is next to π."""
    for A in (hc.clifford(3), hc.PGA, hc.clifford(4)):
        B = blade(A, e23=math.pi - distance)
        R = torch.zeros_like(B)  # the cosine and sine of what float64 rounds away
        R[0], R[6] = -math.cos(distance), math.sin(distance)
        close(G.log(R, A), B, 1e-14)
        half = G.sqrt(R, A)
        assert abs(half[0] - math.sin(distance / 2)) < 1e-15
        assert abs(half[6] - math.cos(distance / 2)) < 1e-15


def test_what_has_no_logarithm():
    for A in (hc.clifford(3), hc.PGA, hc.clifford(4), hc.SPACETIME):
        minus = -torch.eye(A.dimension, dtype=torch.float64)[0]
        assert G.log(minus, A).isnan().any()
        assert G.sqrt(minus, A).isnan().any()
    A = hc.SPACETIME
    boost = G.exp(blade(A, e12=0.5), A)
    assert G.log(-boost, A).isnan().any()
    assert F.log(-boost, A).isnan().all()


def test_translations():
    B = blade(hc.PGA, e12=1e10, e13=-2e10)
    R = G.exp(B, hc.PGA)
    assert torch.equal(R, B + torch.eye(16, dtype=torch.float64)[0])
    assert torch.equal(G.log(R, hc.PGA), B)
    assert torch.equal(G.sqrt(R, hc.PGA), R - B / 2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
def test_types(dtype):
    near = 8 * torch.finfo(dtype).eps
    for A in (hc.clifford(3), hc.PGA, hc.CGA, hc.clifford(4), hc.SPACETIME):
        B = torch.cat([bivectors(A, 40, scale=0.4), hard(A)[1:]]).to(dtype)
        R = G.exp(B, A)
        exact = G.exp(B.double(), A)
        assert R.dtype == dtype
        close(R.double(), exact, near)
        R = exact.to(dtype)
        for function in (G.log, G.sqrt):
            ours = function(R, A)
            assert ours.dtype == dtype
            close(ours.double(), function(exact, A), 8 * near)


def test_shapes_and_kinds():
    A, T = hc.PGA, hc.tensor_type(hc.PGA)
    B = bivectors(A, 2, 3)
    assert G.exp(B[:0], A).shape == (0, 3, 16)
    assert G.invariant_decomposition(B, A).shape == (2, 3, 2, 16)
    assert G.invariant_decomposition(bivectors(hc.clifford(3), 5), hc.clifford(3)).shape == (
        5,
        1,
        8,
    )
    for function in (G.exp, G.outer_exp, G.outer_cos, G.outer_sin, G.outer_tan):
        assert torch.equal(function(T(B)).components, function(B, A))
        planar = B.movedim(-1, 0).contiguous().movedim(0, -1)
        close(function(planar, A), function(B, A))
    R = G.exp(B, A)
    for function in (G.log, G.sqrt):
        assert torch.equal(function(T(R)).components, function(R, A))
    assert isinstance(G.invariant_decomposition(T(B)), T)


def test_what_is_refused():
    A = hc.PGA
    R = G.exp(bivectors(A, 3), A)
    for function in (G.exp, G.outer_exp, G.outer_tan, G.invariant_decomposition):
        with pytest.raises(ValueError, match="`B` must be a bivector, but 3 of 3 are not"):
            function(R, A)
    with pytest.raises(ValueError, match="`R` must be a rotor"):
        G.log(2 * R, A)
    for function in (G.log, G.sqrt):
        with pytest.raises(ValueError, match="`R` must be even"):
            function(R + torch.eye(16, dtype=torch.float64)[1], A)
    with pytest.raises(ValueError, match="no grades"):
        G.exp(torch.zeros(8), hc.OCTONION)
    with pytest.raises(TypeError, match="`B`"):
        G.exp(torch.zeros(16, dtype=torch.int64), A)
    B = torch.zeros(32, dtype=torch.float64)
    B[0], B[31 - 1], B[3], B[5] = 2, 1, 1, 1  # a 4-vector that does not commute with the rest
    with pytest.raises(ValueError, match="`R` must be a versor"):
        G.sqrt(B, hc.clifford(5))
    wrong = torch.func.vmap(lambda x: G.exp(x, A))(R)
    assert wrong.isnan().any(-1).all()


# ---------------------------------------------------------------------- derivatives

POINTS = {
    "zero": (hc.clifford(4), {}),
    "simple": (hc.clifford(4), {"e12": 0.8}),
    "isoclinic": (hc.clifford(4), {"e12": 0.7, "e34": 0.7}),
    "nearly isoclinic": (hc.clifford(4), {"e12": 0.7, "e34": -0.7 - 1e-9}),
    "small isoclinic": (hc.clifford(5), {"e12": 1e-5, "e34": 1e-5}),
    "null": (hc.SPACETIME, {"e12": 0.6, "e23": 0.6}),
    "boost and turn": (hc.SPACETIME, {"e12": 0.5, "e34": 0.9}),
    "translation": (hc.PGA, {"e12": 1.5}),
    "screw": (hc.PGA, {"e12": 1.5, "e34": 0.4, "e23": 0.3}),
    "conformal translation": (hc.CGA, {"e14": 0.5, "e15": 0.5}),
    "three": (hc.clifford(3), {"e12": 1e-9}),
}


@pytest.mark.parametrize("point", POINTS)
def test_derivatives(point):
    A, coefficients = POINTS[point]
    x = blade(A, **coefficients)[places(A)].requires_grad_()
    gradcheck, gradgradcheck = torch.autograd.gradcheck, torch.autograd.gradgradcheck
    for function in (
        lambda x: G.exp(bivector(A, x), A),
        lambda x: G.log(G.exp(bivector(A, x), A), A),
        lambda x: G.sqrt(G.exp(bivector(A, x), A), A),
    ):
        assert gradcheck(function, (x,), fast_mode=True)
        assert gradgradcheck(function, (x,), fast_mode=True)


@pytest.mark.parametrize("A", PAIRS, ids=str)
def test_derivatives_are_those_of_matrices(A):
    for B in (bivectors(A, 20, scale=0.4), hard(A)[::3] / 2):
        B.requires_grad_()
        weight = torch.randn(A.dimension, dtype=torch.float64)
        found = [
            torch.autograd.grad((f(B, A) * weight).sum(), B)[0][..., places(A)]
            for f in (G.exp, F.exp)
        ]
        close(*found, 1e-11)


def test_derivatives_of_logarithms_undo_those_of_exponentials():
    """Where formulas meet, too: the Jacobian of log after exp is the identity."""
    for A in PAIRS:
        x = (hard(A) / 2)[..., places(A)]
        jacobian = torch.func.vmap(
            torch.func.jacfwd(lambda x, A=A: G.log(G.exp(bivector(A, x), A), A)[..., places(A)])
        )(x)
        close(jacobian, torch.eye(len(places(A)), dtype=torch.float64).expand_as(jacobian), 1e-10)


# ---------------------------------------------------------------------- planes


def rational_pairs():
    """Commuting simple bivectors of rational coefficients, turned by a rational versor."""
    for signature, (b, c) in {
        (4, 0, 0): ((0b11, 2), (0b1100, Fraction(-1, 2))),
        (1, 3, 0): ((0b11, Fraction(3, 2)), (0b1100, 1)),
        (4, 1, 0): ((0b11, 3), (0b10100, 1)),
        (3, 0, 1): ((0b11, 2), (0b1100, 5)),
    }.items():
        A = hc.clifford(*signature)
        parts = [[0] * A.dimension, [0] * A.dimension]
        parts[0][b[0]], parts[1][c[0]] = b[1], c[1]
        for v in ((1, 2, 2), (3, 1, 0), (0, 1, 4)):
            vector = [0] * A.dimension
            for place, coefficient in zip((1, 2, 4), v, strict=True):
                vector[place] = coefficient
            square = A.multiply(vector, vector)[0]
            parts = [
                [Fraction(x) / square for x in A.multiply(A.multiply(vector, p), vector)]
                for p in parts
            ]
        yield A, parts


@pytest.mark.parametrize(("A", "parts"), list(rational_pairs()), ids=lambda x: str(x)[:8])
def test_planes_are_exact(A, parts):
    assert A.multiply(*parts) == A.multiply(*parts[::-1])
    expected = torch.stack([tensor(p) for p in parts])
    B = expected.sum(0)
    found = G.invariant_decomposition(B, A)
    close(found, expected, 1e-14)
    one, two = (G.exp(part, A) for part in found)
    close(F.product(one, two, A), G.exp(B, A))


def test_equal_squares_have_planes_too():
    A = hc.clifford(4)
    turn = G.exp(bivectors(A), A)
    for difference in (0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-4, 1e-2, -1e-12, -1e-4):
        B = blade(A, e12=1, e34=1 + difference)
        B = G.grade(F.product(F.product(turn, B, A), G.reverse(turn, A), A), 2, A)
        parts = G.invariant_decomposition(B, A)
        close(parts.sum(0), B, 1e-14)
        assert F.product(parts, parts, A)[..., 1:].abs().max() < 1e-11
        assert F.commutator(parts[0], parts[1], A).abs().max() < 1e-8


def test_planes_that_are_not_real():
    A = hc.clifford(2, 2)
    B = blade(A, e13=1.0, e24=1.0, e12=1.0)
    assert G.invariant_decomposition(B, A).isnan().any(-1).all()
    close(G.exp(B, A), F.exp(B, A))


# ---------------------------------------------------------------------- outer functions


@every_algebra
def test_outer_functions(A):
    B = bivectors(A, 10, scale=0.3)
    total = G.outer_cos(B, A) + G.outer_sin(B, A)
    close(G.outer_exp(B, A), total)
    power, expected, k = torch.eye(A.dimension, dtype=torch.float64)[0].expand_as(B), 0, 0
    while power.abs().max() > 0:
        expected = expected + power
        k += 1
        power = G.wedge(power, B, A) / k
    close(total, expected)
    close(F.product(G.outer_tan(B, A), G.outer_cos(B, A), A), G.outer_sin(B, A))


def test_outer_exponentials_are_rotors_of_tangents():
    """Cayley's map, plane by plane."""
    for A in (hc.clifford(4), hc.PGA, hc.CGA, hc.SPACETIME):
        B = bivectors(A, 10, scale=0.2)
        R = G.outer_exp(B, A)
        length = F.product(R, G.reverse(R, A), A)
        assert length[..., 1:].abs().max() < 1e-14
        R = R / length[..., :1].sqrt()
        close(G.outer_tan(B, A), F.tanh(G.log(R, A), A))


# ---------------------------------------------------------------------- compiled and mapped


PROGRAMS = {
    "exp": lambda B, A: G.exp(B, A),
    "log exp": lambda B, A: G.log(G.exp(B, A), A),
    "sqrt exp": lambda B, A: G.sqrt(G.exp(B, A), A),
    "outer_tan": lambda B, A: G.outer_tan(B, A),
    "planes": lambda B, A: G.invariant_decomposition(B, A),
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("A", [hc.clifford(3), hc.PGA, hc.clifford(4), hc.CGA], ids=str)
def test_mapped_and_on_meta(A, program):
    B, program = bivectors(A, 4, scale=0.7), PROGRAMS[program]
    B[0] = 0
    expected = program(B, A)
    close(torch.func.vmap(lambda x: program(x, A))(B).nan_to_num(), expected.nan_to_num())
    assert program(B.to("meta"), A).shape == expected.shape


@pytest.mark.parametrize(
    ("A", "program"),
    [
        (hc.PGA, "exp"),
        (hc.clifford(3), "log exp"),
        *(pytest.param(A, name, marks=pytest.mark.nightly) for A in PAIRS for name in PROGRAMS),
    ],
    ids=str,
)
def test_compiled(A, program, backend):
    B, program = bivectors(A, 4, scale=0.7), PROGRAMS[program]
    compiled = torch.compile(program, fullgraph=True, backend=backend)
    close(compiled(B, A), program(B, A))


@pytest.mark.parametrize("generators", [0, 1])
def test_no_bivector_is_a_root_of_minus_one(generators):
    A = hc.clifford(generators)
    minus_one = -torch.eye(A.dimension)[0]
    assert G.sqrt(minus_one, A)[0].isnan()
    assert G.log(minus_one, A)[0].isnan()
    assert torch.equal(G.log(-minus_one, A), torch.zeros(A.dimension))


def test_what_is_no_rotor_has_no_bivector_in_high_dimensions():
    A = hc.clifford(6)
    with pytest.raises(ValueError, match="must be a rotor"):
        G.log(2 * torch.eye(A.dimension, dtype=torch.float64)[0], A)
