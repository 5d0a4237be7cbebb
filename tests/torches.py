"""The torch that the tables of the tests are written for; others have more functions, or fewer."""

import torch

WRITTEN_FOR = torch.__version__.startswith("2.13.")


def is_removed(function):
    """Torch keeps the name of a function that it had, which says what to call instead."""
    named = getattr(getattr(function, "__code__", None), "co_names", ())
    return any(
        str(name).endswith("_linalg_utils")
        for name in (getattr(function, "__module__", ""), *named)
    )
