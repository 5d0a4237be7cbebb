"""Products of multivectors against the packages of geometric algebra, in one run.

    python -m benchmarks.geometric [--quick] [--seconds 1] [--only TEXT]

The peers come with `pip install -e ".[peers]"`; those that are absent are named and left out. All
are given the same random numbers, and each is first compared with our result. Times are medians,
interleaved; the ratios are medians of ratios taken round by round, and above 1 where ours is
faster. All compute in float32, but for clifford, which knows float64 only.

- *dense*: our functions, on all components, zero or not;
- *by grade*: our tensors of the grades that there are;
- *kingdon*: its coefficients are NumPy's arrays, or torch's tensors, of the grades that there are;
- *clifra*: planned products of the grades that there are;
- *clifford*: single numbers, through which it walks in Python.

A package is left out of a row where it would take minutes: clifford above 10,000 numbers, kingdon
in Cl(8), where it writes down 65,536 terms before it computes.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor

import hypercomplex as hc
from benchmarks.machine import described, in_words
from benchmarks.report import duration
from benchmarks.timing import Work, ratio, samples, seconds

PRODUCT, SANDWICH = "product", "sandwich"
SIGNATURES = {"Cl(3)": (3, 0, 0), "PGA": (3, 0, 1), "CGA": (4, 1, 0), "Cl(8)": (8, 0, 0)}
BATCHES, QUICK = (1, 10_000, 1_000_000), (1, 1_000)
MOST = 2**25
"""Components of an argument, so that all contenders find room."""
TOLERANCE = 1e-4

Grades = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """One operation on many multivectors that have some grades only."""

    name: str
    operation: str
    signature: tuple[int, int, int]
    grades: tuple[Grades, Grades]
    batch: int
    arguments: tuple[Tensor, Tensor] = field(init=False, compare=False)
    """All components."""

    def __post_init__(self) -> None:
        a, b = (self._random(grades) for grades in self.grades)
        if self.operation == SANDWICH:  # a rotor
            a = hc.functional.exp(self._random((2,)) / 4, self.algebra)
        object.__setattr__(self, "arguments", (a, b))

    @property
    def algebra(self) -> hc.Algebra:
        return hc.clifford(*self.signature)

    @property
    def squares(self) -> list[int]:
        p, q, r = self.signature
        return [1] * p + [-1] * q + [0] * r

    def places(self, which: int) -> list[int]:
        """Where the components of the first or second argument stand."""
        return list(self.algebra.blades.places(self.grades[which]))

    def stored(self) -> list[Tensor]:
        """The components of the grades only."""
        return [x[:, self.places(m)].contiguous() for m, x in enumerate(self.arguments)]

    def _random(self, grades: Grades) -> Tensor:
        x, places = torch.zeros(self.batch, self.algebra.dimension), self.algebra.blades.places
        x[:, list(places(grades))] = torch.randn(self.batch, len(places(grades)))
        return x


def cases(batches: tuple[int, ...]) -> Iterator[Case]:
    """What is measured; above five generators only the product."""
    for name, signature in SIGNATURES.items():
        n = sum(signature)
        every, even, vector = tuple(range(n + 1)), tuple(range(0, n + 1, 2)), (1,)
        kinds = {
            f"{name}, `a * b`": (PRODUCT, (every, every)),
            f"{name}, vectors `a * b`": (PRODUCT, (vector, vector)),
            f"{name}, `R * v * ~R`": (SANDWICH, (even, vector)),
        }
        for label, (operation, grades) in kinds.items():
            for batch in batches:
                if batch << n <= MOST and (n <= 5 or grades == (every, every)):
                    yield Case(label, operation, signature, grades, batch)


# ---------------------------------------------------------------------- contenders

Contender = Callable[[Case], "tuple[Work, Callable[[Any], Tensor]] | None"]
"""What is timed, and how to read all components from its result; None where it is left out."""


def dense(case: Case) -> tuple[Work, Callable[[Any], Tensor]]:
    (a, b), A = case.arguments, case.algebra
    function = hc.functional.product if case.operation == PRODUCT else hc.geometric.sandwich
    return lambda: function(a, b, A), lambda x: x


def by_grade(case: Case) -> tuple[Work, Callable[[Any], Tensor]]:
    (x, y), (first, second) = case.stored(), case.grades
    a, b = hc.multivector(x, case.algebra, first), hc.multivector(y, case.algebra, second)
    if case.operation == PRODUCT:
        return lambda: a * b, lambda z: z.dense().components
    return lambda: a.sandwich(b, second), lambda z: z.dense().components


def clifford(case: Case) -> tuple[Work, Callable[[Any], Tensor]] | None:
    if case.batch > 10_000 or len(case.squares) > 5:
        return None
    package = importlib.import_module("clifford")
    layout = package.Cl(sig=np.array(case.squares))[0]
    order = [sum(1 << (i - 1) for i in blade) for blade in layout.bladeTupList]
    a, b = (
        package.MVArray([layout.MultiVector(row[order]) for row in x.double().numpy()])
        for x in case.arguments
    )

    def read(result: Any) -> Tensor:
        found = torch.zeros(case.batch, case.algebra.dimension)
        found[:, order] = torch.tensor(np.array([x.value for x in result])).float()
        return found

    if case.operation == PRODUCT:
        return lambda: a * b, read
    return lambda: a * b * ~a, read


def kingdon(
    case: Case, enter: Callable[[Tensor], Any] = Tensor.numpy
) -> tuple[Work, Callable[[Any], Tensor]] | None:
    if len(case.squares) > 5:
        return None
    algebra = importlib.import_module("kingdon").Algebra(signature=case.squares)
    a, b = (
        algebra.multivector(keys=tuple(case.places(m)), values=[enter(c) for c in columns])
        for m, columns in enumerate(x.mT.contiguous() for x in case.stored())
    )

    def read(result: Any) -> Tensor:
        found = torch.zeros(case.batch, case.algebra.dimension)
        for place, value in result.items():
            found[:, place] = torch.as_tensor(value)
        return found

    if case.operation == PRODUCT:
        return lambda: a * b, read
    return lambda: a >> b, read


def kingdon_on_torch(case: Case) -> tuple[Work, Callable[[Any], Tensor]] | None:
    return kingdon(case, lambda x: x)


def clifra(case: Case) -> tuple[Work, Callable[[Any], Tensor]]:
    algebra = importlib.import_module("clifra").make_algebra(*case.signature)
    left, right = (algebra.layout(grades) for grades in case.grades)
    a, b = case.stored()
    product = algebra.plan_product(op="gp", left_layout=left, right_layout=right)
    out = product.output_layout
    if case.operation == SANDWICH:
        last = algebra.plan_product(
            op="gp", left_layout=out, right_layout=left, output_layout=right
        )
        reverse = algebra.plan_unary(op="reverse", input_layout=left)
        out = right

    def work() -> Any:
        first = product(a, b)
        return first if case.operation == PRODUCT else last(first, reverse(a))

    def read(result: Any) -> Tensor:
        found = torch.zeros(case.batch, case.algebra.dimension)
        found[:, list(out.basis_indices)] = result
        return found

    return work, read


OURS: dict[str, Contender] = {"dense": dense, "by grade": by_grade}
PEERS: dict[str, tuple[str, Contender]] = {
    "clifford": ("clifford", clifford),
    "kingdon, NumPy": ("kingdon", kingdon),
    "kingdon, torch": ("kingdon", kingdon_on_torch),
    "clifra": ("clifra", clifra),
}


def installed() -> dict[str, Contender]:
    absent = {package: why_absent(package) for package, _ in PEERS.values()}
    for package, why in absent.items():
        if why:
            print(f"{package} is left out: {why}")
    return {name: contender for name, (package, contender) in PEERS.items() if not absent[package]}


def why_absent(package: str) -> str:
    """Nothing if it is there; what breaks on import is as good as absent."""
    try:
        importlib.import_module(package)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


# ---------------------------------------------------------------------- measuring


def agreeing(case: Case, contenders: dict[str, Contender]) -> dict[str, Work]:
    """The work of each that gives our result."""
    work, read = dense(case)
    expected, works = read(work()), {}
    tolerance = TOLERANCE * float(1 + expected.abs().max())
    for name, contender in contenders.items():
        try:
            prepared = contender(case)
            if prepared is None:
                continue
            work, read = prepared
            if torch.allclose(read(work()), expected, atol=tolerance, rtol=TOLERANCE):
                works[name] = work
            else:
                print(f"{name} disagrees about {case.name}")
        except Exception as error:
            print(f"{name} fails at {case.name}: {type(error).__name__}: {error}"[:300])
    return works


def row(case: Case, contenders: dict[str, Contender], budget: float) -> str:
    works = agreeing(case, contenders)
    once = sum(seconds(work, lambda: None) for work in works.values())
    times = samples(works, max(5, min(101, int(budget / once))))
    cells = [duration(median(times[name])) if name in times else "–" for name in contenders]
    best = min((n for n in times if n in PEERS), key=lambda n: median(times[n]), default="")
    for name in OURS:
        known = best and name in times
        cells.append(f"{ratio(times[best], times[name]):.2f} ({best})" if known else "–")
    return f"| {case.name} | {case.batch:,} | {' | '.join(cells)} |"


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.geometric", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a thousand multivectors at most")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each row")
    parser.add_argument("--only", default="", help="rows with this text in their names")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    contenders = {**OURS, **installed()}
    print(in_words(described() | {p: version(p) for p in {PEERS[n][0] for n in contenders if n in PEERS}}))  # fmt: skip
    head = [*contenders, *(f"best peer ÷ {name}" for name in OURS)]
    print(f"\n| operation | N | {' | '.join(head)} |\n|---|--:|{'--:|' * len(head)}")
    for case in cases(QUICK if given.quick else BATCHES):
        if given.only in case.name:
            print(row(case, contenders, given.seconds), flush=True)


if __name__ == "__main__":
    main()
