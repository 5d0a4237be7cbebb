"""Sums of products over named axes: `einsum` and what is written with it.

Operands hold numbers, components last, or reals, one for each number; `real` says which. Factors
stand in the order of the operands, and reals commute with everything. A pair that is a product of
matrices, however many axes these have, is planned as such; any other becomes one real contraction,
of which the components are two more axes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from math import prod
from string import ascii_letters
from typing import Any, NamedTuple, ParamSpec

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed, overridable
from hypercomplex.door.declarations import algebra_of, mismatch
from hypercomplex.door.registry import add
from hypercomplex.door.values import TensorType, wrap
from hypercomplex.functional.arguments import check_factor
from hypercomplex.functional.matmul import contracted
from hypercomplex.kernels.product import image
from hypercomplex.lowering import AnyBilinear, AnyProduct, operator

__all__ = ["einsum", "kron", "tensordot"]

P = ParamSpec("P")
Labels = tuple[Hashable, ...]

_IN, _OUT = "component in", "component out"  # no letter, so no label of an equation


class _Term(NamedTuple):
    """An operand with a label for each axis of numbers."""

    data: Tensor
    labels: Labels
    is_real: bool

    @property
    def axes(self) -> Labels:
        """The labels of all axes of the data."""
        return self.labels if self.is_real else (*self.labels, _OUT)


def _sum_of_products(
    operands: Callable[..., Sequence[Tensor]],
) -> Callable[[Callable[P, Tensor]], Callable[P, Tensor]]:
    """Declare a function whose operands hold numbers, but for those that `real` names."""

    def declare(function: Callable[P, Tensor]) -> Callable[P, Tensor]:
        public = overridable(function)

        def apply(
            cls: TensorType,
            *args: Any,
            algebra: AnyProduct | None = None,
            real: Collection[int] = (),
            **kwargs: Any,
        ) -> Tensor:
            for m, x in enumerate(operands(*args, **kwargs)):
                if is_typed(x) == (m in real):
                    raise mismatch(cls, function, f"operand {m} (`real`={real})", x, "others")
            call: Callable[..., Tensor] = function
            result = call(*args, algebra=algebra_of(cls, algebra), real=real, **kwargs)
            return wrap(cls, result)

        add("ours", public, apply)
        return public

    return declare


@_sum_of_products(lambda equation, *operands: operands)
def einsum(
    equation: str, *operands: Tensor, algebra: AnyProduct, real: Collection[int] = ()
) -> Tensor:
    r"""Sums of products of numbers, written as in `torch.einsum`.

    `"ij,jk->ik"` is $C_{ik} = \sum_j A_{ij} B_{jk}$: the factors of a product stand in the order
    of the operands, from the left, $((AB)C)\dots$ where there are more than two. Letters count
    axes of numbers. All of torch's syntax holds: `...`, a letter twice in one operand for a
    diagonal, axes of size one that broadcast, no `->` for letters that occur once, in order.

    Args:
        equation: the axes of each operand, and those of the result.
        operands: components last, `(…, n)`.
        algebra: the algebra of the numbers, or another bilinear map for its product.
        real: the positions of operands that hold real numbers `(…)` instead.

    Raises:
        ValueError: if a last axis is not `n` wide.
        RuntimeError: if the equation is not one, or does not fit to the operands.

    Example:
        >>> a, b = torch.randn(2, 3, 4), torch.randn(3, 5, 4)
        >>> einsum("ij,jk->ik", a, b, algebra=hc.QUATERNION).shape
        torch.Size([2, 5, 4])
        >>> trace = einsum("ii", torch.ones(3, 3, 4), algebra=hc.QUATERNION)
        >>> trace
        tensor([3., 3., 3., 3.])
    """
    ranks = _ranks(operands, [f"operands[{m}]" for m in range(len(operands))], algebra, real)
    inputs, output = _parse(equation, ranks)
    total, *rest = (
        _Term(x, labels, m in real)
        for m, (x, labels) in enumerate(zip(operands, inputs, strict=True))
    )
    for m, term in enumerate(rest, start=2):
        later = {label for labels in inputs[m:] for label in labels}
        total = _multiply(total, term, output, later, algebra.product)
    if rest and total.labels == output:
        return total.data
    axes = output if total.is_real else (*output, _OUT)
    return _real_einsum([(total.data, total.axes)], axes)


@_sum_of_products(lambda a, b, dims=2: (a, b))
def tensordot(
    a: Tensor,
    b: Tensor,
    dims: int | Tensor | Sequence[Sequence[int]] = 2,
    *,
    algebra: AnyProduct,
    real: Collection[int] = (),
) -> Tensor:
    r"""The products $ab$ summed over pairs of axes, as `torch.tensordot` pairs them.

    Args:
        a: numbers, components last, or reals.
        b: the same.
        dims: how many last axes of `a` meet the first ones of `b`, or the axes of both.
        algebra: the algebra of the numbers.
        real: 0 if `a` holds reals, 1 if `b` does.

    Raises:
        RuntimeError: if the axes do not pair up.
        IndexError: if there is no such axis.

    Example:
        >>> a, b = torch.randn(2, 3, 5, 4), torch.randn(5, 3, 4)
        >>> tensordot(a, b, ([1, 2], [1, 0]), algebra=hc.QUATERNION).shape
        torch.Size([2, 4])
    """
    ranks = _ranks((a, b), "ab", algebra, real)
    pairs = list(zip(*_paired_axes(dims, *ranks), strict=True))
    first, second = list(ascii_letters[: ranks[0]]), list(ascii_letters[ranks[0] : sum(ranks)])
    for i, j in pairs:
        second[j] = first[i]
    summed = {first[i] for i, _ in pairs}
    output = [label for label in first + second if label not in summed]
    equation = f"{''.join(first)},{''.join(second)}->{''.join(output)}"
    return einsum(equation, a, b, algebra=algebra, real=real)


@_sum_of_products(lambda a, b: (a, b))
def kron(a: Tensor, b: Tensor, *, algebra: AnyProduct, real: Collection[int] = ()) -> Tensor:
    r"""The Kronecker product: every product of a number of `a` with one of `b`, in blocks.

    $(A \otimes B)_{ip+k,\,jq+l} = A_{ij} B_{kl}$ for $B$ of $p \times q$ numbers; any number of
    axes, as for `torch.kron`.

    Args:
        a: numbers, components last, or reals.
        b: the same.
        algebra: the algebra of the numbers.
        real: 0 if `a` holds reals, 1 if `b` does.

    Shape:
        `(A, B, …, n)`, `(C, D, …, n)` → `(A·C, B·D, …, n)`.

    Raises:
        ValueError: if the last axis of a factor does not hold the components of a number.

    Example:
        >>> a, b = torch.randn(2, 3, 4), torch.randn(5, 7, 4)
        >>> kron(a, b, algebra=hc.QUATERNION).shape
        torch.Size([10, 21, 4])
    """
    ranks = _ranks((a, b), "ab", algebra, real)
    rank = max(ranks)
    a, b = (x[(None,) * (rank - r)] for x, r in zip((a, b), ranks, strict=True))
    first, second = ascii_letters[:rank], ascii_letters[rank : 2 * rank]
    output = "".join(i + j for i, j in zip(first, second, strict=True))
    blocks = einsum(f"{first},{second}->{output}", a, b, algebra=algebra, real=real)
    sizes = [p * q for p, q in zip(a.shape[:rank], b.shape[:rank], strict=True)]
    return blocks.reshape(*sizes, *blocks.shape[2 * rank :])


# ---------------------------------------------------------------------- contracting


def _ranks(
    operands: Sequence[Tensor], names: Sequence[str], algebra: AnyProduct, real: Collection[int]
) -> list[int]:
    """How many axes of numbers each operand has, once they are known to hold numbers.

    The first of numbers is a left factor, and all others are right factors.
    """
    if not all(m in range(len(operands)) for m in real):
        raise ValueError(
            f"`real` (={real}) must hold positions of operands, from 0 to {len(operands) - 1}"
        )
    product = algebra.product
    left, right, out = product.shape
    factors = [m for m in range(len(operands)) if m not in real]
    for m in factors:
        check_factor(names[m], operands[m], left if m == factors[0] else right, product)
    if len(factors) > 2 and out != left:
        raise ValueError(
            f"`algebra` (={product}) gives {out} components, which are no left factor of {left} "
            "again; give two operands at a time"
        )
    return [x.ndim - (m not in real) for m, x in enumerate(operands)]


def _multiply(
    a: _Term, b: _Term, output: Labels, later: set[Hashable], product: AnyBilinear
) -> _Term:
    """The product of two terms, summed over what neither the output nor a later term names."""
    here = [*a.labels, *b.labels]
    wanted = dict.fromkeys([*output, *(label for label in here if label in later)])
    labels = tuple(label for label in wanted if label in here)
    a, b = _reduced(a, {*labels, *b.labels}), _reduced(b, {*labels, *a.labels})
    if a.is_real or b.is_real:
        is_real = a.is_real and b.is_real
        axes = labels if is_real else (*labels, _OUT)
        return _Term(_real_einsum([(a.data, a.axes), (b.data, b.axes)], axes), labels, is_real)
    if {*a.labels, *b.labels} == set(labels):  # nothing to sum over
        data = image(_aligned(a, labels), _aligned(b, labels), product)
        return _Term(data, labels, False)
    if _is_of_matrices(a, b, labels):
        return _of_matrices(a, b, product)
    left = a.data.numel() <= b.data.numel()  # the smaller operand becomes matrices
    matrices, vectors = (a, b) if left else (b, a)
    blocks = operator(matrices.data, product, "left" if left else "right")
    parts = [
        (blocks, (_OUT, _IN, *matrices.labels)),
        (vectors.data, (*vectors.labels, _IN)),
    ]
    return _Term(_real_einsum(parts, (*labels, _OUT)), labels, False)


def _is_of_matrices(a: _Term, b: _Term, labels: Labels) -> bool:
    """Whether all axes that both terms have are summed, and none is broadcast."""
    sizes = dict(zip(b.labels, b.data.shape))
    return all(
        label not in labels and size == sizes[label]
        for label, size in zip(a.labels, a.data.shape)
        if label in sizes
    )


def _of_matrices(a: _Term, b: _Term, product: AnyBilinear) -> _Term:
    """The axes of `a` alone times those of `b` alone, as the product of two matrices."""
    summed = tuple(label for label in a.labels if label in b.labels)
    first = tuple(label for label in a.labels if label not in summed)
    second = tuple(label for label in b.labels if label not in summed)
    left, right = _aligned(a, (*first, *summed)), _aligned(b, (*summed, *second))
    rows, columns = left.shape[: len(first)], right.shape[len(summed) : -1]
    inner = prod(right.shape[: len(summed)])
    out = contracted(
        left.reshape(prod(rows), inner, left.shape[-1]),
        right.reshape(inner, prod(columns), right.shape[-1]),
        product,
    )
    return _Term(out.reshape(*rows, *columns, product.shape[2]), (*first, *second), False)


def _reduced(term: _Term, wanted: Collection[Hashable]) -> _Term:
    """Diagonals taken, and the other axes summed."""
    labels = tuple(label for label in dict.fromkeys(term.labels) if label in wanted)
    if labels == term.labels:
        return term
    axes = labels if term.is_real else (*labels, _OUT)
    return _Term(_real_einsum([(term.data, term.axes)], axes), labels, term.is_real)


def _aligned(term: _Term, labels: Labels) -> Tensor:
    """The data with its axes where they broadcast to those labels."""
    present = [term.labels.index(label) for label in labels if label in term.labels]
    index = [slice(None) if label in term.labels else None for label in labels]
    return term.data.permute(*present, -1)[tuple(index)]


def _real_einsum(parts: Sequence[tuple[Tensor, Labels]], output: Labels) -> Tensor:
    """`torch.einsum` for any labels."""
    known = dict.fromkeys(label for _, labels in parts for label in labels)
    if len(known) > len(ascii_letters):
        raise RuntimeError(f"einsum(): {len(known)} different axes are more than torch has letters")
    letters = dict(zip(known, ascii_letters))
    terms = ",".join("".join(letters[label] for label in labels) for _, labels in parts)
    result = "".join(letters[label] for label in output)
    return torch.einsum(f"{terms}->{result}", *(data for data, _ in parts))


# ---------------------------------------------------------------------- reading


def _parse(equation: str, ranks: Sequence[int]) -> tuple[list[Labels], Labels]:
    """The labels of the operands and of the output; axes under `...` count from the right."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise RuntimeError(
            f"einsum(): `equation` (={equation!r}) is for {len(terms)} operands, but got "
            f"{len(ranks)}"
        )
    inputs = [_labels(equation, *pair) for pair in zip(terms, ranks, strict=True)]
    every = [label for labels in inputs for label in labels]
    hidden = tuple(sorted({label for label in every if isinstance(label, int)}))
    if not arrow:
        once = sorted(x for x in set(every) if isinstance(x, str) and every.count(x) == 1)
        return inputs, (*hidden, *once)
    output = _labels(equation, right, len(right.replace("...", "")) + len(hidden) * ("." in right))
    for label in output:
        if label not in every or output.count(label) > 1:
            raise RuntimeError(
                f"einsum(): `equation` (={equation!r}) has {label!r} in its output, which must "
                "be there once and in an operand"
            )
    return inputs, output


