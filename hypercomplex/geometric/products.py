r"""The products that grades make: of the product of two blades the part of one grade.

$$a\,b = \sum_{r,s} \langle a \rangle_r \langle b \rangle_s, \qquad
\langle a \rangle_r \langle b \rangle_s = \sum_k
\langle \langle a \rangle_r \langle b \rangle_s \rangle_k$$

is `functional.product`, or `a * b` of typed tensors. Each function here keeps the parts with one
relation between r, s and k, and multiplies nothing else.
"""

from __future__ import annotations

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.geometric.arguments import multiplied

__all__ = [
    "anticommutator",
    "commutator",
    "inner",
    "left_contraction",
    "regressive",
    "right_contraction",
    "scalar_product",
    "wedge",
]


@numbers("a b")
def wedge(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The exterior product, the parts of grade $r + s$: $a \wedge b$, whatever the metric.

    Of blades it is the blade that both span, 0 if they share a direction.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> e1, e2 = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 1, 0])
        >>> wedge(e1 + e2, e2, hc.clifford(2))
        tensor([0., 0., 0., 1.])

    Source:
        H. Grassmann, *Die Ausdehnungslehre*, 1862.
    """
    return multiplied(a, b, algebra, "wedge")


@numbers("a b")
def left_contraction(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The left contraction, the parts of grade $s - r$: $a \rfloor b$.

    Of b it leaves what is orthogonal to a, and 0 where a has the higher grade. It is adjoint to the
    exterior product: $(x \wedge a) * b = x * (a \rfloor b)$ for the scalar product $*$.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> e1, e12 = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 0, 1])
        >>> left_contraction(e1, e12, hc.clifford(2))
        tensor([0., 0., 1., 0.])

    Source:
        L. Dorst, *The inner products of geometric algebra*, 2002.
    """
    return multiplied(a, b, algebra, "left_contraction")


@numbers("a b")
def right_contraction(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The right contraction, the parts of grade $r - s$: $a \lfloor b$.

    Of a it leaves what is orthogonal to b, and 0 where b has the higher grade. It is the other one
    reversed: $\widetilde{a \lfloor b} = \tilde b \rfloor \tilde a$.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> e1, e12 = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 0, 1])
        >>> right_contraction(e12, e1, hc.clifford(2))
        tensor([ 0.,  0., -1.,  0.])

    Source:
        L. Dorst, *The inner products of geometric algebra*, 2002.
    """
    return multiplied(a, b, algebra, "right_contraction")


@numbers("a b")
def inner(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The inner product, the parts of grade $|r - s|$: $a \cdot b$.

    It is the contraction of the lower grade onto the higher. Hestenes' differs for scalars alone,
    with which his is 0.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> a, b = torch.tensor([0., 1, 2, 0]), torch.tensor([0., 3, 4, 0])
        >>> inner(a, b, hc.clifford(2))
        tensor([11.,  0.,  0.,  0.])

    Source:
        D. Hestenes, G. Sobczyk, *Clifford Algebra to Geometric Calculus*, 1984, chapter 1-1.
    """
    return multiplied(a, b, algebra, "inner")


@numbers("a b", gives="reals")
def scalar_product(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The scalar product, the part of grade 0: $a * b = \langle a b \rangle_0$.

    Symmetric; with $\tilde b$ in place of b it is the metric of multivectors, whose square is
    `squared_norm`.

    Shape:
        `(…, n)`, `(…, n)` → `(…)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> e12 = torch.tensor([0., 0, 0, 1])
        >>> scalar_product(e12, e12, hc.clifford(2))
        tensor(-1.)

    Source:
        D. Hestenes, G. Sobczyk, *Clifford Algebra to Geometric Calculus*, 1984, chapter 1-1.
    """
    return multiplied(a, b, algebra, "scalar_product").squeeze(-1)


@numbers("a b")
def commutator(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The commutator product: $a \times b = (ab - ba) / 2$, half of `functional.commutator`.

    Bivectors are a Lie algebra under it, and with one in front it keeps every grade.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> e1, e12 = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 0, 1])
        >>> commutator(e12, e1, hc.clifford(2))
        tensor([ 0.,  0., -1.,  0.])

    Source:
        D. Hestenes, G. Sobczyk, *Clifford Algebra to Geometric Calculus*, 1984, chapter 1-1.
    """
    return multiplied(a, b, algebra, "commutator")


@numbers("a b")
def anticommutator(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The anticommutator product: $(ab + ba) / 2$, of two vectors their inner product.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> a, b = torch.tensor([0., 1, 2, 0]), torch.tensor([0., 3, 4, 0])
        >>> anticommutator(a, b, hc.clifford(2))
        tensor([11.,  0.,  0.,  0.])
    """
    return multiplied(a, b, algebra, "anticommutator")


@numbers("a b")
def regressive(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The regressive product, of grade $r + s - d$ in d dimensions, whatever the metric:
    $\overline{a \vee b} = \bar a \wedge \bar b$ with the complements of `hodge`.

    Of blades that span all together it is what they have in common, their meet; in projective
    algebras, where hyperplanes are vectors, it joins.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> basis = torch.eye(8)  # 1, e1, e2, e12, e3, e13, e23, e123
        >>> e12, e23 = basis[3], basis[6]
        >>> regressive(e12, e23, hc.clifford(3))  # the planes meet in a line
        tensor([0., 0., 1., 0., 0., 0., 0., 0.])

    Source:
        L. Dorst, D. Fontijne, S. Mann, *Geometric Algebra for Computer Science*, 2007, chapter 5.
    """
    return multiplied(a, b, algebra, "regressive")
