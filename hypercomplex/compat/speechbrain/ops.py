"""The quaternion operations of the reference, on its four weights.

A weight is four tensors, `(I, O)` for linear maps and `(O, I/groups, *kernel)` for convolutions;
it multiplies from the left. Features are folded, `[r … | i … | j … | k …]`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from hypercomplex import functional
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.functional.arguments import (
    Amounts,
    Count,
    Counts,
    check_reals,
    check_shape,
    check_width,
    explained,
)
from hypercomplex.host.mode import all_digits
from hypercomplex.lowering import (
    arrange,
    block_kernel,
    disarrange,
    fold_groups,
    operator_adjoint,
    sandwich_structure,
    transposed_block_kernel,
    unfold,
    unfold_groups,
)

__all__ = [
    "CompactLinear",
    "CompactRotation",
    "QuaternionLinearCustomBackward",
    "check_quaternion_input",
    "hamilton_matrix",
    "projected",
    "quaternion_conv_op",
    "quaternion_conv_rotation_op",
    "quaternion_linear_op",
    "quaternion_linear_rotation_op",
    "renorm_quaternion_weights_inplace",
    "rotation_matrix",
]

_MARGIN = 1e-4  # what the reference adds to lengths


@explained
def quaternion_linear_op(
    input: Tensor,
    r_weight: Tensor,
    i_weight: Tensor,
    j_weight: Tensor,
    k_weight: Tensor,
    bias: Tensor | None,
) -> Tensor:
    r"""The affine map $y_m = \sum_n w_{nm}\, x_n + b_m$.

    Shape:
        input `(*, 4·I)`, weights `(I, O)`, bias `(4·O)` or None; output `(*, 4·O)`.

    Raises:
        RuntimeError: if the widths do not fit.

    Example:
        >>> one, zero = torch.ones(1, 1), torch.zeros(1, 1)
        >>> x = torch.tensor([[1., 2, 3, 4]])
        >>> quaternion_linear_op(x, zero, one, zero, zero, None)  # i x
        tensor([[-2.,  1., -4.,  3.]])
    """
    _check_shapes(input, -1, r_weight.mT if r_weight.ndim > 1 else r_weight, 1, bias)
    matrix = hamilton_matrix(r_weight, i_weight, j_weight, k_weight)
    return F.linear(input, matrix.mT, _used(bias))


@explained
def quaternion_linear_rotation_op(
    input: Tensor,
    r_weight: Tensor,
    i_weight: Tensor,
    j_weight: Tensor,
    k_weight: Tensor,
    bias: Tensor | None,
    scale: Tensor | None,
    zero_kernel: Tensor | None = None,
) -> Tensor:
    r"""Sums of rotated vectors: $y_m = \sum_n s_{nm}\, \bar n_{nm}\, v_n\, n_{nm} + b_m$ with
    $n = w / (|w| + 10^{-4})$ and $v$ the vector part of $x$.

    It turns backwards, by $\bar n$, and the convolution forwards: trained weights depend on both.

    Shape:
        input `(*, 4·I)`, weights and scale `(I, O)`, bias `(4·O)`; output `(*, 4·O)`.

    Example:
        >>> one, zero = torch.ones(1, 1), torch.zeros(1, 1)
        >>> x = torch.tensor([[9., 1, 0, 0]])
        >>> y = quaternion_linear_rotation_op(x, one, zero, zero, one, None, None)
        >>> y.round(decimals=2)  # a quarter turn about z, backwards; the real part is dropped
        tensor([[ 0.,  0., -1.,  0.]])
    """
    _check_shapes(input, -1, r_weight.mT if r_weight.ndim > 1 else r_weight, 1, bias)
    matrix = rotation_matrix(r_weight, i_weight, j_weight, k_weight, _used(scale))
    return _rotate(input, matrix, _used(bias))


@explained
def quaternion_conv_op(
    input: Tensor,
    r_weight: Tensor,
    i_weight: Tensor,
    j_weight: Tensor,
    k_weight: Tensor,
    bias: Tensor | None,
    stride: Counts,
    padding: Amounts,
    groups: Count,
    dilation: Counts,
    conv1d: bool,
) -> Tensor:
    """Convolution over one axis or two: `functional.conv1d` or `functional.conv2d`.

    A group holds whole quaternions. Strictly, it holds a run of flat channels, so that groups
    mix components of different quaternions.

    Shape:
        input `(B, 4·I, *axes)`, weights `(O, I/groups, *kernel)`, bias `(4·O)`.

    Example:
        >>> x, weights = torch.randn(2, 8, 9), torch.randn(4, 3, 2, 3).unbind(0)
        >>> quaternion_conv_op(x, *weights, None, 1, 0, 1, 1, True).shape
        torch.Size([2, 12, 7])
    """
    _check_shapes(input, 1, r_weight, groups, bias)
    weight = _numbers(r_weight, i_weight, j_weight, k_weight)
    if is_strict() and groups > 1:
        kernel = block_kernel(weight, QUATERNION.product)
        return _real_conv(conv1d)(input, kernel, bias, stride, padding, dilation, groups)
    convolve = functional.conv1d if conv1d else functional.conv2d
    offset = None if bias is None else unfold(bias, 0, 4)
    return convolve(input, weight, offset, stride, padding, dilation, groups, algebra=QUATERNION)


@explained
def quaternion_conv_rotation_op(
    input: Tensor,
    r_weight: Tensor,
    i_weight: Tensor,
    j_weight: Tensor,
    k_weight: Tensor,
    bias: Tensor | None,
    scale: Tensor | None,
    zero_kernel: Tensor | None,
    stride: Counts,
    padding: Amounts,
    groups: Count,
    dilation: Counts,
    conv1d: bool,
) -> Tensor:
    r"""Convolution with rotations $v \mapsto s\, n\, v\, \bar n$, $n = w / \sqrt{|w|^2 + 10^{-4}}$.

    It turns forwards, and the linear map backwards: trained weights depend on both. Groups as in
    `quaternion_conv_op`.

    Shape:
        input `(B, 4·I, *axes)`, weights and scale `(O, I/groups, *kernel)`, bias `(4·O)`.

    Example:
        >>> one, zero = torch.ones(1, 1, 1), torch.zeros(1, 1, 1)
        >>> x = torch.tensor([[[9.], [1], [0], [0]]])
        >>> weights = (one, zero, zero, one)
        >>> y = quaternion_conv_rotation_op(x, *weights, None, None, None, 1, 0, 1, 1, True)
        >>> y.mT.round(decimals=3)  # a quarter turn about z
        tensor([[[0., 0., 1., 0.]]])
    """
    _check_shapes(input, 1, r_weight, groups, bias)
    weight = _numbers(r_weight, i_weight, j_weight, k_weight)
    with all_digits(weight):
        length = (functional.squared_norm(weight) + _MARGIN).sqrt()
        blocks = _rotations(weight / length.unsqueeze(-1), _used(scale))
    convolve = _real_conv(conv1d)
    if is_strict() and groups > 1:
        full = blocks.new_zeros(4, 4, *blocks.shape[2:])
        full[1:, 1:] = blocks
        kernel = arrange(full)
        return convolve(input, kernel, bias, stride, padding, dilation, groups)
    vectors = fold_groups(input[:, input.shape[1] // 4 :], 1, 3, groups)
    kernel = arrange(blocks, groups)
    rotated = convolve(vectors, kernel, None, stride, padding, dilation, groups)
    return _with_real_part(unfold_groups(rotated, 1, 3, groups), bias, 1)


class CompactLinear(torch.autograd.Function):
    """`quaternion_linear_op` that keeps only the input and the compact weights for backward.

    Example:
        >>> x, weights = torch.randn(2, 3, 8), torch.randn(4, 2, 5).unbind(0)
        >>> CompactLinear.apply(x, *weights, None).shape
        torch.Size([2, 3, 20])
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(
        input: Tensor,
        r_weight: Tensor,
        i_weight: Tensor,
        j_weight: Tensor,
        k_weight: Tensor,
        bias: Tensor | None,
    ) -> Tensor:
        """The affine map."""
        if is_strict() and input.ndim != 2:
            raise RuntimeError(
                f"`input` of shape {tuple(input.shape)} must be a matrix (B, 4·I) inside strict()"
            )
        matrix = hamilton_matrix(r_weight, i_weight, j_weight, k_weight)
        return F.linear(input, matrix.mT, _used(bias))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Keep the arguments."""
        ctx.save_for_backward(*inputs)
        ctx.stops_with_r = is_strict()

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Any:
        """The exact gradients, of the arguments in their order."""
        input, *weights, bias = ctx.saved_tensors
        (grad,) = grad_outputs
        matrix = hamilton_matrix(*weights)
        grad_input, grad_matrix = _bilinear_gradients(input, matrix, grad)
        blocks = disarrange(grad_matrix, 4).transpose(0, 1)  # its rows are inputs
        grad_weights = operator_adjoint(blocks, QUATERNION.product).unbind(-1)
        stops = ctx.stops_with_r and not ctx.needs_input_grad[1]
        return grad_input, *((None,) * 4 if stops else grad_weights), _bias_gradient(bias, grad)


class QuaternionLinearCustomBackward(CompactLinear):
    """`quaternion_linear_op` that keeps only the input and the compact weights for backward.

    Backward lowers the weights again. It can be differentiated again, in forward mode too, and
    works under autocast and the transforms of `torch.func`. Strictly, only matrices `(B, 4·I)`
    are taken, and no weight has a gradient where `r_weight` needs none.

    `torch.compile` takes no function with a derivative in forward mode: `CompactLinear` is the
    one without.

    Example:
        >>> x, weights = torch.randn(2, 3, 8), torch.randn(4, 2, 5).unbind(0)
        >>> QuaternionLinearCustomBackward.apply(x, *weights, None).shape
        torch.Size([2, 3, 20])
    """

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Keep the arguments, for both directions."""
        CompactLinear.setup_context(ctx, inputs, output)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Tensor:
        """The derivative along tangents: the product rule."""
        input, *weights, _ = ctx.saved_tensors
        towards, *turn, offset = grad_inputs
        along = towards @ hamilton_matrix(*weights) + input @ hamilton_matrix(*turn)
        return along if offset is None else along + offset


