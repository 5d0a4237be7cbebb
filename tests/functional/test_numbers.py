"""Arithmetic on plain components: against sums over the table, in exact cases and at the edges."""

import math
from fractions import Fraction

import pytest
import sympy as sp
import torch
from hypothesis import given
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import lowering
from hypercomplex.kernels import OPERATIONS
from hypercomplex.testing import algebras, tensors
from tests.cases import (
    ADJUGATES,
    DUAL,
    GROUP,
    MATRICES,
    PAIRS,
    SPLIT_QUATERNION,
    every_algebra,
    every_dtype,
    every_normed_algebra,
    naive_product,
    numbers,
)
from tests.kernels.samples import planar

pairs = algebras().flatmap(lambda A: st.tuples(tensors(A), tensors(A)))


@given(pairs)
def test_product_is_the_exact_one_rounded(pair):
    a, b = ([Fraction(x) for x in q.components.tolist()] for q in pair)
    algebra = pair[0].algebra
    expected = torch.tensor([float(x) for x in algebra.multiply(a, b)], dtype=torch.float64)
    actual = F.product(*(q.components for q in pair), algebra)
    size = [sum(abs(c * a[i] * b[j]) for i, j, c in terms) for terms in algebra.product.terms]
    tolerance = 1e-14 * torch.tensor([float(x) for x in size], dtype=torch.float64)
    assert ((actual - expected).abs() <= tolerance).all()


@every_algebra
@every_dtype
@pytest.mark.parametrize(("a", "b"), [((), ()), ((3, 1), (5,)), ((0, 2), (2,)), ((1,), (4, 1))])
def test_product_broadcasts_in_every_dtype(algebra, dtype, a, b):
    x, y = numbers(algebra, *a).to(dtype), numbers(algebra, *b).to(dtype)
    z = F.product(x, y, algebra)
    assert z.dtype == dtype
    expected = naive_product(x.double(), y.double(), algebra)
    tolerance = 8 * algebra.dimension * torch.finfo(dtype).eps
    torch.testing.assert_close(z.double(), expected, atol=tolerance, rtol=tolerance)


def test_large_algebras_multiply_along_the_table():
    """Dimension 128, where the 2 million structure constants are mostly zero."""
    algebra = hc.clifford(4, 3)
    a, b = numbers(algebra, 2, 1), numbers(algebra, 3)
    expected = naive_product(a, b, algebra)
    torch.testing.assert_close(F.product(a, b, algebra), expected)
    torch.testing.assert_close(
        torch.func.vmap(lambda b: F.product(a[0, 0], b, algebra))(b), expected[0]
    )
    for side, x, y in (("left", a, b), ("right", b, a)):
        matrix = lowering.operator(x, algebra.product, side).movedim((0, 1), (-2, -1))
        torch.testing.assert_close((matrix @ y.unsqueeze(-1)).squeeze(-1), expected)
    g = torch.randn(128, 128, 3, dtype=torch.float64)
    x = b.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(lowering.operator(x, algebra.product), x, g)
    torch.testing.assert_close(lowering.operator_adjoint(g, algebra.product), gradient)


