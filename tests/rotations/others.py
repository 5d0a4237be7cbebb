"""What the tests of the pages for users of other libraries share: samples, and the names in their tables."""

import re
from pathlib import Path

import numpy as np
import torch

from hypercomplex import rotations as R

PAGES = Path(__file__).parents[2] / "docs/pages"


def random(*size):
    return torch.randn(
        *size, generator=torch.Generator().manual_seed(sum(size)), dtype=torch.double
    )


def units(*size, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return R.random(*size, generator=generator, dtype=torch.double)


def xyzw(q):
    return R.reorder(q, from_="wxyz", to="xyzw")


def wxyz(q):
    return R.reorder(q, from_="xyzw", to="wxyz")


def exact(x):
    """Arrays, numbers and tensors, as tensors of float64; of a pair, each."""
    if isinstance(x, tuple):
        return tuple(map(exact, x))
    return torch.as_tensor(np.asarray(x) if not isinstance(x, torch.Tensor) else x).double()


def same(theirs, ours):
    torch.testing.assert_close(exact(theirs), exact(ours), rtol=1e-12, atol=1e-12)


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
    """Those of which the table does not say that they are not here."""
    known = (
        (there, here) for there, here in rows(page, library) if not here.startswith("not here")
    )
    return {name for there, _ in known for name in names(there)}


def public(module, *but):
    """What a module or class offers, without what it imported."""
    return {
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and name not in but and not isinstance(thing, type(re))
    }
