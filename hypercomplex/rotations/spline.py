r"""A curve through rotations with continuous angular velocity and acceleration.

Between knots the rotation is $q_i \exp(\theta(\tau) / 2)$ with a cubic polynomial θ, a rotation
vector in the body's frame. Its angular velocity is $J(\theta)\,\dot\theta$ with the matrix

    J(θ) = 1 - c₂ [θ]× + c₃ [θ]×²        J(θ)⁻¹ = 1 + ½ [θ]× + … [θ]×²

Equal accelerations on both sides of every knot are a system of equations for the angular velocities
at the knots. It is linear but for a term that is small for short steps, and solved by iteration.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.constructions import QUATERNION
from hypercomplex.functional import conj, product
from hypercomplex.functional.values import can_be_read
from hypercomplex.rotations._even import jacobian_slopes, jacobian_terms
from hypercomplex.rotations._inputs import check_last, public, squared_length, unit
from hypercomplex.rotations.vectors import from_rotvec, to_rotvec

__all__ = ["spline", "spline_rates"]

_ITERATIONS = 20


@public
def spline(times: Tensor, q: Tensor, t: Tensor) -> Tensor:
    r"""The cubic spline through rotations, twice continuously differentiable.

    At the ends the angular velocity is that of the straight way to the neighbour. Beyond them the
    outermost polynomials go on. One dense system of 3 (n - 2) equations is solved.

    Shape:
        times `(n,)`, growing; knots `(…, n, 4)`, at least two; t `(m,)` → `(…, m, 4)`, units, or
        one time, a number or `()` → `(…, 4)`.

    Raises:
        ValueError: if the shapes do not fit, or times do not grow; where values cannot be read,
            such times give NaN.

    Example:
        >>> times = torch.arange(3.)
        >>> q = from_rotvec(torch.tensor([[0., 0, 0], [0, 0, 1], [0, 0, 2]]))
        >>> to_rotvec(spline(times, q, torch.tensor([0.5, 2])))
        tensor([[0.0000, 0.0000, 0.5000],
                [0.0000, 0.0000, 2.0000]])

    Source:
        The construction of SciPy's `RotationSpline`, rederived.
    """
    q, start, theta, _, _ = _evaluate(times, q, t)
    path = product(q.index_select(-2, start), from_rotvec(theta), QUATERNION)
    return path if t.ndim else path.squeeze(-2)


@public
def spline_rates(times: Tensor, q: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    r"""Angular velocity and acceleration of `spline` at times `t`, in the body's frame.

    Shape:
        as in `spline` → `(…, m, 3)`, `(…, m, 3)`, or `(…, 3)`, `(…, 3)` for one time.

    Raises:
        ValueError: if the shapes do not fit, or times do not grow; where values cannot be read,
            such times give NaN.

    Example:
        >>> times = torch.arange(3.)
        >>> q = from_rotvec(torch.tensor([[0., 0, 0], [0, 0, 1], [0, 0, 2]]))
        >>> velocity, acceleration = spline_rates(times, q, torch.tensor([0.5]))
        >>> velocity.round(decimals=4)
        tensor([[0., 0., 1.]])
    """
    _, _, theta, slope, curvature = _evaluate(times, q, t)
    rate, growth = _rate(theta, slope), _rate(theta, curvature) + _turning(theta, slope)
    return (rate, growth) if t.ndim else (rate.squeeze(-2), growth.squeeze(-2))


def _evaluate(times: Tensor, q: Tensor, t: Tensor) -> tuple[Tensor, ...]:
    """The knots, and at each time its knot, θ and the first and second derivatives of θ."""
    check_last("q", q, 4, "quaternions, real part first")
    if times.ndim != 1 or q.ndim < 2 or q.shape[-2] != len(times) or len(times) < 2:
        raise ValueError(
            f"`times` of shape {tuple(times.shape)} must hold one time for each of two or more "
            f"knots, the axis before the last of `q` of shape {tuple(q.shape)}"
        )
    if t.ndim > 1:
        raise ValueError(f"`t` of shape {tuple(t.shape)} must be one time or a row of times")
    steps = times.diff()
    growing = steps > 0
    if can_be_read(times) and not growing.all():
        raise ValueError(f"`times` (={times.tolist()}) must grow from each knot to the next")
    q, t = unit(q), t.reshape(-1)
    dt = steps.masked_fill(~growing, torch.nan).to(q.dtype).unsqueeze(-1)
    turns = to_rotvec(product(conj(q[..., :-1, :], QUATERNION), q[..., 1:, :], QUATERNION))
    rates = _rates_at_knots(turns, dt)
    begin, end = rates[..., :-1, :], _slope(turns, rates[..., 1:, :])
    square = (3 * turns / dt - 2 * begin - end) / dt
    cube = (begin + end - 2 * turns / dt) / (dt * dt)
    start = (torch.searchsorted(times.contiguous(), t.contiguous(), right=True) - 1).clamp(
        0, len(times) - 2
    )
    tau = (t - times[start]).to(q.dtype).unsqueeze(-1)
    a, b, c = (x.index_select(-2, start) for x in (begin, square, cube))
    theta = tau * (a + tau * (b + tau * c))
    return q, start, theta, a + tau * (2 * b + tau * 3 * c), 2 * b + tau * 6 * c


def _rates_at_knots(turns: Tensor, dt: Tensor) -> Tensor:
    """Angular velocities `(…, n, 3)` with which accelerations are continuous.

    2 J ω₋ / l + 4 (1/l + 1/r) ω + 2 J⁻¹ ω₊ / r = 6 (turn₋ / l² + turn₊ / r²) - J̇ θ̇, at the knot
    between steps of length l and r.
    """
    straight = turns / dt
    first, last = straight[..., :1, :], straight[..., -1:, :]
    inner = turns.shape[-2] - 1
    if inner == 0:
        return torch.cat([first, last], -2)
    left, right = turns[..., :-1, :], turns[..., 1:, :]
    l, r = dt[:-1].unsqueeze(-1), dt[1:].unsqueeze(-1)  # noqa: E741
    basis = torch.eye(3, dtype=turns.dtype, device=turns.device)
    back = 2 * _rate(left.unsqueeze(-2), basis).mT / l
    ahead = 2 * _slope(right.unsqueeze(-2), basis).mT / r
    here = (4 / l + 4 / r) * basis.expand(back.shape)
    fixed = 6 * (straight[..., :-1, :] / dt[:-1] + straight[..., 1:, :] / dt[1:])
    edge = torch.zeros_like(fixed[..., 1:, :])
    before = (back[..., 0, :, :] * first).sum(-1, keepdim=True).mT
    after = (ahead[..., -1, :, :] * last).sum(-1, keepdim=True).mT
    fixed = fixed - torch.cat([before, edge], -2) - torch.cat([edge, after], -2)
    system = _blocks(here, 0) + _blocks(back[..., 1:, :, :], -1) + _blocks(ahead[..., :-1, :, :], 1)
    with torch.autocast(turns.device.type, enabled=False):
        factors, pivots, _ = torch.linalg.lu_factor_ex(system)
        middle = torch.zeros_like(fixed)
        for _ in range(_ITERATIONS):
            side = fixed - _turning(left, _slope(left, middle))
            flat = torch.linalg.lu_solve(factors, pivots, side.flatten(-2).unsqueeze(-1))
            middle = flat.squeeze(-1).unflatten(-1, (inner, 3))
    return torch.cat([first, middle, last], -2)


def _blocks(x: Tensor, offset: int) -> Tensor:
    """Blocks `(…, k, 3, 3)` on a diagonal of a matrix of blocks."""
    spread = torch.diag_embed(x.movedim(-3, -1), offset)  # (…, 3, 3, k, k)
    return spread.movedim((-2, -1), (-4, -2)).flatten(-4, -3).flatten(-2, -1)


def _rate(theta: Tensor, slope: Tensor) -> Tensor:
    """J(θ) θ̇."""
    c2, c3, _ = (c.unsqueeze(-1) for c in jacobian_terms(squared_length(theta)))
    turn = _cross(theta, slope)
    return slope - c2 * turn + c3 * _cross(theta, turn)


def _slope(theta: Tensor, rate: Tensor) -> Tensor:
    """J(θ)⁻¹ ω."""
    inverse = jacobian_terms(squared_length(theta))[2].unsqueeze(-1)
    turn = _cross(theta, rate)
    return rate + 0.5 * turn + inverse * _cross(theta, turn)


def _turning(theta: Tensor, slope: Tensor) -> Tensor:
    """J̇(θ) θ̇, what the angular acceleration has beyond J(θ) θ̈."""
    u = squared_length(theta)
    c3 = jacobian_terms(u)[1].unsqueeze(-1)
    by2, by3 = (c.unsqueeze(-1) for c in jacobian_slopes(u))
    growth = 2 * (theta * slope).sum(-1, keepdim=True)
    turn = _cross(theta, slope)
    return growth * (by3 * _cross(theta, turn) - by2 * turn) + c3 * _cross(slope, turn)


def _cross(a: Tensor, b: Tensor) -> Tensor:
    return torch.linalg.cross(*torch.broadcast_tensors(a, b))
