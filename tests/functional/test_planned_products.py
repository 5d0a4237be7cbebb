"""Products of a matrix of numbers with columns or rows are planned, however they are spelled."""

import sys

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex.lowering import affine_columns, affine_rows, plans
from tests.cases import every_telling_algebra, naive_product, numbers

SPELLINGS = {
    "W @ x": lambda w, x: (w @ x.mT).mT,
    "x @ W.mT": lambda w, x: x @ w.mT,
    "einsum": lambda w, x: torch.einsum("oi,ni->no", w, x),
    "einsum, right": lambda w, x: torch.einsum("ni,oi->no", x, w),
    "tensordot": lambda w, x: torch.tensordot(x, w, ([1], [1])),
    "linear": lambda w, x: torch.nn.functional.linear(x, w),
    "batches": lambda w, x: (w @ x.unsqueeze(-1)).squeeze(-1),
    "one by one": lambda w, x: torch.stack([w @ each for each in x]),
}
RIGHT = ("x @ W.mT", "einsum, right", "tensordot")
every_spelling = pytest.mark.parametrize("spelling", SPELLINGS)


def literal(w, x, algebra, spelling):
    pair = (x[:, None], w) if spelling in RIGHT else (w, x[:, None])
    return naive_product(*pair, algebra).sum(-2)


@every_spelling
@every_telling_algebra
def test_they_are_the_sum_of_products(algebra, spelling):
    T, call = hc.tensor_type(algebra), SPELLINGS[spelling]
    w, x = numbers(algebra, 7, 5), numbers(algebra, 3, 5)
    expected = literal(w, x, algebra, spelling)
    for plan in ("block", "input", None):
        with hc.lowering.use(plan):
            y = call(T(w), T(x))
        assert type(y) is T
        assert y.shape == (3, 7)
        torch.testing.assert_close(y.components, expected)


@every_spelling
def test_derivatives_are_those_of_the_sum(spelling):
    algebra, call = hc.QUATERNION, SPELLINGS[spelling]
    w, x = (numbers(algebra, *s).requires_grad_() for s in ((3, 2), (2, 2)))
    f = lambda w, x: call(hc.QuaternionTensor(w), hc.QuaternionTensor(x)).components
    g = torch.randn(2, 3, 4, dtype=torch.float64)
    found = torch.autograd.grad(f(w, x), (w, x), g)
    wanted = torch.autograd.grad(literal(w, x, algebra, spelling), (w, x), g)
    torch.testing.assert_close(found, wanted)
    assert torch.autograd.gradgradcheck(f, (w, x), fast_mode=True)
    tangents = torch.ones_like(w), torch.ones_like(x)
    _, found = torch.func.jvp(f, (w, x), tangents)
    _, wanted = torch.func.jvp(lambda w, x: literal(w, x, algebra, spelling), (w, x), tangents)
    torch.testing.assert_close(found, wanted)


@every_spelling
def test_they_map_over_batches(spelling):
    w, x = hc.QuaternionTensor.randn(3, 2), hc.QuaternionTensor.randn(4, 2, 2)
    mapped = torch.func.vmap(lambda x: SPELLINGS[spelling](w, x))(x)
    torch.testing.assert_close(
        mapped.components, torch.stack([SPELLINGS[spelling](w, each).components for each in x])
    )


@every_spelling
def test_the_weight_is_the_one_that_is_no_batch(spelling, monkeypatch):
    seen = []

    def recorded(rows, weight, *others):
        seen.append((tuple(rows.shape), tuple(weight.shape)))
        return affine_rows(rows, weight, *others)

    def recorded_columns(columns, weight, product):
        seen.append((tuple(columns.permute(1, 2, 0).shape), tuple(weight.shape)))
        return affine_columns(columns, weight, product)

    home = sys.modules["hypercomplex.functional.matmul"]
    monkeypatch.setattr(home, "affine_rows", recorded)
    monkeypatch.setattr(home, "affine_columns", recorded_columns)
    w, x = hc.QuaternionTensor.randn(7, 5), hc.QuaternionTensor.randn(3, 5)
    SPELLINGS[spelling](w, x)
    rows = 1 if spelling == "one by one" else 3
    assert seen[0] == ((rows, 4, 5), (7, 5, 4))


@pytest.mark.parametrize("size", [64, 256])
def test_columns_of_a_batch_stay_together(size):
    """What a loop over time hands on is one piece of memory, packed numbers one after another."""
    w, x = hc.QuaternionTensor.randn(size, size), hc.QuaternionTensor.randn(size, 16)
    with hc.lowering.use("input"):
        y = (w @ x).components
    assert y.is_contiguous()
    assert (w @ x).view(-1).shape == (size * 16,)


def test_rows_of_numbers_are_multiplied_where_they_lie():
    w, x = hc.QuaternionTensor.randn(64, 64), hc.QuaternionTensor.randn(16, 64)
    planar = hc.QuaternionTensor(x.components.movedim(-1, 0).contiguous().movedim(0, -1))
    with hc.lowering.use("input"):
        y = (x @ w.mT).components
        assert y.movedim(-1, 0).is_contiguous()
        torch.testing.assert_close((planar @ w.mT).components, y)
        torch.testing.assert_close((w @ planar.mT).components, (w @ x.mT).components)
    with hc.lowering.use("block"):
        torch.testing.assert_close((x @ w.mT).components, y, atol=1e-4, rtol=1e-5)


def test_equal_components_meet():
    a, b = hc.QuaternionTensor.randn(2, 3), hc.QuaternionTensor.randn(3)
    product = F.componentwise(torch.mul, a, b)
    assert torch.equal(product.components, a.components * b.components)
    assert torch.equal(F.split(torch.mul)(a, b), product)
    with pytest.raises(TypeError, match="plain tensor beside a QuaternionTensor"):
        F.componentwise(torch.mul, a, b.components)
    with pytest.raises(ValueError, match="must keep the shape"):
        F.componentwise(lambda a, b: b, a, b)
    for function in (torch.isnan, torch.argsort, lambda x: x > 0):
        with pytest.raises(TypeError, match="floating-point components"):
            F.componentwise(function, a)


LYING = {
    "packed": lambda x: x.contiguous(),
    "planar": lambda x: x.movedim(-1, 0).contiguous().movedim(0, -1),
    "turned": lambda x: x.transpose(0, 1).contiguous().transpose(0, 1),
    "cut": lambda x: torch.stack((x, x), 1).flatten(1, 2)[:, ::2],
}


@pytest.mark.parametrize("at_hand", [True, False], ids=["few", "many"])
@pytest.mark.parametrize("lying", LYING)
@pytest.mark.parametrize("columns", [0, 1, 3])
@every_telling_algebra
def test_columns_and_rows_may_lie_anywhere(algebra, columns, lying, at_hand, monkeypatch):
    """Numbers are expanded by one product of matrices where its result is small, else by several."""
    if not at_hand:
        monkeypatch.setattr(plans.input, "_SMALL", -1)
    T = hc.tensor_type(algebra)
    w, x = numbers(algebra, 7, 5), LYING[lying](numbers(algebra, 5, columns))
    expected = naive_product(w[:, :, None], x, algebra).sum(1)
    turned = naive_product(x.transpose(0, 1)[:, :, None], w.transpose(0, 1), algebra).sum(1)
    with hc.lowering.use("input"):
        torch.testing.assert_close((T(w) @ T(x)).components, expected)
        torch.testing.assert_close((T(x).mT @ T(w).mT).components, turned)
