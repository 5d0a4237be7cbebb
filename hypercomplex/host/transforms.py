"""Makes `torch.func` keep the type of typed tensors.

`vmap`, `grad` and their siblings wrap every tensor in C++, which forgets its Python type: a product
of two typed arguments would silently be one of components. torch asks no tensor type there, so the
few functions where the type is lost ask first whether they are given numbers: the two that add and
remove the axis of `vmap`, and those that differentiate, which are given a function between
components. With plain tensors torch's own code runs.

Gradients, cotangents and tangents of numbers are numbers. A Jacobian is a real matrix, and so
plain: `jacrev`, `jacfwd` and `hessian`, and those of `torch.autograd.functional`, give every typed
output and every typed input one more axis, that of its components.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import WRAPPER_ASSIGNMENTS, cache
from typing import Any

import torch
from torch import Tensor, nn

from hypercomplex.door.calls import Typed, is_typed, overridable
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, wrap
from hypercomplex.host.functions import Function, extend
from hypercomplex.host.mode import compiler_reads
from hypercomplex.host.trees import tree_leaves, tree_map
from hypercomplex.rules.axes import axis

__all__ = ["keep_types"]


@cache
def keep_types() -> None:
    """Have the functions that forget the type ask for it, from now on."""
    for path, make in _EXTENDED.items() if tree_leaves and tree_map else ():
        extend(path, make, "torch.func and torch.autograd.functional of typed tensors")


# ---------------------------------------------------------------------- between components


def _hold_numbers(values: Iterable[Any]) -> bool:
    """Whether a typed tensor is among these, or in the containers among them."""
    for x in values:
        if type(x) is Tensor:  # as most are; every test costs as much as adding a few numbers
            continue
        if isinstance(x, Typed):
            return True
        if isinstance(x, _SEQUENCES):
            if _hold_numbers(x):
                return True
        elif isinstance(x, dict):
            if _hold_numbers(x.values()):
                return True
        elif not isinstance(x, _LEAVES) and any(map(is_typed, tree_leaves(x))):
            return True
    return False


_SEQUENCES = (tuple, list)
_LEAVES = (Tensor, int, float, str, type(None))


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
    """A function of numbers as one of components; keeps its last result of numbers, for the types.

    Without numbers in `like`, the arguments, and in the result it is the function itself.
    """

    __slots__ = ("function", "like", "result")

    def __init__(self, function: Function, *like: Any) -> None:
        self.function = function
        self.like = like if _hold_numbers(like) else None
        self.result: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.like is not None:
            args = _retype(args, self.like)
        result = self.function(*args, **kwargs)
        if not _hold_numbers((result,)):
            return result
        self.result = result
        return _expose(result)

    def typed(self, results: Any) -> Any:
        """What torch made of the result, as numbers where that held numbers."""
        return results if self.result is None else _retype(results, self.result)


# ---------------------------------------------------------------------- vmap


def _batching(twin: Function) -> Function:
    """The axes that torch asks for are counted from the front, so they are those of components."""

    def create_batched_inputs(
        flat_in_dims: list[int | None], flat_args: list[Any], vmap_level: int, args_spec: Any
    ) -> Any:
        if not _hold_numbers(flat_args):
            return twin(flat_in_dims, flat_args, vmap_level, args_spec)
        given = [
            x if dim is None else _expose(x) for dim, x in zip(flat_in_dims, flat_args, strict=True)
        ]
        batched = twin(flat_in_dims, given, vmap_level, args_spec)
        return _retype(batched, args_spec.unflatten(flat_args))

    return create_batched_inputs


def _unbatching(twin: Function) -> Function:
    def maybe_remove_batch_dim(
        name: str, batched_output: Any, vmap_level: int, batch_size: int, out_dim: int | None
    ) -> Any:
        if out_dim is None or not isinstance(batched_output, Typed):
            return twin(name, batched_output, vmap_level, batch_size, out_dim)
        components = _expose(batched_output)
        dim = axis(components, out_dim, extra=1)
        return _typed_as(twin(name, components, vmap_level, batch_size, dim), batched_output)

    return maybe_remove_batch_dim


# ---------------------------------------------------------------------- derivatives


def _grad_and_value(twin: Function) -> Function:
    def grad_and_value_impl(
        func: Function, argnums: Any, has_aux: bool, args: Any, kwargs: Any
    ) -> Any:
        if not _hold_numbers(args) and not (kwargs and _hold_numbers(kwargs.values())):
            between = _BetweenComponents(func)
            gradient, result = twin(between, argnums, has_aux, args, kwargs)
            return gradient, between.typed(result)
        between = _BetweenComponents(lambda args, kwargs: func(*args, **kwargs), args, kwargs)
        gradient, result = twin(
            lambda *args, **kwargs: between(args, kwargs),
            argnums,
            has_aux,
            _expose(args),
            _expose(kwargs),
        )
        return _retype(gradient, _sliced(args, argnums)), between.typed(result)

    return grad_and_value_impl


def _vjp(twin: Function) -> Function:
    def vjp_with_argnums(
        func: Function, *primals: Any, argnums: Any = None, has_aux: bool = False
    ) -> Any:
        between = _BetweenComponents(func, *primals)
        plain = primals if between.like is None else _expose(primals)
        result = twin(between, *plain, argnums=argnums, has_aux=has_aux)
        if between.like is None and between.result is None:
            return result
        output, pull_back, *aux = result
        inputs = primals if argnums is None else _sliced(primals, argnums)

        def vjp_fn(cotangents: Any, *args: Any, **options: Any) -> Any:
            return _retype(pull_back(_expose(cotangents), *args, **options), inputs)

        if aux:
            output, aux[0] = between.typed((output, aux[0]))
            return output, vjp_fn, aux[0]
        return between.typed(output), vjp_fn

    return vjp_with_argnums


def _jvp(twin: Function) -> Function:
    def jvp_with_argnums(
        func: Function, primals: Any, tangents: Any, argnums: Any, *, has_aux: bool, **options: Any
    ) -> Any:
        if _hold_numbers((primals, tangents)):
            like = primals if isinstance(primals, tuple) else ()
            between = _BetweenComponents(func, *like)
            primals, tangents = _expose((primals, tangents))
        else:
            between = _BetweenComponents(func)
        result = twin(between, primals, tangents, argnums, has_aux=has_aux, **options)
        if between.result is None:
            return result
        if has_aux:
            output, tangent, aux = result
            output, aux = between.typed((output, aux))
            return output, _retype(tangent, between.result[0]), aux
        return tuple(map(between.typed, result))

    return jvp_with_argnums


def _linearize(twin: Function) -> Function:
    """The graph that torch traces knows no types: for numbers the derivative is run anew."""

    def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
        if not _hold_numbers(primals) and not _is_of_numbers(func):
            return twin(func, *primals)
        return func(*primals), lambda *tangents: torch.func.jvp(func, primals, tangents)[1]

    return linearize


def _is_of_numbers(func: Function) -> bool:
    """Whether a function is a module that holds numbers."""
    return isinstance(func, nn.Module) and _hold_numbers((*func.parameters(), *func.buffers()))


def _jacobian(twin: Function) -> Function:
    def jacobian(func: Function, *args: Any, **options: Any) -> Function:
        of_reals = twin(func, *args, **options)

        def of(*primals: Any) -> Any:
            between = _BetweenComponents(func, *primals)
            if between.like is not None:
                primals = _expose(primals)
            return twin(between, *args, **options)(*primals)

        if not compiler_reads():  # which asks no function for its name
            for name in WRAPPER_ASSIGNMENTS:
                setattr(of, name, getattr(of_reals, name))
            vars(of).update(vars(of_reals))
        return of

    return jacobian


def _jacobian_at(twin: Function) -> Function:
    """The same in `torch.autograd.functional`, which takes the inputs, one or a tuple, at once."""

    def jacobian(func: Function, inputs: Any, *args: Any, **options: Any) -> Any:
        like = inputs if isinstance(inputs, tuple) else (inputs,)
        between = _BetweenComponents(func, *like)
        if between.like is not None:
            inputs = _expose(inputs)
        return twin(between, inputs, *args, **options)

    return jacobian


def _not_functional(twin: Function) -> Function:
    def maybe_wrap_functional_tensor(maybe_tensor: Any, *args: Any, **options: Any) -> Any:
        if isinstance(maybe_tensor, Typed):
            raise NotImplementedError(
                f"torch.func.functionalize is refused for {type(maybe_tensor).__name__}: it "
                "forgets the type; functionalize a function of q.components"
            )
        return twin(maybe_tensor, *args, **options)

    return maybe_wrap_functional_tensor


def _sliced(args: Any, argnums: Any) -> Any:
    """The arguments to which torch, which has checked `argnums`, gives a gradient."""
    return tuple(args[i] for i in argnums) if isinstance(argnums, tuple) else args[argnums]


_EXTENDED: dict[str, Callable[[Function], Function]] = {
    "torch._functorch.vmap._create_batched_inputs": _batching,
    "torch._functorch.vmap._maybe_remove_batch_dim": _unbatching,
    "torch._functorch.eager_transforms.grad_and_value_impl": _grad_and_value,
    "torch._functorch.eager_transforms._vjp_with_argnums": _vjp,
    "torch._functorch.eager_transforms._jvp_with_argnums": _jvp,
    "torch._functorch.eager_transforms._maybe_wrap_functional_tensor": _not_functional,
    "torch.func.linearize": _linearize,
    "torch.func.jacrev": _jacobian,
    "torch.func.jacfwd": _jacobian,
    "torch.autograd.functional.jacobian": _jacobian_at,
    "torch.autograd.functional.hessian": _jacobian_at,
}
