"""Numbers in every basis: what is asked of them is what the adapted basis says, or is refused."""

import re
from fractions import Fraction
from functools import partial

import pytest
import torch

import hypercomplex as hc
import hypercomplex.functional as F
from tests.cases import CUBIC, GENERAL, GROUP, HURWITZ, MATRICES, PAIRS, SO3

UNITAL = [A for A in GENERAL if A.unit is not None]
UNARY = (
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan"),
    *("sinh", "cosh", "tanh", "sigmoid", "inverse", "rsqrt"),
)
every_unital = pytest.mark.parametrize("algebra", UNITAL, ids=str)


def near_one(algebra, *shape, dtype=torch.float64):
    """Numbers `1 + x` with x small, so that every function has a value there."""
    torch.manual_seed(0)
    x = torch.randn(*shape, algebra.dimension, dtype=dtype) / (4 * algebra.dimension)
    return x + torch.tensor([float(c) for c in algebra.unit], dtype=dtype)


def there(x, algebra):
    """In the adapted basis, by its exact matrix."""
    return x @ matrix(algebra.adapted.images, x)


def back(x, algebra):
    return x @ matrix(algebra.adapted.basis, x)


def matrix(rows, like):
    return torch.tensor([[float(c) for c in row] for row in rows], dtype=like.dtype)


def left(x, algebra):
    """The matrix of `y ↦ x y`, entry by entry."""
    n = algebra.dimension
    out = torch.zeros(*x.shape[:-1], n, n, dtype=x.dtype)
    for i, j, k, c in algebra.products:
        out[..., k, j] += float(c) * x[..., i]
    return out


def close(a, b):
    torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-10)


@every_unital
@pytest.mark.parametrize("name", UNARY)
def test_functions_are_those_of_the_adapted_basis(algebra, name):
    x, function = near_one(algebra, 3), getattr(F, name)
    A = algebra.adapted.algebra
    expected = back(function(there(x, algebra), A), algebra)
    close(function(x, algebra), expected)
    typed = hc.tensor_type(algebra)(x)
    close(getattr(torch, {"inverse": "reciprocal"}.get(name, name))(typed).components, expected)


@every_unital
def test_exp_and_inverse_are_those_of_the_left_matrix(algebra):
    """By matrices of the given basis, which knows nothing of another: f(x) = f(L(x)) 1."""
    x = near_one(algebra, 3)
    one = torch.tensor([float(c) for c in algebra.unit], dtype=x.dtype)
    close(F.exp(x, algebra), torch.linalg.matrix_exp(left(x, algebra)) @ one)
    close(F.inverse(x, algebra), torch.linalg.solve(left(x, algebra), one.expand(3, -1)))
    close(F.product(x, F.inverse(x, algebra), algebra), one.expand(3, -1))


@every_unital
def test_real_numbers_are_multiples_of_one(algebra):
    x = near_one(algebra, 2)
    q = hc.tensor_type(algebra)(x)
    one = torch.tensor([float(c) for c in algebra.unit], dtype=x.dtype)
    close((q + 1).components, x + one)
    close((2 - q).components, 2 * one - x)
    close((q + torch.tensor([1.0, 3], dtype=x.dtype)).components, x + torch.stack([one, 3 * one]))
    close(type(q).ones(2, dtype=x.dtype).components, one.expand(2, -1))
    close(q.new_ones(2).components, one.expand(2, -1))
    close(torch.full_like(q, 3).components, 3 * one.expand(2, -1))
    close((q**0).components, one.expand(2, -1))
    close((q**3).components, F.product(x, F.product(x, x, algebra), algebra))
    close((q**-1).components, F.inverse(x, algebra))
    close((q[:0].prod()).components, one)
    eye = type(q).eye(2, dtype=x.dtype).components
    close(eye, torch.eye(2, dtype=x.dtype).unsqueeze(-1) * one)
    assert type(q).ones(2).isreal().all()
    assert not q.isreal().any()


@every_unital
def test_real_parts(algebra):
    x = near_one(algebra, 2)
    q = hc.tensor_type(algebra)(x.clone())
    close(q.real, there(x, algebra)[..., 0])
    close((q - q.real).real, torch.zeros(2, dtype=x.dtype))
    rest = (q - q.real).components
    q.real = 3
    close(q.real, torch.full((2,), 3, dtype=x.dtype))
    close((q - q.real).components, rest)


