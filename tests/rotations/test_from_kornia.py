"""Every row of Kornia on the page for its users, where it is installed: its function and ours on the same numbers."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import geometric
from hypercomplex import rotations as R
from hypercomplex.geometric import projective
from tests import moving
from tests.rotations.theirs import random, same, units

geometry = pytest.importorskip("kornia.geometry")

PAGE = "from-pytorch3d-and-kornia.md", "Kornia"
Q, PGA = hc.QUATERNION, hc.PGA
p, q = units(5, seed=1), units(5, seed=2)
m, v, w = R.to_matrix(p), R.to_rotvec(p), random(5, 3) / 2
M, N = projective.motor(p, v), projective.motor(q, w)
twist = random(5, 6) / 2  # the rotation first, as ours
Quaternion, So3, Se3 = geometry.Quaternion, geometry.So3, geometry.Se3
P, S = Quaternion(p), Quaternion(q)


def motion(M):
    q, t = projective.rotation_and_translation(M)
    return Se3(Quaternion(q), t)


def product(a, b):
    return F.product(a, b, Q)


CASES = {
    "axis_angle_to_quaternion": lambda: (geometry.axis_angle_to_quaternion(w), R.from_rotvec(w)),
    "quaternion_to_axis_angle": lambda: (geometry.quaternion_to_axis_angle(p), R.to_rotvec(p)),
    "axis_angle_to_rotation_matrix": lambda: (
        geometry.axis_angle_to_rotation_matrix(w),
        R.to_matrix(R.from_rotvec(w)),
    ),
    "rotation_matrix_to_axis_angle": lambda: (
        geometry.rotation_matrix_to_axis_angle(m),
        R.to_rotvec(R.from_matrix(m)),
    ),
    "rotation_matrix_to_quaternion": lambda: (
        R.to_matrix(geometry.rotation_matrix_to_quaternion(m)),
        R.to_matrix(R.from_matrix(m)),
    ),
    "quaternion_to_rotation_matrix": lambda: (
        geometry.quaternion_to_rotation_matrix(2 * p),
        R.to_matrix(2 * p),
    ),
    "quaternion_from_euler": lambda: (
        R.to_matrix(torch.stack(geometry.quaternion_from_euler(*w.unbind(-1)), -1)),
        R.to_matrix(R.from_euler("xyz", w)),
    ),
    "euler_from_quaternion": lambda: (
        torch.stack(geometry.euler_from_quaternion(*p.unbind(-1)), -1),
        R.to_euler(p, "xyz"),
    ),
    "quaternion_log_to_exp": lambda: (
        geometry.quaternion_log_to_exp(w),
        F.exp(torch.nn.functional.pad(w, (1, 0)), Q),
    ),
    "quaternion_exp_to_log": lambda: (
        geometry.quaternion_exp_to_log(R.canonicalize(p)),
        F.log(R.canonicalize(p), Q)[..., 1:],
    ),
    "normalize_quaternion": lambda: (geometry.normalize_quaternion(2 * p), F.normalize(2 * p)),
    "Quaternion": lambda: ((P * S).data, product(p, q)),
    "from_coeffs": lambda: (Quaternion.from_coeffs(1.0, 2.0, 3.0, 4.0).data, [1.0, 2, 3, 4]),
    "from_matrix": lambda: (Quaternion.from_matrix(m).matrix(), R.to_matrix(R.from_matrix(m))),
    "from_axis_angle": lambda: (Quaternion.from_axis_angle(w).data, R.from_rotvec(w)),
    "from_euler": lambda: (
        Quaternion.from_euler(*w.unbind(-1)).matrix(),
        R.to_matrix(R.from_euler("xyz", w)),
    ),
    "matrix": lambda: (P.matrix(), m),
    "to_axis_angle": lambda: (P.to_axis_angle(), R.to_rotvec(p)),
    "to_euler": lambda: (torch.stack(P.to_euler(), -1), R.to_euler(p, "xyz")),
    "identity": lambda: (
        Quaternion.identity(5, dtype=torch.double).data,
        hc.QuaternionTensor.identity(5, dtype=torch.double).components,
    ),
    "conj": lambda: (P.conj().data, F.conj(p, Q)),
    "inv": lambda: (Quaternion(2 * p).inv().data, F.inverse(2 * p, Q)),
    "norm": lambda: (Quaternion(2 * p).norm(), F.norm(2 * p)),
    "squared_norm": lambda: (Quaternion(2 * p).squared_norm().flatten(), F.norm(2 * p).square()),
    "normalize": lambda: (Quaternion(2 * p).normalize().data, F.normalize(2 * p)),
    "slerp": lambda: (
        R.to_matrix(P.slerp(S, 0.3).data),
        R.to_matrix(R.slerp(p, q, 0.3)),
    ),
    "polar_angle": lambda: (P.polar_angle.flatten(), hc.QuaternionTensor(p).angle()),
    "data": lambda: (P.data, p),
    "q": lambda: (P.q, p),
    "shape": lambda: (P.shape[:-1], hc.QuaternionTensor(p).shape),
    "real": lambda: (P.real, hc.QuaternionTensor(p).real),
    "scalar": lambda: (P.scalar, hc.QuaternionTensor(p).real),
    "vec": lambda: (P.vec, hc.QuaternionTensor(p).imag),
    "w": lambda: (P.w, hc.QuaternionTensor(p).w),
    "x": lambda: (P.x, hc.QuaternionTensor(p).x),
    "y": lambda: (P.y, hc.QuaternionTensor(p).y),
    "z": lambda: (P.z, hc.QuaternionTensor(p).z),
    "So3.exp": lambda: (So3.exp(w).matrix(), R.to_matrix(R.from_rotvec(w))),
    "So3.log": lambda: (So3(Quaternion(R.canonicalize(p))).log(), R.to_rotvec(p)),
    "So3.inverse": lambda: (So3(P).inverse().matrix(), m.mT),
    "So3.matrix": lambda: (So3(P).matrix(), m),
    "So3.from_matrix": lambda: (So3.from_matrix(m).matrix(), m),
    "So3.from_wxyz": lambda: (So3.from_wxyz(p).matrix(), m),
    "So3.identity": lambda: (
        So3.identity(5, dtype=torch.double).matrix(),
        hc.QuaternionTensor.identity(5, dtype=torch.double).to_matrix(),
    ),
    "So3.rot_x": lambda: (
        So3.rot_x(w[:, 0]).matrix(),
        R.to_matrix(R.from_euler("x", w[:, :1])),
    ),
    "So3.rot_y": lambda: (
        So3.rot_y(w[:, 0]).matrix(),
        R.to_matrix(R.from_euler("y", w[:, :1])),
    ),
    "So3.rot_z": lambda: (
        So3.rot_z(w[:, 0]).matrix(),
        R.to_matrix(R.from_euler("z", w[:, :1])),
    ),
    "So3.adjoint": lambda: (So3(P).adjoint(), m),
    "So3.q": lambda: (So3(P).q.data, p),
    "Se3.matrix": lambda: (motion(M).matrix(), projective.to_matrix(M)),
    "Se3.from_matrix": lambda: (
        Se3.from_matrix(projective.to_matrix(M)).matrix(),
        projective.to_matrix(projective.from_matrix(projective.to_matrix(M))),
    ),
    "Se3.inverse": lambda: (
        motion(M).inverse().matrix(),
        projective.to_matrix(geometric.reverse(M, PGA)),
    ),
    "Se3.exp": lambda: (
        Se3.exp(twist.roll(3, -1)).matrix(),
        projective.to_matrix(projective.from_twist(twist)),
    ),
    "Se3.log": lambda: (
        motion(projective.motor(R.canonicalize(p), v)).log().roll(3, -1),
        projective.to_twist(M),
    ),
    "Se3.quaternion": lambda: (motion(M).quaternion.data, p),
    "Se3.translation": lambda: (motion(M).translation, projective.rotation_and_translation(M)[1]),
}


@pytest.mark.parametrize("name", CASES)
def test_both_say_the_same(name):
    same(*CASES[name]())


def test_the_page_names_all_that_there_is():
    module = set(dir(torch.nn.Module))
    words = ("quaternion", "axis_angle", "angle_axis")
    offered = {name for name in dir(geometry) if any(word in name for word in words)} - {
        "quaternion"
    }
    offered |= {name for name in dir(Quaternion) if name[0] != "_" and name not in module}
    for group in (So3, Se3):
        own = {name for name in dir(group) if name[0] != "_" and name not in module}
        offered |= {f"{group.__name__}.{name}" for name in own}
    assert offered - moving.named(*PAGE) == set()


def test_all_that_the_page_answers_is_compared():
    assert moving.answered(*PAGE) == {*CASES, "random", "So3.random"}
