"""State dicts that hold typed tensors, where torch takes them apart for files and processes.

`torch.distributed.checkpoint` cuts tensors into pieces by their shape and reads their storage. Its
planners flatten the state dict first, and there numbers become their components, `(…, n)`, which
share memory: files hold plain arrays, and what is loaded arrives in the typed tensors. What rank 0
gives to all others, which make plain tensors of the shape that they are told, goes the same way.

Beside the places in the state dict, which the metadata of a checkpoint keeps, stands what numbers
they are; whoever loads into numbers is asked for the same. Readers of arrays need not look there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hypercomplex.door.calls import is_typed
from hypercomplex.door.values import wrap
from hypercomplex.host.functions import Function, extend
from hypercomplex.host.imports import when_loaded
from hypercomplex.host.overrides import as_components
from hypercomplex.host.trees import tree_leaves, tree_map

__all__ = ["checkpoints_hold_components"]

_FLAT, _SHARED = "torch.distributed.checkpoint._nested_dict", "torch.distributed._state_dict_utils"
_STAGER = "torch.distributed.checkpoint._state_dict_stager"
_LOADER = "torch.distributed.checkpoint.default_planner"
_FILES = "torch.distributed.checkpoint of typed tensors"
_LATER = "torch.distributed.checkpoint.async_save of typed tensors"
_ALGEBRAS = "the algebra of numbers in torch.distributed.checkpoint"
_RANK_0 = "set_model_state_dict(broadcast_from_rank0=True) of typed tensors"
_COMPARES = "refuses numbers of another algebra than the file's; torch's own code runs before"
_COMPONENTS = "takes typed tensors as their components; without any, torch's own code runs"


Texts = Mapping[str, Any]
Tell = Callable[[Mapping[str, Any]], dict[str, str]]
Agree = Callable[[Texts, Texts], None]


def checkpoints_hold_components(tell: Tell, agree: Agree) -> None:
    """Have torch's distributed checkpoints read and write components, once they are loaded.

    `tell` gives texts about the numbers of a flat state dict, and `agree` refuses those of a state
    dict which differ from those of a checkpoint.
    """
    flattening, planning = partial(_flattening, tell), partial(_planning, agree)
    when_loaded(
        _FLAT, lambda _: extend(f"{_FLAT}.flatten_state_dict", flattening, _FILES, _COMPONENTS)
    )
    when_loaded(
        _LOADER,
        lambda _: extend(
            f"{_LOADER}.DefaultLoadPlanner.set_up_planner", planning, _ALGEBRAS, _COMPARES
        ),
    )
    when_loaded(
        _STAGER, lambda _: extend(f"{_STAGER}.StateDictStager.stage", _staging, _LATER, _COMPONENTS)
    )
    when_loaded(
        _SHARED,
        lambda _: extend(f"{_SHARED}._broadcast_state_dict", _broadcasting, _RANK_0, _COMPONENTS),
    )


def _flattening(tell: Tell, twin: Function) -> Function:
    def flatten_state_dict(state_dict: Any) -> Any:
        flat, places = twin(state_dict)
        numbers = {name: x for name, x in flat.items() if is_typed(x)}
        return {name: _plain(x) for name, x in flat.items()}, {**places, **tell(numbers)}

    return flatten_state_dict


def _planning(agree: Agree, twin: Function) -> Function:
    def set_up_planner(
        self: Any, state_dict: Any, metadata: Any = None, is_coordinator: bool = False
    ) -> None:
        twin(self, state_dict, metadata, is_coordinator)
        agree(self.mappings, getattr(metadata, "planner_data", None) or {})

    return set_up_planner


def _staging(twin: Function) -> Function:
    def stage(self: Any, state_dict: Any, non_blocking: bool = False) -> Any:
        if not any(map(is_typed, tree_leaves(state_dict))):
            return twin(self, state_dict, non_blocking)
        copies = twin(self, tree_map(_plain, state_dict), non_blocking)
        return tree_map(
            lambda x, copy: wrap(type(x), copy) if is_typed(x) else copy, state_dict, copies
        )

    return stage


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