class CompactRotation(torch.autograd.Function):
    """`quaternion_linear_rotation_op` that keeps only the input and the compact weights.

    Example:
        >>> x, weights = torch.randn(2, 3, 8), torch.randn(4, 2, 5).unbind(0)
        >>> CompactRotation.apply(x, *weights, None, None).shape
        torch.Size([2, 3, 20])
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(
        input: Tensor,
        r_weight: Tensor,
        i_weight: Tensor,
        j_weight: Tensor,
        k_weight: Tensor,
        bias: Tensor | None,
        scale: Tensor | None,
    ) -> Tensor:
        """The sums of rotated vectors."""
        matrix = rotation_matrix(r_weight, i_weight, j_weight, k_weight, scale)
        return _rotate(input, matrix, bias)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Keep the arguments."""
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Any:
        """The exact gradients, of the arguments in their order."""
        input, *weights, bias, scale = ctx.saved_tensors
        (grad,) = grad_outputs
        into, out = input.shape[-1] // 4, grad.shape[-1] // 4
        weight = _numbers(*weights)
        length = (functional.norm(weight) + _MARGIN).unsqueeze(-1)
        unit = weight / length
        rotations = _rotations(unit, None)
        scaled = rotations if scale is None else rotations * scale
        grad_vectors, grad_matrix = _bilinear_gradients(
            input[..., into:], arrange(scaled), grad[..., out:]
        )
        blocks = disarrange(grad_matrix, 3)
        grad_scale = None if scale is None else (blocks * rotations).sum((0, 1))
        grad_unit = _rotations_adjoint(unit, blocks if scale is None else blocks * scale)
        # unit = w / (|w| + ε): along the direction of w, only ε moves it.
        along = (unit * grad_unit).sum(-1, keepdim=True)
        grad_weight = (grad_unit - functional.normalize(weight) * along) / length
        return (
            F.pad(grad_vectors, (into, 0)),
            *grad_weight.unbind(-1),
            _bias_gradient(bias, grad),
            grad_scale,
        )


