"""Numbers travel between two processes as their components do, alone or in lists."""

import pytest
import torch
import torch.distributed as dist

import hypercomplex as hc
from tests.processes import in_two

Q, Octonions = hc.QuaternionTensor, hc.tensor_type(hc.OCTONION)
pytestmark = pytest.mark.skipif(not dist.is_available(), reason="torch without processes")


def of(rank, *shape, cls=Q):
    """Numbers that every process can make for every other."""
    generator = torch.Generator().manual_seed(rank)
    return cls(torch.randn(*shape, cls.algebra.dimension, generator=generator))


def same(x, expected):
    assert type(x) is type(expected)
    torch.testing.assert_close(x.components, expected.components, rtol=1e-6, atol=1e-6)


def planar(q):
    """The same numbers, each component a plane of its own, as products lie."""
    components = q.components.movedim(-1, 0).contiguous().movedim(0, -1)
    assert not components.is_contiguous()
    return type(q)(components)


def sums_and_means(rank):
    for cls in (Q, Octonions):
        for shape in ((), (3,), (0,), (2, 3)):
            both = [of(r, *shape, cls=cls) for r in range(2)]
            for lie in (lambda q: q.clone(), planar if shape else torch.clone):
                q = lie(both[rank]) if both[0].numel() else both[rank]
                assert dist.all_reduce(q) is None
                same(q, both[0] + both[1])
            q = both[rank].clone()
            dist.reduce(q, 1)
            if rank == 1:
                same(q, both[0] + both[1])
    q = of(rank, 3)
    dist.all_reduce(q, async_op=True).wait()
    same(q, of(0, 3) + of(1, 3))


def parameters(rank):
    p = torch.nn.Parameter(of(rank, 3))
    view = p.T
    dist.broadcast(p, 1)
    same(p.detach(), of(1, 3))
    (view * view).abs().sum().backward()
    p.grad = planar(p.grad)
    given = p.grad.clone()
    dist.all_reduce(p.grad)
    same(p.grad, 2 * given)


def from_one_to_another(rank):
    for send, recv in (
        (dist.send, dist.recv),
        (lambda *a: dist.isend(*a).wait(), lambda *a: dist.irecv(*a).wait()),
    ):
        for lie in (torch.clone, planar):
            if rank == 0:
                send(lie(of(7, 3)), 1)
            else:
                q = Q.zeros(3)
                recv(q, 0)
                same(q, of(7, 3))
    if rank == 0:
        dist.send(of(7, 3), 1)
    else:
        q = planar(of(1, 3))
        assert dist.recv(q) == 0
        same(q, of(7, 3))
        with pytest.raises(ValueError, match=r"pass q\.contiguous\(\)"):
            dist.irecv(planar(of(1, 3)), 0)
    q = Q.zeros(3)
    ops = [dist.P2POp(dist.isend, of(rank, 3), 1 - rank), dist.P2POp(dist.irecv, q, 1 - rank)]
    for work in dist.batch_isend_irecv(ops):
        work.wait()
    same(q, of(1 - rank, 3))


def gathered(rank):
    both = [of(r, 2, 3) for r in range(2)]
    found = [planar(Q.zeros(2, 3)), Q.zeros(2, 3)]
    dist.all_gather(found, planar(both[rank]))
    same(torch.stack(found), torch.stack(both))
    into = Q.zeros(4, 3)
    dist.all_gather_single(into, both[rank])
    same(into, torch.cat(both))
    dist.all_gather_into_tensor(into.zero_(), both[rank])
    same(into, torch.cat(both))
    lists = [[Q.zeros(2, 3)] for _ in range(2)]
    dist.all_gather_coalesced(lists, [both[rank]])
    same(torch.stack([each[0] for each in lists]), torch.stack(both))
    found = [Q.zeros(2, 3) for _ in range(2)] if rank == 0 else None
    dist.gather(both[rank], found)
    if rank == 0:
        same(torch.stack(found), torch.stack(both))


