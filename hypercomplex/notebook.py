"""Numbers in notebooks: small tables in HTML, matrices in LaTeX.

Long axes are shortened to `torch.set_printoptions(edgeitems=…)` numbers at either end, whatever the
threshold, since a page shows less than a terminal.
"""

from __future__ import annotations

from html import escape
from typing import Any

from hypercomplex.algebra.tabular import latex_unit
from hypercomplex.printing import (
    NumberFormat,
    facts,
    format_tensor,
    plain_number,
    shortened,
    texts_of,
    unit_texts,
    units_of,
)

__all__ = ["html", "latex"]


def html(name: str, tensor: Any) -> str:
    """A table of the numbers under a line of facts; as text if there are more than two axes.

    Example:
        >>> html("Q", hc.QuaternionTensor([1., 2, 3, 4])).startswith("<table><caption>Q: shape=()")
        True
    """
    rows = _rows(tensor, plain_number(unit_texts(tensor)))
    if rows is None:
        return f"<pre>{escape(format_tensor(name, tensor))}</pre>"
    cells = ("".join(f"<td>{escape(text)}</td>" for text in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    caption = escape(f"{name}: {', '.join(facts(tensor))}")
    return f"<table><caption>{caption}</caption>{body}</table>"


def latex(tensor: Any) -> str | None:
    r"""The number, or the matrix of numbers; None if there are more than two axes.

    Example:
        >>> latex(hc.QuaternionTensor([1., 0, -0.5, 1e-10]))
        '$\\displaystyle 1 + 0\\,i - 0.5\\,j + 1 \\cdot 10^{-10}\\,k$'
    """
    rows = _rows(tensor, _latex_number(tensor))
    if rows is None:
        return None
    text = r" \\ ".join(" & ".join(row) for row in rows).replace("...", r"\cdots")
    matrix = rf"\begin{{bmatrix}} {text} \end{{bmatrix}}" if tensor.ndim else text
    return rf"$\displaystyle {matrix}$"


def _rows(tensor: Any, number: NumberFormat) -> list[list[str]] | None:
    """The texts of at most two axes as rows; a row that stands for many is as wide as others."""
    if tensor.ndim > 2 or tensor.is_meta:
        return None
    components = tensor.components[(None,) * (2 - tensor.ndim)]
    kept, cut = shortened(components, (0, 1))
    rows = texts_of(kept, cut, number)
    width = kept.shape[1] + (1 in cut)
    return [["..."] * width if row == "..." else row for row in rows]


def _latex_number(tensor: Any) -> NumberFormat:
    units = [unit and r"\," + latex_unit(unit) for unit in units_of(tensor)]
    return lambda reals: " + ".join(map(str.__add__, map(_latex_real, reals), units)).replace(
        "+ -", "- "
    )


def _latex_real(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return text.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
