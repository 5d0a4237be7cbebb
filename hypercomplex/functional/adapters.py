"""From real features to folded numbers, and back.

Every function works on one axis of features, `dim`, of which a group of adjacent features makes
one number. Zeros fill the last number.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.door.declarations import algebra_of, numbers
from hypercomplex.functional.arguments import (
    channel_axis,
    check_real,
    check_units,
    explained,
    feature_axis,
)
from hypercomplex.functional.numbers import norm
from hypercomplex.functional.numberwise import readout
from hypercomplex.lowering import fold, refuse_basis
from hypercomplex.lowering import real_part as real

__all__ = [
    "cat_folded",
    "components_of",
    "features_to_imaginary",
    "features_to_numbers",
    "modulus",
    "real_part",
]


@numbers("")
def features_to_numbers(input: Tensor, *, algebra: Algebra, dim: int | None = 1) -> Tensor:
    r"""Group features into numbers: $q_g = \sum_i x_{gn+i}\, e_i$.

    Shape:
        real `(…, F, …)` → folded `(…, n·⌈F/n⌉, …)`, the features on axis `dim`.

    Example:
        >>> features_to_numbers(torch.tensor([[1., 2, 3]]), algebra=hc.COMPLEX)  # 1+2i, 3
        tensor([[1., 3., 2., 0.]])
    """
    check_real("input", input)
    axis = feature_axis(input, dim)
    return fold(_grouped(input, axis, algebra.dimension), axis)


@numbers("")
def features_to_imaginary(
    input: Tensor,
    real_weights: Sequence[float] | None = None,
    *,
    algebra: Algebra,
    dim: int | None = 1,
) -> Tensor:
    r"""Group features into vectors: $q_g = \rho(v_g) + \sum_{i \ge 1} v_{gi}\, e_i$, with $n - 1$
    features in $v_g$ and the real part $\rho(v) = \sum_i \rho_i v_i$, zero by default.

    Args:
        input: real `(…, F, …)`.
        real_weights: the `n - 1` weights $\rho_i$; zero if None.
        algebra: the algebra of the numbers.
        dim: the axis of the features.

    Shape:
        real `(…, F, …)` → folded `(…, n·⌈F/(n-1)⌉, …)`.

    Raises:
        ValueError: if the algebra has no imaginary units, or another number of them.

    Example:
        >>> pixel = torch.tensor([[0.2, 0.4, 0.9]])
        >>> features_to_imaginary(pixel, (0.5, 0.5, 0), algebra=hc.QUATERNION)
        tensor([[0.3000, 0.2000, 0.4000, 0.9000]])

    Source:
        S. J. Sangwine, *Fourier transforms of colour images using quaternion, or hypercomplex,
        numbers*, Electronics Letters 1996.
    """
    check_real("input", input)
    axis = feature_axis(input, dim)
    check_units(real_weights, algebra)
    refuse_basis(algebra, "features_to_imaginary")
    vectors = _grouped(input, axis, algebra.dimension - 1)
    if real_weights is None:
        return fold(F.pad(vectors, (1, 0)), axis)
    parts = vectors.unbind(-1)
    real = torch.stack([w * part for w, part in zip(real_weights, parts, strict=True)]).sum(0)
    return fold(torch.cat([real.unsqueeze(-1), vectors], -1), axis)


@explained
def cat_folded(tensors: Sequence[Tensor], *, algebra: Algebra, dim: int | None = 1) -> Tensor:
    r"""Join folded tensors along their channels: all real parts, then all i parts, and so on.

    `torch.cat` would put every part of the first tensor before those of the second, which would be
    other numbers. Along other axes, and for typed tensors, it is right; so a model that takes
    either joins its features by this function. Of empty tensors with one axis both take no notice.

    Shape:
        folded `(…, n·C₁, …)`, `(…, n·C₂, …)` … → folded `(…, n·(C₁ + C₂ + …), …)`; or all typed,
        `(…, C₁, …)`, `(…, C₂, …)` … → typed `(…, C₁ + C₂ + …, …)`.

    Raises:
        TypeError: if some tensors are typed and others are not, or of another algebra.
        ValueError: if the channels of a tensor are not whole numbers, or there is no tensor.

    Example:
        >>> x, y = torch.tensor([[1., 2]]), torch.tensor([[3., 5, 4, 6]])  # 1+2i; 3+4i, 5+6i
        >>> cat_folded([x, y], algebra=hc.COMPLEX)
        tensor([[1., 3., 5., 2., 4., 6.]])
    """
    if not tensors:
        raise ValueError("`tensors` (=[]) must hold a folded tensor, for instance of no channels")
    parts = [x for x in tensors if tuple(x.shape) != (0,)]
    if not parts:
        return torch.cat(list(tensors))
    if any(map(is_typed, parts)):
        return _cat_typed(parts, algebra, dim)
    n, axis = algebra.dimension, {channel_axis(x, dim, algebra) for x in parts}.pop()
    return torch.cat([x.unflatten(axis, (n, -1)) for x in parts], axis + 1).flatten(axis, axis + 1)


def _cat_typed(tensors: Sequence[Tensor], algebra: Algebra, dim: int | None) -> Tensor:
    """The same of numbers, which `torch.cat` joins as they are."""
    kinds = [type(x).__name__ for x in tensors]
    if not all(map(is_typed, tensors)):
        raise TypeError(f"`tensors` (of types {kinds}) must all be typed, or all be folded")
    for x in tensors:
        algebra_of(type(x), algebra)
    return torch.cat(list(tensors), feature_axis(tensors[0], dim))


@explained
def real_part(input: Tensor, *, algebra: Algebra, dim: int | None = None) -> Tensor:
    r"""The real part of each number, $\operatorname{Re} q$: folded or typed → real.

    Raises:
        ValueError: see `numberwise`.

    Example:
        >>> real_part(torch.tensor([[1., 3, 2, 4]]), algebra=hc.COMPLEX)  # 1+2i, 3+4i
        tensor([[1., 3.]])
    """
    return readout(lambda x: real(x, algebra), input, algebra=algebra, dim=dim)


@explained
def modulus(input: Tensor, *, algebra: Algebra, dim: int | None = None) -> Tensor:
    r"""The modulus of each number, $|q|$: folded or typed → real.

    Raises:
        ValueError: see `numberwise`.

    Example:
        >>> modulus(torch.tensor([[3., 4]]), algebra=hc.COMPLEX)
        tensor([[5.]])
    """
    return readout(norm, input, algebra=algebra, dim=dim)


@explained
def components_of(input: Tensor, *, algebra: Algebra, dim: int | None = None) -> Tensor:
    r"""All components as real features, in the folded order: folded or typed → real.

    Raises:
        ValueError: if `dim` is needed, for more than two axes, and missing.

    Example:
        >>> components_of(hc.QuaternionTensor([[[1., 2, 3, 4]]]), algebra=hc.QUATERNION)
        tensor([[1., 2., 3., 4.]])
    """
    axis = feature_axis(input, dim)
    return readout(lambda x: fold(x, axis), input, algebra=algebra, dim=axis)


def _grouped(input: Tensor, axis: int, size: int) -> Tensor:
    """Groups of adjacent features `(…, G, …, size)`, the last one filled with zeros."""
    missing = -input.shape[axis] % size
    padded = F.pad(input, [0, 0] * (input.ndim - 1 - axis) + [0, missing]) if missing else input
    return padded.unflatten(axis, (-1, size)).movedim(axis + 1, -1)
