"""A frozen layer lowers its weight once, and sees it change however it is written."""

import copy
import ctypes
import io
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize, vector_to_parameters

import hypercomplex as hc
from hypercomplex.host import memory
from hypercomplex.lowering import Kept
from hypercomplex.lowering.plans import PLANS
from tests.cases import every_telling_algebra

MAKES = [name for name, plan in PLANS.items() if plan.prepares]
ROWS = 9

every_plan = pytest.mark.parametrize("plan", MAKES)


def layer(plan="block", algebra=hc.QUATERNION, **words):
    return hc.nn.freeze(hc.nn.Linear(3, 5, algebra=algebra, plan=plan, **words))


def samples(algebra=hc.QUATERNION):
    return torch.randn(ROWS, 3 * algebra.dimension)


class Counted:
    """How often a plan lowers a weight."""

    def __init__(self, monkeypatch, plan):
        self.times, lower = 0, PLANS[plan].prepare

        def prepare(weight, product):
            self.times += 1
            return lower(weight, product)

        monkeypatch.setattr(PLANS[plan], "prepare", prepare)


# ---------------------------------------------------------------------- every way to write


def in_another_process(model):
    """The weight is memory of a file that somebody else writes."""
    with open(model.path, "rb+") as file:
        first = file.read(4)
    program = f"f = open({model.path!r}, 'rb+'); f.seek(8); f.write({first!r} * 6)"
    subprocess.run([sys.executable, "-S", "-c", program], check=True)


def by_optimizer(kind, **words):
    def write(model):
        with torch.enable_grad():
            model(samples()).square().sum().backward()
        kind(model.parameters(), lr=0.1, **words).step()

    return write


def as_parametrized(model):
    class Twice(nn.Module):
        def forward(self, w):
            return 2 * w

    parametrize.register_parametrization(model, "weight", Twice())


def by_swap(model):
    torch.utils.swap_tensors(model.weight, nn.Parameter(torch.randn_like(model.weight)))


def by_memory(model):
    ctypes.memset(model.weight.data_ptr(), 0, 8)


def in_inference_mode(model):
    with torch.inference_mode():
        model.weight.mul_(2)


def through_numpy(model):
    model.weight.detach().numpy()[:] *= 2


def through_storage(model):
    model.weight.untyped_storage()[:8] = 0


def as_new_memory(model):
    model.weight.data = torch.randn_like(model.weight)


def as_new_parameter(model):
    model.weight = nn.Parameter(torch.randn_like(model.weight))


def as_lost_and_found(model):
    del model.weight
    model.register_parameter("weight", nn.Parameter(torch.randn(5, 3, 4)))


def other(model):
    return {name: torch.randn_like(x) for name, x in model.state_dict().items()}


