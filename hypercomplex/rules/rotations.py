"""Functions of rotations: on the components, when all that should be quaternions are.

The table names the arguments that hold quaternions. They must all be typed or all be plain; a
result that holds quaternions is typed where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

from torch import Tensor

from hypercomplex import rotations
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, wrap

_TO_QUATERNIONS: dict[Callable[..., Any], str] = {
    rotations.canonicalize: "q",
    rotations.integrate: "initial",
    rotations.karcher_mean: "q",
    rotations.mean: "q",
    rotations.median: "q",
    rotations.nlerp: "a b",
    rotations.piecewise_slerp: "q",
    rotations.reduce: "q left right",
    rotations.slerp: "a b",
    rotations.spline: "q",
    rotations.squad: "a b control_a control_b",
    rotations.squad_controls: "q",
    rotations.swing_twist: "q",
    rotations.unroll: "q",
}
_TO_REALS: dict[Callable[..., Any], str] = {
    rotations.angle: "q",
    rotations.angular_rates: "q",
    rotations.angular_velocity: "q derivative",
    rotations.chordal_distance: "a b",
    rotations.geodesic_distance: "a b",
    rotations.rotate: "q",
    rotations.spline_rates: "q",
    rotations.to_6d: "q",
    rotations.to_9d: "q",
    rotations.to_axis_angle: "q",
    rotations.to_davenport: "q",
    rotations.to_euler: "q",
    rotations.to_gibbs: "q",
    rotations.to_matrix: "q",
    rotations.to_mrp: "q",
    rotations.to_rotvec: "q",
}
_FROM_REALS: tuple[Callable[..., Any], ...] = (
    rotations.align_points,
    rotations.align_vectors,
    rotations.from_6d,
    rotations.from_9d,
    rotations.from_axis_angle,
    rotations.from_davenport,
    rotations.from_euler,
    rotations.from_gibbs,
    rotations.from_matrix,
    rotations.from_mrp,
    rotations.from_rotvec,
    rotations.from_two_vectors,
    rotations.look_at,
    rotations.reorder,
)


def _give(function: Callable[..., Any], quaternions: str, typed_result: bool) -> None:
    names, parameters = frozenset(quaternions.split()), tuple(signature(function).parameters)

    @rule("rotations", [function])
    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        if cls.algebra != QUATERNION:
            raise TypeError(
                f"{function.__name__} is a function of rotations, which quaternions are; a "
                f"{cls.__name__} holds numbers of {cls.algebra}"
            )
        if "dim" in kwargs and "axis" in parameters:  # an axis in space, no axis of a tensor
            kwargs["axis"] = kwargs.pop("dim")
        for name, value in (*zip(parameters, args, strict=False), *kwargs.items()):
            data = isinstance(value, Tensor) or (name in names and value is not None)
            if data and is_typed(value) != (name in names):
                raise TypeError(_mismatch(function, name, value, sorted(names)))
        result = function(*args, **kwargs)
        if not typed_result:
            return result
        if not isinstance(result, tuple):
            return wrap(cls, result)
        return tuple(wrap(cls, r) if r.is_floating_point() else r for r in result)


def _mismatch(function: Callable[..., Any], name: str, value: Any, names: list[str]) -> str:
    if not is_typed(value):
        kind = "a plain tensor" if isinstance(value, Tensor) else f"a {type(value).__name__}"
        return (
            f"`{name}` of {function.__name__} is {kind} beside a typed one; pass "
            f"QuaternionTensor({name})"
        )
    typed = " and ".join(f"`{n}`" for n in names) or "nothing"
    return (
        f"`{name}` of {function.__name__} must be a plain tensor of real numbers, not a "
        f"{type(value).__name__}; of its arguments {typed} may be typed"
    )


for _function, _names in _TO_QUATERNIONS.items():
    _give(_function, _names, typed_result=True)
for _function, _names in _TO_REALS.items():
    _give(_function, _names, typed_result=False)
for _function in _FROM_REALS:
    _give(_function, "", typed_result=False)
