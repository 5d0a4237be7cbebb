r"""Logarithms of sums of exponentials, without the overflow of the exponentials.

A real number commutes with every other, so $\log \sum_m e^{x_m} = c + \log \sum_m e^{x_m - c}$
for the largest real part $c$. What an algebra adds to $\log$, its branch, is the principal one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.analytic import exp, log, log1p
from hypercomplex.lowering import is_commutative

__all__ = ["logaddexp", "logcumsumexp", "logsumexp"]


def logsumexp(x: Tensor, dims: tuple[int, ...], keepdim: bool, algebra: Algebra) -> Tensor:
    """Over axes of numbers, counted from the front; over none it is `log(exp(x))`.

    Example:
        >>> x = torch.tensor([[1000., 0], [1000., 0]], dtype=torch.float64)
        >>> logsumexp(x, (0,), False, hc.COMPLEX)
        tensor([1000.6931,    0.0000], dtype=torch.float64)
    """
    shift = _finite(x[..., 0].detach().amax(dims, keepdim=True) if x.numel() else x.new_zeros(()))
    terms = exp(_plus(x, -shift), algebra)
    total = log(terms.sum(dims, keepdim=True) if dims else terms, algebra)
    result = _plus(total, shift if x.numel() else x.new_zeros(()))
    return result if keepdim or not dims else result.squeeze(dims)


def logaddexp(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""$\log(e^a + e^b)$.

    Where numbers commute this is $a + \log(1 + e^{b-a})$, with the larger real part in `a`, as
    torch has it for complex numbers: the branch of the logarithm follows `a`.

    Example:
        >>> logaddexp(torch.tensor([0., 5]), torch.tensor([0., 5]), hc.COMPLEX)
        tensor([0.6931, 5.0000])
    """
    a, b = torch.broadcast_tensors(a, b)
    if not is_commutative(algebra):
        return logsumexp(torch.stack([a, b]), (0,), False, algebra)
    first = (a[..., :1] >= b[..., :1]) | a[..., :1].isnan()
    large, small = torch.where(first, a, b), torch.where(first, b, a)
    both_infinite = large[..., :1].isinf() & (large[..., :1] == small[..., :1])
    gap = (small - large).masked_fill(both_infinite, 0)
    return large + log1p(exp(gap, algebra), algebra)


def logcumsumexp(x: Tensor, dim: int, algebra: Algebra) -> Tensor:
    """`logaddexp` of each number and all before it, one after the other.

    Example:
        >>> logcumsumexp(torch.zeros(3, 4), 0, hc.QUATERNION)[:, 0].exp()
        tensor([1., 2., 3.])
    """
    steps: list[Tensor] = []
    for number in x.unbind(dim):
        steps.append(logaddexp(steps[-1], number, algebra) if steps else number)
    return torch.stack(steps, dim) if steps else x.clone()


def _finite(shift: Tensor) -> Tensor:
    return torch.where(shift.isfinite(), shift, 0)


def _plus(x: Tensor, real: Tensor) -> Tensor:
    return torch.cat([x[..., :1] + real.unsqueeze(-1), x[..., 1:]], -1)
