r"""Bivectors and rotors: exponential, logarithm, square root, and the planes of a rotation.

A bivector B generates the rotor $e^B$, which turns $v \mapsto e^B v\, e^{-B}$: by twice the angle
in B, as quaternions do. With up to five generators all functions are in closed form, by the
invariants $S$ and $W^2$ of $B^2 = S + W$ (`geometric.invariants`), in any signature, with null
vectors, too: spaces, spacetimes, motors of projective geometry, conformal maps. Beyond, they are
functions of matrices, as those of `functional` are.

A multivector that is not of the kind that is asked for is an error where values can be read; where
they cannot (compiled, under `torch.func`), its result is NaN.

Source:
    M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, Advances in Applied
    Clifford Algebras 33, 2023.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.algebra.rotors import MAPS, MOST_GENERATORS, Rotors
from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import check_components, check_floating
from hypercomplex.geometric import invariants
from hypercomplex.geometric.arguments import blades_of, multiplied
from hypercomplex.geometric.components import placed, taken
from hypercomplex.geometric.planes import decomposed
from hypercomplex.geometric.study import Study, square_of_bivector
from hypercomplex.host.mode import can_be_read
from hypercomplex.kernels.precision import single
from hypercomplex.kernels.product import multiply
from hypercomplex.lowering.constants import derived

__all__ = [
    "exp",
    "general_exp",
    "general_log",
    "general_sqrt",
    "has_closed_forms",
    "invariant_decomposition",
    "log",
    "outer_cos",
    "outer_exp",
    "outer_sin",
    "outer_tan",
    "sqrt",
]

_EVEN_GRADES = (0,), (2,), (4,)
_TWO = ((2,),)
_A_ROTOR = "a rotor, of R times its reverse 1"
_ROTOR = 1e-3  # how far from 1 the square of the length of a rotor may be
_ROUNDINGS = 16  # of which a sum of squares may be the result


@numbers("B")
def exp(B: Tensor, algebra: Algebra) -> Tensor:
    r"""The rotor of a bivector: $e^B = 1 + B + B^2 / 2 + \dots$, summed.

    With up to five generators in closed form, right to rounding also for small angles, null
    bivectors and equal angles in two planes, with derivatives of every order.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if B is no bivector, the last axis is not `n` wide, or the algebra has no
            grades.
        TypeError: if B is of integers.

    Example:
        >>> quarter = torch.tensor([0., 0, 0, torch.pi / 4])  # half the angle times e12
        >>> exp(quarter, hc.clifford(2))
        tensor([0.7071, 0.0000, 0.0000, 0.7071])

    Source:
        M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, 2023.
    """
    B = _bivector(B, algebra)
    rotors = _rotors(algebra)
    if rotors is None:
        return functional.exp(B, algebra)
    return _assembled(_exp(taken(single(B), _TWO, algebra), rotors), B, algebra)


@numbers("R")
def log(R: Tensor, algebra: Algebra) -> Tensor:
    r"""The bivector of a rotor, $e^{\log R} = R$: the principal logarithm.

    The eigenvalues of the result have imaginary parts below $\pi$: rotations by less than a full
    turn, and in two planes by less than that together. The logarithm of $-1$, for which every plane
    is as good, and of the negative of a boost, which has none, is NaN. R and $-R$ turn vectors
    alike, and the one with the positive real part takes the shorter way.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if R is no rotor, $R \tilde R = 1$, the last axis is not `n` wide, or the
            algebra has no grades.
        TypeError: if R is of integers.

    Example:
        >>> log(torch.tensor([0.6, 0, 0, 0.8]), hc.clifford(2))
        tensor([0.0000, 0.0000, 0.0000, 0.9273])

    Source:
        M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, 2023.
    """
    R = _even("R", R, algebra)
    rotors = _rotors(algebra)
    if rotors is None:
        real, rest, size = _squared_length(R.detach(), algebra)
        near = _close(R.dtype) * (1 + size)
        wrong = ((real - 1).abs() > near) | (rest > near)
        return functional.log(_refused(R, wrong, "R", _A_ROTOR), algebra)
    x = _parts(R, algebra, rotors)
    length, near = x.length_squared, _close(R.dtype) * (1 + x.sizes)
    wrong = torch.cat([length.a - 1, length.w], -1).detach().abs() > near
    b = _refused(x.b, wrong.any(-1), "R", _A_ROTOR)
    factor = _log_factor(x.E, x.Q)
    return _assembled((0 * factor.a, factor.on(b), None), R, algebra)  # NaN also without bivectors


@numbers("R")
def sqrt(R: Tensor, algebra: Algebra) -> Tensor:
    r"""The square root of an even multivector: $\sqrt R = (R + n) / \sqrt{2 (a + n)}$ with
    $n = \sqrt{R \tilde R}$ and $a = (R + \tilde R) / 2$; of a rotor $(1 + R) / |1 + R|$, half the
    way.

    Principal for rotors and their multiples; NaN where `log` is.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if R has odd grades, or, of five generators, $R \tilde R$ is not real; if the
            last axis is not `n` wide, or the algebra has no grades.
        TypeError: if R is of integers.

    Example:
        >>> sqrt(torch.tensor([0., 0, 0, 1]), hc.clifford(2))
        tensor([0.7071, 0.0000, 0.0000, 0.7071])

    Source:
        M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, 2023.
    """
    R = _even("R", R, algebra)
    rotors = _rotors(algebra)
    if rotors is None:
        return functional.sqrt(R, algebra)
    x = _parts(R, algebra, rotors)
    length, b = x.length_squared, x.b
    if len(rotors.fours) > 1:
        wrong = length.w.detach().abs() > _close(R.dtype) * (1 + x.sizes[..., 1:])
        b = _refused(b, wrong.any(-1), "R", "a versor, of R times its reverse real")
    n = _but_for_rounding(length, x.sizes, R.dtype).sqrt()
    root = _twice_sum(x.E, n, x.Q).sqrt()
    even = root.scaled(0.5)
    real = even.a.masked_fill((x.E.a < 0) & (even.a == 0), torch.nan)
    return _assembled((real, root.inverse().on(b), even.w), R, algebra)


@numbers("B")
def outer_exp(B: Tensor, algebra: Algebra) -> Tensor:
    r"""The exponential series with exterior products: $\Lambda^B = \sum_k B^{\wedge k} / k!$, a
    polynomial.

    Divided by its length it is a rotor, that of the half angles whose tangents are in B: Cayley's
    map.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if B is no bivector, the last axis is not `n` wide, or the algebra has no
            grades.
        TypeError: if B is of integers.

    Example:
        >>> outer_exp(torch.tensor([0., 0, 0, 0.75]), hc.clifford(2))  # of length 1.25
        tensor([1.0000, 0.0000, 0.0000, 0.7500])

    Source:
        M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, 2023.
    """
    return torch.stack(_outer_terms(B, algebra)).sum(0)


@numbers("B")
def outer_cos(B: Tensor, algebra: Algebra) -> Tensor:
    r"""The even terms $1 + B \wedge B / 2! + \dots$ of the outer exponential.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if B is no bivector, the last axis is not `n` wide, or the algebra has no
            grades.
        TypeError: if B is of integers.

    Example:
        >>> B = torch.zeros(16)
        >>> B[3], B[12] = 2, 3  # of e12 and e34
        >>> outer_cos(B, hc.clifford(4))[[0, 15]]
        tensor([1., 6.])

    Source:
        M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, 2023.
    """
    return torch.stack(_outer_terms(B, algebra)[::2]).sum(0)


@numbers("B")
def outer_sin(B: Tensor, algebra: Algebra) -> Tensor:
    r"""The odd terms $B + B \wedge B \wedge B / 3! + \dots$ of the outer exponential.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if B is no bivector, the last axis is not `n` wide, or the algebra has no
            grades.
        TypeError: if B is of integers.

    Example:
        >>> outer_sin(torch.tensor([0., 0, 0, 2]), hc.clifford(2))
        tensor([0., 0., 0., 2.])

    Source:
        M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, 2023.
    """
    return torch.stack([torch.zeros_like(B), *_outer_terms(B, algebra)[1::2]]).sum(0)


@numbers("B")
def outer_tan(B: Tensor, algebra: Algebra) -> Tensor:
    r"""The quotient of outer sine and cosine: $\Lambda\text{-}\tan B = (\Lambda\text{-}\sin B)\,
    (\Lambda\text{-}\cos B)^{-1}$, which of the rotor $R \sim \Lambda^B$ is $\tanh \log R$.

    Shape:
        `(…, n)` → `(…, n)`.

    Raises:
        ValueError: if B is no bivector, the last axis is not `n` wide, or the algebra has no
            grades.
        TypeError: if B is of integers.

    Example:
        >>> B = torch.zeros(16)
        >>> B[3], B[12] = 2, 3
        >>> outer_tan(B, hc.clifford(4))[[3, 12]]  # (2 e12 + 3 e34) / (1 + 6 e1234)
        tensor([-0.5714, -0.4286])

    Source:
        M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, 2023.
    """
    return functional.divide(outer_sin(B, algebra), outer_cos(B, algebra), algebra)


def _outer_terms(B: Tensor, algebra: Algebra) -> list[Tensor]:
    """The powers of the outer exponential, over factorials."""
    B = _bivector(B, algebra)
    one = torch.zeros_like(B)
    one[..., 0] = 1
    terms = [one]
    for k in range(1, blades_of(algebra).generators // 2 + 1):
        terms.append(multiplied(terms[-1], B, algebra, "wedge") / k)
    return terms


@numbers("B")
def invariant_decomposition(B: Tensor, algebra: Algebra) -> Tensor:
    r"""The planes of a bivector: $B = \sum_i b_i$ with simple $b_i$ that commute, the larger square
    first.

    Each has a real square, and $e^B = \prod_i e^{b_i}$: a rotation, a boost or a translation each,
    such as the rotation about the axis of a screw, and the translation along it. With
    $\lambda_i = b_i^2$, the roots of $\lambda^2 - S \lambda + W^2 / 4$ for $B^2 = S + W$,

    $$b_1 = \frac{\lambda_1 B - W B / 2}{\lambda_1 - \lambda_2}.$$

    Where the squares are equal, as those of equal angles in two planes, the planes are any pair of
    many. NaN where there are no real ones, or both squares are 0.

    Shape:
        `(…, n)` → `(…, k, n)`, with $k = 2$ for four and five generators, and 1 for fewer.

    Raises:
        ValueError: if B is no bivector, the last axis is not `n` wide, or the algebra has no
            grades.
        NotImplementedError: for more than five generators.
        TypeError: if B is of integers.

    Example:
        >>> B = torch.zeros(16)
        >>> B[3], B[12] = 2, 3  # of e12 and e34
        >>> invariant_decomposition(B, hc.clifford(4))[:, [3, 12]]
        tensor([[-0., 3.],
                [2., -0.]])

    Source:
        M. Roelfs, S. De Keninck, *Graded symmetry groups: plane and simple*, 2023.
    """
    B = _bivector(B, algebra)
    rotors = _rotors(algebra)
    if rotors is None:
        raise NotImplementedError(
            f"invariant_decomposition is not known for {algebra}: the squares of the planes of "
            f"more than {MOST_GENERATORS} generators are roots of a polynomial of higher degree"
        )
    if not rotors.fours:
        return B.unsqueeze(-2)
    b = taken(single(B), _TWO, algebra)
    planes = decomposed(b, rotors)
    return torch.stack([placed(each, _TWO, algebra) for each in planes], -2).to(B.dtype)


# ---------------------------------------------------------------------- of numbers by grade


def general_exp(x: Tensor, algebra: Algebra) -> Tensor:
    r"""$e^{a + B} = e^a e^B$ of a real number and a bivector."""
    real = x[..., :1]
    bivector = torch.cat([torch.zeros_like(real), x[..., 1:]], -1)
    return real.exp() * exp(bivector, algebra)


def general_log(R: Tensor, algebra: Algebra) -> Tensor:
    r"""$\log |R| + \log (R / |R|)$ where all are rotors but for their lengths, else of matrices."""
    if _are_multiples_of_rotors(R, algebra):
        length = _squared_length(R, algebra)[0].sqrt().unsqueeze(-1)
        bivector = log((single(R) / length).to(R.dtype), algebra)
        result = torch.cat([bivector[..., :1] + length.log().to(R.dtype), bivector[..., 1:]], -1)
        if not result.isnan().any():
            return result
    return functional.log(R, algebra)


def general_sqrt(R: Tensor, algebra: Algebra) -> Tensor:
    """`sqrt` where all are rotors but for their lengths, else of matrices."""
    if _are_multiples_of_rotors(R, algebra):
        result: Tensor = sqrt(R, algebra)
        if not result.isnan().any():
            return result
    return functional.sqrt(R, algebra)


def _are_multiples_of_rotors(R: Tensor, algebra: Algebra) -> bool:
    """Whether all are, up to rounding and with squares in range, as far as can be seen."""
    if not can_be_read(R):
        return False
    real, rest, size = _squared_length(R.detach(), algebra)
    limits = torch.finfo(real.dtype)
    near = _ROUNDINGS * torch.finfo(R.dtype).eps * size
    inside = (real > limits.tiny / limits.eps) & size.isfinite()
    return bool((inside & (real > near) & (rest <= near)).all())


def _squared_length(R: Tensor, algebra: Algebra) -> tuple[Tensor, Tensor, Tensor]:
    """The real part of R R̃, the largest other component, and what rounding is measured by."""
    x = single(R)
    square = multiply(x, x, derived(blades_of(algebra), "square"))
    others = pad(square[..., 1:], (0, 1))
    return square[..., 0], others.abs().amax(-1), x.square().sum(-1)


# ---------------------------------------------------------------------- by parts


def _exp(b: Tensor, rotors: Rotors) -> tuple[Tensor, Tensor, Tensor | None]:
    """Real part, bivector and 4-vector of the exponential."""
    S, W, _ = square_of_bivector(b, rotors)
    if not rotors.fours:
        c, s = invariants.cosh_sinhc(S, rotors.has_boosts)
        return c, s * b, None
    if rotors.has_double_planes:
        omega = Study(S, W, rotors).w_squared
        A, D, alpha, beta = invariants.double_exp(S, omega, rotors.has_boosts)
    else:
        A, D, alpha, beta = invariants.flat_exp(S, rotors.has_boosts)
    return A, Study(alpha, beta * W, rotors).on(b), D * W


def _log_factor(E: Study, Q: Study) -> Study:
    """What makes of the bivector of a rotor its logarithm."""
    if not E.rotors.fours:
        return Study(invariants.angle_over_sinh(E.a, Q.a), E.w, E.rotors)
    if E.rotors.has_double_planes:
        P, F = invariants.double_log(E.a, E.w_squared, Q.a)
    else:
        P, F = invariants.flat_log(E.a, Q.a)
    return Study(P, F * E.w, E.rotors)


def _twice_sum(E: Study, n: Study, Q: Study) -> Study:
    """`2 (E + n)`, left of 0 as `2 Q / (E − n)`, where the sum cancels."""
    left = E.a < 0
    minus_one = Study(torch.full_like(E.a, -1), torch.zeros_like(E.w), E.rotors)
    gap = E.plus(n, -1).where(left, minus_one)
    return Q.times(gap.inverse()).where(left, E.plus(n)).scaled(2)


class _Even(NamedTuple):
    """An even multivector `E + b` by its Study number and its bivector."""

    E: Study
    b: Tensor
    Q: Study
    """`b²`."""
    sizes: Tensor
    """What rounding is measured by in the squares."""

    @property
    def length_squared(self) -> Study:
        """`R R̃ = E² − b²`."""
        return self.E.times(self.E).plus(self.Q, -1)


def _parts(R: Tensor, algebra: Algebra, rotors: Rotors) -> _Even:
    even = taken(single(R), _EVEN_GRADES, algebra)
    a, b, w = even.split((1, len(rotors.twos), len(rotors.fours)), -1)
    moduli = even.detach().abs()
    sizes = multiply(moduli, moduli, rotors.sizes)
    return _Even(Study(a, w, rotors), b, square_of_bivector(b, rotors), sizes)


def _close(dtype: torch.dtype) -> float:
    """How far from a rotor a multivector may be: networks let it drift."""
    return max(_ROTOR, _ROUNDINGS * torch.finfo(dtype).eps)


def _but_for_rounding(length: Study, sizes: Tensor, dtype: torch.dtype) -> Study:
    """`R R̃`, exactly 1 where it is but for rounding, which for large boosts is all that is left."""
    near = _ROUNDINGS * torch.finfo(dtype).eps * (1 + sizes)
    one = (length.a - 1).detach().abs() <= near[..., :1]
    zero = length.w.detach().abs() <= near[..., 1:]
    return Study(_becomes(length.a, one, 1), _becomes(length.w, zero, 0), length.rotors)


def _becomes(x: Tensor, where: Tensor, value: float) -> Tensor:
    """That value there, with the derivative of `x`."""
    return torch.where(where, value + (x - x.detach()), x)


# ---------------------------------------------------------------------- dense components


def has_closed_forms(algebra: Algebra) -> bool:
    """Whether there are few enough generators."""
    return blades_of(algebra).generators <= MOST_GENERATORS


def _rotors(algebra: Algebra) -> Rotors | None:
    """The products of bivectors; None where there are too many generators for a closed form."""
    if not has_closed_forms(algebra):
        return None
    rotors: Rotors = derived(blades_of(algebra), "rotors")
    for name in MAPS:
        derived(rotors, name)
    return rotors


def _bivector(B: Tensor, algebra: Algebra) -> Tensor:
    others = 0, 1, *range(3, blades_of(algebra).generators + 1)
    return _without("B", B, algebra, others, "a bivector")


def _even(name: str, R: Tensor, algebra: Algebra) -> Tensor:
    odd = tuple(range(1, blades_of(algebra).generators + 1, 2))
    return _without(name, R, algebra, odd, "even, with no part of odd grade")


def _without(name: str, x: Tensor, algebra: Algebra, grades: tuple[int, ...], what: str) -> Tensor:
    """A checked multivector; NaN if it has such grades, where that cannot be an error."""
    check_components(name, x, algebra)
    check_floating(name, x)
    rest = taken(x.detach(), (grades,), algebra)
    return _refused(x, (rest != 0).any(-1), name, what)


def _refused(x: Tensor, wrong: Tensor, name: str, what: str) -> Tensor:
    if can_be_read(wrong):
        if wrong.any():
            raise ValueError(
                f"`{name}` must be {what}, but {int(wrong.sum())} of {wrong.numel()} are not; "
                "take the part that is meant by geometric.grade, or divide by the length"
            )
        return x
    return x.masked_fill(wrong.unsqueeze(-1), torch.nan)


def _assembled(
    parts: tuple[Tensor, Tensor, Tensor | None], like: Tensor, algebra: Algebra
) -> Tensor:
    """Components of all grades from those of grades 0, 2 and perhaps 4."""
    given = [part for part in parts if part is not None]
    return placed(torch.cat(given, -1), _EVEN_GRADES[: len(given)], algebra).to(like.dtype)
