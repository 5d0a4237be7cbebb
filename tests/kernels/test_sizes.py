"""Kernels for many numbers have the values of the formula for numbers of every size."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex.kernels import OPERATIONS, blocks
from hypercomplex.kernels.length import safe_length
from hypercomplex.kernels.scaling import is_moderate
from tests.kernels.samples import planar
from tests.precision import rounded_products

INVERT = OPERATIONS["invert"]
BLOCKS = {v.name: v for v in INVERT.variants}["blocks"]
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)


def of_every_size(dtype, width=4):
    """Random numbers times every power of two, and those whose components are special."""
    info = torch.finfo(dtype)
    least, most = info.tiny * info.eps, info.max
    powers = torch.arange(-1080, 1024, dtype=torch.float64).exp2()
    powers = powers[(powers >= least) & (powers <= most / 4)]
    x = torch.randn(len(powers), width, dtype=torch.float64).clamp(-3, 3) * powers[:, None]
    special = torch.tensor([0.0, -0.0, 1.0, least, -most, torch.inf, -torch.inf, torch.nan])
    places = torch.arange(len(special) ** 2)
    rows = torch.ones(len(places), width, dtype=torch.float64)
    rows[:, 0], rows[:, 1:] = special[places % 8], special[places // 8, None]
    return torch.cat([x.to(dtype), rows.to(dtype)])[torch.randperm(len(x) + len(rows))]


@pytest.fixture(params=[5, 1000], ids=["mixed", "one block"], autouse=True)
def blocks_of(request, monkeypatch):
    monkeypatch.setattr(blocks, "_BLOCK", request.param)


def assert_same(found, expected, roundings=8):
    """To rounding; NaN and infinity where they are; subnormal results to their last digit."""
    info = torch.finfo(found.dtype)
    torch.testing.assert_close(
        found, expected, rtol=roundings * info.eps, atol=2 * info.tiny * info.eps, equal_nan=True
    )


def gradient(function, x, g):
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(function(leaf, hc.QUATERNION), leaf, g)[0]


@DTYPES
@pytest.mark.parametrize("algebra", [hc.COMPLEX, hc.QUATERNION, hc.OCTONION], ids=str)
def test_inverses_of_every_size(algebra, dtype):
    x = of_every_size(dtype, algebra.dimension)
    found = BLOCKS.function(x, algebra)
    assert_same(found, INVERT.twin(x, algebra))
    assert BLOCKS.function(torch.zeros(3, algebra.dimension, dtype=dtype), algebra).isnan().all()


@DTYPES
def test_gradients_of_inverses_of_every_size(dtype):
    x = of_every_size(dtype)
    x = x[(x.abs() < torch.finfo(dtype).max ** 0.2).all(-1) & (x.abs() > 1e-15).all(-1)]
    g = torch.randn_like(x)
    found, expected = (gradient(f, x, g) for f in (BLOCKS.function, INVERT.twin))
    size = expected.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(
        found / size, expected / size, rtol=0, atol=64 * torch.finfo(dtype).eps
    )


@DTYPES
def test_lengths_of_every_size(dtype):
    (variant,) = safe_length.variants
    x = of_every_size(dtype)
    assert_same(variant.function(x), safe_length.twin(x))
    assert not variant.function(torch.zeros(3, 4, dtype=dtype)).any()


def test_no_setting_rounds_lengths():
    x = torch.randn(3000, 4)
    expected = x.double().norm(dim=-1)
    with rounded_products(), torch.autocast("cpu", dtype=torch.bfloat16):
        (variant,) = safe_length.variants
        assert_same(variant.function(x).double(), expected, 2**31)


def test_many_are_in_blocks_where_it_pays():
    q = hc.QuaternionTensor(torch.randn(3000, 4))
    for call in (lambda q: q.inverse(), lambda q: q.abs()):
        plain = call(q)
        with hc.kernels.use("blocks", "invert", "safe_length"):
            assert torch.equal(call(q), plain)
        torch.testing.assert_close(call(hc.QuaternionTensor(planar(q.components))), plain)


@pytest.mark.parametrize("shape", [(0, 4), (4,), (2, 0, 4), (2, 3, 4)])
def test_shapes(shape):
    x = torch.randn(shape)
    assert hc.functional.inverse(x, hc.QUATERNION).shape == shape
    assert safe_length.variants[0].function(x).shape == shape[:-1]


def test_a_number_out_of_range_has_the_gradient_of_the_formula():
    x = torch.randn(3000, 4)
    x[7] *= 1e-25
    g = torch.randn_like(x)
    found, expected = gradient(hc.functional.inverse, x, g), gradient(INVERT.twin, x, g)
    assert_same(found[7], expected[7], 0)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("count", [3, 100], ids=["few", "many"])
@pytest.mark.parametrize("strange", [torch.nan, torch.inf, 1e-30, 1e30])
def test_one_length_out_of_range_is_seen_wherever_it_stands(count, strange):
    squares = torch.ones(count, 1, requires_grad=True)
    assert is_moderate(squares)
    for place in (0, 1, count - 1):
        some = squares.detach().clone()
        some[place] = strange
        assert not is_moderate(some)
