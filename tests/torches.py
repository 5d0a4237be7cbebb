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


class Collectives:
    """Functional collectives, by the names that they have from torch 2.13 on."""

    def __getattr__(self, name):
        from torch.distributed import _functional_collectives as F

        older = name.replace("gather_single_coalesced", "gather_into_tensor_coalesced")
        return getattr(F, name, None) or getattr(F, older.replace("single", "tensor"))
