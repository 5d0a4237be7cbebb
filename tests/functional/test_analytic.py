"""The algebra's own functions against the complex ones, their matrices, their laws and derivatives."""

import cmath
import math

import mpmath as mp
import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex.algebra import named
from hypercomplex.functional import matrix_functions
from tests.cases import (
    ALGEBRAS,
    DUAL,
    FRACTIONAL,
    GENERAL,
    SEDENION,
    SPLIT_COMPLEX,
    SPLIT_QUATERNION,
    every_algebra,
    every_dtype,
    numbers,
)

ORACLES = {
    "exp": mp.exp,
    "exp2": lambda z: mp.mpf(2) ** z,
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda z: mp.log(z) / mp.log(2),
    "log10": lambda z: mp.log(z) / mp.log(10),
    "log1p": lambda z: mp.log(1 + z),
    "sqrt": mp.sqrt,
    "rsqrt": lambda z: 1 / mp.sqrt(z),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "sinc": lambda z: mp.sin(mp.pi * z) / (mp.pi * z) if z else mp.mpf(1),
}
every_function = pytest.mark.parametrize("name", ORACLES)
UNIT = torch.tensor([2.0, -3, 6], dtype=torch.float64) / 7
QUADRATIC = [A for A in (*ALGEBRAS, SEDENION) if A.is_quadratic]


def on_axis(points):
    """Quaternions a + v with v along one direction."""
    return torch.stack([torch.cat([torch.tensor([a]).double(), v * UNIT]) for a, v in points])


def error(y, x, oracle):
    """The error of one quaternion, relative to the length of the exact value."""
    with mp.workdps(200):
        r = mp.sqrt(mp.fsum(mp.mpf(c) ** 2 for c in x[1:].tolist()))
        z = oracle(mp.mpc(x[0].item(), r))
        imaginary = mp.fsum(
            mp.mpf(c) * mp.mpf(d) for c, d in zip(y[1:].tolist(), x[1:].tolist(), strict=True)
        )
        return float(abs(mp.mpc(y[0].item(), imaginary / r) - z) / abs(z))


@every_function
def test_on_complex_numbers_it_is_the_complex_function(name):
    reals = [-3.0, -1.0, -0.5, -1e-8, 0.0, 1e-4, 0.99, 1.0, 1 + 1e-9, 1.7]
    lengths = [1e-80, 1e-8, 1e-3, 0.0199, 0.0201, 0.3, 1.5, 3.1]
    x = on_axis([(a, v) for a in reals for v in lengths])
    y = getattr(F, name)(x, hc.QUATERNION)
    # sin(πx) loses digits at integers, however it is computed
    bound = 1e-12 if name == "sinc" else 1e-14
    for number, value in zip(x, y, strict=True):
        a, tiny = number[0].item(), number[1:].norm() < 1e-50
        if (name == "sinc" and a in (-3, -1, 1)) or (
            tiny and name in ("atanh", "log1p") and abs(a) == 1
        ):
            continue  # a zero that is rounded, or a pole
        assert error(value, number, ORACLES[name]) < bound, (name, number)


@every_function
def test_branch_cuts_are_torchs(name):
    """Seen from above: torch's complex function with +0 as imaginary part."""
    a = torch.tensor([-7.0, -2, -1.5, -0.3, 0.2, 0.7, 1.3, 2, 5], dtype=torch.float64)
    x = torch.nn.functional.pad(a.unsqueeze(-1), (0, 3))
    expected = (getattr(torch, name) if hasattr(torch, name) else torch.special.expit)(
        torch.complex(a, torch.zeros_like(a))
    )
    ours = getattr(F, name)(x, hc.QUATERNION)
    torch.testing.assert_close(ours[:, 0], expected.real, atol=1e-14, rtol=1e-13)
    torch.testing.assert_close(ours[:, 1], expected.imag, atol=1e-14, rtol=1e-13)
    assert (ours[:, 2:] == 0).all()
    over_c = getattr(F, name)(x[:, :2], hc.COMPLEX)
    torch.testing.assert_close(over_c, ours[:, :2])
    assert torch.equal(
        getattr(F, name)(a.unsqueeze(-1), hc.REAL).squeeze(-1).nan_to_num(),
        getattr(torch, name)(a).nan_to_num(),
    )


def test_pinned_values():
    log, sqrt = F.log, F.sqrt
    minus_one = torch.tensor([-1.0, 0, 0, 0], dtype=torch.float64)
    assert log(minus_one, hc.QUATERNION).tolist() == [0, math.pi, 0, 0]
    assert sqrt(minus_one, hc.QUATERNION).tolist() == [0, 1, 0, 0]
    assert log(minus_one[:2], FRACTIONAL).tolist() == [0, 2 * math.pi]  # its i squares to −1/4
    # the first unit with a negative square is e12
    torch.testing.assert_close(log(minus_one, hc.clifford(2)), math.pi * minus_one.flip(-1).neg())
    assert sqrt(torch.zeros(4), hc.QUATERNION).tolist() == [0, 0, 0, 0]
    assert F.log(torch.zeros(4), hc.QUATERNION)[0] == -math.inf


# ---------------------------------------------------------------------- scale, dtypes, NaN


@pytest.mark.parametrize(
    ("dtype", "scale"),
    [(torch.float16, 300), (torch.float32, 1e-25), (torch.float32, 1e25), (torch.float64, 1e-300), (torch.float64, 1e300)],
)  # fmt: skip
@pytest.mark.parametrize("direction", [(0.5, 0.5, -0.5, 0.5), (-0.6, 0, 0.8, 0), (0, 0.6, 0, 0.8)])
def test_roots_and_logarithms_of_any_size(dtype, scale, direction):
    unit = torch.tensor(direction, dtype=torch.float64)
    x = (unit * scale).to(dtype)
    tolerance = {"atol": 0, "rtol": 4 * torch.finfo(dtype).eps}
    root = F.sqrt(unit, hc.QUATERNION) * math.sqrt(scale)
    torch.testing.assert_close(F.sqrt(x, hc.QUATERNION), root.to(dtype), **tolerance)
    log = F.log(unit, hc.QUATERNION)
    log[0] = math.log(scale)
    torch.testing.assert_close(
        F.log(x, hc.QUATERNION), log.to(dtype), atol=1e-6, rtol=tolerance["rtol"]
    )


