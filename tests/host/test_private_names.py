"""What torch does not promise is touched in `hypercomplex/host/` only, and sought there by name."""

import ast
import re
from pathlib import Path

import pytest
import torch
from torch import nn

import hypercomplex
from hypercomplex.host.effects import effects, sought

ROOT = Path(hypercomplex.__file__).parent
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in ROOT.rglob("*.py")
}
PRIVATE = re.compile(r"_(?!_)")
OBJECTS = (torch.Tensor, nn.Linear, nn.LSTM, torch.optim.SGD, torch.autograd.Function)
OF_TORCH = {name for owner in OBJECTS for name in dir(owner) if PRIVATE.match(name)}
OF_LAYERS = {name for name in {*dir(nn.Module), *vars(nn.Linear(1, 1))} if PRIVATE.match(name)}
OF_MODULES = {"_current_level"}
BY_NAME = {"getattr", "setattr", "hasattr"}
OF_PYTHON = {"__code__", "__globals__", "__closure__", "__class__"}  # not to be written
NAMED = {  # what is touched elsewhere, and why
    "_load_from_state_dict": "torch documents it, for subclasses that read other files",
    "_save_to_state_dict": "torch documents it, for subclasses that write other files",
}
WITHOUT_A_SEARCH = {  # what `host` touches by itself
    "torch._C.DisableTorchFunction": "documented, and stands in for what might be missing",
    "_dynamo_marked_constant": "written on functions of ours, which a torch may pass over",
    "_optimizer_step_pre_hooks": "of an optimizer that `Optimizer.add_param_group` was found for",
    "__code__": "what `functions` is about",
    "_base": "of what is seen to be a view, or nothing",
    "_current_level": "found, and looked at anew since it changes; if it goes, a dual number is",
    "__class__": "what Python promises",
}


def chain(node):
    """`a.b.c` as names, or nothing if it does not begin with one."""
    if isinstance(node, ast.Name):
        return [node.id]
    before = chain(node.value) if isinstance(node, ast.Attribute) else None
    return before and [*before, node.attr]


def contacts(tree):
    """What a file asks of torch that torch does not promise."""
    imported, own = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                path = f"{getattr(node, 'module', None) or ''}.{alias.name}".strip(".")
                if path.partition(".")[0] == "torch":
                    imported[alias.asname or alias.name.partition(".")[0]] = path
                    yield from [path] if any(map(PRIVATE.match, path.split("."))) else []
        elif isinstance(node, ast.FunctionDef):
            own.add(node.name)
        elif isinstance(node, ast.ClassDef):
            methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
            yield from methods & OF_LAYERS
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in BY_NAME:
            name = getattr(node.args[1], "value", "")
            yield from [name] if name in OF_TORCH or name in OF_MODULES else []
        elif isinstance(node, ast.Attribute):
            names = chain(node) or [""]
            if names[0] in imported and any(map(PRIVATE.match, names)):
                yield ".".join(names)
            elif PRIVATE.match(node.attr) and (
                node.attr in (OF_TORCH - own) | OF_LAYERS
                or node.attr.startswith(("_dynamo", "_optimizer"))
            ):
                yield node.attr
            elif isinstance(node.ctx, ast.Store) and names[0] in imported:
                yield ".".join(names)
            elif isinstance(node.ctx, ast.Store) and node.attr in OF_PYTHON:
                yield node.attr


@pytest.mark.parametrize(
    "code",
    [
        "import torch._dynamo",
        "from torch._C import _nn",
        "from torch.nn.modules.batchnorm import _BatchNorm",
        "import torch\nx = torch._C._len_torch_dispatch_stack()",
        "from torch.autograd import forward_ad\nforward_ad._current_level < 0",
        "x._is_view()",
        "getattr(x, '_base')",
        "self._buffers['a']",
        "class Layer(Module):\n    def _load_from_state_dict(self): ...",
        "function._dynamo_marked_constant = True",
        "import torch\ntorch.add = None",
        "f.__code__ = g.__code__",
    ],
)
def test_contacts_are_seen(code):
    assert list(contacts(ast.parse(code)))


def test_only_host_touches_what_torch_does_not_promise():
    found = {
        (path, name)
        for path, tree in TREES.items()
        if not path.startswith("host/")
        for name in contacts(tree)
    }
    assert {(path, name) for path, name in found if name not in NAMED} == set()
    assert {name for _, name in found} == {*NAMED}


def test_only_host_extends_functions_of_torch():
    doors = {"hypercomplex.host.functions", "hypercomplex.host.imports"}
    assert not [
        path
        for path, tree in TREES.items()
        if not path.startswith("host/") and path != "__init__.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in doors
    ]


def test_host_looks_before_it_touches():
    """With `find`, so that a torch without it is told of, and `without.py` tries such a torch."""
    found = {
        name for path, tree in TREES.items() if path.startswith("host/") for name in contacts(tree)
    }
    assert {name for name in found if name != "torch._C"} == {*WITHOUT_A_SEARCH}
    assert {"torch.Tensor._is_view", "torch._C._EnableTorchFunction"} <= {*sought()}
    assert {effect.where for effect in effects() if effect.where.startswith("torch.func")} <= {
        *sought()
    }
