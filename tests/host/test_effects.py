"""What importing changes for code that has nothing to do with us: nothing that it could notice."""

import importlib
import inspect
import subprocess
import sys

import pytest
import torch
from torch import func

import hypercomplex as hc
from hypercomplex.host import effects as effects_module
from hypercomplex.host.effects import effects, find
from hypercomplex.host.functions import extend
from tests.host.others import PROGRAMS


def run(*arguments):
    """The lines that a process of its own prints; importing torch anew takes seconds."""
    process = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return [line for line in process.stdout.splitlines() if not line.startswith("[Gloo]")]


def test_torch_is_the_same_before_and_after():
    """Objects, pickles, signatures and sources, but for the table of effects; one copy of ours; and
    tensor types of others, whether torch's compiler was loaded before or, in a fresh process, after.
    """
    lines = run("-W", "ignore", "-m", "tests.host.before_and_after", *changed())
    shown = "import hypercomplex; from tests.host import others; print(*others.said(), sep=chr(10))"
    assert run("-W", "ignore", "-c", shown) == lines


def changed():
    """The places of the table of effects."""
    importlib.import_module("torch._dynamo.eval_frame")
    importlib.import_module("torch._inductor.codegen.cpp")
    if torch.distributed.is_available():
        importlib.import_module("torch.distributed.checkpoint._state_dict_stager")
        importlib.import_module("torch.distributed.checkpoint.state_dict")
        importlib.import_module("torch.distributed.fsdp")
        importlib.import_module("torch.distributed._functional_collectives")
    return [effect.where for effect in effects()]


def test_every_change_has_a_program_of_others():
    ours = {"sys.meta_path", "warnings.filters", "torch.ops.hypercomplex"}
    ours |= {"torch._dynamo.trace_rules.SKIP_DIRS"}  # to which an older compiler adds our folder
    assert {*changed(), "torch._dynamo.eval_frame.skip_code"} - ours == {*PROGRAMS}


def test_another_torch_is_left_as_it_is(nightly):
    """Whatever it lacks is told once, and those who do not use us notice nothing."""
    each = ["--each"] if nightly else []
    run("-m", "tests.host.without", *each)


def takes_another(a, b=2, *, deep=False):
    return a, b, deep


def calls_another(a):
    return [takes_another(x) for x in a], a, lambda: a


nameless = calls_another([1])[2]
OURS = {
    "takes_another": [lambda a: a, lambda a, b: a, lambda a, c, *, deep: a, lambda b, **deep: b],
    "nameless": [lambda: 1],
    "nothing": [lambda: 1],
}


@pytest.mark.parametrize(("name", "ours"), [(name, f) for name in OURS for f in OURS[name]])
def test_a_function_that_changed_is_left_as_it_is(name, ours):
    """One that is gone, that takes something else, or that has no name."""
    find.cache_clear()
    known = {**effects_module._sought}
    code = takes_another.__code__
    with pytest.warns(UserWarning, match=rf"has no .*{name}.*, so this test will not work"):
        extend(f"{__name__}.{name}", lambda twin: ours, "this test")
    assert takes_another.__code__ is code
    assert not [effect for effect in effects() if __name__ in effect.where]
    effects_module._sought.clear()
    effects_module._sought.update(known)


class First:
    """What a method of the next class reaches with `super()`."""

    def __init__(self, *, b=2):
        self.b = b


def test_a_method_that_knows_its_class_is_extended():
    class Second(First):
        def __init__(self, a, *, b=3):
            super().__init__(b=b)
            self.a = a

    def make(twin):
        def made(self, *args, **kwargs):
            twin(self, *args, **kwargs)
            self.c = a

        return made

    a, known, noted = 4, {**effects_module._sought}, {**effects_module._noted}
    First.Second = Second
    method = Second.__init__
    extend(f"{__name__}.First.Second.__init__", make, "this test")
    for before, after in ((known, effects_module._sought), (noted, effects_module._noted)):
        after.clear()
        after.update(before)
    assert Second.__init__ is method
    assert vars(Second(1)) == {"b": 3, "a": 1, "c": 4}
    assert vars(Second(a=1, b=2)) == {"b": 2, "a": 1, "c": 4}


def test_what_they_return_is_named_after_the_function():
    def cube(x):
        """Three times."""
        return x**3

    cube.note = [1]
    for transform in (func.jacrev, func.jacfwd, func.grad, func.vmap):
        transformed = transform(cube)
        assert inspect.isfunction(transformed)
        assert transformed.__name__ == "cube"
        assert transformed.__qualname__ == cube.__qualname__
        assert transformed.__doc__ == "Three times."
        assert transformed.__wrapped__ is cube
        assert transformed.note is cube.note
        assert inspect.getsource(transformed) == inspect.getsource(cube)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: func.jacrev(), r"jacrev\(\) missing 1 required positional argument: 'func'"),
        (lambda: func.jacfwd(abs, nothing=1), "unexpected keyword argument 'nothing'"),
        (lambda: func.jacrev(abs, chunk_size=0), "`chunk_size` should be greater than 0"),
        (lambda: func.jvp(abs, torch.ones(()), torch.ones(())), "Expected primals to be a tuple"),
        (lambda: func.grad(torch.sin)(torch.ones(2)), "to return a scalar Tensor"),
        (lambda: func.vmap(lambda x: 1)(torch.ones(2)), "must only return Tensors, got type"),
        (lambda: func.jacrev(torch.exp)(torch.ones(2) + 0j), "to be real but received complex"),
    ],
)
def test_errors_are_those_of_torch(wrong, message):
    with pytest.raises((TypeError, ValueError, RuntimeError), match=message):
        wrong()


# ---------------------------------------------------------------------- the compiler


def test_custom_operators_are_checked_as_ever(backend):
    """Their aliasing check stays on after typed tensors have been compiled."""
    q = hc.QuaternionTensor(torch.ones(3, 4))
    assert torch.equal(torch.compile(lambda q: q * q, fullgraph=True, backend=backend)(q), q * q)
    assert torch._functorch.config.check_custom_op_aliasing
