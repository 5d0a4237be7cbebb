r"""Functions of Clifford numbers that commute with the group Pin: with rotations and reflections.

A product $w$ of invertible vectors acts on numbers by $\rho(w)(x) = w x w^{-1}$, with the grade
involution $\hat x$ in the place of $x$ if the vectors are odd in number. It keeps products, grades
and the scalars $\langle \tilde x y\rangle_0$, and so does all that is made of them:
$f(\rho(w)(x)) = \rho(w)(f(x))$, which the tests ask of each function.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import folded, numbers
from hypercomplex.functional.arguments import (
    check_channels,
    check_components,
    check_floating,
    check_reals,
    check_shape,
    check_whole,
)
from hypercomplex.host.known import known_when_traced
from hypercomplex.kernels.graded import graded_products
from hypercomplex.kernels.precision import single
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering import (
    Choice,
    Kept,
    affine_features,
    constant,
    derived,
    equivariant,
    fold,
    unfold,
)

__all__ = [
    "equivariant_layer_norm",
    "equivariant_linear",
    "fully_connected_product",
    "geometric_product",
    "grade_gate",
    "grade_normalize",
    "grade_norms",
    "grade_squares",
    "join",
    "weighted_product",
]


# ---------------------------------------------------------------------- linear


@folded("input")
def equivariant_linear(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    algebra: Algebra,
    plan: Choice = None,
    kept: Kept | None = None,
) -> Tensor:
    r"""Affine maps by grades: $y_o = \sum_{ig} w_{oig} \langle x_i\rangle_g + b_o$.

    The bias is a scalar. In a degenerate metric, such as that of projective geometry, the vectors
    that are orthogonal to all are invariant, too: weights of $e_0 \wedge \langle x\rangle_g$ follow
    those of grades, and the bias of $e_0$ that of the scalar. These are all affine maps that
    commute with the group, in every algebra with an invertible vector.

    Args:
        input: folded `(*, n·I)`, or typed `(*, I)`.
        weight: `(O, I, m)`, one for each of the `m` maps; `algebra.blades.equivariance.maps` has
            them.
        bias: `(O, b)`, one for each of `algebra.blades.equivariance.invariants`.
        algebra: a Clifford algebra.
        plan: a way to compute it, see `linear`.
        kept: what is kept of the weight, see `linear`.

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> x = torch.tensor([[1., 2, 3, 4]])  # 1 + 2 e1 + 3 e2 + 4 e12
        >>> by_grade = torch.tensor([[[1., 10, 100]]])
        >>> equivariant_linear(x, by_grade, torch.tensor([[0.5]]), algebra=hc.clifford(2))
        tensor([[  1.5000,  20.0000,  30.0000, 400.0000]])

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4; with
        $e_0$ J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, proposition 2.
    """
    maps = equivariant(algebra, "maps")
    _check_weight(weight, maps.shape[0], "(O, I, m)", algebra)
    check_channels(input, -1, weight.shape[1], algebra.product)
    if bias is not None:
        check_shape("bias", bias, (weight.shape[0], len(_invariants(algebra))), "(O, b)")
        check_reals("bias", bias)
        bias = invariant_numbers(bias, algebra)
    return affine_features(input, weight, bias, maps, "left", plan, kept)


def invariant_numbers(bias: Tensor, algebra: Algebra) -> Tensor:
    """The numbers `(O, n)` that a bias `(O, b)` stands for."""
    return bias @ constant(_invariants, algebra, bias)


@known_when_traced
def _invariants(algebra: Algebra) -> list[list[float]]:
    return [[float(c) for c in row] for row in algebra.blades.equivariance.invariants]


def _check_weight(weight: Tensor, maps: int, axes: str, algebra: Algebra) -> None:
    """The weight has one number for each map on its last axis."""
    if weight.ndim != axes.count(",") + 1 or weight.shape[-1] != maps:
        raise ValueError(
            f"`weight` of shape {tuple(weight.shape)} must have the shape {axes}, with {maps} "
            f"weights of {algebra} on its last axis"
        )
    check_reals("weight", weight)


# ---------------------------------------------------------------------- products


@folded("input other")
def weighted_product(input: Tensor, other: Tensor, weight: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The geometric product, weighted by grades, of equal channels:
    $z_c = \sum_{ijk} w_{cijk} \langle\langle x_c\rangle_i \langle y_c\rangle_j\rangle_k$.

    Args:
        input: the left factor, folded `(*, n·C)`, or typed `(*, C)`.
        other: the right factor, of the same kind and shape.
        weight: `(C, P)`, one for each of `algebra.blades.equivariance.paths`: the grades i and j of
            factors, and k of the part of their product.
        algebra: a Clifford algebra.

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> A = hc.clifford(3)
        >>> x, y = torch.randn(2, 5, 8 * 6)
        >>> ones = torch.ones(6, 20)  # gives the geometric product itself
        >>> z = weighted_product(x, y, ones, algebra=A)
        >>> torch.allclose(z, geometric_product(x, y, algebra=A), atol=1e-5)
        True

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """
    parts, sums = equivariant(algebra, "parts"), equivariant(algebra, "sums")
    _check_weight(weight, sums.shape[0], "(C, P)", algebra)
    x, y = _pair(input, other, weight.shape[0], algebra)
    z = multiply(weight, multiply(x, y, parts), sums)
    return fold(z, z.ndim - 2)


