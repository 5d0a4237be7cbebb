"""What annotations say, said again to whom does not keep to them.

A signature tells of every argument what it may be: `x: Tensor`, `side: Literal["left", "right"]`,
`in_features: Count`. `checked` holds the constructor of a layer to that. A function that is called
often is not asked before it runs: only when it has failed, `explain` looks whether an argument is
not what its annotation says, and names it, instead of what happened to fail inside.
"""

from __future__ import annotations

import collections.abc as abc
import re
import reprlib
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from inspect import Parameter, signature, unwrap
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    ParamSpec,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from torch import Tensor

from hypercomplex.algebra import Algebra, Bilinear

__all__ = [
    "BROADCAST",
    "NO_BROADCAST",
    "Amount",
    "Amounts",
    "Axes",
    "Count",
    "Counts",
    "IntegerTensor",
    "Probability",
    "Tolerance",
    "checked",
    "complex_components",
    "elsewhere",
    "explain",
    "explained",
    "floating_components",
    "refusal",
    "shown",
]

P = ParamSpec("P")
R = TypeVar("R")


class Limits(NamedTuple):
    """What values may be beyond their type: one and several in words, and whether one is."""

    phrase: str
    phrases: str
    holds: Callable[[Any], bool]


def _from(least: int, words: str) -> Limits:
    """Integers from the least one; true and false are none."""
    holds = lambda n: not isinstance(n, bool) and n >= least  # noqa: E731
    return Limits(f"a {words} integer", f"{words} integers", holds)


Count = Annotated[int, _from(1, "positive")]
Counts = Count | abc.Sequence[Count]
Amount = Annotated[int, _from(0, "nonnegative")]
Amounts = Amount | abc.Sequence[Amount]
Probability = Annotated[
    float, Limits("a probability, between 0 and 1", "probabilities", lambda p: 0 <= p <= 1)
]
Axes = Literal[1, 2, 3]  # that follow the channels
Tolerance = Annotated[
    float, Limits("a real number that is not negative", "nonnegative numbers", lambda x: x >= 0)
]

IntegerTensor = Annotated[
    Tensor, Limits("a tensor of integers", "tensors of integers", lambda x: True)
]
"""Places and sizes: the tensors that need not hold floating-point numbers."""


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Hold a function that is seldom called, such as a constructor, to its annotations."""
    call = signature(function)

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name, x, hint in _mistakes(function, call.bind(*args, **kwargs).arguments):
            raise refusal(name, x, hint)
        return function(*args, **kwargs)

    return asked


def explain(
    error: Exception, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Exception | None:
    """The error about the argument for which a call failed; None if there is no better one."""
    try:
        given = signature(function).bind_partial(*args, **kwargs).arguments
    except TypeError:  # Python names what is missing or unknown
        return None
    for name, x, hint in _mistakes(function, given):
        return None if f"`{name}" in str(error) else refusal(name, x, hint)
    return (
        _stranger(error, given) or _whole(error, function, given) or _apart(error, function, given)
    )


def explained(function: Callable[P, R]) -> Callable[P, R]:
    """A function whose failures are explained, though it is not asked about typed tensors."""

    @wraps(function)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            clearer = explain(error, function, args, kwargs)
            if clearer is None:
                raise
        raise clearer

    return tried


def refusal(name: str, x: Any, hint: Any) -> Exception:
    """The error for a value that is not what the annotation says."""
    error = ValueError if _fits(x, hint, only_kind=True) else TypeError
    remedy = "; only typed tensors know theirs" if name == "algebra" and x is None else ""
    if hint is Tensor and isinstance(x, (list, tuple, int, float)):
        remedy = "; torch.as_tensor makes one of numbers"
    return error(f"`{name}` (={shown(x)}) must be {_phrase(hint)}{remedy}")


def shown(x: Any) -> str:
    """A value in a message: in short, however much it holds."""
    if isinstance(x, Tensor):
        return f"a {type(x).__name__} of shape {tuple(x.shape)}"
    if isinstance(x, (Algebra, Bilinear)):
        return str(x)
    return reprlib.repr(x)


def _mistakes(
    function: Callable[..., Any], given: dict[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """The arguments that are not what their annotation says, and the annotation."""
    hints = _hints(function)
    for name, x in given.items():
        hint, many = hints.get(name, (Any, False))
        if not many and not _fits(x, hint):
            yield name, x, hint
        elif many:
            yield from ((f"{name}[{i}]", y, hint) for i, y in enumerate(x) if not _fits(y, hint))


def _stranger(error: Exception, given: dict[str, Any]) -> Exception | None:
    """The error for a tensor that is complex, or on another device than the first."""
    tensors = list(_tensors(given))
    for name, x in tensors:
        if f"`{name}" in str(error):
            return None
        if x.is_complex():
            return complex_components(name, x)
        if x.device != tensors[0][1].device and x.ndim:
            return elsewhere(name, x, *tensors[0])
    return None


_ABOUT_TYPES = re.compile(
    r"floating|same dtype|scalar type|[Ii]nput type|not implemented for '|can't be cast|[Bb]ool"
    r"|tensors but got"
)


def _whole(
    error: Exception, function: Callable[..., Any], given: dict[str, Any]
) -> Exception | None:
    """The error for a tensor of integers or truths, where torch's own is about a type."""
    if any(f"`{name}" in str(error) for name in given) or not _ABOUT_TYPES.search(str(error)):
        return None
    hints = _hints(function)
    reals = {name: x for name, x in given.items() if _holds_reals(hints.get(name, (Any, False))[0])}
    for name, x in _tensors(reals):
        if not x.is_floating_point():
            return floating_components(name, x)
    return None


