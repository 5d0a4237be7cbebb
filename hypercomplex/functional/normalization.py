"""Normalisation of numbers: over the batch, by whitening or by variance, and over each sample.

With the mean μ and the covariance V = L Lᵀ of the n components over a batch, whitening is
y = Γ L⁻¹ (x − μ) + β: the covariance of L⁻¹(x − μ) is L⁻¹ V L⁻ᵀ = 1 (`kernels.whitening`).
The cheap form divides by the root of the variance E|x − μ|². Over the reals each of them is torch's
own.

Statistics are computed in float32 at least, whatever the type of the input or autocast says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import (
    Count,
    Parameters,
    check_floating,
    check_groups,
    check_per_channel,
    check_reals,
    check_shape,
    explained,
    state_width,
)
from hypercomplex.functional.numberwise import numberwise
from hypercomplex.host.mode import all_digits
from hypercomplex.kernels.precision import single
from hypercomplex.kernels.whitening import inverse_root, lower_products, symmetric, whitened
from hypercomplex.lowering import AnyProduct

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "rms_norm",
    "symmetric",
    "variance_norm",
]

Average = Callable[[Tensor], Tensor]


@explained
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_cov: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float | Tensor | None = 0.1,
    eps: float = 1e-5,
    *,
    algebra: Algebra,
    process_group: Any = None,
) -> Tensor:
    r"""Whitening over the batch: $y = \Gamma L^{-1} (x - \mu) + \beta$ with
    $L L^\top = V + \varepsilon$.

    $\mu$ and $V$ are the mean and the $n \times n$ covariance of the components of a channel,
    over the batch and all points when training or without running statistics, the running ones
    otherwise. Symmetric matrices are stored as their $n(n+1)/2$ lower entries, row by row.

    Args:
        input: folded `(N, n·C, *)`, or typed `(N, C, *)`.
        running_mean: `(C, n)`, updated in place when training.
        running_cov: `(C, n(n+1)/2)`, the unbiased covariance, updated in place when training.
        weight: the symmetric matrices Γ, `(C, n(n+1)/2)`; the unit matrix if None.
        bias: `(C, n)`.
        training: whether to use and record the statistics of the batch.
        momentum: the part of the new statistics in the running ones; None leaves those alone.
        eps: added to the variances.
        algebra: the algebra of the numbers.
        process_group: processes whose batches are normalised as one.

    Raises:
        ValueError: if the channels do not fit, or a batch to learn from has a single point.

    Example:
        >>> x = torch.randn(500, 2) @ torch.tensor([[1., 2], [0, 3]])  # correlated parts
        >>> y = batch_norm(x, training=True, algebra=hc.COMPLEX)
        >>> torch.allclose(y.T.cov(correction=0), torch.eye(2), atol=1e-3)
        True

    Source:
        C. Trabelsi et al., *Deep Complex Networks*, ICLR 2018, section 3.5; C. J. Gaudet and
        A. S. Maida, *Deep Quaternion Networks*, IJCNN 2018, section III.D.
    """
    n = algebra.dimension
    entries = (n * (n + 1) // 2,)
    parameters: Parameters = {
        "running_mean": (running_mean, (n,)),
        "running_cov": (running_cov, entries),
        "weight": (weight, entries),
        "bias": (bias, (n,)),
    }

    def whiten(points: Tensor, moment: Tensor, average: Average | None) -> Tensor:
        if average is None:
            matrix = inverse_root(moment, eps, n, points.dtype)
        else:
            alone = process_group is None
            points, matrix = whitened(points, moment, eps, average, alone)
        if weight is not None:
            matrix = symmetric(weight.to(points.dtype), n) @ matrix
        if bias is None:
            return matrix @ points
        return torch.baddbmm(bias.to(points.dtype).unsqueeze(-1), matrix, points)

    return _over_batch(
        whiten, lower_products, input, running_mean, running_cov, parameters, training, momentum,
        algebra, process_group,
    )  # fmt: skip


@explained
def variance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float | Tensor | None = 0.1,
    eps: float = 1e-5,
    *,
    algebra: Algebra,
    process_group: Any = None,
) -> Tensor:
    r"""Scaling over the batch: $y = \gamma\,(x - \mu) / \sqrt{E|x - \mu|^2 + \varepsilon} + \beta$.

    The cheap form of `batch_norm`: one real factor a number, which keeps its direction.
    `running_var` and `weight` are `(C,)`; the other arguments are those of `batch_norm`.

    Raises:
        ValueError: if the channels do not fit, or a batch to learn from has a single point.

    Example:
        >>> y = variance_norm(torch.randn(500, 4), training=True, algebra=hc.QUATERNION)
        >>> torch.allclose(y.square().sum(1).mean(), torch.ones(()), atol=1e-4)
        True

    Source:
        Q. Yin et al., *Quaternion Convolutional Neural Network for Color Image Classification
        and Forensics*, IEEE Access 2019.
    """

    def scale(centred: Tensor, moment: Tensor, average: Average | None) -> Tensor:
        factor = torch.rsqrt(moment.to(centred.dtype) + eps)
        if weight is not None:
            factor = factor * weight
        return _scaled(centred, factor[:, None, None], None if bias is None else bias[..., None])

    return _over_batch(
        scale, _power, input, running_mean, running_var,
        _parameters(algebra, running_mean, running_var, weight, bias),
        training, momentum, algebra, process_group,
    )  # fmt: skip


@explained
def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[Count],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *,
    algebra: AnyProduct,
) -> Tensor:
    r"""Normalisation of each sample: $y = \gamma\,(x - \mu)/\sqrt{\sigma^2 + \varepsilon} + \beta$.

    $\mu$ is the mean of the numbers over the last axes, $\sigma^2 = E|x - \mu|^2 / n$ the mean
    variance of a component, so components come out with variance 1.

    Args:
        input: typed `(*, *normalized_shape)`, or folded, with the channels on the first of the
            normalised axes.
        normalized_shape: sizes of the last axes, in numbers.
        weight: real factors γ, `normalized_shape`.
        bias: `(*normalized_shape, n)`.
        eps: added to the variance.
        algebra: the algebra of the numbers.

    Raises:
        ValueError: if the last axes are others.

    Example:
        >>> y = layer_norm(torch.randn(3, 4 * 50), (50,), algebra=hc.QUATERNION)
        >>> torch.allclose(y.square().mean(1), torch.ones(3), atol=1e-3)
        True

    Source:
        J. L. Ba et al., *Layer Normalization*, 2016.
    """
    shape = tuple(normalized_shape)
    _check_elementwise(shape, weight)
    if bias is not None:
        check_shape("bias", bias, (*shape, state_width(algebra.product)), "(*normalized_shape, n)")
        check_reals("bias", bias)

    def normalise(x: Tensor) -> Tensor:
        axes, numbers = _last_axes(x, shape), single(x)
        centred = numbers - numbers.mean(axes, keepdim=True)
        planes = centred.movedim(-1, axes[0])  # of mean zero, so torch's takes nothing off
        parts = planes.shape[axes[0] :]
        factors = None if weight is None else weight.to(planes.dtype).expand(parts)
        shifts = None if bias is None else bias.to(planes.dtype).movedim(-1, 0)
        y = torch.nn.functional.layer_norm(planes, parts, factors, shifts, eps)
        return y.movedim(axes[0], -1).to(x.dtype)

    return numberwise(normalise, input, algebra=algebra, dim=-len(shape))


@explained
def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[Count],
    weight: Tensor | None = None,
    eps: float | None = None,
    *,
    algebra: AnyProduct,
) -> Tensor:
    r"""Scaling of each sample: $y = \gamma\, x / \sqrt{E|x|^2 / n + \varepsilon}$.

    Args:
        input: as in `layer_norm`.
        normalized_shape: sizes of the last axes, in numbers.
        weight: real factors γ, `normalized_shape`.
        eps: added to the mean square; the resolution of the input's type if None.
        algebra: the algebra of the numbers.

    Raises:
        ValueError: if the last axes are others.

    Example:
        >>> rms_norm(torch.tensor([[3., 4]]), (1,), algebra=hc.COMPLEX)
        tensor([[0.8485, 1.1314]])

    Source:
        B. Zhang and R. Sennrich, *Root Mean Square Layer Normalization*, NeurIPS 2019.
    """
    shape = tuple(normalized_shape)
    _check_elementwise(shape, weight)

    def normalise(x: Tensor) -> Tensor:
        smallest = torch.finfo(x.dtype).eps if eps is None else eps
        axes = _last_axes(x, shape)
        return _standardised(single(x), axes, smallest, _factors(weight), None).to(x.dtype)

    return numberwise(normalise, input, algebra=algebra, dim=-len(shape))


@explained
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *,
    algebra: AnyProduct,
) -> Tensor:
    r"""`layer_norm` over groups of channels and all points of each sample.

    Args:
        input: folded `(N, n·C, *)`, or typed `(N, C, *)`.
        num_groups: number of groups; a group holds whole numbers.
        weight: real factors γ, `(C,)`.
        bias: `(C, n)`.
        eps: added to the variance.
        algebra: the algebra of the numbers.

    Raises:
        ValueError: if `num_groups` does not divide the channels.

    Example:
        >>> group_norm(torch.randn(2, 4 * 6, 5, 5), 3, algebra=hc.QUATERNION).shape
        torch.Size([2, 24, 5, 5])

    Source:
        Y. Wu and K. He, *Group Normalization*, ECCV 2018.
    """

    def normalise(x: Tensor) -> Tensor:
        check_groups("input", x.shape[1], num_groups, "num_groups")
        check_per_channel(x.shape[1], _parameters(algebra, None, None, weight, bias))
        numbers = single(x).unflatten(1, (num_groups, -1))
        axes = tuple(range(2, numbers.ndim - 1))
        centred = numbers - numbers.mean(axes, keepdim=True)
        factors, shifts = (
            None if p is None else p.unflatten(0, (num_groups, -1))
            for p in _per_channel(weight, bias, x.ndim - 3)
        )
        return _standardised(centred, axes, eps, factors, shifts).flatten(1, 2).to(x.dtype)

    return numberwise(normalise, input, algebra=algebra, dim=1)


@explained
def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float | Tensor | None = 0.1,
    eps: float = 1e-5,
    *,
    algebra: Algebra,
    axes: Count,
) -> Tensor:
    r"""`layer_norm` over the points of each channel of each sample.

    Args:
        input: folded `(N, n·C, *)`, or typed `(N, C, *)`; the batch axis may be missing.
        running_mean: `(C, n)`, updated in place from the statistics of the input.
        running_var: `(C,)`, the unbiased mean variance of a component, likewise.
        weight: real factors γ, `(C,)`.
        bias: `(C, n)`.
        use_input_stats: whether to use the statistics of the input, not the running ones.
        momentum: the part of the new statistics in the running ones; None leaves those alone.
        eps: added to the variance.
        algebra: the algebra of the numbers.
        axes: how many axes follow the channels.

    Raises:
        ValueError: if the channels do not fit, or a channel has a single point to learn from.

    Example:
        >>> instance_norm(torch.randn(2, 4 * 6, 5, 5), algebra=hc.QUATERNION, axes=2).shape
        torch.Size([2, 24, 5, 5])

    Source:
        D. Ulyanov et al., *Instance Normalization*, 2016.
    """
    parameters = _parameters(algebra, running_mean, running_var, weight, bias)

    def normalise(x: Tensor) -> Tensor:
        check_per_channel(x.shape[-2 - axes], parameters)
        points, numbers = tuple(range(x.ndim - 1 - axes, x.ndim - 1)), single(x)
        factors, shifts = _per_channel(weight, bias, axes)
        if not use_input_stats:
            factor, mean = _per_channel(running_var, running_mean, axes)
            factor = torch.rsqrt(factor + eps)
            factor = factor if factors is None else factor * factors
            return _scaled(numbers - mean, factor, shifts).to(x.dtype)
        if x.shape[-1 - axes : -1].numel() == 1:
            raise ValueError(_single_point(x))
        if running_mean is not None and numbers.numel():
            with torch.no_grad():
                var, mean = torch.var_mean(numbers, points)
                _record(running_mean, mean.view(-1, *mean.shape[-2:]).mean(0), momentum)
                _record(running_var, var.view(-1, *var.shape[-2:]).mean((0, 2)), momentum)
        centred = numbers - numbers.mean(points, keepdim=True)
        return _standardised(centred, points, eps, factors, shifts).to(x.dtype)

    return numberwise(normalise, input, algebra=algebra, dim=-1 - axes)


# ---------------------------------------------------------------------- over the batch


def _over_batch(
    normalise: Callable[[Tensor, Tensor, Average | None], Tensor],
    moment_sum: Callable[[Tensor], Tensor],
    input: Tensor,
    running_mean: Tensor | None,
    running_moment: Tensor | None,
    parameters: Parameters,
    training: bool,
    momentum: float | Tensor | None,
    algebra: Algebra,
    process_group: Any,
) -> Tensor:
    """Centre points `(C, n, M)`, then normalise them by their second moments `(C, …)`.

    Their own moments come with what averages over them; the running ones without.
    """

    def apply(x: Tensor) -> Tensor:
        check_floating("input", x)
        check_per_channel(x.shape[1], parameters)
        by_channel = x.movedim((1, -1), (0, 1))
        with all_digits(x):
            points = single(by_channel.flatten(2))
            if training or running_mean is None or running_moment is None:
                if points.shape[-1] == 1 and process_group is None:
                    raise ValueError(_single_point(x))
                count, mean, centred, average = _centred(points, process_group)
                moment = average(moment_sum(centred))
                if training:
                    with torch.no_grad():
                        part, unbiased = _learned(count, momentum)
                        _record(running_mean, mean, part)
                        _record(running_moment, moment * unbiased, part)
                y = normalise(centred, moment, average)
            else:
                centred = points - running_mean.to(points.dtype).unsqueeze(-1)
                y = normalise(centred, running_moment, None)
        return y.reshape(by_channel.shape).movedim((0, 1), (1, -1)).to(x.dtype)

    return numberwise(apply, input, algebra=algebra, dim=1)


def _centred(points: Tensor, process_group: Any) -> tuple[int | Tensor, Tensor, Tensor, Average]:
    """How many points all processes have, their mean, the points from it, and means of other sums.

    Second moments are such sums of centred points: the difference of two large sums would lose all
    digits. So would the mean of large numbers that hardly differ: points are seen from the first.
    The mean of no points is zero.
    """
    count = points.shape[-1]
    if process_group is None:
        first = points[..., :1].detach()
        mean = first.sum(-1) + (points - first).sum(-1) / max(count, 1)
        return count, mean, points - mean.unsqueeze(-1), lambda sums: sums / max(count, 1)
    sums = points.sum(-1)
    joined = torch.cat([sums.flatten(), sums.new_full((1,), float(count))])
    joined = _sum_over(process_group, joined)
    total = joined[-1]
    some = total.clamp(min=1)
    mean = joined[:-1].view_as(sums) / some
    centred = points - mean.unsqueeze(-1)
    return total, mean, centred, lambda sums: _sum_over(process_group, sums) / some


def _learned(count: int | Tensor, momentum: float | Tensor | None) -> tuple[Any, Any]:
    """The part of a batch in the running statistics, and what makes its second moments unbiased.

    A batch without points has no part in them.
    """
    if momentum is None:
        return None, 1.0
    if isinstance(count, Tensor):
        return momentum * (count > 1), count / (count - 1).clamp(min=1)
    return (momentum, count / (count - 1)) if count else (None, 1.0)


def _power(centred: Tensor) -> Tensor:
    """Σ |x|²: `(C, n, M)` → `(C,)`."""
    return centred.square().sum((1, 2))


class _SumOverProcesses(torch.autograd.Function):
    """The sum over a process group; so is its gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: Any) -> Tensor:
        ctx.group = group
        total = x.clone(memory_format=torch.contiguous_format)
        torch.distributed.all_reduce(total, group=group)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _sum_over(ctx.group, gradients[0]), None


