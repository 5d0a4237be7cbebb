"""Models of numbers in ONNX: exported as they are and as stock layers, run by onnxruntime."""

import io
import logging
from typing import Any

import pytest
import torch
from torch import nn

import hypercomplex as hc

onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra `export`")
pytest.importorskip("onnxscript", reason="needs the extra `export`")
Q = hc.QUATERNION
BATCH = {0: torch.export.Dim("batch")}


def classifier() -> nn.Module:
    """A quaternion CNN with a whitening norm, which has seen three batches."""
    model = nn.Sequential(
        hc.nn.QuaternionConv2d(1, 4, 3),
        hc.nn.QuaternionBatchNorm2d(4),
        hc.nn.SplitReLU(),
        hc.nn.QuaternionConv2d(4, 4, 3, groups=2),
        hc.nn.VarianceNorm2d(4, algebra=Q),
        hc.nn.AdaptiveAvgPool2d(1, algebra=Q),
        nn.Flatten(),
        hc.nn.LearnedReadout(4, 10, algebra=Q),
    )
    for _ in range(3):
        model(torch.randn(5, 4, 8, 8) @ torch.randn(8, 8))
    return model.eval()


def session(model: nn.Module, x: torch.Tensor) -> Any:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # torchvision may be missing
    program = torch.onnx.export(model, (x,), dynamo=True, dynamic_shapes=(BATCH,), verbose=False)
    file = io.BytesIO()
    program.save(file)
    return onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])


def check(model: nn.Module, ran: Any, x: torch.Tensor) -> None:
    (found,) = ran.run(None, {ran.get_inputs()[0].name: x.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(found), model(x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("convert", [lambda model: model, hc.nn.to_real], ids=["as is", "to_real"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_whitened_network_runs_in_onnxruntime_for_any_batch(convert: Any) -> None:
    model = classifier()
    ran = session(convert(model), torch.randn(2, 4, 8, 8))
    for batch in (1, 2, 7):
        check(model, ran, torch.randn(batch, 4, 8, 8))


LAYERS: list[tuple[Any, tuple[int, ...]]] = [
    (lambda: hc.nn.QuaternionLinear(3, 5), (12,)),
    (lambda: hc.nn.QuaternionConvTranspose2d(3, 2, 3), (12, 5, 5)),
    (lambda: hc.nn.BatchNorm1d(3, algebra=hc.OCTONION), (24,)),
    (lambda: hc.nn.BatchNorm3d(2, algebra=hc.COMPLEX), (4, 3, 3, 3)),
    (lambda: hc.nn.LayerNorm(3, algebra=Q), (12,)),
    (lambda: hc.nn.Modulus(algebra=Q), (12,)),
    (lambda: hc.nn.MaxPool2d(2, algebra=Q), (12, 4, 4)),
    (lambda: First(hc.nn.QuaternionLSTM(3, 5, batch_first=True)), (7, 12)),
]


class First(nn.Module):
    """The output of a recurrent layer, without its states."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)[0]


@pytest.mark.nightly
@pytest.mark.parametrize(("make", "shape"), LAYERS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_layers_run_in_onnxruntime(make: Any, shape: tuple[int, ...]) -> None:
    layer = make()
    layer(torch.randn(9, *shape))  # norms learn from a batch
    ran = session(layer.eval(), torch.randn(2, *shape))
    for batch in (1, 5):
        check(layer, ran, torch.randn(batch, *shape))
