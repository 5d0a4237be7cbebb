"""`torch.func` on typed tensors: the type survives, derivatives are those of real components."""

import pytest
import torch
from torch import func, nn

import hypercomplex as hc
from hypercomplex import functional as F
from tests.cases import every_telling_algebra, numbers

Q = hc.QuaternionTensor


def typed(algebra, *shape):
    return hc.tensor_type(algebra)(numbers(algebra, *shape))


def close(ours, expected):
    assert type(ours) is type(expected)
    if isinstance(ours, hc.HypercomplexTensor):
        ours, expected = ours.components, expected.components
    torch.testing.assert_close(ours, expected)


def quadratic(q, b):
    return (q * b * q).abs().square().sum()


def recorded(f, *args):
    """Gradients by the tape, the slow twin of every transform."""
    leaves = [a.detach().clone().requires_grad_() for a in args]
    return torch.autograd.grad(f(*leaves), leaves)


@every_telling_algebra
@pytest.mark.parametrize(("in_dims", "out_dims"), [(0, 0), (1, 0), (-1, -1), ((0, None), 1), ((None, -2), -2)])  # fmt: skip
def test_vmap_is_a_loop(algebra, in_dims, out_dims):
    a, b = typed(algebra, 3, 3), typed(algebra, 3, 3)
    da, db = in_dims if isinstance(in_dims, tuple) else (in_dims, in_dims)
    pick = lambda x, d, i: x if d is None else x.select(d, i)
    rows = [pick(a, da, i) * pick(b, db, i) + 1 for i in range(3)]
    axis = out_dims if rows[0].ndim + 1 > 1 else 0
    close(func.vmap(lambda a, b: a * b + 1, in_dims, out_dims)(a, b), torch.stack(rows, axis))


def test_vmap_counts_numbers():
    q = typed(hc.QUATERNION, 4)  # four numbers of four components: no axis may be mistaken
    close(func.vmap(lambda q: q * q)(q), q * q)
    close(func.vmap(abs)(q), abs(q))
    close(func.vmap(lambda q, t: q * t, (0, None))(q, torch.ones(()).double()), q)
    matrices = typed(hc.QUATERNION, 5, 2, 3)
    chunked = func.vmap(lambda m: m @ m.mH, chunk_size=2)(matrices)
    close(chunked, matrices @ matrices.mH)
    nested = func.vmap(lambda x: func.vmap(lambda y: x * y)(q))(q)
    close(nested, q[:, None] * q)
    with pytest.raises((IndexError, ValueError), match=r"in_dim|Dimension"):
        func.vmap(lambda q: q, in_dims=1)(q)
    with pytest.raises(IndexError, match="Dimension out of range"):
        func.vmap(lambda q: q, out_dims=1)(q)


@every_telling_algebra
def test_gradients_are_those_of_the_tape(algebra):
    a, b = typed(algebra, 5), typed(algebra, 5)
    close(func.grad(quadratic)(a, b), recorded(quadratic, a, b)[0])
    both, value = func.grad_and_value(quadratic, argnums=(0, 1))(a, b)
    for ours, expected in zip(both, recorded(quadratic, a, b), strict=True):
        close(ours, expected)
    close(value, quadratic(a, b))
    each = func.vmap(func.grad(quadratic))(a, b)
    close(each, func.grad(quadratic)(a, b))


def test_gradients_of_gradients():
    a, b = typed(hc.QUATERNION, 5), typed(hc.QUATERNION, 5)
    twice = func.grad(lambda q: func.grad(quadratic)(q, b).abs().square().sum())(a)

    def tape(q):
        (g,) = torch.autograd.grad(quadratic(q, b), q, create_graph=True)
        return g.abs().square().sum()

    close(twice, recorded(tape, a)[0])


def test_vjp_and_jvp_are_adjoint():
    a, b, u, v = (typed(hc.QUATERNION, 5) for _ in range(4))
    f = lambda q: q * b * q.conj()
    output, pull_back = func.vjp(f, a)
    same_output, tangent = func.jvp(f, (a,), (u,))
    close(output, f(a))
    close(same_output, f(a))
    close(tangent, u * b * a.conj() + a * b * u.conj())
    (cotangent,) = pull_back(v)
    inner = lambda x, y: (x.components * y.components).sum()
    close(inner(tangent, v), inner(u, cotangent))
    linear_output, push_forward = func.linearize(f, a)
    close(linear_output, f(a))
    close(push_forward(u), tangent)


