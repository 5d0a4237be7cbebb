"""Fully connected geometric products, against the dense form that published code uses.

    python -m benchmarks.equivariant [--batch 4096] [--channels 32] [--repeats 7]
                                   [--without-published]

The dense form writes the weights of grades out, one for each pair of blades, times the table of the
algebra, `(out, in, n, n, n)`, and is one einsum of both factors and them. Torch contracts its
operands from the left: *as published* the weights come second, *factors first* is the better order,
in which all pairs of components are multiplied before they meet the weights. A step is a forward
pass and all gradients. The linear layers beside it have the same real width.

Times are medians, interleaved, of one process and one thread; ratios are medians of ratios taken
round by round. Bytes are those of all storages that are saved for backward, without parameters.
"""

from __future__ import annotations

import argparse
from statistics import median

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

import hypercomplex as hc
from benchmarks.machine import described, in_words
from benchmarks.report import duration
from benchmarks.timing import Work, ratio, samples

ORDERS = "as published", "factors first"


class Dense(nn.Module):
    """The product as one einsum, on components `(B, C, n)`."""

    table: Tensor
    path: Tensor

    def __init__(self, channels: int, algebra: hc.Algebra, order: str) -> None:
        super().__init__()
        n, of, paths = algebra.dimension, algebra.blades.of, algebra.blades.equivariance.paths
        self.order = order
        self.weight = nn.Parameter(torch.randn(channels, channels, len(paths)))
        self.register_buffer("table", torch.zeros(n, n, n))
        self.register_buffer("path", torch.zeros(n, n, n, dtype=torch.long))
        for i, j, k, c in algebra.products:
            self.table[i, j, k] = float(c)
            self.path[i, j, k] = paths.index((of[i], of[j], of[k]))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        dense = self.weight[..., self.path] * self.table
        if self.order == "as published":
            return torch.einsum("bci,ocijk,bcj->bok", x, dense, y)
        return torch.einsum("bci,bcj,ocijk->bok", x, y, dense)


def step(layer: nn.Module, *inputs: Tensor) -> Work:
    """A forward pass and all gradients."""
    given = [x.clone().requires_grad_() for x in inputs]
    wanted = [*given, *layer.parameters()]
    grad = torch.randn_like(layer(*given).detach())
    return lambda: torch.autograd.grad(layer(*given), wanted, grad)


def kept(layer: nn.Module, *inputs: Tensor) -> int:
    """The bytes that are saved for backward, without parameters."""
    own = {p.untyped_storage().data_ptr() for p in layer.parameters()}
    found: dict[int, int] = {}

    def pack(x: Tensor) -> Tensor:
        memory = x.untyped_storage()
        if memory.data_ptr() not in own:
            found[memory.data_ptr()] = memory.nbytes()
        return x

    with saved_tensors_hooks(pack, lambda x: x):
        result = layer(*(x.clone().requires_grad_() for x in inputs))
    assert result.requires_grad  # and so alive
    return sum(found.values())


def check(ours: nn.Module, dense: nn.Module, folded: list[Tensor], x: Tensor, y: Tensor) -> None:
    """With the same weights both make the same of some rows."""
    with torch.no_grad():
        dense.get_parameter("weight").copy_(ours.get_parameter("weight"))
        found, expected = ours(*(v[:50] for v in folded)), dense(x[:50], y[:50])
    torch.testing.assert_close(found, hc.lowering.fold(expected, 1), rtol=1e-3, atol=1e-3)


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.equivariant", description=__doc__)
    parser.add_argument("--batch", type=int, default=4096)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--without-published", action="store_true", help="which takes gigabytes")
    given = parser.parse_args(arguments)
    orders = ORDERS[given.without_published :]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    A, channels = hc.clifford(3), given.channels
    x, y = torch.randn(2, given.batch, channels, A.dimension)
    folded = [hc.lowering.fold(v, 1) for v in (x, y)]
    width = channels * A.dimension
    ours = hc.nn.FullyConnectedProduct(channels, channels, algebra=A)
    layers: dict[str, tuple[nn.Module, list[Tensor]]] = {
        "`FullyConnectedProduct`": (ours, folded),
        **{f"einsum, {order}": (Dense(channels, A, order), [x, y]) for order in orders},
        "`EquivariantLinear`": (hc.nn.EquivariantLinear(channels, channels, algebra=A), folded[:1]),
        f"`torch.nn.Linear({width}, {width})`": (nn.Linear(width, width), folded[:1]),
    }
    for order in orders:
        check(ours, layers[f"einsum, {order}"][0], folded, x, y)
    works = {name: step(layer, *inputs) for name, (layer, inputs) in layers.items()}
    times = samples(works, given.repeats)
    first = times["`FullyConnectedProduct`"]
    print(in_words(described()))
    print(f"\nCl(3,0), {channels} channels, batch {given.batch:,}, float32\n")
    print("| | step | product ÷ this | kept for backward |\n|---|--:|--:|--:|")
    for name, (layer, inputs) in layers.items():
        memory = f"{kept(layer, *inputs) / 2**20:.1f} MiB"
        cells = duration(median(times[name])), f"{ratio(first, times[name]):.2f}", memory
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
