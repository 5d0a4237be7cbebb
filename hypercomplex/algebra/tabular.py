"""Multiplication tables and elements, written for reading: as text, and in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.linear import Row
from hypercomplex.algebra.sparse import dense

__all__ = ["block", "cells", "latex_sum", "latex_table", "latex_unit", "text_table"]


def text_table(algebra: Algebra, rows: range, columns: range) -> str:
    """A part of the multiplication table: row times column."""
    body = [
        [algebra.format(dense(x, algebra.dimension)) for x in row]
        for row in cells(algebra, rows, columns)
    ]
    lines = [["", *(algebra.units[j] for j in columns)]]
    lines += [[algebra.units[i], *row] for i, row in zip(rows, body, strict=True)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    head, *rest = (_line(line, widths) for line in lines)
    rule = "─" * (widths[0] + 1) + "┼" + "─" * (len(head) - widths[0] - 2)
    return "\n".join([head, rule, *rest])


def block(algebra: Algebra, place: Any, size: Any) -> tuple[range, range]:
    """Which rows and columns a block of a table has."""
    n = algebra.dimension
    if place is None:
        return range(n), range(n)
    if not isinstance(size, int) or size < 1:
        raise ValueError(f"`size` (={size!r}) must be a positive integer, the rows of a block")
    if not isinstance(place, (tuple, list)) or len(place) != 2:
        raise ValueError(f"`block` (={place!r}) must be two integers, such as (0, 1)")
    most = (n - 1) // size
    if not all(isinstance(m, int) and 0 <= m <= most for m in place):
        raise ValueError(f"`block` (={place!r}) must be two integers from 0 to {most}")
    rows, columns = (range(m * size, min(n, (m + 1) * size)) for m in place)
    return rows, columns


def cells(algebra: Algebra, rows: range, columns: range) -> list[list[Row]]:
    """The products of some units with some, by the coefficients that are not zero."""
    table: dict[tuple[int, int], Row] = {}
    for i, j, k, c in algebra.products:
        if i >= rows.stop:  # they are in order
            break
        if i in rows and j in columns:
            table.setdefault((i, j), {})[k] = c
    return [[table.get((i, j), {}) for j in columns] for i in rows]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    head, *rest = (text.rjust(width) for text, width in zip(row, widths, strict=True))
    return f"{head} │ {' '.join(rest)}".rstrip()


# ---------------------------------------------------------------------- LaTeX


def latex_table(algebra: Algebra, rows: range, columns: range) -> str:
    r"""A part of the multiplication table as an array.

    Example:
        >>> print(latex_table(hc.COMPLEX, range(2), range(2)))
        \begin{array}{r|rr} & 1 & i \\ \hline 1 & 1 & i \\ i & i & -1 \end{array}
    """
    names = [latex_unit(unit) for unit in algebra.units]
    lines = [["", *(names[j] for j in columns)]]
    for i, row in zip(rows, cells(algebra, rows, columns), strict=True):
        lines.append([names[i], *(latex_sum(algebra, dense(x, algebra.dimension)) for x in row)])
    head, *rest = (" & ".join(line).strip() for line in lines)
    body = r" \\ ".join([head, rf"\hline {rest[0]}", *rest[1:]])
    return rf"\begin{{array}}{{r|{'r' * len(columns)}}} {body} \end{{array}}"


def latex_sum(algebra: Algebra, coefficients: Sequence[Any]) -> str:
    """An element as a sum of units."""
    terms = [
        _latex_term(c, "" if i == 0 and algebra.begins_with_one else latex_unit(unit))
        for i, (c, unit) in enumerate(zip(coefficients, algebra.units, strict=True))
        if c != 0
    ]
    return " + ".join(terms).replace("+ -", "- ") or "0"


def _latex_term(c: Any, unit: str) -> str:
    if unit and c in (1, -1):
        return unit if c == 1 else f"-{unit}"
    return rf"{_latex_number(c, bool(unit))}\,{unit}" if unit else _latex_number(c, False)


def _latex_number(c: Any, is_factor: bool) -> str:
    if isinstance(c, (int, Fraction)):
        sign, size = "-" if c < 0 else "", abs(Fraction(c))
        whole = size.denominator == 1
        return (
            f"{sign}{size}" if whole else rf"{sign}\frac{{{size.numerator}}}{{{size.denominator}}}"
        )
    import sympy

    text: str = sympy.latex(c)
    return rf"\left({text}\right)" if is_factor and isinstance(c, sympy.Add) else text


def latex_unit(unit: str) -> str:
    r"""`e12` is e₁₂; what is made of other signs stands as text.

    Example:
        >>> print(latex_unit("e12"), latex_unit("γ0"), latex_unit("E12i"), latex_unit("i⊗1"))
        e_{12} \gamma_{0} E_{12} i i \otimes 1
    """
    return " ".join(_SIGNS.get(part) or _latex_name(part) for part in re.split("([⊗∧])", unit))


def _latex_name(name: str) -> str:
    """Letters, each run with what stands below and above it."""
    if name.isascii() and name.isdigit():
        return name
    if not _NAME.fullmatch(name):
        return rf"\text{{{re.sub(r'([#$%&_{}])', _escaped, name)}}}"
    return " ".join(map(_latex_run, _RUN.findall(name)))


def _latex_run(run: tuple[str, str, str, str]) -> str:
    letters, digits, above, below = run
    places = ",".join(filter(None, (digits, below.translate(_BELOW))))
    power = above.translate(_ABOVE)
    text = _SIGNS.get(letters, letters)
    return text + (f"_{{{places}}}" if places else "") + (f"^{{{power}}}" if power else "")


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[1]


_LETTERS = r"([a-zA-Z]+|[α-ω∞]|1(?=[₀-₉]))(\d*)([⁰¹²³⁴-⁹]*)([₀-₉]*)"
_RUN, _NAME = re.compile(_LETTERS), re.compile(f"(?:{_LETTERS})+")
_BELOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ABOVE = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SIGNS = {
    "γ": r"\gamma", "ε": r"\varepsilon", "ω": r"\omega", "σ": r"\sigma", "∞": r"\infty",
    "⊗": r"\otimes", "∧": r"\wedge",
}  # fmt: skip
