"""What functions mean for numbers that store some grades only.

Functions that move numbers, act on all components alike or ask about the tensor mean what they
always do: their rules know nothing of an algebra but how many components a number has. What
multiplies has its rules here, which plan by the grades of the factors; a function of one number is
taken of all components, and what cannot come out is left out. All else refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import torch
from torch import Tensor

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.algebra import grades as planning
from hypercomplex.door.calls import is_typed
from hypercomplex.door.declarations import algebra_of
from hypercomplex.door.registry import Meaning, by_grade, meanings, rule_of, spellings
from hypercomplex.door.values import TensorType, alias, lift, only_numbers, shape_of, wrap
from hypercomplex.functional.matmul import multiplied
from hypercomplex.geometric import bivectors, duality, products, versors
from hypercomplex.geometric import grades as parts
from hypercomplex.geometric.multivector import (
    Kind,
    MultivectorTensor,
    algebra_of_type,
    kind_of,
    planned,
    regraded,
    sandwiched,
    signed,
)
from hypercomplex.host import transforms  # noqa: F401 (whose functions have rules)
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.leaves import typed
from hypercomplex.kernels.exact import power_of_two
from hypercomplex.kernels.precision import single
from hypercomplex.kernels.product import multiply
from hypercomplex.kernels.scaling import largest
from hypercomplex.rules import analytic, contraction, linear, metadata, product

Rule = Callable[..., Any]

_THE_SAME = ("shape", "linear", "metadata")
"""The families whose rules ask for nothing but the number of components."""
_LENGTHS = (
    "abs absolute sgn sgn_ linalg.vector_norm nn.functional.normalize renorm renorm_ dist cdist "
    "pdist norm_except_dim native_norm resolve_conj nn.functional.l1_loss nn.functional.mse_loss "
    "nn.functional.smooth_l1_loss nn.functional.huber_loss nn.functional.softsign"
)
"""Functions of lengths and differences, of which the same is true."""


def rule(names: str | list[Callable[..., Any]]) -> Callable[[Rule], Rule]:
    """Register a rule that takes numbers of different grades, and all components, together."""

    def register(function: Rule) -> Rule:
        for target in spellings(names) if isinstance(names, str) else names:
            by_grade(target, Meaning("graded", function))
        return function

    return register


def _of_host(function: Rule) -> bool:
    """Whether a function of ours is about tensors as such."""
    return str(getattr(function, "__module__", "")).startswith("hypercomplex.host")


for _function, _meaning in meanings():
    if getattr(_function, "__name__", "").startswith("_foreach_"):  # what each function means
        by_grade(_function, Meaning("graded", _meaning.rule))
    elif _meaning.family in _THE_SAME or _of_host(_function):
        by_grade(_function, _meaning)
for _function in spellings(_LENGTHS):
    by_grade(_function, Meaning("involution", rule_of(_function)))  # type: ignore[arg-type]

# ---------------------------------------------------------------------- types that differ


def _graded(x: Any, like: Any) -> Any:
    """Numbers by grade: all components are numbers of all grades, a real number is of grade 0."""
    if isinstance(x, MultivectorTensor):
        return x
    if is_typed(x):
        return typed(kind_of(type(x), "multivector").cls, alias(x))
    scalar = kind_of(type(like), 0).cls
    return typed(scalar, lift(scalar, x, like))


def _first(*values: Any) -> Any:
    return next(x for x in values if is_typed(x))


def _union(*values: Any) -> type[MultivectorTensor]:
    """The type of all grades that one of the values holds; 0 needs none."""
    types = tuple(type(x) for x in values if is_typed(x))
    real = any(not is_typed(x) and not _is_zero(x) for x in values)
    return _of_all(types, real).cls


@known_when_traced
def _of_all(types: tuple[type, ...], real: bool) -> Kind:
    held = [kind_of(cls).cls.grades for cls in types] + [(0,)] * real
    return kind_of(types[0], tuple(k for grades in held for k in grades))


def _is_zero(x: Any) -> bool:
    return isinstance(x, (int, float)) and x == 0


def _as(kind: type[MultivectorTensor], x: Any, like: Any) -> Any:
    """The same numbers as numbers of another type, which holds their grades."""
    if not is_typed(x):
        return x  # the rule makes it one
    numbers = _graded(x, like)
    if type(numbers) is kind:
        return numbers
    return typed(kind, regraded(numbers, type(numbers), kind))


def _of_all_grades(general: Rule, count: int = 2) -> Rule:
    """A rule that numbers of one type have, for some: with the grades of all operands."""

    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        operands, rest = args[:count], args[count:]
        if not any(map(is_typed, operands)):
            return general(cls, *args, **kwargs)
        if len({*map(type, operands)}) == 1:
            return general(kind_of(type(operands[0])).cls, *args, **kwargs)
        kind, like = _union(*operands), _first(*operands)
        return general(kind, *(_as(kind, x, like) for x in operands), *rest, **kwargs)

    return apply


@known_when_traced
def _holds(cls: type, other: type) -> bool:
    """Whether a type holds all grades of another one."""
    return {*kind_of(other).cls.grades} <= {*kind_of(cls).cls.grades}


def _in_place(names: str, out_of_place: Rule) -> None:
    """Register `x.f_()` where the type of x holds what comes out."""

    @rule(names)
    def assign(cls: TensorType, input: Any, *args: Any, **kwargs: Any) -> Tensor:
        only_numbers(cls, input)
        recorded = torch.is_grad_enabled() and input.requires_grad
        before = typed(kind_of(type(input)).cls, input.clone()) if recorded else input
        result = out_of_place(cls, before, *args, **kwargs)
        if not _holds(type(input), type(result)):
            raise RuntimeError(
                f"a {type(input).__name__} does not hold the grades of a {type(result).__name__}; "
                "write x = f(x, …) in place of x.f_(…)"
            )
        if isinstance(input, MultivectorTensor):
            result = _as(kind_of(type(input)).cls, result, input)
        alias(input).copy_(result)
        return input


_SUMS: dict[str, Rule] = {
    "add __add__ __radd__": linear.add,
    "sub subtract __sub__": linear.sub,
    "rsub __rsub__": linear.rsub,
}
_QUESTIONS: dict[str, Rule] = {
    "ne not_equal __ne__": metadata.ne,
    "isclose": metadata.isclose,
    "allclose": metadata.allclose,
    "equal": metadata.equal,
}
for _names, _general in (_SUMS | _QUESTIONS).items():
    rule(_names)(_of_all_grades(_general))
_in_place("add_ __iadd__", _of_all_grades(linear.add))
_in_place("sub_ subtract_ __isub__", _of_all_grades(linear.sub))


@rule("eq __eq__")
def eq(cls: TensorType, input: Any, other: Any) -> Any:
    if not isinstance(other, (Tensor, bool, int, float, complex)):
        return NotImplemented
    return _of_all_grades(metadata.eq)(cls, input, other)


# ---------------------------------------------------------------------- products


def _product(name: str, a: Any, b: Any) -> Any:
    """The product of that name of two tensors, of which one may be real."""
    like = _first(a, b)
    a, b = _graded(a, like), _graded(b, like)
    plan = planned(type(a), type(b), name)
    return typed(plan.kind, multiply(a, b, plan.map))


@rule("mul multiply __mul__")
def mul(cls: TensorType, input: Any, other: Any) -> Any:
    if is_typed(input) and is_typed(other):
        return _product("product", input, other)
    return product.mul(kind_of(type(_first(input, other))).cls, input, other)


@rule("__rmul__")
def rmul(cls: TensorType, input: Any, other: Any) -> Any:
    return mul(cls, other, input)


_PRODUCTS = {
    "wedge": "__xor__",
    "inner": "__or__",
    "regressive": "__and__",
    "left_contraction": "__lshift__",
    "right_contraction": "",
    "commutator": "",
    "anticommutator": "",
}
"""The products of blades, and the operators that mean them."""


def _check_algebra(cls: TensorType, algebra: Algebra | None) -> None:
    """The algebra may be given once more."""
    if algebra is not None and not _is_that_of(cls, algebra):
        algebra_of(cls, algebra)  # which refuses it


@known_when_traced
def _is_that_of(cls: TensorType, algebra: Algebra) -> bool:
    return bool(cls.algebra == algebra)


def _of_two(public: Rule, function: Rule) -> None:
    """Register a function of two numbers."""

    @rule([public])
    def apply(cls: TensorType, a: Any, b: Any, algebra: Algebra | None = None) -> Any:
        _check_algebra(cls, algebra)
        return function(a, b)


def _operator(symbol: str, function: Rule) -> None:
    @rule(symbol)
    def apply(cls: TensorType, input: Any, other: Any) -> Any:
        return function(input, other)


for _name, _symbol in _PRODUCTS.items():
    _of_two(getattr(products, _name), partial(_product, _name))
    if _symbol:
        _operator(_symbol, partial(_product, _name))


def _scalar_product(a: Any, b: Any) -> Tensor:
    return alias(_product("scalar_product", a, b)).squeeze(-1)


_of_two(products.scalar_product, _scalar_product)


def _sandwich(a: Any, b: Any) -> Any:
    like = _first(a, b)
    return sandwiched(_graded(a, like), _graded(b, like))


_operator("__rshift__", _sandwich)


@rule("square")
def square(cls: TensorType, input: Any) -> Any:
    """A number commutes with itself, so fewer grades come out than of a product."""
    return _product("anticommutator", input, input)


@rule("div divide true_divide __truediv__ __div__")
def div(cls: TensorType, input: Any, other: Any, *, rounding_mode: None = None) -> Any:
    if rounding_mode is not None or not is_typed(other):
        return product.div(cls, input, other, rounding_mode=rounding_mode)
    return mul(cls, input, reciprocal(cls, _graded(other, other)))


@rule("__rtruediv__")
def rdiv(cls: TensorType, input: Any, other: Any) -> Any:
    return div(cls, other, input)


_in_place("mul_ multiply_ __imul__", mul)
_in_place("div_ divide_ true_divide_ __itruediv__", div)
_in_place("square_", square)

# ---------------------------------------------------------------------- sums of products


@rule("matmul __matmul__ linalg.matmul mm bmm mv dot")
def matmul(cls: TensorType, input: Any, other: Any) -> Any:
    if not (is_typed(input) and is_typed(other)):
        return contraction.matmul(kind_of(type(_first(input, other))).cls, input, other)
    if not shape_of(input) or not shape_of(other):
        raise RuntimeError("matmul takes at least one axis of numbers on either side")
    a, b = _graded(input, input), _graded(other, other)
    plan = planned(type(a), type(b), "product")
    return typed(plan.kind, multiplied(a, b, plan.map))


@rule("__rmatmul__")
def rmatmul(cls: TensorType, input: Any, other: Any) -> Any:
    return matmul(cls, other, input)


def _contracted(function: Callable[..., Tensor], operands: list[Any]) -> Any:
    """A sum of products of at most two tensors of numbers, and of reals."""
    places = [m for m, x in enumerate(operands) if is_typed(x)]
    if len(places) > 2:
        raise NotImplementedError(
            f"{len(places)} tensors of numbers by grade are multiplied two at a time"
        )
    first, last = (_graded(operands[m], operands[m]) for m in (places[0], places[-1]))
    right = type(last) if len(places) == 2 else kind_of(type(first), 0).cls
    plan = planned(type(first), right, "product")
    given = [_graded(x, x) if m in places else x for m, x in enumerate(operands)]
    real = tuple(m for m in range(len(operands)) if m not in places)
    return wrap(plan.kind, function(*given, algebra=plan.map, real=real))


@rule("einsum")
def einsum(cls: TensorType, equation: str, *operands: Any) -> Any:
    return _contracted(partial(functional.einsum, equation), list(operands))


@rule("tensordot")
def tensordot(cls: TensorType, a: Any, b: Any, dims: Any = 2) -> Any:
    return _contracted(partial(functional.tensordot, dims=dims), [a, b])


@rule("kron")
def kron(cls: TensorType, input: Any, other: Any) -> Any:
    return _contracted(functional.kron, [input, other])


@rule("outer ger")
def outer(cls: TensorType, input: Any, vec2: Any) -> Any:
    return einsum(cls, "i,j->ij", input, vec2)


@rule("nn.functional.linear")
def linear_map(cls: TensorType, input: Any, weight: Any, bias: Any = None) -> Any:
    """The weight stands on the left."""
    if not (is_typed(input) or is_typed(weight)):
        mapped: Any = torch.nn.functional.linear(input, weight)
    else:
        equation = {1: "i,...i->...", 2: "oi,...i->...o"}[len(shape_of(weight))]
        mapped = einsum(cls, equation, weight, input)
    return mapped if bias is None else _of_all_grades(linear.add)(cls, mapped, bias)


# ---------------------------------------------------------------------- signs, grades and duals


def _signed(x: Any, signs: str) -> Any:
    return typed(kind_of(type(x)).cls, signed(x, type(x), signs))


def _of_one(public: Rule, function: Rule) -> None:
    @rule([public])
    def apply(cls: TensorType, x: Any, algebra: Algebra | None = None) -> Any:
        _check_algebra(cls, algebra)
        return function(x)


for _name in ("reverse", "involute", "conjugate"):
    _of_one(getattr(parts, _name), partial(_signed, signs=_name))


@rule("__invert__")
def reverse(cls: TensorType, input: Any) -> Any:
    return _signed(input, "reverse")


@rule("conj conj_physical")
def conj(cls: TensorType, input: Any) -> Any:
    return _signed(input, "conjugate")


@rule("adjoint Tensor.mH Tensor.H")
def adjoint(cls: TensorType, input: Any) -> Any:
    if input.ndim < 3:
        raise RuntimeError(f"the adjoint needs at least 2 axes of numbers, not {input.ndim - 1}")
    return typed(kind_of(type(input)).cls, alias(_signed(input, "conjugate")).transpose(-3, -2))


@rule([parts.grade])
def grade(cls: TensorType, x: Any, k: Any, algebra: Algebra | None = None) -> Any:
    """The grades that are asked for and that the algebra has are stored, no others."""
    _check_algebra(cls, algebra)
    kind = kind_of(type(x), k).cls
    return typed(kind, regraded(x, type(x), kind))


_of_one(parts.even, lambda x: grade(type(x), x, "even"))
_of_one(parts.odd, lambda x: grade(type(x), x, "odd"))


def _complement(x: Any, signs_first: bool) -> Any:
    kind = _of_complements(type(x)).cls
    if signs_first:
        return typed(kind, signed(x, type(x), "complement_signs").flip(-1))
    return _signed(typed(kind, x.flip(-1)), "complement_signs")


@known_when_traced
def _of_complements(cls: type[MultivectorTensor]) -> Kind:
    highest = cls.algebra.blades.generators
    return kind_of(cls, tuple(highest - k for k in cls.grades))


def _by_the_pseudoscalar(x: Any, which: str) -> Any:
    plan = planned(type(x), kind_of(type(x), 0).cls, which)
    return typed(plan.kind, multiply(x, x.new_ones(1), plan.map))


@known_when_traced
def _has_polarity(cls: type[MultivectorTensor]) -> bool:
    return bool(cls.algebra.blades.pseudoscalar_square)


def _dual(x: Any) -> Any:
    return _by_the_pseudoscalar(x, "polarity") if _has_polarity(type(x)) else _complement(x, True)


def _undual(x: Any) -> Any:
    if _has_polarity(type(x)):
        return _by_the_pseudoscalar(x, "unpolarity")
    return _complement(x, False)


_of_one(duality.hodge, partial(_complement, signs_first=True))
_of_one(duality.unhodge, partial(_complement, signs_first=False))
_of_one(duality.polarity, partial(_by_the_pseudoscalar, which="polarity"))
_of_one(duality.unpolarity, partial(_by_the_pseudoscalar, which="unpolarity"))
_of_one(duality.dual, _dual)
_of_one(duality.undual, _undual)

# ---------------------------------------------------------------------- functions of one number


def _whole(x: Any) -> Any:
    """All components."""
    kind = kind_of(type(x), "multivector")
    return typed(kind.dense_type, regraded(x, type(x), kind.cls))


@known_when_traced
def _of_functions(cls: type[MultivectorTensor]) -> Kind:
    """The type of what functions of a number of some type are."""
    return kind_of(cls, planning.function_grades(cls.algebra, cls.grades))


def _by_all_components(function: Rule, x: Any, *args: Any) -> Any:
    """A function of one number, of all components; what cannot come out of it is left out."""
    return _left(_of_functions(type(x)), function(*_components(x), *args), x)


def _components(x: Any) -> tuple[Tensor, Algebra]:
    """What functions of components ask."""
    return alias(_whole(x)), algebra_of_type(type(x))


def _left(kind: Kind, components: Tensor, like: Any) -> Any:
    """Numbers of these of all components."""
    whole = kind_of(type(like), "multivector").cls
    return typed(kind.cls, regraded(components, whole, kind.cls))


def _analytic(names: str, function: Rule) -> None:
    @rule(names)
    def apply(cls: TensorType, input: Any) -> Any:
        return _by_all_components(function, input)


for _name, _names in analytic.NAMES.items():
    _analytic(_names, getattr(functional, _name))


def _in_closed_form(name: str, closed: Rule, *grades: int) -> None:
    """Register a function that has a closed form where there are these grades only."""
    general = getattr(functional, name)

    @rule(name)
    def apply(cls: TensorType, input: Any) -> Any:
        few = _holds_only(type(input), grades)
        return _by_all_components(closed if few else general, input)


@known_when_traced
def _holds_only(cls: type[MultivectorTensor], grades: tuple[int, ...]) -> bool:
    return {*cls.grades} <= {*grades} and bivectors.has_closed_forms(cls.algebra)


_in_closed_form("exp", bivectors.general_exp, 0, 2)
_in_closed_form("log", bivectors.general_log, 0, 2, 4)
_in_closed_form("sqrt", bivectors.general_sqrt, 0, 2, 4)


def _of_bivectors(public: Rule, *remainders: int) -> None:
    """Register a function of bivectors or rotors, and the grades of its result, modulo 4."""

    @rule([public])
    def apply(cls: TensorType, x: Any, algebra: Algebra | None = None) -> Any:
        _check_algebra(cls, algebra)
        return _left(_by_remainders(type(x), remainders), public(*_components(x)), x)


@known_when_traced
def _by_remainders(cls: type[MultivectorTensor], remainders: tuple[int, ...]) -> Kind:
    highest = cls.algebra.blades.generators
    found = tuple(k for k in range(highest + 1) if k % 4 in remainders)
    return kind_of(cls, found or (0,))


_of_bivectors(bivectors.exp, 0, 2)
_of_bivectors(bivectors.log, 2)
_of_bivectors(bivectors.sqrt, 0, 2)
_of_bivectors(bivectors.outer_exp, 0, 2)
_of_bivectors(bivectors.outer_cos, 0)
_of_bivectors(bivectors.outer_sin, 2)
_of_bivectors(bivectors.outer_tan, 2)
_of_bivectors(bivectors.invariant_decomposition, 2)


@rule("reciprocal")
def reciprocal(cls: TensorType, input: Any) -> Any:
    r"""Of blades, as all numbers of one of these grades are, $\tilde x / x \tilde x$."""
    if _are_blades(type(input)):
        return _inverse_of_blades(input)
    return _by_all_components(functional.inverse, input)


def _inverse_of_blades(x: Any) -> Any:
    """Over a power of two first, so that squares are in range."""
    cls, components = kind_of(type(x)).cls, alias(x)
    scale = power_of_two(largest(components))
    moderate, scale = typed(cls, single(components / scale)), single(scale)
    backwards = _signed(moderate, "reverse")
    size = alias(_product("scalar_product", moderate, backwards))
    return typed(cls, (alias(backwards) / size / scale).to(x.dtype))


@known_when_traced
def _are_blades(cls: type[MultivectorTensor]) -> bool:
    """Whether all numbers of a type are exterior products of vectors."""
    highest = cls.algebra.blades.generators
    return len(cls.grades) == 1 and cls.grades[0] in (0, 1, highest - 1, highest)


@rule("pow __pow__")
def pow(cls: TensorType, input: Any, exponent: Any) -> Any:
    if not is_typed(input) or is_typed(exponent):
        raise NotImplementedError(
            f"pow is refused for {cls.__name__} as an exponent; call it with q.dense()"
        )
    if not isinstance(exponent, int):
        real = analytic.real_exponent(cls, exponent)
        return _by_all_components(partial(_real_power, exponent=real), input)
    if exponent < 0:
        return pow(cls, reciprocal(cls, input), -exponent)
    if exponent == 0:
        return _graded(torch.ones_like(alias(input)[..., 0]), input)
    half = pow(cls, input, exponent // 2) if exponent > 1 else None
    whole = input if half is None else square(cls, half)
    return mul(cls, whole, input) if exponent > 1 and exponent % 2 else whole


def _real_power(x: Tensor, algebra: Algebra, exponent: Any) -> Tensor:
    return functional.real_power(x, exponent, algebra)


# ---------------------------------------------------------------------- parts


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


@rule([parts.extract_grade])
def extract_grade(cls: TensorType, x: Any, k: Any, algebra: Algebra | None = None) -> Tensor:
    return alias(grade(cls, x, k, algebra))


@rule([parts.grades])
def grades_of(
    cls: TensorType, x: Any, algebra: Algebra | None = None, tolerance: float = 0.0
) -> Tensor:
    _check_algebra(cls, algebra)
    return parts.grades(*_components(x), tolerance)


# ---------------------------------------------------------------------- versors

_of_two(versors.sandwich, _sandwich)


def _by_whole_numbers(public: Rule, keeps: bool) -> None:
    """Register a function of all components, which keeps the grades or gives real answers."""

    @rule([public])
    def apply(cls: TensorType, x: Any, algebra: Algebra | None = None, **options: Any) -> Any:
        _check_algebra(cls, algebra)
        result = public(*_components(x), **options)
        return _left(kind_of(type(x)), result, x) if keeps else result


_by_whole_numbers(versors.normalize, keeps=True)
_by_whole_numbers(versors.versor_inverse, keeps=True)
_by_whole_numbers(versors.norm, keeps=False)
_by_whole_numbers(versors.squared_norm, keeps=False)
_by_whole_numbers(versors.is_versor, keeps=False)


@rule([versors.project])
def project(cls: TensorType, a: Any, onto: Any, algebra: Algebra | None = None) -> Any:
    _check_algebra(cls, algebra)
    blade = _graded(onto, _first(a, onto))
    back = _left(kind_of(type(blade)), versors.versor_inverse(*_components(blade)), blade)
    return _product("product", _product("inner", a, blade), back)


@rule([versors.reject])
def reject(cls: TensorType, a: Any, onto: Any, algebra: Algebra | None = None) -> Any:
    numbers = _graded(a, _first(a, onto))
    return _of_all_grades(linear.sub)(cls, numbers, project(cls, numbers, onto, algebra))


@rule([versors.apply_versor])
def apply_versor(cls: TensorType, x: Any, y: Any, algebra: Algebra | None = None) -> Any:
    """Of the grades that the sandwich has, of which only those of y are not 0 for versors."""
    _check_algebra(cls, algebra)
    like = _first(x, y)
    x, y = _graded(x, like), _graded(y, like)
    whole, known = _components(x)
    result = versors.apply_versor(whole, alias(_whole(y)), known)
    return _left(_of_sandwich(type(x), type(y)), result, y)


@known_when_traced
def _of_sandwich(x: type[MultivectorTensor], y: type[MultivectorTensor]) -> Kind:
    return kind_of(y, planning.sandwich_grades(x.algebra, x.grades, y.grades))


@rule([versors.reflect])
def reflect(cls: TensorType, a: Any, mirror: Any, algebra: Algebra | None = None) -> Any:
    return apply_versor(cls, mirror, a, algebra)