def test_far_out_nothing_overflows():
    x = on_axis([(0.3, 800.0), (800, 0.3), (-800, 0.3), (1e5, 1e5), (0, 1e8)])
    for name in ("tan", "tanh", "sigmoid", "asin", "acos", "atan", "asinh", "acosh", "atanh"):
        y = getattr(F, name)(x, hc.QUATERNION)
        assert y.isfinite().all(), name
    x = torch.tensor([-50.0, 0, 0, 0], dtype=torch.float64)
    torch.testing.assert_close(
        F.sigmoid(x, hc.QUATERNION)[0], torch.sigmoid(x[0]), atol=0, rtol=1e-15
    )
    big = on_axis([(-1e30, 1e30)])
    for name in ("asin", "acos", "asinh"):  # the oracle's acosh fails there
        assert error(getattr(F, name)(big, hc.QUATERNION)[0], big[0], ORACLES[name]) < 1e-14


@every_dtype
@every_function
def test_half_precision_is_rounded_once(name, dtype):
    x = (1.5 + 0.4 * numbers(hc.QUATERNION, 20)).to(dtype)
    y = getattr(F, name)(x, hc.QUATERNION)
    assert y.dtype == dtype
    expected = getattr(F, name)(x.double(), hc.QUATERNION)
    # norm-wise: a component may cancel within its number
    assert (
        (y.double() - expected).norm(dim=-1)
        < 20 * torch.finfo(dtype).eps * (1 + expected.norm(dim=-1))
    ).all()


@every_function
def test_nan_gives_nan(name):
    x = torch.full((4,), 0.5, dtype=torch.float64)
    for component in range(4):
        bad = x.clone()
        bad[component] = math.nan
        assert getattr(F, name)(bad, hc.QUATERNION).isnan().all()
    assert getattr(F, name)(torch.empty(0, 4), hc.QUATERNION).shape == (0, 4)


def test_infinity():
    inf = torch.tensor([math.inf, 0, 0, 0])
    assert F.log(inf, hc.QUATERNION).tolist() == [math.inf, 0, 0, 0]
    assert F.sqrt(inf, hc.QUATERNION)[0] == math.inf
    assert F.exp(-inf, hc.QUATERNION)[0] == 0


FAR = (0.0, 1e-3, 0.5, 1.0, 3.0, 1e25, math.inf)
INVERSE = (
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "asin",
    "acos",
    "atan",
    "asinh",
    "acosh",
    "atanh",
)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", INVERSE)
def test_far_out_and_at_branch_points_it_is_the_complex_function(name, dtype):
    parts = [*FAR, 1e160, 1e300] if dtype == torch.float64 else FAR
    z = [(s * a, v) for a in parts for v in parts[1:] for s in (1, -1)]
    z += [(math.copysign(a, -1), v) for a in (1.0, 0.5, 2.0) for v in (1e-39, 1e-25, 1e-8)]
    a, v = torch.tensor(z, dtype=dtype).double().unbind(-1)
    x = torch.stack([a, 0 * a.nan_to_num(), v, 0 * a.nan_to_num()], -1).to(dtype)
    y = getattr(F, name)(x, hc.QUATERNION).double()
    checked = 0
    for i, (p, r) in enumerate(zip(a.tolist(), v.tolist(), strict=True)):
        if math.isinf(p) or math.isinf(r):
            base = {"log2": 2, "log10": 10}.get(name, math.e)
            log = lambda z, base=base: complex(cmath.log(z).real, cmath.phase(z) / math.log(base))
            expected = (log if name.startswith("log") else getattr(cmath, name))(
                complex(p + 0.0, r)
            )
        elif name == "atan" and p == 0 and r == 1:
            assert y[i, 2] == math.inf
            continue
        elif name == "atanh" and abs(p) == 1 and r < 1e-30:
            continue  # a pole, where torch's float64 is no better
        else:
            with mp.workdps(700):
                expected = complex(ORACLES[name](mp.mpc(p + 0.0, r)))
        ours = complex(y[i, 0].item(), y[i, 2].item())
        checked += 1
        if math.isinf(expected.real) or math.isinf(expected.imag):
            for part, wanted in ((ours.real, expected.real), (ours.imag, expected.imag)):
                assert part == pytest.approx(wanted, rel=1e-6, abs=1e-6), (p, r, ours, expected)
        else:
            bound = 100 * torch.finfo(dtype).eps * abs(expected)
            assert abs(ours - expected) <= bound, (p, r, ours, expected)
    assert checked > 80


NEAR = [
    (p + d * dx, q + d * dy)
    for p, q in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0))
    for d in (1e-2, 1e-4, 1e-8, 1e-12, 1e-17)
    for dx, dy in ((0.8, 0.6), (-0.8, 0.6), (1e-7, 1), (-1, 1e-7))
]
NEAR += [
    (0.0, 0.3),
    (1e-20, 0.9),
    (-0.6, 0.8),
    (-3e-9, 5.0),
    (3.0, 2e-9),
    (1e20, -1.0),
    (9e37, 1.0),
]


def placed(points, direction, dtype):
    v = torch.tensor(direction, dtype=torch.float64)
    rows = [torch.cat([torch.tensor([a], dtype=torch.float64), abs(b) * v]) for a, b in points]
    return torch.stack(rows).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("direction", [(0.0, 1, 0), (2 / 7, -3 / 7, 6 / 7)], ids=["unit", "many"])
@pytest.mark.parametrize("name", ["asin", "acos", "atan", "asinh", "acosh", "atanh", "log1p"])
def test_next_to_branch_points_it_is_right_to_the_last_digits(name, direction, dtype):
    x = placed(NEAR, direction, dtype)
    f = lambda x: getattr(F, name)(x, hc.QUATERNION)
    for result in (f(x), torch.func.vmap(f)(x)):
        for value, number in zip(result.double(), x.double(), strict=True):
            size = error(value, number, ORACLES[name])
            assert size < 3 * torch.finfo(dtype).eps, (number, value, size)


