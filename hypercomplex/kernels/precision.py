"""In which type numbers are computed: what autocast asks for, and what every CPU can do."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.host.mode import autocasts

__all__ = ["autocast_dtype", "needs_single", "precise", "promoted", "single"]

_HALF = (torch.bfloat16, torch.float16)


def single(x: Tensor) -> Tensor:
    """Half precision as float32, in which functions and sums are computed and rounded once."""
    return x.float() if x.dtype in _HALF else x


def precise(x: Tensor) -> Tensor:
    """In the widest type of its device."""
    return x.float() if x.device.type == "mps" else x.double()  # which has no float64


def promoted(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both in the type to which torch promotes them."""
    if a.dtype == b.dtype:
        return a, b
    dtype = torch.promote_types(a.dtype, b.dtype)
    return a.to(dtype), b.to(dtype)


def autocast_dtype(x: Tensor) -> torch.dtype:
    """The type in which autocast multiplies matrices by x: its own if float64, or without it."""
    if x.dtype == torch.float64 or not autocasts(x):
        return x.dtype
    return torch.get_autocast_dtype(x.device.type)


def needs_single(x: Tensor, dtype: torch.dtype) -> bool:
    """Whether an LSTM beside x whose results have that type is computed in float32.

    On a CPU torch gives half precision to oneDNN, which has a kernel for it on some machines, and
    an error on others. In single precision all have one, and it rounds once, at the end.
    """
    return x.device.type == "cpu" and dtype in _HALF
