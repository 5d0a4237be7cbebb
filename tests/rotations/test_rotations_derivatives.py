"""First and second derivatives of rotations, at singular points, against 60 digits of mpmath."""

import itertools

import mpmath as mp
import pytest
import torch
from torch.func import hessian, jacfwd, jacrev, vmap

import hypercomplex as hc
from hypercomplex import rotations as R
from hypercomplex.kernels import series
from tests.cases import double

mp.mp.dps = 60


def norm(v):
    return mp.sqrt(sum(x * x for x in v))


def exp(*v):
    r = norm(v)
    s = mp.sin(r / 2) / r if r else mp.mpf(1) / 2
    return [mp.cos(r / 2), *(s * x for x in v)]


def log(w, *v):
    r = norm(v)
    sign = -1 if w < 0 else 1
    f = 2 * mp.atan2(r, sign * w) / r if r else 2 / abs(w)
    return [sign * f * x for x in v]


def log_beyond(w, *v):
    """The branch of w >= 0 goes on analytically: what the derivative at w = 0 is that of."""
    r = norm(v)
    return [2 * mp.atan2(r, w) / r * x for x in v]


def matrix(w, x, y, z):
    n = w * w + x * x + y * y + z * z
    return [
        *(1 - 2 * (y * y + z * z) / n, 2 * (x * y - w * z) / n, 2 * (x * z + w * y) / n),
        *(2 * (x * y + w * z) / n, 1 - 2 * (x * x + z * z) / n, 2 * (y * z - w * x) / n),
        *(2 * (x * z - w * y) / n, 2 * (y * z + w * x) / n, 1 - 2 * (x * x + y * y) / n),
    ]


def mrp(w, *v):
    sign = -1 if w < 0 else 1
    return [sign * x / (norm((w, *v)) + abs(w)) for x in v]


def slerp_from(b, t):
    def f(*a):
        n = norm(a)
        a = [x / n for x in a]
        dot = sum(x * y for x, y in zip(a, b, strict=True))
        sign = -1 if dot < 0 else 1
        angle = mp.acos(mp.fabs(dot)) if abs(dot) < 1 else mp.mpf(0)
        p, q = (1 - t, t) if not angle else (mp.sin(s * angle) / mp.sin(angle) for s in (1 - t, t))
        return [p * x + sign * q * y for x, y in zip(a, b, strict=True)]

    return f


def derivatives(f, point):
    """The Jacobian and Hessian in mpmath's central differences with 60 digits."""
    point = [mp.mpf(x) for x in point.tolist()]
    n, m = len(point), len(f(*point))

    def partial(k, orders):
        return float(mp.diff(lambda *x: f(*x)[k], tuple(point), tuple(orders)))

    unit = [[int(i == j) for j in range(n)] for i in range(n)]
    first = [[partial(k, unit[i]) for i in range(n)] for k in range(m)]
    second = [[[0.0] * n for _ in range(n)] for _ in range(m)]
    for k, i, j in itertools.product(range(m), range(n), range(n)):
        if i <= j:
            orders = [a + b for a, b in zip(unit[i], unit[j], strict=True)]
            second[k][i][j] = second[k][j][i] = partial(k, orders)
    return double(*first), double(*second)


NEAR_ZERO = [0.0, 1e-160, 1e-30, 1e-8, 0.0999, 0.1001]  # the last two on either side of the series
VECTORS = [s * double(1.0, -2, 2) / 3 for s in (*NEAR_ZERO, 3.141592653589793, 6.0)]
UNITS = [double(w, 0.0, 0, 0) for w in (1.0, -1, 2, -2)]
CLOSE = [double(w, s, -2 * s, 2 * s) for w in (1.0, -2.0) for s in (1e-160, 1e-8, 0.03, 0.04)]
TURNED = [double(0.0, 0, 1, 0), double(0.0, -2, 1, 2)]
GENERIC = [double(-0.3, 0.5, 0.1, 0.7)]
CASES = [
    *((R.from_rotvec, exp, v) for v in VECTORS),
    *((R.to_rotvec, log, q) for q in UNITS + CLOSE + GENERIC),
    *((R.to_rotvec, log_beyond, q) for q in TURNED),
    *((lambda q: R.to_matrix(q).flatten(), matrix, q) for q in UNITS[::3] + TURNED + GENERIC),
    *((R.to_mrp, mrp, q) for q in UNITS[::3] + GENERIC),
    *(
        (lambda a: R.slerp(a, double(1.0, 0, 0, 0), 0.3), slerp_from((1, 0, 0, 0), mp.mpf(0.3)), q)
        for q in UNITS + CLOSE[1::2] + GENERIC
    ),
]


