"""Every row of the page for users of SciPy: its function and ours on the same numbers."""

import numpy as np
import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import geometric
from hypercomplex import rotations as R
from hypercomplex.geometric import projective
from tests import moving
from tests.rotations.theirs import exact, random, same, units, xyzw

pytest.importorskip("scipy", minversion="1.17")
from scipy.spatial.transform import (
    RigidTransform,
    Rotation,
    RotationSpline,
    Slerp,
)

PAGE = "from-scipy.md", "SciPy"
Q, PGA = hc.QUATERNION, hc.PGA
p, q = units(5, seed=1), units(5, seed=2)
v, w, weights = R.to_rotvec(p), random(5, 3), random(5).square()
times, between = torch.arange(5.0).double(), torch.linspace(0, 4, 17).double()
axes = torch.eye(3, dtype=torch.double)[[2, 1, 0]]
smooth = R.from_rotvec(0.2 * w)
M, N = projective.motor(p, v), projective.motor(q, w)


def rotation(q):
    return Rotation.from_quat(q.numpy(), scalar_first=True)


def motion(M):
    return RigidTransform.from_matrix(projective.to_matrix(M).numpy())


P, S, T, U = rotation(p), rotation(q), motion(M), motion(N)


def matrices(rotations):
    """What does not know the sign: of theirs, of quaternions, of motors."""
    if isinstance(rotations, Rotation | RigidTransform):
        return rotations.as_matrix()
    of_motor = rotations.shape[-1] == 16
    return projective.to_matrix(rotations) if of_motor else R.to_matrix(rotations)


def both(theirs, ours):
    return matrices(theirs), matrices(ours)


def group(q):
    """A set of rotations without their order: sorted positive quaternions."""
    q = R.canonicalize(exact(q))
    return q[np.lexsort(q.round(decimals=8).numpy().T)]


