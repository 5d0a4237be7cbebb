"""The names of SpeechBrain's quaternion networks.

Same names, arguments, defaults, parameter names, layouts and results as
`speechbrain.nnet.quaternion_networks` (1.1.0), so that its recipes run and its checkpoints load.
Results that its bugs spoil come out right, and the table below says which; inside `with strict():`
they are reproduced as well. Where it crashes, both modes give the right result.
"""

from hypercomplex.compat.speechbrain.conv import QConv1d, QConv2d
from hypercomplex.compat.speechbrain.init import (
    affect_conv_init,
    affect_init,
    quaternion_init,
    unitary_init,
)
from hypercomplex.compat.speechbrain.linear import QLinear
from hypercomplex.compat.speechbrain.normalization import QBatchNorm
from hypercomplex.compat.speechbrain.ops import (
    QuaternionLinearCustomBackward,
    check_quaternion_input,
    quaternion_conv_op,
    quaternion_conv_rotation_op,
    quaternion_linear_op,
    quaternion_linear_rotation_op,
    renorm_quaternion_weights_inplace,
)
from hypercomplex.compat.speechbrain.pooling import QPooling2d
from hypercomplex.compat.speechbrain.recurrent import (
    QLSTM,
    QRNN,
    QLiGRU,
    QLiGRU_Layer,
    QLSTM_Layer,
    QRNN_Layer,
)
from hypercomplex.compat.speechbrain.strictness import is_strict, strict

__all__ = [
    "QLSTM",
    "QRNN",
    "QBatchNorm",
    "QConv1d",
    "QConv2d",
    "QLSTM_Layer",
    "QLiGRU",
    "QLiGRU_Layer",
    "QLinear",
    "QPooling2d",
    "QRNN_Layer",
    "QuaternionLinearCustomBackward",
    "affect_conv_init",
    "affect_init",
    "check_quaternion_input",
    "is_strict",
    "quaternion_conv_op",
    "quaternion_conv_rotation_op",
    "quaternion_init",
    "quaternion_linear_op",
    "quaternion_linear_rotation_op",
    "renorm_quaternion_weights_inplace",
    "strict",
    "unitary_init",
]
