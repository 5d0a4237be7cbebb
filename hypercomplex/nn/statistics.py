"""Running statistics of a whole model: estimated anew, or shared between processes.

`torch.optim.swa_utils.update_bn` and `SyncBatchNorm.convert_sync_batchnorm` look for torch's own
batch normalisation by its class. They are made to find ours, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from hypercomplex.functional.arguments import checked
from hypercomplex.host.functions import Function, extend
from hypercomplex.nn.batch_norm import synchronise

__all__ = ["update_bn"]


@checked
@torch.no_grad()
def update_bn(
    loader: Iterable[Any], model: nn.Module, device: torch.device | str | int | None = None
) -> None:
    """Estimate the running statistics of all batch normalisations of a model, ours and torch's.

    They become the plain mean over all batches, as weights that were averaged need it. So does
    `torch.optim.swa_utils.update_bn`, whose arguments these are.

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
    momenta: dict[Any, float | None] = {}
    module: Any
    for module in model.modules():
        if isinstance(module, _BatchNorm) or _is_ours(module):
            module.reset_running_stats()
            momenta[module] = module.momentum
    if not momenta:
        return
    training = model.training
    model.train()
    try:
        for module in momenta:
            module.momentum = None
        for batch in loader:
            input = batch[0] if isinstance(batch, list | tuple) else batch
            model(input if device is None else input.to(device))
    finally:
        for module, momentum in momenta.items():
            module.momentum = momentum
        model.train(training)


def norms_are_found() -> None:
    """Have torch's tools for batch normalisation find ours, from now on."""
    extend(
        "torch.optim.swa_utils.update_bn",
        _updating,
        "torch.optim.swa_utils.update_bn of batch normalisation of numbers",
        "updates batch normalisation of numbers, too; without any, torch's own code runs",
    )
    extend(
        "torch.nn.SyncBatchNorm.convert_sync_batchnorm.__func__",
        _converting,
        "SyncBatchNorm.convert_sync_batchnorm of batch normalisation of numbers",
        "sets `sync` on batch normalisation of numbers; torch's own code runs on all else",
    )


def _is_ours(module: Any) -> bool:
    """Whether a layer of this library keeps running statistics."""
    own = type(module).__module__.startswith("hypercomplex.")
    return own and hasattr(module, "reset_running_stats")


def _updating(twin: Function) -> Function:
    def update(loader: Iterable[Any], model: nn.Module, device: Any = None) -> None:
        (update_bn if any(map(_is_ours, model.modules())) else twin)(loader, model, device)

    return update


def _converting(twin: Function) -> Function:
    def convert(cls: Any, module: nn.Module, process_group: Any = None) -> Any:
        synchronise(module, process_group)  # the twin comes back for each module inside
        return twin(cls, module, process_group)

    return convert
