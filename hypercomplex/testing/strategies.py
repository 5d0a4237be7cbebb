"""Strategies of hypothesis: algebras, their elements, and tensors of numbers, where bugs live.

Elements are exact, tuples of integers and fractions such as `Algebra.multiply` takes; tensors are
typed, and hold what is hard for floating point besides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, Coefficient
from hypercomplex.algebra.clifford import clifford
from hypercomplex.algebra.composites import lie, tensor_product
from hypercomplex.algebra.constructions import (
    COMPLEX,
    OCTONION,
    QUATERNION,
    REAL,
    cayley_dickson,
)
from hypercomplex.algebra.linear import solve
from hypercomplex.functional.arguments import check_dtype
from hypercomplex.tensor import tensor_type

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["algebras", "elements", "tensors", "units"]

Element = tuple[Coefficient, ...]
_WITHOUT_UNIT = "lie", "anticommutative"
_WIDEST_SEARCH = 16  # zero divisors of larger algebras are not looked for
_MOST_DIFFERENT = 5  # numbers in a tensor; the others repeat them


def algebras(*laws: str, max_dimension: int = 8, unital: bool = True) -> SearchStrategy[Algebra]:
    """Algebras with a unit and a conjugation: classical ones, doubles, Clifford algebras,
    tensor products, and tables that keep no law at all.

    Args:
        laws: what they keep: names of properties without `is_`, such as `"associative"`.
        max_dimension: of how many components their numbers are at most.
        unital: whether all have a unit and a conjugation; else there are some without: tables, and
            Lie algebras of commutators.

    Raises:
        ImportError: if hypothesis is not installed.
        ValueError: if there is no such law, no algebra with a unit keeps it, or `max_dimension` is
            not positive.

    Example:
        >>> from hypothesis import given
        >>> @given(algebras("associative"))
        ... def test(A):
        ...     assert A.is_flexible
        >>> test()
    """
    st = _hypothesis()
    if not isinstance(max_dimension, int) or max_dimension < 1:
        raise ValueError(f"`max_dimension` (={max_dimension!r}) must be a positive integer")
    for law in laws:
        if not isinstance(getattr(Algebra, f"is_{law}", None), property):
            raise ValueError(f"`laws` (={laws}) holds {law!r}, but Algebra has no is_{law}")
        if unital and law in _WITHOUT_UNIT:
            raise ValueError(f"`laws` (={laws}) has {law!r}, which needs `unital=False`")
    exact = st.sampled_from([-1, 1, 0, 2, Fraction(-1, 4)])
    smaller = st.sampled_from([REAL, COMPLEX, QUATERNION, clifford(1)])
    signature = st.tuples(*[st.integers(0, 2)] * 3).filter(
        lambda pqr: 1 << sum(pqr) <= max_dimension
    )
    kinds = [
        st.sampled_from([REAL, COMPLEX, QUATERNION, OCTONION]),
        st.builds(cayley_dickson, smaller, exact),
        st.builds(lambda pqr: clifford(*pqr), signature),
        st.builds(tensor_product, smaller, smaller),
        st.integers(2, max(2, min(4, max_dimension))).flatmap(_tables),
    ]
    if not unital:
        kinds += [
            st.builds(lie, smaller),
            st.integers(1, min(3, max_dimension)).flatmap(_any_tables),
        ]
    return st.one_of(*kinds).filter(
        lambda A: A.dimension <= max_dimension and all(_keeps(A, law) for law in laws)
    )


def _tables(n: int) -> SearchStrategy[Algebra]:
    """Algebras of random products, each of two units one number."""
    st = _hypothesis()
    one = [(0, i, i, 1) for i in range(n)] + [(i, 0, i, 1) for i in range(1, n)]
    pairs = [(i, j) for i in range(1, n) for j in range(1, n)]
    value = st.sampled_from([0, 0, 1, -1, 2, Fraction(1, 3)])
    products = st.tuples(*[st.tuples(st.integers(0, n - 1), value)] * len(pairs))
    return products.map(
        lambda found: Algebra(
            ("1", *(f"e{i}" for i in range(1, n))),
            (*one, *((i, j, k, c) for (i, j), (k, c) in zip(pairs, found, strict=True) if c)),
            (1, *[-1] * (n - 1)),
            "TABLE",
        )
    )


def _any_tables(n: int) -> SearchStrategy[Algebra]:
    """Algebras of random products, without a conjugation."""
    st = _hypothesis()
    constants = st.dictionaries(
        st.tuples(*[st.integers(0, n - 1)] * 3),
        st.sampled_from([1, -1, 2, Fraction(1, 3)]),
        max_size=2 * n,
    )
    units = tuple(f"e{i}" for i in range(n))
    return constants.map(
        lambda found: Algebra(units, tuple((*ijk, c) for ijk, c in found.items()), None, "TABLE")
    )


def _keeps(algebra: Algebra, law: str) -> bool:
    try:
        return bool(getattr(algebra, f"is_{law}"))
    except NotImplementedError:  # undecided
        return False


def elements(algebra: Algebra) -> SearchStrategy[Element]:
    """Exact elements: 0, 1, −1, those of the basis and sums of two, pure ones, near 0, huge, half
    turns, zero divisors, and any other.

    Raises:
        ImportError: if hypothesis is not installed.
        TypeError: if `algebra` is not an `Algebra`.

    Example:
        >>> from hypothesis import given
        >>> @given(elements(hc.OCTONION), elements(hc.OCTONION))
        ... def test_octonions_are_alternative(x, y):
        ...     times = hc.OCTONION.multiply
        ...     assert times(times(x, x), y) == times(x, times(x, y))
        >>> test_octonions_are_alternative()
    """
    st = _hypothesis()
    _check_algebra(algebra)
    value = st.one_of(
        st.integers(-3, 3),
        st.fractions(-10, 10, max_denominator=20),
        st.sampled_from([Fraction(1, 10**12), Fraction(-1, 10**30), 10**12, -(10**30)]),
    )
    anything = st.tuples(*[value] * algebra.dimension)
    return st.one_of(st.sampled_from(_hard_elements(algebra)), anything)


def units(algebra: Algebra) -> SearchStrategy[Element]:
    """Exact elements with `u ū = 1`: `u = (1 + v)(1 − v)⁻¹` with `v̄ = −v`.

    Raises:
        ImportError: if hypothesis is not installed.
        TypeError: if `algebra` is not an `Algebra`.
        ValueError: if it has no unit or no conjugation, or powers in it are ambiguous.

    Example:
        >>> from hypothesis import given
        >>> @given(units(hc.QUATERNION))
        ... def test(u):
        ...     assert hc.QUATERNION.norm(u) == 1
        >>> test()

    Source:
        A. Cayley, *Sur quelques propriétés des déterminants gauches*, 1846.
    """
    _check_algebra(algebra)
    if algebra.unit is None or algebra.conjugation is None or not algebra.is_power_associative:
        raise ValueError(
            f"`algebra` (={algebra}) must have a unit, a conjugation, and powers without ambiguity"
        )
    found = elements(algebra).map(lambda x: _cayley_transform(algebra, x))
    return found.filter(bool)


def _cayley_transform(algebra: Algebra, x: Element) -> Element:
    """`(1 + v)(1 − v)⁻¹` of `v = (x − x̄)/2`; empty if `1 − v` has no inverse."""
    one = algebra.unit or ()
    v = [Fraction(a - b) / 2 for a, b in zip(x, algebra.conjugate(x), strict=True)]
    matrix = algebra.left_matrix([a - b for a, b in zip(one, v, strict=True)])
    rows = [{j: c for j, c in enumerate(row) if c} for row in matrix]
    found = solve(rows, {k: c for k, c in enumerate(one) if c})
    if found is None:
        return ()
    inverse = [found.get(k, 0) for k in range(algebra.dimension)]
    u = algebra.multiply([a + b for a, b in zip(one, v, strict=True)], inverse)
    return u if algebra.multiply(u, algebra.conjugate(u)) == one else ()


def tensors(
    algebra: Algebra,
    shape: Any = (),
    dtype: Any = torch.float64,
    *,
    numbers: SearchStrategy[Sequence[Any]] | None = None,
    extremes: bool = False,
) -> SearchStrategy[Any]:
    """Typed tensors of numbers where bugs live, in every layout of memory.

    Numbers are exact elements, rounded, those near a half turn (`π e_i` and its neighbours) and of
    length near 0 or 1, and any other; with `extremes` those near the ends of the dtype, too.

    Args:
        algebra: that of the numbers.
        shape: of the tensor, or a strategy for it.
        dtype: a floating-point type, or a strategy for it.
        numbers: a strategy for the coefficients of one number, instead of the above.
        extremes: whether squares may overflow and underflow.

    Raises:
        ImportError: if hypothesis is not installed.
        TypeError: if `algebra` is not an `Algebra`, or `dtype` is not a floating-point type.
        ValueError: if a size in `shape` is negative.

    Example:
        >>> from hypothesis import given
        >>> @given(tensors(hc.QUATERNION, (2, 3), numbers=units(hc.QUATERNION)))
        ... def test(q):
        ...     hc.testing.assert_close(q * q.conj(), torch.ones(2, 3).double())
        >>> test()
    """
    st = _hypothesis()
    _check_algebra(algebra)

    def drawn(draw: Any) -> Any:
        size = _drawn(draw, shape)
        size = (size,) if isinstance(size, int) else tuple(size)
        if not all(isinstance(k, int) and k >= 0 for k in size):
            raise ValueError(f"`shape` (={size}) must hold sizes, which are not negative")
        kind = _drawn(draw, dtype)
        check_dtype("dtype", kind)
        one = numbers if numbers is not None else _numbers(algebra, kind, extremes)
        pool = draw(st.lists(one, min_size=1, max_size=_MOST_DIFFERENT))
        chance = draw(st.randoms(use_true_random=False))
        chosen = [chance.choice(pool) for _ in range(math.prod(size))]
        values = [[float(c) for c in x] for x in chosen]
        components = torch.tensor(values, dtype=torch.float64).to(kind)
        layout = draw(st.sampled_from(_LAYOUTS))
        return tensor_type(algebra)(layout(components.reshape(*size, algebra.dimension)))

    return st.composite(drawn)()


def _drawn(draw: Any, value: Any) -> Any:
    from hypothesis.strategies import SearchStrategy

    return draw(value) if isinstance(value, SearchStrategy) else value


def _numbers(algebra: Algebra, dtype: torch.dtype, extremes: bool) -> Any:
    """Coefficients of one number, of a size that the dtype has."""
    st = _hypothesis()
    n, limits = algebra.dimension, torch.finfo(dtype)
    largest = min(1e3, limits.max / (8 * n))
    value = st.floats(-largest, largest, allow_nan=False, allow_subnormal=False)
    direction = st.integers(0, n - 1)
    lengths = [math.pi, math.pi * (1 - limits.eps), math.pi * (1 + limits.eps), 2 * math.pi]
    lengths += [limits.eps, math.sqrt(limits.eps), 1 - limits.eps, 1 + limits.eps]
    if extremes:
        lengths += [limits.tiny, limits.smallest_normal * limits.eps, limits.tiny**0.5]
        lengths += [limits.max / (8 * n), 0.5 * limits.max**0.5, 2 * limits.max**0.5]
    along = st.tuples(direction, st.sampled_from(lengths), st.sampled_from([1.0, -1.0]))
    hard = [x for x in _hard_elements(algebra) if all(-largest <= c <= largest for c in x)]
    return st.one_of(
        st.sampled_from(hard),
        along.map(lambda ils: [ils[1] * ils[2] * (i == ils[0]) for i in range(n)]),
        st.tuples(*[value] * n),
    )


@lru_cache(256)
def _hard_elements(algebra: Algebra) -> list[Element]:
    """0, ±1, the basis, sums of two of it, pure ones near 0 and half turns, zero divisors."""
    n = algebra.dimension
    basis = [tuple(int(i == k) for i in range(n)) for k in range(n)]
    one = algebra.unit or basis[0]
    found: list[Element] = [(0,) * n, one, tuple(-c for c in one), *basis]
    found += [tuple(map(sum, zip(*pair, strict=True))) for pair in pairwise(basis)]
    pure = (0, *range(1, n))
    for size in (Fraction(1, 10**8), Fraction(1, 10**30), Fraction(math.pi)):
        found += [tuple(size * c for c in basis[-1]), tuple(size * c for c in pure)]
        found.append(tuple(a + size * b for a, b in zip(one, pure, strict=True)))
    if n <= _WIDEST_SEARCH and not _keeps(algebra, "division"):
        found += _zero_divisors(algebra)
    return found


def _zero_divisors(algebra: Algebra) -> list[Element]:
    try:
        witness = algebra.is_division.elements or ()
    except NotImplementedError:  # undecided
        return []
    return [x for x in witness if all(isinstance(c, (int, Fraction)) for c in x)]


def _strided(x: Tensor) -> Tensor:
    """The same numbers, each second in memory."""
    return torch.stack([x, torch.full_like(x, math.nan)], -2)[..., 0, :]


def _planar(x: Tensor) -> Tensor:
    """The same numbers, each component a plane of its own."""
    return x.movedim(-1, 0).contiguous().movedim(0, -1)


def _turned(x: Tensor) -> Tensor:
    """The same numbers, the axes the other way round in memory."""
    order = [*range(x.ndim - 2, -1, -1), x.ndim - 1]
    return x.permute(order).contiguous().permute(order)


_LAYOUTS = (Tensor.contiguous, _strided, _planar, _turned)


def _check_algebra(algebra: Any) -> None:
    if not isinstance(algebra, Algebra):
        raise TypeError(f"`algebra` (={algebra!r}) must be an Algebra, such as QUATERNION")


def _hypothesis() -> Any:
    """The strategies of hypothesis."""
    try:
        from hypothesis import strategies
    except ImportError as error:
        raise ImportError(
            "strategies are made of hypothesis, which is not installed: "
            'pip install "hypercomplex-torch[testing]"'
        ) from error
    return strategies
