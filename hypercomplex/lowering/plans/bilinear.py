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
from hypercomplex.lowering.plans.parts import is_precise, saves, table
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
        return (left @ weight.reshape(-1, m).t()).view(left.shape[0], outputs, inputs)

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        outputs = prepared.shape[1]
        return _result(rows, [(slice(0, outputs), prepared)], outputs, bias, product)

    def once(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        slices = _slices(rows, weight, table("left", product, weight))
        weights = ((some, self.prepare(weight[some], product)) for some in slices)
        return _result(rows, weights, weight.shape[0], bias, product)

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        left, right, out = _tables(product, rows)
        rank, most, (outputs, inputs, m) = left.shape[0], min(rows.shape[0], AT_ONCE), weight.shape
        factors, products = rows.new_empty(most, rank, inputs), rows.new_empty(most, rank, outputs)
        summed = rows.new_empty(rank, most, inputs)
        x = rows.new_empty(rows.shape) if needs.rows else None
        w = weight.new_empty(weight.shape) if needs.weight else None
        if w is not None and not most:
            w.zero_()
        for some in _slices(rows, weight, left):
            prepared = self.prepare(weight[some], product) if needs.rows else None
            made = weight.new_empty(rank, some.stop - some.start, inputs) if needs.weight else None
            for at in _chunks(rows):
                few = rows[at]
                if not some.start:
                    f, p = _sums(right, few, factors), _sums(out.t(), grad[at], products)
                g = p[:, :, some]
                if made is not None:
                    torch.baddbmm(made, g.mT, f, beta=int(at.start > 0), out=made)
                if prepared is not None:
                    z = summed[:, : few.shape[0]]
                    torch.baddbmm(z, g, prepared, beta=int(some.start > 0), out=z)
                    if x is not None and some.stop == outputs:
                        _sums(right.t(), z.transpose(0, 1), x[at])
            if w is not None and made is not None and most:
                interleave(left.t() @ made.flatten(1), out=w[some].view(-1, m))
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
    weights: Iterable[tuple[slice, Tensor]],
    outputs: int,
    bias: Tensor | None,
    product: AnyBilinear,
) -> Tensor:
    """The result, of prepared weights and the outputs that are theirs."""
    right, out = table("right", product, rows), table("out", product, rows)
    rank, most = right.shape[0], min(rows.shape[0], AT_ONCE)
    factors = rows.new_empty(most, rank, rows.shape[2])
    products = rows.new_empty(rank, most, outputs)
    y = rows.new_empty(rows.shape[0], out.shape[0], outputs)
    for some, prepared in weights:
        for at in _chunks(rows):
            if not some.start:
                f = _sums(right, rows[at], factors)
            p = products[:, : f.shape[1]]
            torch.bmm(f, prepared.mT, out=p[:, :, some])
            if some.stop == outputs:
                _sums(out, p.transpose(0, 1), y[at])
    return y if bias is None else y.add_(bias.t())


def _sums(matrix: Tensor, rows: Tensor, out: Tensor) -> Tensor:
    """Sums of the components of each row, `(R, n, I)` → `(R, r, I)`, written; as `(r, R, I)`."""
    count = rows.shape[0]
    return torch.bmm(matrix.expand(count, -1, -1), rows, out=out[:count]).transpose(0, 1)


def _tables(product: AnyBilinear, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The matrices U, V and P of the scheme."""
    return table("left", product, like), table("right", product, like), table("out", product, like)


def _chunks(rows: Tensor) -> list[slice]:
    return [slice(at, at + AT_ONCE) for at in range(0, rows.shape[0], AT_ONCE)]


def _slices(rows: Tensor, weight: Tensor, left: Tensor) -> list[slice]:
    """Outputs whose weights stay in the cache, if all rows do; else all at once."""
    outputs, inputs, _ = weight.shape
    step = max(16, _WEIGHTS // max(1, left.shape[0] * inputs))
    if rows.shape[0] > AT_ONCE or outputs <= step:
        return [slice(0, outputs)]
    return [slice(at, min(at + step, outputs)) for at in range(0, outputs, step)]
