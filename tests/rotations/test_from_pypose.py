"""Every row of the page for users of PyPose, where it is installed: its function and ours on the same numbers."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import geometric
from hypercomplex import rotations as R
from hypercomplex.geometric import projective
from tests import moving
from tests.rotations.theirs import random, same, units, wxyz, xyzw

pp = pytest.importorskip("pypose")

PAGE = "from-pypose.md", "PyPose"
Q, PGA = hc.QUATERNION, hc.PGA
p, q = units(5, seed=1), units(5, seed=2)
v, w, x = R.to_rotvec(p), random(5, 3) / 2, random(9, 3)
M, N = projective.motor(p, v), projective.motor(q, w)
twist = random(5, 6) / 2  # the rotation first, as ours
P, S = pp.SO3(xyzw(p)), pp.SO3(xyzw(q))


def swapped(v):
    """Rotation and translation of a twist, the other first."""
    return v.roll(3, -1)


def motion(M):
    """Their motion: the translation, then the quaternion with its real part last."""
    q, t = projective.rotation_and_translation(M)
    return pp.SE3(torch.cat([t, xyzw(q)], -1))


T, U = motion(M), motion(N)


def of(rotation):
    """Their rotations as matrices, which do not know the sign."""
    return R.to_matrix(wxyz(rotation.tensor()))


def of_motion(motion):
    t, q = motion.tensor().split([3, 4], -1)
    return projective.to_matrix(projective.motor(wxyz(q), t))


def product(a, b):
    return F.product(a, b, Q)


def adjoint(M, twist):
    """The twist of the motion that is moved."""
    return projective.to_twist(geometric.sandwich(M, projective.from_twist(twist), PGA))


def right_jacobian(v):
    """The derivative of exp(-v) exp(v + d) by d, where d is 0."""
    back = F.inverse(R.from_rotvec(v), Q)
    return torch.func.jacrev(lambda d: R.to_rotvec(product(back, R.from_rotvec(v + d))))(0 * v)


def inverse_left_jacobian(q, d):
    """The derivative of log(exp(s d) q) by s, where s is 0."""
    turned = lambda s: R.to_rotvec(product(R.from_rotvec(s * d), q))
    zero = torch.zeros((), dtype=q.dtype)
    return torch.func.jvp(turned, (zero,), (torch.ones_like(zero),))[1]


CASES = {
    "SO3": lambda: (P.tensor(), xyzw(p)),
    "so3": lambda: (of(pp.so3(w).Exp()), R.to_matrix(R.from_rotvec(w))),
    "SE3": lambda: (of_motion(T), projective.to_matrix(M)),
    "se3": lambda: (
        of_motion(pp.se3(swapped(twist)).Exp()),
        projective.to_matrix(projective.from_twist(twist)),
    ),
    "Exp": lambda: (
        of_motion(pp.Exp(pp.se3(swapped(twist)))),
        projective.to_matrix(projective.from_twist(twist)),
    ),
    "Log": lambda: (
        (pp.Log(P).tensor(), swapped(pp.Log(T).tensor())),
        (R.to_rotvec(p), projective.to_twist(M)),
    ),
    "Inv": lambda: (
        (of(pp.Inv(P)), of_motion(pp.Inv(T))),
        (R.to_matrix(F.inverse(p, Q)), projective.to_matrix(geometric.reverse(M, PGA))),
    ),
    "Mul": lambda: (
        (of(pp.Mul(P, S)), of_motion(T @ U)),
        (R.to_matrix(product(p, q)), projective.to_matrix(F.product(M, N, PGA))),
    ),
    "Act": lambda: ((pp.Act(P, w), pp.Act(T, w)), (R.rotate(p, w), projective.move(M, w))),
    "Adj": lambda: (
        (pp.Adj(P, pp.so3(w)).tensor(), swapped(pp.Adj(T, pp.se3(swapped(twist))).tensor())),
        (R.rotate(p, w), adjoint(M, twist)),
    ),
    "AdjT": lambda: (pp.AdjT(P, pp.so3(w)).tensor(), R.rotate(F.inverse(p, Q), w)),
    "Retr": lambda: (
        of(pp.Retr(P, pp.so3(w))),
        R.to_matrix(product(R.from_rotvec(w), p)),
    ),
    "add": lambda: (of(pp.add(P, w)), R.to_matrix(product(R.from_rotvec(w), p))),
    "Jr": lambda: (pp.Jr(pp.so3(w)), torch.func.vmap(right_jacobian)(w)),
    "Jinvp": lambda: (
        pp.Jinvp(P, pp.so3(w)).tensor(),
        torch.func.vmap(inverse_left_jacobian)(p, w),
    ),
    "matrix": lambda: (
        (pp.matrix(P), pp.matrix(T)),
        (R.to_matrix(p), projective.to_matrix(M)),
    ),
    "mat2SO3": lambda: (of(pp.mat2SO3(R.to_matrix(p))), R.to_matrix(R.from_matrix(R.to_matrix(p)))),
    "mat2SE3": lambda: (
        of_motion(pp.mat2SE3(projective.to_matrix(M))),
        projective.to_matrix(projective.from_matrix(projective.to_matrix(M))),
    ),
    "from_matrix": lambda: (
        of(pp.from_matrix(R.to_matrix(p), pp.SO3_type)),
        R.to_matrix(R.from_matrix(R.to_matrix(p))),
    ),
    "euler2SO3": lambda: (of(pp.euler2SO3(w)), R.to_matrix(R.from_euler("xyz", w))),
    "euler": lambda: (pp.euler(P), R.to_euler(p, "xyz")),
    "quat2unit": lambda: (pp.quat2unit(pp.SO3(xyzw(2 * p))).tensor(), xyzw(F.normalize(2 * p))),
    "tensor": lambda: (P.tensor(), hc.QuaternionTensor(p).to_components(order="xyzw")),
    "rotation": lambda: (
        of(pp.rotation(T)),
        R.to_matrix(projective.rotation_and_translation(M)[0]),
    ),
    "translation": lambda: (pp.translation(T), projective.rotation_and_translation(M)[1]),
    "lshape": lambda: (P.lshape, hc.QuaternionTensor(p).shape),
    "lview": lambda: (of(P.lview(1, 5)), R.to_matrix(hc.QuaternionTensor(p).view(1, 5).components)),
    "cumprod": lambda: (
        of(pp.cumprod(P, dim=0, left=False)),
        hc.QuaternionTensor(p).cumprod(0).to_matrix(),
    ),
    "cummul": lambda: (
        of(pp.cummul(P, dim=0, left=True)),
        R.to_matrix(F.conj(hc.QuaternionTensor(p).conj().cumprod(0).components, Q)),
    ),
    "identity_SO3": lambda: (of(pp.identity_SO3(dtype=torch.double)), torch.eye(3)),
    "identity_SE3": lambda: (
        of_motion(pp.identity_SE3(dtype=torch.double)),
        projective.to_matrix(hc.tensor_type(PGA).ones(dtype=torch.double).components),
    ),
    "identity_like": lambda: (
        of(pp.identity_like(P)),
        hc.QuaternionTensor.identity(5, dtype=torch.double).to_matrix(),
    ),
    "geodesic_loss": lambda: (pp.geodesic_loss(P, S), R.geodesic_distance(p, q).mean()),
    "svdtf": lambda: (
        of_motion(pp.svdtf(x, projective.move(M[0], x) + x / 9)),
        projective.to_matrix(
            projective.motor(*R.align_points(projective.move(M[0], x) + x / 9, x))
        ),
    ),
    "svdstf": lambda: (
        pp.svdstf(x, 3 * projective.move(M[0], x)).matrix()[:3, :3],
        3 * R.to_matrix(R.align_points(3 * projective.move(M[0], x), x, scale=True)[0]),
    ),
    "vec2skew": lambda: (
        pp.vec2skew(w) @ v[..., None],
        torch.linalg.cross(w, v)[..., None],
    ),
    "bmv": lambda: (pp.bmv(R.to_matrix(p), w), torch.linalg.vecdot(R.to_matrix(p), w[:, None])),
    "bvv": lambda: (pp.bvv(v, w), v[..., :, None] * w[..., None, :]),
    "bvmv": lambda: (
        pp.bvmv(v, R.to_matrix(p), w),
        torch.einsum("ni,nij,nj->n", v, R.to_matrix(p), w),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_both_say_the_same(name):
    same(*CASES[name]())


def test_their_random_rotations_are_not_uniform():
    """As the page says: the mean cosine of the angle is -1/2 over all rotations."""
    theirs = R.angle(wxyz(pp.randn_SO3(20_000).tensor())).cos().mean()
    assert theirs > 0.3
    assert abs(R.angle(units(20_000)).cos().mean() + 0.5) < 0.03


def test_the_page_names_all_that_there_is():
    functions = {
        name for name in vars(pp) if getattr(vars(pp)[name], "__module__", "")[:4] == "pype"
    }
    methods = {name for name in dir(pp.LieTensor) if name not in dir(torch.Tensor)}
    modules = {*dir(pp.module), *dir(pp.optim), *dir(pp.metric)}
    classes = {name for name in modules if name[0].isupper()}
    offered = {name.removesuffix("_") for name in functions | methods | classes if name[0] != "_"}
    assert offered - moving.named(*PAGE) == set()


def test_all_that_the_page_answers_is_compared():
    assert moving.answered(*PAGE) == {*CASES, "randn_SO3", "LieTensor", "Parameter"}
