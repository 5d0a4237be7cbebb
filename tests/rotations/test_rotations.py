"""Conversions, interpolation, means and alignment of rotations agree with SciPy, for q, -q, 2q."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, RotationSpline, Slerp

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import rotations as R
from tests.cases import every_dtype

Q = hc.QUATERNION
SEQUENCES = ["".join(s) for s in itertools.product("xyz", repeat=3) if s[0] != s[1] != s[2]]
SEQUENCES += [s.upper() for s in SEQUENCES]
every_multiple = pytest.mark.parametrize("factor", [1, -1, 2, -2, 1e300, -1e-300])


def exact(x):
    return torch.tensor(np.asarray(x), dtype=torch.float64)


def of(rotation):
    """SciPy's rotations as quaternions, real part first."""
    return exact(rotation.as_quat()).roll(1, -1)


def scipy_of(q):
    return Rotation.from_quat(q.roll(-1, -1).numpy())


def same(a, b, **tolerance):
    torch.testing.assert_close(R.to_matrix(a), R.to_matrix(b), **tolerance)


THEIRS = Rotation.random(100, random_state=0)
OURS = of(THEIRS)


@every_multiple
def test_conversions_to(factor):
    q = factor * OURS
    torch.testing.assert_close(R.to_matrix(q), exact(THEIRS.as_matrix()))
    torch.testing.assert_close(R.to_9d(q), exact(THEIRS.as_matrix()).flatten(1))
    torch.testing.assert_close(R.to_6d(q), exact(THEIRS.as_matrix())[:, :, :2].mT.flatten(1))
    torch.testing.assert_close(R.to_rotvec(q), exact(THEIRS.as_rotvec()))
    torch.testing.assert_close(R.to_rotvec(q, degrees=True), exact(THEIRS.as_rotvec(degrees=True)))
    torch.testing.assert_close(R.to_mrp(q), exact(THEIRS.as_mrp()))
    torch.testing.assert_close(R.angle(q), exact(THEIRS.magnitude()))
    axis, angle = R.to_axis_angle(q)
    torch.testing.assert_close(axis * angle[:, None], exact(THEIRS.as_rotvec()))
    torch.testing.assert_close(R.to_gibbs(q), OURS[:, 1:] / OURS[:, :1])
    v = torch.randn(100, 3, dtype=torch.float64)
    torch.testing.assert_close(R.rotate(q, v), exact(THEIRS.apply(v.numpy())))


def test_conversions_from():
    torch.testing.assert_close(R.from_rotvec(exact(THEIRS.as_rotvec())), _positive(OURS))
    degrees = exact(THEIRS.as_rotvec(degrees=True))
    torch.testing.assert_close(R.from_rotvec(degrees, degrees=True), _positive(OURS))
    same(R.from_matrix(exact(THEIRS.as_matrix())), OURS)
    same(R.from_mrp(exact(THEIRS.as_mrp())), OURS)
    same(R.from_gibbs(R.to_gibbs(OURS)), OURS)
    same(R.from_6d(R.to_6d(OURS)), OURS)
    same(R.from_9d(R.to_9d(OURS)), OURS)
    same(R.from_axis_angle(*R.to_axis_angle(3 * OURS)), OURS)


def _positive(q):
    return torch.where(q[:, :1] < 0, -q, q)


@pytest.mark.parametrize("seq", SEQUENCES)
def test_all_sequences_of_euler_angles(seq):
    angles = exact(np.random.default_rng(0).uniform(-3, 3, (20, 3)))
    same(R.from_euler(seq, angles), of(Rotation.from_euler(seq, angles.numpy())))
    for factor in (1, -1, 2, -2):
        ours = R.to_euler(factor * OURS, seq, degrees=True)
        torch.testing.assert_close(ours, exact(THEIRS.as_euler(seq, degrees=True)))
    same(R.from_euler(seq, ours, degrees=True), OURS)


@pytest.mark.parametrize("seq", SEQUENCES)
@pytest.mark.parametrize("end", [-1, 1])
def test_gimbal_lock(seq, end):
    """The third angle is 0, the rotation is kept, and gradients are finite."""
    middle = end * math.pi / 2 if seq[0] != seq[2] else (end + 1) * math.pi / 2
    q = R.from_euler(seq, torch.tensor([0.3, middle, 0.5], dtype=torch.float64))
    with pytest.warns(R.GimbalLockWarning, match="1 of 1 rotations"):
        angles = R.to_euler(q, seq)
    assert angles[2] == 0
    same(R.from_euler(seq, angles), q)
    for f in (torch.func.jacrev, torch.func.hessian):
        assert f(lambda q: R.to_euler(q, seq))(q).isfinite().all()
    with pytest.warns(UserWarning, match="Gimbal"):
        theirs = exact(scipy_of(q).as_euler(seq))
    torch.testing.assert_close(angles, theirs, atol=1e-7, rtol=0)


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_axes(count):
    angles = torch.randn(5, count, dtype=torch.float64)
    theirs = Rotation.from_euler("ZY"[:count], angles.numpy())
    same(R.from_euler("ZY"[:count], angles), of(theirs))


