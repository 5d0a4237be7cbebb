"""Squares of lengths, distances and angles have their second derivatives where they are 0.

Forward over reverse and reverse over reverse, in `torch.func` and in autograd, mapped or not, as
polynomials have them; and what has none there stays finite.
"""

import pytest
import torch
from torch.autograd.functional import hessian as double_backward
from torch.func import grad, hessian, jacfwd, jacrev, vmap
from torch.fx.experimental.proxy_tensor import make_fx

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import rotations as R

Q = hc.QuaternionTensor
ZERO = torch.zeros(4, dtype=torch.float64)
ONE = torch.tensor([1.0, 0, 0, 0], dtype=torch.float64)
TURNED = torch.tensor([0.5, -0.3, 0.2, 0.7], dtype=torch.float64)
TURNED = TURNED / TURNED.norm()
I4 = torch.eye(4, dtype=torch.float64)
ACROSS = I4 - TURNED.outer(TURNED)
IMAGINARY = torch.diag(torch.tensor([0.0, 1, 1, 1], dtype=torch.float64))

WAYS = {
    "forward over reverse": hessian,
    "reverse over reverse": lambda f: jacrev(jacrev(f)),
    "forward over one gradient": lambda f: jacfwd(grad(f)),
    "reverse over one gradient": lambda f: jacrev(grad(f)),
    "double backward": lambda f: lambda x: double_backward(f, x),
    "double backward of many": lambda f: lambda x: double_backward(f, x, vectorize=True),
    "mapped": lambda f: lambda x: vmap(hessian(f))(torch.stack([x + 1, x]))[1],
    "mapped reverse": lambda f: lambda x: vmap(jacrev(jacrev(f)))(torch.stack([x + 1, x]))[1],
    "of a map": lambda f: hessian(lambda x: vmap(f)(torch.stack([x, x])).mean()),
    "of a map in reverse": lambda f: jacrev(jacrev(lambda x: vmap(f)(torch.stack([x, x])).mean())),
}
every_way = pytest.mark.parametrize("second", WAYS.values(), ids=WAYS)

SQUARES = {
    "norm": (lambda x: F.norm(x).square(), ZERO, 2 * I4),
    "norm ** 2": (lambda x: F.norm(x) ** 2 + F.norm(x) ** 3, ZERO, 2 * I4),
    "smooth": (lambda x: F.norm(x).cosh(), ZERO, I4),
    "huber": (lambda x: 3 * (1 + F.norm(x).square()).sqrt(), ZERO, 3 * I4),
    "a product": (lambda x: (lambda r: r * r.sin())(F.norm(x)), ZERO, 2 * I4),
    "dist": (lambda x: F.dist(x, TURNED).square(), TURNED, 2 * I4),
    "pairwise": (
        lambda x: F.pairwise_distance(x[None], TURNED[None], eps=0).square(),
        TURNED,
        2 * I4,
    ),
    "cdist": (
        lambda x: F.cdist(x.view(1, 1, 4), TURNED.view(1, 1, 4)).square().squeeze(),
        TURNED,
        2 * I4,
    ),
    "polar angle": (lambda x: F.angle(x).square(), ONE, 2 * IMAGINARY),
    "angle": (lambda q: R.angle(q).square(), ONE, 8 * IMAGINARY),
    "axis and angle": (lambda q: R.to_axis_angle(q)[1].square(), -ONE, 8 * IMAGINARY),
    "geodesic": (lambda q: R.geodesic_distance(q, -2 * TURNED).square(), TURNED, 8 * ACROSS),
    "chordal": (lambda q: R.chordal_distance(q, TURNED).square(), TURNED, 2 * ACROSS),
    "to the sign": (
        lambda q: R.chordal_distance(q, TURNED, modulo_sign=False).square(),
        TURNED,
        2 * ACROSS,
    ),
    "logarithm": (lambda q: R.to_rotvec(q).square().sum(), ONE, 8 * IMAGINARY),
}


