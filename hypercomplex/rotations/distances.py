"""How far apart two rotations are.

Distances are measured between directions in four dimensions with `atan2(|a - b|, |a + b|)`, which
keeps its digits for equal and opposite arguments, where the arccosine of a product loses them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.functional import norm
from hypercomplex.rotations.arguments import angle_unit, public, unit

__all__ = ["chordal_distance", "geodesic_distance"]


@public("a b", gives="reals")
def geodesic_distance(
    a: Tensor, b: Tensor, modulo_sign: bool = True, degrees: bool = False
) -> Tensor:
    r"""The angle of the rotation from `a` to `b`, in $[0, \pi]$: $4\operatorname{atan2}(|a - b|,
    |a + b|)$ of units, with the nearer of $b$ and $-b$.

    Without `modulo_sign` $b$ and $-b$ differ by a full turn, and the distance is up to 2π. At equal
    arguments the subgradient is 0.

    Shape:
        `(…, 4)`, `(…, 4)` → `(…)`, broadcast; radians, or degrees if asked for.

    Raises:
        ValueError: if a last axis is not 4 wide.

    Example:
        >>> a, b = torch.tensor([1., 0, 0, 0]), torch.tensor([-1., 0, 0, -1])
        >>> geodesic_distance(a, b, degrees=True), geodesic_distance(a, -a, modulo_sign=False)
        (tensor(90.), tensor(6.2832))
    """
    difference, total = _chords(a, b)
    if modulo_sign:
        difference, total = torch.minimum(difference, total), torch.maximum(difference, total)
    return 4 / angle_unit(degrees) * torch.atan2(difference, total)


@public("a b", gives="reals")
def chordal_distance(a: Tensor, b: Tensor, modulo_sign: bool = True) -> Tensor:
    r"""The straight distance of units in four dimensions: $\min(|a - b|, |a + b|) \le \sqrt 2$.

    Without `modulo_sign` it is $|a - b| \le 2$. At equal arguments the subgradient is 0.

    Shape:
        `(…, 4)`, `(…, 4)` → `(…)`, broadcast.

    Raises:
        ValueError: if a last axis is not 4 wide.

    Example:
        >>> a, b = torch.tensor([1., 0, 0, 0]), torch.tensor([0., 2, 0, 0])
        >>> chordal_distance(a, b), chordal_distance(a, -a, modulo_sign=False)
        (tensor(1.4142), tensor(2.))

    Source:
        D. Q. Huynh, *Metrics for 3D rotations: comparison and analysis*, 2009.
    """
    difference, total = _chords(a, b)
    return torch.minimum(difference, total) if modulo_sign else difference


def _chords(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    a, b = unit(a, "a"), unit(b, "b")
    return norm(a - b), norm(a + b)
