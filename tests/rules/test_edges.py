"""At the edges numbers of any algebra do what torch's do: nothing, one, the same place twice."""

import pytest
import torch

import hypercomplex as hc

Q = hc.QuaternionTensor
NONE = torch.zeros(0, dtype=torch.long)


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("nothing", [Q.zeros(0), torch.zeros(0)], ids=["numbers", "reals"])
def test_a_vector_of_no_numbers_joins_with_every_shape(dim, nothing):
    q = Q.randn(4, 6).requires_grad_()
    joined = torch.cat([nothing, q, q.detach()], dim)
    assert torch.equal(joined, torch.cat([q, q], dim))
    assert torch.equal(torch.cat([q, nothing]), q)
    joined.components.sum().backward()
    assert torch.equal(q.grad.components, torch.ones(4, 6, 4))


def test_nothing_joins_with_nothing_and_keeps_its_dtype():
    q = Q.randn(3)
    assert torch.cat([Q.zeros(0), Q.zeros(0)], 1).shape == (0,)
    assert torch.cat([Q.zeros(0, dtype=torch.float64), q]).dtype == torch.float64
    assert torch.equal(torch.hstack([q, Q.zeros(0)]), q)
    with pytest.raises(IndexError):
        torch.cat([Q.zeros(0), q], 1)
    with pytest.raises(RuntimeError):
        torch.cat([Q.zeros(0, 2), Q.zeros(4, 6)], 1)


def test_nothing_is_put_nowhere():
    assert torch.put(Q.zeros(0), NONE, Q.zeros(0), True).shape == (0,)
    q = Q.randn(3)
    assert torch.equal(q.clone().put_(NONE, Q.zeros(0)), q)
    assert q.take(NONE.view(0, 2)).shape == (0, 2)


def test_masked_reductions_of_a_single_number():
    q, mask = Q.randn(()), torch.tensor(True)
    for reduce in (torch.masked.sum, torch.masked.mean, torch.masked.prod):
        assert torch.equal(reduce(q, 0, mask=mask), q)
    assert torch.allclose(torch.masked.normalize(q, 2.0, 0), q / abs(q))
    assert q.var(0, correction=0) == 0
    for reduce in (torch.sum, torch.mean, torch.var):
        with pytest.raises(RuntimeError, match="twice"):
            reduce(q, (0, -1))
        with pytest.raises(IndexError):
            reduce(q, 1)


def test_powers_of_a_single_number_are_a_row():
    q = Q.randn(())
    powers = torch.linalg.vander(q, N=3)
    assert torch.allclose(powers, torch.stack([Q.ones(()), q, q * q])[None])
    with pytest.raises(RuntimeError, match="vector"):
        torch.vander(q, 3)


def test_slopes_with_torchs_defaults_said():
    q = Q.randn(5)
    (slope,) = torch.gradient(q, spacing=None, dim=None)
    assert torch.equal(slope, torch.gradient(q)[0])


@pytest.mark.parametrize("index", [[1, 1, 2], [0, -5, 0], [3], []], ids=str)
def test_a_filled_place_counts_once_in_the_gradient(index):
    value, q = Q.randn(()).requires_grad_(), Q.randn(5, 2).requires_grad_()
    index = torch.tensor(index, dtype=torch.long)
    filled = q.index_fill(0, index, value)
    there = torch.zeros(5, dtype=torch.bool).index_fill(0, index, True)
    assert torch.equal(filled, torch.where(there[:, None], value, q))
    assert torch.equal(q.detach().clone().index_fill_(0, index, value.detach()), filled)
    filled.components.sum().backward()
    assert torch.equal(value.grad.components, torch.full((4,), 2.0 * int(there.sum())))
    assert torch.equal(q.grad.components[..., 0], 1 - there[:, None].float().expand(5, 2))


@pytest.mark.parametrize(
    "function",
    [
        lambda q: q.prod(),
        lambda q: q.prod(0),
        lambda q: q[:, None].prod(1),
        lambda q: q[0].prod(),
        lambda q: q.take(torch.tensor(0)),
        lambda q: q[0].take(torch.tensor(0)),
        lambda q: q[0].sum_to_size(()),
        lambda q: torch.masked.prod(q, 0),
    ],
)
@pytest.mark.parametrize("algebra", [hc.QUATERNION, hc.OCTONION], ids=str)
def test_a_result_that_torch_copies_is_a_copy(function, algebra):
    q = hc.tensor_type(algebra).ones(1)
    function(q).zero_()
    assert torch.equal(q, hc.tensor_type(algebra).ones(1))


