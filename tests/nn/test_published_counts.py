"""The networks of a paper, built from these layers, have the printed numbers of parameters.

C. J. Gaudet and A. S. Maida, *Deep Quaternion Networks*, IJCNN 2018, table I: residual networks
for CIFAR-10. The printed counts include running statistics.
"""

import pytest
import torch
from torch import Tensor, nn

import hypercomplex as hc
from hypercomplex.nn import BatchNorm2d, Conv2d, LearnedVector, SplitReLU


class Block(nn.Module):
    """Two convolutions, each after batch normalisation and ReLU, beside a shortcut."""

    def __init__(self, width: int, algebra: hc.Algebra, *, project: bool = False) -> None:
        super().__init__()
        stride = 2 if project else 1
        self.path = nn.Sequential(
            BatchNorm2d(width, algebra=algebra),
            SplitReLU(),
            Conv2d(width, width, 3, stride, padding=1, bias=False, algebra=algebra),
            BatchNorm2d(width, algebra=algebra),
            SplitReLU(),
            Conv2d(width, width, 3, padding=1, bias=False, algebra=algebra),
        )
        self.shortcut = (
            Conv2d(width, width, 1, stride, bias=False, algebra=algebra) if project else None
        )
        self.algebra = algebra

    def forward(self, x: Tensor) -> Tensor:
        if self.shortcut is None:
            return x + self.path(x)
        n = self.algebra.dimension
        parts = [y.unflatten(1, (n, -1)) for y in (self.shortcut(x), self.path(x))]
        return torch.cat(parts, 2).flatten(1, 2)  # beside each other, as whole numbers


def residual_network(algebra: hc.Algebra, filters: int, blocks: int) -> nn.Module:
    # The real network eats the pair that the complex one reads as numbers.
    vector = LearnedVector(3, algebra=hc.COMPLEX if algebra == hc.REAL else algebra)
    channels = 6 if algebra == hc.REAL else 3

    def stage(count: int, width: int) -> list[nn.Module]:
        return [Block(width, algebra) for _ in range(count)]

    return nn.Sequential(
        vector,
        Conv2d(channels, filters, 3, padding=1, bias=False, algebra=algebra),
        BatchNorm2d(filters, algebra=algebra),
        SplitReLU(),
        *stage(blocks, filters),
        Block(filters, algebra, project=True),
        *stage(blocks - 1, 2 * filters),
        Block(2 * filters, algebra, project=True),
        *stage(blocks - 1, 4 * filters),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(algebra.dimension * 4 * filters, 10),
    )


def trainable(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def running(network: nn.Module) -> int:
    buffers = network.named_buffers()
    return sum(b.numel() for name, b in buffers if not name.endswith("num_batches_tracked"))


@pytest.mark.parametrize(
    ("algebra", "filters", "blocks", "printed", "learned"),
    [
        (hc.REAL, 32, 2, 508_932, 507_448),
        (hc.COMPLEX, 16, 2, 257_412, 255_560),
        (hc.QUATERNION, 8, 2, 133_560, 130_948),
        (hc.REAL, 32, 10, 3_619_844, 3_611_192),
        (hc.COMPLEX, 16, 10, 1_823_620, 1_812_808),
        (hc.QUATERNION, 8, 10, 932_792, 917_636),
    ],
    ids=str,
)
def test_printed_parameter_counts(
    algebra: hc.Algebra, filters: int, blocks: int, printed: int, learned: int
) -> None:
    with torch.device("meta"):
        network = residual_network(algebra, filters, blocks)
    assert trainable(network) == learned
    assert trainable(network) + running(network) == printed


@pytest.mark.parametrize("algebra", [hc.REAL, hc.COMPLEX, hc.QUATERNION], ids=str)
def test_the_counted_network_runs(algebra: hc.Algebra) -> None:
    network = residual_network(algebra, 2, 2)
    scores = network(torch.rand(3, 3, 16, 16))
    scores.square().sum().backward()
    assert scores.shape == (3, 10)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize(
    ("algebra", "learned", "recorded"),
    [(hc.REAL, 2, 2), (hc.COMPLEX, 5, 5), (hc.QUATERNION, 14, 14)],
    ids=str,
)
def test_values_of_one_batch_norm_feature(algebra: hc.Algebra, learned: int, recorded: int) -> None:
    layer = BatchNorm2d(1, algebra=algebra)
    assert (trainable(layer), running(layer)) == (learned, recorded)


# T. Parcollet et al., Quaternion Recurrent Neural Networks, ICLR 2019, table 1: four layers on 160
# reals a frame, bidirectional LSTMs whose directions share their weights, a real softmax. Millions
# of parameters, printed with one or two digits. The paper does not print the number of softmax
# outputs; 1850 explains all sixteen counts to 4 %.
TIMIT = {
    ("RNN", hc.REAL): {256: 1.0, 512: 2.8, 1024: 9.4, 2048: 33.4},
    ("RNN", hc.QUATERNION): {256: 0.6, 512: 1.4, 1024: 3.8, 2048: 11.2},
    ("LSTM", hc.REAL): {256: 3.6, 512: 12.6, 1024: 46.2, 2048: 176.3},
    ("LSTM", hc.QUATERNION): {256: 1.6, 512: 4.6, 1024: 14.4, 2048: 49.9},
}
OUTPUTS = 1850


@pytest.mark.parametrize(("kind", "algebra"), TIMIT, ids=str)
def test_recurrent_parameter_counts(kind: str, algebra: hc.Algebra) -> None:
    n = algebra.dimension
    for width, printed in TIMIT[kind, algebra].items():
        bidirectional = kind == "LSTM"
        layer = getattr(hc.nn, kind)(
            160 // n,
            width // n,
            num_layers=4,
            bias=False,
            bidirectional=bidirectional,
            algebra=algebra,
            device="meta",
        )
        shared = [p for name, p in layer.named_parameters() if not name.endswith("_reverse")]
        softmax = width * (2 if bidirectional else 1) * OUTPUTS
        millions = (sum(p.numel() for p in shared) + softmax) / 1e6
        assert abs(millions / printed - 1) < 0.05
