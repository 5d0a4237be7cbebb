"""Functions of torch that ask first whether numbers are among their arguments.

Such a function stays the same object, with its name, documentation, signature and defaults: it
pickles, and who imported it before has it, too. Only its code is exchanged for a line that calls
ours. Ours hands whatever holds no numbers to a twin, which is the function with torch's own code.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import CO_NESTED, Parameter, Signature, signature, unwrap
from types import CodeType, FunctionType
from typing import Any

from hypercomplex.host.effects import find, note, warn_of_loss

__all__ = ["Function", "extend"]

Function = Callable[..., Any]
_ASKS = "asks first whether an argument holds numbers; without any, torch's own code runs"
_REST = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
_PASSED: dict[Any, str] = {
    Parameter.VAR_POSITIONAL: "*{0}",
    Parameter.KEYWORD_ONLY: "{0}={0}",
    Parameter.VAR_KEYWORD: "**{0}",
}


def extend(
    path: str, make: Callable[[Function], Function], reason: str, change: str = _ASKS
) -> None:
    """Have a function of torch call `make(twin)`, if this torch has it, written in Python, with
    the arguments that ours takes.
    """
    function = unwrap(find(path, reason) or _nothing)
    if function is _nothing:
        return
    if not isinstance(function, FunctionType) or not function.__name__.isidentifier():
        warn_of_loss(f"Python function {path}", reason)
        return
    ours = make(_twin(function))
    if not _takes_what(ours, function):
        names = ", ".join(signature(ours).parameters)
        warn_of_loss(f"function {path} of the arguments ({names})", reason)
        return
    name = f"_hypercomplex_{function.__name__.strip('_')}"
    function.__globals__[name] = ours
    function.__code__ = _calling(name, function)
    note(path, change, reason)


def _nothing() -> None: ...


def _twin(function: FunctionType) -> FunctionType:
    """Another function with the same code."""
    code, scope, defaults = function.__code__, function.__globals__, function.__defaults__
    twin = FunctionType(code, scope, function.__name__, defaults, function.__closure__)
    twin.__kwdefaults__, twin.__qualname__ = function.__kwdefaults__, function.__qualname__
    return twin


def _takes_what(ours: Function, function: FunctionType) -> bool:
    """Whether each argument of the function arrives in ours under its own name."""
    args, options = [], {}
    for p in signature(function, follow_wrapped=False).parameters.values():
        if p.kind in (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD):
            options[p.name] = p.name
        else:
            args.append(p.name)
    try:
        bound = signature(ours).bind(*args, **options)
    except TypeError:
        return False
    own = bound.signature.parameters
    return all(own[name].kind in _REST or name == given for name, given in bound.arguments.items())


def _calling(name: str, function: FunctionType) -> CodeType:
    """The code of `def function(a, *, b): return name(a, b=b)`, at the place of the old one.

    It holds what the old one holds of the functions and classes around it, such as `__class__`.
    """
    given = signature(function, follow_wrapped=False).parameters.values()
    bare = [Parameter(p.name, p.kind) for p in given]  # defaults are the function's, not the code's
    passed = ", ".join(_PASSED.get(p.kind, "{0}").format(p.name) for p in given)
    old = function.__code__
    held = ", ".join(old.co_freevars)
    line = (
        f"def {function.__name__}{Signature(bare)}: {held and held + '; '}return {name}({passed})"
    )
    if held:
        line = f"def around({held}):\n    {line}\n    return {function.__name__}"
    scope: dict[str, Any] = {}
    future = old.co_flags & annotations.compiler_flag  # tools see what torch's file imports
    exec(compile(line, old.co_filename, "exec", future, dont_inherit=True), scope)
    if held:
        scope[function.__name__] = scope["around"](*old.co_freevars)
    code: CodeType = scope[function.__name__].__code__
    kept = (name for name in ("co_firstlineno", "co_qualname") if hasattr(old, name))
    flags = code.co_flags & ~CO_NESTED | old.co_flags & CO_NESTED
    return code.replace(co_flags=flags, **{name: getattr(old, name) for name in kept})
