r"""Rows of numbers times a matrix of numbers: $y_{ro} = \sum_i w_{oi}\, x_{ri} + b_o$, planned.

Whatever is affine in numbers ends here. Plain eager code keeps the rows and the compact weight for
its gradients, and nothing that was made of them; where somebody looks on (a compiler, a transform),
the plan is written out in operations of torch.
"""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from hypercomplex.algebra import Bilinear
from hypercomplex.host.mode import (
    all_digits,
    autocasts,
    is_recorded,
    stands_for_many,
    without_record,
    works_plainly,
)
from hypercomplex.kernels.precision import autocast_dtype
from hypercomplex.lowering.block import Side
from hypercomplex.lowering.constants import derived
from hypercomplex.lowering.kept import Kept, serving
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear
from hypercomplex.lowering.plan import Choice, Passes, Rows, Ways, planned
from hypercomplex.lowering.plans import PLANS, Plan
from hypercomplex.lowering.plans.folded import Columns, Folded
from hypercomplex.lowering.plans.plan import Needs

__all__ = ["affine_columns", "affine_features", "affine_rows"]

FOLDED: dict[str, Plan] = {name: Folded(plan) for name, plan in PLANS.items()}
COLUMNS: dict[str, Plan] = {name: Columns(plan) for name, plan in PLANS.items()}
_ALL = tuple(PLANS)


def affine_rows(
    rows: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    product: AnyBilinear,
    side: Side = "left",
    plan: Choice = None,
    kept: Kept | None = None,
    ways: Ways | None = None,
) -> Tensor:
    """Rows `(R, n, I)`, a weight `(O, I, m)` and a bias `(O, k)` or None → `(R, k, O)`.

    The rows may have any strides, and so may the result. What a plan makes of the weight is kept
    where `kept` says. Images `(N, n, I, *S)` come with the `ways` that serve them, see
    `lowering.images`.

    Raises:
        RuntimeError: if they hold different types, outside autocast.
    """
    if side == "right":
        product = derived(product, "swapped") if isinstance(product, Bilinear) else product.swapped
    if autocasts(rows):
        rows, weight = rows.to(autocast_dtype(rows)), weight.to(autocast_dtype(weight))
        bias = None if bias is None else bias.to(autocast_dtype(bias))
        with all_digits(rows):
            return affine_rows(rows, weight, bias, product, "left", plan, kept, ways)
    if rows.dtype != weight.dtype or (bias is not None and bias.dtype != weight.dtype):
        raise _of_different_types(rows, weight, bias)
    learned = product.constants if isinstance(product, LearnedBilinear) else None
    recorded = is_recorded(rows, weight, bias, learned)
    if kept is not None:
        kept = serving(kept, product, weight)
    passes: Passes = "step" if recorded else "forward" if kept is None else "frozen"
    name = planned(rows, weight, product, passes, plan, ways)
    way = PLANS[name] if ways is None else ways.plans[name]
    if not works_plainly(rows, weight, bias, learned):
        return way.plain(rows, weight, bias, product)
    if recorded:
        y: Tensor = _Affine.apply(way, product, learned, rows, weight, bias)  # type: ignore[no-untyped-call]
        return y
    if kept is None or not way.prepares:
        return way.once(rows, weight, bias, product)
    prepared = kept.of(_prepared, weight, way, product)
    return way.forward(rows, prepared, bias, product)


def affine_features(
    features: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    product: AnyBilinear,
    side: Side = "left",
    plan: Choice = None,
    kept: Kept | None = None,
) -> Tensor:
    """The same of folded features, `(*, n·I)` → `(*, k·O)`."""
    *batch, _ = features.shape
    ways = Ways(FOLDED, Rows(prod(batch), weight.shape[1], weight.shape[0]), _ALL)
    return affine_rows(features, weight, bias, product, side, plan, kept, ways)


def affine_columns(columns: Tensor, weight: Tensor, product: AnyBilinear) -> Tensor:
    """The same of columns, without a bias: `(I, P, n)` → `(O, P, k)`, numbers one after another."""
    inputs, count, _ = columns.shape
    ways = Ways(COLUMNS, Rows(count, inputs, weight.shape[0]), _ALL)
    return affine_rows(columns, weight, None, product, ways=ways)


def _of_different_types(rows: Tensor, weight: Tensor, bias: Tensor | None) -> RuntimeError:
    given = {"input": rows, "weight": weight, "bias": bias}
    types = ", ".join(f"`{name}` {x.dtype}" for name, x in given.items() if x is not None)
    return RuntimeError(f"{types} must have the same dtype; convert with `to`, or use autocast")


def _prepared(weight: Tensor, way: Plan, product: AnyBilinear) -> Tensor:
    return way.prepare(weight, product)


class _Affine(Function):
    """A plan with its own first derivatives; others are those of the plain operations."""

    @staticmethod
    def forward(
        ctx: Any,
        way: Plan,
        product: AnyBilinear,
        learned: Tensor | None,
        rows: Tensor,
        weight: Tensor,
        bias: Tensor | None,
    ) -> Tensor:
        ctx.save_for_backward(learned, rows, weight)
        ctx.way, ctx.product = way, product
        with without_record():
            y = way.once(rows, weight, bias, product)
        return y.data  # no view of another tensor, so that it may be written into

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        (g,) = grads
        if g.ndim == 3 or not all(g.stride()):  # sums give one number at every place
            g = g.contiguous()
        learned, rows, weight = ctx.saved_tensors
        _, _, c, x, w, b = ctx.needs_input_grad
        bias = ctx.way.of_bias(g, ctx.product) if b else None
        again = torch.is_grad_enabled()  # a derivative of this one may be wanted
        if again or stands_for_many(g):
            needed = (learned, c), (rows, x), (weight, w)
            with torch.enable_grad():
                found = _again(ctx.way, ctx.product, *needed, g, again)
            return None, None, *found, bias
        with all_digits(rows), without_record():
            of = ctx.way.backward(g, rows, weight, ctx.product, Needs(x, w, c))
        return None, None, of.constants, of.rows, of.weight, bias


def _again(
    way: Plan,
    product: AnyBilinear,
    learned: tuple[Tensor | None, bool],
    rows: tuple[Tensor, bool],
    weight: tuple[Tensor, bool],
    grad: Tensor,
    again: bool,
) -> list[Tensor | None]:
    """The gradients, where they are needed, as functions of everything."""
    (c, needs_c), (x, needs_x), (w, needs_w) = learned, rows, weight
    x, w = x.view_as(x), w.view_as(w)  # one tensor may be both
    if c is not None:
        c = c.view_as(c)
        product = LearnedBilinear(c)
    with all_digits(x):
        y = way.plain(x, w, None, product)
    needed = [(c, needs_c), (x, needs_x), (w, needs_w)]
    wanted = [t for t, need in needed if t is not None and need]
    found = iter(torch.autograd.grad(y, wanted, grad, create_graph=again) if wanted else ())
    return [next(found) if need else None for _, need in needed]
