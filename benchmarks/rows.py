"""What is compared with torch, as data: cases, and the ratio that each may have at most.

A step is a forward pass and both gradients, of the input and of the parameters. Ratios are to the
layer of torch of the same real width. `None` is a case without a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

import hypercomplex as hc
from benchmarks import written
from benchmarks.timing import Work


def tessarines() -> hc.Algebra:
    """ℂ with split-complex coefficients: `i² = -1`, `j² = 1`, and they commute."""
    numbers = range(4)  # two bits each: has i, has j
    products = [(a, b, a ^ b, -1 if a & b & 1 else 1) for a in numbers for b in numbers]
    return hc.Algebra(("1", "i", "j", "ij"), tuple(products), (1, -1, 1, -1), "TESSARINE")


ALGEBRAS = {
    "complex": hc.COMPLEX,
    "quaternion": hc.QUATERNION,
    "tessarine": tessarines(),
    "octonion": hc.OCTONION,
    "Cl(3,0)": hc.clifford(3),
    "sedenion": hc.cayley_dickson(hc.OCTONION),
}

Limit = float | None


@dataclass(frozen=True)
class Row:
    """One comparison: its works are made when it is run."""

    group: str
    name: str
    limit: Limit
    works: Callable[[], dict[str, Work]]
    """`"base"` and `"ours"`."""
    seconds: float
    """About what one round takes: quick runs leave long ones out."""
    algebra: str = "quaternion"
    width: int = 0
    batch: int = 0
    base: str = "torch"
    """What it is compared with: torch's layer, or what its group names."""
    compiles: bool = False
    """Whether torch's compiler makes machine code for it first, which takes seconds."""


LINEAR: dict[str, dict[int, dict[int, Limit]]] = {  # algebra: real width: batch: at most
    "quaternion": {
        256: {1: 2.2, 16: None, 64: 1.3, 1024: 1.1},
        512: {1: None, 16: 1.1, 64: None, 256: 0.9, 4096: 0.85},
        1024: {1: 0.75, 4: 0.45, 16: 0.75, 64: 0.75, 256: 0.75, 4096: 0.68},
        2048: {1: None, 16: None, 64: None, 256: None},
        4096: {1: 0.4, 4: 0.2, 16: 0.33, 64: 0.5, 256: 0.6, 2048: 0.72},
    },
    "tessarine": {1024: {1: None, 64: None}, 4096: {4096: 0.5}},
    "Cl(3,0)": {1024: {1: None, 64: None}, 4096: {4: 0.15, 16: 0.28, 4096: 0.5}},
    "octonion": {1024: {1: None, 64: None}, 4096: {1: 0.2, 4: 0.18, 16: 0.28, 4096: 0.55}},
    "complex": {1024: {1: None, 64: None}},
    "sedenion": {1024: {1: None, 64: None}},
}
FROZEN: dict[int, dict[int, Limit]] = {2048: {1: 0.6, 16: 0.4, 64: 0.65, 256: 0.65}}
RECURRENT: tuple[tuple[str, str, int, int, int, bool, Limit], ...] = (
    # ours, torch's, real width, steps, batch, gradients, at most
    ("LSTM", "LSTM", 1024, 50, 1, False, 0.5),
    ("LSTM", "LSTM", 1024, 50, 16, False, 0.75),
    ("LSTM", "LSTM", 1024, 50, 1, True, 0.8),
    ("LSTM", "LSTM", 1024, 50, 16, True, 0.8),
    ("LSTM", "LSTM", 2048, 30, 1, True, 0.5),
    ("LSTM", "LSTM", 2048, 30, 16, True, 0.62),
    ("LSTM", "LSTM", 256, 100, 16, True, 1.05),
    ("LiGRU", "GRU", 256, 100, 16, True, 0.68),
    ("LiGRU", "GRU", 1024, 50, 16, True, 0.5),
    ("GRU", "GRU", 256, 100, 16, True, None),
    ("RNN", "RNN", 256, 100, 16, True, None),
)
CONV: tuple[tuple[int, int, int, int, Limit], ...] = (
    # real channels, kernel, batch, side, at most
    (64, 3, 16, 32, 1.03),
    (256, 3, 4, 16, 1.0),
    (512, 3, 4, 16, 0.85),
    (256, 1, 4, 16, 0.9),
    (256, 1, 16, 16, 0.9),
)
LEARNED: dict[int, Limit] = {4: 1.0, 8: 1.3}  # components: at most
WRITTEN: dict[int, Limit] = {128: 2.0, 1024: 0.85}  # real width, 20 steps, batch 16: at most
MILLION: dict[str, Limit] = {  # eager, on so many quaternions, in copies of the tensor: at most
    "product": None, "rotate": None, "inverse": 12, "abs": 3, "exp": None, "log": None,
}  # fmt: skip
COMPILED: dict[str, Limit] = {  # by torch's compiler, in copies of all that is read and written
    "product": 2, "rotate": 2, "inverse": 3, "exp": 3, "log": 3,
}  # fmt: skip
FEW: dict[str, Limit] = {"q * r": 20, "q.rotate(v)": 40}  # against a product of 8 plain quaternions
SPEED = 30e9  # multiplications a second, to guess what a row takes