class Twice(nn.Module):
    """W W x, from folded to folded numbers."""

    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(typed(hc.QUATERNION, 3, 3))

    def forward(self, x):
        numbers = hc.as_hypercomplex(x, hc.QUATERNION, folded=-1)
        return (self.W @ (self.W @ numbers)).folded()


def test_modules_with_typed_parameters_are_linearized():
    model, (x, t) = Twice(), torch.randn(2, 12, dtype=torch.float64)
    output, push_forward = func.linearize(model, x)
    close(output, model(x))
    close(push_forward(t), model(t))  # it is linear


@every_telling_algebra
def test_jacobians_are_real_matrices(algebra):
    a, b = typed(algebra), typed(algebra)
    left = lambda x: F.left_matrix(x.components, algebra)
    right = lambda x: F.right_matrix(x.components, algebra)
    multiply = lambda a, b: a * b
    for jacobian in (func.jacrev, func.jacfwd):
        close(jacobian(multiply)(a, b), right(b))
        for ours, expected in zip(
            jacobian(multiply, argnums=(0, 1))(a, b), (right(b), left(a)), strict=True
        ):
            close(ours, expected)
    square = typed(algebra, 2)
    jacobian = func.jacrev(lambda q: q * q)(square)
    assert jacobian.shape == (2, algebra.dimension, 2, algebra.dimension)
    close(jacobian[1, :, 1], left(square[1]) + right(square[1]))
    assert not jacobian[0, :, 1].any()


def test_hessians():
    q = typed(hc.QUATERNION, 3)
    of_the_real_part = func.vmap(func.hessian(lambda q: (q * q).real))(q)
    expected = torch.diag(torch.tensor([2.0, -2, -2, -2]).double()).expand(3, 4, 4)
    close(of_the_real_part, expected.contiguous())
    close(func.jacrev(lambda q: q.abs().square().sum())(q), 2 * q.components)


def test_the_older_interface():
    a, b = typed(hc.QUATERNION, 2), typed(hc.QUATERNION, 2)
    expected = func.jacrev(lambda q: q * b)(a)
    for options in ({}, {"vectorize": True}, {"vectorize": True, "strategy": "forward-mode"}):
        close(torch.autograd.functional.jacobian(lambda q: q * b, a, **options), expected)
    left, right = torch.autograd.functional.jacobian(torch.mul, (a, b))
    for ours, twin in zip((left, right), func.jacrev(torch.mul, (0, 1))(a, b), strict=True):
        close(ours, twin)
    square = lambda q: q.abs().square().sum()
    for options in ({}, {"vectorize": True}):
        hessian = torch.autograd.functional.hessian(square, a, **options)
        close(hessian, 2 * torch.eye(8).double().view(2, 4, 2, 4))
    value, product = torch.autograd.functional.hvp(square, a, b)
    close(value, square(a))
    close(product, 2 * b)


def test_auxiliary_results_and_trees():
    a, b = typed(hc.QUATERNION, 5), typed(hc.QUATERNION, 5)
    gradient, (value, aux) = func.grad_and_value(
        lambda q, s: (quadratic(q, b) * s, {"twice": 2 * q}), has_aux=True
    )(a, torch.ones(()).double())
    close(aux["twice"], 2 * a)
    close(value, quadratic(a, b))
    close(gradient, recorded(quadratic, a, b)[0])
    tree = func.grad(lambda tree: quadratic(tree["q"], tree["b"][0]))({"q": a, "b": [b]})
    close(tree["b"][0], recorded(quadratic, a, b)[1])
    output, _, aux = func.vjp(lambda q: (2 * q, [3 * q]), a, has_aux=True)
    close(output, 2 * a)
    close(aux[0], 3 * a)
    _, tangent, aux = func.jvp(lambda q: (2 * q, [3 * q]), (a,), (b,), has_aux=True)
    close(tangent, 2 * b)
    close(aux[0], 3 * a)
    jacobian, aux = func.jacrev(lambda q: (q.real, 3 * q), has_aux=True)(a[0])
    close(jacobian, torch.eye(4).double()[0])
    close(hc.QuaternionTensor(aux), 3 * a[0])


