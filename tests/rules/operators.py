"""torch's own operator database, asked twice: of torch's complex128 and of its typed twin.

A sample of the database is a call with complex tensors. The twin of such a tensor holds the same
numbers, in the same layout of a storage of its own; real and integer tensors stand in both calls.
A *way* of calling answers for both, and what a caller could see is compared: types, shapes, values,
which results share storage with which arguments, what is written, gradients, errors.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map

import hypercomplex as hc

C = hc.tensor_type(hc.COMPLEX)
COMPONENTS = {torch.complex128: torch.float64, torch.complex64: torch.float32}
ERRORS = (RuntimeError, IndexError, ValueError, TypeError)  # of torch's and ours for a wrong call
DIGITS = 2**20 * torch.finfo(torch.float64).eps  # of results that come by another way

# ---------------------------------------------------------------------- two calls


def twin(z: Tensor) -> Tensor:
    """The same numbers in the same storage, typed."""
    return C(torch.view_as_real(z))


def numbers(x: Any) -> Any:
    """A typed tensor as torch's complex one; anything else as it is."""
    if isinstance(x, C):
        return torch.complex(*x.components.unbind(-1))
    return x.resolve_conj() if isinstance(x, Tensor) else x


def reals(x: Tensor) -> Tensor:
    """The components of either, with their history."""
    if isinstance(x, C):
        return x.components
    return torch.view_as_real(x.resolve_conj()) if x.is_complex() else x


def copied(x: Tensor) -> Tensor:
    """The same tensor, strides included, in a storage of its own."""
    x = x.detach().resolve_conj().resolve_neg()
    return x.new_empty(0).set_(x.untyped_storage().clone(), x.storage_offset(), x.shape, x.stride())


