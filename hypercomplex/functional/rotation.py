"""Layers of rotations: every weight turns its input, `x ↦ w x w⁻¹`.

The length of a weight cancels. Of the map stay the real part of `x` and, in a composition algebra,
its length; for quaternions the imaginary part is rotated actively. In a Clifford algebra it is the
versor sandwich, for weights that are versors (`w w̄` real); other weights that have an inverse
give the inner automorphism of the same formula. A zero weight, as pruning leaves it, is the zero
map: it takes its connection away.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import folded
from hypercomplex.functional.arguments import (
    Count,
    Counts,
    check_bias,
    check_channels,
    check_groups,
    check_weight,
)
from hypercomplex.functional.conv import Padding, PaddingMode, convolve
from hypercomplex.functional.numbers import inverse, normalize
from hypercomplex.lowering import arrange, embedded, fold, sandwich_operator

__all__ = ["rotation_conv1d", "rotation_conv2d", "rotation_linear"]


@folded("input")
def rotation_linear(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    scale: Tensor | None = None,
    *,
    algebra: Algebra,
) -> Tensor:
    r"""The sum of rotated numbers: $y_o = \sum_i s_{oi}\, w_{oi}\, x_i\, w_{oi}^{-1} + b_o$.

    Weights need not be units. Without `scale` every $s_{oi}$ is 1.

    Shape:
        - input: `(*, n·I)` folded, or a typed tensor `(*, I)`
        - weight: `(O, I, n)`, bias: `(O, n)`, scale: `(O, I)`, real
        - output: `(*, n·O)` folded, or typed `(*, O)`

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> x = torch.tensor([[5., 1, 0, 0]])  # the quaternion 5 + i, folded
        >>> quarter_turn_about_z = torch.tensor([[[1., 0, 0, 1]]])
        >>> rotation_linear(x, quarter_turn_about_z, algebra=hc.QUATERNION)
        tensor([[5.0000, 0.0000, 1.0000, 0.0000]])

    Source:
        N. Matsui et al., *Quaternion neural network with geometrical operators*, 2004.
    """
    check_weight(weight, algebra.product, axes="(O, I, n)")
    check_bias(bias, weight.shape[0], algebra.product)
    check_channels(input, -1, weight.shape[1], algebra.product)
    matrix = rotation_kernel(weight, scale, algebra)
    return F.linear(input, matrix, None if bias is None else fold(bias, 0))


@folded("input", axes=1)
def rotation_conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    scale: Tensor | None = None,
    stride: Counts = 1,
    padding: Padding = 0,
    dilation: Counts = 1,
    groups: Count = 1,
    *,
    algebra: Algebra,
    padding_mode: PaddingMode = "zeros",
) -> Tensor:
    r"""Convolution of rotations: $y_o[t] = \sum_{i,r} s\, w\, x_i[t+r]\, w^{-1} + b_o$, with
    $s = s_{oi}[r]$ and $w = w_{oi}[r]$.

    See `rotation_linear` for the weights and `conv2d` for the other arguments.

    Shape:
        input `(N, n·I, L)` or typed `(N, I, L)`, weight `(O, I/groups, K, n)`, bias `(O, n)`,
        scale `(O, I/groups, K)`.

    Raises:
        ValueError: if the channels do not fit the algebra, the weight or the groups.

    Example:
        >>> x, w = torch.randn(2, 4 * 3, 20), torch.randn(5, 3, 7, 4)
        >>> rotation_conv1d(x, w, padding="same", algebra=hc.QUATERNION).shape
        torch.Size([2, 20, 20])
    """
    return _rotation_conv(
        1, input, weight, bias, scale, stride, padding, dilation, groups, algebra, padding_mode
    )


@folded("input", axes=2)
def rotation_conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    scale: Tensor | None = None,
    stride: Counts = 1,
    padding: Padding = 0,
    dilation: Counts = 1,
    groups: Count = 1,
    *,
    algebra: Algebra,
    padding_mode: PaddingMode = "zeros",
) -> Tensor:
    r"""Convolution of rotations over two axes; see `rotation_conv1d`.

    Shape:
        input `(N, n·I, H, W)` or typed `(N, I, H, W)`, weight `(O, I/groups, KH, KW, n)`,
        bias `(O, n)`, scale `(O, I/groups, KH, KW)`.

    Raises:
        ValueError: if the channels do not fit the algebra, the weight or the groups.

    Example:
        >>> x, w = torch.randn(2, 4 * 3, 8, 8), torch.randn(5, 3, 3, 3, 4)
        >>> rotation_conv2d(x, w, stride=2, padding=1, algebra=hc.QUATERNION).shape
        torch.Size([2, 20, 4, 4])

    Source:
        X. Zhu et al., *Quaternion Convolutional Neural Networks*, ECCV 2018, section 3.
    """
    return _rotation_conv(
        2, input, weight, bias, scale, stride, padding, dilation, groups, algebra, padding_mode
    )


def _rotation_conv(
    d: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    scale: Tensor | None,
    stride: Counts,
    padding: Padding,
    dilation: Counts,
    groups: Count,
    algebra: Algebra,
    padding_mode: PaddingMode,
) -> Tensor:
    check_weight(weight, algebra.product, axes=f"(O, I/groups, {'K, ' * d}n)")
    check_bias(bias, weight.shape[0], algebra.product)
    check_groups("weight", weight.shape[0], groups)
    check_channels(input, -1 - d, weight.shape[1] * groups, algebra.product)
    kernel = rotation_kernel(weight, scale, algebra, groups)
    widths = (algebra.dimension, algebra.dimension)
    return convolve(d, input, kernel, bias, stride, padding, dilation, groups, widths, padding_mode)


def rotation_kernel(
    weight: Tensor, scale: Tensor | None, algebra: Algebra, groups: Count = 1
) -> Tensor:
    """The real kernel of the rotations: `(O, I/G, *K, n)` → `(n·O, n·I/G, *K)`, rows group-major.

    Finite, with finite gradient, at zero weights, too: there the map is zero.
    """
    if scale is not None and scale.shape != weight.shape[:-1]:
        raise ValueError(
            f"`scale` of shape {tuple(scale.shape)} must hold one real number for each of `weight`,"
            f" {tuple(weight.shape[:-1])}"
        )
    zero = (weight == 0).all(-1)
    one = embedded(zero.to(weight.dtype), algebra)
    unit = normalize(weight) + one  # 1 where the weight is 0, which has no inverse
    blocks = sandwich_operator(unit, inverse(unit, algebra), algebra).masked_fill(zero, 0)
    return arrange(blocks if scale is None else blocks * scale, groups)
