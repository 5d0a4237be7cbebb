r"""What an algebra must have for a function of matrices, and the basis in which it is ℝ, ℂ or ℍ.

Matrices associate exactly if numbers do. Unitarity, singular values and determinants need more:
$x \bar x > 0$ for all $x \ne 0$. By Frobenius' theorem such an associative algebra is ℝ, ℂ or ℍ in
some basis; `standard_form` finds it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import COMPLEX, QUATERNION, REAL
from hypercomplex.host.known import known_when_traced
from hypercomplex.lowering import is_associative

__all__ = ["Standard", "definite", "require_associative", "standard_form"]

_STANDARD = {1: REAL, 2: COMPLEX, 4: QUATERNION}


def require_associative(algebra: Algebra, name: str) -> None:
    """Refuse an algebra whose matrices do not associate."""
    if not is_associative(algebra):
        raise NotImplementedError(
            f"linalg.{name} is refused over {algebra}: its numbers do not associate, so neither do "
            "its matrices, and no real matrix stands for one; functional.left_matrix(x, algebra) "
            "is the real matrix of one multiplication"
        )


class Standard(NamedTuple):
    """ℝ, ℂ or ℍ, and the real matrices that lead to its basis and back."""

    algebra: Algebra
    there: tuple[tuple[float, ...], ...] | None  # None: the basis is the standard one already
    back: tuple[tuple[float, ...], ...] | None

    def enter(self, x: Tensor) -> Tensor:
        """Components in the standard basis."""
        return x if self.there is None else x @ x.new_tensor(self.there).mT

    def leave(self, x: Tensor) -> Tensor:
        """Components in the algebra's own basis."""
        return x if self.back is None else x @ x.new_tensor(self.back).mT


def definite(algebra: Algebra, name: str) -> Standard:
    """The standard form of an associative algebra with a definite norm; refuse any other."""
    require_associative(algebra, name)
    standard = standard_form(algebra)
    if standard is None:
        raise NotImplementedError(
            f"linalg.{name} is refused over {algebra}: x x̄ is not a positive real number for every "
            "x ≠ 0, so no matrix has a length or is unitary; solve, inv, pinv of the real matrix "
            "functional.left_matrix(x, algebra), matrix_exp, det of numbers that commute need none"
        )
    return standard


@known_when_traced
def standard_form(algebra: Algebra) -> Standard | None:
    """The basis in which the algebra is ℝ, ℂ or ℍ, or None."""
    return _find_standard_form(algebra)


@lru_cache(256)
def _find_standard_form(algebra: Algebra) -> Standard | None:
    """The isomorphism with ℝ, ℂ or ℍ that keeps the conjugation, or None.

    The imaginary units are made orthonormal for `Re(x ȳ)`; two of them and their product are
    i, j, k.
    """
    if not (algebra.has_real_norm and algebra.is_associative and _divides(algebra)):
        return None
    n = algebra.dimension
    unit = [tuple(float(m == u) for m in range(n)) for u in range(n)]
    basis = [unit[0]]
    for e in unit[1:3]:
        for b in basis[1:]:
            overlap = _inner(algebra, e, b)
            e = tuple(x - overlap * y for x, y in zip(e, b, strict=True))
        length = _inner(algebra, e, e) ** 0.5
        basis.append(tuple(x / length for x in e))
    if n == 4:
        basis.append(tuple(map(float, algebra.multiply(basis[1], basis[2]))))
    if basis == unit:
        return Standard(_STANDARD[n], None, None)
    there = tuple(tuple(_inner(algebra, b, e) for e in unit) for b in basis)
    return Standard(_STANDARD[n], there, tuple(zip(*basis, strict=True)))


def _divides(algebra: Algebra) -> bool:
    try:
        return bool(algebra.is_division)
    except NotImplementedError:  # undecided
        return False


def _inner(algebra: Algebra, x: tuple[float, ...], y: tuple[float, ...]) -> float:
    return float(algebra.multiply(x, algebra.conjugate(y))[0])
