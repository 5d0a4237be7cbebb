"""Who looks on while code runs, and what its tensors allow: all that kernels are chosen by.

Nothing else in the library asks torch whether a compiler, a transform of `torch.func`, a tracer, a
mode or a dual number is there. A *mode* is a set of facts, written as the sum of their bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import zip_longest
from math import prod

import torch
from torch import Tensor
from torch.autograd import forward_ad

from hypercomplex.host.effects import find
from hypercomplex.host.torches import precision_of

__all__ = [
    "COMPILED",
    "EAGER",
    "FACTS",
    "FEW",
    "INTERPRETED",
    "IN_PLACE",
    "MANY",
    "ORDINARY",
    "PACKED",
    "PRECISE",
    "READABLE",
    "UNRECORDED",
    "UNROUNDED",
    "all_digits",
    "autocasts",
    "can_be_kept",
    "can_be_read",
    "compiler_looks",
    "compiler_reads",
    "interpreted",
    "is_compiling",
    "is_concrete",
    "is_eager",
    "is_exporting",
    "is_few",
    "is_known_size",
    "is_ordinary",
    "is_recorded",
    "is_traced",
    "is_transformed",
    "is_wrapped",
    "keeps_digits",
    "mode",
    "only_reverse",
    "refuse_fakes",
    "stands_for_many",
    "untraced",
    "without_record",
    "works_in_place",
    "works_plainly",
    "writes",
]

(
    COMPILED,
    INTERPRETED,
    ORDINARY,
    READABLE,
    EAGER,
    IN_PLACE,
    UNRECORDED,
    FEW,
    MANY,
    PACKED,
    PRECISE,
    UNROUNDED,
) = (1 << bit for bit in range(12))
FACTS = {
    COMPILED: "compiled: torch's compiler writes the code down",
    INTERPRETED: "interpreted: torch runs one call after the other",
    ORDINARY: "ordinary: no Python code stands in for a tensor, as it does for a fake one",
    READABLE: "readable: Python may look at values",
    EAGER: "eager: no transform, tracer, mode or dual number looks on",
    IN_PLACE: "in place: plain eager code on a CPU, which may write into fresh tensors",
    UNRECORDED: "unrecorded: no derivative is recorded",
    FEW: "few: the cost is in the number of calls, not in the size of the tensors",
    MANY: "many: the cost is in the size",
    PACKED: "packed: the components of a number lie side by side",
    PRECISE: "precise: all tensors hold float32, or all float64",
    UNROUNDED: "unrounded: few, on a CPU, where products of matrices keep all digits",
}
"""What a mode may say."""

# As many numbers, whatever their dimension, cost about the same in few large and in many small
# calls, forward and backward: 1,000 in dimension 2, 3,000 in dimension 4, 2,000 in dimension 8.
_FEW = 2_000
_PRECISE = (torch.float32, torch.float64)
_ALL = sum(FACTS) - COMPILED - MANY
_LOOKS, _SIZES = EAGER | READABLE | IN_PLACE, FEW | MANY | UNROUNDED
_PLAIN_DISPATCH = Tensor.__torch_dispatch__
_AS_IT_IS = nullcontext()

is_compiling: Callable[[], bool] = torch.compiler.is_compiling
"""Whether torch's compiler, or an exporter, writes down what is done."""
is_exporting: Callable[[], bool] = torch.compiler.is_exporting
"""Whether what is written down is read where nobody knows us."""
compiler_reads: Callable[[], bool] = torch.compiler.is_dynamo_compiling
"""Whether torch's compiler reads the code that asks."""
is_wrapped: Callable[[Tensor], bool]
"""Whether a tensor is inside of a derivative or a map of `torch.func`."""
is_transformed: Callable[[], bool]
"""Whether code is."""

