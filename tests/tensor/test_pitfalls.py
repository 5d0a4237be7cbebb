"""Where quaternion libraries go wrong: each defect found in one of them, and that ours has none.

Expected values are derived by hand or by central differences in float64, never by another spelling
of the same code. Other test files prove more about each function; here is one place to see them all.
"""

import copy
import math

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.distributed.fsdp import fully_shard

import hypercomplex as hc
from hypercomplex import rotations as R
from tests.cases import double, every_dtype, naive_product, numbers, through_a_file

Q = hc.QuaternionTensor
PI = math.pi
K = Q([0.0, 0, 0, 1]).double()


def quaternions(*shape, dtype=torch.float64, **kwargs):
    return Q(numbers(hc.QUATERNION, *shape, dtype=dtype), **kwargs)


def product(a, b):
    return naive_product(a.components, b.components, hc.QUATERNION)


def typed(f):
    """A function of typed tensors as one of components, for autograd and differences alike."""

    def plain(*inputs):
        out = f(*map(Q, inputs))
        return out.components if isinstance(out, Q) else out

    return plain


def jacobian(f, x):
    return torch.autograd.functional.jacobian(f, x)


def differences(f, x, step=1e-6):
    """The Jacobian by central differences."""
    columns = []
    for i in range(x.numel()):
        e = torch.zeros_like(x).view(-1)
        e[i] = step
        e = e.view_as(x)
        columns.append((f(x + e) - f(x - e)) / (2 * step))
    return torch.stack(columns, -1).unflatten(-1, x.shape)


def close(a, b, rtol=1e-12, atol=1e-12):
    a, b = (x.components if isinstance(x, Q) else x for x in (a, b))
    torch.testing.assert_close(a, b, rtol=rtol, atol=atol, check_dtype=False)


# ---------------------------------------------------------------------- derivatives where 0 / 0 lurks

ZERO, ONE = double(0, 0, 0, 0), double(1, 0, 0, 0)
EYE = torch.eye(4, dtype=torch.float64)

SINGULAR = [
    # a gradient that is NaN because |v| = 0 was divided by
    ("exp at 0", lambda q: q.exp(), ZERO, EYE),
    ("log at 1", lambda q: q.log(), ONE, EYE),
    ("root of 1", lambda q: q**0.5, ONE, EYE / 2),
    ("cube root of 1", lambda q: q ** (1 / 3), ONE, EYE / 3),
    ("sqrt at 1", lambda q: q.sqrt(), ONE, EYE / 2),
    ("sin at 0", lambda q: q.sin(), ZERO, EYE),
    ("abs at 0", lambda q: q.abs(), ZERO, torch.zeros(4)),  # the subgradient torch takes
    ("slerp from q to q", lambda q: q.slerp(Q(ONE), 0.5), ONE, (EYE - EYE[0].diag()) / 2),
    ("slerp from q to -q", lambda q: q.slerp(Q(-ONE), 0.5), ONE, (EYE - EYE[0].diag()) / 2),
    ("equal arguments", lambda q: q.geodesic_distance(Q(ONE)), ONE, torch.zeros(4)),
    ("opposite arguments", lambda q: q.geodesic_distance(Q(-ONE)), ONE, torch.zeros(4)),
]


@pytest.mark.parametrize(
    ("f", "at", "expected"), [row[1:] for row in SINGULAR], ids=[r[0] for r in SINGULAR]
)
def test_first_derivatives_at_singular_points(f, at, expected):
    close(jacobian(typed(f), at), expected)


@pytest.mark.parametrize("scale", [1.0, -1.0, 2.0, -2.0])
def test_the_rotation_vector_of_plus_and_minus_q(scale):
    # checking w = +1 alone does not see a wrong sign or scale: d rotvec / d quat = 2 / w · [0 I]
    expected = 2 / scale * EYE[1:]
    close(jacobian(R.to_rotvec, scale * ONE), expected)


