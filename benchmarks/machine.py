"""This machine: what it is, and how a benchmark sets it up."""

from __future__ import annotations

import ctypes
import os
import platform
from datetime import datetime, timezone
from pathlib import Path

import torch

import hypercomplex as hc

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


def processor(device: str = "cpu") -> str:
    """Its name, as the system gives it."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    info = Path("/proc/cpuinfo")
    names = info.read_text().split("\n") if info.exists() else []
    found = (line.partition(":")[2].strip() for line in names if line.startswith("model name"))
    return next(found, platform.processor() or platform.machine())


def described(device: str = "cpu") -> dict[str, str]:
    """What a figure cannot be read without."""
    return {
        "machine": processor(device),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": f"{torch.get_num_threads()} of {os.cpu_count()}",
        "torch": torch.__version__,
        "hypercomplex": hc.__version__,
        "python": platform.python_version(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
    }


def in_words(facts: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def keep_memory() -> bool:
    """Have the allocator keep what is freed; whether it does.

    Else glibc gives every large tensor back to the system and takes each of its pages anew.
    """
    try:
        option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # not glibc
        return False
    return bool(option(_M_MMAP_MAX, 0) and option(_M_TRIM_THRESHOLD, 2**31 - 1))