@pytest.mark.parametrize(("function", "twin", "point"), CASES)
def test_first_and_second_derivatives(function, twin, point):
    first, second = derivatives(twin, point)
    size = 1 + second.abs().max()
    for jacobian in (jacrev, jacfwd):
        torch.testing.assert_close(jacobian(function)(point), first, atol=1e-14, rtol=1e-13)
    for ours in (hessian, lambda f: jacfwd(jacfwd(f)), lambda f: jacrev(jacrev(f))):
        error = (ours(function)(point) - second).abs().max() / size
        assert error < 1e-13


def test_exact_constants():
    """What no digits are lost of, exactly: zero and one."""
    zero = torch.zeros(3, dtype=torch.float64)
    expected = torch.zeros(4, 3, 3, dtype=torch.float64)
    expected[0] = -torch.eye(3) / 4
    assert torch.equal(hessian(R.from_rotvec)(zero), expected)
    for sign in (1.0, -1):
        jacobian = jacrev(R.to_rotvec)(sign * double(1.0, 0, 0, 0))
        assert torch.equal(jacobian[:, 1:], sign * 2 * torch.eye(3).double())
        assert not jacobian[:, 0].any()


SINGULAR = [
    torch.eye(3),
    *(2.0 * torch.diag(row) - torch.eye(3) for row in torch.eye(3)),
    R.to_matrix(double(0.5, 0.5, -0.5, 0.5)),  # all four candidates are equally large
    R.to_matrix(double(0.1, 0.2, 0.3, 0.4)),
]


@pytest.mark.parametrize("m", SINGULAR)
def test_matrices_project_onto_rotations(m):
    """Along the rotations dq = ω q / 2, across them 0; and the second derivatives agree."""
    m = m.double()
    for f in (R.from_matrix, R.from_9d):
        q = f(m)
        jacobian = jacrev(f)(m)
        for k in range(3):
            omega = torch.eye(3).double()[k]
            turning = torch.linalg.cross(omega[:, None].expand(3, 3), m, dim=0)
            along = torch.einsum("qij,ij->q", jacobian, turning)
            pure = torch.nn.functional.pad(omega, (1, 0))
            expected = 0.5 * hc.functional.product(pure, q, hc.QUATERNION)
            torch.testing.assert_close(along, expected, atol=1e-14, rtol=0)
        symmetric = torch.randn(3, 3, dtype=torch.float64)
        across = torch.einsum("qij,ij->q", jacobian, m @ (symmetric + symmetric.mT))
        assert across.abs().max() < 1e-14
    sign = (R.from_matrix(m) * R.from_9d(m)).sum().sign()
    error = hessian(R.from_matrix)(m) - sign * hessian(R.from_9d)(m)
    assert error.abs().max() < 1e-14


@pytest.mark.parametrize("seq", ["ZYX", "XYZ", "zyx", "yzx", "ZXZ", "xyx"])
@pytest.mark.parametrize("end", [-1, 1])
def test_the_kink_of_gimbal_lock(seq, end):
    """The second angle has derivative 0 there, though its value is kept."""
    middle = end * torch.pi / 2 if seq[0] != seq[2] else (end + 1) * torch.pi / 2
    q = R.from_euler(seq, double(0.3, middle, 0.5))
    second_angle = lambda q: R.to_euler(q, seq)[1]
    assert abs(second_angle(q) - middle) < 2e-8
    for f in (jacrev, jacfwd, hessian, lambda f: jacfwd(jacfwd(f))):
        assert not f(second_angle)(q).any()


@pytest.mark.parametrize("count", [3, 40])
def test_derivatives_far_from_rotations(count):
    """Those of the nearest rotation, on the slow way of matrices that can be read."""
    m = torch.eye(3, dtype=torch.float64) + 0.3 * torch.rand(count, 3, 3, dtype=torch.float64)
    m.requires_grad_()
    weight = torch.randn(count, 4, dtype=torch.float64)
    ours, twin = (
        torch.autograd.grad((f(m) * weight).sum(), m)[0] for f in (R.from_matrix, R.from_9d)
    )
    torch.testing.assert_close(ours, twin)


