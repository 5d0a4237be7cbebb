"""Every row of the page for users of numpy-quaternion, where it is installed: both on the same numbers."""

from types import ModuleType

import numpy as np
import pytest
import torch

import hypercomplex as hc
from hypercomplex import QuaternionTensor
from hypercomplex import rotations as R
from tests import moving
from tests.rotations.theirs import exact, random, same, units

nq = pytest.importorskip("quaternion")

PAGE = "from-numpy-quaternion.md", "numpy-quaternion"
Q = hc.QUATERNION
p, q = units(6, seed=1), units(6, seed=2)
a, b, v = QuaternionTensor(random(6, 4)), QuaternionTensor(random(5, 4)[:1]), random(6, 3)
times, between = torch.linspace(0, 2, 6).double(), torch.linspace(0.1, 1.9, 7).double()
rate = torch.tensor([0.3, -0.2, 0.5]).double()
path = R.from_rotvec(times[:, None] * rate)
weight = random(6).square()


def np_of(x):
    """An array of theirs."""
    return nq.as_quat_array(getattr(x, "components", x).numpy())


def of(array):
    return exact(nq.as_float_array(array))


def matrices(array):
    return R.to_matrix(of(array))


A, B, P, S = np_of(a), np_of(b), np_of(p), np_of(q)
EULER = "ZYZ"
fine = torch.linspace(0, 2, 201).double()