def _sum_over(group: Any, x: Tensor) -> Tensor:
    return _SumOverProcesses.apply(x, group)  # type: ignore[no-untyped-call]


# ---------------------------------------------------------------------- over a sample


def _standardised(
    centred: Tensor,
    axes: tuple[int, ...],
    eps: float,
    factors: Tensor | None,
    shifts: Tensor | None,
) -> Tensor:
    """γ x / √(E|x|²/n + ε) + β: the mean square over axes of numbers, and components alike."""
    factor = torch.rsqrt(centred.square().mean((*axes, -1), keepdim=True) + eps)
    return _scaled(centred, factor if factors is None else factor * factors, shifts)


def _scaled(x: Tensor, factor: Tensor, shift: Tensor | None) -> Tensor:
    return x * factor if shift is None else torch.addcmul(shift.to(x.dtype), x, factor)


def _factors(weight: Tensor | None) -> Tensor | None:
    """One real factor for each number, over all its components."""
    return None if weight is None else weight.unsqueeze(-1)


def _per_channel(weight: Any, bias: Any, axes: int) -> tuple[Any, Any]:
    """`(C,)` and `(C, n)`, shaped to broadcast against `(C, *, n)` with `axes` axes of points."""
    points = (1,) * axes
    return (
        None if weight is None else weight.view(-1, *points, 1),
        None if bias is None else bias.view(bias.shape[0], *points, -1),
    )


