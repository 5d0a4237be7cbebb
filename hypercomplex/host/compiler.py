"""What torch's compiler must be told about typed tensors.

The compiler asks `__torch_function__` like everyone else, but for a few places where it looks past
the tensor type. They are corrected when the compiler is loaded, and not before: loading it takes
longer than loading torch. Every correction is for typed tensors only; for all others the
compiler's own code runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor

from hypercomplex.door.calls import Typed, is_typed
from hypercomplex.host.effects import find, has, note
from hypercomplex.host.functions import Function, extend
from hypercomplex.host.imports import when_loaded
from hypercomplex.host.overrides import as_components
from hypercomplex.host.torches import COMPILES, KEEPS_TYPES
from hypercomplex.host.trees import tree_leaves

__all__ = ["rows_may_vary", "teach_the_compiler", "why_no_machine_code"]


@cache
def teach_the_compiler() -> None:
    """Give every lesson when its module is loaded, which may be now."""
    for module, (names, reason, lesson) in _LESSONS.items():
        paths = [f"{module}.{name}" for name in names.split()]
        for path in paths:
            note(path, _CASE, reason)
        when_loaded(module, partial(_teach, paths, lesson, reason))
    if not COMPILES:
        note(f"{_RULES}.SKIP_DIRS", "this library's folder more", _PASSED)
        when_loaded(_RULES, _pass_over)


def _teach(
    paths: list[str], lesson: Callable[[Function], Function], reason: str, _: ModuleType
) -> None:
    for path in paths:
        if COMPILES or has(path):  # older compilers have not all places, and do not read us
            extend(path, lesson, reason, _CASE)


def _pass_over(_: ModuleType) -> None:
    """Have a compiler that cannot read this library call it, in the midst of what it compiles."""
    add, folders = (find(f"{_RULES}.{name}", _PASSED) for name in ("add", "SKIP_DIRS"))
    if add is not None and folders is not None:
        add(__name__.partition(".")[0])


def why_no_machine_code() -> str | None:
    """Why torch's compiler cannot make machine code here; None if it can, as far as can be seen."""
    if not COMPILES:
        return "the compiler of this torch does not read the library"
    compiler = find("torch._inductor.cpp_builder.get_cpp_compiler", _NO_COMPILER)
    try:
        found = compiler and compiler()
    except Exception as error:  # torch has one of its own for this
        return f"torch finds no C++ compiler ({error})"
    return None if found else "this torch does not say whether there is a C++ compiler"


def rows_may_vary(x: Tensor) -> None:
    """Have torch's compiler make code for any number of rows of a tensor. Where it is told that all
    may vary (`dynamic=True`), constants of formulas vary, too, and are read from memory.
    """
    mark = find("torch._dynamo.mark_dynamic", _NO_COMPILER)
    if mark is not None:
        mark(x, 0)


# ---------------------------------------------------------------------- the lessons


def _absolute(twin: Function) -> Function:
    """The builtin `abs` of a typed tensor is `torch.abs`; the compiler would take components."""

    def nb_absolute_impl(self: Any, tx: Any) -> Any:
        if not _stands_for_numbers(self):
            return twin(self, tx)
        return self.call_method(tx, "abs", [], {})

    return nb_absolute_impl


def _properties_are_set(twin: Function) -> Function:
    """`q.w = x` calls the setter of a property of typed tensors; the compiler would note a new
    attribute and leave the numbers as they are.
    """
    written = find("torch._dynamo.variables.functions.UserFunctionVariable", _SETTERS)
    if written is None:
        return twin

    def _call_setattr(self: Any, tx: Any, obj: Any, name_var: Any, val: Any) -> Any:
        setter = _setter(obj, name_var)
        if setter is None:
            return twin(self, tx, obj, name_var, val)
        written(setter).call_function(tx, [obj, val], {})
        return val

    return _call_setattr


def _setter(obj: Any, name: Any) -> Callable[[Any, Any], None] | None:
    """What sets a property of a typed tensor, in variables of the compiler."""
    if not (_stands_for_numbers(obj) and name.is_python_constant()):
        return None
    known = inspect.getattr_static(obj.class_type, name.as_python_constant(), None)
    return known.fset if isinstance(known, property) else None


