"""Operations: a formula that is right everywhere, faster variants of it, and where each serves.

The first function of an operation is its *twin*: the formula as it stands, for every algebra, in
operations that torch differentiates, compiles and maps. A *variant* is the same to rounding. It
says what it needs to be right, and where it pays, as facts about the moment (`host.mode`); and for
which algebras it exists. Of those that serve the first one is taken, which may still decline by the
values that it sees; if none serves, the twin.

`use` forces a variant, to look for a fault or to measure. The tests prove every variant of every
operation equal to its twin, with gradients, wherever it does not need to be something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import TracebackType
from typing import Any

from hypercomplex.host.mode import (
    COMPILED,
    FACTS,
    MANY,
    interpreted,
    is_compiling,
    is_few,
    mode,
)

__all__ = ["OPERATIONS", "Operation", "Variant", "rows", "use"]

Kernel = Callable[..., Any]
_MOST_KEPT = 1024


@dataclass(frozen=True)
class Variant:
    """A faster way to the numbers of a twin."""

    function: Kernel
    """Takes what the twin takes; may return None where values are out of its range."""
    needs: int
    """The facts without which it is wrong."""
    pays: int
    """The facts without which another way is faster."""
    suits: Callable[..., bool]
    """Whether it exists for an algebra, or whatever follows the tensors; the compiler reads it."""

    @property
    def name(self) -> str:
        """How `use` calls it."""
        return self.function.__name__


OPERATIONS: dict[str, Operation] = {}
"""Every operation by its name."""


class Operation:
    """A twin and its variants; called as the twin is.

    Args:
        tensors: how many of the arguments are tensors; they come first.
        compiles: whether one loop made by torch's compiler is faster than all variants.
    """

    def __init__(self, twin: Kernel, tensors: int, compiles: bool = False) -> None:
        self.twin, self.tensors, self.compiles = twin, tensors, compiles
        self.name, self.__doc__ = twin.__name__, twin.__doc__
        self.variants: tuple[Variant, ...] = ()
        self.asked = 0
        self.forced: str | None = None
        self._known: dict[Any, tuple[Variant, ...]] = {}
        OPERATIONS[self.name] = self

    def variant(
        self, *, needs: int = 0, pays: int = 0, suits: Callable[..., bool] = lambda *_: True
    ) -> Callable[[Kernel], Kernel]:
        """Add a variant, which is taken after those that were added before."""

        def add(function: Kernel) -> Kernel:
            self.set_variants((*self.variants, Variant(function, needs, pays, suits)))
            return function

        return add

    def set_variants(self, variants: tuple[Variant, ...]) -> None:
        """Have these variants, and no others."""
        self.variants = variants
        self.asked = reduce(or_, (v.needs | v.pays for v in variants), 0)
        self._known = {}
        eager = [v for v in variants if not v.needs & COMPILED]
        self._only_many = self.tensors == 1 and all(v.pays & MANY for v in eager)

    def __call__(self, *arguments: Any) -> Any:  # noqa: D102
        if self._only_many and self.forced is None and is_few(arguments[0]):
            return self.twin(*arguments)
        tensors, options = arguments[: self.tensors], arguments[self.tensors :]
        if self.forced is not None:
            return self._forced(mode(*tensors, asked=self.asked), arguments)
        if is_compiling():
            return self._compiled(arguments, options)
        known = self._known.get(options)
        for variant in self._suitable(options) if known is None else known:
            wanted = variant.needs | variant.pays
            if interpreted(wanted, *tensors) & wanted == wanted:
                found = variant.function(*arguments)
                if found is not None:
                    return found
        return self.twin(*arguments)

    def _suitable(self, options: tuple[Any, ...]) -> tuple[Variant, ...]:
        """The variants that exist for an algebra, or whatever follows the tensors."""
        eager = (v for v in self.variants if not v.needs & COMPILED)
        known = tuple(v for v in eager if v.suits(*options))
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[options] = known
        return known

    def _compiled(self, arguments: tuple[Any, ...], options: tuple[Any, ...]) -> Any:
        """As the compiler reads it, which cannot read what is kept."""
        for variant in self.variants:
            if not (variant.needs | variant.pays) & ~COMPILED and variant.suits(*options):
                found = variant.function(*arguments)
                if found is not None:
                    return found
        return self.twin(*arguments)

    def _forced(self, facts: int, arguments: tuple[Any, ...]) -> Any:
        """The forced variant alone."""
        if self.forced == self.twin.__name__:
            return self.twin(*arguments)
        options = arguments[self.tensors :]
        variant = next(v for v in self.variants if v.name == self.forced)
        missing = _text(variant.needs & ~facts)
        if not variant.suits(*options):
            reason = f"there is no such variant for {', '.join(map(str, options))}"
        elif missing:
            reason = f"it needs what is not the case: {missing}"
        else:
            found = variant.function(*arguments)
            if found is not None:
                return found
            reason = "it declines these values"
        raise RuntimeError(
            f"`{self.forced}` cannot do {self.name} here: {reason}; leave "
            "`hypercomplex.kernels.use`"
        )


def operation(tensors: int, compiles: bool = False) -> Callable[[Kernel], Operation]:
    """Make a twin an operation."""
    return lambda twin: Operation(twin, tensors, compiles)


class use:  # noqa: N801
    """Force a variant of operations, from now on or as a context, in all threads.

    A context puts back what it has forced, and nothing else.

    Args:
        variant: the name of a variant, `"twin"` for the formula, or None to choose again.
        operations: the names of operations; all that have the variant if none is given.

    Raises:
        ValueError: if there is no such operation or variant.

    Example:
        >>> q = hc.QuaternionTensor([1., 2, 3, 4])
        >>> with hc.kernels.use("twin"):
        ...     print(q * q)
        QuaternionTensor(-28+4i+6j+8k, shape=(), dtype=torch.float32)
    """

    def __init__(self, variant: str | None, *operations: str) -> None:
        self._choices = dict(_choices(variant, operations))
        self._before = {name: OPERATIONS[name].forced for name in self._choices}
        self._force(self._choices)

    def __enter__(self) -> use:
        self._force(self._choices)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._force(self._before)

    def _force(self, choices: dict[str, str | None]) -> None:
        for name, choice in choices.items():
            OPERATIONS[name].forced = choice


def _choices(variant: str | None, names: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
    """The name of a function for each operation that is meant."""
    for name in names:
        if name not in OPERATIONS:
            raise ValueError(f"`operations` (={name!r}) must be among {sorted(OPERATIONS)}")
    found = False
    for name in names or OPERATIONS:
        operation = OPERATIONS[name]
        known = [v.name for v in operation.variants]
        if variant is None or variant == "twin" or variant in known:
            found = True
            yield name, operation.twin.__name__ if variant == "twin" else variant
        elif names:
            raise ValueError(f"`variant` (={variant!r}) of {name} must be 'twin' or among {known}")
    if not found:
        raise ValueError(f"`variant` (={variant!r}) is none of any operation; see `rows()`")


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """What there is: operation, variant, what it needs, where it pays, and what it does.

    In the order in which they are tried; the twin comes last.
    """
    for operation in OPERATIONS.values():
        for v in operation.variants:
            yield operation.name, v.name, _text(v.needs), _text(v.pays), _sentence(v.function)
        yield operation.name, "twin", "", "", _sentence(operation.twin)


def _text(facts: int) -> str:
    return ", ".join(_names(facts))


def _names(facts: int) -> list[str]:
    return [text.partition(":")[0] for bit, text in FACTS.items() if facts & bit]


def _sentence(function: Kernel) -> str:
    return " ".join((function.__doc__ or "").split("\n\n")[0].split())
