"""Rotations in blocks: sizes cancel, no number spoils another, gradients are typed and batched."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import rotations as R
from hypercomplex.host import mode
from hypercomplex.kernels import blocks as kernel_blocks
from hypercomplex.kernels import nearest


@pytest.fixture
def blocks(monkeypatch):
    """Few numbers take the road of many, in blocks of an odd size."""
    monkeypatch.setattr(kernel_blocks, "_BLOCK", 7)
    monkeypatch.setattr(mode, "_FEW", 0)


def leaf(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def rotate(q, v):
    return F.rotate(q, v, hc.QUATERNION)


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("size", [1e-300, 1e-150, 1e-3, 1e3, 1e150, 1e300])
def test_sizes_cancel(few, size, request):
    if not few:
        request.getfixturevalue("blocks")
    q, v = leaf(20, 4), leaf(20, 3)
    scaled = (q.detach() * size).requires_grad_()
    for function in (lambda q: rotate(q, v), R.to_matrix):
        one, other = function(q), function(scaled)
        torch.testing.assert_close(other, one)
        g = torch.randn_like(one)
        (of_scaled,) = torch.autograd.grad(other, scaled, g)
        torch.testing.assert_close(of_scaled * size, torch.autograd.grad(one, q, g)[0])


def test_one_bad_number_spoils_no_other(blocks):
    q, v = torch.randn(20, 4), torch.randn(20, 3)
    good = rotate(q, v)
    for bad in (0.0, torch.nan, torch.inf):
        mixed = q.clone()
        mixed[3] = bad
        turned = rotate(mixed, v)
        assert turned[3].isnan().all()
        rest = torch.arange(20) != 3
        torch.testing.assert_close(turned[rest], good[rest])


@pytest.mark.parametrize("distance", [0.0, 1e-7, 1e-5, 1e-3, 1.0])
def test_few_and_many_matrices_are_far_from_rotations_alike(distance):
    m = R.to_matrix(leaf(20, 4))
    m = m + distance * torch.randn_like(m)
    ways = nearest.few, nearest.planes, nearest.near
    assert [way(m) is None for way in ways] == [distance > 1e-6] * len(ways)


@pytest.mark.parametrize("noise", [0.0, 1e-16, 1e-9])
def test_matrices_of_turns_whose_largest_components_are_equal(noise, blocks):
    """Values, gradients and what is differentiated again agree about the sign."""
    ends = torch.cartesian_prod(*[torch.tensor([-1.0, 0, 1], dtype=torch.float64)] * 4)
    q = ends[ends.any(-1)]
    m = (R.to_matrix(q) + noise * torch.randn(len(q), 3, 3).double()).requires_grad_()
    found, expected = R.from_matrix(m), nearest.from_orthogonal.twin(m)
    torch.testing.assert_close(found, expected)
    assert (found.amax(-1) > found.abs().amax(-1) - 1e-7).all()
    g = torch.randn_like(found)
    (of_twin,) = torch.autograd.grad(expected, m, g)
    for again in (False, True):
        (gradient,) = torch.autograd.grad(found, m, g, create_graph=again, retain_graph=True)
        torch.testing.assert_close(gradient, of_twin)


def test_a_typed_tensor_has_typed_gradients(blocks):
    q = hc.QuaternionTensor(torch.randn(20, 4), requires_grad=True)
    turned = q.rotate(torch.randn(20, 3))
    turned.square().sum().backward()
    assert "_Turn" in turned.grad_fn.name()
    assert type(q.grad) is hc.QuaternionTensor
    matrix = R.to_matrix(q)
    (gradient,) = torch.autograd.grad(matrix, q, torch.randn_like(matrix))
    assert type(gradient) is hc.QuaternionTensor


def test_the_inverse_by_a_matrix_of_meta_tensors():
    x = torch.empty(3, 4, device="meta")
    assert F.inverse(x, hc.clifford(2)).shape == x.shape
    zero_divisors = hc.clifford(3)
    y = torch.empty(3, 8, device="meta")
    assert F.inverse(y, zero_divisors).is_meta


def there_and_back(q, v):
    return R.from_matrix(R.to_matrix(q))


@pytest.mark.parametrize(
    "function", [lambda q, v: rotate(q, v), lambda q, v: R.to_matrix(q), there_and_back]
)
def test_many_cotangents_at_once(function, blocks):
    q, v = leaf(20, 4), leaf(20, 3)
    out = function(q, v)
    g = torch.randn(2, *out.shape, dtype=torch.float64)
    (together,) = torch.autograd.grad(out, q, g, is_grads_batched=True, retain_graph=True)
    apart = [torch.autograd.grad(out, q, each, retain_graph=True)[0] for each in g]
    torch.testing.assert_close(together, torch.stack(apart))
