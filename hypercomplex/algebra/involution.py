r"""Conjugations: anti-automorphisms $x \mapsto \bar x$ of order two that an algebra is given with.

One that changes signs only is kept as the signs of the basis elements, every other as rows, the
coefficients of each $\bar e_i$. Both are decided along the sparse table, since
$\overline{e_i e_j} = \bar e_j \bar e_i$ for all basis elements is the law for all numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeGuard

from hypercomplex.algebra import tables
from hypercomplex.algebra.tables import Coefficient, Product

__all__ = ["Conjugation", "checked", "images", "is_signs", "summed", "turns"]

Signs = tuple[int, ...]
Rows = tuple[tuple[Coefficient, ...], ...]
Conjugation = Signs | Rows | None
Element = Mapping[int, Any]


def is_signs(conjugation: Conjugation) -> TypeGuard[Signs]:
    """Whether the conjugation changes signs only."""
    return conjugation is not None and isinstance(conjugation[0], int)


def images(conjugation: Signs | Rows) -> list[dict[int, Coefficient]]:
    """The conjugate of each basis element: its coefficients that are not zero, by place.

    Example:
        >>> images((1, -1)), images(((0, 1), (1, 0)))
        ([{0: 1}, {1: -1}], [{1: 1}, {0: 1}])
    """
    if is_signs(conjugation):
        return [{i: sign} for i, sign in enumerate(conjugation)]
    return [{k: c for k, c in enumerate(row) if c} for row in conjugation]  # type: ignore[arg-type]


def summed(x: Conjugation, y: Conjugation) -> Conjugation:
    """The conjugation of pairs, `(x̄, ȳ)`, if both have one.

    Example:
        >>> summed((1, -1), (1,)), summed((1,), ((0, 1), (1, 0)))
        ((1, -1, 1), ((1, 0, 0), (0, 0, 1), (0, 1, 0)))
    """
    if x is None or y is None:
        return None
    if is_signs(x) and is_signs(y):
        return (*x, *y)
    n = len(x)
    both = [*images(x), *({n + k: c for k, c in image.items()} for image in images(y))]
    return tuple(tuple(image.get(k, 0) for k in range(len(both))) for image in both)


def turns(signs: Sequence[int], products: tuple[Product, ...]) -> bool:
    """Whether changing these signs turns products round, that are given in order: both sides have
    the products `e_j e_i`, and are compared at once, since there may be a million.
    """
    turned = sorted((j, i, k, c * signs[i] * signs[j] * signs[k]) for i, j, k, c in products)
    return turned == list(products)


def checked(
    given: Any, products: tuple[Product, ...], units: Sequence[str], begins_with_one: bool
) -> Conjugation:
    """A conjugation of the algebra with these products: signs if it is made of them, else rows.

    The reflection `(1, -1, …, -1)`, which is `x ↦ 2 Re(x) − x`, every algebra has whose basis
    begins with 1. All others turn products round, and give `x` when they are applied twice.

    Raises:
        ValueError: if it is none, with the product that it does not turn round.
        TypeError: if it is no sequence.
    """
    if given is None:
        return None
    found = tables.sequence("conjugation", given, "signs, such as (1, -1), or of rows")
    if len(found) == len(units) and any(isinstance(row, Sequence) for row in found):
        rows = _rows(found, len(units))
        found = _diagonal(rows)
        if not found:
            _check_order(images(rows), units)
            _check_rows(images(rows), products, units)
            return rows
    if len(found) != len(units) or any(not isinstance(s, int) or s not in (1, -1) for s in found):
        raise ValueError(
            f"`conjugation` (={given!r}) must hold one sign, 1 or -1, for each of the "
            f"{len(units)} units {_listed(units)}, or for each a row: the coefficients of its "
            "conjugate"
        )
    signs = tuple(map(int, found))
    if begins_with_one and signs[0] != 1:
        raise ValueError(
            f"`conjugation` (={given!r}) must keep the unit of the algebra: the first sign is 1"
        )
    if not (begins_with_one and all(sign == -1 for sign in signs[1:])):
        _check_signs(signs, products, units, begins_with_one)
    return signs


def _rows(found: Sequence[Any], n: int) -> Rows:
    for row in found:
        if (
            not isinstance(row, Sequence)
            or len(row) != n
            or not all(isinstance(c, (int, Fraction)) for c in row)
        ):
            raise ValueError(
                f"`conjugation`: each of its rows must hold {n} integers or Fractions, the "
                f"coefficients of a conjugate, not {row!r}"
            )
    return tuple(tuple(map(_plain, row)) for row in found)


def _diagonal(rows: Rows) -> tuple[Coefficient, ...]:
    """The diagonal, if nothing stands beside it."""
    beside = any(c for i, row in enumerate(rows) for k, c in enumerate(row) if i != k)
    return () if beside else tuple(row[i] for i, row in enumerate(rows))


def _check_order(conjugates: Sequence[Element], units: Sequence[str]) -> None:
    for i, image in enumerate(conjugates):
        if (twice := _image(image, conjugates)) != {i: 1}:
            raise ValueError(
                f"`conjugation` must give back what it is applied to twice, but makes "
                f"{_shown(twice, units)} of {units[i]!r}"
            )


def _check_signs(
    signs: Signs, products: tuple[Product, ...], units: Sequence[str], begins_with_one: bool
) -> None:
    if not turns(signs, products):
        also = "; (1, -1, …, -1) is always one" if begins_with_one else ""
        _check_rows(images(signs), products, units, also)


def _check_rows(
    conjugates: Sequence[Element], products: Iterable[Product], units: Sequence[str], also: str = ""
) -> None:
    table = tables.by_pair(products)
    reversed_ = _of_conjugates(table, conjugates)
    for i, j in sorted({*table, *reversed_}):
        there = _image(table.get((i, j), {}), conjugates)
        back = {k: c for k, c in reversed_.get((i, j), {}).items() if c}
        if there != back:
            raise ValueError(
                f"`conjugation` must turn products round, but the conjugate of "
                f"{units[i]}·{units[j]} is {_shown(there, units)}, and the product of the "
                f"conjugates, {units[j]} before {units[i]}, is {_shown(back, units)}{also}"
            )


def _of_conjugates(table: tables.Table, conjugates: Sequence[Element]) -> tables.Table:
    """`ē_j ē_i` for each `(i, j)`: first one factor in conjugates, then the other."""
    for _ in range(2):
        turned: tables.Table = {}
        holders = _holders(conjugates)
        for (a, b), row in table.items():
            for i, c in holders[a]:
                out = turned.setdefault((b, i), {})
                for k, d in row.items():
                    out[k] = out.get(k, 0) + c * d
        table = turned
    return {(j, i): row for (i, j), row in table.items()}


def _holders(conjugates: Sequence[Element]) -> list[list[tuple[int, Any]]]:
    """For each place the basis elements whose conjugates hold it, with their coefficients."""
    holders: list[list[tuple[int, Any]]] = [[] for _ in conjugates]
    for i, image in enumerate(conjugates):
        for place, c in image.items():
            holders[place].append((i, c))
    return holders


def _image(x: Element, conjugates: Sequence[Element]) -> dict[int, Any]:
    """The conjugate of an element."""
    out: dict[int, Any] = {}
    for i, c in x.items():
        for k, d in conjugates[i].items():
            out[k] = out.get(k, 0) + c * d
    return {k: c for k, c in out.items() if c}


def _shown(x: Element, units: Sequence[str]) -> str:
    return " + ".join(f"{c} {units[k]!r}" for k, c in sorted(x.items())) or "0"


def _listed(units: Sequence[str]) -> str:
    return str(tuple(units)) if len(units) <= 16 else f"{units[0]!r}, …, {units[-1]!r}"


def _plain(c: Coefficient) -> Coefficient:
    return int(c) if c.denominator == 1 else Fraction(c)
