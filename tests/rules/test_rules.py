"""What the rules promise beyond the sweep of all functions: keywords, errors, types, plain operands."""

import numpy as np
import pytest
import torch

import hypercomplex as hc
from tests.cases import every_algebra, numbers


def integers(algebra, *shape, dtype=torch.float64):
    return hc.tensor_type(algebra)(torch.randint(-3, 4, (*shape, algebra.dimension)).to(dtype))


def test_in_place_needs_room_for_the_result():
    a, b = hc.QuaternionTensor(torch.ones(3, 4)), hc.QuaternionTensor(torch.ones(2, 3, 4))
    with pytest.raises(RuntimeError):
        a += b
    with pytest.raises(RuntimeError, match="leaf"):
        hc.QuaternionTensor(torch.ones(3, 4), requires_grad=True).mul_(2)


def test_real_operands_are_real_numbers():
    q = hc.QuaternionTensor(torch.arange(24.0).view(2, 3, 4))
    t = torch.tensor([1.0, 2, 3])
    T = torch.zeros(3, 4)
    T[:, 0] = t
    T = hc.QuaternionTensor(T)
    assert torch.equal(q + t, q + T)
    assert torch.equal(t - q, T - q)
    assert torch.equal(q * t, q * T)
    assert torch.equal(t * q, q * t)
    assert torch.allclose(t / q, T / q)
    assert torch.allclose(q / t, q / T)
    assert torch.equal(q + 1, q + hc.QuaternionTensor([1.0, 0, 0, 0]))
    assert torch.equal(1 - q, -(q - 1))
    assert torch.equal(2 * q, q + q)
    assert torch.equal(q / 2, q * 0.5)
    assert torch.equal(torch.add(q, q, alpha=2), 3 * q)
    assert (q * torch.tensor(2.0, dtype=torch.float64)).dtype == torch.float32
    assert (q + torch.tensor(2.0, dtype=torch.float64)).dtype == torch.float32
    assert (q * True).dtype == torch.float32
    assert (q * torch.tensor([1, 2, 3])).dtype == torch.float32
    assert (q + torch.ones(3, dtype=torch.float64)).dtype == torch.float64
    assert sum([q, q, q]).shape == (2, 3)


INDICES = [
    0, -1, slice(1, None), slice(None, None, 2), Ellipsis, None, (0, 1), (slice(None), 1),
    (Ellipsis, 0), (None, 0), (Ellipsis, None), (slice(None), None, 1), [0, 1], ([0, 1], [2, 0]),
    (slice(None), [0, 2]), (0, Ellipsis, slice(1)), (),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexed_numbers_are_replaced(index):
    q, value = integers(hc.QUATERNION, 2, 3, 4), integers(hc.QUATERNION)
    changed, places = q.clone(), torch.zeros(2, 3, 4)
    changed[index] = value
    places[index] = 1
    assert torch.equal(changed, torch.where(places.bool(), value, q))


def test_masked_numbers_are_replaced():
    q = integers(hc.QUATERNION, 2, 3)
    mask = torch.tensor([[True, False, True], [False, False, True]])
    changed = q.clone()
    changed[mask] = 1.0
    assert torch.equal(changed[mask], hc.QuaternionTensor(torch.eye(4)[0].expand(3, 4).double()))
    assert torch.equal(changed[~mask], q[~mask])


def test_an_index_cannot_reach_components():
    q = hc.QuaternionTensor(torch.zeros(2, 3, 4))
    for index in [(0, 0, 0), (Ellipsis, 0, 0, 0), (slice(None),) * 3]:
        with pytest.raises(IndexError, match="too many indices for tensor of dimension 2"):
            q[index]
    with pytest.raises(TypeError, match="numbers cannot index"):
        torch.zeros(3)[q]
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(q[0, 0])


def test_squeezing_spares_the_components():
    o = integers(hc.REAL, 1, 3, 1)
    assert o.squeeze().shape == (3,)
    assert o.squeeze(0).shape == (3, 1)
    assert o.squeeze((0, -1)).shape == (3,)
    assert o.squeeze(1).shape == (1, 3, 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda q: q.sum(2),
        lambda q: q.sum(-3),
        lambda q: q.mean((0, 2)),
        lambda q: q.cumsum(2),
        lambda q: q.transpose(0, 2),
        lambda q: q.permute(0, 2),
        lambda q: q.movedim(2, 0),
        lambda q: q.unsqueeze(3),
        lambda q: q.flatten(0, 2),
        lambda q: q.flip(2),
        lambda q: q.roll(1, 2),
        lambda q: q.select(2, 0),
        lambda q: q.narrow(2, 0, 1),
        lambda q: q.index_select(2, torch.tensor([0])),
        lambda q: q.unbind(2),
        lambda q: q.split(1, 2),
        lambda q: q.squeeze(2),
        lambda q: torch.cat([q, q], 2),
        lambda q: torch.stack([q, q], 3),
        lambda q: torch.linalg.vector_norm(q, dim=2),
    ],
)
def test_no_axis_reaches_the_components(call):
    with pytest.raises(IndexError, match="Dimension out of range"):
        call(hc.QuaternionTensor(torch.zeros(2, 3, 4)))