# Where a torch does not tell, somebody is taken to look on, as long as slow ways are right for all.
_FUNC, _QUICK = "torch.func of typed tensors", "a quick way of a kernel"
_CORE = "torch._C._functorch"
is_wrapped = find(f"{_CORE}.is_functorch_wrapped_tensor", _FUNC) or (lambda _: False)
is_transformed = find("torch._C._are_functorch_transforms_active", _QUICK) or (lambda: True)
_is_batch = find(f"{_CORE}.is_legacy_batchedtensor", _QUICK) or (lambda _: True)
_has_no_values = find("torch._C._dispatch_isTensorSubclassLike", _QUICK) or (lambda _: True)
_transforms = find(f"{_CORE}.get_interpreter_stack", _QUICK)
_kinds = find(f"{_CORE}.TransformType", _QUICK)
_count_modes = find("torch._C._len_torch_dispatch_stack", _QUICK) or (lambda: 1)
_trace = find("torch._C._get_tracing_state", "a quick look for tracers") or (
    lambda: torch.jit.is_tracing() or None  # type: ignore[attr-defined, no-untyped-call]
)
_set_trace = find("torch._C._set_tracing_state", "torch.jit.trace with constants of its own")
_version = find("torch.Tensor._version", "one product for all times, in layers that users write")
without_record: Callable[[], AbstractContextManager[None]]
"""Where ordinary tensors are computed with and nothing is recorded, not even who is whose view."""
without_record = find("torch._C._AutoDispatchBelowAutograd", _QUICK) or torch.no_grad
_any_autocast = find("torch._C._is_any_autocast_enabled", _QUICK) or (lambda: True)
_tracing_context = find("torch._guards.TracingContext", "torch.compile of typed tensors")
find("torch.autograd.forward_ad._current_level", _QUICK)  # changes, so it is looked at anew


def mode(*tensors: Tensor, asked: int = _ALL) -> int:
    """The facts about numbers, components on the last axis, that are worked with now.

    What is not asked for may be missing, or said without having been looked at.

    Example:
        >>> few = mode(torch.ones(2, 4))
        >>> bool(few & FEW), bool(few & COMPILED)
        (True, False)
    """
    return COMPILED if is_compiling() else interpreted(asked, *tensors)


def interpreted(asked: int, *tensors: Tensor) -> int:
    """The same, where it is known that no compiler looks on."""
    facts, looks, sizes, packed = _ALL, asked & _LOOKS, asked & _SIZES, asked & PACKED
    if looks and not _is_plain():
        facts &= ~(EAGER | IN_PLACE | READABLE) if is_watched() else ~(EAGER | IN_PLACE)
    recording = asked & UNRECORDED and torch.is_grad_enabled()
    dtype, together = tensors[0].dtype, 1
    if dtype not in _PRECISE:
        facts &= ~(PRECISE | UNROUNDED)
    for x in tensors:
        if type(x).__torch_dispatch__ is not _PLAIN_DISPATCH:
            facts &= ~(ORDINARY | READABLE | IN_PLACE)
        elif looks and _has_no_values(x):
            facts &= ~(READABLE | IN_PLACE)
        if not x.is_cpu:
            facts &= ~(IN_PLACE | UNROUNDED)
        if x.dtype != dtype:
            facts &= ~(PRECISE | UNROUNDED)
        if recording and x.requires_grad:
            facts &= ~UNRECORDED
        if packed and x.stride(-1) != 1 and x.shape[-1] > 1:
            facts &= ~PACKED
        if sizes:
            together *= x.numel()
    if together > _FEW and _numbers(*tensors) > _FEW:
        facts = facts & ~(FEW | UNROUNDED) | MANY
    if facts & UNROUNDED and not (asked & UNROUNDED and _keeps_digits(dtype)):
        facts &= ~UNROUNDED
    return facts


def is_few(x: Tensor) -> bool:
    """Whether a tensor holds few numbers in eager code, or a tracer looks on, who is not asked for
    sizes: nothing that serves many comes into question then.
    """
    return not is_compiling() and (_trace() is not None or x.numel() <= _FEW)


def _numbers(*tensors: Tensor) -> int:
    """How many numbers there are once shapes are broadcast."""
    shapes = [x.shape[-2::-1] for x in tensors]
    if shapes.count(shapes[0]) == len(shapes):
        return prod(shapes[0])
    return prod(max(sizes) for sizes in zip_longest(*shapes, fillvalue=1))


def refuse_fakes() -> None:
    """Refuse to make numbers while `torch.export` traces fake tensors, which cannot be numbers."""
    if is_exporting() and not compiler_reads():
        raise NotImplementedError(
            "torch.export traces fake tensors, which cannot be numbers, unless it is strict: call "
            "torch.export.export(model, inputs, strict=True), or export hc.nn.to_real(model)"
        )


def is_known_size(size: int) -> bool:
    """Whether a size is a number, and no symbol of torch's compiler or of an exporter."""
    if not is_compiling():
        return isinstance(size, int)
    from torch.fx.experimental.symbolic_shapes import has_static_value

    return has_static_value(size)


def compiler_looks() -> bool:
    """Whether torch's compiler, while it reads code, asks a real tensor for its sizes and strides:
    it must be shown the storage.
    """
    return (
        not compiler_reads()
        and _tracing_context is not None
        and _tracing_context.try_get() is not None
    )


