"""Statistics about the mean of numbers, sums along an axis, and which numbers are there.

The variance is that of torch's complex numbers, real: the mean of |q − mean|².
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from hypercomplex import functional
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, lift, scale_of, wrap
from hypercomplex.host.mode import can_be_read
from hypercomplex.lowering import embedded, real_part
from hypercomplex.rules import linear
from hypercomplex.rules.axes import as_line, axes, axis, components_first, on_last, sizes
from hypercomplex.rules.patterns import in_place
from hypercomplex.rules.product import commute

Dim = int | Sequence[int] | None

# ---------------------------------------------------------------------- sums


@rule("linear", "nansum")
def nansum(
    cls: TensorType, input: Tensor, dim: Dim = None, keepdim: bool = False, **named: Any
) -> Tensor:
    return linear.sum_(cls, input.masked_fill(_nan(input), 0), dim, keepdim, **named)


@rule("linear", "nanmean")
def nanmean(
    cls: TensorType, input: Tensor, dim: Dim = None, keepdim: bool = False, **named: Any
) -> Tensor:
    there, dims = ~_nan(input), axes(input, dim)
    count = there.sum(dims, keepdim) if dims else there
    return wrap(cls, nansum(cls, input, dim, keepdim, **named) / count)


@rule("linear", "trace")
def trace(cls: TensorType, input: Tensor) -> Tensor:
    if input.ndim != 3:
        raise RuntimeError(f"trace: expected a matrix of numbers, not {input.ndim - 1} axes")
    return wrap(cls, input.diagonal().sum(-1))


@rule("linear", "sum_to_size")
def sum_to_size(cls: TensorType, input: Tensor, *size: Any, **named: Any) -> Tensor:
    given = sizes(size, named)
    if not given:  # torch copies then, and only then
        return linear.sum_(cls, input)
    return wrap(cls, input.sum_to_size(*given, input.shape[-1]))


@rule("linear", "nn.functional.fold")
def fold(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if input.ndim - 1 not in (2, 3):
        raise RuntimeError(
            f"Expected 2D or 3D input of numbers for fold, but got {input.ndim - 1} axes"
        )
    return wrap(cls, on_last(2, lambda x: F.fold(x, *args, **kwargs), input))


# ---------------------------------------------------------------------- along an axis


in_place("linear", "cumsum_", linear.cumsum)


@rule("linear", "diff")
def diff(
    cls: TensorType,
    input: Tensor,
    n: int = 1,
    dim: int = -1,
    prepend: Any = None,
    append: Any = None,
) -> Tensor:
    like = next(x for x in (input, prepend, append) if is_typed(x))
    numbers = lift(cls, input, like)
    ends = [None if x is None else lift(cls, x, like) for x in (prepend, append)]
    if numbers.ndim == 1:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    return wrap(cls, numbers.diff(n, axis(numbers, dim), *ends))


@rule("linear", "gradient")
def gradient(
    cls: TensorType,
    input: Tensor,
    *,
    spacing: Any = None,
    dim: Dim = None,
    edge_order: int = 1,
) -> tuple[Tensor, ...]:
    spacing = 1 if spacing is None else spacing
    _real_points(cls, "spacing", spacing)
    along_axes = list(axes(input, dim))
    slopes = torch.gradient(input, spacing=spacing, dim=along_axes, edge_order=edge_order)
    return tuple(wrap(cls, slope) for slope in slopes)


def _integral(name: str) -> None:
    integrate = getattr(torch, name)

    @rule("linear", name)
    def integral(
        cls: TensorType, y: Any, x: Any = None, *, dx: float | None = None, dim: int = -1
    ) -> Tensor:
        _real_points(cls, "dx", dx)
        values = lift(cls, y, y if is_typed(y) else x)
        if values.ndim == 1:
            raise IndexError("a single number has no axis to integrate along")
        where = axis(values, dim)
        if is_typed(x):
            areas = _steps_times_means(cls, values, x, where)
            total = areas.sum if name.startswith("trap") else areas.cumsum
            return wrap(cls, total(where))
        points = {"dx": 1 if dx is None else dx} if x is None else {"x": x}
        return wrap(cls, components_first(lambda z: integrate(z, **points, dim=where + 1), values))


for _name in ("trapezoid", "trapz", "cumulative_trapezoid"):
    _integral(_name)


def _steps_times_means(cls: TensorType, values: Tensor, points: Tensor, dim: int) -> Tensor:
    r"""$(x_{i+1} - x_i)\, (y_i + y_{i+1}) / 2$, where the order of the factors does not matter."""
    if not commute(cls):
        _real_points(cls, "x", points)
    if points.ndim == 2:
        points = points.unflatten(0, (-1, *[1] * (values.ndim - 2 - dim)))
    steps = points.diff(dim=dim - values.ndim)
    size = values.shape[dim] - 1
    means = (values.narrow(dim, 0, size) + values.narrow(dim, 1, size)) / 2
    return functional.product(steps, means, cls.algebra)


def _real_points(cls: TensorType, name: str, points: Any) -> None:
    if any(is_typed(x) for x in (points if isinstance(points, (list, tuple)) else [points])):
        raise NotImplementedError(
            f"`{name}` must be real: which side numbers of {cls.algebra} multiply from is not said"
        )


@rule("linear", "lerp")
def lerp(cls: TensorType, input: Any, end: Any, weight: Any) -> Tensor:
    like = next(x for x in (input, end, weight) if is_typed(x))
    start = lift(cls, input, like)
    step = lift(cls, end, like) - start
    if is_typed(weight):
        if cls.places is not None:
            raise NotImplementedError(f"`weight` must be real beside a {cls.__name__}")
        return wrap(cls, start + functional.product(weight, step, cls.algebra))
    return wrap(cls, start + scale_of(cls, weight, like) * step)


in_place("linear", "lerp_", lerp)

# ---------------------------------------------------------------------- about the mean


def _spread(name: str) -> None:
    """`var`, `std` and each with the mean: sums of the components' own variances."""
    is_std, with_mean = name.startswith("std"), name.endswith("_mean")

    @rule("linear", name)
    def spread(
        cls: TensorType,
        input: Tensor,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        if isinstance(dim, bool):  # var(unbiased)
            dim, unbiased = None, dim
        if correction is None:
            correction = 0 if unbiased is False else 1
        single, dims = input.ndim == 1, axes(input, dim)
        line, dims = (as_line(input), (0,)) if single else (input, dims)
        options: dict[str, Any] = {"correction": correction, "keepdim": keepdim and not single}
        if is_std:
            result = functional.norm(line.std(dims, **options))
        else:
            result = line.var(dims, **options).sum(-1)
        mean = linear.mean(cls, input, dim, keepdim) if with_mean else None
        return (result, mean) if with_mean else result


for _name in ("var", "std", "var_mean", "std_mean"):
    _spread(_name)


@rule("product", "cov")
def cov(
    cls: TensorType,
    input: Tensor,
    *,
    correction: int = 1,
    fweights: Tensor | None = None,
    aweights: Tensor | None = None,
) -> Tensor:
    if input.ndim > 3:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer axes of numbers, not {input.ndim - 1}"
        )
    rows = input.reshape(-1, input.shape[-2] if input.ndim > 1 else 1, input.shape[-1])
    count = rows.shape[1]
    _check_weights("fweights", fweights, count, integers=True)
    _check_weights("aweights", aweights, count, integers=False)
    weights = rows.new_ones(count) if fweights is None else fweights.to(rows.dtype)
    weights = weights if aweights is None else weights * aweights
    total = weights.sum()
    rest = total if aweights is None else (weights * aweights).sum() / total
    scale = total - correction * (1 if aweights is None else rest)
    weight = weights.unsqueeze(-1)
    centred = rows - (rows * weight).sum(1, keepdim=True) / total
    adjoint = functional.conj(centred * weight, cls.algebra).transpose(0, 1)
    result = functional.matmul(centred, adjoint, cls.algebra) / scale.clamp(min=0)
    return wrap(cls, result.squeeze((0, 1)))  # of one variable it is a number