@pytest.mark.parametrize("algebra", [A for A in UNITAL if A.conjugation], ids=str)
def test_conjugates(algebra):
    torch.manual_seed(0)
    x, y = torch.randn(2, 3, algebra.dimension, dtype=torch.float64)
    q = hc.tensor_type(algebra)(x)
    A = algebra.adapted.algebra
    conj = back(F.conj(there(x, algebra), A), algebra)
    close(F.conj(x, algebra), conj)
    close(q.conj().components, conj)
    close(q.unsqueeze(0).mH.components[:, 0], conj)
    close(F.inner_product(x, y, algebra), F.inner_product(there(x, algebra), there(y, algebra), A))
    for number, conjugate in zip(x, conj, strict=True):
        exact = algebra.conjugate([Fraction(c) for c in number.tolist()])
        close(conjugate, torch.tensor([float(c) for c in exact], dtype=x.dtype))


@every_unital
def test_lengths_are_those_of_the_components(algebra):
    x = near_one(algebra, 3)
    q = hc.tensor_type(algebra)(x)
    close(abs(q), x.square().sum(-1).sqrt())
    close(q.normalize().components, x / x.square().sum(-1, keepdim=True).sqrt())


@pytest.mark.parametrize("algebra", [MATRICES, GROUP, HURWITZ, PAIRS], ids=str)
def test_equations_are_solved(algebra):
    torch.manual_seed(0)
    A = torch.randn(2, 3, 3, algebra.dimension, dtype=torch.float64)
    B = torch.randn(2, 3, 2, algebra.dimension, dtype=torch.float64)
    X = hc.linalg.solve(A, B, algebra=algebra)
    close(F.matmul(A, X, algebra), B)
    inverse = hc.linalg.inv(A, algebra=algebra)
    one = torch.tensor([float(c) for c in algebra.unit], dtype=A.dtype)
    identity = torch.eye(3, dtype=A.dtype).unsqueeze(-1) * one
    close(F.matmul(A, inverse, algebra), identity.expand_as(A))
    q = hc.tensor_type(algebra)(A)
    close(torch.linalg.inv(q).components, inverse)


def test_singular_values_over_quaternions_in_another_basis():
    torch.manual_seed(0)
    A = torch.randn(3, 2, 4, dtype=torch.float64)
    U, S, Vh = torch.linalg.svd(hc.tensor_type(HURWITZ)(A), full_matrices=False)
    close((U * S) @ Vh, hc.tensor_type(HURWITZ)(A))
    basis = torch.tensor([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0.5] * 4], dtype=A.dtype)
    close(S, torch.linalg.svdvals(hc.QuaternionTensor(A @ basis)))


@every_unital
def test_derivatives_go_through_the_basis(algebra):
    x = near_one(algebra, 2).requires_grad_()
    for function in (F.exp, F.inverse):
        assert torch.autograd.gradcheck(partial(function, algebra=algebra), (x,), fast_mode=True)
        assert torch.autograd.gradgradcheck(
            partial(function, algebra=algebra), (x,), fast_mode=True
        )
    one_by_one = torch.stack([F.exp(each, algebra) for each in x])
    close(torch.func.vmap(lambda x: F.exp(x, algebra))(x), one_by_one)


@every_unital
def test_half_precision_is_rounded_once(algebra):
    x = near_one(algebra, 3, dtype=torch.float32).half()
    expected = F.exp(x.float(), algebra)
    assert F.exp(x, algebra).dtype == torch.float16
    torch.testing.assert_close(F.exp(x, algebra), expected.half(), rtol=2**-10, atol=2**-10)
    with torch.autocast("cpu"):
        torch.testing.assert_close(F.exp(x.float(), algebra), expected, rtol=1e-5, atol=1e-5)


def test_compiled_code_goes_through_the_basis():
    fresh = hc.Algebra(MATRICES.units, MATRICES.products, MATRICES.conjugation, "FRESH")

    def work(q):
        return (q + 1).exp() * q.conj(), q.real

    q = hc.tensor_type(fresh)(near_one(fresh, 3))
    compiled = torch.compile(work, fullgraph=True, backend="eager")
    for ours, eager in zip(compiled(q), work(q), strict=True):
        close(
            torch.view_as_real(ours) if hasattr(ours, "algebra") else ours,
            torch.view_as_real(eager) if hasattr(eager, "algebra") else eager,
        )


