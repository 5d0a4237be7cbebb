"""Numbers travel between two processes as their components do, alone or in lists."""

import pytest
import torch
import torch.distributed as dist

import hypercomplex as hc
from hypercomplex.host.torches import DIFFERENTIATES
from tests.processes import in_two
from tests.torches import Collectives

ALL_GATHER = getattr(dist, "all_gather_single", None) or dist.all_gather_into_tensor
REDUCE_SCATTER = getattr(dist, "reduce_scatter_single", None) or dist.reduce_scatter_tensor
NEW = Collectives()
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
    ALL_GATHER(into, both[rank])
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
    REDUCE_SCATTER(q.zero_(), torch.cat(mine))
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
            lambda op: REDUCE_SCATTER(q, torch.cat([q, q]), op),
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


def new_tensors(rank):
    """Functions that give what they make, whose axes are those of numbers."""
    group = dist.group.WORLD
    for cls in (Q, Octonions):
        both = [of(r, 4, 2, cls=cls) for r in range(2)]
        mine, total = planar(both[rank]), both[0] + both[1]
        same(NEW.all_reduce(mine, "sum", group), total)
        same(NEW.broadcast(mine, 1, group), both[1])
        for dim in (0, 1, -1, -2):
            same(NEW.all_gather_single(mine, dim, group), torch.cat(both, dim))
            part = total.chunk(2, dim)[rank]
            same(NEW.reduce_scatter_single(mine, "sum", dim, group), part)
            same(NEW.reduce_scatter_single_coalesced([mine], "sum", [dim], group)[0], part)
        halves = [q.chunk(2)[rank] for q in both]
        same(NEW.all_to_all_single(mine, None, None, group), torch.cat(halves))
        sizes = [1, 3]
        found = NEW.all_to_all_single(mine, [sizes[rank]] * 2, sizes, group)
        same(found, torch.cat([q.split(sizes)[rank] for q in both]))
        same(NEW.permute_tensor(mine[:, 0], [1, 0], group), both[1 - rank][:, 0])
        for found in NEW.all_reduce_coalesced([mine, mine[0, 0]], "SUM", group):
            same(found, total if found.ndim else total[0, 0])
        same(NEW.all_gather_single_coalesced([mine], group)[0], torch.cat(both))
        same(NEW.wait_tensor(mine), mine)
        assert NEW.all_reduce(mine.components, "max", group).shape == (4, 2, cls.width)
    vectors = hc.multivector_type(hc.clifford(3), "vector")
    q = vectors(of(rank, 2).imag)
    same(NEW.all_reduce(q, "sum", group), vectors((of(0, 2) + of(1, 2)).imag))
    same(NEW.all_gather_tensor(mine, 1, group), torch.cat(both, 1))  # their older names
    if DIFFERENTIATES:
        same(NEW.reduce_scatter_tensor_autograd(mine, "sum", 0, group), total.chunk(2)[rank])


def new_tensors_refused(rank):
    q, group = of(rank, 2), dist.group.WORLD
    for op in ("product", "max", "band"):
        for reduce in (NEW.all_reduce, lambda q, *a: NEW.reduce_scatter_single(q, a[0], 0, a[1])):
            with pytest.raises(NotImplementedError, match=rf"{op}\) is refused .* SUM or AVG"):
                reduce(q, op, group)
    with pytest.raises(IndexError, match="single number, without axes"):
        NEW.all_gather_single(q[0], 0, group)
    with pytest.raises(IndexError, match="single number, without axes"):
        NEW.all_to_all_single(q[0], None, None, group)
    with pytest.raises(IndexError, match=r"range of \[-1, 0\], but got 1"):
        NEW.all_gather_single(q, 1, group)  # the axis of components is no axis of numbers
    with pytest.raises(TypeError, match="`self` is a plain tensor beside a Quaternion"):
        NEW.all_reduce_coalesced([q, q.components], "sum", group)


def new_tensors_with_derivatives(rank):
    x, group = of(rank, 2, 2).requires_grad_(), dist.group.WORLD
    weights = [of(9, 2, 2), of(10, 2, 2)]
    if not DIFFERENTIATES:
        with pytest.raises(
            NotImplementedError, match=r"use the functions of torch\.distributed\.nn"
        ):
            NEW.all_reduce(x, "sum", group)
        return
    of_sum = NEW.all_reduce(x, "sum", group)
    (g,) = torch.autograd.grad((weights[rank].conj() * of_sum).real.sum(), x)
    same(g, weights[0] + weights[1])
    found = NEW.all_gather_single_autograd(x, 1, group)
    (g,) = torch.autograd.grad((torch.cat(weights, 1).conj() * found).real.sum(), x)
    same(g, 2 * weights[rank])
    part = NEW.reduce_scatter_single_autograd(x, "sum", 0, group)
    (g,) = torch.autograd.grad((weights[rank][:1].conj() * part).real.sum(), x)
    same(g, torch.cat([w[:1] for w in weights]))


def in_one_graph(rank, backend):
    def new(q):
        total = NEW.all_reduce(q * 2, "sum", dist.group.WORLD)
        return NEW.all_gather_single(total * q, 0, dist.group.WORLD)

    def written(q):
        q, both = q * 2, Q(torch.zeros(6, 4))
        dist.all_reduce(q)
        ALL_GATHER(both, q * q)
        return both

    q = of(rank, 3)
    for f in (new, written):
        same(torch.compile(f, fullgraph=True, backend=backend)(q), f(q))


def test_two_processes(tmp_path):
    checks = [
        sums_and_means, parameters, from_one_to_another, gathered, scattered, objects, refused,
        with_derivatives, new_tensors, new_tensors_refused, new_tensors_with_derivatives,
    ]  # fmt: skip
    in_two(checks, tmp_path)


def test_two_processes_of_one_graph(tmp_path, backend):
    in_two([in_one_graph], tmp_path, backend)
