"""Layers written once for every algebra.

A layer takes the algebra as an argument; the `Quaternion…` names fix it. Sizes count numbers.
Parameters are plain real tensors with torch's own shapes and the components on one more axis. A
typed tensor gives a typed tensor, a plain folded tensor (component-major on the channel axis)
gives a plain folded tensor.
"""

from hypercomplex.nn import init
from hypercomplex.nn.activation import Split
from hypercomplex.nn.cells import (
    GRUCell,
    LSTMCell,
    QuaternionGRUCell,
    QuaternionLSTMCell,
    QuaternionRNNCell,
    RNNCell,
)
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
from hypercomplex.nn.ligru import LiGRU, LiGRUCell, QuaternionLiGRU, QuaternionLiGRUCell
from hypercomplex.nn.linear import Linear, QuaternionLinear
from hypercomplex.nn.recurrent import (
    GRU,
    LSTM,
    RNN,
    QuaternionGRU,
    QuaternionLSTM,
    QuaternionRNN,
)

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "GRUCell",
    "LSTMCell",
    "LiGRU",
    "LiGRUCell",
    "Linear",
    "QuaternionConv1d",
    "QuaternionConv2d",
    "QuaternionConv3d",
    "QuaternionConvTranspose1d",
    "QuaternionConvTranspose2d",
    "QuaternionConvTranspose3d",
    "QuaternionGRU",
    "QuaternionGRUCell",
    "QuaternionLSTM",
    "QuaternionLSTMCell",
    "QuaternionLiGRU",
    "QuaternionLiGRUCell",
    "QuaternionLinear",
    "QuaternionRNN",
    "QuaternionRNNCell",
    "RNNCell",
    "Split",
    "init",
]
