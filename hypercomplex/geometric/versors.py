r"""Norms, and versors: products of invertible vectors, which reflect, turn and move.

$$v \mapsto (-1)^{x}\, x\, v\, x^{-1}, \qquad x^{-1} = \tilde x / (x \tilde x)$$

is an orthogonal map of vectors for each versor x, a reflection if x is a vector, and goes on to all
multivectors as $x\, y\, x^{-1}$, with a sign where x and the grade of y are odd.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import check_components, check_floating, check_tolerance
from hypercomplex.geometric.arguments import blades_of, multiplied
from hypercomplex.geometric.grades import embed_grade, even, grade, odd, reverse
from hypercomplex.kernels.exact import power_of_two
from hypercomplex.kernels.inverse import form_of
from hypercomplex.kernels.precision import single
from hypercomplex.kernels.product import multiply
from hypercomplex.kernels.sandwich import sandwich as between
from hypercomplex.kernels.scaling import largest
from hypercomplex.lowering.constants import constant, derived

__all__ = [
    "apply_versor",
    "is_versor",
    "norm",
    "normalize",
    "project",
    "reflect",
    "reject",
    "sandwich",
    "squared_norm",
    "versor_inverse",
]

_ROUNDINGS = 100  # that what is computed of versors may have, for each component


@numbers("x", gives="reals")
def squared_norm(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The squared norm $\langle x \tilde x \rangle_0$: of a vector its square, negative or 0 where
    the metric is so.

    Zero exactly where it is, and with all digits where its terms nearly cancel.

    Shape:
        `(…, n)` → `(…)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> squared_norm(torch.tensor([0., 3, 5, 0]), hc.clifford(1, 1))
        tensor(-16.)

    Source:
        D. Hestenes, G. Sobczyk, *Clifford Algebra to Geometric Calculus*, 1984, chapter 1-1.
    """
    return _form(_checked("x", x, algebra), algebra).to(x.dtype)


