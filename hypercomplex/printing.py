"""Numbers as text: `1+2i+3j+4k`, nested and shortened as torch prints tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra.algebra import separator
from hypercomplex.host.print_options import PRINT_OPTIONS

__all__ = [
    "facts",
    "format_number",
    "format_tensor",
    "plain_number",
    "shortened",
    "texts_of",
    "unit_texts",
    "units_of",
]

NumberFormat = Callable[[list[str]], str]  # the texts of components to the text of the number
Texts = Any  # a number as text, or a list of them with "..." for what is left out, nested


def format_tensor(name: str, tensor: Any) -> str:
    """A typed tensor as text: its numbers, shape, dtype, device and place in the autograd graph.

    Precision, threshold, edge items, line width and the use of exponents are those of
    `torch.set_printoptions`.
    """
    body = "..." if tensor.is_meta else _body(tensor.components, unit_texts(tensor), len(name) + 1)
    return f"{name}({', '.join([body, *facts(tensor)])})"


def facts(tensor: Any) -> list[str]:
    """Shape, dtype, device and place in the autograd graph, as torch prints them."""
    known = [f"shape={tuple(tensor.shape)}", f"dtype={tensor.dtype}"]
    if tensor.device.type != "cpu":
        known.append(f"device='{tensor.device}'")
    if tensor.grad_fn is not None:
        known.append(f"grad_fn=<{type(tensor.grad_fn).__name__}>")
    elif tensor.requires_grad:
        known.append("requires_grad=True")
    return known


def format_number(components: Tensor, units: Sequence[str], spec: str) -> str:
    """A number by Python's format specification, which means each component, as for `complex`.

    Sign, precision and type hold for the components; fill, alignment and width for the whole text.

    Example:
        >>> f"{hc.QuaternionTensor([1, 0.5, 0, -2]):.2f}"
        '1.00+0.50i+0.00j-2.00k'
    """
    parts = re.fullmatch(r"((?:.?[<>^])?)([-+ ]?)(#?)(\d*)(.*)", spec)
    assert parts is not None  # every part may be empty
    align, sign, alternate, width, rest = parts.groups()
    real, *imaginary = components.tolist()
    texts = [format(real, sign + alternate + rest)]
    texts += [format(x, "+" + alternate + rest) for x in imaginary]
    return format("".join(map(str.__add__, texts, units)), align + width)


def plain_number(units: Sequence[str]) -> NumberFormat:
    """`1+2i+3j+4k` from the texts of its components."""
    return lambda reals: "+".join(map(str.__add__, reals, units)).replace("+-", "-")


def units_of(tensor: Any) -> tuple[str, ...]:
    """The units of the components, "" where it is 1."""
    algebra = tensor.algebra
    units = ("" if algebra.begins_with_one else algebra.units[0], *algebra.units[1:])
    return units if tensor.places is None else tuple(units[place] for place in tensor.places)


def unit_texts(tensor: Any) -> list[str]:
    """What stands behind the components: `i`, or `*e1`."""
    return [unit and separator(unit) + unit for unit in units_of(tensor)]


def shortened(components: Tensor, axes: Collection[int]) -> tuple[Tensor, set[int]]:
    """The components at the edges of the axes that are long, and which axes those are."""
    edge, cut = PRINT_OPTIONS.edgeitems, set()
    components = components.detach()
    for axis in axes:
        length = components.shape[axis]
        if length > 2 * edge:
            kept = [*range(edge), *range(length - edge, length)]
            components = components.index_select(
                axis, torch.tensor(kept, dtype=torch.int64, device=components.device)
            )
            cut.add(axis)
    return components, cut


def texts_of(components: Tensor, cut: Collection[int], number: NumberFormat) -> Texts:
    """Numbers as nested text, with "..." where axes are cut."""
    values = components.to(device="cpu", dtype=torch.float64)
    return _texts(values.tolist(), values.ndim - 1, 0, cut, number)


def _texts(rows: Any, depth: int, axis: int, cut: Collection[int], number: NumberFormat) -> Texts:
    if axis == depth:
        return number([_real(x) for x in rows])
    texts = [_texts(row, depth, axis + 1, cut, number) for row in rows]
    if axis in cut:
        texts[PRINT_OPTIONS.edgeitems : -PRINT_OPTIONS.edgeitems or len(texts)] = ["..."]
    return texts


def _real(x: float) -> str:
    """A component as short as it can be, or as `torch.set_printoptions(sci_mode=…)` wants it."""
    kind = {None: "g", True: "e", False: "f"}[PRINT_OPTIONS.sci_mode]
    return f"{x:.{PRINT_OPTIONS.precision}{kind}}"


def _body(components: Tensor, units: Sequence[str], indent: int) -> str:
    long = components.shape[:-1].numel() > PRINT_OPTIONS.threshold
    kept, cut = shortened(components, range(components.ndim - 1) if long else ())
    texts = texts_of(kept, cut, plain_number(units))
    return _nested(texts, max(map(len, _leaves(texts)), default=0), indent)


def _leaves(texts: Texts) -> list[str]:
    return [texts] if isinstance(texts, str) else [leaf for t in texts for leaf in _leaves(t)]


def _nested(texts: Texts, width: int, indent: int) -> str:
    if isinstance(texts, str):
        return texts
    if all(isinstance(text, str) for text in texts):
        per_line = max(1, (PRINT_OPTIONS.linewidth - indent) // (width + 2))
        cells = [text.rjust(width) if text != "..." else text for text in texts]
        lines = [", ".join(cells[i : i + per_line]) for i in range(0, len(cells), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    gap = "," + "\n" * (_depth(texts) - 1) + " " * (indent + 1)
    return "[" + gap.join(_nested(text, width, indent + 1) for text in texts) + "]"


def _depth(texts: Texts) -> int:
    """The levels of brackets inside."""
    return 0 if isinstance(texts, str) else 1 + max(map(_depth, texts), default=0)
