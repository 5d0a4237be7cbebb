"""Everything on a CUDA device: first whether it is right, then how long it takes.

Run with `python -m benchmarks.gpu`, for less than eight minutes. Plans, kernels and layers are
compared with float64 on the CPU; then come the tables of `python -m benchmarks` in float32, TF32 and
bfloat16 (recurrent layers against cuDNN), decoding from CUDA graphs, and fused arithmetic against
the copy of as many bytes. What the time does not suffice for is named. `--device cpu` runs the
comparisons alone. Until a run on a GPU is on record, its figures are open.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn

import hypercomplex as hc
from benchmarks.machine import described
from benchmarks.report import Measured, Run, markdown
from benchmarks.rows import ALGEBRAS, Row, rows
from benchmarks.timing import Work, ratio, samples
from hypercomplex.host.mode import COMPILED, mode
from hypercomplex.kernels import OPERATIONS
from hypercomplex.lowering import affine_rows
from hypercomplex.lowering.plans import PLANS

Checked = tuple[str, float, float]
"""What was compared, its relative error, and the largest that rounding explains."""

ROWS, INPUTS, OUTPUTS = 600, 48, 40
SETTINGS = {
    "float32": (torch.float32, "highest"),
    "TF32": (torch.float32, "high"),
    "bfloat16": (torch.bfloat16, "highest"),
}
ROUNDING = {"float32": 2.0**-23, "TF32": 2.0**-10, "bfloat16": 2.0**-8}
WIDTH, DECODED = 4096, (1, 2, 4, 8, 16, 32, 64)
MILLIONS = 4_000_000


@contextmanager
def setting(name: str) -> Iterator[torch.dtype]:
    """The type of new tensors, and how float32 is multiplied."""
    dtype, precision = SETTINGS[name]
    before = torch.get_default_dtype(), torch.get_float32_matmul_precision()
    torch.set_default_dtype(dtype)
    torch.set_float32_matmul_precision(precision)
    try:
        yield dtype
    finally:
        torch.set_default_dtype(before[0])
        torch.set_float32_matmul_precision(before[1])


# ---------------------------------------------------------------------- is it right


def plans(device: str) -> Iterator[Checked]:
    """Every plan of every algebra, with gradients, against the literal sum in float64."""
    for (name, algebra), side, kind in itertools.product(
        ALGEBRAS.items(), ("left", "right"), SETTINGS
    ):
        product = algebra.product if side == "left" else algebra.product.swapped
        with setting(kind) as dtype:
            operands = drawn(product, dtype, device)
            wanted = literal(product, operands)
            for plan, way in PLANS.items():
                if not way.refusal(product, dtype):
                    x, w, g = operands
                    y = affine_rows(x, w, None, algebra.product, side, plan)
                    found = (y, *torch.autograd.grad(y, (x, w), g))
                    allowed = 8 * ROUNDING[kind] * (1 if plan != "bilinear" else 2.5)
                    error = max(map(relative_error, found, wanted))
                    yield f"plan {plan}, {name}, {side}, {kind}", error, allowed


def drawn(product: hc.Bilinear, dtype: torch.dtype, device: str) -> tuple[Tensor, Tensor, Tensor]:
    m, n, k = product.shape
    shapes = (ROWS, n, INPUTS), (OUTPUTS, INPUTS, m), (ROWS, k, OUTPUTS)
    x, w, g = (torch.randn(shape).to(device, dtype) for shape in shapes)
    return x.requires_grad_(), w.requires_grad_(), g


def literal(product: hc.Bilinear, operands: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, ...]:
    """The definition, and its gradients, in float64 on the CPU."""
    x, w, g = (t.detach().cpu().double() for t in operands)
    c = torch.zeros(product.shape, dtype=torch.float64)
    for i, j, k, value in product.constants:
        c[i, j, k] = float(value)
    y = torch.einsum("abk,oia,rbi->rko", c, w, x)
    return y, torch.einsum("abk,oia,rko->rbi", c, w, g), torch.einsum("abk,rbi,rko->oia", c, x, g)


def relative_error(found: Tensor, wanted: Tensor) -> float:
    """Of the whole, not number by number: what cancels has no digits to compare."""
    wanted = wanted.detach()
    return float((found.detach().cpu().double() - wanted).norm() / wanted.norm().clamp_min(1e-300))


def kernels(device: str) -> Iterator[Checked]:
    """Every variant of every operation against its formula on the CPU, in float64."""
    from tests.kernels.samples import samples as all_samples
    from tests.kernels.samples import tensors

    worst: dict[str, float] = {}
    for name, options, shapes, make in all_samples():
        operation = OPERATIONS[name]
        given = [make(x) for x in tensors(shapes)]
        there = [x.to(device) for x in given]
        wanted = operation.twin(*given, *options)
        calls: dict[str, Callable[..., object]] = {"twin": operation.twin}
        for v in operation.variants:
            lacking = v.needs & ~mode(*there, asked=v.needs)
            if v.suits(*options) and not v.needs & COMPILED and not lacking:
                calls[v.name] = v.function
        for variant, call in calls.items():
            found = call(*there, *options)
            if found is not None:
                key = f"kernel {name}, {variant}"
                worst[key] = max(worst.get(key, 0.0), largest_error(found, wanted))
    for key, error in worst.items():
        yield key, error, 1e-6


def largest_error(found: object, wanted: object) -> float:
    if isinstance(wanted, tuple):
        assert isinstance(found, tuple)
        return max(map(largest_error, found, wanted), default=0.0)
    if not isinstance(wanted, Tensor) or not wanted.numel():
        return 0.0
    assert isinstance(found, Tensor)
    return relative_error(found, wanted)


LAYERS: dict[str, Callable[[], tuple[nn.Module, Tensor]]] = {
    "Linear": lambda: (hc.nn.QuaternionLinear(8, 8), torch.randn(5, 32)),
    "Conv2d": lambda: (hc.nn.QuaternionConv2d(4, 4, 3), torch.randn(2, 16, 6, 6)),
    "LSTM": lambda: (hc.nn.QuaternionLSTM(4, 4), torch.randn(5, 3, 16)),
    "GRU": lambda: (hc.nn.QuaternionGRU(4, 4), torch.randn(5, 3, 16)),
    "RNN": lambda: (hc.nn.QuaternionRNN(4, 4), torch.randn(5, 3, 16)),
    "LiGRU": lambda: (hc.nn.QuaternionLiGRU(4, 4), torch.randn(5, 3, 16)),
    "attention": lambda: (
        hc.nn.QuaternionTransformerEncoderLayer(4, 2, 8, dropout=0.0),
        torch.randn(5, 3, 16),
    ),
}


def layers(device: str) -> Iterator[Checked]:
    """Layers and their gradients against themselves on the CPU, in float64."""
    for name, make in LAYERS.items():
        layer, x = make()
        layer, x = layer.double(), x.double()
        wanted = results(layer, x)
        found = results(layer.to(device), x.to(device))
        yield f"layer {name}", max(map(relative_error, found, wanted)), 1e-9


def results(layer: nn.Module, x: Tensor) -> list[Tensor]:
    torch.manual_seed(0)  # of the incoming gradient
    x = x.clone().requires_grad_()
    y = layer(x)
    y = y[0] if isinstance(y, tuple) else y
    wanted = [x, *layer.parameters()]
    found = torch.autograd.grad(y.square().sum(), wanted, allow_unused=True)
    return [y, *(g for g in found if g is not None)]


def check(device: str) -> bool:
    """Print what is wrong, and how much was compared."""
    wrong = total = 0
    for name, error, allowed in itertools.chain(plans(device), kernels(device), layers(device)):
        total += 1
        if not error <= allowed:
            wrong += 1
            print(f"WRONG: {name}: relative error {error:.1e}, more than {allowed:.1e}", flush=True)
    print(f"{total - wrong} of {total} plans, kernels and layers on {device} agree with float64")
    return not wrong


# ---------------------------------------------------------------------- how long does it take


def timed(row: Row, kind: str) -> Measured:
    with setting(kind):
        with torch.device("cuda"):
            works = row.works()
        times = samples(works, 9, torch.cuda.synchronize)
    ours, base = median(times["ours"]), median(times["base"])
    fields = row.limit, row.algebra, row.width, row.batch, row.base
    return Measured(
        f"{kind}: {row.group}", row.name, ours, base, ratio(times["ours"], times["base"]), *fields
    )


def decoding() -> Iterator[Row]:
    """One layer forward from a CUDA graph, where no call of torch costs anything."""
    for name, batch in itertools.product(("quaternion", "octonion"), DECODED):
        make = lambda a=ALGEBRAS[name], b=batch: decoding_works(a, b)  # noqa: E731
        label = f"{name} {WIDTH:,}, batch {batch}"
        yield Row("Decoding, CUDA graph, forward", label, None, make, 0.0, name, WIDTH, batch)


def decoding_works(algebra: hc.Algebra, batch: int) -> dict[str, Work]:
    numbers = WIDTH // algebra.dimension
    x = torch.randn(batch, WIDTH)
    ours = hc.nn.Linear(numbers, numbers, bias=False, algebra=algebra)
    real = nn.Linear(WIDTH, WIDTH, bias=False)
    return {"base": graphed(real, x), "ours": graphed(ours, x)}


def graphed(module: nn.Module, x: Tensor) -> Work:
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.no_grad(), torch.cuda.stream(stream):
        for _ in range(3):  # constants are made, and workspaces
            module(x)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.no_grad(), torch.cuda.graph(graph):
        module(x)
    return graph.replay


def arithmetic() -> Iterator[Row]:
    """Compiled arithmetic against copying as many bytes as it must read and write."""
    f, H = hc.functional, hc.QUATERNION
    calls: dict[str, tuple[Callable[..., Tensor], str]] = {
        "product": (lambda q, r: f.product(q, r, H), "qr"),
        "rotate": (lambda q, v: f.rotate(q, v, H), "qv"),
        "inverse": (lambda q: f.inverse(q, H), "q"),
        "exp": (lambda q: f.exp(q, H), "q"),
        "log": (lambda q: f.log(q, H), "q"),
    }
    for name, (call, kinds) in calls.items():
        make = lambda c=call, k=kinds: arithmetic_works(c, k)  # noqa: E731
        yield Row(
            "Fused arithmetic against a copy", f"{name}, compiled", None, make, 0.0, base="copy"
        )


def arithmetic_works(call: Callable[..., Tensor], kinds: str) -> dict[str, Work]:
    shapes = {"q": 4, "r": 4, "v": 3}
    given = [torch.randn(MILLIONS, shapes[kind]) for kind in kinds]
    compiled = torch.compile(call)
    numbers = sum(x.numel() for x in given) + compiled(*given).numel()
    source, target = (torch.empty(numbers // 2) for _ in range(2))
    return {"base": lambda: target.copy_(source), "ours": lambda: compiled(*given)}


def tables(until: float) -> Run:
    """As many rows as there is time for; each is printed."""
    found: list[Measured] = []
    every = [(row, "float32") for row in (*decoding(), *arithmetic())]
    every = [*every, *((row, "bfloat16") for row in decoding())]
    every += [(row, kind) for kind in SETTINGS for row in rows()]
    left_out = 0
    for row, kind in every:
        if time.monotonic() > until:
            left_out += 1
            continue
        try:
            found.append(timed(row, kind))
            print(f"{found[-1].group}: {row.name}: {found[-1].ratio:.2f}", flush=True)
        except Exception as error:  # one that fails must not cost the others
            print(f"FAILED: {kind}: {row.group}: {row.name}: {type(error).__name__}: {error}"[:400])
    print(f"{left_out} rows were left out, for want of time")
    return Run(described("cuda"), found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--seconds", type=float, default=420, help="after which no row is begun")
    parser.add_argument("--out", type=Path, default=Path("build/gpu"))
    options = parser.parse_args()
    until = time.monotonic() + options.seconds
    if options.device == "cuda" and not torch.cuda.is_available():
        print("no CUDA device here: nothing was run, and what is about GPUs stays open")
        return
    torch.manual_seed(0)
    right = check(options.device)
    if options.device == "cuda":
        run = tables(until)
        options.out.mkdir(parents=True, exist_ok=True)
        run.save(options.out / "benchmarks.json")
        (options.out / "benchmarks.md").write_text(markdown(run), encoding="utf-8")
        print(markdown(run), f"\nwritten to {options.out}")
    if not right:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
