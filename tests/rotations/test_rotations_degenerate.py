"""Where many rotations are right, or none: the smallest turn, or NaN for that row alone."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

import hypercomplex as hc
from hypercomplex import rotations as R

X, Y, Z = torch.eye(3, dtype=torch.float64)
ONE = torch.tensor([1.0, 0, 0, 0], dtype=torch.float64)
ZERO = torch.zeros(3, dtype=torch.float64)


def theirs(a, b, weights=None):
    rotation, rssd = Rotation.align_vectors(a.numpy(), b.numpy(), weights)
    return torch.from_numpy(rotation.as_quat(scalar_first=True)), rssd


def close(a, b, tolerance=1e-12):
    assert R.geodesic_distance(a, b).max() < tolerance


def test_zero_directions_are_nan_in_their_row():
    rows = torch.stack([X, ZERO, Y])
    whole = R.look_at(torch.stack([X, Y]), Z)
    for looked in (R.look_at(rows, Z), torch.func.vmap(R.look_at, (0, None))(rows, Z)):
        assert looked[1].isnan().all()
        torch.testing.assert_close(looked[::2], whole)
    close(R.look_at(X, ZERO), R.look_at(X, X))
    turned = R.from_two_vectors(rows, Z)
    assert turned.isnan().all(-1).tolist() == [False, True, False]
    for a, b in ((ZERO, ZERO), (ZERO, X), (X, ZERO)):
        assert R.from_two_vectors(a, b).isnan().all()
        assert R.align_vectors(a, b).isnan().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_parallel_pairs_take_the_smallest_turn(dtype, count):
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 20, 1, 3, generator=generator, dtype=dtype)
    sizes = torch.randn(20, count, 1, generator=generator, dtype=dtype)
    smallest = R.from_two_vectors(b[:, 0], a[:, 0])
    many = R.align_vectors(a * sizes, b * sizes)
    close(many, smallest, 200 * torch.finfo(dtype).eps)
    same = R.align_vectors((a * sizes), (a * sizes))
    close(same, ONE.to(dtype), 200 * torch.finfo(dtype).eps)
    half = R.align_vectors(a * sizes, -a * sizes)
    torch.testing.assert_close(R.angle(half), torch.full((20,), math.pi, dtype=dtype))
    torch.testing.assert_close(
        R.rotate(half[:, None], a), -a, atol=1e3 * torch.finfo(dtype).eps, rtol=0
    )


def test_one_pair_is_that_of_scipy_with_the_derivatives_of_two_vectors():
    a, b = torch.randn(2, 3, dtype=torch.float64)
    close(R.align_vectors(a, b), theirs(a, b)[0])
    close(R.align_vectors(a[None], b[None], [3.0]), theirs(a[None], b[None])[0])
    ours, twin = (
        torch.func.jacrev(f, (0, 1))(a, b)
        for f in (R.align_vectors, lambda a, b: R.from_two_vectors(b, a))
    )
    torch.testing.assert_close(ours, twin)
    assert torch.equal(R.align_vectors(X, X), ONE)
    assert hc.QuaternionTensor.align_vectors(X, X).shape == ()


def test_derivatives_of_parallel_pairs_are_finite():
    a = torch.stack([X, 2 * X])
    for f in (torch.func.jacrev, torch.func.hessian):
        assert f(lambda a: R.align_vectors(a, torch.stack([Y, Y])))(a).isfinite().all()


def test_means_of_opposite_turns_and_nearest_rotations_of_lines():
    quarter = R.from_rotvec(torch.stack([math.pi / 2 * Z, -math.pi / 2 * Z]))
    close(R.mean(quarter), ONE)
    close(R.from_9d(X.outer(X)), ONE)


@pytest.mark.parametrize("primary", [0, 2])
@pytest.mark.parametrize("count", [2, 3, 7])
def test_infinite_weights_are_those_of_scipy(count, primary):
    rng = np.random.default_rng(count)
    a, b = torch.from_numpy(rng.normal(size=(2, count, 3)))
    a = a / a.norm(dim=-1, keepdim=True)
    b = b / b.norm(dim=-1, keepdim=True)
    primary %= count
    weights = torch.from_numpy(rng.uniform(1, 2, count))
    weights[primary] = math.inf
    exact, rssd = theirs(a, b, weights.numpy())
    q, residual = R.align_vectors(a, b, weights, residual=True)
    close(q, exact)
    assert residual.item() == pytest.approx(rssd, rel=1e-10)
    torch.testing.assert_close(R.rotate(q, b[primary]), a[primary])
    mapped = torch.func.vmap(R.align_vectors)(a[None], b[None], weights[None])[0]
    close(mapped, q)
    finite = torch.ones(count, dtype=torch.float64)
    both = R.align_vectors(a, b, torch.stack([weights, finite]))
    torch.testing.assert_close(both, torch.stack([q, R.align_vectors(a, b)]))
    w = weights.clone()
    assert torch.autograd.gradcheck(
        lambda a, b: R.align_vectors(a, b, w), (a.requires_grad_(), b.requires_grad_())
    )


def test_an_infinite_weight_beside_parallel_pairs():
    weights = torch.tensor([math.inf, 1.0], dtype=torch.float64)
    a, b = torch.stack([X, -X]), torch.stack([Y, -Y])
    close(R.align_vectors(a, b, weights), R.from_two_vectors(Y, X))
    gradient = torch.func.jacrev(lambda a: R.align_vectors(a, b, weights))(a)
    assert gradient.isfinite().all()
    with pytest.raises(ValueError, match="`weights` may be infinite for one pair"):
        R.align_vectors(a, b, [math.inf, math.inf])
    unread = torch.func.vmap(R.align_vectors)(
        a[None], b[None], torch.full((1, 2), math.inf).double()
    )
    assert unread.isnan().all()


def test_an_infinite_weight_pins_a_point():
    b = torch.randn(6, 3, dtype=torch.float64)
    q, shift = R.random(dtype=torch.float64), torch.tensor([1.0, 2, 3], dtype=torch.float64)
    a = R.rotate(q, b) + shift + 0.1 * torch.randn(6, 3, dtype=torch.float64)
    weights = torch.ones(6, dtype=torch.float64)
    large = weights.clone()
    weights[3], large[3] = math.inf, 1e9
    for scale in (False, True):
        pinned, nearly = (R.align_points(a, b, w, scale, residual=True) for w in (weights, large))
        for x, y in zip(pinned[:-1], nearly[:-1], strict=True):
            torch.testing.assert_close(x, y, atol=1e-7, rtol=0)
        turn, move, *factor = pinned[:-1]
        met = (factor[0] if scale else 1) * R.rotate(turn, b) + move
        torch.testing.assert_close(met[3], a[3])
        rest = (a - met).norm()
        torch.testing.assert_close(pinned[-1], rest)


def test_residuals():
    a, b = torch.randn(2, 5, 9, 3, dtype=torch.float64)
    w = torch.rand(5, 9, dtype=torch.float64)
    q, residual = R.align_vectors(a, b, w, residual=True)
    exact = [theirs(x, y, v.numpy())[1] for x, y, v in zip(a, b, w, strict=True)]
    torch.testing.assert_close(residual, torch.tensor(exact, dtype=torch.float64))
    _, residual = R.align_vectors(a, b, residual=True)
    exact = [theirs(x, y)[1] for x, y in zip(a, b, strict=True)]
    torch.testing.assert_close(residual, torch.tensor(exact, dtype=torch.float64))
    q, t, s, residual = R.align_points(a, b, w, scale=True, residual=True)
    rest = a - s[:, None, None] * R.rotate(q[:, None], b) - t[:, None]
    torch.testing.assert_close(residual, (w * rest.square().sum(-1)).sum(-1).sqrt())
    typed, _ = hc.QuaternionTensor.align_vectors(a, b, residual=True)
    assert typed.shape == (5,)
    w[:, 0] = 0
    gradient = torch.func.grad(lambda w: R.align_vectors(a, b, w, residual=True)[1].sum())(w)
    assert gradient.isfinite().all()