def test_single_numbers_have_no_axes():
    q = hc.QuaternionTensor([1.0, 2, 3, 4])
    assert torch.equal(q.sum(), q)
    assert torch.equal(q.sum(0), q)
    assert torch.equal(q.mean(), q)
    assert q.flatten().shape == (1,)
    assert q.T.shape == ()
    assert q[None].shape == (1,)
    assert q[...].shape == ()
    with pytest.raises(IndexError, match="holds a single number, without axes"):
        q.unbind(0)
    with pytest.raises(TypeError, match="len"):
        len(q)


def test_sizes_count_numbers():
    q = hc.QuaternionTensor(torch.zeros(2, 3, 4))
    assert (q.shape, q.size(), q.size(-1), q.ndim, q.dim(), len(q)) == ((2, 3), (2, 3), 3, 2, 2, 2)
    assert (q.numel(), q.nelement(), q.itemsize, q.element_size(), q.nbytes) == (6, 6, 16, 16, 96)
    assert q.stride() == (12, 4)
    assert q.dtype == torch.float32
    assert not q.is_complex()
    assert q.is_floating_point()
    assert q.is_same_size(torch.zeros(2, 3))
    assert not q.is_same_size(torch.zeros(2, 3, 4))
    assert q.reshape_as(torch.zeros(3, 2)).shape == (3, 2)
    assert q.view_as(q[None]).shape == (1, 2, 3)
    assert q[0, 0].expand_as(q).shape == (2, 3)


def test_new_tensors_like_this_one():
    q = hc.QuaternionTensor(torch.zeros(2, 3, 4))
    assert torch.equal(torch.zeros_like(q), 0 * q)
    assert torch.equal(torch.ones_like(q), 0 * q + 1)
    assert torch.equal(torch.full_like(q, 5), 0 * q + 5)
    assert torch.equal(torch.fill(q, q[0, 0] + 5), 0 * q + 5)
    assert torch.empty_like(q).shape == (2, 3)
    assert q.new_empty(5).shape == (5,)
    assert torch.equal(q.new_zeros((5, 1)), 0 * q[:1, :1].expand(5, 1))
    assert torch.zeros_like(q, dtype=torch.float64).dtype == torch.float64
    assert torch.equal(q.clone().fill_(5), torch.full_like(q, 5))
    assert torch.equal(torch.fill(q, q[0, 0] + 5), torch.full_like(q, 5))
    assert torch.result_type(q, 1.5) == torch.float32
    assert torch.equal(hc.QuaternionTensor([q, q + 1]), torch.stack([q, q + 1]))
    with pytest.raises(NotImplementedError, match="factories make real numbers"):
        torch.zeros(3, out=q)
    assert torch.equal((q + 1).zero_(), q)
    assert torch.equal(q.clone().copy_(torch.ones(3)), q + 1)


def test_filled_and_normal_tensors():
    q = hc.QuaternionTensor(torch.zeros(2, 3, 4))
    number = hc.QuaternionTensor([1.0, 2, 3, 4])
    for full in (hc.QuaternionTensor.full((2, 3), number), q + number):
        assert torch.equal(full, number.expand(2, 3))
    assert torch.equal(q.new_full((2,), 7), 0 * q[:, 0] + 7)
    assert torch.equal(q.new_full((2,), q[0, 0]), torch.stack([q[0, 0]] * 2))
    assert q.new_full((2,), q[0, 0], dtype=torch.float64, requires_grad=True).is_leaf
    assert torch.equal(q.new_tensor([1.0, 2, 3, 4]), number)
    leaf = torch.ones_like(q, requires_grad=True, dtype=torch.float64)
    assert leaf.is_leaf
    assert leaf.requires_grad
    assert leaf.dtype == torch.float64
    for normal in (
        torch.randn_like(q.new_zeros(20_000)),
        q.new_zeros(20_000).normal_(),
        hc.QuaternionTensor.randn(20_000),
    ):
        assert abs(normal.abs().square().mean() - 1) < 0.02
        assert abs(normal.mean()) < 0.02
    shifted = q.new_zeros(20_000).normal_(2.0, 3.0, generator=torch.Generator().manual_seed(0))
    assert abs(shifted.mean() - 2) < 0.1
    assert abs(shifted.std() - 3) < 0.1
    with pytest.raises(
        NotImplementedError, match=r"distribution to be named; use torch\.randn_like"
    ):
        torch.rand_like(q)


