"""Fourier transforms and convolutions: numbers times the numbers of a kernel, summed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex import fft
from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, lift, wrap
from hypercomplex.fft.transforms import transform as transform_numbers
from hypercomplex.rules.layers import check_algebra


@rule("product", [transform_numbers])
def transform(
    cls: TensorType,
    input: Tensor,
    s: Sequence[int] | None,
    dim: Any,
    norm: str | None,
    axis: Any,
    side: Any,
    algebra: Algebra | None,
    inverse: bool,
) -> Tensor:
    check_algebra(cls, algebra or cls.algebra)
    out = transform_numbers(input, s, dim, norm, axis, side, cls.algebra, inverse)
    return wrap(cls, out) if is_typed(input) else out  # plain, if only the axis is typed


def _short_time(function: Callable[..., Tensor]) -> None:
    @rule("product", [function])
    def apply(
        cls: TensorType, input: Tensor, *args: Any, algebra: Algebra | None = None, **named: Any
    ) -> Tensor:
        check_algebra(cls, algebra or cls.algebra)
        out = function(input, *args, algebra=cls.algebra, **named)
        return wrap(cls, out) if is_typed(input) else out


_short_time(fft.stft)
_short_time(fft.istft)


def _convolution(function: Callable[..., Tensor]) -> None:
    @rule("product", [function])
    def apply(
        cls: TensorType, input: Any, other: Any, dim: Any = -1, *, algebra: Algebra | None = None
    ) -> Tensor:
        check_algebra(cls, algebra or cls.algebra)
        like = input if is_typed(input) else other
        f, g = lift(cls, input, like), lift(cls, other, like)
        return wrap(cls, function(f, g, dim, algebra=cls.algebra))


_convolution(fft.convolve)
_convolution(fft.correlate)


@rule("shape", [fft.fftshift, torch.fft.fftshift])
def fftshift(cls: TensorType, input: Tensor, dim: Any = None) -> Tensor:
    return wrap(cls, fft.fftshift(input, dim))


@rule("shape", [fft.ifftshift, torch.fft.ifftshift])
def ifftshift(cls: TensorType, input: Tensor, dim: Any = None) -> Tensor:
    return wrap(cls, fft.ifftshift(input, dim))
