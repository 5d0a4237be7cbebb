"""The table of algebras, and values where bugs live: what every law is tested over."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import strategies as st

import hypercomplex as hc

SPLIT_COMPLEX = hc.cayley_dickson(hc.REAL, gamma=1, name="SPLIT_COMPLEX")
SPLIT_QUATERNION = hc.cayley_dickson(hc.COMPLEX, gamma=1, name="SPLIT_QUATERNION")
DUAL = hc.cayley_dickson(hc.REAL, gamma=0, name="DUAL")
SEDENION = hc.cayley_dickson(hc.OCTONION, name="SEDENION")
FRACTIONAL = hc.cayley_dickson(hc.REAL, gamma=Fraction(-1, 4), name="FRACTIONAL")

ALGEBRAS = (
    hc.REAL,
    hc.COMPLEX,
    hc.QUATERNION,
    hc.OCTONION,
    SPLIT_COMPLEX,
    SPLIT_QUATERNION,
    DUAL,
    FRACTIONAL,
    hc.clifford(2),
    hc.clifford(1, 1, 1),
    hc.clifford(3),
)
# What tells one algebra from another, once each: one component; commutative; plain quaternions; no
# associativity; constants that are fractions, so a norm that is no sum of squares; divisors of zero,
# a square that is 0, and signs of both kinds.
TELLING = (hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION, FRACTIONAL, hc.clifford(1, 1, 1))
NORMED = (hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION)

every_algebra = pytest.mark.parametrize("algebra", ALGEBRAS, ids=str)
# Layers are made of products and lowerings, which are tested over every algebra: they are run over
# those that tell cases apart, and nightly over the others.
every_telling_algebra = pytest.mark.parametrize(
    "algebra",
    [A if A in TELLING else pytest.param(A, marks=pytest.mark.nightly) for A in ALGEBRAS],
    ids=str,
)
every_normed_algebra = pytest.mark.parametrize("algebra", NORMED, ids=str)
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

FLOATING = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
every_dtype = pytest.mark.parametrize("dtype", FLOATING, ids=str)

coefficients = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-8, -1e-30, 1e30]),
    st.floats(-1e3, 1e3, allow_nan=False),
)


def numbers(algebra: hc.Algebra, *shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Normal components `(*shape, n)`."""
    return torch.randn(*shape, algebra.dimension, dtype=dtype)


def naive_product(a: torch.Tensor, b: torch.Tensor, algebra: hc.Algebra) -> torch.Tensor:
    """The sum over all structure constants, one multiplication each: the slow twin."""
    a, b = torch.broadcast_tensors(a, b)
    out = torch.zeros_like(a)
    for i, j, k, c in algebra.products:
        out[..., k] += float(c) * a[..., i] * b[..., j]
    return out