def test_tensors_made_by_their_type():
    Q = hc.QuaternionTensor
    assert torch.equal(Q.zeros(2, 3), Q(torch.zeros(2, 3, 4)))
    assert torch.equal(Q.ones((2,), dtype=torch.float64), Q.zeros(2).double() + 1)
    assert torch.equal(Q.full((2,), Q([1.0, 2, 3, 4])), Q([[1.0, 2, 3, 4]] * 2))
    assert torch.equal(Q.eye(2, 3).real, torch.eye(2, 3))
    assert not Q.eye(2, 3).imag.any()
    assert Q.randn(2, device="meta", dtype=torch.float16).dtype == torch.float16
    assert Q.zeros(2, requires_grad=True).is_leaf
    seeded = [Q.randn(3, generator=torch.Generator().manual_seed(1)) for _ in range(2)]
    assert torch.equal(*seeded)
    assert torch.equal(Q.eye(3) @ Q.ones(3, 2), Q.ones(3, 2))
    with pytest.raises(TypeError, match="HypercomplexTensor has no algebra"):
        hc.HypercomplexTensor.zeros(2)


@pytest.mark.parametrize(("shape", "wrap"), [((3, 3), False), ((2, 4), False), ((7, 2), False), ((7, 2), True), ((2, 2, 2), False)])  # fmt: skip
def test_diagonals_are_filled(shape, wrap):
    q = integers(hc.QUATERNION, *shape)
    filled = q.clone()
    assert filled.fill_diagonal_(9, wrap) is filled
    on_diagonal = torch.zeros(shape).fill_diagonal_(1, wrap).bool()
    assert torch.equal(filled, q.masked_fill(on_diagonal, 9))


def test_which_numbers_are_not_zero():
    q = hc.QuaternionTensor([[[0.0, 0, 0, 1], [0, 0, 0, 0], [2, 0, 0, 0]], [[0.0] * 4] * 3])
    there = torch.tensor([[True, False, True], [False, False, False]])
    assert torch.equal(torch.count_nonzero(q), torch.tensor(2))
    assert torch.equal(q.count_nonzero(-1), there.count_nonzero(-1))
    assert torch.equal(q.nonzero(), there.nonzero())
    assert torch.equal(torch.argwhere(q), there.nonzero())
    for ours, expected in zip(torch.nonzero(q, as_tuple=True), torch.where(there), strict=True):
        assert torch.equal(ours, expected)
    for ours, expected in zip(torch.where(q), torch.where(there), strict=True):
        assert torch.equal(ours, expected)
    assert torch.equal(torch.nonzero_static(q, size=3), torch.nonzero_static(there, size=3))
    assert torch.equal(q.any(1), there.any(1))
    assert torch.equal(torch.all(q, dim=0, keepdim=True), there.all(0, True))
    assert torch.equal(q.isreal(), ~q.imag.any(-1))


def test_numbers_as_truth_values():
    q = hc.QuaternionTensor([[0.0, 0, 0, 1], [0, 0, 0, 0], [2, 0, 0, 0]])
    there, flags = torch.tensor([True, False, True]), torch.tensor([True, True, False])
    assert torch.equal(q.bool(), there)
    assert torch.equal(torch.logical_not(q), ~there)
    for name, expected in (("and", there & flags), ("or", there | flags), ("xor", there ^ flags)):
        assert torch.equal(getattr(torch, f"logical_{name}")(q, flags), expected)
        assert torch.equal(getattr(torch, f"logical_{name}")(flags, q), expected)
        written = q.clone()
        assert getattr(written, f"logical_{name}_")(flags) is written
        assert torch.equal(written, 0 * q + expected)
    out = torch.empty(3, dtype=torch.bool)
    torch.logical_not(q, out=out)
    assert torch.equal(out, ~there)
    assert torch.equal(q.clone().logical_not_(), 0 * q + ~there)
    assert torch.equal(q.clone().eq_(q), 0 * q + 1)
    assert torch.equal(q.clone().ne_(q[0]), 0 * q + torch.tensor([0.0, 1, 1]))


def test_equal_numbers():
    q = hc.QuaternionTensor([[1.0, 2, 3, 4], [1, 0, 0, 0], [1, 2, 3, 4], [1, 2, 3, 5]])
    numbers, inverse, counts = torch.unique(q.view(2, 2), return_inverse=True, return_counts=True)
    assert torch.equal(numbers[inverse], q.view(2, 2))
    assert sorted(counts.tolist()) == [1, 1, 2]
    assert torch.equal(torch.unique(q[:2], return_counts=True)[1], torch.ones(2).long())
    runs, inverse = q[[0, 0, 1, 0]].unique_consecutive(return_inverse=True)
    assert torch.equal(runs, q[:3])
    assert inverse.tolist() == [0, 0, 1, 2]
    assert torch.isin(q, q[0]).tolist() == [True, False, True, False]
    assert torch.isin(q, torch.tensor([1.0]), invert=True).tolist() == [True, False, True, True]


