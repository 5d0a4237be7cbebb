"""Whether two tensors hold the same bytes, by C's own comparison.

PyTorch compares element by element, at a third of the speed, and takes no NaN for itself and -0
for 0.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["same_bytes"]


def _compare() -> Callable[[int, int, int], int] | None:
    try:
        found = ctypes.CDLL("msvcrt" if os.name == "nt" else None).memcmp
    except (AttributeError, OSError):
        return None
    found.argtypes = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t
    return found


_memcmp = _compare()


def same_bytes(a: Tensor, b: Tensor) -> bool:
    """Whether tensors on a CPU are of one type and shape, and hold the same bytes.

    Example:
        >>> same_bytes(torch.zeros(2), torch.zeros(2)), same_bytes(torch.zeros(2), -torch.zeros(2))
        (True, False)
    """
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    a, b = (x.detach().resolve_neg().contiguous() for x in (a, b))
    if _memcmp is None:
        return torch.equal(a.view(-1).view(torch.uint8), b.view(-1).view(torch.uint8))
    return _memcmp(a.data_ptr(), b.data_ptr(), a.numel() * a.element_size()) == 0
