"""What was measured: kept as JSON, read as Markdown, compared with another run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """A row when it was run; times in seconds."""

    group: str
    name: str
    ours: float
    against: float
    ratio: float
    """The median of the ratios, round by round."""
    limit: float | None
    algebra: str
    width: int
    batch: int
    base: str
    """What it is compared with."""

    @property
    def holds(self) -> bool:
        return self.limit is None or self.ratio <= self.limit


@dataclass(frozen=True)
class Run:
    """One run of the benchmark on one machine."""

    machine: dict[str, str]
    rows: list[Measured]

    def save(self, file: Path) -> None:
        text = json.dumps(
            {"machine": self.machine, "rows": [asdict(row) for row in self.rows]}, indent=1
        )
        file.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Run:
        read = json.loads(file.read_text(encoding="utf-8"))
        return cls(read["machine"], [Measured(**row) for row in read["rows"]])


def table(run: Run, before: Run | None = None) -> str:
    """A table for each group; with another run, its ratios and what has changed."""
    groups = dict.fromkeys(row.group for row in run.rows)
    return "\n\n".join(group_table(group, run, before) for group in groups)


def group_table(group: str, run: Run, before: Run | None) -> str:
    old = {(row.group, row.name): row.ratio for row in before.rows} if before else {}
    rows = [row for row in run.rows if row.group == group]
    lines = [line(row, old.get((row.group, row.name)), before is not None) for row in rows]
    return "\n".join([head(group, before is not None), *lines])


def head(group: str, compared: bool) -> str:
    more, bars = ("before | change | ", "--:|--:|") if compared else ("", "")
    return (
        f"| {group} | ours | against | ratio | at most | {more}|\n|---|--:|--:|--:|--:|{bars}---|"
    )


def line(row: Measured, old: float | None, compared: bool) -> str:
    cells = [row.name, duration(row.ours), duration(row.against), f"**{row.ratio:.2f}**"]
    cells.append("–" if row.limit is None else f"{row.limit:.2f}")
    if compared:
        cells += ["–", "–"] if old is None else [f"{old:.2f}", f"{row.ratio / old - 1:+.0%}"]
    cells.append("" if row.holds else "missed")
    return f"| {' | '.join(cells)} |"


def summary(run: Run) -> str:
    """How many are won, and which limits are missed."""
    limited = [row for row in run.rows if row.limit is not None]
    kept = sum(row.holds for row in limited)
    layers = [row for row in run.rows if row.base == "torch"]
    if not layers:
        return f"{kept} of {len(limited)} limits hold."
    won = sum(row.ratio < 1 for row in layers)
    best, worst = (f(layers, key=lambda row: row.ratio) for f in (min, max))
    return (
        f"{won} of {len(layers)} cases are faster than torch's real layer, the best "
        f"{1 / best.ratio:.1f} times ({best.name}); the slowest takes {worst.ratio:.2f} times as "
        f"long ({worst.name}). {kept} of {len(limited)} limits hold."
    )


def facts(run: Run) -> str:
    return ", ".join(f"{name} {value}" for name, value in run.machine.items())


def markdown(run: Run, before: Run | None = None) -> str:
    compared = f"\n\nBefore: {facts(before)}." if before else ""
    return f"{facts(run)}.{compared}\n\n{summary(run)}\n\n{table(run, before)}\n"


def duration(seconds: float) -> str:
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
    unit, size = next((u for u in units if seconds >= u[1]), units[-1])
    return f"{seconds / size:.3g} {unit}"
