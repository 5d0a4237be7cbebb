"""Complex numbers of Python and complex tensors of torch beside numbers of ℂ: they are the same.

Other algebras refuse them, since nothing says which of their units is i.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import COMPLEX
from hypercomplex.door.calls import is_typed
from hypercomplex.door.values import TensorType, wrap

__all__ = ["with_numbers"]

_WRITING = frozenset(
    getattr(Tensor, name)
    for name in dir(Tensor)
    if (name.endswith("_") and not name.startswith("_")) or name[:3] == "__i" or "setitem" in name
)
Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]


def with_numbers(
    function: Callable[..., Any], cls: TensorType, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Arguments:
    """The arguments with typed tensors for complex ones, where the algebra is ℂ."""
    leaves = list(_leaves((*args, *kwargs.values())))
    if not any(map(_is_complex, leaves)) or cls.algebra != COMPLEX:
        return args, kwargs
    if _is_complex(kwargs.get("out")) or (function in _WRITING and _is_complex(args[0])):
        raise NotImplementedError(
            f"a {cls.__name__} does not fit into a complex tensor; write "
            "torch.view_as_complex(q.components)"
        )
    like = next(x for x in leaves if is_typed(x))
    numbers = tuple(_number(cls, x, like) for x in args)
    return numbers, {name: _number(cls, x, like) for name, x in kwargs.items()}


def _leaves(values: Any) -> Iterator[Any]:
    for x in values:
        if isinstance(x, (list, tuple)):
            yield from _leaves(x)
        else:
            yield x


def _is_complex(x: Any) -> bool:
    return isinstance(x, complex) or (isinstance(x, Tensor) and x.is_complex())


def _number(cls: TensorType, x: Any, like: Tensor) -> Any:
    if isinstance(x, (list, tuple)) and any(map(_is_complex, _leaves(x))):
        return type(x)([_number(cls, each, like) for each in x])
    if isinstance(x, complex):
        return wrap(cls, like.new_tensor([x.real, x.imag]))
    return wrap(cls, torch.view_as_real(x.resolve_conj())) if _is_complex(x) else x
