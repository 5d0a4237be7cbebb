"""What an algebra costs over its dimension: its construction, a first and a second call, memory.

    python -m benchmarks.algebras [--quick] [--docs]

Each Clifford algebra Cl(g), with 2^g units and 4^g products, is measured in a process of its own,
so that nothing is known before and the peak of memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Figures = dict[str, float]

GENERATORS = range(2, 11)
QUICK = range(2, 8)
LEAST = {"seconds": 1e-6, "megabytes": 0.1}
"""What is drawn where less is measured."""
COMPONENTS = 2**16
"""How many components the many numbers of a product have."""
DOCS = Path(__file__).parent.parent / "docs" / "pages" / "algebras.png"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print a table and draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.algebras")
    parser.add_argument("--quick", action="store_true", help="up to dimension 128 only")
    parser.add_argument("--docs", action="store_true", help="draw the picture of the docs")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one is not None:
        print(json.dumps(measured(given.one)))
        return
    found = [in_a_process(g) for g in (QUICK if given.quick else GENERATORS)]
    print(table(found))
    file = DOCS if given.docs else Path("build") / "benchmarks" / "algebras.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    plot(found, file)


def in_a_process(generators: int) -> Figures:
    """The figures of one algebra."""
    command = [sys.executable, "-m", "benchmarks.algebras", "--one", str(generators)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def measured(generators: int) -> Figures:
    """Seconds and megabytes of everything that is done with an algebra, in this order."""
    import torch

    import hypercomplex as hc

    torch.set_num_threads(1)
    warm = hc.QuaternionTensor.randn(4)
    warm * warm, warm**2, warm @ warm, hc.nn.QuaternionLinear(2, 2)(torch.randn(4, 8))
    A, construction, table_memory = costs(lambda: hc.clifford(generators))
    n = A.dimension
    q = hc.tensor_type(A).randn(4)
    _, first, product_memory = costs(lambda: q**2)
    second = min(costs(lambda: q**2)[1] for _ in range(5))
    many = hc.tensor_type(A).randn(COMPONENTS // n)
    product = min(costs(lambda: many * many)[1] for _ in range(3))
    layer, features = hc.nn.Linear(2, 2, algebra=A), torch.randn(8, 2 * n)
    _, step, layer_memory = costs(lambda: layer(features).square().sum().backward())
    return {
        "dimension": n,
        "construction": construction,
        "first call": first,
        "second call": second,
        "product of many": product,
        "first step of a layer": step,
        "memory of the table": table_memory,
        "memory of a call": product_memory,
        "memory of a layer": layer_memory,
    }


def costs(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What a work gives, its seconds, and by how many megabytes the peak of memory grows."""
    before, start = peak(), time.perf_counter()
    result = work()
    return result, time.perf_counter() - start, peak() - before


def peak() -> float:
    """Megabytes that the process has had at most."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def table(found: list[Figures]) -> str:
    """A row for each algebra, in Markdown."""
    names = list(found[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---:|" * len(names)]
    for figures in found:
        cells = [f"{int(figures['dimension']):,}"]
        cells += [f"{figures[name]:.3g}" for name in names[1:]]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(found: list[Figures], file: Path) -> None:
    """Seconds and megabytes over the dimension.

    Raises:
        ImportError: without matplotlib, which `pip install ".[demo]"` brings.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    dimensions = [figures["dimension"] for figures in found]
    for panel, label in zip(panels, ("seconds", "megabytes"), strict=True):
        for name in found[0]:
            if name != "dimension" and name.startswith("memory") == (label == "megabytes"):
                values = [max(figures[name], LEAST[label]) for figures in found]
                panel.plot(dimensions, values, marker="o", label=name)
        panel.set(xlabel="dimension", ylabel=label, yscale="log")
        panel.set_xscale("log", base=2)
        panel.grid(alpha=0.3)
        panel.legend(fontsize=8)
    scale = found[-1]["construction"] / dimensions[-1] ** 2
    panels[0].plot(dimensions, [scale * n**2 for n in dimensions], "k:", linewidth=1)
    figure.suptitle("Clifford algebras, one thread; dotted: in proportion to the table")
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
