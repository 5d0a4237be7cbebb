"""Running statistics of a whole model, estimated anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from hypercomplex.functional.arguments import checked

__all__ = ["update_bn"]


@checked
def update_bn(
    loader: Iterable[Any], model: nn.Module, device: torch.device | str | int | None = None
) -> None:
    """Estimate the running statistics of all batch normalisations of a model, ours and torch's.

    They become the plain mean over all batches, as weights that were averaged need it. It is
    `torch.optim.swa_utils.update_bn`, which finds ours, too.

    Args:
        loader: batches, or tuples and lists that begin with one.
        model: is called with each of them, in training mode.
        device: where batches are moved to, if given.

    Example:
        >>> model = nn.Sequential(hc.nn.QuaternionBatchNorm1d(3))
        >>> update_bn([torch.randn(20, 12), (torch.randn(20, 12), "label")], model)
        >>> model[0].num_batches_tracked
        tensor(2)
    """
    torch.optim.swa_utils.update_bn(loader, model, device)  # type: ignore[arg-type]