def _labels(equation: str, term: str, rank: int) -> Labels:
    """One label for each axis: letters, and negative numbers under `...`."""
    before, dots, after = term.partition("...")
    hidden = rank - len(before) - len(after)
    if not all(letter in ascii_letters for letter in before + after):
        raise RuntimeError(
            f"einsum(): `equation` (={equation!r}) must consist of letters, commas, at most one "
            f"'...' for an operand and at most one '->', which {term!r} does not"
        )
    if hidden < 0 or (hidden and not dots):
        raise RuntimeError(
            f"einsum(): {term!r} in `equation` (={equation!r}) does not fit to an operand with "
            f"{rank} axes of numbers"
        )
    return (*before, *range(-hidden, 0), *after)


def _paired_axes(
    dims: int | Tensor | Sequence[Sequence[int]], a_rank: int, b_rank: int
) -> tuple[list[int], list[int]]:
    """The axes that `tensordot` sums over, counted from the front."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if not 0 <= dims <= min(a_rank, b_rank):
            raise RuntimeError(
                f"`dims` (={dims}) must be between 0 and {min(a_rank, b_rank)}, for operands "
                f"with {a_rank} and {b_rank} axes of numbers"
            )
        return list(range(a_rank - dims, a_rank)), list(range(dims))
    for axes, rank in zip(dims, (a_rank, b_rank), strict=True):
        if not all(-rank <= axis < rank for axis in axes):
            raise IndexError(f"`dims` (={dims}) names an axis that {rank} axes of numbers lack")
    first, second = ([i % r for i in axes] for axes, r in zip(dims, (a_rank, b_rank), strict=True))
    if not len(first) == len(second) == len(set(first)) == len(set(second)):
        raise RuntimeError(f"`dims` (={dims}) must pair different axes of `a` with as many of `b`")
    return first, second
