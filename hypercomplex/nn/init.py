"""Initialisation of weights `(…, n)`, in place, drawn from torch's generator.

Of independent weights with mean 0 and inputs whose components have the mean square `m`, the
components of `y = Σ w x`, a sum of fan_in products, have the mean square `g · fan_in · E|w|² · m`.
The gain `g` of one product (`gains`) follows from the structure constants, and is 1 in every
composition algebra. So schemes are stated by `E|w|²`:

- `"glorot"`: `E|w|² = 2 / (g · fan_in + g' · fan_out)`,
- `"he"`: `E|w|² = 2 / (g · fan_in)`, or with `mode="fan_out"` `2 / (g' · fan_out)`,

with fans that count numbers, and the gain `g'` of the gradients that go back; in an algebra it is
`g`. A layer keeps mean squares over any algebra, degenerate ones too. `polar_`, `isotropic_` and
`unitary_` draw from three distributions with this moment; `orthogonal_` and `identity_` keep
lengths by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, Bilinear, forms, matrices
from hypercomplex.functional.arguments import (
    Count,
    check_components,
    check_floating,
    check_numbers,
    check_width,
    checked,
)
from hypercomplex.host.mode import is_ordinary
from hypercomplex.lowering import AnyProduct, LearnedBilinear, arrange, operator, sizes, unfold
from hypercomplex.lowering.block import Side

__all__ = [
    "Criterion",
    "Scheme",
    "fans",
    "fill_",
    "gains",
    "identity_",
    "isotropic_",
    "mean_squared_modulus",
    "orthogonal_",
    "polar_",
    "unitary_",
]

Criterion = Literal["glorot", "he"]
Mode = Literal["fan_in", "fan_out"]
Real = float | Fraction
Scheme = Literal["polar", "isotropic", "unitary", "orthogonal", "identity"] | Callable[..., Any]
_LARGEST = Fraction(2) ** 1000  # gains are floating-point numbers


@checked
def fill_(
    tensor: Tensor,
    scheme: Scheme = "polar",
    criterion: Criterion = "glorot",
    generator: torch.Generator | None = None,
    *,
    algebra: AnyProduct,
    side: Side = "left",
    transposed: bool = False,
    groups: Count = 1,
) -> Tensor:
    """Fill a weight by the scheme of this name, or by a function: what a layer's `init` does.

    Args:
        tensor: the weight `(O, I/groups, *kernel, n)`, or `(I, O/groups, *kernel, n)` if
            transposed.
        scheme: `"polar"`, `"isotropic"`, `"unitary"`, `"orthogonal"` or `"identity"`, the function
            of this module with an underscore; or a function, called as
            `scheme(tensor, generator=generator)`, such as `partial(nn.init.normal_, std=0.02)`.
        criterion: `"glorot"` or `"he"`, for the first three.
        generator: where random numbers come from; torch's default generator if None.
        algebra: the algebra of the numbers.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        transposed: whether the first axis holds the inputs.
        groups: number of independent groups.

    Raises:
        ValueError: if `scheme` or `criterion` is unknown, or the algebra does not have the scheme.

    Example:
        >>> fill_(torch.empty(2, 2, 2), "identity", algebra=hc.COMPLEX)[..., 0]
        tensor([[1., 0.],
                [0., 1.]])
    """
    check_width("tensor", tensor, -1, sizes(algebra.product, side)[0], f"those of {algebra}")
    if callable(scheme):
        with torch.no_grad():
            scheme(tensor, generator=generator)
        return tensor
    if scheme == "orthogonal":
        algebra = check_algebra(algebra, "orthogonal weights")
        return orthogonal_(
            tensor, algebra, generator, side=side, transposed=transposed, groups=groups
        )
    if scheme == "identity":
        return identity_(tensor, groups=groups, algebra=check_algebra(algebra, "the identity"))
    draw = {"polar": polar_, "isotropic": isotropic_, "unitary": unitary_}[scheme]
    return draw(tensor, criterion, generator, transposed=transposed, algebra=algebra, side=side)


@checked
def polar_(
    tensor: Tensor,
    criterion: Criterion = "glorot",
    generator: torch.Generator | None = None,
    *,
    transposed: bool = False,
    mode: Mode = "fan_in",
    algebra: AnyProduct | None = None,
    side: Side = "left",
) -> Tensor:
    r"""Fill with numbers of random modulus, axis and phase: $w = |w|\,(\cos\theta + u \sin\theta)$.

    $|w|$ has the chi distribution with $n$ degrees of freedom, $u$ is uniform on the sphere of
    imaginary directions, $\theta$ uniform on $(-\pi, \pi)$, all independent. So
    $E|w|^2$ is that of the criterion, half of it on the real part. Over the reals this is the
    normal distribution.

    Args:
        tensor: the weight `(O, I, *kernel, n)`, or `(I, O, *kernel, n)` if transposed.
        criterion: `"glorot"` or `"he"`.
        generator: where random numbers come from; torch's default generator if None.
        transposed: whether the first axis holds the inputs.
        mode: whether `"he"` keeps those of outputs, `"fan_in"`, or of gradients, `"fan_out"`.
        algebra: whose `gains` count; those of a composition algebra if None.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).

    Raises:
        ValueError: if `criterion` or `mode` is unknown or `tensor` has fewer than 3 axes.

    Example:
        >>> weight = polar_(torch.empty(50, 100, 4), "he", torch.Generator().manual_seed(0))
        >>> bool((weight.square().sum(-1).mean() - 2 / 100).abs() < 1e-3)
        True

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3.4.
    """
    _check_weight(tensor, algebra, side)
    n = tensor.shape[-1]
    half = Fraction(1, 2)
    shares = (half, *[half / (n - 1)] * (n - 1)) if n > 1 else (1,)
    gain = _gains(algebra, side, shares)
    deviation = math.sqrt(_mean_square(tensor.shape, criterion, transposed, mode, gain) / n)
    with torch.no_grad():
        # The modulus of a normal number is chi distributed and independent of its axis:
        # keep both, and draw the phase anew.
        tensor.normal_(generator=generator)
        if n == 1:
            return tensor.mul_(deviation)
        real, imaginary = tensor[..., 0], tensor[..., 1:]
        length = imaginary.square().sum(-1).sqrt()
        modulus = torch.hypot(real, length)
        phase = torch.empty_like(modulus).uniform_(-math.pi, math.pi, generator=generator)
        smallest = torch.finfo(tensor.dtype).tiny
        imaginary.mul_((modulus * phase.sin() / length.clamp_min(smallest)).unsqueeze(-1))
        real.copy_(modulus * phase.cos())
        return tensor.mul_(deviation)  # last, since squares of what is tiny may be 0


@checked
def isotropic_(
    tensor: Tensor,
    criterion: Criterion = "glorot",
    generator: torch.Generator | None = None,
    *,
    transposed: bool = False,
    mode: Mode = "fan_in",
    algebra: AnyProduct | None = None,
    side: Side = "left",
) -> Tensor:
    r"""Fill with independent normal components: no direction of the algebra is preferred.

    $E|w|^2$ is that of the criterion, the $n$-th part of it on each component.

    Args:
        tensor: the weight `(O, I, *kernel, n)`, or `(I, O, *kernel, n)` if transposed.
        criterion: `"glorot"` or `"he"`.
        generator: where random numbers come from; torch's default generator if None.
        transposed: whether the first axis holds the inputs.
        mode: whether `"he"` keeps those of outputs, `"fan_in"`, or of gradients, `"fan_out"`.
        algebra: whose `gains` count; those of a composition algebra if None.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).

    Raises:
        ValueError: if `criterion` or `mode` is unknown or `tensor` has fewer than 3 axes.

    Example:
        >>> weight = isotropic_(torch.empty(50, 100, 4), "he", torch.Generator().manual_seed(0))
        >>> bool((weight.square().mean((0, 1)) - 2 / 100 / 4).abs().max() < 1e-3)
        True

    Source:
        X. Glorot and Y. Bengio, *Understanding the difficulty of training deep feedforward neural
        networks*, AISTATS 2010; K. He et al., *Delving deep into rectifiers*, ICCV 2015.
    """
    _check_weight(tensor, algebra, side)
    gain = _gains(algebra, side)
    mean_square = _mean_square(tensor.shape, criterion, transposed, mode, gain)
    with torch.no_grad():
        return tensor.normal_(0, math.sqrt(mean_square / tensor.shape[-1]), generator=generator)


@checked
def unitary_(
    tensor: Tensor,
    criterion: Criterion | None = "glorot",
    generator: torch.Generator | None = None,
    *,
    transposed: bool = False,
    mode: Mode = "fan_in",
    algebra: AnyProduct | None = None,
    side: Side = "left",
) -> Tensor:
    r"""Fill with numbers of one modulus and uniform direction: $w = \sqrt{E|w|^2}\, u$, $|u| = 1$.

    Unit numbers alone, without the factor, would let the activations grow by $\sqrt{I}$ in each
    layer of $I$ inputs. Over the reals these are random signs.

    Args:
        tensor: the weight `(O, I, *kernel, n)`, or `(I, O, *kernel, n)` if transposed.
        criterion: `"glorot"` or `"he"`; None for modulus one.
        generator: where random numbers come from; torch's default generator if None.
        transposed: whether the first axis holds the inputs.
        mode: whether `"he"` keeps those of outputs, `"fan_in"`, or of gradients, `"fan_out"`.
        algebra: whose `gains` count; those of a composition algebra if None.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).

    Raises:
        ValueError: if `criterion` or `mode` is unknown or `tensor` has fewer than 3 axes.

    Example:
        >>> weight = unitary_(torch.empty(5, 3, 4), generator=torch.Generator().manual_seed(0))
        >>> bool((weight.square().sum(-1) - 2 / (3 + 5)).abs().max() < 1e-6)
        True

    Source:
        G. Marsaglia, *Choosing a point from the surface of a sphere*, 1972: the direction of a
        normal vector is uniform.
    """
    _check_weight(tensor, algebra, side)
    mean_square = 1.0
    if criterion is not None:
        gain = _gains(algebra, side)
        mean_square = _mean_square(tensor.shape, criterion, transposed, mode, gain)
    with torch.no_grad():
        tensor.normal_(generator=generator)
        length = torch.linalg.vector_norm(tensor, dim=-1, keepdim=True)
        return tensor.mul_(math.sqrt(mean_square) / length)


@checked
def orthogonal_(
    tensor: Tensor,
    algebra: Algebra,
    generator: torch.Generator | None = None,
    *,
    side: Side = "left",
    transposed: bool = False,
    groups: Count = 1,
) -> Tensor:
    r"""Fill so that the real block matrix has orthonormal rows or columns, whichever are fewer.

    The weight is the polar factor $(M M^T)^{-1/2} M$ of a normal one, $M$ its block matrix. Block
    matrices over an associative algebra are closed under products, and if they are under
    transposition, the factor is the block matrix of a weight again. As in
    `torch.nn.init.orthogonal_`, the first axis stands against all others.

    Args:
        tensor: the weight `(O, I/groups, *kernel, n)`, or `(I, O/groups, *kernel, n)` if
            transposed.
        algebra: the algebra of the numbers; such as the real, complex and quaternion numbers and
            the Clifford algebras without generators of square 0.
        generator: where random numbers come from; torch's default generator if None.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        transposed: whether the first axis holds the inputs.
        groups: number of groups, each orthogonal by itself.

    Raises:
        ValueError: if the algebra is not associative, or transposed matrices of its numbers are
            not matrices of numbers; or if `tensor` has fewer than 3 axes.

    Example:
        >>> weight = orthogonal_(torch.empty(2, 3, 4), hc.QUATERNION)
        >>> matrix = hc.lowering.block_kernel(weight, hc.QUATERNION.product)
        >>> bool((matrix @ matrix.T - torch.eye(8)).abs().max() < 1e-5)
        True

    Source:
        A. M. Saxe et al., *Exact solutions to the nonlinear dynamics of learning in deep linear
        neural networks*, ICLR 2014; N. J. Higham, *Functions of Matrices*, 2008, chapter 8.
    """
    _check_weight(tensor)
    check_components("tensor", tensor, algebra)
    check_orthogonal(algebra, side)
    with torch.no_grad():
        tensor.normal_(generator=generator)
        matrices = to_matrices(tensor, algebra, side, transposed, groups)
        weight = from_matrices(polar_factor(matrices), tensor.shape, algebra, transposed)
        return tensor.copy_(weight)


def check_algebra(algebra: AnyProduct, use: str) -> Algebra:
    """It is one, with a unit and a product to which the weight belongs."""
    if not isinstance(algebra, Algebra):
        raise ValueError(
            f"`algebra` (={algebra}) must be an Algebra for {use}, not another bilinear map; use "
            "'isotropic'"
        )
    return algebra


def check_orthogonal(algebra: Algebra, side: Side) -> None:
    """Products and transposed matrices of block matrices are block matrices of weights."""
    if not algebra.is_associative:
        raise ValueError(
            f"`algebra` (={algebra}) must be associative for an orthogonal weight, but its "
            f"{algebra.is_associative.counterexample} do not associate; use 'unitary'"
        )
    if not _transposes_within(algebra, side):
        raise ValueError(
            f"`algebra` (={algebra}) must hold the transposed matrix of each of its numbers for an "
            "orthogonal weight, as normed and nondegenerate Clifford algebras do; use 'isotropic'"
        )


def to_matrices(
    weight: Tensor, algebra: Algebra, side: Side, transposed: bool, groups: int
) -> Tensor:
    """The block matrices of the groups of a weight, its first axis against all others."""
    wide = weight.to(torch.promote_types(weight.dtype, torch.float32))
    rows = wide.unflatten(0, (groups, -1)).flatten(2, -2)  # (groups, first, rest, n)
    blocks = operator(rows.transpose(1, 2) if transposed else rows, algebra.product, side)
    return torch.stack([arrange(blocks[:, :, group]) for group in range(groups)])


def from_matrices(
    matrices: Tensor, shape: Sequence[int], algebra: Algebra, transposed: bool
) -> Tensor:
    """The weight of that shape with those block matrices."""
    n = algebra.dimension
    # The matrix of a number holds the number itself in its first column.
    numbers = unfold(matrices[..., : matrices.shape[-1] // n], 1, n)
    return (numbers.transpose(1, 2) if transposed else numbers).reshape(tuple(shape))


def polar_factor(matrices: Tensor) -> Tensor:
    """The nearest matrices with orthonormal rows or columns, whichever are fewer."""
    u, _, vh = torch.linalg.svd(matrices, full_matrices=False)
    return u @ vh


@lru_cache(256)
def _transposes_within(algebra: Algebra, side: Side) -> bool:
    """Whether the transposed matrix of every number is the matrix of a number."""
    n = algebra.dimension
    basis = [tuple(int(i == j) for i in range(n)) for j in range(n)]

    def columns(a: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
        pairs = ((a, e) if side == "left" else (e, a) for e in basis)
        return tuple(algebra.multiply(*pair) for pair in pairs)

    for unit in basis:
        rows = tuple(zip(*columns(unit), strict=True))
        # If the rows are the columns of a number's matrix, the first is that number (times 1).
        if columns(rows[0]) != rows:
            return False
    return True


@checked
def identity_(
    tensor: Tensor,
    generator: torch.Generator | None = None,
    *,
    groups: Count = 1,
    algebra: Algebra | None = None,
) -> Tensor:
    r"""Fill with the identity: $w_{oi} = \delta_{oi}$, at the centre of a kernel, 0 elsewhere.

    As many numbers as both sides have are copied. Nothing is drawn from the generator; it is
    an argument so that every scheme can be called alike.

    Args:
        tensor: the weight `(O, I/groups, *kernel, n)`, transposed or not.
        generator: unused.
        groups: number of groups, each an identity.
        algebra: whose 1 is meant; the first component if None.

    Raises:
        ValueError: if `tensor` has fewer than 3 axes.
        NotImplementedError: if the algebra has no unit.

    Example:
        >>> layer = hc.nn.Conv1d(3, 3, 5, padding=2, init="identity", algebra=hc.OCTONION)
        >>> x = torch.randn(2, 8 * 3, 10)
        >>> bool((layer(x) == x).all())
        True

    Source:
        M. Mancanelli, E. Grassucci, A. Uncini and D. Comminiello, *PHYDI: Initializing
        Parameterized Hypercomplex Neural Networks as Identity Functions*, 2023.
    """
    _check_weight(tensor)
    with torch.no_grad():
        tensor.zero_()
        one = (
            matrices.unit(0, tensor.shape[-1])
            if algebra is None
            else forms.one(algebra, "the identity")
        )
        centre = tensor
        for size in tensor.shape[2:-1]:
            centre = centre.select(2, size // 2)
        diagonal = centre.unflatten(0, (groups, -1)).diagonal(dim1=1, dim2=2)
        diagonal.copy_(tensor.new_tensor(list(map(float, one))).unsqueeze(-1))
    return tensor


def _check_weight(tensor: Tensor, algebra: AnyProduct | None = None, side: Side = "left") -> None:
    check_numbers("tensor", tensor)
    check_floating("tensor", tensor)
    if algebra is not None:
        check_width("tensor", tensor, -1, sizes(algebra.product, side)[0], f"those of {algebra}")
    if tensor.ndim < 3:
        raise ValueError(
            f"`tensor` of shape {tuple(tensor.shape)} must be that of a weight (O, I, *kernel, n)"
        )


@checked
def mean_squared_modulus(
    shape: Sequence[int],
    criterion: Criterion = "glorot",
    transposed: bool = False,
    mode: Mode = "fan_in",
    *,
    algebra: AnyProduct | None = None,
) -> float:
    """`E|w|²` of a weight of this shape under a criterion, with the `gains` of the algebra, or 1.

    Raises:
        ValueError: if `criterion` or `mode` is unknown or `shape` has fewer than 3 entries.

    Example:
        >>> mean_squared_modulus((5, 3, 4), "glorot")
        0.25
    """
    return _mean_square(shape, criterion, transposed, mode, _gains(algebra, "left"))


def _mean_square(
    shape: Sequence[int],
    criterion: Criterion,
    transposed: bool,
    mode: Mode,
    gains: tuple[float, float],
) -> float:
    ways = [fan * gain for fan, gain in zip(fans(shape, transposed), gains, strict=True)]
    return 2 / (sum(ways) if criterion == "glorot" else ways[mode == "fan_out"])


@checked
def gains(
    algebra: AnyProduct, side: Side = "left", shares: Sequence[Real] | None = None
) -> tuple[float, float]:
    r"""What a product by a random number of mean square modulus 1 makes of mean squares: of the
    components of the other factor, and of those of gradients that go back to it.

    $g = \frac1{n_y} \sum_{ijk} c_{ijk}^2\, p_i$ and
    $g' = \frac1{n_x} \sum_{ijk} c_{ijk}^2\, p_i$, where the uncorrelated components of the number
    have mean squares $p_i$ that add up to 1. It is 1 in every composition algebra, and where no
    product is there to be kept.

    Args:
        algebra: the algebra, or any bilinear map, of numbers $w$ with $y = w x$.
        side: where the random number stands, `"left"` (w x) or `"right"` (x w).
        shares: the mean squares $p_i$ of its components; all alike if None.

    Raises:
        ValueError: if `shares` are not one for each component.

    Example:
        >>> gains(hc.QUATERNION)
        (1.0, 1.0)
        >>> gains(hc.clifford(0, 0, 1))  # dual numbers: of four products one is 0
        (0.75, 0.75)
    """
    width, other, out = sizes(algebra.product, side)
    if shares is None:
        shares = [Fraction(1, width)] * width
    if len(shares) != width:
        raise ValueError(
            f"`shares` (={shares}) must hold {width} mean squares, one for each component of a "
            f"number of {algebra}"
        )
    map_ = algebra.product
    squares = (
        _learned_squares(map_, side)
        if isinstance(map_, LearnedBilinear)
        else _exact_squares(map_, side)
    )
    total = min(sum(p * c for p, c in zip(shares, squares, strict=True)), _LARGEST)
    return (float(total / out), float(total / other)) if total else (1.0, 1.0)


def _gains(
    algebra: AnyProduct | None, side: Side, shares: Sequence[Real] | None = None
) -> tuple[float, float]:
    return (1.0, 1.0) if algebra is None else gains(algebra, side, shares)


@lru_cache(256)
def _exact_squares(product: Bilinear, side: Side) -> tuple[Real, ...]:
    """For each component of the factor on that side the sum of the squares of its constants."""
    squares: list[Real] = [0] * sizes(product, side)[0]
    for i, j, _, c in product.constants:
        squares[i if side == "left" else j] += c * c
    return tuple(squares)


def _learned_squares(product: LearnedBilinear, side: Side) -> list[float]:
    """The same of a map that is learned, as it stands; 0 where there are no values."""
    constants = product.constants.detach().double()
    if constants.is_meta or not is_ordinary(constants):
        return [0.0] * sizes(product, side)[0]
    found: list[float] = constants.square().sum((1, 2) if side == "left" else (0, 2)).tolist()
    return found


@checked
def fans(shape: Sequence[int], transposed: bool = False) -> tuple[int, int]:
    """The numbers of inputs and outputs that a weight `(O, I, *kernel, n)` connects.

    With `transposed` its shape is `(I, O, *kernel, n)`, as of a transposed convolution.

    Raises:
        ValueError: if `shape` has fewer than 3 entries.

    Example:
        >>> fans((5, 3, 7, 7, 4))
        (147, 245)
    """
    if len(shape) < 3:
        raise ValueError(f"`shape` (={tuple(shape)}) must be that of a weight (O, I, *kernel, n)")
    first, second, *kernel, _ = shape
    outputs, inputs = (second, first) if transposed else (first, second)
    points = math.prod(kernel)
    return max(inputs * points, 1), max(outputs * points, 1)