SLOPES = {
    "asin": lambda z: 1 / mp.sqrt(1 - z) / mp.sqrt(1 + z),
    "acos": lambda z: -1 / mp.sqrt(1 - z) / mp.sqrt(1 + z),
    "atan": lambda z: 1 / ((1 + 1j * z) * (1 - 1j * z)),
    "asinh": lambda z: 1 / mp.sqrt(1 + 1j * z) / mp.sqrt(1 - 1j * z),
    "acosh": lambda z: 1 / mp.sqrt(z - 1) / mp.sqrt(z + 1),
    "atanh": lambda z: 1 / ((1 - z) * (1 + z)),
    "tanh": lambda z: mp.sech(z) ** 2,
    "tan": lambda z: mp.sec(z) ** 2,
    "sigmoid": lambda z: 1 / ((1 + mp.exp(-z)) * (1 + mp.exp(z))),
    "expm1": mp.exp,
    "cosh": mp.sinh,
}


def slope_errors(name, x, slopes, algebra=hc.QUATERNION):
    """The errors of derivatives along the real axis, relative to the exact complex ones."""
    one = torch.eye(x.shape[-1], dtype=x.dtype)[0].expand_as(x)
    f = lambda x: getattr(F, name)(x, algebra)
    for slope in slopes:
        f = lambda x, f=f: torch.func.jvp(f, (x,), (one,))[1]
        for value, number in zip(f(x).double(), x.double(), strict=True):
            yield error(value, number, slope), number


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["asin", "acos", "atan", "asinh", "acosh", "atanh"])
def test_derivatives_next_to_branch_points(name, dtype):
    x = placed([z for z in NEAR if z[0] and z[0] < 1e10], (0.0, 1, 0), dtype)
    for size, number in slope_errors(name, x[x[:, 2] != 0], [SLOPES[name]]):
        assert size < 8 * torch.finfo(dtype).eps, (number, size)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["tanh", "tan", "sigmoid", "expm1"])
def test_derivatives_far_out_keep_their_digits(name, dtype):
    points = [
        (s * a, b) for a in (0.4, 0.6, 3.0, 12.0, 40.0) for b in (1e-6, 0.7, 2.0) for s in (1, -1)
    ]
    if name == "tan":
        points = [(b, abs(a)) for a, b in points]
    x = placed(points, (0.0, 1, 0), dtype)
    second = lambda z: mp.diff(SLOPES[name], z)
    for size, number in slope_errors(name, x, [SLOPES[name], second]):
        assert size < 100 * torch.finfo(dtype).eps, (number, size)
    # across: the Jacobian is that of multiplying with the derivative
    if name != "tan":  # whose imaginary part stays near 1 there, and its digits with it
        J = torch.func.vmap(torch.func.jacrev(lambda x: getattr(F, name)(x, hc.QUATERNION)))(x)
        length = J[:, :, 0].norm(dim=-1)
        gap = torch.stack([J[:, 2, 2] - J[:, 0, 0], J[:, 0, 2] + J[:, 2, 0]], -1)
        assert (gap.norm(dim=-1) <= 20 * torch.finfo(dtype).eps * length).all()


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "expm1"])
def test_derivatives_far_out_over_the_reals_and_split_numbers(name):
    a = torch.tensor([[-45.0], [-12.0], [12.0], [45.0]], dtype=torch.float64)
    for algebra, x in (
        (hc.REAL, a),
        (DUAL, torch.nn.functional.pad(a, (0, 1))),
        (SPLIT_COMPLEX, torch.nn.functional.pad(a, (0, 1), value=1e-3)),
    ):
        one = torch.eye(x.shape[-1], dtype=x.dtype)[0].expand_as(x)
        slope = torch.func.jvp(lambda x, A=algebra: getattr(F, name)(x, A), (x,), (one,))[1]
        for number, value in zip(x, slope, strict=True):
            r = number[1].item() if algebra == SPLIT_COMPLEX else 0.0
            exact = mp.fsum(SLOPES[name](mp.mpf(number[0].item() + s * r)) for s in (1, -1)) / 2
            assert value[0].item() == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize("name", INVERSE)
def test_infinities_under_transforms_and_without_gradient(name):
    x = torch.tensor([[math.inf, 0, 0, 0], [-1, 0, 0, math.inf], [0.3, 0, 0.4, 0]]).double()
    f = lambda x: getattr(F, name)(x, hc.QUATERNION)
    mapped = torch.func.vmap(f)(x)
    torch.testing.assert_close(mapped, f(x))
    torch.testing.assert_close(mapped[2], f(x[2]))
    jacobian = torch.func.vmap(torch.func.jacrev(f))(x)
    torch.testing.assert_close(jacobian[2], torch.func.jacrev(f)(x[2]))
    assert (jacobian[:2] == 0).all()
    x[:, 2] = math.nan
    assert f(x).isnan().all(-1).all()


def test_exponential_functions_far_out():
    inf = torch.tensor([math.inf, 0, 0, 0]).double()
    assert F.expm1(inf, hc.QUATERNION).tolist() == [math.inf, 0, 0, 0]
    assert F.expm1(-inf, hc.QUATERNION).tolist() == [-1, 0, 0, 0]
    x = on_axis([(1.0, 1e160), (0.5, 1e200)])
    for name in ("expm1", "tan"):
        for value, number in zip(getattr(F, name)(x, hc.QUATERNION), x, strict=True):
            if name == "tan":
                torch.testing.assert_close(value[1:], UNIT)
            else:
                assert value.isfinite().all()
                assert value[1:].norm() <= math.exp(number[0].item())
    up = torch.tensor([0.5, 0, math.inf, 0]).double()
    assert F.sin(up, hc.QUATERNION).tolist() == [math.inf, 0, math.inf, 0]
    assert F.cos(up, hc.QUATERNION).tolist() == [math.inf, 0, -math.inf, 0]


