"""Schemes compute their maps exactly, in as few products as the field knows, and are found."""

import itertools
import pickle
import random
from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex.algebra import Bilinear, Scheme, scheme
from hypercomplex.algebra.bounds import at_least
from hypercomplex.algebra.fewest import scheme as found
from hypercomplex.algebra.schemes import literal
from hypercomplex.algebra.stored import read, stored
from tests.cases import (
    DUAL,
    FRACTIONAL,
    SEDENION,
    SPLIT_COMPLEX,
    SPLIT_QUATERNION,
    every_small_algebra,
)

SPLIT_OCTONION = hc.cayley_dickson(hc.QUATERNION, 1, name="SPLIT_OCTONION")


def constants(scheme):
    """The map of a scheme, by the sum over all products: the slow twin."""
    total = {}
    entries = lambda row: [(m, c) for m, c in enumerate(row) if c]
    for number, (u, v) in enumerate(zip(scheme.left, scheme.right, strict=True)):
        p = [row[number] for row in scheme.out]
        for (i, x), (j, y), (k, z) in itertools.product(entries(u), entries(v), entries(p)):
            total[i, j, k] = total.get((i, j, k), 0) + x * y * z
    return {place: c for place, c in total.items() if c}


def of(product):
    return {(i, j, k): c for i, j, k, c in product.constants}


def tensor(a, b, name="TENSOR"):
    """The tensor product of two algebras, the second inside."""
    n = b.dimension
    products = tuple(
        (i * n + p, j * n + q, k * n + r, c * d)
        for i, j, k, c in a.products
        for p, q, r, d in b.products
    )
    units = tuple(f"{u}·{v}" for u in a.units for v in b.units)
    return hc.Algebra(units, products, (1, *[-1] * (len(units) - 1)), name)


def moved(product, seed, scales=(1, -1)):
    """The map in a basis that is permuted and scaled, on each of the three sides."""
    rng = random.Random(seed)
    places = [rng.sample(range(n), n) for n in product.shape]
    factors = [[rng.choice(scales) for _ in range(n)] for n in product.shape]
    return Bilinear(
        product.shape,
        tuple(
            (
                places[0][i],
                places[1][j],
                places[2][k],
                c * factors[0][i] * factors[1][j] * factors[2][k],
            )
            for i, j, k, c in product.constants
        ),
        f"moved {product}",
    )


@pytest.mark.parametrize("each", stored(), ids=lambda each: f"{each.algebra} {each.scheme.rank}")
def test_what_is_stored_is_exact(each):
    assert constants(each.scheme) == of(each.scheme.map)
    assert each.at_least <= each.scheme.rank


def test_what_is_stored_is_compared_when_it_is_read():
    block = (
        "complex\n    at least: 3, known\n    source: S\n    s0 = a0 * b0\n    s1 = a1 * b1\n"
        "    s2 = (a0 + a1) * (b0 + b1)\n    c0 = s0 - s1\n    c1 = (-2*s0 - 2*s1 + 2*s2) / 2\n"
    )
    assert read(block).scheme.rank == 3
    for right, wrong in (("2*s2", "3*s2"), ("a0 + a1", "a0 - a1"), ("a1 * b1", "a1 * 2*b1")):
        assert right in block
        with pytest.raises(ValueError, match="do not give that of complex"):
            read(block.replace(right, wrong))


RANKS = [
    (hc.REAL, 1),
    (hc.COMPLEX, 3),
    (SPLIT_COMPLEX, 2),
    (DUAL, 3),
    (FRACTIONAL, 3),
    (hc.QUATERNION, 8),
    (SPLIT_QUATERNION, 7),
    (tensor(SPLIT_COMPLEX, hc.COMPLEX, "TESSARINE"), 6),
    (tensor(hc.COMPLEX, hc.COMPLEX, "BICOMPLEX"), 6),
    (tensor(SPLIT_COMPLEX, SPLIT_COMPLEX, "HYPERBOLIC"), 4),
    (tensor(hc.COMPLEX, hc.QUATERNION, "BIQUATERNION"), 21),
    (tensor(SPLIT_COMPLEX, hc.QUATERNION, "SPLIT_BIQUATERNION"), 16),
    (tensor(DUAL, hc.QUATERNION, "DUAL_QUATERNION"), 24),
    (hc.OCTONION, 24),
    (SPLIT_OCTONION, 22),
    (tensor(hc.COMPLEX, hc.OCTONION, "BIOCTONION"), 66),
    (SEDENION, 96),
    (hc.clifford(3), 21),
    (hc.clifford(2, 1), 14),
    (hc.clifford(0, 3), 16),
    (hc.clifford(1, 3), 56),
    (hc.clifford(3, 1), 49),
    (hc.clifford(4, 1), 147),
    (hc.clifford(3, 0, 1), 63),
    (hc.cayley_dickson(SEDENION, name="TRIGINTADUONION"), 384),
]


