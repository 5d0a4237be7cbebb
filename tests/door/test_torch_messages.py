"""Errors about shapes speak of numbers, and name the function and the remedy."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F

Q = hc.QuaternionTensor
A, p, q, r = Q.randn(2, 3), Q.randn(3), Q.randn(3), Q.randn(2)
FIT = "the shapes do not broadcast"
WRONG = [
    (lambda: q + r, "torch.Tensor.add(QuaternionTensor (3,), QuaternionTensor (2,)): " + FIT),
    (lambda: q / r, FIT),
    (lambda: q == r, FIT),
    (lambda: q + torch.randn(2), "(QuaternionTensor (3,), Tensor (2,)): " + FIT),
    (lambda: q.clone().add_(A), "torch.Tensor.add_(QuaternionTensor (3,), QuaternionTensor (2, 3))"),
    (lambda: torch.add(q, other=r), "torch.add(QuaternionTensor (3,), other=QuaternionTensor (2,))"),
    (lambda: F.product(q, r), "hypercomplex.functional.product(QuaternionTensor (3,), Quat"),
    (lambda: torch.stack([q, r]), "torch.stack([QuaternionTensor (3,), QuaternionTensor (2,)]): all"),
    (lambda: torch.cat([A, A[:, :2]]), "torch.cat([QuaternionTensor (2, 3), QuaternionTensor (2, 2)])"),
    (lambda: q.view(2, 2), "torch.Tensor.view(QuaternionTensor (3,), 2, 2): the new shape must have"),
    (lambda: q.reshape(5), "torch.Tensor.reshape(QuaternionTensor (3,), 5): the new shape must"),
    (lambda: q.expand(2, 2), "torch.Tensor.expand(QuaternionTensor (3,), 2, 2): " + FIT),
    (lambda: q.permute(0, 0), "every axis must be named once"),
    (lambda: torch.einsum("i,i->", q, r), "axes that are summed together must have equal sizes"),
    (lambda: q.rotate(torch.randn(2, 3)), "rotate(QuaternionTensor (3,), Tensor (2, 3)): " + FIT),
    (lambda: q.scatter(0, torch.tensor([0, 1]), p[:1]), "the index must fit into the tensor and"),
    (lambda: A.select_scatter(r, 0, 1), "the source must have the shape of the places"),
    (lambda: hc.linalg.solve_sylvester(A @ A.T, A.T @ A, A.T), "2 by 3 numbers, the sizes of `A`"),
    (lambda: torch.linalg.solve_triangular(A @ A.T, p, upper=True), "linalg.solve_triangular: Incomp"),
    (lambda: A @ A, "matmul: `a` of shape (2, 3) and `b` of shape (2, 3) must have equal inner"),
    (lambda: A @ torch.randn(2), "matmul_real: `a` of shape (2, 3) and `b` of shape (2,) must"),
    (lambda: torch.randn(2, 4) @ A, "real_matmul: `a` of shape (2, 4) and `b` of shape (2, 3)"),
    (lambda: F.matmul(A.components, A.components, hc.QUATERNION), "`a` of shape (2, 3) and `b`"),
    (lambda: q.__setitem__(slice(2), p), "(QuaternionTensor (3,), slice(None, 2, None), QuaternionTensor (3,)): " + FIT),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_wrong_shapes_are_those_of_numbers(call, message):
    with pytest.raises(RuntimeError) as error:
        call()
    assert type(error.value) is RuntimeError
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda v: hc.rotations.align_vectors(v, v[:2]),
            "align_vectors of `a` of shape (3, 3), `b` of shape (2, 3): " + FIT,
        ),
        (
            lambda v: hc.rotations.align_points(v, b=v, weights=torch.ones(2)),
            "align_points of `a` of shape (3, 3), `b` of shape (3, 3), `weights` of shape (2,): ",
        ),
        (
            lambda v: hc.rotations.integrate(v, torch.ones(2)),
            "integrate of `rates` of shape (3, 3), `dt` of shape (2,): " + FIT,
        ),
        (
            lambda v: F.product(q.components, r.components, hc.QUATERNION),
            "product of `a` of shape (3, 4), `b` of shape (2, 4): " + FIT,
        ),
    ],
)
def test_wrong_shapes_of_plain_arguments_are_named(call, message):
    with pytest.raises(RuntimeError) as error:
        call(torch.eye(3))
    assert type(error.value) is RuntimeError
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("index", [0, slice(0, 2), (Ellipsis, 1)])
def test_components_are_written_to_components(index):
    numbers, x = Q.zeros(3, 3), torch.ones(2, 4)
    with pytest.raises(RuntimeError, match=r"write components by q\.components\[…\] = x, or pass"):
        numbers[index] = x
    with pytest.raises(RuntimeError, match=r"for components pass QuaternionTensor\(x\)"):
        numbers * x


def test_a_mask_of_another_size():
    with pytest.raises(IndexError, match=r"QuaternionTensor \(3,\), Tensor \(2,\)\): a mask must"):
        q[torch.tensor([True, False])]


def test_other_errors_stay_as_they_are():
    leaf = Q.zeros(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"^a view of a leaf Variable that requires grad"):
        leaf.mul_(2)
    with pytest.raises(RuntimeError, match=r"^view size is not compatible"):
        A.T.view(6)


@pytest.mark.parametrize(
    "name", ["svd", "svdvals", "qr", "pinv", "cond", "matrix_rank", "matrix_norm", "lstsq", "inv"]
)
def test_a_vector_is_no_matrix(name):
    message = rf"linalg.{name}: The input .* at least 2 dimensions of numbers, but it has the shape"
    with pytest.raises(RuntimeError, match=message):
        getattr(torch.linalg, name)(*[q] * (2 if name == "lstsq" else 1))


def test_an_equation_without_a_unique_solution_is_named():
    zero, zeros = Q.zeros(()), Q.zeros(2, 2)
    with pytest.raises(torch.linalg.LinAlgError, match=r"linalg.sylvester: a x \+ x b = c has no"):
        hc.linalg.sylvester(zero, zero, zero)
    with pytest.raises(torch.linalg.LinAlgError, match=r"solution \(batch element 1\)"):
        hc.linalg.sylvester(Q([[1.0, 0, 0, 0], [0, 0, 0, 0]]), zero, zero)
    with pytest.raises(torch.linalg.LinAlgError, match=r"solve_sylvester: A X \+ X B = C has no"):
        hc.linalg.solve_sylvester(zeros, zeros, zeros)


@pytest.mark.parametrize(
    ("name", "arguments", "reason", "remedy"),
    [
        ("local_response_norm", (2,), "length that it divides by", "functional.normalize"),
        ("affine_grid", ([1, 1, 2, 2],), "a grid of places holds real numbers", "grid_sample"),
        ("cross_entropy", (A,), "its targets are classes", "mse_loss"),
        ("layer_norm", ((3,),), "statistics and weights", "layer_norm"),
        ("bilinear", (A, A[None]), "where the weight stands", "torch.einsum"),
    ],
)
def test_refusals_have_their_own_reason(name, arguments, reason, remedy):
    with pytest.raises(NotImplementedError, match=f"{reason}.*; .*{remedy}"):
        getattr(torch.nn.functional, name)(A, *arguments)


def test_the_try_compiles():
    @torch.compile(fullgraph=True, backend="eager")
    def compiled(q, r):
        return torch.stack([q, r]).reshape(-1), q * r + q.sum(dim=0, keepdim=True)

    flat, values = compiled(p, q)
    assert flat.shape == (6,)
    assert torch.allclose(values, p * q + p.sum(0))