def scattered(rank):
    parts, q = [of(5, 3), of(6, 3)], planar(Q.zeros(3))
    dist.scatter(q, parts if rank == 1 else None, src=1)
    same(q, parts[rank])
    total = [of(5, 3) + of(7, 3), of(6, 3) + of(8, 3)]
    mine = [of(5 + 2 * rank, 3), of(6 + 2 * rank, 3)]
    q = Q.zeros(3)
    dist.reduce_scatter(q, mine)
    same(q, total[rank])
    dist.reduce_scatter_single(q.zero_(), torch.cat(mine))
    same(q, total[rank])
    q = Q.zeros(2)
    dist.all_to_all_single(q, torch.stack([of(rank), of(rank + 2)]))
    same(q, torch.stack([of(2 * rank), of(2 * rank + 1)]))
    sizes = [1, 3]
    q = Q.zeros(2 * sizes[rank])
    dist.all_to_all_single(q, of(rank, 4), [sizes[rank]] * 2, sizes)
    same(q, torch.cat([of(r, 4).split(sizes)[rank] for r in range(2)]))
    dist.all_reduce_coalesced(both := [of(rank), of(rank, 3)])
    for x, shape in zip(both, ((), (3,)), strict=True):
        same(x, of(0, *shape) + of(1, *shape))


def objects(rank):
    found = [None, None]
    dist.all_gather_object(found, {"q": of(rank, 3)})
    for r in range(2):
        same(found[r]["q"], of(r, 3))


def refused(rank):
    """Before anything is sent: no process waits for another."""
    q = of(rank, 3)
    for op in ("PRODUCT", "MAX", "MIN", "BAND", "BOR", "BXOR"):
        reduction = getattr(dist.ReduceOp, op)
        for reduce in (
            lambda op: dist.all_reduce(q, op),
            lambda op: dist.reduce(q, 0, op),
            lambda op: dist.reduce_scatter(q, [q, q], op),
            lambda op: dist.reduce_scatter_single(q, torch.cat([q, q]), op),
        ):
            with pytest.raises(NotImplementedError, match=rf"{op}\) is refused .* SUM or AVG"):
                reduce(reduction)
    with pytest.raises(TypeError, match="`tensor_list` is a plain tensor beside a Quaternion"):
        dist.all_gather([q.components, q.components], q)
    with pytest.raises(RuntimeError, match="different algebras"):
        dist.all_gather([of(0, 3, cls=Octonions)] * 2, q)
    with pytest.raises(ValueError, match="a single number, which cannot be split"):
        dist.all_to_all_single(of(0), of(1))


def with_derivatives(rank):
    """Functions of `torch.distributed.nn`, whose gradients are numbers."""
    from torch.distributed.nn import functional as F

    x = of(rank, 3).requires_grad_()
    weights = [of(9, 3), of(10, 3)]
    total = F.all_reduce(x)
    same(total.detach(), of(0, 3) + of(1, 3))
    (g,) = torch.autograd.grad((weights[rank].conj() * total).real.sum(), x)
    same(g, weights[0] + weights[1])
    parts = F.all_gather(x)
    same(torch.stack(parts).detach(), torch.stack([of(0, 3), of(1, 3)]))
    loss = sum((w.conj() * q).real.sum() for w, q in zip(weights, parts, strict=True))
    (g,) = torch.autograd.grad(loss, x)
    same(g, 2 * weights[rank])
    found = F.broadcast(x, 1)
    same(found.detach(), of(1, 3))
    with pytest.raises(NotImplementedError, match="PRODUCT"):
        F.all_reduce(x, dist.ReduceOp.PRODUCT)


def test_two_processes(tmp_path):
    checks = [
        sums_and_means, parameters, from_one_to_another, gathered, scattered, objects, refused,
        with_derivatives,
    ]  # fmt: skip
    in_two(checks, tmp_path)