@explained
def check_quaternion_input(input_shape: Sequence[int]) -> None:
    """The shape has 1 to 3 axes, and the last one holds whole quaternions.

    Raises:
        ValueError: if not.

    Example:
        >>> check_quaternion_input((10, 5, 8))
    """
    if len(input_shape) not in (1, 2, 3):
        raise ValueError(
            f"`input_shape` (={tuple(input_shape)}) must have 1, 2 or 3 entries, "
            f"not {len(input_shape)}"
        )
    check_divisible(input_shape[-1])


def _check_shapes(
    input: Tensor, dim: int, r_weight: Tensor, groups: int, bias: Tensor | None
) -> None:
    """The input and the bias have the channels that a weight `(O, I/groups, …)` connects."""
    if r_weight.ndim < 2:
        raise ValueError(
            f"`r_weight` of shape {tuple(r_weight.shape)} must have an axis of inputs and one of "
            "outputs"
        )
    outputs, inputs = r_weight.shape[:2]
    check_width("input", input, dim, 4 * inputs * groups, "four for each input of `r_weight`")
    if bias is not None:
        check_shape("bias", bias, (4 * outputs,), "(4·O,)")
        check_reals("bias", bias)


def check_divisible(width: int) -> None:
    """The real width holds whole quaternions."""
    if width % 4:
        raise ValueError(
            "Quaternion torch.Tensors must have dimensions divisible by 4. "
            f"input.size()[1] = {width}: `input_shape` must end with four times a number of "
            f"quaternions, for instance {width + -width % 4}"
        )


