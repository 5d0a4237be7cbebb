"""Multivectors as exact coefficients, and their products by the definitions: the slow twins."""

from fractions import Fraction

import pytest
import torch
from hypothesis import strategies as st

import hypercomplex as hc

OBLIQUE = hc.clifford(metric=[[1, 2, 0], [2, 0, -1], [0, -1, 3]])
SIGNATURES = [
    (2, 0, 0),
    (3, 0, 0),
    (1, 3, 0),
    (4, 1, 0),
    (3, 0, 1),
    (2, 1, 1),
]
ALGEBRAS = [*(hc.clifford(*each) for each in SIGNATURES), hc.QUATERNION, hc.PGA, OBLIQUE]
every_algebra = pytest.mark.parametrize("A", ALGEBRAS, ids=str)


def part(A, x, k):
    """⟨x⟩ₖ, the blades with k generators."""
    return [c if place.bit_count() == k else 0 for place, c in enumerate(x)]


def by_grades(A, a, b, kept):
    """Σ ⟨⟨a⟩ᵣ ⟨b⟩ₛ⟩ₖ over the r, s and k that are kept."""
    d = A.blades.generators
    total = [0] * A.dimension
    for r in range(d + 1):
        for s in range(d + 1):
            product = A.multiply(part(A, a, r), part(A, b, s))
            for k in range(d + 1):
                if kept(r, s, k):
                    total = [t + c for t, c in zip(total, part(A, product, k), strict=True)]
    return total


def half(A, a, b, sign):
    """(ab ± ba) / 2."""
    pairs = zip(A.multiply(a, b), A.multiply(b, a), strict=True)
    return [Fraction(x + sign * y, 2) for x, y in pairs]


def reversed_(x):
    """Each blade with its generators in the opposite order, one exchange after the other."""
    return [c * (-1) ** sum(range(place.bit_count())) for place, c in enumerate(x)]


def pseudoscalar(A):
    return [0] * (A.dimension - 1) + [1]


def integers(A, *shape, seed=0):
    """Small integers, which float64 multiplies exactly."""
    generator = torch.Generator().manual_seed(seed)
    size = (*shape, A.dimension)
    return torch.randint(-4, 5, size, generator=generator).double()


def coefficients(A, grades=None):
    """Exact multivectors, of some grades only."""
    value = st.integers(-5, 5)
    drawn = st.tuples(*[value] * A.dimension)
    return drawn if grades is None else drawn.map(lambda x: _kept(x, grades))


def _kept(x, grades):
    return tuple(c if place.bit_count() in grades else 0 for place, c in enumerate(x))


def vectors(A):
    return coefficients(A, (1,))


def tensor(x):
    return torch.tensor([float(c) for c in x], dtype=torch.float64)
