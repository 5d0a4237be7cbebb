"""Circular convolution and correlation of signals of numbers, by transforms of the components."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.fft.arguments import Dims, given, number_axes
from hypercomplex.functional.arguments import check_factors
from hypercomplex.kernels.precision import single
from hypercomplex.kernels.product import image
from hypercomplex.lowering import AnyBilinear, AnyProduct, derived

__all__ = ["convolve", "correlate"]


@numbers("input other", beside="reals")
def convolve(
    input: Tensor, other: Tensor, dim: Dims = -1, *, algebra: AnyProduct | None = None
) -> Tensor:
    r"""The circular convolution $(f * g)(m) = \sum_l f(l)\, g(m - l)$, in any algebra.

    It is computed by complex transforms of the components, $\hat h_k = \sum_{ij} c_{ijk} \hat f_i
    \hat g_j$, exact whether numbers commute and associate or not. In terms of the left transform
    $\mathcal F$ of an associative algebra: cut $f$ into $f_\parallel = (f - \mu f \mu)/2$, which
    commutes with $\mu$, and $f_\perp = (f + \mu f \mu)/2$, which anticommutes. Then

    $$\mathcal F\{f * g\}(u) = \mathcal F\{f_\parallel\}(u)\, \mathcal F\{g\}(u)
      + \mathcal F\{f_\perp\}(u)\, \mathcal F\{g\}(-u).$$

    Args:
        input: the signal $f$.
        other: the signal $g$, of the same length; further axes broadcast.
        dim: the axis of numbers, or the axes, along which to convolve, counted from the end so
            that both signals have them.
        algebra: the algebra of plain components; or another bilinear map for its product.

    Shape:
        `(…, N, …, n)`, `(…, N, …, n)` → `(…, N, …, n)`.

    Raises:
        ValueError: if the lengths along `dim` differ; fill the shorter signal with zeros.
        TypeError: if `algebra` is missing.
        IndexError: if there is no axis `dim`.

    Example:
        >>> f = hc.QuaternionTensor([[0., 1, 0, 0], [0, 0, 0, 0]])  # i at 0
        >>> g = hc.QuaternionTensor([[0., 0, 0, 0], [0, 0, 1, 0]])  # j at 1
        >>> hc.fft.convolve(f, g)[1]
        QuaternionTensor(0+0i+0j+1k, shape=(), dtype=torch.float32)

    Source:
        Ell & Sangwine 2007; E. Hitzer & S. J. Sangwine (eds.), *Quaternion and Clifford Fourier
        Transforms and Wavelets*, 2013.
    """
    product = given(algebra, "input").product
    return _by_spectra(input, other, dim, product, lambda spectrum: spectrum)


@numbers("input other", beside="reals")
def correlate(
    input: Tensor, other: Tensor, dim: Dims = -1, *, algebra: Algebra | None = None
) -> Tensor:
    r"""The circular cross-correlation $(f \star g)(m) = \sum_l f(l + m)\, \overline{g(l)}$.

    Arguments, shapes and errors are those of `convolve`; over the complex numbers it is
    `numpy.correlate` of periodic signals. Its peak finds the shift between two signals.

    Example:
        >>> f = hc.QuaternionTensor(torch.randn(16, 4))
        >>> hc.fft.correlate(f.roll(5), f).real.argmax()
        tensor(5)

    Source:
        S. J. Sangwine & T. A. Ell, *Hypercomplex auto- and cross-correlation of color images*,
        ICIP 1999.
    """
    product = derived(given(algebra, "input"), "right_conjugated")
    return _by_spectra(input, other, dim, product, torch.conj)


def _by_spectra(
    input: Tensor,
    other: Tensor,
    dim: Dims,
    product: AnyBilinear,
    turned: Callable[[Tensor], Tensor],
) -> Tensor:
    check_factors(input, other, product, ("input", "other"))
    a, b = single(input), single(other)
    dims = [d - a.ndim for d in number_axes(a, dim, None)]
    lengths = [a.shape[d] for d in dims]
    if b.ndim < -min([0, *dims]) or [b.shape[d] for d in dims] != lengths:
        raise ValueError(
            f"`input` and `other` of shapes {tuple(a.shape[:-1])} and {tuple(b.shape[:-1])} must "
            f"have the same lengths along `dim` (={dim}); fill the shorter one with zeros"
        )
    dtype = torch.promote_types(input.dtype, other.dtype)
    if a.numel() * b.numel() == 0 and all(lengths):
        return (a * b).to(dtype)
    f, g = torch.fft.rfftn(a, dim=dims), torch.fft.rfftn(b, dim=dims)
    spectrum = image(f, turned(g), product)
    out = torch.fft.irfftn(spectrum, lengths, dims)
    return out.to(dtype)
