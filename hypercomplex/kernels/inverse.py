r"""Inverses of numbers: $\bar x / N(x)$ where $x \bar x = N(x)$ is real, else by the real matrix.

Where powers need no brackets but the matrix $L(x)$ is not that of what they are (as in Jordan
algebras, where it may be singular though x has an inverse), the inverse is a polynomial of x
(`kernels.powers`).

Whether a number has an inverse is a question about zero, which rounding must not answer.
$N(x)$ is computed so that it is zero exactly where it is, and has all its digits where its terms
nearly cancel. Of a real system only so much can be said: a number counts as a zero divisor if a
singular matrix lies within about $16\,n$ roundings (of float64) of each entry of its matrix $L$,
which $\varrho(|1 - XL| + 16\,n\,\varepsilon\,|X|\,|L|) \ge 1$ tells of the computed inverse X,
whatever the scale of rows and columns. There all components of the inverse are NaN.

Source:
    S. M. Rump, *Bounds for the componentwise distance to the nearest singular matrix*, 1997.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, Coefficient, forms, involution
from hypercomplex.algebra.involution import is_signs
from hypercomplex.host.mode import (
    COMPILED,
    MANY,
    PACKED,
    READABLE,
    all_digits,
    can_be_read,
    is_compiling,
    is_concrete,
)
from hypercomplex.kernels import exact
from hypercomplex.kernels.balance import balanced, unchanged
from hypercomplex.kernels.blocks import by_blocks, out_of_range, squared_lengths, weighted
from hypercomplex.kernels.operation import operation
from hypercomplex.kernels.powers import inverse_among_powers
from hypercomplex.kernels.precision import precise
from hypercomplex.kernels.product import sum_terms
from hypercomplex.kernels.scaling import largest, scaled_for_loops, wider
from hypercomplex.kernels.short import (
    NEEDS,
    Columns,
    ShortFormulas,
    by_twin,
    fits_one_call,
    repair,
)
from hypercomplex.lowering import constant, constants, is_associative, needs_powers, operator
from hypercomplex.lowering.bases import mapped

__all__ = [
    "conjugate",
    "determined",
    "form_of",
    "inverse_of_moderate",
    "invert",
    "nan_without_inverse",
    "norm_form",
    "right_inverse",
    "unit_of_scale",
]

Form = tuple[tuple[int, int, Coefficient], ...]

_CANCELS = 1 / 8  # of the terms of a norm, from where on it is computed exactly
_HARMLESS = (
    1e5  # the largest condition at which solving is precise enough, and nothing singular near
)
_REFINEMENTS = 3
_SQUARINGS = 6  # of a matrix, to see whether its powers vanish


def conjugate(x: Tensor, algebra: Algebra) -> Tensor:
    """Each component times its sign, or the conjugates of the basis times the components."""
    conjugation = forms.conjugation(algebra, "conj")
    if not is_signs(conjugation):
        return mapped(x, _rows, algebra)
    if not is_concrete(x):
        parts = zip(conjugation, x.unbind(-1), strict=True)
        return torch.stack([part if s == 1 else -part for s, part in parts], dim=-1)
    return x * constant(_signs, algebra, x)


def _signs(algebra: Algebra) -> tuple[int, ...]:
    assert is_signs(algebra.conjugation)
    return algebra.conjugation


def _rows(algebra: Algebra) -> list[list[float]]:
    rows = involution.images(forms.conjugation(algebra, "conj"))
    return [[float(row.get(k, 0)) for k in range(len(rows))] for row in rows]


def norm_form(x: Tensor, algebra: Algebra) -> Tensor:
    """`N(x) = Re(x x̄)` of numbers whose squares are in range."""
    if constants.is_euclidean(algebra) and not is_compiling():
        return x.square().sum(-1)
    return form_of(x, constants.norm_form(algebra))


def form_of(x: Tensor, form: Form) -> Tensor:
    """A quadratic form of numbers whose squares are in range: zero exactly where it is."""
    parts = x.unbind(-1)
    total = sum_terms(form, parts, parts)
    if all(i == j and c > 0 for i, j, c in form):
        return total
    sizes = x.detach().abs().unbind(-1)
    size = sum_terms([(i, j, max(c, -c)) for i, j, c in form], sizes, sizes)
    cancels = total.detach().abs() < _CANCELS * size
    if can_be_read(cancels):
        digits = partial(_exact_form, form=form)
        value = repair(total.detach().clone().contiguous(), cancels, digits, *parts)
    else:
        value = torch.where(cancels, exact.quadratic_form(x, form), total.detach())
    return value + (total - total.detach())


def _exact_form(*parts: Tensor, form: Form) -> Tensor:
    return exact.quadratic_form(torch.stack(parts, -1), form)


def unit_of_scale(x: Tensor, algebra: Algebra) -> Tensor:
    """What numbers are divided by to make their squares safe: without rounding where it matters."""
    if _divides_by_length(algebra):
        return largest(x)
    return exact.power_of_two(largest(_counted(x, algebra)))


def _counted(x: Tensor, algebra: Algebra) -> Tensor:
    """The components that count for the norm: dual parts do not, and may be far larger."""
    if constants.has_real_norm(algebra):
        places = sorted({place for i, j, _ in constants.norm_form(algebra) for place in (i, j)})
    else:
        places = unchanged(algebra)
    return x if len(places) == algebra.dimension else x[..., places]


@operation(tensors=1, compiles=True)
def invert(x: Tensor, algebra: Algebra) -> Tensor:
    """The inverses of numbers of any size."""
    wide = wider(x)
    if wide is not None:
        return inverse_of_moderate(x.to(wide), algebra).to(x.dtype)
    scale = unit_of_scale(x, algebra)
    return inverse_of_moderate(x / scale, algebra) / scale


def _divides_by_length(algebra: Algebra) -> bool:
    return constants.has_real_norm(algebra) and constants.is_euclidean(algebra)


@invert.variant(needs=NEEDS, pays=MANY | PACKED, suits=_divides_by_length)
def blocks(x: Tensor, algebra: Algebra) -> Tensor | None:
    """The conjugate over the squared length in blocks, but for numbers whose squares are out of
    range; the derivative, too.
    """
    return _Inverse(algebra)(partial(invert.twin, algebra=algebra), x)


@invert.variant(needs=COMPILED, suits=_divides_by_length)
def one_loop(x: Tensor, algebra: Algebra) -> Tensor:
    """The conjugate over the squared length, written out for the compiler in one loop."""
    beyond = torch.finfo(x.dtype).max ** 0.75  # as for moderate numbers
    scaled, scale = scaled_for_loops(x)
    scaled = [part.clamp(-beyond, beyond) for part in scaled]
    factor = sum_terms(constants.norm_form(algebra), scaled, scaled).reciprocal()
    signed = zip(_signs(algebra), scaled, strict=True)
    return torch.stack([part * (s * factor) * scale for s, part in signed], -1)


class _Inverse(ShortFormulas):
    r"""`y = x̄ / |x|²`, and `(ḡ − 2 ⟨y, g⟩ x) / |x|²` for a cotangent g."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra

    def values(self, *inputs: Tensor) -> Columns:
        return by_blocks(self._invert_into, inputs, inputs[0].shape[-1:])

    def gradients(self, g: Tensor, inputs: Columns, kept: Columns) -> Columns:
        return by_blocks(self._gradient_into, (*inputs, g), g.shape[-1:])

    def _invert_into(self, x: Tensor, inverse: Tensor) -> None:
        squares = squared_lengths(x, inverse)
        beyond = out_of_range(squares)
        self._conjugate_into(x, squares.reciprocal_(), inverse)
        if beyond is not None:
            inverse[beyond] = invert.twin(x[beyond], self.algebra)

    def _gradient_into(self, x: Tensor, g: Tensor, gradient: Tensor) -> None:
        squares = squared_lengths(x, gradient)
        beyond = out_of_range(squares)
        factor = squares.reciprocal_()
        along = weighted(torch.mul(x, g, out=gradient), self._signs(x)).mul_(factor).mul_(factor)
        self._conjugate_into(g, factor, gradient)
        gradient.addcmul_(x, along.unsqueeze(-1), value=-2)
        if beyond is not None:
            gradient[beyond] = self._gradient_of_twin(x[beyond].requires_grad_(), g[beyond])

    def _gradient_of_twin(self, x: Tensor, g: Tensor) -> Tensor:
        (gradient,) = by_twin(partial(invert.twin, algebra=self.algebra), (x,), (True,), g)
        assert gradient is not None
        return gradient

    def _conjugate_into(self, x: Tensor, factor: Tensor, result: Tensor) -> None:
        """The conjugates times a factor; of many, component by component."""
        if fits_one_call(x):
            torch.mul(x, self._signs(x), out=result).mul_(factor.unsqueeze(-1))
            return
        factors = {1: factor, -1: -factor}
        parts = zip(_signs(self.algebra), x.unbind(-1), result.unbind(-1), strict=True)
        for sign, part, out in parts:
            torch.mul(part, factors[sign], out=out)

    def _signs(self, x: Tensor) -> Tensor:
        return constant(_signs, self.algebra, x)


