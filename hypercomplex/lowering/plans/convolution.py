r"""Convolutions of numbers as real convolutions: the plans of rows, with positions behind.

$$y_o[t] = \sum_{i,s} w_{oi}[s]\, x_i[t+s]$$

Images are `(N, n, I, *S)`, results `(N, k, O, *S')`, weights `(O, I/groups, *K, m)`, or if
transposed `(I, O/groups, *K, m)`. A group holds whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from hypercomplex.lowering.block import (
    block_kernel,
    disarrange,
    operator_adjoint,
    transposed_block_kernel,
)
from hypercomplex.lowering.layout import fold, fold_groups, unfold_groups
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = [
    "BlockConvolution",
    "BlockPixels",
    "ByRows",
    "Geometry",
    "beside",
    "convolved",
    "convolved_back",
    "group_major",
]


class Geometry(NamedTuple):
    """What a convolution is beside its weight, for each axis."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1
    output_padding: tuple[int, ...] | None = None
    """Of a transposed convolution; None of any other."""

    @property
    def axes(self) -> int:
        """How many axes there are."""
        return len(self.stride)

    @property
    def transposed(self) -> bool:
        """Whether numbers of the input are scattered."""
        return self.output_padding is not None

    def results(self, images: Sequence[int], kernel: Sequence[int]) -> int:
        """How many points an image of so many has after a kernel of so many, if not transposed."""
        every = zip(images, kernel, self.stride, self.padding, self.dilation, strict=True)
        return prod([(size + 2 * p - r * (k - 1) - 1) // step + 1 for size, k, step, p, r in every])


def convolved(
    input: Tensor,
    kernel: Tensor,
    bias: Tensor | None,
    geometry: Geometry,
    widths: Sequence[int],
) -> Tensor:
    """Folded features `(N, n·I, *S)` and a real kernel, rows group-major → `(N, k·O, *S')`.

    The numbers of the input and of the output have so many components as `widths` says.
    """
    stride, padding, dilation, groups, more = geometry
    into, out = widths
    x = fold_groups(input, 1, into, groups)
    if more is None:
        y = _CONV[geometry.axes](x, kernel, bias, stride, padding, dilation, groups)
    else:
        f = _CONV_TRANSPOSE[geometry.axes]
        y = f(x, kernel, bias, stride, padding, more, groups, dilation)
    return unfold_groups(y, 1, out, groups)


def convolved_back(
    grad: Tensor, input: Tensor, kernel: Tensor, geometry: Geometry, needed: tuple[bool, bool]
) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of the input and the kernel, all group-major, where they are needed."""
    stride, padding, dilation, groups, more = geometry
    x, w, _ = torch.ops.aten.convolution_backward(
        grad,
        input,
        kernel,
        None,
        stride,
        padding,
        dilation,
        more is not None,
        more or (0,) * len(stride),
        groups,
        (*needed, False),
    )
    return x, w


def group_major(bias: Tensor | None, groups: int) -> Tensor | None:
    """A bias `(O, k)` for the rows of a kernel."""
    return None if bias is None else fold(bias.unflatten(0, (groups, -1)), 1).flatten()


_CONV: dict[int, Callable[..., Tensor]] = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_CONV_TRANSPOSE: dict[int, Callable[..., Tensor]] = {
    1: F.conv_transpose1d,
    2: F.conv_transpose2d,
    3: F.conv_transpose3d,
}


@dataclass(frozen=True)
class BlockConvolution(Plan):
    """The real convolution with a kernel of blocks, the plan for everything."""

    geometry: Geometry
    prepares = True

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:  # noqa: D102
        return ""

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:
        """The real kernel, rows group-major."""
        lower = transposed_block_kernel if self.geometry.transposed else block_kernel
        return lower(weight, product, groups=self.geometry.groups)

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        bias = group_major(bias, self.geometry.groups)
        y = convolved(rows.flatten(1, 2), prepared, bias, self.geometry, product.shape[1:])
        return y.unflatten(1, (product.shape[2], -1))

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        _, n, k = product.shape
        groups = self.geometry.groups
        x, blocks = convolved_back(
            fold_groups(grad.flatten(1, 2), 1, k, groups),
            fold_groups(rows.flatten(1, 2), 1, n, groups),
            self.prepare(weight, product),
            self.geometry,
            (needs.rows, needs.weight or needs.constants),
        )
        if x is not None:
            x = unfold_groups(x, 1, n, groups).unflatten(1, (n, -1))
        return Gradients(x, *self._of_blocks(blocks, weight, product, needs))

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        kernel = self.prepare(weight, product)
        return BlockConvolution.forward(self, rows, kernel, bias, product)

    def _of_blocks(
        self, kernel: Tensor | None, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> tuple[Tensor | None, Tensor | None]:
        """The gradients of the weight and of learned constants, from that of the kernel."""
        if kernel is None:
            return None, None
        _, n, k = product.shape
        if self.geometry.transposed:
            blocks = disarrange(kernel, k, self.geometry.groups, n).transpose(0, 1)
        else:
            blocks = disarrange(kernel, n, self.geometry.groups, k)
        w = operator_adjoint(blocks, product) if needs.weight else None
        c = None
        if needs.constants and isinstance(product, LearnedBilinear):
            numbers = weight.reshape(-1, weight.shape[-1])
            c = product.of_structure(blocks.flatten(0, 1).flatten(1) @ numbers)
        return w, c


class BlockPixels(BlockConvolution):
    r"""A kernel of one point, as one matrix for all pixels of an image: `Y = L(W) X`.

    The pixels of an image are the columns of a matrix as they lie, so nothing is sorted.
    """

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        x, matrix = _pixels(rows), prepared.flatten(1)
        y = torch.bmm(matrix.expand(len(x), -1, -1), x)
        y = y.view(len(x), product.shape[2], -1, *rows.shape[3:])
        return y if bias is None else y.add_(beside(bias, rows))

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        g, gx, kernel = _pixels(grad.contiguous()), None, None
        if needs.rows:
            matrix = self.prepare(weight, product).flatten(1).t()
            gx = torch.bmm(matrix.expand(len(g), -1, -1), g).view_as(rows)
        if needs.weight or needs.constants:
            x = _pixels(rows)
            kernel = g.new_zeros(g.shape[1], x.shape[1])
            for each, image in zip(g, x.mT, strict=True):
                kernel.addmm_(each, image)
            kernel = kernel.view(*kernel.shape, *[1] * self.geometry.axes)
        return Gradients(gx, *self._of_blocks(kernel, weight, product, needs))


@dataclass(frozen=True)
class ByRows(Plan):
    """A kernel of one point by a plan for rows: each pixel is one, where the channels lie last."""

    way: Plan

    @property
    def prepares(self) -> bool:  # noqa: D102
        return self.way.prepares

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:  # noqa: D102
        return self.way.refusal(product, dtype)

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:  # noqa: D102
        return self.way.prepare(weight.flatten(1, -2), product)

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        return _as_images(self.way.forward(_as_rows(rows), prepared, bias, product), rows)

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        flat = weight.flatten(1, -2)
        of = self.way.backward(_as_rows(grad), _as_rows(rows), flat, product, needs)
        x = None if of.rows is None else _as_images(of.rows, rows)
        return Gradients(x, None if of.weight is None else of.weight.view_as(weight), of.constants)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        flat = weight.flatten(1, -2)
        return _as_images(self.way.plain(_as_rows(rows), flat, bias, product), rows)


def _as_rows(images: Tensor) -> Tensor:
    """Images `(N, n, I, *S)` as rows `(N·P, n, I)`."""
    return images.movedim((1, 2), (-2, -1)).flatten(0, -3).contiguous()


def _as_images(rows: Tensor, like: Tensor) -> Tensor:
    """Rows `(N·P, k, O)` as images `(N, k, O, *S)`."""
    return rows.unflatten(0, (like.shape[0], *like.shape[3:])).movedim((-2, -1), (1, 2))


def _pixels(images: Tensor) -> Tensor:
    """Images `(N, n, I, *S)` as matrices `(N, n·I, P)`."""
    return images.flatten(3).flatten(1, 2)


def beside(bias: Tensor, images: Tensor) -> Tensor:
    """A bias `(O, k)` to be added to results `(N, k, O, *S)`."""
    return bias.t().unflatten(-1, (-1, *[1] * (images.ndim - 3)))
