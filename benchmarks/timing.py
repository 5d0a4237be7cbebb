"""Timings that mean something on a shared machine: interleaved, as medians, read as ratios."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

Work = Callable[[], object]


def seconds(work: Work, synchronize: Work) -> float:
    synchronize()
    start = time.perf_counter()
    work()
    synchronize()
    return time.perf_counter() - start


def interleaved(
    works: dict[str, Work], repeats: int, synchronize: Work = lambda: None
) -> dict[str, float]:
    """The median of each, one after the other in turn, so that all see the same machine."""
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            times[name].append(seconds(work, synchronize))
    return {name: median(values) for name, values in times.items()}
