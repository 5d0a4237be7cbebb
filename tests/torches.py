"""The torch that the tables of the tests are written for; others have more functions, or fewer."""

import torch

WRITTEN_FOR = torch.__version__.startswith("2.13.")


def is_removed(function):
    """Torch keeps the name of a function that it had, which says what to call instead."""
    return getattr(function, "__module__", None) == "torch._linalg_utils"
