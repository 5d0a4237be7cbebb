"""An LSTM as a user writes it, a loop over typed tensors, against the same loop on real matrices.

Run with `python -m benchmarks.written`; `--widths`, `--steps` and `--batch` change the setting.
Nothing is lowered or prepared beforehand, and each step has two products of weights. The ratio is
the time of the loop over that of the real one of the same real width, forward.
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import torch
from torch import Tensor

import hypercomplex as hc
from benchmarks.timing import ratio, samples
from hypercomplex.functional import split

States = tuple[Any, Any]


@split
def memory(i: Tensor, f: Tensor, g: Tensor, c: Tensor) -> Tensor:
    return torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)


@split
def shown(o: Tensor, c: Tensor) -> Tensor:
    return torch.sigmoid(o) * torch.tanh(c)


def columns(weights: tuple[Any, ...], x: Any, states: States) -> States:
    """`W x + U h + b`; a batch is the columns of a matrix."""
    (w, u, b), (h, c) = weights, states
    i, f, g, o = (w @ x + u @ h + b).chunk(4)
    c = memory(i, f, g, c)
    return shown(o, c), c


def rows(weights: tuple[Any, ...], x: Any, states: States) -> States:
    """`x Wᵀ + h Uᵀ + b`; a batch is the rows of a matrix."""
    (w, u, b), (h, c) = weights, states
    i, f, g, o = (x @ w.mT + h @ u.mT + b).chunk(4, -1)
    c = memory(i, f, g, c)
    return shown(o, c), c


def real(weights: tuple[Any, ...], x: Tensor, states: States) -> States:
    (w, u, b), (h, c) = weights, states
    i, f, g, o = (x @ w.mT + h @ u.mT + b).chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def loop(step: Any, weights: tuple[Any, ...], xs: Any, start: Any) -> Any:
    def work() -> None:
        with torch.no_grad():
            states = (start, start)
            for x in xs:
                states = step(weights, x, states)

    return work


def works(width: int, steps: int, batch: int) -> dict[str, Any]:
    """Each kind of loop with its own weights, of the same real width."""
    numbers, typed = width // 4, hc.QuaternionTensor
    w, u = (typed.randn(4 * numbers, numbers) / math.sqrt(numbers) for _ in range(2))
    x, b = typed.randn(steps, batch, numbers), typed.zeros(4 * numbers)
    zero = typed.zeros(batch, numbers)
    W, U = (torch.randn(4 * width, width) / math.sqrt(width) for _ in range(2))
    X, B = torch.randn(steps, batch, width), torch.zeros(4 * width)
    return {
        "real": loop(real, (W, U, B), X.unbind(), torch.zeros(batch, width)),
        "columns": loop(columns, (w, u, b[:, None]), x.mT.unbind(), zero.mT),
        "rows": loop(rows, (w, u, b), x.unbind(), zero),
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--widths", type=int, nargs="+", default=[128, 256, 512, 1024])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, a batch of {options.batch}, forward, one thread")
    print(f"{'real width':12}{'real, a step':>14}{'W @ x':>9}{'x @ W.mT':>10}")
    for width in options.widths:
        times = samples(works(width, options.steps, options.batch), options.repeats)
        step = sorted(times["real"])[options.repeats // 2] / options.steps
        ratios = [ratio(times[name], times["real"]) for name in ("columns", "rows")]
        print(f"{width:<12}{step * 1e6:11.0f} us{ratios[0]:9.2f}{ratios[1]:10.2f}")


if __name__ == "__main__":
    main()
