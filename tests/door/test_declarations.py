"""Functions of ours say themselves which of their arguments hold numbers, and keep to it."""

from inspect import isclass, signature

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex.door.declarations import DECLARED, folded, numbers
from hypercomplex.door.registry import family_of

HOMES = (F, hc.fft, hc.geometric, hc.linalg, hc.rotations)
PUBLIC = [getattr(m, name) for m in HOMES for name in m.__all__]
WITHOUT = {
    "they call `numberwise` or `readout`, which are asked": (
        F.batch_norm, F.components_of, F.dropout, F.feature_dropout, F.group_norm, F.instance_norm,
        F.layer_norm, F.modulus, F.real_part, F.rms_norm, F.variance_norm,
    ),
    "they call `transform`, which is asked": (
        hc.fft.fft, hc.fft.fft2, hc.fft.fftn, hc.fft.ifft, hc.fft.ifft2, hc.fft.ifftn,
    ),
    "tensors in a list are not asked": (F.cat_folded, hc.linalg.multi_dot),
    "the types that go in and come out are others": (hc.geometric.graded,),
    "integers and a table of rows say nothing about an algebra": (F.embedding,),
    "no tensor goes in": (F.split, hc.geometric.basis, hc.rotations.create_group, hc.rotations.random),
}  # fmt: skip


def test_every_public_function_declares_itself():
    without = {f for functions in WITHOUT.values() for f in functions}
    functions = {f for f in PUBLIC if callable(f) and not isclass(f)}
    assert without <= functions
    undeclared = {f for f in functions if family_of(f) != "ours"}
    assert undeclared == without, "declare it where it stands, or say here why not"


@pytest.mark.parametrize("function", DECLARED, ids=lambda f: f.__name__)
def test_declarations_speak_of_arguments_and_results(function):
    known = DECLARED[function]
    assert {*known.numbers} <= {*signature(function).parameters}
    gives = known.gives(hc.QUATERNION) if callable(known.gives) else known.gives
    assert {*gives.split()} <= {"numbers", "reals", "integers"}


@numbers("a", gives="numbers reals")
def two_of(a, scale=1.0, *, algebra):
    return a * scale, a.norm(dim=-1)


@folded("x y", gives="numbers integers")
def both(x, y=None, *, algebra):
    return x if y is None else x + y, torch.tensor(3)


def test_results_are_what_is_declared():
    q = hc.QuaternionTensor.randn(3)
    for given in (two_of(q), two_of(a=q, algebra=hc.QUATERNION), two_of(q, algebra=None)):
        assert [type(x) for x in given] == [hc.QuaternionTensor, torch.Tensor]
    first, three = both(q, q)
    assert torch.equal(first, q + q)
    assert three == 3
    assert type(both(q)[0]) is hc.QuaternionTensor
    assert type(both(q.folded(), algebra=hc.QUATERNION)[0]) is torch.Tensor


@numbers("q", gives="numbers reals", of=hc.QUATERNION, into=lambda: hc.tensor_type(hc.COMPLEX))
def halves(q):
    return q[..., :2], q[..., 2:]


def test_results_may_be_of_another_algebra():
    q = hc.QuaternionTensor.randn(3)
    z, rest = halves(q)
    assert type(z) is hc.tensor_type(hc.COMPLEX)
    assert type(rest) is type(halves(q.components)[0]) is torch.Tensor
    with pytest.raises(TypeError, match=r"halves is a function of numbers of QUATERNION, but"):
        halves(z)


def test_arguments_must_be_what_is_declared():
    q = hc.QuaternionTensor.randn(3)
    with pytest.raises(TypeError, match=r"`scale` of .*two_of must be a plain tensor of real num"):
        two_of(q, q, algebra=hc.QUATERNION)
    with pytest.raises(TypeError, match=r"`algebra` \(=COMPLEX\) is not that of a Quaternion"):
        two_of(q, algebra=hc.COMPLEX)
    with pytest.raises(TypeError, match=r"`x` of .*both is a plain tensor beside a Quaternion"):
        both(q.folded(), q, algebra=hc.QUATERNION)
    with pytest.raises(TypeError, match=r"multiple values for argument 'a'"):
        two_of(q, a=q)
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'out'"):
        two_of(q, out=q)
    with pytest.raises(ValueError, match=r"`x` of shape .* has no axis of channels"):
        both(q[0])


@pytest.mark.parametrize("function", [F.features_to_numbers, F.features_to_imaginary])
def test_features_are_real(function):
    with pytest.raises(TypeError, match=r"`input` .* must be a plain tensor of real numbers"):
        function(hc.QuaternionTensor.randn(2, 3), algebra=hc.QUATERNION)


def test_a_real_matrix_beside_numbers_is_one_of_numbers():
    A, B = hc.QuaternionTensor.randn(2, 2, dtype=torch.float64), torch.eye(2).double()
    assert torch.allclose(hc.linalg.solve(A, B), hc.linalg.inv(A))
    assert torch.allclose(torch.linalg.solve(B, A), A)
    assert torch.allclose(F.left_divide(torch.tensor(2.0), A), A / 2)
    with pytest.raises(TypeError, match=r"`rtol` of linalg\.pinv must be a plain tensor"):
        hc.linalg.pinv(A, rtol=A)