@pytest.mark.parametrize(("algebra", "rank"), RANKS, ids=lambda each: str(each))
def test_as_few_products_as_are_known(algebra, rank):
    best = scheme(algebra)
    assert best.rank == rank
    assert best.map == algebra.product
    assert best.computes(algebra)
    if algebra.dimension <= 16:
        assert constants(best) == of(algebra.product)


@every_small_algebra
def test_gradients_are_the_same_products(algebra):
    best, product = scheme(algebra), algebra.product
    for turned in ("of_left", "of_right", "swapped"):
        assert constants(getattr(best, turned)) == of(getattr(product, turned))
        assert getattr(best, turned).rank == best.rank


SIGNATURES = [
    pytest.param(pqr, marks=pytest.mark.nightly) if sum(pqr) == 5 else pqr
    for pqr in itertools.product(range(6), repeat=3)
    if 0 < sum(pqr) <= 5
]


@pytest.mark.parametrize("signature", [*SIGNATURES, (2, 3, 0), (5, 0, 0), (0, 3, 2)], ids=str)
def test_every_clifford_algebra(signature):
    p, q, r = signature
    algebra = hc.clifford(p, q, r)
    best, n = scheme(algebra), algebra.dimension
    assert best.computes(algebra)
    real = [
        1,
        2,
        7,
        14,
        49,
        98,
    ]  # of matrices over ℝ, and two of them; over ℍ 8/7, over ℂ 3/2 of it
    factors = (1, Fraction(8, 7), Fraction(3, 2))
    assert best.rank in [3**r * real[p + q] * factor for factor in factors]
    if n <= 8:
        assert constants(best) == of(algebra.product)


MAPS = [
    hc.QUATERNION.product.of_left,
    hc.OCTONION.right_conjugated,
    hc.QUATERNION.commutator,
    hc.QUATERNION.inner_product,
    hc.clifford(2, 0, 1).product.of_right,
    Bilinear((2, 3, 2), ((0, 0, 0, 1), (0, 1, 1, 2), (1, 2, 1, Fraction(-1, 3)))),
]


@pytest.mark.parametrize("product", MAPS, ids=str)
def test_any_map_has_a_scheme(product):
    best = scheme(product)
    assert constants(best) == of(product)
    assert best.rank <= literal(product).rank


def test_isotopes_are_recognised():
    assert scheme(hc.QUATERNION.product.of_left).rank == 8
    assert scheme(hc.OCTONION.right_conjugated).rank == 24
    for algebra, rank in RANKS[1:20]:
        if algebra.dimension <= 8:
            for seed in range(3):
                assert scheme(moved(algebra.product, seed)).rank == rank
    scaled = moved(hc.QUATERNION.product, 1, (1, -2, Fraction(3, 2)))
    assert scheme(scaled).rank == 8
    assert constants(scheme(scaled)) == of(scaled)


def test_isotopes_have_the_same_choice():
    choice = lambda product: [
        (s.rank, round(s.amplification, 9)) for s in hc.algebra.alternatives(product)
    ]
    assert choice(hc.clifford(2)) == choice(SPLIT_QUATERNION)
    assert choice(moved(SPLIT_QUATERNION.product, 5)) == choice(SPLIT_QUATERNION)
    assert scheme(hc.clifford(3), 0.5).rank == 64  # none is more accurate than the literal one


def test_sums_of_maps_are_recognised():
    product, n = hc.QUATERNION.product, 4
    twice = Bilinear(
        (8, 8, 8),
        product.constants + tuple((i + n, j + n, k + n, -c) for i, j, k, c in product.constants),
    )
    assert scheme(twice).rank == 16
    assert scheme(product).direct_sum(scheme(product.scaled(out=[-1] * 4))).computes(twice)
    matrices = Bilinear(
        (4, 4, 4),
        tuple(
            (2 * i + j, 2 * j + k, 2 * i + k, 1) for i, j, k in itertools.product((0, 1), repeat=3)
        ),
    )
    assert scheme(matrices).rank == 7


