"""Rotations drawn uniformly."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.functional import normalize
from hypercomplex.functional.arguments import check_dtype, explained

__all__ = ["random"]


@explained
def random(
    *size: int,
    generator: torch.Generator | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    r"""Unit quaternions of uniformly distributed (Haar) rotations: normalised normal numbers.

    Args:
        size: the shape, `random(2, 3)` or `random((2, 3))`.
        generator: the source of random numbers.
        dtype: the type of the components.
        device: where they live; by default where the generator is, if there is one.
        requires_grad: whether autograd records operations on the result.

    Shape:
        `(*size, 4)`.

    Example:
        >>> random(2, 3, generator=torch.Generator().manual_seed(0)).shape
        torch.Size([2, 3, 4])

    Source:
        M. E. Muller, *A note on a method for generating points uniformly on n-dimensional
        spheres*, 1959.
    """
    shape = tuple(size[0]) if len(size) == 1 and not isinstance(size[0], int) else size
    dtype = torch.get_default_dtype() if dtype is None else dtype
    check_dtype("dtype", dtype)
    device = generator.device if device is None and generator is not None else device
    wide = torch.promote_types(dtype, torch.float32)
    drawn = torch.randn(*shape, 4, generator=generator, dtype=wide, device=device)
    return normalize(drawn).to(dtype).requires_grad_(requires_grad)
