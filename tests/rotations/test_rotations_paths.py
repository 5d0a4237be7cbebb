"""Slerp at any time between any ends, slerp over keys, and splines through very many knots."""

import math
import time

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation, Slerp

import hypercomplex as hc
from hypercomplex import rotations as R
from hypercomplex.kernels.slerp import nlerp, slerp
from hypercomplex.kernels.tridiagonal import solve_tridiagonal
from tests.cases import every_dtype


def ends(omega, dtype):
    """1 and its turn by 2 Ω about z, of which slerp's t-th is the turn by 2 t Ω."""
    return R.from_rotvec(torch.tensor([[0, 0, 0], [0, 0, 2 * omega]], dtype=dtype))


def turn(angle):
    return torch.tensor([math.cos(angle), 0, 0, math.sin(angle)], dtype=torch.float64)


@every_dtype
@pytest.mark.parametrize("t", [-3.0, 0.3, 1.7, 100.0, -5e3, 2.0**25])
@pytest.mark.parametrize("size", [1.0, 1e-2, 1e-4, 1e-8, 1e-20])
def test_slerp_goes_on_for_ever(dtype, t, size):
    """Its angle is t times that of the ends, to a rounding of that, and it stays a unit."""
    a, b = ends(size, dtype)
    w, z = b.double()[0].item(), b.double()[3].item()
    omega, eps = math.atan2(z, w), torch.finfo(dtype).eps
    for shortest in (True, False):
        ours = R.slerp(a, b, t, shortest).double()
        assert abs(ours.norm() - 1) < 8 * eps
        assert (ours - turn(t * omega)).abs().max() < 8 * eps * (1 + abs(t) * omega)
        mapped = torch.func.vmap(lambda a, b, s=shortest: R.slerp(a, b, t, s))(a[None], b[None])[0]
        assert (ours - mapped.double()).abs().max() < 8 * eps * (1 + abs(t) * omega)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("t", [-3.0, 0.3, 1.7, 100.0, -5e3])
@pytest.mark.parametrize("size", [1.0, 1e-2, 1e-4, 1e-8])
@pytest.mark.parametrize(
    ("fast", "twin"), [(R.slerp, slerp.twin), (R.nlerp, nlerp.twin)], ids=["slerp", "nlerp"]
)
def test_short_formulas_are_their_twins_at_any_time(dtype, t, size, fast, twin):
    """Values and first derivatives, from float64 where the twin is right to all digits."""
    generator = torch.Generator().manual_seed(0)
    q = R.random(5, dtype=dtype, generator=generator)
    step = R.from_rotvec(size * torch.randn(5, 3, dtype=dtype, generator=generator))
    a, b = q, hc.functional.product(q, step, hc.QUATERNION)
    weight = torch.randn(5, 4, dtype=dtype, generator=generator)
    results = []
    for function, kind in ((fast, dtype), (twin, torch.float64)):
        x, y, s = (v.to(kind).requires_grad_() for v in (a, b, torch.full((5,), t, dtype=dtype)))
        moved = function(x, y, s if function is fast else s[:, None])
        slopes = torch.autograd.grad((moved * weight).sum(), (x, y, s))
        results.append([moved, *slopes])
    far = 1 + abs(t) ** 3
    for ours, exact in zip(*results, strict=True):
        error = (ours.double() - exact).abs().max() / (1 + exact.abs().max())
        assert error < 20 * min(far, 1 + 10 * abs(t)) * torch.finfo(dtype).eps


@every_dtype
def test_nlerp_and_squad_stay_units_far_out(dtype):
    eps = torch.finfo(dtype).eps
    a, b = ends(1e-3, dtype)
    for t in (-1e3, 5.0, 1e4):
        for shortest in (True, False):
            far = R.nlerp(a, b, t, shortest).double()
            exact = R.nlerp(a.double(), b.double(), t)
            assert (far - exact).abs().max() < 4 * eps * (4 + abs(t))
        for curve in (R.squad(a, b, a, b, t), R.slerp(a, -b, t, shortest=False)):
            assert abs(curve.double().norm() - 1) < 16 * eps
    half = R.slerp(a, -a, torch.tensor(2.0**21 + 0.5), shortest=False).double()
    assert (half.abs() - torch.tensor([0, 1, 0, 0])).abs().max() < 16 * eps


def test_the_long_way_between_near_opposites():
    """Right to all digits on the twin's long way, where a difference of units would cancel."""
    a, b = ends(math.pi - 1e-9, torch.float64)
    for t in (0.5, 1.0, 3.7):
        moved = R.slerp(a, b, t, shortest=False)
        assert (moved - turn(t * (math.pi - 1e-9))).abs().max() < 1e-6  # the axis has seven digits
        assert abs(moved.norm() - 1) < 1e-15


# ------------------------------------------------------------------ keys