def test_by_central_differences():
    """Derivatives of what has no removable singularity, in general position."""
    q, p = (
        torch.randn(2, 2, 4, dtype=torch.float64).requires_grad_(),
        torch.randn(2, 4, dtype=torch.float64),
    )
    m = R.to_matrix(q.detach()).requires_grad_()
    wild = torch.randn(2, 3, 3, dtype=torch.float64).requires_grad_()
    knots = torch.randn(4, 4, dtype=torch.float64).requires_grad_()
    times, t = torch.arange(4).double(), double(0.3, 1.5)
    one, two = torch.randn(2, 5, 3, dtype=torch.float64).requires_grad_().unbind(0)
    cases = [
        (R.from_matrix, (m,)),
        (R.from_9d, (wild,)),
        (lambda q: R.to_euler(q, "ZYX"), (q,)),
        (lambda q: R.to_euler(q, "xyx"), (q,)),
        (lambda q: R.slerp(q, p, 0.3, shortest=False), (q,)),
        (lambda q: R.geodesic_distance(q, p), (q,)),
        (lambda q: R.swing_twist(q, double(0.0, 0, 1)), (q,)),
        (R.mean, (knots,)),
        (R.from_two_vectors, (one, two)),
        (R.align_vectors, (one, two)),
        (R.squad_controls, (knots,)),
    ]
    for function, inputs in cases:
        assert torch.autograd.gradcheck(function, inputs)
        assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)
    for function, inputs in (
        (R.karcher_mean, (0.2 * knots + double(1.0, 0, 0, 0),)),
        (lambda q: R.spline(times, q, t), (knots,)),
        (lambda x: R.from_6d(x.flatten(-2)), (wild[:, :2],)),
        (lambda a: R.look_at(a, two.detach()), (one,)),
    ):
        assert torch.autograd.gradcheck(
            function, tuple(x.detach().requires_grad_() for x in inputs)
        )


def test_repeated_singular_values_and_unique_means():
    for m in (torch.eye(3), torch.diag(double(2, 2, 1)), torch.diag(double(1, 1, -0.5))):
        assert jacrev(R.from_9d)(m.double()).isfinite().all()
        assert hessian(R.from_9d)(m.double()).isfinite().all()
    same = double(0.5, 0.5, 0.5, 0.5).expand(5, 4)
    jacobian = jacrev(R.mean)(same)
    q = same[0]
    expected = (torch.eye(4).double() - torch.outer(q, q)) / 5
    torch.testing.assert_close(jacobian, expected[:, None].expand(4, 5, 4))


def test_kinks_have_finite_derivatives():
    one, x = double(1.0, 0, 0, 0), double(1.0, 0, 0)
    for f, point in (
        (R.angle, one),
        (lambda q: R.to_axis_angle(q)[0], one),
        (lambda q: R.geodesic_distance(q, one), one),
        (lambda q: R.geodesic_distance(q, -one), one),
        (lambda q: R.chordal_distance(q, one), one),
        (lambda v: R.from_two_vectors(v, -x), x),
        (lambda v: R.look_at(v, x), x),
        (lambda q: R.median(torch.stack([q, one, one])), one),
    ):
        assert jacrev(f)(point).isfinite().all()


def test_series_meet_closed_forms():
    """On either side of the border, and at it, to the last digits; in single precision, too."""
    u = double(*(0.01 * (1 + s) for s in (-1e-9, 1e-9)), 0.0, 1e-320, 0.3, 9.8)
    values = {
        "cosine": (lambda u: series.cosine_and_sinc(u)[0], lambda u: mp.cos(mp.sqrt(u))),
        "sinc": (series.sinc, lambda u: mp.sinc(mp.sqrt(u))),
        "c2": (lambda u: series.jacobian_terms(u)[0], lambda u: (1 - mp.cos(mp.sqrt(u))) / u),
        "c3": (lambda u: series.jacobian_terms(u)[1], lambda u: (1 - mp.sinc(mp.sqrt(u))) / u),
        "inverse": (
            lambda u: series.jacobian_terms(u)[2],
            lambda u: (1 - mp.sqrt(u) / 2 * mp.cot(mp.sqrt(u) / 2)) / u,
        ),
        "slope2": (
            lambda u: series.jacobian_slopes(u)[0],
            lambda u: mp.diff(lambda x: (1 - mp.cos(mp.sqrt(x))) / x, u),
        ),
        "slope3": (
            lambda u: series.jacobian_slopes(u)[1],
            lambda u: mp.diff(lambda x: (1 - mp.sinc(mp.sqrt(x))) / x, u),
        ),
        "quotient": (
            lambda u: series.angle_over_sine(torch.ones_like(u), u),
            lambda u: mp.atan(mp.sqrt(u)) / mp.sqrt(u),
        ),
    }
    for name, (ours, exact) in values.items():
        expected = double(*(float(exact(mp.mpf(max(x, 1e-30)))) for x in u.tolist()))
        torch.testing.assert_close(ours(u), expected, atol=5e-14, rtol=1e-13, msg=name)
        single = ours(u.float()).double()
        torch.testing.assert_close(
            single, expected, atol=2e-5 if "slope" in name else 1e-6, rtol=1e-6
        )


def test_mapped_derivatives_are_derivatives():
    q = torch.randn(5, 4, dtype=torch.float64)
    for f in (
        R.to_rotvec,
        R.to_matrix,
        lambda q: R.to_euler(q, "zyz"),
        lambda q: R.slerp(q, q[[1, 0, 2, 3]], 0.2),
    ):
        mapped = vmap(hessian(f))(q)
        torch.testing.assert_close(mapped[3], hessian(f)(q[3]))
