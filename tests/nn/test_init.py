"""Initial weights have the distribution that the paper states, from torch's generator."""

import math
import random

import numpy as np
import pytest
import torch
from scipy import stats

import hypercomplex as hc
from hypercomplex.nn import init
from tests.cases import ALGEBRAS


@pytest.mark.parametrize("n", sorted({a.dimension for a in ALGEBRAS} | {16}))
@pytest.mark.parametrize("criterion", ["glorot", "he"])
@pytest.mark.parametrize("transposed", [False, True])
def test_mean_squared_modulus_is_that_of_the_criterion(n, criterion, transposed):
    shape = (40, 60, 5, n) if not transposed else (60, 40, 5, n)
    w = init.polar_(torch.empty(shape, dtype=torch.float64), criterion, transposed=transposed)
    fan_in, fan_out = 60 * 5, 40 * 5
    expected = 2 / fan_in if criterion == "he" else 2 / (fan_in + fan_out)
    assert init.mean_squared_modulus(shape, criterion, transposed) == expected
    samples = w.square().sum(-1)
    error = samples.std() / math.sqrt(samples.numel())
    assert abs(samples.mean() - expected) < 5 * error


def test_modulus_axis_and_phase_of_quaternions():
    """Kolmogorov-Smirnov against the stated laws, 40,000 weights."""
    w = init.polar_(torch.empty(200, 200, 4, dtype=torch.float64), "he")
    sigma = 1 / math.sqrt(2 * 200)
    w = w.view(-1, 4)
    modulus = w.norm(dim=-1)
    assert stats.kstest(modulus / sigma, stats.chi(4).cdf).pvalue > 1e-3
    phase = torch.acos(w[:, 0] / modulus)  # in (0, pi): the sign goes into the axis
    assert stats.kstest(phase / math.pi, stats.uniform.cdf).pvalue > 1e-3
    axis = w[:, 1:] / w[:, 1:].norm(dim=-1, keepdim=True)
    for part in axis.T:  # Archimedes: each coordinate of the sphere is uniform
        assert stats.kstest((part + 1) / 2, stats.uniform.cdf).pvalue > 1e-3
    assert abs((axis**4).mean() - 1 / 5) < 2e-3  # a cube's directions would give 0.180
    assert abs(torch.corrcoef(torch.stack([modulus, phase, axis[:, 0] ** 2]))[0, 1:]).max() < 0.02


def test_components_have_the_variances_of_the_paper():
    """var(r) = 2 s^2 and var(i) = var(j) = var(k) = 2/3 s^2 with s^2 = 1 / (2 (in + out))."""
    w = init.polar_(torch.empty(300, 500, 4, dtype=torch.float64)).view(-1, 4)
    s2 = 1 / (2 * 800)
    expected = torch.tensor([2, 2 / 3, 2 / 3, 2 / 3], dtype=torch.float64)
    torch.testing.assert_close(w.var(0) / s2, expected, rtol=0.03, atol=0)
    assert w.mean(0).abs().max() < 5 * math.sqrt(2 * s2 / len(w))


def test_over_the_reals_weights_are_normal():
    w = init.polar_(torch.empty(200, 200, 1, dtype=torch.float64), "he").flatten()
    assert stats.kstest(w * math.sqrt(100), stats.norm.cdf).pvalue > 1e-3


def test_draws_come_from_the_generator_alone():
    def weights(seed):
        return init.polar_(torch.empty(5, 3, 4), generator=torch.Generator().manual_seed(seed))

    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))
    assert torch.equal(torch.get_rng_state(), before[0])
    hc.nn.QuaternionLinear(3, 5)
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]
    torch.manual_seed(3)
    first = hc.nn.QuaternionLinear(3, 5).weight
    second = hc.nn.QuaternionLinear(3, 5).weight
    torch.manual_seed(3)
    assert torch.equal(first, hc.nn.QuaternionLinear(3, 5).weight)
    assert not torch.allclose(first.norm(dim=-1), second.norm(dim=-1))  # layers are independent


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
def test_every_precision_is_filled(dtype):
    w = init.polar_(torch.empty(64, 64, 4, dtype=dtype), "he")
    assert w.isfinite().all()
    torch.testing.assert_close(w.double().square().sum(-1).mean(), torch.tensor(1 / 32).double(), rtol=0.1, atol=0)  # fmt: skip


@pytest.mark.parametrize("algebra", [hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION], ids=str)
def test_a_layer_keeps_the_mean_square_of_its_input(algebra):
    """He: E|y|^2 = fan_in E|w|^2 E|x|^2 = 2 E|x|^2, in every composition algebra."""
    layer = hc.nn.Linear(400, 300, algebra=algebra, criterion="he", bias=False)
    x = torch.randn(50, 400 * algebra.dimension)
    assert abs(layer(x).square().mean() / x.square().mean() - 2) < 0.1
