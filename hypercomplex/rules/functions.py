"""Functions of numbers in `hypercomplex.functional`: on the components of typed tensors.

The table names the arguments that hold numbers. They must all be typed, since a plain tensor there
holds components, but stands for real numbers beside a typed one: to guess would be silently wrong.
The algebra is that of the tensors and may be left out. A result that holds numbers is typed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from inspect import signature
from typing import Any

from torch import Tensor

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, wrap

_ANALYTIC = (
    "acos acosh asin asinh atan atanh cos cosh exp exp2 expm1 log log1p log2 log10 rsqrt sigmoid "
    "sin sinc sinh sqrt tan tanh"
)
_TO_NUMBERS: dict[Callable[..., Any], str] = {
    **{getattr(functional, name): "x" for name in _ANALYTIC.split()},
    functional.axis: "x",
    functional.commutator: "a b",
    functional.conj: "x",
    functional.cumprod: "x",
    functional.divide: "a b",
    functional.from_polar: "axis",
    functional.inverse: "x",
    functional.matmul: "a b",
    functional.matmul_real: "a",
    functional.normalize: "x",
    functional.power: "x exponent",
    functional.prod: "x",
    functional.product: "a b",
    functional.real_matmul: "b",
    functional.real_power: "x",
    functional.vander: "x",
}
_TO_REALS: dict[Callable[..., Any], str] = {
    functional.angle: "x",
    functional.cdist: "a b",
    functional.cosine_similarity: "a b",
    functional.dist: "a b",
    functional.inner_product: "a b",
    functional.is_pure: "x",
    functional.is_unit: "x",
    functional.left_matrix: "x",
    functional.norm: "x",
    functional.pairwise_distance: "a b",
    functional.pdist: "x",
    functional.right_matrix: "x",
    functional.rotate: "q",
    functional.squared_norm: "x",
}


def _give(function: Callable[..., Any], numbers: str, typed_result: bool) -> None:
    names, parameters = frozenset(numbers.split()), tuple(signature(function).parameters)
    position = parameters.index("algebra") if "algebra" in parameters else None

    @rule("layers", [function])
    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        if "dim" in kwargs and "axis" in parameters:  # an axis in space, no axis of a tensor
            kwargs["axis"] = kwargs.pop("dim")
        if position is not None and len(args) > position:
            _check_algebra(cls, args[position])
        elif position is not None:
            _check_algebra(cls, kwargs.setdefault("algebra", cls.algebra))
        for name, value in (*zip(parameters, args, strict=False), *kwargs.items()):
            if isinstance(value, Tensor) and is_typed(value) != (name in names):
                raise TypeError(_mismatch(cls, function.__name__, f"`{name}`", value))
        result = function(*args, **kwargs)
        return wrap(cls, result) if typed_result else result


for _function, _names in _TO_NUMBERS.items():
    _give(_function, _names, typed_result=True)
for _function, _names in _TO_REALS.items():
    _give(_function, _names, typed_result=False)


@rule("layers", [functional.polar])
def polar(cls: TensorType, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    length, angle, axis = functional.polar(x)
    return length, angle, wrap(cls, axis)


# ---------------------------------------------------------------------- sums of products


@rule("layers", [functional.einsum])
def einsum(
    cls: TensorType,
    equation: str,
    *operands: Tensor,
    algebra: Algebra | None = None,
    real: Collection[int] = (),
) -> Tensor:
    _check_operands(cls, "einsum", operands, algebra, real)
    return wrap(cls, functional.einsum(equation, *operands, algebra=cls.algebra, real=real))


@rule("layers", [functional.tensordot])
def tensordot(
    cls: TensorType,
    a: Tensor,
    b: Tensor,
    dims: Any = 2,
    *,
    algebra: Algebra | None = None,
    real: Collection[int] = (),
) -> Tensor:
    _check_operands(cls, "tensordot", (a, b), algebra, real)
    return wrap(cls, functional.tensordot(a, b, dims, algebra=cls.algebra, real=real))


@rule("layers", [functional.kron])
def kron(
    cls: TensorType,
    a: Tensor,
    b: Tensor,
    *,
    algebra: Algebra | None = None,
    real: Collection[int] = (),
) -> Tensor:
    _check_operands(cls, "kron", (a, b), algebra, real)
    return wrap(cls, functional.kron(a, b, algebra=cls.algebra, real=real))


# ---------------------------------------------------------------------- helpers


def _check_operands(
    cls: TensorType,
    name: str,
    operands: tuple[Tensor, ...],
    algebra: Algebra | None,
    real: Collection[int],
) -> None:
    _check_algebra(cls, cls.algebra if algebra is None else algebra)
    for m, x in enumerate(operands):
        if is_typed(x) == (m in real):
            raise TypeError(_mismatch(cls, name, f"operand {m} (`real`={real})", x))


def _check_algebra(cls: TensorType, algebra: Any) -> None:
    if algebra != cls.algebra:
        raise TypeError(
            f"`algebra` (={algebra}) is not that of a {cls.__name__} ({cls.algebra}); leave it out"
        )


def _mismatch(cls: TensorType, function: str, argument: str, value: Tensor) -> str:
    if is_typed(value):
        return (
            f"{argument} of functional.{function} must be a plain tensor of real numbers, not a "
            f"{type(value).__name__}"
        )
    return (
        f"{argument} of functional.{function} is a plain tensor beside a {cls.__name__}, "
        f"components or real numbers; pass {cls.__name__}(…) of components, or use the operator or "
        "torch's function, where a plain tensor holds real numbers"
    )