FUNCTIONS = {
    "as_quat_array": lambda: (of(nq.as_quat_array(p.numpy())), QuaternionTensor(p).components),
    "as_float_array": lambda: (nq.as_float_array(P), p),
    "from_float_array": lambda: (of(nq.from_float_array(p.numpy())), p),
    "from_vector_part": lambda: (
        of(nq.from_vector_part(v.numpy())),
        torch.nn.functional.pad(v, (1, 0)),
    ),
    "as_vector_part": lambda: (nq.as_vector_part(A), a.imag),
    "as_rotation_matrix": lambda: (nq.as_rotation_matrix(A), R.to_matrix(a.components)),
    "from_rotation_matrix": lambda: (
        matrices(nq.from_rotation_matrix(R.to_matrix(p).numpy())),
        R.to_matrix(R.from_matrix(R.to_matrix(p))),
    ),
    "as_rotation_vector": lambda: (
        nq.as_rotation_vector(np_of(R.canonicalize(p))),
        R.to_rotvec(R.canonicalize(p)),
    ),
    "from_rotation_vector": lambda: (of(nq.from_rotation_vector(v.numpy())), R.from_rotvec(v)),
    "as_euler_angles": lambda: (
        matrices(nq.from_euler_angles(nq.as_euler_angles(P))),
        R.to_matrix(R.from_euler(EULER, R.to_euler(p, EULER))),
    ),
    "from_euler_angles": lambda: (
        matrices(nq.from_euler_angles(v.numpy())),
        R.to_matrix(R.from_euler(EULER, v)),
    ),
    "from_spherical_coords": lambda: (
        matrices(nq.from_spherical_coords(v[:, :2].numpy())),
        R.to_matrix(R.from_euler("ZY", v[:, :2].flip(-1))),
    ),
    "as_spherical_coords": lambda: (
        matrices(nq.from_spherical_coords(nq.as_spherical_coords(P)))[..., 2],
        R.rotate(p, torch.tensor([0.0, 0, 1]).double()),
    ),
    "rotate_vectors": lambda: (nq.rotate_vectors(P, v.numpy()), R.rotate(p[:, None], v)),
    "rotor_intrinsic_distance": lambda: (
        nq.rotor_intrinsic_distance(P, S),
        R.geodesic_distance(p, q, modulo_sign=False),
    ),
    "rotation_intrinsic_distance": lambda: (
        nq.rotation_intrinsic_distance(P, S),
        R.geodesic_distance(p, q),
    ),
    "rotor_chordal_distance": lambda: (
        nq.rotor_chordal_distance(P, S),
        R.chordal_distance(p, q, modulo_sign=False),
    ),
    "rotation_chordal_distance": lambda: (
        nq.rotation_chordal_distance(P, S),
        R.chordal_distance(p, q),
    ),
    "mean_rotor_in_chordal_metric": lambda: (
        of(nq.mean_rotor_in_chordal_metric(np_of(path))),
        QuaternionTensor(path).sum().normalize().components,
    ),
    "optimal_alignment_in_chordal_metric": lambda: (
        of(nq.optimal_alignment_in_chordal_metric(P, np_of(path))),
        (QuaternionTensor(p) / QuaternionTensor(path)).sum().normalize().components,
    ),
    "optimal_alignment_in_Euclidean_metric": lambda: (
        matrices(nq.optimal_alignment_in_Euclidean_metric(v.numpy(), random(6, 3).flip(0).numpy())),
        R.to_matrix(R.align_vectors(v, random(6, 3).flip(0))),
    ),
    "slerp": lambda: (
        of(nq.slerp(P[0], S[0], 0, 2, between.numpy())),
        R.slerp(p[0], q[0], between / 2),
    ),
    "slerp_evaluate": lambda: (
        of(nq.slerp_evaluate(P[0], S[0], 0.3)),
        R.slerp(p[0], q[0], 0.3),
    ),
    "squad_evaluate": lambda: (
        matrices(nq.squad_evaluate(0.3, *map(np_of, quadrangle()))),
        R.to_matrix(R.squad(*[quadrangle()[k] for k in (0, 3, 1, 2)], 0.3)),
    ),
    "squad": lambda: (
        matrices(nq.squad(np_of(path), times.numpy(), between.numpy())),
        R.to_matrix(R.from_rotvec(between[:, None] * rate)),
    ),
    "unflip_rotors": lambda: (of(nq.unflip_rotors(P)), R.unroll(p)),
    "angular_velocity": lambda: (
        nq.angular_velocity(np_of(R.from_rotvec(fine[:, None] * rate)), fine.numpy())[1:],
        R.angular_rates(R.from_rotvec(fine[:, None] * rate), 0.01),
    ),
    "integrate_angular_velocity": lambda: (
        of(nq.integrate_angular_velocity(lambda t: rate.numpy(), 0, 2)[1])[-1],
        R.integrate(rate[None], 2.0)[-1],
    ),
    "isclose": lambda: (
        nq.isclose(P, P + 1e-17),
        torch.isclose(QuaternionTensor(p), QuaternionTensor(p)),
    ),
    "allclose": lambda: (
        nq.allclose(P, S),
        torch.allclose(QuaternionTensor(p), QuaternionTensor(q)),
    ),
    "one": lambda: (of(nq.one), QuaternionTensor.identity().components),
    "zero": lambda: (of(nq.zero), QuaternionTensor.zeros().components),
    "x": lambda: (of(nq.x), QuaternionTensor([0.0, 1, 0, 0]).components),
    "y": lambda: (of(nq.y), QuaternionTensor([0.0, 0, 1, 0]).components),
    "z": lambda: (of(nq.z), QuaternionTensor([0.0, 0, 0, 1]).components),
    "quaternion": lambda: (of(nq.quaternion(1, 2, 3, 4)), [1.0, 2, 3, 4]),
    "np.multiply": lambda: (of(A * B), (a * b).components),
    "np.divide": lambda: (of(A / B), (a / b).components),
    "np.power": lambda: (of(P**0.3), (QuaternionTensor(p) ** 0.3).components),
    "np.exp": lambda: (of(np.exp(A)), a.exp().components),
    "np.log": lambda: (of(np.log(A)), a.log().components),
    "np.sqrt": lambda: (of(np.sqrt(A)), a.sqrt().components),
    "np.abs": lambda: (np.abs(A), a.abs()),
    "np.sum": lambda: (of(A.sum()), a.sum().components),
    "np.cumprod": lambda: (of(np.cumprod(A)), a.cumprod(0).components),
    "q.norm": lambda: ([x.norm() for x in A], a.abs().square()),
    "q.abs": lambda: ([x.abs() for x in A], a.abs()),
    "q.angle": lambda: ([x.angle() for x in P], 2 * QuaternionTensor(p).angle()),
    "q.conj": lambda: (of(np.array([x.conj() for x in A])), a.conj().components),
    "q.conjugate": lambda: (of(A.conjugate()), a.conj().components),
    "q.inverse": lambda: (of(np.array([x.inverse() for x in A])), a.inverse().components),
    "q.normalized": lambda: (of(np.normalized(A)), a.normalize().components),
    "q.w": lambda: ([x.w for x in A], a.w),
    "q.x": lambda: ([x.x for x in A], a.x),
    "q.y": lambda: ([x.y for x in A], a.y),
    "q.z": lambda: ([x.z for x in A], a.z),
    "q.real": lambda: ([x.real for x in A], a.real),
    "q.imag": lambda: (np.stack([x.imag for x in A]), a.components[..., 1:]),
    "q.vec": lambda: (np.stack([x.vec for x in A]), a.components[..., 1:]),
    "q.components": lambda: (np.stack([x.components for x in A]), a.components),
}


def quadrangle():
    """Four rotations that are near each other, so that no sign matters."""
    return R.from_rotvec(0.3 * random(4, 3))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_both_say_the_same(name):
    loose = {"integrate_angular_velocity": 1e-7, "squad": 1e-9, "angular_velocity": 1e-4}
    theirs, ours = map(exact, FUNCTIONS[name]())
    tolerance = loose.get(name, 1e-12)
    torch.testing.assert_close(theirs, ours, rtol=tolerance, atol=tolerance)


def test_arrays_go_both_ways():
    same(QuaternionTensor.from_numpy_quaternion(A).components, a.components)
    same(of(a.to_numpy_quaternion()), a.components)


def test_the_page_names_all_that_there_is():
    own = {name for name in dir(nq.quaternion) if name not in dir(np.float64)}
    modules = {name for name in dir(nq) if isinstance(getattr(nq, name), ModuleType)}
    offered = {name for name in dir(nq) if not name.startswith("_")} - modules
    offered |= {f"q.{name}" for name in own if not name.startswith("_")}
    assert offered - moving.named(*PAGE) == set()


def test_all_that_the_page_answers_is_compared():
    assert moving.answered(*PAGE) == set(FUNCTIONS)