@pytest.mark.parametrize("order", ["extrinsic", "intrinsic"])
@pytest.mark.parametrize("tilt", [-2.0, -0.4, 0.0, 0.7, 1.5, 3.0])
def test_davenport(order, tilt):
    n1, n2 = np.array([1.0, 2, 2]) / 3, np.array([2.0, 1, -2]) / 3
    n3 = Rotation.from_rotvec(tilt * n2).apply(n1)
    axes = np.stack([n1, n2, n3])
    angles = np.random.default_rng(1).uniform(-2, 2, (9, 3))
    theirs = Rotation.from_davenport(axes, order, angles)
    same(R.from_davenport(exact(axes), order, exact(angles)), of(theirs))
    ours = R.to_davenport(-2 * of(theirs), exact(axes), order)
    same(R.from_davenport(exact(axes), order, ours), of(theirs))
    if tilt:  # for parallel axes rounding decides between two sets of angles
        torch.testing.assert_close(ours, exact(theirs.as_davenport(axes, order)))


def test_slerp():
    times = np.linspace(0, 99, 400)
    theirs = Slerp(np.arange(100.0), THEIRS)(times)
    start = torch.from_numpy(times).long().clamp(max=98)
    t = torch.from_numpy(times) - start
    for factor in (1, -1, 2, -2):
        same(R.slerp(OURS[start], factor * OURS[start + 1], t), of(theirs))


