"""Typed tensors in NumPy, DLPack, Python's protocols and torch's modes: right, or a clear refusal."""

import copy

import numpy as np
import pytest
import torch
import torch.autograd.forward_ad as fwAD
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import hypercomplex as hc
from tests.cases import ALGEBRAS, every_telling_algebra, naive_product, numbers


def quaternions(*shape, dtype=torch.float64, **kwargs):
    return hc.QuaternionTensor(numbers(hc.QUATERNION, *shape, dtype=dtype), **kwargs)


# ---------------------------------------------------------------------- NumPy and DLPack


@every_telling_algebra
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)], ids=str)
def test_arrays_hold_components_without_a_copy(algebra, shape):
    q = hc.tensor_type(algebra)(numbers(algebra, *shape))
    for array in (np.asarray(q), q.numpy(), np.from_dlpack(q)):
        assert array.dtype == np.float64
        assert array.shape == (*shape, algebra.dimension)
        assert np.array_equal(array, q.components.numpy())
        if array.size and array.flags.writeable:
            array[..., 0] += 1
            assert np.array_equal(array, q.components.numpy())
    assert torch.equal(hc.tensor_type(algebra)(np.asarray(q)), q)
    assert torch.equal(hc.tensor_type(algebra)(torch.from_dlpack(q)), q)
    if q.numel():
        assert torch.equal(hc.tensor_type(algebra)(q.tolist(), dtype=torch.float64), q)


def test_arrays_of_another_type_or_a_copy():
    q = quaternions(3, dtype=torch.float32)
    assert np.asarray(q, dtype=np.float64).dtype == np.float64
    copied = np.array(q)
    copied += 1
    assert not np.array_equal(copied, np.asarray(q))
    assert torch.Tensor.__array__(q).shape == (3, 4)
    with pytest.raises(ValueError, match="copy"):
        np.array(q, dtype=np.float64, copy=False)
    with pytest.raises(RuntimeError, match=r"Tensor that requires grad. Use tensor.detach\(\)"):
        np.asarray(quaternions(3, requires_grad=True))
    with pytest.raises(RuntimeError, match="requires grad"):
        quaternions(3, requires_grad=True).numpy()
    assert quaternions(3, requires_grad=True).numpy(force=True).shape == (3, 4)
    with pytest.raises(TypeError, match="BFloat16"):
        np.asarray(q.bfloat16())


OPERATORS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a == b,
    lambda a, b: a != b,
]


@pytest.mark.parametrize("algebra", ALGEBRAS, ids=str)
@pytest.mark.parametrize("operator", OPERATORS)
def test_an_array_is_real_numbers_on_either_side(algebra, operator):
    T = hc.tensor_type(algebra)
    q = T(numbers(algebra, 2, 3))
    for array in (np.arange(1.0, 4), np.arange(1.0, 7).reshape(2, 3), np.float64(2), np.float32(3)):
        real = torch.as_tensor(array)
        for ours, torchs in (
            (operator(q, array), operator(q, real)),
            (operator(array, q), operator(real, q)),
        ):
            assert type(ours) is type(torchs)
            assert ours.dtype == torchs.dtype
            plain = [x.components if isinstance(x, T) else x for x in (ours, torchs)]
            torch.testing.assert_close(*plain, rtol=0, atol=0, equal_nan=True)


def test_arrays_as_matrices():
    q, array = quaternions(2, 3), np.random.default_rng(0).normal(size=(3, 2))
    assert torch.allclose(q @ array, q @ torch.as_tensor(array))
    assert torch.allclose(array @ q, torch.as_tensor(array) @ q)


