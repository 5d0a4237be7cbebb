"""Compiled with fullgraph, forward and backward, everything is what it is eagerly."""

from fractions import Fraction

import pytest
import torch
from torch import nn

import hypercomplex as hc
from tests.cases import numbers


@pytest.fixture(autouse=True)
def _fresh_compiler():
    torch._dynamo.reset()


def arithmetic(a, b):
    c = a * b + 2 * a.conj() - b / (1 + b.abs())
    c = torch.stack([c, a.inverse()], -1).sum(-1) + (1 - a) + (2 / a) - torch.norm(b)
    return (c @ c.mH).reshape(-1)[1:], c.mean(), c.imag, c.shape


@pytest.mark.parametrize("algebra", [hc.QUATERNION, hc.OCTONION, hc.clifford(1, 1, 1)], ids=str)
def test_typed_arithmetic(algebra, backend):
    T = hc.tensor_type(algebra)
    a, b = T(numbers(algebra, 3, 3)), T(numbers(algebra, 3, 3))
    compiled = torch.compile(arithmetic, fullgraph=True, backend=backend)(a, b)
    for ours, expected in zip(compiled, arithmetic(a, b), strict=True):
        assert type(ours) is type(expected)
        if isinstance(ours, torch.Tensor):
            assert torch.allclose(ours, expected)
        else:
            assert ours == expected


def test_gradients_through_typed_tensors():
    """In machine code."""

    def loss(q, w):
        rotated = hc.QuaternionTensor(w) * q / hc.QuaternionTensor(w)
        return (rotated - q).abs().square().sum()

    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 5))
    w = numbers(hc.QUATERNION, 5).requires_grad_()
    (expected,) = torch.autograd.grad(loss(q, w), w)
    (ours,) = torch.autograd.grad(torch.compile(loss, fullgraph=True)(q, w), w)
    torch.testing.assert_close(ours, expected)


def test_gradients_beside_typed_inputs(backend):
    """What needs no gradient is saved for backward as it came in, typed."""
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 5))
    for loss in (
        lambda q, w: (w * q.components).square().sum(),
        lambda q, w: (q * w[:, 0]).abs().square().sum(),
        lambda q, w: (hc.functional.componentwise(torch.tanh, q) * w[:, 0]).abs().square().sum(),
    ):
        torch._dynamo.reset()
        w = numbers(hc.QUATERNION, 5).requires_grad_()
        (expected,) = torch.autograd.grad(loss(q, w), w)
        compiled = torch.compile(loss, fullgraph=True, backend=backend)
        (ours,) = torch.autograd.grad(compiled(q, w), w)
        torch.testing.assert_close(ours, expected)


def network():
    return nn.Sequential(
        hc.nn.QuaternionConv2d(1, 4, 3, stride=2, padding=1, padding_mode="reflect"),
        hc.nn.Split(nn.Hardtanh()),
        hc.nn.QuaternionConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1),
        hc.nn.Split(torch.tanh),
    ).double()


@pytest.mark.parametrize("typed", [False, True], ids=["folded", "typed"])
def test_a_network_trains_compiled(typed, backend):
    """Ten steps of Adam land where eager training lands, and the loss has fallen."""
    x = torch.randn(2, 4, 8, 8, dtype=torch.float64)
    target = torch.randn(2, 8, 8, 8, dtype=torch.float64) / 4
    if typed:
        x = hc.QuaternionTensor(x.unflatten(1, (4, 1)).movedim(1, -1))
        target = hc.QuaternionTensor(target.unflatten(1, (4, 2)).movedim(1, -1))

    def train(compile):
        torch.manual_seed(0)
        net = network()
        step = torch.compile(net, fullgraph=True, backend=backend) if compile else net
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
        losses = []
        for _ in range(10):
            optimizer.zero_grad()
            loss = (step(x) - target).abs().square().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses, net.state_dict()

    (eager, eager_state), (compiled, compiled_state) = train(False), train(True)
    assert eager[-1] < eager[0]
    torch.testing.assert_close(compiled, eager)
    for name, value in eager_state.items():
        torch.testing.assert_close(compiled_state[name], value)


def test_shapes_may_vary(backend):
    @torch.compile(fullgraph=True, dynamic=True, backend=backend)
    def f(q):
        return (q * q.conj()).sum(0)

    for size in (3, 7, 11):
        q = hc.QuaternionTensor(numbers(hc.QUATERNION, size, 2))
        assert torch.allclose(f(q), (q * q.conj()).sum(0))


