"""Block lowering: the real operator is the sum of products, in every layout."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import lowering
from hypercomplex.lowering.layout import planes
from tests.cases import every_algebra, every_small_algebra, naive_product, numbers


@every_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_operator_is_the_product_with_each_number(algebra, side):
    w, x = numbers(algebra, 5, 3), numbers(algebra, 5, 3)
    blocks = lowering.operator(w, algebra.product, side)
    y = torch.einsum("kj...,...j->...k", blocks, x)
    expected = naive_product(w, x, algebra) if side == "left" else naive_product(x, w, algebra)
    torch.testing.assert_close(y, expected)


@every_algebra
def test_operators_multiply_exactly_when_the_algebra_associates(algebra):
    a, b = (torch.randint(-9, 9, (20, algebra.dimension)).double() for _ in range(2))
    L = lambda x: lowering.operator(x, algebra.product).movedim((0, 1), (-2, -1))
    products_match = torch.equal(L(naive_product(a, b, algebra)), L(a) @ L(b))  # integers: exact
    assert products_match == bool(algebra.is_associative)


@every_algebra
def test_block_kernel_puts_equal_components_together(algebra):
    n, out, into = algebra.dimension, 3, 2
    w, x = numbers(algebra, out, into), numbers(algebra, into)
    y = lowering.block_kernel(w, algebra.product) @ lowering.fold(x, 0)
    expected = naive_product(w, x, algebra).sum(1)
    torch.testing.assert_close(lowering.unfold(y, 0, n), expected)


@every_algebra
def test_transposed_block_kernel_has_the_same_blocks(algebra):
    w = numbers(algebra, 2, 3)  # inputs first
    matrix = lowering.transposed_block_kernel(w, algebra.product)
    torch.testing.assert_close(matrix.T, lowering.block_kernel(w.transpose(0, 1), algebra.product))


@every_small_algebra
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32], ids=str)
def test_block_lowering_rounds_nothing(algebra, dtype):
    """Blocks are single terms here (exact powers of two), so no dtype loses anything."""
    w = torch.randn(6, 5, algebra.dimension).to(dtype)
    blocks = lowering.operator(w, algebra.product)
    assert blocks.dtype == dtype
    assert torch.equal(blocks.double(), lowering.operator(w.double(), algebra.product))


def test_over_the_reals_the_block_is_the_weight():
    w = torch.randn(5, 3, 1)
    assert torch.equal(lowering.block_kernel(w, hc.REAL.product), w[..., 0])
    assert lowering.operator(w, hc.REAL.product).data_ptr() == w.data_ptr()


def test_layouts_are_inverse_to_each_other():
    x = torch.arange(2 * 6 * 5 * 4).view(2, 6, 5, 4)
    folded = lowering.fold(x, 1)
    assert folded.shape == (2, 24, 5)
    assert torch.equal(folded[:, 6:12], x[..., 1])  # component-major: all i parts together
    assert torch.equal(lowering.unfold(folded, 1, 4), x)
    grouped = lowering.fold_groups(folded, 1, 4, groups=3)
    assert torch.equal(grouped[:, :8], lowering.fold(x[:, :2], 1))  # a group holds whole numbers
    assert torch.equal(lowering.unfold_groups(grouped, 1, 4, groups=3), folded)


@pytest.mark.parametrize("value", [1.0, float("inf"), float("nan"), 3e38])
def test_planes_hold_what_the_numbers_hold(value):
    x = torch.randn(3, 5, 4)
    x[1, 2, 3] = value
    for given in (x, x.transpose(0, 1), x[:, :0], x.to("meta")):
        found = planes(given)
        assert found.shape == given.movedim(-1, 0).shape
        assert given.is_meta or torch.equal(found.nan_to_num(7), given.movedim(-1, 0).nan_to_num(7))


def test_unfolding_shares_memory_and_so_does_folding_it_again():
    x = torch.randn(2, 24, 5)
    again = lowering.fold(lowering.unfold(x, 1, 4), 1)
    assert again.data_ptr() == x.data_ptr()


def test_structure_made_in_inference_mode_serves_training_later():
    algebra = hc.clifford(2, 1, 1)
    with torch.inference_mode():
        lowering.operator(numbers(algebra, 2, 2), algebra.product)
    w = numbers(algebra, 2, 2).requires_grad_()
    lowering.operator(w, algebra.product).sum().backward()
    assert w.grad is not None


def test_structure_made_under_fake_tensors_is_not_kept():
    from torch._subclasses.fake_tensor import FakeTensorMode

    algebra = hc.clifford(1, 2, 1)
    with FakeTensorMode():
        assert lowering.operator(torch.empty(3, 2, 16), algebra.product).shape == (16, 16, 3, 2)
    w = numbers(algebra, 3, 2)
    assert lowering.operator(w, algebra.product).isfinite().all()


def test_structure_made_inside_a_transform_is_not_kept():
    algebra = hc.clifford(2, 2)
    product = lambda w: lowering.operator(w, algebra.product).sum()
    w = numbers(algebra, 3)
    torch.func.jvp(product, (w,), (w,))
    for kept in lowering.constants._constants.values():
        assert not torch._C._functorch.is_functorch_wrapped_tensor(kept)
    assert lowering.operator(w, algebra.product).isfinite().all()


def test_meta_tensors_lower():
    w = torch.empty(3, 2, 4, device="meta")
    assert lowering.block_kernel(w, hc.QUATERNION.product).shape == (12, 8)


def test_an_unknown_side_is_refused():
    with pytest.raises(ValueError, match=r"`side` \(='up'\) must be 'left' \(w x\) or 'right'"):
        lowering.operator(torch.zeros(2, 2, 4), hc.QUATERNION.product, "up")


@every_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_adjoint_of_the_operator(algebra, side):
    w, blocks = numbers(algebra, 5, 3), torch.randn(2 * (algebra.dimension,) + (5, 3)).double()
    forth = (lowering.operator(w, algebra.product, side) * blocks).sum()
    back = (w * lowering.operator_adjoint(blocks, algebra.product, side)).sum()
    torch.testing.assert_close(forth, back)
