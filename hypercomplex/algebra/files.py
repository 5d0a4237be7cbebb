"""The algebras that files hold, read as plain data.

Where nothing but data is loaded, these functions stand for the classes that files name.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

from hypercomplex.algebra import tables
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.tables import Product

__all__ = ["rebuild", "rebuild_fraction"]

_LARGEST_DIMENSION, _LARGEST_TABLE = 512, 2**18
_FRACTION = re.compile("(-?[0-9]{1,700})(?:/([0-9]{1,700}))?")


def rebuild(
    units: Any, products: Any, conjugation: Any = None, name: Any = "ALGEBRA", /
) -> Algebra:
    """The algebra that a file holds as names, constants and signs or rows; nothing else is taken
    from it.

    Where nothing but data is loaded this stands for `Algebra`, whose name the file has. Every
    kind is checked before a value is looked at, since a file may hold anything.
    """
    _check_plain("units", units, (str,), _LARGEST_DIMENSION)
    _check_plain("products", products, (tuple,), _LARGEST_TABLE)
    if conjugation is not None:
        _check_conjugation(conjugation)
    return _known(units, tuple(map(_exact, products)), conjugation, tables.text(name))


def rebuild_fraction(numerator: Any, denominator: Any = 1, /) -> Fraction:
    """The fraction that a file holds as one or two integers or, as older Pythons write, as text."""
    if type(numerator) is str:
        found = _FRACTION.fullmatch(numerator)
        numerator, denominator = map(int, found.groups("1")) if found else (0, 0)
    if type(numerator) is not int or type(denominator) is not int or denominator < 1:
        raise ValueError("a file holds no fraction: it must be integers n and d > 0, or 'n/d'")
    return Fraction(numerator, denominator)


def _check_conjugation(conjugation: Any) -> None:
    """Signs, or rows of integers and fractions."""
    rows = type(conjugation) is tuple and any(type(row) is tuple for row in conjugation)
    _check_plain("conjugation", conjugation, (tuple if rows else int,), _LARGEST_DIMENSION)
    for row in conjugation if rows else ():
        _check_plain("conjugation", row, (int, Fraction), _LARGEST_DIMENSION)


def _check_plain(what: str, values: Any, kinds: tuple[type, ...], largest: int) -> None:
    if type(values) is not tuple or any(type(value) not in kinds for value in values):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"a file holds no algebra: `{what}` must be a tuple of {names}")
    if len(values) > largest:
        raise ValueError(
            f"a file holds an algebra with {len(values)} {what}, more than the {largest} that are "
            "loaded; save q.components, and build the algebra in code"
        )


def _exact(product: tuple[Any, ...]) -> Product:
    """A structure constant as the constructor takes it, of integers and fractions."""
    if len(product) == 4 and type(product[3]) in (int, Fraction):
        i, j, k, c = product
        if all(type(x) is int for x in (i, j, k)):
            return i, j, k, c
    raise TypeError("a file holds no algebra: `products` must be integers (i, j, k, c)")


@lru_cache(64)
def _known(*table: Any) -> Algebra:
    return Algebra(*table)