@every_unital
def test_an_identity_layer_is_one(algebra):
    x = torch.randn(4, 3 * algebra.dimension)
    layer = hc.nn.Linear(3, 3, algebra=algebra, init="identity")
    torch.testing.assert_close(layer(x), x)


# ---------------------------------------------------------------------- what is not there


def test_a_lie_algebra_multiplies_and_has_layers():
    torch.manual_seed(0)
    x, y = torch.randn(2, 5, 3)
    cross = torch.linalg.cross(x, y)
    q, r = hc.tensor_type(SO3)(x), hc.tensor_type(SO3)(y)
    torch.testing.assert_close((q * r).components, cross)
    torch.testing.assert_close(F.commutator(x, y, SO3), 2 * cross)
    torch.testing.assert_close((2 * q - r / 2).components, 2 * x - y / 2)
    torch.testing.assert_close((q**2).components, torch.zeros(5, 3))
    torch.testing.assert_close((q @ r).components, cross.sum(0))
    layer = hc.nn.Linear(4, 2, algebra=SO3)
    features = torch.randn(7, 12)
    output = layer(features)
    output.square().sum().backward()
    torch.testing.assert_close(layer.to_real()(features), output)
    assert q.algebra.units[0] in repr(q)
    assert f"{q[0]:.1f}".count(".") == 3


def test_zero_needs_no_unit():
    torch.manual_seed(0)
    numbers = hc.tensor_type(SO3)
    q = numbers.randn(1000)  # of mean 0
    assert abs(q.components.square().sum(-1).mean() - 1) < 0.2
    torch.testing.assert_close(sum([q, q]).components, 2 * q.components)
    padded = torch.nn.functional.pad(q[:2], (1, 1))
    torch.testing.assert_close(padded.components[[0, 3]], torch.zeros(2, 3))
    layer = hc.nn.Linear(2, 3, algebra=SO3)
    assert layer(numbers.randn(4, 2)).shape == (4, 3)


@pytest.mark.parametrize(
    "ask",
    [
        *(lambda q, name=name: getattr(torch, name)(q) for name in ("exp", "log", "sqrt", "sin")),
        *(lambda q: q.inverse(), lambda q: q / q, lambda q: q.real, lambda q: q + 1),
        *(lambda q: type(q).ones(2), lambda q: q**0, lambda q: q**-1, lambda q: 1 / q),
        *(lambda q: q.imag, lambda q: q.angle(), lambda q: torch.logsumexp(q, 0)),
        *(lambda q: torch.linalg.inv(q.reshape(1, 1, 2)[..., :1]), lambda q: q.left_divide(q)),
    ],
)
def test_what_needs_a_unit_is_refused_by_name(ask):
    q = hc.tensor_type(SO3)(torch.ones(2, 3))
    with pytest.raises(
        NotImplementedError, match=re.escape(f"needs a unit, and {q.algebra.name} has none")
    ):
        ask(q)


@pytest.mark.parametrize("algebra", [SO3, CUBIC, PAIRS], ids=str)
def test_what_needs_a_conjugation_is_refused_by_name(algebra):
    q = hc.tensor_type(algebra)(torch.ones(2, 2, algebra.dimension))
    for ask in (
        lambda: q.conj(),
        lambda: q.mH,
        lambda: torch.vdot(q[0], q[0]),
    ):
        with pytest.raises(NotImplementedError, match="needs a conjugation, and"):
            ask()


def test_parts_of_other_bases_are_refused():
    q = hc.tensor_type(MATRICES)(torch.ones(2, 4))
    for ask in (
        lambda: q.imag,
        lambda: q.angle(),
        lambda: q.axis(),
        lambda: q.polar(),
        lambda: q.is_pure(),
        lambda: F.rotate(q, torch.ones(2, 3)),
    ):
        with pytest.raises(
            NotImplementedError, match=re.escape(f"algebra {q.algebra.name}.adapted")
        ):
            ask()


def test_numbers_print_in_their_basis():
    q = hc.tensor_type(MATRICES)(torch.tensor([1.0, -2, 0, 3]))
    a, b, c, d = q.algebra.units  # whose names the first of equal algebras has given
    assert f"1*{a}-2*{b}+0*{c}+3*{d}" in repr(q)
    assert f"{q:.1f}" == f"1.0*{a}-2.0*{b}+0.0*{c}+3.0*{d}"
    assert a in q._repr_latex_() or f"{a[0]}_{{{a[1:]}}}" in q._repr_latex_()