def test_plain_functions_are_untouched():
    x = torch.randn(3, dtype=torch.float64)
    f = lambda x, scale=1.0: (x.sin() * scale).sum()
    torch.testing.assert_close(func.grad(f)(x, scale=2.0), 2 * x.cos())
    torch.testing.assert_close(func.jacrev(torch.sin)(x), torch.diag(x.cos()))
    torch.testing.assert_close(func.jacfwd(torch.sin)(x), torch.diag(x.cos()))
    torch.testing.assert_close(func.hessian(f)(x), torch.diag(-x.sin()))
    torch.testing.assert_close(func.functionalize(lambda x: x.clone().sin_())(x), x.sin())
    torch.testing.assert_close(func.jacrev(torch.sin, chunk_size=1)(x), torch.diag(x.cos()))


def test_numbers_made_inside():
    """Plain in, plain out, numbers in between."""
    x, b = numbers(hc.QUATERNION, 5), typed(hc.QUATERNION, 5)
    through = lambda x: (Q(x) * b).components
    close(func.vmap(lambda x, b: (Q(x) * b).components)(x, b), through(x))
    jacobian = func.jacrev(lambda x: Q(x) * b[0])(x[0])
    close(jacobian, F.right_matrix(b[0].components, hc.QUATERNION))
    gradient = func.grad(lambda x: quadratic(Q(x), b))(x)
    close(gradient, recorded(quadratic, Q(x), b)[0].components)
    _, aux = func.grad(lambda x: (quadratic(Q(x), b), {"q": Q(x)}), has_aux=True)(x)
    close(aux["q"], Q(x))
    output, pull_back, aux = func.vjp(lambda x: (Q(x) * b, [Q(x)]), x, has_aux=True)
    close(output, Q(x) * b)
    close(aux[0], Q(x))
    close(pull_back(b)[0], (b * b.conj()).components)
    output, tangent, aux = func.jvp(lambda x: (Q(x) * b, Q(x)), (x,), (2 * x,), has_aux=True)
    close(output, Q(x) * b)
    close(tangent, 2 * Q(x) * b)
    close(aux, Q(x))
    jacobian = torch.autograd.functional.jacobian(lambda x: Q(x) * b[0], x[0])
    close(jacobian, F.right_matrix(b[0].components, hc.QUATERNION))


def test_what_is_handed_over_by_name_or_in_containers():
    a, b = typed(hc.QUATERNION, 3), typed(hc.QUATERNION, 3)
    loss = lambda x, *, weights: quadratic(x * weights["q"][0], b)
    close(func.grad(loss)(a, weights={"q": [b]}), recorded(lambda x: quadratic(x * b, b), a)[0])
    plain = torch.ones(3, dtype=torch.float64)
    gradient = func.grad(lambda s, *, q: (q * s).abs().square().sum())(plain, q=a)
    close(gradient, 2 * a.abs().square())
    with pytest.raises(RuntimeError, match="Expected primals to be a tuple"):
        func.jvp(lambda q: q, a, a)
    with pytest.raises(RuntimeError, match="argnum=2"):
        func.grad(quadratic, argnums=2)(a, b)


def test_layers_call_functionally():
    layer = hc.nn.QuaternionLinear(3, 2).double()
    q = typed(hc.QUATERNION, 5, 3)
    parameters = {k: v.detach() for k, v in layer.named_parameters()}
    close(func.functional_call(layer, parameters, (q,)), layer(q).detach())
    loss = lambda parameters, q: func.functional_call(layer, parameters, (q,)).abs().square().sum()
    each = func.vmap(func.grad(loss), (None, 0))(parameters, q)
    loss(dict(layer.named_parameters()), q).backward()
    torch.testing.assert_close(each["weight"].sum(0), layer.weight.grad)


def test_what_forgets_the_type_refuses():
    with pytest.raises(NotImplementedError, match="functionalize is refused for QuaternionTensor"):
        func.functionalize(lambda q: q * q)(typed(hc.QUATERNION, 2))


def test_compiled_transforms(backend):
    a, b = typed(hc.QUATERNION, 4), typed(hc.QUATERNION, 4)

    def everything(a, b):
        return (
            func.vmap(lambda a, b: a * b)(a, b),
            func.grad(quadratic)(a, b),
            func.vjp(lambda q: q * b, a)[1](b)[0],
            func.jvp(lambda q: q * q, (a,), (b,))[1],
            func.vmap(func.grad(quadratic))(a, b),
            func.jacrev(lambda q: q * q)(a[0]),
            func.hessian(lambda q: (q * q).real)(a[0]),
        )

    compiled = torch.compile(everything, fullgraph=True, backend=backend)(a, b)
    for ours, expected in zip(compiled, everything(a, b), strict=True):
        close(ours, expected)
