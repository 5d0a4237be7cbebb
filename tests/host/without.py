"""Processes whose torch lacks what hypercomplex corrects or looks for; `test_effects.py` runs them.

Each is a fork of one that has loaded torch: it takes things away, imports hypercomplex, which
warns of each once, gives them back, and finds that torch does for plain tensors what it always
did, and that numbers multiply. The names are those that hypercomplex itself asks for. Several are
taken at once, or with `--each` one alone.
"""

import importlib
import os
import pickle
import sys
import traceback
import warnings
from contextlib import contextmanager
from inspect import getattr_static
from itertools import chain

import torch
import torch._dynamo
from torch._functorch._aot_autograd import runtime_wrappers  # noqa: F401
from torch.fx.experimental import const_fold  # noqa: F401

AT_ONCE = 12


def children(function, arguments):
    """What a function answers in forks of this process, one for each argument, two at a time."""
    for i in range(0, len(arguments), 2):
        forks = [(argument, *forked(function, argument)) for argument in arguments[i : i + 2]]
        for argument, child, answer in forks:
            with open(answer, "rb") as pipe:
                answer = pipe.read()
            assert os.waitpid(child, 0)[1] == 0, f"torch without {argument}"
            yield pickle.loads(answer)


def forked(function, argument):
    """The number of a process that works out an answer, and the pipe in which it comes."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            with open(writing, "wb") as pipe:
                pipe.write(pickle.dumps(function(argument)))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    return child, reading


def looked_for(_):
    """What the library changes, and what it looks for."""
    effects = importlib.import_module("hypercomplex").host.effects
    return [*(effect.where for effect in effects.effects()), *effects.sought()]


def owner_of(path):
    try:
        return importlib.import_module(path)
    except ImportError:
        module, _, name = path.rpartition(".")
        return getattr(owner_of(module), name)


class Missing:
    """Stands where a class has, or would inherit, an attribute."""

    def __get__(self, instance, owner):
        raise AttributeError


@contextmanager
def taken_away(path):
    place, _, name = path.removesuffix(".__func__").rpartition(".")
    owner = owner_of(place)
    kept = vars(owner).get(name, Missing)
    setattr(owner, name, Missing()) if isinstance(owner, type) else delattr(owner, name)
    yield
    delattr(owner, name) if kept is Missing else setattr(owner, name, kept)


def is_there(path):
    place, _, name = path.removesuffix(".__func__").rpartition(".")
    try:
        return place.startswith("torch") and (
            getattr_static(owner_of(place), name, Missing) is not Missing
        )
    except AttributeError:  # a class that this torch has not
        return False


def without(paths):
    """Import hypercomplex where torch lacks these, and return those of which it did not tell."""
    away = [taken_away(path) for path in paths]
    for each in away:
        each.__enter__()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        importlib.import_module("hypercomplex")
    for each in reversed(away):
        each.__exit__(None, None, None)
    messages = [str(w.message) for w in caught if "with hypercomplex" in str(w.message)]
    assert all("torch itself is left as it is" in message for message in messages)
    told = [path for path in paths if sum(f"no {path}," in message for message in messages) == 1]
    assert len(messages) == len(told), messages
    plain()
    typed()
    return [path for path in paths if path not in told]


def plain():
    """What people do who use torch alone."""
    x = torch.arange(3.0)
    assert torch.equal(torch.func.vmap(torch.sin)(x), x.sin())
    assert torch.equal(torch.func.jacrev(torch.exp)(x), x.exp().diag())
    assert torch.equal(torch.func.jvp(torch.square, (x,), (x,))[1], 2 * x * x)
    assert torch.equal(
        torch.autograd.functional.hessian(lambda x: x.pow(2).sum(), x), 2 * torch.eye(3)
    )
    compiled = torch.compile(lambda x: abs(x) + 1, fullgraph=True, backend="eager")
    assert torch.equal(compiled(x), x + 1)
    p = torch.nn.Parameter(torch.ones(1))
    p.grad = torch.ones(1)
    torch.optim.SGD([p], lr=1.0).step()
    assert not p.any()
    norm = torch.nn.Sequential(torch.nn.BatchNorm1d(3))
    torch.optim.swa_utils.update_bn([torch.ones(2, 3)], norm)
    assert norm[0].running_mean.tolist() == [1, 1, 1]
    assert type(torch.nn.SyncBatchNorm.convert_sync_batchnorm(norm)[0]) is torch.nn.SyncBatchNorm
    linear = torch.nn.utils.parametrizations.orthogonal(torch.nn.Linear(3, 3))
    torch.testing.assert_close(linear.weight @ linear.weight.T, torch.eye(3))
    assert len(torch.fx.symbolic_trace(norm).graph.nodes) == 3
    assert torch.equal(next(iter(torch.utils.data.DataLoader([x, x], 2))), torch.stack([x, x]))
    assert "tensor([0., 1., 2.])" in repr(x)


def typed():
    """What numbers do without any of these."""
    hc = sys.modules["hypercomplex"]
    q, i = hc.QuaternionTensor([1.0, 2, 3, 4]), hc.QuaternionTensor([0.0, 1, 0, 0])
    assert (i * q).tolist() == [-2.0, 1, -4, 3]
    assert hc.rotations.rotate(i, q.components[1:]).tolist() == [2.0, -3, -4]
    assert q.abs().square().round() == 30
    assert repr(i) == "QuaternionTensor(0+1i+0j+0k, shape=(), dtype=torch.float32)"
    layer = hc.nn.QuaternionLinear(2, 3)
    x = hc.QuaternionTensor(torch.ones(5, 2, 4))
    torch.testing.assert_close(layer(x).folded(), layer(x.folded()))
    y = layer(torch.ones(5, 8)).sum()
    y.backward()
    assert layer.weight.grad.any()


def main(each):
    (names,) = children(looked_for, [None])
    names = [name for name in dict.fromkeys(names) if is_there(name)]
    groups = len(names) if each else -(-len(names) // AT_ONCE)
    hidden = chain(*children(without, [names[i::groups] for i in range(groups)]))
    left = [*chain(*children(without, [[name] for name in hidden]))]  # one may have hidden another
    if torch.__version__ < "2.13":  # of a compiler that calls the library, and is taught nothing
        passed_over = "torch._dynamo", "torch._inductor", "torch._functorch._aot_autograd"
        left = [name for name in left if not name.startswith(passed_over)]
    assert not left, f"nothing is told of {left}"


if __name__ == "__main__":
    main(each="--each" in sys.argv)
