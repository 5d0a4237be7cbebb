"""Processes whose torch lacks one thing that hypercomplex corrects; `tests/host/test_host.py` runs them.

Each is a fork of one that has loaded torch: it takes the thing away, imports hypercomplex, which
warns once, gives it back, and finds that torch does for plain tensors what it always did.
"""

import importlib
import os
import sys
import traceback
import warnings

import torch
import torch._dynamo
from torch._functorch._aot_autograd import runtime_wrappers  # noqa: F401
from torch.fx.experimental import const_fold  # noqa: F401

MISSING = [
    "torch._functorch.vmap._create_batched_inputs",
    "torch._functorch.eager_transforms._vjp_with_argnums",
    "torch.func.jacrev",
    "torch.autograd.functional.hessian",
    "torch._guards.TracingContext",
    "torch._dynamo.variables.torch_function.TensorWithTFOverrideVariable",
    "torch._dynamo.output_graph.OutputGraph.call_user_compiler",
    "torch._dynamo.eval_frame.skip_code",
]


def owner_of(path):
    try:
        return importlib.import_module(path)
    except ImportError:
        module, _, name = path.rpartition(".")
        return getattr(owner_of(module), name)


def without(path):
    """Import hypercomplex where torch has no such thing."""
    place, _, name = path.rpartition(".")
    owner = owner_of(place)
    taken = getattr(owner, name)
    delattr(owner, name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        importlib.import_module("hypercomplex")
    setattr(owner, name, taken)
    messages = [str(w.message) for w in caught if "with hypercomplex" in str(w.message)]
    assert len(messages) == 1, messages
    assert path in messages[0]
    assert "torch itself is left as it is" in messages[0]
    plain()


def plain():
    """What people do who use torch alone."""
    x = torch.arange(3.0)
    assert torch.equal(torch.func.vmap(torch.sin)(x), x.sin())
    assert torch.equal(torch.func.jacrev(torch.exp)(x), x.exp().diag())
    assert torch.equal(
        torch.autograd.functional.hessian(lambda x: x.pow(2).sum(), x), 2 * torch.eye(3)
    )
    compiled = torch.compile(lambda x: abs(x) + 1, fullgraph=True, backend="eager")
    assert torch.equal(compiled(x), x + 1)
    p = torch.nn.Parameter(torch.ones(1))
    p.grad = torch.ones(1)
    torch.optim.SGD([p], lr=1.0).step()
    assert not p.any()


if __name__ == "__main__":
    children = {}
    for path in MISSING:
        children[os.fork()] = path
        if 0 in children:
            try:
                without(path)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
    failed = [path for child, path in children.items() if os.waitpid(child, 0)[1]]
    sys.exit(f"torch without {failed}" if failed else 0)