def test_second_derivatives_at_the_identity():
    hessian = torch.autograd.functional.hessian
    zero = torch.zeros(3, dtype=torch.float64)
    close(hessian(lambda v: R.from_rotvec(v)[0], zero), -torch.eye(3) / 4)  # w = cos(|v| / 2)
    # log q = ln|q| + v/|v| atan2(|v|, w): the real part has ∂²/∂w² = -1, ∂²/∂v² = 1;
    # the imaginary part is v / w + O(v³), so ∂²/∂w∂v = -1
    log = typed(lambda q: q.log())
    close(hessian(lambda q: log(q)[0], ONE), torch.diag(double(-1, 1, 1, 1)))
    for i in (1, 2, 3):
        cross = torch.zeros(4, 4)
        cross[0, i] = cross[i, 0] = -1
        close(hessian(lambda q, i=i: log(q)[i], ONE), cross)
    # exp q = e^w (cos|v| + v sinc|v|)
    exp = typed(lambda q: q.exp())
    close(hessian(lambda q: exp(q)[0], ZERO), torch.diag(double(1, -1, -1, -1)))


@pytest.mark.parametrize("size", [0, 1e-160, 1e-30, 1e-9])
def test_tiny_rotation_vectors_have_the_derivative_of_none(size):
    v = double(0, size, 0)
    close(jacobian(R.from_rotvec, v)[1:], torch.eye(3) / 2)


HALF_TURNS = [torch.diag(double(*d)) for d in ([1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1])]


@pytest.mark.parametrize("m", HALF_TURNS, ids=["none", "x", "y", "z"])
def test_matrices_differentiate_at_none_and_half_turns(m):
    # four formulas, chosen by the largest component: the others must not leak NaN into the gradient
    f = lambda m: R.from_matrix(m)
    close(jacobian(f, m), differences(f, m), atol=1e-8)
    if not torch.equal(m, HALF_TURNS[0]):
        vector = lambda m: R.to_rotvec(R.from_matrix(m))
        assert jacobian(vector, m).isfinite().all()
        close(vector(m).norm(), double(PI)[0])


def test_gimbal_lock_has_a_finite_value_and_gradient():
    q = R.from_euler("ZYX", double(0.3, PI / 2, 0)).requires_grad_()
    angles = R.to_euler(q, "ZYX")
    angles.sum().backward()
    assert angles.isfinite().all()
    assert q.grad.isfinite().all()
    close(R.to_matrix(R.from_euler("ZYX", angles)).detach(), R.to_matrix(q).detach(), atol=1e-7)


GENERIC = double(0.8, -0.3, 0.4, 0.2)
AMBIENT = [
    ("multiply", lambda q: q * Q(double(0.1, 2, -1, 0.5))),
    ("inverse", lambda q: q.inverse()),
    ("exp", lambda q: q.exp()),
    ("log", lambda q: q.log()),
    ("power", lambda q: q**1.5),
    ("rotate", lambda q: q.rotate(double(1, 2, 3))),
    ("matrix", lambda q: q.to_matrix()),
    ("rotation vector", lambda q: q.to_rotvec()),
    ("slerp", lambda q: q.slerp(Q(double(0.1, 2, -1, 0.5)), 0.3)),
    ("normalize", lambda q: q.normalize()),
    ("angle", lambda q: q.angle()),
]


@pytest.mark.parametrize("f", [row[1] for row in AMBIENT], ids=[row[0] for row in AMBIENT])
@pytest.mark.parametrize("scale", [1, -1, 2, -2])
def test_derivatives_are_those_of_the_components(f, scale):
    # not tangent vectors in disguise, and right on both sheets of the double cover
    x = scale * GENERIC
    close(jacobian(typed(f), x), differences(typed(f), x), rtol=1e-7, atol=1e-8)
    assert torch.autograd.gradcheck(typed(f), x.clone().requires_grad_(), check_forward_ad=True)


# ---------------------------------------------------------------------- values that are wrong


