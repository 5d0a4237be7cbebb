r"""Sums over channels of products by grades: $z_o = \sum_{cp} w_{ocp}\, t_p(x_c, y_c)$.

The parts $t_p$ of products, one for each path of grades, are several times as many numbers as the
factors. In plain eager code they are made for some rows at a time, which stay in the cache, grade
by grade of the result; one matrix product sums what leads to a grade over paths and channels. They
are made anew for the gradients, so that nothing but the factors and the weight is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.bilinear import Term
from hypercomplex.algebra.equivariance import Result
from hypercomplex.host.mode import (
    IN_PLACE,
    MANY,
    PRECISE,
    is_recorded,
    stands_for_many,
    without_record,
)
from hypercomplex.kernels.blocks import Parts, add_terms
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.precision import autocast_dtype
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering import affine_features, equivariant, fold, unfold

__all__ = ["graded_products"]

_CACHE = 2**17  # components that the parts of some rows may have, so that they stay there


@operation(tensors=3)
def graded_products(x: Tensor, y: Tensor, weight: Tensor, algebra: Algebra) -> Tensor:
    """All parts of the products, and then the linear map that sums them.

    Factors are `(…, C, n)`, the weight is `(O, C, P)` and the result `(…, O, n)`.
    """
    parts = multiply(x, y, equivariant(algebra, "parts"))
    folded = fold(parts, parts.ndim - 2)
    z = affine_features(folded, weight, None, equivariant(algebra, "sums"))
    return unfold(z, z.ndim - 1, algebra.dimension)


@graded_products.variant(needs=IN_PLACE | PRECISE, pays=MANY)
def in_rows(x: Tensor, y: Tensor, weight: Tensor, algebra: Algebra) -> Tensor | None:
    """Some rows at a time, grade by grade of the result."""
    if x.shape != y.shape or autocast_dtype(x) != x.dtype:
        return None
    *batch, channels, n = x.shape
    rows = prod(batch)
    a, b = (v.transpose(-1, -2).reshape(rows, n, channels) for v in (x, y))
    if is_recorded(x, y, weight):
        z: Tensor = _Graded.apply(a, b, weight, algebra)  # type: ignore[no-untyped-call]
    else:
        z = _forward(a, b, weight, algebra)
    return z.view(*batch, n, weight.shape[0]).transpose(-1, -2)


class _Graded(torch.autograd.Function):
    """Rows `(R, n, C)` twice, and a weight `(O, C, P)` → `(R, n, O)`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, weight: Tensor, algebra: Algebra) -> Tensor:
        ctx.save_for_backward(x, y, weight)
        ctx.algebra = algebra
        with without_record():
            z = _forward(x, y, weight, algebra)
        return z.data  # no view of another tensor, so that it may be written into

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        (g,), (x, y, weight) = grads, ctx.saved_tensors
        if torch.is_grad_enabled() or stands_for_many(g):
            return *_again(x, y, weight, g, ctx.algebra), None
        with without_record():
            return *_backward(x, y, weight, g, ctx.algebra), None


def _again(
    x: Tensor, y: Tensor, weight: Tensor, g: Tensor, algebra: Algebra
) -> tuple[Tensor | None, ...]:
    """The gradients as functions of everything."""
    again = torch.is_grad_enabled()
    with torch.enable_grad():
        given = [v.view_as(v) for v in (x, y, weight)]  # one tensor may be two of them
        a, b = (v.transpose(-1, -2) for v in given[:2])
        z = graded_products.twin(a, b, given[2], algebra).transpose(-1, -2)
        wanted = [v for v in given if v.requires_grad]
        found = iter(torch.autograd.grad(z, wanted, g, create_graph=again))
    return tuple(next(found) if v.requires_grad else None for v in given)


# ---------------------------------------------------------------------- rows in the cache


def _forward(x: Tensor, y: Tensor, weight: Tensor, algebra: Algebra) -> Tensor:
    z = x.new_empty(x.shape[0], x.shape[1], weight.shape[0])
    matrices = [_matrix(weight, result) for result in _results(algebra)]
    for at in _blocks(x, algebra):
        a, b, out = _planes(x[at]).unbind(), _planes(y[at]).unbind(), z[at].unbind(1)
        for result, matrix in zip(_results(algebra), matrices, strict=True):
            parts = _parts(a, b, result, algebra)
            for blade, part in zip(result.blades, parts.flatten(2), strict=True):
                torch.mm(part, matrix, out=out[blade])
    return z


