"""What torch's compiler must be told about typed tensors.

The compiler asks `__torch_function__` like everyone else, but for a few places where it looks past
the tensor type. They are corrected when the compiler is loaded, and not before: loading it takes
longer than loading torch.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import torch
from torch._guards import TracingContext

from hypercomplex.functional.dispatch import Typed, is_typed

__all__ = ["compiler_looks", "teach_the_compiler"]


def compiler_looks() -> bool:
    """Whether torch's compiler, while it traces, asks a real tensor for its sizes and strides.

    It must be shown the storage, and the code that it traces (where `is_dynamo_compiling` holds)
    numbers.
    """
    return not torch.compiler.is_dynamo_compiling() and TracingContext.try_get() is not None


def _abs_is_a_function_of_torch(tracing: Any) -> None:
    """The builtin `abs` of a typed tensor is `torch.abs`; the compiler would take components."""

    def nb_absolute_impl(self: Any, tx: Any) -> Any:
        return self.call_method(tx, "abs", [], {})

    tracing.TensorWithTFOverrideVariable.nb_absolute_impl = nb_absolute_impl


def _every_function_asks(tracing: Any) -> None:
    """Functions of torch that it does not list as overridable, such as `torch._foreach_mul`, ask as
    they do eagerly; the compiler would take components.
    """
    variable = tracing.TorchInGraphFunctionVariable
    original = variable.torch_function_override_enabled

    def asks(self: Any, tx: Any, args: Any, kwargs: Any) -> bool:
        if original(self, tx, args, kwargs):
            return True
        arguments = sys.modules[_OVERRIDES]._get_all_args(args, kwargs)
        return (
            _is_a_function_of_tensors(self.get_function())
            and any(map(_stands_for_numbers, arguments))
            and bool(tracing.can_dispatch_torch_function(tx, args, kwargs))
        )

    variable.torch_function_override_enabled = asks


def _is_a_function_of_tensors(function: Any) -> bool:
    """Whether torch made it from its list of native functions, all of which ask tensor types."""
    return inspect.isbuiltin(function) and function.__module__ == "torch"


def _stands_for_numbers(variable: Any) -> bool:
    """Whether a variable of the compiler is a typed tensor."""
    return issubclass(getattr(variable, "class_type", object), Typed)


def _graphs_run_on_components(graphs: Any) -> None:
    """A compiled graph computes with components, so its typed inputs must not be asked: neither by
    a backend that runs the graph in Python, nor where views of inputs are made anew. A check of
    custom operators at the first call knows no tensor types and would fail: it is switched off.
    """
    original = graphs.OutputGraph.call_user_compiler

    def call_user_compiler(self: Any, gm: Any, example_inputs: list[Any]) -> Callable[..., Any]:
        compiled: Callable[..., Any] = original(self, gm, example_inputs)
        if not any(map(is_typed, example_inputs)):
            return compiled
        torch._functorch.config.check_custom_op_aliasing = False

        def run(*args: Any) -> Any:
            with torch._C.DisableTorchFunctionSubclass():
                return compiled(*args)

        return run

    graphs.OutputGraph.call_user_compiler = call_user_compiler


_OVERRIDES = "torch._dynamo.variables.torch_function"
_LESSONS: dict[str, Callable[[ModuleType], None]] = {
    "torch._dynamo.variables.torch": _every_function_asks,
    _OVERRIDES: _abs_is_a_function_of_torch,
    "torch._dynamo.output_graph": _graphs_run_on_components,
}


def teach_the_compiler() -> None:
    """Give every lesson now where its module is loaded, and else when it is."""
    for name, lesson in _LESSONS.items():
        if name in sys.modules:
            lesson(sys.modules[name])
    sys.meta_path.insert(0, _WhenLoaded())


class _WhenLoaded(MetaPathFinder):
    """Finds the modules of the lessons as Python does, with a loader that gives the lesson."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _LESSONS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Teaching(spec.loader, _LESSONS[fullname])
        return spec


class _Teaching(Loader):
    """Loads a module as its own loader does, and gives it a lesson."""

    def __init__(self, loader: Loader, lesson: Callable[[ModuleType], None]) -> None:
        self.loader, self.lesson = loader, lesson

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        self.lesson(module)
