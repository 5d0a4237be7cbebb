"""What strategies make: numbers where bugs live, exact ones exactly, of every shape, dtype and layout."""

import math
import sys
from fractions import Fraction

import pytest
import torch
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex.testing import algebras, elements, tensors, units
from tests.cases import FLOATING, SEDENION, SPLIT_QUATERNION

TELLING = [hc.REAL, hc.QUATERNION, hc.OCTONION, SPLIT_QUATERNION, hc.clifford(1, 1, 1)]
once = settings(suppress_health_check=list(HealthCheck))


def finds(strategy, what):
    return find(
        strategy, what, settings=settings(max_examples=2000, database=None, phases=[Phase.generate])
    )


@given(algebras(max_dimension=4))
def test_algebras_have_a_unit_and_no_more_components_than_asked_for(A):
    assert A.dimension <= 4
    one = (1, *[0] * (A.dimension - 1))
    for i in range(A.dimension):
        e = tuple(int(i == k) for k in range(A.dimension))
        assert A.multiply(one, e) == A.multiply(e, one) == e


@pytest.mark.parametrize(
    "kind",
    [
        lambda A: A == hc.OCTONION,
        lambda A: not A.is_flexible,
        lambda A: not A.is_power_associative,
        lambda A: any(isinstance(c, Fraction) for *_, c in A.products),
        lambda A: A.dimension == 8 and A.is_associative,
        lambda A: A.is_commutative and A.dimension > 2,
        lambda A: not A.is_division and A.has_real_norm,
    ],
)
def test_algebras_of_each_kind_are_found(kind):
    assert kind(finds(algebras(), kind))


@pytest.mark.parametrize(
    "kind",
    [
        lambda A: A.unit is None and not A.is_associative,
        lambda A: A.conjugation is None and A.unit is not None,
        lambda A: A.is_lie and not A.is_commutative,
    ],
)
def test_algebras_without_unit_are_drawn_if_asked_for(kind):
    assert kind(finds(algebras(unital=False), kind))


def test_lie_algebras_are_drawn():
    assert finds(algebras("lie", unital=False), lambda A: A.dimension == 4 and A.products)


@given(algebras("associative", "commutative"))
def test_algebras_keep_the_laws_asked_for(A):
    assert A.is_associative
    assert A.is_commutative


@pytest.mark.parametrize("A", TELLING, ids=str)
def test_elements_are_exact_and_hard(A):
    n = A.dimension
    for wanted in (
        lambda x: not any(x),
        lambda x: x == (1, *[0] * (n - 1)),
        lambda x: 0 < max(map(abs, x)) < Fraction(1, 10**9),
        lambda x: max(map(abs, x)) > 10**9,
        lambda x: n == 1 or (x[0] == 0 and any(x)),
        lambda x: n == 1 or x[-1] == Fraction(math.pi),
        lambda x: A.is_division or (any(x) and not A.norm(x)),
    ):
        found = finds(elements(A), wanted)
        assert all(isinstance(c, int | Fraction) for c in found)


@pytest.mark.parametrize("A", [*TELLING, SEDENION], ids=str)
def test_units_have_norm_one_exactly(A):
    @once
    @given(units(A))
    def norm_is_one(u):
        assert A.multiply(u, A.conjugate(u)) == (1, *[0] * (A.dimension - 1))

    norm_is_one()
    if A.dimension > 1:
        assert finds(units(A), lambda u: abs(u[0]) != 1 and 0 not in u[:2])


def test_units_need_powers_and_a_conjugation():
    ambiguous = finds(algebras(), lambda A: not A.is_power_associative)
    with pytest.raises(
        ValueError, match=r"`algebra` .* must have a unit, a conjugation, and powers"
    ):
        units(ambiguous)


@once
@given(st.data())
def test_tensors_have_the_shape_and_the_dtype(data):
    A = data.draw(st.sampled_from(TELLING))
    shape = data.draw(st.lists(st.integers(0, 3), max_size=3).map(tuple))
    dtype = data.draw(st.sampled_from(FLOATING))
    q = data.draw(tensors(A, shape, dtype, extremes=True))
    assert type(q) is hc.tensor_type(A)
    assert (q.shape, q.dtype) == (shape, dtype)
    assert q.components.isfinite().all()


@pytest.mark.parametrize("dtype", FLOATING, ids=str)
def test_tensors_reach_the_ends_of_their_dtype(dtype):
    limits = torch.finfo(dtype)
    lengths = lambda q: q.components.abs().amax().double()
    for wanted in (
        lambda q: lengths(q) > limits.max**0.5,
        lambda q: 0 < lengths(q) < limits.tiny,
        lambda q: abs(lengths(q) - math.pi) < 8 * limits.eps,
        lambda q: 0 < abs(lengths(q) - 1) <= 2 * limits.eps,
    ):
        finds(tensors(hc.QUATERNION, (), dtype, extremes=True), wanted)


@pytest.mark.parametrize(
    "stride",
    [
        lambda q: q.components.is_contiguous(),
        lambda q: q.components.stride(-1) > 1,
        lambda q: q.stride(0) < q.stride(1),
        lambda q: q.stride(1) == 2 * 4,
    ],
)
def test_tensors_lie_in_memory_in_every_way(stride):
    finds(
        tensors(hc.QUATERNION, (2, 3)),
        lambda q: stride(q) and len(set(q.components.ravel().tolist())) > 3,
    )


def test_shapes_and_dtypes_may_be_drawn():
    q = finds(
        tensors(hc.COMPLEX, st.tuples(st.integers(2, 3)), st.sampled_from([torch.float32])),
        lambda q: q.shape == (3,),
    )
    assert q.dtype == torch.float32


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: algebras(max_dimension=0), ValueError, "`max_dimension` .=0. must be a positive"),
        (lambda: algebras("nice"), ValueError, "`laws` .* holds 'nice'"),
        (lambda: algebras("lie"), ValueError, "`laws` .* has 'lie', which needs `unital=False`"),
        (lambda: finds(tensors(hc.REAL, -1), bool), ValueError, "`shape` .*-1.* not negative"),
        (lambda: finds(tensors(hc.REAL, 1, torch.int32), bool), TypeError, "dtype"),
        (lambda: elements(4), TypeError, "`algebra` .=4. must be an Algebra"),
        (lambda: units("H"), TypeError, "`algebra` .* must be an Algebra"),
        (lambda: tensors(torch.nn), TypeError, "`algebra` .* must be an Algebra"),
    ],
)
def test_what_is_asked_wrongly_says_so(make, error, words):
    with pytest.raises(error, match=words):
        make()


@pytest.mark.parametrize(
    "make", [algebras, *(lambda f=f: f(hc.QUATERNION) for f in (elements, units, tensors))]
)
def test_without_hypothesis_strategies_say_what_to_install(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(
        ImportError, match=r"hypothesis, which is not installed: pip install .*testing"
    ):
        make()
