r"""Few products of components: $y = P\,((U w) \circ (V x))$, by a scheme of the algebra.

Each of the r products is a real matrix product of component size, where blocks need n². What is
added up before and after goes in rows that stay in the cache, into buffers that are used again.
Products of single components of the input that reach a single one of the result skip both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.algebra.additions import program
from hypercomplex.algebra.fewest import scheme
from hypercomplex.algebra.matrices import Matrix, entries, transposed, unit
from hypercomplex.host.known import known_when_traced
from hypercomplex.lowering.constants import constant
from hypercomplex.lowering.layout import interleave
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.plan import Gradients, Needs

__all__ = ["Products", "additions"]

_MOST_AMPLIFIED_HALF = 1.5  # of rounding errors, which half precision has none to spare for
_MOST_AMPLIFIED = 2.5
_ROWS = 512  # at a time


class _Single(NamedTuple):
    """A product of component j of the input, added to component k of the result."""

    j: int
    k: int


Instruction = tuple[int, int | None, float, int]
"""`target = first + c second`, or `c first` where there is no second; all count the places."""


class _Run(NamedTuple):
    """An exact matrix as additions of tensors; places are inputs, outputs, and so many slots."""

    slots: int
    instructions: tuple[Instruction, ...]
    filled: tuple[int, ...]
    """Which outputs are written: those whose row is not zero."""


class _Parts(NamedTuple):
    """A scheme, its products sorted: first those of sums, then the single ones."""

    left: Matrix
    right: Matrix
    out: Matrix
    sums: int
    singles: tuple[_Single, ...]
    before: _Run
    """Components of the input → the factors of the first products."""
    after: _Run
    """First products → components of the result."""
    before_back: _Run
    after_back: _Run
    """The transposes of both."""

    @property
    def rank(self) -> int:
        """How many products there are."""
        return len(self.left)


class Products:
    """r real products of component size."""

    prepares = True

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:  # noqa: D102
        if not isinstance(product, Bilinear):
            return f"{product} is learned, so it has no exact algorithm"
        if not _saves(product, _is_precise(dtype)):
            return f"no algorithm is known that saves products of {product} in {dtype}"
        return ""

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:
        """The sums of components `U w`, `(r, O, I)`."""
        numbers = weight.reshape(-1, weight.shape[-1])
        return (_table(_left, product, weight) @ numbers.t()).view(-1, *weight.shape[:2])

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        work = _Work(rows, prepared.shape[1], product)
        y = rows.new_empty(len(rows), product.shape[2], prepared.shape[1])
        weights = _Weights(prepared, work.parts.sums)
        for at in _chunks(rows):
            work.forward(rows[at], weights, y[at])
        return y if bias is None else y.add_(bias.t())

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        work = _Work(rows, len(weight), product)
        x = rows.new_empty(rows.shape) if needs.rows else None
        prepared = self.prepare(weight, product) if needs.rows else weight.new_empty(0)
        weights = _Weights(prepared, work.parts.sums)
        w = weight.new_empty(work.parts.rank, *weight.shape[:2]) if needs.weight else None
        if w is not None and not len(rows):
            w.zero_()
        for at in _chunks(rows):
            products = work.products_back(grad[at])
            if w is not None:
                work.weight_back(
                    rows[at], grad[at], products, _Weights(w, work.parts.sums), at.start
                )
            if x is not None:
                work.rows_back(grad[at], products, weights, x[at])
        if w is not None:
            w = interleave(_table(_left, product, w).t() @ w.flatten(1)).view_as(weight)
        return Gradients(x, w, None)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        factors = (_table(_right, product, rows) @ rows).transpose(0, 1)
        products = factors @ self.prepare(weight, product).mT
        y = _table(_out, product, rows) @ products.transpose(0, 1)
        return y if bias is None else y + bias.t()


# ---------------------------------------------------------------------- a scheme, ready to run


@lru_cache(256)
def _parts(product: Bilinear, precise: bool) -> _Parts:
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
    return _Parts(
        left,
        right,
        transposed(back),
        m,
        tuple(_Single(*places) for _, places in ones),
        _run(right[:m], n),
        _run(transposed(back[:m], k), m),
        _run(transposed(right[:m], n), m),
        _run(back[:m], k),
    )


@known_when_traced
def _saves(product: Bilinear, precise: bool) -> bool:
    """Whether there is a scheme, and it has fewer products than there are blocks."""
    if not product.constants or scheme(product) is None:
        return False
    _, n, k = product.shape
    return len(_parts(product, precise).left) < n * k


def _is_precise(dtype: torch.dtype) -> bool:
    return dtype in (torch.float32, torch.float64)


def _run(matrix: Matrix, inputs: int) -> _Run:
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
    return _Run(slots, tuple(made), tuple(int(c != 0) for _, c in found.outputs))


def additions(product: Bilinear) -> tuple[int, int, int, int]:
    """How many products there are, single ones among them, additions before and after them."""
    parts = _parts(product, True)
    before, after = len(parts.before.instructions), len(parts.after.instructions)
    return len(parts.left), len(parts.singles), before, after


Floats = tuple[tuple[float, ...], ...]


@known_when_traced
def _left(product: Bilinear, precise: bool) -> Floats:
    return _floats(_parts(product, precise).left)


@known_when_traced
def _right(product: Bilinear, precise: bool) -> Floats:
    return _floats(_parts(product, precise).right)


@known_when_traced
def _out(product: Bilinear, precise: bool) -> Floats:
    return _floats(_parts(product, precise).out)


def _floats(matrix: Matrix) -> Floats:
    return tuple(tuple(map(float, row)) for row in matrix)


# ---------------------------------------------------------------------- in the cache


class _Weights:
    """The weights of all products: those of sums together, and each of the single ones."""

    def __init__(self, prepared: Tensor, sums: int) -> None:
        self.sums, self.singles = prepared[:sums], prepared[sums:].unbind()


class _Work:
    """What is computed for some rows at a time, in buffers that are used again."""

    def __init__(self, rows: Tensor, outputs: int, product: AnyBilinear) -> None:
        assert isinstance(product, Bilinear)
        self.parts = _parts(product, _is_precise(rows.dtype))
        _, _, _, sums, _, *runs = self.parts
        count, widths = min(len(rows), _ROWS), (rows.shape[2], outputs)
        slots = max(run.slots for run in runs)
        self._slots = [rows.new_empty(count * max(widths)) for _ in range(slots)]
        self._factors, self._products = (rows.new_empty(sums, count, width) for width in widths)

    def forward(self, rows: Tensor, weights: _Weights, y: Tensor) -> None:
        """The result of some rows, into y."""
        parts = self.parts
        x, z = rows.unbind(1), y.unbind(1)
        factors, products = self._factors[:, : len(rows)], self._products[:, : len(rows)]
        self._run(parts.before, x, factors.unbind())
        torch.bmm(factors, weights.sums.mT, out=products)
        filled = self._run(parts.after, products.unbind(), z)
        for (j, k), w in zip(parts.singles, weights.singles, strict=True):
            torch.addmm(z[k], x[j], w.t(), beta=filled[k], out=z[k])
            filled[k] = 1

    def products_back(self, grad: Tensor) -> Tensor:
        """The gradients of the products of sums."""
        products = self._products[:, : len(grad)]
        self._run(self.parts.after_back, grad.unbind(1), products.unbind())
        return products

    def weight_back(
        self, rows: Tensor, grad: Tensor, products: Tensor, weights: _Weights, before: int
    ) -> None:
        """The gradient of the prepared weight, added to that of the rows before."""
        parts, beta = self.parts, int(before > 0)
        x, g = rows.unbind(1), grad.unbind(1)
        factors = self._factors[:, : len(rows)]
        self._run(parts.before, x, factors.unbind())
        torch.baddbmm(weights.sums, products.mT, factors, beta=beta, out=weights.sums)
        for (j, k), w in zip(parts.singles, weights.singles, strict=True):
            torch.addmm(w, g[k].t(), x[j], beta=beta, out=w)

    def rows_back(self, grad: Tensor, products: Tensor, weights: _Weights, x: Tensor) -> None:
        """The gradient of some rows, into x."""
        parts = self.parts
        g, z = grad.unbind(1), x.unbind(1)
        factors = self._factors[:, : len(grad)]
        torch.bmm(products, weights.sums, out=factors)
        filled = self._run(parts.before_back, factors.unbind(), z)
        for (j, k), w in zip(parts.singles, weights.singles, strict=True):
            torch.addmm(z[j], g[k], w, beta=filled[j], out=z[j])
            filled[j] = 1

    def _run(self, run: _Run, x: Sequence[Tensor], z: Sequence[Tensor]) -> list[int]:
        """Additions from x to z; which of those are written."""
        if run.instructions:
            shape = z[0].shape
            slots = [s[: shape.numel()].view(shape) for s in self._slots[: run.slots]]
            places = [*x, *z, *slots]
            for first, second, c, target in run.instructions:
                if second is None:
                    torch.mul(places[first], c, out=places[target])
                else:
                    torch.add(places[first], places[second], alpha=c, out=places[target])
        return list(run.filled)


def _table(
    values: Callable[[Bilinear, bool], Floats], product: AnyBilinear, like: Tensor
) -> Tensor:
    """A matrix of the scheme as a tensor."""
    assert isinstance(product, Bilinear)
    return constant(values, product, like, _is_precise(like.dtype))


def _chunks(rows: Tensor) -> list[slice]:
    return [slice(at, at + _ROWS) for at in range(0, len(rows), _ROWS)]
