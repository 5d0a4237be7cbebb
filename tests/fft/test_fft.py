"""Fourier transforms against their sums written out, and the laws that they keep."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck, gradgradcheck

import hypercomplex as hc
from hypercomplex import fft
from hypercomplex import functional as F
from hypercomplex.fft.roots import root
from tests.cases import (
    ALGEBRAS,
    DUAL,
    NORMED,
    SEDENION,
    SPLIT_COMPLEX,
    every_dtype,
    every_small_algebra,
    naive_product,
    numbers,
)

H = hc.QUATERNION
I, J, K = (tuple(float(m == n) for m in range(4)) for n in (1, 2, 3))  # noqa: E741
ROOTLESS = (hc.REAL, SPLIT_COMPLEX, DUAL)
TURNING = tuple(a for a in ALGEBRAS if a not in ROOTLESS)
ASSOCIATIVE = tuple(a for a in TURNING if a.is_associative)
SIDES = ("left", "right")

every_turning_algebra = pytest.mark.parametrize("algebra", TURNING, ids=str)
every_side = pytest.mark.parametrize("side", SIDES)


def unit(algebra, i):
    return torch.eye(algebra.dimension, dtype=torch.float64)[i]


def default_root(algebra):
    """The first unit with a negative square, scaled: by the exact table."""
    for i in range(1, algebra.dimension):
        e = [int(i == j) for j in range(algebra.dimension)]
        square, *rest = algebra.multiply(e, e)
        if square < 0 and not any(rest):
            return unit(algebra, i) / math.sqrt(-square)
    raise AssertionError(algebra)


def some_root(algebra):
    """A root of -1 with many components: a pure unit, or a conjugate of the default one."""
    if not algebra.is_associative or algebra == H:
        pure = numbers(algebra)
        pure[0] = 0
        return F.normalize(pure)
    if algebra.is_commutative:
        return -default_root(algebra)
    a = unit(algebra, 0) + 0.3 * numbers(algebra)
    return F.product(F.product(a, default_root(algebra), algebra), F.inverse(a, algebra), algebra)


def turn(phi, mu, x, side, algebra):
    """exp(-μ φ) x or x exp(-μ φ)."""
    kernel = torch.cos(phi)[..., None] * unit(algebra, 0) - torch.sin(phi)[..., None] * mu
    a, b = (kernel, x) if side == "left" else (x, kernel)
    return naive_product(a, b, algebra)


def angles(length):
    """2π u m / N, indexed [u, m]."""
    m = torch.arange(length, dtype=torch.float64)
    return 2 * math.pi * (m[:, None] * m % length) / length


def literal(x, mu, side, algebra, inverse=False):
    """The sum itself, over the first axis: the slow twin."""
    length = x.shape[0]
    phi = angles(length).view(length, length, *[1] * (x.ndim - 2))
    out = turn(-phi if inverse else phi, mu, x, side, algebra).sum(1)
    return out / length if inverse else out


def literal_convolution(f, g, algebra):
    length = len(f)
    return torch.stack(
        [
            sum(naive_product(f[m], g[(n - m) % length], algebra) for m in range(length))
            for n in range(length)
        ]
    )


# ---------------------------------------------------------------------- the sums


@every_turning_algebra
@every_side
@pytest.mark.parametrize("length", [1, 2, 5, 6])
def test_transforms_are_their_sums(algebra, side, length):
    x = numbers(algebra, length, 2)
    for mu in (default_root(algebra), some_root(algebra)):
        for inverse, function in ((False, fft.fft), (True, fft.ifft)):
            ours = function(x, dim=0, axis=mu, side=side, algebra=algebra)
            torch.testing.assert_close(ours, literal(x, mu, side, algebra, inverse))


@every_turning_algebra
@every_side
def test_the_default_root_is_the_first_unit_and_its_fast_path_the_slow_one(algebra, side):
    x = numbers(algebra, 3, 7)
    expected = fft.fft(x, axis=default_root(algebra), side=side, algebra=algebra)
    torch.testing.assert_close(fft.fft(x, side=side, algebra=algebra), expected)


@every_side
@pytest.mark.parametrize("algebra", [H, hc.OCTONION, hc.clifford(3), SEDENION], ids=str)
def test_every_unit_that_turns_has_a_fast_path_equal_to_the_slow_one(algebra, side):
    x = numbers(algebra, 4, 5)
    for i in range(1, algebra.dimension):
        e = [int(i == j) for j in range(algebra.dimension)]
        if algebra.multiply(e, e)[0] == -1:
            assert isinstance(root(e, algebra, side, x), tuple)
            slow = fft.fft(x, axis=unit(algebra, i), side=side, algebra=algebra)
            torch.testing.assert_close(fft.fft(x, axis=e, side=side, algebra=algebra), slow)
        else:
            with pytest.raises(ValueError, match="square to -1"):
                fft.fft(x, axis=e, side=side, algebra=algebra)


@pytest.mark.parametrize("algebra", [hc.COMPLEX, H, hc.OCTONION], ids=str)
def test_two_sided_is_left_on_rows_and_right_on_columns(algebra):
    x = numbers(algebra, 3, 4)
    mu, nu = some_root(algebra), some_root(algebra)
    ours = fft.fft2(x, axis=(mu, nu), side="two-sided", algebra=algebra)
    expected = sum(
        turn(
            angles(4)[:, n],
            nu,
            sum(turn(angles(3)[:, m, None], mu, x[m, n], "left", algebra) for m in range(3)),
            "right",
            algebra,
        )
        for n in range(4)
    )
    torch.testing.assert_close(ours, expected)
    back = fft.ifft2(ours, axis=(mu, nu), side="two-sided", algebra=algebra)
    torch.testing.assert_close(back, x)
    same = fft.fft2(x, axis=mu, side="two-sided", algebra=algebra)
    torch.testing.assert_close(same, fft.fft2(x, axis=(mu, mu), side="two-sided", algebra=algebra))


def test_two_sided_by_default_is_i_left_and_j_right():
    x = numbers(H, 3, 4)
    expected = fft.fft2(x, axis=(I, J), side="two-sided", algebra=H)
    torch.testing.assert_close(fft.fft2(x, side="two-sided", algebra=H), expected)
    one = numbers(hc.COMPLEX, 3, 4)  # one unit only: on both sides
    two_sided = fft.fft2(one, side="two-sided", algebra=hc.COMPLEX)
    torch.testing.assert_close(two_sided, fft.fft2(one, algebra=hc.COMPLEX))


@every_side
def test_many_axes_are_one_sum_over_all_of_them(side):
    mu = some_root(H)
    x = numbers(H, 2, 3, 4)
    phi = (
        angles(2)[:, None, None, :, None, None]
        + angles(3)[:, None, None, :, None]
        + angles(4)[:, None, None, :]
    )
    expected = turn(phi, mu, x, side, H).sum((3, 4, 5))
    options = {"axis": mu, "side": side, "algebra": H}
    torch.testing.assert_close(fft.fftn(x, **options), expected)
    torch.testing.assert_close(fft.fftn(x, dim=(-1, 0, 1), **options), expected)
    pair = fft.fft2(x, dim=(0, 2), **options)
    torch.testing.assert_close(fft.fft(pair, dim=1, **options), expected)
    torch.testing.assert_close(fft.ifftn(expected, **options), x)


def test_over_the_complex_numbers_it_is_torchs():
    x = torch.randn(3, 5, dtype=torch.complex128)
    pairs = torch.view_as_real(x)
    for name in ("fft", "ifft", "fft2", "ifft2", "fftn", "ifftn"):
        for norm in (None, "backward", "ortho", "forward"):
            size = {"n": 4} if name in ("fft", "ifft") else {"s": (4, 7)}
            for arguments in ({}, size, {"dim": 0} if "n" in size else {"dim": (1, 0)}):
                expected = getattr(torch.fft, name)(x, norm=norm, **arguments)
                for axis in (None, torch.tensor([0.0, 1.0])):
                    ours = getattr(fft, name)(
                        pairs, norm=norm, axis=axis, algebra=hc.COMPLEX, **arguments
                    )
                    torch.testing.assert_close(torch.view_as_complex(ours.contiguous()), expected)


@pytest.mark.parametrize("side", [*SIDES, "two-sided"])
def test_sizes_cut_and_fill(side):
    x = numbers(H, 4, 5)
    expected = fft.fft2(torch.nn.functional.pad(x[:3], (0, 0, 0, 2)), side=side, algebra=H)
    torch.testing.assert_close(fft.fft2(x, s=(3, 7), side=side, algebra=H), expected)
    torch.testing.assert_close(fft.fftn(x, s=(3, 7), side=side, algebra=H), expected)
    torch.testing.assert_close(
        fft.fft2(x, s=(3, -1), side=side, algebra=H), fft.fft2(x[:3], side=side, algebra=H)
    )


# ---------------------------------------------------------------------- laws


@every_turning_algebra
@every_side
def test_inverse_and_parseval(algebra, side):
    x = numbers(algebra, 2, 6)
    for norm in ("backward", "ortho", "forward"):
        for axis in (None, some_root(algebra)):
            options = {"norm": norm, "axis": axis, "side": side, "algebra": algebra}
            there = fft.fft(x, **options)
            torch.testing.assert_close(fft.ifft(there, **options), x)
    if algebra in NORMED:
        mu = some_root(algebra)
        there = fft.fft(x, norm="ortho", axis=mu, side=side, algebra=algebra)
        torch.testing.assert_close(F.squared_norm(there).sum(), F.squared_norm(x).sum())


@every_side
def test_linear_over_reals_and_over_numbers_on_the_other_side(side):
    x, y, q = numbers(H, 6), numbers(H, 6), numbers(H)
    f = lambda x: fft.fft(x, axis=some, side=side, algebra=H)
    some = some_root(H)
    torch.testing.assert_close(f(2 * x - 3 * y), 2 * f(x) - 3 * f(y))
    scale = lambda x: F.product(x, q, H) if side == "left" else F.product(q, x, H)
    torch.testing.assert_close(f(scale(x)), scale(f(x)))


@every_side
def test_a_shift_turns_the_spectrum(side):
    x, mu = numbers(H, 7), some_root(H)
    f = lambda x: fft.fft(x, axis=mu, side=side, algebra=H)
    torch.testing.assert_close(f(x.roll(2, 0)), turn(angles(7)[2], mu, f(x), side, H))


def test_right_and_left_are_conjugate():
    x, mu = numbers(H, 7), some_root(H)
    left = fft.fft(F.conj(x, H), axis=-mu, side="left", algebra=H)
    torch.testing.assert_close(fft.fft(x, axis=mu, side="right", algebra=H), F.conj(left, H))


def test_the_opposite_root_runs_backwards():
    x, mu = numbers(H, 7), some_root(H)
    backwards = fft.fft(x, axis=-mu, algebra=H)
    index = -torch.arange(7) % 7
    torch.testing.assert_close(backwards, fft.fft(x, axis=mu, algebra=H)[index])


def test_shifts_are_torchs_along_axes_of_numbers():
    x = numbers(H, 3, 4)
    q = hc.QuaternionTensor(x)
    for dim, torchs in ((None, (0, 1)), (0, 0), (-1, 1), ((0, -1), (0, 1))):
        for name in ("fftshift", "ifftshift"):
            expected = getattr(torch.fft, name)(x, torchs)
            assert torch.equal(getattr(fft, name)(x, dim), expected)
            for function in (getattr(fft, name), getattr(torch.fft, name)):
                assert isinstance(function(q, dim), hc.QuaternionTensor)
                assert torch.equal(function(q, dim).components, expected)
    assert torch.equal(torch.fft.fftshift(q[0, 0]), q[0, 0])
    with pytest.raises(IndexError, match="one of the 2 axes of numbers"):
        torch.fft.fftshift(q, 2)


# ---------------------------------------------------------------------- convolution


@every_small_algebra
@pytest.mark.parametrize("length", [1, 2, 5])
def test_convolution_and_correlation_are_their_sums(algebra, length):
    f, g = numbers(algebra, length, 2), numbers(algebra, length, 1)
    expected = literal_convolution(f, g, algebra)
    torch.testing.assert_close(fft.convolve(f, g, 0, algebra=algebra), expected)
    reverse = F.conj(g, algebra)[-torch.arange(length) % length]
    expected = literal_convolution(f, reverse, algebra)
    torch.testing.assert_close(fft.correlate(f, g, 0, algebra=algebra), expected)


def test_convolution_along_two_axes():
    f, g = numbers(H, 3, 4), numbers(H, 2, 3, 4)
    expected = sum(
        naive_product(f[m, n], g.roll((m, n), (1, 2)), H) for m in range(3) for n in range(4)
    )
    torch.testing.assert_close(fft.convolve(f, g, (-2, -1), algebra=H), expected)
    torch.testing.assert_close(fft.convolve(f, g, None, algebra=H), expected)


def test_correlation_of_complex_signals_is_numpys():
    f, g = torch.randn(4, dtype=torch.complex128), torch.randn(4, dtype=torch.complex128)
    periodic = np.correlate(np.tile(f.numpy(), 2), g.numpy(), "valid")[:4]
    ours = fft.correlate(*map(torch.view_as_real, (f, g)), algebra=hc.COMPLEX)
    np.testing.assert_allclose(torch.view_as_complex(ours.contiguous()).numpy(), periodic)


@pytest.mark.parametrize("algebra", ASSOCIATIVE, ids=str)
def test_convolution_theorem(algebra):
    """F{f*g}(u) = F{f∥}(u) F{g}(u) + F{f⊥}(u) F{g}(-u), with the literal convolution."""
    f, g, mu = numbers(algebra, 5), numbers(algebra, 5), some_root(algebra)
    product = lambda a, b: F.product(a, b, algebra)
    sandwich = product(product(mu, f), mu)
    parallel, orthogonal = (f - sandwich) / 2, (f + sandwich) / 2
    torch.testing.assert_close(product(mu, parallel), product(parallel, mu))
    torch.testing.assert_close(product(mu, orthogonal), -product(orthogonal, mu))
    transform = lambda x: fft.fft(x, axis=mu, algebra=algebra)
    G = transform(g)
    expected = product(transform(parallel), G)
    expected += product(transform(orthogonal), G[-torch.arange(5) % 5])
    torch.testing.assert_close(transform(literal_convolution(f, g, algebra)), expected)


# ---------------------------------------------------------------------- derivatives and transforms


@pytest.mark.parametrize("axis", [None, "some"])
@pytest.mark.parametrize("side", [*SIDES, "two-sided"])
def test_derivatives(axis, side):
    mu = some_root(H) if axis else None
    x = numbers(H, 3, 2).requires_grad_()
    f = lambda x: fft.fft2(x, s=(4, 3), axis=mu, side=side, algebra=H).sin()
    assert gradcheck(f, x, check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(f, x, fast_mode=True)


def test_derivatives_of_convolution():
    f, g = numbers(H, 3).requires_grad_(), numbers(H, 3).requires_grad_()
    for function in (fft.convolve, fft.correlate):
        call = lambda f, g, function=function: function(f, g, algebra=H)
        assert gradcheck(call, (f, g), check_forward_ad=True)
        assert gradgradcheck(call, (f, g), fast_mode=True)


def test_derivative_by_the_root():
    """The root itself can be learned: along the sphere of roots the derivative is the true one."""
    x = numbers(H, 5)
    mu = lambda t: torch.stack([torch.zeros(()).double(), t.cos(), t.sin(), 0 * t])
    f = lambda t: fft.fft(x, axis=mu(t), algebra=H)
    assert gradcheck(f, torch.tensor(0.7, dtype=torch.float64, requires_grad=True))


def test_vmap_and_its_kin():
    x, mu = numbers(H, 3, 5, 4), torch.stack([some_root(H) for _ in range(3)])
    f = lambda x: fft.fft2(x, side="two-sided", algebra=H)
    torch.testing.assert_close(torch.func.vmap(f)(x), f(x))
    per_root = torch.func.vmap(lambda x, mu: fft.fft(x, axis=mu, algebra=H))(x, mu)
    expected = torch.stack([fft.fft(a, axis=b, algebra=H) for a, b in zip(x, mu, strict=True)])
    torch.testing.assert_close(per_root, expected)
    fixed = lambda x: fft.fft(x, axis=mu[0], side="right", algebra=H)
    torch.testing.assert_close(torch.func.vmap(fixed)(x), fixed(x))
    g = x.flip(0)
    convolve = lambda f, g: fft.convolve(f, g, algebra=H)
    torch.testing.assert_close(torch.func.vmap(convolve)(x, g), convolve(x, g))
    loss = lambda x: fixed(x).square().sum()
    torch.testing.assert_close(torch.func.grad(loss)(x), 2 * 4 * x)  # unitary up to N
    _, tangent = torch.func.jvp(f, (x,), (g,))
    torch.testing.assert_close(tangent, f(g))


def several(q, f, g, mu):
    """Everything at once: compiling is slow."""
    return (
        hc.fft.fft(q),
        hc.fft.ifft2(q, side="two-sided", s=(5, -1)),
        hc.fft.fft(f, axis=mu, side="right", norm="ortho", algebra=H),
        hc.fft.fft(q, axis=K, dim=0),
        hc.fft.convolve(q, q.conj(), dim=0),
        hc.fft.correlate(f, g, algebra=H),
        torch.fft.fftshift(q, dim=-1),
    )


def test_compiled_in_one_graph(backend):
    q = hc.QuaternionTensor(numbers(H, 3, 4))
    f, g = numbers(H, 4).requires_grad_(), numbers(H, 4)
    arguments = (q, f, g, some_root(H))
    compiled = torch.compile(several, fullgraph=True, backend=backend)(*arguments)
    for ours, expected in zip(compiled, several(*arguments), strict=True):
        assert type(ours) is type(expected)
        assert torch.allclose(ours, expected)
    gradients = [
        torch.autograd.grad(sum(x.square().sum() for x in (out[2], out[5])), f)[0]
        for out in (compiled, several(*arguments))
    ]
    torch.testing.assert_close(*gradients)


# ---------------------------------------------------------------------- types, sizes, errors


def test_typed_in_is_typed_out():
    x, mu = numbers(H, 3, 4), some_root(H)
    q, typed_mu = hc.QuaternionTensor(x), hc.QuaternionTensor(mu)
    for name in ("fft", "ifft", "fft2", "ifft2", "fftn", "ifftn"):
        function = getattr(hc.fft, name)
        expected = function(x, axis=mu, side="right", algebra=H)
        ours = function(q, axis=typed_mu, side="right")
        assert isinstance(ours, hc.QuaternionTensor)
        assert ours.shape == (3, 4)
        assert torch.equal(ours.components, expected)
        plain = function(x, axis=typed_mu, side="right", algebra=H)
        assert type(plain) is torch.Tensor
        assert torch.equal(plain, expected)
    pair = hc.fft.fft2(q, axis=(typed_mu, I), side="two-sided")
    expected = fft.fft2(x, axis=(mu, I), side="two-sided", algebra=H)
    assert torch.equal(pair.components, expected)
    real = torch.randn(4, dtype=torch.float64)
    smoothed = hc.fft.convolve(q, real)
    assert isinstance(smoothed, hc.QuaternionTensor)
    expected = fft.convolve(x[..., :1], real[:, None], algebra=hc.REAL)
    torch.testing.assert_close(smoothed.real, expected[..., 0])


@every_dtype
def test_every_precision(dtype):
    x = numbers(H, 3, 8).to(dtype)
    tolerance = 8 * torch.finfo(dtype).eps
    for axis in (None, F.normalize(torch.tensor([0.0, 1, 1, 1]).double()).to(dtype)):
        exact = None if axis is None else F.normalize(axis.double())
        for side in SIDES:
            ours = fft.fft(x, axis=axis, side=side, norm="ortho", algebra=H)
            assert ours.dtype == dtype
            expected = fft.fft(x.double(), axis=exact, side=side, norm="ortho", algebra=H)
            torch.testing.assert_close(ours.double(), expected, atol=tolerance, rtol=tolerance)
    product = fft.convolve(x, x, algebra=H)
    assert product.dtype == dtype
    expected = fft.convolve(x.double(), x.double(), algebra=H)
    torch.testing.assert_close(product.double(), expected, atol=8 * tolerance, rtol=tolerance)


def test_a_root_does_not_change_the_precision():
    mu = torch.tensor([0, 1.0, 1, 1], dtype=torch.float64) / 3**0.5
    assert fft.fft(torch.randn(5, 4), axis=mu, algebra=H).dtype == torch.float32
    assert fft.fft(torch.randn(5, 4), axis=mu.tolist(), algebra=H).dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        x = torch.randn(5, 4)
        inside = fft.fft(x, axis=mu, algebra=H)
    assert torch.equal(inside, fft.fft(x, axis=mu, algebra=H))


@pytest.mark.parametrize("axis", [None, (0, 0.6, 0, -0.8)])
@pytest.mark.parametrize("shape", [(0, 3), (3, 1), (1, 1), (2, 0, 3)], ids=str)
def test_empty_batches_and_axes_of_one(axis, shape):
    x = numbers(H, *shape).requires_grad_()
    ours = fft.fft(x, n=5, axis=axis, algebra=H)
    assert ours.shape == (*shape[:-1], 5, 4)
    ours.sum().backward()
    assert x.grad.shape == x.shape
    assert fft.convolve(x, x, algebra=H).shape == x.shape
    if shape[-1] == 1:
        torch.testing.assert_close(fft.fft(x, axis=axis, algebra=H), x)


def test_no_axes_are_transformed_as_in_torch():
    x = numbers(H, 3)
    for axis in (None, (0, 0.6, 0, -0.8)):
        torch.testing.assert_close(fft.fftn(x[0], axis=axis, algebra=H), x[0])
        torch.testing.assert_close(fft.fftn(x, dim=(), axis=axis, algebra=H), x)


def test_shapes_are_known_without_data():
    x = torch.empty(2, 3, 4, device="meta")
    for axis in (None, (0, 0.6, 0, -0.8)):
        for side in (*SIDES, "two-sided"):
            assert fft.fft2(x, s=(5, -1), axis=axis, side=side, algebra=H).shape == (5, 3, 4)
    assert fft.convolve(x, x, algebra=H).shape == x.shape


def test_strides_do_not_matter():
    x = numbers(H, 4, 6)
    planar = torch.empty(4, 4, 6).double().movedim(0, -1).copy_(x)
    for other in (planar, x.transpose(0, 1).contiguous().transpose(0, 1), x.flip(0).flip(0)):
        for axis in (None, (0, 0.6, 0, -0.8)):
            ours = fft.fft(other, axis=axis, algebra=H)
            torch.testing.assert_close(ours, fft.fft(x, axis=axis, algebra=H))


directions = st.tuples(*[st.floats(-1, 1, allow_subnormal=False)] * 3).filter(
    lambda v: math.hypot(*v) > 1e-100
)


@given(directions, st.integers(1, 9), st.sampled_from(SIDES))
def test_any_pure_unit_turns(direction, length, side):
    mu = F.normalize(torch.tensor([0.0, *direction], dtype=torch.float64))
    x = numbers(H, length)
    there = fft.fft(x, axis=mu, side=side, algebra=H)
    torch.testing.assert_close(there, literal(x, mu, side, H))
    torch.testing.assert_close(fft.ifft(there, axis=mu, side=side, algebra=H), x)


def test_half_precision_roots_are_roots():
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        for _ in range(20):
            there = fft.fft(torch.randn(3, 4), axis=some_root(H).to(dtype), algebra=H)
            assert there.isfinite().all()


@pytest.mark.parametrize("algebra", ROOTLESS, ids=str)
@pytest.mark.parametrize("side", [*SIDES, "two-sided"])
def test_without_a_root_there_is_no_transform(algebra, side):
    with pytest.raises(ValueError, match=f"no unit of {algebra} has a negative square"):
        fft.fft2(numbers(algebra, 3, 3), side=side, algebra=algebra)


def test_sedenions_do_not_turn_about_every_root():
    mu = F.normalize(unit(SEDENION, 1) + unit(SEDENION, 10))
    torch.testing.assert_close(F.product(mu, mu, SEDENION), -unit(SEDENION, 0))
    with pytest.raises(ValueError, match="which is not alternative"):
        fft.fft(numbers(SEDENION, 3), axis=mu, algebra=SEDENION)
    x = numbers(SEDENION, 3)
    torch.testing.assert_close(
        fft.fft(x, algebra=SEDENION), literal(x, unit(SEDENION, 1), "left", SEDENION)
    )


X = torch.randn(3, 5, 4)
BAD = [
    (lambda: fft.fft(X), TypeError, "`algebra` is missing"),
    (lambda: fft.fft(X, algebra=hc.COMPLEX), ValueError, "must have the 2 components of COMPLEX"),
    (lambda: fft.fft(X, axis=0, algebra=H), TypeError, "the dimension to transform is `dim`"),
    (lambda: fft.fft(X, axis=(1.0, 0, 0), algebra=H), ValueError, r"`axis` of shape \(3,\)"),
    (lambda: fft.fft(X, axis=(1.0, 0, 0, 0), algebra=H), ValueError, r"squares to \[1.0, 0.0"),
    (lambda: fft.fft(X, axis=(0, 1, 1, 1), algebra=H), ValueError, "divide a pure number by its modulus"),
    (lambda: fft.fft(X, axis=(0, math.nan, 0, 0), algebra=H), ValueError, "must square to -1"),
    (lambda: fft.fft(X, axis=hc.as_hypercomplex(torch.eye(8)[1], hc.OCTONION), algebra=H), TypeError, "OCTONION"),
    (lambda: fft.fft(X, side="both", algebra=H), ValueError, "'left', 'right' or 'two-sided'"),
    (lambda: fft.fft(X, side="two-sided", algebra=H), ValueError, "needs two axes.* names 1"),
    (lambda: fft.fft(X, dim=2, algebra=H), IndexError, "one of the 2 axes of numbers"),
    (lambda: fft.fft(X[0, 0], algebra=H), IndexError, "one of the 0 axes"),
    (lambda: fft.fft2(X, dim=(0, -2), algebra=H), RuntimeError, "different axes"),
    (lambda: fft.fft2(X, s=(3,), algebra=H), RuntimeError, "one for each of `s`"),
    (lambda: fft.fft(X, norm="unit", algebra=H), RuntimeError, "normalization"),
    (lambda: fft.fft(X[:, :0], algebra=H), RuntimeError, "data points"),
    (lambda: fft.convolve(X[0, 0], X[0, 0], None, algebra=H), RuntimeError, "at least one axis"),
    (lambda: fft.convolve(X, X[:, :4], algebra=H), ValueError, "fill the shorter one with zeros"),
    (lambda: fft.convolve(X, X[0, 0], algebra=H), ValueError, "fill the shorter one with zeros"),
    (lambda: fft.convolve(X, X), TypeError, "`algebra` is missing"),
    (lambda: hc.fft.fft(hc.QuaternionTensor(X), algebra=hc.COMPLEX), TypeError, "pass q.components"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_torchs_transforms_are_refused_with_the_road():
    q = hc.QuaternionTensor(X)
    for name in ("fft", "ifft", "fft2", "ifft2", "fftn", "ifftn", "rfft", "irfft", "hfft"):
        with pytest.raises(NotImplementedError, match=r"use .*hypercomplex\.fft\.fft"):
            getattr(torch.fft, name)(q)


# ---------------------------------------------------------------------- short time


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize(
    ("n_fft", "options"),
    [
        (8, {}),
        (7, {"hop_length": 3, "pad_mode": "constant"}),
        (8, {"hop_length": 2, "center": False}),
        (8, {"win_length": 5, "hop_length": 2}),
        (8, {"pad_mode": "circular", "hop_length": 5}),
    ],
)
def test_short_time_transforms_are_torchs_over_complex_numbers(n_fft, options, normalized):
    z = torch.randn(2, 20, dtype=torch.complex128)
    window = torch.rand(options.get("win_length", n_fft), dtype=torch.float64) + 0.1
    options |= {"window": window, "normalized": normalized}
    typed = hc.tensor_type(hc.COMPLEX)(torch.view_as_real(z))
    spectrum, expected = (
        fft.stft(typed, n_fft, **options),
        torch.stft(z, n_fft, **options, return_complex=True),
    )
    torch.testing.assert_close(spectrum.components, torch.view_as_real(expected))
    options.pop("pad_mode", None)
    for length in (None, 12, 19):
        back = fft.istft(spectrum, n_fft, **options, length=length)
        theirs = torch.istft(expected, n_fft, **options, length=length, return_complex=True)
        torch.testing.assert_close(back.components, torch.view_as_real(theirs))


@every_turning_algebra
@every_side
def test_windows_are_transformed_one_by_one_and_back(algebra, side):
    x = numbers(algebra, 3, 17)
    options = {"axis": None, "side": side, "algebra": algebra}
    spectrum = fft.stft(x, 6, 2, center=False, **options)
    windows = torch.stack([x[:, t : t + 6] for t in range(0, 12, 2)], 1)
    expected = fft.fft(windows, dim=-1, **options).transpose(1, 2)
    torch.testing.assert_close(spectrum, expected)
    back = fft.istft(spectrum, 6, 2, center=False, **options)
    torch.testing.assert_close(back, x[:, :16])
    centred = fft.istft(fft.stft(x, 6, **options), 6, length=17, **options)
    torch.testing.assert_close(centred, x)
    T = hc.tensor_type(algebra)
    typed = fft.stft(T(x), 6, 2, center=False, **options)
    assert torch.equal(typed.components, spectrum)
    assert torch.equal(fft.istft(typed, 6, 2, center=False, **options).components, back)


def test_short_time_transforms_have_derivatives_and_map():
    x = numbers(H, 9).requires_grad_()
    window = torch.hann_window(4, periodic=False).double() + 0.1
    there = lambda x: fft.stft(x, 4, window=window, axis=J, algebra=H)
    back = lambda x: fft.istft(there(x), 4, window=window, axis=J, algebra=H)
    assert gradcheck(there, (x,))
    assert gradcheck(back, (x,))
    batch = numbers(H, 3, 9)
    torch.testing.assert_close(torch.func.vmap(back)(batch), back(batch))
    half = fft.stft(hc.QuaternionTensor(batch.half()), 4)
    assert half.components.dtype == torch.float16


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda q: fft.stft(q, 0), ValueError, "`win_length` .* between 1 and `n_fft`"),
        (lambda q: fft.stft(q, 2), ValueError, r"`hop_length` \(=0\)"),
        (lambda q: fft.stft(q, 30, center=False), ValueError, "`n_fft` .* longer than the signal of 9"),
        (lambda q: fft.stft(q, 18), ValueError, "`n_fft`: half of it .* 'constant'"),
        (lambda q: fft.stft(q, 4, window=torch.ones(3)), ValueError, "`window` of shape"),
        (lambda q: fft.stft(q, 4, window=q[:4]), TypeError, "`window` of fft.stft must be a plain tensor"),
        (lambda q: fft.stft(q, 4, side="two-sided"), ValueError, "`side`"),
        (lambda q: fft.stft(q.components, 4), TypeError, "`algebra` is missing"),
        (lambda q: fft.istft(q, 4), ValueError, "must hold the 4 frequencies"),
        (lambda q: fft.istft(q.expand(4, 9), 4, window=torch.zeros(4)), ValueError, "`window`: its windows leave out"),
        (lambda q: torch.stft(q, 4), NotImplementedError, "hypercomplex.fft.fft"),
    ],
)  # fmt: skip
def test_short_time_transforms_say_what_is_wrong(call, error, message):
    q = hc.QuaternionTensor.randn(9)
    with pytest.raises(error, match=message):
        call(q)