def test_the_inverse_root_of_zero_and_infinity():
    root = F.rsqrt(torch.zeros(4), hc.QUATERNION)
    assert root[0] == math.inf
    assert root[1:].isnan().all()  # as (1 + 0j) / torch.sqrt(0j)
    assert (F.rsqrt(torch.tensor([math.inf, 0, 0, 0]), hc.QUATERNION) == 0).all()


@pytest.mark.parametrize("length", [1e-160, 1e-200, 1e-300])
@pytest.mark.parametrize(
    ("name", "a"),
    [(f, -2.0) for f in ("log", "log2", "log10", "sqrt", "rsqrt", "log1p", "asin", "acos", "atanh", "acosh")]
    + [("asin", 2.0), ("acos", 2.0), ("atanh", 2.0), ("acosh", 0.5), ("log", 0.0), ("log1p", -1.0)],
)  # fmt: skip
def test_first_derivatives_next_to_a_cut(name, a, length):
    """Across v the imaginary part turns with it: its length over that of v, exactly."""
    x = torch.tensor([a, 0.6 * length, 0, 0.8 * length], dtype=torch.float64)
    f = lambda x: getattr(F, name)(x, hc.QUATERNION)
    y = f(x)
    across = (y[1] / x[1]).item()
    assert math.isfinite(across)
    along = torch.tensor([0, 0.6, 0, 0.8], dtype=torch.float64)
    for jacobian in (torch.func.jacrev(f)(x), torch.func.jacfwd(f)(x)):
        assert jacobian.isfinite().all()
        assert jacobian[2, 2].item() == pytest.approx(across, rel=1e-14)
        expected = torch.tensor([0.8, 0, -0.6], dtype=torch.float64) * across
        turned = jacobian[1:, 1:] @ torch.tensor([0.8, 0, -0.6], dtype=torch.float64)
        torch.testing.assert_close(turned, expected, rtol=1e-13, atol=1e-13 * abs(across))
        with mp.workdps(800):
            z = mp.mpc(a, mp.hypot(x[1].item(), x[3].item()))
            slope = complex({
                "log": lambda z: 1 / z, "log2": lambda z: 1 / z / mp.log(2), "log10": lambda z: 1 / z / mp.log(10),
                "sqrt": lambda z: 1 / (2 * mp.sqrt(z)), "rsqrt": lambda z: -1 / (2 * z * mp.sqrt(z)), "log1p": lambda z: 1 / (1 + z),
                "asin": lambda z: 1 / mp.sqrt(1 - z) / mp.sqrt(1 + z), "acos": lambda z: -1 / mp.sqrt(1 - z) / mp.sqrt(1 + z),
                "atanh": lambda z: 1 / (1 - z * z), "acosh": lambda z: 1 / mp.sqrt(z - 1) / mp.sqrt(z + 1),
            }[name](z))  # fmt: skip
        size = 1e-13 * abs(slope)
        assert jacobian[0, 0].item() == pytest.approx(slope.real, rel=0, abs=size)
        assert (jacobian[0] @ along).item() == pytest.approx(-slope.imag, rel=0, abs=size)


def test_real_powers_next_to_the_cut():
    x = torch.tensor([-1, 6e-161, 0, 8e-161], dtype=torch.float64)
    jacobian = torch.func.jacrev(lambda x: F.real_power(x, 0.5, hc.QUATERNION))(x)
    assert jacobian.isfinite().all()
    assert jacobian[2, 2].item() == pytest.approx(1e160, rel=1e-13)


# ---------------------------------------------------------------------- derivatives

REGULAR = {
    "log": (0.5, 1, 2), "log2": (1, 2), "log10": (1, 2), "log1p": (-0.5, 0, 1), "sqrt": (1, 2), "rsqrt": (1, 2),
    "asin": (-0.5, 0), "acos": (0, 0.5), "acosh": (2,), "atanh": (-0.5, 0),
}  # fmt: skip


@every_function
def test_first_and_second_derivatives_on_the_real_axis_are_exact(name):
    """There `f(a + h) = f(a) + f' h + f'' h² / 2`, so the Hessian is `f''` times that of `h²`."""
    reals, lengths = REGULAR.get(name, (0, 1, -1, 2, -2)), (0, 1e-300, 1e-160, 1e-30, 1e-8)
    x = on_axis([(a, v) for a in reals for v in lengths])
    f = lambda x, name=name: getattr(F, name)(x, hc.QUATERNION)
    jacobian = torch.func.vmap(torch.func.jacrev(f))(x)
    hessian = torch.func.vmap(torch.func.hessian(f))(x)
    square = torch.func.hessian(lambda x: F.product(x, x, hc.QUATERNION))(x[0]) / 2
    for i, a in enumerate(x[:, 0].tolist()):
        with mp.workdps(30):
            d1, d2, d3 = (float(mp.re(mp.diff(ORACLES[name], a, k))) for k in (1, 2, 3))
            if name == "sinc" and a == 0:
                d1, d2, d3 = 0.0, -(math.pi**2) / 3, 0.0
        tolerance = 1e-12 * (1 + abs(d1) + abs(d2) + abs(d3)) + 1e-7 * (1 + abs(d2) + abs(d3)) * (
            x[i, 1:].norm() > 1e-9
        )
        assert (jacobian[i] - d1 * torch.eye(4, dtype=torch.float64)).abs().max() < tolerance
        assert (hessian[i] - d2 * square).abs().max() < tolerance


def test_the_hessians_nobody_else_has():
    hessian = torch.func.hessian
    zero, one = torch.zeros(4, dtype=torch.float64), torch.eye(4, dtype=torch.float64)[0]
    signs = torch.diag(torch.tensor([1.0, -1, -1, -1], dtype=torch.float64))
    assert torch.equal(hessian(lambda x: F.exp(x, hc.QUATERNION)[0])(zero), signs)
    assert torch.equal(hessian(lambda x: F.log(x, hc.QUATERNION)[0])(one), -signs)
    assert torch.equal(hessian(lambda x: F.real_power(x, 2, hc.QUATERNION)[0])(zero), 2 * signs)


