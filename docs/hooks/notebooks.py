"""Makes notebooks of some pages when docs are built, executed, to be downloaded."""

from __future__ import annotations

import ast
import json
import re
from base64 import b64decode, b64encode
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from itertools import count
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import pyplot
from mkdocs.structure.files import File

NOTEBOOKS = (
    "conformal.md",
    "cookbook.md",
    "define-an-algebra.md",
    "imu.md",
    "orientations.md",
    "pictures.md",
    "projective.md",
    "quaternions.md",
    "speakers.md",
    "three-phases.md",
)
matplotlib.use("agg")
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DRAWN = re.compile(r"^<!-- drawn: (.*?) -->$", re.MULTILINE)  # where a page shows what it has drawn
PICTURE = re.compile(r"(?<=\]\()[\w-]+\.png(?=\))")  # a file beside the page
PAGES = Path(__file__).parents[1] / "pages"
INK = "#808080"  # on white and on black
STYLE: dict[str, Any] = {f"{what}.color": INK for what in ("text", "xtick", "ytick")}
STYLE |= {"axes.edgecolor": INK, "axes.labelcolor": INK, "legend.frameon": False}


def on_files(files: Any, *, config: Any) -> Any:
    """Add a notebook for each of the pages, and the pictures that they draw."""
    for page in [file for file in files if file.src_path in NOTEBOOKS]:
        made = notebook(page.content_string)
        content = json.dumps(made, indent=1, ensure_ascii=False)
        files.append(File.generated(config, beside(page.src_path), content=content))
        for place, picture in enumerate(pictures(made)):
            path = picture_of(page.src_path, place)
            files.append(File.generated(config, path, content=b64decode(picture)))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Link the notebook below the title of its page, and show the pictures."""
    path = page.file.src_path
    if path not in NOTEBOOKS:
        return markdown
    place = count()
    markdown = DRAWN.sub(lambda found: f"![{found[1]}]({picture_of(path, next(place))})", markdown)
    title, text = markdown.split("\n", 1)
    link = f"[Download as a notebook]({beside(path)}){{ .md-button download }}"
    return f"{title}\n\n{link}\n{text}"


def beside(page: str) -> str:
    """Where the notebook of a page lies."""
    return page.removesuffix(".md") + ".ipynb"


def picture_of(page: str, place: int) -> str:
    """Where a picture of a page lies."""
    return f"{page.removesuffix('.md')}-{place}.png"


def pictures(made: dict[str, Any]) -> list[str]:
    """What the cells of a notebook draw."""
    outputs = (output for each in made["cells"] for output in each.get("outputs", ()))
    found = (output.get("data", {}).get("image/png") for output in outputs)
    return [picture for picture in found if picture]


def notebook(markdown: str) -> dict[str, Any]:
    """The cells of a page: prose, and examples with what they show."""
    names: dict[str, Any] = {}
    cells = []
    for place, text in enumerate(EXAMPLE.split(markdown)):
        source = (text if place % 2 else DRAWN.sub("", text)).strip()
        if place % 2:
            number = place // 2 + 1
            code = {"cell_type": "code", "execution_count": number, "outputs": run(source, names)}
            cells.append({**code, **cell(place, source)})
        elif source:
            cells.append(prose(place, source))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": cells}


def prose(place: int, source: str) -> dict[str, Any]:
    """A cell of text, which has the pictures that it shows."""
    files = {name: {"image/png": encoded(PAGES / name)} for name in PICTURE.findall(source)}
    source = PICTURE.sub(lambda found: f"attachment:{found[0]}", source)
    attached = {"attachments": files} if files else {}
    return {"cell_type": "markdown", **attached, **cell(place, source)}


def encoded(file: Path) -> str:
    """What a file holds, as text."""
    return b64encode(file.read_bytes()).decode()


def cell(place: int, source: str) -> dict[str, Any]:
    """What all cells have."""
    return {"id": f"cell-{place}", "metadata": {}, "source": source.splitlines(keepends=True)}


def run(source: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """What an example prints, draws, and is the value of its last line."""
    *statements, last = ast.parse(source).body
    value, printed = None, StringIO()
    with redirect_stdout(printed), pyplot.rc_context(STYLE):
        if not isinstance(last, ast.Expr):
            statements.append(last)
        exec(compile(ast.Module(statements, []), "<notebook>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<notebook>", "eval"), names)
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": text})
    if value is not None:
        outputs.append(shown({"text/plain": repr(value).splitlines(keepends=True)}))
    return outputs + [shown({"image/png": picture}) for picture in drawn()]


def shown(data: dict[str, Any]) -> dict[str, Any]:
    """One output of a cell."""
    return {"output_type": "display_data", "metadata": {}, "data": data}


def drawn() -> list[str]:
    """The figures that are open, which are closed."""
    found = []
    for number in pyplot.get_fignums():
        file = BytesIO()
        pyplot.figure(number).savefig(file, dpi=100, transparent=True)
        pyplot.close(number)
        found.append(b64encode(file.getvalue()).decode())
    return found
