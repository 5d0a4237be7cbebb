"""Every row of the page for users of RoMa, where it is installed: its function and ours on the same numbers."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import geometric
from hypercomplex import rotations as R
from hypercomplex.geometric import projective
from tests import moving
from tests.rotations.theirs import random, same, units, wxyz, xyzw

roma = pytest.importorskip("roma")

PAGE = "from-roma.md", "RoMa"
Q = hc.QUATERNION
p, q = units(5, seed=1), units(5, seed=2)
m, n = R.to_matrix(p), R.to_matrix(q)
v, w = R.to_rotvec(p), R.to_rotvec(q)
x, y, weights = random(7, 3), random(7, 3) + 1, random(7).square()
t = torch.linspace(0, 1, 6, dtype=torch.double)


def turned(q):
    """What does not know the sign."""
    return R.to_matrix(q)


def there(q):
    """Of a result of theirs."""
    return turned(wxyz(q))


def product(a, b):
    return F.product(a, b, Q)


def slerped(a, b):
    return R.slerp(a, b, t[:, None])


CASES = {
    "quat_product": lambda: (wxyz(roma.quat_product(xyzw(p), xyzw(q))), product(p, q)),
    "quat_composition": lambda: (
        wxyz(roma.quat_composition([xyzw(p), xyzw(q), xyzw(p)])),
        product(product(p, q), p),
    ),
    "quat_conjugation": lambda: (wxyz(roma.quat_conjugation(xyzw(2 * q))), F.conj(2 * q, Q)),
    "quat_inverse": lambda: (wxyz(roma.quat_inverse(xyzw(2 * q))), F.inverse(2 * q, Q)),
    "quat_normalize": lambda: (wxyz(roma.quat_normalize(xyzw(2 * q))), F.normalize(2 * q)),
    "quat_action": lambda: (roma.quat_action(xyzw(q), w), R.rotate(q, w)),
    "quat_wxyz_to_xyzw": lambda: (roma.quat_wxyz_to_xyzw(q), xyzw(q)),
    "quat_xyzw_to_wxyz": lambda: (roma.quat_xyzw_to_wxyz(q), wxyz(q)),
    "identity_quat": lambda: (
        wxyz(roma.identity_quat(dtype=torch.double)),
        hc.QuaternionTensor.identity(dtype=torch.double).components,
    ),
    "unitquat_to_rotmat": lambda: (roma.unitquat_to_rotmat(xyzw(q)), R.to_matrix(q)),
    "rotmat_to_unitquat": lambda: (there(roma.rotmat_to_unitquat(n)), turned(R.from_matrix(n))),
    "unitquat_to_rotvec": lambda: (roma.unitquat_to_rotvec(xyzw(q)), R.to_rotvec(q)),
    "rotvec_to_unitquat": lambda: (wxyz(roma.rotvec_to_unitquat(w)), R.from_rotvec(w)),
    "rotmat_to_rotvec": lambda: (roma.rotmat_to_rotvec(n), R.to_rotvec(R.from_matrix(n))),
    "rotvec_to_rotmat": lambda: (roma.rotvec_to_rotmat(w), R.to_matrix(R.from_rotvec(w))),
    "unitquat_to_euler": lambda: (
        roma.unitquat_to_euler("ZYX", xyzw(q), degrees=True),
        R.to_euler(q, "ZYX", degrees=True),
    ),
    "rotmat_to_euler": lambda: (roma.rotmat_to_euler("xyx", n), R.to_euler(q, "xyx")),
    "rotvec_to_euler": lambda: (roma.rotvec_to_euler("xyz", w), R.to_euler(q, "xyz")),
    "euler_to_unitquat": lambda: (
        there(roma.euler_to_unitquat("ZYX", w)),
        turned(R.from_euler("ZYX", w)),
    ),
    "euler_to_rotmat": lambda: (
        roma.euler_to_rotmat("xyx", w),
        R.to_matrix(R.from_euler("xyx", w)),
    ),
    "euler_to_rotvec": lambda: (
        roma.euler_to_rotvec("xyz", w),
        R.to_rotvec(R.from_euler("xyz", w)),
    ),
    "rotmat_composition": lambda: (roma.rotmat_composition([m, n]), m @ n),
    "rotmat_inverse": lambda: (roma.rotmat_inverse(m), m.mT),
    "rotvec_composition": lambda: (
        roma.rotvec_composition([v, w]),
        R.to_rotvec(product(R.from_rotvec(v), R.from_rotvec(w))),
    ),
    "rotvec_inverse": lambda: (roma.rotvec_inverse(v), -v),
    "unitquat_slerp": lambda: (
        there(roma.unitquat_slerp(xyzw(p), xyzw(q), t)),
        turned(slerped(p, q)),
    ),
    "unitquat_slerp_fast": lambda: (
        there(roma.unitquat_slerp_fast(xyzw(p), xyzw(q), t)),
        turned(slerped(p, q)),
    ),
    "rotmat_slerp": lambda: (
        roma.rotmat_slerp(m, n, t),
        R.to_matrix(slerped(R.from_matrix(m), R.from_matrix(n))),
    ),
    "rotvec_slerp": lambda: (
        roma.rotvec_slerp(v, w, t),
        R.to_rotvec(slerped(R.from_rotvec(v), R.from_rotvec(w))),
    ),
    "unitquat_geodesic_distance": lambda: (
        roma.unitquat_geodesic_distance(xyzw(p), xyzw(q)),
        R.geodesic_distance(p, q),
    ),
    "rotmat_geodesic_distance": lambda: (
        roma.rotmat_geodesic_distance(m, n),
        R.geodesic_distance(R.from_matrix(m), R.from_matrix(n)),
    ),
    "rotvec_geodesic_distance": lambda: (
        roma.rotvec_geodesic_distance(v, w),
        R.geodesic_distance(R.from_rotvec(v), R.from_rotvec(w)),
    ),
    "rotmat_cosine_angle": lambda: (roma.rotmat_cosine_angle(m), R.angle(R.from_matrix(m)).cos()),
    "special_gramschmidt": lambda: (
        roma.special_gramschmidt(random(5, 3, 2)),
        R.to_matrix(R.from_6d(random(5, 3, 2).mT.flatten(-2))),
    ),
    "special_procrustes": lambda: (
        roma.special_procrustes(random(5, 3, 3)),
        R.to_matrix(R.from_9d(random(5, 3, 3).flatten(-2))),
    ),
    "special_procrustes_unitquat": lambda: (
        there(roma.special_procrustes_unitquat(random(5, 3, 3))),
        turned(R.from_9d(random(5, 3, 3).flatten(-2))),
    ),
    "rigid_vectors_registration": lambda: (
        roma.rigid_vectors_registration(x, y, weights),
        R.to_matrix(R.align_vectors(y, x, weights)),
    ),
    "rigid_vectors_registration_unitquat": lambda: (
        there(roma.rigid_vectors_registration_unitquat(x, y, weights)),
        turned(R.align_vectors(y, x, weights)),
    ),
    "rigid_points_registration": lambda: (
        roma.rigid_points_registration(x, y, weights, compute_scaling=True),
        moved(R.align_points(y, x, weights, scale=True)),
    ),
    "rigid_points_registration_unitquat": lambda: (
        moved(with_quaternion(roma.rigid_points_registration_unitquat(x, y, weights))),
        moved(R.align_points(y, x, weights)),
    ),
    "Rigid": lambda: (
        roma.Rigid(m, v).compose(roma.Rigid(n, w)).to_homogeneous(),
        projective.to_matrix(F.product(projective.motor(p, v), projective.motor(q, w), hc.PGA)),
    ),
    "RigidUnitQuat": lambda: (
        roma.RigidUnitQuat(xyzw(p), v).inverse().to_homogeneous(),
        projective.to_matrix(geometric.reverse(projective.motor(p, v), hc.PGA)),
    ),
    "Rotation": lambda: (
        roma.Rotation(m).compose(roma.Rotation(n)).linear,
        (hc.QuaternionTensor(p) * hc.QuaternionTensor(q)).to_matrix(),
    ),
    "RotationUnitQuat": lambda: (
        roma.RotationUnitQuat(xyzw(p)).inverse().apply(w),
        hc.QuaternionTensor(p).inverse().rotate(w),
    ),
}


def with_quaternion(motion):
    q, *rest = motion
    return wxyz(q), *rest


def moved(motion):
    """A motion with its matrix in place of the quaternion."""
    q, *rest = motion
    return R.to_matrix(q), *rest


@pytest.mark.parametrize("name", CASES)
def test_both_say_the_same(name):
    same(*CASES[name]())


@pytest.mark.parametrize("name", ["random_unitquat", "random_rotmat", "random_rotvec"])
def test_samples_are_rotations_of_the_same_law(name):
    """By the mean cosine of the angle, which is -1/2 over all rotations."""
    to_quaternion = {"unitquat": wxyz, "rotmat": R.from_matrix, "rotvec": R.from_rotvec}
    theirs = to_quaternion[name.removeprefix("random_")](getattr(roma, name)(20_000))
    for each in (theirs, R.random(20_000)):
        assert abs(R.angle(each).cos().mean() + 0.5) < 0.03


def test_the_page_names_all_that_there_is():
    offered = {name for name in dir(roma) if callable(getattr(roma, name)) and name[0] != "_"}
    assert offered - {"PackageNotFoundError", "version"} - moving.named(*PAGE) == set()


def test_all_that_the_page_answers_is_compared():
    compared = {*CASES, "random_unitquat", "random_rotmat", "random_rotvec"}
    assert moving.answered(*PAGE) == compared
