r"""Fourier transforms of signals of numbers, and convolution.

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

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any, Literal

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional import conj, left_matrix, product, right_matrix
from hypercomplex.functional.dispatch import is_typed, overridable

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
]

Side = Literal["left", "right", "two-sided"]
Axis = Any  # one number μ: a tensor, a typed tensor or a sequence; or a pair of them; or None
Dims = int | Sequence[int] | None
Pairs = tuple[tuple[int, int], ...]  # (j, k) with μ e_j = e_k: x_j + i x_k is one complex number


# ---------------------------------------------------------------------- transforms


def fft(
    input: Tensor,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
    *,
    axis: Axis = None,
    side: Side = "left",
    algebra: Algebra | None = None,
) -> Tensor:
    r"""The Fourier transform along one axis, $F(u) = \sum_m e^{-\mu\, 2\pi u m / N} f(m)$.

    Args:
        input: the signal, typed, or components `(…, N, …, n)`.
        n: the length to which the signal is cut or filled with zeros; its own if None.
        dim: the axis of numbers to transform.
        norm: "backward" (no factor, the default), "ortho" ($1/\sqrt N$) or "forward" ($1/N$).
        axis: $\mu$, as components or as a typed number; by default the first unit with a negative
            square, scaled to square to $-1$: $i$ for quaternions.
        side: "left" ($e^{-\mu\varphi} f$) or "right" ($f\, e^{-\mu\varphi}$).
        algebra: the algebra of plain components; that of a typed tensor is known.

    Shape:
        `(…, N, …, n)` → the same, with `N` replaced by the argument `n`. Half precision is
        computed in float32 and rounded.

    Raises:
        ValueError: if `axis` is no number with $\mu(\mu x) = -x$ (not decided under
            `torch.compile` and `vmap`), or the algebra has no default, or `side` does not fit.
        TypeError: if `algebra` is missing, or `axis` is one real number, such as a dimension.
        IndexError: if there is no axis `dim`.
        RuntimeError: where `torch.fft` raises it, as for an empty axis.

    Example:
        >>> turning = hc.QuaternionTensor([[1., 0, 0, 0], [0, 1, 0, 0], [-1, 0, 0, 0], [0, -1, 0, 0]])
        >>> hc.fft.fft(turning).real  # exp(i 2π m/4) has frequency 1
        tensor([0., 4., 0., 0.])
        >>> hc.fft.fft(turning, axis=(0, -1, 0, 0)).real  # and -1, seen about -i
        tensor([0., 0., 0., 4.])

    Source:
        Ell & Sangwine 2007, equations 6 and 7.
    """
    return transform(input, _one(n), (dim,), norm, axis, side, algebra, False)


def ifft(
    input: Tensor,
    n: int | None = None,
    dim: int = -1,
    norm: str | None = None,
    *,
    axis: Axis = None,
    side: Side = "left",
    algebra: Algebra | None = None,
) -> Tensor:
    r"""The inverse of `fft`, $f(m) = \frac1N \sum_u e^{\mu\, 2\pi u m / N} F(u)$.

    Arguments, shapes and errors are those of `fft`; `norm`, `axis` and `side` must be the same.

    Example:
        >>> q = torch.randn(8, 4, dtype=torch.float64)
        >>> mu = torch.tensor([0, 1., 1, 1], dtype=torch.float64) / 3**0.5
        >>> there = hc.fft.fft(q, axis=mu, side="right", algebra=hc.QUATERNION)
        >>> back = hc.fft.ifft(there, axis=mu, side="right", algebra=hc.QUATERNION)
        >>> torch.allclose(back, q)
        True
    """
    return transform(input, _one(n), (dim,), norm, axis, side, algebra, True)


def fft2(
    input: Tensor,
    s: Sequence[int] | None = None,
    dim: Sequence[int] = (-2, -1),
    norm: str | None = None,
    *,
    axis: Axis = None,
    side: Side = "left",
    algebra: Algebra | None = None,
) -> Tensor:
    r"""The Fourier transform of an image: with $\varphi = 2\pi(um/M + vl/L)$ from one side,

    $$F(u, v) = \sum_{ml} e^{-\mu\varphi} f(m, l) \quad\text{or}\quad
      \sum_{ml} f(m, l)\, e^{-\mu\varphi},$$

    and two-sided with one $\mu$ for each axis,

    $$F(u, v) = \sum_{ml} \bigl(e^{-\mu_1 2\pi um/M} f(m, l)\bigr)\, e^{-\mu_2 2\pi vl/L}.$$

    Arguments, shapes and errors are those of `fft`, with sizes `s` and axes `dim`. For
    `side="two-sided"`, `axis` is $\mu_1$ and $\mu_2$, or one number for both; by default the first
    and, where there is one, the second unit with a negative square: $i$ and $j$ for quaternions.

    Example:
        >>> image = hc.QuaternionTensor(torch.randn(6, 5, 4))
        >>> hc.fft.fft2(image, side="two-sided").shape
        torch.Size([6, 5])

    Source:
        T. A. Ell, *Quaternion-Fourier transforms for analysis of two-dimensional linear
        time-invariant partial differential systems*, CDC 1993 (two-sided).
    """
    return transform(input, s, tuple(dim), norm, axis, side, algebra, False)


def ifft2(
    input: Tensor,
    s: Sequence[int] | None = None,
    dim: Sequence[int] = (-2, -1),
    norm: str | None = None,
    *,
    axis: Axis = None,
    side: Side = "left",
    algebra: Algebra | None = None,
) -> Tensor:
    """The inverse of `fft2`, with the same `norm`, `axis` and `side`.

    Example:
        >>> image = hc.QuaternionTensor(torch.randn(6, 5, 4, dtype=torch.float64))
        >>> there = hc.fft.fft2(image, side="two-sided")
        >>> torch.allclose(hc.fft.ifft2(there, side="two-sided"), image)
        True
    """
    return transform(input, s, tuple(dim), norm, axis, side, algebra, True)


def fftn(
    input: Tensor,
    s: Sequence[int] | None = None,
    dim: Dims = None,
    norm: str | None = None,
    *,
    axis: Axis = None,
    side: Side = "left",
    algebra: Algebra | None = None,
) -> Tensor:
    r"""The Fourier transform along several axes, by default all of them (or the last `len(s)`).

    $F(u) = \sum_m e^{-\mu\varphi} f(m)$ with $\varphi = 2\pi \sum_d u_d m_d / N_d$. Arguments,
    shapes and errors are those of `fft2`; two-sided there must be two axes.

    Example:
        >>> hc.fft.fftn(torch.ones(2, 3, 5, 8), algebra=hc.OCTONION)[0, 0, 0]
        tensor([30., 30., 30., 30., 30., 30., 30., 30.])
    """
    return transform(input, s, dim, norm, axis, side, algebra, False)


def ifftn(
    input: Tensor,
    s: Sequence[int] | None = None,
    dim: Dims = None,
    norm: str | None = None,
    *,
    axis: Axis = None,
    side: Side = "left",
    algebra: Algebra | None = None,
) -> Tensor:
    """The inverse of `fftn`, with the same `norm`, `axis` and `side`.

    Example:
        >>> volume = hc.QuaternionTensor(torch.randn(2, 3, 5, 4, dtype=torch.float64))
        >>> torch.allclose(hc.fft.ifftn(hc.fft.fftn(volume)), volume)
        True
    """
    return transform(input, s, dim, norm, axis, side, algebra, True)


@overridable
def transform(
    input: Tensor,
    s: Sequence[int] | None,
    dim: Dims,
    norm: str | None,
    axis: Axis,
    side: Side,
    algebra: Algebra | None,
    inverse: bool,
) -> Tensor:
    """What all transforms above are: `ifftn` where `inverse` is set, `fftn` otherwise.

    Example:
        >>> x = torch.ones(3, 4)
        >>> transform(x, None, None, None, None, "left", hc.QUATERNION, False)[0]
        tensor([3., 3., 3., 3.])
    """
    algebra = _check(input, algebra, "input")
    dims = _dims(input, dim, s)
    turns = _turns(axis, side, algebra, input, dims)
    if inverse:
        turns.reverse()  # the order matters where numbers do not associate
    kernel = torch.fft.ifftn if inverse else torch.fft.fftn
    lengths = dict(zip(dims, s, strict=True)) if s is not None else {}
    out = input.float() if input.dtype in (torch.float16, torch.bfloat16) else input
    for where, turn in turns:
        out = _turn(out, kernel, [lengths.get(d, -1) for d in where], where, norm, turn)
    return out.to(input.dtype)


# ---------------------------------------------------------------------- shifts


@overridable
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
    dims = _dims(input, dim, None)
    return input.roll([input.shape[d] // 2 for d in dims], dims) if dims else input.clone()


@overridable
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
    dims = _dims(input, dim, None)
    return input.roll([-(input.shape[d] // 2) for d in dims], dims) if dims else input.clone()


# ---------------------------------------------------------------------- convolution


@overridable
def convolve(
    input: Tensor, other: Tensor, dim: Dims = -1, *, algebra: Algebra | None = None
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
        algebra: the algebra of plain components.

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
    return _by_spectra(input, other, dim, algebra, lambda f, g, a: product(f, g, a))


@overridable
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
    return _by_spectra(input, other, dim, algebra, lambda f, g, a: product(f, conj(g.conj(), a), a))


# ---------------------------------------------------------------------- one turn


def _turn(
    x: Tensor,
    kernel: Callable[..., Tensor],
    s: list[int],
    dims: list[int],
    norm: str | None,
    turn: Pairs | Tensor,
) -> Tensor:
    """The transform of components with one kernel on one side, μ given by pairs or by its matrix."""
    lengths = [x.shape[d] if n == -1 else n for n, d in zip(s, dims, strict=True)]
    if x.numel() == 0 and min(lengths) > 0:  # torch's transform of no signals fails
        return _of_nothing(x, dict(zip(dims, lengths, strict=True)))
    if not isinstance(turn, Tensor):
        return _turn_pairs(x, kernel, s, dims, norm, turn)
    spectrum = kernel(x, s, dims, norm)
    with torch.autocast(x.device.type, enabled=False):
        return spectrum.real + spectrum.imag @ turn.mT


def _turn_pairs(
    x: Tensor,
    kernel: Callable[..., Tensor],
    s: list[int],
    dims: list[int],
    norm: str | None,
    pairs: Pairs,
) -> Tensor:
    """The same with pairs of components as complex numbers, one complex signal after the other."""
    parts = x.unbind(-1)
    signals = torch.stack([torch.complex(parts[j], parts[k]) for j, k in pairs])
    spectra = kernel(signals, s, [d + 1 for d in dims], norm)
    out: dict[int, Tensor] = {}
    for (j, k), spectrum in zip(pairs, spectra.unbind(0), strict=True):
        out[j], out[k] = spectrum.real, spectrum.imag
    return torch.stack([out[i] for i in range(len(parts))], -1)


def _of_nothing(x: Tensor, lengths: dict[int, int]) -> Tensor:
    """Zeros of the lengths of the result, still a function of x for autograd."""
    return x.new_zeros([lengths.get(d, n) for d, n in enumerate(x.shape)]) + x.sum()


def _by_spectra(
    input: Tensor,
    other: Tensor,
    dim: Dims,
    algebra: Algebra | None,
    multiply: Callable[[Tensor, Tensor, Algebra], Tensor],
) -> Tensor:
    algebra = _check(input, algebra, "input")
    _check(other, algebra, "other")
    a, b = (x.float() if x.dtype in (torch.float16, torch.bfloat16) else x for x in (input, other))
    dims = [d - a.ndim for d in _dims(a, dim, None)]
    lengths = [a.shape[d] for d in dims]
    if b.ndim < max(-d for d in dims) or [b.shape[d] for d in dims] != lengths:
        raise ValueError(
            f"`input` and `other` of shapes {tuple(a.shape[:-1])} and {tuple(b.shape[:-1])} must "
            f"have the same lengths along `dim` (={dim}); fill the shorter one with zeros"
        )
    dtype = torch.promote_types(input.dtype, other.dtype)
    if a.numel() * b.numel() == 0 and min(lengths) > 0:
        return (a * b).to(dtype)
    spectra = (torch.fft.rfftn(x, dim=dims) for x in (a, b))
    out = torch.fft.irfftn(multiply(*spectra, algebra), lengths, dims)
    return out.to(dtype)


# ---------------------------------------------------------------------- the root of -1


def _turns(
    axis: Axis, side: Side, algebra: Algebra, input: Tensor, dims: list[int]
) -> list[tuple[list[int], Pairs | Tensor]]:
    """Which axes are turned by what: one kernel for all, or one on the left and one on the right."""
    if side in ("left", "right"):
        return [(dims, _root(axis, algebra, side, input))]
    if side != "two-sided":
        raise ValueError(f"`side` (={side!r}) must be 'left', 'right' or 'two-sided'")
    if len(dims) != 2:
        raise ValueError(
            f"`side` (={side!r}) needs two axes, the first turned from the left and the second "
            f"from the right, but `dim` names {len(dims)}; use 'left' or 'right'"
        )
    first, second = axis if _is_pair(axis) else (axis, axis)
    return [
        (dims[:1], _root(first, algebra, "left", input)),
        (dims[1:], _root(second, algebra, "right", input, default=1)),
    ]


def _root(
    axis: Axis, algebra: Algebra, side: str, input: Tensor, default: int = 0
) -> Pairs | Tensor:
    """How μ turns from that side: the pairs of components that it makes complex, or its matrix."""
    if axis is None:
        axis = _default_root(algebra, side, default)
    if isinstance(axis, list | tuple) and len(axis) == algebra.dimension:
        units = [i for i, x in enumerate(axis) if isinstance(x, Tensor) or x != 0]
        if len(units) == 1 and not isinstance(axis[units[0]], Tensor) and axis[units[0]] == 1:
            pairs = _pairs(algebra, side, units[0])
            if pairs is not None:
                return pairs
    number = _number(axis, algebra)
    matrix = left_matrix if side == "left" else right_matrix
    if _has_data(number):
        _check_root(number, algebra, side, matrix)
    working = torch.promote_types(input.dtype, torch.float32)
    with torch.autocast(input.device.type, enabled=False):
        return matrix(number.to(input.device, working), algebra)


def _number(axis: Axis, algebra: Algebra) -> Tensor:
    """The components of the number that the user gave."""
    if isinstance(axis, bool | int | float):
        raise TypeError(
            f"`axis` (={axis!r}) must be a number of {algebra} whose square is -1; the dimension "
            "to transform is `dim`"
        )
    if is_typed(axis):
        if axis.algebra != algebra:
            raise TypeError(
                f"`axis` is a number of {axis.algebra}, but the signal is of {algebra}; give a "
                f"number of {algebra}"
            )
        axis = axis.components
    number = axis if isinstance(axis, Tensor) else torch.tensor(axis, dtype=torch.float64)
    if number.shape != (algebra.dimension,):
        raise ValueError(
            f"`axis` of shape {tuple(number.shape)} must be one number, the "
            f"{algebra.dimension} components of a root of -1 in {algebra}"
        )
    return number


def _check_root(
    number: Tensor, algebra: Algebra, side: str, matrix: Callable[[Tensor, Algebra], Tensor]
) -> None:
    """That the product with the number, applied twice, is -1, up to rounding of its components."""
    mu = number.detach().double()
    turn = matrix(mu, algebra)
    eps = torch.finfo(number.dtype).eps if number.is_floating_point() else 0.0
    tolerance = 4 * eps * float((turn.abs() @ turn.abs()).max())
    minus_one = -torch.eye(len(mu), dtype=mu.dtype, device=mu.device)
    if (turn @ turn - minus_one).abs().max() <= tolerance:
        return
    square = product(mu, mu, algebra)
    if (square - minus_one[0]).abs().max() <= tolerance:
        raise ValueError(
            f"`axis` (={mu.tolist()}) squares to -1, but in {algebra}, which is not alternative, "
            f"multiplying by it twice from the {side} is not multiplying by -1, so its transform "
            "has no inverse; use a unit of the basis"
        )
    raise ValueError(
        f"`axis` (={mu.tolist()}) must square to -1 in {algebra}, but squares to "
        f"{square.tolist()}; divide a pure number by its modulus"
    )


def _has_data(x: Tensor) -> bool:
    """Whether values can be looked at: not while compiling, in transforms and on meta tensors."""
    ordinary = not torch.compiler.is_compiling() and type(x) in (Tensor, torch.nn.Parameter)
    return ordinary and not (x.is_meta or torch._C._functorch.is_functorch_wrapped_tensor(x))


@cache
def _default_root(algebra: Algebra, side: str, position: int) -> tuple[float, ...]:
    """The unit at a position among those with a negative square, or the first, scaled."""
    n = algebra.dimension
    found = list(islice((i for i in range(1, n) if _depth(algebra, side, i)), position + 1))
    if not found:
        raise ValueError(
            f"`axis`: no unit of {algebra} has a negative square, so there is no default root of "
            "-1; pass one, if the algebra has any"
        )
    unit = found[min(position, len(found) - 1)]
    scale = float(_depth(algebra, side, unit) or 1) ** -0.5
    return tuple(scale * (i == unit) for i in range(n))


def _depth(algebra: Algebra, side: str, i: int) -> Any:
    """The c > 0 with e_i (e_i x) = -c x for all x, exactly, or None."""
    once = _images(algebra, side, i)
    c = -once[i][0]
    twice = [_multiply(algebra, side, i, image) for image in once]
    n = algebra.dimension
    turns = all(twice[j] == tuple(-c * (j == k) for k in range(n)) for j in range(n))
    return c if c > 0 and turns else None


@cache
def _pairs(algebra: Algebra, side: str, i: int) -> Pairs | None:
    """The pairs (j, k) with e_i e_j = e_k and e_i e_k = -e_j, if these are all of the basis."""
    images = _images(algebra, side, i)
    pairs = [
        (j, image.index(1))
        for j, image in enumerate(images)
        if sum(map(abs, image)) == 1 and 1 in image
    ]
    turn_back = all(images[k][j] == -1 and sum(map(abs, images[k])) == 1 for j, k in pairs)
    return tuple(pairs) if turn_back and 2 * len(pairs) == algebra.dimension else None


def _images(algebra: Algebra, side: str, i: int) -> list[tuple[Any, ...]]:
    """The products of the unit e_i with the basis."""
    n = algebra.dimension
    basis = [tuple(int(j == k) for k in range(n)) for j in range(n)]
    return [_multiply(algebra, side, i, e) for e in basis]


def _multiply(algebra: Algebra, side: str, i: int, x: tuple[Any, ...]) -> tuple[Any, ...]:
    unit = tuple(int(i == k) for k in range(algebra.dimension))
    return algebra.multiply(unit, x) if side == "left" else algebra.multiply(x, unit)


# ---------------------------------------------------------------------- arguments


def _one(n: int | None) -> tuple[int] | None:
    return None if n is None else (n,)


def _is_pair(axis: Axis) -> bool:
    if not isinstance(axis, list | tuple) or len(axis) != 2:
        return False
    return not any(isinstance(x, bool | int | float) for x in axis)


def _check(x: Tensor, algebra: Algebra | None, argument: str) -> Algebra:
    if algebra is None:
        raise TypeError(
            f"`algebra` is missing: it says what the components of a plain `{argument}` are; pass "
            "it, or a typed tensor"
        )
    if x.shape[-1:] != (algebra.dimension,):
        raise ValueError(
            f"`{argument}` of shape {tuple(x.shape)} must have the {algebra.dimension} components "
            f"of {algebra} on its last axis"
        )
    return algebra


def _dims(input: Tensor, dim: Dims, s: Sequence[int] | None) -> list[int]:
    """The axes of numbers, counted from the front."""
    ndim = input.ndim - 1
    if dim is None:
        dim = range(ndim) if s is None else range(-len(s), 0)
    named = [dim] if isinstance(dim, int) else list(dim)
    for d in named:
        if not -ndim <= d < ndim:
            raise IndexError(f"`dim` (={d}) must name one of the {ndim} axes of numbers")
    dims = [d % ndim for d in named]
    if len(set(dims)) < len(dims) or (s is not None and len(s) != len(dims)):
        raise RuntimeError(f"`dim` (={named}) must name different axes, one for each of `s` (={s})")
    return dims
