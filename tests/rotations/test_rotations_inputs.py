"""Rotations of what people have: integers, Python's numbers, arrays of any kind, clocks."""

import math

import numpy as np
import pytest
import torch

import hypercomplex as hc
from hypercomplex import rotations as R
from hypercomplex.functional.data import as_tensor
from tests.cases import double

ONE = torch.tensor([1.0, 0, 0, 0], dtype=torch.float64)
LARGE = 123_456_789  # float32 has no such number
QUARTER = torch.tensor([0.5, 0, 0, 0.5]).sqrt()


@pytest.mark.parametrize("kind", [torch.tensor, np.array, list])
def test_integers_beside_float64_are_float64(kind):
    v = kind([LARGE, 1, 2])
    for q in (ONE, ONE.numpy()):
        assert torch.equal(R.rotate(q, v), double(LARGE, 1, 2))
    assert torch.equal(hc.QuaternionTensor(ONE).rotate(v), double(LARGE, 1, 2))
    angle = kind([LARGE])
    sine = double(LARGE / 2).sin()
    assert R.from_axis_angle(double(0, 0, 1), angle)[0, 3] == sine
    steps = kind([16_777_217, 16_777_219])
    turns = R.from_rotvec(double([0, 0, 0], [0, 0, 1], [0, 0, 2]))
    torch.testing.assert_close(
        1 / R.angular_rates(turns, steps)[:, 2], double(16_777_217, 16_777_219), rtol=1e-14, atol=0
    )


def test_integer_points_are_aligned_to_the_last_digit():
    b = double([100, 0, 0], [0, 100, 0], [0, 0, 100], [5, 7, 9])
    shift = torch.tensor([500_000_123, 4_649_776_001, 77])  # millimetres on a map
    q, t = R.align_points(b.long() + shift, b)
    assert R.angle(q) < 1e-9
    torch.testing.assert_close(t, shift.double(), rtol=1e-15, atol=0)


def test_integers_alone_are_computed_in_float64():
    b = torch.tensor([[100, 0, 0], [0, 100, 0], [0, 0, 100], [5, 7, 9]])
    for points in (lambda x: x, torch.Tensor.numpy, torch.Tensor.tolist):
        q, t = R.align_points(points(b + torch.tensor([500000123, 4649776001, 77])), points(b))
        assert q.dtype == t.dtype == torch.float32
        assert R.angle(q).item() < 1e-6
        assert t.tolist() == pytest.approx([500000123, 4649776001, 77], rel=1e-7)


@pytest.mark.parametrize("dtype", [torch.float16, torch.int64])
def test_indices_are_not_rounded(dtype):
    q = torch.tensor([[1, 0, 0, 0], [0, 0, 0, 1]], dtype=dtype)
    _, left, right = R.reduce(q, right=[[1, 0, 0, 0], [0, 0, 0, 1]], indices=True)
    assert left.dtype == right.dtype == torch.int64
    assert right.tolist() == [0, 1]


def test_lists_take_the_type_beside_them():
    for q in (ONE, ONE.numpy()):
        assert torch.equal(R.rotate(q, [0.1, 0, 0]), double(0.1, 0, 0))
        assert torch.equal(R.slerp(q, [0.6, 0.8, 0, 0], 1.0), double(0.6, 0.8, 0, 0))
    assert R.rotate([1, 0, 0, 0], [0.1, 0, 0]).dtype == torch.float32
    assert R.rotate(ONE.half(), [1, 2, 3]).dtype == torch.float16
    assert R.rotate(ONE.half(), torch.tensor([1, 2, 2049])).tolist() == [1, 2, 2048]
    assert R.rotate(ONE.bfloat16(), double(0.1, 0, 0)).dtype == torch.float64


def test_every_kind_of_array():
    e = np.array([[10.0, 20, 30], [40, 50, 60]])
    kinds = {
        "backwards": e[::-1, ::-1],
        "objects": e.astype(object),
        "bytes in the other order": e.astype(e.dtype.newbyteorder()),
        "not to be written": np.broadcast_to(e[0], (2, 3)),
        "of every other row": np.repeat(e, 2, 0)[::2],
        "integers": e.astype(np.int16),
        "long": e.astype(np.longdouble),
    }
    for name, array in kinds.items():
        plain = np.array(array.tolist(), dtype=np.float64)
        expected = R.from_euler("ZYX", torch.from_numpy(plain), degrees=True)
        ours = R.from_euler("ZYX", array, degrees=True)
        precise = array.dtype != np.int16
        torch.testing.assert_close(ours, expected if precise else expected.float(), msg=name)
        numbers = np.concatenate([array[:, :1], array], 1)
        if name == "backwards":
            numbers = np.ascontiguousarray(numbers)[:, ::-1]
        expected = torch.from_numpy(np.array(numbers.tolist(), dtype=np.float64))
        for q in (hc.QuaternionTensor(numbers), hc.QuaternionTensor.from_components(numbers)):
            assert torch.equal(q.components.double(), expected), name
        assert torch.equal((hc.QuaternionTensor(ONE) * array[0]).real, as_tensor(array[0])), name
    shared = np.eye(4)
    q = hc.QuaternionTensor(shared)
    shared[0, 0] = 7
    assert q.real[0] == 7