@every_function
def test_derivatives_elsewhere(name):
    """Ordinary points, imaginary ones, both sides of the switch to series, a turn by π."""
    f = lambda x, name=name: getattr(F, name)(x, hc.QUATERNION)
    points = [(0.4, 0.7), (0.0, 0.8), (1.3, 0.0195), (0.6, 0.0205), (-0.7, 1.1)]
    x = on_axis(
        points + [(0.0, math.pi)] * (name not in ("atan", "asinh", "sigmoid"))
    )  # a cut, a pole
    x = x.requires_grad_()
    assert gradcheck(f, x)
    assert gradgradcheck(f, x, fast_mode=True)


@pytest.mark.parametrize("name", ["log", "sqrt", "log2", "log1p", "asin", "acos", "acosh", "atanh"])
def test_subgradients_on_the_cut_are_finite(name):
    a = {"log1p": -3.0, "asin": 2.0, "acos": -2.0, "atanh": 2.0, "acosh": 0.5}.get(name, -2.0)
    x = torch.tensor([a, 0, 0, 0], dtype=torch.float64)
    f = lambda x, name=name: getattr(F, name)(x, hc.QUATERNION)
    jacobian = torch.func.jacrev(f)(x)
    h = torch.tensor([1e-5, 0, 0, 0], dtype=torch.float64)
    torch.testing.assert_close(jacobian[:, 0], (f(x + h) - f(x - h)) / 2e-5)
    assert (jacobian[:, 1:] == 0).all()
    assert torch.func.hessian(f)(x).isfinite().all()


def test_near_the_cut():
    """The direction is that of v, however short, and the angle π."""
    x = on_axis([(-1.0, v) for v in (1e-300, 1e-160, 1e-20)])
    torch.testing.assert_close(F.log(x, hc.QUATERNION)[:, 1:], (math.pi * UNIT).expand(3, 3))
    torch.testing.assert_close(F.sqrt(x, hc.QUATERNION)[:, 1:], UNIT.expand(3, 3))
    x.requires_grad_()
    (g,) = torch.autograd.grad(F.log(x, hc.QUATERNION)[:, 0].sum(), x)
    torch.testing.assert_close(g[:, 0], -torch.ones(3).double())


def test_no_gradient_leaks_through_other_elements():
    x = torch.cat(
        [torch.zeros(1, 4), -torch.eye(4)[:1], torch.eye(4)[:1], torch.full((1, 4), 1e19)]
    ).double()
    for name in ("exp", "sqrt", "expm1", "cos", "atan", "asinh"):
        y = x.clone().requires_grad_()
        getattr(F, name)(y, hc.QUATERNION)[:3].sum().backward()
        assert y.grad[:3].isfinite().all(), name


# ---------------------------------------------------------------------- laws over algebras


def unit(algebra):
    return torch.tensor([float(c) for c in algebra.unit], dtype=torch.float64)


def near_one(algebra, *shape):
    return 0.15 * numbers(algebra, *shape) + unit(algebra)


IN_OTHER_BASES = [A for A in GENERAL if A.unit is not None]
NAMED = [getattr(hc, name) for name in named.NAMED]
WITH_UNIT = [A for A in NAMED if A.unit is not None]


@pytest.mark.parametrize("algebra", [*ALGEBRAS, *IN_OTHER_BASES, *WITH_UNIT], ids=str)
def test_identities(algebra):
    x = 0.8 * unit(algebra) + (near_one(algebra, 4) - unit(algebra)) / algebra.dimension**0.5
    mul = lambda a, b: F.product(a, b, algebra)
    f = {name: (lambda x, name=name: getattr(F, name)(x, algebra)) for name in ORACLES}
    one = unit(algebra)
    close = lambda a, b: torch.testing.assert_close(a, b.expand_as(a), atol=2e-11, rtol=1e-10)
    close(f["exp"](f["log"](x)), x)
    close(f["log"](f["exp"](x)), x)
    close(mul(f["sqrt"](x), f["sqrt"](x)), x)
    close(mul(f["rsqrt"](x), f["sqrt"](x)), one)
    close(f["expm1"](f["log1p"](x)), x)
    close(f["exp2"](f["log2"](x)), x)
    close(f["log10"](x) * math.log(10), f["log"](x))
    close(mul(f["sin"](x), f["sin"](x)) + mul(f["cos"](x), f["cos"](x)), one)
    close(mul(f["cosh"](x), f["cosh"](x)) - mul(f["sinh"](x), f["sinh"](x)), one)
    close(mul(f["tan"](x), f["cos"](x)), f["sin"](x))
    close(mul(f["tanh"](x), f["cosh"](x)), f["sinh"](x))
    close(f["sinh"](f["asinh"](x)), x)
    close(f["cosh"](f["acosh"](x + one)), x + one)
    close(f["tanh"](f["atanh"](x - one)), x - one)
    close(mul(f["sigmoid"](x), one + f["exp"](-x)), one)
    close(f["sin"](f["asin"](x - one)), x - one)
    close(f["asin"](x - one) + f["acos"](x - one), math.pi / 2 * one)
    close(f["tan"](f["atan"](x)), x)
    close(mul(f["sinc"](x), math.pi * x), f["sin"](math.pi * x))
    close(mul(x, F.inverse(x, algebra)), one)
    close(F.divide(x, x, algebra), one)
    close(mul(F.real_power(x, -2, algebra), mul(x, x)), one)
    close(F.real_power(x, 0.5, algebra), f["sqrt"](x))
    close(F.power(x, one.expand_as(x), algebra), x)


SHIFTS = {"acosh": 1.0, "atanh": -1.0, "asin": -1.0, "acos": -1.0}  # off the cuts


