r"""Convolutions in few products of components: $y = P\,((U w) \star (V x))$.

The r real convolutions of component size are the groups of one, those of a kernel of one point r
matrix products for each image. The sums before and after, with V and with P, are products of small
matrices, of some images or pixels at a time, which stay in the cache, into buffers that are used
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from hypercomplex.lowering.layout import interleave
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plans.bilinear import Products
from hypercomplex.lowering.plans.convolution import Geometry, beside, convolved, convolved_back
from hypercomplex.lowering.plans.parts import table
from hypercomplex.lowering.plans.plan import Calls, Gradients, Needs, Plan

__all__ = ["BilinearConvolution", "BilinearPixels", "calls"]

# Numbers that the factors of some images hold: few enough for the cache, but no fewer than the
# weights, which torch sorts at each call.
_AT_A_TIME = 2**19
_PIXELS = (
    1024  # of an image at a time, so that no smaller one is cut, which would have to be copied
)
_TOGETHER = 512  # of several images at a time


def calls(points: int, factors: int) -> Calls:
    """Of so many points of results, where each point of images has so many factors."""
    once = 16 + 4 * (points // max(1, _AT_A_TIME // max(1, factors)))
    return Calls(once, 6 * once)


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
        right, out = table("right", product, rows), table("out", product, rows)
        room = _Room(len(right))
        y: Tensor | None = None
        for at in _chunks(rows, prepared, len(right)):
            factors = _summed(right, rows[at], room.like(rows[at]))
            products = self._products(factors, prepared)
            if y is None:
                y = rows.new_empty(len(rows), product.shape[2], *products.shape[2:])
            _summed(out, products, y[at])
        assert y is not None
        return y if bias is None else y.add_(beside(bias, y))

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        right, out = table("right", product, rows), table("out", product, rows)
        factors_room, products_room = _Room(len(right)), _Room(len(right))
        geometry = self.geometry._replace(groups=len(right))
        prepared = self.prepare(weight, product)
        x = _like(rows) if needs.rows else None
        w = torch.zeros_like(prepared) if needs.weight else None
        for at in _chunks(rows, prepared, len(right)):
            factors = factors_room.like(rows[at])
            if w is not None:
                _summed(right, rows[at], factors)
            products = _summed(out.t(), grad[at], products_room.like(grad[at]))
            of_factors, of_weight = convolved_back(
                products.flatten(1, 2), factors.flatten(1, 2), prepared, geometry, needs[:2]
            )
            if w is not None and of_weight is not None:
                w.add_(of_weight)
            if x is not None and of_factors is not None:
                _summed(right.t(), of_factors.unflatten(1, (len(right), -1)), x[at])
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
    """A kernel of one point: r matrix products for each image."""

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        right, out = table("right", product, rows), table("out", product, rows)
        rank, (count, _, inputs, *places) = right.shape[0], rows.shape
        weights = prepared.view(rank, -1, inputs)
        y = rows.new_empty(count, product.shape[2], weights.shape[1], *places)
        room, results = _Room(rank), _Room(rank)
        for x, z in _pixels(rows, y):
            factors, products = _summed(right, x, room.like(x)), results.like(z)
            for each, one in zip(factors, products, strict=True):
                torch.bmm(weights, each, out=one)
            _summed(out, products, z)
        return y if bias is None else y.add_(beside(bias, y))

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        right, out = table("right", product, rows), table("out", product, rows)
        rank = right.shape[0]
        prepared = self.prepare(weight, product).view(rank, *weight.shape[:2])
        gx = _like(rows) if needs.rows else rows  # which nothing is written into
        w = torch.zeros_like(prepared)
        room, results = _Room(rank), _Room(rank)
        for x, g, of_x in _pixels(rows, grad.contiguous(), gx):
            factors, products = room.like(x), _summed(out.t(), g, results.like(g))
            if needs.weight:
                _summed(right, x, factors)
                for each, one in zip(factors, products, strict=True):
                    torch.baddbmm(w, one, each.mT, out=w)
            if needs.rows:
                for each, one in zip(factors, products, strict=True):
                    torch.bmm(prepared.mT, one, out=each)
                _summed(right.t(), factors, of_x)
        of_weight = _of_prepared(w, weight, product) if needs.weight else None
        return Gradients(gx if needs.rows else None, of_weight, None)


def _of_prepared(grad: Tensor, weight: Tensor, product: AnyBilinear) -> Tensor:
    """The gradient of the weight, from that of its sums."""
    left = table("left", product, grad)
    return interleave(left.t() @ grad.view(len(left), -1)).view_as(weight)


# ---------------------------------------------------------------------- in the cache


def _summed(matrix: Tensor, images: Tensor, into: Tensor) -> Tensor:
    """Sums of the components of images `(N, n, I, *S)`, written into `(N, r, I, *S)`."""
    every = matrix.expand(images.shape[0], -1, -1), images.flatten(2)
    if into.is_contiguous():
        torch.bmm(*every, out=into.flatten(2))
        return into
    return into.copy_(torch.bmm(*every).view_as(into))


def _like(images: Tensor) -> Tensor:
    """Room for the gradient: the components of an image in one piece each."""
    return torch.empty_like(images, memory_format=torch.contiguous_format)


class _Room:
    """A buffer for r components of some images, `(N, r, …)`, used again for fewer numbers."""

    def __init__(self, rank: int) -> None:
        self._rank = rank
        self._buffer: Tensor | None = None

    def like(self, images: Tensor) -> Tensor:
        """Room for as many images `(N, n, …)`."""
        shape = images.shape[0], self._rank, *images.shape[2:]
        if self._buffer is None:
            self._buffer = images.new_empty(prod(shape))
        return self._buffer[: prod(shape)].view(shape)


def _chunks(images: Tensor, prepared: Tensor, rank: int) -> Iterator[slice]:
    """Some images at a time; at least one time, for what has no images."""
    factors = max(1, rank * images[:1].numel() // max(1, images.shape[1]))
    count = max(1, max(_AT_A_TIME, prepared.numel()) // factors)
    for at in range(0, max(1, len(images)), count):
        yield slice(at, at + count)


def _pixels(*images: Tensor) -> Iterator[list[Tensor]]:
    """Some pixels at a time, of several images or of a part of one, `(N, n, I, P)`."""
    flat = [x.flatten(3) for x in images]
    count, *_, width = flat[0].shape
    several = max(1, _TOGETHER // max(1, width))
    for at in range(0, count, several):
        for start in range(0, width, _PIXELS):
            yield [x[at : at + several, ..., start : start + _PIXELS] for x in flat]
