"""Timings that mean something on a shared machine: interleaved, as medians, read as ratios."""

from __future__ import annotations

import math
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


def samples(
    works: dict[str, Work], repeats: int, synchronize: Work = lambda: None
) -> dict[str, list[float]]:
    """The times of each, one after the other in turn, so that all see the same machine."""
    for work in works.values():
        work()
    calls = {name: calls_to_last(work, synchronize) for name, work in works.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            if calls[name] > 1:
                work()  # the one before it left caches cold
            several = repeated(work, calls[name])
            times[name].append(seconds(several, synchronize) / calls[name])
    return times


def calls_to_last(work: Work, synchronize: Work, shortest: float = 1e-3) -> int:
    """How often to call a short work, so that neither the clock nor a cold cache is what counts."""
    once = seconds(work, synchronize)
    if once < shortest:
        once = min(once, *(seconds(work, synchronize) for _ in range(2)))
    return max(1, min(100, math.ceil(shortest / once)))


def repeated(work: Work, calls: int) -> Work:
    def all_calls() -> None:
        for _ in range(calls):
            work()

    return all_calls


def interleaved(
    works: dict[str, Work], repeats: int, synchronize: Work = lambda: None
) -> dict[str, float]:
    """The median of each."""
    return {name: median(times) for name, times in samples(works, repeats, synchronize).items()}


def ratio(times: list[float], base: list[float]) -> float:
    """The median of ratios taken round by round: what slows one round slows both of its times."""
    return median(t / b for t, b in zip(times, base, strict=True))
