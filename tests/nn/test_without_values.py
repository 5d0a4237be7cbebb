"""Layers of tensors that have no values: on the meta device, and under fake tensors.

Tools that plan before there is memory make models and call them so.
"""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

import hypercomplex as hc

Q, G = hc.QUATERNION, hc.clifford(3)
ROWS, SEQUENCES, INDICES = (5, 12), (5, 7, 16), (3,)
IMAGES: dict[int, tuple[int, ...]] = {1: (5, 12, 9), 2: (5, 12, 7, 7), 3: (5, 12, 5, 5, 5)}


def made(name: str, *args: Any, **options: Any) -> Callable[[], nn.Module]:
    return lambda: getattr(hc.nn, name)(*args, **options)


def layers() -> dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], int]]:
    """How to make each layer, the shape of an input, and how many inputs it takes."""
    found: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], int]] = {}

    def add(
        names: str, shape: tuple[int, ...], *args: Any, inputs: int = 1, **options: Any
    ) -> None:
        found.update(
            {name: (made(name, *args, **options), shape, inputs) for name in names.split()}
        )

    add("Linear RotationLinear LearnedReadout", ROWS, 3, 2, algebra=Q)
    add("QuaternionLinear", ROWS, 3, 2)
    add("PHMLinear LowRankPHMLinear", ROWS, 4, 12, 8)
    add("LayerNorm RMSNorm WeightedProduct ModReLU", ROWS, 3, algebra=Q)
    add(
        "Cardioid Dropout ModTanh Modulus RealPart AllComponents FeaturesToNumbers", ROWS, algebra=Q
    )
    add("SplitGELU SplitHardtanh SplitLeakyReLU SplitReLU SplitSiLU SplitSigmoid SplitTanh", ROWS)
    add("Split", ROWS, nn.Softsign())
    add("QuaternionLayerNorm", ROWS, 3)
    add("FeaturesToImaginary", (5, 9), algebra=Q)
    add("ChannelPermutation", ROWS, 12, 4, 3, dim=-1)
    add("GroupNorm", IMAGES[1], 3, 3, algebra=Q)
    add("LearnedVector", (5, 3, 7, 7), 3, algebra=Q)
    add("Embedding", INDICES, 7, 3, algebra=Q)
    add("QuaternionEmbedding", INDICES, 7, 3)
    for d, shape in IMAGES.items():
        pools = f"AdaptiveAvgPool{d}d AdaptiveMaxPool{d}d AvgPool{d}d MaxPool{d}d"
        add(pools, shape, 2, algebra=Q)
        add(f"BatchNorm{d}d InstanceNorm{d}d VarianceNorm{d}d", shape, 3, algebra=Q)
        add(f"QuaternionBatchNorm{d}d", shape, 3)
        add(f"Dropout{d}d", shape, algebra=Q)
        add(f"Conv{d}d ConvTranspose{d}d", shape, 3, 2, 3, algebra=Q)
        add(f"QuaternionConv{d}d QuaternionConvTranspose{d}d", shape, 3, 2, 3)
        add(f"PHMConv{d}d PHMConvTranspose{d}d", shape, 4, 12, 8, 3)
        if d < 3:
            add(f"DepthwiseConv{d}d", shape, 3, 3, algebra=Q)
            add(f"SeparableConv{d}d RotationConv{d}d", shape, 3, 2, 3, algebra=Q)
    for kind in ("RNN", "GRU", "LSTM", "LiGRU"):
        add(kind, SEQUENCES, 4, 3, algebra=Q)
        add(f"{kind}Cell", ROWS, 3, 3, algebra=Q)
        add(f"Quaternion{kind}", SEQUENCES, 4, 3)
        add(f"Quaternion{kind}Cell", ROWS, 3, 3)
    add("MultiheadAttention", SEQUENCES, 4, 2, algebra=Q, inputs=3)
    add("QuaternionMultiheadAttention", SEQUENCES, 4, 2, inputs=3)
    add("TransformerEncoderLayer", SEQUENCES, 4, 2, 8, algebra=Q)
    add("QuaternionTransformerEncoderLayer", SEQUENCES, 4, 2, 8)
    add("TransformerDecoderLayer", SEQUENCES, 4, 2, 8, algebra=Q, inputs=2)
    add("QuaternionTransformerDecoderLayer", SEQUENCES, 4, 2, 8, inputs=2)
    add("EquivariantLinear FullyConnectedProduct GeometricBilinear", (5, 24), 3, 2, algebra=G)
    add("EquivariantLayerNorm GradeGate GradeNorm", (5, 24), 3, algebra=G)
    add("EquivariantAttention", (5, 7, 32), 4, 2, algebra=G, inputs=3)
    return found


LAYERS = layers()
# torch makes no parameters of fake tensors that are to be filled later, and equations are of numbers
NOT_HERE = {"LazyLinear", "LazyConv1d", "LazyConv2d", "LazyConv3d", "Equation", "Recurrence"}
NOT_HERE |= {"Bidirectional"}


def shapes(make: Callable[[], nn.Module], shape: tuple[int, ...], inputs: int) -> list[Any]:
    """The shapes of what a layer gives in training and after; it is differentiated, too."""
    found, layer = [], make()
    for training in (True, False):
        given = torch.zeros(shape, dtype=torch.long if shape == INDICES else None)
        given.requires_grad_(shape != INDICES)
        result = layer.train(training)(*[given] * inputs)
        first, *rest = result if isinstance(result, tuple) else (result,)
        first.sum().backward()
        found += [x.shape for x in (first, *rest) if isinstance(x, Tensor)]
    return found


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_made_and_called_without_values(name: str) -> None:
    expected = shapes(*LAYERS[name])
    with FakeTensorMode():
        assert shapes(*LAYERS[name]) == expected
    with torch.device("meta"):
        assert shapes(*LAYERS[name]) == expected


def test_every_layer_is_tried() -> None:
    classes = {name for name in hc.nn.__all__ if isinstance(getattr(hc.nn, name), type)}
    assert {n for n in classes if issubclass(getattr(hc.nn, n), nn.Module)} == {*LAYERS} | NOT_HERE
