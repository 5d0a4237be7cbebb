"""Small real layers that stand beside stock ones in what `to_real()` gives.

`torch.jit.script` reads their annotations, which therefore are no strings.
"""

import torch
from torch import Tensor, nn

from hypercomplex.functional.arguments import Count, check_real, check_width, checked
from hypercomplex.lowering import fold_groups, unfold_groups

__all__ = ["ChannelPermutation", "PointwiseConv1d"]


class ChannelPermutation(nn.Module):
    """Folded channels to group-major ones, or back with `inverse=True`; see `lowering.layout`.

    What a grouped `to_real()` needs around a stock convolution: a real group is a run of channels,
    and has to hold all components of its numbers.

    Args:
        channels: real channels.
        dimension: components of a number.
        groups: number of groups.
        dim: the axis of channels.
        inverse: whether to go back.
        device: where the order is kept.

    Shape:
        `(…, channels, …)` → the same.

    Attributes:
        order: the channel that each output channel is taken from.

    Example:
        >>> ChannelPermutation(8, 2, groups=2, dim=-1)(torch.arange(8))
        tensor([0, 1, 4, 5, 2, 3, 6, 7])
    """

    order: Tensor

    @checked
    def __init__(
        self,
        channels: Count,
        dimension: Count,
        groups: Count,
        dim: int,
        *,
        inverse: bool = False,
        device: torch.device | str | None = None,
    ) -> None:
        if channels % (dimension * groups):
            raise ValueError(
                f"`channels` (={channels}) must be a multiple of `dimension` (={dimension}) times "
                f"`groups` (={groups}): a group holds whole numbers"
            )
        super().__init__()
        self.dimension = dimension
        self.groups = groups
        self.dim = dim
        self.inverse = inverse
        move = unfold_groups if inverse else fold_groups
        order = move(torch.arange(channels, device=device), 0, dimension, groups)
        self.register_buffer("order", order, persistent=False)

    def forward(self, input: Tensor) -> Tensor:
        if not torch.jit.is_scripting():  # type: ignore[attr-defined]
            check_real("input", input)
            check_width("input", input, self.dim, len(self.order), "the channels that are permuted")
        return input.index_select(self.dim, self.order)

    def to_real(self) -> "ChannelPermutation":
        """Itself: it moves real channels."""
        return self

    def extra_repr(self) -> str:
        inverse = ", inverse=True" if self.inverse else ""
        return f"{len(self.order)}, groups={self.groups}{inverse}"


class PointwiseConv1d(nn.Conv1d):
    """A convolution of single points `(N, C, L)`, or of samples `(N, C)` that have one each."""

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim == 2:
            return self._conv_forward(input.unsqueeze(-1), self.weight, self.bias).squeeze(-1)
        return self._conv_forward(input, self.weight, self.bias)
