"""Quaternion recurrent layers against torch's of the same real width: medians, interleaved.

Run with `python -m benchmarks.recurrent`; `--threads`, `--width`, `--steps` and `--batch` change
the setting. The ratio is the time of the hypercomplex layer over that of the real one.
"""

from __future__ import annotations

import argparse

import torch

import hypercomplex as hc
from benchmarks.timing import Work, interleaved


def layers(width: int, device: str) -> dict[str, torch.nn.Module]:
    numbers = width // 4
    modules = {
        "torch.nn.LSTM": torch.nn.LSTM(width, width),
        "QuaternionLSTM": hc.nn.QuaternionLSTM(numbers, numbers),
        "torch.nn.GRU": torch.nn.GRU(width, width),
        "QuaternionGRU": hc.nn.QuaternionGRU(numbers, numbers),
        "torch.nn.RNN": torch.nn.RNN(width, width),
        "QuaternionRNN": hc.nn.QuaternionRNN(numbers, numbers),
        "LiGRU (REAL)": hc.nn.LiGRU(width, width, algebra=hc.REAL),
        "QuaternionLiGRU": hc.nn.QuaternionLiGRU(numbers, numbers),
    }
    return {name: module.to(device) for name, module in modules.items()}


def forward(module: torch.nn.Module, x: torch.Tensor) -> Work:
    def work() -> None:
        with torch.no_grad():
            module(x)

    return work


def forward_backward(module: torch.nn.Module, x: torch.Tensor) -> Work:
    def work() -> None:
        module.zero_grad()
        module(x)[0].sum().backward()

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    synchronize = torch.cuda.synchronize if options.device == "cuda" else lambda: None
    x = torch.randn(options.steps, options.batch, options.width, device=options.device)
    modules = layers(options.width, options.device)
    print(
        f"torch {torch.__version__}, {options.device}, {options.threads} threads, "
        f"{options.steps} steps of a batch of {options.batch}, real width {options.width}"
    )
    print(f"{'':16}{'parameters':>12}{'forward':>12}{'ratio':>7}{'and back':>12}{'ratio':>7}")
    measured = [
        interleaved(
            {name: work(module, x) for name, module in modules.items()},
            options.repeats,
            synchronize,
        )
        for work in (forward, forward_backward)
    ]
    for i, (name, module) in enumerate(modules.items()):
        real = list(modules)[i - i % 2]
        cells = [
            f"{times[name] * 1e3:9.1f} ms{times[name] / times[real]:7.2f}" for times in measured
        ]
        count = sum(p.numel() for p in module.parameters())
        print(f"{name:16}{count:12,}" + "".join(cells))


if __name__ == "__main__":
    main()
