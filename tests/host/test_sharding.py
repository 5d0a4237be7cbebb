"""Models of numbers in two processes are what they are in one; what would lose numbers refuses."""

from inspect import signature

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import hypercomplex as hc
from tests.processes import in_two

Q = hc.QuaternionTensor
pytestmark = pytest.mark.skipif(not dist.is_available(), reason="torch without processes")
ROAD = r"hypercomplex\.state\.plain_parameters\(model\)"


class Turn(nn.Module):
    """A typed weight, a typed buffer, and plain parameters, one of a layer of ours, beside them."""

    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.weight = nn.Parameter(Q.randn(4, 3))
        self.bias = nn.Parameter(Q.randn(4))
        self.scale = nn.Parameter(torch.randn(4))
        self.layer = hc.nn.QuaternionLinear(4, 2)
        self.register_buffer("shift", Q.randn(3))

    def forward(self, x):
        return self.layer((x + self.shift) @ self.weight.mT * self.scale + self.bias)


def inputs(rank):
    return Q(torch.randn(6, 3, 4, generator=torch.Generator().manual_seed(1)))[rank::2]


def numbers(model):
    """By the names that they have in a model which was not changed."""
    state = {
        name: getattr(x, "full_tensor", lambda x=x: x)() for name, x in model.state_dict().items()
    }
    plain = hc.state.to_components(state)
    return {
        name.removeprefix("parametrizations.").removesuffix(".original"): x.clone()
        for name, x in plain.items()
    }


def steps(model, optimizer, ranks, count=3):
    for _ in range(count):
        optimizer.zero_grad()
        loss = sum(model(inputs(r)).abs().square().mean() for r in ranks) / len(ranks)
        loss.backward()
        optimizer.step()


def trained_alone(count=3):
    model = Turn()
    steps(model, torch.optim.Adam(model.parameters(), lr=0.1), [0, 1], count)
    return numbers(model)


def close(found, expected):
    assert found.keys() == expected.keys()
    for name in found:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-4, atol=1e-5)


def mesh():
    return torch.distributed.init_device_mesh("cpu", (2,))


def replicas(rank, directory):
    for options in ({}, {"gradient_as_bucket_view": True}, {"static_graph": True}):
        model = Turn(seed=rank)  # rank 0 tells the others
        parallel = DistributedDataParallel(model, **options)
        steps(parallel, torch.optim.Adam(model.parameters(), lr=0.1), [rank])
        assert type(model.weight.grad) is Q
        close(numbers(model), trained_alone())


def accumulated(rank, directory):
    """Steps of several batches, parameters that nothing uses, and processes that end early."""
    model = Turn()
    parallel = DistributedDataParallel(model)
    with parallel.no_sync():
        parallel(inputs(rank)).abs().square().mean().backward()
    parallel(inputs(rank) * 2).abs().square().mean().backward()
    alone = Turn()
    for factor in (1, 2):
        (sum(alone(inputs(r) * factor).abs().square().mean() for r in (0, 1)) / 2).backward()
    torch.testing.assert_close(model.weight.grad.components, alone.weight.grad.components)
    model.unused = nn.Parameter(Q.ones(3))
    parallel = DistributedDataParallel(model, find_unused_parameters=True)
    with parallel.join():
        for _ in range(1 + rank):
            parallel(inputs(rank)).abs().square().mean().backward()
    assert type(model.weight.grad) is Q
    assert model.unused.grad is None


def shared_state_of_optimizers(rank, directory):
    from torch.distributed.optim import ZeroRedundancyOptimizer

    model = Turn()
    parallel = DistributedDataParallel(model)
    optimizer = ZeroRedundancyOptimizer(model.parameters(), torch.optim.Adam, lr=0.1)
    steps(parallel, optimizer, [rank])
    close(numbers(model), trained_alone())
    optimizer.consolidate_state_dict(0)
    if rank == 0:
        moments = [entry["exp_avg"].shape for entry in optimizer.state_dict()["state"].values()]
        assert {(4, 3, 4), (4, 4), (4,)} < {*moments}
    with pytest.raises(NotImplementedError, match=f"write its components.*{ROAD}"):
        ZeroRedundancyOptimizer(
            Turn().parameters(), torch.optim.SGD, lr=0.1, parameters_as_bucket_view=True
        )


