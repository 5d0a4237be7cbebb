"""What linear and convolution layers share: four weights, a scale, a bias, and a largest norm."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hypercomplex.compat.speechbrain.init import INITIALISERS, Four, affect_conv_init, affect_init
from hypercomplex.compat.speechbrain.ops import projected, renorm_quaternion_weights_inplace
from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.host.mode import is_traced

__all__ = ["FourWeights"]


class FourWeights(nn.Module):
    """A layer with the parameters of the reference, under its names and in its order.

    Attributes:
        r_weight: the real parts of the weight; `i_weight`, `j_weight`, `k_weight` the others.
        zero_kernel: zeros that nothing reads, in checkpoints of spinor layers; else None.
        scale_param: one factor per weight, if `spinor` and `vector_scale`; else None.
        bias: `(4·O)`; without bias a buffer of zeros.
    """

    r_weight: nn.Parameter
    i_weight: nn.Parameter
    j_weight: nn.Parameter
    k_weight: nn.Parameter
    bias: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        outputs: int,
        bias: bool,
        saves_no_bias: bool,
        init_criterion: str,
        weight_init: str,
        spinor: bool,
        vector_scale: bool,
        max_norm: float | None,
    ) -> None:
        super().__init__()
        self.spinor = spinor
        self.vector_scale = vector_scale
        self.max_norm = max_norm
        self.init_criterion = init_criterion
        self.weight_init = weight_init
        for name in ("r_weight", "i_weight", "j_weight", "k_weight"):
            self.register_parameter(name, nn.Parameter(torch.empty(shape)))
        self.zero_kernel = nn.Parameter(torch.zeros(shape), requires_grad=False) if spinor else None
        self.scale_param: nn.Parameter | None = None
        if spinor and vector_scale:
            self.scale_param = nn.Parameter(nn.init.xavier_uniform_(torch.empty(shape)))
        self.bias = torch.zeros(4 * outputs)
        if bias:
            self.adopt_bias()
        else:
            del self.bias
            self.register_buffer("bias", torch.zeros(4 * outputs), persistent=saves_no_bias)
        initialiser = INITIALISERS[weight_init]
        if len(shape) == 2:
            affect_init(*self.weights, initialiser, init_criterion)
        else:
            affect_conv_init(*self.weights, shape[2:], initialiser, init_criterion)

    @property
    def weights(self) -> Four:
        """The four weights as they are stored."""
        return self.r_weight, self.i_weight, self.j_weight, self.k_weight

    @property
    def has_bias(self) -> bool:
        """Whether the bias is a parameter."""
        return "bias" in dict(self.named_parameters(recurse=False))

    def adopt_bias(self) -> None:
        """Turn the buffer of zeros into a parameter."""
        zeros = self.bias
        del self.bias
        self.bias = nn.Parameter(zeros)

    def limited_weights(self) -> Four:
        """The four weights within `max_norm`.

        Training limits the parameters themselves. Evaluation only reads them, and takes limited
        copies whose gradient is that of the parameters, and so does what `torch.jit.trace` records;
        strictly it limits them, too.
        """
        if self.max_norm is None:
            return self.weights
        learns = self.training and torch.is_grad_enabled() and not is_traced()
        if is_strict() or learns:
            renorm_quaternion_weights_inplace(*self.weights, self.max_norm)
            return self.weights
        limited = projected(self.weights, self.max_norm)
        pairs = zip(self.weights, limited, strict=True)
        r, i, j, k = (weight + (small - weight).detach() for weight, small in pairs)
        return r, i, j, k
