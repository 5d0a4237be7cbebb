"""Views as copies: `narrow_copy` is `narrow`, but shares no storage."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from hypercomplex.door.registry import Rule, rule
from hypercomplex.door.values import TensorType, wrap
from hypercomplex.rules import indexing, joining, shape
from hypercomplex.rules.axes import axis


def _same(cls: TensorType, input: Tensor) -> Tensor:
    return wrap(cls, input)


def _slice(
    cls: TensorType,
    input: Tensor,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Tensor:
    before = (slice(None),) * axis(input, dim)
    return indexing.getitem(cls, input, (*before, slice(start, end, step)))


_VIEWS: dict[str, Rule] = {
    "alias": _same,
    "detach": shape.detach,
    "diagonal": shape.diagonal,
    "expand": shape.expand,
    "narrow": indexing.narrow,
    "permute": shape.permute,
    "select": indexing.select,
    "slice": _slice,
    "split": joining.split,
    "split_with_sizes": joining.split_with_sizes,
    "squeeze": shape.squeeze,
    "t": shape.t,
    "transpose": shape.transpose,
    "unbind": joining.unbind,
    "unfold": shape.windows,
    "unsqueeze": shape.unsqueeze,
    "view": shape.view,
}


def _copying(view: Rule) -> Rule:
    def copy(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Any:
        result = view(cls, input, *args, **kwargs)
        if isinstance(result, Tensor):
            return wrap(cls, result.clone())
        return tuple(wrap(cls, part.clone()) for part in result)

    return copy


for _name, _view in _VIEWS.items():
    rule("shape", f"{_name}_copy")(_copying(_view))
