r"""Which plan multiplies rows of numbers by a weight: the one whose estimated time is least.

A plan costs real multiplications, numbers that are moved to prepare and to gather, and calls of
torch. Four constants of a machine (`machines.Constants`) turn them into seconds; `costs` has the
counts, and `explain` prints what was weighed. With R rows, a weight of O × I numbers of m
components, an input of n and a result of k components, one pass costs

| plan | multiplications | moved beside the factors |
|---|---|---|
| block | n k · R I O | the weight, n k times: to write it, and to sort it |
| input | m k · R I O | the input, m k times |
| bilinear | r · R I O, of r products | the weight r times, sums of the input and of the result |

so few rows let the input be expanded, many rows and wide layers let multiplications be saved, and
where neither is worth its calls, or nothing else serves, the weight becomes blocks. Of a frozen
weight nothing is written: it is compared with a copy, if anything was made of it.

What is made of a weight is its product with a matrix of constants, as thin as a number is wide, and
takes longer to multiply than to move: for few rows that is what counts. Sums of rows stay in the
cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.algebra.tables import Shape
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.mode import is_compiling, is_known_size
from hypercomplex.lowering.block import is_real
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.machines import (
    Constants,
    calibration,
    machine_of,
    read,
    rounds_factors,
)
from hypercomplex.lowering.plans import PLANS, Plan, bilinear, bilinear_convolution
from hypercomplex.lowering.plans.parts import rank_of

__all__ = [
    "NOT_FOR_IMAGES",
    "Choice",
    "Cost",
    "Made",
    "Passes",
    "Planned",
    "Rows",
    "Ways",
    "calibrated",
    "compared",
    "costs",
    "note",
    "planned",
    "told",
    "use",
    "watched",
]

Choice = Literal["block", "input", "bilinear"] | None
"""A plan that is asked for, or None to choose."""

Passes = Literal["forward", "step", "frozen"]
"""What is done with a weight: one pass, that and both gradients, or one of many passes that share
what was made of it.
"""


class Rows(NamedTuple):
    """How many rows, numbers in each, and numbers in each result."""

    rows: int
    inputs: int
    outputs: int


_ALL = tuple(PLANS)


class Ways(NamedTuple):
    """The plans that serve images, as `PLANS` serve rows."""

    plans: dict[str, Plan]
    sizes: Rows
    worth: tuple[str, ...]
    """Those among which to choose."""
    points: int = 1
    """Of the kernel; rows are the points of results."""

    @property
    def kind(self) -> tuple[tuple[str, ...], int]:
        """The names of the plans, and the points."""
        return tuple(self.plans), self.points


class Learned(NamedTuple):
    """What the costs of a learned map depend on."""

    shape: Shape


class Cost(NamedTuple):
    """What a plan costs."""

    products: int
    """How many products of matrices there are, or three times as many with both gradients."""
    sides: tuple[int, int, int]
    """Those of their matrices, `(a, b)` times `(b, c)`."""
    moved: int
    """Numbers written or read beside their factors and results."""
    calls: int
    sums: int = 0
    """Multiplications by constants, which make sums of the components of a weight."""
    width: int = 1
    """How many components a sum is made of."""

    @property
    def multiplications(self) -> int:
        """Of reals, none of them a constant."""
        return self.products * prod(self.sides)

    @property
    def touched(self) -> int:
        """Numbers written or read in all."""
        a, b, c = self.sides
        return self.products * (a * b + b * c + c * a) + self.moved

    def seconds(self, machine: Constants, size: int) -> float:
        """The estimated time with numbers of that many bytes: thin matrices are slower."""
        thinnest = max(1, min(self.sides))
        multiplied = self.multiplications * (1 + machine.thin / thinnest)
        summed = self.sums * (1 + machine.thin / self.width)
        return (
            (multiplied + summed) / machine.multiplications
            + self.moved * size / machine.moved
            + self.calls * machine.call
        )


# ---------------------------------------------------------------------- the costs


def costs(
    sizes: Rows, product: AnyBilinear | Learned, passes: Passes, points: int = 1
) -> dict[str, Cost]:
    """The cost of each plan that serves.

    A row is multiplied with the numbers at several points, if a kernel has them.
    """
    found = {"block": _block(sizes, product, points)}
    if points == 1:
        found["input"] = _input(sizes, product)
    if isinstance(product, Bilinear) and not PLANS["bilinear"].refusal(product, torch.float32):
        found["bilinear"] = _bilinear(sizes, product, points)
    return {name: each[passes] for name, each in found.items()}


def _block(sizes: Rows, product: AnyBilinear | Learned, points: int) -> dict[Passes, Cost]:
    rows, inputs, outputs = sizes
    m, n, k = product.shape
    sides = rows, n * inputs * points, k * outputs
    numbers = inputs * points * outputs
    weight, sums = (m + 3 * n * k) * numbers, m * n * k * numbers
    return {
        "forward": Cost(1, sides, weight, 8, sums, m),
        "step": Cost(3, sides, 3 * weight, 24, 3 * sums, m),
        "frozen": Cost(1, sides, compared(m * numbers), 8),
    }


def compared(numbers: int) -> int:
    """What is read of a frozen weight and its copy; nothing else finds its place in the cache."""
    return 2 * numbers


def _input(sizes: Rows, product: AnyBilinear | Learned) -> dict[Passes, Cost]:
    rows, inputs, outputs = sizes
    m, n, k = product.shape
    sides = k * rows, m * inputs, outputs
    expanded = (2 * n + 2 * m * k) * rows * inputs
    result = 2 * k * rows * outputs
    once = Cost(1, sides, expanded + result, 5)
    return {
        "forward": once,
        "step": Cost(3, sides, 3 * expanded + result, 16),
        "frozen": once,
    }


def _bilinear(sizes: Rows, product: Bilinear, points: int) -> dict[Passes, Cost]:
    rows, inputs, outputs = sizes
    m, n, k = product.shape
    rank = rank_of(product)
    sides = rows, inputs * points, outputs
    numbers = inputs * points * outputs
    weight, sums = (m + rank) * numbers, m * rank * numbers
    added, gathered = rows * (n + rank) * inputs, rows * (rank + k) * outputs
    calls = bilinear.calls(rows) if points == 1 else bilinear_convolution.calls(rows, rank * inputs)
    return {
        "forward": Cost(rank, sides, weight + added + gathered, calls.forward, sums, m),
        "step": Cost(3 * rank, sides, 3 * (weight + added) + 2 * gathered, calls.step, 3 * sums, m),
        "frozen": Cost(rank, sides, compared(m * numbers) + added + gathered, calls.forward),
    }


# ---------------------------------------------------------------------- the choice


class use:  # noqa: N801
    """Force a plan, from now on or as a context, in all threads; layers may still ask for another.

    Contexts of several threads that overlap undo each other: force a plan in one of them.

    Args:
        plan: `"block"`, `"input"`, `"bilinear"`, or None to choose again.

    Raises:
        ValueError: if there is no such plan.

    Example:
        >>> layer = hc.nn.QuaternionLinear(64, 64)
        >>> x = torch.randn(5, 256)
        >>> with hc.lowering.use("input"):
        ...     y = layer(x)
        >>> torch.allclose(y, layer(x), atol=1e-5)
        True
    """

    forced: Choice = None

    def __init__(self, plan: Choice) -> None:
        _check_plan(plan)
        self._plan, self._before = plan, use.forced
        use.forced = plan

    def __enter__(self) -> use:
        use.forced = self._plan
        return self

    def __exit__(self, *_: object) -> None:
        use.forced = self._before


def _check_plan(plan: str | None) -> None:
    """There is such a plan, or none is asked for."""
    if plan is not None and plan not in PLANS:
        raise ValueError(f"`plan` (={plan!r}) must be None or among {tuple(PLANS)}")


def calibrated(file: str | PathLike[str] | None) -> None:
    """Plan by the constants of this machine, which `python -m benchmarks.calibrate` has written.

    Args:
        file: where they are, or None for those of its kind, which came with the library.

    Raises:
        ValueError: if the file holds no constants of machines.

    Example:
        >>> hc.lowering.calibrated(None)
    """
    calibration[:] = () if file is None else read(Path(file).read_text(encoding="utf-8"))
    _known.clear()


def planned(
    rows: Tensor,
    weight: Tensor,
    product: AnyBilinear,
    passes: Passes,
    plan: Choice,
    ways: Ways | None = None,
) -> str:
    """The name of the plan for rows `(R, n, I)` and a weight `(O, I, m)`, or for images.

    Raises:
        ValueError: if a plan is asked for that does not serve.
    """
    ways = ways or Ways(PLANS, Rows(rows.shape[0], weight.shape[1], weight.shape[0]), _ALL)
    plan = plan or use.forced
    if plan is not None:
        _check_serves(plan, ways, product, rows.dtype)
    name = plan or _chosen(ways, weight, product, passes)
    if _watching:
        where = weight.dtype, weight.device
        one = Planned(ways.sizes, product, *where, passes, plan, name, *ways.kind)
        _watching[-1].append(one)
    return name


def _check_serves(plan: str, ways: Ways, product: AnyBilinear, dtype: torch.dtype) -> None:
    _check_plan(plan)
    way = ways.plans.get(plan)
    refusal = NOT_FOR_IMAGES if way is None else way.refusal(product, dtype)
    if refusal:
        raise ValueError(f"`plan` (={plan!r}) does not serve here: {refusal}")


NOT_FOR_IMAGES = (
    "'input' is for kernels of one point, 'bilinear' for convolutions in one group that are not "
    "transposed"
)


def _chosen(ways: Ways, weight: Tensor, product: AnyBilinear, passes: Passes) -> str:
    count, inputs, outputs = ways.sizes
    if len(ways.worth) == 1:
        return "block"
    if (is_compiling() or not isinstance(count, int)) and not all(map(is_known_size, ways.sizes)):
        return "block"
    of = product if isinstance(product, Bilinear) else product.shape
    device = "cpu" if weight.is_cpu else str(weight.device)
    if weight.is_cuda and rounds_factors():
        device += _ROUNDED
    kind = inputs, outputs, ways.points, ways.worth
    for most, name in _limits(of, *kind, weight.dtype, device, passes):
        if count <= most:
            return name
    return "block"


class Made(Protocol):
    """A choice that was made, as `explain` tells it."""

    @property
    def dtype(self) -> torch.dtype:
        """The type of the numbers' components."""

    @property
    def device(self) -> torch.device:
        """Where they are."""

    @property
    def chosen(self) -> str:
        """The name of what was taken."""

    def of_what(self) -> str:
        """What is multiplied."""

    def weighed(self) -> dict[str, Cost]:
        """What each way costs."""

    def refused(self) -> dict[str, str]:
        """Why those that do not serve do not."""


