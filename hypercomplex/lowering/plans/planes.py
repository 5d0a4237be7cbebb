r"""The input stays as it lies, the weight is turned round: for more rows than outputs.

$$P_{rj,ao} = \sum_i x_{rji}\, w_{oia}, \qquad y_{rko} = \sum_{ja} c_{ajk}\, P_{rj,ao}$$

As many multiplications as where the input is expanded, and no number is turned round but those of
the weight. The gradients are the same two steps in the other order.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import linear

from hypercomplex.lowering.layout import interleave, planes
from hypercomplex.lowering.plans.plan import Gradients, Needs

__all__ = ["gradients", "result"]


def result(rows: Tensor, weight: Tensor, bias: Tensor | None, table: Tensor) -> Tensor:
    """Rows `(R, n, I)` → `(R, k, O)`, with the constants `(n, k, m)`."""
    (n, k, m), count, outputs = table.shape, rows.shape[0], weight.shape[0]
    products = linear(rows.reshape(count * n, -1), planes(weight).flatten(0, 1))
    sums = table.transpose(0, 1).reshape(k, n * m).expand(count, k, n * m)
    y = torch.bmm(sums, products.view(count, n * m, outputs))
    return y if bias is None else y.add_(bias.t())


def gradients(grad: Tensor, rows: Tensor, weight: Tensor, table: Tensor, needs: Needs) -> Gradients:
    """The gradients, that of the constants as `(n, k·m)`."""
    (n, k, m), count, (outputs, inputs, _) = table.shape, rows.shape[0], weight.shape
    x = w = c = None
    if needs.weight:
        sums = table.transpose(1, 2).reshape(n * m, k).expand(count, n * m, k)
        products = torch.bmm(sums, grad).view(count * n, m * outputs)
        made = torch.mm(products.t(), rows.reshape(count * n, inputs))
        w = interleave(made.view(m, outputs * inputs)).view(weight.shape)
    if needs.rows or needs.constants:
        turned = planes(weight).transpose(0, 1).reshape(outputs, m * inputs)
        every = torch.mm(grad.reshape(count * k, outputs), turned).view(count, k * m, inputs)
        if needs.rows:
            x = torch.bmm(table.flatten(1).expand(count, n, k * m), every)
        if needs.constants:
            c = torch.bmm(rows, every.mT).sum(0)
    return Gradients(x, w, c)
