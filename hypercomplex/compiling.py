"""What torch's compiler must be told about typed tensors.

The compiler asks `__torch_function__` like everyone else, but for three places where it looks past
the tensor type. They are corrected when the compiler is loaded, and not before: loading it takes
longer than loading torch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch._guards import TracingContext

from hypercomplex.functional.dispatch import is_typed

__all__ = ["compiler_looks", "teach_the_compiler"]


def compiler_looks() -> bool:
    """Whether torch's compiler, while it traces, asks a real tensor for its sizes and strides.

    It must be shown the storage, and the code that it traces (where `is_dynamo_compiling` holds)
    numbers. Compiled code runs a check of custom operators at its first call that knows no tensor
    types and would fail: it is switched off.
    """
    if torch.compiler.is_dynamo_compiling() or TracingContext.try_get() is None:
        return False
    torch._functorch.config.check_custom_op_aliasing = False
    return True


def _abs_is_a_function_of_torch(tracing: Any) -> None:
    """The builtin `abs` of a typed tensor is `torch.abs`; the compiler would take components."""

    def nb_absolute_impl(self: Any, tx: Any) -> Any:
        return self.call_method(tx, "abs", [], {})

    tracing.TensorWithTFOverrideVariable.nb_absolute_impl = nb_absolute_impl


def _views_are_views_of_storage(running: Any) -> None:
    """A compiled function that returns a view of its input replays it on the components."""
    original = running.gen_alias_from_base

    def gen_alias_from_base(base: Tensor, target: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if not (is_typed(base) or is_typed(target)):
            return original(base, target, *args, **kwargs)
        with torch._C.DisableTorchFunctionSubclass():
            return original(base, target, *args, **kwargs)

    running.gen_alias_from_base = gen_alias_from_base


_LESSONS: dict[str, Callable[[ModuleType], None]] = {
    "torch._dynamo.variables.torch_function": _abs_is_a_function_of_torch,
    "torch._functorch._aot_autograd.runtime_wrappers": _views_are_views_of_storage,
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
