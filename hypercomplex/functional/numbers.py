"""Arithmetic of numbers: product, conjugation, norm, inverse and their matrices.

Every function takes real tensors with the components on the last axis, `(…, n)`, broadcasts over
the rest, and keeps dtype and device.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import (
    check_components,
    check_factors,
    check_floating,
    check_last,
    check_numbers,
)
from hypercomplex.host.mode import can_be_read
from hypercomplex.kernels import scaling
from hypercomplex.kernels.balance import quotient
from hypercomplex.kernels.exact import power_of_two
from hypercomplex.kernels.inverse import (
    conjugate,
    inverse_of_moderate,
    invert,
    unit_of_scale,
)
from hypercomplex.kernels.length import root, safe_length
from hypercomplex.kernels.precision import promoted
from hypercomplex.kernels.product import image, multiply
from hypercomplex.kernels.rotate import rotate as rotate_vectors
from hypercomplex.lowering import AnyProduct, derived, operator_by_entries, refuse_basis
from hypercomplex.lowering.block import Side
from hypercomplex.lowering.layout import came_of_finite

__all__ = [
    "commutator",
    "conj",
    "divide",
    "inner_product",
    "inverse",
    "left_divide",
    "left_matrix",
    "norm",
    "normalize",
    "product",
    "right_matrix",
    "rotate",
    "squared_norm",
]


@numbers("a b")
def product(a: Tensor, b: Tensor, algebra: AnyProduct) -> Tensor:
    r"""The product of the algebra: $(ab)_k = \sum_{ij} c_{ijk}\, a_i b_j$.

    In place of the algebra stands any other bilinear map, such as its commutator, one whose
    constants are learned, or one of factors and results of different widths.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide.

    Example:
        >>> i, j = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 1, 0])
        >>> product(i, j, hc.QUATERNION)
        tensor([0., 0., 0., 1.])
        >>> product(i, j, hc.QUATERNION.product.scaled(right=hc.QUATERNION.conjugation))  # i j̄
        tensor([ 0.,  0.,  0., -1.])

    Source:
        W. R. Hamilton, *On quaternions*, 1844.
    """
    map_ = algebra.product
    check_factors(a, b, map_)
    return image(a, b, map_)


@numbers("x")
def conj(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The conjugate: $\bar x = \sum_i s_i x_i e_i$ with the signs of the algebra.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide.

    Example:
        >>> conj(torch.tensor([1., 2, 3, 4]), hc.QUATERNION)
        tensor([ 1., -2., -3., -4.])
    """
    check_components("x", x, algebra)
    if x.dtype is torch.bool:  # which has no signs
        check_floating("x", x)
    return conjugate(x, algebra)


@numbers("x", gives="reals")
def squared_norm(x: Tensor) -> Tensor:
    r"""The squared Euclidean length of the components: $|x|^2 = \sum_i x_i^2$.

    In every Cayley–Dickson algebra over the reals it equals $x \bar x$.

    Shape:
        `(…, n)` → `(…)`.

    Example:
        >>> squared_norm(torch.tensor([1., 2, 3, 4]))
        tensor(30.)
    """
    check_numbers("x", x)
    return x.square().sum(-1)


@numbers("x", gives="reals")
def norm(x: Tensor) -> Tensor:
    r"""The Euclidean length of the components: $|x| = \sqrt{\sum_i x_i^2}$, never squared.

    Computed in a wider type or on components divided by the largest one, so it neither overflows
    nor underflows before the result does. Its derivative at zero is the subgradient 0. Second
    derivatives hold where $1 / |x|^2$ is in range, and at zero for all that is smooth in
    $|x|^2$, forward over reverse and reverse over reverse.

    Shape:
        `(…, n)` → `(…)`.

    Example:
        >>> norm(torch.tensor([0., 3e-30, 0, 4e-30]))
        tensor(5.0000e-30)
    """
    check_numbers("x", x)
    return safe_length(x)


@numbers("x")
def normalize(x: Tensor) -> Tensor:
    r"""The direction $x / |x|$; 0 where $x = 0$, with derivative 0, as `torch.sgn` has it.

    Shape:
        `(…, n)` → `(…, n)`.

    Example:
        >>> normalize(torch.tensor([0., 3, 0, 4]))
        tensor([0.0000, 0.6000, 0.0000, 0.8000])
    """
    check_numbers("x", x)
    unit = scaling.moderate(x)
    size = root(unit).unsqueeze(-1)
    zero = size == 0
    return (unit.masked_fill(zero, 0) / size.masked_fill(zero, 1)).to(x.dtype)