def test_logarithm_of_minus_one():
    close(Q(-ONE).log(), double(0, PI, 0, 0))  # 0 in libraries that see no imaginary part
    close((Q(-ONE)).sqrt(), double(0, 1, 0, 0))
    close(Q(ONE) ** 0.5, ONE)  # NaN in some


@pytest.mark.parametrize("angle", [1e-4, 2e-3, PI - 1e-3])
def test_single_precision_keeps_small_and_large_angles(angle):
    # acos(w) loses every digit of 1e-4
    q = Q(torch.tensor([math.cos(angle / 2), 0, math.sin(angle / 2), 0]))
    one = Q.identity()
    exact = 2 * math.atan2(q.components[2].item(), q.components[0].item())  # of the rounded q
    for value in (
        q.to_rotvec()[1], q.to_axis_angle()[1], q.geodesic_distance(one), 2 * q.log().components[2],
        2 * q.angle(), R.angle(q.components),
    ):  # fmt: skip
        assert value.dtype == torch.float32
        assert abs(value.item() / exact - 1) < 1e-6
    assert abs(exact / angle - 1) < 1e-6


def test_long_angles_come_back_short():
    v = double(5, 0, 0)
    close(R.to_rotvec(R.from_rotvec(v)), double(5 - 2 * PI, 0, 0))
    close(Q(R.from_rotvec(v)).log(), double(0, 2.5, 0, 0))  # the number's own logarithm is not


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 4e-15), (torch.float32, 2e-6)])
def test_round_trips_near_half_turns(dtype, tolerance):
    axis = F.normalize(torch.randn(500, 3, dtype=torch.float64), dim=-1)
    v = ((PI - torch.logspace(-12, -1, 500, dtype=torch.float64))[:, None] * axis).to(dtype)
    q = Q.from_rotvec(v)
    again = Q.from_matrix(q.to_matrix())
    same = (again.components * q.components).sum(-1).sign()
    close(again.components * same[:, None], q.components, rtol=0, atol=tolerance)
    close(q.to_matrix(), Q.from_rotvec(again.to_rotvec()).to_matrix(), rtol=0, atol=4 * tolerance)


def test_slerp_knows_the_double_cover():
    # a slerp that goes the long way, or returns an end
    a, b = Q(ONE), Q.from_rotvec(double(0, 0, 1.0))
    middle = Q.from_rotvec(double(0, 0, 0.5))
    close(a.slerp(b, 0.5), middle)
    close(a.slerp(-b, 0.5), middle)
    close(a.slerp(-a, 0.5), ONE)
    halfway = a.slerp(-a, 0.5, shortest=False)
    assert abs(halfway.abs() - 1) < 1e-12
    assert abs(halfway.real) < 1e-12
    close(
        a.slerp(b, double(0, 0.25, 1)), R.from_rotvec(double(0, 0.25, 1)[:, None] * double(0, 0, 1))
    )


def test_reflections_are_no_rotations():
    for m in (-torch.eye(3), torch.diag(torch.tensor([1.0, 1, -1]))):
        with pytest.raises(ValueError, match="`m`"):
            Q.from_matrix(m)


def test_integers_are_real_numbers():
    quarter, z = torch.tensor([1.0, 0, 0, 1]) / math.sqrt(2), torch.tensor([0, 0, 1])
    for turn in (
        Q.from_matrix(torch.tensor([[0, -1, 0], [1, 0, 0], [0, 0, 1]])),
        Q.from_axis_angle(2 * z, torch.tensor(90), degrees=True),
        Q.from_euler("xyz", 90 * z, degrees=True),
        Q.from_rotvec(90 * z, degrees=True),
        Q.from_6d(torch.tensor([0, 1, 0, -2, 0, 0])),
        Q.from_two_vectors(torch.tensor([1, 0, 0]), torch.tensor([0, 3, 0])),
        Q(quarter).swing_twist(z)[1],
    ):
        close(turn, quarter, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda q: q.rotate("xyz"), lambda q: Q.from_matrix(None),
        lambda q: Q.from_euler("z", [[1.0], [1.0, 2]]), lambda q: R.mean(q.components, {}),
    ],
)  # fmt: skip
def test_what_is_no_tensor_is_named(call):
    with pytest.raises(TypeError, match=r"(?s)`\w+` \(=.*must be a tensor, an array, or"):
        call(quaternions(1))


