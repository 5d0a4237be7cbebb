"""Warnings of torch that do not apply to what our own code does."""

from __future__ import annotations

import warnings

from hypercomplex.host.effects import note

__all__ = ["silence"]


def silence(message: str, module: str, reason: str) -> None:
    """Ignore a warning of torch where one module of ours is at work, and nowhere else."""
    warnings.filterwarnings("ignore", message, module=module)
    note("warnings.filters", f"a filter more, for calls from {module} only", reason)
