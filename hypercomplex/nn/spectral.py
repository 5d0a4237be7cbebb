"""Weights whose real operator keeps the spectral norm 1 while they are learned."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

from hypercomplex.functional.arguments import Count, checked
from hypercomplex.nn.affine import Affine, real_kernel

__all__ = ["spectral_norm"]

Layer = TypeVar("Layer", bound=nn.Module)

FIRST_ITERATIONS = 15
"""As many as torch makes before the first step."""


@checked
def spectral_norm(layer: Layer, n_power_iterations: Count = 1, eps: float = 1e-12) -> Layer:
    r"""Divide a layer's weight by the spectral norm of its real operator: $W = W_0 / \sigma(M_0)$.

    $M_0$ is the real matrix of the weight $W_0$, and of a kernel that of its first axis against all
    others: $W$ is what torch's spectral norm makes of `layer.to_real()`, in n times fewer numbers.
    The norm is $\sigma = u^\top M_0 v$; each training step takes `n_power_iterations` steps of the
    power iteration for $u$ and $v$. A weight of zeros stays zero.
    `torch.nn.utils.parametrizations.spectral_norm` of a layer of numbers calls it.

    Args:
        layer: an affine map of numbers.
        n_power_iterations: in each training step.
        eps: the least length that $u$ and $v$ are divided by.

    Raises:
        TypeError: if the layer is no affine map of numbers, or its product is learned.
        ValueError: if `n_power_iterations` is not positive.

    Example:
        >>> layer = spectral_norm(hc.nn.QuaternionLinear(3, 2), n_power_iterations=50)
        >>> _ = layer(torch.randn(1, 12))
        >>> sigma = torch.linalg.matrix_norm(layer.to_real().weight, 2)
        >>> bool(abs(sigma - 1) < 1e-3)
        True

    Source:
        T. Miyato et al., *Spectral normalization for generative adversarial networks*, ICLR 2018.
    """
    if not isinstance(layer, Affine):
        raise TypeError(f"`layer` (={layer!r}) must be an affine map of numbers, such as Linear")
    if isinstance(layer.algebra, nn.Module):
        raise TypeError(
            f"`layer` (={layer!r}) must have a fixed product, for the norm depends on it; take an "
            "algebra, or layer.to_real()"
        )
    norm = _SpectralNorm(layer, n_power_iterations, eps)
    parametrize.register_parametrization(layer, "weight", norm)
    return layer


class _SpectralNorm(nn.Module):
    u: Tensor
    v: Tensor

    def __init__(self, layer: Affine, n_power_iterations: int, eps: float) -> None:
        super().__init__()
        self.product, self.side = layer.algebra.product, layer.side
        self.transposed, self.groups = layer.transposed, layer.groups
        self.n_power_iterations, self.eps = n_power_iterations, eps
        matrix = self._matrix(layer.weight.detach())
        for name, size in zip("uv", matrix.shape, strict=True):
            self.register_buffer(name, F.normalize(matrix.new_empty(size).normal_(), dim=0))
        self._iterate(matrix, FIRST_ITERATIONS)

    def forward(self, weight: Tensor) -> Tensor:
        matrix = self._matrix(weight)
        if self.training:
            self._iterate(matrix, self.n_power_iterations)
        # Copies, since the next step changes the vectors before this one's backward pass.
        sigma = torch.vdot(self.u.clone(), matrix @ self.v.clone())
        return weight / torch.where(sigma == 0, torch.ones_like(sigma), sigma)

    def right_inverse(self, weight: Tensor) -> Tensor:
        return weight

    def _matrix(self, weight: Tensor) -> Tensor:
        """The real kernel, its output axis against all others."""
        kernel = real_kernel(weight, self.product, self.side, self.transposed, self.groups)
        return (kernel.transpose(0, 1) if self.transposed else kernel).flatten(1)

    @torch.no_grad()
    def _iterate(self, matrix: Tensor, steps: int) -> None:
        for _ in range(steps):
            self.u.copy_(F.normalize(matrix @ self.v, dim=0, eps=self.eps))
            self.v.copy_(F.normalize(matrix.mT @ self.u, dim=0, eps=self.eps))
