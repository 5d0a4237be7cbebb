"""Layers written once for every algebra.

A layer takes the algebra as an argument; the `Quaternion…` names fix it. Sizes count numbers.
Parameters are plain real tensors with torch's own shapes and the components on one more axis. A
typed tensor gives a typed tensor, a plain folded tensor (component-major on the channel axis)
gives a plain folded tensor.
"""

from hypercomplex.nn import init
from hypercomplex.nn.activation import Split
from hypercomplex.nn.constraint import max_norm_
from hypercomplex.nn.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    QuaternionConv1d,
    QuaternionConv2d,
    QuaternionConv3d,
    QuaternionConvTranspose1d,
    QuaternionConvTranspose2d,
    QuaternionConvTranspose3d,
)
from hypercomplex.nn.conversion import ConversionReport, convert, from_real, to_real
from hypercomplex.nn.lazy import LazyConv1d, LazyConv2d, LazyConv3d, LazyLinear
from hypercomplex.nn.linear import Linear, QuaternionLinear
from hypercomplex.nn.permutation import ChannelPermutation
from hypercomplex.nn.rotation import RotationConv1d, RotationConv2d, RotationLinear
from hypercomplex.nn.separable import (
    DepthwiseConv1d,
    DepthwiseConv2d,
    SeparableConv1d,
    SeparableConv2d,
)

__all__ = [
    "ChannelPermutation",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "ConversionReport",
    "DepthwiseConv1d",
    "DepthwiseConv2d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyLinear",
    "Linear",
    "QuaternionConv1d",
    "QuaternionConv2d",
    "QuaternionConv3d",
    "QuaternionConvTranspose1d",
    "QuaternionConvTranspose2d",
    "QuaternionConvTranspose3d",
    "QuaternionLinear",
    "RotationConv1d",
    "RotationConv2d",
    "RotationLinear",
    "SeparableConv1d",
    "SeparableConv2d",
    "Split",
    "convert",
    "from_real",
    "init",
    "max_norm_",
    "to_real",
]