def inverse_of_moderate(x: Tensor, algebra: Algebra) -> Tensor:
    """The inverse of numbers whose squares neither overflow nor underflow."""
    if not constants.has_real_norm(algebra):
        solve = inverse_among_powers if needs_powers(algebra) else right_inverse
        return balanced(lambda y: solve(y, algebra), x, algebra)
    if constants.is_euclidean(algebra):
        beyond = torch.finfo(x.dtype).max ** 0.75  # in range, but its square is not:
        x = x.clamp(-beyond, beyond)  # ∞ / ∞ would be NaN, so the norm alone shall be infinite
    return conjugate(x, algebra) / norm_form(x, algebra).unsqueeze(-1)


def nan_without_inverse(
    result: Tensor, x: Tensor, algebra: Algebra, where: Callable[[], Tensor]
) -> Tensor:
    """A result for which x must have an inverse, `where` it must: NaN for zero divisors."""
    if _divides_by_length(algebra):
        return result
    x = x.detach()
    x = x.to(wider(x) or x.dtype)
    inverse = _counted(inverse_of_moderate(x / unit_of_scale(x, algebra), algebra), algebra)
    none = x.isfinite().all(-1, keepdim=True) & ~inverse.isfinite().all(-1, keepdim=True)
    return result.masked_fill(none & where(), torch.nan)


