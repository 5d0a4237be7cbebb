"""The schemes that are stored, in `schemes.txt`: formulas that people read and Python runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from itertools import product as cartesian

from hypercomplex.algebra.bilinear import Bilinear, plain
from hypercomplex.algebra.constructions import COMPLEX, QUATERNION, REAL, cayley_dickson
from hypercomplex.algebra.matrices import Matrix, transposed
from hypercomplex.algebra.schemes import Scheme, known, literal
from hypercomplex.algebra.tables import Coefficient

__all__ = ["Stored", "forms", "stored"]

_MATRIX = "matrix"
_ENTRIES: Matrix = ((1, 0, 0, -1), (0, -1, 1, 0), (0, 1, 1, 0), (1, 0, 0, 1))
"""The entries of the matrix of a split quaternion; `i` is `[[0, −1], [1, 0]]`, `j` the exchange."""


@dataclass(frozen=True)
class Stored:
    """A scheme of `schemes.txt`."""

    algebra: str
    """The name that it has there."""
    scheme: Scheme
    at_least: int
    """No scheme of this map has fewer products."""
    why: str
    """Who has proved that, or how."""
    source: str


@lru_cache(1)
def stored() -> tuple[Stored, ...]:
    """The schemes of `schemes.txt`, each compared with the product whose name it has.

    Raises:
        ValueError: if one of them computes something else.

    Example:
        >>> [(each.algebra, each.scheme.rank) for each in stored()][:3]
        [('complex', 3), ('split_complex', 2), ('quaternion', 8)]
    """
    text = files("hypercomplex.algebra").joinpath("schemes.txt").read_text(encoding="utf-8")
    _, *blocks = re.split(r"^(?=\w)", text, flags=re.MULTILINE)
    return tuple(map(read, blocks))


@lru_cache
def forms(product: Bilinear) -> tuple[Scheme, ...]:
    """The stored schemes of this very map; of split quaternions also those of their matrices."""
    found = [each.scheme for each in stored() if each.scheme.map == product]
    if product == _product("split_quaternion"):
        back = tuple(tuple(Fraction(c, 2) for c in row) for row in transposed(_ENTRIES))
        matrix = _product(_MATRIX)
        of_matrices = (literal(matrix), *forms(matrix))
        found += [known(s.moved(_ENTRIES, _ENTRIES, back), product) for s in of_matrices]
    return tuple(found)


def read(block: str) -> Stored:
    """One scheme: the name of its algebra, what is said of it, and its formulas.

    Raises:
        ValueError: if it computes something else than the product of that algebra.
    """
    name, *lines = (line.strip() for line in block.strip().splitlines())
    said = dict(line.split(": ", 1) for line in lines if ": " in line)
    formulas = [line.split(" = ") for line in lines if " = " in line]
    factors = [right.split(" * ") for left, right in formulas if left.startswith("s")]
    results = [right for left, right in formulas if left.startswith("c")]
    product = _product(name)
    scheme = Scheme(
        tuple(_row(a, product.shape[0]) for a, _ in factors),
        tuple(_row(b, product.shape[1]) for _, b in factors),
        tuple(_row(c, len(factors)) for c in results),
    )
    if not scheme.computes(product):
        raise ValueError(f"these {scheme.rank} products do not give that of {name}:\n{scheme}")
    least, why = said["at least"].split(", ", 1)
    return Stored(name, known(scheme, product), int(least), why, said["source"])


def _row(text: str, width: int) -> tuple[Coefficient, ...]:
    """The coefficients of a sum such as `(a0 - 2*a3) / 4`."""
    terms, _, denominator = text.partition(" / ")
    row: list[Coefficient] = [0] * width
    for sign, c, place in re.findall(r"(-?) ?(\d*)\*?[abs](\d+)", terms):
        row[int(place)] = plain(Fraction(int(f"{sign}{c or 1}"), int(denominator or 1)))
    return tuple(row)


@lru_cache
def _product(name: str) -> Bilinear:
    """The product that has a name in `schemes.txt`."""
    if name == _MATRIX:  # of 2 × 2 matrices, with the entries 11, 12, 21, 22
        places = cartesian((0, 1), repeat=3)
        constants = tuple((2 * i + j, 2 * j + k, 2 * i + k, 1) for i, j, k in places)
        return Bilinear((4, 4, 4), constants, name)
    base, gamma = {
        "complex": (REAL, -1),
        "split_complex": (REAL, 1),
        "quaternion": (COMPLEX, -1),
        "split_quaternion": (COMPLEX, 1),
        "octonion": (QUATERNION, -1),
        "split_octonion": (QUATERNION, 1),
    }[name]
    return cayley_dickson(base, gamma, name=name).product
