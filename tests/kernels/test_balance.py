"""Functions of numbers with nilpotent parts of any size, against derivatives of 50 digits."""

import mpmath as mp
import pytest
import torch
from torch.autograd import gradgradcheck

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex.algebra.degrees import degrees
from hypercomplex.kernels.balance import balanced

DUAL, DQ, PLANE = hc.DUAL, hc.DUAL_QUATERNION, hc.clifford(2, 0, 1)
POWERS = hc.polynomial_quotient([0, 0, 0, 1])
TWO_DUALS = hc.tensor_product(DUAL, DUAL)
ORACLES = {
    "exp": mp.exp,
    "log": mp.log,
    "sqrt": mp.sqrt,
    "sin": mp.sin,
    "tanh": mp.tanh,
    "atan": mp.atan,
    "asinh": mp.asinh,
    "inverse": lambda x: 1 / x,
}
every_function = pytest.mark.parametrize("name", ORACLES)


def tensor(rows):
    return torch.tensor([[float(c) for c in row] for row in rows], dtype=torch.float64)


def taylor(name, a):
    """`f(a)`, `f'(a)` and `f''(a) / 2`."""
    with mp.workdps(50):
        return mp.taylor(ORACLES[name], mp.mpf(a), 2)


def test_degrees_add_in_products():
    for algebra in (DUAL, DQ, PLANE, POWERS, TWO_DUALS, hc.clifford(1, 1, 2), hc.matrix_algebra(2)):
        for degree in degrees(algebra):
            assert all(
                degree[i] + degree[j] == degree[k] for i, j, k, _ in algebra.product.constants
            )
    assert degrees(POWERS) == ((0, 1, 2),)
    assert degrees(TWO_DUALS) == ((0, 1, 0, 1), (0, 0, 1, 1))
    assert degrees(hc.OCTONION) == degrees(hc.SPLIT_COMPLEX) == ()


@every_function
def test_nilpotent_parts_of_any_size(name):
    """The coefficients of truncated Taylor series, in one variable and in two."""
    a = 0.75
    f, slope, bend = taylor(name, a)
    parts = [(b, c) for b in (0.0, 1e-140, 3.0, -1e60) for c in (0.0, -1e-120, 2.0, 1e110)]
    series = [(f, slope * b, slope * c + bend * b * b) for b, c in parts]
    found = getattr(F, name)(tensor((a, b, c) for b, c in parts), POWERS)
    torch.testing.assert_close(found, tensor(series), rtol=1e-12, atol=0)
    series = [(f, slope * b, slope * c, slope * b + 2 * bend * b * c) for b, c in parts]
    found = getattr(F, name)(tensor((a, b, c, b) for b, c in parts), TWO_DUALS)
    torch.testing.assert_close(found, tensor(series), rtol=1e-12, atol=0)


def dual_numbers(algebra, *sizes):
    """Numbers off the cuts, and where they are nilpotent."""
    x = torch.randn(*sizes, algebra.dimension, dtype=torch.float64)
    x[..., 0] += 4
    return x, torch.tensor(degrees(algebra)[0]) == 1


@pytest.mark.parametrize("algebra", [DQ, PLANE], ids=str)
@every_function
def test_what_is_nilpotent_acts_linearly(name, algebra):
    """The dual part is linear in that of the number, whatever its size; so are gradients."""
    x, nilpotent = dual_numbers(algebra, 2)
    f, g = (lambda x: getattr(F, name)(x, algebra)), torch.randn_like(x)
    scaled = lambda x, c: torch.where(nilpotent, x * c, x)
    expected = f(x.requires_grad_())
    (gradient,) = torch.autograd.grad(expected, x, g)
    for c in (2.0**40, 2.0**-700):
        y = scaled(x.detach(), c).requires_grad_()
        found = f(y)
        torch.testing.assert_close(scaled(found, 1 / c), expected, rtol=1e-9, atol=1e-10)
        (found,) = torch.autograd.grad(found, y, scaled(g, 1 / c))
        torch.testing.assert_close(scaled(found, c), gradient, rtol=1e-9, atol=1e-10)


@every_function
def test_single_precision_planes_and_maps(name):
    x, nilpotent = dual_numbers(DQ, 6)
    x = torch.where(nilpotent, x * 1e20, x)
    f = lambda x: getattr(F, name)(x, DQ)
    expected = f(x)
    torch.testing.assert_close(torch.func.vmap(f)(x), expected, rtol=1e-9, atol=0)
    torch.testing.assert_close(f(x.mT.contiguous().mT), expected, rtol=1e-9, atol=0)
    torch.testing.assert_close(
        f(x.float()).double()[:, 4:], f(x.float().double())[:, 4:], rtol=1e-5, atol=0
    )


@pytest.mark.parametrize("name", ["log", "inverse"])
def test_second_derivatives(name):
    x, nilpotent = dual_numbers(DQ, 1)
    f = lambda x: getattr(F, name)(torch.where(nilpotent, 8 * x, x), DQ)
    assert gradgradcheck(f, x.requires_grad_(), fast_mode=True, atol=1e-4)