def test_a_number_with_a_nan_is_none():
    q = hc.QuaternionTensor([[1.0, 2, 3, 4], [1, torch.nan, 0, 0], [3, 2, 1, 0]])
    assert torch.equal(q.nansum(), q[0] + q[2])
    assert torch.equal(torch.nanmean(q, 0, True), (q[:1] + q[2]) / 2)


def test_weights_stand_left():
    a, b, w = (hc.QuaternionTensor(numbers(hc.QUATERNION, 3)) for _ in range(3))
    assert torch.allclose(torch.lerp(a, b, w), a + w * (b - a))
    assert torch.allclose(a.clone().lerp_(b, 0.25), 0.75 * a + 0.25 * b)


@pytest.mark.parametrize(
    "call",
    [
        lambda q, i: q.scatter_reduce(0, i, q, "prod"),
        lambda q, i: q.scatter_reduce_(0, i, q, "amax"),
        lambda q, i: q.index_reduce(0, i, q, "amin"),
        lambda q, i: q.scatter(0, i, q, reduce="multiply"),
    ],
)
def test_reducing_by_order_is_refused(call):
    with pytest.raises(
        NotImplementedError, match="numbers of QUATERNION have no order, and products"
    ):
        call(hc.QuaternionTensor(torch.zeros(2, 4)), torch.tensor([0, 0]))


@pytest.mark.parametrize(
    "call",
    [
        lambda q: torch.trapezoid(q, q),
        lambda q: torch.gradient(q, spacing=(q[0],)),
        lambda q: torch.cumulative_trapezoid(torch.ones(4), q),
    ],
)
def test_steps_are_real(call):
    with pytest.raises(NotImplementedError, match="must be real: which side numbers"):
        call(hc.QuaternionTensor(torch.ones(4, 4)))


def test_in_place_moves_change_the_tensor_itself():
    q = integers(hc.QUATERNION, 1, 2, 3)
    moved = q.clone()
    assert moved.squeeze_(0).t_().unsqueeze_(-1).transpose_(0, -1) is moved
    assert torch.equal(moved, q[0].T[:, :, None].transpose(0, -1))
    x = torch.zeros(2, 3)
    for write in (torch.Tensor.index_copy_, torch.Tensor.index_add_):
        with pytest.raises(NotImplementedError, match="does not fit into a real tensor"):
            write(x, 0, torch.tensor([0]), q[0, :1])
    assert torch.equal(x.index_copy(0, torch.tensor([0]), q[0, :1].float())[0], q[0, 0].float())


def test_strides_are_not_for_numbers():
    q = integers(hc.QUATERNION, 2, 3)
    assert q.T.dim_order() == q.real.contiguous().T.dim_order() == (1, 0)
    with pytest.raises(NotImplementedError, match="could cut numbers into pieces"):
        q.as_strided((2,), (1,))


def test_parts_are_views():
    q = hc.QuaternionTensor(torch.arange(8.0).view(2, 4))
    assert torch.equal(q.real, torch.tensor([0.0, 4]))
    assert torch.equal(torch.real(q), q.real)
    assert torch.equal(q.imag, torch.tensor([[1.0, 2, 3], [5, 6, 7]]))
    assert q.real.data_ptr() == q.components.data_ptr() == q.data_ptr()
    q.real = 9
    q.imag = torch.zeros(3)
    assert torch.equal(q, hc.QuaternionTensor([[9.0, 0, 0, 0], [9, 0, 0, 0]]))
    q.components[0, 1] = 5
    assert q[0].imag[0] == 5
    q[1:].components = torch.tensor([1.0, 2, 3, 4])
    assert torch.equal(q, hc.QuaternionTensor([[9.0, 5, 0, 0], [1, 2, 3, 4]]))
    with pytest.raises(
        TypeError, match=r"not with list; for components pass QuaternionTensor\(x\)"
    ):
        q[0] = [1, 2, 3, 4]


@every_algebra
def test_norms_and_inverses(algebra):
    T = hc.tensor_type(algebra)
    q = T(numbers(algebra, 2, 3))
    modulus = q.components.square().sum(-1).sqrt()
    torch.testing.assert_close(abs(q), modulus)
    torch.testing.assert_close(torch.linalg.vector_norm(q), modulus.norm())
    torch.testing.assert_close(torch.linalg.vector_norm(q, 1, -1), modulus.sum(-1))
    torch.testing.assert_close(q.norm(), modulus.norm())
    torch.testing.assert_close(
        torch.norm(q, dim=0, keepdim=True), modulus.norm(dim=0, keepdim=True)
    )
    torch.testing.assert_close((torch.sgn(q) * modulus).components, q.components)
    assert torch.equal(q.inverse(), q.reciprocal())
    assert torch.equal(q.conj().conj(), q)
    assert torch.equal(torch.conj(q), q.conj())
    assert torch.equal(q.square(), q * q)
    in_place = q.clone()
    assert in_place.reciprocal_() is in_place
    assert torch.equal(in_place, q.inverse())
    with pytest.raises(TypeError, match="must be a number, 'fro' or 'nuc'"):
        torch.norm(q, "inf")


