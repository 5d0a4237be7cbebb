"""Means and medians of rotations, over axes of numbers, with weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import conj, product
from hypercomplex.functional.arguments import Count, check_count, check_weights
from hypercomplex.kernels.dominant import dominant
from hypercomplex.kernels.scaling import squared_length
from hypercomplex.rotations.arguments import public, storage_axis, unit
from hypercomplex.rotations.vectors import from_rotvec, to_rotvec

__all__ = ["karcher_mean", "mean", "median"]

Dims = int | Sequence[int] | None


@public("q")
def mean(
    q: Tensor, weights: Tensor | None = None, dim: Dims = None, keepdim: bool = False
) -> Tensor:
    r"""The chordal mean: the unit with $w \ge 0$ that maximises $\sum_i w_i (q \cdot q_i)^2$.

    It minimises the squared distances of rotation matrices. Signs and lengths of the numbers do not
    matter. First and second derivatives are exact; they diverge only where the mean is not unique.
    The mean of nothing, of weights that are all 0, and of NaN is NaN.

    Shape:
        `(…, 4)`, weights `(…)` → `(…, 4)` without the axes `dim`, which count numbers, or with
        size 1 there if `keepdim`; all of them by default.

    Raises:
        IndexError: if there is no axis `dim`.
        ValueError: if a weight is negative, where values can be read.

    Example:
        >>> q = from_rotvec(torch.tensor([[0., 0, 0.2], [0, 0, 0.4]]))
        >>> to_rotvec(mean(-q, torch.tensor([1., 3])))
        tensor([0.0000, 0.0000, 0.3501])

    Source:
        F. L. Markley et al., *Averaging quaternions*, 2007.
    """
    axes = _axes(q, dim)
    q, w = _flattened(q, weights, axes)
    result = dominant((w.unsqueeze(-1) * q.unsqueeze(-1) * q.unsqueeze(-2)).sum(-3))
    return _kept(result, axes) if keepdim else result


@public("q")
def karcher_mean(
    q: Tensor,
    weights: Tensor | None = None,
    dim: Dims = None,
    iterations: Count = 10,
    keepdim: bool = False,
) -> Tensor:
    r"""The geodesic mean: it minimises $\sum_i w_i\, d(q, q_i)^2$ with the angles $d$.

    Iterated from the chordal mean by $q \leftarrow q \exp\bigl(\sum_i w_i \log(q^{-1} q_i) /
    \sum_i w_i\bigr)$; rotations within 90° of each other converge, close ones very fast.
    `iterations` is how many are made; `weights`, `dim` and `keepdim` are those of `mean`.

    Shape:
        as in `mean`.

    Raises:
        IndexError: if there is no axis `dim`.
        ValueError: if a weight is negative, where values can be read.

    Example:
        >>> q = from_rotvec(torch.tensor([[0., 0, 0.2], [0, 0, 0.4]]))
        >>> to_rotvec(karcher_mean(q, torch.tensor([1., 3])))
        tensor([0.0000, 0.0000, 0.3500])

    Source:
        R. Hartley et al., *Rotation averaging*, 2013, section 5.3.
    """
    centre, axes = mean(q, weights, dim), _axes(q, dim)
    q, w = _flattened(q, weights, axes)
    check_count("iterations", iterations)
    for _ in range(iterations):
        logs = _seen_from(centre, q)
        step = (w * logs).sum(-2) / w.sum(-2)
        centre = product(centre, from_rotvec(step), QUATERNION)
    return _kept(unit(centre), axes) if keepdim else unit(centre)


@public("q")
def median(
    q: Tensor,
    weights: Tensor | None = None,
    dim: Dims = None,
    iterations: Count = 50,
    keepdim: bool = False,
) -> Tensor:
    r"""The geodesic median: it minimises $\sum_i w_i\, d(q, q_i)$ with the angles $d$.

    Few bad rotations do not move it far. Weiszfeld's iteration from the chordal mean; where it
    meets one of the rotations, that one's distance counts as the square root of the precision.
    `iterations` is how many are made; `weights`, `dim` and `keepdim` are those of `mean`.

    Shape:
        as in `mean`.

    Raises:
        IndexError: if there is no axis `dim`.
        ValueError: if a weight is negative, where values can be read.

    Example:
        >>> q = from_rotvec(torch.tensor([[0., 0, 0.2], [0, 0, 0.2], [0, 0, 3]]))
        >>> to_rotvec(median(q)).round(decimals=2)
        tensor([0.0000, 0.0000, 0.2000])

    Source:
        R. Hartley et al., *L1 rotation averaging using the Weiszfeld algorithm*, 2011.
    """
    centre, axes = mean(q, weights, dim), _axes(q, dim)
    q, w = _flattened(q, weights, axes)
    check_count("iterations", iterations)
    for _ in range(iterations):
        logs = _seen_from(centre, q)
        distance = (squared_length(logs) + torch.finfo(q.dtype).eps).sqrt().unsqueeze(-1)
        pull = w / distance
        step = (pull * logs).sum(-2) / pull.sum(-2)
        centre = product(centre, from_rotvec(step), QUATERNION)
    return _kept(unit(centre), axes) if keepdim else unit(centre)


def _axes(q: Tensor, dim: Dims) -> list[int]:
    """The axes of the mean in storage, from the end, in order."""
    dims = range(q.ndim - 1) if dim is None else [dim] if isinstance(dim, int) else dim
    return sorted(storage_axis(d, q) for d in dims)


def _flattened(q: Tensor, weights: Tensor | None, axes: list[int]) -> tuple[Tensor, Tensor]:
    """Units `(…, n, 4)` and weights `(…, n, 1)` with the axes of the mean flattened."""
    q = unit(q)
    if weights is None:
        weights = torch.ones_like(q[..., 0])
    else:
        check_weights(weights)
    w = weights.to(q.dtype).expand(q.shape[:-1]).unsqueeze(-1)
    target = list(range(-1 - len(axes), -1))
    return tuple(_merge(x.movedim(axes, target), len(axes)) for x in (q, w))  # type: ignore[return-value]


def _kept(centre: Tensor, axes: list[int]) -> Tensor:
    ndim = centre.ndim + len(axes)
    for axis in axes:
        centre = centre.unsqueeze(axis % ndim)
    return centre


def _merge(x: Tensor, count: int) -> Tensor:
    return x.flatten(-1 - count, -2) if count else x.unsqueeze(-2)


def _seen_from(centre: Tensor, q: Tensor) -> Tensor:
    back = conj(centre, QUATERNION).unsqueeze(-2)
    return to_rotvec(product(back, q, QUATERNION))
