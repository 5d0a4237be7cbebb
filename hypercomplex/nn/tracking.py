"""What layers with running statistics share: parameters, buffers and when they learn."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from hypercomplex.algebra import Algebra

__all__ = ["Device", "Tracking"]

Device = torch.device | str | None


class Tracking(nn.Module):
    """Running statistics, and the parameters of each channel; a subclass knows their shapes."""

    ranks: ClassVar[tuple[int, ...]]  # how many axes the input may have
    moment: ClassVar[str] = "running_var"
    weight: nn.Parameter | None
    bias: nn.Parameter | None

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Device,
        dtype: torch.dtype | None,
        algebra: Algebra,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.algebra = algebra

        def empty(*shape: int) -> Tensor:
            return torch.empty(num_features, *shape, device=device, dtype=dtype)

        n, own = algebra.dimension, self._values()
        self.register_parameter("weight", nn.Parameter(empty(*own)) if affine else None)
        self.register_parameter("bias", nn.Parameter(empty(n)) if affine else None)
        self.register_buffer("running_mean", empty(n) if track_running_stats else None)
        self.register_buffer(self.moment, empty(*own) if track_running_stats else None)
        count = torch.tensor(0, dtype=torch.long, device=device) if track_running_stats else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def _values(self) -> tuple[int, ...]:
        """The shape of the second moments of one channel."""
        return ()

    def _fill(self, moments: Tensor, value: float) -> None:
        """Make the moments `value` times the unit."""
        moments.fill_(value)

    def _first_weight(self) -> float:
        return 1.0

    def reset_running_stats(self) -> None:
        """Forget all batches: mean 0, variance 1."""
        if self.track_running_stats:
            self.get_buffer("running_mean").zero_()
            self._fill(self.get_buffer(self.moment), 1.0)
            self.get_buffer("num_batches_tracked").zero_()

    def reset_parameters(self) -> None:
        """Forget all batches and start again from the initial weight and bias."""
        self.reset_running_stats()
        if self.affine:
            with torch.no_grad():
                self._fill(self.get_parameter("weight"), self._first_weight())
                self.get_parameter("bias").zero_()

    def _statistics(self, input: Tensor) -> tuple[Any, Any, float | Tensor]:
        """Running mean, running moment and the part of this batch in them; counts the batch."""
        if input.ndim not in self.ranks:
            raise ValueError(
                f"`input` of shape {tuple(input.shape)} must have "
                f"{' or '.join(map(str, self.ranks))} axes"
            )
        running = self.running_mean, getattr(self, self.moment)
        momentum: float | Tensor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self._learns_from(input):
            seen = self.get_buffer("num_batches_tracked").add_(1)
            if self.momentum is None:  # all batches weigh the same
                momentum = 1 / seen
        return *running, momentum

    def _learns_from(self, input: Tensor) -> bool:
        """Whether the batch counts; an empty one does not."""
        return input.numel() > 0

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}, algebra={self.algebra}"
        )
