r"""Spheres, circles and conformal maps of space, in conformal geometric algebra: `hc.CGA`.

Two more dimensions, $e_4^2 = 1$ and $e_5^2 = -1$, make space a cone of null vectors, with the
origin $n_0 = (e_5 - e_4) / 2$, infinity $n_\infty = e_4 + e_5$, and $n_0 \cdot n_\infty = -1$:

| | | |
|---|---|---|
| point | x | $x + \tfrac12 x^2\, n_\infty + n_0$ |
| sphere | $\lvert x - c \rvert = r$ | $\mathrm{up}(c) - \tfrac12 r^2\, n_\infty$ |
| plane | $n \cdot x = d$ | $n + d\,n_\infty$ |
| circle | through three points | $X \wedge Y \wedge Z$ |
| line | through two points | $X \wedge Y \wedge n_\infty$ |
| translation | $x + t$ | $1 - \tfrac12 t\, n_\infty$ |
| dilation | $s\,x$ | $\exp(\tfrac12 \log s\, n_0 \wedge n_\infty)$ |

Spheres and planes are vectors S, with $X \cdot S = 0$ for the points on them, and $S X S$ is the
inversion in a sphere, the reflection in a plane. Rotations, translations and dilations V act as
$V X V^{-1}$ on all that there is. Rotations about the origin are those of the quaternions
$i = -e_{23}$, $j = e_{13}$, $k = -e_{12}$.

Everything takes plain components, and where numbers are asked for, of `hc.CGA` or quaternions,
typed tensors as well. Numbers that are made of typed ones are typed; coordinates and radii are
always plain.

Source:
    L. Dorst, D. Fontijne, S. Mann, *Geometric Algebra for Computer Science*, 2007, chapters 13–16.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.algebra.named import named
from hypercomplex.door.declarations import numbers
from hypercomplex.functional import product
from hypercomplex.functional.arguments import check_components
from hypercomplex.geometric.components import placed, taken
from hypercomplex.geometric.coordinates import check_vectors, turn
from hypercomplex.geometric.grades import involute
from hypercomplex.geometric.products import left_contraction
from hypercomplex.tensor import tensor_type

__all__ = [
    "center_and_radius",
    "dilator",
    "down",
    "infinity",
    "plane",
    "rotor",
    "sphere",
    "translator",
    "up",
]

CGA = named("CGA")

_AXES = ("e1", "e2", "e3")
_IDEAL = ("e14", "e24", "e34", "e15", "e25", "e35")


@numbers("")
def up(x: Tensor) -> Tensor:
    r"""The point at x, a null vector: $x + \tfrac12 x^2\, n_\infty + n_0$.

    Shape:
        `(…, 3)` → `(…, 32)`.

    Raises:
        ValueError: if the last axis is not 3 wide.
        TypeError: if x is of integers.

    Example:
        >>> X = up(torch.tensor([1., 2, 3]))
        >>> hc.functional.product(X, X, hc.CGA)[0]
        tensor(0.)
    """
    check_vectors("x", x)
    return _vector(x, x.square().sum(-1, keepdim=True) / 2, 1)


@numbers("X", gives="reals", of=CGA)
def down(X: Tensor) -> Tensor:
    r"""The coordinates of points, of any weight: of $X / (-X \cdot n_\infty)$; of the centre of a
    sphere, too.

    Shape:
        `(…, 32)` → `(…, 3)`.

    Raises:
        ValueError: if the last axis is not 32 wide.

    Example:
        >>> down(-2 * up(torch.tensor([1., 2, 3])))
        tensor([1., 2., 3.])
    """
    check_components("X", X, CGA)
    return taken(X, _AXES, CGA) / (taken(X, ("e5",), CGA) - taken(X, ("e4",), CGA))


def infinity(like: Tensor) -> Tensor:
    r"""The point at infinity, $n_\infty = e_4 + e_5$, of the type of another tensor.

    Shape:
        any → `(32)`.

    Example:
        >>> infinity(torch.zeros(3)).nonzero().flatten()
        tensor([ 8, 16])
    """
    return _vector(like.new_zeros(3), like.new_ones(1), 0)


@numbers("")
def sphere(c: Tensor, r: Tensor) -> Tensor:
    r"""The sphere of center c and radius r: $\mathrm{up}(c) - \tfrac12 r^2\, n_\infty$.

    Shape:
        `(…, 3)`, `(…)` → `(…, 32)`, broadcast.

    Raises:
        ValueError: if the last axis of c is not 3 wide.
        TypeError: if c is of integers.

    Example:
        >>> number = hc.tensor_type(hc.CGA)
        >>> S, X = number(sphere(torch.zeros(3), torch.tensor(3.))), number(up(torch.ones(3)))
        >>> down(S * X * S)  # 9 / 3 times as far
        tensor([3., 3., 3.])
    """
    check_vectors("c", c)
    power = c.square().sum(-1, keepdim=True) - r.square().unsqueeze(-1)
    return _vector(c, power / 2, 1)


@numbers("")
def plane(n: Tensor, d: Tensor) -> Tensor:
    r"""The plane $n \cdot x = d$: $n + d\,n_\infty$, a sphere through infinity.

    Shape:
        `(…, 3)`, `(…)` → `(…, 32)`, broadcast.

    Raises:
        ValueError: if the last axis of n is not 3 wide.
        TypeError: if n is of integers.

    Example:
        >>> floor, X = plane(torch.tensor([0., 0, 1]), torch.tensor(2.)), up(torch.ones(3))
        >>> hc.geometric.scalar_product(floor, X, hc.CGA)  # the distance, and the side
        tensor(-1.)
    """
    check_vectors("n", n)
    return _vector(n, d.unsqueeze(-1), 0)


@numbers("X", gives="reals", of=CGA)
def center_and_radius(X: Tensor) -> tuple[Tensor, Tensor]:
    r"""Center and radius of what points span: the pair $A \wedge B$, the circle
    $A \wedge B \wedge C$ and the sphere $A \wedge B \wedge C \wedge D$.

    The center is the reflection $X n_\infty X$ of infinity, and
    $r^2 = X \hat X / (n_\infty \rfloor X)^2$. Lines and planes pass through infinity: theirs are
    infinite or NaN, as imaginary radii are. What intersects, $S \wedge T$ of spheres, is the dual
    of what is spanned: take `geometric.polarity` first.

    Shape:
        `(…, 32)` → `(…, 3)`, `(…)`.

    Raises:
        ValueError: if the last axis is not 32 wide.

    Example:
        >>> a, b, c = up(torch.tensor([[3., 0, 1], [1, 2, 1], [-1, 0, 1]]))
        >>> circle = hc.geometric.wedge(hc.geometric.wedge(a, b, hc.CGA), c, hc.CGA)
        >>> center_and_radius(circle)
        (tensor([1., 0., 1.]), tensor(2.))
    """
    check_components("X", X, CGA)
    n = infinity(X)
    center = down(product(product(X, n, CGA), X, CGA))
    axis = left_contraction(n, X, CGA)
    square = product(X, involute(X, CGA), CGA)[..., 0] / product(axis, axis, CGA)[..., 0]
    return center, square.sqrt()


@numbers("")
def translator(t: Tensor) -> Tensor:
    r"""The translation by t: $1 - \tfrac12 t\, n_\infty$.

    Shape:
        `(…, 3)` → `(…, 32)`.

    Raises:
        ValueError: if the last axis is not 3 wide.
        TypeError: if t is of integers.

    Example:
        >>> number = hc.tensor_type(hc.CGA)
        >>> V, X = number(translator(torch.tensor([1., 2, 3]))), number(up(torch.ones(3)))
        >>> down(V * X / V)
        tensor([2., 3., 4.])
    """
    check_vectors("t", t)
    half, one = -t / 2, torch.ones_like(t[..., :1])
    return placed(torch.cat([one, half, half], -1), ("1", *_IDEAL), CGA)


@numbers("")
def dilator(s: Tensor) -> Tensor:
    r"""The dilation by s > 0 about the origin: $\exp(\tfrac12 \log s\, n_0 \wedge n_\infty)$.

    Shape:
        `(…)` → `(…, 32)`.

    Example:
        >>> number = hc.tensor_type(hc.CGA)
        >>> V, X = number(dilator(torch.tensor(3.))), number(up(torch.tensor([1., 2, 3])))
        >>> down(V * X / V).round()
        tensor([3., 6., 9.])
    """
    half = s.log() / 2
    return placed(torch.stack([half.cosh(), -half.sinh()], -1), ("1", "e45"), CGA)


@numbers("q", of=QUATERNION, into=partial(tensor_type, CGA))
def rotor(q: Tensor) -> Tensor:
    r"""The rotation of a quaternion about the origin, $i = -e_{23}$, $j = e_{13}$, $k = -e_{12}$.

    Shape:
        `(…, 4)` → `(…, 32)`.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> number = hc.tensor_type(hc.CGA)
        >>> quarter, X = number(rotor(torch.tensor([1., 0, 0, 1]))), number(up(torch.ones(3)))
        >>> down(quarter * X / quarter)
        tensor([-1.,  1.,  1.])
    """
    check_components("q", q, QUATERNION)
    return turn(q, CGA)


def _vector(x: Tensor, infinite: Tensor, origin: float) -> Tensor:
    r"""The vector $x + a\, n_\infty + b\, n_0$."""
    x, infinite = torch.broadcast_tensors(x, infinite)
    a = infinite[..., :1]
    return placed(torch.cat([x, a - origin / 2, a + origin / 2], -1), (*_AXES, "e4", "e5"), CGA)
