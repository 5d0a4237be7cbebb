"""From numbers to components and back: what stands between a typed tensor and real ones.

Where a rule runs, a typed tensor *is* its real tensor of components, one axis longer than its users
see; `wrap` makes numbers of components, `lift` components of whatever stands for numbers.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from hypercomplex.door.calls import Typed, is_typed
from hypercomplex.host.leaves import typed
from hypercomplex.lowering.bases import embedded

__all__ = [
    "FLOATING",
    "TensorType",
    "alias",
    "lift",
    "lift_both",
    "only_numbers",
    "refuse_complex",
    "scale_of",
    "shape_of",
    "wrap",
]

FLOATING = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
"""The types that components have."""

TensorType = Any  # a subclass of HypercomplexTensor; the module that defines it imports this one


def wrap(cls: TensorType, components: Tensor) -> Tensor:
    """The components as numbers: the same storage, typed."""
    if components.shape[-1] != cls.width or components.dtype not in FLOATING:
        raise TypeError(
            f"a {cls.__name__} has {cls.width} floating-point components, not "
            f"{components.shape[-1]} of {components.dtype}; convert q.components instead"
        )
    return typed(cls, alias(components) if isinstance(components, Typed) else components)


def only_numbers(cls: TensorType, target: Any) -> None:
    """Refuse to write numbers into a real tensor."""
    if not is_typed(target):
        raise NotImplementedError(
            f"a {cls.__name__} does not fit into a real tensor; write its components, or its "
            "real part; for tools that take a model, call "
            "hypercomplex.state.plain_parameters(model) first"
        )


def alias(input: Tensor) -> Tensor:
    """The components as a plain tensor that shares storage and history.

    What changes a typed tensor changes this: the compiler forgets the type of what it sees change.
    """
    return input.view_as(input)


def lift(cls: TensorType, x: Any, like: Tensor) -> Tensor:
    """The components of x; a real x becomes `x 1`, as `x + 0i + …`, and 0 needs no 1."""
    if isinstance(x, Typed):
        if type(x) is not cls and x.algebra != cls.algebra:
            raise RuntimeError(f"{cls.algebra} and {x.algebra} are different algebras")
        if type(x) is not cls and x.places != cls.places:
            raise RuntimeError(f"{cls.__name__} and {type(x).__name__} hold different grades")
        return x
    real = _real(cls, x, like)
    if cls.places is None and cls.algebra.begins_with_one:
        return embedded(real, cls.algebra)
    if isinstance(x, (int, float)) and x == 0:
        return real.unsqueeze(-1).expand(*real.shape, cls.width)
    return embedded(real, cls.algebra) if cls.places is None else _in_grade_0(cls, real)


def lift_both(cls: TensorType, a: Any, b: Any) -> tuple[Tensor, Tensor]:
    """The components of two operands, of which one at least is typed."""
    like = a if is_typed(a) else b
    return lift(cls, a, like), lift(cls, b, like)


def scale_of(cls: TensorType, x: Any, like: Tensor) -> Any:
    """A real x in the shape that multiplies every component alike."""
    if isinstance(x, (bool, int, float)):
        return x
    if isinstance(x, Real):
        return float(x)
    x = _real(cls, x, like)
    return x.unsqueeze(-1) if x.ndim else x


def refuse_complex(cls: TensorType, *values: Any) -> None:
    """Refuse complex numbers; those of ℂ are typed before rules see them."""
    if any(isinstance(x, complex) or (isinstance(x, Tensor) and x.is_complex()) for x in values):
        raise NotImplementedError(
            f"a complex number has no place in {cls.algebra}: say which unit i is, for instance "
            f"with {cls.__name__}(components)"
        )


def _in_grade_0(cls: TensorType, real: Tensor) -> Tensor:
    """Real numbers as numbers by grade, of which grade 0 must be one."""
    if cls.places[:1] != (0,):
        raise NotImplementedError(
            f"a real number is of grade 0, which a {cls.__name__} does not hold; take "
            "q.dense(), or q.with_grades(…)"
        )
    return pad(real.unsqueeze(-1), (0, cls.width - 1))


def _real(cls: TensorType, x: Any, like: Tensor) -> Tensor:
    refuse_complex(cls, x)
    if isinstance(x, Tensor):
        return x.to(like.dtype) if x.ndim == 0 else x
    if isinstance(x, (bool, int, float, Real)):
        return torch.as_tensor(x, dtype=like.dtype, device=like.device)
    raise TypeError(
        f"a {cls.__name__} combines with numbers and tensors, not with {type(x).__name__}; for "
        f"components pass {cls.__name__}(x)"
    )


def shape_of(x: Tensor) -> tuple[int, ...]:
    """The sizes that users see: those of the axes of numbers, or of a real tensor."""
    return tuple(x.shape[:-1] if is_typed(x) else x.shape)
