"""Algebras of polynomials, of groups and of matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from hypercomplex.algebra import arguments, tables
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.conjugations import conjugation
from hypercomplex.algebra.laws import known
from hypercomplex.algebra.linear import Echelon, Row, sparse_row
from hypercomplex.algebra.matrices import Matrix, composed, transposed
from hypercomplex.algebra.parts import coordinates
from hypercomplex.algebra.tables import Coefficient
from hypercomplex.algebra.texts import superscript

__all__ = ["from_matrices", "group_algebra", "polynomial_quotient"]

_LARGEST_GROUP = 1024  # a million products

Permutation = tuple[int, ...]


def polynomial_quotient(
    coefficients: Sequence[Coefficient], *, variable: str = "x", name: str | None = None
) -> Algebra:
    """The polynomials in one variable modulo a monic one, `ℝ[x]/(xⁿ + … + c₁ x + c₀)`.

    Modulo `xⁿ − 1` polynomials multiply as circulant matrices do, modulo `xⁿ + 1` as negacyclic
    ones. The conjugation is `x ↦ 1/x` where the roots come in pairs of inverses, so that circulants
    are transposed, and else `x ↦ x`.

    Args:
        coefficients: `c₀`, `c₁`, …, and 1 at the end.
        variable: the name of `x`.
        name: the name of the result.

    Raises:
        ValueError: if the polynomial is constant, or its last coefficient is not 1.
        TypeError: if an argument is of another kind.

    Example:
        >>> polynomial_quotient([1, 0, 1]) == hc.COMPLEX
        True
        >>> negacyclic = polynomial_quotient([1, 0, 0, 1])
        >>> negacyclic.format(negacyclic.multiply((0, 0, 1), (1, 2, 0)))  # x³ = -1
        '-2+x²'
    """
    c = arguments.vector("coefficients", coefficients)
    if len(c) < 2 or c[-1] != 1:
        raise ValueError(
            f"`coefficients` (={coefficients!r}) must be those of a monic polynomial of degree 1 "
            "or more, the constant first and 1 last, such as (1, 0, 1) of x² + 1"
        )
    if not isinstance(variable, str) or not variable:
        raise TypeError(f"`variable` (={variable!r}) must be a name, a string")
    n = len(c) - 1
    powers = [*_powers(c, 2 * n - 1)]
    products = tuple(
        (i, j, k, d) for i in range(n) for j in range(n) for k, d in powers[i + j].items()
    )
    units = ("1", variable, *(variable + superscript(k) for k in range(2, n)))[:n]
    made = Algebra(
        units,
        products,
        conjugation(_inverses(c)),
        name or f"ℝ[{variable}]/({_written(c, variable)})",
    )
    return known(made, "commutative", "associative")


def group_algebra(
    table: Sequence[Sequence[int]] | None = None,
    *,
    permutations: Sequence[Sequence[int]] | None = None,
    units: Sequence[str] | None = None,
    name: str | None = None,
) -> Algebra:
    """The sums of elements of a finite group, with `conj(g) = g⁻¹`.

    `from_relations` has another conjugation for the same products: its example says how to pass
    this one.

    Args:
        table: the Cayley table, `table[a][b]` the number of the product of `a` and `b`; one of the
            numbers is the unit of the group.
        permutations: in place of it, permutations of `0 … n − 1` that generate the group, each the
            images of these numbers; `ab` means first `b`, then `a`.
        units: the names of the group's elements; `1`, `g1`, `g2` … or cycles such as `(01)` if not
            given.
        name: the name of the result.

    Raises:
        ValueError: if the table is not that of a group, or the group has more than 1024 elements.
        TypeError: if an argument is of another kind.

    Example:
        >>> cyclic = group_algebra([[0, 1, 2], [1, 2, 0], [2, 0, 1]])
        >>> cyclic == polynomial_quotient([-1, 0, 0, 1])
        True
        >>> group_algebra(permutations=[(1, 0, 2), (0, 2, 1)]).units
        ('1', '(01)', '(12)', '(012)', '(021)', '(02)')
    """
    if (table is None) == (permutations is None):
        raise ValueError("`table` or `permutations` must be given, and only one of them")
    if permutations is not None:
        group = _generated(permutations)
        index = {g: m for m, g in enumerate(group)}
        rows = [[index[_after(a, b)] for b in group] for a in group]
        called = [_cycles(g) for g in group]
    else:
        rows = _group(table)
        one = rows.index([*range(len(rows))])
        called = ["1" if m == one else f"g{m}" for m in range(len(rows))]
    n = len(rows)
    one = rows.index([*range(n)])
    made = Algebra(
        tuple(called) if units is None else tables.names(units),
        tuple((a, b, rows[a][b], 1) for a in range(n) for b in range(n)),
        conjugation([{row.index(one): 1} for row in rows]),
        name or f"group_algebra(order {n})",
    )
    abelian = all(rows[a][b] == rows[b][a] for a in range(n) for b in range(a))
    return known(made, "associative", *(["commutative"] if abelian else []))


def from_matrices(
    matrices: Sequence[Sequence[Sequence[Coefficient]]],
    *,
    units: Sequence[str] | None = None,
    name: str | None = None,
) -> Algebra:
    """The algebra that exact square matrices span, or generate.

    Independent matrices come first in the basis, in the order given; products that they do not
    span follow. The conjugation is the transpose if transposes are spanned, else there is none.

    Args:
        matrices: the matrices, rows of integers and fractions, all of one size.
        units: the names of the basis elements; or of the matrices, if these are independent: then
            products have the names of their factors. `a`, `b` … if not given, `1` the identity.
        name: what messages call the algebra; after its units if not given.

    Raises:
        ValueError: if the matrices are not square and of one size, or all are 0.
        TypeError: if an argument is of another kind.

    Example:
        >>> i, j = [[0, -1], [1, 0]], [[0, 1], [1, 0]]
        >>> from_matrices([i, j], units=("i", "j")).units
        ('i', 'j', 'ii', 'ij')
        >>> from_matrices([[[1, 0], [0, 1]], i], units=("1", "i")) == hc.COMPLEX
        True
    """
    given = [
        arguments.square("matrices", m)
        for m in arguments.sequence("matrices", matrices, "square matrices")
    ]
    if not given or len({len(m) for m in given}) > 1:
        raise ValueError("`matrices` must hold square matrices of one size, at least one")
    called = _called(given) if units is None else tables.names(units)
    basis, labels = _closed(given, called)
    if not basis:
        raise ValueError("`matrices` must hold one that is not 0")
    if units is not None and len(called) == len(basis):
        labels = [*called]
    size = len(given[0])
    inside = coordinates([*map(_flat, basis)], size * size)
    products = [
        (i, j, k, c)
        for i, x in enumerate(basis)
        for j, y in enumerate(basis)
        for k, c in (inside(_flat(composed(x, y))) or {}).items()
    ]
    turned = [inside(_flat(transposed(x))) for x in basis]
    images = [x for x in turned if x is not None]
    called = labels if len({*labels}) == len(labels) else [f"m{k}" for k in range(len(basis))]
    made = Algebra(
        tuple(called),
        tuple(products),
        conjugation(images) if len(images) == len(turned) else None,
        name or tables.listed(called),
    )
    return known(made, "associative")


# ---------------------------------------------------------------------- polynomials


def _powers(c: Sequence[Coefficient], count: int) -> Iterator[Row]:
    """1, x, x² … modulo a monic polynomial."""
    power: Row = {0: 1}
    for _ in range(count):
        yield power
        power = _times_x(power, c)


def _times_x(x: Row, c: Sequence[Coefficient]) -> Row:
    n = len(c) - 1
    top, out = x.get(n - 1, 0), {k + 1: d for k, d in x.items() if k < n - 1}
    for k in range(n) if top else ():
        if value := plain(out.get(k, 0) - top * c[k]):
            out[k] = value
        else:
            out.pop(k, None)
    return out


def _inverses(c: Sequence[Coefficient]) -> list[Row]:
    """The images of 1, x, x² … under `x ↦ 1/x` if that keeps the polynomial, else these."""
    n = len(c) - 1
    if tuple(c) not in (tuple(c[::-1]), tuple(-d for d in c[::-1])):
        return [{k: 1} for k in range(n)]
    inverse = {k: plain(Fraction(-d) / c[0]) for k, d in enumerate(c[1:]) if d}
    images: list[Row] = [{0: 1}]
    while len(images) < n:
        power: Row = {}  # the last one times 1/x, by Horner's rule
        for k in range(n - 1, -1, -1):
            power = _times_x(power, c)
            d = inverse.get(k, 0)
            for m, e in images[-1].items() if d else ():
                power[m] = power.get(m, 0) + d * e
        images.append({m: plain(e) for m, e in power.items() if e})
    return images


def _written(c: Sequence[Coefficient], variable: str) -> str:
    terms = [(d, k) for k, d in reversed([*enumerate(c)]) if d]
    powers = {0: "", 1: variable}
    parts = []
    for d, k in terms:
        power = powers.get(k, variable + superscript(k))
        size = "" if abs(d) == 1 and power else str(abs(d))
        parts.append(("- " if d < 0 else "+ ") + size + power)
    return " ".join(parts).removeprefix("+ ")


# ---------------------------------------------------------------------- groups


def _group(table: Any) -> list[list[int]]:
    """The rows of a Cayley table, checked."""
    rows = [
        [*arguments.sequence("table", row, "integers")]
        for row in arguments.sequence("table", table, "rows of integers")
    ]
    n, numbers = len(rows), {*range(len(rows))}
    wrong = [g for row in rows for g in row if not isinstance(g, int)]
    if wrong:
        raise TypeError(f"`table` holds {wrong[0]!r}; number the elements of the group, from 0")
    square = all(len(row) == n for row in rows) and n > 0
    if not square or any({*line} != numbers for line in (*rows, *zip(*rows, strict=True))):
        raise ValueError(
            f"`table` (={table!r}) must be a Cayley table: each row and each column holds every "
            f"number from 0 to {n - 1} once"
        )
    _check_order(n)
    identity = [*range(n)]
    if identity not in rows or [row[rows.index(identity)] for row in rows] != identity:
        raise ValueError(f"`table` (={table!r}) has no unit, which keeps all elements")
    for a, b in ((a, b) for a in range(n) for b in range(n)):
        ab = rows[rows[a][b]]
        c = next((c for c in range(n) if ab[c] != rows[a][rows[b][c]]), None)
        if c is not None:
            raise ValueError(f"`table` is that of no group: (ab)c is not a(bc) for {a}, {b}, {c}")
    return rows


def _generated(permutations: Any) -> list[Permutation]:
    """The group that permutations generate, the identity first."""
    given = [
        tuple(arguments.sequence("permutations", g, "integers"))
        for g in arguments.sequence("permutations", permutations, "permutations")
    ]
    n = len(given[0]) if given else 0
    if not given or any(len(g) != n or {*g} != {*range(n)} for g in given):
        raise ValueError(
            f"`permutations` (={permutations!r}) must each hold the numbers from 0 to {n - 1} "
            "once, in some order"
        )
    found = dict.fromkeys([tuple(range(n))])
    order = [*found]
    for g in order:
        for h in given:
            if (new := _after(g, h)) not in found:
                found[new] = None
                order.append(new)
                _check_order(len(order))
    return order


def _check_order(n: int) -> None:
    if n > _LARGEST_GROUP:
        raise ValueError(f"the group has more than {_LARGEST_GROUP} elements, a million products")


def _after(a: Permutation, b: Permutation) -> Permutation:
    return tuple(a[m] for m in b)


def _cycles(g: Permutation) -> str:
    """The cycles of a permutation, such as `(01)(23)`."""
    seen: set[int] = set()
    text = ""
    for start in range(len(g)):
        cycle = []
        while start not in seen:
            seen.add(start)
            cycle.append(start)
            start = g[start]
        if len(cycle) > 1:
            text += f"({(' ' if len(g) > 10 else '').join(map(str, cycle))})"
    return text or "1"


# ---------------------------------------------------------------------- matrices


def _closed(given: Sequence[Matrix], called: Sequence[str]) -> tuple[list[Matrix], list[str]]:
    """A basis of all products of matrices, with names, those first that are given."""
    space = Echelon()
    kept = [(m, text) for m, text in zip(given, called) if space.add(_flat(m))]
    basis = [*kept]
    for x, left in basis:
        for y, right in kept:
            if space.add(_flat(product := composed(x, y))):
                basis.append((product, left + right))
    return [m for m, _ in basis], [text for _, text in basis]


def _called(given: Sequence[Matrix]) -> list[str]:
    """`1` for the identity, and letters."""
    letters = iter("abcdefghijklmnopqrstuvwxyz" if len(given) <= 26 else [])
    identity = tuple(tuple(int(i == j) for j in range(len(given[0]))) for i in range(len(given[0])))
    return ["1" if m == identity else next(letters, f"m{k}") for k, m in enumerate(given)]


def _flat(m: Matrix) -> Row:
    return sparse_row(c for row in m for c in row)