def _every_function_asks(twin: Function) -> Function:
    """Functions of torch that it does not list as overridable, such as `torch._foreach_mul`, ask as
    they do eagerly; the compiler would take components.
    """
    overrides = "torch._dynamo.variables.torch_function"
    arguments = find(f"{overrides}._get_all_args", _LISTS)
    asked = find(f"{overrides}.can_dispatch_torch_function", _LISTS)
    if arguments is None or asked is None:
        return twin

    def torch_function_override_enabled(self: Any, tx: Any, args: Any, kwargs: Any) -> bool:
        return twin(self, tx, args, kwargs) or (
            any(map(_stands_for_numbers, arguments(args, kwargs)))
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


def _written_stays_typed(twin: Function) -> Function:
    """Numbers of which some are written stay numbers; one compiler would go on with components."""

    def synchronize_attributes(self: Any, tx: Any, target_cls: Any = None) -> None:
        kind, numbers = self.class_type, _stands_for_numbers(self)
        twin(self, tx, target_cls)
        if numbers:
            self.class_type = kind

    return synchronize_attributes


def _graphs_run_on_components(twin: Function) -> Function:
    """A compiled graph computes with components, so its typed inputs must not be asked: neither by
    a backend that runs the graph in Python, nor where views of inputs are made anew.
    """

    def call_user_compiler(self: Any, gm: Any, example_inputs: list[Any]) -> Callable[..., Any]:
        compiled: Callable[..., Any] = twin(self, gm, example_inputs)
        if not any(map(is_typed, example_inputs)):
            return compiled

        def run(*args: Any) -> Any:
            with as_components():
                return compiled(*args)

        return run

    return call_user_compiler


def _gradients_run_on_components(twin: Function) -> Function:
    """So does the graph of its gradients, which is given what was kept as it came in."""

    def call_func_at_runtime_with_args(
        f: Any, args: Any, steal_args: bool = False, disable_amp: bool = False
    ) -> Any:
        if not any(map(is_typed, args)):
            return twin(f, args, steal_args, disable_amp)
        with as_components():
            return twin(f, args, steal_args, disable_amp)

    return call_func_at_runtime_with_args


def _components_have_an_axis(twin: Function) -> Function:
    """A graph is given sizes and strides that vary, which are those of components: an axis more."""

    def call(x: Any, i: int) -> Any:
        if not is_typed(x):
            return twin(x, i)
        with as_components():
            return twin(x, i)

    return call


def _reasons_see_components(twin: Function) -> Function:
    """Graphs are chosen by sizes and strides of components. Why one does not serve is asked by
    other code, which does not find their axis.
    """

    def get_guard_fail_reason_helper(*args: Any) -> Any:  # older compilers give no backend
        try:
            return twin(*args)
        except IndexError:
            with as_components():
                return twin(*args)

    return get_guard_fail_reason_helper


def _components_are_plain(twin: Function) -> Function:
    """A check of custom operators, at the first call of a graph, leaves tensor types to themselves;
    nobody would answer for the components of ours.
    """
    if tree_leaves is None:
        return twin

    def torch_dispatch(self: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = twin(self, func, types, args, kwargs)
        if result is NotImplemented and any(map(is_typed, tree_leaves((args, kwargs)))):
            return func(*args, **(kwargs or {}))
        return result

    return torch_dispatch


def _kernels_are_vectorised(twin: Function) -> Function:
    """Loops over numbers are vectorised, though components of a number lie side by side.

    The compiler counts loads and stores that jump, and leaves a loop scalar where they are many. It
    counts each as often as a formula names it, but makes it once: a rotation counts 200 loads
    and has 7, and is twice as fast vectorised.
    """
    patch = find("torch._inductor.config.patch", _LOOPS)
    if patch is None:
        return twin

    def codegen_nodes(self: Any, nodes: list[Any]) -> Any:
        if not any(map(_is_made_by_a_kernel, nodes)):
            return twin(self, nodes)
        with patch({"cpp.enable_tiling_heuristics": False}):
            return twin(self, nodes)

    return codegen_nodes


def _is_made_by_a_kernel(node: Any) -> bool:
    """Whether a node of a loop comes from a formula in `hypercomplex/kernels`."""
    origins = getattr(getattr(node, "node", None), "origins", ())
    return any(_KERNELS in (origin.meta.get("stack_trace") or "") for origin in origins)


_KERNELS = str(Path(__file__).parent.parent / "kernels")
_CASE = "a case more, for typed tensors; the others are torch's own"
_RULES = "torch._dynamo.trace_rules"
_PASSED = "torch.compile of what calls this library"
_NO_COMPILER = "hypercomplex.kernels.compile_large"
_LOOPS = "vectorised loops over numbers in compiled code"
_LISTS = "torch.compile of functions that torch does not list as overridable, for typed tensors,"
_SETTERS = "torch.compile of assignments to parts of typed tensors, such as q.w = x,"
_STRIDES = "torch.compile of typed tensors of several sizes and strides"
_LESSONS: dict[str, tuple[str, str, Callable[[Function], Function]]] = {
    "torch._dynamo.variables.torch": (
        "TorchInGraphFunctionVariable.torch_function_override_enabled",
        _LISTS,
        _every_function_asks,
    ),
    "torch._dynamo.variables.tensor": (
        "TensorVariable.nb_absolute_impl",
        "torch.compile of the builtin abs of typed tensors",
        _absolute,
    ),
    "torch._dynamo.variables.builtin": (
        "SetAttrBuiltinVariable._call_setattr",
        _SETTERS,
        _properties_are_set,
    ),
    "torch._dynamo.output_graph": (
        "OutputGraph.call_user_compiler",
        "torch.compile of typed tensors",
        _graphs_run_on_components,
    ),
    "torch._dynamo.utils": ("call_size call_stride", _STRIDES, _components_have_an_axis),
    "torch._dynamo.guards": ("get_guard_fail_reason_helper", _STRIDES, _reasons_see_components),
    "torch._functorch._aot_autograd.utils": (
        "call_func_at_runtime_with_args",
        "gradients of compiled functions by typed tensors, without machine code,",
        _gradients_run_on_components,
    ),
    "torch._inductor.codegen.cpp": (
        "CppKernelProxy.codegen_nodes",
        _LOOPS,
        _kernels_are_vectorised,
    ),
    "torch._functorch._aot_autograd.runtime_wrappers": (
        "_AnalyzeCustomOpInputOutputMode.__torch_dispatch__",
        "torch.compile of custom operators, for typed tensors,",
        _components_are_plain,
    ),
}
if not KEEPS_TYPES:
    _LESSONS["torch._dynamo.variables.torch_function"] = (
        "TensorWithTFOverrideVariable.synchronize_attributes",
        "torch.compile of writing to typed tensors",
        _written_stays_typed,
    )