def test_division_is_multiplication_by_the_inverse_from_the_right():
    a, b = (hc.QuaternionTensor(numbers(hc.QUATERNION, 5)) for _ in range(2))
    assert torch.allclose(a / b, a * b.inverse())
    assert torch.allclose((a / b) * b, a)
    assert not torch.allclose(b * (a / b), a)
    assert torch.allclose(1 / a * a, torch.ones_like(a))
    with pytest.raises(TypeError, match="are not rounded"):
        torch.div(a, b, rounding_mode="floor")


def test_the_inverse_of_zero_is_nan():
    zero, one = hc.QuaternionTensor.zeros(2), hc.QuaternionTensor.ones(2)
    for quotient in (zero.inverse(), 1 / zero, one / zero, torch.reciprocal(zero)):
        assert quotient.components.isnan().all()
    z = torch.zeros(2, dtype=torch.complex64)  # what the page of conventions says of torch
    assert torch.view_as_real(1 / z).isnan().all()
    for quotient in (z.reciprocal(), (z + 1) / z):
        assert quotient.real.isinf().all()
        assert quotient.imag.isnan().all()


@every_algebra
def test_matrix_products_sum_products(algebra):
    T = hc.tensor_type(algebra)
    A, B = T(numbers(algebra, 2, 3)), T(numbers(algebra, 3, 4))
    naive = (A.unsqueeze(-1) * B).sum(1)
    assert torch.allclose(A @ B, naive)
    assert torch.allclose(torch.mv(A, B[:, 0]), naive[:, 0])
    assert torch.allclose(A[0].dot(B[:, 0]), naive[0, 0])
    assert torch.allclose(torch.bmm(A[None], B[None]), naive[None])
    R = torch.randn(3, 4, dtype=torch.float64)
    assert torch.allclose(A @ R, (A.unsqueeze(-1) * R).sum(1))
    assert torch.allclose(R.T @ A.T, (A @ R).T)
    with pytest.raises(RuntimeError, match="mm expects tensors with 2 and 2 axes, but got 1 and 2"):
        torch.mm(A[0], B)


def test_comparisons_compare_numbers():
    a = hc.QuaternionTensor([[1.0, 2, 3, 4], [1, 0, 0, 0]])
    b = hc.QuaternionTensor([[1.0, 2, 3, 5], [1, 0, 0, 0]])
    assert (a == b).tolist() == [False, True]
    assert (a != b).tolist() == [True, False]
    assert (a == 1).tolist() == [False, True]
    assert (torch.tensor([1.0, 1.0]) == a).tolist() == [False, True]
    assert (a == "text") is False
    assert not torch.equal(a, b)
    assert not torch.equal(a, a.components)
    assert torch.isclose(a, b, atol=2).tolist() == [True, True]
    assert torch.allclose(a, a + 1e-9)
    assert not torch.allclose(a, b)
    n = hc.QuaternionTensor([[float("nan"), 0, 0, 0], [0, float("inf"), 0, 0], [0, 0, 0, 1]])
    assert n.isnan().tolist() == [True, False, False]
    assert n.isinf().tolist() == [False, True, False]
    assert n.isfinite().tolist() == [False, False, True]
    assert torch.isclose(n, n, equal_nan=True).tolist() == [True, True, True]
    assert torch.isclose(n, n).tolist() == [False, True, True]
    assert bool(a[0])
    assert not bool(0 * a[0])
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(a)


def test_conversions_keep_the_type():
    q = hc.QuaternionTensor([1.0, 2, 3, 4])
    for convert, dtype in [
        (torch.Tensor.double, torch.float64),
        (torch.Tensor.half, torch.float16),
        (torch.Tensor.bfloat16, torch.bfloat16),
        (lambda x: x.to(torch.float64), torch.float64),
        (lambda x: x.type_as(torch.zeros(1).double()), torch.float64),
        (lambda x: x.type(torch.float64), torch.float64),
        (lambda x: x.type("torch.HalfTensor"), torch.float16),
    ]:
        converted = convert(q)
        assert isinstance(converted, hc.QuaternionTensor)
        assert converted.dtype == dtype
    assert q.to("meta").is_meta
    assert q.type() == "torch.FloatTensor"  # as q.dtype is that of the components
    with pytest.raises(TypeError, match="floating-point components, not 4 of"):
        q.type(torch.int64)
    with pytest.raises(TypeError, match="floating-point components, not 4 of"):
        q.to(torch.int64)
    with pytest.raises(TypeError, match="reinterpret bytes"):
        q.view(torch.int32)


# ---------------------------------------------------------------------- constructing


