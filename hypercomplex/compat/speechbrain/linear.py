"""The linear layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from hypercomplex.compat.speechbrain.ops import (
    CompactLinear,
    CompactRotation,
    QuaternionLinearCustomBackward,
    check_divisible,
    check_quaternion_input,
    hamilton_matrix,
    quaternion_linear_op,
    quaternion_linear_rotation_op,
)
from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.compat.speechbrain.weights import FourWeights
from hypercomplex.compat.speechbrain.words import Criterion, WeightInit
from hypercomplex.functional.arguments import Count, check_width, checked, explained
from hypercomplex.host.mode import is_compiling

__all__ = ["QLinear"]

_linear: Callable[..., Tensor] = QuaternionLinearCustomBackward.apply
_compiled_linear: Callable[..., Tensor] = CompactLinear.apply
_rotation: Callable[..., Tensor] = CompactRotation.apply


class QLinear(FourWeights):
    r"""The affine map $y_m = \sum_n w_{nm}\, x_n + b_m$, or sums of rotated vectors.

    Args:
        n_neurons: output quaternions.
        input_shape: the real shape of the input, of which only the last entry counts, or that
            entry alone.
        bias: whether to add a learned quaternion to each output.
        init_criterion: `"glorot"` or `"he"`.
        weight_init: `"quaternion"` or `"unitary"`.
        autograd: False keeps only the input and the compact weights for backward.
        spinor: rotate the vector parts instead, see `quaternion_linear_rotation_op`.
        vector_scale: learn one factor per rotation.
        max_norm: the largest norm of the weights of one input quaternion.

    Shape:
        `(*, 4·I)` → `(*, 4·n_neurons)`, folded.

    Raises:
        ValueError: if the width is not divisible by 4, `input_shape` has more than 3 entries, or a
            word is unknown; at the call if the input has another width.

    Example:
        >>> layer = QLinear(3, input_shape=(10, 8))
        >>> layer(torch.randn(10, 8)).shape
        torch.Size([10, 12])
    """

    @checked
    def __init__(
        self,
        n_neurons: Count,
        input_shape: Sequence[int | None] | int,
        bias: bool = True,
        init_criterion: Criterion = "glorot",
        weight_init: WeightInit = "quaternion",
        autograd: bool = True,
        spinor: bool = False,
        vector_scale: bool = False,
        max_norm: float | None = None,
    ) -> None:
        width = _width(input_shape)
        super().__init__(
            (width // 4, n_neurons), n_neurons, bias, False, init_criterion, weight_init, spinor,
            vector_scale, max_norm,
        )  # fmt: skip
        self.in_features = width // 4
        self.out_features = n_neurons
        self.autograd = autograd

    @explained
    def forward(self, x: Tensor) -> Tensor:
        """The map of the last axis."""
        check_width("x", x, -1, 4 * self.in_features, "the width of `input_shape`")
        weights = self.limited_weights()
        bias, scale = self._added_bias(), self.scale_param
        if self.autograd:
            if self.spinor:
                return quaternion_linear_rotation_op(x, *weights, bias, scale)
            return quaternion_linear_op(x, *weights, bias)
        if is_strict():  # the reference forgets that it is a spinor
            rows = x.view(-1, x.shape[-1])
            return _linear(rows, *weights, bias).view(*x.shape[:-1], -1)
        if self.spinor:
            return _rotation(x, *weights, bias, scale)
        apply = _compiled_linear if is_compiling() else _linear
        return apply(x, *weights, bias)

    def lowered(self) -> tuple[Tensor, Tensor | None]:
        """The real matrix `(4·I, 4·O)` and the bias `(4·O)` of a map that is no spinor.

        Example:
            >>> layer = QLinear(3, 8)
            >>> matrix, bias = layer.lowered()
            >>> x = torch.randn(5, 8)
            >>> torch.allclose(layer(x), x @ matrix + bias, atol=1e-6)
            True
        """
        return hamilton_matrix(*self.limited_weights()), self._added_bias()

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.in_features}, {self.out_features}, bias={self.has_bias}"

    def _added_bias(self) -> Tensor | None:
        """The bias that takes part; strictly, a frozen one does not."""
        used = self.bias.requires_grad if is_strict() else self.has_bias
        return self.bias if used else None


def _width(input_shape: Sequence[int | None] | int) -> int:
    if isinstance(input_shape, int):
        check_divisible(input_shape)
        return input_shape
    width = input_shape[-1]
    if width is None:
        raise TypeError(f"`input_shape` (={tuple(input_shape)}) must end with the real width")
    check_quaternion_input([0] * (len(input_shape) - 1) + [width])
    return width
