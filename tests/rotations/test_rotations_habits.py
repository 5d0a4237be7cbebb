"""What people do with other libraries' rotations: as SciPy does it."""

import math
import warnings

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

import hypercomplex as hc
from hypercomplex import rotations as R

QUARTER = torch.tensor([0.5, 0, 0, 0.5]).sqrt()


def of(rotation):
    return torch.from_numpy(rotation.as_quat(scalar_first=True))


THEIRS = Rotation.random(50, random_state=1)
OURS = of(THEIRS)


def close(a, b):
    assert R.geodesic_distance(a, b).max() < 1e-12


def test_one_angle_of_one_axis():
    for angles in (90, 90.0, [90], torch.tensor(90), np.float64(90), np.array(90)):
        torch.testing.assert_close(R.from_euler("z", angles, degrees=True).float(), QUARTER)
    assert hc.QuaternionTensor.from_euler("Z", 90, degrees=True).shape == ()
    assert R.from_euler("x", [[0.1], [0.2]]).shape == (2, 4)
    with pytest.raises(ValueError, match="`angles`"):
        R.from_euler("zy", 90)
    with pytest.raises(ValueError, match="`angles`"):
        R.from_euler("z", [10, 20])


@pytest.mark.parametrize("order", ["extrinsic", "intrinsic"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_fewer_axes_of_davenport(order, count):
    axes = np.eye(3)[:count] @ THEIRS[0].as_matrix()
    angles = np.random.default_rng(0).uniform(-2, 2, (9, count))
    close(R.from_davenport(axes, order, angles), of(Rotation.from_davenport(axes, order, angles)))
    if count == 1:
        one = of(Rotation.from_davenport(axes[0], order, 0.3))
        for angle in (0.3, [0.3]):
            close(R.from_davenport(axes[0], order, angle), one)
    if count < 3:
        with pytest.raises(ValueError, match="must hold three axes"):
            R.to_davenport(OURS, axes, order)


def test_canonical_signs():
    special = [[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 1], [-1, 0, 0, 1], [1, 0, 0, 0]]
    special = torch.tensor(special).double()
    q = torch.cat([OURS, -OURS, special, -special])
    unit = q / q.norm(dim=-1, keepdim=True)
    theirs = Rotation.from_quat(unit.numpy(), scalar_first=True)
    theirs = torch.from_numpy(theirs.as_quat(canonical=True, scalar_first=True))
    torch.testing.assert_close(R.canonicalize(unit), theirs)
    assert torch.equal(R.canonicalize(3 * q), 3 * R.canonicalize(q))
    assert torch.equal(torch.func.vmap(R.canonicalize)(q), R.canonicalize(q))
    typed = hc.QuaternionTensor(q)
    assert torch.equal(typed.canonicalize().components, R.canonicalize(q))
    xyzw = typed.to_components(order="xyzw", canonical=True)
    assert torch.equal(xyzw, R.canonicalize(q).roll(-1, -1))
    assert not R.canonicalize(torch.zeros(4)).any()
    assert torch.equal(R.canonicalize([-1, 0, 0, 1]), torch.tensor([1.0, 0, 0, -1]))


def test_rotation_vectors_of_the_long_way():
    v = torch.tensor([[0, 0, 0.5], [0, 4.0, 0], [-6.0, 0, 0], [2.0, -2, 3]], dtype=torch.float64)
    half = v.norm(dim=-1, keepdim=True) / 2
    q = torch.cat([half.cos(), v * (half.sin() / (2 * half))], -1)
    torch.testing.assert_close(R.to_rotvec(3 * q, shortest=False), v)
    degrees = hc.QuaternionTensor(q).to_rotvec(degrees=True, shortest=False)
    torch.testing.assert_close(degrees, v.rad2deg())
    assert (R.to_rotvec(q).norm(dim=-1) <= math.pi).all()
    whole = R.to_rotvec(torch.tensor([-1.0, 0, 0, 0], dtype=torch.float64), shortest=False)
    assert whole.norm().item() == 2 * math.pi
    second = torch.func.hessian(lambda q: R.to_rotvec(q, shortest=False))
    for point in (torch.tensor([2.0, 0, 0, 0], dtype=torch.float64), q[0]):
        torch.testing.assert_close(second(point), torch.func.hessian(R.to_rotvec)(point))


# ------------------------------------------------------------------ groups

GROUPS = ["T", "O", "I", "C1", "C2", "C4", "C7", "D1", "D2", "D3", "D6"]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("axis", ["X", "Y", "Z"])
def test_groups_are_those_of_scipy(group, axis):
    ours = R.create_group(group, axis, dtype=torch.float64)
    theirs = of(Rotation.create_group(group, axis=axis))
    alike = (ours @ theirs.mT).abs() > 1 - 1e-12
    assert ours.shape == theirs.shape
    assert alike.sum(0).eq(1).all()
    assert alike.sum(1).eq(1).all()
    assert ours[0].tolist() == [1, 0, 0, 0]
    assert torch.equal(R.canonicalize(ours), ours)


@pytest.mark.parametrize("group", GROUPS)
def test_groups_are_closed(group):
    q = R.create_group(group, dtype=torch.float64)
    products = hc.functional.product(q[:, None], q, hc.QUATERNION)
    among = (products @ q.mT).abs() > 1 - 1e-12
    assert among.sum(-1).eq(1).all()
    torch.testing.assert_close(q.norm(dim=-1), torch.ones(len(q), dtype=torch.float64))


@pytest.mark.parametrize("wrong", ["C0", "D", "X", "c4", "O2", "C-1", 4, ""])
def test_no_such_group(wrong):
    with pytest.raises(ValueError, match="`group`"):
        R.create_group(wrong)
    with pytest.raises(ValueError, match="`axis`"):
        R.create_group("C2", "W")
    for dtype in (torch.int64, torch.complex64, torch.float8_e5m2):
        for create in (R.create_group, hc.QuaternionTensor.create_group):
            with pytest.raises(TypeError, match="`dtype`"):
                create("C3", dtype=dtype)


@pytest.mark.parametrize("left", [None, "C3", "O"])
@pytest.mark.parametrize("right", [None, "D2", "I"])
def test_reduced_by_symmetries(left, right):
    groups = [g if g is None else Rotation.create_group(g) for g in (left, right)]
    theirs, of_left, of_right = THEIRS.reduce(*groups, return_indices=True)
    groups = [g if g is None else of(g) for g in groups]
    ours, *indices = R.reduce(-2 * OURS, *groups, indices=True)
    torch.testing.assert_close(R.angle(ours), torch.from_numpy(theirs.magnitude()))
    clear = R.geodesic_distance(ours, of(theirs)) < 1e-12  # others are equally small, if both turn
    assert clear.any() if left and right else clear.all()
    for group, found, exact in zip(groups, indices, (of_left, of_right), strict=True):
        if group is not None:
            assert torch.equal(found[clear], torch.from_numpy(np.asarray(exact))[clear])
    typed = [None if g is None else hc.QuaternionTensor(g) for g in groups]
    again, *typed_indices = hc.QuaternionTensor(OURS).reduce(*typed, indices=True)
    torch.testing.assert_close(again.rotation_angle(), R.angle(ours))
    assert all(map(torch.equal, typed_indices, indices))
    mapped = torch.func.vmap(lambda q: R.reduce(q, *groups))(OURS)
    torch.testing.assert_close(R.angle(mapped), R.angle(ours))


def test_reduction_is_differentiable():
    cube = R.create_group("O", dtype=torch.float64)
    q = OURS[:5].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda q: R.reduce(q, right=cube), (q,))
    with pytest.raises(ValueError, match="`left` of shape"):
        R.reduce(q, cube[0])


# ------------------------------------------------------------------ gimbal lock


def test_gimbal_lock_tells_and_can_be_silenced():
    q = R.from_euler("ZYX", [[0.1, math.pi / 2, 0.2], [0.1, 0.2, 0.3]])
    with pytest.warns(R.GimbalLockWarning, match="1 of 2 rotations"):
        R.to_euler(q, "ZYX")
    with pytest.warns(R.GimbalLockWarning):
        hc.QuaternionTensor(q).to_davenport([[0, 0, 1], [0, 1, 0], [1, 0, 0]], "intrinsic")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        R.to_euler(q[1], "ZYX")
        torch.func.vmap(lambda q: R.to_euler(q, "ZYX"))(q)
        warnings.simplefilter("ignore", R.GimbalLockWarning)
        R.to_euler(q, "ZYX")


def test_arguments_the_wrong_way_round_are_shown_in_short():
    many = torch.randn(5000, 3)
    for call in (
        lambda: R.from_euler(many, "ZYX"),
        lambda: R.to_euler(torch.ones(4), many),
        lambda: R.reorder(torch.ones(4), from_=many.tolist(), to="xyzw"),
        lambda: R.create_group(many),
    ):
        with pytest.raises((ValueError, TypeError)) as caught:
            call()
        assert len(str(caught.value)) < 800
