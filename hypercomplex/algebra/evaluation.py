"""Polynomials with many elements of an algebra at once, in exact integers.

Elements are the columns of an array of 64-bit integers, a row for each basis element. All that has
denominators is multiplied by their least common multiple, once for each operation, and before a
polynomial is evaluated a bound tells whether 64 bits hold all its values; otherwise numpy keeps
Python's integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import numpy as np

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.identities import ONE, Polynomial, Tree
from hypercomplex.algebra.involution import images

__all__ = ["values"]

Array = Any


def values(algebra: Algebra, polynomial: Polynomial, elements: Mapping[str, Array]) -> Array:
    """The values of a polynomial, times an integer that is not 0: a column for each column of
    every variable.

    A unit, or a conjugation, that the polynomial needs the algebra must have.

    Example:
        >>> from hypercomplex.algebra.identities import sentences
        >>> i, j = np.array([[0], [1], [0], [0]]), np.array([[0], [0], [1], [0]])
        >>> values(hc.QUATERNION, *sentences("xy = yx"), {"x": i, "y": j}).T  # ij - ji = 2k
        array([[0, 0, 0, 2]])
    """
    scale = lcm(*(c.denominator for c in polynomial.values()))
    integer = {tree: int(c * scale) for tree, c in polynomial.items()}
    largest = {letter: int(abs(x).max(initial=0)) for letter, x in elements.items()}
    maps = _integer_maps(algebra)
    bound = sum(abs(c) * maps.bound(tree, largest) for tree, c in integer.items())
    powers = {tree: maps.power(tree) for tree in integer}
    most = max(powers.values(), default=0)
    bound *= maps.denominator**most
    dtype = np.int64 if bound < 2**63 else object
    width = next(iter(elements.values())).shape[1] if elements else 1
    batch = _Batch(maps, {letter: x.astype(dtype) for letter, x in elements.items()}, width)
    total = np.zeros((algebra.dimension, width), dtype)
    for tree, c in integer.items():
        total += c * maps.denominator ** (most - powers[tree]) * batch.value(tree)
    return total


@dataclass
class _IntegerMaps:
    """The maps of an algebra times the common denominator of its constants."""

    dimension: int
    denominator: int
    rows: tuple[tuple[int, tuple[tuple[int, int, int], ...]], ...]
    """For each left factor its `(right factor, result, constant)`."""
    unit: tuple[int, ...] | None
    conjugates: tuple[Mapping[int, int], ...]
    real: tuple[int, ...] | None

    def __post_init__(self) -> None:
        sums = [0] * self.dimension
        for _, row in self.rows:
            for _, k, c in row:
                sums[k] += abs(c)
        self.growth = {
            "product": max(sums, default=0),
            "conj": sum(abs(c) for row in self.conjugates for c in row.values()),
            "Re": sum(map(abs, self.real or ())) * max(map(abs, self.unit or (0,))),
        }

    def bound(self, tree: Tree, largest: Mapping[str, int]) -> int:
        """A number that no component of a value, nor of what it is made of, exceeds."""
        if len(tree) == 1:
            return max(map(abs, self.unit or (1,))) if tree == ONE else max(largest[tree[0]], 1)
        bound = max(self.growth[tree[0]], 1)
        for branch in tree[1:]:
            bound *= self.bound(branch, largest)
        return bound

    def power(self, tree: Tree) -> int:
        """The power of the denominator by which a value is multiplied."""
        if len(tree) == 1:
            return int(tree == ONE)
        return (2 if tree[0] == "Re" else 1) + sum(map(self.power, tree[1:]))


@lru_cache(64)
def _integer_maps(algebra: Algebra) -> _IntegerMaps:
    unit = algebra.unit
    real = None if unit is None else algebra.real_form
    conjugates = () if algebra.conjugation is None else tuple(images(algebra.conjugation))
    constants = [c for *_, c in algebra.products]
    constants += [c for row in conjugates for c in row.values()]
    d = lcm(*(Fraction(c).denominator for c in (*constants, *(unit or ()), *(real or ()))))
    rows: dict[int, list[tuple[int, int, int]]] = {}
    for i, j, k, c in algebra.products:
        rows.setdefault(i, []).append((j, k, int(c * d)))
    return _IntegerMaps(
        algebra.dimension,
        d,
        tuple((i, tuple(row)) for i, row in rows.items()),
        None if unit is None else tuple(int(c * d) for c in unit),
        tuple({k: int(c * d) for k, c in row.items()} for row in conjugates),
        None if real is None else tuple(int(c * d) for c in real),
    )


@dataclass
class _Batch:
    """The values of trees, each computed once."""

    maps: _IntegerMaps
    elements: Mapping[str, Array]
    width: int
    found: dict[Tree, Array] = field(default_factory=dict)

    def value(self, tree: Tree) -> Array:
        if tree not in self.found:
            self.found[tree] = self._computed(tree)
        return self.found[tree]

    def _computed(self, tree: Tree) -> Array:
        if tree == ONE:
            return np.repeat(np.array(self.maps.unit)[:, None], self.width, 1)
        if len(tree) == 1:
            return self.elements[tree[0]]
        branches = [self.value(branch) for branch in tree[1:]]
        return getattr(self, f"_{tree[0].lower()}")(*branches)

    def _product(self, x: Array, y: Array) -> Array:
        out, both = np.zeros_like(x), np.empty_like(x[0])
        there = [bool(row.any()) for row in y]
        for i, row in self.maps.rows:
            if x[i].any():
                for j, k, c in row:
                    if there[j]:
                        np.multiply(x[i], y[j], out=both)
                        _add(out[k], c, both)
        return out

    def _conj(self, x: Array) -> Array:
        out = np.zeros_like(x)
        for row, image in zip(x, self.maps.conjugates, strict=True):
            for k, c in image.items():
                _add(out[k], c, row.copy())
        return out

    def _re(self, x: Array) -> Array:
        assert self.maps.real is not None
        assert self.maps.unit is not None
        real = sum(c * row for c, row in zip(self.maps.real, x, strict=True) if c)
        return np.stack([c * real for c in self.maps.unit])


def _add(total: Array, c: int, row: Array) -> None:
    """`total += c · row`, in place, and `row` may change."""
    if c == 1:
        total += row
    elif c == -1:
        total -= row
    else:
        row *= c
        total += row
