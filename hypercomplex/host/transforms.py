"""Makes `torch.func` keep the type of typed tensors.

`vmap`, `grad` and their siblings wrap every tensor in C++, which forgets its Python type: a product
of two typed arguments would silently be one of components. torch asks no tensor type there, so the
few functions of `torch._functorch` where the type is lost are replaced: the two that add and remove
the axis of `vmap` get rules, and a derivative is taken of the function between components. To plain
tensors nothing changes.

Gradients, cotangents and tangents of numbers are numbers. A Jacobian is a real matrix, and so
plain: `jacrev`, `jacfwd` and `hessian`, and those of `torch.autograd.functional`, give every typed
output and every typed input one more axis, that of its components.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch._functorch import eager_transforms, vmap
from torch.autograd import functional as autograd_functional
from torch.utils._pytree import tree_leaves, tree_map

from hypercomplex.functional.dispatch import is_typed, overridable
from hypercomplex.rules.registry import TensorType, add, axis, rule, wrap

__all__ = ["keep_types"]

Function = Callable[..., Any]


def _replace(module: Any, name: str, make: Callable[[Function], Function]) -> None:
    """Replace a function where torch keeps it; say so where a torch has no such function."""
    original = getattr(module, name, None)
    if original is None:
        warnings.warn(
            f"torch {torch.__version__} has no {module.__name__}.{name}: do not use torch.func on "
            "typed tensors, but on functions of q.components",
            stacklevel=2,
        )
        return
    replacement = make(original)
    for home in (module, torch.func):
        if getattr(home, name, None) is original:
            setattr(home, name, replacement)


# ---------------------------------------------------------------------- vmap


def _overridden(original: Function, apply: Function) -> Function:
    public = overridable(original)
    add("metadata", public, apply)
    return public


def _batching(original: Function) -> Function:
    def apply(cls: TensorType, x: Tensor, dim: int, level: int) -> Tensor:
        return wrap(cls, original(x, axis(x, dim), level))

    return _overridden(original, apply)


def _unbatching(original: Function) -> Function:
    def apply(cls: TensorType, x: Tensor, level: int, size: int, dim: int) -> Tensor:
        return wrap(cls, original(x, level, size, axis(x, dim, extra=1)))

    return _overridden(original, apply)


# ---------------------------------------------------------------------- between components


@overridable
def _typed_as(x: Tensor, like: Tensor) -> Tensor:
    """The components as numbers, if `like` holds numbers."""
    return x


@rule("metadata", [_typed_as])
def typed_as(cls: TensorType, x: Tensor, like: Tensor) -> Tensor:
    return wrap(cls, x)


def _retype(tree: Any, like: Any) -> Any:
    """Components as numbers wherever `like`, a tree of the same structure, holds numbers."""
    return tree_map(lambda x, y: _typed_as(x, y) if is_typed(y) else x, tree, like)


def _expose(tree: Any) -> Any:
    """Numbers as their components."""
    return tree_map(lambda x: x.components if is_typed(x) else x, tree)


class _BetweenComponents:
    """A function of numbers as one of components; keeps its last result, which knows its types."""

    def __init__(self, function: Function, *like: Any) -> None:
        self.function, self.like = function, like
        self.result: Any = None

    def __call__(self, *components: Any) -> Any:
        self.result = self.function(*_retype(components, self.like))
        return _expose(self.result)


# ---------------------------------------------------------------------- derivatives


def _grad_and_value(original: Function) -> Function:
    def grad_and_value_impl(
        func: Function, argnums: Any, has_aux: bool, args: Any, kwargs: Any
    ) -> Any:
        between = _BetweenComponents(lambda args, kwargs: func(*args, **kwargs), args, kwargs)
        gradient, result = original(
            lambda *args, **kwargs: between(args, kwargs),
            argnums,
            has_aux,
            _expose(args),
            _expose(kwargs),
        )
        inputs = eager_transforms._slice_argnums(args, argnums, as_tuple=False)
        return _retype(gradient, inputs), _retype(result, between.result)

    return grad_and_value_impl


def _vjp(original: Function) -> Function:
    def _vjp_with_argnums(
        func: Function, *primals: Any, argnums: Any = None, has_aux: bool = False
    ) -> Any:
        between = _BetweenComponents(func, *primals)
        result = original(between, *_expose(primals), argnums=argnums, has_aux=has_aux)
        inputs = primals
        if argnums is not None:
            inputs = eager_transforms._slice_argnums(primals, argnums, as_tuple=False)
        pull_back = result[1]

        def vjp_fn(cotangents: Any, **options: Any) -> Any:
            return _retype(pull_back(_expose(cotangents), **options), inputs)

        if has_aux:
            output, aux = _retype((result[0], result[2]), between.result)
            return output, vjp_fn, aux
        return _retype(result[0], between.result), vjp_fn

    return _vjp_with_argnums


def _jvp(original: Function) -> Function:
    def _jvp_with_argnums(
        func: Function, primals: Any, tangents: Any, argnums: Any, **options: Any
    ) -> Any:
        between = _BetweenComponents(func, *primals)
        output, tangent, *aux = original(
            between, _expose(primals), _expose(tangents), argnums, **options
        )
        if aux:
            output, aux = _retype((output, aux[0]), between.result)
            return output, _retype(tangent, between.result[0]), aux
        return _retype(output, between.result), _retype(tangent, between.result)

    return _jvp_with_argnums


def _linearize(original: Function) -> Function:
    """The graph that torch traces knows no types: for numbers the derivative is run anew."""

    def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
        if not any(map(is_typed, tree_leaves(primals))):
            return original(func, *primals)
        return func(*primals), lambda *tangents: torch.func.jvp(func, primals, tangents)[1]

    return linearize


def _jacobian(original: Function) -> Function:
    def jacobian(func: Function, argnums: Any = 0, *args: Any, **options: Any) -> Function:
        def of(*primals: Any) -> Any:
            between = _BetweenComponents(func, *primals)
            return original(between, argnums, *args, **options)(*_expose(primals))

        return of

    return jacobian


def _jacobian_at(original: Function) -> Function:
    """The same in `torch.autograd.functional`, which takes the inputs, one or a tuple, at once."""

    def jacobian(func: Function, inputs: Any, *args: Any, **options: Any) -> Any:
        primals = inputs if isinstance(inputs, tuple) else (inputs,)
        between = _BetweenComponents(func, *primals)
        return original(between, _expose(inputs), *args, **options)

    return jacobian


def _not_of_numbers(original: Function) -> Function:
    """What torch's own `jacrev` and `jacfwd` ask about their arguments and results."""

    def error_if_complex(name: str, tensors: Any, is_input: bool) -> None:
        if any(map(is_typed, tree_leaves(tensors))):
            raise NotImplementedError(
                f"this {name} was imported before hypercomplex, and would count a number as one "
                f"real; call torch.func.{name}"
            )
        original(name, tensors, is_input)

    return error_if_complex


def _not_functional(original: Function) -> Function:
    def _wrap_functional_tensor(x: Tensor, level: int) -> Tensor:
        if is_typed(x):
            raise NotImplementedError(
                f"torch.func.functionalize is refused for {type(x).__name__}: it forgets the "
                "type; functionalize a function of q.components"
            )
        return original(x, level)

    return _wrap_functional_tensor


def keep_types() -> None:
    """Replace what forgets the type, from now on."""
    _replace(vmap, "_add_batch_dim", _batching)
    _replace(vmap, "_remove_batch_dim", _unbatching)
    _replace(eager_transforms, "grad_and_value_impl", _grad_and_value)
    _replace(eager_transforms, "_vjp_with_argnums", _vjp)
    _replace(eager_transforms, "_jvp_with_argnums", _jvp)
    _replace(eager_transforms, "linearize", _linearize)
    _replace(eager_transforms, "_wrap_functional_tensor", _not_functional)
    _replace(eager_transforms, "jacrev", _jacobian)
    _replace(eager_transforms, "jacfwd", _jacobian)
    _replace(autograd_functional, "jacobian", _jacobian_at)
    _replace(autograd_functional, "hessian", _jacobian_at)
    _replace(eager_transforms, "error_if_complex", _not_of_numbers)
