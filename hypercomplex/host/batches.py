"""Batches of typed samples in a DataLoader, which asks no tensor type how to make one."""

from __future__ import annotations

from typing import Any

import torch

from hypercomplex.host.effects import find, note

__all__ = ["batches_of"]

_TABLE = "torch.utils.data._utils.collate.default_collate_fn_map"
_BATCHES = "batches of typed samples in a DataLoader"


def batches_of(cls: type) -> None:
    """Have DataLoaders stack tensors of a type: the first type that a sample is decides."""
    table = find(_TABLE, _BATCHES)
    if table is None:
        return
    known = dict(table)
    table.clear()
    table.update({cls: _collate, **known})
    note(_TABLE, "an entry more, for typed tensors", _BATCHES)


def _collate(batch: list[Any], *, collate_fn_map: Any = None) -> Any:
    """A batch of typed samples, in shared memory inside a worker."""
    stacked = torch.stack(batch)
    return stacked if torch.utils.data.get_worker_info() is None else stacked.share_memory_()
