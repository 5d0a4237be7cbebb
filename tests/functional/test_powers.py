"""Functions and inverses where imaginary parts have no real square, against polynomials of the number."""

import math
from fractions import Fraction

import mpmath as mp
import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex.algebra.generic import degree_and_trace
from hypercomplex.functional import matrix_functions
from tests.cases import CUBIC, DUAL, MATRICES, PAIRS, SEDENION, SPLIT_COMPLEX, numbers
from tests.functional.test_analytic import ORACLES
from tests.tables import albert, cyclic

ALBERT = albert()
COMPLEX_SEDENION = hc.tensor_product(hc.COMPLEX, SEDENION)
# associative; commutative; alternative; a Jordan algebra; only powers need no brackets
OTHERS = (
    hc.clifford(3),
    hc.BICOMPLEX,
    cyclic(4),
    hc.COMPLEX_OCTONION,
    ALBERT,
    COMPLEX_SEDENION,
)
others = pytest.mark.parametrize("algebra", OTHERS, ids=str)
every_function = pytest.mark.parametrize("name", ORACLES)
OFFSETS = {"acosh": 1.5, "asin": 0.1, "acos": 0.1, "atanh": 0.1}  # into the domain


def sample(algebra, name, count=2):
    torch.manual_seed(3)
    one = torch.eye(algebra.dimension, dtype=torch.float64)[0]
    return 0.1 * numbers(algebra, count) + OFFSETS.get(name, 0.7) * one


def exact_function(f, x, algebra):
    """`Σ a_k x^k`, the polynomial that is f at the roots of the minimal polynomial of x."""
    n, (m, trace) = algebra.dimension, degree_and_trace(algebra)
    x = [mp.mpf(c) for c in x]
    powers = [[mp.mpf(int(i == 0)) for i in range(n)]]
    for _ in range(m):
        row = [mp.mpf(0)] * n
        for i, j, k, c in algebra.products:
            row[k] += mp.mpf(c.numerator) / c.denominator * x[i] * powers[-1][j]
        powers.append(row)
    sums = [
        mp.fsum(t.numerator * c / t.denominator for t, c in zip(trace, p, strict=True))
        for p in powers
    ]
    c = []
    for k in range(1, m + 1):  # Newton's identities
        c.append((sums[k] - mp.fsum(c[i] * sums[k - i - 1] for i in range(k - 1))) / k)
    roots = mp.polyroots([1, *(-a for a in c)], maxsteps=1000, extraprec=2000)
    vandermonde = mp.matrix([[root**k for k in range(m)] for root in roots])
    a = mp.lu_solve(vandermonde, mp.matrix([f(root) for root in roots]))
    return torch.tensor(
        [float(mp.re(mp.fsum(a[k] * powers[k][i] for k in range(m)))) for i in range(n)],
        dtype=torch.float64,
    )


@others
@every_function
def test_every_function_of_every_algebra_with_powers(algebra, name):
    x = sample(algebra, name)
    with mp.workdps(60):
        for row, value in zip(x.tolist(), getattr(F, name)(x, algebra), strict=True):
            expected = exact_function(ORACLES[name], row, algebra)
            assert (value - expected).norm() < 2e-13 * expected.norm()


@every_function
def test_nilpotent_parts_carry_derivatives(name):
    """`f(a + bε₁ + cε₂ + dε₁ε₂)` has `f' d + f'' b c` beside the product of the two."""
    x = torch.tensor([OFFSETS.get(name, 0.7), 0.3, -0.2, 0.1], dtype=torch.float64)
    a, b, c, d = x.tolist()
    with mp.workdps(30):
        f = [float(mp.diff(ORACLES[name], a, k)) for k in range(3)]
    expected = x.new_tensor([f[0], f[1] * b, f[1] * c, f[1] * d + f[2] * b * c])
    y = getattr(F, name)(x, hc.tensor_product(DUAL, DUAL))
    torch.testing.assert_close(y, expected, atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize("algebra", [hc.clifford(3), ALBERT, COMPLEX_SEDENION], ids=str)
@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "rsqrt", "sinc", "atan"])
def test_derivatives(algebra, name):
    """At multiples of 1, too, where all roots meet."""
    one = torch.eye(algebra.dimension, dtype=torch.float64)[0]
    x = torch.cat([OFFSETS.get(name, 0.7) * one[None], sample(algebra, name, 1)])
    f = lambda x: getattr(F, name)(x, algebra)
    assert gradcheck(f, x.clone().requires_grad_(), fast_mode=True)
    jacobians = [torch.func.vmap(way(f))(x) for way in (torch.func.jacrev, torch.func.jacfwd)]
    torch.testing.assert_close(*jacobians, atol=1e-10, rtol=1e-10)
    with mp.workdps(30):
        slope = float(mp.diff(ORACLES[name], OFFSETS.get(name, 0.7)))
    expected = slope * torch.eye(algebra.dimension, dtype=torch.float64)
    torch.testing.assert_close(jacobians[0][0], expected, atol=1e-12, rtol=1e-12)
    if name in ("exp", "sqrt"):
        assert gradgradcheck(f, x[:1].clone().requires_grad_(), fast_mode=True)