@explained
def renorm_quaternion_weights_inplace(
    r_weight: Tensor,
    i_weight: Tensor,
    j_weight: Tensor,
    k_weight: Tensor,
    max_norm: float,
) -> None:
    """Shrink every slice along axis 0 whose norm is above `max_norm` to that norm, in place.

    Strictly, zero quaternions become NaN.

    Example:
        >>> weights = torch.ones(4, 1, 1)
        >>> renorm_quaternion_weights_inplace(*weights.unbind(0), max_norm=1.0)
        >>> weights.flatten()
        tensor([0.5000, 0.5000, 0.5000, 0.5000])
    """
    weights = (r_weight, i_weight, j_weight, k_weight)
    with torch.no_grad():
        for weight, small in zip(weights, projected(weights, max_norm), strict=True):
            # `.data`: a forward pass that waits for its backward may hold this weight.
            weight.data.copy_(small)


def projected(weights: Sequence[Tensor], max_norm: float) -> tuple[Tensor, ...]:
    """The weights with no slice along axis 0 above `max_norm`."""
    modulus = functional.norm(torch.stack(tuple(weights), -1))
    if is_strict():
        factor = torch.renorm(modulus, 2, 0, max_norm) / modulus  # 0 / 0, as the reference has it
    else:
        length = modulus.square().flatten(1).sum(1).sqrt().view(-1, *(1,) * (modulus.ndim - 1))
        factor = torch.where(length > max_norm, max_norm / (length + 1e-7), 1.0)
    return tuple(weight * factor for weight in weights)


def hamilton_matrix(
    r_weight: Tensor, i_weight: Tensor, j_weight: Tensor, k_weight: Tensor
) -> Tensor:
    """The matrix `(4·I, 4·O)` of the linear map on folded rows: `y = x @ M`.

    Example:
        >>> one, zero = torch.ones(1, 1), torch.zeros(1, 1)
        >>> hamilton_matrix(one, zero, zero, zero)
        tensor([[1., 0., 0., 0.],
                [0., 1., 0., 0.],
                [0., 0., 1., 0.],
                [0., 0., 0., 1.]])
    """
    weight = _numbers(r_weight, i_weight, j_weight, k_weight)
    return transposed_block_kernel(weight, QUATERNION.product)


