"""Random programs on tensors of numbers do what oracles do; thousands of them in the nightly profile."""

import pytest
from hypothesis import settings

import hypercomplex as hc
from tests.rules import fuzz

ALGEBRAS = (hc.COMPLEX, hc.QUATERNION, hc.OCTONION, hc.clifford(1, 1, 1))


def seeds(quick, nightly):
    return range(nightly if settings.get_current_profile_name() == "nightly" else quick)


@pytest.mark.no_cover
def test_random_programs_agree_with_their_oracles():
    assert list(fuzz.failures(seeds(1_200, 40_000), ALGEBRAS)) == []


def test_compiled_programs_agree_with_their_oracles():
    assert list(fuzz.failures(seeds(2, 400), ALGEBRAS, (fuzz.compiled,))) == []
