r"""Convolutions of numbers, planned: $y_o[t] = \sum_{i,s} w_{oi}[s]\, x_i[t+s] + b_o$.

What eager code keeps for its gradients are the images and the compact weight, as for rows
(`lowering.rows`): nothing expanded. A kernel of one point multiplies pixels as they lie.
"""

from __future__ import annotations

from math import prod

from torch import Tensor

from hypercomplex.host.mode import is_compiling, is_eager
from hypercomplex.lowering.block import Side, is_real, sizes
from hypercomplex.lowering.kept import Kept
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.plan import Choice, Rows, Ways
from hypercomplex.lowering.plans import PLANS, Plan
from hypercomplex.lowering.plans.bilinear_convolution import BilinearConvolution, BilinearPixels
from hypercomplex.lowering.plans.convolution import (
    BlockConvolution,
    BlockPixels,
    ByRows,
    Geometry,
)
from hypercomplex.lowering.rows import affine_rows

__all__ = ["convolution"]


def convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    product: AnyBilinear,
    side: Side,
    geometry: Geometry,
    plan: Choice = None,
    kept: Kept | None = None,
) -> Tensor:
    """Folded images `(N, n·I, *S)`, a weight `(O, I/groups, *K, m)` and a bias `(O, k)` or None →
    `(N, k·O, *S')`. The weight of a transposed convolution is `(I, O/groups, *K, m)`.
    """
    images = input.unflatten(1, (sizes(product, side)[1], -1))
    if is_real(product):
        return BlockConvolution(geometry).plain(images, weight, bias, product).flatten(1, 2)
    ways = _ways(input, weight, geometry)
    return affine_rows(images, weight, bias, product, side, plan, kept, ways).flatten(1, 2)


def _ways(input: Tensor, weight: Tensor, geometry: Geometry) -> Ways:
    """The plans that serve, and those of them that are worth a choice.

    Of several groups, and transposed, there are blocks only. A kernel of one point has pixels for
    rows, as they lie where channels are last, else as the columns of matrices.
    """
    points = weight.shape[2:-1]
    pixels = prod(points) == prod(geometry.stride) == 1 and not any(geometry.padding)
    plans: dict[str, Plan] = {"block": BlockConvolution(geometry)}
    if geometry.groups > 1 or geometry.transposed:
        return Ways(plans, Rows(input.shape[0], weight.shape[1], weight.shape[0]), ("block",))
    if pixels and is_eager():
        last = input.movedim(1, -1).is_contiguous()
        plans = {name: ByRows(way) for name, way in PLANS.items()}
        if not last:
            plans["block"], plans["bilinear"] = BlockPixels(geometry), BilinearPixels(geometry)
    elif pixels:
        plans = {**plans, **{name: ByRows(PLANS[name]) for name in ("input", "bilinear")}}
    else:
        plans["bilinear"] = BilinearConvolution(geometry)
    rows = input.shape[0] * geometry.results(input.shape[2:], points)
    worth = tuple(plans) if _is_quick(input, pixels) else ("block",)
    return Ways(plans, Rows(rows, weight.shape[1], weight.shape[0]), worth, prod(points))


def _is_quick(input: Tensor, pixels: bool) -> bool:
    """Whether sums of components are: where they lie together, and were timed."""
    if pixels or is_compiling():
        return pixels or input.device.type in _TIMED
    return input.device.type in _TIMED and input.is_contiguous()


_TIMED = ("cpu", "meta")