def shards_of_plain_parameters(rank, directory):
    from torch.distributed import checkpoint
    from torch.distributed.fsdp import fully_shard

    model = hc.state.plain_parameters(Turn())
    fully_shard(model, mesh=mesh())
    assert model.parametrizations.weight.original.to_local().shape == (2, 3, 4)
    steps(model, torch.optim.Adam(model.parameters(), lr=0.1), [rank])
    close(numbers(model), trained_alone())
    checkpoint.save(model.state_dict(), checkpoint_id=f"{directory}/shards")


def flat_shards_of_plain_parameters(rank, directory):
    from torch.distributed.fsdp import FullyShardedDataParallel

    device = torch.device("cpu")
    model = FullyShardedDataParallel(hc.state.plain_parameters(Turn()), device_id=device)
    steps(model, torch.optim.Adam(model.parameters(), lr=0.1), [rank])
    close(numbers(model), trained_alone())
    with pytest.raises(NotImplementedError, match=rf"as_strided of q\.components; .*{ROAD}"):
        FullyShardedDataParallel(Turn(), device_id=device)(inputs(rank))


def compiled(rank, directory):
    """Around collectives of numbers, and with those of components."""

    def between(q):
        q = q * 2
        dist.all_reduce(q)
        return q * q

    def inside(q):
        components = (q * 2).components.contiguous()
        dist.all_reduce(components)
        return Q(components) * Q(components)

    q = inputs(rank)
    expected = between(q)
    torch.testing.assert_close(inside(q).components, expected.components)
    for f, whole in ((between, False), (inside, True)):
        found = torch.compile(f, fullgraph=whole, backend="aot_eager")(q)
        torch.testing.assert_close(found.components, expected.components)


def shards_refuse(rank, directory):
    from torch.distributed.fsdp import fully_shard
    from torch.distributed.tensor import DTensor, Shard, distribute_tensor

    for model in (Turn(), nn.Sequential(nn.Linear(2, 2), Turn()), [Turn(), Turn()]):
        with pytest.raises(TypeError, match=rf"weight' is a QuaternionTensor.*{ROAD}"):
            fully_shard(model, mesh=mesh())
    with pytest.raises(TypeError, match=rf"`tensor` is a QuaternionTensor.*{ROAD}"):
        distribute_tensor(Q.ones(4), mesh(), [Shard(0)])
    with pytest.raises(TypeError, match=rf"`local_tensor` is a QuaternionTensor.*{ROAD}"):
        DTensor.from_local(Q.ones(2), mesh(), [Shard(0)])
    layer = fully_shard(hc.nn.QuaternionLinear(3, 4), mesh=mesh())  # its parameters are plain
    assert layer(inputs(rank)).shape == (3, 4)
    model = Turn()
    fully_shard(model, mesh=mesh(), ignored_params={model.weight, model.bias})
    assert type(model.weight) is Q


def checkpoints(rank, directory):
    from torch.distributed import checkpoint

    model = Turn(seed=5)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    steps(model, optimizer, [0, 1])
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    checkpoint.save(state, checkpoint_id=f"{directory}/whole")
    assert type(state["model"]["weight"]) is Q
    other = Turn(seed=6)
    state = {"model": other.state_dict()}
    checkpoint.load(state, checkpoint_id=f"{directory}/whole")
    assert type(state["model"]["weight"]) is Q
    close(numbers(other), numbers(model))  # what is loaded arrives where the model has it
    other = Turn(seed=6)
    plain = hc.state.to_components({"model": other.state_dict()})
    checkpoint.load(plain, checkpoint_id=f"{directory}/whole")
    close(numbers(other), numbers(model))
    if rank == 0:
        torch.save(numbers(model), f"{directory}/whole.pt")


def state_of_rank_0(rank, directory):
    from torch.distributed.checkpoint import state_dict

    options = state_dict.StateDictOptions(full_state_dict=True, broadcast_from_rank0=True)
    given = Turn(seed=7)
    for state in (given.state_dict(), hc.state.to_components(given.state_dict())):
        model = Turn(seed=rank)
        state_dict.set_model_state_dict(model, state if rank == 0 else {}, options=options)
        assert type(model.weight) is Q
        close(numbers(model), numbers(given))
    found = state_dict.get_model_state_dict(model)
    assert type(found["weight"]) is Q