@pytest.mark.parametrize("dynamic", [None, True])
def test_strides_may_vary(dynamic, backend):
    """Those of components, too: graphs are given them, and are asked why they do not serve."""
    sums = lambda pair: (pair[0] + pair[1]["other"]).sum(0) + pair[0].real[0]
    graphs = []

    def counted(graph, inputs):
        graphs.append(graph)
        return torch._dynamo.lookup_backend(backend)(graph, inputs)

    compiled = torch.compile(sums, fullgraph=True, dynamic=dynamic, backend=counted)
    for rows, columns in ((5, 3), (7, 4), (9, 2)):
        apart = numbers(hc.OCTONION, rows, columns)[..., ::2]
        planar = numbers(hc.QUATERNION, rows, columns).permute(2, 0, 1).contiguous()
        for x in (numbers(hc.QUATERNION, rows, columns), apart, planar.permute(1, 2, 0)):
            q = hc.QuaternionTensor(x).requires_grad_()
            ours, expected = (f([q, {"other": q.detach()}]) for f in (compiled, sums))
            torch.testing.assert_close(ours, expected)
            gradients = (torch.autograd.grad(y.real.sum(), q) for y in (ours, expected))
            torch.testing.assert_close(*gradients)
    assert len(graphs) <= 6  # and serve others


def test_a_type_made_inside_the_graph(backend):
    # The compiler finds keys by identity, so no other test may have made an equal algebra.
    algebra = hc.cayley_dickson(hc.COMPLEX, gamma=Fraction(-3, 7))

    @torch.compile(fullgraph=True, backend=backend)
    def f(x):
        q = hc.as_hypercomplex(x, algebra)
        return (q * q).components

    hc.tensor_type(algebra)
    x = numbers(algebra, 3)
    q = hc.as_hypercomplex(x, algebra)
    torch.testing.assert_close(f(x), (q * q).components)


def in_place(a, b):
    c = a.clone()
    c *= b
    c.add_(1)
    c[0] = b[0]
    return c, -c


def test_in_place_arithmetic(backend):
    a, b = (hc.QuaternionTensor(numbers(hc.QUATERNION, 3)) for _ in range(2))
    compiled = torch.compile(in_place, fullgraph=True, backend=backend)(a, b)
    for ours, expected in zip(compiled, in_place(a, b), strict=True):
        assert torch.allclose(ours, expected)


def test_the_builtin_abs(backend):
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 3))
    twice = torch.compile(lambda q: abs(q) * 2, fullgraph=True, backend=backend)
    torch.testing.assert_close(twice(q), abs(q) * 2)
    made_inside = torch.compile(
        lambda x: abs(hc.QuaternionTensor(x)), fullgraph=True, backend=backend
    )
    torch.testing.assert_close(made_inside(q.components), abs(q))


def test_a_view_of_an_input_as_output(backend):
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 3, 2))
    w = numbers(hc.QUATERNION, 3).requires_grad_()

    def views(q, w):
        return q.T, q.components, q[1:].real, hc.QuaternionTensor(w)[1:], q

    compiled = torch.compile(views, fullgraph=True, backend=backend)
    for ours, expected in zip(compiled(q, w), views(q, w), strict=True):
        assert type(ours) is type(expected)
        assert torch.equal(ours, expected)
    compiled(q, w)[3].abs().square().sum().backward()
    torch.testing.assert_close(w.grad[1:], 2 * w.detach()[1:])
    assert not w.grad[0].any()


def lists(a, b):
    return torch._foreach_mul([a, b], [b, a]) + torch._foreach_norm([a])


@pytest.mark.parametrize("name", ["eager", "aot_eager", "inductor"])
def test_every_backend(name):
    """The graph computes with components, whoever runs it: machine code, too, in every run."""

    def f(a, b):
        parts = a.components.sum(-1), a.rotate(b.imag), (a * b).inverse(), abs(a).sum(0)
        return (*parts, *lists(a, b), a.mT if a.ndim > 1 else a)

    a, b = (hc.QuaternionTensor(numbers(hc.QUATERNION, 4)) for _ in range(2))
    compiled = torch.compile(f, fullgraph=True, backend=name)(a, b)
    for ours, expected in zip(compiled, f(a, b), strict=True):
        assert type(ours) is type(expected)
        assert torch.allclose(ours, expected)


def test_functions_that_torch_does_not_list_are_asked(backend):
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 3))
    compiled = torch.compile(torch.vander, fullgraph=True, backend=backend)(q)
    assert torch.allclose(compiled, torch.vander(q))
    with pytest.raises(Exception, match="refused for QuaternionTensor"):
        torch.compile(lambda q: torch._foreach_maximum([q], [q]), backend="eager")(q)


