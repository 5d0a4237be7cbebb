"""Parts of numbers: grades, the real part, components; and the signs that go by grades."""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.values import TensorType, alias
from hypercomplex.geometric import grades
from hypercomplex.geometric.by_grade.patterns import check_algebra, components, of_one, rule
from hypercomplex.geometric.multivector import kind_of, regraded, signed
from hypercomplex.host.leaves import typed

__all__ = ["with_signs"]

# ---------------------------------------------------------------------- signs


def with_signs(x: Any, signs: str) -> Any:
    """Each component times its sign, among the signs of that name of `Blades`."""
    return typed(kind_of(type(x)).cls, signed(x, type(x), signs))


for _name in ("reverse", "involute", "conjugate"):
    of_one(getattr(grades, _name), partial(with_signs, signs=_name))


@rule("__invert__")
def reverse(cls: TensorType, input: Any) -> Any:
    return with_signs(input, "reverse")


@rule("conj conj_physical")
def conj(cls: TensorType, input: Any) -> Any:
    return with_signs(input, "conjugate")


@rule("adjoint Tensor.mH Tensor.H")
def adjoint(cls: TensorType, input: Any) -> Any:
    if input.ndim < 3:
        raise RuntimeError(f"the adjoint needs at least 2 axes of numbers, not {input.ndim - 1}")
    conjugates = alias(with_signs(input, "conjugate"))
    return typed(kind_of(type(input)).cls, conjugates.transpose(-3, -2))


# ---------------------------------------------------------------------- grades


@rule([grades.grade])
def grade(cls: TensorType, x: Any, k: Any, algebra: Algebra | None = None) -> Any:
    """The grades that are asked for and that the algebra has are stored, no others."""
    check_algebra(cls, algebra)
    kind = kind_of(type(x), k).cls
    return typed(kind, regraded(x, type(x), kind))


of_one(grades.even, lambda x: grade(type(x), x, "even"))
of_one(grades.odd, lambda x: grade(type(x), x, "odd"))


@rule([grades.extract_grade])
def extract_grade(cls: TensorType, x: Any, k: Any, algebra: Algebra | None = None) -> Tensor:
    return alias(grade(cls, x, k, algebra))


@rule([grades.grades])
def grades_of(
    cls: TensorType, x: Any, algebra: Algebra | None = None, tolerance: float = 0.0
) -> Tensor:
    check_algebra(cls, algebra)
    return grades.grades(*components(x), tolerance)


# ---------------------------------------------------------------------- real numbers


@rule("Tensor.real real")
def real(cls: TensorType, input: Any) -> Tensor:
    kind = kind_of(type(input), 0).cls
    return alias(regraded(input, type(input), kind)).squeeze(-1)


@rule("Tensor.imag imag")
def imag(cls: TensorType, input: Any) -> NoReturn:
    raise NotImplementedError(
        f"imag is refused for {cls.__name__}: parts are named by grade; call q.grade(…)"
    )


@rule("isreal")
def isreal(cls: TensorType, input: Any) -> Tensor:
    return (input[..., int(type(input).places[0] == 0) :] == 0).all(-1)


@rule("item __complex__")
def item(cls: TensorType, input: Any) -> float:
    if cls.grades != (0,) or input.numel() != 1:
        raise NotImplementedError(
            f"torch.Tensor.item is refused for {cls.__name__}: Python has no number of such "
            "grades; q.tolist() gives the components"
        )
    return float(input.flatten().tolist()[0])
