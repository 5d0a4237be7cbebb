r"""Few products of components: $y = P\,((U w) \circ (V x))$, by a scheme of the algebra.

Each of the r products is a real matrix product of component size, where blocks need n². What is
added up before and after goes in rows that stay in the cache, into buffers that are used again;
if there are few rows, so does what is made of the weight, some outputs at a time.
Products of single components of the input that reach a single one of the result skip both.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.lowering.layout import interleave
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.parts import Additions, gather, is_precise, parts_of, saves, table
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = ["Products"]

_ROWS = 512  # at a time
_WEIGHTS = 2**20  # made of some outputs' weights, at a time


class Products(Plan):
    """r real products of component size."""

    prepares = True

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:  # noqa: D102
        if not isinstance(product, Bilinear):
            return f"{product} is learned, so it has no exact algorithm"
        if not dtype.is_floating_point:
            return f"its sums are fractions, which {dtype} does not hold"
        if not saves(product, is_precise(dtype)):
            return f"no algorithm is known that saves products of {product} in {dtype}"
        return ""

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:
        """The sums of components `U w`, `(r, O, I)`."""
        numbers = weight.reshape(-1, weight.shape[-1])
        return (table("left", product, weight) @ numbers.t()).unflatten(1, weight.shape[:2])

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        work = _Work(rows, prepared.shape[1], product)
        y = rows.new_empty(len(rows), product.shape[2], prepared.shape[1])
        weights = _Weights(prepared, work.parts.sums)
        for at in _chunks(rows):
            work.forward(rows[at], weights, y[at])
        return y if bias is None else y.add_(bias.t())

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        slices = _slices(rows, weight, product)
        if len(slices) == 1:
            return self.forward(rows, self.prepare(weight, product), bias, product)
        work = _Work(rows, slices[0].stop, product)
        y = rows.new_empty(len(rows), product.shape[2], len(weight))
        for some in slices:
            prepared = self.prepare(weight[some], product)
            weights = _Weights(prepared, work.parts.sums)
            work.forward(rows, weights, y[:, :, some], is_first=not some.start)
        return y if bias is None else y.add_(bias.t())

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        slices = _slices(rows, weight, product)
        work = _Work(rows, slices[0].stop, product, backward=True)
        x = rows.new_empty(rows.shape) if needs.rows else None
        w = weight.new_empty(weight.shape) if needs.weight else None
        if w is not None and not len(rows):
            w.zero_()
        for some in slices:
            prepared = self.prepare(weight[some], product) if x is not None else None
            shape = work.parts.rank, some.stop - some.start, weight.shape[1]
            made = weight.new_empty(shape) if needs.weight else None
            for at in _chunks(rows):
                g = grad[at][:, :, some]
                products = work.products_back(g)
                if made is not None:
                    first = _First(columns=not some.start, rows=not at.start)
                    work.weight_back(rows[at], g, products, _Weights(made, work.parts.sums), first)
                if prepared is not None and x is not None:
                    weights = _Weights(prepared, work.parts.sums)
                    work.rows_back(g, products, weights, is_first=not some.start)
                    if some is slices[-1]:
                        work.gather(x[at])
            if w is not None and made is not None and len(rows):
                numbers = w[some].view(-1, w.shape[2])
                interleave(table("left", product, w).t() @ made.flatten(1), out=numbers)
        return Gradients(x, w, None)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        factors = (table("right", product, rows) @ rows).transpose(0, 1)
        products = factors @ self.prepare(weight, product).mT
        y = table("out", product, rows) @ products.transpose(0, 1)
        return y if bias is None else y + bias.t()


# ---------------------------------------------------------------------- in the cache


class _Weights:
    """The weights of all products: those of sums together, and each of the single ones."""

    def __init__(self, prepared: Tensor, sums: int) -> None:
        self.sums, self.singles = prepared[:sums], prepared[sums:].unbind()


class _First(NamedTuple):
    """Whether these are the first outputs, and the first rows."""

    columns: bool
    rows: bool


class _Work:
    """What is computed for some rows and outputs at a time, in buffers that are used again."""

    def __init__(
        self, rows: Tensor, outputs: int, product: AnyBilinear, *, backward: bool = False
    ) -> None:
        assert isinstance(product, Bilinear)
        self.parts = parts_of(product, is_precise(rows.dtype))
        count, widths, sums = min(len(rows), _ROWS), (rows.shape[2], outputs), self.parts.sums
        self._run = Additions(count * max(widths))
        self._factors, self._products = (rows.new_empty(sums, count, width) for width in widths)
        if backward:
            self._gathered = rows.new_empty(self.parts.rank, count, rows.shape[2])

    def forward(self, rows: Tensor, weights: _Weights, y: Tensor, *, is_first: bool = True) -> None:
        """Some results of some rows, into y; their sums are known after the first."""
        parts = self.parts
        x, z = rows.unbind(1), y.unbind(1)
        factors = self._factors[:, : len(rows)]
        if is_first:
            self._run(parts.before, x, factors.unbind())
        products = self._products[:, : len(rows), : y.shape[2]]
        torch.bmm(factors, weights.sums.mT, out=products)
        filled = self._run(parts.after, products.unbind(), z)
        for (j, k), w in zip(parts.singles, weights.singles, strict=True):
            torch.addmm(z[k], x[j], w.t(), beta=filled[k], out=z[k])
            filled[k] = 1
        gather((), (), z, filled)

    def products_back(self, grad: Tensor) -> Tensor:
        """The gradients of the products of sums."""
        products = self._products[:, : len(grad), : grad.shape[2]]
        self._run(self.parts.after_back, grad.unbind(1), products.unbind())
        return products

    def weight_back(
        self, rows: Tensor, grad: Tensor, products: Tensor, weights: _Weights, first: _First
    ) -> None:
        """The gradient of some prepared weights, added to that of the rows before."""
        parts, beta = self.parts, int(not first.rows)
        x, g = rows.unbind(1), grad.unbind(1)
        factors = self._factors[:, : len(rows)]
        if first.columns:
            self._run(parts.before, x, factors.unbind())
        torch.baddbmm(weights.sums, products.mT, factors, beta=beta, out=weights.sums)
        for (j, k), w in zip(parts.singles, weights.singles, strict=True):
            torch.addmm(w, g[k].t(), x[j], beta=beta, out=w)

    def rows_back(
        self, grad: Tensor, products: Tensor, weights: _Weights, *, is_first: bool
    ) -> None:
        """What some outputs say of the factors of some rows, added to what those before said."""
        parts, beta, g = self.parts, int(not is_first), grad.unbind(1)
        gathered = self._gathered[:, : len(grad)]
        sums, ones = gathered[: parts.sums], gathered[parts.sums :].unbind()
        torch.baddbmm(sums, products, weights.sums, beta=beta, out=sums)
        for (_, k), w, one in zip(parts.singles, weights.singles, ones, strict=True):
            torch.addmm(one, g[k], w, beta=beta, out=one)

    def gather(self, x: Tensor) -> None:
        """The gradient of some rows, into x."""
        parts, z = self.parts, x.unbind(1)
        gathered = self._gathered[:, : len(x)].unbind()
        filled = self._run(parts.before_back, gathered[: parts.sums], z)
        gather(gathered[parts.sums :], [j for j, _ in parts.singles], z, filled)


def _chunks(rows: Tensor) -> list[slice]:
    return [slice(at, at + _ROWS) for at in range(0, len(rows), _ROWS)]


def _slices(rows: Tensor, weight: Tensor, product: AnyBilinear) -> list[slice]:
    """Outputs whose weights stay in the cache, if all rows do."""
    assert isinstance(product, Bilinear)
    outputs, inputs, _ = weight.shape
    rank = parts_of(product, is_precise(rows.dtype)).rank
    step = max(16, _WEIGHTS // max(1, rank * inputs))
    if len(rows) > _ROWS or outputs <= step:
        return [slice(0, outputs)]
    return [slice(at, min(at + step, outputs)) for at in range(0, outputs, step)]
