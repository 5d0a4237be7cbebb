r"""Products of two basis elements that are one basis element: what they are made of.

In the algebras that have names, and in all that are made of them by doubling and by tensor
products, the basis can be numbered by the words $u$ of $m$ bits so that

$$e_u\, e_v = s(u, v)\, e_{u \oplus v}.$$

Then the structure can be read from the signs. Two elements that anticommute, and associate with
everything, span with 1 and their product an algebra of quaternions or of 2 × 2 matrices, and the
whole is its tensor product with what commutes with both. An element that commutes and associates
with everything splits off a factor ℂ or ℝ ⊕ ℝ. So every Clifford algebra that is not degenerate,
in any basis of this kind, is a tensor product of these four; octonions are what is left over.

Source:
    A. A. Albert, *Symmetric and alternate matrices in an arbitrary field*, 1938; for Clifford
    algebras P. Lounesto, *Clifford Algebras and Spinors*, 2nd ed., 2001, chapter 16.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product as cartesian
from math import isqrt

from hypercomplex.algebra.bilinear import Bilinear, plain
from hypercomplex.algebra.tables import Coefficient

__all__ = [
    "Factor",
    "Grading",
    "Signed",
    "Signs",
    "Unital",
    "factors",
    "grading",
    "multiplied",
    "unital",
]

Signed = tuple[int, int]
"""A word and a sign: a basis element, or its negative."""
Signs = tuple[tuple[int, ...], ...]
"""The table `s(u, v)`, each 1 or −1."""


@dataclass(frozen=True)
class Grading:
    """A numbering of the components by words: `B(e_u, e_v) = constants[u][v] e_(u ⊕ v)`."""

    left: tuple[int, ...]
    """The place of the component that has each word, in the left factor,"""
    right: tuple[int, ...]
    """in the right factor,"""
    out: tuple[int, ...]
    """and in the result."""
    constants: tuple[tuple[Coefficient, ...], ...]


def grading(product: Bilinear) -> Grading | None:
    """The numbering of a map's components by words, None if there is none.

    A component of each factor must give something with every component of the other: the unit, or
    what is one after the components are renamed.

    Example:
        >>> grading(hc.QUATERNION.product).constants[1]  # of i with 1, i, j, k
        (1, -1, 1, -1)
        >>> grading(hc.QUATERNION.commutator) is None
        True
    """
    n = product.shape[0]
    if product.shape != (n, n, n) or n & (n - 1) or not n:
        return None
    table = {(i, j): (k, c) for i, j, k, c in product.constants}
    units = _units(table, n)
    if len(table) < len(product.constants) or units is None:
        return None
    i0, j0 = units
    of_left = [table[i, j0][0] for i in range(n)]
    of_right = [table[i0, j][0] for j in range(n)]
    if len(set(of_left)) < n or len(set(of_right)) < n:
        return None
    renamed = {(of_left[i], of_right[j]): k for (i, j), (k, _) in table.items()}
    words = _words(renamed, of_left[i0])
    if words is None:
        return None
    out = sorted(range(n), key=words.__getitem__)
    left, right = tuple(map(of_left.index, out)), tuple(map(of_right.index, out))
    constants = tuple(tuple(table.get((i, j), (0, 0))[1] for j in right) for i in left)
    return Grading(left, right, tuple(out), constants)


def _units(table: dict[tuple[int, int], tuple[int, Coefficient]], n: int) -> tuple[int, int] | None:
    """The first component on each side that gives something with every other."""
    everything = range(n)
    left = next((i for i in everything if all((i, j) in table for j in everything)), None)
    right = next((j for j in everything if all((i, j) in table for i in everything)), None)
    return None if left is None or right is None else (left, right)


def _words(product: dict[tuple[int, int], int], unit: int) -> dict[int, int] | None:
    """A word for each component, such that products add them; that of the unit is 0.

    Those that give something with most others come first: they multiply all that is known by then.
    """
    words, known, bit = {unit: 0}, [unit], 1
    for x, _ in Counter(x for x, _ in product).most_common():
        if x not in words:
            coset = [product.get((x, y)) for y in known]
            if None in coset or any(z in words for z in coset):
                return None
            words |= {z: words[y] | bit for y, z in zip(known, coset, strict=True) if z is not None}
            known, bit = list(words), bit << 1
    wrong = any(words.get(z) != words[x] ^ words[y] for (x, y), z in product.items())
    return None if wrong else words


# ---------------------------------------------------------------------- signs


@dataclass(frozen=True)
class Unital:
    r"""A graded map in components that are scaled, so that it has a unit, and signs alone.

    $$z_w B(a, b)_w = \sum_{u \oplus v = w} s(u, v)\, (x_u a_u) (y_v b_v), \quad
    s(0, v) = s(u, 0) = 1$$
    """

    left: tuple[Coefficient, ...]
    """The `x`,"""
    right: tuple[Coefficient, ...]
    """the `y`"""
    out: tuple[Coefficient, ...]
    """and the `z`, by word."""
    signs: Signs


def unital(constants: Sequence[Sequence[Coefficient]]) -> Unital | None:
    """The scales, by word, that leave signs alone; None if there are none among the fractions.

    Example:
        >>> unital(((1, 1), (1, -4))).left  # half the unit has the square -1
        (1, 2)
    """
    words = range(len(constants))
    if not all(all(row) for row in constants):
        return None
    first = constants[0][0]
    x = [Fraction(constants[u][0]) for u in words]
    y = [Fraction(constants[0][v]) / first for v in words]
    roots = [_root(abs(constants[u][u] / (x[u] * y[u]))) for u in words]
    known = [r for r in roots if r is not None]
    if len(known) < len(roots):
        return None
    x, y = ([a * r for a, r in zip(side, known, strict=True)] for side in (x, y))
    signs = [[constants[u][v] * known[u ^ v] / (x[u] * y[v]) for v in words] for u in words]
    if any(abs(s) != 1 for row in signs for s in row):
        return None
    left, right, out = (tuple(map(plain, side)) for side in (x, y, known))
    return Unital(left, right, out, tuple(tuple(map(int, row)) for row in signs))


def _root(c: Fraction) -> Fraction | None:
    """The square root of a positive fraction, if it is one."""
    root = Fraction(isqrt(c.numerator), isqrt(c.denominator))
    return root if root * root == c else None


# ---------------------------------------------------------------------- factors


@dataclass(frozen=True)
class Factor:
    """An algebra by name, and which signed words are its basis elements; None where it has no name
    here, and the words are all that is known of it.
    """

    name: str | None
    basis: tuple[Signed, ...]


def factors(signs: Signs) -> list[Factor]:
    """The tensor factors of a unital graded algebra: as many matrices as can be, at most one of the
    quaternions and the complex numbers, and at most one that is none of these.

    Example:
        >>> [f.name for f in factors(unital(grading(hc.clifford(3).product).constants).signs)]
        ['split_quaternion', 'complex']
        >>> [f.name for f in factors(unital(grading(hc.OCTONION.product).constants).signs)]
        ['octonion']
    """
    found, words, nucleus = [], list(range(len(signs))), _nucleus(signs)
    while pair := _anticommuting(signs, [u for u in words if u in nucleus]):
        found.append(_quaternionic(signs, *pair))
        words = [w for w in words if all(_commute(signs, w, u) for u in pair)]
    while central := _central(signs, words, nucleus):
        squares_to = signs[central][central]
        name = "split_complex" if squares_to == 1 else "complex"
        found.append(Factor(name, ((0, 1), (central, 1))))
        words = _complement(signs, words, central)
    if len(words) > 1:
        found.append(_octonionic(signs, words) or Factor(None, tuple((w, 1) for w in words)))
    return found


def _times(signs: Signs, x: Signed, y: Signed) -> Signed:
    return x[0] ^ y[0], x[1] * y[1] * signs[x[0]][y[0]]


def multiplied(signs: Signs, elements: Sequence[Signed]) -> Signed:
    """The product of signed words, from the left."""
    total = (0, 1)
    for element in elements:
        total = _times(signs, total, element)
    return total


def _commute(signs: Signs, u: int, v: int) -> bool:
    return signs[u][v] == signs[v][u]


def _nucleus(signs: Signs) -> set[int]:
    """The words that associate with all others."""
    words, s = range(len(signs)), signs

    def associate(u: int, v: int, w: int) -> bool:
        return s[u][v] * s[u ^ v][w] == s[v][w] * s[u][v ^ w]

    bits = [1 << k for k in range(len(signs).bit_length() - 1)]
    if all(associate(u, v, w) for w in bits for u in words for v in words):
        return set(words)
    return {
        u
        for u in words
        if all(
            associate(u, v, w) and associate(v, u, w) and associate(v, w, u)
            for v, w in cartesian(words, repeat=2)
        )
    }


def _anticommuting(signs: Signs, words: Sequence[int]) -> tuple[int, int] | None:
    """Two words that anticommute, the first with the square 1 if possible: then it is a matrix."""
    pairs = (
        (u, v)
        for u in sorted(words, key=lambda u: -signs[u][u])
        for v in words
        if not _commute(signs, u, v)
    )
    return next(pairs, None)


def _quaternionic(signs: Signs, u: int, v: int) -> Factor:
    """1, i, j and ij: i² = −1, and j² = 1 or, for want of such words, −1."""
    if signs[u][u] == 1:
        u, v = (u ^ v if signs[v][v] == 1 else v), u
    name = "split_quaternion" if signs[v][v] == 1 else "quaternion"
    return Factor(name, ((0, 1), (u, 1), (v, 1), _times(signs, (u, 1), (v, 1))))


def _central(signs: Signs, words: Sequence[int], nucleus: set[int]) -> int | None:
    """A word that commutes and associates with all, if possible one with the square −1."""
    centre = [z for z in words if z and z in nucleus and all(_commute(signs, z, w) for w in words)]
    return min(centre, key=lambda z: signs[z][z], default=None)


def _complement(signs: Signs, words: Sequence[int], z: int) -> list[int]:
    """Words that give all with z: each generator has the square 1, its own or that with z."""
    found, known = [0], {0, z}
    for w in words:
        if w not in known:
            x = w ^ z if signs[w][w] == -1 == signs[z][z] else w
            known |= {x ^ y for y in known}
            found += [x ^ y for y in found]
    return found


def _octonionic(signs: Signs, words: Sequence[int]) -> Factor | None:
    """A basis as that of the octonions or the split octonions, if there is one: `l² = 1` where it
    can be, over i and j with the square −1.
    """
    negative = [w for w in words[1:] if signs[w][w] == -1]
    if len(words) != 8 or len(negative) not in (3, 7):
        return None
    name = "octonion" if len(negative) == 7 else "split_octonion"
    i, j = negative[:2]
    outside = [w for w in words if w not in (0, i, j, i ^ j)]
    first = ((0, 1), (i, 1), (j, 1), _times(signs, (i, 1), (j, 1)))
    other = max(outside, key=lambda w: signs[w][w])
    return Factor(name, (*first, *(_times(signs, x, (other, 1)) for x in first)))
