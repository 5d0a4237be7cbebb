"""What large algebras cost: steps and memory in proportion to the sparse table."""

import time

import pytest
import torch

import hypercomplex as hc
import hypercomplex.functional as F
from hypercomplex.algebra import laws
from hypercomplex.lowering import constants


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def test_construction_is_linear_in_the_table():
    """16 times the products: 16 times the steps; over all units for each product it was 64."""
    small = min(seconds(lambda: hc.clifford(6)) for _ in range(3))
    large = min(seconds(lambda: hc.clifford(8)) for _ in range(2))
    assert large < 3 * 16 * small
    assert large < 6  # a million products, sixteen times as many, in about a minute or better


def test_a_first_call_is_a_few_times_a_second_one():
    """270,000 times, when a first call decided whether the algebra is associative."""
    ratios = []
    q = hc.QuaternionTensor.randn(4)
    q**2
    for p in range(6):  # algebras that nobody has asked anything
        algebra = hc.clifford(p, 5 - p, name=f"fresh {p}")
        q = hc.tensor_type(algebra).randn(4)
        first = seconds(lambda q=q: q**2)
        second = min(seconds(lambda q=q: [q**2 for _ in range(20)]) / 20 for _ in range(5))
        ratios.append(first / second)
    assert min(ratios) < 20


@pytest.mark.parametrize("generators", [8, pytest.param(10, marks=pytest.mark.nightly)])
def test_products_and_layers_keep_tables_only(generators):
    """No tensor of n³ numbers: at n = 256 that would be 64 MB for each, and 4 GB at 1,024."""
    algebra = hc.clifford(generators)
    n, products = algebra.dimension, len(algebra.products)
    constants._constants.clear()
    x = torch.randn(2, n)
    once = F.product(x, x, algebra)
    layer = hc.nn.Linear(1, 2, algebra=algebra)
    layer(x).sum().backward()
    kept = sum(known.nbytes for known in constants._constants.values())
    assert kept < 64 * products
    i, j, k, c = algebra.products[products // 2 + 3]
    a, b = torch.zeros(2, n)
    a[i], b[j] = 2, 3
    assert F.product(a, b, algebra)[k] == 6 * c
    assert once.shape == (2, n)


def test_numbers_with_a_thousand_components():
    """A diagonal algebra: ℝ^1024 in its basis of idempotents, whose unit is the sum of all."""
    n = 1024
    table = tuple((i, i, i, 1) for i in range(n))
    algebra = hc.Algebra(tuple(f"p{i}" for i in range(n)), table, (1,) * n, "R^1024")
    assert algebra.unit == (1,) * n
    q = hc.tensor_type(algebra)(torch.rand(2, n) + 1)
    torch.testing.assert_close((q * q).components, q.components.square())
    torch.testing.assert_close((q + 1).components, q.components + 1)
    torch.testing.assert_close(q.real, q.components.mean(-1))


def test_functions_begin_in_seconds_in_any_basis():
    """Of 144 numbers of which the first is not 1: laws were decided anew in the basis that begins
    with 1, where they have nine times the products, for half a minute.
    """
    algebra = hc.matrix_algebra(12, name="fresh")
    q = hc.tensor_type(algebra)(torch.randn(1, 144, dtype=torch.float64) / 12)
    assert seconds(lambda: q.exp()) < 5  # half a second on a machine that does nothing else
    matrix = torch.linalg.matrix_exp(q.components.view(12, 12))
    torch.testing.assert_close(q.exp().components.view(12, 12), matrix)


def test_laws_are_decided_in_the_basis_that_is_given(monkeypatch):
    group = hc.group_algebra(permutations=[(1, 0, 2), (0, 2, 1)])
    algebra = hc.Algebra(group.units, group.products, group.conjugation)  # whose laws nobody knows
    other = algebra.adapted.algebra
    asked = []
    decided = laws._decided
    monkeypatch.setattr(laws, "_decided", lambda A, law: asked.append(A) or decided(A, law))
    assert other.is_associative
    assert other.is_power_associative
    assert not other.is_anticommutative
    assert other.is_anticommutative.elements[0][0] in (0, 1)
    assert asked.count(other) == 2  # only for what breaks a law, in its own coefficients
