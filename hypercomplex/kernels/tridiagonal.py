r"""Block tridiagonal systems $B_i x_{i-1} + D_i x_i + C_i x_{i+1} = f_i$, by cyclic reduction.

The odd unknowns are written in terms of their neighbours and put into the even equations, which are
such a system again, half as long. So n blocks cost O(n) in time and memory and ⌈log₂ n⌉ steps, all
of them differentiable, where elimination from one end takes n. No pivots are needed where the
diagonal outweighs its neighbours.

Source:
    R. W. Hockney, *A fast direct solution of Poisson's equation using Fourier analysis*, 1965.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

__all__ = ["solve_tridiagonal"]


def solve_tridiagonal(below: Tensor, here: Tensor, above: Tensor, right: Tensor) -> Tensor:
    """The unknowns `(…, n, k, 1)` of blocks `(…, n, k, k)`, of which the first `below` and the last
    `above` are 0, and right sides `(…, n, k, 1)`.
    """
    n = here.shape[-3]
    if n == 1:
        return torch.linalg.inv_ex(here)[0] @ right
    evens, odds = n - n // 2, n // 2
    inverse = torch.linalg.inv_ex(here[..., 1::2, :, :])[0]
    low, high, side = (inverse @ x[..., 1::2, :, :] for x in (below, above, right))
    to_last, to_next = below[..., 2::2, :, :], above[..., : n - 1 : 2, :, :]

    def from_last(x: Tensor) -> Tensor:
        return _joined(to_last @ x[..., : evens - 1, :, :], before=1)

    def from_next(x: Tensor) -> Tensor:
        return _joined(to_next @ x, after=evens - odds)

    even = solve_tridiagonal(
        -from_last(low),
        here[..., ::2, :, :] - from_last(high) - from_next(low),
        -from_next(high),
        right[..., ::2, :, :] - from_last(side) - from_next(side),
    )
    after = _joined(even[..., 1:, :, :], after=odds - evens + 1)
    odd = side - low @ even[..., :odds, :, :] - high @ after
    pairs = torch.stack([even, _joined(odd, after=evens - odds)], -3)
    return pairs.flatten(-4, -3)[..., :n, :, :]


def _joined(x: Tensor, before: int = 0, after: int = 0) -> Tensor:
    """Blocks with so many blocks of zeros."""
    return pad(x, (0, 0, 0, 0, before, after))