@pytest.mark.parametrize(
    "algebra", [A for A in ALGEBRAS if A.is_associative and A.is_quadratic], ids=str
)
def test_the_plane_and_the_matrix_agree(algebra):
    """The slow twin: the function of the left-regular matrix, by other algorithms."""
    x = near_one(algebra, 5)
    one = torch.eye(algebra.dimension, dtype=torch.float64)[0]
    for name in set(ORACLES) - {"rsqrt"}:
        shifted = x + SHIFTS.get(name, 0.0) * one
        matrix = torch.linalg.matrix_exp if name == "exp" else getattr(matrix_functions, name)
        slow = matrix_functions.by_matrix(matrix, shifted, algebra)
        torch.testing.assert_close(getattr(F, name)(shifted, algebra), slow, atol=1e-11, rtol=1e-10)


@pytest.mark.parametrize("algebra", QUADRATIC, ids=str)
def test_power_series(algebra):
    """Another slow twin, which needs no associativity."""
    x = numbers(algebra, 5) / 2
    power = torch.eye(algebra.dimension, dtype=torch.float64)[0].expand_as(x)
    total = {name: torch.zeros_like(x) for name in ("exp", "sin", "cosh")}
    for k in range(25):
        term = power / float(math.factorial(k))
        total["exp"] = total["exp"] + term
        if k % 2:
            total["sin"] = total["sin"] + (-1) ** (k // 2) * term
        else:
            total["cosh"] = total["cosh"] + term
        power = F.product(power, x, algebra)
    for name, expected in total.items():
        torch.testing.assert_close(getattr(F, name)(x, algebra), expected, atol=1e-13, rtol=1e-12)


@pytest.mark.parametrize(
    "algebra", [hc.QUATERNION, hc.OCTONION, hc.clifford(2), SPLIT_QUATERNION], ids=str
)
def test_functions_commute_with_conjugation_by_units(algebra):
    x, u = near_one(algebra, 8), near_one(algebra, 8)
    one = torch.eye(algebra.dimension, dtype=torch.float64)[0]
    turn = lambda y: F.product(F.product(u, y, algebra), F.inverse(u, algebra), algebra)
    for name in ORACLES:
        f = lambda y, name=name: getattr(F, name)(
            y - (name in ("atanh", "asin", "acos")) * one,
            algebra,
        )
        if name == "acosh":
            f = lambda y: F.acosh(y + one, algebra)
        torch.testing.assert_close(f(turn(x)), turn(f(x)), atol=1e-9, rtol=1e-9)


def test_split_complex_numbers_are_pairs_of_reals():
    """x + y j with j² = 1 acts as x + y and x − y."""
    x = torch.tensor(
        [[0.7, 0.2], [0.5, -0.3], [0.4, 1e-7], [0.6, 1e-4], [0.3, 0.02]], dtype=torch.float64
    )
    for name in ORACLES:
        y = getattr(F, name)(x + (name == "acosh") * torch.tensor([1.0, 0]), SPLIT_COMPLEX)
        shifted = x[:, 0] + (name == "acosh")
        p, q = (getattr(torch, name)(shifted + s * x[:, 1]) for s in (1, -1))
        torch.testing.assert_close(y, torch.stack([p + q, p - q], -1) / 2, atol=1e-13, rtol=1e-12)


def test_dual_numbers_carry_the_derivative():
    x = torch.tensor([[0.3, 2.0], [0.7, -1.0]], dtype=torch.float64)
    for name in ORACLES:
        a = (x[:, 0] + (name == "acosh")).requires_grad_()
        value = getattr(torch, name)(a)
        (slope,) = torch.autograd.grad(value.sum(), a)
        y = getattr(F, name)(torch.stack([a.detach(), x[:, 1]], -1), DUAL)
        torch.testing.assert_close(y, torch.stack([value.detach(), slope * x[:, 1]], -1))


def test_outside_the_domain_is_nan():
    for algebra in (SPLIT_COMPLEX, DUAL):
        outside = torch.tensor([[-1.0, 0.0], [-1, 0.5], [-2, 1]])
        assert F.log(outside, algebra).isnan().any(-1).all()
        assert F.sqrt(outside, algebra).isnan().any(-1).all()
    beyond = torch.tensor([1.0, 2.0])  # j² = 1 and |v| > a
    assert F.log(beyond, SPLIT_COMPLEX).isnan().any()
    assert F.sqrt(beyond, SPLIT_COMPLEX).isnan().any()
    algebra = hc.clifford(3)  # by matrices: neither on the negative axis nor without inverse
    assert F.log(-torch.eye(8)[0], algebra).isnan().all()
    assert F.sqrt(torch.zeros(8), algebra).isnan().all()


@pytest.mark.parametrize(
    "algebra",
    [SPLIT_COMPLEX, SPLIT_QUATERNION, DUAL, hc.OCTONION, hc.clifford(3), hc.clifford(1, 1, 1)],
    ids=str,
)
def test_derivatives_over_other_algebras(algebra):
    one = torch.eye(algebra.dimension, dtype=torch.float64)[:1]
    x = torch.cat([one, 1.4 * one + 0.1 * numbers(algebra, 1)])
    for name in ("exp", "log", "sqrt", "tanh"):
        f = lambda x, name=name: getattr(F, name)(x, algebra)
        assert gradcheck(f, x.clone().requires_grad_())
    assert gradgradcheck(lambda x: F.exp(x, algebra), x.requires_grad_(), fast_mode=True)


# ---------------------------------------------------------------------- refusals


def test_what_is_not_known_is_refused():
    with pytest.raises(ValueError, match="the 4 components"):
        F.exp(torch.ones(3), hc.QUATERNION)
    ambiguous = hc.Algebra(
        ("1", "a", "b"),
        ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (0, 2, 2, 1), (2, 0, 2, 1), (1, 1, 2, 1), (1, 2, 0, 1)),
        (1, -1, -1),
        "AMBIGUOUS",
    )  # fmt: skip
    with pytest.raises(NotImplementedError, match="`exponent` \\(=3\\): powers over AMBIGUOUS"):
        F.real_power(torch.ones(3), 3, ambiguous)
    with pytest.raises(NotImplementedError, match=r"exp is not known for AMBIGUOUS.*ambiguous"):
        F.exp(torch.ones(3), ambiguous)
    assert F.real_power(torch.ones(3), 2, ambiguous).tolist() == [2, 2, 3]  # needs no brackets


