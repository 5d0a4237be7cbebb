"""The tables of the pages for users of other libraries: what is there, and what is here."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[1] / "docs/pages"


def rows(page, library):
    """The rows of the tables headed `| library | here |`: what is there, and what is here."""
    header = None
    for line in (PAGES / page).read_text().splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        header = (header or cells) if cells else None
        if header == [library, "here"] and cells[0].startswith("`"):
            yield cells


def names(cell):
    """The names that a cell begins its pieces of code with: `slerp` of `slerp(a, b)`."""
    return re.findall(r"`([A-Za-z_][\w.]*)", cell)


def named(page, library):
    """All names of the library that the tables of a page hold."""
    return {name for there, _ in rows(page, library) for name in names(there)}


def answered(page, library):
    """Those of which the table says neither that they are not here, nor that they differ."""
    known = [
        there for there, here in rows(page, library) if not here.startswith(("not", "differs"))
    ]
    return {name for there in known for name in names(there)}