def test_two_processes_are_one_and_what_they_save_is_loaded_by_one(tmp_path, nightly):
    from torch.distributed import checkpoint
    from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

    checks = [*[compiled] * nightly,
        replicas, accumulated, shared_state_of_optimizers, shards_of_plain_parameters, shards_refuse,
        flat_shards_of_plain_parameters, checkpoints, state_of_rank_0,
    ]  # fmt: skip
    in_two(checks, tmp_path, str(tmp_path))

    expected = trained_alone()
    model = hc.state.plain_parameters(Turn(seed=1))  # one process, of two that made shards
    state = model.state_dict()
    checkpoint.load(state, checkpoint_id=f"{tmp_path}/shards", no_dist=True)
    model.load_state_dict(state)
    close(numbers(model), expected)

    dcp_to_torch_save(f"{tmp_path}/whole", f"{tmp_path}/found.pt")
    found = torch.load(f"{tmp_path}/found.pt")["model"]  # a file of plain tensors
    assert {type(x) for x in found.values()} == {torch.Tensor}
    close(found, torch.load(f"{tmp_path}/whole.pt"))
    model = Turn(seed=2)
    model.load_state_dict(hc.state.from_components(found, like=model))
    close(numbers(model), found)


def test_a_checkpoint_knows_its_numbers(tmp_path):
    """Their algebras and grades stand in its metadata, where readers of arrays need not look."""
    from torch.distributed import checkpoint
    from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

    split, even = hc.tensor_type(hc.SPLIT_QUATERNION), hc.multivector_type(hc.clifford(3), "even")
    odd = hc.multivector_type(hc.clifford(3), "odd")
    save = lambda x: checkpoint.save({"a": {"q": x}}, checkpoint_id=tmp_path, no_dist=True)
    load = lambda state: checkpoint.load(state, checkpoint_id=tmp_path, no_dist=True)
    for x, others in ((Q.randn(3), (split, even)), (even.randn(3), (odd, Q))):
        save(x)
        state = {"a": {"q": type(x).zeros(3)}}
        load(state)
        assert torch.equal(state["a"]["q"], x)
        for other in others:
            with pytest.raises(BaseException, match=r"'a\.q' holds .* in the file, but is a"):
                load({"a": {"q": other.zeros(3)}})
        plain = {"a": {"q": torch.zeros(3, 4)}}  # who reads arrays is asked for nothing
        load(plain)
        assert torch.equal(plain["a"]["q"], x.components)
        dcp_to_torch_save(tmp_path, tmp_path / "found.pt")
        assert [*torch.load(tmp_path / "found.pt")["a"]] == ["q"]
    if "no_dist" in signature(checkpoint.async_save).parameters:
        q = Q.randn(2, 3)
        kept, state = q.clone(), {"a": {"q": q.mT}, "epoch": 3}
        saving = checkpoint.async_save(state, checkpoint_id=tmp_path, no_dist=True)
        q.zero_()  # the copy is made before
        saving.result()
        load(state := {"a": {"q": Q.zeros(3, 2)}, "epoch": 0})
        assert torch.equal(state["a"]["q"], kept.mT)
        assert state["epoch"] == 3
        with pytest.raises(BaseException, match="numbers of QUATERNION in the file, but is a S"):
            load({"a": {"q": split.zeros(3, 2)}, "epoch": 0})
    save(x.components)  # nobody says what it is
    load(state := {"a": {"q": Q.zeros(3)}})
    assert torch.equal(state["a"]["q"].components, x.components)


def test_one_process_saves_and_loads(tmp_path):
    from torch.distributed import checkpoint

    for algebra in (hc.COMPLEX, hc.OCTONION, hc.clifford(2)):
        cls = hc.tensor_type(algebra)
        state = {"q": cls.randn(3), "deeper": [cls.randn(2, 2).transpose(0, 1), 7]}
        checkpoint.save(state, checkpoint_id=tmp_path, no_dist=True)
        found = {"q": cls.zeros(3), "deeper": [cls.zeros(2, 2), 0]}
        checkpoint.load(found, checkpoint_id=tmp_path, no_dist=True)
        assert torch.equal(found["q"], state["q"])
        assert torch.equal(found["deeper"][0], state["deeper"][0])
        assert found["deeper"][1] == 7
        for wrong in (Q.zeros(3), cls.zeros(4)):
            with pytest.raises(BaseException, match=r"is a QuaternionTensor here|Size mismatch"):
                checkpoint.load({"q": wrong}, checkpoint_id=tmp_path, no_dist=True)