def test_construction_shares_and_checks():
    x = torch.zeros(2, 4)
    assert hc.QuaternionTensor(x).data_ptr() == x.data_ptr()
    assert hc.as_hypercomplex(x, hc.QUATERNION).components.data_ptr() == x.data_ptr()
    assert hc.QuaternionTensor([1, 2, 3, 4]).dtype == torch.get_default_dtype()
    assert hc.QuaternionTensor(np.ones((2, 4))).dtype == torch.float64
    assert hc.QuaternionTensor(x, dtype=torch.float16).dtype == torch.float16
    assert hc.QuaternionTensor(x, device="meta").is_meta
    q = hc.QuaternionTensor(x, requires_grad=True)
    assert q.is_leaf
    assert q.requires_grad
    assert not x.requires_grad
    assert torch.equal(hc.QuaternionTensor(q.detach()), q)
    w = torch.zeros(4, requires_grad=True)
    (hc.QuaternionTensor(w) * 2).real.sum().backward()
    assert w.grad.tolist() == [2, 0, 0, 0]


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool])
def test_integers_become_numbers(dtype):
    x = torch.tensor([[1, 0, 1, 1], [0, 1, 0, 0]], dtype=dtype)
    expected = hc.QuaternionTensor([[1.0, 0, 1, 1], [0, 1, 0, 0]])
    for given in (x, x.tolist(), x.numpy()):
        assert torch.equal(hc.QuaternionTensor(given), expected)
        assert torch.equal(hc.QuaternionTensor.from_components(torch.as_tensor(given)), expected)
    assert hc.QuaternionTensor(x, dtype=torch.float16).dtype == torch.float16
    assert hc.QuaternionTensor(x, requires_grad=True).requires_grad


def test_types_belong_to_algebras():
    assert hc.tensor_type(hc.clifford(0, 2)) is hc.QuaternionTensor
    assert hc.tensor_type(hc.OCTONION).__name__ == "OctonionTensor"
    first = hc.tensor_type(hc.clifford(2, 1, name="Mine!"))
    second = hc.tensor_type(hc.clifford(1, 2, name="Mine!"))
    assert first is not second
    assert first.__name__ != second.__name__


