"""Sums of products over axes: matrix products, `einsum` and what is written with it.

Factors stand in the order of the arguments. Real operands stand beside numbers everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from torch import Tensor

from hypercomplex import functional
from hypercomplex.door.calls import Typed, is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, lift, refuse_complex, shape_of, wrap
from hypercomplex.functional.matmul import multiplied
from hypercomplex.host.leaves import fresh
from hypercomplex.rules.axes import axis
from hypercomplex.rules.patterns import in_place
from hypercomplex.rules.product import mul, scaled

# ---------------------------------------------------------------------- matrices


@rule("product", "matmul __matmul__ linalg.matmul")
def matmul(cls: TensorType, input: Any, other: Any) -> Tensor:
    both = isinstance(input, Typed) and isinstance(other, Typed)
    if both and input.ndim > 1 and other.ndim > 1:
        return fresh(cls, multiplied(input, other, cls.algebra.product))
    ranks = [len(shape_of(x)) for x in (input, other) if isinstance(x, Tensor)]
    if 0 in ranks:
        raise RuntimeError(f"matmul takes at least one axis of numbers on either side, not {ranks}")
    refuse_complex(cls, input, other)
    if is_typed(input):
        return wrap(cls, functional.matmul_real(input, other))
    return wrap(cls, functional.real_matmul(input, other))


@rule("product", "__rmatmul__")
def rmatmul(cls: TensorType, input: Tensor, other: Any) -> Tensor:
    return matmul(cls, other, input)


def _matmul_of(name: str, pattern: str) -> None:
    """`mm`, `bmm` …: `matmul` for one combination of ranks, where nothing broadcasts."""

    @rule("product", name)
    def strict_matmul(cls: TensorType, input: Any, other: Any) -> Tensor:
        _check_sizes(name, pattern, input, other)
        return matmul(cls, input, other)


_matmul_of("mm", "ij,jk")
_matmul_of("bmm", "bij,bjk")
_matmul_of("mv", "ij,j")
_matmul_of("dot", "i,i")


# ---------------------------------------------------------------------- einsum


@rule("product", "einsum")
def einsum(cls: TensorType, equation: str, *operands: Any) -> Tensor:
    real = _real(cls, operands)
    return wrap(cls, functional.einsum(equation, *operands, algebra=cls.algebra, real=real))


@rule("product", "tensordot")
def tensordot(cls: TensorType, a: Any, b: Any, dims: Any = 2) -> Tensor:
    return wrap(cls, functional.tensordot(a, b, dims, algebra=cls.algebra, real=_real(cls, (a, b))))


@rule("product", "kron")
def kron(cls: TensorType, input: Any, other: Any) -> Tensor:
    real = _real(cls, (input, other))
    return wrap(cls, functional.kron(input, other, algebra=cls.algebra, real=real))


@rule("product", "outer ger")
def outer(cls: TensorType, input: Any, vec2: Any) -> Tensor:
    _check_sizes("outer", "i,j", input, vec2)
    return einsum(cls, "i,j->ij", input, vec2)


@rule("product", "inner")
def inner(cls: TensorType, input: Any, other: Any) -> Tensor:
    """Without conjugation, as torch has it; `vdot` conjugates."""
    first, second = shape_of(input), shape_of(other)
    if not first or not second:
        return mul(cls, input, other)
    if first[-1] != second[-1]:
        raise RuntimeError(
            f"inner expects equal sizes on the last axes, but got shapes {first} and {second}"
        )
    return tensordot(cls, input, other, ([-1], [-1]))


@rule("product", "vdot")
def vdot(cls: TensorType, input: Any, other: Any) -> Tensor:
    _check_sizes("vdot", "i,i", input, other)
    return matmul(cls, _conj(cls, input), other)


@rule("product", "linalg.vecdot")
def vecdot(cls: TensorType, x: Any, y: Any, *, dim: int = -1) -> Tensor:
    products = mul(cls, _conj(cls, x), y)
    return wrap(cls, products.sum(axis(products, dim)))


# ---------------------------------------------------------------------- added to something


@rule("product", "addmm")
def addmm(
    cls: TensorType, input: Any, mat1: Any, other: Any, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    return _add(cls, "addmm", "ij,jk->ik", input, mat1, other, beta, alpha)


@rule("product", "addmv")
def addmv(
    cls: TensorType, input: Any, mat: Any, other: Any, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    return _add(cls, "addmv", "ij,j->i", input, mat, other, beta, alpha)


@rule("product", "addr")
def addr(
    cls: TensorType, input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    return _add(cls, "addr", "i,j->ij", input, vec1, vec2, beta, alpha)


@rule("product", "addbmm")
def addbmm(
    cls: TensorType, input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    return _add(cls, "addbmm", "bij,bjk->ik", input, batch1, batch2, beta, alpha)


@rule("product", "baddbmm")
def baddbmm(
    cls: TensorType, input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    return _add(cls, "baddbmm", "bij,bjk->bik", input, batch1, batch2, beta, alpha)


in_place("product", "addmm_", addmm)
in_place("product", "addmv_", addmv)
in_place("product", "addr_", addr)
in_place("product", "addbmm_", addbmm)
in_place("product", "baddbmm_", baddbmm)


# ---------------------------------------------------------------------- helpers


def _add(
    cls: TensorType,
    name: str,
    equation: str,
    input: Any,
    first: Any,
    second: Any,
    beta: Any,
    alpha: Any,
) -> Tensor:
    """`beta · input + alpha · first second`; as in torch, what `beta = 0` stands at is not read."""
    _check_sizes(name, equation.partition("->")[0], first, second)
    like = next(x for x in (input, first, second) if is_typed(x))
    if not (is_typed(first) or is_typed(second)):
        first = wrap(cls, lift(cls, first, like))
    total = scaled(cls, "alpha", alpha, einsum(cls, equation, first, second))
    before = lift(cls, input, like).expand(total.shape)
    unread = not is_typed(beta) and beta == 0
    return wrap(cls, total if unread else total + scaled(cls, "beta", beta, before))


def _check_sizes(name: str, pattern: str, *operands: Any) -> None:
    """Each operand has an axis for each of its letters, and equal letters have equal sizes."""
    terms, shapes = pattern.split(","), [shape_of(x) for x in operands]
    expected, given = [[str(len(x)) for x in each] for each in (terms, shapes)]
    if expected != given:
        raise RuntimeError(
            f"{name} expects tensors with {' and '.join(expected)} axes, but got "
            f"{' and '.join(given)}"
        )
    known: dict[str, int] = {}
    for letter, size in zip("".join(terms), chain(*shapes), strict=True):
        if known.setdefault(letter, size) != size:
            raise RuntimeError(
                f"{name} expects equal sizes on axes with equal letters in {pattern!r}, but got "
                f"shapes {' and '.join(map(str, shapes))}"
            )


def _real(cls: TensorType, operands: Sequence[Any]) -> tuple[int, ...]:
    """The operands that are real numbers, by their places."""
    refuse_complex(cls, *operands)
    return tuple(m for m, x in enumerate(operands) if not is_typed(x))


def _conj(cls: TensorType, x: Any) -> Any:
    return wrap(cls, functional.conj(x, cls.algebra)) if is_typed(x) else x
