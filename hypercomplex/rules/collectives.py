"""Collectives of `torch.distributed`: numbers travel between processes as their components.

Sums and means are those of numbers, component by component. Any other reduction refuses: numbers
have neither order nor bits, and of a product nobody says which factor comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import add, spellings
from hypercomplex.door.values import TensorType, lift
from hypercomplex.host.torches import ALL_GATHER_SINGLE, REDUCE_SCATTER_SINGLE

__all__ = ["COLLECTIVES", "check_reduction", "of_type"]

COLLECTIVES: list[Callable[..., Any]] = []
"""Those of this torch that numbers have a rule for."""

_OF_NUMBERS = ("SUM", "AVG", "PREMUL_SUM")


def _collective(family: str, names: str, *, read: str = "", written: str = "") -> None:
    """Register collectives that read and write what these arguments hold, tensors or lists."""
    for target in spellings(" ".join(f"distributed.{name}" for name in names.split())):
        add(family, target, _on_components(target, read.split(), written.split()))
        COLLECTIVES.append(target)


def _on_components(
    function: Callable[..., Any], read: list[str], written: list[str]
) -> Callable[..., Any]:
    parameters = [*signature(function).parameters]

    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        given = {**dict(zip(parameters, args)), **kwargs}
        if "op" in given:
            check_reduction(cls, given["op"])
        if "input_split_sizes" in given and given["input"].ndim == 1:
            raise ValueError("`input` is a single number, which cannot be split among processes")
        copies: list[tuple[Tensor, Tensor]] = []

        def sent(name: str, x: Tensor) -> Tensor:
            return of_type(cls, name, x).detach().contiguous()

        def received(name: str, x: Tensor) -> Tensor:
            numbers = of_type(cls, name, x).detach()
            if numbers.is_contiguous():
                return numbers
            if given.get("async_op", function is torch.distributed.irecv):
                raise ValueError(
                    f"`{name}` does not lie in order, and what arrives later would have to be "
                    "copied to its place; pass q.contiguous()"
                )
            copies.append((numbers, numbers.contiguous()))
            return copies[-1][1]

        for names, place in ((read, sent), (written, received)):
            given.update({name: _each(place, name, given.get(name)) for name in names})
        work = function(**given)
        for numbers, copy in copies:
            numbers.copy_(copy)
        return work

    return apply


def _each(place: Callable[[str, Tensor], Tensor], name: str, x: Any) -> Any:
    """Every tensor of an argument, which may be a list of them, of lists, or nothing."""
    if isinstance(x, (list, tuple)):
        return [_each(place, name, each) for each in x]
    return x if x is None else place(name, x)


def of_type(cls: TensorType, name: str, x: Any) -> Tensor:
    """The tensor of an argument, if it holds numbers of this type, as all of a call must."""
    if type(x) is cls:
        return x
    if not is_typed(x) or (x.algebra == cls.algebra and x.places != cls.places):
        kind = "a plain tensor" if type(x) is Tensor else f"of type {type(x).__name__}"
        raise TypeError(
            f"`{name}` is {kind} beside a {cls.__name__}; make each a {cls.__name__}, or pass the "
            "components of all"
        )
    return lift(cls, x, x)


def check_reduction(cls: TensorType, op: Any) -> None:
    """Refuse what numbers have no meaning for; `op` is torch's, or its name."""
    reductions = torch.distributed.ReduceOp
    if isinstance(op, str):
        known = op.upper() in _OF_NUMBERS
    else:
        known = any(op == getattr(reductions, name) for name in _OF_NUMBERS)
    if not known:
        raise NotImplementedError(
            f"`op` (={op}) is refused for {cls.__name__}: numbers of {cls.algebra} have neither "
            "order nor bits, and which factor comes first is not said; take SUM or AVG, reduce "
            "abs(q), or gather the numbers and combine them in the order that you mean"
        )


_collective("shape", "isend send", read="tensor")
_collective("shape", "irecv recv broadcast", written="tensor")
_collective("shape", "all_gather", read="tensor", written="tensor_list")
_collective("shape", ALL_GATHER_SINGLE, read="input_tensor", written="output_tensor")
_collective(
    "shape", "all_gather_coalesced", read="input_tensor_list", written="output_tensor_lists"
)
_collective("shape", "gather", read="tensor", written="gather_list")
_collective("shape", "scatter", read="scatter_list", written="tensor")
_collective("shape", "all_to_all_single", read="input", written="output")
_collective("shape", "all_to_all", read="input_tensor_list", written="output_tensor_list")
_collective("linear", "all_reduce reduce", written="tensor")
_collective("linear", "all_reduce_coalesced", written="tensors")
_collective("linear", "reduce_scatter", read="input_list", written="output")
_collective("linear", REDUCE_SCATTER_SINGLE, read="input", written="output")