class Call:
    """The arguments of a sample, complex or typed, laid out by `layout`."""

    def __init__(self, sample: Any, typed: bool, layout: Callable[[Tensor], Tensor] = lambda x: x):
        known: dict[int, Tensor] = {}  # what stands twice in the sample does so here

        def own(x: Any) -> Any:
            if isinstance(x, Tensor):
                if id(x) not in known:
                    copy = layout(copied(x)).detach()
                    copy = twin(copy) if typed and copy.is_complex() else copy
                    known[id(x)] = copy.requires_grad_(x.requires_grad)
                return known[id(x)]
            return COMPONENTS.get(x, x) if typed and isinstance(x, torch.dtype) else x

        self.args: tuple[Any, ...] = tree_map(own, (sample.input, *sample.args))
        self.kwargs: dict[str, Any] = tree_map(own, sample.kwargs)

    def tensors(self) -> list[Tensor]:
        return tensors((self.args, self.kwargs))

    def answer(self, function: Callable[..., Any]) -> Any:
        """What comes back, which may be an error."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return function(*self.args, **self.kwargs)
            except Exception as error:
                return error


def tensors(tree: Any) -> list[Tensor]:
    return [x for x in tree_leaves(tree) if isinstance(x, Tensor)]


def has_numbers(sample: Any) -> bool:
    """Whether there are complex tensors, and none that is sparse."""
    given = tensors((sample.input, sample.args, sample.kwargs))
    return any(x.is_complex() for x in given) and all(map(is_strided, given))


def is_strided(x: Tensor) -> bool:
    return x.layout is torch.strided


# ---------------------------------------------------------------------- what differs


def difference(ours: Any, theirs: Any, rtol: float = DIGITS) -> str | None:
    """What a caller would notice first: a word, a colon and the details."""
    a, b = tree_leaves(ours), tree_leaves(theirs)
    if len(a) != len(b):
        return f"count: {len(a)} results, not {len(b)}"
    return next(filter(None, map(_different, a, b, [rtol] * len(a))), None)


def _different(a: Any, b: Any, rtol: float) -> str | None:
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return None if type(a) is type(b) and (a == b or a != a) else f"answer: {a!r}, not {b!r}"
    if isinstance(a, C) != b.is_complex():
        return f"type: {type(a).__name__}, not of {b.dtype}"
    a, b = numbers(a).detach(), numbers(b).detach()
    if a.dtype != b.dtype:
        return f"dtype: {a.dtype}, not {b.dtype}"
    if a.shape != b.shape:
        return f"shape: {tuple(a.shape)}, not {tuple(b.shape)}"
    rtol = rtol * torch.finfo(a.dtype).eps / torch.finfo(torch.float64).eps if _rounds(a) else 0
    size = float(b.abs().nan_to_num(0, 0, 0).max()) if rtol and b.numel() else 0
    if torch.allclose(a, b, rtol, rtol * size, equal_nan=True):
        return None
    return f"values: off by {float((a - b).abs().max()):.1e} of {size:.1e}" if rtol else "values"


def _rounds(x: Tensor) -> bool:
    return x.is_floating_point() or x.is_complex()


def shared(call: Call, result: Any) -> list[tuple[int, int]]:
    """Which results lie in the storage of which arguments."""
    return [
        (i, j)
        for i, x in enumerate(tensors(result))
        for j, argument in enumerate(call.tensors())
        if is_strided(x) and x.numel() and _storage(x) == _storage(argument)
    ]


def _storage(x: Tensor) -> int:
    return (x.components if isinstance(x, C) else x).untyped_storage().data_ptr()


def errors(ours: Any, theirs: Any) -> str | None:
    """What differs if one of the answers is an error; None if both or none are."""
    if isinstance(ours, Exception) and not isinstance(ours, (*ERRORS, type(theirs))):
        return f"error: {type(ours).__name__}: {ours}"
    if isinstance(ours, Exception) and not isinstance(theirs, Exception):
        kind = "refused" if isinstance(ours, NotImplementedError) else "error"
        return f"{kind}: {ours}"
    if isinstance(theirs, Exception) and not isinstance(ours, Exception):
        return f"lenient: torch says {theirs}"
    return None


# ---------------------------------------------------------------------- ways of calling

Way = Callable[[Any, Any, Callable[[Any], Any]], Iterator["str | None"]]


def spelled(op: Any, sample: Any, seen: Callable[[Any], Any]) -> Iterator[str | None]:
    """The function, the method, the operator and other names: values, types and storage."""
    for function in _spellings(op):
        yield _compared(function, sample, seen)


def without_contiguity(op: Any, sample: Any, seen: Callable[[Any], Any]) -> Iterator[str | None]:
    """The function of numbers that lie apart."""
    from torch.testing._internal.common_utils import noncontiguous_like

    yield _compared(op.op, sample, seen, noncontiguous_like)


def in_place(op: Any, sample: Any, seen: Callable[[Any], Any]) -> Iterator[str | None]:
    """`f_` and `f=`: the same tensor comes back, with what is written and a new version."""
    for function in _in_place_spellings(op):
        ours, theirs = Call(sample, True), Call(sample, False)
        a, b = ours.answer(function), theirs.answer(function)
        told = errors(a, b)
        if told or isinstance(a, Exception):
            yield told
            continue
        yield difference(seen(ours.tensors()), seen(theirs.tensors()))
        yield None if (a is ours.args[0]) == (b is theirs.args[0]) else "identity: another tensor"
        if b._version and not b.equal(Call(sample, False).args[0]):
            yield None if a._version else "version: autograd does not see the change"


def through_a_view(op: Any, sample: Any, seen: Callable[[Any], Any]) -> Iterator[str | None]:
    """`f_` of a part of a tensor with a history: the whole and the gradients."""
    if op.inplace_variant is None or not op.supports_inplace_autograd:
        return
    answers = []
    for call in (Call(sample, True), Call(sample, False)):
        leaf = torch.stack([call.args[0].detach()] * 2).requires_grad_()
        whole = leaf.clone()
        call.args = (whole[1], *call.args[1:])
        answer = call.answer(op.inplace_variant)
        leaves = [leaf, *(x for x in call.tensors() if x.requires_grad and x.is_leaf)]
        answers.append(answer if isinstance(answer, Exception) else gradients(whole, leaves))
    told = errors(*answers)
    yield told if told or isinstance(answers[0], Exception) else difference(*answers)


def into_out(op: Any, sample: Any, seen: Callable[[Any], Any]) -> Iterator[str | None]:
    """`out=`: the given tensors come back, with the result inside."""
    result = Call(sample, False).answer(op.op)
    if not op.supports_out or not all(map(is_strided, tensors(result))):
        return
    if isinstance(result, Exception):
        return
    answers = []
    for typed in (True, False):
        call = Call(sample, typed)
        room = [torch.zeros_like(x, memory_format=torch.contiguous_format) for x in tensors(result)]
        room = [twin(x) if typed and x.is_complex() else x for x in room]
        call.kwargs["out"] = room[0] if isinstance(result, Tensor) else tuple(room)
        answer = call.answer(op.op)
        kept = len(tensors(answer)) == len(room) and all(map(operator.is_, tensors(answer), room))
        answers.append((answer, kept))
    (a, ours), (b, theirs) = answers
    told = errors(a, b)
    if told or isinstance(a, Exception):
        yield told
    elif ours != theirs:
        yield "identity: another tensor than `out`"
    else:
        process = sample.output_process_fn_grad
        yield difference(seen(process(a)), seen(process(b)))


def with_gradients(op: Any, sample: Any, seen: Callable[[Any], Any]) -> Iterator[str | None]:
    """The function and its gradients for every argument that has one."""
    if not op.supports_autograd:
        return
    answers = []
    for typed in (True, False):
        call = Call(sample, typed)
        result = call.answer(lambda *args, **kwargs: op.gradcheck_wrapper(op.op, *args, **kwargs))
        if not isinstance(result, Exception):
            result = sample.output_process_fn_grad(result)
            result = gradients(seen(result), [x for x in call.tensors() if x.requires_grad])
        answers.append(result)
    told = errors(*answers)
    yield told if told or isinstance(answers[0], Exception) else difference(*answers)


def gradients(result: Any, leaves: list[Tensor]) -> Any:
    """The result, what of it has a history, and the gradients of a weighted sum, or its error."""
    outputs = [x for x in tensors(result) if is_strided(x)]
    parts = [reals(x) for x in outputs if x.requires_grad]
    generator = torch.Generator().manual_seed(0)
    weights = [torch.randn(x.shape, generator=generator, dtype=torch.float64) for x in parts]
    found: Any = [None] * len(leaves)
    if parts:
        loss = sum((x * weight).sum() for x, weight in zip(parts, weights, strict=True))
        try:
            found = torch.autograd.grad(loss, leaves, allow_unused=True)
        except RuntimeError as error:
            return error
    found = [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True)]
    return [x.detach() for x in outputs], [x.requires_grad for x in outputs], found


def wrongly(op: Any, sample: Any, seen: Callable[[Any], Any]) -> Iterator[str | None]:
    """What torch refuses for complex numbers is refused, by an error about arguments."""
    yield errors(*(Call(sample, typed).answer(op.op) for typed in (True, False)))


WAYS: tuple[Way, ...] = (spelled, without_contiguity, in_place, through_a_view, into_out)


@contextmanager
def without_stacks() -> Iterator[None]:
    """Nobody looks through all frames who asks, for a seed or for samples: most of the time."""
    asking = "torch.testing._internal.{}.extract_test_fn".format  # finds none in these tests
    seed = torch.default_generator.manual_seed  # notes no frame for devices that are not there
    with (
        mock.patch(asking("common_utils"), return_value=None),
        mock.patch(asking("opinfo.core"), return_value=None),
        mock.patch("torch.manual_seed", seed),
    ):
        yield


def samples(op: Any, recorded: bool = False) -> list[Any]:
    """The calls of the database with complex numbers in them, with a history where it has one."""
    with without_stacks():
        given = op.sample_inputs(
            "cpu", torch.complex128, requires_grad=recorded and op.supports_autograd
        )
        return [sample for sample in given if has_numbers(sample)]


def wrong_samples(op: Any) -> list[Any]:
    """The wrong calls of the database, with complex numbers in place of real ones."""
    with without_stacks():
        found = [x.sample_input for x in op.error_inputs("cpu")] if op.error_inputs_func else []
    for sample in found:
        for name in ("input", "args", "kwargs"):
            setattr(sample, name, tree_map(_as_complex, getattr(sample, name)))
    return [sample for sample in found if has_numbers(sample)]


def _as_complex(x: Any) -> Any:
    is_real = isinstance(x, Tensor) and x.is_floating_point()
    return x.to(torch.complex128) if is_real else x


def _compared(
    function: Callable[..., Any],
    sample: Any,
    seen: Callable[[Any], Any],
    layout: Callable[[Tensor], Tensor] = lambda x: x,
) -> str | None:
    ours, theirs = Call(sample, True, layout), Call(sample, False, layout)
    a, b = ours.answer(function), theirs.answer(function)
    told = errors(a, b)
    if told or isinstance(a, Exception):
        return told
    process = sample.output_process_fn_grad  # what the database compares of a result
    told = difference(seen(process(a)), seen(process(b)))
    if told is None and seen is whole and shared(ours, a) != shared(theirs, b):
        return f"storage: shares {shared(ours, a)}, not {shared(theirs, b)}"
    return told


def whole(result: Any) -> Any:
    """All of a result is looked at."""
    return result


def _spellings(op: Any) -> list[Callable[..., Any]]:
    names = [op.op, op.method_variant, op.operator_variant]
    names += [f for alias in op.aliases for f in (alias.op, alias.method_variant)]
    return [f for f in names if f is not None]


def _in_place_spellings(op: Any) -> list[Callable[..., Any]]:
    names = [op.inplace_variant, op.inplace_operator_variant]
    names += [alias.inplace_variant for alias in op.aliases]
    return [f for f in names if f is not None]
