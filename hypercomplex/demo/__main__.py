"""The command line of the demo: `python -m hypercomplex.demo --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from hypercomplex.demo.colour import Painter, Score

Results = dict[str, list["Score"]]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, exit code 2."""

    def error(self, message: str) -> NoReturn:  # noqa: D102
        self.exit(2, f"{self.prog}: {message}\n")

    def check_output(self, path: Path) -> None:
        """Refuse a path that cannot be written before the work is done."""
        if not path.parent.is_dir():
            self.error(f"--output: there is no directory {path.parent}")
        if path.is_dir() or path.suffix.lower() not in (".png", ".jpg", ".pdf", ".svg"):
            self.error(f"--output: {path} must be a file ending in .png, .jpg, .pdf or .svg")


def main(arguments: list[str] | None = None) -> None:
    """Train, repaint, print the table and save the picture."""
    parser = _parser()
    options = parser.parse_args(arguments)
    parser.check_output(options.output)
    try:
        from hypercomplex.demo import colour
    except ImportError as error:
        parser.error(f"{error}; install the extra: pip install 'hypercomplex-torch[demo]'")
    try:
        own = {str(path): colour.load(path) for path in options.image}
    except ValueError as error:
        parser.error(f"--image: {error}")

    torch.set_num_threads(options.threads)
    grey, photographs = colour.training_photograph(), {**colour.test_photographs(), **own}
    painters = colour.painters(options.seed)
    for painter in painters:
        painter.learn(grey, _progress(painter, options.steps))
    paintings = {
        name: [painter.paint(photograph) for painter in painters]
        for name, photograph in photographs.items()
    }
    scores = {
        name: [colour.score(painting, photographs[name]) for painting in pair]
        for name, pair in paintings.items()
    }
    print(_table(painters, scores))
    _save(options.output, photographs, paintings, scores)
    print(f"\noriginal, quaternion and real, side by side: {options.output.resolve()}")


def _parser() -> Parser:
    parser = Parser(
        prog="hypercomplex.demo",
        description="Two networks learn to copy one grey photograph, then repaint colour ones.",
    )
    parser.add_argument("--steps", type=positive, default=300, help="training steps (300)")
    parser.add_argument(
        "--image", type=Path, action="append", default=[], help="a photograph of your own"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("colour-from-grey.png"), help="where the picture goes"
    )
    parser.add_argument("--seed", type=_seed, default=0, help="seed of the initial weights (0)")
    parser.add_argument(
        "--threads", type=positive, default=os.cpu_count() or 1, help="CPU threads (all)"
    )
    return parser


def positive(text: str) -> int:
    """An argument that counts."""
    value = int(text) if text.lstrip("-").isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive integer")
    return value


def _seed(text: str) -> int:
    value = int(text) if text.isdigit() else -1
    if not 0 <= value < 2**63:
        raise argparse.ArgumentTypeError(f"{text} is not an integer from 0 to 2^63 - 1")
    return value


def _progress(painter: Painter, steps: int) -> Iterable[int]:
    from tqdm import tqdm

    bar: Iterable[int] = tqdm(range(steps), desc=f"{painter.name:>10}", unit="step", ncols=80)
    return bar


def _table(painters: tuple[Painter, ...], scores: Results) -> str:
    lines = ["", f"{'network':12}{'parameters':>12}{'seconds':>10}"]
    lines += [f"{p.name:12}{p.parameters:>12,}{p.seconds:>10.1f}" for p in painters]
    lines += ["", f"{'photograph':22}{'network':12}{'PSNR':>9}{'SSIM':>8}  chroma"]
    for name, pair in scores.items():
        for painter, s in zip(painters, pair, strict=True):
            lines.append(
                f"{name[-21:]:22}{painter.name:12}{s.psnr:>6.2f} dB{s.ssim:>8.3f}  {_chroma(s)}"
            )
    return "\n".join(lines)


def _chroma(score: Score) -> str:
    return "grey photograph" if score.chroma is None else f"{score.chroma:.2f}"


def _save(
    path: Path, photographs: dict[str, Tensor], paintings: dict[str, list[Tensor]], scores: Results
) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 2.4 * len(photographs)), layout="constrained")
    grid = figure.subplots(len(photographs), 3, squeeze=False)
    for axes, (name, photograph) in zip(grid, photographs.items(), strict=True):
        titles = [name] + [
            f"{network}  {s.psnr:.1f} dB, chroma: {_chroma(s)}"
            for network, s in zip(("quaternion", "real"), scores[name], strict=True)
        ]
        for ax, title, image in zip(axes, titles, [photograph, *paintings[name]], strict=True):
            ax.imshow(image.numpy())
            ax.set_title(title, fontsize=9, color="gray")
            ax.set_axis_off()
    figure.savefig(path, dpi=110, transparent=True)  # on white and on black


if __name__ == "__main__":
    main(sys.argv[1:])
