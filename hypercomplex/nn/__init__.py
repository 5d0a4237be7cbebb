"""Layers written once for every algebra.

A layer takes the algebra as an argument; the `Quaternion…` names fix it. Sizes count numbers.
Parameters are plain real tensors with torch's own shapes and the components on one more axis. A
typed tensor gives a typed tensor, a plain folded tensor (component-major on the channel axis)
gives a plain folded tensor.
"""

from hypercomplex.nn import init
from hypercomplex.nn.activation import (
    Cardioid,
    ModReLU,
    ModTanh,
    Split,
    SplitGELU,
    SplitHardtanh,
    SplitLeakyReLU,
    SplitReLU,
    SplitSigmoid,
    SplitSiLU,
    SplitTanh,
)
from hypercomplex.nn.adapters import (
    LUMINANCE,
    AllComponents,
    FeaturesToImaginary,
    FeaturesToNumbers,
    LearnedReadout,
    LearnedVector,
    Modulus,
    RealPart,
)
from hypercomplex.nn.attention import (
    MultiheadAttention,
    QuaternionMultiheadAttention,
    QuaternionTransformerEncoderLayer,
    TransformerEncoderLayer,
)
from hypercomplex.nn.averaging import update_bn
from hypercomplex.nn.batch_norm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    QuaternionBatchNorm1d,
    QuaternionBatchNorm2d,
    QuaternionBatchNorm3d,
    VarianceNorm1d,
    VarianceNorm2d,
    VarianceNorm3d,
)
from hypercomplex.nn.cells import (
    GRUCell,
    LSTMCell,
    QuaternionGRUCell,
    QuaternionLSTMCell,
    QuaternionRNNCell,
    RNNCell,
)
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
from hypercomplex.nn.dropout import Dropout, Dropout1d, Dropout2d, Dropout3d
from hypercomplex.nn.embedding import Embedding, QuaternionEmbedding
from hypercomplex.nn.freezing import freeze, unfreeze
from hypercomplex.nn.instance_norm import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from hypercomplex.nn.lazy import LazyConv1d, LazyConv2d, LazyConv3d, LazyLinear
from hypercomplex.nn.ligru import LiGRU, LiGRUCell, QuaternionLiGRU, QuaternionLiGRUCell
from hypercomplex.nn.linear import Linear, QuaternionLinear
from hypercomplex.nn.normalization import GroupNorm, LayerNorm, QuaternionLayerNorm, RMSNorm
from hypercomplex.nn.orthogonal import orthogonal
from hypercomplex.nn.permutation import ChannelPermutation
from hypercomplex.nn.pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from hypercomplex.nn.recurrent import GRU, LSTM, RNN, QuaternionGRU, QuaternionLSTM, QuaternionRNN
from hypercomplex.nn.rotation import RotationConv1d, RotationConv2d, RotationLinear
from hypercomplex.nn.separable import (
    DepthwiseConv1d,
    DepthwiseConv2d,
    SeparableConv1d,
    SeparableConv2d,
)
from hypercomplex.nn.written import Bidirectional, Equation, Recurrence

__all__ = [
    "GRU",
    "LSTM",
    "LUMINANCE",
    "RNN",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AllComponents",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Bidirectional",
    "Cardioid",
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
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "Embedding",
    "Equation",
    "FeaturesToImaginary",
    "FeaturesToNumbers",
    "GRUCell",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LSTMCell",
    "LayerNorm",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyLinear",
    "LearnedReadout",
    "LearnedVector",
    "LiGRU",
    "LiGRUCell",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "ModReLU",
    "ModTanh",
    "Modulus",
    "MultiheadAttention",
    "QuaternionBatchNorm1d",
    "QuaternionBatchNorm2d",
    "QuaternionBatchNorm3d",
    "QuaternionConv1d",
    "QuaternionConv2d",
    "QuaternionConv3d",
    "QuaternionConvTranspose1d",
    "QuaternionConvTranspose2d",
    "QuaternionConvTranspose3d",
    "QuaternionEmbedding",
    "QuaternionGRU",
    "QuaternionGRUCell",
    "QuaternionLSTM",
    "QuaternionLSTMCell",
    "QuaternionLayerNorm",
    "QuaternionLiGRU",
    "QuaternionLiGRUCell",
    "QuaternionLinear",
    "QuaternionMultiheadAttention",
    "QuaternionRNN",
    "QuaternionRNNCell",
    "QuaternionTransformerEncoderLayer",
    "RMSNorm",
    "RNNCell",
    "RealPart",
    "Recurrence",
    "RotationConv1d",
    "RotationConv2d",
    "RotationLinear",
    "SeparableConv1d",
    "SeparableConv2d",
    "Split",
    "SplitGELU",
    "SplitHardtanh",
    "SplitLeakyReLU",
    "SplitReLU",
    "SplitSiLU",
    "SplitSigmoid",
    "SplitTanh",
    "TransformerEncoderLayer",
    "VarianceNorm1d",
    "VarianceNorm2d",
    "VarianceNorm3d",
    "convert",
    "freeze",
    "from_real",
    "init",
    "max_norm_",
    "orthogonal",
    "to_real",
    "unfreeze",
    "update_bn",
]
