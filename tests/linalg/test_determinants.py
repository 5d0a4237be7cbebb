"""Determinants over numbers that commute and may divide zero, against the sum over permutations."""

from itertools import permutations

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import hypercomplex as hc
from hypercomplex import functional as F
from tests.cases import CUBIC, DUAL, GROUP, PAIRS, SPLIT_COMPLEX, numbers
from tests.tables import cyclic

COMMUTING = (SPLIT_COMPLEX, DUAL, hc.TESSARINE, hc.BICOMPLEX, GROUP, CUBIC, PAIRS, cyclic(4))
every_commuting_algebra = pytest.mark.parametrize("algebra", COMMUTING, ids=str)


def leibniz(A, algebra):
    """`Σ sign(σ) Π A_{iσ(i)}`: the slow twin."""
    size, total = A.shape[-2], 0
    for order in permutations(range(size)):
        inversions = sum(order[i] > order[j] for i in range(size) for j in range(i, size))
        term = A[..., 0, order[0], :]
        for i in range(1, size):
            term = F.product(term, A[..., i, order[i], :], algebra)
        total = total + (-1) ** inversions * term
    return total


def det(A, algebra):
    return hc.linalg.det(A, algebra=algebra)


@every_commuting_algebra
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_it_is_the_sum_over_permutations(algebra, size):
    A = numbers(algebra, 2, size, size)
    torch.testing.assert_close(det(A, algebra), leibniz(A, algebra), atol=1e-12, rtol=1e-11)
    A[:, 0] = A[:, -1] if size > 1 else 0  # two rows alike
    assert det(A, algebra).abs().max() < 1e-12
    singular = det(A.float(), algebra)
    assert singular.dtype == torch.float32


@every_commuting_algebra
def test_laws(algebra):
    A, B = numbers(algebra, 4, 4), numbers(algebra, 4, 4)
    close = lambda a, b: torch.testing.assert_close(a, b, atol=1e-10, rtol=1e-9)
    close(
        det(F.matmul(A, B, algebra), algebra), F.product(det(A, algebra), det(B, algebra), algebra)
    )
    close(det(A.transpose(0, 1), algebra), det(A, algebra))
    one = F.real_power(A[0, 0], 0, algebra)
    assert torch.equal(det(A[:0, :0], algebra), one)
    close(det(hc.linalg.matrix_power(A, 0, algebra=algebra), algebra), one)
    inverse = hc.linalg.inv(A, algebra=algebra)
    close(F.product(det(inverse, algebra), det(A, algebra), algebra), one)
    trace = 0.1 * torch.diagonal(A, dim1=0, dim2=1).sum(-1)  # det exp A = exp tr A
    exponential = hc.linalg.matrix_exp(0.1 * A, algebra=algebra)
    close(det(exponential, algebra), F.exp(trace, algebra))
    close(hc.linalg.logdet(exponential, algebra=algebra), trace)


@every_commuting_algebra
def test_derivatives_also_where_it_is_singular(algebra):
    A = numbers(algebra, 3, 3)
    A[1] = A[0]
    for x in (A, torch.zeros_like(A)):
        x = x.clone().requires_grad_()
        assert gradcheck(lambda x: det(x, algebra), x)
        assert gradgradcheck(lambda x: det(x, algebra), x, fast_mode=True)
    mapped = torch.func.vmap(lambda A: det(A, algebra))(torch.stack([A, 2 * A]))
    torch.testing.assert_close(mapped, torch.stack([det(A, algebra), det(2 * A, algebra)]))


def test_a_dual_matrix_carries_the_derivative_of_the_determinant():
    """`det (X + εY) = det X + ε tr(adj(X) Y)`, at a singular X too."""
    X = torch.tensor([[1.0, 2, 3], [2, 4, 6], [0, 1, 1]], dtype=torch.float64)
    Y = torch.randn(3, 3, dtype=torch.float64)
    X.requires_grad_()
    cofactors = torch.autograd.grad(leibniz(X.unsqueeze(-1), hc.REAL).sum(), X)[0]
    found = det(torch.stack([X.detach(), Y], -1), DUAL)
    torch.testing.assert_close(
        found, torch.stack([X.det().detach(), (cofactors * Y).sum()]), atol=1e-13, rtol=0
    )


def test_large_matrices_keep_digits():
    """Over ℝ ⊕ ℝ, where torch knows it."""
    A = torch.randn(5, 20, 20, 2, dtype=torch.float64)
    expected = torch.linalg.det(A.movedim(-1, 0)).movedim(0, -1)
    torch.testing.assert_close(det(A, PAIRS), expected, atol=0, rtol=1e-9)


def test_typed_and_compiled(backend):
    A = numbers(DUAL, 3, 3)
    q = hc.tensor_type(DUAL)(A)
    assert torch.equal(torch.linalg.det(q).components, det(A, DUAL))
    assert isinstance(torch.logdet(q @ q), hc.tensor_type(DUAL))
    compiled = torch.compile(lambda A: det(A, DUAL), fullgraph=True, backend=backend)
    torch.testing.assert_close(compiled(A), det(A, DUAL))


def test_refusals():
    with pytest.raises(NotImplementedError, match=r"linalg.det is refused over .*do not associate"):
        det(torch.ones(2, 2, 27), hc.ALBERT)
    with pytest.raises(NotImplementedError, match=r"linalg.det is refused over Cl\(3,0\)"):
        det(torch.ones(2, 2, 8), hc.clifford(3))
    with pytest.raises(NotImplementedError, match=r"linalg.slogdet is refused over DUAL"):
        hc.linalg.slogdet(torch.ones(2, 2, 2), algebra=DUAL)
