"""Rotations as three numbers: rotation vector, axis and angle, Rodrigues parameters.

Rotations are active and `q` means what `-q` and `2q` mean. Of the two arcs the shortest is told.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import log, norm, normalize
from hypercomplex.functional.arguments import check_last
from hypercomplex.kernels.rotation_vectors import exponential, logarithm, positive_real
from hypercomplex.kernels.scaling import squared_length
from hypercomplex.rotations.arguments import angle_unit, check_quaternions, direction, public

__all__ = [
    "angle",
    "from_axis_angle",
    "from_gibbs",
    "from_mrp",
    "from_rotvec",
    "to_axis_angle",
    "to_gibbs",
    "to_mrp",
    "to_rotvec",
]


@public()
def from_rotvec(v: Tensor, degrees: bool = False) -> Tensor:
    r"""The rotation by $|v|$ about $v$: $q = \exp(v/2) = \cos\frac{|v|}2 +
    \frac v{|v|} \sin\frac{|v|}2$.

    All derivatives are exact, at 0, too: there $\partial q / \partial v$ is $(0, I/2)$ and
    $\partial^2 w / \partial v^2 = -I/4$.

    Shape:
        `(…, 3)` → `(…, 4)`, units.

    Raises:
        ValueError: if the last axis is not 3 wide.

    Example:
        >>> from_rotvec(torch.tensor([0., 0, 90]), degrees=True)
        tensor([0.7071, 0.0000, 0.0000, 0.7071])
    """
    check_last("v", v, 3, "rotation vectors")
    return exponential(v, 0.5 * angle_unit(degrees))


@public("q", gives="reals")
def to_rotvec(q: Tensor, degrees: bool = False, shortest: bool = True) -> Tensor:
    r"""The shortest rotation vector: $v = 2 \operatorname{atan2}(|\mathrm{im}\,q|, |w|)\,
    \operatorname{sgn}(w)\, \mathrm{im}\,q / |\mathrm{im}\,q|$, of length at most π. Without
    `shortest` it is $2 \operatorname{im} \log q$, for $w < 0$ the long way round, up to 2π.

    At a rotation by π both directions are right; the one along the imaginary part is chosen
    where $w = 0$. Derivatives are exact, at ±1 and at π, too.

    Shape:
        `(…, 4)` → `(…, 3)`, in radians, or degrees if asked for.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> to_rotvec(torch.tensor([-2., 0, 0, -2]), degrees=True)
        tensor([-0., -0., 90.])
    """
    check_quaternions("q", q)
    if not shortest:
        return 2 / angle_unit(degrees) * log(q, QUATERNION)[..., 1:]
    return logarithm(q, 2 / angle_unit(degrees))


@public()
def from_axis_angle(axis: Tensor, angle: Tensor, degrees: bool = False) -> Tensor:
    r"""The rotation by an angle about an axis of any length: $\cos\frac\alpha2 +
    \frac{a}{|a|}\sin\frac\alpha2$. About a zero axis, which has no direction, nothing
    turns: the identity.

    Shape:
        `(…, 3)`, `(…)` → `(…, 4)`, broadcast; radians, or degrees if said.

    Raises:
        ValueError: if the last axis of `axis` is not 3 wide.

    Example:
        >>> from_axis_angle(torch.tensor([0., 0, 5]), torch.tensor(180.), degrees=True).round()
        tensor([-0., 0., 0., 1.])
    """
    check_last("axis", axis, 3, "axes")
    half = (angle * (0.5 * angle_unit(degrees))).unsqueeze(-1)
    half = half.masked_fill((axis == 0).all(-1, keepdim=True), 0)
    v = normalize(axis) * half.sin()
    return torch.cat([half.cos().expand(v[..., :1].shape), v], -1)


@public("q", gives="reals")
def to_axis_angle(q: Tensor, degrees: bool = False) -> tuple[Tensor, Tensor]:
    r"""The unit axis and the angle in $[0, \pi]$. The identity has the axis 0.

    There neither is differentiable: the subgradient is 0. `to_rotvec`, their product, is.

    Shape:
        `(…, 4)` → `(…, 3)`, `(…)`; radians, or degrees if asked for.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> to_axis_angle(torch.tensor([0., 0, 3, 0]), degrees=True)
        (tensor([0., 1., 0.]), tensor(180.))
    """
    _, v = positive_real(direction(q))
    return normalize(v), angle(q, degrees)


@public("q", gives="reals")
def angle(q: Tensor, degrees: bool = False) -> Tensor:
    r"""How far a rotation turns: $2\operatorname{atan2}(|\mathrm{im}\,q|, |w|) \in [0, \pi]$.

    Of typed tensors it is the method `q.rotation_angle()`. Their `q.angle()` is another thing, the
    angle in polar form, as torch's complex numbers have it: half as large for a rotation. At the
    identity the subgradient is 0.

    Shape:
        `(…, 4)` → `(…)`; radians, or degrees if asked for.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> angle(torch.tensor([[1., 0, 0, 0], [1, 0, 0, -1]]), degrees=True)
        tensor([ 0., 90.])
    """
    w, v = positive_real(direction(q))
    return 2 / angle_unit(degrees) * torch.atan2(norm(v), w)


@public()
def from_mrp(p: Tensor) -> Tensor:
    r"""From modified Rodrigues parameters $p = a \tan\frac\alpha4$:
    $q = (1 - |p|^2 + 2p) / (1 + |p|^2)$.

    Shape:
        `(…, 3)` → `(…, 4)`, units.

    Raises:
        ValueError: if the last axis is not 3 wide.

    Example:
        >>> from_mrp(torch.tensor([1., 0, 0]))  # a half turn
        tensor([0., 1., 0., 0.])

    Source:
        J. L. Crassidis and F. L. Markley, *Attitude estimation using modified Rodrigues
        parameters*, 1996.
    """
    check_last("p", p, 3, "modified Rodrigues parameters")
    scale = p.detach().abs().amax(-1, keepdim=True).clamp(min=1)
    small, unit = p / scale, 1 / scale
    square = squared_length(small).unsqueeze(-1)
    one = unit * unit
    return torch.cat([one - square, 2 * unit * small], -1) / (one + square)


@public("q", gives="reals")
def to_mrp(q: Tensor) -> Tensor:
    r"""Modified Rodrigues parameters of the shortest arc: $p = a \tan\frac\alpha4$, $|p| \le 1$.

    Shape:
        `(…, 4)` → `(…, 3)`.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> to_mrp(torch.tensor([0., 5, 0, 0]))
        tensor([1., 0., 0.])
    """
    w, v = positive_real(direction(q))
    length = (w * w + squared_length(v)).sqrt()
    return v / (length + w).unsqueeze(-1)


@public()
def from_gibbs(g: Tensor) -> Tensor:
    r"""From the Gibbs (Rodrigues) vector $g = a \tan\frac\alpha2$: $q \propto 1 + g$.

    Shape:
        `(…, 3)` → `(…, 4)`, units.

    Raises:
        ValueError: if the last axis is not 3 wide.

    Example:
        >>> from_gibbs(torch.tensor([0., 0, 1]))  # a quarter turn
        tensor([0.7071, 0.0000, 0.0000, 0.7071])
    """
    check_last("g", g, 3, "Gibbs vectors")
    return normalize(torch.cat([torch.ones_like(g[..., :1]), g], -1))


@public("q", gives="reals")
def to_gibbs(q: Tensor) -> Tensor:
    r"""The Gibbs vector $g = \mathrm{im}\,q / w = a \tan\frac\alpha2$, infinite for a half turn.

    Shape:
        `(…, 4)` → `(…, 3)`.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> to_gibbs(torch.tensor([2., 0, 0, 2]))
        tensor([0., 0., 1.])
    """
    q = direction(q)
    return q[..., 1:] / q[..., :1]
