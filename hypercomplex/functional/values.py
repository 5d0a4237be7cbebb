"""Whether Python may look at the values of a tensor, to check them or to skip what none needs."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from torch._C._functorch import TransformType

from hypercomplex.lowering import is_ordinary

__all__ = [
    "all_digits",
    "can_be_read",
    "is_batch",
    "is_eager",
    "is_traced",
    "only_reverse",
    "works_in_place",
]


def can_be_read(x: Tensor) -> bool:
    """Not while tracing or compiling, under a transform of `torch.func`, or on the meta device."""
    return not (
        torch.compiler.is_compiling()
        or x.is_meta
        or torch._C._functorch.is_functorch_wrapped_tensor(x)
        or not is_ordinary(x)
    )


def is_eager() -> bool:
    """Whether code runs plainly: no transform, tracer, mode or dual number looks on."""
    return (
        not torch.compiler.is_compiling()
        and not torch._C._are_functorch_transforms_active()
        and torch._C._len_torch_dispatch_stack() == 0
        and torch.autograd.forward_ad._current_level < 0
        and not is_traced()
    )


def is_traced() -> bool:
    """Whether `torch.jit.trace` writes down what is done."""
    return torch._C._get_tracing_state() is not None


def only_reverse() -> bool:
    """Whether nothing but derivatives in reverse is asked for: torch's kernels for sequences know
    no tangents and no axis to map over.
    """
    stack = torch._C._functorch.get_interpreter_stack() or ()
    return torch.autograd.forward_ad._current_level < 0 and not any(
        transform.key() in (TransformType.Vmap, TransformType.Jvp) for transform in stack
    )


def works_in_place(*tensors: Tensor) -> bool:
    """Whether kernels may be chosen by values, and write into fresh tensors, on a CPU."""
    return is_eager() and all(x.is_cpu and is_ordinary(x) and not is_batch(x) for x in tensors)


def all_digits(x: Tensor) -> AbstractContextManager[None]:
    """Without autocast, which would round the matrix of a product; meta tensors know none."""
    return nullcontext() if x.is_meta else torch.autocast(x.device.type, enabled=False)


def is_batch(x: Tensor) -> bool:
    """Whether x stands for many tensors at once, as old vmap has them, without a transform."""
    return torch._C._functorch.is_legacy_batchedtensor(x)
