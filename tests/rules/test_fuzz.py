"""Random programs on tensors of numbers do what oracles do; thousands of them in the nightly profile."""

import pytest

import hypercomplex as hc
from tests.rules import fuzz

ALGEBRAS = (hc.COMPLEX, hc.QUATERNION, hc.OCTONION, hc.clifford(1, 1, 1))


@pytest.mark.no_cover
def test_random_programs_agree_with_their_oracles(nightly):
    assert list(fuzz.failures(range(40_000 if nightly else 1_200), ALGEBRAS)) == []


def test_compiled_programs_agree_with_their_oracles(nightly):
    seeds = range(400 if nightly else 2)
    assert list(fuzz.failures(seeds, ALGEBRAS, (fuzz.compiled,))) == []
