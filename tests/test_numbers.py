"""Arithmetic on plain components: against sums over the table, in exact cases and at the edges."""

import pytest
import sympy as sp
import torch
from hypothesis import given
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex import functional as F
from tests.cases import (
    ALGEBRAS,
    coefficients,
    every_algebra,
    every_dtype,
    every_normed_algebra,
    naive_product,
    numbers,
)

elements = st.sampled_from(ALGEBRAS).flatmap(
    lambda a: st.tuples(
        st.just(a), *[st.lists(coefficients, min_size=a.dimension, max_size=a.dimension)] * 2
    )
)


@given(elements)
def test_product_is_the_exact_one_rounded(case):
    algebra, a, b = case
    exact = algebra.multiply([sp.Rational(x) for x in a], [sp.Rational(x) for x in b])
    expected = torch.tensor([float(x) for x in exact], dtype=torch.float64)
    actual = F.product(*(torch.tensor(x, dtype=torch.float64) for x in (a, b)), algebra)
    size = torch.tensor(
        [
            sum(abs(float(c) * a[i] * b[j]) for i, j, c in terms) if terms else 0.0
            for terms in algebra.terms
        ],
        dtype=torch.float64,
    )
    assert ((actual - expected).abs() <= 1e-14 * size).all()


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


@every_algebra
def test_matrices_of_numbers_multiply_from_both_sides(algebra):
    a, b = numbers(algebra, 7), numbers(algebra, 7)
    expected = naive_product(a, b, algebra)
    left = (F.left_matrix(a, algebra) @ b.unsqueeze(-1)).squeeze(-1)
    right = (F.right_matrix(b, algebra) @ a.unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(left, expected)
    torch.testing.assert_close(right, expected)


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


def test_autocast_does_not_coarsen_inverses():
    algebra = hc.clifford(2, 1)
    x = torch.randn(500, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        coarse = F.inverse(x, algebra)
    assert torch.equal(coarse, F.inverse(x, algebra))


def test_a_zero_divisor_has_no_finite_inverse():
    split = hc.cayley_dickson(hc.REAL, 1)
    assert not F.inverse(torch.tensor([1.0, 1.0]), split).isfinite().any()


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
        assert torch.autograd.gradgradcheck(function, inputs)


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
        (lambda: F.rotate(torch.ones(4), torch.ones(4), hc.QUATERNION), "vectors of 3 real"),
    ],
)
def test_wrong_widths_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
