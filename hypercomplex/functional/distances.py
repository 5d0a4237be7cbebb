"""Distances and angles between vectors of numbers: real, from moduli of differences.

The p-norm of a vector of numbers is that of its moduli, as `torch.linalg.vector_norm` has it for
complex numbers; for p = 2 it is the Euclidean length of all components.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import check_numbers, number_axis
from hypercomplex.functional.numbers import norm
from hypercomplex.kernels.length import p_norm

__all__ = ["cdist", "cosine_similarity", "dist", "pairwise_distance", "pdist"]


@numbers("a b", gives="reals")
def dist(a: Tensor, b: Tensor, p: float = 2) -> Tensor:
    r"""The distance of two tensors of numbers as wholes: $(\sum_i |a_i - b_i|^p)^{1/p}$.

    Shape:
        `(…, n)`, `(…, n)`, broadcast → `()`.

    Example:
        >>> dist(torch.zeros(2, 4), torch.ones(2, 4), p=1)
        tensor(4.)
    """
    check_numbers("a", a)
    check_numbers("b", b)
    return p_norm(norm(a - b), p)


@numbers("a b", gives="reals", basis="only adapted")
def pairwise_distance(
    a: Tensor, b: Tensor, p: float = 2, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    r"""The distances of vectors of numbers, $\|a - b + \varepsilon\|_p$ along the last axis.

    Shape:
        `(…, M, n)`, `(…, M, n)`, broadcast → `(…)`, or `(…, 1)` with `keepdim`.

    Example:
        >>> pairwise_distance(torch.zeros(3, 2, 4), torch.ones(3, 2, 4), p=1, eps=0)
        tensor([4., 4., 4.])
    """
    check_numbers("a", a)
    check_numbers("b", b)
    difference = a - b
    moved = torch.cat([difference[..., :1] + eps, difference[..., 1:]], -1)  # ε is a real number
    return p_norm(norm(moved), p, -1, keepdim)


@numbers("a b", gives="reals")
def cdist(a: Tensor, b: Tensor, p: float = 2) -> Tensor:
    r"""The distances of every vector of `a` from every vector of `b`:
    $D_{ij} = (\sum_m |a_{im} - b_{jm}|^p)^{1/p}$.

    Shape:
        `(…, P, M, n)`, `(…, R, M, n)` → `(…, P, R)`.

    Raises:
        RuntimeError: if the vectors have different lengths.

    Example:
        >>> cdist(torch.zeros(2, 1, 4), torch.ones(3, 1, 4)).shape
        torch.Size([2, 3])
    """
    if a.ndim < 3 or b.ndim < 3 or a.shape[-2:] != b.shape[-2:]:
        raise RuntimeError(
            f"`a` of shape {tuple(a.shape)} and `b` of shape {tuple(b.shape)} must hold vectors "
            "of as many numbers, (…, P, M, n) and (…, R, M, n)"
        )
    difference = a.unsqueeze(-3) - b.unsqueeze(-4)
    return p_norm(norm(difference), p, -1)


@numbers("x", gives="reals")
def pdist(x: Tensor, p: float = 2) -> Tensor:
    r"""The distances of all pairs $i < j$ of rows, row by row: `cdist` above its diagonal.

    Shape:
        `(N, M, n)` → `(N (N - 1) / 2)`.

    Raises:
        RuntimeError: if `x` is not a matrix of numbers.

    Example:
        >>> pdist(torch.tensor([[[0., 0]], [[3, 4]], [[0, 1]]]))
        tensor([5.0000, 1.0000, 4.2426])
    """
    if x.ndim != 3:
        raise RuntimeError(f"`x` of shape {tuple(x.shape)} must be a matrix of numbers (N, M, n)")
    first, second = torch.triu_indices(x.shape[0], x.shape[0], 1, device=x.device)
    return p_norm(norm(x[first] - x[second]), p, -1)


@numbers("a b", gives="reals")
def cosine_similarity(a: Tensor, b: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    r"""The cosine of the angle between vectors of numbers, as vectors of their components:
    $\sum_m \langle a_m, b_m \rangle \,/\, (\|a\| \, \|b\|)$.

    Lengths below `eps` count as `eps`, so that the cosine of a zero vector is 0.

    Shape:
        `(…, n)`, `(…, n)`, broadcast, without the axis `dim`; `dim` counts axes of numbers.

    Raises:
        IndexError: if there is no such axis.

    Example:
        >>> i, j = torch.tensor([[0., 1, 0, 0]]), torch.tensor([[0., 0, 1, 0]])
        >>> cosine_similarity(i, i + j, dim=0)
        tensor(0.7071)
    """
    check_numbers("a", a)
    check_numbers("b", b)
    a, b = torch.broadcast_tensors(a, b)
    axis = number_axis(a, dim)
    a, b = (x.movedim(axis, -2).flatten(-2) for x in (a, b))
    return torch.nn.functional.cosine_similarity(a, b, -1, eps)
