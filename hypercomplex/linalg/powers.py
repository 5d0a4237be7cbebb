"""Products of several matrices, powers and the exponential."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed, overridable
from hypercomplex.door.declarations import algebra_of
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, lift, wrap
from hypercomplex.functional.arguments import (
    check_components,
    check_integer,
    check_square,
    explained,
    refusal,
)
from hypercomplex.functional.matmul import matmul
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.blocks import block, eye, numbers_of_block
from hypercomplex.linalg.solve import inv
from hypercomplex.linalg.standard import require_associative

__all__ = ["matrix_exp", "matrix_power", "multi_dot"]


@linear_algebra("numbers")
def matrix_exp(A: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The exponential of a matrix, $\sum_k A^k / k!$, over an associative algebra.

    Shape:
        `(…, N, N, n)` → `(…, N, N, n)`.

    Raises:
        RuntimeError: if `A` is not square.
        NotImplementedError: if the algebra is not associative.

    Example:
        >>> half_turn = torch.tensor([[[0., 0, torch.pi, 0]]])
        >>> matrix_exp(half_turn, algebra=hc.QUATERNION)[..., 0]  # e^(πj) = -1
        tensor([[-1.0000]])
    """
    require_associative(algebra, "matrix_exp")
    check_square(A, "matrix_exp")
    return numbers_of_block(torch.linalg.matrix_exp(block(A, algebra)), algebra)


@linear_algebra("numbers")
def matrix_power(A: Tensor, n: int, *, algebra: Algebra) -> Tensor:
    r"""The power $A^n$, of the inverse if `n` is negative.

    Without associativity $A^2$ is the last power that needs no brackets.

    Shape:
        `(…, N, N, n)` → `(…, N, N, n)`.

    Raises:
        LinAlgError: if `n` is negative and a matrix is singular.
        RuntimeError: if `A` is not square.
        NotImplementedError: if the algebra is not associative and `n` is not 0, 1 or 2.

    Example:
        >>> i = torch.tensor([[[0., 1, 0, 0]]])
        >>> matrix_power(i, 3, algebra=hc.QUATERNION)
        tensor([[[ 0., -1.,  0.,  0.]]])
    """
    check_square(A, "matrix_power")
    check_integer("n", n)
    if n not in (0, 1, 2):
        require_associative(algebra, "matrix_power")
    if n < 0:
        return matrix_power(inv(A, algebra=algebra), -n, algebra=algebra)
    if n == 0:
        return A.clone().copy_(eye(A.shape[-2], A))
    power, square = None, A
    while True:
        n, odd = divmod(n, 2)
        if odd:
            power = square if power is None else matmul(power, square, algebra)
        if n == 0:
            return A.clone() if power is A or power is None else power
        square = matmul(square, square, algebra)


@explained
def multi_dot(tensors: Sequence[Tensor], *, algebra: Algebra | None = None) -> Tensor:
    r"""The product of matrices in the order of brackets that multiplies least.

    The first and the last may be vectors, as in torch. Typed tensors know their algebra.

    Shape:
        `(M, L, n)`, `(L, P, n)`, …, `(Q, R, n)` → `(M, R, n)`.

    Raises:
        RuntimeError: if there are fewer than two, or sizes do not fit.
        NotImplementedError: if the algebra is not associative and there are more than two.
        TypeError: if no tensor is typed and `algebra` is not given.

    Example:
        >>> A, B, C = torch.randn(2, 9, 4), torch.randn(9, 3, 4), torch.randn(3, 4)
        >>> multi_dot([A, B, C], algebra=hc.QUATERNION).shape
        torch.Size([2, 4])
    """
    return chain(*tensors, algebra=algebra)


@overridable
def chain(*tensors: Tensor, algebra: Algebra | None = None) -> Tensor:
    """`multi_dot` of its arguments."""
    if not isinstance(algebra, Algebra):
        raise refusal("algebra", algebra, Algebra)
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    for m, x in enumerate(tensors):
        check_components(f"tensors[{m}]", x, algebra)
    if len(tensors) > 2:
        require_associative(algebra, "multi_dot")
    wrong = [x.ndim - 1 for x in tensors[1:-1] if x.ndim != 3]
    wrong += [x.ndim - 1 for x in (tensors[0], tensors[-1]) if x.ndim not in (2, 3)]
    if wrong:
        raise RuntimeError(
            f"multi_dot(): `tensors` must have 2 axes of numbers, the first and the last 1 or 2, "
            f"but one has {wrong[0]}"
        )
    matrices = list(tensors)
    matrices[0] = matrices[0].unsqueeze(0) if matrices[0].ndim == 2 else matrices[0]
    matrices[-1] = matrices[-1].unsqueeze(-2) if matrices[-1].ndim == 2 else matrices[-1]
    out = _product(
        matrices,
        _splits([m.shape[-3] for m in matrices] + [matrices[-1].shape[-2]]),
        0,
        len(matrices),
        algebra,
    )
    out = out.squeeze(-2) if tensors[-1].ndim == 2 else out
    return out.squeeze(0) if tensors[0].ndim == 2 else out


@rule("ours", [chain])
def chain_of_typed(cls: TensorType, *tensors: Tensor, algebra: Algebra | None = None) -> Tensor:
    """A real matrix beside one of numbers is a matrix of numbers."""
    like = next(x for x in tensors if is_typed(x))
    numbers = (lift(cls, x, like) for x in tensors)
    return wrap(cls, chain(*numbers, algebra=algebra_of(cls, algebra)))


def _product(
    matrices: list[Tensor],
    splits: dict[tuple[int, int], int],
    start: int,
    stop: int,
    algebra: Algebra,
) -> Tensor:
    if stop - start == 1:
        return matrices[start]
    middle = splits[start, stop]
    left = _product(matrices, splits, start, middle, algebra)
    return matmul(left, _product(matrices, splits, middle, stop, algebra), algebra)


def _splits(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Where to bracket each stretch of matrices of `sizes[i]` × `sizes[i + 1]` numbers.

    Source:
        S. Godbole, *On efficient computation of matrix chain products*, 1973.
    """
    count = len(sizes) - 1
    cost = {(i, i + 1): 0 for i in range(count)}
    splits = {}
    for length in range(2, count + 1):
        for i in range(count - length + 1):
            j = i + length
            for m in range(i + 1, j):  # a loop, which the compiler reads; of pairs it takes no min
                total = cost[i, m] + cost[m, j] + sizes[i] * sizes[m] * sizes[j]
                if m == i + 1 or total < cost[i, j]:
                    cost[i, j], splits[i, j] = total, m
    return splits
