"""The scheme of fewest products that is known for a map, put together as its constants tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import chain
from itertools import product as cartesian
from math import inf, prod

from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.bilinear import Bilinear, plain, trusted
from hypercomplex.algebra.gradings import (
    Factor,
    Grading,
    Signs,
    Unital,
    factors,
    grading,
    multiplied,
    unital,
)
from hypercomplex.algebra.matrices import transposed, unit
from hypercomplex.algebra.schemes import Scheme, known, literal
from hypercomplex.algebra.stored import forms
from hypercomplex.algebra.tables import Coefficient, Shape

__all__ = ["alternatives", "part", "scheme"]

_WIDEST = 32  # of whose schemes the making is a matter of a second
_ROUNDING = 1 + 1e-9  # of the square roots that are compared
Places = tuple[Sequence[int], Sequence[int], Sequence[int]]


@lru_cache(512)
def scheme(product: Bilinear | Algebra, most_amplification: float = inf) -> Scheme | None:
    """The scheme of fewest products that is known for a map, with small integers in `right` and
    `out`; None for a map of more than 32 components, or one that is zero.

    It is put together as the constants tell, whatever the algebra is called and however it was
    made: direct sums, tensor products and bases that are permuted or scaled are recognised,
    Clifford algebras of any signature are matrices over ℝ, ℂ and ℍ, other doubled algebras take the
    products of their halves, and blocks of zeros cost nothing. Where nothing is known there is one
    product for each pair of components that has one. The result is compared with the constants.

    Args:
        product: the map, or an algebra for its product.
        most_amplification: the `amplification` that the scheme may have; that of one product for
            each constant is 1.

    Raises:
        TypeError: if `product` is no exact map.

    Example:
        >>> algebras = hc.COMPLEX, hc.QUATERNION, hc.OCTONION, hc.clifford(3, 1)
        >>> [scheme(A).rank for A in algebras]
        [3, 8, 24, 49]
        >>> [scheme(A, most_amplification=1.5).rank for A in algebras]
        [3, 8, 32, 64]
    """
    if not isinstance(product, (Algebra, Bilinear)):
        raise TypeError(f"`product` (={product!r}) must be an Algebra or a Bilinear")
    product = product.product
    if max(product.shape) > _WIDEST or not product.constants:
        return None
    found = _found(product, most_amplification).integral()
    assert found.computes(product), f"what was found for {product} is another map"
    return found


def alternatives(
    product: Bilinear | Algebra, most_amplification: float = inf
) -> tuple[Scheme, ...]:
    """All that are worth a choice, from the fewest products to the most accurate; these may take
    fewer additions, too.

    Example:
        >>> [(s.rank, round(s.amplification, 2)) for s in alternatives(hc.clifford(3))]
        [(21, 2.38), (24, 1.41), (32, 1.0)]
    """
    found: list[Scheme] = []
    while (best := scheme(product, most_amplification)) is not None:
        found.append(best)
        if best.amplification <= _ROUNDING:
            break
        most_amplification = best.amplification / _ROUNDING**2
    return tuple(found)


@lru_cache(512)
def _found(product: Bilinear, most: float) -> Scheme:
    """The best scheme of each connected part, side by side."""
    return _summed(product, _components(product), lambda x: _best(x, most))


def _best(product: Bilinear, most: float) -> Scheme:
    """Of what is known for a connected map, the fewest products and among these the fewest sums."""
    suiting = (s for s in _candidates(product, most) if s.amplification <= most * _ROUNDING)
    return min((literal(product), *suiting), key=_cost)


def _cost(scheme: Scheme) -> tuple[int, int]:
    """Products, and terms of the sums before and after them."""
    return scheme.rank, sum(map(bool, chain(*scheme.right, *scheme.out)))


def _amplification(factors: Sequence[Scheme]) -> float:
    return prod(s.amplification for s in factors)


def _candidates(product: Bilinear, most: float) -> Iterator[Scheme]:
    yield from forms(product)
    graded = grading(product)
    if graded is None:
        yield from _of_copies(product, most)
        return
    if len(graded.out) == 1:
        return
    scaled = unital(graded.constants)
    parts = factors(scaled.signs) if scaled is not None else []
    if scaled is not None:
        for tensor in _tensors(parts, scaled.signs, most):
            yield known(_in_place(tensor, parts, graded, scaled), product)
    if len(parts) < 2:
        yield _summed(product, _blocks(graded), lambda x: _found(x, most))


# ---------------------------------------------------------------------- sums


def _summed(
    product: Bilinear, blocks: Sequence[Places], best: Callable[[Bilinear], Scheme]
) -> Scheme:
    """A map as the sum of its parts between some components."""
    parts = ((places, part(product, places)) for places in blocks)
    found = [best(x).among(*places, product.shape) for places, x in parts if x.constants]
    return known(reduce(Scheme.plus, found), product)


def part(product: Bilinear, places: Places) -> Bilinear:
    """The map between the components at these places."""
    left, right, out = ({place: m for m, place in enumerate(side)} for side in places)
    constants = sorted(
        (left[i], right[j], out[k], c)
        for i, j, k, c in product.constants
        if i in left and j in right and k in out
    )
    return trusted((len(left), len(right), len(out)), tuple(constants), f"part of {product}")


def _components(product: Bilinear) -> list[Places]:
    """Components of factors and result that have nothing to do with the others."""
    parts: list[list[set[int]]] = []
    for *place, _ in product.constants:
        joined, apart = [{m} for m in place], []
        for part in parts:
            if any(m in side for m, side in zip(place, part, strict=True)):
                joined = [x | y for x, y in zip(joined, part, strict=True)]
            else:
                apart.append(part)
        parts = [*apart, joined]
    return [(sorted(i), sorted(j), sorted(k)) for i, j, k in parts]


def _blocks(graded: Grading) -> list[Places]:
    """Half the components with half of the others, cut so that most of these products are zero, or
    else at the last doubling.
    """
    n = len(graded.out)
    pairs = [(u, v) for u, v in cartesian(range(n), repeat=2) if graded.constants[u][v]]
    cuts = [n >> 1, *range(1, n)] if len(pairs) < n * n else [n >> 1]
    cut = min(cuts, key=lambda cut: len({(_odd(u & cut), _odd(v & cut)) for u, v in pairs}))
    even, odd = ([w for w in range(n) if _odd(w & cut) == side] for side in (False, True))
    return [
        ([graded.left[w] for w in x], [graded.right[w] for w in y], [graded.out[w] for w in z])
        for x, y, z in ((even, even, even), (even, odd, odd), (odd, even, odd), (odd, odd, even))
    ]


def _odd(word: int) -> bool:
    return word.bit_count() % 2 == 1


# ---------------------------------------------------------------------- tensor products


def _tensors(parts: Sequence[Factor], signs: Signs, most: float) -> Iterator[Scheme]:
    """What is stored of a single factor; of several the tensor product of a scheme for each.

    Together they have the fewest products that are accurate enough, and are the most accurate among
    these, whose sums have most in common.
    """
    products = [_product(part, signs) for part in parts]
    if len(parts) == 1:
        yield from forms(products[0])
        return
    choices = [(*forms(x), _found(x, most), literal(x)) for x in products]
    suiting = [s for s in cartesian(*choices) if _amplification(s) <= most * _ROUNDING]
    if suiting:
        suiting.sort(key=lambda several: (prod(s.rank for s in several), _amplification(several)))
        yield reduce(Scheme.tensor, suiting[0])


def _in_place(tensor: Scheme, parts: Sequence[Factor], graded: Grading, scaled: Unital) -> Scheme:
    """The scheme of a tensor product in the basis of the map."""
    basis = [multiplied(scaled.signs, x) for x in cartesian(*(part.basis for part in parts))]
    n = len(basis)
    left = (unit(graded.left[w], n, sign * scaled.left[w]) for w, sign in basis)
    right = (unit(graded.right[w], n, sign * scaled.right[w]) for w, sign in basis)
    out = (unit(graded.out[w], n, Fraction(sign) / scaled.out[w]) for w, sign in basis)
    return tensor.moved(tuple(left), tuple(right), transposed(tuple(out)))


def _of_copies(product: Bilinear, most: float) -> Iterator[Scheme]:
    """The tensor product of two maps of any kind, where the constants are those of one, repeated in
    blocks times those of the other.
    """
    n, m, o = product.shape
    for inside in cartesian(_divisors(n), _divisors(m), _divisors(o)):
        outside = n // inside[0], m // inside[1], o // inside[2]
        if (1, 1, 1) not in (inside, outside) and (pair := _split(product, inside, outside)):
            first, second = (_found(x, most) for x in pair)
            yield known(first.tensor(second), product)


def _split(product: Bilinear, inside: Shape, outside: Shape) -> tuple[Bilinear, Bilinear] | None:
    """The two maps of a tensor product, if it is one."""
    (n, m, o), blocks = inside, dict[Shape, dict[Shape, Coefficient]]()
    for i, j, k, c in product.constants:
        blocks.setdefault((i // n, j // m, k // o), {})[i % n, j % m, k % o] = c
    first = next(iter(blocks.values()))
    scale = next(iter(first.values()))
    ratios = {block: Fraction(next(iter(x.values()))) / scale for block, x in blocks.items()}
    for block, found in blocks.items():
        if found != {place: c * ratios[block] for place, c in first.items()}:
            return None
    outer = sorted((i, j, k, plain(c)) for (i, j, k), c in ratios.items())
    inner = sorted((i, j, k, c) for (i, j, k), c in first.items())
    return (
        trusted(outside, tuple(outer), "outer factor"),
        trusted(inside, tuple(inner), "inner factor"),
    )


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _product(factor: Factor, signs: Signs) -> Bilinear:
    """The product of a factor in its own basis."""
    places = {word: (place, sign) for place, (word, sign) in enumerate(factor.basis)}
    constants = []
    for (i, x), (j, y) in cartesian(enumerate(factor.basis), repeat=2):
        word, sign = multiplied(signs, (x, y))
        k, other = places[word]
        constants.append((i, j, k, sign * other))
    return trusted((len(places),) * 3, tuple(constants), "a tensor factor")
