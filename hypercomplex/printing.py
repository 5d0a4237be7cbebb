"""Numbers as text: `1+2i+3j+4k`, nested and shortened as torch prints tensors."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch._tensor_str import PRINT_OPTS

from hypercomplex.algebra import Algebra, separator

__all__ = ["format_tensor"]

Texts = Any  # a number as text, or a list of them with "..." for what is left out, nested


def format_tensor(name: str, tensor: Any) -> str:
    """A typed tensor as text: its numbers, shape, dtype, device and place in the autograd graph.

    Precision, threshold, edge items and line width are those of `torch.set_printoptions`.
    """
    facts = [f"shape={tuple(tensor.shape)}", f"dtype={tensor.dtype}"]
    if tensor.device.type != "cpu":
        facts.append(f"device='{tensor.device}'")
    if tensor.grad_fn is not None:
        facts.append(f"grad_fn=<{type(tensor.grad_fn).__name__}>")
    elif tensor.requires_grad:
        facts.append("requires_grad=True")
    body = "..." if tensor.is_meta else _body(tensor.components, tensor.algebra, len(name) + 1)
    return f"{name}({', '.join([body, *facts])})"


def _body(components: Tensor, algebra: Algebra, indent: int) -> str:
    values = components.detach().to(device="cpu", dtype=torch.float64)
    shorten = values.shape[:-1].numel() > PRINT_OPTS.threshold
    texts = _texts(values, algebra, shorten)
    return _nested(texts, max(map(len, _leaves(texts)), default=0), indent)


def _texts(values: Tensor, algebra: Algebra, shorten: bool) -> Texts:
    if values.ndim == 1:
        return _number(values, algebra)
    edge = PRINT_OPTS.edgeitems
    rows: list[Tensor | None] = [*values]
    if shorten and len(rows) > 2 * edge:
        rows[edge:-edge] = [None]
    return ["..." if row is None else _texts(row, algebra, shorten) for row in rows]


def _number(components: Tensor, algebra: Algebra) -> str:
    numbers = [f"{x:.{PRINT_OPTS.precision}g}" for x in components.tolist()]
    units = ["", *(separator(unit) + unit for unit in algebra.units[1:])]
    return "+".join(map(str.__add__, numbers, units)).replace("+-", "-")


def _leaves(texts: Texts) -> list[str]:
    return [texts] if isinstance(texts, str) else [leaf for t in texts for leaf in _leaves(t)]


def _nested(texts: Texts, width: int, indent: int) -> str:
    if isinstance(texts, str):
        return texts
    if all(isinstance(text, str) for text in texts):
        per_line = max(1, (PRINT_OPTS.linewidth - indent) // (width + 2))
        cells = [text.rjust(width) if text != "..." else text for text in texts]
        lines = [", ".join(cells[i : i + per_line]) for i in range(0, len(cells), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    gap = "," + "\n" * (_depth(texts) - 1) + " " * (indent + 1)
    return "[" + gap.join(_nested(text, width, indent + 1) for text in texts) + "]"


def _depth(texts: Texts) -> int:
    """The levels of brackets inside."""
    return 0 if isinstance(texts, str) else 1 + max(map(_depth, texts), default=0)