@every_dtype
def test_numbers_at_the_ends_of_the_range(dtype):
    # |q|² under- or overflows before its root is taken
    size = {torch.float16: 300.0, torch.bfloat16: 1e25, torch.float32: 1e-25, torch.float64: 1e300}[
        dtype
    ]
    q = Q((double(0.1, 0.7, -0.5, 0.5) * size).to(dtype))
    exact = q.components.double() / size
    eps = 8 * torch.finfo(dtype).eps
    inverse = exact * double(1, -1, -1, -1) / (exact * exact).sum() / size
    close(q.inverse().components.double() * size, inverse * size, rtol=eps, atol=eps)
    close(q.abs().double() / size, exact.norm(), rtol=eps, atol=0)
    close(q.normalize().components.double(), exact / exact.norm(), rtol=eps, atol=eps)
    close((q / q).components.double(), ONE, rtol=eps, atol=2 * eps)
    close(q.to_matrix().double(), Q(exact).to_matrix(), rtol=eps, atol=2 * eps)


def test_zero_has_no_direction_and_no_inverse():
    zero = Q(ZERO.clone(), requires_grad=True)
    unit = zero.normalize()
    close(unit.detach(), ZERO)
    unit.components.sum().backward()
    assert zero.grad.components.isfinite().all()
    complex_one = 1 / torch.zeros((), dtype=torch.complex128)  # torch's own answer
    inverse = Q(ZERO).inverse().components
    assert inverse[0].isnan() == complex_one.real.isnan()
    assert inverse[0].isinf() == complex_one.real.isinf()
    assert torch.equal(inverse[1:].isnan(), complex_one.imag.isnan().expand(3))


def test_rotations_do_not_scale_and_inverses_are_inverses():
    v = double(1, 2, 3)
    for q in (2 * Q(GENERIC), Q(GENERIC), -3 * Q(GENERIC)):
        before = q.clone()
        close(q.rotate(v), Q(GENERIC).rotate(v))
        close(q.rotate(v).norm(), v.norm())
        close(q * q.inverse(), ONE)  # not merely the conjugate
        close(q.to_matrix().det(), double(1)[0])
        assert torch.equal(q, before)  # rotating must not normalise its argument
    close(K.rotate(double(1, 0, 0)), double(-1, 0, 0))
    close(Q(double(1, 0, 0, 1)).rotate(double(1, 0, 0)), double(0, 1, 0))  # active, Hamilton


@pytest.mark.parametrize("count", [3, 4])
def test_axes_of_three_or_four_are_not_mistaken(count):
    # libraries that guess the axis of components from its size
    a, b = quaternions(count, count), quaternions(count, count)
    close(a * b, product(a, b))
    v = torch.randn(count, count, 3, dtype=torch.float64)
    one_by_one = [[a[i, j].rotate(v[i, j]) for j in range(count)] for i in range(count)]
    close(a.rotate(v), torch.stack([torch.stack(row) for row in one_by_one]))
    assert (a * double(*range(count))).shape == (count, count)
    close((a * double(*range(count)))[1, 2], 2 * a[1, 2])  # one real number for each number


def test_the_order_of_components_is_said():
    x = double(1, 2, 3, 4)
    close(Q.from_components(x, order="xyzw"), double(4, 1, 2, 3))
    close(Q(x).to_components(order="xyzw"), double(2, 3, 4, 1))
    with pytest.raises(ValueError, match="order"):
        Q.from_components(x, order="wzyx")


