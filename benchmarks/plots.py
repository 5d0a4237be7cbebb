"""The picture of a run: ratios over batch, width and dimension of the algebra."""

from __future__ import annotations

from pathlib import Path

from benchmarks.report import Measured, Run

GROUP = "Linear, step"


def plot(run: Run, file: Path) -> None:
    """Draw three panels; below 1 numbers are faster than reals.

    Raises:
        ImportError: without matplotlib, which `pip install ".[demo]"` brings.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(12, 4), sharey=True, layout="constrained")
    rows = [row for row in run.rows if row.group == GROUP]
    quaternion = [row for row in rows if row.algebra == "quaternion"]
    for width in sorted({row.width for row in quaternion}):
        lines(panels[0], quaternion, "batch", width=width)
    for batch in (1, 16, 64, 256):
        lines(panels[1], quaternion, "width", batch=batch)
    for batch in (1, 64):
        by_dimension(
            panels[2], [row for row in rows if row.width == 1024 and row.batch == batch], batch
        )
    for panel, axis in ((panels[0], "batch"), (panels[1], "width")):
        ticks = sorted({getattr(row, axis) for row in quaternion})
        panel.set_xticks(ticks, [f"{tick:,}" for tick in ticks], rotation=30)
        panel.minorticks_off()
    titles = "over the batch", "over the real width", "over the algebra, width 1,024"
    for panel, title in zip(panels, titles, strict=True):
        panel.axhline(1, color="black", linewidth=1)
        panel.set(title=title, yscale="log")
        panel.grid(alpha=0.3)
        if panel.lines[1:]:
            panel.legend(fontsize=8)
    ticks = (0.1, 0.2, 0.5, 1, 2, 5)
    panels[0].set(
        ylabel="training step ÷ torch's real layer", yticks=ticks, yticklabels=map(str, ticks)
    )
    panels[0].minorticks_off()
    figure.suptitle(f"{run.machine['machine']}, {run.machine['threads']} threads, float32")
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def lines(panel: object, rows: list[Measured], axis: str, **fixed: int) -> None:
    ((name, value),) = fixed.items()
    points = sorted((getattr(r, axis), r.ratio) for r in rows if getattr(r, name) == value)
    if points:
        panel.plot(*zip(*points, strict=True), marker="o", label=f"{name} {value:,}")  # type: ignore[attr-defined]
        panel.set(xscale="log", xlabel=axis)  # type: ignore[attr-defined]


def by_dimension(panel: object, rows: list[Measured], batch: int) -> None:
    order = ("complex", "quaternion", "tessarine", "octonion", "Cl(3,0)", "sedenion")
    found = {row.algebra: row.ratio for row in rows}
    names = [name for name in order if name in found]
    if names:
        panel.plot(names, [found[name] for name in names], "o", label=f"batch {batch}")  # type: ignore[attr-defined]
        panel.tick_params(axis="x", rotation=30)  # type: ignore[attr-defined]
