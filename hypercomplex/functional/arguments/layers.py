"""What weights, biases and folded channels must be."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.signatures import refusal
from hypercomplex.functional.arguments.shapes import check_real, check_reals
from hypercomplex.lowering import AnyBilinear, AnyProduct, sizes
from hypercomplex.lowering.block import Side


def check_weight(
    weight: Tensor, product: AnyBilinear, axes: str, side: Side = "left", name: str = "weight"
) -> None:
    """The weight has as many axes as `axes` says and the components on the last one."""
    if side not in ("left", "right"):
        raise refusal("side", side, Side)
    n = product.shape[0 if side == "left" else 1]
    if weight.ndim != axes.count(",") + 1 or weight.shape[-1] != n:
        raise ValueError(
            f"`{name}` of shape {tuple(weight.shape)} must have the shape {axes}, "
            f"with the n = {n} components of {product} last"
        )


def check_bias(bias: Tensor | None, outputs: int, product: AnyBilinear) -> None:
    """The bias holds one number for each output."""
    *_, n = product.shape
    if bias is not None and bias.shape != (outputs, n):
        raise ValueError(
            f"`bias` of shape {tuple(bias.shape)} must have the shape (O, n) = {(outputs, n)}, "
            f"with the n = {n} components of {product} last"
        )


def check_channels(
    input: Tensor,
    dim: int,
    numbers: int,
    product: AnyBilinear,
    side: Side = "left",
    name: str = "input",
) -> None:
    """The folded channel axis of the input holds that many numbers."""
    check_real(name, input)
    n = product.shape[1 if side == "left" else 0]
    if input.ndim < -dim or input.shape[dim] != n * numbers:
        raise ValueError(
            f"`{name}` of shape {tuple(input.shape)} must have {n}·{numbers} = {n * numbers} "
            f"channels on axis {dim}: {numbers} numbers of {product}, folded component-major"
        )


def state_width(product: AnyBilinear) -> int:
    """The components of numbers that a map takes and gives: all three widths are one."""
    left, right, out = product.shape
    if not left == right == out:
        raise ValueError(
            f"`algebra` (={product}) maps {left} and {right} components to {out}, but what takes "
            "its results again needs as many of each; affine layers do not"
        )
    return out


def check_whole(name: str, x: Tensor, dim: int, product: AnyBilinear, side: Side = "left") -> None:
    """The axis `dim` holds whole numbers, folded."""
    _, n, _ = sizes(product, side)
    if not -x.ndim <= dim < x.ndim or x.shape[dim] % n:
        raise ValueError(
            f"`{name}` of shape {tuple(x.shape)} must have a multiple of {n} channels on axis "
            f"{dim}: numbers of {product}, folded component-major"
        )


def channel_axis(input: Tensor, dim: int | None, algebra: AnyProduct) -> int:
    """The axis of whole numbers in plain input, counted from the front."""
    check_real("input", input)
    axis = feature_axis(input, dim)
    check_whole("input", input, axis, algebra.product)
    return axis


def feature_axis(input: Tensor, dim: int | None) -> int:
    """An axis from the front: the last one, where nothing was said and nothing else is possible."""
    if dim is None and input.ndim > 2:
        raise ValueError(
            f"`input` of shape {tuple(input.shape)}: say with `dim` which axis holds the channels, "
            "1 after a convolution, -1 after a linear layer"
        )
    dim = -1 if dim is None else dim
    if not -input.ndim <= dim < input.ndim:
        raise IndexError(f"`input` of shape {tuple(input.shape)} has no axis `dim` (={dim})")
    return dim % input.ndim


def check_units(real_weights: Sequence[float] | None, algebra: Algebra) -> None:
    """There are imaginary units, and one weight for each."""
    units = algebra.dimension - 1
    if units == 0:
        raise ValueError(f"`algebra` (={algebra}) has no imaginary units to hold features")
    if real_weights is not None and len(real_weights) != units:
        raise ValueError(
            f"`real_weights` (={tuple(real_weights)}) must be {units} numbers, one for each "
            f"imaginary unit of {algebra}"
        )


Parameters = dict[str, tuple[Tensor | None, tuple[int, ...]]]


def check_per_channel(channels: int, parameters: Parameters) -> None:
    """Weights and statistics hold so much for each channel of the input."""
    for name, (x, each) in parameters.items():
        if x is not None and x.shape != (channels, *each):
            raise ValueError(
                f"`{name}` of shape {tuple(x.shape)} must have the shape {(channels, *each)}, for "
                f"`input` has {channels} channels of numbers"
            )
        if x is not None:
            check_reals(name, x)


def check_groups(argument: str, numbers: int, groups: int, name: str = "groups") -> None:
    """A group holds whole numbers, the same count in each."""
    if groups < 1 or numbers % groups:
        raise ValueError(
            f"`{name}` (={groups}) must divide the {numbers} numbers of `{argument}`: "
            "a group holds whole numbers"
        )


def check_heads(embed_dim: int, num_heads: int) -> None:
    """A head holds whole numbers, the same count in each."""
    if embed_dim % num_heads:
        raise ValueError(
            f"`num_heads` (={num_heads}) must divide `embed_dim` (={embed_dim}): "
            "a head holds whole numbers"
        )


def per_axis(name: str, size: int | Sequence[int], axes: int) -> tuple[int, ...]:
    """A size for each axis, given once or once for each."""
    sizes = (size,) * axes if isinstance(size, int) else tuple(size)
    if len(sizes) != axes:
        raise ValueError(f"`{name}` (={size}) must be one integer, or {axes} of them")
    return sizes
