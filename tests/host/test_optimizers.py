"""An optimizer does to a typed parameter what it does to its real components."""

import copy
import gc
import io

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR

import hypercomplex as hc
from tests.cases import numbers

OPTIMIZERS = [
    (torch.optim.SGD, {}),
    (torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (torch.optim.Adam, {}),
    (torch.optim.Adam, {"amsgrad": True, "weight_decay": 0.1}),
    (torch.optim.AdamW, {}),
    (torch.optim.NAdam, {}),
    (torch.optim.RAdam, {"weight_decay": 0.1}),
    (torch.optim.Adamax, {}),
    (torch.optim.Adadelta, {"lr": 1.0}),
    (torch.optim.Adagrad, {}),
    (torch.optim.RMSprop, {"centered": True, "momentum": 0.5}),
    (torch.optim.Rprop, {}),
    (torch.optim.ASGD, {}),
]
FUSED = [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.Adagrad]
CASES = [
    (optimizer, {"lr": 0.01, **options, **how})
    for optimizer, options in OPTIMIZERS
    for how in ({}, {"foreach": True}, {"foreach": False}, {"fused": True})
    if "fused" not in how or optimizer in FUSED
]
CASES += [(torch.optim.Adafactor, {"lr": 0.01}), (torch.optim.LBFGS, {"lr": 0.1, "max_iter": 3})]


def loss_of(q, target):
    return (q * target - q.conj()).abs().square().sum()


def problem():
    """The same parameters typed and plain, beside a plain one of the model; and their losses."""
    values, target = numbers(hc.QUATERNION, 2, 3), hc.QuaternionTensor(numbers(hc.QUATERNION, 3))
    typed = nn.Parameter(hc.QuaternionTensor(values.clone()))
    plain = nn.Parameter(values.clone())
    scales = [nn.Parameter(torch.ones(3, dtype=torch.float64)) for _ in range(2)]
    losses = (
        lambda: loss_of(typed * scales[0], target),
        lambda: loss_of(hc.QuaternionTensor(plain) * scales[1], target),
    )
    return [typed, scales[0]], [plain, scales[1]], losses


def steps(optimizer, loss, count=3):
    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    for _ in range(count):
        if isinstance(optimizer, torch.optim.LBFGS):
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()


def resumed(optimizer, parameters):
    """A new optimizer with what the old one keeps, through a file."""
    file = io.BytesIO()
    torch.save(optimizer.state_dict(), file)
    file.seek(0)
    new = type(optimizer)(parameters, lr=1.0)
    new.load_state_dict(torch.load(file, weights_only=True))
    return new


def agree(typed, plain, tolerance=1e-12):
    assert plain[0].isfinite().all()
    assert type(typed[0]) is hc.QuaternionTensor
    assert isinstance(typed[0], nn.Parameter)
    torch.testing.assert_close(typed[0].components, plain[0], rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(typed[1], plain[1], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("optimizer", "options"), CASES, ids=str)
def test_components_are_updated_as_plain_parameters_are(optimizer, options):
    typed, plain, losses = problem()
    start = typed[0].detach().clone()
    first, second = optimizer(typed, **options), optimizer(plain, **options)
    steps(first, losses[0])
    steps(second, losses[1])
    agree(typed, plain)
    assert not torch.equal(typed[0], start)

    assert first.state_dict()["state"].keys() == second.state_dict()["state"].keys()
    first, second = resumed(first, typed), resumed(second, plain)
    steps(first, losses[0], 2)
    steps(second, losses[1], 2)
    agree(typed, plain)


def test_a_closure_computes_with_numbers_whatever_the_optimizer_does_before():
    typed, plain, losses = problem()

    class Twice(torch.optim.SGD):
        """Steps, forgets the gradients, evaluates again and steps: as sharpness-aware ones do."""

        def step(self, closure):
            super().step()
            self.zero_grad()
            with torch.enable_grad():
                loss = closure()
            super().step()
            self.param_groups[0]["steps"] = self.param_groups[0].get("steps", 0) + 1
            self.count = getattr(self, "count", 0) + 1
            return loss

    for parameters, loss in zip((typed, plain), losses, strict=True):
        optimizer = Twice(parameters, lr=0.01)

        def closure(loss=loss):
            value = loss()
            value.backward()
            return value

        for _ in range(2):
            loss().backward()
            optimizer.step(closure=closure)
        assert optimizer.count == 2
        assert optimizer.param_groups[0]["steps"] == 2
        assert optimizer.param_groups[0]["params"][0] is parameters[0]
    agree(typed, plain)


@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.Adagrad])
def test_parameters_that_come_later_are_seen(optimizer):
    values, results = numbers(hc.QUATERNION, 3), []
    for p in (values.clone(), hc.QuaternionTensor(values.clone())):
        steps = optimizer([nn.Parameter(torch.ones(1))], lr=0.1)
        steps.param_groups[0]["params"] = [nn.Parameter(p)]  # as tools for large models do
        (later,) = steps.param_groups[0]["params"]
        later.grad = later.detach().clone()
        try:
            steps.step()
        except KeyError:
            assert not results
            pytest.skip("in this torch it keeps a state only for parameters that it is made with")
        results.append(getattr(later.detach(), "components", later.detach()))
    assert torch.equal(*results)


