r"""A curve through rotations with continuous angular velocity and acceleration.

Between knots the rotation is $q_i \exp(\theta(\tau) / 2)$ with a cubic polynomial θ, a rotation
vector in the body's frame. Its angular velocity is $J(\theta)\,\dot\theta$ with the matrix

    J(θ) = 1 - c₂ [θ]× + c₃ [θ]×²        J(θ)⁻¹ = 1 + ½ [θ]× + … [θ]×²

Equal accelerations on both sides of every knot are a system of equations for the angular velocities
at the knots, of which each meets its two neighbours. It is linear but for the term J̇ θ̇, a quadratic
form of the velocity at the knot alone, so each of Newton's steps solves a block tridiagonal system.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import conj, product
from hypercomplex.host.mode import all_digits, can_be_read, works_in_place
from hypercomplex.kernels.scaling import squared_length
from hypercomplex.kernels.series import jacobian_slopes, jacobian_terms
from hypercomplex.kernels.tridiagonal import solve_tridiagonal
from hypercomplex.rotations.arguments import Stamps, public, unit
from hypercomplex.rotations.times import pieces
from hypercomplex.rotations.vectors import from_rotvec, to_rotvec

__all__ = ["spline", "spline_rates"]

_STEPS = 8  # of Newton's method, where it cannot be seen whether fewer would do
_MOST = 20  # where it can


@public("q")
def spline(times: Stamps, q: Tensor, t: Stamps) -> Tensor:
    r"""The cubic spline through rotations, twice continuously differentiable.

    At the ends the angular velocity is that of the straight way to the neighbour. Beyond them the
    outermost polynomials go on. Time and memory grow as n. First and second derivatives are exact.
    Where knots are turned almost by π from the last there need be no such curve, and acceleration
    jumps.

    Times are read to the last digit, as seconds in float64 or nanoseconds in int64 beside knots in
    float32.

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


@public("q", gives="reals")
def spline_rates(times: Stamps, q: Tensor, t: Stamps) -> tuple[Tensor, Tensor]:
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
    rate, growth = _rate(theta, slope), _rate(theta, curvature) + _bend(theta, slope, slope)
    return (rate, growth) if t.ndim else (rate.squeeze(-2), growth.squeeze(-2))


def _evaluate(times: Stamps, q: Tensor, t: Stamps) -> tuple[Tensor, ...]:
    """The knots, and at each time its knot, θ and the first and second derivatives of θ."""
    start, dt, tau = pieces(times, q, t)
    q, dt = unit(q), dt.unsqueeze(-1)
    turns = to_rotvec(product(conj(q[..., :-1, :], QUATERNION), q[..., 1:, :], QUATERNION))
    rates = _rates_at_knots(turns, dt)
    begin, end = rates[..., :-1, :], _slope(turns, rates[..., 1:, :])
    square = (3 * turns / dt - 2 * begin - end) / dt
    cube = (begin + end - 2 * turns / dt) / (dt * dt)
    tau = tau.unsqueeze(-1)
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
    if turns.shape[-2] == 1:
        return torch.cat([first, last], -2)
    left, right = turns[..., :-1, :], turns[..., 1:, :]
    l, r = dt[:-1].unsqueeze(-1), dt[1:].unsqueeze(-1)  # noqa: E741
    basis = torch.eye(3, dtype=turns.dtype, device=turns.device)
    below = 2 * _rate(left.unsqueeze(-2), basis).mT / l
    above = 2 * _slope(right.unsqueeze(-2), basis).mT / r
    here = (4 / l + 4 / r) * basis.expand(below.shape)
    side = 6 * (straight[..., :-1, :] / dt[:-1] + straight[..., 1:, :] / dt[1:]).unsqueeze(-1)
    before = below[..., :1, :, :] @ first.unsqueeze(-1)
    after = above[..., -1:, :, :] @ last.unsqueeze(-1)
    rest = side.new_zeros(side.shape[-3] - 1, 3, 1)
    side = side - _joined(before, rest) - _joined(rest, after)
    below = _joined(torch.zeros_like(before.mT * before), below[..., 1:, :, :])
    above = _joined(above[..., :-1, :, :], torch.zeros_like(below[..., :1, :, :]))
    with all_digits(turns):
        middle = _newton(left, (below, here, above, side))
    return torch.cat([first, middle, last], -2)


def _newton(left: Tensor, system: tuple[Tensor, ...]) -> Tensor:
    """The solution of `M ω + N(ω) = side` with `N = J̇ θ̇`, from that of `M ω = side`.

    It is found outside of autograd; two steps more, of which each doubles the order of what is
    right, have its first and second derivatives.
    """
    with torch.no_grad():
        start, constant = left.detach(), tuple(x.detach() for x in system)
        rates = solve_tridiagonal(*constant).squeeze(-1)
        for _ in range(_MOST if can_be_read(rates) else _STEPS):
            last, rates = rates, _newton_step(start, constant, rates)
            if can_be_read(rates) and _settled(rates, last):
                break
    differentiated = torch.is_grad_enabled() and left.requires_grad
    for _ in range(2 if differentiated or not works_in_place(left) else 0):
        rates = _newton_step(left, system, rates)
    return rates


def _newton_step(left: Tensor, system: tuple[Tensor, ...], rates: Tensor) -> Tensor:
    """The solution of `(M + N'(ω₀)) ω = side + N(ω₀)`, for N is quadratic."""
    below, here, above, side = system
    slope = _slope(left, rates)
    theta, basis = left.unsqueeze(-2), torch.eye(3, dtype=left.dtype, device=left.device)
    along = _slope(theta, basis)
    bend = _bend(theta, slope.unsqueeze(-2), along) + _bend(theta, along, slope.unsqueeze(-2))
    bent = side + _bend(left, slope, slope).unsqueeze(-1)
    return solve_tridiagonal(below, here + bend.mT, above, bent).squeeze(-1)


def _settled(rates: Tensor, last: Tensor) -> bool:
    """Whether the next step, the square of the last in size, would change nothing that counts."""
    change = (rates - last).abs().amax((-2, -1))
    size = rates.abs().amax((-2, -1))
    return not bool((change > torch.finfo(rates.dtype).eps ** (2 / 3) * size).any())


def _joined(*blocks: Tensor) -> Tensor:
    batch = torch.broadcast_shapes(*[x.shape[:-3] for x in blocks])
    return torch.cat([x.expand(*batch, *x.shape[-3:]) for x in blocks], -3)


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


def _bend(theta: Tensor, change: Tensor, slope: Tensor) -> Tensor:
    """The derivative of J(θ) along a change of θ, times a slope."""
    u = squared_length(theta)
    c3 = jacobian_terms(u)[1].unsqueeze(-1)
    by2, by3 = (c.unsqueeze(-1) for c in jacobian_slopes(u))
    growth = 2 * (theta * change).sum(-1, keepdim=True)
    turn = _cross(theta, slope)
    return growth * (by3 * _cross(theta, turn) - by2 * turn) + c3 * _cross(change, turn)


def _cross(a: Tensor, b: Tensor) -> Tensor:
    return torch.linalg.cross(*torch.broadcast_tensors(a, b))