@numbers("x", gives="reals")
def norm(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The norm $\sqrt{|\langle x \tilde x \rangle_0|}$, never squared: 0 for null multivectors.

    It neither overflows nor underflows before the result does. Its derivative where it is 0 is the
    subgradient 0.

    Shape:
        `(…, n)` → `(…)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> norm(torch.tensor([[0., 3, 5, 0], [0, 1, 1, 0]]), hc.clifford(1, 1))
        tensor([4., 0.])
    """
    moderate, scale = _scaled(_checked("x", x, algebra), algebra)
    return (_root(_form(moderate, algebra)) * scale.squeeze(-1)).to(x.dtype)


@numbers("x")
def normalize(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The multivector over its norm, $x / \sqrt{|\langle x \tilde x \rangle_0|}$; NaN where that
    is 0.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> normalize(torch.tensor([[0., 3, 5, 0], [0, 1, 1, 0]]), hc.clifford(1, 1))
        tensor([[0.0000, 0.7500, 1.2500, 0.0000],
                [   nan,    nan,    nan,    nan]])
    """
    moderate, _ = _scaled(_checked("x", x, algebra), algebra)
    size = _root(_form(moderate, algebra))
    return (moderate / size.masked_fill(size == 0, torch.nan).unsqueeze(-1)).to(x.dtype)


@numbers("x")
def versor_inverse(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The inverse $\tilde x / (x \tilde x)$ of what has a number $x \tilde x \ne 0$: versors,
    blades, and in up to three dimensions more.

    Everything else gives NaN, where the other parts of $x \tilde x$ are more than some roundings of
    $|x|^2$; `functional.inverse` inverts whatever has an inverse, slower.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> versor_inverse(torch.tensor([1., 0, 0, 2]), hc.clifford(2))  # 1 + 2 e12
        tensor([ 0.2000,  0.0000,  0.0000, -0.4000])

    Source:
        L. Dorst, D. Fontijne, S. Mann, *Geometric Algebra for Computer Science*, 2007, § 21.1.
    """
    moderate, scale = _scaled(_checked("x", x, algebra), algebra)
    size = _form(moderate, algebra)
    wrong = ~_has_real_square(_moderate(x), algebra, _tolerance(x)) | (size == 0)
    inverse = reverse(moderate, algebra) / size.masked_fill(wrong, torch.nan).unsqueeze(-1)
    return (inverse / scale).to(x.dtype)


@numbers("x", gives="reals")
def is_versor(x: Tensor, algebra: Algebra, tolerance: float | None = None) -> Tensor:
    r"""Whether it is a product of invertible vectors.

    It is even or odd, $x \tilde x \ne 0$ a number, and $x\, v\, \tilde x$ a vector for each vector
    v: each up to `tolerance` times the squared length of the components, of which those whose
    squares are 0 do not count for $x \tilde x \ne 0$; by default a hundred roundings of the dtype
    per component, or half of its digits if that is less.

    Shape:
        `(…, n)` → `(…)`, of truth values.

    Raises:
        TypeError: if `tolerance` is no real number.
        ValueError: if it is negative, the last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> x = torch.tensor([[1., 0, 0, 2], [0, 1, 2, 0], [1, 1, 0, 0]])
        >>> is_versor(x, hc.clifford(2))
        tensor([ True,  True, False])

    Source:
        L. Dorst, D. Fontijne, S. Mann, *Geometric Algebra for Computer Science*, 2007, § 21.5.
    """
    if tolerance is None:
        tolerance = _tolerance(_checked("x", x, algebra))
    check_tolerance(tolerance)
    moderate = _moderate(_checked("x", x, algebra))
    most = tolerance * moderate.square().sum(-1)
    parity = torch.minimum(_size(even(moderate, algebra)), _size(odd(moderate, algebra)))
    d = blades_of(algebra).generators
    vectors = embed_grade(torch.eye(d, dtype=x.dtype, device=x.device).to(moderate), 1, algebra)
    image = _sandwiched(moderate.unsqueeze(-2), vectors, algebra)
    beyond = _size(image - grade(image, 1, algebra)).amax(-1) if d else torch.zeros_like(most)
    return (
        _has_real_square(moderate, algebra, tolerance)
        & _has_form(x, algebra, tolerance)
        & (parity.square() <= most * tolerance)
        & (beyond <= most)
    )


@numbers("x y")
def sandwich(x: Tensor, y: Tensor, algebra: Algebra) -> Tensor:
    r"""The two-sided product $x\, y\, \tilde x$, for a unit rotor x the rotation of y.

    Where one x stands beside many y, their map is made once; gradients of both are those of the
    products.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> rotor = torch.tensor([0.8, 0, 0, -0.6])
        >>> sandwich(rotor, torch.tensor([0., 1, 0, 0]), hc.clifford(2))
        tensor([0.0000, 0.2800, 0.9600, 0.0000])

    Source:
        D. Hestenes, G. Sobczyk, *Clifford Algebra to Geometric Calculus*, 1984, chapter 3-5.
    """
    return _sandwiched(_checked("x", x, algebra), _checked("y", y, algebra), algebra)


@numbers("x y")
def apply_versor(x: Tensor, y: Tensor, algebra: Algebra) -> Tensor:
    r"""What a versor does to multivectors: $\sum_k (-1)^{k p}\, x\, \langle y \rangle_k\, x^{-1}$
    with p = 0 if x is even, 1 if it is odd.

    An orthogonal map of vectors, and the automorphism that it makes of the algebra; lengths of x
    cancel. An x that is neither even nor odd acts by both parts; one whose $x \tilde x$ is no
    number, or 0, gives NaN, as `versor_inverse`.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> e1, v = torch.tensor([0., 2, 0, 0]), torch.tensor([0., 3, 4, 0])
        >>> apply_versor(e1, v, hc.clifford(2))  # reflects along e1
        tensor([ 0., -3.,  4.,  0.])

    Source:
        L. Dorst, D. Fontijne, S. Mann, *Geometric Algebra for Computer Science*, 2007, § 7.6;
        D. Ruhe, J. Brandstetter, P. Forré, *Clifford Group Equivariant Neural Networks*, 2023.
    """
    y = _checked("y", y, algebra)
    inverse = versor_inverse(x, algebra)
    result: Tensor = between(
        x, y, inverse, derived(blades_of(algebra), "twisted"), derived(algebra, "product")
    )
    return result


@numbers("a mirror")
def reflect(a: Tensor, mirror: Tensor, algebra: Algebra) -> Tensor:
    r"""The reflection by a blade: `apply_versor` with what is reflected in front.

    By a vector n it is the reflection in the hyperplane perpendicular to it,
    $a - 2 (a \cdot n)\, n^{-1}$ of vectors; by a plane the half turn in it.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> a, n = torch.tensor([0., 3, 4, 0]), torch.tensor([0., 1, 1, 0])
        >>> reflect(a, n, hc.clifford(2))
        tensor([ 0., -4., -3.,  0.])
    """
    a = _checked("a", a, algebra)
    mirror = _checked("mirror", mirror, algebra)
    return apply_versor(mirror, a, algebra)


@numbers("a onto")
def project(a: Tensor, onto: Tensor, algebra: Algebra) -> Tensor:
    r"""The orthogonal projection onto a blade B: $(a \cdot B)\, B^{-1}$.

    Of a blade a of no higher grade it is the part inside of B, $(a \rfloor B) B^{-1}$. A blade of a
    higher grade is turned until it holds B, as projective algebras project a point, which is
    a product of planes, onto a plane. A B without `versor_inverse` gives NaN.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> a, b = torch.tensor([0., 3, 4, 0]), torch.tensor([0., 2, 0, 0])
        >>> project(a, b, hc.clifford(2))
        tensor([0., 3., 0., 0.])

    Source:
        L. Dorst, D. Fontijne, S. Mann, *Geometric Algebra for Computer Science*, 2007, § 3.6.
    """
    a = _checked("a", a, algebra)
    onto = _checked("onto", onto, algebra)
    common = multiplied(a, onto, algebra, "inner")
    return multiply(common, versor_inverse(onto, algebra), derived(algebra, "product"))


@numbers("a onto")
def reject(a: Tensor, onto: Tensor, algebra: Algebra) -> Tensor:
    r"""What the projection leaves: $a - (a \cdot B)\, B^{-1}$.

    Of a vector it is the part perpendicular to the blade B, $(a \wedge B)\, B^{-1}$.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide, or the algebra has no grades.

    Example:
        >>> a, b = torch.tensor([0., 3, 4, 0]), torch.tensor([0., 2, 0, 0])
        >>> reject(a, b, hc.clifford(2))
        tensor([0., 0., 4., 0.])
    """
    return a - project(a, onto, algebra)


def _checked(name: str, x: Tensor, algebra: Algebra) -> Tensor:
    blades_of(algebra)
    check_components(name, x, algebra)
    check_floating(name, x)
    return x


def _scaled(x: Tensor, algebra: Algebra) -> tuple[Tensor, Tensor]:
    """Numbers over a power of two that makes the terms of their form safe, and it."""
    scale = power_of_two(largest(regular(x, algebra)))
    return single(x / scale), single(scale)


def _moderate(x: Tensor) -> Tensor:
    """Numbers over a power of two that makes all their squares safe."""
    return single(x / power_of_two(largest(x)))


def regular(x: Tensor, algebra: Algebra) -> Tensor:
    """The components that count for the squared norm: however far a motor moves, it is 1."""
    if len(derived(blades_of(algebra), "regular")) == algebra.dimension:
        return x
    return x.index_select(-1, constant(_regular, algebra, x.new_empty((), dtype=torch.int64)))


def _regular(algebra: Algebra) -> list[int]:
    return list(algebra.blades.regular)


def _form(x: Tensor, algebra: Algebra) -> Tensor:
    return form_of(single(x), derived(blades_of(algebra), "form"))


def _root(form: Tensor) -> Tensor:
    zero = form == 0
    return form.abs().masked_fill(zero, 1).sqrt().masked_fill(zero, 0)


def _tolerance(x: Tensor) -> float:
    eps = torch.finfo(x.dtype).eps
    return min(_ROUNDINGS * x.shape[-1] * eps, eps**0.5)


def _has_form(x: Tensor, algebra: Algebra, tolerance: float) -> Tensor:
    """Whether the squared norm is not 0, but for `tolerance` of what it is the sum of."""
    moderate, _ = _scaled(x.detach(), algebra)
    most = tolerance * regular(moderate, algebra).square().sum(-1)
    return _form(moderate, algebra).abs() > most


def _has_real_square(x: Tensor, algebra: Algebra, tolerance: float) -> Tensor:
    """Whether x x̃ is a number but for `tolerance` of the squared length of the components."""
    x = x.detach()
    square = multiply(x, x, derived(blades_of(algebra), "square"))
    return _size(square[..., 1:]) <= tolerance * x.square().sum(-1)


def _size(x: Tensor) -> Tensor:
    """The largest component; 0 if there is none."""
    return x.abs().amax(-1) if x.shape[-1] else x.new_zeros(x.shape[:-1])


def _sandwiched(x: Tensor, y: Tensor, algebra: Algebra) -> Tensor:
    product = derived(algebra, "product")
    result: Tensor = between(x, y, reverse(x, algebra), product, product)
    return result
