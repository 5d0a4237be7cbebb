"""Look-up tables of numbers."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import Count, checked
from hypercomplex.lowering import fold
from hypercomplex.nn import init
from hypercomplex.nn.flagship import over

__all__ = ["Embedding", "QuaternionEmbedding"]


class Embedding(nn.Module):
    r"""A learned row of numbers for each integer: $y = W_{\text{input}}$, folded.

    Integers have no kind to copy, so the output is plain; `hc.as_hypercomplex(…, folded=-1)`
    types it.

    Args:
        num_embeddings: how many integers, from 0.
        embedding_dim: numbers in each row.
        padding_idx: the row that stays zero and has no gradient.
        max_norm: the largest norm of a row; longer ones are shortened in place when looked up.
        norm_type: the norm of `max_norm`, over all components of the row.
        scale_grad_by_freq: whether gradients are divided by how often an integer occurs.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers.

    Shape:
        integers `(*)` → folded `(*, n·embedding_dim)`.

    Attributes:
        weight: `(num_embeddings, embedding_dim, n)`, random modulus, axis and phase as in
            `init.polar_`, with E|w|² = 1.

    Raises:
        ValueError: if a size is not a positive integer, or `padding_idx` is no row.

    Example:
        >>> layer = Embedding(10, 3, algebra=hc.QUATERNION)
        >>> layer(torch.tensor([[1, 2], [9, 0]])).shape
        torch.Size([2, 2, 12])

        In numbers:

        >>> y = hc.as_hypercomplex(layer(torch.tensor([4, 2])), hc.QUATERNION, folded=-1)
        >>> torch.equal(y, hc.QuaternionTensor(layer.weight)[[4, 2]])
        True
    """

    @checked
    def __init__(
        self,
        num_embeddings: Count,
        embedding_dim: Count,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(
                f"`padding_idx` (={padding_idx}) must be one of `num_embeddings` "
                f"(={num_embeddings}) rows"
            )
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.algebra = algebra
        shape = (num_embeddings, embedding_dim, algebra.dimension)
        self.weight = nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the table anew from the generator and set the padding row to zero."""
        with torch.no_grad():
            # "he" makes E|w|² = 2 / embedding_dim
            init.polar_(self.weight, "he", generator).mul_(math.sqrt(self.embedding_dim / 2))
            if self.padding_idx is not None:
                self.weight[self.padding_idx].zero_()

    def forward(self, input: Tensor) -> Tensor:
        return functional.embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
        )

    def to_real(self) -> nn.Embedding:
        """The stock table of folded rows.

        Example:
            >>> Embedding(10, 3, algebra=hc.QUATERNION).to_real()
            Embedding(10, 12)
        """
        return nn.Embedding(
            self.num_embeddings,
            self.algebra.dimension * self.embedding_dim,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            _weight=fold(self.weight.detach(), 1).clone(),
        ).train(self.training)

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}, algebra={self.algebra}"


@final
class QuaternionEmbedding(Embedding):
    """`Embedding` over the quaternions.

    Example:
        >>> QuaternionEmbedding(10, 3)
        QuaternionEmbedding(10, 3, algebra=QUATERNION)
    """

    __init__ = over(QUATERNION, Embedding.__init__)
