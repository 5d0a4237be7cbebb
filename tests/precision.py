"""Settings of torch under which products of float32 lose digits."""

from contextlib import contextmanager

import torch


@contextmanager
def rounded_products():
    """Factors of matrix products are rounded to bfloat16 where a CPU can."""
    kept = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(kept)