def test_ravel_copies_what_lies_apart():
    q = Q.randn(6)[::2]
    assert q.flatten().data_ptr() == q.data_ptr() != q.ravel().data_ptr()


def test_ravel_is_a_view_of_what_lies_in_order():
    for q in (Q.randn(2, 3), Q.randn(2, 3) @ Q.randn(3, 2)):
        assert q.ravel().data_ptr() == q.data_ptr()
        assert torch.equal(q.ravel(), q.clone().flatten())


@pytest.mark.parametrize(
    "function",
    [
        lambda q: q[:0].prod(),
        lambda q: torch.fill(q, 2),
        lambda q: torch.linalg.matrix_power(q, 0),
    ],
)
def test_a_constant_result_has_a_history(function):
    q = Q.randn(2, 2).requires_grad_()
    function(q).components.sum().backward()
    assert torch.equal(q.grad, Q.zeros(2, 2))


@pytest.mark.parametrize(
    "call",
    [
        lambda q: torch.isclose(q, q, rtol=-1.0),
        lambda q: torch.allclose(q, q, atol=-1.0),
        lambda q: torch.cov(q[0], fweights=-torch.ones(3, dtype=torch.long)),
        lambda q: torch.cov(q[0], fweights=torch.ones(1, dtype=torch.long)),
        lambda q: q[0].masked_select(torch.tensor([1, 0, 1])),
        lambda q: torch.cov(q[0], aweights=torch.ones(3, 1)),
        lambda q: q.masked_fill(torch.tensor(True), Q.randn(1)),
        lambda q: torch.fill(q, Q.randn(1)),
        lambda q: q.fill_(Q.randn(1)),
        lambda q: q.index_fill(0, NONE, Q.randn(1)),
        lambda q: torch.hsplit(q, 0),
        lambda q: torch.vsplit(q, 0),
        lambda q: torch.dsplit(q[None], 0),
    ],
)
def test_arguments_that_torch_refuses_are_refused(call):
    with pytest.raises(RuntimeError):
        call(Q.randn(2, 3))


def test_the_covariance_of_one_variable_is_a_number():
    q = Q.randn(1, 5, dtype=torch.float64)
    assert torch.cov(q).shape == torch.corrcoef(q).shape == ()
    assert torch.allclose(torch.cov(q).real, q.var())
    assert torch.allclose(torch.corrcoef(q), Q.ones((), dtype=torch.float64))


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (2, 3, 0)], ids=str)
def test_norms_of_empty_matrices_are_zero(shape):
    q = Q.zeros(*shape)
    try:
        torch.linalg.matrix_norm(torch.zeros(shape))
        torch.linalg.matrix_norm(torch.zeros(shape), 1)
    except IndexError:
        pytest.skip(f"torch {torch.__version__} has no norms of matrices without entries")
    for order in (2, "nuc", "fro", 1):
        assert torch.equal(torch.linalg.matrix_norm(q, order), torch.zeros(shape[:-2]))
    assert torch.equal(torch.linalg.cond(q), torch.zeros(shape[:-2]))


def test_tolerances_may_be_real_tensors():
    q, batch = Q.randn(2, 4, 3), torch.tensor([1e-6, 1e9])
    assert torch.linalg.matrix_rank(q, atol=batch).tolist() == [3, 0]
    assert torch.linalg.matrix_rank(q, rtol=torch.tensor(2.0)).tolist() == [0, 0]
    assert not torch.linalg.pinv(q, atol=batch, rtol=torch.tensor(0.0))[1].any()
    exact = torch.linalg.pinv(q)
    torch.testing.assert_close(torch.linalg.pinv(q, rtol=torch.tensor(1e-6)), exact)


def test_a_hermitian_pseudoinverse_reads_the_lower_triangle():
    q = Q.randn(3, 3, dtype=torch.float64)
    H = q.tril(-1) + q.tril(-1).mH + torch.diag(q.diagonal().real)
    found = torch.linalg.pinv(q, hermitian=True)
    torch.testing.assert_close(found.components, torch.linalg.inv(H).components)


def test_conversions_take_a_memory_format():
    q = Q.randn(2, 3, 4, 5)
    for convert, dtype in ((Q.double, torch.float64), (Q.half, torch.float16)):
        last = convert(q, memory_format=torch.channels_last)
        assert last.dtype == dtype
        assert torch.equal(last, convert(q))
        assert last.is_contiguous(memory_format=torch.channels_last)
