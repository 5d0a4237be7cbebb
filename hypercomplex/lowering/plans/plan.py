"""What a plan is."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from hypercomplex.lowering.learned import AnyBilinear

__all__ = ["Calls", "Gradients", "Needs", "Plan"]


class Calls(NamedTuple):
    """How many calls of torch a plan makes, about."""

    forward: int
    step: int
    """With both gradients."""


class Gradients(NamedTuple):
    """The gradients of the rows, the weight and learned constants; None where none is needed."""

    rows: Tensor | None
    weight: Tensor | None
    constants: Tensor | None


class Needs(NamedTuple):
    """Which gradients are needed."""

    rows: bool
    weight: bool
    constants: bool


class Plan(Protocol):
    r"""A way to compute $y_{ro} = \sum_i w_{oi}\, x_{ri}$, the weight being the left factor.

    Rows are `(R, n, I)`, components before numbers, weights `(O, I, m)`, biases `(O, k)` and
    results `(R, k, O)`.
    """

    @property
    def prepares(self) -> bool:
        """Whether anything is made of the weight, so that it pays to keep it."""

    def refusal(self, product: AnyBilinear, dtype: torch.dtype) -> str:
        """Why the plan cannot serve a product of numbers of that type; empty if it can."""

    def prepare(self, weight: Tensor, product: AnyBilinear) -> Tensor:
        """What the plan makes of the weight, whatever the rows are."""

    def forward(
        self, rows: Tensor, prepared: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        """The result, into a fresh tensor; nothing is recorded."""

    def once(
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        """The same, where nothing that is made of the weight is wanted later."""
        return self.forward(rows, self.prepare(weight, product), bias, product)

    def backward(
        self, grad: Tensor, rows: Tensor, weight: Tensor, product: AnyBilinear, needs: Needs
    ) -> Gradients:
        """The gradients, from what the plan was given; nothing is recorded."""

    def of_bias(self, grad: Tensor, product: AnyBilinear) -> Tensor:
        """The gradient of the bias."""
        return grad.sum((0, *range(3, grad.ndim))).t()

    def plain(
        self, rows: Tensor, weight: Tensor, bias: Tensor | None, product: AnyBilinear
    ) -> Tensor:
        """The same in operations that torch differentiates, compiles and maps."""
