"""Whether the reference is reproduced with its bugs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["is_strict", "strict"]

_strict: ContextVar[bool] = ContextVar("strict", default=False)
_open_anywhere = 0
_counting = threading.Lock()


@contextmanager
def strict() -> Iterator[None]:
    """Reproduce the reference bit by bit inside, its bugs included.

    Initialisation asks when a layer is built, everything else when it is called. The switch
    belongs to the thread (or asynchronous task) that opened it. Under `torch.compile`, a function
    that meets an open `strict()` runs eagerly where it asks.

    Example:
        >>> from hypercomplex.compat.speechbrain import QPooling2d
        >>> x = torch.arange(32.).view(2, 2, 2, 4)  # two samples
        >>> pool = QPooling2d("max", 2)
        >>> pool(x)[1]
        tensor([[[28., 29., 30., 31.]]])
        >>> with strict():  # the reference takes every maximum from the first sample
        ...     pool(x)[1]
        tensor([[[12., 13., 14., 15.]]])
    """
    _count(1)
    token = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(token)
        _count(-1)


def is_strict() -> bool:
    """Whether this thread is inside `strict()`.

    Example:
        >>> is_strict()
        False
    """
    # torch.compile cannot read a context variable, but it guards on this global: while nobody is
    # strict, the answer is a constant of the graph.
    return _open_anywhere > 0 and _strict.get()


def _count(change: int) -> None:
    global _open_anywhere
    with _counting:
        _open_anywhere += change