def test_tensor_products_of_any_maps_are_recognised():
    """Truncated polynomials, which are no algebra of signs, with complex coefficients."""
    cut = [(i, j, i + j, Fraction(1, 1 + j)) for i in range(3) for j in range(3 - i)]
    for rank, each in ((3, hc.COMPLEX.product), (8, hc.QUATERNION.product)):
        n = each.shape[0]
        both = [
            (n * i + p, n * j + q, n * k + r, c * d)
            for (i, j, k, c), (p, q, r, d) in itertools.product(cut, each.constants)
        ]
        inside = Bilinear((3 * n,) * 3, tuple(both))
        assert scheme(inside).rank == 6 * rank
        assert constants(scheme(inside)) == of(inside)
        places = [3 * (m % n) + m // n for m in range(3 * n)]
        outside = Bilinear(
            (3 * n,) * 3, tuple((places[i], places[j], places[k], c) for i, j, k, c in both)
        )
        assert scheme(outside).rank == 6 * rank
        i, j, k, c = both[-1]
        broken = Bilinear((3 * n,) * 3, (*both[:-1], (i, j, k, 2 * c)))
        assert scheme(broken).computes(broken)


@pytest.mark.parametrize(
    ("algebra", "most", "rank"),
    [
        (hc.COMPLEX, 1.4, 4),
        (hc.QUATERNION, 1.5, 8),
        (hc.QUATERNION, 1, 16),
        (SPLIT_QUATERNION, 1, 8),
        (hc.OCTONION, 2, 30),
        (hc.OCTONION, 1.5, 32),
        (SPLIT_OCTONION, 1.5, 22),
        (hc.clifford(3), 2.5, 21),
        (hc.clifford(3), 1.5, 24),
        (hc.clifford(3, 1), 1, 64),
        (hc.clifford(4, 1), 2.5, 168),
    ],
    ids=str,
)
def test_accuracy_is_bought_with_products(algebra, most, rank):
    best = scheme(algebra, most)
    assert best.rank == rank
    assert best.amplification <= most + 1e-6
    assert best.computes(algebra)


@pytest.mark.parametrize("algebra", [a for a, _ in RANKS if a.dimension <= 16], ids=str)
def test_a_choice_of_schemes(algebra):
    """From the fewest products to the most accurate, each for a reason."""
    choice = hc.algebra.alternatives(algebra)
    assert choice[0] == scheme(algebra)
    assert choice[-1].amplification == pytest.approx(1)
    for better, worse in itertools.pairwise(choice):
        assert better.rank <= worse.rank
        assert better.amplification > worse.amplification
        assert worse.computes(algebra)


@pytest.mark.parametrize(
    ("algebra", "bound"),
    [
        (hc.REAL, 1),
        (hc.COMPLEX, 3),
        (DUAL, 3),
        (SPLIT_COMPLEX, 2),
        (hc.clifford(1, 1), 7),
        (tensor(hc.COMPLEX, hc.COMPLEX), 6),
        (hc.OCTONION, 15),
        (SEDENION, 16),
        (hc.clifford(2, 1), 14),
        (hc.clifford(0, 3), 14),
        (hc.clifford(3), 15),
        (hc.clifford(4, 1), 63),
        (hc.clifford(0, 3, 2), 62),
    ],
    ids=str,
)
def test_what_theorems_say(algebra, bound):
    least, why = at_least(algebra)
    assert least == bound <= scheme(algebra).rank
    assert why


def test_amplification_is_that_of_random_rounding():
    assert scheme(hc.QUATERNION).amplification == pytest.approx(sqrt(2))
    assert scheme(hc.OCTONION).amplification == pytest.approx(2.4026, abs=1e-4)
    assert scheme(SPLIT_OCTONION).amplification == pytest.approx(sqrt(7) / 2)
    assert literal(hc.OCTONION.product).amplification == 1
    for algebra, _ in RANKS:
        if algebra.dimension <= 8:
            best = scheme(algebra)
            again = Scheme(best.left, best.right, best.out)  # which finds its map out by itself
            assert again.map == algebra.product
            assert again.amplification == pytest.approx(best.amplification)


@every_small_algebra
@pytest.mark.parametrize("scale", ["left", "right", "out"])
def test_integers_but_where_the_weight_is(algebra, scale):
    whole = scheme(algebra).integral(scale)
    assert whole.computes(algebra)
    for side in {"left", "right", "out"} - {scale}:
        assert all(isinstance(c, int) for row in getattr(whole, side) for c in row)
    best = scheme(algebra)
    assert best == best.integral("left")


def test_schemes_made_of_schemes():
    a, b = hc.QUATERNION, hc.clifford(1, 0)
    both = tensor(a, b)
    assert scheme(a).tensor(scheme(b)).computes(both)
    turned = ((0, 1), (-1, 0))
    image = scheme(hc.COMPLEX).moved(turned, turned, turned)
    for x, y in itertools.product(((1, 0), (0, 1), (2, 5)), repeat=2):
        turn = lambda z: (z[1], -z[0])
        assert image(x, y) == turn(hc.COMPLEX.multiply(turn(x), turn(y)))
    minus = scheme(a.product.swapped.scaled(out=[-1] * 4))
    assert scheme(a).plus(minus).computes(a.commutator)


def test_a_wrong_factor_is_seen():
    best = scheme(hc.OCTONION)
    for side in ("left", "right", "out"):
        rows = getattr(best, side)
        for row, column in ((0, 0), (2, 1), (7, 5)):
            for change in (1, Fraction(1, 10**9), 2**200):
                wrong = [list(r) for r in rows]
                wrong[row][column] += change
                parts = {s: getattr(best, s) for s in ("left", "right", "out")}
                assert not Scheme(**{**parts, side: tuple(map(tuple, wrong))}).computes(hc.OCTONION)
    assert not best.computes(hc.QUATERNION)


def test_schemes_are_values():
    best = scheme(hc.QUATERNION)
    assert pickle.loads(pickle.dumps(best)) == best
    assert hash(Scheme(best.left, best.right, best.out)) == hash(best)
    assert found(hc.QUATERNION) is found(hc.QUATERNION)
    assert str(best).splitlines()[-4] == "c0 = s0 + s1 + s2 + s3 + s4"
    assert scheme(hc.clifford(6)) is None
    assert scheme(Bilinear((2, 2, 2), ())) is None
    assert Scheme([[1]], [[1]], [[1]]) == literal(hc.REAL.product)
    with pytest.raises(ValueError, match="`right`"):
        Scheme(((1,),), (), ((1,),))
    with pytest.raises(TypeError, match="`out` holds float"):
        Scheme(((1,),), ((1,),), ((1.0,),))
    with pytest.raises(TypeError, match=r"`left` .* must be a sequence"):
        Scheme(1, ((1,),), ((1,),))
    with pytest.raises(TypeError, match=r"`product` .* must be an Algebra or a Bilinear"):
        scheme("octonions")
    with pytest.raises(ValueError, match="have 1, 2 and 1"):
        Scheme(((1,),), ((1,), (1,)), ((1,),))


@st.composite
def tables_of_words(draw):
    """Products of basis elements that are multiples of basis elements, some of them zero."""
    n = 1 << draw(st.integers(0, 3))
    values = draw(st.sampled_from([(1, -1), (1, -1, 0), (1, 1, 1, 0), (1, 4, -9), (2, 3)]))
    signs = draw(st.lists(st.sampled_from(values), min_size=n * n, max_size=n * n))
    table = tuple((u, v, u ^ v, signs[u * n + v]) for u in range(n) for v in range(n))
    return moved(Bilinear((n, n, n), table), draw(st.integers(0, 99)))


@st.composite
def maps(draw):
    """Any constants at all."""
    shape = draw(st.tuples(*[st.integers(1, 4)] * 3))
    places = st.tuples(*(st.integers(0, n - 1) for n in shape))
    values = st.sampled_from([1, -1, 2, Fraction(1, 3)])
    table = draw(st.dictionaries(places, values, min_size=1, max_size=12))
    return Bilinear(shape, tuple((*place, c) for place, c in table.items()))


@given(st.one_of(tables_of_words(), maps()), st.sampled_from([1, 1.5, 2.5, 100]))
def test_schemes_of_random_maps(product, most):
    best = scheme(product, most)
    if not product.constants:
        assert best is None
        return
    assert constants(best) == of(product)
    assert best.rank <= literal(product).rank
    assert best.amplification <= most + 1e-6
    assert best.lean().computes(product)
