"""Linear algebra: identities, NumPy on real block matrices as slow twin, derivatives, refusals."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck, gradgradcheck
from torch.linalg import LinAlgError

import hypercomplex as hc
from hypercomplex.linalg import blocks, householder
from hypercomplex.linalg.standard import standard_form
from tests.cases import ALGEBRAS, FRACTIONAL, SPLIT_COMPLEX, every_algebra, numbers
from tests.torches import is_removed

H = hc.QUATERNION
CHECK = {"fast_mode": True, "check_forward_ad": True}


def in_basis(algebra, columns, name):
    """The algebra written in another basis, given by the columns of a matrix of rationals."""
    n, basis = algebra.dimension, sympy.Matrix(columns)
    products = []
    for a in range(n):
        for b in range(n):
            image = algebra.multiply(tuple(basis[:, a]), tuple(basis[:, b]))
            row = basis.inv() * sympy.Matrix(image)
            products += [(a, b, k, Fraction(str(c))) for k, c in enumerate(row) if c]
    return hc.Algebra(tuple("1abc"[:n]), tuple(products), (1, -1, -1, -1)[:n], name)


# 1, i, i + 2j, k/3: imaginary units that are neither orthogonal nor of length 1
OBLIQUE = in_basis(H, [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 2, 0], [0, 0, 0, "1/3"]], "OBLIQUE")
SCALED = hc.cayley_dickson(FRACTIONAL, gamma=-9, name="SCALED")
DEFINITE = (hc.REAL, hc.COMPLEX, H, FRACTIONAL, SCALED, OBLIQUE)
ASSOCIATIVE = tuple(a for a in (*ALGEBRAS, OBLIQUE) if a.is_associative)
every_definite = pytest.mark.parametrize("algebra", DEFINITE, ids=str)
every_skew = pytest.mark.parametrize("algebra", DEFINITE[1:], ids=str)
every_associative = pytest.mark.parametrize("algebra", ASSOCIATIVE, ids=str)
every_kind = pytest.mark.parametrize("kind", ["random", "zero", "ones", "unit", "deficient"])

SHAPES = [(3, 3), (4, 2), (2, 4), (1, 1), (2, 3, 2), (0, 3), (3, 0), (0, 0), (2, 0, 2), (0, 2, 2)]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def mm(algebra, *matrices):
    product = matrices[0]
    for m in matrices[1:]:
        product = hc.functional.matmul(product, m, algebra)
    return product


def star(A, algebra):
    return hc.functional.conj(A, algebra).transpose(-3, -2)


def unit(size, algebra):
    return blocks.eye(size, torch.zeros(algebra.dimension, dtype=torch.float64))


def diagonal(values, algebra):
    """Real values on the diagonal of a matrix of numbers."""
    real = torch.diag_embed(values).unsqueeze(-1)
    return torch.nn.functional.pad(real, (0, algebra.dimension - 1))


def matrix(kind, shape, algebra):
    A = numbers(algebra, *shape)
    if kind == "zero":
        return torch.zeros_like(A)
    if kind == "ones":
        return torch.ones_like(A)
    if kind == "unit":
        return (
            torch.eye(*shape[-2:], dtype=A.dtype).expand(shape).unsqueeze(-1)
            * unit(1, algebra)[0, 0]
        )
    if kind == "deficient":
        return mm(
            algebra, numbers(algebra, *shape[:-1], 1), numbers(algebra, *shape[:-2], 1, shape[-1])
        )
    return A


def same(a, b, tolerance=1e-12):
    assert a.shape == b.shape
    assert a.numel() == 0 or (a - b).abs().max() <= tolerance


def is_unitary(Q, algebra):
    same(
        mm(algebra, star(Q, algebra), Q),
        unit(Q.shape[-2], algebra).expand(*Q.shape[:-3], -1, -1, -1),
    )


def real_block(A, algebra):
    """Each number as its exact left matrix, block by block, in NumPy: the slow twin."""
    rows, columns, n = A.shape
    out = np.zeros((rows * n, columns * n))
    for r in range(rows):
        for c in range(columns):
            entries = np.array(algebra.left_matrix(A[r, c].tolist()), dtype=float)
            out[r * n : (r + 1) * n, c * n : (c + 1) * n] = entries
    return out


def of_block(array, algebra):
    n = algebra.dimension
    columns = torch.from_numpy(np.ascontiguousarray(array[:, ::n]))
    return columns.unflatten(0, (-1, n)).transpose(-2, -1)


# ---------------------------------------------------------------------- the slow twin


@every_associative
def test_equations_agree_with_numpy_on_real_blocks(algebra):
    expm = pytest.importorskip("scipy.linalg").expm
    A, B = numbers(algebra, 3, 3), numbers(algebra, 3, 2)
    twin = partial(real_block, algebra=algebra)
    same(hc.linalg.inv(A, algebra=algebra), of_block(np.linalg.inv(twin(A)), algebra), 1e-9)
    solution = of_block(np.linalg.solve(twin(A), twin(B)), algebra)
    same(hc.linalg.solve(A, B, algebra=algebra), solution, 1e-9)
    same(hc.linalg.matrix_exp(A, algebra=algebra), of_block(expm(twin(A)), algebra), 1e-8)
    for power in (-2, -1, 0, 1, 2, 5):
        expected = of_block(np.linalg.matrix_power(twin(A), power), algebra)
        same(hc.linalg.matrix_power(A, power, algebra=algebra) / 1e3, expected / 1e3, 1e-7)


@every_definite
def test_factors_agree_with_numpy_on_real_blocks(algebra):
    n, A = algebra.dimension, numbers(algebra, 4, 3)
    orthonormal = standard_form(algebra)
    standard, twin = orthonormal.enter(A), partial(real_block, algebra=orthonormal.algebra)
    values = torch.from_numpy(np.linalg.svd(twin(standard), compute_uv=False))
    same(hc.linalg.svdvals(A, algebra=algebra), values[::n].clone())
    pseudo = of_block(np.linalg.pinv(twin(standard)), orthonormal.algebra)
    same(hc.linalg.pinv(A, algebra=algebra), orthonormal.leave(pseudo))
    G = mm(algebra, star(A, algebra), A)
    twins = np.linalg.cholesky(twin(orthonormal.enter(G)))
    same(
        hc.linalg.cholesky(G, algebra=algebra),
        orthonormal.leave(of_block(twins, orthonormal.algebra)),
    )
    values = torch.from_numpy(np.linalg.eigvalsh(twin(orthonormal.enter(G))))
    same(hc.linalg.eigvalsh(G, algebra=algebra), values[::n].clone(), 1e-11)


def test_real_and_complex_are_torchs():
    A = numbers(hc.COMPLEX, 3, 3)
    z = torch.view_as_complex(A)
    same(hc.linalg.det(A, algebra=hc.COMPLEX), torch.view_as_real(torch.linalg.det(z)))
    same(hc.linalg.eigvals(A, algebra=hc.COMPLEX), torch.view_as_real(torch.linalg.eigvals(z)))
    x = numbers(hc.REAL, 3, 3)
    same(hc.linalg.det(x, algebra=hc.REAL)[..., 0], torch.linalg.det(x[..., 0]))
    same(hc.linalg.logdet(x, algebra=hc.REAL).nan_to_num(), torch.logdet(x[..., 0]).nan_to_num())
    sign, log = hc.linalg.slogdet(A, algebra=hc.COMPLEX)
    same(torch.view_as_complex(sign) * log.exp(), torch.linalg.det(z))


def test_reflections_agree_with_torch_over_complex_numbers():
    A = numbers(hc.COMPLEX, 5, 3)
    z = torch.view_as_complex(A)
    U, B, V = householder.bidiagonalize(A, hc.COMPLEX)
    same(torch.linalg.svdvals(B), torch.linalg.svdvals(z))
    same(mm(hc.COMPLEX, U[:, :3], diagonal_block(B), star(V, hc.COMPLEX)), A)
    Q, R = householder.triangularize(A, hc.COMPLEX)
    q, r = torch.linalg.qr(z)
    phase = torch.sgn(torch.diagonal(r))
    same(torch.view_as_complex(Q.contiguous())[:, :3], q * phase)
    same(torch.view_as_complex(R.contiguous())[:3], phase.conj().unsqueeze(-1) * r)


def diagonal_block(B):
    return torch.nn.functional.pad(B.unsqueeze(-1), (0, 1))


# ---------------------------------------------------------------------- identities


@every_definite
@every_kind
def test_singular_vectors_are_numbers_and_unitary(algebra, kind):
    for shape in SHAPES:
        A = matrix(kind, shape, algebra)
        for full in (True, False):
            U, S, Vh = hc.linalg.svd(A, full, algebra=algebra)
            is_unitary(U, algebra)
            is_unitary(star(Vh, algebra), algebra)
            K = S.shape[-1]
            same(mm(algebra, U[..., :K, :], diagonal(S, algebra), Vh[..., :K, :, :]), A)
            assert (S >= 0).all()
            assert (S.diff(dim=-1) <= 0).all()
        same(hc.linalg.svdvals(A, algebra=algebra), S)


@every_definite
@every_kind
def test_qr_is_unitary_and_triangular(algebra, kind):
    for shape in SHAPES:
        A = matrix(kind, shape, algebra)
        for mode in ("reduced", "complete"):
            Q, R = hc.linalg.qr(A, mode, algebra=algebra)
            is_unitary(Q, algebra)
            same(mm(algebra, Q, R), A)
            assert not R.movedim(-1, 0).tril(-1).any()
            on_diagonal = torch.diagonal(R, dim1=-3, dim2=-2).mT
            assert (on_diagonal[..., 0] >= 0).all()
            assert not on_diagonal[..., 1:].any()
        Q, R = hc.linalg.qr(A, "r", algebra=algebra)
        assert Q.numel() == 0
        same(R, hc.linalg.qr(A, algebra=algebra).R)


@every_definite
@every_kind
@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 2), (2, 4), (0, 2)], ids=str)
def test_elimination(algebra, kind, shape):
    A = matrix(kind, shape, algebra)
    P, L, U = hc.linalg.lu(A, algebra=algebra)
    same(mm(algebra, P, L, U), A)
    same(mm(algebra, star(P, algebra), P), unit(shape[-2], algebra).expand(P.shape))
    planes = L.movedim(-1, 0), U.movedim(-1, 0)
    same(planes[0].triu(), torch.eye(*L.shape[-3:-1]).expand_as(planes[0][0]) * planes[0].triu())
    assert (torch.diagonal(L[..., 0], dim1=-2, dim2=-1) == 1).all()
    assert torch.equal(planes[1], planes[1].triu())
    if algebra is H:
        assert (hc.functional.norm(L) <= 1 + 1e-15).all()
    packed, pivots, info = hc.linalg.lu_factor_ex(A, algebra=algebra)
    for part, expected in zip(
        hc.linalg.lu_unpack(packed, pivots, algebra=algebra), (P, L, U), strict=True
    ):
        same(part, expected, 0)
    assert kind != "random" or (info == 0).all()
    assert kind != "zero" or (info == min(1, *shape[-2:])).all()


def test_pivots_are_those_of_the_factors():
    """torch reads as many as it needs, whatever their number."""
    A, B = numbers(H, 2, 3, 3), numbers(H, 2, 3, 1)
    packed, pivots = hc.linalg.lu_factor(A, algebra=H)
    for wrong in (pivots[..., :1], pivots[..., :0], pivots[:1], pivots[0], pivots.repeat(1, 2)):
        with pytest.raises(RuntimeError, match="`pivots` of shape"):
            hc.linalg.lu_unpack(packed, wrong, algebra=H)
        with pytest.raises(RuntimeError, match="`pivots` of shape"):
            hc.linalg.lu_solve(packed, wrong, B, algebra=H)


@every_definite
def test_solutions_from_factors(algebra):
    A, B = numbers(algebra, 2, 3, 3), numbers(algebra, 3, 3)
    packed = hc.linalg.lu_factor(A, algebra=algebra)
    for adjoint, matrix in ((False, A), (True, star(A, algebra))):
        X, Y = (
            hc.linalg.lu_solve(*packed, B, left=left, adjoint=adjoint, algebra=algebra)
            for left in (True, False)
        )
        same(mm(algebra, matrix, X), B.expand_as(X), 1e-11)
        same(mm(algebra, Y, matrix), B.expand_as(Y), 1e-11)
    positive = mm(algebra, A, star(A, algebra))
    for upper in (False, True):
        L = hc.linalg.cholesky(positive, upper=upper, algebra=algebra)
        X = hc.linalg.cholesky_solve(B, L, upper, algebra=algebra)
        same(mm(algebra, positive, X), B.expand_as(X), 1e-10)
        inverse = hc.linalg.cholesky_inverse(L, upper, algebra=algebra)
        same(mm(algebra, positive, inverse), unit(3, algebra).expand_as(A), 1e-10)


@every_definite
@pytest.mark.parametrize("shape", [(6, 4), (4, 7)], ids=str)
def test_few_singular_values_of_large_matrices(algebra, shape):
    A = mm(algebra, numbers(algebra, 2, shape[0], 2), numbers(algebra, 2, shape[1]))
    U, S, V = hc.linalg.svd_lowrank(A, 3, algebra=algebra)
    same(mm(algebra, U, diagonal(S, algebra), star(V, algebra)), A, 1e-11)
    same(S, hc.linalg.svdvals(A, algebra=algebra)[..., :3], 1e-11)
    shifted = hc.linalg.svd_lowrank(A + 1, 2, M=torch.ones_like(A[0]), algebra=algebra)
    same(shifted[1], S[..., :2], 1e-11)
    U, S, V = hc.linalg.pca_lowrank(A + 5, algebra=algebra)
    same(mm(algebra, U, diagonal(S, algebra), star(V, algebra)), A - A.mean(-3, True), 1e-10)
    with pytest.raises(ValueError, match=r"`q` \(=5\) must be between 0 and the smaller side"):
        hc.linalg.pca_lowrank(A, 5, algebra=algebra)
    assert hc.linalg.svd_lowrank(A, algebra=algebra)[1].shape == (2, 4)


@every_definite
@every_kind
def test_hermitian_eigenvectors(algebra, kind):
    for size in (0, 1, 2, 4):
        A = matrix(kind, (2, size, size), algebra)
        A = A + star(A, algebra)
        values, V = hc.linalg.eigh(A, algebra=algebra)
        is_unitary(V, algebra)
        same(mm(algebra, V, diagonal(values, algebra), star(V, algebra)), A, 1e-11)
        same(hc.linalg.eigvalsh(A, "U", algebra=algebra), values)


@every_skew
@every_kind
def test_right_eigenvectors(algebra, kind):
    for size in (0, 1, 2, 4):
        A = matrix(kind, (2, size, size), algebra)
        values, V = hc.linalg.eig(A, algebra=algebra)
        same(mm(algebra, A, V), hc.functional.product(V, values.unsqueeze(-3), algebra), 1e-10)
        if algebra.dimension == 4:
            standard = standard_form(algebra).enter(values)
            assert (standard[..., 1] >= 0).all()
            same(standard[..., 2:], torch.zeros_like(standard[..., 2:]))
        if kind == "random":
            assert (hc.linalg.matrix_rank(V, algebra=algebra) == size).all()


@pytest.mark.parametrize(
    "spectrum", [[1, 1, 2, 2], [3, 3, 3, 3], [1j, 1j, 2, 2], [0, 0, 1, 1 + 1j]]
)
def test_repeated_right_eigenvalues_have_independent_vectors(spectrum):
    P, z = numbers(H, 4, 4), torch.view_as_real(torch.tensor(spectrum, dtype=torch.complex128))
    D = torch.nn.functional.pad(torch.diag_embed(z.mT).movedim(0, -1), (0, 2))
    A = mm(H, P, D, hc.linalg.inv(P, algebra=H))
    values, V = hc.linalg.eig(A, algebra=H)
    same(mm(H, A, V), hc.functional.product(V, values.unsqueeze(-3), H), 1e-10)
    assert hc.linalg.cond(V, algebra=H) < 1e3
    got = sorted(map(tuple, values[:, :2].round(decimals=8).abs().tolist()))
    assert got == sorted((c.real, c.imag) for c in map(complex, spectrum))


@pytest.mark.parametrize("eigenvalue", [0.0, 1.0])
def test_a_jordan_block_has_its_eigenvalue_and_no_derivative_breaks_the_value(eigenvalue):
    A = eigenvalue * diagonal(torch.ones(3, dtype=torch.float64), H)
    A[0, 1, 0] = A[1, 2, 0] = 1
    values, V = hc.linalg.eig(A, algebra=H)
    same(mm(H, A, V), hc.functional.product(V, values.unsqueeze(-3), H), 1e-10)


@every_definite
@every_kind
def test_moore_penrose(algebra, kind):
    for shape in SHAPES:
        A = matrix(kind, shape, algebra)
        P = hc.linalg.pinv(A, algebra=algebra)
        same(mm(algebra, A, P, A), A, 1e-11)
        same(mm(algebra, P, A, P), P, 1e-11)
        for product in (mm(algebra, A, P), mm(algebra, P, A)):
            same(product, star(product, algebra), 1e-11)


@every_definite
def test_least_squares(algebra):
    A, B = numbers(algebra, 2, 5, 3), numbers(algebra, 2, 5, 2)
    X, residuals, rank, _ = hc.linalg.lstsq(A, B, driver="gelsd", algebra=algebra)
    defect = mm(algebra, A, X) - B
    normal = mm(algebra, star(A, algebra), defect)
    same(normal, torch.zeros_like(normal), 1e-11)
    lengths = standard_form(algebra).enter(defect).square().sum((-1, -3))
    same(residuals, lengths, 1e-11)
    assert rank.tolist() == [3, 3]
    X = hc.linalg.lstsq(A, B[..., 0, :], driver="gelsd", algebra=algebra)
    same(X.solution, hc.linalg.lstsq(A, B, algebra=algebra).solution[..., 0, :], 1e-11)
    same(X.singular_values, hc.linalg.svdvals(A, algebra=algebra), 1e-11)


def test_the_determinant_of_dieudonne():
    A, B, q = numbers(H, 3, 3), numbers(H, 3, 3), numbers(H)
    det = partial(hc.linalg.det, algebra=H)
    same(det(mm(H, A, B)), det(A) * det(B), 1e-10)
    same(det(q.view(1, 1, 4)), hc.functional.norm(q))
    same(det(hc.linalg.qr(A, algebra=H).Q), torch.ones((), dtype=torch.float64))
    same(det(A), hc.linalg.svdvals(A, algebra=H).prod())
    chi = np.linalg.det(hc.linalg.eigen.complex_adjoint(A).numpy())
    same(det(A) ** 2, torch.tensor(chi.real))
    assert det(matrix("deficient", (3, 3), H)) < 1e-12
    assert det(torch.zeros(2, 0, 0, 4, dtype=torch.float64)).tolist() == [1, 1]
    huge = hc.linalg.slogdet(A * 1e150, algebra=H)
    same(huge.logabsdet, det(A).log() + 3 * 150 * np.log(10), 1e-9)
    assert hc.linalg.slogdet(torch.zeros(2, 2, 4), algebra=H).sign == 0


@every_algebra
def test_sylvester_for_numbers_and_matrices_of_every_algebra(algebra):
    a, b, c = numbers(algebra, 5, 1), numbers(algebra, 3), numbers(algebra, 5, 3)
    product = hc.functional.product
    x = hc.linalg.sylvester(a, b, c, algebra=algebra)
    same(product(a, x, algebra) + product(x, b.expand_as(x), algebra), c, 1e-8)
    A, B, C = numbers(algebra, 2, 2), numbers(algebra, 3, 3), numbers(algebra, 2, 3)
    X = hc.linalg.solve_sylvester(A, B, C, algebra=algebra)
    same(mm(algebra, A, X) + mm(algebra, X, B), C, 1e-8)


@every_associative
def test_shapes_of_solve_are_torchs(algebra):
    one = numbers(hc.REAL, 3, 3)
    A = numbers(algebra, 2, 3, 3)
    for shape in [(3,), (2, 3), (3, 4), (2, 3, 4), (5, 2, 3, 4), (2, 3, 0)]:
        B = numbers(algebra, *shape)
        real = torch.randn(shape, dtype=torch.float64)
        X = hc.linalg.solve(A, B, algebra=algebra)
        assert X.shape[:-1] == torch.linalg.solve(one[..., 0].expand(2, 3, 3), real).shape
    B = numbers(algebra, 4, 3)
    X = hc.linalg.solve(A, B, left=False, algebra=algebra)
    same(mm(algebra, X, A), B.expand_as(X), 1e-8)
    upper = hc.linalg.solve_triangular(A, B, upper=True, left=False, algebra=algebra)
    kept = torch.ones(3, 3).triu().unsqueeze(-1)
    same(mm(algebra, upper, A * kept), B.expand_as(upper), 1e-7)


def test_tensor_equations():
    A, B = numbers(H, 2, 3, 6), numbers(H, 2, 3)
    X = hc.linalg.tensorsolve(A, B, algebra=H)
    same(mm(H, A.flatten(0, 1), X), B.flatten(0, 1))
    inverse = hc.linalg.tensorinv(A, 2, algebra=H)
    assert inverse.shape == (6, 2, 3, 4)
    same(mm(H, inverse.flatten(1, 2), B.flatten(0, 1)), X)
    moved = A.movedim(0, 2)
    same(hc.linalg.tensorsolve(moved.movedim(2, 0), B, algebra=H), X)
    real = torch.randn(2, 6, 3)
    expected = torch.linalg.tensorsolve(real, torch.randn(2, 3), dims=(1,)).shape
    got = hc.linalg.tensorsolve(numbers(H, 2, 6, 3), B, dims=(1,), algebra=H)
    assert got.shape[:-1] == expected


@every_definite
def test_norms_rank_and_condition(algebra):
    A = numbers(algebra, 2, 3, 4)
    S = hc.linalg.svdvals(A, algebra=algebra)
    norm = partial(hc.linalg.matrix_norm, A, algebra=algebra)
    same(norm("nuc"), S.sum(-1))
    same(norm(2, keepdim=True), S[..., :1].unsqueeze(-1))
    same(norm(-2), S[..., -1])
    moduli = hc.functional.norm(A)
    for order in ("fro", 1, -1, float("inf"), float("-inf")):
        same(norm(order), torch.linalg.matrix_norm(moduli, order))
    if algebra in (hc.REAL, hc.COMPLEX, H):  # an orthonormal basis
        same(norm("fro"), S.square().sum(-1).sqrt())
    same(hc.linalg.norm(A[0], 2, algebra=algebra), S[0, 0])
    same(hc.linalg.norm(A, algebra=algebra), moduli.flatten().norm())
    same(hc.linalg.norm(A, 2, (0, 2), True, algebra=algebra), norm(2, (0, 2), True))
    same(hc.linalg.cond(A, algebra=algebra), S[..., 0] / S[..., -1], 1e-9)
    B = numbers(algebra, 3, 3)
    inverse = hc.linalg.inv(B, algebra=algebra)
    one = partial(hc.linalg.matrix_norm, ord=1, algebra=algebra)
    same(hc.linalg.cond(B, 1, algebra=algebra), one(B) * one(inverse), 1e-9)
    assert hc.linalg.cond(torch.zeros_like(B), 1, algebra=algebra).isinf()
    low = mm(algebra, numbers(algebra, 4, 2), numbers(algebra, 2, 3))
    assert hc.linalg.matrix_rank(low, algebra=algebra) == 2
    assert (
        hc.linalg.matrix_rank(mm(algebra, low, star(low, algebra)), hermitian=True, algebra=algebra)
        == 2
    )
    assert hc.linalg.matrix_rank(low, atol=1e9, algebra=algebra) == 0


def test_a_chain_of_products():
    A, B, C, v = numbers(H, 2, 9), numbers(H, 9, 3), numbers(H, 3, 3), numbers(H, 3)
    same(hc.linalg.multi_dot([A, B, C, v], algebra=H), mm(H, A, B, C, v), 1e-11)
    same(hc.linalg.multi_dot([v, C], algebra=H), mm(H, v, C))
    with pytest.raises(RuntimeError, match="at least 2"):
        hc.linalg.multi_dot([A], algebra=H)


@settings(max_examples=30, deadline=None)
@given(
    rows=st.integers(0, 4),
    columns=st.integers(0, 4),
    rank=st.integers(0, 4),
    scale=st.sampled_from([1e-150, 1e-8, 1.0, 1e150]),
    batch=st.sampled_from([(), (0,), (1,), (2, 1)]),
)
def test_quaternion_factors_of_any_shape_rank_and_size(rows, columns, rank, scale, batch):
    A = mm(H, numbers(H, *batch, rows, rank), numbers(H, *batch, rank, columns))
    A = (A * scale).transpose(-3, -2)  # not contiguous
    U, S, Vh = hc.linalg.svd(A, False, algebra=H)
    is_unitary(U, H)
    is_unitary(star(Vh, H), H)
    same(mm(H, U, diagonal(S / scale, H), Vh), A / scale, 1e-11)
    expected = min(rows, columns, rank)
    assert (hc.linalg.matrix_rank(A, rtol=1e-9, algebra=H) == expected).all()
    Q, R = hc.linalg.qr(A, algebra=H)
    same(mm(H, Q, R / scale), A / scale, 1e-11)


def test_near_equal_eigenvalues_keep_vectors_unitary():
    Q = hc.linalg.qr(numbers(H, 6, 6), algebra=H).Q
    values = torch.tensor([1, 1, 1, 1 + 1e-15, 1 + 3e-15, 1 + 1e-9], dtype=torch.float64)
    A = mm(H, Q, diagonal(values, H), star(Q, H))
    got, V = hc.linalg.eigh(A, algebra=H)
    is_unitary(V, H)
    same(got, values)


# ---------------------------------------------------------------------- derivatives


def spectral(f, U, S, Vh, algebra):
    return mm(algebra, U, diagonal(f(S), algebra), Vh)


PIVOTS = torch.tensor([2, 3, 3], dtype=torch.int32)
FIRST_AND_SECOND = {
    "solve": lambda A, a: hc.linalg.solve(A, A[:, :1] + 1, algebra=a),
    "inv": lambda A, a: hc.linalg.inv(A, algebra=a),
    "det": lambda A, a: hc.linalg.det(A, algebra=a),
    "slogdet": lambda A, a: hc.linalg.slogdet(A, algebra=a)[1],
    "matrix_exp": lambda A, a: hc.linalg.matrix_exp(A, algebra=a),
    "matrix_power": lambda A, a: hc.linalg.matrix_power(A, -2, algebra=a),
    "cholesky": lambda A, a: hc.linalg.cholesky(mm(a, A, star(A, a)), algebra=a),
    "cholesky_solve": lambda A, a: hc.linalg.cholesky_solve(A[:, :2], A, algebra=a),
    "lu": lambda A, a: tuple(hc.linalg.lu(A, algebra=a))[1:],
    "lu of wide": lambda A, a: hc.linalg.lu_factor(A[:2], algebra=a).LU,
    "lu of tall": lambda A, a: hc.linalg.lu_factor(A[:, :2], algebra=a).LU,
    "lu_solve": lambda A, a: hc.linalg.lu_solve(A, PIVOTS, A, algebra=a),
    "logdet": lambda A, a: hc.linalg.logdet(A, algebra=a),
    "qr": lambda A, a: tuple(hc.linalg.qr(A, algebra=a)),
    "qr of wide": lambda A, a: tuple(hc.linalg.qr(A[:2], algebra=a)),
    "qr of tall": lambda A, a: hc.linalg.qr(A[:, :2], "complete", algebra=a).Q[:, :2],
    "pinv": lambda A, a: hc.linalg.pinv(A[:2], algebra=a),
    "lstsq": lambda A, a: hc.linalg.lstsq(A[:, :2], A[:, 2:], algebra=a).solution,
    "svdvals": lambda A, a: hc.linalg.svdvals(A[:2], algebra=a),
    "eigvalsh": lambda A, a: hc.linalg.eigvalsh(A, algebra=a),
    "eigvals": lambda A, a: hc.linalg.eigvals(A, algebra=a),
    "sylvester": lambda A, a: hc.linalg.sylvester(A[0], A[1], A[2], algebra=a),
    "nuc": lambda A, a: hc.linalg.matrix_norm(A, "nuc", algebra=a),
    "cond": lambda A, a: hc.linalg.cond(A, algebra=a),
}


def vectors_of_svd(A, algebra):
    U, S, Vh = hc.linalg.svd(A, algebra=algebra)
    K = S.shape[-1]
    u, rest, other = U[:, :1], U[:, K:], Vh[K:]
    return (
        spectral(torch.log, U[:, :K], S, Vh[:K], algebra),
        mm(algebra, u, star(u, algebra)),
        mm(algebra, rest, star(rest, algebra)),
        mm(algebra, star(other, algebra), other),
    )


def vectors_of_eigh(A, algebra):
    values, V = hc.linalg.eigh(A, "U", algebra=algebra)
    v = V[:, 1:2]
    return spectral(torch.sin, V, values, star(V, algebra), algebra), mm(
        algebra, v, star(v, algebra)
    )


def vectors_of_eig(A, algebra):
    V = hc.linalg.eig(A, algebra=algebra).eigenvectors
    return mm(algebra, V[:, 1:2], hc.linalg.inv(V, algebra=algebra)[1:2])


@pytest.mark.parametrize("algebra", [H, OBLIQUE], ids=str)
@pytest.mark.parametrize("name", FIRST_AND_SECOND)
def test_first_and_second_derivatives(algebra, name):
    A = numbers(algebra, 3, 3).requires_grad_()
    f = partial(FIRST_AND_SECOND[name], a=algebra)
    assert gradcheck(f, (A,), **CHECK)
    assert algebra is not H or gradgradcheck(f, (A,), fast_mode=True)


@pytest.mark.parametrize("algebra", [hc.COMPLEX, H], ids=str)
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)], ids=str)
def test_derivatives_of_singular_vectors(algebra, shape):
    A = numbers(algebra, *shape).requires_grad_()
    f = partial(vectors_of_svd, algebra=algebra)
    assert gradcheck(f, (A,), **CHECK)
    assert shape == (2, 4) or gradgradcheck(f, (A,), fast_mode=True)


@pytest.mark.parametrize("algebra", [hc.COMPLEX, H], ids=str)
@pytest.mark.parametrize("vectors", [vectors_of_eigh, vectors_of_eig])
def test_derivatives_of_eigenvectors(algebra, vectors):
    A = numbers(algebra, 3, 3).requires_grad_()
    f = partial(vectors, algebra=algebra)
    assert gradcheck(f, (A,), **CHECK)
    assert gradgradcheck(f, (A,), fast_mode=True)


@every_definite
@pytest.mark.parametrize("shape", SHAPES)
def test_polar_factors_are_orthonormal_and_positive(algebra, shape):
    A = numbers(algebra, *shape)
    if shape[-2] < shape[-1]:
        with pytest.raises(RuntimeError, match="at least as many rows as columns"):
            hc.linalg.polar(A, algebra=algebra)
        return
    U, P = hc.linalg.polar(A, algebra=algebra)
    same(mm(algebra, U, P), A)
    same(star(P, algebra), P)
    same(mm(algebra, star(U, algebra), U), unit(shape[-1], algebra).expand_as(P))
    assert (hc.linalg.eigvalsh(P, algebra=algebra) >= -1e-10).all()
    square = mm(algebra, P, P)
    root = hc.linalg.matrix_sqrth(square, algebra=algebra)
    same(root, P)
    same(star(root, algebra), root)


@every_definite
def test_derivatives_of_positive_roots_where_eigenvalues_coincide(algebra):
    coinciding = diagonal(torch.tensor([4.0, 4, 9], dtype=torch.float64), algebra)
    A = numbers(algebra, 3, 3)
    positive = lambda B: mm(algebra, B, star(B, algebra)) + coinciding
    root = lambda B: hc.linalg.matrix_sqrth(positive(B), algebra=algebra)
    for B in (A, torch.zeros_like(A)):
        B.requires_grad_()
        assert gradcheck(root, (B,), **CHECK)
        assert gradgradcheck(root, (B,), fast_mode=True)
    for B in (A.detach(), diagonal(torch.ones(3, dtype=torch.float64), algebra)):
        B.requires_grad_()
        assert gradcheck(lambda B: tuple(hc.linalg.polar(B, algebra=algebra)), (B,), **CHECK)


def test_roots_of_what_is_not_positive():
    negative = -diagonal(torch.ones(2, dtype=torch.float64), H)
    assert hc.linalg.matrix_sqrth(negative, algebra=H).isnan().any()
    zero = torch.zeros(2, 2, 4, dtype=torch.float64)
    assert torch.equal(hc.linalg.matrix_sqrth(zero, algebra=H), zero)
    for split in (SPLIT_COMPLEX, hc.OCTONION):
        for function in (hc.linalg.matrix_sqrth, hc.linalg.polar):
            with pytest.raises(NotImplementedError, match="is refused over"):
                function(numbers(split, 2, 2), algebra=split)


def test_derivatives_where_singular_values_coincide():
    A = diagonal(torch.ones(3, dtype=torch.float64), H).requires_grad_()
    S = hc.linalg.svd(A, algebra=H).S
    same(torch.autograd.grad(S.sum(), A)[0], A.detach())
    polar = lambda A: mm(H, *hc.linalg.svd(A, algebra=H)[::2])
    assert gradcheck(polar, (A,), **CHECK)
    double = torch.tensor([2, 2, 5], dtype=torch.float64)
    Q = hc.linalg.qr(numbers(H, 3, 3), algebra=H).Q
    B = mm(H, Q, diagonal(double, H), star(Q, H)).requires_grad_()

    def on_the_pair(B):
        V = hc.linalg.eigh(B, algebra=H).eigenvectors[:, :2]
        return mm(H, V, star(V, H))

    assert gradcheck(on_the_pair, (B,), **CHECK)


@pytest.mark.parametrize("name", ["svd", "qr", "eigh", "det", "pinv", "eig", "slogdet", "svdvals"])
def test_derivatives_at_zero_are_finite(name):
    A = torch.zeros(3, 3, 4, dtype=torch.float64, requires_grad=True)
    out = getattr(hc.linalg, name)(A, algebra=H)
    parts = [x for x in (out if isinstance(out, tuple) else (out,)) if x.requires_grad]
    (gradient,) = torch.autograd.grad(sum(x[x.isfinite()].sum() for x in parts), A)
    assert gradient.isfinite().all()


# ---------------------------------------------------------------------- torch's door


def typed(algebra, *shape):
    return hc.tensor_type(algebra)(numbers(algebra, *shape))


def test_every_spelling_of_torch():
    q, r = typed(H, 3, 3), typed(H, 3, 2)
    x = q.components
    for spelling in (torch.linalg.inv, torch.inverse, torch.Tensor.inverse):
        if spelling is not torch.Tensor.inverse:  # the method inverts each number
            same(spelling(q).components, hc.linalg.inv(x, algebra=H))
    for spelling in (torch.det, torch.linalg.det, torch.Tensor.det):
        same(spelling(q), hc.linalg.det(x, algebra=H))
    for spelling in (torch.logdet, torch.Tensor.logdet):
        same(spelling(q), hc.linalg.logdet(x, algebra=H))
    packed, pivots = torch.linalg.lu_factor(q)
    for LU, P in (torch.lu(q), q.lu(), torch.lu(q, get_infos=True)[:2]):
        assert torch.equal(LU, packed)
        assert torch.equal(P, pivots)
    for X in (
        torch.lu_solve(r, packed, pivots),
        r.lu_solve(packed, pivots),
        torch.linalg.lu_solve(packed, pivots, r),
        torch.linalg.lu_solve(packed, pivots, B=r),
    ):
        same(X.components, hc.linalg.solve(x, r.components, algebra=H), 1e-11)
    P, L, U = torch.lu_unpack(packed, pivots)
    same((P @ L @ U).components, x)
    assert torch.lu_unpack(packed, pivots, unpack_data=False).L.shape == (0,)
    transposed = torch.triangular_solve(r, q, upper=False, transpose=True).solution
    same((q.tril().T @ transposed).components, r.components)
    same(torch.svd_lowrank(q, q=3)[1], torch.linalg.svdvals(q))
    same(torch.svd_lowrank(q, 3, M=torch.ones(3, 3).double())[1], torch.linalg.svdvals(q - 1))
    same(torch.pca_lowrank(q, center=False)[1], torch.linalg.svdvals(q))
    for spelling in (torch.slogdet, torch.linalg.slogdet, torch.Tensor.slogdet):
        same(spelling(q).logabsdet, hc.linalg.logdet(x, algebra=H))
    for spelling in (torch.linalg.matrix_exp, torch.matrix_exp, torch.Tensor.matrix_exp):
        same(spelling(q).components, hc.linalg.matrix_exp(x, algebra=H))
    for spelling in (torch.pinverse, torch.Tensor.pinverse, torch.linalg.pinv):
        same(spelling(r).components, hc.linalg.pinv(r.components, algebra=H))
    for spelling in (torch.linalg.matrix_power, torch.matrix_power, torch.Tensor.matrix_power):
        same(spelling(q, 3).components, mm(H, x, x, x), 1e-11)
    for spelling in (torch.linalg.multi_dot, lambda m: torch.chain_matmul(*m)):
        same(spelling([q, q, r]).components, mm(H, x, x, r.components), 1e-11)
    same(hc.linalg.multi_dot([q, r], algebra=H).components, mm(H, x, r.components))
    U, S, V = torch.svd(r)
    same(mm(H, U.components, diagonal(S, H), star(V.components, H)), r.components)
    older = () if is_removed(torch.qr) else (torch.qr(q), q.qr())
    for Q, R in (*older, torch.linalg.qr(q)):
        same((Q @ R).components, x)
    same(hc.linalg.inv(q).components, hc.linalg.inv(x, algebra=H))
    same(torch.inverse(input=q).components, hc.linalg.inv(x, algebra=H))
    if not is_removed(torch.cholesky):
        same(torch.cholesky(q @ q.mH).components, torch.linalg.cholesky_ex(q @ q.mH).L.components)
    for order in ("nuc", 2, 1, "fro"):
        same(torch.linalg.norm(q, order), hc.linalg.matrix_norm(x, order, algebra=H))
        same(torch.linalg.matrix_norm(q, order), hc.linalg.matrix_norm(x, order, algebra=H))


def test_what_is_real_stays_plain_and_what_is_numbers_is_typed():
    q, r = typed(H, 3, 3), typed(H, 3, 2)
    kinds = {
        torch.linalg.solve(q, r): True,
        torch.linalg.solve(q, torch.ones(3, 2, dtype=torch.float64)): True,
        torch.linalg.eigvals(q): True,
        torch.linalg.eigvalsh(q): False,
        torch.linalg.svdvals(q): False,
        torch.linalg.det(q): False,
        torch.linalg.det(typed(hc.COMPLEX, 2, 2)): True,
        torch.linalg.matrix_rank(q): False,
        torch.linalg.cond(q): False,
        hc.linalg.sylvester(q, q + 1, q): True,
    }
    for result, is_number in kinds.items():
        assert isinstance(result, hc.HypercomplexTensor) == is_number
    names = torch.linalg.svd(r, full_matrices=False)
    assert (names.U.shape, names.S.shape, names.Vh.shape) == ((3, 2), (2,), (2, 2))
    assert isinstance(names.U, hc.QuaternionTensor)
    values, V = torch.linalg.eig(q)
    assert torch.allclose(q @ V, V * values)
    solution = torch.linalg.lstsq(q, r)
    assert torch.allclose(q @ solution.solution, r)
    assert torch.linalg.inv_ex(q).info == 0
    assert torch.linalg.solve_ex(A=q, B=r).info == 0
    with pytest.raises(TypeError, match="`algebra`"):
        hc.linalg.inv(q, algebra=hc.COMPLEX)


def test_gradients_reach_typed_leaves():
    q = hc.QuaternionTensor(numbers(H, 3, 3), requires_grad=True)
    torch.linalg.det(q).log().backward()
    expected = star(hc.linalg.inv(q.components.detach(), algebra=H), H)  # d log det = Re tr A⁻¹dA
    same(q.grad.components, expected)


# ---------------------------------------------------------------------- refusals and errors


@every_algebra
def test_an_algebra_has_what_its_laws_allow(algebra):
    A = hc.tensor_type(algebra)(unit(2, algebra))
    equations = (
        torch.linalg.inv,
        torch.linalg.matrix_exp,
        lambda q: torch.linalg.matrix_power(q, 3),
    )
    lengths = (torch.linalg.svd, torch.linalg.qr, torch.linalg.det, torch.linalg.eigh)
    for function in equations:
        if algebra.is_associative:
            function(A)
        else:
            with pytest.raises(NotImplementedError, match=r"do not associate.*left_matrix"):
                function(A)
    for function in lengths:
        if algebra in DEFINITE or (
            function == torch.linalg.det and algebra.is_commutative and algebra.is_associative
        ):
            function(A)
        else:
            reason = "not a positive real" if algebra.is_associative else "do not associate"
            with pytest.raises(NotImplementedError, match=reason):
                function(A)


def test_octonion_powers_end_at_two():
    A = typed(hc.OCTONION, 2, 2)
    assert torch.equal(torch.linalg.matrix_power(A, 2), A @ A)
    assert torch.equal(torch.linalg.multi_dot([A, A]), A @ A)
    with pytest.raises(NotImplementedError, match="do not associate"):
        torch.linalg.multi_dot([A, A, A])


def test_errors_are_torchs():
    zero, one = hc.QuaternionTensor(torch.zeros(2, 2, 4)), hc.QuaternionTensor(torch.ones(2, 3, 4))
    for function in (
        torch.linalg.inv,
        lambda q: torch.linalg.solve(q, q),
        torch.linalg.cholesky,
        torch.linalg.lu_factor,
        torch.lu,
    ):
        with pytest.raises(LinAlgError):
            function(zero)
    for function in (
        torch.linalg.inv,
        torch.linalg.det,
        torch.linalg.eigh,
        torch.linalg.matrix_exp,
    ):
        with pytest.raises(RuntimeError, match="square"):
            function(one)
    with pytest.raises(RuntimeError, match="Incompatible shapes"):
        torch.linalg.solve(zero, hc.QuaternionTensor(torch.ones(3, 3, 4)))
    with pytest.raises(RuntimeError, match="at least 2"):
        torch.linalg.inv(one[0])
    with pytest.raises(RuntimeError, match="mode"):
        torch.linalg.qr(one, mode="full")
    with pytest.raises(RuntimeError, match="UPLO"):
        torch.linalg.eigh(zero, UPLO="X")
    for dtype in (torch.float16, torch.bfloat16):
        with pytest.raises(RuntimeError, match="Low precision"):
            torch.linalg.inv(zero.to(dtype))
    with pytest.raises(TypeError, match="`algebra`"):
        hc.linalg.inv(torch.ones(2, 2, 4))
    with pytest.raises(ValueError, match="4 components"):
        hc.linalg.inv(torch.ones(2, 2, 3), algebra=H)
    with pytest.raises(NotImplementedError, match="COMPLEX"):
        hc.linalg.eig(torch.ones(2, 2, 1), algebra=hc.REAL)


def test_a_zero_divisor_says_so():
    divisor = hc.tensor_type(SPLIT_COMPLEX)(torch.tensor([[[1.0, 1.0]]]))
    for function in (torch.linalg.inv, lambda q: torch.linalg.solve(q, q)):
        with pytest.raises(LinAlgError, match="zero divisors count as zero"):
            function(divisor)
    assert torch.linalg.inv_ex(divisor).info == 1


def test_single_precision_and_autocast():
    q = hc.QuaternionTensor(torch.randn(3, 3, 4))
    for result in (torch.linalg.inv(q), torch.linalg.svd(q).U, torch.linalg.qr(q).Q):
        assert result.dtype == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        U = torch.linalg.svd(q).U
    same((U.mH @ U).components, unit(3, H).float(), 1e-5)


# ---------------------------------------------------------------------- transforms, compiled

MAPPED = {
    "solve": lambda A: hc.linalg.solve(A, A[:, 0], algebra=H),
    "inv": lambda A: hc.linalg.inv(A, algebra=H),
    "det": lambda A: hc.linalg.det(A, algebra=H),
    "qr": lambda A: hc.linalg.qr(A, algebra=H).R,
    "svd": lambda A: hc.linalg.svd(A, algebra=H).U,
    "eigh": lambda A: hc.linalg.eigh(A, algebra=H).eigenvectors,
    "eig": lambda A: hc.linalg.eig(A, algebra=H).eigenvectors,
    "exp": lambda A: hc.linalg.matrix_exp(A, algebra=H),
    "pinv": lambda A: hc.linalg.pinv(A, algebra=H),
    "sylvester": lambda A: hc.linalg.solve_sylvester(A, A, A, algebra=H),
    "cond": lambda A: hc.linalg.cond(A, 1, algebra=H),
    "lu": lambda A: hc.linalg.lu(A, algebra=H).L,
    "lu_solve": lambda A: hc.linalg.lu_solve(*hc.linalg.lu_factor(A, algebra=H), A, algebra=H),
    "cholesky_solve": lambda A: hc.linalg.cholesky_solve(A, A, algebra=H),
}


@pytest.mark.parametrize("name", MAPPED)
def test_vmap(name):
    A = numbers(H, 4, 2, 2)
    same(torch.func.vmap(MAPPED[name])(A), torch.stack([MAPPED[name](a) for a in A]), 1e-10)


def test_compiled_fullgraph_forward_and_backward(backend):
    def everything(q):
        return (
            torch.linalg.solve(q, q[0]).abs().sum()
            + torch.linalg.inv(q).abs().sum()
            + torch.linalg.det(q)
        )

    x = numbers(H, 2, 2)
    results = []
    for function in (everything, torch.compile(everything, fullgraph=True, backend=backend)):
        leaf = x.clone().requires_grad_()
        value = function(hc.QuaternionTensor(leaf))
        results.append((value.detach(), torch.autograd.grad(value, leaf)[0]))
    for eager, compiled in zip(*results, strict=True):
        same(eager, compiled, 1e-10)
