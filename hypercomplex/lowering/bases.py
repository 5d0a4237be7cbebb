r"""Numbers in a basis that does not begin with 1, or whose conjugation is more than signs.

What is bilinear takes any basis as it is. What needs 1 is computed here: real numbers are multiples
of it, and functions whose formulas know real and imaginary parts run over `algebra.adapted`, the
same algebra in the basis they are written for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn.functional import pad

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.isomorphisms import Isomorphism
from hypercomplex.host.mode import all_digits, can_be_read
from hypercomplex.kernels.precision import precise
from hypercomplex.lowering.constants import constant, derived
from hypercomplex.lowering.layout import came_of_finite

__all__ = [
    "embedded",
    "enter",
    "image",
    "in_adapted_basis",
    "leave",
    "mapped",
    "real_part",
    "refuse_basis",
]


def embedded(real: Tensor, algebra: Algebra) -> Tensor:
    r"""Real numbers `(…)` as numbers `(…, n)`: $a \mapsto a\,1$.

    Raises:
        NotImplementedError: if the algebra has no unit.
    """
    if algebra.begins_with_one:
        return pad(real.unsqueeze(-1), (0, algebra.dimension - 1))
    algebra.needs("a real number beside others")
    return real.unsqueeze(-1) * constant(_one, algebra, real)


def real_part(x: Tensor, algebra: Algebra) -> Tensor:
    """The real parts of numbers, `(…, n)` → `(…)`; a view if the basis is adapted.

    Raises:
        NotImplementedError: if the algebra has no unit.
    """
    if algebra.is_adapted:
        return x[..., 0]
    algebra.needs("the real part")
    return mapped(x, _real, algebra)


def in_adapted_basis(function: Callable[..., Tensor], algebra: Algebra, *numbers: Tensor) -> Tensor:
    """The function of numbers `(…, n)` and of the adapted algebra, in and from the given basis."""
    adapted, dtype = derived(algebra, "adapted").algebra, numbers[0].dtype
    result = function(*(enter(x, algebra) for x in numbers), adapted)
    return leave(result, algebra).to(dtype)


def enter(x: Tensor, algebra: Algebra) -> Tensor:
    """Components in the adapted basis, in float64: rounded to fewer digits, a zero divisor would be
    none there. What holds none is left for the function to refuse.
    """
    if not x.is_floating_point() or x.shape[-1:] != (algebra.dimension,):
        return x
    return mapped(precise(x), _images, algebra)


def leave(x: Tensor, algebra: Algebra) -> Tensor:
    """Components in the given basis."""
    return mapped(x, _basis, algebra)


def image(x: Tensor, isomorphism: Isomorphism) -> Tensor:
    """Components in the algebra to which an isomorphism leads."""
    return mapped(x, _isomorphic, isomorphism.source, isomorphism)


def mapped(x: Tensor, matrix: Callable[..., Any], algebra: Algebra, *options: Any) -> Tensor:
    """The image of numbers under a constant matrix, whose rows are the images of the basis.

    An infinite component is left out where its multiple is zero: of a product of matrices only code
    that runs here and now on a CPU can see that there is none; elsewhere multiples are added up,
    which compiled code does in one loop, as fast as a product.
    """
    rows = constant(matrix, algebra, x, *options)
    if x.is_cpu and can_be_read(x):
        with all_digits(x):
            found = x @ rows
        if came_of_finite(found if rows.ndim == 1 else found[..., :1]):
            return found
    images = rows.t()
    terms = (x if rows.ndim == 1 else x.unsqueeze(-2)) * images
    return terms.masked_fill(images == 0, 0).sum(-1)


def refuse_basis(algebra: Algebra, what: str) -> None:
    """Refuse a function of lengths and real parts where the basis is not adapted.

    Raises:
        NotImplementedError: if it is not.
    """
    if not algebra.is_adapted:
        algebra.needs(what)
        raise NotImplementedError(
            f"{what} looks at the first component and the others apart, but the basis of {algebra} "
            "does not begin with 1, or its conjugation is not made of signs; convert to the "
            f"algebra {algebra.name}.adapted.algebra, by the matrix {algebra.name}.adapted.images"
        )


def _one(algebra: Algebra) -> list[float]:
    return list(map(float, algebra.unit or ()))


def _real(algebra: Algebra) -> list[float]:
    return list(map(float, algebra.real_form))


def _isomorphic(_: Algebra, isomorphism: Isomorphism) -> list[list[float]]:
    return _floats(isomorphism.images)


def _images(algebra: Algebra) -> list[list[float]]:
    return _floats(algebra.adapted.images)


def _basis(algebra: Algebra) -> list[list[float]]:
    return _floats(algebra.adapted.basis)


def _floats(matrix: Any) -> list[list[float]]:
    return [list(map(float, row)) for row in matrix]
