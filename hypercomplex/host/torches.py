"""What the torches that are supported do differently, in the words of the newest.

Each asks for what a torch can do; what does not tell is known by its number.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import torch
from torch import nn

from hypercomplex.host.effects import find, has

__all__ = [
    "ALL_GATHER_SINGLE",
    "COMPILES",
    "DIFFERENTIATES",
    "GATHERING",
    "KEEPS_TYPES",
    "REDUCE_SCATTER_SINGLE",
    "batch_norm",
    "precision_of",
]

_NUMBER = tuple(map(int, torch.__version__.split(".")[:2]))

COMPILES = _NUMBER >= (2, 13)
"""Whether torch's compiler reads functions that ask an algebra: it takes objects as constants."""

KEEPS_TYPES = _NUMBER != (2, 14)
"""Whether torch's compiler knows what type a tensor has after a part of it was written."""

DIFFERENTIATES = _NUMBER >= (2, 13)
"""Whether all functional collectives have derivatives."""

GATHERING = {
    "all_gather_single": "gather_dim",
    "all_gather_single_coalesced": "",
    "reduce_scatter_single": "scatter_dim",
    "reduce_scatter_single_coalesced": "scatter_dim",
}
"""Functional collectives that join or split tensors, and their argument for the axis."""
ALL_GATHER_SINGLE, REDUCE_SCATTER_SINGLE = "all_gather_single", "reduce_scatter_single"
if not COMPILES:  # names of 2.13, too
    ALL_GATHER_SINGLE, REDUCE_SCATTER_SINGLE = "all_gather_into_tensor", "reduce_scatter_tensor"
    GATHERING = {
        "all_gather_tensor": "gather_dim",
        "all_gather_into_tensor_coalesced": "",
        "reduce_scatter_tensor": "scatter_dim",
        "reduce_scatter_tensor_coalesced": "scatter_dim",
    }


def _one_for_all(*_: str) -> str:
    return "ieee" if torch.get_float32_matmul_precision() == "highest" else "tf32"


precision_of: Callable[[str, str], str]
"""How a backend rounds float32 in an operation; before 2.9 one setting is for all."""
precision_of = _one_for_all
if has("torch.backends.mkldnn.matmul"):
    precision_of = find("torch._C._get_fp32_precision_getter", "a quick way of a kernel") or (
        lambda *_: "unknown"
    )


class _Unbiased(nn.BatchNorm1d):
    """A norm without bias where `BatchNorm1d` has no argument of that name."""

    def __init__(self, num_features: int, **options: Any) -> None:
        super().__init__(num_features, **options)
        self.register_parameter("bias", None)

    def reset_parameters(self) -> None:
        self.reset_running_stats()
        nn.init.ones_(self.weight)


def batch_norm(num_features: int, bias: bool, **options: Any) -> nn.BatchNorm1d:
    """`torch.nn.BatchNorm1d`, with a bias or without."""
    if bias:
        return nn.BatchNorm1d(num_features, **options)
    if "bias" in signature(nn.BatchNorm1d).parameters:
        return nn.BatchNorm1d(num_features, bias=False, **options)
    return _Unbiased(num_features, **options)
