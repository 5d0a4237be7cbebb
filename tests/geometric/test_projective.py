"""Points, lines, planes and motors beside coordinates, matrices and dual quaternions."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import geometric as G
from hypercomplex import rotations as R
from hypercomplex.geometric import projective as P

A = hc.PGA


def randn(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def act(M, X):
    return F.product(F.product(M, X, A), G.reverse(M, A), A)


def motors(*shape):
    return P.motor(F.normalize(randn(*shape, 4)), randn(*shape, 3))


def close(a, b):
    torch.testing.assert_close(a, b, atol=1e-12, rtol=1e-12)


def test_points_lie_in_planes():
    x, n, d = randn(7, 3), randn(7, 3), randn(7)
    distance = G.wedge(P.plane(n, d), P.point(x), A)
    close(distance[..., -1], (n * x).sum(-1) - d)
    assert not distance[..., :-1].any()


def test_planes_meet_in_points_and_points_join_in_planes():
    n, d = randn(3, 3), randn(3)
    a, b, c = P.plane(n, d)
    close(P.position(G.wedge(G.wedge(a, b, A), c, A)), torch.linalg.solve(n, d))
    x = randn(3, 3)
    a, b, c = P.point(x)
    joined = G.regressive(G.regressive(a, b, A), c, A)
    for each in (a, b, c):
        close(G.wedge(joined, each, A), torch.zeros(16).double())
    normal = torch.linalg.cross(x[1] - x[0], x[2] - x[0])
    found = joined[..., [1 << k for k in (1, 2, 3)]]
    close(torch.linalg.cross(found, normal), torch.zeros(3).double())


def test_motors_are_matrices():
    M, N, x = motors(5), motors(5), randn(5, 3)
    matrix = P.to_matrix(M)
    moved = (matrix @ torch.cat([x, torch.ones(5, 1)], -1)[..., None])[:, :3, 0]
    close(P.position(act(M, P.point(x))), moved)
    close(P.move(M, x), moved)
    close(P.move(-3 * M[:, None], x), torch.stack([P.move(m, x) for m in M]))
    close(P.to_matrix(F.product(M, N, A)), matrix @ P.to_matrix(N))
    close(P.to_matrix(P.from_matrix(matrix)), matrix)
    close(act(M, P.direction(x)), P.direction((matrix[:, :3, :3] @ x[..., None])[..., 0]))


def test_motors_are_dual_quaternions():
    M, N = motors(5), motors(5)
    p, q = P.to_dual_quaternion(M), P.to_dual_quaternion(N)
    close(P.to_dual_quaternion(F.product(M, N, A)), F.product(p, q, hc.DUAL_QUATERNION))
    close(P.from_dual_quaternion(p), M)
    q, t = P.rotation_and_translation(M)
    tq = F.product(torch.cat([torch.zeros(5, 1), t], -1), q, hc.QUATERNION)
    close(p, torch.cat([q, tq / 2], -1))
    close(P.motor(q, t), M)


def test_lengths_of_motors_do_not_matter():
    M = motors(5)
    close(P.to_matrix(3 * M), P.to_matrix(M))


def test_rotations_about_lines():
    base, axis, angle, x = randn(5, 3), F.normalize(randn(5, 3)), randn(5), randn(5, 3)
    line = G.regressive(P.point(base), P.point(base + 2 * axis), A)
    M = P.rotor(line, angle)
    q = R.from_axis_angle(axis, angle)
    close(P.position(act(M, P.point(x))), base + R.rotate(q, x - base))
    close(P.position(act(M, P.point(base + axis))), base + axis)
    slow = G.exp(-angle[:, None] / 2 * line / 2, A)
    close(M, slow)


def test_screws_are_interpolated_by_logarithms():
    """The motor half the way, twice, is the motor; both halves turn about the same axis."""
    M = motors(5)
    M = M * torch.where(M[:, :1] < 0, -1, 1)
    half = G.exp(G.log(M, A) / 2, A)
    close(F.product(half, half, A), M)
    close(half, G.sqrt(M, A))
    turn, slide = G.invariant_decomposition(G.log(M, A), A).unbind(-2)
    close(F.product(G.exp(turn, A), G.exp(slide, A), A), M)
    close(G.exp(slide, A), P.translator(P.rotation_and_translation(G.exp(slide, A))[1]))


def test_twists_are_exponential_coordinates():
    """The motor is the exponential of a matrix; the shorter turn comes back, from both signs."""
    v = torch.cat([randn(5, 6), torch.zeros(1, 6).double(), 1e-9 * randn(2, 6)])
    v[1, :3] = 0
    v[2, 3:] = 0
    generator = torch.zeros(8, 4, 4).double()
    generator[:, :3, :3] = torch.linalg.cross(
        v[:, None, :3], torch.eye(3, dtype=torch.float64).expand(8, 3, 3)
    ).mT
    generator[:, :3, 3] = v[:, 3:]
    M = P.from_twist(v)
    close(P.to_matrix(M), generator.matrix_exp())
    for each in (M, -M, 3 * M):
        close(P.to_matrix(P.from_twist(P.to_twist(each))), generator.matrix_exp())
    short = v / v[:, :3].norm(dim=-1, keepdim=True).clamp(min=1)
    close(P.to_twist(-P.from_twist(short)), short)


@pytest.mark.parametrize(("dtype", "far"), [(torch.float32, 1e30), (torch.float64, 1e250)])
def test_far_translations_are_twists(dtype, far):
    t = torch.tensor([[1, 2, 3], [far, -far, 0], [0, 0, far]], dtype=dtype)
    u = P.to_twist(P.translator(t))
    assert not u[:, :3].any()
    assert torch.equal(u[:, 3:], t)
    assert torch.equal(P.to_twist(P.from_twist(u)), u)
    assert torch.equal(G.norm(P.translator(t), A), torch.ones(3, dtype=dtype))


def test_what_is_made_of_typed_numbers_is_typed():
    """Else `M * N` would be a product of components."""
    q, x = hc.QuaternionTensor(randn(2, 4)), randn(2, 3)
    M = P.motor(q, x)
    turn, shift = P.rotation_and_translation(M)
    dual = P.to_dual_quaternion(M)
    line = hc.tensor_type(A)(G.regressive(P.point(x), P.point(x + 1), A))
    made = {
        hc.QuaternionTensor: (q, turn),
        hc.tensor_type(A): (M, P.from_dual_quaternion(dual), P.rotor(line, randn(2))),
        hc.tensor_type(hc.DUAL_QUATERNION): (dual, dual * dual),
        torch.Tensor: (shift, P.to_matrix(M), P.to_twist(M), P.move(M, x), P.position(line)),
    }
    for kind, tensors in made.items():
        assert all(type(t) is kind for t in tensors)
    close(P.to_matrix(P.from_dual_quaternion(dual * dual)), P.to_matrix(M) @ P.to_matrix(M))
    close(M.components, P.motor(q.components, x))
    rotor = hc.geometric.conformal.rotor
    assert type(rotor(q)) is hc.tensor_type(hc.CGA)
    close(rotor(q).components, rotor(q.components))


def test_typed_motions_are_compiled_and_mapped(backend):
    q, x = hc.QuaternionTensor(randn(2, 4)), randn(2, 3)

    def twice(q, x):
        return P.to_dual_quaternion(P.motor(q, x) * P.motor(q, x))

    compiled = torch.compile(twice, fullgraph=True, backend=backend)
    for result in (compiled(q, x), torch.func.vmap(twice)(q, x)):
        assert type(result) is hc.tensor_type(hc.DUAL_QUATERNION)
        close(result.components, twice(q, x).components)


def test_kinds_and_types():
    T, M, x = hc.tensor_type(A), motors(2), randn(2, 3)
    close(P.to_matrix(T(M)), P.to_matrix(M))
    close(P.position(T(P.point(x))), x)
    close(P.move(T(M), x), P.move(M, x))
    for function in (P.point, P.direction, P.translator):
        assert function(x.float()).dtype == torch.float32
        with pytest.raises(TypeError):
            function(x.long())
        with pytest.raises(ValueError, match="3 components"):
            function(randn(4))
    with pytest.raises(TypeError, match="numbers of"):
        P.to_matrix(hc.tensor_type(hc.clifford(4))(M))
    with pytest.raises(TypeError, match="of DUAL_QUATERNION, but a QuaternionTensor"):
        P.from_dual_quaternion(hc.QuaternionTensor(M[:, :4]))
    with pytest.raises(ValueError, match="4 × 4"):
        P.from_matrix(torch.eye(3))


def test_derivatives():
    q, t = F.normalize(randn(4)).requires_grad_(), randn(3).requires_grad_()
    assert torch.autograd.gradcheck(lambda q, t: P.to_matrix(P.motor(q, t)), (q, t))
    line = G.regressive(P.point(randn(3)), P.point(randn(3)), A).requires_grad_()
    angle = randn(1).squeeze().requires_grad_()
    kept = torch.tensor([k.bit_count() == 2 for k in range(16)])
    assert torch.autograd.gradcheck(
        lambda line, angle: P.rotor(torch.where(kept, line, 0), angle), (line, angle)
    )


@pytest.mark.parametrize("scale", [0, 1e-9, 1])
def test_derivatives_of_twists(scale):
    v = (scale * randn(6)).requires_grad_()
    for f in (P.from_twist, lambda v: P.to_twist(P.from_twist(v))):
        assert torch.autograd.gradcheck(f, v)
        assert torch.autograd.gradgradcheck(f, v)
