"""For every test and docstring: one thread, one seed, and the names that examples use.

`NUMERICAL` names the tests whose results depend on the kernels that a CPU chooses. `make
test-restricted` runs them as an older CPU would.

Thorough runs, `make nightly`, have the hypothesis profile of that name. A test or a parameter that
only they need is marked `nightly`; a test that does more in them asks the fixture `nightly`; and
what the fixture `backend` compiles for is machine code in them alone.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import torch
from hypothesis import settings

import hypercomplex as hc
from hypercomplex.host.torches import COMPILES

settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("ci")
torch.set_num_threads(1)

collect_ignore = [] if find_spec("peft") else ["hypercomplex/compat/peft.py"]

NUMERICAL = [
    "analytic", "attention", "compat_speechbrain_golden", "maps", "edges", "fft", "layers",
    "linalg", "lowering", "normalization", "numbers", "polar", "products", "recurrent",
    "rotation", "rotations", "rotations_degenerate", "rotations_derivatives",
    "rotations_inputs", "rotations_paths", "operations", "short", "sizes", "turning", "whitening",
]  # fmt: skip
_NOT_READ = f"the compiler of torch {torch.__version__} calls the library, and does not read it"
MACHINERY = ("compile", "export", "process", "script", "onnx")  # in a name: about other programs


def is_nightly() -> bool:
    """Is this a thorough run?"""
    return settings.get_current_profile_name() == "nightly"


def pytest_configure(config: pytest.Config) -> None:
    """The mark of what takes long."""
    config.addinivalue_line("markers", "nightly: only in thorough runs, see conftest.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the numerical tests, and leave out what only thorough runs need."""
    files = {f"test_{name}.py" for name in NUMERICAL}
    for item in items:
        if item.path.name in files and not any(word in item.name for word in MACHINERY):
            item.add_marker(pytest.mark.numerical)
    if not is_nightly():
        left_out = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """What asks an older compiler to read the library whole is passed over."""
    try:
        return (yield)
    except Exception as error:
        causes = [error, *iter_causes(error)]
        if COMPILES or not any(type(each).__name__ == "Unsupported" for each in causes):
            raise
        pytest.skip(_NOT_READ)


def iter_causes(error: BaseException) -> Iterator[BaseException]:
    """What an exception came from."""
    while error.__cause__ is not None:
        error = error.__cause__
        yield error


@pytest.fixture
def nightly() -> bool:
    """Is this a thorough run?"""
    return is_nightly()


@pytest.fixture
def backend() -> str:
    """The compiler's: every run traces graphs and gradients, thorough ones make machine code."""
    if not COMPILES:
        pytest.skip(_NOT_READ)
    torch.compiler.reset()
    return "inductor" if is_nightly() else "aot_eager"


@pytest.fixture(autouse=True)
def _same_every_time(doctest_namespace: dict[str, Any]) -> None:
    torch.default_generator.manual_seed(0)  # torch.manual_seed notes the stack for absent devices
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(0)
    doctest_namespace.update(hc=hc, torch=torch)