def test_functions_of_numbers_that_do_not_associate():
    """By power series, which need no brackets in an alternative algebra, and as inverses."""
    A = hc.COMPLEX_OCTONION
    one = torch.eye(16, dtype=torch.float64)[0]
    x = numbers(A, 4) / 8
    power, expected = one, {"exp": 0.0, "sin": 0.0, "cosh": 0.0}
    for k in range(40):
        term = power / float(math.factorial(k))
        expected["exp"] = expected["exp"] + term
        expected["sin" if k % 2 else "cosh"] = expected["sin" if k % 2 else "cosh"] + (
            term * (-1) ** (k // 2) if k % 2 else term
        )
        power = F.product(x, power, A)
    f = lambda name, x: getattr(F, name)(x, A)
    for name, value in expected.items():
        torch.testing.assert_close(f(name, x), value, atol=1e-13, rtol=1e-12)
    y = one + x
    for name, inverse in (("log", "exp"), ("asinh", "sinh"), ("log1p", "expm1")):
        torch.testing.assert_close(f(inverse, f(name, y)), y, atol=1e-11, rtol=1e-10)
    root = f("sqrt", y)
    torch.testing.assert_close(F.product(root, root, A), y, atol=1e-12, rtol=1e-11)
    torch.testing.assert_close(F.real_power(y, 2.0, A), F.product(y, y, A))
    torch.testing.assert_close(F.product(f("rsqrt", y), root, A), one.expand_as(y))
    assert gradcheck(lambda x: F.exp(x, A), x[:1].clone().requires_grad_())
    q = hc.tensor_type(A)(x)
    torch.testing.assert_close(torch.exp(q).components, f("exp", x))


def test_quadratic_is_decided_exactly():
    for algebra in (*ALGEBRAS, SEDENION, hc.clifford(0, 3)):
        n = algebra.dimension
        elements = [
            [0, *(int(k in (i, j)) + int(k == i == j) for k in range(1, n))]
            for i in range(1, n)
            for j in range(i, n)
        ]
        squares = [algebra.multiply(v, v) for v in elements]
        assert algebra.is_quadratic == (not any(any(s[1:]) for s in squares))
        for v, s in zip(elements, squares, strict=True):
            assert s[0] == -sum(c * v[i] * v[j] for i, j, c in algebra.imaginary_form)


@every_algebra
@pytest.mark.parametrize("name", ["exp", "sqrt", "atan"])
def test_shapes_are_known_without_values(algebra, name):
    q = hc.tensor_type(algebra)(torch.ones(2, algebra.dimension, device="meta"))
    y = getattr(torch, name)(q)
    assert y.is_meta
    assert y.components.shape == q.components.shape


# ---------------------------------------------------------------------- powers


@every_algebra
def test_integer_powers_are_products(algebra):
    x = torch.randint(-3, 4, (5, algebra.dimension)).double()
    q = hc.tensor_type(algebra)(x)
    assert torch.equal((q**2).components, (q * q).components)
    assert torch.equal((q**5).components, (q * q * q * q * q).components)
    assert torch.equal((q**1).components, x)
    assert torch.equal((q**0).components, torch.eye(algebra.dimension).double()[0].expand_as(x))
    p = hc.tensor_type(algebra)(near_one(algebra, 5))
    torch.testing.assert_close((p**-2 * p * p).components, (p**0).components)
    torch.testing.assert_close(
        (p**0.5).components, torch.sqrt(p).components, atol=1e-11, rtol=1e-10
    )
    assert gradgradcheck(
        lambda x: F.real_power(x, 3, algebra), torch.zeros_like(x[:1]).requires_grad_()
    )


def test_powers_restrict_to_complex_ones():
    z = torch.complex(*torch.randn(2, 20, dtype=torch.float64))
    w = torch.complex(*torch.randn(2, 20, dtype=torch.float64))
    C = lambda z: hc.tensor_type(hc.COMPLEX)(torch.view_as_real(z))
    t = torch.randn(20, dtype=torch.float64)
    for ours, expected in [
        (C(z) ** C(w), z**w),
        (C(z) ** t, z**t),
        (C(z) ** 2.5, z**2.5),
        (C(z) ** -3, z**-3),
        (2 ** C(w), 2**w),
        (torch.pow(2.0, C(w)), 2**w),
        (torch.pow(t, C(w)), t.to(z.dtype) ** w),
        (t ** C(w), t.to(z.dtype) ** w),
        (torch.float_power(C(z).float(), 2), z.to(torch.complex64).to(z.dtype) ** 2),
    ]:
        torch.testing.assert_close(torch.view_as_complex(ours.components.contiguous()), expected)


def test_power_conventions():
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 4))
    p = hc.QuaternionTensor(numbers(hc.QUATERNION, 4))
    torch.testing.assert_close((q**p).components, torch.exp(torch.log(q) * p).components)
    zero = hc.QuaternionTensor(torch.zeros(4))
    assert (zero**0).components.tolist() == [1, 0, 0, 0]
    assert (zero ** torch.tensor(0.0)).components.tolist() == [1, 0, 0, 0]
    assert (zero ** torch.tensor(2.0)).components.tolist() == [0, 0, 0, 0]
    assert (zero**zero).components.tolist() == [1, 0, 0, 0]
    assert (zero**1.5).components.tolist() == [0, 0, 0, 0]
    assert (zero**-1.5).components.isnan().all()
    x = torch.zeros(4, requires_grad=True)
    F.real_power(x, 1.5, hc.QUATERNION).sum().backward()
    assert x.grad.tolist() == [0, 0, 0, 0]
    assert (q.half() ** 0.5).dtype == torch.float16
    assert (q.float() ** torch.ones(4).double()).dtype == torch.float64
    with pytest.raises(TypeError):
        q ** "2"
    with pytest.raises(NotImplementedError, match="say which unit i is"):
        q**1j