CASES = {
    "from_quat": lambda: both(Rotation.from_quat(xyzw(q).numpy()), q),
    "as_quat": lambda: (P.as_quat(canonical=True), xyzw(R.canonicalize(p))),
    "from_matrix": lambda: both(
        Rotation.from_matrix(random(5, 3, 3).matrix_exp().numpy()),
        R.from_9d(random(5, 3, 3).matrix_exp()),
    ),
    "as_matrix": lambda: (P.as_matrix(), R.to_matrix(p)),
    "from_rotvec": lambda: both(Rotation.from_rotvec(w.numpy()), R.from_rotvec(w)),
    "as_rotvec": lambda: (P.as_rotvec(degrees=True), R.to_rotvec(p, degrees=True)),
    "from_euler": lambda: both(Rotation.from_euler("ZYX", w.numpy()), R.from_euler("ZYX", w)),
    "as_euler": lambda: (P.as_euler("zxz", degrees=True), R.to_euler(p, "zxz", degrees=True)),
    "from_davenport": lambda: both(
        Rotation.from_davenport(axes.numpy(), "extrinsic", w.numpy()),
        R.from_davenport(axes, "extrinsic", w),
    ),
    "as_davenport": lambda: (
        P.as_davenport(axes.numpy(), "intrinsic"),
        R.to_davenport(p, axes, "intrinsic"),
    ),
    "from_mrp": lambda: both(Rotation.from_mrp(w.numpy()), R.from_mrp(w)),
    "as_mrp": lambda: (P.as_mrp(), R.to_mrp(p)),
    "identity": lambda: both(
        Rotation.identity(5), hc.QuaternionTensor.identity(5, dtype=torch.double).components
    ),
    "concatenate": lambda: both(Rotation.concatenate([P, S]), torch.cat([p, q])),
    "shape": lambda: (P.shape, hc.QuaternionTensor(p).shape),
    "single": lambda: (P[0].single, hc.QuaternionTensor(p)[0].ndim == 0),
    "apply": lambda: (P.apply(w.numpy(), inverse=True), R.rotate(F.inverse(p, Q), w)),
    "inv": lambda: both(P.inv(), F.inverse(p, Q)),
    "magnitude": lambda: (P.magnitude(), R.angle(p)),
    "approx_equal": lambda: (
        P.approx_equal(S, atol=2.0),
        R.geodesic_distance(p, q) < 2.0,
    ),
    "mean": lambda: both(P.mean(weights.numpy()), R.mean(p, weights)),
    "reduce": lambda: both(
        P.reduce(Rotation.create_group("O")), R.reduce(p, left=R.create_group("O").double())
    ),
    "create_group": lambda: (
        group(Rotation.create_group("O").as_quat(scalar_first=True)),
        group(R.create_group("O", dtype=torch.double)),
    ),
    "align_vectors": lambda: both(
        Rotation.align_vectors(v.numpy(), w.numpy(), weights.numpy())[0],
        R.align_vectors(v, w, weights),
    ),
    "Rotation.__mul__": lambda: both(P * S, F.product(p, q, Q)),
    "Rotation.__pow__": lambda: both(P**0.3, R.from_rotvec(0.3 * R.to_rotvec(p))),
    "Slerp": lambda: both(Slerp(times, P)(between), R.Slerp(times, p)(between)),
    "RotationSpline": lambda: both(
        RotationSpline(times, rotation(smooth))(between), R.spline(times, smooth, between)
    ),
    "RigidTransform.from_components": lambda: both(
        RigidTransform.from_components(w.numpy(), P), projective.motor(p, w)
    ),
    "RigidTransform.as_components": lambda: (
        (T.as_components()[0], matrices(T.as_components()[1])),
        tuple(
            f(x)
            for f, x in zip(
                (exact, R.to_matrix), reversed(projective.rotation_and_translation(M)), strict=True
            )
        ),
    ),
    "RigidTransform.from_matrix": lambda: both(
        RigidTransform.from_matrix(T.as_matrix()), projective.from_matrix(exact(T.as_matrix()))
    ),
    "RigidTransform.as_matrix": lambda: (T.as_matrix(), projective.to_matrix(M)),
    "RigidTransform.from_dual_quat": lambda: both(
        RigidTransform.from_dual_quat(projective.to_dual_quaternion(M).numpy(), scalar_first=True),
        projective.from_dual_quaternion(projective.to_dual_quaternion(M)),
    ),
    "RigidTransform.as_dual_quat": lambda: (
        T.as_dual_quat(scalar_first=True),
        upright(projective.to_dual_quaternion(M), T.as_dual_quat(scalar_first=True)),
    ),
    "RigidTransform.from_exp_coords": lambda: both(
        RigidTransform.from_exp_coords(random(5, 6).numpy()), projective.from_twist(random(5, 6))
    ),
    "RigidTransform.as_exp_coords": lambda: (T.as_exp_coords(), projective.to_twist(M)),
    "RigidTransform.from_rotation": lambda: both(
        RigidTransform.from_rotation(P), projective.motor(p, torch.zeros(3).double())
    ),
    "RigidTransform.from_translation": lambda: both(
        RigidTransform.from_translation(w.numpy()), projective.translator(w)
    ),
    "RigidTransform.rotation": lambda: both(T.rotation, projective.rotation_and_translation(M)[0]),
    "RigidTransform.translation": lambda: (
        T.translation,
        projective.rotation_and_translation(M)[1],
    ),
    "RigidTransform.apply": lambda: (T.apply(w.numpy()), projective.move(M, w)),
    "RigidTransform.inv": lambda: both(T.inv(), geometric.reverse(M, PGA)),
    "RigidTransform.__mul__": lambda: both(T * U, F.product(M, N, PGA)),
    "RigidTransform.__pow__": lambda: both(
        T**0.25, projective.from_twist(0.25 * projective.to_twist(M))
    ),
    "RigidTransform.mean": lambda: both(
        T.mean(weights.numpy()),
        projective.motor(R.mean(p, weights), (weights[:, None] * v).sum(0) / weights.sum()),
    ),
    "RigidTransform.concatenate": lambda: both(
        RigidTransform.concatenate([T, U]), torch.cat([M, N])
    ),
    "RigidTransform.identity": lambda: both(
        RigidTransform.identity(), hc.tensor_type(PGA).ones(dtype=torch.double).components
    ),
    "RigidTransform.shape": lambda: (T.shape, hc.tensor_type(PGA)(M).shape),
    "RigidTransform.single": lambda: (T[0].single, hc.tensor_type(PGA)(M)[0].ndim == 0),
}


def upright(ours, theirs):
    """A motor and its negative are one motion."""
    return ours * (exact(theirs) * ours).sum(-1, keepdim=True).sign()


@pytest.mark.parametrize("name", CASES)
def test_both_say_the_same(name):
    same(*CASES[name]())


def test_random_rotations_are_of_the_same_law():
    """By the mean cosine of the angle, which is -1/2 over all rotations."""
    theirs = exact(Rotation.random(20_000, rng=np.random.default_rng(0)).magnitude())
    for angles in (theirs, R.angle(units(20_000))):
        assert abs(angles.cos().mean() + 0.5) < 0.03


def test_the_page_names_all_that_there_is():
    offered = {name for name in dir(Rotation) if not name.startswith("_")}
    offered |= {f"RigidTransform.{name}" for name in dir(RigidTransform) if name[0] != "_"}
    assert offered - moving.named(*PAGE) == set()


def test_all_that_the_page_answers_is_compared():
    assert moving.answered(*PAGE) == {*CASES, "random"}