def _check_weights(name: str, weights: Tensor | None, count: int, integers: bool) -> None:
    if weights is None:
        return
    if weights.ndim > 1 or weights.numel() != count:
        raise RuntimeError(
            f"cov(): `{name}` of shape {tuple(weights.shape)} must have one weight for each of the "
            f"{count} observations"
        )
    if weights.is_floating_point() == integers:
        raise RuntimeError(
            f"cov(): `{name}` holds {weights.dtype}, but must be "
            + ("integers, for they count" if integers else "floating-point numbers")
        )
    if can_be_read(weights) and bool((weights < 0).any()):
        raise RuntimeError(f"cov(): `{name}` cannot be negative")


@rule("product", "corrcoef")
def corrcoef(cls: TensorType, input: Tensor) -> Tensor:
    covariance = cov(cls, input)
    if covariance.ndim == 1:
        return wrap(cls, covariance / real_part(covariance, cls.algebra).unsqueeze(-1))
    deviations = real_part(covariance.diagonal().mT, cls.algebra).sqrt()
    return wrap(cls, covariance / (deviations.unsqueeze(-1) * deviations).unsqueeze(-1))


# ---------------------------------------------------------------------- which numbers


@rule("metadata", "isreal")
def isreal(cls: TensorType, input: Tensor) -> Tensor:
    if cls.algebra.is_adapted:
        return (input[..., 1:] == 0).all(-1)
    return (input == embedded(real_part(input, cls.algebra), cls.algebra)).all(-1)


@rule("metadata", "isin")
def isin(
    cls: TensorType,
    elements: Any,
    test_elements: Any,
    *,
    assume_unique: bool = False,
    invert: bool = False,
) -> Tensor:
    like = elements if is_typed(elements) else test_elements
    known = lift(cls, test_elements, like).reshape(-1, cls.width)
    found = (lift(cls, elements, like).unsqueeze(-2) == known).all(-1).any(-1)
    return ~found if invert else found


# ---------------------------------------------------------------------- different numbers


def _different(name: str) -> None:
    """`unique` and `unique_consecutive`: numbers are rows of components, equal or not."""
    torchs = getattr(torch, name)

    @rule("shape", name)
    def different(cls: TensorType, input: Tensor, *, dim: int | None = None, **named: Any) -> Any:
        rows = input.reshape(-1, input.shape[-1]) if dim is None else input
        result = torchs(rows, dim=0 if dim is None else axis(input, dim), **named)
        if isinstance(result, Tensor):
            return wrap(cls, result)
        numbers, *rest = result
        if dim is None and named.get("return_inverse"):
            rest[0] = rest[0].view(input.shape[:-1])
        return (wrap(cls, numbers), *rest)


for _name in ("unique", "unique_consecutive"):
    _different(_name)


# ---------------------------------------------------------------------- helpers


def _nan(input: Tensor) -> Tensor:
    """Which numbers have a component that is no number, `(…, 1)`."""
    return input.isnan().any(-1, keepdim=True)
