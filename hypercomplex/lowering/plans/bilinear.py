r"""Few products of components: $y = P\,((U w) \circ (V x))$, by a scheme of the algebra.

Each of the r products is a real matrix product of component size, where blocks need n². The sums
before and after, with V and with P, are products of small matrices, one for each row, in rows that
stay in the cache and buffers that are used again; if there are few rows, what is made of the weight
stays there, some outputs at a time.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.lowering.layout import interleave
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.parts import is_precise, rank_of, saves, table
from hypercomplex.lowering.plans.plan import Calls, Gradients, Needs, Plan

__all__ = ["Products", "calls"]

_AT_ONCE = 256  # rows at a time
_WEIGHTS = 2**21  # made of some outputs' weights, at a time


def calls(rows: int) -> Calls:
    """Of so many rows."""
    once = 8 + 4 * (rows // _AT_ONCE)
    return Calls(once, 3 * once)


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
        left, (outputs, inputs, m) = table("left", product, weight), weight.shape
        return torch.mm(left, weight.reshape(-1, m).t()).view(left.shape[0], outputs, inputs)

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        _, right, out = _tables(product, rows)
        if rows.shape[0] <= _AT_ONCE:
            products = torch.bmm(_sums(right, rows).transpose(0, 1), prepared.mT)
            y = _sums(out, products.transpose(0, 1))
        else:
            y = rows.new_empty(rows.shape[0], out.shape[0], prepared.shape[1])
            factors = results = None
            for few, some in zip(rows.split(_AT_ONCE), y.split(_AT_ONCE), strict=True):
                factors = _sums(right, few, factors)
                results = _products(factors.transpose(0, 1), prepared.mT, results)
                _sums(out, results.transpose(0, 1), some)
        return y if bias is None else y.add_(bias.t())

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        size = _outputs_at_once(rows, weight, product)
        if weight.shape[0] <= size:
            return self.forward(rows, self.prepare(weight, product), bias, product)
        _, right, out = _tables(product, rows)
        factors = _sums(right, rows).transpose(0, 1)
        products = rows.new_empty(*factors.shape[:2], weight.shape[0])
        for part, into in zip(weight.split(size), products.split(size, 2), strict=True):
            torch.bmm(factors, self.prepare(part, product).mT, out=into)
        y = _sums(out, products.transpose(0, 1))
        return y if bias is None else y.add_(bias.t())

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        if rows.shape[0] > _AT_ONCE:
            return self._of_many(grad, rows, weight, product, needs)
        left, right, out = _tables(product, rows)
        size = _outputs_at_once(rows, weight, product)
        every = _parts(_sums(out.t(), grad).transpose(0, 1), size, 2)
        x = w = None
        if needs.weight:  # first, and nothing of it lives on: what is freed is still in the cache
            w = torch.empty_like(weight, memory_format=torch.contiguous_format)
            factors = _sums(right, rows).transpose(0, 1)
            for g, into in zip(every, _parts(w, size), strict=True):
                _of_prepared(torch.bmm(g.mT, factors), left, into)
            del factors
        if needs.rows:
            summed = None
            for g, part in zip(every, _parts(weight, size), strict=True):
                summed = _added(g, self.prepare(part, product), summed)
            assert summed is not None
            x = _sums(right.t(), summed.transpose(0, 1))
        return Gradients(x, w, None)

    def _of_many(
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        """The gradients of some rows at a time."""
        left, right, out = _tables(product, rows)
        x = torch.empty_like(rows, memory_format=torch.contiguous_format) if needs.rows else rows
        prepared = self.prepare(weight, product) if needs.rows else None
        factors = products = summed = made = None
        every = (tensor.split(_AT_ONCE) for tensor in (rows, grad, x))
        for few, g, into in zip(*every, strict=True):
            products = _sums(out.t(), g, products)
            each = products.transpose(0, 1)
            if needs.weight:
                factors = _sums(right, few, factors)
                made = _added(each.mT, factors.transpose(0, 1), made)
            if prepared is not None:
                summed = _products(each, prepared, summed)
                _sums(right.t(), summed.transpose(0, 1), into)
        w = None if made is None else _of_prepared(made, left, torch.empty_like(weight))
        return Gradients(x if needs.rows else None, w, None)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        _, right, out = _tables(product, rows)
        products = (right @ rows).transpose(0, 1) @ self.prepare(weight, product).mT
        y = out @ products.transpose(0, 1)
        return y if bias is None else y + bias.t()


# ---------------------------------------------------------------------- in the cache


def _sums(matrix: Tensor, rows: Tensor, room: Tensor | None = None) -> Tensor:
    """Sums of the components of each row, `(R, n, I)` → `(R, r, I)`, in the room that there is."""
    count = rows.shape[0]
    into = None if room is None else _cut(room, 0, count)
    return torch.bmm(matrix.expand(count, -1, -1), rows, out=into)


def _products(a: Tensor, b: Tensor, room: Tensor | None = None) -> Tensor:
    """The products of matrices `(r, R, I)` and `(r, I, O)`, in the room that there is."""
    return torch.bmm(a, b, out=None if room is None else _cut(room, 1, a.shape[1]))


def _added(a: Tensor, b: Tensor, to: Tensor | None) -> Tensor:
    """The same, added to others if there are any."""
    return torch.bmm(a, b) if to is None else to.baddbmm_(a, b)


def _of_prepared(made: Tensor, left: Tensor, out: Tensor) -> Tensor:
    """The gradient of a weight, from that of its sums `(r, O, I)`."""
    interleave(torch.mm(left.t(), made.flatten(1)), out=out.view(-1, out.shape[2]))
    return out


def _tables(product: AnyBilinear, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The matrices U, V and P of the scheme."""
    return table("left", product, like), table("right", product, like), table("out", product, like)


def _parts(x: Tensor, size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of at most that size; of what is smaller no view is made."""
    return (x,) if x.shape[dim] <= size else x.split(size, dim)


def _cut(room: Tensor, dim: int, size: int) -> Tensor:
    """As much of the room as is needed; of all of it no view is made."""
    return room if room.shape[dim] == size else room.narrow(dim, 0, size)


def _outputs_at_once(rows: Tensor, weight: Tensor, product: AnyBilinear) -> int:
    """So many outputs that their weights stay in the cache, if all rows do; else all."""
    outputs, inputs, _ = weight.shape
    if rows.shape[0] > _AT_ONCE:
        return outputs
    assert isinstance(product, Bilinear)
    return max(16, _WEIGHTS // max(1, rank_of(product) * inputs))
