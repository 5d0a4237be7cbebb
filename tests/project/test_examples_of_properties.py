"""Examples of cached properties, which doctest does not look for before Python 3.13, run too."""

import doctest
import importlib
import inspect
import pkgutil
from functools import cached_property

import pytest
import torch

import hypercomplex as hc


def cached_properties():
    """Every cached property of the package that has an example, by its name."""
    found = {}
    for module in pkgutil.walk_packages(hc.__path__, "hypercomplex."):
        if any(part in module.name for part in (".compat.", ".demo", "__main__")):
            continue
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            for name, value in vars(kind).items():
                if isinstance(value, cached_property) and ">>>" in (value.__doc__ or ""):
                    found[f"{kind.__module__}.{kind.__qualname__}.{name}"] = value
    return found


FOUND = cached_properties()


def test_there_are_some():
    assert "hypercomplex.algebra.Algebra.derivations" in FOUND


@pytest.mark.parametrize("name", FOUND)
def test_examples_print_what_they_say(name):
    module = inspect.getmodule(FOUND[name].func)
    torch.manual_seed(0)
    names = {**vars(module), "hc": hc, "torch": torch}
    test = doctest.DocTestParser().get_doctest(FOUND[name].__doc__, names, name, None, 0)
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test, out=said.append).failed == 0, "".join(said)