NO_BROADCAST = (
    r"size of tensor a|must match the existing size|number of sizes provided|broadcast shape"
    r"|cannot be broadcast|[Aa]ttempting to broadcast|do not broadcast"
)
"""What torch says, and we, where shapes do not broadcast."""
BROADCAST = "the shapes do not broadcast: where axes meet, sizes must be equal, or one of them 1"


def _apart(
    error: Exception, function: Callable[..., Any], given: dict[str, Any]
) -> Exception | None:
    """The error for plain tensors whose shapes do not go together."""
    tensors = list(_tensors(given))
    typed = any(hasattr(x, "algebra") for _, x in tensors)  # whose shapes are of numbers
    if type(error) is not RuntimeError or typed or len(tensors) < 2:
        return None
    if not re.search(NO_BROADCAST, str(error)):
        return None
    shapes = ", ".join(f"`{name}` of shape {tuple(x.shape)}" for name, x in tensors)
    return RuntimeError(f"{function.__name__} of {shapes}: {BROADCAST}")


def _tensors(given: dict[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """The tensors among the arguments, alone or in sequences."""
    for name, x in given.items():
        if isinstance(x, Tensor):
            yield name, x
        elif isinstance(x, (list, tuple)):
            yield from _tensors({f"{name}[{i}]": each for i, each in enumerate(x)})


def complex_components(name: str, x: Tensor) -> TypeError:
    """The error for components that are complex."""
    return TypeError(
        f"`{name}` holds {x.dtype}, but must hold real components; torch.view_as_real gives two "
        "for each complex number"
    )


def floating_components(name: str, x: Tensor) -> TypeError:
    """The error for components that are integers, or true and false."""
    return TypeError(
        f"`{name}` holds {x.dtype}, but must hold floating-point components; convert, for "
        "instance with .float()"
    )


def elsewhere(name: str, x: Tensor, other: str, like: Tensor) -> ValueError:
    """The error for tensors on two devices."""
    return ValueError(
        f"`{name}` lives on {x.device}, but `{other}` on {like.device}; move one of them, for "
        f"instance with .to({str(like.device)!r})"
    )


# ---------------------------------------------------------------------- annotations


@lru_cache(None)
def _hints(function: Callable[..., Any]) -> dict[str, tuple[Any, bool]]:
    """The annotations, and whether there may be many such arguments; what is unknown is left out.

    What a function says that it converts by itself may be anything.
    """
    names, converts = unwrap(function).__globals__, getattr(function, "converts", ())
    hints = {}
    for name, p in signature(function).parameters.items():
        if p.kind is Parameter.VAR_KEYWORD or p.annotation in converts:
            continue
        try:
            hint = eval(p.annotation, names) if isinstance(p.annotation, str) else p.annotation
        except NameError:  # imported for type checkers only
            continue
        if hint is not Parameter.empty:
            hints[name] = hint, p.kind is Parameter.VAR_POSITIONAL
    return hints


def _fits(x: Any, hint: Any, only_kind: bool = False) -> bool:
    """Whether a value is of the kind that an annotation says, and means something there."""
    origin, inside = get_origin(hint), get_args(hint)
    if isinstance(hint, TypeVar):
        kinds = hint.__constraints__ or (hint.__bound__ or Any,)
        return any(_fits(x, kind, only_kind) for kind in kinds)
    if origin in (Union, UnionType):
        return any(_fits(x, kind, only_kind) for kind in inside)
    if origin is Annotated:
        return _fits(x, inside[0]) and (only_kind or inside[1].holds(x))
    if origin is Literal:
        return isinstance(x, type(inside[0])) and (only_kind or x in inside)
    if origin is abc.Callable:
        return callable(x)
    if origin in (tuple, abc.Sequence, abc.Collection):
        return _is_sequence(x) and all(_fits(each, inside[0], only_kind) for each in x)
    if origin is abc.Iterable and isinstance(x, (list, tuple)):
        return all(_fits(each, inside[0], only_kind) for each in x)
    if origin is not None:  # such as a mapping, or things to go through once
        return isinstance(x, origin) and not isinstance(x, str)
    return _is_kind(x, hint)


def _holds_reals(hint: Any) -> bool:
    """Whether a tensor in that place holds numbers or weights, not places or sizes."""
    return get_origin(hint) is not Annotated and Tensor in (hint, *get_args(hint))


def _is_kind(x: Any, kind: Any) -> bool:
    if kind is Tensor:
        return isinstance(x, Tensor) or hasattr(x, "is_complex")  # a tracer has stand-ins
    if kind is int:
        return hasattr(x, "__index__") and not (isinstance(x, Tensor) and _is_many(x))
    if kind is float:
        return hasattr(x, "__float__") and not (isinstance(x, Tensor) and _is_many(x))
    if kind in (bool, Any) or not isinstance(kind, type):  # everything is true or false
        return True
    return isinstance(x, kind)


def _is_sequence(x: Any) -> bool:
    """Whether x holds several things in order; a string is one thing."""
    many = hasattr(x, "__len__") and hasattr(x, "__iter__") and not isinstance(x, str)
    return many and not (isinstance(x, Tensor) and x.ndim == 0)


def _is_many(x: Tensor) -> bool:
    return x.ndim > 0 or x.is_complex()


_PHRASES: dict[Any, str] = {
    Algebra: "an Algebra, such as QUATERNION",
    NoneType: "None",
    None: "None",
    Tensor: "a tensor",
    float: "a real number",
    int: "an integer",
    str: "a string",
}
_PLURALS: dict[Any, str] = {Tensor: "tensors", float: "real numbers", int: "integers"}


def _phrase(hint: Any) -> str:
    """An annotation in words."""
    *most, last = _choices(hint)
    return f"{', '.join(most)} or {last}" if most else last


def _choices(hint: Any) -> list[str]:
    """What an annotation lets a value be, each in words."""
    origin, inside = get_origin(hint), get_args(hint)
    if isinstance(hint, TypeVar):
        inside = hint.__constraints__ or (hint.__bound__,)
    if isinstance(hint, TypeVar) or origin in (Union, UnionType):
        return [choice for kind in inside for choice in _choices(kind)]
    if origin is Annotated:
        return [inside[1].phrase]
    if origin is Literal:
        return list(map(repr, inside))
    if origin is abc.Callable:
        return ["a function"]
    if origin in (tuple, abc.Sequence, abc.Collection, abc.Iterable):
        return [f"a sequence of {_phrases(inside[0])}"]
    return [_PHRASES.get(hint, f"a {getattr(origin or hint, '__name__', hint)}")]


def _phrases(hint: Any) -> str:
    """What there are several of, in words."""
    if get_origin(hint) is Annotated:
        return str(get_args(hint)[1].phrases)
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(map(_phrases, get_args(hint)))
    return _PLURALS.get(hint, f"{_phrase(hint)} each")