WRITES = {
    "copy_": lambda m: m.weight.copy_(torch.randn(5, 3, 4)),
    "one number": lambda m: m.weight[2, 1].zero_(),
    "one component": lambda m: m.weight.view(-1)[7].add_(1e-3),
    "out=": lambda m: torch.mul(m.weight, 2, out=m.weight),
    "data": lambda m: m.weight.data.mul_(2),
    "data =": as_new_memory,
    "detach": lambda m: m.weight.detach().mul_(2),
    "set_": lambda m: m.weight.set_(torch.randn(5, 3, 4)),
    "swap_tensors": by_swap,
    "parameter": as_new_parameter,
    "register": as_lost_and_found,
    "foreach": lambda m: torch._foreach_mul_([m.weight], 2.0),
    "vector": lambda m: vector_to_parameters(torch.randn(80), m.parameters()),
    "init": lambda m: nn.init.ones_(m.weight),
    "reset": lambda m: m.reset_parameters(),
    "max_norm_": lambda m: hc.nn.max_norm_(m, 1e-2),
    "state_dict": lambda m: m.state_dict()["weight"].mul_(2),
    "data of state_dict": lambda m: m.state_dict()["weight"].data.mul_(2),
    "load_state_dict": lambda m: m.load_state_dict(other(m)),
    "load_state_dict(assign)": lambda m: m.load_state_dict(other(m), assign=True),
    "SGD": by_optimizer(torch.optim.SGD),
    "SGD foreach": by_optimizer(torch.optim.SGD, foreach=True),
    "Adam fused": by_optimizer(torch.optim.Adam, fused=True),
    "parametrization": as_parametrized,
    "inference mode": in_inference_mode,
    "NumPy": through_numpy,
    "DLPack": lambda m: torch.from_dlpack(m.weight.detach()).mul_(2),
    "storage": through_storage,
    "memory": by_memory,
    "half": lambda m: m.to(torch.bfloat16).to(torch.float32),
    "another process": in_another_process,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@every_plan
def test_whatever_is_written_is_seen(write, plan, tmp_path):
    model, x = layer(plan), samples()
    model.path = str(tmp_path / "weight")
    mapped = torch.from_file(model.path, shared=True, size=60).view(5, 3, 4)
    model.weight = nn.Parameter(mapped.copy_(model.weight.data))
    with torch.no_grad():
        before = model(x)
        assert torch.equal(model(x), before)
        write(model)
        after, fresh = model(x), copy.deepcopy(model)(x)
    assert not torch.equal(after, before)
    assert torch.equal(after, fresh)


@every_plan
def test_what_functional_call_puts_in_place_is_seen(plan):
    model, x = layer(plan), samples()
    with torch.no_grad():
        model(x)
        state = other(model)
        expected = hc.functional.linear(x, *state.values(), algebra=hc.QUATERNION, plan=plan)
        assert torch.equal(torch.func.functional_call(model, state, x), expected)


# ---------------------------------------------------------------------- what is kept


@every_telling_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_frozen_layer_gives_the_same(algebra, side):
    model, x = layer(None, algebra, side=side), samples(algebra)
    with torch.no_grad():
        first, second = model(x), model(x)
        assert torch.equal(first, second)
        torch.testing.assert_close(first, hc.nn.unfreeze(model)(x))


@every_plan
def test_a_weight_is_lowered_once(plan, monkeypatch):
    model, counted = layer(plan), Counted(monkeypatch, plan)
    with torch.no_grad():
        for _ in range(3):
            model(samples())
        with torch.inference_mode():
            model(samples())
        assert counted.times == 1
        hc.nn.unfreeze(model)(samples())
        assert counted.times == 2


def test_what_a_plan_does_not_make_is_not_kept():
    model = layer("input")
    with torch.no_grad():
        model(samples())
    assert model.kept._last is None


@every_plan
def test_a_frozen_layer_learns_as_any_other(plan):
    model, x = layer(plan), samples().requires_grad_()
    plain = hc.nn.unfreeze(copy.deepcopy(model))
    with torch.no_grad():
        model(x)
    g = torch.randn(ROWS, 20)
    tensors, others = [x, *model.parameters()], [x, *plain.parameters()]
    for one, another in zip(
        torch.autograd.grad(model(x), tensors, g),
        torch.autograd.grad(plain(x), others, g),
        strict=True,
    ):
        torch.testing.assert_close(one, another)
    model.weight.requires_grad_(False)  # as those of a model to which adapters are added
    torch.testing.assert_close(
        torch.autograd.grad(model(x), x, g)[0], torch.autograd.grad(plain(x), x, g)[0]
    )


def test_learned_constants_may_change():
    table = hc.lowering.LearnedBilinear(torch.randn(4, 4, 4))
    product = type("Product", (), {"product": table})()
    x, w, kept = samples(), torch.randn(5, 3, 4), Kept()
    first = hc.functional.linear(x, w, algebra=product, plan="block", kept=kept)
    table.constants.mul_(2)
    second = hc.functional.linear(x, w, algebra=product, plan="block", kept=kept)
    torch.testing.assert_close(second, 2 * first)


def test_copies_and_files_hold_the_weight_only():
    model, x = layer("block"), samples()
    names, size = list(model.state_dict()), len(pickle.dumps(model))
    with torch.no_grad():
        expected = model(x)
        assert len(pickle.dumps(model)) == size
        assert list(model.state_dict()) == names == ["weight", "bias"]
        file = io.BytesIO()
        torch.save(model, file)
        file.seek(0)
        for again in (
            copy.deepcopy(model),
            copy.copy(model),
            pickle.loads(pickle.dumps(model)),
            torch.load(file, weights_only=False),
        ):
            assert again.kept is not None
            assert torch.equal(again(x), expected)
        copied = copy.deepcopy(model)
        copied.weight.zero_()
        copied.bias.zero_()
        assert not copied(x).any()
        assert torch.equal(model(x), expected)


def test_types_and_devices_change():
    model, x = layer("block"), samples()
    with torch.no_grad():
        model(x)
        assert model.double()(x.double()).dtype == torch.float64
        assert model.to("meta")(x.double().to("meta")).is_meta


def test_autocast_keeps_what_it_rounds():
    model, x = layer("block"), samples()
    with torch.no_grad():
        full = model(x)
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(model(x), hc.nn.unfreeze(copy.deepcopy(model))(x))
        assert torch.equal(model(x), full)


def test_weights_that_are_not_numbers_are_told_apart_by_their_bits():
    kept, weight = Kept(), torch.tensor([float("nan"), 0.0])
    first = kept.of(torch.neg, weight)
    assert kept.of(torch.neg, weight) is first
    weight[1] = -0.0
    assert kept.of(torch.neg, weight) is not first


@pytest.mark.parametrize("compare", [memory._memcmp, None], ids=["C", "torch"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
def test_weights_lie_anywhere_in_memory(dtype, compare, monkeypatch):
    monkeypatch.setattr(memory, "_memcmp", compare)
    whole = torch.randn(40).to(dtype)
    for weight in (whole[1:7], whole[::3], whole[:30].view(5, 6).t(), whole[:0]):
        kept = Kept()
        first = kept.of(torch.neg, weight)
        assert kept.of(torch.neg, weight) is first
        assert torch.equal(first, -weight)
        if len(weight):
            weight[-1] += 1
            assert torch.equal(kept.of(torch.neg, weight), -weight)


@pytest.mark.filterwarnings("ignore")
def test_transforms_and_tracers_see_the_weight():
    model, x = layer("block"), samples()
    with torch.no_grad():
        expected = model(x)
        stacked = torch.stack([model.weight, 2 * model.weight])
        run = lambda w: torch.func.functional_call(model, {"weight": w}, x)
        twice = torch.func.vmap(run)(stacked)
        torch.testing.assert_close(twice[0], expected)
        assert not torch.allclose(twice[1], expected)
        torch.testing.assert_close(torch.jit.trace(model, x)(x), expected)


def test_frozen_layers_compile_and_export(backend):
    model, x = layer(None), samples()
    with torch.no_grad():
        model(x)
        compiled = torch.compile(model, fullgraph=True, backend=backend)
        torch.testing.assert_close(compiled(x), model(x))
        model.weight.data.mul_(2)
        torch.testing.assert_close(compiled(x), model(x))
        for strict in (False, True):
            program = torch.export.export(model, (x,), strict=strict)
            torch.testing.assert_close(program.module()(x), model(x))
            assert set(program.state_dict) == {"weight", "bias"}


def test_whole_models_are_frozen():
    model = nn.Sequential(hc.nn.QuaternionLinear(3, 5), nn.ReLU(), nn.Linear(20, 2))
    assert hc.nn.freeze(model) is model
    assert isinstance(model[0].kept, Kept)
    assert hc.nn.unfreeze(model)[0].kept is None
    with pytest.raises(TypeError, match="`model`"):
        hc.nn.freeze("model")


@pytest.mark.parametrize("kind", ["Conv1d", "Conv2d", "ConvTranspose2d"])
@pytest.mark.parametrize("write", ["data", "NumPy", "load_state_dict", "half"])
def test_a_frozen_convolution_sees_what_is_written(kind, write):
    model = hc.nn.freeze(getattr(hc.nn, kind)(3, 5, 3, algebra=hc.QUATERNION))
    x = torch.randn(2, 12, *[9] * model.axes)
    with torch.no_grad():
        before = model(x)
        assert torch.equal(model(x), before)
        assert model.kept._last is not None
        WRITES[write](model)
        after, fresh = model(x), copy.deepcopy(model)(x)
    assert not torch.equal(after, before)
    assert torch.equal(after, fresh)


def test_models_with_attention_are_frozen_whole():
    model = hc.nn.QuaternionTransformerEncoderLayer(6, 3, 8, batch_first=True).eval()
    x = torch.randn(4, 5, 24)
    with torch.no_grad(), hc.lowering.use("block"):
        expected = model(x)
        hc.nn.freeze(model)
        assert torch.equal(model(x), expected)
        assert torch.equal(model(x), expected)
        model.linear1.weight.data.zero_()
        assert torch.equal(model(x), hc.nn.unfreeze(copy.deepcopy(model))(x))
