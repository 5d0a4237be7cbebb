r"""Fourier transforms of signals of numbers, of windows of them, and convolution.

A transform needs a number $\mu$ with $\mu(\mu x) = -x$ for all $x$, so that
$e^{-\mu\varphi} = \cos\varphi - \mu\sin\varphi$ turns. It stands left or right of the signal,

$$F(u) = \sum_m e^{-\mu\, 2\pi u m / N} f(m), \qquad F(u) = \sum_m f(m)\, e^{-\mu\, 2\pi u m / N},$$

or, on two axes, on both sides. Quaternions have a whole sphere of such $\mu$, so every function
takes `axis=` ($\mu$) and `side=`. Names and the other arguments are those of `torch.fft`, and
functions take a typed tensor, or plain components on the last axis with `algebra=`; `dim` counts
axes of numbers.

Let $J$ be the product with $\mu$, and $G$ the complex transform of each real component. Then
$F = \operatorname{Re} G + J \operatorname{Im} G$, with any $\mu$. Where $J$ permutes the basis up
to signs, as for the units of the classical algebras, it makes complex numbers of pairs of
components, and the transform is that of half as many complex signals.

Source:
    T. A. Ell & S. J. Sangwine, *Hypercomplex Fourier transforms of color images*, IEEE
    Transactions on Image Processing 2007.
"""

from hypercomplex.fft.convolution import convolve, correlate
from hypercomplex.fft.shifts import fftshift, ifftshift
from hypercomplex.fft.short_time import istft, stft
from hypercomplex.fft.transforms import fft, fft2, fftn, ifft, ifft2, ifftn

__all__ = [
    "convolve",
    "correlate",
    "fft",
    "fft2",
    "fftn",
    "fftshift",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "istft",
    "stft",
]