def test_random_rotations_are_uniform():
    draw = lambda seed: Q.random(
        20000, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )
    q = draw(0)
    assert torch.equal(q, draw(0))
    assert not torch.equal(q, draw(1))
    # on the sphere in four dimensions E[w²] = 1/4, E[w⁴] = 1/8, so var(w²) = 1/16
    for squares in q.components.square().unbind(-1):
        assert abs(squares.mean() - 0.25) < 4 * (1 / 16 / 20000) ** 0.5


def test_means_do_not_depend_on_signs():
    v = 0.2 * torch.randn(20, 3, dtype=torch.float64)
    q = R.from_rotvec(v)
    signs = torch.where(torch.arange(20) % 3 == 0, -1.0, 1.0).double()[:, None]
    for mean in (R.mean, R.karcher_mean, R.median):
        a, b = mean(q), mean(signs * q)
        close(a * (a * b).sum().sign(), b, atol=1e-9)
        assert Q(mean(Q(q))).geodesic_distance(Q(ONE)) < 0.3


# ---------------------------------------------------------------------- products without a product

A, B = Q(numbers(hc.QUATERNION, 5)), Q(numbers(hc.QUATERNION, 5))


def in_place(f):
    def call(a, b):
        a = a.clone()
        f(a, b)
        return a

    return call


def mul_out(a, b):
    out = torch.empty_like(a)
    assert torch.mul(a, b, out=out) is out
    return out


PRODUCTS = {
    "*": lambda a, b: a * b,
    "torch.mul": torch.mul,
    "torch.multiply": torch.multiply,
    "method": lambda a, b: a.multiply(b),
    "*=": in_place(lambda a, b: a.__imul__(b)),
    "mul_": in_place(lambda a, b: a.mul_(b)),
    "multiply_": in_place(lambda a, b: a.multiply_(b)),
    "out": mul_out,
    "vmap": lambda a, b: torch.func.vmap(lambda x, y: x * y)(a, b),
    "jvp": lambda a, b: torch.func.jvp(lambda x: x * b, (a,), (a,))[1],
    "foreach": lambda a, b: torch._foreach_mul([a], [b])[0],
    "foreach_": in_place(lambda a, b: torch._foreach_mul_([a], [b])),
    "einsum": lambda a, b: torch.einsum("i,i->i", a, b),
    "addcmul": lambda a, b: torch.addcmul(torch.zeros_like(a), a, b),
    "prod": lambda a, b: torch.stack([a, b]).prod(0),
    "cumprod": lambda a, b: torch.stack([a, b]).cumprod(0)[1],
    "matrix": lambda a, b: (a[:, None, None] @ b[:, None, None]).flatten(),
    "view": lambda a, b: (a.view(1, 5).T * b.view(5, 1)).squeeze(1),
    "index put": in_place(lambda a, b: a.__setitem__(slice(None), a * b)),
    "checkpoint": lambda a, b: torch.utils.checkpoint.checkpoint(
        torch.mul, a, b, use_reentrant=False
    ),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_product_is_the_product(name):
    result = PRODUCTS[name](A, B)
    assert type(result) is Q
    close(result, product(A, B))


IN_PLACE = [
    (lambda x, y: x.mul_(y), torch.mul), (lambda x, y: x.div_(y), torch.div),
    (lambda x, y: x.square_(), lambda x, y: x * x), (lambda x, y: x.exp_(), lambda x, y: x.exp()),
    (lambda x, y: x.pow_(3), lambda x, y: x * x * x), (lambda x, y: x.cumprod_(0), lambda x, y: x.cumprod(0)),
    (lambda x, y: x.reciprocal_(), lambda x, y: x.inverse()), (lambda x, y: x.tanh_(), lambda x, y: x.tanh()),
    (lambda x, y: x[1:].mul_(y[:-1]), lambda x, y: torch.cat([x[:1], x[1:] * y[:-1]])),
    (lambda x, y: x.addcmul_(y, y), lambda x, y: x + y * y), (lambda x, y: x.add_(y), lambda x, y: x + y),
    (lambda x, y: x.real.mul_(2), lambda x, y: x + x.real),
]  # fmt: skip


@pytest.mark.parametrize(("change", "twin"), IN_PLACE)
def test_changes_in_place_are_differentiated(change, twin):
    # what autograd keeps for the derivative is the number before the change
    gradients = []
    for f in (in_place(change), twin):
        leaves = [a.detach().clone().requires_grad_() for a in (A, B)]
        f(2 * leaves[0], leaves[1]).components.cumsum(0).square().sum().backward()
        gradients.append([a.grad if a.grad is None else a.grad.components for a in leaves])
    torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-9)


