"""Points, spheres, circles and conformal maps beside coordinates."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex import geometric as G
from hypercomplex import rotations as R
from hypercomplex.geometric import conformal as C

A = hc.CGA


def randn(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def act(V, X):
    return F.product(F.product(V, X, A), G.reverse(V, A), A)


def close(a, b):
    torch.testing.assert_close(a, b, atol=1e-11, rtol=1e-11)


def test_inner_products_are_distances():
    x, y = randn(5, 3), randn(5, 3)
    X, Y = C.up(x), C.up(y)
    close(G.scalar_product(X, Y, A), -(x - y).square().sum(-1) / 2)
    assert F.product(X, X, A).abs().max() < 1e-12
    close(C.down(3 * X), x)
    close(G.scalar_product(X, C.infinity(X), A), -torch.ones(5).double())


def test_spheres_and_planes_hold_their_points():
    c, n, x = randn(5, 3), F.normalize(randn(5, 3)), randn(5, 3)
    r, d = randn(5).abs() + 0.1, randn(5)
    on = C.up(c + r[:, None] * n)
    assert G.scalar_product(C.sphere(c, r), on, A).abs().max() < 1e-12
    close(G.scalar_product(C.plane(n, d), C.up(x), A), (n * x).sum(-1) - d)


def test_reflections_and_inversions():
    x, c, n = randn(5, 3), randn(5, 3), F.normalize(randn(5, 3))
    r, d = randn(5).abs() + 0.1, randn(5)
    away = x - c
    inverted = c + (r.square() / away.square().sum(-1))[:, None] * away
    close(C.down(act(C.sphere(c, r), C.up(x))), inverted)
    mirrored = x - 2 * ((n * x).sum(-1) - d)[:, None] * n
    close(C.down(act(C.plane(n, d), C.up(x))), mirrored)


def test_motions():
    x, t, s, q = randn(5, 3), randn(5, 3), randn(5).exp(), F.normalize(randn(5, 4))
    X = C.up(x)
    close(C.down(act(C.translator(t), X)), x + t)
    close(C.down(act(C.dilator(s), X)), s[:, None] * x)
    close(C.down(act(C.rotor(q), X)), R.rotate(q, x))
    V = F.product(C.translator(t), F.product(C.rotor(q), C.dilator(s), A), A)
    close(C.down(act(V, X)), R.rotate(q, s[:, None] * x) + t)
    one = F.product(V, G.reverse(V, A), A)
    close(one, torch.eye(32).double()[0].expand(5, 32))


def test_motions_have_logarithms():
    t, s, q = 0.3 * randn(5, 3), (0.3 * randn(5)).exp(), F.normalize(randn(5, 4) + 2)
    V = F.product(C.translator(t), F.product(C.rotor(q), C.dilator(s), A), A)
    close(G.exp(G.log(V, A), A), V)
    half = G.sqrt(V, A)
    close(F.product(half, half, A), V)


def test_centers_and_radii():
    c, r, turn = randn(5, 3), randn(5).abs() + 0.5, R.random(5, dtype=torch.float64)
    corners = torch.tensor([[1.0, 0, 0], [0, 1, 0], [-1, 0, 0], [0, 0, 1]]).double()
    points = [C.up(c + r[:, None] * R.rotate(turn, corner)) for corner in corners]
    circle = G.wedge(G.wedge(points[0], points[1], A), points[2], A)
    for X in (circle, G.wedge(circle, points[3], A), G.wedge(points[0], points[2], A)):
        for found, expected in zip(C.center_and_radius(X), (c, r), strict=True):
            close(found, expected)
    spheres = C.sphere(torch.tensor([[0.0, 0, 0], [1, 0, 0]]).double(), torch.ones(2).double())
    meet = G.wedge(*spheres, A)
    center, radius = C.center_and_radius(G.polarity(meet, A))
    close(center, torch.tensor([0.5, 0, 0]).double())
    close(radius, torch.tensor(0.75).double().sqrt())


def test_kinds_and_types():
    T, x = hc.tensor_type(A), randn(2, 3)
    close(C.down(T(C.up(x))), x)
    assert C.up(x.float()).dtype == torch.float32
    with pytest.raises(ValueError, match="3 components"):
        C.up(randn(4))
    with pytest.raises(TypeError):
        C.up(x.long())
    with pytest.raises(TypeError, match="numbers of"):
        C.down(hc.tensor_type(hc.clifford(5))(C.up(x)))


def test_derivatives():
    x, s = randn(4, 3).requires_grad_(), torch.tensor(1.5).double().requires_grad_()

    def circle(x, s):
        a, b, c, _ = C.up(x)
        return C.center_and_radius(act(C.dilator(s), G.wedge(G.wedge(a, b, A), c, A)))

    assert torch.autograd.gradcheck(circle, (x, s))
