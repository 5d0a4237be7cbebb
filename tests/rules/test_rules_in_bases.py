"""Every rule in a basis that does not begin with 1 gives what it gives in the adapted basis.

Only what is defined by the components themselves differs: their lengths, and what is made of those.
"""

import pytest
import torch
from torch.utils._pytree import tree_flatten

import hypercomplex as hc
from tests.cases import HURWITZ, MATRICES
from tests.rules.sweep import called, fill, leaves, values_of
from tests.rules.test_sweep import TABLE

LENGTHS = {
    *("abs", "absolute", "sgn", "norm", "linalg_vector_norm", "native_norm", "norm_except_dim"),
    *("normalize", "renorm", "softsign", "var", "std", "var_mean", "std_mean", "dist", "cdist"),
    *("pdist", "pairwise_distance", "cosine_similarity", "l1_loss", "mse_loss", "huber_loss"),
    *("smooth_l1_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss"),
    *("cosine_embedding_loss", "_weight_norm"),
}
COMPONENTS = {"view_as_real", "view_as_real_copy", "unique"}  # in their order
REFUSED = {"imag", "angle"}
SAMPLES = [sample for sample in TABLE if not sample.raises]
PARTS = 4


def matrix(rows):
    return torch.tensor([[float(c) for c in row] for row in rows]).double()


def given(sample, algebra, cls, change):
    """The arguments over one algebra, as numbers of the other."""
    kinds = zip(values_of(sample, algebra), leaves(sample), strict=True)
    values = [cls((v @ change).clone()) if leaf.kind == "numbers" else v for v, leaf in kinds]
    return fill(sample, values)


def answer(function, arguments):
    torch.manual_seed(0)
    return [x for x in tree_flatten(called(function, *arguments))[0] if isinstance(x, torch.Tensor)]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    "algebra", [MATRICES, pytest.param(HURWITZ, marks=pytest.mark.nightly)], ids=str
)
def test_rules_do_not_depend_on_the_basis(algebra, part):
    into, back = matrix(algebra.adapted.images), matrix(algebra.adapted.basis)
    here, there = hc.tensor_type(algebra), hc.tensor_type(algebra.adapted.algebra)
    compared = 0
    for sample in SAMPLES[part::PARTS]:
        for function in sample.functions:
            name = getattr(function, "__name__", str(function))
            if name in LENGTHS | COMPONENTS or any(name in str(sample) for name in REFUSED):
                continue
            try:
                expected = answer(function, given(sample, algebra, there, into))
            except (NotImplementedError, RuntimeError, TypeError, ValueError):
                continue  # what this algebra does not have; the sweep of rules has its errors
            ours = answer(function, given(sample, algebra, here, matrix(torch.eye(4).tolist())))
            for x, y in zip(expected, ours, strict=True):
                if hasattr(x, "algebra"):
                    x, y = x.components.double() @ back, y.components.double()
                torch.testing.assert_close(
                    y.double(), x.double(), rtol=1e-4, atol=1e-4, equal_nan=True, msg=str(sample)
                )
                compared += 1
    assert compared > 150
