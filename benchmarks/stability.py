"""Endurance: thousands of steps without a NaN and without a leak, in float32 and in bf16 autocast.

Run with `python -m benchmarks.stability`; `--steps` shortens it. Memory is that of the process;
graph nodes hang on the buffers of the model, where a leak of running statistics would show.
"""

from __future__ import annotations

import argparse
import resource

import torch
from torch import Tensor, nn

import hypercomplex as hc


class Sequence(nn.Module):
    """A recurrent layer that predicts its next frame."""

    def __init__(self, recurrent: nn.Module) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.readout = hc.nn.QuaternionLinear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.readout(self.recurrent(x)[0])


def models() -> dict[str, tuple[nn.Module, Tensor]]:
    waves = torch.sin(torch.arange(33)[:, None, None] * torch.rand(1, 8, 16) * 2)
    whitened = nn.Sequential(
        hc.nn.QuaternionConv2d(2, 4, 3, padding=1),
        hc.nn.BatchNorm2d(4, algebra=hc.QUATERNION),
        hc.nn.Split(nn.ReLU()),
        hc.nn.QuaternionConv2d(4, 2, 3, padding=1),
    )
    return {
        "QuaternionLSTM": (Sequence(hc.nn.QuaternionLSTM(4, 8)), waves),
        "QuaternionLiGRU": (Sequence(hc.nn.QuaternionLiGRU(4, 8)), waves),
        "conv, whitening norm": (whitened, torch.randn(8, 8, 8, 8)),
    }


def loss(model: nn.Module, x: Tensor) -> Tensor:
    if isinstance(model, Sequence):
        return (model(x[:-1]) - x[1:]).square().mean()
    return (model(x) - x).square().mean()


def graph_nodes(model: nn.Module) -> int:
    """The autograd nodes that buffers keep alive."""
    seen: set[object] = set()
    front = [b.grad_fn for b in model.buffers()]
    while front:
        node = front.pop()
        if node is not None and node not in seen:
            seen.add(node)
            front += [following for following, _ in node.next_functions]
    return len(seen)


def endure(model: nn.Module, x: Tensor, steps: int, autocast: bool) -> str:
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    first = last = 0.0
    settled = 0
    for step in range(steps):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            value = loss(model, x)
        value.backward()
        optimizer.step()
        last = value.item()
        if not torch.isfinite(value):
            return f"not finite at step {step}"
        if step == 0:
            first = last
        if step == steps // 4:
            settled = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - settled) / 1024
    finite = all(p.isfinite().all() for p in model.state_dict().values() if p.is_floating_point())
    return (
        f"loss {first:8.4f} → {last:8.4f}   all finite: {finite}   "
        f"graph nodes kept: {graph_nodes(model)}   memory grown: {grown:5.1f} MiB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    options, _ = parser.parse_known_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, cpu, {options.steps} steps of Adam")
    for autocast in (False, True):
        torch.manual_seed(0)
        for name, (model, x) in models().items():
            kind = "bf16 autocast" if autocast else "float32"
            print(f"{name:22}{kind:15}{endure(model, x, options.steps, autocast)}")


if __name__ == "__main__":
    main()
