r"""Few products of components: $y = P\,((U w) \circ (V x))$, by a scheme of the algebra.

Each of the r products is a real matrix product of component size, where blocks need n². The sums
before and after, with V and with P, are products of small matrices, one for each row, in rows that
stay in the cache and buffers that are used again; if there are few rows, what is made of the weight
stays there, some outputs at a time.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.lowering.layout import interleave
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.parts import is_precise, rank_of, saves, table
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = ["AT_ONCE", "Products"]

AT_ONCE = 256
"""So many rows at a time."""
_WEIGHTS = 2**21  # made of some outputs' weights, at a time


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
        return _result(rows, [prepared], prepared.shape[1], bias, product)

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        pieces = _parts(weight, _outputs_at_once(rows, weight, product))
        weights = (self.prepare(some, product) for some in pieces)
        return _result(rows, weights, weight.shape[0], bias, product)

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        left, right, out = _tables(product, rows)
        outputs, _, m = weight.shape
        x = rows.new_empty(rows.shape) if needs.rows else None
        w = weight.new_empty(weight.shape) if needs.weight else None
        factors = products = summed = made = None
        stop = 0
        for some in _parts(weight, _outputs_at_once(rows, weight, product)):
            start, stop, at = stop, stop + some.shape[0], 0
            prepared = None if x is None else self.prepare(some, product)
            for few in _parts(rows, AT_ONCE):
                here, at = at, at + few.shape[0]
                if not start:
                    factors = _sums(right, few, factors)
                    products = _sums(out.t(), _cut(grad, here, at), products)
                assert factors is not None
                assert products is not None
                g = _cut(products, start, stop, 2).transpose(0, 1)
                if w is not None:
                    made = _multiplied(g.mT, factors.transpose(0, 1), made, here > 0)
                if prepared is not None:
                    summed = _multiplied(g, prepared, summed, start > 0)
                    if x is not None and stop == outputs:
                        _sums(right.t(), summed.transpose(0, 1), _cut(x, here, at))
            if w is not None and made is not None:
                interleave(left.t() @ made.flatten(1), out=_cut(w, start, stop).view(-1, m))
        return Gradients(x, w, None)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        _, right, out = _tables(product, rows)
        products = (right @ rows).transpose(0, 1) @ self.prepare(weight, product).mT
        y = out @ products.transpose(0, 1)
        return y if bias is None else y + bias.t()


# ---------------------------------------------------------------------- in the cache


def _result(
    rows: Tensor,
    weights: Iterable[Tensor],
    outputs: int,
    bias: Tensor | None,
    product: AnyBilinear,
) -> Tensor:
    """The result, of prepared weights of some outputs each."""
    right, out = table("right", product, rows), table("out", product, rows)
    products = rows.new_empty(right.shape[0], min(rows.shape[0], AT_ONCE), outputs)
    y = rows.new_empty(rows.shape[0], out.shape[0], outputs)
    factors, stop = None, 0
    for prepared in weights:
        start, stop, at = stop, stop + prepared.shape[1], 0
        for few in _parts(rows, AT_ONCE):
            here, at = at, at + few.shape[0]
            if not start:
                factors = _sums(right, few, factors)
            assert factors is not None
            p = _cut(products, 0, few.shape[0], 1)
            torch.bmm(factors.transpose(0, 1), prepared.mT, out=_cut(p, start, stop, 2))
            if stop == outputs:
                _sums(out, p.transpose(0, 1), _cut(y, here, at))
    return y if bias is None else y.add_(bias.t())


def _sums(matrix: Tensor, rows: Tensor, room: Tensor | None) -> Tensor:
    """Sums of the components of each row, `(R, n, I)` → `(R, r, I)`, in the room that there is."""
    count = rows.shape[0]
    out = None if room is None else _cut(room, 0, count)
    return torch.bmm(matrix.expand(count, -1, -1), rows, out=out)


def _multiplied(a: Tensor, b: Tensor, room: Tensor | None, add: bool) -> Tensor:
    """The products of matrices `(r, R, I)` and `(r, I, O)`, in the room that there is, or added."""
    out = None if room is None else _cut(room, 0, a.shape[1], 1)
    return torch.bmm(a, b, out=out) if out is None or not add else out.baddbmm_(a, b)


def _tables(product: AnyBilinear, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The matrices U, V and P of the scheme."""
    return table("left", product, like), table("right", product, like), table("out", product, like)


def _parts(x: Tensor, size: int) -> tuple[Tensor, ...]:
    """Pieces of at most that size; of what is smaller no view is made."""
    return (x,) if x.shape[0] <= size else x.split(size)


def _cut(x: Tensor, start: int, stop: int, dim: int = 0) -> Tensor:
    """A part, or all of it, of which no view is made."""
    return x if x.shape[dim] == stop - start else x.narrow(dim, start, stop - start)


def _outputs_at_once(rows: Tensor, weight: Tensor, product: AnyBilinear) -> int:
    """So many outputs that their weights stay in the cache, if all rows do; else all."""
    outputs, inputs, _ = weight.shape
    if rows.shape[0] > AT_ONCE:
        return outputs
    assert isinstance(product, Bilinear)
    return max(16, _WEIGHTS // max(1, rank_of(product) * inputs))
