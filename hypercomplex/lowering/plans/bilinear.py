r"""Few products of components: $y = P\,((U w) \circ (V x))$, by a scheme of the algebra.

Each of the r products is a real matrix product of component size, where blocks need n². What is
added up before and after goes in rows that stay in the cache, into buffers that are used again.
Products of single components of the input that reach a single one of the result skip both.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.lowering.layout import interleave
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.parts import Additions, is_precise, parts_of, saves, table
from hypercomplex.lowering.plans.plan import Gradients, Needs

__all__ = ["Products"]

_ROWS = 512  # at a time


class Products:
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
            w = interleave(table("left", product, w).t() @ w.flatten(1)).view_as(weight)
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


class _Work:
    """What is computed for some rows at a time, in buffers that are used again."""

    def __init__(self, rows: Tensor, outputs: int, product: AnyBilinear) -> None:
        assert isinstance(product, Bilinear)
        self.parts = parts_of(product, is_precise(rows.dtype))
        count, widths, sums = min(len(rows), _ROWS), (rows.shape[2], outputs), self.parts.sums
        self._run = Additions(count * max(widths))
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


def _chunks(rows: Tensor) -> list[slice]:
    return [slice(at, at + _ROWS) for at in range(0, len(rows), _ROWS)]
