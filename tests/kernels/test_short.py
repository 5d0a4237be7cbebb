"""Short formulas against their slow twins: values, gradients, batches of them, second derivatives."""

import pytest
import torch
from torch.autograd import grad, gradcheck, gradgradcheck

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import rotations as R
from hypercomplex.kernels import use

H = hc.QUATERNION
FUNCTIONS = {
    "exp": lambda x: F.exp(x, H),
    "log": lambda x: F.log(x, H),
    "sqrt": lambda x: F.sqrt(x, H),
    "exp of octonions": lambda x: F.exp(torch.cat([x, x], -1), hc.OCTONION),
    "from_rotvec": lambda x: R.from_rotvec(x[..., 1:]),
    "from_rotvec in degrees": lambda x: R.from_rotvec(100 * x[..., 1:], degrees=True),
    "to_rotvec": R.to_rotvec,
    "to_rotvec in degrees": lambda x: R.to_rotvec(x, degrees=True),
    "slerp": lambda x: R.slerp(x[1:], x[:-1], 0.3),
    "slerp beyond": lambda x: R.slerp(x[1:], x[:-1], -1.0),
    "slerp at many t": lambda x: R.slerp(x[1:], x[:1], x[1:, 3]),
    "slerp, broadcast": lambda x: R.slerp(x[1], x[:1], x[1:, 2:].tanh()),
    "nlerp": lambda x: R.nlerp(x[1:], x[:-1], 0.3),
    "nlerp at many t": lambda x: R.nlerp(x[1:], x[:1], x[1:, 3]),
}


def numbers(n, dtype=torch.float64):
    """Generic ones, and from one to the next nearer the real axis and each other, to exactly."""
    x = torch.randn(n, 4, dtype=dtype, generator=torch.Generator().manual_seed(0))
    near = x * torch.logspace(0, -14, n, dtype=dtype).unsqueeze(-1)
    near[:, 0] = 1.25
    real = torch.tensor([[2.0, 0, 0, 0], [0.5, 0, 0, 0]], dtype=dtype)
    return torch.cat([x, near, real])


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_values_and_gradients_are_those_of_the_twin(name, dtype):
    f, x = FUNCTIONS[name], numbers(2000, dtype).requires_grad_()
    y = f(x)
    with use("twin"):
        expected = f(x)
    g = torch.linspace(-1, 1, y.numel(), dtype=dtype).view_as(y)
    pairs = [(y, expected), *zip(grad(y, x, g), grad(expected, x, g), strict=True)]
    for ours, twins in pairs:
        scale = 1 + twins.norm(dim=-1, keepdim=True)
        assert ((ours - twins) / scale).abs().max() < 100 * torch.finfo(dtype).eps
    with torch.no_grad():
        assert torch.equal(f(x), y)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_by_differences(name):
    x = numbers(2)[:4].requires_grad_()
    assert gradcheck(FUNCTIONS[name], x, check_batched_grad=True, check_forward_ad=True)
    assert gradgradcheck(FUNCTIONS[name], x, fast_mode=True)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_short_way_is_taken(name):
    """Else the tests above would compare the twin with itself."""
    x = numbers(3).requires_grad_()
    nodes = [FUNCTIONS[name](x).grad_fn]
    while "Recorded" not in type(nodes[-1]).__name__:
        nodes += [node for node, _ in nodes.pop().next_functions if node is not None]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("bad", [0.0, torch.nan, 1e25, 1e-25, -1.0])
def test_one_singular_number_among_others(name, bad):
    x = numbers(3, torch.float32)
    x[1] = torch.tensor([bad, 0, 0, 0])
    with use("twin"):
        expected = FUNCTIONS[name](x)
    torch.testing.assert_close(FUNCTIONS[name](x), expected, equal_nan=True)


def test_the_same_number_twice():
    x = numbers(1)[:1].requires_grad_()
    f = lambda: (R.slerp(x, x, 0.3) ** 3).sum()
    first, again = grad(f(), x)[0], grad(f(), x, create_graph=True)[0]
    torch.testing.assert_close(first, again)


def test_plain_tensors_inside_transforms():
    x = numbers(1).requires_grad_()
    scaled = torch.func.vmap(lambda s: s * R.to_rotvec(x))(torch.tensor([1.0, 2]))
    torch.testing.assert_close(scaled[1], 2 * R.to_rotvec(x))


def test_typed_tensors():
    q = hc.QuaternionTensor(numbers(3)).requires_grad_()
    x = q.components.detach().requires_grad_()
    (ours,) = grad(torch.exp(q).components.sum(), q)
    (plain,) = grad(F.exp(x, H).sum(), x)
    torch.testing.assert_close(ours.components, plain)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_exp_beyond_the_range_is_that_of_complex_numbers(dtype):
    real, imaginary = torch.tensor(
        [[1000.0, 0], [1000, 1], [-1000, 0], [torch.inf, 0], [0, 3e25], [-torch.inf, 1]],
        dtype=dtype,
    ).unbind(-1)
    z = torch.exp(torch.complex(real, imaginary))
    x = torch.stack([real, imaginary], -1)
    ours = F.exp(x, hc.COMPLEX)
    torch.testing.assert_close(ours, torch.view_as_real(z), rtol=1e-5, atol=1e-5)
    assert F.exp(torch.tensor([1000.0, 0, 0, 0]), H).tolist() == [torch.inf, 0, 0, 0]


@pytest.mark.parametrize("name", ["exp", "tanh", "sinh", "cosh", "sigmoid"])
def test_huge_imaginary_parts(name):
    x = torch.tensor([0.5, 0, 0, 3e25], requires_grad=True)
    z = getattr(torch, name)(torch.complex(x[0], x[3]).to(torch.complex128))
    y = getattr(F, name)(x, H)
    expected = torch.tensor([z.real.item(), 0, 0, z.imag.item()])
    torch.testing.assert_close(y.detach(), expected, rtol=1e-4, atol=1e-4)
    assert grad(y.sum(), x)[0].isfinite().all()
