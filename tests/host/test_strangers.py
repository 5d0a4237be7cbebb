"""Libraries that would take numbers for reals without a word refuse or warn, and the way round."""

import pytest
import torch
from torch import nn

import hypercomplex as hc

Q = hc.QUATERNION


def net() -> nn.Module:
    layer = hc.nn.QuaternionLinear
    return nn.Sequential(layer(32, 64), nn.ReLU(), layer(64, 32)).eval()


def near(found: torch.Tensor, expected: torch.Tensor) -> bool:
    """Up to what 8 bits leave of weights and inputs."""
    return bool((found - expected).norm() < 0.05 * expected.norm())


def test_opt_einsum_refuses_numbers_whose_order_counts() -> None:
    opt_einsum = pytest.importorskip("opt_einsum", reason="compared where it is installed")
    q, r = hc.QuaternionTensor.randn(2, 3), hc.QuaternionTensor.randn(4, 3)
    for contraction, *factors in [("ij,kj->ik", q, r), ("ij,kj,ki->i", q, r, torch.randn(4, 2))]:
        with pytest.raises(TypeError, match=r"do not commute; use torch\.einsum"):
            opt_einsum.contract(contraction, *factors, backend="torch")
    torch.testing.assert_close(torch.einsum("ij,kj->ik", q, r), q @ r.mT)
    z, w = (hc.as_hypercomplex(torch.randn(n, 3, 2), hc.COMPLEX) for n in (2, 4))
    found = opt_einsum.contract("ij,kj->ik", z, w, backend="torch")
    torch.testing.assert_close(found, z @ w.mT)
    x, y = torch.randn(2, 3), torch.randn(4, 3)
    torch.testing.assert_close(opt_einsum.contract("ij,kj->ik", x, y, backend="torch"), x @ y.mT)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:torch.quantize:UserWarning")
def test_dynamic_quantisation_warns_and_takes_stock_layers(
    recwarn: pytest.WarningsRecorder,
) -> None:
    quantize = torch.ao.quantization.quantize_dynamic
    model, x = net(), torch.randn(16, 128)
    with pytest.warns(UserWarning, match=r"leaves those of numbers as they are: 0, 2; hand it"):
        quantize(model, {nn.Linear}, dtype=torch.qint8)
    recwarn.clear()
    quantized = quantize(hc.nn.to_real(model), {nn.Linear}, dtype=torch.qint8)
    assert not [w for w in recwarn if "numbers" in str(w.message)]
    assert "quantized" in type(quantized[0]).__module__
    assert near(quantized(x), model(x))


def test_torchao_warns_and_takes_stock_layers() -> None:
    torchao = pytest.importorskip("torchao", reason="compared where it is installed")
    model, x = net(), torch.randn(16, 128)
    config = torchao.quantization.Int8WeightOnlyConfig()
    with pytest.warns(UserWarning, match="torchao.* leaves those of numbers as they are: 0, 2"):
        torchao.quantization.quantize_(model, config)
    quantized = hc.nn.to_real(model)
    torchao.quantization.quantize_(quantized, config)
    assert type(quantized[0].weight.data).__module__.startswith("torchao")
    assert near(quantized(x), model(x))
