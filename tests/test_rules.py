"""Every rule against the same function on a tensor of separate numbers, over shapes and dtypes.

The oracle holds one exact number in each cell of a NumPy object array, so axes, broadcasting and
indexing are NumPy's, and arithmetic is the algebra's own.
"""

import numpy as np
import pytest
import torch

import hypercomplex as hc
from tests.cases import ALGEBRAS, FRACTIONAL, every_algebra, every_dtype, numbers


class Number:
    """One exact number; what an object array holds."""

    def __init__(self, algebra, coefficients):
        self.algebra, self.coefficients = algebra, tuple(coefficients)

    def __add__(self, other):
        return self.of(a + b for a, b in zip(self.coefficients, other.coefficients, strict=True))

    def __sub__(self, other):
        return self.of(a - b for a, b in zip(self.coefficients, other.coefficients, strict=True))

    def __mul__(self, other):
        return self.of(self.algebra.multiply(self.coefficients, other.coefficients))

    def __neg__(self):
        return self.of(-a for a in self.coefficients)

    def conjugate(self):
        return self.of(self.algebra.conjugate(self.coefficients))

    def of(self, coefficients):
        return Number(self.algebra, coefficients)


def to_objects(q):
    """A typed tensor of integers as an object array of exact numbers."""
    components = q.components.to(torch.float64).numpy()
    cells = np.empty(components.shape[:-1], dtype=object)
    for index in np.ndindex(*cells.shape):
        cells[index] = Number(q.algebra, (int(x) for x in components[index]))
    return cells


def from_objects(cells, algebra):
    cells = np.asarray(cells, dtype=object)
    flat = [cell.coefficients for cell in cells.flatten()]
    return torch.tensor(flat, dtype=torch.float64).reshape(*cells.shape, algebra.dimension)


def integers(algebra, *shape, dtype=torch.float64):
    return hc.tensor_type(algebra)(torch.randint(-3, 4, (*shape, algebra.dimension)).to(dtype))


def agrees(q, cells):
    """The typed result equals the oracle exactly, in type, shape and value."""
    assert isinstance(q, hc.HypercomplexTensor)
    expected = from_objects(cells, q.algebra)
    assert tuple(q.shape) == expected.shape[:-1]
    assert torch.equal(q.components.double(), expected)


SHAPES = [(), (0,), (1,), (3,), (2, 3), (2, 0, 3), (2, 1, 4)]
PAIRS = [((), ()), ((3,), ()), ((), (2, 3)), ((2, 1), (3,)), ((4, 1, 3), (2, 1)), ((0,), (1,))]


@pytest.mark.parametrize("algebra", [a for a in ALGEBRAS if a != FRACTIONAL], ids=str)
@every_dtype
@pytest.mark.parametrize("shapes", PAIRS, ids=str)
def test_arithmetic_is_that_of_numbers(algebra, dtype, shapes):
    a, b = (integers(algebra, *shape, dtype=dtype) for shape in shapes)
    x, y = to_objects(a), to_objects(b)
    agrees(a + b, x + y)
    agrees(a - b, x - y)
    agrees(a * b, x * y)
    agrees(-a, np.array([-n for n in x.flatten()] + [None], dtype=object)[:-1].reshape(x.shape))
    assert (a + b).dtype == dtype


SPELLINGS = [
    (torch.add, torch.Tensor.add, lambda a, b: a + b, torch.Tensor.__add__),
    (torch.sub, torch.subtract, torch.Tensor.sub, lambda a, b: a - b, lambda a, b: torch.rsub(b, a)),
    (torch.mul, torch.multiply, torch.Tensor.mul, lambda a, b: a * b),
    (torch.div, torch.divide, torch.true_divide, torch.Tensor.div, lambda a, b: a / b),
    (torch.matmul, torch.mm, torch.Tensor.mm, torch.linalg.matmul, lambda a, b: a @ b, lambda a, b: torch.Tensor.__rmatmul__(b, a)),
]  # fmt: skip
IN_PLACE = [
    (torch.Tensor.add_, torch.Tensor.__iadd__),
    (torch.Tensor.sub_, torch.Tensor.__isub__, torch.Tensor.subtract_),
    (torch.Tensor.mul_, torch.Tensor.__imul__, torch.Tensor.multiply_),
    (torch.Tensor.div_, torch.Tensor.__itruediv__, torch.Tensor.true_divide_),
    (),
]