@folded("input other")
def fully_connected_product(
    input: Tensor, other: Tensor, weight: Tensor, *, algebra: Algebra
) -> Tensor:
    r"""Sums of geometric products, weighted by grades, over channels:
    $z_o = \sum_c \sum_{ijk} w_{ocijk} \langle\langle x_c\rangle_i \langle y_c\rangle_j\rangle_k$.

    Args:
        input: the left factor, folded `(*, n·C)`, or typed `(*, C)`.
        other: the right factor, of the same kind and shape.
        weight: `(O, C, P)`, one for each of `algebra.blades.equivariance.paths`, see
            `weighted_product`.
        algebra: a Clifford algebra.

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> x, weight = torch.randn(5, 8 * 6), torch.randn(4, 6, 20)
        >>> fully_connected_product(x, x, weight, algebra=hc.clifford(3)).shape
        torch.Size([5, 32])

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """
    _check_weight(weight, equivariant(algebra, "sums").shape[0], "(O, C, P)", algebra)
    x, y = _pair(input, other, weight.shape[1], algebra)
    z = graded_products(x, y, weight, algebra)
    return fold(z, z.ndim - 2)


@folded("input other")
def geometric_product(input: Tensor, other: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The product of equal channels, $z_c = x_c y_c$, of any algebra.

    Args:
        input: the left factor, folded `(*, n·C)`, or typed `(*, C)`.
        other: the right factor, of the same kind and shape.
        algebra: the algebra of the numbers.

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> i, j = torch.eye(4)[1:3]  # one quaternion each
        >>> geometric_product(i, j, algebra=hc.QUATERNION)
        tensor([0., 0., 0., 1.])
    """
    x, y = _pair(input, other, None, algebra)
    z = multiply(x, y, algebra.product)
    return fold(z, z.ndim - 2)


@folded("input other reference")
def join(input: Tensor, other: Tensor, reference: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The join of equal channels, times a pseudoscalar: $z_c = I(r)\, (x_c \vee y_c)$.

    $x \vee y$ is the regressive product by complements, whatever the metric is; in projective
    geometry of points and planes it gives the line through two points. A reflection changes its
    sign, as it does that of the last component $I(r)$ of every number, so that their product is
    equivariant.

    Args:
        input: the left factor, folded `(*, n·C)`, or typed `(*, C)`.
        other: the right factor, of the same kind and shape.
        reference: numbers of whose components the last ones are taken, one for all channels,
            `(*, n)` or typed `(*, 1)`, or one for each.
        algebra: a Clifford algebra.

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> line = join(*torch.eye(16)[[14, 13, 15]].view(3, 1, 16), algebra=hc.PGA)
        >>> line.nonzero()[:, 1].tolist(), hc.PGA.units[12]  # of two points
        ([12], 'e23')

    Source:
        J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, section 3.
    """
    n, blades = algebra.dimension, derived(algebra, "blades")
    x, y = _pair(input, other, None, algebra)
    if reference.shape[-1:] != (n,):
        check_channels(reference, -1, x.shape[-2], algebra.product, name="reference")
    check_floating("reference", reference)
    sign = unfold(reference, reference.ndim - 1, n)[..., -1:]
    z = multiply(x, y, derived(blades, "regressive")) * sign
    return fold(z, z.ndim - 2)


def _pair(
    input: Tensor, other: Tensor, channels: int | None, algebra: Algebra
) -> tuple[Tensor, Tensor]:
    """Both factors, components last, with so many channels, or as many."""
    n = algebra.dimension
    if channels is None:
        check_whole("input", input, -1, algebra.product)
        channels = input.shape[-1] // n
    for name, x in (("input", input), ("other", other)):
        check_channels(x, -1, channels, algebra.product, name=name)
        check_floating(name, x)
    return unfold(input, input.ndim - 1, n), unfold(other, other.ndim - 1, n)


# ---------------------------------------------------------------------- invariants


@numbers("x", gives="reals")
def grade_squares(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The squares of the grades of a number, which are invariants:
    $q_g = \langle \widetilde{\langle x\rangle_g} \langle x\rangle_g\rangle_0$.

    They are sums of squares of components where all vectors have positive squares, and may be
    negative elsewhere.

    Shape:
        `(…, n)` → `(…, G)`, for the grades 0 to G − 1.

    Raises:
        ValueError: if the algebra has no grades, or `x` other components.

    Example:
        >>> grade_squares(torch.tensor([1., 2, 3, 4]), hc.clifford(2))
        tensor([ 1., 13., 16.])

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 3.
    """
    check_components("x", x, algebra)
    return multiply(x, x, equivariant(algebra, "forms"))


@numbers("x", gives="reals")
def grade_norms(x: Tensor, algebra: Algebra, eps: float = 1e-8) -> Tensor:
    r"""The norms of the grades of a number: $\sqrt[4]{q_g^2 + \varepsilon^2}$ of their
    `grade_squares`.

    That is $\sqrt{|q_g|}$, made smooth where it is 0.

    Shape:
        `(…, n)` → `(…, G)`, for the grades 0 to G − 1.

    Raises:
        ValueError: if the algebra has no grades, or `x` other components.

    Example:
        >>> grade_norms(torch.tensor([1., 3, 4, -2]), hc.clifford(2))
        tensor([1., 5., 2.])

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """
    return _root(grade_squares(single(x), algebra), eps).to(x.dtype)


def _root(squares: Tensor, eps: float) -> Tensor:
    """`sqrt(|q|)`, smooth at 0."""
    return torch.sqrt(torch.hypot(squares, squares.new_full((), eps)))


@folded("input")
def grade_gate(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    function: Callable[[Tensor], Tensor] = torch.sigmoid,
    *,
    algebra: Algebra,
) -> Tensor:
    r"""Grades that are gated by their invariants:
    $y_c = \sum_g \sigma(a_{cg} s_{cg} + b_{cg}) \langle x_c\rangle_g$.

    $s_{c0}$ is the scalar of $x_c$, and $s_{cg}$ its `grade_squares` for other grades. With the
    sigmoid, scalars go through the function SiLU.

    Args:
        input: folded `(*, n·C)`, or typed `(*, C)`.
        weight: the factors a, `(C, G)`.
        bias: the shifts b, `(C, G)`.
        function: σ, a real function.
        algebra: a Clifford algebra.

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> x, ones = torch.tensor([[0.5, 3., 4, 0]]), torch.ones(1, 3)
        >>> grade_gate(x, ones, 0 * ones, torch.relu, algebra=hc.clifford(2))
        tensor([[  0.2500,  75.0000, 100.0000,   0.0000]])

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """
    x = _by_grades(input, {"weight": weight, "bias": bias}, algebra)
    squares = multiply(x, x, equivariant(algebra, "forms"))
    invariants = torch.cat([x[..., :1], squares[..., 1:]], -1)
    y = multiply(function(weight * invariants + bias), x, equivariant(algebra, "by_grade"))
    return fold(y, y.ndim - 2).to(input.dtype)


@folded("input")
def grade_normalize(
    input: Tensor, weight: Tensor, eps: float = 1e-8, *, algebra: Algebra
) -> Tensor:
    r"""Grades whose norms are brought nearer to 1:
    $y_c = \sum_g \langle x_c\rangle_g / (1 + \sigma(a_{cg}) (\lVert x_c\rVert_g - 1))$.

    The norms are `grade_norms`. The factor $\sigma(a)$ says how near, from 0, not at all, to 1.

    Args:
        input: folded `(*, n·C)`, or typed `(*, C)`.
        weight: the real a, `(C, G)`.
        eps: what makes norms smooth.
        algebra: a Clifford algebra.

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> x = torch.tensor([[2., 3, 4, 0.5]])
        >>> grade_normalize(x, torch.full((1, 3), 99.), algebra=hc.clifford(2))
        tensor([[1.0000, 0.6000, 0.8000, 1.0000]])

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """
    x = _by_grades(input, {"weight": weight}, algebra)
    norms = _root(multiply(x, x, equivariant(algebra, "forms")), eps)
    y = multiply(1 / (1 + torch.sigmoid(weight) * (norms - 1)), x, equivariant(algebra, "by_grade"))
    return fold(y, y.ndim - 2).to(input.dtype)


def _by_grades(input: Tensor, given: dict[str, Tensor], algebra: Algebra) -> Tensor:
    """Numbers, components last, beside which stands something for each grade of each channel."""
    n, grades = algebra.dimension, equivariant(algebra, "by_grade").shape[0]
    check_whole("input", input, -1, algebra.product)
    check_floating("input", input)
    for name, x in given.items():
        check_shape(name, x, (input.shape[-1] // n, grades), "(C, G)")
        check_reals(name, x)
    return single(unfold(input, input.ndim - 1, n))


@folded("input")
def equivariant_layer_norm(
    input: Tensor, weight: Tensor | None = None, eps: float = 1e-5, *, algebra: Algebra
) -> Tensor:
    r"""Scaling of each sample by invariants: $y_c = \gamma_c x_c / \sqrt{\sigma^2 + \varepsilon}$.

    $\sigma^2$ is the mean over all channels of $\sum_g |q_g| / m$, with the `grade_squares` $q_g$
    and the number m of components that they are made of, so that these come out with mean square
    1, where all vectors have positive squares.

    Args:
        input: folded `(*, n·C)`, or typed `(*, C)`.
        weight: the real γ, `(C,)`.
        eps: added to the mean square.
        algebra: a Clifford algebra.

    Raises:
        ValueError: if the widths do not fit the algebra or each other.

    Example:
        >>> y = equivariant_layer_norm(torch.randn(3, 8 * 50), algebra=hc.clifford(3))
        >>> torch.allclose(y.square().mean(1), torch.ones(3), atol=1e-3)
        True

    Source:
        J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, section 3.
    """
    check_whole("input", input, -1, algebra.product)
    check_floating("input", input)
    forms, measured = equivariant(algebra, "forms"), len(equivariant(algebra, "measured"))
    numbers = single(unfold(input, input.ndim - 1, algebra.dimension))
    size = multiply(numbers, numbers, forms).abs().sum(-1).mean(-1) / measured
    factor = torch.rsqrt(size + eps).unsqueeze(-1)
    if weight is not None:
        check_shape("weight", weight, (numbers.shape[-2],), "(C,)")
        check_reals("weight", weight)
        factor = factor * weight
    return fold((numbers * factor.unsqueeze(-1)).to(input.dtype), input.ndim - 1)
