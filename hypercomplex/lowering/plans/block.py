"""The weight becomes a real matrix of n × n blocks: one product with it, n times its bytes."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import linear

from hypercomplex.lowering.block import block_kernel, operator_adjoint
from hypercomplex.lowering.layout import fold
from hypercomplex.lowering.learned import AnyBilinear, LearnedBilinear
from hypercomplex.lowering.plans.plan import Gradients, Needs, Plan

__all__ = ["Block"]


class Block(Plan):
    """`Y = X L(W)ᵀ`, the plan for every product, type and device."""

    prepares = True

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:  # noqa: D102
        return ""

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:
        """The real matrix `(k·O, n·I)`."""
        return block_kernel(weight, product)

    def forward(  # noqa: D102
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        y = linear(rows.flatten(1), prepared, None if bias is None else fold(bias, 0))
        return y.unflatten(1, (product.shape[2], -1))

    def backward(  # noqa: D102
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        g = grad.flatten(1)
        x = g @ self.prepare(weight, product) if needs.rows else None
        w = c = None
        if needs.weight or needs.constants:
            _, n, k = product.shape
            blocks = (g.t() @ rows.flatten(1)).view(k, len(weight), n, rows.shape[2])
            blocks = blocks.transpose(1, 2)
            w = operator_adjoint(blocks, product) if needs.weight else None
            if needs.constants and isinstance(product, LearnedBilinear):
                table = blocks.flatten(0, 1).flatten(1) @ weight.flatten(0, 1)
                c = product.of_structure(table)
        return Gradients(None if x is None else x.view_as(rows), w, c)

    def plain(  # noqa: D102
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        return self.forward(rows, self.prepare(weight, product), bias, product)