@pytest.mark.parametrize("row", range(len(SPELLINGS)))
def test_all_spellings_agree_also_in_place(row):
    a, b = (hc.QuaternionTensor(numbers(hc.QUATERNION, 3, 3)) for _ in range(2))
    expected = SPELLINGS[row][0](a, b)
    for spelling in SPELLINGS[row]:
        assert torch.equal(spelling(a, b), expected)
    for spelling in IN_PLACE[row]:
        c = a.clone()
        assert spelling(c, b) is c
        assert torch.equal(c, expected)


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


@every_algebra
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_reductions_reduce_numbers(algebra, shape):
    q = integers(algebra, *shape)
    cells = to_objects(q)
    zero = Number(algebra, [0] * algebra.dimension)
    for dim in [None, *range(-len(shape), len(shape))]:
        expected = np.sum(cells, axis=dim, initial=zero) if cells.ndim else cells
        agrees(torch.sum(q, dim) if dim is not None else q.sum(), expected)
        if q.numel():
            count = q.numel() if dim is None else shape[dim]
            assert torch.allclose(q.mean(dim) * count, q.sum(dim))
    if len(shape) > 1:
        agrees(q.sum((0, -1)), np.sum(cells, axis=(0, -1), initial=zero))
        agrees(q.sum(0, keepdim=True), np.sum(cells, axis=0, keepdims=True, initial=zero))
    assert q.sum(dtype=torch.float32).dtype == torch.float32


def test_running_sums():
    q = integers(hc.QUATERNION, 3, 4)
    agrees(q.cumsum(-1), np.cumsum(to_objects(q), axis=-1))