@every_function
def test_diagonal_numbers_are_rows_of_reals(name):
    """Of diag(p, q, r) in the Albert algebra, where p + q = 0 is no harm, and in ℝ[C₂] ⊗ ℝ[C₂]."""
    roots = torch.tensor([0.5, -0.5, 0.25]) + (1.75 if name in NEED_POSITIVE else 0)
    roots = roots + (name == "acosh")
    x = diagonal(*roots.double())
    expected = diagonal(*(getattr(torch, name)(roots.double())))
    torch.testing.assert_close(getattr(F, name)(x, ALBERT), expected, atol=1e-13, rtol=1e-12)


NEED_POSITIVE = ("log", "log2", "log10", "sqrt", "rsqrt", "acosh")


def diagonal(p, q, r):
    """In the basis 1, E11, E22 …"""
    x = torch.zeros(27, dtype=torch.float64)
    x[0], x[1], x[2] = r, p - r, q - r
    return x


# ---------------------------------------------------------------------- inverses


def test_degrees_and_traces():
    assert degree_and_trace(ALBERT)[0] == 3
    assert degree_and_trace(ALBERT)[1][:4] == (3, 1, 1, 0)
    assert degree_and_trace(CUBIC) == (3, (3, 0, 0))
    assert degree_and_trace(hc.clifford(3))[0] == degree_and_trace(COMPLEX_SEDENION)[0] == 4
    assert degree_and_trace(cyclic(5)) == (5, (5, 0, 0, 0, 0))
    halves = hc.Algebra(
        ("1", "x"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, Fraction(1, 3)))
    )
    assert degree_and_trace(halves) == (2, (2, Fraction(1, 3)))  # x² = x/3  # fmt: skip


def test_a_jordan_inverse_though_the_matrix_is_singular():
    """The inverse of diag(1, −1, 2) is diag(1, −1, 1/2); its L has eigenvalues (1 − 1) / 2."""
    x = diagonal(1, -1, 2)
    assert torch.linalg.matrix_rank(F.left_matrix(x, ALBERT)) < 27
    for factor in (1.0, 2.0**-60, 1e100, 1e-200):
        y = F.inverse(x * factor, ALBERT)
        torch.testing.assert_close(y * factor, diagonal(1, -1, 0.5), atol=1e-15, rtol=1e-14)
    one = diagonal(1, 1, 1)
    torch.testing.assert_close(F.divide(x, x, ALBERT), one)
    torch.testing.assert_close(F.real_power(x, -3, ALBERT), diagonal(1, -1, 0.125))
    torch.testing.assert_close(F.inverse(x.bfloat16(), ALBERT), diagonal(1, -1, 0.5).bfloat16())


