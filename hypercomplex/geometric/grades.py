r"""The grades of a multivector, $x = \sum_k \langle x \rangle_k$, and the signs that go by them."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.door.signatures import Amounts
from hypercomplex.functional.arguments import check_components, check_last, check_tolerance
from hypercomplex.functional.numbers import norm
from hypercomplex.geometric.arguments import blades_of, chosen, signed
from hypercomplex.geometric.components import placed, taken
from hypercomplex.lowering.constants import constant

__all__ = [
    "conjugate",
    "embed_grade",
    "even",
    "extract_grade",
    "grade",
    "grades",
    "involute",
    "odd",
    "reverse",
]


@numbers("x")
def grade(x: Tensor, k: Amounts, algebra: Algebra) -> Tensor:
    r"""The part of grade k, or of several grades: $\langle x \rangle_k$; all else is 0.

    Grades that the algebra does not have are 0.

    Args:
        x: the multivectors.
        k: a grade, or several.
        algebra: the algebra.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if a grade is negative, the last axis is not `n` wide, or the algebra has no
            grades.
        TypeError: if a grade is no integer.

    Example:
        >>> x = torch.tensor([1., 2, 3, 4])  # of 1, e1, e2 and e12
        >>> grade(x, 1, hc.clifford(2))
        tensor([0., 2., 3., 0.])
        >>> grade(x, (0, 2), hc.clifford(2))
        tensor([1., 0., 0., 4.])
    """
    blades_of(algebra)
    kept = chosen(k)
    check_components("x", x, algebra)
    truth = x.new_empty((), dtype=torch.bool)
    return x.masked_fill(constant(_outside, algebra, truth, kept), 0)


@numbers("x")
def even(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The part of even grade: $\langle x \rangle_0 + \langle x \rangle_2 + \dots$.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> even(torch.tensor([1., 2, 3, 4]), hc.clifford(2))
        tensor([1., 0., 0., 4.])
    """
    return grade(x, range(0, blades_of(algebra).generators + 1, 2), algebra)


@numbers("x")
def odd(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The part of odd grade: $\langle x \rangle_1 + \langle x \rangle_3 + \dots$.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> odd(torch.tensor([1., 2, 3, 4]), hc.clifford(2))
        tensor([0., 2., 3., 0.])
    """
    return grade(x, range(1, blades_of(algebra).generators + 1, 2), algebra)


@numbers("x", gives="reals")
def grades(x: Tensor, algebra: Algebra, tolerance: float = 0.0) -> Tensor:
    r"""Which grades a multivector has: $|\langle x \rangle_k| >$ `tolerance` $\cdot |x|$, by the
    lengths of the components.

    Shape:
        `(…, n)` → `(…, d + 1)`, of truth values, for d generators.

    Raises:
        ValueError: if `tolerance` is negative, the last axis is not `n` wide, or the algebra has no
            grades.
        TypeError: if `tolerance` is no real number.

    Example:
        >>> rotor = torch.tensor([0.6, 0, 0, 0.8])
        >>> grades(rotor, hc.clifford(2))
        tensor([ True, False,  True])
    """
    blades = blades_of(algebra)
    check_components("x", x, algebra)
    check_tolerance(tolerance)
    parts = (taken(x, ((k,),), algebra) for k in range(blades.generators + 1))
    lengths = torch.stack([norm(part) for part in parts], -1)
    return lengths > tolerance * norm(x).unsqueeze(-1)


@numbers("x", gives="reals")
def extract_grade(x: Tensor, k: Amounts, algebra: Algebra) -> Tensor:
    r"""The components of a grade alone, in the order of the basis: those of a vector for k = 1.

    Shape:
        `(…, n)` → `(…, m)`, with $m = \binom{d}{k}$ for d generators.

    Raises:
        ValueError: if a grade is negative, the last axis is not `n` wide, or the algebra has no
            grades.
        TypeError: if a grade is no integer.

    Example:
        >>> extract_grade(torch.tensor([1., 2, 3, 4]), 1, hc.clifford(2))
        tensor([2., 3.])
    """
    blades_of(algebra)
    kept = chosen(k)
    check_components("x", x, algebra)
    return taken(x, (kept,), algebra)


@numbers("")
def embed_grade(values: Tensor, k: Amounts, algebra: Algebra) -> Tensor:
    r"""The multivectors that have these components of a grade, and no others: `extract_grade` back.

    Shape:
        `(…, m)` → `(…, n)`, with $m = \binom{d}{k}$ for d generators.

    Raises:
        ValueError: if a grade is negative, the last axis is not `m` wide, or the algebra has no
            grades.
        TypeError: if a grade is no integer.

    Example:
        >>> points = torch.tensor([[2., 3], [5, 7]])
        >>> embed_grade(points, 1, hc.clifford(2))
        tensor([[0., 2., 3., 0.],
                [0., 5., 7., 0.]])
    """
    kept = chosen(k)
    width = len(blades_of(algebra).places(kept))
    check_last("values", values, width, f"the grades {kept} of {algebra}")
    return placed(values, (kept,), algebra)


@numbers("x")
def reverse(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The reverse, with all factors in the opposite order, $\widetilde{xy} = \tilde y \tilde x$:
    $\tilde x = \sum_k (-1)^{k(k-1)/2} \langle x \rangle_k$.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> reverse(torch.tensor([1., 2, 3, 4]), hc.clifford(2))
        tensor([ 1.,  2.,  3., -4.])
    """
    return signed(x, algebra, "reverse")


@numbers("x")
def involute(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The grade involution, all vectors reflected in the origin, $\widehat{xy} = \hat x \hat y$:
    $\hat x = \sum_k (-1)^k \langle x \rangle_k$.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> involute(torch.tensor([1., 2, 3, 4]), hc.clifford(2))
        tensor([ 1., -2., -3.,  4.])
    """
    return signed(x, algebra, "involute")


@numbers("x")
def conjugate(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The Clifford conjugate, reverse and involute:
    $\bar x = \sum_k (-1)^{k(k+1)/2} \langle x \rangle_k$, which is `functional.conj` there.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> conjugate(torch.tensor([1., 2, 3, 4]), hc.clifford(2))
        tensor([ 1., -2., -3., -4.])
    """
    return signed(x, algebra, "conjugate")


def _outside(algebra: Algebra, kept: tuple[int, ...]) -> list[bool]:
    return [grade not in kept for grade in algebra.blades.of]
