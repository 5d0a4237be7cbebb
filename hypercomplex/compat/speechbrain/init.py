"""Initialisation of the four weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.compat.speechbrain.words import Criterion
from hypercomplex.functional.arguments import Count, Counts, check_shape, checked, explained
from hypercomplex.nn.init import polar_

__all__ = ["INITIALISERS", "affect_conv_init", "affect_init", "quaternion_init", "unitary_init"]

Four = tuple[Tensor, Tensor, Tensor, Tensor]

_MARGIN = 1e-4  # what the reference adds to every length before it divides


@checked
def quaternion_init(
    in_features: Count,
    out_features: Count,
    kernel_size: Counts | None = None,
    criterion: Criterion = "glorot",
) -> Four:
    """Four float64 tensors of random modulus, axis and phase, by `nn.init.polar_`.

    Strictly, the reference's draws instead: numpy's global generator is seeded anew and gives the
    moduli, so all layers of a process share them, and the axes favour the corners of the cube.

    Args:
        in_features: input quaternions.
        out_features: output quaternions.
        kernel_size: of a convolution, or None.
        criterion: `"glorot"` or `"he"`; strictly, whatever is not `"glorot"` means `"he"`.

    Shape:
        `(in_features, out_features)`, or `(out_features, in_features, *kernel_size)`.

    Raises:
        ValueError: if `criterion` is unknown.

    Example:
        >>> r, i, j, k = quaternion_init(6, 5, kernel_size=(3, 3))
        >>> r.shape, r.dtype
        (torch.Size([5, 6, 3, 3]), torch.float64)
    """
    shape = _shape(in_features, out_features, kernel_size)
    if is_strict():
        return _reference_draws(shape, in_features, out_features, criterion)
    weight = torch.empty(*shape, 4, dtype=torch.float64, device="cpu")
    polar_(weight, criterion, transposed=kernel_size is None)  # type: ignore[arg-type]
    return _four(weight.unbind(-1))


@checked
def unitary_init(
    in_features: Count,
    out_features: Count,
    kernel_size: Counts | None = None,
    criterion: Criterion = "he",
) -> Four:
    """Four float32 tensors of quaternions drawn from a cube and normalised; `criterion` is ignored.

    Example:
        >>> r, i, j, k = unitary_init(6, 5)
        >>> bool(((r**2 + i**2 + j**2 + k**2 - 1).abs() < 1e-2).all())
        True
    """
    shape = _shape(in_features, out_features, kernel_size)
    parts = [_uniform(math.prod(shape), 1.0) for _ in range(4)]
    length = torch.stack(parts).square().sum(0).sqrt() + _MARGIN
    return _four([(part / length).view(shape) for part in parts])


INITIALISERS: dict[str, Callable[..., Four]] = {
    "quaternion": quaternion_init,
    "unitary": unitary_init,
}


@explained
def affect_init(
    r_weight: Tensor,
    i_weight: Tensor,
    j_weight: Tensor,
    k_weight: Tensor,
    init_func: Callable[..., Four],
    init_criterion: Criterion,
) -> None:
    """Fill the weights `(I, O)` of a linear layer with what `init_func` draws.

    Example:
        >>> weights = torch.empty(4, 6, 5).unbind(0)
        >>> affect_init(*weights, unitary_init, "he")
        >>> bool((torch.stack(weights).norm(dim=0) < 1).all())
        True
    """
    weights = (r_weight, i_weight, j_weight, k_weight)
    _check_axes(r_weight)
    _fill(weights, init_func(r_weight.size(0), r_weight.size(1), None, init_criterion))


@explained
def affect_conv_init(
    r_weight: Tensor,
    i_weight: Tensor,
    j_weight: Tensor,
    k_weight: Tensor,
    kernel_size: Counts,
    init_func: Callable[..., Four],
    init_criterion: Criterion,
) -> None:
    """Fill the weights `(O, I/groups, *kernel_size)` of a convolution with what `init_func` draws.

    Example:
        >>> weights = torch.empty(4, 6, 5, 3).unbind(0)
        >>> affect_conv_init(*weights, 3, unitary_init, "he")
        >>> bool((torch.stack(weights).norm(dim=0) < 1).all())
        True
    """
    weights = (r_weight, i_weight, j_weight, k_weight)
    _check_axes(r_weight)
    _fill(weights, init_func(r_weight.size(1), r_weight.size(0), kernel_size, init_criterion))


def _reference_draws(
    shape: tuple[int, ...], in_features: int, out_features: int, criterion: str
) -> Four:
    points = math.prod(shape) // (in_features * out_features)
    fan = in_features * points
    if criterion == "glorot":
        fan += out_features * points
    np.random.seed(torch.initial_seed() % (2**31 - 1))  # noqa: NPY002
    squared = np.random.chisquare(4, size=shape)  # noqa: NPY002
    modulus = torch.from_numpy(np.sqrt(squared) / math.sqrt(2 * fan))
    # Axis and phase in float32, the modulus in float64, and the products in this order.
    axis = torch.stack([_uniform(math.prod(shape), 1.0) for _ in range(3)])
    axis = (axis / (axis.square().sum(0).sqrt() + _MARGIN)).view(3, *shape)
    _uniform(math.prod(shape), 1.0)  # drawn and thrown away
    phase = _uniform(math.prod(shape), math.pi).view(shape)
    return _four([modulus * phase.cos(), *(modulus * axis * phase.sin()).unbind(0)])


def _uniform(count: int, bound: float) -> Tensor:
    return torch.empty(count, dtype=torch.float32, device="cpu").uniform_(-bound, bound)


def _shape(in_features: int, out_features: int, kernel_size: Counts | None) -> tuple[int, ...]:
    if kernel_size is None:
        return in_features, out_features
    kernel = (kernel_size,) if isinstance(kernel_size, int) else tuple(kernel_size)
    return out_features, in_features, *kernel


def _four(parts: Sequence[Tensor]) -> Four:
    r, i, j, k = parts
    return r, i, j, k


def _check_axes(r_weight: Tensor) -> None:
    if r_weight.ndim < 2:
        raise ValueError(
            f"`r_weight` of shape {tuple(r_weight.shape)} must have an axis of inputs and one of "
            "outputs"
        )


def _fill(weights: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    for part, weight in zip("rijk", weights, strict=True):
        check_shape(f"{part}_weight", weight, tuple(values[0].shape), "that `r_weight` asks for")
    with torch.no_grad():
        for weight, value in zip(weights, values, strict=True):
            weight.copy_(value)