INVOLUTIONS = [
    torch.conj, lambda q: q.conj(), torch.conj_physical, lambda q: q.conj_physical(),
    in_place(lambda q, _: q.conj_physical_()),
]  # fmt: skip
INVERSES = [
    torch.reciprocal, lambda q: q.reciprocal(), lambda q: q**-1, lambda q: 1 / q, lambda q: q.inverse(),
    lambda q: torch.ones(5) / q, lambda q: torch.div(1, q), in_place(lambda q, _: q.reciprocal_()),
    lambda q: torch._foreach_reciprocal([q])[0], lambda q: torch.func.vmap(torch.reciprocal)(q),
]  # fmt: skip
ROOTS = [
    torch.sqrt, lambda q: q.sqrt(), lambda q: q**0.5, lambda q: torch.pow(q, 0.5),
    in_place(lambda q, _: q.sqrt_()), lambda q: torch._foreach_sqrt([q])[0], torch.func.vmap(torch.sqrt),
]  # fmt: skip


def call(f, q):
    return f(q, None) if f.__name__ == "call" else f(q)


@pytest.mark.parametrize("f", INVOLUTIONS)
def test_every_conjugate_is_the_conjugate(f):
    close(call(f, A), A.components * double(1, -1, -1, -1))


@pytest.mark.parametrize("f", INVERSES)
def test_every_inverse_is_the_inverse(f):
    squares = A.components.square().sum(-1, keepdim=True)
    close(call(f, A), A.components * double(1, -1, -1, -1) / squares)


@pytest.mark.parametrize("f", ROOTS)
def test_every_root_is_the_root(f):
    root = call(f, A)
    close(product(root, root), A.components)
    assert (root.real >= 0).all()


def test_arrays_do_not_multiply_components():
    for scale in (np.arange(5.0), np.float64(3), 3, np.int64(3), torch.tensor(3), torch.arange(5)):
        expected = A.components * torch.as_tensor(scale).reshape(-1, 1)
        for result in (scale * A, A * scale):
            assert isinstance(result, Q)
            close(result, expected)
    with pytest.raises((RuntimeError, ValueError)):
        np.ones((5, 4)) * A


def test_numbers_broadcast_as_numbers():
    a, b = quaternions(3, 1), quaternions(5)
    close(a * b, product(a, b))
    assert (a * b).shape == (3, 5)
    close(A + 1, A.components + ONE)
    close(1 - A, ONE - A.components)
    close(A * torch.tensor(5), 5 * A.components)
    assert len(A) == 5
    assert Q.identity(2, 3).shape == Q.identity((2, 3)).shape == (2, 3)
    assert (A == A).shape == (5,)
    assert (A == A).dtype == torch.bool
    assert not (A == B).any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_autocast_keeps_single_products_single(dtype):
    a, b = quaternions(4, dtype=torch.float32), quaternions(4, dtype=torch.float32)
    with torch.autocast("cpu", dtype=dtype):
        for r in (
            a * b,
            a.inverse(),
            a.rotate(torch.ones(3)),
            a.exp(),
            a.slerp(b, 0.5),
            a.to_matrix(),
        ):
            assert r.dtype == torch.float32
        low = a * b
    close(low, product(a, b), rtol=1e-6, atol=1e-6)