@pytest.mark.parametrize("algebra", ALGEBRAS, ids=str)
def test_functions_of_numbers_are_torchs(algebra):
    q = hc.tensor_type(algebra)(numbers(algebra, 2, 3))
    for ours, torchs in (
        (np.exp(q), q.exp()), (np.arctan(q), q.atan()), (np.conj(q), q.conj()), (np.abs(q), q.abs()),
        (np.reciprocal(q), q.reciprocal()), (np.isnan(q), q.isnan()), (np.power(q, 2), q * q),
        (np.power(q, np.arange(3.0)), q ** torch.arange(3.0).double()), (np.negative(q), -q),
    ):  # fmt: skip
        assert type(ours) is type(torchs)
        plain = [x.components if isinstance(x, type(q)) else x for x in (ours, torchs)]
        torch.testing.assert_close(*plain, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (np.sign, "sign"), (np.floor, "floor"), (lambda q: np.exp(q, out=np.ones(3)), "exp"),
        (lambda q: np.maximum(q, 0), "maximum"), (lambda q: np.ones(3) < q, "less"),
        (lambda q: np.add.reduce(q), "add"),
        (np.sum, "sum"), (np.mean, "mean"), (np.sort, "sort"), (lambda q: np.stack([q, q]), "stack"),
        (lambda q: np.concatenate([q, q]), "concatenate"), (lambda q: np.linalg.norm(q), "norm"),
        (lambda q: np.ones(3).__iadd__(q), "add"),
    ],
)  # fmt: skip
def test_other_functions_of_numpy_refuse(call, name):
    with pytest.raises(
        TypeError, match=rf"numpy.{name} is refused for QuaternionTensor: .*np.asarray"
    ):
        call(quaternions(3))


def test_arrays_that_are_not_real_refuse():
    with pytest.raises(NotImplementedError, match="complex number has no place"):
        np.ones(3, dtype=complex) * quaternions(3)
    with pytest.raises(TypeError, match="object_"):
        np.array([1, None, 2]) + quaternions(3)


def test_dlpack_exports_components():
    q = quaternions(2, 3)
    x = torch.from_dlpack(q)
    assert type(x) is torch.Tensor
    assert x.data_ptr() == q.data_ptr()
    assert torch.equal(x, q.components)
    assert torch.equal(hc.QuaternionTensor(torch.from_dlpack(q.components)), q)


# ---------------------------------------------------------------------- Python


