"""Random programs on tensors of numbers do what oracles do; thousands of them in the nightly profile."""

from hypothesis import settings

import hypercomplex as hc
from tests import fuzz

ALGEBRAS = (hc.COMPLEX, hc.QUATERNION, hc.OCTONION, hc.clifford(1, 1, 1))
NIGHTLY = settings.get_current_profile_name() == "nightly"


def test_random_programs_agree_with_their_oracles():
    assert list(fuzz.failures(range(20_000 if NIGHTLY else 240), ALGEBRAS)) == []


def test_compiled_programs_agree_with_their_oracles():
    assert list(fuzz.failures(range(400 if NIGHTLY else 4), ALGEBRAS, (fuzz.compiled,))) == []