@pytest.mark.parametrize("n", [2, 3, 4, 30])
def test_spline(n):
    rng = np.random.default_rng(n)
    times, knots = (
        np.cumsum(rng.uniform(0.5, 1.5, n)),
        Rotation.from_rotvec(0.4 * rng.normal(size=(n, 3))),
    )
    t = np.linspace(times[0], times[-1], 57)
    theirs = RotationSpline(times, knots)
    signs = exact(rng.choice([-2.0, 3.0], (n, 1)))
    arguments = exact(times), signs * of(knots), exact(t)
    same(R.spline(*arguments), of(theirs(t)), atol=1e-6, rtol=1e-6)
    velocity, acceleration = R.spline_rates(*arguments)
    torch.testing.assert_close(velocity, exact(theirs(t, 1)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(acceleration, exact(theirs(t, 2)), atol=1e-5, rtol=1e-5)


def test_spline_has_continuous_acceleration():
    times = torch.arange(6, dtype=torch.float64)
    knots = R.from_rotvec(torch.randn(6, 3, dtype=torch.float64) / 2)
    same(R.spline(times, knots, times), knots)
    before, after = (
        R.spline_rates(times, knots, times[1:-1] - 1e-12),
        R.spline_rates(times, knots, times[1:-1]),
    )
    torch.testing.assert_close(before, after, atol=1e-7, rtol=1e-7)
    t, h = torch.tensor([1.7, 3.2], dtype=torch.float64), 1e-6
    ahead, behind = R.spline(times, knots, t + h), R.spline(times, knots, t - h)
    velocity, acceleration = R.spline_rates(times, knots, t)
    difference = R.angular_velocity(R.spline(times, knots, t), (ahead - behind) / (2 * h), "body")
    torch.testing.assert_close(difference, velocity, atol=1e-8, rtol=1e-8)
    rates = [R.spline_rates(times, knots, t + s)[0] for s in (h, -h)]
    torch.testing.assert_close((rates[0] - rates[1]) / (2 * h), acceleration, atol=1e-7, rtol=1e-7)


def test_means():
    weights = np.random.default_rng(0).uniform(0.1, 1, 100)
    signs = exact(np.random.default_rng(1).choice([-1.0, 1, 2], (100, 1)))
    same(R.mean(signs * OURS, exact(weights)), of(THEIRS.mean(weights)))
    same(R.mean(signs * OURS), of(THEIRS.mean()))
    batch = OURS.view(5, 20, 4)
    rows = torch.stack([of(THEIRS[20 * i : 20 * i + 20].mean()) for i in range(5)])
    same(R.mean(batch, dim=1), rows)
    same(R.mean(batch, dim=-1), rows)
    same(R.mean(batch, dim=(0, 1)), of(THEIRS.mean()))
    same(R.mean(batch.transpose(0, 1), dim=0), rows)


def near(count, spread=0.3):
    q = R.from_rotvec(spread * torch.randn(count, 3, dtype=torch.float64))
    return F.product(OURS[0], q, Q)


def test_karcher_mean_is_stationary():
    q, w = near(30), torch.rand(30, dtype=torch.float64)
    centre = R.karcher_mean(q, w)
    pull = w[:, None] * R.to_rotvec(F.product(F.conj(centre, Q), q, Q))
    assert pull.sum(0).abs().max() < 1e-12
    a, b = near(2)
    same(R.karcher_mean(torch.stack([a, -b])), R.slerp(a, b, 0.5))


def test_median_is_stationary_and_robust():
    q = near(31)
    centre = R.median(q, iterations=300)
    pull = R.to_rotvec(F.product(F.conj(centre, Q), q, Q))
    assert F.normalize(pull).sum(0).norm() < 1e-3
    spoiled = torch.cat([near(9, 1e-3), R.random(3, dtype=torch.float64)])
    assert R.geodesic_distance(R.median(spoiled), OURS[0]) < 5e-3


def test_alignment():
    b = torch.randn(7, 20, 3, dtype=torch.float64)
    w = torch.rand(7, 20, dtype=torch.float64)
    a = R.rotate(OURS[:7, None], b) + 0.1 * torch.randn(7, 20, 3, dtype=torch.float64)
    theirs = [
        Rotation.align_vectors(x, y, v)[0].as_matrix() for x, y, v in zip(a, b, w, strict=True)
    ]
    torch.testing.assert_close(R.to_matrix(R.align_vectors(a, b, w)), exact(theirs))
    shift = torch.tensor([1.0, 2, 3], dtype=torch.float64)
    moved = 1.7 * R.rotate(OURS[:7, None], b) + shift
    q, t, s = R.align_points(moved, b, w, scale=True)
    same(q, OURS[:7])
    torch.testing.assert_close(t, shift.expand(7, 3))
    torch.testing.assert_close(s, torch.full((7,), 1.7, dtype=torch.float64))
    q, t = R.align_points(moved / 1.7, b)
    same(q, OURS[:7])
    torch.testing.assert_close(t, shift.expand(7, 3) / 1.7)


def test_distances():
    a, b = OURS[:50], -3 * OURS[50:]
    relative = THEIRS[:50].inv() * THEIRS[50:]
    torch.testing.assert_close(R.geodesic_distance(a, b), exact(relative.magnitude()))
    long = 2 * torch.acos((a * -OURS[50:]).sum(-1))
    torch.testing.assert_close(R.geodesic_distance(a, b, modulo_sign=False), long)
    chord = torch.minimum((a - OURS[50:]).norm(dim=-1), (a + OURS[50:]).norm(dim=-1))
    torch.testing.assert_close(R.chordal_distance(a, b), chord)
    torch.testing.assert_close(
        R.chordal_distance(a, b, modulo_sign=False), (a + OURS[50:]).norm(dim=-1)
    )
    tiny = R.from_rotvec(torch.tensor([1e-4, 0, 0]))
    assert R.geodesic_distance(tiny, torch.tensor([1.0, 0, 0, 0])).item() == pytest.approx(
        1e-4, rel=1e-6
    )


# ------------------------------------------------------------------ laws

unit_interval = st.floats(0, 1)
seeds = st.integers(0, 10**6)


def drawn(seed, *size):
    generator = torch.Generator().manual_seed(seed)
    scale = [1.0, 1e-7, 1e-3][seed % 3]  # bugs live near the identity
    v = scale * torch.randn(*size, 3, generator=generator, dtype=torch.float64)
    return R.from_rotvec(v) * (-1) ** seed


@given(seeds, unit_interval, unit_interval)
def test_slerp_has_constant_speed(seed, s, t):
    a, b = drawn(seed), drawn(seed + 1)
    whole = R.geodesic_distance(a, b)
    part = R.geodesic_distance(R.slerp(a, b, s), R.slerp(a, b, t))
    torch.testing.assert_close(part, abs(s - t) * whole, atol=1e-14, rtol=1e-12)
    torch.testing.assert_close(R.slerp(a, b, t).norm(), torch.ones(()).double())
    same(R.slerp(a, b, t), R.slerp(b, -a, 1 - t))
    power = R.from_rotvec(t * R.to_rotvec(F.product(F.conj(a, Q), b, Q)))
    same(R.slerp(a, b, t), F.product(a, power, Q))


@given(seeds)
def test_the_long_way_of_slerp(seed):
    a, b = drawn(seed), drawn(seed + 3)
    middle = R.slerp(a, -b if (a * b).sum() > 0 else b, 0.5, shortest=False)
    half = math.pi - R.geodesic_distance(a, b) / 2
    torch.testing.assert_close(
        R.geodesic_distance(a, middle, modulo_sign=False), half, atol=1e-6, rtol=0
    )


def test_ends_of_slerp():
    a = OURS
    t = torch.tensor(0.3, dtype=torch.float64)
    for b in (a, -a):
        torch.testing.assert_close(R.slerp(a, b, t), a)
    way = R.slerp(a, -a, torch.linspace(0, 1, 5, dtype=torch.float64)[:, None], shortest=False)
    torch.testing.assert_close(way[4], -a)
    torch.testing.assert_close(
        R.geodesic_distance(way[1:], way[:-1]), torch.full((4, 100), math.pi / 2).double()
    )
    gradient = torch.func.jacrev(lambda a: R.slerp(a, -a, t, shortest=False))(a[0])
    assert gradient.isfinite().all()


@given(seeds, unit_interval)
def test_nlerp_lies_on_slerps_way(seed, t):
    a, b = drawn(seed), drawn(seed + 1)
    mixed = R.nlerp(a, b, t)
    ends = R.geodesic_distance(a, mixed) + R.geodesic_distance(mixed, b)
    torch.testing.assert_close(ends, R.geodesic_distance(a, b), atol=1e-12, rtol=1e-12)


def test_squad_joins_with_equal_velocity():
    q = (
        R.from_rotvec(torch.randn(6, 3, dtype=torch.float64))
        * torch.tensor([1, -1, 1, 1, -1, 2.0])[:, None]
    )
    c = R.squad_controls(q)

    def piece(i, t):
        return R.squad(q[i], q[i + 1], c[i], c[i + 1], t)

    for i in range(1, 5):
        one, zero = torch.ones(()).double(), torch.zeros(()).double()
        end, end_rate = torch.func.jvp(lambda t, i=i: piece(i - 1, t), (one,), (one,))
        start, start_rate = torch.func.jvp(lambda t, i=i: piece(i, t), (zero,), (one,))
        same(end, start)
        same(start, q[i])
        torch.testing.assert_close(
            R.angular_velocity(end, end_rate), R.angular_velocity(start, start_rate)
        )


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_knots_are_their_own_controls(n):
    q = torch.eye(4)[:n]
    same(R.squad_controls(q), q)
    same(R.squad_controls(q.movedim(0, -2), dim=0), q)
    assert R.squad_controls(R.random(3, n)).shape == (3, n, 4)


@given(seeds, st.sampled_from(["world", "body"]), st.sampled_from([0, -1]))
def test_integration_inverts_rates(seed, frame, dim):
    path = drawn(seed, 9, 9)
    dt = 0.1
    rates = R.angular_rates(path, dt, dim, frame)
    again = R.integrate(rates, dt, path.select(dim if dim == 0 else -2, 0), dim, frame)
    same(again, path)
    steps = torch.full(rates.shape[:-1], dt, dtype=torch.float64)
    torch.testing.assert_close(R.angular_rates(path, steps, dim, frame), rates)


def test_integration_is_the_loop():
    rates = torch.randn(13, 3, dtype=torch.float64)
    for frame in ("world", "body"):
        q = [torch.tensor([1.0, 0, 0, 0], dtype=torch.float64)]
        for rate in rates:
            step = R.from_rotvec(0.2 * rate)
            q.append(F.product(*((step, q[-1]) if frame == "world" else (q[-1], step)), Q))
        torch.testing.assert_close(R.integrate(rates, 0.2, frame=frame), torch.stack(q))
    assert R.integrate(rates[:0], 0.2).tolist() == [[1, 0, 0, 0]]


def test_angular_velocity_of_a_path():
    omega = torch.tensor([0.1, -0.2, 0.3], dtype=torch.float64)

    def path(t):
        return (1 + t) * F.product(R.from_rotvec(t * omega), OURS[0], Q)

    t = torch.tensor(0.4, dtype=torch.float64)
    q, rate = torch.func.jvp(path, (t,), (torch.ones_like(t),))
    torch.testing.assert_close(R.angular_velocity(q, rate), omega)
    body = R.angular_velocity(q, rate, "body")
    torch.testing.assert_close(R.rotate(q, body), omega)
    torch.testing.assert_close(R.angular_velocity(1e-250 * q, 1e-250 * rate, "body"), body)


@given(seeds)
def test_swing_and_twist(seed):
    q, axis = drawn(seed), torch.randn(3, dtype=torch.float64)
    swing, twist = R.swing_twist(3 * q, axis)
    same(F.product(swing, twist, Q), q)
    assert (swing[1:] @ axis).abs() < 1e-13
    assert torch.linalg.cross(twist[1:], axis).abs().max() < 1e-13


def test_swing_by_a_half_turn_has_no_twist():
    q, axis = torch.tensor([0.0, 1, 0, 0], requires_grad=True), torch.tensor([0.0, 0, 1])
    swing, twist = R.swing_twist(q, axis)
    assert twist.tolist() == [1, 0, 0, 0]
    assert torch.equal(swing, q)
    assert torch.autograd.grad((swing + twist).sum(), q)[0].isfinite().all()


def test_two_vectors():
    a, b = torch.randn(2, 50, 3, dtype=torch.float64)
    b[:10] = -2 * a[:10]
    b[10:20] = 3 * a[10:20]
    b[20:30] = -a[20:30] + 1e-12 * b[20:30]
    q = R.from_two_vectors(a, b)
    torch.testing.assert_close(R.rotate(q, F.normalize(a)), F.normalize(b))
    angle = 2 * torch.atan2(
        (F.normalize(a) - F.normalize(b)).norm(dim=-1),
        (F.normalize(a) + F.normalize(b)).norm(dim=-1),
    )
    torch.testing.assert_close(R.angle(q), angle, atol=1e-7, rtol=1e-7)
    jacobian = torch.func.vmap(torch.func.jacrev(R.from_two_vectors))(a[:20], b[:20])
    assert jacobian.isfinite().all()


@pytest.mark.parametrize(
    ("forward", "upward"), [("x", "z"), ("z", "-y"), ("-z", "y"), ("-y", "-x")]
)
def test_look_at(forward, upward):
    basis = {"x": [1.0, 0, 0], "y": [0.0, 1, 0], "z": [0.0, 0, 1]}
    f, g = ((-1 if n[0] == "-" else 1) * exact(basis[n[-1]]) for n in (forward, upward))
    d, u = torch.randn(2, 30, 3, dtype=torch.float64)
    q = R.look_at(d, u, forward=forward, upward=upward)
    torch.testing.assert_close(R.rotate(q, f), F.normalize(d))
    top = R.rotate(q, g)
    assert ((top * u).sum(-1) > 0).all()
    assert torch.linalg.det(torch.stack([d, u, top], -1)).abs().max() < 1e-12  # in their plane
    up = R.look_at(d, 2 * d, forward=forward, upward=upward)
    torch.testing.assert_close(R.rotate(up, f), F.normalize(d))


def test_unroll():
    path = R.integrate(torch.full((40, 3), 0.5, dtype=torch.float64), 1.0)
    signs = torch.where(torch.rand(41, 1) < 0.5, -1.0, 2.0)
    again = R.unroll(signs * path)
    torch.testing.assert_close(again, signs[0].sign() * signs.abs() * path)
    table = torch.stack([signs * path, path], 1)
    torch.testing.assert_close(R.unroll(table, 0)[:, 0], again)


def test_nine_numbers_are_procrustes():
    m = torch.randn(40, 3, 3, dtype=torch.float64)
    u, _, vh = torch.linalg.svd(m)
    signs = torch.ones(40, 3, dtype=torch.float64)
    signs[:, 2] = torch.linalg.det(u @ vh)
    expected = u @ torch.diag_embed(signs) @ vh
    torch.testing.assert_close(R.to_matrix(R.from_9d(m)), expected)
    torch.testing.assert_close(R.to_matrix(R.from_9d(1e-200 * m.flatten(1))), expected)


def test_matrices_are_made_orthogonal():
    noisy = exact(THEIRS.as_matrix()) + 1e-3 * torch.randn(100, 3, 3, dtype=torch.float64)
    same(R.from_matrix(noisy), R.from_9d(noisy), atol=1e-7, rtol=0)
    same(R.from_matrix(noisy), of(Rotation.from_matrix(noisy.numpy())), atol=1e-7, rtol=0)
    half_turns = torch.diag_embed(
        torch.tensor([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    )
    assert torch.equal(R.from_matrix(half_turns), torch.eye(4))


@pytest.mark.parametrize("count", [3, 3000])  # few, and in planes
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("factor", [1e-30, 1e-3, 0.1, 0.5, 2, 10, 1e30])
def test_lengths_of_matrices_do_not_matter(count, dtype, factor):
    q = R.random(count, dtype=dtype, generator=torch.Generator().manual_seed(0))
    m = factor * R.to_matrix(q)
    for f in (R.from_matrix, torch.func.vmap(R.from_matrix)):
        assert R.geodesic_distance(f(m), q).max() < 8 * torch.finfo(dtype).eps


@pytest.mark.parametrize("count", [3, 300])
@pytest.mark.parametrize("noise", [1e-7, 1e-5, 1e-3, 0.1, 0.3])
def test_matrices_far_from_rotations(count, noise):
    """As SciPy, which takes the polar factor; half of the batch stays a rotation."""
    generator = torch.Generator().manual_seed(0)
    m = R.to_matrix(R.random(count, dtype=torch.float64, generator=generator))
    far = m[::2] + noise * torch.randn(m[::2].shape, dtype=torch.float64, generator=generator)
    m[::2] = far * torch.linalg.det(far).sign()[:, None, None]
    m = m[torch.linalg.det(m) > 0.1]
    theirs = of(Rotation.from_matrix(m.numpy()))
    ours = R.from_matrix(m)
    assert R.geodesic_distance(ours, theirs).max() < 1e-13
    assert (ours.amax(-1) == ours.abs().amax(-1)).all()
    if noise <= 0.1:
        unread = torch.func.vmap(R.from_matrix)(m)
        assert R.geodesic_distance(unread, theirs).max() < 1e-8
        assert (unread - ours).abs().max() < 1e-8


def test_huge_and_tiny_matrices():
    m = exact(THEIRS.as_matrix())
    for factor in (1e200, 1e-200, 1e-310):
        same(R.from_matrix(factor * m), OURS)


@pytest.mark.parametrize(
    "m",
    [
        *(torch.zeros(3, 3), torch.diag(torch.tensor([1.0, 1, 0])), -torch.eye(3)),
        *(-1e-200 * torch.eye(3).double(), -0.1 * torch.eye(3), -20 * torch.eye(3)),
    ],
)
def test_no_rotation_is_near(m):
    with pytest.raises(ValueError, match="`m` holds 1 reflections or projections"):
        R.from_matrix(torch.stack([torch.eye(3).to(m), m]))
    unread = torch.func.vmap(R.from_matrix)(torch.stack([torch.eye(3).to(m), m]))
    assert unread.isnan().all(-1).tolist() == [False, True]


def test_random_rotations_are_uniform_and_reproducible():
    q = R.random(20000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    moments = (q[:, :, None] * q[:, None]).mean(0)
    torch.testing.assert_close(moments, torch.eye(4).double() / 4, atol=0.01, rtol=0)
    angle = R.angle(q)  # of density (1 - cos)/π
    assert angle.mean().item() == pytest.approx(math.pi / 2 + 2 / math.pi, abs=0.02)
    again = R.random((20000,), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert torch.equal(q, again)
    assert R.random(3, dtype=torch.bfloat16).dtype == torch.bfloat16
    assert R.random(device="meta").device.type == "meta"


# ------------------------------------------------------------------ precision, scale, shapes


@every_dtype
@pytest.mark.parametrize("scale", [1.0, 300.0, 1e-3, 1e25, 1e-25, 1e300, 1e-300])
def test_any_scale_in_every_dtype(dtype, scale):
    limits = torch.finfo(dtype)
    if not limits.tiny < scale < limits.max / 2:
        pytest.skip("not in the range of the type")
    q = (scale * OURS[:9]).to(dtype)
    near = {"atol": 8 * limits.eps, "rtol": 8 * limits.eps}
    whole = OURS[:9]
    for function in (R.to_matrix, R.to_mrp, R.to_6d, R.angle, R.to_rotvec):
        ours = function(q)
        assert ours.dtype == dtype
        torch.testing.assert_close(ours.double(), function(whole), **near)
    same(R.slerp(q, q.flip(0), 0.3).double(), R.slerp(whole, whole.flip(0), 0.3), **near)
    same(R.mean(q).double(), R.mean(whole), atol=40 * limits.eps, rtol=0)
    distance = R.geodesic_distance(q, q.roll(1, 0)).double()
    torch.testing.assert_close(distance, R.geodesic_distance(whole, whole.roll(1, 0)), **near)
    same(R.from_matrix(R.to_matrix(q)).double(), whole, **near)


@every_dtype
def test_logarithms_keep_their_digits(dtype):
    for angle in (1e-4, 2e-3, 0.2, 0.21, math.pi - 1e-3):
        v = torch.tensor([0.6 * angle, 0.8 * angle, 0], dtype=dtype)
        if v.double().norm() > math.pi:
            continue  # rounded beyond
        q = R.from_rotvec(v.double() if dtype == torch.float64 else v.float())
        back = R.to_rotvec(q).double()
        torch.testing.assert_close(back, v.double(), atol=0, rtol=8 * torch.finfo(q.dtype).eps)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1, 5)])
def test_batches(shape):
    q, v = torch.randn(*shape, 4), torch.randn(3, *([1] * len(shape)), 3)
    assert R.to_matrix(q).shape == (*shape, 3, 3)
    assert R.from_matrix(R.to_matrix(q)).shape == (*shape, 4)
    assert R.rotate(q, v).shape == (3, *shape, 3)
    assert R.to_euler(q, "zxz").shape == (*shape, 3)
    assert R.slerp(q, R.from_rotvec(v), torch.rand(7, 1, *([1] * len(shape)))).shape == (
        7,
        3,
        *shape,
        4,
    )
    assert R.from_two_vectors(v, torch.randn(*shape, 3)).shape == (3, *shape, 4)
    for axis in R.swing_twist(q, v):
        assert axis.shape == (3, *shape, 4)


def test_not_a_number_stays_one():
    q = torch.tensor([1.0, math.nan, 0, 0])
    zero = torch.zeros(4)
    for x in (q, zero):
        for f in (R.to_matrix, R.to_rotvec, R.to_mrp, R.angle, R.to_gibbs):
            assert f(x).isnan().any()
    assert R.from_rotvec(q[1:]).isnan().all()
    assert R.slerp(q, torch.ones(4), 0.5).isnan().all()
    assert R.from_matrix(torch.full((3, 3), math.nan)).isnan().all()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_one_bad_rotation_spoils_no_batch(bad):
    q = R.random(3, 5, dtype=torch.float64)
    m, v = R.to_matrix(q), torch.randn(3, 5, 3, dtype=torch.float64)
    means = (
        lambda q: R.mean(q, dim=-1),
        lambda q: R.karcher_mean(q, dim=-1, iterations=2),
        lambda q: R.median(q, dim=-1, iterations=2),
    )
    spoilt = [(f, q) for f in means]
    spoilt += [(R.from_9d, m[0]), (R.from_matrix, m[0]), (R.from_matrix, 2 * m[0])]
    spoilt += [(lambda a: R.align_vectors(a, v), v)]
    for f, x in spoilt:
        broken = x.clone()
        broken[1].flatten()[2] = bad
        whole, result = f(x), f(broken)
        assert result.isnan().any(-1).tolist() == [k == 1 for k in range(len(x))]
        torch.testing.assert_close(result[::2], whole[::2])


def test_the_mean_of_nothing_is_no_rotation():
    q = R.random(3)
    assert R.mean(q[:0]).isnan().all()
    assert R.mean(q, torch.zeros(3)).isnan().all()
    assert R.from_9d(torch.zeros(9)).isnan().all()
    v = torch.zeros(0, 3)
    assert R.align_vectors(v, v).isnan().all()


@pytest.mark.parametrize("size", [1e-25, 1e20, 1e-300, 1e300])
def test_sizes_of_vectors_do_not_matter(size):
    dtype = torch.float32 if 1e-30 < size < 1e30 else torch.float64
    turn = torch.tensor([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]], dtype=dtype)
    b = torch.eye(3, dtype=dtype)
    quarter = torch.tensor([0.5, 0, 0, 0.5], dtype=dtype).sqrt()
    weights = torch.full((3,), size, dtype=dtype)
    torch.testing.assert_close(R.align_vectors(size * turn, b / size, weights), quarter)
    q, _, s = R.align_points(2 * size * turn, size * b, weights, scale=True)
    torch.testing.assert_close(q, quarter)
    torch.testing.assert_close(s, torch.tensor(2.0, dtype=dtype))


def test_tiny_angles():
    q = torch.tensor([1.0, 1e-25, 0, 0], requires_grad=True)
    angle = R.angle(q)
    torch.testing.assert_close(angle, R.geodesic_distance(q, torch.tensor([1.0, 0, 0, 0])))
    torch.testing.assert_close(R.to_axis_angle(q)[1], angle)
    assert angle > 1e-25
    assert torch.autograd.grad(angle, q)[0][1] == 2


def test_arrays_lists_and_integers_are_as_good_as_tensors():
    turn, v, quarter = [1, 0, 0, 1], [1, 0, 0], torch.tensor([0.5, 0, 0, 0.5]).sqrt()
    for as_data in (list, np.array, torch.tensor):
        assert torch.equal(R.rotate(as_data(turn), as_data(v)), torch.tensor([0.0, 1, 0]))
        z = as_data([0, 0, 90])
        torch.testing.assert_close(R.from_rotvec(z, degrees=True), quarter)
        torch.testing.assert_close(R.from_euler("xyz", z, degrees=True), quarter)
        torch.testing.assert_close(R.from_axis_angle(as_data([0, 0, 2]), 90, degrees=True), quarter)
        torch.testing.assert_close(R.mean(as_data([turn, turn]), as_data([1, 3])), quarter)
    wide = torch.eye(4, dtype=torch.float64)[0]
    assert torch.equal(R.rotate(wide, [0.1, 0, 0]), exact([0.1, 0, 0]))  # in its precision
    assert R.rotate(turn, np.zeros(3)).dtype == torch.float64
    assert R.slerp(wide, wide, [0.1, 0.2]).shape == (2, 4)
    assert torch.equal(R.reorder([0, 0, 0, 1], from_="xyzw", to="wxyz"), torch.tensor([1, 0, 0, 0]))
    m = exact(THEIRS.as_matrix())
    same(R.from_matrix(m.tolist()), R.from_matrix(m.float()))
    assert torch.equal(R.from_matrix(m.numpy()), R.from_matrix(m))


def test_axes_of_a_mean_can_stay():
    q, w = R.random(2, 3, 5, dtype=torch.float64), torch.rand(2, 3, 5, dtype=torch.float64)
    for f in (R.mean, R.karcher_mean, R.median):
        for dim in (None, 0, -1, (0, 2), (-2, 0), ()):
            kept = f(q, w, dim, keepdim=True)
            expected = w.sum(dim, keepdim=True) if dim != () else w
            assert kept.shape == (*expected.shape, 4)
            assert torch.equal(kept.reshape(-1, 4), f(q, w, dim).reshape(-1, 4))


def test_degrees_of_distances():
    a, b = R.random(2, 9, dtype=torch.float64)
    for modulo_sign in (True, False):
        torch.testing.assert_close(
            R.geodesic_distance(a, b, modulo_sign, degrees=True),
            R.geodesic_distance(a, b, modulo_sign).rad2deg(),
        )


def test_nothing_turns_about_a_zero_axis():
    for angle in torch.tensor([math.pi, 1.0, -2.0]):
        assert torch.equal(R.from_axis_angle(torch.zeros(3), angle), torch.eye(4)[0])


def test_one_time_of_a_spline():
    times, q = torch.arange(4.0), R.random(2, 4)
    row = R.spline(times, q, torch.tensor([1.5]))
    for t in (torch.tensor(1.5), 1.5):
        assert torch.equal(R.spline(times, q, t), row[:, 0])
        for one, many in zip(
            R.spline_rates(times, q, t),
            R.spline_rates(times, q, torch.tensor([1.5])),
            strict=True,
        ):
            assert torch.equal(one, many[:, 0])


@pytest.mark.parametrize("times", [[0.0, 2, 1], [0.0, 1, 1], [0.0, math.nan, 2]])
def test_times_grow(times):
    q = R.random(3)
    for f in (R.spline, R.spline_rates):
        with pytest.raises(ValueError, match=r"`times` must grow .* times\[\d\] \(="):
            f(torch.tensor(times), q, torch.tensor([0.5]))
    unread = torch.func.vmap(lambda t: R.spline(t, q, 0.5))(torch.tensor([times, [0.0, 1, 2]]))
    assert unread.isnan().all(-1).tolist() == [True, False]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: R.to_matrix(torch.ones(3)), ValueError, "`q` of shape (3,) must hold quaternions"),
        (lambda: R.to_matrix("abc"), TypeError, "`q` (='abc') must be a tensor, an array"),
        (
            lambda: R.to_matrix([[1.0], [0, 0]]),
            TypeError,
            "`q` (=[[1.0], [0, 0]]) must be a tensor",
        ),
        (lambda: R.mean(torch.ones(2, 4), [1, -1]), ValueError, "`weights` must not be negative"),
        (lambda: R.align_points(*torch.ones(2, 2, 3), [1, -1]), ValueError, "`weights` must not"),
        (
            lambda: R.spline([0, 1], torch.ones(2, 4), torch.ones(1, 1)),
            ValueError,
            "`t` of shape (1, 1)",
        ),
        (lambda: R.from_rotvec(torch.ones(4)), ValueError, "`v` of shape (4,)"),
        (lambda: R.from_matrix(torch.ones(3, 4)), ValueError, "`m` of shape (3, 4)"),
        (lambda: R.from_matrix(-torch.eye(3)), ValueError, "`m` holds 1 reflections"),
        (lambda: R.from_euler("xyx", torch.ones(2)), ValueError, "`angles` of shape (2,)"),
        (lambda: R.from_euler("xYz", torch.ones(3)), ValueError, "`seq` (='xYz')"),
        (lambda: R.from_euler("xxy", torch.ones(3)), ValueError, "`seq` (='xxy')"),
        (lambda: R.to_euler(torch.ones(4), "xy"), ValueError, "`seq` (='xy') must name three"),
        (
            lambda: R.to_davenport(torch.ones(4), torch.ones(3, 3), "intrinsic"),
            ValueError,
            "perpendicular",
        ),
        (
            lambda: R.to_davenport(torch.ones(4), torch.eye(3), "inner"),
            ValueError,
            "`order` (='inner')",
        ),
        (
            lambda: R.reorder(torch.ones(4), from_="wxzy", to="xyzw"),
            ValueError,
            "`from_` (='wxzy')",
        ),
        (
            lambda: R.angular_velocity(torch.ones(4), torch.ones(4), "moon"),
            ValueError,
            "`frame` (='moon')",
        ),
        (
            lambda: R.look_at(torch.ones(3), torch.ones(3), forward="x", upward="-x"),
            ValueError,
            "different axes",
        ),
        (lambda: R.unroll(torch.ones(4)), IndexError, "`dim` (=-1)"),
        (
            lambda: R.spline(torch.ones(1), torch.ones(1, 4), torch.ones(1)),
            ValueError,
            "`times` of shape (1,)",
        ),
        (lambda: R.random(2, dtype=torch.int64), TypeError, "`dtype` (=torch.int64)"),
    ],
)
def test_errors_name_argument_and_value(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
