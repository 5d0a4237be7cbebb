"""Layers of numbers against torch's layers of reals: one table, one run.

`python -m benchmarks` takes some ten minutes on one core, `--quick` two; `make bench` is the same,
with `ARGS=--quick`. It prints a table and writes it as Markdown, JSON and a picture. `--compare`
takes the JSON of another run, `--only` rows with some text in their names. `--peers` goes on to the
rotation libraries that are installed, see `benchmarks.tensors`.

The system gives fresh memory page by page, which costs a layer of torch more, whose gradients are
larger; `--keep-memory` measures without that.
"""

from __future__ import annotations

import argparse
import gc
from pathlib import Path
from statistics import median

import torch

from benchmarks import tensors
from benchmarks.machine import described, keep_memory
from benchmarks.plots import plot
from benchmarks.report import Measured, Run, group_table, head, line, markdown, summary
from benchmarks.rows import Row, rows
from benchmarks.timing import Work, ratio, samples, seconds
from hypercomplex.host.compiler import why_no_machine_code

QUICK, FULL = 0.5, 4.0  # seconds for a row, and the longest round of a quick run
PAGES = Path(__file__).parents[1] / "docs" / "pages"


def measure(row: Row, budget: float) -> Measured:
    torch.manual_seed(0)
    works = row.works()
    times = samples(works, repeats(works, budget))
    gc.collect()
    return Measured(
        row.group,
        row.name,
        median(times["ours"]),
        median(times["base"]),
        ratio(times["ours"], times["base"]),
        row.limit,
        row.algebra,
        row.width,
        row.batch,
        row.base,
    )


def repeats(works: dict[str, Work], budget: float) -> int:
    for work in works.values():
        work()
    return max(
        5, min(51, int(budget / sum(seconds(work, lambda: None) for work in works.values())))
    )


def run(chosen: list[Row], budget: float) -> Run:
    """Measure, and print each row when it is there."""
    found: list[Measured] = []
    for row in chosen:
        if not found or found[-1].group != row.group:
            print(f"\n{head(row.group, False)}")
        found.append(measure(row, budget))
        print(line(found[-1], None, False), flush=True)
    return Run(described(), found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose group or name has this text")
    parser.add_argument("--compare", type=Path, help="the JSON of another run")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="a folder")
    parser.add_argument("--docs", action="store_true", help="write into the pages of the docs")
    parser.add_argument(
        "--keep-memory", action="store_true", help="never give it back to the system"
    )
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    kept = options.keep_memory and keep_memory()
    chosen = [row for row in rows() if options.only in f"{row.group} {row.name}"]
    if options.quick:
        chosen = [row for row in chosen if row.seconds < QUICK]
    reason = why_no_machine_code() if any(row.compiles for row in chosen) else None
    if reason:
        print(f"what is compiled is left out: {reason}")
        chosen = [row for row in chosen if not row.compiles]
    done = run(chosen, QUICK if options.quick else FULL)
    done.machine["memory"] = "kept" if kept else "as torch allocates"
    before = Run.load(options.compare) if options.compare else None
    print(f"\n{summary(done)}")
    if before:
        print(
            *(
                f"\n{group_table(g, done, before)}"
                for g in dict.fromkeys(r.group for r in done.rows)
            )
        )
    write(done, before, PAGES if options.docs else options.out)
    if options.peers:
        tensors.main()


def write(done: Run, before: Run | None, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done.save(folder / "benchmarks.json")
    written = ["benchmarks.json"]
    if folder != PAGES:  # whose page is made from the JSON
        (folder / "benchmarks.md").write_text(markdown(done, before), encoding="utf-8")
        written.append("benchmarks.md")
    try:
        plot(done, folder / "benchmarks.png")
        written.append("benchmarks.png")
    except ImportError:
        print("no picture: matplotlib is not installed")
    print(f"written: {', '.join(str(folder / name) for name in written)}")


if __name__ == "__main__":
    main()
