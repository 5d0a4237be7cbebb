"""The transforms, with the names and arguments of `torch.fft`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.fft.arguments import Dims, check_input, number_axes
from hypercomplex.fft.roots import Axis, Pairs, is_numeric, root
from hypercomplex.functional.arguments import explained, refusal
from hypercomplex.host.mode import all_digits
from hypercomplex.kernels.precision import single

__all__ = ["fft", "fft2", "fftn", "ifft", "ifft2", "ifftn", "transform"]

Side = Literal["left", "right", "two-sided"]


@explained
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
        >>> i = hc.QuaternionTensor([0., 1, 0, 0])
        >>> turning = torch.stack([i * -i, i, i * i, -i])  # exp(i 2π m/4)
        >>> hc.fft.fft(turning).real
        tensor([0., 4., 0., 0.])
        >>> hc.fft.fft(turning, axis=-i).real  # backwards about -i
        tensor([0., 0., 0., 4.])

    Source:
        Ell & Sangwine 2007, equations 6 and 7.
    """
    return transform(input, _one(n), (dim,), norm, axis, side, algebra, False)


@explained
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


@explained
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
    r"""The Fourier transform of an image, along two axes.

    From one side, with $\varphi = 2\pi(um/M + vl/L)$,

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


@explained
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


@explained
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


@explained
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


@numbers("input", either="axis")
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
    algebra = check_input(input, algebra, "input")
    dims = number_axes(input, dim, s)
    turns = _turns(axis, side, algebra, input, dims)
    if inverse:
        turns.reverse()  # the order matters where numbers do not associate
    kernel = torch.fft.ifftn if inverse else torch.fft.fftn
    lengths = dict(zip(dims, s, strict=True)) if s is not None else {}
    out = single(input)
    for where, turn in turns:
        out = _turn(out, kernel, [lengths.get(d, -1) for d in where], where, norm, turn)
    return out.to(input.dtype)


def _turn(
    x: Tensor,
    kernel: Callable[..., Tensor],
    s: list[int],
    dims: list[int],
    norm: str | None,
    turn: Pairs | Tensor,
) -> Tensor:
    """Transform components with one kernel on one side, μ given by pairs or by its matrix."""
    lengths = [x.shape[d] if n == -1 else n for n, d in zip(s, dims, strict=True)]
    if x.numel() == 0 and all(lengths):  # torch's transform of no signals fails
        return _of_nothing(x, dict(zip(dims, lengths, strict=True)))
    if not isinstance(turn, Tensor):
        return _turn_pairs(x, kernel, s, dims, norm, turn)
    spectrum = kernel(x, s, dims, norm)
    with all_digits(x):
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
    real, imag = (torch.stack([parts[pair[h]] for pair in pairs]) for h in (0, 1))
    signals = torch.complex(real, imag)
    spectra = kernel(signals, s, [d + 1 for d in dims], norm)
    out: dict[int, Tensor] = {}
    for (j, k), spectrum in zip(pairs, spectra.unbind(0), strict=True):
        out[j], out[k] = spectrum.real, spectrum.imag
    return torch.stack([out[i] for i in range(len(parts))], -1)


def _of_nothing(x: Tensor, lengths: dict[int, int]) -> Tensor:
    """Zeros of the lengths of the result, still a function of x for autograd."""
    return x.new_zeros([lengths.get(d, n) for d, n in enumerate(x.shape)]) + x.sum()


def _turns(
    axis: Axis, side: Side, algebra: Algebra, input: Tensor, dims: list[int]
) -> list[tuple[list[int], Pairs | Tensor]]:
    """Which axes are turned by what: all by one kernel, or one from either side."""
    if side in ("left", "right"):
        return [(dims, root(axis, algebra, side, input))]
    if side != "two-sided":
        raise refusal("side", side, Side)
    if len(dims) != 2:
        raise ValueError(
            f"`side` (={side!r}) needs two axes, the first turned from the left and the second "
            f"from the right, but `dim` names {len(dims)}; use 'left' or 'right'"
        )
    first, second = axis if _is_pair(axis) else (axis, axis)
    return [
        (dims[:1], root(first, algebra, "left", input)),
        (dims[1:], root(second, algebra, "right", input, default=1)),
    ]


def _one(n: int | None) -> tuple[int] | None:
    return None if n is None else (n,)


def _is_pair(axis: Axis) -> bool:
    return isinstance(axis, (list, tuple)) and len(axis) == 2 and not is_numeric(axis)