def test_slerp_over_keys_is_that_of_scipy():
    rng = np.random.default_rng(0)
    times, keys = np.cumsum(rng.uniform(0.1, 2, 30)), Rotation.random(30, random_state=0)
    t = rng.uniform(times[0], times[-1], 300)
    t[:30] = times
    theirs = torch.from_numpy(Slerp(times, keys)(t).as_quat()).roll(1, -1)
    signs = torch.from_numpy(rng.choice([-1.0, 2.0], (30, 1)))
    q = signs * torch.from_numpy(keys.as_quat()).roll(1, -1)
    assert R.geodesic_distance(R.piecewise_slerp(times, q, t), theirs).max() < 1e-13
    typed = R.Slerp(times, hc.QuaternionTensor(q))
    assert R.geodesic_distance(typed(t).components, theirs).max() < 1e-13
    assert typed(times[0]).shape == ()
    with pytest.raises(ValueError, match=r"times\[1\] \(=0\)"):
        R.Slerp([0, 0], q[:2])
    with pytest.raises(ValueError, match="`times` of shape"):
        R.Slerp([0, 1], q)


def test_slerp_over_keys_in_batches_with_derivatives():
    q = R.random(2, 3, 4, dtype=torch.float64).requires_grad_()
    times = torch.tensor([0.0, 1, 3, 4], dtype=torch.float64).requires_grad_()
    t = torch.tensor([-0.5, 0.3, 2.9, 4.2], dtype=torch.float64).requires_grad_()
    path = R.piecewise_slerp(times, q, t)
    assert path.shape == (2, 3, 4, 4)
    for i, j in ((0, 2), (1, 0)):
        torch.testing.assert_close(R.piecewise_slerp(times, q[i, j], t), path[i, j])
    torch.testing.assert_close(path[0, 0, 2], R.slerp(q[0, 0, 1], q[0, 0, 2], 0.95))
    assert torch.autograd.gradcheck(R.piecewise_slerp, (times, q, t), fast_mode=True)
    mapped = torch.func.vmap(R.piecewise_slerp, (None, 0, None))(times, q, t)
    torch.testing.assert_close(mapped, path)


# ------------------------------------------------------------------ splines


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 21])
def test_cyclic_reduction_solves_the_dense_system(n):
    blocks = torch.randn(3, 2, n, 3, 3, dtype=torch.float64)
    below, here, above = blocks[0], blocks[1] + 8 * torch.eye(3), blocks[2]
    below[:, 0], above[:, -1] = 0, 0
    dense = torch.zeros(2, n, 3, n, 3, dtype=torch.float64)
    for i in range(n):
        dense[:, i, :, i] = here[:, i]
        if i:
            dense[:, i, :, i - 1], dense[:, i - 1, :, i] = below[:, i], above[:, i - 1]
    x = torch.randn(2, n, 3, dtype=torch.float64)
    right = (dense.flatten(3, 4).flatten(1, 2) @ x.flatten(1).unsqueeze(-1)).view(2, n, 3, 1)
    found = solve_tridiagonal(below, here, above, right)
    torch.testing.assert_close(found.squeeze(-1), x)


@pytest.mark.parametrize("n", [3, 50])
def test_wide_turns_settle(n):
    """Acceleration is continuous to rounding, where a fixed number of steps would leave 1e-6."""
    generator = torch.Generator().manual_seed(n)
    turns = torch.randn(n, 3, dtype=torch.float64, generator=generator)
    turns = 1.6 * turns / turns.norm(dim=-1, keepdim=True)  # radians from knot to knot
    knots = R.integrate(turns, 1.0, frame="body")
    times = torch.arange(n + 1, dtype=torch.float64)
    before = R.spline_rates(times, knots, torch.nextafter(times, times - 1)[1:-1])
    after = R.spline_rates(times, knots, times[1:-1])
    torch.testing.assert_close(before, after, atol=1e-11, rtol=0)
    mapped = torch.func.vmap(lambda q: R.spline(times, q, times + 0.5))(knots[None])[0]
    torch.testing.assert_close(mapped, R.spline(times, knots, times + 0.5), atol=1e-9, rtol=0)


def test_first_and_second_derivatives_of_splines():
    times = torch.tensor([0, 1.0, 1.5, 3], dtype=torch.float64).requires_grad_()
    knots = R.random(4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    t = torch.tensor([0.3, 2.2], dtype=torch.float64).requires_grad_()
    inputs = (times, knots.requires_grad_(), t)
    assert torch.autograd.gradcheck(R.spline, inputs, fast_mode=True)
    assert torch.autograd.gradcheck(R.spline_rates, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(R.spline, inputs, fast_mode=True)


def test_very_many_knots():
    """A dense system of 20,000 knots would take 29 GB, and its solution hours."""
    n = 20_000
    generator = torch.Generator().manual_seed(0)
    knots = R.integrate(0.1 * torch.randn(n - 1, 3, generator=generator), 1.0).requires_grad_()
    times = torch.arange(n)
    started = time.perf_counter()
    path = R.spline(times, knots, times + 0.5)
    path[:, 0].sum().backward()
    assert time.perf_counter() - started < 60
    few = slice(1000, 1030)  # far knots do not count
    near = R.spline(times[few], knots[few], times[few] + 0.5)
    assert R.geodesic_distance(path[few][14:16], near[14:16]).max() < 1e-5
    assert knots.grad.isfinite().all()