@operation(tensors=1)
def right_inverse(x: Tensor, algebra: Algebra) -> Tensor:
    """The y with x y = 1 by the real matrix of x, refined in float64; NaN where there is none."""
    with all_digits(x):  # solving needs all digits
        matrix, one = _system(x, algebra)
        # Not by solving: mapped by vmap, torch's forward derivative of that may be NaN.
        y = torch.linalg.inv_ex(matrix)[0][..., 0]
        reverse = torch.linalg.inv_ex(matrix.detach())[0]
        value = reverse[..., 0]
        for _ in range(_REFINEMENTS):
            error = exact.residual(matrix, value, one).unsqueeze(-1)
            value = value + (reverse @ error).squeeze(-1)
        known = determined(matrix, reverse).unsqueeze(-1)
        y = (value + (y - y.detach())) * torch.where(known, 1.0, torch.nan).to(y)
        return y.to(x.dtype)


@right_inverse.variant(needs=READABLE, suits=is_associative)
def solved(x: Tensor, algebra: Algebra) -> Tensor | None:
    """The system as it stands, if none is near a singular one, as the size of the inverse tells."""
    with all_digits(x):
        y = torch.linalg.solve_ex(*_system(x, algebra))[0]
    return y.to(x.dtype) if _is_harmless(x, y, algebra) else None


def _system(x: Tensor, algebra: Algebra) -> tuple[Tensor, Tensor]:
    matrix = operator(precise(x), algebra.product, "left").movedim((0, 1), (-2, -1))
    one = torch.zeros_like(matrix[..., 0])
    one[..., 0] = 1
    return matrix, one


def _is_harmless(x: Tensor, y: Tensor, algebra: Algebra) -> bool:
    """Whether the matrices of all x are far from singular, those of y being their inverses."""
    most = algebra.dimension * max(abs(float(c)) for *_, c in algebra.product.constants)
    condition = (precise(x.detach()).abs().sum(-1) * most) * (y.detach().abs().sum(-1) * most)
    return bool((condition < _HARMLESS).all())


def determined(matrix: Tensor, inverse: Tensor) -> Tensor:
    """Whether no singular matrix is as near as about 16 n roundings of each entry.

    Then the powers of `|1 − X A| + 16 n ε |X| |A|` vanish for the computed inverse X, which of a
    singular matrix may be any: with zeros in it, one whose `|X| |A|` alone tells nothing.
    """
    matrix, inverse = precise(matrix.detach()), precise(inverse.detach())
    n, eps = matrix.shape[-1], torch.finfo(matrix.dtype).eps
    error = torch.eye(n, dtype=matrix.dtype, device=matrix.device) - inverse @ matrix
    power = error.abs() + (inverse.abs() @ matrix.abs()) * (16 * n * eps)
    for _ in range(_SQUARINGS):
        power = power @ power
    return (power < 1).all(-1).all(-1)
