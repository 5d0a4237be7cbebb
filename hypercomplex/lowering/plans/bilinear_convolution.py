r"""Convolutions in few products of components: $y = P\,((U w) \star (V x))$.

The r real convolutions of component size are the groups of one, those of a kernel of one point r
matrix products. What is added up before and after goes for some images or pixels at a time, which
stay in the cache, into buffers that are used again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hypercomplex.algebra import Bilinear
from hypercomplex.lowering.layout import interleave
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.bilinear import Products
from hypercomplex.lowering.plans.convolution import Geometry, beside, convolved, convolved_back
from hypercomplex.lowering.plans.parts import Additions, gather, is_precise, parts_of, table
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = ["AT_A_TIME", "BilinearConvolution", "BilinearPixels"]

AT_A_TIME = 2**19
"""Numbers that the factors of some images hold: few enough for the cache, but no fewer than the
weights, which torch sorts at each call."""
_PIXELS = 512  # at a time


@dataclass(frozen=True)
class BilinearConvolution(Plan):
    """r real convolutions, the groups of one."""

    geometry: Geometry
    prepares = True

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:  # noqa: D102
        return Products().refusal(product, dtype)

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:
        """The sums of components `U w`, `(r·O, I, *K)`."""
        numbers = weight.reshape(-1, weight.shape[-1])
        sums = table("left", product, weight) @ numbers.t()
        return sums.view(-1, *weight.shape[1:-1])

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        sums = _Sums(product, rows.dtype)
        room = _Room(sums.rank)
        y: Tensor | None = None
        for at in _chunks(rows, prepared, sums.rank):
            factors = room.like(rows[at])
            sums.factors(rows[at].unbind(1), factors.unbind(1))
            products = self._products(factors, prepared)
            if y is None:
                y = rows.new_empty(len(rows), product.shape[2], *products.shape[2:])
            sums.results(products.unbind(1), y[at].unbind(1))
        assert y is not None
        return y if bias is None else y.add_(beside(bias, y))

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        sums = _Sums(product, rows.dtype)
        factors_room, products_room = _Room(sums.rank), _Room(sums.rank)
        geometry = self.geometry._replace(groups=sums.rank)
        prepared = self.prepare(weight, product)
        x = torch.empty_like(rows) if needs.rows else None
        w = torch.zeros_like(prepared) if needs.weight else None
        for at in _chunks(rows, prepared, sums.rank):
            factors, products = factors_room.like(rows[at]), products_room.like(grad[at])
            if w is not None:
                sums.factors(rows[at].unbind(1), factors.unbind(1))
            sums.results_back(grad[at].unbind(1), products.unbind(1))
            of_factors, of_weight = convolved_back(
                products.flatten(1, 2), factors.flatten(1, 2), prepared, geometry, needs[:2]
            )
            if w is not None and of_weight is not None:
                w.add_(of_weight)
            if x is not None and of_factors is not None:
                each = of_factors.unflatten(1, (sums.rank, -1)).unbind(1)
                sums.factors_back(each, x[at].unbind(1))
        return Gradients(x, None if w is None else _of_prepared(w, weight, product), None)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        factors = torch.tensordot(table("right", product, rows), rows, ([1], [1])).transpose(0, 1)
        products = self._products(factors, self.prepare(weight, product))
        y = torch.tensordot(table("out", product, rows), products, ([1], [1])).transpose(0, 1)
        return y if bias is None else y + beside(bias, y)

    def _products(self, factors: Tensor, prepared: Tensor) -> Tensor:
        """`(N, r, I, *S)` → `(N, r, O, *S')`."""
        rank = factors.shape[1]
        geometry = self.geometry._replace(groups=rank)
        y = convolved(factors.flatten(1, 2), prepared, None, geometry, (1, 1))
        return y.unflatten(1, (rank, -1))


class BilinearPixels(BilinearConvolution):
    """A kernel of one point: r matrix products for some pixels at a time."""

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        sums = _Sums(product, rows.dtype)
        weights = prepared.view(sums.rank, -1, rows.shape[2])
        y = rows.new_empty(len(rows), product.shape[2], weights.shape[1], *rows.shape[3:])
        room, results = _Columns(sums.rank), _Columns(sums.rank)
        for x, z in _pixels(rows, y):
            factors, products = room.like(x), results.like(z)
            sums.factors(x.unbind(1), factors.each)
            torch.bmm(weights, factors.together, out=products.together)
            sums.results(products.each, z.unbind(1))
        return y if bias is None else y.add_(beside(bias, y))

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        sums, grad = _Sums(product, rows.dtype), grad.contiguous()
        prepared = self.prepare(weight, product).view(sums.rank, *weight.shape[:2])
        gx = rows  # which nothing is written into
        if needs.rows:  # the pixels of an image in one row, that parts of it are views
            gx = torch.empty_like(rows, memory_format=torch.contiguous_format)
        w = torch.zeros_like(prepared)
        room, results = _Columns(sums.rank), _Columns(sums.rank)
        for x, g, of_x in _pixels(rows, grad, gx):
            factors, products = room.like(x), results.like(g)
            sums.results_back(g.unbind(1), products.each)
            if needs.weight:
                sums.factors(x.unbind(1), factors.each)
                torch.baddbmm(w, products.together, factors.together.mT, out=w)
            if needs.rows:
                torch.bmm(prepared.mT, products.together, out=factors.together)
                sums.factors_back(factors.each, of_x.unbind(1))
        of_weight = _of_prepared(w, weight, product) if needs.weight else None
        return Gradients(gx if needs.rows else None, of_weight, None)


def _of_prepared(grad: Tensor, weight: Tensor, product: AnyBilinear) -> Tensor:
    """The gradient of the weight, from that of its sums."""
    left = table("left", product, grad)
    return interleave(left.t() @ grad.view(len(left), -1)).view_as(weight)


# ---------------------------------------------------------------------- sums of components


class _Sums:
    """The sums of a scheme, of components that lie anywhere: `results(products(factors(x)))`."""

    def __init__(self, product: AnyBilinear, dtype: torch.dtype) -> None:
        assert isinstance(product, Bilinear)
        self._parts = parts_of(product, is_precise(dtype))
        self._add = Additions()
        self.rank = self._parts.rank

    def factors(self, x: Sequence[Tensor], into: Sequence[Tensor]) -> None:
        """The n components of the input → the r factors."""
        parts = self._parts
        self._add(parts.before, x, into[: parts.sums])
        for (j, _), factor in zip(parts.singles, into[parts.sums :], strict=True):
            factor.copy_(x[j])

    def results(self, products: Sequence[Tensor], into: Sequence[Tensor]) -> None:
        """The r products → the k components of the result."""
        parts = self._parts
        filled = self._add(parts.after, products[: parts.sums], into)
        places = [k for _, k in parts.singles]
        gather(products[parts.sums :], places, into, filled)

    def factors_back(self, grads: Sequence[Tensor], into: Sequence[Tensor]) -> None:
        """The gradient of the input from those of the factors."""
        parts = self._parts
        filled = self._add(parts.before_back, grads[: parts.sums], into)
        places = [j for j, _ in parts.singles]
        gather(grads[parts.sums :], places, into, filled)

    def results_back(self, grads: Sequence[Tensor], into: Sequence[Tensor]) -> None:
        """The gradients of the products from that of the result."""
        parts = self._parts
        self._add(parts.after_back, grads, into[: parts.sums])
        for (_, k), product in zip(parts.singles, into[parts.sums :], strict=True):
            product.copy_(grads[k])


# ---------------------------------------------------------------------- in the cache


class _Room:
    """A buffer for r components of some images, `(N, r, …)`, used again for fewer of them."""

    def __init__(self, rank: int) -> None:
        self._rank = rank
        self._buffer: Tensor | None = None

    def like(self, images: Tensor) -> Tensor:
        """Room for as many images."""
        if self._buffer is None:
            self._buffer = images.new_empty(len(images), self._rank, *images.shape[2:])
        return self._buffer[: len(images)]


class _Columns:
    """A buffer for r components of some pixels, which are columns of r matrices."""

    together: Tensor
    """`(r, I, pixels)`."""
    each: Sequence[Tensor]
    """The r components, `(N, I, P)` as they come."""

    def __init__(self, rank: int) -> None:
        self._rank = rank
        self._buffer: Tensor | None = None

    def like(self, pixels: Tensor) -> _Columns:
        """Room for pixels `(N, n, I, P)`."""
        count, _, numbers, width = pixels.shape
        if self._buffer is None:
            self._buffer = pixels.new_empty(self._rank * numbers * count * width)
        buffer = self._buffer[: self._rank * numbers * count * width]
        self.together = buffer.view(self._rank, numbers, count * width)
        self.each = self.together.unflatten(2, (count, width)).transpose(1, 2).unbind()
        return self


def _chunks(images: Tensor, prepared: Tensor, rank: int) -> Iterator[slice]:
    """Some images at a time; at least one time, for what has no images."""
    factors = max(1, rank * images[:1].numel() // max(1, images.shape[1]))
    count = max(1, max(AT_A_TIME, prepared.numel()) // factors)
    for at in range(0, max(1, len(images)), count):
        yield slice(at, at + count)


def _pixels(*images: Tensor) -> Iterator[list[Tensor]]:
    """Some pixels at a time, of several images or of a part of one, `(N, n, I, P)`."""
    flat = [x.flatten(3) for x in images]
    count, *_, width = flat[0].shape
    several = max(1, _PIXELS // max(1, width))
    for at in range(0, count, several):
        for start in range(0, width, _PIXELS):
            yield [x[at : at + several, ..., start : start + _PIXELS] for x in flat]
