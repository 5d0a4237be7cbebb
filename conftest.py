"""For every test and docstring: one thread, one seed, and the names that examples use.

`NUMERICAL` names the tests whose results depend on the kernels that a CPU chooses. `make
test-restricted` runs them as an older CPU would.
"""

from typing import Any

import pytest
import torch
from hypothesis import settings

import hypercomplex as hc

settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("ci")
torch.set_num_threads(1)

NUMERICAL = [
    "analytic", "attention", "compat_speechbrain_golden", "edges", "fft", "fused", "layers",
    "linalg", "lowering", "normalization", "numbers", "polar", "products", "recurrent",
    "rotation", "rotations", "rotations_degenerate", "rotations_derivatives",
    "rotations_inputs", "rotations_paths", "turning", "whitening",
]  # fmt: skip
MACHINERY = ("compile", "export", "process", "script", "onnx")  # in a name: about other programs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the numerical tests."""
    files = {f"test_{name}.py" for name in NUMERICAL}
    for item in items:
        if item.path.name in files and not any(word in item.name for word in MACHINERY):
            item.add_marker(pytest.mark.numerical)


@pytest.fixture(autouse=True)
def _same_every_time(doctest_namespace: dict[str, Any]) -> None:
    torch.manual_seed(0)
    doctest_namespace.update(hc=hc, torch=torch)