# ---------------------------------------------------------------------- works


def step(module: nn.Module, x: Tensor) -> Work:
    """A pass and both gradients, which go where they always go: into fresh tensors."""
    x = x.clone().requires_grad_()
    wanted = [x, *module.parameters()]
    grad = torch.randn_like(_first(module(x)).detach())

    def work() -> object:
        return torch.autograd.grad(_first(module(x)), wanted, grad, allow_unused=True)

    return work


def forward(module: nn.Module, x: Tensor) -> Work:
    def work() -> object:
        with torch.no_grad():
            return module(x)

    return work


def _first(y: Any) -> Tensor:
    return y[0] if isinstance(y, tuple) else y


def pair(ours: nn.Module, real: nn.Module, x: Tensor, gradients: bool = True) -> dict[str, Work]:
    make = step if gradients else forward
    return {"base": make(real, x), "ours": make(ours, x)}


# ---------------------------------------------------------------------- the groups


def linear() -> Iterator[Row]:
    for name, widths in LINEAR.items():
        for width, batches in widths.items():
            for batch, limit in batches.items():
                yield Row(
                    "Linear, step",
                    f"{name} {width:,}, batch {batch:,}",
                    limit,
                    lambda a=ALGEBRAS[name], w=width, b=batch: linear_works(a, w, b),
                    6 * batch * width**2 / SPEED,
                    name,
                    width,
                    batch,
                )


def linear_works(algebra: hc.Algebra, width: int, batch: int) -> dict[str, Work]:
    numbers = width // algebra.dimension
    ours = hc.nn.Linear(numbers, numbers, bias=False, algebra=algebra)
    return pair(ours, nn.Linear(width, width, bias=False), torch.randn(batch, width))


def frozen() -> Iterator[Row]:
    for width, batches in FROZEN.items():
        for batch, limit in batches.items():
            seconds = 2 * batch * width**2 / SPEED
            make = lambda w=width, b=batch: frozen_works(w, b)  # noqa: E731
            name = f"quaternion {width:,}, batch {batch}"
            yield Row("Linear, frozen, forward", name, limit, make, seconds)


