r"""The product of numbers, or any other bilinear map of two: $B(a, b)_k = \sum c_{ijk}\, a_i b_j$.

All ways take components on the last axis, broadcast over the rest, and differ by rounding only.
Measured in eager torch on a CPU, one thread: few numbers are multiplied fastest by few calls
(`matrices`), many by complex kernels (`pairs`) or component by component (`planes`), and whatever
is compiled into one kernel by the formula as it stands, which also is the only one for half
precision. Products keep the precision of their factors: no matrices where autocast or a setting of
torch would round them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import torch
from torch import Tensor

from hypercomplex.algebra.bilinear import Bilinear, Term
from hypercomplex.algebra.plans import pair_plan
from hypercomplex.host.mode import (
    FEW,
    IN_PLACE,
    INTERPRETED,
    MANY,
    ORDINARY,
    PACKED,
    PRECISE,
    UNRECORDED,
    UNROUNDED,
)
from hypercomplex.kernels.blocks import by_blocks, new_sum
from hypercomplex.kernels.operation import operation
from hypercomplex.lowering.block import LARGEST_DENSE, is_real, table_columns, transposed_structure
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear

__all__ = ["VECTOR_PRODUCT", "as_float", "by_terms", "cross", "image", "multiply", "sum_terms"]

_PAIRS = 2**22  # of components that one call of `table` may multiply
VECTOR_PRODUCT = Bilinear(
    (3, 3, 3),
    ((1, 2, 0, 1), (2, 1, 0, -1), (2, 0, 1, 1), (0, 2, 1, -1), (0, 1, 2, 1), (1, 0, 2, -1)),
    "vector product",
)
"""The cross product of vectors with three components."""


def image(a: Tensor, b: Tensor, product: AnyBilinear) -> Tensor:
    """What a map makes of two tensors of numbers, whether its constants are exact or learned."""
    if isinstance(product, LearnedBilinear):
        return product.forward(a, b)
    z: Tensor = multiply(a, b, product)
    return z


@operation(tensors=2, compiles=True)
def multiply(a: Tensor, b: Tensor, product: Bilinear) -> Tensor:
    """The definition, one multiplication for each constant.

    Planar factors, whose components do not lie side by side, give a planar product.
    """
    if is_real(product):
        return a * b
    if not product.constants:
        zero = (a * 0).sum(-1, keepdim=True) * (b * 0).sum(-1, keepdim=True)  # NaN stays NaN
        return zero.expand(*zero.shape[:-1], product.shape[2]).clone()
    return by_terms(a, b, product.terms)


def by_terms(a: Tensor, b: Tensor, terms: Sequence[Sequence[Term]]) -> Tensor:
    """The map with these terms, one component after the other."""
    x, y = a.unbind(-1), b.unbind(-1)
    parts = [sum_terms(row, x, y) for row in terms]
    if a.stride(-1) == 1 or b.stride(-1) == 1:
        return torch.stack(parts, -1)
    return torch.stack(parts).movedim(0, -1)


def sum_terms(terms: Sequence[Term], x: Sequence[Tensor], y: Sequence[Tensor]) -> Tensor:
    """One component: the sum of `c x_i y_j` over its terms."""
    if not terms:
        return torch.zeros_like(x[0] * y[0])
    (i, j, c), *rest = terms
    total = x[i] * y[j] if c == 1 else x[i] * y[j] * as_float(c)
    for i, j, c in rest:
        total = torch.addcmul(total, x[i], y[j], value=as_float(c))
    return total


def as_float(c: int | Fraction) -> float:
    """A constant as torch takes it."""
    return c if isinstance(c, int) else float(c)


def _is_dot(product: Bilinear) -> bool:
    n, _, _ = product.shape
    diagonal = tuple((i, i, 0, 1) for i in range(n))
    return n > 1 and product.shape == (n, n, 1) and product.constants == diagonal


@multiply.variant(needs=INTERPRETED, suits=_is_dot)
def dot(a: Tensor, b: Tensor, product: Bilinear) -> Tensor:
    """The sum of the products of components."""
    return (a * b).sum(-1, keepdim=True)


def _is_large(product: Bilinear) -> bool:
    return max(product.shape) > LARGEST_DENSE


@multiply.variant(suits=_is_large)
def table(a: Tensor, b: Tensor, product: Bilinear) -> Tensor | None:
    """All products of components in the table at once, each added to its component."""
    n, _, width = product.shape
    if max(a.numel(), b.numel()) // n * len(product.constants) > _PAIRS:
        return None
    rows, left, factors = table_columns(product, "left", a)
    right = rows % product.shape[1]
    pairs = a[..., left] * b[..., right] * factors
    return pairs.new_zeros(*pairs.shape[:-1], width).index_add(-1, rows // product.shape[1], pairs)


@multiply.variant(needs=INTERPRETED, suits=lambda product: product == VECTOR_PRODUCT)
def cross(a: Tensor, b: Tensor, product: Bilinear) -> Tensor:
    """The cross product of torch."""
    if a.ndim != b.ndim:
        a, b = torch.broadcast_tensors(a, b)
    return torch.linalg.cross(a, b)


def _is_dense(product: Bilinear) -> bool:
    return bool(product.constants) and 1 < product.shape[2] <= max(product.shape) <= LARGEST_DENSE


@multiply.variant(needs=INTERPRETED | ORDINARY | PRECISE | UNROUNDED, pays=FEW, suits=_is_dense)
def matrices(a: Tensor, b: Tensor, product: Bilinear) -> Tensor:
    """`a` times the matrix of `y ↦ y b`, whose entries are single components of `b`.

    Unlike products with all n² pairs of components, an overflow stays in its own component; an
    infinite component of `b` does not.
    """
    left, right, out = product.shape
    table = transposed_structure(product, "right", b)
    # what most few numbers are, in fewest calls
    if a.ndim == b.ndim == 2 and a.shape[0] == b.shape[0]:
        matrix = torch.mm(b, table).view(-1, out, left)
        return torch.bmm(matrix, a.unsqueeze(2)).squeeze(2)
    matrix = torch.mm(b.reshape(-1, right), table)
    if a.shape[:-1] == b.shape[:-1]:
        columns = torch.bmm(matrix.view(-1, out, left), a.reshape(-1, left, 1))
        return columns.view(*a.shape[:-1], out)
    matrix = matrix.view(*b.shape[:-1], out, left)
    return torch.matmul(matrix, a.unsqueeze(-1)).squeeze(-1)


def _has_many_terms(product: Bilinear) -> bool:
    """Whether there are no pairs, and components are read often enough to be laid out anew."""
    return len(product.constants) > 2 * sum(product.shape) and (
        max(product.shape) > LARGEST_DENSE or pair_plan(product) is None
    )


@multiply.variant(needs=IN_PLACE | PRECISE | UNRECORDED, pays=MANY | PACKED, suits=_has_many_terms)
def planes(a: Tensor, b: Tensor, product: Bilinear) -> Tensor | None:
    """The definition for some numbers at a time, each of their components a plane in the cache."""
    if a.shape[:-1] != b.shape[:-1]:
        return None

    def fill(a: Tensor, b: Tensor, out: Tensor) -> None:
        x, y = (numbers.movedim(-1, 0).contiguous().unbind() for numbers in (a, b))
        for k, terms in enumerate(product.terms):
            out[..., k] = new_sum(terms, x, y) if terms else 0

    return by_blocks(fill, (a, b), product.shape[2:])[0]


@multiply.variant(
    needs=INTERPRETED | ORDINARY | PRECISE,
    pays=PACKED,
    suits=lambda product: max(product.shape) <= LARGEST_DENSE and pair_plan(product) is not None,
)
def pairs(a: Tensor, b: Tensor, product: Bilinear) -> Tensor | None:
    """The product in complex numbers, pairs of components side by side; see `pair_plan`."""
    plan = pair_plan(product)
    if plan is None:
        return None
    z, w = _as_complex(a), _as_complex(b)
    x = {False: z.unbind(-1)}
    y = {False: w.unbind(-1)}
    if any(term.conjugate_p for row in plan for term in row):
        x[True] = z.conj().resolve_conj().unbind(-1)
    if any(term.conjugate_q for row in plan for term in row):
        y[True] = w.conj().resolve_conj().unbind(-1)
    parts = []
    for first, *rest in plan:
        total = x[first.conjugate_p][first.p] * y[first.conjugate_q][first.q]
        total = total if first.c == 1 else total * as_float(first.c)
        for p, q, conjugate_p, conjugate_q, c in rest:
            total = torch.addcmul(total, x[conjugate_p][p], y[conjugate_q][q], value=float(c))
        parts.append(total)
    return torch.view_as_real(torch.stack(parts, -1)).flatten(-2)


def _as_complex(x: Tensor) -> Tensor:
    """Pairs of components as complex numbers, `(…, n)` → `(…, n/2)`: a view where strides allow."""
    if x.storage_offset() % 2 or x.stride(-1) != 1 or any(s % 2 for s in x.stride()[:-1]):
        x = x.clone(memory_format=torch.contiguous_format)
    return torch.view_as_complex(x.view(*x.shape[:-1], x.shape[-1] // 2, 2))