def test_lists_hold_components():
    q = hc.QuaternionTensor([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    assert q.tolist() == [[1.0, 2, 3, 4], [5, 6, 7, 8]]
    assert q[1].tolist() == [5.0, 6, 7, 8]
    for call in (lambda x: x.item(), float, int, complex, lambda x: [0, 1][x]):
        with pytest.raises(
            (NotImplementedError, TypeError), match="is refused for QuaternionTensor"
        ):
            call(q[1])


def test_membership_counts_numbers():
    q = hc.QuaternionTensor([[1.0, 0, 0, 0], [0, 2, 0, 0]])
    assert hc.QuaternionTensor([0.0, 2, 0, 0]) in q
    assert hc.QuaternionTensor([1.0, 2, 0, 0]) not in q  # both are components, not one number
    assert 1 in q
    assert torch.tensor(1.0) in q
    assert 2 not in q
    with pytest.raises(
        RuntimeError, match="asks for a number of QUATERNION or a real one, not for str"
    ):
        assert "1" in q


def test_iteration_hash_truth_and_identity():
    q = quaternions(3)
    assert all(isinstance(x, hc.QuaternionTensor) and x.shape == () for x in q)
    assert len({q, q, q.clone()}) == 2
    assert {q: 1}[q] == 1
    assert bool(hc.QuaternionTensor([0.0, 0, 1, 0]))
    assert not bool(hc.QuaternionTensor(torch.zeros(4)))
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(q)


def test_storage_that_would_lose_components_is_not_handed_out():
    with pytest.raises(
        NotImplementedError, match=r"untyped_storage is refused .* pass q.components"
    ):
        quaternions(3).untyped_storage()


def test_close_is_asserted_of_numbers():
    q = quaternions(3)
    torch.testing.assert_close(q, q.clone())
    torch.testing.assert_close(q, q + 1e-12)
    with pytest.raises(AssertionError, match="Mismatched elements: 1 / 3"):
        torch.testing.assert_close(q, q + torch.tensor([0.0, 0, 1]))
    with pytest.raises(AssertionError):
        torch.testing.assert_close(q, q.components)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(q, hc.QuaternionTensor(-q.components))


# ---------------------------------------------------------------------- derivatives


@every_telling_algebra
def test_forward_differentiation_of_the_product(algebra):
    T = hc.tensor_type(algebra)
    a, b, da, db = (numbers(algebra, 3) for _ in range(4))
    with fwAD.dual_level():
        product = fwAD.make_dual(T(a), T(da)) * fwAD.make_dual(T(b), T(db))
        primal, tangent = fwAD.unpack_dual(product)
        assert isinstance(product, T)
    assert isinstance(primal, T)
    assert isinstance(tangent, T)
    assert torch.allclose(primal.components, naive_product(a, b, algebra))
    expected = naive_product(da, b, algebra) + naive_product(a, db, algebra)
    assert torch.allclose(tangent.components, expected)


def test_forward_differentiation_of_inverse_and_abs():
    q, direction = quaternions(3), quaternions(3)
    with fwAD.dual_level():
        dual = fwAD.make_dual(q, direction)
        inverse = fwAD.unpack_dual(dual.inverse()).tangent
        modulus = fwAD.unpack_dual(dual.abs()).tangent
        assert fwAD.unpack_dual(q).tangent is None
        real = fwAD.unpack_dual(fwAD.make_dual(q, torch.ones(3).double())).tangent
    assert torch.allclose(inverse, -q.inverse() * direction * q.inverse())
    assert torch.allclose(modulus, (q.components * direction.components).sum(-1) / q.abs())
    assert torch.equal(real, torch.ones_like(q))


def test_numerical_checks_take_components():
    f = lambda c: (hc.QuaternionTensor(c) * hc.QuaternionTensor(c).inverse().conj()).components
    x = numbers(hc.QUATERNION, 2).requires_grad_()
    assert torch.autograd.gradcheck(f, (x,), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(f, (x,))


def test_double_backward_through_types():
    q = quaternions(3, requires_grad=True)
    (g,) = torch.autograd.grad((q * q * q).real.sum(), q, create_graph=True)
    (h,) = torch.autograd.grad(g.real.sum(), q)
    w = q.detach().components.clone().requires_grad_()
    cube = hc.QuaternionTensor(w)
    (g2,) = torch.autograd.grad((cube * cube * cube).real.sum(), w, create_graph=True)
    (h2,) = torch.autograd.grad(g2[..., 0].sum(), w)
    assert torch.allclose(g.components, g2)
    assert torch.allclose(h.components, h2)
    assert torch.allclose(h.real, 6 * q.real)  # Re q³ = w³ - 3 w |v|²


# ---------------------------------------------------------------------- modes and devices


def test_inference_mode():
    q = quaternions(3)
    with torch.inference_mode():
        r = q * q
        assert r.is_inference()
        assert isinstance(r, hc.QuaternionTensor)
    assert torch.equal(r.clone(), q * q)
    many = quaternions(5000)  # autograd saves the factors of many, as of torch's complex numbers
    with torch.inference_mode():
        kept = many * many
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        quaternions(5000, requires_grad=True) * kept
    p = quaternions(3, requires_grad=True)  # and the matrices of few
    (ours,) = torch.autograd.grad((p * r).real.sum(), p)
    (expected,) = torch.autograd.grad((p * r.clone()).real.sum(), p)
    assert torch.allclose(ours, expected)


def test_deterministic_mode():
    q = quaternions(3, 3, requires_grad=True)
    torch.use_deterministic_algorithms(True)
    try:
        (q @ q * q)[[0, 0, 1]].abs().sum().backward()
        assert q.new_empty(2).isnan().all()
    finally:
        torch.use_deterministic_algorithms(False)
    assert q.grad.isfinite().all()


def test_meta_and_default_devices():
    q = quaternions(2, 3).to("meta")
    assert (q @ q.mT).shape == (2, 2)
    assert (q * q).device.type == "meta"
    with torch.device("meta"):
        assert hc.QuaternionTensor([1.0, 2, 3, 4]).is_meta
        assert nn.Parameter(hc.QuaternionTensor(torch.zeros(3, 4))).shape == (3,)
    torch.set_default_device("meta")
    try:
        assert hc.QuaternionTensor([[1.0, 2, 3, 4]]).is_meta
    finally:
        torch.set_default_device(None)


def test_fake_tensors_hold_components_not_types():
    q = quaternions(3)
    with FakeTensorMode() as mode:
        product = hc.functional.product(torch.empty(3, 4), torch.empty(3, 4), hc.QUATERNION)
        assert product.shape == (3, 4)
        with pytest.raises(RuntimeError, match="FakeTensor"):
            hc.QuaternionTensor(torch.empty(3, 4))
        with pytest.raises(NotImplementedError, match=r"untyped_storage .* pass q.components"):
            mode.from_tensor(q)


def test_tensors_are_swapped_whole():
    a, b = quaternions(2), quaternions(5)
    twin = b.clone()
    torch.utils.swap_tensors(a, b)
    assert torch.equal(a, twin)
    assert b.shape == (2,)


# ---------------------------------------------------------------------- modules


class Turn(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(hc.QuaternionTensor([[1.0, 2, 3, 4], [0, 1, 0, 0]]))
        self.register_buffer("offset", hc.QuaternionTensor([[1.0, 0, 0, 0]]))

    def forward(self, x):
        return x * self.weight + self.offset


def test_modules_move_parameters_and_buffers_of_numbers():
    module = Turn()
    assert set(module.state_dict()) == {"weight", "offset"}
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.float32):
        module.to(dtype)
        assert module.weight.dtype == module.offset.dtype == dtype
        assert isinstance(module.weight, hc.QuaternionTensor)
        assert isinstance(module.weight, nn.Parameter)
    assert torch.equal(module.weight[1], hc.QuaternionTensor([0.0, 1, 0, 0]))
    empty = copy.deepcopy(module).to("meta").to_empty(device="cpu")
    empty.load_state_dict(module.state_dict())
    assert torch.equal(empty.weight, module.weight)
    with torch.device("meta"):
        built = Turn()
    built.load_state_dict(module.state_dict(), assign=True)
    assert torch.equal(built.weight, module.weight)
    assert torch.equal(built.offset, module.offset)
    x = hc.QuaternionTensor(torch.ones(2, 4))
    called = torch.func.functional_call(module, {"weight": 2 * module.weight}, (x,))
    assert torch.equal(called, x * (2 * module.weight) + module.offset)


def test_gradients_and_data_are_assigned_as_numbers():
    q, x = quaternions(4, requires_grad=True), torch.zeros(4, dtype=torch.float64)
    gradient = quaternions(4)
    q.grad = gradient
    assert torch.equal(q.grad, gradient)
    q.grad = torch.ones(4).double()
    assert torch.equal(q.grad, torch.ones_like(q))
    q.grad = None
    assert q.grad is None
    q.data = gradient
    assert torch.equal(q, gradient)
    with pytest.raises(RuntimeError, match=r"for numbers of shape \(4,\)"):
        q.grad = torch.ones(4, 4).double()  # components are no gradient of numbers
    with pytest.raises(RuntimeError, match="same size"):
        x.grad = gradient


def test_parameters_as_one_vector():
    p, r = nn.Parameter(quaternions(2, 3)), nn.Parameter(quaternions(5))
    expected = [2 * p.detach(), 2 * r.detach()]
    vector = nn.utils.parameters_to_vector([p, r])
    assert vector.shape == (11,)
    nn.utils.vector_to_parameters(2 * vector, [p, r])
    assert torch.equal(p, expected[0])
    assert torch.equal(r, expected[1])


@pytest.mark.parametrize("average", [None, get_ema_multi_avg_fn(0.9)])
def test_averages_of_models_are_averages_of_numbers(average):
    model = Turn().double()
    averaged = AveragedModel(model, multi_avg_fn=average)
    first = model.weight.detach().clone()
    averaged.update_parameters(model)
    with torch.no_grad():
        model.weight += 1
    averaged.update_parameters(model)
    kept = 0.5 if average is None else 0.9
    expected = kept * first + (1 - kept) * model.weight
    assert torch.allclose(averaged.module.weight, expected.detach())
    assert isinstance(averaged.module.weight, hc.QuaternionTensor)


@pytest.mark.parametrize("size", [3, 5000])
def test_autocast_lowers_matrix_products_and_layers_only(size):
    q = quaternions(size, dtype=torch.float32)
    layer = hc.nn.QuaternionLinear(3, 5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        for value in (q * q, q + q, q / q, q.conj(), q.inverse()):
            assert value.dtype == torch.float32
        assert q.abs().dtype == torch.float32
        assert (q[:3, None] @ q[None, :3]).dtype == torch.bfloat16
        assert layer(q[:3]).dtype == torch.bfloat16
        assert (q * q.bfloat16()).dtype == torch.float32
        low = q * q
    torch.testing.assert_close(low, q * q)  # by another formula, without a matrix product
