"""State dicts that hold typed tensors, where torch takes them apart for files and processes.

`torch.distributed.checkpoint` cuts tensors into pieces by their shape and reads their storage. Its
planners flatten the state dict first, and there numbers become their components, `(…, n)`, which
share memory: files hold plain arrays, and what is loaded arrives in the typed tensors. What rank 0
gives to all others, which make plain tensors of the shape that they are told, goes the same way.
"""

from __future__ import annotations

from typing import Any

from hypercomplex.door.calls import is_typed
from hypercomplex.door.values import wrap
from hypercomplex.host.functions import Function, extend
from hypercomplex.host.imports import when_loaded
from hypercomplex.host.overrides import as_components

__all__ = ["checkpoints_hold_components"]

_FLAT, _SHARED = "torch.distributed.checkpoint._nested_dict", "torch.distributed._state_dict_utils"
_FILES = "torch.distributed.checkpoint of typed tensors"
_RANK_0 = "set_model_state_dict(broadcast_from_rank0=True) of typed tensors"
_COMPONENTS = "takes typed tensors as their components; without any, torch's own code runs"


def checkpoints_hold_components() -> None:
    """Have torch's distributed checkpoints read and write components, once they are loaded."""
    when_loaded(
        _FLAT, lambda _: extend(f"{_FLAT}.flatten_state_dict", _flattening, _FILES, _COMPONENTS)
    )
    when_loaded(
        _SHARED,
        lambda _: extend(f"{_SHARED}._broadcast_state_dict", _broadcasting, _RANK_0, _COMPONENTS),
    )


def _flattening(twin: Function) -> Function:
    def flatten_state_dict(state_dict: Any) -> Any:
        flat, places = twin(state_dict)
        return {name: _plain(x) for name, x in flat.items()}, places

    return flatten_state_dict


def _broadcasting(twin: Function) -> Function:
    def broadcast_state_dict(
        full_state_dict: Any, local_state_dict: Any, *args: Any, **kwargs: Any
    ) -> None:
        types = {name: type(x) for name, x in local_state_dict.items() if is_typed(x)}
        for name in types:
            local_state_dict[name] = _plain(local_state_dict[name])
        twin(
            {name: _plain(x) for name, x in full_state_dict.items()},
            local_state_dict,
            *args,
            **kwargs,
        )
        for name in types.keys() & local_state_dict.keys():
            local_state_dict[name] = wrap(types[name], local_state_dict[name])

    return broadcast_state_dict


def _plain(x: Any) -> Any:
    """The components of numbers, of the same memory and outside of any graph."""
    if not is_typed(x):
        return x
    with as_components():
        return x.detach()
