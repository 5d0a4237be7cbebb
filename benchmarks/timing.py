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


def samples(
    works: dict[str, Work], repeats: int, synchronize: Work = lambda: None
) -> dict[str, list[float]]:
    """The times of each, one after the other in turn, so that all see the same machine."""
    for work in works.values():
        work()
    often = {name: calls_to_last(work, synchronize) for name, work in works.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, (work, calls) in often.items():
            times[name].append(seconds(work, synchronize) / calls)
    return times


def calls_to_last(work: Work, synchronize: Work, shortest: float = 2e-4) -> tuple[Work, int]:
    """A short work several times over, so that neither the clock nor a cold cache is what counts."""
    calls = max(1, min(100, int(shortest / seconds(work, synchronize))))

    def repeated() -> None:
        for _ in range(calls):
            work()

    return (work, 1) if calls == 1 else (repeated, calls)


def interleaved(
    works: dict[str, Work], repeats: int, synchronize: Work = lambda: None
) -> dict[str, float]:
    """The median of each."""
    return {name: median(times) for name, times in samples(works, repeats, synchronize).items()}


def ratio(times: list[float], base: list[float]) -> float:
    """The median of ratios taken round by round: what slows one round slows both of its times."""
    return median(t / b for t, b in zip(times, base, strict=True))