BAD = [
    (lambda: hc.QuaternionTensor(torch.zeros(3)), ValueError, r"`data` of shape \(3,\) must have the 4"),
    (lambda: hc.QuaternionTensor(1.0), ValueError, r"`data` of shape \(\)"),
    (lambda: hc.as_hypercomplex(torch.zeros(4, dtype=torch.int32), hc.QUATERNION), TypeError, r"`components` holds torch\.int32"),
    (lambda: hc.as_hypercomplex(torch.zeros(4), "QUATERNION"), TypeError, r"`algebra` \(='QUATERNION'\) must be an Algebra"),
    (lambda: hc.QuaternionTensor(torch.zeros(4, dtype=torch.complex64)), TypeError, "floating-point numbers; torch.view_as_real"),
    (lambda: hc.HypercomplexTensor(torch.zeros(4)), TypeError, "HypercomplexTensor has no algebra"),
    (lambda: hc.QuaternionTensor(hc.as_hypercomplex(torch.zeros(4), hc.clifford(1, 1))), TypeError, r"`data` is a \w+, numbers of another algebra than QUATERNION"),
    (lambda: hc.tensor_type("quaternion"), TypeError, r"`algebra` \(='quaternion'\) must be an Algebra"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) + 1j, NotImplementedError, "a complex number has no place in QUATERNION"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) * torch.ones(1, dtype=torch.complex64), NotImplementedError, "say which unit i is"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) == 1j, NotImplementedError, "say which unit i is"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) ** 1j, NotImplementedError, "say which unit i is"),
    (lambda: torch.full_like(hc.QuaternionTensor(torch.zeros(4)), 1j), NotImplementedError, "say which unit i is"),
    (lambda: torch.add(*[hc.QuaternionTensor(torch.zeros(4))] * 2, alpha=1j), NotImplementedError, "`alpha` .* must be real"),
    (lambda: torch.einsum("i,i", hc.QuaternionTensor(torch.zeros(2, 4)), torch.ones(2, dtype=torch.complex64)), NotImplementedError, "say which unit i is"),
    (lambda: torch.ones(2, 2, dtype=torch.complex64) @ hc.QuaternionTensor(torch.zeros(2, 4)), NotImplementedError, "say which unit i is"),
    (lambda: torch.ones(2, dtype=torch.complex64).add_(hc.tensor_type(hc.COMPLEX)(torch.zeros(2, 2))), NotImplementedError, r"does not fit into a complex tensor; write torch.view_as_complex"),
    (lambda: torch.mul(*[hc.tensor_type(hc.COMPLEX)(torch.zeros(2, 2))] * 2, out=torch.ones(2, dtype=torch.complex64)), NotImplementedError, "does not fit into a complex tensor"),
    (lambda: torch.trapezoid(torch.ones(2), hc.QuaternionTensor(torch.zeros(2, 4))), NotImplementedError, "`x` must be real"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) + "1", TypeError, "unsupported operand"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) * hc.tensor_type(hc.OCTONION)(torch.zeros(8)), RuntimeError, "QUATERNION and OCTONION are different|OCTONION and QUATERNION are different"),
    (lambda: torch.add(hc.QuaternionTensor(torch.zeros(4)), 1, out=torch.zeros(4)), NotImplementedError, "does not fit into a real tensor"),
    (lambda: hc.functional.product(hc.QuaternionTensor(torch.zeros(4)), torch.zeros(4), hc.QUATERNION), TypeError, "`b` of functional.product is a plain tensor beside a QuaternionTensor"),
    (lambda: f"{hc.QuaternionTensor(torch.zeros(2, 4)):.3f}", TypeError, "`format_spec`"),
    (lambda: np.ones(2, complex) * hc.QuaternionTensor(torch.zeros(2, 4)), NotImplementedError, "say which unit i is"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_operands_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


# ---------------------------------------------------------------------- plain beside typed


def test_a_plain_tensor_stays_plain_beside_a_typed_one():
    q = hc.QuaternionTensor(torch.zeros(3, 4, dtype=torch.float64))
    x = torch.ones(3, 1)
    for plain, shape in [
        (x.to(q), (3, 1)),
        (x.type_as(q), (3, 1)),
        (x[:1, 0].expand_as(q), (3,)),
        (x.view_as(q), (3,)),
        (x.reshape_as(q), (3,)),
    ]:
        assert type(plain) is torch.Tensor
        assert plain.shape == shape
    assert x.to(q).dtype == torch.float64
    mask = torch.tensor([True, False, False])
    filled = torch.masked_fill(torch.arange(3.0).double(), mask, q[0] + 9)
    assert torch.equal(filled.real, torch.tensor([9.0, 1, 2]).double())
    assert torch.equal(filled.imag, torch.zeros(3, 3).double())


@pytest.mark.parametrize(
    "write",
    [
        lambda x, q: x.copy_(q),
        lambda x, q: x.fill_(q[0]),
        lambda x, q: x.__setitem__(0, q),
        lambda x, q: x.mul_(q),
        lambda x, q: x.add_(q),
    ],
)
def test_numbers_do_not_fit_into_real_tensors(write):
    x = torch.zeros(4, 4)
    with pytest.raises(NotImplementedError, match="does not fit into a real tensor"):
        write(x, hc.QuaternionTensor(torch.ones(4, 4)))
    assert torch.equal(x, torch.zeros(4, 4))


def test_algebras_do_not_compare():
    a = hc.QuaternionTensor([1.0, 2, 3, 4])
    b = hc.as_hypercomplex(torch.tensor([1.0, 2, 3, 4]), hc.clifford(1, 1))
    for compare in (torch.eq, torch.ne, torch.isclose, lambda a, b: a == b, lambda a, b: b != a):
        with pytest.raises(RuntimeError, match="different algebras"):
            compare(a, b)


def test_finite_is_not_close_to_infinite():
    one = hc.QuaternionTensor([1.0, 0, 0, 0])
    infinite = hc.QuaternionTensor([float("inf"), 0, 0, 0])
    assert not torch.isclose(one, infinite)
    assert not torch.isclose(infinite, one)
    assert torch.isclose(infinite, infinite)
    assert not torch.isclose(infinite, -infinite)


def test_keywords_are_torchs_own():
    q = integers(hc.QUATERNION, 2, 3)
    r = integers(hc.QUATERNION, 3, 2)
    for ours, expected in [
        (q.sum(axis=1, keepdims=True), q.sum(1, True)),
        (torch.stack([q, q], axis=-1), torch.stack([q, q], -1)),
        (torch.permute(q, dims=(1, 0)), q.T),
        (q.flip(dims=[0]), q.flip(0)),
        (torch.reshape(q, shape=(6,)), q.reshape(6)),
        (q.view(size=(3, 2)), q.view(3, 2)),
        (q[:, :1].expand(size=(2, 5)), q[:, :1].expand(2, 5)),
        (torch.tile(q, dims=(2,)), q.tile(2)),
        (torch.broadcast_to(q, size=(4, 2, 3)), q.expand(4, 2, 3)),
        (torch.swapaxes(q, axis0=0, axis1=1), q.T),
        (torch.mm(q, mat2=r), q @ r),
        (torch.mv(q, vec=r[:, 0]), q @ r[:, 0]),
        (torch.dot(q[0], tensor=r[:, 0]), q[0] @ r[:, 0]),
        (q.new_zeros(size=(2,)), 0 * q[:, 0]),
        (q.new_ones(2), 0 * q[:, 0] + 1),
        (q.where(q.real > 0, q + 1), torch.where(q.real > 0, q, q + 1)),
        (torch.add(input=q, other=q), q + q),
    ]:
        assert torch.equal(ours, expected)
    with pytest.raises(TypeError, match="shape"):
        q.reshape(shapes=(6,))


def test_single_numbers_are_pythons_where_python_has_them():
    assert hc.tensor_type(hc.COMPLEX)([[1.0, 2]]).item() == 1 + 2j
    assert hc.tensor_type(hc.clifford(0, 1))([3.0, -1]).item() == 3 - 1j
    assert hc.tensor_type(hc.REAL)([2.0]).item() == 2
    with pytest.raises(RuntimeError, match=r"needs one number, but the tensor has shape \(2,\)"):
        hc.tensor_type(hc.COMPLEX).zeros(2).item()


def test_complex_numbers_have_the_dtype_of_the_tensor_beside_them():
    z = hc.tensor_type(hc.COMPLEX).ones(2, dtype=torch.float16)
    assert (z * 1j + np.complex128(2)).dtype == torch.float16
    assert torch.equal((z * 1j).components, torch.tensor([[0.0, 1]] * 2).half())
    lazy = torch.tensor([1 + 2j, 3j]).conj()
    assert torch.equal((z.float() + lazy).imag.flatten(), torch.tensor([-2.0, -3]))


def test_complex_numbers_compile():
    z, t = hc.tensor_type(hc.COMPLEX).randn(3), torch.tensor([1j, 2, 3 - 1j])
    function = lambda z, t: (z * 1j + t) ** 2 / (t - 2j)
    compiled = torch.compile(function, backend="eager", fullgraph=True)
    assert torch.allclose(compiled(z, t), function(z, t))


def test_numpy_scalars_are_real_numbers():
    q = hc.QuaternionTensor([1.0, 2, 3, 4])
    assert torch.equal(q * np.float32(2), 2 * q)
    assert torch.equal(q / np.int64(2), q / 2)
    assert torch.equal(q + np.float32(1), q + 1)
    assert (q * np.float64(2)).dtype == torch.float32


@pytest.mark.parametrize(
    "call",
    [
        lambda q: torch.zeros_like(q, dtype=torch.int64),
        lambda q: q.new_zeros(2, dtype=torch.int64),
        lambda q: q.sum(dtype=torch.complex64),
        lambda q: hc.functional.componentwise(torch.Tensor.long, q),
        lambda q: hc.QuaternionTensor([1, 2, 3, 4], dtype=torch.int32),
    ],
)
def test_components_are_floating_point(call):
    with pytest.raises(TypeError, match="floating-point"):
        call(hc.QuaternionTensor(torch.zeros(3, 4)))


def test_data_is_replaced_by_numbers_only():
    q = hc.QuaternionTensor(torch.zeros(3, 4))
    q.data = hc.QuaternionTensor(torch.ones(2, 4))
    assert torch.equal(q, hc.QuaternionTensor(torch.ones(2, 4)))
    q.data = torch.ones(2)  # a real tensor is one of real numbers
    assert torch.equal(q.components, torch.tensor([1.0, 0, 0, 0]).expand(2, 4))
    for components in (torch.ones(2, 4), torch.ones(5), torch.ones(1)):
        for name in ("data", "grad"):
            with pytest.raises(RuntimeError, match=r"for numbers of shape \(2,\); pass Quaternion"):
                setattr(q, name, components)
    with pytest.raises(RuntimeError, match="different algebras"):
        q.data = hc.as_hypercomplex(torch.ones(3, 4), hc.clifford(1, 1))
    with pytest.raises(TypeError, match="must be a floating-point type"):
        q.data = torch.ones(2, dtype=torch.int64)
    for source in ((), (torch.ones(5),), (torch.ones(5).untyped_storage(),)):
        with pytest.raises(NotImplementedError, match=r"torch\.Tensor\.set_ is refused"):
            q.set_(*source)
    other = hc.QuaternionTensor(torch.zeros(3, 4))
    assert q.set_(other) is q
    other += 1  # in the same memory
    assert torch.equal(q, other)
    q.set_(hc.QuaternionTensor(torch.ones(2, 4)))
    assert q.components.shape == (2, 4)


def test_views_do_not_copy():
    q = hc.QuaternionTensor(torch.zeros(3, 2, 4))
    with pytest.raises(RuntimeError, match="view"):
        q.T.view_as(hc.QuaternionTensor(torch.zeros(6, 4)))
    assert q.view_as(torch.zeros(6)).data_ptr() == q.data_ptr()


def test_division_of_tiny_numbers():
    for dtype, tiny in [(torch.float16, 1e-5), (torch.float32, 1e-39), (torch.float64, 1e-310)]:
        q = hc.QuaternionTensor([0, tiny, 0, tiny], dtype=dtype)
        assert torch.allclose(q / q, torch.ones_like(q), atol=1e-2)


def test_subclasses_of_a_tensor_type_combine():
    class Attitude(hc.QuaternionTensor):
        pass

    a, q = Attitude([1.0, 2, 3, 4]), hc.QuaternionTensor([1.0, 0, 0, 0])
    assert torch.equal(hc.QuaternionTensor(a * q), hc.QuaternionTensor(a.components))