@pytest.mark.parametrize("size", [3, 3000])
def test_autocast_leaves_products_and_rotations_exact(size):
    q, r = numbers(hc.QUATERNION, 2, size).float().unbind(0)
    v = torch.randn(size, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        product, rotated = F.product(q, r, hc.QUATERNION), F.rotate(q, v, hc.QUATERNION)
        analytic = [f(q, hc.QUATERNION) for f in (F.exp, F.log, F.sqrt, F.tanh, F.inverse)]
    assert product.dtype == rotated.dtype == torch.float32
    torch.testing.assert_close(product, F.product(q, r, hc.QUATERNION))
    torch.testing.assert_close(rotated, F.rotate(q, v, hc.QUATERNION))
    for f, found in zip((F.exp, F.log, F.sqrt, F.tanh, F.inverse), analytic, strict=True):
        torch.testing.assert_close(found, f(q, hc.QUATERNION))


def test_planar_factors_give_planar_results():
    q = planar(numbers(hc.QUATERNION, 3000))
    assert F.product(q, q, hc.QUATERNION).stride() == q.stride()
    assert F.conj(q, hc.QUATERNION).stride() == q.stride()


def forms_of(algebra):
    """The formula of products and its variants that exist for an algebra."""
    fast = [v.function for v in OPERATIONS["multiply"].variants if v.suits(algebra.product)]
    return [OPERATIONS["multiply"].twin, *fast]


@every_algebra
def test_overflow_stays_in_its_component(algebra):
    huge = torch.zeros(algebra.dimension)
    huge[0] = 1e30
    for form in forms_of(algebra):
        assert form(huge, huge, algebra.product).isinf().tolist() == [True] + [False] * (
            algebra.dimension - 1
        )


@pytest.mark.parametrize(
    "algebra", [hc.COMPLEX, hc.QUATERNION, hc.OCTONION, SPLIT_QUATERNION, DUAL], ids=str
)
def test_every_form_under_every_transform(algebra):
    for form in forms_of(algebra):
        _check_transforms(lambda x, y, form=form: form(x, y, algebra.product), algebra)


def _check_transforms(function, algebra):
    a, b, t = (numbers(algebra, 2) for _ in range(3))
    expected_jvp = naive_product(t, b, algebra)
    torch.testing.assert_close(torch.func.vmap(function)(a, b), naive_product(a, b, algebra))
    torch.testing.assert_close(
        torch.func.vmap(function, (0, None))(a, b[0]), naive_product(a, b[0], algebra)
    )
    torch.testing.assert_close(
        torch.func.jvp(lambda x: function(x, b), (a,), (t,))[1], expected_jvp
    )
    grads = torch.func.vmap(torch.func.grad(lambda x, y: function(x, y).square().sum()))(a, b)
    leaf = a.clone().requires_grad_()
    (expected,) = torch.autograd.grad(naive_squares(leaf, b, algebra), leaf)
    torch.testing.assert_close(grads, expected)
    hessian = torch.func.hessian(lambda x: function(x, x).square().sum())(a[0])
    torch.testing.assert_close(hessian, hessian.T)
    inputs = (a.clone().requires_grad_(), b.clone().requires_grad_())
    assert torch.autograd.gradcheck(function, inputs, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


def naive_squares(a, b, algebra):
    return sum(
        sum(float(c) * a[:, i] * b[:, j] for i, j, c in row).square().sum()
        for row in algebra.product.terms
    )


@pytest.mark.parametrize("size", [3, 3000])
def test_products_of_meta_fake_and_inference_tensors(size):
    from torch._subclasses.fake_tensor import FakeTensorMode

    q, v = torch.randn(size, 4), torch.randn(size, 3)
    work = lambda q, v: (
        F.product(q, F.conj(q, hc.QUATERNION), hc.QUATERNION),
        F.rotate(q, v, hc.QUATERNION),
        F.inverse(q, hc.QUATERNION),
        F.normalize(q),
    )
    expected = work(q, v)
    mode = FakeTensorMode()
    with mode:
        fakes = [mode.from_tensor(q), mode.from_tensor(v)]
        assert [x.shape for x in work(*fakes)] == [x.shape for x in expected]
    assert [x.shape for x in work(q.to("meta"), v.to("meta"))] == [x.shape for x in expected]
    with torch.inference_mode():
        inferred = work(q, v)
    for kept, again, fresh in zip(expected, inferred, work(q.requires_grad_(), v), strict=True):
        torch.testing.assert_close(kept, again)
        torch.testing.assert_close(kept, fresh)
        fresh.sum().backward(retain_graph=True)


@every_algebra
def test_matrices_of_numbers_multiply_from_both_sides(algebra):
    a, b = numbers(algebra, 7), numbers(algebra, 7)
    expected = naive_product(a, b, algebra)
    left = (F.left_matrix(a, algebra) @ b.unsqueeze(-1)).squeeze(-1)
    right = (F.right_matrix(b, algebra) @ a.unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(left, expected)
    torch.testing.assert_close(right, expected)


@pytest.mark.parametrize("algebra", [hc.COMPLEX, hc.QUATERNION, hc.clifford(1, 1, 1)], ids=str)
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_an_infinite_component_stays_in_its_places(algebra, value):
    """Matrices are made of the components; zeros in them are zeros."""
    for place in range(algebra.dimension):
        x = torch.arange(1.0, algebra.dimension + 1)
        x[place] = value
        for matrix, side in ((F.left_matrix, "left"), (F.right_matrix, "right")):
            expected = torch.zeros(algebra.dimension, algebra.dimension)
            for i, j, k, c in algebra.products:
                component, column = (i, j) if side == "left" else (j, i)
                expected[k, column] += float(c) * x[component]
            torch.testing.assert_close(matrix(x, algebra), expected, equal_nan=True)


@every_algebra
def test_inverse_inverts(algebra):
    x = numbers(algebra, 50)
    inverse = F.inverse(x, algebra)
    one = torch.zeros(50, algebra.dimension, dtype=torch.float64)
    one[:, 0] = 1
    condition = torch.linalg.cond(F.left_matrix(x, algebra)).unsqueeze(-1)
    error = (F.product(x, inverse, algebra) - one).abs() / condition
    assert error.max() < 1e-14
    error = (F.product(inverse, x, algebra) - one).abs() / condition
    assert error.max() < 1e-14


@every_normed_algebra
def test_norm_is_multiplicative_and_from_the_conjugate(algebra):
    x, y = numbers(algebra, 20), numbers(algebra, 20)
    torch.testing.assert_close(F.norm(F.product(x, y, algebra)), F.norm(x) * F.norm(y))
    square = F.product(x, F.conj(x, algebra), algebra)
    torch.testing.assert_close(square[:, 0], F.squared_norm(x))
    torch.testing.assert_close(F.norm(x) ** 2, F.squared_norm(x))


SCALES = [
    (torch.float16, 300.0),
    (torch.float16, 1e-4),
    (torch.bfloat16, 1e30),
    (torch.float32, 1e-25),
    (torch.float32, 1e30),
    (torch.float64, 1e300),
    (torch.float64, 1e-300),
]


@pytest.mark.parametrize(("dtype", "scale"), SCALES)
def test_norm_inverse_and_direction_survive_any_scale(dtype, scale):
    unit = torch.tensor([0.5, -0.5, 0.5, 0.5], dtype=torch.float64)
    x = (unit * scale).to(dtype)
    eps = 4 * torch.finfo(dtype).eps
    torch.testing.assert_close(
        F.norm(x).double() / scale, torch.ones(()).double(), atol=eps, rtol=eps
    )
    torch.testing.assert_close(F.normalize(x).double(), unit, atol=eps, rtol=eps)
    conj = F.conj(unit, hc.QUATERNION)
    inverse = F.inverse(x, hc.QUATERNION)
    # 1/scale may be subnormal in half precision: allow for its spacing
    spacing = torch.finfo(dtype).tiny * torch.finfo(dtype).eps
    torch.testing.assert_close(inverse.double(), conj / scale, atol=spacing, rtol=2 * eps)


def test_what_happens_at_zero():
    zero = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(F.norm(zero), zero)
    assert torch.equal(gradient, torch.zeros(4, dtype=torch.float64))
    assert torch.equal(F.normalize(zero), zero)
    (gradient,) = torch.autograd.grad(F.normalize(zero).sum(), zero)
    assert torch.equal(gradient, torch.zeros(4, dtype=torch.float64))
    assert F.inverse(zero, hc.QUATERNION).isnan().all()
    assert (1 / torch.zeros((), dtype=torch.complex128)).isnan()  # the same in torch


def test_nan_in_is_nan_out():
    x = torch.tensor([1.0, float("nan"), 0, 0])
    assert F.norm(x).isnan()
    assert F.inverse(x, hc.QUATERNION).isnan().all()
    assert F.norm(torch.tensor([1.0, float("inf"), 0, 0])).isinf()


@every_dtype
@pytest.mark.parametrize("algebra", [hc.COMPLEX, hc.QUATERNION, hc.OCTONION], ids=str)
def test_the_inverse_of_infinity_is_zero(algebra, dtype):
    x = torch.ones(3, algebra.dimension, dtype=dtype)
    x[0, 0], x[1, 1], x[2] = math.inf, -math.inf, math.inf
    inverse = lambda x: F.inverse(x, algebra)
    assert (inverse(x) == 0).all()
    assert (torch.func.vmap(inverse)(x) == 0).all()
    assert (F.divide(torch.ones_like(x), x, algebra) == 0).all()
    assert (F.left_divide(x, torch.ones_like(x), algebra) == 0).all()
    x[:, -1] = math.nan
    assert inverse(x).isnan().any(-1).all()


def test_autocast_does_not_coarsen_inverses():
    algebra = hc.clifford(2, 1)
    x = torch.randn(500, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        coarse = F.inverse(x, algebra)
    assert torch.equal(coarse, F.inverse(x, algebra))


CYCLIC = hc.Algebra(
    ("1", "g", "h"), tuple((i, j, (i + j) % 3, 1) for i in range(3) for j in range(3)), (1, 1, 1)
)
SKEW_SPLIT = hc.cayley_dickson(hc.cayley_dickson(hc.REAL, 2), Fraction(3, 7))
WITH_ZERO_DIVISORS = (
    *(hc.cayley_dickson(A, 1) for A in (hc.REAL, hc.COMPLEX, hc.QUATERNION)),
    *(hc.clifford(2), hc.clifford(3), hc.clifford(1, 1, 1), DUAL, CYCLIC),
)
IN_OTHER_BASES = (MATRICES, ADJUGATES, GROUP, PAIRS)
MORE_WITH_ZERO_DIVISORS = (*IN_OTHER_BASES, hc.PGA, hc.BICOMPLEX, hc.COMPLEX_OCTONION, hc.ALBERT)
with_zero_divisors = pytest.mark.parametrize("algebra", WITH_ZERO_DIVISORS, ids=str)


def zero_divisors(algebra, count):
    """Multiples of one zero divisor, in few enough digits for float32."""
    short = lambda: [Fraction(int(i), 16) for i in torch.randint(-16, 17, (algebra.dimension,))]
    d = algebra.is_division.elements[0]
    found = [algebra.multiply(short(), d) for _ in range(count)]
    if algebra.is_associative:
        found = [algebra.multiply(x, short()) for x in found]
    return torch.tensor([[float(c) for c in x] for x in found], dtype=torch.float64)


@pytest.mark.parametrize("algebra", [*WITH_ZERO_DIVISORS, *MORE_WITH_ZERO_DIVISORS], ids=str)
@every_dtype
def test_nothing_that_inverts_a_zero_divisor_is_finite(algebra, dtype):
    if algebra.is_power_associative and not algebra.is_alternative:  # multiples, not products
        (d, *_), factors = algebra.is_division.elements, torch.arange(1.0, 9) / 8
        exact = factors.double().unsqueeze(-1) * torch.tensor(list(map(float, d))).double()
    else:
        exact = zero_divisors(algebra, 30)
    x = exact.to(dtype)
    x = x[(x.double() == exact).all(-1) & (x != 0).any(-1)]
    inverse = lambda x: F.inverse(x, algebra)
    assert len(x) > 3
    for result in (
        *(inverse(x), torch.func.vmap(inverse)(x), torch.func.jvp(inverse, (x,), (x,))[1]),
        *(F.divide(x, x, algebra), F.left_divide(x, torch.ones_like(x), algebra)),
        *(F.real_power(x, p, algebra) for p in (-1, -3, -0.5)),
        F.rsqrt(x, algebra),
    ):
        assert result.dtype == dtype
        assert not result.isfinite().any()
    for logarithm in (F.log, F.log2, F.log10):
        assert not logarithm(x, algebra).isfinite().all(-1).any()


@with_zero_divisors
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_zero_divisor_has_no_finite_inverse(algebra, dtype):
    x = zero_divisors(algebra, 20).to(dtype)
    inverse = lambda x: F.inverse(x, algebra)
    results = [
        *(inverse(x), inverse(7 * x), inverse(2.0**-60 * x), torch.func.vmap(inverse)(x)),
        *(F.divide(x, x, algebra), F.left_divide(x, x, algebra), F.real_power(x, -3, algebra)),
        *(F.rsqrt(x, algebra), F.real_power(x, -0.5, algebra)),
        F.real_power(x, torch.tensor([-0.5] * 20, dtype=dtype), algebra),
        torch.func.jvp(inverse, (x,), (x,))[0],
        inverse(x.clone().requires_grad_()),
    ]
    for result in results:
        assert not result.isfinite().any()
    v = torch.ones(20, algebra.dimension - 1, dtype=dtype)
    assert not F.rotate(x, v, algebra).isfinite().all(-1).any()
    mixed = torch.stack([x, torch.eye(algebra.dimension, dtype=dtype)[0].expand_as(x)], 1)
    assert inverse(mixed).isfinite().all(-1).tolist() == [[False, True]] * 20


@pytest.mark.parametrize(
    "algebra",
    [A for A in (*WITH_ZERO_DIVISORS, *IN_OTHER_BASES, hc.PGA) if A.is_associative],
    ids=str,
)
def test_no_matrix_of_a_zero_divisor_is_inverted(algebra):
    q = hc.tensor_type(algebra)(zero_divisors(algebra, 4)[:, None, None])
    matrices = torch.eye(2).double() * q
    for A in (q, q.float(), matrices):
        inverse, info = torch.linalg.inv_ex(A)
        assert (info > 0).all()
        assert not inverse.components.isfinite().all(-1).any(-1).any(-1).any()
        for refused in (torch.linalg.inv, lambda A: torch.linalg.solve(A, A)):
            with pytest.raises(torch.linalg.LinAlgError, match=r"zero divisors|singular"):
                refused(A)


@with_zero_divisors
@pytest.mark.parametrize("distance", [1e-3, 1e-7, 1e-11])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_inverse_next_to_a_zero_divisor_is_right(algebra, distance, dtype):
    x = zero_divisors(algebra, 3) + distance * numbers(algebra, 3)
    check_inverse(x.to(dtype), algebra)


def check_inverse(x, algebra):
    one = sp.Matrix([1, *[0] * (algebra.dimension - 1)])
    for row, y in zip(x.tolist(), F.inverse(x, algebra), strict=True):
        matrix = sp.Matrix(algebra.left_matrix([sp.Rational(c) for c in row]))
        if matrix.det() == 0:
            assert not y.isfinite().any()
            continue
        exact = torch.tensor([float(c) for c in matrix.LUsolve(one)], dtype=torch.float64)
        bound = max(8 * torch.finfo(x.dtype).eps, 2e-12)  # conditions up to 1e5 are only solved
        assert (y.double() - exact).norm() <= bound * exact.norm()


def test_inverses_that_nearly_or_not_at_all_cancel():
    split, tiny = hc.cayley_dickson(hc.REAL, 1), 2.0**-52
    check_inverse(torch.tensor([[1e8 + 1, 1e8], [1 + tiny, 1]], dtype=torch.float64), split)
    check_inverse(torch.tensor([[1e-20, 1], [tiny, 3]], dtype=torch.float64), DUAL)
    check_inverse(torch.tensor([[1e-15, 1], [1e-7, 3]]), DUAL)
    x = torch.tensor([[1, 0, 1, 1e-100], [1, tiny, 1 + tiny, 1]], dtype=torch.float64)
    check_inverse(x, SPLIT_QUATERNION)
    check_inverse(numbers(SKEW_SPLIT, 5), SKEW_SPLIT)


def test_derivatives_next_to_a_zero_divisor():
    x = torch.tensor([1 + 2.0**-30, 1], dtype=torch.float64, requires_grad=True)
    split = hc.cayley_dickson(hc.REAL, 1)
    y = F.inverse(x, split)
    for k in range(2):  # d(x⁻¹) = −x⁻² dx
        (gradient,) = torch.autograd.grad(y[k], x, retain_graph=True)
        slope = -F.product(y, y, split).detach()
        torch.testing.assert_close(gradient, slope if k == 0 else slope.flip(0), rtol=1e-6, atol=0)


def test_rotation_is_active_and_ignores_length():
    q = torch.randn(9, 1, 4, dtype=torch.float64)
    v = torch.randn(5, 3, dtype=torch.float64)
    rotated = F.rotate(q, v, hc.QUATERNION)
    torch.testing.assert_close(F.rotate(7 * q, v, hc.QUATERNION), rotated)
    torch.testing.assert_close(rotated.norm(dim=-1), v.norm(dim=-1).expand(9, 5))
    w, x, y, z = F.normalize(q)[:, 0].unbind(-1)
    matrix = torch.stack(  # Euler-Rodrigues
        [
            *(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
            *(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
            *(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
        ],
        dim=-1,
    ).view(9, 3, 3)
    torch.testing.assert_close(rotated, v @ matrix.mT)


def sandwich(q, v, algebra):
    """The slow twin of `rotate`."""
    pure = torch.nn.functional.pad(v, (1, 0))
    return naive_product(naive_product(q, pure, algebra), F.inverse(q, algebra), algebra)[..., 1:]


@every_algebra
@pytest.mark.parametrize("layout", [lambda x: x, planar], ids=["", "planar"])
def test_rotations_are_sandwiches(algebra, layout):
    q, v = (
        layout(numbers(algebra, 4, 1)),
        torch.randn(5, algebra.dimension - 1, dtype=torch.float64),
    )
    torch.testing.assert_close(F.rotate(q, v, algebra), sandwich(q, v, algebra))


@pytest.mark.parametrize("size", [3, 3000])
@every_dtype
def test_rotations_in_every_dtype_size_and_scale(dtype, size):
    q, v = numbers(hc.QUATERNION, size).to(dtype), torch.randn(size, 3).to(dtype)
    expected = sandwich(q.double(), v.double(), hc.QUATERNION)
    limits = torch.finfo(dtype)
    tolerance = 30 * limits.eps
    for layout in (lambda x: x, planar):
        for factor in (1.0, 2.0**-9, limits.max / 8, limits.tiny * 8):
            scaled = layout(q * factor)
            rotated = F.rotate(scaled, v, hc.QUATERNION)
            assert rotated.dtype == dtype
            reference = sandwich(scaled.double() / factor, v.double(), hc.QUATERNION)
            torch.testing.assert_close(rotated.double(), reference, atol=tolerance, rtol=tolerance)
    torch.testing.assert_close(
        F.rotate(q, v, hc.QUATERNION).double(), expected, atol=tolerance, rtol=tolerance
    )
    assert F.rotate(q * 0, v, hc.QUATERNION).isnan().all()


@pytest.mark.parametrize("algebra", [hc.QUATERNION, hc.OCTONION, SPLIT_QUATERNION], ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("size", [3, 3000])
def test_derivatives_of_what_ignores_or_inverts_lengths(algebra, dtype, size):
    """In float32 by the wider type, in float64 by scaling: the same derivatives, both orders."""
    q = (numbers(algebra, size).tanh() + 3 * torch.eye(algebra.dimension)[0]).to(dtype)
    v = torch.randn(size, algebra.dimension - 1, dtype=dtype)
    one = torch.ones(size, algebra.dimension, dtype=dtype)
    work = {
        "rotate": (
            lambda q: F.rotate(q, v.to(q), algebra),
            lambda q: sandwich(q, v.to(q), algebra),
        ),
        "inverse": (lambda q: F.inverse(q, algebra), lambda q: naive_inverse(q, algebra)),
        "norm": (F.norm, lambda q: q.square().sum(-1).sqrt()),
        "normalize": (F.normalize, lambda q: q / q.square().sum(-1, keepdim=True).sqrt()),
    }
    for fast, slow in work.values():
        leaf, exact = q.clone().requires_grad_(), q.double().requires_grad_()
        results = []
        for x, function in ((leaf, fast), (exact, slow)):
            (first,) = torch.autograd.grad(function(x).sin().sum(), x, create_graph=True)
            (second,) = torch.autograd.grad((first * one.to(x)).sin().sum(), x)
            results.append((first.detach().double(), second.double()))
        tolerance = 2e-3 if dtype == torch.float32 else 1e-8
        for ours, expected in zip(*results, strict=True):
            torch.testing.assert_close(ours, expected, atol=tolerance, rtol=tolerance)


def naive_inverse(x, algebra):
    signs = torch.tensor(algebra.conjugation, dtype=x.dtype)
    form = sum(float(c) * x[..., i] * x[..., j] for i, j, c in algebra.norm_form)
    return x * signs / form.unsqueeze(-1)


def test_forms_compile(backend):
    def work(q, v, a, b):
        return (
            *(F.rotate(q, v, hc.QUATERNION), F.product(q, q, hc.QUATERNION)),
            *(F.product(a, b, SPLIT_QUATERNION), F.rotate(a, v, SPLIT_QUATERNION)),
            *(F.normalize(q), F.inverse(q, hc.QUATERNION), F.norm(q), F.conj(q, hc.QUATERNION)),
        )

    inputs = [torch.randn(4, n, dtype=torch.float64) for n in (4, 3, 4, 4)]
    compiled = torch.compile(work, fullgraph=True, backend=backend)
    for ours, eager in zip(compiled(*inputs), work(*inputs), strict=True):
        torch.testing.assert_close(ours, eager)


@every_algebra
def test_first_and_second_derivatives(algebra):
    a, b = (numbers(algebra, 2).requires_grad_() for _ in range(2))
    functions = [
        (lambda x, y: F.product(x, y, algebra), (a, b)),
        (lambda x: F.conj(x, algebra), (a,)),
        (F.norm, (a,)),
        (F.normalize, (a,)),
        (lambda x: F.inverse(x, algebra), (a,)),
        (lambda x: F.left_matrix(x, algebra), (a,)),
    ]
    for function, inputs in functions:
        assert torch.autograd.gradcheck(function, inputs)
        assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


@every_algebra
@pytest.mark.parametrize("ranks", [(2, 2), (1, 2), (2, 1), (1, 1), (4, 3)])
def test_matmul_is_the_sum_of_products(algebra, ranks):
    shapes = {1: (3,), 2: (2, 3), 4: (5, 1, 2, 3)}, {1: (3,), 2: (3, 4), 3: (2, 3, 4)}
    a = numbers(algebra, *shapes[0][ranks[0]])
    b = numbers(algebra, *shapes[1][ranks[1]])
    left = a if ranks[0] > 1 else a[None]
    right = b if ranks[1] > 1 else b[:, None]
    pairs = naive_product(left.unsqueeze(-2), right.unsqueeze(-4), algebra)  # (…, M, L, P, n)
    expected = pairs.sum(-3)
    expected = expected.squeeze(-3) if ranks[0] == 1 else expected
    expected = expected.squeeze(-2) if ranks[1] == 1 else expected
    torch.testing.assert_close(F.matmul(a, b, algebra), expected)


def test_matmul_with_reals_scales():
    a, r = numbers(hc.OCTONION, 2, 3), torch.randn(3, 4, dtype=torch.float64)
    torch.testing.assert_close(F.matmul_real(a, r), torch.einsum("mln,lp->mpn", a, r))
    torch.testing.assert_close(F.matmul_real(a, r[:, 0]), torch.einsum("mln,l->mn", a, r[:, 0]))
    b = numbers(hc.OCTONION, 4, 2)
    torch.testing.assert_close(F.real_matmul(r, b), torch.einsum("lp,pmn->lmn", r, b))
    torch.testing.assert_close(F.real_matmul(r[0], b), torch.einsum("p,pmn->mn", r[0], b))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.product(torch.ones(3), torch.ones(4), hc.QUATERNION), r"`a` of shape \(3,\)"),
        (lambda: F.product(torch.ones(4), torch.ones(3), hc.QUATERNION), r"`b` of shape \(3,\)"),
        (lambda: F.conj(torch.ones(()), hc.COMPLEX), r"must have the 2 components of COMPLEX"),
        (lambda: F.inverse(torch.ones(8), hc.QUATERNION), "the 4 components of QUATERNION"),
        (lambda: F.left_matrix(torch.ones(5), hc.QUATERNION), r"`x` of shape \(5,\)"),
        (lambda: F.rotate(torch.ones(4), torch.ones(4), hc.QUATERNION), "vectors, 3 components"),
    ],
)
def test_wrong_widths_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
