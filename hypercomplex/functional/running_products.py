"""Products of all numbers along an axis, in order: `prod`, `cumprod`, powers.

Order matters: the product is x₀ x₁ x₂ …, bracketed from the left. Where the algebra is associative
brackets are free, and neighbours are multiplied in pairs: as many steps as the length has binary
digits. No step divides, so derivatives are exact at zero as well.
"""

from __future__ import annotations

from functools import reduce
from itertools import accumulate

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import Count, check_components, number_axis, refusal
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering import embedded, is_associative

__all__ = ["cumprod", "prod", "vander"]


@numbers("x")
def prod(x: Tensor, algebra: Algebra, dim: int | None = None, keepdim: bool = False) -> Tensor:
    r"""The product of all numbers along an axis, from the left: $((x_0 x_1) x_2) \dots$.

    Without an axis, of all numbers in row-major order, the order of `x.flatten()`. The product of
    no numbers is 1.

    Shape:
        `(…, L, …, n)` → `(…, …, n)`; `dim` counts axes of numbers.

    Raises:
        IndexError: if there is no such axis.

    Example:
        >>> i, j, k = torch.eye(4)[1:]
        >>> prod(torch.stack([i, j, k]), hc.QUATERNION)  # ijk = -1
        tensor([-1., 0., 0., 0.])

    Source:
        Pairwise: R. E. Ladner and M. J. Fischer, *Parallel prefix computation*, 1980.
    """
    check_components("x", x, algebra)
    if dim is None:
        whole = prod(x.reshape(-1, x.shape[-1]), algebra, 0)
        return whole.reshape((1,) * (x.ndim - 1) * keepdim + whole.shape)
    axis = number_axis(x, dim)
    total = _total(x.movedim(axis, 0), algebra)
    return total.unsqueeze(axis) if keepdim else total


@numbers("x")
def cumprod(x: Tensor, dim: int, algebra: Algebra) -> Tensor:
    r"""The running products along an axis, from the left: $y_i = ((x_0 x_1) \dots) x_i$.

    Shape:
        `(…, L, …, n)` → the same; `dim` counts axes of numbers.

    Raises:
        IndexError: if there is no such axis.

    Example:
        >>> i, j, k = torch.eye(4)[1:]
        >>> cumprod(torch.stack([i, j, k]), 0, hc.QUATERNION)  # i, ij = k, kk = -1
        tensor([[ 0.,  1.,  0.,  0.],
                [ 0.,  0.,  0.,  1.],
                [-1.,  0.,  0.,  0.]])
    """
    check_components("x", x, algebra)
    axis = number_axis(x, dim)
    steps = x.movedim(axis, 0)
    if is_associative(algebra):
        return _running(steps, algebra).movedim(0, axis)
    if steps.shape[0] == 0:
        return x.clone()
    each = accumulate(steps.unbind(0), lambda a, b: multiply(a, b, algebra.product))
    return torch.stack(list(each), axis)


@numbers("x")
def vander(x: Tensor, algebra: Algebra, N: Count | None = None) -> Tensor:
    r"""The powers of numbers, in columns: $V_{ij} = x_i^{\,j}$ for $0 \le j < N$.

    Shape:
        `(…, L, n)` → `(…, L, N, n)`; `N` is `L` unless said. A single number is a line of one.

    Raises:
        ValueError: if `N` is not positive.

    Example:
        >>> x = torch.tensor([[1., 2]])
        >>> vander(x, hc.COMPLEX, N=4)  # 1, 1 + 2i, -3 + 4i, -11 - 2i
        tensor([[[  1.,   0.],
                 [  1.,   2.],
                 [ -3.,   4.],
                 [-11.,  -2.]]])
    """
    check_components("x", x, algebra)
    if x.ndim < 2:
        x = x.unsqueeze(0)
    columns = x.shape[-2] if N is None else N
    if columns < 1:
        raise refusal("N", columns, Count)
    one = _ones_like(x.unsqueeze(-2), algebra)
    factors = x.unsqueeze(-2).expand(*x.shape[:-1], columns - 1, x.shape[-1])
    return torch.cat([one, cumprod(factors, -1, algebra)], -2)


def _total(x: Tensor, algebra: Algebra) -> Tensor:
    """The product along the first axis, which shares no storage with it."""
    if x.shape[0] == 0:
        none = x.sum(0)
        return none + _ones_like(none, algebra)
    if x.shape[0] == 1:
        return x[0].clone()
    if not is_associative(algebra):
        return reduce(lambda a, b: multiply(a, b, algebra.product), x.unbind(0))
    while x.shape[0] > 1:
        even = x.shape[0] // 2 * 2
        pairs = multiply(x[0:even:2], x[1:even:2], algebra.product)
        x = torch.cat([pairs, x[even:]]) if even < x.shape[0] else pairs
    return x[0]


def _running(x: Tensor, algebra: Algebra) -> Tensor:
    """The running products along the first axis: those of pairs, and one more number each."""
    if x.shape[0] < 2:
        return x.clone()
    half = x.shape[0] // 2
    odd = _running(multiply(x[0 : 2 * half : 2], x[1::2], algebra.product), algebra)
    even = torch.cat([x[:1], multiply(odd[: (x.shape[0] - 1) // 2], x[2::2], algebra.product)])
    woven = torch.stack([even[:half], odd], 1).flatten(0, 1)
    return torch.cat([woven, even[half:]])


def _ones_like(x: Tensor, algebra: Algebra) -> Tensor:
    return embedded(torch.ones_like(x[..., 0]), algebra)
