"""Doubling, and the classical algebras that it gives, from ℝ to ℂ, ℍ and 𝕆."""

from __future__ import annotations

from fractions import Fraction

from hypercomplex.algebra import arguments, forms, involution
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.laws import is_known, known
from hypercomplex.algebra.tables import Product

__all__ = ["COMPLEX", "OCTONION", "QUATERNION", "REAL", "cayley_dickson"]

_CLASSICAL_UNITS = {2: "1 i", 4: "1 i j k", 8: "1 i j k l il jl kl"}


def cayley_dickson(
    algebra: Algebra, gamma: int | Fraction = -1, *, name: str | None = None
) -> Algebra:
    """The Cayley–Dickson double of an algebra: pairs with a twisted product.

    `(a, b)(c, d) = (ac + γ d̄b, da + bc̄)` and `conj(a, b) = (ā, −b)`. With `γ = −1` this
    gives ℂ, ℍ (with `ij = k`), 𝕆 …, with `γ = 1` the split algebras, with `γ = 0` dual
    numbers. In the octonions the new units are `l, il, jl, kl`.

    Args:
        algebra: the algebra to double.
        gamma: the square of the new unit `(0, 1)`.
        name: the name of the result.

    Raises:
        TypeError: if `algebra` is none, or `gamma` is not exact.
        NotImplementedError: if the algebra has no conjugation.

    Example:
        >>> cayley_dickson(REAL) == COMPLEX
        True
        >>> cayley_dickson(REAL, gamma=1, name="SPLIT_COMPLEX")
        SPLIT_COMPLEX, dimension 2
          │ 1 i
        ──┼────
        1 │ 1 i
        i │ i 1

    Source:
        R. D. Schafer, *An Introduction to Nonassociative Algebras*, 1966, chapter III.
    """
    n = arguments.algebra("algebra", algebra).dimension
    gamma = arguments.exact("gamma", gamma)
    forms.conjugation(algebra, f"the Cayley–Dickson double of {algebra}")
    left, right = algebra.left_conjugated, algebra.right_conjugated
    products: list[Product] = [
        *algebra.products,  # (e_i, 0)(e_j, 0) = (e_i e_j, 0)
        *((j, n + i, n + k, c) for i, j, k, c in algebra.products),  # (a, 0)(0, b) = (0, ba)
        *((n + i, j, n + k, c) for i, j, k, c in right.constants),  # (0, a)(b, 0) = (0, a b̄)
        *((n + j, n + i, k, gamma * c) for i, j, k, c in left.constants),  # (0, b)(0, a) = γ ā b
    ]
    units = _CLASSICAL_UNITS.get(2 * n)
    made = Algebra(
        units=tuple(units.split()) if units else ("1", *(f"e{m}" for m in range(1, 2 * n))),
        products=tuple(products),
        conjugation=involution.summed(algebra.conjugation, (-1,) * n),
        name=name or f"cayley_dickson({algebra.name}, {gamma})",
    )
    return known(made, *_laws(algebra))


def _laws(algebra: Algebra) -> list[str]:
    """The laws of a double, which follow where all `x + x̄` and `x x̄` are real."""
    if not (algebra.has_real_norm and algebra.begins_with_one):
        return []
    given = {
        "associative": ("associative", "commutative"),
        "alternative": ("associative",),
        "flexible": ("flexible",),
    }
    return [law for law, needed in given.items() if all(is_known(algebra, x) for x in needed)]


REAL = known(
    Algebra(("1",), ((0, 0, 0, 1),), (1,), "REAL"),
    *("commutative", "associative", "composition", "division"),
)
"""The real numbers ℝ."""

COMPLEX = known(
    cayley_dickson(REAL, name="COMPLEX"),
    *("commutative", "associative", "composition", "division"),
)
"""The complex numbers ℂ."""

QUATERNION = known(
    cayley_dickson(COMPLEX, name="QUATERNION"), "associative", "composition", "division"
)
"""The quaternions ℍ, with `ij = k`."""

OCTONION = known(
    cayley_dickson(QUATERNION, name="OCTONION"), "alternative", "composition", "division"
)
"""The octonions 𝕆, with units `1, i, j, k, l, il, jl, kl`."""
