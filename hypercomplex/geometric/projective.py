r"""Points, lines, planes and motions of space, in projective geometric algebra: `hc.PGA`.

Vectors are planes, the intersection $a \wedge b$ of two is a line, that of three a point; points
are joined by the regressive product, $P \vee Q$. With a Euclidean unit vector n and $e_0^2 = 0$:

| | | |
|---|---|---|
| plane | $n \cdot x = d$ | $n - d\,e_0$ |
| point | x | $e_{123} - x_1 e_{023} + x_2 e_{013} - x_3 e_{012}$ |
| direction | v | the same without $e_{123}$ |
| translation | $x + t$ | $1 - \tfrac12 e_0 t$ |
| rotation | about a line L, by an angle | $\exp(-\tfrac12 \text{angle}\, L)$, L with $L^2 = -1$ |

A motor M is an even versor with $M \tilde M = 1$: a rotation and a translation. It acts as
$M X \tilde M$ on all that there is, so that $M N$ is first N, then M. It is
a dual quaternion in another basis, with $i = -e_{23}$, $j = e_{13}$, $k = -e_{12}$ and
$\varepsilon = -e_{0123}$. Angles are in radians, rotations right-handed about the direction of
their line, $P \vee Q$ that from P to Q.

Everything takes plain components, and where numbers are asked for, of `hc.PGA`, quaternions or dual
quaternions, typed tensors as well. Numbers that are made of typed ones are typed, with the algebra
that they have; coordinates, angles and matrices are always plain.

Source:
    L. Dorst, S. De Keninck, *A Guided Tour to the Plane-Based Geometric Algebra PGA*, 2022.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from hypercomplex import rotations
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.algebra.named import named
from hypercomplex.door.declarations import numbers
from hypercomplex.functional import product
from hypercomplex.functional.arguments import check_components, check_floating, check_last
from hypercomplex.geometric.bivectors import exp, log
from hypercomplex.geometric.components import placed, taken
from hypercomplex.geometric.coordinates import QUATERNION_UNITS, check_vectors, turn, turned
from hypercomplex.geometric.grades import reverse
from hypercomplex.geometric.versors import normalize
from hypercomplex.kernels.length import safe_length
from hypercomplex.tensor import tensor_type

__all__ = [
    "direction",
    "from_dual_quaternion",
    "from_matrix",
    "from_twist",
    "motor",
    "move",
    "plane",
    "point",
    "position",
    "rotation_and_translation",
    "rotor",
    "to_dual_quaternion",
    "to_matrix",
    "to_twist",
    "translator",
]

PGA = named("PGA")
DUAL_QUATERNION = named("DUAL_QUATERNION")

_motors = partial(tensor_type, PGA)
_quaternions = partial(tensor_type, QUATERNION)
_dual_quaternions = partial(tensor_type, DUAL_QUATERNION)

_IDEAL = ("e01", "e02", "e03")
_POINT = ("e023", "e013", "e012")
_DUAL = ("e0123", "e01", "e02", "e03")
_TWIST = ("e23", "e13", "e12", *_IDEAL)
_HALVES = (-0.5, 0.5, -0.5, -0.5, -0.5, -0.5)  # of a twist: what half of it is as a bivector


@numbers("")
def point(x: Tensor) -> Tensor:
    r"""The point at x: $e_{123} - x_1 e_{023} + x_2 e_{013} - x_3 e_{012}$.

    Shape:
        `(…, 3)` → `(…, 16)`.

    Raises:
        ValueError: if the last axis is not 3 wide.
        TypeError: if x is of integers.

    Example:
        >>> position(point(torch.tensor([1., 2, 3])))
        tensor([1., 2., 3.])
    """
    found = direction(x)
    return torch.cat([found[..., :14], torch.ones_like(found[..., :1]), found[..., 15:]], -1)


@numbers("")
def direction(v: Tensor) -> Tensor:
    r"""The point at infinity in the direction v: $-v_1 e_{023} + v_2 e_{013} - v_3 e_{012}$.

    Translations leave it alone.

    Shape:
        `(…, 3)` → `(…, 16)`.

    Raises:
        ValueError: if the last axis is not 3 wide.
        TypeError: if v is of integers.

    Example:
        >>> up = direction(torch.tensor([0., 0, 1]))
        >>> hc.functional.product(translator(torch.tensor([5., 5, 5])), up, hc.PGA)[7]
        tensor(-1.)
    """
    check_vectors("v", v)
    return placed(v * v.new_tensor([-1, 1, -1]), _POINT, PGA)


@numbers("P", gives="reals", of=PGA)
def position(P: Tensor) -> Tensor:
    r"""The coordinates of points, of any weight; infinite of points at infinity.

    Shape:
        `(…, 16)` → `(…, 3)`.

    Raises:
        ValueError: if the last axis is not 16 wide.

    Example:
        >>> planes = plane(torch.eye(3), torch.tensor([1., 2, 3]))  # x = 1, y = 2, z = 3
        >>> a, b, c = hc.tensor_type(hc.PGA)(planes)
        >>> position(a * b * c)  # where they meet, for they are orthogonal
        tensor([1., 2., 3.])
    """
    check_components("P", P, PGA)
    weighted = taken(P, _POINT, PGA) * P.new_tensor([-1, 1, -1])
    return weighted / taken(P, ("e123",), PGA)


@numbers("")
def plane(n: Tensor, d: Tensor) -> Tensor:
    r"""The plane $n \cdot x = d$: $n - d\,e_0$.

    Shape:
        `(…, 3)`, `(…)` → `(…, 16)`, broadcast.

    Raises:
        ValueError: if the last axis of n is not 3 wide.
        TypeError: if n is of integers.

    Example:
        >>> floor = plane(torch.tensor([0., 0, 1]), torch.tensor(2.))
        >>> x = point(torch.tensor([7., 7, 5]))
        >>> hc.geometric.wedge(floor, x, hc.PGA)[-1]  # the distance, and the side
        tensor(3.)
    """
    check_vectors("n", n)
    n, d = torch.broadcast_tensors(n, d.unsqueeze(-1))
    return placed(torch.cat([n, -d[..., :1]], -1), ("e1", "e2", "e3", "e0"), PGA)


@numbers("")
def translator(t: Tensor) -> Tensor:
    r"""The translation by t: $1 - \tfrac12 e_0 t$.

    Shape:
        `(…, 3)` → `(…, 16)`.

    Raises:
        ValueError: if the last axis is not 3 wide.
        TypeError: if t is of integers.

    Example:
        >>> to_matrix(translator(torch.tensor([1., 2, 3])))[:3, 3]
        tensor([1., 2., 3.])
    """
    check_vectors("t", t)
    return placed(torch.cat([torch.ones_like(t[..., :1]), -t / 2], -1), ("1", *_IDEAL), PGA)


@numbers("L", of=PGA)
def rotor(L: Tensor, angle: Tensor) -> Tensor:
    r"""The rotation about a line: $\exp(-\tfrac12 \text{angle}\, L / |L|)$.

    Shape:
        `(…, 16)`, `(…)` → `(…, 16)`, broadcast.

    Raises:
        ValueError: if L is no bivector, or the last axis is not 16 wide.
        TypeError: if L is of integers.

    Example:
        >>> a, b = point(torch.tensor([[1., 0, 0], [1, 0, 1]]))
        >>> axis = hc.geometric.regressive(a, b, hc.PGA)  # upwards, through x = 1
        >>> q, t = rotation_and_translation(rotor(axis, torch.tensor(torch.pi / 2)))
        >>> t[:2]  # the origin goes to (1, -1, 0)
        tensor([ 1., -1.])
    """
    check_components("L", L, PGA)
    length = safe_length(taken(L, QUATERNION_UNITS[1:], PGA)).unsqueeze(-1)
    return exp(-angle.unsqueeze(-1) / 2 * L / length, PGA)


@numbers("q", of=QUATERNION, into=_motors)
def motor(q: Tensor, t: Tensor) -> Tensor:
    r"""The rotation of a quaternion, then a translation: $(1 - \tfrac12 e_0 t)\, q$.

    Shape:
        `(…, 4)`, `(…, 3)` → `(…, 16)`, broadcast.

    Raises:
        ValueError: if a last axis has another width.
        TypeError: if t is of integers.

    Example:
        >>> M = motor(torch.tensor([0.6, 0, 0, 0.8]), torch.tensor([1., 2, 3]))
        >>> rotation_and_translation(M)[1]
        tensor([1.0000, 2.0000, 3.0000])
        >>> quarter = motor(hc.QuaternionTensor([1., 0, 0, 1]), torch.zeros(3))  # typed: a number
        >>> to_matrix(quarter * quarter)[:2, :2]
        tensor([[-1.,  0.],
                [ 0., -1.]])
    """
    check_components("q", q, QUATERNION)
    return product(translator(t), turn(q, PGA), PGA)


@numbers("M", gives="numbers reals", of=PGA, into=_quaternions)
def rotation_and_translation(M: Tensor) -> tuple[Tensor, Tensor]:
    r"""The quaternion and the translation of a motor: `motor` back.

    Shape:
        `(…, 16)` → `(…, 4)`, `(…, 3)`.

    Raises:
        ValueError: if the last axis is not 16 wide.

    Example:
        >>> q, t = rotation_and_translation(translator(torch.tensor([1., 2, 3])))
        >>> q
        tensor([1., -0., 0., -0.])
    """
    check_components("M", M, PGA)
    q = turned(M, PGA)
    moved = product(M, reverse(turn(q, PGA), PGA), PGA)
    return q, -2 * taken(moved, _IDEAL, PGA) / q.square().sum(-1, keepdim=True)


@numbers("M", gives="reals", of=PGA)
def move(M: Tensor, x: Tensor) -> Tensor:
    r"""Points where a motor moves them: the coordinates of $M X \tilde M$, which are $R x + t$.

    Shape:
        `(…, 16)`, `(…, 3)` → `(…, 3)`, broadcast.

    Raises:
        ValueError: if a last axis has another width.
        TypeError: if x is of integers.

    Example:
        >>> quarter = motor(torch.tensor([1., 0, 0, 1]), torch.tensor([0., 0, 2]))
        >>> move(quarter, torch.tensor([1., 0, 0]))
        tensor([0., 1., 2.])
    """
    check_vectors("x", x)
    q, t = rotation_and_translation(M)
    return rotations.rotate(q, x) + t


@numbers("M", gives="reals", of=PGA)
def to_matrix(M: Tensor) -> Tensor:
    r"""The matrix of a motor in homogeneous coordinates: $(x, 1) \mapsto (R x + t, 1)$.

    Shape:
        `(…, 16)` → `(…, 4, 4)`.

    Raises:
        ValueError: if the last axis is not 16 wide.

    Example:
        >>> to_matrix(translator(torch.tensor([1., 2, 3])))
        tensor([[1., 0., 0., 1.],
                [0., 1., 0., 2.],
                [0., 0., 1., 3.],
                [0., 0., 0., 1.]])
    """
    q, t = rotation_and_translation(M)
    above = torch.cat([rotations.to_matrix(q), t.unsqueeze(-1)], -1)
    below = above.new_tensor([0, 0, 0, 1]).expand(*above.shape[:-2], 1, 4)
    return torch.cat([above, below], -2)


@numbers("")
def from_matrix(m: Tensor) -> Tensor:
    r"""The motor of a matrix of a rotation and a translation: `to_matrix` back.

    Shape:
        `(…, 4, 4)` → `(…, 16)`.

    Raises:
        ValueError: if the last axes are not 4 × 4, or the determinant is negative or zero.

    Example:
        >>> M = translator(torch.tensor([1., 2, 3]))
        >>> torch.equal(from_matrix(to_matrix(M)), M)
        True
    """
    if m.shape[-2:] != (4, 4):
        raise ValueError(f"`m` of shape {tuple(m.shape)} must hold 4 × 4 matrices")
    return motor(rotations.from_matrix(m[..., :3, :3]), m[..., :3, 3])


@numbers("M", of=PGA, into=_dual_quaternions)
def to_dual_quaternion(M: Tensor) -> Tensor:
    r"""The dual quaternion of a motor, a number of `hc.DUAL_QUATERNION`:
    $q + \tfrac12 \varepsilon\, t q$, by a change of basis.

    Shape:
        `(…, 16)` → `(…, 8)`.

    Raises:
        ValueError: if the last axis is not 16 wide.

    Example:
        >>> to_dual_quaternion(translator(torch.tensor([2., 4, 6])))
        tensor([1., -0., 0., -0., -0., 1., 2., 3.])
    """
    check_components("M", M, PGA)
    return torch.cat([turned(M, PGA), -taken(M, _DUAL, PGA)], -1)


@numbers("q", of=DUAL_QUATERNION, into=_motors)
def from_dual_quaternion(q: Tensor) -> Tensor:
    r"""The motor of a dual quaternion: `to_dual_quaternion` back.

    Shape:
        `(…, 8)` → `(…, 16)`.

    Raises:
        ValueError: if the last axis is not 8 wide.

    Example:
        >>> q = torch.tensor([1., 0, 0, 0, 0, 1, 2, 3])
        >>> rotation_and_translation(from_dual_quaternion(q))[1]
        tensor([2., 4., 6.])
    """
    check_last("q", q, 8, "dual quaternions")
    return turn(q[..., :4], PGA) + placed(-q[..., 4:], _DUAL, PGA)


@numbers("")
def from_twist(v: Tensor) -> Tensor:
    r"""The motor of the exponential coordinates $(\omega, u)$ of a motion:
    $\exp(-\tfrac12 (e_{123}\,\omega + e_0 u))$.

    It moves x as $\dot x = \omega \times x + u$ does in a unit of time: where $\omega = 0$ it is a
    translation by u, where $u = 0$ a rotation about the origin by the rotation vector ω.

    Shape:
        `(…, 6)`, ω first → `(…, 16)`.

    Raises:
        ValueError: if the last axis is not 6 wide.
        TypeError: if v is of integers.

    Example:
        >>> quarter = from_twist(torch.pi / 2 * torch.tensor([0., 0, 1, 0, -1, 0]))  # about x = 1
        >>> rotation_and_translation(quarter)[1][:2].round(decimals=4)
        tensor([ 1., -1.])

    Source:
        K. Lynch, F. Park, *Modern Robotics*, 2017, section 3.3.3.
    """
    check_last("v", v, 6, "twists, the angular velocity first")
    check_floating("v", v)
    return exp(placed(v * v.new_tensor(_HALVES), _TWIST, PGA), PGA)


@numbers("M", gives="reals", of=PGA)
def to_twist(M: Tensor) -> Tensor:
    r"""The exponential coordinates of a motion: `from_twist` back, by the shorter turn of `M` and
    `-M`. Lengths do not matter.

    Shape:
        `(…, 16)` → `(…, 6)`, ω first, with $|\omega| \le \pi$.

    Raises:
        ValueError: if the last axis is not 16 wide.

    Example:
        >>> to_twist(translator(torch.tensor([1., 2, 3]))).abs()
        tensor([0., 0., 0., 1., 2., 3.])
    """
    check_components("M", M, PGA)
    unit = normalize(torch.where(M[..., :1] < 0, -M, M), PGA)
    return taken(log(unit, PGA), _TWIST, PGA) / M.new_tensor(_HALVES)
