"""Containers of tensors, taken apart as `torch.func` and the compiler do."""

from __future__ import annotations

from typing import Any

from hypercomplex.host.effects import find

__all__ = ["tree_leaves", "tree_map"]

_FUNC = "torch.func of typed tensors"

tree_leaves: Any = find("torch.utils._pytree.tree_leaves", _FUNC)
tree_map: Any = find("torch.utils._pytree.tree_map", _FUNC)
