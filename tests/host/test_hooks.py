"""Hooks of modules, and of several tensors, see gradients of numbers as they see complex ones."""

import pytest
import torch
from torch import nn

import hypercomplex as hc
from tests.cases import numbers

Q = hc.QuaternionTensor


class Scale(nn.Module):
    """A product of numbers, and a real one beside it."""

    def forward(self, q, x, name="real"):
        return q * x, x * 2


def inputs():
    q = Q(numbers(hc.QUATERNION, 3), requires_grad=True)
    return q, torch.ones(3, dtype=torch.float64, requires_grad=True)


def gradients_of(module, q, x):
    y, z = module(q, x)
    return torch.autograd.grad((y * y).abs().sum() + z.sum(), (q, x))


def test_gradients_of_inputs_and_outputs_are_typed():
    seen, before, module = [], [], Scale()
    module.register_full_backward_hook(lambda m, grads, of: seen.extend([*grads, *of]))
    module.register_full_backward_pre_hook(lambda m, of: before.extend(of))
    q, x = inputs()
    expected = gradients_of(Scale(), q, x)
    found = gradients_of(module, q, x)
    assert [type(g) for g in found] == [type(g) for g in expected] == [Q, torch.Tensor]
    assert [type(g) for g in seen] == [Q, torch.Tensor] * 2
    assert [type(g) for g in before] == [Q, torch.Tensor]
    for given, mine, right in zip(seen, found, expected, strict=False):
        torch.testing.assert_close(mine, right)
        torch.testing.assert_close(given, right)
    assert torch.equal(before[0], seen[2])
    (of_output,) = torch.autograd.grad((q * q).abs().sum(), q)  # where x is 1
    torch.testing.assert_close(seen[2], of_output)


def test_what_hooks_return_is_numbers():
    q, x = inputs()
    of_q, of_x = gradients_of(Scale(), q, x)
    i = Q([0.0, 1, 0, 0]).double()
    module = Scale()
    module.register_full_backward_hook(lambda m, grads, of: (i * grads[0], grads[1] * 3))
    found = gradients_of(module, q, x)
    torch.testing.assert_close(found[0], i * of_q)
    torch.testing.assert_close(found[1], 3 * of_x)
    module = Scale()
    module.register_full_backward_pre_hook(lambda m, of: (of[0] * 2, of[1] * 2))
    found = gradients_of(module, q, x)
    torch.testing.assert_close(found[0], 2 * of_q)
    torch.testing.assert_close(found[1], 2 * of_x)


def test_reals_that_a_hook_returns_are_numbers():
    q, x = inputs()
    module = Scale()
    module.register_full_backward_hook(lambda m, grads, of: (grads[0].real, grads[1]))
    of_q, _ = gradients_of(module, q, x)
    expected = gradients_of(Scale(), q, x)
    assert torch.equal(of_q.real, expected[0].real)
    assert not of_q.imag.any()


def test_second_derivatives_go_through():
    q, x = inputs()
    module = Scale()
    module.register_full_backward_hook(lambda m, grads, of: tuple(g * 2 for g in grads))
    y, _ = module(q, x)
    (g,) = torch.autograd.grad((y * y).real.sum(), q, create_graph=True)
    assert type(g) is Q
    (second,) = torch.autograd.grad(g.abs().square().sum(), q)
    y, _ = Scale()(q, x)
    (g,) = torch.autograd.grad((y * y).real.sum(), q, create_graph=True)
    (expected,) = torch.autograd.grad(g.abs().square().sum(), q)
    torch.testing.assert_close(second, 8 * expected)  # twice in g, which is squared, and once more


@pytest.mark.parametrize("algebra", [hc.COMPLEX, hc.OCTONION], ids=str)
def test_layers_and_models(algebra):
    """A typed batch through layers with plain parameters, inside of a model without tuples."""
    model = nn.Sequential(hc.nn.Linear(3, 2, algebra=algebra), hc.nn.Linear(2, 1, algebra=algebra))
    types = []
    for layer in model:
        layer.register_full_backward_hook(lambda m, grads, of: types.append(type(grads[0])))
    x = hc.tensor_type(algebra).randn(5, 3, requires_grad=True)
    model(x).abs().sum().backward()
    assert types == [hc.tensor_type(algebra)] * 2
    model(x.folded().detach().requires_grad_()).sum().backward()
    assert types[2:] == [torch.Tensor] * 2


