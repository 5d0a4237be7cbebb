"""Finite groups of rotations, the symmetries of bodies, and rotations up to such symmetries."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations
from itertools import product as every

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional import conj, product
from hypercomplex.functional.arguments import check_choice, check_dtype, shown
from hypercomplex.rotations.arguments import public, unit

__all__ = ["create_group", "reduce"]

_AXES = ("X", "Y", "Z", "x", "y", "z")
_GOLDEN = (1 + math.sqrt(5)) / 2
Point = tuple[float, ...]


def create_group(
    group: str,
    axis: str = "Z",
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    r"""The rotations that take a body to itself: `"T"` of the tetrahedron (12), `"O"` of cube and
    octahedron (24), `"I"` of icosahedron and dodecahedron (60), `"C5"` of a pyramid over five
    corners (cyclic, 5), `"D5"` of a prism (dihedral, 10).

    Each rotation is there once, the identity first, with its first component that is not 0
    positive. With their negatives the first three are Hurwitz's 24 units, those with the 24 of the
    form $(1 + i) / \sqrt2$, and the 120 icosians.

    Args:
        group: its name, as SciPy has it.
        axis: the axis of a cyclic or dihedral group, `"X"`, `"Y"` or `"Z"`.
        dtype: the type of the components.
        device: where they live.

    Shape:
        `(n, 4)`.

    Raises:
        ValueError: if there is no such group or axis.
        TypeError: if `dtype` is not a floating-point type.

    Example:
        >>> create_group("C2")
        tensor([[1., 0., 0., 0.],
                [0., 0., 0., 1.]])

    Source:
        H. S. M. Coxeter, *Regular complex polytopes*, 1974.
    """
    check_choice("axis", axis, _AXES)
    dtype = torch.get_default_dtype() if dtype is None else dtype
    check_dtype("dtype", dtype)
    points = dict.fromkeys(map(_with_positive_start, _points(group, "XYZ".index(axis.upper()))))
    return torch.tensor(list(points), dtype=dtype, device=device)


@public("q left right")
def reduce(
    q: Tensor, left: Tensor | None = None, right: Tensor | None = None, indices: bool = False
) -> Tensor | tuple[Tensor, ...]:
    r"""The smallest of the turns $l\,q\,r$, with l and r out of two groups: what is left of q if
    bodies look the same after the turns of `right` before it, and of `left` after it.

    Of equally small ones one is taken, and of both signs $w \ge 0$. Derivatives are those of the
    product.

    Shape:
        `(…, 4)`, groups `(m, 4)` and `(n, 4)`, only 1 by default → `(…, 4)`, units. If `indices`
        are asked for, those of l and r come after it, `(…)` both.

    Raises:
        ValueError: if a group is not a row of rotations.

    Example:
        >>> turn = hc.rotations.from_rotvec([0, 0, 100.], degrees=True)
        >>> smallest = reduce(turn, right=create_group("C4"))
        >>> hc.rotations.to_rotvec(smallest, degrees=True).round()
        tensor([ 0.,  0., 10.])
    """
    q = unit(q)
    one = torch.nn.functional.pad(q.new_ones(1, 1), (0, 3))
    left, right = (_row(name, x, one) for name, x in (("left", left), ("right", right)))
    both = product(right, left.unsqueeze(1), QUATERNION).flatten(0, 1)
    real = q.detach() @ conj(both, QUATERNION).detach().mT  # Re (l q r) = Re (r l q)
    best = real.abs().argmax(-1)
    of_left, of_right = best // len(right), best % len(right)
    a, b = (  # by an axis more: before torch 2.9, a mapped index without axes is asked its value
        group[place.unsqueeze(-1)].squeeze(-2)
        for group, place in ((left, of_left), (right, of_right))
    )
    smallest = product(product(a, q, QUATERNION), b, QUATERNION)
    smallest = torch.where(smallest[..., :1] < 0, -smallest, smallest)
    return (smallest, of_left, of_right) if indices else smallest


def _row(name: str, group: Tensor | None, one: Tensor) -> Tensor:
    if group is None:
        return one
    if group.ndim != 2 or not len(group):
        raise ValueError(
            f"`{name}` of shape {tuple(group.shape)} must be a row of quaternions (n, 4), such as "
            "create_group gives"
        )
    return unit(group, name).to(one.dtype)


def _points(group: str, axis: int) -> Iterator[Point]:
    """The rotations of a group, some of them several times."""
    name = group if isinstance(group, str) else ""
    family, count = name[:1], name[1:]
    if name in ("T", "O", "I"):
        yield from _tetrahedral()
        yield from {"T": (), "O": _of_cubes(), "I": _of_icosahedra()}[name]
    elif family in ("C", "D") and count.isdecimal() and int(count):
        n = int(count)
        for k in range(n):
            yield _about(math.pi * k / n, axis, 0)
        for k in range(n if family == "D" else 0):
            yield _about(math.pi * k / n, axis, 1)
    else:
        raise ValueError(
            f"`group` (={shown(group)}) must be 'T', 'O' or 'I', or 'C' or 'D' with a number, "
            "such as 'D3'"
        )


def _about(half: float, axis: int, across: int) -> Point:
    """By a half angle about an axis; or a half turn about the line at that angle across it."""
    turned = [0.0, 0.0, 0.0]
    if not across:
        turned[axis] = _sine(half)
        return (_cosine(half), *turned)
    turned[axis - 2], turned[axis - 1] = _cosine(half), _sine(half)
    return (0.0, *turned)


def _sine(angle: float) -> float:
    return _cosine(angle - math.pi / 2)


def _cosine(angle: float) -> float:
    """Exactly 0 at a right angle."""
    return 0.0 if abs(abs(angle) - math.pi / 2) < 1e-12 else math.cos(angle)


def _tetrahedral() -> Iterator[Point]:
    for k in range(4):
        yield tuple(float(i == k) for i in range(4))
    yield from every((0.5, -0.5), repeat=4)


def _of_cubes() -> Iterator[Point]:
    s = math.sqrt(0.5)
    for a, b in every((s, -s), repeat=2):
        yield from permutations((a, b, 0.0, 0.0))


def _of_icosahedra() -> Iterator[Point]:
    values = (0.0, 0.5, 0.5 / _GOLDEN, _GOLDEN / 2)
    for order in permutations(range(4)):
        if _is_even(order):
            for signs in every((1.0, -1.0), repeat=4):
                yield tuple(s * values[k] for s, k in zip(signs, order, strict=True))


def _is_even(order: tuple[int, ...]) -> bool:
    return sum(a > b for k, b in enumerate(order) for a in order[:k]) % 2 == 0


def _with_positive_start(x: Point) -> Point:
    first = next(part for part in x if part)
    return tuple(abs(part) if not part else part if first > 0 else -part for part in x)