def rotation_matrix(
    r_weight: Tensor,
    i_weight: Tensor,
    j_weight: Tensor,
    k_weight: Tensor,
    scale: Tensor | None = None,
) -> Tensor:
    """The matrix `(3·I, 3·O)` of the linear spinor map on the vector parts: `v @ M`.

    Example:
        >>> one, zero = torch.ones(1, 1), torch.zeros(1, 1)
        >>> rotation_matrix(one, zero, zero, one).round(decimals=3)
        tensor([[ 0., -1.,  0.],
                [ 1.,  0.,  0.],
                [ 0.,  0.,  1.]])
    """
    weight = _numbers(r_weight, i_weight, j_weight, k_weight)
    with all_digits(weight):
        # Strictly, the derivative at zero is 0 / 0.
        strict = is_strict()
        length = functional.squared_norm(weight).sqrt() if strict else functional.norm(weight)
        return arrange(_rotations(weight / (length + _MARGIN).unsqueeze(-1), scale))


def _rotations(numbers: Tensor, scale: Tensor | None) -> Tensor:
    """The blocks `(3, 3, *)` of v ↦ w v w̄ on vectors, plus 1 - |w|² times the identity.

    For units that is the rotation. It is quadratic, 1 + Σ w_a w_b (L(e_a) R(ē_b) - δ_ab), so it is
    one product of a constant matrix with the products of components.
    """
    components = numbers.movedim(-1, 0).reshape(4, -1)
    pairs = (components.unsqueeze(1) * components.unsqueeze(0)).flatten(0, 1)
    identity = torch.eye(3, dtype=pairs.dtype, device=pairs.device).view(9, 1)
    blocks = (_turns(pairs).mT @ pairs + identity).view(3, 3, *numbers.shape[:-1])
    return blocks if scale is None else blocks * scale


def _rotations_adjoint(numbers: Tensor, blocks: Tensor) -> Tensor:
    """What gradients of the blocks of `_rotations` become: those of its numbers."""
    components = numbers.movedim(-1, 0).reshape(4, -1)
    pairs = (_turns(blocks) @ blocks.reshape(9, -1)).unflatten(0, (4, 4))
    gradients = ((pairs + pairs.transpose(0, 1)) * components).sum(1)
    return gradients.view(4, *numbers.shape[:-1]).movedim(0, -1)


def _turns(like: Tensor) -> Tensor:
    """The constants L(e_a) R(ē_b) - δ_ab on vectors, with rows `(a, b)`."""
    return sandwich_structure(QUATERNION, like, beyond_one=True)


def _rotate(input: Tensor, matrix: Tensor, bias: Tensor | None) -> Tensor:
    vectors = input[..., input.shape[-1] // 4 :]
    return _with_real_part(vectors @ matrix, bias, input.ndim - 1)


def _with_real_part(vectors: Tensor, bias: Tensor | None, dim: int) -> Tensor:
    """Put a zero real part before the vectors, and add the bias."""
    after = vectors.ndim - 1 - dim
    zeros = vectors.shape[dim] // 3
    numbers = F.pad(vectors, (0, 0) * after + (zeros, 0))
    return numbers if bias is None else numbers + bias.to(numbers.dtype).view(-1, *(1,) * after)


def _bilinear_gradients(input: Tensor, matrix: Tensor, grad: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of `input @ matrix`; under autocast `grad` has the lower precision."""
    rows = grad.reshape(-1, grad.shape[-1])
    inputs = input.reshape(-1, input.shape[-1]).to(grad.dtype)
    grad_input = (grad @ matrix.mT.to(grad.dtype)).to(input.dtype)
    return grad_input, (inputs.mT @ rows).to(matrix.dtype)


def _bias_gradient(bias: Tensor | None, grad: Tensor) -> Tensor | None:
    return None if bias is None else grad.sum_to_size(bias.shape).to(bias.dtype)


def _numbers(r: Tensor, i: Tensor, j: Tensor, k: Tensor) -> Tensor:
    """Four weights → one with the components last, without moving them again when lowered."""
    return torch.stack((r, i, j, k)).movedim(0, -1)


def _used(tensor: Tensor | None) -> Tensor | None:
    """Strictly, a frozen bias or scale is left out, as the reference does."""
    return None if tensor is not None and is_strict() and not tensor.requires_grad else tensor


def _real_conv(conv1d: bool) -> Callable[..., Tensor]:
    return F.conv1d if conv1d else F.conv2d
