"""Functions of lists: `torch._foreach_f`, in newer torches `torch.foreach.f`, is `f` of each
tensor, or refuses as `f` does.

torch's own utilities call them (clipping, averaging, scaling); so no list is a back door to
components.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.door.keywords import call
from hypercomplex.door.registry import add, family_of, meaning_by_grade, meaning_of
from hypercomplex.door.values import TensorType
from hypercomplex.rules.patterns import answers
from hypercomplex.rules.refused import refusal

__all__ = ["register"]

# a real factor scales, and a number is finite if its components are
answers("linear", "_amp_foreach_non_finite_check_and_unscale_")

_PREFIX = "_foreach_"
_NAMES = {"norm": torch.linalg.vector_norm}  # the others are called as the function of one tensor
_BY_NAME = {"addcmul": (3, "value"), "addcdiv": (3, "value"), "norm": (2, "dtype")}


def register() -> None:
    """Give every list function of torch the meaning of its function; called after all rules."""
    for name in filter(lambda name: name.startswith(_PREFIX), dir(torch)):
        _register(f"torch.{name}", getattr(torch, name), name.removeprefix(_PREFIX))
    public = getattr(torch, "foreach", None)
    for name in getattr(public, "__all__", ()):
        _register(f"torch.foreach.{name}", getattr(public, name), name)


def _register(path: str, function: Callable[..., Any], name: str) -> None:
    owner = Tensor if name.endswith("_") else torch
    single = _NAMES.get(name) or getattr(owner, name, None)
    family = "refused" if single is None else family_of(single) or "refused"
    add(family, function, _each(path, name, single))


def _each(path: str, name: str, single: Callable[..., Any] | None) -> Callable[..., Any]:
    place, keyword = _BY_NAME.get(name.rstrip("_"), (None, ""))
    gives_list = name.endswith("_") and path.startswith("torch.foreach.")

    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        if single is None:
            raise NotImplementedError(
                f"{path} is refused for {cls.__name__}: it has no rule for single tensors; "
                "work on q.components"
            )
        if place is not None and len(args) > place:  # which functions of one tensor take by name
            args, kwargs = args[:place], {**kwargs, keyword: args[place]}
        if isinstance(kwargs.get("value"), Tensor):
            kwargs = {**kwargs, "value": kwargs["value"].unbind()}
        results = tuple(_ask(cls, single, a, k) for a, k in _rows(path, args, kwargs))
        return args[0] if gives_list else results

    return apply


def _ask(
    cls: TensorType, single: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
) -> Any:
    """What `single` means for one row of the lists."""
    if not any(map(is_typed, (*args, *kwargs.values()))):
        return single(*args, **kwargs)
    meaning = meaning_of(single) if cls.places is None else meaning_by_grade(single)
    if meaning is None:
        raise refusal(single, cls)
    return call(meaning, single, cls, tuple(args), kwargs)


def _rows(
    path: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[tuple[list[Any], dict[str, Any]]]:
    """The arguments of each call: lists are passed along element by element, the rest to all."""
    lengths = {len(x) for x in (*args, *kwargs.values()) if isinstance(x, (list, tuple))}
    if len(lengths) != 1:
        raise RuntimeError(f"{path} expects lists of the same length, but got {sorted(lengths)}")
    return [
        ([_at(i, x) for x in args], {key: _at(i, x) for key, x in kwargs.items()})
        for i in range(*lengths)
    ]


def _at(i: int, x: Any) -> Any:
    return x[i] if isinstance(x, (list, tuple)) else x
