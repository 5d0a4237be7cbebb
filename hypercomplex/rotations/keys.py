"""Slerp from key to key of a sequence of rotations at given times."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from hypercomplex.rotations.arguments import Stamps, public
from hypercomplex.rotations.interpolation import slerp
from hypercomplex.rotations.times import pieces

__all__ = ["Slerp", "piecewise_slerp"]


@public("q")
def piecewise_slerp(times: Stamps, q: Tensor, t: Stamps) -> Tensor:
    r"""Slerp between the keys around each time: at constant angular velocity from $q_i$ to
    $q_{i+1}$, the shortest way.

    Beyond the ends the outermost ways go on. Times are read to the last digit, as seconds in
    float64 or nanoseconds in int64 beside keys in float32. `spline` has no bends at the keys.

    Shape:
        times `(n,)`, growing; keys `(…, n, 4)`, at least two; t `(m,)` → `(…, m, 4)`, units, or
        one time, a number or `()` → `(…, 4)`.

    Raises:
        ValueError: if the shapes do not fit, or times do not grow; where values cannot be read,
            such times give NaN.

    Example:
        >>> q = hc.rotations.from_rotvec(torch.tensor([[0., 0, 0], [0, 0, 1], [0, 0, 3]]))
        >>> path = piecewise_slerp([0, 10, 20], q, [5, 15, 20])
        >>> hc.rotations.to_rotvec(path)[:, 2]
        tensor([0.5000, 2.0000, 3.0000])
    """
    start, steps, since = pieces(times, q, t)
    share = since / steps.index_select(0, start)
    path = slerp(q.index_select(-2, start), q.index_select(-2, start + 1), share)
    return path if t.ndim else path.squeeze(-2)


class Slerp:
    """`piecewise_slerp` in two steps, as SciPy's class of this name: keys first, times later.

    Args:
        times: the times of the keys, growing.
        rotations: the keys, `(…, n, 4)` or typed `(…, n)`.

    Raises:
        ValueError: if the shapes do not fit, or times do not grow.

    Example:
        >>> keys = hc.QuaternionTensor([[1., 0, 0, 0], [0, 0, 0, 1]])
        >>> Slerp([0, 1], keys)(0.5)
        QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
    """

    def __init__(self, times: Any, rotations: Any) -> None:
        self.times, self.rotations = times, rotations
        self(times[0])  # it refuses now what it would refuse later

    def __call__(self, t: Any) -> Any:
        """The rotations at these times."""
        return piecewise_slerp(self.times, self.rotations, t)
