"""The product of numbers in three forms, and which of them is fastest where.

All take components on the last axis and broadcast over the rest; they differ by rounding only.
Measured in eager torch on a CPU, one thread: few numbers are multiplied fastest by few calls
(`matrix_product`), many by complex kernels (`complex_product`), and whatever is compiled into one
kernel by the formula as it stands (`real_product`), which also is the only one for half precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, Coefficient
from hypercomplex.lowering import (
    LARGEST_DENSE,
    is_ordinary,
    pair_plan,
    structure,
    table_columns,
)
from hypercomplex.lowering.plans import CommutatorPlan, Term

__all__ = [
    "VECTOR_PRODUCT",
    "choose",
    "complex_product",
    "cross",
    "is_exact",
    "is_few",
    "matrix_product",
    "real_product",
    "table_product",
    "turn_parts",
]

# As many numbers, whatever their dimension, cost about the same in few large and in many small
# calls, forward and backward: 1,000 in dimension 2, 3,000 in dimension 4, 2,000 in dimension 8.
_FEW = 2_000
_PAIRS = 2**22  # of components that one call of `table_product` may multiply
VECTOR_PRODUCT = (((1, 2, 1), (2, 1, -1)), ((0, 2, -1), (2, 0, 1)), ((0, 1, 1), (1, 0, -1)))
_PRECISE = (torch.float32, torch.float64)


def choose(a: Tensor, b: Tensor, algebra: Algebra) -> str:
    """The form that multiplies these tensors fastest: 'real', 'matrix', 'complex' or, of large
    algebras, 'table'.

    Decided by shape, layout, dtype and device only, so it holds under every transform of
    `torch.func`. Products keep the precision of their factors: no matrices where autocast or a
    setting of torch would round them.
    """
    dtype, n = a.dtype, algebra.dimension
    if n > LARGEST_DENSE:
        pairs = max(a.numel(), b.numel()) // n * len(algebra.products)
        return "table" if pairs <= _PAIRS else "real"
    if torch.compiler.is_compiling() or dtype not in _PRECISE or b.dtype != dtype:
        return "real"
    if n == 1 or not (is_ordinary(a) and is_ordinary(b)):
        return "real"
    if is_few(a, b) and a.is_cpu and is_exact(dtype):
        return "matrix"
    side_by_side = a.stride(-1) == b.stride(-1) == 1
    return "complex" if side_by_side and pair_plan(algebra) is not None else "real"


def is_few(a: Tensor, b: Tensor) -> bool:
    """Whether the cost is in the number of calls rather than in the size of the tensors."""
    return a.numel() <= _FEW * a.shape[-1] and b.numel() <= _FEW * b.shape[-1]


def is_exact(dtype: torch.dtype) -> bool:
    """Whether products of matrices keep the precision of their factors."""
    return not torch.is_autocast_enabled("cpu") and (
        dtype == torch.float64 or torch.backends.mkldnn.matmul.fp32_precision in ("none", "ieee")  # type: ignore[attr-defined]
    )


def real_product(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    """The definition, one multiplication for each structure constant.

    Planar factors, whose components do not lie side by side, give a planar product.
    """
    if algebra.dimension == 1:
        return a * b
    x, y = a.unbind(-1), b.unbind(-1)
    parts = [_sum(terms, x, y) for terms in algebra.terms]
    if a.stride(-1) == 1 or b.stride(-1) == 1:
        return torch.stack(parts, -1)
    return torch.stack(parts).movedim(0, -1)


def matrix_product(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    """`a` times the matrix of `y ↦ y b`, whose entries are single components of `b`.

    Unlike products with all n² pairs of components, an overflow stays in its own component.
    """
    n = algebra.dimension
    constant = structure(algebra, "right", b)
    matrices = torch.mm(b.reshape(-1, n), constant.t())
    if a.shape == b.shape:
        columns = a.reshape(-1, n, 1)
        return torch.bmm(matrices.view(-1, n, n), columns).view(a.shape)
    matrices = matrices.view(*b.shape[:-1], n, n)
    return torch.matmul(matrices, a.unsqueeze(-1)).squeeze(-1)


def table_product(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    """All products of components in the table at once, each added to its component."""
    n = algebra.dimension
    rows, left, factors = table_columns(algebra, "left", a)
    right = rows % n
    pairs = a[..., left] * b[..., right] * factors
    return pairs.new_zeros(*pairs.shape[:-1], n).index_add(-1, rows // n, pairs)


def complex_product(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    """The product in complex numbers, pairs of components side by side; see `pair_plan`."""
    plan = pair_plan(algebra)
    if plan is None:
        raise ValueError(f"{algebra} does not multiply by pairs of components")
    z, w = _as_complex(a), _as_complex(b)
    x = {False: z.unbind(-1)}
    y = {False: w.unbind(-1)}
    if any(term.conjugate_p for row in plan for term in row):
        x[True] = z.conj().resolve_conj().unbind(-1)
    if any(term.conjugate_q for row in plan for term in row):
        y[True] = w.conj().resolve_conj().unbind(-1)
    parts = []
    for first, *rest in plan:  # the first is z₀w: e₀ is the unit
        total = x[first.conjugate_p][first.p] * y[first.conjugate_q][first.q]
        for p, q, conjugate_p, conjugate_q, c in rest:
            total = torch.addcmul(total, x[conjugate_p][p], y[conjugate_q][q], value=float(c))
        parts.append(total)
    return torch.view_as_real(torch.stack(parts, -1)).flatten(-2)


def cross(u: Tensor, v: Tensor, terms: CommutatorPlan) -> Tensor:
    """The product `(uv - vu)/2` of imaginary parts, `(…, n - 1)`; see `commutator_plan`."""
    if terms == VECTOR_PRODUCT and not torch.compiler.is_compiling():
        if u.ndim != v.ndim:
            u, v = torch.broadcast_tensors(u, v)
        return torch.linalg.cross(u, v)
    if not any(terms):
        return torch.zeros_like(u * v)
    x, y = u.unbind(-1), v.unbind(-1)
    zero = torch.zeros_like(x[0] * y[0])
    return torch.stack([_sum(row, x, y) if row else zero for row in terms], -1)


def turn_parts(
    q: Tensor, v: Tensor, size: Sequence[tuple[int, int, Coefficient]], terms: CommutatorPlan
) -> Tensor:
    """`v + 2 (w t + u × t) / N(q)` with `t = u × v`, written out for the compiler: one loop.

    The numbers are divided by a constant near their largest component, without branches, which
    would keep the loop from being vectorised.
    """
    parts = q.unbind(-1)
    limits = torch.finfo(q.dtype)
    sizes = [x.detach().abs() * (1 / 16) for x in parts]
    scale = (reduce(torch.add, sizes) + limits.tiny).reciprocal()
    w, *u = [x * scale for x in parts]
    scaled, x = (w, *u), v.unbind(-1)
    square = reduce(torch.add, [scaled[i] * scaled[j] * _number(c) for i, j, c in size])
    factor = 2 / square
    t = [_sum(row, u, x) * factor for row in terms]
    return torch.stack(
        [a + w * b + _sum(row, u, t) for a, b, row in zip(x, t, terms, strict=True)], -1
    )


def _sum(terms: Sequence[Term], x: Sequence[Tensor], y: Sequence[Tensor]) -> Tensor:
    """One component: the sum of `c x_i y_j` over its terms."""
    (i, j, c), *rest = terms
    total = x[i] * y[j] if c == 1 else x[i] * y[j] * _number(c)
    for i, j, c in rest:
        total = torch.addcmul(total, x[i], y[j], value=_number(c))
    return total


def _number(c: Coefficient) -> float:
    return c if isinstance(c, int) else float(c)


def _as_complex(x: Tensor) -> Tensor:
    """Pairs of components as complex numbers, `(…, n)` → `(…, n/2)`: a view where strides allow."""
    if x.storage_offset() % 2 or x.stride(-1) != 1 or any(s % 2 for s in x.stride()[:-1]):
        x = x.clone(memory_format=torch.contiguous_format)
    return torch.view_as_complex(x.view(*x.shape[:-1], x.shape[-1] // 2, 2))
