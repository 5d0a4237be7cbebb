"""Programs that users of torch write around a model, with typed parameters: each gives numbers."""

import copy
import io
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn.utils import prune
from torch.utils import data
from torch.utils.checkpoint import checkpoint

import hypercomplex as hc

Q = hc.QuaternionTensor


class Turn(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(Q.randn(4, 3))
        self.bias = nn.Parameter(torch.randn(4))
        self.layer = hc.nn.QuaternionLinear(4, 2)
        self.register_buffer("shift", Q.randn(3))

    def forward(self, x):
        return self.layer((x + self.shift) @ self.weight.mT + self.bias)


def loss(model, x):
    return model(x).abs().square().mean()


def close(x, y):
    torch.testing.assert_close(x.components, y.components)


def test_models_are_made_on_no_device_and_filled():
    given = Turn()
    with torch.device("meta"):
        assigned, emptied = Turn(), Turn()
    assert assigned.weight.is_meta
    assigned.load_state_dict(given.state_dict(), assign=True)
    emptied.to_empty(device="cpu").load_state_dict(given.state_dict())
    for model in (assigned, emptied):
        assert isinstance(model.weight, nn.Parameter)
        assert type(model.weight) is type(model.shift) is Q
        assert torch.equal(model.weight, given.weight)
        loss(model, Q.ones(2, 3)).backward()
        assert type(model.weight.grad) is Q


def test_models_are_functions_and_stacks():
    x, models = Q.randn(5, 3), [Turn() for _ in range(3)]
    parameters, buffers = torch.func.stack_module_state(models)
    assert type(parameters["weight"]) is Q
    base = copy.deepcopy(models[0]).to("meta")
    call = lambda p, b, x: torch.func.functional_call(base, (p, b), (x,))
    found = torch.func.vmap(call, in_dims=(0, 0, None))(parameters, buffers, x)
    for y, model in zip(found, models, strict=True):
        close(y, model(x))
    given = {name: p.detach() for name, p in models[0].named_parameters()}
    gradients = torch.func.grad(
        lambda p: torch.func.functional_call(models[0], p, (x,)).abs().square().mean()
    )(given)
    loss(models[0], x).backward()
    close(gradients["weight"], models[0].weight.grad)


def test_gradients_are_clipped_as_one_vector():
    model = Turn()
    loss(model, Q.randn(5, 3)).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    gradients = [hc.state.to_components(p.grad).flatten() for p in model.parameters()]
    torch.testing.assert_close(torch.cat(gradients).norm(), torch.tensor(0.1), rtol=1e-4, atol=0)
    with pytest.raises(NotImplementedError, match=r"clamp_ is refused .* no order"):
        nn.utils.clip_grad_value_(model.parameters(), 0.1)


@pytest.mark.parametrize("reentrant", [False, True])
def test_what_is_computed_twice(reentrant):
    model, x = Turn(), Q.randn(5, 3).requires_grad_()
    loss(model, x).backward()
    expected, model.weight.grad = model.weight.grad, None
    checkpoint(lambda x: loss(model, x), x, use_reentrant=reentrant).backward()
    close(model.weight.grad, expected)


class Samples(data.Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, m):
        return {"turn": Q.ones(3) * m, "pair": (Q.ones(2), m)}


def test_batches_of_workers():
    rows = data.TensorDataset(Q.randn(8, 3), torch.arange(8))
    for x, _ in data.DataLoader(rows, batch_size=4):
        assert type(x) is Q
        assert x.shape == (4, 3)
    (batch,) = data.DataLoader(Samples(), batch_size=8, num_workers=1)
    assert type(batch["turn"]) is type(batch["pair"][0]) is Q
    assert batch["turn"].real[:, 0].tolist() == [*range(8)]
    assert type(data.default_convert([Q.ones(2)])[0]) is Q


def double(queue):
    queue.get().components.mul_(2)


def test_processes_share_memory():
    context = torch.multiprocessing.get_context("fork")
    queue, q = context.Queue(), Q.ones(3).share_memory_()
    child = context.Process(target=double, args=(queue,))
    child.start()
    queue.put(q)
    child.join()
    assert q.real.tolist() == [2.0, 2, 2]


def test_a_file_is_read_once_the_library_is_there(tmp_path):
    path = tmp_path / "state.pt"
    torch.save(Turn().state_dict(), path)
    read = f"import torch; print(type(torch.load({str(path)!r})['weight']).__name__)"
    run = lambda code: subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run(f"import hypercomplex; {read}").stdout.strip() == "QuaternionTensor"
    assert "hypercomplex.tensor._rebuild was not an allowed global" in run(read).stderr


def test_optimizers_are_saved_and_muon_refuses():
    model = Turn()
    optimizer = torch.optim.AdamW(model.parameters())
    loss(model, Q.randn(5, 3)).backward()
    optimizer.step()
    file = io.BytesIO()
    torch.save(optimizer.state_dict(), file)
    file.seek(0)
    optimizer.load_state_dict(torch.load(file))
    if hasattr(torch.optim, "Muon"):
        for weight in (model.weight, nn.Parameter(Q.ones(4))):
            with pytest.raises(TypeError, match=r"another optimizer, such as torch\.optim\.AdamW"):
                torch.optim.Muon([weight])
        real = torch.optim.Muon([nn.Parameter(torch.ones(2, 2))])
        with pytest.raises(TypeError, match="Muon is refused for QuaternionTensor"):
            real.add_param_group({"params": [model.weight]})


def test_numbers_are_pruned_whole():
    model = Turn()
    prune.l1_unstructured(model, "weight", 5)
    zero = (model.weight.components == 0).all(-1)
    assert zero.sum() == 5
    assert model.weight.abs()[~zero].min() >= model.weight_orig.abs()[zero].max()
