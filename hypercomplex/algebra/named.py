"""Algebras that have names, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.clifford import clifford
from hypercomplex.algebra.composites import (
    complexify,
    dual,
    hermitian,
    matrix_algebra,
    tensor_product,
)
from hypercomplex.algebra.constructions import (
    COMPLEX,
    OCTONION,
    QUATERNION,
    REAL,
    cayley_dickson,
)
from hypercomplex.algebra.laws import inheriting
from hypercomplex.algebra.tables import Coefficient
from hypercomplex.algebra.written import from_rules

__all__ = ["NAMED", "named"]


@lru_cache
def named(name: str) -> Algebra:
    """The algebra of this name.

    Raises:
        KeyError: if none has it.

    Example:
        >>> named("SPLIT_COMPLEX").units
        ('1', 'j')
    """
    made = NAMED[name]()
    units = _UNITS[name].split() if name in _UNITS else made.units
    return inheriting(Algebra(tuple(units), made.products, made.conjugation, name), [made])


def _diagonal(*squares: Coefficient) -> list[list[Coefficient]]:
    return [[c if a == b else 0 for b in range(len(squares))] for a, c in enumerate(squares)]


NAMED: dict[str, Callable[[], Algebra]] = {
    "SPLIT_COMPLEX": lambda: cayley_dickson(REAL, 1),
    "DUAL": lambda: cayley_dickson(REAL, 0),
    "TESSARINE": lambda: tensor_product(cayley_dickson(REAL, 1), COMPLEX),
    "BICOMPLEX": lambda: tensor_product(COMPLEX, COMPLEX),
    "SPLIT_QUATERNION": lambda: cayley_dickson(COMPLEX, 1),
    "DUAL_QUATERNION": lambda: dual(QUATERNION),
    "BIQUATERNION": lambda: complexify(QUATERNION),
    "SPLIT_OCTONION": lambda: cayley_dickson(QUATERNION, 1),
    "COMPLEX_OCTONION": lambda: complexify(OCTONION),
    "SEDENION": lambda: cayley_dickson(OCTONION),
    "SPACETIME": lambda: clifford(1, 3, generators=("γ0", "γ1", "γ2", "γ3")),
    "PGA": lambda: clifford(metric=_diagonal(0, 1, 1, 1), generators=("e0", "e1", "e2", "e3")),
    "CGA": lambda: clifford(4, 1),
    "M2": lambda: matrix_algebra(2),
    "SO3": lambda: from_rules("xy = z, yz = x, zx = y", anticommuting=True, missing="zero"),
    "ALBERT": lambda: hermitian(3, OCTONION),
}
"""How each is made."""

_UNITS = {
    "SPLIT_COMPLEX": "1 j",
    "DUAL": "1 ε",
    "TESSARINE": "1 i j k",
    "BICOMPLEX": "1 i j k",
}