def _last_axes(x: Tensor, shape: tuple[int, ...]) -> tuple[int, ...]:
    if tuple(x.shape[-1 - len(shape) : -1]) != shape:
        raise ValueError(
            f"`normalized_shape` (={shape}) must be the last axes of the input, counted in "
            f"numbers; they are {tuple(x.shape[-1 - len(shape) : -1])}"
        )
    return tuple(range(x.ndim - 1 - len(shape), x.ndim - 1))


# ---------------------------------------------------------------------- shared


def _record(running: Tensor | None, new: Tensor, part: float | Tensor | None) -> None:
    """Move towards the new statistics, made smaller where the type of the running ones ends."""
    if running is None or part is None:
        return
    if running.dtype != new.dtype:
        largest = new.reshape(len(new), -1).abs().amax(1)
        fitting = (torch.finfo(running.dtype).max / largest).clamp(max=1)
        new = (new * fitting.view(-1, *(1 for _ in new.shape[1:]))).to(running.dtype)
    running.add_(part * (new - running))


def _parameters(
    algebra: AnyProduct,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
) -> Parameters:
    """What a channel of numbers has where one real number scales them."""
    return {
        "running_mean": (running_mean, (state_width(algebra.product),)),
        "running_var": (running_var, ()),
        "weight": (weight, ()),
        "bias": (bias, (state_width(algebra.product),)),
    }


def _check_elementwise(shape: tuple[int, ...], weight: Tensor | None) -> None:
    if weight is not None:
        check_shape("weight", weight, shape, "normalized_shape")


def _single_point(x: Tensor) -> str:
    return (
        f"`input` of shape {tuple(x.shape[:-1])}, in numbers, has a single point for each channel: "
        "a variance needs at least two"
    )