def test_inputs_without_gradients():
    seen, module = [], hc.nn.QuaternionLinear(3, 2)
    module.register_full_backward_hook(lambda m, grads, of: seen.append((grads, of)))
    with pytest.warns(UserWarning, match="no inputs require gradients"):
        module(Q.randn(5, 3)).abs().sum().backward()
    ((none,), (of,)) = seen[0]
    assert none is None
    assert type(of) is Q


@pytest.mark.parametrize("mode", ["all", "any"])
def test_hooks_of_several_tensors_are_called(mode):
    q, p = (Q.randn(3, requires_grad=True) for _ in range(2))
    seen = []
    torch.autograd.graph.register_multi_grad_hook((q, p), seen.append, mode=mode)
    (q * p).abs().sum().backward()
    (given,) = seen
    for each in given if mode == "all" else [given]:
        assert type(each) is Q
    if mode == "all":
        assert torch.equal(given[0], q.grad)
        assert torch.equal(given[1], p.grad)


def test_the_edge_of_a_leaf_is_its_own():
    q = Q.randn(3, requires_grad=True)
    edge = torch.autograd.graph.get_gradient_edge(q)
    assert edge.node.name() == "torch::autograd::AccumulateGrad"
    (components,) = torch.autograd.grad((q * q).abs().sum(), edge)
    assert torch.equal(components, torch.autograd.grad((q * q).abs().sum(), q)[0].components)


@pytest.mark.parametrize("alone", [True, False], ids=["one", "several"])
def test_gradients_by_edges(alone):
    """An edge is a tuple, but no sequence of tensors."""
    q, ones = Q.randn(3, requires_grad=True), Q.ones(3)
    y = q * q
    of_y, of_q = map(torch.autograd.graph.get_gradient_edge, (y, q))

    def grad(*args):
        args = args if alone else [[each] for each in args]
        return torch.autograd.grad(*args, retain_graph=True)[0]

    expected = grad(y, q, ones)
    found = grad(of_y, q, ones.components)
    assert type(found) is Q
    assert torch.equal(found, expected)
    assert torch.equal(grad(y, of_q, ones), expected.components)
    torch.autograd.backward(of_y, ones.components, inputs=q)
    assert torch.equal(q.grad, expected)


def test_gradients_of_numbers_at_edges_without_types():
    """Edges know no types: what is given and found are the components of numbers."""
    x, ones = torch.randn(3, 4, requires_grad=True), Q.ones(3)
    y = Q(x) * Q(x)
    edge = torch.autograd.graph.get_gradient_edge(y)
    (expected,) = torch.autograd.grad(y, x, ones, retain_graph=True)
    (found,) = torch.autograd.grad(edge, x, ones, retain_graph=True)
    assert torch.equal(found, expected)
    both = torch.stack([ones, 2 * ones])
    (found,) = torch.autograd.grad([edge], x, [both], retain_graph=True, is_grads_batched=True)
    assert torch.equal(found, torch.stack([expected, 2 * expected]))
    torch.autograd.backward([edge], [ones])
    assert torch.equal(x.grad, expected)
    with pytest.raises(RuntimeError, match="Mismatch in shape"):  # of what is plain
        torch.autograd.backward((x * 2).sum(), ones)


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_compiled_modules_have_their_hooks(backend):
    """Around them: a graph holds none of numbers."""
    torch._dynamo.reset()
    layer = hc.nn.QuaternionLinear(3, 2)
    layer.register_full_backward_hook(lambda m, grads, of: (grads[0] * 2,))
    gradients = []
    for module in (layer, torch.compile(layer, backend=backend)):
        q = Q(torch.ones(5, 3, 4), requires_grad=True)
        module(q * 1).abs().sum().backward()
        gradients.append(q.grad)
    torch.testing.assert_close(*gradients)
