"""A scheme of `algebra.schemes`, ready to run: its products sorted, its sums as programs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.algebra.additions import program
from hypercomplex.algebra.fewest import scheme
from hypercomplex.algebra.matrices import Matrix, entries, transposed, unit
from hypercomplex.host.known import known_when_traced
from hypercomplex.lowering.constants import constant
from hypercomplex.lowering.learned import AnyBilinear

__all__ = [
    "Additions",
    "Parts",
    "additions",
    "gather",
    "is_precise",
    "parts_of",
    "saves",
    "table",
]

_MOST_AMPLIFIED_HALF = 1.5  # of rounding errors, which half precision has none to spare for
_MOST_AMPLIFIED = 2.5


class Single(NamedTuple):
    """A product of component j of the input, added to component k of the result."""

    j: int
    k: int


Instruction = tuple[int, int | None, float, int]
"""`target = first + c second`, or `c first` where there is no second; all count the places."""


class Run(NamedTuple):
    """An exact matrix as additions of tensors; places are inputs, outputs, and so many slots."""

    slots: int
    instructions: tuple[Instruction, ...]
    filled: tuple[int, ...]
    """Which outputs are written: those whose row is not zero."""


class Parts(NamedTuple):
    """A scheme, its products sorted: first those of sums, then the single ones."""

    left: Matrix
    right: Matrix
    out: Matrix
    sums: int
    singles: tuple[Single, ...]
    before: Run
    """Components of the input → the factors of the first products."""
    after: Run
    """First products → components of the result."""
    before_back: Run
    after_back: Run
    """The transposes of both."""

    @property
    def rank(self) -> int:
        """How many products there are."""
        return len(self.left)


@lru_cache(256)
def parts_of(product: Bilinear, precise: bool) -> Parts:
    """The scheme of a product, sorted; factors of single products go to the weight."""
    most = _MOST_AMPLIFIED if precise else _MOST_AMPLIFIED_HALF
    best = scheme(product, most)
    assert best is not None, f"{product} has no scheme"
    found = best.lean()
    sums, ones = [], []
    for u, v, p in zip(found.left, found.right, transposed(found.out), strict=True):
        ((j, c), *more), ((k, d), *others) = entries(v), entries(p)
        if more or others:
            sums.append((u, v, p))
        else:
            scaled = tuple(c * d * x for x in u)
            ones.append(((scaled, unit(j, len(v)), unit(k, len(p))), (j, k)))
    m, (_, n, k) = len(sums), product.shape
    left, right, back = zip(*sums, *(rows for rows, _ in ones), strict=True)
    return Parts(
        left,
        right,
        transposed(back),
        m,
        tuple(Single(*places) for _, places in ones),
        _run(right[:m], n),
        _run(transposed(back[:m], k), m),
        _run(transposed(right[:m], n), m),
        _run(back[:m], k),
    )


@known_when_traced
def saves(product: Bilinear, precise: bool) -> bool:
    """Whether there is a scheme, and it has fewer products than there are blocks."""
    if not product.constants or scheme(product) is None:
        return False
    _, n, k = product.shape
    return len(parts_of(product, precise).left) < n * k


def is_precise(dtype: torch.dtype) -> bool:
    """Whether a type has digits to spare."""
    return dtype in (torch.float32, torch.float64)


def _run(matrix: Matrix, inputs: int) -> Run:
    """A program with places for what it computes: outputs where they can be, slots used again."""
    found, rows = program(matrix), len(matrix)
    held = {  # values → the output that is one
        value: inputs + row
        for row, (value, c) in reversed(list(enumerate(found.outputs)))
        if c == 1 and value >= inputs
    }
    last = {value: target for target, *used, _ in found.steps for value in used}
    place = {value: value for value in range(inputs)}
    slots, free, made = 0, list[int](), list[Instruction]()
    copies: dict[int, list[Instruction]] = {}
    for row, (value, c) in enumerate(found.outputs):
        if c and held.get(value) != inputs + row:
            copies.setdefault(value, []).append((value, None, float(c), inputs + row))
    for target, first, second, c in found.steps:
        if target not in held and not free:
            free.append(inputs + rows + slots)
            slots += 1
        place[target] = held[target] if target in held else free.pop()
        made.append((place[first], place[second], float(c), place[target]))
        made += [(place[target], None, c, to) for _, _, c, to in copies.pop(target, [])]
        done = {v for v in (first, second, target) if last.get(v, target) <= target}
        free += [place[v] for v in done if place[v] >= inputs + rows]
    made += [copy for found in copies.values() for copy in found]
    return Run(slots, tuple(made), tuple(int(c != 0) for _, c in found.outputs))


def additions(product: Bilinear) -> tuple[int, int, int, int]:
    """How many products there are, single ones among them, additions before and after them."""
    parts = parts_of(product, True)
    before, after = len(parts.before.instructions), len(parts.after.instructions)
    return len(parts.left), len(parts.singles), before, after


def table(matrix: Literal["left", "right", "out"], product: AnyBilinear, like: Tensor) -> Tensor:
    """A matrix of the scheme as a tensor."""
    assert isinstance(product, Bilinear)
    return constant(_floats, product, like, matrix, is_precise(like.dtype))


@known_when_traced
def _floats(product: Bilinear, matrix: str, precise: bool) -> tuple[tuple[float, ...], ...]:
    rows: Matrix = getattr(parts_of(product, precise), matrix)
    return tuple(tuple(map(float, row)) for row in rows)


class Additions:
    """Programs that are run, in buffers that are used again."""

    def __init__(self, size: int = 0) -> None:
        self._size = size
        self._slots: list[Tensor] = []

    def __call__(self, run: Run, x: Sequence[Tensor], z: Sequence[Tensor]) -> list[int]:
        """Add from x to z, tensors of one shape; which of z are written."""
        if run.instructions:
            places = [*x, *z, *self._room(run.slots, z[0])]
            for first, second, c, target in run.instructions:
                if second is None:
                    torch.mul(places[first], c, out=places[target])
                else:
                    torch.add(places[first], places[second], alpha=c, out=places[target])
        return list(run.filled)

    def _room(self, slots: int, like: Tensor) -> list[Tensor]:
        size = like.shape.numel()
        if size > self._size:
            self._size, self._slots = size, []
        while len(self._slots) < slots:
            self._slots.append(like.new_empty(self._size))
        return [slot[:size].view(like.shape) for slot in self._slots[:slots]]


def gather(
    singles: Sequence[Tensor], places: Sequence[int], into: Sequence[Tensor], filled: list[int]
) -> None:
    """Add each to its place, and make those zero that nothing is added to."""
    for single, place in zip(singles, places, strict=True):
        if filled[place]:
            into[place].add_(single)
        else:
            into[place].copy_(single)
            filled[place] = 1
    for place, written in enumerate(filled):
        if not written:
            into[place].zero_()
