"""The mathematics on plain real tensors, for any algebra.

Functions of numbers (`product`, `conj`, `norm` …) take components on the last axis, `(…, n)`, or
typed tensors, which know their algebra.
Functions of layers (`linear`, `conv2d` …) take folded features, component-major on the channel
axis, or a `HypercomplexTensor`, and give back what they were given.
"""

from hypercomplex.functional.activation import cardioid, mod_relu, mod_tanh
from hypercomplex.functional.adapters import (
    components_of,
    features_to_imaginary,
    features_to_numbers,
    modulus,
    real_part,
)
from hypercomplex.functional.analytic import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    cos,
    cosh,
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    log10,
    rsqrt,
    sigmoid,
    sin,
    sinc,
    sinh,
    sqrt,
    tan,
    tanh,
)
from hypercomplex.functional.attention import attention
from hypercomplex.functional.contraction import einsum, kron, tensordot
from hypercomplex.functional.conv import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from hypercomplex.functional.distances import (
    cdist,
    cosine_similarity,
    dist,
    pairwise_distance,
    pdist,
)
from hypercomplex.functional.dropout import dropout, feature_dropout
from hypercomplex.functional.embedding import embedding
from hypercomplex.functional.ligru import ligru, ligru_cell
from hypercomplex.functional.linear import componentwise, linear
from hypercomplex.functional.matmul import matmul, matmul_real, real_matmul
from hypercomplex.functional.normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
    variance_norm,
)
from hypercomplex.functional.numbers import (
    commutator,
    conj,
    divide,
    inner_product,
    inverse,
    left_divide,
    left_matrix,
    norm,
    normalize,
    product,
    right_matrix,
    rotate,
    squared_norm,
)
from hypercomplex.functional.numberwise import numberwise, readout
from hypercomplex.functional.polar import angle, axis, from_polar, is_pure, is_unit, polar
from hypercomplex.functional.pooling import adaptive_avg_pool, adaptive_max_pool, avg_pool, max_pool
from hypercomplex.functional.power import power, real_power
from hypercomplex.functional.recurrent import recurrent, recurrent_cell
from hypercomplex.functional.rotation import rotation_conv1d, rotation_conv2d, rotation_linear
from hypercomplex.functional.running import cumprod, prod, vander

__all__ = [
    "acos",
    "acosh",
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "angle",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "attention",
    "avg_pool",
    "axis",
    "batch_norm",
    "cardioid",
    "cdist",
    "commutator",
    "components_of",
    "componentwise",
    "conj",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cos",
    "cosh",
    "cosine_similarity",
    "cumprod",
    "dist",
    "divide",
    "dropout",
    "einsum",
    "embedding",
    "exp",
    "exp2",
    "expm1",
    "feature_dropout",
    "features_to_imaginary",
    "features_to_numbers",
    "from_polar",
    "group_norm",
    "inner_product",
    "instance_norm",
    "inverse",
    "is_pure",
    "is_unit",
    "kron",
    "layer_norm",
    "left_divide",
    "left_matrix",
    "ligru",
    "ligru_cell",
    "linear",
    "log",
    "log1p",
    "log2",
    "log10",
    "matmul",
    "matmul_real",
    "max_pool",
    "mod_relu",
    "mod_tanh",
    "modulus",
    "norm",
    "normalize",
    "numberwise",
    "pairwise_distance",
    "pdist",
    "polar",
    "power",
    "prod",
    "product",
    "readout",
    "real_matmul",
    "real_part",
    "real_power",
    "recurrent",
    "recurrent_cell",
    "right_matrix",
    "rms_norm",
    "rotate",
    "rotation_conv1d",
    "rotation_conv2d",
    "rotation_linear",
    "rsqrt",
    "sigmoid",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "squared_norm",
    "tan",
    "tanh",
    "tensordot",
    "vander",
    "variance_norm",
]