@pytest.mark.parametrize("algebra", [ALBERT, COMPLEX_SEDENION], ids=str)
def test_inverses_are_polynomials_of_the_number(algebra):
    x = numbers(algebra, 20)
    y = F.inverse(x, algebra)
    one = torch.eye(algebra.dimension, dtype=torch.float64)[0].expand_as(x)
    torch.testing.assert_close(F.product(x, y, algebra), one, atol=1e-11, rtol=0)
    square = F.product(x, x, algebra)
    torch.testing.assert_close(F.product(square, y, algebra), x, atol=1e-10, rtol=1e-10)
    assert gradcheck(
        lambda x: F.inverse(x, algebra), x[:1].clone().requires_grad_(), fast_mode=True
    )
    f = lambda x: F.inverse(x, algebra)
    torch.testing.assert_close(torch.func.vmap(f)(x), y)
    torch.testing.assert_close(F.inverse(x.float(), algebra), y.float(), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_zero_divisors_among_powers_have_no_finite_inverse(dtype):
    torch.manual_seed(0)
    singular = [diagonal(1, 0, 2), diagonal(0, 0, 3), diagonal(0, 0, 0)]
    v = torch.randint(-4, 5, (5, 2)).double()  # (v, w, 0)ᵀ (v, w, 0) has determinant 0
    for a, b in v.tolist():
        x = diagonal(a * a, b * b, 0)
        x[3] = a * b
        singular.append(x)
    x = torch.stack([factor * x for x in singular for factor in (1.0, 0.375, 2.0**-10)]).to(dtype)
    inverse = lambda x: F.inverse(x, ALBERT)
    results = [inverse(x), F.divide(x, x, ALBERT), F.left_divide(x, x, ALBERT)]
    results += [F.real_power(x, -1, ALBERT), F.real_power(x, -3, ALBERT)]
    results += [inverse(x.clone().requires_grad_()), torch.func.jvp(inverse, (x,), (x,))[0]]
    for result in (*results, torch.func.vmap(inverse)(x)):
        assert not result.isfinite().any()
    assert F.rsqrt(x, ALBERT).isnan().any(-1).all()
    assert F.log(x, ALBERT).isnan().all()
    z = torch.zeros(2, 16, dtype=dtype)  # (1 + Ii)/2 is idempotent in ℂ ⊗ 𝕊
    z = torch.nn.functional.pad(z, (0, 16))
    z[:, 0], z[:, 17], z[1] = 1, 1, 0
    assert not F.inverse(z, COMPLEX_SEDENION).isfinite().any()


@pytest.mark.parametrize(
    "name",
    ["inverse", *(pytest.param(f, marks=pytest.mark.nightly) for f in ("exp", "sqrt"))],
)
def test_compiled(backend, name):
    f = lambda x: getattr(F, name)(x, ALBERT)
    x = sample(ALBERT, "sqrt").requires_grad_()
    compiled = torch.compile(f, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(x), f(x), atol=1e-12, rtol=1e-12)


# ---------------------------------------------------------------------- ranges


@pytest.mark.parametrize(
    "algebra",
    [hc.clifford(3), hc.BICOMPLEX, hc.COMPLEX_OCTONION, ALBERT, COMPLEX_SEDENION],
    ids=str,
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_numbers_of_any_size(algebra, dtype):
    one = torch.eye(algebra.dimension, dtype=torch.float64)[0]
    x = one + 0.1 * numbers(algebra, 3)
    close = (
        {"atol": 1e-10, "rtol": 1e-10} if dtype == torch.float64 else {"atol": 1e-5, "rtol": 1e-5}
    )
    for factor in (2.0**-120, 2.0**-60, 2.0**60, 2.0**120):
        scaled = (x.to(dtype) * factor).to(dtype)
        exact = x.to(dtype).double()
        torch.testing.assert_close(
            F.sqrt(scaled, algebra).double() / factor**0.5, F.sqrt(exact, algebra), **close
        )
        log = F.log(exact, algebra) + math.log(factor) * one
        torch.testing.assert_close(F.log(scaled, algebra).double(), log, **close)
        torch.testing.assert_close(
            F.inverse(scaled, algebra).double() * factor, F.inverse(exact, algebra), **close
        )
        if factor > 1:  # asinh x = log 2x, atan x = π/2 − 1/x
            for name in ("tanh", "sigmoid"):
                y = getattr(F, name)(scaled, algebra).double()
                torch.testing.assert_close(y, one.expand_as(x), **close)
            y = F.asinh(scaled, algebra).double()
            torch.testing.assert_close(y, log + math.log(2) * one, **close)
            torch.testing.assert_close(
                F.atan(scaled, algebra).double(), (math.pi / 2 * one).expand_as(x), **close
            )
        else:
            for name in ("sin", "asin", "atan", "asinh", "tanh", "expm1", "log1p", "atanh", "sinh"):
                y = getattr(F, name)(scaled, algebra).double() / factor
                torch.testing.assert_close(y, exact, **close)


@pytest.mark.parametrize("algebra", [SPLIT_COMPLEX, MATRICES, PAIRS], ids=str)
@pytest.mark.parametrize(("dtype", "power"), [(torch.float32, 110), (torch.float64, 900)], ids=str)
def test_split_numbers_whose_squares_overflow(algebra, dtype, power):
    one = torch.tensor([float(c) for c in algebra.unit], dtype=dtype)
    x = one + 0.1 * numbers(algebra, 3).to(dtype)
    y = x * 2.0**power
    double = F.log(x, algebra) + (power + 1) * math.log(2) * one
    for name, expected in (("asinh", double), ("acosh", double), ("tanh", one), ("sigmoid", one)):
        found, size = getattr(F, name)(y, algebra), expected.abs().max()
        torch.testing.assert_close(found / size, expected.expand_as(x) / size, atol=1e-6, rtol=1e-5)
    right = (math.pi / 2 * one).expand_as(x)
    torch.testing.assert_close(F.atan(y, algebra), right, atol=1e-6, rtol=1e-6)


def test_roots_of_matrices_over_many_decades():
    roots = torch.tensor([1.0, 1e-1, 1e-5, 1e-9], dtype=torch.float64)
    for f in (matrix_functions.sqrt, torch.func.vmap(matrix_functions.sqrt)):
        found = f(torch.diag(roots.square())[None])[0]
        torch.testing.assert_close(found, torch.diag(roots), atol=0, rtol=1e-12)
    beyond = torch.diag(torch.tensor([1.0, 1e-80], dtype=torch.float64))
    assert matrix_functions.sqrt(beyond).isnan().all()  # no root is better than a wrong one


@others
def test_empty_axes(algebra):
    for shape in ((0,), (3, 0), (1, 1)):
        x = torch.ones(*shape, algebra.dimension)
        for name in ("exp", "log", "sqrt", "atan", "asinh"):
            assert getattr(F, name)(x, algebra).shape == x.shape
        assert F.inverse(x, algebra).shape == x.shape
