"""Frequencies put into order."""

from __future__ import annotations

from torch import Tensor

from hypercomplex.door.declarations import numbers
from hypercomplex.fft.arguments import Dims, number_axes
from hypercomplex.functional.arguments import check_numbers

__all__ = ["fftshift", "ifftshift"]


@numbers("input")
def fftshift(input: Tensor, dim: Dims = None) -> Tensor:
    """Frequency zero into the middle: `torch.fft.fftshift` along axes of numbers, by default all.

    Shape:
        `(…, n)` → the same.

    Raises:
        IndexError: if there is no axis `dim`.

    Example:
        >>> hc.fft.fftshift(torch.tensor([[0., 0], [1, 1], [2, 2], [-1, -1]]))[:, 0]
        tensor([ 2., -1.,  0.,  1.])
    """
    check_numbers("input", input)
    dims = number_axes(input, dim, None)
    return input.roll([input.shape[d] // 2 for d in dims], dims) if dims else input.clone()


@numbers("input")
def ifftshift(input: Tensor, dim: Dims = None) -> Tensor:
    """The inverse of `fftshift`.

    Shape:
        `(…, n)` → the same.

    Raises:
        IndexError: if there is no axis `dim`.

    Example:
        >>> hc.fft.ifftshift(hc.fft.fftshift(torch.arange(3.).view(3, 1)))[:, 0]
        tensor([0., 1., 2.])
    """
    check_numbers("input", input)
    dims = number_axes(input, dim, None)
    return input.roll([-(input.shape[d] // 2) for d in dims], dims) if dims else input.clone()