def frozen_works(width: int, batch: int) -> dict[str, Work]:
    ours = hc.nn.freeze(hc.nn.QuaternionLinear(width // 4, width // 4))
    return pair(ours, nn.Linear(width, width), torch.randn(batch, width), gradients=False)


def recurrent() -> Iterator[Row]:
    for ours, real, width, steps, batch, gradients, limit in RECURRENT:
        against = "" if ours == real else f" against {real}"
        kind = "step" if gradients else "forward"
        gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[real]
        products = 2 * gates * width**2 * batch * steps * (3 if gradients else 1)
        yield Row(
            "Recurrent",
            f"{ours}{against}, hidden {width:,}, {steps} steps, batch {batch}, {kind}",
            limit,
            lambda case=(ours, real, width, steps, batch, gradients): recurrent_works(*case),
            2 * products * (1 + 14 / batch) / SPEED,
        )


def recurrent_works(
    ours: str, real: str, width: int, steps: int, batch: int, gradients: bool
) -> dict[str, Work]:
    layer = getattr(hc.nn, ours)(width // 4, width // 4, algebra=hc.QUATERNION)
    x = torch.randn(steps, batch, width)
    return pair(layer, getattr(nn, real)(width, width), x, gradients)


def convolutions() -> Iterator[Row]:
    for channels, kernel, batch, side, limit in CONV:
        seconds = 6 * batch * (side * kernel * channels) ** 2 / SPEED
        case = channels, kernel, batch, side
        name = f"Conv2d {kernel}×{kernel}, {channels} real channels, {batch}×{side}²"
        yield Row("Convolution, step", name, limit, lambda c=case: convolution_works(*c), seconds)


def convolution_works(channels: int, kernel: int, batch: int, side: int) -> dict[str, Work]:
    ours = hc.nn.QuaternionConv2d(channels // 4, channels // 4, kernel, padding=kernel // 2)
    real = nn.Conv2d(channels, channels, kernel, padding=kernel // 2)
    return pair(ours, real, torch.randn(batch, channels, side, side))


def transformers() -> Iterator[Row]:
    def works() -> dict[str, Work]:
        sizes = {"dropout": 0.0, "batch_first": True}
        ours = hc.nn.QuaternionTransformerEncoderLayer(256, 8, 1024, **sizes)
        real = nn.TransformerEncoderLayer(1024, 8, 4096, **sizes)
        return pair(ours, real, torch.randn(4, 128, 1024))

    name = "encoder layer, width 1,024, sequence 128, batch 4"
    yield Row("Transformer, step", name, 0.85, works, 6 * 512 * 12 * 1024**2 / SPEED)


def learned() -> Iterator[Row]:
    for n, limit in LEARNED.items():
        name = f"learned table, n = {n}, 1,024, batch 64"
        seconds = 6 * 64 * 1024**2 / SPEED
        yield Row("Linear, step", name, limit, lambda n=n: learned_works(n), seconds, "learned")


def learned_works(n: int) -> dict[str, Work]:
    rule = hc.LearnedBilinear(nn.Parameter(torch.randn(n, n, n)))
    ours = hc.nn.Linear(1024 // n, 1024 // n, bias=False, algebra=rule)
    return pair(ours, nn.Linear(1024, 1024, bias=False), torch.randn(64, 1024))


def by_hand() -> Iterator[Row]:
    group = "An LSTM written as a loop over typed tensors, forward, against a loop of reals"
    for width, limit in WRITTEN.items():
        for spelling, name in (("W @ x", "columns"), ("x @ W.mT", "rows")):
            make = lambda w=width, n=name: by_hand_works(w, n)  # noqa: E731
            yield Row(
                group,
                f"hidden {width:,}, {spelling}",
                limit,
                make,
                16e-9 * 20 * width**2,
                base="loop",
            )


def by_hand_works(width: int, name: str) -> dict[str, Work]:
    found = written.works(width, 20, 16)
    return {"base": found["real"], "ours": found[name]}


def million() -> Iterator[Row]:
    for name, limit in MILLION.items():
        make = lambda name=name: arithmetic(name, 10**6)  # noqa: E731
        group = "Eager, 1,000,000 quaternions, against a copy"
        yield Row(group, name, limit, make, 0.05, base="copy")


ARITHMETIC: dict[str, tuple[Callable[..., Tensor], str]] = {
    # what is called, and its arguments: q and r quaternions, v vectors
    "product": (lambda q, r: q * r, "qr"),
    "rotate": (lambda q, v: q.rotate(v), "qv"),
    "inverse": (lambda q: q.inverse(), "q"),
    "abs": (lambda q: q.abs(), "q"),
    "exp": (lambda q: q.exp(), "q"),
    "log": (lambda q: q.log(), "q"),
}


def arithmetic(name: str, count: int) -> dict[str, Work]:
    call, given = operands(name, count)
    copy = torch.empty(count, 4)
    return {"base": lambda: copy.copy_(given[0].components), "ours": lambda: call(*given)}


def operands(name: str, count: int) -> tuple[Callable[..., Tensor], list[Any]]:
    call, kinds = ARITHMETIC[name]
    numbers = {kind: hc.QuaternionTensor(torch.randn(count, 4)) for kind in "qr"}
    return call, [torch.randn(count, 3) if kind == "v" else numbers[kind] for kind in kinds]


def compiled() -> Iterator[Row]:
    for name, limit in COMPILED.items():
        make = lambda name=name: compiled_arithmetic(name, 10**6)  # noqa: E731
        group = "Compiled, 1,000,000 quaternions, against a copy of what is read and written"
        yield Row(group, name, limit, make, 10, base="copy", compiles=True)


def compiled_arithmetic(name: str, count: int) -> dict[str, Work]:
    call, given = operands(name, count)
    loop = torch.compile(call, fullgraph=True)
    moved = sum(x.nbytes for x in (*given, loop(*given)))
    source = torch.zeros(moved // 8)  # numbers of 4 bytes, of which a copy reads and writes each
    copy = torch.empty_like(source)
    return {"base": lambda: copy.copy_(source), "ours": lambda: loop(*given)}


def few() -> Iterator[Row]:
    for name, limit in FEW.items():
        group = "A few numbers, against a plain product of 8 × 4 reals"
        yield Row(group, name, limit, lambda name=name: dispatched(name), 1e-5, base="product")


def dispatched(name: str) -> dict[str, Work]:
    a, b, v = torch.randn(8, 4), torch.randn(8, 4), torch.randn(8, 3)
    q, r = hc.QuaternionTensor(a), hc.QuaternionTensor(b)
    calls: dict[str, Work] = {"q * r": lambda: q * r, "q.rotate(v)": lambda: q.rotate(v)}
    return {"base": lambda: a * b, "ours": calls[name]}


def rows() -> list[Row]:
    """All of them, in the order of the table."""
    arrays = million, compiled, few
    groups = linear, learned, frozen, recurrent, convolutions, transformers, by_hand, *arrays
    return [row for group in groups for row in group()]