def test_compiled(backend):
    x, nilpotent = dual_numbers(DQ, 3)
    x = torch.where(nilpotent, x * 2.0**80, x)
    f = lambda x: balanced(lambda y: F.product(y, y, DQ), x, DQ)
    torch._dynamo.reset()
    found = torch.compile(f, backend=backend, fullgraph=True)(x)
    torch.testing.assert_close(found, F.product(x, x, DQ), rtol=1e-9, atol=0)


def test_what_has_no_inverse_has_none():
    """The ideal has no inverses, and zero has none."""
    x = torch.zeros(3, 8, dtype=torch.float64)
    x[0, 5], x[1, 5] = 1e300, 1e-300
    for name in ("inverse", "log", "sqrt"):
        assert not getattr(F, name)(x, DQ).isfinite().all(-1).any(), name
    torch.testing.assert_close(F.exp(x, DQ), x + torch.eye(8, dtype=x.dtype)[0])


# ---------------------------------------------------------------------- in the plane of 1 and v


def test_parts_of_extreme_ratios():
    """What is representable is found where the ratio of the parts is not."""
    x = tensor([(5e-144, 7e205), (1e200, 1e-150), (1e-320, 1e-5)])
    a, b = x.unbind(-1)
    torch.testing.assert_close(F.sqrt(x, DUAL)[:, 1], b / (2 * a.sqrt()), rtol=1e-14, atol=0)
    x = x.requires_grad_()
    (gradient,) = torch.autograd.grad(F.sqrt(x, DUAL)[:, 1].sum(), x)
    torch.testing.assert_close(gradient[:, 1], 0.5 / a.sqrt(), rtol=1e-14, atol=0)
    y = F.sqrt(tensor([(1e200, 0, 1e-150, 0), (-1e200, 0, 1e-150, 0)]), hc.QUATERNION)
    expected = tensor([(1e100, 0, 5e-251, 0), (5e-251, 0, 1e100, 0)])
    torch.testing.assert_close(y, expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("divide", [F.divide, lambda a, b, A: F.left_divide(b, a, A)])
def test_quotients_leave_the_range_no_sooner_than_they_have_to(divide):
    """Where one part of a quotient is out of range, the others are found; what is subnormal keeps
    the digits that it has."""
    a = tensor([(4e-52, 4.4e-322), (-2e-66, 0.01), (0, 1e-280), (1e300, 1), (6, 9)])
    b = tensor([(-1e-157, 8e273), (-2e-321, 0.2), (1, 1e200), (1e-10, 0), (2, 0)])
    expected = [-4e-52 / 1e-157, -2e-66 / -2e-321, 0, torch.inf, 3]
    found = divide(a, b, DUAL)
    torch.testing.assert_close(
        found[:, 0], torch.tensor(expected, dtype=a.dtype), rtol=1e-14, atol=0
    )
    torch.testing.assert_close(found[2:, 1], tensor([[1e-280, 1e10, 4.5]])[0])
    a, b = tensor([(-1.294e-321, 0)]), tensor([(-5.5e-193, 0)])
    for algebra in (hc.COMPLEX, hc.SPLIT_COMPLEX, DUAL):
        torch.testing.assert_close(
            divide(a, b, algebra), a / b[0, 0].abs() * -1, rtol=1e-14, atol=0
        )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("algebra", [DQ, hc.PGA, POWERS, TWO_DUALS], ids=str)
def test_quotients_in_half_precision(algebra, dtype):
    """They are rounded once; half precision has no room to scale parts in."""
    a, b = torch.randn(2, 20, algebra.dimension, dtype=dtype)
    b[:, 0] += 4
    for divide in (F.divide, lambda a, b, A: F.left_divide(b, a, A)):
        found, expected = divide(a, b, algebra), divide(a.float(), b.float(), algebra)
        torch.testing.assert_close(found, expected.to(dtype), rtol=0, atol=0)


@pytest.mark.parametrize("divide", [F.divide, lambda a, b, A: F.left_divide(b, a, A)])
def test_quotients_by_what_is_subnormal_are_infinite(divide):
    """Its inverse is out of range, but no product is taken of infinities that cancel."""
    a, b = torch.full((4,), 1e20), torch.tensor([1e-44, -2e-44, 1e-44, 3e-44])
    expected = divide(a.double(), b.double(), hc.QUATERNION).float()
    assert expected.isinf().all()
    torch.testing.assert_close(divide(a, b, hc.QUATERNION), expected)


def test_the_cardinal_sine_next_to_integers():
    x = torch.tensor([-681.1213989257812, 2809.650390625, 3.0000002, 1e6 + 0.25])
    for algebra in (DUAL, hc.QUATERNION):
        found = F.sinc(torch.nn.functional.pad(x[:, None], (0, algebra.dimension - 1)), algebra)
        with mp.workdps(50):
            expected = [float(mp.sincpi(mp.mpf(a))) for a in x.tolist()]
        torch.testing.assert_close(found[:, 0], torch.tensor(expected), rtol=1e-6, atol=0)