class Planned(NamedTuple):
    """A choice for rows, or for images."""

    sizes: Rows
    product: AnyBilinear
    dtype: torch.dtype
    device: torch.device
    passes: Passes
    asked: Choice
    chosen: str
    serving: tuple[str, ...] = _ALL
    """The plans for rows or images of that kind."""
    points: int = 1

    def of_what(self) -> str:  # noqa: D102
        rows, inputs, outputs = self.sizes
        kernel = "" if self.points == 1 else f" at each of {self.points} points"
        asked = "" if self.asked is None else f"; {self.asked!r} was asked for"
        about = told(self.product, self.dtype, self.passes)
        return (
            f"{rows:,} row{'s' * (rows != 1)} of {inputs:,} numbers, times a matrix of "
            f"{outputs:,} × {inputs:,}{kernel}, {about}{asked}"
        )

    def weighed(self) -> dict[str, Cost]:  # noqa: D102
        every = costs(self.sizes, self.product, self.passes, self.points)
        return {name: cost for name, cost in every.items() if name not in self.refused()}

    def refused(self) -> dict[str, str]:  # noqa: D102
        reasons = {
            name: plan.refusal(self.product, self.dtype) if name in self.serving else NOT_FOR_IMAGES
            for name, plan in PLANS.items()
        }
        return {name: reason for name, reason in reasons.items() if reason}


