"""The names of SpeechBrain's quaternion networks.

Same names, arguments, defaults, parameter names, layouts and results as
`speechbrain.nnet.quaternion_networks` (1.1.0), so that its recipes run and its checkpoints load.
Results that its bugs spoil come out right; inside `with strict():` they are reproduced as well.
Where it crashes, there is nothing to reproduce, and both modes give the right result. Checkpoints
of either mode load in the other and in the reference, those of `QBatchNorm` with statistics of each
position where it has seen as many.

Bugs that spoil a result, fixed by default:

| case                                  | inside `strict()`             | by default               |
|---------------------------------------|-------------------------------|--------------------------|
| groups of convolutions                | mix parts of many quaternions | hold whole quaternions   |
| `QConv2d`: `stride[1]`, `dilation[1]` | ignored                       | used                     |
| strided "same" padding                | forgets the dilation          | counts it                |
| max pooling                           | takes from wrong places       | takes from each window   |
| pooling: `dilation`                   | ignored                       | used; an error for "avg" |
| pooling: unknown `pool_type`          | does nothing                  | an error                 |
| frozen bias or scale of linear maps   | left out                      | takes part               |
| `autograd=False` of a spinor          | a plain product               | rotates                  |
| `autograd=False`, `r_weight` frozen   | stops all weight gradients    | stops its own            |
| custom backward: rank                 | matrices only                 | any                      |
| spinor weight zero (linear)           | NaN gradients                 | finite gradients         |
| `max_norm`, zero quaternions          | NaN                           | stay zero                |
| `max_norm` in evaluation              | writes the parameters         | only reads them          |
| initial moduli                        | numpy reseeded, layers share  | torch, all independent   |
| initial axes                          | from a cube                   | from the sphere          |
| unknown `init_criterion`              | means "he"                    | an error                 |
| unknown `nonlinearity`                | means "relu"                  | an error                 |
| `bias=False` of `QRNN`, `QLSTM`       | has no effect                 | no biases, unless loaded |
| "layernorm" of `QLiGRU_Layer`         | no normalisation              | a layer normalisation    |
| unknown `normalization`               | no normalisation              | an error                 |
| last states, bidirectional            | samples mixed, wrong end      | those of each sample     |
| recurrent dropout                     | rows of a pool of 16000 masks | a new mask at every call |
| masks in `QLiGRU` checkpoints         | used again                    | drawn for the file       |
| `QBatchNorm` beyond matrices          | statistics of each position   | over all positions       |

Crashes and costs, gone in both modes: `QConv2d(spinor=True)` and `skip_transpose=True`; a changed
batch size in training; recurrent networks on a GPU or in half precision; layers without bias that
were moved; running statistics that keep every graph alive, or that cannot be copied; `dim` and
`track_running_stats=False` of `QBatchNorm`; statistics in half precision; double backward, forward
mode, `torch.func` and autocast with `autograd=False`; building on the meta device; weights lowered
at every time step; SciPy.

Kept in both modes, for trained weights depend on them:

- gates are components of quaternion neurons (`[r|i|j|k]` are the LSTM's input gate, forget gate,
  output gate and candidate), not quaternions;
- both directions share their weights, and their outputs stand side by side, `[forward|backward]`,
  so the next layer does not see the component-major layout;
- linear spinors turn backwards, convolutions forwards, with different safeguards for short weights;
- the kernel's first axis of `QConv2d` runs along the input's third axis;
- `max_norm` of linear maps limits the weights of one input;
- "unitary" weights have modulus one whatever the fans, and gates count as fan-out;
- `QLiGRU` has no biases but the offset of its normalisation; convolutions need `input_shape` and
  odd kernels.

For new work, `hypercomplex.nn` has the same layers without this history.

Example:
    >>> from hypercomplex.compat.speechbrain import QLSTM, strict
    >>> net = QLSTM(hidden_size=4, input_shape=(10, 16, 40))
    >>> y, h = net(torch.randn(10, 16, 40))
    >>> with strict():
    ...     same, _ = net(torch.randn(10, 16, 40))
    >>> y.shape == same.shape
    True
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
