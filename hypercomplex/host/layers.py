"""Tools of torch that look for torch's own layers find ours, too.

`torch.fx.symbolic_trace` goes into the code of every module that is not torch's own, and stops at
the first check of a shape; its graphs name our layers instead, and call them. What estimates or
shares running statistics looks for torch's own batch normalisation by its class, and what makes a
weight orthogonal, or bounds it, takes it for a real matrix.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from hypercomplex.door.calls import is_typed
from hypercomplex.host.functions import Function, extend
from hypercomplex.nn.affine import Affine
from hypercomplex.nn.batch_norm import synchronise
from hypercomplex.nn.freezing import Freezable
from hypercomplex.nn.orthogonal import orthogonal
from hypercomplex.nn.spectral import spectral_norm

__all__ = ["tell_of_layers_passed_over", "tools_find_layers"]


def tools_find_layers() -> None:
    """Have torch's tools take layers of numbers as such, from now on."""
    for path, (make, reason, change) in _EXTENDED.items():
        extend(path, make, reason, change)


def _is_ours(module: Any) -> bool:
    return type(module).__module__.startswith("hypercomplex.")


def _tracing(twin: Function) -> Function:
    def is_leaf_module(self: Any, m: nn.Module, module_qualified_name: str) -> bool:
        return _is_ours(m) or twin(self, m, module_qualified_name)

    return is_leaf_module


def _updating(twin: Function) -> Function:
    def update_bn(loader: Iterable[Any], model: nn.Module, device: Any = None) -> None:
        ours = [m for m in model.modules() if _is_ours(m) and hasattr(m, "reset_running_stats")]
        if not ours:
            twin(loader, model, device)
            return
        training = model.training
        momenta = [(m, m.momentum) for m in model.modules() if hasattr(m, "momentum")]
        norm: Any
        for norm in ours:
            norm.reset_running_stats()
            norm.momentum = None
        try:
            twin(loader, _BesideOne(model), device)
        finally:
            for norm, momentum in momenta:
                norm.momentum = momentum
            model.train(training)

    return update_bn


class _BesideOne(nn.Module):
    """A model beside one norm of torch, without which torch would not run through the batches."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model, self.norm = model, nn.BatchNorm1d(1)

    def forward(self, input: Any) -> Any:
        return self.model(input)


def _converting(twin: Function) -> Function:
    def convert(cls: Any, module: nn.Module, process_group: Any = None) -> Any:
        synchronise(module, process_group)  # the twin comes back for each module inside
        return twin(cls, module, process_group)

    return convert


def _orthogonal(twin: Function) -> Function:
    def make_orthogonal(
        module: nn.Module,
        name: str = "weight",
        orthogonal_map: str | None = None,
        *,
        use_trivialization: bool = True,
    ) -> nn.Module:
        _refuse_typed(module, name, "orthogonal")
        if not isinstance(module, Affine) or name != "weight":
            return twin(module, name, orthogonal_map, use_trivialization=use_trivialization)
        if orthogonal_map not in (None, "matrix_exp") or not use_trivialization:
            raise ValueError(
                f"`orthogonal_map` (={orthogonal_map!r}) of a layer of numbers must be "
                "'matrix_exp', and `use_trivialization` set"
            )
        return orthogonal(module)

    return make_orthogonal


def _bounding(twin: Function) -> Function:
    def bound(
        module: nn.Module,
        name: str = "weight",
        n_power_iterations: int = 1,
        eps: float = 1e-12,
        dim: int | None = None,
    ) -> nn.Module:
        _refuse_typed(module, name, "spectral_norm")
        if not isinstance(module, Affine) or name != "weight":
            return twin(module, name, n_power_iterations, eps, dim)
        if dim not in (None, int(module.transposed)):
            raise ValueError(
                f"`dim` (={dim}) of a layer of numbers must be None: the axis of its outputs"
            )
        return spectral_norm(module, n_power_iterations, eps)

    return bound


def _refuse_typed(module: nn.Module, name: str, tool: str) -> None:
    """Refuse a parameter whose real operator torch does not know, parametrized before or not."""
    originals = f"parametrizations.{name}."
    for own, parameter in module.named_parameters():
        if is_typed(parameter) and (own == name or own.startswith(originals)):
            raise TypeError(
                f"{tool} is refused for `{name}` of {type(module).__name__}, which is a "
                f"{type(parameter).__name__}: torch takes it for a real matrix; use a layer, such "
                f"as hypercomplex.nn.Linear, and hypercomplex.nn.{tool} of that"
            )


def _quantizing(twin: Function) -> Function:
    def quantize_dynamic(
        model: nn.Module,
        qconfig_spec: Any = None,
        dtype: torch.dtype = torch.qint8,
        mapping: Any = None,
        inplace: bool = False,
    ) -> Any:
        tell_of_layers_passed_over(model, "quantize_dynamic")
        return twin(model, qconfig_spec, dtype, mapping, inplace)

    return quantize_dynamic


def tell_of_layers_passed_over(model: Any, tool: str) -> None:
    """Warn that a tool leaves layers of numbers as they are, and of the way to have them taken."""
    ours = [name for name, m in model.named_modules() if isinstance(m, Freezable)]
    if ours:
        names = ", ".join(name or "(model)" for name in ours)
        warnings.warn(
            f"{tool} knows torch's own layers and leaves those of numbers as they are: {names}; "
            "hand it hypercomplex.nn.to_real(model)",
            stacklevel=4,
        )


_EXTENDED = {
    "torch.fx.Tracer.is_leaf_module": (
        _tracing,
        "torch.fx.symbolic_trace of models with layers of numbers",
        "takes a layer of this library for one step, as one of torch's own",
    ),
    "torch.optim.swa_utils.update_bn": (
        _updating,
        "torch.optim.swa_utils.update_bn of batch normalisation of numbers",
        "updates batch normalisation of numbers, too; without any, torch's own code runs",
    ),
    "torch.nn.SyncBatchNorm.convert_sync_batchnorm.__func__": (
        _converting,
        "SyncBatchNorm.convert_sync_batchnorm of batch normalisation of numbers",
        "sets `sync` on batch normalisation of numbers; torch's own code runs on all else",
    ),
    "torch.nn.utils.parametrizations.orthogonal": (
        _orthogonal,
        "torch.nn.utils.parametrizations.orthogonal of layers of numbers",
        "makes the real operator of a layer of numbers orthogonal; torch's own code runs on others",
    ),
    "torch.nn.utils.parametrizations.spectral_norm": (
        _bounding,
        "torch.nn.utils.parametrizations.spectral_norm of layers of numbers",
        "bounds the real operator of a layer of numbers; torch's own code runs on others",
    ),
    "torch.nn.utils.spectral_norm": (
        _bounding,
        "torch.nn.utils.spectral_norm of layers of numbers",
        "makes a layer of numbers one with that parametrization; torch's own code runs on others",
    ),
    "torch.ao.quantization.quantize.quantize_dynamic": (
        _quantizing,
        "a warning that quantize_dynamic passes layers of numbers over",
        "warns if a model holds layers of numbers; torch's own code runs on all",
    ),
}
