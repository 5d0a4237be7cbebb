"""A process that looks at torch, imports hypercomplex in a thread, and looks again.

Run as `python -m tests.host.before_and_after`, with the places of the table of effects; it prints
what programs of other people say. `tests/host/test_effects.py` does.
"""

import importlib
import importlib.util
import inspect
import os
import pickle
import sys
import threading
import types
import warnings

import pytest
from torch.func import jacrev

from tests.host.others import said
from tests.host.without import is_there, owner_of

OUTSIDE = "torch.func.vmap torch.func.grad torch.func.vjp torch.func.hessian torch.optim.SGD.step"
LISTS = {  # where torch keeps what is registered, by the functions that the table names
    "torch._weights_only_unpickler._marked_safe_globals_set",
    "torch.optim.optimizer._global_optimizer_pre_hooks",
    "torch.optim.optimizer._global_optimizer_post_hooks",
    "torch.utils.hooks.RemovableHandle.next_id",
    "torch.ops._dir",
    "torch.ops.hypercomplex",
    "torch.library._impls",
    "torch.library._defs",
    "torch.jit._builtins._builtin_table",
    "torch._library.custom_ops.OPDEF_TO_LIB",
    "torch._dynamo.trace_rules.SKIP_DIRS_RE",
}


def functions(paths):
    """Those of the table, and some that call them."""
    for path in [*OUTSIDE.split(), *paths]:
        place, _, name = path.rpartition(".")
        found = getattr(owner_of(place), name, None) if is_there(path) else None
        if inspect.isfunction(inspect.unwrap(found)):
            yield found


def faces(functions):
    """What anybody can see of a function."""
    for f in functions:
        yield id(f), pickled(f), f.__name__, f.__qualname__, f.__module__, f.__doc__
        yield inspect.signature(f), inspect.getfullargspec(f), inspect.getsource(f), type(f)
        yield f.__defaults__, f.__kwdefaults__, f.__annotations__, set(vars(f))
        yield shown_code(inspect.unwrap(f))


def pickled(f):
    """A pickle that gives the function again, or why there is none."""
    try:
        data = pickle.dumps(f)
    except (AttributeError, pickle.PicklingError) as error:
        return str(error)
    assert pickle.loads(data) is f
    return data


def shown_code(value):
    """What tools see of the code of a function."""
    code = value.__code__
    kept = ("firstlineno", "filename", "name", "qualname", "argcount")
    cells = getattr(inspect, "CO_NOFREE", 0)  # Python 3.10 notes that there are none
    return [code.co_flags & ~cells, *(getattr(code, f"co_{name}", None) for name in kept)]


def code(value):
    """What a function does, behind its decorators."""
    value = getattr(value, "__func__", value) if isinstance(value, staticmethod) else value
    while isinstance(value, types.FunctionType) and "__wrapped__" in vars(value):
        value = value.__wrapped__
    return value.__code__ if isinstance(value, types.FunctionType) else None


def everything():
    """Every attribute of every module of torch, and of its classes: object, code, and size."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != "torch":
            continue
        for key, value in list(vars(module).items()):
            size = len(value) if type(value) in (dict, list, set) else 0
            yield f"{name}.{key}", (id(value), id(code(value)), size)
            if isinstance(value, type) and value.__module__ == name:
                for attribute, inner in list(vars(value).items()):
                    yield f"{name}.{key}.{attribute}", (id(inner), id(code(inner)), 0)


def main(paths):
    lines, changing = list(said()), list(functions(paths))
    seen, before = list(faces(changing)), dict(everything())
    finders, filters = list(sys.meta_path), list(warnings.filters)
    thread = threading.Thread(target=lambda: importlib.import_module("hypercomplex"))
    thread.start()
    thread.join()
    hc = sys.modules["hypercomplex"]

    assert list(faces(changing)) == seen
    listed = {effect.where: effect for effect in hc.host.effects.effects()}
    noted = {code(hc.host.effects.find(where, "")) for where in listed if where.startswith("torch")}
    codes = {id(each) for each in noted if each is not None}
    changed = [
        name
        for name, now in everything()
        if before.get(name) != now
        and name not in {*listed, *LISTS}
        and now[1] not in codes
        and "_hypercomplex_" not in name
        and not name.endswith("__warningregistry__")
    ]
    assert not changed, f"{changed} are changes that the table of effects does not tell"
    assert (len(sys.meta_path) > len(finders)) == ("sys.meta_path" in listed)
    assert (len(warnings.filters) > len(filters)) == ("warnings.filters" in listed)

    assert jacrev(lambda q: q * q)(hc.QuaternionTensor([1.0, 2, 3, 4])).shape == (4, 4)
    assert list(said()) == lines
    print(*lines, sep="\n")
    one_copy(hc)
    child = os.fork()
    if not child:
        q = hc.QuaternionTensor([0.0, 1, 0, 0])
        os._exit(0 if (q * q).real == -1 else 1)
    assert os.waitpid(child, 0)[1] == 0


def one_copy(hc):
    """Modules that are taken away come back; a reload is refused."""
    ours = {name: m for name, m in sys.modules.items() if name.startswith("hypercomplex")}
    specs = {name: module.__spec__ for name, module in ours.items()}
    for module in ours.values():
        with pytest.raises(ImportError, match="would not combine"):
            importlib.reload(module)
    for taken in (list(ours), ["hypercomplex.tensor"], ["hypercomplex"]):
        for name in taken:
            del sys.modules[name]
        for name in taken:
            assert importlib.import_module(name) is ours[name]
    assert (
        importlib.import_module("hypercomplex.tensor").HypercomplexTensor is hc.HypercomplexTensor
    )
    assert all(module.__spec__ is specs[name] for name, module in ours.items())
    program = importlib.util.find_spec("hypercomplex.demo.__main__")
    assert program.loader.get_code(program.name).co_filename == program.origin  # for python -m
    late = importlib.import_module("hypercomplex.compat")
    del sys.modules["hypercomplex.compat"]
    assert importlib.import_module("hypercomplex.compat") is late
    assert type(late.__spec__.loader).__module__ == "_frozen_importlib_external"


if __name__ == "__main__":
    main(sys.argv[1:])