# ---------------------------------------------------------------------- types that get lost

KEEPS = {
    "index": (lambda q: q[0], (3,)),
    "ellipsis": (lambda q: q[..., 0], (2,)),
    "mask": (lambda q: q[torch.tensor([True, False])], (1, 3)),
    "clone": (lambda q: q.clone(), (2, 3)),
    "copy": (copy.copy, (2, 3)),
    "deepcopy": (copy.deepcopy, (2, 3)),
    "detach": (lambda q: q.detach(), (2, 3)),
    "stack": (lambda q: torch.stack([q, q]), (2, 2, 3)),
    "cat": (lambda q: torch.cat([q, q]), (4, 3)),
    "where": (lambda q: torch.where(q.real > 0, q, 0), (2, 3)),
    "expand": (lambda q: q.expand(4, 2, 3), (4, 2, 3)),
    "float": (lambda q: q.float(), (2, 3)),
    "half": (lambda q: q.half(), (2, 3)),
    "cpu": (lambda q: q.cpu(), (2, 3)),
    "to": (lambda q: q.to(torch.float32), (2, 3)),
    "reshape": (lambda q: q.reshape(-1), (6,)),
    "flatten": (lambda q: q.flatten(), (6,)),
    "unsqueeze": (lambda q: q.unsqueeze(-1), (2, 3, 1)),
    "transpose": (lambda q: q.T, (3, 2)),
    "sum": (lambda q: q.sum(), ()),
    "mean": (lambda q: q.mean(-1), (2,)),
    "zeros_like": (torch.zeros_like, (2, 3)),
    "new_zeros": (lambda q: q.new_zeros(7), (7,)),
    "parameter": (lambda q: nn.Parameter(q), (2, 3)),
    "deepcopy of a parameter": (lambda q: copy.deepcopy(nn.Parameter(q)), (2, 3)),
    "pickle": (lambda q: through_a_file(q), (2, 3)),
    "pickle of a parameter": (lambda q: through_a_file(nn.Parameter(q)), (2, 3)),
    "iteration": (lambda q: next(iter(q)), (3,)),
}


@pytest.mark.parametrize("name", KEEPS)
def test_types_and_logical_shapes_are_kept(name):
    f, shape = KEEPS[name]
    result = f(quaternions(2, 3))
    assert isinstance(result, Q)
    assert result.shape == shape
    assert result.components.shape == (*shape, 4)
    assert isinstance(result, nn.Parameter) == ("parameter" in name)


def test_what_is_real_is_plain():
    q = quaternions(2, 3)
    for real in (q.abs(), q.real, q.imag, q.components, q.angle(), q == q, q.isnan(), q.norm()):
        assert type(real) is torch.Tensor


class Turn(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(quaternions(3, dtype=torch.float32))

    def forward(self, x):
        return x * self.weight


def test_moving_a_module_keeps_parameters():
    module = Turn().to(torch.float64)
    assert [type(p) for p in module.parameters()] == [Q]
    assert all(isinstance(p, nn.Parameter) for p in module.parameters())
    other = Turn()
    other.load_state_dict(module.state_dict())
    close(other.weight.detach(), module.weight.detach().float(), rtol=1e-6)


def test_samples_are_collated_as_numbers():
    data = torch.utils.data.TensorDataset(quaternions(5), torch.arange(5))
    batch, _ = next(iter(torch.utils.data.DataLoader(data, batch_size=3)))
    assert type(batch) is Q
    assert batch.shape == (3,)


@pytest.mark.parametrize("make", [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW])
def test_optimizers_reach_the_inverse(make):
    module, x = Turn().double(), quaternions(3).sgn()
    optimizer = make(module.parameters(), lr=0.05)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = (module(x) - 1).abs().square().sum()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 10.0)
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    # the loss is |x (w - x⁻¹)|², so each step of plain descent divides the distance alike
    if make is torch.optim.SGD:
        close(module.weight.detach(), x.inverse(), atol=0.05)


