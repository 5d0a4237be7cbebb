"""Changes of low rank beside a weight that stays."""

from __future__ import annotations

from typing import TypeVar

from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.nn.utils import parametrize

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Count, checked
from hypercomplex.functional.matmul import multiplied
from hypercomplex.nn.affine import Affine
from hypercomplex.nn.init import isotropic_

__all__ = ["LowRank", "change_of_weight", "lora"]

Layer = TypeVar("Layer", bound=nn.Module)


@checked
def lora(layer: Layer, rank: Count, alpha: float | None = None) -> Layer:
    r"""Learn a change of low rank beside a weight that stays: $W = W_0 + \frac{\alpha}{r} B A$.

    $A$ and $B$ are matrices of numbers: as many reals as in a real change of rank $r$, for one of
    real rank $n r$. $B$ is zero at first, so the layer does what it did. The weight and the bias
    that the layer has are learned no more, nor is a change by an earlier call. It is a
    parametrization of torch: `torch.nn.utils.parametrize.remove_parametrizations(layer, "weight")`
    merges the change into the weight, and drops it with `leave_parametrized=False`; `to_real()`
    gives the layer with it.

    Over an associative algebra $(BA)x = B(Ax)$. Over others the change is the matrix $BA$ all the
    same. Each call multiplies $BA$ out; `torch.nn.utils.parametrize.cached()` does so once.

    Args:
        layer: a linear layer or a convolution of numbers, whose kernel counts among its inputs.
        rank: the numbers $r$ between $A$ and $B$.
        alpha: the size of the change; `rank`, and thus a factor of 1, if None.

    Returns:
        The layer itself.

    Raises:
        TypeError: if the layer is no affine map of numbers.
        ValueError: if its weights are of another bilinear map, so that they have no products, or
            have no shape yet.

    Example:
        >>> layer = lora(hc.nn.QuaternionLinear(64, 64), rank=2)
        >>> sum(p.numel() for p in layer.parameters() if p.requires_grad)  # of 16,640
        1024

    Source:
        E. J. Hu et al., *LoRA: Low-Rank Adaptation of Large Language Models*, ICLR 2022.
    """
    if not isinstance(layer, Affine):
        raise TypeError(
            f"`layer`, of type {type(layer).__name__}, must be an affine map of numbers, such as "
            "Linear or Conv2d; of a model call it for each of its layers"
        )
    if is_lazy(layer.weight):
        raise ValueError("`layer`: its weight has no shape yet; call the layer once before")
    if not isinstance(layer.algebra, Algebra):
        raise ValueError(
            f"`layer`: its weights are factors of {layer.algebra}, and have no products with each "
            "other; take a layer over an Algebra"
        )
    change = LowRank(layer, rank, rank if alpha is None else alpha)
    layer.requires_grad_(False)
    parametrize.register_parametrization(layer, "weight", change)
    return layer


def change_of_weight(
    first: Tensor, others: Tensor, algebra: Algebra, first_is_left: bool
) -> Tensor:
    """The products `(M, L, n)` of the factors `(M, r, n)` and `(r, L, n)`, as rows of a weight."""
    if first_is_left:
        return multiplied(first, others, algebra.product)
    turned = others.transpose(0, 1), first.transpose(0, 1)  # numbers in the other order
    return multiplied(*turned, algebra.product).transpose(0, 1)


class LowRank(nn.Module):
    """Adds `α/r · BA` to the weight of a layer; see `lora`.

    Attributes:
        first: the factor of the weight's first axis, `(O, r, n)`, or `(I, r, n)` if transposed.
        others: the factor of its other axes, `(r, I·kernel, n)`, or `(r, O·kernel, n)`.
    """

    def __init__(self, layer: Affine, rank: int, alpha: float) -> None:
        super().__init__()
        weight, self.algebra, self.scale = layer.weight, layer.algebra, alpha / rank
        self.first_is_left = (layer.side == "left") != layer.transposed
        first, others, n = weight.shape[0], weight[0, ..., 0].numel(), weight.shape[-1]
        self.first = nn.Parameter(weight.new_zeros(first, rank, n))
        self.others = nn.Parameter(weight.new_empty(rank, others, n))
        isotropic_(self.others, "he", algebra=self.algebra)

    def forward(self, weight: Tensor) -> Tensor:
        change = change_of_weight(self.first, self.others, self.algebra, self.first_is_left)
        return weight + self.scale * change.reshape(weight.shape)

    def extra_repr(self) -> str:
        return f"rank={self.first.shape[1]}, scale={self.scale:g}, algebra={self.algebra}"
