"""Large tensors by loops that torch's own compiler makes: a variant that is there when asked for.

An eager operation reads and writes its numbers once for each of its calls. Compiled into one loop
it does so once in all. torch's compiler makes such a loop of the twin, or of the variant for the
compiler, once for all sizes, and keeps it on disk; the first call in a process waits for it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch import Tensor

from hypercomplex.door.calls import Typed
from hypercomplex.host.compiler import rows_may_vary, why_no_machine_code
from hypercomplex.host.leaves import leaf
from hypercomplex.host.mode import MANY, PACKED, is_compiling
from hypercomplex.host.overrides import as_numbers
from hypercomplex.kernels.operation import OPERATIONS, Operation, Variant
from hypercomplex.kernels.short import NEEDS, Columns, ShortFormulas

__all__ = ["compile_large"]

_LARGE = 100_000  # numbers; with fewer, calling what is compiled costs more than it saves
_BACKEND = "inductor"
_loops: dict[tuple[Any, ...], Callable[..., Tensor]] = {}


def compile_large(enabled: bool = True) -> None:
    """Have eager calls on large tensors run loops that torch's compiler makes, from now on.

    Off unless asked for. It is about products, rotations of vectors, inverses, lengths, matrices of
    rotations and analytic functions of 100,000 numbers and more on a CPU; whatever looks on, such
    as a transform of `torch.func`, gets what it always did, and so do second derivatives. The first
    call for a dtype waits some seconds for torch's compiler, which keeps its work on disk. Without
    a C++ compiler a warning says so, and nothing changes.

    Args:
        enabled: False goes back.

    Example:
        >>> hc.kernels.compile_large(False)
    """
    for operation in OPERATIONS.values():
        others = tuple(v for v in operation.variants if not isinstance(v.function, _Compiled))
        operation.set_variants(others)
    reason = why_no_machine_code() if enabled else None
    if reason is not None:
        _warn(reason)
    elif enabled:
        for operation in OPERATIONS.values():
            if operation.compiles:
                first = Variant(_Compiled(operation), NEEDS, MANY | PACKED, _always)
                operation.set_variants((first, *operation.variants))


def _always(*_: Any) -> bool:
    return True


def _warn(reason: str) -> None:
    warnings.warn(
        f"numbers by the million are not compiled: {reason}; they run as they did without "
        "`hypercomplex.kernels.compile_large`",
        stacklevel=3,
    )


class _Compiled:
    """One loop over large tensors, made by torch's compiler."""

    __name__ = "compiled"

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __call__(self, *arguments: Any) -> Tensor | None:
        tensors = arguments[: self.operation.tensors]
        options = arguments[self.operation.tensors :]
        batch = tensors[0].shape[:-1]
        if batch.numel() < _LARGE or any(
            x.shape[:-1] != batch or not x.is_contiguous() for x in tensors
        ):
            return None
        rows = [_plain(x).view(-1, x.shape[-1]) for x in tensors]
        try:
            loop = _Loop(self.operation, options)
            found = loop(loop.twin, *rows)
        except Exception as error:  # torch raises what its compilers do
            compile_large(False)
            _warn(f"torch's compiler fails, {' '.join(str(error).split())[:300]}")
            return None
        assert found is not None
        return found.view(*batch, *found.shape[1:])


def _plain(x: Tensor) -> Tensor:
    return x.as_subclass(Tensor) if isinstance(x, Typed) else x


class _Loop(ShortFormulas):
    """An operation as compiled, and its first derivatives, which are compiled with it."""

    def __init__(self, operation: Operation, options: tuple[Any, ...]) -> None:
        self.operation, self.options = operation, options

    def twin(self, *inputs: Tensor) -> Tensor:
        """The formula, for derivatives of derivatives."""
        twin: Tensor = self.operation.twin(*inputs, *self.options)
        return twin

    def values(self, *inputs: Tensor) -> Columns:
        return (self._run(*(leaf(Tensor, x) for x in inputs)),)

    def gradients(self, g: Tensor, inputs: Columns, kept: Columns) -> Columns:
        leaves = [leaf(Tensor, x).requires_grad_(x.requires_grad) for x in inputs]
        with torch.enable_grad():
            result = self._run(*leaves)
        wanted = [x for x in leaves if x.requires_grad]
        found = iter(torch.autograd.grad(result, wanted, g))
        return tuple(next(found) if x.requires_grad else x for x in leaves)

    def _run(self, *leaves: Tensor) -> Tensor:
        """For leaves, since the compiler takes what is a view of another for something else."""
        key = (self.operation.name, self.options, leaves[0].dtype)
        loop = _loops.get(key)
        if loop is None:
            loop = _loops[key] = _made(self.operation, self.options)
        for x in leaves:
            rows_may_vary(x)
        with as_numbers():  # inside of rules and outside the same code serves
            return loop(*leaves)


def _made(operation: Operation, options: tuple[Any, ...]) -> Callable[..., Tensor]:
    """The operation for the compiler, a function with code of its own, by which it counts."""

    def loop(*tensors: Tensor) -> Tensor:
        if not is_compiling():  # whoever forbids the compiler to work
            return operation.twin(*tensors, *options)
        return operation(*tensors, *options)

    code = loop.__code__.replace(co_name=operation.name)
    own = FunctionType(code, loop.__globals__, operation.name, None, loop.__closure__)
    compiled: Callable[..., Tensor] = torch.compile(own, fullgraph=True, backend=_BACKEND)
    return compiled