def _backward(
    x: Tensor, y: Tensor, weight: Tensor, g: Tensor, algebra: Algebra
) -> tuple[Tensor, Tensor, Tensor]:
    of_x, of_y, of_weight = (torch.empty_like(v) for v in (x, y, weight))
    matrices = [_matrix(weight, result) for result in _results(algebra)]
    of_matrices = [torch.zeros_like(matrix) for matrix in matrices]
    for at in _blocks(x, algebra):
        x_planes, y_planes = _planes(x[at]), _planes(y[at])
        of_planes = torch.zeros_like(x_planes), torch.zeros_like(y_planes)
        a, b, of_a, of_b = (v.unbind() for v in (x_planes, y_planes, *of_planes))
        for result, matrix, of_matrix in zip(_results(algebra), matrices, of_matrices, strict=True):
            parts = _parts(a, b, result, algebra)
            grad = g[at].transpose(0, 1)[list(result.blades)].flatten(0, 1)
            of_matrix.addmm_(parts.flatten(2).flatten(0, 1).t(), grad)
            torch.mm(grad, matrix.t(), out=parts.view(-1, matrix.shape[0]))  # they are used up
            for terms, part in zip(_terms(algebra)[result.parts], _each(parts), strict=True):
                for i, j, c in terms:
                    of_a[i].addcmul_(part, b[j], value=float(c))
                    of_b[j].addcmul_(part, a[i], value=float(c))
        of_x[at], of_y[at] = (v.transpose(0, 1) for v in of_planes)
    for result, of_matrix in zip(_results(algebra), of_matrices, strict=True):
        of_weight[..., result.paths] = of_matrix.unflatten(0, (-1, weight.shape[1])).permute(
            2, 1, 0
        )
    return of_x, of_y, of_weight


def _blocks(x: Tensor, algebra: Algebra) -> Iterator[slice]:
    """Some rows, whose parts of one grade stay in the cache."""
    most = max(result.parts.stop - result.parts.start for result in _results(algebra))
    step = max(16, _CACHE // (most * x.shape[2]))
    return (slice(at, at + step) for at in range(0, x.shape[0], step))


def _planes(rows: Tensor) -> Tensor:
    """Rows `(r, n, C)`, component after component: strides of powers of two share cache lines."""
    return rows.transpose(0, 1).contiguous()


def _parts(x: Parts, y: Parts, result: Result, algebra: Algebra) -> Tensor:
    """The parts of the products that lead to one grade, `(blades, r, paths, C)`."""
    terms, blades, (rows, channels) = _terms(algebra)[result.parts], len(result.blades), x[0].shape
    out = x[0].new_empty(blades, rows, len(terms) // blades, channels)
    for row, part in zip(terms, _each(out), strict=True):
        _write_sum(row, x, y, part)
    return out


def _write_sum(terms: Sequence[Term], x: Parts, y: Parts, out: Tensor) -> None:
    """The sum of `c x_i y_j`, which begins with a c of 1 where there is one."""
    if not terms:
        out.zero_()
        return
    (i, j, c), *rest = sorted(terms, key=lambda term: term[2] != 1)
    torch.mul(x[i], y[j], out=out)
    if c != 1:
        out.neg_() if c == -1 else out.mul_(float(c))
    add_terms(out, rest, x, y)


def _each(parts: Tensor) -> Iterator[Tensor]:
    """The same one after the other, path by path, `(r, C)` each."""
    by_blade = [part.unbind(1) for part in parts]
    return (part for path in zip(*by_blade, strict=True) for part in path)


def _matrix(weight: Tensor, result: Result) -> Tensor:
    """The weights of one grade, `(paths·C, O)`."""
    return weight[..., result.paths].permute(2, 1, 0).flatten(0, 1)


def _results(algebra: Algebra) -> tuple[Result, ...]:
    return algebra.blades.equivariance.results


def _terms(algebra: Algebra) -> Sequence[Sequence[Term]]:
    return algebra.blades.equivariance.parts.terms