@numbers("x", basis="adapted")
def inverse(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The inverse: $x^{-1} = \bar x / N(x)$ where $x \bar x = N(x)$ is real for all $x$,
    otherwise the solution of $x\,x^{-1} = 1$.

    Safe for huge and tiny $x$, and right next to zero divisors. The inverse of zero is NaN, as
    for torch's complex numbers; no component of that of another zero divisor is finite. $N(x)$ is
    zero exactly where it is; where a system is solved, a number counts as a zero divisor if
    its matrix is singular but for some roundings of float64. Where $N(x) = |x|^2$ the inverse of
    an infinite number is 0.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide.

    Example:
        >>> inverse(torch.tensor([0., 2, 0, 0]), hc.QUATERNION)
        tensor([ 0.0000, -0.5000, -0.0000, -0.0000])

    Source:
        S. M. Rump, *Bounds for the componentwise distance to the nearest singular matrix*, 1997.
    """
    check_components("x", x, algebra)
    return invert(x, algebra)


@numbers("a b", basis="adapted")
def divide(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The quotient $a\, b^{-1}$, which overflows no sooner than it has to.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide.

    Example:
        >>> tiny = torch.tensor([0., 1e-39, 0, 0])
        >>> divide(tiny, tiny, hc.QUATERNION)
        tensor([1., 0., 0., 0.])
    """
    check_components("a", a, algebra)
    check_components("b", b, algebra)
    return quotient(lambda a, b: _over(a, b, algebra, multiply), *promoted(a, b), algebra)


@numbers("a b", beside="reals", basis="adapted")
def left_divide(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The quotient from the left, $a^{-1} b$, which overflows no sooner than it has to.

    Where the algebra is alternative it solves $a x = b$, as `divide(b, a, algebra)`, $b\, a^{-1}$,
    solves $x a = b$.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide.

    Example:
        >>> i, k = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 0, 1])
        >>> left_divide(i, k, hc.QUATERNION)  # ij = k
        tensor([0., 0., 1., 0.])
    """
    check_components("a", a, algebra)
    check_components("b", b, algebra)
    return quotient(lambda b, a: _over(b, a, algebra, _after), *promoted(b, a), algebra)


_MODERATE = 2.0**-20  # and its inverse


def _over(a: Tensor, b: Tensor, algebra: Algebra, times: Callable[..., Tensor]) -> Tensor:
    """`times(a, b⁻¹)`. The size of b is divided by in two steps, between which lies the product, so
    that neither what is divided nor the product leaves the range before the quotient does. Where
    sizes are moderate one step does.
    """
    scale, most = unit_of_scale(b, algebra), torch.finfo(a.dtype).max / 8
    inverted = inverse_of_moderate(b / scale, algebra)
    if (
        a.is_cpu
        and can_be_read(inverted)
        and bool(((scale > _MODERATE) & (scale < 1 / _MODERATE)).all())
    ):
        product = times(a, inverted, algebra.product)
        if came_of_finite(product):
            return product / scale
    size = scaling.largest(inverted).clamp(min=1)  # large where b is below the normal numbers
    least = (scaling.largest(a) / most * size).clamp(max=most)
    first = power_of_two(torch.maximum(scale.sqrt(), least))
    return times(a / first, inverted, algebra.product) / (scale / first)


def _after(b: Tensor, a: Tensor, product: AnyProduct) -> Tensor:
    return multiply(a, b, product)


@numbers("a b")
def commutator(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The commutator $[a, b] = ab - ba$, zero where the two commute.

    For quaternions it is twice the cross product of the imaginary parts.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide.

    Example:
        >>> i, j = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 1, 0])
        >>> commutator(i, j, hc.QUATERNION)
        tensor([0., 0., 0., 2.])
    """
    check_factors(a, b, algebra.product)
    return image(a, b, derived(algebra, "commutator"))


@numbers("a b", gives="reals")
def inner_product(a: Tensor, b: Tensor, algebra: Algebra) -> Tensor:
    r"""The real inner product $\langle a, b \rangle = \operatorname{Re}(\bar a b)$.

    In every Cayley–Dickson algebra over the reals it is the sum of the products of components; in
    other algebras it need not be definite.

    Shape:
        `(…, n)`, `(…, n)` → `(…)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide.

    Example:
        >>> x = torch.tensor([1., 2, 3, 4])
        >>> inner_product(x, x, hc.QUATERNION)
        tensor(30.)
    """
    check_factors(a, b, algebra.product)
    return image(a, b, derived(algebra, "inner_product")).squeeze(-1)


@numbers("x", gives="reals")
def left_matrix(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The real matrix of $y \mapsto x y$: $L(x)_{kj} = \sum_i c_{ijk} x_i$.

    Shape:
        `(…, n)` → `(…, n, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide.

    Example:
        >>> left_matrix(torch.tensor([3., 4]), hc.COMPLEX)
        tensor([[ 3., -4.],
                [ 4.,  3.]])
    """
    return _matrix(x, algebra, "left")


@numbers("x", gives="reals")
def right_matrix(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The real matrix of $y \mapsto y x$: $R(x)_{kj} = \sum_i c_{jik} x_i$.

    Shape:
        `(…, n)` → `(…, n, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide.

    Example:
        >>> i, j = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 1, 0])
        >>> right_matrix(j, hc.QUATERNION) @ i  # ij = k
        tensor([0., 0., 0., 1.])
    """
    return _matrix(x, algebra, "right")


def _matrix(x: Tensor, algebra: Algebra, side: Side) -> Tensor:
    check_components("x", x, algebra)
    if x.dtype is torch.bool:  # which has no signs
        check_floating("x", x)
    return operator_by_entries(x, algebra.product, side).movedim((0, 1), (-2, -1))


@numbers("q", gives="reals")
def rotate(q: Tensor, v: Tensor, algebra: Algebra) -> Tensor:
    r"""The vector part of $q\,v\,q^{-1}$: for quaternions the active rotation of `v` by `q`.

    `q` need not be a unit; its length cancels. In the alternative algebras with a real norm, with
    $q = w + u$ and $u \times v = (uv - vu)/2$, it is $v + 2\,(w\,t + u \times t) / N(q)$,
    $t = u \times v$. Rotating by zero gives NaN.

    Shape:
        `(…, n)`, `(…, n-1)` → `(…, n-1)`, broadcast.

    Raises:
        ValueError: if a last axis has another width.

    Example:
        >>> quarter_turn_about_z = torch.tensor([1., 0, 0, 1])
        >>> rotate(quarter_turn_about_z, torch.tensor([1., 0, 0]), hc.QUATERNION)
        tensor([0., 1., 0.])

    Source:
        A. Cayley, *On certain results relating to quaternions*, 1845.
    """
    check_components("q", q, algebra)
    if not algebra.is_adapted:
        refuse_basis(algebra, "rotate")
    check_last("v", v, algebra.dimension - 1, "vectors")
    return rotate_vectors(*promoted(q, v), algebra)
