"""The laws of an algebra, decided exactly.

A law is a polynomial identity, homogeneous of a known degree in each of its variables. A
homogeneous polynomial of degree d vanishes everywhere as soon as it vanishes on the sums of d
basis elements (repetition allowed), so evaluating the identity there, in integers and fractions,
*decides* it; the first place where it fails is a counterexample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, product
from typing import Any

from hypercomplex.algebra import Algebra

__all__ = ["Law", "decide"]

Element = tuple[Any, ...]
Identity = Callable[..., Sequence[Any]]


@dataclass(frozen=True)
class Law:
    """The verdict on a law: true or false, with elements that break it.

    Example:
        >>> from hypercomplex import OCTONION, QUATERNION
        >>> QUATERNION.is_associative
        Law('(xy)z = x(yz)', holds=True)
        >>> OCTONION.is_associative
        Law('(xy)z = x(yz)', holds=False, counterexample=('i', 'j', 'l'))
        >>> bool(OCTONION.is_alternative)
        True
    """

    statement: str
    holds: bool
    elements: tuple[Element, ...] | None = None
    """The elements of the counterexample, as coefficients."""
    counterexample: tuple[str, ...] | None = None
    """The elements of the counterexample, as text."""

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        witness = f", counterexample={self.counterexample}" if self.counterexample else ""
        return f"Law({self.statement!r}, holds={self.holds}{witness})"


@lru_cache(1024)
def decide(algebra: Algebra, law: str) -> Law:
    """Decide one of the laws `commutative`, `associative`, `alternative`, `flexible`,
    `power_associative`, `composition` and `division` for an algebra.

    Raises:
        ValueError: if `law` is none of these.
        NotImplementedError: if `division` cannot be decided for this algebra.
    """
    if law == "division":
        return _division(algebra)
    if law not in _IDENTITIES:
        raise ValueError(f"`law` (={law!r}) must be 'division' or one of {sorted(_IDENTITIES)}")
    statement, parts = _IDENTITIES[law]
    for degrees, residual in parts:
        for elements in product(*(_sums(algebra.dimension, d) for d in degrees)):
            if any(residual(algebra, *elements)):
                return Law(statement, False, elements, tuple(map(algebra.format, elements)))
    return Law(statement, True)


def _sums(n: int, degree: int) -> Iterator[Element]:
    """All sums of `degree` basis elements."""
    for indices in combinations_with_replacement(range(n), degree):
        yield tuple(indices.count(i) for i in range(n))


def _difference(a: Element, b: Element) -> Element:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _commutator(A: Algebra, x: Element, y: Element) -> Element:
    return _difference(A.multiply(x, y), A.multiply(y, x))


def _associator(A: Algebra, x: Element, y: Element, z: Element) -> Element:
    return _difference(A.multiply(A.multiply(x, y), z), A.multiply(x, A.multiply(y, z)))


def _norm_defect(A: Algebra, x: Element, y: Element) -> Element:
    imaginary = A.multiply(x, A.conjugate(x))[1:]
    return (A.norm(A.multiply(x, y)) - A.norm(x) * A.norm(y), *imaginary)


_IDENTITIES: dict[str, tuple[str, list[tuple[tuple[int, ...], Identity]]]] = {
    "commutative": ("xy = yx", [((1, 1), _commutator)]),
    "associative": ("(xy)z = x(yz)", [((1, 1, 1), _associator)]),
    "alternative": (
        "(xx)y = x(xy) and (yx)x = y(xx)",
        [
            ((2, 1), lambda A, x, y: _associator(A, x, x, y)),
            ((2, 1), lambda A, x, y: _associator(A, y, x, x)),
        ],
    ),
    "flexible": ("(xy)x = x(yx)", [((2, 1), lambda A, x, y: _associator(A, x, y, x))]),
    # In characteristic 0 the third and fourth powers suffice (A. A. Albert, 1948).
    "power_associative": (
        "(xx)x = x(xx) and (xx)(xx) = ((xx)x)x",
        [
            ((3,), lambda A, x: _associator(A, x, x, x)),
            ((4,), lambda A, x: _associator(A, A.multiply(x, x), x, x)),
        ],
    ),
    "composition": ("N(xy) = N(x)N(y)", [((2, 2), _norm_defect)]),
}


def _division(algebra: Algebra) -> Law:
    """A composition algebra with a definite norm divides; otherwise look for zero divisors."""
    statement = "xy = 0 only if x = 0 or y = 0"
    if _norm_is_definite(algebra) and decide(algebra, "composition"):
        return Law(statement, True)
    for x in _signed_pairs(algebra.dimension):
        y = _annihilated(algebra, x)
        if y is not None:
            return Law(statement, False, (x, y), (algebra.format(x), algebra.format(y)))
    if algebra.dimension not in (1, 2, 4, 8):  # R. Bott, J. Milnor, M. Kervaire, 1958
        return Law(statement, False)
    raise NotImplementedError(
        f"{algebra.name}: no zero divisors among the sums and differences of two units, but the "
        "norm proves nothing either; whether it is a division algebra is undecided"
    )


def _norm_is_definite(algebra: Algebra) -> bool:
    from sympy import Matrix

    n = algebra.dimension
    gram = Matrix.zeros(n, n)
    for i, j, c in algebra.norm_form:
        gram[i, j] += c
    return algebra.has_real_norm and bool((gram + gram.T).is_positive_definite)


def _signed_pairs(n: int) -> Iterator[Element]:
    basis = [tuple(int(i == j) for i in range(n)) for j in range(n)]
    yield from basis
    for i, a in enumerate(basis):
        for b in basis[i + 1 :]:
            yield tuple(x + y for x, y in zip(a, b, strict=True))
            yield _difference(a, b)


def _annihilated(algebra: Algebra, x: Element) -> Element | None:
    """A nonzero `y` with `x y = 0`, or None."""
    from sympy import Matrix, ilcm

    kernel = Matrix(algebra.left_matrix(x)).nullspace()
    if not kernel:
        return None
    scale = ilcm(1, *(entry.q for entry in kernel[0]))
    return tuple(int(entry * scale) for entry in kernel[0])
