r"""Whether numbers divide, decided exactly, with two zero divisors where they do not.

A number $x$ of a power-associative algebra generates $\mathbb R[t] / m(t)$ with its minimal
polynomial $m$. Where that factors over the reals, $m = p\,q$, the numbers $p(x)$ and $q(x)$ are
zero divisors. Otherwise every $x$ satisfies a quadratic equation: the algebra is the reals and a
space of $v$ with real $v^2 = -s(v)$, on which $s$ is positive definite. Then

- it divides if it is alternative: $x^{-1} (x y) = y$ (ℝ, ℂ, ℍ and 𝕆, by M. Zorn);
- in dimension 4 it divides exactly if no product $v w$ of independent $v$, $w$ lies in the span
  of 1, $v$ and $w$ (J. M. Osborn), that is, if a form in three variables is definite.

Elsewhere zero divisors are looked for: $x$, $x \pm y$ and $x - r y$ with two basis elements, which
are all that there are in two dimensions. An algebra without a unit divides if its isotope with one
does. Every division algebra has dimension 1, 2, 4 or 8 (R. Bott, J. Milnor, M. Kervaire).

Source:
    J. M. Osborn, *Quadratic division algebras*, 1962; J. Milnor, *Some consequences of a theorem of
    Bott*, 1958.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import gcd, isqrt, lcm
from typing import Any

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.isotopes import isotope
from hypercomplex.algebra.laws import decide
from hypercomplex.algebra.linear import inverse, krylov, relation, row_times, sparse_row
from hypercomplex.algebra.sparse import Sparse, Table, added, dense, sparse_table, times

__all__ = ["nilpotent", "zero_divisors"]

Pair = tuple[tuple[Any, ...], tuple[Any, ...]]
_SURELY = 1e-9  # no rounding error: coefficients are exact, and evaluated to 15 digits
Form = Callable[[Sparse, Sparse], Any]


def zero_divisors(algebra: Algebra) -> Pair | bool | None:
    """Two nonzero elements whose product is 0, None if there are none, or False if there are,
    but none is known.

    Raises:
        NotImplementedError: if that is not decided.

    Example:
        >>> zero_divisors(hc.clifford(1))
        ((-1, 1), (1, 1))
        >>> zero_divisors(hc.OCTONION) is None
        True
    """
    if algebra.unit is None or algebra.begins_with_one:
        return _zero_divisors(algebra)
    found = zero_divisors(algebra.adapted.algebra)
    if not isinstance(found, tuple):
        return found
    basis = [sparse_row(row) for row in algebra.adapted.basis]
    x, y = (_combination(basis, z) for z in found)
    return _tidy(x, algebra.dimension), _tidy(y, algebra.dimension)


def _zero_divisors(algebra: Algebra) -> Pair | bool | None:
    """Zero divisors in a basis that begins with 1, or where there is no 1."""
    table, n = sparse_table(algebra), algebra.dimension
    pair: tuple[Sparse, Sparse] | None = None
    if algebra.unit is not None and decide(algebra, "power_associative"):
        suspects = _suspects(table, n)
        pair = next((p for x in suspects if (p := _factors_of_zero(table, n, x, {0: 1}))), None)
        if pair is None and (n == 1 or decide(algebra, "alternative")):
            return None
        if pair is None and n in (3, 4):
            pair = _dependent(table, n)
            if pair is None:
                return None
    pair = pair or _searched(table, n)
    if pair is not None:
        return _tidy(pair[0], n), _tidy(pair[1], n)
    if n <= 2:
        return None  # all elements are multiples of x and of e_1 + r x
    if n not in (4, 8):
        return False
    if algebra.unit is None:
        return _of_isotope(algebra)
    raise NotImplementedError(
        f"{algebra.name}: no zero divisors among the sums and differences of two units, but no "
        "theorem says that there are none; whether it is a division algebra is undecided"
    )


def _of_isotope(algebra: Algebra) -> Pair | bool | None:
    """Zero divisors of an algebra without a unit, in which no basis element is one."""
    other = isotope(algebra)
    assert other is not None
    found = zero_divisors(other.algebra)
    if not isinstance(found, tuple):
        return found
    x, y = _combination(other.left, found[0]), _combination(other.right, found[1])
    return _tidy(x, algebra.dimension), _tidy(y, algebra.dimension)


def nilpotent(algebra: Algebra) -> tuple[Any, ...] | None:
    """An element that is not 0 and has a power that is, None if there is none.

    Raises:
        NotImplementedError: if that is not decided.

    Example:
        >>> hc.clifford(2).format(nilpotent(hc.clifford(2)))
        'e1+e12'
        >>> nilpotent(hc.SPLIT_COMPLEX) is None
        True
    """
    if not decide(algebra, "power_associative"):
        raise NotImplementedError(
            f"powers in {algebra.name} depend on brackets, for {algebra.is_power_associative}"
        )
    table, n = sparse_table(algebra), algebra.dimension
    if algebra.is_quadratic:
        x = _isotropic_in(algebra.adapted.algebra)
        basis = [sparse_row(row) for row in algebra.adapted.basis]
        return None if x is None else _tidy(_combination(basis, dense(x, n)), n)
    if _is_reduced(algebra):
        return None
    for x in _small(n):
        found = _nilpotent_part(table, n, x)
        if found is not None:
            return _tidy(found, n)
    if decide(algebra, "associative") and algebra.unit is not None:
        one = sparse_row(algebra.unit)
        for x in _small(n):
            found = _between_zero_divisors(table, n, one, x)
            if found is not None:
                return _tidy(found, n)
    raise NotImplementedError(
        f"{algebra.name}: no sum nor difference of two units generates a nilpotent element; if "
        "there is one, it has coefficients that are no fractions, or more of them"
    )


def _isotropic_in(algebra: Algebra) -> Sparse | None:
    """A `v` with `v² = 0` in a quadratic algebra whose basis begins with 1."""
    table, n = sparse_table(algebra), algebra.dimension
    basis = _imaginary_basis(table, n)

    def form(v: Sparse, w: Sparse) -> Any:
        return _symmetric_part(table, v, w)

    low, high = _not_positive(basis, form), _not_positive(basis, lambda v, w: -form(v, w))
    return None if low is None or high is None else _isotropic(low, high, form)


def _is_reduced(algebra: Algebra) -> bool:
    """Whether theory says that there are no nilpotent elements: numbers side by side, or a trace
    form that is definite, as in formally real Jordan algebras.
    """
    if decide(algebra, "alternative"):
        found = algebra.wedderburn
        numbers = all(size == 1 and over in "ℝℂℍ𝕆" for _, size, over in found.parts)
        return numbers and not found.radical
    return bool(decide(algebra, "jordan")) and algebra.trace_form_signature[1:] == (0, 0)


def _small(n: int) -> Iterator[Sparse]:
    """Basis elements, their differences and their sums."""
    yield from ({i: 1} for i in range(n))
    for i, j in combinations(range(n), 2):
        yield {i: 1, j: -1}
        yield {i: 1, j: 1}


def _nilpotent_part(table: Table, n: int, x: Sparse) -> Sparse | None:
    """What is nilpotent in the powers of an element: all simple factors of its polynomial, once."""
    powers, relations = krylov(lambda y: times(table, x, y), n, x)
    polynomial = [Fraction(0), *relations]  # x p(x) = 0
    simple = _without_powers(polynomial)
    if len(simple) == len(polynomial):
        return None
    return _combination(powers[: len(simple) - 1], simple[1:])  # the constant of it is 0


def _between_zero_divisors(table: Table, n: int, one: Sparse, x: Sparse) -> Sparse | None:
    """A `q a p` with `p q = 0`, whose square is `q a (p q) a p`."""
    factors = _factors_of_zero(table, n, x, one)
    if factors is None:
        return None
    p, q = factors
    for i in range(n):
        z = times(table, times(table, q, {i: 1}), p)
        if any(abs(complex(c)) > _SURELY for c in z.values()):
            return z
    return None


def _without_powers(polynomial: list[Fraction]) -> list[Any]:
    """The product of the irreducible factors of a polynomial, each once."""
    import sympy as sp

    t = sp.Symbol("t")
    whole = sp.Poly([sp.Rational(c.numerator, c.denominator) for c in polynomial[::-1]], t)
    return _coefficients(sp.Poly(whole.sqf_part(), t).monic())


# ---------------------------------------------------------------------- quadratic algebras


def _suspects(table: Table, n: int) -> Iterator[Sparse]:
    """Elements of which one generates zero divisors, unless the algebra is quadratic with definite
    squares. Later ones rely on the earlier not to.
    """
    yield from ({i: 1} for i in range(1, n))
    basis = _imaginary_basis(table, n)
    for k, v in enumerate(basis):
        for w in basis[:k]:
            both = added(times(table, v, w), times(table, w, v))
            if any(c for place, c in both.items() if place):
                yield added(v, w)
                yield added(v, w, -1)
    isotropic = _not_positive(basis, lambda v, w: -_symmetric_part(table, v, w))
    if isotropic is not None:
        yield isotropic


def _imaginary_basis(table: Table, n: int) -> list[Sparse]:
    """The units without their real part: `e_i − p/2` where `e_i² = p e_i + q`."""
    return [{0: -Fraction(table.get((i, i), {}).get(i, 0), 2), i: 1} for i in range(1, n)]


def _symmetric_part(table: Table, v: Sparse, w: Sparse) -> Any:
    """The real number `(v w + w v) / 2`."""
    both = added(times(table, v, w), times(table, w, v))
    return Fraction(both.get(0, 0)) / 2


def _not_positive(basis: Sequence[Sparse], form: Form) -> Sparse | None:
    """A vector whose form is not positive, by orthogonalization; None if the form is definite."""
    orthogonal: list[tuple[Sparse, Any]] = []
    for v in basis:
        for w, square in orthogonal:
            overlap = form(v, w)
            v = added(v, w, -overlap / square) if overlap else v
        square = form(v, v)
        if square <= 0:
            return v
        orthogonal.append((v, square))
    return None


def _dependent(table: Table, n: int) -> tuple[Sparse, Sparse] | None:
    """Zero divisors from independent `v`, `w` of a quadratic algebra of dimension 3 or 4 whose
    product lies in the span of 1, `v` and `w`; None if there are none.
    """
    basis = _imaginary_basis(table, n)
    if n == 3:
        return _divisors_in_span(table, basis, (1, 0), (0, 1))
    products = [times(table, basis[(k + 1) % 3], basis[(k + 2) % 3]) for k in range(3)]

    def form(u: Sparse, v: Sparse) -> Any:
        return sum(
            (products[k].get(m + 1, 0) + products[m].get(k + 1, 0)) * a * b * Fraction(1, 2)
            for k, a in u.items()
            for m, b in v.items()
        )

    units: list[Sparse] = [{k: 1} for k in range(3)]
    low, high = _not_positive(units, form), _not_positive(units, lambda u, v: -form(u, v))
    if low is None or high is None:
        return None
    u = dense(_isotropic(low, high, form), 3)
    v = next(v for e in ((1, 0, 0), (0, 1, 0), (0, 0, 1)) if any(v := _cross(u, e)))
    return _divisors_in_span(table, basis, v, _cross(u, v))


def _isotropic(low: Sparse, high: Sparse, form: Form) -> Sparse:
    """A vector on which the form is 0, between one where it is not positive and one where it is
    not negative.
    """
    a, b, c = form(high, high), form(high, low), form(low, low)
    if a == 0 or c == 0:
        return high if a == 0 else low
    return added(low, high, (_root(b * b - a * c) - b) / a)


def _divisors_in_span(
    table: Table, basis: Sequence[Sparse], v: Sequence[Any], w: Sequence[Any]
) -> tuple[Sparse, Sparse]:
    """`(a + v + λ w)(b + w) = 0` for orthogonal coordinates `v`, `w` with `v w = ξ + α v + β w`."""
    x, y = _combination(basis, v), _combination(basis, w)
    product = times(table, x, y)
    coordinates = [product.get(k + 1, 0) for k in range(len(basis))]
    real = product.get(0, 0) - sum(c * e.get(0, 0) for c, e in zip(coordinates, basis, strict=True))
    alpha, beta = (_dot(coordinates, t) / Fraction(1) / _dot(t, t) for t in (v, w))
    slope = (alpha * beta + real) / (alpha * alpha - _exact(times(table, y, y).get(0, 0)))
    return added(added(x, y, slope), {0: slope * alpha - beta}), added(y, {0: -alpha})


def _combination(basis: Sequence[Sparse], coordinates: Sequence[Any]) -> Sparse:
    total: Sparse = {}
    for c, e in zip(coordinates, basis, strict=True):
        total = added(total, e, c)
    return total


def _dot(u: Sequence[Any], v: Sequence[Any]) -> Any:
    return sum(a * b for a, b in zip(u, v, strict=True))


def _cross(u: Sequence[Any], v: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(u[k - 2] * v[k - 1] - u[k - 1] * v[k - 2] for k in range(3))


# ---------------------------------------------------------------------- one generator


def _factors_of_zero(
    table: Table, n: int, x: Sparse, start: Sparse
) -> tuple[Sparse, Sparse] | None:
    """`p(x)` and `q(x) start` where the minimal polynomial of `x ·` there factors."""
    powers, polynomial = krylov(lambda y: times(table, x, y), n, start)
    factors = _real_factors(polynomial, False)
    if factors is None:
        return None
    p, q = factors
    return _combination(powers[: len(p)], p), _combination(powers[: len(q)], q)


def _real_factors(polynomial: list[Fraction], linear: bool) -> tuple[list[Any], list[Any]] | None:
    """Two factors over the reals of a monic polynomial; None if it has none."""
    if len(polynomial) == 2:
        return ([polynomial[0], 1], [1]) if linear else None
    if len(polynomial) == 3:
        c, b, _ = polynomial
        if b * b < 4 * c:
            return None
        r = (_root(b * b - 4 * c) - b) / 2
        return [-r, 1], [b + r, 1]
    import sympy as sp

    t = sp.Symbol("t")
    whole = sp.Poly([sp.Rational(c.numerator, c.denominator) for c in polynomial[::-1]], t)
    found = [f for f, _ in whole.factor_list()[1] if not linear or f.count_roots()]
    if not found:
        return None
    factor = min(found, key=sp.degree)
    if factor.degree() < whole.degree() and (not linear or factor.degree() == 1):
        return _coefficients(factor.monic()), _coefficients(whole.quo(factor.monic()))
    z = sp.rootof(factor.as_expr(), t, 0)  # real ones come first
    if z.is_real:
        divisor = [-z, 1]
    else:
        divisor = [sp.simplify(sp.expand(z * z.conjugate())), sp.simplify(-2 * sp.re(z)), 1]
    return divisor, _quotient(_coefficients(whole), divisor)


def _coefficients(polynomial: Any) -> list[Any]:
    return [Fraction(int(c.p), int(c.q)) for c in polynomial.all_coeffs()[::-1]]


def _quotient(polynomial: list[Any], divisor: list[Any]) -> list[Any]:
    """The polynomial by a monic divisor of it, lowest coefficients first."""
    rest = [_exact(c) for c in polynomial]
    d, quotient = len(divisor) - 1, []
    for k in range(len(rest) - 1, d - 1, -1):
        quotient.append(rest[k])
        for m in range(d + 1):
            rest[k - d + m] = (rest[k - d + m] - quotient[-1] * divisor[m]).expand()
    return quotient[::-1]


def _root(c: Fraction) -> Any:
    """The square root, a fraction if it is one."""
    p, q = isqrt(c.numerator), isqrt(c.denominator)
    if p * p == c.numerator and q * q == c.denominator:
        return Fraction(p, q)
    import sympy as sp

    return sp.sqrt(sp.Rational(c.numerator, c.denominator))


def _exact(c: Any) -> Any:
    """A coefficient as sympy has it."""
    import sympy as sp

    return sp.Rational(c.numerator, c.denominator) if isinstance(c, (int, Fraction)) else c


# ---------------------------------------------------------------------- search


def _searched(table: Table, n: int) -> tuple[Sparse, Sparse] | None:
    """Zero divisors `x` or `x ± y` with basis elements `x`, `y`, or `x − r y` with a real `r`: all
    that there are in two dimensions, and one at least where the dimension is odd.
    """
    basis: list[Sparse] = [{i: 1} for i in range(n)]
    pairs = list(combinations(basis, 2))
    for x in (*basis, *(added(x, y, sign) for x, y in pairs for sign in (1, -1))):
        z = relation((times(table, x, e) for e in basis), n)
        if z is not None:
            return x, z
        z = relation((times(table, e, x) for e in basis), n)
        if z is not None:
            return z, x
    for y, x in pairs:
        pair = _pencil(table, n, x, y)
        if pair is not None:
            return pair
    return None


def _pencil(table: Table, n: int, x: Sparse, y: Sparse) -> tuple[Sparse, Sparse] | None:
    """Zero divisors `(x − r y) z = 0`, if `y z = 0` for `z = 0` only: real eigenvectors of
    `z ↦ y⁻¹ (x z)`.
    """
    matrix = [times(table, y, {j: 1}) for j in range(n)]
    back = inverse(matrix)
    assert back is not None
    images = [row_times(times(table, x, {j: 1}), back) for j in range(n)]
    for j in range(n):
        powers, polynomial = krylov(lambda z: row_times(z, images), n, {j: 1})
        factors = _real_factors(polynomial, True)
        if factors is not None:
            (minus_r, _), q = factors
            return added(x, y, minus_r), _combination(powers[: len(q)], q)
    return None


def _tidy(x: Sparse, n: int) -> tuple[Any, ...]:
    """All coefficients: small integers where they are rational."""
    coefficients = dense(x, n)
    if not all(isinstance(c, (int, Fraction)) for c in coefficients):
        import sympy as sp

        return tuple(sp.radsimp(sp.expand(_exact(c))) for c in coefficients)
    exact = [Fraction(c) for c in coefficients]
    scale = lcm(*(c.denominator for c in exact))
    whole = [int(c * scale) for c in exact]
    return tuple(c // gcd(*whole) for c in whole)
