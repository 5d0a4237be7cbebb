"""The affine map of numbers, and real functions applied to every component."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from types import BuiltinFunctionType

import torch
from torch import Tensor

from hypercomplex.door.calls import Typed, overridable
from hypercomplex.door.declarations import folded, mismatch
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, wrap
from hypercomplex.functional.arguments import check_bias, check_channels, check_real, check_weight
from hypercomplex.host.leaves import fresh
from hypercomplex.lowering import AnyProduct, Choice, Kept, affine_features, fold, structure
from hypercomplex.lowering.block import Side, is_real

__all__ = ["componentwise", "linear", "low_rank_linear", "split"]


@folded("input")
def linear(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    algebra: AnyProduct,
    side: Side = "left",
    plan: Choice = None,
    kept: Kept | None = None,
) -> Tensor:
    r"""The affine map of numbers: $y_o = \sum_i w_{oi}\, x_i + b_o$.

    With `side="right"` the weight stands on the other side, $x_i\, w_{oi}$. How it is computed is
    planned from the shapes, see `hypercomplex.lowering.plan`; `plan` asks for a way, and `kept`
    keeps what is made of the weight, as in a layer that is frozen, see `nn.freeze`.

    Shape:
        - input: `(*, n·I)` folded, or a typed tensor `(*, I)`
        - weight: `(O, I, n)`, bias: `(O, n)`
        - output: `(*, n·O)` folded, or typed `(*, O)`

    Raises:
        ValueError: if the widths do not fit the algebra or each other, or the plan does not serve.

    Example:
        >>> x = torch.tensor([[1., 2, 3, 4]])  # the quaternion 1+2i+3j+4k, folded
        >>> i = torch.tensor([[[0., 1, 0, 0]]])
        >>> linear(x, i, algebra=hc.QUATERNION)  # i x = -2 + i - 4j + 3k
        tensor([[-2.,  1., -4.,  3.]])

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3.
    """
    product = algebra.product
    check_weight(weight, product, "(O, I, n)", side)
    check_bias(bias, weight.shape[0], product)
    check_channels(input, -1, weight.shape[1], product, side)
    if is_real(product):
        real = None if bias is None else bias.squeeze(-1)
        return torch.nn.functional.linear(input, weight.squeeze(-1), real)
    return affine_features(input, weight, bias, product, side, plan, kept)


@folded("input")
def low_rank_linear(
    input: Tensor,
    left: Tensor,
    right: Tensor,
    bias: Tensor | None = None,
    *,
    algebra: AnyProduct,
) -> Tensor:
    r"""The affine map whose weight has rank r in each component, $w_{oi} = \sum_{a,m} s_{oam}\,
    t_{aim}\, e_m$.

    No matrix is made of it: $y_{ok} = \sum_{a,m} s_{oam} \sum_j c_{mjk} \sum_i t_{aim}\, x_{ij} +
    b_{ok}$.

    Shape:
        - input: `(*, n·I)` folded, or a typed tensor `(*, I)`
        - left: the s, `(O, r, n)`; right: the t, `(r, I, n)`; bias: `(O, n)`
        - output: `(*, n·O)` folded, or typed `(*, O)`

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> x, s, t = torch.randn(2, 4 * 6), torch.randn(5, 1, 4), torch.randn(1, 6, 4)
        >>> weight = (s[:, :, None] * t).sum(1)
        >>> y = low_rank_linear(x, s, t, algebra=hc.QUATERNION)
        >>> torch.allclose(y, linear(x, weight, algebra=hc.QUATERNION), atol=1e-5)
        True

    Source:
        R. Karimi Mahabadi, J. Henderson and S. Ruder, *Compacter: Efficient Low-Rank Hypercomplex
        Adapter Layers*, NeurIPS 2021, section 4.
    """
    product = algebra.product
    m, n, k = product.shape
    check_weight(left, product, "(O, r, n)", name="left")
    check_weight(right, product, "(r, I, n)", name="right")
    check_bias(bias, left.shape[0], product)
    check_channels(input, -1, right.shape[1], product)
    if left.shape[1] != right.shape[0]:
        raise ValueError(
            f"`left` of shape {tuple(left.shape)} and `right` of shape {tuple(right.shape)} must "
            "have the same rank r: (O, r, n) and (r, I, n)"
        )
    table = structure(product, "left", left).view(k, n, m)
    inner = torch.einsum("...ji,aim->...jma", input.unflatten(-1, (n, -1)), right)
    outer = torch.einsum("...jma,kjm->...kma", inner, table)
    y = torch.einsum("...kma,oam->...ko", outer, left).flatten(-2)
    return y if bias is None else y + fold(bias, 0)


@overridable
def componentwise(function: Callable[..., Tensor], input: Tensor, *others: Tensor) -> Tensor:
    r"""A real function on every component ("split"): $f(x) = \sum_i f(x_i)\, e_i$.

    It is no function of the algebra (it depends on the basis), so it has to be asked for. Of
    several tensors, whose shapes broadcast, equal components meet: $f(x, y) = \sum_i f(x_i, y_i)\,
    e_i$, as where a gate multiplies a state.

    Shape:
        `(*)` → `(*)`, plain or typed.

    Raises:
        ValueError: if `function` changes the shape.

    Example:
        >>> q = hc.QuaternionTensor([1., -2, 3, -4])
        >>> componentwise(torch.relu, q)
        QuaternionTensor(1+0i+3j+0k, shape=(), dtype=torch.float32)
        >>> componentwise(torch.mul, q, q)
        QuaternionTensor(1+4i+9j+16k, shape=(), dtype=torch.float32)
    """
    check_real("input", input)
    return _on_components(function, input, others)


def _on_components(
    function: Callable[..., Tensor], input: Tensor, others: Sequence[Tensor]
) -> Tensor:
    output, shape = function(input, *others), input.shape
    for x in others:
        if x.shape != shape:
            shape = torch.broadcast_shapes(shape, x.shape)
    if output.shape != shape:
        raise ValueError(
            f"`function` (={function}) must keep the shape of the components, but turned "
            f"{tuple(shape)} into {tuple(output.shape)}"
        )
    return output


@rule("ours", [componentwise])
def componentwise_of_typed(
    cls: TensorType, function: Callable[..., Tensor], input: Tensor, *others: Tensor
) -> Tensor:
    """The function sees plain components."""
    for x in (input, *others):
        if not isinstance(x, Typed):
            raise mismatch(cls, componentwise, "an input", x, "all inputs")
    if _is_of_torch(function):  # which sees no type where types are not asked
        output = _on_components(function, input, others)
        return fresh(cls, output) if output.dtype is input.dtype else wrap(cls, output)
    return wrap(cls, _on_components(function, alias(input), [alias(x) for x in others]))


def _is_of_torch(function: Callable[..., Tensor]) -> bool:
    """Whether a function is one of torch's that are written in C."""
    return type(function) is BuiltinFunctionType and function is getattr(
        torch, function.__name__, None
    )


def split(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    r"""The function of numbers that acts on every component alike, see `componentwise`.

    Raises:
        TypeError: if it is no function.

    Example:
        >>> q = hc.QuaternionTensor([1., -2, 3, -4])
        >>> split(torch.relu)(q)
        QuaternionTensor(1+0i+3j+0k, shape=(), dtype=torch.float32)
    """
    if not callable(function):
        raise TypeError(f"`function` (={function!r}) must be a function, such as torch.sigmoid")

    @wraps(function)
    def of_numbers(*inputs: Tensor) -> Tensor:
        result: Tensor = componentwise(function, *inputs)
        return result

    return of_numbers
