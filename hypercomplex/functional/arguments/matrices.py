"""What matrices of numbers must be: torch's errors, of its types, in numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments.shapes import check_components, check_floating


def check_precise(argument: str, x: Tensor, name: str, algebra: Algebra) -> None:
    """Linear algebra is for float32 and float64 only, as torch's is."""
    if x.is_floating_point() and x.dtype not in (torch.float32, torch.float64):
        raise RuntimeError(
            f"linalg.{name}: Low precision dtypes not supported. Got {x.dtype}; convert with "
            ".float()"
        )
    check_components(argument, x, algebra)
    check_floating(argument, x)


def check_matrix(A: Tensor, name: str, argument: str = "A") -> None:
    """Two axes of numbers at least."""
    if A.ndim < 3:
        raise RuntimeError(
            f"linalg.{name}: The input tensor `{argument}` must have at least 2 dimensions of "
            f"numbers, but it has the shape {tuple(A.shape[:-1])}; a vector v is a matrix as "
            "v.unsqueeze(-1)"
        )


def check_square(A: Tensor, name: str, argument: str = "A") -> None:
    """As many rows as columns."""
    check_matrix(A, name, argument)
    if A.shape[-3] != A.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: `{argument}` must be batches of square matrices, but they are "
            f"{A.shape[-3]} by {A.shape[-2]} matrices"
        )
