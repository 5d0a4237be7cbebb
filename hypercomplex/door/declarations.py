"""What a function of ours says where it stands: which arguments hold numbers, and which results do.

    @numbers("a b")  # two tensors of numbers make one
    @numbers("q", gives="reals")  # what is asked of numbers is real
    @numbers("A", gives="numbers reals")  # two results, and the first holds numbers
    @numbers("q", of=QUATERNION, into=lambda: tensor_type(PGA))  # of one algebra, into another
    @folded("input", axes=2)  # a layer: two axes follow the one of channels

Plain tensors go through, components or folded features. Typed ones are asked by the rule that is
made here: their algebra is known and may be left out, the function runs on their components, and
results that hold numbers are typed. A plain tensor beside a typed one could hold components or real
numbers, and to guess would be silently wrong: it is refused, where the function does not say that
it holds reals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce, wraps
from inspect import signature
from itertools import repeat
from typing import Any, Literal, NamedTuple, ParamSpec, TypeVar

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import Typed, overridable
from hypercomplex.door.registry import Rule, add
from hypercomplex.door.values import TensorType, lift, wrap
from hypercomplex.lowering import (
    AnyBilinear,
    derived,
    enter,
    fold,
    leave,
    refuse_basis,
    sizes,
    unfold,
)
from hypercomplex.lowering.block import Side

__all__ = ["DECLARED", "Declaration", "algebra_of", "folded", "mismatch", "numbers"]

P = ParamSpec("P")
R = TypeVar("R")
Function = Callable[..., Any]
Gives = str | Callable[[Algebra], str]
Basis = Literal["any", "adapted", "only adapted"]


class Declaration(NamedTuple):
    """The arguments that hold numbers, and what each result holds, which the algebra may say."""

    numbers: tuple[str, ...]
    gives: Gives

    def words(self, algebra: Algebra) -> list[str]:
        """What each result holds over an algebra."""
        return (self.gives if isinstance(self.gives, str) else self.gives(algebra)).split()


DECLARED: dict[Function, Declaration] = {}
"""Every function that has declared itself."""


def numbers(
    names: str,
    gives: Gives = "numbers",
    *,
    beside: Literal["components", "reals"] = "components",
    either: str = "",
    of: Algebra | None = None,
    into: Callable[[], TensorType] | None = None,
    basis: Basis = "any",
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function of components `(…, n)`.

    Args:
        names: the arguments that hold numbers; all others that are tensors hold reals.
        gives: for each result "numbers", or any word for what stays plain.
        beside: what a plain tensor in a place of numbers holds beside a typed one: components,
            which is refused, or reals.
        either: arguments that may be typed or not, whatever the others are.
        of: the only algebra that the function is about.
        into: tells the type of results that hold numbers, if it is another.
        basis: in which bases the function is right: any; the adapted one, so that it runs there for
            an algebra in another; or, without an algebra, only where types are in it.
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        known = Declaration(tuple(names.split()), gives)
        if basis == "adapted":
            function = _in_adapted_basis(function, known)
        apart = basis == "only adapted"
        meaning = _on_components(
            function, known, beside == "reals", frozenset(either.split()), of, into, apart
        )
        return _enter(function, known, meaning)

    return declare


def folded(
    names: str, gives: str = "numbers", *, axes: int | str = 0
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function of folded features `(…, n·C, …)`: fold the numbers, run, unfold.

    Args:
        names: the arguments that hold features. They must all be typed or all be plain.
        gives: for each result "numbers", or any word for what stays plain.
        axes: how many axes follow that of the channels, or the argument that says so.
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        known = Declaration(tuple(names.split()), gives)
        return _enter(function, known, _on_features(function, known, axes))

    return declare


def algebra_of(cls: TensorType, given: Any, side: Side | None = None) -> Any:
    """The algebra of the numbers, which may be given once more; or a map of and to such numbers.

    With a side, one factor is a weight and may have another width.
    """
    known: Algebra = cls.algebra
    if isinstance(given, AnyBilinear):
        widths = given.shape if side is None else sizes(given, side)[1:]
        if any(n != known.dimension for n in widths):
            raise ValueError(
                f"`algebra` (={given}) is a map of {given.shape[:2]} components to "
                f"{given.shape[2]}, but a {cls.__name__} holds {known.dimension}; pass components, "
                "or to layers folded features"
            )
        return given
    if given is not None and given is not known and given != known:
        layer = "" if side is None else f" take a layer over {known},"
        raise TypeError(
            f"`algebra` (={given}) is not that of a {cls.__name__}, {known}; leave it out,{layer} "
            "or pass q.components"
        )
    return known


def mismatch(
    cls: TensorType, function: Function, argument: str, value: Any, typed: str
) -> TypeError:
    """The error for a plain argument in a place of numbers, or a typed one anywhere else."""
    where = f"{argument} of {_place(function)}"
    if isinstance(value, Typed):
        return TypeError(
            f"{where} must be a plain tensor of real numbers, not a {type(value).__name__}; of its "
            f"arguments {typed} may be typed"
        )
    kind = "a plain tensor" if isinstance(value, Tensor) else f"of type {type(value).__name__}"
    return TypeError(
        f"{where} is {kind} beside a {cls.__name__}, components or real numbers; pass "
        f"{cls.__name__}(…) of components, or use the operator or torch's function, where a plain "
        "tensor holds real numbers"
    )


# ---------------------------------------------------------------------- the rules


_NONE: frozenset[str] = frozenset()


def _enter(function: Callable[P, R], known: Declaration, meaning: Rule) -> Callable[P, R]:
    """The function that asks, with its rule in the table."""
    public = overridable(function)
    add("ours", public, meaning)
    DECLARED[public] = known
    return public


def _in_adapted_basis(function: Callable[P, R], known: Declaration) -> Callable[P, R]:
    """The function over any algebra with a unit: it runs over the adapted one."""
    names = _parameters(function, known)

    @wraps(function)
    def adapted(*args: P.args, **kwargs: P.kwargs) -> R:
        algebra: Any = _algebra_among(names, args, kwargs)
        if not isinstance(algebra, Algebra) or algebra.is_adapted:
            return function(*args, **kwargs)
        algebra.needs(_place(function))
        given: dict[str, Any] = {**dict(zip(names, args)), **kwargs}
        given["algebra"] = derived(algebra, "adapted").algebra
        numbers = {m: given[m] for m in known.numbers if isinstance(given.get(m), Tensor)}
        dtype = reduce(torch.promote_types, (x.dtype for x in numbers.values()))
        given.update((name, enter(x, algebra)) for name, x in numbers.items())
        run: Any = function
        return _left(run(**given), known.words(algebra), algebra, dtype)

    return adapted


def _algebra_among(names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    place = names.index("algebra")
    return args[place] if place < len(args) else kwargs.get("algebra")


def _left(result: Any, words: Sequence[str], algebra: Algebra, dtype: torch.dtype) -> Any:
    """Results in the given basis and type again."""
    if isinstance(result, Tensor):
        result = leave(result, algebra) if words[:1] == ["numbers"] else result
        return result.to(dtype) if result.is_floating_point() else result
    parts = [_left(x, words[m:], algebra, dtype) for m, x in enumerate(result)]
    return type(result)(tuple(parts))


def _on_components(
    function: Function,
    known: Declaration,
    reals: bool,
    either: frozenset[str],
    of: Algebra | None,
    into: Callable[[], TensorType] | None,
    apart: bool,
) -> Rule:
    parameters, names = _parameters(function, known), frozenset(known.numbers)
    needs_algebra = "algebra" in parameters
    usual = () if needs_algebra or either else tuple(name in names for name in parameters)

    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        if of is not None and cls.algebra is not of:
            _check_algebra(cls, function, of)
        if apart and not cls.algebra.is_adapted:
            refuse_basis(cls.algebra, _place(function))
        if (
            not kwargs
            and known.gives == "reals"
            and (tuple(map(isinstance, args, repeat(Typed))) == usual)
        ):  # as most calls are
            return function(*args)
        given = {**dict(zip(parameters, args)), **kwargs}
        if len(given) < len(args) + len(kwargs):
            return function(*args, **kwargs)  # which says what is too much
        if needs_algebra and given.get("algebra") is not cls.algebra:
            given["algebra"] = algebra_of(cls, given.get("algebra"))
        held = names
        if either and not any(isinstance(given.get(name), Typed) for name in names):
            held = _NONE
        for name, x in given.items():
            if isinstance(x, Typed) == (name in held) or x is None or name in either:
                continue
            if name not in parameters:
                return function(**given)  # which does not know it
            if not reals or name not in held:
                raise mismatch(cls, function, f"`{name}`", x, _listed(known.numbers))
            given[name] = lift(cls, x, next(y for y in given.values() if isinstance(y, Typed)))
        result = function(**given)
        if known.gives == "reals" or not held:
            return result
        cls = cls if into is None else into()
        if known.gives == "numbers" and isinstance(result, Tensor):
            return wrap(cls, result)
        return _results(cls, result, known, lambda x: x)

    return apply


def _on_features(function: Function, known: Declaration, axes: int | str) -> Rule:
    parameters, names = _parameters(function, known), known.numbers

    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        given = {**dict(zip(parameters, args)), **kwargs}
        if len(given) < len(args) + len(kwargs):
            return function(*args, **kwargs)  # which says what is too much
        if given.get("algebra") is not cls.algebra:
            side = given.get("side", "left")
            given["algebra"] = algebra_of(cls, given.get("algebra"), side)
        after = given[axes] if isinstance(axes, str) else axes
        plain, typed = None, False
        for name in names:
            x = given.get(name)
            if isinstance(x, Typed):
                channels = x.ndim - 2 - after
                if channels < 0:
                    raise _without_channels(name, x, after)
                typed, given[name] = True, fold(x, channels)
            elif x is not None:
                plain = plain or name
        if not typed:  # numbers among the weights only
            return function(**given)
        if plain is not None:
            raise TypeError(
                f"`{plain}` of {_place(function)} is a plain tensor beside a {cls.__name__}: "
                f"{_listed(names)} must all be typed, or all be folded"
            )
        n, result = cls.algebra.dimension, function(**given)
        if isinstance(result, Tensor):
            return wrap(cls, unfold(result, result.ndim - 1 - after, n))
        return _results(cls, result, known, lambda x: unfold(x, x.ndim - 1 - after, n))

    return apply


def _results(
    cls: TensorType, result: Any, known: Declaration, components: Callable[[Tensor], Tensor]
) -> Any:
    """Typed where numbers are given."""
    words = known.words(cls.algebra)
    if isinstance(result, Tensor):
        return wrap(cls, components(result)) if words[0] == "numbers" else result
    parts = list(result)
    for m, word in enumerate(words[: len(parts)]):
        if word == "numbers":
            parts[m] = wrap(cls, components(parts[m]))
    return type(result)(tuple(parts))


def _without_channels(name: str, x: Tensor, after: int) -> ValueError:
    follow = f": {after} axes must follow it" if after else ", it is a single number"
    return ValueError(f"`{name}` of shape {tuple(x.shape[:-1])} has no axis of channels{follow}")


def _check_algebra(cls: TensorType, function: Function, of: Algebra) -> None:
    if cls.algebra != of:
        raise TypeError(
            f"{_place(function)} is a function of numbers of {of}, but a {cls.__name__} holds "
            f"numbers of {cls.algebra}"
        )


def _place(function: Function) -> str:
    """`functional.product`, `rotations.slerp`: where users find it."""
    return ".".join([*function.__module__.split(".")[1:2], function.__name__])


def _parameters(function: Function, known: Declaration) -> tuple[str, ...]:
    parameters = tuple(signature(function).parameters)
    assert {*known.numbers} <= {*parameters}, function
    return parameters


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "nothing"
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} and {last}" if others else last