def stands_for_many(x: Tensor) -> bool:
    """Whether a tensor is one of many that are mapped over, as gradients are that are asked for at
    once.
    """
    return bool(is_wrapped(x) or _is_batch(x))


def is_ordinary(x: Tensor) -> bool:
    """Whether no Python code stands in for the tensor, as it does for a fake one."""
    return type(x).__torch_dispatch__ is _PLAIN_DISPATCH


def is_concrete(x: Tensor) -> bool:
    """Whether what is made of x now is computed now, by nobody's stand-in."""
    return not is_compiling() and type(x).__torch_dispatch__ is _PLAIN_DISPATCH


def can_be_kept(x: Tensor) -> bool:
    """Whether the tensor is nobody's stand-in, and may live on."""
    return is_ordinary(x) and not is_wrapped(x)


def writes(x: Tensor) -> int | None:
    """How many writes to a tensor torch has counted; None where it does not count."""
    if _version is None or not can_be_kept(x) or x.is_inference():
        return None
    counted: int = _version.__get__(x)
    return counted


def can_be_read(x: Tensor) -> bool:
    """Not while tracing or compiling, of what stands for many or none, or on the meta device."""
    return (
        not is_compiling()
        and not x.is_meta
        and can_be_kept(x)
        and not _is_batch(x)
        and not is_watched()
    )


def is_eager() -> bool:
    """Whether code runs plainly: no transform, tracer, mode or dual number looks on."""
    return not is_compiling() and _is_plain()


def _is_plain() -> bool:
    """The same, where it is known that no compiler does."""
    return (
        not is_transformed()
        and _count_modes() == 0
        and getattr(forward_ad, "_current_level", 0) < 0
        and _trace() is None
    )


def works_plainly(*tensors: Tensor | None) -> bool:
    """Whether code runs plainly, on ordinary tensors."""
    for x in tensors:
        if x is not None and type(x).__torch_dispatch__ is not _PLAIN_DISPATCH:
            return False
    return is_eager()


def is_recorded(*tensors: Tensor | None) -> bool:
    """Whether a derivative of what is made of the tensors is recorded."""
    if torch.is_grad_enabled():
        for x in tensors:
            if x is not None and x.requires_grad:
                return True
    return False


def is_traced() -> bool:
    """Whether `torch.jit.trace` writes down what is done."""
    return _trace() is not None


@contextmanager
def untraced() -> Iterator[None]:
    """Where `torch.jit.trace` writes nothing down: what is made there is a constant to it."""
    state = None if _set_trace is None else _trace()
    if state is None or state is True:  # True: this torch does not hand out its state
        yield
        return
    _set_trace(None)
    try:
        yield
    finally:
        _set_trace(state)


def is_watched() -> bool:
    """Whether a mode or a tracer sees each operation."""
    return _count_modes() > 0 or _trace() is not None


def only_reverse() -> bool:
    """Whether nothing but derivatives in reverse is asked for: torch's kernels for sequences know
    no tangents and no axis to map over.
    """
    if _transforms is None or _kinds is None:
        return False
    others = (_kinds.Vmap, _kinds.Jvp)
    return getattr(forward_ad, "_current_level", 0) < 0 and not any(
        each.key() in others for each in _transforms() or ()
    )


def works_in_place(*tensors: Tensor) -> bool:
    """Whether kernels may be chosen by values, and write into fresh tensors, on a CPU."""
    return is_eager() and all(x.is_cpu and is_ordinary(x) and not _is_batch(x) for x in tensors)


def all_digits(x: Tensor) -> AbstractContextManager[None]:
    """Without autocast, which would round the matrix of a product; meta tensors know none."""
    return torch.autocast(x.device.type, enabled=False) if autocasts(x) else _AS_IT_IS


def autocasts(x: Tensor) -> bool:
    """Whether autocast rounds the factors of a product of matrices with x."""
    if not (_any_autocast() or is_compiling()):
        return False
    return not x.is_meta and torch.is_autocast_enabled(x.device.type)


def keeps_digits(dtype: torch.dtype, device: str = "cpu") -> bool:
    """Whether products of matrices keep the precision of their factors, autocast aside."""
    backend = "cuda" if device == "cuda" else "mkldnn"
    return dtype == torch.float64 or precision_of(backend, "matmul") in ("none", "ieee")


def _keeps_digits(dtype: torch.dtype) -> bool:
    """Whether products of matrices on a CPU do, under autocast, too; in no more calls than that."""
    return not (_any_autocast() and torch.is_autocast_enabled("cpu")) and (
        dtype == torch.float64 or precision_of("mkldnn", "matmul") in ("none", "ieee")
    )
