"""Whitening is finite and right for every covariance: dependent, constant, huge, tiny, rounded."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

import hypercomplex as hc
from hypercomplex.kernels.whitening import inverse_root, symmetric
from hypercomplex.lowering import fold, unfold

EPS = 1e-5
C, M = 8, 300
# Nothing here multiplies numbers: of the algebra only the number of components counts.
SIZES = (hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION)
RANKS = [(A, r) for A in SIZES for r in sorted({0, 1, A.dimension // 2, A.dimension})]
every_size = pytest.mark.parametrize("algebra", SIZES, ids=str)
every_rank = pytest.mark.parametrize(("algebra", "rank"), RANKS, ids=str)


def dependent(algebra: hc.Algebra, rank: int, scale: float, seed: int = 0) -> Tensor:
    """Points `(M, C, n)` whose components are combinations of `rank` numbers, and not centred."""
    torch.manual_seed(seed)
    mix = torch.randn(C, rank, algebra.dimension, dtype=torch.float64)
    mix = mix + mix.sign()
    values = torch.randn(M, C, rank, dtype=torch.float64)
    return scale * (torch.einsum("mcr,crn->mcn", values, mix) + 1)


def white(layer: Any, x: Tensor) -> Tensor:
    return unfold(layer(fold(x, 1)), 1, layer.algebra.dimension)


def by_qr(x: Tensor, unit: float) -> Tensor:
    """The definition without a covariance: L = Rᵀ / √M with the QR factors of points over √(M ε)."""
    n = x.shape[-1]
    centred = (x - x.mean(0)).movedim(0, -2)
    variances = centred.square().mean(-2)
    shift = torch.diag_embed((EPS + (4 * unit) ** 2 * variances).sqrt())
    r = torch.linalg.qr(torch.cat([centred / len(x) ** 0.5, shift], -2)).R
    r = r * r.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-1)
    assert r.shape[-2:] == (n, n)
    return torch.linalg.solve_triangular(r, centred, upper=True, left=False).movedim(-2, 0)


@pytest.mark.parametrize(
    ("dtype", "scale"),
    [(dtype, scale)
     for dtype in (torch.float32, torch.float64, torch.bfloat16, torch.float16)
     for scale in (1e-15, 1e-3, 1.0, 300.0, 1e4, 1e8, 1e15)
     if scale < torch.finfo(dtype).max / 100],
    ids=str,
)  # fmt: skip
@every_rank
def test_every_covariance_is_whitened(
    algebra: hc.Algebra, rank: int, scale: float, dtype: torch.dtype
) -> None:
    """No direction comes out larger than 1, and of one number no more than one."""
    for seed in range(2):
        x = dependent(algebra, rank, scale, seed).to(dtype).requires_grad_()
        layer = hc.nn.BatchNorm1d(C, eps=EPS, algebra=algebra).to(dtype)
        y = white(layer, x)
        moments = torch.einsum("mci,mcj->cij", y.double(), y.double()) / M * algebra.dimension
        sizes = torch.linalg.eigvalsh(moments)
        assert sizes.max() < 1.02
        if rank < 2 and dtype.itemsize > 2:  # in 11 bits dependent components are not dependent
            assert (sizes > 0.5).sum(-1).max() <= rank
        y.pow(3).sum().backward()
        assert x.grad.isfinite().all()
        assert all(p.grad.isfinite().all() for p in layer.parameters())
        assert layer.eval()(fold(x, 1)).isfinite().all()


@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0])
@every_rank
def test_values_and_gradients_are_those_of_the_definition(
    algebra: hc.Algebra, rank: int, scale: float
) -> None:
    x = dependent(algebra, rank, scale).float()
    weight = torch.randn(M, C, algebra.dimension)
    mine, its = x.clone().requires_grad_(), x.double().requires_grad_()
    y = white(hc.nn.BatchNorm1d(C, EPS, affine=False, algebra=algebra), mine)
    expected = by_qr(its, torch.finfo(torch.float32).eps)
    torch.testing.assert_close(y.double(), expected, rtol=1e-3, atol=2e-7 * scale / EPS**0.5 * 100)
    (y * weight).sum().backward()
    (expected * weight).sum().backward()
    error = (mine.grad - its.grad).norm() / its.grad.norm()
    assert error < 1e-2


@pytest.mark.parametrize(("algebra", "rank"), RANKS[2:-4], ids=str)
def test_derivatives_of_dependent_components(algebra: hc.Algebra, rank: int) -> None:
    x = dependent(algebra, rank, 1.0)[:5, :2].clone().requires_grad_()

    def whiten(x: Tensor) -> Tensor:
        return hc.functional.batch_norm(fold(x, 1), training=True, eps=1e-2, algebra=algebra)

    assert torch.autograd.gradcheck(whiten, (x,), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(whiten, (x,), fast_mode=True)
    assert torch.autograd.gradgradcheck(whiten, (x,), fast_mode=True, check_fwd_over_rev=True)
    jacobian = torch.autograd.functional.jacobian(whiten, x)
    torch.testing.assert_close(torch.func.jacrev(whiten)(x), jacobian)
    torch.testing.assert_close(torch.func.jacfwd(whiten)(x), jacobian)


def test_compiled_code_whitens_dependent_components() -> None:
    torch.compiler.reset()
    layer = hc.nn.BatchNorm1d(C, affine=False, algebra=hc.QUATERNION)
    compiled = torch.compile(copy.deepcopy(layer), fullgraph=True, backend="aot_eager")
    for rank in (0, 1, 4):
        x = dependent(hc.QUATERNION, rank, 10.0).float()
        mine, its = (x.clone().requires_grad_() for _ in range(2))
        y, expected = white(compiled, mine), white(layer, its)
        torch.testing.assert_close(y, expected, rtol=1e-3, atol=1e-2)
        (y**3).sum().backward()
        (expected**3).sum().backward()
        assert (mine.grad - its.grad).norm() <= 1e-2 * its.grad.norm()


def test_many_batches_at_once() -> None:
    x = torch.stack([fold(dependent(hc.COMPLEX, rank, 1.0), 1) for rank in (0, 1, 2)])

    def whiten(x: Tensor) -> Tensor:
        return hc.functional.batch_norm(x, training=True, algebra=hc.COMPLEX)

    torch.testing.assert_close(torch.func.vmap(whiten)(x), torch.stack([*map(whiten, x)]))


# ---------------------------------------------------------------------- the factor


@every_size
@pytest.mark.parametrize("size", [0.0, 1.0, 1e10])
def test_an_indefinite_covariance_has_a_factor(algebra: hc.Algebra, size: float) -> None:
    """As it is after rounding, at worst: all variances 1 and all covariances a little larger."""
    n = algebra.dimension
    unit = torch.finfo(torch.float32).eps
    packed = size * torch.ones(1, n * (n + 1) // 2) * (1 + 8 * unit)
    packed[:, [i * (i + 3) // 2 for i in range(n)]] = size
    packed.requires_grad_()
    root = inverse_root(packed, EPS, n, torch.float32)
    assert root.isfinite().all()
    assert root.abs().max() < 1.001 / EPS**0.5
    root.sum().backward()
    assert packed.grad.isfinite().all()


@every_size
def test_components_of_very_different_sizes(algebra: hc.Algebra) -> None:
    """The rounding of one is not taken for the variance of another."""
    n = algebra.dimension
    sizes = 10.0 ** torch.linspace(0, 6, n)
    x = torch.randn(M, C, n) * sizes
    y = white(hc.nn.BatchNorm1d(C, eps=1e-12, affine=False, algebra=algebra), x)
    power = y.square().mean(0)
    torch.testing.assert_close(power, torch.ones_like(power), atol=1e-3, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_without_eps_a_constant_component_is_zero(dtype: torch.dtype) -> None:
    x = torch.randn(M, C, 4, dtype=dtype)
    x[..., 2] = 1e3
    x.requires_grad_()
    y = white(hc.nn.BatchNorm1d(C, eps=0.0, affine=False, algebra=hc.QUATERNION, dtype=dtype), x)
    assert not y[..., 2].any()
    assert y[..., 3].square().mean() > 0.99
    y.pow(3).sum().backward()
    assert x.grad.isfinite().all()


def test_statistics_that_overflow_their_type_are_its_largest() -> None:
    layer = hc.nn.BatchNorm1d(C, momentum=1.0, algebra=hc.QUATERNION).half()
    x = fold(dependent(hc.QUATERNION, 4, 3000.0), 1).half()
    layer(x)
    assert layer.running_cov.isfinite().all()
    assert layer.eval()(x).isfinite().all()


def test_nan_is_not_hidden() -> None:
    x = torch.randn(M, C, 4)
    x[0, 0, 1] = torch.nan
    y = white(hc.nn.BatchNorm1d(C, affine=False, algebra=hc.QUATERNION), x)
    assert y[:, 0, 1].isnan().all()
    assert y[:, 1:].isfinite().all()


def test_symmetric_matrices_are_packed_by_rows() -> None:
    packed = torch.tensor([1.0, 2, 3, 4, 5, 6])
    assert symmetric(packed, 3).tolist() == [[1, 2, 4], [2, 3, 5], [4, 5, 6]]
