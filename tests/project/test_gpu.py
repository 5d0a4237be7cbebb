"""The same numbers on a GPU; skipped, with the reason shown, where there is none."""

import torch

import hypercomplex as hc
from tests.cases import every_algebra, needs_gpu, numbers

pytestmark = needs_gpu


@every_algebra
def test_arithmetic(algebra):
    T = hc.tensor_type(algebra)
    a, b = T(numbers(algebra, 5, 5)), T(numbers(algebra, 5, 5))
    for f in (
        lambda a, b: a * b,
        lambda a, b: a / b,
        lambda a, b: a @ b,
        lambda a, b: (a + 1).sum(0) - b[1],
    ):
        there = f(a.cuda(), b.cuda())
        assert there.is_cuda
        assert torch.allclose(there.cpu(), f(a, b))


@every_algebra
def test_layers_forward_and_backward(algebra):
    layer = hc.nn.Conv2d(2, 4, 3, groups=2, algebra=algebra, dtype=torch.float64)
    x = torch.randn(2, 2 * algebra.dimension, 6, 6, dtype=torch.float64)
    expected = layer(x)
    expected.square().sum().backward()
    gradient = layer.weight.grad.clone()
    layer.zero_grad()
    there = layer.cuda()(x.cuda())
    there.square().sum().backward()
    torch.testing.assert_close(there.cpu(), expected)
    torch.testing.assert_close(layer.weight.grad.cpu(), gradient)


def test_compiled():
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 64, 64)).cuda()
    f = lambda q: (q @ q.mH).sum(0)
    assert torch.allclose(torch.compile(f, fullgraph=True)(q), f(q))


def test_files_move_between_devices(tmp_path):
    q = hc.QuaternionTensor(torch.randn(3, 4)).cuda()
    torch.save(q, tmp_path / "q.pt")
    loaded = torch.load(tmp_path / "q.pt", weights_only=True, map_location="cpu")
    assert loaded.device.type == "cpu"
    assert torch.equal(loaded, q.cpu())


def test_optimizers_and_pinned_batches():
    data = torch.utils.data.TensorDataset(hc.QuaternionTensor(torch.randn(8, 3, 4)))
    for how in ({}, {"foreach": True}, {"fused": True}):
        typed = torch.nn.Parameter(hc.QuaternionTensor(torch.ones(3, 4)).cuda())
        plain = torch.nn.Parameter(torch.ones(3, 4).cuda())
        for (x,) in torch.utils.data.DataLoader(data, batch_size=4, pin_memory=True):
            assert x.is_pinned()
            for p in (typed, plain):
                optimizer = torch.optim.AdamW([p], lr=0.1, **how)
                (hc.QuaternionTensor(p) * x.cuda()).abs().sum().backward()
                optimizer.step()
                optimizer.zero_grad()
        torch.testing.assert_close(typed.components, plain)
