"""The table from torch functions to rules, and what rules are written with.

A rule is a function with torch's own signature (argument names included) after the type:

    @rule("shape", "transpose swapaxes swapdims")
    def transpose(cls, input, dim0, dim1): ...

It runs with the tensor type switched off, so inside it a typed tensor *is* its real tensor of
components, one axis longer than its users see. What a rule returns is wrapped by `wrap`, or is
plain if the answer is real.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import Any, TypeVar

import torch
from torch import Tensor

from hypercomplex.door.calls import is_typed
from hypercomplex.functional import product
from hypercomplex.functional.arguments import FLOATING
from hypercomplex.host.leaves import typed
from hypercomplex.lowering import is_commutative

__all__ = [
    "FAMILIES",
    "Rule",
    "TensorType",
    "add_operators",
    "alias",
    "along",
    "answers",
    "as_line",
    "axes",
    "axis",
    "components_first",
    "family_of",
    "in_order",
    "in_place",
    "is_typed",
    "lift",
    "on_components",
    "on_last",
    "only_numbers",
    "refuse_complex",
    "resolve",
    "rule",
    "rule_of",
    "scale_of",
    "scaled",
    "shape_of",
    "sizes",
    "spellings",
    "wrap",
]

FAMILIES = (
    "shape",
    "linear",
    "product",
    "involution",
    "analytic",
    "layers",
    "rotations",
    "metadata",
    "refused",
)

TensorType = Any  # a subclass of HypercomplexTensor; the module that defines it imports this one
Rule = Callable[..., Any]
R = TypeVar("R", bound=Rule)

_rules: dict[Callable[..., Any], Rule] = {}
_in_python: list[tuple[Callable[..., Any], Rule]] = []  # methods that torch wraps in Python
_families: dict[Callable[..., Any], str] = {}


def rule(family: str, names: str | Sequence[Callable[..., Any]]) -> Callable[[R], R]:
    """Register a function as the rule of every spelling of the names."""

    def register(function: R) -> R:
        for target in spellings(names) if isinstance(names, str) else names:
            add(family, target, function)
        return function

    return register


def on_components(family: str, names: str) -> None:
    """Register functions that do to numbers what they do to components: call, then wrap."""
    for target in spellings(names):

        def apply(
            cls: TensorType, *args: Any, _call: Callable[..., Any] = target, **kwargs: Any
        ) -> Any:
            return wrap(cls, _call(*args, **kwargs))

        add(family, target, apply)


def answers(family: str, names: str) -> None:
    """Register functions whose plain answer about the components is the answer."""
    for target in spellings(names):

        def apply(
            cls: TensorType, *args: Any, _call: Callable[..., Any] = target, **kwargs: Any
        ) -> Any:
            return _call(*args, **kwargs)

        add(family, target, apply)


def in_place(family: str, names: str, out_of_place: Rule) -> None:
    """Register `x.f_()` and `x f= y` as `x.copy_(f(x, y))`."""
    derivative_needs_input = family not in ("shape", "linear")

    def assign(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        only_numbers(cls, input)
        keep = derivative_needs_input and _recorded(input, *args, *kwargs.values())
        before = wrap(cls, input.clone()) if keep else input
        alias(input).copy_(out_of_place(cls, before, *args, **kwargs))
        return input

    for target in spellings(names):
        add(family, target, assign)


def _recorded(*values: Any) -> bool:
    """Whether autograd will want to differentiate a function of these."""
    return torch.is_grad_enabled() and any(x.requires_grad for x in values if isinstance(x, Tensor))


def add(family: str, target: Callable[..., Any], function: Rule) -> None:
    """Give one function its verdict; a second one is a mistake of ours."""
    if family not in FAMILIES:
        raise ValueError(f"`family` (={family!r}) must be one of {FAMILIES}")
    if _rules.setdefault(target, function) is not function:
        raise ValueError(
            f"{target} has a rule already, {_rules[target]} in {_families[target]!r}; it cannot "
            f"have {function} in {family!r}, too"
        )
    _families[target] = family
    if hasattr(target, "__wrapped__") and "." in target.__qualname__:
        _in_python.append((target, function))


def add_operators() -> None:
    """`operator.mul` means what `Tensor.__mul__` does: the compiler exports operators so."""
    for name, function in vars(operator).items():
        method = getattr(Tensor, f"__{name.strip('_')}__", None)
        if callable(function) and method in _rules:
            add(_families[method], function, _rules[method])


def rule_of(function: Callable[..., Any]) -> Rule | None:
    """The rule of a torch function, or None; found by identity, whatever its name.

    The compiler finds a method that torch wraps in Python by `is`, but not among keys.
    """
    if torch.compiler.is_dynamo_compiling():
        for target, meaning in _in_python:
            if target is function:
                return meaning
    return _rules.get(function)


def family_of(function: Callable[..., Any]) -> str | None:
    """The family of a torch function, or None."""
    return _families.get(function)


# ---------------------------------------------------------------------- names


def spellings(names: str) -> Iterator[Callable[..., Any]]:
    """The functions behind names: `sum` is `torch.sum` and `Tensor.sum`, a dotted name is itself.

    A name that the installed torch does not have is passed over; a test tells which.
    """
    for name in names.split():
        methods = name.startswith("__")
        paths = [name] if "." in name else [f"Tensor.{name}", *([] if methods else [name])]
        yield from {target for target in map(resolve, paths) if target is not None}


def resolve(path: str) -> Callable[..., Any] | None:
    """`nn.functional.pad` is the function, `Tensor.grad` its getter, `Tensor.grad=` its setter."""
    target: Any = torch
    for part in path.rstrip("=").split("."):
        target = getattr(target, part, None)
    if hasattr(target, "__get__") and not callable(target):
        return target.__set__ if path.endswith("=") else target.__get__
    return target if callable(target) else None


# ---------------------------------------------------------------------- values


def wrap(cls: TensorType, components: Tensor) -> Tensor:
    """The components as numbers: the same storage, typed."""
    if components.shape[-1] != cls.algebra.dimension or components.dtype not in FLOATING:
        raise TypeError(
            f"a {cls.__name__} has {cls.algebra.dimension} floating-point components, not "
            f"{components.shape[-1]} of {components.dtype}; convert q.components instead"
        )
    return typed(cls, alias(components) if is_typed(components) else components)


def only_numbers(cls: TensorType, target: Any) -> None:
    """Refuse to write numbers into a real tensor."""
    if not is_typed(target):
        raise NotImplementedError(
            f"a {cls.__name__} does not fit into a real tensor; write its components, or its "
            "real part"
        )


def alias(input: Tensor) -> Tensor:
    """The components as a plain tensor that shares storage and history.

    What changes a typed tensor changes this: the compiler forgets the type of what it sees change.
    """
    return input.view_as(input)


def lift(cls: TensorType, x: Any, like: Tensor) -> Tensor:
    """The components of x; a real x becomes `x + 0i + …`."""
    if is_typed(x):
        if type(x) is not cls and x.algebra != cls.algebra:
            raise RuntimeError(f"{cls.algebra} and {x.algebra} are different algebras")
        return x
    real = _real(cls, x, like)
    return torch.nn.functional.pad(real.unsqueeze(-1), (0, cls.algebra.dimension - 1))


def scale_of(cls: TensorType, x: Any, like: Tensor) -> Any:
    """A real x in the shape that multiplies every component alike."""
    if isinstance(x, bool | int | float):
        return x
    if isinstance(x, Real):
        return float(x)
    x = _real(cls, x, like)
    return x.unsqueeze(-1) if x.ndim else x


def scaled(cls: TensorType, name: str, factor: Any, numbers: Tensor) -> Tensor:
    """The numbers times an argument such as `alpha`, which stands on no side, so must commute."""
    if is_typed(factor) and is_commutative(cls.algebra):
        return product(factor, numbers, cls.algebra)
    if is_typed(factor) or isinstance(factor, complex):
        raise NotImplementedError(
            f"`{name}` (={factor}) must be real: on which side a factor of {cls.algebra} would "
            "stand is not said; multiply an operand by it"
        )
    return factor * numbers


def refuse_complex(cls: TensorType, *values: Any) -> None:
    """Refuse complex numbers; those of ℂ are typed before rules see them."""
    if any(isinstance(x, complex) or (isinstance(x, Tensor) and x.is_complex()) for x in values):
        raise NotImplementedError(
            f"a complex number has no place in {cls.algebra}: say which unit i is, for instance "
            f"with {cls.__name__}(components)"
        )


def _real(cls: TensorType, x: Any, like: Tensor) -> Tensor:
    refuse_complex(cls, x)
    if isinstance(x, Tensor):
        return x.to(like.dtype) if x.ndim == 0 else x
    if isinstance(x, bool | int | float | Real):
        return torch.as_tensor(x, dtype=like.dtype, device=like.device)
    raise TypeError(
        f"a {cls.__name__} combines with numbers and tensors, not with {type(x).__name__}"
    )


# ---------------------------------------------------------------------- axes


def shape_of(x: Tensor) -> tuple[int, ...]:
    """The sizes that users see: those of the axes of numbers, or of a real tensor."""
    return tuple(x.shape[:-1] if is_typed(x) else x.shape)


def axis(input: Tensor, dim: int, extra: int = 0) -> int:
    """A logical axis, counted from the front; `extra` for functions that insert axes."""
    ndim = input.ndim - 1 + extra
    if not -ndim <= dim < ndim:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], "
            f"but got {dim})"
            if ndim
            else f"Dimension specified as {dim} but the tensor holds a single number, without axes"
        )
    return dim % ndim


def as_line(input: Tensor) -> Tensor:
    """A single number as a line of one, which has an axis to name."""
    return input.unsqueeze(0) if input.ndim == 1 else input


def along(input: Tensor, dim: int, function: Callable[[Tensor, int], Tensor]) -> Tensor:
    """`function(x, dim)` at a logical axis; a single number is a line of one, as it is to torch."""
    if input.ndim > 1:
        return function(input, axis(input, dim))
    line = as_line(input)
    return function(line, axis(line, dim)).view(input.shape)


def components_first(function: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    """A function of batches of something, on tensors whose first axis is that of the components."""
    return function(*[x.movedim(-1, 0) for x in inputs]).movedim(0, -1)


def in_order(order: Any, function: Callable[..., Any], input: Tensor, **options: Any) -> Any:
    """`function(x, memory_format=order)` of numbers: where the channels come last, the components
    of one number still lie together, after them.
    """
    ranks = {torch.channels_last: 4, torch.channels_last_3d: 5}
    if order not in ranks:
        return function(input, memory_format=order, **options)
    if input.ndim - 1 != ranks[order]:
        raise RuntimeError(f"required rank {ranks[order]} tensor to use {order} format")
    stored = input.movedim(1, -2)
    result = function(stored, memory_format=torch.contiguous_format, **options)
    return result.movedim(-2, 1) if isinstance(result, Tensor) else result


def on_last(count: int, function: Callable[[Tensor], Tensor], input: Tensor) -> Tensor:
    """A function of `(batch, *axes)` on the last axes of numbers; components join the batch."""
    first = input.movedim(-1, 0)
    batch = first.shape[: first.ndim - count]
    result = function(first.flatten(0, len(batch) - 1))
    return result.reshape(*batch, *result.shape[1:]).movedim(0, -1)


def sizes(given: tuple[Any, ...], named: dict[str, Any]) -> tuple[int, ...]:
    """`f(2, 3)`, `f((2, 3))` and `f(size=(2, 3))` alike, whatever torch calls them."""
    if named:
        name, *unknown = named
        if given or unknown or name not in ("size", "shape", "dims", "repeats", "sizes"):
            raise TypeError(f"unexpected keyword argument {(unknown or [name])[0]!r}")
        given = (named[name],)
    if len(given) != 1 or isinstance(given[0], int):
        return given
    if not hasattr(given[0], "__iter__"):
        raise TypeError(f"a size (={given[0]!r}) must be an integer, or one sequence of integers")
    return tuple(given[0])


def axes(input: Tensor, dim: int | Sequence[int] | None) -> tuple[int, ...]:
    """Logical axes to reduce, counted from the front; None means all, as does none at all."""
    if dim is None or (not isinstance(dim, int) and len(dim) == 0):
        return tuple(range(input.ndim - 1))
    named = (dim,) if isinstance(dim, int) else tuple(dim)
    places = tuple(axis(as_line(input), d) for d in named)
    if len(set(places)) < len(places):
        raise RuntimeError(f"`dim` (={dim}) names an axis twice")
    return places if input.ndim > 1 else ()  # torch reduces a single number over its axis 0, too
