"""The Fourier transform of windows of a signal, one after the other, and back."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.fft.arguments import check_input
from hypercomplex.fft.roots import Axis
from hypercomplex.fft.transforms import transform
from hypercomplex.functional.arguments import check_floating
from hypercomplex.host.mode import can_be_read
from hypercomplex.kernels.precision import single

__all__ = ["istft", "stft"]

PadMode = Literal["constant", "reflect", "replicate", "circular"]


@numbers("input", either="axis")
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: PadMode = "reflect",
    normalized: bool = False,
    *,
    axis: Axis = None,
    side: Literal["left", "right"] = "left",
    algebra: Algebra | None = None,
) -> Tensor:
    r"""The short-time Fourier transform, $F(u, t) = \sum_m e^{-\mu\, 2\pi u m / N} w(m) f(tH + m)$.

    Over the complex numbers it is `torch.stft`, all frequencies of it: numbers are no real signal,
    whose spectrum half is enough for.

    Args:
        input: the signal, typed, or components `(…, L, n)`.
        n_fft: $N$, how many numbers each window holds.
        hop_length: $H$, how far apart windows begin; a quarter of `n_fft` if None.
        win_length: the length of `window`, `n_fft` if None; a shorter one stands in the middle.
        window: $w$, real; ones if None.
        center: whether window $t$ is centred at $tH$, the signal being padded on both sides.
        pad_mode: how it is padded.
        normalized: whether to multiply by $1/\sqrt N$.
        axis: $\mu$, see `fft`.
        side: "left" or "right", see `fft`.
        algebra: the algebra of plain components; that of a typed tensor is known.

    Shape:
        `(…, L, n)` → `(…, N, T, n)`: frequencies and windows.

    Raises:
        ValueError: if a length is not positive, or longer than what it is cut from, or `side` is
            "two-sided".
        TypeError: if `window` holds no real numbers.

    Example:
        >>> signal = hc.QuaternionTensor(torch.randn(2, 100, 4, dtype=torch.float64))
        >>> spectrum = hc.fft.stft(signal, 16, window=torch.hann_window(16).double())
        >>> spectrum.shape
        torch.Size([2, 16, 26])
        >>> back = hc.fft.istft(spectrum, 16, window=torch.hann_window(16).double())
        >>> torch.allclose(back, signal[:, :100])
        True

    Source:
        D. W. Griffin, J. S. Lim, *Signal estimation from modified short-time Fourier transform*,
        IEEE Transactions on Acoustics, Speech, and Signal Processing 1984.
    """
    algebra = check_input(input, algebra, "input")
    check_floating("input", input)
    weights = _weights(n_fft, win_length, window, input)
    hop = _hop(n_fft, hop_length)
    signal = single(input).movedim(-1, -2)
    if center:
        signal = _padded(signal, n_fft // 2, pad_mode)
    if signal.shape[-1] < n_fft:
        raise ValueError(
            f"`n_fft` (={n_fft}) must not be longer than the signal of {signal.shape[-1]} numbers"
        )
    windows = (signal.unfold(-1, n_fft, hop) * weights).movedim(-3, -1)  # (…, T, N, n)
    norm = "ortho" if normalized else None
    spectrum = transform(windows, None, -1, norm, axis, side, algebra, False)
    return spectrum.transpose(-3, -2).to(input.dtype)


@numbers("input", either="axis")
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    length: int | None = None,
    *,
    axis: Axis = None,
    side: Literal["left", "right"] = "left",
    algebra: Algebra | None = None,
) -> Tensor:
    r"""The signal whose windows are nearest to this spectrum; it undoes `stft`.

    Windows that are transformed back overlap, and $f = \sum_t w\, f_t \,/ \sum_t w^2$ is their
    least-squares mean. The arguments must be those of `stft`.

    Args:
        input: the spectrum, typed, or components `(…, N, T, n)`.
        n_fft: as in `stft`, and so on.
        hop_length: as in `stft`.
        win_length: as in `stft`.
        window: as in `stft`.
        center: as in `stft`.
        normalized: as in `stft`.
        length: how many numbers the signal has; what the windows cover if None.
        axis: as in `stft`.
        side: as in `stft`.
        algebra: the algebra of plain components; that of a typed tensor is known.

    Shape:
        `(…, N, T, n)` → `(…, L, n)`.

    Raises:
        ValueError: as in `stft`, or if the windows leave out a number of the signal.

    Example:
        >>> spectrum = hc.fft.stft(torch.ones(20, 8), 4, algebra=hc.OCTONION)
        >>> hc.fft.istft(spectrum, 4, algebra=hc.OCTONION)[7]
        tensor([1., 1., 1., 1., 1., 1., 1., 1.])
    """
    algebra = check_input(input, algebra, "input")
    check_floating("input", input)
    if input.ndim < 3 or input.shape[-3] != n_fft:
        raise ValueError(
            f"`input` of shape {tuple(input.shape[:-1])} must hold the {n_fft} frequencies of "
            "`n_fft` on its last axis but one, and windows on its last"
        )
    weights = _weights(n_fft, win_length, window, input)
    hop = _hop(n_fft, hop_length)
    norm = "ortho" if normalized else None
    windows = transform(single(input), None, -2, norm, axis, side, algebra, True).movedim(-1, -3)
    signal = _added(windows * weights.unsqueeze(-1), hop)
    overlap = _added(weights.square().unsqueeze(-1).expand(windows.shape[-2:]), hop)
    start = n_fft // 2 if center else 0
    room = signal.shape[-1] - start
    kept = max(room - start, 0) if length is None else min(length, room)
    signal, overlap = (x.narrow(-1, start, kept) for x in (signal, overlap))
    _check_overlap(overlap, hop)
    whole = F.pad(signal / overlap, (0, (kept if length is None else length) - kept))
    return whole.movedim(-2, -1).to(input.dtype)


# ---------------------------------------------------------------------- windows


def _hop(n_fft: int, hop_length: int | None) -> int:
    hop = n_fft // 4 if hop_length is None else hop_length
    if hop <= 0:
        raise ValueError(f"`hop_length` (={hop}) must be positive; for `n_fft` (={n_fft}) pass 1")
    return hop


def _weights(n_fft: int, win_length: int | None, window: Tensor | None, like: Tensor) -> Tensor:
    """The window, in the middle of `n_fft` places."""
    length = n_fft if win_length is None else win_length
    if not 0 < length <= n_fft:
        raise ValueError(f"`win_length` (={length}) must be between 1 and `n_fft` (={n_fft})")
    if window is None:
        window = torch.ones(length, dtype=single(like).dtype, device=like.device)
    if not window.is_floating_point():
        raise TypeError(f"`window` must be a plain tensor of real numbers, not {window.dtype}")
    if window.shape != (length,):
        raise ValueError(
            f"`window` of shape {tuple(window.shape)} must have the shape {(length,)} of "
            "`win_length`"
        )
    before = (n_fft - length) // 2
    return F.pad(single(window), (before, n_fft - length - before))


def _padded(signal: Tensor, amount: int, pad_mode: str) -> Tensor:
    """The signal `(…, L)` longer by an amount on both sides."""
    length = signal.shape[-1]
    most = {"reflect": length - 1, "circular": length}.get(pad_mode, amount)
    if amount > most:
        raise ValueError(
            f"`n_fft`: half of it (={amount}) is more than `pad_mode` (={pad_mode!r}) can add to "
            f"{length} numbers; take 'constant', or `center`=False"
        )
    flat = F.pad(signal.reshape(-1, 1, length), (amount, amount), pad_mode)
    return flat.view(*signal.shape[:-1], flat.shape[-1])


def _added(windows: Tensor, hop: int) -> Tensor:
    """Windows `(…, N, T)` that begin `hop` places apart, added where they overlap: `(…, L)`."""
    size, count = windows.shape[-2:]
    length = size + hop * (count - 1)
    columns = windows.reshape(-1, size, count)
    total = F.fold(columns, (1, length), (1, size), stride=(1, hop))
    return total.view(*windows.shape[:-2], length)


def _check_overlap(overlap: Tensor, hop: int) -> None:
    if can_be_read(overlap) and overlap.numel() and overlap.abs().min() <= 1e-11:
        raise ValueError(
            "`window`: its windows leave out numbers of the signal, where their squares add to "
            f"{float(overlap.abs().min())}; take a smaller `hop_length` (={hop}), "
            "another window, or `center`=True"
        )