# ---------------------------------------------------------------------- compilers and wrappers


def test_a_type_from_a_factory_compiles_backward_through_a_sum(backend):
    made = hc.cayley_dickson(hc.COMPLEX, gamma=-1, name="MADE")
    assert hc.tensor_type(made) is Q  # equal algebras, one type
    algebra = hc.clifford(0, 1, 1)
    T = hc.tensor_type(algebra)  # a class made while the program runs

    def f(a, b):
        return (a * b).sum().components.square().sum()

    inputs = numbers(algebra, 3), numbers(algebra, 3)
    plain = [x.clone().requires_grad_() for x in inputs]
    typed = [T(x, requires_grad=True) for x in inputs]
    expected = naive_product(*plain, algebra).sum(0).square().sum()
    value = torch.compile(f, fullgraph=True, backend=backend)(*typed)
    close(value.detach(), expected.detach())
    value.backward()
    expected.backward()
    for x, y in zip(typed, plain, strict=True):
        assert type(x.grad) is T
        close(x.grad.components, y.grad)


class Functional(nn.Module):
    def forward(self, a, b):
        return hc.QuaternionTensor(a).mul(hc.QuaternionTensor(b)).components


def test_exported_products_are_products_or_refused():
    a, b = numbers(hc.QUATERNION, 3), numbers(hc.QUATERNION, 3)
    exported = torch.export.export(Functional(), (a, b), strict=True).module()
    c, d = numbers(hc.QUATERNION, 3), numbers(hc.QUATERNION, 3)
    close(exported(c, d), naive_product(c, d, hc.QUATERNION))
    with pytest.raises(RuntimeError, match="FakeTensor"):
        torch.export.export(Functional(), (a, b), strict=False)


def test_one_process_of_many(tmp_path):
    module, x = Turn(), quaternions(3, dtype=torch.float32)
    layer = hc.nn.QuaternionLinear(3, 2)
    expected, through = module(x).detach(), layer(x).detach()
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        parallel = nn.parallel.DistributedDataParallel(module)
        close(parallel(x).detach(), expected)
        parallel(x).abs().sum().backward()
        assert type(module.weight.grad) is Q
        sharded = fully_shard(layer)  # its parameters are plain; so is what is sharded
        close(sharded(x).detach(), through, rtol=1e-6, atol=1e-6)
        with pytest.raises(TypeError, match="plain_parameters"):
            fully_shard(module)  # a shard of numbers would be one of components
    finally:
        dist.destroy_process_group()


def test_transforms_see_numbers():
    f = lambda a, b: (a * b).real
    close(torch.func.vmap(f)(A, B), product(A, B)[:, 0])
    gradient = torch.func.vmap(torch.func.grad(f))(A, B)
    close(gradient, B.components * double(1, -1, -1, -1))  # ∂ Re(ab) / ∂a = conj b
    for like in (
        torch.ones_like,
        lambda q: q.new_full((), 2.0) - 1,
        lambda q: torch.full_like(q, 1),
    ):
        close(torch.func.vmap(like)(A), ONE.expand(5, 4))
    close(torch.func.vmap(Q.from_matrix)(A.to_matrix()).to_matrix(), A.to_matrix())


def test_functions_of_matrices_have_derivatives():
    a, b = quaternions(3, 3, requires_grad=True), quaternions(3, 2)
    x = torch.linalg.solve(a, b)
    close(product(a[:, :, None], x[None]).sum(1), b.components, atol=1e-9)
    for value in (x, torch.linalg.svdvals(a), torch.linalg.inv(a), torch.linalg.eigvalsh(a @ a.mH)):
        loss = value.abs().sum()
        (gradient,) = torch.autograd.grad(loss, a, retain_graph=True)
        assert isinstance(gradient, Q)
        assert gradient.isfinite().all()
