"""Optimizers of torch see real components, as they see those of a complex parameter.

An optimizer divides by the root of a mean square, element by element, and means the reals that a
parameter consists of; on typed tensors the same calls would mean numbers and refuse. So `step` of
an optimizer with typed parameters runs on a stand-in whose parameters are plain `(…, n)` and share
storage with the typed ones. The door is torch's own, `register_optimizer_step_pre_hook`, which may
exchange the arguments of `step`, the optimizer among them; optimizers without typed parameters run
as ever. What `step` keeps in `state` are real components; closures compute with typed tensors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from hypercomplex.door.calls import is_typed
from hypercomplex.host.effects import find, note
from hypercomplex.host.functions import Function, extend
from hypercomplex.host.imports import when_loaded
from hypercomplex.host.known import not_traced
from hypercomplex.host.mode import compiler_reads

__all__ = ["see_components"]

_DOOR = "torch.optim.optimizer.register_optimizer_step_{}_hook"
_STEPS = "steps of optimizers on components"
_COMPILED = "torch.compile of the step of an optimizer with typed parameters"
_OF_REAL_MATRICES: Any = getattr(torch.optim, "Muon", ())  # which older torches have not


@cache
def see_components() -> None:
    """Let every optimizer step on components, from now on."""
    hooks = {_DOOR.format("pre"): _exchange, _DOOR.format("post"): _bring_back}
    doors = {path: find(path, _STEPS) for path in hooks}
    for path, register in doors.items() if all(doors.values()) else ():
        register(hooks[path])
        note(path, "a hook more, which does nothing without typed parameters", _STEPS)
    when_loaded("torch._dynamo.eval_frame", _are_no_frames)
    for name in ("add_param_group", "__setstate__"):
        extend(
            f"torch.optim.optimizer.Optimizer.{name}",
            _watched,
            _COMPILED,
            "gives an optimizer with typed parameters hooks of its own",
        )


def _watched(twin: Function) -> Function:
    """The compiler must not look at typed parameters in an optimizer: it would mark them, and take
    them for plain ones ever after. Hooks that it does not trace tell it that there are some.
    """

    def add(self: Optimizer, *args: Any, **kwargs: Any) -> None:
        twin(self, *args, **kwargs)
        typed = [p for group in self.param_groups for p in group["params"] if is_typed(p)]
        if typed and isinstance(self, _OF_REAL_MATRICES):
            raise _refused(self, typed[0])
        if typed and _exchanged not in self._optimizer_step_pre_hooks.values():
            self.register_step_pre_hook(_exchanged)
            self.register_step_post_hook(_brought_back)

    return add


def _refused(optimizer: Optimizer, p: Tensor) -> TypeError:
    name, kind = type(optimizer).__name__, type(p).__name__
    return TypeError(
        f"{name} is refused for {kind}: it makes matrices of real numbers orthogonal; give typed "
        "parameters to another optimizer, such as torch.optim.AdamW, and all others to this one"
    )


def _are_no_frames(frames: Any) -> None:
    """The compiler traces the hooks with a step that it traces, but does not look at them alone."""
    skip = find("torch._dynamo.eval_frame.skip_code", _COMPILED)
    for hook in (_exchange, _bring_back) if skip is not None else ():
        skip(hook.__code__)


def _exchange(
    optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Exchange wherever a parameter is typed; compiled, an optimizer's own hook does."""
    if compiler_reads():
        return None
    for group in optimizer.param_groups:
        for p in group["params"]:
            if is_typed(p):
                return _exchanged(optimizer, args, kwargs)
    return None


def _bring_back(optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Undo the exchange."""
    if args[0] is not optimizer:
        _brought_back(optimizer, args, kwargs)


@not_traced  # the compiler goes on where `step` has plain parameters
def _exchanged(
    optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Give `step` a stand-in and a closure that keeps its gradients up to date."""
    given, *positional = args
    if given is not optimizer or "_link_to_typed" in optimizer.__dict__:
        return None
    link = _Link(optimizer)
    if positional:
        positional[0] = link.closure(positional[0])
    if "closure" in kwargs:
        kwargs = {**kwargs, "closure": link.closure(kwargs["closure"])}
    return (link.stand_in, *positional), kwargs


@not_traced
def _brought_back(optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    link = args[0].__dict__.get("_link_to_typed")
    if link is not None and link.optimizer is optimizer:
        link.bring_back()


class _Link:
    """An optimizer of typed parameters and its stand-in on their components.

    Storage and the entries of `state` are shared.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.typed = [p for g in optimizer.param_groups for p in g["params"] if is_typed(p)]
        self.plain = [_plain_twin(p) for p in self.typed]
        plain_of = dict(zip(self.typed, self.plain, strict=True))
        exchanged: dict[int, Any] = {id(p): plain for p, plain in plain_of.items()}
        self.groups = []
        for group in optimizer.param_groups:
            params = [plain_of.get(p, p) for p in group["params"]]
            self.groups.append({**group, "params": params})
            exchanged |= {id(group["params"]): params, id(group): self.groups[-1]}
        exchanged[id(optimizer.param_groups)] = self.groups
        self.state = self._state(plain_of)
        exchanged[id(optimizer.state)] = self.state
        own = optimizer.__dict__
        self.given = {name: exchanged.get(id(value), value) for name, value in own.items()}
        self.stand_in = object.__new__(type(optimizer))
        self.stand_in.__dict__.update(self.given, _link_to_typed=self)
        self.pull()

    def _state(self, plain_of: dict[Any, Tensor]) -> dict[Any, Any]:
        """The same entries under other keys; what older files hold as numbers is components."""
        state: dict[Any, Any] = defaultdict(dict)
        for key, entries in self.optimizer.state.items():
            state[plain_of.get(key, key)] = entries
            if key in plain_of:
                entries.update({k: _as_plain(v) for k, v in entries.items() if is_typed(v)})
        return state

    def pull(self) -> None:
        """Gradients of numbers as gradients of components."""
        for p, plain in zip(self.typed, self.plain, strict=True):
            plain.grad = _as_plain(p.grad)

    def push(self) -> None:
        """Gradients that the step took away are away."""
        for p, plain in zip(self.typed, self.plain, strict=True):
            if plain.grad is None:
                p.grad = None

    def closure(self, given: Callable[[], Any] | None) -> Callable[[], Any] | None:
        if given is None:
            return None

        def evaluate() -> Any:
            self.push()
            loss = given()
            self.pull()
            return loss

        return evaluate

    def bring_back(self) -> None:
        """What the step changed in groups and attributes, where users look for it."""
        del self.stand_in.__dict__["_link_to_typed"]  # gradients shall not live on in a cycle
        self.push()
        typed_of = dict(zip(self.plain, self.typed, strict=True))
        state = {typed_of.get(key, key): entries for key, entries in self.state.items()}
        self.optimizer.state.clear()
        self.optimizer.state.update(state)
        for group, changed in zip(self.optimizer.param_groups, self.groups, strict=True):
            group.update({key: changed[key] for key in changed if key != "params"})
        for name, value in self.stand_in.__dict__.items():
            if value is not self.given.get(name, self):
                setattr(self.optimizer, name, value)


def _plain_twin(p: Any) -> Tensor:
    """The components as a leaf of their own, or in the graph if p is (differentiable steps)."""
    return p.components.detach().requires_grad_(p.requires_grad) if p.is_leaf else p.components


def _as_plain(x: Any) -> Any:
    """Components that share storage, and history where it is recorded."""
    with torch.enable_grad():
        return x.components if is_typed(x) else x
