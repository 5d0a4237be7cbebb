"""What theory says of algebras: the table that laws and structure are compared with.

Add a row to `SIMPLE_PARTS`, or to the other tables, and every test asks it. The algebras are made
here by hand, from matrices, groups and polynomials, so that constructions have something to be
compared with, too.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import hypercomplex as hc
from hypercomplex.algebra import linear

HALF = Fraction(1, 2)


def of_products(basis, multiply, coordinates, name):
    """The algebra that elements span; `coordinates` gives those of a product, sparse."""
    products = tuple(
        (i, j, k, c)
        for (i, x), (j, y) in product(enumerate(basis), repeat=2)
        for k, c in coordinates(multiply(x, y)).items()
        if c
    )
    return hc.Algebra(tuple(f"u{i}" for i in range(len(basis))), products, None, name)


def rewritten(algebra, basis, name=None):
    """The same algebra in another basis, without a conjugation."""
    back = linear.inverse([linear.sparse_row(row) for row in basis])
    return of_products(
        basis,
        algebra.multiply,
        lambda x: linear.row_times(linear.sparse_row(x), back),
        name or f"{algebra} rewritten",
    )


def of_group(elements, multiply, name):
    at = {g: i for i, g in enumerate(elements)}
    return of_products(elements, multiply, lambda g: {at[g]: 1}, f"ℝ[{name}]")


def cyclic(n):
    return of_group(range(n), lambda a, b: (a + b) % n, f"C{n}")


def permuting(generators, name):
    """The algebra of the group that permutations generate."""
    compose = lambda a, b: tuple(a[i] for i in b)
    found = {tuple(range(len(generators[0])))}
    while new := {compose(a, b) for a in found for b in generators} - found:
        found |= new
    return of_group(sorted(found), compose, name)


def quaternion_group():
    """±1, ±i, ±j, ±k as pairs of a sign and a unit."""
    H = hc.QUATERNION

    def multiply(a, b):
        row = H.multiply(*(tuple(int(m == x[1]) for m in range(4)) for x in (a, b)))
        (k,) = (m for m in range(4) if row[m])
        return a[0] * b[0] * row[k], k

    return of_group(list(product((1, -1), range(4))), multiply, "Q8")


def matrices(n, wanted=lambda i, j: True, name=None):
    """The algebra of the matrix units at the places that are wanted."""
    places = [(i, j) for i in range(n) for j in range(n) if wanted(i, j)]
    at = {place: m for m, place in enumerate(places)}
    return of_products(
        places,
        lambda a, b: (a[0], b[1]) if a[1] == b[0] else None,
        lambda x: {} if x is None else {at[x]: 1},
        name or f"M{n}(R)",
    )


def polynomials_modulo(*coefficients):
    """ℝ[x] modulo a monic polynomial, the constant first."""
    n = len(coefficients)
    powers = [[int(m == k) for m in range(n)] for k in range(n)]
    while len(powers) < 2 * n - 1:
        *low, top = [0, *powers[-1]]
        powers.append([c - top * m for c, m in zip(low, coefficients, strict=True)])
    name = f"R[x]/{coefficients}"
    return of_products(range(n), lambda i, j: powers[i + j], linear.sparse_row, name)


def quaternions_over_root(d, a, b):
    """The quaternions with `i² = a₀ + a₁√d` and `j² = b₀ + b₁√d` over the rational numbers and √d,
    of dimension 8 over the reals.
    """
    times = lambda x, y: (x[0] * y[0] + d * x[1] * y[1], x[0] * y[1] + x[1] * y[0])
    negative = lambda x: (-x[0], -x[1])
    one = (1, 0)
    ab = times(a, b)
    table = {  # of i, j and k = ij: the factor and the place of each product
        (1, 1): (a, 0), (2, 2): (b, 0), (3, 3): (negative(ab), 0),
        (1, 2): (one, 3), (2, 1): (negative(one), 3),
        (1, 3): (a, 2), (3, 1): (negative(a), 2),
        (2, 3): (negative(b), 1), (3, 2): (b, 1),
    }  # fmt: skip

    def multiply(x, y):
        (i, s), (j, t) = x, y
        factor, k = table[i, j] if i and j else (one, i or j)
        return k, times(factor, times(((1, 0), (0, 1))[s], ((1, 0), (0, 1))[t]))

    def coordinates(x):
        k, (real, root) = x
        return {2 * k: real, 2 * k + 1: root}

    basis = list(product(range(4), range(2)))
    return of_products(basis, multiply, coordinates, f"({a}, {b}) over Q(√{d})")


def hermitian_octonions():
    """The Albert algebra: 3 × 3 matrices of octonions, `X = X̄ᵀ`, under `(XY + YX) / 2`."""
    O = hc.OCTONION  # noqa: E741 (its name)
    unit = lambda u: tuple(int(u == k) for k in range(8))
    add = lambda x, y: tuple(a + b for a, b in zip(x, y, strict=True))
    above = (0, 1), (0, 2), (1, 2)
    basis = [{(i, i): unit(0)} for i in range(3)]
    basis += [{(i, j): unit(u), (j, i): O.conjugate(unit(u))} for i, j in above for u in range(8)]

    def matrix_product(x, y):
        out = {}
        for (i, k), a in x.items():
            for (m, j), b in y.items():
                if k == m:
                    out[i, j] = add(out.get((i, j), (0,) * 8), O.multiply(a, b))
        return out

    def jordan(x, y):
        xy, yx = matrix_product(x, y), matrix_product(y, x)
        return {p: add(xy.get(p, (0,) * 8), yx.get(p, (0,) * 8)) for p in {**xy, **yx}}

    def coordinates(x):
        found = [x.get((i, i), (0,))[0] for i in range(3)]
        found += [c for place in above for c in x.get(place, (0,) * 8)]
        return {k: c * HALF for k, c in linear.sparse_row(found).items()}

    return of_products(basis, jordan, coordinates, "ALBERT BY HAND")


HURWITZ = rewritten(
    hc.QUATERNION,
    ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (HALF, HALF, HALF, HALF)),
    "HURWITZ",
)
OBLIQUE = rewritten(
    hc.QUATERNION, ((1, 2, 0, 0), (0, 1, 0, 1), (3, 0, 1, 0), (0, 0, 1, -1)), "OBLIQUE"
)
ROTATIONS = hc.Algebra(
    ("x", "y", "z"),
    ((0, 1, 2, 1), (1, 0, 2, -1), (1, 2, 0, 1), (2, 1, 0, -1), (2, 0, 1, 1), (0, 2, 1, -1)),
    name="so(3)",
)
ALBERT = hermitian_octonions()
NILPOTENT = hc.Algebra(("n", "m"), ((0, 0, 1, 1),), name="NILPOTENT")
LEFT_UNIT = hc.Algebra(("a", "b"), ((0, 0, 0, 1), (0, 1, 1, 1)), name="LEFT UNIT")

SIMPLE_PARTS = {
    # algebra: its simple parts, and the dimension of the radical
    hc.REAL: ("ℝ", 0),
    hc.COMPLEX: ("ℂ", 0),
    hc.QUATERNION: ("ℍ", 0),
    hc.SPLIT_COMPLEX: ("2ℝ", 0),
    hc.DUAL: ("ℝ", 1),
    hc.TESSARINE: ("2ℂ", 0),
    hc.BICOMPLEX: ("2ℂ", 0),
    hc.SPLIT_QUATERNION: ("M₂(ℝ)", 0),
    hc.DUAL_QUATERNION: ("ℍ", 4),
    hc.BIQUATERNION: ("M₂(ℂ)", 0),
    hc.SPACETIME: ("M₂(ℍ)", 0),
    hc.PGA: ("M₂(ℂ)", 8),
    hc.CGA: ("M₄(ℂ)", 0),
    hc.OCTONION: ("𝕆", 0),
    hc.SPLIT_OCTONION: ("split 𝕆", 0),
    hc.COMPLEX_OCTONION: ("ℂ⊗𝕆", 0),
    hc.tensor_product(hc.OCTONION, hc.DUAL): ("𝕆", 8),
    hc.tensor_product(hc.OCTONION, hc.SPLIT_COMPLEX): ("2𝕆", 0),
    hc.tensor_product(hc.QUATERNION, hc.QUATERNION): ("M₄(ℝ)", 0),
    hc.tensor_product(hc.QUATERNION, hc.BICOMPLEX): ("2M₂(ℂ)", 0),
    hc.clifford(0, 0, 3): ("ℝ", 7),
    HURWITZ: ("ℍ", 0),
    OBLIQUE: ("ℍ", 0),
    cyclic(2): ("2ℝ", 0),
    cyclic(3): ("ℝ ⊕ ℂ", 0),
    cyclic(4): ("2ℝ ⊕ ℂ", 0),
    cyclic(5): ("ℝ ⊕ 2ℂ", 0),
    cyclic(7): ("ℝ ⊕ 3ℂ", 0),
    cyclic(8): ("2ℝ ⊕ 3ℂ", 0),
    permuting([(1, 2, 0), (1, 0, 2)], "S3"): ("2ℝ ⊕ M₂(ℝ)", 0),
    permuting([(1, 2, 3, 0), (3, 2, 1, 0)], "D4"): ("4ℝ ⊕ M₂(ℝ)", 0),
    permuting([(1, 2, 0, 3), (1, 0, 3, 2)], "A4"): ("ℝ ⊕ ℂ ⊕ M₃(ℝ)", 0),
    quaternion_group(): ("4ℝ ⊕ ℍ", 0),
    matrices(2): ("M₂(ℝ)", 0),
    matrices(3): ("M₃(ℝ)", 0),
    matrices(2, lambda i, j: i <= j, "T2"): ("2ℝ", 1),
    matrices(3, lambda i, j: i <= j, "T3"): ("3ℝ", 3),
    matrices(3, lambda i, j: i < j, "N3"): ("0", 3),
    matrices(3, lambda i, j: i < 2, "without unit"): ("M₂(ℝ)", 2),
    polynomials_modulo(-2, 0): ("2ℝ", 0),
    polynomials_modulo(-2, 0, 0): ("ℝ ⊕ ℂ", 0),
    polynomials_modulo(-2, 0, 0, 0): ("2ℝ ⊕ ℂ", 0),
    polynomials_modulo(1, -3, 0): ("3ℝ", 0),
    polynomials_modulo(-1, -1, 0, 0, 0): ("ℝ ⊕ 2ℂ", 0),
    polynomials_modulo(1, 0, 2, 0): ("ℂ", 2),
    polynomials_modulo(0, 0, 0): ("ℝ", 2),
    polynomials_modulo(0, 0, -2, 0): ("3ℝ", 1),
    quaternions_over_root(2, (-1, 0), (-1, 0)): ("2ℍ", 0),
    quaternions_over_root(2, (0, 1), (-1, 0)): ("ℍ ⊕ M₂(ℝ)", 0),  # one of each, at ∓√2
    quaternions_over_root(-1, (0, 1), (-1, 0)): ("M₂(ℂ)", 0),
    NILPOTENT: ("0", 2),
    LEFT_UNIT: ("ℝ", 1),
}

DERIVATIONS = {
    hc.QUATERNION: 3,
    hc.OCTONION: 14,
    hc.SPLIT_OCTONION: 14,
    hc.SEDENION: 14,
    ALBERT: 52,
    ROTATIONS: 3,
    hc.DUAL: 1,
    polynomials_modulo(0, 0, 0): 2,  # x d/dx and x² d/dx
    HURWITZ: 3,
    OBLIQUE: 3,
}

CLIFFORD = {  # by (p - q) modulo 8: the algebra and its dimension over the reals
    0: ("", "ℝ", 1), 1: ("2", "ℝ", 2), 2: ("", "ℝ", 1), 3: ("", "ℂ", 2),
    4: ("", "ℍ", 4), 5: ("2", "ℍ", 8), 6: ("", "ℍ", 4), 7: ("", "ℂ", 2),
}  # fmt: skip
"""É. Cartan's table, in words."""
