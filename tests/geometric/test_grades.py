"""Parts of a multivector by grade, and the involutions."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import geometric as G
from tests.cases import every_dtype
from tests.geometric.exact import every_algebra, integers, part, reversed_


@every_algebra
def test_a_multivector_is_the_sum_of_its_grades(A):
    x = integers(A, 3)
    d = A.blades.generators
    parts = [G.grade(x, k, A) for k in range(d + 1)]
    assert torch.equal(sum(parts), x)
    for k, each in enumerate(parts):
        assert each[0].tolist() == part(A, x[0].tolist(), k)
        assert torch.equal(G.grade(each, k, A), each)
    assert torch.equal(G.grade(x, (1, 2), A), parts[1] + parts[2])
    assert torch.equal(G.even(x, A) + G.odd(x, A), x)
    assert torch.equal(G.even(x, A), sum(parts[::2]))
    assert not G.grade(x, d + 1, A).any()


@every_algebra
def test_components_of_a_grade_come_out_and_go_in(A):
    x = integers(A, 2, 3)
    for k in (0, 1, 2, (1, 2), A.blades.generators):
        values = G.extract_grade(x, k, A)
        assert torch.equal(G.embed_grade(values, k, A), G.grade(x, k, A))
    vectors = G.extract_grade(x, 1, A)
    assert torch.equal(vectors, x[..., [1 << a for a in range(A.blades.generators)]])


@every_algebra
def test_involutions_turn_products_round_or_keep_them(A):
    x, y = integers(A, 2, 4)
    times = hc.functional.product
    assert G.reverse(x[0], A).tolist() == reversed_(x[0].tolist())
    for turn in (G.reverse, G.conjugate):
        assert torch.equal(turn(times(x, y, A), A), times(turn(y, A), turn(x, A), A))
    kept = times(G.involute(x, A), G.involute(y, A), A)
    assert torch.equal(G.involute(times(x, y, A), A), kept)
    assert torch.equal(G.conjugate(x, A), G.reverse(G.involute(x, A), A))
    assert torch.equal(G.conjugate(x, A), hc.functional.conj(x, A))


def test_which_grades_there_are():
    A = hc.clifford(3)
    x = torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 1e-9], [0, 0, 2, 0, 0, 0, 0, 0], [0.0] * 8])
    found = [[True, False, False, True], [False, True, False, False], [False] * 4]
    assert G.grades(x, A).tolist() == found
    found[0][3] = False
    assert G.grades(x, A, 1e-6).tolist() == found
    assert G.grades(x * 1e-38, A, 1e-6).tolist() == found  # squares underflow
    with pytest.raises(ValueError, match="`tolerance`"):
        G.grades(x, A, -1.0)


def test_what_is_infinite_in_another_grade_stays_there():
    A = hc.clifford(2)
    x = torch.tensor([torch.inf, 1, torch.nan, 2])
    assert G.grade(x, 2, A).tolist() == [0, 0, 0, 2]


@every_dtype
@pytest.mark.parametrize(
    "function", [G.even, G.odd, G.reverse, G.involute, G.conjugate], ids=lambda f: f.__name__
)
def test_types_are_kept(function, dtype):
    A, T = hc.clifford(3), hc.tensor_type(hc.clifford(3))
    x = integers(A, 2, 3).to(dtype)
    assert torch.equal(function(x, A).double(), function(x.double(), A))
    assert torch.equal(function(T(x)).components, function(x, A))
    assert function(x[:0], A).shape == (0, 3, 8)


def test_grades_of_integers_stay_integers():
    x = torch.arange(4)
    assert G.grade(x, 1, hc.clifford(2)).tolist() == [0, 1, 2, 0]
    assert G.reverse(x, hc.clifford(2)).tolist() == [0, 1, 2, -3]


def test_derivatives_maps_and_compiled_code(backend):
    A = hc.clifford(2, 1)

    def run(x):
        values = G.extract_grade(x, (0, 2), A)
        return G.embed_grade(values, (0, 2), A) + G.reverse(G.grade(x, 1, A), A) + G.even(x, A)

    x = integers(A, 3).requires_grad_()
    assert torch.autograd.gradcheck(run, (x,))
    assert torch.equal(torch.func.vmap(run)(x), run(x))
    compiled = torch.compile(run, fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(x), run(x))


def test_typed_tensors_know_their_algebra():
    T = hc.tensor_type(hc.PGA)
    x = T.randn(3, dtype=torch.float64)
    assert type(G.grade(x, (0, 2))) is T
    assert torch.equal(G.grade(x, 2).components, G.grade(x.components, 2, hc.PGA))
    assert type(G.extract_grade(x, 2)) is torch.Tensor
    assert G.grades(x).shape == (3, 5)
    with pytest.raises(TypeError, match=r"`algebra` \(=QUATERNION\) is not that of"):
        G.reverse(x, hc.QUATERNION)


@pytest.mark.parametrize("k", [-1, (1, -2), True])
def test_negative_grades_are_refused(k):
    with pytest.raises(ValueError, match=r"`k` \(=.*must be a nonnegative integer"):
        G.grade(torch.ones(4), k, hc.clifford(2))


@pytest.mark.parametrize("k", [1.0, "12", None])
def test_grades_are_integers(k):
    for function in (G.grade, G.extract_grade):
        with pytest.raises(TypeError, match=r"`k` \(=.*must be a nonnegative integer"):
            function(torch.ones(4), k, hc.clifford(2))


def test_components_of_a_grade_have_its_width():
    with pytest.raises(ValueError, match=r"`values` of shape \(4,\) must hold the grades \(1,\)"):
        G.embed_grade(torch.ones(4), 1, hc.clifford(3))
