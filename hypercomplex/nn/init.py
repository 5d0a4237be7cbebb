"""Initialisation of weights `(…, n)`, in place, drawn from torch's generator.

With independent weights of mean 0, an output `y = Σ w x` over `fan_in` products has
`E|y|² = fan_in · E|w|² · E|x|²` in every composition algebra, so schemes are stated by `E|w|²`:

- `"glorot"`: `E|w|² = 2 / (fan_in + fan_out)`,
- `"he"`: `E|w|² = 2 / fan_in`,

with fans that count numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

__all__ = ["Criterion", "fans", "mean_squared_modulus", "polar_"]

Criterion = Literal["glorot", "he"]


def polar_(
    tensor: Tensor,
    criterion: Criterion = "glorot",
    generator: torch.Generator | None = None,
    *,
    transposed: bool = False,
) -> Tensor:
    r"""Fill with numbers of random modulus, axis and phase: $w = |w|\,(\cos\theta + u \sin\theta)$.

    $|w|$ has the chi distribution with $n$ degrees of freedom, $u$ is uniform on the sphere of
    imaginary directions, $\theta$ uniform on $(-\pi, \pi)$, all independent. So
    $E|w|^2$ is that of the criterion, half of it on the real part. Over the reals this is the
    normal distribution.

    Args:
        tensor: the weight `(O, I, *kernel, n)`, or `(I, O, *kernel, n)` if transposed.
        criterion: `"glorot"` or `"he"`.
        generator: where random numbers come from; torch's default generator if None.
        transposed: whether the first axis holds the inputs.

    Raises:
        ValueError: if `criterion` is unknown or `tensor` has fewer than 3 axes.

    Example:
        >>> weight = polar_(torch.empty(50, 100, 4), "he", torch.Generator().manual_seed(0))
        >>> bool((weight.square().sum(-1).mean() - 2 / 100).abs() < 1e-3)
        True

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3.4.
    """
    n = tensor.shape[-1]
    deviation = math.sqrt(mean_squared_modulus(tensor.shape, criterion, transposed) / n)
    with torch.no_grad():
        # The modulus of a normal number is chi distributed and independent of its axis:
        # keep both, and draw the phase anew.
        tensor.normal_(0, deviation, generator=generator)
        if n == 1:
            return tensor
        real, imaginary = tensor[..., 0], tensor[..., 1:]
        length = imaginary.square().sum(-1).sqrt()
        modulus = torch.hypot(real, length)
        phase = torch.empty_like(modulus).uniform_(-math.pi, math.pi, generator=generator)
        smallest = torch.finfo(tensor.dtype).tiny
        imaginary.mul_((modulus * phase.sin() / length.clamp_min(smallest)).unsqueeze(-1))
        real.copy_(modulus * phase.cos())
    return tensor


def mean_squared_modulus(
    shape: Sequence[int], criterion: Criterion = "glorot", transposed: bool = False
) -> float:
    """`E|w|²` of a weight of this shape under a criterion.

    Raises:
        ValueError: if `criterion` is unknown or `shape` has fewer than 3 entries.

    Example:
        >>> mean_squared_modulus((5, 3, 4), "glorot")
        0.25
    """
    fan_in, fan_out = fans(shape, transposed)
    if criterion == "glorot":
        return 2 / (fan_in + fan_out)
    if criterion == "he":
        return 2 / fan_in
    raise ValueError(f"`criterion` (={criterion!r}) must be 'glorot' or 'he'")


def fans(shape: Sequence[int], transposed: bool = False) -> tuple[int, int]:
    """The numbers of inputs and outputs that a weight `(O, I, *kernel, n)` connects.

    Raises:
        ValueError: if `shape` has fewer than 3 entries.

    Example:
        >>> fans((5, 3, 7, 7, 4))
        (147, 245)
    """
    if len(shape) < 3:
        raise ValueError(f"`shape` (={tuple(shape)}) must be that of a weight (O, I, *kernel, n)")
    first, second, *kernel, _ = shape
    outputs, inputs = (second, first) if transposed else (first, second)
    points = math.prod(kernel)
    return max(inputs * points, 1), max(outputs * points, 1)
