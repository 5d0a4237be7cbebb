"""The experiment: two autoencoders learn to copy one grey photograph, then meet colour.

A pixel is the quaternion `0 + R i + G j + B k`. One quaternion weight moves its three colours
together, so what the network learns about grey holds for every colour. A real network has a
weight of its own for each pair of colours; on a grey photograph it cannot tell them apart, and
paints everything grey.

After T. Parcollet, M. Morchid, G. Linarès, *Quaternion convolutional neural networks for
heterogeneous image processing*, ICASSP 2019.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from skimage import data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor, nn

import hypercomplex as hc

SMALLEST_SIDE = 16
LARGEST_SIDE = 1024
GREY = (0.299, 0.587, 0.114)
NO_SPREAD = 1e-6  # of three colours that are equal to rounding

# ---------------------------------------------------------------------- two networks


def quaternion_autoencoder() -> nn.Sequential:
    """1 → 8 → 10 → 8 → 1 quaternions: 6,444 parameters."""
    down: dict[str, Any] = {"kernel_size": 3, "stride": 2, "padding": 1}
    up = {**down, "output_padding": 1}
    return nn.Sequential(
        hc.nn.QuaternionConv2d(1, 8, **down),
        hc.nn.Split(nn.Hardtanh()),
        hc.nn.QuaternionConv2d(8, 10, **down),
        hc.nn.Split(nn.Hardtanh()),
        hc.nn.QuaternionConvTranspose2d(10, 8, **up),
        hc.nn.Split(nn.Hardtanh()),
        hc.nn.QuaternionConvTranspose2d(8, 1, **up),
        hc.nn.Split(nn.Hardtanh()),
    )


def real_autoencoder() -> nn.Sequential:
    """Its twin of equal width, 3 → 32 → 40 → 32 → 3 real channels: 24,875 parameters."""
    down: dict[str, Any] = {"kernel_size": 3, "stride": 2, "padding": 1}
    up = {**down, "output_padding": 1}
    return nn.Sequential(
        nn.Conv2d(3, 32, **down),
        nn.Hardtanh(),
        nn.Conv2d(32, 40, **down),
        nn.Hardtanh(),
        nn.ConvTranspose2d(40, 32, **up),
        nn.Hardtanh(),
        nn.ConvTranspose2d(32, 3, **up),
        nn.Hardtanh(),
    )


def to_quaternions(image: Tensor) -> Tensor:
    """Colours `(H, W, 3)` → pixels `0 + R i + G j + B k`, a batch of one: `(1, 1, H, W)`."""
    return hc.QuaternionTensor(nn.functional.pad(image, (1, 0)))[None, None]


def from_quaternions(pixels: Tensor) -> Tensor:
    """The imaginary parts are the colours."""
    return pixels.imag[0, 0]


def to_channels(image: Tensor) -> Tensor:
    """Colours `(H, W, 3)` → channels `(1, 3, H, W)`."""
    return image.permute(2, 0, 1)[None]


def from_channels(channels: Tensor) -> Tensor:
    """Channels `(1, 3, H, W)` → colours `(H, W, 3)`."""
    return channels[0].permute(1, 2, 0)


@dataclass
class Painter:
    """A network with its way in and out of colours."""

    name: str
    network: nn.Sequential
    encode: Callable[[Tensor], Tensor]
    decode: Callable[[Tensor], Tensor]
    seconds: float = 0.0

    @property
    def parameters(self) -> int:
        """The number of learned reals."""
        return sum(p.numel() for p in self.network.parameters())

    def learn(self, image: Tensor, steps: Iterable[int]) -> None:
        """Learn to copy one image: mean squared error, Adam, one full image a step."""
        started = time.perf_counter()
        optimizer = torch.optim.Adam(self.network.parameters(), lr=5e-4)
        target = self.encode(image)
        for _ in steps:
            optimizer.zero_grad()
            loss = (self.network(target) - target).abs().square().mean()
            loss.backward()
            optimizer.step()
        self.seconds = time.perf_counter() - started

    @torch.no_grad()
    def paint(self, image: Tensor) -> Tensor:
        """Repaint an image."""
        return self.decode(self.network(self.encode(image))).clamp(0, 1)


def painters(seed: int) -> tuple[Painter, Painter]:
    """The two networks, freshly initialised."""
    torch.manual_seed(seed)
    return (
        Painter("quaternion", quaternion_autoencoder(), to_quaternions, from_quaternions),
        Painter("real", real_autoencoder(), to_channels, from_channels),
    )


# ---------------------------------------------------------------------- photographs


def training_photograph() -> Tensor:
    """The astronaut, turned grey: three equal colours."""
    colours = prepare(Image.fromarray(data.astronaut()))
    return (colours @ torch.tensor(GREY)).unsqueeze(-1).expand(-1, -1, 3)


def test_photographs() -> dict[str, Tensor]:
    """Colour photographs that are shipped with scikit-image."""
    names = ("coffee", "chelsea", "rocket", "immunohistochemistry")
    return {name: prepare(Image.fromarray(getattr(data, name)())) for name in names}


def load(path: Path) -> Tensor:
    """A photograph from a file.

    Raises:
        ValueError: if there is no such file, or it holds no image, or a too small one.
    """
    try:
        return prepare(ImageOps.exif_transpose(Image.open(path)))
    except UnidentifiedImageError:
        raise ValueError(f"{path} is not an image") from None
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def prepare(photograph: Image.Image) -> Tensor:
    """Colours in [0, 1], `(H, W, 3)`, at most 1024 on a side and cropped to multiples of 4.

    Raises:
        ValueError: if a side is shorter than 16 pixels.
    """
    width, height = photograph.size
    photograph = eight_bits(photograph).convert("RGB")
    photograph.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    if min(photograph.size) < SMALLEST_SIDE:
        raise ValueError(
            f"{width}×{height} pixels are too few; scaled to at most {LARGEST_SIDE}, both sides "
            f"need at least {SMALLEST_SIDE}"
        )
    colours = torch.from_numpy(np.asarray(photograph, dtype=np.float32) / 255)
    height, width = (side // 4 * 4 for side in colours.shape[:2])
    return colours[:height, :width]


def eight_bits(photograph: Image.Image) -> Image.Image:
    """The photograph, with brightness of 16 bits brought to 8: Pillow takes all over 255 for white.

    Raises:
        ValueError: if its brightness has no known range, as 32-bit pixels have none.
    """
    if not photograph.mode.startswith(("I", "F")):
        return photograph
    values = np.asarray(photograph)
    if photograph.mode == "F" or values.min() < 0 or values.max() > 65535:
        raise ValueError(
            f"pixels of mode {photograph.mode} reach from {values.min():g} to {values.max():g}; "
            "save the picture with 8 or 16 bits for a colour"
        )
    return Image.fromarray((values / 257).round().astype(np.uint8))


# ---------------------------------------------------------------------- measures


@dataclass(frozen=True)
class Score:
    """How near a painting is to its photograph."""

    psnr: float
    """Peak signal-to-noise ratio, in dB."""
    ssim: float
    """Structural similarity, at most 1."""
    chroma: float | None
    """Spread over the three colours, relative to the photograph: 1 is full colour, 0 is grey. None
    for a grey photograph, which has no spread."""


def score(painting: Tensor, photograph: Tensor) -> Score:
    """Compare a painting with its photograph."""
    a, b = painting.numpy(), photograph.numpy()
    spread = float(photograph.std(-1).mean())
    return Score(
        psnr=float(peak_signal_noise_ratio(b, a, data_range=1)),
        ssim=float(structural_similarity(b, a, data_range=1, channel_axis=-1)),
        chroma=float(painting.std(-1).mean()) / spread if spread > NO_SPREAD else None,
    )
