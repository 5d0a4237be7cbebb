"""The table of algebras: what every law is tested over. Values where bugs live are drawn by
`hypercomplex.testing`.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import pytest
import torch

import hypercomplex as hc
from hypercomplex.algebra import involution, linear
from tests.tables import albert

SPLIT_COMPLEX, SPLIT_QUATERNION = hc.SPLIT_COMPLEX, hc.SPLIT_QUATERNION
DUAL, SEDENION = hc.DUAL, hc.SEDENION
FRACTIONAL = hc.cayley_dickson(hc.REAL, gamma=Fraction(-1, 4), name="FRACTIONAL")

ALGEBRAS = (
    hc.REAL,
    hc.COMPLEX,
    hc.QUATERNION,
    hc.OCTONION,
    SPLIT_COMPLEX,
    SPLIT_QUATERNION,
    DUAL,
    FRACTIONAL,
    hc.clifford(2),
    hc.clifford(1, 1, 1),
    hc.clifford(3),
)
# Wide ones, which products, lowerings and functions are tested over besides: no associativity and zero
# divisors, a degenerate form, 32 components, no associativity and no imaginary units.
WIDE = (hc.COMPLEX_OCTONION, hc.PGA, hc.CGA, albert())
# What tells one algebra from another, once each: one component; commutative; plain quaternions; no
# associativity; constants that are fractions, so a norm that is no sum of squares; divisors of zero,
# a square that is 0, and signs of both kinds.
TELLING = (hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION, FRACTIONAL, hc.clifford(1, 1, 1))
NORMED = (hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION)


def rewritten(
    algebra: hc.Algebra, basis: list[linear.Row], units: tuple[str, ...], name: str
) -> hc.Algebra:
    """The same algebra in another basis, given by its coefficients."""
    there = linear.inverse(basis)
    constants = algebra.product.composed(left=basis, right=basis, out=there).constants
    conjugates = involution.images(algebra.conjugation)
    rows = [linear.row_times(linear.row_times(e, conjugates), there) for e in basis]
    dense = tuple(tuple(row.get(k, 0) for k in range(len(rows))) for row in rows)
    return hc.Algebra(units, constants, dense, name)


# What an algebra may be besides: without unit or conjugation, in a basis that does not begin with 1,
# and with a conjugation that is not made of signs.
MATRICES = hc.Algebra(
    ("e11", "e12", "e21", "e22"),
    tuple((2 * i + j, 2 * j + k, 2 * i + k, 1) for i in (0, 1) for j in (0, 1) for k in (0, 1)),
    ((1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 0, 0, 1)),
    "M2(R)",
)
ADJUGATES = hc.Algebra(
    MATRICES.units,
    MATRICES.products,
    ((0, 0, 0, 1), (0, -1, 0, 0), (0, 0, -1, 0), (1, 0, 0, 0)),
    "M2(R) with adjugates",
)
GROUP = hc.Algebra(
    ("1", "g", "h"),
    tuple((i, j, (i + j) % 3, 1) for i in range(3) for j in range(3)),
    ((1, 0, 0), (0, 0, 1), (0, 1, 0)),
    "R[C3]",
)
HALF = Fraction(1, 2)
HURWITZ = rewritten(
    hc.QUATERNION,
    [{0: 1}, {1: 1}, {2: 1}, {0: HALF, 1: HALF, 2: HALF, 3: HALF}],
    ("1", "i", "j", "h"),
    "HURWITZ",
)
SO3 = hc.Algebra(
    ("x", "y", "z"),
    ((0, 1, 2, 1), (1, 0, 2, -1), (1, 2, 0, 1), (2, 1, 0, -1), (2, 0, 1, 1), (0, 2, 1, -1)),
    name="so(3)",
)
CUBIC = hc.Algebra(
    ("1", "x", "y"),
    (
        *((i, j, i + j, 1) for i in range(3) for j in range(3 - i)),
        (1, 2, 0, 2),
        (2, 1, 0, 2),
        (2, 2, 1, 2),
    ),
    name="R[x]/(x3 - 2)",
)
PAIRS = hc.Algebra(("p", "q"), ((0, 0, 0, 1), (1, 1, 1, 1)), name="R + R")
GENERAL = (MATRICES, ADJUGATES, GROUP, HURWITZ, SO3, CUBIC, PAIRS)

every_algebra = pytest.mark.parametrize("algebra", ALGEBRAS + WIDE, ids=str)
every_small_algebra = pytest.mark.parametrize("algebra", ALGEBRAS, ids=str)
# Layers are made of products and lowerings, which are tested over every algebra: they are run over
# those that tell cases apart, and nightly over the others.
every_telling_algebra = pytest.mark.parametrize(
    "algebra",
    [A if A in TELLING else pytest.param(A, marks=pytest.mark.nightly) for A in ALGEBRAS],
    ids=str,
)
every_normed_algebra = pytest.mark.parametrize("algebra", NORMED, ids=str)
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

FLOATING = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
every_dtype = pytest.mark.parametrize("dtype", FLOATING, ids=str)


def numbers(algebra: hc.Algebra, *shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Normal components `(*shape, n)`."""
    return torch.randn(*shape, algebra.dimension, dtype=dtype)


def naive_product(a: torch.Tensor, b: torch.Tensor, algebra: hc.Algebra) -> torch.Tensor:
    """The sum over all structure constants, one multiplication each: the slow twin."""
    a, b = torch.broadcast_tensors(a, b)
    out = torch.zeros_like(a)
    for i, j, k, c in algebra.products:
        out[..., k] += float(c) * a[..., i] * b[..., j]
    return out


def double(*x: Any) -> torch.Tensor:
    """A vector of float64."""
    return torch.tensor(x, dtype=torch.float64)


def unit(algebra: hc.Algebra, place: int) -> tuple[int, ...]:
    """The exact element of the basis that stands there."""
    return tuple(int(i == place) for i in range(algebra.dimension))


def randomised(layer: torch.nn.Module) -> Any:
    """The layer with no value left as it starts."""
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    return layer


def through_a_file(x: Any) -> Any:
    """What comes back from a file that may hold plain data alone."""
    file = io.BytesIO()
    torch.save(x, file)
    file.seek(0)
    return torch.load(file, weights_only=True)