def told(product: AnyBilinear, dtype: torch.dtype, passes: Passes) -> str:
    """Of which numbers, and what for."""
    return f"{product}, {str(dtype).removeprefix('torch.')}, {_TOLD[passes]}"


_TOLD: dict[Passes, str] = {
    "forward": "forward",
    "step": "forward and both gradients",
    "frozen": "forward, with a frozen weight",
}


_watching: list[list[Made]] = []


def note(make: Callable[[], Made]) -> None:
    """Have `explain` know of a choice, if it watches."""
    if _watching:
        _watching[-1].append(make())


@contextmanager
def watched() -> Iterator[list[Made]]:
    """Note the choices that are made meanwhile."""
    _watching.append([])
    try:
        yield _watching[-1]
    finally:
        _watching.pop()


_known: dict[tuple[object, ...], tuple[tuple[int, str], ...]] = {}
_MOST_KEPT = 1024
_MOST_ROWS = 2**20
_ROUNDED = " tf32"  # a device that rounds the factors of float32 is another one


@known_when_traced
def _limits(*kind: Any) -> tuple[tuple[int, str], ...]:
    """Up to how many rows each plan is taken, in the order of rows."""
    known = _known.get(kind)
    if known is None:
        if len(_known) >= _MOST_KEPT:
            _known.clear()
        known = _known[kind] = _found_limits(*kind)
    return known


def _found_limits(
    of: Bilinear | Shape,
    inputs: int,
    outputs: int,
    points: int,
    worth: tuple[str, ...],
    dtype: torch.dtype,
    device: str,
    passes: Passes,
) -> tuple[tuple[int, str], ...]:
    if not inputs * outputs or (isinstance(of, Bilinear) and (is_real(of) or not of.constants)):
        return ()
    product = of if isinstance(of, Bilinear) else Learned(of)
    machine = machine_of(torch.device(device.removesuffix(_ROUNDED))).of(dtype)
    refused = [isinstance(of, Bilinear) and PLANS[name].refusal(of, dtype) for name in worth]

    def best(rows: int) -> str:
        weighed = costs(Rows(rows, inputs, outputs), product, passes, points)
        serve = (
            name for name, no in zip(worth, refused, strict=True) if name in weighed and not no
        )
        return min(serve, key=lambda name: weighed[name].seconds(machine, dtype.itemsize))

    limits: list[tuple[int, str]] = []
    at = 1
    while at < _MOST_ROWS:
        name, after = best(at), at + max(1, at // 8)
        if limits and limits[-1][1] == name:
            limits[-1] = (after - 1, name)
        else:
            limits.append((after - 1, name))
        at = after
    return tuple(limits)