class Inside(nn.Module):
    """Plain in and out, numbers in between, by operators, functions and layers."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4))
        self.layer = hc.nn.QuaternionLinear(1, 2)

    def forward(self, x):
        q, w = hc.QuaternionTensor(x), hc.QuaternionTensor(self.weight)
        p = torch.mul(w, q) - q / w + 2 * q
        return (p[:, None] @ p[:, None].mH).components, abs(p), self.layer(p[:, None]).real


def test_export():
    """Strict export traces as the compiler does; the other traces fake tensors, which have a type."""
    x, module = torch.randn(3, 4), Inside()
    for ours, expected in zip(
        torch.export.export(module, (x,), strict=True).module()(x), module(x), strict=True
    ):
        torch.testing.assert_close(ours, expected)
    with pytest.raises((RuntimeError, NotImplementedError), match=r"FakeTensor"):
        torch.export.export(module, (x,), strict=False)


def test_operators_that_torch_wraps_in_python():
    """The compiler takes them for other functions than the ones that it finds in a table."""

    def f(q):
        return 1 - q, 2 / q, 2**q, q**2, torch.ones(3) @ q

    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 3)).float()
    compiled = torch.compile(f, fullgraph=True, backend="eager")(q)
    for ours, expected in zip(compiled, f(q), strict=True):
        assert torch.allclose(ours, expected)


def test_methods_that_torch_wrote_in_python(backend):
    """Whose getters the compiler asks for first."""

    def parts(q):
        first, second = q.split(2)
        return first, second, *q.split([1, 3]), q.norm(), q.norm(2, 1, True), q.unflatten(0, (2, 2))

    for T in (hc.QuaternionTensor, hc.tensor_type(hc.clifford(1, 1, 1))):
        q = T(numbers(T.algebra, 4, 3))
        found = torch.compile(parts, fullgraph=True, backend=backend)(q)
        for ours, expected in zip(found, parts(q), strict=True):
            assert type(ours) is type(expected)
            torch.testing.assert_close(ours, expected)
    v = hc.multivector(numbers(hc.clifford(3), 4)[:, 1:4], hc.clifford(3), "vector")
    first, _ = torch.compile(lambda v: v.split(2), fullgraph=True, backend=backend)(v)
    assert torch.equal(first.components, v.components[:2])
    with pytest.raises(torch._dynamo.exc.Unsupported, match="stft is refused for"):
        torch.compile(lambda q: q.stft(2), fullgraph=True, backend=backend)(q)


def test_gradients_are_taken_outside_of_the_graph(backend):
    """The graph of gradients is given numbers as they came in, and computes with components."""
    for f in (lambda q: q.abs(), lambda q: q.components.abs(), lambda q: (q * q).exp().components):
        q = hc.QuaternionTensor(numbers(hc.QUATERNION, 3)).requires_grad_()
        (expected,) = torch.autograd.grad(f(q).sum(), q)
        (ours,) = torch.autograd.grad(torch.compile(f, fullgraph=True, backend=backend)(q).sum(), q)
        torch.testing.assert_close(ours.components, expected.components)


def test_a_function_of_theirs_called_pow_is_refused_compiled_too(backend):
    def pow(x, bins):
        if torch.overrides.has_torch_function_unary(x):
            return torch.overrides.handle_torch_function(pow, (x,), x, bins)
        return x

    q = hc.QuaternionTensor(torch.ones(4))
    with pytest.raises(Exception, match="pow is refused for QuaternionTensor"):
        torch.compile(lambda q: pow(q, 2), fullgraph=True, backend=backend)(q)


def test_refusals_are_refusals_compiled_too(backend):
    @torch.compile(fullgraph=True, backend=backend)
    def f(q):
        return torch.erf(q)

    with pytest.raises(Exception, match="refused for QuaternionTensor"):
        f(hc.QuaternionTensor(torch.ones(4)))


@pytest.mark.parametrize("part", ["real", "imag", "components", "w", "x", "y", "z"])
def test_parts_are_written_where_it_is_compiled(part, backend):
    """The compiler would note an attribute of Python, and leave the numbers as they are."""
    q, r = hc.QuaternionTensor.randn(2, 3)

    def written(q, r):
        setattr(q, part, getattr(r, part))
        setattr(q[1:], part, 2 * getattr(r, part)[1:])
        return q * r

    compiled = torch.compile(written, fullgraph=True, backend=backend)
    ours, theirs = q.clone(), q.clone()
    torch.testing.assert_close(compiled(ours, r), written(theirs, r))
    assert torch.equal(ours, theirs)
    assert not torch.equal(ours, q)


def test_types_are_made_where_it_is_compiled(backend):
    first, second, twin = (
        hc.cayley_dickson(hc.REAL, c, name=name)
        for c, name in ((5001, "FIRST"), (5002, "SECOND"), (5001, "TWIN"))
    )

    def products(x):
        types = [hc.tensor_type(algebra) for algebra in (first, second, twin)]
        return [(t(x) * t(x)).components for t in types]

    x = torch.randn(3, 2)
    compiled = torch.compile(products, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(x), products(x))
    assert hc.tensor_type(twin) is hc.tensor_type(first)