@pytest.mark.parametrize("name", SQUARES)
@every_way
def test_squares_are_smooth(name, second):
    function, point, right = SQUARES[name]
    if name == "pairwise":
        function = lambda x: SQUARES[name][0](x).sum()
    torch.testing.assert_close(second(function)(point), right, atol=1e-9, rtol=0)


@every_way
def test_one_row_of_many_at_zero(second):
    """A solved row among others: no half of the second derivative is missing, and none is double."""
    goal = R.from_rotvec(torch.tensor([[0.0, 0, 0], [0, 0, 0.5]], dtype=torch.float64))

    def loss(v):
        return R.geodesic_distance(R.from_rotvec(v), goal).square().mean()

    def smooth(v):
        back = F.conj(goal, hc.QUATERNION)
        return R.to_rotvec(F.product(R.from_rotvec(v), back, hc.QUATERNION)).square().sum(-1).mean()

    ours, twin = second(loss)(ZERO[:3]), second(smooth)(ZERO[:3])
    torch.testing.assert_close(ours, twin, atol=1e-9, rtol=0)


@pytest.mark.parametrize("second", [hessian, lambda f: jacrev(jacrev(f))])
def test_many_results(second):
    ours = second(lambda x: F.norm(torch.stack([x, 2 * x, x - 1])).square())(ZERO)
    torch.testing.assert_close(ours, 2 * torch.stack([I4, 4 * I4, I4]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_typed_tensors(dtype):
    """|q|² in every spelling, by double backward on the components."""
    spellings = [
        lambda q: (abs(q) ** 2).sum(),
        lambda q: q.abs().square().sum(),
        lambda q: q.norm() ** 2,
        lambda q: torch.linalg.vector_norm(q, dim=0).square(),
        lambda q: torch.linalg.norm(q).square(),
        lambda q: torch.dist(q, Q.zeros(2, dtype=dtype)) ** 2,
    ]
    for k, f in enumerate(spellings):
        for point in (torch.zeros(2, 4, dtype=dtype), torch.eye(4, dtype=dtype)[1:3] * 0.5):
            second = double_backward(lambda x, f=f: f(Q(x)), point).view(8, 8)
            assert torch.allclose(second, 2 * torch.eye(8, dtype=dtype)), k


@every_way
def test_what_has_none_stays_finite(second):
    for f, point in (
        (F.norm, ZERO),
        (R.angle, ONE),
        (lambda q: R.geodesic_distance(q, TURNED), TURNED),
        (lambda q: R.geodesic_distance(q, -TURNED, modulo_sign=False).square(), TURNED),
    ):
        assert second(f)(point).isfinite().all()


def test_first_derivatives_are_the_subgradient():
    for derivative in (jacrev, jacfwd, grad):
        assert not derivative(F.norm)(ZERO).any()
        assert not derivative(lambda q: R.geodesic_distance(q, TURNED).square())(TURNED).any()


def test_far_and_near_are_as_before():
    """No length needs the rule but that of zero."""
    for size in (1e-150, 1e-8, 1.0, 1e100):
        x = size * TURNED
        for second in (hessian, lambda f: jacrev(jacrev(f))):
            ours = second(lambda x: F.norm(x).square())(x)
            torch.testing.assert_close(ours, 2 * I4, atol=1e-9, rtol=0)


def test_of_a_compiled_function():
    """Of torch.func: torch has no double backward of compiled functions."""
    compiled = torch.compile(lambda x: F.norm(x).square(), backend="aot_eager")
    torch.testing.assert_close(hessian(compiled)(ZERO), 2 * I4)


def test_lengths_are_traced_without_a_look():
    def f(x):
        return F.norm(x) + F.norm(2 * x).square()

    x = torch.randn(3, 4, requires_grad=True)
    graph = make_fx(f)(x)
    zero = torch.zeros(3, 4)
    assert torch.equal(graph(zero), f(zero))
    assert torch.equal(torch.jit.trace(f, x)(zero), f(zero))