def test_lists_of_tensors_keep_gradients():
    angle = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    q = R.from_rotvec([0, 0.0, angle])
    assert q.dtype == torch.float64
    assert torch.autograd.grad(q[3], angle)[0] == 0.5 * math.cos(0.25)
    nested = R.from_rotvec([[angle, 0, 0], [0, 0, 2 * angle]])
    assert nested.requires_grad
    typed = hc.QuaternionTensor([angle, 0, 0, angle])
    assert torch.autograd.grad(typed.components.sum(), angle)[0] == 2
    objects = np.empty(3, dtype=object)
    objects[0], objects[1], objects[2] = angle, 1.0, 2.0
    assert R.from_rotvec(objects).requires_grad


@pytest.mark.parametrize("bad", [[[1.0], [2.0, 3.0]], "abc", [*range(99_999), [1]]])
def test_messages_show_little(bad):
    with pytest.raises(TypeError, match="`v`") as caught:
        R.from_rotvec(bad)
    assert len(str(caught.value)) < 300


def test_complex_numbers_are_refused():
    with pytest.raises(TypeError, match=r"`q` holds torch\.complex64"):
        R.to_matrix(torch.ones(4, dtype=torch.complex64))


# ------------------------------------------------------------------ clocks

KEYS = R.from_rotvec(torch.tensor([[0.0, 0, 0], [0, 0, 1], [0, 0, 2]]))
SECONDS = [1.7e9, 1.7e9 + 300, 1.7e9 + 600]
NANOSECONDS = [1_700_000_000_000_000_001, 1_700_000_000_000_000_003, 1_700_000_000_000_000_005]
paths = pytest.mark.parametrize("path", [R.spline, R.piecewise_slerp])


@paths
@pytest.mark.parametrize("kind", [list, np.array, lambda x: torch.tensor(x, dtype=torch.float64)])
def test_unix_clocks(path, kind):
    for t in (1.7e9 + 150, kind([1.7e9 + 150])):
        turn = R.to_rotvec(path(kind(SECONDS), KEYS, t))[..., 2]
        assert turn.item() == pytest.approx(0.5, abs=1e-6)
        assert turn.dtype == torch.float32


@paths
@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_nanoseconds_are_subtracted_as_integers(path, kind):
    t = kind([NANOSECONDS[0] + k for k in range(5)])
    turns = R.to_rotvec(path(kind(NANOSECONDS), KEYS, t))[:, 2]
    torch.testing.assert_close(turns, torch.tensor([0, 0.5, 1, 1.5, 2]))
    one = R.to_rotvec(path(kind(NANOSECONDS), KEYS, NANOSECONDS[1] + 1))[2]
    assert one.item() == pytest.approx(1.5, abs=1e-6)


@paths
def test_stamps_of_two_kinds(path):
    for times, t in (
        (torch.tensor([0, 10, 20]), torch.tensor([2.5, 15.0, 20.0])),
        (torch.tensor([0.0, 10, 20]), torch.tensor([2.5, 15.0, 20.0], dtype=torch.float64)),
        (torch.tensor([0, 10, 20], dtype=torch.int32), [2.5, 15, 20]),
    ):
        turns = R.to_rotvec(path(times, KEYS, t))[:, 2]
        torch.testing.assert_close(turns, torch.tensor([0.25, 1.5, 2]))
    turns = R.to_rotvec(path([0.5, 10.5, 20.5], KEYS, torch.tensor([3, 13])))[:, 2]
    torch.testing.assert_close(turns, torch.tensor([0.25, 1.25]))
    t = torch.tensor([2.5, 15.0], requires_grad=True)
    moved = R.to_rotvec(path(torch.tensor([0, 10, 20]), KEYS, t))[:, 2]
    torch.testing.assert_close(torch.autograd.grad(moved.sum(), t)[0], torch.full((2,), 0.1))


@paths
def test_the_repeated_stamp_is_named(path):
    times = np.arange(28_712) * 0.005
    times[100] = times[99]
    with pytest.raises(ValueError, match=r"times\[100\] \(=0.495\)") as caught:
        path(times, R.random(28_712), 0.1)
    assert len(str(caught.value)) < 200
