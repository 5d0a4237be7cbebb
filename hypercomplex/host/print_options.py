"""How torch prints tensors, as `torch.set_printoptions` has it; nothing public tells."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypercomplex.host.effects import find

__all__ = ["PRINT_OPTIONS"]

_AT_FIRST = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None}

PRINT_OPTIONS: Any = find(
    "torch._tensor_str.PRINT_OPTS", "torch.set_printoptions for typed tensors"
) or SimpleNamespace(**_AT_FIRST)
