"""The mathematics on plain real tensors, for any algebra.

Functions of numbers (`product`, `conj`, `norm` …) take components on the last axis, `(…, n)`.
Functions of layers (`linear`, `conv2d` …) take folded features, component-major on the channel
axis, or a `HypercomplexTensor`, and give back what they were given.
"""

from hypercomplex.functional.conv import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from hypercomplex.functional.linear import componentwise, linear
from hypercomplex.functional.matmul import matmul, matmul_real, real_matmul
from hypercomplex.functional.numbers import (
    conj,
    inverse,
    left_matrix,
    norm,
    normalize,
    product,
    right_matrix,
    rotate,
    squared_norm,
)
from hypercomplex.functional.rotation import rotation_conv1d, rotation_conv2d, rotation_linear

__all__ = [
    "componentwise",
    "conj",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "inverse",
    "left_matrix",
    "linear",
    "matmul",
    "matmul_real",
    "norm",
    "normalize",
    "product",
    "real_matmul",
    "right_matrix",
    "rotate",
    "rotation_conv1d",
    "rotation_conv2d",
    "rotation_linear",
    "squared_norm",
]
