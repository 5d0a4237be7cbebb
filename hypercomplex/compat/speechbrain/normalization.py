"""Normalisation by the modulus: one variance, and one scale, for a whole quaternion."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from hypercomplex.compat.speechbrain.strictness import is_strict
from hypercomplex.functional.arguments import Count, check_width, checked, explained
from hypercomplex.kernels.precision import single

__all__ = ["QBatchNorm", "quaternion_layer_norm"]


class QBatchNorm(nn.Module):
    r"""$y = \gamma\,(x - \mu) / \sqrt{V + \epsilon} + \beta$ with $V = E|x - \mu|^2$ over a batch.

    $V$ sums the four components, so $E|y|^2$ is 1, and a component has a variance near 1/4. The
    first batch replaces the running statistics. Statistics are taken over all axes but `dim`;
    strictly over the first axis only, and then they keep the shape of the other axes.

    Args:
        input_size: the real width, 4·n.
        dim: the folded axis.
        gamma_init: where the scales start.
        beta_param: whether the offset is learned; it is added in any case.
        momentum: the weight of a new batch in the running statistics; None for the mean of all.
        eps: added to the variance.
        track_running_stats: False normalises by the batch in evaluation, too.

    Shape:
        `(N, *, 4·n)` → the same.

    Attributes:
        gamma: `(n)`, one scale per quaternion.
        beta: `(4·n)`, zeros.
        running_mean: `(4·n)`, zeros.
        running_var: `(n)`, ones.
        num_batches_tracked: how many batches were seen.

    Example:
        >>> norm = QBatchNorm(input_size=8)
        >>> y = norm(3 + torch.randn(100, 8))
        >>> y.unflatten(-1, (4, 2)).square().sum(1).mean(0)
        tensor([1.0000, 1.0000], grad_fn=<MeanBackward1>)
    """

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    @checked
    def __init__(
        self,
        input_size: Count,
        dim: int = -1,
        gamma_init: float = 1.0,
        beta_param: bool = True,
        momentum: float | None = 0.1,
        eps: float = 1e-4,
        track_running_stats: bool = True,
    ) -> None:
        if input_size % 4:
            raise ValueError(
                f"`input_size` (={input_size}) must be divisible by 4: it counts the components of "
                "whole quaternions"
            )
        super().__init__()
        n = input_size // 4
        self.num_features = n
        self.dim = dim
        self.momentum = momentum
        self.eps = eps
        self.track_running_stats = track_running_stats
        self.gamma = nn.Parameter(torch.full((n,), float(gamma_init)))
        self.beta = nn.Parameter(torch.zeros(4 * n), requires_grad=beta_param)
        tracked = track_running_stats
        self.register_buffer("running_mean", torch.zeros(4 * n) if tracked else None)
        self.register_buffer("running_var", torch.ones(n) if tracked else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if tracked else None)

    def reset_running_stats(self) -> None:
        """Forget all batches."""
        if self.running_mean is not None and self.running_var is not None:
            self.running_mean.zero_()
            self.running_var.fill_(1)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.zero_()

    @explained
    def forward(self, input: Tensor) -> Tensor:
        """The normalised numbers."""
        check_width("input", input, self.dim, 4 * self.num_features, "`input_size`")
        x = input.movedim(self.dim, -1)
        self._check_positions(x)
        if self.training or self.running_mean is None or self.running_var is None:
            mean, variance = _statistics(x if is_strict() else x.flatten(0, -2))
            if self.training and input.numel():
                self._track(mean.detach(), variance.detach())
        else:
            mean, variance = self.running_mean, self.running_var
        y = _standardise(x, mean, variance, self.gamma, self.beta, self.eps)
        return y.movedim(-1, self.dim)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{4 * self.num_features}, dim={self.dim}, momentum={self.momentum}, eps={self.eps}"

    def _check_positions(self, x: Tensor) -> None:
        """Statistics of each position, as `strict()` takes them, go with inputs that have these."""
        running = self.running_mean
        if running is not None and running.ndim > 1 and x.shape[1:] != running.shape:
            raise ValueError(
                f"`input` of shape {tuple(x.shape)}, features last, must have the shape "
                f"(N, {', '.join(map(str, running.shape))}), for the running statistics are those "
                "of each position; take their means over the positions for other inputs"
            )

    def _track(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics towards those of the batch: all the way, for the first."""
        if self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        self.running_mean = self._moved(self.running_mean, mean)
        self.running_var = self._moved(self.running_var, variance)

    def _moved(self, running: Tensor | None, batch: Tensor) -> Tensor | None:
        if running is None or self.num_batches_tracked is None:
            return None
        count = self.num_batches_tracked.to(running.dtype)
        weight = 1 / count
        if self.momentum is not None:
            weight = weight.masked_fill(count > 1, self.momentum)
        moved = torch.lerp(running, batch.to(running.dtype), weight)
        return running.copy_(moved) if moved.shape == running.shape else moved

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        """Statistics that the reference took per position keep their shape."""
        for name in ("running_mean", "running_var"):
            saved, own = state_dict.get(prefix + name), getattr(self, name)
            if saved is None or own is None:
                continue
            if saved.shape != own.shape and saved.shape[-1:] == own.shape[-1:]:
                setattr(self, name, own.new_empty(saved.shape))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def quaternion_layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    r"""$y = \gamma\,(x - \mu) / \sqrt{V + \epsilon} + \beta$ over the quaternions of one sample.

    Shape:
        `(*, 4·n)`, `(n)`, `(4·n)` → `(*, 4·n)`.

    Example:
        >>> y = quaternion_layer_norm(torch.randn(2, 8), torch.ones(2), torch.zeros(8), 0.0)
        >>> y.square().sum(-1)
        tensor([2.0000, 2.0000])
    """
    components = single(x).unflatten(-1, (4, -1))
    centred = components - components.mean(-1, keepdim=True)
    variance = centred.square().sum(-2).mean(-1, keepdim=True)
    y = centred * ((variance + eps).rsqrt().unsqueeze(-1) * gamma)
    return (y.flatten(-2) + beta).to(torch.promote_types(x.dtype, gamma.dtype))


def _statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """The mean number along the first axis, and the mean squared distance to it; 0 without any."""
    x, count = single(x), max(x.shape[0], 1)
    mean = x.sum(0) / count
    variance = ((x - mean).square().sum(0) / count).unflatten(-1, (4, -1)).sum(-2)
    return mean, variance


def _standardise(
    x: Tensor, mean: Tensor, variance: Tensor, gamma: Tensor, beta: Tensor, eps: float
) -> Tensor:
    factor = (variance + eps).rsqrt() * gamma
    factor = torch.cat((factor,) * 4, -1)
    return ((x - mean) * factor + beta).to(torch.promote_types(x.dtype, gamma.dtype))
