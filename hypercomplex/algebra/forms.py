r"""The unit of an algebra and its forms, derived from the table in whatever basis it is written.

- $1 = \sum u_i e_i$ solves $1 x = x = x 1$.
- $t$ is the trace of a *quadratic* algebra, in which $x^2 - t(x)\,x + n(x)\,1 = 0$ for all $x$.
- $\operatorname{Re} x$ is the part of 1: $x - \operatorname{Re} x$ has no trace.
- $N(x) = \operatorname{Re}(x \bar x)$.

Source:
    K. A. Zhevlakov et al., *Rings that are nearly associative*, 1982, § 2.1 (quadratic algebras).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import chain, product
from typing import TYPE_CHECKING, Any

from hypercomplex.algebra import tables
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.tables import Coefficient

if TYPE_CHECKING:
    from hypercomplex.algebra.algebra import Algebra
    from hypercomplex.algebra.involution import Rows, Signs

__all__ = [
    "Form",
    "conjugation",
    "has_norm",
    "has_real_norm",
    "imaginary",
    "needs",
    "norm",
    "one",
    "real",
    "trace",
    "unit",
]

Form = tuple[tuple[int, int, Coefficient], ...]
Vector = tuple[Coefficient, ...]


def unit(algebra: Algebra) -> Vector | None:
    """The coefficients of 1: the first basis element is looked at, else equations are solved."""
    n = algebra.dimension
    if algebra.begins_with_one:
        return (1, *[0] * (n - 1))
    from hypercomplex.algebra import linear  # seldom needed

    equations: dict[tuple[int, int, int], dict[int, Coefficient]] = {
        (side, j, j): {} for side in (0, 1) for j in range(n)
    }
    for i, j, k, c in algebra.products:
        equations.setdefault((0, j, k), {})[i] = c
        equations.setdefault((1, i, k), {})[j] = c
    right = {m: 1 for m, (_, j, k) in enumerate(equations) if j == k}
    found = linear.solve([*equations.values()], right)
    return None if found is None else tuple(plain(found.get(i, 0)) for i in range(n))


def one(algebra: Algebra, what: str) -> Vector:
    """The coefficients of 1, which `what` needs."""
    needs(algebra, what)
    found = algebra.unit
    assert found is not None
    return found


def conjugation(algebra: Algebra, what: str) -> Signs | Rows:
    """The conjugation, which `what` needs."""
    if algebra.conjugation is None:
        raise NotImplementedError(
            f"{what} needs a conjugation, and {algebra.name} has none; give `conjugation`, signs "
            "or rows, to Algebra; cayley_dickson, clifford and group_algebra make algebras with one"
        )
    return algebra.conjugation


def needs(algebra: Algebra, what: str, with_conjugation: bool = False) -> None:
    """Refuse `what` where there is no unit, or no conjugation."""
    if not algebra.begins_with_one and algebra.unit is None:
        raise NotImplementedError(
            f"{what} needs a unit, and {algebra.name} has none; unitization({algebra.name}) is "
            "the algebra with one in front"
        )
    if with_conjugation:
        conjugation(algebra, what)


def has_norm(algebra: Algebra) -> bool:
    """Whether there are a unit and a conjugation."""
    return algebra.conjugation is not None and algebra.unit is not None


def trace(algebra: Algebra) -> Vector | None:
    """The `t` of a quadratic algebra; None for every other.

    The square of each basis element says its `t`. With that all `(e_i − t_i/2)` must anticommute up
    to real numbers, as they do where all their sums have real squares.
    """
    one = algebra.unit
    if one is None:
        return None
    table = tables.by_pair(algebra.products)
    unit = {i: c for i, c in enumerate(one) if c}
    place = next(iter(unit))
    t: list[Coefficient] = []
    for i in range(algebra.dimension):
        found = _trace_of(i, table.get((i, i), {}), unit)
        if found is None:
            return None
        t.append(found)
    traces = [i for i, c in enumerate(t) if c]
    for i, j in chain(table, product(traces, range(len(t)))):
        both: dict[int, Coefficient] = dict(table.get((i, j), {}))
        for k, c in (*table.get((j, i), {}).items(), (i, -t[j]), (j, -t[i])):
            both[k] = both.get(k, 0) + c
        if not _is_real(both, unit, place):
            return None
    return tuple(map(plain, t))


def _trace_of(i: int, square: Mapping[int, Any], unit: Mapping[int, Any]) -> Coefficient | None:
    """The `t` with `e_i² − t e_i` real; 2 for 1 itself."""
    if unit.keys() == {i}:
        return Fraction(2) / unit[i]
    place = next(k for k in unit if k != i)
    t = square.get(i, 0) - Fraction(square.get(place, 0)) / unit[place] * unit.get(i, 0)
    return t if _is_real({**square, i: square.get(i, 0) - t}, unit, place) else None


def _is_real(x: Mapping[int, Any], unit: Mapping[int, Any], place: int) -> bool:
    """Whether an element is a multiple of 1."""
    factor = plain(Fraction(x.get(place, 0)) / unit[place])
    if not factor:
        return not any(x.values())
    return all(x.get(k, 0) == factor * unit.get(k, 0) for k in {**x, **unit})


def real(algebra: Algebra) -> Vector:
    """`Re(x) = Σ r_i x_i`, with `Re(1) = 1`."""
    one(algebra, "the real part")
    n = algebra.dimension
    if algebra.is_adapted:
        return (1, *[0] * (n - 1))
    if algebra.trace_form is not None:
        return tuple(plain(Fraction(c, 2)) for c in algebra.trace_form)
    traces: list[Coefficient] = [0] * n
    for i, j, k, c in algebra.products:
        if j == k:
            traces[i] += c
        if i == k:
            traces[j] += c
    return tuple(plain(Fraction(c, 2 * n)) for c in traces)


def norm(algebra: Algebra) -> Form:
    """`Re(x x̄) = Σ c x_i x_j` as its `(i, j, c)`."""
    needs(algebra, "the norm", with_conjugation=True)
    r, total = algebra.real_form, dict[tuple[int, int], Coefficient]()
    for k, terms in enumerate(algebra.right_conjugated.terms):
        for i, j, c in terms if r[k] else ():
            total[i, j] = total.get((i, j), 0) + c * r[k]
    return tuple((*pair, plain(c)) for pair, c in sorted(total.items()) if c)


def has_real_norm(algebra: Algebra) -> bool:
    """Whether `x x̄` is a multiple of 1 for every `x`."""
    table = tables.by_pair(algebra.right_conjugated.constants)
    unit = {i: c for i, c in enumerate(algebra.unit or ()) if c}
    place = next(iter(unit))
    for (i, j), row in table.items():
        both = dict(row)
        for k, c in table.get((j, i), {}).items() if i != j else ():
            both[k] = both.get(k, 0) + c
        if not _is_real(both, unit, place):
            return False
    return True


def imaginary(algebra: Algebra) -> Form:
    """`−Re(v²) = Σ c v_i v_j` as its `(i, j, c)`, `i ≤ j`."""
    if not algebra.begins_with_one:
        raise NotImplementedError(
            f"the basis of {algebra.name} does not begin with 1; that of its `adapted` does"
        )
    total: dict[tuple[int, int], Coefficient] = {}
    for i, j, c in algebra.product.terms[0]:
        if i and j:
            pair = min(i, j), max(i, j)
            total[pair] = total.get(pair, 0) - c
    return tuple((*pair, c) for pair, c in sorted(total.items()) if c)
