"""What leaves for Python, NumPy and DLPack: real components, the component axis last.

None of them has numbers of an algebra but Python's real and complex ones, so what is asked for by
name is given as `q.components` would be, without a copy where torch makes none. What would read the
storage as if it held one real for each number refuses.
"""

from __future__ import annotations

from typing import Any, NoReturn

from torch import Tensor

from hypercomplex.algebra.constructions import COMPLEX, REAL
from hypercomplex.door.registry import resolve, rule
from hypercomplex.door.values import TensorType, lift, wrap
from hypercomplex.rules.metadata import eq
from hypercomplex.rules.patterns import answers

answers("metadata", "numpy tolist __dlpack__ __dlpack_device__")


@rule("metadata", "__array__")
def array(cls: TensorType, input: Tensor, dtype: Any = None) -> Any:
    return input.__array__(dtype)


@rule("metadata", "item __complex__")
def item(cls: TensorType, input: Tensor) -> Any:
    """One number as Python's, which has real and complex ones."""
    if input.numel() != cls.width:
        raise RuntimeError(
            f"item() needs one number, but the tensor has shape {tuple(input.shape[:-1])}"
        )
    kind: Any = {REAL: float, COMPLEX: complex}.get(cls.algebra)
    if kind is None:
        raise NotImplementedError(
            f"torch.Tensor.item is refused for {cls.__name__}: Python has no number of "
            f"{cls.algebra}; q.tolist() gives the components"
        )
    return kind(*input.flatten().tolist())


@rule("metadata", "untyped_storage")
def untyped_storage(cls: TensorType, input: Tensor) -> NoReturn:
    raise NotImplementedError(
        f"torch.Tensor.untyped_storage is refused for {cls.__name__}: what reads it takes "
        f"{tuple(input.shape[:-1])} for the shape of real elements and would lose components; "
        "pass q.components, or hypercomplex.state.to_components(state_dict); for tools that take a "
        "model, call hypercomplex.state.plain_parameters(model) first"
    )


@rule("metadata", "__contains__")
def contains(cls: TensorType, input: Tensor, element: Any) -> bool:
    found = eq(cls, input, element)
    if found is NotImplemented:
        raise RuntimeError(
            f"`x in q` asks for a number of {cls.algebra} or a real one, not for "
            f"{type(element).__name__}"
        )
    return bool(found.any())


# ---------------------------------------------------------------------- forward differentiation

_make_dual: Any = resolve("_make_dual")
_unpack_dual: Any = resolve("_unpack_dual")


@rule("metadata", "_make_dual")
def make_dual(cls: TensorType, primal: Tensor, tangent: Any, *, level: int) -> Tensor:
    return wrap(cls, _make_dual(primal, lift(cls, tangent, primal), level=level))


@rule("metadata", "_unpack_dual")
def unpack_dual(cls: TensorType, dual: Tensor, *, level: int) -> tuple[Tensor, Tensor | None]:
    primal, tangent = _unpack_dual(dual, level=level)
    return wrap(cls, primal), None if tangent is None else wrap(cls, tangent)
