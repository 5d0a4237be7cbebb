"""Functions of numbers in `hypercomplex.functional` take typed tensors as they take components."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex.door.declarations import DECLARED
from tests.cases import every_algebra, numbers

LAST = {  # what follows the numbers, before the algebra
    F.cumprod: (0,), F.real_power: (3,), F.matmul_real: (torch.randn(3, 3),),
    F.rotate: (torch.randn(3, 3),), F.dist: (2,), F.cdist: (2,),
}  # fmt: skip
FIRST = {F.from_polar: (torch.rand(3, 3), torch.rand(3, 3)), F.real_matmul: (torch.randn(3, 3),)}
TABLE = [
    (function, len(known.numbers), known.gives == "numbers")
    for function, known in DECLARED.items()
    if function.__module__.startswith("hypercomplex.functional.") and {*known.numbers} & {*"abqx"}
    if function not in (F.polar, F.left_divide, F.mod_relu)
]
KNOWS_NO_ALGEBRA = {
    F.angle, F.axis, F.cardioid, F.cdist, F.cosine_similarity, F.dist, F.from_polar, F.is_pure, F.is_unit,
    F.matmul_real, F.mod_tanh, F.norm, F.normalize, F.pairwise_distance, F.pdist, F.real_matmul, F.squared_norm,
}  # fmt: skip


@pytest.mark.parametrize(
    ("function", "count", "typed"), TABLE, ids=lambda x: getattr(x, "__name__", "")
)
def test_typed_tensors_go_where_components_go(function, count, typed):
    axes = (3,) if function is F.vander else (3, 3)
    operands = [numbers(hc.QUATERNION, *axes, dtype=torch.float32) / 2 for _ in range(count)]
    algebra = () if function in KNOWS_NO_ALGEBRA else (hc.QUATERNION,)
    before, after = FIRST.get(function, ()), LAST.get(function, ())
    expected = function(*before, *operands, *after, *algebra)
    quaternions = [hc.QuaternionTensor(x) for x in operands]
    given = function(*before, *quaternions, *after, *algebra)
    assert type(given) is (hc.QuaternionTensor if typed else torch.Tensor)
    assert torch.equal(given.components if typed else given, expected)
    left_out = function(*before, *quaternions, *after)
    assert torch.equal(left_out, given)
    if algebra:
        named = function(*before, *quaternions, *after, algebra=hc.QUATERNION)
        assert torch.equal(named, given)
        for wrong in (hc.OCTONION, hc.clifford(1, 1)):
            with pytest.raises(TypeError, match=r"`algebra` \(=.*\) is not that of a Quaternion"):
                function(*before, *quaternions, *after, wrong)
    if count == 2:
        with pytest.raises(TypeError, match=f"of functional.{function.__name__} is a plain tensor"):
            function(operands[0], quaternions[1], *after, *algebra)


@every_algebra
def test_every_algebra_has_them(algebra):
    T = hc.tensor_type(algebra)
    a, b = T(numbers(algebra, 3)), T(numbers(algebra, 3))
    assert torch.equal(F.product(a, b), a * b)
    assert torch.allclose(F.commutator(a, b, algebra), a * b - b * a)  # up to rounding
    assert torch.allclose(F.left_matrix(a) @ b.components[..., None], (a * b).components[..., None])
    assert torch.allclose(
        F.right_matrix(a) @ b.components[..., None], (b * a).components[..., None]
    )
    assert torch.allclose(F.inner_product(a, b), (a.conj() * b).real)
    assert torch.equal(F.exp(a), a.exp())
    assert torch.equal(a.normalize(), a.sgn())
    assert torch.allclose(abs(a.normalize()), torch.ones(3, dtype=torch.float64))


def test_sums_of_products_take_typed_tensors():
    A, B = hc.QuaternionTensor(torch.randn(2, 3, 4)), hc.QuaternionTensor(torch.randn(3, 2, 4))
    R = torch.randn(3, 2)
    assert torch.equal(F.einsum("ij,jk->ik", A, B), torch.einsum("ij,jk->ik", A, B))
    assert torch.equal(F.einsum("ij,jk->ik", A, R, real=[1]), torch.einsum("ij,jk->ik", A, R))
    assert torch.equal(F.tensordot(A, B, 1, algebra=hc.QUATERNION), torch.tensordot(A, B, 1))
    assert torch.equal(F.kron(R, B, real=[0]), torch.kron(R, B))
    with pytest.raises(TypeError, match=r"operand 1 .* of functional.einsum is a plain tensor"):
        F.einsum("ij,jk->ik", A, R)
    with pytest.raises(TypeError, match=r"operand 0 .* of functional.kron must be a plain tensor"):
        F.kron(A, B, real=[0])
    with pytest.raises(TypeError, match=r"`algebra` \(=OCTONION\)"):
        F.tensordot(A, B, 1, algebra=hc.OCTONION)


def test_a_vector_is_plain_where_reals_are_meant():
    q = hc.QuaternionTensor([1.0, 0, 0, 1])
    with pytest.raises(TypeError, match=r"`v` of functional.rotate must be a plain tensor"):
        F.rotate(q, q)
    with pytest.raises(TypeError, match="missing"):
        F.product(q)


def test_functions_of_typed_tensors_compile():
    @torch.compile(fullgraph=True, backend="eager")
    def compiled(q, r):
        product = F.product(q, r, hc.QUATERNION)
        return F.exp(product), F.left_matrix(q), F.norm(r), F.commutator(q, r, algebra=q.algebra)

    q, r = hc.QuaternionTensor.randn(3), hc.QuaternionTensor.randn(3)
    power, matrix, length, commutator = compiled(q, r)
    assert torch.allclose(power, (q * r).exp())
    assert torch.allclose(matrix, F.left_matrix(q.components, hc.QUATERNION))
    assert torch.allclose(length, abs(r))
    assert torch.allclose(commutator, q * r - r * q)


def test_a_chain_of_matrices_knows_its_algebra():
    A, B, C = (hc.QuaternionTensor(torch.randn(2, 2, 4)) for _ in range(3))
    assert torch.allclose(hc.linalg.multi_dot([A, B, C]), A @ B @ C, atol=1e-5)
    with pytest.raises(TypeError, match=r"`algebra` \(=None\) must be an Algebra"):
        hc.linalg.multi_dot([A.components, B.components])


def test_padding_with_a_number():
    q = hc.QuaternionTensor.randn(2)
    border = hc.QuaternionTensor([0.0, 1, 0, 0])
    padded = torch.nn.functional.pad(q, (1, 1), value=border)
    assert torch.equal(padded, torch.stack([border, q[0], q[1], border]))
