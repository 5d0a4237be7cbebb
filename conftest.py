"""For every test and docstring: one thread, one seed, and the names that examples use."""

from typing import Any

import pytest
import torch
from hypothesis import settings

import hypercomplex as hc

settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("ci")
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _same_every_time(doctest_namespace: dict[str, Any]) -> None:
    torch.manual_seed(0)
    doctest_namespace.update(hc=hc, torch=torch)
