"""The constants of this machine, from which `hypercomplex.lowering.plan` estimates times.

Run with `python -m benchmarks.calibrate`, on a machine at rest, for less than a minute. It writes
`machine.json`, which `hc.lowering.calibrated("machine.json")` reads. With `--check` the plans are
timed instead, and compared with what was predicted.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from dataclasses import asdict
from pathlib import Path
from statistics import geometric_mean

import torch

import hypercomplex as hc
from benchmarks.machine import described, processor
from benchmarks.rows import ALGEBRAS
from benchmarks.timing import Work, samples
from hypercomplex.lowering import affine_rows
from hypercomplex.lowering.machines import Constants, Machine, machine_of
from hypercomplex.lowering.plan import Cost, Rows, costs
from hypercomplex.lowering.plans import PLANS

DTYPES = ("float32", "float64", "bfloat16", "float16")
SIZES = [(w, b) for w in (256, 1024, 2048) for b in (1, 4, 16, 64, 256, 1024) if b * w**2 <= 7e7]
"""Real widths and batches."""
LONGEST = 12.0  # seconds for a type, after which larger sizes are left out

# ---------------------------------------------------------------------- the constants


def constants(dtype: torch.dtype, device: str, repeats: int) -> Constants:
    """What one type does here in a second: what makes the plans' estimates nearest to their times."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    product, points = hc.QUATERNION.product, []
    until = time.monotonic() + LONGEST
    every = sorted(SIZES, key=lambda size: size[1] * size[0] ** 2)
    for (width, batch), recorded in itertools.product(every, (False, True)):
        if points and time.monotonic() > until:
            break
        sizes = Rows(batch, width // 4, width // 4)
        works = steps(product, sizes, dtype, recorded, device)
        weighed = costs(sizes, product, "step" if recorded else "forward")
        with torch.set_grad_enabled(recorded):
            times = fastest(works, repeats, wait)
        points += [(terms(weighed[plan], dtype.itemsize), times[plan]) for plan in works]
    return fitted(points)


def terms(cost: Cost, size: int) -> list[float]:
    """What the four unknowns of `Cost.seconds` are multiplied with; it is linear in them."""
    thin = cost.multiplications / min(cost.sides) + cost.sums / cost.width
    return [cost.multiplications + cost.sums, thin, cost.moved * size, cost.calls]


def fitted(points: list[tuple[list[float], float]]) -> Constants:
    """The unknowns, none negative, for which relative errors are least, far ones weighing less."""
    wanted = torch.tensor([time for _, time in points], dtype=torch.float64)
    relative = torch.tensor([row for row, _ in points], dtype=torch.float64) / wanted[:, None]
    scale = relative.amax(0)
    A, weights, x = relative / scale, torch.ones_like(wanted), torch.ones(4, dtype=torch.float64)
    for _ in range(30):
        normal, right = (A.t() * weights) @ A, A.t() @ weights
        for _ in range(1000):  # multiplicative steps keep the signs
            x = x * right / (normal @ x)
        weights = 1 / ((A @ x - 1).abs() + 0.1)
    one, thin, moved, call = (x / scale).clamp_min(1e-16).tolist()  # nothing is for free
    return Constants(1 / one, thin / one, 1 / moved, call)


def fastest(works: dict[str, Work], repeats: int, wait: Work) -> dict[str, float]:
    """The least times: whatever else runs here only adds to them."""
    return {name: min(times) for name, times in samples(works, repeats, wait).items()}


def measured(dtypes: list[str], device: str, repeats: int) -> Machine:
    """This machine, as `lowering.machines` describes one."""
    facts = described(device)
    threads = torch.get_num_threads()
    name = f"{processor(device)}, {threads} thread{'s' * (threads > 1)}"
    source = f"measured {facts['date']}, torch {facts['torch']}, {facts['instructions']}"
    found = {name: constants(getattr(torch, name), device, repeats) for name in dtypes}
    return Machine(name, source, device, facts["instructions"] if device == "cpu" else "", found)


# ---------------------------------------------------------------------- whether they choose well

WEIGHED = ("complex", "quaternion", "tessarine", "octonion", "Cl(3,0)")


def steps(
    product: hc.Bilinear, sizes: Rows, dtype: torch.dtype, recorded: bool, device: str = "cpu"
) -> dict[str, Work]:
    """The works of all plans that serve."""
    m, n, k = product.shape
    shapes = (
        (sizes.rows, n, sizes.inputs),
        (sizes.outputs, sizes.inputs, m),
        (sizes.rows, k, sizes.outputs),
    )
    rows, weight, grad = (torch.randn(shape, dtype=dtype, device=device) for shape in shapes)
    rows.requires_grad_(recorded), weight.requires_grad_(recorded)

    def work(plan: str) -> Work:
        def step() -> object:
            y = affine_rows(rows, weight, None, product, plan=plan)
            return torch.autograd.grad(y, (rows, weight), grad) if recorded else y

        return step

    return {name: work(name) for name, plan in PLANS.items() if not plan.refusal(product, dtype)}


def check(options: argparse.Namespace) -> None:
    """Print what was predicted and what is."""
    print("| algebra | width | batch | plan: predicted / measured ms | chosen | best | regret |")
    print("|---|--:|--:|---|---|---|--:|")
    cases = [
        (name, width, batch)
        for name in options.algebras
        for width in options.widths
        for batch in options.batches
        if batch * width**2 <= options.most
    ]
    dtype = getattr(torch, options.dtypes[0])
    regrets = [check_one(*case, dtype, options) for case in cases]
    print(f"\nregret: geometric mean {geometric_mean(regrets):.3f}, worst {max(regrets):.2f}")


def check_one(
    name: str, width: int, batch: int, dtype: torch.dtype, options: argparse.Namespace
) -> float:
    product = ALGEBRAS[name].product
    side = width // product.shape[0]
    sizes, recorded = Rows(batch, side, side), not options.forward
    works = steps(product, sizes, dtype, recorded)
    machine = machine_of(torch.device("cpu")).of(dtype)
    weighed = costs(sizes, product, "step" if recorded else "forward")
    predicted = {plan: weighed[plan].seconds(machine, dtype.itemsize) for plan in works}
    with torch.set_grad_enabled(recorded):
        times = fastest(works, options.repeats, lambda: None)
    chosen, best = min(predicted, key=predicted.__getitem__), min(times, key=times.__getitem__)
    regret = times[chosen] / times[best]
    cells = ", ".join(f"{p}: {predicted[p] * 1e3:.2f} / {times[p] * 1e3:.2f}" for p in works)
    print(
        f"| {name} | {width} | {batch} | {cells} | {chosen} | {best} | {regret:.2f} |", flush=True
    )
    return regret


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="machine.json")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtypes", nargs="*", default=DTYPES, choices=DTYPES)
    parser.add_argument("--check", action="store_true", help="time the plans, and compare")
    parser.add_argument("--machine", help="with --check: the file whose constants predict")
    parser.add_argument("--forward", action="store_true", help="with --check: without gradients")
    parser.add_argument("--algebras", nargs="*", default=WEIGHED, choices=ALGEBRAS)
    parser.add_argument("--widths", type=int, nargs="*", default=[256, 512, 1024, 2048, 4096])
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 4, 16, 64, 256, 1024, 4096])
    parser.add_argument("--most", type=float, default=3e9, help="multiplications of a real layer")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.check:
        hc.lowering.calibrated(options.machine)
        check(options)
        return
    machine = measured(options.dtypes, options.device, options.repeats)
    text = json.dumps([asdict(machine)], indent=2, ensure_ascii=False)
    Path(options.out).write_text(text + "\n")
    print(text, f"\nwritten to {options.out}; read it with hc.lowering.calibrated({options.out!r})")


if __name__ == "__main__":
    main()
