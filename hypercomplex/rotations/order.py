"""The order and the sign of components at the boundary to other libraries."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import check_choice, check_last, check_reals
from hypercomplex.rotations.arguments import as_tensor, check_quaternions, public

__all__ = ["ORDERS", "canonicalize", "reorder"]

ORDERS = ("wxyz", "xyzw")


@numbers("", of=QUATERNION)
def reorder(x: Tensor, *, from_: str, to: str) -> Tensor:
    """Arrange the components of quaternions, with the real part first or last.

    It copies if the orders differ, and returns `x` itself if not.

    Shape:
        `(…, 4)` → `(…, 4)`.

    Raises:
        ValueError: if an order is neither `"wxyz"` nor `"xyzw"`, or the last axis is not 4 wide.

    Example:
        >>> reorder(torch.tensor([0., 0, 0, 1]), from_="xyzw", to="wxyz")
        tensor([1., 0., 0., 0.])
    """
    check_choice("from_", from_, ORDERS)
    check_choice("to", to, ORDERS)
    x = as_tensor("x", x)
    check_last("x", x, 4, "quaternions")
    check_reals("x", x)
    if from_ == to:
        return x
    return torch.roll(x, 1 if from_ == "xyzw" else -1, -1)


@public("q")
def canonicalize(q: Tensor) -> Tensor:
    r"""Of q and -q, which are the same rotation, the one whose first component that is not 0 is
    positive. Lengths do not change.

    Shape:
        `(…, 4)` → `(…, 4)`.

    Raises:
        ValueError: if the last axis is not 4 wide.

    Example:
        >>> canonicalize(torch.tensor([[-1., 0, 0, 2], [0, 0, -3, 1]]))
        tensor([[ 1., -0., -0., -2.],
                [-0., -0., 3., -1.]])
    """
    check_quaternions("q", q)
    zero = q == 0
    first = zero.to(torch.int8).cumprod(-1).sum(-1, keepdim=True).clamp(max=3)
    return torch.where(q.gather(-1, first) < 0, -q, q)