INDICES = [
    0, -1, slice(1, None), slice(None, None, 2), Ellipsis, None, (0, 1), (slice(None), 1),
    (Ellipsis, 0), (None, 0), (Ellipsis, None), (slice(None), None, 1), [0, 1], ([0, 1], [2, 0]),
    (slice(None), [0, 2]), (0, Ellipsis, slice(1)), (),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexing_counts_numbers(index):
    q = integers(hc.QUATERNION, 2, 3, 4)
    cells = to_objects(q)
    agrees(q[index], np.asarray(cells[index]))
    value = integers(hc.QUATERNION)
    changed = q.clone()
    changed[index] = value
    cells[index] = to_objects(value).item()
    agrees(changed, cells)


def test_masks_and_index_tensors():
    q = integers(hc.QUATERNION, 2, 3)
    mask = torch.tensor([[True, False, True], [False, False, True]])
    agrees(q[mask], to_objects(q)[mask.numpy()])
    agrees(q.masked_select(mask), to_objects(q)[mask.numpy()])
    agrees(q[:, torch.tensor([2, 0])], to_objects(q)[:, [2, 0]])
    agrees(q.index_select(1, torch.tensor([2, 0])), to_objects(q)[:, [2, 0]])
    agrees(torch.where(mask, q, -q), np.where(mask.numpy(), to_objects(q), to_objects(-q)))
    filled = q.masked_fill(mask, 7)
    assert torch.equal(filled.real[mask], torch.full((3,), 7.0).double())
    assert torch.equal(filled.imag[mask], torch.zeros(3, 3).double())
    assert torch.equal(q.clone().masked_fill_(mask, 7), filled)
    changed = q.clone()
    changed[mask] = 1.0
    assert torch.equal(changed[mask], hc.QuaternionTensor(torch.eye(4)[0].expand(3, 4).double()))


def test_an_index_cannot_reach_components():
    q = hc.QuaternionTensor(torch.zeros(2, 3, 4))
    for index in [(0, 0, 0), (Ellipsis, 0, 0, 0), (slice(None),) * 3]:
        with pytest.raises(IndexError, match="too many indices for tensor of dimension 2"):
            q[index]
    with pytest.raises(TypeError, match="numbers cannot index"):
        torch.zeros(3)[q]
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(q[0, 0])


# name of the torch method, arguments, and the same in NumPy
MOVES = [
    ("reshape", (4, 3, 2), lambda x: x.reshape(4, 3, 2)),
    ("reshape", ((-1, 4),), lambda x: x.reshape(-1, 4)),
    ("view", (6, -1), lambda x: x.reshape(6, -1)),
    ("flatten", (), lambda x: x.reshape(-1)),
    ("flatten", (1,), lambda x: x.reshape(2, 12)),
    ("flatten", (-2, -1), lambda x: x.reshape(2, 12)),
    ("ravel", (), lambda x: x.reshape(-1)),
    ("unflatten", (-1, (2, 2)), lambda x: x.reshape(2, 3, 2, 2)),
    ("transpose", (0, 1), lambda x: x.swapaxes(0, 1)),
    ("transpose", (-1, 0), lambda x: x.swapaxes(-1, 0)),
    ("swapaxes", (1, 2), lambda x: x.swapaxes(1, 2)),
    ("permute", (2, 0, 1), lambda x: x.transpose(2, 0, 1)),
    ("permute", ((-1, 0, 1),), lambda x: x.transpose(2, 0, 1)),
    ("movedim", (0, -1), lambda x: np.moveaxis(x, 0, -1)),
    ("movedim", ((0, 1), (-1, 0)), lambda x: np.moveaxis(x, (0, 1), (-1, 0))),
    ("unsqueeze", (-1,), lambda x: x[..., None]),
    ("unsqueeze", (1,), lambda x: x[:, None]),
    ("expand", (5, 2, 3, 4), lambda x: np.broadcast_to(x, (5, 2, 3, 4))),
    ("broadcast_to", ((5, 2, 3, 4),), lambda x: np.broadcast_to(x, (5, 2, 3, 4))),
    ("repeat", (2, 1, 3), lambda x: np.tile(x, (2, 1, 3))),
    ("tile", (2,), lambda x: np.tile(x, (1, 1, 2))),
    ("flip", (0, -1), lambda x: np.flip(x, (0, -1))),
    ("roll", (1,), lambda x: np.roll(x, 1)),
    ("roll", (2, -1), lambda x: np.roll(x, 2, -1)),
    ("roll", ((1, 2), (0, 1)), lambda x: np.roll(x, (1, 2), (0, 1))),
    ("select", (-1, 2), lambda x: x[..., 2]),
    ("narrow", (1, 1, 2), lambda x: x[:, 1:3]),
    ("clone", (), lambda x: x),
    ("contiguous", (), lambda x: x),
    ("detach", (), lambda x: x),
    ("__reversed__", (), lambda x: x[::-1]),
]


@pytest.mark.parametrize(("name", "arguments", "oracle"), MOVES)
def test_moves_carry_whole_numbers(name, arguments, oracle):
    q = integers(hc.QUATERNION, 2, 3, 4)
    agrees(getattr(q, name)(*arguments), oracle(to_objects(q)))
    strided = integers(hc.QUATERNION, 4, 3, 2).transpose(0, 2)
    if name != "view":
        agrees(getattr(strided, name)(*arguments), oracle(to_objects(strided)))


def test_transposes():
    q = integers(hc.QUATERNION, 2, 3, 4)
    agrees(q.T, to_objects(q).T)
    agrees(q.mT, to_objects(q).swapaxes(-1, -2))
    conjugates = np.vectorize(Number.conjugate, otypes=[object])(to_objects(q).swapaxes(-1, -2))
    agrees(q.mH, conjugates)
    agrees(q.adjoint(), conjugates)
    agrees(q[0].H, conjugates[0])
    agrees(q[0].t(), to_objects(q)[0].T)
    with pytest.raises(RuntimeError, match=r"use \.mH"):
        _ = q.H
    with pytest.raises(RuntimeError, match="at most 2 axes"):
        q.t()


def test_squeezing_spares_the_components():
    o = integers(hc.REAL, 1, 3, 1)
    assert o.squeeze().shape == (3,)
    assert o.squeeze(0).shape == (3, 1)
    assert o.squeeze((0, -1)).shape == (3,)
    assert o.squeeze(1).shape == (1, 3, 1)


def test_putting_together_and_taking_apart():
    a, b = integers(hc.QUATERNION, 2, 3), integers(hc.QUATERNION, 2, 3)
    x, y = to_objects(a), to_objects(b)
    for dim in (0, 1, -1, -2):
        agrees(torch.cat([a, b], dim), np.concatenate([x, y], dim))
        agrees(torch.concat((a, b), dim=dim), np.concatenate([x, y], dim))
    for dim in (0, 1, 2, -1, -3):
        agrees(torch.stack([a, b], dim), np.stack([x, y], dim))
    for part, expected in zip(a.unbind(-1), np.moveaxis(x, -1, 0), strict=True):
        agrees(part, expected)
    assert [part.shape for part in a.split(2, -1)] == [(2, 2), (2, 1)]
    assert [part.shape for part in a.chunk(3, 1)] == [(2, 1)] * 3
    assert [part.shape for part in a] == [(3,), (3,)]
    mixed = torch.stack([a, torch.ones(2, 3).double()])
    assert torch.equal(mixed[1].real, torch.ones(2, 3).double())
    assert torch.equal(mixed[1].imag, torch.zeros(2, 3, 3).double())


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
    assert torch.empty_like(q).shape == (2, 3)
    assert q.new_empty(5).shape == (5,)
    assert torch.equal(q.new_zeros((5, 1)), 0 * q[:1, :1].expand(5, 1))
    assert torch.zeros_like(q, dtype=torch.float64).dtype == torch.float64
    assert torch.equal(q.clone().fill_(5), torch.full_like(q, 5))
    assert torch.equal((q + 1).zero_(), q)
    assert torch.equal(q.clone().copy_(torch.ones(3)), q + 1)


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
    with pytest.raises(TypeError, match="norm of matrices"):
        torch.norm(q, "nuc")


def test_division_is_multiplication_by_the_inverse_from_the_right():
    a, b = (hc.QuaternionTensor(numbers(hc.QUATERNION, 5)) for _ in range(2))
    assert torch.allclose(a / b, a * b.inverse())
    assert torch.allclose((a / b) * b, a)
    assert not torch.allclose(b * (a / b), a)
    assert torch.allclose(1 / a * a, torch.ones_like(a))
    with pytest.raises(TypeError, match="are not rounded"):
        torch.div(a, b, rounding_mode="floor")


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
    ]:
        converted = convert(q)
        assert isinstance(converted, hc.QuaternionTensor)
        assert converted.dtype == dtype
    assert q.to("meta").is_meta
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
    (lambda: hc.QuaternionTensor(torch.zeros(4, dtype=torch.int32)), TypeError, r"`data` holds torch\.int32"),
    (lambda: hc.QuaternionTensor(torch.zeros(4, dtype=torch.complex64)), TypeError, "floating-point numbers"),
    (lambda: hc.HypercomplexTensor(torch.zeros(4)), TypeError, "HypercomplexTensor has no algebra"),
    (lambda: hc.QuaternionTensor(hc.as_hypercomplex(torch.zeros(4), hc.clifford(1, 1))), TypeError, r"`data` is a Cl_1_1Tensor, numbers of another algebra than QUATERNION"),
    (lambda: hc.tensor_type("quaternion"), TypeError, r"`algebra` \(='quaternion'\) must be an Algebra"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) + 1j, NotImplementedError, "a complex number has no place in QUATERNION"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) * torch.ones(1, dtype=torch.complex64), NotImplementedError, "say which unit i is"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) + "1", TypeError, "unsupported operand"),
    (lambda: hc.QuaternionTensor(torch.zeros(4)) * hc.tensor_type(hc.OCTONION)(torch.zeros(8)), RuntimeError, "QUATERNION and OCTONION are different|OCTONION and QUATERNION are different"),
    (lambda: torch.add(hc.QuaternionTensor(torch.zeros(4)), 1, out=torch.zeros(4)), NotImplementedError, "does not fit into a real tensor"),
    (lambda: hc.functional.product(hc.QuaternionTensor(torch.zeros(4)), torch.zeros(4), hc.QUATERNION), NotImplementedError, "product is refused for QuaternionTensor"),
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
    q.data = torch.ones(5)  # a real tensor is one of real numbers
    assert q.shape == (5,)
    with pytest.raises(RuntimeError, match="different algebras"):
        q.data = hc.as_hypercomplex(torch.ones(3, 4), hc.clifford(1, 1))


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