# ---------------------------------------------------------------------- typed tensors


@every_function
def test_all_spellings_agree(name):
    q = hc.QuaternionTensor(1.5 + 0.2 * numbers(hc.QUATERNION, 3))
    expected = getattr(F, name)(q.components, hc.QUATERNION)
    names = [name, *{"asin": ["arcsin"], "acos": ["arccos"], "atan": ["arctan"], "asinh": ["arcsinh"], "acosh": ["arccosh"], "atanh": ["arctanh"]}.get(name, [])]  # fmt: skip
    functions = [g for n in names for g in (getattr(torch, n), getattr(torch.Tensor, n))]
    if hasattr(torch.special, "expit" if name == "sigmoid" else name):
        functions.append(getattr(torch.special, "expit" if name == "sigmoid" else name))
    for function in functions:
        result = function(q)
        assert isinstance(result, hc.QuaternionTensor)
        assert torch.equal(result.components, expected)
    for n in names:
        c = q.clone()
        assert getattr(c, f"{n}_")() is c
        assert torch.equal(c.components, expected)


def test_in_place_powers():
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 3))
    expected = (q**2).components
    a, b, c = q.clone(), q.clone(), q.clone()
    a **= 2
    b.pow_(2)
    c.float_power_(2)
    for result in (a, b, c):
        assert torch.equal(result.components, expected)
    with pytest.raises(RuntimeError, match="float64"):
        q.float().float_power_(2)


DEGENERATE = hc.clifford(1, 1, 1)


def several(x):
    results = [getattr(F, name)(x, hc.QUATERNION) for name in ("exp", "sqrt", "tan", "asinh")]
    results += [F.real_power(x, p, hc.QUATERNION) for p in (3, -1)]
    results += [F.axis(x), F.angle(x), F.is_unit(x), F.log(x, SPLIT_QUATERNION)]
    return [*results, F.exp(torch.cat([x, x], -1), DEGENERATE)]


def test_functions_are_one_graph():
    """Traced forward and backward; the kernels are left to the test below, since they take long."""
    torch._dynamo.reset()
    x = near_one(hc.QUATERNION, 3).requires_grad_()
    compiled = torch.compile(several, fullgraph=True, backend="aot_eager")(x)
    for ours, expected in zip(compiled, several(x), strict=True):
        torch.testing.assert_close(ours, expected, atol=1e-12, rtol=1e-12)
    (g,) = torch.autograd.grad(sum(y.sum() for y in compiled if y.requires_grad), x)
    (h,) = torch.autograd.grad(sum(y.sum() for y in several(x) if y.requires_grad), x)
    torch.testing.assert_close(g, h, atol=1e-9, rtol=1e-9)


def test_compiled_with_fullgraph(backend):
    f = lambda q: [y.components * 1 for y in (torch.exp(q), q**3, q**0.3)]
    q = hc.QuaternionTensor(near_one(hc.QUATERNION, 3))
    compiled = torch.compile(f, fullgraph=True, backend=backend)
    for ours, expected in zip(compiled(q), f(q), strict=True):
        torch.testing.assert_close(ours, expected, atol=1e-12, rtol=1e-12)


def test_under_transforms():
    x = near_one(hc.QUATERNION, 5)
    for name in ORACLES:
        f = lambda x, name=name: getattr(F, name)(x, hc.QUATERNION)
        torch.testing.assert_close(torch.func.vmap(f)(x), f(x))
        tangent = torch.func.jvp(f, (x,), (torch.ones_like(x),))[1]
        rows = torch.func.vmap(torch.func.jacrev(f))(x)
        torch.testing.assert_close(tangent, rows.sum(-1))
    y = near_one(hc.clifford(3), 3)
    for name in ("exp", "sqrt", "log"):
        f = lambda y, name=name: getattr(F, name)(y, hc.clifford(3))
        torch.testing.assert_close(torch.func.vmap(f)(y), f(y))


# ---------------------------------------------------------------------- dual parts


@every_function
@pytest.mark.parametrize(("dtype", "far"), [(torch.float32, 1e30), (torch.float64, 1e250)])
def test_a_dual_part_of_any_size_is_a_derivative(name, dtype, far):
    """f(a + b ε) = f(a) + f'(a) b ε: b counts for no length, so no square of it is in the way."""
    a = 1.5 if name == "acosh" else 0.75
    f = ORACLES[name]
    x = torch.tensor([[a, far], [a, -3.0]], dtype=dtype)
    slope = float(mp.diff(f, mp.mpf(a)))
    expected = [[float(mp.re(f(mp.mpf(a)))), slope * b] for b in (far, -3.0)]
    found = getattr(F, name)(x, DUAL)
    torch.testing.assert_close(found, torch.tensor(expected, dtype=dtype), rtol=1e-5, atol=0)


@pytest.mark.parametrize(("dtype", "far"), [(torch.float32, 1e30), (torch.float64, 1e250)])
def test_inverses_beside_a_dual_part_of_any_size(dtype, far):
    x = torch.tensor([[0.5, far], [-4.0, far]], dtype=dtype)
    expected = torch.tensor([[2, -4 * far], [-0.25, -far / 16]], dtype=dtype)
    torch.testing.assert_close(F.inverse(x, DUAL), expected)
    torch.testing.assert_close(F.divide(x, x, DUAL), torch.tensor([[1.0, 0]] * 2, dtype=dtype))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_derivative_that_overflows_leaves_the_logarithm_alone(dtype):
    """The inverse of such a number has an infinite dual part: it is no zero divisor for that."""
    tiny, huge = torch.finfo(dtype).tiny, torch.finfo(dtype).max
    x = torch.tensor([[4 * tiny, huge], [4 * tiny, -huge], [0, huge]], dtype=dtype)
    found = F.log(x, DUAL)
    expected = x[:2, 0].log()
    torch.testing.assert_close(found[:2, 0], expected)
    assert found[:2, 1].tolist() == [torch.inf, -torch.inf]
    assert found[2].isnan().all()