def test_a_step_that_raises_leaves_the_optimizer_as_it_was():
    typed, _, losses = problem()
    optimizer = torch.optim.Adam(typed, lr=0.1)

    def closure():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        optimizer.step(closure)
    assert optimizer.param_groups[0]["params"][0] is typed[0]
    i = hc.QuaternionTensor([0.0, 1, 0, 0])
    assert torch.equal(i * i, -torch.ones_like(i))  # types are on again
    steps(optimizer, losses[0])


def test_nothing_is_left_of_a_step():
    """A stand-in kept alive would keep gradients alive, too."""
    typed, _, losses = problem()
    optimizer = torch.optim.LBFGS(typed, lr=0.1)
    gc.collect()
    gc.disable()
    try:
        steps(optimizer, losses[0])
        alive = [x for x in gc.get_objects() if isinstance(x, torch.optim.LBFGS)]
    finally:
        gc.enable()
    assert len(alive) == 1
    assert alive[0] is optimizer


def test_typed_state_of_older_files_is_read():
    typed, plain, losses = problem()
    first, second = (torch.optim.SGD(p, lr=0.01, momentum=0.9) for p in (typed, plain))
    steps(first, losses[0], 1)
    steps(second, losses[1], 1)
    first.state[typed[0]]["momentum_buffer"] = hc.QuaternionTensor(
        first.state[typed[0]]["momentum_buffer"]
    )
    steps(first, losses[0], 2)
    steps(second, losses[1], 2)
    agree(typed, plain)


def test_schedulers_scalers_clipping_and_frozen_parameters():
    typed, plain, losses = problem()
    frozen = nn.Parameter(hc.QuaternionTensor(torch.ones(2, 4)), requires_grad=False)
    for parameters, loss, rest in ((typed, losses[0], [frozen]), (plain, losses[1], [])):
        optimizer = torch.optim.AdamW([{"params": parameters}, {"params": rest}], lr=0.1)
        scheduler = StepLR(optimizer, 1, gamma=0.5)
        scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
        for _ in range(3):
            optimizer.zero_grad(set_to_none=False)
            scaler.scale(loss()).backward()
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(parameters, 0.5)
            norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])
            assert torch.allclose(norm, torch.tensor(0.5, dtype=torch.float64))
            scaler.step(optimizer)
            scaler.update()
            scheduler.step()
    agree(typed, plain)
    assert torch.equal(frozen.components, torch.ones(2, 4))


@pytest.mark.parametrize("foreach", [None, True, False])
def test_clipping_by_norm_is_euclidean_and_by_value_has_no_meaning(foreach):
    typed, plain, losses = problem()
    for loss in losses:
        loss().backward()
    norms = [nn.utils.clip_grad_norm_(p, 1.0, foreach=foreach) for p in (typed, plain)]
    assert torch.allclose(*norms)
    assert torch.allclose(typed[0].grad.components, plain[0].grad)
    with pytest.raises(NotImplementedError, match="no order"):
        nn.utils.clip_grad_value_(typed, 0.1, foreach=foreach)


def test_a_scaler_skips_steps_with_infinite_gradients():
    p = nn.Parameter(hc.QuaternionTensor(torch.ones(3, 4)))
    optimizer, scaler = torch.optim.Adam([p], lr=0.1), torch.amp.GradScaler("cpu", init_scale=4.0)
    scaler.scale((p * float("inf")).abs().sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    assert torch.equal(p.components, torch.ones(3, 4))
    assert scaler.get_scale() == 2.0


def test_differentiable_steps_keep_their_history():
    lr = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    values = numbers(hc.QUATERNION, 3)
    slopes = []
    for typed in (True, False):
        leaf = (hc.QuaternionTensor(values) if typed else values.clone()).requires_grad_()
        p = leaf.clone()
        p.retain_grad()
        p.grad = (
            torch.ones_like(leaf.detach())
            if not typed
            else hc.QuaternionTensor(torch.ones(3, 4).double())
        )
        torch.optim.SGD([p], lr=lr, differentiable=True).step()
        q = p if typed else hc.QuaternionTensor(p)
        slopes.append(torch.autograd.grad((q * q).abs().square().sum(), lr)[0])
    assert torch.allclose(*slopes)


def test_copies_of_optimizers_work():
    typed, plain, losses = problem()
    first, second = torch.optim.Adam(typed, lr=0.1), torch.optim.Adam(plain, lr=0.1)
    steps(first, losses[0])
    twin = copy.deepcopy(first)
    moved = twin.param_groups[0]["params"][0]
    assert isinstance(moved, hc.QuaternionTensor)
    moved.grad = typed[0].grad
    first.step()
    twin.step()
    assert torch.equal(moved, typed[0])
    steps(second, losses[1])
    second.step()
    agree(typed, plain)


def test_compiled_steps_are_steps_on_components():
    typed, plain, losses = problem()
    first, second = torch.optim.Adam(typed, lr=0.1), torch.optim.Adam(plain, lr=0.1)
    step = torch.compile(first.step, backend="eager")  # its graphs hold plain parameters
    for _ in range(2):
        losses[0]().backward()
        losses[1]().backward()
        step()
        second.step()
    agree(typed, plain, tolerance=1e-4)  # compiled, torch computes powers of β in float32
    (p, _), q = typed, hc.QuaternionTensor(numbers(hc.QUATERNION, 3))
    product = lambda x: p * x  # the compiler still knows what the parameter is
    assert torch.allclose(torch.compile(product, backend="eager")(q), p * q)
    torch._dynamo.reset()
    assert torch.compile(lambda x: x + hc.functional.norm(p).sum(), backend="eager")(0) > 0
