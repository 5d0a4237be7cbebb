r"""Duals: the blade of all that a blade leaves out, without the metric (Hodge) or by it (polarity).

In a metric that is not degenerate the two differ by signs and squares of generators; where it is
degenerate, as in projective geometric algebra, only the first exists.
"""

from __future__ import annotations

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import check_components
from hypercomplex.geometric.arguments import blades_of, signed
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering.constants import derived

__all__ = ["dual", "hodge", "polarity", "undual", "unhodge", "unpolarity"]


@numbers("x")
def hodge(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The right complement: of each blade of the basis the blade $\bar x$ with
    $x \wedge \bar x = I$, whatever the metric; linear.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> hodge(torch.tensor([1., 2, 3, 4]), hc.clifford(2))  # e2 ∧ e1 = -e12
        tensor([ 4., -3.,  2.,  1.])

    Source:
        L. Dorst, S. De Keninck, *A Guided Tour to the Plane-Based Geometric Algebra PGA*, 2022.
    """
    return signed(x, algebra, "complement_signs").flip(-1)


@numbers("x")
def unhodge(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The left complement, the inverse of `hodge`: $\bar x \wedge x = I$ on blades of the basis.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> unhodge(torch.tensor([4., -3, 2, 1]), hc.clifford(2))
        tensor([1., 2., 3., 4.])
    """
    return signed(x.flip(-1), algebra, "complement_signs")


@numbers("x")
def polarity(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The dual by the metric: $x I^{-1}$ with the pseudoscalar $I$, the highest blade.

    It exchanges products: $(a \wedge b) I^{-1} = a \rfloor (b I^{-1})$.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if $I^2 = 0$, where `hodge` is what there is; the last axis is not `n` wide, or
            the algebra has no grades.

    Example:
        >>> polarity(torch.tensor([1., 2, 3, 4]), hc.clifford(2))
        tensor([ 4.,  3., -2., -1.])

    Source:
        L. Dorst, D. Fontijne, S. Mann, *Geometric Algebra for Computer Science*, 2007, § 3.5.
    """
    return _times_pseudoscalar(x, algebra, "polarity")


@numbers("x")
def unpolarity(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The inverse of `polarity`: $x I$.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if $I^2 = 0$, where `unhodge` is what there is; the last axis is not `n` wide,
            or the algebra has no grades.

    Example:
        >>> unpolarity(torch.tensor([4., 3, -2, -1]), hc.clifford(2))
        tensor([1., 2., 3., 4.])
    """
    derived(blades_of(algebra), "polarity")  # which is refused where it has no inverse
    return _times_pseudoscalar(x, algebra, "unpolarity")


@numbers("x")
def dual(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The dual that the algebra has: `polarity` where $I^2 \ne 0$, else `hodge`.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> e1, e0 = torch.eye(8)[1], torch.eye(16)[1]
        >>> dual(e1, hc.clifford(3))  # -e23
        tensor([ 0.,  0.,  0.,  0.,  0.,  0., -1.,  0.])
        >>> bool(dual(e0, hc.PGA)[14] == 1)  # e123
        True
    """
    return polarity(x, algebra) if _has_polarity(algebra) else hodge(x, algebra)


@numbers("x")
def undual(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The inverse of `dual`.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> x = torch.tensor([1., 2, 3, 4])
        >>> undual(dual(x, hc.clifford(2)), hc.clifford(2))
        tensor([1., 2., 3., 4.])
    """
    return unpolarity(x, algebra) if _has_polarity(algebra) else unhodge(x, algebra)


def _times_pseudoscalar(x: Tensor, algebra: Algebra, which: str) -> Tensor:
    map_ = derived(blades_of(algebra), which)
    check_components("x", x, algebra)
    result: Tensor = multiply(x, x.new_ones(1), map_)
    return result


def _has_polarity(algebra: Algebra) -> bool:
    return bool(derived(blades_of(algebra), "pseudoscalar_square"))
