"""What torch makes shards of is refused where numbers would be lost.

A `DTensor` holds a plain tensor and calls operators below the tensor type: a product of numbers in
it would be one of components, without a word. `fully_shard` makes such shards of every parameter.
"""

from __future__ import annotations

from typing import Any

from hypercomplex.door.calls import is_typed
from hypercomplex.host.functions import Function, extend
from hypercomplex.host.imports import when_loaded

__all__ = ["refuse_shards_of_numbers"]

_TENSORS, _FSDP = "torch.distributed.tensor._api", "torch.distributed.fsdp._fully_shard"
_REASON = "the refusal of typed tensors in {}"
_CHANGE = "refuses typed tensors; torch's own code runs on all others"


def refuse_shards_of_numbers() -> None:
    """Have torch refuse shards of numbers, once what makes shards is loaded."""
    when_loaded(_TENSORS, _refuse_tensors)
    when_loaded(f"{_FSDP}._fully_shard", _refuse_modules)


def _refuse_tensors(_: Any) -> None:
    for name, make in (("distribute_tensor", _distributing), ("DTensor.from_local", _from_local)):
        extend(f"{_TENSORS}.{name}", make, _REASON.format(name), _CHANGE)


def _refuse_modules(_: Any) -> None:
    path = f"{_FSDP}._fully_shard.fully_shard"
    extend(path, _fully_sharding, _REASON.format("fully_shard"), _CHANGE)


def _distributing(twin: Function) -> Function:
    def distribute_tensor(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        _check("`tensor`", tensor)
        return twin(tensor, *args, **kwargs)

    return distribute_tensor


def _from_local(twin: Function) -> Function:
    def from_local(local_tensor: Any, *args: Any, **kwargs: Any) -> Any:
        _check("`local_tensor`", local_tensor)
        return twin(local_tensor, *args, **kwargs)

    return from_local


def _fully_sharding(twin: Function) -> Function:
    def fully_shard(module: Any, **kwargs: Any) -> Any:
        left = {id(p) for p in kwargs.get("ignored_params") or ()}
        for each in module if isinstance(module, (list, tuple)) else [module]:
            for name, parameter in each.named_parameters():
                if id(parameter) not in left:
                    _check(f"the parameter {name!r}", parameter)
        return twin(module, **kwargs)

    return fully_shard


def _check(what: str, x: Any) -> None:
    if is_typed(x):
        raise TypeError(
            f"{what} is a {type(x).__name__}, and torch would compute with the components of its "
            "shards one by one, which are no numbers; call "
            "hypercomplex.state.plain_parameters(model) first, or shard x.components"
        )
