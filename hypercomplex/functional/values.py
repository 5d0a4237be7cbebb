"""Whether Python may look at the values of a tensor, to check them or to skip what none needs."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.lowering import is_ordinary

__all__ = ["can_be_read"]


def can_be_read(x: Tensor) -> bool:
    """Not while tracing or compiling, under a transform of `torch.func`, or on the meta device."""
    return not (
        torch.compiler.is_compiling()
        or x.is_meta
        or torch._C._functorch.is_functorch_wrapped_tensor(x)
        or not is_ordinary(x)
    )
