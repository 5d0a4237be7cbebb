"""What torch's compiler must be told about typed tensors.

The compiler asks `__torch_function__` like everyone else, but for a few places where it looks past
the tensor type. They are corrected when the compiler is loaded, and not before: loading it takes
longer than loading torch. Every correction is for typed tensors only; for all others the
compiler's own code runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from hypercomplex.door.calls import Typed, is_typed
from hypercomplex.host.effects import find, note
from hypercomplex.host.imports import when_loaded

__all__ = ["compiler_looks", "teach_the_compiler"]

_tracing_context = find("torch._guards.TracingContext", "torch.compile of typed tensors")


def compiler_looks() -> bool:
    """Whether torch's compiler, while it traces, asks a real tensor for its sizes and strides.

    It must be shown the storage, and the code that it traces (where `is_dynamo_compiling` holds)
    numbers.
    """
    return (
        not torch.compiler.is_dynamo_compiling()
        and _tracing_context is not None
        and _tracing_context.try_get() is not None
    )


@cache
def teach_the_compiler() -> None:
    """Give every lesson when its module is loaded, which may be now."""
    for module, (path, reason, lesson) in _LESSONS.items():
        note(
            f"{module}.{path}", "a case more, for typed tensors; the others are torch's own", reason
        )
        when_loaded(module, _given(path, reason, lesson))


def _given(
    path: str, reason: str, lesson: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[[ModuleType], None]:
    """Put `lesson(method)` in the place of a method, if the module has that method."""

    def teach(module: ModuleType) -> None:
        owner, _, name = f"{module.__name__}.{path}".rpartition(".")
        method = find(f"{owner}.{name}", reason)
        if method is not None:
            setattr(find(owner, reason), name, lesson(method))

    return teach


# ---------------------------------------------------------------------- the lessons


def _absolute(original: Callable[..., Any]) -> Callable[..., Any]:
    """The builtin `abs` of a typed tensor is `torch.abs`; the compiler would take components."""

    def nb_absolute_impl(self: Any, tx: Any) -> Any:
        if not _stands_for_numbers(self):
            return original(self, tx)
        return self.call_method(tx, "abs", [], {})

    return nb_absolute_impl


def _every_function_asks(original: Callable[..., Any]) -> Callable[..., Any]:
    """Functions of torch that it does not list as overridable, such as `torch._foreach_mul`, ask as
    they do eagerly; the compiler would take components.
    """
    overrides = "torch._dynamo.variables.torch_function"

    def torch_function_override_enabled(self: Any, tx: Any, args: Any, kwargs: Any) -> bool:
        if original(self, tx, args, kwargs):
            return True
        arguments = find(f"{overrides}._get_all_args", _LISTS)
        asked = find(f"{overrides}.can_dispatch_torch_function", _LISTS)
        return (
            arguments is not None
            and asked is not None
            and any(map(_stands_for_numbers, arguments(args, kwargs)))
            and _is_a_function_of_tensors(self.get_function())
            and bool(asked(tx, args, kwargs))
        )

    return torch_function_override_enabled


def _is_a_function_of_tensors(function: Any) -> bool:
    """Whether torch made it from its list of native functions, all of which ask tensor types."""
    return inspect.isbuiltin(function) and function.__module__ == "torch"


def _stands_for_numbers(variable: Any) -> bool:
    """Whether a variable of the compiler is a typed tensor."""
    return issubclass(getattr(variable, "class_type", object), Typed)


def _graphs_run_on_components(original: Callable[..., Any]) -> Callable[..., Any]:
    """A compiled graph computes with components, so its typed inputs must not be asked: neither by
    a backend that runs the graph in Python, nor where views of inputs are made anew.
    """

    def call_user_compiler(self: Any, gm: Any, example_inputs: list[Any]) -> Callable[..., Any]:
        compiled: Callable[..., Any] = original(self, gm, example_inputs)
        if not any(map(is_typed, example_inputs)):
            return compiled

        def run(*args: Any) -> Any:
            with torch._C.DisableTorchFunctionSubclass():
                return compiled(*args)

        return run

    return call_user_compiler


def _components_are_plain(original: Callable[..., Any]) -> Callable[..., Any]:
    """A check of custom operators, at the first call of a graph, leaves tensor types to themselves;
    nobody would answer for the components of ours.
    """

    def torch_dispatch(self: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = original(self, func, types, args, kwargs)
        if result is NotImplemented and any(map(is_typed, tree_leaves((args, kwargs)))):
            return func(*args, **(kwargs or {}))
        return result

    return torch_dispatch


_LISTS = "torch.compile of functions that torch does not list as overridable, for typed tensors,"
_LESSONS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "torch._dynamo.variables.torch": (
        "TorchInGraphFunctionVariable.torch_function_override_enabled",
        _LISTS,
        _every_function_asks,
    ),
    "torch._dynamo.variables.torch_function": (
        "TensorWithTFOverrideVariable.nb_absolute_impl",
        "torch.compile of the builtin abs of typed tensors",
        _absolute,
    ),
    "torch._dynamo.output_graph": (
        "OutputGraph.call_user_compiler",
        "torch.compile of typed tensors",
        _graphs_run_on_components,
    ),
    "torch._functorch._aot_autograd.runtime_wrappers": (
        "_AnalyzeCustomOpInputOutputMode.__torch_dispatch__",
        "torch.compile of custom operators, for typed tensors,",
        _components_are_plain,
    ),
}
