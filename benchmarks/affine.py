"""Affine layers against torch's of the same real width: construction, forward, and back.

Run with `python -m benchmarks.affine`; the ratio is the time of the quaternion layer over that of
the real one. Importing the library is measured against importing torch.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import torch
from torch import nn

import hypercomplex as hc
from benchmarks.timing import Work, interleaved


def pairs() -> dict[str, tuple[nn.Module, nn.Module, torch.Tensor]]:
    return {
        "Linear 1024, batch 1": (nn.Linear(1024, 1024), hc.nn.QuaternionLinear(256, 256), torch.randn(1, 1024)),
        "Linear 1024, batch 64": (nn.Linear(1024, 1024), hc.nn.QuaternionLinear(256, 256), torch.randn(64, 1024)),
        "Linear 1024, batch 512": (nn.Linear(1024, 1024), hc.nn.QuaternionLinear(256, 256), torch.randn(512, 1024)),
        "Conv2d 64, 16×32×32": (nn.Conv2d(64, 64, 3), hc.nn.QuaternionConv2d(16, 16, 3), torch.randn(16, 64, 32, 32)),
        "Conv2d 256, 4×16×16": (nn.Conv2d(256, 256, 3), hc.nn.QuaternionConv2d(64, 64, 3), torch.randn(4, 256, 16, 16)),
    }  # fmt: skip


def forward(module: nn.Module, x: torch.Tensor) -> Work:
    def work() -> None:
        with torch.no_grad():
            module(x)

    return work


def forward_backward(module: nn.Module, x: torch.Tensor) -> Work:
    def work() -> None:
        module.zero_grad()
        module(x).sum().backward()

    return work


def importing(module: str) -> Work:
    return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True)


def row(name: str, times: dict[str, float]) -> str:
    real, ours = times.values()
    return f"{name:36}{real * 1e3:10.2f} ms{ours * 1e3:10.2f} ms{ours / real:8.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=21)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, cpu, {options.threads} threads")
    print(f"{'':36}{'real':>13}{'quaternion':>13}{'ratio':>8}")
    works = {"torch": importing("torch"), "ours": importing("hypercomplex")}
    print(row("import torch, import hypercomplex", interleaved(works, 7)))
    construct: dict[str, Work] = {
        "real": lambda: nn.Linear(1024, 1024),
        "ours": lambda: hc.nn.QuaternionLinear(256, 256),
    }
    print(row("construct 1024 → 1024 reals", interleaved(construct, options.repeats)))
    construct["ours"] = lambda: hc.nn.QuaternionLinear(1024, 1024)
    print(row("construct 1024 → 1024 quaternions", interleaved(construct, options.repeats)))
    for name, (real, ours, x) in pairs().items():
        for label, work in (("forward", forward), ("and back", forward_backward)):
            works = {"real": work(real, x), "ours": work(ours, x)}
            print(row(f"{name}, {label}", interleaved(works, options.repeats)))


if __name__ == "__main__":
    main()
